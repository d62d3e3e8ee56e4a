//! The bases around anchors, read on their strand, and the windows that a head picks from them.

use crate::genome::{Anchor, Base, Contig, Genome, Interval, Locus, Strand, TssOffset};
use std::ops::Range;

/// Number of codes that four bases have, each A, C, G, T or unknown.
pub(super) const QUADS: usize = 625;
/// Code of a base that is not known.
const UNKNOWN: u8 = 4;

/// All bases that the queries of some anchors can see, with room for windows around each key.
///
/// The row of an anchor reads 5′ to 3′ on its strand. Column `flank + context - 1 - distance`
/// is the key at `distance` before the query, which lies `label_shift` after the anchor.
#[derive(Clone, Debug)]
pub struct Surroundings {
    anchors: Vec<Anchor>,
    label_shift: usize,
    context: usize,
    flank: usize,
    columns: usize,
    /// `bases[row * columns + column]`: 0…3 for A, C, G, T, 4 where the base is not known or the contig has ended.
    bases: Vec<u8>,
    /// The four bases from each place on as one number in 0…624.
    quads: Vec<u16>,
    /// Columns of each row that lie on the contig.
    inside: Vec<Range<usize>>,
}

impl Surroundings {
    /// Cuts the bases around the query of every anchor.
    ///
    /// `flank` is how far windows reach to either side of a key, shifts included.
    #[must_use]
    pub fn new(
        genome: &Genome,
        anchors: &[Anchor],
        label_shift: usize,
        context: usize,
        flank: usize,
    ) -> Self {
        let columns = context + 2 * flank;
        let mut bases = Vec::with_capacity(anchors.len() * columns);
        let mut inside = Vec::with_capacity(anchors.len());
        for anchor in anchors {
            let row = genome.contigs.get(anchor.contig).map(|contig| {
                let query = anchor.strand.flip(anchor.position, contig.len()) + label_shift;
                let first = query.cast_signed() + 1 - (context + flank).cast_signed();
                strand_bases(contig, anchor.strand, first, columns)
            });
            let (row, on_contig) = row.unwrap_or_else(|| (vec![UNKNOWN; columns], 0..0));
            bases.extend(row);
            inside.push(on_contig);
        }
        Self {
            anchors: anchors.to_vec(),
            label_shift,
            context,
            flank,
            columns,
            quads: quads(&bases),
            bases,
            inside,
        }
    }

    /// The anchors, one a row.
    #[must_use]
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// How many bases before the query its anchor lies.
    #[must_use]
    pub fn label_shift(&self) -> usize {
        self.label_shift
    }

    /// How many keys a query sees.
    #[must_use]
    pub fn context(&self) -> usize {
        self.context
    }

    /// How far windows reach to either side of a key, shifts included.
    #[must_use]
    pub fn flank(&self) -> usize {
        self.flank
    }

    /// Whether a window of `length` bases, moved by `shift` bases downstream, lies in what was cut.
    #[must_use]
    pub fn holds(&self, window: WindowAt, shift: i8, length: usize) -> bool {
        let start = (window.0 as usize).checked_add_signed(isize::from(shift));
        let end = start.and_then(|start| start.checked_add(length));
        end.is_some_and(|end| end <= self.bases.len())
    }

    /// The window of `half_width` bases on either side of a key; `None` where it, or it moved by
    /// `shift` bases either way, leaves a linear contig.
    ///
    /// # Panics
    /// If `half_width + shift` is more than the flank that was cut.
    #[must_use]
    pub fn window(
        &self,
        row: usize,
        distance: usize,
        half_width: usize,
        shift: usize,
    ) -> Option<WindowAt> {
        let reach = half_width + shift;
        assert!(reach <= self.flank, "windows are wider than what was cut");
        let key = self.flank + (self.context - 1).checked_sub(distance)?;
        let inside = self.inside.get(row)?;
        (inside.start + reach <= key && key + reach < inside.end)
            .then(|| WindowAt((row * self.columns + key - half_width) as u32))
    }

    /// The bases of a window of `length` bases, moved by `shift` bases downstream.
    #[must_use]
    pub fn bases(&self, window: WindowAt, shift: i8, length: usize) -> Vec<Base> {
        self.codes(window, shift, length)
            .iter()
            .map(|&code| {
                crate::genome::base::ACGT
                    .get(usize::from(code))
                    .copied()
                    .unwrap_or(Base::N)
            })
            .collect()
    }

    /// Where a window of `length` bases, moved by `shift` bases downstream, lies in the genome.
    ///
    /// A window over the origin of a circular contig is named by the contig's stretch from its left
    /// end on, cut at the origin. `None` where the genome has no such contig.
    #[must_use]
    pub fn locus(
        &self,
        genome: &Genome,
        window: WindowAt,
        shift: i8,
        length: usize,
    ) -> Option<Locus> {
        let place = window.0 as usize;
        let anchor = self.anchors.get(place / self.columns)?;
        let contig = genome.contigs.get(anchor.contig)?;
        let column = (place % self.columns).cast_signed() + isize::from(shift);
        let query = anchor.strand.flip(anchor.position, contig.len()) + self.label_shift;
        let first = query.cast_signed() + 1 - (self.context + self.flank).cast_signed() + column;
        let first = first
            .rem_euclid(contig.len().max(1).cast_signed())
            .cast_unsigned();
        let on_strand = Interval::new(first, (first + length).min(contig.len()));
        Some(Locus {
            contig: anchor.contig,
            interval: anchor.strand.flip_interval(on_strand, contig.len()),
            strand: Some(anchor.strand),
        })
    }

