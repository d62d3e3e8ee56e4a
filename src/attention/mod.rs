//! What the model looked at: heads, tiles of weights, blocks and tracks, as plain arrays.

pub mod block;
pub mod expected;
pub mod head;
pub mod pyramid;
pub mod tile;
pub mod track;
pub mod write;

pub use expected::Expected;
pub use head::{HeadId, HeadShape};
pub use tile::{AttentionSink, ReceivedTile, Tile};
pub use track::{Received, WindowTracks};
