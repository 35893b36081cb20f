//! The TLS provider: what the binary installs.

use std::sync::Arc;

use rustls::{
    CipherSuite,
    crypto::{
        CryptoProvider,
        aws_lc_rs::{self, kx_group},
    },
};

/// rustls over AWS-LC: the hybrid X25519MLKEM768 first; the AEAD suites of TLS 1.3 (RFC 8446)
/// and, with ephemeral ECDH only, of TLS 1.2.
pub fn tls_provider() -> Arc<CryptoProvider> {
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups =
        vec![kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];
    provider.cipher_suites.retain(|suite| {
        use CipherSuite::*;
        matches!(
            suite.suite(),
            TLS13_AES_256_GCM_SHA384
                | TLS13_AES_128_GCM_SHA256
                | TLS13_CHACHA20_POLY1305_SHA256
                | TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
                | TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
                | TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
                | TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
                | TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
                | TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
        )
    });
    Arc::new(provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hybrid_group_comes_first_and_all_suites_are_there() {
        let provider = tls_provider();
        assert_eq!(provider.kx_groups[0].name(), rustls::NamedGroup::X25519MLKEM768);
        assert_eq!(provider.cipher_suites.len(), 9);
    }
}
