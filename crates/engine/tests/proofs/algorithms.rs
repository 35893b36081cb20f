//! What the algorithm policy allows: the manual's table is the engine's, and the engine keeps to it.

use engine::{KeyRef, Mode, names, op};
use model::{
    Error, Wall,
    algorithm::{Algorithm, Hash, KeySpec, KeyUsage, MessageType, SigningAlgorithm},
    algorithm_policy::{KEYS, Profile, RAWS, Row, Subject, Term, USES, Way},
};

use crate::{
    house::{House, NOW, at, context, create, decrypt, encrypt, engine_under, house},
    stage::MESSAGE,
    verbs,
};

fn word(term: Term) -> String {
    match term {
        Term::Always => "yes".to_owned(),
        Term::Through(year) => format!("to {year}"),
        Term::Never => "no".to_owned(),
    }
}

fn table(title: &str, rows: &[Row]) -> String {
    let mut table = format!("| {title} |");
    for profile in Profile::ALL {
        let name = profile.name();
        table += &format!(" {name}: protect | {name}: process |");
    }
    table += " basis |\n|---|---|---|---|---|---|---|---|\n";
    // What no door has a name for cannot be asked for.
    for row in rows.iter().filter(|row| !names::subject(row.subject).is_empty()) {
        table += &format!("| `{}` |", names::subject(row.subject));
        for term in row.terms.as_flattened() {
            table += &format!(" {} |", word(*term));
        }
        table += &format!(" {} |\n", row.basis);
    }
    table
}

#[test]
fn the_manual_shows_the_table_that_holds() {
    let manual = include_str!("../../../../docs/algorithms.md");
    for table in [table("key", KEYS), table("raw key", RAWS), table("use", USES)] {
        assert!(manual.contains(&table), "docs/algorithms.md does not say:\n{table}");
    }
}

/// What a key is used for, how, and what came of it before any profile held.
struct Subjects {
    key: KeyRef,
    spec: KeySpec,
    algorithm: Algorithm,
    made: Vec<u8>,
}

const TRIED: &[(KeySpec, Algorithm)] = &[
    (KeySpec::Rsa2048, Algorithm::Signing(SigningAlgorithm::RsaPssSha384)),
    (KeySpec::P256, Algorithm::Signing(SigningAlgorithm::EcdsaSha256)),
    (KeySpec::P384, Algorithm::Signing(SigningAlgorithm::EcdsaSha384)),
    (KeySpec::Secp256k1, Algorithm::Signing(SigningAlgorithm::EcdsaSha256)),
    (KeySpec::Ed25519, Algorithm::Signing(SigningAlgorithm::Ed25519)),
    (KeySpec::MlDsa65, Algorithm::Signing(SigningAlgorithm::MlDsa)),
    (KeySpec::MlDsa87, Algorithm::Signing(SigningAlgorithm::MlDsa)),
    (KeySpec::Hmac224, Algorithm::Mac(Hash::Sha224)),
    (KeySpec::Hmac256, Algorithm::Mac(Hash::Sha256)),
    (KeySpec::Hmac384, Algorithm::Mac(Hash::Sha384)),
    (KeySpec::MlKem512, Algorithm::Encapsulation),
    (KeySpec::MlKem1024, Algorithm::Encapsulation),
];

impl Subjects {
    fn new(house: &House, (spec, algorithm): (KeySpec, Algorithm)) -> Self {
        let usage = match algorithm {
            Algorithm::Signing(_) => KeyUsage::SignVerify,
            Algorithm::Mac(_) => KeyUsage::GenerateVerifyMac,
            Algorithm::Encapsulation => KeyUsage::EncapsulateDecapsulate,
            _ => panic!("tried elsewhere"),
        };
        let key = house.create(spec, usage);
        let mut subjects = Self { key, spec, algorithm, made: Vec::new() };
        subjects.made = subjects.protect(house, NOW).unwrap();
        subjects
    }

    fn protect(&self, house: &House, wall: Wall) -> Result<Vec<u8>, Error> {
        let (admin, key, message) = (&house.admin(), self.key.clone(), MESSAGE.to_vec());
        match self.algorithm {
            Algorithm::Signing(algorithm) => {
                let message_type = MessageType::Raw;
                let sign = op::Sign { key, algorithm, message_type, message };
                house.call_at(admin, sign, wall).map(|signed| signed.signature)
            }
            Algorithm::Mac(hash) => {
                let make = op::GenerateMac { key, hash, message };
                house.call_at(admin, make, wall).map(|made| made.code)
            }
            Algorithm::Encapsulation => {
                house.call_at(admin, op::Encapsulate { key }, wall).map(|made| made.ciphertext)
            }
            _ => panic!("tried elsewhere"),
        }
    }

