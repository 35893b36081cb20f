//! Where a KMIP message ends on a connection (KMIP, "TTLV"): eight bytes say that it is a request
//! message and how long the rest is.
//!
//! Nothing beyond a message is read with it, so that none that comes early is lost; and a message
//! takes memory as it comes, not as it says.

use std::io;

use model::{Secret, limits};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    sync::SemaphorePermit,
};

use super::body::Bodies;

/// Length of what stands before a message's content.
const HEAD_LEN: usize = 8;
/// How the head of a request message begins: its tag, and that it is a structure. A length in four
/// bytes follows.
const BEGIN: [u8; 4] = [0x42, 0x00, 0x78, 0x01];
/// What a message takes before more of it has come, in bytes: most are shorter.
const FIRST_LEN: usize = 1 << 10;

/// The first bytes of a message, one at least.
pub(super) struct Beginning {
    bytes: [u8; HEAD_LEN],
    len: usize,
}

/// What has come.
pub(super) enum Came<'r> {
    /// A message of at most [`limits::KMIP_MESSAGE_LEN_MAX`] bytes; and the room it takes, to be
    /// held as long as the message is.
    Message(Secret, Option<SemaphorePermit<'r>>),
    /// What does not begin a request message, or begins one that is too long: where a next one
    /// would begin is not known.
    NoMessage(Secret),
}

/// Waits for the next message to begin; none when the peer has ended the connection instead. May be
/// given up: nothing is lost then.
pub(super) async fn begin(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Beginning>> {
    let mut bytes = [0; HEAD_LEN];
    let len = stream.read(&mut bytes).await?;
    Ok((len > 0).then_some(Beginning { bytes, len }))
}

impl Beginning {
    /// Reads the rest of what has begun.
    ///
    /// # Errors
    /// When the connection ends before it, and when other messages have taken all the room.
    pub(super) async fn rest<'r>(
        self,
        stream: &mut (impl AsyncRead + Unpin),
        bodies: &'r Bodies,
    ) -> io::Result<Came<'r>> {
        let Self { mut bytes, mut len } = self;
        let begins = |head: &[u8]| head.iter().zip(BEGIN).all(|(byte, other)| *byte == other);
        while len < HEAD_LEN && begins(&bytes[..len]) {
            len += some(stream.read(&mut bytes[len..]).await?)?;
        }
        let [.., a, b, c, d] = bytes;
        let content_len = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        if !begins(&bytes[..len]) || content_len > limits::KMIP_MESSAGE_LEN_MAX - HEAD_LEN {
            return Ok(Came::NoMessage(Secret::new(bytes[..len].to_vec())));
        }
        let full = |(_, sentence)| io::Error::other(sentence);
        let room = bodies.room_for(HEAD_LEN + content_len).map_err(full)?;
        let mut message = Growing::begun(&bytes, HEAD_LEN + content_len);
        while !message.is_whole() {
            let read = stream.read(message.space()).await?;
            message.len += some(read)?;
        }
        Ok(Came::Message(message.into_secret(), room))
    }
}

fn some(read: usize) -> io::Result<usize> {
    if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(read) }
}

/// A message of which `len` bytes have come. Whatever buffer it leaves is wiped, as is its last
/// one, also where the connection ends halfway.
struct Growing {
    buffer: Vec<u8>,
    len: usize,
    whole_len: usize,
}

impl Growing {
    fn begun(head: &[u8; HEAD_LEN], whole_len: usize) -> Self {
        let mut buffer = vec![0; whole_len.min(FIRST_LEN)];
        buffer[..HEAD_LEN].copy_from_slice(head);
        Self { buffer, len: HEAD_LEN, whole_len }
    }

    fn is_whole(&self) -> bool {
        self.len == self.whole_len
    }

    /// Where the next bytes go: twice as many as have come have a place, but none beyond the end.
    fn space(&mut self) -> &mut [u8] {
        if self.len == self.buffer.len() {
            let mut larger = vec![0; self.whole_len.min(2 * self.len)];
            larger[..self.len].copy_from_slice(&self.buffer);
            wipe(std::mem::replace(&mut self.buffer, larger));
        }
        &mut self.buffer[self.len..]
    }

    fn into_secret(mut self) -> Secret {
        Secret::new(std::mem::take(&mut self.buffer))
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        wipe(std::mem::take(&mut self.buffer));
    }
}

