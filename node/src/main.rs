//! `althing`, the command.

#[global_allocator]
static ALLOCATOR: althing::Allocator = althing::Allocator;

fn main() -> std::process::ExitCode {
    althing::cli::main()
}
