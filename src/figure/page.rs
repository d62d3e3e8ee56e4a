//! A page of panels: pictures set onto a sheet of a given size with labels A, B, C…

use super::pen::{Ink, Pen};
use super::scene::{Anchor, Element, Face, Point, Rect, Scene, Shape, Stroke, Tag};
use super::text;
use super::theme::{SMALL_PT, TEXT_PT, Theme};

/// No text on a page is smaller, in points.
pub const LEAST_TEXT_PT: f32 = 6.0;
/// No line on a page is thinner, in points.
pub const LEAST_LINE_PT: f32 = 0.25;
/// Space that the label of a panel takes to its left, in points of the page.
const LABEL_PT: f32 = 12.0;

/// Sizes and colours of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageStyle {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// Size of small text (axes, legends, captions) in points; headings are larger in proportion.
    pub font: f32,
    /// Width of a usual line in points.
    pub line: f32,
    /// Light or dark.
    pub theme: Theme,
}

impl PageStyle {
    /// What lengths of a picture are multiplied by: pictures are drawn with small text of [`SMALL_PT`].
    #[must_use]
    pub fn factor(&self) -> f32 {
        self.font / SMALL_PT
    }

    /// The size of the labels A, B, C.
    #[must_use]
    pub fn label_pt(&self) -> f32 {
        (self.font * TEXT_PT / SMALL_PT * 1.15).max(8.0)
    }
}

/// A picture and its place on a page.
#[derive(Clone, Debug)]
pub struct Panel {
    /// The letter before it, if there is one.
    pub label: Option<char>,
    /// What it is called where something is wrong with it.
    pub name: String,
    /// The picture, drawn at its own size.
    pub scene: Scene,
    /// Its place on the page in points, the label included.
    pub place: Rect,
}

/// Why a page cannot be set.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PageError {
    /// A picture does not fit its place.
    #[error(
        "{panel} needs {needs_mm:.1} mm {direction}, and has {has_mm:.1} mm: make its place or the page larger, or the font smaller"
    )]
    TooLarge {
        /// The panel.
        panel: String,
        /// `across` or `in height`.
        direction: &'static str,
        /// What it needs.
        needs_mm: f32,
        /// What it has.
        has_mm: f32,
    },
    /// A text would be too small to be read.
    #[error(
        "{panel}: the text '{text}' would be {size:.1} pt: expected at least 6 pt; choose a larger font"
    )]
    SmallText {
        /// The panel.
        panel: String,
        /// The text.
        text: String,
        /// Its size.
        size: f32,
    },
}

/// How wide the label's column beside a picture is, in points of the page.
#[must_use]
pub fn label_column(labelled: bool) -> f32 {
    if labelled { LABEL_PT } else { 0.0 }
}

/// Sets the panels onto one page.
///
/// # Errors
/// [`PageError`] where a picture does not fit its place, or a text would be smaller than [`LEAST_TEXT_PT`].
pub fn compose(style: &PageStyle, panels: &[Panel]) -> Result<Scene, PageError> {
    let palette = style.theme.palette();
    let mut elements: Vec<Element> = Vec::new();
    let factor = style.factor();
    for panel in panels {
        let left = panel.place.x + label_column(panel.label.is_some());
        fits(
            panel,
            "across",
            panel.scene.width * factor,
            panel.place.right() - left,
        )?;
        fits(
            panel,
            "in height",
            panel.scene.height * factor,
            panel.place.height,
        )?;
        let moved = Move {
            factor,
            line: style.line,
            least_line: LEAST_LINE_PT,
            x: left,
            y: panel.place.y,
        };
        if let Some(label) = panel.label {
            let mut pen = Pen {
                tag: Some(Tag::Part(part_name(label))),
                ..Pen::default()
            };
            let ink = Ink::bold(style.label_pt(), palette.text);
            let y = panel.place.y + style.label_pt() * text::CAP_HEIGHT + 1.0;
            pen.text(panel.place.x, y, Anchor::Start, ink, label.to_string());
            elements.extend(pen.elements);
        }
        for element in &panel.scene.elements {
            let element = moved.element(element);
            if let Shape::Text { size, text, .. } = &element.shape
                && *size < LEAST_TEXT_PT - 1e-3
            {
                return Err(PageError::SmallText {
                    panel: panel.name.clone(),
                    text: text.clone(),
                    size: *size,
                });
            }
            elements.push(element);
        }
    }
    Ok(Scene {
        width: style.width,
        height: style.height,
        background: Some(palette.page),
        elements,
    })
}

fn fits(panel: &Panel, direction: &'static str, needs: f32, has: f32) -> Result<(), PageError> {
    use super::scene::POINTS_PER_MM;
    if needs <= has + 0.05 {
        return Ok(());
    }
    Err(PageError::TooLarge {
        panel: panel.name.clone(),
        direction,
        needs_mm: needs / POINTS_PER_MM,
        has_mm: has / POINTS_PER_MM,
    })
}

