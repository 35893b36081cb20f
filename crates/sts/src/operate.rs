//! The operations: who asks, from parameters to the engine's word, and its reply as XML.

use std::sync::Arc;

use bytes::Bytes;
use engine::{
    Caller, Engine, Mode, Offload, Operation,
    op::{AssumeRole, AssumeRoleWithWebIdentity, CallerIdentity, GetCallerIdentity, NewSession},
};
use http::{Method, request::Parts};
use model::{
    At, Claim, Error,
    claim::{Door, Origin, WebIdentityClaim},
    limits,
    name::Uuid,
};
use sigv4::{Malformed, Signature};

use crate::{
    Request,
    error::{Asked, Refusal},
    form::Form,
    input,
    xml::Xml,
};

/// The API's only version.
const VERSION: &str = "2011-06-15";
/// The one operation that needs no signature.
const WITH_TOKEN: &str = "AssumeRoleWithWebIdentity";

/// One request: what an operation acts through.
struct Call<'a> {
    engine: &'a Arc<Engine>,
    pool: &'a dyn Offload,
    origin: Origin,
    at: At,
}

/// Identity, then content: of what is signed, nothing is read before its sender is known.
pub(crate) async fn operate(
    engine: &Arc<Engine>,
    pool: &dyn Offload,
    request: &Request,
) -> Result<Bytes, Refusal> {
    let Request { head, body, source, id, at } = request;
    let origin = Origin { door: Door::Sts, source: *source, request: *id };
    let call = Call { engine, pool, origin, at: *at };
    if head.method != Method::GET && head.method != Method::POST {
        return Err(Refusal::other_method());
    }
    let caller = match Signature::of(head) {
        Ok(signature) => {
            let claim = Claim::SigV4(signature.claim(body));
            let anyone = Asked::Signed { caller: "", role: None };
            let caller = engine.identify(&claim, origin, *at);
            Some(caller.map_err(|error| Refusal::of(error, anyone))?)
        }
        Err(Malformed::Missing) => None,
        Err(malformed) => return Err(malformed.into()),
    };
    let form = parameters(head, body)?;
    let action = form.value("Action").ok_or_else(Refusal::missing_action)?;
    let version = form.value("Version").unwrap_or_default();
    match (action, caller) {
        _ if version != VERSION => Err(Refusal::invalid_action(action, version)),
        (WITH_TOKEN, _) => call.assume_role_with_web_identity(&form).await,
        (_, None) => Err(Malformed::Missing.into()),
        ("GetCallerIdentity", Some(caller)) => call.caller_identity(&caller).await,
        ("AssumeRole", Some(caller)) => call.assume_role(&caller, &form).await,
        _ => Err(Refusal::invalid_action(action, version)),
    }
}

/// The parameters: of the body, or where there is none, of the query.
fn parameters(head: &Parts, body: &[u8]) -> Result<Form, Refusal> {
    match (&head.method, body) {
        (&Method::POST, [_, ..]) => Form::read(body),
        _ => Form::read(head.uri.query().unwrap_or_default().as_bytes()),
    }
}

impl Call<'_> {
    async fn perform<O: Operation>(
        &self,
        caller: &Caller,
        operation: O,
        asked: Asked<'_>,
    ) -> Result<O::Reply, Refusal> {
        engine::perform(self.engine, self.pool, caller, operation, self.at, Mode::Run)
            .await
            .map_err(|error| Refusal::of(error, asked))
    }

    async fn caller_identity(&self, caller: &Caller) -> Result<Bytes, Refusal> {
        let asked = Asked::Signed { caller: caller.arn(), role: None };
        let reply = self.perform(caller, GetCallerIdentity, asked).await?;
        let CallerIdentity { account, arn, user_id } = &reply;
        Ok(self.response("GetCallerIdentity", |xml| {
            xml.text("Arn", arn).text("UserId", user_id).text("Account", account.as_str());
        }))
    }

    async fn assume_role(&self, caller: &Caller, form: &Form) -> Result<Bytes, Refusal> {
        let operation = input::assume_role(form)?;
        let (role, policy_len) = (operation.role.arn(), policy_len(&operation.policy));
        let asked = Asked::Signed { caller: caller.arn(), role: Some(&role) };
        let session = self.perform(caller, operation, asked).await?;
        Ok(self.response("AssumeRole", |xml| of_session(xml, &session, policy_len)))
    }

    async fn assume_role_with_web_identity(&self, form: &Form) -> Result<Bytes, Refusal> {
        // Neither is a parameter of this operation: only its token speaks for who asks.
        let (external_id, source_identity) = (None, None);
        let operation = AssumeRole { external_id, source_identity, ..input::assume_role(form)? };
        let text = form.value("WebIdentityToken").ok_or_else(|| {
            Refusal::validation(
                "1 validation error detected: Value null at 'webIdentityToken' failed to satisfy \
                 constraint: Member must not be null",
            )
        })?;
        let token = jose::token(text).map_err(|_| Refusal::invalid_token())?;
        let account = operation.role.account;
        let claim = Claim::WebIdentity(WebIdentityClaim { account, token: &token });
        let refused = |error: Error| Refusal::of(error, Asked::WithToken);
        let caller = self.engine.identify(&claim, self.origin, self.at).map_err(refused)?;
        let policy_len = policy_len(&operation.policy);
        let operation = AssumeRoleWithWebIdentity(operation);
        let session = self.perform(&caller, operation, Asked::WithToken).await?;
        Ok(self.response(WITH_TOKEN, |xml| {
            of_session(xml, &session, policy_len);
            if let Some((subject, audience, provider)) = &session.vouched {
                xml.text("SubjectFromWebIdentityToken", subject)
                    .text("Audience", audience)
                    .text("Provider", provider);
            }
        }))
    }

    fn response(&self, operation: &str, result: impl FnOnce(&mut Xml)) -> Bytes {
        Xml::document(&format!("{operation}Response"), |xml| {
            xml.element(&format!("{operation}Result"), result).element("ResponseMetadata", |xml| {
                xml.text("RequestId", Uuid::of(&self.origin.request.0).as_str());
            });
        })
    }
}

fn policy_len(policy: &Option<String>) -> Option<usize> {
    policy.as_ref().map(String::len)
}

fn of_session(xml: &mut Xml, session: &NewSession, policy_len: Option<usize>) {
    let NewSession { access_key_id, secret, token, expires, arn, role_id, .. } = session;
    // How much it is of the longest that it could be, in hundredths.
    let packed = policy_len.map(|len| (len * 100).div_ceil(limits::SESSION_POLICY_LEN_MAX));
    xml.element("AssumedRoleUser", |xml| {
        xml.text("AssumedRoleId", role_id).text("Arn", arn);
    })
    .element("Credentials", |xml| {
        xml.text("AccessKeyId", access_key_id)
            .secret("SecretAccessKey", secret)
            .text("SessionToken", token)
            .text("Expiration", &expires.to_iso8601());
    })
    .maybe("SourceIdentity", session.source_identity.as_deref())
    .maybe("PackedPolicySize", packed.map(|size| size.to_string()).as_deref());
}
