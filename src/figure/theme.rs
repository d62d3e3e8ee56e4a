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
    page: hex(0xFF_FF_FF),
    panel: hex(0xF6_F7_F9),
    text: hex(0x1F_23_28),
    faint: hex(0x5F_68_73),
    grid: hex(0xE7_EA_EE),
    border: hex(0xC9_CF_D6),
    accent: hex(0x2F_6F_DE),
    missing: hex(0xF1_F3_F5),
    hatch: hex(0xDF_E3_E8),
    forward: hex(0x1F_6F_B4),
    reverse: hex(0xC8_5A_17),
    forward_soft: hex(0xC4_D8_EB),
    reverse_soft: hex(0xEF_D3_BC),
    neutral_soft: hex(0xD9_DD_E2),
    safe: [
        hex(0x00_99_80),
        hex(0x59_B3_E6),
        hex(0xE6_9B_04),
        hex(0x1A_1A_1A),
    ],
    classic: [
        hex(0x10_8A_3C),
        hex(0x25_5C_C9),
        hex(0xF0_9B_00),
        hex(0xD6_28_39),
    ],
};

static DARK: Palette = Palette {
    page: hex(0x15_18_1C),
    panel: hex(0x1C_20_25),
    text: hex(0xE7_EA_ED),
    faint: hex(0x9A_A3_AE),
    grid: hex(0x26_2B_31),
    border: hex(0x3D_44_4D),
    accent: hex(0x6C_A6_FF),
    missing: hex(0x1E_22_27),
    hatch: hex(0x2B_30_37),
    forward: hex(0x6D_B6_F2),
    reverse: hex(0xF2_9A_5C),
    forward_soft: hex(0x2A_43_5B),
    reverse_soft: hex(0x55_3A_26),
    neutral_soft: hex(0x36_3C_44),
    safe: [
        hex(0x14_B8_9C),
        hex(0x6C_C0_F0),
        hex(0xF0_A8_1E),
        hex(0xE4_E0_D8),
    ],
    classic: [
        hex(0x3F_BF_6A),
        hex(0x6C_9B_FF),
        hex(0xF7_B0_30),
        hex(0xF0_5A_66),
    ],
};

/// As far apart as possible for the colour-blind too: see the test in `tf_looks`.
static TF_LIGHT: [Color; 9] = [
    hex(0x00_72_B2),
    hex(0xD5_5E_00),
    hex(0x4A_1C_1C),
    hex(0xD2_89_89),
    hex(0x6D_10_F9),
    hex(0x03_03_63),
    hex(0x85_54_32),
    hex(0x74_B9_E7),
    hex(0x03_50_63),
];

static TF_DARK: [Color; 9] = [
    hex(0x4F_A8_E0),
    hex(0xF0_85_3A),
    hex(0xC4_E9_CB),
    hex(0x86_38_FA),
    hex(0xDB_06_5B),
    hex(0xF9_F9_10),
    hex(0xA3_3E_8E),
    hex(0x38_FA_86),
    hex(0x97_DC_ED),
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
