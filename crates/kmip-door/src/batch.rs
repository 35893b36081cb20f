//! A message: its header, its items one after the other, and the answer.

use std::sync::Arc;

use engine::{Caller, Together};
use kmip::{
    Encoding, Version,
    message::{
        Credential, Refused, RequestHeader, RequestItem, RequestMessage, ResponseItem,
        ResponseMessage, reason_of,
    },
    names::Tag,
    names::enumeration::{BatchErrorContinuationOption, ResultReason},
    payload::{NoRequest, Request},
    ttlv::Item,
    wire::{DateTime, Password, Unfit, Why},
};
use model::{
    Secret,
    claim::{CertificateClaim, Claim, Door as At, Origin, PasswordClaim},
    limits,
};

use crate::{
    Answer, Door,
    answers::{Answers, Asked, Done, encoded_len},
    call::{Call, Shared},
    dispatch,
    failed::Failed,
    later::{self, Line, Work},
    outstanding::{Submission, Ticket},
};

/// Answers a message.
pub(crate) async fn answer(door: &Door, request: crate::Request<'_>) -> Answer {
    let encoding = request.encoding;
    let now = DateTime(i64::try_from(request.at.wall.secs()).unwrap_or(i64::MAX));
    let Ok(item) = encoding.decode(request.message) else {
        let refused = Refused {
            version: Version::V1_0.into(),
            reason: ResultReason::INVALID_MESSAGE,
            unfit: Some(Unfit::new(Tag::REQUEST_MESSAGE, Why::Value)),
        };
        return written(encoding, ResponseMessage::refusal(&refused, now).write(), true, None);
    };
    let message = match RequestMessage::read(item) {
        Ok(message) => message,
        Err(refused) => {
            let response = ResponseMessage::refusal(&refused, now).write();
            return written(encoding, response, false, None);
        }
    };
    let (header, version) = (message.header, message.version);
    let limit = size_limit(&header, message.items.len());
    // How long it is counts only where there is a limit.
    let envelope = limit.map_or(0, |_| envelope_size(&header, version, now));
    let mut answers = Answers::none(version, limit, envelope);
    let caller = identify(door, &request, &header);
    let is_known = caller.is_ok();
    let mut later = None;
    let (items, defect) = match caller {
        Ok(caller) => {
            let batch =
                Batch { door, request: &request, caller: &caller, version, header: &header };
            later = batch.run(message.items, &mut answers).await;
            answers.into_parts()
        }
        Err(failed) => {
            let refused = message.items.into_iter().map(|item| refusal(item, &failed, version));
            (refused.collect(), failed.defect)
        }
    };
    let number = header.protocol_version;
    let response = ResponseMessage::of(number, version, now, items);
    Answer { is_known, later, ..written(encoding, response.write(), false, defect) }
}

/// Who is asking: by the certificate of the connection, and what the header says besides, for every
/// message anew.
fn identify(
    door: &Door,
    request: &crate::Request<'_>,
    header: &RequestHeader,
) -> Result<Caller, Failed> {
    let origin = Origin { door: At::Kmip, source: request.source, request: request.id };
    let chain = request.certificates;
    let claim = Claim::Certificate(CertificateClaim { chain, credential: password(header) });
    Ok(door.engine.identify(&claim, origin, request.at)?)
}

/// The first credential of the header that is a name and a password, a person's or a device's: an
/// access key and its secret, where one is asked for.
fn password(header: &RequestHeader) -> Option<PasswordClaim<'_>> {
    header.authentication.iter().flat_map(|it| &it.credentials).find_map(|credential| {
        let (access_key_id, password) = match credential {
            Credential::UsernameAndPassword(it) => (Some(&it.username), &it.password),
            Credential::Device(it) => (it.serial_number.as_ref(), &it.password),
            _ => return None,
        };
        let Password(secret) = password.as_ref()?;
        Some(PasswordClaim { access_key_id: access_key_id?, secret })
    })
}

