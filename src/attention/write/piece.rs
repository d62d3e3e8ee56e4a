//! Values of consecutive bases, in the order that track files ask for.

use crate::genome::{Contig, Genome};

/// Values of consecutive bases of one contig.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece<'a> {
    /// Index of the contig in its genome.
    pub contig: usize,
    /// The base of the first value, 0-based on the forward strand.
    pub first: usize,
    /// One value a base, in forward order; NaN where there is none.
    pub values: &'a [f32],
}

/// Why values could not be written as a track.
#[derive(Debug, thiserror::Error)]
pub enum TrackError {
    /// There is no value at all.
    #[error(
        "a track needs at least one value: expected a base that is not over N, found none in {pieces} pieces; choose another locus"
    )]
    Empty {
        /// How many pieces were handed in.
        pieces: usize,
    },
    /// A piece leaves its contig, or two overlap.
    #[error(
        "values from base {first} to {end} of {contig}: expected a stretch within its {length_bp} bp that no other one overlaps; write each base once"
    )]
    Place {
        /// Name of the contig.
        contig: String,
        /// 1-based first base.
        first: usize,
        /// 1-based last base.
        end: usize,
        /// Length of the contig.
        length_bp: usize,
    },
    /// A contig's name or length has no room in the format.
    #[error(
        "the contig {contig}: expected a name of 1 to 255 bytes without spaces and a length below 4,294,967,296 bp for bigWig; write bedGraph instead"
    )]
    Contig {
        /// Name of the contig.
        contig: String,
    },
    /// An array's shape and its number of values differ.
    #[error("the array {name}: expected {expected} values by its shape, found {found}")]
    Shape {
        /// Name of the array.
        name: String,
        /// How many values the shape has room for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The file could not be written.
    #[error("the track could not be written; choose a folder that exists and may be written to")]
    Write(#[from] std::io::Error),
    /// The bigWig writer gave up.
    #[error("the bigWig file could not be written: {reason}; write bedGraph instead")]
    BigWig {
        /// What it says.
        reason: String,
    },
}

/// A run of equal values: contig, 0-based half-open bases, value.
pub(super) type Run = (usize, std::ops::Range<usize>, f32);

/// The pieces sorted by name of contig and place, as browsers and indexes want them.
pub(super) fn sorted<'a>(
    pieces: &[Piece<'a>],
    genome: &Genome,
) -> Result<Vec<Piece<'a>>, TrackError> {
    let name = |piece: &Piece<'_>| {
        let contig = genome.contigs.get(piece.contig);
        contig.map_or("", |contig| contig.name.as_str())
    };
    let mut sorted = pieces.to_vec();
    sorted.retain(|piece| !piece.values.is_empty());
    sorted.sort_by(|a, b| (name(a), a.contig, a.first).cmp(&(name(b), b.contig, b.first)));
    let mut before: Option<(usize, usize)> = None;
    for piece in &sorted {
        let length_bp = genome.contigs.get(piece.contig).map_or(0, Contig::len);
        let end = piece.first.saturating_add(piece.values.len());
        let overlaps =
            before.is_some_and(|(contig, end)| contig == piece.contig && piece.first < end);
        if end > length_bp || overlaps {
            return Err(TrackError::Place {
                contig: name(piece).to_owned(),
                first: piece.first + 1,
                end,
                length_bp,
            });
        }
        before = Some((piece.contig, end));
    }
    let some_value = |piece: &Piece<'_>| piece.values.iter().any(|value| !value.is_nan());
    if !sorted.iter().any(some_value) {
        return Err(TrackError::Empty {
            pieces: pieces.len(),
        });
    }
    Ok(sorted)
}

/// Runs of equal values of one piece; bases without a value are left out.
pub(super) fn runs<'a>(piece: &Piece<'a>) -> impl Iterator<Item = Run> + use<'a> {
    let (contig, first, values) = (piece.contig, piece.first, piece.values);
    let mut at = 0;
    std::iter::from_fn(move || {
        while values.get(at).is_some_and(|value| value.is_nan()) {
            at += 1;
        }
        let value = *values.get(at)?;
        let start = at;
        while values
            .get(at)
            .is_some_and(|next| next.to_bits() == value.to_bits())
        {
            at += 1;
        }
        Some((contig, first + start..first + at, value))
    })
}
