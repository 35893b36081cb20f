//! `Action` and `NotAction`: names with wildcards, resolved to the actions there are.

use model::{Action, ActionSet};

/// The actions that a policy can be about.
fn all() -> impl Iterator<Item = Action> {
    // A claim of identity that failed is recorded as an action, but is nobody's to allow.
    Action::ALL.iter().copied().filter(|action| *action != Action::Identify)
}

/// Every action a policy can be about that is not in `set`.
pub(crate) fn all_but(set: ActionSet) -> ActionSet {
    all().filter(|action| !set.contains(*action)).collect()
}

/// The actions that one name stands for; none, when it is of a service or an operation that is
/// not offered here. The error is a phrase that follows the name.
///
/// Names are compared without regard to case, and a wildcard stands within the operation's name
/// only: `kms:*` is about nothing but `kms:` actions.
pub(crate) fn matching(name: &str) -> Result<ActionSet, &'static str> {
    if name == "*" {
        return Ok(all().collect());
    }
    let (service, operation) =
        name.split_once(':').ok_or("is not of the form service:operation")?;
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if service.is_empty() || !service.bytes().all(word) {
        return Err("has a service name that is not of letters, digits and hyphens");
    }
    let pattern = |b: u8| b.is_ascii_alphanumeric() || b"*?".contains(&b);
    if operation.is_empty() || !operation.bytes().all(pattern) {
        return Err("has an operation name that is not of letters, digits, \"*\" and \"?\"");
    }
    let names = |action: &Action| {
        action.name().split_once(':').is_some_and(|(its_service, its_operation)| {
            its_service.eq_ignore_ascii_case(service)
                && wildcard_eq(operation.as_bytes(), its_operation.as_bytes())
        })
    };
    Ok(all().filter(names).collect())
}

/// Whether `name` matches `pattern`, both ASCII, without regard to case.
fn wildcard_eq(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut retry = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                retry = Some((p, n));
            }
            Some(b) if *b == b'?' || b.eq_ignore_ascii_case(&name[n]) => {
                p += 1;
                n += 1;
            }
            _ => match retry {
                None => return false,
                Some((after, from)) => {
                    (p, n) = (after, from + 1);
                    retry = Some((p, n));
                }
            },
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pattern: &str) -> Vec<&'static str> {
        let set = matching(pattern).unwrap();
        Action::ALL.iter().filter(|a| set.contains(**a)).map(|a| a.name()).collect()
    }

    #[test]
    fn a_service_wildcard_stays_within_the_service() {
        assert!(names("kms:*").iter().all(|name| name.starts_with("kms:")));
        assert_eq!(names("kms:*").len(), 41);
        assert!(names("strongroom:*").iter().all(|name| name.starts_with("strongroom:")));
        assert_eq!(names("*").len(), Action::ALL.len() - 1);
        assert!(names("s3:*").is_empty());
    }

    #[test]
    fn names_match_in_any_case_and_with_wildcards_anywhere() {
        assert_eq!(names("KMS:encrypt"), ["kms:Encrypt"]);
        assert_eq!(names("kms:re?ncrypt*"), ["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
        assert_eq!(names("kms:*Mac"), ["kms:GenerateMac", "kms:VerifyMac"]);
        assert_eq!(names("kms:*c*KeyPolic*"), Vec::<&str>::new());
        assert_eq!(names("kms:**Random"), ["kms:GenerateRandom"]);
    }

    #[test]
    fn a_failed_claim_of_identity_is_nobodys_to_allow() {
        assert!(!matching("*").unwrap().contains(Action::Identify));
        assert!(matching("strongroom:Identify").unwrap() == ActionSet::EMPTY);
        assert!(!all_but(ActionSet::EMPTY).contains(Action::Identify));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in ["", "kms", "kms:", ":Encrypt", "k*:Encrypt", "*:*", "kms:Enc rypt", "kms:a:b"]
        {
            assert!(matching(name).is_err(), "{name:?}");
        }
    }
}
