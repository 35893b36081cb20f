//! `strongroom encrypt` and `decrypt`: files of any size, encrypted where they are, under data
//! keys that the server makes and opens.

use std::{
    fs::File,
    io::{self, IsTerminal, Read, StdoutLock, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use crypto::{
    secmem::Guarded,
    stream::{self, Header},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::EncryptionContext;
use serde_json::{Map, Value, json};

use super::{Reply, Server, Verb, failure::Failure, pair, target::Target};

/// The name of standard input and output.
const STANDARD: &str = "-";

#[derive(Args)]
#[command(
    after_help = "Example:\n  strongroom encrypt alias/backups backup.tar --out backup.tar.enc --context host=db1"
)]
pub(crate) struct Encrypt {
    /// The key, a symmetric one: its id, its ARN, or alias/NAME.
    key: String,
    #[command(flatten)]
    ends: Ends,
    /// What the file is bound to, in the open within it; may be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    context: Vec<String>,
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  strongroom decrypt backup.tar.enc --out backup.tar --context host=db1"
)]
pub(crate) struct Decrypt {
    #[command(flatten)]
    ends: Ends,
    /// The key that it must be encrypted under: its id, its ARN, or alias/NAME. Else any.
    #[arg(long)]
    key: Option<String>,
    /// What it must be bound to, maybe with more; may be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    context: Vec<String>,
}

/// Where the bytes come from and go to.
#[derive(Args)]
struct Ends {
    /// The file; standard input if it is not named, or named -.
    file: Option<PathBuf>,
    /// Where to write; standard output if it is not named, or named -.
    #[arg(long, value_name = "FILE", default_value = STANDARD)]
    out: PathBuf,
    /// Replace the file that is there.
    #[arg(long)]
    force: bool,
}

impl Verb for Encrypt {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        let Self { key, ends, context } = self;
        let context = EncryptionContext::new(pair::pairs(context, "context")?).map_err(|_| {
            Failure::Usage("an encryption context has at most 256 pairs and 8192 bytes".to_owned())
        })?;
        let (mut from, mut to) = (ends.source()?, ends.sink()?);
        if to.is_terminal() {
            let sentence = "encrypted bytes are not for a terminal; name a file with --out";
            return Err(Failure::Usage(sentence.to_owned()));
        }
        let input = json!({
            "KeyId": key, "KeySpec": "AES_256", "EncryptionContext": object(&context),
        });
        let mut answer = server.kms("GenerateDataKey", &input)?;
        let data_key = data_key(&mut answer)?;
        let wrapped = client::blob::member(&answer, "CiphertextBlob")
            .ok_or_else(|| Failure::incomplete("CiphertextBlob"))?;
        let header = Header::new(wrapped.expose(), context).map_err(out_of_order)?;
        let sealed = stream::seal(&data_key, &header, &mut from, &mut to);
        let len = sealed.map_err(|failure| ends.failure(failure))?;
        to.finish()?;
        Ok(ends.reply("Encrypted", len, &answer, header.context()))
    }
}

impl Verb for Decrypt {
    fn run(&self, server: &Server) -> Result<Reply, Failure> {
        let Self { ends, key, context } = self;
        let required = pair::pairs(context, "context")?;
        let (mut from, mut to) = (ends.source()?, ends.sink()?);
        let header = Header::read(&mut from).map_err(|failure| ends.failure(failure))?;
        for (name, value) in &required {
            if header.context().value(name) != Some(value) {
                let file = ends.shown();
                let sentence = format!("{file} is not bound to the context {name}={value}");
                return Err(Failure::Failed(sentence));
            }
        }
        let mut input = json!({
            "CiphertextBlob": client::blob::to_value(header.wrapped_key()),
            "EncryptionContext": object(header.context()),
        });
        if let Some(key) = key {
            input["KeyId"] = key.as_str().into();
        }
        let mut answer = server.kms("Decrypt", &input).map_err(|failure| {
            let sentence = "Its data key does not open: the file's beginning was altered, or it \
                            is of another server.";
            failure.explained("InvalidCiphertextException", sentence)
        })?;
        let data_key = data_key(&mut answer)?;
        let opened = stream::open(&data_key, &header, &mut from, &mut to);
        let len = opened.map_err(|failure| ends.failure(failure))?;
        to.finish()?;
        Ok(ends.reply("Decrypted", len, &answer, header.context()))
    }
}

/// The data key of an answer, moved into secret memory.
fn data_key(answer: &mut Value) -> Result<Guarded, Failure> {
    let key = client::blob::take(answer, "Plaintext")
        .filter(|key| key.len() == stream::DATA_KEY_LEN)
        .ok_or_else(|| Failure::Failed("the server's answer has no data key".to_owned()))?;
    Guarded::copy_of(key.expose()).map_err(out_of_order)
}

