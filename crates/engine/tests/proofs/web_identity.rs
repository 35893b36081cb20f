//! Whom an issuer of tokens vouches for, and which role trusts that.

use std::cell::OnceCell;

use crypto::certificate_key::CertificateKey;
use engine::{Caller, op};
use model::{
    Claim, Error, PrincipalName, Wall,
    claim::WebIdentityClaim,
    error::{Invalid, Unauthenticated},
    token::{IssuerKey, IssuerKeyNumbers, Token, TokenAlgorithm},
};

use crate::{
    house::{House, NOW, account, at, encrypt, house, origin, second},
    stage::{Stage, roles},
};

/// An issuer, and the key that it signs with.
struct Issuer {
    key: CertificateKey,
    name: PrincipalName,
    input: OnceCell<Vec<u8>>,
}

/// The last 64 bytes of a SubjectPublicKeyInfo on P-256 are the point's coordinates.
fn key_of(key: &CertificateKey, id: &str) -> IssuerKey {
    let (_, point) = key.public_spki().split_last_chunk::<64>().unwrap();
    let (x, y) = (point[..32].try_into().unwrap(), point[32..].try_into().unwrap());
    IssuerKey { id: Some(id.to_owned()), numbers: IssuerKeyNumbers::P256 { x, y } }
}

/// Both numbers of a DER signature, 32 bytes each.
fn raw(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut numbers = Vec::new();
    while let [2, len, more @ ..] = rest {
        let (number, after) = more.split_at(usize::from(*len));
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        numbers.extend(std::iter::repeat_n(0, 32 - number.len()));
        numbers.extend_from_slice(number);
        rest = after;
    }
    numbers
}

impl Issuer {
    fn new(house: &House) -> Self {
        let name = PrincipalName::issuer(account(), "oidc.example/id/AB").unwrap();
        let key = CertificateKey::generate().unwrap();
        let keys = vec![key_of(&key, "one")];
        let register = op::RegisterIssuer { keys, ..roles::register(&name) };
        house.call(&house.admin(), register).unwrap();
        Self { key, name, input: OnceCell::new() }
    }

    /// A right token; it lasts for ten minutes.
    fn token(&self) -> Token<'_> {
        let signing_input = self.input.get_or_init(|| b"header.claims".to_vec());
        Token {
            signing_input,
            signature: raw(&self.key.sign(signing_input).unwrap()),
            algorithm: TokenAlgorithm::Es256,
            key_id: Some("one".to_owned()),
            issuer: "https://oidc.example/id/AB".to_owned(),
            subject: "system:serviceaccount:prod:app".to_owned(),
            audiences: vec!["sts.amazonaws.com".to_owned()],
            expires: NOW.plus_secs(600),
            not_before: Some(NOW),
            issued: NOW,
        }
    }
}

fn claim(house: &House, token: &Token<'_>, wall: Wall) -> Result<Caller, Error> {
    let claim = Claim::WebIdentity(WebIdentityClaim { account: account(), token });
    house.engine.identify(&claim, origin(), at(wall))
}

fn trust(conditions: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
            "Principal":{{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.example/id/AB"}},
            "Action":"sts:AssumeRoleWithWebIdentity","Condition":{{{conditions}}}}}]}}"#
    )
}

fn role(house: &House, name: &str, trust: &str) -> PrincipalName {
    let role = PrincipalName::role(account(), name).unwrap();
    house.call(&house.admin(), roles::create(&role, trust, &[])).unwrap();
    role
}

#[test]
fn only_a_genuine_token_for_now_and_for_its_audience_identifies_anyone() {
    let house = house();
    let issuer = Issuer::new(&house);
    let caller = claim(&house, &issuer.token(), NOW).unwrap();
    assert_eq!(caller.principal(), &issuer.name);
    let with = |change: fn(&mut Token<'_>)| {
        let mut token = issuer.token();
        change(&mut token);
        let before = house.engine.log_status().unwrap().next_index;
        let Err(Error::Unauthenticated(reason)) = claim(&house, &token, NOW) else {
            panic!("it was let in")
        };
        assert_eq!(house.engine.log_status().unwrap().next_index, before + 1);
        reason
    };
    use Unauthenticated::{InvalidToken, TokenExpired, UnknownIssuer, WrongAudience};
    assert_eq!(with(|token| token.signing_input = b"header.other"), InvalidToken);
    assert_eq!(with(|token| token.signature[40] ^= 1), InvalidToken);
    assert_eq!(with(|token| token.signature.clear()), InvalidToken);
    assert_eq!(with(|token| token.algorithm = TokenAlgorithm::Rs256), InvalidToken);
    assert_eq!(with(|token| token.key_id = Some("two".to_owned())), InvalidToken);
    assert_eq!(with(|token| token.not_before = Some(NOW.plus_secs(301))), InvalidToken);
    assert_eq!(with(|token| token.issued = NOW.plus_secs(301)), InvalidToken);
    assert_eq!(with(|token| token.expires = NOW), TokenExpired);
    assert_eq!(with(|token| token.audiences = vec!["other".to_owned()]), WrongAudience);
    for address in ["https://oidc.example/id/ab", "http://oidc.example/id/AB", "oidc.example/id/AB"]
    {
        let token = Token { issuer: address.to_owned(), ..issuer.token() };
        let refused = claim(&house, &token, NOW).unwrap_err();
        assert_eq!(refused, Error::Unauthenticated(UnknownIssuer), "{address}");
    }
    // A few minutes may be between two clocks, and a key need not be named where there is one.
    let mut token = issuer.token();
    (token.issued, token.key_id) = (NOW.plus_secs(300), None);
    claim(&house, &token, NOW).unwrap();
}

