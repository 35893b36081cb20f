//! Whether a TLS client's certificate was issued under an authority that is trusted for that (RFC
//! 5280, section 6), and whom it names.
//!
//! The path is what the client sent, in its order, each certificate issued by the next (RFC 5246,
//! section 7.4.2): nothing is looked for elsewhere, so the work is bounded by what came. What is not
//! understood is refused, name constraints among it, which are not evaluated here.

use const_oid::db::rfc5280::ID_KP_CLIENT_AUTH;
use der::oid::ObjectIdentifier;
use model::{Error, Result, Wall, error::Invalid, holder::HolderName, limits};
use x509_cert::ext::pkix::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName, name::GeneralName,
};

use crate::{
    chain::Part,
    facts::{self, KeyAlgorithm},
    read,
    signature_of::Signature,
};

const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");
/// Shortest RSA key that vouches for anything, in bits (NIST SP 800-131A).
const RSA_BITS_MIN: u32 = 2048;

/// What a client showed: its own certificate and those that were sent along, as far as each issued
/// the one before it. No signature is checked yet.
pub struct Presented {
    parts: Vec<Part>,
    names: Vec<HolderName>,
}

/// A path that holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HoldingPath {
    /// How many certificates of the client are on it, its own among them.
    pub len: usize,
    /// The first and the last moment at which all of them and the authority's are valid, both to
    /// the second. It may be that there is none between.
    pub validity: (Wall, Wall),
}

impl Presented {
    /// Reads a chain in DER, the client's own certificate first. None when that is no certificate
    /// which a client may have: it is malformed, an authority's, not for TLS clients, says more
    /// than is understood here, or has more than [`limits::HOLDER_NAMES_MAX`] names.
    pub fn read(chain: &[Vec<u8>]) -> Option<Self> {
        let (own, others) = chain.split_first()?;
        let own = Part::read(own).filter(is_clients)?;
        let names = names(&own)?;
        let mut parts = vec![own];
        for part in
            others.iter().take(limits::CERTIFICATE_CHAIN_MAX - 1).map_while(|der| Part::read(der))
        {
            if parts.last().is_none_or(|before| before.issuer != part.subject) {
                break;
            }
            parts.push(part);
        }
        Some(Self { parts, names })
    }

    /// The names of the holder: the subject first, unless it is empty, then the others in their
    /// order.
    pub fn names(&self) -> &[HolderName] {
        &self.names
    }

