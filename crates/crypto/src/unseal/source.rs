//! A source: the root key sealed under what a key file, a passphrase or shares give.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use model::{
    Error, Result, Sealed, Secret,
    algorithm::Hash,
    canon::{Canonical, Malformed, Reader, Writer},
};
use zeroize::Zeroize;

use super::{
    UnsealFailure,
    shamir::{Share, combine_guarded, split_bytes},
};
use crate::{
    kdf::label,
    mac::PreparedKey,
    message::{Binding, open_bound_secret, seal_bound},
    random,
    root::RootKey,
    secmem::Guarded,
};

/// Version of the encoding, its first byte.
const FORMAT: u8 = 1;
/// Length of a wrapping key, and of a key file, in bytes.
const WRAPPING_LEN: usize = 32;
/// Shortest passphrase in bytes.
const PASSPHRASE_LEN_MIN: usize = 8;

/// How a source is opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// By the 32 bytes of a file.
    KeyFile,
    /// By a passphrase, through Argon2id (RFC 9106).
    Passphrase,
    /// By shares.
    Shares {
        /// How many are needed.
        threshold: u8,
        /// How many there are.
        count: u8,
    },
}

/// The root key, sealed. Its encoding may lie in the open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    public: Public,
    /// The root key, under the wrapping key.
    root: Sealed,
    /// The wrapping key, under the root key.
    wrapping: Sealed,
}

/// What both sealed forms are bound to.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Public {
    id: [u8; 16],
    root_version: u32,
    kind: Kind,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Kind {
    KeyFile,
    Passphrase(Stretching),
    Shares { threshold: u8, count: u8, set: [u8; 8] },
}

/// Argon2id's parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Stretching {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: [u8; 16],
}

/// A new key file's content: 32 random bytes.
pub fn new_key_file() -> Result<Secret> {
    Guarded::random(WRAPPING_LEN).map(|key| Secret::new(key.expose().to_vec()))
}

impl Source {
    /// A source that a key file of 32 random bytes opens.
    pub fn key_file(root: &RootKey, file: &Secret) -> Result<Self> {
        let wrapping = Guarded::copy_of(file.expose())?;
        Self::new(root, Kind::KeyFile, &wrapping)
    }

    /// A source that a passphrase opens. Takes a good part of a second and 64 MiB.
    pub fn passphrase(root: &RootKey, passphrase: &Secret) -> Result<Self> {
        if passphrase.len() < PASSPHRASE_LEN_MIN {
            let what = "the length of a passphrase (8 or more)";
            return Err(Error::Invalid(model::error::Invalid::OutOfRange(what)));
        }
        let salt = random::array()?;
        let stretching = Stretching { memory_kib: 64 << 10, passes: 3, lanes: 1, salt };
        let wrapping = stretching.stretch(passphrase)?;
        Self::new(root, Kind::Passphrase(stretching), &wrapping)
    }

    /// A source that any `threshold` of `count` shares open, and the shares.
    pub fn shares(root: &RootKey, threshold: u8, count: u8) -> Result<(Self, Vec<Share>)> {
        let wrapping = Guarded::random(WRAPPING_LEN)?;
        let shares = split_bytes(wrapping.expose(), threshold, count)?;
        let set = shares.first().map_or([0; 8], Share::set);
        let source = Self::new(root, Kind::Shares { threshold, count, set }, &wrapping)?;
        Ok((source, shares))
    }

    fn new(root: &RootKey, kind: Kind, wrapping: &Guarded) -> Result<Self> {
        let public = Public { id: random::array()?, root_version: root.version(), kind };
        Self::seal(root, public, wrapping)
    }

    fn seal(root: &RootKey, public: Public, wrapping: &Guarded) -> Result<Self> {
        let key = wrapping_key(wrapping)?;
        let sealed = seal_bound(&key, label::UNSEAL_ROOT, public.binding(), root.bytes())?;
        let under = root.prepared();
        let binding = public.binding();
        let wrapping = seal_bound(under, label::UNSEAL_WRAPPING, binding, wrapping.expose())?;
        Ok(Self { public, root: sealed, wrapping })
    }

    /// How it is opened.
    pub fn method(&self) -> Method {
        match self.public.kind {
            Kind::KeyFile => Method::KeyFile,
            Kind::Passphrase(_) => Method::Passphrase,
            Kind::Shares { threshold, count, .. } => Method::Shares { threshold, count },
        }
    }

    /// Its identity, random.
    pub fn id(&self) -> [u8; 16] {
        self.public.id
    }

    /// Which root key it holds.
    pub fn root_version(&self) -> u32 {
        self.public.root_version
    }

    /// Opens it with a key file's content.
    pub fn open_with_key_file(&self, file: &Secret) -> Result<RootKey, UnsealFailure> {
        if self.public.kind != Kind::KeyFile {
            return Err(UnsealFailure::WrongMethod);
        }
        if file.len() != WRAPPING_LEN {
            return Err(UnsealFailure::WrongKeyFile);
        }
        self.open(&Guarded::copy_of(file.expose())?, UnsealFailure::WrongKeyFile)
    }

