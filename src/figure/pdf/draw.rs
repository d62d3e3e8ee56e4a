//! Shapes as the operators of a content stream.

use super::Numbers;
use super::font::{self, Fonts};
use super::image::heatmap;
use crate::figure::scene::{Anchor, Color, Element, Point, Rect, Scene, Shape, Stroke};
use crate::figure::text::{self, PathCommand};
use pdf_writer::types::LineJoinStyle;
use pdf_writer::{Content, Name, Pdf, Ref, Str};
use std::collections::BTreeMap;

/// Share of a corner's radius at which the control points of its curve lie.
const ROUND: f32 = 0.552_285;

/// A drawn page and what it refers to by name.
pub(super) struct Page {
    /// The content stream.
    pub content: Vec<u8>,
    /// Graphics states: name and object.
    pub opacities: Vec<(String, Ref)>,
    /// Pictures: name and object.
    pub pictures: Vec<(String, Ref)>,
}

struct Painter<'a> {
    content: Content,
    fonts: &'a Fonts,
    file: &'a mut Pdf,
    numbers: &'a mut Numbers,
    states: BTreeMap<u8, Ref>,
    pictures: Vec<(String, Ref)>,
    opacity: u8,
}

impl Page {
    pub fn draw(scene: &Scene, fonts: &Fonts, file: &mut Pdf, numbers: &mut Numbers) -> Self {
        let mut painter = Painter {
            content: Content::new(),
            fonts,
            file,
            numbers,
            states: BTreeMap::new(),
            pictures: Vec::new(),
            opacity: 255,
        };
        // From here on y grows downwards, as in the scene.
        painter
            .content
            .transform([1.0, 0.0, 0.0, -1.0, 0.0, short(scene.height)])
            .set_line_join(LineJoinStyle::RoundJoin);
        if let Some(color) = scene.background {
            painter.fill_color(color);
            painter.upright(Rect::new(0.0, 0.0, scene.width, scene.height));
            painter.content.fill_nonzero();
        }
        for run in scene.elements.chunk_by(|a, b| a.clip == b.clip) {
            painter.run(run);
        }
        Self {
            content: painter.content.finish().to_vec(),
            opacities: painter
                .states
                .iter()
                .map(|(opacity, number)| (state_name(*opacity), *number))
                .collect(),
            pictures: painter.pictures,
        }
    }
}

