//! What nobody can prove at once: a peer that claims what it does not have is asked ever more seldom.

use althing_tests::hostile::Mode;
use althing_tests::process::wait_for;

use super::Siege;

#[test]
fn a_tree_that_has_no_end() {
    let siege = Siege::new();
    let attack = siege.attack(Mode::Trees, &[]);
    siege.talk();
    wait_for("it is asked", || (attack.told().asked > 0).then_some(()));
    siege.talk();
    siege.agree(20);
    assert_eq!(siege.gained(), 20);
    siege.end(attack, 20);
}
