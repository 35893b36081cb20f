//! Certificates: issued, renewed, and looked at whether they hold.

use engine::{
    certified::Subject,
    op::{
        Certified, CertifyObject, ChainValidity, Describe, Draft, ReCertifyObject,
        ValidateCertificates,
    },
};
use kmip::{
    attribute::{Attribute, Attributes},
    names::enumeration::{CertificateRequestType, CertificateType, ObjectType, ValidityIndicator},
    payload::{
        CertifyRequest, MadeResponse, ReCertifyRequest, Response, ValidateRequest, ValidateResponse,
    },
    wire::Bytes,
};

use super::rekey;
use crate::{attributes, call::Call, failed::Failed};

/// `Certify`.
pub(crate) async fn certify(call: &Call<'_>, request: CertifyRequest) -> Result<Response, Failed> {
    let bytes = request.certificate_request.or(request.certificate_request_value);
    let asked = asked(request.certificate_request_type, bytes)?;
    let named = request.unique_identifier.as_ref();
    let certified = match asked {
        Some(bytes) => {
            Certified::Request(bytes, named.map(|named| call.object(Some(named))).transpose()?)
        }
        None => Certified::Object(call.object(named)?),
    };
    let (subject, draft) = wanted(request.attributes)?;
    let (account, region, describe) = (call.account(), call.region(), describe());
    let certify = CertifyObject { account, region, certified, subject, draft, describe };
    let view = call.perform(certify).await?;
    let unique_identifier = call.about(&view.name);
    Ok(Response::Certify(Box::new(MadeResponse { unique_identifier, attributes: None })))
}

/// `ReCertify`.
pub(crate) async fn re_certify(
    call: &Call<'_>,
    request: ReCertifyRequest,
) -> Result<Response, Failed> {
    let certificate = call.object(request.unique_identifier.as_ref())?;
    let bytes = request.certificate_request.or(request.certificate_request_value);
    let asked = asked(request.certificate_request_type, bytes)?;
    let kept = request.certificate_request_identifier.as_ref();
    let request_of_key = match (asked, kept) {
        (Some(bytes), None) => Some(Certified::Request(bytes, None)),
        (None, Some(kept)) => Some(Certified::Object(call.object(Some(kept))?)),
        (None, None) => None,
        (Some(_), Some(_)) => {
            return Err(Failed::field("A certificate is renewed by one request at most."));
        }
    };
    let (subject, changes) = wanted(request.attributes)?;
    rekey::check_dates(request.offset, &changes)?;
    let offset_secs = request.offset.map(|offset| offset.0);
    let request = request_of_key;
    let describe = describe();
    let renew = ReCertifyObject { certificate, request, subject, offset_secs, changes, describe };
    let view = call.perform(renew).await?;
    let unique_identifier = call.about(&view.name);
    Ok(Response::ReCertify(Box::new(MadeResponse { unique_identifier, attributes: None })))
}

/// `Validate`.
pub(crate) async fn validate(
    call: &Call<'_>,
    request: ValidateRequest,
) -> Result<Response, Failed> {
    let mut certificates = Vec::with_capacity(request.certificates.len());
    for certificate in request.certificates {
        if certificate.kind != CertificateType::X_509 {
            return Err(Failed::unsupported("A certificate of this type"));
        }
        certificates.push(certificate.value.0);
    }
    let objects = request.unique_identifiers.iter().map(|named| call.object(Some(named)));
    let objects = objects.collect::<Result<_, _>>()?;
    let (account, region) = (call.account(), call.region());
    let moment = request.validity_date.map(attributes::wall);
    let ask = ValidateCertificates { account, region, certificates, objects, moment };
    let validity_indicator = match call.perform(ask).await? {
        ChainValidity::Valid => ValidityIndicator::VALID,
        ChainValidity::Invalid => ValidityIndicator::INVALID,
        ChainValidity::Unknown => ValidityIndicator::UNKNOWN,
    };
    Ok(Response::Validate(Box::new(ValidateResponse { validity_indicator })))
}

/// The request for a certificate, if there is one: PKCS #10 in DER or PEM.
fn asked(
    kind: Option<CertificateRequestType>,
    request: Option<Bytes>,
) -> Result<Option<Vec<u8>>, Failed> {
    match (kind, request) {
        (_, None) => Ok(None),
        (Some(CertificateRequestType::PKCS_10 | CertificateRequestType::PEM), Some(request)) => {
            Ok(Some(request.0))
        }
        (Some(_), Some(_)) => Err(Failed::unsupported("A certificate request of this type")),
        (None, Some(_)) => Err(Failed::field("The type of the certificate request is not said.")),
    }
}

/// Whom a certificate is to be about, and what it is to be.
fn wanted(attributes: Option<Attributes>) -> Result<(Option<Subject>, Draft), Failed> {
    let mut rest = attributes.unwrap_or_default();
    let mut parts = Vec::new();
    let mut whole = None;
    let mut refused = None;
    rest.instances.retain(|instance| {
        let (subject, others) = match &instance.attribute {
            Attribute::X509CertificateSubject(said) => {
                (Subject::Der(said.name.0.clone()), said.alternative_names.len())
            }
            Attribute::CertificateSubject(said) => {
                (Subject::Text(said.name.clone()), said.alternative_names.len())
            }
            Attribute::CertificateType(kind) if *kind != CertificateType::X_509 => {
                refused = Some(Failed::unsupported("A certificate of this type"));
                return false;
            }
            attribute => {
                let part = attributes::part_of_subject(attribute);
                let is_part = part.is_some();
                parts.extend(part);
                return !is_part;
            }
        };
        if others > 0 {
            refused = Some(Failed::field("Other names of a subject are read of a request only."));
        }
        whole = Some(subject);
        false
    });
    if let Some(refused) = refused {
        return Err(refused);
    }
    let subject = if parts.is_empty() { whole } else { Some(Subject::Parts(parts)) };
    let wanted = attributes::wanted(ObjectType::CERTIFICATE, &[rest])?;
    Ok((subject, wanted.draft))
}

/// What is said of a certificate that is issued.
fn describe() -> Describe {
    Box::new(|der| attributes::certificate_labels(CertificateType::X_509, der))
}
