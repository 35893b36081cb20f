//! Requests for certificates, which OpenSSL made, and what is issued for them.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::process::Command;

use crypto::certificate_key::CertificateKey;
use model::{Error, Result, Wall, algorithm::Hash, error::Invalid, raw::SignatureScheme};
use x509::{
    Facts, Holder, KeyAlgorithm, NamePart, Signer, Subject, Validity, certificate, facts, request,
    self_signed_ca, to_pem, validate,
};

/// Of a P-256 key, for `C=CH, O=Example, CN=ec.example`, with a host name, an address and a mail
/// address as other names.
const EC: &str = concat!(
    "3082012b3081d20201003034310b30090603550406130243483110300e060355040a0c074578616d706c6531",
    "13301106035504030c0a65632e6578616d706c653059301306072a8648ce3d020106082a8648ce3d03010703",
    "42000420ef4202a5e4f0d757f5b7315be631170cab6a0ca0774774d523ac910a65c8fe66e11130f2c1a14bb7",
    "2005b83fecba6e75499945cf4d76adad874bbf83d3a049a03c303a06092a864886f70d01090e312d302b3029",
    "0603551d1104223020820a65632e6578616d706c658704c0000201810c614065632e6578616d706c65300a06",
    "082a8648ce3d0403020348003045022047e4ce7e417af9815b80e565ab878799823b4b581329fcd48f703799",
    "58fbd7050221009dac1822df661eb468afc70529702e869a32cb9445d3f1fdd2680287d4de1768",
);

/// Of a P-384 key, signed with SHA-256, for `CN=p384`.
const P384: &str = concat!(
    "3082010630818e020100300f310d300b06035504030c04703338343076301006072a8648ce3d020106052b81",
    "040022036200047ccc96d50e19844bc6255ecfd5239b739ffd3862fd1d6083c0fafa7d6ec62ce892981e5742",
    "fb4afb15f5b337dde5ff7a0a1bd83112d123302ceec419c0746bf69bc10c9028f9e94c12f57cda26fb5e62ba",
    "50044d66c6139830822c9af1692f31a000300a06082a8648ce3d040302036700306402305d063260d2655103",
    "a5c3360c55e1725e05b52460eed8743c4095e286e13784968227bd5f40ef8a30185e06397c10c48902306a2f",
    "0b8a64a9b392e1c209c2ac2a96e20ac632910f11509d21c83ae7ffceade63884a325fc39e3fcb13c001099c0",
    "b43d",
);

/// Of an RSA key.
const RSA: &str = "\
-----BEGIN CERTIFICATE REQUEST-----
MIICnjCCAYYCAQAwWTEUMBIGA1UEAwwLcnNhLmV4YW1wbGUxFDASBgkqhkiG9w0B
CQEWBWFAYi5jMRcwFQYKCZImiZPyLGQBGRYHZXhhbXBsZTESMBAGCgmSJomT8ixk
AQEMAnU3MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxNkJiyA5fene
FXVXPfdopux0mq2X3cZj08W9Z7gMasaLiWMsm71I6Sw55LApbdBwa9a6XA2uVzVP
T0DD87QHKBZ5U5abtg7D1+WsOfiduACe4BbY9NSTVXmsUS8DsTk7adVaVNbtjkGv
HRdD3/eydAFnRx1BZpAvVGiRqVer8BzIM1b9IeTKF7LzeZNVZQXufTbDvorUcqnu
uCrgBtk/2AojwkbLVGgrcBROg7HEGGbOcx+s3Wg67SUvG2cbPNiVb9xIR+axgMUB
kJH3cAeciNXTHsM6KIdpj4EGUC2anrVk9iy6qBPJBfZN1ermdyLDkV6q/oGO+e40
uo7D6Hw/lwIDAQABoAAwDQYJKoZIhvcNAQELBQADggEBALNB07Fx2fmzsbyXjiao
ztQFxfKWlHy322oBi4oeNz+5pFzglNIGekFkQgdjsMDp96ZypKnCSoqgfTasXyEG
rUovhP0YsSLAUENgULluzH5kVWL180t/XODLb3Pc72joL45/h4JMuwooR8kn2Uez
lFai49ESBbr2lPqI2NkvkgGmMhLcWc8F+0UHIfOoVVBHDCSbTFEJMfWMlPymFlFX
yE2GZReO71pRb/xml2g7qkv2VWGtzUQh0CZy72Yb0z3ra/ICwVAK/3sLW0dNBQgY
Uj3qpa21p0XcvLOo1h5W501rNWWNioI7UlFDlru78lyCKDE+y2rsfsVCwGxGi086
Bxc=
-----END CERTIFICATE REQUEST-----
";

/// 2026-01-01 and 2036-01-01.
const TEN_YEARS: (Wall, Wall) = (Wall::from_secs(1_767_225_600), Wall::from_secs(2_082_758_400));
/// 2026-01-01 and 2027-01-01.
const ONE_YEAR: (Wall, Wall) = (Wall::from_secs(1_767_225_600), Wall::from_secs(1_798_761_600));
/// 2026-07-01, inside both.
const MIDYEAR: Wall = Wall::from_secs(1_782_864_000);

