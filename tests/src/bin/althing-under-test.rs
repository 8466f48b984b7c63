//! The node itself, so that tests always run a fresh one.

#[global_allocator]
static ALLOCATOR: althing::Allocator = althing::Allocator;

fn main() -> std::process::ExitCode {
    althing::cli::main()
}
