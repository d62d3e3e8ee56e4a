//! Integration tests: one module a subject, linked once.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop where it fails and say what it found"
)]

mod checkpoints;
mod cli;
mod evaluation;
mod figures;
mod formats;
mod golden;
mod gui;
mod heads;
mod hostile_models;
mod kernel;
mod kernel_and_network;
mod layering;
mod networks;
mod oracle;
mod reference;
mod shared;
mod torch_file;
mod train_runs;
mod training;
