//! How much two heads do the same: by profile, by motif, by the keys that they look at most.

use super::profile::Glance;
use crate::genome::TssOffset;
use crate::sites::motif::Ppm;

/// Keys this near to each other count as one: a convolution of seven bases sees no finer.
pub const SAME_KEY_BP: usize = 3;
/// Motifs are compared over at least this many columns, or the whole of the shorter one.
const LEAST_OVERLAP: usize = 5;

/// One head as it is compared.
#[derive(Clone, Debug)]
pub struct ComparedHead {
    /// Mean weight by distance.
    pub profile: Vec<f64>,
    /// Its motif.
    pub motif: Ppm,
    /// Its strongest key at each anchor.
    pub glances: Vec<Option<Glance>>,
    /// How far after an anchor the queries lie.
    pub label_shift: usize,
}

/// How alike two heads are. 1 is the same.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Similarity {
    /// Pearson correlation of the mean weights over the TSS-relative positions that both see.
    pub profile: f64,
    /// Best-offset similarity of the motifs.
    pub motif: f64,
    /// How many columns the second motif is moved against the first for that.
    pub motif_offset: isize,
    /// Jaccard index of the most-attended keys over the anchors.
    pub hits: f64,
    /// What that index would be if the heads chose by their distances alone, anchor by anchor.
    pub hits_by_chance: f64,
    /// The index over chance: 0 is chance, 1 the same keys. `None` where chance already gives all, as
    /// for two heads that always look at one distance: then it says nothing.
    pub hits_corrected: Option<f64>,
}

impl Similarity {
    /// Compares two heads over the same anchors.
    #[must_use]
    pub fn of(a: &ComparedHead, b: &ComparedHead) -> Self {
        let (motif, motif_offset) = motif_similarity(&a.motif, &b.motif);
        let hits = Hits::of(a, b);
        Self {
            profile: profile_similarity(a, b),
            motif,
            motif_offset,
            hits: hits.jaccard,
            hits_by_chance: hits.by_chance,
            hits_corrected: hits.corrected(),
        }
    }

    /// The mean of profile, motif and, where it says something, hits over chance.
    #[must_use]
    pub fn combined(&self) -> f64 {
        let two = self.profile + self.motif;
        self.hits_corrected
            .map_or(two / 2.0, |hits| (two + hits) / 3.0)
    }
}

fn profile_similarity(a: &ComparedHead, b: &ComparedHead) -> f64 {
    // Two models may shift labels differently: the same position is another distance.
    let pairs = a
        .profile
        .iter()
        .enumerate()
        .filter_map(|(distance, weight)| {
            let place = TssOffset::of_distance(a.label_shift, distance);
            let other = b.label_shift.cast_signed() - place.0;
            let other = b.profile.get(usize::try_from(other).ok()?)?;
            Some((*weight, *other))
        });
    correlation(pairs)
}

/// Pearson correlation; 0 where one side does not vary.
#[must_use]
pub fn correlation(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let n = pairs.clone().count().max(1) as f64;
    let sums = pairs
        .clone()
        .fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    let (mean_a, mean_b) = (sums.0 / n, sums.1 / n);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        let (a, b) = (a - mean_a, b - mean_b);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    // Rounding is no variation.
    let least = 1e-20 * n;
    if aa <= least || bb <= least {
        return 0.0;
    }
    (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0)
}

/// The best sum of column correlations over ungapped offsets, divided by the columns of the shorter
/// motif, and the offset. One strand only: a head reads its strand and no other.
///
/// A uniform column scores 0, as does a column that hangs over.
#[must_use]
pub fn motif_similarity(a: &Ppm, b: &Ppm) -> (f64, isize) {
    let (first, second) = (a.len().cast_signed(), b.len().cast_signed());
    let shorter = first.min(second);
    if shorter == 0 {
        return (0.0, 0);
    }
    let overlap = shorter.min(LEAST_OVERLAP.cast_signed());
    let mut best = (f64::NEG_INFINITY, 0);
    for offset in overlap - second..=first - overlap {
        let columns = offset.max(0)..first.min(offset + second);
        let sum: f64 = columns
            .map(|column| {
                let x = &a.probabilities[column.cast_unsigned()];
                let y = &b.probabilities[(column - offset).cast_unsigned()];
                correlation(x.iter().copied().zip(y.iter().copied()))
            })
            .sum();
        if sum > best.0 + 1e-12 {
            best = (sum, offset);
        }
    }
    (best.0 / shorter as f64, best.1)
}

/// Agreement of the most-attended keys.
struct Hits {
    jaccard: f64,
    by_chance: f64,
}

impl Hits {
    fn of(a: &ComparedHead, b: &ComparedHead) -> Self {
        // Places relative to the anchor, so that other label shifts do not matter.
        let place = |head: &ComparedHead, glance: &Option<Glance>| {
            glance.map(|glance| {
                TssOffset::of_distance(head.label_shift, usize::from(glance.distance)).0
            })
        };
        let pairs: Vec<(isize, isize)> = a
            .glances
            .iter()
            .zip(&b.glances)
            .filter_map(|(x, y)| place(a, x).zip(place(b, y)))
            .collect();
        let n = pairs.len() as f64;
        let near = SAME_KEY_BP.cast_signed();
        let same = pairs.iter().filter(|(x, y)| (x - y).abs() <= near).count() as f64;
        let mut others: Vec<isize> = pairs.iter().map(|pair| pair.1).collect();
        others.sort_unstable();
        let chance: usize = pairs
            .iter()
            .map(|&(x, _)| {
                let from = others.partition_point(|&other| other < x - near);
                others.partition_point(|&other| other <= x + near) - from
            })
            .sum();
        // Of n keys each, I are shared: Jaccard is I / (2n − I).
        let jaccard = |shared: f64| shared / (2.0 * n - shared).max(1.0);
        Self {
            jaccard: jaccard(same),
            by_chance: jaccard(chance as f64 / n.max(1.0)),
        }
    }

    fn corrected(&self) -> Option<f64> {
        let room = 1.0 - self.by_chance;
        (room > 1e-9).then(|| (self.jaccard - self.by_chance) / room)
    }
}
