//! Whether certificates are a chain that is valid here.

use model::{AccountId, Action, Error, Key, Region, Result, Wall, error::Invalid, object::Kind};
pub use x509::Validity as ChainValidity;

use super::{authority, rekey::refused};
use crate::{
    gate::{Demand, Operation, Permit, Weight},
    reference::KeyRef,
    room::Room,
};

/// Say whether certificates are one chain that is valid, up to one that the account trusts: that of
/// its authority, or one that signs itself and is registered.
pub struct ValidateCertificates {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// Certificates in DER.
    pub certificates: Vec<Vec<u8>>,
    /// Certificates that are kept here. One that is revoked or destroyed is not valid.
    pub objects: Vec<KeyRef>,
    /// When it is to be valid; now, if it is left out.
    pub moment: Option<Wall>,
}

impl Operation for ValidateCertificates {
    type Reply = ChainValidity;
    const ACTION: Action = Action::Verify;
    const WEIGHT: Weight = Weight::Heavy;

    fn demands(&self) -> Result<Vec<Demand>> {
        let count = self.certificates.len() + self.objects.len();
        if !(1..=x509::CHAIN_LEN_MAX).contains(&count) {
            return Err(Error::Invalid(Invalid::OutOfRange("the number of certificates")));
        }
        let objects = self.objects.iter().map(|object| Demand::object(Self::ACTION, object));
        Ok(objects.chain([Demand::account(Self::ACTION, self.account)]).collect())
    }

    fn run(&self, permit: &Permit<'_, Self>, room: &mut Room<'_>) -> Result<ChainValidity> {
        let mut chain = self.certificates.clone();
        for at in 0..self.objects.len() {
            let object = permit.nth_key(at)?;
            let Key::Held(held) = &object.record().key else { return Ok(ChainValidity::Invalid) };
            if held.kind != Kind::Certificate {
                return Err(refused(object, Self::ACTION));
            }
            object.at_hand()?;
            if !authority::holds(object, room) {
                return Ok(ChainValidity::Invalid);
            }
            let plain = room.open_material(object, held.versions.current())?;
            chain.push(plain.expose().to_vec());
        }
        let moment = self.moment.unwrap_or(room.at().wall);
        let place = (self.account, &self.region);
        x509::validate(&chain, moment, &|subject| authority::roots(room, place, subject))
    }
}
