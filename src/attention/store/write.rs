//! Writes a run, stretch by stretch, and goes on where it was interrupted.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::array::{ArrayFile, Item};
use super::buffer::StretchBuffer;
use super::error::StoreError;
use super::journal::{Finished, Journal};
use super::manifest::{Manifest, Statistic};
use super::read::{decode, file_name, row_major};
use crate::attention::Expected;
use crate::attention::pyramid::maxima;
use crate::progress::{Cancel, Progress};

/// Name of the sums by distance over all queries, and over those of anchors.
pub(super) const BY_DISTANCE: &str = "by_distance.npy";
pub(super) const ANCHORS: &str = "anchors.npy";
/// Name of E(o).
pub(super) const EXPECTED: &str = "expected.npy";

/// Positions that are read at once when the levels are made: a multiple of every level.
const CHUNK_BP: usize = 1 << 20;

/// A run that is being written.
#[derive(Debug)]
pub struct RunWriter {
    folder: PathBuf,
    manifest: Manifest,
    arrays: Vec<(Statistic, ArrayFile)>,
    by_distance: Option<ArrayFile>,
    anchors: Option<ArrayFile>,
    journal: Journal,
    finished: BTreeMap<usize, Finished>,
}

impl RunWriter {
    /// Begins the run that `manifest` describes, or goes on with it.
    ///
    /// Finished stretches are read and compared with their checksums; what does not agree counts
    /// as not finished. `progress` advances by their positions.
    ///
    /// # Errors
    /// When the folder holds something else, the disk is full, or another process writes the run.
    pub fn open(
        folder: &Path,
        manifest: Manifest,
        expected: &Expected,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(StoreError::io(folder, "making the folder"))?;
        // A run that was killed at its very beginning has no manifest yet, or half of one.
        let found = Manifest::read(folder).ok();
        match &found {
            Some(found) => {
                if let Some(error) = found.differs(&manifest, folder) {
                    return Err(error);
                }
            }
            None => is_free_for(folder, &manifest)?,
        }
        let (mut journal, mut listed) = Journal::open(folder)?;
        let mut complete = found.as_ref().is_some_and(|found| found.complete);
        if found.is_none() {
            // What was listed under settings that nobody knows any more does not count.
            journal.rewrite(&[])?;
            listed.clear();
            manifest.write(folder)?;
        }
        let mut array = |name: &str, item, shape: &[u64]| {
            let (array, new) = ArrayFile::create(&folder.join(name), item, shape)?;
            complete &= !new;
            Ok::<_, StoreError>(array)
        };
        let arrays = manifest
            .statistics
            .iter()
            .map(|statistic| {
                let shape = manifest.array_shape(*statistic, None);
                let name = file_name(*statistic, None);
                Ok((*statistic, array(&name, statistic.item(), &shape)?))
            })
            .collect::<Result<_, StoreError>>()?;
        let distances = manifest.distance_shape();
        let by_distance = if manifest.has_distances() {
            Some(array(BY_DISTANCE, Item::F64, &distances)?)
        } else {
            None
        };
        let anchors = match &manifest.anchors {
            Some(_) => Some(array(ANCHORS, Item::F64, &distances)?),
            None => None,
        };
        let weights: Vec<u8> = manifest
            .shape()
            .all()
            .flat_map(|head| expected.row(head))
            .flat_map(|weight| weight.to_le_bytes())
            .collect();
        // The levels take their room now, too.
        for statistic in manifest.statistics.iter().filter(|s| s.has_levels()) {
            for bp in &manifest.levels_bp {
                let shape = manifest.array_shape(*statistic, Some(*bp));
                array(&file_name(*statistic, Some(*bp)), Item::F16, &shape)?;
            }
        }
        let shape = [manifest.shape().len() as u64, manifest.model.context as u64];
        ArrayFile::create(&folder.join(EXPECTED), Item::F32, &shape)?
            .0
            .write(0, &weights)?;
        let mut writer = Self {
            folder: folder.to_owned(),
            manifest,
            arrays,
            by_distance,
            anchors,
            journal,
            finished: BTreeMap::new(),
        };
        writer.check(listed, progress, cancel)?;
        writer.manifest.complete = complete && writer.missing().is_empty();
        if !writer.manifest.complete {
            writer.manifest.write(folder)?;
        }
        Ok(writer)
    }

