//! The numbers of one stretch before they are written.

use half::f16;
use half::slice::HalfFloatSliceExt as _;

use super::array::Item;
use super::manifest::{Manifest, Statistic};

/// What a stretch found, `[row, position]` for each kept statistic, positions along the forward strand.
#[derive(Clone, Debug)]
pub struct StretchBuffer {
    length: usize,
    arrays: Vec<(Statistic, Vec<u8>)>,
    /// Sums of weights by distance over its queries, `[head row, distance]`; may be empty.
    pub by_distance: Vec<f64>,
    /// Queries in these sums.
    pub queries: u64,
    /// The same over the queries of anchors; may be empty.
    pub anchors: Vec<f64>,
    /// Number of anchors in these sums.
    pub anchor_count: u64,
}

impl StretchBuffer {
    /// Room for `length` positions.
    #[must_use]
    pub fn new(manifest: &Manifest, length: usize) -> Self {
        let array = |statistic: &Statistic| {
            let bytes = manifest.rows(*statistic) * length * statistic.item().bytes();
            (*statistic, vec![0; bytes])
        };
        let by_distance = manifest.shape().len() * manifest.model.context;
        let some = |wanted: bool| vec![0.0; if wanted { by_distance } else { 0 }];
        Self {
            length,
            arrays: manifest.statistics.iter().map(array).collect(),
            by_distance: some(manifest.has_distances()),
            queries: 0,
            anchors: some(manifest.anchors.is_some()),
            anchor_count: 0,
        }
    }

    /// Number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it covers nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn place(&mut self, statistic: Statistic, row: usize, at: usize) -> Option<&mut [u8]> {
        let bytes = statistic.item().bytes();
        let start = (row * self.length + at) * bytes;
        let (_, array) = self
            .arrays
            .iter_mut()
            .find(|(kept, _)| *kept == statistic)?;
        array.get_mut(start..)
    }

    /// Writes the values of one row from position `at` on; nothing where the statistic is not kept.
    pub fn put(&mut self, statistic: Statistic, row: usize, at: usize, values: &[f32]) {
        let item = statistic.item();
        let Some(place) = self.place(statistic, row, at) else {
            return;
        };
        if item == Item::F32 {
            for (slot, value) in place.chunks_exact_mut(4).zip(values) {
                slot.copy_from_slice(&value.to_le_bytes());
            }
            return;
        }
        let mut halves = vec![f16::ZERO; values.len()];
        halves.convert_from_f32_slice(values);
        for (slot, half) in place.chunks_exact_mut(2).zip(&halves) {
            slot.copy_from_slice(&half.to_le_bytes());
        }
    }

    /// Writes the distances of one row from position `at` on.
    pub fn put_distances(&mut self, row: usize, at: usize, distances: &[u16]) {
        if let Some(place) = self.place(Statistic::LargestDistance, row, at) {
            for (slot, distance) in place.chunks_exact_mut(2).zip(distances) {
                slot.copy_from_slice(&distance.to_le_bytes());
            }
        }
    }

    /// The bytes of each statistic, row after row.
    pub(super) fn arrays(&self) -> impl Iterator<Item = (Statistic, &[u8])> {
        self.arrays
            .iter()
            .map(|(statistic, bytes)| (*statistic, bytes.as_slice()))
    }
}
