//! Writers of sites and motifs. The same content gives the same bytes.

mod motifs;
mod sites;

pub use motifs::{write_jaspar, write_meme};
pub use sites::{write_site_bed, write_site_table};
