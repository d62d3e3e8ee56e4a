//! The attention map: queries along x, distance to the key downwards.

use super::axis;
use super::colormap::{ColorScale, Colormap};
use super::legend::{LEGEND_PT, hatched, legend};
use super::map_edges;
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Color, Face, Heatmap, Point, Rect, Scene, Tag};
use super::text;
use super::theme::{SMALL_PT, TEXT_PT, Theme};
use super::tracks::{GUTTER_PT, RIGHT_PT, SiteTrack};
use super::viewport::Viewport;
use crate::attention::block::AttentionBlock;
use crate::genome::{FeatureSet, Interval, Strand};
use crate::sites::Site;
use std::sync::Arc;

const TITLE_PT: f32 = 18.0;
const RULER_PT: f32 = 22.0;
/// At most this many sites are outlined.
const MOST_OUTLINES: usize = 200;

/// What an attention map shows.
#[derive(Clone, Copy, Debug)]
pub struct AttentionMap<'a> {
    /// The queries shown, by their place on the forward strand.
    pub viewport: Viewport,
    /// Width of the picture in points.
    pub width: f32,
    /// Height of the picture in points.
    pub height: f32,
    /// Pixels for each point where it will be shown.
    pub pixels_per_point: f32,
    /// Light or dark.
    pub theme: Theme,
    /// The strand that was read.
    pub strand: Strand,
    /// The weights; positions count along `strand`.
    pub block: &'a AttentionBlock,
    /// 0-based head of the block's layer.
    pub head: usize,
    /// Mean weight at each distance; with it the map shows log₂ of weight over expected.
    pub expected: Option<&'a [f32]>,
    /// From values to colours.
    pub scale: ColorScale,
    /// What a value is, in words.
    pub rule: &'a str,
    /// Sites to be outlined where they are the key.
    pub sites: &'a [SiteTrack<'a>],
    /// Genes along the upper edge.
    pub genes: Option<&'a FeatureSet>,
    /// The longest distance shown, in bases; the whole context where `None`.
    pub longest_bp: Option<usize>,
    /// Bases between a query and the start site that it scores: marks +1, −10 and −35.
    pub label_shift: Option<usize>,
    /// Whether a line above the ruler says what this is; for figures.
    pub titled: bool,
    /// The query to be marked, 0-based on the forward strand.
    pub pinned: Option<usize>,
}

/// Weights below this are taken as this before a logarithm.
const FLOOR: f32 = 1e-6;

/// Where the map is, and what lies under a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapLayout {
    /// The heat map's area.
    pub plot: Rect,
    /// The queries shown.
    pub viewport: Viewport,
    /// Distances shown, from 0 on.
    pub distances: usize,
    /// The strand that was read.
    pub strand: Strand,
}

/// One cell of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapHit {
    /// The query, 0-based on the forward strand.
    pub query: usize,
    /// How far before the query the key lies, along the strand that was read.
    pub distance: usize,
    /// The key, 0-based on the forward strand; `None` where the contig ends before.
    pub key: Option<usize>,
}

impl MapLayout {
    /// The cell under a point.
    #[must_use]
    pub fn hit(&self, point: Point) -> Option<MapHit> {
        if !self.plot.contains(point) {
            return None;
        }
        let bp = self
            .viewport
            .bp_from_x(point.x, self.plot.x, self.plot.width);
        let query = (bp.max(0.0) as usize).min(self.viewport.contig_bp.saturating_sub(1));
        let share = (point.y - self.plot.y) / self.plot.height;
        let distance =
            ((share * self.distances as f32) as usize).min(self.distances.saturating_sub(1));
        let key = match self.strand {
            Strand::Forward => query.checked_sub(distance),
            Strand::Reverse => Some(query + distance).filter(|key| *key < self.viewport.contig_bp),
        };
        Some(MapHit {
            query,
            distance,
            key,
        })
    }
}

