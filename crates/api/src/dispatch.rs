//! From a verb to the function that does it.

use bytes::Bytes;

use crate::{
    access_key, call::Call, certificate, error::Refusal, issuer, openapi, principal, role, root,
    route::Verb, status,
};

/// Does what a request asks for; the body of the reply.
pub(crate) async fn run(verb: Verb, call: &Call<'_>) -> Result<Bytes, Refusal> {
    match verb {
        Verb::CreatePrincipal => principal::create(call).await,
        Verb::ListPrincipals => principal::list(call).await,
        Verb::DeletePrincipal => principal::delete(call).await,
        Verb::ReadPolicies => principal::read_policies(call).await,
        Verb::ReplacePolicies => principal::replace_policies(call).await,
        Verb::CreateAccessKey => access_key::create(call).await,
        Verb::ListAccessKeys => access_key::list(call).await,
        Verb::DeleteAccessKey => access_key::delete(call).await,
        Verb::RegisterCertificate => certificate::register(call).await,
        Verb::ListCertificates => certificate::list(call).await,
        Verb::RemoveCertificate => certificate::remove(call).await,
        Verb::RegisterCertificateRule => certificate::register_rule(call).await,
        Verb::BlockCertificate => certificate::block(call).await,
        Verb::UnblockCertificate => certificate::unblock(call).await,
        Verb::CreateRole => role::create(call).await,
        Verb::ListRoles => role::list(call).await,
        Verb::ReadRole => role::read(call).await,
        Verb::ChangeRole => role::change(call).await,
        Verb::DeleteRole => role::delete(call).await,
        Verb::RegisterIssuer => issuer::register(call).await,
        Verb::ListIssuers => issuer::list(call).await,
        Verb::ChangeIssuer => issuer::change(call).await,
        Verb::RemoveIssuer => issuer::remove(call).await,
        Verb::ReadStatus => status::read(call).await,
        Verb::Unseal => {
            let Call { engine, pool, caller, body, at, .. } = call;
            root::take(engine, *pool, body, *caller.origin(), *at).await
        }
        Verb::Seal => root::seal(call).await,
        Verb::RotateRootKey => root::rotate(call).await,
        Verb::AddUnsealSource => root::add_source(call).await,
        Verb::RemoveUnsealSource => root::remove_source(call).await,
        Verb::Describe => openapi::describe(call),
    }
}