    fn process(&self, house: &House, wall: Wall) -> Result<Vec<u8>, Error> {
        let (admin, key, message) = (&house.admin(), self.key.clone(), MESSAGE.to_vec());
        let made = self.made.clone();
        let processed = match self.algorithm {
            Algorithm::Signing(algorithm) => {
                let (message_type, signature) = (MessageType::Raw, made);
                let verify = op::Verify { key, algorithm, message_type, message, signature };
                house.call_at(admin, verify, wall).map(drop)
            }
            Algorithm::Mac(hash) => {
                let verify = op::VerifyMac { key, hash, message, code: made };
                house.call_at(admin, verify, wall).map(drop)
            }
            Algorithm::Encapsulation => {
                let recover = op::Decapsulate { key, ciphertext: made };
                house.call_at(admin, recover, wall).map(drop)
            }
            _ => panic!("tried elsewhere"),
        };
        processed.map(|()| Vec::new())
    }

    /// Whether the engine did what the table allows, and refused what it does not.
    fn assert_kept(&self, house: &House, profile: Profile, wall: Wall) {
        for way in [Way::Protect, Way::Process] {
            let outcome = match way {
                Way::Protect => self.protect(house, wall),
                Way::Process => self.process(house, wall),
            };
            let mut subjects = [Subject::Key(self.spec), Subject::Use(self.algorithm)].into_iter();
            let refused = subjects.find(|subject| !profile.allows(*subject, way, at(wall)));
            let expected = refused.map(|subject| Error::Disallowed { subject, way, profile });
            assert_eq!(outcome.err(), expected, "{profile:?} {:?} {wall:?}", self.spec);
        }
    }
}

/// The same server, started again under another profile.
fn under(profile: Profile, house: House) -> House {
    let House { engine, store, folder, key_file, access } = house;
    drop(engine);
    let engine = engine_under(profile, store.clone(), &folder);
    let house = House { engine, store, folder, key_file, access };
    house.unseal();
    house
}

#[test]
fn the_engine_keeps_to_the_table_under_every_profile_at_every_date() {
    let last_day = |year| Wall::from_utc(year, 12, 31, 23, 59, 59).unwrap();
    for profile in Profile::ALL {
        let house = house();
        let tried: Vec<_> = TRIED.iter().map(|tried| Subjects::new(&house, *tried)).collect();
        let aes = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
        let house = under(profile, house);
        let ends = [2030, 2031, 2035].map(last_day);
        for wall in ends.into_iter().flat_map(|end| [end, end.plus_secs(1)]) {
            tried.iter().for_each(|subjects| subjects.assert_kept(&house, profile, wall));
            let admin = &house.admin();
            let sealed = house.call_at(admin, encrypt(&aes, b"x"), wall).unwrap();
            house.call_at(admin, decrypt(&sealed.ciphertext), wall).unwrap();
        }
    }
}

#[test]
fn keys_and_data_key_pairs_are_made_of_allowed_specs_only() {
    let mut house = house();
    let aes = house.create(KeySpec::Aes256, KeyUsage::EncryptDecrypt);
    for profile in Profile::ALL {
        house = under(profile, house);
        for row in KEYS {
            let Subject::Key(spec) = row.subject else { panic!("a row of keys is about keys") };
            let make = create(spec, spec.usages()[0]);
            let tried = house.engine.call(&house.admin(), &make, at(NOW), Mode::DryRun);
            let refused = matches!(tried, Err(Error::Disallowed { .. }));
            assert_ne!(profile.allows(row.subject, Way::Protect, at(NOW)), refused, "{spec:?}");
        }
        let spec = KeySpec::P256;
        let make = op::GenerateDataKeyPair { key: aes.clone(), context: context(&[]), spec };
        let made = house.call(&house.admin(), make);
        let expected = profile.allows(Subject::Key(spec), Way::Protect, at(NOW));
        assert_eq!(made.is_ok(), expected, "{profile:?}");
    }
}

#[test]
fn a_refusal_is_one_entry_and_says_which_profile_and_what() {
    let house = under(Profile::Cnsa2, house());
    let before = house.engine.log_status().unwrap().next_index;
    let make = create(KeySpec::Rsa2048, KeyUsage::SignVerify);
    let refused = house.call(&house.admin(), make).unwrap_err();
    let Error::Disallowed { subject, way, profile } = refused else { panic!("{refused:?}") };
    assert_eq!(
        names::disallowed(subject, way, profile),
        "The algorithm policy of this server (cnsa2) does not allow RSA_2048 to make keys or \
         protect data."
    );
    assert_eq!(house.engine.log_status().unwrap().next_index, before + 1);
}

#[test]
fn no_operation_uses_a_key_past_the_algorithm_policy() {
    // `Room::usable` asks it; a key's own `usable` does not, and the public half of a key is no use.
    for path in verbs::files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let past = text.contains("key.usable::<");
        assert!(!past || path.ends_with("public_key.rs"), "{}", path.display());
    }
}