impl AttentionMap<'_> {
    /// Where the map is.
    #[must_use]
    pub fn layout(&self) -> MapLayout {
        let top = self.title_pt() + RULER_PT + map_edges::height(self) + 4.0;
        MapLayout {
            plot: Rect::new(
                GUTTER_PT,
                top,
                (self.width - GUTTER_PT - RIGHT_PT).max(1.0),
                (self.height - top - LEGEND_PT - 8.0).max(1.0),
            ),
            viewport: self.viewport,
            distances: self
                .longest_bp
                .map_or(self.block.context, |longest| longest + 1)
                .clamp(1, self.block.context.max(1)),
            strand: self.strand,
        }
    }

    fn title_pt(&self) -> f32 {
        if self.titled { TITLE_PT } else { 0.0 }
    }

    /// One value of the map at a place of the forward strand; NaN where the block does not reach.
    #[must_use]
    pub fn value(&self, query: usize, distance: usize) -> f32 {
        self.row(query)
            .and_then(|row| row.get(distance))
            .map_or(f32::NAN, |weight| self.shown(*weight, distance))
    }

    fn row(&self, query: usize) -> Option<&[f32]> {
        if query >= self.viewport.contig_bp || self.head >= self.block.heads {
            return None;
        }
        let along = self.strand.flip(query, self.viewport.contig_bp);
        let row = isize::try_from(along).ok()? - self.block.first_query;
        let row = usize::try_from(row).ok()?;
        (row < self.block.queries).then(|| self.block.row(self.head, row))
    }

    fn shown(&self, weight: f32, distance: usize) -> f32 {
        match self.expected {
            None => weight,
            Some(expected) => {
                let expected = expected.get(distance).copied().unwrap_or(0.0);
                (weight.max(FLOOR) / expected.max(FLOOR)).log2()
            }
        }
    }
}

/// The picture of an attention map.
#[must_use]
pub fn attention_map(map: &AttentionMap<'_>) -> Scene {
    let palette = map.theme.palette();
    let layout = map.layout();
    let plot = layout.plot;
    let mut pen = Pen::default();

    if map.titled {
        pen.part("title", None);
        let head = crate::attention::HeadId {
            layer: map.block.layer,
            head: map.head,
        };
        let title = format!(
            "{head}, strand {}: what each base looks back at",
            map.strand
        );
        let title = text::elide(&title, TEXT_PT, Face::Bold, plot.width);
        let ink = Ink::bold(TEXT_PT, palette.text);
        pen.text(plot.x, 13.0, Anchor::Start, ink, title);
    }
    axes(&mut pen, map, &layout);
    let has_missing = cells(&mut pen, map, &layout);
    let sites = keys_in_reach(map, &layout);
    outlines(&mut pen, map, &layout, &sites);
    map_edges::offsets(&mut pen, map, &layout);
    if let Some(query) = map.pinned {
        let x = map
            .viewport
            .x_from_bp(query as f64 + 0.5, plot.x, plot.width);
        pen.part("pinned", Some(plot));
        pen.line((x, plot.y), (x, plot.bottom()), palette.accent, 1.5);
    }
    let top = map.title_pt() + RULER_PT;
    map_edges::draw(&mut pen, map, &layout, top, &sites);
    pen.part("legend", None);
    let at = Point {
        x: plot.x,
        y: plot.bottom() + 6.0,
    };
    legend(
        &mut pen,
        palette,
        at,
        plot.width,
        &map.scale,
        &rule(map, &layout),
        has_missing,
    );
    pen.scene(map.width, map.height, Some(palette.page))
}

/// Columns and rows that the heat map is reduced to: at most one a pixel.
fn grid(map: &AttentionMap<'_>, layout: &MapLayout) -> (usize, usize) {
    let ratio = map.pixels_per_point.clamp(0.25, 16.0);
    let columns = map.viewport.interval().len();
    let rows = layout.distances;
    (
        columns
            .min((layout.plot.width * ratio).ceil() as usize)
            .max(1),
        rows.min((layout.plot.height * ratio).ceil() as usize)
            .max(1),
    )
}

fn rule(map: &AttentionMap<'_>, layout: &MapLayout) -> String {
    let (columns, rows) = grid(map, layout);
    if columns < map.viewport.interval().len() || rows < layout.distances {
        format!("{} · max of the cells on each pixel", map.rule)
    } else {
        map.rule.to_owned()
    }
}

/// Paints the weights; tells whether some queries have none.
fn cells(pen: &mut Pen, map: &AttentionMap<'_>, layout: &MapLayout) -> bool {
    let plot = layout.plot;
    let shown = map.viewport.interval();
    let (columns, rows) = grid(map, layout);
    let mut values = vec![f32::NAN; rows * columns];
    let mut missing = 0;
    for (index, query) in shown.range().enumerate() {
        let Some(weights) = map.row(query) else {
            missing += 1;
            continue;
        };
        let column = index * columns / shown.len();
        for (distance, weight) in weights.iter().enumerate().take(layout.distances) {
            let slot = &mut values[distance * rows / layout.distances * columns + column];
            *slot = slot.max(map.shown(*weight, distance));
        }
    }
    pen.part("map", Some(plot));
    if missing > 0 {
        hatched(pen, map.theme.palette(), plot);
    }
    let left = map
        .viewport
        .x_from_bp(shown.start as f64, plot.x, plot.width);
    let right = map.viewport.x_from_bp(shown.end as f64, plot.x, plot.width);
    pen.heatmap(Heatmap {
        rect: Rect::new(left, plot.y, right - left, plot.height),
        rows,
        columns,
        values: Arc::new(values),
        scale: map.scale,
    });
    missing > 0
}