    /// Keeps those of the listed stretches whose numbers are still there.
    fn check(
        &mut self,
        listed: Vec<Finished>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<(), StoreError> {
        let all = listed.len();
        for entry in listed {
            cancel.check()?;
            if entry.stretch < 2 * self.manifest.stretches()
                && !self.finished.contains_key(&entry.stretch)
                && self.checksums(entry.stretch, cancel)? == entry.crc32
            {
                progress.advance(self.positions(entry.stretch).len() as u64);
                self.finished.insert(entry.stretch, entry);
            }
        }
        if self.finished.len() < all {
            let kept: Vec<Finished> = self.finished.values().cloned().collect();
            self.journal.rewrite(&kept)?;
        }
        Ok(())
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Numbers of the stretches that are not finished.
    #[must_use]
    pub fn missing(&self) -> Vec<usize> {
        (0..2 * self.manifest.stretches())
            .filter(|stretch| !self.finished.contains_key(stretch))
            .collect()
    }

    /// The positions of a stretch on the axis of all contigs.
    #[must_use]
    pub fn positions(&self, stretch: usize) -> Range<usize> {
        let start = stretch % self.manifest.stretches().max(1) * self.manifest.stretch_bp;
        start..(start + self.manifest.stretch_bp).min(self.manifest.positions())
    }

    /// Where the rows of a stretch lie in an array, as index and length.
    fn rows(&self, statistic: Statistic, stretch: usize) -> Vec<(u64, usize)> {
        let strand = stretch / self.manifest.stretches().max(1);
        let positions = self.positions(stretch);
        let rows = self.manifest.rows(statistic);
        (0..rows)
            .map(|row| {
                let start = row_major(&self.manifest, rows, strand, row) + positions.start as u64;
                (start, positions.len())
            })
            .collect()
    }

    /// Checksums of what the arrays hold at a stretch.
    fn checksums(
        &self,
        stretch: usize,
        cancel: &Cancel,
    ) -> Result<BTreeMap<String, u32>, StoreError> {
        let mut sums = BTreeMap::new();
        let mut bytes = Vec::new();
        for (statistic, array) in &self.arrays {
            let mut hasher = crc32fast::Hasher::new();
            for (start, length) in self.rows(*statistic, stretch) {
                cancel.check()?;
                bytes.resize(length * statistic.item().bytes(), 0);
                array.read(start, &mut bytes)?;
                hasher.update(&bytes);
            }
            sums.insert(file_name(*statistic, None), hasher.finalize());
        }
        for (name, array) in self.distance_arrays() {
            let count = self.manifest.shape().len() * self.manifest.model.context;
            bytes.resize(count * 8, 0);
            array.read((stretch * count) as u64, &mut bytes)?;
            sums.insert(name.to_owned(), crc32fast::hash(&bytes));
        }
        Ok(sums)
    }

    fn distance_arrays(&self) -> impl Iterator<Item = (&'static str, &ArrayFile)> {
        let pairs = [(BY_DISTANCE, &self.by_distance), (ANCHORS, &self.anchors)];
        pairs
            .into_iter()
            .filter_map(|(name, array)| Some((name, array.as_ref()?)))
    }

    /// Writes a stretch and then that it is finished.
    ///
    /// # Errors
    /// When it cannot be written, or somebody asked to stop; the stretch then is not finished.
    pub fn finish(
        &mut self,
        stretch: usize,
        buffer: &StretchBuffer,
        cancel: &Cancel,
    ) -> Result<(), StoreError> {
        let mut crc32 = BTreeMap::new();
        for ((statistic, bytes), (_, array)) in buffer.arrays().zip(&self.arrays) {
            let each = (buffer.len() * statistic.item().bytes()).max(1);
            let rows = self.rows(statistic, stretch);
            for ((start, _), row) in rows.into_iter().zip(bytes.chunks(each)) {
                cancel.check()?;
                array.write(start, row)?;
            }
            crc32.insert(file_name(statistic, None), crc32fast::hash(bytes));
        }
        for (name, array) in self.distance_arrays() {
            let sums = if name == ANCHORS {
                &buffer.anchors
            } else {
                &buffer.by_distance
            };
            let bytes: Vec<u8> = sums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
            array.write((stretch * sums.len()) as u64, &bytes)?;
            crc32.insert(name.to_owned(), crc32fast::hash(&bytes));
        }
        let finished = Finished {
            stretch,
            queries: buffer.queries,
            anchors: buffer.anchor_count,
            crc32,
        };
        self.journal.add(&finished)?;
        self.finished.insert(stretch, finished);
        Ok(())
    }

    /// Makes the coarser levels and says that the run is complete. All stretches must be finished.
    ///
    /// # Errors
    /// When some is not, it cannot be written, or somebody asked to stop.
    pub fn complete(mut self, cancel: &Cancel) -> Result<PathBuf, StoreError> {
        let all = 2 * self.manifest.stretches();
        if self.finished.len() < all {
            return Err(StoreError::Unfinished {
                path: self.folder,
                finished: self.finished.len(),
                all,
            });
        }
        if self.manifest.complete {
            return Ok(self.folder);
        }
        for (statistic, array) in &self.arrays {
            if statistic.has_levels() {
                self.levels(*statistic, array, cancel)?;
            }
            array.sync()?;
        }
        self.manifest.complete = true;
        self.manifest.write(&self.folder)?;
        Ok(self.folder)
    }

    fn levels(
        &self,
        statistic: Statistic,
        array: &ArrayFile,
        cancel: &Cancel,
    ) -> Result<(), StoreError> {
        let manifest = &self.manifest;
        let levels = manifest
            .levels_bp
            .iter()
            .map(|bp| {
                let path = self.folder.join(file_name(statistic, Some(*bp)));
                let shape = manifest.array_shape(statistic, Some(*bp));
                let cells = shape.last().copied().unwrap_or(0);
                Ok((*bp, cells, ArrayFile::create(&path, Item::F16, &shape)?.0))
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let rows = manifest.rows(statistic);
        let mut bytes = Vec::new();
        for (strand, row) in (0..2).flat_map(|strand| (0..rows).map(move |row| (strand, row))) {
            let start = row_major(manifest, rows, strand, row);
            let mut position = 0;
            let mut cells = vec![0_u64; levels.len()];
            for contig in &manifest.genome.contigs {
                for chunk in (0..contig.length_bp).step_by(CHUNK_BP) {
                    cancel.check()?;
                    let length = CHUNK_BP.min(contig.length_bp - chunk);
                    bytes.resize(length * statistic.item().bytes(), 0);
                    array.read(start + (position + chunk) as u64, &mut bytes)?;
                    let mut values = decode(&bytes, statistic.item());
                    let mut each = 1;
                    for ((bp, all, level), cell) in levels.iter().zip(&mut cells) {
                        values = maxima(&values, bp / each);
                        each = *bp;
                        let halves: Vec<u8> = values
                            .iter()
                            .flat_map(|value| half::f16::from_f32(*value).to_le_bytes())
                            .collect();
                        level.write((strand * rows + row) as u64 * all + *cell, &halves)?;
                        *cell += values.len() as u64;
                    }
                }
                position += contig.length_bp;
            }
        }
        levels.iter().try_for_each(|(_, _, level)| level.sync())
    }
}

/// Refuses a folder that holds anything but the files of a run, or has no room for this one.
fn is_free_for(folder: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    let mut own = vec![
        super::MANIFEST.to_owned(),
        format!("{}.part", super::MANIFEST),
        super::journal::JOURNAL.to_owned(),
        BY_DISTANCE.to_owned(),
        ANCHORS.to_owned(),
        EXPECTED.to_owned(),
    ];
    for statistic in Statistic::ALL {
        own.push(file_name(statistic, None));
        let levels = manifest.levels_bp.iter();
        own.extend(levels.map(|bp| file_name(statistic, Some(*bp))));
    }
    let mut held = 0;
    let entries = std::fs::read_dir(folder).map_err(StoreError::io(folder, "listing"))?;
    for entry in entries {
        let entry = entry.map_err(StoreError::io(folder, "listing"))?;
        if !own.iter().any(|name| entry.file_name() == name.as_str()) {
            return Err(StoreError::NotARun {
                path: folder.to_owned(),
            });
        }
        held += entry.metadata().map_or(0, |metadata| metadata.len());
    }
    has_room(folder, manifest.bytes().saturating_sub(held))
}

/// Refuses a run that will not fit.
fn has_room(folder: &Path, needed: u64) -> Result<(), StoreError> {
    // Where the system does not say, the arrays find out when they take their room.
    match fs4::available_space(folder) {
        Ok(free) if free < needed => Err(StoreError::NoRoom {
            path: folder.to_owned(),
            needed: needed.div_ceil(1_000_000),
            free: free / 1_000_000,
        }),
        _ => Ok(()),
    }
}
