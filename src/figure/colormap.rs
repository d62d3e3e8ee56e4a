//! From values to colours.

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
    /// Diverging about the middle, for differences and log ratios.
    Diverging,
}
