//! Messages as real clients send them, and what servers have got wrong about them.

use model::{Secret, limits};

use super::*;
use crate::{
    Version,
    attribute::{Attribute, Attributes, CustomName, Instance, Standard},
    names::{
        Tag,
        enumeration::{CryptographicAlgorithm, KeyFormatType, Operation, ResultReason, State},
    },
    object::{Key, KeyBlock, KeyMaterial, KeyValue, Object, PlainKeyValue},
    payload::{GetAttributesResponse, GetResponse, NoRequest, ProtocolVersion, Request, Response},
    ttlv::Item,
    wire::{Bytes, DateTime, Unfit, Why},
    xml,
};

/// A message in XML: a header of a version, and items.
fn message(version: (i32, i32), header: &str, items: &[&str]) -> Item {
    let text = format!(
        "<RequestMessage><RequestHeader><ProtocolVersion>\
         <ProtocolVersionMajor type='Integer' value='{}'/>\
         <ProtocolVersionMinor type='Integer' value='{}'/></ProtocolVersion>{header}\
         <BatchCount type='Integer' value='{}'/></RequestHeader>{}</RequestMessage>",
        version.0,
        version.1,
        items.len(),
        items.concat()
    );
    xml::decode(text.as_bytes()).unwrap()
}

fn item(operation: &str, payload: &str) -> String {
    format!(
        "<BatchItem><Operation type='Enumeration' value='{operation}'/>\
         <RequestPayload>{payload}</RequestPayload></BatchItem>"
    )
}

fn request(version: (i32, i32), operation: &str, payload: &str) -> Result<Request, NoRequest> {
    let message = message(version, "", &[&item(operation, payload)]);
    let read = RequestMessage::read(message).unwrap();
    let version = read.version;
    read.items.into_iter().next().unwrap().request(version)
}

fn pair(name: &str, kind: &str, value: &str) -> String {
    format!(
        "<Attribute><AttributeName type='TextString' value='{name}'/>\
         <AttributeValue type='{kind}' value='{value}'/></Attribute>"
    )
}

#[test]
fn locate_filters_may_be_wrapped_in_a_template_attribute() {
    let filter = pair("Object Group", "TextString", "g");
    let wrapped = format!("<TemplateAttribute>{filter}</TemplateAttribute>");
    for payload in [filter, wrapped] {
        let Ok(Request::Locate(locate)) = request((1, 0), "Locate", &payload) else { panic!() };
        let attributes: Vec<_> = locate.attributes.iter().cloned().collect();
        assert_eq!(attributes, [Attribute::ObjectGroup("g".into())]);
    }
}

#[test]
fn a_custom_attribute_is_the_same_in_both_forms() {
    let old = request((1, 1), "AddAttribute", &pair("x-Vendor", "TextString", "v"));
    let new = request(
        (2, 1),
        "AddAttribute",
        "<NewAttribute><Attribute><VendorIdentification type='TextString' value='x'/>\
         <AttributeName type='TextString' value='Vendor'/>\
         <AttributeValue type='TextString' value='v'/></Attribute></NewAttribute>",
    );
    let (Ok(Request::AddAttribute(old)), Ok(Request::AddAttribute(new))) = (old, new) else {
        panic!()
    };
    assert_eq!(old, new);
    let Attribute::Custom(custom) = &old.attribute.attribute else { panic!() };
    assert_eq!(custom.name, CustomName { vendor: "x".into(), name: "Vendor".into() });
    let unknown = request((1, 1), "AddAttribute", &pair("Vendor", "TextString", "v"));
    let unfit = Unfit::new(Tag::ATTRIBUTE_NAME, Why::Value);
    assert_eq!(unknown.unwrap_err(), NoRequest::Unfit(unfit));
}

#[test]
fn an_operation_policy_name_is_taken() {
    let payload = format!(
        "<ObjectType type='Enumeration' value='SymmetricKey'/><TemplateAttribute>{}\
         </TemplateAttribute>",
        pair("Operation Policy Name", "TextString", "default")
    );
    let Ok(Request::Create(create)) = request((1, 2), "Create", &payload) else { panic!() };
    let standard = create.attributes.iter().next().unwrap().standard();
    assert_eq!(standard, Some(Standard::OperationPolicyName));
}

#[test]
fn a_version_is_not_sent_attributes_that_it_does_not_have() {
    let response = || {
        let attributes = [
            Attribute::State(State::ACTIVE),
            Attribute::Sensitive(true),
            Attribute::OperationPolicyName("default".into()),
            Attribute::QuantumSafe(true),
        ];
        let attributes = Attributes::from_iter(attributes);
        let unique_identifier = "1".into();
        Response::GetAttributes(Box::new(GetAttributesResponse { unique_identifier, attributes }))
    };
    let names = |version| {
        let Ok(Response::GetAttributes(read)) =
            Response::read(Operation::GET_ATTRIBUTES, response().write(version), version)
        else {
            panic!()
        };
        read.attributes.iter().filter_map(Attribute::standard).collect::<Vec<_>>()
    };
    assert_eq!(names(Version::V1_0), [Standard::State, Standard::OperationPolicyName]);
    assert_eq!(
        names(Version::V1_4),
        [Standard::State, Standard::Sensitive, Standard::OperationPolicyName]
    );
    assert_eq!(names(Version::V2_1), [Standard::State, Standard::Sensitive, Standard::QuantumSafe]);
}