    /// Opens it with a passphrase. Takes a good part of a second and 64 MiB.
    pub fn open_with_passphrase(&self, passphrase: &Secret) -> Result<RootKey, UnsealFailure> {
        let Kind::Passphrase(stretching) = &self.public.kind else {
            return Err(UnsealFailure::WrongMethod);
        };
        self.open(&stretching.stretch(passphrase)?, UnsealFailure::WrongPassphrase)
    }

    /// Opens it with enough shares.
    pub fn open_with_shares(&self, shares: &[Share]) -> Result<RootKey, UnsealFailure> {
        let Kind::Shares { set, .. } = self.public.kind else {
            return Err(UnsealFailure::WrongMethod);
        };
        if shares.iter().any(|share| share.set() != set) {
            return Err(UnsealFailure::WrongShares);
        }
        self.open(&combine_guarded(shares)?, UnsealFailure::WrongShares)
    }

    fn open(&self, wrapping: &Guarded, wrong: UnsealFailure) -> Result<RootKey, UnsealFailure> {
        let key = wrapping_key(wrapping)?;
        let binding = self.public.binding();
        match open_bound_secret(&key, label::UNSEAL_ROOT, binding, &self.root, "wrong") {
            Ok(root) => Ok(RootKey::new(self.public.root_version, root)?),
            Err(Error::Internal(_)) => Err(wrong),
            Err(error) => Err(error.into()),
        }
    }

    /// The same source (same file, passphrase or shares) for the next root key.
    pub fn rewrap(&self, from: &RootKey, to: &RootKey) -> Result<Self> {
        let failure = "an unseal source fails authentication";
        let binding = self.public.binding();
        let label = label::UNSEAL_WRAPPING;
        let wrapping = open_bound_secret(from.prepared(), label, binding, &self.wrapping, failure)?;
        let public = Public { root_version: to.version(), ..self.public.clone() };
        Self::seal(to, public, &wrapping)
    }
}

fn wrapping_key(wrapping: &Guarded) -> Result<PreparedKey> {
    if wrapping.len() == WRAPPING_LEN {
        PreparedKey::new(Hash::Sha256, wrapping.expose())
    } else {
        Err(Error::Internal("a wrapping key has another length"))
    }
}

impl Stretching {
    fn stretch(&self, passphrase: &Secret) -> Result<Guarded> {
        let unfit = |_| Error::Internal("a passphrase's parameters are out of range");
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(WRAPPING_LEN))
            .map_err(unfit)?;
        let mut blocks = Blocks(vec![Block::new(); params.block_count()]);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Guarded::filled(WRAPPING_LEN, |out| {
            argon2
                .hash_password_into_with_memory(passphrase.expose(), &self.salt, out, &mut blocks.0)
                .map_err(unfit)
        })
    }
}

/// Argon2's working memory, from which the passphrase could be tested: wiped.
struct Blocks(Vec<Block>);

impl Drop for Blocks {
    fn drop(&mut self) {
        for block in &mut self.0 {
            block.zeroize();
        }
    }
}

impl Public {
    fn binding(&self) -> Binding {
        let mut binding = Binding::with_capacity(64);
        self.write(binding.writer());
        binding
    }
}

impl Canonical for Public {
    fn write(&self, to: &mut Writer) {
        to.fixed(&self.id);
        to.u32(self.root_version);
        match &self.kind {
            Kind::KeyFile => to.u8(1),
            Kind::Passphrase(stretching) => {
                to.u8(2);
                to.u32(stretching.memory_kib);
                to.u32(stretching.passes);
                to.u32(stretching.lanes);
                to.fixed(&stretching.salt);
            }
            Kind::Shares { threshold, count, set } => {
                to.u8(3);
                to.fixed(&[*threshold, *count]);
                to.fixed(set);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (id, root_version) = (from.array()?, from.u32()?);
        let kind = match from.u8()? {
            1 => Kind::KeyFile,
            2 => {
                let (memory_kib, passes, lanes) = (from.u32()?, from.u32()?, from.u32()?);
                // An edited source must not take the machine's memory.
                if memory_kib > 1 << 20 || passes > 64 || lanes > 16 {
                    return Err(Malformed);
                }
                Kind::Passphrase(Stretching { memory_kib, passes, lanes, salt: from.array()? })
            }
            3 => {
                let [threshold, count] = from.array()?;
                Kind::Shares { threshold, count, set: from.array()? }
            }
            _ => return Err(Malformed),
        };
        Ok(Self { id, root_version, kind })
    }
}

impl Canonical for Source {
    fn write(&self, to: &mut Writer) {
        to.u8(FORMAT);
        to.value(&self.public);
        to.bytes(self.root.as_bytes());
        to.bytes(self.wrapping.as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.u8()? != FORMAT {
            return Err(Malformed);
        }
        let public = from.value()?;
        let root = Sealed::assertion(from.bytes()?.to_vec());
        let wrapping = Sealed::assertion(from.bytes()?.to_vec());
        Ok(Self { public, root, wrapping })
    }
}
