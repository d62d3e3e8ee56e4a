//! bigWig: the same as bedGraph, packed, indexed and with coarser levels.

use super::piece::{Piece, TrackError, runs, sorted};
use crate::genome::Genome;
use bigtools::beddata::BedParserStreamingIterator;
use bigtools::{BigWigWrite, Value};
use std::collections::HashMap;
use std::fs::File;

/// Writes `pieces` into `file` as bigWig.
///
/// What is read back is the same number at each base. Bases without a value (NaN) are left out.
/// The sizes of all contigs are in the file.
///
/// # Errors
/// [`TrackError`].
pub fn write_bigwig(file: File, pieces: &[Piece<'_>], genome: &Genome) -> Result<(), TrackError> {
    let sorted = sorted(pieces, genome)?;
    let mut sizes = HashMap::new();
    for contig in &genome.contigs {
        let fits = (1..=255).contains(&contig.name.len())
            && !contig
                .name
                .contains(|c: char| c.is_whitespace() || c == '\0');
        let length_bp = u32::try_from(contig.len()).ok().filter(|_| fits);
        let length_bp = length_bp.ok_or_else(|| TrackError::Contig {
            contig: contig.name.clone(),
        })?;
        sizes.insert(contig.name.clone(), length_bp);
    }
    let values = sorted.iter().flat_map(runs).map(|(contig, bases, value)| {
        let name = genome.contigs[contig].name.as_str();
        // The lengths were seen to fit.
        let (start, end) = (bases.start as u32, bases.end as u32);
        (name, Value { start, end, value })
    });
    let mut writer = BigWigWrite::new(file, sizes);
    // One thread and no files beside this one; the values are small against what computed them.
    writer.options.channel_size = 0;
    writer.options.inmemory = true;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let values = BedParserStreamingIterator::wrap_infallible_iter(values, false);
    writer
        .write(values, runtime)
        .map_err(|error| TrackError::BigWig {
            reason: error.to_string(),
        })
}
