//! The names that specifications give to tags and values.

pub mod enumeration;
mod tag;

pub use enumeration::{Names, Numbered, enumeration_on, mask_on};
pub use tag::Tag;
