//! What a user types: the commands, and the options that all of them have.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use clap::{Parser, Subcommand};
use terminal::{ComputeArguments, OutputArguments};

use crate::commands::{
    baseline, compare, completions, data, evaluate, init, man, predict, read, schema, serve, train,
};

/// Train, evaluate and serve small-image classifiers.
///
/// Reads pictures with the model built into the program, or with one trained on other pictures.
#[derive(Parser)]
#[command(name = "glyph", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub compute: ComputeArguments,
    #[command(flatten)]
    pub output: OutputArguments,
}

const EXAMPLES: &str = "\
Examples:
  glyph predict seven.jpg                       What does this picture show?
  glyph read number.png                         Which number is on it?
  glyph serve                                   A page to draw digits on
  glyph train configs/cnn.toml                  Train a network on MNIST
  glyph train pictures/                         Train one on your own pictures
  glyph evaluate artifacts/runs/cnn             How good is it?

Exit codes:
  0 done, 1 failed, 2 usage or config, 130 stopped by Ctrl-C, 143 by SIGTERM (progress saved)";

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Look at a folder of pictures, and write a config that trains on them
    Init(init::Options),
    /// Train a network as a config says, then evaluate it on the test split
    Train(train::Options),
    /// Measure how good a trained model is
    Evaluate(evaluate::Options),
    /// Compare runs, and test whether the difference between the best two is significant
    Compare(compare::Options),
    /// Classify pictures
    Predict(predict::Options),
    /// Read the number on each picture: a line of digits
    Read(read::Options),
    /// Look at a data set
    #[command(subcommand)]
    Data(data::Command),
    /// Train a linear classifier on hand-made features of the same images
    Baseline(baseline::Options),
    /// Serve models over HTTP, with a page to draw on
    Serve(serve::Options),
    /// List the backends compiled in and their devices
    Devices,
    /// Print the JSON Schema of configs, for editors
    Schema(schema::Options),
    /// Print a completion script for a shell
    Completions(completions::Options),
    /// Print the manual page, or write all manual pages to a folder
    Man(man::Options),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("glyph").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn training_needs_a_config_or_a_run_to_resume() {
        for line in ["train", "train a.toml --resume b", "train --resume b --overwrite"] {
            assert!(parse(line).is_err(), "{line}");
        }
        for line in ["train a.toml --set train.epochs=1", "train --resume b"] {
            assert!(parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn common_options_stand_before_or_after_the_command() {
        for line in ["--device flex -q devices", "devices -q --device flex"] {
            let cli = parse(line).unwrap();
            assert_eq!(cli.compute.device.as_deref(), Some("flex"), "{line}");
            assert!(cli.output.quiet, "{line}");
        }
    }

    #[test]
    fn quiet_and_verbose_exclude_each_other() {
        assert!(parse("devices -q -v").is_err());
    }

    /// The one meaning of every option that several commands have.
    #[test]
    fn an_option_of_several_commands_is_written_the_same_everywhere() {
        let mut cli = Cli::command();
        cli.build();
        let mut seen: Vec<(String, Option<char>, bool, String)> = Vec::new();
        let mut commands: Vec<&clap::Command> = cli.get_subcommands().collect();
        while let Some(command) = commands.pop() {
            commands.extend(command.get_subcommands());
            for argument in command.get_arguments() {
                let Some(long) = argument.get_long() else { continue };
                let takes_value = argument.get_action().takes_values();
                let names = argument.get_value_names().unwrap_or_default();
                let mut value = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
                // What a command writes is a file or a folder.
                if long == "output" && value == "FILE" {
                    value = "DIR".to_owned();
                }
                let found = (long.to_owned(), argument.get_short(), takes_value, value);
                match seen.iter().find(|known| known.0 == found.0) {
                    Some(known) => assert_eq!(known, &found, "{}", command.get_name()),
                    None => seen.push(found),
                }
            }
        }
        assert!(seen.iter().any(|(long, short, ..)| long == "output" && *short == Some('o')));
    }
}
