#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| solar_system::fuzzing::run("cookie_header", data));
