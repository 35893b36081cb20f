//! Every way in which a signed request does not say who sent it, for the tests of doors: one table,
//! that each door is given with requests of its own.

use model::{Wall, error::Unauthenticated};

use super::{
    draft::{Draft, Sent, basic, hex},
    people::Others,
};

/// What is wrong, as a door must tell it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Fault {
    /// There is no signature.
    Missing,
    /// There is no understanding it; its refusal says this much.
    Incomplete(&'static str),
    /// It cannot be right; its refusal says this much.
    Bad(&'static str),
    /// It is well-formed and does not hold: this has an entry in the log.
    Refused(Unauthenticated),
}

use Fault::{Bad, Incomplete, Missing, Refused};
use Unauthenticated::{
    BadSignature, Expired, NotYetValid, UnknownCredential, WrongRegion, WrongService,
};

/// A request that must be refused.
pub(crate) struct Row {
    /// What was done to a right one.
    pub(crate) says: String,
    pub(crate) sent: Sent,
    pub(crate) fault: Fault,
    /// Whose it is said to be.
    pub(crate) alleged: String,
}

const ALGORITHM: &str = "requires the algorithm AWS4-HMAC-SHA256";
const UNSIGNED: &str = "must be signed";
const ORDER: &str = "in order";
const FIVE: &str = "exactly 5 slash-delimited";
const SCOPE: &str = "keyid/YYYYMMDD/region/service/aws4_request";
const DIGITS: &str = "64 hexadecimal digits";
const TWICE: &str = "appears twice";
const PAYLOAD: &str = "payload must be signed";
const REGION: &str = "valid region";
const ABSENT: &str = "not in the request";
const BASIC: &str = "'basic format'";
const SCOPE_DATE: &str = "Date in Credential scope";

/// All of them: `right` is a request that would be granted, at the server's time.
pub(crate) fn rows(right: &Draft, others: &Others) -> Vec<Row> {
    let mut rows = Rows { right, rows: Vec::new() };
    rows.no_signature();
    rows.authorization();
    rows.scope();
    rows.signed_headers();
    rows.dates();
    rows.payload_and_session();
    rows.credentials(others);
    rows.changed_after_signing();
    rows.another_signing_key();
    rows.rows
}

/// Signs as an understanding caller would: what must be granted, though it is not usual.
pub(crate) fn unusual(right: &Draft) -> Vec<(&'static str, Sent)> {
    let changed = |says, change: fn(&mut Draft)| {
        let mut draft = right.clone();
        change(&mut draft);
        (says, draft.sign())
    };
    let rewritten = |says, change: fn(String) -> String| {
        let mut sent = right.sign();
        sent.authorization[0] = change(sent.authorization[0].clone());
        (says, sent)
    };
    vec![
        changed("as it is", |_| ()),
        changed("15 minutes ago", |d| d.at(Wall(d.time.0 - 15 * 60_000))),
        changed("in 15 minutes", |d| d.at(Wall(d.time.0 + 15 * 60_000))),
        changed("the hash of the body is stated", |d| {
            d.add("x-amz-content-sha256", &hex(&crypto::digest::sha256(&d.body)));
        }),
        changed("a header that means nothing is not signed", |d| {
            d.add("user-agent", "x");
            d.left_out.push("user-agent");
        }),
        changed("a header that means nothing is sent twice", |d| {
            d.add("accept", "a");
            d.add("accept", "b");
        }),
        changed("`Date` beside `X-Amz-Date` is not looked at", |d| d.add("date", "yesterday")),
        rewritten("no spaces", |text| text.replace(", ", ",")),
        rewritten("more spaces", |text| text.replace(", ", ",   ")),
    ]
}

struct Rows<'a> {
    right: &'a Draft,
    rows: Vec<Row>,
}

