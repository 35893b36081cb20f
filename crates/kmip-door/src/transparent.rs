//! Transparent keys (1.4 section 2.1.7, 2.1 sections 3.4 to 3.12) as numbers of the model, and back.
//!
//! Diffie-Hellman keys, and keys on curves that are not known here, are no numbers of the model:
//! they are kept as they came.

use kmip::{
    names::enumeration::{
        CryptographicAlgorithm as Algorithm, KeyCompressionType as Compression,
        KeyFormatType as Format, ResultReason,
    },
    object::TransparentKey,
    wire::{BigInteger, Bytes},
};
use model::{
    Secret,
    numbers::{DsaNumbers, EcNumbers, Numbers, RsaNumbers, RsaPrivateNumbers},
};

use crate::{algorithms, failed::Failed};

/// The public exponent of a private key that comes without: what nearly all keys have. It is
/// checked with the rest.
const USUAL_EXPONENT: [u8; 3] = [1, 0, 1];

/// The numbers of a key, or the key where they are none of the model's.
pub(crate) fn numbers(
    (algorithm, is_private): (Algorithm, bool),
    key: TransparentKey,
) -> Result<Result<Numbers, TransparentKey>, Failed> {
    Ok(Ok(match algorithm {
        Algorithm::RSA => Numbers::Rsa(rsa(key, is_private)?),
        Algorithm::DSA => Numbers::Dsa(DsaNumbers {
            p: needed(key.p.as_ref(), "P")?,
            q: needed(key.q.as_ref(), "Q")?,
            g: needed(key.g.as_ref(), "G")?,
            x: if is_private { Some(Secret::new(needed(key.x.as_ref(), "X")?)) } else { None },
            y: if is_private { None } else { Some(needed(key.y.as_ref(), "Y")?) },
        }),
        Algorithm::EC | Algorithm::ECDSA | Algorithm::ECDH | Algorithm::ECMQV => {
            let curve = key.recommended_curve.ok_or_else(|| missing("Recommended Curve"))?;
            let Some(spec) = algorithms::curve_spec(curve) else { return Ok(Err(key)) };
            let d = match is_private {
                true => Some(Secret::new(needed(key.d.as_ref(), "D")?)),
                false => None,
            };
            let q = key.q_string.map(|q| q.0);
            if !is_private && q.is_none() {
                return Err(missing("Q String"));
            }
            Numbers::Ec(EcNumbers { spec, d, q })
        }
        _ => return Ok(Err(key)),
    }))
}

fn rsa(key: TransparentKey, is_private: bool) -> Result<RsaNumbers, Failed> {
    let modulus = needed(key.modulus.as_ref(), "Modulus")?;
    if !is_private {
        let public_exponent = needed(key.public_exponent.as_ref(), "Public Exponent")?;
        return Ok(RsaNumbers { modulus, public_exponent, private: None });
    }
    let public_exponent = match &key.public_exponent {
        Some(exponent) => positive(exponent)?,
        None => USUAL_EXPONENT.to_vec(),
    };
    let secret = |number: Option<BigInteger>| {
        number.map(|number| positive(&number).map(Secret::new)).transpose()
    };
    let private = RsaPrivateNumbers {
        exponent: secret(key.private_exponent)?,
        p: secret(key.p)?,
        q: secret(key.q)?,
        p_exponent: secret(key.prime_exponent_p)?,
        q_exponent: secret(key.prime_exponent_q)?,
        q_inverse: secret(key.crt_coefficient)?,
    };
    let is_enough = private.exponent.is_some()
        || private.p.is_some() && private.q.is_some()
        || private.p_exponent.is_some() && private.q_exponent.is_some();
    if !is_enough {
        return Err(missing("Private Exponent, or P and Q"));
    }
    Ok(RsaNumbers { modulus, public_exponent, private: Some(private) })
}

/// Refuses a point that is not written as the key block says.
pub(crate) fn check_point(numbers: &Numbers, said: Option<Compression>) -> Result<(), Failed> {
    let Numbers::Ec(EcNumbers { q: Some(q), .. }) = numbers else { return Ok(()) };
    let is_so = match said {
        None => true,
        Some(Compression::EC_PUBLIC_KEY_TYPE_UNCOMPRESSED) => q.first() == Some(&4),
        _ => matches!(q.first(), Some(2 | 3)),
    };
    if is_so {
        Ok(())
    } else {
        Err(Failed::field("The point is not written as the key compression type says."))
    }
}

