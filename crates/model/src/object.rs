//! Managed objects beyond keys as such: what kind they are, what they may be used for, and what is
//! known of them.
//!
//! The words are those of SP 800-57 part 1, section 6.2.3 ("metadata"), and of the protocols by
//! which objects are kept (KMIP, PKCS #11). Whatever only describes an object, and decides
//! nothing, is a [`Label`]: kept, looked for by equality, and not understood here.

pub use crate::purpose::Purposes;
use crate::{
    algorithm::{Hash, Spec},
    canon::{Canonical, Malformed, Reader, Writer},
    name::KeyId,
    raw::{ByteField, SplitMethod},
    time::Wall,
};

/// What kind of object it is. The codes are records': never reused.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A key that both sides have.
    SymmetricKey,
    /// The public half of a pair, as an object of its own.
    PublicKey,
    /// The private half of a pair.
    PrivateKey,
    /// A secret that is no key: a password, a seed.
    SecretData,
    /// Bytes of which nothing is known.
    OpaqueData,
    /// A certificate.
    Certificate,
    /// A part of a key.
    SplitKey,
    /// An OpenPGP key.
    PgpKey,
    /// A request for a certificate.
    CertificateRequest,
    /// Attributes for objects that are still to be made, under a name.
    Template,
}

impl Kind {
    /// Every kind, in order of its code.
    pub const ALL: &'static [Self] = &[
        Self::SymmetricKey,
        Self::PublicKey,
        Self::PrivateKey,
        Self::SecretData,
        Self::OpaqueData,
        Self::Certificate,
        Self::SplitKey,
        Self::PgpKey,
        Self::CertificateRequest,
        Self::Template,
    ];

    /// The canonical number: its place in [`Self::ALL`], from 1.
    pub const fn code(self) -> u8 {
        self as u8 + 1
    }

    /// The kind of a canonical number.
    pub fn from_code(code: u8) -> Result<Self, Malformed> {
        let at = usize::from(code).checked_sub(1).ok_or(Malformed)?;
        Self::ALL.get(at).copied().ok_or(Malformed)
    }

    /// Whether its material must not be known to others.
    pub fn is_secret(self) -> bool {
        !matches!(
            self,
            Self::PublicKey | Self::Certificate | Self::CertificateRequest | Self::Template
        )
    }

    /// Whether it goes through the states of a key (SP 800-57 part 1, section 7).
    pub fn has_states(self) -> bool {
        !matches!(self, Self::OpaqueData | Self::Template | Self::CertificateRequest)
    }
}

/// Something that an object is called or described by. Its meaning is that of the door that set it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Label {
    /// What it is, e.g. `Object Group`.
    pub name: String,
    /// Which of several of that name, from 0. It stays when others go.
    pub index: u32,
    /// The value, as the door encodes it.
    pub value: Vec<u8>,
}

impl Label {
    /// The label that names an object: of a region's objects that are not destroyed, one has it
    /// with a given value.
    pub const NAME: &'static str = "Name";
    /// The label of the key that signs the certificates of an account and region: likewise.
    pub const AUTHORITY: &'static str = ".Certificate Authority";
    /// The label of a certificate that signs itself: the SHA-256 of its subject.
    pub const ROOT: &'static str = ".Root Certificate";

    /// Whether one object of a region has it at most, with a given value.
    pub fn is_unique(&self) -> bool {
        matches!(self.name.as_str(), Self::NAME | Self::AUTHORITY)
    }
}

/// How another object has to do with this one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    /// What it has to do with this one, as the door that set it numbers that.
    pub kind: u32,
    /// The other object.
    pub to: KeyId,
}

impl Link {
    /// The certificate of this key.
    pub const CERTIFICATE: u32 = 0x101;
    /// The public half of this private key, or what this certificate is about.
    pub const PUBLIC_KEY: u32 = 0x102;
    /// The private half of this public key.
    pub const PRIVATE_KEY: u32 = 0x103;
    /// What this was derived from.
    pub const DERIVATION_BASE: u32 = 0x104;
    /// What was derived from this.
    pub const DERIVED: u32 = 0x105;
    /// What replaces this.
    pub const REPLACEMENT: u32 = 0x106;
    /// What this replaces.
    pub const REPLACED: u32 = 0x107;
    /// By which this came wrapped.
    pub const WRAPPING_KEY: u32 = 0x10e;

