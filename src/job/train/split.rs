//! Which part of a genome is learned from, which chooses, which tests.

use crate::genome::{Anchor, Genome, Interval};
use crate::model::metadata::Split;

/// Splits the longest contig into contiguous slices, both strands of a slice together: from `start`
/// on 70 % to learn from, 20 % to test and 10 % to validate, round the end. Other contigs are
/// learned from.
#[must_use]
pub fn split(genome: &Genome, start: usize) -> Split {
    let Some(contig) = genome.contigs.iter().max_by_key(|contig| contig.len()) else {
        return Split::default();
    };
    let length = contig.len();
    let (test, validation) = (length / 5, length / 10);
    let training = length - test - validation;
    let start = start % length.max(1);
    let piece = |from: usize, count: usize| -> Vec<Interval> {
        let first = (start + from) % length.max(1);
        let end = first + count;
        let pieces = [
            Interval::new(first, end.min(length)),
            Interval::new(0, end.saturating_sub(length)),
        ];
        pieces
            .into_iter()
            .filter(|piece| !piece.is_empty())
            .collect()
    };
    Split {
        contig: contig.name.clone(),
        training: piece(0, training),
        test: piece(training, test),
        validation: piece(training + test, validation),
    }
}

/// Whether the genome has the contig of the split, and all of its slices lie on it: another genome may call
/// another contig by the same name.
#[must_use]
pub fn fits(genome: &Genome, split: &Split) -> bool {
    let slices = [&split.training, &split.validation, &split.test];
    let end = slices.into_iter().flatten().map(|slice| slice.end).max();
    let contig = genome.contig_index(&split.contig);
    contig.is_some_and(|contig| end.is_none_or(|end| end <= genome.contigs[contig].len()))
}

/// The split that starts at `start`, 0-based; where none is asked for, that of the `embedded` model where the
/// genome has its contig, or else the one that starts at the first base.
#[must_use]
pub fn chosen_split(genome: &Genome, start: Option<usize>, embedded: Option<Split>) -> Split {
    match (start, embedded) {
        (Some(start), _) => split(genome, start),
        (None, Some(split)) if fits(genome, &split) => split,
        (None, _) => split(genome, 0),
    }
}

/// Slices of one kind, by the index of their contig.
#[must_use]
pub fn slices(genome: &Genome, split: &Split, part: &[Interval]) -> Vec<(usize, Interval)> {
    let contig = genome.contig_index(&split.contig);
    contig
        .into_iter()
        .flat_map(|contig| {
            let whole = Interval::new(0, genome.contigs[contig].len());
            part.iter()
                .map(move |slice| (contig, slice.intersection(whole)))
        })
        .filter(|(_, slice)| !slice.is_empty())
        .collect()
}

/// What is learned from: the split's slices and every other contig.
#[must_use]
pub fn training_slices(genome: &Genome, split: &Split) -> Vec<(usize, Interval)> {
    let mut all = slices(genome, split, &split.training);
    for (index, contig) in genome.contigs.iter().enumerate() {
        if !contig.is_called(&split.contig) && !contig.is_empty() {
            all.push((index, Interval::new(0, contig.len())));
        }
    }
    all
}

/// Labels in `slices`.
#[must_use]
pub fn within<'a>(labels: &'a [Anchor], slices: &'a [(usize, Interval)]) -> Vec<&'a Anchor> {
    let inside = |label: &&Anchor| {
        let holds = |(contig, interval): &(usize, Interval)| {
            *contig == label.contig && interval.contains(label.position)
        };
        slices.iter().any(holds)
    };
    labels.iter().filter(inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Base, Contig};

    #[test]
    fn the_published_split_is_reproduced() {
        let contig = Contig {
            name: "NC_000913.3".into(),
            sequence: (0..4_641_652).map(|_| Base::A).collect(),
            ..Contig::default()
        };
        let split = split(&Genome::new("a", vec![contig]), 4_131_280);
        let interval = Interval::new;
        assert_eq!(split.test, [interval(2_738_785, 3_667_115)]);
        assert_eq!(split.validation, [interval(3_667_115, 4_131_280)]);
        assert_eq!(
            split.training,
            [interval(4_131_280, 4_641_652), interval(0, 2_738_785)]
        );
    }
}
