//! The names by which a certificate says whom it is about.

use std::{fmt, net::IpAddr};

/// A name of a certificate's holder, as the certificate has it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum HolderName {
    /// The whole subject, as RFC 4514 writes it.
    Subject(String),
    /// A DNS name (RFC 5280, section 4.2.1.6): letters of any case are the same, so small ones.
    Dns(String),
    /// A uniform resource identifier, to the byte.
    Uri(String),
    /// A mailbox, to the byte.
    Email(String),
    /// An address.
    Ip(IpAddr),
}

impl HolderName {
    /// What kind of name it is, as interfaces write it: `subject`, `dns`, `uri`, `email`, `ip`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Subject(_) => "subject",
            Self::Dns(_) => "dns",
            Self::Uri(_) => "uri",
            Self::Email(_) => "email",
            Self::Ip(_) => "ip",
        }
    }

    /// The name of that kind that a text is; none of a kind that there is not, or an address that
    /// is none.
    pub fn parse(kind: &str, text: &str) -> Option<Self> {
        let owned = text.to_owned();
        Some(match kind {
            "subject" => Self::Subject(owned),
            "dns" => Self::Dns(owned),
            "uri" => Self::Uri(owned),
            "email" => Self::Email(owned),
            "ip" => Self::Ip(text.parse().ok()?),
            _ => return None,
        })
    }
}

impl fmt::Display for HolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject(text) | Self::Dns(text) | Self::Uri(text) | Self::Email(text) => {
                f.write_str(text)
            }
            Self::Ip(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_as_it_is_written() {
        let texts = [
            ("subject", "CN=a,O=b"),
            ("dns", "a.example"),
            ("uri", "spiffe://example/a"),
            ("email", "a@example"),
            ("ip", "::1"),
        ];
        for (kind, text) in texts {
            let name = HolderName::parse(kind, text).unwrap();
            assert_eq!((name.kind(), &*name.to_string()), (kind, text));
        }
        assert_eq!(HolderName::parse("ip", "a.example"), None);
        assert_eq!(HolderName::parse("name", "a"), None);
    }
}
