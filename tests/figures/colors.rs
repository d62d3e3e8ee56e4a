//! Whether colours stay apart for people who see fewer of them.
//!
//! Dichromacy is simulated after Machado, Oliveira and Fernandes (IEEE Transactions on Visualization and Computer
//! Graphics 15(6), 2009), severity 1.0, on linear RGB; distances are CIE76 in CIELAB under D65.

use headlight::figure::operating::series;
use headlight::figure::scene::Color;
use headlight::figure::{BaseColors, ColorScale, Colormap, Theme};
use headlight::genome::base::ACGT;

/// Unchanged, and severity 1.0 of protanopia, deuteranopia and tritanopia.
const KINDS: [(&str, [[f32; 3]; 3]); 4] = [
    (
        "normal",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

fn linear(color: Color) -> [f32; 3] {
    let [red, green, blue, _] = color.0;
    [red, green, blue].map(|value| {
        let value = f32::from(value) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn times(matrix: &[[f32; 3]; 3], vector: [f32; 3]) -> [f32; 3] {
    std::array::from_fn(|row| {
        (0..3)
            .map(|column| matrix[row][column] * vector[column])
            .sum()
    })
}

/// CIELAB of linear sRGB under D65.
fn lab(rgb: [f32; 3]) -> [f32; 3] {
    const XYZ: [[f32; 3]; 3] = [
        [0.412_456, 0.357_576, 0.180_438],
        [0.212_673, 0.715_152, 0.072_175],
        [0.019_334, 0.119_192, 0.950_304],
    ];
    let [x, y, z] = times(&XYZ, rgb.map(|value| value.clamp(0.0, 1.0)));
    let bent = |value: f32| {
        if value > 0.008_856 {
            value.cbrt()
        } else {
            7.787 * value + 16.0 / 116.0
        }
    };
    let [x, y, z] = [x / 0.950_47, y, z / 1.088_83].map(bent);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(matrix: &[[f32; 3]; 3], a: Color, b: Color) -> f32 {
    let [a, b] = [a, b].map(|color| lab(times(matrix, linear(color))));
    (0..3)
        .map(|axis| (a[axis] - b[axis]).powi(2))
        .sum::<f32>()
        .sqrt()
}

/// All pairs at least that far apart for everybody.
fn assert_apart(name: &str, colors: &[Color], least: f32) {
    for (kind, matrix) in &KINDS {
        for (index, a) in colors.iter().enumerate() {
            for b in &colors[..index] {
                let apart = distance(matrix, *a, *b);
                assert!(
                    apart >= least,
                    "{name}, {kind}: {a:?} and {b:?} are {apart:.1} apart"
                );
            }
        }
    }
}

#[test]
fn known_distances() {
    let (_, normal) = &KINDS[0];
    let white = lab(times(normal, linear(Color::rgb(255, 255, 255))));
    assert!((white[0] - 100.0).abs() < 0.1 && white[1].abs() < 0.1 && white[2].abs() < 0.1);
    let red = lab(linear(Color::rgb(255, 0, 0)));
    for (value, known) in red.into_iter().zip([53.24, 80.09, 67.20]) {
        assert!((value - known).abs() < 0.1, "{red:?}");
    }
    // Red and green of one lightness are hard to tell apart without the M cones.
    let (red, green) = (Color::rgb(200, 80, 80), Color::rgb(110, 130, 70));
    assert!(distance(&KINDS[2].1, red, green) < 0.4 * distance(normal, red, green));
}

#[test]
fn bases_stay_apart_for_everybody() {
    for theme in [Theme::Light, Theme::Dark] {
        let palette = theme.palette();
        let bases = ACGT.map(|base| palette.base(base, BaseColors::Safe));
        let least = if theme == Theme::Light { 15.0 } else { 10.0 };
        assert_apart(&format!("bases, {theme:?}"), &bases, least);
    }
}

#[test]
fn strands_stay_apart_for_everybody() {
    for theme in [Theme::Light, Theme::Dark] {
        let palette = theme.palette();
        assert_apart("strands", &[palette.forward, palette.reverse], 30.0);
        assert_apart(
            "strands, soft",
            &[palette.forward_soft, palette.reverse_soft],
            10.0,
        );
    }
}

#[test]
fn neighbouring_curves_stay_apart_for_everybody() {
    for theme in [Theme::Light, Theme::Dark] {
        for pair in series(theme).windows(2) {
            assert_apart(&format!("curves, {theme:?}"), pair, 15.0);
        }
    }
}

#[test]
fn both_ends_of_a_diverging_scale_stay_apart_for_everybody() {
    for map in [Colormap::Diverging, Colormap::DivergingDark] {
        let scale = ColorScale::linear(map, -1.0, 1.0);
        for share in [0.25, 0.5, 1.0] {
            let ends = [scale.color(-share), scale.color(0.0), scale.color(share)];
            let least = if share < 0.3 { 8.0 } else { 20.0 };
            assert_apart(&format!("{map:?} at {share}"), &ends, least);
        }
    }
}
