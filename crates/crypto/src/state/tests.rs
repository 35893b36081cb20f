//! After a failed self-test every public operation answers an error and gives no output.
//!
//! The state is the process's, and final: each test here runs in a process of its own. What holds
//! no key may answer still, and is not walked: hash functions, comparisons, and parsing.

use std::{ffi::OsStr, process::Command};

use model::{
    AccountId, EncryptionContext, Error, KeyId, Sealed, Secret,
    algorithm::{EncryptionAlgorithm, Hash, KeySpec, MessageType, RawSpec, SigningAlgorithm, Spec},
    error::Unavailable,
    raw::{BlockPadding, Cipher, CipherMode, Oaep, SignatureScheme, Wrapping},
};

use crate::{
    AccountKeys, Options, RootKey, agree,
    certificate_key::CertificateKey,
    cipher::{self, Decryption, Encryption},
    data_key, envelope, hmac_key, kdf, kem,
    log_key::{self, LogKey},
    mac::{self, SigV4Key},
    module, oaep, random,
    rig::{Key, NOW, Rig},
    secmem::Guarded,
    self_test, sign, stream,
    unseal::{self, Share, Source, UnsealFailure},
    wrap,
};

const ID: KeyId = KeyId([9; 16]);
const OFF: UnsealFailure = UnsealFailure::Module(Error::Unavailable(Unavailable::Crypto));
const RAW: MessageType = MessageType::Raw;

/// Whether this process was started for the test of this name only; else such a process is
/// started, and must succeed.
fn alone(test: &str) -> bool {
    if std::env::args().any(|argument| argument == "alone") {
        return true;
    }
    let program = std::env::current_exe().unwrap();
    let test = format!("state::tests::{test}");
    let run = Command::new(program).args(["--exact", &test, "alone"].map(OsStr::new)).output();
    let run = run.unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
    false
}

/// Nothing came of it but the error.
fn refused<T>(what: &str, outcome: Result<T, impl Into<UnsealFailure>>) {
    assert_eq!(outcome.err().map(Into::into), Some(OFF), "{what}");
}

fn secret() -> Secret {
    Secret::new(vec![7; 32])
}

fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

fn context() -> EncryptionContext {
    EncryptionContext::default()
}

/// What needs no key.
fn walk_without_keys() {
    assert!(crate::status().is_none());
    assert!(crate::start(Options::default()).is_err());
    refused("random bytes", random::fill(&mut [0; 16]));
    refused("a random array", random::array::<16>());
    refused("random secret memory", Guarded::random(32));
    refused("secret memory", Guarded::copy_of(b"secret"));
    refused("secret memory to fill", Guarded::filled(8, |_| Ok(())));
    refused("a root key", RootKey::generate());
    refused("a root key from its bytes", RootKey::from_share_bytes(1, &secret()));
    refused("a log key", LogKey::generate());
    refused("a certificate's key", CertificateKey::generate());
    refused("a certificate's key from its file", CertificateKey::from_file(&secret()));
    for &spec in KeySpec::ALL.iter().filter(|spec| !spec.is_symmetric()) {
        refused("a data key pair", data_key::pair(spec));
    }
    let mut out = [0; 8];
    refused("SP 800-108", kdf::kbkdf(b"key", b"label", b"context", &mut out));
    refused("HKDF", kdf::hkdf(Hash::Sha256, b"", b"", b"", &mut out));
    assert_eq!(out, [0; 8]);
    refused("a key file", unseal::new_key_file());
    refused("shares", unseal::split(&secret(), 2, 3));
}

/// Everything that can be made while the module works.
struct Things {
    rig: Rig,
    root: RootKey,
    next: RootKey,
    sealed_account: Sealed,
    record: Sealed,
    secret: Sealed,
    log: LogKey,
    sealed_log: Sealed,
    certificate: CertificateKey,
    sealed_certificate: Sealed,
    kek: Guarded,
    signing: SigV4Key,
    header: stream::Header,
    sources: (Source, Source, Source),
    shares: Vec<Share>,
}

