//! How the API names keys and aliases: ids, ARNs, alias names, alias ARNs.

use engine::{AliasRef, By, KeyRef};
use model::name::AliasName;

use crate::{
    error::{Refusal, bad_alias},
    place::Place,
};

/// What an operation lets its callers name a key by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Accept {
    /// An id or a key ARN: operations of management.
    Key,
    /// Also an alias name or an alias ARN: operations of use.
    KeyOrAlias,
}

/// The key that `text` names in `place`.
pub(crate) fn key(text: &str, place: &Place<'_>, accept: Accept) -> Result<KeyRef, Refusal> {
    let nonsense = || Refusal::no_such_key(text);
    let (account, region, name) = match text.strip_prefix("arn:") {
        None => (place.account, place.region.clone(), text),
        Some(arn) => {
            let mut parts = arn.splitn(5, ':');
            let five = (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
            let (Some(_), Some("kms"), Some(region), Some(account), Some(name)) = five else {
                return Err(nonsense());
            };
            if region != place.region.as_str() {
                return Err(Refusal::new("NotFoundException", format!("Invalid arn {region}")));
            }
            let account = account.parse().map_err(|_| nonsense())?;
            // An ARN says which kind of name it ends in; a bare name is an id or an alias.
            let name = match name.strip_prefix("key/") {
                Some(id) if !id.starts_with("alias/") => id,
                None if name.starts_with("alias/") => name,
                _ => return Err(nonsense()),
            };
            (account, place.region.clone(), name)
        }
    };
    let by = match (name.strip_prefix("alias/"), accept) {
        (Some(alias), Accept::KeyOrAlias) => By::Alias(alias.parse().map_err(|_| nonsense())?),
        (Some(_), Accept::Key) => return Err(nonsense()),
        (None, _) => By::Id(name.parse().map_err(|_| nonsense())?),
    };
    Ok(KeyRef { account, region, by })
}

/// The alias that a caller in `place` makes, moves or removes: always its own, always by name.
pub(crate) fn alias(text: &str, place: &Place<'_>) -> Result<AliasRef, Refusal> {
    let Some(name) = text.strip_prefix("alias/") else {
        return Err(Refusal::validation(
            "Alias must start with the prefix \"alias/\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ));
    };
    if name.starts_with("aws/") {
        return Err(bad_alias());
    }
    let alias: AliasName = name.parse().map_err(|_| bad_alias())?;
    Ok(AliasRef { account: place.account, region: place.region.clone(), alias })
}

#[cfg(test)]
mod tests {
    use model::{AccountId, KeyId, Region};

    use super::*;

    const ID: &str = "abababab-abab-4bab-abab-abababababab";

    fn within<T>(then: impl FnOnce(&Place<'_>) -> T) -> T {
        let region: Region = "eu-west-1".parse().unwrap();
        let account: AccountId = "111122223333".parse().unwrap();
        then(&Place { account, region: &region, caller_arn: "" })
    }

    fn named(text: &str) -> KeyRef {
        within(|place| key(text, place, Accept::KeyOrAlias)).unwrap()
    }

    fn refused(text: &str, accept: Accept) -> String {
        let refusal = within(|place| key(text, place, accept)).unwrap_err();
        assert_eq!(refusal.kind(), "NotFoundException");
        refusal.message().unwrap().to_owned()
    }

    #[test]
    fn a_key_has_four_names() {
        let id = By::Id(KeyId::from_random([0xab; 16]));
        assert_eq!(named(ID).by, id);
        let arn = named(&format!("arn:aws:kms:eu-west-1:444455556666:key/{ID}"));
        assert_eq!((arn.by, arn.account.as_str()), (id, "444455556666"));
        let alias = By::Alias("app/db".parse().unwrap());
        assert_eq!(named("alias/app/db").by, alias);
        assert_eq!(named("arn:aws:kms:eu-west-1:444455556666:alias/app/db").by, alias);
        assert_eq!(named("alias/app/db").account.as_str(), "111122223333");
    }

    #[test]
    fn management_does_not_take_an_alias() {
        assert_eq!(refused("alias/a", Accept::Key), "Invalid keyId 'alias/a'");
    }

    #[test]
    fn another_region_is_named_in_the_refusal() {
        let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{ID}");
        assert_eq!(refused(&arn, Accept::KeyOrAlias), "Invalid arn us-east-1");
    }

    #[test]
    fn nonsense_names_nothing() {
        for text in [
            "fake-key-id",
            "",
            "alias/",
            "alias/a b",
            "arn:aws:kms",
            "arn:aws:s3:eu-west-1:111122223333:key/x",
            "arn:aws:kms:eu-west-1:x:key/abababab-abab-4bab-abab-abababababab",
            "arn:aws:kms:eu-west-1:111122223333:key/alias/a",
            "arn:aws:kms:eu-west-1:111122223333:abababab-abab-4bab-abab-abababababab",
            "ABABABAB-abab-4bab-abab-abababababab",
        ] {
            assert_eq!(refused(text, Accept::KeyOrAlias), format!("Invalid keyId '{text}'"));
        }
    }

    #[test]
    fn an_alias_name_has_its_prefix_and_is_not_reserved() {
        let kind = |text: &str| within(|place| alias(text, place)).unwrap_err().kind();
        assert_eq!(kind("app"), "ValidationException");
        assert_eq!(kind("alias/aws/s3"), "InvalidAliasNameException");
        assert_eq!(kind("alias/"), "InvalidAliasNameException");
        let made = within(|place| alias("alias/app", place)).unwrap();
        assert_eq!(made.arn(), "arn:aws:kms:eu-west-1:111122223333:alias/app");
    }
}
