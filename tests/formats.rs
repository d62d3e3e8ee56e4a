//! Real files of every format that Headlight reads, hostile ones, and round trips.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod assets;
mod every_file;
mod fuzz_dependencies;
mod genbank;
mod hostile;
mod memory;
mod real;
mod round_trip;
mod round_trip_tracks;
mod small;
