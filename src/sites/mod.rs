//! What binds: annotated sites and the motifs that describe them.

pub mod check;
pub mod information;
pub mod library;
pub mod motif;
pub mod read;
pub mod site;
pub mod write;

pub use check::{AssemblyCheck, MatchRate, Verdict};
pub use information::Correction;
pub use library::MotifLibrary;
pub use motif::{Background, Pfm, Ppm, Pwm, UNIFORM};
pub use site::{Effect, Evidence, Site, SiteRow, SiteSet};
