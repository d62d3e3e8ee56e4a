//! The genome view of what is open: the same picture for the window and the command line.

use crate::attention::pyramid::{COARSE_BP, coarser};
use crate::attention::track::EPSILON;
use crate::attention::{HeadId, HeadShape, Overview, Received, WindowTracks};
use crate::figure::colormap::{ColorScale, Colormap};
use crate::figure::provenance::Provenance;
use crate::figure::raster::Reduce;
use crate::figure::scene::Scene;
use crate::figure::tf_looks::{Neighbours, TfLooks};
use crate::figure::theme::{BaseColors, Theme};
use crate::figure::tracks::{
    Arcs, GenomeLayout, GenomeView, HeadStrip, Probability, SiteTrack, StripPage, TrackKind,
    TrackPage,
};
use crate::figure::viewport::Viewport;
use crate::genome::{Contig, FeatureSet, Genome, Interval, Locus, Strand};
use crate::model::{Mode, Model};
use crate::sites::{Evidence, Site, SiteSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rules of the head strip, in the order of the menu.
pub const RULES: [Received; 3] = Received::ALL;

/// The name of a rule in a menu.
#[must_use]
pub fn rule_name(rule: Received) -> &'static str {
    match rule {
        Received::Mean => "received, mean",
        Received::Weighted => "received, weighted by P(TSS)",
        Received::OverExpected => "weighted, over expected",
    }
}

/// What a rule shows, in plain words.
#[must_use]
pub fn rule_explanation(rule: Received) -> &'static str {
    match rule {
        Received::Mean => {
            "How much each base is looked at: the mean weight that it gets from the queries that see it."
        }
        Received::Weighted => {
            "What likely start sites look at: each query counts by the probability that the model gives it."
        }
        Received::OverExpected => {
            "The same, compared with what the head gives to any base at that distance: what it sees in the sequence, \
             apart from where it always looks. 0 is as expected, 1 is twice as much, −1 half."
        }
    }
}

/// What a value is, for the legend.
#[must_use]
pub fn rule_legend(rule: Received, strand: Strand) -> String {
    match rule {
        Received::Mean => {
            format!(
                "attention received by each base, strand {strand}: mean weight over the queries that see it"
            )
        }
        Received::Weighted => format!(
            "attention received by each base, strand {strand}: sum over the queries that see it, each times its P(TSS)"
        ),
        Received::OverExpected => {
            format!(
                "log₂ of attention weighted by P(TSS) over its expectation at that distance (ε = {EPSILON} added to both), strand {strand}"
            )
        }
    }
}

/// The colour scale of a rule: fixed for a model, so that colours mean the same wherever one looks.
#[must_use]
pub fn rule_scale(rule: Received, context: usize, theme: Theme) -> ColorScale {
    let uniform = 1.0 / context as f32;
    match rule {
        Received::Mean => ColorScale::logarithmic(Colormap::Viridis, 0.5 * uniform, 8.0 * uniform),
        Received::Weighted => ColorScale::logarithmic(Colormap::Magma, 1e-3, 0.3),
        Received::OverExpected => ColorScale::linear(diverging(theme == Theme::Dark), -3.0, 3.0),
    }
}

/// From here on a pixel stands for so many bases that their largest value is nearly always large.
const WIDE_BP_PER_PIXEL: f64 = 32.0;

/// Coarse cells are drawn up to this many pixels wide.
const WIDEST_CELL_PX: f64 = 4.0;

/// The same where every value is the largest of hundreds or thousands of bases: the scales of single
/// bases would be full everywhere.
#[must_use]
pub fn wide_scale(rule: Received, context: usize, theme: Theme) -> ColorScale {
    let uniform = 1.0 / context as f32;
    match rule {
        Received::Mean => ColorScale::logarithmic(Colormap::Viridis, uniform, 64.0 * uniform),
        Received::Weighted => ColorScale::logarithmic(Colormap::Magma, 0.02, 6.0),
        Received::OverExpected => ColorScale::linear(diverging(theme == Theme::Dark), -6.0, 6.0),
    }
}

/// Tracks of some bases with their coarser level.
#[derive(Clone, Debug)]
pub struct TracksPage {
    tracks: WindowTracks,
    coarse: [Vec<f32>; 3],
    coarse_columns: usize,
}

impl TracksPage {
    /// Adds the coarser level.
    #[must_use]
    pub fn new(tracks: WindowTracks, shape: HeadShape) -> Self {
        let mut coarse_columns = 0;
        let coarse = std::array::from_fn(|rule| {
            let (values, columns) = coarser(&tracks.tracks[rule], shape.len());
            coarse_columns = columns;
            values
        });
        Self {
            tracks,
            coarse,
            coarse_columns,
        }
    }

