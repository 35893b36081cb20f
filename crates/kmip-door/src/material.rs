//! Objects of the protocol as material of ours, and back.
//!
//! An object is given back in the form in which it came, unless another is asked for. What the
//! form alone does not say is kept in labels whose names begin with a dot, which no client sees.

use engine::op::{Draft, ObjectView, RegisteredMaterial};
use kmip::{
    Version,
    attribute::Attribute,
    names::{
        Tag,
        enumeration::{
            CertificateRequestType, CertificateType, CryptographicAlgorithm as Algorithm,
            KeyCompressionType, KeyFormatType as Format, OpaqueDataType, ResultReason,
            SecretDataType,
        },
    },
    object::{
        Certificate, CertificateRequest, Key, KeyBlock, KeyMaterial, KeyValue, KeyWrappingData,
        Object, OpaqueObject, PgpKey, PlainKeyValue, SecretData, TransparentKey,
    },
    ttlv,
    wire::{Bytes, Wire as _},
};
use model::{
    Secret,
    algorithm::Spec,
    canon::Canonical as _,
    numbers::Numbers,
    object::{Form, Kind},
};

use crate::{algorithms, attributes, failed::Failed, split_part, templates, transparent};

pub(crate) use crate::{
    algorithms::{Said, form, formats_of_pair, len_of, pair_spec, raw_spec},
    attributes::{kind, object_type},
};

/// The names of the labels that no client sees.
mod hidden {
    /// The type of a secret.
    pub(super) const SECRET_TYPE: &str = ".Secret Data Type";
    /// The version of an OpenPGP key.
    pub(super) const PGP_VERSION: &str = ".PGP Key Version";
    /// The type of a request for a certificate.
    pub(super) const REQUEST_TYPE: &str = ".Certificate Request Type";
}

/// Keeps the type of a secret.
pub(crate) fn note_secret_type(draft: &mut Draft, secret: SecretDataType) {
    hide(draft, hidden::SECRET_TYPE, secret.0);
}

fn hide(draft: &mut Draft, name: &str, number: u32) {
    draft.labels.push((name.to_owned(), number.to_be_bytes().to_vec()));
}

fn hidden_number(view: &ObjectView, name: &str) -> Option<u32> {
    let label = view.attributes.labelled(name).next()?;
    Some(u32::from_be_bytes(label.value.as_slice().try_into().ok()?))
}

/// An object that is to be kept, read.
pub(crate) struct Brought {
    pub(crate) kind: Kind,
    pub(crate) material: RegisteredMaterial,
}

/// Reads an object that is to be kept; what its form alone does not say is added to the draft.
pub(crate) fn brought(object: Object, said: Said, draft: &mut Draft) -> Result<Brought, Failed> {
    let kind = kind(object.object_type()).ok_or_else(|| Failed::unsupported("This object type"))?;
    let stored = |secret| RegisteredMaterial::Stored(secret);
    let material = match blocked(object) {
        Ok((holder, block)) => in_block(holder, block, said, draft)?,
        Err(object) => match *object {
            Object::OpaqueObject(object) => {
                label(draft, &Attribute::OpaqueDataType(object.kind));
                stored(object.value)
            }
            Object::Certificate(certificate) => {
                let said = attributes::certificate_labels(certificate.kind, &certificate.value.0);
                draft.labels.extend(said);
                stored(Secret::new(certificate.value.0))
            }
            Object::CertificateRequest(request) => {
                hide(draft, hidden::REQUEST_TYPE, request.kind.0);
                stored(Secret::new(request.value.0))
            }
            Object::Template(template) => stored(templates::to_keep(template)?),
            _ => return Err(Failed::unsupported("This object type")),
        },
    };
    Ok(Brought { kind, material })
}

/// What an object with a key block is, beside that.
#[derive(Clone, Copy)]
pub(crate) enum Holder {
    SymmetricKey,
    PrivateKey,
    PublicKey,
    SecretData(SecretDataType),
    PgpKey(i32),
    /// What it is a part of is in the draft.
    SplitKey,
}

