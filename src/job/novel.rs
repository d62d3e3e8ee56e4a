//! Novel sites: peaks of attention between genes that overlap nothing known, with decoys from
//! shuffled genomes that the model reads as well.

mod nearby;
mod scan;
mod table;

pub use table::{HeadCounts, Novel, NovelSite};

use super::JobError;
use super::findings::{HeadsRequest, PREDICTED, summarise};
use super::open::AnchorFile;
use crate::analysis::control::Permutations;
use crate::analysis::novel::{HALF_WIDTH_BP, Taken, false_discovery_rates, sigma_boxes};
use crate::analysis::shuffle::shuffled_intergenic;
use crate::attention::{HeadId, HeadShape, Received};
use crate::genome::{Anchor, FeatureSet, Genome, Interval, Locus};
use crate::model::predict::{Sample, measure_expected};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::SiteSet;
use nearby::Nearby;
use scan::{Candidate, Scan, Search};
use std::sync::Arc;

/// What the job works on.
#[derive(Clone, Debug)]
pub struct NovelRequest {
    /// The genome.
    pub genome: Arc<Genome>,
    /// Its annotation: regions between genes are searched.
    pub features: Arc<FeatureSet>,
    /// The model.
    pub model: Arc<Model>,
    /// Known sites of any transcription factor.
    pub sites: Arc<SiteSet>,
    /// Known start sites, whose σ boxes count as known.
    pub promoters: Option<Arc<AnchorFile>>,
    /// The heads; those that pass the positional control where none is named.
    pub heads: Option<Vec<HeadId>>,
    /// Where to search; the whole genome where nothing is said. A strand is ignored: both are read.
    pub region: Option<Locus>,
    /// How it is done.
    pub rule: NovelRule,
}

/// How novel sites are found.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NovelRule {
    /// How the attention that a base receives is summed up; peaks of it are scored.
    ///
    /// The mean does not ask whether a promoter is near. The others do, and shuffled sequence has
    /// fewer promoters: their decoys score lower for that alone.
    pub statistic: Received,
    /// Shuffled genomes.
    pub decoys: usize,
    /// The largest false discovery rate of a site that is listed.
    pub fdr: f64,
    /// Seed of the shuffles, and of the positional control.
    pub seed: u64,
    /// From this probability on a start site that the model predicts has σ boxes that count as known.
    pub min_probability: f32,
    /// Permutations of the positional control that chooses heads.
    pub permutations: usize,
    /// How the borders of segments are treated.
    pub mode: Mode,
}

impl Default for NovelRule {
    fn default() -> Self {
        Self {
            statistic: Received::Mean,
            decoys: 1,
            fdr: 0.05,
            seed: 1,
            min_probability: 0.3,
            permutations: 1_000,
            mode: Mode::Seamless,
        }
    }
}

/// Looking for novel sites failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NovelError {
    /// Somebody asked for it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The model has no such head.
    #[error("the model has no head {head}: expected L1H1 to L{layers}H{heads}; name another head")]
    NoSuchHead {
        /// What was asked for.
        head: HeadId,
        /// Layers of the model.
        layers: usize,
        /// Heads of each layer.
        heads: usize,
    },
    /// No head was named, and none passes the positional control.
    #[error(
        "no head passes the positional control over {anchors}, so that none is chosen: expected at least one; name the heads"
    )]
    NoHead {
        /// Over which start sites it was run.
        anchors: String,
    },
    /// There is nothing to search.
    #[error(
        "no region of at least {least_bp} bases between genes lies in the searched part of {genome}: choose a larger region, or an annotation that leaves bases between genes"
    )]
    NoRegion {
        /// The shortest region that is searched.
        least_bp: usize,
        /// Name of the genome.
        genome: String,
    },
    /// Decoys are what the rate is estimated from.
    #[error(
        "no decoy genome was asked for: expected at least one, without which no false discovery rate can be estimated"
    )]
    NoDecoys,
}

