//! Keys that leave wrapped and come wrapped, over the protocol in XML.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod conversation;

use conversation::{ACTIVE, Conversation, SYMMETRIC, in_both_versions, named, values};

const MATERIAL: &str = "000102030405060708090a0b0c0d0e0f1011121314151617";

/// An AES key of these bytes, for wrapping or what else the mask says.
fn key(talk: &Conversation, bytes: &str, mask: &str) -> String {
    let payload =
        format!("{SYMMETRIC}{}{}", attributes(talk, mask), object(bytes, 4 * bytes.len()));
    talk.made("Register", &payload).remove(0)
}

fn attributes(talk: &Conversation, mask: &str) -> String {
    talk.attributes(&[("Cryptographic Usage Mask", "Integer", mask), ACTIVE])
}

fn object(bytes: &str, bits: usize) -> String {
    block(
        &format!(r#"<KeyValue><KeyMaterial type="ByteString" value="{bytes}"/></KeyValue>"#),
        bits,
        "",
    )
}

/// A symmetric key with this key value.
fn block(value: &str, bits: usize, wrapping: &str) -> String {
    format!(
        r#"<SymmetricKey><KeyBlock><KeyFormatType type="Enumeration" value="Raw"/>{value}
        <CryptographicAlgorithm type="Enumeration" value="AES"/>
        <CryptographicLength type="Integer" value="{bits}"/>{wrapping}</KeyBlock></SymmetricKey>"#
    )
}

/// What is said of how a key wraps or wrapped.
fn wrapping(by: &str, mode: &str, encoding: &str) -> String {
    let encoding = match encoding {
        "" => String::new(),
        other => format!(r#"<EncodingOption type="Enumeration" value="{other}"/>"#),
    };
    format!(
        r#"<WrappingMethod type="Enumeration" value="Encrypt"/><EncryptionKeyInformation>{}
        <CryptographicParameters><BlockCipherMode type="Enumeration" value="{mode}"/>
        </CryptographicParameters></EncryptionKeyInformation>{encoding}"#,
        named(by),
    )
}

fn data(by: &str, mode: &str, encoding: &str) -> String {
    format!("<KeyWrappingData>{}</KeyWrappingData>", wrapping(by, mode, encoding))
}

/// The only byte string of an answer of this name.
fn bytes(answer: &str, name: &str) -> String {
    values(answer, name).pop().unwrap_or_else(|| panic!("{answer}")).to_lowercase()
}

fn register(talk: &Conversation, value: &str, wrapping: &str) -> String {
    let attributes = attributes(talk, "Encrypt");
    talk.ask("Register", &format!("{SYMMETRIC}{attributes}{}", block(value, 192, wrapping)))
}

#[test]
fn a_key_comes_wrapped_as_it_left_and_is_the_same() {
    in_both_versions(|talk| {
        let by = key(talk, &"5a".repeat(32), "WrapKey UnwrapKey");
        let kept = key(talk, MATERIAL, "Encrypt");
        for mode in ["NISTKeyWrap", "AESKeyWrapPadding"] {
            for encoding in ["", "NoEncoding", "TTLVEncoding"] {
                let how = wrapping(&by, mode, encoding);
                let specification =
                    format!("<KeyWrappingSpecification>{how}</KeyWrappingSpecification>");
                let got = talk.ask("Get", &format!("{}{specification}", named(&kept)));
                let is_encoded = encoding != "NoEncoding";
                let name = if is_encoded { "KeyValue" } else { "KeyMaterial" };
                let wrapped = bytes(&got, name);
                assert!(!wrapped.contains(MATERIAL), "{got}");
                let value = format!(r#"<KeyValue type="ByteString" value="{wrapped}"/>"#);
                let within = format!(
                    r#"<KeyValue><KeyMaterial type="ByteString" value="{wrapped}"/></KeyValue>"#
                );
                for value in [value, within] {
                    let made = register(talk, &value, &data(&by, mode, encoding));
                    let id = values(&made, "UniqueIdentifier").pop().unwrap();
                    let got = talk.ask("Get", &named(&id));
                    assert_eq!(bytes(&got, "KeyMaterial"), MATERIAL);
                    assert!(!got.contains("KeyWrappingData"), "{got}");
                    let list = talk.ask("GetAttributes", &named(&id));
                    assert!(list.contains("WrappingKeyLink") && list.contains(&by), "{list}");
                }
                // What is wrapped one way is not what is wrapped another.
                let other = if is_encoded { "NoEncoding" } else { "TTLVEncoding" };
                let value = format!(r#"<KeyValue type="ByteString" value="{wrapped}"/>"#);
                let made = register(talk, &value, &data(&by, mode, other));
                assert!(made.contains("InvalidField"), "{made}");
            }
        }
    });
}

#[test]
fn what_rfc_3394_wraps_is_unwrapped() {
    in_both_versions(|talk| {
        // Section 4.4.
        let by = key(talk, MATERIAL, "UnwrapKey");
        let value = r#"<KeyValue type="ByteString"
            value="031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2"/>"#;
        let made = register(talk, value, &data(&by, "NISTKeyWrap", "NoEncoding"));
        let id = values(&made, "UniqueIdentifier").pop().unwrap();
        let got = talk.ask("Get", &named(&id));
        assert_eq!(bytes(&got, "KeyMaterial"), "00112233445566778899aabbccddeeff0001020304050607");
        let edited = value.replace("031d", "031e");
        let made = register(talk, &edited, &data(&by, "NISTKeyWrap", "NoEncoding"));
        assert!(made.contains("CryptographicFailure"), "{made}");
    });
}

#[test]
fn a_key_leaves_by_a_public_key_and_comes_by_the_private_one() {
    in_both_versions(|talk| {
        let old = if talk.minor == 4 { "TemplateAttribute" } else { "Attributes" };
        let tagged = |tag: &str, these: &[(&str, &str, &str)]| {
            talk.attributes(these).replace(old, &format!("{tag}{old}"))
        };
        let common = [
            ("Cryptographic Algorithm", "Enumeration", "RSA"),
            ("Cryptographic Length", "Integer", "2048"),
            ACTIVE,
        ];
        let payload = [
            tagged("Common", &common),
            tagged("PrivateKey", &[("Cryptographic Usage Mask", "Integer", "UnwrapKey")]),
            tagged("PublicKey", &[("Cryptographic Usage Mask", "Integer", "WrapKey")]),
        ];
        let pair = talk.ask("CreateKeyPair", &payload.concat());
        let half = |tag| values(&pair, tag).pop().unwrap();
        let (private, public) =
            (half("PrivateKeyUniqueIdentifier"), half("PublicKeyUniqueIdentifier"));
        let oaep = |by: &str| {
            let mode = r#"<BlockCipherMode type="Enumeration" value="NISTKeyWrap"/>"#;
            let padding = r#"<PaddingMethod type="Enumeration" value="OAEP"/>
                <HashingAlgorithm type="Enumeration" value="SHA_256"/>"#;
            wrapping(by, "NISTKeyWrap", "").replace(mode, padding)
        };
        let kept = key(talk, MATERIAL, "Encrypt");
        let how = oaep(&public);
        let how = format!("<KeyWrappingSpecification>{how}</KeyWrappingSpecification>");
        let wrapped = bytes(&talk.ask("Get", &format!("{}{how}", named(&kept))), "KeyValue");
        assert_eq!(wrapped.len(), 512);
        let value = format!(r#"<KeyValue type="ByteString" value="{wrapped}"/>"#);
        let data = |by| format!("<KeyWrappingData>{}</KeyWrappingData>", oaep(by));
        let made = register(talk, &value, &data(&private));
        let id = values(&made, "UniqueIdentifier").pop().unwrap();
        assert_eq!(bytes(&talk.ask("Get", &named(&id)), "KeyMaterial"), MATERIAL);
        // Of what is wrong with it nothing is told.
        let zeros = "00".repeat(256);
        for wrong in [zeros.as_str(), &wrapped[2..], "", &wrapped.replace('a', "b")] {
            let value = format!(r#"<KeyValue type="ByteString" value="{wrong}"/>"#);
            let refused = register(talk, &value, &data(&private));
            assert!(refused.contains("The data are not authentic."), "{refused}");
        }
        let refused = register(talk, &value, &data(&public));
        assert!(refused.contains("OperationFailed"), "{refused}");
    });
}

#[test]
fn a_key_that_comes_wrapped_by_what_is_not_here_or_in_other_ways_is_refused() {
    in_both_versions(|talk| {
        let by = key(talk, MATERIAL, "UnwrapKey");
        let is_new = talk.minor != 4;
        let told = |answer: &str, old: &str, new: &str| {
            let reason = bytes(answer, "ResultReason");
            let wanted = if is_new { new } else { old };
            assert_eq!(reason, wanted.to_lowercase(), "{answer}");
        };
        let value = format!(r#"<KeyValue type="ByteString" value="{MATERIAL}"/>"#);
        let of = |data: &str| register(talk, &value, data);
        let gone = "00000000-0000-4000-8000-000000000000";
        let answer = of(&data(gone, "NISTKeyWrap", "NoEncoding"));
        told(&answer, "ItemNotFound", "WrappingObjectNotFound");
        let answer = of(&data(&by, "CBC", "NoEncoding"));
        told(&answer, "FeatureNotSupported", "UnsupportedCryptographicParameters");
        let signed = data(&by, "NISTKeyWrap", "NoEncoding").replace("\"Encrypt\"", "\"MACSign\"");
        told(&of(&signed), "FeatureNotSupported", "FeatureNotSupported");
        let code = r#"<MACSignature type="ByteString" value="00"/><EncodingOption"#;
        let with_code = data(&by, "NISTKeyWrap", "NoEncoding").replace("<EncodingOption", code);
        told(&of(&with_code), "FeatureNotSupported", "FeatureNotSupported");
        let wraps = talk.create();
        let answer = of(&data(&wraps, "NISTKeyWrap", "NoEncoding"));
        told(&answer, "PermissionDenied", "IncompatibleCryptographicUsageMask");
    });
}

#[test]
fn what_is_imported_wrapped_is_kept_unwrapped_or_refused() {
    in_both_versions(|talk| {
        let by = key(talk, MATERIAL, "UnwrapKey");
        let value = r#"<KeyValue type="ByteString"
            value="031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2"/>"#;
        let import = |id: &str, how: &str, object: &str| {
            let attributes = attributes(talk, "Encrypt");
            // Import has its attributes as 1.x answers them.
            let attributes =
                attributes.replace("<TemplateAttribute>", "").replace("</TemplateAttribute>", "");
            let kind = if talk.minor == 4 { "" } else { SYMMETRIC };
            let how = match how {
                "" => String::new(),
                how => format!(r#"<KeyWrapType type="Enumeration" value="{how}"/>"#),
            };
            talk.ask("Import", &format!("{}{kind}{how}{attributes}{object}", named(id)))
        };
        let wrapped = block(value, 192, &data(&by, "NISTKeyWrap", "NoEncoding"));
        let id = "11111111-1111-4111-8111-111111111111";
        let answer = import(id, "AsRegistered", &wrapped);
        assert!(answer.contains("kept unwrapped here"), "{answer}");
        let answer = import(id, "NotWrapped", &wrapped);
        assert!(answer.contains(r#"value="Success""#), "{answer}");
        let get = |id: &str, how: &str| {
            let how = format!(r#"<KeyWrapType type="Enumeration" value="{how}"/>"#);
            talk.ask("Get", &format!("{}{how}", named(id)))
        };
        let got = get(id, "NotWrapped");
        assert_eq!(bytes(&got, "KeyMaterial"), "00112233445566778899aabbccddeeff0001020304050607");
        assert!(get(id, "AsRegistered").contains("kept unwrapped here"));
        // What came in the clear is registered so.
        let id = "22222222-2222-4222-8222-222222222222";
        let answer = import(id, "AsRegistered", &object(MATERIAL, 192));
        assert!(answer.contains(r#"value="Success""#), "{answer}");
        assert_eq!(bytes(&get(id, "AsRegistered"), "KeyMaterial"), MATERIAL);
    });
}
