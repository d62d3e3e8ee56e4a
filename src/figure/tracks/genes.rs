//! Genes as arrows, stacked without overlap; as densities where there are too many.

use super::frame::{Frame, indexed};
use crate::figure::pen::{Ink, Pen, baseline};
use crate::figure::scene::{Anchor, Face, Point, Rect, Tag};
use crate::figure::text;
use crate::figure::theme::{SMALL_PT, TEXT_PT};
use crate::genome::locus::grouped;
use crate::genome::{Feature, FeatureKind, FeatureSet, Interval, Strand};

const LANE_PT: f32 = 14.0;
const LANE_GAP_PT: f32 = 2.0;
/// Genes of one strand may overlap by this much before one of them moves to another lane.
const TOLERANCE_PT: f32 = 3.0;
/// Lanes are handed out from this far left of the view, so that panning does not change them.
const LEAD_BP: usize = 20_000;
const MOST_MIDDLE_LANES: usize = 3;
/// Fewer points for each gene than this give densities.
const CROWDED_PT: f32 = 5.0;
const BIN_PT: f32 = 2.0;

struct Placed<'a> {
    index: usize,
    feature: &'a Feature,
    /// 0 is the + strand's own lane; the − strand's own is the last.
    lane: Lane,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lane {
    Forward,
    Middle(usize),
    Reverse,
}

/// What the track of genes shows.
pub(super) struct Genes<'a> {
    placed: Vec<Placed<'a>>,
    middle_lanes: usize,
    density: Option<Density>,
}

/// How much of each bin genes cover, 0…1.
struct Density {
    forward: Vec<f32>,
    reverse: Vec<f32>,
    count: usize,
}

impl<'a> Genes<'a> {
    pub fn place(frame: &Frame, set: &'a FeatureSet) -> Self {
        let kind = drawn_kind(set);
        let view = frame.viewport.interval();
        let contig = frame.viewport.contig;
        let from = Interval::new(view.start.saturating_sub(LEAD_BP), view.end);
        let all = set.all();
        let found = set.overlapping(contig, from);
        let first = found.first().map_or(0, |feature| {
            all.partition_point(|other| {
                (other.contig(), other.interval) < (feature.contig(), feature.interval)
            })
        });
        let found: Vec<(usize, &Feature)> = indexed(all, first, found)
            .filter(|(_, feature)| feature.kind == kind)
            .collect();
        let visible = found
            .iter()
            .filter(|(_, feature)| feature.interval.overlaps(view))
            .count();
        if visible as f32 * CROWDED_PT > frame.width {
            return Self {
                placed: Vec::new(),
                middle_lanes: 1,
                density: Some(Density::new(frame, &found, visible)),
            };
        }
        let mut genes = lanes(frame, &found);
        genes.retain(|gene| gene.feature.interval.overlaps(view));
        let middle_lanes = genes
            .iter()
            .filter_map(|gene| match gene.lane {
                Lane::Middle(index) => Some(index + 1),
                _ => None,
            })
            .max()
            .unwrap_or(0)
            .max(1);
        Self {
            placed: genes,
            middle_lanes,
            density: None,
        }
    }

    pub fn height(&self) -> f32 {
        let lanes = 2 + self.middle_lanes;
        lanes as f32 * (LANE_PT + LANE_GAP_PT) - LANE_GAP_PT
    }

    pub fn draw(&self, pen: &mut Pen, frame: &Frame, rect: Rect) {
        pen.part("genes", None);
        frame.name(pen, rect.y + rect.height / 2.0, "genes", 1);
        for (strand, middle) in [
            ("+", rect.y + LANE_PT / 2.0),
            ("−", rect.bottom() - LANE_PT / 2.0),
        ] {
            frame.name(pen, middle, strand, 1);
        }
        if let Some(density) = &self.density {
            density.draw(pen, frame, rect);
            return;
        }
        let clip = frame.clip(rect);
        for (position, gene) in self.placed.iter().enumerate() {
            let lane = match gene.lane {
                Lane::Forward => 0,
                Lane::Middle(index) => 1 + index,
                Lane::Reverse => 1 + self.middle_lanes,
            };
            let top = rect.y + lane as f32 * (LANE_PT + LANE_GAP_PT);
            let next = self.placed[position + 1..]
                .iter()
                .find(|other| other.lane == gene.lane)
                .map_or(frame.right(), |other| {
                    frame.x(other.feature.interval.start as f64)
                });
            pen.tag = Some(Tag::Feature(gene.index));
            pen.clip = Some(clip);
            draw_gene(pen, frame, gene.feature, top, next);
        }
        pen.clip = None;
    }
}

