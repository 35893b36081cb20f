//! The text form of the published vectors in `vectors/cavp`: see the README there.

pub(crate) mod counts;

use std::collections::BTreeMap;

/// One vector: its fields, and those of the sections that it stands in.
pub(crate) struct Vector<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Vector<'a> {
    /// A field as it is written.
    pub(crate) fn text(&self, name: &str) -> &'a str {
        self.0.get(name).unwrap_or_else(|| panic!("a vector has no field {name}"))
    }

    /// A field of hexadecimal digits.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let digits = self.text(name);
        assert!(digits.len().is_multiple_of(2), "{name}: an odd number of digits");
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("a hexadecimal digit"))
            .collect()
    }

    /// Whether the operation is to succeed.
    pub(crate) fn passes(&self) -> bool {
        self.text("result") == "pass"
    }
}

/// All vectors of a file.
pub(crate) fn parse(file: &str) -> Vec<Vector<'_>> {
    let (mut section, mut fields, mut vectors) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for line in file.lines().filter(|line| !line.starts_with('#')).chain([""]) {
        if let Some(named) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (name, value) = named.split_once(" = ").expect("a section has a value");
            section.insert(name, value);
        } else if let Some((name, value)) = line.split_once(" =") {
            fields.insert(name, value.trim());
        } else if !fields.is_empty() {
            let mut all = section.clone();
            all.append(&mut fields);
            vectors.push(Vector(all));
        }
    }
    vectors
}

/// Says how many of NIST's vectors ran, of which there were to be `least` or more.
pub(crate) fn report(algorithm: &str, count: usize, least: usize) {
    counts::ran("NIST", algorithm, count, &[], least);
}
