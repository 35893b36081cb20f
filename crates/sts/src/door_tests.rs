//! Who gets past the door, and what it answers: a server in memory, and requests signed for it.

#[path = "../../../fuzz/claims.rs"]
mod claims;
#[path = "../../../fuzz/draft.rs"]
mod draft;
#[path = "../../../fuzz/house.rs"]
mod house;
#[path = "../../../fuzz/mutations.rs"]
mod mutations;
#[path = "../../../fuzz/people.rs"]
mod people;
#[path = "../../../fuzz/second_account.rs"]
mod second_account;

use std::{
    cell::Cell,
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use bytes::Bytes;
use claims::Fault;
use client::Credentials;
use crypto::certificate_key::CertificateKey;
use draft::{Draft, Sent};
use engine::op;
use house::{ALL, Ground, House, Inline, NOW, at, block_on};
use http::Response;
use model::{
    At, PrincipalName, Secret,
    claim::RequestId,
    error::Unauthenticated,
    token::{IssuerKey, IssuerKeyNumbers},
};
use people::{Others, call, refusals, stranger, user, whole};

use crate::{Failure, Request, answer, is_for};

const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";
const WHO: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// A server in memory, and the door.
struct Door {
    ground: Ground,
    house: House,
    seconds: Cell<u64>,
}

impl Door {
    fn new() -> Self {
        let ground = Ground::new();
        let house = House::on(&ground);
        Self { ground, house, seconds: Cell::new(0) }
    }

    /// Each request comes a second after the one before, so that no entry is withheld; the time
    /// of day stands.
    fn send(&self, sent: &Sent) -> Response<Bytes> {
        self.seconds.set(self.seconds.get() + 1);
        let monotonic_ms = NOW.0 + self.seconds.get() * 1000;
        let request = Request {
            head: sent.head(),
            body: Bytes::copy_from_slice(&sent.body),
            source: IpAddr::V4(Ipv4Addr::LOCALHOST),
            id: RequestId([0xab; 16]),
            at: At { monotonic_ms, ..at() },
        };
        block_on(answer(&self.house.engine, &Inline, request))
    }

    fn draft(who: &Credentials, form: &str) -> Draft {
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        Draft::new(("POST", "/"), &headers, form.as_bytes(), who, ("sts", NOW))
    }

    /// What is answered to these parameters, signed by `who`: the status, and the body.
    fn ask(&self, who: &Credentials, form: &str) -> (u16, String) {
        told(&self.send(&Self::draft(who, form).sign()))
    }

    /// The same without a signature.
    fn ask_unsigned(&self, form: &str) -> (u16, String) {
        let mut sent = Self::draft(&self.house.admin, form).sign();
        sent.authorization.clear();
        told(&self.send(&sent))
    }

    /// Makes the role of these tests, which has this trust policy.
    fn role(&self, trust: &str) {
        let name = PrincipalName::role("111122223333".parse().unwrap(), "deploy").unwrap();
        let (policies, tags) = (vec![ALL.to_owned()], Vec::new());
        let trust = trust.to_owned();
        call(&self.house, &op::CreateRole { name, trust, policies, session_secs_max: 3600, tags });
    }

    fn entries(&self) -> u64 {
        self.house.engine.log_status().unwrap().next_index
    }
}

fn told(response: &Response<Bytes>) -> (u16, String) {
    assert_eq!(response.headers()["content-type"], "text/xml");
    assert_eq!(response.headers()["x-amzn-requestid"], "abababab-abab-abab-abab-abababababab");
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

/// The text of the first element of this name.
fn element<'x>(xml: &'x str, name: &str) -> &'x str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("{name}: {xml}"));
    rest.split_once(&format!("</{name}>")).unwrap().0
}

fn trusts(principal: &str, action: &str) -> String {
    format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{{principal}}},"Action":"{action}"}}}}"#
    )
}

fn assume(more: &str) -> String {
    format!("Action=AssumeRole&Version=2011-06-15&RoleArn={ROLE}&RoleSessionName=build%2B7{more}")
}

