//! Heads against known binding sites: start sites, a run of the model, the table.

mod inputs;
mod promoters;
mod weights;

pub use inputs::{CHECKSUMS, checksums};
pub use promoters::Part;
pub use weights::attention_weights;

use super::JobError;
use super::heads::{in_genome_order, predicted_anchors, query};
use super::open::AnchorFile;
use crate::analysis::anchors::PeakRule;
use crate::analysis::association::{
    AnchorWeights, Cell, ComparedPromoter, ComparedSite, Comparison, ContigShape, Data, Draws,
    Null, PromoterFacts, ShiftInput, SitePlace, Source, Tested, TfCount, TfSites, Universe, View,
    contig_shapes, sites_at_promoters, test,
};
use crate::analysis::shuffle::shuffled_intergenic;
use crate::genome::locus::grouped;
use crate::genome::read::promoters::PromoterRow;
use crate::genome::{Anchor, FeatureKind, FeatureSet, Genome, Interval, Locus, Strand};
use crate::model::{Mode, Model};
use crate::progress::{Cancel, Cancelled, Progress};
use crate::sites::{Evidence, Site, SiteSet};
use promoters::{BlockNumbers, facts, part, rows_at};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sites nearer than this to a site of another TF are left out of the conditional test.
const CONDITIONAL_BP: usize = 20;
/// Where the model predicts the start sites: one a so many bases.
const PREDICTED_EVERY_BP: usize = 1_000;

/// How sites and heads are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompareRule {
    /// The least evidence of a site.
    pub evidence: Evidence,
    /// TFs with fewer counted sites are not tested.
    pub min_sites: usize,
    /// Whether sites with another TF's site nearer than 20 bases are left out.
    pub conditional: bool,
    /// The only part of the genome that is looked at; all of it where none is named.
    pub part: Option<Part>,
    /// The only strand whose start sites are looked at; both where none is named.
    pub strand: Option<Strand>,
    /// Index of a contig and the only bases whose start sites are looked at; all of them where none are named.
    pub region: Option<(usize, Interval)>,
    /// Start sites nearer than this on one strand count once.
    pub apart_bp: usize,
    /// What the sites are compared with.
    pub null: Null,
    /// How often.
    pub draws: Draws,
    /// Shuffled genomes of the null that needs them.
    pub shuffles: usize,
    /// How the borders of segments are treated.
    pub mode: Mode,
}

impl Default for CompareRule {
    fn default() -> Self {
        Self {
            evidence: Evidence::Strong,
            min_sites: 10,
            conditional: false,
            part: None,
            strand: None,
            region: None,
            apart_bp: 50,
            null: Null::Promoter,
            draws: Draws::default(),
            shuffles: 20,
            mode: Mode::Seamless,
        }
    }
}

/// What is compared.
#[derive(Clone, Debug)]
pub struct CompareRequest {
    /// The genome.
    pub genome: Arc<Genome>,
    /// Its annotation: start sites where no file of them is given, genes for the shuffles.
    pub features: Arc<FeatureSet>,
    /// The model.
    pub model: Arc<Model>,
    /// Known binding sites.
    pub sites: Arc<SiteSet>,
    /// Start sites; those of the annotation where there are none, else the model's predictions.
    pub anchors: Option<Arc<AnchorFile>>,
    /// Names and σ factors of start sites, sorted by place; may be empty.
    pub promoters: Vec<PromoterRow>,
    /// How.
    pub rule: CompareRule,
}

