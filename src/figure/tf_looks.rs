//! How transcription factors look: as many of them as possible each in a look of its own.
//!
//! A look is a colour and a fill. Eight colours are far apart for everybody, the colour-blind included; more
//! would not be. The most frequent factors get one each, the rest share them in another fill, and factors
//! whose sites lie side by side get different colours where there is one left.

use super::pen::Pen;
use super::scene::{Color, Rect};
use super::theme::{Palette, Theme, tf_colors, tf_slot};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How the box of a site is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fill {
    /// In its colour.
    Solid,
    /// Only outlined.
    Hollow,
    /// Pale, with a bar of its colour underneath.
    Underlined,
    /// Pale, with a bar of its colour at either end.
    Ended,
}

/// Colour and fill of the sites of one transcription factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TfLook {
    /// The colour.
    pub color: Color,
    /// How it fills a box.
    pub fill: Fill,
}

const FILLS: [Fill; 4] = [Fill::Solid, Fill::Hollow, Fill::Underlined, Fill::Ended];

/// For each factor, those that have a site beside one of its own.
pub type Neighbours<'n> = BTreeMap<&'n str, BTreeSet<&'n str>>;

/// Looks of transcription factors: no two alike while there are enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TfLooks {
    slots: HashMap<String, usize>,
}

impl TfLooks {
    /// Gives looks to factors, the most important first: each gets the colour of its name if that is
    /// still free, else the next one; when all colours are taken, the next fill.
    #[must_use]
    pub fn assign<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self::assign_among(names, &Neighbours::new())
    }

    /// The same, and factors that are neighbours differ in colour where a colour is left, in their look
    /// as long as a factor has fewer neighbours than there are looks.
    #[must_use]
    pub fn assign_among<'n>(
        names: impl IntoIterator<Item = &'n str>,
        neighbours: &Neighbours<'_>,
    ) -> Self {
        let hues = tf_colors(Theme::Light).len();
        let mut uses = vec![0_usize; Self::distinct()];
        let mut slots: HashMap<String, usize> = HashMap::new();
        for (index, name) in names.into_iter().enumerate() {
            let beside = neighbours.get(name).into_iter().flatten();
            let beside: Vec<usize> = beside
                .filter_map(|other| slots.get(*other).copied())
                .collect();
            let own = tf_slot(name);
            // One fill after the other; when all looks are taken, whichever disturbs least.
            let level = index / hues * hues;
            let free: Vec<usize> = (0..hues).map(|step| level + (own + step) % hues).collect();
            let candidates = if level < uses.len() {
                free.into_iter().filter(|slot| uses[*slot] == 0).collect()
            } else {
                (0..uses.len())
                    .map(|step| step / hues * hues + (own + step) % hues)
                    .collect::<Vec<usize>>()
            };
            let disturbs = |slot: &usize| {
                let same = beside.iter().filter(|other| *other == slot).count();
                let hue = beside.iter().filter(|other| *other % hues == slot % hues);
                (same, hue.count(), uses[*slot])
            };
            let slot = candidates.into_iter().min_by_key(disturbs).unwrap_or(own);
            uses[slot] += 1;
            slots.insert(name.to_owned(), slot);
        }
        Self { slots }
    }

    /// How many different looks there are.
    #[must_use]
    pub fn distinct() -> usize {
        tf_colors(Theme::Light).len() * FILLS.len()
    }

    /// The look of a factor; that of its name where it was given none.
    #[must_use]
    pub fn look(&self, theme: Theme, name: &str) -> TfLook {
        let colors = tf_colors(theme);
        let slot = self.slots.get(name).copied();
        let slot = slot.unwrap_or_else(|| tf_slot(name));
        TfLook {
            color: colors[slot % colors.len()],
            fill: FILLS[slot / colors.len() % FILLS.len()],
        }
    }
}

