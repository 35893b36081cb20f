//! Certificates that are nearly right: none makes the reader panic, and what it accepts keeps its
//! form.
#![cfg(test)]

#[path = "../../../fuzz/mutations.rs"]
mod mutations;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::{Result, Wall};
use x509::{
    Signer, SubjectName, Validity, facts, from_pem, request, self_signed_ca, server_certificate,
    summary, to_pem, validate, validity,
};

/// A public key and signatures with nothing behind them.
struct NoKey(Vec<u8>);

impl NoKey {
    fn new() -> Self {
        let mut spki = vec![
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
        ];
        spki.resize(91, 7);
        Self(spki)
    }
}

impl Signer for NoKey {
    fn spki(&self) -> &[u8] {
        &self.0
    }

    fn sign(&self, _tbs: &[u8]) -> Result<Vec<u8>> {
        Ok(vec![0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01])
    }
}

/// An authority's certificate and a server's.
fn certificates() -> Vec<Vec<u8>> {
    let (key, years) = (NoKey::new(), (Wall::from_secs(0), Wall::from_secs(2_600_000_000)));
    let authority = self_signed_ca(&key, "Strongroom", years, [3; 16]).unwrap();
    let names = [
        SubjectName::Dns("kms.example.org".to_owned()),
        SubjectName::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SubjectName::Ip(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    let server = server_certificate(&authority, &key, key.spki(), &names, years, [5; 16]);
    vec![authority, server.unwrap()]
}

#[test]
fn no_certificate_makes_the_reader_panic() {
    mutations::try_all("certificates (DER)", mutations::COUNT, &certificates(), &mut |der| {
        let read = summary(der);
        assert_eq!(read.is_ok(), validity(der).is_ok());
        let Ok(read) = read else { return false };
        assert!(!read.subject.chars().any(char::is_control));
        let said = facts(der).unwrap();
        assert_eq!(said.validity, (read.not_before, read.not_after));
        let nothing = |_: &[u8]| Ok(Vec::new());
        let valid = validate(&[der.to_vec()], read.not_before, &nothing).unwrap();
        assert_ne!(valid, Validity::Valid);
        assert_eq!(from_pem(&to_pem(der).unwrap()).as_deref(), Ok(der));
        true
    });
}

#[test]
fn no_text_makes_the_pem_reader_panic() {
    let texts = certificates().iter().map(|der| to_pem(der).unwrap().into_bytes()).collect();
    let texts: Vec<Vec<u8>> = texts;
    mutations::try_all("certificates (PEM)", mutations::COUNT, &texts, &mut |text| {
        let Ok(der) = from_pem(&String::from_utf8_lossy(text)) else { return false };
        assert_eq!(from_pem(&to_pem(&der).unwrap()), Ok(der));
        true
    });
}

#[test]
fn no_request_makes_its_reader_panic() {
    let texts = [include_bytes!("request.der").to_vec()];
    mutations::try_all("requests (DER)", mutations::COUNT, &texts, &mut |der| {
        let Ok(holder) = request(der) else { return false };
        assert!(der.windows(holder.spki.len()).any(|part| part == holder.spki));
        true
    });
}
