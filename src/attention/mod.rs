//! What the model looked at: heads, tiles of weights, blocks and tracks, as plain arrays.

#![allow(
    clippy::inline_always,
    reason = "a loop must be compiled inside the function that switches wider instructions on"
)]

pub mod block;
pub mod expected;
pub mod head;
pub mod pyramid;
pub mod statistics;
pub mod store;
pub mod tile;
pub mod track;
pub mod write;

pub use expected::Expected;
pub use head::{HeadId, HeadShape};
pub use statistics::Statistics;
pub use tile::{AttentionSink, QuerySummary, Tile, TileSummary, TileSums};
pub use track::{Received, WindowTracks};
