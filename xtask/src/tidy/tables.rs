//! The tables of ARCHITECTURE.md that tidy reads. Each stands under a comment with its name:
//! `<!-- tidy: edges -->`.

/// The document that holds them.
pub(super) const MAP: &str = "ARCHITECTURE.md";

/// A row of a table.
pub(super) struct Row<'a> {
    /// Its line in the document, from 1.
    pub(super) line: usize,
    /// Its cells, trimmed.
    pub(super) cells: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// The names in a cell: what stands in backquotes.
    pub(super) fn names(&self, cell: usize) -> Vec<&'a str> {
        let text = self.cells.get(cell).copied().unwrap_or_default();
        text.split('`').skip(1).step_by(2).collect()
    }
}

/// The rows of the table `name`, without its head.
pub(super) fn rows<'a>(map: &'a str, name: &str) -> Result<Vec<Row<'a>>, String> {
    let marker = format!("<!-- tidy: {name} -->");
    let rows: Vec<Row<'a>> = map
        .lines()
        .enumerate()
        .skip_while(|(_, line)| line.trim() != marker)
        .skip(1)
        .skip_while(|(_, line)| line.trim().is_empty())
        .take_while(|(_, line)| line.starts_with('|'))
        .skip(2)
        .map(|(at, line)| Row {
            line: at + 1,
            cells: line.trim().trim_matches('|').split('|').map(str::trim).collect(),
        })
        .collect();
    if rows.is_empty() {
        return Err(format!("{MAP} has no table under `{marker}`, which tidy checks by"));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_found_by_its_marker() {
        let map = "| x |\n|---|\n| `no` |\n\n<!-- tidy: t -->\n\n| a | b |\n|---|---|\n| `c` | `d`, `e` |\n\n| z |";
        let rows = rows(map, "t").unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].line, rows[0].names(1)), (9, vec!["d", "e"]));
        assert!(super::rows(map, "u").is_err());
    }
}
