//! Whether a chain of certificates is valid (RFC 5280, section 6, as far as names, dates, signatures
//! and the right to issue go).

use der::{Encode, oid::ObjectIdentifier};
use model::{Result, Wall};
use x509_cert::{
    Certificate,
    ext::pkix::{BasicConstraints, KeyUsage},
};

use crate::{read, signature_of::Signature};

/// Most certificates of a chain.
pub const CHAIN_LEN_MAX: usize = 16;

/// Extensions that are read here, or that say nothing about whether a chain is valid: another that
/// is critical makes it unknown. Basic constraints, key usage, extended key usage, names of the
/// subject, key identifiers.
const UNDERSTOOD: [ObjectIdentifier; 6] = [
    ObjectIdentifier::new_unwrap("2.5.29.19"),
    ObjectIdentifier::new_unwrap("2.5.29.15"),
    ObjectIdentifier::new_unwrap("2.5.29.37"),
    ObjectIdentifier::new_unwrap("2.5.29.17"),
    ObjectIdentifier::new_unwrap("2.5.29.14"),
    ObjectIdentifier::new_unwrap("2.5.29.35"),
];

/// What is known of a chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Validity {
    /// Every certificate holds, up to one that is trusted.
    Valid,
    /// One does not hold, or they are not one chain.
    Invalid,
    /// They hold as far as can be said, but nothing that is trusted vouches for them.
    Unknown,
}

/// A certificate of the chain, read.
pub(crate) struct Part {
    der: Vec<u8>,
    pub(crate) certificate: Certificate,
    /// In DER.
    pub(crate) subject: Vec<u8>,
    /// In DER.
    pub(crate) issuer: Vec<u8>,
    spki: Vec<u8>,
}

impl Part {
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let certificate = read::parse(der).ok()?;
        let tbs = certificate.tbs_certificate();
        Some(Self {
            der: der.to_vec(),
            subject: tbs.subject().to_der().ok()?,
            issuer: tbs.issuer().to_der().ok()?,
            spki: tbs.subject_public_key_info().to_der().ok()?,
            certificate,
        })
    }

    /// The first and the last moment at which it is valid, to the second.
    pub(crate) fn validity(&self) -> (Wall, Wall) {
        let validity = self.certificate.tbs_certificate().validity();
        (read::wall(validity.not_before), read::wall(validity.not_after))
    }

    fn is_valid_at(&self, at: Wall) -> bool {
        let (from, until) = self.validity();
        (from.secs()..=until.secs()).contains(&at.secs())
    }

    pub(crate) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    pub(crate) fn signed_by(&self, issuer: &Self) -> Result<Signature> {
        read::signature(&self.der, &self.certificate, &issuer.spki)
    }

    /// Whether it may issue certificates with so many other authorities between it and the end.
    pub(crate) fn may_issue(&self, between: usize) -> bool {
        let tbs = self.certificate.tbs_certificate();
        let usage = tbs.get_extension::<KeyUsage>();
        let may_sign = match &usage {
            Ok(usage) => usage.as_ref().is_none_or(|(_, usage)| usage.key_cert_sign()),
            Err(_) => false,
        };
        let constraints = tbs.get_extension::<BasicConstraints>().ok().flatten();
        may_sign
            && constraints.is_some_and(|(_, BasicConstraints { ca, path_len_constraint })| {
                ca && path_len_constraint.is_none_or(|len| between <= usize::from(len))
            })
    }

    pub(crate) fn is_understood(&self) -> bool {
        let extensions = self.certificate.tbs_certificate().extensions();
        extensions.is_none_or(|extensions| {
            extensions.iter().all(|it| !it.critical || UNDERSTOOD.contains(&it.extn_id))
        })
    }
}

/// Gives the roots that are trusted, in DER, and are about the subject of a DER form.
pub type RootsOf<'a> = dyn Fn(&[u8]) -> Result<Vec<Vec<u8>>> + 'a;

/// Whether certificates in DER, at most [`CHAIN_LEN_MAX`] in any order, are one chain that is valid
/// at a moment. `trusted` gives those roots, in DER, that are about the subject of this DER form.
///
/// # Errors
/// Those of `trusted`; `Unavailable` when signatures cannot be verified now.
pub fn validate(chain: &[Vec<u8>], at: Wall, trusted: &RootsOf<'_>) -> Result<Validity> {
    if chain.is_empty() || chain.len() > CHAIN_LEN_MAX {
        return Ok(Validity::Invalid);
    }
    let mut rest: Vec<Part> = Vec::with_capacity(chain.len());
    for der in chain {
        let Some(part) = Part::read(der) else { return Ok(Validity::Invalid) };
        if !part.is_valid_at(at) {
            return Ok(Validity::Invalid);
        }
        if rest.iter().all(|known| known.der != part.der) {
            rest.push(part);
        }
    }
    let is_understood = rest.iter().all(Part::is_understood);
    let Some(end) = end_of(&rest) else { return Ok(Validity::Invalid) };
    let climbed = climb(rest.swap_remove(end), rest, at, trusted)?;
    Ok(match climbed {
        Validity::Valid if !is_understood => Validity::Unknown,
        climbed => climbed,
    })
}

/// The one certificate that issued none of the others.
fn end_of(parts: &[Part]) -> Option<usize> {
    let issued_one = |part: &Part| {
        parts.iter().any(|other| other.der != part.der && other.issuer == part.subject)
    };
    let mut ends = (0..parts.len()).filter(|at| !issued_one(&parts[*at]));
    let end = ends.next();
    end.filter(|_| ends.next().is_none())
}

/// From the end of a chain to what is trusted, by way of all the others.
fn climb(
    mut current: Part,
    mut rest: Vec<Part>,
    at: Wall,
    trusted: &RootsOf<'_>,
) -> Result<Validity> {
    let mut between = 0;
    loop {
        if current.is_self_issued() && current.signed_by(&current)? == Signature::Holds {
            let is_trusted = trusted(&current.subject)?.contains(&current.der);
            return Ok(match (rest.is_empty(), is_trusted) {
                (false, _) => Validity::Invalid,
                (true, true) => Validity::Valid,
                (true, false) => Validity::Unknown,
            });
        }
        let Some(issuer) = rest.iter().position(|it| it.subject == current.issuer) else {
            return if rest.is_empty() {
                rooted(&current, between, at, trusted)
            } else {
                Ok(Validity::Invalid)
            };
        };
        let issuer = rest.swap_remove(issuer);
        match current.signed_by(&issuer)? {
            Signature::Holds if issuer.may_issue(between) => {}
            Signature::Unknown => return Ok(Validity::Unknown),
            Signature::Holds | Signature::Fails => return Ok(Validity::Invalid),
        }
        between += usize::from(!issuer.is_self_issued());
        current = issuer;
    }
}

/// Whether the last certificate of a chain is issued by a root that is trusted.
fn rooted(last: &Part, between: usize, at: Wall, trusted: &RootsOf<'_>) -> Result<Validity> {
    let mut found = Validity::Unknown;
    for root in trusted(&last.issuer)?.iter().filter_map(|der| Part::read(der)) {
        if root.subject != last.issuer {
            continue;
        }
        match last.signed_by(&root)? {
            Signature::Holds if root.is_valid_at(at) && root.may_issue(between) => {
                return Ok(Validity::Valid);
            }
            Signature::Unknown => {}
            // Of several that have this name, another may have signed it.
            Signature::Holds | Signature::Fails => found = Validity::Invalid,
        }
    }
    Ok(found)
}
