//! What is learned from: both strands of the training slices, and where their labels lie.

use super::Example;
use super::dice::Dice;
use super::settings::Settings;
use crate::genome::{Anchor, Base, Genome, Interval, Strand};
use crate::model::fused::train::dropout::mix;
use crate::model::network::token;

/// The classes of every position of a genome: 1 where the output for a label lies.
#[derive(Clone, Debug)]
pub struct Classes {
    /// `[contig][strand][strand position]`.
    classes: Vec<[Vec<u8>; 2]>,
    /// Labels whose output lies beyond the end of a linear contig.
    pub lost: usize,
}

impl Classes {
    /// Moves labels `shift` bases downstream; on circular contigs past the end to the start.
    #[must_use]
    pub fn new(genome: &Genome, labels: &[Anchor], shift: usize) -> Self {
        let mut classes: Vec<[Vec<u8>; 2]> = genome
            .contigs
            .iter()
            .map(|contig| [vec![0; contig.len()], vec![0; contig.len()]])
            .collect();
        let mut lost = 0;
        for label in labels {
            let Some(contig) = genome.contigs.get(label.contig) else {
                continue;
            };
            let mut output = label.strand.flip(label.position, contig.len()) + shift;
            if contig.circular {
                output %= contig.len().max(1);
            }
            match classes[label.contig][strand_index(label.strand)].get_mut(output) {
                Some(class) => *class = 1,
                None => lost += 1,
            }
        }
        Self { classes, lost }
    }

    /// The classes of a strand, by strand position.
    #[must_use]
    pub fn strand(&self, contig: usize, strand: Strand) -> &[u8] {
        &self.classes[contig][strand_index(strand)]
    }
}

fn strand_index(strand: Strand) -> usize {
    usize::from(strand == Strand::Reverse)
}

/// The strands that training reads, joined end to end: first all forward ones, then all reverse ones.
#[derive(Clone, Debug)]
pub struct Corpus {
    tokens: Vec<u8>,
    classes: Vec<u8>,
    /// 1 where a position counts, 0 where its own convolution touches an unknown base.
    counts: Vec<f32>,
    /// Where the labelled outputs lie.
    positives: Vec<usize>,
}

/// The segments of one step.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Where in the corpus, and how much each position counts.
    segments: Vec<(std::ops::Range<usize>, f32)>,
    weights: Vec<Vec<f32>>,
    keys: Vec<u64>,
}

impl Corpus {
    /// Joins `slices`, each a contig and an interval of its forward strand.
    #[must_use]
    pub fn new(
        genome: &Genome,
        slices: &[(usize, Interval)],
        classes: &Classes,
        reach: usize,
    ) -> Self {
        let mut corpus = Self {
            tokens: Vec::new(),
            classes: Vec::new(),
            counts: Vec::new(),
            positives: Vec::new(),
        };
        for strand in Strand::BOTH {
            let mut slices = slices.to_vec();
            if strand == Strand::Reverse {
                slices.reverse();
            }
            for (index, interval) in slices {
                let contig = &genome.contigs[index];
                let bases = contig.bases(interval, strand);
                corpus
                    .tokens
                    .extend(bases.into_iter().map(|base: Base| token(base)));
                let positions = strand.flip_interval(interval, contig.len()).range();
                corpus
                    .classes
                    .extend_from_slice(&classes.strand(index, strand)[positions]);
            }
        }
        corpus.counts = vec![1.0; corpus.tokens.len()];
        for (position, token) in corpus.tokens.iter().enumerate() {
            if *token > 3 {
                let end = corpus.tokens.len().min(position + reach + 1);
                corpus.counts[position.saturating_sub(reach)..end].fill(0.0);
            }
        }
        let marked = corpus.classes.iter().enumerate();
        corpus.positives = marked
            .filter(|(_, class)| **class == 1)
            .map(|(at, _)| at)
            .collect();
        corpus
    }

    /// Positions, both strands together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is nothing to learn from.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Labelled outputs.
    #[must_use]
    pub fn positives(&self) -> usize {
        self.positives.len()
    }

    /// The segments of step `step`, and where the streams stand after it, which `at` has before.
    #[must_use]
    pub fn batch(&self, settings: &Settings, step: u64, at: u64) -> (Batch, u64) {
        let mut dice = Dice::of_step(settings.seed, step, 1);
        let context = settings.config.context;
        let typical = if dice.share() < 0.95 {
            context
        } else {
            context / 2
        };
        let length = (typical as f64 + 5.0 * dice.normal()) as usize;
        let stream = self.len() / settings.streams;
        let length = length.clamp(5, settings.longest()).min(stream.max(1));
        let mut batch = Batch::default();
        let mut next = at;
        if settings.near_labels > 0.0 && !self.positives.is_empty() {
            for _ in 0..settings.streams {
                batch
                    .segments
                    .push(self.draw(settings.near_labels, length, &mut dice));
            }
        } else {
            // A stream's last bases that make no segment are left to the next round's lengths.
            let first = if at as usize + length > stream {
                0
            } else {
                at as usize
            };
            next = (first + length) as u64;
            for index in 0..settings.streams {
                let start = index * stream + first;
                batch.segments.push((start..start + length, 1.0));
            }
        }
        for (index, (range, weight)) in batch.segments.iter().enumerate() {
            let counts = self.counts[range.clone()].iter();
            batch
                .weights
                .push(counts.map(|count| count * weight).collect());
            batch
                .keys
                .push(mix(mix(settings.seed, step), 2 + index as u64));
        }
        (batch, next)
    }

    /// A segment, around a label with probability `near`, and 1 / how often it comes compared with
    /// all segments alike.
    fn draw(&self, near: f64, length: usize, dice: &mut Dice) -> (std::ops::Range<usize>, f32) {
        let last = self.len().saturating_sub(length);
        let start = if dice.share() < near {
            let label = self.positives[dice.below(self.positives.len())];
            label.saturating_sub(dice.below(length)).min(last)
        } else {
            dice.below(last + 1)
        };
        let from = self.positives.partition_point(|&label| label < start);
        let to = self
            .positives
            .partition_point(|&label| label < start + length);
        let expected = (self.positives.len() * length) as f64 / self.len() as f64;
        let often = (1.0 - near) + near * (to - from) as f64 / expected;
        (start..start + length, (1.0 / often) as f32)
    }

    /// The batch as the learner takes it.
    #[must_use]
    pub fn examples<'a>(&'a self, batch: &'a Batch) -> Vec<Example<'a>> {
        let segments = batch.segments.iter().zip(&batch.weights).zip(&batch.keys);
        segments
            .map(|(((range, _), weights), key)| Example {
                tokens: &self.tokens[range.clone()],
                classes: &self.classes[range.clone()],
                weights,
                key: *key,
            })
            .collect()
    }
}

impl Batch {
    /// Positions of all segments.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.segments.iter().map(|(range, _)| range.len()).sum()
    }
}