/// Comparing failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// Somebody asked for it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is no site.
    #[error(
        "{sites}: no site is left to compare: expected sites of at least {evidence} evidence, found none among {given}; \
         choose a lower --evidence, or any where the file states none"
    )]
    NoSites {
        /// Name of the sites.
        sites: String,
        /// The least evidence that was asked for.
        evidence: &'static str,
        /// Sites before the filter.
        given: usize,
    },
    /// The sites lie on sequences that the genome does not have.
    #[error(
        "{sites}: {given} of its sites lie on other sequences than those of {genome}; open the genome that they belong to"
    )]
    OtherContigs {
        /// Name of the sites.
        sites: String,
        /// Sites on other sequences.
        given: usize,
        /// Name of the genome.
        genome: String,
    },
    /// There is no start site.
    #[error(
        "no start site is left to compare at: expected some on {genome}{within} whose −150…+20 and query lie on known bases, \
         found {given}, none of which does; name others with --anchors, or another --part, --strand or --region"
    )]
    NoAnchors {
        /// Name of the genome.
        genome: String,
        /// The part that was asked for.
        within: String,
        /// Start sites before the filter.
        given: usize,
    },
    /// The model does not say what it was trained on.
    #[error(
        "the model states no training split: expected one for --part {part}; leave --part out, or name all"
    )]
    NoSplit {
        /// The part that was asked for.
        part: Part,
    },
    /// No TF has enough sites.
    #[error(
        "no transcription factor has {least} sites that a query of its promoter sees as a whole: the most has {found}{named}, \
         at {promoters} promoters with sites; lower --min-sites, or name other start sites with --anchors"
    )]
    NoTf {
        /// How many are needed.
        least: usize,
        /// How many the TF with the most has.
        found: usize,
        /// That TF.
        named: String,
        /// Promoters of the universe.
        promoters: usize,
    },
    /// No contig is long enough for a shift.
    #[error(
        "the circular shift moves sites by at least 10 kb either way: expected a contig of more than 20 kb with sites, found none; choose another --null"
    )]
    TooShort,
    /// The annotation has no genes, so that nothing says what lies between them.
    #[error(
        "the shuffle leaves genes as they are and so needs them: expected genes in the annotation, found none; name one with --annotation"
    )]
    NoGenes,
}

/// Heads against TFs, and over what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// Where the start sites come from, in words.
    pub anchors: String,
    /// Start sites before any filter.
    pub anchors_given: usize,
    /// Start sites of the part that was asked for, with known bases all around.
    pub anchors_usable: usize,
    /// The offsets from the start site that a query sees; 0 is the +1 base.
    pub seen: [isize; 2],
    /// How it was done; tables of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<CompareRule>,
    /// The table.
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// The word for the least evidence of a site.
#[must_use]
pub fn evidence_word(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Unknown => "any",
        Evidence::Weak => "weak",
        Evidence::Strong => "strong",
        Evidence::Confirmed => "confirmed",
    }
}

/// Runs the job. `progress` counts start sites, then cells times draws.
///
/// # Errors
/// [`CompareError`].
pub fn compare(
    request: &CompareRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Compared, JobError> {
    let sites = chosen_sites(request)?;
    let (given, words) = start_sites(request, progress, cancel)?;
    let stage = Stage::new(request, &given)?;
    let layout = Layout::new(request, &stage, sites)?;
    let weights = |genome: &Genome, anchors: &[Anchor]| {
        progress.add_total(anchors.len() as u64);
        let kernel = &request.model.kernel;
        attention_weights(kernel, genome, anchors, request.rule.mode, progress, cancel)
    };
    let genome = &request.genome;
    let (at_promoters, source) = match request.rule.null {
        Null::Shift => {
            let all = weights(genome, &stage.anchors)?;
            let own = all.of(&layout.universe.promoters);
            (
                own,
                Source::Shift(Box::new(layout.shift_input(&stage, all, request.rule))),
            )
        }
        Null::Shuffle => {
            let anchors = layout.anchors(&stage);
            let own = weights(genome, &anchors)?;
            let mut drawn: Vec<AnchorWeights> = Vec::with_capacity(request.rule.shuffles);
            for draw in 0..request.rule.shuffles {
                let seed = request.rule.draws.seed.wrapping_add(draw as u64);
                let shuffled = shuffled_intergenic(genome, &request.features, seed);
                drawn.push(weights(&shuffled, &anchors)?);
            }
            (own, Source::Shuffle(drawn))
        }
        null => {
            let own = weights(genome, &layout.anchors(&stage))?;
            let source = if null == Null::Promoter {
                Source::Promoter
            } else {
                Source::Matched
            };
            (own, source)
        }
    };
    let data = Data {
        weights: at_promoters,
        promoters: layout.facts.clone(),
        tfs: layout.tested.clone(),
    };
    let tested = test(&data, &source, request.rule.draws, progress, cancel)?;
    let view = stage.view;
    Ok(Compared {
        anchors: format!("{} {words}", grouped(given.len())),
        anchors_given: given.len(),
        anchors_usable: stage.anchors.len(),
        seen: [view.first_offset(), view.label_shift.cast_signed()],
        rule: Some(request.rule),
        comparison: layout.table(request, &stage, &data, &tested),
    })
}

/// What a comparison will do.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Bases in which start sites are predicted first; the rest of the plan is not known then.
    pub predicted_bp: usize,
    /// Start sites at which attention is looked at.
    pub anchors: Vec<Anchor>,
    /// Genomes in which that is done.
    pub genomes: usize,
    /// Heads times transcription factors.
    pub cells: usize,
    /// Draws for every cell.
    pub draws: usize,
    /// Draws that follow for a cell that few of them exceed.
    pub more_draws: usize,
}

