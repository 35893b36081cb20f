//! Which algorithms may be used, under which profile, in which direction, until when: one table.
//!
//! Whatever a key's own policy says, what is not allowed here is not done. The dates are those of
//! NIST SP 800-131A (Revision 2, and the draft of Revision 3), NIST IR 8547 (draft) and CNSA 2.0.
//! The manual's table is rendered from this one.

use crate::{
    algorithm::{
        Algorithm,
        EncryptionAlgorithm::{self, Envelope, OaepSha1, OaepSha256},
        Hash::{
            self, Sha1, Sha3_224, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512,
        },
        KeySpec::{
            self, Aes256, Hmac224, Hmac256, Hmac384, Hmac512, MlDsa44, MlDsa65, MlDsa87, MlKem512,
            MlKem768, MlKem1024, P256, P384, P521, Rsa2048, Rsa3072, Rsa4096, Secp256k1, X25519,
        },
        RawSpec,
        SigningAlgorithm::{
            self, EcdsaSha256, EcdsaSha384, EcdsaSha512, Ed25519Ph, MlDsa, RsaPkcs1Sha256,
            RsaPkcs1Sha384, RsaPkcs1Sha512, RsaPssSha256, RsaPssSha384, RsaPssSha512,
        },
    },
    raw::{CipherMode, Wrapping},
    time::{At, Wall},
};

/// Whose rules hold on a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// Everything that there is: what is weak is there for raw keys only, or to be read.
    Default,
    /// What NIST approves, until it is to be given up.
    Fips,
    /// The Commercial National Security Algorithm Suite 2.0, and until the end of 2031 what is
    /// left of 1.0.
    Cnsa2,
}

/// What a row of the table is about. A use is of a key by an algorithm: both must be allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    /// A key, whatever it is used for.
    Key(KeySpec),
    /// A raw key, whatever it is used for.
    Raw(RawSpec),
    /// A way to use one.
    Use(Algorithm),
}

/// What is done: SP 800-57's two directions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Make keys and apply protection.
    Protect,
    /// Process what was protected.
    Process,
}

/// For how long something is allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Term {
    /// Without an end.
    Always,
    /// Until this year has ended, UTC.
    Through(u16),
    /// Not at all.
    Never,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it is about.
    pub subject: Subject,
    /// The terms to protect and to process, by profile in the order of [`Profile::ALL`].
    pub terms: [[Term; 2]; 3],
    /// On what they rest.
    pub basis: &'static str,
}

const ALWAYS: [Term; 2] = [Term::Always, Term::Always];
/// What was protected can still be read and verified.
const LEGACY: [Term; 2] = [Term::Never, Term::Always];
const NEVER: [Term; 2] = [Term::Never, Term::Never];

const fn through(year: u16) -> [Term; 2] {
    [Term::Through(year), Term::Always]
}

const fn key(
    spec: KeySpec,
    default: [Term; 2],
    fips: [Term; 2],
    cnsa2: [Term; 2],
    basis: &'static str,
) -> Row {
    Row { subject: Subject::Key(spec), terms: [default, fips, cnsa2], basis }
}

const fn raw(
    spec: RawSpec,
    default: [Term; 2],
    fips: [Term; 2],
    cnsa2: [Term; 2],
    basis: &'static str,
) -> Row {
    Row { subject: Subject::Raw(spec), terms: [default, fips, cnsa2], basis }
}

const fn used(
    algorithm: Algorithm,
    default: [Term; 2],
    fips: [Term; 2],
    cnsa2: [Term; 2],
    basis: &'static str,
) -> Row {
    Row { subject: Subject::Use(algorithm), terms: [default, fips, cnsa2], basis }
}

const fn encrypts(algorithm: EncryptionAlgorithm) -> Algorithm {
    Algorithm::Encryption(algorithm)
}

const fn signs(algorithm: SigningAlgorithm) -> Algorithm {
    Algorithm::Signing(algorithm)
}

const fn codes(hash: Hash) -> Algorithm {
    Algorithm::Mac(hash)
}

const fn enciphers(mode: CipherMode) -> Algorithm {
    Algorithm::Cipher(mode)
}

const fn wraps(wrapping: Wrapping) -> Algorithm {
    Algorithm::Wrapping(wrapping)
}

const fn oaep(hash: Hash) -> Algorithm {
    Algorithm::Oaep(hash)
}

const fn signs_by(hash: Hash) -> Algorithm {
    Algorithm::Signature(hash)
}

