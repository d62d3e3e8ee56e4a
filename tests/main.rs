//! Integration tests: one module a subject, linked once.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop where it fails and say what it found"
)]

mod association;
mod causes;
mod checkpoints;
mod cli;
mod cli_files;
mod device;
mod evaluation;
mod figures;
mod find;
mod formats;
mod genome_run;
mod golden;
mod gui;
mod gui_desk;
mod gui_drop;
mod gui_figure;
mod gui_files;
mod gui_findings;
mod gui_numbers;
mod gui_places;
mod gui_run;
mod gui_story;
mod gui_training;
mod gui_what_if;
mod heads;
mod hostile_models;
mod kernel;
mod kernel_and_network;
mod layering;
#[allow(unsafe_code, reason = "an allocator is unsafe to write")]
#[path = "../fuzz/src/memory.rs"]
mod memory;
mod motif_files;
mod navigation;
mod networks;
mod novel;
mod oracle;
mod planted;
mod profiles;
mod reference;
mod report;
mod shared;
mod similarity;
mod statistics;
mod torch_file;
mod tracks;
mod train_runs;
mod training;
