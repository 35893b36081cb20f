//! Operations that change attributes.

use crate::{
    attribute::{AttributeName, CustomValue, Instance},
    names::enumeration::AdjustmentType,
    wire::{Identifier, structure},
};

structure! {
    /// An attribute that an object is to have: of `AddAttribute` and of `SetAttribute`.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct NewAttributeRequest {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// The attribute.
        attribute: Instance = NEW_ATTRIBUTE,
    }
}

structure! {
    /// An attribute that is to have another value.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct ModifyAttributeRequest {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// The value it has, where it has several. Since 2.0; 1.x says the index of the new one.
        current: Option<Instance> = CURRENT_ATTRIBUTE since V2_0,
        /// The value it is to have.
        new: Instance = NEW_ATTRIBUTE,
    }
}

structure! {
    /// An attribute that is to be no more.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct DeleteAttributeRequest {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// The value it has, where it has several. Since 2.0.
        current: Option<Instance> = CURRENT_ATTRIBUTE since V2_0,
        /// The attribute.
        name: Option<AttributeName> = ATTRIBUTE_REFERENCE,
        /// Which of several, from 0. Until 1.4.
        index: Option<i32> = ATTRIBUTE_INDEX until V1_4,
    }
}

structure! {
    /// An attribute of which the value is to be moved. Since 2.0.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct AdjustAttributeRequest {
        /// The object.
        unique_identifier: Option<Identifier> = UNIQUE_IDENTIFIER,
        /// The attribute.
        name: Option<AttributeName> = ATTRIBUTE_REFERENCE,
        /// In which direction.
        adjustment_type: AdjustmentType = ADJUSTMENT_TYPE,
        /// By how much; 1, if it is not said.
        adjustment_value: Option<CustomValue> = ADJUSTMENT_VALUE,
    }
}

structure! {
    /// An object of which an attribute was changed.
    #[derive(Clone, Debug, Eq, PartialEq)]
    pub struct AttributeResponse {
        /// The object.
        unique_identifier: Identifier = UNIQUE_IDENTIFIER,
        /// The attribute as it is now, or was. Until 1.4.
        attribute: Option<Instance> = ATTRIBUTE until V1_4,
    }
}