#[test]
fn an_instance_of_several_keeps_its_index_in_1x() {
    let payload = "<Attribute><AttributeName type='TextString' value='Contact Information'/>\
        <AttributeIndex type='Integer' value='2'/>\
        <AttributeValue type='TextString' value='c'/></Attribute>";
    let Ok(Request::ModifyAttribute(read)) = request((1, 2), "ModifyAttribute", payload) else {
        panic!()
    };
    let attribute = Attribute::ContactInformation("c".into());
    assert_eq!(read.new, Instance { attribute, index: Some(2) });
    let written = Request::ModifyAttribute(read).write(Version::V1_2);
    assert!(xml::encode(&written).unwrap().as_str().contains("AttributeIndex"));
}

#[test]
fn a_version_that_is_not_known_may_ask_for_versions_and_nothing_else() {
    let unknown = ProtocolVersion { major: 3, minor: 0 };
    let read = RequestMessage::read(message((3, 0), "", &[&item("DiscoverVersions", "")])).unwrap();
    assert_eq!((read.version, read.header.protocol_version), (Version::V2_1, unknown));
    let response = ResponseMessage::to(&read, DateTime(0), vec![]);
    assert_eq!(response.header.protocol_version, unknown);
    let refused = RequestMessage::read(message((3, 0), "", &[&item("Query", "")])).unwrap_err();
    assert_eq!((refused.version, refused.reason), (unknown, ResultReason::INVALID_MESSAGE));
    assert_eq!(refused.to_string(), "The protocol version is not supported.");
    let response = ResponseMessage::refusal(&refused, DateTime(0)).write();
    let read = ResponseMessage::read(response, Version::V2_1).unwrap();
    assert_eq!((read.header.protocol_version, read.header.batch_count), (unknown, 1));
    assert!(matches!(read.items[0].outcome, Outcome::Failed { .. }));
}

#[test]
fn an_operation_is_one_of_the_version() {
    let payload = "<DataLength type='Integer' value='8'/>";
    assert!(matches!(request((1, 2), "RNGRetrieve", payload), Ok(Request::RngRetrieve(_))));
    let early = request((1, 1), "RNGRetrieve", payload).unwrap_err();
    assert_eq!(reason_of(early, Version::V1_1), ResultReason::OPERATION_NOT_SUPPORTED);
    let servers = request((1, 4), "Notify", "").unwrap_err();
    assert_eq!(reason_of(servers, Version::V1_4), ResultReason::OPERATION_NOT_SUPPORTED);
}

#[test]
fn an_item_that_does_not_fit_fails_alone() {
    let good = item("Activate", "");
    let bad = item("Activate", "<DataLength type='Integer' value='8'/>");
    let read = RequestMessage::read(message((1, 0), "", &[&bad, &good])).unwrap();
    let results: Vec<_> = read.items.into_iter().map(|it| it.request(Version::V1_0)).collect();
    let unfit = Unfit::new(Tag::DATA_LENGTH, Why::Unexpected);
    assert_eq!(results[0].as_ref().unwrap_err(), &NoRequest::Unfit(unfit));
    assert!(matches!(results[1], Ok(Request::Activate(_))));
}

#[test]
fn a_batch_has_as_many_items_as_it_says() {
    let text = xml::encode(&message((1, 0), "", &[&item("Query", "")])).unwrap().into_string();
    let more = text.replacen(
        "<BatchCount type=\"Integer\" value=\"1\"/>",
        "<BatchCount type=\"Integer\" value=\"2\"/>",
        1,
    );
    let refused = RequestMessage::read(xml::decode(more.as_bytes()).unwrap()).unwrap_err();
    assert_eq!(refused.unfit, Some(Unfit::new(Tag::BATCH_COUNT, Why::Value)));
    assert_eq!(refused.to_string(), "BatchCount has a value that it may not have.");
    let query = item("Query", "");
    let many = |count| RequestMessage::read(message((1, 0), "", &vec![query.as_str(); count]));
    assert!(many(limits::KMIP_BATCH_ITEMS_MAX).is_ok());
    assert!(many(limits::KMIP_BATCH_ITEMS_MAX + 1).is_err());
    let none = RequestMessage::read(message((1, 0), "", &[])).unwrap_err();
    assert_eq!(none.unfit, Some(Unfit::new(Tag::BATCH_COUNT, Why::Value)));
}

