//! Operations on the server rather than on an object.

use kmip::{
    Version,
    names::enumeration::{
        DestroyAction, ObjectType, Operation, QueryFunction, RngMode, ShreddingAlgorithm,
        UnwrapMode,
    },
    object::OBJECT_TYPES,
    payload::{
        CapabilityInformation, DiscoverVersions, OPERATIONS, QueryRequest, QueryResponse, Response,
        ServerInformation,
    },
};

use crate::{attributes, call::Call};

/// `DiscoverVersions`: those that both know, the newest first.
pub(crate) fn discover_versions(asked: DiscoverVersions) -> Response {
    let known = Version::ALL.into_iter().map(Into::into);
    let both = |version: &_| asked.versions.is_empty() || asked.versions.contains(version);
    let versions = known.filter(both).collect();
    Response::DiscoverVersions(Box::new(DiscoverVersions { versions }))
}

/// The operations that are served in a version.
fn operations(version: Version, is_served: fn(Operation) -> bool) -> Vec<Operation> {
    let served =
        |(operation, since): &(Operation, Version)| *since <= version && is_served(*operation);
    OPERATIONS.iter().filter(|it| served(it)).map(|(operation, _)| *operation).collect()
}

/// The kinds of objects that are kept in a version.
fn object_types(version: Version) -> Vec<ObjectType> {
    let kept =
        |(_, since, until): &(ObjectType, Version, Version)| (*since..=*until).contains(&version);
    OBJECT_TYPES.iter().filter(|it| kept(it)).map(|(kind, ..)| *kind).collect()
}

/// `Query`. It names the operations that `is_served`.
pub(crate) fn query(
    call: &Call<'_>,
    query: QueryRequest,
    is_served: fn(Operation) -> bool,
) -> Response {
    let asked = |function| query.functions.contains(&function);
    let mut response = QueryResponse::default();
    if asked(QueryFunction::QUERY_OPERATIONS) {
        response.operations = operations(call.version, is_served);
    }
    if asked(QueryFunction::QUERY_OBJECTS) {
        response.object_types = object_types(call.version);
    }
    if asked(QueryFunction::QUERY_SERVER_INFORMATION) {
        response.vendor_identification = Some("Strongroom".to_owned());
        response.server_information = Some(ServerInformation {
            product_name: Some("Strongroom".to_owned()),
            server_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            ..ServerInformation::default()
        });
    }
    if asked(QueryFunction::QUERY_RNGS) {
        response.rng_parameters = vec![attributes::GENERATOR];
    }
    if asked(QueryFunction::QUERY_CAPABILITIES) {
        response.capability_information = vec![CapabilityInformation {
            streaming: Some(true),
            asynchronous: Some(true),
            attestation: Some(false),
            batch_undo: Some(true),
            batch_continue: Some(true),
            unwrap_mode: Some(UnwrapMode::PROCESSED),
            destroy_action: Some(DestroyAction::KEY_MATERIAL_DELETED),
            shredding_algorithm: Some(ShreddingAlgorithm::CRYPTOGRAPHIC),
            rng_mode: Some(RngMode::SHARED_INSTANTIATION),
            quantum_safe: Some(false),
        }];
    }
    Response::Query(Box::new(response))
}
