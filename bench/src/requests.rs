//! The requests in KMIP: written down in XML, in which they can be read, and sent in TTLV; all in
//! KMIP 1.4.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use kmip::Encoding;

use crate::{
    load::{Connection, OK, Place, Requests},
    messages::{failure, identifier},
};

/// What is measured.
pub(crate) const OPERATIONS: &[&str] = &["KmipGet", "KmipLocateGet", "KmipEncrypt", "KmipCreate"];

/// Length of what is encrypted, in bytes.
const PLAIN_LEN: usize = 64;

/// Prepares an operation: its key is made, and it is tried once. What it sends, and what came back.
pub(crate) async fn prepare(place: &Place, name: &str) -> Result<(Requests, Vec<u8>), String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let label = format!("benchmark-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = Connection::open(place).await?;
    let made = ask(&mut connection, "Create", &bytes(&create(Some(&label)))?).await?;
    let id = identifier(&made)?;
    let request = match name {
        "KmipGet" => get(&id),
        "KmipLocateGet" => locate_get(&label),
        "KmipEncrypt" => {
            ask(&mut connection, "Activate", &bytes(&activate(&id))?).await?;
            encrypt(&id)
        }
        "KmipCreate" => create(None),
        _ => return Err(format!("there is no operation {name}; see --help")),
    };
    let request = bytes(&request)?;
    let answer = ask(&mut connection, name, &request).await?;
    Ok((Arc::new(vec![request]), answer))
}

async fn ask(connection: &mut Connection, what: &str, request: &[u8]) -> Result<Vec<u8>, String> {
    match connection.exchange(request).await? {
        (OK, message) => Ok(message.to_vec()),
        (_, message) => Err(format!("{what}: {}", failure(message))),
    }
}

/// A key for AES-256, with a name or without.
fn create(name: Option<&str>) -> String {
    let name = name.map_or(String::new(), named);
    let payload = format!(
        "<ObjectType type='Enumeration' value='SymmetricKey'/><TemplateAttribute>{}{}{}{name}\
         </TemplateAttribute>",
        attribute("Cryptographic Algorithm", "type='Enumeration' value='AES'"),
        attribute("Cryptographic Length", "type='Integer' value='256'"),
        attribute("Cryptographic Usage Mask", "type='Integer' value='Encrypt Decrypt'"),
    );
    message(&[("Create", payload)])
}

fn activate(id: &str) -> String {
    message(&[("Activate", unique_identifier(id))])
}

fn get(id: &str) -> String {
    message(&[("Get", unique_identifier(id))])
}

/// One message: what is found by its name is got in the same batch, by the placeholder.
fn locate_get(name: &str) -> String {
    message(&[("Locate", named(name)), ("Get", String::new())])
}

/// In AES-256-CBC, padded, with a vector that the server draws.
fn encrypt(id: &str) -> String {
    let payload = format!(
        "{}<CryptographicParameters><BlockCipherMode type='Enumeration' value='CBC'/>\
         <PaddingMethod type='Enumeration' value='PKCS5'/>\
         <CryptographicAlgorithm type='Enumeration' value='AES'/>\
         <RandomIV type='Boolean' value='true'/></CryptographicParameters>\
         <Data type='ByteString' value='{}'/>",
        unique_identifier(id),
        "07".repeat(PLAIN_LEN)
    );
    message(&[("Encrypt", payload)])
}

fn unique_identifier(id: &str) -> String {
    format!("<UniqueIdentifier type='TextString' value='{id}'/>")
}

fn named(name: &str) -> String {
    format!(
        "<Attribute><AttributeName type='TextString' value='Name'/><AttributeValue>\
         <NameValue type='TextString' value='{name}'/>\
         <NameType type='Enumeration' value='UninterpretedTextString'/>\
         </AttributeValue></Attribute>"
    )
}

fn attribute(name: &str, value: &str) -> String {
    format!(
        "<Attribute><AttributeName type='TextString' value='{name}'/>\
         <AttributeValue {value}/></Attribute>"
    )
}

/// A request of operations and their payloads. Several are done in their order.
fn message(items: &[(&str, String)]) -> String {
    let is_batch = items.len() > 1;
    let order = if is_batch { "<BatchOrderOption type='Boolean' value='true'/>" } else { "" };
    let item = |(at, (operation, payload)): (usize, &(&str, String))| {
        let id = format!("<UniqueBatchItemID type='ByteString' value='{at:02x}'/>");
        let id = if is_batch { &id } else { "" };
        format!(
            "<BatchItem><Operation type='Enumeration' value='{operation}'/>{id}\
             <RequestPayload>{payload}</RequestPayload></BatchItem>"
        )
    };
    format!(
        "<RequestMessage><RequestHeader><ProtocolVersion>\
         <ProtocolVersionMajor type='Integer' value='1'/>\
         <ProtocolVersionMinor type='Integer' value='4'/></ProtocolVersion>{order}\
         <BatchCount type='Integer' value='{}'/></RequestHeader>{}</RequestMessage>",
        items.len(),
        items.iter().enumerate().map(item).collect::<String>()
    )
}

/// A message in TTLV.
fn bytes(message: &str) -> Result<Vec<u8>, String> {
    let item = Encoding::Xml.decode(message.as_bytes()).map_err(|why| format!("{why}"))?;
    let bytes = Encoding::Ttlv.encode(&item).map_err(|why| format!("{why}"))?;
    Ok(bytes.expose().to_vec())
}

#[cfg(test)]
mod tests {
    use kmip::{Version, message::RequestMessage, payload::Request};

    use super::*;
    use crate::messages::message_len;

    fn requests(message: &str) -> Vec<Request> {
        let bytes = bytes(message).unwrap();
        assert_eq!(message_len(&bytes), Ok(Some(bytes.len())));
        let read = RequestMessage::read(Encoding::Ttlv.decode(&bytes).unwrap()).unwrap();
        assert_eq!(read.version, Version::V1_4);
        read.items.into_iter().map(|item| item.request(Version::V1_4).unwrap()).collect()
    }

    #[test]
    fn every_request_is_one_that_servers_read() {
        assert!(matches!(&requests(&create(None))[..], [Request::Create(_)]));
        assert!(matches!(&requests(&create(Some("a")))[..], [Request::Create(_)]));
        assert!(matches!(&requests(&get("a"))[..], [Request::Get(_)]));
        assert!(matches!(&requests(&activate("a"))[..], [Request::Activate(_)]));
        let batch = requests(&locate_get("a"));
        let [Request::Locate(_), Request::Get(get)] = &batch[..] else { panic!("{batch:?}") };
        assert!(get.unique_identifier.is_none());
        let requests = requests(&encrypt("a"));
        let [Request::Encrypt(encrypt)] = &requests[..] else { panic!("{requests:?}") };
        let parameters = encrypt.cryptographic_parameters.as_ref().unwrap();
        assert_eq!(parameters.random_iv, Some(true));
    }
}
