//! The run over a whole genome: every contig, both strands, kept on disk stretch by stretch.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::heads::query;
use super::live::EXPECTED_SAMPLE;
use super::open::AnchorFile;
use crate::attention::expected::DistanceSums;
use crate::attention::statistics::{ChosenSums, QueryTracks};
use crate::attention::store::{
    ContigEntry, GenomeEntry, MANIFEST, Manifest, ModelEntry, RunWriter, Statistic, StoreError,
    StoredRun, StretchBuffer,
};
use crate::attention::track::ReceivedSums;
use crate::attention::{Expected, Overview, Received, Statistics};
use crate::genome::{Genome, Interval, Strand};
use crate::model::predict::{self, StrandSequence};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};

/// Positions that are run in one piece: long enough that what comes before costs little, short
/// enough that a stretch keeps several threads busy.
const PIECE_BP: usize = 65_536;

/// What a run over a genome is made from and what it keeps.
#[derive(Clone, Debug)]
pub struct GenomeRun {
    /// The genome.
    pub genome: Arc<Genome>,
    /// The model.
    pub model: Arc<Model>,
    /// How borders are treated.
    pub mode: Mode,
    /// What is kept besides the probability.
    pub statistics: Vec<Statistic>,
    /// Start sites over whose queries the mean attention is kept apart.
    pub anchors: Option<Arc<AnchorFile>>,
}

impl GenomeRun {
    /// What the run will write.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        let (genome, model) = (&self.genome, &self.model);
        let config = model.config();
        let contigs = genome.contigs.iter().map(|contig| ContigEntry {
            name: contig.name.clone(),
            length_bp: contig.len(),
            circular: contig.circular,
        });
        let genome = GenomeEntry {
            name: genome.name.clone(),
            sha256: genome.checksum.clone(),
            contigs: contigs.collect(),
        };
        let entry = ModelEntry {
            name: model.name().to_owned(),
            sha256: model.checksum.clone(),
            layers: config.layers,
            heads: config.heads,
            context: config.context,
            label_shift: config.label_shift,
        };
        let expected = format!(
            "{} stretches of {} queries",
            EXPECTED_SAMPLE.stretches, EXPECTED_SAMPLE.queries
        );
        let mut manifest = Manifest::new(
            genome,
            entry,
            self.mode.to_string(),
            model.kernel.name(),
            expected,
            &self.statistics,
        );
        manifest.anchors = self.anchors.as_ref().map(|anchors| {
            let mut hasher = crc32fast::Hasher::new();
            for anchor in &anchors.anchors {
                hasher.update(&anchor.contig.to_le_bytes());
                hasher.update(&anchor.position.to_le_bytes());
                hasher.update(&[u8::from(anchor.strand == Strand::Reverse)]);
            }
            let (count, sum) = (anchors.anchors.len(), hasher.finalize());
            (
                anchors.name.clone(),
                format!("{count} start sites, crc32 {sum:08x}"),
            )
        });
        manifest
    }

    /// Makes the run in `folder`, or goes on with the one that was begun there.
    ///
    /// `progress` counts queries of both strands. What is finished when it is cancelled is kept.
    /// Takes about 120 MB for every four threads and 60 MB a thread, whatever the genome's length.
    ///
    /// # Errors
    /// When the folder holds something else, the disk is full, or somebody asked to stop.
    pub fn start(
        &self,
        folder: &Path,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<PathBuf, StoreError> {
        let manifest = self.manifest();
        let settings = Settings::with_mode(self.mode);
        progress.set_total(self.queries_in_all(&manifest));
        let expected = predict::measure_expected(
            &self.model.kernel,
            &self.genome,
            EXPECTED_SAMPLE,
            &settings,
            &Progress::default(),
            cancel,
        )?;
        let mut writer = RunWriter::open(folder, manifest, &expected, progress, cancel)?;
        let work = Work {
            run: self,
            settings,
            expected,
            kept: writer.manifest().statistics.clone(),
        };
        // So many stretches at a time that every thread has a piece.
        let pieces = writer.manifest().stretch_bp.div_ceil(PIECE_BP).max(1);
        let together = rayon::current_num_threads().div_ceil(pieces).max(1);
        for stretches in writer.missing().chunks(together) {
            let buffers = work.stretches(&writer, stretches, progress, cancel)?;
            for (stretch, buffer) in stretches.iter().zip(buffers) {
                writer.finish(*stretch, &buffer, cancel)?;
            }
        }
        writer.complete(cancel)
    }
}

impl GenomeRun {
    /// Whether what bases receive is kept, for which queries beyond a piece are run too.
    fn receives(&self) -> bool {
        self.statistics.iter().any(|kept| kept.received().is_some())
    }

    /// Queries that all pieces of both strands take.
    fn queries_in_all(&self, manifest: &Manifest) -> u64 {
        let contigs = &self.genome.contigs;
        pieces(manifest, &(0..manifest.positions()))
            .into_iter()
            .flat_map(|piece| Strand::BOTH.map(|strand| (piece, strand)))
            .map(|(piece, strand)| {
                let sequence = StrandSequence::new(&contigs[piece.contig], strand);
                self.queries_of(sequence, piece.interval).len() as u64
            })
            .sum()
    }