impl Things {
    fn new() -> Self {
        let rig = Rig::new();
        let root = RootKey::generate().unwrap();
        let kek = Guarded::copy_of(&[7; 32]).unwrap();
        let (log, certificate) = (LogKey::generate().unwrap(), CertificateKey::generate().unwrap());
        let (shared, shares) = Source::shares(&root, 2, 3).unwrap();
        let sources = (
            Source::key_file(&root, &secret()).unwrap(),
            Source::passphrase(&root, &secret()).unwrap(),
            shared,
        );
        Self {
            next: root.successor().unwrap(),
            sealed_account: root.new_account(account()).unwrap().1,
            record: rig.keys.seal_record(b"place", 1, b"record").unwrap(),
            secret: rig.keys.seal_secret(b"purpose", &kek).unwrap(),
            sealed_log: root.seal_log_key(&log).unwrap(),
            sealed_certificate: root.seal_certificate_key(&certificate).unwrap(),
            signing: SigV4Key::derive(&kek, "20260101", "eu-west-1", "kms").unwrap(),
            header: stream::Header::new(b"wrapped key", context()).unwrap(),
            rig,
            root,
            log,
            certificate,
            kek,
            sources,
            shares,
        }
    }

    fn key(&self, spec: KeySpec) -> Key {
        self.rig.load(spec, self.rig.keys.generate(self.rig.account, spec).unwrap())
    }

    fn walk_root(&self) {
        let Self { root, next, log, certificate, .. } = self;
        refused("the next root key", root.successor());
        refused("export", root.export_for_unseal_source());
        refused("a new account", root.new_account(account()));
        refused("an account", root.open_account(account(), &self.sealed_account));
        refused("rewrapping", root.rewrap_account(next, account(), &self.sealed_account));
        refused("sealing a log key", root.seal_log_key(log));
        refused("opening a log key", root.open_log_key(&self.sealed_log));
        refused("signing a log", log.sign(b"checkpoint"));
        refused("sealing a certificate's key", root.seal_certificate_key(certificate));
        refused("opening it", root.open_certificate_key(&self.sealed_certificate));
        refused("exporting it", certificate.export_for_file());
        refused("signing a certificate", certificate.sign(b"certificate"));
        let offered = [rustls::SignatureScheme::ECDSA_NISTP256_SHA256];
        let signer = certificate.rustls_signing_key().choose_scheme(&offered).unwrap();
        assert!(signer.sign(b"handshake").is_err());
    }

    fn walk_account(&self) {
        let keys: &AccountKeys = &self.rig.keys;
        refused("sealing a record", keys.seal_record(b"place", 1, b"record"));
        refused("opening a record", keys.open_record(b"place", 1, &self.record));
        refused("sealing a secret", keys.seal_secret(b"purpose", &self.kek));
        refused("opening a secret", keys.open_secret(b"purpose", &self.secret));
        for &spec in KeySpec::ALL {
            refused("a new key", keys.generate(account(), spec));
        }
        let raw = RawSpec::Aes256;
        refused("a new raw key", keys.generate_raw(account(), raw.into(), 32));
        refused("import", keys.import(account(), KeySpec::Aes256, &self.kek));
        refused("import of a raw key", keys.import(account(), raw, &self.kek));
        refused("import of a public key", keys.import_public(account(), Spec::Stored, b"public"));
        refused("an index", keys.index(b"value"));
    }

    fn walk_codes_and_wraps(&self) {
        let kek = &self.kek;
        for &hash in Hash::ALL {
            refused("HMAC", mac::hmac(hash, kek, b"data"));
        }
        refused("a SigV4 key", SigV4Key::derive(kek, "20260101", "eu-west-1", "kms"));
        refused("a SigV4 signature", self.signing.sign(b"string to sign"));
        refused("AES-KW", wrap::wrap(kek, &[1; 16]));
        refused("AES-KW's reverse", wrap::unwrap(kek, &[1; 24]));
        refused("AES-KWP", wrap::wrap_padded(kek, &[1; 16]));
        refused("AES-KWP's reverse", wrap::unwrap_padded(kek, &[1; 24]));
        refused("a file's header", stream::Header::new(b"wrapped key", context()));
        let header = &self.header;
        let mut out = Vec::new();
        let sealed = stream::seal(kek, header, &mut &b"file"[..], &mut out);
        assert!(matches!(sealed, Err(stream::Failure::Module(Error::Unavailable(_)))));
        let opened = stream::open(kek, header, &mut &b"file"[..], &mut out);
        assert!(matches!(opened, Err(stream::Failure::Module(Error::Unavailable(_)))));
        assert!(out.is_empty());
    }

