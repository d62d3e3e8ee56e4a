//! Transcription start sites as bent arrows.

use super::frame::{Frame, indexed};
use crate::figure::pen::Pen;
use crate::figure::scene::{Color, Rect, Tag};
use crate::genome::{FeatureSet, Strand};

pub(super) const HEIGHT_PT: f32 = 18.0;
/// Fewer points for each site than this merge those that fall on one pixel.
const CROWDED_PT: f32 = 12.0;

/// What the track of start sites shows.
pub(super) struct Tss {
    marks: Vec<Mark>,
    crowded: bool,
}

struct Mark {
    index: usize,
    bp: usize,
    strand: Option<Strand>,
}

impl Tss {
    pub fn place(frame: &Frame, set: &FeatureSet) -> Self {
        let view = frame.viewport.interval();
        let all = set.all();
        let found = set.overlapping(frame.viewport.contig, view);
        let first = found.first().map_or(0, |feature| {
            all.partition_point(|other| {
                (other.contig(), other.interval) < (feature.contig(), feature.interval)
            })
        });
        let mut marks: Vec<Mark> = indexed(all, first, found)
            .map(|(index, feature)| Mark {
                index,
                bp: feature.interval.start,
                strand: feature.strand,
            })
            .collect();
        let crowded = marks.len() as f32 * CROWDED_PT > frame.width;
        if crowded {
            marks.sort_by_key(|mark| (mark.strand, mark.bp));
            marks.dedup_by_key(|mark| {
                let x = frame.x(mark.bp as f64 + 0.5) * frame.pixels_per_point;
                (mark.strand, x.floor() as i64)
            });
        }
        Self { marks, crowded }
    }

    pub fn draw(&self, pen: &mut Pen, frame: &Frame, rect: Rect) {
        pen.part("tss", None);
        let line = rect.y + rect.height / 2.0;
        frame.name(pen, line, "TSS", 1);
        pen.line(
            (rect.x, line),
            (rect.right(), line),
            frame.palette.grid,
            1.0,
        );
        pen.clip = Some(frame.clip(rect));
        for mark in &self.marks {
            let x = frame.x(mark.bp as f64 + 0.5);
            let (color, up, ahead) = match mark.strand {
                Some(Strand::Forward) => (frame.palette.forward, -1.0, 1.0),
                Some(Strand::Reverse) => (frame.palette.reverse, 1.0, -1.0),
                None => (frame.palette.faint, -1.0, 0.0),
            };
            if self.crowded {
                pen.line(
                    (x, line),
                    (x, line + up * 7.0),
                    color.with_opacity(0.7),
                    1.0,
                );
            } else {
                pen.tag = Some(Tag::Feature(mark.index));
                arrow(pen, x, line, up * 7.0, ahead, color);
            }
        }
        pen.clip = None;
    }
}

fn arrow(pen: &mut Pen, x: f32, line: f32, rise: f32, ahead: f32, color: Color) {
    let y = line + rise;
    pen.path(&[(x, line), (x, y), (x + ahead * 6.0, y)], color, 1.25);
    if ahead != 0.0 {
        let tip = x + ahead * 9.0;
        pen.polygon(
            &[
                (tip, y),
                (tip - ahead * 4.0, y - 2.5),
                (tip - ahead * 4.0, y + 2.5),
            ],
            color,
        );
    }
}
