//! `althing`, the command.

fn main() -> std::process::ExitCode {
    althing::cli::main()
}
