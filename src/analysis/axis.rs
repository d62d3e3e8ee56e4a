//! What heads see at fixed places: base frequencies by position relative to the TSS, each anchor's bases
//! weighted by its attention, and base frequencies around the query, weighted by how strongly it looks.
//!
//! Nothing is aligned: what lies at a fixed distance from the TSS shows, whether a head looks for it or not.
//! These logos stand beside the motif, they do not replace it.

use super::windows::Surroundings;
use crate::attention::{AttentionSink, HeadId, HeadShape, Tile};
use crate::genome::TssOffset;
use crate::sites::information::{Correction, position_information};
use crate::sites::motif::Background;
use std::io::{self, Write};
use std::ops::Range;

/// One position of such a logo.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AxisColumn {
    /// Where it lies relative to the TSS, as people count: +1 is the TSS, there is no 0.
    pub position: isize,
    /// Mean weight over the anchors that have a base there.
    pub weight: f64,
    /// Weighted frequencies in the order A, C, G, T; all 0 where there is no base.
    pub frequencies: [f64; 4],
    /// How many anchors of equal weight say as much: (Σ w)² / Σ w².
    pub effective_n: f64,
    /// Information content in bits, with the small-sample correction for that many.
    pub bits: f64,
}

/// The two logos of one head.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AxisLogo {
    /// 1-based layer.
    pub layer: usize,
    /// 1-based head of the layer.
    pub head: usize,
    /// By key: from the oldest key to the query, weighted by the attention that the key gets.
    pub keys: Vec<AxisColumn>,
    /// Around the query, weighted by the largest weight that the query gives.
    pub queries: Vec<AxisColumn>,
}

/// Weights by base at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Place {
    by_base: [f64; 4],
    squares: f64,
    n: usize,
}

impl Place {
    fn add(&mut self, code: u8, weight: f64) {
        if let Some(sum) = self.by_base.get_mut(usize::from(code)) {
            *sum += weight;
            self.squares += weight * weight;
            self.n += 1;
        }
    }

    fn append(&mut self, other: &Self) {
        for (sum, add) in self.by_base.iter_mut().zip(other.by_base) {
            *sum += add;
        }
        self.squares += other.squares;
        self.n += other.n;
    }

    fn column(&self, offset: TssOffset, background: &Background) -> AxisColumn {
        let total: f64 = self.by_base.iter().sum();
        let some = total > 0.0 && self.squares > 0.0;
        let frequencies = self.by_base.map(|sum| if some { sum / total } else { 0.0 });
        let effective_n = if some {
            total * total / self.squares
        } else {
            0.0
        };
        let counts = frequencies.map(|share| share * effective_n);
        AxisColumn {
            position: offset.number(),
            weight: total / self.n.max(1) as f64,
            frequencies,
            effective_n,
            bits: position_information(&counts, background, Correction::SmallSample),
        }
    }
}

/// Sums over anchors, for every head.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisSums {
    shape: HeadShape,
    /// `keys[head][distance]`.
    keys: Vec<Vec<Place>>,
    /// `queries[head][base around the query]`.
    queries: Vec<Vec<Place>>,
}

impl AxisSums {
    /// Holds nothing yet; `half_width` bases on either side of the query are looked at.
    #[must_use]
    pub fn new(shape: HeadShape, context: usize, half_width: usize) -> Self {
        Self {
            shape,
            keys: vec![vec![Place::default(); context]; shape.len()],
            queries: vec![vec![Place::default(); 2 * half_width + 1]; shape.len()],
        }
    }

    /// Adds what was summed elsewhere. The order of adding decides the last bits: keep it fixed.
    pub fn append(&mut self, other: &Self) {
        let mine = self.keys.iter_mut().chain(&mut self.queries);
        for (mine, more) in mine.zip(other.keys.iter().chain(&other.queries)) {
            for (place, more) in mine.iter_mut().zip(more) {
                place.append(more);
            }
        }
    }

    /// The logos of every head, layer by layer.
    #[must_use]
    pub fn logos(&self, label_shift: usize, background: &Background) -> Vec<AxisLogo> {
        let logo = |head: HeadId| {
            let row = self.shape.row(head);
            let keys = self.keys[row].iter().enumerate().rev();
            let queries = &self.queries[row];
            let half_width = (queries.len() / 2).cast_signed();
            let around = queries.iter().enumerate();
            AxisLogo {
                layer: head.layer + 1,
                head: head.head + 1,
                keys: keys
                    .map(|(distance, place)| {
                        place.column(TssOffset::of_distance(label_shift, distance), background)
                    })
                    .collect(),
                queries: around
                    .map(|(index, place)| {
                        let offset = label_shift.cast_signed() + index.cast_signed() - half_width;
                        place.column(TssOffset(offset), background)
                    })
                    .collect(),
            }
        };
        self.shape.all().map(logo).collect()
    }
}

/// Collects [`AxisSums`] for the queries of some anchors of one run.
#[derive(Clone, Debug)]
pub struct AxisSink<'a> {
    surroundings: &'a Surroundings,
    /// Query (strand position) and the row of its anchor, sorted.
    rows: Vec<(isize, usize)>,
    sums: AxisSums,
}

impl<'a> AxisSink<'a> {
    /// Wants the queries of `rows`: strand position and row of `surroundings`.
    #[must_use]
    pub fn new(
        shape: HeadShape,
        surroundings: &'a Surroundings,
        half_width: usize,
        mut rows: Vec<(isize, usize)>,
    ) -> Self {
        rows.sort_unstable();
        Self {
            surroundings,
            rows,
            sums: AxisSums::new(shape, surroundings.context(), half_width),
        }
    }

