//! From a method and a path to a row of the table, and the values in the path.

use http::{Method, StatusCode};
use model::Action;

use crate::{
    error::Refusal,
    query::{self, Parameter},
    shape::Shape,
};

/// A verb of this API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verb {
    CreatePrincipal,
    ListPrincipals,
    DeletePrincipal,
    ReadPolicies,
    ReplacePolicies,
    CreateAccessKey,
    ListAccessKeys,
    DeleteAccessKey,
    RegisterCertificate,
    ListCertificates,
    RemoveCertificate,
    RegisterCertificateRule,
    BlockCertificate,
    UnblockCertificate,
    CreateRole,
    ListRoles,
    ReadRole,
    ChangeRole,
    DeleteRole,
    RegisterIssuer,
    ListIssuers,
    ChangeIssuer,
    RemoveIssuer,
    ReadStatus,
    Unseal,
    Seal,
    RotateRootKey,
    AddUnsealSource,
    RemoveUnsealSource,
    Describe,
}

/// A row of the table.
pub(crate) struct Route {
    /// The method.
    pub(crate) method: Method,
    /// The path; a segment in braces stands for any value.
    pub(crate) path: &'static str,
    /// What it does.
    pub(crate) verb: Verb,
    /// The same in a line.
    pub(crate) summary: &'static str,
    /// The action that policy must allow; none where every known caller may.
    pub(crate) action: Option<Action>,
    /// What the query may say.
    pub(crate) query: &'static [Parameter],
    /// The body of the request.
    pub(crate) input: Option<&'static Shape>,
    /// The status of success.
    pub(crate) success: StatusCode,
    /// The body of the reply.
    pub(crate) output: Option<&'static Shape>,
}

impl Route {
    /// The names in its path, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(name_of)
    }
}

fn name_of(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// A row that a request is for.
pub(crate) struct Found {
    /// The row.
    pub(crate) route: &'static Route,
    /// The values of the names in its path, decoded.
    pub(crate) values: Vec<String>,
}

/// Finds the row of `table` for a request.
pub(crate) fn find(table: &'static [Route], method: &Method, path: &str) -> Result<Found, Refusal> {
    let mut methods = Vec::new();
    for route in table {
        let Some(values) = values(route.path, path) else { continue };
        if route.method == *method {
            let decoded = values.into_iter().map(query::decode).collect::<Option<Vec<_>>>();
            let values =
                decoded.ok_or_else(|| Refusal::invalid("The path is not percent-encoded text."))?;
            return Ok(Found { route, values });
        }
        methods.push(route.method.as_str());
    }
    Err(match methods.is_empty() {
        true => Refusal::no_such_path(),
        false => Refusal::other_method(methods.join(", ")),
    })
}

/// The values of a path of this form; `None` when it has another.
fn values<'p>(form: &str, path: &'p str) -> Option<Vec<&'p str>> {
    let mut values = Vec::new();
    let mut segments = path.split('/');
    for expected in form.split('/') {
        let segment = segments.next()?;
        match name_of(expected) {
            Some(_) if segment.is_empty() => return None,
            Some(_) => values.push(segment),
            None if segment != expected => return None,
            None => {}
        }
    }
    segments.next().is_none().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ROUTES;

    #[test]
    fn values_of_the_path_are_decoded_one_segment_each() {
        let path = "/api/v1/principals/a%2Bb/access-keys/AKIA";
        let found = find(ROUTES, &Method::DELETE, path).ok().unwrap();
        assert_eq!(found.route.verb, Verb::DeleteAccessKey);
        assert_eq!(found.values, ["a+b", "AKIA"]);
        // An encoded slash belongs to the value.
        let found = find(ROUTES, &Method::DELETE, "/api/v1/principals/a%2Fpolicies").ok().unwrap();
        assert_eq!(found.values, ["a/policies"]);
    }

    #[test]
    fn another_method_hears_which_are_taken() {
        let refusal = find(ROUTES, &Method::PATCH, "/api/v1/principals").err().unwrap();
        assert_eq!(refusal.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(refusal.allow(), Some("POST, GET"));
    }

    #[test]
    fn what_is_not_in_the_table_is_not_found() {
        for path in ["/api/v1/", "/api/v1/principals/", "/api/v1/principals//policies", "/api/v1/x"]
        {
            let refusal = find(ROUTES, &Method::GET, path).err().unwrap();
            assert_eq!(refusal.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
