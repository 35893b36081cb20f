//! What is done when its date comes. Each act goes through the gate and the log as the system's
//! own principal, and its precondition makes it happen once.

use model::{Action, At, Error, Key, ObjectName, Result, Wall, error::Obstacle, time::Trust};

use crate::{
    Engine,
    call::Mode,
    gate::{Demand, Operation, Permit, Weight},
    op, place,
    record::KeyRecord,
    reference::{By, KeyRef},
    room::Room,
};

/// How many due keys are read, and about how many are destroyed, in one go.
const BATCH: usize = 64;

/// A key that was destroyed on its date.
#[derive(Debug)]
pub struct Destroyed {
    /// Its name.
    pub key: ObjectName,
}

/// Destroy a key whose date has come.
struct DestroyKey {
    key: KeyRef,
    date: Wall,
}

impl Engine {
    /// Destroys the keys whose date has come, and says which. Does nothing while the clock is not
    /// to be trusted: a jump of the clock destroys no key.
    ///
    /// A key that cannot be destroyed keeps no other from it. It stays due, and the first such
    /// error is returned once all others were seen to; at once, if nothing can be done now.
    pub fn destroy_due(&self, at: At) -> Result<Vec<Destroyed>> {
        let at = self.judged(&*self.opened()?, at)?;
        if at.trust != Trust::Steady {
            return Ok(Vec::new());
        }
        let (mut destroyed, mut failed, mut after) = (Vec::new(), None, None);
        while destroyed.len() < BATCH {
            let rows = self.store().scan(place::DUE, after.as_ref(), BATCH)?;
            for row in &rows {
                let outcome = match place::due_key(&row.place) {
                    // The rows are in the order of their dates.
                    Some((date, _)) if date > at.wall => return done(destroyed, failed),
                    Some((date, name)) => self.destroy(date, name, at),
                    None => Err(Error::Internal("a due date at a wrong place")),
                };
                match outcome {
                    Ok(key) => destroyed.push(key),
                    // Someone cancelled it meanwhile.
                    Err(Error::Conflict | Error::WrongState { .. }) => {}
                    Err(error @ (Error::Sealed | Error::Unavailable(_))) => return Err(error),
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            after = rows.last().map(|row| row.place.clone());
            if rows.len() < BATCH {
                break;
            }
        }
        done(destroyed, failed)
    }

    fn destroy(&self, date: Wall, name: ObjectName, at: At) -> Result<Destroyed> {
        let caller = self.system_caller(name.account)?;
        let key = KeyRef { account: name.account, region: name.region, by: By::Id(name.id) };
        self.call(&caller, &DestroyKey { key, date }, at, Mode::Run)?.wait()
    }
}

/// What was destroyed, or what was wrong with a key that was not.
fn done(destroyed: Vec<Destroyed>, failed: Option<Error>) -> Result<Vec<Destroyed>> {
    failed.map_or(Ok(destroyed), Err)
}

impl Operation for DestroyKey {
    type Reply = Destroyed;
    const ACTION: Action = Action::DestroyKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<Destroyed> {
        let key = permit.key()?;
        let held = key.held()?;
        if held.deletion != Some(self.date) || self.date > room.at().wall {
            return Err(key.wrong_state(Obstacle::NotPendingDeletion));
        }
        let name = held.name.clone();
        op::remove_aliases(key, room)?;
        room.put_due(&name, self.date, false)?;
        let destroyed = room.at().wall;
        let tombstone = held.clone().destroyed(destroyed);
        let record = KeyRecord {
            key: Key::Destroyed(tombstone),
            aliases: Vec::new(),
            ..key.record().clone()
        };
        room.replace_object(key, record)?;
        Ok(Destroyed { key: name })
    }
}