#[test]
fn a_correlation_value_is_not_sent_before_1_4() {
    let correlated = |version: Version| {
        let mut response = ResponseMessage::of(version.into(), version, DateTime(0), vec![]);
        response.header.server_correlation_value = Some("s".into());
        xml::encode(&response.write()).unwrap().as_str().contains("ServerCorrelationValue")
    };
    assert!(!correlated(Version::V1_3) && correlated(Version::V1_4));
}

#[test]
fn a_password_is_not_shown() {
    let header = "<Authentication><Credential>\
        <CredentialType type='Enumeration' value='UsernameAndPassword'/><CredentialValue>\
        <Username type='TextString' value='u'/><Password type='TextString' value='sesame'/>\
        </CredentialValue></Credential></Authentication>";
    let read = RequestMessage::read(message((1, 0), header, &[&item("Query", "")])).unwrap();
    let Some(authentication) = &read.header.authentication else { panic!() };
    let [Credential::UsernameAndPassword(credential)] = authentication.credentials.as_slice()
    else {
        panic!()
    };
    assert_eq!(credential.username, "u");
    assert_eq!(credential.password.as_ref().unwrap().0.expose(), b"sesame");
    assert!(!format!("{read:?}").contains("sesame"));
}

#[test]
fn a_firewall_locates_four_keys_in_one_batch() {
    let header = "<Authentication><Credential>\
        <CredentialType type='Enumeration' value='UsernameAndPassword'/><CredentialValue>\
        <Username type='TextString' value='u'/><Password type='TextString' value='p'/>\
        </CredentialValue></Credential></Authentication>\
        <BatchOrderOption type='Boolean' value='true'/>";
    let named = |name: &str| {
        format!(
            "<BatchItem><Operation type='Enumeration' value='Locate'/>\
             <UniqueBatchItemID type='ByteString' value='0{name}'/><RequestPayload>\
             <MaximumItems type='Integer' value='1'/><TemplateAttribute><Attribute>\
             <AttributeName type='TextString' value='Name'/><AttributeValue>\
             <NameValue type='TextString' value='{name}'/>\
             <NameType type='Enumeration' value='UninterpretedTextString'/>\
             </AttributeValue></Attribute></TemplateAttribute></RequestPayload></BatchItem>"
        )
    };
    let items: Vec<_> = ["1", "2", "3", "4"].into_iter().map(named).collect();
    let items: Vec<_> = items.iter().map(String::as_str).collect();
    let read = RequestMessage::read(message((1, 0), header, &items)).unwrap();
    assert!(read.header.is_ordered(read.version));
    for (number, item) in (1..).zip(read.items) {
        assert_eq!(item.id, Some(Bytes(vec![number])));
        let Ok(Request::Locate(locate)) = item.request(Version::V1_0) else { panic!() };
        let Some(Attribute::Name(name)) = locate.attributes.iter().next() else { panic!() };
        assert_eq!((&*name.value, locate.maximum_items), (&*number.to_string(), Some(1)));
    }
}

#[test]
fn a_key_pair_is_handed_out_without_attributes_in_its_key_block() {
    let key_block = KeyBlock {
        key_format_type: KeyFormatType::PKCS_1,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            material: KeyMaterial::Bytes(Secret::new(vec![1; 8])),
            attributes: None,
        })),
        cryptographic_algorithm: Some(CryptographicAlgorithm::RSA),
        cryptographic_length: Some(2048),
        key_wrapping_data: None,
    };
    let object = Object::PrivateKey(Key { key_block });
    let object_type = object.object_type();
    let response = GetResponse { object_type, unique_identifier: "1".into(), object };
    let written = Response::Get(Box::new(response)).write(Version::V1_4);
    assert_eq!(
        xml::encode(&written).unwrap().as_str().split_whitespace().collect::<String>(),
        "<ResponsePayload><ObjectTypetype=\"Enumeration\"value=\"PrivateKey\"/>\
         <UniqueIdentifiertype=\"TextString\"value=\"1\"/><PrivateKey><KeyBlock>\
         <KeyFormatTypetype=\"Enumeration\"value=\"PKCS_1\"/><KeyValue>\
         <KeyMaterialtype=\"ByteString\"value=\"0101010101010101\"/></KeyValue>\
         <CryptographicAlgorithmtype=\"Enumeration\"value=\"RSA\"/>\
         <CryptographicLengthtype=\"Integer\"value=\"2048\"/></KeyBlock></PrivateKey>\
         </ResponsePayload>"
    );
}

#[test]
fn a_template_attribute_is_taken_in_2x_too() {
    let payload = format!(
        "<ObjectType type='Enumeration' value='SymmetricKey'/><TemplateAttribute>{}\
         </TemplateAttribute>",
        pair("Cryptographic Length", "Integer", "256")
    );
    let Ok(Request::Create(create)) = request((2, 0), "Create", &payload) else { panic!() };
    let attributes: Vec<_> = create.attributes.iter().cloned().collect();
    assert_eq!(attributes, [Attribute::CryptographicLength(256)]);
}
