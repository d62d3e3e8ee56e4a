//! Genes and sites along the upper edge of an attention map, and where the start site lies.

use super::map::{AttentionMap, MapLayout};
use super::pen::{Ink, Pen, baseline};
use super::scene::{Anchor, Color, Face, Rect, Tag};
use super::text;
use super::theme::SMALL_PT;
use crate::genome::{FeatureKind, Interval, Strand};
use crate::sites::Site;

const GENE_PT: f32 = 11.0;
const SITE_PT: f32 = 10.0;
const SITE_LANES: usize = 2;
const GAP_PT: f32 = 2.0;
/// At most this many genes, and sites, are drawn.
const MOST: usize = 300;

/// Height of the edges of a map.
pub(super) fn height(map: &AttentionMap<'_>) -> f32 {
    let genes = if map.genes.is_some() {
        GENE_PT + GAP_PT
    } else {
        0.0
    };
    let sites = if map.sites.is_empty() {
        0.0
    } else {
        SITE_LANES as f32 * (SITE_PT + GAP_PT)
    };
    genes + sites
}

/// Draws the edges from `top` on.
pub(super) fn draw(
    pen: &mut Pen,
    map: &AttentionMap<'_>,
    layout: &MapLayout,
    top: f32,
    sites: &[(Tag, &Site)],
) {
    let mut y = top;
    if map.genes.is_some() {
        genes(pen, map, layout, y);
        y += GENE_PT + GAP_PT;
    }
    if !map.sites.is_empty() {
        boxes(pen, map, layout, y, sites);
    }
}

fn span(map: &AttentionMap<'_>, plot: Rect, interval: Interval) -> (f32, f32) {
    let x = |bp: usize| map.viewport.x_from_bp(bp as f64, plot.x, plot.width);
    let (left, right) = (x(interval.start), x(interval.end));
    (left, (right - left).max(1.5))
}

fn name(pen: &mut Pen, map: &AttentionMap<'_>, plot: Rect, middle: f32, name: &str) {
    let ink = Ink::regular(SMALL_PT, map.theme.palette().faint);
    pen.text(
        plot.x - 10.0,
        baseline(middle, SMALL_PT),
        Anchor::End,
        ink,
        name,
    );
}

/// Words inside a box as far as it is seen, if there is room for all of them.
fn inside(pen: &mut Pen, plot: Rect, rect: Rect, words: &str, color: Color) -> bool {
    let (from, to) = (rect.x.max(plot.x), rect.right().min(plot.right()));
    let fits = text::width(words, SMALL_PT, Face::Regular) + 6.0 <= to - from;
    if fits {
        let line = baseline(rect.y + rect.height / 2.0, SMALL_PT);
        let middle = f32::midpoint(from, to);
        pen.text(
            middle,
            line,
            Anchor::Middle,
            Ink::regular(SMALL_PT, color),
            words,
        );
    }
    fits
}

fn genes(pen: &mut Pen, map: &AttentionMap<'_>, layout: &MapLayout, y: f32) {
    let palette = map.theme.palette();
    let plot = layout.plot;
    let Some(set) = map.genes else { return };
    pen.part("map-genes", None);
    name(pen, map, plot, y + GENE_PT / 2.0, "genes");
    let clip = Rect::new(plot.x, y, plot.width, GENE_PT);
    let shown = map.viewport.interval();
    let found = set.overlapping(map.viewport.contig, shown);
    let genes = found.into_iter().filter(|f| f.kind == FeatureKind::Gene);
    for gene in genes.take(MOST) {
        let place = set.all().partition_point(|other| {
            (other.contig(), other.interval) < (gene.contig(), gene.interval)
        });
        let index = set.all()[place..]
            .iter()
            .position(|other| std::ptr::eq(other, gene));
        let Some(index) = index.map(|step| place + step) else {
            continue;
        };
        pen.tag = Some(Tag::Feature(index));
        pen.clip = Some(clip);
        let (left, width) = span(map, plot, gene.interval);
        let rect = Rect::new(left, y, width, GENE_PT);
        let (fill, words) = match gene.strand {
            Some(Strand::Forward) => (palette.forward_soft, format!("{} →", gene.name())),
            Some(Strand::Reverse) => (palette.reverse_soft, format!("← {}", gene.name())),
            None => (palette.neutral_soft, gene.name().to_owned()),
        };
        pen.rounded(rect, fill, 2.0_f32.min(width / 2.0));
        inside(pen, plot, rect, &words, palette.text);
    }
    pen.clip = None;
}

