//! How a text is filled up to whole blocks, and cut again.
//!
//! Padding proves nothing: who can ask whether it is right learns the plaintext (Vaudenay 2002).
//! It is looked at here in a time that does not depend on it. What a door answers cannot hide
//! whether a decryption succeeds; that is what modes with a tag are for.

use model::raw::BlockPadding;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeLess};

/// What is added to a text of which the last `over` bytes are no whole block. `None` when it would
/// have to be padded and is not.
pub(super) fn of(padding: BlockPadding, block_len: usize, over: usize) -> Option<Vec<u8>> {
    let len = block_len.checked_sub(over)?;
    let mut bytes = vec![0; len];
    match padding {
        BlockPadding::None => return (over == 0).then(Vec::new),
        BlockPadding::Pkcs7 => bytes.fill(len as u8),
        BlockPadding::X923 => *bytes.last_mut()? = len as u8,
        BlockPadding::Bit => *bytes.first_mut()? = 0x80,
    }
    Some(bytes)
}

/// Length of a text, the end of which is given, without its padding; `None` when it has none, or
/// not this.
pub(super) fn unpadded_len(padding: BlockPadding, block_len: usize, text: &[u8]) -> Option<usize> {
    if padding == BlockPadding::None {
        return Some(text.len());
    }
    let last = text.get(text.len().checked_sub(block_len)?..)?;
    let (right, len) = match padding {
        BlockPadding::Bit => bit(last),
        padding => counted(padding, last),
    };
    bool::from(right).then(|| text.len() - usize::from(len))
}

/// Whether a block ends as PKCS #7 or X9.23 say, and with how many bytes of padding.
fn counted(padding: BlockPadding, block: &[u8]) -> (Choice, u8) {
    let len = block.last().copied().unwrap_or(0);
    let block_len = block.len() as u8;
    let mut right = !len.ct_eq(&0) & len.ct_lt(&(block_len + 1));
    let filler = if padding == BlockPadding::Pkcs7 { len } else { 0 };
    for (after, byte) in (1..block_len).zip(block.iter().rev().skip(1)) {
        right &= !after.ct_lt(&len) | byte.ct_eq(&filler);
    }
    (right, len)
}

/// Whether a block ends with 0x80 and zeros, and how many bytes these are.
fn bit(block: &[u8]) -> (Choice, u8) {
    let (mut right, mut ended, mut len) = (Choice::from(0), Choice::from(0), 0);
    for (count, byte) in (1_u8..).zip(block.iter().rev()) {
        let ends = !ended & !byte.ct_eq(&0);
        right |= ends & byte.ct_eq(&0x80);
        len.conditional_assign(&count, ends);
        ended |= ends;
    }
    (right, len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use BlockPadding::{Bit, None as Unpadded, Pkcs7, X923};

    #[test]
    fn a_text_of_any_length_is_padded_and_cut_again() {
        for block_len in [8, 16] {
            for len in 0..=40 {
                // What ends like a padding is text still.
                for byte in [0, 1, 0x80, len as u8] {
                    let text = vec![byte; len];
                    for padding in [Pkcs7, X923, Bit] {
                        let added = of(padding, block_len, len % block_len).unwrap();
                        assert!((1..=block_len).contains(&added.len()));
                        let padded = [&text[..], &added].concat();
                        assert_eq!(padded.len() % block_len, 0);
                        assert_eq!(unpadded_len(padding, block_len, &padded), Some(len));
                    }
                    let whole = of(Unpadded, block_len, len % block_len).is_some();
                    assert_eq!(whole, len % block_len == 0);
                }
            }
        }
    }

    /// The same, as it reads in the standards.
    fn simple(padding: BlockPadding, block: &[u8]) -> Option<usize> {
        let all =
            |added: &[u8]| of(padding, block.len(), block.len() - added.len()).unwrap() == added;
        (1..=block.len()).map(|len| block.len() - len).find(|text| all(&block[*text..]))
    }

    #[test]
    fn every_end_of_a_block_is_judged_as_the_standards_do() {
        let bytes = [0, 1, 2, 3, 4, 7, 8, 9, 0x7f, 0x80, 0x81, 0xff];
        let ends = bytes.iter().flat_map(|a| bytes.iter().map(move |b| (*a, *b)));
        for (a, b) in ends {
            for c in bytes {
                for fill in bytes {
                    let mut block = [fill; 8];
                    block[5..].copy_from_slice(&[a, b, c]);
                    for padding in [Pkcs7, X923, Bit] {
                        let known = simple(padding, &block);
                        assert_eq!(unpadded_len(padding, 8, &block), known, "{block:?}");
                    }
                }
            }
        }
        assert_eq!(unpadded_len(Pkcs7, 8, &[]), None);
    }
}
