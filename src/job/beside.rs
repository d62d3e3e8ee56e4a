//! Two heads beside one another: their logos at the same places, their numbers and the differences.

use super::findings::Heads;
use crate::analysis::heads::{HeadReport, HeadSummary};
use crate::figure::logo::LogoData;

/// A number of two heads.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberOfTwo {
    /// What it is called.
    pub name: &'static str,
    /// That of the first and of the second head.
    pub values: [String; 2],
    /// The second less the first; empty where one is not known.
    pub difference: String,
}

/// The logos of two heads. Where both lie at the start site, their columns are the same places: empty columns stand
/// where only the other one has letters.
#[must_use]
pub fn aligned_logos(heads: &Heads, reports: [&HeadReport; 2]) -> [LogoData; 2] {
    let mut logos = reports.map(|report| heads.logo(report));
    if logos.iter().all(|logo| logo.tss_relative) {
        let end = |logo: &LogoData| logo.first_position + logo.heights.len().cast_signed();
        let first = logos[0].first_position.min(logos[1].first_position);
        let last = end(&logos[0]).max(end(&logos[1]));
        for logo in &mut logos {
            let before = (logo.first_position - first).unsigned_abs();
            let behind = (last - end(logo)).unsigned_abs();
            let mut heights = vec![[0.0; 4]; before];
            heights.append(&mut logo.heights);
            heights.resize(heights.len() + behind, [0.0; 4]);
            logo.heights = heights;
            logo.first_position = first;
        }
    }
    logos
}

/// The numbers of two heads.
#[must_use]
pub fn numbers_of_two(reports: [&HeadReport; 2]) -> Vec<NumberOfTwo> {
    type Value = fn(&HeadSummary) -> Option<f64>;
    let rows: [(&'static str, usize, Value); 12] = [
        ("information (bits)", 2, |one| Some(one.information_content)),
        ("on held-out anchors (bits)", 3, |one| {
            one.held_out_information
        }),
        ("99 % of the null (bits)", 3, |one| one.null_p99),
        ("effect (bits)", 3, |one| one.effect),
        ("p", 4, |one| one.p),
        ("windows", 0, |one| Some(one.windows as f64)),
        ("peak of the profile", 0, |one| {
            Some(one.peak_position as f64)
        }),
        ("weight there", 3, |one| Some(one.peak_weight)),
        ("entropy (bits)", 2, |one| Some(one.entropy)),
        ("effective keys", 1, |one| Some(one.effective_keys)),
        ("on the query itself", 3, |one| Some(one.self_share)),
        ("on the oldest key", 3, |one| Some(one.edge_share)),
    ];
    let rows = rows.into_iter().map(|(name, digits, value)| {
        let both = reports.map(|report| value(&report.summary));
        let shown = |value: Option<f64>| {
            value.map_or_else(
                || "not tested".to_owned(),
                |value| format!("{value:.digits$}"),
            )
        };
        let difference = match both {
            [Some(first), Some(second)] => format!("{:+.digits$}", second - first),
            _ => String::new(),
        };
        NumberOfTwo {
            name,
            values: both.map(shown),
            difference,
        }
    });
    let words = |name, value: fn(&HeadSummary) -> &String| {
        let values = reports.map(|report| value(&report.summary).clone());
        let difference = if values[0] == values[1] { "same" } else { "" };
        NumberOfTwo {
            name,
            values,
            difference: difference.to_owned(),
        }
    };
    let first = [
        words("shows", |one| &one.shows),
        words("consensus", |one| &one.consensus),
    ];
    first.into_iter().chain(rows).collect()
}
