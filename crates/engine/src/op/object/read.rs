//! What is known of an object, and its material.

use crypto::secmem::Guarded;
use model::{
    Action, At, Error, Key, ObjectName, Obstacle, Result, Secret, Wall,
    algorithm::Spec,
    error::Invalid,
    key::{Cryptoperiod, Life, State},
    object::{Attributes, Form, Kind, Purposes},
};

use crate::{
    gate::{Demand, Operation, Permit, Weight},
    object::KeyObject,
    record::KeyRecord,
    reference::KeyRef,
    room::Room,
};

/// Where an object is in its life (SP 800-57 part 1, section 7).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ObjectState {
    /// It has material and is in this state.
    Held(State),
    /// Its material is gone.
    Destroyed,
    /// Its material is gone, and was compromised.
    DestroyedCompromised,
}

/// An object as it stands: all that is known of it but its material.
#[derive(Clone, Debug)]
pub struct ObjectView {
    /// Its name.
    pub name: ObjectName,
    /// What kind of object it is.
    pub kind: Kind,
    /// What its material is.
    pub spec: Spec,
    /// What it may be used for.
    pub purposes: Purposes,
    /// When it was made, or came here.
    pub created: Wall,
    /// The dates that give its state.
    pub life: Life,
    /// The cryptoperiod.
    pub period: Cryptoperiod,
    /// Its state at the moment of the request.
    pub state: ObjectState,
    /// When it was destroyed, if it is.
    pub destroyed: Option<Wall>,
    /// Everything else.
    pub attributes: Attributes,
    /// How much it may still protect, if that is limited.
    pub usage_left: Option<u64>,
}

impl ObjectView {
    /// Of a record at a moment.
    pub(crate) fn of(record: &KeyRecord, usage_left: Option<u64>, at: At) -> Self {
        let attributes = record.attributes.clone();
        match &record.key {
            Key::Held(held) => {
                let life = held.versions.current().life;
                Self {
                    name: held.name.clone(),
                    kind: held.kind,
                    spec: held.spec,
                    purposes: held.purposes,
                    created: held.created,
                    life,
                    period: held.period,
                    state: ObjectState::Held(life.state(at)),
                    destroyed: None,
                    attributes,
                    usage_left,
                }
            }
            Key::Destroyed(gone) => Self {
                name: gone.name.clone(),
                kind: gone.kind,
                spec: gone.spec,
                purposes: gone.purposes,
                created: gone.created,
                life: gone.life,
                period: gone.period,
                state: match gone.life.compromise {
                    Some(_) => ObjectState::DestroyedCompromised,
                    None => ObjectState::Destroyed,
                },
                destroyed: Some(gone.destroyed),
                attributes,
                usage_left,
            },
        }
    }

    /// Of an admitted object.
    pub(crate) fn of_admitted(object: &KeyObject, room: &Room<'_>) -> Result<Self> {
        let left = room.usage_left(object)?;
        Ok(Self::of(object.record(), left, room.at()))
    }
}

/// Read what is known of an object.
pub struct ReadObject {
    /// The object.
    pub object: KeyRef,
}

impl Operation for ReadObject {
    type Reply = ObjectView;
    const ACTION: Action = Action::DescribeKey;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ObjectView> {
        ObjectView::of_admitted(permit.key()?, room)
    }
}

/// Read an object's material in the clear.
pub struct GetMaterial {
    /// The object.
    pub object: KeyRef,
    /// In what form. What is only stored and no key of a pair is given as it came.
    pub wanted: Wanted,
}

/// An object's material.
#[derive(Debug)]
pub struct RevealedMaterial {
    /// What is known of the object.
    pub view: ObjectView,
    /// In what form the material is.
    pub form: Form,
    /// The material.
    pub material: Secret,
}

impl Operation for GetMaterial {
    type Reply = RevealedMaterial;
    const ACTION: Action = Action::GetKeyMaterial;
    const WEIGHT: Weight = Weight::ByKey;

    fn demands(&self) -> Result<Vec<Demand>> {
        Ok(vec![Demand::object(Self::ACTION, &self.object)])
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<RevealedMaterial> {
        let object = permit.key()?;
        if object.record().attributes.sensitive {
            return Err(object.wrong_state(Obstacle::Sensitive));
        }
        let (form, material) = reveal(object, self.wanted, room)?;
        let view = ObjectView::of_admitted(object, room)?;
        if object.record().attributes.fresh {
            let mut record = object.record().clone();
            record.attributes.fresh = false;
            room.replace_object_unchanged(object, &record)?;
        }
        Ok(RevealedMaterial { view, form, material })
    }
}

/// In what form a key of a pair is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// The form; none for that in which it came.
    pub form: Option<Form>,
    /// Whether a point of a curve is to be compressed: of public keys only.
    pub compressed: bool,
}

impl From<Option<Form>> for Wanted {
    fn from(form: Option<Form>) -> Self {
        Self { form, compressed: false }
    }
}

/// An object's material in a form, if it may leave at all.
pub(crate) fn reveal(
    object: &KeyObject,
    wanted: Wanted,
    room: &Room<'_>,
) -> Result<(Form, Secret)> {
    let held = object.at_hand()?;
    if held.kind.is_secret() && !object.record().attributes.extractable {
        return Err(object.wrong_state(Obstacle::NotExtractable));
    }
    let version = held.versions.current();
    room.note_use(version);
    let plain = room.open_material(object, version)?;
    let own = own_form(held.kind, held.spec);
    let came = object.record().attributes.form;
    if held.spec == Spec::Stored {
        return stored(held.kind, came, &plain, wanted);
    }
    let form = wanted.form.or(came).unwrap_or(own);
    let material = match (own, form, wanted.compressed) {
        (Form::Spki, form, true) => {
            Secret::new(crypto::form::write_compressed(plain.expose(), form)?)
        }
        (_, _, true) => return Err(no_such_form()),
        (own, form, false) if own == form => Secret::new(plain.expose().to_vec()),
        (Form::Pkcs8, form, false) => crypto::form::write_private(&plain, form)?,
        (Form::Spki, form, false) => Secret::new(crypto::form::write_public(plain.expose(), form)?),
        _ => return Err(no_such_form()),
    };
    Ok((form, material))
}

/// What is only stored, as it came; a key of a pair also in other forms of its algorithm.
fn stored(
    kind: Kind,
    came: Option<Form>,
    plain: &Guarded,
    wanted: Wanted,
) -> Result<(Form, Secret)> {
    if wanted.compressed {
        return Err(no_such_form());
    }
    let as_it_came = |form| Ok((form, Secret::new(plain.expose().to_vec())));
    let (came, form) = match (came, wanted.form) {
        (Some(came), Some(form)) if came != form => (came, form),
        (came, _) => return as_it_came(came.unwrap_or(Form::Raw)),
    };
    let material = match kind {
        Kind::PrivateKey => crypto::form::rewrite_private((came, plain.expose()), form)?,
        Kind::PublicKey => Secret::new(crypto::form::rewrite_public((came, plain.expose()), form)?),
        _ => return as_it_came(came),
    };
    Ok((form, material))
}

fn no_such_form() -> Error {
    Error::Invalid(Invalid::OutOfRange("the form of a key"))
}

/// The form in which material of a kind and spec is kept.
pub(crate) fn own_form(kind: Kind, spec: Spec) -> Form {
    match (kind, spec) {
        (Kind::PublicKey, Spec::Key(_)) => Form::Spki,
        (Kind::PrivateKey, Spec::Key(_)) => Form::Pkcs8,
        _ => Form::Raw,
    }
}
