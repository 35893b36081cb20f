//! The input of the operations: parameters that are checked, each violation of a rule told, as AWS
//! tells them.

use engine::op::AssumeRole;
use model::{AccountId, PrincipalName, limits, name::SessionName};

use crate::{error::Refusal, form::Form};

/// Parameters that AWS has and this server has not: a member of a list is named by its start.
const UNSUPPORTED: [&str; 7] = [
    "PolicyArns",
    "Tags",
    "TransitiveTagKeys",
    "SerialNumber",
    "TokenCode",
    "ProvidedContexts",
    "ProviderId",
];

/// What is wrong with parameters so far.
#[derive(Default)]
struct Violations(Vec<String>);

impl Violations {
    /// `value`, if there is one, as the member must not be missing.
    fn required<'f>(&mut self, form: &'f Form, name: &str, member: &str) -> &'f str {
        form.value(name).unwrap_or_else(|| {
            let rule = "Member must not be null";
            self.0.push(format!("Value null at '{member}' failed to satisfy constraint: {rule}"));
            ""
        })
    }

    fn violated(&mut self, value: &str, member: &str, rule: &str) {
        let shown = value.chars().take(256).collect::<String>();
        self.0.push(format!("Value '{shown}' at '{member}' failed to satisfy constraint: {rule}"));
    }

    /// A text of so many characters, each of which `plain` has.
    fn text(&mut self, value: &str, member: &str, len: (usize, usize), plain: &[u8]) {
        let count = value.chars().count();
        let fits = |b: u8| b.is_ascii_alphanumeric() || plain.contains(&b);
        if count > len.1 {
            let rule = format!("Member must have length less than or equal to {}", len.1);
            self.violated(value, member, &rule);
        } else if count < len.0 {
            let rule = format!("Member must have length greater than or equal to {}", len.0);
            self.violated(value, member, &rule);
        }
        if !value.bytes().all(fits) {
            let class = str::from_utf8(plain).unwrap_or_default().replace('_', "");
            let rule = format!("Member must satisfy regular expression pattern: [\\w{class}]*");
            self.violated(value, member, &rule);
        }
    }

    fn into_refusal(self) -> Option<Refusal> {
        let count = self.0.len();
        let errors = if count == 1 { "error" } else { "errors" };
        let told = self.0.join("; ");
        (count > 0)
            .then(|| Refusal::validation(format!("{count} validation {errors} detected: {told}")))
    }
}

/// What the two operations that begin a session have in common.
pub(crate) fn assume_role(form: &Form) -> Result<AssumeRole, Refusal> {
    if let Some(name) = UNSUPPORTED.iter().find(|name| form.has_any(name)) {
        return Err(Refusal::validation(format!("{name} is not supported here.")));
    }
    let mut violations = Violations::default();
    let arn = violations.required(form, "RoleArn", "roleArn");
    if !arn.is_empty() && arn.len() < 20 {
        violations.violated(arn, "roleArn", "Member must have length greater than or equal to 20");
    }
    let name = violations.required(form, "RoleSessionName", "roleSessionName");
    if !name.is_empty() {
        violations.text(name, "roleSessionName", (2, 64), b"+=,.@_-");
    }
    let external_id = form.value("ExternalId");
    if let Some(id) = external_id {
        violations.text(id, "externalId", (2, 1224), b"+=,.@_:/-");
    }
    let source = form.value("SourceIdentity");
    if let Some(name) = source {
        violations.text(name, "sourceIdentity", (2, 64), b"+=,.@_-");
    }
    let secs = duration(form, &mut violations)?;
    if let Some(refusal) = violations.into_refusal() {
        return Err(refusal);
    }
    let named = |name: &str| name.parse::<SessionName>();
    let malformed = |_| Refusal::validation("A name is not one of a session.");
    Ok(AssumeRole {
        role: role(arn).ok_or_else(|| Refusal::validation(format!("{arn} is invalid")))?,
        name: named(name).map_err(malformed)?,
        secs,
        policy: form.value("Policy").map(str::to_owned),
        external_id: external_id.map(str::to_owned),
        source_identity: source.map(named).transpose().map_err(malformed)?,
    })
}

fn duration(form: &Form, violations: &mut Violations) -> Result<Option<u32>, Refusal> {
    let Some(text) = form.value("DurationSeconds") else { return Ok(None) };
    let secs: i64 =
        text.parse().map_err(|_| Refusal::malformed("DurationSeconds is not a whole number."))?;
    let (min, max) = (limits::SESSION_SECS_MIN, limits::SESSION_SECS_MAX);
    let rule = match secs {
        _ if secs < i64::from(min) => format!("greater than or equal to {min}"),
        _ if secs > i64::from(max) => format!("less than or equal to {max}"),
        _ => return Ok(u32::try_from(secs).ok()),
    };
    violations.violated(text, "durationSeconds", &format!("Member must have value {rule}"));
    Ok(None)
}

/// The role of an ARN, e.g. `arn:aws:iam::111122223333:role/deploy`. Roles here have no path.
fn role(arn: &str) -> Option<PrincipalName> {
    let (account, name) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let account: AccountId = account.parse().ok()?;
    PrincipalName::role(account, name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:iam::111122223333:role/deploy";

    fn told(text: &str) -> String {
        let form = Form::read(text.as_bytes()).unwrap();
        assume_role(&form).err().map(|refusal| refusal.message().to_owned()).unwrap_or_default()
    }

    #[test]
    fn every_rule_that_is_violated_is_told() {
        assert_eq!(told(&format!("RoleArn={ARN}&RoleSessionName=a-b&DurationSeconds=900")), "");
        let text = told("RoleArn=short&RoleSessionName=a/b&DurationSeconds=899");
        assert_eq!(
            text,
            "3 validation errors detected: Value 'short' at 'roleArn' failed to satisfy \
             constraint: Member must have length greater than or equal to 20; Value 'a/b' at \
             'roleSessionName' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: [\\w+=,.@-]*; Value '899' at 'durationSeconds' failed to satisfy \
             constraint: Member must have value greater than or equal to 900"
        );
        let text = told(&format!("RoleArn={ARN}"));
        assert!(text.starts_with("1 validation error detected: Value null at 'roleSessionName'"));
        let text = told(&format!("RoleArn={ARN}&RoleSessionName=x&DurationSeconds=43201"));
        assert!(text.starts_with("2 validation errors") && text.contains("or equal to 43200"));
    }

    #[test]
    fn what_is_no_role_and_what_is_not_supported_is_told() {
        for arn in ["arn:aws:iam::111122223333:user/deploy", "arn:aws:iam::111122223333:role/a/b"] {
            assert_eq!(
                told(&format!("RoleArn={arn}&RoleSessionName=ab")),
                format!("{arn} is invalid")
            );
        }
        let text = told(&format!("RoleArn={ARN}&RoleSessionName=ab&Tags.member.1.Key=a"));
        assert_eq!(text, "Tags is not supported here.");
    }
}
