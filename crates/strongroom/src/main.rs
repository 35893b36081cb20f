//! Strongroom: the server and its command line.
//!
//! The only crate that reads the environment and the clock, opens sockets and spawns tasks.

mod cli;
mod clock;
mod config;
mod draft;
mod failure;
mod folder;
mod harden;
mod init;
mod kmip_client;
mod quickstart;
mod serve;
mod server;
mod unseal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A self-hosted key management system.
#[derive(Parser)]
#[command(name = "strongroom", version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Founds a server in a folder, if there is none yet, and runs it.
    Quickstart(quickstart::Quickstart),
    /// Founds a server, and prints its administrator's access key.
    Init(init::Init),
    /// Runs a server that was founded.
    Server(serve::Serve),
    /// What is asked of a running server.
    #[command(flatten)]
    Ask(cli::Command),
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let outcome = match command {
        Command::Quickstart(quickstart) => quickstart.run(),
        Command::Init(init) => init.run(),
        Command::Server(server) => server.run(),
        Command::Ask(command) => return cli::run(&command, clock::Clock::start().now().wall),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
