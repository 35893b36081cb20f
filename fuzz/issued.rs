//! Certificates that an authority issued, written byte by byte, so that they can say anything: for
//! the tests of whom a rule lets in.

use crypto::certificate_key::CertificateKey;
use model::Wall;

/// Object identifiers, as their bytes are.
pub(crate) mod oid {
    pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
    pub(crate) const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
    pub(crate) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
    pub(crate) const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 0x20];
    pub(crate) const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
    pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
}

/// Alternative names, by the number of their kind (RFC 5280, section 4.2.1.6).
pub(crate) const EMAIL: u8 = 1;
pub(crate) const DNS: u8 = 2;
pub(crate) const URI: u8 = 6;
pub(crate) const IP: u8 = 7;

/// Someone who has a key and a name, and a certificate if another issued it.
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) key: CertificateKey,
}

impl Party {
    pub(crate) fn new(name: &str) -> Self {
        // Whether it was started before does not matter.
        let _ = crypto::start(crypto::Options::default());
        Self { name: name.to_owned(), key: CertificateKey::generate().unwrap() }
    }
}

/// A certificate to be issued.
#[derive(Clone)]
pub(crate) struct Saying {
    pub(crate) validity: (Wall, Wall),
    /// Extensions: identifier, whether it is critical, and value.
    pub(crate) extensions: Vec<(&'static [u8], bool, Vec<u8>)>,
}

impl Saying {
    pub(crate) fn nothing(validity: (Wall, Wall)) -> Self {
        Self { validity, extensions: Vec::new() }
    }

    /// What an authority's says.
    pub(crate) fn authority(validity: (Wall, Wall), path_len: Option<u8>) -> Self {
        let path_len = path_len.map(|len| tlv(2, &[len])).unwrap_or_default();
        let constraints = tlv(0x30, &[tlv(1, &[0xff]), path_len].concat());
        Self::nothing(validity).with(oid::BASIC_CONSTRAINTS, constraints).with_usage(1 << 2)
    }

    /// What a client's says that has these alternative names.
    pub(crate) fn client(validity: (Wall, Wall), names: &[(u8, &[u8])]) -> Self {
        let said = Self::nothing(validity).with_usage(1 << 7).for_purpose(oid::CLIENT_AUTH);
        if names.is_empty() { said } else { said.named(names) }
    }

    pub(crate) fn with(mut self, oid: &'static [u8], value: Vec<u8>) -> Self {
        self.extensions.push((oid, true, value));
        self
    }

    pub(crate) fn without(mut self, oid: &[u8]) -> Self {
        self.extensions.retain(|(it, ..)| *it != oid);
        self
    }

    /// One byte of key usages, the first of them at the top.
    pub(crate) fn with_usage(self, usage: u8) -> Self {
        self.without(oid::KEY_USAGE).with(oid::KEY_USAGE, tlv(3, &[0, usage]))
    }

    pub(crate) fn for_purpose(self, purpose: &[u8]) -> Self {
        let purposes = tlv(0x30, &tlv(6, purpose));
        self.without(oid::EXTENDED_KEY_USAGE).with(oid::EXTENDED_KEY_USAGE, purposes)
    }

    pub(crate) fn named(self, names: &[(u8, &[u8])]) -> Self {
        let names = names.iter().map(|(kind, name)| tlv(0x80 | kind, name));
        let names = tlv(0x30, &names.collect::<Vec<_>>().concat());
        self.without(oid::ALTERNATIVE_NAME).with(oid::ALTERNATIVE_NAME, names)
    }

    /// The certificate in DER, of one party by another.
    pub(crate) fn issue(&self, of: &Party, by: &Party) -> Vec<u8> {
        let version = tlv(0xa0, &tlv(2, &[2]));
        let serial: [u8; 8] = crypto::random::array().unwrap();
        let serial = tlv(2, &[&[0x11], &serial[..]].concat());
        // ecdsa-with-SHA256.
        let algorithm = tlv(0x30, &tlv(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]));
        let validity = tlv(0x30, &[time(self.validity.0), time(self.validity.1)].concat());
        let extensions = self.extensions.iter().map(|(oid, critical, value)| {
            let critical = if *critical { tlv(1, &[0xff]) } else { Vec::new() };
            tlv(0x30, &[tlv(6, oid), critical, tlv(4, value)].concat())
        });
        let extensions = extensions.collect::<Vec<_>>().concat();
        let extensions = match extensions.is_empty() {
            true => Vec::new(),
            false => tlv(0xa3, &tlv(0x30, &extensions)),
        };
        let (issuer, subject) = (name(&by.name), name(&of.name));
        let key = of.key.public_spki().to_vec();
        let parts =
            [version, serial, algorithm.clone(), issuer, validity, subject, key, extensions];
        let signed = tlv(0x30, &parts.concat());
        let signature = tlv(3, &[&[0], &*by.key.sign(&signed).unwrap()].concat());
        tlv(0x30, &[signed, algorithm, signature].concat())
    }
}

/// A tag, a length and a value.
pub(crate) fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = match value.len() {
        len @ 0..128 => vec![u8::try_from(len).unwrap()],
        len => [&[0x82], &u16::try_from(len).unwrap().to_be_bytes()[..]].concat(),
    };
    let length = if length.get(1) == Some(&0) { vec![0x81, length[2]] } else { length };
    [&[tag], &*length, value].concat()
}

/// A name of one part, the common name; an empty one of none.
fn name(text: &str) -> Vec<u8> {
    if text.is_empty() {
        return tlv(0x30, &[]);
    }
    let part = tlv(0x30, &[tlv(6, &[0x55, 4, 3]), tlv(0x0c, text.as_bytes())].concat());
    tlv(0x30, &tlv(0x31, &part))
}

/// A moment of this century's first half.
fn time(moment: Wall) -> Vec<u8> {
    let digits: String = moment.to_iso8601().chars().filter(char::is_ascii_digit).collect();
    tlv(0x17, format!("{}Z", &digits[2..14]).as_bytes())
}
