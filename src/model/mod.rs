//! The network: its sizes, its numbers, and how it runs. The only place that knows burn.

pub mod config;
pub mod weights;

pub use config::Config;
pub use weights::Weights;