    /// The queries (strand positions) that are run for a forward interval.
    fn queries_of(&self, sequence: StrandSequence<'_>, interval: Interval) -> Range<usize> {
        if self.receives() {
            predict::queries_that_see(&self.model.kernel, sequence, interval, self.mode)
        } else {
            let flipped = sequence.strand.flip_interval(interval, sequence.len());
            flipped.range()
        }
    }
}

/// Bases of the cells that a view of the whole genome needs at most; narrower views run the model.
pub const OVERVIEW_BP: usize = 256;

/// Opens a finished run in a folder as what is drawn of it.
///
/// # Errors
/// When there is none, or it is unfinished or damaged.
pub fn open_overview(path: &Path) -> Result<Overview, StoreError> {
    Overview::of_run(&StoredRun::open(path)?, OVERVIEW_BP)
}

/// Whether `path` names a run: its folder, or its manifest.
#[must_use]
pub fn is_run(path: &Path) -> bool {
    path.is_dir() || path.file_name().is_some_and(|name| name == MANIFEST)
}

/// Why an overview is not about this genome and model; `None` if it is.
#[must_use]
pub fn mismatch(overview: &Overview, genome: &Genome, model: &Model) -> Option<String> {
    let manifest = &overview.manifest;
    let rings = |circular: &mut dyn Iterator<Item = bool>| circular.filter(|ring| *ring).count();
    let same_rings = rings(&mut manifest.genome.contigs.iter().map(|contig| contig.circular))
        == rings(&mut genome.contigs.iter().map(|contig| contig.circular));
    if manifest.genome.sha256 != genome.checksum || !same_rings {
        return Some(format!(
            "The run was made with another genome, {}: open that one first.",
            manifest.genome.name
        ));
    }
    let same_sizes =
        manifest.model.context == model.config().context && manifest.shape() == model.head_shape();
    if manifest.model.sha256 != model.checksum || !same_sizes {
        return Some(format!(
            "The run was made with another model, {} (context {}): open that one first.",
            manifest.model.name, manifest.model.context
        ));
    }
    None
}

/// Bytes that are free where `folder` is or would be; `None` where the system does not say.
#[must_use]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let existing = folder
        .ancestors()
        .map(|path| {
            if path.as_os_str().is_empty() {
                Path::new(".")
            } else {
                path
            }
        })
        .find(|path| path.is_dir())?;
    fs4::available_space(existing).ok()
}

/// One piece of a stretch: neighbouring bases of one contig.
#[derive(Clone, Copy, Debug)]
struct Piece {
    contig: usize,
    interval: Interval,
    /// Where it begins in the stretch.
    at: usize,
}

struct Work<'a> {
    run: &'a GenomeRun,
    settings: Settings,
    expected: Expected,
    kept: Vec<Statistic>,
}

/// What is summed up over the pieces of a stretch, in their order.
type Sums = (Option<DistanceSums>, Option<ChosenSums>);

