//! The genome view and the attention map of a locus, computed, drawn, and as tables.

use super::sources::Sources;
use crate::attention::block::AttentionBlock;
use crate::attention::{HeadId, HeadShape, Overview, Received};
use crate::figure::map::{AttentionMap, attention_map};
use crate::figure::scale_bar::add_scale_bar;
use crate::figure::theme::BaseColors;
use crate::figure::tracks::TrackKind;
use crate::figure::{ColorScale, Colormap, Scene, Theme, Viewport};
use crate::genome::locus::grouped;
use crate::genome::{FeatureSet, Interval, Locus, Strand};
use crate::job::JobError;
use crate::job::figure::{
    ShownSites, TrackLooks, TracksPage, ViewInputs, diverging, genome_view, locus_text,
    surroundings,
};
use crate::model::predict::{self, StrandSequence};
use crate::progress::{Cancel, Progress};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The longest locus that is computed, in bases.
pub const LONGEST_BP: usize = 200_000;
/// The longest attention map, in weights: 64 MB.
const MOST_WEIGHTS: usize = 16 * 1024 * 1024;

/// How a locus is drawn.
#[derive(Clone, Copy, Debug)]
pub struct LocusRequest<'a> {
    /// The place that was asked for; a gene comes with its promoter.
    pub locus: Locus,
    /// The strand of the head rows; the gene's own, else + where `None`.
    pub strand: Option<Strand>,
    /// The rule of the head rows.
    pub rule: Received,
    /// The head rows; all where empty.
    pub heads: &'a [HeadId],
    /// Tracks that are left out.
    pub hidden: &'a [TrackKind],
    /// Whether a scale bar is added.
    pub scale_bar: bool,
    /// Width of the picture in points.
    pub width: f32,
    /// Pixels for each point.
    pub pixels_per_point: f32,
    /// Light or dark.
    pub theme: Theme,
    /// A line above the ruler; where and which strand where `None`.
    pub title: Option<&'a str>,
}

/// A drawn locus.
#[derive(Clone, Debug)]
pub struct LocusPicture {
    /// The picture.
    pub scene: Scene,
    /// What is shown, `NC_000913.3:366,305-366,400`.
    pub locus: String,
    /// The strand of the head rows.
    pub strand: Strand,
    /// The numbers behind it, tab-separated.
    pub table: String,
}

/// A locus that is too long to be computed, and no run to draw it from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{locus} is {} bp long: above {} bp a figure is drawn from a run over the whole genome with this model that keeps \
     this rule; make one with `headlight run` and name it with --run",
    grouped(*.length_bp),
    grouped(LONGEST_BP)
)]
pub struct NoRun {
    /// The locus.
    pub locus: String,
    /// Its length.
    pub length_bp: usize,
}

/// What is shown of a place that was asked for, and the strand that is read: that of the request, else the gene's own, else +.
fn shown(sources: &Sources, locus: &Locus, strand: Option<Strand>) -> (Viewport, Strand) {
    let (start, end) = surroundings(locus, &sources.features);
    let length_bp = sources.genome.contigs[locus.contig].len();
    let strand = strand.or(locus.strand).unwrap_or(Strand::Forward);
    (Viewport::new(locus.contig, length_bp, start, end), strand)
}

