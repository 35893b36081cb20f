//! `EnableKeyRotation`, `DisableKeyRotation`, `GetKeyRotationStatus`, `ListKeyRotations` and
//! `RotateKeyOnDemand`.

use bytes::Bytes;
use engine::{
    names,
    op::{
        Brought, DisableKeyRotation, EnableKeyRotation, GetKeyRotationStatus, ListKeyRotations,
        MaterialEntry, MaterialState, RotateKeyOnDemand, RotationStatus,
    },
};
use model::{Wall, limits, rotation::RotationKind};
use serde::Deserialize;

use super::{
    member::{self, Text},
    suspension,
};
use crate::{call::Call, error::Refusal, json::Object, key_ref::Accept, validate::Checks};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnableInput<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    rotation_period_in_days: Option<i32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput<'a> {
    #[serde(borrow)]
    key_id: Option<Text<'a>>,
    #[serde(borrow)]
    include_key_material: Option<Text<'a>>,
    limit: Option<i32>,
    #[serde(borrow)]
    marker: Option<Text<'a>>,
}

const ALL_KEY_MATERIAL: &str = "ALL_KEY_MATERIAL";
const INCLUSIONS: &[&str] = &[ALL_KEY_MATERIAL, "ROTATIONS_ONLY"];

/// Answers `EnableKeyRotation`.
pub(crate) async fn enable(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: EnableInput<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let period = checks.optional(input.rotation_period_in_days, |checks, days| {
        let range = limits::ROTATION_PERIOD_DAYS_MIN..=limits::ROTATION_PERIOD_DAYS_MAX;
        checks.number("rotationPeriodInDays", days, range)
    });
    let (Some(key), Some(period)) = (key, period) else {
        return Err(checks.refusal());
    };
    let key = call.key(&key, Accept::Key)?;
    let period_days = period.unwrap_or(limits::ROTATION_PERIOD_DAYS_USUAL);
    call.perform(EnableKeyRotation { key, period_days }).await?;
    Ok(Bytes::new())
}

/// Answers `DisableKeyRotation`.
pub(crate) async fn disable(call: Call<'_>) -> Result<Bytes, Refusal> {
    let key = suspension::from_wire(&call)?;
    call.perform(DisableKeyRotation { key }).await?;
    Ok(Bytes::new())
}

/// Answers `GetKeyRotationStatus`.
pub(crate) async fn status(call: Call<'_>) -> Result<Bytes, Refusal> {
    let key = suspension::from_wire(&call)?;
    let reply = call.perform(GetKeyRotationStatus { key }).await?;
    Ok(status_to_wire(&reply))
}

fn status_to_wire(reply: &RotationStatus) -> Bytes {
    let object = Object::new()
        .bool("KeyRotationEnabled", reply.schedule.is_some())
        .text("KeyId", &reply.key.arn());
    match reply.schedule {
        Some(schedule) => object
            .number("RotationPeriodInDays", schedule.period_days)
            .time("NextRotationDate", schedule.next),
        None => object,
    }
    .body()
}

/// Answers `RotateKeyOnDemand`. The rotation is done when this is answered.
pub(crate) async fn on_demand(call: Call<'_>) -> Result<Bytes, Refusal> {
    let key = suspension::from_wire(&call)?;
    let reply = call.perform(RotateKeyOnDemand { key }).await?;
    Ok(Object::new().text("KeyId", &reply.arn()).body())
}

/// Answers `ListKeyRotations`.
pub(crate) async fn list(call: Call<'_>) -> Result<Bytes, Refusal> {
    let input: ListInput<'_> = call.input()?;
    let mut checks = Checks::default();
    let key = member::key_id(&mut checks, input.key_id);
    let included = checks.optional(input.include_key_material, |checks, text| {
        checks.one_of("includeKeyMaterial", &text, INCLUSIONS, |name| name)
    });
    let page = member::page(&mut checks, input.limit, input.marker, 1000, 100);
    let (Some(key), Some(included), Some(page)) = (key, included, page) else {
        return Err(checks.refusal());
    };
    let key = call.key(&key, Accept::Key)?;
    let all = included == Some(ALL_KEY_MATERIAL);
    let reply = call.perform(ListKeyRotations { key, all, page }).await?;
    let object = Object::new().objects("Rotations", &reply.items, entry);
    Ok(member::page_end(object, reply.next.as_deref()).body())
}

fn entry(object: Object, entry: &MaterialEntry) -> Object {
    let mut object = object
        .text("KeyId", &entry.key.arn())
        .text("KeyMaterialId", &member::material(entry.material));
    if let Some(Brought { is_here, expiry, description }) = &entry.brought {
        object = object
            .maybe_text("KeyMaterialDescription", description.as_deref())
            .text("ImportState", if *is_here { "IMPORTED" } else { "PENDING_IMPORT" });
        if *is_here {
            object = expiration(object, *expiry);
        }
    }
    object = object.text(
        "KeyMaterialState",
        match entry.state {
            MaterialState::NonCurrent => "NON_CURRENT",
            MaterialState::Current => "CURRENT",
            MaterialState::PendingRotation => "PENDING_ROTATION",
        },
    );
    match entry.rotated {
        Some(rotated) => object.time("RotationDate", rotated.date).text(
            "RotationType",
            match rotated.kind {
                RotationKind::Automatic => "AUTOMATIC",
                RotationKind::OnDemand => "ON_DEMAND",
            },
        ),
        None => object,
    }
}

/// Whether material that is here expires, and when.
pub(super) fn expiration(object: Object, expiry: Option<Wall>) -> Object {
    let object = object.text("ExpirationModel", names::expiration_model(expiry.is_some()));
    match expiry {
        Some(date) => object.time("ValidTo", date),
        None => object,
    }
}

#[cfg(test)]
mod tests {
    use model::{KeyId, MaterialId, ObjectName, rotation::Rotated};

    use super::*;

    #[test]
    fn a_version_is_listed_with_what_is_known_of_it() {
        let key = ObjectName {
            account: "111122223333".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            id: KeyId::from_random([0xab; 16]),
        };
        let (arn, material) = (key.arn(), MaterialId([0xcd; 16]));
        let brought = Brought {
            is_here: true,
            expiry: Some(Wall(1_700_000_000_000)),
            description: Some("mine".into()),
        };
        let rotated = Rotated { kind: RotationKind::OnDemand, date: Wall(1_600_000_000_000) };
        let all = MaterialEntry {
            key,
            material,
            state: MaterialState::Current,
            rotated: Some(rotated),
            brought: Some(brought),
        };
        let body = Object::new().objects("Rotations", &[all], entry).body();
        let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = serde_json::json!({
            "KeyId": arn,
            "KeyMaterialId": member::material(material),
            "KeyMaterialDescription": "mine",
            "ImportState": "IMPORTED",
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ValidTo": 1_700_000_000.0,
            "KeyMaterialState": "CURRENT",
            "RotationDate": 1_600_000_000.0,
            "RotationType": "ON_DEMAND",
        });
        assert_eq!(read["Rotations"][0], expected);
    }
}
