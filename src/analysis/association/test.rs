//! Every head against every TF under one null.

use super::draws::{PromoterFacts, Recipients, ShiftInput, Shifted, classes, fifths, strata};
use super::interval::Blocks;
use super::ranks::{Track, add_site, add_site_with_repeats, auroc, doubled_ranks, left_out};
use super::significance::{Centre, Significance, adjust, significances};
use super::universe::TfSites;
use super::weights::AnchorWeights;
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::ops::Range;

/// Cells with fewer exceedances than this go on to more draws.
const ENOUGH_EXCEEDANCES: usize = 10;
/// Draws that are made at a time.
const BATCH: usize = 1_000;
/// Bytes of ranks that are kept at a time.
const RANK_BYTES: usize = 256 << 20;

/// What is compared.
#[derive(Clone, Debug)]
pub struct Data {
    /// What heads do at the promoters of the universe.
    pub weights: AnchorWeights,
    /// What else is known of these promoters.
    pub promoters: Vec<PromoterFacts>,
    /// The sites of the TFs that are tested.
    pub tfs: Vec<TfSites>,
}

/// What the draws of a null come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Permutations of the promoters within strata.
    Promoter,
    /// Promoters matched in AT content for every site on its own.
    Matched,
    /// Circular shifts of all sites.
    Shift(Box<ShiftInput>),
    /// What heads do at the same promoters of shuffled genomes, one a draw.
    Shuffle(Vec<AnchorWeights>),
}

/// How many draws are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Draws {
    /// Draws for every cell; shuffled genomes count as they are.
    pub permutations: usize,
    /// Draws for cells with fewer than ten exceedances.
    pub most: usize,
    /// Seed of the draws and of the bootstrap.
    pub seed: u64,
}

impl Default for Draws {
    fn default() -> Self {
        Self {
            permutations: 1_000,
            most: 100_000,
            seed: 1,
        }
    }
}

/// A cell by the numbers of its head and its TF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CellAt {
    head: usize,
    tf: usize,
}

/// What a cell's sites show, before any null.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// Mean over the sites of their AUROCs.
    pub auroc: f64,
    /// Ends of its 95 % interval.
    pub interval: [f64; 2],
    /// The AUROC against controls of the same fifth by AT content.
    pub auroc_same_at: f64,
    /// Mean weight over each counted site's bases.
    pub weights: Vec<f64>,
    /// Mean weight over the same intervals at all promoters.
    pub mean_weight_all: f64,
    /// Each counted site's own AUROC.
    pub site_aurocs: Vec<f64>,
}

/// A tested table: `[head][tf]` as one list, heads outermost.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// What the sites show.
    pub observed: Vec<Observed>,
    /// Against the null.
    pub significance: Vec<Significance>,
    /// Strata with at least two promoters, and promoters in them.
    pub movable: [usize; 2],
}

/// Tests every head against every TF of `data`.
///
/// `progress` counts cells times draws.
///
/// # Errors
/// [`Cancelled`].
pub fn test(
    data: &Data,
    source: &Source,
    draws: Draws,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Tested, Cancelled> {
    let heads = data.weights.shape.len();
    let cells: Vec<CellAt> = (0..heads)
        .flat_map(|head| (0..data.tfs.len()).map(move |tf| CellAt { head, tf }))
        .collect();
    let first = match source {
        Source::Shuffle(drawn) => drawn.len(),
        _ => draws.permutations,
    };
    progress.add_total((cells.len() * first) as u64);
    let observed = describe(data, &cells, draws.seed, cancel)?;
    let engine = Engine::new(data, source, draws.seed);
    let statistics: Vec<f64> = observed
        .iter()
        .zip(&cells)
        .map(|(observed, cell)| engine.statistic(observed.auroc, data.tfs[cell.tf].counted.len()))
        .collect();
    let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(first); cells.len()];
    engine.run(&cells, 0..first, progress, cancel, |cell, values| {
        drawn[cell].extend_from_slice(values);
    })?;
    let (mut found, centres) = significances(&statistics, &drawn);
    drop(drawn);
    if !matches!(source, Source::Shuffle(_)) && draws.most > first {
        let rare: Vec<usize> = (0..cells.len())
            .filter(|&cell| found[cell].exceedances < ENOUGH_EXCEEDANCES)
            .collect();
        let asked: Vec<CellAt> = rare.iter().map(|&cell| cells[cell]).collect();
        progress.add_total((asked.len() * (draws.most - first)) as u64);
        engine.run(
            &asked,
            first..draws.most,
            progress,
            cancel,
            |cell, values| {
                let centre: &Centre = &centres[rare[cell]];
                let more = values.iter().filter(|&&v| centre.is_exceeded_by(v)).count();
                found[rare[cell]].exceedances += more;
                found[rare[cell]].draws += values.len();
            },
        )?;
    }
    adjust(&mut found);
    Ok(Tested {
        observed,
        significance: found,
        movable: engine.movable(),
    })
}