impl Rows<'_> {
    fn push(&mut self, says: impl Into<String>, sent: Sent, fault: Fault) {
        let alleged = self.right.access_key_id.clone();
        self.rows.push(Row { says: says.into(), sent, fault, alleged });
    }

    /// Something is changed, and then it is signed.
    fn drafted(&mut self, says: &str, fault: Fault, change: impl FnOnce(&mut Draft)) {
        let mut draft = self.right.clone();
        change(&mut draft);
        let (sent, alleged) = (draft.sign(), draft.access_key_id);
        self.rows.push(Row { says: says.to_owned(), sent, fault, alleged });
    }

    /// It is signed, and then something is changed.
    fn tampered(&mut self, says: &str, fault: Fault, change: impl FnOnce(&mut Sent)) {
        let mut sent = self.right.sign();
        change(&mut sent);
        self.push(says, sent, fault);
    }

    /// The same, in `Authorization`: a part of it becomes another.
    fn rewritten(&mut self, fault: Fault, from: &str, to: &str) {
        let says = format!("in Authorization, {from:?} became {to:?}");
        self.tampered(&says, fault, |sent| {
            let text = &mut sent.authorization[0];
            assert!(text.contains(from), "{from} is not in {text}");
            *text = text.replace(from, to);
        });
    }

    fn no_signature(&mut self) {
        self.tampered("unsigned", Missing, |sent| sent.authorization.clear());
        self.tampered("bare", Missing, |sent| {
            sent.authorization.clear();
            sent.headers.clear();
        });
        // What a proxy in front of another server would be believed.
        let forged = [
            ("x-remote-user", "admin"),
            ("x-roles", "admin"),
            ("x-forwarded-for", "127.0.0.1"),
            ("forwarded", "for=127.0.0.1"),
            ("x-ssl-client-verify", "SUCCESS"),
            ("x-forwarded-client-cert", "Subject=\"CN=admin\""),
        ];
        self.tampered("unsigned, with what a proxy says", Missing, |sent| {
            sent.authorization.clear();
            let forged = forged.iter().map(|(name, value)| ((*name).into(), (*value).into()));
            sent.headers.extend(forged);
        });
        let presigned = Incomplete("Presigned URLs are not accepted");
        let query = |sent: &Sent| {
            let signature = sent.authorization[0].rsplit('=').next().unwrap();
            format!("{}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={signature}", sent.target)
        };
        self.tampered("in the query", presigned, |sent| {
            sent.target = query(sent);
            sent.authorization.clear();
        });
        self.tampered("in the query and in the header", Refused(BadSignature), |sent| {
            sent.target = query(sent);
        });
    }

    fn authorization(&mut self) {
        for text in [
            "",
            "Basic Og==",
            "Bearer eyJhbGciOiJub25lIn0.e30.",
            "AWS4-HMAC-SHA256",
            "aws4-hmac-sha256 Credential=x",
            "AWS4-HMAC-SHA512 Credential=x",
            "AWS4-ECDSA-P256-SHA256 Credential=x",
            "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=",
        ] {
            let says = format!("Authorization: {text}");
            self.tampered(&says, Incomplete(ALGORITHM), |sent| {
                sent.authorization = vec![text.to_owned()];
            });
        }
        for name in ["Credential", "SignedHeaders", "Signature"] {
            let lacks = Incomplete(match name {
                "Credential" => "requires 'Credential' parameter",
                "SignedHeaders" => "requires 'SignedHeaders' parameter",
                _ => "requires 'Signature' parameter",
            });
            let part = |text: &str| {
                let mut parts = text["AWS4-HMAC-SHA256 ".len()..].split(", ");
                parts.find(|part| part.starts_with(&format!("{name}="))).unwrap().to_owned()
            };
            let with = |sent: &mut Sent, change: &dyn Fn(&str) -> String| {
                let text = sent.authorization[0].clone();
                let (rest, part) = (&text["AWS4-HMAC-SHA256 ".len()..], part(&text));
                let parts = rest.split(", ").map(|other| match other == part {
                    true => change(other),
                    false => other.to_owned(),
                });
                let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
                sent.authorization[0] = format!("AWS4-HMAC-SHA256 {}", parts.join(", "));
            };
            let says = |what: &str| format!("{name} {what}");
            self.tampered(&says("absent"), lacks, |s| with(s, &|_| String::new()));
            self.tampered(&says("empty"), lacks, |s| with(s, &|_| format!("{name}=")));
            let twice = Incomplete("same parameter twice");
            self.tampered(&says("twice"), twice, |s| with(s, &|p| format!("{p}, {p}")));
            let without = Incomplete("parameter without a value");
            self.tampered(&says("without ="), without, |s| with(s, &|p| p.replacen('=', "", 1)));
            let unknown = Incomplete("unknown parameter");
            let lower = name.to_lowercase();
            self.tampered(&says("in lower case"), unknown, |s| {
                with(s, &|p| p.replace(name, &lower));
            });
        }
        self.tampered("one more parameter", Incomplete("unknown parameter"), |sent| {
            sent.authorization[0].push_str(", Token=x");
        });
        self.tampered("a comma at the end", Incomplete("without a value"), |sent| {
            sent.authorization[0].push(',');
        });
        self.tampered("not plain text", Incomplete("not plain text"), |sent| {
            sent.authorization[0].push('ä');
        });
        self.tampered("the same Authorization twice", Incomplete(TWICE), |sent| {
            sent.authorization.push(sent.authorization[0].clone());
        });
        self.tampered("another Authorization behind", Incomplete(TWICE), |sent| {
            sent.authorization.push("Basic Og==".to_owned());
        });
        self.tampered("another Authorization before", Incomplete(TWICE), |sent| {
            sent.authorization.insert(0, "Basic Og==".to_owned());
        });
        self.rewritten(Incomplete(DIGITS), "Signature=", "Signature=0");
        self.rewritten(Incomplete(DIGITS), "Signature=", "Signature=A");
        self.tampered("a signature in capitals", Incomplete(DIGITS), |sent| {
            let (head, signature) =
                sent.authorization[0].split_at(sent.authorization[0].len() - 64);
            // Of 64 random digits all but one in 10^13 have a letter among them.
            sent.authorization[0] = format!("{head}{}", signature.to_uppercase());
        });
        self.tampered("a short signature", Incomplete(DIGITS), |sent| {
            sent.authorization[0].pop();
        });
    }

    fn scope(&mut self) {
        let id = self.right.access_key_id.clone();
        let date = basic(self.right.time)[..8].to_owned();
        let service = self.right.service.clone();
        let between = |text: &str| format!("/{text}/");
        self.rewritten(Incomplete(FIVE), &between(&service), "/");
        self.rewritten(Incomplete(FIVE), &between(&date), "/");
        self.rewritten(Incomplete(FIVE), "/aws4_request", "");
        self.rewritten(Incomplete(SCOPE), "aws4_request", "aws4_request/x");
        self.rewritten(Incomplete(SCOPE), "aws4_request", "aws5_request");
        self.rewritten(Incomplete(SCOPE), "aws4_request", "AWS4_REQUEST");
        self.rewritten(Incomplete(SCOPE), &id, "");
        self.rewritten(Incomplete(SCOPE), &id, &"A".repeat(129));
        self.rewritten(Incomplete(SCOPE), &date, &date[1..]);
        self.rewritten(Incomplete(SCOPE), &date, &date.replace('0', "O"));
        self.rewritten(Incomplete(SCOPE_DATE), &date, "20000101");
        self.drafted("no region", Bad(REGION), |d| d.region.clear());
        self.drafted("the region in capitals", Bad(REGION), |d| d.region = "EU-WEST-1".to_owned());
        self.drafted("a region with a space", Bad(REGION), |d| d.region = "eu-west-1 ".to_owned());
        let region = Refused(WrongRegion);
        self.drafted("another region", region, |d| d.region = "us-east-1".to_owned());
        let wrong = Refused(WrongService);
        let other = if service == "kms" { "strongroom" } else { "kms" };
        self.drafted("for the other door", wrong, |d| d.service = other.to_owned());
        self.drafted("for another service", wrong, |d| d.service = "s3".to_owned());
        self.drafted("for the service in capitals", wrong, |d| {
            d.service = d.service.to_uppercase();
        });
        self.drafted("for no service", wrong, |d| d.service.clear());
        self.rewritten(wrong, &between(&service), &between(other));
        self.rewritten(region, "/eu-west-1/", "/eu-west-2/");
    }

    fn signed_headers(&mut self) {
        for name in ["host", "x-amz-date"] {
            let says = format!("{name} not signed");
            self.drafted(&says, Bad(UNSIGNED), |d| d.left_out.push(name));
        }
        for name in ["x-amz-target", "x-amz-meta", "x-amz-content-sha256"] {
            let says = format!("{name} sent and not signed");
            self.drafted(&says, Bad(UNSIGNED), |d| {
                if !d.headers.iter().any(|(other, _)| other == name) {
                    d.add(name, &hex(&crypto::digest::sha256(&d.body)));
                }
                d.left_out.push(name);
            });
        }
        self.tampered("an x-amz-* header added", Bad(UNSIGNED), |sent| {
            sent.headers.push(("x-amz-meta".to_owned(), "x".to_owned()));
        });
        self.rewritten(Bad(ABSENT), "SignedHeaders=", "SignedHeaders=absent;");
        self.rewritten(Bad(ORDER), "SignedHeaders=", "SignedHeaders=x-amz-date;");
        self.rewritten(Bad(ORDER), "SignedHeaders=", "SignedHeaders=;");
        self.rewritten(Bad(ORDER), "host;", "host;host;");
        self.rewritten(Bad(ORDER), "host;", "Host;");
        self.tampered("a signed header taken away", Bad(ABSENT), |sent| {
            sent.headers.retain(|(name, _)| name != "host");
        });
    }

    fn dates(&mut self) {
        let now = self.right.time;
        let (before, after) = (Refused(Expired), Refused(NotYetValid));
        let minute = 60_000;
        self.drafted("15 minutes and a second ago", before, |d| {
            d.at(Wall(now.0 - 15 * minute - 1000));
        });
        self.drafted("a day ago", before, |d| d.at(Wall(now.0 - 24 * 60 * minute)));
        self.drafted("years ago", before, |d| d.at(Wall(0)));
        self.drafted("in 15 minutes and a second", after, |d| {
            d.at(Wall(now.0 + 15 * minute + 1000));
        });
        self.drafted("in a day", after, |d| d.at(Wall(now.0 + 24 * 60 * minute)));
        self.drafted("years from now", after, |d| d.at(Wall(now.0 * 2)));
        self.drafted("years ago, with a wrong secret", Refused(BadSignature), |d| {
            d.at(Wall(0));
            d.secret.push(b'x');
        });
        self.drafted("no date", Incomplete("requires existence of either"), |d| {
            d.drop("x-amz-date");
        });
        for text in ["", "now", "2027-01-15T08:00:00Z", "20270115T080000", "20271315T080000Z"] {
            let says = format!("the date {text:?}");
            self.drafted(&says, Incomplete(BASIC), |d| {
                d.drop("x-amz-date");
                d.add("x-amz-date", text);
            });
        }
        self.drafted("a date that is not plain text", Incomplete("not plain text"), |d| {
            d.drop("x-amz-date");
            d.add("x-amz-date", "ä");
        });
        self.drafted("the date twice", Incomplete(TWICE), |d| d.add("x-amz-date", &basic(now)));
        self.drafted("`Date` twice", Incomplete(TWICE), |d| {
            d.add("date", "a");
            d.add("date", "b");
        });
        self.tampered("the date changed after signing", Refused(BadSignature), |sent| {
            let later = basic(Wall(now.0 + 1000));
            let mut dates = sent.headers.iter_mut().filter(|(name, _)| name == "x-amz-date");
            dates.next().unwrap().1 = later;
        });
        self.tampered("the day changed after signing", Incomplete(SCOPE_DATE), |sent| {
            let later = basic(Wall(now.0 + 24 * 60 * minute));
            let mut dates = sent.headers.iter_mut().filter(|(name, _)| name == "x-amz-date");
            dates.next().unwrap().1 = later;
        });
    }

    fn payload_and_session(&mut self) {
        let hash = "x-amz-content-sha256";
        for text in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
            self.drafted(text, Incomplete(PAYLOAD), |d| d.add(hash, text));
        }
        for (says, text) in [
            ("the stated hash is that of another body", hex(&crypto::digest::sha256(b"other"))),
            ("the stated hash is none", "x".to_owned()),
            ("the stated hash is empty", String::new()),
        ] {
            self.drafted(says, Refused(BadSignature), |d| d.add(hash, &text));
        }
        self.drafted("the hash stated twice", Incomplete(TWICE), |d| {
            d.add(hash, &hex(&crypto::digest::sha256(&d.body)));
            d.add(hash, &hex(&crypto::digest::sha256(b"other")));
        });
        let token = "x-amz-security-token";
        let unknown = Refused(UnknownCredential);
        self.drafted("a session token of nobody's", unknown, |d| d.add(token, "token"));
        self.drafted("a session token of no length", unknown, |d| d.add(token, ""));
        self.drafted("a session token twice", Incomplete(TWICE), |d| {
            d.add(token, "token");
            d.add(token, "token");
        });
        self.drafted("a session token that is not signed", Bad(UNSIGNED), |d| {
            d.add(token, "token");
            d.left_out.push(token);
        });
    }

    fn credentials(&mut self, others: &Others) {
        let unknown = Refused(UnknownCredential);
        let id = self.right.access_key_id.clone();
        let fresh =
            ["AKIAAAAAAAAAAAAAAAAA", "ASIAAAAAAAAAAAAAAAAA", "admin", "0", &"A".repeat(128)];
        let lower = id.to_lowercase();
        let odd = [format!("{id}A"), id[1..].to_owned(), format!("{id}%00"), format!("{id} ")];
        for other in fresh.into_iter().map(str::to_owned).chain([lower]).chain(odd) {
            let says = format!("the access key {other:?}");
            self.drafted(&says, unknown, |d| d.access_key_id = other);
        }
        for (says, who) in [
            ("an access key that was removed", &others.removed),
            ("an access key that went with its principal", &others.of_nobody),
            ("an access key whose principal is not there", &others.orphan),
        ] {
            self.drafted(says, unknown, |d| become_of(d, who));
        }
        for (says, who) in [
            ("the id of a removed key with a wrong secret", &others.removed),
            ("the id of nobody's key with a wrong secret", &others.of_nobody),
        ] {
            self.drafted(says, unknown, |d| d.access_key_id = who.access_key_id.clone());
        }
        let bad = Refused(BadSignature);
        self.drafted("another's secret", bad, |d| d.secret = others.live.secret.expose().to_vec());
        self.drafted("another's id", bad, |d| {
            d.access_key_id = others.live.access_key_id.clone();
        });
        self.drafted("the id of an orphaned key", bad, |d| {
            d.access_key_id = others.orphan.access_key_id.clone();
        });
        self.drafted("no secret", bad, |d| d.secret.clear());
        self.drafted("a secret with a line's end", bad, |d| d.secret.push(b'\n'));
        self.drafted("a secret in lower case", bad, |d| d.secret.make_ascii_lowercase());
    }

    fn changed_after_signing(&mut self) {
        let bad = Refused(BadSignature);
        self.tampered("a byte behind the body", bad, |sent| sent.body.push(b' '));
        self.tampered("another body", bad, |sent| sent.body = b"{\"Limit\":1}".to_vec());
        self.tampered("a query added", bad, |sent| sent.target.push_str("?a=b"));
        self.tampered("the host changed", bad, |sent| {
            let mut hosts = sent.headers.iter_mut().filter(|(name, _)| name == "host");
            hosts.next().unwrap().1 = "localhost:9444".to_owned();
        });
        self.tampered("a second host", Incomplete(TWICE), |sent| {
            sent.headers.push(("host".to_owned(), "localhost:9443".to_owned()));
        });
        self.drafted("two hosts, signed", Incomplete(TWICE), |d| d.add("host", "elsewhere"));
        for (says, digit) in [("first", 64), ("last", 1)] {
            self.tampered(&format!("the signature's {says} digit changed"), bad, |sent| {
                let text = &mut sent.authorization[0];
                let at = text.len() - digit;
                let other = if &text[at..=at] == "0" { "1" } else { "0" };
                text.replace_range(at..=at, other);
            });
        }
        let zeros = "0".repeat(64);
        self.tampered("a signature of zeros", bad, |sent| {
            let text = &mut sent.authorization[0];
            text.replace_range(text.len() - 64.., &zeros);
        });
    }

    fn another_signing_key(&mut self) {
        let date = "20270115";
        assert_eq!(&basic(self.right.time)[..8], date, "the tables' date is the server's");
        let service: &'static str = if self.right.service == "kms" { "kms" } else { "strongroom" };
        for (says, key_for) in [
            ("another day's signing key", ["20270114", "eu-west-1", service]),
            ("another region's signing key", [date, "us-east-1", service]),
            ("another service's signing key", [date, "eu-west-1", "s3"]),
        ] {
            self.drafted(says, Refused(BadSignature), |d| d.key_for = Some(key_for));
        }
    }
}

fn become_of(draft: &mut Draft, who: &client::Credentials) {
    draft.access_key_id = who.access_key_id.clone();
    draft.secret = who.secret.expose().to_vec();
}
