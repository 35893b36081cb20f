//! What each operation asks and answers (1.4 section 4, 2.1 section 6.1).

mod asynchronous;
mod attributes;
mod cryptography;
mod find;
mod life;
mod make;
mod server;
mod session;

pub use asynchronous::*;
pub use attributes::*;
pub use cryptography::*;
pub use find::*;
pub use life::*;
pub use make::*;
pub use server::*;
pub use session::*;

use crate::{
    names::{Tag, enumeration::Operation},
    ttlv::{Item, Value},
    version::Version,
    wire::{Fields, Identifier, Unfit, Wire, structure},
};

structure! {
    /// A request that names an object, or leaves it to the ID placeholder.
    #[derive(Clone, Debug, Default, Eq, PartialEq)]
    pub struct OfObject {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// A response that names an object.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct Named {
        /// The object.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
    }
}

/// Nothing to say.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Nothing;

impl Wire for Nothing {
    fn read(item: Item, version: Version) -> Result<Self, Unfit> {
        Fields::of(item, version)?.end()?;
        Ok(Self)
    }

    fn write(self, tag: Tag, _: Version) -> Item {
        Item::new(tag, Value::Structure(Vec::new()))
    }
}

/// Why a request's payload was not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoRequest {
    /// There is no such operation, or not in that version, or it is a server's to ask.
    NotSupported,
    /// A field does not fit.
    Unfit(Unfit),
}

