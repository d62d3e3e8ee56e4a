//! What is there: bases, contigs, features and the places where they lie.

pub mod anchor;
pub mod base;
pub mod chunked;
mod complete;
pub mod contig;
mod contig_names;
pub mod edit;
pub mod feature;
pub mod find;
mod known;
pub mod lift;
pub mod locus;
pub mod pattern;
pub mod read;
pub mod remedy;
pub mod sequence;
pub mod tss_offset;
pub mod words;
pub mod write;

pub use anchor::Anchor;
pub use base::Base;
pub use contig::{Contig, Genome};
pub use edit::{Edit, EditError, Edited};
pub use feature::{Feature, FeatureKind, FeatureNames, FeatureSet};
pub use locus::{Interval, Locus, Strand};
pub use pattern::{Pattern, PatternHit};
pub use remedy::Remedy;
pub use tss_offset::TssOffset;
