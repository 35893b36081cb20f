//! DER for keys that published vectors give as numbers.

/// A tag, the length, the content.
pub(crate) fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let len = content.len();
    let head = match len {
        0..=127 => vec![tag, len as u8],
        128..=255 => vec![tag, 0x81, len as u8],
        _ => vec![tag, 0x82, (len >> 8) as u8, len as u8],
    };
    [head, content].concat()
}

/// PKCS#8 of a private key with an algorithm identifier's content.
pub(crate) fn pkcs8(algorithm: &[u8], private: &[u8]) -> Vec<u8> {
    der(0x30, &[&[2, 1, 0], &der(0x30, &[algorithm]), &der(4, &[private])])
}

/// SubjectPublicKeyInfo of a public key with an algorithm identifier's content.
pub(crate) fn spki(algorithm: &[u8], public: &[u8]) -> Vec<u8> {
    der(0x30, &[&der(0x30, &[algorithm]), &der(3, &[&[0], public])])
}