/// One side of a conversation: an enum of its payloads by operation.
macro_rules! side {
    (
        $(#[$doc:meta])*
        $Side:ident, written as $tag:ident:
        $($Variant:ident = $operation:ident: $Payload:ty, since $since:ident;)+
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $Side {
            $(#[doc = concat!("`", stringify!($Variant), "`.")] $Variant(Box<$Payload>),)+
        }

        impl $Side {
            /// Reads the payload.
            ///
            /// # Errors
            /// When the version has no such operation, or the payload is not one of it.
            pub fn read(
                operation: Operation,
                payload: Item,
                version: Version,
            ) -> Result<Self, NoRequest> {
                match operation {
                    $(Operation::$operation if version >= Version::$since => {
                        let read = <$Payload as Wire>::read(payload, version);
                        read.map(|it| Self::$Variant(Box::new(it))).map_err(NoRequest::Unfit)
                    })+
                    _ => Err(NoRequest::NotSupported),
                }
            }

            /// Writes the payload.
            pub fn write(self, version: Version) -> Item {
                match self {
                    $(Self::$Variant(it) => it.write(Tag::$tag, version),)+
                }
            }

            /// Whose payload it is.
            pub fn operation(&self) -> Operation {
                match self {
                    $(Self::$Variant(_) => Operation::$operation,)+
                }
            }
        }
    };
}

/// States the operations: for each its payloads and the versions that have it.
macro_rules! operations {
    ($($Variant:ident = $operation:ident: $Request:ty => $Response:ty, since $since:ident;)+) => {
        side! {
            /// What a client asks.
            Request, written as REQUEST_PAYLOAD:
            $($Variant = $operation: $Request, since $since;)+
        }

        side! {
            /// What a server answers.
            Response, written as RESPONSE_PAYLOAD:
            $($Variant = $operation: $Response, since $since;)+
        }

        /// The operations that have payloads here, with the first version that has each.
        pub const OPERATIONS: &[(Operation, Version)] =
            &[$((Operation::$operation, Version::$since)),+];
    };
}

operations! {
    Create = CREATE: CreateRequest => CreateResponse, since V1_0;
    CreateKeyPair = CREATE_KEY_PAIR: CreateKeyPairRequest => CreateKeyPairResponse, since V1_0;
    Register = REGISTER: RegisterRequest => MadeResponse, since V1_0;
    ReKey = RE_KEY: ReKeyRequest => MadeResponse, since V1_0;
    DeriveKey = DERIVE_KEY: DeriveKeyRequest => MadeResponse, since V1_0;
    Certify = CERTIFY: CertifyRequest => MadeResponse, since V1_0;
    ReCertify = RE_CERTIFY: ReCertifyRequest => MadeResponse, since V1_0;
    Locate = LOCATE: LocateRequest => LocateResponse, since V1_0;
    Check = CHECK: CheckRequest => CheckResponse, since V1_0;
    Get = GET: GetRequest => GetResponse, since V1_0;
    GetAttributes = GET_ATTRIBUTES: GetAttributesRequest => GetAttributesResponse, since V1_0;
    GetAttributeList = GET_ATTRIBUTE_LIST: OfObject => GetAttributeListResponse, since V1_0;
    AddAttribute = ADD_ATTRIBUTE: NewAttributeRequest => AttributeResponse, since V1_0;
    ModifyAttribute = MODIFY_ATTRIBUTE: ModifyAttributeRequest => AttributeResponse, since V1_0;
    DeleteAttribute = DELETE_ATTRIBUTE: DeleteAttributeRequest => AttributeResponse, since V1_0;
    ObtainLease = OBTAIN_LEASE: OfObject => ObtainLeaseResponse, since V1_0;
    GetUsageAllocation = GET_USAGE_ALLOCATION: GetUsageAllocationRequest => Named, since V1_0;
    Activate = ACTIVATE: OfObject => Named, since V1_0;
    Revoke = REVOKE: RevokeRequest => Named, since V1_0;
    Destroy = DESTROY: OfObject => Named, since V1_0;
    Archive = ARCHIVE: OfObject => Named, since V1_0;
    Recover = RECOVER: OfObject => Named, since V1_0;
    Validate = VALIDATE: ValidateRequest => ValidateResponse, since V1_0;
    Query = QUERY: QueryRequest => QueryResponse, since V1_0;
    Cancel = CANCEL: CorrelatedRequest => CancelResponse, since V1_0;
    Poll = POLL: CorrelatedRequest => Nothing, since V1_0;
    ReKeyKeyPair = RE_KEY_KEY_PAIR: ReKeyKeyPairRequest => CreateKeyPairResponse, since V1_1;
    // Since 1.1 by the book; but who does not know which versions there are may ask in any.
    DiscoverVersions = DISCOVER_VERSIONS: DiscoverVersions => DiscoverVersions, since V1_0;
    Encrypt = ENCRYPT: EncryptRequest => EncryptResponse, since V1_2;
    Decrypt = DECRYPT: DecryptRequest => DecryptResponse, since V1_2;
    Sign = SIGN: SignRequest => SignResponse, since V1_2;
    SignatureVerify = SIGNATURE_VERIFY:
        SignatureVerifyRequest => SignatureVerifyResponse, since V1_2;
    Mac = MAC: MacRequest => MacResponse, since V1_2;
    MacVerify = MAC_VERIFY: MacVerifyRequest => MacVerifyResponse, since V1_2;
    RngRetrieve = RNG_RETRIEVE: RngRetrieveRequest => RngRetrieveResponse, since V1_2;
    RngSeed = RNG_SEED: RngSeedRequest => RngSeedResponse, since V1_2;
    Hash = HASH: HashRequest => HashResponse, since V1_2;
    CreateSplitKey = CREATE_SPLIT_KEY:
        CreateSplitKeyRequest => CreateSplitKeyResponse, since V1_2;
    JoinSplitKey = JOIN_SPLIT_KEY: JoinSplitKeyRequest => MadeResponse, since V1_2;
    Import = IMPORT: ImportRequest => Named, since V1_4;
    Export = EXPORT: GetRequest => ExportResponse, since V1_4;
    Log = LOG: LogRequest => Nothing, since V2_0;
    Login = LOGIN: LoginRequest => TicketMessage, since V2_0;
    Logout = LOGOUT: TicketMessage => Nothing, since V2_0;
    DelegatedLogin = DELEGATED_LOGIN: DelegatedLoginRequest => TicketMessage, since V2_0;
    AdjustAttribute = ADJUST_ATTRIBUTE: AdjustAttributeRequest => Named, since V2_0;
    SetAttribute = SET_ATTRIBUTE: NewAttributeRequest => Named, since V2_0;
    SetEndpointRole = SET_ENDPOINT_ROLE: EndpointRoleMessage => EndpointRoleMessage, since V2_0;
    Pkcs11 = PKCS_11: Pkcs11Request => Pkcs11Response, since V2_0;
    Interop = INTEROP: InteropRequest => Nothing, since V2_0;
    ReProvision = RE_PROVISION: ReProvisionRequest => OfObject, since V2_0;
    SetDefaults = SET_DEFAULTS: SetDefaultsRequest => Nothing, since V2_1;
    SetConstraints = SET_CONSTRAINTS: ConstraintsMessage => Nothing, since V2_1;
    GetConstraints = GET_CONSTRAINTS: Nothing => ConstraintsMessage, since V2_1;
    QueryAsynchronousRequests = QUERY_ASYNCHRONOUS_REQUESTS:
        QueryAsynchronousRequestsRequest => QueryAsynchronousRequestsResponse, since V2_1;
    Process = PROCESS: CorrelatedRequest => Nothing, since V2_1;
    Ping = PING: Nothing => Nothing, since V2_1;
}