impl TfLook {
    /// The colour of words inside the box.
    #[must_use]
    pub fn ink(self, palette: &Palette) -> Color {
        match self.fill {
            Fill::Solid => Palette::ink_on(self.color),
            Fill::Hollow | Fill::Underlined | Fill::Ended => palette.text,
        }
    }

    /// Draws the box of a site.
    pub(super) fn draw(self, pen: &mut Pen, palette: &Palette, rect: Rect) {
        let radius = 2.0_f32.min(rect.width / 2.0);
        match self.fill {
            // Too narrow for anything but colour.
            _ if rect.width < 4.0 => pen.rounded(rect, self.color, radius),
            Fill::Solid => pen.rounded(rect, self.color, radius),
            Fill::Hollow => {
                let inner = Rect::new(
                    rect.x + 0.75,
                    rect.y + 0.75,
                    rect.width - 1.5,
                    rect.height - 1.5,
                );
                pen.rounded(rect, palette.page, radius);
                pen.frame(inner, self.color, 1.5, radius);
            }
            Fill::Underlined => {
                let bar = (rect.height / 4.0).max(2.0);
                pen.rounded(rect, palette.page, radius);
                pen.rounded(rect, self.color.with_opacity(0.2), radius);
                pen.fill(
                    Rect::new(rect.x, rect.bottom() - bar, rect.width, bar),
                    self.color,
                );
            }
            Fill::Ended => {
                let bar = 3.0_f32.min(rect.width / 3.0);
                pen.rounded(rect, palette.page, radius);
                pen.rounded(rect, self.color.with_opacity(0.2), radius);
                for left in [rect.x, rect.right() - bar] {
                    pen.fill(Rect::new(left, rect.y, bar, rect.height), self.color);
                }
            }
        }
    }

