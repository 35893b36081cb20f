//! Whether a task tells people or scripts what came of it.

/// How a task tells what came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// One JSON object, for scripts.
    Json,
}

impl Output {
    /// What `--output` says among the arguments of `task`, and the others.
    pub(crate) fn taken<'a>(
        task: &str,
        arguments: &[&'a str],
    ) -> Result<(Self, Vec<&'a str>), String> {
        let (mut output, mut others) = (Self::Table, Vec::new());
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match *argument {
                "--output" => {
                    output = match rest.next() {
                        Some(&"table") => Self::Table,
                        Some(&"json") => Self::Json,
                        _ => return Err(format!("{task} needs `--output table` or `json`")),
                    }
                }
                other => others.push(other),
            }
        }
        Ok((output, others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_is_told_from_the_other_arguments() {
        let taken = Output::taken("t", &["--verify", "--output", "json"]);
        assert_eq!(taken, Ok((Output::Json, vec!["--verify"])));
        assert_eq!(Output::taken("t", &[]), Ok((Output::Table, Vec::new())));
        assert!(Output::taken("t", &["--output"]).is_err());
        assert!(Output::taken("t", &["--output", "xml"]).is_err());
    }
}