    /// The values, one a base.
    #[must_use]
    pub fn tracks(&self) -> &WindowTracks {
        &self.tracks
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let floats: usize = self
            .tracks
            .tracks
            .iter()
            .chain(&self.coarse)
            .map(Vec::len)
            .sum();
        size_of::<f32>() * (floats + self.tracks.probability.len())
    }

    fn strip(&self, rule: Received, coarse: bool) -> StripPage<'_> {
        let start = self.tracks.interval.start;
        if coarse {
            let values = &self.coarse[rule as usize];
            StripPage {
                start,
                bp_per_value: COARSE_BP,
                columns: self.coarse_columns,
                values,
            }
        } else {
            let values = &self.tracks.tracks[rule as usize];
            StripPage {
                start,
                bp_per_value: 1,
                columns: self.tracks.interval.len(),
                values,
            }
        }
    }
}

/// What a genome view is made from.
#[derive(Clone, Copy, Debug)]
pub struct ViewInputs<'a> {
    /// The open genome.
    pub genome: &'a Genome,
    /// Its annotation.
    pub features: &'a FeatureSet,
    /// Start sites of a file.
    pub start_sites: Option<&'a FeatureSet>,
    /// Known sites as they are shown.
    pub sites: &'a ShownSites,
    /// The model.
    pub model: &'a Model,
    /// What is shown.
    pub viewport: Viewport,
    /// The strand of the head rows.
    pub strand: Strand,
    /// The rule of the head rows.
    pub rule: Received,
    /// The head rows; all where empty.
    pub heads: &'a [HeadId],
    /// Tracks of `strand`, in any order.
    pub pages: &'a [&'a TracksPage],
    /// Probabilities of the other strand: first forward base and values.
    pub other_strand: &'a [(usize, &'a [f32])],
    /// Coarse tracks of the whole genome, drawn where there is nothing finer.
    pub overview: Option<&'a Overview>,
    /// The head to be marked.
    pub selected_head: Option<HeadId>,
    /// Width in points.
    pub width: f32,
    /// Height to fill, in points.
    pub height: Option<f32>,
    /// Pixels for each point where it will be shown.
    pub pixels_per_point: f32,
    /// Light or dark.
    pub theme: Theme,
    /// Colours of the letters.
    pub base_colors: BaseColors,
    /// A line above the ruler.
    pub title: Option<&'a str>,
    /// Bases to be marked.
    pub selected: Option<Interval>,
    /// The query whose keys are drawn as arcs.
    pub arcs: Option<Arcs<'a>>,
    /// The base through which a line is drawn.
    pub pinned: Option<usize>,
    /// Order, heights and scales of the tracks.
    pub tracks: &'a TrackLooks,
}

/// How the tracks of a genome view differ from the usual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrackLooks {
    /// Their order below the ruler; those left out follow in the usual order.
    pub order: Vec<TrackKind>,
    /// Those that are not drawn.
    pub hidden: Vec<TrackKind>,
    /// Heights over the usual ones.
    pub heights: Vec<(TrackKind, f32)>,
    /// The upper end of the axis of P(TSS).
    pub probability_top: Option<f32>,
    /// The upper end of the colours of the head rows.
    pub heads_top: Option<f32>,
    /// The colours of the head rows, where their rule allows a choice.
    pub colormap: Option<Colormap>,
    /// Whether sites are outlined over the head rows too.
    pub sites_over_heads: bool,
}

impl TrackLooks {
    /// The colour scale of the head rows, from the one that the rule gives.
    #[must_use]
    pub fn scale(&self, scale: ColorScale) -> ColorScale {
        let scale = self.colormap.map_or(scale, |map| scale.with_map(map));
        self.heads_top.map_or(scale, |top| scale.with_high(top))
    }
}

/// Known sites with the transcription factors that are shown, and how those look.
#[derive(Clone, Debug, Default)]
pub struct ShownSites {
    sites: Vec<Arc<SiteSet>>,
    shown: Vec<Option<BTreeSet<String>>>,
    tfs: Vec<(String, usize)>,
    looks: TfLooks,
}