/// What the comparison will do, as far as that is known before the model runs.
///
/// # Errors
/// As [`compare`].
pub fn plan(request: &CompareRequest) -> Result<Plan, CompareError> {
    let sites = chosen_sites(request)?;
    let draws = request.rule.draws;
    let mut plan = Plan {
        predicted_bp: 0,
        anchors: Vec::new(),
        genomes: 1,
        cells: 0,
        draws: draws.permutations,
        more_draws: draws.most.saturating_sub(draws.permutations),
    };
    if request.rule.null == Null::Shuffle {
        plan.genomes += request.rule.shuffles;
        (plan.draws, plan.more_draws) = (request.rule.shuffles, 0);
    }
    let Some((given, _)) = known_start_sites(request.anchors.as_deref(), &request.features) else {
        plan.predicted_bp = request.genome.len();
        return Ok(plan);
    };
    let stage = Stage::new(request, &given)?;
    let layout = Layout::new(request, &stage, sites)?;
    plan.cells = request.model.head_shape().len() * layout.tested.len();
    plan.anchors = match request.rule.null {
        Null::Shift => stage.anchors,
        _ => layout.anchors(&stage),
    };
    Ok(plan)
}

/// The sites under the evidence filter.
fn chosen_sites(request: &CompareRequest) -> Result<Vec<&Site>, CompareError> {
    let all = &request.sites.sites;
    let contigs = &request.genome.contigs;
    let fits = |site: &&Site| {
        let contig = contigs.get(site.contig());
        contig.is_some_and(|contig| site.interval.end <= contig.len())
    };
    let here: Vec<&Site> = all.iter().filter(fits).collect();
    if here.is_empty() && !all.is_empty() {
        return Err(CompareError::OtherContigs {
            sites: request.sites.name.clone(),
            given: all.len(),
            genome: request.genome.name.clone(),
        });
    }
    let least = request.rule.evidence;
    let chosen: Vec<&Site> = here
        .into_iter()
        .filter(|site| site.evidence >= least)
        .collect();
    if chosen.is_empty() {
        return Err(CompareError::NoSites {
            sites: request.sites.name.clone(),
            evidence: evidence_word(least),
            given: all.len(),
        });
    }
    Ok(chosen)
}

/// Start sites of a file or of the annotation, with the words that say so; `None` where the model has to
/// find them.
fn known_start_sites(
    anchors: Option<&AnchorFile>,
    features: &FeatureSet,
) -> Option<(Vec<Anchor>, String)> {
    if let Some(file) = anchors {
        return Some((
            file.anchors.clone(),
            format!("start sites of {}", file.name),
        ));
    }
    let annotated = features.all().iter();
    let annotated: Vec<Anchor> = annotated
        .filter(|feature| feature.kind == FeatureKind::Tss)
        .filter_map(|feature| {
            Some(Anchor {
                contig: feature.contig(),
                position: feature.interval.start,
                strand: feature.strand?,
            })
        })
        .collect();
    (!annotated.is_empty()).then(|| (annotated, "start sites of the annotation".to_owned()))
}