/// An object as its key block and the rest, if it has one.
pub(crate) fn blocked(object: Object) -> Result<(Holder, KeyBlock), Box<Object>> {
    Ok(match object {
        Object::SymmetricKey(key) => (Holder::SymmetricKey, key.key_block),
        Object::PrivateKey(key) => (Holder::PrivateKey, key.key_block),
        Object::PublicKey(key) => (Holder::PublicKey, key.key_block),
        Object::SecretData(data) => (Holder::SecretData(data.kind), data.key_block),
        Object::PgpKey(key) => (Holder::PgpKey(key.pgp_key_version), key.key_block),
        Object::SplitKey(part) => (Holder::SplitKey, part.key_block),
        object => return Err(Box::new(object)),
    })
}

/// Reads what has a key block, in the clear.
pub(crate) fn in_block(
    holder: Holder,
    block: KeyBlock,
    said: Said,
    draft: &mut Draft,
) -> Result<RegisteredMaterial, Failed> {
    match holder {
        Holder::SymmetricKey => return symmetric(block, said, draft),
        Holder::PrivateKey => return asymmetric(block, said, draft, true),
        Holder::PublicKey => return asymmetric(block, said, draft, false),
        Holder::SecretData(kind) => note_secret_type(draft, kind),
        Holder::PgpKey(version) => hide(draft, hidden::PGP_VERSION, version.cast_unsigned()),
        Holder::SplitKey => {}
    }
    kept(block, said, draft)
}

/// Adds an attribute to a draft, unless the client has said it.
pub(crate) fn label(draft: &mut Draft, attribute: &Attribute) {
    let (name, value) = attributes::label_of(attribute);
    if draft.labels.iter().all(|(it, _)| *it != name) {
        draft.labels.push((name, value));
    }
}

/// The bytes of a key block in the clear, with its format; what it says of algorithm and length.
fn plain(block: KeyBlock, said: Said) -> Result<(Format, KeyMaterial, Said), Failed> {
    let said = said_by(&block, said)?;
    match block.key_value {
        Some(KeyValue::Plain(value)) => Ok((block.key_format_type, value.material, said)),
        Some(KeyValue::Wrapped(_)) => Err(Failed::field(
            "The key value is bytes, as if it were wrapped, and there is no word of how.",
        )),
        None => Err(Failed::new(ResultReason::MISSING_DATA, "The key block has no key value.")),
    }
}

/// What a key block says of algorithm and length, and attributes where it is silent. They agree.
fn said_by(block: &KeyBlock, said: Said) -> Result<Said, Failed> {
    let bits = block.cryptographic_length.map(|bits| u32::try_from(bits).unwrap_or(0));
    let differs = |a: bool| {
        if a {
            return Err(Failed::field(
                "The key block and the attributes say different algorithms or lengths.",
            ));
        }
        Ok(())
    };
    differs(
        matches!((block.cryptographic_algorithm, said.algorithm), (Some(a), Some(b)) if a != b),
    )?;
    differs(matches!((bits, said.bits), (Some(a), Some(b)) if a != b))?;
    let algorithm = block.cryptographic_algorithm.or(said.algorithm);
    Ok(Said { algorithm, bits: bits.or(said.bits) })
}

/// Notes the algorithm and length of what is only stored.
pub(crate) fn note(draft: &mut Draft, said: Said) {
    if let Some(algorithm) = said.algorithm {
        label(draft, &Attribute::CryptographicAlgorithm(algorithm));
    }
    if let Some(bits) = said.bits {
        draft.bits = Some(bits);
        if let Ok(bits) = i32::try_from(bits) {
            label(draft, &Attribute::CryptographicLength(bits));
        }
    }
}

/// Transparent material as it came, to be given back so.
fn as_it_came(transparent: TransparentKey) -> Result<Secret, Failed> {
    let item = transparent.write(Tag::KEY_MATERIAL, Version::V2_1);
    ttlv::encode(&item).map_err(|_| Failed::field("The key material is too long."))
}

