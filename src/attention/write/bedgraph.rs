//! bedGraph: runs of equal values as text.

use super::piece::{Piece, TrackError, runs, sorted};
use crate::genome::Genome;
use std::io::Write;

/// Writes `pieces` as bedGraph, sorted by contig and place, under a track line with `name`.
///
/// Values are written in full: what is read back is the same number. Bases without a value (NaN)
/// are left out.
///
/// # Errors
/// [`TrackError`].
pub fn write_bedgraph(
    out: &mut impl Write,
    name: &str,
    pieces: &[Piece<'_>],
    genome: &Genome,
) -> Result<(), TrackError> {
    let sorted = sorted(pieces, genome)?;
    let name = name.replace(['"', '\n', '\r'], " ");
    writeln!(out, "track type=bedGraph name=\"{name}\"")?;
    for piece in &sorted {
        let contig = crate::genome::write::cell(&genome.contigs[piece.contig].name);
        for (_, bases, value) in runs(piece) {
            writeln!(out, "{contig}\t{}\t{}\t{value}", bases.start, bases.end)?;
        }
    }
    Ok(out.flush()?)
}