/// The error of a fault, what its message must say, and the code of its entry if it has one.
fn expected(fault: Fault) -> (&'static str, &'static str, Option<&'static str>) {
    let signature = "SignatureDoesNotMatch";
    match fault {
        Fault::Missing => ("MissingAuthenticationToken", "missing Authentication", None),
        Fault::Incomplete(sentence) => ("IncompleteSignature", sentence, None),
        Fault::Bad(sentence) => (signature, sentence, None),
        Fault::Refused(reason) => match reason {
            Unauthenticated::UnknownCredential => {
                ("InvalidClientTokenId", "security token", Some("unknown-credential"))
            }
            Unauthenticated::BadSignature => (signature, "does not match", Some("bad-signature")),
            Unauthenticated::Expired => (signature, "Signature expired", Some("expired")),
            Unauthenticated::NotYetValid => (signature, "not yet current", Some("not-yet-valid")),
            Unauthenticated::WrongService => (signature, "service: 'sts'", Some("wrong-service")),
            Unauthenticated::WrongRegion => (signature, "valid region", Some("wrong-region")),
            other => panic!("no request of these rests on it: {other:?}"),
        },
    }
}

#[test]
fn a_claim_that_does_not_hold_is_refused_whatever_is_asked_and_changes_nothing() {
    let door = Door::new();
    door.role(&trusts(r#""AWS":"111122223333""#, "sts:*"));
    let others = Others::new(&door.ground, &door.house);
    let from = door.entries();
    let (mut answers, mut entries, mut cells) = (HashMap::new(), Vec::new(), 0);
    for form in [WHO.to_owned(), assume("")] {
        let right = Door::draft(&door.house.admin, &form);
        let revision = door.ground.store.revision();
        // In the name of that region older clients ask AWS's one STS of all regions.
        let rows = claims::rows(&right, &others);
        for row in rows.into_iter().filter(|row| row.says != "another region") {
            let claims::Row { says, sent, fault, alleged } = row;
            let before = door.entries();
            let response = door.send(&sent);
            let (status, xml) = told(&response);
            let (code, sentence, entry) = expected(fault);
            assert_eq!(element(&xml, "Code"), code, "{says}: {xml}");
            assert!(element(&xml, "Message").contains(sentence), "{says}: {xml}");
            assert_eq!(status, if code == "IncompleteSignature" { 400 } else { 403 }, "{says}");
            assert_eq!(response.extensions().get::<Failure>().unwrap().code, code);
            assert_eq!(door.entries() - before, u64::from(entry.is_some()), "{says}");
            entries.extend(entry.map(|code| (alleged, code.to_owned())));
            // Why a claim does not hold is all there is to be learned, and not from which row.
            let answer = answers.entry(fault).or_insert_with(|| whole(&response));
            assert_eq!(*answer, whole(&response), "{says}");
            cells += 1;
        }
        assert_eq!(door.ground.store.revision(), revision);
        assert_eq!(door.send(&right.sign()).status(), 200);
    }
    assert!(cells >= 240, "{cells}");
    assert_eq!(refusals(&door.ground, &door.house, from), entries);
}

#[test]
fn what_is_signed_in_an_unusual_way_is_taken() {
    let door = Door::new();
    let right = Door::draft(&door.house.admin, WHO);
    for (says, sent) in claims::unusual(&right) {
        let response = door.send(&sent);
        assert_eq!(response.status(), 200, "{says}: {:?}", response.body());
    }
}

#[test]
fn no_form_that_is_nearly_right_is_our_fault() {
    let door = Door::new();
    door.role(&trusts(r#""AWS":"111122223333""#, "sts:*"));
    let more = "&DurationSeconds=900&ExternalId=x%3A1&SourceIdentity=alice&Policy=%7B%7D&WebIdentityToken=a.b.c";
    let seeds =
        [WHO, &assume(""), &assume(more), &assume(more).replace("Role&", "RoleWithWebIdentity&")];
    let seeds = seeds.map(|seed| seed.as_bytes().to_vec());
    let mut answered = |form: &[u8]| {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let draft = Draft::new(("POST", "/"), &headers, form, &door.house.admin, ("sts", NOW));
        let (status, xml) = told(&door.send(&draft.sign()));
        assert!(status < 500, "{xml}");
        assert_eq!(element(&xml, "RequestId"), "abababab-abab-abab-abab-abababababab");
        true
    };
    mutations::try_all("forms", mutations::COUNT / 10, &seeds, &mut answered);
}

#[test]
fn of_another_account_both_must_allow_it_and_a_role_that_is_not_there_says_no_more() {
    let door = Door::new();
    door.role(&trusts(r#""AWS":"111122223333""#, "sts:*"));
    let stranger = stranger(&door.ground, &door.house);
    let there = door.ask(&stranger, &assume(""));
    let gone = door.ask(&stranger, &assume("").replace("deploy", "nobody"));
    assert_eq!(there, (gone.0, gone.1.replace("nobody", "deploy")));
    assert_eq!((there.0, element(&there.1, "Code")), (403, "AccessDenied"));
    let arn = "arn:aws:iam::111122223333:role/open";
    let name = PrincipalName::role("111122223333".parse().unwrap(), "open").unwrap();
    let trust = trusts(&format!(r#""AWS":"{}""#, second_account::SECOND), "sts:*");
    let (policies, tags) = Default::default();
    call(&door.house, &op::CreateRole { name, trust, policies, session_secs_max: 3600, tags });
    let (status, xml) = door.ask(&stranger, &assume("").replace(ROLE, arn));
    assert_eq!(status, 200, "{xml}");
}

#[test]
fn who_asks_is_told_who_it_is_in_body_or_query_and_in_the_name_of_all_regions() {
    let door = Door::new();
    let nobody = user(&door.house, "nobody", &[]);
    let (status, xml) = door.ask(&nobody, WHO);
    assert_eq!(status, 200, "{xml}");
    assert!(xml.starts_with(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
    ));
    assert_eq!(element(&xml, "Arn"), "arn:aws:iam::111122223333:user/nobody");
    assert_eq!(element(&xml, "Account"), "111122223333");
    assert!(element(&xml, "UserId").starts_with("AIDA"));
    assert_eq!(element(&xml, "RequestId"), "abababab-abab-abab-abab-abababababab");
    let target = format!("/?{WHO}");
    let sent = Draft::new(("GET", &target), &[], b"", &nobody, ("sts", NOW)).sign();
    assert!(is_for(&sent.head()));
    assert_eq!(told(&door.send(&sent)), (200, xml.clone()));
    let mut global = Door::draft(&nobody, WHO);
    global.region = "us-east-1".to_owned();
    assert_eq!(told(&door.send(&global.sign())), (200, xml));
}

#[test]
fn a_session_begins_and_is_known_by_its_token() {
    let door = Door::new();
    door.role(&trusts(r#""AWS":"arn:aws:iam::111122223333:user/ci""#, "sts:AssumeRole"));
    let ci = user(&door.house, "ci", &[]);
    let before = door.entries();
    let policy = "&Policy=%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A\
                  %22kms%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D&DurationSeconds=900";
    let (status, xml) = door.ask(&ci, &assume(policy));
    assert_eq!(status, 200, "{xml}");
    assert_eq!(door.entries(), before + 1);
    let arn = "arn:aws:sts::111122223333:assumed-role/deploy/build+7";
    assert_eq!(element(&xml, "Arn"), arn);
    assert_eq!(element(&xml, "Expiration"), NOW.plus_secs(900).to_iso8601());
    assert_eq!(element(&xml, "PackedPolicySize"), "4");
    let who = Credentials {
        access_key_id: element(&xml, "AccessKeyId").to_owned(),
        secret: Secret::new(element(&xml, "SecretAccessKey").as_bytes().to_vec()),
        session_token: None,
        region: ci.region.clone(),
    };
    let mut draft = Door::draft(&who, WHO);
    draft.add("x-amz-security-token", element(&xml, "SessionToken"));
    let (status, mine) = told(&door.send(&draft.sign()));
    assert_eq!((status, element(&mine, "Arn")), (200, arn));
    assert_eq!(element(&mine, "UserId"), element(&xml, "AssumedRoleId"));
    let (status, xml) = door.ask(&door.house.admin, &assume(""));
    assert_eq!((status, element(&xml, "Code")), (403, "AccessDenied"));
    let admin = "arn:aws:iam::111122223333:user/admin";
    let message =
        format!("User: {admin} is not authorized to perform: sts:AssumeRole on resource: {ROLE}");
    assert_eq!((element(&xml, "Message"), element(&xml, "Type")), (message.as_str(), "Sender"));
}

#[test]
fn what_is_no_operation_or_no_input_is_told_so() {
    let door = Door::new();
    let admin = &door.house.admin;
    let code = |form: &str| {
        let (status, xml) = door.ask(admin, form);
        assert_eq!(status, 400, "{xml}");
        element(&xml, "Code").to_owned()
    };
    assert_eq!(code(""), "MissingAction");
    assert_eq!(code("Action=GetSessionToken&Version=2011-06-15"), "InvalidAction");
    assert_eq!(code("Action=GetCallerIdentity"), "InvalidAction");
    assert_eq!(code("Action=GetCallerIdentity&Version=2011-06-14"), "InvalidAction");
    assert_eq!(code(&format!("{WHO}&Action=AssumeRole")), "MalformedInput");
    assert_eq!(code(&assume("&DurationSeconds=x")), "MalformedInput");
    assert_eq!(code(&assume("&DurationSeconds=10")), "ValidationError");
    assert_eq!(code(&assume("&Tags.member.1.Key=a")), "ValidationError");
    let mut put = Door::draft(admin, WHO);
    put.method = "PUT";
    let response = door.send(&put.sign());
    assert_eq!(
        (response.status().as_u16(), &response.headers()["allow"]),
        (405, &"GET, POST".parse().unwrap())
    );
}

#[test]
fn only_a_form_or_a_query_with_an_action_is_for_this_door() {
    let head = |method: &'static str, target: &str, headers: &[(&str, &str)]| {
        let mut request = http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    };
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    assert!(is_for(&head("POST", "/", &[form])));
    assert!(is_for(&head("GET", "/?Version=1&Action=x", &[])));
    let target = ("X-Amz-Target", "TrentService.ListKeys");
    assert!(!is_for(&head("POST", "/", &[form, target])));
    assert!(!is_for(&head("POST", "/", &[("Content-Type", "application/x-amz-json-1.1")])));
    assert!(!is_for(&head("POST", "/x", &[form])));
    assert!(!is_for(&head("GET", "/", &[])) && !is_for(&head("POST", "/?Action=x", &[])));
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

#[test]
fn a_token_begins_a_session_without_a_signature_and_a_wrong_one_does_not() {
    let door = Door::new();
    let key = CertificateKey::generate().unwrap();
    let (_, point) = key.public_spki().split_last_chunk::<64>().unwrap();
    let (x, y) = (point[..32].try_into().unwrap(), point[32..].try_into().unwrap());
    let name = PrincipalName::issuer("111122223333".parse().unwrap(), "oidc.example").unwrap();
    let issuer = name.arn();
    let keys = vec![IssuerKey { id: None, numbers: IssuerKeyNumbers::P256 { x, y } }];
    call(&door.house, &op::RegisterIssuer { name, audiences: vec!["sts".to_owned()], keys });
    door.role(&trusts(&format!(r#""Federated":"{issuer}""#), "sts:AssumeRoleWithWebIdentity"));
    let token = |issuer: &str, audience: &str, expires: u64| {
        let claims = format!(
            r#"{{"iss":"https://{issuer}","sub":"a<b","aud":"{audience}","iat":1,"exp":{expires}}}"#
        );
        let part = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
        let input = format!("{}.{}", part(r#"{"alg":"ES256"}"#), part(&claims));
        let signature = raw(&key.sign(input.as_bytes()).unwrap());
        format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature))
    };
    let ask = |token: &str| {
        let form = assume(&format!("&WebIdentityToken={token}"));
        door.ask_unsigned(&form.replace("=AssumeRole&", "=AssumeRoleWithWebIdentity&"))
    };
    let right = token("oidc.example", "sts", NOW.secs() + 60);
    let (status, xml) = ask(&right);
    assert_eq!(status, 200, "{xml}");
    assert_eq!(element(&xml, "SubjectFromWebIdentityToken"), "a&lt;b");
    assert_eq!((element(&xml, "Audience"), element(&xml, "Provider")), ("sts", issuer.as_str()));
    // Who brings a token does not say besides who is behind it.
    let (status, xml) = ask(&format!("{right}&SourceIdentity=somebody"));
    assert!(status == 200 && !xml.contains("SourceIdentity"), "{xml}");
    let code = |token: &str| {
        let (status, xml) = ask(token);
        assert_eq!(status, 400, "{xml}");
        element(&xml, "Code").to_owned()
    };
    assert_eq!(code(&token("oidc.example", "sts", NOW.secs())), "ExpiredTokenException");
    assert_eq!(code(&token("oidc.example", "other", NOW.secs() + 60)), "InvalidIdentityToken");
    assert_eq!(code(&token("elsewhere.example", "sts", NOW.secs() + 60)), "InvalidIdentityToken");
    assert_eq!(code(&right[..right.len() - 4]), "InvalidIdentityToken");
    assert_eq!(code("none"), "InvalidIdentityToken");
    assert_eq!(code(""), "ValidationError");
    // It is no way to the other operations.
    let (status, xml) = door.ask_unsigned(&assume(&format!("&WebIdentityToken={right}")));
    assert_eq!((status, element(&xml, "Code")), (403, "MissingAuthenticationToken"));
}

#[test]
fn a_sealed_server_says_that_it_is_sealed_whatever_is_wrong() {
    let door = Door::new();
    let right = Door::draft(&door.house.admin, WHO).sign();
    door.house.engine.seal();
    for (status, xml) in [told(&door.send(&right)), door.ask_unsigned("")] {
        assert_eq!((status, element(&xml, "Code")), (503, "ServiceUnavailable"));
        assert!(element(&xml, "Message").contains("sealed") && xml.contains("Receiver"));
    }
}
