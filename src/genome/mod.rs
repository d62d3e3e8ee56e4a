//! What is there: bases, contigs, features and the places where they lie.

pub mod base;
pub mod contig;
pub mod feature;
pub mod locus;
pub mod read;

pub use base::Base;
pub use contig::{Contig, Genome};
pub use feature::{Feature, FeatureKind, FeatureSet};
pub use locus::{Interval, Locus, Strand};