    /// Where the first base of a window, moved by `shift` bases downstream, lies relative to its anchor.
    #[must_use]
    pub fn tss_offset(&self, window: WindowAt, shift: i8) -> TssOffset {
        let column = (window.0 as usize % self.columns).cast_signed() + isize::from(shift);
        let of_anchor =
            (self.context + self.flank).cast_signed() - 1 - self.label_shift.cast_signed();
        TssOffset(column - of_anchor)
    }

    /// Row of the anchor that a window belongs to.
    pub(super) fn row(&self, window: WindowAt) -> usize {
        window.0 as usize / self.columns
    }

    /// Code 0…4 of the base at `distance` before the query of a row, negative ones after it.
    ///
    /// # Panics
    /// If that is beyond what was cut: more than the flank before the oldest key or after the query.
    pub(super) fn code(&self, row: usize, distance: isize) -> u8 {
        let column = (self.flank + self.context).cast_signed() - 1 - distance;
        let columns = &self.bases[row * self.columns..(row + 1) * self.columns];
        columns[column.cast_unsigned()]
    }

    /// Codes 0…4 of a window's bases.
    pub(super) fn codes(&self, window: WindowAt, shift: i8, length: usize) -> &[u8] {
        let start = window.moved(shift);
        &self.bases[start..start + length]
    }

    /// Codes of four bases from every place on.
    pub(super) fn quads(&self) -> &[u16] {
        &self.quads
    }
}

/// Where a window starts in [`Surroundings`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct WindowAt(u32);

impl WindowAt {
    /// Place of the first base after moving the window downstream.
    pub(super) fn moved(self, shift: i8) -> usize {
        (self.0 as usize).wrapping_add_signed(isize::from(shift))
    }
}

/// `length` codes along `strand` from strand position `first` on, and which of them lie on the contig.
fn strand_bases(
    contig: &Contig,
    strand: Strand,
    first: isize,
    length: usize,
) -> (Vec<u8>, Range<usize>) {
    let contig_bp = contig.len();
    let mut codes = vec![UNKNOWN; length];
    if contig_bp == 0 {
        return (codes, 0..0);
    }
    let mut fill = |to: usize, from: usize, count: usize| {
        let on_strand = Interval::new(from, from + count);
        let interval = strand.flip_interval(on_strand, contig_bp);
        for (code, base) in codes[to..to + count]
            .iter_mut()
            .zip(contig.bases(interval, strand))
        {
            *code = base as u8;
        }
    };
    if contig.circular {
        let mut done = 0;
        while done < length {
            let from = (first + done.cast_signed())
                .rem_euclid(contig_bp.cast_signed())
                .cast_unsigned();
            let count = (length - done).min(contig_bp - from);
            fill(done, from, count);
            done += count;
        }
        return (codes, 0..length);
    }
    let start = (-first).max(0).cast_unsigned().min(length);
    let end = (contig_bp.cast_signed() - first)
        .clamp(start.cast_signed(), length.cast_signed())
        .cast_unsigned();
    if start < end {
        let from = (first + start.cast_signed()).cast_unsigned();
        fill(start, from, end - start);
    }
    (codes, start..end)
}

/// The four bases from each place on as one number; places past the end count as unknown.
fn quads(bases: &[u8]) -> Vec<u16> {
    let base = |place: usize| u16::from(bases.get(place).copied().unwrap_or(UNKNOWN));
    (0..bases.len())
        .map(|place| (0..4).fold(0, |code, ahead| code * 5 + base(place + ahead)))
        .collect()
}

/// Drops windows whose bases were seen before.
///
/// Insertion sequences, rRNA operons and neighbouring TSSs that look at the same box would
/// otherwise be counted as independent observations. Copies that differ by a base remain.
#[derive(Clone, Debug)]
pub(super) struct Collapse {
    /// Open addressing; a slot holds a window's hash and the round in which it was filled.
    slots: Vec<(u64, u32)>,
    round: u32,
}

impl Collapse {
    /// Room for `windows` windows a round.
    pub(super) fn new(windows: usize) -> Self {
        Self {
            slots: vec![(0, 0); (2 * windows + 2).next_power_of_two()],
            round: 0,
        }
    }

    /// Forgets all windows.
    pub(super) fn clear(&mut self) {
        self.round += 1;
    }

