//! What is drawn, as data: the window paints it, the exporters write it.
//!
//! The unit is the point (1/72 inch on paper, one logical pixel on screen). x grows to the right,
//! y downwards, and the origin is the upper left corner.

use super::colormap::ColorScale;
use std::sync::Arc;

/// Points to a millimetre on paper.
pub const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// A colour: red, green, blue and opacity, 0…255, sRGB, not premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color(pub [u8; 4]);

impl Color {
    /// An opaque colour.
    #[must_use]
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue, 255])
    }

    /// The same colour at another opacity, 0…1.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0…255"
    )]
    pub fn with_opacity(self, opacity: f32) -> Self {
        let [red, green, blue, _] = self.0;
        Self([
            red,
            green,
            blue,
            (opacity.clamp(0.0, 1.0) * 255.0).round() as u8,
        ])
    }
}

/// A place in points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Rightwards.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// An upright rectangle in points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width, not negative.
    pub width: f32,
    /// Height, not negative.
    pub height: f32,
}

impl Rect {
    /// A rectangle from its upper left corner and size.
    #[must_use]
    pub const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Right edge.
    #[must_use]
    pub fn right(self) -> f32 {
        self.x + self.width
    }

    /// Lower edge.
    #[must_use]
    pub fn bottom(self) -> f32 {
        self.y + self.height
    }

    /// Whether `point` lies inside or on the left or upper edge.
    #[must_use]
    pub fn contains(self, point: Point) -> bool {
        self.x <= point.x && point.x < self.right() && self.y <= point.y && point.y < self.bottom()
    }
}

/// A line's colour and width in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub color: Color,
    /// Its width in points.
    pub width: f32,
}

/// Which point of a text its position names, horizontally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The position is the left end.
    Start,
    /// The position is the middle.
    Middle,
    /// The position is the right end.
    End,
}

/// Weight of the one font family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// For running text and numbers.
    Regular,
    /// For headings, letters of a sequence and logos.
    Bold,
}

/// A table of values with a colour scale: colours are made when it is painted, at the painter's resolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Heatmap {
    /// Where it is painted.
    pub rect: Rect,
    /// Number of rows, the first at the top.
    pub rows: usize,
    /// Number of columns, the first at the left.
    pub columns: usize,
    /// `values[row * columns + column]`; NaN is painted as missing.
    pub values: Arc<Vec<f32>>,
    /// From values to colours.
    pub scale: ColorScale,
}

/// One thing to paint.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A rectangle, filled or outlined or both, with rounded corners of `radius` points.
    Rect {
        /// Where.
        rect: Rect,
        /// Inside.
        fill: Option<Color>,
        /// Outline.
        stroke: Option<Stroke>,
        /// Corner radius in points.
        radius: f32,
    },
    /// A line through points.
    Line {
        /// At least two points.
        points: Vec<Point>,
        /// Colour and width.
        stroke: Stroke,
    },
    /// A filled convex polygon.
    Polygon {
        /// Its corners in order.
        points: Vec<Point>,
        /// Inside.
        fill: Color,
    },
    /// The area between a baseline and a curve (not convex).
    Area {
        /// The curve from left to right.
        points: Vec<Point>,
        /// y of the baseline.
        baseline: f32,
        /// Inside.
        fill: Color,
    },
    /// One bold capital whose outline is stretched to fill `rect` exactly, as in a sequence logo.
    Letter {
        /// A, C, G, T, N or another capital.
        letter: char,
        /// The box that it fills.
        rect: Rect,
        /// Its colour.
        fill: Color,
    },
    /// One line of text.
    Text {
        /// The end that `anchor` names, vertically the baseline.
        at: Point,
        /// Horizontal anchor.
        anchor: Anchor,
        /// Font size in points.
        size: f32,
        /// Weight.
        face: Face,
        /// Colour.
        color: Color,
        /// The words.
        text: String,
        /// Turned by 90° against the clock about `at`, for labels of y axes.
        turned: bool,
    },
    /// A heat map.
    Heatmap(Heatmap),
}