impl Painter<'_> {
    /// Elements that are cut to the same rectangle.
    fn run(&mut self, run: &[Element]) {
        let clip = run.first().and_then(|element| element.clip);
        let outside = self.opacity;
        if let Some(clip) = clip {
            self.content.save_state();
            self.upright(clip);
            self.content.clip_nonzero().end_path();
        }
        for element in run {
            self.shape(&element.shape);
        }
        if clip.is_some() {
            self.content.restore_state();
            self.opacity = outside;
        }
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Rect {
                rect,
                fill,
                stroke,
                radius,
            } => {
                if let Some(color) = fill {
                    self.fill_color(*color);
                    self.rounded(*rect, *radius);
                    self.content.fill_nonzero();
                }
                if let Some(stroke) = stroke {
                    self.stroke_color(*stroke);
                    self.rounded(*rect, *radius);
                    self.content.stroke();
                }
            }
            Shape::Line { points, stroke } => {
                self.stroke_color(*stroke);
                self.through(points);
                self.content.stroke();
            }
            Shape::Polygon { points, fill } => {
                self.fill_color(*fill);
                self.through(points);
                self.content.close_path().fill_nonzero();
            }
            Shape::Area {
                points,
                baseline,
                fill,
            } => {
                let (Some(first), Some(last)) = (points.first(), points.last()) else {
                    return;
                };
                let ends = [*last, *first].map(|point| Point {
                    x: point.x,
                    y: *baseline,
                });
                self.fill_color(*fill);
                self.through(&[points.as_slice(), &ends].concat());
                self.content.close_path().fill_nonzero();
            }
            Shape::Letter { letter, rect, fill } => {
                self.fill_color(*fill);
                self.letter(*letter, *rect);
            }
            Shape::Text {
                at,
                anchor,
                size,
                face,
                color,
                text,
                turned,
            } => {
                let width = text::width(text, *size, *face);
                let before = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => width / 2.0,
                    Anchor::End => width,
                };
                // The axes of the letters: rightwards and upwards, seen with y downwards.
                let matrix = if *turned {
                    [0.0, -1.0, -1.0, 0.0, short(at.x), short(at.y + before)]
                } else {
                    [1.0, 0.0, 0.0, -1.0, short(at.x - before), short(at.y)]
                };
                self.fill_color(*color);
                let glyphs = self.fonts.encoded(*face, text);
                self.content
                    .begin_text()
                    .set_font(font::name(*face), short(*size))
                    .set_text_matrix(matrix)
                    .show(Str(&glyphs))
                    .end_text();
            }
            Shape::Heatmap(map) => {
                let Some(picture) = heatmap(map, self.file, self.numbers) else {
                    return;
                };
                let name = format!("map{}", self.pictures.len() + 1);
                self.set_opacity(255);
                let rect = map.rect;
                let [x, y, width, height] =
                    [rect.x, rect.bottom(), rect.width, rect.height].map(short);
                self.content
                    .save_state()
                    .transform([width, 0.0, 0.0, -height, x, y])
                    .x_object(Name(name.as_bytes()))
                    .restore_state();
                self.pictures.push((name, picture));
            }
        }
    }

    fn through(&mut self, points: &[Point]) {
        for (index, point) in points.iter().enumerate() {
            let (x, y) = (short(point.x), short(point.y));
            if index == 0 {
                self.content.move_to(x, y);
            } else {
                self.content.line_to(x, y);
            }
        }
    }

    fn upright(&mut self, rect: Rect) {
        let [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map(short);
        self.content.rect(x, y, width, height);
    }

    fn rounded(&mut self, rect: Rect, radius: f32) {
        let radius = radius.min(rect.width / 2.0).min(rect.height / 2.0);
        if radius <= 0.0 {
            self.upright(rect);
            return;
        }
        let near = radius * (1.0 - ROUND);
        let (left, top, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
        let content = &mut self.content;
        content.move_to(short(left + radius), short(top));
        let mut side = |line: [f32; 2], curve: [f32; 6]| {
            let [x, y] = line.map(short);
            let [x1, y1, x2, y2, x3, y3] = curve.map(short);
            content.line_to(x, y).cubic_to(x1, y1, x2, y2, x3, y3);
        };
        side(
            [right - radius, top],
            [right - near, top, right, top + near, right, top + radius],
        );
        side(
            [right, bottom - radius],
            [
                right,
                bottom - near,
                right - near,
                bottom,
                right - radius,
                bottom,
            ],
        );
        side(
            [left + radius, bottom],
            [
                left + near,
                bottom,
                left,
                bottom - near,
                left,
                bottom - radius,
            ],
        );
        side(
            [left, top + radius],
            [left, top + near, left + near, top, left + radius, top],
        );
        content.close_path();
    }

    fn letter(&mut self, letter: char, rect: Rect) {
        let place = |point: Point| Point {
            x: rect.x + point.x * rect.width,
            y: rect.y + point.y * rect.height,
        };
        let outline = text::outline(letter);
        if outline.is_empty() {
            return;
        }
        let mut from = Point::default();
        for command in outline {
            match command.map(place) {
                PathCommand::Move(to) => {
                    self.content.move_to(short(to.x), short(to.y));
                    from = to;
                }
                PathCommand::Line(to) => {
                    self.content.line_to(short(to.x), short(to.y));
                    from = to;
                }
                PathCommand::Quad(control, to) => {
                    // A quadratic curve as a cubic one.
                    let [a, b] = [from, to].map(|end| Point {
                        x: end.x + (control.x - end.x) * 2.0 / 3.0,
                        y: end.y + (control.y - end.y) * 2.0 / 3.0,
                    });
                    self.cubic(a, b, to);
                    from = to;
                }
                PathCommand::Cubic(a, b, to) => {
                    self.cubic(a, b, to);
                    from = to;
                }
                PathCommand::Close => {
                    self.content.close_path();
                }
            }
        }
        self.content.fill_nonzero();
    }

    fn cubic(&mut self, a: Point, b: Point, to: Point) {
        let [x1, y1, x2, y2, x3, y3] = [a.x, a.y, b.x, b.y, to.x, to.y].map(short);
        self.content.cubic_to(x1, y1, x2, y2, x3, y3);
    }

    fn fill_color(&mut self, color: Color) {
        let [red, green, blue] = shares(color);
        self.set_opacity(color.0[3]);
        self.content.set_fill_rgb(red, green, blue);
    }

    fn stroke_color(&mut self, stroke: Stroke) {
        let [red, green, blue] = shares(stroke.color);
        self.set_opacity(stroke.color.0[3]);
        self.content
            .set_stroke_rgb(red, green, blue)
            .set_line_width(short(stroke.width));
    }

    fn set_opacity(&mut self, opacity: u8) {
        if self.opacity == opacity {
            return;
        }
        self.opacity = opacity;
        let Self {
            states,
            numbers,
            file,
            ..
        } = self;
        states.entry(opacity).or_insert_with(|| {
            let number = numbers.next();
            let share = short(f32::from(opacity) / 255.0);
            file.ext_graphics(number)
                .non_stroking_alpha(share)
                .stroking_alpha(share);
            number
        });
        let name = state_name(opacity);
        self.content.set_parameters(Name(name.as_bytes()));
    }
}

fn state_name(opacity: u8) -> String {
    format!("opacity{opacity}")
}

fn shares(color: Color) -> [f32; 3] {
    let [red, green, blue, _] = color.0;
    [red, green, blue].map(|value| (f32::from(value) / 255.0 * 10_000.0).round() / 10_000.0)
}

/// At most three decimals.
fn short(value: f32) -> f32 {
    if value.is_finite() {
        (value * 1000.0).round() / 1000.0
    } else {
        0.0
    }
}
