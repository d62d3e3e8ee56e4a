//! Colours and sizes of every picture, for light and for dark pages.

use super::scene::Color;
use crate::genome::Base;

/// Size of names and headings inside a picture, in points.
pub const TEXT_PT: f32 = 11.0;
/// Size of axis numbers, legends and captions, in points.
pub const SMALL_PT: f32 = 9.5;

/// Whether the page is light or dark.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Theme {
    /// Dark ink on a light page, also for paper.
    #[default]
    Light,
    /// Light ink on a dark page.
    Dark,
}

impl Theme {
    /// The colours of this theme.
    #[must_use]
    pub fn palette(self) -> &'static Palette {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }

    /// The colour of a transcription factor by its name alone: always the same, whatever its case.
    ///
    /// Different names may share one; [`super::tf_looks::TfLooks`] keeps those apart that are shown together.
    #[must_use]
    pub fn tf(self, name: &str) -> Color {
        tf_colors(self)[tf_slot(name)]
    }
}

/// The colours of transcription factors.
pub(super) fn tf_colors(theme: Theme) -> &'static [Color] {
    match theme {
        Theme::Light => &TF_LIGHT,
        Theme::Dark => &TF_DARK,
    }
}

/// The place of a name among the colours.
pub(super) fn tf_slot(name: &str) -> usize {
    // FNV-1a: stable over versions and machines, which the standard hasher does not promise.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    });
    // The low bits of this hash depend on the last letters only; fold the high ones in.
    ((hash ^ (hash >> 32)) % TF_LIGHT.len() as u64) as usize
}

/// Which colours the four bases have.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum BaseColors {
    /// Told apart by the colour-blind as well.
    #[default]
    Safe,
    /// Green, blue, orange and red, as in most published logos.
    Classic,
}

/// Size and colours of a picture that does not depend on a window's layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// Light or dark.
    pub theme: Theme,
    /// Colours of the bases.
    pub base_colors: BaseColors,
}

impl Sheet {
    /// A sheet that gives each of so many cells about 16 points beside their names.
    #[must_use]
    pub fn of_cells(rows: usize, columns: usize, theme: Theme) -> Self {
        const CELL_PT: f32 = 16.0;
        Self {
            width: 60.0 + CELL_PT * columns as f32,
            height: 190.0 + CELL_PT * rows as f32,
            theme,
            base_colors: BaseColors::Safe,
        }
    }
}

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub page: Color,
    /// Behind a card or a track.
    pub panel: Color,
    /// Words and numbers that matter.
    pub text: Color,
    /// Axis numbers, captions, track names.
    pub faint: Color,
    /// Lines that guide the eye.
    pub grid: Color,
    /// Outlines and axes.
    pub border: Color,
    /// What is selected.
    pub accent: Color,
    /// Where nothing has been computed.
    pub missing: Color,
    /// Hatching over [`Self::missing`].
    pub hatch: Color,
    /// What belongs to the + strand.
    pub forward: Color,
    /// What belongs to the − strand.
    pub reverse: Color,
    /// A quiet fill for features of the + strand.
    pub forward_soft: Color,
    /// A quiet fill for features of the − strand.
    pub reverse_soft: Color,
    /// A quiet fill for features without a strand.
    pub neutral_soft: Color,
    safe: [Color; 4],
    classic: [Color; 4],
}

impl Palette {
    /// The colour of a base; N is faint.
    #[must_use]
    pub fn base(&self, base: Base, colors: BaseColors) -> Color {
        let set = match colors {
            BaseColors::Safe => &self.safe,
            BaseColors::Classic => &self.classic,
        };
        base.index().map_or(self.faint, |index| set[index])
    }

    /// Black or white, whichever is easier to read on `fill`.
    #[must_use]
    pub fn ink_on(fill: Color) -> Color {
        let (dark, light) = (Color::rgb(0x1A, 0x1A, 0x1A), Color::rgb(0xFF, 0xFF, 0xFF));
        if contrast(dark, fill) > contrast(light, fill) {
            dark
        } else {
            light
        }
    }
}

