//! Keys of pairs in every format that the protocol has for them, over the protocol in XML.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod conversation;

use conversation::{ACTIVE, Conversation, in_both_versions, named, values};

/// RFC 6979, A.2.5: the private key, and the coordinates of the public key.
const D: &str = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
const X: &str = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6";
const Y: &str = "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
/// What stands before a point in a SubjectPublicKeyInfo on P-256.
const SPKI: &str = "3059301306072A8648CE3D020106082A8648CE3D030107034200";
/// The same before a compressed one.
const COMPRESSED_SPKI: &str = "3039301306072A8648CE3D020106082A8648CE3D030107032200";
/// Keys that are not used here, as OpenSSL wrote them.
const OTHER: &str = include_str!("../../../vectors/openssl/other_keys.txt");

fn enumeration(tag: &str, value: &str) -> String {
    format!(r#"<{tag} type="Enumeration" value="{value}"/>"#)
}

/// Registers a key, and gives the answer.
fn register(talk: &Conversation, kind: &str, format: &str, material: &str, more: &str) -> String {
    let mask = if kind == "PrivateKey" { "Sign" } else { "Verify" };
    let attributes = talk.attributes(&[("Cryptographic Usage Mask", "Integer", mask), ACTIVE]);
    let more = format!("{}{more}", enumeration("KeyFormatType", format));
    let (object_type, value) =
        (enumeration("ObjectType", kind), format!("<KeyValue>{material}</KeyValue>"));
    talk.ask(
        "Register",
        &format!("{object_type}{attributes}<{kind}><KeyBlock>{more}{value}</KeyBlock></{kind}>"),
    )
}

fn id(answer: &str) -> String {
    values(answer, "UniqueIdentifier").pop().unwrap_or_else(|| panic!("{answer}"))
}

fn get(talk: &Conversation, id: &str, format: &str, compression: &str) -> String {
    let asked = [("KeyFormatType", format), ("KeyCompressionType", compression)];
    let asked = asked.iter().filter(|asked| !asked.1.is_empty());
    let asked: String = asked.map(|(tag, value)| enumeration(tag, value)).collect();
    talk.ask("Get", &format!("{}{asked}", named(id)))
}

fn one(answer: &str, tag: &str) -> String {
    let all = values(answer, tag);
    assert_eq!(all.len(), 1, "{tag}: {answer}");
    all[0].to_uppercase()
}

fn bytes(value: &str) -> String {
    format!(r#"<KeyMaterial type="ByteString" value="{value}"/>"#)
}

fn transparent_ec(field: &str) -> String {
    let curve = enumeration("RecommendedCurve", "P_256");
    format!("<KeyMaterial>{curve}{field}</KeyMaterial>")
}

fn q_string(point: &str) -> String {
    transparent_ec(&format!(r#"<QString type="ByteString" value="{point}"/>"#))
}

fn is_refused(answer: &str, why: &str) {
    assert!(answer.contains("OperationFailed") && answer.contains(why), "{why}: {answer}");
}

const COMPRESSED: &str = "ECPublicKeyTypeX9_62CompressedPrime";
const UNCOMPRESSED: &str = "ECPublicKeyTypeUncompressed";

#[test]
fn a_public_key_on_a_curve_is_given_in_each_format_and_its_point_as_is_asked() {
    in_both_versions(|talk| {
        let point = format!("04{X}{Y}");
        let compressed = format!("03{X}");
        let transparent = ["TransparentECPublicKey", "TransparentECDSAPublicKey"];
        let mut came = vec![
            ("X_509", bytes(&format!("{SPKI}{point}")), ""),
            ("X_509", bytes(&format!("{COMPRESSED_SPKI}{compressed}")), COMPRESSED),
        ];
        for format in transparent {
            came.push((format, q_string(&point), UNCOMPRESSED));
            came.push((format, q_string(&compressed), COMPRESSED));
            came.push((format, q_string(&compressed), ""));
        }
        for (format, material, compression) in came {
            let said = match compression {
                "" => String::new(),
                said => enumeration("KeyCompressionType", said),
            };
            let id = id(&register(talk, "PublicKey", format, &material, &said));
            // Uncompressed, unless it is asked for otherwise.
            let got = get(talk, &id, "", "");
            assert_eq!(one(&got, "KeyFormatType"), format.to_uppercase());
            let got = get(talk, &id, "X_509", "");
            assert_eq!(one(&got, "KeyMaterial"), format!("{SPKI}{point}"));
            assert!(!got.contains("KeyCompressionType"), "{got}");
            assert_eq!(one(&got, "CryptographicLength"), "256");
            let got = get(talk, &id, "X_509", COMPRESSED);
            assert_eq!(one(&got, "KeyMaterial"), format!("{COMPRESSED_SPKI}{compressed}"));
            assert_eq!(one(&got, "KeyCompressionType"), COMPRESSED.to_uppercase());
            for format in transparent {
                let got = get(talk, &id, format, UNCOMPRESSED);
                assert_eq!(
                    (one(&got, "QString"), one(&got, "RecommendedCurve")),
                    (point.clone(), "P_256".into())
                );
                let got = get(talk, &id, format, COMPRESSED);
                assert_eq!(one(&got, "QString"), compressed);
            }
            for format in
                ["TransparentRSAPublicKey", "TransparentECPrivateKey", "PKCS_1", "PKCS_12", "Raw"]
            {
                is_refused(&get(talk, &id, format, ""), "key format");
            }
            for compression in ["ECPublicKeyTypeX9_62Hybrid", "ECPublicKeyTypeX9_62CompressedChar2"]
            {
                is_refused(&get(talk, &id, "X_509", compression), "compressed");
            }
        }
    });
}

#[test]
fn the_bytes_of_a_symmetric_key_are_the_same_in_each_format() {
    in_both_versions(|talk| {
        let key = talk.create();
        let raw = one(&get(talk, &key, "Raw", ""), "KeyMaterial");
        assert_eq!(one(&get(talk, &key, "", ""), "KeyMaterial"), raw);
        assert_eq!(one(&get(talk, &key, "TransparentSymmetricKey", ""), "Key"), raw);
        for format in ["PKCS_1", "X_509", "TransparentRSAPrivateKey", "TransparentDHPublicKey"] {
            is_refused(&get(talk, &key, format, ""), "key format");
        }
        is_refused(&get(talk, &key, "Raw", UNCOMPRESSED), "compressed");
    });
}

#[test]
fn a_private_key_on_a_curve_comes_as_its_number_and_is_given_in_each_format() {
    in_both_versions(|talk| {
        let d = transparent_ec(&format!(r#"<D type="BigInteger" value="0000000000000000{D}"/>"#));
        let came = id(&register(talk, "PrivateKey", "TransparentECPrivateKey", &d, ""));
        let got = get(talk, &came, "", "");
        assert_eq!(one(&got, "D").trim_start_matches('0'), D);
        assert!(!got.contains("QString"), "{got}");
        assert_eq!(
            (one(&got, "CryptographicAlgorithm"), one(&got, "CryptographicLength")),
            ("EC".into(), "256".into())
        );
        for format in ["PKCS_8", "ECPrivateKey"] {
            let got = one(&get(talk, &came, format, ""), "KeyMaterial");
            assert!(got.contains(D) && got.contains(&format!("04{X}{Y}")), "{got}");
            // And comes so.
            let same = id(&register(talk, "PrivateKey", format, &bytes(&got), ""));
            let got = get(talk, &same, "TransparentECDSAPrivateKey", "");
            assert_eq!(one(&got, "D").trim_start_matches('0'), D);
        }
        is_refused(&get(talk, &came, "PKCS_8", COMPRESSED), "compressed");
        is_refused(&get(talk, &came, "TransparentECPublicKey", ""), "key format");
    });
}

#[test]
fn numbers_that_are_none_of_a_key_are_refused() {
    in_both_versions(|talk| {
        let off = format!("04{X}{}", X);
        let refused = register(talk, "PublicKey", "TransparentECPublicKey", &q_string(&off), "");
        is_refused(&refused, "do not belong together");
        let hybrid = format!("07{X}{Y}");
        let refused = register(talk, "PublicKey", "TransparentECPublicKey", &q_string(&hybrid), "");
        is_refused(&refused, "compressed or uncompressed");
        let said = enumeration("KeyCompressionType", COMPRESSED);
        let point = format!("04{X}{Y}");
        let refused =
            register(talk, "PublicKey", "TransparentECPublicKey", &q_string(&point), &said);
        is_refused(&refused, "compression type");
        let negative = transparent_ec(&format!(r#"<D type="BigInteger" value="{D}"/>"#));
        let refused = register(talk, "PrivateKey", "TransparentECPrivateKey", &negative, "");
        is_refused(&refused, "negative");
        let refused = register(talk, "PrivateKey", "TransparentECPublicKey", &q_string(&point), "");
        is_refused(&refused, "key format");
        let e = r#"<KeyMaterial><Modulus type="BigInteger" value="00000000000000F1"/>
            <PublicExponent type="BigInteger" value="0000000000000003"/></KeyMaterial>"#;
        let refused = register(talk, "PrivateKey", "TransparentRSAPrivateKey", e, "");
        is_refused(&refused, "Private Exponent");
        let with_length = q_string(&point);
        let longer = r#"<CryptographicAlgorithm type="Enumeration" value="EC"/>
            <CryptographicLength type="Integer" value="384"/>"#;
        let kind = "PublicKey";
        let attributes =
            talk.attributes(&[ACTIVE, ("Cryptographic Usage Mask", "Integer", "Verify")]);
        let refused = talk.ask("Register", &format!(
            "{}{attributes}<{kind}><KeyBlock>{}<KeyValue>{with_length}</KeyValue>{longer}</KeyBlock></{kind}>",
            enumeration("ObjectType", kind), enumeration("KeyFormatType", "TransparentECPublicKey"),
        ));
        is_refused(&refused, "length");
    });
}

/// A pair of RSA keys that is made here.
fn rsa(talk: &Conversation) -> [String; 2] {
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
        tagged("PrivateKey", &[("Cryptographic Usage Mask", "Integer", "Sign")]),
        tagged("PublicKey", &[("Cryptographic Usage Mask", "Integer", "Verify")]),
    ];
    let made = talk.ask("CreateKeyPair", &payload.concat());
    ["PrivateKeyUniqueIdentifier", "PublicKeyUniqueIdentifier"]
        .map(|tag| values(&made, tag).pop().unwrap())
}

/// The numbers of these names in an answer, as key material.
fn numbers(answer: &str, names: &[&str]) -> String {
    let number =
        |name: &&str| format!(r#"<{name} type="BigInteger" value="{}"/>"#, one(answer, name));
    format!("<KeyMaterial>{}</KeyMaterial>", names.iter().map(number).collect::<String>())
}

const RSA: [&str; 8] = [
    "Modulus",
    "PrivateExponent",
    "PublicExponent",
    "P",
    "Q",
    "PrimeExponentP",
    "PrimeExponentQ",
    "CRTCoefficient",
];

#[test]
fn an_rsa_key_comes_as_some_of_its_numbers_and_is_given_with_all() {
    let talk = &Conversation::new(1);
    let [private, public] = rsa(talk);
    let told = get(talk, &private, "TransparentRSAPrivateKey", "");
    let pkcs1 = one(&get(talk, &private, "PKCS_1", ""), "KeyMaterial");
    for some in [
        &RSA[..],
        &["Modulus", "PrivateExponent"],
        &["Modulus", "P", "Q"],
        &["Modulus", "PrimeExponentP", "PrimeExponentQ"],
    ] {
        let material = numbers(&told, some);
        let came = id(&register(talk, "PrivateKey", "TransparentRSAPrivateKey", &material, ""));
        let got = get(talk, &came, "PKCS_1", "");
        assert_eq!(one(&got, "CryptographicLength"), "2048");
        if some[1] != "PrivateExponent" || some.len() == 8 {
            assert_eq!(one(&got, "KeyMaterial"), pkcs1, "{some:?}");
        }
        let got = get(talk, &came, "", "");
        assert_eq!(one(&got, "PrivateExponent"), one(&told, "PrivateExponent"));
        assert_eq!(one(&got, "KeyFormatType"), "TRANSPARENTRSAPRIVATEKEY");
    }
    // A number of another key.
    let other = get(talk, &rsa(talk)[0], "TransparentRSAPrivateKey", "");
    let mixed = numbers(&told, &RSA[..3])
        .replace(&one(&told, "PrivateExponent"), &one(&other, "PrivateExponent"));
    let refused = register(talk, "PrivateKey", "TransparentRSAPrivateKey", &mixed, "");
    is_refused(&refused, "do not belong together");
    let told = get(talk, &public, "TransparentRSAPublicKey", "");
    let material = numbers(&told, &["Modulus", "PublicExponent"]);
    let came = id(&register(talk, "PublicKey", "TransparentRSAPublicKey", &material, ""));
    let spki = |id: &str| one(&get(talk, id, "X_509", ""), "KeyMaterial");
    assert_eq!(spki(&came), spki(&public));
    is_refused(&get(talk, &public, "TransparentRSAPrivateKey", ""), "key format");
}

/// A field of a key that is not used here, in hexadecimal.
fn other(name: &str, field: &str) -> String {
    let of = OTHER.split("name = ").find(|key| key.starts_with(name)).unwrap();
    let line = of.lines().find_map(|line| line.strip_prefix(&format!("{field} = ")));
    line.unwrap().to_uppercase()
}

#[test]
fn a_key_that_is_not_used_is_given_in_the_formats_of_its_algorithm() {
    let dsa: (&str, &[&str], &[&str]) = ("DSA", &["P", "Q", "G", "X"], &["P", "Q", "G", "Y"]);
    let rsa: (&str, &[&str], &[&str]) = ("RSA", &RSA, &["Modulus", "PublicExponent"]);
    in_both_versions(|talk| {
        for (name, bits, (algorithm, private, public)) in
            [("DSA-2048", "2048", dsa), ("RSA-1024", "1024", rsa)]
        {
            for (kind, own, field, names) in
                [("PrivateKey", "PKCS_8", "pkcs8", private), ("PublicKey", "X_509", "spki", public)]
            {
                let der = other(name, field);
                let transparent = format!("Transparent{algorithm}{kind}");
                let came = id(&register(talk, kind, own, &bytes(&der), ""));
                let told = get(talk, &came, &transparent, "");
                let material = numbers(&told, names);
                let came = id(&register(talk, kind, &transparent, &material, ""));
                let got = get(talk, &came, "", "");
                assert_eq!(numbers(&got, names), material);
                assert_eq!(one(&got, "CryptographicAlgorithm"), algorithm);
                assert_eq!(one(&got, "CryptographicLength"), bits);
                assert_eq!(one(&get(talk, &came, own, ""), "KeyMaterial"), der, "{name}");
                is_refused(&get(talk, &came, "ECPrivateKey", ""), "key format");
                let (operation, data) = match kind {
                    "PrivateKey" => ("Sign", ""),
                    _ => ("SignatureVerify", r#"<SignatureData type="ByteString" value="00"/>"#),
                };
                let parameters = r#"<CryptographicParameters>
                    <DigitalSignatureAlgorithm type="Enumeration"
                    value="SHA_256WithRSAEncryption"/></CryptographicParameters>"#;
                let data = format!(r#"{parameters}<Data type="ByteString" value="00"/>{data}"#);
                let refused = talk.ask(operation, &format!("{}{data}", named(&came)));
                is_refused(&refused, "stored");
            }
        }
    });
}