impl ShownSites {
    /// All but the sites of `hidden` factors.
    #[must_use]
    pub fn new(sites: &[Arc<SiteSet>], hidden: &BTreeSet<String>) -> Self {
        let tfs = all_tfs(sites);
        let shown = tfs.iter().map(|(tf, _)| tf);
        let shown: BTreeSet<String> = shown.filter(|tf| !hidden.contains(*tf)).cloned().collect();
        let names = tfs.iter().map(|(tf, _)| tf.as_str());
        let names = names.filter(|tf| shown.contains(*tf));
        Self {
            looks: TfLooks::assign_among(names, &neighbours(sites)),
            shown: sites
                .iter()
                .map(|_| (shown.len() < tfs.len()).then(|| shown.clone()))
                .collect(),
            sites: sites.to_vec(),
            tfs,
        }
    }

    /// Every transcription factor, shown or not, with its number of sites, most sites first.
    #[must_use]
    pub fn tfs(&self) -> &[(String, usize)] {
        &self.tfs
    }

    /// How transcription factors look.
    #[must_use]
    pub fn looks(&self) -> &TfLooks {
        &self.looks
    }

    /// A track for each set.
    #[must_use]
    pub fn tracks(&self) -> Vec<SiteTrack<'_>> {
        let sets = self.sites.iter().zip(&self.shown);
        sets.map(|(set, tfs)| SiteTrack {
            set,
            tfs: tfs.as_ref(),
            least_evidence: Evidence::Unknown,
            looks: Some(&self.looks),
        })
        .collect()
    }
}

/// Draws the genome view.
#[must_use]
pub fn genome_view(inputs: &ViewInputs<'_>) -> (Scene, GenomeLayout) {
    let shape = inputs.model.head_shape();
    let bp_per_pixel =
        inputs.viewport.width_bp() / f64::from(inputs.width * inputs.pixels_per_point).max(1.0);
    let coarse = bp_per_pixel >= 2.0 * COARSE_BP as f64;
    // Cells much wider than a pixel would be guesses in colour.
    let overview = inputs
        .overview
        .filter(|overview| overview.level_bp as f64 <= WIDEST_CELL_PX * bp_per_pixel);
    let contig = inputs.viewport.contig;
    let strip_pages: Vec<StripPage<'_>> = inputs
        .pages
        .iter()
        .map(|page| page.strip(inputs.rule, coarse))
        .chain(overview.and_then(|overview| {
            let values = overview.received(contig, inputs.strand, inputs.rule)?;
            Some(StripPage {
                start: 0,
                bp_per_value: overview.level_bp,
                columns: values.len() / overview.shape().len().max(1),
                values,
            })
        }))
        .collect();
    let coarse_probability = |strand| {
        overview.map(|overview| TrackPage {
            start: 0,
            bp_per_value: overview.level_bp,
            values: overview.probability(contig, strand),
        })
    };
    let shown: Vec<TrackPage<'_>> = inputs
        .pages
        .iter()
        .map(|page| track_page(page.tracks.interval.start, &page.tracks.probability))
        .chain(coarse_probability(inputs.strand))
        .collect();
    let other: Vec<TrackPage<'_>> = inputs
        .other_strand
        .iter()
        .map(|(start, values)| track_page(*start, values))
        .chain(coarse_probability(inputs.strand.opposite()))
        .collect();
    let (forward, reverse) = match inputs.strand {
        Strand::Forward => (&shown, &other),
        Strand::Reverse => (&other, &shown),
    };
    let scale = if bp_per_pixel >= WIDE_BP_PER_PIXEL {
        wide_scale
    } else {
        rule_scale
    };
    let heads: Vec<HeadId> = if inputs.heads.is_empty() {
        shape.all().collect()
    } else {
        inputs.heads.to_vec()
    };
    let site_tracks = inputs.sites.tracks();
    let looks = inputs.tracks;
    let legend = rule_legend(inputs.rule, inputs.strand);
    let view = GenomeView {
        height: inputs.height,
        base_colors: inputs.base_colors,
        pixels_per_point: inputs.pixels_per_point,
        strand: inputs.strand,
        title: inputs.title,
        contig: inputs.genome.contigs.get(inputs.viewport.contig),
        features: Some(inputs.features),
        tss: inputs.start_sites,
        sites: &site_tracks,
        probability: Some(Probability {
            forward,
            reverse,
            label: "P(TSS)",
            top: looks.probability_top,
        }),
        strip: Some(HeadStrip {
            shape,
            heads: &heads,
            pages: &strip_pages,
            scale: looks.scale(scale(
                inputs.rule,
                inputs.model.config().context,
                inputs.theme,
            )),
            rule: &legend,
            reduce: Reduce::Max,
        }),
        selected_head: inputs.selected_head,
        selected: inputs.selected,
        arcs: inputs.arcs,
        pinned: inputs.pinned,
        sites_over_heads: looks.sites_over_heads,
        hidden: &looks.hidden,
        order: &looks.order,
        heights: &looks.heights,
        ..GenomeView::new(inputs.viewport, inputs.width, inputs.theme)
    };
    view.draw()
}

