//! Hard days: kills, writes that fail, clocks that are wrong, links that are cut, and what they must not cost.

mod clock;
mod hosts;
mod write;

use std::path::Path;

use althing_tests::soak;

#[test]
fn nothing_acknowledged_is_lost_in_ten_kills() {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_soak"));
    let mut seen = 0;
    soak::rounds(program, folder.path(), 10, 42, |_, round| {
        seen = seen.max(round.acknowledged)
    })
    .unwrap();
    assert!(seen > 0);
}
