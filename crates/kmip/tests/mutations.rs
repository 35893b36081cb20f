//! Messages that are nearly right: none makes a decoder panic, and what one accepts is written back
//! as it was read.
#![cfg(test)]

#[path = "../../../fuzz/mutations.rs"]
mod mutations;

use kmip::{
    json,
    message::{RequestMessage, ResponseMessage},
    payload::Response,
    ttlv::{self, Item, Value},
    xml,
};

/// Requests and responses with a field of every type.
const MESSAGES: [&str; 5] = [
    "<RequestMessage><RequestHeader><ProtocolVersion>\
     <ProtocolVersionMajor type='Integer' value='1'/>\
     <ProtocolVersionMinor type='Integer' value='4'/></ProtocolVersion>\
     <AsynchronousIndicator type='Boolean' value='true'/>\
     <Authentication><Credential>\
     <CredentialType type='Enumeration' value='UsernameAndPassword'/>\
     <CredentialValue><Username type='TextString' value='u'/>\
     <Password type='TextString' value='p&#10;&lt;'/></CredentialValue></Credential>\
     </Authentication><TimeStamp type='DateTime' value='2026-11-24T16:00:00+01:00'/>\
     <BatchCount type='Integer' value='1'/></RequestHeader>\
     <BatchItem><Operation type='Enumeration' value='Register'/>\
     <UniqueBatchItemID type='ByteString' value='01'/><RequestPayload>\
     <ObjectType type='Enumeration' value='PrivateKey'/><TemplateAttribute>\
     <Attribute><AttributeName type='TextString' value='Cryptographic Usage Mask'/>\
     <AttributeValue type='Integer' value='Sign Decrypt'/></Attribute>\
     <Attribute><AttributeName type='TextString' value='x-a'/>\
     <AttributeIndex type='Integer' value='1'/>\
     <AttributeValue type='Interval' value='7'/></Attribute></TemplateAttribute>\
     <PrivateKey><KeyBlock>\
     <KeyFormatType type='Enumeration' value='TransparentRSAPrivateKey'/>\
     <KeyValue><KeyMaterial><Modulus type='BigInteger' value='0000000000010001'/>\
     </KeyMaterial></KeyValue></KeyBlock></PrivateKey>\
     </RequestPayload></BatchItem></RequestMessage>",
    "<RequestMessage><RequestHeader><ProtocolVersion>\
     <ProtocolVersionMajor type='Integer' value='2'/>\
     <ProtocolVersionMinor type='Integer' value='1'/></ProtocolVersion>\
     <BatchCount type='Integer' value='1'/></RequestHeader>\
     <BatchItem><Operation type='Enumeration' value='ModifyAttribute'/><RequestPayload>\
     <UniqueIdentifier type='Enumeration' value='IDPlaceholder'/>\
     <NewAttribute><Attribute><VendorIdentification type='TextString' value='x'/>\
     <AttributeName type='TextString' value='n'/>\
     <AttributeValue type='DateTimeExtended' value='0x7'/></Attribute></NewAttribute>\
     </RequestPayload></BatchItem></RequestMessage>",
    "<RequestMessage><RequestHeader><ProtocolVersion>\
     <ProtocolVersionMajor type='Integer' value='1'/>\
     <ProtocolVersionMinor type='Integer' value='2'/></ProtocolVersion>\
     <BatchCount type='Integer' value='1'/></RequestHeader>\
     <BatchItem><Operation type='Enumeration' value='Check'/><RequestPayload>\
     <UsageLimitsCount type='LongInteger' value='-9007199254740993'/>\
     </RequestPayload></BatchItem></RequestMessage>",
    "<ResponseMessage><ResponseHeader><ProtocolVersion>\
     <ProtocolVersionMajor type='Integer' value='1'/>\
     <ProtocolVersionMinor type='Integer' value='0'/></ProtocolVersion>\
     <TimeStamp type='DateTime' value='0xffffffffffffffff'/>\
     <BatchCount type='Integer' value='1'/></ResponseHeader>\
     <BatchItem><Operation type='Enumeration' value='GetAttributes'/>\
     <ResultStatus type='Enumeration' value='Success'/><ResponsePayload>\
     <UniqueIdentifier type='TextString' value='1'/>\
     <Attribute><AttributeName type='TextString' value='State'/>\
     <AttributeValue type='Enumeration' value='0x80000001'/></Attribute>\
     </ResponsePayload></BatchItem></ResponseMessage>",
    "<TTLV tag='0x540001'><Name/></TTLV>",
];

fn trees() -> Vec<Item> {
    MESSAGES.iter().map(|text| xml::decode(text.as_bytes()).unwrap()).collect()
}

