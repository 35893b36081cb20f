//! Values of attributes moved by an amount (2.1 section 6.1.3).

use kmip::{
    attribute::{Attribute, AttributeName, CustomValue},
    names::enumeration::{AdjustmentType, ResultReason},
    ttlv::{Item, Value},
    wire::{DateTime, Interval},
};

use super::label::{item_of, of_item};
use crate::failed::Failed;

/// The attribute with its value moved; what is not there is moved from nothing, if it is known what
/// nothing is.
pub(crate) fn adjusted(
    name: &AttributeName,
    old: Option<Attribute>,
    how: AdjustmentType,
    by: Option<CustomValue>,
) -> Result<Attribute, Failed> {
    use kmip::attribute::Standard;
    let standard = match name {
        AttributeName::Standard(standard) => Some(*standard),
        AttributeName::Custom(_) => None,
    };
    let old = match (old, standard) {
        (Some(old), _) => old,
        (None, Some(Standard::ProtectionPeriod)) => Attribute::ProtectionPeriod(Interval(0)),
        (None, Some(Standard::RotateInterval)) => Attribute::RotateInterval(Interval(0)),
        (None, Some(Standard::RotateOffset)) => Attribute::RotateOffset(Interval(0)),
        (None, Some(Standard::RotateAutomatic)) => Attribute::RotateAutomatic(false),
        (None, Some(Standard::QuantumSafe)) => Attribute::QuantumSafe(false),
        (None, _) => {
            let message = "The object has no such attribute, and it is not known where to start.";
            return Err(Failed::new(ResultReason::ITEM_NOT_FOUND, message));
        }
    };
    let by = match by {
        None => 1,
        Some(CustomValue::Integer(by)) => by.into(),
        Some(CustomValue::LongInteger(by)) => by,
        Some(CustomValue::Interval(Interval(by))) => by.into(),
        Some(CustomValue::DateTime(DateTime(by))) => by,
        Some(_) => return Err(not_moved()),
    };
    let mut item = item_of(&old).ok_or_else(not_moved)?;
    move_value(value_of(&mut item, standard.is_some()).ok_or_else(not_moved)?, how, by)?;
    of_item(standard, item).ok_or_else(not_moved)
}

/// The value within an attribute as 2.x writes it in a request: the only item of the structure, or
/// the last one of that.
fn value_of(item: &mut Item, is_standard: bool) -> Option<&mut Value> {
    let Value::Structure(items) = &mut item.value else { return None };
    let item = items.last_mut()?;
    if is_standard {
        return Some(&mut item.value);
    }
    let Value::Structure(items) = &mut item.value else { return None };
    items.last_mut().map(|item| &mut item.value)
}

fn move_value(value: &mut Value, how: AdjustmentType, by: i64) -> Result<(), Failed> {
    let out_of_range = || Failed::new(ResultReason::NUMERIC_RANGE, "The value is out of range.");
    let number = match value {
        Value::Integer(number) => i64::from(*number),
        Value::LongInteger(number) => *number,
        Value::Interval(number) => i64::from(*number),
        Value::DateTime(number) => *number,
        Value::Boolean(truth) if how == AdjustmentType::NEGATE => {
            *truth = !*truth;
            return Ok(());
        }
        _ => return Err(not_moved()),
    };
    let moved = match how {
        AdjustmentType::INCREMENT => number.checked_add(by),
        AdjustmentType::DECREMENT => number.checked_sub(by),
        AdjustmentType::NEGATE => number.checked_neg(),
        _ => return Err(Failed::field("The adjustment is none that there is.")),
    };
    let moved = moved.ok_or_else(out_of_range)?;
    match value {
        Value::Integer(number) => *number = moved.try_into().map_err(|_| out_of_range())?,
        Value::Interval(number) => *number = moved.try_into().map_err(|_| out_of_range())?,
        Value::LongInteger(number) | Value::DateTime(number) => *number = moved,
        _ => return Err(not_moved()),
    }
    Ok(())
}

fn not_moved() -> Failed {
    Failed::new(ResultReason::INVALID_DATA_TYPE, "A value of this type is not adjusted so.")
}

#[cfg(test)]
mod tests {
    use kmip::attribute::{Custom, CustomName, Standard};

    use super::*;

    fn custom(value: CustomValue) -> Attribute {
        let name = CustomName { vendor: "x".into(), name: "n".into() };
        Attribute::Custom(Custom { name, value })
    }

    fn moved(
        old: Attribute,
        how: AdjustmentType,
        by: Option<CustomValue>,
    ) -> Result<Attribute, ResultReason> {
        let name = crate::attributes::name_of(&old);
        adjusted(&name, Some(old), how, by).map_err(|failed| failed.reason)
    }

    #[test]
    fn numbers_intervals_and_truths_are_moved() {
        use AdjustmentType as T;
        let one = custom(CustomValue::Integer(1));
        assert_eq!(moved(one.clone(), T::INCREMENT, None), Ok(custom(CustomValue::Integer(2))));
        assert_eq!(moved(one, T::NEGATE, None), Ok(custom(CustomValue::Integer(-1))));
        let long = custom(CustomValue::LongInteger(1));
        let five = Some(CustomValue::Integer(5));
        assert_eq!(moved(long, T::DECREMENT, five), Ok(custom(CustomValue::LongInteger(-4))));
        let period = |secs| Attribute::ProtectionPeriod(Interval(secs));
        let three = Some(CustomValue::Interval(Interval(3)));
        assert_eq!(moved(period(2), T::INCREMENT, three), Ok(period(5)));
        let safe = Attribute::QuantumSafe;
        assert_eq!(moved(safe(true), T::NEGATE, None), Ok(safe(false)));
    }

    #[test]
    fn what_leaves_the_range_or_is_no_number_is_not_moved() {
        use AdjustmentType as T;
        let most = custom(CustomValue::Integer(i32::MAX));
        assert_eq!(moved(most, T::INCREMENT, None), Err(ResultReason::NUMERIC_RANGE));
        let none = Attribute::ProtectionPeriod(Interval(0));
        assert_eq!(moved(none, T::DECREMENT, None), Err(ResultReason::NUMERIC_RANGE));
        let text = Attribute::Comment("1".into());
        assert_eq!(moved(text, T::INCREMENT, None), Err(ResultReason::INVALID_DATA_TYPE));
        let safe = Attribute::QuantumSafe(true);
        assert_eq!(moved(safe, T::INCREMENT, None), Err(ResultReason::INVALID_DATA_TYPE));
    }

    #[test]
    fn what_is_not_there_is_moved_from_nothing_where_that_is_known() {
        let adjusted = |standard| {
            let name = AttributeName::Standard(standard);
            adjusted(&name, None, AdjustmentType::INCREMENT, None).map_err(|failed| failed.reason)
        };
        let one = Attribute::ProtectionPeriod(Interval(1));
        assert_eq!(adjusted(Standard::ProtectionPeriod), Ok(one));
        assert_eq!(adjusted(Standard::Comment), Err(ResultReason::ITEM_NOT_FOUND));
    }
}
