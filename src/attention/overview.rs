//! Coarse tracks of a whole genome in memory: drawn where running the model would take too long.

use std::collections::HashMap;

use half::f16;
use half::slice::HalfFloatSliceExt as _;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::head::HeadShape;
use super::store::{Manifest, Statistic, StoreError, StoredRun};
use super::track::Received;
use crate::genome::Strand;

/// Values that one statistic may take in memory: the finest level below is drawn.
const MOST_VALUES: usize = 16 << 20;

/// Bits of a value's mantissa that a written overview keeps: colours need no more, and files shrink.
const KEPT_BITS: u32 = 6;

/// Why the bytes of an overview cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the overview is damaged: {found}")]
pub struct OverviewError {
    /// What was found.
    pub found: String,
}

/// Maxima of the probability and of what bases receive, of every contig and both strands.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// Of which run.
    pub manifest: Manifest,
    /// Bases of a cell.
    pub level_bp: usize,
    contigs: Vec<ContigOverview>,
}

/// `[strand]`, each `[row, cell]`.
type Rows = [Vec<f32>; 2];

#[derive(Clone, Debug, Default, PartialEq)]
struct ContigOverview {
    probability: Rows,
    received: [Option<Rows>; 3],
}

impl Overview {
    /// Reads the finest level of a run that is at least as coarse as `least_bp` and not too large.
    ///
    /// # Errors
    /// When the run cannot be read.
    pub fn of_run(run: &StoredRun, least_bp: usize) -> Result<Self, StoreError> {
        let manifest = run.manifest();
        let contigs = manifest.genome.contigs.len();
        let values = |bp: usize| 2 * manifest.shape().len() * manifest.contig_cell(contigs, bp);
        let level_bp = manifest
            .levels_bp
            .iter()
            .copied()
            .filter(|bp| *bp >= least_bp)
            .find(|bp| values(*bp) <= MOST_VALUES)
            .or(manifest.levels_bp.last().copied())
            .unwrap_or(1);
        let rows = |statistic, contig| -> Result<Rows, StoreError> {
            let [forward, reverse] =
                Strand::BOTH.map(|strand| run.level(statistic, level_bp, strand, contig));
            Ok([forward?, reverse?])
        };
        let contigs = (0..contigs)
            .map(|contig| {
                let mut overview = ContigOverview {
                    probability: rows(Statistic::Probability, contig)?,
                    ..ContigOverview::default()
                };
                for rule in Received::ALL {
                    if manifest.statistics.contains(&Statistic::of(rule)) {
                        overview.received[rule as usize] = Some(rows(Statistic::of(rule), contig)?);
                    }
                }
                Ok(overview)
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(Self {
            manifest: manifest.clone(),
            level_bp,
            contigs,
        })
    }

    /// Layers and heads.
    #[must_use]
    pub fn shape(&self) -> HeadShape {
        self.manifest.shape()
    }

    /// The probability by cell along the forward strand; empty where there is no such contig.
    #[must_use]
    pub fn probability(&self, contig: usize, strand: Strand) -> &[f32] {
        let rows = self.contigs.get(contig).map(|c| &c.probability);
        rows.map_or(&[], |rows| &rows[usize::from(strand == Strand::Reverse)])
    }

    /// What bases receive, `[head row, cell]` along the forward strand; `None` where the run did
    /// not keep it.
    #[must_use]
    pub fn received(&self, contig: usize, strand: Strand, rule: Received) -> Option<&[f32]> {
        let rows = self.contigs.get(contig)?.received[rule as usize].as_ref()?;
        Some(&rows[usize::from(strand == Strand::Reverse)])
    }

    /// The rules that it holds.
    #[must_use]
    pub fn rules(&self) -> Vec<Received> {
        let first = self.contigs.first();
        let held = |rule: &Received| first.is_some_and(|c| c.received[*rule as usize].is_some());
        Received::ALL.into_iter().filter(held).collect()
    }

    /// The overview as safetensors: a tensor of halves for each contig, strands first, and the
    /// manifest. Values are rounded to 6 significant bits.
    ///
    /// # Errors
    /// When it cannot be put together, which does not happen.
    pub fn to_bytes(&self) -> Result<Vec<u8>, OverviewError> {
        let damaged = |found: String| OverviewError { found };
        let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
        let mut add = |contig: usize, statistic: Statistic, rows: &Rows, count: usize| {
            let values = rows.iter().flatten();
            let bytes = values.flat_map(|v| rounded(*v).to_le_bytes()).collect();
            let cells = rows[0].len() / count.max(1);
            tensors.push((
                format!("{contig}.{statistic}"),
                vec![2, count, cells],
                bytes,
            ));
        };
        for (index, contig) in self.contigs.iter().enumerate() {
            add(index, Statistic::Probability, &contig.probability, 1);
            for rule in Received::ALL {
                if let Some(rows) = &contig.received[rule as usize] {
                    add(index, Statistic::of(rule), rows, self.shape().len());
                }
            }
        }
        let views = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                let view = TensorView::new(Dtype::F16, shape.clone(), bytes);
                Ok((name, view.map_err(|error| damaged(error.to_string()))?))
            })
            .collect::<Result<Vec<_>, OverviewError>>()?;
        let manifest =
            serde_json::to_string(&self.manifest).map_err(|error| damaged(error.to_string()))?;
        let metadata = HashMap::from([
            ("manifest".to_owned(), manifest),
            ("level_bp".to_owned(), self.level_bp.to_string()),
        ]);
        safetensors::serialize(views, Some(metadata)).map_err(|error| damaged(error.to_string()))
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OverviewError> {
        let damaged = |found: String| OverviewError { found };
        let (_, header) =
            SafeTensors::read_metadata(bytes).map_err(|error| damaged(error.to_string()))?;
        let tensors =
            SafeTensors::deserialize(bytes).map_err(|error| damaged(error.to_string()))?;
        let strings = header.metadata().clone().unwrap_or_default();
        let text = |name: &str| {
            let text = strings.get(name).map(String::as_str);
            text.ok_or_else(|| damaged(format!("no {name}")))
        };
        let manifest: Manifest =
            serde_json::from_str(text("manifest")?).map_err(|error| damaged(error.to_string()))?;
        let level_bp: usize = text("level_bp")?
            .parse()
            .ok()
            .filter(|bp| *bp > 0)
            .ok_or_else(|| damaged("no size of cells".to_owned()))?;
        let rows = |contig: usize, statistic: Statistic, count: usize| {
            let name = format!("{contig}.{statistic}");
            let tensor = tensors
                .tensor(&name)
                .map_err(|error| damaged(error.to_string()))?;
            let cells = manifest.genome.contigs[contig].length_bp.div_ceil(level_bp);
            if tensor.dtype() != Dtype::F16 || tensor.shape() != [2, count, cells] {
                return Err(damaged(format!("{name} has another shape")));
            }
            let pairs = tensor.data().as_chunks::<2>().0;
            let halves: Vec<f16> = pairs.iter().map(|two| f16::from_le_bytes(*two)).collect();
            let (forward, reverse) = halves.split_at(halves.len() / 2);
            Ok([forward.to_f32_vec(), reverse.to_f32_vec()])
        };
        let heads = manifest.shape().len();
        let contigs = (0..manifest.genome.contigs.len())
            .map(|contig| {
                let mut overview = ContigOverview {
                    probability: rows(contig, Statistic::Probability, 1)?,
                    ..ContigOverview::default()
                };
                for rule in Received::ALL {
                    if manifest.statistics.contains(&Statistic::of(rule)) {
                        let found = rows(contig, Statistic::of(rule), heads)?;
                        overview.received[rule as usize] = Some(found);
                    }
                }
                Ok(overview)
            })
            .collect::<Result<_, OverviewError>>()?;
        Ok(Self {
            manifest,
            level_bp,
            contigs,
        })
    }
}

/// The nearest half of [`KEPT_BITS`] significant bits.
fn rounded(value: f32) -> f16 {
    if !value.is_finite() {
        return f16::from_f32(value);
    }
    let dropped = f32::MANTISSA_DIGITS - KEPT_BITS;
    let half = 1_u32 << (dropped - 1);
    f16::from_f32(f32::from_bits(
        (value.to_bits() + half) & !((1 << dropped) - 1),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_six_bits() {
        for value in [0.0_f32, 1.0, -1.0, 0.3, 1e-3, -7.77, 123.4] {
            let found = rounded(value).to_f32();
            assert!(
                (found - value).abs() <= value.abs() / 64.0,
                "{value} {found}"
            );
        }
        assert!(rounded(f32::NAN).is_nan());
    }

    #[test]
    fn other_bytes_are_refused() {
        for bytes in [&b""[..], b"12345678", &[0xff; 64]] {
            assert!(Overview::from_bytes(bytes).is_err());
        }
    }
}
