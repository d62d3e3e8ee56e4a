//! How much a head attends to each distance on average.

use std::ops::Range;

use pulp::Arch;

use super::head::{HeadId, HeadShape};
use super::tile::{AttentionSink, TileSummary};

/// Mean attention weight of every head at every distance, E(o).
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Layers and heads.
    pub shape: HeadShape,
    /// Number of distances.
    pub context: usize,
    /// What was sampled, in words.
    pub sample: String,
    /// How many queries went into the means.
    pub queries: u64,
    weights: Vec<f32>,
}

impl Expected {
    /// From mean weights as `[head row, distance]`; `None` where their number does not fit.
    #[must_use]
    pub fn new(
        shape: HeadShape,
        context: usize,
        sample: String,
        queries: u64,
        weights: Vec<f32>,
    ) -> Option<Self> {
        (weights.len() == shape.len() * context).then_some(Self {
            shape,
            context,
            sample,
            queries,
            weights,
        })
    }

    /// What attention that is spread evenly over all distances would give.
    #[must_use]
    pub fn even(shape: HeadShape, context: usize) -> Self {
        Self {
            shape,
            context,
            sample: "none: every distance alike".to_owned(),
            queries: 0,
            weights: vec![1.0 / context.max(1) as f32; shape.len() * context],
        }
    }

    /// The mean weights of one head, by distance.
    #[must_use]
    pub fn row(&self, head: HeadId) -> &[f32] {
        &self.weights[self.shape.row(head) * self.context..][..self.context]
    }
}

/// Sums attention by distance as a run makes it.
#[derive(Clone, Debug)]
pub struct DistanceSums {
    shape: HeadShape,
    context: usize,
    /// `[head row, distance]`.
    sums: Vec<f64>,
    /// Queries taken, by head row.
    queries: Vec<u64>,
}

impl DistanceSums {
    /// Nothing summed yet.
    #[must_use]
    pub fn new(shape: HeadShape, context: usize) -> Self {
        Self {
            shape,
            context,
            sums: vec![0.0; shape.len() * context],
            queries: vec![0; shape.len()],
        }
    }

    /// Adds what another sink has summed.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum += more;
        }
        for (count, more) in self.queries.iter_mut().zip(&other.queries) {
            *count += more;
        }
    }

    /// The sums, `[head row, distance]`.
    #[must_use]
    pub fn sums(&self) -> &[f64] {
        &self.sums
    }

    /// Queries in the sums of a head; the same for all that were run.
    #[must_use]
    pub fn queries(&self) -> u64 {
        self.queries.first().copied().unwrap_or(0)
    }

    /// The means, with `sample` saying what was run.
    #[must_use]
    pub fn into_expected(self, sample: String) -> Expected {
        let weights = self
            .sums
            .chunks(self.context.max(1))
            .zip(&self.queries)
            .flat_map(|(sums, &count)| {
                // Where the sample held nothing but N nothing is known: every distance alike.
                let even = 1.0 / sums.len() as f64;
                let mean = move |sum: &f64| if count == 0 { even } else { sum / count as f64 };
                sums.iter().map(move |sum| mean(sum) as f32)
            })
            .collect();
        Expected {
            shape: self.shape,
            context: self.context,
            sample,
            queries: self.queries.first().copied().unwrap_or(0),
            weights,
        }
    }
}

impl AttentionSink for DistanceSums {
    fn wants_queries(&self, _queries: Range<isize>) -> bool {
        false
    }

    fn summarised(&self) -> Range<isize> {
        isize::MIN..isize::MAX
    }

    fn take_summary(&mut self, summary: &TileSummary<'_>) {
        let row = self.shape.row(summary.head);
        self.queries[row] += summary.queries.iter().flatten().count() as u64;
        let sums = &mut self.sums[row * self.context..][..self.context];
        Arch::new().dispatch(
            #[inline(always)]
            || {
                for (sum, more) in sums.iter_mut().zip(summary.by_distance.iter().rev()) {
                    *sum += f64::from(*more);
                }
            },
        );
    }
}
