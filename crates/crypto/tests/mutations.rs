//! Ciphertexts, files, shares and unseal sources that are nearly right: none makes a reader panic,
//! and what is accepted is what would have been written.
#![cfg(test)]

#[path = "../../../fuzz/mutations.rs"]
mod mutations;
mod rig;

use std::str;

use crypto::{
    RootKey, agree, data_key, envelope, form,
    secmem::Guarded,
    sign, stream,
    unseal::{Share, Source, new_key_file},
};
use model::{
    EncryptionContext, KeyId, Secret,
    algorithm::{KeySpec, MessageType, SigningAlgorithm},
    canon::Canonical,
    object::Form,
};
use rig::Rig;

fn context() -> EncryptionContext {
    let pairs = [("App".to_owned(), "ä".to_owned()), ("b".to_owned(), "c".to_owned())];
    EncryptionContext::new(pairs).unwrap()
}

#[test]
fn no_ciphertext_but_the_right_one_is_decrypted() {
    let rig = Rig::new();
    let key = rig.load(KeySpec::Aes256, rig.keys.generate(rig.account, KeySpec::Aes256).unwrap());
    let (id, context) = (KeyId([7; 16]), context());
    let right = envelope::encrypt(key.protect(), &key.loaded, id, &context, b"plaintext").unwrap();
    mutations::try_all(
        "ciphertexts",
        mutations::COUNT,
        std::slice::from_ref(&right),
        &mut |bytes| {
            if let Ok(header) = envelope::header(bytes) {
                assert_eq!(bytes[1..17], header.key.0);
            }
            let opened = envelope::decrypt(key.process(), &key.loaded, id, &context, bytes);
            assert_eq!(opened.is_ok(), bytes == right);
            opened.is_ok()
        },
    );
}

#[test]
fn no_file_makes_the_header_reader_panic() {
    let _rig = Rig::new();
    let header = stream::Header::new(&[9; 60], context()).unwrap();
    let mut file = Vec::new();
    let key = crypto::secmem::Guarded::copy_of(&[1; 32]).unwrap();
    stream::seal(&key, &header, &mut &b"content"[..], &mut file).unwrap();
    mutations::try_all(
        "encrypted files",
        mutations::COUNT,
        std::slice::from_ref(&file),
        &mut |bytes| {
            let mut from = bytes;
            let Ok(header) = stream::Header::read(&mut from) else { return false };
            assert!(header.wrapped_key().len() < bytes.len());
            let mut out = Vec::new();
            let opened = stream::open(&key, &header, &mut from, &mut out);
            assert_eq!(opened.is_ok(), bytes == file);
            opened.is_ok()
        },
    );
}

#[test]
fn no_text_makes_the_share_reader_panic() {
    let _rig = Rig::new();
    let shares = crypto::unseal::split(&Secret::new(vec![3; 32]), 2, 3).unwrap();
    let texts: Vec<_> = shares.iter().map(|share| share.text().expose().to_vec()).collect();
    mutations::try_all("shares", mutations::COUNT, &texts, &mut |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let Ok(share) = Share::parse(&text) else { return false };
        let plain: String = text.split_whitespace().collect();
        let written = share.text();
        assert_eq!(str::from_utf8(written.expose()).unwrap(), plain.to_ascii_lowercase());
        true
    });
}

#[test]
fn no_bytes_make_the_reader_of_unseal_sources_panic() {
    let _rig = Rig::new();
    let root = RootKey::generate().unwrap();
    let file = new_key_file().unwrap();
    let by_file = Source::key_file(&root, &file).unwrap();
    let (by_shares, _) = Source::shares(&root, 2, 3).unwrap();
    let seeds = [by_file.to_canonical(), by_shares.to_canonical()];
    // All but the wrapping key, sealed for whoever rotates the root key: its length and itself.
    let opened_len = seeds[0].len() - 4 - 65;
    mutations::try_all("unseal sources", mutations::COUNT, &seeds, &mut |bytes| {
        let Ok(source) = Source::from_canonical(bytes) else { return false };
        assert_eq!(source.to_canonical(), bytes, "there is one form of a source");
        if source.open_with_key_file(&file).is_ok() {
            assert_eq!(bytes[..opened_len], seeds[0][..opened_len]);
        }
        true
    });
}

