//! The command line.

/// Runs the command that the process arguments ask for.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
