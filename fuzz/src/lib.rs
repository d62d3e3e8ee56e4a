//! The readers of Headlight for the fuzzer, and the watch over what they use.
//!
//! Each target hands bytes to one reader. A panic is a finding, and so is more than
//! [`memory::BYTES_PER_BYTE`] bytes of memory a byte of input, or more than [`LONGEST`] of processor time.

#![allow(
    dead_code,
    unused_imports,
    reason = "the readers are a part of the program"
)]

mod attention;
#[path = "../../src/genome/mod.rs"]
pub mod genome;
pub mod memory;
mod model;
#[path = "../../src/progress.rs"]
pub mod progress;
#[path = "../../src/sites/mod.rs"]
pub mod sites;
mod targets;

pub use targets::{
    anchors, annotated_genome, annotation, checkpoint, chosen_columns, genome_file,
    measured_promoters, motif_file, preview, promoter_table, site_file, track,
};

use cpu_time::ThreadTime;
use memory::{BUFFERS_BYTES, BYTES_PER_BYTE};
use std::time::Duration;

/// Processor time that a reader may take for up to 1 MB of input.
pub const LONGEST: Duration = Duration::from_secs(1);

/// Runs `read` on `input_bytes` of input and stops the fuzzer where it takes too much.
fn watched<T>(input_bytes: usize, read: impl FnOnce() -> T) -> T {
    let start = ThreadTime::now();
    let (result, peak_bytes) = memory::peak(read);
    let took = start.elapsed();
    let most_bytes = BYTES_PER_BYTE * input_bytes + BUFFERS_BYTES;
    assert!(
        peak_bytes <= most_bytes,
        "{peak_bytes} bytes of memory for {input_bytes} bytes of input"
    );
    assert!(took <= LONGEST, "{took:?} for {input_bytes} bytes of input");
    result
}
