//! `strongroom completions`: what a shell needs to complete our commands.

use std::{process::ExitCode, sync::LazyLock};

use clap::{ArgGroup, Args, Command, CommandFactory, ValueEnum};
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

/// All of our commands, with what is hidden.
static PROGRAM: LazyLock<Command> = LazyLock::new(crate::Arguments::command);

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
        clap_complete::generate(shell, &mut shown(&PROGRAM), "strongroom", &mut script);
        String::from_utf8_lossy(&script).into_owned()
    }
}

/// A command without the options that are hidden, which shells would be told of otherwise.
fn shown(command: &'static Command) -> Command {
    let arguments = || command.get_arguments().filter(|argument| !argument.is_hide_set());
    let groups = command.get_groups().map(|group| {
        let members = group.get_args().filter(|id| arguments().any(|shown| shown.get_id() == *id));
        ArgGroup::new(group.get_id().clone()).multiple(true).args(members.cloned())
    });
    let commands = command.get_subcommands().filter(|command| !command.is_hide_set());
    Command::new(command.get_name())
        .about(command.get_about().cloned().unwrap_or_default())
        .version(command.get_version())
        .propagate_version(command.is_propagate_version_set())
        .visible_aliases(command.get_visible_aliases())
        .args(arguments().cloned())
        .groups(groups)
        .subcommands(commands.map(shown))
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

    #[test]
    fn no_shell_offers_what_is_hidden() {
        let hidden = "secret-access-key";
        let all = PROGRAM.get_subcommands().flat_map(Command::get_arguments);
        assert!(all.into_iter().any(|a| a.is_hide_set() && a.get_long() == Some(hidden)));
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = shell.script();
            assert!(!script.contains(hidden), "{shell:?}");
            for option in ["access-key-id", "output", "help", "version"] {
                assert!(script.contains(option), "{shell:?}: {option}");
            }
        }
    }
}