/// Sites this close, in bases, are seen side by side.
const BESIDE_BP: usize = 60;

/// For each transcription factor, those with a site beside one of its own.
fn neighbours(sites: &[Arc<SiteSet>]) -> Neighbours<'_> {
    let mut all: Vec<&Site> = sites.iter().flat_map(|set| &set.sites).collect();
    all.sort_unstable_by_key(|site| (site.contig(), site.interval));
    let mut neighbours = Neighbours::new();
    for (index, site) in all.iter().enumerate() {
        let beside = all[index + 1..].iter().take_while(|other| {
            other.contig() == site.contig() && other.interval.start < site.interval.end + BESIDE_BP
        });
        // As many as are ever seen together: a file may hold any number of sites at one place.
        for other in beside.take(64).filter(|other| other.tf() != site.tf()) {
            neighbours.entry(site.tf()).or_default().insert(other.tf());
            neighbours.entry(other.tf()).or_default().insert(site.tf());
        }
    }
    neighbours
}

/// Transcription factors of all sets with their number of sites, most sites first.
fn all_tfs(sites: &[Arc<SiteSet>]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for site in sites.iter().flat_map(|set| &set.sites) {
        *counts.entry(site.tf()).or_default() += 1;
    }
    let mut tfs: Vec<(String, usize)> = counts
        .into_iter()
        .map(|(tf, count)| (tf.to_owned(), count))
        .collect();
    tfs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    tfs
}

/// The diverging colours of a theme: the middle is the page.
#[must_use]
pub fn diverging(dark: bool) -> Colormap {
    if dark {
        Colormap::DivergingDark
    } else {
        Colormap::Diverging
    }
}

fn track_page(start: usize, values: &[f32]) -> TrackPage<'_> {
    TrackPage {
        start,
        bp_per_value: 1,
        values,
    }
}

/// Where a picture comes from: program, genome, model, and what else is given.
#[must_use]
pub fn provenance(genome: &Genome, model: &Model, more: &[(&str, String)]) -> Provenance {
    let mut provenance = Provenance::new();
    provenance.add("genome", genome.name.as_str());
    provenance.add("genome sha256", genome.checksum.as_str());
    provenance.add("model", model.name());
    provenance.add("model sha256", model.checksum.as_str());
    for (name, value) in more {
        provenance.add(name, value.as_str());
    }
    provenance
}

/// Where a picture of a stretch of genome comes from.
#[must_use]
pub fn view_provenance(
    genome: &Genome,
    model: &Model,
    locus: String,
    strand: Strand,
    rule: Received,
    mode: Mode,
) -> Provenance {
    provenance(
        genome,
        model,
        &[
            ("locus", locus),
            ("strand", strand.to_string()),
            ("head rows", rule_legend(rule, strand)),
            ("mode", mode.to_string()),
            ("context", model.config().context.to_string()),
            ("label shift", model.config().label_shift.to_string()),
        ],
    )
}

/// `NC_000913.3:366,305-366,400`.
#[must_use]
pub fn locus_text(contig: &Contig, interval: Interval) -> String {
    format!("{}:{interval}", contig.name)
}

/// Bases shown upstream of a gene: its promoter is why people come.
const UPSTREAM_BP: f64 = 500.0;
/// Bases shown downstream of a gene.
const DOWNSTREAM_BP: f64 = 100.0;
/// Bases shown on either side of a single position.
const AROUND_BP: f64 = 250.0;

/// The stretch to show for a place: a gene comes with its promoter, a single base with its surroundings.
///
/// 0-based start and end on the forward strand; they may leave the contig.
#[must_use]
pub fn surroundings(locus: &Locus, features: &FeatureSet) -> (f64, f64) {
    let (start, end) = (locus.interval.start as f64, locus.interval.end as f64);
    let gene = features
        .overlapping(locus.contig, locus.interval)
        .iter()
        .any(|f| f.interval == locus.interval);
    match (gene && locus.interval.len() > 1, locus.strand) {
        (true, Some(Strand::Reverse)) => (start - DOWNSTREAM_BP, end + UPSTREAM_BP),
        (true, _) => (start - UPSTREAM_BP, end + DOWNSTREAM_BP),
        (false, _) if locus.interval.len() < 2 => (start - AROUND_BP, end + AROUND_BP),
        (false, _) => (start, end),
    }
}
