//! The command line: what people and scripts ask of a running server.
//!
//! A command file turns arguments into requests and answers into a [`Reply`]; `connection` finds
//! the server and who asks, `transport` is the only one with a socket, `output` the only one that
//! prints.

mod access_key;
mod alias;
mod audit;
mod certificate;
mod completions;
mod config;
mod connection;
mod envelope;
mod failure;
mod files;
mod issuer;
mod key;
mod mac;
mod output;
mod pair;
mod policy;
mod principal;
mod random;
mod role;
mod root_key;
mod seal;
mod sign;
mod status;
mod target;
mod transport;
mod unseal;
mod unseal_source;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use model::Wall;

use self::{
    connection::{Connection, Server},
    failure::Failure,
    output::{Output, Reply},
};

/// How much secret memory a command needs, in bytes.
const SECRET_MEMORY_LEN: usize = 1 << 20;

/// What can be asked of a server, and of what it leaves behind.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Principals: who may ask, and what they may do.
    Principal(Group<principal::Verb>),
    /// Access keys: what principals sign their requests with.
    AccessKey(Group<access_key::Verb>),
    /// Client certificates: what principals connect with, where they sign nothing.
    Certificate(Group<certificate::Verb>),
    /// Roles: whom they trust, what may be done in them, and for how long.
    Role(Group<role::Verb>),
    /// Issuers of tokens: whose word is taken for who somebody is.
    Issuer(Group<issuer::Verb>),
    /// Keys: make, look at, suspend, destroy; and their policies.
    Key(Group<key::Verb>),
    /// Policies of keys: show, replace; and check a file.
    Policy(Group<policy::Verb>),
    /// Aliases: changeable names for keys.
    Alias(Group<alias::Verb>),
    /// Sign a file, or what comes in on standard input.
    Sign(Single<sign::Sign>),
    /// Verify a signature.
    Verify(Single<sign::Verify>),
    /// Message authentication codes.
    Mac(Group<mac::Verb>),
    /// Encrypt a file of any size, or what comes in on standard input.
    Encrypt(Single<envelope::Encrypt>),
    /// Decrypt what encrypt wrote.
    Decrypt(Single<envelope::Decrypt>),
    /// Random bytes from the server's generator.
    Random(Single<random::Random>),
    /// Gives a sealed server what unseals it: a share, the passphrase or the key file.
    Unseal(Single<unseal::Unseal>),
    /// Seals the server: it forgets every key until it is unsealed.
    Seal(Single<seal::Seal>),
    /// Ways to unseal the server: one more, one less.
    UnsealSource(Group<unseal_source::Verb>),
    /// The root key, above all others.
    RootKey(Group<root_key::Verb>),
    /// How the server stands.
    Status(Single<status::Status>),
    /// The audit log: read and verify it, without a server.
    Audit(audit::Audit),
    /// The configuration file: every setting and its default.
    Config(config::Config),
    /// What a shell needs to complete our commands.
    Completions(completions::Completions),
}

/// A command with verbs of its own.
#[derive(Args)]
pub(crate) struct Group<V: Subcommand> {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    verb: V,
}

/// A command that is its own verb.
#[derive(Args)]
pub(crate) struct Single<A: Args> {
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    verb: A,
}

/// What every command takes.
#[derive(Args)]
struct Options {
    #[command(flatten)]
    connection: Connection,
    /// A table for people, or JSON for scripts.
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    output: Output,
}

/// Something to ask, with its arguments.
trait Verb {
    /// What it comes to where no server need be asked.
    fn here(&self) -> Option<Result<Reply, Failure>> {
        None
    }

    /// Asks it, and says what came back.
    fn run(&self, server: &Server) -> Result<Reply, Failure>;
}

