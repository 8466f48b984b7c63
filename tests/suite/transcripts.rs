//! Whole stories over real nodes, as `tests/transcripts/` tells them.

use std::path::Path;

use althing_tests::transcript;

fn play(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts").join(name);
    if !transcript::run(&super::node::program(), &file) {
        eprintln!("skipped: no C compiler, or not Linux: the clock cannot be moved");
    }
}

#[test]
fn a_unit_in_trouble() {
    play("a-unit-in-trouble.md");
}

#[test]
fn a_programme_with_two_epochs() {
    play("a-programme.md");
}