#[test]
fn an_issuer_vouches_in_its_own_account_and_until_it_is_removed() {
    let house = house();
    let issuer = Issuer::new(&house);
    let unknown = Error::Unauthenticated(Unauthenticated::UnknownIssuer);
    let elsewhere = WebIdentityClaim { account: second(), token: &issuer.token() };
    let refused = house.engine.identify(&Claim::WebIdentity(elsewhere), origin(), at(NOW));
    assert_eq!(refused.unwrap_err(), unknown);
    let other = CertificateKey::generate().unwrap();
    let (name, keys) = (issuer.name.clone(), Some(vec![key_of(&other, "one")]));
    let change = op::ChangeIssuer { name: name.clone(), audiences: None, keys };
    house.call(&house.admin(), change).unwrap();
    let invalid = Error::Unauthenticated(Unauthenticated::InvalidToken);
    assert_eq!(claim(&house, &issuer.token(), NOW).unwrap_err(), invalid);
    house.call(&house.admin(), op::RemoveIssuer { name }).unwrap();
    assert_eq!(claim(&house, &issuer.token(), NOW).unwrap_err(), unknown);
}

#[test]
fn a_role_trusts_an_issuer_under_conditions_on_its_claims() {
    let house = house();
    let issuer = Issuer::new(&house);
    let caller = claim(&house, &issuer.token(), NOW).unwrap();
    let equals = |key: &str, value: &str| {
        trust(&format!(r#""StringEquals":{{"oidc.example/id/AB:{key}":"{value}"}}"#))
    };
    let trusts_account = r#"{"Statement":[{"Effect":"Allow","Action":"sts:*","Principal":
        {"AWS":"111122223333"}}]}"#;
    let everyone = r#"{"Statement":[{"Effect":"Allow","Action":"sts:*","Principal":"*"}]}"#;
    let deny = r#","Condition":{}},{"Effect":"Deny","Principal":"*","Action":"sts:*"}]}"#;
    let denied = trust("").replace(r#","Condition":{}}]}"#, deny);
    for (number, (trust, may)) in [
        (trust(""), true),
        (equals("sub", "system:serviceaccount:prod:app"), true),
        (equals("sub", "system:serviceaccount:prod:other"), false),
        (equals("aud", "sts.amazonaws.com"), true),
        (equals("aud", "other"), false),
        (equals("sub", "x").replace("id/AB:sub", "id/AC:sub"), false),
        (trust("").replace("id/AB", "id/AC"), false),
        (trust("").replace("sts:AssumeRoleWithWebIdentity", "sts:AssumeRole"), false),
        (trusts_account.to_owned(), false),
        (everyone.to_owned(), false),
        (denied, false),
    ]
    .into_iter()
    .enumerate()
    {
        let role = role(&house, &format!("role-{number}"), &trust);
        let begin = op::AssumeRoleWithWebIdentity(roles::assume(&role));
        let outcome = house.call(&caller, begin);
        assert_eq!(outcome.is_ok(), may, "{trust}: {outcome:?}");
        if let Ok(session) = outcome {
            let (subject, audience, provider) = session.vouched.unwrap();
            assert_eq!(subject, "system:serviceaccount:prod:app");
            assert_eq!((audience.as_str(), provider), ("sts.amazonaws.com", issuer.name.arn()));
        }
    }
}

#[test]
fn whom_an_issuer_vouches_for_may_do_nothing_but_act_in_a_role() {
    let house = house();
    let issuer = Issuer::new(&house);
    let caller = claim(&house, &issuer.token(), NOW).unwrap();
    let everyone =
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    let stage = Stage::new(&house, Some(everyone));
    let outcome = house.call(&caller, encrypt(&stage.key, b"p"));
    assert!(matches!(outcome, Err(Error::Denied(_))));
    let role = role(&house, "plain", &trust(""));
    assert!(matches!(house.call(&caller, roles::assume(&role)), Err(Error::Denied(_))));
}

#[test]
fn an_issuer_has_keys_with_names_of_their_own_and_audiences() {
    let house = house();
    let name = PrincipalName::issuer(account(), "oidc.example").unwrap();
    let refused = |change: fn(&mut op::RegisterIssuer)| {
        let mut register = roles::register(&name);
        change(&mut register);
        let outcome = house.call(&house.admin(), register);
        assert!(matches!(outcome, Err(Error::Invalid(Invalid::Role(_)))), "{outcome:?}");
    };
    refused(|it| it.keys.clear());
    refused(|it| it.keys.push(roles::key()));
    refused(|it| it.keys[0].numbers = IssuerKeyNumbers::P256 { x: [1; 32], y: [1; 32] });
    refused(|it| it.keys[0].numbers = IssuerKeyNumbers::Rsa { n: vec![1; 128], e: vec![3] });
    refused(|it| it.keys[0].id = Some("a".repeat(256)));
    refused(|it| it.audiences.clear());
    refused(|it| it.audiences[0].clear());
    house.call(&house.admin(), roles::register(&name)).unwrap();
    let again = house.call(&house.admin(), roles::register(&name));
    assert!(matches!(again, Err(Error::AlreadyExists(_))));
}
