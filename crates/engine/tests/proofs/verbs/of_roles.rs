//! The verbs on roles and issuers of tokens, and those that begin a session.

use engine::op;
use model::{Action, PrincipalName};

use super::{Verb, of_own, page};
use crate::{
    house::{ALL, account},
    stage::roles::{assume, create, register},
};

fn change(name: &PrincipalName) -> op::ChangeRole {
    let policies = Some(vec![ALL.to_owned()]);
    op::ChangeRole { name: name.clone(), trust: None, policies, session_secs_max: None, tags: None }
}

pub(super) const VERBS: &[Verb] = &[
    of_own("CreateRole", &[Action::CreateRole], |a| {
        let trusted = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:*"}]}"#;
        a.call(create(&a.stage.roles.free_role, trusted, &[ALL]))
    }),
    of_own("ListRoles", &[Action::ListRoles], |a| {
        a.call(op::ListRoles { account: account(), page: page() })
    }),
    of_own("GetRole", &[Action::GetRole], |a| {
        a.call(op::GetRole { name: a.stage.roles.role.clone() })
    }),
    of_own("ChangeRole", &[Action::ChangeRole], |a| a.call(change(&a.stage.roles.role))),
    of_own("AssumeRole", &[Action::AssumeRole], |a| a.call(assume(&a.stage.roles.role))),
    of_own("AssumeRole (with a source)", &[Action::AssumeRole, Action::SetSourceIdentity], |a| {
        let source_identity = Some("alice".parse().unwrap());
        a.call(op::AssumeRole { source_identity, ..assume(&a.stage.roles.role) })
    }),
    of_own("AssumeRoleWithWebIdentity", &[Action::AssumeRoleWithWebIdentity], |a| {
        a.call(op::AssumeRoleWithWebIdentity(assume(&a.stage.roles.role)))
    }),
    of_own("DeleteRole", &[Action::DeleteRole], |a| {
        a.call(op::DeleteRole { name: a.stage.roles.role.clone() })
    }),
    of_own("RegisterIssuer", &[Action::RegisterIssuer], |a| {
        a.call(register(&a.stage.roles.free_issuer))
    }),
    of_own("ListIssuers", &[Action::ListIssuers], |a| {
        a.call(op::ListIssuers { account: account(), page: page() })
    }),
    of_own("ChangeIssuer", &[Action::ChangeIssuer], |a| {
        let (name, keys) = (a.stage.roles.issuer.clone(), None);
        a.call(op::ChangeIssuer { name, audiences: Some(vec!["other".to_owned()]), keys })
    }),
    of_own("RemoveIssuer", &[Action::RemoveIssuer], |a| {
        a.call(op::RemoveIssuer { name: a.stage.roles.issuer.clone() })
    }),
];
