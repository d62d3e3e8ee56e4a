//! Writers of values along a genome: bigWig and bedGraph, which genome browsers open, and plain
//! arrays as npy and safetensors. The same values give the same bytes.

mod array;
mod bedgraph;
mod bigwig;
mod piece;

pub use array::{Array, write_npy, write_safetensors};
pub use bedgraph::write_bedgraph;
pub use bigwig::write_bigwig;
pub use piece::{Piece, TrackError};