/// Runs a command at the moment `now`, prints the reply or why there is none, and says how to
/// exit: 0 done, 1 refused or failed, 2 asked wrongly, 3 no server could be reached.
pub(crate) fn run(command: &Command, now: Wall) -> ExitCode {
    let (options, verb): (&Options, &dyn Verb) = match command {
        Command::Principal(Group { options, verb }) => (options, verb),
        Command::AccessKey(Group { options, verb }) => (options, verb),
        Command::Certificate(Group { options, verb }) => (options, verb),
        Command::Role(Group { options, verb }) => (options, verb),
        Command::Issuer(Group { options, verb }) => (options, verb),
        Command::Key(Group { options, verb }) => (options, verb),
        Command::Policy(Group { options, verb }) => (options, verb),
        Command::Alias(Group { options, verb }) => (options, verb),
        Command::Sign(Single { options, verb }) => (options, verb),
        Command::Verify(Single { options, verb }) => (options, verb),
        Command::Mac(Group { options, verb }) => (options, verb),
        Command::Encrypt(Single { options, verb }) => (options, verb),
        Command::Decrypt(Single { options, verb }) => (options, verb),
        Command::Random(Single { options, verb }) => (options, verb),
        Command::Seal(Single { options, verb }) => (options, verb),
        Command::UnsealSource(Group { options, verb }) => (options, verb),
        Command::RootKey(Group { options, verb }) => (options, verb),
        Command::Status(Single { options, verb }) => {
            return options.output.end_with(verb.run(options, now));
        }
        Command::Unseal(Single { options, verb }) => {
            return options.output.end_with(verb.run(options));
        }
        Command::Audit(audit) => return audit.run(),
        Command::Config(config) => return config.run(),
        Command::Completions(completions) => return completions.run(),
    };
    let Options { connection, output } = options;
    let asked = || connection.open(now).and_then(|server| verb.run(&server));
    let reply = verb.here().unwrap_or_else(asked);
    output.end_with(reply)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Parser)]
    struct Arguments {
        #[command(subcommand)]
        command: Command,
    }

    fn leaves(command: &clap::Command, path: &str, visit: &mut dyn FnMut(&str, &clap::Command)) {
        let path = format!("{path} {}", command.get_name());
        let inner: Vec<_> = command.get_subcommands().filter(|c| c.get_name() != "help").collect();
        if inner.is_empty() {
            visit(&path, command);
        }
        inner.into_iter().for_each(|inner| leaves(inner, &path, visit));
    }

    #[test]
    fn the_definitions_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example_that_parses_and_has_both_outputs() {
        let mut count = 0;
        for group in Arguments::command().get_subcommands() {
            leaves(group, "strongroom", &mut |path, command| {
                count += 1;
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                let example = help.strip_prefix("Example:\n  ").unwrap_or_default();
                assert!(example.starts_with(path), "{path}: {help:?}");
                let words = example.split(" > ").next().unwrap_or_default().split_whitespace();
                let words = words.map(|word| word.trim_matches('\''));
                let asked: Vec<_> =
                    words.filter(|word| !["--output", "json"].contains(word)).collect();
                for output in ["table", "json"] {
                    let words = asked.iter().copied().chain(["--output", output]);
                    if let Err(error) = Arguments::try_parse_from(words) {
                        panic!("{example} --output {output}: {error}");
                    }
                }
            });
        }
        assert!(count > 25, "{count} commands");
    }

    #[test]
    fn the_manual_names_every_command() {
        let manual = include_str!("../../../../docs/cli.md");
        for group in Arguments::command().get_subcommands() {
            leaves(group, "strongroom", &mut |path, _| {
                let command = path.trim_start_matches("strongroom ");
                assert!(manual.contains(&format!("`{command}")), "{command}");
            });
        }
    }

    #[test]
    fn options_may_stand_before_or_after_the_verb() {
        for words in [
            "strongroom key --dir x --output json list",
            "strongroom key list --dir x --output json",
        ] {
            let Command::Key(group) =
                Arguments::try_parse_from(words.split(' ')).ok().unwrap().command
            else {
                panic!("{words}")
            };
            assert!(group.options.output == Output::Json);
        }
    }
}
