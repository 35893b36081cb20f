//! Modes in which a block cipher is applied, and in which it wraps.

/// A mode of operation of a raw key's cipher.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CipherMode {
    /// Electronic codebook (SP 800-38A): block by block. No vector.
    Ecb,
    /// Cipher block chaining (SP 800-38A). A vector of one block.
    Cbc,
    /// Counter (SP 800-38A). A first counter block of one block, which counts up as one number.
    Ctr,
    /// Cipher feedback of whole blocks (SP 800-38A). A vector of one block.
    Cfb,
    /// Output feedback (SP 800-38A). A vector of one block.
    Ofb,
    /// Galois/counter (SP 800-38D): AES only. A vector of 12 bytes unless said otherwise.
    Gcm,
    /// XTS (SP 800-38E): AES with a key of two halves. Not offered: it is for disks that have the
    /// key themselves.
    Xts,
    /// The stream of ChaCha20 (RFC 8439). A nonce of 12 bytes, or of 8 as before that RFC, the
    /// counter starting at 0, or 16 bytes: the counter, little-endian, and the nonce.
    Stream,
    /// ChaCha20-Poly1305 (RFC 8439). A nonce of 12 bytes.
    Poly1305,
}

impl CipherMode {
    /// Every mode.
    pub const ALL: [Self; 9] = [
        Self::Ecb,
        Self::Cbc,
        Self::Ctr,
        Self::Cfb,
        Self::Ofb,
        Self::Gcm,
        Self::Xts,
        Self::Stream,
        Self::Poly1305,
    ];

    /// Whether a ciphertext proves itself by a tag.
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Gcm | Self::Poly1305)
    }

    /// Whether it takes whole blocks only, so that anything else must be padded.
    pub const fn takes_blocks(self) -> bool {
        matches!(self, Self::Ecb | Self::Cbc)
    }
}

/// How material is wrapped by another key (SP 800-38F).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Wrapping {
    /// AES-KW: whole half-blocks of 8 bytes, at least two.
    KeyWrap,
    /// AES-KWP: any length.
    KeyWrapPadded,
}