/// What the sites of every cell show.
fn describe(
    data: &Data,
    cells: &[CellAt],
    seed: u64,
    cancel: &Cancel,
) -> Result<Vec<Observed>, Cancelled> {
    let at: Vec<f64> = data.promoters.iter().map(|p| p.at_content).collect();
    let fifths = fifths(&at);
    let blocks = Blocks::new(data.promoters.iter().map(|p| p.block), seed);
    let of_head = |cells: &[CellAt]| -> Result<Vec<Observed>, Cancelled> {
        let Some(first) = cells.first() else {
            return Ok(Vec::new());
        };
        let track = Track::new(&data.weights, first.head);
        let observe = |cell: &CellAt| {
            cancel.check()?;
            Ok(observed(&data.tfs[cell.tf], &track, &fifths, &blocks))
        };
        cells.iter().map(observe).collect()
    };
    let per_head = data.tfs.len().max(1);
    let found: Vec<Vec<Observed>> = cells
        .par_chunks(per_head)
        .map(of_head)
        .collect::<Result<_, Cancelled>>()?;
    Ok(found.concat())
}

fn observed(sites: &TfSites, track: &Track, fifths: &[usize], blocks: &Blocks) -> Observed {
    let count = sites.counted.len();
    let mut found = Observed {
        auroc: f64::NAN,
        interval: [f64::NAN; 2],
        auroc_same_at: f64::NAN,
        weights: Vec::with_capacity(count),
        mean_weight_all: 0.0,
        site_aurocs: Vec::with_capacity(count),
    };
    let (mut same_at, mut with_same_at) = (0.0, 0_usize);
    let mut influence = vec![0.0; blocks.count()];
    let mut own_blocks = Vec::with_capacity(count);
    for (counted, &place) in sites.counted.iter().enumerate() {
        let place = &sites.places[place];
        let means = track.means(&place.columns);
        let own = means[place.promoter];
        let mut is_control = vec![true; means.len()];
        is_control[place.promoter] = false;
        for other in left_out(sites, counted) {
            is_control[other] = false;
        }
        let below = |mean: f64| match mean.total_cmp(&own) {
            std::cmp::Ordering::Less => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 0.0,
        };
        let (mut all, mut controls, mut same, mut same_controls) = (0.0, 0_usize, 0.0, 0_usize);
        for (promoter, &mean) in means.iter().enumerate() {
            if is_control[promoter] {
                all += below(mean);
                controls += 1;
                if fifths[promoter] == fifths[place.promoter] {
                    same += below(mean);
                    same_controls += 1;
                }
            }
        }
        let value = if controls == 0 {
            0.5
        } else {
            all / controls as f64
        };
        for (promoter, &mean) in means.iter().enumerate() {
            if is_control[promoter] {
                influence[blocks.of(promoter)] += (below(mean) - value) / controls as f64;
            }
        }
        if same_controls > 0 {
            same_at += same / same_controls as f64;
            with_same_at += 1;
        }
        found.mean_weight_all += means.iter().sum::<f64>() / means.len() as f64;
        found.weights.push(own);
        found.site_aurocs.push(value);
        own_blocks.push(blocks.of(place.promoter));
    }
    if count > 0 {
        found.auroc = found.site_aurocs.iter().sum::<f64>() / count as f64;
        found.mean_weight_all /= count as f64;
        for sum in &mut influence {
            *sum /= count as f64;
        }
        found.interval = blocks.interval(&found.site_aurocs, &own_blocks, &influence);
    }
    if with_same_at > 0 {
        found.auroc_same_at = same_at / with_same_at as f64;
    }
    found
}

/// Makes draws and their statistics.
struct Engine<'a> {
    data: &'a Data,
    source: &'a Source,
    seed: u64,
    strata: Vec<Vec<u32>>,
    /// Promoters that each place may be drawn at, by slot.
    classes: Vec<Vec<u32>>,
    /// First slot of each TF's places.
    first_slot: Vec<usize>,
}