#[test]
fn no_signature_or_public_key_but_the_right_one_verifies() {
    let rig = Rig::new();
    let (kind, message) = (MessageType::Raw, b"message");
    for (spec, algorithm) in [
        (KeySpec::P256, SigningAlgorithm::EcdsaSha256),
        (KeySpec::Ed25519, SigningAlgorithm::Ed25519),
    ] {
        let key = rig.load(spec, rig.keys.generate(rig.account, spec).unwrap());
        let made = sign::sign(key.protect(), &key.loaded, algorithm, kind, message).unwrap();
        mutations::try_all(
            &format!("{spec:?} signatures"),
            mutations::COUNT / 4,
            std::slice::from_ref(&made),
            &mut |s| {
                let verified = sign::verify_spki(key.public(), spec, algorithm, kind, message, s);
                assert_eq!(verified.is_ok(), s == made);
                verified.is_ok()
            },
        );
        let public = key.public().to_vec();
        mutations::try_all(
            &format!("{spec:?} keys"),
            mutations::COUNT / 4,
            std::slice::from_ref(&public),
            &mut |k| {
                let verified = sign::verify_spki(k, spec, algorithm, kind, message, &made);
                assert_eq!(verified.is_ok(), k == public);
                verified.is_ok()
            },
        );
    }
}

#[test]
fn no_public_key_makes_an_agreement_panic() {
    let rig = Rig::new();
    for spec in [KeySpec::P256, KeySpec::X25519] {
        let [ours, theirs] =
            [0, 1].map(|_| rig.load(spec, rig.keys.generate(rig.account, spec).unwrap()));
        let seeds = [theirs.public().to_vec()];
        mutations::try_all(
            &format!("{spec:?} agreement"),
            mutations::COUNT / 4,
            &seeds,
            &mut |k| agree::shared_secret(ours.process(), &ours.loaded, k).is_ok(),
        );
    }
}

/// Keys on curves as Strongroom keeps them: the private one and the public one.
fn pairs() -> Vec<(Guarded, Vec<u8>)> {
    [KeySpec::P256, KeySpec::P521, KeySpec::Secp256k1]
        .map(|spec| {
            let pair = data_key::pair(spec).unwrap();
            (Guarded::copy_of(pair.private_pkcs8.expose()).unwrap(), pair.public_spki)
        })
        .into()
}

#[test]
fn a_private_key_in_anothers_form_is_kept_as_it_is_written() {
    let _rig = Rig::new();
    for form in [Form::Pkcs8, Form::EcPrivateKey, Form::Numbers] {
        let write = |kept: &Guarded| form::write_private(kept, form).unwrap().expose().to_vec();
        let keys: Vec<_> = pairs().iter().map(|pair| write(&pair.0)).collect();
        let name = format!("private keys ({form:?})");
        mutations::try_all(&name, mutations::COUNT, &keys, &mut |bytes| {
            let Ok((spec, kept)) = form::private(form, bytes) else { return false };
            let (again, same) = form::private(form, &write(&kept)).unwrap();
            assert!(again == spec && same.expose() == kept.expose());
            true
        });
    }
}

#[test]
fn a_public_key_in_anothers_form_is_kept_as_it_is_written() {
    let _rig = Rig::new();
    let keys = pairs().into_iter().map(|pair| pair.1);
    let keys = keys.flat_map(|spki| [form::write_compressed(&spki, Form::Spki).unwrap(), spki]);
    let keys: Vec<_> = keys.collect();
    mutations::try_all("public keys", mutations::COUNT, &keys, &mut |bytes| {
        let Ok((spec, kept)) = form::public(Form::Spki, bytes) else { return false };
        assert_eq!(form::public(Form::Spki, &kept), Ok((spec, kept)));
        true
    });
}
