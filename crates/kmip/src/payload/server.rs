//! Operations on the server rather than on an object.

use model::Secret;

use crate::{
    attribute::{Attributes, RngParameters},
    names::{
        Tag,
        enumeration::{
            AttestationType, ClientRegistrationMethod, DestroyAction, ObjectType, Operation,
            Pkcs11Function, Pkcs11ReturnCode, ProfileName, QueryFunction, RngMode,
            ShreddingAlgorithm, UnwrapMode, ValidationAuthorityType, ValidationType,
        },
    },
    payload::ProtectionStorageMasks,
    ttlv::{Item, Value},
    version::Version,
    wire::{Bytes, Unfit, Why, Wire, structure},
};

structure! {
    /// A version, known or not.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct ProtocolVersion {
        /// Its first number.
        major: i32 = PROTOCOL_VERSION_MAJOR,
        /// Its second number.
        minor: i32 = PROTOCOL_VERSION_MINOR,
    }
}

impl From<Version> for ProtocolVersion {
    fn from(version: Version) -> Self {
        let (major, minor) = version.number();
        Self { major, minor }
    }
}

structure! {
    /// Versions that one side knows, the preferred one first. Asked with none, a server says all.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct DiscoverVersions {
        /// The versions.
        versions: Vec<ProtocolVersion> = PROTOCOL_VERSION,
    }
}

structure! {
    /// A question what the server can do.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct QueryRequest {
        /// What to tell about.
        functions: Vec<QueryFunction> = QUERY_FUNCTION,
        /// For which object groups. Since 2.1.
        object_groups: Option<ObjectGroups> = OBJECT_GROUPS since V2_1,
    }
}

structure! {
    /// What the server can do.
    #[derive(Debug, Default)]
    pub struct QueryResponse {
        /// Operations.
        operations: Vec<Operation> = OPERATION,
        /// Kinds of objects.
        object_types: Vec<ObjectType> = OBJECT_TYPE,
        /// Whose server it is.
        vendor_identification: Option<String> = VENDOR_IDENTIFICATION,
        /// Which server it is.
        server_information: Option<ServerInformation> = SERVER_INFORMATION,
        /// Name spaces for which the server chooses application data.
        application_namespaces: Vec<String> = APPLICATION_NAMESPACE,
        /// Tags of vendors.
        extension_information: Vec<ExtensionInformation> = EXTENSION_INFORMATION since V1_1,
        /// Kinds of attestation.
        attestation_types: Vec<AttestationType> = ATTESTATION_TYPE since V1_2,
        /// Random number generators.
        rng_parameters: Vec<RngParameters> = RNG_PARAMETERS since V1_3,
        /// Profiles.
        profile_information: Vec<ProfileInformation> = PROFILE_INFORMATION since V1_3,
        /// Validations.
        validation_information: Vec<ValidationInformation> = VALIDATION_INFORMATION since V1_3,
        /// Capabilities.
        capability_information: Vec<CapabilityInformation> = CAPABILITY_INFORMATION since V1_3,
        /// How clients get to be known.
        client_registration_methods: Vec<ClientRegistrationMethod> =
            CLIENT_REGISTRATION_METHOD since V1_3,
        /// What objects get that say nothing.
        defaults_information: Option<DefaultsInformation> = DEFAULTS_INFORMATION since V2_0,
        /// How material can be protected.
        protection_storage_masks: Vec<ProtectionStorageMasks> =
            PROTECTION_STORAGE_MASKS since V2_0,
    }
}

structure! {
    /// Which server it is. What else a vendor says there is not read.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct ServerInformation {
        /// Its name.
        server_name: Option<String> = SERVER_NAME since V2_0,
        /// Its serial number.
        serial_number: Option<String> = SERVER_SERIAL_NUMBER since V2_0,
        /// Its version.
        server_version: Option<String> = SERVER_VERSION since V2_0,
        /// How busy it is.
        load: Option<String> = SERVER_LOAD since V2_0,
        /// The product's name.
        product_name: Option<String> = PRODUCT_NAME since V2_0,
        /// How it was built.
        build_level: Option<String> = BUILD_LEVEL since V2_0,
        /// When it was built.
        build_date: Option<String> = BUILD_DATE since V2_0,
        /// Which servers it stands with.
        cluster_info: Option<String> = CLUSTER_INFO since V2_0,
        /// Where to go if it fails.
        failover_endpoints: Vec<String> = ALTERNATE_FAILOVER_ENDPOINTS since V2_0,
    }
}

