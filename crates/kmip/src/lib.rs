//! KMIP on the wire: bytes of any of its encodings to typed messages of any of its versions, and
//! back.
//!
//! ```text
//!   ttlv (binary) ─┐                       ┌─ message   headers, batches, results
//!   xml ───────────┼─ ttlv::Item, a tree ──┼─ payload   what each operation asks and answers
//!   json ──────────┘        │              ├─ object    keys, certificates, their blocks
//!                         names            └─ attribute one type and one table of rules
//! ```
//!
//! **Invariants.** This crate translates: it has no I/O, no clock, no cryptography, and knows no
//! engine. A decoder is bounded in depth, number and length, allocates by what is there and not by
//! what is declared, and accepts only what has one meaning; what it accepts is written back as it
//! was read. What may be a secret is wiped when it is dropped, and is not shown.
//!
//! Versions differ here and nowhere else. A value is typed once for all of them; a structure says
//! which versions have each of its fields (`wire::structure!`), an attribute has its versions in
//! its rules, an operation in the table of `payload`.
//!
//! **To add an operation:** its two payloads in a file of `payload/`, and one row in the table.
//! **An attribute:** one row in `attribute/table.rs`.

pub mod attribute;
mod encoding;
pub mod json;
pub mod message;
pub mod names;
mod notation;
pub mod object;
pub mod payload;
pub mod ttlv;
mod version;
pub mod wire;
pub mod xml;

pub use encoding::Encoding;
pub use version::Version;
