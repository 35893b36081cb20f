//! Encryption and decryption as an object's user says: modes, vectors and padding by raw keys, OAEP
//! by RSA keys, and our own ciphertext by keys of our own scheme.

use crypto::cipher::Encryption;
use model::{
    Action, EncryptionContext, Error, ObjectName, Process, Protect, Result, Secret,
    algorithm::{Algorithm, EncryptionAlgorithm, Spec},
    error::Invalid,
    limits,
    object::Purposes,
    raw::{Cipher, CipherMode, Oaep},
};

use super::part::{self, Gathered, How, Part};
use crate::{
    caller::Caller,
    facts::Scheme,
    gate::{Demand, Operation, Permit, Weight},
    names,
    object::KeyObject,
    op::{decrypt, encrypt},
    reference::KeyRef,
    room::{self, Room},
    streams::StreamId,
};

/// How an object encrypts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EncryptionScheme {
    /// The self-describing ciphertext of [`EncryptionAlgorithm::Envelope`], with an empty context:
    /// what one door encrypts, the other decrypts.
    Envelope,
    /// A raw key's cipher.
    Cipher {
        /// Which.
        cipher: Cipher,
        /// Whether a vector is drawn here when none is given to encrypt with.
        draws_iv: bool,
        /// How long it is to be, in bytes, if not as usual.
        iv_len: Option<usize>,
    },
    /// RSAES-OAEP.
    Oaep(Oaep),
}

impl EncryptionScheme {
    /// What policies know it by.
    fn named(&self) -> Scheme {
        Scheme::Encryption(match self {
            Self::Envelope => names::encryption_algorithm(EncryptionAlgorithm::Envelope),
            Self::Cipher { cipher, .. } => names::cipher_mode(cipher.mode),
            Self::Oaep(oaep) => names::oaep_scheme(oaep),
        })
    }

    fn uses(&self) -> [Algorithm; 2] {
        match self {
            Self::Envelope => [Algorithm::Encryption(EncryptionAlgorithm::Envelope); 2],
            Self::Cipher { cipher, .. } => [Algorithm::Cipher(cipher.mode); 2],
            Self::Oaep(oaep) => oaep.uses(),
        }
    }
}

/// Encrypt by an object as its user says.
pub struct EncryptWith {
    /// The object.
    pub object: KeyRef,
    /// How. Only the first part of a text is asked.
    pub how: How<EncryptionScheme>,
    /// Which part of the text.
    pub part: Part,
    /// The text: at most 1 MiB a part; for our own ciphertext 1 to 4096 bytes.
    pub plaintext: Secret,
    /// The vector, with the first part.
    pub iv: Option<Vec<u8>>,
    /// What the tag vouches for besides, with the first part.
    pub aad: Vec<u8>,
}

/// What was encrypted.
#[derive(Debug)]
pub struct EncryptedWith {
    /// The object.
    pub object: ObjectName,
    /// The ciphertext; of a text in parts what there is of it by now.
    pub ciphertext: Vec<u8>,
    /// The tag, of a mode that has one, with the last part.
    pub tag: Option<Vec<u8>>,
    /// The vector, if it was drawn here.
    pub iv: Option<Vec<u8>>,
    /// What goes on, unless this was the end.
    pub stream: Option<StreamId>,
}

/// A text that is being encrypted in parts.
struct Encrypting {
    encryption: Encryption,
    mode: CipherMode,
}

const IN_PARTS: Error = Error::Invalid(Invalid::Parameters(
    "Only a raw key's cipher encrypts in parts; give this key the whole text.",
));