/// Runs the job.
///
/// `progress` counts bases of either strand that are read, decoys included, after the positional
/// control where heads have to be chosen.
///
/// # Errors
/// [`NovelError`], and what choosing heads reports.
pub fn novel_sites(
    request: &NovelRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Novel, JobError> {
    let (genome, model, rule) = (&*request.genome, &*request.model, request.rule);
    if rule.decoys == 0 {
        return Err(NovelError::NoDecoys.into());
    }
    let search = Search::new(genome, &request.features, request.region);
    if search.regions() == 0 {
        return Err(NovelError::NoRegion {
            least_bp: scan::LEAST_REGION_BP,
            genome: genome.name.clone(),
        }
        .into());
    }
    let (heads, chosen) = heads(request, progress, cancel)?;
    progress.add_total(search.bases() * (1 + rule.decoys as u64));
    let settings = Settings::with_mode(rule.mode);
    let silent = Progress::default();
    let expected = measure_expected(
        &model.kernel,
        genome,
        Sample::default(),
        &settings,
        &silent,
        cancel,
    )?;
    let scan = |genome: &Genome| {
        Scan {
            genome,
            model,
            heads: &heads,
            rule,
            expected: &expected,
        }
        .run(&search, progress, cancel)
    };
    let targets = scan(genome)?;
    let known_promoters: &[Anchor] = request.promoters.as_ref().map_or(&[], |file| &file.anchors);
    let predicted: Vec<Anchor> = targets.promoters.clone();
    let boxes = |predicted: &[Anchor]| {
        let all = known_promoters.iter().chain(predicted);
        Taken::around(all.flat_map(|anchor| {
            let boxes = sigma_boxes(genome, *anchor);
            boxes.into_iter().map(|interval| (anchor.contig, interval))
        }))
    };
    let known_sites = Taken::around(request.sites.sites.iter().map(|s| (s.contig(), s.interval)));
    let mut decoys: Vec<Vec<f32>> = vec![Vec::new(); heads.len()];
    let mut free_for_decoys = 0;
    for decoy in 0..rule.decoys {
        let seed = rule.seed.wrapping_add(decoy as u64);
        let shuffled = shuffled_intergenic(genome, &request.features, seed);
        let found = scan(&shuffled)?;
        let taken = boxes(&found.promoters).or(&known_sites);
        free_for_decoys += search.free_bp(&taken);
        for (all, candidates) in decoys.iter_mut().zip(&found.heads) {
            let free = candidates.iter().filter(|found| !found.lies_in(&taken));
            all.extend(free.map(|candidate| candidate.score));
        }
    }
    let boxes = boxes(&predicted);
    let free_bp = search.free_bp(&boxes.or(&known_sites));
    let weight = free_bp as f64 / free_for_decoys.max(1) as f64;
    let nearby = Nearby::new(&request.features, known_promoters, &predicted);
    let mut novel = Novel {
        sites: Vec::new(),
        heads: Vec::new(),
        rule,
        chosen,
        searched_bp: free_bp,
        regions: search.regions(),
        known_sites: request.sites.sites.len(),
        known_promoters: known_promoters.len(),
        predicted_promoters: predicted.len(),
        places: 0,
    };
    let known = Known {
        boxes: &boxes,
        sites: &known_sites,
        nearby: &nearby,
    };
    for ((&head, candidates), decoys) in heads.iter().zip(&targets.heads).zip(&decoys) {
        let (counts, sites) = of_head(request, head, candidates, decoys, weight, &known);
        novel.heads.push(counts);
        novel.sites.extend(sites);
    }
    novel.finish();
    Ok(novel)
}

/// Bases of both strands that are read of one genome, and the windows in which that is done.
#[must_use]
pub fn scanned(request: &NovelRequest) -> (u64, usize) {
    let search = Search::new(&request.genome, &request.features, request.region);
    (search.bases(), search.windows())
}

/// What is known about the genome.
struct Known<'a> {
    boxes: &'a Taken,
    sites: &'a Taken,
    nearby: &'a Nearby<'a>,
}

