//! Roles and issuers of tokens to try verbs on.

use engine::op;
use model::{
    PrincipalName,
    token::{IssuerKey, IssuerKeyNumbers},
};

use crate::house::{ALL, House, account};

/// Whom every role of a stage trusts: the account, so that own policies decide.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"AWS":"111122223333"},"Action":"sts:*"}]}"#;

/// See the module's page.
pub(crate) struct Roles {
    pub(crate) role: PrincipalName,
    /// There is none of this name.
    pub(crate) free_role: PrincipalName,
    pub(crate) issuer: PrincipalName,
    /// There is none of this address.
    pub(crate) free_issuer: PrincipalName,
}

/// The public key of RFC 7515's example on P-256.
pub(crate) fn key() -> IssuerKey {
    let number = |text: &str| {
        std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
    };
    let x = number("7fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445");
    let y = number("c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad");
    IssuerKey { id: Some("one".to_owned()), numbers: IssuerKeyNumbers::P256 { x, y } }
}

pub(crate) fn create(name: &PrincipalName, trust: &str, policies: &[&str]) -> op::CreateRole {
    op::CreateRole {
        name: name.clone(),
        trust: trust.to_owned(),
        policies: policies.iter().map(|text| (*text).to_owned()).collect(),
        session_secs_max: 3600,
        tags: Vec::new(),
    }
}

pub(crate) fn register(name: &PrincipalName) -> op::RegisterIssuer {
    let audiences = vec!["sts.amazonaws.com".to_owned()];
    op::RegisterIssuer { name: name.clone(), audiences, keys: vec![key()] }
}

pub(crate) fn assume(role: &PrincipalName) -> op::AssumeRole {
    op::AssumeRole {
        role: role.clone(),
        name: "session".parse().unwrap(),
        secs: None,
        policy: None,
        external_id: None,
        source_identity: None,
    }
}

impl Roles {
    pub(crate) fn new(house: &House, number: u32) -> Self {
        let role = |kind| PrincipalName::role(account(), &format!("{kind}-{number}")).unwrap();
        let issuer =
            |kind| PrincipalName::issuer(account(), &format!("{kind}.example/{number}")).unwrap();
        let roles = Self {
            role: role("role"),
            free_role: role("free"),
            issuer: issuer("issuer"),
            free_issuer: issuer("free"),
        };
        house.call(&house.admin(), create(&roles.role, TRUST, &[ALL])).unwrap();
        house.call(&house.admin(), register(&roles.issuer)).unwrap();
        roles
    }

    /// Of which nothing is there.
    pub(crate) fn without_any(self, number: u8) -> Self {
        let role = PrincipalName::role(account(), &format!("nothing-{number}")).unwrap();
        let issuer = PrincipalName::issuer(account(), &format!("nothing.example/{number}"));
        Self { role, issuer: issuer.unwrap(), ..self }
    }
}
