//! What one query looks at: an arc to each key, wider and darker with more weight.

use super::frame::Frame;
use crate::attention::HeadId;
use crate::figure::axis;
use crate::figure::pen::{Ink, Pen, baseline};
use crate::figure::scene::{Anchor, Face, Rect, Tag};
use crate::figure::text;
use crate::figure::theme::SMALL_PT;
use crate::genome::Strand;
use crate::genome::locus::grouped;

pub(super) const HEIGHT_PT: f32 = 56.0;
/// Arcs drawn at most.
const MOST: usize = 48;
/// Corners of an arc.
const STEPS: usize = 24;
/// Height of the line of words above the arcs.
const WORDS_PT: f32 = 12.0;

/// The attention of one query of one head.
#[derive(Clone, Copy, Debug)]
pub struct Arcs<'a> {
    /// The head.
    pub head: HeadId,
    /// The strand that was read.
    pub strand: Strand,
    /// The query, 0-based on the forward strand.
    pub query: usize,
    /// Weights by distance from the query back along the strand, as many as the context is long.
    pub weights: &'a [f32],
}

impl Arcs<'_> {
    /// The keys that get an arc, with their weights, the heaviest last: those with at least twice
    /// their share and a fiftieth of the largest weight.
    #[must_use]
    pub fn keys(&self, contig_bp: usize) -> Vec<(usize, f32)> {
        let largest = self.largest();
        let least = (2.0 / self.weights.len().max(1) as f32).max(largest / 50.0);
        let mut keys: Vec<(usize, f32)> = self
            .weights
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight >= least)
            .filter_map(|(distance, weight)| Some((self.key(distance, contig_bp)?, *weight)))
            .collect();
        keys.sort_by(|a, b| a.1.total_cmp(&b.1));
        keys.drain(..keys.len().saturating_sub(MOST));
        keys
    }

    /// The key at a distance; `None` where the contig ends before.
    #[must_use]
    pub fn key(&self, distance: usize, contig_bp: usize) -> Option<usize> {
        match self.strand {
            Strand::Forward => self.query.checked_sub(distance),
            Strand::Reverse => Some(self.query + distance).filter(|key| *key < contig_bp),
        }
    }

    fn largest(&self) -> f32 {
        self.weights.iter().copied().fold(0.0, f32::max)
    }
}

pub(super) fn draw(pen: &mut Pen, frame: &Frame, rect: Rect, arcs: &Arcs<'_>) {
    let palette = frame.palette;
    pen.part("arcs", None);
    frame.name(
        pen,
        rect.y + rect.height / 2.0,
        &format!("{} looks at", arcs.head),
        2,
    );
    let base = rect.bottom() - 2.0;
    let keys = arcs.keys(frame.viewport.contig_bp);
    let largest = arcs.largest();
    let words = if keys.is_empty() {
        format!(
            "query {} on {}: nothing in particular",
            grouped(arcs.query + 1),
            arcs.strand
        )
    } else {
        let thousandths = (f64::from(largest) * 1e3).round() / 1e3;
        format!(
            "query {} on {}: {} keys, largest weight {}; width and darkness by weight",
            grouped(arcs.query + 1),
            arcs.strand,
            keys.len(),
            axis::number(thousandths)
        )
    };
    let words = text::elide(&words, SMALL_PT, Face::Regular, frame.width);
    let ink = Ink::regular(SMALL_PT, palette.faint);
    pen.text(
        rect.x,
        baseline(rect.y + 4.0, SMALL_PT),
        Anchor::Start,
        ink,
        words,
    );
    pen.line((rect.x, base), (rect.right(), base), palette.grid, 1.0);
    pen.clip = Some(frame.clip(rect));
    let from = frame.x(arcs.query as f64 + 0.5);
    let room = rect.height - WORDS_PT - 4.0;
    for (key, weight) in keys {
        pen.tag = Some(Tag::Key(key));
        let to = frame.x(key as f64 + 0.5);
        let share = weight / largest.max(f32::MIN_POSITIVE);
        let color = palette.accent.with_opacity(0.2 + 0.8 * share);
        if key == arcs.query {
            let side = 3.0 + 5.0 * share;
            pen.rounded(
                Rect::new(from - side / 2.0, base - side / 2.0, side, side),
                color,
                side / 2.0,
            );
            continue;
        }
        let (middle, half) = (f32::midpoint(from, to), (to - from).abs() / 2.0);
        let rise = room.min(half.max(6.0));
        let points: Vec<(f32, f32)> = (0..=STEPS)
            .map(|step| {
                let angle = std::f32::consts::PI * step as f32 / STEPS as f32;
                (middle + half * angle.cos(), base - rise * angle.sin())
            })
            .collect();
        pen.path(&points, color, 0.75 + 3.0 * share);
    }
    pen.clip = None;
}

/// A line through the pinned base over all tracks.
pub(super) fn mark(pen: &mut Pen, frame: &Frame, top: f32, bottom: f32, query: usize) {
    let x = frame.x(query as f64 + 0.5);
    if x < frame.left || x > frame.right() {
        return;
    }
    pen.part("pinned", None);
    let color = frame.palette.accent;
    pen.line((x, top), (x, bottom), color.with_opacity(0.7), 1.0);
    pen.polygon(&[(x - 4.0, top), (x + 4.0, top), (x, top + 6.0)], color);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arcs_go_to_the_heavy_keys_against_the_strand() {
        let mut weights = vec![0.001; 100];
        weights[12] = 0.6;
        weights[35] = 0.2;
        let arcs = Arcs {
            head: HeadId { layer: 0, head: 0 },
            strand: Strand::Forward,
            query: 20,
            weights: &weights,
        };
        assert_eq!(arcs.keys(1000), [(8, 0.6)], "−15 lies before the contig");
        let reverse = Arcs {
            strand: Strand::Reverse,
            ..arcs
        };
        assert_eq!(reverse.keys(1000), [(55, 0.2), (32, 0.6)]);
        assert_eq!(reverse.keys(50), [(32, 0.6)]);
        let even = [0.01; 100];
        assert!(
            Arcs {
                weights: &even,
                ..arcs
            }
            .keys(1000)
            .is_empty()
        );
    }
}
