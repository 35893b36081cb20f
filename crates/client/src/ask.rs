//! What can be asked of the native API, and how each question is put.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::percent;

/// A question to the native API. Policies are IAM policy documents in JSON.
#[derive(Clone, Copy, Debug)]
pub enum Ask<'a> {
    /// Make a principal.
    CreatePrincipal {
        /// Its name.
        name: &'a str,
        /// Its policies.
        policies: &'a [String],
    },
    /// List principals: at most `limit`, after the one with that name.
    ListPrincipals {
        /// How many; the server chooses when it is not said.
        limit: Option<usize>,
        /// The `next` of the page before.
        after: Option<&'a str>,
    },
    /// Remove a principal and its access keys.
    DeletePrincipal {
        /// Its name.
        name: &'a str,
    },
    /// Read a principal's policies.
    ReadPolicies {
        /// Its name.
        name: &'a str,
    },
    /// Replace a principal's policies.
    ReplacePolicies {
        /// Its name.
        name: &'a str,
        /// All of its policies.
        policies: &'a [String],
    },
    /// Make an access key.
    CreateAccessKey {
        /// Whose.
        principal: &'a str,
    },
    /// List a principal's access keys.
    ListAccessKeys {
        /// Whose.
        principal: &'a str,
    },
    /// Remove an access key.
    DeleteAccessKey {
        /// Whose.
        principal: &'a str,
        /// Its id.
        id: &'a str,
    },
    /// Let the holder of a client certificate's key act as a principal.
    RegisterCertificate {
        /// As whom.
        principal: &'a str,
        /// The certificate: one PEM block.
        certificate: &'a str,
        /// Whether its holder has to show an access key in each request besides.
        with_credential: bool,
    },
    /// Let the holders of certificates of an authority act as a principal.
    RegisterCertificateRule {
        /// As whom.
        principal: &'a str,
        /// The authority's certificate: one PEM block.
        authority: &'a str,
        /// The names that a certificate must have, each with its kind.
        names: &'a [(&'a str, &'a str)],
        /// Whether holders have to show an access key in each request besides.
        with_credential: bool,
    },
    /// Block a client certificate.
    BlockCertificate {
        /// Whom.
        principal: &'a str,
        /// Its SHA-256, in hexadecimal.
        fingerprint: &'a str,
    },
    /// Block a client certificate no longer.
    UnblockCertificate {
        /// Whom.
        principal: &'a str,
        /// Its SHA-256, in hexadecimal.
        fingerprint: &'a str,
    },
    /// List a principal's client certificates, rules and blocked certificates.
    ListCertificates {
        /// Whose.
        principal: &'a str,
    },
    /// Remove a client certificate or a rule.
    RemoveCertificate {
        /// Whose.
        principal: &'a str,
        /// The certificate's SHA-256, in hexadecimal, or the rule's id.
        id: &'a str,
    },
    /// Make a role.
    CreateRole {
        /// Its name.
        name: &'a str,
        /// What it is: its trust policy must be said.
        says: RoleSays<'a>,
    },
    /// List roles: at most `limit`, after the one with that name.
    ListRoles {
        /// How many; the server chooses when it is not said.
        limit: Option<usize>,
        /// The `next` of the page before.
        after: Option<&'a str>,
    },
    /// Read a role.
    ReadRole {
        /// Its name.
        name: &'a str,
    },
    /// Change a role: what is not said stays.
    ChangeRole {
        /// Its name.
        name: &'a str,
        /// What changes.
        says: RoleSays<'a>,
    },
    /// Remove a role and every session of it.
    DeleteRole {
        /// Its name.
        name: &'a str,
    },
    /// Take an issuer's word for who somebody is.
    RegisterIssuer {
        /// Its address, with `https://`.
        issuer: &'a str,
        /// What is said of it: both must be.
        says: IssuerSays<'a>,
    },
    /// List issuers: at most `limit`, after the one with that address.
    ListIssuers {
        /// How many; the server chooses when it is not said.
        limit: Option<usize>,
        /// The `next` of the page before.
        after: Option<&'a str>,
    },
    /// Change an issuer: what is not said stays.
    ChangeIssuer {
        /// Its address.
        issuer: &'a str,
        /// What changes.
        says: IssuerSays<'a>,
    },
    /// Take an issuer's word no more.
    RemoveIssuer {
        /// Its address.
        issuer: &'a str,
    },
    /// Seal the server.
    Seal,
    /// Replace the root key.
    RotateRootKey,
    /// Make shares that unseal the server.
    AddShares {
        /// The name of this way to unseal it.
        name: &'a str,
        /// How many are needed.
        needed: u8,
        /// How many there are.
        count: u8,
    },
    /// Take a way to unseal it from the server.
    RemoveUnsealSource {
        /// Its name.
        name: &'a str,
    },
    /// How the server stands.
    Status,
    /// The description of the API, in OpenAPI 3.1.
    Description,
}

