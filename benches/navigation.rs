//! An hour of random navigation: caches within their budgets, and memory that does not grow.
//!
//! `cargo bench --bench navigation` does 3,600 actions (one a second of a user's time; the pace is quicker, what
//! is computed meanwhile is not) and prints what is kept and how much memory the process holds.
//! `HEADLIGHT_ACTIONS=N` does N of them, `HEADLIGHT_PACE_MS=N` computes for N ms after each at most.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench prints its table and stops where it cannot"
)]

#[path = "../tests/navigation/walk.rs"]
mod walk;

use std::time::{Duration, Instant};
use walk::{Walk, resident_bytes};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Memory that may come on top of the budgets between the first quarter and the end: steps back, letters,
/// what the allocator keeps.
const SLACK_BYTES: usize = 192 << 20;

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

fn main() {
    // `cargo test` runs benches once to see that they work; the hour is for `cargo bench`.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let actions = number("HEADLIGHT_ACTIONS").unwrap_or(if is_bench { 3_600 } else { 40 });
    let pace = number("HEADLIGHT_PACE_MS").unwrap_or(250);
    let pace = Duration::from_millis(pace as u64);
    let sites = std::env::var_os("HEADLIGHT_SHARED").map(std::path::PathBuf::from);
    let sites = sites.map(|shared| shared.join("data/sites/RegulonDB-13.0_TF-RISet.tsv"));
    let began = Instant::now();
    let mut walk = Walk::new(1, sites.filter(|path| path.exists()));
    let megabytes = |bytes: usize| bytes >> 20;
    let mut resident = Vec::new();
    println!(
        "{:>8} {:>8} {:>10} {:>12}",
        "actions", "frames", "minutes", "resident MB"
    );
    for action in 0..=actions {
        if action > 0 {
            walk.step(pace);
        }
        if action % (actions / 8).max(1) == 0 {
            let bytes = resident_bytes().unwrap_or(0);
            println!(
                "{action:>8} {:>8} {:>10.1} {:>12}",
                walk.frames,
                began.elapsed().as_secs_f64() / 60.0,
                megabytes(bytes)
            );
            resident.push(bytes);
        }
    }
    for cache in &walk.most {
        println!(
            "{:<28} most {:>12} of {:>12}",
            cache.name, cache.held, cache.budget
        );
    }
    let budgets: usize = walk.most.iter().map(|cache| cache.budget).sum();
    let (first, last) = (resident[0], resident[resident.len() - 1]);
    assert!(
        last <= first + budgets + SLACK_BYTES,
        "{} MB at the start, {} MB at the end",
        megabytes(first),
        megabytes(last)
    );
}
