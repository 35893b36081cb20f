//! `GenerateRandom`.

use bytes::Bytes;
use engine::op::GenerateRandom;
use model::{Secret, limits};
use serde::Deserialize;

use super::member::{self, Foreign};
use crate::{call::Call, error::Refusal, json::Object, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    number_of_bytes: Option<i32>,
    custom_key_store_id: Option<Foreign>,
    recipient: Option<Foreign>,
}

/// Answers `GenerateRandom`.
pub(crate) async fn run(call: Call<'_>) -> Result<Bytes, Refusal> {
    let operation = from_wire(&call.input()?)?;
    let reply = call.perform(operation).await?;
    Ok(to_wire(&reply))
}

fn from_wire(input: &Input) -> Result<GenerateRandom, Refusal> {
    member::absent("Recipient", input.recipient.as_ref())?;
    member::absent("CustomKeyStoreId", input.custom_key_store_id.as_ref())?;
    let Some(number) = input.number_of_bytes else {
        return Err(Refusal::validation("NumberOfBytes is required."));
    };
    let mut checks = Checks::default();
    let most = limits::RANDOM_BYTES_MAX as u32;
    match checks.number("numberOfBytes", number, 1..=most) {
        Some(len) => Ok(GenerateRandom { len: len as usize }),
        None => Err(checks.refusal()),
    }
}

fn to_wire(reply: &Secret) -> Bytes {
    Object::with_blobs(reply.len()).blob("Plaintext", reply.expose()).wiped_body()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::from_json;

    fn read(body: &str) -> Result<usize, String> {
        from_json::<Input>(body.as_bytes())
            .and_then(|input| from_wire(&input))
            .map(|operation| operation.len)
            .map_err(|refusal| refusal.message().unwrap_or_default().to_owned())
    }

    #[test]
    fn the_number_of_bytes_is_needed_and_bounded() {
        assert_eq!(read("{\"NumberOfBytes\":32}"), Ok(32));
        assert_eq!(read("{}"), Err("NumberOfBytes is required.".into()));
        let message = read("{\"NumberOfBytes\":1025}").unwrap_err();
        assert!(message.ends_with("Member must have value less than or equal to 1024"));
        let message = read("{\"NumberOfBytes\":0}").unwrap_err();
        assert!(message.ends_with("Member must have value greater than or equal to 1"));
    }
}
