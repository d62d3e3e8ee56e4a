//! The pictures of the page.

use super::Material;
use super::table::{HeadTable, TableKind};
use crate::analysis::heads::HeadReport;
use crate::figure::matrix::Mark;
use crate::figure::{
    BaseColors, ColorScale, Colormap, HeadCard, HeadsGrid, Matrix, ProfileChart, Scene, Sheet,
    Theme, heads_grid, logo, matrix, profile_chart,
};

const GRID_PT: f32 = 1_060.0;

/// Transcription factors shown in the matrix, those with the largest effects.
const MOST_TFS: usize = 60;

/// Cells with a p below this bear a dot.
pub(super) const LEVEL: f64 = 0.05;

/// All heads as cards.
pub(super) fn grid(material: &Material<'_>) -> Scene {
    let heads = material.heads;
    let reports = heads.reports();
    let profiles: Vec<Vec<f32>> = reports.iter().map(|report| heads.profile(report)).collect();
    let logos: Vec<Vec<[f64; 4]>> = reports.iter().map(|r| heads.letter_heights(r)).collect();
    let cards: Vec<HeadCard<'_>> = reports
        .iter()
        .zip(profiles.iter().zip(&logos))
        .map(|(report, (profile, logo))| HeadCard {
            head: report.head,
            profile,
            first_offset: heads.first_offset(),
            logo,
            entropy_bits: report.summary.entropy,
            n: report.summary.windows,
            consensus: &report.summary.consensus,
            passes: report.summary.exceeds,
            note: &report.summary.shows,
        })
        .collect();
    heads_grid(&HeadsGrid {
        shape: heads.shape,
        cards: &cards,
        width: GRID_PT,
        theme: Theme::Light,
        base_colors: BaseColors::Safe,
        selected: None,
        title: "",
        caption: "",
    })
}

fn sheet(width: f32, height: f32) -> Sheet {
    Sheet {
        width,
        height,
        theme: Theme::Light,
        base_colors: BaseColors::Safe,
    }
}

/// Where a head looks.
pub(super) fn profile(material: &Material<'_>, report: &HeadReport) -> Scene {
    let (mean, low, high) = material.heads.profile_band(report);
    let chart = ProfileChart {
        title: "",
        first_offset: material.heads.first_offset(),
        mean: &mean,
        band: Some((&low, &high)),
        control: None,
        value_label: "mean attention weight",
        marks: &[(-35, "−35"), (-10, "−10"), (0, "+1")],
        caption: "",
    };
    profile_chart(&chart, &sheet(520.0, 200.0))
}

/// What a head sees.
pub(super) fn motif(material: &Material<'_>, report: &HeadReport) -> Scene {
    logo(&material.heads.logo(report), &sheet(420.0, 200.0))
}

/// Heads against transcription factors, where the table has a factor and an area in its rows.
pub(super) fn association(material: &Material<'_>, table: &HeadTable) -> Option<Scene> {
    let tf = table
        .column("tf")
        .filter(|_| table.kind == TableKind::Compare)?;
    let effect = |row: &[String]| table.number(row, "auroc");
    let mut tfs: Vec<(String, f64)> = Vec::new();
    for (_, row) in &table.rows {
        let Some(size) = effect(row).map(|auroc| (auroc - 0.5).abs()) else {
            continue;
        };
        match tfs.iter_mut().find(|(name, _)| *name == row[tf]) {
            Some((_, most)) => *most = most.max(size),
            None => tfs.push((row[tf].clone(), size)),
        }
    }
    if tfs.is_empty() {
        return None;
    }
    tfs.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    tfs.truncate(MOST_TFS);
    let columns: Vec<String> = tfs.into_iter().map(|(name, _)| name).collect();
    let shape = material.heads.shape;
    let rows: Vec<String> = shape.all().map(|head| head.to_string()).collect();
    let mut values = vec![f32::NAN; rows.len() * columns.len()];
    let mut marks = vec![Mark::None; values.len()];
    let mut most = 0.0_f32;
    for (head, row) in &table.rows {
        let column = columns.iter().position(|name| *name == row[tf]);
        let (Some(column), Some(auroc)) = (column, effect(row)) else {
            continue;
        };
        let cell = shape.row(*head) * columns.len() + column;
        values[cell] = auroc as f32 - 0.5;
        if table.number(row, "p_max").is_some_and(|p| p <= LEVEL) {
            marks[cell] = Mark::Strong;
        }
        most = most.max(values[cell].abs());
    }
    let reach = (most * 20.0).ceil() / 20.0;
    let shown = Matrix {
        title: "",
        rows: &rows,
        columns: &columns,
        values: &values,
        marks: &marks,
        numbers: false,
        scale: ColorScale::linear(Colormap::Diverging, -reach, reach),
        rule: "AUROC of attention at sites, less 0.5: 0 is chance",
        mark_rules: ["", "p_max ≤ 0.05"],
        caption: "",
    };
    Some(matrix(&shown, &sheet(560.0, 640.0)).0)
}