    /// Whether it tells how the material of both came about, rather than how somebody has put them
    /// in order.
    pub fn is_of_material(&self) -> bool {
        (Self::CERTIFICATE..=Self::REPLACED).contains(&self.kind)
    }
}

impl Form {
    /// The canonical number, stable for ever.
    pub const fn code(self) -> u8 {
        self as u8 + 1
    }

    /// The form of a canonical number.
    pub fn from_code(code: u8) -> Result<Self, Malformed> {
        Ok(match code {
            1 => Self::Raw,
            2 => Self::Pkcs1,
            3 => Self::Pkcs8,
            4 => Self::Spki,
            5 => Self::EcPrivateKey,
            6 => Self::Numbers,
            _ => return Err(Malformed),
        })
    }
}

/// In what form material is handed over.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Form {
    /// The bytes themselves: a symmetric key, or whatever is kept as it came.
    Raw,
    /// PKCS #1 (RFC 8017): an RSA key, private or public.
    Pkcs1,
    /// PKCS #8 PrivateKeyInfo (RFC 5958): a private key.
    Pkcs8,
    /// SubjectPublicKeyInfo (RFC 5280): a public key.
    Spki,
    /// ECPrivateKey (RFC 5915): a private key on a curve.
    EcPrivateKey,
    /// The numbers that a key of a pair is made of ([`crate::numbers::Numbers`]).
    Numbers,
}

/// Of what a usage limit counts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LimitUnit {
    /// Bytes that are protected.
    Bytes,
    /// Calls that protect something.
    Calls,
}

/// How much a key may protect at all. What is left of it is counted beside the record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UsageLimit {
    /// How much.
    pub total: u64,
    /// Of what.
    pub unit: LimitUnit,
}

/// Why an object was revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Revocation {
    /// The reason, as the door that was told numbers it.
    pub reason: u32,
    /// In words.
    pub message: Option<String>,
}

/// What must be known of a part of a secret to join it with others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SplitPart {
    /// How the secret was split.
    pub method: SplitMethod,
    /// The order of the field, big-endian, where the method needs one.
    pub prime: Option<Vec<u8>>,
    /// How many parts there are.
    pub parts: u32,
    /// How many of them make the secret.
    pub threshold: u32,
    /// Which of them this is, from 1.
    pub number: u32,
    /// What the secret is, if that is known; else `Stored`.
    pub whole: Spec,
    /// Length of the secret, in bytes.
    pub len: u32,
    /// SHA-256 of the secret, if it was split here.
    pub digest: Option<Vec<u8>>,
}

/// What is known of an object, beyond what makes it usable. It remains when the object is destroyed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attributes {
    /// Length of the key, in bits; of what is no key, of its bytes.
    pub bits: u32,
    /// Whether the material was made here.
    pub generated: bool,
    /// SHA-256 of the material as it was made or brought.
    pub digest: Vec<u8>,
    /// The form in which a key of a pair was brought, or is shown: that in which it is handed out
    /// if no other is asked for.
    pub form: Option<Form>,
    /// Whether the material leaves only wrapped.
    pub sensitive: bool,
    /// Whether that has always been so.
    pub always_sensitive: bool,
    /// Whether the material may leave at all.
    pub extractable: bool,
    /// Whether it never might.
    pub never_extractable: bool,
    /// Whether it was not handed out yet.
    pub fresh: bool,
    /// When the object was last changed.
    pub last_change: Wall,
    /// When it was first made, if that was elsewhere.
    pub original_creation: Option<Wall>,
    /// When it was put aside, if it is.
    pub archived: Option<Wall>,
    /// Since when it is thought to be compromised.
    pub compromise_occurrence: Option<Wall>,
    /// Why it was revoked.
    pub revocation: Option<Revocation>,
    /// How much it may protect.
    pub usage_limit: Option<UsageLimit>,
    /// Of which secret it is a part, if it is one.
    pub split: Option<SplitPart>,
    /// Other objects.
    pub links: Vec<Link>,
    /// Everything else.
    pub labels: Vec<Label>,
}