/// Reads a tree as a message, and its payloads, as far as it goes.
fn read_typed(tree: Item) {
    let version = kmip::Version::V1_0;
    if tree.tag == kmip::names::Tag::RESPONSE_MESSAGE {
        let Ok(message) = ResponseMessage::read(tree, version) else { return };
        for item in message.items {
            if let (kmip::message::Outcome::Success(payload), Some(operation)) =
                (item.outcome, item.operation)
                && let Ok(response) = Response::read(operation, payload, version)
            {
                response.write(kmip::Version::V2_1);
            }
        }
        return;
    }
    let Ok(message) = RequestMessage::read(tree) else { return };
    let version = message.version;
    for item in message.items {
        let Ok(request) = item.request(version) else { continue };
        let operation = request.operation();
        // What was read is read again from what it is written as.
        let written = request.write(version);
        assert!(kmip::payload::Request::read(operation, written, version).is_ok());
    }
}

#[test]
fn no_bytes_make_a_decoder_of_ttlv_panic() {
    let seeds: Vec<_> =
        trees().iter().map(|tree| ttlv::encode(tree).unwrap().expose().to_vec()).collect();
    let accepted = mutations::try_all("ttlv", 2 * mutations::COUNT, &seeds, &mut |bytes| {
        let Ok(tree) = ttlv::decode(bytes) else { return false };
        assert_eq!(ttlv::encode(&tree).unwrap().expose(), bytes);
        read_typed(tree);
        true
    });
    assert!(accepted < mutations::COUNT);
}

/// A tree that an encoding accepted is the same tree in all others.
fn same_in_all(tree: Item) {
    let binary = ttlv::encode(&tree).unwrap();
    let in_xml = xml::encode(&tree).unwrap();
    let in_json = json::encode(&tree).unwrap();
    for again in
        [xml::decode(in_xml.as_str().as_bytes()), json::decode(in_json.as_str().as_bytes())]
    {
        assert_eq!(ttlv::encode(&again.unwrap()).unwrap().expose(), binary.expose());
    }
    read_typed(tree);
}

#[test]
fn no_text_makes_the_decoder_of_xml_panic() {
    let seeds: Vec<_> = MESSAGES.iter().map(|text| text.as_bytes().to_vec()).collect();
    mutations::try_all("xml", mutations::COUNT, &seeds, &mut |bytes| {
        let Ok(tree) = xml::decode(bytes) else { return false };
        same_in_all(tree);
        true
    });
}

#[test]
fn no_text_makes_the_decoder_of_json_panic() {
    let seeds: Vec<_> = trees()
        .iter()
        .map(|tree| json::encode(tree).unwrap().as_str().as_bytes().to_vec())
        .collect();
    mutations::try_all("json", mutations::COUNT, &seeds, &mut |bytes| {
        let Ok(tree) = json::decode(bytes) else { return false };
        // JSON has characters that XML has not.
        if !has_unprintable(&tree) {
            same_in_all(tree);
        }
        true
    });
}

fn has_unprintable(item: &Item) -> bool {
    match &item.value {
        Value::Structure(items) => items.iter().any(has_unprintable),
        Value::TextString(text) => text.as_str().chars().any(|c| {
            (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
        }),
        _ => false,
    }
}

/// Numbers that are the same in each run (xorshift64).
struct Numbers(u64);

impl Numbers {
    /// A number below `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end.max(1)
    }
}

/// Changes a tree in one place: an item is dropped, doubled, moved, or gets another tag or value.
fn change(item: &mut Item, numbers: &mut Numbers) {
    if let Value::Structure(items) = &mut item.value
        && !items.is_empty()
        && numbers.below(6) > 0
    {
        let (at, other) = (numbers.below(items.len()), numbers.below(items.len()));
        match numbers.below(12) {
            0 => drop(items.remove(at)),
            1 => items.swap(at, other),
            2 => {
                let bytes = ttlv::encode(&items[at]).unwrap();
                items.push(ttlv::decode(bytes.expose()).unwrap());
            }
            _ => change(&mut items[at], numbers),
        }
        return;
    }
    match numbers.below(8) {
        0 => item.tag = kmip::names::Tag(0x42_0001 + numbers.below(0x180) as u32),
        1 => item.value = Value::Enumeration(numbers.below(80) as u32),
        2 => item.value = Value::Integer(numbers.below(5) as i32 - 1),
        3 => item.value = Value::Structure(vec![]),
        4 => item.value = Value::text(["", "x-a", "State", "Name"][numbers.below(4)]),
        5 => item.value = Value::bytes([0; 3]),
        6 => item.value = Value::Boolean(true),
        _ => item.value = Value::DateTime(-1),
    }
}

#[test]
fn no_tree_makes_the_typed_messages_panic() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for round in 0..4 * mutations::COUNT {
        let mut tree = xml::decode(MESSAGES[round % MESSAGES.len()].as_bytes()).unwrap();
        for _ in 0..1 + numbers.below(4) {
            change(&mut tree, &mut numbers);
        }
        let binary = ttlv::encode(&tree).unwrap();
        assert_eq!(
            ttlv::encode(&ttlv::decode(binary.expose()).unwrap()).unwrap().expose(),
            binary.expose()
        );
        read_typed(tree);
    }
}
