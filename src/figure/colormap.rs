//! From values to colours.

use super::scene::Color;

/// From values to colours: a map, the values at its two ends, and how the values between are spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColorScale {
    /// Which colours.
    pub map: Colormap,
    /// The value painted with the first colour.
    pub low: f32,
    /// The value painted with the last colour.
    pub high: f32,
    /// Whether the values are spread by their logarithm (both ends positive then).
    pub logarithmic: bool,
}

/// A sequence of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colormap {
    /// Sequential, perceptually uniform.
    Viridis,
    /// Sequential, dark to bright.
    Magma,
    /// Sequential, for the colour-blind.
    Cividis,
    /// Diverging about a light middle, for differences and log ratios on a light page.
    Diverging,
    /// Diverging about a dark middle, for differences and log ratios on a dark page.
    DivergingDark,
}

impl Colormap {
    /// The sequential maps, in the order of a menu.
    pub const SEQUENTIAL: [Self; 3] = [Self::Viridis, Self::Magma, Self::Cividis];

    /// The name in menus and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viridis => "viridis",
            Self::Magma => "magma",
            Self::Cividis => "cividis",
            Self::Diverging => "diverging",
            Self::DivergingDark => "diverging, dark",
        }
    }

    /// The sequential map of this name.
    #[must_use]
    pub fn sequential(name: &str) -> Option<Self> {
        Self::SEQUENTIAL.into_iter().find(|map| map.name() == name)
    }

    /// Whether the middle colour stands for zero.
    #[must_use]
    pub fn is_diverging(self) -> bool {
        matches!(self, Self::Diverging | Self::DivergingDark)
    }

    /// The colour at `t`, 0…1 from the first to the last; `t` outside is cut.
    #[must_use]
    pub fn color(self, t: f32) -> Color {
        let t = t.clamp(0.0, 1.0);
        let gradient = match self {
            Self::Viridis => colorous::VIRIDIS,
            Self::Magma => colorous::MAGMA,
            Self::Cividis => colorous::CIVIDIS,
            Self::Diverging => {
                let color = colorous::RED_BLUE.eval_continuous(f64::from(1.0 - t));
                return Color::rgb(color.r, color.g, color.b);
            }
            Self::DivergingDark => return through(&DARK_STOPS, t),
        };
        let color = gradient.eval_continuous(f64::from(t));
        Color::rgb(color.r, color.g, color.b)
    }
}

/// Blue over a near-black middle to orange; equally bright at both ends.
const DARK_STOPS: [[f32; 3]; 7] = [
    [158.0, 214.0, 255.0],
    [48.0, 128.0, 200.0],
    [32.0, 66.0, 102.0],
    [27.0, 31.0, 36.0],
    [98.0, 54.0, 30.0],
    [206.0, 102.0, 38.0],
    [255.0, 204.0, 140.0],
];

fn through(stops: &[[f32; 3]], t: f32) -> Color {
    let place = t * (stops.len() - 1) as f32;
    let index = (place as usize).min(stops.len() - 2);
    let share = place - index as f32;
    let mix = |channel: usize| {
        let (a, b) = (stops[index][channel], stops[index + 1][channel]);
        (a + (b - a) * share).round() as u8
    };
    Color::rgb(mix(0), mix(1), mix(2))
}

impl ColorScale {
    /// The same scale with another upper end; the lower end of a logarithmic scale follows in proportion,
    /// and a diverging scale stays even about zero.
    #[must_use]
    pub fn with_high(self, high: f32) -> Self {
        if !(high.is_finite() && high > 0.0) {
            return self;
        }
        let low = if self.map.is_diverging() {
            -high
        } else if self.is_logarithmic() {
            self.low * high / self.high
        } else {
            self.low.min(high)
        };
        Self { low, high, ..self }
    }

    /// The same scale in other colours; a diverging one keeps its own.
    #[must_use]
    pub fn with_map(self, map: Colormap) -> Self {
        if self.map.is_diverging() || map.is_diverging() {
            self
        } else {
            Self { map, ..self }
        }
    }

    /// Values from `low` to `high`, evenly spread.
    #[must_use]
    pub const fn linear(map: Colormap, low: f32, high: f32) -> Self {
        Self {
            map,
            low,
            high,
            logarithmic: false,
        }
    }

    /// Values from `low` to `high`, both positive, spread by their logarithm.
    #[must_use]
    pub const fn logarithmic(map: Colormap, low: f32, high: f32) -> Self {
        Self {
            map,
            low,
            high,
            logarithmic: true,
        }
    }

    /// Where a value lies on the map, 0…1; `None` for NaN.
    ///
    /// Diverging maps put zero in the middle and the end that is farther from it at 0 or 1.
    /// On a logarithmic scale zero and negative values lie at 0.
    #[must_use]
    pub fn position(&self, value: f32) -> Option<f32> {
        if value.is_nan() {
            return None;
        }
        let (value, low, high) = self.spread(value);
        let width = high - low;
        let t = if width > 0.0 {
            (value - low) / width
        } else {
            0.5
        };
        Some(t.clamp(0.0, 1.0))
    }