    /// What was collected.
    #[must_use]
    pub fn into_sums(self) -> AxisSums {
        self.sums
    }
}

impl AttentionSink for AxisSink<'_> {
    fn wants_queries(&self, queries: Range<isize>) -> bool {
        let from = self.rows.partition_point(|row| row.0 < queries.start);
        self.rows.get(from).is_some_and(|row| row.0 < queries.end)
    }

    fn take(&mut self, tile: &Tile<'_>) {
        let end = tile.first_query + tile.queries.cast_signed();
        let from = self.rows.partition_point(|row| row.0 < tile.first_query);
        let head = self.sums.shape.row(tile.head);
        let (keys, queries) = (&mut self.sums.keys[head], &mut self.sums.queries[head]);
        for &(query, row) in self.rows[from..].iter().take_while(|row| row.0 < end) {
            let (_, weights) = tile.row((query - tile.first_query).cast_unsigned());
            if weights.iter().any(|weight| !weight.is_finite()) {
                continue;
            }
            let mut most = 0.0_f64;
            for (distance, &weight) in weights.iter().rev().enumerate() {
                let weight = f64::from(weight);
                most = most.max(weight);
                if let Some(place) = keys.get_mut(distance) {
                    place.add(self.surroundings.code(row, distance.cast_signed()), weight);
                }
            }
            let half_width = (queries.len() / 2).cast_signed();
            for (index, place) in queries.iter_mut().enumerate() {
                let distance = half_width - index.cast_signed();
                place.add(self.surroundings.code(row, distance), most);
            }
        }
    }
}

/// Writes one row a head and position, tab-separated with a header.
///
/// `side` is `key` or `query`.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_axis_tsv(out: &mut impl Write, logos: &[AxisLogo]) -> io::Result<()> {
    writeln!(
        out,
        "layer\thead\tside\tposition\tweight\tA\tC\tG\tT\teffective_n\tbits"
    )?;
    for logo in logos {
        for (side, columns) in [("key", &logo.keys), ("query", &logo.queries)] {
            for column in columns {
                let [a, c, g, t] = column.frequencies.map(|share| share as f32);
                writeln!(
                    out,
                    "{}\t{}\t{side}\t{}\t{}\t{a}\t{c}\t{g}\t{t}\t{}\t{}",
                    logo.layer,
                    logo.head,
                    column.position,
                    column.weight as f32,
                    column.effective_n as f32,
                    column.bits as f32,
                )?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::consensus::MotifRule;
    use super::super::planted::Planted;
    use super::*;
    use crate::sites::motif::UNIFORM;

    const CONTEXT: usize = 64;

    /// All weight of a head on the middle of a motif that is always 30 bases before the anchor.
    #[test]
    fn a_motif_at_a_fixed_place_shows_on_the_axis() -> io::Result<()> {
        let planted = Planted::new(50, b"TTGACA", 30..31, 3);
        let rule = MotifRule::default();
        let surroundings = planted.surroundings(CONTEXT, &rule);
        let shape = HeadShape {
            layers: 1,
            heads: 1,
        };
        let mut all = AxisSums::new(shape, CONTEXT, 2);
        for row in 0..50 {
            let mut sink = AxisSink::new(shape, &surroundings, 2, vec![(100, row)]);
            assert!(sink.wants_queries(100..101) && !sink.wants_queries(0..100));
            let mut weights = vec![0.5 / 61.0; CONTEXT];
            for distance in 28..31 {
                weights[CONTEXT - 1 - distance] = 0.5 / 3.0;
            }
            sink.take(&Tile {
                head: shape.head(0),
                first_query: 100,
                first_key: 101 - CONTEXT.cast_signed(),
                queries: 1,
                stride: CONTEXT,
                context: CONTEXT,
                weights: &weights,
            });
            all.append(&sink.into_sums());
        }
        let logos = all.logos(0, &UNIFORM);
        let logo = &logos[0];
        assert_eq!((logo.keys.len(), logo.queries.len()), (CONTEXT, 5));
        let at = |position: isize| {
            let found = logo.keys.iter().find(|column| column.position == position);
            *found.expect("seen")
        };
        // Position -30 is a distance of 30: the motif's fourth letter, A.
        for (position, base) in [(-30, 0), (-29, 1), (-28, 0)] {
            let column = at(position);
            assert!((column.frequencies[base] - 1.0).abs() < 1e-12, "{column:?}");
            assert!((column.weight - 0.5 / 3.0).abs() < 1e-7);
            assert!((column.effective_n - 50.0).abs() < 1e-6);
            assert!(column.bits > 1.9);
        }
        assert!(at(-10).bits < 0.3 && (at(-10).weight - 0.5 / 61.0).abs() < 1e-7);
        // The query is the anchor itself here; two bases on either side of it.
        let places: Vec<isize> = logo.queries.iter().map(|column| column.position).collect();
        assert_eq!(places, [-2, -1, 1, 2, 3]);
        assert!((logo.queries[2].weight - 0.5 / 3.0).abs() < 1e-7);
        let same = |a: &AxisColumn, b: &AxisColumn| {
            a.frequencies
                .iter()
                .zip(b.frequencies)
                .all(|(a, b)| (a - b).abs() < 1e-9)
        };
        assert!(same(&logo.queries[2], &at(1)));
        let mut table = Vec::new();
        write_axis_tsv(&mut table, &logos)?;
        assert_eq!(
            String::from_utf8_lossy(&table).lines().count(),
            1 + CONTEXT + 5
        );
        Ok(())
    }
}
