//! The genome view and the attention map of a locus, computed, drawn, and as tables.

use super::describe::{
    GenomePanel, LooksDescription, MapColorRule, MapPanel, QueryDescription, TrackName,
};
use super::sources::{Sources, StretchTracks};
use crate::attention::block::AttentionBlock;
use crate::attention::{HeadId, HeadShape, Overview};
use crate::figure::map::{AttentionMap, attention_map};
use crate::figure::scale_bar::add_scale_bar;
use crate::figure::theme::BaseColors;
use crate::figure::tracks::{Arcs, TrackKind};
use crate::figure::{ColorScale, Colormap, Scene, Theme, Viewport};
use crate::genome::locus::grouped;
use crate::genome::{FeatureSet, Interval, Locus, Strand, find};
use crate::job::JobError;
use crate::job::figure::{
    ShownSites, TrackLooks, ViewInputs, diverging, genome_view, locus_text, surroundings,
};
use crate::progress::{Cancel, Progress};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The longest locus that is computed, in bases.
pub const LONGEST_BP: usize = 200_000;
/// The longest attention map, in weights: 64 MB.
const MOST_WEIGHTS: usize = 16 * 1024 * 1024;

/// The size and the colours of a picture of a locus.
#[derive(Clone, Copy, Debug)]
pub struct LocusSheet<'a> {
    /// Width of the picture in points.
    pub width: f32,
    /// Height that the picture should fill if it can, in points.
    pub height: Option<f32>,
    /// Pixels for each point.
    pub pixels_per_point: f32,
    /// Light or dark.
    pub theme: Theme,
    /// Colours of the bases.
    pub base_colors: BaseColors,
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

/// A query that is not in the genome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no base {position} to be a query: {contig} has {} bp", grouped(*.length_bp))]
pub struct NoQuery {
    /// The position that was asked for, 1-based.
    pub position: usize,
    /// The sequence.
    pub contig: String,
    /// Its length.
    pub length_bp: usize,
}

/// What is shown of a place that was asked for, and the strand that is read: that of the request, else the gene's own, else +.
///
/// Coordinates that name their sequence stand for themselves, also where they are those of a gene.
fn shown(
    sources: &Sources,
    text: &str,
    locus: &Locus,
    strand: Option<Strand>,
) -> (Viewport, Strand) {
    let (start, end) = if text.contains(':') && locus.interval.len() > 1 {
        (locus.interval.start as f64, locus.interval.end as f64)
    } else {
        surroundings(locus, &sources.features)
    };
    let length_bp = sources.genome.contigs[locus.contig].len();
    let strand = strand.or(locus.strand).unwrap_or(Strand::Forward);
    (Viewport::new(locus.contig, length_bp, start, end), strand)
}

/// The looks of the tracks, with sets of sites by their places.
///
/// # Errors
/// Where a description names sites that are not open.
fn track_looks(looks: &LooksDescription, sources: &Sources) -> Result<TrackLooks, JobError> {
    let kinds = |track: &TrackName| -> Result<Vec<TrackKind>, JobError> {
        Ok(match track {
            TrackName::Ruler => vec![TrackKind::Ruler],
            TrackName::Sequence => vec![TrackKind::Sequence],
            TrackName::Genes => vec![TrackKind::Genes],
            TrackName::Tss => vec![TrackKind::Tss],
            TrackName::Sites(None) => (0..sources.sites.len()).map(TrackKind::Sites).collect(),
            TrackName::Sites(Some(name)) => {
                let place = sources.sites.iter().position(|set| set.name == *name);
                vec![TrackKind::Sites(place.ok_or_else(|| {
                    format!("no sites called '{name}' are open")
                })?)]
            }
            TrackName::Arcs => vec![TrackKind::Arcs],
            TrackName::Probability => vec![TrackKind::Probability],
            TrackName::Heads => vec![TrackKind::Heads],
            TrackName::Legend => vec![TrackKind::Legend],
        })
    };
    let all = |tracks: &[TrackName]| -> Result<Vec<TrackKind>, JobError> {
        let found: Result<Vec<_>, _> = tracks.iter().map(kinds).collect();
        Ok(found?.concat())
    };
    let mut heights = Vec::new();
    for (track, height) in &looks.heights {
        heights.extend(kinds(track)?.into_iter().map(|kind| (kind, *height)));
    }
    Ok(TrackLooks {
        order: all(&looks.order)?,
        hidden: all(&looks.hidden)?,
        heights,
        probability_top: looks.probability_top,
        heads_top: looks.heads_top,
        colormap: looks.colormap,
        sites_over_heads: looks.sites_over_heads,
    })
}

