//! What it means: plain arrays in, plain tables out.

mod align;
pub mod anchors;
pub mod axis;
pub mod baseline;
pub mod consensus;
pub mod control;
pub mod curves;
pub mod elements;
pub mod halves;
pub mod heads;
pub mod naming;
pub mod peaks;
#[cfg(test)]
mod planted;
pub mod profile;
pub mod random;
pub mod similarity;
pub mod windows;

pub use align::AlignedWindow;