/// A key in a transparent format, of its numbers.
pub(crate) fn written(format: Format, numbers: Numbers) -> Result<TransparentKey, Failed> {
    let (algorithm, is_private) = algorithms::transparent(format).ok_or_else(Failed::key_format)?;
    Ok(match (algorithm, numbers) {
        (Algorithm::RSA, Numbers::Rsa(numbers)) if numbers.private.is_some() == is_private => {
            let private = numbers.private.unwrap_or_default();
            TransparentKey {
                modulus: Some(big(&numbers.modulus)),
                public_exponent: Some(big(&numbers.public_exponent)),
                private_exponent: secret(private.exponent),
                p: secret(private.p),
                q: secret(private.q),
                prime_exponent_p: secret(private.p_exponent),
                prime_exponent_q: secret(private.q_exponent),
                crt_coefficient: secret(private.q_inverse),
                ..EMPTY
            }
        }
        (Algorithm::DSA, Numbers::Dsa(numbers)) if numbers.x.is_some() == is_private => {
            TransparentKey {
                p: Some(big(&numbers.p)),
                q: Some(big(&numbers.q)),
                g: Some(big(&numbers.g)),
                x: secret(numbers.x),
                y: numbers.y.filter(|_| !is_private).map(|y| big(&y)),
                ..EMPTY
            }
        }
        (
            Algorithm::EC | Algorithm::ECDSA | Algorithm::ECDH | Algorithm::ECMQV,
            Numbers::Ec(numbers),
        ) if numbers.d.is_some() == is_private => TransparentKey {
            recommended_curve: Some(
                algorithms::curve(numbers.spec).ok_or_else(Failed::key_format)?,
            ),
            d: secret(numbers.d),
            q_string: numbers.q.filter(|_| !is_private).map(Bytes),
            ..EMPTY
        },
        _ => return Err(Failed::key_format()),
    })
}

/// A key of no numbers.
pub(crate) const EMPTY: TransparentKey = TransparentKey {
    key: None,
    modulus: None,
    private_exponent: None,
    public_exponent: None,
    p: None,
    q: None,
    prime_exponent_p: None,
    prime_exponent_q: None,
    crt_coefficient: None,
    g: None,
    j: None,
    x: None,
    y: None,
    recommended_curve: None,
    d: None,
    q_string: None,
};

fn missing(what: &str) -> Failed {
    Failed::new(ResultReason::MISSING_DATA, format!("The key material has no {what}."))
}

fn needed(number: Option<&BigInteger>, what: &str) -> Result<Vec<u8>, Failed> {
    positive(number.ok_or_else(|| missing(what))?)
}

/// A number without its sign, which is that of what is not negative.
fn positive(number: &BigInteger) -> Result<Vec<u8>, Failed> {
    let bytes = number.0.expose();
    if bytes.first().is_none_or(|first| first & 0x80 != 0) {
        return Err(Failed::field("A number of the key is negative."));
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Ok(bytes[zeros..].to_vec())
}

fn secret(number: Option<Secret>) -> Option<BigInteger> {
    number.map(|number| big(number.expose()))
}

/// A number that is not negative as the protocol writes it: with a sign, in units of eight bytes.
pub(crate) fn big(bytes: &[u8]) -> BigInteger {
    let len = (bytes.len() / 8 + 1) * 8;
    let len = match bytes.first() {
        Some(first) if first & 0x80 == 0 && bytes.len().is_multiple_of(8) => bytes.len(),
        _ => len,
    };
    let mut padded = vec![0; len];
    padded[len - bytes.len()..].copy_from_slice(bytes);
    BigInteger(Secret::new(padded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_with_a_sign_in_units_of_eight() {
        for (number, len) in [(vec![], 8), (vec![1], 8), (vec![0x7f; 8], 8), (vec![0x80; 8], 16)] {
            let written = big(&number);
            assert_eq!(written.0.len(), len);
            assert_eq!(positive(&written).unwrap(), number);
        }
        assert!(positive(&BigInteger(Secret::new(vec![0xff; 8]))).is_err());
    }
}