structure! {
    /// A tag of a vendor.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct ExtensionInformation {
        /// Its name.
        name: String = EXTENSION_NAME,
        /// Its number.
        number: Option<i32> = EXTENSION_TAG,
        /// The type of its values: a number in 1.x, an enumeration in 2.x.
        kind: Option<ExtensionType> = EXTENSION_TYPE,
        /// What enumeration its values are of.
        enumeration: Option<i32> = EXTENSION_ENUMERATION since V2_0,
        /// Whether it is an attribute.
        is_attribute: Option<bool> = EXTENSION_ATTRIBUTE since V2_0,
        /// The tag that it stands in.
        parent: Option<i32> = EXTENSION_PARENT_STRUCTURE_TAG since V2_0,
        /// What it is.
        description: Option<String> = EXTENSION_DESCRIPTION since V2_0,
    }
}

/// The number of a type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ExtensionType(pub u32);

impl Wire for ExtensionType {
    fn read(item: Item, _: Version) -> Result<Self, Unfit> {
        match item.value {
            Value::Enumeration(number) => Ok(Self(number)),
            Value::Integer(number) => Ok(Self(number.cast_unsigned())),
            _ => Err(Unfit::new(item.tag, Why::Type)),
        }
    }

    fn write(self, tag: Tag, version: Version) -> Item {
        let value = match version.has_attributes_by_tag() {
            true => Value::Enumeration(self.0),
            false => Value::Integer(self.0.cast_signed()),
        };
        Item::new(tag, value)
    }
}

structure! {
    /// A profile that the server conforms to.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct ProfileInformation {
        /// The profile.
        name: ProfileName = PROFILE_NAME,
        /// Its version.
        profile_version: Option<ProfileVersion> = PROFILE_VERSION since V2_0,
        /// Where the server does so.
        server_uri: Option<String> = SERVER_URI,
        /// On which port.
        server_port: Option<i32> = SERVER_PORT,
    }
}

structure! {
    /// A profile's version.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct ProfileVersion {
        /// Its first number.
        major: i32 = PROFILE_VERSION_MAJOR,
        /// Its second number.
        minor: i32 = PROFILE_VERSION_MINOR,
    }
}

structure! {
    /// A validation that the server has.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct ValidationInformation {
        /// Whose.
        authority_type: ValidationAuthorityType = VALIDATION_AUTHORITY_TYPE,
        /// In which country.
        authority_country: Option<String> = VALIDATION_AUTHORITY_COUNTRY,
        /// Where it is described.
        authority_uri: Option<String> = VALIDATION_AUTHORITY_URI,
        /// Against which version.
        version_major: i32 = VALIDATION_VERSION_MAJOR,
        /// Its second number.
        version_minor: Option<i32> = VALIDATION_VERSION_MINOR,
        /// Of what.
        kind: ValidationType = VALIDATION_TYPE,
        /// To which level.
        level: i32 = VALIDATION_LEVEL,
        /// Under which certificate.
        certificate_identifier: Option<String> = VALIDATION_CERTIFICATE_IDENTIFIER,
        /// Where that is.
        certificate_uri: Option<String> = VALIDATION_CERTIFICATE_URI,
        /// Who the vendor is.
        vendor_uri: Option<String> = VALIDATION_VENDOR_URI,
        /// Which profiles.
        profiles: Vec<String> = VALIDATION_PROFILE,
    }
}

