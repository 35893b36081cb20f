//! Gives each encoding's decoder millions of messages that are nearly right:
//! `cargo run --release -p strongroom-kmip --example fuzz -- [COUNT]`, by default 10,000,000 each.
//!
//! They are made of the messages of the `mutations` test and, where the profiles' test cases are
//! beside this repository, of all of theirs; some have as many items as fit. Each is decoded, read
//! as a message with its payloads, and what is accepted is written back. No input makes that panic,
//! takes longer than [`LATENCY_MAX`], or makes the decoder hold more than [`bytes_max`] at once;
//! the first that does is printed, and ends the run. An input that seemed slow is timed again,
//! since the machine may have been busy with something else. The inputs are the same in each run
//! on as many processors.

#[path = "../tests/rig/cases.rs"]
mod cases;
#[path = "../tests/rig/crowded.rs"]
mod crowded;
#[path = "../../../fuzz/inputs.rs"]
mod inputs;
#[path = "../tests/rig/nearly.rs"]
mod nearly;

use std::{
    cmp::max,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use crowded::{Shape, bytes_max};
use inputs::Mutations;
use kmip::{
    Encoding,
    ttlv::{self, Item},
    xml,
};
use model::limits;

const COUNT: u64 = 10_000_000;
const LATENCY_MAX: Duration = Duration::from_millis(100);
/// How often an input is timed that was slower than all before it.
const TIMES: usize = 5;
/// One input in so many is a tree that was changed, and not its bytes.
const TREES: usize = 4;
/// And one in so many has very many items.
const CROWDS: usize = 2048;

#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn main() {
    let count = std::env::args().nth(1).map_or(COUNT, |count| count.parse().expect("a number"));
    let published = cases::messages().into_iter().map(|(_, message)| message);
    let messages: Vec<_> =
        nearly::MESSAGES.iter().map(|&message| message.to_owned()).chain(published).collect();
    println!("{} messages to begin with", messages.len());
    for encoding in [Encoding::Ttlv, Encoding::Xml, Encoding::Json] {
        let (seen, took) = timed(|| on_all_processors(encoding, &messages, count));
        println!(
            "{encoding:?}: {} inputs, {} accepted, 0 panics; slowest {} µs; most held by the \
             decoder {} bytes, {:.1} % of what it may, and with what was read of it {:.1} %; \
             {:.0} s",
            seen.inputs,
            seen.accepted,
            seen.slowest.as_micros(),
            seen.held,
            seen.decoder * 100.0,
            seen.whole * 100.0,
            took.as_secs_f64(),
        );
    }
}

/// What was seen of inputs.
#[derive(Default)]
struct Seen {
    inputs: u64,
    accepted: u64,
    slowest: Duration,
    /// Most bytes that the decoder held at once.
    held: u64,
    /// The same of one input, as a part of what the decoder may.
    decoder: f64,
    /// And with what the typed messages take.
    whole: f64,
}

impl Seen {
    fn and(self, other: Self) -> Self {
        Self {
            inputs: self.inputs + other.inputs,
            accepted: self.accepted + other.accepted,
            slowest: max(self.slowest, other.slowest),
            held: max(self.held, other.held),
            decoder: self.decoder.max(other.decoder),
            whole: self.whole.max(other.whole),
        }
    }
}

fn on_all_processors(encoding: Encoding, messages: &[String], count: u64) -> Seen {
    let threads = thread::available_parallelism().map_or(1, |count| count.get() as u64);
    thread::scope(|scope| {
        let work = |number| {
            let share = count / threads + u64::from(number < count % threads);
            scope.spawn(move || Run::new(encoding, messages, number).inputs(share))
        };
        let runs: Vec<_> = (0..threads).map(work).collect();
        let seen = runs.into_iter().map(|run| run.join().expect("a run that found nothing"));
        seen.fold(Seen::default(), Seen::and)
    })
}

/// The inputs of one thread.
struct Run {
    encoding: Encoding,
    /// The messages, in the encoding and in binary.
    seeds: Vec<Vec<u8>>,
    binary: Vec<Vec<u8>>,
    mutations: Mutations,
    seen: Seen,
}