/// The longest answer to so many items, in bytes of TTLV, whatever the encoding: what the client
/// takes, and, of several items, what this server gives. One alone is bounded by what it is.
fn size_limit(header: &RequestHeader, items: usize) -> Option<usize> {
    let taken = header.maximum_response_size.map(|size| usize::try_from(size).unwrap_or(0));
    let given = (items > 1).then_some(limits::KMIP_ANSWER_LEN_MAX);
    taken.into_iter().chain(given).min()
}

fn refusal(item: RequestItem, failed: &Failed, version: Version) -> ResponseItem {
    let message = failed.message.clone();
    ResponseItem::failed(Some(item.operation), item.id, failed.reason, message, version)
}

struct Batch<'a> {
    door: &'a Door,
    request: &'a crate::Request<'a>,
    caller: &'a Caller,
    version: Version,
    header: &'a RequestHeader,
}

impl Batch<'_> {
    /// Does the items one after the other, or says what is left to be done of them. One alone
    /// leaves nothing to undo.
    async fn run(&self, items: Vec<RequestItem>, answers: &mut Answers) -> Option<Work> {
        let is_undone = self.has(BatchErrorContinuationOption::UNDO) && items.len() > 1;
        match (later::is_later(self.header, &items), is_undone) {
            (true, _) => return self.submit(items, answers, is_undone),
            (false, true) => self.run_together(items, answers).await,
            (false, false) => self.run_now(items, answers).await,
        }
        None
    }

    /// Whether the client says what is to be done after an item that failed, and it is this.
    fn has(&self, option: BatchErrorContinuationOption) -> bool {
        self.header.batch_error_continuation == Some(option)
    }

    /// Takes the items up, to be done later, one after the other.
    fn submit(
        &self,
        items: Vec<RequestItem>,
        answers: &mut Answers,
        is_undone: bool,
    ) -> Option<Work> {
        let goes_on = self.has(BatchErrorContinuationOption::CONTINUE);
        let mut accepted = Vec::new();
        for item in items {
            let asked = Asked::by(&item);
            match self.accept(item, is_undone) {
                Ok((ticket, request)) => {
                    // What the client is not told of is not done.
                    if answers.add(asked, Ok(Done::Later(ticket.correlation()))) {
                        accepted.push((ticket, request));
                    } else {
                        ticket.withdraw();
                    }
                }
                Err(failed) => {
                    answers.add(asked, Err(failed));
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        let line = Line {
            engine: self.door.engine.clone(),
            pool: self.door.pool.clone(),
            outstanding: self.door.outstanding.clone(),
            caller: self.caller.clone(),
            version: self.version,
            at: self.request.at,
            goes_on,
            items: accepted,
        };
        (!line.items.is_empty()).then(|| line.work())
    }

    fn accept(&self, item: RequestItem, is_undone: bool) -> Result<(Ticket, Request), Failed> {
        if is_undone {
            return Err(Failed::unsupported("To undo what is answered later"));
        }
        later::check(&item)?;
        let operation = item.operation;
        let request = self.read(item)?;
        let ticket = self.door.outstanding.submit(Submission {
            of: self.caller.principal().clone(),
            message: self.request.id,
            operation,
            version: self.version,
            came: self.request.at,
        })?;
        Ok((ticket, request))
    }

    async fn run_now(&self, items: Vec<RequestItem>, answers: &mut Answers) {
        let goes_on = self.has(BatchErrorContinuationOption::CONTINUE);
        let shared = Shared::default();
        for item in items {
            let asked = Asked::by(&item);
            let done = self.item(item, &shared, None).await;
            let stops = done.is_err() && !goes_on;
            answers.add(asked, done);
            if stops {
                break;
            }
        }
    }

    /// Does all items or none. The answers say so once it is certain.
    async fn run_together(&self, items: Vec<RequestItem>, answers: &mut Answers) {
        let together = Arc::new(Together::of(self.caller.clone()));
        let shared = Shared::default();
        for item in items {
            let asked = Asked::by(&item);
            let done = self.item(item, &shared, Some(&together)).await;
            if !answers.add(asked, done) {
                answers.undo();
                if let Err(error) = self.door.engine.abandon(&together) {
                    answers.fail(&error.into());
                }
                return;
            }
        }
        let committed = match self.door.engine.commit_together(&together) {
            Ok(pending) => pending.await,
            Err(error) => Err(error),
        };
        if let Err(error) = committed {
            answers.fail(&error.into());
        }
    }

    async fn item(
        &self,
        item: RequestItem,
        shared: &Shared,
        together: Option<&Arc<Together>>,
    ) -> Result<Done, Failed> {
        let request = self.read(item)?;
        let call = Call {
            engine: &self.door.engine,
            pool: &*self.door.pool,
            outstanding: &self.door.outstanding,
            caller: self.caller,
            version: self.version,
            at: self.request.at,
            shared,
            together,
        };
        dispatch::run(&call, request).await
    }

    fn read(&self, item: RequestItem) -> Result<Request, Failed> {
        if item.extensions.iter().any(|extension| extension.is_critical) {
            let message = "A message extension that is said to be critical is not known here.";
            return Err(Failed::new(ResultReason::FEATURE_NOT_SUPPORTED, message));
        }
        let version = self.version;
        item.request(version).map_err(|why| unread(why, version))
    }
}

fn unread(why: NoRequest, version: Version) -> Failed {
    let message = match why {
        NoRequest::NotSupported => "This operation is not supported here.".to_owned(),
        NoRequest::Unfit(unfit) => unfit.to_string(),
    };
    Failed::new(reason_of(why, version), message)
}

/// Bytes of TTLV that an answer has beside its items.
fn envelope_size(header: &RequestHeader, version: Version, now: DateTime) -> usize {
    let empty = ResponseMessage::of(header.protocol_version, version, now, Vec::new());
    encoded_len(&empty.write())
}

/// An answer to nobody who is known.
fn written(
    encoding: Encoding,
    response: Item,
    closes: bool,
    defect: Option<&'static str>,
) -> Answer {
    match encoding.encode(&response) {
        Ok(message) => Answer { message, closes, is_known: false, defect, later: None },
        Err(_) => {
            let defect = Some("an answer cannot be encoded");
            let message = Secret::new(Vec::new());
            Answer { message, closes: true, is_known: false, defect, later: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The access key and the secret that a header shows with these credentials.
    fn shown(credentials: &str) -> Option<(String, Vec<u8>)> {
        let text = format!(
            "<RequestMessage><RequestHeader><ProtocolVersion>\
            <ProtocolVersionMajor type='Integer' value='2'/>\
            <ProtocolVersionMinor type='Integer' value='1'/></ProtocolVersion>\
            <Authentication>{credentials}</Authentication>\
            <BatchCount type='Integer' value='1'/></RequestHeader>\
            <BatchItem><Operation type='Enumeration' value='Query'/><RequestPayload/></BatchItem>\
            </RequestMessage>"
        );
        let message = RequestMessage::read(Encoding::Xml.decode(text.as_bytes()).unwrap()).unwrap();
        let claim = password(&message.header)?;
        Some((claim.access_key_id.to_owned(), claim.secret.expose().to_vec()))
    }

    fn credential(kind: &str, value: &str) -> String {
        format!(
            "<Credential><CredentialType type='Enumeration' value='{kind}'/>\
            <CredentialValue>{value}</CredentialValue></Credential>"
        )
    }

    #[test]
    fn a_name_or_a_serial_number_with_a_password_is_shown_as_an_access_key() {
        let text = |tag: &str, text: &str| format!("<{tag} type='TextString' value='{text}'/>");
        let password = text("Password", "secret");
        let (user, serial) = (text("Username", "AKIA"), text("DeviceSerialNumber", "AKIA"));
        let person = |value: &[&str]| credential("UsernameAndPassword", &value.concat());
        let device = |value: &[&str]| credential("Device", &value.concat());
        let expected = Some(("AKIA".to_owned(), b"secret".to_vec()));
        assert_eq!(shown(&person(&[&user, &password])), expected);
        assert_eq!(shown(&device(&[&serial, &password])), expected);
        for less in [person(&[&user]), device(&[&serial]), device(&[&password])] {
            assert_eq!(shown(&less), None);
            // What is not whole is passed over.
            assert_eq!(shown(&(less + &person(&[&user, &password]))), expected);
        }
    }
}
