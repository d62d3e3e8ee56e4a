//! What binds: annotated sites and the motifs that describe them.

pub mod motif;
pub mod read;
pub mod site;

pub use site::{Evidence, Site, SiteSet};
