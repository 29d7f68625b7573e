//! The seeds of every target, and what little changes make of them: in every run of the tests, and as
//! often as `FUZZ_ROUNDS` says where there is no libFuzzer.

use super::{TARGETS, run};
use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = fuzz().join("seeds").join(target);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// How many changes each seed goes through.
fn rounds() -> usize {
    let rounds = std::env::var("FUZZ_ROUNDS").ok();
    rounds.map_or(60, |rounds| {
        rounds.parse().expect("FUZZ_ROUNDS is a number")
    })
}

/// Numbers that are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// Pieces that mean something to some reader.
#[rustfmt::skip]
const PIECES: [&[u8]; 24] = [
    b"\"", b"\\", b"%", b"%2e", b"%2f", b"%00", b"/", b"//", b"..", b"=", b"&", b";", b",", b" ", b"\n", b"\r\n", b"\0",
    b"$", b"'", b"#", b"\xff", b"\xc3\xa9", b"\"a\":1,", b"-1e999",
];

fn changed(seed: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(data.len() + 1);
        match numbers.below(6) {
            0 if at < data.len() => data[at] ^= 1 << numbers.below(8),
            1 => data.truncate(at),
            2 => {
                let end = (at + numbers.below(8)).min(data.len());
                data.drain(at..end);
            }
            3 => {
                let from = numbers.below(other.len() + 1);
                data.truncate(at);
                data.extend_from_slice(&other[from..]);
            }
            4 => {
                let end = (at + numbers.below(16)).min(data.len());
                let again = data[at..end].to_vec();
                data.splice(at..at, again);
            }
            _ => {
                let piece = PIECES[numbers.below(PIECES.len())];
                data.splice(at..at, piece.iter().copied());
            }
        }
    }
    data
}

#[test]
fn the_seeds_of_every_target_replay_and_so_do_little_changes_of_them() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut count = 0;
    for (target, _) in TARGETS {
        let seeds = seeds(target);
        assert!(seeds.len() >= 4, "{target} has {} seeds", seeds.len());
        for seed in &seeds {
            for round in 0..=rounds() {
                let other = &seeds[numbers.below(seeds.len())];
                let input = match round {
                    0 => seed.clone(),
                    _ => changed(seed, other, &mut numbers),
                };
                let ran = catch_unwind(|| run(target, &input));
                assert!(
                    ran.is_ok(),
                    "{target}: {:?}",
                    String::from_utf8_lossy(&input)
                );
                count += 1;
            }
        }
    }
    println!("fuzz targets: {} with {count} inputs", TARGETS.len());
}

/// `cargo` builds the fuzzers by hand only (`make fuzz`): so each is one line that calls a function of here.
#[test]
fn every_target_is_one_of_the_fuzzers_and_every_fuzzer_a_target() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for (target, _) in TARGETS {
        let file = format!("fuzz_targets/{target}.rs");
        let source = fs::read_to_string(fuzz().join(&file)).unwrap();
        let call = format!("|data: &[u8]| solar_system::fuzzing::run(\"{target}\", data)");
        let due = format!("#![no_main]\n\nlibfuzzer_sys::fuzz_target!({call});\n");
        assert_eq!(source, due, "{file}");
        assert!(manifest.contains(&format!("path = \"{file}\"")), "{file}");
    }
    let files = fs::read_dir(fuzz().join("fuzz_targets")).unwrap();
    assert_eq!(files.count(), TARGETS.len());
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}
