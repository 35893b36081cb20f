//! `strongroom completions`: what a shell needs to complete our commands.

use std::process::ExitCode;

use clap::{Args, CommandFactory, ValueEnum};
use serde_json::json;

use super::{Output, Reply};

#[derive(Args)]
#[command(
    after_help = "Example:\n  strongroom completions bash > ~/.local/share/bash-completion/completions/strongroom"
)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
    /// The script itself, or JSON that holds it.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    /// Prints the script, or why it could not, and says how to exit.
    pub(super) fn run(&self) -> ExitCode {
        let script = self.shell.script();
        let reply = Reply::text(json!({ "script": script }), script);
        match self.output.print(&reply) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => self.output.report(&failure),
        }
    }
}

impl Shell {
    fn script(self) -> String {
        let shell = match self {
            Self::Bash => clap_complete::Shell::Bash,
            Self::Zsh => clap_complete::Shell::Zsh,
            Self::Fish => clap_complete::Shell::Fish,
        };
        let mut script = Vec::new();
        let mut program = crate::Arguments::command();
        clap_complete::generate(shell, &mut program, "strongroom", &mut script);
        String::from_utf8_lossy(&script).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_completes_commands_and_verbs() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = shell.script();
            for word in ["quickstart", "schedule-deletion", "policy", "encrypt"] {
                assert!(script.contains(word), "{shell:?}: {word}");
            }
        }
    }
}
