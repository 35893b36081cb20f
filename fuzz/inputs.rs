//! The inputs themselves: what is right, changed in a few places.

/// A generator of repeatable numbers (xorshift64*), and of inputs.
pub(crate) struct Mutations(u64);

impl Mutations {
    /// One of them. Each `number` has inputs of its own.
    pub(crate) fn new(number: u64) -> Self {
        // Odd, and so never the 0 from which the generator does not move.
        Self(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(2 * number + 1))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A place below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end.max(1)
    }

    /// A byte that often means something.
    fn byte(&mut self) -> u8 {
        const TELLING: &[u8] = b"\x00\x01\x02\x7f\x80\xff\n\r\t \"'\\/:;,.=+-*%${}[]()<>AZaz09";
        match self.below(3) {
            0 => self.next() as u8,
            _ => TELLING[self.below(TELLING.len())],
        }
    }

    /// A range of at most 32 bytes.
    fn range(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(bytes.len() + 1);
        let len = self.below((bytes.len() - from).min(32) + 1);
        from..from + len
    }

    /// One of `seeds`, changed in up to four places; now and then bytes of no kind.
    pub(crate) fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        if self.below(32) == 0 {
            let len = self.below(300);
            return (0..len).map(|_| self.byte()).collect();
        }
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..1 + self.below(4) {
            self.change(&mut bytes, seeds);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let range = self.range(bytes);
        let at = range.start;
        match self.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.byte(),
            2 => bytes.insert(at, self.byte()),
            3 => drop(bytes.drain(range)),
            4 => {
                let again = bytes[range].to_vec();
                bytes.splice(at..at, again);
            }
            5 => bytes.truncate(at),
            6 => {
                // A length, in one of the widths there are.
                let value = [0, 1, u64::MAX, self.next()][self.below(4)].to_be_bytes();
                let len = [2, 4, 8][self.below(3)].min(bytes.len() - at);
                bytes[at..at + len].copy_from_slice(&value[8 - len..]);
            }
            _ => {
                let other = &seeds[self.below(seeds.len())];
                let part = other[self.range(other)].to_vec();
                bytes.splice(range, part);
            }
        }
    }
}
