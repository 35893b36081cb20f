//! Client certificates, for the tests of who they let in.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use crypto::certificate_key::CertificateKey;
use model::{Result, Wall};

struct Holder(CertificateKey);

impl x509::Signer for Holder {
    fn spki(&self) -> &[u8] {
        self.0.public_spki()
    }

    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>> {
        self.0.sign(tbs)
    }
}

/// A certificate in DER that no other is like, valid from and to these moments.
pub(crate) fn certificate(validity: (Wall, Wall)) -> Vec<u8> {
    static HOLDER: OnceLock<Holder> = OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let holder = HOLDER.get_or_init(|| {
        assert!(crypto::start(crypto::Options::default()).is_ok());
        Holder(CertificateKey::generate().unwrap())
    });
    let mut serial = [1; x509::SERIAL_LEN];
    serial[8..].copy_from_slice(&COUNT.fetch_add(1, Relaxed).to_be_bytes());
    x509::self_signed_ca(holder, "client", validity, serial).unwrap()
}