impl<'a> Engine<'a> {
    fn new(data: &'a Data, source: &'a Source, seed: u64) -> Self {
        let mut next = 0;
        let first_slot = data.tfs.iter().map(|of_tf| {
            let first = next;
            next += of_tf.places.len();
            first
        });
        Self {
            first_slot: first_slot.collect(),
            classes: match source {
                Source::Matched => classes(&data.promoters, &data.tfs),
                _ => Vec::new(),
            },
            strata: strata(&data.promoters),
            data,
            source,
            seed,
        }
    }

    fn movable(&self) -> [usize; 2] {
        let several = self.strata.iter().filter(|members| members.len() > 1);
        [several.clone().count(), several.map(Vec::len).sum()]
    }

    /// What is compared with the draws. Shifted draws hold other numbers of sites than there are:
    /// what lies ½ apart with few sites must not pass for as much as with many.
    fn statistic(&self, auroc: f64, sites: usize) -> f64 {
        match self.source {
            Source::Shift(_) => (auroc - 0.5) * (sites as f64).sqrt(),
            _ => auroc,
        }
    }

    /// Hands over the statistics of `cells`, batch by batch, in the order of the draws.
    fn run(
        &self,
        cells: &[CellAt],
        draws: Range<usize>,
        progress: &Progress,
        cancel: &Cancel,
        mut take: impl FnMut(usize, &[f64]),
    ) -> Result<(), Cancelled> {
        let mut done = 0;
        while done < cells.len() {
            let group = self.group(&cells[done..]);
            let part = &cells[done..done + group];
            let ranks = self.ranks(part, cancel)?;
            let mut from = draws.start;
            while from < draws.end {
                let batch = from..(from + BATCH).min(draws.end);
                let size = batch.len();
                let values = self.batch(part, &ranks, batch, cancel)?;
                for (index, values) in values.iter().enumerate() {
                    take(done + index, values);
                }
                progress.advance((part.len() * size) as u64);
                from += size;
            }
            done += group;
        }
        Ok(())
    }

    /// How many of the first cells are treated together, so that their ranks fit.
    fn group(&self, cells: &[CellAt]) -> usize {
        if !matches!(self.source, Source::Promoter | Source::Matched) {
            return cells.len();
        }
        let mut bytes = 0;
        let fits = cells.iter().take_while(|cell| {
            bytes += 4 * self.data.tfs[cell.tf].counted.len() * self.data.promoters.len();
            bytes <= RANK_BYTES
        });
        fits.count().max(1)
    }