fn boxes(
    pen: &mut Pen,
    map: &AttentionMap<'_>,
    layout: &MapLayout,
    y: f32,
    sites: &[(Tag, &Site)],
) {
    let palette = map.theme.palette();
    let plot = layout.plot;
    let shown = map.viewport.interval();
    let height = SITE_LANES as f32 * (SITE_PT + GAP_PT);
    pen.part("map-sites", None);
    name(pen, map, plot, y + height / 2.0, "sites");
    let clip = Rect::new(plot.x, y, plot.width, height);
    let mut ends = [f32::NEG_INFINITY; SITE_LANES];
    let mut placed: Vec<(usize, Rect, &Tag, &Site)> = Vec::new();
    let in_view = sites
        .iter()
        .filter(|(_, site)| site.interval.overlaps(shown));
    for (tag, site) in in_view.take(MOST) {
        let (left, width) = span(map, plot, site.interval);
        // Where no lane is free the box covers the one that ends first.
        let free = ends.iter().position(|end| *end <= left);
        let lane = free.unwrap_or_else(|| {
            let first = ends.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1));
            first.map_or(0, |(lane, _)| lane)
        });
        ends[lane] = ends[lane].max(left + width + 1.0);
        let top = y + lane as f32 * (SITE_PT + GAP_PT);
        placed.push((lane, Rect::new(left, top, width, SITE_PT), tag, site));
    }
    for (index, (lane, rect, tag, site)) in placed.iter().enumerate() {
        let Tag::Site(set, _) = tag else { continue };
        let Some(track) = map.sites.get(*set) else {
            continue;
        };
        let look = track.look(map.theme, site);
        pen.tag = Some((*tag).clone());
        pen.clip = Some(clip);
        look.draw(pen, palette, *rect);
        let next = placed[index + 1..]
            .iter()
            .find(|(other, ..)| other == lane)
            .map_or(plot.right(), |(_, next, ..)| next.x);
        let name_pt = text::width(site.tf(), SMALL_PT, Face::Regular);
        if next >= rect.right() && inside(pen, plot, *rect, site.tf(), look.ink(palette)) {
            continue;
        }
        if rect.right() + 4.0 + name_pt <= next {
            let ink = Ink::regular(SMALL_PT, palette.text);
            let line = baseline(rect.y + SITE_PT / 2.0, SMALL_PT);
            let name = site.tf();
            pen.text(rect.right() + 2.0, line, Anchor::Start, ink, name);
        }
    }
    pen.clip = None;
}

/// Lines where the key is the +1 base, and the places of the −10 and the −35 box, of the start
/// site that the query scores.
pub(super) fn offsets(pen: &mut Pen, map: &AttentionMap<'_>, layout: &MapLayout) {
    let Some(shift) = map.label_shift else { return };
    let plot = layout.plot;
    let each = plot.height / layout.distances.max(1) as f32;
    pen.part("offsets", Some(plot));
    let ink = map.theme.palette();
    let mut tags: Vec<(Rect, f32, &str)> = Vec::new();
    for (offset, words) in [(0_isize, "+1"), (-10, "−10"), (-35, "−35")] {
        let Some(distance) = shift.checked_add_signed(-offset) else {
            continue;
        };
        if distance >= layout.distances {
            continue;
        }
        let y = plot.y + (distance as f32 + 0.5) * each;
        let width = text::width(words, SMALL_PT, Face::Regular) + 6.0;
        // A tag stays on its line: where it would cover another it moves to the left of that.
        let left = tags
            .iter()
            .filter(|(other, _, _)| (other.y + 6.0 - y).abs() < 12.5)
            .map(|(other, _, _)| other.x - 4.0)
            .fold(plot.right() - 2.0, f32::min);
        let place = Rect::new(left - width, y - 6.0, width, 12.0);
        let color = ink.accent.with_opacity(0.55);
        pen.line((plot.x, y), (plot.right(), y), color, 0.75);
        tags.push((place, y, words));
    }
    for (place, y, words) in tags {
        pen.rounded(place, ink.panel.with_opacity(0.92), 2.0);
        pen.text(
            place.x + place.width / 2.0,
            baseline(y, SMALL_PT),
            Anchor::Middle,
            Ink::regular(SMALL_PT, ink.text),
            words,
        );
    }
    pen.clip = None;
}