    /// The value whose colour lies at `t`, 0…1: the inverse of [`Self::position`].
    #[must_use]
    pub fn value_at(&self, t: f32) -> f32 {
        let (_, low, high) = self.spread(self.low);
        let value = low + t * (high - low);
        if self.is_logarithmic() {
            value.exp2()
        } else {
            value
        }
    }

    /// The colour of a value; NaN is fully transparent, so that what lies behind shows as missing.
    #[must_use]
    pub fn color(&self, value: f32) -> Color {
        self.position(value)
            .map_or(Color([0; 4]), |t| self.map.color(t))
    }

    /// A table of colours for painting many values; no channel is off by more than 1 of 255.
    #[must_use]
    pub fn lut(&self) -> Lut {
        let (_, low, high) = self.spread(self.low);
        let width = high - low;
        let (factor, shift) = if width > 0.0 {
            let last = (LUT_COLORS - 1) as f32;
            (last / width, 0.5 - last * low / width)
        } else {
            (0.0, LUT_COLORS as f32 / 2.0)
        };
        Lut {
            colors: std::array::from_fn(|index| {
                self.map.color(index as f32 / (LUT_COLORS - 1) as f32).0
            }),
            factor,
            shift,
            logarithmic: self.is_logarithmic(),
        }
    }

    fn is_logarithmic(&self) -> bool {
        self.logarithmic && self.low > 0.0 && self.high > 0.0 && !self.map.is_diverging()
    }

    /// A value and the two ends on the axis along which colours are spread evenly.
    fn spread(&self, value: f32) -> (f32, f32, f32) {
        if self.map.is_diverging() {
            let end = self.low.abs().max(self.high.abs());
            (value, -end, end)
        } else if self.is_logarithmic() {
            (
                value.max(f32::MIN_POSITIVE).log2(),
                self.low.log2(),
                self.high.log2(),
            )
        } else {
            (value, self.low, self.high)
        }
    }
}

/// Colours in a table.
const LUT_COLORS: usize = 1024;

/// Colours of a scale and the way from a value to its place among them.
#[derive(Clone, Debug)]
pub struct Lut {
    colors: [[u8; 4]; LUT_COLORS],
    factor: f32,
    shift: f32,
    logarithmic: bool,
}

impl Lut {
    /// Red, green, blue and opacity of a value; NaN gives four zeros.
    #[must_use]
    pub fn rgba(&self, value: f32) -> [u8; 4] {
        if value.is_nan() {
            return [0; 4];
        }
        let value = if self.logarithmic {
            value.max(f32::MIN_POSITIVE).log2()
        } else {
            value
        };
        // A cast from float to integer saturates.
        let index = usize::from((value * self.factor + self.shift) as u16);
        self.colors[index.min(LUT_COLORS - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAPS: [Colormap; 5] = [
        Colormap::Viridis,
        Colormap::Magma,
        Colormap::Cividis,
        Colormap::Diverging,
        Colormap::DivergingDark,
    ];

    #[test]
    fn zero_is_in_the_middle_of_a_diverging_map() {
        let scale = ColorScale::linear(Colormap::Diverging, -1.0, 4.0);
        assert_eq!(scale.position(0.0), Some(0.5));
        assert_eq!(scale.position(4.0), Some(1.0));
        assert_eq!(scale.position(-1.0), Some(0.375));
        assert_eq!(scale.position(f32::NAN), None);
        assert_eq!(scale.color(f32::NAN).0[3], 0);
        let dark = Colormap::DivergingDark.color(0.5);
        assert_eq!(dark, Color::rgb(27, 31, 36));
    }

    #[test]
    fn logarithms_spread_by_factor() {
        let scale = ColorScale::logarithmic(Colormap::Viridis, 0.001, 0.1);
        let middle = scale.position(0.01).expect("a number");
        assert!((middle - 0.5).abs() < 1e-5);
        assert_eq!(scale.position(0.0), Some(0.0));
        assert!((scale.value_at(0.5) - 0.01).abs() < 1e-6);
    }

    #[test]
    fn an_empty_range_gives_the_middle_color() {
        let scale = ColorScale::linear(Colormap::Magma, 2.0, 2.0);
        assert_eq!(scale.color(7.0), Colormap::Magma.color(0.5));
    }

    proptest! {
        #[test]
        fn the_table_is_the_scale(map in 0_usize..5, low in -3.0_f32..3.0, width in 0.01_f32..5.0, share in -0.5_f32..1.5, logarithmic: bool) {
            let low = if logarithmic { low.abs() + 0.01 } else { low };
            let scale = ColorScale { map: MAPS[map], low, high: low + width, logarithmic };
            let value = low + share * width;
            let table = scale.lut().rgba(value);
            let exact = scale.color(value).0;
            for (a, b) in table.iter().zip(exact) {
                prop_assert!(a.abs_diff(b) <= 1, "{table:?} {exact:?}");
            }
        }
    }
}