    /// The names, in DER and each once, of those who may have issued the certificates.
    pub fn issuers(&self) -> Vec<&[u8]> {
        let mut issuers: Vec<&[u8]> = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            if !issuers.contains(&&*part.issuer) {
                issuers.push(&part.issuer);
            }
        }
        issuers
    }

    /// Whether the client's certificate was issued under an authority, whose certificate is given
    /// in DER: the shortest path that holds. Dates are not compared: they come with the answer.
    ///
    /// # Errors
    /// `Invalid` when `authority` is not a certificate; `Unavailable` when signatures cannot be
    /// verified now.
    pub fn path_to(&self, authority: &[u8]) -> Result<Option<HoldingPath>> {
        let malformed = Error::Invalid(Invalid::Certificate("It is not an X.509 certificate."));
        let authority = Part::read(authority).ok_or(malformed)?;
        for len in 1..=self.parts.len() {
            if self.parts[len - 1].issuer == authority.subject && self.holds(len, &authority)? {
                let validity = self.parts[..len].iter().chain([&authority]).map(Part::validity);
                let narrower = |(a, b): (Wall, Wall), (c, d): (Wall, Wall)| (a.max(c), b.min(d));
                let validity = validity.fold((Wall(0), Wall(u64::MAX)), narrower);
                return Ok(Some(HoldingPath { len, validity }));
            }
        }
        Ok(None)
    }

    /// Whether an authority vouches for the first `len` certificates, from the authority down: who
    /// has not its key makes us check one signature.
    fn holds(&self, len: usize, authority: &Part) -> Result<bool> {
        let path = &self.parts[..len];
        for at in (0..len).rev() {
            let issuer = path.get(at + 1).unwrap_or(authority);
            let between = path[1..=at].iter().filter(|it| !it.is_self_issued()).count();
            if !is_authoritys(issuer, between) || path[at].signed_by(issuer)? != Signature::Holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Checks that a certificate in DER is that of an authority by which clients can be known.
///
/// # Errors
/// `Invalid` with the reason why not.
pub fn check_authority(der: &[u8]) -> Result<()> {
    let refused = |sentence| Err(Error::Invalid(Invalid::Certificate(sentence)));
    read::parse(der)?;
    match Part::read(der) {
        Some(part) if !part.may_issue(0) => {
            refused("It is not the certificate of an authority that issues certificates.")
        }
        Some(part) if is_authoritys(&part, 0) => Ok(()),
        _ => refused(
            "The authority is not for TLS clients, is constrained in a way that is not understood \
             here, or its key is too short.",
        ),
    }
}

/// A name as certificates have it, from a text of a person.
///
/// # Errors
/// `Invalid` when no certificate can have it, or it is longer than [`limits::HOLDER_NAME_LEN_MAX`].
pub fn canonical_name(name: HolderName) -> Result<HolderName> {
    let refused = |sentence| Err(Error::Invalid(Invalid::Certificate(sentence)));
    let text = name.to_string();
    if text.is_empty()
        || text.len() > limits::HOLDER_NAME_LEN_MAX
        || text.chars().any(char::is_control)
    {
        return refused("A name is empty, longer than 1024 bytes, or has control characters.");
    }
    Ok(match name {
        HolderName::Dns(text) if crate::subject::is_host_name(&text) => {
            HolderName::Dns(text.to_ascii_lowercase())
        }
        HolderName::Dns(_) => {
            return refused(
                "A DNS name is one host's, in ASCII, without a wildcard or a final dot.",
            );
        }
        HolderName::Uri(text) if text.is_ascii() && text.contains(':') => HolderName::Uri(text),
        HolderName::Uri(_) => return refused("A URI is in ASCII and begins with its scheme."),
        HolderName::Email(text) if text.is_ascii() && text.contains('@') => HolderName::Email(text),
        HolderName::Email(_) => return refused("An e-mail address is in ASCII and has an @."),
        HolderName::Ip(address) => HolderName::Ip(address),
        HolderName::Subject(text) => match crate::subject::canonical_text(&text) {
            Some(text) => HolderName::Subject(text),
            None => {
                return refused("A subject is written as RFC 4514 does: CN=payments,O=Example.");
            }
        },
    })
}

/// Whether it is a TLS client's own certificate, as far as it says so itself.
fn is_clients(part: &Part) -> bool {
    let tbs = part.certificate.tbs_certificate();
    let is_end = match tbs.get_extension::<BasicConstraints>() {
        Ok(constraints) => constraints.is_none_or(|(_, constraints)| !constraints.ca),
        Err(_) => false,
    };
    let may_sign = match tbs.get_extension::<KeyUsage>() {
        Ok(usage) => usage.is_none_or(|(_, usage)| usage.digital_signature()),
        Err(_) => false,
    };
    is_end && may_sign && is_taken(part)
}

/// Whether it is that of an authority which may issue with so many others below it.
fn is_authoritys(part: &Part, between: usize) -> bool {
    part.may_issue(between) && is_taken(part)
}

/// What every certificate of a path must be: for TLS clients or for anything, understood as a
/// whole, and of a key that is long enough.
fn is_taken(part: &Part) -> bool {
    let tbs = part.certificate.tbs_certificate();
    let is_for_clients = match tbs.get_extension::<ExtendedKeyUsage>() {
        Ok(purposes) => {
            purposes.is_none_or(|(_, purposes)| purposes.0.contains(&ID_KP_CLIENT_AUTH))
        }
        Err(_) => false,
    };
    let is_constrained = tbs
        .extensions()
        .is_some_and(|extensions| extensions.iter().any(|it| it.extn_id == NAME_CONSTRAINTS));
    let is_short = matches!(
        facts::key_of(tbs.subject_public_key_info()),
        Some((KeyAlgorithm::Rsa, bits)) if bits < RSA_BITS_MIN
    );
    is_for_clients && part.is_understood() && !is_constrained && !is_short
}

fn names(part: &Part) -> Option<Vec<HolderName>> {
    let tbs = part.certificate.tbs_certificate();
    let subject = Some(tbs.subject()).filter(|subject| !subject.is_empty());
    let mut names: Vec<_> =
        subject.map(|it| HolderName::Subject(it.to_string())).into_iter().collect();
    if let Some((_, SubjectAltName(others))) = tbs.get_extension::<SubjectAltName>().ok()? {
        names.extend(others.iter().filter_map(name));
    }
    (names.len() <= limits::HOLDER_NAMES_MAX).then_some(names)
}

fn name(name: &GeneralName) -> Option<HolderName> {
    Some(match name {
        GeneralName::DnsName(text) => HolderName::Dns(text.as_str().to_ascii_lowercase()),
        GeneralName::UniformResourceIdentifier(text) => HolderName::Uri(text.to_string()),
        GeneralName::Rfc822Name(text) => HolderName::Email(text.to_string()),
        GeneralName::IpAddress(address) => HolderName::Ip(facts::address_of(address)?),
        _ => return None,
    })
}
