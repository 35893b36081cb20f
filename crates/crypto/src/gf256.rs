//! The field of 256 elements: polynomials over GF(2) of degree below 8, modulo one of degree 8.
//! Addition and subtraction are XOR.
//!
//! Arithmetic takes the same time for all values: no tables, no branches on them.

/// x^8 + x^4 + x^3 + x + 1, without its first term: the polynomial of AES (FIPS 197, 4.2).
pub(crate) const FIPS_197: u8 = 0x1b;

/// x^8 + x^4 + x^3 + x^2 + 1, without its first term: the polynomial of Reed-Solomon codes, and of
/// KMIP from version 2 on.
pub(crate) const REED_SOLOMON: u8 = 0x1d;

/// Product modulo x^8 and `reduction`.
pub(crate) fn multiply(a: u8, b: u8, reduction: u8) -> u8 {
    let (mut a, mut product) = (a, 0);
    for bit in 0..8 {
        product ^= a & (b >> bit & 1).wrapping_neg();
        // Times x, reduced when the top bit falls out.
        a = a << 1 ^ reduction & (a >> 7).wrapping_neg();
    }
    product
}

/// Inverse modulo x^8 and `reduction`, a^254; 0 for 0.
pub(crate) fn invert(a: u8, reduction: u8) -> u8 {
    let (mut power, mut inverse) = (a, 1);
    for _ in 0..7 {
        power = multiply(power, power, reduction);
        inverse = multiply(inverse, power, reduction);
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplication_is_that_of_aes() {
        // FIPS 197, 4.2.
        assert_eq!(multiply(0x57, 0x83, FIPS_197), 0xc1);
        assert_eq!(multiply(0x57, 0x13, FIPS_197), 0xfe);
    }

    #[test]
    fn every_element_but_zero_has_its_inverse() {
        for reduction in [FIPS_197, REED_SOLOMON] {
            for a in 1..=255 {
                assert_eq!(multiply(a, invert(a, reduction), reduction), 1);
            }
            assert_eq!(invert(0, reduction), 0);
        }
    }
}
