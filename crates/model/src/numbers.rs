//! Keys of pairs as the numbers that they are made of: what protocols call transparent keys.
//!
//! Numbers are big-endian and not negative. They are read with or without leading zeros, and written
//! without. In this form ([`Form::Numbers`](crate::object::Form::Numbers)) a key is handed over as
//! the canonical encoding of [`Numbers`].

use crate::{
    Secret,
    algorithm::KeySpec,
    canon::{Canonical, Malformed, Reader, Writer},
};

/// The numbers of a key.
#[derive(Debug)]
pub enum Numbers {
    /// Of an RSA key.
    Rsa(RsaNumbers),
    /// Of a key on a curve.
    Ec(EcNumbers),
    /// Of a DSA key.
    Dsa(DsaNumbers),
}

/// The numbers of an RSA key (RFC 8017, 3).
#[derive(Debug)]
pub struct RsaNumbers {
    /// n.
    pub modulus: Vec<u8>,
    /// e. Who has a private key without it may try 65537: it is checked.
    pub public_exponent: Vec<u8>,
    /// Of a private key.
    pub private: Option<RsaPrivateNumbers>,
}

/// The secret numbers of an RSA key of two primes. A key gives all of them. A key is made of any
/// that include the exponent, both primes, or `p_exponent`: what is missing is computed, and what is
/// given is checked.
#[derive(Debug, Default)]
pub struct RsaPrivateNumbers {
    /// d.
    pub exponent: Option<Secret>,
    /// The first prime.
    pub p: Option<Secret>,
    /// The second prime.
    pub q: Option<Secret>,
    /// d modulo p - 1.
    pub p_exponent: Option<Secret>,
    /// d modulo q - 1.
    pub q_exponent: Option<Secret>,
    /// The inverse of q modulo p.
    pub q_inverse: Option<Secret>,
}

/// The numbers of a key on a curve (SEC 1, 3.2).
#[derive(Debug)]
pub struct EcNumbers {
    /// The curve.
    pub spec: KeySpec,
    /// The private key, if it is known.
    pub d: Option<Secret>,
    /// The public key as a point (SEC 1, 2.3.3): written uncompressed unless it is asked for
    /// compressed, read either way.
    pub q: Option<Vec<u8>>,
}

/// The numbers of a DSA key (FIPS 186-4, 4.1). A private key may be without y.
#[derive(Debug)]
pub struct DsaNumbers {
    /// The order of the field.
    pub p: Vec<u8>,
    /// The order of the subgroup.
    pub q: Vec<u8>,
    /// The generator.
    pub g: Vec<u8>,
    /// The private key, if it is known.
    pub x: Option<Secret>,
    /// The public key.
    pub y: Option<Vec<u8>>,
}

impl Numbers {
    /// Length of the key in bits, as its algorithm counts it.
    pub fn bits(&self) -> u32 {
        match self {
            Self::Rsa(numbers) => bits(&numbers.modulus),
            Self::Ec(numbers) => numbers.spec.bits(),
            Self::Dsa(numbers) => bits(&numbers.p),
        }
    }

    /// The canonical encoding, which is a secret where a number is.
    pub fn to_secret(&self) -> Secret {
        // Never grown: grown, the buffer would leave copies behind.
        let mut writer = Writer::with_capacity(self.len_max());
        self.write(&mut writer);
        Secret::new(writer.into_bytes())
    }

    /// What the encoding takes at most, in bytes.
    fn len_max(&self) -> usize {
        let secret = |of: &Option<Secret>| of.as_ref().map_or(0, Secret::len);
        let public = |of: &Option<Vec<u8>>| of.as_ref().map_or(0, Vec::len);
        let numbers = match self {
            Self::Rsa(RsaNumbers { modulus, public_exponent, private }) => {
                let all = private.iter().flat_map(RsaPrivateNumbers::all);
                modulus.len() + public_exponent.len() + all.map(secret).sum::<usize>()
            }
            Self::Ec(EcNumbers { d, q, .. }) => secret(d) + public(q),
            Self::Dsa(DsaNumbers { p, q, g, x, y }) => {
                p.len() + q.len() + g.len() + secret(x) + public(y)
            }
        };
        // Nine numbers at most, each with its length and whether it is there.
        numbers + 64
    }
}

