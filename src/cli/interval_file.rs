//! Files of anchors, peaks and sites, by the ending of their name.

use super::track_file::ending;
use crate::genome::Genome;
use crate::genome::write::anchors::{
    AnchorRow, write_anchor_bed, write_anchor_gff, write_anchor_table,
};
use crate::sites::SiteSet;
use crate::sites::write::{write_site_bed, write_site_gff, write_site_table};
use anyhow::ensure;
use std::io::{self, Write};
use std::path::Path;

/// A form in which intervals leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalFormat {
    /// BED with six columns.
    Bed,
    /// GFF3.
    Gff3,
    /// A table with a header.
    Table,
}

impl IntervalFormat {
    /// The form that a file's name asks for; a table where it ends otherwise.
    pub fn of(path: &Path) -> Self {
        match ending(path).as_str() {
            "bed" => Self::Bed,
            "gff" | "gff3" => Self::Gff3,
            _ => Self::Table,
        }
    }

    /// The form that a file's name asks for.
    ///
    /// # Errors
    /// A name that ends as no such form does.
    pub fn checked(path: &Path) -> anyhow::Result<Self> {
        let table = ["tsv", "txt", "tab", ""].contains(&ending(path).as_str());
        ensure!(
            table || Self::of(path).is_track(),
            "{}: expected a name that ends in .tsv, .bed or .gff3",
            path.display()
        );
        Ok(Self::of(path))
    }

    /// Whether it is BED or GFF3.
    pub fn is_track(self) -> bool {
        self != Self::Table
    }

    /// Writes anchors or peaks.
    pub fn write_anchors(
        self,
        rows: &[AnchorRow],
        genome: &Genome,
        out: &mut impl Write,
    ) -> io::Result<()> {
        match self {
            Self::Bed => write_anchor_bed(rows, genome, out),
            Self::Gff3 => write_anchor_gff(rows, genome, out),
            Self::Table => write_anchor_table(rows, genome, out),
        }
    }

    /// Writes sites.
    pub fn write_sites(
        self,
        sites: &SiteSet,
        genome: &Genome,
        out: &mut impl Write,
    ) -> io::Result<()> {
        match self {
            Self::Bed => write_site_bed(sites, genome, out),
            Self::Gff3 => write_site_gff(sites, genome, out),
            Self::Table => write_site_table(sites, genome, out),
        }
    }
}
