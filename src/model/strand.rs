//! A strand as the network reads it.

use std::ops::Range;

use super::config::Config;
use super::fused::{MASKED, Mode, Needs, Settings, Strip, UNKNOWN};
use crate::genome::{Base, Contig, Interval, Strand};

/// One strand of a contig, read from its 5′ end: position 0 is the first base of the strand.
#[derive(Clone, Copy, Debug)]
pub struct StrandSequence<'a> {
    /// The contig.
    pub contig: &'a Contig,
    /// Which of its strands.
    pub strand: Strand,
}

impl<'a> StrandSequence<'a> {
    /// The `strand` of `contig`.
    #[must_use]
    pub fn new(contig: &'a Contig, strand: Strand) -> Self {
        Self { contig, strand }
    }

    /// Number of bases.
    #[must_use]
    pub fn len(self) -> usize {
        self.contig.len()
    }

    /// Whether it holds no base.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.contig.is_empty()
    }

    /// Whether a run in this mode goes on past the last base with the first.
    #[must_use]
    pub fn wraps(self, mode: Mode) -> bool {
        mode == Mode::Seamless && self.contig.circular && !self.is_empty()
    }

    /// The bases of strand positions, which may lie left or right of a circular contig's origin.
    fn bases(self, positions: Range<isize>) -> Vec<Base> {
        let length = self.len();
        let mut bases = Vec::new();
        let mut position = positions.start;
        while position < positions.end {
            let start = position.rem_euclid(length.cast_signed()).cast_unsigned();
            let left = (positions.end - position).cast_unsigned();
            let piece = Interval::new(start, length.min(start + left));
            let forward = self.strand.flip_interval(piece, length);
            bases.extend(self.contig.bases(forward, self.strand));
            position += piece.len().cast_signed();
        }
        bases
    }

    /// What the kernel needs to answer `queries`.
    pub(super) fn strip(
        self,
        config: &Config,
        settings: &Settings,
        queries: Range<usize>,
    ) -> Strip {
        let length = self.len();
        let wraps = self.wraps(settings.mode);
        let end = if wraps {
            queries.end
        } else {
            queries.end.min(length)
        };
        let queries = queries.start.min(end).cast_signed()..end.cast_signed();
        let exists = if wraps {
            isize::MIN / 4..isize::MAX / 4
        } else {
            0..length.cast_signed()
        };
        let segment = (settings.mode == Mode::Faithful).then_some(config.context);
        let needs = Needs::new(
            config.layers,
            config.context,
            config.kernel_reach(),
            &exists,
            segment,
            &queries,
        );
        // Queries are NaN by their own bases, which padding at a segment's border may hide.
        let reach = config.kernel_reach().cast_signed();
        let read = if queries.is_empty() {
            0..0
        } else {
            needs.rows[0]
                .start
                .min(queries.start - reach)
                .max(exists.start)
                ..needs.rows[0].end.max(queries.end + reach).min(exists.end)
        };
        let mut codes: Vec<u8> = self.bases(read.clone()).into_iter().map(code).collect();
        for masked in &settings.masked {
            for copy in copies(*masked, length, &read, wraps) {
                codes[copy].fill(MASKED);
            }
        }
        Strip {
            codes,
            first: read.start,
            exists,
            segment,
            queries,
        }
    }
}

/// The kernel's code of a base.
pub(super) fn code(base: Base) -> u8 {
    match base {
        Base::A => 0,
        Base::T => 1,
        Base::C => 2,
        Base::G => 3,
        Base::N => UNKNOWN,
    }
}

/// Where `masked` lies in the array of the positions `read`, once for each turn of a circular contig.
fn copies(masked: Interval, length: usize, read: &Range<isize>, wraps: bool) -> Vec<Range<usize>> {
    let length = length.cast_signed();
    let turns = if wraps {
        read.start.div_euclid(length)..=read.end.div_euclid(length)
    } else {
        0..=0
    };
    turns
        .filter_map(|turn| {
            let start = (masked.start.cast_signed() + turn * length).max(read.start);
            let end = (masked.end.cast_signed() + turn * length).min(read.end);
            (start < end)
                .then(|| (start - read.start).cast_unsigned()..(end - read.start).cast_unsigned())
        })
        .collect()
}
