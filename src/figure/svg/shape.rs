//! Shapes, colours and numbers as SVG.

use super::image::heatmap;
use crate::figure::scene::{Anchor, Color, Face, Point, Rect, Shape, Stroke};
use crate::figure::text::{self, PathCommand};
use std::fmt::Write as _;

pub(super) fn shape(out: &mut String, shape: &Shape) {
    let written = match shape {
        Shape::Rect {
            rect,
            fill: inside,
            stroke: outline,
            radius,
        } => {
            let _ = write!(out, "<rect{}", place(*rect));
            if *radius > 0.0 {
                let _ = write!(out, " rx=\"{}\"", length(*radius));
            }
            out.push_str(&inside.map_or_else(|| " fill=\"none\"".to_owned(), fill));
            out.push_str(&outline.map(stroke).unwrap_or_default());
            writeln!(out, "/>")
        }
        Shape::Line {
            points,
            stroke: line,
        } => writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\"{}/>",
            corners(points),
            stroke(*line)
        ),
        Shape::Polygon {
            points,
            fill: inside,
        } => writeln!(
            out,
            "<polygon points=\"{}\"{}/>",
            corners(points),
            fill(*inside)
        ),
        Shape::Area {
            points,
            baseline,
            fill: inside,
        } => {
            let (Some(first), Some(last)) = (points.first(), points.last()) else {
                return;
            };
            writeln!(
                out,
                "<polygon points=\"{},{} {} {},{}\"{}/>",
                length(first.x),
                length(*baseline),
                corners(points),
                length(last.x),
                length(*baseline),
                fill(*inside)
            )
        }
        Shape::Letter {
            letter,
            rect,
            fill: inside,
        } => writeln!(
            out,
            "<path d=\"{}\"{}/>",
            letter_path(*letter, *rect),
            fill(*inside)
        ),
        Shape::Text {
            at,
            anchor,
            size,
            face,
            color,
            text,
            turned,
        } => {
            let (x, y) = (length(at.x), length(at.y));
            let _ = write!(
                out,
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\"",
                length(*size)
            );
            out.push_str(match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            });
            if *face == Face::Bold {
                out.push_str(" font-weight=\"600\"");
            }
            if *turned {
                let _ = write!(out, " transform=\"rotate(-90 {x} {y})\"");
            }
            writeln!(out, "{}>{}</text>", fill(*color), escape(text))
        }
        Shape::Heatmap(map) => {
            heatmap(out, map);
            Ok(())
        }
    };
    // Writing to a string cannot fail.
    let _ = written;
}

fn letter_path(letter: char, rect: Rect) -> String {
    let mut d = String::new();
    let at = |point: Point| {
        format!(
            "{} {}",
            length(rect.x + point.x * rect.width),
            length(rect.y + point.y * rect.height)
        )
    };
    for command in text::outline(letter) {
        let _ = match *command {
            PathCommand::Move(to) => write!(d, "M{}", at(to)),
            PathCommand::Line(to) => write!(d, "L{}", at(to)),
            PathCommand::Quad(control, to) => write!(d, "Q{} {}", at(control), at(to)),
            PathCommand::Cubic(a, b, to) => write!(d, "C{} {} {}", at(a), at(b), at(to)),
            PathCommand::Close => write!(d, "Z"),
        };
    }
    d
}

fn corners(points: &[Point]) -> String {
    let mut text = String::with_capacity(points.len() * 12);
    for (index, point) in points.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        let _ = write!(text, "{},{}", length(point.x), length(point.y));
    }
    text
}

pub(super) fn place(rect: Rect) -> String {
    format!(
        " x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
        length(rect.x),
        length(rect.y),
        length(rect.width),
        length(rect.height)
    )
}

pub(super) fn fill(color: Color) -> String {
    paint("fill", color)
}

fn stroke(stroke: Stroke) -> String {
    format!(
        "{} stroke-width=\"{}\"",
        paint("stroke", stroke.color),
        length(stroke.width)
    )
}

fn paint(name: &str, color: Color) -> String {
    let [red, green, blue, opacity] = color.0;
    let mut text = format!(" {name}=\"#{red:02x}{green:02x}{blue:02x}\"");
    if opacity < 255 {
        let _ = write!(
            text,
            " {name}-opacity=\"{}\"",
            length(f32::from(opacity) / 255.0)
        );
    }
    text
}

/// At most three decimals, none that say nothing, never `-0`.
pub(super) fn length(value: f32) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

/// Text for an element or a quoted attribute; characters that XML forbids become spaces.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{0}'..='\u{1F}' | '\u{7F}' | '\u{FFFE}' | '\u{FFFF}' => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short() {
        let texts = [0.0, -0.0001, 1.5, 2.0, 1.0 / 3.0, f32::NAN].map(length);
        assert_eq!(texts, ["0", "0", "1.5", "2", "0.333", "0"]);
        assert_eq!(escape("a<b & \"c\"\u{7}"), "a&lt;b &amp; &quot;c&quot; ");
    }
}