impl Run {
    fn new(encoding: Encoding, messages: &[String], number: u64) -> Self {
        let in_encoding = |encoding: Encoding| {
            let tree = |text: &String| xml::decode(text.as_bytes()).expect("a message");
            let bytes = |tree: Item| encoding.encode(&tree).expect("a message").expose().to_vec();
            messages.iter().map(tree).map(bytes).collect()
        };
        Self {
            encoding,
            seeds: in_encoding(encoding),
            binary: in_encoding(Encoding::Ttlv),
            mutations: Mutations::new(number),
            seen: Seen::default(),
        }
    }

    fn inputs(mut self, count: u64) -> Seen {
        for _ in 0..count {
            let input = self.input();
            let outcome = catch_unwind(AssertUnwindSafe(|| self.try_one(&input)));
            outcome.unwrap_or_else(|_| {
                panic!("{:?}: {:?}", self.encoding, input.escape_ascii().to_string())
            });
        }
        self.seen
    }

    fn input(&mut self) -> Vec<u8> {
        if self.mutations.below(CROWDS) == 0 {
            let seed = [self.crowd().message(self.encoding)];
            return match self.mutations.below(2) {
                0 => self.mutations.input(&seed),
                _ => seed.concat(),
            };
        }
        if self.mutations.below(TREES) > 0 {
            return self.mutations.input(&self.seeds);
        }
        let seed = &self.binary[self.mutations.below(self.binary.len())];
        let mut tree = ttlv::decode(seed).expect("a message");
        for _ in 0..1 + self.mutations.below(4) {
            nearly::change(&mut tree, &mut |end| self.mutations.below(end));
        }
        self.encoding.encode(&tree).expect("a tree").expose().to_vec()
    }

    fn crowd(&mut self) -> Shape {
        let mut below = |end| self.mutations.below(end);
        Shape {
            items: 1 + below(limits::KMIP_ITEMS_MAX + 8),
            depth: below(limits::KMIP_DEPTH_MAX),
            width: 1 + below(9),
            numbers: below(2) == 0,
            len: [0, below(limits::KMIP_MESSAGE_LEN_MAX)][below(2)],
        }
    }

    fn try_one(&mut self, input: &[u8]) {
        let (mut tree, mut latency) = (None, Duration::ZERO);
        let decoder = allocation_counter::measure(|| {
            (tree, latency) = timed(|| self.encoding.decode(input).ok());
        });
        self.seen.inputs += 1;
        self.seen.accepted += u64::from(tree.is_some());
        let may = bytes_max(input.len());
        assert!(decoder.bytes_max <= may, "{} bytes are held", decoder.bytes_max);
        self.seen.held = max(self.seen.held, decoder.bytes_max);
        self.seen.decoder = self.seen.decoder.max(decoder.bytes_max as f64 / may as f64);
        if let Some(tree) = tree {
            is_written_back(self.encoding, &tree, input);
            let typed = allocation_counter::measure(|| {
                latency += timed(|| nearly::read_typed(tree)).1;
            });
            let whole = decoder.bytes_current.unsigned_abs() + typed.bytes_max;
            let whole = max(whole, decoder.bytes_max);
            self.seen.whole = self.seen.whole.max(whole as f64 / may as f64);
        }
        if latency > self.seen.slowest {
            let latency = (1..TIMES).map(|_| self.latency(input)).fold(latency, Duration::min);
            assert!(latency <= LATENCY_MAX, "it takes {latency:?}");
            self.seen.slowest = max(self.seen.slowest, latency);
        }
    }

    /// How long it takes to read an input.
    fn latency(&self, input: &[u8]) -> Duration {
        timed(|| self.encoding.decode(input).map(nearly::read_typed)).1
    }
}

/// What was accepted is the same when it is written; in binary, to the byte.
fn is_written_back(encoding: Encoding, tree: &Item, input: &[u8]) {
    let written = encoding.encode(tree).expect("what was read can be written");
    if encoding == Encoding::Ttlv {
        assert!(written.expose() == input, "it is written otherwise");
        return;
    }
    // How many items there may be goes by the length, to which blanks of the input counted.
    let mut written = written.expose().to_vec();
    written.resize(max(written.len(), input.len()), b' ');
    let again = encoding.decode(&written).expect("what was written can be read");
    let binary = |tree| ttlv::encode(tree).expect("what was read can be written");
    assert!(binary(&again).expose() == binary(tree).expose(), "it is written otherwise");
}

#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    (work(), begun.elapsed())
}