/// Relative luminance, 0…1, as the contrast rules for the web define it.
#[must_use]
pub fn luminance(color: Color) -> f32 {
    let [red, green, blue, _] = color.0.map(|channel| {
        let value = f32::from(channel) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Contrast ratio of two opaque colours, 1…21.
#[must_use]
pub fn contrast(a: Color, b: Color) -> f32 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

const fn hex(rgb: u32) -> Color {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Color::rgb(red, green, blue)
}

static LIGHT: Palette = Palette {
    page: hex(0x00FF_FFFF),
    panel: hex(0x00F6_F7F9),
    text: hex(0x001F_2328),
    faint: hex(0x005F_6873),
    grid: hex(0x00E7_EAEE),
    border: hex(0x00C9_CFD6),
    accent: hex(0x002F_6FDE),
    missing: hex(0x00F1_F3F5),
    hatch: hex(0x00DF_E3E8),
    forward: hex(0x001F_6FB4),
    reverse: hex(0x00C8_5A17),
    forward_soft: hex(0x00C4_D8EB),
    reverse_soft: hex(0x00EF_D3BC),
    neutral_soft: hex(0x00D9_DDE2),
    safe: [
        hex(0x0000_9980),
        hex(0x0059_B3E6),
        hex(0x00E6_9B04),
        hex(0x001A_1A1A),
    ],
    classic: [
        hex(0x0010_8A3C),
        hex(0x0025_5CC9),
        hex(0x00F0_9B00),
        hex(0x00D6_2839),
    ],
};

static DARK: Palette = Palette {
    page: hex(0x0015_181C),
    panel: hex(0x001C_2025),
    text: hex(0x00E7_EAED),
    faint: hex(0x009A_A3AE),
    grid: hex(0x0026_2B31),
    border: hex(0x003D_444D),
    accent: hex(0x006C_A6FF),
    missing: hex(0x001E_2227),
    hatch: hex(0x002B_3037),
    forward: hex(0x006D_B6F2),
    reverse: hex(0x00F2_9A5C),
    forward_soft: hex(0x002A_435B),
    reverse_soft: hex(0x0055_3A26),
    neutral_soft: hex(0x0036_3C44),
    safe: [
        hex(0x0014_B89C),
        hex(0x006C_C0F0),
        hex(0x00F0_A81E),
        hex(0x00E4_E0D8),
    ],
    classic: [
        hex(0x003F_BF6A),
        hex(0x006C_9BFF),
        hex(0x00F7_B030),
        hex(0x00F0_5A66),
    ],
};

/// As far apart as possible, for the colour-blind too: see the tests in `tf_looks`.
static TF_LIGHT: [Color; 8] = [
    hex(0x0000_4B3C),
    hex(0x0000_72B2),
    hex(0x00D2_6969),
    hex(0x00C3_B400),
    hex(0x00C3_A5FF),
    hex(0x0087_5A00),
    hex(0x0000_D2B4),
    hex(0x005A_0F69),
];

static TF_DARK: [Color; 8] = [
    hex(0x0000_7869),
    hex(0x004F_A8E0),
    hex(0x00F0_9669),
    hex(0x00F0_F000),
    hex(0x005A_3CFF),
    hex(0x0087_7800),
    hex(0x0000_FFD2),
    hex(0x00F0_0078),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_readable_on_both_pages() {
        for theme in [Theme::Light, Theme::Dark] {
            let palette = theme.palette();
            for behind in [palette.page, palette.panel] {
                assert!(contrast(palette.text, behind) > 10.0);
                assert!(contrast(palette.faint, behind) > 4.5);
                assert!(contrast(palette.accent, behind) > 4.0);
            }
            for fill in [
                palette.forward_soft,
                palette.reverse_soft,
                palette.neutral_soft,
            ] {
                assert!(contrast(palette.text, fill) > 7.0);
            }
        }
    }

    #[test]
    fn bases_stand_out_from_the_page_and_from_each_other() {
        for theme in [Theme::Light, Theme::Dark] {
            let palette = theme.palette();
            for set in [BaseColors::Safe, BaseColors::Classic] {
                let colors = crate::genome::base::ACGT.map(|base| palette.base(base, set));
                for (index, color) in colors.iter().enumerate() {
                    assert!(
                        contrast(*color, palette.page) > 2.0,
                        "{theme:?} {set:?} {index}"
                    );
                    assert!(!colors[..index].contains(color));
                }
            }
        }
    }

    #[test]
    fn a_tf_keeps_its_color() {
        assert_eq!(Theme::Light.tf("CRP"), Theme::Light.tf("crp"));
        let names = ["CRP", "LacI", "FNR", "IHF", "Fis", "ArcA", "H-NS", "Lrp"];
        let different: std::collections::HashSet<_> =
            names.iter().map(|name| Theme::Light.tf(name)).collect();
        assert!(different.len() >= 5, "{different:?}");
        for color in TF_LIGHT {
            assert!(contrast(Palette::ink_on(color), color) > 4.0, "{color:?}");
        }
    }
}
