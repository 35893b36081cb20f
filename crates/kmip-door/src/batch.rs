//! A message: its header, its items one after the other, and the answer.

use std::sync::Arc;

use engine::{Caller, Together};
use kmip::{
    Encoding, Version,
    message::{
        Asynchronous, Credential, Refused, RequestHeader, RequestItem, RequestMessage,
        ResponseItem, ResponseMessage, reason_of,
    },
    names::Tag,
    names::enumeration::{AsynchronousIndicator, BatchErrorContinuationOption, ResultReason},
    payload::NoRequest,
    ttlv::Item,
    wire::{DateTime, Password, Unfit, Why},
};
use model::{
    Secret,
    claim::{CertificateClaim, Claim, Door as At, Origin, PasswordClaim},
    limits,
};

use crate::{
    Answer, Door, Request,
    answers::{Answers, Asked, encoded_len},
    call::{Call, Placeholder},
    dispatch,
    failed::Failed,
};

/// Answers a message.
pub(crate) async fn answer(door: &Door, request: Request<'_>) -> Answer {
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
    let envelope = envelope_size(&header, version, now);
    let mut answers = Answers::none(version, size_limit(&header, message.items.len()), envelope);
    let caller = identify(door, &request, &header);
    let is_known = caller.is_ok();
    let (items, defect) = match caller.and_then(|caller| at_once(&header).map(|()| caller)) {
        Ok(caller) => {
            let batch =
                Batch { door, request: &request, caller: &caller, version, header: &header };
            batch.run(message.items, &mut answers).await;
            answers.into_parts()
        }
        Err(failed) => {
            let refused = message.items.into_iter().map(|item| refusal(item, &failed, version));
            (refused.collect(), failed.defect)
        }
    };
    let number = header.protocol_version;
    let response = ResponseMessage::of(number, version, now, items);
    Answer { is_known, ..written(encoding, response.write(), false, defect) }
}

/// Who is asking: by the certificate of the connection, and what the header says besides, for every
/// message anew.
fn identify(door: &Door, request: &Request<'_>, header: &RequestHeader) -> Result<Caller, Failed> {
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

/// Refuses who takes only an answer that comes later: here all come at once.
fn at_once(header: &RequestHeader) -> Result<(), Failed> {
    match header.asynchronous {
        Some(Asynchronous(AsynchronousIndicator::MANDATORY)) => {
            Err(Failed::unsupported("An answer that comes later"))
        }
        _ => Ok(()),
    }
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
    request: &'a Request<'a>,
    caller: &'a Caller,
    version: Version,
    header: &'a RequestHeader,
}

impl Batch<'_> {
    /// Does the items one after the other. One alone leaves nothing to undo.
    async fn run(&self, items: Vec<RequestItem>, answers: &mut Answers) {
        let option = self.header.batch_error_continuation;
        if option == Some(BatchErrorContinuationOption::UNDO) && items.len() > 1 {
            return self.run_together(items, answers).await;
        }
        let goes_on = option == Some(BatchErrorContinuationOption::CONTINUE);
        let placeholder = Placeholder::default();
        for item in items {
            let asked = Asked::by(&item);
            let done = self.item(item, &placeholder, None).await;
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
        let placeholder = Placeholder::default();
        for item in items {
            let asked = Asked::by(&item);
            let done = self.item(item, &placeholder, Some(&together)).await;
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
        placeholder: &Placeholder,
        together: Option<&Arc<Together>>,
    ) -> Result<kmip::payload::Response, Failed> {
        if item.extensions.iter().any(|extension| extension.is_critical) {
            let message = "A message extension that is said to be critical is not known here.";
            return Err(Failed::new(ResultReason::FEATURE_NOT_SUPPORTED, message));
        }
        let version = self.version;
        let request = item.request(version).map_err(|why| unread(why, version))?;
        let call = Call {
            engine: &self.door.engine,
            pool: &*self.door.pool,
            caller: self.caller,
            version,
            at: self.request.at,
            placeholder,
            together,
        };
        dispatch::run(&call, request).await
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
        Ok(message) => Answer { message, closes, is_known: false, defect },
        Err(_) => {
            let defect = Some("an answer cannot be encoded");
            Answer { message: Secret::new(Vec::new()), closes: true, is_known: false, defect }
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
