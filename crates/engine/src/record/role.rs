//! A role's record.

use std::collections::BTreeMap;

use model::{
    Wall,
    canon::{Canonical, Malformed, Reader, Writer},
};

use super::{read_form, write_form};

/// A role: whom it trusts, what may be done in it, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct RoleRecord {
    /// When it was made.
    pub(crate) created: Wall,
    /// The trust policy, as it was given.
    pub(crate) trust: String,
    /// Identity policies, as they were given.
    pub(crate) policies: Vec<String>,
    /// Its longest session, in seconds.
    pub(crate) session_secs_max: u32,
    /// Tags by name.
    pub(crate) tags: BTreeMap<String, String>,
}

impl Canonical for RoleRecord {
    fn write(&self, to: &mut Writer) {
        write_form(to);
        to.u64(self.created.0);
        to.text(&self.trust);
        to.list(&self.policies, |to, policy| to.text(policy));
        to.u32(self.session_secs_max);
        to.count(self.tags.len());
        for (name, value) in &self.tags {
            to.text(name);
            to.text(value);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        read_form(from)?;
        let created = Wall(from.u64()?);
        let trust = from.text()?.to_owned();
        let policies = from.list(|from| from.text().map(str::to_owned))?;
        let session_secs_max = from.u32()?;
        let tags = from.list(|from| Ok((from.text()?.to_owned(), from.text()?.to_owned())))?;
        Ok(Self { created, trust, policies, session_secs_max, tags: tags.into_iter().collect() })
    }
}
