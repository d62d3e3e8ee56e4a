//! What it means: plain arrays in, plain tables out.

mod align;
pub mod anchors;
pub mod assignment;
pub mod association;
pub mod axis;
pub mod baseline;
pub mod causal;
pub mod cluster;
pub mod consensus;
pub mod control;
pub mod correlation;
pub mod curves;
pub mod elements;
pub mod halves;
pub mod heads;
pub mod logit_parts;
pub mod matched;
pub mod naming;
pub mod novel;
pub mod peaks;
#[cfg(test)]
mod planted;
pub mod pooled;
pub mod profile;
pub mod profile_tables;
pub mod q_values;
pub mod random;
pub mod redundancy;
pub mod shuffle;
pub mod similarity;
pub mod windows;

pub use align::AlignedWindow;
