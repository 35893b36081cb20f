//! Requests for certificates (PKCS #10, RFC 2986).

use der::{Decode, Encode};
use model::{Error, Result, error::Invalid};
use x509_cert::{
    ext::pkix::SubjectAltName,
    request::{CertReq, ExtensionReq},
};

use crate::{
    certificate::Holder,
    signature_of::{self, Signature},
};

const PEM_LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/// Reads a request in DER or PEM: who is to be certified. It is signed by the key that it is
/// about, so that nobody has another's key certified as his own.
///
/// Of the extensions that it asks for, only other names of the subject are read: what a
/// certificate is good for, its issuer says.
///
/// # Errors
/// `Invalid` when it is not a request, or its signature does not hold or is not verified here.
pub fn request(bytes: &[u8]) -> Result<Holder> {
    let malformed = || refused("It is not a request for a certificate (PKCS #10).");
    let der = match std::str::from_utf8(bytes) {
        Ok(text) if text.trim_start().starts_with("-----BEGIN") => from_pem(text)?,
        _ => bytes.to_vec(),
    };
    let read = CertReq::from_der(&der).map_err(|_| malformed())?;
    let spki = read.info.public_key.to_der().map_err(|_| malformed())?;
    let signature = read.signature.as_bytes();
    match signature_of::check(&der, read.algorithm.oid, signature, &spki)? {
        Signature::Holds => {}
        Signature::Fails => {
            return Err(refused("The request is not signed by the key that it is about."));
        }
        Signature::Unknown => {
            return Err(refused("The request is signed in a way that is not supported here."));
        }
    }
    let alternative_names = alternative_names(&read).map_err(|_| malformed())?;
    let subject = read.info.subject.to_der().map_err(|_| malformed())?;
    Ok(Holder { subject, alternative_names, spki })
}

fn refused(sentence: &'static str) -> Error {
    Error::Invalid(Invalid::Certificate(sentence))
}

fn from_pem(text: &str) -> Result<Vec<u8>> {
    match der::pem::decode_vec(text.trim().as_bytes()) {
        Ok((label, der)) if PEM_LABELS.contains(&label) => Ok(der),
        _ => Err(refused("There is no PEM certificate request in it.")),
    }
}

fn alternative_names(request: &CertReq) -> der::Result<Option<Vec<u8>>> {
    let asked = |attribute: &&x509_cert::attr::Attribute| {
        attribute.oid == <ExtensionReq as const_oid::AssociatedOid>::OID
    };
    for attribute in request.info.attributes.iter().filter(asked) {
        for value in attribute.values.iter() {
            let ExtensionReq(extensions) = value.decode_as::<ExtensionReq>()?;
            let is_names = |oid| oid == <SubjectAltName as const_oid::AssociatedOid>::OID;
            if let Some(found) = extensions.iter().find(|it| is_names(it.extn_id)) {
                SubjectAltName::from_der(found.extn_value.as_bytes())?;
                return Ok(Some(found.extn_value.as_bytes().to_vec()));
            }
        }
    }
    Ok(None)
}
