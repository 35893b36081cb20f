//! What the engine keeps in the store, in canonical form before it is sealed.
//!
//! Each record begins with the version of its form. A record is decided upon only after its seal
//! was checked against its place and revision, so a malformed one is a defect, not an input.

mod access_key;
mod alias;
mod certificate;
mod certificate_rule;
mod issuer;
mod key;
mod latest;
mod principal;
mod role;
mod server;

pub(crate) use access_key::AccessKeyRecord;
pub(crate) use alias::AliasRecord;
pub(crate) use certificate::CertificateRecord;
pub(crate) use certificate_rule::{CertificateRuleRecord, authority, first, id_of};
pub(crate) use issuer::{IssuerRecord, RecordedKey};
pub(crate) use key::KeyRecord;
pub(crate) use latest::LatestTime;
pub(crate) use principal::PrincipalRecord;
pub(crate) use role::RoleRecord;
pub(crate) use server::{OperatorRecord, RootRecord};

use model::{
    PrincipalName,
    canon::{Malformed, Reader, Writer},
};

/// The form that is written now.
const FORM: u8 = 1;

fn write_form(to: &mut Writer) {
    to.u8(FORM);
}

fn read_form(from: &mut Reader<'_>) -> Result<(), Malformed> {
    if from.u8()? == FORM { Ok(()) } else { Err(Malformed) }
}

/// Writes which user it is: the account and the name in it.
fn write_user(to: &mut Writer, user: &PrincipalName) {
    to.text(user.account.as_str());
    to.text(user.name());
}

fn read_user(from: &mut Reader<'_>) -> Result<PrincipalName, Malformed> {
    let account = parsed(from.text()?)?;
    PrincipalName::user(account, from.text()?).map_err(|_| Malformed)
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, Malformed> {
    text.parse().map_err(|_| Malformed)
}