/// Computes and draws the genome view of a locus.
///
/// # Errors
/// [`NoRun`]; when it is cancelled.
pub fn locus_picture(
    sources: &mut Sources,
    request: &LocusRequest<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<LocusPicture, JobError> {
    let genome = std::sync::Arc::clone(&sources.genome);
    let model = std::sync::Arc::clone(&sources.model);
    let contig = &genome.contigs[request.locus.contig];
    let (viewport, strand) = shown(sources, &request.locus, request.strand);
    let bases = viewport.interval();
    let locus = locus_text(contig, bases);
    let settings = sources.settings();
    let wide = bases.len() > LONGEST_BP;
    let overview = sources.overview.clone().filter(|overview| {
        wide && overview.manifest.mode == settings.mode.to_string()
            && overview.rules().contains(&request.rule)
    });
    if wide && overview.is_none() {
        return Err(Box::new(NoRun {
            locus,
            length_bp: bases.len(),
        }));
    }
    let mut computed = None;
    if !wide {
        let expected = sources.expected(progress, cancel)?;
        let kernel = &model.kernel;
        let own = StrandSequence::new(contig, strand);
        let other = StrandSequence::new(contig, strand.opposite());
        let tracks =
            predict::window_tracks(kernel, own, bases, &expected, &settings, progress, cancel)?;
        let other = predict::probabilities(kernel, other, bases, &settings, progress, cancel)?;
        computed = Some((TracksPage::new(tracks, model.head_shape()), other));
    }
    let pages: Vec<&TracksPage> = computed.iter().map(|(page, _)| page).collect();
    let other_strand: Vec<(usize, &[f32])> = computed
        .iter()
        .map(|(_, other)| (bases.start, other.as_slice()))
        .collect();
    let title = format!("{locus}, strand {strand}");
    let (mut scene, layout) = genome_view(&ViewInputs {
        genome: &genome,
        features: &sources.features,
        start_sites: None::<&FeatureSet>,
        sites: &ShownSites::new(&sources.sites, &BTreeSet::new()),
        model: &model,
        viewport,
        strand,
        rule: request.rule,
        heads: request.heads,
        pages: &pages,
        other_strand: &other_strand,
        overview: overview.as_deref(),
        selected_head: None,
        width: request.width,
        height: None,
        pixels_per_point: request.pixels_per_point,
        theme: request.theme,
        base_colors: BaseColors::Safe,
        title: Some(request.title.unwrap_or(&title)),
        selected: None,
        arcs: None,
        pinned: None,
        tracks: &TrackLooks {
            hidden: request.hidden.to_vec(),
            ..TrackLooks::default()
        },
    });
    if request.scale_bar {
        add_scale_bar(&mut scene, layout.plot, &viewport, request.theme);
    }
    let table = tracks_table(
        request,
        (strand, bases),
        computed.as_ref(),
        overview.as_deref(),
        model.head_shape(),
    );
    Ok(LocusPicture {
        scene,
        locus,
        strand,
        table,
    })
}

/// One row a base, or a cell of the run: the probability on both strands and what each head gives to it.
fn tracks_table(
    request: &LocusRequest<'_>,
    (strand, bases): (Strand, Interval),
    computed: Option<&(TracksPage, Vec<f32>)>,
    overview: Option<&Overview>,
    shape: HeadShape,
) -> String {
    let all: Vec<HeadId> = shape.all().collect();
    let heads = if request.heads.is_empty() {
        &all
    } else {
        request.heads
    };
    let mut table = "first\tlast\tp_own_strand\tp_other_strand".to_owned();
    for head in heads {
        let _ = write!(table, "\t{head}");
    }
    table.push('\n');
    if let Some((page, other)) = computed {
        let tracks = page.tracks();
        let values = &tracks.tracks[request.rule as usize];
        for (index, position) in bases.range().enumerate() {
            let (own, other) = (tracks.probability[index], other[index]);
            let _ = write!(table, "{0}\t{0}\t{own}\t{other}", position + 1);
            for head in heads {
                let _ = write!(
                    table,
                    "\t{}",
                    values[shape.row(*head) * bases.len() + index]
                );
            }
            table.push('\n');
        }
    } else if let Some(overview) = overview {
        let probability = |strand| overview.probability(request.locus.contig, strand);
        let (own, other) = (probability(strand), probability(strand.opposite()));
        let received = overview
            .received(request.locus.contig, strand, request.rule)
            .unwrap_or_default();
        let cells = received.len() / shape.len().max(1);
        let level = overview.level_bp;
        for cell in bases.start / level..bases.end.div_ceil(level).min(cells) {
            let last = (cell + 1) * level;
            let of = |values: &[f32]| values.get(cell).copied().unwrap_or(f32::NAN);
            let _ = write!(
                table,
                "{}\t{last}\t{}\t{}",
                cell * level + 1,
                of(own),
                of(other)
            );
            for head in heads {
                let _ = write!(table, "\t{}", received[shape.row(*head) * cells + cell]);
            }
            table.push('\n');
        }
    }
    table
}

/// How an attention map is drawn.
#[derive(Clone, Copy, Debug)]
pub struct MapRequest {
    /// The place that was asked for.
    pub locus: Locus,
    /// The strand that is read; the gene's own, else + where `None`.
    pub strand: Option<Strand>,
    /// The head.
    pub head: HeadId,
    /// Whether weights are shown over their expectation.
    pub over_expected: bool,
    /// Size of the picture in points.
    pub size: [f32; 2],
    /// Pixels for each point.
    pub pixels_per_point: f32,
    /// Light or dark.
    pub theme: Theme,
}

/// A locus that is too long for a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{locus} is too long for an attention map: expected at most {} bp with this model", grouped(*.most_bp))]
pub struct TooLong {
    /// The locus.
    pub locus: String,
    /// What can be drawn.
    pub most_bp: usize,
}

/// Computes and draws the attention map of a head.
///
/// # Errors
/// [`TooLong`]; when it is cancelled.
pub fn map_picture(
    sources: &mut Sources,
    request: &MapRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<LocusPicture, JobError> {
    let model = std::sync::Arc::clone(&sources.model);
    let genome = std::sync::Arc::clone(&sources.genome);
    let contig = &genome.contigs[request.locus.contig];
    let (viewport, strand) = shown(sources, &request.locus, request.strand);
    let bases = viewport.interval();
    let config = model.config();
    let most_bp = MOST_WEIGHTS / (config.heads * config.context).max(1);
    let locus = locus_text(contig, bases);
    if bases.len() > most_bp {
        return Err(Box::new(TooLong { locus, most_bp }));
    }
    let block = predict::layer_block(
        &model.kernel,
        StrandSequence::new(contig, strand),
        bases,
        request.head.layer,
        &sources.settings(),
        cancel,
    )?;
    let expected = if request.over_expected {
        Some(sources.expected(progress, cancel)?)
    } else {
        None
    };
    let uniform = 1.0 / config.context as f32;
    let (scale, rule) = if request.over_expected {
        (
            ColorScale::linear(diverging(request.theme == Theme::Dark), -4.0, 4.0),
            "log₂ of the weight over its mean at that distance (E), E floored at 1e−6",
        )
    } else {
        (
            ColorScale::logarithmic(Colormap::Viridis, 0.25 * uniform, 64.0 * uniform),
            "weight that the query (x) gives to the key at that distance before it (y)",
        )
    };
    let sites = ShownSites::new(&sources.sites, &BTreeSet::new());
    let [width, height] = request.size;
    let map = AttentionMap {
        viewport,
        width,
        height,
        pixels_per_point: request.pixels_per_point,
        theme: request.theme,
        strand,
        block: &block,
        head: request.head.head,
        expected: expected
            .as_deref()
            .map(|expected| expected.row(request.head)),
        scale,
        rule,
        sites: &sites.tracks(),
        genes: Some(&sources.features),
        longest_bp: None,
        label_shift: Some(config.label_shift),
        titled: true,
        pinned: None,
    };
    Ok(LocusPicture {
        scene: attention_map(&map),
        locus,
        strand,
        table: weights_table(&map, &block, bases),
    })
}

/// One row a query, one column a distance.
fn weights_table(map: &AttentionMap<'_>, block: &AttentionBlock, bases: Interval) -> String {
    let mut table = "query".to_owned();
    for distance in 0..block.context {
        let _ = write!(table, "\t{distance}");
    }
    table.push('\n');
    for query in bases.range() {
        let _ = write!(table, "{}", query + 1);
        for distance in 0..block.context {
            let _ = write!(table, "\t{}", map.value(query, distance));
        }
        table.push('\n');
    }
    table
}
