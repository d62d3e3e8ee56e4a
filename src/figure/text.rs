//! How wide words are, and the outlines of letters, from the two faces that screen and files share.

use super::scene::{Face, Point};
use std::borrow::Cow;
use std::sync::OnceLock;
use ttf_parser::OutlineBuilder;

/// IBM Plex Sans, regular weight, as a font file.
pub const REGULAR_TTF: &[u8] = include_bytes!("../../assets/IBMPlexSans-Regular.ttf");
/// IBM Plex Sans, semi-bold weight, as a font file.
pub const BOLD_TTF: &[u8] = include_bytes!("../../assets/IBMPlexSans-SemiBold.ttf");
/// The family name of both.
pub const FAMILY: &str = "IBM Plex Sans";

/// Height of capitals and digits as a share of the font size.
pub const CAP_HEIGHT: f32 = 0.698;

struct Metrics {
    face: Option<ttf_parser::Face<'static>>,
    /// Advances of the first characters as shares of the font size.
    advances: [f32; 0x180],
}

/// What a character is taken to need where the font cannot tell.
const USUAL_ADVANCE: f32 = 0.6;

impl Metrics {
    fn load(data: &'static [u8]) -> Self {
        let face = ttf_parser::Face::parse(data, 0).ok();
        let advances = std::array::from_fn(|code| {
            u32::try_from(code)
                .ok()
                .and_then(char::from_u32)
                .map_or(0.0, |letter| slow_advance(face.as_ref(), letter))
        });
        Self { face, advances }
    }

    fn advance(&self, letter: char) -> f32 {
        self.advances
            .get(letter as usize)
            .copied()
            .unwrap_or_else(|| slow_advance(self.face.as_ref(), letter))
    }
}

fn slow_advance(face: Option<&ttf_parser::Face<'static>>, letter: char) -> f32 {
    let known = face.and_then(|face| {
        let advance = face.glyph_hor_advance(face.glyph_index(letter)?)?;
        Some(f32::from(advance) / f32::from(face.units_per_em()))
    });
    known.unwrap_or(USUAL_ADVANCE)
}

fn metrics(face: Face) -> &'static Metrics {
    static REGULAR: OnceLock<Metrics> = OnceLock::new();
    static BOLD: OnceLock<Metrics> = OnceLock::new();
    match face {
        Face::Regular => REGULAR.get_or_init(|| Metrics::load(REGULAR_TTF)),
        Face::Bold => BOLD.get_or_init(|| Metrics::load(BOLD_TTF)),
    }
}

/// Width of one line in points.
#[must_use]
pub fn width(text: &str, size: f32, face: Face) -> f32 {
    let metrics = metrics(face);
    size * text
        .chars()
        .map(|letter| metrics.advance(letter))
        .sum::<f32>()
}

/// Whether the faces hold every character of `text`.
#[must_use]
pub fn covers(text: &str) -> bool {
    [Face::Regular, Face::Bold].into_iter().all(|face| {
        metrics(face).face.as_ref().is_some_and(|face| {
            text.chars()
                .all(|letter| face.glyph_index(letter).is_some_and(|glyph| glyph.0 != 0))
        })
    })
}

/// `text`, or as much of its beginning as fits `most` points with an ellipsis; empty where nothing fits.
#[must_use]
pub fn elide(text: &str, size: f32, face: Face, most: f32) -> Cow<'_, str> {
    if width(text, size, face) <= most {
        return Cow::Borrowed(text);
    }
    let metrics = metrics(face);
    let mut room = most - size * metrics.advance('…');
    let mut end = 0;
    for (index, letter) in text.char_indices() {
        room -= size * metrics.advance(letter);
        if room < 0.0 {
            break;
        }
        end = index + letter.len_utf8();
    }
    let kept = text[..end].trim_end();
    if kept.is_empty() {
        Cow::Borrowed("")
    } else {
        Cow::Owned(format!("{kept}…"))
    }
}

/// `text` in lines of at most `most` points, broken at spaces; a longer word has a line of its own.
#[must_use]
pub fn wrap(text: &str, size: f32, face: Face, most: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line)
                if width(line, size, face) + width(" ", size, face) + width(word, size, face)
                    <= most =>
            {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// One step of an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PathCommand {
    /// Begins a closed curve.
    Move(Point),
    /// A straight line.
    Line(Point),
    /// A quadratic curve: control point, end.
    Quad(Point, Point),
    /// A cubic curve: two control points, end.
    Cubic(Point, Point, Point),
    /// Back to where the curve began.
    Close,
}

impl PathCommand {
    /// The same step with every point moved by `place`.
    #[must_use]
    pub fn map(self, place: impl Fn(Point) -> Point) -> Self {
        match self {
            Self::Move(to) => Self::Move(place(to)),
            Self::Line(to) => Self::Line(place(to)),
            Self::Quad(control, to) => Self::Quad(place(control), place(to)),
            Self::Cubic(a, b, to) => Self::Cubic(place(a), place(b), place(to)),
            Self::Close => Self::Close,
        }
    }
}