    fn walk_sources(&self) {
        let (root, (file, passphrase, shared)) = (&self.root, &self.sources);
        refused("a key file's source", Source::key_file(root, &secret()));
        refused("a passphrase's source", Source::passphrase(root, &secret()));
        refused("shares' source", Source::shares(root, 2, 3));
        refused("unsealing by key file", file.open_with_key_file(&secret()));
        refused("unsealing by passphrase", passphrase.open_with_passphrase(&secret()));
        refused("unsealing by shares", shared.open_with_shares(&self.shares));
        refused("combining shares", unseal::combine(&self.shares));
        refused("the same source again", file.rewrap(root, &self.next));
    }
}

/// A key of every spec with what its operations are to be given.
struct Use {
    key: Key,
    material: Sealed,
    signatures: Vec<(SigningAlgorithm, Vec<u8>)>,
    ciphertext: Vec<u8>,
}

/// How an algorithm takes 64 bytes.
fn kind(algorithm: SigningAlgorithm) -> MessageType {
    if algorithm == SigningAlgorithm::Ed25519Ph { MessageType::Digest } else { RAW }
}

impl Use {
    fn new(things: &Things, spec: KeySpec) -> Self {
        let key = things.key(spec);
        let signed = |&algorithm: &SigningAlgorithm| {
            let (kind, message) = (kind(algorithm), [1; 64]);
            let made = sign::sign(key.protect(), &key.loaded, algorithm, kind, &message);
            (algorithm, made.unwrap())
        };
        let signatures = spec.signing_algorithms().iter().map(signed).collect();
        let (protect, loaded) = (key.protect(), &key.loaded);
        let ciphertext = match spec {
            KeySpec::Aes256 => envelope::encrypt(protect, loaded, ID, &context(), b"plain"),
            KeySpec::Rsa2048 => {
                oaep::encrypt(protect, loaded, EncryptionAlgorithm::OaepSha256, b"plain")
            }
            KeySpec::MlKem512 => kem::encapsulate(protect, loaded).map(|(made, _)| made),
            _ => Ok(Vec::new()),
        };
        let material = key.held.versions.current().content.at(NOW).unwrap().clone();
        Self { material, signatures, ciphertext: ciphertext.unwrap(), key }
    }

    /// Each refusal comes before the question whether the key is for the operation.
    fn walk(&self, things: &Things) {
        let (key, loaded, spec) = (&self.key, &self.key.loaded, self.key.loaded.spec());
        let (id, account) = (loaded.material(), things.rig.account);
        refused("loading", things.rig.keys.load(account, spec, id, &self.material));
        refused("a public key", loaded.public_spki());
        for (algorithm, signature) in &self.signatures {
            let (algorithm, kind, message) = (*algorithm, kind(*algorithm), &[1; 64]);
            refused("signing", sign::sign(key.protect(), loaded, algorithm, kind, message));
            let process = key.process();
            refused(
                "verifying",
                sign::verify(process, loaded, algorithm, kind, message, signature),
            );
            let public = key.public();
            let verified = sign::verify_spki(public, spec, algorithm, kind, message, signature);
            refused("verifying by a public key", verified);
        }
        let ciphertext = &self.ciphertext;
        let context = context();
        refused("encrypting", envelope::encrypt(key.protect(), loaded, ID, &context, b"plain"));
        refused("decrypting", envelope::decrypt(key.process(), loaded, ID, &context, ciphertext));
        let algorithm = EncryptionAlgorithm::OaepSha256;
        refused("RSA encryption", oaep::encrypt(key.protect(), loaded, algorithm, b"plain"));
        refused("RSA decryption", oaep::decrypt(key.process(), loaded, algorithm, ciphertext));
        refused("a code", hmac_key::generate(key.protect(), loaded, Hash::Sha256, b"data"));
        let verified = hmac_key::verify(key.process(), loaded, Hash::Sha256, b"data", &[0; 32]);
        refused("verifying a code", verified);
        refused("key agreement", agree::shared_secret(key.process(), loaded, ciphertext));
        refused("encapsulation", kem::encapsulate(key.protect(), loaded));
        refused("decapsulation", kem::decapsulate(key.process(), loaded, ciphertext));
    }
}

/// A raw key, and texts that had begun.
struct RawUse {
    key: Key,
    made: Encryption,
    opened: Decryption,
}