impl Attributes {
    /// The labels of a name, in the order of their indexes.
    pub fn labelled<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Label> {
        self.labels.iter().filter(move |label| label.name == name)
    }

    /// Adds a label after those of its name, and gives its index.
    pub fn add_label(&mut self, name: &str, value: Vec<u8>) -> u32 {
        let last = self.labelled(name).map(|label| label.index).max();
        let index = last.map_or(0, |last| last.saturating_add(1));
        self.labels.push(Label { name: name.to_owned(), index, value });
        index
    }
}

impl Canonical for Label {
    fn write(&self, to: &mut Writer) {
        to.text(&self.name);
        to.u32(self.index);
        to.bytes(&self.value);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let name = from.text()?.to_owned();
        Ok(Self { name, index: from.u32()?, value: from.bytes()?.to_vec() })
    }
}

impl Canonical for UsageLimit {
    fn write(&self, to: &mut Writer) {
        to.u64(self.total);
        to.u8(match self.unit {
            LimitUnit::Bytes => 1,
            LimitUnit::Calls => 2,
        });
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let total = from.u64()?;
        let unit = match from.u8()? {
            1 => LimitUnit::Bytes,
            2 => LimitUnit::Calls,
            _ => return Err(Malformed),
        };
        Ok(Self { total, unit })
    }
}

impl Canonical for SplitPart {
    fn write(&self, to: &mut Writer) {
        let Self { method, prime, parts, threshold, number, whole, len, digest } = self;
        to.u8(method_code(*method));
        to.option(prime.as_deref(), Writer::bytes);
        for count in [parts, threshold, number] {
            to.u32(*count);
        }
        to.u8(whole.code());
        to.u32(*len);
        to.option(digest.as_deref(), Writer::bytes);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let bytes = |from: &mut Reader<'_>| from.bytes().map(<[u8]>::to_vec);
        Ok(Self {
            method: method_of(from.u8()?)?,
            prime: from.option(bytes)?,
            parts: from.u32()?,
            threshold: from.u32()?,
            number: from.u32()?,
            whole: Spec::from_code(from.u8()?)?,
            len: from.u32()?,
            digest: from.option(bytes)?,
        })
    }
}

/// The methods of splitting in the order of their codes, from 1, which are records': never reused.
const SPLIT_METHODS: [SplitMethod; 6] = [
    SplitMethod::Xor,
    SplitMethod::PrimeField,
    SplitMethod::Gf65536(ByteField::Fips197),
    SplitMethod::Gf65536(ByteField::ReedSolomon),
    SplitMethod::Gf256(ByteField::Fips197),
    SplitMethod::Gf256(ByteField::ReedSolomon),
];

const fn method_code(method: SplitMethod) -> u8 {
    match method {
        SplitMethod::Xor => 1,
        SplitMethod::PrimeField => 2,
        SplitMethod::Gf65536(ByteField::Fips197) => 3,
        SplitMethod::Gf65536(ByteField::ReedSolomon) => 4,
        SplitMethod::Gf256(ByteField::Fips197) => 5,
        SplitMethod::Gf256(ByteField::ReedSolomon) => 6,
    }
}

fn method_of(code: u8) -> Result<SplitMethod, Malformed> {
    SPLIT_METHODS.into_iter().find(|method| method_code(*method) == code).ok_or(Malformed)
}

