//! Reads a run back, by position.

use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt as _;

use super::array::{ArrayFile, Item};
use super::error::StoreError;
use super::journal::{Finished, Journal};
use super::manifest::{Manifest, Statistic};
use super::write::{ANCHORS, BY_DISTANCE, EXPECTED};
use crate::attention::statistics::NO_DISTANCE;
use crate::attention::{Expected, HeadShape};
use crate::genome::{Interval, Strand};

/// A finished run.
#[derive(Debug)]
pub struct StoredRun {
    folder: PathBuf,
    manifest: Manifest,
    finished: Vec<Finished>,
}

impl StoredRun {
    /// Opens the run in `folder`, or the one whose manifest is named.
    ///
    /// # Errors
    /// When there is none, or it is not finished or damaged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let folder = match path.parent() {
            Some(parent) if path.is_file() => parent,
            _ => path,
        };
        let manifest = Manifest::read(folder)?;
        let mut finished = Journal::read(folder)?;
        let all = 2 * manifest.stretches();
        finished.retain(|entry| entry.stretch < all);
        finished.sort_by_key(|entry| entry.stretch);
        finished.dedup_by_key(|entry| entry.stretch);
        if !manifest.complete || finished.len() != all {
            return Err(StoreError::Unfinished {
                path: folder.to_owned(),
                finished: finished.len(),
                all,
            });
        }
        let run = Self {
            folder: folder.to_owned(),
            manifest,
            finished,
        };
        for statistic in &run.manifest.statistics {
            run.array(*statistic, None)?;
        }
        Ok(run)
    }

    /// What the run is.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn array(
        &self,
        statistic: Statistic,
        level_bp: Option<usize>,
    ) -> Result<ArrayFile, StoreError> {
        let kept = self.manifest.statistics.contains(&statistic)
            && level_bp
                .is_none_or(|bp| statistic.has_levels() && self.manifest.levels_bp.contains(&bp));
        if !kept {
            return Err(StoreError::NotKept {
                path: self.folder.clone(),
                statistic,
            });
        }
        let item = if level_bp.is_some() {
            Item::F16
        } else {
            statistic.item()
        };
        let path = self.folder.join(file_name(statistic, level_bp));
        ArrayFile::open(&path, item, &self.manifest.array_shape(statistic, level_bp))
    }

    /// The values of a statistic for the bases of a contig, `[head row, base]` along the forward
    /// strand; one row for the probability. Distances are NaN over N.
    ///
    /// # Errors
    /// When it was not kept or cannot be read.
    pub fn values(
        &self,
        statistic: Statistic,
        strand: Strand,
        contig: usize,
        interval: Interval,
    ) -> Result<Vec<f32>, StoreError> {
        let array = self.array(statistic, None)?;
        let length = self
            .manifest
            .genome
            .contigs
            .get(contig)
            .map_or(0, |c| c.length_bp);
        let interval = interval.intersection(Interval::new(0, length));
        let start = self.manifest.contig_start(contig) + interval.start;
        self.rows(
            &array,
            statistic,
            statistic.item(),
            strand,
            start,
            interval.len(),
            self.manifest.positions(),
        )
    }

    /// A coarser level of a contig, `[head row, cell]`, each cell the maximum of `level_bp` bases;
    /// NaN only where nothing else is there.
    ///
    /// # Errors
    /// When it was not kept or cannot be read.
    pub fn level(
        &self,
        statistic: Statistic,
        level_bp: usize,
        strand: Strand,
        contig: usize,
    ) -> Result<Vec<f32>, StoreError> {
        let array = self.array(statistic, Some(level_bp))?;
        let start = self.manifest.contig_cell(contig, level_bp);
        let end = self.manifest.contig_cell(contig + 1, level_bp);
        let all = self
            .manifest
            .contig_cell(self.manifest.genome.contigs.len(), level_bp);
        self.rows(
            &array,
            statistic,
            Item::F16,
            strand,
            start,
            end - start,
            all,
        )
    }

    #[allow(clippy::too_many_arguments, reason = "what `values` and `level` share")]
    fn rows(
        &self,
        array: &ArrayFile,
        statistic: Statistic,
        item: Item,
        strand: Strand,
        start: usize,
        length: usize,
        all: usize,
    ) -> Result<Vec<f32>, StoreError> {
        let rows = self.manifest.rows(statistic);
        let strand = usize::from(strand == Strand::Reverse);
        let mut bytes = vec![0; length * item.bytes()];
        let mut values = Vec::with_capacity(rows * length);
        for row in 0..rows {
            array.read(((strand * rows + row) * all + start) as u64, &mut bytes)?;
            values.extend(decode(&bytes, item));
        }
        Ok(values)
    }

    /// E(o) that the run's ratios were made with.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn expected(&self) -> Result<Expected, StoreError> {
        let shape = self.manifest.shape();
        let context = self.manifest.model.context;
        let sizes = [shape.len() as u64, context as u64];
        let path = self.folder.join(EXPECTED);
        let array = ArrayFile::open(&path, Item::F32, &sizes)?;
        let mut bytes = vec![0; shape.len() * context * 4];
        array.read(0, &mut bytes)?;
        let sample = self.manifest.expected.clone();
        Ok(mean_weights(
            shape,
            context,
            sample,
            0,
            decode(&bytes, Item::F32),
        ))
    }

    /// Mean weight by distance over all queries of the genome, both strands; `None` where no
    /// statistic of queries was kept.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn mean_by_distance(&self) -> Result<Option<Expected>, StoreError> {
        if !self.manifest.has_distances() {
            return Ok(None);
        }
        let queries = self.finished.iter().map(|entry| entry.queries).sum();
        let sample = format!("every query of {}, both strands", self.manifest.genome.name);
        self.mean(BY_DISTANCE, queries, sample).map(Some)
    }

    /// Mean weight by distance over the queries of the anchors; `None` where none were given.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn mean_at_anchors(&self) -> Result<Option<Expected>, StoreError> {
        let Some((name, _)) = &self.manifest.anchors else {
            return Ok(None);
        };
        let count = self.finished.iter().map(|entry| entry.anchors).sum();
        self.mean(ANCHORS, count, format!("the queries of {name}"))
            .map(Some)
    }

    fn mean(&self, name: &str, queries: u64, sample: String) -> Result<Expected, StoreError> {
        let (shape, context) = (self.manifest.shape(), self.manifest.model.context);
        let array = ArrayFile::open(
            &self.folder.join(name),
            Item::F64,
            &self.manifest.distance_shape(),
        )?;
        let count = shape.len() * context;
        let mut sums = vec![0.0_f64; count];
        let mut bytes = vec![0; count * 8];
        // In their order, so that the sum is the same each time.
        for stretch in 0..2 * self.manifest.stretches() {
            array.read((stretch * count) as u64, &mut bytes)?;
            for (sum, eight) in sums.iter_mut().zip(bytes.as_chunks::<8>().0) {
                *sum += f64::from_le_bytes(*eight);
            }
        }
        let queries_or_one = queries.max(1) as f64;
        let means = sums
            .iter()
            .map(|sum| (sum / queries_or_one) as f32)
            .collect();
        Ok(mean_weights(shape, context, sample, queries, means))
    }
}