fn shown_sites(sources: &Sources, hidden_tfs: &[String]) -> ShownSites {
    let hidden: BTreeSet<String> = hidden_tfs.iter().cloned().collect();
    ShownSites::new(&sources.sites, &hidden)
}

/// What a query looks at: its 0-based position, its strand, and the weights by distance.
fn query_weights(
    sources: &mut Sources,
    contig: usize,
    query: QueryDescription,
    usual: Strand,
    cancel: &Cancel,
) -> Result<(usize, Strand, Vec<f32>), JobError> {
    let sequence = &sources.genome.contigs[contig];
    if query.position == 0 || query.position > sequence.len() {
        return Err(Box::new(NoQuery {
            position: query.position,
            contig: sequence.name.clone(),
            length_bp: sequence.len(),
        }));
    }
    let (at, strand) = (query.position - 1, query.strand.unwrap_or(usual));
    let bases = Interval::new(at, at + 1);
    let block = sources.block(contig, bases, strand, query.head.layer, cancel)?;
    Ok((at, strand, block.row(query.head.head, 0).to_vec()))
}

/// Computes and draws the genome view of a locus.
///
/// # Errors
/// [`find::FindError`], [`NoRun`], [`NoQuery`]; when it is cancelled.
pub fn locus_picture(
    sources: &mut Sources,
    panel: &GenomePanel,
    sheet: &LocusSheet<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<LocusPicture, JobError> {
    let genome = std::sync::Arc::clone(&sources.genome);
    let model = std::sync::Arc::clone(&sources.model);
    let place = find::find(&panel.locus, &genome, &sources.features)?;
    let contig = &genome.contigs[place.contig];
    let (viewport, strand) = shown(sources, &panel.locus, &place, panel.strand);
    let bases = viewport.interval();
    let locus = locus_text(contig, bases);
    let is_hidden = |track: TrackName| panel.looks.hidden.contains(&track);
    let computes = !(is_hidden(TrackName::Heads) && is_hidden(TrackName::Probability));
    let wide = computes && bases.len() > LONGEST_BP;
    let mode = sources.mode.to_string();
    let overview = sources.overview.clone().filter(|overview| {
        wide && overview.manifest.mode == mode && overview.rules().contains(&panel.rule)
    });
    if wide && overview.is_none() {
        return Err(Box::new(NoRun {
            locus,
            length_bp: bases.len(),
        }));
    }
    let computed = if computes && !wide {
        Some(sources.tracks(place.contig, bases, strand, progress, cancel)?)
    } else {
        None
    };
    let query = match panel.query {
        Some(query) => Some(query_weights(sources, place.contig, query, strand, cancel)?),
        None => None,
    };
    let arcs = query.as_ref().zip(panel.query).map(|(found, query)| Arcs {
        head: query.head,
        strand: found.1,
        query: found.0,
        weights: &found.2,
    });
    let pages: Vec<_> = computed.iter().map(|computed| &computed.0).collect();
    let other_strand: Vec<(usize, &[f32])> = computed
        .iter()
        .map(|computed| (bases.start, computed.1.as_slice()))
        .collect();
    let title = format!("{locus}, strand {strand}");
    let start_sites: Option<&FeatureSet> = sources.anchors.as_ref().map(|file| &file.features);
    let (mut scene, layout) = genome_view(&ViewInputs {
        genome: &genome,
        features: &sources.features,
        start_sites,
        sites: &shown_sites(sources, &panel.hidden_tfs),
        model: &model,
        viewport,
        strand,
        rule: panel.rule,
        heads: &panel.heads,
        pages: &pages,
        other_strand: &other_strand,
        overview: overview.as_deref(),
        selected_head: panel.marked_head,
        width: sheet.width,
        height: sheet.height,
        pixels_per_point: sheet.pixels_per_point,
        theme: sheet.theme,
        base_colors: sheet.base_colors,
        title: Some(sheet.title.unwrap_or(&title)),
        selected: panel
            .selected
            .map(|(first, last)| Interval::new(first - 1, last)),
        arcs,
        pinned: query.as_ref().map(|(at, ..)| *at),
        tracks: &track_looks(&panel.looks, sources)?,
    });
    if panel.scale_bar {
        add_scale_bar(&mut scene, layout.plot, &viewport, sheet.theme);
    }
    let shape = model.head_shape();
    let table = if !sources.numbers {
        String::new()
    } else if let (false, Some(query)) = (computes, &query) {
        weights_of_query(&query.2)
    } else {
        let contig = place.contig;
        let of = (contig, strand, bases);
        tracks_table(panel, of, computed.as_deref(), overview.as_deref(), shape)
    };
    Ok(LocusPicture {
        scene,
        locus,
        strand,
        table,
    })
}

/// What one query gives to each distance.
fn weights_of_query(weights: &[f32]) -> String {
    let mut table = "distance\tweight\n".to_owned();
    for (distance, weight) in weights.iter().enumerate() {
        let _ = writeln!(table, "{distance}\t{weight}");
    }
    table
}

/// One row a base, or a cell of the run: the probability on both strands and what each head gives to it.
fn tracks_table(
    panel: &GenomePanel,
    (contig, strand, bases): (usize, Strand, Interval),
    computed: Option<&StretchTracks>,
    overview: Option<&Overview>,
    shape: HeadShape,
) -> String {
    let all: Vec<HeadId> = shape.all().collect();
    let heads = if panel.heads.is_empty() {
        &all
    } else {
        &panel.heads
    };
    let mut table = "first\tlast\tp_own_strand\tp_other_strand".to_owned();
    for head in heads {
        let _ = write!(table, "\t{head}");
    }
    table.push('\n');
    if let Some((page, other)) = computed {
        let tracks = page.tracks();
        let values = &tracks.tracks[panel.rule as usize];
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
        let probability = |strand| overview.probability(contig, strand);
        let (own, other) = (probability(strand), probability(strand.opposite()));
        let received = overview
            .received(contig, strand, panel.rule)
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
/// [`find::FindError`], [`TooLong`]; when it is cancelled.
pub fn map_picture(
    sources: &mut Sources,
    panel: &MapPanel,
    sheet: &LocusSheet<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<LocusPicture, JobError> {
    let model = std::sync::Arc::clone(&sources.model);
    let genome = std::sync::Arc::clone(&sources.genome);
    let place = find::find(&panel.locus, &genome, &sources.features)?;
    let contig = &genome.contigs[place.contig];
    let (viewport, strand) = shown(sources, &panel.locus, &place, panel.strand);
    let bases = viewport.interval();
    let config = model.config();
    let most_bp = MOST_WEIGHTS / (config.heads * config.context).max(1);
    let locus = locus_text(contig, bases);
    if bases.len() > most_bp {
        return Err(Box::new(TooLong { locus, most_bp }));
    }
    let block = sources.block(place.contig, bases, strand, panel.head.layer, cancel)?;
    let over = panel.colors == MapColorRule::OverExpected;
    let expected = if over {
        Some(sources.expected(progress, cancel)?)
    } else {
        None
    };
    let uniform = 1.0 / config.context as f32;
    let weight = "weight that the query (x) gives to the key at that distance before it (y)";
    let (scale, rule) = match panel.colors {
        MapColorRule::OverExpected => (
            ColorScale::linear(diverging(sheet.theme == Theme::Dark), -4.0, 4.0),
            "log₂ of the weight over its mean at that distance (E), E floored at 1e−6",
        ),
        MapColorRule::Logarithmic => (
            ColorScale::logarithmic(Colormap::Viridis, 0.25 * uniform, 64.0 * uniform),
            weight,
        ),
        MapColorRule::Linear => (
            ColorScale::linear(Colormap::Viridis, 0.0, (32.0 * uniform).min(1.0)),
            "weight that the query (x) gives to the key at that distance before it (y), linear",
        ),
    };
    let sites = shown_sites(sources, &panel.hidden_tfs);
    let query = panel.query.and_then(|query| query.checked_sub(1));
    let map = AttentionMap {
        viewport,
        width: sheet.width,
        height: sheet.height.unwrap_or(sheet.width / 2.0),
        pixels_per_point: sheet.pixels_per_point,
        theme: sheet.theme,
        strand,
        block: &block,
        head: panel.head.head,
        expected: expected.as_deref().map(|expected| expected.row(panel.head)),
        scale,
        rule,
        sites: &sites.tracks(),
        genes: Some(&sources.features),
        longest_bp: panel.longest_bp,
        label_shift: Some(config.label_shift),
        titled: true,
        pinned: query,
    };
    let table = if sources.numbers {
        weights_table(&map, &block, bases)
    } else {
        String::new()
    };
    Ok(LocusPicture {
        scene: attention_map(&map),
        locus,
        strand,
        table,
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