/// Genes if the set has any, else coding sequences, else whatever it has.
fn drawn_kind(set: &FeatureSet) -> FeatureKind {
    [FeatureKind::Gene, FeatureKind::Cds]
        .into_iter()
        .find(|kind| set.all().iter().any(|feature| feature.kind == *kind))
        .unwrap_or(FeatureKind::Other)
}

/// Each gene in the lane of its strand, or in the first middle lane that is free there.
fn lanes<'a>(frame: &Frame, found: &[(usize, &'a Feature)]) -> Vec<Placed<'a>> {
    let mut strand_ends = [f32::NEG_INFINITY; 2];
    let mut middle_ends = [f32::NEG_INFINITY; MOST_MIDDLE_LANES];
    found
        .iter()
        .map(|&(index, feature)| {
            let (left, width) = frame.span(feature.interval, 1.0);
            let own = match feature.strand {
                Some(Strand::Forward) => Some((0, Lane::Forward)),
                Some(Strand::Reverse) => Some((1, Lane::Reverse)),
                None => None,
            };
            let free_own = own.filter(|(end, _)| strand_ends[*end] <= left + TOLERANCE_PT);
            let lane = if let Some((end, lane)) = free_own {
                strand_ends[end] = left + width;
                lane
            } else {
                let free = middle_ends
                    .iter()
                    .position(|end| *end <= left + TOLERANCE_PT)
                    .unwrap_or(MOST_MIDDLE_LANES - 1);
                middle_ends[free] = middle_ends[free].max(left + width);
                Lane::Middle(free)
            };
            Placed {
                index,
                feature,
                lane,
            }
        })
        .collect()
}

fn draw_gene(pen: &mut Pen, frame: &Frame, feature: &Feature, top: f32, next: f32) {
    let palette = frame.palette;
    let fill = match feature.strand {
        Some(Strand::Forward) => palette.forward_soft,
        Some(Strand::Reverse) => palette.reverse_soft,
        None => palette.neutral_soft,
    };
    let (left, width) = frame.span(feature.interval, 1.5);
    // Far outside the page the renderers lose precision.
    let (left, right) = (
        left.max(frame.left - 20.0),
        (left + width).min(frame.right() + 20.0),
    );
    let width = right - left;
    let bottom = top + LANE_PT;
    let tip = (LANE_PT / 2.0).min(width * 0.6);
    let middle = top + LANE_PT / 2.0;
    // A sliver of page between neighbours.
    let (left, right) = if width > 4.0 {
        (left + 0.5, right - 0.5)
    } else {
        (left, right)
    };
    match feature.strand {
        Some(Strand::Forward) => pen.polygon(
            &[
                (left, top),
                (right - tip, top),
                (right, middle),
                (right - tip, bottom),
                (left, bottom),
            ],
            fill,
        ),
        Some(Strand::Reverse) => pen.polygon(
            &[
                (left, middle),
                (left + tip, top),
                (right, top),
                (right, bottom),
                (left + tip, bottom),
            ],
            fill,
        ),
        None => pen.rounded(Rect::new(left, top, right - left, LANE_PT), fill, 2.0),
    }
    name(pen, frame, feature, (left, right), next, middle);
}

