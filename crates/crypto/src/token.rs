//! Signatures of tokens that an issuer made: JSON Web Signature's RS256 and ES256 (RFC 7518,
//! section 3).

use model::{
    Error, Result,
    algorithm::{KeySpec, MessageType, SigningAlgorithm},
    error::Unauthentic,
    numbers::{EcNumbers, Numbers, RsaNumbers},
    token::{IssuerKeyNumbers, TokenAlgorithm},
};

use crate::{form, numbers, sign::verify_spki};

/// An issuer's public key, as a DER SubjectPublicKeyInfo. RSA keys have 2048, 3072 or 4096 bits.
///
/// # Errors
/// [`model::error::Invalid::OutOfRange`] when the numbers are no such key.
pub fn public_key(of: &IssuerKeyNumbers) -> Result<Vec<u8>> {
    crate::state::ready()?;
    let told = match of {
        IssuerKeyNumbers::Rsa { n, e } => {
            let (modulus, public_exponent) = (n.clone(), e.clone());
            Numbers::Rsa(RsaNumbers { modulus, public_exponent, private: None })
        }
        IssuerKeyNumbers::P256 { x, y } => {
            let point = [&[4], x.as_slice(), y].concat();
            Numbers::Ec(EcNumbers { spec: KeySpec::P256, d: None, q: Some(point) })
        }
    };
    let key = numbers::public(&told).and_then(|key| form::kept_public(&key));
    let (_, spki) = key.map_err(form::refused)?;
    Ok(spki)
}

/// Verifies a token's signature by a key of [`public_key`]'s; one that is not genuine is
/// [`Unauthentic::Signature`], whatever the reason, a key for another algorithm among them.
pub fn verify(
    spki: &[u8],
    algorithm: TokenAlgorithm,
    signing_input: &[u8],
    signature: &[u8],
) -> Result<()> {
    let verified = |spec, algorithm, signature: &[u8]| {
        verify_spki(spki, spec, algorithm, MessageType::Raw, signing_input, signature)
    };
    match algorithm {
        TokenAlgorithm::Rs256 => {
            // The modulus is as long as the signature.
            let spec = match signature.len() {
                256 => KeySpec::Rsa2048,
                384 => KeySpec::Rsa3072,
                512 => KeySpec::Rsa4096,
                _ => return Err(Error::NotAuthentic(Unauthentic::Signature)),
            };
            verified(spec, SigningAlgorithm::RsaPkcs1Sha256, signature)
        }
        TokenAlgorithm::Es256 => {
            let numbers = <&[u8; 64]>::try_from(signature);
            let numbers = numbers.map_err(|_| Error::NotAuthentic(Unauthentic::Signature))?;
            verified(KeySpec::P256, SigningAlgorithm::EcdsaSha256, &der(numbers))
        }
    }
}

/// Both numbers of a signature on P-256 as DER (RFC 3279, section 2.2.3).
fn der(numbers: &[u8; 64]) -> Vec<u8> {
    let (r, s) = numbers.split_at(32);
    let mut integers = Vec::with_capacity(70);
    for number in [r, s] {
        let zeros = number.iter().take_while(|byte| **byte == 0).count().min(31);
        let number = &number[zeros..];
        let is_negative = number[0] & 0x80 != 0;
        integers.extend([2, number.len() as u8 + u8::from(is_negative)]);
        integers.extend(is_negative.then_some(0));
        integers.extend_from_slice(number);
    }
    [&[0x30, integers.len() as u8], &*integers].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.3: the numbers of the key, in hexadecimal.
    const X: &str = "7fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445";
    const Y: &str = "c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad";
    const INPUT: &[u8] = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog\
        Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    /// The same appendix: R and S.
    const SIGNATURE: [u8; 64] = [
        14, 209, 33, 83, 121, 99, 108, 72, 60, 47, 127, 21, 88, 7, 212, 2, 163, 178, 40, 3, 58,
        249, 124, 126, 23, 129, 154, 195, 22, 158, 166, 101, 197, 10, 7, 211, 140, 60, 112, 229,
        216, 241, 45, 175, 8, 74, 84, 128, 166, 101, 144, 197, 242, 147, 80, 154, 143, 63, 127,
        138, 131, 163, 84, 213,
    ];

    fn bytes(text: &str) -> [u8; 32] {
        let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
        std::array::from_fn(byte)
    }

    #[test]
    fn the_standards_own_example_on_p256_is_genuine_and_nothing_like_it_is() {
        crate::test_start();
        let key = public_key(&IssuerKeyNumbers::P256 { x: bytes(X), y: bytes(Y) }).unwrap();
        let check =
            |input: &[u8], signature: &[u8]| verify(&key, TokenAlgorithm::Es256, input, signature);
        assert_eq!(check(INPUT, &SIGNATURE), Ok(()));
        let refused = Err(Error::NotAuthentic(Unauthentic::Signature));
        assert_eq!(check(&INPUT[1..], &SIGNATURE), refused);
        assert_eq!(check(INPUT, &SIGNATURE[1..]), refused);
        assert_eq!(check(INPUT, &[0; 64]), refused);
        assert_eq!(verify(&key, TokenAlgorithm::Rs256, INPUT, &[1; 256]), refused);
    }

    #[test]
    fn numbers_that_are_no_key_are_refused() {
        crate::test_start();
        assert!(public_key(&IssuerKeyNumbers::P256 { x: bytes(X), y: bytes(X) }).is_err());
        assert!(public_key(&IssuerKeyNumbers::Rsa { n: vec![1; 128], e: vec![1, 0, 1] }).is_err());
    }
}
