//! Evaluations as curves: for the screen, and as one picture of three charts.

use super::{Evaluated, MATRIX, RANDOM};
use crate::figure::operating::{NamedCurve, OperatingChart, calibration_chart, operating_chart};
use crate::figure::page::{PageStyle, Panel, compose};
use crate::figure::scene::{Rect, Scene};
use crate::figure::theme::{BaseColors, SMALL_PT, Sheet, Theme};

/// What is drawn of one model or baseline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Its name, with what tells it from others.
    pub name: String,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Average precision.
    pub average_precision: f64,
    /// False and true positive rates.
    pub roc: Vec<[f64; 2]>,
    /// Recall and precision.
    pub precision_recall: Vec<[f64; 2]>,
    /// Mean predicted probability and observed share of each bin; none of baselines, nor of models that others are
    /// compared with.
    pub calibration: Vec<[f64; 2]>,
    /// Whether it is what simpler means reach.
    pub is_baseline: bool,
}

/// The models of several evaluations, each with the one that it is compared with, then the baselines of each; those
/// that are the same are there once. Points that nobody could see apart are left out.
#[must_use]
pub fn series(shown: &[&Evaluated]) -> Vec<Series> {
    let Some(first) = shown.first() else {
        return Vec::new();
    };
    let same = |of: fn(&Evaluated) -> &str| shown.iter().all(|other| of(other) == of(first));
    let same_region = same(|found| &found.region);
    let same_labels = same(|found| &found.labels);
    let told = |found: &Evaluated, name: &str| {
        let mut name = name.to_owned();
        if !same_region {
            name = format!("{name}, {}", found.region);
        }
        if !same_labels {
            name = format!("{name}, {}", found.labels);
        }
        name
    };
    let mut all: Vec<Series> = Vec::new();
    for found in shown {
        let evaluation = &found.evaluation;
        let bins = evaluation.calibration.iter();
        all.push(Series {
            roc_auc: evaluation.measured.roc_auc,
            average_precision: evaluation.measured.average_precision,
            calibration: bins.map(|bin| [bin.predicted, bin.observed]).collect(),
            ..of_points(found, 0, told(found, &evaluation.model))
        });
        if let Some(against) = &evaluation.against {
            all.push(Series {
                roc_auc: against.measured.roc_auc,
                average_precision: against.measured.average_precision,
                ..of_points(found, 1, told(found, &against.model))
            });
        }
    }
    for found in shown {
        let evaluation = &found.evaluation;
        for (name, measured) in [
            (MATRIX, evaluation.matrix),
            (RANDOM, Some(evaluation.random)),
        ] {
            let mut named = found.curves.iter();
            let at = named.position(|curve| curve.name == name);
            let Some((at, measured)) = at.zip(measured) else {
                continue;
            };
            let mut own = Series {
                roc_auc: measured.roc_auc,
                average_precision: measured.average_precision,
                is_baseline: true,
                ..of_points(found, at, told(found, name))
            };
            if all.contains(&own) {
                continue;
            }
            if all.iter().any(|other| other.name == own.name) {
                own.name = format!("{}, beside {}", own.name, evaluation.model);
            }
            all.push(own);
        }
    }
    all
}

fn of_points(found: &Evaluated, at: usize, name: String) -> Series {
    let points = found.curves.get(at).map(|curve| &curve.points);
    Series {
        name,
        roc: points.map_or_else(Vec::new, |points| thinned(&points.roc)),
        precision_recall: points.map_or_else(Vec::new, |points| thinned(&points.precision_recall)),
        ..Series::default()
    }
}

/// Without points that lie nearer than a thousandth of an axis to the last one that is kept.
fn thinned(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    const NEAR: f64 = 1e-3;
    let mut kept: Vec<[f64; 2]> = Vec::new();
    for (index, point) in points.iter().enumerate() {
        let near = kept.last().is_some_and(|last| {
            (last[0] - point[0]).abs() < NEAR && (last[1] - point[1]).abs() < NEAR
        });
        if !near || index + 1 == points.len() {
            kept.push(*point);
        }
    }
    kept
}

/// ROC, precision over recall and calibration beside one another.
#[must_use]
pub fn picture(series: &[Series], theme: Theme) -> Option<Scene> {
    const WIDTH: f32 = 250.0;
    const GAP: f32 = 10.0;
    let height = 270.0 + 13.0 * series.len() as f32;
    let sheet = Sheet {
        width: WIDTH,
        height,
        theme,
        base_colors: BaseColors::default(),
    };
    let curves = |of: fn(&Series) -> &Vec<[f64; 2]>, area: Option<fn(&Series) -> f64>| {
        let named = series.iter().map(|series| NamedCurve {
            name: match area {
                Some(area) => format!("{:.4} {}", area(series), series.name),
                None => series.name.clone(),
            },
            points: of(series)
                .iter()
                .map(|[x, y]| (*x as f32, *y as f32))
                .collect(),
        });
        named.collect::<Vec<_>>()
    };
    let roc = curves(|series| &series.roc, Some(|series| series.roc_auc));
    let precision = curves(
        |series| &series.precision_recall,
        Some(|series| series.average_precision),
    );
    let mut calibration = curves(|series| &series.calibration, None);
    calibration.retain(|curve| !curve.points.is_empty());
    let chart = |title, x_label, y_label, curves, diagonal| OperatingChart {
        title,
        x_label,
        y_label,
        curves,
        diagonal,
    };
    let scenes = [
        operating_chart(
            &chart(
                "ROC, with the area",
                "false positive rate",
                "true positive rate",
                &roc,
                true,
            ),
            &sheet,
        ),
        operating_chart(
            &chart(
                "Precision over recall, with the average precision",
                "recall",
                "precision",
                &precision,
                false,
            ),
            &sheet,
        ),
        calibration_chart(
            &chart(
                "Calibration",
                "predicted probability",
                "observed share",
                &calibration,
                true,
            ),
            &sheet,
        ),
    ];
    let panels: Vec<Panel> = scenes
        .into_iter()
        .enumerate()
        .map(|(index, scene)| Panel {
            label: None,
            name: format!("chart {}", index + 1),
            scene,
            place: Rect::new(index as f32 * (WIDTH + GAP), 0.0, WIDTH, height),
        })
        .collect();
    let style = PageStyle {
        width: 3.0 * WIDTH + 2.0 * GAP,
        height,
        font: SMALL_PT,
        line: 1.0,
        theme,
    };
    compose(&style, &panels).ok()
}