impl RsaPrivateNumbers {
    fn all(&self) -> [&Option<Secret>; 6] {
        let Self { exponent, p, q, p_exponent, q_exponent, q_inverse } = self;
        [exponent, p, q, p_exponent, q_exponent, q_inverse]
    }
}

/// How many bits a number takes.
fn bits(number: &[u8]) -> u32 {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let first = number.get(zeros).map_or(0, |byte| 8 - byte.leading_zeros());
    let rest = number.len().saturating_sub(zeros + 1) * 8;
    u32::try_from(rest).unwrap_or(u32::MAX).saturating_add(first)
}

impl Canonical for Numbers {
    fn write(&self, to: &mut Writer) {
        let secret = |to: &mut Writer, of: &Option<Secret>| {
            to.option(of.as_ref(), |to, secret| to.bytes(secret.expose()));
        };
        match self {
            Self::Rsa(RsaNumbers { modulus, public_exponent, private }) => {
                to.u8(1);
                to.bytes(modulus);
                to.bytes(public_exponent);
                to.option(private.as_ref(), |to, private| {
                    private.all().into_iter().for_each(|number| secret(to, number));
                });
            }
            Self::Ec(EcNumbers { spec, d, q }) => {
                to.u8(2);
                to.u8(spec.code());
                secret(to, d);
                to.option(q.as_deref(), Writer::bytes);
            }
            Self::Dsa(DsaNumbers { p, q, g, x, y }) => {
                to.u8(3);
                [p, q, g].into_iter().for_each(|number| to.bytes(number));
                secret(to, x);
                to.option(y.as_deref(), Writer::bytes);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let public = |from: &mut Reader<'_>| from.bytes().map(<[u8]>::to_vec);
        let secret = |from: &mut Reader<'_>| {
            from.option(|from| from.bytes().map(|bytes| Secret::new(bytes.to_vec())))
        };
        Ok(match from.u8()? {
            1 => Self::Rsa(RsaNumbers {
                modulus: public(from)?,
                public_exponent: public(from)?,
                private: from.option(|from| {
                    Ok(RsaPrivateNumbers {
                        exponent: secret(from)?,
                        p: secret(from)?,
                        q: secret(from)?,
                        p_exponent: secret(from)?,
                        q_exponent: secret(from)?,
                        q_inverse: secret(from)?,
                    })
                })?,
            }),
            2 => Self::Ec(EcNumbers {
                spec: KeySpec::from_code(from.u8()?)?,
                d: secret(from)?,
                q: from.option(public)?,
            }),
            3 => Self::Dsa(DsaNumbers {
                p: public(from)?,
                q: public(from)?,
                g: public(from)?,
                x: secret(from)?,
                y: from.option(public)?,
            }),
            _ => return Err(Malformed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_the_bits_that_it_has() {
        let of = |number: &[u8]| bits(number);
        assert_eq!([of(&[]), of(&[0]), of(&[1]), of(&[0, 0x80]), of(&[1, 0])], [0, 0, 1, 8, 9]);
    }

    #[test]
    fn numbers_are_read_as_they_were_written_and_the_buffer_is_never_grown() {
        let secret = |byte| Some(Secret::new(vec![byte; 300]));
        let private = RsaPrivateNumbers {
            exponent: secret(1),
            p: secret(2),
            q: secret(3),
            p_exponent: secret(4),
            q_exponent: secret(5),
            q_inverse: secret(6),
        };
        let rsa =
            RsaNumbers { modulus: vec![7; 300], public_exponent: vec![3], private: Some(private) };
        let ec = EcNumbers { spec: KeySpec::P256, d: secret(1), q: Some(vec![4; 65]) };
        let (p, q, g) = (vec![1; 300], vec![2; 300], vec![3; 300]);
        let dsa = DsaNumbers { p, q, g, x: secret(4), y: Some(vec![5; 300]) };
        for numbers in [Numbers::Rsa(rsa), Numbers::Ec(ec), Numbers::Dsa(dsa)] {
            let written = numbers.to_secret();
            assert!(written.len() <= numbers.len_max());
            let read = Numbers::from_canonical(written.expose()).unwrap();
            assert_eq!(read.to_secret().expose(), written.expose());
            let cut = &written.expose()[1..];
            assert!(Numbers::from_canonical(cut).is_err());
        }
    }
}
