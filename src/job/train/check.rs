//! Whether labels look like transcription start sites of this genome, on the strands they name.

use crate::genome::{Anchor, Base, Genome, Interval, Strand};

/// What labels look like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelReport {
    /// Labels on + and −.
    pub counts: [usize; 2],
    /// Share that starts at A or G, on + and −.
    pub purines: [f64; 2],
    /// Share with four of the six bases of TATAAT 14 to 5 bases before, on + and −.
    pub boxes: [f64; 2],
    /// What looks wrong, in sentences.
    pub warnings: Vec<String>,
}

/// Fewest labels of a strand that are judged.
const ENOUGH: usize = 50;

/// Looks at the bases of every label.
#[must_use]
pub fn check_labels(genome: &Genome, labels: &[Anchor]) -> LabelReport {
    let mut report = LabelReport::default();
    for (index, strand) in Strand::BOTH.into_iter().enumerate() {
        let of_strand: Vec<&Anchor> = labels
            .iter()
            .filter(|label| label.strand == strand)
            .collect();
        let share = |count: usize| count as f64 / of_strand.len().max(1) as f64;
        let purine_at = |offset: isize| {
            let starts = |label: &&&Anchor| {
                let bases = around(genome, label, strand, offset, 1);
                matches!(bases[..], [Base::A | Base::G])
            };
            share(of_strand.iter().filter(starts).count())
        };
        let box_on = |read: Strand| {
            let has = |label: &&&Anchor| has_box(&around(genome, label, read, -14, 11));
            share(of_strand.iter().filter(has).count())
        };
        report.counts[index] = of_strand.len();
        report.purines[index] = purine_at(0);
        report.boxes[index] = box_on(strand);
        if of_strand.len() < ENOUGH {
            continue;
        }
        let here = report.purines[index];
        let sign = strand.sign();
        let (before, after) = (purine_at(-1), purine_at(1));
        let (there, words) = if before > after {
            (before, "one base upstream")
        } else {
            (after, "one base downstream")
        };
        if there > here + 0.1 && here < 0.65 {
            report.warnings.push(format!(
                "On strand {sign} {:.0} % of the labels start at A or G, but {:.0} % {words}: are positions counted from 0, or from another end, on this strand?",
                100.0 * here,
                100.0 * there,
            ));
        }
        let other = box_on(strand.opposite());
        if other > report.boxes[index] + 0.1 {
            report.warnings.push(format!(
                "On strand {sign} {:.0} % of the labels have a −10 box, but {:.0} % have one on the other strand: are the strands swapped?",
                100.0 * report.boxes[index],
                100.0 * other,
            ));
        }
    }
    report
}

/// `count` bases from `offset` on relative to a label as read on `strand`; empty over an end.
fn around(
    genome: &Genome,
    label: &Anchor,
    strand: Strand,
    offset: isize,
    count: usize,
) -> Vec<Base> {
    let Some(contig) = genome.contigs.get(label.contig) else {
        return Vec::new();
    };
    let position = strand.flip(label.position, contig.len()).cast_signed();
    let Ok(first) = usize::try_from(position + offset) else {
        return Vec::new();
    };
    if first + count > contig.len() {
        return Vec::new();
    }
    let interval = strand.flip_interval(Interval::new(first, first + count), contig.len());
    contig.bases(interval, strand)
}

fn has_box(bases: &[Base]) -> bool {
    const BOX: [Base; 6] = [Base::T, Base::A, Base::T, Base::A, Base::A, Base::T];
    bases.windows(6).any(|six| {
        let hits = six.iter().zip(BOX).filter(|(a, b)| **a == *b).count();
        hits >= 5 || hits == 4 && six[1] == Base::A && six[5] == Base::T
    })
}