impl Canonical for Attributes {
    fn write(&self, to: &mut Writer) {
        let wall = |to: &mut Writer, date: Wall| to.u64(date.0);
        to.u32(self.bits);
        to.bool(self.generated);
        to.bytes(&self.digest);
        to.option(self.form, |to, form| to.u8(form.code()));
        for flag in [
            self.sensitive,
            self.always_sensitive,
            self.extractable,
            self.never_extractable,
            self.fresh,
        ] {
            to.bool(flag);
        }
        to.u64(self.last_change.0);
        to.option(self.original_creation, wall);
        to.option(self.archived, wall);
        to.option(self.compromise_occurrence, wall);
        to.option(self.revocation.as_ref(), |to, revocation| {
            to.u32(revocation.reason);
            to.option(revocation.message.as_deref(), Writer::text);
        });
        to.option(self.usage_limit.as_ref(), |to, limit| to.value(limit));
        to.option(self.split.as_ref(), |to, split| to.value(split));
        to.list(&self.links, |to, link| {
            to.u32(link.kind);
            to.fixed(&link.to.0);
        });
        to.list(&self.labels, Writer::value);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let wall = |from: &mut Reader<'_>| from.u64().map(Wall);
        Ok(Self {
            bits: from.u32()?,
            generated: from.bool()?,
            digest: from.bytes()?.to_vec(),
            form: from.option(|from| Form::from_code(from.u8()?))?,
            sensitive: from.bool()?,
            always_sensitive: from.bool()?,
            extractable: from.bool()?,
            never_extractable: from.bool()?,
            fresh: from.bool()?,
            last_change: wall(from)?,
            original_creation: from.option(wall)?,
            archived: from.option(wall)?,
            compromise_occurrence: from.option(wall)?,
            revocation: from.option(|from| {
                let reason = from.u32()?;
                let message = from.option(|from| from.text().map(str::to_owned))?;
                Ok(Revocation { reason, message })
            })?,
            usage_limit: from.option(UsageLimit::read)?,
            split: from.option(SplitPart::read)?,
            links: from.list(|from| Ok(Link { kind: from.u32()?, to: KeyId(from.array()?) }))?,
            labels: from.list(Label::read)?,
        })
    }
}

/// The hash of [`Attributes::digest`].
pub const DIGEST_HASH: Hash = Hash::Sha256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_number() {
        for (at, &kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(usize::from(kind.code()), at + 1);
            assert_eq!(Kind::from_code(kind.code()), Ok(kind));
        }
        assert_eq!((Kind::from_code(0), Kind::from_code(11)), (Err(Malformed), Err(Malformed)));
    }

    #[test]
    fn a_label_keeps_its_index_when_others_go() {
        let mut attributes = Attributes::default();
        let indexes = ["a", "b", "c"].map(|value| attributes.add_label("x", value.into()));
        assert_eq!(indexes, [0, 1, 2]);
        attributes.labels.remove(1);
        assert_eq!(attributes.add_label("x", b"d".to_vec()), 3);
        assert_eq!(attributes.add_label("y", b"d".to_vec()), 0);
        let left: Vec<_> = attributes.labelled("x").map(|label| label.index).collect();
        assert_eq!(left, [0, 2, 3]);
    }

    #[test]
    fn a_method_of_splitting_has_one_number() {
        for (at, method) in SPLIT_METHODS.into_iter().enumerate() {
            assert_eq!(usize::from(method_code(method)), at + 1);
            assert_eq!(method_of(method_code(method)), Ok(method));
        }
        assert_eq!((method_of(0), method_of(7)), (Err(Malformed), Err(Malformed)));
    }

    #[test]
    fn attributes_are_read_as_they_were_written() {
        let mut attributes = Attributes {
            bits: 256,
            digest: vec![7; 32],
            form: Some(Form::Pkcs1),
            sensitive: true,
            never_extractable: true,
            last_change: Wall(5),
            archived: Some(Wall(6)),
            revocation: Some(Revocation { reason: 1, message: Some("lost".into()) }),
            usage_limit: Some(UsageLimit { total: 100, unit: LimitUnit::Calls }),
            split: Some(SplitPart {
                method: SplitMethod::PrimeField,
                prime: Some(vec![17]),
                parts: 3,
                threshold: 2,
                number: 1,
                whole: Spec::Stored,
                len: 1,
                digest: None,
            }),
            links: vec![Link { kind: Link::PUBLIC_KEY, to: KeyId([3; 16]) }],
            ..Attributes::default()
        };
        attributes.add_label(Label::NAME, b"n".to_vec());
        let written = attributes.to_canonical();
        assert_eq!(Attributes::from_canonical(&written), Ok(attributes));
        assert_eq!(Attributes::from_canonical(&written[..written.len() - 1]), Err(Malformed));
    }
}