const fn masks(hash: Hash) -> Algorithm {
    Algorithm::Mask(hash)
}

/// Quantum computers are expected to break it.
const QUANTUM: &str = "IR 8547 draft: to 2035; not in CNSA";
/// The same, of the suite before this one.
const SUITE_1: &str = "IR 8547 draft: to 2035; CNSA 1.0: to 2031";
/// Less than 128 bits of security.
const BITS_112: &str = "SP 800-131A r3 draft: 112 bits, to 2030; not in CNSA";
/// SHA-1 where collisions do not matter.
const SHA_1: &str = "SP 800-131A r3 draft: SHA-1, to 2030; not in CNSA";
const SUITE: &str = "CNSA 2.0";
const NOT_IN_SUITE: &str = "not in CNSA";
const NOT_APPROVED: &str = "not approved by NIST; not in CNSA";

/// Every row for keys.
pub const KEYS: &[Row] = &[
    key(Aes256, ALWAYS, ALWAYS, ALWAYS, SUITE),
    key(Rsa2048, ALWAYS, through(2030), LEGACY, BITS_112),
    key(Rsa3072, ALWAYS, through(2035), through(2031), SUITE_1),
    key(Rsa4096, ALWAYS, through(2035), through(2031), SUITE_1),
    key(P256, ALWAYS, through(2035), LEGACY, QUANTUM),
    key(P384, ALWAYS, through(2035), through(2031), SUITE_1),
    key(P521, ALWAYS, through(2035), LEGACY, QUANTUM),
    key(Secp256k1, ALWAYS, NEVER, LEGACY, "SP 800-186: not for federal use; not in CNSA"),
    key(KeySpec::Ed25519, ALWAYS, through(2035), LEGACY, QUANTUM),
    key(Hmac224, ALWAYS, through(2030), LEGACY, BITS_112),
    key(Hmac256, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    key(Hmac384, ALWAYS, ALWAYS, ALWAYS, SUITE),
    key(Hmac512, ALWAYS, ALWAYS, ALWAYS, SUITE),
    key(MlDsa44, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    key(MlDsa65, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    key(MlDsa87, ALWAYS, ALWAYS, ALWAYS, SUITE),
    key(MlKem512, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    key(MlKem768, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    key(MlKem1024, ALWAYS, ALWAYS, ALWAYS, SUITE),
    key(X25519, ALWAYS, NEVER, LEGACY, "SP 800-56A: not among its curves; not in CNSA"),
];

/// Every row for raw keys.
pub const RAWS: &[Row] = &[
    raw(RawSpec::Aes128, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    raw(RawSpec::Aes192, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    raw(RawSpec::Aes256, ALWAYS, ALWAYS, ALWAYS, SUITE),
    raw(RawSpec::Tdes, ALWAYS, LEGACY, LEGACY, "SP 800-131A r2: to 2023; not in CNSA"),
    raw(RawSpec::ChaCha20, ALWAYS, NEVER, NEVER, NOT_APPROVED),
    raw(RawSpec::ChaCha20Poly1305, ALWAYS, NEVER, NEVER, NOT_APPROVED),
    raw(RawSpec::HmacSha1, ALWAYS, through(2030), LEGACY, SHA_1),
    raw(RawSpec::Hmac224, ALWAYS, through(2030), LEGACY, BITS_112),
    raw(RawSpec::Hmac256, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    raw(RawSpec::Hmac384, ALWAYS, ALWAYS, ALWAYS, SUITE),
    raw(RawSpec::Hmac512, ALWAYS, ALWAYS, ALWAYS, SUITE),
    raw(RawSpec::HmacSha3_224, ALWAYS, through(2030), LEGACY, BITS_112),
    raw(RawSpec::HmacSha3_256, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    raw(RawSpec::HmacSha3_384, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    raw(RawSpec::HmacSha3_512, ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
];

/// Every row for ways to use a key.
pub const USES: &[Row] = &[
    used(encrypts(Envelope), ALWAYS, ALWAYS, ALWAYS, SUITE),
    used(encrypts(OaepSha1), ALWAYS, through(2030), LEGACY, SHA_1),
    used(encrypts(OaepSha256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs(RsaPssSha256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs(RsaPssSha384), ALWAYS, ALWAYS, ALWAYS, "FIPS 186-5"),
    used(signs(RsaPssSha512), ALWAYS, ALWAYS, ALWAYS, "FIPS 186-5"),
    used(signs(RsaPkcs1Sha256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs(RsaPkcs1Sha384), ALWAYS, ALWAYS, ALWAYS, "FIPS 186-5"),
    used(signs(RsaPkcs1Sha512), ALWAYS, ALWAYS, ALWAYS, "FIPS 186-5"),
    used(signs(EcdsaSha256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs(EcdsaSha384), ALWAYS, ALWAYS, ALWAYS, "FIPS 186-5"),
    used(signs(EcdsaSha512), ALWAYS, ALWAYS, ALWAYS, "FIPS 186-5"),
    used(signs(SigningAlgorithm::Ed25519), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs(Ed25519Ph), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs(MlDsa), ALWAYS, ALWAYS, ALWAYS, SUITE),
    used(codes(Sha224), ALWAYS, through(2030), LEGACY, BITS_112),
    used(codes(Sha256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(codes(Sha384), ALWAYS, ALWAYS, ALWAYS, SUITE),
    used(codes(Sha512), ALWAYS, ALWAYS, ALWAYS, SUITE),
    used(codes(Sha1), ALWAYS, through(2030), LEGACY, SHA_1),
    used(codes(Sha3_224), ALWAYS, through(2030), LEGACY, BITS_112),
    used(codes(Sha3_256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(codes(Sha3_384), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(codes(Sha3_512), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(
        enciphers(CipherMode::Ecb),
        ALWAYS,
        LEGACY,
        LEGACY,
        "SP 800-131A r3 draft: not for encryption any more",
    ),
    used(enciphers(CipherMode::Cbc), ALWAYS, ALWAYS, ALWAYS, "SP 800-38A"),
    used(enciphers(CipherMode::Ctr), ALWAYS, ALWAYS, ALWAYS, "SP 800-38A"),
    used(enciphers(CipherMode::Cfb), ALWAYS, ALWAYS, ALWAYS, "SP 800-38A"),
    used(enciphers(CipherMode::Ofb), ALWAYS, ALWAYS, ALWAYS, "SP 800-38A"),
    used(enciphers(CipherMode::Gcm), ALWAYS, ALWAYS, ALWAYS, "SP 800-38D"),
    used(enciphers(CipherMode::Xts), NEVER, NEVER, NEVER, "not offered"),
    used(enciphers(CipherMode::Stream), ALWAYS, NEVER, NEVER, NOT_APPROVED),
    used(enciphers(CipherMode::Poly1305), ALWAYS, NEVER, NEVER, NOT_APPROVED),
    used(wraps(Wrapping::KeyWrap), ALWAYS, ALWAYS, ALWAYS, "SP 800-38F"),
    used(wraps(Wrapping::KeyWrapPadded), ALWAYS, ALWAYS, ALWAYS, "SP 800-38F"),
    used(oaep(Sha1), ALWAYS, through(2030), LEGACY, SHA_1),
    used(oaep(Sha224), ALWAYS, through(2030), LEGACY, BITS_112),
    used(oaep(Sha256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(oaep(Sha384), ALWAYS, ALWAYS, ALWAYS, "SP 800-56B"),
    used(oaep(Sha512), ALWAYS, ALWAYS, ALWAYS, "SP 800-56B"),
    used(oaep(Sha3_224), ALWAYS, through(2030), LEGACY, BITS_112),
    used(oaep(Sha3_256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(oaep(Sha3_384), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(oaep(Sha3_512), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs_by(Sha1), LEGACY, LEGACY, LEGACY, "SP 800-131A r2: collisions"),
    used(signs_by(Sha224), ALWAYS, through(2030), LEGACY, BITS_112),
    used(signs_by(Sha256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs_by(Sha384), ALWAYS, ALWAYS, ALWAYS, "FIPS 186-5"),
    used(signs_by(Sha512), ALWAYS, ALWAYS, ALWAYS, "FIPS 186-5"),
    used(signs_by(Sha3_224), ALWAYS, through(2030), LEGACY, BITS_112),
    used(signs_by(Sha3_256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs_by(Sha3_384), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(signs_by(Sha3_512), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(masks(Sha1), ALWAYS, through(2030), LEGACY, SHA_1),
    used(masks(Sha224), ALWAYS, through(2030), LEGACY, BITS_112),
    used(masks(Sha256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(masks(Sha384), ALWAYS, ALWAYS, ALWAYS, "RFC 8017"),
    used(masks(Sha512), ALWAYS, ALWAYS, ALWAYS, "RFC 8017"),
    used(masks(Sha3_224), ALWAYS, through(2030), LEGACY, BITS_112),
    used(masks(Sha3_256), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(masks(Sha3_384), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(masks(Sha3_512), ALWAYS, ALWAYS, LEGACY, NOT_IN_SUITE),
    used(Algorithm::Agreement, ALWAYS, ALWAYS, ALWAYS, "SP 800-56A"),
    used(Algorithm::Encapsulation, ALWAYS, ALWAYS, ALWAYS, SUITE),
];

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Default, Self::Fips, Self::Cnsa2];

    /// Its name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Fips => "fips",
            Self::Cnsa2 => "cnsa2",
        }
    }

    /// For how long it allows something.
    pub fn term(self, subject: Subject, way: Way) -> Term {
        let rows = match subject {
            Subject::Key(_) => KEYS,
            Subject::Raw(_) => RAWS,
            Subject::Use(_) => USES,
        };
        let row = rows.iter().find(|row| row.subject == subject);
        // What has no row is not allowed; a test sees to it that everything has one.
        row.map_or(Term::Never, |row| row.terms[self as usize][way as usize])
    }

    /// Whether it allows something at this moment. A clock that is set back brings nothing back.
    pub fn allows(self, subject: Subject, way: Way, at: At) -> bool {
        self.term(subject, way).holds(at)
    }
}

impl Term {
    fn holds(self, at: At) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Through(year) => Wall::from_utc(i64::from(year) + 1, 1, 1, 0, 0, 0)
                .is_some_and(|end| !at.has_come(end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Trust;

    fn at(year: i64, trust: Trust) -> At {
        let wall = Wall::from_utc(year, 12, 31, 23, 59, 59).unwrap_or_default();
        At { wall, monotonic_ms: 0, trust }
    }

    fn all() -> impl Iterator<Item = &'static Row> {
        KEYS.iter().chain(RAWS).chain(USES)
    }

    #[test]
    fn every_key_and_every_way_to_use_one_has_one_row() {
        let keys = KeySpec::ALL.iter().map(|spec| Subject::Key(*spec));
        let encrypts = EncryptionAlgorithm::ALL.iter().map(|it| Algorithm::Encryption(*it));
        let signs = SigningAlgorithm::ALL.iter().map(|it| Algorithm::Signing(*it));
        let raws = RawSpec::ALL.iter().map(|spec| Subject::Raw(*spec));
        let hashed: [fn(Hash) -> Algorithm; 4] = [codes, oaep, signs_by, masks];
        let hashed = hashed.iter().flat_map(|of| Hash::ALL.iter().map(|hash| of(*hash)));
        let modes = CipherMode::ALL.into_iter().map(Algorithm::Cipher);
        let wraps = [Wrapping::KeyWrap, Wrapping::KeyWrapPadded].into_iter().map(wraps);
        let establishes = [Algorithm::Agreement, Algorithm::Encapsulation];
        let uses = encrypts.chain(signs).chain(hashed).chain(modes).chain(wraps);
        let uses = uses.chain(establishes).map(Subject::Use);
        let mut count = 0;
        for subject in keys.chain(raws).chain(uses) {
            let rows = all().filter(|row| row.subject == subject);
            assert_eq!(rows.count(), 1, "{subject:?}");
            count += 1;
        }
        assert_eq!(count, all().count());
    }

    #[test]
    fn a_term_ends_with_its_year_and_does_not_come_back_with_the_clock() {
        let term = Term::Through(2030);
        assert!(term.holds(at(2030, Trust::Steady)));
        assert!(!term.holds(at(2031, Trust::Steady)));
        let next = Wall::from_utc(2031, 1, 1, 0, 0, 0).unwrap_or_default();
        assert!(!term.holds(At { wall: next, ..at(2030, Trust::Steady) }));
        assert!(!term.holds(at(2030, Trust::Behind(next))));
    }

    #[test]
    fn what_may_protect_may_process_at_least_as_long() {
        let years = |term| match term {
            Term::Never => 0,
            Term::Through(year) => year,
            Term::Always => u16::MAX,
        };
        for row in all() {
            for [protect, process] in row.terms {
                assert!(years(protect) <= years(process), "{:?}", row.subject);
            }
        }
    }

    #[test]
    fn a_stricter_profile_allows_nothing_that_the_default_does_not() {
        let now = at(2026, Trust::Steady);
        for row in all() {
            for way in [Way::Protect, Way::Process] {
                for profile in Profile::ALL {
                    let stricter = !profile.allows(row.subject, way, now);
                    assert!(stricter || Profile::Default.allows(row.subject, way, now));
                }
            }
        }
    }
}
