//! The write-ahead log, looked at before SQLite does.
//!
//! When SQLite opens a log it takes what is whole, up to the first frame that is not, and
//! forgets the rest: that is how it drops a transaction that was being written when the power
//! went. It is also how one decayed byte in the middle would silently take back every later
//! change. The two can be told apart. A transaction is written only after the one before it was
//! synced, so a frame that is not whole is innocent only in the *last* transaction. If there is
//! any frame of a later one, something that was acknowledged has been damaged.
//!
//! Three habits of ours make that exact: every transaction writes the page of `meta`, and writes
//! each page once (so a page that comes twice is of two transactions); a failed transaction is
//! followed by an emptied log; and so is opening. So all frames of one generation (one salt) are
//! of transactions that were committed one after the other, but for the last.
//!
//! Damage in the last transaction cannot be told from a torn write here. The audit log tells it.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, BufReader, Read},
    path::Path,
};

use super::folder::{beside, database_len, unavailable};
use crate::Failure;

const HEADER_LEN: usize = 32;
const FRAME_HEADER_LEN: usize = 24;
/// What a disk writes whole or not at all, in bytes.
const SECTOR_LEN: u64 = 512;
/// The magic number whose checksums are over little-endian words; one more is big-endian.
const MAGIC: u32 = 0x377f_0682;

/// Reports a log that has lost something which was on the disk.
pub(super) fn check(database: &Path) -> Result<(), Failure> {
    let path = beside(database, "-wal");
    let len = match fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(unavailable("look at", &path, &e)),
    };
    if len < HEADER_LEN as u64 {
        return Ok(());
    }
    if database_len(database)? == 0 {
        return Err(Failure::Damaged(
            "its database is empty or missing, but the log of it is there".to_owned(),
        ));
    }
    let file = File::open(&path).map_err(|e| unavailable("open", &path, &e))?;
    let lost = Log::open(BufReader::with_capacity(1 << 16, file)).and_then(|log| match log {
        Opened::Empty => Ok(None),
        Opened::Broken => Ok(Some("the head of its log is not as it was written".to_owned())),
        Opened::Log(log) => log.lost(),
    });
    match lost.map_err(|e| unavailable("read", &path, &e))? {
        Some(what) => Err(Failure::Damaged(what)),
        None => Ok(()),
    }
}

/// A log whose head is whole.
struct Log<R> {
    source: R,
    big_endian: bool,
    salt: [u8; 8],
    sum: (u32, u32),
    frame: Vec<u8>,
}

/// What is found at the head of a log.
enum Opened<R> {
    /// Space that was never written.
    Empty,
    /// Neither that nor a head. The head is synced before any frame follows, and is smaller than
    /// what a disk writes at once, so it is never half there.
    Broken,
    Log(Log<R>),
}

impl<R: Read> Log<R> {
    fn open(mut source: R) -> io::Result<Opened<R>> {
        let mut head = [0; HEADER_LEN];
        source.read_exact(&mut head)?;
        if head == [0; HEADER_LEN] {
            let mut rest = Vec::new();
            source.read_to_end(&mut rest)?;
            let empty = rest.iter().all(|byte| *byte == 0);
            return Ok(if empty { Opened::Empty } else { Opened::Broken });
        }
        let big_endian = word(&head, 0) == MAGIC + 1;
        let page_len = word(&head, 8);
        let sum = checksum(big_endian, (0, 0), &head[..24]);
        let whole = word(&head, 0) & !1 == MAGIC
            && page_len.is_power_of_two()
            && (512..=65_536).contains(&page_len)
            && sum == (word(&head, 24), word(&head, 28));
        if !whole {
            return Ok(Opened::Broken);
        }
        let mut salt = [0; 8];
        salt.copy_from_slice(&head[16..24]);
        Ok(Opened::Log(Self {
            source,
            big_endian,
            salt,
            sum,
            frame: vec![0; FRAME_HEADER_LEN + page_len as usize],
        }))
    }

    /// What says that a transaction before the last is not whole, if anything does.
    fn lost(mut self) -> io::Result<Option<String>> {
        let mut index = 0_u64;
        let mut start = HEADER_LEN as u64;
        // Of the transaction being looked at.
        let mut pages = HashSet::new();
        let mut broken = None;
        let mut ended = false;
        while self.next()? {
            index += 1;
            let whole = broken.is_none() && self.advance();
            if !whole && broken.is_none() {
                broken = Some(index);
            }
            // A head on two sectors may be old in one and new in the other: it says nothing.
            let one_sector = start % SECTOR_LEN + FRAME_HEADER_LEN as u64 <= SECTOR_LEN;
            start += self.frame.len() as u64;
            if self.frame[8..16] != self.salt || !(whole || one_sector) {
                continue;
            }
            let page = word(&self.frame, 0);
            let commits = word(&self.frame, 4) != 0;
            if let Some(broken) = broken
                && (ended || !pages.insert(page))
            {
                return Ok(Some(format!(
                    "frame {broken} of its log is not as it was written, and later changes were"
                )));
            }
            if whole && commits {
                pages.clear();
            } else {
                pages.insert(page);
                ended |= commits;
            }
        }
        Ok(None)
    }

    /// Reads a frame; false at the end, also if that is in the middle of one.
    fn next(&mut self) -> io::Result<bool> {
        match self.source.read_exact(&mut self.frame) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Whether the frame is the one that was written after those before it.
    fn advance(&mut self) -> bool {
        if self.frame[8..16] != self.salt || word(&self.frame, 0) == 0 {
            return false;
        }
        let sum = checksum(self.big_endian, self.sum, &self.frame[..8]);
        self.sum = checksum(self.big_endian, sum, &self.frame[FRAME_HEADER_LEN..]);
        self.sum == (word(&self.frame, 16), word(&self.frame, 20))
    }
}

/// The big-endian word at `offset`.
fn word(bytes: &[u8], offset: usize) -> u32 {
    bytes[offset..offset + 4].iter().fold(0, |word, byte| word << 8 | u32::from(*byte))
}

/// SQLite's running checksum over `bytes`, whose number is a multiple of eight.
fn checksum(big_endian: bool, start: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    let read = |bytes: &[u8]| {
        let word = word(bytes, 0);
        if big_endian { word } else { word.swap_bytes() }
    };
    bytes.chunks_exact(8).fold(start, |(a, b), pair| {
        let a = a.wrapping_add(read(pair)).wrapping_add(b);
        (a, b.wrapping_add(read(&pair[4..])).wrapping_add(a))
    })
}