/// Start sites with the words that say where they come from.
fn start_sites(
    request: &CompareRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<(Vec<Anchor>, String), CompareError> {
    let known = known_start_sites(request.anchors.as_deref(), &request.features);
    if let Some(known) = known {
        return Ok(known);
    }
    let mut found = Vec::new();
    for (contig, sequence) in request.genome.contigs.iter().enumerate() {
        let region = Locus {
            contig,
            interval: Interval::new(0, sequence.len()),
            strand: None,
        };
        let rule = PeakRule {
            count: sequence.len().div_ceil(PREDICTED_EVERY_BP),
            ..PeakRule::default()
        };
        found.extend(predicted_anchors(
            &request.model.kernel,
            &request.genome,
            region,
            rule,
            request.rule.mode,
            progress,
            cancel,
        )?);
    }
    let words = "start sites that the model itself predicts, the most likely ones";
    Ok((in_genome_order(&found), words.to_owned()))
}

/// The start sites that may be used, and what is known of them.
struct Stage {
    view: View,
    shapes: Vec<ContigShape>,
    /// In the order of the genome, no two alike.
    anchors: Vec<Anchor>,
    facts: Vec<PromoterFacts>,
    parts: Vec<Part>,
    sigmas: Vec<String>,
    names: Vec<String>,
}

impl Stage {
    fn new(request: &CompareRequest, given: &[Anchor]) -> Result<Self, CompareError> {
        let (genome, rule) = (&request.genome, request.rule);
        let config = request.model.config();
        let view = View {
            context: config.context,
            label_shift: config.label_shift,
        };
        let wraps = rule.mode == Mode::Seamless;
        let split = request.model.metadata.split.as_ref();
        if let (None, Some(part)) = (split, rule.part) {
            return Err(CompareError::NoSplit { part });
        }
        let reach = config.reach_back() + config.label_shift;
        let mut sorted = given.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut stage = Self {
            view,
            shapes: contig_shapes(genome, wraps),
            anchors: Vec::new(),
            facts: Vec::new(),
            parts: Vec::new(),
            sigmas: Vec::new(),
            names: Vec::new(),
        };
        let mut blocks = BlockNumbers::default();
        let mut sigma_numbers: BTreeMap<String, usize> = BTreeMap::new();
        let is_asked = |anchor: &Anchor| {
            let within = |(contig, bases): (usize, Interval)| {
                contig == anchor.contig && bases.contains(anchor.position)
            };
            rule.strand.is_none_or(|strand| strand == anchor.strand)
                && rule.region.is_none_or(within)
        };
        for anchor in sorted.into_iter().filter(is_asked) {
            if query(genome, anchor, config.label_shift, rule.mode).is_none() {
                continue;
            }
            let own = split.map_or(Part::Neither, |split| part(genome, split, anchor, reach));
            if rule.part.is_some_and(|wanted| wanted != own) {
                continue;
            }
            let Some(facts) = facts(genome, anchor, view, config.reach_ahead(), wraps) else {
                continue;
            };
            let rows = rows_at(&request.promoters, anchor);
            let sigma = rows.iter().map(PromoterRow::sigma).find(|s| !s.is_empty());
            let sigma = sigma.map(str::to_owned).unwrap_or_default();
            let next = sigma_numbers.len();
            stage.facts.push(PromoterFacts {
                part: own as usize,
                sigma: *sigma_numbers.entry(sigma.clone()).or_insert(next),
                block: blocks.of(anchor),
                ..facts
            });
            let names: Vec<&str> = rows.iter().map(PromoterRow::name).collect();
            stage.names.push(names.join("/"));
            stage.anchors.push(anchor);
            stage.parts.push(own);
            stage.sigmas.push(sigma);
        }
        if stage.anchors.is_empty() {
            return Err(CompareError::NoAnchors {
                genome: genome.name.clone(),
                within: within(rule),
                given: given.len(),
            });
        }
        Ok(stage)
    }
}

/// What start sites are restricted to, in words.
fn within(rule: CompareRule) -> String {
    let part = rule.part.map(|part| format!(", {part} part,"));
    let strand = rule.strand.map(|strand| format!(", strand {strand},"));
    let region = rule.region.map(|(_, bases)| format!(", {bases},"));
    [part, strand, region].into_iter().flatten().collect()
}

/// The universe, its sites, and which TFs are tested.
struct Layout<'a> {
    sites: Vec<&'a Site>,
    /// Sites with the numbers of their TFs; tested TFs have the lowest ones.
    places: Vec<SitePlace>,
    universe: Universe,
    facts: Vec<PromoterFacts>,
    tested: Vec<TfSites>,
    tfs: Vec<TfCount>,
}

