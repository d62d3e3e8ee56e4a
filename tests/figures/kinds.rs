//! Small pictures of the kinds that stand on tables: matrices, curves, mutagenesis, aligned logos, pages.

use super::samples::{CONTIG_BP, World, noise, sheet, small_chart, small_logo, view};
use headlight::figure::logo_stack::{AlignedLogo, logo_stack};
use headlight::figure::matrix::{Mark, Matrix, matrix};
use headlight::figure::mutagenesis::{Mutagenesis, mutagenesis};
use headlight::figure::operating::{NamedCurve, OperatingChart, operating_chart};
use headlight::figure::page::{PageStyle, Panel, compose};
use headlight::figure::scale_bar::add_scale_bar;
use headlight::figure::scene::Rect;
use headlight::figure::{ColorScale, Colormap, LogoData, Scene, Theme, Viewport, logo};
use headlight::genome::Base;

fn names(prefix: &str, count: usize) -> Vec<String> {
    (1..=count)
        .map(|index| format!("{prefix}{index}"))
        .collect()
}

pub fn small_matrix(columns: usize, theme: Theme) -> Scene {
    let rows = names("L1H", 4);
    let columns = [names("TF", columns - 1), vec!["MalI-long".to_owned()]].concat();
    let count = rows.len() * columns.len();
    let mut values: Vec<f32> = (0..count).map(|index| noise(index) - 0.4).collect();
    values[1] = f32::NAN;
    let marks: Vec<Mark> = (0..count)
        .map(|index| [Mark::None, Mark::Weak, Mark::Strong][index % 3])
        .collect();
    let table = Matrix {
        title: "Heads against TFs",
        rows: &rows,
        columns: &columns,
        values: &values,
        marks: &marks,
        numbers: columns.len() < 6,
        scale: ColorScale::linear(Colormap::Diverging, -0.6, 0.6),
        rule: "effect: AUROC less its mean under the null",
        mark_rules: ["q < 0.05", "q < 0.05 for the largest of all"],
        caption: "Made up.",
    };
    matrix(&table, &sheet(300.0, 260.0, theme)).0
}

pub fn small_mutagenesis() -> Scene {
    let reference = [Base::T, Base::A, Base::T, Base::N, Base::A, Base::T];
    let effects: Vec<[f32; 4]> = (0..6)
        .map(|index| std::array::from_fn(|base| noise(index * 4 + base) * 4.0 - 2.5))
        .collect();
    mutagenesis(
        &Mutagenesis {
            title: "What changes do",
            first_position: 366_338,
            reference: &reference,
            effects: &effects,
            marks: &[(0, 3, "−10")],
            scale: ColorScale::linear(Colormap::Diverging, -2.5, 2.5),
            rule: "change of the score, logit 1 less logit 0",
        },
        &sheet(260.0, 190.0, Theme::Light),
    )
}

pub fn small_curves() -> Scene {
    let curve = |power: f32, name: &str| NamedCurve {
        name: name.to_owned(),
        points: (0_u8..=20)
            .map(|step| f32::from(step) / 20.0)
            .map(|x| (x, x.powf(power)))
            .collect(),
    };
    operating_chart(
        &OperatingChart {
            title: "Ranking",
            x_label: "false positive rate",
            y_label: "true positive rate",
            curves: &[
                curve(0.2, "model, area 0.83"),
                curve(0.5, "matrix, area 0.67"),
            ],
            diagonal: true,
        },
        &sheet(220.0, 230.0, Theme::Light),
    )
}

pub fn small_stack() -> Scene {
    let (first, second) = (
        small_logo(),
        LogoData {
            title: "library".into(),
            ..small_logo()
        },
    );
    logo_stack(
        &[
            AlignedLogo {
                logo: &first,
                offset: 0,
            },
            AlignedLogo {
                logo: &second,
                offset: 2,
            },
        ],
        &sheet(240.0, 210.0, Theme::Light),
    )
}

/// Two panels on a single column, with a scale bar.
pub fn small_page() -> Scene {
    let style = PageStyle {
        width: 241.0,
        height: 372.0,
        font: 7.0,
        line: 0.5,
        theme: Theme::Light,
    };
    let world = World::new();
    let view = view(30_000.0, 30_300.0, 225.0 / style.factor());
    let (mut genome, layout) = world.draw(&view);
    let viewport = Viewport::new(0, CONTIG_BP, 30_000.0, 30_300.0);
    add_scale_bar(&mut genome, layout.plot, &viewport, Theme::Light);
    let width = 225.0 / style.factor();
    let panels = [
        Panel {
            label: Some('A'),
            name: "panel A".into(),
            scene: genome,
            place: Rect::new(2.0, 2.0, 237.0, 280.0),
        },
        Panel {
            label: Some('B'),
            name: "panel B".into(),
            scene: logo(&small_logo(), &sheet(width, 110.0, Theme::Light)),
            place: Rect::new(2.0, 286.0, 237.0, 84.0),
        },
    ];
    compose(&style, &panels).expect("fits")
}

pub fn kinds_of_tables() -> Vec<(&'static str, Scene)> {
    vec![
        ("matrix", small_matrix(3, Theme::Light)),
        ("matrix_wide", small_matrix(18, Theme::Dark)),
        ("mutagenesis", small_mutagenesis()),
        ("curves", small_curves()),
        ("logo_pair", small_stack()),
        ("page", small_page()),
    ]
}

/// Every kind of picture, small.
pub fn every_kind() -> Vec<(&'static str, Scene)> {
    [super::samples::all_kinds(), kinds_of_tables()].concat()
}

/// A page whose text is as small as it may be.
pub fn crowded(width: f32, font: f32) -> Result<Scene, headlight::figure::page::PageError> {
    let style = PageStyle {
        width,
        height: 300.0,
        font,
        line: 0.1,
        theme: Theme::Light,
    };
    let panel = Panel {
        label: None,
        name: "panel A (profile)".into(),
        scene: small_chart(),
        place: Rect::new(0.0, 0.0, width, 300.0),
    };
    compose(&style, &[panel])
}
