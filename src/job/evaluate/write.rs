//! Evaluations as tables.

use super::{Against, Correlation, Evaluation, Measured, NamedPoints, SENSITIVITY_BP};
use crate::analysis::curves::CurvePoints;
use std::io::{self, Write};

/// The name of the position-weight matrix in tables and legends.
pub const MATRIX: &str = "matrix −45…+14";
/// The name of the difference of two models in tables.
pub const DIFFERENCE: &str = "difference";
/// The name of a random order in tables and legends.
pub const RANDOM: &str = "random order";

impl Evaluation {
    /// Writes the numbers as tab-separated tables with empty lines between them.
    ///
    /// # Errors
    /// Whatever `out` reports.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write(self, out)
    }
}

fn write(found: &Evaluation, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", found.model)?;
    writeln!(
        out,
        "{} positives among {} positions, both strands in one ranking: rate {:.6}",
        found.positives, found.positions, found.positive_rate
    )?;
    writeln!(
        out,
        "\nper position\tROC AUC\t95 % interval\taverage precision\t95 % interval"
    )?;
    line(out, "model", &found.measured)?;
    if let Some(against) = &found.against {
        line(out, &against.model, &against.measured)?;
    }
    if let Some(matrix) = &found.matrix {
        line(out, MATRIX, matrix)?;
    }
    line(out, RANDOM, &found.random)?;
    if let Some(against) = &found.against {
        writeln!(
            out,
            "{DIFFERENCE}\t{}",
            difference_cells(against).join("\t")
        )?;
        if let Some(caution) = against.caution() {
            writeln!(out, "{caution}")?;
        }
    }
    writeln!(
        out,
        "\nby peak\twithin (bp)\taverage precision\tbest F1\trecall\tprecision"
    )?;
    let against = found
        .against
        .iter()
        .flat_map(|a| a.peaks.iter().map(|peak| (&*a.model, peak)));
    let rows = found.peaks.iter().map(|peak| ("model", peak));
    let matrix = found.matrix_peaks.iter().map(|peak| (MATRIX, peak));
    for (name, peak) in rows.chain(against).chain(matrix) {
        writeln!(
            out,
            "{name}\t{}\t{:.4}\t{:.4}\t{:.4}\t{:.4}",
            peak.tolerance_bp, peak.average_precision, peak.f1, peak.recall, peak.precision
        )?;
    }
    writeln!(
        out,
        "\nprobability from\tto\tpositions\tmean predicted\tobserved"
    )?;
    for bin in &found.calibration {
        writeln!(
            out,
            "{}\t{}\t{}\t{:.5}\t{:.5}",
            bin.from, bin.to, bin.positions, bin.predicted, bin.observed
        )?;
    }
    if let Some(activity) = &found.activity {
        writeln!(
            out,
            "\nmeasured activity of {} promoters\tSpearman\t95 % interval",
            activity.promoters
        )?;
        correlated(out, "model", &activity.model)?;
        let nearby = format!("model, best within {SENSITIVITY_BP} bp");
        correlated(out, &nearby, &activity.model_nearby)?;
        if let Some(matrix) = &activity.matrix {
            correlated(out, MATRIX, matrix)?;
        }
        if let Some(matrix) = &activity.matrix_nearby {
            let nearby = format!("matrix, best within {SENSITIVITY_BP} bp");
            correlated(out, &nearby, matrix)?;
        }
    }
    Ok(())
}

fn correlated(out: &mut dyn Write, name: &str, found: &Correlation) -> io::Result<()> {
    match found.spearman {
        Some(value) => writeln!(
            out,
            "{name}\t{value:+.3}\t{:+.3} to {:+.3}",
            found.interval.low, found.interval.high
        ),
        None => writeln!(out, "{name}\tNA\tNA"),
    }
}

fn line(out: &mut dyn Write, name: &str, measured: &Measured) -> io::Result<()> {
    let [roc, roc_interval, precision, precision_interval] = measured_cells(measured);
    writeln!(
        out,
        "{name}\t{roc}\t{roc_interval}\t{precision}\t{precision_interval}"
    )
}

/// ROC AUC, its interval, average precision and its interval, with the digits that tables show.
#[must_use]
pub fn measured_cells(measured: &Measured) -> [String; 4] {
    let (roc, precision) = (
        measured.roc_auc_interval,
        measured.average_precision_interval,
    );
    [
        format!("{:.4}", measured.roc_auc),
        format!("{:.4} to {:.4}", roc.low, roc.high),
        format!("{:.5}", measured.average_precision),
        format!("{:.5} to {:.5}", precision.low, precision.high),
    ]
}

/// The difference of both areas to another model with their paired intervals, with the digits that tables show.
#[must_use]
pub fn difference_cells(against: &Against) -> [String; 4] {
    let (roc, precision) = (
        against.roc_auc_difference_interval,
        against.average_precision_difference_interval,
    );
    [
        format!("{:+.4}", against.roc_auc_difference),
        format!("{:+.4} to {:+.4}", roc.low, roc.high),
        format!("{:+.5}", against.average_precision_difference),
        format!("{:+.5} to {:+.5}", precision.low, precision.high),
    ]
}

/// Writes points of curves as a table with the columns `axes`, `curve`, `x` and `y`, of which panels of
/// the kind `curves` are drawn: of the ROC (`roc`: false and true positive rate), of precision over recall
/// (`pr`), and of the calibration of the model (`calibration`: predicted probability and observed share).
///
/// # Errors
/// Whatever `out` reports.
pub fn write_curves(
    curves: &[NamedPoints],
    found: &Evaluation,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "axes\tcurve\tx\ty")?;
    for (axes, of) in [
        (
            "roc",
            (|points| &points.roc) as fn(&CurvePoints) -> &Vec<[f64; 2]>,
        ),
        ("pr", |points| &points.precision_recall),
    ] {
        for curve in curves {
            // A tab in a name would be a column.
            let name = curve.name.replace(['\t', '\n', '\r'], " ");
            for [x, y] in of(&curve.points) {
                writeln!(out, "{axes}\t{name}\t{x}\t{y}")?;
            }
        }
    }
    let name = found.model.replace(['\t', '\n', '\r'], " ");
    for bin in &found.calibration {
        writeln!(
            out,
            "calibration\t{name}\t{}\t{}",
            bin.predicted, bin.observed
        )?;
    }
    Ok(())
}