impl Operation for EncryptWith {
    type Reply = EncryptedWith;
    const ACTION: Action = Action::Encrypt;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn scheme(
        &self,
        object: &KeyObject,
        caller: &Caller,
        room: &Room<'_>,
    ) -> Result<Option<Scheme>> {
        let Some(id) = self.part.begun() else {
            return Ok(Some(part::resolve(&self.how, object)?.named()));
        };
        let owner = part::owner(caller, Some(object));
        let mode = room.engine().streams().look(id, &owner, |work: &Encrypting| work.mode)?;
        Ok(Some(Scheme::Encryption(names::cipher_mode(mode))))
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<EncryptedWith> {
        let object = permit.key()?;
        room.unhurried_from(self.plaintext.len())?;
        match self.part {
            Part::Whole => self.whole(object, room),
            Part::First => {
                room.unhurried()?;
                self.begin(permit, object, room)
            }
            Part::Next(id) => {
                room.unhurried()?;
                self.go_on(permit, object, room, id, false)
            }
            Part::Last(id) => {
                room.unhurried()?;
                self.go_on(permit, object, room, id, true)
            }
        }
    }
}

impl EncryptWith {
    fn whole(&self, object: &KeyObject, room: &mut Room<'_>) -> Result<EncryptedWith> {
        let scheme = part::resolve(&self.how, object)?;
        let plaintext = self.plaintext.expose();
        let usable =
            room.usable_for::<Protect>(object, Self::ACTION, Purposes::ENCRYPT, &scheme.uses())?;
        let loaded = room.load(object, usable.version())?;
        room.count_use(object, plaintext.len(), true)?;
        let (ciphertext, tag, iv) = match scheme {
            EncryptionScheme::Envelope => {
                self.takes_text_only(object)?;
                if !(1..=limits::PLAINTEXT_LEN_MAX).contains(&plaintext.len()) {
                    return Err(Error::Invalid(Invalid::OutOfRange("the length of a plaintext")));
                }
                let (algorithm, context) =
                    (EncryptionAlgorithm::Envelope, EncryptionContext::default());
                let action = Self::ACTION;
                let made = encrypt::apply(room, object, action, algorithm, &context, plaintext)?;
                (made.ciphertext, Vec::new(), None)
            }
            EncryptionScheme::Cipher { cipher, draws_iv, iv_len } => {
                let (iv, drawn) = self.vector(object, cipher.mode, draws_iv, iv_len)?;
                let aad = &self.aad;
                let made = crypto::cipher::encrypt(usable, loaded, cipher, &iv, aad, plaintext)?;
                (made.ciphertext, made.tag, drawn.then_some(iv))
            }
            EncryptionScheme::Oaep(oaep) => {
                self.takes_text_only(object)?;
                let made = crypto::oaep::encrypt_with(usable, loaded, &oaep, plaintext)?;
                (made, Vec::new(), None)
            }
        };
        let (object, tag) = (object.name().clone(), Some(tag).filter(|tag| !tag.is_empty()));
        Ok(EncryptedWith { object, ciphertext, tag, iv, stream: None })
    }

    fn begin(
        &self,
        permit: &Permit<'_, Self>,
        object: &KeyObject,
        room: &mut Room<'_>,
    ) -> Result<EncryptedWith> {
        let scheme = part::resolve(&self.how, object)?;
        let EncryptionScheme::Cipher { cipher, draws_iv, iv_len } = scheme else {
            return Err(IN_PARTS);
        };
        let uses = [Algorithm::Cipher(cipher.mode)];
        let usable = |room: &Room<'_>| {
            room.usable_for::<Protect>(object, Self::ACTION, Purposes::ENCRYPT, &uses)
        };
        let first = usable(room)?;
        let loaded = room.load(object, first.version())?;
        room.count_use(object, self.plaintext.len(), true)?;
        let (iv, drawn) = self.vector(object, cipher.mode, draws_iv, iv_len)?;
        let mut encryption = Encryption::start(first, loaded, cipher, &iv, &self.aad)?;
        let ciphertext = encryption.update(usable(room)?, self.plaintext.expose())?;
        let work = Encrypting { encryption, mode: cipher.mode };
        let owner = part::owner(permit.caller(), Some(object));
        let stream = room.engine().streams().open(owner, work, room.at().monotonic_ms)?;
        Ok(EncryptedWith {
            object: object.name().clone(),
            ciphertext,
            tag: None,
            iv: drawn.then_some(iv),
            stream: Some(stream),
        })
    }

