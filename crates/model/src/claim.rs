//! What someone alleges about who they are, before anything is checked.

use std::{net::IpAddr, ops::Deref, sync::OnceLock};

use crate::{
    name::{AccountId, Region},
    secret::Secret,
    time::Wall,
    token::Token,
};

/// The door a request came through.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Door {
    /// The AWS KMS API.
    Aws,
    /// The native API.
    Api,
    /// KMIP.
    Kmip,
    /// The AWS Security Token Service's API.
    Sts,
    /// Strongroom itself.
    System,
}

/// A request's own identity, as its door assigned it: a version 4 UUID's bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RequestId(pub [u8; 16]);

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// The door.
    pub door: Door,
    /// The peer's address.
    pub source: IpAddr,
    /// The request's id.
    pub request: RequestId,
}

/// An allegation: someone says they are somebody, and shows this.
#[derive(Debug)]
pub enum Claim<'a> {
    /// An AWS Signature Version 4 over a request.
    SigV4(SigV4Claim<'a>),
    /// A client certificate of a TLS connection.
    Certificate(CertificateClaim<'a>),
    /// A token of an issuer that an account has registered.
    WebIdentity(WebIdentityClaim<'a>),
}

/// A token, and the account whose issuers may vouch for its subject.
#[derive(Clone, Copy, Debug)]
pub struct WebIdentityClaim<'a> {
    /// The account.
    pub account: AccountId,
    /// The token, taken apart; nothing of it was verified.
    pub token: &'a Token<'a>,
}

/// The certificates in DER that the peer of a connection has sent, its own first. It lasts as long
/// as the connection, and so does what its own is known by.
#[derive(Debug, Default)]
pub struct Chain {
    certificates: Vec<Vec<u8>>,
    sha256: OnceLock<[u8; 32]>,
}

impl Chain {
    /// The SHA-256 of the peer's own certificate, which `sha256` is asked for once; none of an
    /// empty chain.
    pub fn own_sha256(&self, sha256: impl FnOnce(&[u8]) -> [u8; 32]) -> Option<&[u8; 32]> {
        let own = self.certificates.first()?;
        Some(self.sha256.get_or_init(|| sha256(own)))
    }
}

impl From<Vec<Vec<u8>>> for Chain {
    fn from(certificates: Vec<Vec<u8>>) -> Self {
        Self { certificates, sha256: OnceLock::new() }
    }
}

impl Deref for Chain {
    type Target = [Vec<u8>];

    fn deref(&self) -> &[Vec<u8>] {
        &self.certificates
    }
}

/// A certificate whose private key the peer of this connection proved to hold, in the handshake.
///
/// That proof is all that was checked. Whose certificate it is, and whether it is still one, is
/// decided for every request anew.
#[derive(Clone, Copy, Debug)]
pub struct CertificateClaim<'a> {
    /// The chain that the peer sent. An empty one identifies nobody.
    pub chain: &'a Chain,
    /// What is shown besides. It counts where the certificate alone is not enough, and is not
    /// looked at elsewhere.
    pub credential: Option<PasswordClaim<'a>>,
}

/// An access key, told whole: its secret goes over the connection.
#[derive(Clone, Copy, Debug)]
pub struct PasswordClaim<'a> {
    /// Which access key.
    pub access_key_id: &'a str,
    /// What is said to be its secret.
    pub secret: &'a Secret,
}

/// The parts of an AWS Signature Version 4, as the request bears them.
///
/// The string to sign is `AWS4-HMAC-SHA256 \n timestamp \n date/region/service/aws4_request \n
/// hex(SHA-256(canonical request))`, the canonical request being `canonical_head` followed by
/// the lower-case hex SHA-256 of `body`. Both hashes are the verifier's to compute.
#[derive(Debug)]
pub struct SigV4Claim<'a> {
    /// Which access key is said to have signed.
    pub access_key_id: &'a str,
    /// The signature, 32 bytes decoded from hex.
    pub signature: [u8; 32],
    /// The canonical request up to and including the line break before the payload hash.
    pub canonical_head: &'a [u8],
    /// The request's body, whole.
    pub body: &'a [u8],
    /// The time of signing as the request writes it: `YYYYMMDDTHHMMSSZ`.
    pub timestamp: &'a str,
    /// The same as a time.
    pub signed_at: Wall,
    /// The credential scope's date, `YYYYMMDD`; the door has checked that it is the timestamp's.
    pub date: &'a str,
    /// The credential scope's region.
    pub region: Region,
    /// The credential scope's service.
    pub service: &'a str,
    /// The session token that came with it, as the request writes it: then the access key is of a
    /// session.
    pub session_token: Option<&'a str>,
}