fn axes(pen: &mut Pen, map: &AttentionMap<'_>, layout: &MapLayout) {
    let palette = map.theme.palette();
    let plot = layout.plot;
    let ink = Ink::regular(SMALL_PT, palette.faint);
    pen.part("ruler", None);
    let line = map.title_pt() + RULER_PT - 4.5;
    pen.line((plot.x, line), (plot.right(), line), palette.border, 1.0);
    for tick in axis::ruler_ticks(&map.viewport, plot.width) {
        let x = map.viewport.x_from_bp(tick.at_bp, plot.x, plot.width);
        let long = if tick.label.is_some() { 6.0 } else { 3.0 };
        pen.line((x, line - long), (x, line), palette.border, 1.0);
        if let Some(label) = tick.label {
            pen.text(x, line - 10.0, Anchor::Middle, ink, label);
        }
    }
    pen.text(plot.x - 10.0, line - 10.0, Anchor::End, ink, "query");
    pen.part("distances", None);
    let most = ((plot.height / 28.0) as usize).clamp(1, 8);
    for tick in axis::ticks(0.0, layout.distances as f64, most) {
        let y = plot.y + (tick as f32 + 0.5) / layout.distances.max(1) as f32 * plot.height;
        if y > plot.bottom() {
            continue;
        }
        pen.line((plot.x - 4.0, y), (plot.x, y), palette.border, 1.0);
        let line = baseline(y, SMALL_PT).min(plot.bottom());
        pen.text(plot.x - 7.0, line, Anchor::End, ink, axis::number(tick));
    }
    let words = ["distance to the key, bp", "distance, bp", "bp"]
        .into_iter()
        .find(|words| text::width(words, SMALL_PT, Face::Regular) <= plot.height)
        .unwrap_or_default();
    pen.turned(14.0, plot.y + plot.height / 2.0, Anchor::Middle, ink, words);
}

/// The shown sites that some query in view may have as key, with their tags.
fn keys_in_reach<'a>(map: &AttentionMap<'a>, layout: &MapLayout) -> Vec<(Tag, &'a Site)> {
    let shown = map.viewport.interval();
    let reach = layout.distances;
    let keys = match map.strand {
        Strand::Forward => Interval::new(shown.start.saturating_sub(reach), shown.end),
        Strand::Reverse => Interval::new(shown.start, shown.end + reach),
    };
    let tracks = map.sites.iter().enumerate();
    tracks
        .flat_map(|(set, track)| {
            let found = track.within(map.viewport.contig, keys).take(MOST_OUTLINES);
            found.map(move |(index, site)| (Tag::Site(set, index), site))
        })
        .collect()
}

/// The colour of a site's factor, bright where the map is mostly dark.
fn site_color(map: &AttentionMap<'_>, tag: &Tag, site: &Site) -> Color {
    let theme = match map.scale.map {
        Colormap::Diverging => Theme::Light,
        _ => Theme::Dark,
    };
    let track = match tag {
        Tag::Site(set, _) => map.sites.get(*set),
        _ => None,
    };
    track.map_or_else(
        || theme.tf(site.tf()),
        |track| track.look(theme, site).color,
    )
}

/// A site as key is a slanted band: query minus distance is the site.
fn outlines(pen: &mut Pen, map: &AttentionMap<'_>, layout: &MapLayout, sites: &[(Tag, &Site)]) {
    let plot = layout.plot;
    let x = |bp: f64| map.viewport.x_from_bp(bp, plot.x, plot.width);
    let reach = match map.strand {
        Strand::Forward => layout.distances as f64,
        Strand::Reverse => -(layout.distances as f64),
    };
    pen.clip = Some(plot);
    for (tag, site) in sites {
        pen.tag = Some(tag.clone());
        let color = site_color(map, tag, site).with_opacity(0.85);
        for edge in [site.interval.start as f64, site.interval.end as f64] {
            let (top, bottom) = ((x(edge), plot.y), (x(edge + reach), plot.bottom()));
            pen.line(top, bottom, color, 1.0);
        }
    }
    pen.clip = None;
}
