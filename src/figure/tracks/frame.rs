//! What all tracks share: the axis, the colours and the resolution.

use super::{GUTTER_PT, GenomeView, RIGHT_PT};
use crate::figure::pen::{Ink, Pen, baseline};
use crate::figure::scene::{Anchor, Face, Rect};
use crate::figure::text;
use crate::figure::theme::{Palette, SMALL_PT, Theme};
use crate::figure::viewport::Viewport;
use crate::genome::Interval;

#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub viewport: Viewport,
    pub left: f32,
    pub width: f32,
    pub pixels_per_point: f32,
    pub theme: Theme,
    pub palette: &'static Palette,
}

impl Frame {
    pub fn new(view: &GenomeView<'_>) -> Self {
        let ratio = view.pixels_per_point;
        Self {
            viewport: view.viewport,
            left: GUTTER_PT,
            width: (view.width - GUTTER_PT - RIGHT_PT).max(1.0),
            pixels_per_point: if ratio.is_finite() {
                ratio.clamp(0.25, 16.0)
            } else {
                1.0
            },
            theme: view.theme,
            palette: view.theme.palette(),
        }
    }

    pub fn x(&self, bp: f64) -> f32 {
        self.viewport.x_from_bp(bp, self.left, self.width)
    }

    pub fn right(&self) -> f32 {
        self.left + self.width
    }

    pub fn points_per_bp(&self) -> f32 {
        (f64::from(self.width) / self.viewport.width_bp()) as f32
    }

    /// Left edge and width of an interval, at least `least` points wide.
    pub fn span(&self, interval: Interval, least: f32) -> (f32, f32) {
        let left = self.x(interval.start as f64);
        let width = self.x(interval.end as f64) - left;
        if width < least {
            (left - (least - width) / 2.0, least)
        } else {
            (left, width)
        }
    }

    /// A clip as high as `rect` and as wide as the plot.
    pub fn clip(&self, rect: Rect) -> Rect {
        Rect::new(self.left, rect.y - 1.0, self.width, rect.height + 2.0)
    }

    /// A track's name in the left column, centred about `middle`, in as many as `most_lines`.
    pub fn name(&self, pen: &mut Pen, middle: f32, name: &str, most_lines: usize) {
        const LINE_PT: f32 = 11.0;
        let lines = name_lines(name, GUTTER_PT - 14.0, most_lines);
        let first = middle - LINE_PT * (lines.len() as f32 - 1.0) / 2.0;
        for (index, line) in lines.into_iter().enumerate() {
            pen.text(
                self.left - 10.0,
                baseline(first + LINE_PT * index as f32, SMALL_PT),
                Anchor::End,
                Ink::regular(SMALL_PT, self.palette.faint),
                line,
            );
        }
    }
}

impl Frame {
    /// A remark in the middle of the plot, as much of it as fits.
    pub fn remark(&self, pen: &mut Pen, middle: f32, words: &str) {
        pen.text(
            self.left + self.width / 2.0,
            baseline(middle, SMALL_PT),
            Anchor::Middle,
            Ink::regular(SMALL_PT, self.palette.faint),
            text::elide(words, SMALL_PT, Face::Regular, self.width),
        );
    }
}

/// A name in lines of at most `width` points, broken after spaces and the signs that file names use.
fn name_lines(name: &str, width: f32, most: usize) -> Vec<String> {
    let fits = |words: &str| text::width(words.trim_end(), SMALL_PT, Face::Regular) <= width;
    let mut lines: Vec<String> = Vec::new();
    for piece in name.split_inclusive([' ', '_', '-', '.']) {
        match lines.last_mut() {
            Some(line) if fits(&format!("{line}{piece}")) => line.push_str(piece),
            _ => lines.push(piece.to_owned()),
        }
    }
    if lines.len() > most {
        let rest = lines.split_off(most.max(1) - 1).concat();
        lines.push(rest);
    }
    lines
        .iter()
        .map(|line| text::elide(line.trim_end(), SMALL_PT, Face::Regular, width).into_owned())
        .collect()
}

/// The things that share a base with the view, with their places in the whole list.
///
/// `found` must be a part of `all` in the order of `all`, and nothing before `first` may be in it.
pub(super) fn indexed<'a, T>(
    all: &'a [T],
    first: usize,
    found: impl IntoIterator<Item = &'a T>,
) -> impl Iterator<Item = (usize, &'a T)> {
    let mut next = first;
    found.into_iter().filter_map(move |item| {
        let ahead = all.get(next..)?;
        let step = ahead.iter().position(|other| std::ptr::eq(other, item))?;
        next += step + 1;
        Some((next - 1, item))
    })
}