const GCM: Cipher = Cipher { mode: CipherMode::Gcm, padding: BlockPadding::None, tag_len: 16 };
const IV: &[u8] = &[1; 12];

impl RawUse {
    fn new(things: &Things) -> Self {
        let (rig, spec) = (&things.rig, RawSpec::Aes256);
        let key = rig.load(spec, rig.keys.generate_raw(rig.account, spec.into(), 32).unwrap());
        let made = Encryption::start(key.protect(), &key.loaded, GCM, IV, b"").unwrap();
        let opened = Decryption::start(key.process(), &key.loaded, GCM, IV, b"").unwrap();
        Self { made, opened, key }
    }

    fn walk(mut self, things: &Things) {
        let (key, loaded) = (&self.key, &self.key.loaded);
        let (protect, process) = (|| key.protect(), || key.process());
        let current = key.held.versions.current();
        let sealed = current.content.at(NOW).unwrap();
        let (account, spec, keys) = (things.rig.account, loaded.spec(), &things.rig.keys);
        let opened = keys.open_material(account, spec, current.material, sealed);
        refused("opening material", opened);
        let public = keys.load_public(account, spec, current.material, sealed);
        refused("loading a public key", public);
        refused("a cipher", cipher::encrypt(protect(), loaded, GCM, IV, b"", b"plain"));
        let opened = cipher::decrypt(process(), loaded, GCM, IV, b"", b"text", &[0; 16]);
        refused("a cipher's reverse", opened);
        refused("a new text", Encryption::start(protect(), loaded, GCM, IV, b""));
        refused("a new ciphertext", Decryption::start(process(), loaded, GCM, IV, b""));
        refused("a piece of a text", self.made.update(protect(), b"plain"));
        refused("a piece of a ciphertext", self.opened.update(process(), b"text"));
        refused("the end of a text", self.made.finish(protect(), b""));
        refused("the end of a ciphertext", self.opened.finish(process(), b"", &[0; 16]));
        for wrapping in [Wrapping::KeyWrap, Wrapping::KeyWrapPadded] {
            refused("wrapping", wrap::wrap_by(protect(), loaded, wrapping, &[1; 16]));
            refused("unwrapping", wrap::unwrap_by(process(), loaded, wrapping, &[1; 24]));
        }
        let (scheme, oaep) = (SignatureScheme::Ed25519, Oaep::plain(Hash::Sha256));
        refused("signing", sign::sign_with(protect(), loaded, scheme, RAW, b"message"));
        let verified = sign::verify_with(process(), loaded, scheme, RAW, b"message", &[0; 64]);
        refused("verifying", verified);
        refused("RSA encryption", oaep::encrypt_with(protect(), loaded, &oaep, b"plain"));
        refused("RSA decryption", oaep::decrypt_with(process(), loaded, &oaep, b"text"));
    }
}

#[test]
fn a_start_whose_self_test_fails_gives_no_output() {
    if alone("a_start_whose_self_test_fails_gives_no_output") {
        let started = module::first_start(&Options::default(), self_test::run_with_a_wrong_answer);
        let sentence = started.map(|_| ()).unwrap_err().to_string();
        assert!(sentence.contains("self-test \"SHA-256\" failed"), "{sentence}");
        walk_without_keys();
    }
}

#[test]
fn a_self_test_that_fails_later_stops_all_that_was_loaded() {
    if alone("a_self_test_that_fails_later_stops_all_that_was_loaded") {
        let things = Things::new();
        let fast = |spec: &&KeySpec| !matches!(spec, KeySpec::Rsa3072 | KeySpec::Rsa4096);
        let uses: Vec<Use> =
            KeySpec::ALL.iter().filter(fast).map(|&spec| Use::new(&things, spec)).collect();
        let raw = RawUse::new(&things);
        let (public, signature) = (things.log.public(), things.log.sign(b"message").unwrap());
        assert!(log_key::verify(&public, b"message", &signature));
        assert!(crate::status().is_some());

        assert!(super::ready_after(self_test::run_with_a_wrong_answer).is_err());

        walk_without_keys();
        things.walk_root();
        things.walk_account();
        things.walk_codes_and_wraps();
        things.walk_sources();
        uses.iter().for_each(|used| used.walk(&things));
        raw.walk(&things);
        assert!(!log_key::verify(&public, b"message", &signature));
    }
}