fn mean_weights(
    shape: HeadShape,
    context: usize,
    sample: String,
    queries: u64,
    weights: Vec<f32>,
) -> Expected {
    Expected::new(shape, context, sample, queries, weights)
        .unwrap_or_else(|| Expected::even(shape, context))
}

/// Name of the file of a statistic, or of one of its levels.
pub(super) fn file_name(statistic: Statistic, level_bp: Option<usize>) -> String {
    match level_bp {
        None => format!("{statistic}.npy"),
        Some(bp) => format!("{statistic}.{bp}bp.npy"),
    }
}

/// Index of the first position of a row of `rows` on a strand (0 is +).
pub(super) fn row_major(manifest: &Manifest, rows: usize, strand: usize, row: usize) -> u64 {
    ((strand * rows + row) * manifest.positions()) as u64
}

/// The numbers behind little-endian bytes.
pub(super) fn decode(bytes: &[u8], item: Item) -> Vec<f32> {
    let pairs = bytes.as_chunks::<2>().0;
    match item {
        Item::F16 => {
            let halves: Vec<f16> = pairs.iter().map(|two| f16::from_le_bytes(*two)).collect();
            halves.to_f32_vec()
        }
        Item::U16 => pairs
            .iter()
            .map(|two| match u16::from_le_bytes(*two) {
                NO_DISTANCE => f32::NAN,
                distance => f32::from(distance),
            })
            .collect(),
        Item::F32 => bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|four| f32::from_le_bytes(*four))
            .collect(),
        Item::F64 => bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|eight| f64::from_le_bytes(*eight) as f32)
            .collect(),
    }
}