/// The name in the visible part of the arrow, or to its right where that is free.
fn name(
    pen: &mut Pen,
    frame: &Frame,
    feature: &Feature,
    (left, right): (f32, f32),
    next: f32,
    middle: f32,
) {
    let palette = frame.palette;
    let words = feature.shown_name();
    let (from, to) = (left.max(frame.left), right.min(frame.right()));
    let room = to - from - 12.0;
    let needed = text::width(words, TEXT_PT, Face::Regular);
    let line = baseline(middle, TEXT_PT);
    let ink = Ink::regular(TEXT_PT, palette.text);
    if needed <= room {
        let center = f32::midpoint(from, to);
        pen.text(center, line, Anchor::Middle, ink, words);
        chevrons(
            pen,
            frame,
            feature.strand,
            (from, to),
            center,
            needed,
            middle,
        );
    } else if room >= 30.0 {
        let words = text::elide(words, TEXT_PT, Face::Regular, room);
        pen.text(f32::midpoint(from, to), line, Anchor::Middle, ink, words);
    } else if right + 3.0 + text::width(words, SMALL_PT, Face::Regular) + 3.0
        <= next.min(frame.right())
    {
        pen.text(
            right + 3.0,
            baseline(middle, SMALL_PT),
            Anchor::Start,
            Ink::regular(SMALL_PT, palette.faint),
            words,
        );
    }
}

/// Marks of direction along a gene whose tip may be far away.
fn chevrons(
    pen: &mut Pen,
    frame: &Frame,
    strand: Option<Strand>,
    (from, to): (f32, f32),
    center: f32,
    name_pt: f32,
    middle: f32,
) {
    const APART: f32 = 96.0;
    let Some(strand) = strand else { return };
    let point = match strand {
        Strand::Forward => 2.5,
        Strand::Reverse => -2.5,
    };
    let color = frame.palette.text.with_opacity(0.28);
    let clear = name_pt / 2.0 + 14.0;
    for side in [-1.0_f32, 1.0] {
        let mut x = center + side * clear.max(APART / 2.0);
        while x > from + 14.0 && x < to - 14.0 {
            pen.path(
                &[
                    (x - point, middle - 3.0),
                    (x + point, middle),
                    (x - point, middle + 3.0),
                ],
                color,
                1.0,
            );
            x += side * APART;
        }
    }
}

impl Density {
    fn new(frame: &Frame, found: &[(usize, &Feature)], count: usize) -> Self {
        let bins = (frame.width / BIN_PT).ceil() as usize;
        let mut sides = [vec![0.0_f32; bins], vec![0.0_f32; bins]];
        for (_, feature) in found {
            let side = usize::from(feature.strand == Some(Strand::Reverse));
            let (left, width) = frame.span(feature.interval, 0.0);
            let (from, to) = (
                (left - frame.left).max(0.0) / BIN_PT,
                (left + width - frame.left).min(frame.width) / BIN_PT,
            );
            let mut bin = from.floor();
            while bin < to {
                let covered = (bin + 1.0).min(to) - bin.max(from);
                if let Some(slot) = sides[side].get_mut(bin as usize) {
                    *slot += covered;
                }
                bin += 1.0;
            }
        }
        let [forward, reverse] = sides;
        Self {
            forward,
            reverse,
            count,
        }
    }

    fn draw(&self, pen: &mut Pen, frame: &Frame, rect: Rect) {
        let words_pt = 14.0;
        let half = (rect.height - words_pt) / 2.0;
        pen.clip = Some(frame.clip(rect));
        for (values, baseline, direction, fill) in [
            (
                &self.forward,
                rect.y + half,
                -1.0,
                frame.palette.forward_soft,
            ),
            (
                &self.reverse,
                rect.bottom() - half,
                1.0,
                frame.palette.reverse_soft,
            ),
        ] {
            let points = values
                .iter()
                .enumerate()
                .flat_map(|(bin, covered)| {
                    let y = baseline + direction * half * covered.min(1.0);
                    let left = frame.left + bin as f32 * BIN_PT;
                    [
                        Point { x: left, y },
                        Point {
                            x: left + BIN_PT,
                            y,
                        },
                    ]
                })
                .collect();
            pen.area(points, baseline, fill);
        }
        pen.clip = None;
        let words = format!(
            "{} genes: share of each place that they cover; zoom in for names",
            grouped(self.count)
        );
        frame.remark(pen, rect.y + rect.height / 2.0, &words);
    }
}
