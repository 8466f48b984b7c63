#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (althing_tests::fuzz::target("invitation").expect("a target of this name").run)(bytes);
});
