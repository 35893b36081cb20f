//! RFC 3986 percent-encoding, in the one form that signatures are made over.

/// `text` with every byte encoded but the unreserved ones and those of `also`.
pub(crate) fn encode(text: &str, also: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also.contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push('%');
            encoded.push(HEX[usize::from(byte >> 4)].into());
            encoded.push(HEX[usize::from(byte & 15)].into());
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_encoded_in_upper_case() {
        assert_eq!(encode("a b/+~é", b""), "a%20b%2F%2B~%C3%A9");
        assert_eq!(encode("/a=b", b"/"), "/a%3Db");
    }
}