/// The outline of a bold capital, A…Z: its ink spans x 0…1 and y 0…1 exactly, y downwards.
///
/// Lower case gives the capital, anything else an empty outline. To fill it use the nonzero rule.
#[must_use]
pub fn outline(letter: char) -> &'static [PathCommand] {
    static OUTLINES: OnceLock<Vec<Vec<PathCommand>>> = OnceLock::new();
    let outlines = OUTLINES.get_or_init(|| ('A'..='Z').map(unit_outline).collect());
    let index = (letter.to_ascii_uppercase() as usize).wrapping_sub('A' as usize);
    outlines.get(index).map_or(&[], Vec::as_slice)
}

fn unit_outline(letter: char) -> Vec<PathCommand> {
    let mut pen = OutlinePen::default();
    let ink = metrics(Face::Bold).face.as_ref().and_then(|face| {
        let glyph = face.glyph_index(letter)?;
        face.outline_glyph(glyph, &mut pen)?;
        ink_box(&pen.commands)
    });
    let Some((low, high)) = ink else {
        return Vec::new();
    };
    let place = |point: Point| Point {
        x: (point.x - low.x) / (high.x - low.x),
        y: (high.y - point.y) / (high.y - low.y),
    };
    pen.commands
        .into_iter()
        .map(|command| command.map(place))
        .collect()
}

#[derive(Default)]
struct OutlinePen {
    commands: Vec<PathCommand>,
}

impl OutlineBuilder for OutlinePen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.commands.push(PathCommand::Move(Point { x, y }));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.commands.push(PathCommand::Line(Point { x, y }));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.commands
            .push(PathCommand::Quad(Point { x: x1, y: y1 }, Point { x, y }));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.commands.push(PathCommand::Cubic(
            Point { x: x1, y: y1 },
            Point { x: x2, y: y2 },
            Point { x, y },
        ));
    }

    fn close(&mut self) {
        self.commands.push(PathCommand::Close);
    }
}

/// The box of the curves themselves (control points may lie outside it), sampled finely.
fn ink_box(commands: &[PathCommand]) -> Option<(Point, Point)> {
    const SAMPLES: usize = 64;
    let mut low = Point {
        x: f32::INFINITY,
        y: f32::INFINITY,
    };
    let mut high = Point {
        x: f32::NEG_INFINITY,
        y: f32::NEG_INFINITY,
    };
    let mut take = |point: Point| {
        low = Point {
            x: low.x.min(point.x),
            y: low.y.min(point.y),
        };
        high = Point {
            x: high.x.max(point.x),
            y: high.y.max(point.y),
        };
    };
    let mut from = Point::default();
    for command in commands {
        match *command {
            PathCommand::Move(to) | PathCommand::Line(to) => {
                take(to);
                from = to;
            }
            PathCommand::Quad(control, to) => {
                for step in 1..=SAMPLES {
                    let t = step as f32 / SAMPLES as f32;
                    take(bezier(t, &[from, control, to]));
                }
                from = to;
            }
            PathCommand::Cubic(a, b, to) => {
                for step in 1..=SAMPLES {
                    let t = step as f32 / SAMPLES as f32;
                    take(bezier(t, &[from, a, b, to]));
                }
                from = to;
            }
            PathCommand::Close => {}
        }
    }
    (low.x < high.x && low.y < high.y).then_some((low, high))
}

/// A point of a Bézier curve, by repeated halving between its control points.
fn bezier(t: f32, points: &[Point]) -> Point {
    let mut points = points.to_vec();
    while points.len() > 1 {
        points = points
            .windows(2)
            .map(|pair| Point {
                x: pair[0].x + (pair[1].x - pair[0].x) * t,
                y: pair[0].y + (pair[1].y - pair[0].y) * t,
            })
            .collect();
    }
    points.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_sign_that_we_write_is_in_the_font() {
        assert!(covers("AZaz09 −–+→←≥≤×·…σµ₂±′°%"), "a sign is missing");
        assert!(width("lacZ", 10.0, Face::Regular) > 15.0);
        assert!(width("lacZ", 10.0, Face::Bold) > width("lacZ", 10.0, Face::Regular));
        let digits: Vec<f32> = ('0'..='9')
            .map(|digit| width(&digit.to_string(), 10.0, Face::Regular))
            .collect();
        assert!(
            digits.iter().all(|w| (w - digits[0]).abs() < 1e-4),
            "figures are not tabular"
        );
    }

    #[test]
    fn ink_fills_its_box() {
        for letter in ['A', 'C', 'G', 'T', 'N', 'O', 'Q'] {
            let (low, high) = ink_box(outline(letter)).expect("an outline");
            for (value, wanted) in [(low.x, 0.0), (low.y, 0.0), (high.x, 1.0), (high.y, 1.0)] {
                assert!((value - wanted).abs() < 1e-4, "{letter} {low:?} {high:?}");
            }
        }
        assert!(outline('-').is_empty());
        assert_eq!(outline('a'), outline('A'));
    }

    #[test]
    fn lines_are_broken_at_spaces() {
        let lines = wrap(
            "mean over the queries that see it",
            10.0,
            Face::Regular,
            80.0,
        );
        assert_eq!(lines, ["mean over the", "queries that see", "it"]);
    }

    proptest! {
        #[test]
        fn elided_text_fits(text in "\\PC{0,20}", most in 0.0_f32..200.0) {
            let short = elide(&text, 10.0, Face::Regular, most);
            prop_assert!(width(&short, 10.0, Face::Regular) <= most + 1e-3);
        }
    }
}
