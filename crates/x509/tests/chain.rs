//! A chain of two certificates, read back and, where OpenSSL is installed, verified by it.
//!
//! The keys are OpenSSL's too, so nothing of ours vouches for itself.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
    process::Command,
};

use model::{Error, Result, Wall, error::Invalid};
use x509::{
    Signer, SubjectName, from_pem, self_signed_ca, self_signed_client, server_certificate, summary,
    to_pem, validity,
};
use x509_cert::{
    Certificate,
    der::{Decode, Encode},
    ext::pkix::{
        AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName,
        SubjectKeyIdentifier,
    },
};

/// 2026-01-01 and 2036-01-01.
const TEN_YEARS: (Wall, Wall) = (Wall::from_secs(1_767_225_600), Wall::from_secs(2_082_758_400));
/// 2026-01-01 and 2027-01-01.
const ONE_YEAR: (Wall, Wall) = (Wall::from_secs(1_767_225_600), Wall::from_secs(1_798_761_600));
/// 2026-07-01, inside both.
const VERIFIED_AT: &str = "1782864000";

/// A key that OpenSSL holds in a file.
struct OpensslKey {
    file: PathBuf,
    spki: Vec<u8>,
}

impl OpensslKey {
    fn generate(folder: &Path, name: &str) -> Self {
        let file = folder.join(name);
        let made =
            openssl(&["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path(&file)]);
        assert!(made.is_some());
        let spki = openssl(&["pkey", "-in", path(&file), "-pubout", "-outform", "DER"]);
        Self { spki: spki.unwrap(), file }
    }
}

impl Signer for OpensslKey {
    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>> {
        let input = self.file.with_extension("tbs");
        std::fs::write(&input, tbs).unwrap();
        let signature = openssl(&["dgst", "-sha256", "-sign", path(&self.file), path(&input)]);
        signature.ok_or(Error::Internal("openssl did not sign"))
    }
}

/// A public key with nothing behind it: enough to look at the certificates' structure.
struct NoKey(Vec<u8>);

impl NoKey {
    fn new(filler: u8) -> Self {
        let mut spki = vec![
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
        ];
        spki.resize(91, filler);
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

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn openssl(arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("openssl").args(arguments).output().ok()?;
    output.status.success().then_some(output.stdout)
}

fn names() -> Vec<SubjectName> {
    vec![
        SubjectName::Dns("localhost".to_owned()),
        SubjectName::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SubjectName::Ip(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ]
}

fn chain(ca: &dyn Signer, server: &dyn Signer) -> (Vec<u8>, Vec<u8>) {
    let authority = self_signed_ca(ca, "Strongroom test CA", TEN_YEARS, [0xff; 16]).unwrap();
    let leaf = server_certificate(&authority, ca, server.spki(), &names(), ONE_YEAR, [0x42; 16]);
    (authority, leaf.unwrap())
}

#[test]
fn openssl_accepts_the_chain_strictly() {
    if openssl(&["version"]).is_none() {
        println!("skipped: verification of a chain by OpenSSL: no `openssl` is installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let ca = OpensslKey::generate(folder.path(), "ca.key");
    let server = OpensslKey::generate(folder.path(), "server.key");
    let (authority, leaf) = chain(&ca, &server);
    let authority_file = folder.path().join("ca.pem");
    let leaf_file = folder.path().join("server.pem");
    std::fs::write(&authority_file, to_pem(&authority).unwrap()).unwrap();
    std::fs::write(&leaf_file, to_pem(&leaf).unwrap()).unwrap();
    let verify = |extra: &[&str]| {
        let mut command = vec!["verify", "-x509_strict", "-purpose", "sslserver"];
        command.extend(["-attime", VERIFIED_AT, "-check_ss_sig", "-CAfile", path(&authority_file)]);
        command.extend(extra);
        command.push(path(&leaf_file));
        openssl(&command).is_some()
    };
    assert!(verify(&["-verify_hostname", "localhost"]));
    assert!(verify(&["-verify_ip", "127.0.0.1"]));
    assert!(verify(&["-verify_ip", "::1"]));
    assert!(!verify(&["-verify_hostname", "elsewhere.example"]), "a name it does not hold");
    let other = OpensslKey::generate(folder.path(), "other.key");
    let (stranger, _) = chain(&other, &server);
    std::fs::write(&authority_file, to_pem(&stranger).unwrap()).unwrap();
    assert!(!verify(&[]), "an authority of the same name with another key");
}

#[test]
fn an_authority_may_sign_certificates_and_nothing_else() {
    let (authority, _) = chain(&NoKey::new(1), &NoKey::new(2));
    let certificate = Certificate::from_der(&authority).unwrap();
    let tbs = certificate.tbs_certificate();
    let (critical, constraints) = tbs.get_extension::<BasicConstraints>().unwrap().unwrap();
    assert!(critical && constraints.ca);
    assert_eq!(constraints.path_len_constraint, Some(0));
    let (critical, usage) = tbs.get_extension::<KeyUsage>().unwrap().unwrap();
    assert!(critical && usage.key_cert_sign() && usage.crl_sign());
    assert!(!usage.digital_signature());
    assert_eq!(tbs.issuer(), tbs.subject());
    assert_eq!(tbs.serial_number().as_bytes().len(), 17, "a high first bit keeps it positive");
    assert_eq!(validity(&authority).unwrap(), TEN_YEARS);
}

#[test]
fn a_server_certificate_names_its_server_and_points_at_its_authority() {
    let (ca, server) = (NoKey::new(1), NoKey::new(2));
    let (authority, leaf) = chain(&ca, &server);
    let authority = Certificate::from_der(&authority).unwrap();
    let certificate = Certificate::from_der(&leaf).unwrap();
    let tbs = certificate.tbs_certificate();
    let (critical, constraints) = tbs.get_extension::<BasicConstraints>().unwrap().unwrap();
    assert!(critical && !constraints.ca);
    let (critical, usage) = tbs.get_extension::<KeyUsage>().unwrap().unwrap();
    assert!(critical && usage.digital_signature() && !usage.key_cert_sign());
    let (_, purposes) = tbs.get_extension::<ExtendedKeyUsage>().unwrap().unwrap();
    assert_eq!(
        purposes.0.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["1.3.6.1.5.5.7.3.1"]
    );
    let (critical, alternative) = tbs.get_extension::<SubjectAltName>().unwrap().unwrap();
    assert!(!critical);
    assert_eq!(alternative.0.len(), 3);
    let (_, own) = tbs.get_extension::<SubjectKeyIdentifier>().unwrap().unwrap();
    assert_eq!(own.0.as_bytes().len(), 20);
    let (_, issuers) = tbs.get_extension::<AuthorityKeyIdentifier>().unwrap().unwrap();
    let (_, of_authority) =
        authority.tbs_certificate().get_extension::<SubjectKeyIdentifier>().unwrap().unwrap();
    assert_eq!(issuers.key_identifier, Some(of_authority.0));
    assert_eq!(tbs.subject_public_key_info().to_der().unwrap(), server.spki());
    assert_eq!(validity(&leaf).unwrap(), ONE_YEAR);
}

#[test]
fn a_client_vouches_for_itself_and_may_sign_no_certificate() {
    let key = NoKey::new(1);
    let der = self_signed_client(&key, "database", TEN_YEARS, [1; 16]).unwrap();
    let certificate = Certificate::from_der(&der).unwrap();
    let tbs = certificate.tbs_certificate();
    let (critical, constraints) = tbs.get_extension::<BasicConstraints>().unwrap().unwrap();
    assert!(critical && !constraints.ca);
    let (critical, usage) = tbs.get_extension::<KeyUsage>().unwrap().unwrap();
    assert!(critical && usage.digital_signature() && !usage.key_cert_sign());
    let (_, purposes) = tbs.get_extension::<ExtendedKeyUsage>().unwrap().unwrap();
    assert_eq!(
        purposes.0.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["1.3.6.1.5.5.7.3.2"]
    );
    assert!(tbs.get_extension::<SubjectAltName>().unwrap().is_none());
    assert_eq!(tbs.issuer(), tbs.subject());
    assert_eq!(summary(&der).unwrap().subject, "CN=database");
    assert_eq!(validity(&der).unwrap(), TEN_YEARS);
}

#[test]
fn a_long_first_name_leaves_the_subject_empty_and_the_names_critical() {
    let (ca, server) = (NoKey::new(1), NoKey::new(2));
    let (authority, _) = chain(&ca, &server);
    let long = format!("{}.{}.example", "a".repeat(40), "b".repeat(40));
    let names = [SubjectName::Dns(long)];
    let leaf = server_certificate(&authority, &ca, server.spki(), &names, ONE_YEAR, [1; 16]);
    let certificate = Certificate::from_der(&leaf.unwrap()).unwrap();
    let tbs = certificate.tbs_certificate();
    assert!(tbs.subject().is_empty());
    assert!(tbs.get_extension::<SubjectAltName>().unwrap().unwrap().0);
}

#[test]
fn what_makes_no_certificate_is_refused() {
    let (ca, server) = (NoKey::new(1), NoKey::new(2));
    let (authority, leaf) = chain(&ca, &server);
    let issue = |ca_cert: &[u8], ca: &NoKey, names: &[SubjectName], validity, serial| {
        server_certificate(ca_cert, ca, server.spki(), names, validity, serial)
    };
    let invalid = |result: Result<Vec<u8>>| {
        use Invalid::{Certificate, OutOfRange};
        matches!(result, Err(Error::Invalid(OutOfRange(_) | Certificate(_))))
    };
    let internal = |result: Result<Vec<u8>>| matches!(result, Err(Error::Internal(_)));
    assert!(invalid(issue(&authority, &ca, &[], ONE_YEAR, [1; 16])), "no name");
    let spaced = [SubjectName::Dns("a b".to_owned())];
    assert!(invalid(issue(&authority, &ca, &spaced, ONE_YEAR, [1; 16])), "not a DNS name");
    assert!(invalid(issue(&authority, &ca, &names(), ONE_YEAR, [0; 16])), "serial number zero");
    let backwards = (ONE_YEAR.1, ONE_YEAR.0);
    assert!(invalid(issue(&authority, &ca, &names(), backwards, [1; 16])), "empty validity");
    let outlives = (TEN_YEARS.0, TEN_YEARS.1.plus_secs(1));
    assert!(invalid(issue(&authority, &ca, &names(), outlives, [1; 16])), "outlives the authority");
    assert!(internal(issue(&authority, &server, &names(), ONE_YEAR, [1; 16])), "another's key");
    assert!(internal(issue(&leaf, &server, &names(), ONE_YEAR, [1; 16])), "not an authority");
    assert!(invalid(issue(b"not DER", &ca, &names(), ONE_YEAR, [1; 16])), "not a certificate");
    assert!(to_pem(b"not DER").is_err());
    let mut p384 = NoKey::new(3);
    p384.0[22] = 0x22;
    assert!(internal(self_signed_ca(&p384, "CA", TEN_YEARS, [1; 16])), "not a P-256 key");
}

#[test]
fn the_first_certificate_of_a_pem_file_is_read_and_a_key_before_it_is_not() {
    let (authority, leaf) = chain(&NoKey::new(1), &NoKey::new(2));
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let (first, second) = (to_pem(&leaf).unwrap(), to_pem(&authority).unwrap());
    assert_eq!(from_pem(&format!("{key}note\r\n{first}{second}")).unwrap(), leaf);
    let cut = first.trim_end().trim_end_matches('-');
    let edited = first.replacen("MII", "AAA", 1);
    for text in ["", key, cut, &edited] {
        assert!(matches!(from_pem(text), Err(Error::Invalid(Invalid::Certificate(_)))), "{text}");
    }
}

#[test]
fn a_summary_says_whose_it_is_and_for_how_long() {
    let (authority, leaf) = chain(&NoKey::new(1), &NoKey::new(2));
    let read = summary(&leaf).unwrap();
    assert_eq!((read.not_before, read.not_after), ONE_YEAR);
    assert_eq!(read.subject, "CN=localhost");
    assert_eq!(summary(&authority).unwrap().subject, "CN=Strongroom test CA");
    assert!(summary(&leaf[..leaf.len() - 1]).is_err());
    assert!(summary(&[leaf.as_slice(), b"x"].concat()).is_err(), "something follows it");
}

#[test]
fn dates_from_2050_on_keep_their_century() {
    let far = (Wall::from_secs(1_767_225_600), Wall::from_secs(4_102_444_800));
    let der = self_signed_ca(&NoKey::new(1), "CA", far, [1; 16]).unwrap();
    assert_eq!(validity(&der).unwrap(), far);
}
