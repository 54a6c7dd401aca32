//! Starts the house.

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    balcao::host::prepare();
    let filter = EnvFilter::try_from_env("BALCAO_LOG").unwrap_or_else(|_| EnvFilter::new("warn,balcao=info"));
    // Colours are for eyes: in a file or the journal they are rubbish between the words.
    let colours = stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(stderr).init();
    match balcao::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("balcao: {error:#}");
            ExitCode::FAILURE
        }
    }
}