impl Work<'_> {
    /// Runs some stretches side by side, piece by piece.
    fn stretches(
        &self,
        writer: &RunWriter,
        stretches: &[usize],
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Vec<StretchBuffer>, Cancelled> {
        let manifest = writer.manifest();
        let buffers: Vec<Mutex<StretchBuffer>> = stretches
            .iter()
            .map(|stretch| StretchBuffer::new(manifest, writer.positions(*stretch).len()))
            .map(Mutex::new)
            .collect();
        // Small contigs go together, so that there are never more sums than pieces of full length.
        let units: Vec<(usize, Strand, Vec<Piece>)> = stretches
            .iter()
            .enumerate()
            .flat_map(|(index, stretch)| {
                let strand = Strand::BOTH[stretch / manifest.stretches().max(1) % 2];
                let pieces = pieces(manifest, &writer.positions(*stretch));
                pieces
                    .chunk_by(|a, b| a.at / PIECE_BP == b.at / PIECE_BP)
                    .map(|unit| (index, strand, unit.to_vec()))
                    .collect::<Vec<_>>()
            })
            .collect();
        let sums: Vec<(usize, Sums)> = units
            .par_iter()
            .map(|(index, strand, unit)| {
                let mut sums: Sums = (None, None);
                for piece in unit {
                    let more = self.piece(*strand, *piece, &buffers[*index], progress, cancel)?;
                    sums = joined(sums, more);
                }
                Ok((*index, sums))
            })
            .collect::<Result<_, Cancelled>>()?;
        let mut buffers: Vec<StretchBuffer> = buffers
            .into_iter()
            .map(|buffer| buffer.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect();
        for (index, (distances, chosen)) in sums {
            let buffer = &mut buffers[index];
            if let Some(distances) = distances {
                add(&mut buffer.by_distance, distances.sums());
                buffer.queries += distances.queries();
            }
            if let Some(chosen) = chosen {
                add(&mut buffer.anchors, &chosen.sums);
                buffer.anchor_count += chosen.count;
            }
        }
        Ok(buffers)
    }

    /// Runs one piece and puts what it found into the buffer of its stretch.
    fn piece(
        &self,
        strand: Strand,
        piece: Piece,
        buffer: &Mutex<StretchBuffer>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Sums, Cancelled> {
        let (genome, kernel) = (&self.run.genome, &self.run.model.kernel);
        let contig = &genome.contigs[piece.contig];
        let (shape, context) = (kernel.config().head_shape(), kernel.config().context);
        let sequence = StrandSequence::new(contig, strand);
        let bases = strand.flip_interval(piece.interval, contig.len()).range();
        let signed = bases.start.cast_signed()..bases.end.cast_signed();
        let receives = self.run.receives();
        let asks = self.kept.iter().any(|kept| kept.is_of_queries());
        let mut statistics = Statistics {
            received: receives.then(|| ReceivedSums::new(shape, signed.clone())),
            queries: asks.then(|| QueryTracks::new(shape, signed)),
            distances: asks.then(|| DistanceSums::new(shape, context)),
            chosen: self.run.anchors.as_ref().map(|anchors| {
                ChosenSums::new(shape, context, self.queries(anchors, strand, piece))
            }),
        };
        let queries = self.run.queries_of(sequence, piece.interval);
        let mut probability = predict::run(
            kernel,
            sequence,
            queries,
            &self.settings,
            &mut statistics,
            progress,
            cancel,
        )?
        .probabilities();
        let tracks = statistics
            .received
            .map(|received| received.into_tracks(&probability, &self.expected));
        probability.truncate(piece.interval.len());

        let mut put = Put {
            buffer: &mut buffer.lock().unwrap_or_else(PoisonError::into_inner),
            length: piece.interval.len(),
            at: piece.at,
            turned: strand == Strand::Reverse,
        };
        put.rows(Statistic::Probability, probability);
        for (rule, track) in Received::ALL.into_iter().zip(tracks.into_iter().flatten()) {
            put.rows(Statistic::of(rule), track);
        }
        if let Some(tracks) = statistics.queries {
            put.distances(tracks.distances);
            put.rows(Statistic::LargestWeight, tracks.weights);
            put.rows(Statistic::EntropyBits, tracks.entropies_bits);
        }
        Ok((statistics.distances, statistics.chosen))
    }

    /// The queries (strand positions) of the anchors whose outputs lie in a piece.
    fn queries(&self, anchors: &AnchorFile, strand: Strand, piece: Piece) -> Vec<isize> {
        let genome = &self.run.genome;
        let length = genome.contigs[piece.contig].len();
        let shift = self.run.model.config().label_shift;
        anchors
            .anchors
            .iter()
            .filter(|anchor| anchor.contig == piece.contig && anchor.strand == strand)
            .filter_map(|anchor| {
                let query = query(genome, *anchor, shift, self.settings.mode)? % length;
                let shown = strand.flip(query, length);
                piece.interval.contains(shown).then(|| query.cast_signed())
            })
            .collect()
    }
}

/// The sums of one piece after those before it.
fn joined(before: Sums, more: Sums) -> Sums {
    let distances = match (before.0, more.0) {
        (Some(mut sums), Some(more)) => {
            sums.add(&more);
            Some(sums)
        }
        (sums, more) => sums.or(more),
    };
    let chosen = match (before.1, more.1) {
        (Some(mut sums), Some(more)) => {
            add(&mut sums.sums, &more.sums);
            sums.count += more.count;
            Some(sums)
        }
        (sums, more) => sums.or(more),
    };
    (distances, chosen)
}

fn add(sums: &mut [f64], more: &[f64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

/// Puts rows in strand order into a buffer, whose rows run along the forward strand.
struct Put<'a> {
    buffer: &'a mut StretchBuffer,
    length: usize,
    at: usize,
    turned: bool,
}

impl Put<'_> {
    fn rows(&mut self, statistic: Statistic, mut values: Vec<f32>) {
        for (row, values) in values.chunks_exact_mut(self.length.max(1)).enumerate() {
            if self.turned {
                values.reverse();
            }
            self.buffer.put(statistic, row, self.at, values);
        }
    }

    fn distances(&mut self, mut distances: Vec<u16>) {
        for (row, distances) in distances.chunks_exact_mut(self.length.max(1)).enumerate() {
            if self.turned {
                distances.reverse();
            }
            self.buffer.put_distances(row, self.at, distances);
        }
    }
}

/// Cuts a stretch into pieces of single contigs.
fn pieces(manifest: &Manifest, positions: &Range<usize>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (index, contig) in manifest.genome.contigs.iter().enumerate() {
        let end = start + contig.length_bp;
        let mut from = positions.start.max(start);
        let to = positions.end.min(end);
        while from < to {
            // Cut on a grid of the axis, as stretches are.
            let next = ((from / PIECE_BP + 1) * PIECE_BP).min(to);
            pieces.push(Piece {
                contig: index,
                interval: Interval::new(from - start, next - start),
                at: from - positions.start,
            });
            from = next;
        }
        if end >= positions.end {
            break;
        }
        start = end;
    }
    pieces
}