/// As a secret is when it is dropped.
fn wipe(buffer: Vec<u8>) {
    drop(Secret::new(buffer));
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    fn message(content_len: usize) -> Vec<u8> {
        let len = u32::try_from(content_len).unwrap().to_be_bytes();
        [&BEGIN[..], &len, &vec![7; content_len]].concat()
    }

    /// What comes of these bytes, written at most so many at a time to a peer that then hangs up:
    /// messages, and what is none.
    async fn came(
        bytes: &[u8],
        piece: usize,
        bodies: &Bodies,
    ) -> (Vec<Vec<u8>>, io::Result<Vec<u8>>) {
        let (mut ours, mut theirs) = tokio::io::duplex(piece);
        let mut messages = Vec::new();
        let read = async {
            loop {
                let Some(beginning) = begin(&mut ours).await? else {
                    return Ok(Vec::new());
                };
                match beginning.rest(&mut ours, bodies).await? {
                    Came::Message(message, _) => messages.push(message.expose().to_vec()),
                    Came::NoMessage(secret) => return Ok(secret.expose().to_vec()),
                }
            }
        };
        let write = async {
            let _ = theirs.write_all(bytes).await;
            drop(theirs);
        };
        let (none, ()) = tokio::join!(read, write);
        (messages, none)
    }

    #[tokio::test]
    async fn messages_are_told_apart_wherever_they_are_split() {
        let sent = [message(0), message(8), message(FIRST_LEN), message(40_000), message(16)];
        let bytes = sent.concat();
        for piece in [1, 2, 3, 5, 7, 8, 9, 13, 1000, 1 << 14, 1 << 20] {
            let (messages, none) = came(&bytes, piece, &Bodies::default()).await;
            assert_eq!(messages, sent, "{piece}");
            assert!(none.unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn what_begins_no_message_is_known_by_the_first_byte_that_differs() {
        for at in 0..BEGIN.len() {
            let mut wrong = message(0);
            wrong[at] ^= 0x10;
            wrong.truncate(at + 1);
            let bytes = [message(8), wrong.clone()].concat();
            let (messages, none) = came(&bytes, 1, &Bodies::default()).await;
            assert_eq!((messages, none.unwrap()), (vec![message(8)], wrong));
        }
        let (messages, none) = came(b"GET / HTTP/1.1\r\n", 64, &Bodies::default()).await;
        assert_eq!((messages.len(), &none.unwrap()[..]), (0, &b"GET / HT"[..]));
    }

    #[tokio::test]
    async fn a_message_of_the_greatest_length_is_read_and_a_longer_one_ends_at_its_head() {
        let longest = message(limits::KMIP_MESSAGE_LEN_MAX - HEAD_LEN);
        let bodies = Bodies::default();
        assert!(came(&longest, 1 << 16, &bodies).await.0 == [longest]);
        for len in [limits::KMIP_MESSAGE_LEN_MAX - HEAD_LEN + 1, usize::try_from(u32::MAX).unwrap()]
        {
            let head = [BEGIN, u32::try_from(len).unwrap().to_be_bytes()].concat();
            let (messages, none) = came(&head, 64, &bodies).await;
            assert_eq!((messages.len(), none.unwrap()), (0, head));
        }
    }

    #[tokio::test]
    async fn a_message_that_breaks_off_is_none() {
        let whole = message(40);
        for len in 1..whole.len() {
            let (messages, none) = came(&whole[..len], 64, &Bodies::default()).await;
            assert_eq!(messages.len(), 0);
            assert_eq!(none.unwrap_err().kind(), io::ErrorKind::UnexpectedEof, "{len}");
        }
    }

    #[tokio::test]
    async fn what_a_message_says_of_its_length_takes_no_memory() {
        let (head, mut longest) = (message(0), limits::KMIP_MESSAGE_LEN_MAX);
        let mut growing = Growing::begun(head.first_chunk().unwrap(), longest);
        while !growing.is_whole() {
            assert!(growing.buffer.len() <= (2 * growing.len).max(FIRST_LEN));
            growing.len += growing.space().len().min(4096);
        }
        assert_eq!(growing.into_secret().len(), longest);
        longest = 24;
        assert_eq!(Growing::begun(head.first_chunk().unwrap(), longest).space().len(), 16);
    }

    #[tokio::test]
    async fn long_messages_share_the_room_that_there_is() {
        let bodies = Bodies::default();
        let longest = message(limits::KMIP_MESSAGE_LEN_MAX - HEAD_LEN);
        let mut held = Vec::new();
        let refused = loop {
            let mut stream = longest.as_slice();
            let beginning = begin(&mut stream).await.unwrap().unwrap();
            match beginning.rest(&mut stream, &bodies).await {
                Ok(came) => held.push(came),
                Err(refused) => break refused,
            }
        };
        assert_eq!((held.len(), refused.kind()), (64, io::ErrorKind::Other));
        // Short ones take none.
        let (messages, _) = came(&message(1000), 64, &bodies).await;
        assert_eq!(messages.len(), 1);
        held.pop();
        assert_eq!(came(&longest, 1 << 16, &bodies).await.0.len(), 1);
    }
}
