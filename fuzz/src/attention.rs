//! The part of `attention` that the network's settings name.

#[path = "../../src/attention/head.rs"]
pub mod head;

pub use head::{HeadId, HeadShape};
