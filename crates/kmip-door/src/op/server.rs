//! Operations on the server rather than on an object.

use kmip::{
    Version,
    payload::{DiscoverVersions, QueryRequest, QueryResponse, Response},
};

use crate::{call::Call, failed::Failed};

/// `DiscoverVersions`: those that both know, the newest first.
pub(crate) fn discover_versions(asked: DiscoverVersions) -> Response {
    let known = Version::ALL.into_iter().map(Into::into);
    let both = |version: &_| asked.versions.is_empty() || asked.versions.contains(version);
    Response::DiscoverVersions(Box::new(DiscoverVersions {
        versions: known.filter(both).collect(),
    }))
}

/// `Query`.
pub(crate) fn query(_: &Call<'_>, _: QueryRequest) -> Result<Response, Failed> {
    Ok(Response::Query(Box::new(QueryResponse::default())))
}