structure! {
    /// What the server is capable of.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct CapabilityInformation {
        /// Cryptography in several parts.
        streaming: Option<bool> = STREAMING_CAPABILITY,
        /// Answers that come later.
        asynchronous: Option<bool> = ASYNCHRONOUS_CAPABILITY,
        /// Attestation.
        attestation: Option<bool> = ATTESTATION_CAPABILITY,
        /// Batches that are undone.
        batch_undo: Option<bool> = BATCH_UNDO_CAPABILITY since V1_4,
        /// Batches that go on after an error.
        batch_continue: Option<bool> = BATCH_CONTINUE_CAPABILITY since V1_4,
        /// Whether wrapped keys are unwrapped.
        unwrap_mode: Option<UnwrapMode> = UNWRAP_MODE,
        /// What destroying does.
        destroy_action: Option<DestroyAction> = DESTROY_ACTION,
        /// How.
        shredding_algorithm: Option<ShreddingAlgorithm> = SHREDDING_ALGORITHM,
        /// Whose random number generator it is.
        rng_mode: Option<RngMode> = RNG_MODE,
        /// Algorithms that quantum computers do not break.
        quantum_safe: Option<bool> = QUANTUM_SAFE_CAPABILITY since V2_0,
    }
}

structure! {
    /// What objects get that say nothing. Since 2.0.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct DefaultsInformation {
        /// By kind of object.
        object_defaults: Vec<ObjectDefaults> = OBJECT_DEFAULTS,
    }
}

structure! {
    /// What objects of certain kinds get that say nothing.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct ObjectDefaults {
        /// The kind.
        object_type: Option<ObjectType> = OBJECT_TYPE,
        /// The kinds.
        object_types: Option<ObjectTypes> = OBJECT_TYPES since V2_1,
        /// The attributes.
        attributes: Attributes = TEMPLATE_ATTRIBUTE,
        /// In which groups.
        object_groups: Option<ObjectGroups> = OBJECT_GROUPS since V2_1,
    }
}

structure! {
    /// Kinds of objects.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct ObjectTypes {
        /// The kinds.
        object_types: Vec<ObjectType> = OBJECT_TYPE,
    }
}

structure! {
    /// Object groups.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct ObjectGroups {
        /// The groups.
        object_groups: Vec<String> = OBJECT_GROUP,
    }
}

structure! {
    /// New defaults; the server's own if there are none.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct SetDefaultsRequest {
        /// The defaults.
        defaults_information: Option<DefaultsInformation> = DEFAULTS_INFORMATION,
    }
}

structure! {
    /// Constraints on new objects. Since 2.1.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct ConstraintsMessage {
        /// The constraints.
        constraints: Constraints = CONSTRAINTS,
    }
}

structure! {
    /// Constraints on new objects.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct Constraints {
        /// The constraints.
        constraints: Vec<Constraint> = CONSTRAINT,
    }
}

structure! {
    /// A constraint on new objects.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct Constraint {
        /// Of which kinds.
        object_types: Option<ObjectTypes> = OBJECT_TYPES,
        /// In which groups.
        object_groups: Option<ObjectGroups> = OBJECT_GROUPS,
        /// The attributes that they must have.
        attributes: Option<Attributes> = TEMPLATE_ATTRIBUTE,
    }
}

structure! {
    /// Operations.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct Operations {
        /// The operations.
        operations: Vec<Operation> = OPERATION,
    }
}

structure! {
    /// A call of PKCS #11. Since 2.0.
    #[derive(Debug)]
    pub struct Pkcs11Request {
        /// The interface.
        interface: Option<String> = PKCS_11_INTERFACE,
        /// The function.
        function: Pkcs11Function = PKCS_11_FUNCTION,
        /// What the answer before this one said.
        correlation_value: Option<Bytes> = CORRELATION_VALUE,
        /// What goes in.
        input: Option<Secret> = PKCS_11_INPUT_PARAMETERS,
    }
}

structure! {
    /// What a call of PKCS #11 came to.
    #[derive(Debug)]
    pub struct Pkcs11Response {
        /// The interface.
        interface: Option<String> = PKCS_11_INTERFACE,
        /// The function.
        function: Pkcs11Function = PKCS_11_FUNCTION,
        /// What the next request is to say.
        correlation_value: Option<Bytes> = CORRELATION_VALUE,
        /// What comes out.
        output: Option<Secret> = PKCS_11_OUTPUT_PARAMETERS,
        /// What it came to.
        return_code: Pkcs11ReturnCode = PKCS_11_RETURN_CODE,
    }
}