struct Authority {
    key: CertificateKey,
    certificate: Vec<u8>,
}

impl Signer for Authority {
    fn spki(&self) -> &[u8] {
        self.key.public_spki()
    }

    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>> {
        self.key.sign(tbs)
    }
}

impl Authority {
    fn new(name: &str) -> Self {
        let _ = crypto::start(crypto::Options::default());
        let key = CertificateKey::generate().unwrap();
        let mut made = Self { key, certificate: Vec::new() };
        made.certificate = self_signed_ca(&made, name, TEN_YEARS, [3; 16]).unwrap();
        made
    }

    fn issue(&self, holder: &Holder) -> Vec<u8> {
        certificate(&self.certificate, self, holder, ONE_YEAR, [7; 16]).unwrap()
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn part(name: &x509::DistinguishedName, part: NamePart) -> Vec<&str> {
    let parts = name.parts.iter().filter(|(it, _)| *it == part);
    parts.map(|(_, text)| text.as_str()).collect()
}

fn valid(chain: &[&[u8]], at: Wall, trusted: &[&Authority]) -> Validity {
    let chain: Vec<Vec<u8>> = chain.iter().map(|der| der.to_vec()).collect();
    let roots = |subject: &[u8]| {
        let of_name = |it: &&&Authority| facts(&it.certificate).unwrap().subject.der == subject;
        Ok(trusted.iter().filter(of_name).map(|it| it.certificate.clone()).collect())
    };
    validate(&chain, at, &roots).unwrap()
}

#[test]
fn a_request_names_its_holder_and_proves_that_he_has_the_key() {
    let ec = request(&hex(EC)).unwrap();
    assert_eq!(ec.alternative_names.as_ref().map(Vec::len), Some(34));
    let rsa = request(RSA.as_bytes()).unwrap();
    assert_eq!((rsa.spki.len(), &rsa.alternative_names), (294, &None));
    assert!(request(&hex(P384)).is_ok());
}

#[test]
fn a_request_that_another_key_signed_is_refused() {
    let mut forged = hex(EC);
    let at = forged.windows(10).position(|part| part == b"ec.example").unwrap();
    forged[at] = b'x';
    let Err(Error::Invalid(Invalid::Certificate(why))) = request(&forged) else {
        panic!("it was taken")
    };
    assert!(why.contains("signed by the key"), "{why}");
    for bad in [&b""[..], b"-----BEGIN CERTIFICATE REQUEST-----", &hex(EC)[1..]] {
        assert!(matches!(request(bad), Err(Error::Invalid(Invalid::Certificate(_)))));
    }
}

#[test]
fn a_certificate_says_what_was_asked_and_who_issued_it() {
    let authority = Authority::new("Issuer");
    let issued = authority.issue(&request(&hex(EC)).unwrap());
    let Facts { subject, issuer, serial, validity, signature, key, is_self_signed, .. } =
        facts(&issued).unwrap();
    assert_eq!(part(&subject, NamePart::CommonName), ["ec.example"]);
    assert_eq!(part(&subject, NamePart::Country), ["CH"]);
    assert_eq!(part(&subject, NamePart::Organization), ["Example"]);
    assert_eq!(subject.text, "CN=ec.example,O=Example,C=CH");
    assert_eq!(subject.others_text, ["ec.example", "192.0.2.1", "a@ec.example"]);
    assert_eq!(part(&issuer, NamePart::CommonName), ["Issuer"]);
    assert_eq!((serial, validity), (vec![7; 16], ONE_YEAR));
    assert_eq!(signature, Some(SignatureScheme::Ecdsa(Hash::Sha256)));
    assert_eq!((key, is_self_signed), (Some((KeyAlgorithm::Ec, 256)), false));
    let rsa = facts(&authority.issue(&request(RSA.as_bytes()).unwrap())).unwrap();
    assert_eq!(part(&rsa.subject, NamePart::Email), ["a@b.c"]);
    assert_eq!(part(&rsa.subject, NamePart::DomainComponent), ["example"]);
    assert_eq!(part(&rsa.subject, NamePart::UserId), ["u7"]);
    assert_eq!(rsa.key, Some((KeyAlgorithm::Rsa, 2048)));
    assert!(facts(&authority.certificate).unwrap().is_self_signed);
}

#[test]
fn a_subject_is_said_by_its_parts_as_text_or_in_der() {
    let parts = vec![
        (NamePart::Country, "CH".to_owned()),
        (NamePart::CommonName, "a=b, c".to_owned()),
        (NamePart::Email, "a@b.c".to_owned()),
    ];
    let by_parts = Subject::Parts(parts.clone()).to_der().unwrap();
    assert_eq!(Subject::Der(by_parts.clone()).to_der(), Ok(by_parts.clone()));
    let holder = Holder {
        subject: by_parts,
        alternative_names: None,
        spki: request(&hex(EC)).unwrap().spki,
    };
    let issued = Authority::new("Issuer").issue(&holder);
    assert_eq!(facts(&issued).unwrap().subject.parts, parts);
    let of_text = Subject::Text("CN=x,O=y".to_owned()).to_der().unwrap();
    assert_eq!(Subject::Der(of_text.clone()).to_der(), Ok(of_text));
    for none in [
        Subject::Parts(vec![]),
        Subject::Text(String::new()),
        Subject::Text("CN".to_owned()),
        Subject::Der(vec![0x30]),
        Subject::Parts(vec![(NamePart::Country, "ä".to_owned())]),
        Subject::Parts(vec![(NamePart::CommonName, "a\nb".to_owned())]),
    ] {
        assert!(none.to_der().is_err(), "{none:?}");
    }
}

#[test]
fn a_chain_is_valid_up_to_what_is_trusted() {
    let (ours, other) = (Authority::new("Issuer"), Authority::new("Issuer"));
    let issued = &ours.issue(&request(&hex(EC)).unwrap())[..];
    let root = &ours.certificate[..];
    assert_eq!(valid(&[issued], MIDYEAR, &[&ours]), Validity::Valid);
    assert_eq!(valid(&[root, issued], MIDYEAR, &[&ours]), Validity::Valid);
    assert_eq!(valid(&[issued, issued, root], MIDYEAR, &[&other, &ours]), Validity::Valid);
    assert_eq!(valid(&[issued], MIDYEAR, &[]), Validity::Unknown);
    assert_eq!(valid(&[issued, root], MIDYEAR, &[]), Validity::Unknown);
    // Of the right name, but not who issued it.
    assert_eq!(valid(&[issued], MIDYEAR, &[&other]), Validity::Invalid);
    assert_eq!(valid(&[issued, &other.certificate], MIDYEAR, &[&ours]), Validity::Invalid);
    // Not yet, and no more.
    assert_eq!(valid(&[issued], Wall::from_secs(1_767_225_599), &[&ours]), Validity::Invalid);
    assert_eq!(valid(&[issued], Wall::from_secs(1_798_761_601), &[&ours]), Validity::Invalid);
    assert_eq!(valid(&[issued, b"no certificate"], MIDYEAR, &[&ours]), Validity::Invalid);
    assert_eq!(valid(&[], MIDYEAR, &[&ours]), Validity::Invalid);
}

#[test]
fn who_is_certified_issues_nothing() {
    let authority = Authority::new("Issuer");
    // The holder of a certificate poses as an authority.
    let mut holder = Authority::new("Holder");
    let own = request(&hex(EC)).unwrap();
    let certified = Holder { spki: holder.key.public_spki().to_vec(), ..own.clone() };
    let middle = authority.issue(&certified);
    let refused = certificate(&middle, &holder, &own, ONE_YEAR, [9; 16]);
    assert!(matches!(refused, Err(Error::Internal(_))));
    // As one that calls itself what its certificate says.
    let name = Subject::Parts(vec![(NamePart::CommonName, "Holder".to_owned())]).to_der().unwrap();
    let middle = authority.issue(&Holder { subject: name, ..certified });
    let forged = holder.issue(&own);
    assert_eq!(valid(&[&forged, &middle], MIDYEAR, &[&authority]), Validity::Invalid);
    // With a certificate of its own it is one that nobody knows.
    holder.certificate = middle;
    assert_eq!(valid(&[&forged], MIDYEAR, &[&authority]), Validity::Unknown);
}

#[test]
fn no_certificate_outlives_its_authority_or_is_about_nobody() {
    let authority = Authority::new("Issuer");
    let holder = request(&hex(EC)).unwrap();
    let issue = |holder: &Holder, until| {
        let validity = (ONE_YEAR.0, until);
        certificate(&authority.certificate, &authority, holder, validity, [7; 16])
    };
    assert!(issue(&holder, TEN_YEARS.1).is_ok());
    assert!(issue(&holder, TEN_YEARS.1.plus_secs(1)).is_err());
    let nobody = Holder { subject: vec![0x30, 0], alternative_names: None, ..holder.clone() };
    assert!(issue(&nobody, ONE_YEAR.1).is_err());
    // Other names are enough.
    let named = Holder { subject: vec![0x30, 0], ..holder };
    assert!(issue(&named, ONE_YEAR.1).is_ok());
}

#[test]
fn openssl_accepts_what_is_issued() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: verification of a certificate by OpenSSL: no `openssl` is installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, der: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, to_pem(der).unwrap()).unwrap();
        path
    };
    let authority = Authority::new("Issuer");
    let root = write("root.pem", &authority.certificate);
    for bytes in [hex(EC), hex(P384), RSA.as_bytes().to_vec()] {
        let issued = write("issued.pem", &authority.issue(&request(&bytes).unwrap()));
        let mut verify = Command::new("openssl");
        verify.args(["verify", "-x509_strict", "-attime", "1782864000", "-CAfile"]);
        let outcome = verify.arg(&root).arg(&issued).output().unwrap();
        assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stderr));
    }
}
