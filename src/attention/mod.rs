//! What the model looked at: heads, tiles of weights, blocks and tracks, as plain arrays.

pub mod block;
pub mod head;
pub mod tile;
pub mod track;

pub use head::{HeadId, HeadShape};
pub use tile::{AttentionSink, Tile};
