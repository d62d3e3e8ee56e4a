//! Causes: what changes when a head or a base does, and whether attention said so.
//!
//! Compares results that it is handed; runs nothing.

pub mod ablation;
pub mod mutagenesis;
mod ranks;

pub use ranks::{mid_ranks, spearman};
