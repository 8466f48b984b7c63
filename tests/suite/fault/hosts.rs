//! Hosts of their own, with links that are cut and mended. How long it takes is the business of `make soak`.

use std::time::Duration;

use althing_tests::hosts::World;
use althing_tests::process::Program;
use tempfile::TempDir;

const COUNT: usize = 4;

/// None where namespaces are not to be had.
fn world(dir: &TempDir) -> Option<World> {
    let program = Program::at(env!("CARGO_BIN_EXE_althing-under-test"));
    match World::new(&program, dir.path(), COUNT) {
        Ok(world) => Some(world),
        Err(why) => {
            eprintln!("skipped: network namespaces need root and `ip`: {why}");
            None
        }
    }
}

#[test]
fn a_cut_between_two_halves_heals() {
    let dir = TempDir::new().unwrap();
    let Some(world) = world(&dir) else { return };
    let mut entries = COUNT;
    for _ in 0..3 {
        world.hosts.set_between(false).unwrap();
        world.talk();
        entries += COUNT;
        std::thread::sleep(Duration::from_secs(2));
        assert!(world.opinions() >= 2, "the halves cannot know of each other");
        world.hosts.set_between(true).unwrap();
        let took = world.agree(entries);
        eprintln!("equal digests {:.1} s after mending", took.as_secs_f64());
    }
}

#[test]
fn hosts_that_are_cut_off_one_by_one_catch_up() {
    let dir = TempDir::new().unwrap();
    let Some(world) = world(&dir) else { return };
    let mut entries = COUNT;
    for host in [1, 3, 0] {
        world.hosts.set_host(host, false).unwrap();
        world.talk();
        entries += COUNT;
        std::thread::sleep(Duration::from_secs(1));
        assert!(world.opinions() >= 2, "a host that is cut off cannot know");
        world.hosts.set_host(host, true).unwrap();
        let took = world.agree(entries);
        eprintln!("equal digests {:.1} s after mending", took.as_secs_f64());
    }
}