fn out_of_order(_: model::Error) -> Failure {
    Failure::module("it has no place for a data key, or no random bytes")
}

fn object(context: &EncryptionContext) -> Value {
    context
        .pairs()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect::<Map<_, _>>()
        .into()
}

impl Ends {
    fn source(&self) -> Result<Source, Failure> {
        let Some(path) = self.named() else {
            return Ok(Source { from: Box::new(io::stdin().lock()), bar: self.bar(None)? });
        };
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (about, file) = opened.map_err(|error| Failure::unreadable(path, error))?;
        let bar = self.bar(about.is_file().then_some(about.len()))?;
        Ok(Source { from: Box::new(file), bar })
    }

    fn sink(&self) -> Result<Sink, Failure> {
        if self.to_standard() {
            return Ok(Sink::Standard(io::stdout().lock()));
        }
        Target::new(&self.out, self.force).map(Sink::Target)
    }

    /// The input, unless it is the standard one.
    fn named(&self) -> Option<&Path> {
        self.file.as_deref().filter(|path| *path != Path::new(STANDARD))
    }

    fn to_standard(&self) -> bool {
        self.out == Path::new(STANDARD)
    }

    /// The input in a sentence.
    fn shown(&self) -> String {
        self.named().map_or_else(|| "standard input".to_owned(), |path| path.display().to_string())
    }

    /// On standard error, where that is a terminal and the bytes do not go to it too.
    fn bar(&self, len: Option<u64>) -> Result<ProgressBar, Failure> {
        if self.to_standard() && io::stdout().is_terminal() {
            return Ok(ProgressBar::hidden());
        }
        let template = match len {
            Some(_) => {
                "{wide_bar} {percent:>3} %  {bytes} of {total_bytes}  {bytes_per_sec}  {eta}"
            }
            None => "{spinner} {bytes}  {bytes_per_sec}",
        };
        let style = ProgressStyle::with_template(template)
            .map_err(|error| Failure::Failed(format!("the progress bar has no form: {error}")))?;
        let target = ProgressDrawTarget::stderr();
        Ok(ProgressBar::with_draw_target(len, target).with_style(style))
    }

    fn failure(&self, failure: stream::Failure) -> Failure {
        let file = self.shown();
        let written = if self.to_standard() {
            "what was written is authentic, but not all of it"
        } else {
            "nothing is written"
        };
        match failure {
            stream::Failure::Read(error) => Failure::unreadable(Path::new(&file), error),
            stream::Failure::Write(error) => {
                let out = self.out.display();
                Failure::Failed(format!("cannot write {out}: {error}"))
            }
            stream::Failure::Foreign => {
                let sentence =
                    "is not a file that strongroom encrypt wrote, or lacks its beginning";
                Failure::Failed(format!("{file} {sentence}"))
            }
            stream::Failure::Broken { at } => Failure::Failed(format!(
                "{file} is not as it was encrypted: after {at} bytes of its content it was \
                 altered, cut short or extended; {written}"
            )),
            stream::Failure::TooLong => Failure::Failed(format!("{file} is longer than 256 TiB")),
            stream::Failure::Module(error) => out_of_order(error),
        }
    }

    /// What was done; beside the bytes, when they are on standard output.
    fn reply(&self, did: &str, len: u64, answer: &Value, context: &EncryptionContext) -> Reply {
        let out = self.out.display().to_string();
        let line = format!("{did} {len} bytes to {out}.");
        let key = answer.get("KeyId").cloned().unwrap_or_default();
        let answer = json!({ "file": out, "bytes": len, "key": key, "context": object(context) });
        let reply = Reply::line(answer, line);
        if self.to_standard() { reply.beside() } else { reply }
    }
}

/// What is read, with the bar that shows how far.
struct Source {
    from: Box<dyn Read>,
    bar: ProgressBar,
}

impl Read for Source {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(to)?;
        self.bar.inc(read as u64);
        Ok(read)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What is written.
enum Sink {
    Standard(StdoutLock<'static>),
    Target(Target),
}

impl Sink {
    fn is_terminal(&self) -> bool {
        matches!(self, Self::Standard(to) if to.is_terminal())
    }

    /// Everything was written, and was right.
    fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Standard(_) => Ok(()),
            Self::Target(target) => target.finish(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(to) => to.write(bytes),
            Self::Target(to) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(to) => to.flush(),
            Self::Target(to) => to.flush(),
        }
    }
}
