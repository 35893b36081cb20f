//! Messages that are nearly right: none makes a decoder panic, and what one accepts is written back
//! as it was read.
#![cfg(test)]

#[path = "../../../fuzz/mutations.rs"]
mod mutations;

#[path = "rig/crowded.rs"]
mod crowded;
#[path = "rig/nearly.rs"]
mod nearly;

use crowded::{Shape, bytes_max};
use kmip::{
    Encoding, json,
    ttlv::{self, Item, Value},
    xml,
};
use nearly::{MESSAGES, change, read_typed};

fn trees() -> Vec<Item> {
    MESSAGES.iter().map(|text| xml::decode(text.as_bytes()).unwrap()).collect()
}

#[test]
fn no_bytes_make_a_decoder_of_ttlv_panic() {
    let seeds: Vec<_> =
        trees().iter().map(|tree| ttlv::encode(tree).unwrap().expose().to_vec()).collect();
    let accepted = mutations::try_all("ttlv", 2 * mutations::COUNT, &seeds, &mut |bytes| {
        let Ok(tree) = ttlv::decode(bytes) else { return false };
        assert_eq!(ttlv::encode(&tree).unwrap().expose(), bytes);
        read_typed(tree);
        true
    });
    assert!(accepted < mutations::COUNT);
}

/// A tree that an encoding accepted is the same tree in all others.
fn same_in_all(tree: Item) {
    let binary = ttlv::encode(&tree).unwrap();
    let in_xml = xml::encode(&tree).unwrap();
    let in_json = json::encode(&tree).unwrap();
    for again in
        [xml::decode(in_xml.as_str().as_bytes()), json::decode(in_json.as_str().as_bytes())]
    {
        assert_eq!(ttlv::encode(&again.unwrap()).unwrap().expose(), binary.expose());
    }
    read_typed(tree);
}

#[test]
fn no_text_makes_the_decoder_of_xml_panic() {
    let seeds: Vec<_> = MESSAGES.iter().map(|text| text.as_bytes().to_vec()).collect();
    mutations::try_all("xml", mutations::COUNT, &seeds, &mut |bytes| {
        let Ok(tree) = xml::decode(bytes) else { return false };
        same_in_all(tree);
        true
    });
}

#[test]
fn no_text_makes_the_decoder_of_json_panic() {
    let seeds: Vec<_> = trees()
        .iter()
        .map(|tree| json::encode(tree).unwrap().as_str().as_bytes().to_vec())
        .collect();
    mutations::try_all("json", mutations::COUNT, &seeds, &mut |bytes| {
        let Ok(tree) = json::decode(bytes) else { return false };
        // JSON has characters that XML has not.
        if !has_unprintable(&tree) {
            same_in_all(tree);
        }
        true
    });
}

fn has_unprintable(item: &Item) -> bool {
    match &item.value {
        Value::Structure(items) => items.iter().any(has_unprintable),
        Value::TextString(text) => text.as_str().chars().any(|c| {
            (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
        }),
        _ => false,
    }
}

/// Numbers that are the same in each run (xorshift64).
struct Numbers(u64);

impl Numbers {
    /// A number below `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end.max(1)
    }
}

#[test]
fn no_tree_makes_the_typed_messages_panic() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for round in 0..4 * mutations::COUNT {
        let mut tree = xml::decode(MESSAGES[round % MESSAGES.len()].as_bytes()).unwrap();
        for _ in 0..1 + numbers.below(4) {
            change(&mut tree, &mut |end| numbers.below(end));
        }
        let binary = ttlv::encode(&tree).unwrap();
        assert_eq!(
            ttlv::encode(&ttlv::decode(binary.expose()).unwrap()).unwrap().expose(),
            binary.expose()
        );
        read_typed(tree);
    }
}

#[test]
fn a_decoder_allocates_by_what_is_there() {
    for encoding in [Encoding::Ttlv, Encoding::Xml, Encoding::Json] {
        let mut most = 0;
        for items in [2, 100, 513, 1025, 4097, 8192] {
            for (depth, width) in [(0, 1), (1, 1), (1, 5), (2, 1), (8, 3), (30, 1)] {
                for numbers in [false, true] {
                    let shape = Shape { items, depth, width, numbers, len: 0 };
                    let message = shape.message(encoding);
                    let held = allocation_counter::measure(|| {
                        assert!(encoding.decode(&message).is_ok(), "{encoding:?} {shape:?}");
                    });
                    let (held, may) = (held.bytes_max, bytes_max(message.len()));
                    assert!(held <= may, "{encoding:?} {shape:?}: {held} of {may} bytes");
                    most = most.max(held * 100 / may);
                }
            }
        }
        println!("{encoding:?}: at most {most} % of what it may");
    }
}