impl<'a> Layout<'a> {
    fn new(
        request: &CompareRequest,
        stage: &Stage,
        sites: Vec<&'a Site>,
    ) -> Result<Self, CompareError> {
        let rule = request.rule;
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for site in &sites {
            let next = numbers.len();
            numbers.entry(site.tf()).or_insert(next);
        }
        let crowded = |site: &Site| {
            let near = Interval::new(
                site.interval.start.saturating_sub(CONDITIONAL_BP),
                site.interval.end + CONDITIONAL_BP,
            );
            let mut others = request.sites.overlapping(site.contig(), near);
            others.any(|other| other.tf() != site.tf() && other.evidence >= rule.evidence)
        };
        let mut places: Vec<SitePlace> = sites
            .iter()
            .map(|site| SitePlace {
                tf: numbers[site.tf()],
                contig: site.contig(),
                interval: site.interval,
                eligible: !(rule.conditional && crowded(site)),
            })
            .collect();
        let is_named = |site: usize, anchor: usize| {
            let named =
                |row: &PromoterRow| sites[site].targets().any(|target| target == row.name());
            rows_at(&request.promoters, stage.anchors[anchor])
                .iter()
                .any(named)
        };
        let universe = Universe::new(
            &stage.anchors,
            &stage.shapes,
            &places,
            rule.apart_bp,
            is_named,
        );
        let at = |places: &[SitePlace], tfs: usize| {
            let (anchors, shapes) = (&stage.anchors, &stage.shapes);
            sites_at_promoters(anchors, shapes, places, &universe, stage.view, tfs)
        };
        let all = at(&places, numbers.len());
        let mut tfs = counts(&numbers, &places, &universe, &all, stage, rule);
        tfs.sort_by(|a, b| (b.0.counted, &a.0.tf).cmp(&(a.0.counted, &b.0.tf)));
        let mut renumbered = vec![0; tfs.len()];
        for (new, (_, old)) in tfs.iter().enumerate() {
            renumbered[*old] = new;
        }
        for place in &mut places {
            place.tf = renumbered[place.tf];
        }
        let tfs: Vec<TfCount> = tfs.into_iter().map(|(count, _)| count).collect();
        let tested = tfs.iter().filter(|tf| tf.tested).count();
        if tested == 0 || universe.promoters.len() < 2 {
            let most = tfs.first().filter(|tf| tf.counted > 0);
            return Err(CompareError::NoTf {
                least: rule.min_sites.max(1),
                found: most.map_or(0, |tf| tf.counted),
                named: most.map_or(String::new(), |tf| format!(" ({})", tf.tf)),
                promoters: universe.promoters.len(),
            });
        }
        let long = |place: &SitePlace| stage.shapes[place.contig].length_bp > 20_000;
        if rule.null == Null::Shift && !places.iter().any(long) {
            return Err(CompareError::TooShort);
        }
        let is_gene = |kind| matches!(kind, FeatureKind::Gene | FeatureKind::Cds);
        if rule.null == Null::Shuffle && !request.features.all().iter().any(|f| is_gene(f.kind)) {
            return Err(CompareError::NoGenes);
        }
        let tested = at(&places, tested);
        let mut blocks = BlockNumbers::default();
        let facts = universe.promoters.iter().map(|&anchor| PromoterFacts {
            block: blocks.of(stage.anchors[anchor]),
            ..stage.facts[anchor].clone()
        });
        Ok(Self {
            facts: facts.collect(),
            sites,
            places,
            universe,
            tested,
            tfs,
        })
    }

    /// The start sites of the universe.
    fn anchors(&self, stage: &Stage) -> Vec<Anchor> {
        let promoters = self.universe.promoters.iter();
        promoters.map(|&anchor| stage.anchors[anchor]).collect()
    }

    fn shift_input(&self, stage: &Stage, weights: AnchorWeights, rule: CompareRule) -> ShiftInput {
        ShiftInput {
            anchors: stage.anchors.clone(),
            weights,
            shapes: stage.shapes.clone(),
            sites: self.places.clone(),
            view: stage.view,
            apart_bp: rule.apart_bp,
        }
    }

