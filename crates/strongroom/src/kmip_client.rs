//! The first KMIP client of a server that `strongroom quickstart` founds: a user, and the
//! certificate by which it shows who it is, with its key in the folder.

use base64ct::{Base64, Encoding as _};
use crypto::certificate_key::CertificateKey;
use engine::FirstClient;
use model::{Error, Secret, Wall};

use crate::{
    failure::{self, Failure},
    folder::{self, Folder},
    server::certificate::{BACKDATE_SECS, DAY_SECS, Signing},
};

/// The user's name, also in its certificate.
const NAME: &str = "kmip";
/// What it may do: everything with keys, and nothing with the server.
const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": [
      "kms:*", "strongroom:*Object", "strongroom:GetKeyMaterial", "strongroom:Locate",
      "strongroom:ChangeAttributes", "strongroom:ObtainLease", "strongroom:AllocateUsage",
      "strongroom:Hash", "strongroom:WrapKey", "strongroom:UnwrapKey", "strongroom:WriteLog",
      "strongroom:Certify"
    ],
    "Resource": "*"
  }]
}"#;
/// How long its certificate is valid. Nobody renews it by itself, and a database whose certificate
/// has ended does not get at its keys; what ends it when it should not count any more is that it is
/// removed.
const VALIDITY_SECS: u64 = 3650 * DAY_SECS;

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";
const PEM_END: &str = "-----END PRIVATE KEY-----\n";
/// Characters of a line of PEM (RFC 7468, section 2).
const PEM_WIDTH: usize = 64;

/// Makes its key and certificate, and writes them to the folder.
pub(crate) fn make(folder: &Folder, now: Wall) -> Result<FirstClient, Failure> {
    let failed = failure::engine("make a certificate for KMIP clients");
    let key = CertificateKey::generate().map_err(&failed)?;
    let begin = Wall::from_secs(now.secs().saturating_sub(BACKDATE_SECS));
    let validity = (begin, begin.plus_secs(VALIDITY_SECS));
    let serial = crypto::random::array().map_err(&failed)?;
    let certificate = x509::self_signed_client(&Signing(&key), NAME, validity, serial);
    let certificate = certificate.map_err(&failed)?;
    let pem = x509::to_pem(&certificate).map_err(&failed)?;
    let key = key.export_for_file().and_then(|key| private_key_pem(&key)).map_err(&failed)?;
    folder::write_private(&folder.kmip_client_certificate(), pem.as_bytes())?;
    folder::write_private(&folder.kmip_client_key(), key.expose())?;
    Ok(FirstClient { name: NAME.to_owned(), policy: POLICY.to_owned(), certificate })
}

/// A private key in PKCS #8 as PEM (RFC 7468, section 10).
fn private_key_pem(pkcs8: &Secret) -> model::Result<Secret> {
    let mut chars = vec![0; pkcs8.len().div_ceil(3) * 4];
    let encoded = Base64::encode(pkcs8.expose(), &mut chars).map(str::len);
    let chars = Secret::new(chars);
    if encoded != Ok(chars.len()) {
        return Err(Error::Internal("a key has no PEM encoding"));
    }
    let lines = chars.expose().chunks(PEM_WIDTH);
    // At once, and not by and by: growing would leave copies.
    let len = PEM_BEGIN.len() + chars.len() + lines.len() + PEM_END.len();
    let mut pem = Vec::with_capacity(len);
    pem.extend_from_slice(PEM_BEGIN.as_bytes());
    for line in lines {
        pem.extend_from_slice(line);
        pem.push(b'\n');
    }
    pem.extend_from_slice(PEM_END.as_bytes());
    Ok(Secret::new(pem))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};

    use super::*;

    #[test]
    fn a_key_of_any_length_is_read_back_from_its_pem() {
        for len in 1..200 {
            let key = Secret::new((0..len).collect());
            let pem = private_key_pem(&key).unwrap();
            let read = PrivatePkcs8KeyDer::from_pem_slice(pem.expose()).unwrap();
            assert_eq!(read.secret_pkcs8_der(), key.expose());
            let text = str::from_utf8(pem.expose()).unwrap();
            assert!(text.lines().all(|line| (1..=64).contains(&line.len())), "{text}");
        }
    }

    #[test]
    fn the_first_client_has_a_certificate_for_ten_years_and_a_policy_that_reads() {
        assert!(crypto::start(crypto::Options::default()).is_ok());
        let outer = tempfile::tempdir().unwrap();
        let folder = Folder::prepare(outer.path()).unwrap();
        let now = Wall::from_secs(1_800_000_000);
        let client = make(&folder, now).unwrap();
        assert!(iam::parse_identity_policy(&client.policy).is_ok());
        let (begin, end) = x509::validity(&client.certificate).unwrap();
        assert!(begin < now && end.secs() - begin.secs() == VALIDITY_SECS);
        let pem = std::fs::read_to_string(folder.kmip_client_certificate()).unwrap();
        assert_eq!(x509::from_pem(&pem).unwrap(), client.certificate);
        let key = PrivatePkcs8KeyDer::from_pem_file(folder.kmip_client_key()).unwrap();
        let key = Secret::new(key.secret_pkcs8_der().to_vec());
        assert!(CertificateKey::from_file(&key).is_ok());
    }
}
