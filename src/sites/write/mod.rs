//! Writers of sites and motifs. The same content gives the same bytes.

mod gff;
mod motifs;
mod sites;

pub use gff::write_site_gff;
pub use motifs::{write_jaspar, write_meme};
pub use sites::{write_site_bed, write_site_table};