    fn table(
        &self,
        request: &CompareRequest,
        stage: &Stage,
        data: &Data,
        tested: &Tested,
    ) -> Comparison {
        let shape = request.model.head_shape();
        let promoters = self
            .universe
            .promoters
            .iter()
            .map(|&anchor| ComparedPromoter {
                anchor: stage.anchors[anchor],
                name: stage.names[anchor].clone(),
                sigma: stage.sigmas[anchor].clone(),
                part: stage.parts[anchor].to_string(),
            });
        let promoters: Vec<ComparedPromoter> = promoters.collect();
        let first = stage.view.first_offset();
        let mut sites = Vec::new();
        for of_tf in &data.tfs {
            for &place in &of_tf.counted {
                let place = &of_tf.places[place];
                let site = self.sites[place.site];
                let offset = |column: usize| first + column.cast_signed();
                sites.push(ComparedSite {
                    tf: site.tf().to_owned(),
                    contig: site.contig(),
                    interval: site.interval,
                    strand: site.strand_word().to_owned(),
                    promoter: place.promoter,
                    offsets: [offset(place.columns.start), offset(place.columns.end) - 1],
                    evidence: site.evidence,
                    effect: site.effect,
                });
            }
        }
        let (mut cells, mut weights, mut ranks) = (Vec::new(), Vec::new(), Vec::new());
        let found = tested.observed.iter().zip(&tested.significance);
        let per_head = data.tfs.len();
        for (index, (observed, significance)) in found.enumerate() {
            let (row, tf) = (index / per_head, index % per_head);
            if tf == 0 {
                weights.push(Vec::with_capacity(sites.len()));
                ranks.push(Vec::with_capacity(sites.len()));
            }
            weights[row].extend(observed.weights.iter().map(|&weight| weight as f32));
            ranks[row].extend(observed.site_aurocs.iter().map(|&rank| rank as f32));
            let head = shape.head(row);
            let of_tf = &data.tfs[tf];
            let mut own: Vec<usize> = of_tf
                .counted
                .iter()
                .map(|&p| of_tf.places[p].promoter)
                .collect();
            let count = own.len();
            own.sort_unstable();
            own.dedup();
            cells.push(Cell {
                layer: head.layer + 1,
                head: head.head + 1,
                tf: self.tfs[tf].tf.clone(),
                sites: count,
                auroc: observed.auroc,
                auroc_low: observed.interval[0],
                auroc_high: observed.interval[1],
                effect: match request.rule.null {
                    Null::Shift => observed.auroc - 0.5,
                    _ => observed.auroc - significance.null_mean,
                },
                auroc_same_at: observed.auroc_same_at,
                base_rate: own.len() as f64 / promoters.len() as f64,
                mean_weight: observed.weights.iter().sum::<f64>() / count as f64,
                mean_weight_all: observed.mean_weight_all,
                significance: *significance,
            });
        }
        Comparison {
            layers: shape.layers,
            heads: shape.heads,
            null: request.rule.null,
            movable: tested.movable,
            promoters,
            tfs: self.tfs.clone(),
            sites,
            cells,
            weights,
            ranks,
        }
    }
}

/// How many sites of each TF there are, with the number of the TF.
fn counts(
    numbers: &BTreeMap<&str, usize>,
    places: &[SitePlace],
    universe: &Universe,
    all: &[TfSites],
    stage: &Stage,
    rule: CompareRule,
) -> Vec<(TfCount, usize)> {
    let mut found: Vec<(TfCount, usize)> = numbers
        .iter()
        .map(|(tf, &number)| {
            let count = TfCount {
                tf: (*tf).to_owned(),
                sites: 0,
                at_promoters: 0,
                seen: 0,
                counted: all[number].counted.len(),
                tested: all[number].counted.len() >= rule.min_sites.max(1),
            };
            (count, number)
        })
        .collect();
    found.sort_by_key(|(_, number)| *number);
    let seen = stage.view.first_offset()..stage.view.label_shift.cast_signed() + 1;
    for (place, owner) in places.iter().zip(&universe.owners) {
        let count = &mut found[place.tf].0;
        count.sites += 1;
        let Some(owner) = owner else { continue };
        count.at_promoters += 1;
        let anchor = stage.anchors[universe.promoters[*owner]];
        let offsets = stage.shapes[place.contig].offsets(anchor, place.interval);
        count.seen += usize::from(seen.start <= offsets.start && offsets.end <= seen.end);
    }
    found
}
