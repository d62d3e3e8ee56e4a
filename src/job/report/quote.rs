//! The numbers to quote: whole sentences that can stand in an article.

use super::Material;
use super::figures::LEVEL;
use super::html::short;
use super::table::{HeadTable, TableKind};
use crate::genome::locus::grouped;

/// Sentences are no longer than this many findings.
const MOST_LISTED: usize = 12;

/// Sentences with the main numbers.
pub(super) fn sentences(material: &Material<'_>) -> Vec<String> {
    let heads = material.heads;
    let reports = heads.reports();
    let mut sentences = vec![format!(
        "{} heads were looked at over {}.",
        reports.len(),
        heads.anchors
    )];
    let count = heads.result.rule.permutations.count;
    let passing: Vec<_> = reports
        .iter()
        .filter(|report| report.summary.exceeds == Some(true))
        .collect();
    if count > 0 {
        sentences.push(format!(
            "{} of {} heads follow the sequence: what they look at holds more information, on start sites that were not used to \
             find it, than the 99th percentile of {} permutations of their own distances. By chance {} would.",
            passing.len(),
            reports.len(),
            grouped(count),
            short(reports.len() as f64 / 100.0),
        ));
        for element in ["−10", "extended −10", "−35", "initiator"] {
            let names: Vec<&str> = passing
                .iter()
                .filter(|report| report.summary.shows == element)
                .map(|report| report.summary.name.as_str())
                .collect();
            sentences.push(match names.len() {
                0 => format!("No head that follows the sequence shows the {element} element."),
                n => format!(
                    "{n} of them show the {element} element: {}.",
                    names.join(", ")
                ),
            });
        }
    }
    for table in &material.request.tables {
        sentences.extend(of_table(table));
    }
    sentences
}

fn of_table(table: &HeadTable) -> Option<String> {
    let cell = |row: &[String], name: &str| table.column(name).and_then(|at| row.get(at).cloned());
    let list = |found: Vec<String>| {
        let more = found.len().saturating_sub(MOST_LISTED);
        let shown = found.into_iter().take(MOST_LISTED).collect::<Vec<_>>();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("{}{more}", shown.join("; "))
    };
    let ranked = table.ranked();
    match table.kind {
        TableKind::Compare => {
            table.column("p_max")?;
            let found: Vec<String> = ranked
                .iter()
                .filter(|(_, row)| table.number(row, "p_max").is_some_and(|p| p <= LEVEL))
                .map(|(head, row)| {
                    let number = |name: &str| table.number(row, name).map_or("–".to_owned(), short);
                    format!(
                        "{head} and {} (AUROC {}, {} to {}, p_max {})",
                        cell(row, "tf").unwrap_or_default(),
                        number("auroc"),
                        number("auroc_low"),
                        number("auroc_high"),
                        number("p_max"),
                    )
                })
                .collect();
            Some(match found.len() {
                0 => format!(
                    "None of {} pairs of head and transcription factor stands out by the max-statistic at {LEVEL}.",
                    grouped(table.rows.len())
                ),
                n => format!(
                    "{n} of {} pairs of head and transcription factor stand out by the max-statistic at {LEVEL}: {}.",
                    grouped(table.rows.len()),
                    list(found)
                ),
            })
        }
        TableKind::Names => {
            table.column("named")?;
            let found: Vec<String> = ranked
                .iter()
                .filter(|(_, row)| cell(row, "named").as_deref() == Some("true"))
                .map(|(head, row)| {
                    let q = table.number(row, "q").map_or("–".to_owned(), short);
                    format!("{head} {} (q {q})", cell(row, "target").unwrap_or_default())
                })
                .collect();
            Some(match found.len() {
                0 => "No head has earned the name of a known motif.".to_owned(),
                n => format!(
                    "{n} heads have earned the name of a known motif: {}.",
                    list(found)
                ),
            })
        }
        TableKind::Novel => Some(format!(
            "{} peaks of attention where nothing is known are listed, head by head, with their false discovery rates.",
            grouped(table.rows.len())
        )),
        TableKind::Ablate => None,
    }
}
