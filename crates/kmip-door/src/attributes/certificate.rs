//! What a certificate says, as attributes: they are made when it is kept, and never change.

use engine::certified::{self, DistinguishedName, Facts, KeyAlgorithm, NamePart};
use kmip::{
    attribute::{
        Attribute, CertificateIdentifier, CertificateIssuer, CertificateSubject,
        X509CertificateIdentifier, X509CertificateIssuer, X509CertificateSubject,
    },
    names::enumeration::{
        CertificateType, CryptographicAlgorithm as Algorithm, DigitalSignatureAlgorithm,
    },
    wire::Bytes,
};
use model::{algorithm::Hash, limits, raw::SignatureScheme};

use super::label_of;

/// The labels of a certificate. Of one that is not read here, its type and length are all there is
/// to say; what is too long for a label is not said.
pub(crate) fn certificate_labels(kind: CertificateType, value: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![Attribute::CertificateType(kind)];
    all.extend(i32::try_from(value.len()).ok().map(Attribute::CertificateLength));
    if let Some(facts) = (kind == CertificateType::X_509).then(|| certified::facts(value)).flatten()
    {
        all.extend(of_facts(facts));
    }
    let mut labels: Vec<(String, Vec<u8>)> = Vec::with_capacity(all.len());
    for label in all.iter().map(label_of) {
        if label.1.len() <= limits::LABEL_LEN_MAX && !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

fn of_facts(facts: Facts) -> impl Iterator<Item = Attribute> {
    let Facts { subject, issuer, serial, signature, key, .. } = facts;
    let mut all = Vec::new();
    let parts = |of: &DistinguishedName, attribute: fn(NamePart, String) -> Attribute| {
        let parts = of.parts.iter().map(|(part, text)| attribute(*part, text.clone()));
        parts.collect::<Vec<_>>()
    };
    all.extend(parts(&subject, subject_part));
    all.extend(parts(&issuer, issuer_part));
    if let Some((algorithm, bits)) = key {
        all.push(Attribute::CryptographicAlgorithm(match algorithm {
            KeyAlgorithm::Rsa => Algorithm::RSA,
            KeyAlgorithm::Ec => Algorithm::EC,
            KeyAlgorithm::Ed25519 => Algorithm::ED25519,
        }));
        all.extend(i32::try_from(bits).ok().map(Attribute::CryptographicLength));
    }
    let signature = signature.and_then(signature_algorithm);
    all.extend(signature.map(Attribute::DigitalSignatureAlgorithm));
    let number: String = serial.iter().map(|byte| format!("{byte:02X}")).collect();
    let of_1_0 = [
        Attribute::CertificateIdentifier(CertificateIdentifier {
            issuer: issuer.text.clone(),
            serial_number: Some(number),
        }),
        Attribute::CertificateSubject(CertificateSubject {
            name: subject.text,
            alternative_names: subject.others_text,
        }),
        Attribute::CertificateIssuer(CertificateIssuer {
            name: issuer.text,
            alternative_names: issuer.others_text,
        }),
    ];
    let bytes = |all: Vec<Vec<u8>>| all.into_iter().map(Bytes).collect();
    let since_1_1 = [
        Attribute::X509CertificateIdentifier(X509CertificateIdentifier {
            issuer: Bytes(issuer.der.clone()),
            serial_number: Bytes(serial),
        }),
        Attribute::X509CertificateSubject(X509CertificateSubject {
            name: Bytes(subject.der),
            alternative_names: bytes(subject.others),
        }),
        Attribute::X509CertificateIssuer(X509CertificateIssuer {
            name: Bytes(issuer.der),
            alternative_names: bytes(issuer.others),
        }),
    ];
    all.into_iter().chain(of_1_0).chain(since_1_1)
}

macro_rules! parts {
    ($($Part:ident = $Subject:ident, $Issuer:ident;)+) => {
        fn subject_part(part: NamePart, text: String) -> Attribute {
            match part { $(NamePart::$Part => Attribute::$Subject(text),)+ }
        }

        fn issuer_part(part: NamePart, text: String) -> Attribute {
            match part { $(NamePart::$Part => Attribute::$Issuer(text),)+ }
        }

        /// What an attribute says of the subject of a certificate, if it is part of its name.
        pub(crate) fn part_of_subject(attribute: &Attribute) -> Option<(NamePart, String)> {
            match attribute {
                $(Attribute::$Subject(text) => Some((NamePart::$Part, text.clone())),)+
                _ => None,
            }
        }
    };
}

parts! {
    CommonName = CertificateSubjectCn, CertificateIssuerCn;
    Organization = CertificateSubjectO, CertificateIssuerO;
    OrganizationalUnit = CertificateSubjectOu, CertificateIssuerOu;
    Email = CertificateSubjectEmail, CertificateIssuerEmail;
    Country = CertificateSubjectC, CertificateIssuerC;
    State = CertificateSubjectSt, CertificateIssuerSt;
    Locality = CertificateSubjectL, CertificateIssuerL;
    UserId = CertificateSubjectUid, CertificateIssuerUid;
    SerialNumber = CertificateSubjectSerialNumber, CertificateIssuerSerialNumber;
    Title = CertificateSubjectTitle, CertificateIssuerTitle;
    DomainComponent = CertificateSubjectDc, CertificateIssuerDc;
    DnQualifier = CertificateSubjectDnQualifier, CertificateIssuerDnQualifier;
}

fn signature_algorithm(scheme: SignatureScheme) -> Option<DigitalSignatureAlgorithm> {
    use DigitalSignatureAlgorithm as D;
    Some(match scheme {
        SignatureScheme::Pkcs1(Hash::Sha1) => D::SHA_1_WITH_RSA_ENCRYPTION,
        SignatureScheme::Pkcs1(Hash::Sha224) => D::SHA_224_WITH_RSA_ENCRYPTION,
        SignatureScheme::Pkcs1(Hash::Sha256) => D::SHA_256_WITH_RSA_ENCRYPTION,
        SignatureScheme::Pkcs1(Hash::Sha384) => D::SHA_384_WITH_RSA_ENCRYPTION,
        SignatureScheme::Pkcs1(Hash::Sha512) => D::SHA_512_WITH_RSA_ENCRYPTION,
        SignatureScheme::Ecdsa(Hash::Sha1) => D::ECDSA_WITH_SHA_1,
        SignatureScheme::Ecdsa(Hash::Sha224) => D::ECDSA_WITH_SHA224,
        SignatureScheme::Ecdsa(Hash::Sha256) => D::ECDSA_WITH_SHA256,
        SignatureScheme::Ecdsa(Hash::Sha384) => D::ECDSA_WITH_SHA384,
        SignatureScheme::Ecdsa(Hash::Sha512) => D::ECDSA_WITH_SHA512,
        SignatureScheme::Pss { .. } => D::RSASSA_PSS,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_part_of_a_name_has_an_attribute_of_its_own() {
        let parts = [
            NamePart::CommonName,
            NamePart::Organization,
            NamePart::OrganizationalUnit,
            NamePart::Email,
            NamePart::Country,
            NamePart::State,
            NamePart::Locality,
            NamePart::UserId,
            NamePart::SerialNumber,
            NamePart::Title,
            NamePart::DomainComponent,
            NamePart::DnQualifier,
        ];
        let mut names = BTreeSet::new();
        for part in parts {
            let (subject, issuer) =
                (subject_part(part, "x".to_owned()), issuer_part(part, "x".to_owned()));
            assert_eq!(part_of_subject(&subject), Some((part, "x".to_owned())));
            assert_eq!(part_of_subject(&issuer), None);
            let name = |it: &Attribute| it.standard().unwrap().rules().name;
            assert_eq!(name(&issuer), name(&subject).replace("Subject", "Issuer"));
            names.insert(name(&subject));
        }
        assert_eq!(names.len(), parts.len());
    }

    #[test]
    fn of_what_is_no_certificate_its_length_is_said() {
        for kind in [CertificateType::X_509, CertificateType::PGP] {
            let said = [Attribute::CertificateType(kind), Attribute::CertificateLength(3)];
            assert_eq!(
                certificate_labels(kind, b"abc"),
                said.iter().map(label_of).collect::<Vec<_>>()
            );
        }
    }
}