/// The peaks of one head, counted, and those that pass.
fn of_head(
    request: &NovelRequest,
    head: HeadId,
    candidates: &[Candidate],
    decoys: &[f32],
    weight: f64,
    known: &Known<'_>,
) -> (HeadCounts, Vec<NovelSite>) {
    let (in_boxes, outside): (Vec<Candidate>, Vec<Candidate>) = candidates
        .iter()
        .partition(|candidate| candidate.lies_in(known.boxes));
    let (at_sites, free): (Vec<Candidate>, Vec<Candidate>) = outside
        .iter()
        .partition(|candidate| candidate.lies_in(known.sites));
    let scores: Vec<f32> = free.iter().map(|candidate| candidate.score).collect();
    let rates = false_discovery_rates(&scores, decoys, weight);
    let passing: Vec<(&Candidate, f64)> = free
        .iter()
        .zip(rates)
        .filter(|(_, rate)| *rate <= request.rule.fdr)
        .collect();
    let threshold = passing
        .iter()
        .map(|(candidate, _)| candidate.score)
        .min_by(f32::total_cmp);
    let reaches = |candidate: &&Candidate| threshold.is_some_and(|t| candidate.score >= t);
    let counts = HeadCounts {
        layer: head.layer + 1,
        head: head.head + 1,
        name: head.to_string(),
        in_sigma_boxes: in_boxes.len(),
        at_known_sites: at_sites.len(),
        targets: free.len(),
        decoys: decoys.len() as f64 * weight,
        threshold,
        passing: passing.len(),
        known_passing: at_sites.iter().filter(reaches).count(),
    };
    let sites = passing.into_iter();
    let sites = sites.map(|(candidate, fdr)| site(request, head, candidate, fdr, known.nearby));
    (counts, sites.collect())
}

/// The heads to look at, and in words why these.
fn heads(
    request: &NovelRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(Vec<HeadId>, String), JobError> {
    let HeadShape { layers, heads } = request.model.head_shape();
    if let Some(asked) = &request.heads {
        for &head in asked {
            if head.layer >= layers || head.head >= heads {
                return Err(NovelError::NoSuchHead {
                    head,
                    layers,
                    heads,
                }
                .into());
            }
        }
        let mut chosen = asked.clone();
        chosen.sort_unstable();
        chosen.dedup();
        return Ok((chosen, "as asked for".to_owned()));
    }
    let control = HeadsRequest {
        genome: Arc::clone(&request.genome),
        model: Arc::clone(&request.model),
        anchors: request.promoters.clone(),
        predicted: PREDICTED,
        permutations: Permutations {
            count: request.rule.permutations,
            seed: request.rule.seed,
        },
        mode: request.rule.mode,
    };
    let found = summarise(&control, progress, cancel)?;
    let passing: Vec<HeadId> = found
        .reports()
        .iter()
        .filter(|report| report.summary.exceeds == Some(true))
        .map(|report| report.head)
        .collect();
    if passing.is_empty() {
        let anchors = found.anchors;
        return Err(NovelError::NoHead { anchors }.into());
    }
    let words = format!(
        "those that pass the positional control over {}",
        found.anchors
    );
    Ok((passing, words))
}

fn site(
    request: &NovelRequest,
    head: HeadId,
    candidate: &Candidate,
    fdr: f64,
    nearby: &Nearby,
) -> NovelSite {
    let contig = &request.genome.contigs[candidate.contig];
    let interval = candidate.interval(contig.len());
    let gene = nearby.gene(candidate.contig, candidate.position);
    let tss = nearby.tss(candidate.contig, candidate.position);
    NovelSite {
        layer: head.layer + 1,
        head: head.head + 1,
        name: head.to_string(),
        contig: contig.name.clone(),
        left: interval.start + 1,
        right: interval.end,
        strand: candidate.strand.sign(),
        score: candidate.score,
        fdr,
        gene: gene.as_ref().map(|gene| gene.name.clone()),
        gene_distance: gene.map(|gene| gene.distance),
        tss: tss.map(|tss| tss.anchor.position + 1),
        tss_strand: tss.map(|tss| tss.anchor.strand.sign()),
        tss_position: tss.map(|tss| tss.offset.number()),
        tss_is_known: tss.map(|tss| tss.known),
    }
}

impl Candidate {
    /// The peak with what lies beside it, cut to the contig.
    fn interval(&self, contig_bp: usize) -> Interval {
        Interval::new(
            self.position.saturating_sub(HALF_WIDTH_BP),
            (self.position + HALF_WIDTH_BP + 1).min(contig_bp),
        )
    }

    fn lies_in(&self, taken: &Taken) -> bool {
        taken.covers(self.contig, self.position)
    }
}