/// What is said of a role.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoleSays<'a> {
    /// Its trust policy.
    pub trust: Option<&'a str>,
    /// All of its policies.
    pub policies: Option<&'a [String]>,
    /// Its longest session, in seconds.
    pub session_seconds_max: Option<u32>,
    /// All of its tags, names and values.
    pub tags: Option<&'a BTreeMap<String, String>>,
}

impl RoleSays<'_> {
    fn input(&self) -> Map<String, Value> {
        let tag = |(name, value)| json!({ "name": name, "value": value });
        let tags = self.tags.map(|tags| tags.iter().map(tag).collect::<Vec<_>>());
        said([
            ("trust", self.trust.map(Value::from)),
            ("policies", self.policies.map(Value::from)),
            ("session_seconds_max", self.session_seconds_max.map(Value::from)),
            ("tags", tags.map(Value::from)),
        ])
    }
}

/// What is said of an issuer of tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct IssuerSays<'a> {
    /// All of the audiences that its tokens may be for.
    pub audiences: Option<&'a [String]>,
    /// The text of its JSON Web Key Set.
    pub jwks: Option<&'a str>,
}

impl IssuerSays<'_> {
    fn input(&self) -> Map<String, Value> {
        said([("audiences", self.audiences.map(Value::from)), ("jwks", self.jwks.map(Value::from))])
    }
}

