//! Messages, changes of them, and what is read of those that are nearly right.

use kmip::{
    Version,
    message::{Outcome, RequestMessage, ResponseMessage},
    names::Tag,
    payload::{Request, Response},
    ttlv::{self, Item, Value},
};

/// Requests and responses with a field of every type.
pub(crate) const MESSAGES: [&str; 5] = [
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

/// Reads a tree as a message, and its payloads, as far as it goes.
pub(crate) fn read_typed(tree: Item) {
    let version = Version::V1_0;
    if tree.tag == Tag::RESPONSE_MESSAGE {
        let Ok(message) = ResponseMessage::read(tree, version) else { return };
        for item in message.items {
            if let (Outcome::Success(payload), Some(operation)) = (item.outcome, item.operation)
                && let Ok(response) = Response::read(operation, payload, version)
            {
                response.write(Version::V2_1);
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
        assert!(Request::read(operation, written, version).is_ok());
    }
}

/// Changes a tree in one place: an item is dropped, doubled, moved, or gets another tag or value.
/// `below` gives a number below one, or 0.
pub(crate) fn change(item: &mut Item, below: &mut dyn FnMut(usize) -> usize) {
    if let Value::Structure(items) = &mut item.value
        && !items.is_empty()
        && below(6) > 0
    {
        let (at, other) = (below(items.len()), below(items.len()));
        match below(12) {
            0 => drop(items.remove(at)),
            1 => items.swap(at, other),
            2 => {
                let bytes = ttlv::encode(&items[at]).expect("an item that was read");
                items.push(ttlv::decode(bytes.expose()).expect("an item that was read"));
            }
            _ => change(&mut items[at], below),
        }
        return;
    }
    match below(8) {
        0 => item.tag = Tag(0x42_0001 + below(0x180) as u32),
        1 => item.value = Value::Enumeration(below(80) as u32),
        2 => item.value = Value::Integer(below(5) as i32 - 1),
        3 => item.value = Value::Structure(vec![]),
        4 => item.value = Value::text(["", "x-a", "State", "Name"][below(4)]),
        5 => item.value = Value::bytes([0; 3]),
        6 => item.value = Value::Boolean(true),
        _ => item.value = Value::DateTime(-1),
    }
}
