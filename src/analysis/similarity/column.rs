//! Column against column.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// How alike two columns are.
///
/// The correlation does not see how sharp a column is. The two distances do: they call two uninformative
/// columns alike, of which libraries hold runs, while the null draws columns one by one; so their p is too
/// small for flat motifs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnMetric {
    /// Pearson correlation of the four probabilities.
    #[default]
    Pearson,
    /// Minus the Euclidean distance.
    Euclidean,
    /// Minus the Kullback-Leibler divergence in bits, the mean of both directions, after 0.01 was added to
    /// every probability.
    #[serde(rename = "kl")]
    KullbackLeibler,
}

impl ColumnMetric {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pearson, Self::Euclidean, Self::KullbackLeibler];
}

impl fmt::Display for ColumnMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pearson => "pearson",
            Self::Euclidean => "euclidean",
            Self::KullbackLeibler => "kl",
        })
    }
}

/// Reading a metric's name failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' compares no columns: expected pearson, euclidean or kl")]
pub struct MetricError {
    /// What was found instead.
    pub found: String,
}

impl FromStr for ColumnMetric {
    type Err = MetricError;

    fn from_str(text: &str) -> Result<Self, MetricError> {
        let named = |metric: &Self| metric.to_string() == text;
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or_else(|| MetricError {
                found: text.to_owned(),
            })
    }
}

/// Added to every probability before logarithms are taken.
const PSEUDOCOUNT: f64 = 0.01;
/// Probabilities of a uniform column differ by less: files have six decimals.
const UNIFORM_WITHIN: f64 = 1e-5;
/// Scores are sorted into so many bins to find their median, which is right to one of them.
const MEDIAN_BINS: usize = 4_096;

/// The columns of a library, laid out for scoring: one row a base.
///
/// Sums over bases pair A with T and C with G, so that the other strand gives the same last bit.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    metric: ColumnMetric,
    /// `[base][column]`: for the correlation centred and of length 1, for the divergence with pseudocounts.
    values: [Vec<f64>; 4],
    /// `[base][column]`: their binary logarithms, for the divergence.
    logarithms: [Vec<f64>; 4],
    uniform: Vec<bool>,
}

impl Columns {
    pub(super) fn new(metric: ColumnMetric) -> Self {
        Self {
            metric,
            values: [const { Vec::new() }; 4],
            logarithms: [const { Vec::new() }; 4],
            uniform: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.uniform.len()
    }

    /// Adds columns of probabilities and says where they are.
    pub(super) fn extend(&mut self, columns: impl IntoIterator<Item = [f64; 4]>) -> Range<usize> {
        let first = self.len();
        for column in columns {
            let values = self.metric.values(column);
            for (row, value) in self.values.iter_mut().zip(values) {
                row.push(value);
            }
            if self.metric == ColumnMetric::KullbackLeibler {
                for (row, value) in self.logarithms.iter_mut().zip(values) {
                    row.push(value.log2());
                }
            }
            self.uniform.push(is_uniform(column));
        }
        first..self.len()
    }

    /// Scores of `query` against every column: less their median, 0 where either is uniform.
    pub(super) fn scores(&self, query: [f64; 4]) -> Vec<f64> {
        if is_uniform(query) {
            return vec![0.0; self.len()];
        }
        let mut scores = self.raw(self.metric.values(query));
        let median = self.median(&scores);
        for (score, uniform) in scores.iter_mut().zip(&self.uniform) {
            *score = if *uniform { 0.0 } else { *score - median };
        }
        scores
    }

    fn raw(&self, query: [f64; 4]) -> Vec<f64> {
        let [a, c, g, t] = query;
        let [all_a, all_c, all_g, all_t] = &self.values;
        let columns = all_a.iter().zip(all_c).zip(all_g).zip(all_t);
        match self.metric {
            ColumnMetric::Pearson => columns
                .map(|(((x, y), z), w)| (a * x + t * w) + (c * y + g * z))
                .collect(),
            ColumnMetric::Euclidean => columns
                .map(|(((x, y), z), w)| {
                    let [a, c, g, t] = [a - x, c - y, g - z, t - w];
                    -((a * a + t * t) + (c * c + g * g)).sqrt()
                })
                .collect(),
            ColumnMetric::KullbackLeibler => {
                let logs = query.map(f64::log2);
                let part = |base: usize, column: usize| {
                    (query[base] - self.values[base][column])
                        * (logs[base] - self.logarithms[base][column])
                };
                (0..self.len())
                    .map(|at| -0.5 * ((part(0, at) + part(3, at)) + (part(1, at) + part(2, at))))
                    .collect()
            }
        }
    }

    /// The median of `scores` over columns that are not uniform.
    fn median(&self, scores: &[f64]) -> f64 {
        let counted = || {
            let pairs = scores.iter().zip(&self.uniform);
            pairs.filter(|(_, uniform)| !**uniform).map(|(s, _)| *s)
        };
        let (low, high) = counted().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), s| {
            (low.min(s), high.max(s))
        });
        if low >= high {
            return if low.is_finite() { low } else { 0.0 };
        }
        let width = (high - low) / (MEDIAN_BINS - 1) as f64;
        let per_bin = 1.0 / width;
        let mut counts = vec![0_usize; MEDIAN_BINS];
        let mut all = 0;
        for score in counted() {
            counts[(((score - low) * per_bin) as usize).min(MEDIAN_BINS - 1)] += 1;
            all += 1;
        }
        let mut seen = 0;
        for (bin, count) in counts.into_iter().enumerate() {
            seen += count;
            if 2 * seen >= all {
                return low + width * bin as f64;
            }
        }
        high
    }
}

impl ColumnMetric {
    /// A column in the form that this metric compares.
    fn values(self, column: [f64; 4]) -> [f64; 4] {
        match self {
            Self::Pearson => {
                let [a, c, g, t] = column;
                let mean = ((a + t) + (c + g)) / 4.0;
                let centred = column.map(|value| value - mean);
                let [a, c, g, t] = centred.map(|value| value * value);
                let length = ((a + t) + (c + g)).sqrt();
                if length > 0.0 {
                    centred.map(|value| value / length)
                } else {
                    [0.0; 4]
                }
            }
            Self::Euclidean => column,
            Self::KullbackLeibler => column.map(smoothed),
        }
    }
}

/// A probability that is never 0.
pub(super) fn smoothed(probability: f64) -> f64 {
    (probability + PSEUDOCOUNT) / (1.0 + 4.0 * PSEUDOCOUNT)
}

fn is_uniform(column: [f64; 4]) -> bool {
    column
        .iter()
        .all(|value| (value - column[0]).abs() < UNIFORM_WITHIN)
}