/// A heading over a picture, as much of it as fits: the picture moves down.
#[must_use]
pub fn titled(scene: Scene, title: &str, theme: Theme) -> Scene {
    const TITLE_PT: f32 = 20.0;
    if title.is_empty() {
        return scene;
    }
    let mut pen = Pen::default();
    pen.part("title", None);
    let ink = Ink::bold(TEXT_PT, theme.palette().text);
    let words = text::elide(title, TEXT_PT, Face::Bold, scene.width - 8.0);
    pen.text(4.0, 12.0, Anchor::Start, ink, words);
    let down = Move {
        factor: 1.0,
        line: 1.0,
        least_line: LEAST_LINE_PT,
        x: 0.0,
        y: TITLE_PT,
    };
    let (width, height) = (scene.width, scene.height + TITLE_PT);
    let moved = scene.elements.iter().map(|element| down.element(element));
    Scene {
        width,
        height,
        background: scene.background,
        elements: pen.elements.into_iter().chain(moved).collect(),
    }
}

/// A picture at another size, lines and all.
#[must_use]
pub fn enlarged(scene: &Scene, factor: f32) -> Scene {
    let larger = Move {
        factor,
        line: factor,
        least_line: 0.0,
        x: 0.0,
        y: 0.0,
    };
    Scene {
        width: scene.width * factor,
        height: scene.height * factor,
        background: scene.background,
        elements: scene
            .elements
            .iter()
            .map(|element| larger.element(element))
            .collect(),
    }
}

/// Takes a picture to its place.
struct Move {
    factor: f32,
    line: f32,
    least_line: f32,
    x: f32,
    y: f32,
}

impl Move {
    fn point(&self, point: Point) -> Point {
        Point {
            x: self.x + point.x * self.factor,
            y: self.y + point.y * self.factor,
        }
    }

    fn rect(&self, rect: Rect) -> Rect {
        let corner = self.point(Point {
            x: rect.x,
            y: rect.y,
        });
        Rect::new(
            corner.x,
            corner.y,
            rect.width * self.factor,
            rect.height * self.factor,
        )
    }

    fn stroke(&self, stroke: Stroke) -> Stroke {
        Stroke {
            width: (stroke.width * self.line).max(self.least_line),
            ..stroke
        }
    }

    fn points(&self, points: &[Point]) -> Vec<Point> {
        points.iter().map(|point| self.point(*point)).collect()
    }

    fn element(&self, element: &Element) -> Element {
        Element {
            shape: self.shape(&element.shape),
            tag: element.tag.clone(),
            clip: element.clip.map(|clip| self.rect(clip)),
        }
    }

    fn shape(&self, shape: &Shape) -> Shape {
        match shape {
            Shape::Rect {
                rect,
                fill,
                stroke,
                radius,
            } => Shape::Rect {
                rect: self.rect(*rect),
                fill: *fill,
                stroke: stroke.map(|stroke| self.stroke(stroke)),
                radius: radius * self.factor,
            },
            Shape::Line { points, stroke } => Shape::Line {
                points: self.points(points),
                stroke: self.stroke(*stroke),
            },
            Shape::Polygon { points, fill } => Shape::Polygon {
                points: self.points(points),
                fill: *fill,
            },
            Shape::Area {
                points,
                baseline,
                fill,
            } => Shape::Area {
                points: self.points(points),
                baseline: self.y + baseline * self.factor,
                fill: *fill,
            },
            Shape::Letter { letter, rect, fill } => Shape::Letter {
                letter: *letter,
                rect: self.rect(*rect),
                fill: *fill,
            },
            Shape::Text {
                at,
                anchor,
                size,
                face,
                color,
                text,
                turned,
            } => Shape::Text {
                at: self.point(*at),
                anchor: *anchor,
                size: size * self.factor,
                face: *face,
                color: *color,
                text: text.clone(),
                turned: *turned,
            },
            Shape::Heatmap(map) => Shape::Heatmap(super::scene::Heatmap {
                rect: self.rect(map.rect),
                ..map.clone()
            }),
        }
    }
}

/// The name of a panel's group in SVG.
fn part_name(label: char) -> &'static str {
    const NAMES: [&str; 26] = [
        "panel-A", "panel-B", "panel-C", "panel-D", "panel-E", "panel-F", "panel-G", "panel-H",
        "panel-I", "panel-J", "panel-K", "panel-L", "panel-M", "panel-N", "panel-O", "panel-P",
        "panel-Q", "panel-R", "panel-S", "panel-T", "panel-U", "panel-V", "panel-W", "panel-X",
        "panel-Y", "panel-Z",
    ];
    let index = (label.to_ascii_uppercase() as usize).wrapping_sub('A' as usize);
    NAMES.get(index).copied().unwrap_or("panel")
}
