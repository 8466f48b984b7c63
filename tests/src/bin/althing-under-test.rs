//! The node itself, so that tests always run a fresh one.

fn main() -> std::process::ExitCode {
    althing::cli::main()
}