    /// A small picture of the look, for a legend.
    #[must_use]
    pub fn swatch(self, theme: Theme, width: f32, height: f32) -> super::Scene {
        let mut pen = Pen::default();
        self.draw(
            &mut pen,
            theme.palette(),
            Rect::new(0.0, 0.0, width, height),
        );
        pen.scene(width, height, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_factors_look_alike_while_there_are_enough_looks() {
        let names: Vec<String> = (0..TfLooks::distinct()).map(|i| format!("Tf{i}")).collect();
        let looks = TfLooks::assign(names.iter().map(String::as_str));
        for theme in [Theme::Light, Theme::Dark] {
            let different: std::collections::HashSet<_> =
                names.iter().map(|name| looks.look(theme, name)).collect();
            assert_eq!(different.len(), names.len());
        }
        let first = &names[..tf_colors(Theme::Light).len()];
        assert!(
            first
                .iter()
                .all(|name| looks.look(Theme::Light, name).fill == Fill::Solid)
        );
    }

    #[test]
    fn hiding_a_rare_factor_changes_no_other() {
        let all = TfLooks::assign(["CRP", "FNR", "ArcA", "LacI"]);
        let fewer = TfLooks::assign(["CRP", "FNR", "ArcA"]);
        for name in ["CRP", "FNR", "ArcA"] {
            assert_eq!(all.look(Theme::Dark, name), fewer.look(Theme::Dark, name));
        }
        assert_eq!(
            TfLooks::default().look(Theme::Light, "crp").color,
            Theme::Light.tf("CRP")
        );
    }

    /// Colours as the three kinds of colour-blind people see them (Machado 2009, full severity), in CIE Lab.
    fn seen(color: Color) -> Vec<[f32; 3]> {
        const KINDS: [[[f32; 3]; 3]; 4] = [
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
            [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ];
        let linear = |channel: u8| {
            let value = f32::from(channel) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue, _] = color.0;
        let rgb = [linear(red), linear(green), linear(blue)];
        let times = |m: &[[f32; 3]; 3], v: [f32; 3]| {
            std::array::from_fn::<f32, 3, _>(|i| (0..3).map(|j| m[i][j] * v[j]).sum())
        };
        let xyz = [
            [0.4124, 0.3576, 0.1805],
            [0.2126, 0.7152, 0.0722],
            [0.0193, 0.1192, 0.9505],
        ];
        let f = |t: f32| {
            if t > 0.008_856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        };
        KINDS
            .iter()
            .map(|kind| {
                let rgb = times(kind, rgb).map(|value| value.clamp(0.0, 1.0));
                let [x, y, z] = times(&xyz, rgb);
                let (x, y, z) = (f(x / 0.9505), f(y), f(z / 1.089));
                [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
            })
            .collect()
    }

    /// How far apart two colours are for those who tell them apart worst, and for those who see all.
    fn apart(a: Color, b: Color) -> (f32, f32) {
        let distances: Vec<f32> = seen(a)
            .iter()
            .zip(seen(b))
            .map(|(a, b)| {
                let squared: f32 = (0..3).map(|i| (a[i] - b[i]).powi(2)).sum();
                squared.sqrt()
            })
            .collect();
        let worst = distances.iter().copied().fold(f32::MAX, f32::min);
        (worst, distances[0])
    }

    #[test]
    fn colors_stay_apart_for_the_colour_blind() {
        for theme in [Theme::Light, Theme::Dark] {
            let colors = tf_colors(theme);
            for (index, a) in colors.iter().enumerate() {
                for b in &colors[..index] {
                    let (worst, normal) = apart(*a, *b);
                    assert!(worst > 15.0, "{theme:?}: {a:?} {b:?} {worst}");
                    assert!(normal > 35.0, "{theme:?}: {a:?} {b:?} {normal}");
                }
            }
        }
    }

    /// RegulonDB's most frequent factors, most sites first.
    const FREQUENT: [&str; 16] = [
        "CRP", "Nac", "Fis", "ArcA", "Lrp", "Fur", "FNR", "CpxR", "IHF", "H-NS", "NarL", "PhoB",
        "AraC", "OxyR", "LacI", "PurR",
    ];

    #[test]
    fn frequent_factors_differ_in_colour_or_else_in_fill() {
        let looks = TfLooks::assign(FREQUENT);
        for theme in [Theme::Light, Theme::Dark] {
            for (index, a) in FREQUENT.iter().enumerate() {
                for b in &FREQUENT[..index] {
                    let (one, other) = (looks.look(theme, a), looks.look(theme, b));
                    let (worst, _) = apart(one.color, other.color);
                    assert!(worst > 15.0 || one.fill != other.fill, "{a} {b}");
                    assert!(index >= 8 || worst > 15.0, "{a} {b} in colour alone");
                }
            }
        }
    }

    #[test]
    fn factors_side_by_side_never_look_alike() {
        // Six times as many factors as looks, each beside the twelve before it.
        let names: Vec<String> = (0..6 * TfLooks::distinct())
            .map(|index| format!("Tf{index}"))
            .collect();
        let mut neighbours = Neighbours::new();
        for (index, name) in names.iter().enumerate() {
            for other in &names[index.saturating_sub(12)..index] {
                neighbours.entry(name).or_default().insert(other);
                neighbours.entry(other).or_default().insert(name);
            }
        }
        let looks = TfLooks::assign_among(names.iter().map(String::as_str), &neighbours);
        let same_hue = |a: &str, b: &str| {
            looks.look(Theme::Light, a).color == looks.look(Theme::Light, b).color
        };
        for (name, beside) in &neighbours {
            for other in beside {
                assert_ne!(
                    looks.look(Theme::Dark, name),
                    looks.look(Theme::Dark, other),
                    "{name} {other}"
                );
            }
        }
        // With so many around, a colour is used twice at most among thirteen.
        let last = &names[names.len() - 13..];
        for name in last {
            let alike = last.iter().filter(|other| same_hue(name, other)).count();
            assert!(alike <= 3, "{name}: {alike} of its colour");
        }
    }
}
