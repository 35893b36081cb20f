//! Operations that may set an attribute though the request does not say so: the rows
//! "When implicitly set" of the tables of attributes.

use crate::names::enumeration::Operation as O;

/// What makes an object or brings it in.
pub(super) const MADE: &[O] = &[
    O::CREATE,
    O::CREATE_KEY_PAIR,
    O::REGISTER,
    O::DERIVE_KEY,
    O::CERTIFY,
    O::RE_CERTIFY,
    O::RE_KEY,
    O::RE_KEY_KEY_PAIR,
];

/// None.
pub(super) const NOTHING: &[O] = &[];

/// What replaces an object.
pub(super) const REPLACED: &[O] = &[O::RE_CERTIFY, O::RE_KEY, O::RE_KEY_KEY_PAIR];

/// What replaces a key.
pub(super) const RE_KEYED: &[O] = &[O::RE_KEY, O::RE_KEY_KEY_PAIR];

/// What makes a certificate or brings it in.
pub(super) const CERTIFIED: &[O] = &[O::REGISTER, O::CERTIFY, O::RE_CERTIFY];

/// What destroys an object.
pub(super) const DESTROYED: &[O] = &[O::DESTROY];

/// What revokes an object.
pub(super) const REVOKED: &[O] = &[O::REVOKE];

/// What archives an object.
pub(super) const ARCHIVED: &[O] = &[O::ARCHIVE];

/// What brings an object in.
pub(super) const REGISTERED: &[O] = &[O::REGISTER];

/// What makes a key, or takes of its usage.
pub(super) const LIMITED: &[O] = &[
    O::CREATE,
    O::CREATE_KEY_PAIR,
    O::REGISTER,
    O::DERIVE_KEY,
    O::RE_KEY,
    O::RE_KEY_KEY_PAIR,
    O::GET_USAGE_ALLOCATION,
];

/// What makes an object or moves it to another state.
pub(super) const STATED: &[O] = &[
    O::CREATE,
    O::CREATE_KEY_PAIR,
    O::REGISTER,
    O::DERIVE_KEY,
    O::CERTIFY,
    O::RE_CERTIFY,
    O::RE_KEY,
    O::RE_KEY_KEY_PAIR,
    O::ACTIVATE,
    O::REVOKE,
    O::DESTROY,
];

/// What makes an object or activates it.
pub(super) const ACTIVATED: &[O] = &[
    O::CREATE,
    O::CREATE_KEY_PAIR,
    O::REGISTER,
    O::DERIVE_KEY,
    O::CERTIFY,
    O::RE_CERTIFY,
    O::RE_KEY,
    O::RE_KEY_KEY_PAIR,
    O::ACTIVATE,
];

/// What makes a symmetric key.
pub(super) const PERIOD: &[O] = &[O::CREATE, O::REGISTER, O::DERIVE_KEY, O::RE_KEY];

/// What makes an object or revokes it.
pub(super) const DEACTIVATED: &[O] = &[
    O::CREATE,
    O::CREATE_KEY_PAIR,
    O::REGISTER,
    O::DERIVE_KEY,
    O::CERTIFY,
    O::RE_CERTIFY,
    O::RE_KEY,
    O::RE_KEY_KEY_PAIR,
    O::REVOKE,
];

/// What makes an object of another.
pub(super) const LINKED: &[O] = &[
    O::CREATE_KEY_PAIR,
    O::REGISTER,
    O::DERIVE_KEY,
    O::CERTIFY,
    O::RE_CERTIFY,
    O::RE_KEY,
    O::RE_KEY_KEY_PAIR,
];

/// What makes an object or changes it.
pub(super) const CHANGED: &[O] = &[
    O::CREATE,
    O::CREATE_KEY_PAIR,
    O::REGISTER,
    O::DERIVE_KEY,
    O::CERTIFY,
    O::RE_CERTIFY,
    O::RE_KEY,
    O::RE_KEY_KEY_PAIR,
    O::ACTIVATE,
    O::REVOKE,
    O::DESTROY,
    O::ARCHIVE,
    O::RECOVER,
    O::ADD_ATTRIBUTE,
    O::MODIFY_ATTRIBUTE,
    O::DELETE_ATTRIBUTE,
    O::GET_USAGE_ALLOCATION,
];

/// What generates a key.
pub(super) const GENERATED: &[O] =
    &[O::CREATE, O::CREATE_KEY_PAIR, O::DERIVE_KEY, O::RE_KEY, O::RE_KEY_KEY_PAIR];
