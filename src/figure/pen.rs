//! Puts shapes into a scene, one after the other, with the tag and the clip in force.

use super::scene::{Anchor, Color, Element, Face, Heatmap, Point, Rect, Scene, Shape, Stroke, Tag};

/// How one line of text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    pub size: f32,
    pub face: Face,
    pub color: Color,
}

impl Ink {
    pub const fn regular(size: f32, color: Color) -> Self {
        Self {
            size,
            face: Face::Regular,
            color,
        }
    }

    pub const fn bold(size: f32, color: Color) -> Self {
        Self {
            size,
            face: Face::Bold,
            color,
        }
    }
}

/// Collects elements.
#[derive(Debug, Default)]
pub(super) struct Pen {
    pub elements: Vec<Element>,
    pub tag: Option<Tag>,
    pub clip: Option<Rect>,
}

impl Pen {
    pub fn push(&mut self, shape: Shape) {
        self.elements.push(Element {
            shape,
            tag: self.tag.clone(),
            clip: self.clip,
        });
    }

    /// What follows belongs to `part` and is cut to `clip`.
    pub fn part(&mut self, part: &'static str, clip: Option<Rect>) {
        self.tag = Some(Tag::Part(part));
        self.clip = clip;
    }

    pub fn fill(&mut self, rect: Rect, color: Color) {
        self.rounded(rect, color, 0.0);
    }

    pub fn rounded(&mut self, rect: Rect, color: Color, radius: f32) {
        self.push(Shape::Rect {
            rect,
            fill: Some(color),
            stroke: None,
            radius,
        });
    }

    pub fn frame(&mut self, rect: Rect, color: Color, width: f32, radius: f32) {
        self.push(Shape::Rect {
            rect,
            fill: None,
            stroke: Some(Stroke { color, width }),
            radius,
        });
    }

    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), color: Color, width: f32) {
        self.path(&[from, to], color, width);
    }

    pub fn path(&mut self, points: &[(f32, f32)], color: Color, width: f32) {
        self.push(Shape::Line {
            points: points.iter().map(|&(x, y)| Point { x, y }).collect(),
            stroke: Stroke { color, width },
        });
    }

    pub fn polygon(&mut self, points: &[(f32, f32)], fill: Color) {
        self.push(Shape::Polygon {
            points: points.iter().map(|&(x, y)| Point { x, y }).collect(),
            fill,
        });
    }

    pub fn area(&mut self, points: Vec<Point>, baseline: f32, fill: Color) {
        self.push(Shape::Area {
            points,
            baseline,
            fill,
        });
    }

    pub fn text(&mut self, x: f32, y: f32, anchor: Anchor, ink: Ink, text: impl Into<String>) {
        self.words(x, y, anchor, ink, text.into(), false);
    }

    pub fn turned(&mut self, x: f32, y: f32, anchor: Anchor, ink: Ink, text: impl Into<String>) {
        self.words(x, y, anchor, ink, text.into(), true);
    }

    fn words(&mut self, x: f32, y: f32, anchor: Anchor, ink: Ink, text: String, turned: bool) {
        if text.is_empty() {
            return;
        }
        self.push(Shape::Text {
            at: Point { x, y },
            anchor,
            size: ink.size,
            face: ink.face,
            color: ink.color,
            text,
            turned,
        });
    }

    pub fn heatmap(&mut self, heatmap: Heatmap) {
        self.push(Shape::Heatmap(heatmap));
    }

    pub fn scene(self, width: f32, height: f32, background: Option<Color>) -> Scene {
        Scene {
            width,
            height,
            background,
            elements: self.elements,
        }
    }
}

/// The baseline that centres capitals and digits of `size` about `middle`.
pub(super) fn baseline(middle: f32, size: f32) -> f32 {
    middle + size * super::text::CAP_HEIGHT / 2.0
}
