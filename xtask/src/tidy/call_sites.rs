//! Where secrets are exposed and where bytes are vouched for as sealed, counted a file and
//! compared with a list that is reviewed in every change.

use std::collections::BTreeMap;

use super::{Finding, Repository};

/// The list, from the root.
pub(super) const GOLDEN: &str = "xtask/golden/call-sites.txt";

/// What is counted, under the name it has in the list.
const CALLS: [(&str, &str); 2] =
    [("expose()", ".expose()"), ("Sealed::assertion()", "Sealed::assertion(")];

const HEAD: &str = "\
# Every call, outside tests, that lets a secret out of its type or vouches that bytes are sealed.
# Written by `cargo xtask tidy --bless`. A number that grows is a change to review.
";

/// Calls by file and name.
type Counts = BTreeMap<(String, String), usize>;

/// The list as the code has it now.
pub(super) fn golden(repository: &Repository) -> String {
    let lines = counts(repository)
        .into_iter()
        .map(|((path, call), count)| format!("{path} {call} {count}\n"));
    HEAD.to_owned() + &lines.collect::<String>()
}

pub(super) fn find(repository: &Repository) -> Vec<Finding> {
    compare(&counts(repository), repository.text(GOLDEN).unwrap_or_default())
}

fn counts(repository: &Repository) -> Counts {
    let mut counts = Counts::new();
    for source in &repository.sources {
        for (call, needle) in CALLS {
            let count = source.places(needle).len();
            if count > 0 {
                counts.insert((source.path.clone(), call.to_owned()), count);
            }
        }
    }
    counts
}

fn compare(counts: &Counts, golden: &str) -> Vec<Finding> {
    let mut listed = BTreeMap::new();
    for (at, line) in golden.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        if let [path, call, count] = line.split(' ').collect::<Vec<_>>()[..] {
            listed.insert((path.to_owned(), call.to_owned()), (at + 1, count.parse().unwrap_or(0)));
        }
    }
    let keys = counts.keys().chain(listed.keys().filter(|key| !counts.contains_key(key)));
    keys.filter_map(|key| {
        let now = counts.get(key).copied().unwrap_or(0);
        let (line, then) = listed.get(key).copied().unwrap_or((1, 0));
        (now != then).then(|| {
            let (path, call) = key;
            let sentence = format!(
                "{path} calls {call} {now} times and the list says {then}; look at each call, \
                 then run `cargo xtask tidy --bless`"
            );
            Finding::new(GOLDEN, line, sentence)
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_more_or_less_than_listed_is_found() {
        let key = |path: &str| (path.to_owned(), "expose()".to_owned());
        let counts = Counts::from([(key("a.rs"), 1), (key("b.rs"), 2)]);
        let same = "# head\na.rs expose() 1\nb.rs expose() 2\n";
        assert!(compare(&counts, same).is_empty());
        assert_eq!(compare(&counts, "a.rs expose() 1\nb.rs expose() 1\n").len(), 1);
        assert_eq!(compare(&counts, "a.rs expose() 1\n").len(), 1);
        assert_eq!(compare(&counts, &format!("{same}c.rs expose() 1\n")).len(), 1);
    }
}