/// An object of the members that have a value.
fn said<const N: usize>(members: [(&str, Option<Value>); N]) -> Map<String, Value> {
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The same with one member more.
fn with(name: &str, value: &str, mut input: Map<String, Value>) -> Value {
    input.insert(name.to_owned(), value.into());
    Value::Object(input)
}

impl Ask<'_> {
    /// The method.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::CreatePrincipal { .. }
            | Self::CreateAccessKey { .. }
            | Self::RegisterCertificate { .. }
            | Self::RegisterCertificateRule { .. }
            | Self::CreateRole { .. }
            | Self::RegisterIssuer { .. }
            | Self::Seal
            | Self::RotateRootKey
            | Self::AddShares { .. } => "POST",
            Self::ChangeRole { .. } | Self::ChangeIssuer { .. } => "PATCH",
            Self::ReplacePolicies { .. } | Self::BlockCertificate { .. } => "PUT",
            Self::DeletePrincipal { .. }
            | Self::DeleteAccessKey { .. }
            | Self::RemoveCertificate { .. }
            | Self::UnblockCertificate { .. }
            | Self::DeleteRole { .. }
            | Self::RemoveIssuer { .. }
            | Self::RemoveUnsealSource { .. } => "DELETE",
            Self::ListPrincipals { .. }
            | Self::ReadPolicies { .. }
            | Self::ListAccessKeys { .. }
            | Self::ListCertificates { .. }
            | Self::ListRoles { .. }
            | Self::ReadRole { .. }
            | Self::ListIssuers { .. }
            | Self::Status
            | Self::Description => "GET",
        }
    }

    /// The path, its segments encoded.
    pub(crate) fn path(&self) -> String {
        let principal = |name: &str| format!("/api/v1/principals/{}", percent::encode(name, b""));
        let role = |name: &str| format!("/api/v1/roles/{}", percent::encode(name, b""));
        match self {
            Self::CreatePrincipal { .. } | Self::ListPrincipals { .. } => {
                "/api/v1/principals".to_owned()
            }
            Self::DeletePrincipal { name } => principal(name),
            Self::ReadPolicies { name } | Self::ReplacePolicies { name, .. } => {
                format!("{}/policies", principal(name))
            }
            Self::CreateAccessKey { principal: name }
            | Self::ListAccessKeys { principal: name } => {
                format!("{}/access-keys", principal(name))
            }
            Self::DeleteAccessKey { principal: name, id } => {
                format!("{}/access-keys/{}", principal(name), percent::encode(id, b""))
            }
            Self::RegisterCertificate { principal: name, .. }
            | Self::ListCertificates { principal: name } => {
                format!("{}/certificates", principal(name))
            }
            Self::RemoveCertificate { principal: name, id } => {
                format!("{}/certificates/{}", principal(name), percent::encode(id, b""))
            }
            Self::RegisterCertificateRule { principal: name, .. } => {
                format!("{}/certificate-rules", principal(name))
            }
            Self::BlockCertificate { principal: name, fingerprint }
            | Self::UnblockCertificate { principal: name, fingerprint } => {
                let fingerprint = percent::encode(fingerprint, b"");
                format!("{}/blocked-certificates/{fingerprint}", principal(name))
            }
            Self::CreateRole { .. } | Self::ListRoles { .. } => "/api/v1/roles".to_owned(),
            Self::ReadRole { name } => format!("{}/definition", role(name)),
            Self::ChangeRole { name, .. } | Self::DeleteRole { name } => role(name),
            Self::RegisterIssuer { .. } | Self::ListIssuers { .. } => "/api/v1/issuers".to_owned(),
            Self::ChangeIssuer { issuer, .. } | Self::RemoveIssuer { issuer } => {
                format!("/api/v1/issuers/{}", percent::encode(issuer, b""))
            }
            Self::Seal => "/api/v1/seal".to_owned(),
            Self::RotateRootKey => "/api/v1/root-key/rotate".to_owned(),
            Self::AddShares { .. } => "/api/v1/unseal-sources".to_owned(),
            Self::RemoveUnsealSource { name } => {
                format!("/api/v1/unseal-sources/{}", percent::encode(name, b""))
            }
            Self::Status => "/api/v1/status".to_owned(),
            Self::Description => "/api/v1/openapi.json".to_owned(),
        }
    }

    /// The query, not encoded.
    pub(crate) fn query(&self) -> Vec<(&'static str, String)> {
        let (Self::ListPrincipals { limit, after }
        | Self::ListRoles { limit, after }
        | Self::ListIssuers { limit, after }) = self
        else {
            return Vec::new();
        };
        let limit = limit.map(|limit| ("limit", limit.to_string()));
        let after = after.map(|after| ("after", after.to_owned()));
        limit.into_iter().chain(after).collect()
    }

    /// The body. A policy goes as its text, so that it arrives as it was written.
    pub(crate) fn input(&self) -> Option<Value> {
        match self {
            Self::CreatePrincipal { name, policies } => {
                Some(json!({ "name": name, "policies": policies }))
            }
            Self::ReplacePolicies { policies, .. } => Some(json!({ "policies": policies })),
            Self::RegisterCertificate { certificate, with_credential, .. } => {
                Some(json!({ "certificate": certificate, "with_credential": with_credential }))
            }
            Self::RegisterCertificateRule { authority, names, with_credential, .. } => {
                let name = |(kind, value): &(&str, &str)| json!({ "kind": kind, "value": value });
                let names: Vec<_> = names.iter().map(name).collect();
                Some(json!({
                    "authority": authority,
                    "names": names,
                    "with_credential": with_credential,
                }))
            }
            Self::AddShares { name, needed, count } => {
                Some(json!({ "name": name, "shares": { "needed": needed, "count": count } }))
            }
            Self::CreateRole { name, says } => Some(with("name", name, says.input())),
            Self::ChangeRole { says, .. } => Some(Value::Object(says.input())),
            Self::RegisterIssuer { issuer, says } => Some(with("issuer", issuer, says.input())),
            Self::ChangeIssuer { says, .. } => Some(Value::Object(says.input())),
            Self::ListPrincipals { .. }
            | Self::ListRoles { .. }
            | Self::ReadRole { .. }
            | Self::DeleteRole { .. }
            | Self::ListIssuers { .. }
            | Self::RemoveIssuer { .. }
            | Self::DeletePrincipal { .. }
            | Self::ReadPolicies { .. }
            | Self::CreateAccessKey { .. }
            | Self::ListAccessKeys { .. }
            | Self::DeleteAccessKey { .. }
            | Self::ListCertificates { .. }
            | Self::RemoveCertificate { .. }
            | Self::BlockCertificate { .. }
            | Self::UnblockCertificate { .. }
            | Self::Seal
            | Self::RotateRootKey
            | Self::RemoveUnsealSource { .. }
            | Self::Status
            | Self::Description => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_one_segment_of_the_path() {
        let ask = Ask::DeleteAccessKey { principal: "a/b=c", id: "AKIA?" };
        assert_eq!(ask.path(), "/api/v1/principals/a%2Fb%3Dc/access-keys/AKIA%3F");
    }

    #[test]
    fn only_what_is_said_is_in_the_query() {
        assert!(Ask::ListPrincipals { limit: None, after: None }.query().is_empty());
        let query = Ask::ListPrincipals { limit: Some(5), after: Some("al") }.query();
        assert_eq!(query, [("limit", "5".to_owned()), ("after", "al".to_owned())]);
    }
}