    fn go_on(
        &self,
        permit: &Permit<'_, Self>,
        object: &KeyObject,
        room: &mut Room<'_>,
        id: StreamId,
        is_last: bool,
    ) -> Result<EncryptedWith> {
        let owner = part::owner(permit.caller(), Some(object));
        let streams = room.engine().streams();
        let mut taken = streams.take::<Encrypting>(id, &owner, room.at().monotonic_ms)?;
        let uses = [Algorithm::Cipher(taken.work()?.mode)];
        let usable = room.usable_for::<Protect>(object, Self::ACTION, Purposes::ENCRYPT, &uses)?;
        room.note_use(usable.version());
        room.count_use(object, self.plaintext.len(), false)?;
        let plaintext = self.plaintext.expose();
        let object = object.name().clone();
        if is_last {
            let made = taken.end()?.encryption.finish(usable, plaintext)?;
            let tag = Some(made.tag).filter(|tag| !tag.is_empty());
            let ciphertext = made.ciphertext;
            return Ok(EncryptedWith { object, ciphertext, tag, iv: None, stream: None });
        }
        let ciphertext = taken.work()?.encryption.update(usable, plaintext)?;
        Ok(EncryptedWith { object, ciphertext, tag: None, iv: None, stream: Some(id) })
    }

    /// The vector, and whether it was drawn here.
    fn vector(
        &self,
        object: &KeyObject,
        mode: CipherMode,
        draws: bool,
        len: Option<usize>,
    ) -> Result<(Vec<u8>, bool)> {
        let usual = usual_iv_len(object, mode)?;
        match &self.iv {
            Some(iv) => Ok((iv.clone(), false)),
            None if usual == 0 => Ok((Vec::new(), false)),
            None if draws => {
                // A shorter one would come again.
                let len = len.unwrap_or(usual);
                if !(usual..=limits::GCM_IV_LEN_MAX).contains(&len) {
                    return Err(Error::Invalid(Invalid::OutOfRange("the length of a vector")));
                }
                Ok((room::random_secret(len)?.expose().to_vec(), true))
            }
            None => Err(MISSING_IV),
        }
    }

    /// Refuses a vector and additional data.
    fn takes_text_only(&self, object: &KeyObject) -> Result<()> {
        refuse_extras(object, self.iv.as_deref(), &self.aad)
    }
}

const MISSING_IV: Error = Error::Invalid(Invalid::Missing("the initialisation vector"));

fn refuse_extras(object: &KeyObject, iv: Option<&[u8]>, aad: &[u8]) -> Result<()> {
    let spec = object.held()?.spec;
    if !aad.is_empty() {
        return Err(Error::Invalid(Invalid::ContextNotSupported(spec)));
    }
    if iv.is_some_and(|iv| !iv.is_empty()) {
        return Err(Error::Invalid(Invalid::OutOfRange("the initialisation vector")));
    }
    Ok(())
}

fn usual_iv_len(object: &KeyObject, mode: CipherMode) -> Result<usize> {
    let spec = object.held()?.spec;
    let raw = match spec {
        Spec::Raw(raw) => Some(raw),
        Spec::Key(_) | Spec::Stored => None,
    };
    raw.and_then(|raw| crypto::cipher::iv_len(raw, mode))
        .ok_or(Error::WrongAlgorithm { spec, algorithm: Algorithm::Cipher(mode) })
}

