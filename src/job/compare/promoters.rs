//! What is known of start sites before any attention: their part of the genome, their bases, their block.

use crate::analysis::association::{PromoterFacts, View};
use crate::analysis::curves::BLOCK_BP;
use crate::genome::read::promoters::PromoterRow;
use crate::genome::{Anchor, Base, Contig, Genome, Interval};
use crate::job::train::fits;
use crate::model::metadata::Split;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// AT content is that of the bases from here …
const FIRST_BP: isize = -150;
/// … to here, relative to the start site.
const LAST_BP: isize = 20;

/// Start sites nearer than this to a border of the training split belong to neither side: as far as
/// the published network reaches.
const BORDER_BP: usize = 3_084;

/// A part of the genome by what the model saw of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The weights were fitted to it.
    Training,
    /// They were not.
    HeldOut,
    /// Near a border of the two, or the model does not say.
    Neither,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Training => "training",
            Self::HeldOut => "held-out",
            Self::Neither => "neither",
        })
    }
}

/// The part that a start site belongs to; held out where the model was trained on another genome, also on one that
/// calls another contig by the same name.
#[must_use]
pub fn part(genome: &Genome, split: &Split, anchor: Anchor, reach_bp: usize) -> Part {
    if !fits(genome, split) {
        return Part::HeldOut;
    }
    let Some(contig) = genome.contigs.get(anchor.contig) else {
        return Part::HeldOut;
    };
    // Contigs that the split does not name were learned from as a whole.
    if !contig.is_called(&split.contig) {
        return Part::Training;
    }
    let reach = reach_bp.max(BORDER_BP).min(contig.len() / 2).cast_signed();
    let at = anchor.position.cast_signed();
    let around = pieces(contig, at - reach, at + reach + 1, true);
    let bases: usize = around.iter().map(|piece| piece.len()).sum();
    let learned: usize = around
        .iter()
        .flat_map(|piece| {
            split
                .training
                .iter()
                .map(|slice| piece.intersection(*slice))
        })
        .map(Interval::len)
        .sum();
    if learned == 0 {
        Part::HeldOut
    } else if learned >= bases {
        Part::Training
    } else {
        Part::Neither
    }
}

/// Some positions as intervals of the contig, cut at its ends or, where it `wraps`, round them.
fn pieces(contig: &Contig, first: isize, end: isize, wraps: bool) -> Vec<Interval> {
    let length = contig.len().cast_signed();
    let mut found = Vec::new();
    for turn in [-1, 0, 1] {
        if turn != 0 && !(wraps && contig.circular) {
            continue;
        }
        let from = (first + turn * length).clamp(0, length);
        let to = (end + turn * length).clamp(0, length);
        if from < to {
            found.push(Interval::new(from.cast_unsigned(), to.cast_unsigned()));
        }
    }
    found
}

/// The bases at `offsets` from a start site on its strand; `None` where they leave the contig.
fn bases_at(
    contig: &Contig,
    anchor: Anchor,
    offsets: std::ops::Range<isize>,
    wraps: bool,
) -> Option<Vec<Base>> {
    let length = contig.len().cast_signed();
    let at = anchor
        .strand
        .flip(anchor.position, contig.len())
        .cast_signed();
    let (first, end) = (at + offsets.start, at + offsets.end);
    let wraps = wraps && contig.circular;
    if end - first > length || !wraps && (first < 0 || end > length) {
        return None;
    }
    let mut bases = Vec::with_capacity(offsets.len());
    let mut position = first;
    while position < end {
        let from = position.rem_euclid(length);
        let to = length.min(from + end - position);
        let piece = Interval::new(from.cast_unsigned(), to.cast_unsigned());
        let forward = anchor.strand.flip_interval(piece, contig.len());
        bases.extend(contig.bases(forward, anchor.strand));
        position += to - from;
    }
    Some(bases)
}