fn symmetric(block: KeyBlock, said: Said, draft: &mut Draft) -> Result<RegisteredMaterial, Failed> {
    let (format, material, said) = plain(block, said)?;
    let bytes = match (format, material) {
        (Format::RAW | Format::OPAQUE, KeyMaterial::Bytes(bytes)) => bytes,
        (Format::TRANSPARENT_SYMMETRIC_KEY, KeyMaterial::Transparent(key)) => key
            .key
            .ok_or_else(|| Failed::new(ResultReason::MISSING_DATA, "The key has no bytes."))?,
        _ => return Err(Failed::key_format()),
    };
    label(draft, &Attribute::KeyFormatType(format));
    let Some(algorithm) = said.algorithm else {
        note(draft, said);
        return Ok(RegisteredMaterial::Stored(bytes));
    };
    let bits = u32::try_from(bytes.len() * 8).unwrap_or(u32::MAX);
    let fits = said.bits.is_none_or(|said| len_of(algorithm, said) == Some(bytes.len()));
    if !fits {
        return Err(Failed::field("The key is not as long as its cryptographic length says."));
    }
    if let (Algorithm::DES3, Some(Ok(said))) = (algorithm, said.bits.map(i32::try_from)) {
        label(draft, &Attribute::CryptographicLength(said));
    }
    match raw_spec(algorithm, bits) {
        Spec::Raw(spec) if spec.fits(bytes.len()) => Ok(RegisteredMaterial::Raw(spec, bytes)),
        _ => {
            note(draft, Said { bits: said.bits.or(Some(bits)), ..said });
            Ok(RegisteredMaterial::Stored(bytes))
        }
    }
}

fn asymmetric(
    block: KeyBlock,
    said: Said,
    draft: &mut Draft,
    private: bool,
) -> Result<RegisteredMaterial, Failed> {
    let compression = block.key_compression_type;
    check_compression(compression)?;
    let (format, material, said) = plain(block, said)?;
    label(draft, &Attribute::KeyFormatType(format));
    let (form, bytes, said) = match (material, algorithms::transparent(format)) {
        (KeyMaterial::Transparent(key), Some((algorithm, is_private))) if is_private == private => {
            let said = Said { algorithm: said.algorithm.or(Some(algorithm)), ..said };
            match transparent::numbers((algorithm, is_private), *key)? {
                Ok(numbers) => {
                    transparent::check_point(&numbers, compression)?;
                    let bits = said.bits.or(Some(numbers.bits()));
                    (Some(Form::Numbers), numbers.to_secret(), Said { bits, ..said })
                }
                Err(key) => (None, as_it_came(key)?, said),
            }
        }
        (KeyMaterial::Bytes(bytes), None) => (form(format), bytes, said),
        _ => return Err(Failed::key_format()),
    };
    note(draft, said);
    Ok(match (form, private) {
        (None, _) => RegisteredMaterial::Stored(bytes),
        (Some(form), true) => RegisteredMaterial::Private(form, bytes),
        (Some(form), false) => RegisteredMaterial::Public(form, bytes),
    })
}

/// Refuses ways to write a point that are not known here: hybrid, and on curves over other fields.
pub(crate) fn check_compression(said: Option<KeyCompressionType>) -> Result<(), Failed> {
    match said {
        None
        | Some(
            KeyCompressionType::EC_PUBLIC_KEY_TYPE_UNCOMPRESSED
            | KeyCompressionType::EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME,
        ) => Ok(()),
        Some(_) => Err(compression_refused()),
    }
}

pub(crate) fn compression_refused() -> Failed {
    let message = "Points of curves over prime fields are given compressed or uncompressed; other \
                   keys have none.";
    Failed::new(ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED, message)
}

fn kept(block: KeyBlock, said: Said, draft: &mut Draft) -> Result<RegisteredMaterial, Failed> {
    let (format, material, said) = plain(block, said)?;
    label(draft, &Attribute::KeyFormatType(format));
    note(draft, said);
    match material {
        KeyMaterial::Bytes(bytes) => Ok(RegisteredMaterial::Stored(bytes)),
        KeyMaterial::Transparent(key) => as_it_came(*key).map(RegisteredMaterial::Stored),
    }
}

/// The format of what the engine gave in a form: the one that is asked for, or the one it came in.
pub(crate) fn given_format(
    view: &ObjectView,
    form: Form,
    asked: Option<Format>,
) -> Result<Format, Failed> {
    let own = attributes::key_format(view);
    let own = match algorithms::format(form) {
        // A key of the other doors came in no format.
        Some(format) if algorithms::form(own) != Some(form) => format,
        _ => own,
    };
    let Some(asked) = asked.filter(|asked| *asked != own) else { return Ok(own) };
    let is_given = match form {
        // The bytes of a symmetric key are the same in all of its formats.
        Form::Raw => {
            view.kind == Kind::SymmetricKey
                && matches!(asked, Format::RAW | Format::OPAQUE | Format::TRANSPARENT_SYMMETRIC_KEY)
        }
        form => algorithms::form(asked) == Some(form),
    };
    if is_given { Ok(asked) } else { Err(Failed::key_format()) }
}

