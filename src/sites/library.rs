//! A motif library: the motifs that a head's motif is compared with, and what they came from.

use super::motif::{Background, Ppm};

/// The motifs of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct MotifLibrary {
    /// What people call it: the file's name without its format.
    pub name: String,
    /// What kind of file it was, in words: `JASPAR motifs`.
    pub format: String,
    /// SHA-256 of the unpacked file in hexadecimal, as `sha256sum` gives it.
    pub checksum: String,
    /// Letter frequencies that the file states; uniform where it states none.
    pub background: Background,
    /// Its motifs in the order of the file, at least one. Formats that hold counts give them
    /// divided by their total, with no pseudocount.
    pub motifs: Vec<Ppm>,
}

impl MotifLibrary {
    /// Number of motifs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.motifs.len()
    }

    /// Whether it has no motif.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.motifs.is_empty()
    }
}