/// What is known of a start site; `None` where −150…+20 or what its query sees leaves a linear
/// contig, or holds a base that is not known, `ahead_bp` past the query included.
#[must_use]
pub fn facts(
    genome: &Genome,
    anchor: Anchor,
    view: View,
    ahead_bp: usize,
    wraps: bool,
) -> Option<PromoterFacts> {
    let contig = genome.contigs.get(anchor.contig)?;
    let past = (view.label_shift + ahead_bp + 1).cast_signed();
    let start = FIRST_BP.min(view.first_offset());
    let bases = bases_at(contig, anchor, start..past.max(LAST_BP), wraps)?;
    if bases.contains(&Base::N) {
        return None;
    }
    let is_at = |base: &Base| matches!(base, Base::A | Base::T);
    let from = |offset: isize| (offset - start).cast_unsigned();
    // +20 is the offset 19.
    let around = &bases[from(FIRST_BP)..from(LAST_BP)];
    let mut at_before = vec![0];
    let mut count = 0;
    for base in &bases[from(view.first_offset())..][..view.context] {
        count += u16::from(is_at(base));
        at_before.push(count);
    }
    Some(PromoterFacts {
        at_content: around.iter().filter(|base| is_at(base)).count() as f64 / around.len() as f64,
        at_before,
        ..PromoterFacts::default()
    })
}

/// Numbers blocks of 20 kb in the order in which they come.
#[derive(Debug, Default)]
pub struct BlockNumbers(BTreeMap<(usize, usize), usize>);

impl BlockNumbers {
    /// The number of an anchor's block.
    pub fn of(&mut self, anchor: Anchor) -> usize {
        let next = self.0.len();
        let block = (anchor.contig, anchor.position / BLOCK_BP);
        *self.0.entry(block).or_insert(next)
    }
}

/// The rows of a promoter table at one start site.
#[must_use]
pub fn rows_at(rows: &[PromoterRow], anchor: Anchor) -> &[PromoterRow] {
    let from = rows.partition_point(|row| row.anchor < anchor);
    let to = rows.partition_point(|row| row.anchor <= anchor);
    &rows[from..to]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Strand;

    fn genome(letters: &str, circular: bool) -> Genome {
        let contig = Contig {
            name: "c".to_owned(),
            circular,
            sequence: letters.bytes().filter_map(Base::from_ascii).collect(),
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
    fn start_sites_near_a_border_belong_to_neither_side() {
        let genome = genome(&"A".repeat(40_000), true);
        let split = Split {
            contig: "c".to_owned(),
            training: vec![Interval::new(30_000, 40_000), Interval::new(0, 10_000)],
            ..Split::default()
        };
        let of = |position| part(&genome, &split, at(position, Strand::Forward), 100);
        // The origin is no border.
        assert_eq!(of(5), Part::Training);
        assert_eq!(of(10_000 - 3_085), Part::Training);
        assert_eq!(of(10_000 - 3_084), Part::Neither);
        assert_eq!(of(10_000 + 3_083), Part::Neither);
        assert_eq!(of(10_000 + 3_084), Part::HeldOut);
        let elsewhere = Split {
            contig: "x".to_owned(),
            ..split.clone()
        };
        // A contig of the same name that is shorter than the one that was learned from is another one.
        let longer = Split {
            test: vec![Interval::new(40_000, 50_000)],
            ..split
        };
        for foreign in [elsewhere, longer] {
            let found = part(&genome, &foreign, at(5, Strand::Forward), 100);
            assert_eq!(found, Part::HeldOut, "{foreign:?}");
        }
    }

    #[test]
    fn at_content_is_read_on_the_strand_and_round_the_origin() {
        // 300 bases: the last 40 are A or T.
        let letters = format!("{}{}", "G".repeat(260), "AT".repeat(20));
        let view = View {
            context: 50,
            label_shift: 5,
        };
        let circular = genome(&letters, true);
        let found = facts(&circular, at(10, Strand::Forward), view, 3, true).expect("wraps");
        // −150…+20 round the origin: positions 160…299 and 0…29.
        assert!((found.at_content - 40.0 / 170.0).abs() < 1e-12);
        // Columns are the offsets −44…+5: forward positions −34…15, of which −34…−1 are A or T.
        assert_eq!(found.at_before[50], 34);
        assert_eq!(found.at_before.len(), 51);
        let reverse = facts(&circular, at(250, Strand::Reverse), view, 3, true).expect("wraps");
        // Forward positions 245…294, of which 260…294.
        assert_eq!(reverse.at_before[50], 35);
        let linear = genome(&letters, false);
        assert!(facts(&linear, at(10, Strand::Forward), view, 3, true).is_none());
        let unknown = genome(&letters.replace("GGAT", "GNAT"), true);
        assert!(facts(&unknown, at(250, Strand::Reverse), view, 3, true).is_none());
    }
}
