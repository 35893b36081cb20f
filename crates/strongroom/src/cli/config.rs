//! `strongroom config`: the configuration file, without a server.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::{Failure, Output, Reply};
use crate::config;

#[derive(Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Prints a configuration file with every setting, its default and what it is for.
    #[command(after_help = "Example:\n  strongroom config explain > strongroom.toml")]
    Explain {
        /// The file itself, a table for people, or JSON for scripts.
        #[arg(long, value_enum, default_value_t = Form::Toml)]
        output: Form,
    },
    /// Reads a configuration file and says whether a server would start with it.
    #[command(after_help = "Example:\n  strongroom config check strongroom.toml")]
    Check {
        /// The file.
        file: PathBuf,
        /// A sentence for people, or JSON for scripts.
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
}

/// The form of what is explained.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Form {
    /// A configuration file.
    Toml,
    /// For people.
    Table,
    /// One JSON object, for scripts.
    Json,
}

impl Config {
    /// Prints what was asked for, or why it could not, and says how to exit.
    pub(super) fn run(&self) -> ExitCode {
        match &self.verb {
            Verb::Explain { output } => output.explain(),
            Verb::Check { file, output } => {
                let name = file.display().to_string();
                let done = || Reply::line(json!({ "file": name }), format!("{name} is in order."));
                let read = config::Config::load(file);
                let failed =
                    |failure: crate::failure::Failure| Failure::Failed(failure.to_string());
                output.end_with(read.map(|_| done()).map_err(failed))
            }
        }
    }
}

impl Form {
    fn explain(self) -> ExitCode {
        let answer = json!({ "settings": config::described() });
        let (output, reply) = match self {
            Self::Toml => (Output::Table, Reply::text(answer, config::explained())),
            Self::Table => (Output::Table, Self::table(answer)),
            Self::Json => (Output::Json, Self::table(answer)),
        };
        output.end_with(Ok(reply))
    }

    fn table(answer: serde_json::Value) -> Reply {
        let columns = [("name", "SETTING"), ("default", "DEFAULT"), ("about", "WHAT IT SAYS")];
        Reply::rows(answer, "settings", &columns)
    }
}
