//! The key policy of a key that was created without one.

use model::AccountId;

/// The key policy that lets the account's identity policies decide, as AWS words it. It says
/// nothing of what AWS does not have: a key under it is not handed out.
pub fn default_key_policy(account: AccountId) -> String {
    policy(account, r#""kms:*""#)
}

/// The same for an object that is made by a protocol whose clients fetch what they keep.
pub fn default_object_policy(account: AccountId) -> String {
    policy(account, r#"[ "kms:*", "strongroom:*" ]"#)
}

fn policy(account: AccountId, actions: &str) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{account}:root"
    }},
    "Action" : {actions},
    "Resource" : "*"
  }} ]
}}"#
    )
}
