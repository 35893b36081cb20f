//! A rule by which certificates of an authority are a principal's.

use model::{
    PrincipalName, Wall,
    canon::{Canonical, Malformed, Reader, Writer},
    holder::HolderName,
};

use super::{parsed, read_form, write_form};

/// Whose certificates are whose. It stands under its key.
#[derive(Clone, Debug)]
pub(crate) struct CertificateRuleRecord {
    /// Whose the certificates are.
    pub(crate) principal: PrincipalName,
    /// When it was registered.
    pub(crate) registered: Wall,
    /// The certificate of the authority that issues them, in DER.
    pub(crate) authority: Vec<u8>,
    /// The names that each of them has, in order and each once; with none it is about all
    /// certificates of the authority.
    pub(crate) names: Vec<HolderName>,
    /// Whether their holders have to show an access key of the principal besides.
    pub(crate) with_credential: bool,
}

impl CertificateRuleRecord {
    /// Where it stands: the digests of its authority's name and of the first name that it asks
    /// for, by which it is found, and what it is known by, which is the same for the same authority
    /// and names, whoever the principal is.
    pub(crate) fn key(&self, authority_name: &[u8]) -> String {
        let mut content = Writer::with_capacity(256);
        content.bytes(&self.authority);
        content.list(&self.names, write_name);
        let (authority, first) = (authority(authority_name), first(self.names.first()));
        format!("{authority}/{first}/{}", short_digest(content.as_bytes()))
    }
}

/// How the keys of rules begin that are about certificates of an authority of this name, in DER.
pub(crate) fn authority(name: &[u8]) -> String {
    short_digest(name)
}

/// How they go on for rules whose first name is this.
pub(crate) fn first(name: Option<&HolderName>) -> String {
    let mut written = Writer::with_capacity(256);
    written.option(name, write_name);
    short_digest(written.as_bytes())
}

/// What the rule of a key is known by.
pub(crate) fn id_of(key: &str) -> &str {
    key.rsplit_once('/').map_or(key, |(_, id)| id)
}

/// Half of the SHA-256 of something, in lower-case hexadecimal: what is found by it is compared.
fn short_digest(of: &[u8]) -> String {
    crypto::digest::sha256(of)[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_name(to: &mut Writer, name: &HolderName) {
    to.text(name.kind());
    to.text(&name.to_string());
}

fn read_name(from: &mut Reader<'_>) -> Result<HolderName, Malformed> {
    let kind = from.text()?;
    HolderName::parse(kind, from.text()?).ok_or(Malformed)
}

impl Canonical for CertificateRuleRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        to.text(self.principal.account.as_str());
        to.text(self.principal.name());
        to.u64(self.registered.0);
        to.bytes(&self.authority);
        to.list(&self.names, write_name);
        to.bool(self.with_credential);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        let account = parsed(from.text()?)?;
        let principal = PrincipalName::user(account, from.text()?).map_err(|_| Malformed)?;
        Ok(Self {
            principal,
            registered: Wall(from.u64()?),
            authority: from.bytes()?.to_vec(),
            names: from.list(read_name)?,
            with_credential: from.bool()?,
        })
    }
}
