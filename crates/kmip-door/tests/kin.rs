//! Objects that come of other objects, over the protocol in XML: replaced, derived, split and
//! joined, taken from one place to another.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod conversation;

use conversation::{ACTIVE, Conversation, SYMMETRIC, in_both_versions, named, values};

const SECRET: &str = r#"<ObjectType type="Enumeration" value="SecretData"/>"#;

/// The bytes of an object, in hexadecimal.
fn bytes(of: &Conversation, id: &str) -> String {
    let answer = of.ask("Get", &named(id));
    values(&answer, "KeyMaterial").pop().unwrap_or_else(|| answer.clone()).to_lowercase()
}

#[test]
fn a_key_is_replaced_by_one_of_its_algorithm() {
    in_both_versions(|talk| {
        let old = talk.create();
        let payload = format!(r#"{}<Offset type="Interval" value="60"/>"#, named(&old));
        let new = talk.made("ReKey", &payload).remove(0);
        assert_ne!(bytes(talk, &new), bytes(talk, &old));
        assert_eq!(bytes(talk, &new).len(), 64);
        let longer = talk.attributes(&[("Cryptographic Length", "Integer", "128")]);
        let answer = talk.ask("ReKey", &format!("{}{longer}", named(&old)));
        assert!(answer.contains("InvalidField"), "{answer}");
        let dates = talk.attributes(&[ACTIVE]);
        let answer = talk.ask("ReKey", &format!("{payload}{dates}"));
        assert!(answer.contains("InvalidMessage"), "{answer}");
    });
}

#[test]
fn a_pair_is_replaced_by_a_pair() {
    in_both_versions(|talk| {
        let mask = |mask| [("Cryptographic Usage Mask", "Integer", mask)];
        let rename = |attributes: String, tag: &str| {
            let old = if talk.minor == 4 { "TemplateAttribute" } else { "Attributes" };
            attributes.replace(old, &format!("{tag}{old}"))
        };
        let common = [
            ("Cryptographic Algorithm", "Enumeration", "EC"),
            ("Cryptographic Length", "Integer", "256"),
        ];
        let payload = [
            rename(talk.attributes(&common), "Common"),
            rename(talk.attributes(&mask("Sign")), "PrivateKey"),
            rename(talk.attributes(&mask("Verify")), "PublicKey"),
        ]
        .concat();
        let answer = talk.ask("CreateKeyPair", &payload);
        let old = values(&answer, "PrivateKeyUniqueIdentifier");
        assert_eq!(old.len(), 1, "{answer}");
        let id = format!(r#"<PrivateKeyUniqueIdentifier type="TextString" value="{}"/>"#, old[0]);
        let answer = talk.ask("ReKeyKeyPair", &id);
        let new = values(&answer, "PrivateKeyUniqueIdentifier");
        assert!(new.len() == 1 && new != old, "{answer}");
        assert_eq!(values(&answer, "PublicKeyUniqueIdentifier").len(), 1);
    });
}

/// A secret with these bytes, in hexadecimal.
fn secret(talk: &Conversation, bytes: &str) -> String {
    let mask = ("Cryptographic Usage Mask", "Integer", "DeriveKey");
    let attributes = talk.attributes(&[mask, ACTIVE]);
    let object = format!(
        r#"<SecretData><SecretDataType type="Enumeration" value="Password"/>
        <KeyBlock><KeyFormatType type="Enumeration" value="Opaque"/><KeyValue>
        <KeyMaterial type="ByteString" value="{bytes}"/></KeyValue></KeyBlock></SecretData>"#
    );
    talk.made("Register", &format!("{SECRET}{attributes}{object}")).remove(0)
}

fn derive(talk: &Conversation, bases: &[&str], method: &str, parameters: &str) -> String {
    let bases: String = bases.iter().map(|base| named(base)).collect();
    let attributes = talk.attributes(&[("Cryptographic Length", "Integer", "128")]);
    format!(
        r#"{SECRET}{bases}<DerivationMethod type="Enumeration" value="{method}"/>
        <DerivationParameters>{parameters}</DerivationParameters>{attributes}"#
    )
}

#[test]
fn secrets_are_derived_as_the_parameters_say() {
    in_both_versions(|talk| {
        let sha_256 = r#"<CryptographicParameters>
            <HashingAlgorithm type="Enumeration" value="SHA_256"/></CryptographicParameters>"#;
        let abc = secret(talk, "616263");
        let derived = talk.made("DeriveKey", &derive(talk, &[&abc], "HASH", sha_256)).remove(0);
        assert_eq!(bytes(talk, &derived), "ba7816bf8f01cfea414140de5dae2223");
        let answer = talk.ask("DeriveKey", &derive(talk, &[&abc], "HASH", ""));
        assert!(answer.contains("OperationFailed"), "{answer}");
        // RFC 6070, the second, whose hash is the one by default.
        let password = secret(talk, "70617373776f7264");
        let pbkdf2 = r#"<Salt type="ByteString" value="73616c74"/>
            <IterationCount type="Integer" value="2"/>"#;
        let payload = derive(talk, &[&password], "PBKDF2", pbkdf2);
        let derived = talk.made("DeriveKey", &payload).remove(0);
        assert_eq!(bytes(talk, &derived), "ea6c014dc72d6f8ccd1ed92ace1d41f0");
        // RFC 4231, the first, with the data in another secret, and then in both places.
        let key = secret(talk, &"0b".repeat(20));
        let data = secret(talk, "4869205468657265");
        let payload = derive(talk, &[&key, &data], "HMAC", sha_256);
        let derived = talk.made("DeriveKey", &payload).remove(0);
        assert_eq!(bytes(talk, &derived), "b0344c61d8db38535ca8afceaf0bf12b");
        let both = format!(r#"{sha_256}<DerivationData type="ByteString" value="00"/>"#);
        let answer = talk.ask("DeriveKey", &derive(talk, &[&key, &data], "HMAC", &both));
        assert!(answer.contains("InvalidMessage"), "{answer}");
    });
}

#[test]
fn a_key_is_split_and_its_parts_are_handed_out_taken_back_and_joined() {
    in_both_versions(|talk| {
        let key = talk.create();
        let split = |method: &str, more: &str| {
            let payload = format!(
                r#"<ObjectType type="Enumeration" value="SplitKey"/>{}
                <SplitKeyParts type="Integer" value="3"/>
                <SplitKeyThreshold type="Integer" value="2"/>
                <SplitKeyMethod type="Enumeration" value="{method}"/>{more}{}"#,
                named(&key),
                talk.attributes(&[])
            );
            talk.made("CreateSplitKey", &payload)
        };
        // 2^521 - 1.
        let prime = format!("{}01{}", "00".repeat(6), "ff".repeat(65));
        let prime = format!(r#"<PrimeFieldSize type="BigInteger" value="{prime}"/>"#);
        for (method, more) in
            [("PolynomialSharingGF2_16", ""), ("PolynomialSharingPrimeField", &*prime)]
        {
            let parts = split(method, more);
            assert_eq!(parts.len(), 3);
            let join = |parts: &[&String]| {
                let parts: String = parts.iter().map(|part| named(part)).collect();
                talk.made("JoinSplitKey", &format!("{SYMMETRIC}{parts}")).remove(0)
            };
            let joined = join(&[&parts[2], &parts[0]]);
            assert_eq!(bytes(talk, &joined), bytes(talk, &key), "{method}");
            // A part that was brought is as good as one that was made here, with its like.
            let brought = parts[1..].iter().map(|part| {
                let answer = talk.ask("Get", &named(part));
                let at = answer.find("<SplitKey>").unwrap();
                let end = answer.find("</SplitKey>").unwrap();
                let object = &answer[at..end + 11];
                let split = r#"<ObjectType type="Enumeration" value="SplitKey"/>"#;
                let payload = format!("{split}{}{object}", talk.attributes(&[]));
                talk.made("Register", &payload).remove(0)
            });
            let brought: Vec<String> = brought.collect();
            let joined = join(&[&brought[0], &brought[1]]);
            assert_eq!(bytes(talk, &joined), bytes(talk, &key), "{method}");
        }
    });
}

#[test]
fn the_derivations_of_one_message_are_bounded_together() {
    in_both_versions(|talk| {
        let password = secret(talk, "70617373776f7264");
        let stretched = |iterations: u32| {
            let pbkdf2 = format!(
                r#"<Salt type="ByteString" value="73616c74"/>
                <IterationCount type="Integer" value="{iterations}"/>"#
            );
            derive(talk, &[&password], "PBKDF2", &pbkdf2)
        };
        let together = "of PBKDF2 together";
        let (little, most) = (stretched(1), stretched(10_000_000));
        // One more than there is room for, and nothing of that is worked out.
        let answer = talk.ask_all("", &[("DeriveKey", &little), ("DeriveKey", &most)]);
        assert!(answer.contains("Success") && answer.contains(together), "{answer}");
        let answer = talk.ask_all("", &[("DeriveKey", &little), ("DeriveKey", &little)]);
        assert!(!answer.contains(together), "{answer}");
        // The next message has all the room again.
        assert!(talk.ask("DeriveKey", &stretched(10_000_001)).contains(together));
        assert!(talk.ask("DeriveKey", &little).contains("Success"));
    });
}

#[test]
fn what_is_exported_is_imported_elsewhere_as_it_was() {
    in_both_versions(|talk| {
        let key = talk.create();
        let answer = talk.ask("Export", &named(&key));
        let at = answer.find("<ResponsePayload>").unwrap() + 17;
        let exported = &answer[at..answer.find("</ResponsePayload>").unwrap()];
        let object = &exported[exported.find("<SymmetricKey>").unwrap()..];
        let attributes = &exported[exported.find("<Attribute").unwrap()..];
        let attributes = &attributes[..attributes.find("<SymmetricKey>").unwrap()];
        let object_type = if talk.minor == 4 { "" } else { SYMMETRIC };
        let import =
            |replace: &str| format!("{}{object_type}{replace}{attributes}{object}", named(&key));
        let answer = talk.ask("Import", &import(""));
        assert!(answer.contains("ObjectAlreadyExists"), "{answer}");
        let elsewhere = Conversation::new(talk.minor);
        assert_eq!(elsewhere.made("Import", &import("")), std::slice::from_ref(&key));
        assert_eq!(bytes(&elsewhere, &key), bytes(talk, &key));
        let replace = r#"<ReplaceExisting type="Boolean" value="true"/>"#;
        assert_eq!(talk.made("Import", &import(replace)), [key]);
    });
}

#[test]
fn a_line_for_the_log_a_ping_and_the_ends_of_a_test_change_nothing() {
    let talk = Conversation::new(1);
    let line = r#"<LogMessage type="TextString" value="done"/>"#;
    assert!(talk.ask("Log", line).contains("Success"));
    assert!(talk.ask("Ping", "").contains("Success"));
    let interop = |function| {
        let case = r#"<InteropIdentifier type="TextString" value="a"/>"#;
        let payload = format!(r#"<InteropFunction type="Enumeration" value="{function}"/>{case}"#);
        talk.ask("Interop", &payload)
    };
    assert!(interop("Begin").contains("Success") && interop("End").contains("Success"));
    assert!(interop("Reset").contains("PermissionDenied"));
}