/// What an element stands for, so that hover and click find it again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// A feature, by index into its set.
    Feature(usize),
    /// A site: index of its set and of the site in it.
    Site(usize, usize),
    /// A head.
    Head(crate::attention::HeadId),
    /// A base that a pinned query looks at, 0-based on the forward strand.
    Key(usize),
    /// A named part of the picture: `ruler`, `genes`, `legend`…; becomes a group id in SVG.
    Part(&'static str),
}

/// A shape with what it stands for and what it is cut to.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// What to paint.
    pub shape: Shape,
    /// What it stands for.
    pub tag: Option<Tag>,
    /// Painted only inside this rectangle.
    pub clip: Option<Rect>,
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// What lies behind everything; `None` is transparent.
    pub background: Option<Color>,
    /// What is painted, first to last.
    pub elements: Vec<Element>,
}

impl Scene {
    /// What the topmost tagged shape under `point` stands for.
    ///
    /// Lines are found within three points; other shapes are taken by their upright boxes.
    #[must_use]
    pub fn tag_at(&self, point: Point) -> Option<&Tag> {
        self.elements
            .iter()
            .rev()
            .filter(|element| element.tag.is_some())
            .find(|element| {
                element.clip.is_none_or(|clip| clip.contains(point))
                    && element.shape.is_under(point)
            })
            .and_then(|element| element.tag.as_ref())
    }
}

impl Shape {
    fn is_under(&self, point: Point) -> bool {
        const NEAR_PT: f32 = 3.0;
        match self {
            Self::Line { points, .. } => points
                .windows(2)
                .any(|ends| distance(point, ends[0], ends[1]) <= NEAR_PT),
            _ => self.bounds().contains(point),
        }
    }

    /// The upright box around the shape, without the width of its outline.
    #[must_use]
    pub fn bounds(&self) -> Rect {
        match self {
            Self::Rect { rect, .. } | Self::Letter { rect, .. } => *rect,
            Self::Heatmap(heatmap) => heatmap.rect,
            Self::Line { points, .. } | Self::Polygon { points, .. } => around(points),
            Self::Area {
                points, baseline, ..
            } => {
                let curve = around(points);
                let top = curve.y.min(*baseline);
                let bottom = curve.bottom().max(*baseline);
                Rect::new(curve.x, top, curve.width, bottom - top)
            }
            Self::Text {
                at,
                anchor,
                size,
                face,
                text,
                turned,
                ..
            } => {
                let width = super::text::width(text, *size, *face);
                let before = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => width / 2.0,
                    Anchor::End => width,
                };
                let (rise, fall) = (size * 0.75, size * 0.25);
                if *turned {
                    Rect::new(at.x - rise, at.y + before - width, rise + fall, width)
                } else {
                    Rect::new(at.x - before, at.y - rise, width, rise + fall)
                }
            }
        }
    }
}

fn around(points: &[Point]) -> Rect {
    let Some(first) = points.first() else {
        return Rect::default();
    };
    let (mut low, mut high) = (*first, *first);
    for point in points {
        low = Point {
            x: low.x.min(point.x),
            y: low.y.min(point.y),
        };
        high = Point {
            x: high.x.max(point.x),
            y: high.y.max(point.y),
        };
    }
    Rect::new(low.x, low.y, high.x - low.x, high.y - low.y)
}

/// Distance from a point to a straight line between two others.
fn distance(point: Point, from: Point, to: Point) -> f32 {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        (((point.x - from.x) * dx + (point.y - from.y) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (point.x - from.x - along * dx).hypot(point.y - from.y - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slanted_lines_are_found_along_their_length_only() {
        let (a, b) = (Point { x: 0.0, y: 0.0 }, Point { x: 100.0, y: 100.0 });
        let scene = Scene {
            width: 100.0,
            height: 100.0,
            background: None,
            elements: vec![Element {
                shape: Shape::Line {
                    points: vec![a, b],
                    stroke: Stroke {
                        color: Color::rgb(0, 0, 0),
                        width: 1.0,
                    },
                },
                tag: Some(Tag::Part("line")),
                clip: None,
            }],
        };
        let at = |x, y| scene.tag_at(Point { x, y }).is_some();
        assert!(at(50.0, 51.0) && at(99.0, 99.0));
        assert!(!at(20.0, 80.0) && !at(50.0, 56.0));
    }
}
