//! What is drawn, as data: the window paints it, the exporters write it.
//!
//! The unit is the point (1/72 inch on paper, one logical pixel on screen). x grows to the right,
//! y downwards, and the origin is the upper left corner.

use super::colormap::ColorScale;
use std::sync::Arc;

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