    /// Whether the `length` bases of `window` are new this round.
    pub(super) fn is_new(
        &mut self,
        surroundings: &Surroundings,
        window: WindowAt,
        length: usize,
    ) -> bool {
        let start = window.moved(0);
        let quads = &surroundings.quads[start..];
        let mut hash = 0x9e37_79b9_7f4a_7c15_u64;
        let mut add = |quad: u16| {
            hash = (hash ^ u64::from(quad)).wrapping_mul(0xff51_afd7_ed55_8ccd);
            hash ^= hash >> 32;
        };
        if length >= 4 {
            // The last four bases overlap the four before where the length is no multiple of 4.
            for place in (0..=length - 4).step_by(4) {
                add(quads[place]);
            }
            add(quads[length - 4]);
        } else {
            for &code in &surroundings.bases[start..start + length] {
                add(u16::from(code));
            }
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let (kept, round) = self.slots[slot];
            if round != self.round {
                self.slots[slot] = (hash, self.round);
                return true;
            }
            if kept == hash {
                return false;
            }
            slot = (slot + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::base::text;

    fn genome(sequence: &str, circular: bool) -> Genome {
        let contig = Contig {
            circular,
            sequence: sequence.bytes().filter_map(Base::from_ascii).collect(),
            ..Contig::default()
        };
        Genome {
            contigs: vec![contig].into(),
            ..Genome::default()
        }
    }

    fn at(position: usize, strand: Strand) -> Anchor {
        Anchor {
            contig: 0,
            position,
            strand,
        }
    }

    #[test]
    fn a_window_is_centred_on_its_key_and_read_on_its_strand() {
        let genome = genome("AACCGGTTACGTACGATTAG", false);
        let anchors = [at(8, Strand::Forward), at(10, Strand::Reverse)];
        let cut = Surroundings::new(&genome, &anchors, 2, 5, 3);
        // Forward: query 10, distance 4 is key 6 (T): GTT ACGT… -> bases 4..9.
        let window = cut.window(0, 4, 2, 1).expect("inside");
        assert_eq!(text(&cut.bases(window, 0, 5)), "GGTTA");
        assert_eq!(text(&cut.bases(window, 1, 5)), "GTTAC");
        assert_eq!(text(&cut.bases(window, -1, 5)), "CGGTT");
        let locus = cut.locus(&genome, window, 1, 5).expect("on the contig");
        assert_eq!(locus.interval, Interval::new(5, 10));
        // The window starts at 5; its anchor is 8.
        assert_eq!(cut.tss_offset(window, 1), TssOffset(-3));
        // Reverse: query is forward position 8, key at distance 1 is 9, window 7..=11 turned: TACGT -> ACGTA.
        let window = cut.window(1, 1, 2, 0).expect("inside");
        assert_eq!(text(&cut.bases(window, 0, 5)), "ACGTA");
        let locus = cut.locus(&genome, window, 0, 5).expect("on the contig");
        assert_eq!(locus.interval, Interval::new(7, 12));
        assert_eq!(locus.strand, Some(Strand::Reverse));
        assert_eq!(cut.row(window), 1);
        for (window, row) in [(cut.window(0, 0, 2, 0), 0), (cut.window(1, 4, 2, 0), 1)] {
            let window = window.expect("inside");
            let locus = cut.locus(&genome, window, 0, 5).expect("on the contig");
            let direct = genome.contigs[0].bases(locus.interval, anchors[row].strand);
            assert_eq!(cut.bases(window, 0, 5), direct);
        }
    }

    #[test]
    fn windows_leave_a_linear_contig_and_wrap_on_a_circular_one() {
        let sequence = "ACGTTGCA";
        let linear = genome(sequence, false);
        let cut = Surroundings::new(&linear, &[at(1, Strand::Forward)], 1, 4, 2);
        // Query 2; distance 0 is key 2: 0..5 fits exactly; distance 1 would start at -1.
        assert!(cut.window(0, 0, 2, 0).is_some());
        assert_eq!(cut.window(0, 0, 1, 1), cut.window(0, 0, 1, 0));
        assert_eq!(cut.window(0, 1, 2, 0), None);
        assert_eq!(cut.window(0, 9, 0, 0), None);
        let circular = genome(sequence, true);
        let cut = Surroundings::new(&circular, &[at(1, Strand::Forward)], 1, 4, 2);
        let window = cut.window(0, 3, 2, 0).expect("wraps");
        assert_eq!(text(&cut.bases(window, 0, 5)), "GCAAC");
        let locus = cut.locus(&circular, window, 0, 5).expect("named");
        assert_eq!(locus.interval, Interval::new(5, 8));
    }

    #[test]
    fn identical_windows_collapse() {
        let genome = genome("ACGTACGTACGTACGTACGA", false);
        let anchors: Vec<Anchor> = (8..18).map(|p| at(p, Strand::Forward)).collect();
        let cut = Surroundings::new(&genome, &anchors, 0, 4, 3);
        let mut collapse = Collapse::new(anchors.len());
        for (half_width, unique) in [(1, 4), (3, 5)] {
            collapse.clear();
            let new = (0..anchors.len())
                .filter_map(|row| cut.window(row, 1, half_width, 0))
                .filter(|&window| collapse.is_new(&cut, window, 2 * half_width + 1))
                .count();
            assert_eq!(new, unique);
        }
    }
}
