//! Access keys of principals.

use bytes::Bytes;
use engine::op::{self, NewAccessKey};
use model::Secret;
use serde::Serialize;

use crate::{
    call::{Call, json},
    error::Refusal,
    shape::{Kind, Member, Shape},
};

/// The output of [`create`].
pub(crate) static NEW: Shape = Shape {
    name: "NewAccessKey",
    members: &[
        Member::new("access_key_id", Kind::Text, "Its id."),
        Member::new("secret_access_key", Kind::Text, "Its secret, which is not shown again."),
    ],
};

/// Make an access key.
pub(crate) async fn create(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let key = call.perform(op::CreateAccessKey { principal: call.principal()? }).await?;
    Ok(shown_once(&key))
}

/// A body that held a secret.
pub(crate) struct Wiped(pub(crate) Secret);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

/// The new key as JSON, in one buffer that does not grow and is wiped when it was sent. Neither
/// id nor secret has a character that JSON escapes.
fn shown_once(NewAccessKey { id, secret }: &NewAccessKey) -> Bytes {
    let parts: [&[u8]; 5] = [
        br#"{"access_key_id":""#,
        id.as_bytes(),
        br#"","secret_access_key":""#,
        secret.expose(),
        br#""}"#,
    ];
    let mut body = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| body.extend_from_slice(part));
    Bytes::from_owner(Wiped(Secret::new(body)))
}

/// The output of [`list`].
pub(crate) static LIST: Shape = Shape {
    name: "AccessKeys",
    members: &[Member::new("access_keys", Kind::List(&Kind::Object(&ENTRY)), "All of them.")],
};

static ENTRY: Shape = Shape {
    name: "AccessKeyEntry",
    members: &[Member::new("access_key_id", Kind::Text, "Its id.")],
};

#[derive(Serialize)]
struct AccessKeys {
    access_keys: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    access_key_id: String,
}

/// List a principal's access keys.
pub(crate) async fn list(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let keys = call.perform(op::ListAccessKeys { principal: call.principal()? }).await?;
    let access_keys = keys.into_iter().map(|key| Entry { access_key_id: key.id }).collect();
    json(&AccessKeys { access_keys })
}

/// Remove an access key.
pub(crate) async fn delete(call: &Call<'_>) -> Result<Bytes, Refusal> {
    let (principal, id) = (call.principal()?, call.value(1).to_owned());
    call.perform(op::DeleteAccessKey { principal, id }).await?;
    Ok(Bytes::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_json_with_id_and_secret() {
        let secret = Secret::new(b"a/b+c".to_vec());
        let body = shown_once(&NewAccessKey { id: "AKIA1".to_owned(), secret });
        assert_eq!(body, r#"{"access_key_id":"AKIA1","secret_access_key":"a/b+c"}"#);
    }
}