/// The key value of material in the clear, in a format: of the form in which the engine gave it.
pub(crate) fn key_value(
    format: Format,
    (form, material): (Form, Secret),
) -> Result<PlainKeyValue, Failed> {
    let material = if format == Format::TRANSPARENT_SYMMETRIC_KEY {
        let key = TransparentKey { key: Some(material), ..transparent::EMPTY };
        KeyMaterial::Transparent(Box::new(key))
    } else if form == Form::Numbers {
        let numbers =
            Numbers::from_canonical(material.expose()).map_err(|_| Failed::key_format())?;
        KeyMaterial::Transparent(Box::new(transparent::written(format, numbers)?))
    } else if algorithms::transparent(format).is_some() {
        let item = ttlv::decode(material.expose()).map_err(|_| Failed::key_format())?;
        let key = KeyMaterial::read(item, Version::V2_1);
        key.map_err(|_| Failed::key_format())?
    } else {
        KeyMaterial::Bytes(material)
    };
    Ok(PlainKeyValue { material, attributes: None })
}

/// An object as the protocol writes it, of its key value or of its bytes.
pub(crate) enum Content {
    /// A key value, in the clear or wrapped as is said.
    Key(KeyValue, Option<Box<KeyWrappingData>>),
    /// Bytes.
    Bytes(Secret),
}

/// Writes an object.
pub(crate) fn object(
    view: &ObjectView,
    format: Format,
    compression: Option<KeyCompressionType>,
    content: Content,
) -> Result<Object, Failed> {
    let lost = || Failed::from(model::Error::Internal("an object without what its type needs"));
    let (value, wrapping) = match content {
        Content::Bytes(bytes) => {
            return Ok(match view.kind {
                Kind::OpaqueData => {
                    let kind = attributes::opaque_type(view).unwrap_or(OpaqueDataType(0x8000_0000));
                    Object::OpaqueObject(OpaqueObject { kind, value: bytes })
                }
                Kind::Certificate => {
                    let kind = attributes::certificate_type(view).unwrap_or(CertificateType::X_509);
                    let value = Bytes(bytes.expose().to_vec());
                    Object::Certificate(Certificate { kind, value })
                }
                Kind::Template => Object::Template(templates::kept(&bytes)?),
                Kind::CertificateRequest => {
                    let kind = hidden_number(view, hidden::REQUEST_TYPE).ok_or_else(lost)?;
                    let value = Bytes(bytes.expose().to_vec());
                    let kind = CertificateRequestType(kind);
                    Object::CertificateRequest(CertificateRequest { kind, value })
                }
                _ => return Err(lost()),
            });
        }
        Content::Key(value, wrapping) => (value, wrapping),
    };
    let (algorithm, bits) = attributes::algorithm_and_length(view);
    let key_block = KeyBlock {
        key_format_type: format,
        key_compression_type: compression,
        key_value: Some(value),
        cryptographic_algorithm: algorithm,
        cryptographic_length: bits,
        key_wrapping_data: wrapping.map(|data| *data),
    };
    Ok(match view.kind {
        Kind::SymmetricKey => Object::SymmetricKey(Key { key_block }),
        Kind::PublicKey => Object::PublicKey(Key { key_block }),
        Kind::PrivateKey => Object::PrivateKey(Key { key_block }),
        Kind::SecretData => {
            let kind = hidden_number(view, hidden::SECRET_TYPE).map(SecretDataType);
            let kind = kind.unwrap_or(SecretDataType::PASSWORD);
            Object::SecretData(SecretData { kind, key_block })
        }
        Kind::PgpKey => {
            let version = hidden_number(view, hidden::PGP_VERSION).ok_or_else(lost)?;
            Object::PgpKey(PgpKey { pgp_key_version: version.cast_signed(), key_block })
        }
        Kind::SplitKey => {
            let part = view.attributes.split.as_ref().ok_or_else(lost)?;
            Object::SplitKey(split_part::written(part, key_block))
        }
        _ => return Err(lost()),
    })
}
