//! Messages of as many items as there may be in as few bytes: what makes a decoder allocate most.

use kmip::{
    Encoding,
    names::Tag,
    ttlv::{self, Item, Value},
};
use model::{Secret, limits};

/// Most bytes that a decoder may hold at once for an input of a length.
pub(crate) fn bytes_max(len: usize) -> u64 {
    (4 * len + (64 << 10)) as u64
}

/// What a crowd looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Items in all.
    pub(crate) items: usize,
    /// How many structures are in each other within the outermost.
    pub(crate) depth: usize,
    /// How many leaves are in the innermost of them.
    pub(crate) width: usize,
    /// Whether the leaves are numbers, and not structures with nothing in them.
    pub(crate) numbers: bool,
    /// Least bytes of a document. Blanks are added where they are in the most structures.
    pub(crate) len: usize,
}

impl Shape {
    /// A message of this shape. A document has blanks too if it is too short for so many items.
    pub(crate) fn message(self, encoding: Encoding) -> Vec<u8> {
        let tree = self.tree();
        let mut out = String::new();
        let innermost_end = match encoding {
            Encoding::Ttlv => return ttlv::encode(&tree).expect("a tree").expose().to_vec(),
            Encoding::Xml => {
                xml(&tree, &mut out);
                out.find("</")
            }
            Encoding::Json => {
                json(&tree, &mut out);
                out.find(']')
            }
        };
        let least = self.len.max(self.items.saturating_sub(512) * 32);
        let blanks = least.min(limits::KMIP_MESSAGE_LEN_MAX).saturating_sub(out.len());
        out.insert_str(innermost_end.unwrap_or(out.len()), &" ".repeat(blanks));
        out.into_bytes()
    }

    fn tree(self) -> Item {
        let (mut rest, mut columns) = (self.items.saturating_sub(1), Vec::new());
        while rest > 0 {
            let leaves = self.width.min(rest);
            let depth = self.depth.min(rest - leaves);
            rest -= leaves + depth;
            let innermost: Vec<_> = (0..leaves).map(|_| self.leaf()).collect();
            columns.extend((0..depth).fold(innermost, |inner, _| vec![structure(inner)]));
        }
        structure(columns)
    }

    fn leaf(self) -> Item {
        match self.numbers {
            true => Item::new(Tag::NAME, Value::BigInteger(Secret::new(vec![0; 8]))),
            false => structure(Vec::new()),
        }
    }
}

fn structure(items: Vec<Item>) -> Item {
    Item::new(Tag::NAME, Value::Structure(items))
}

fn xml(item: &Item, out: &mut String) {
    match &item.value {
        Value::Structure(items) if items.is_empty() => out.push_str("<Name/>"),
        Value::Structure(items) => {
            out.push_str("<Name>");
            items.iter().for_each(|item| xml(item, out));
            out.push_str("</Name>");
        }
        _ => out.push_str("<Name type='BigInteger' value='00'/>"),
    }
}

fn json(item: &Item, out: &mut String) {
    out.push_str(r#"{"tag":"Name","#);
    match &item.value {
        Value::Structure(items) => {
            out.push_str(r#""value":["#);
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                json(item, out);
            }
            out.push(']');
        }
        _ => out.push_str(r#""type":"BigInteger","value":"00""#),
    }
    out.push('}');
}
