//! What is done when its date comes. Each act goes through the gate and the log as the system's
//! own principal, and its precondition makes it happen once.

use model::{Action, At, Error, Key, ObjectName, Result, Wall, error::Obstacle, time::Trust};
use store::Place;

use crate::{
    Caller, Engine,
    call::Mode,
    gate::{Demand, Operation, Permit, Weight},
    op,
    place::{self, Due},
    record::KeyRecord,
    reference::{By, KeyRef},
    room::Room,
};

/// How many due keys are read, and about how many are seen to, in one go.
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

/// Rotate a key whose date has come.
struct RotateKey {
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
        self.each_due(Due::Destruction, at, |date, name, at| {
            let (caller, key) = self.about(name)?;
            self.call(&caller, &DestroyKey { key, date }, at, Mode::Run)?.wait()
        })
    }

    /// Rotates the keys whose date has come, and names them, under the same conditions.
    pub fn rotate_due(&self, at: At) -> Result<Vec<ObjectName>> {
        self.each_due(Due::Rotation, at, |date, name, at| {
            let (caller, key) = self.about(name)?;
            self.call(&caller, &RotateKey { key, date }, at, Mode::Run)?.wait()
        })
    }

    /// Does what is due so, a key after the other.
    fn each_due<T>(
        &self,
        due: Due,
        at: At,
        act: impl Fn(Wall, ObjectName, At) -> Result<T>,
    ) -> Result<Vec<T>> {
        let at = self.judged(&*self.opened()?, at)?;
        if at.trust != Trust::Steady {
            return Ok(Vec::new());
        }
        let (mut done, mut failed, mut after) = (Vec::new(), None, None::<Place>);
        while done.len() < BATCH {
            let rows = self.store().scan(due.prefix().as_bytes(), after.as_ref(), BATCH)?;
            for row in &rows {
                let outcome = match place::due_key(due, &row.place) {
                    // The rows are in the order of their dates.
                    Some((date, _)) if date > at.wall => return failed.map_or(Ok(done), Err),
                    Some((date, name)) => act(date, name, at),
                    None => Err(Error::Internal("a due date at a wrong place")),
                };
                match outcome {
                    Ok(key) => done.push(key),
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
        failed.map_or(Ok(done), Err)
    }

    /// Who does something to a key, and which key that is.
    fn about(&self, name: ObjectName) -> Result<(Caller, KeyRef)> {
        let caller = self.system_caller(name.account)?;
        let by = By::Id(name.id);
        Ok((caller, KeyRef { account: name.account, region: name.region, by }))
    }
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

impl Operation for RotateKey {
    type Reply = ObjectName;
    const ACTION: Action = Action::RotateKey;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::key(Self::ACTION, &self.key)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectName> {
        let key = permit.key()?;
        op::rotate_by_itself(key, room, self.date)?;
        Ok(key.name().clone())
    }
}