    /// The ranks that cells need, by cell and counted site.
    fn ranks(&self, cells: &[CellAt], cancel: &Cancel) -> Result<Vec<Vec<Vec<u32>>>, Cancelled> {
        if !matches!(self.source, Source::Promoter | Source::Matched) {
            return Ok(Vec::new());
        }
        let heads: Vec<&[CellAt]> = cells.chunk_by(|a, b| a.head == b.head).collect();
        let of_head = |cells: &&[CellAt]| {
            let Some(first) = cells.first() else {
                return Ok(Vec::new());
            };
            let track = Track::new(&self.data.weights, first.head);
            let of_cell = |cell: &CellAt| {
                cancel.check()?;
                let sites = &self.data.tfs[cell.tf];
                let of_place =
                    |&place: &usize| doubled_ranks(&track.means(&sites.places[place].columns));
                Ok(sites.counted.iter().map(of_place).collect())
            };
            cells.iter().map(of_cell).collect()
        };
        let found: Vec<Vec<Vec<Vec<u32>>>> = heads
            .par_iter()
            .map(of_head)
            .collect::<Result<_, Cancelled>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The statistics of a batch of draws, by cell.
    fn batch(
        &self,
        cells: &[CellAt],
        ranks: &[Vec<Vec<u32>>],
        draws: Range<usize>,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<f64>>, Cancelled> {
        match self.source {
            Source::Promoter => {
                let promoters = self.data.promoters.len();
                let drawn = Recipients::permuted(&self.strata, promoters, self.seed, draws);
                self.moved(cells, ranks, &drawn, cancel)
            }
            Source::Matched => {
                let drawn = Recipients::matched(&self.classes, self.seed, draws);
                self.moved(cells, ranks, &drawn, cancel)
            }
            Source::Shift(input) => self.shifted(cells, input, draws, cancel),
            Source::Shuffle(drawn) => self.shuffled(cells, &drawn[draws], cancel),
        }
    }

    /// Statistics with sites at the promoters that were drawn.
    fn moved(
        &self,
        cells: &[CellAt],
        ranks: &[Vec<Vec<u32>>],
        drawn: &Recipients,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<f64>>, Cancelled> {
        let together = matches!(self.source, Source::Promoter);
        let of_cell = |(cell, ranks): (&CellAt, &Vec<Vec<u32>>)| {
            cancel.check()?;
            let sites = &self.data.tfs[cell.tf];
            let mut sums = vec![0.0; drawn.draws];
            for (counted, ranks) in ranks.iter().enumerate() {
                let place = sites.counted[counted];
                if together {
                    let own = drawn.of(sites.places[place].promoter);
                    let others: Vec<&[u32]> = left_out(sites, counted)
                        .into_iter()
                        .map(|promoter| drawn.of(promoter))
                        .collect();
                    add_site(ranks, own, &others, &mut sums);
                } else {
                    let slot = |place: usize| drawn.of(self.first_slot[cell.tf] + place);
                    let others: Vec<&[u32]> = sites.overlapping[counted]
                        .iter()
                        .map(|&other| slot(other))
                        .collect();
                    add_site_with_repeats(ranks, slot(place), &others, &mut sums);
                }
            }
            let count = sites.counted.len();
            let mean = |sum: f64| self.statistic(sum / count as f64, count);
            Ok(sums.into_iter().map(mean).collect())
        };
        cells.par_iter().zip(ranks).map(of_cell).collect()
    }

    /// Statistics with all sites elsewhere. A TF none of whose sites is seen there says nothing: 0.
    fn shifted(
        &self,
        cells: &[CellAt],
        input: &ShiftInput,
        draws: Range<usize>,
        cancel: &Cancel,
    ) -> Result<Vec<Vec<f64>>, Cancelled> {
        let tfs = self.data.tfs.len();
        let layouts: Vec<Shifted> = draws
            .into_par_iter()
            .map(|draw| {
                cancel.check()?;
                Ok(input.draw(self.seed, draw, tfs))
            })
            .collect::<Result<_, Cancelled>>()?;
        let heads: Vec<&[CellAt]> = cells.chunk_by(|a, b| a.head == b.head).collect();
        let of_head = |cells: &&[CellAt]| -> Result<Vec<Vec<f64>>, Cancelled> {
            let Some(first) = cells.first() else {
                return Ok(Vec::new());
            };
            let track = Track::new(&input.weights, first.head);
            let of_cell = |cell: &CellAt| {
                cancel.check()?;
                let of_draw = |layout: &Shifted| {
                    let sites = &layout.sites[cell.tf];
                    auroc(&track, &layout.promoters, sites)
                        .map_or(0.0, |auroc| self.statistic(auroc, sites.counted.len()))
                };
                Ok(layouts.iter().map(of_draw).collect())
            };
            cells.iter().map(of_cell).collect()
        };
        let found: Vec<Vec<Vec<f64>>> = heads
            .par_iter()
            .map(of_head)
            .collect::<Result<_, Cancelled>>()?;
        Ok(found.concat())
    }

    /// Statistics over shuffled genomes.
    fn shuffled(
        &self,
        cells: &[CellAt],
        drawn: &[AnchorWeights],
        cancel: &Cancel,
    ) -> Result<Vec<Vec<f64>>, Cancelled> {
        let all: Vec<usize> = (0..self.data.promoters.len()).collect();
        let heads: Vec<&[CellAt]> = cells.chunk_by(|a, b| a.head == b.head).collect();
        let of_head = |cells: &&[CellAt]| -> Result<Vec<Vec<f64>>, Cancelled> {
            let mut found = vec![Vec::with_capacity(drawn.len()); cells.len()];
            for weights in drawn {
                cancel.check()?;
                let track = Track::new(weights, cells[0].head);
                for (cell, values) in cells.iter().zip(&mut found) {
                    let value = auroc(&track, &all, &self.data.tfs[cell.tf]);
                    values.push(value.unwrap_or(0.5));
                }
            }
            Ok(found)
        };
        let found: Vec<Vec<Vec<f64>>> = heads
            .par_iter()
            .map(of_head)
            .collect::<Result<_, Cancelled>>()?;
        Ok(found.concat())
    }
}
