//! Names of accounts, regions, keys, principals. A name can exist only well formed.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    sync::Arc,
};

/// Which kind of name a text is not.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BadName {
    /// Not twelve digits.
    AccountId,
    /// Not a region's name.
    Region,
    /// Not a key id.
    KeyId,
    /// Not an alias name.
    AliasName,
    /// Not a principal's name.
    PrincipalName,
    /// Not the name of a session.
    SessionName,
    /// Not the name of an issuer of tokens.
    Issuer,
}

/// An account (tenant): twelve decimal digits, as AWS account ids are.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The digits.
    pub fn as_str(&self) -> &str {
        // Digits only, by construction.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for AccountId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(BadName::AccountId),
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A region: a part of an account with keys of its own, e.g. `eu-west-1`. Lower-case letters,
/// digits and hyphens, 1 to 32 of them.
///
/// Kept in place, since every request carries some: a shared text would have its count of owners
/// passed between the processors that serve them.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Region {
    /// The name, and zeros behind it: so the order is that of the names.
    text: [u8; Region::LEN_MAX],
    len: u8,
}

impl Region {
    const LEN_MAX: usize = 32;

    /// The name.
    pub fn as_str(&self) -> &str {
        // ASCII only, by construction.
        str::from_utf8(&self.text[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl FromStr for Region {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let mut region = Self { text: [0; Self::LEN_MAX], len: 0 };
        let place = region.text.get_mut(..text.len()).ok_or(BadName::Region)?;
        if text.is_empty() || !text.bytes().all(plain) {
            return Err(BadName::Region);
        }
        place.copy_from_slice(text.as_bytes());
        region.len = text.len() as u8;
        Ok(region)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The identity of a key within its account and region, written as a version 4 UUID.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// From 16 random bytes, of which six bits are replaced by UUID version 4 and variant.
    pub fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Uuid::of(&self.0).as_str())
    }
}

/// Sixteen bytes as the text of a UUID (RFC 9562): 36 lower-case digits and hyphens.
#[derive(Clone, Copy, Debug)]
pub struct Uuid([u8; 36]);

impl Uuid {
    /// The text of these bytes.
    pub fn of(bytes: &[u8; 16]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        /// Where each byte's two digits stand.
        const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
        let mut text = [b'-'; 36];
        for (byte, place) in bytes.iter().zip(PLACES) {
            text[place] = DIGITS[usize::from(byte >> 4)];
            text[place + 1] = DIGITS[usize::from(byte & 15)];
        }
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Digits and hyphens only, by construction.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for KeyId {
    type Err = BadName;

    /// Exactly the form that `Display` writes: one spelling for one key.
    fn from_str(text: &str) -> Result<Self, BadName> {
        let text = text.as_bytes();
        if text.len() != 36 || [8, 13, 18, 23].iter().any(|&i| text[i] != b'-') {
            return Err(BadName::KeyId);
        }
        let nibble = |b: u8| match b {
            b'0'..=b'9' => Ok(b - b'0'),
            b'a'..=b'f' => Ok(b - b'a' + 10),
            _ => Err(BadName::KeyId),
        };
        let mut digits = text.iter().copied().filter(|&b| b != b'-');
        let mut bytes = [0; 16];
        for byte in &mut bytes {
            let (Some(high), Some(low)) = (digits.next(), digits.next()) else {
                return Err(BadName::KeyId);
            };
            *byte = nibble(high)? << 4 | nibble(low)?;
        }
        Ok(Self(bytes))
    }
}

/// The identity of one generation of key material, random and never used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MaterialId(pub [u8; 16]);

/// Where an object lives and what it is called.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ObjectName {
    /// The account that owns it.
    pub account: AccountId,
    /// The region within the account.
    pub region: Region,
    /// The id within the region.
    pub id: KeyId,
}

/// Ids are random: what else is in the name would tell few apart.
impl Hash for ObjectName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl ObjectName {
    /// How the policy language writes it, e.g.
    /// `arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-44cd-a6ef-1234567890ab`.
    pub fn arn(&self) -> String {
        let id = Uuid::of(&self.id.0);
        let (region, account) = (self.region.as_str(), self.account.as_str());
        ["arn:aws:kms:", region, ":", account, ":key/", id.as_str()].concat()
    }
}

/// A changeable name for a key: 1 to 250 of `[a-zA-Z0-9:/_-]`, unique in its account and region.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AliasName(Arc<str>);

impl AliasName {
    /// The name, without any prefix a door puts before it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AliasName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b":/_-".contains(&b);
        if (1..=crate::limits::ALIAS_LEN_MAX).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err(BadName::AliasName)
        }
    }
}

impl fmt::Display for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of principal a name denotes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PrincipalKind {
    /// The account itself: policies that name it delegate to the account's own policies.
    Account,
    /// A person or program with credentials of its own.
    User,
    /// An identity that is assumed.
    Role,
    /// Strongroom's own work (the scheduler).
    System,
    /// Whoever an issuer of tokens vouches for: nobody of the account, and known to trust policies
    /// alone.
    Issuer,
}

/// Who: an account, a kind and a name within it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PrincipalName {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its kind.
    pub kind: PrincipalKind,
    /// Its name: 1 to 64 of `[a-zA-Z0-9+=,.@_-]`; `root` for the account; of an issuer its address.
    name: Arc<str>,
}