/// Decrypt by an object as its user says. A text in parts is decrypted when all of it is there.
pub struct DecryptWith {
    /// The object.
    pub object: KeyRef,
    /// How. Only the first part of a text is asked.
    pub how: How<EncryptionScheme>,
    /// Which part of the text.
    pub part: Part,
    /// The text: at most 1 MiB; of our own ciphertext 6144 bytes.
    pub ciphertext: Vec<u8>,
    /// The vector, with the first part.
    pub iv: Option<Vec<u8>>,
    /// What the tag vouches for besides, with the first part.
    pub aad: Vec<u8>,
    /// The tag, of a mode that has one, with the last part.
    pub tag: Option<Vec<u8>>,
}

/// What was decrypted.
#[derive(Debug)]
pub struct DecryptedWith {
    /// The object.
    pub object: ObjectName,
    /// The plaintext, unless more is to come.
    pub plaintext: Option<Secret>,
    /// What goes on, unless this was the end.
    pub stream: Option<StreamId>,
}

/// What the first part of a ciphertext says of the whole.
#[derive(Clone)]
struct Start {
    scheme: EncryptionScheme,
    iv: Option<Vec<u8>>,
    aad: Vec<u8>,
}

impl Operation for DecryptWith {
    type Reply = DecryptedWith;
    const ACTION: Action = Action::Decrypt;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn scheme(
        &self,
        object: &KeyObject,
        caller: &Caller,
        room: &Room<'_>,
    ) -> Result<Option<Scheme>> {
        let owner = || part::owner(caller, Some(object));
        let start = || {
            let scheme = part::resolve(&self.how, object)?;
            Ok(Start { scheme, iv: None, aad: Vec::new() })
        };
        self.part.scheme(owner, room, start, |start: &Start| start.scheme.named())
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<DecryptedWith> {
        let (object, caller) = (permit.key()?, permit.caller());
        let usable = |scheme: &EncryptionScheme| {
            let (action, purpose) = (Self::ACTION, Purposes::DECRYPT);
            room.usable_for::<Process>(object, action, purpose, &scheme.uses())
        };
        let start = || {
            let scheme = part::resolve(&self.how, object)?;
            usable(&scheme)?;
            Ok(Start { scheme, iv: self.iv.clone(), aad: self.aad.clone() })
        };
        let name = object.name().clone();
        let all = match self.part.gather(room, caller, Some(object), &self.ciphertext, start)? {
            Gathered::Open(id) => {
                return Ok(DecryptedWith { object: name, plaintext: None, stream: Some(id) });
            }
            Gathered::All(all) => all,
        };
        let Start { scheme, iv, aad } = &all.how;
        let usable = usable(scheme)?;
        let loaded = room.load(object, usable.version())?;
        let plaintext = match scheme {
            EncryptionScheme::Envelope => {
                refuse_extras(object, iv.as_deref(), aad)?;
                let (algorithm, context) =
                    (EncryptionAlgorithm::Envelope, EncryptionContext::default());
                let action = Self::ACTION;
                decrypt::recover(room, object, action, algorithm, &context, all.text())?.plaintext
            }
            EncryptionScheme::Cipher { cipher, .. } => {
                let needs_iv = usual_iv_len(object, cipher.mode)? > 0;
                let iv = match iv {
                    None if needs_iv => return Err(MISSING_IV),
                    iv => iv.as_deref().unwrap_or_default(),
                };
                let tag = match &self.tag {
                    None if cipher.mode.is_authenticated() => {
                        return Err(Error::Invalid(Invalid::Missing("the authentication tag")));
                    }
                    tag => tag.as_deref().unwrap_or_default(),
                };
                crypto::cipher::decrypt(usable, loaded, *cipher, iv, aad, all.text(), tag)?
            }
            EncryptionScheme::Oaep(oaep) => {
                refuse_extras(object, iv.as_deref(), aad)?;
                crypto::oaep::decrypt_with(usable, loaded, oaep, all.text())?
            }
        };
        all.close()?;
        Ok(DecryptedWith { object: name, plaintext: Some(plaintext), stream: None })
    }
}
