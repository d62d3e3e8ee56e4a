//! Work off the caller's thread: the jobs of the window and the command line. No egui here.

pub mod ablate;
pub mod analyse;
pub mod axis;
pub mod beside;
pub mod compare;
pub mod estimate;
pub mod evaluate;
pub mod exact;
pub mod example;
pub mod figure;
pub mod figure_page;
pub mod find_sequence;
pub mod findings;
pub mod genome_run;
pub mod heads;
#[allow(
    clippy::module_inception,
    reason = "job/job.rs is where somebody looks for a job"
)]
pub mod job;
pub mod latest;
pub mod live;
pub mod mutate;
pub mod name;
pub mod novel;
pub mod open;
mod outcome;
mod pooled;
pub mod position_sets;
pub mod profile;
pub mod redundancy;
pub mod report;
pub mod saturation;
pub mod saved;
pub mod scoring;
pub mod tracks;
pub mod train;
pub mod whatif;

pub use job::{End, JobError, JobId, Jobs, RunningJob};
pub use outcome::Outcome;