impl PrincipalName {
    /// The account itself.
    pub fn account(account: AccountId) -> Self {
        Self { account, kind: PrincipalKind::Account, name: "root".into() }
    }

    /// Strongroom's own principal in an account.
    pub fn system(account: AccountId) -> Self {
        Self { account, kind: PrincipalKind::System, name: "strongroom".into() }
    }

    /// A user.
    pub fn user(account: AccountId, name: &str) -> Result<Self, BadName> {
        Self::named(account, PrincipalKind::User, name)
    }

    /// A role.
    pub fn role(account: AccountId, name: &str) -> Result<Self, BadName> {
        Self::named(account, PrincipalKind::Role, name)
    }

    /// An issuer of tokens, by its address (`https://` and more) without the scheme: a host name,
    /// and a path if there is one; at most 255 bytes.
    pub fn issuer(account: AccountId, address: &str) -> Result<Self, BadName> {
        let (host, path) = address.split_once('/').unwrap_or((address, "-"));
        let of_host = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
        let of_path = |b: u8| b.is_ascii_alphanumeric() || b"/._~-".contains(&b);
        let fits = address.len() <= 255
            && !host.is_empty()
            && host.bytes().all(of_host)
            && !path.is_empty()
            && path.bytes().all(of_path);
        if fits {
            Ok(Self { account, kind: PrincipalKind::Issuer, name: address.into() })
        } else {
            Err(BadName::Issuer)
        }
    }

    fn named(account: AccountId, kind: PrincipalKind, name: &str) -> Result<Self, BadName> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b);
        if (1..=64).contains(&name.len()) && name.bytes().all(plain) {
            Ok(Self { account, kind, name: name.into() })
        } else {
            Err(BadName::PrincipalName)
        }
    }

    /// The name within the account.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How the policy language writes it, e.g. `arn:aws:iam::111122223333:user/alice`.
    pub fn arn(&self) -> String {
        let (account, name) = (self.account, &self.name);
        match self.kind {
            PrincipalKind::Account => format!("arn:aws:iam::{account}:root"),
            PrincipalKind::User => format!("arn:aws:iam::{account}:user/{name}"),
            PrincipalKind::Role => format!("arn:aws:iam::{account}:role/{name}"),
            PrincipalKind::System => format!("arn:aws:iam::{account}:system/{name}"),
            PrincipalKind::Issuer => format!("arn:aws:iam::{account}:oidc-provider/{name}"),
        }
    }
}

/// What a session of a role calls itself: 2 to 64 of `[a-zA-Z0-9+=,.@_-]`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SessionName(Box<str>);

impl SessionName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the policy language writes a session of `role` by this name, e.g.
    /// `arn:aws:sts::111122223333:assumed-role/deploy/build-7`.
    pub fn arn(&self, role: &PrincipalName) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{}", role.account, role.name(), self.0)
    }
}

impl FromStr for SessionName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b);
        if (2..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err(BadName::SessionName)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_has_one_spelling() {
        let id = KeyId::from_random([0xab; 16]);
        assert_eq!(id.to_string(), "abababab-abab-4bab-abab-abababababab");
        assert_eq!(id.to_string().parse::<KeyId>().ok(), Some(id));
        assert!(id.to_string().to_uppercase().parse::<KeyId>().is_err());
        assert!("abababababab4bababababababababab".parse::<KeyId>().is_err());
    }

    #[test]
    fn regions_are_in_the_order_of_their_names() {
        let mut names = ["eu-west-2", "eu", "eu-west-1", "eu-", "a"];
        let mut regions = names.map(|name| name.parse::<Region>().unwrap());
        names.sort_unstable();
        regions.sort_unstable();
        assert_eq!(regions.each_ref().map(Region::as_str), names);
    }

    #[test]
    fn malformed_names_do_not_exist() {
        assert!("11112222333".parse::<AccountId>().is_err());
        assert!("11112222333a".parse::<AccountId>().is_err());
        assert!("EU-WEST-1".parse::<Region>().is_err());
        assert!("".parse::<Region>().is_err());
        assert!("a".repeat(32).parse::<Region>().is_ok_and(|region| region.as_str().len() == 32));
        assert!("a".repeat(33).parse::<Region>().is_err());
        assert!("".parse::<AliasName>().is_err());
        assert!("a b".parse::<AliasName>().is_err());
        assert!("a".parse::<SessionName>().is_err());
        assert!("a/b".parse::<SessionName>().is_err());
        assert!("a".repeat(65).parse::<SessionName>().is_err());
    }

    #[test]
    fn an_issuer_is_a_host_and_a_path_and_a_session_is_of_a_role() {
        let account: AccountId = "111122223333".parse().unwrap();
        let issuer = PrincipalName::issuer(account, "oidc.example/id/AB").unwrap();
        assert_eq!(issuer.arn(), "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/AB");
        for text in ["", "https://a", "a:443", "A.example", "a/", "/a", "a b", "a/?x"] {
            assert_eq!(PrincipalName::issuer(account, text), Err(BadName::Issuer), "{text:?}");
        }
        let role = PrincipalName::role(account, "deploy").unwrap();
        let session: SessionName = "build-7".parse().unwrap();
        let arn = "arn:aws:sts::111122223333:assumed-role/deploy/build-7";
        assert_eq!(session.arn(&role), arn);
    }
}
