//! What a run over a whole genome found, on disk: arrays that numpy reads, read back by position.
//!
//! A run is a folder:
//!
//! | file | what |
//! |---|---|
//! | `manifest.json` | genome, model and settings that it was made from, and what is kept ([`Manifest`]) |
//! | `probability.npy` | f32 `[strand, position]`, the model's probability at each base as an output |
//! | `NAME.npy` | f16 or u16 `[strand, head, position]` for each kept [`Statistic`] |
//! | `NAME.16bp.npy`, `.256bp.npy`, `.4096bp.npy` | f16, the maximum of so many bases, for drawing |
//! | `expected.npy` | f32 `[head, distance]`, E(o) that the ratios were made with |
//! | `by_distance.npy` | f64 `[stretch, head, distance]`, sums of weights over the stretch's queries |
//! | `anchors.npy` | the same over the queries of anchors only, where some were given |
//! | `finished.jsonl` | one line a finished stretch: its number, counts and checksums |
//!
//! Strands are + then −; positions run along the forward strand in both, through all contigs in
//! their order; cells of a level begin anew with each contig. Heads are counted layer by layer.
//! A stretch is [`STRETCH_BP`] neighbouring positions of one strand; those of + come first. What a
//! stretch holds depends neither on the number of threads nor on whether the run was interrupted.

mod array;
mod buffer;
mod error;
mod journal;
mod manifest;
mod read;
mod write;

pub use buffer::StretchBuffer;
pub use error::StoreError;
pub use journal::Finished;
pub use manifest::{ContigEntry, GenomeEntry, Manifest, ModelEntry, Statistic};
pub use read::StoredRun;
pub use write::RunWriter;

/// Positions of one stretch.
pub const STRETCH_BP: usize = 262_144;

/// Bases that one cell of the coarser levels stands for, each a multiple of the one before.
pub const LEVELS_BP: [usize; 3] = [16, 256, 4_096];

/// Name of the file that says what a run is.
pub const MANIFEST: &str = "manifest.json";
