//! The tables of `headlight profile`: plain rows, in long form.

use super::curves::Interval95;
use super::logit_parts::PartMoments;
use super::pooled::HeadContrast;
use super::profile::HeadProfile;
use crate::attention::HeadId;
use crate::genome::TssOffset;
use std::io::{self, Write};

/// Mean attention of one head over one set of queries.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ProfileSummary {
    /// The set.
    pub set: String,
    /// 1-based layer.
    pub layer: usize,
    /// 1-based head of the layer.
    pub head: usize,
    /// The head as `L1H1`.
    pub name: String,
    /// Queries.
    pub n: usize,
    /// Mean entropy of a query's weights in bits.
    pub entropy: f64,
    /// Its standard deviation over the queries.
    pub entropy_deviation: f64,
    /// 2 to the power of the entropy.
    pub effective_keys: f64,
    /// Mean weight on the query itself, o = 0.
    pub self_share: f64,
    /// Mean weight on the oldest key, o = context − 1.
    pub edge_share: f64,
    /// Where the mean profile peaks, relative to the TSS; there is no 0.
    pub peak_position: isize,
    /// The mean weight there.
    pub peak_weight: f64,
    /// Mean weight by distance from the query.
    pub mean: Vec<f64>,
    /// Its standard deviation over the queries.
    pub deviation: Vec<f64>,
}

impl ProfileSummary {
    /// The row of one head.
    #[must_use]
    pub fn new(set: &str, profile: &HeadProfile, label_shift: usize) -> Self {
        let HeadId { layer, head } = profile.head;
        Self {
            set: set.to_owned(),
            layer: layer + 1,
            head: head + 1,
            name: profile.head.to_string(),
            n: profile.n,
            entropy: profile.entropy_bits,
            entropy_deviation: profile.entropy_deviation,
            effective_keys: profile.effective_keys(),
            self_share: profile.self_share(),
            edge_share: profile.edge_share(),
            peak_position: profile.peak_position(label_shift).number(),
            peak_weight: profile.peak().1.max(0.0),
            mean: profile.mean.clone(),
            deviation: profile.deviation.clone(),
        }
    }
}

/// How one head's mean attention differs between two sets.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct DifferenceRow {
    /// The two sets, `first-second`.
    pub set: String,
    /// 1-based layer.
    pub layer: usize,
    /// 1-based head of the layer.
    pub head: usize,
    /// The head as `L1H1`.
    pub name: String,
    /// Whether the difference exceeds, at some position, what chance gives at any in 95 of 100 cases.
    pub exceeds: bool,
    /// Positions where it does.
    pub positions: usize,
    /// Where the absolute difference is largest, relative to the TSS; there is no 0.
    pub largest_position: isize,
    /// The difference there.
    pub largest: f64,
    /// Lower end of its 95 % interval; the choice of the position is not in it.
    pub largest_low: f64,
    /// Upper end of that.
    pub largest_high: f64,
    /// Half the sum of the absolute differences.
    pub moved_share: f64,
    /// Difference of the mean entropies in bits.
    pub entropy: f64,
    /// Lower end of its 95 % interval.
    pub entropy_low: f64,
    /// Upper end of that.
    pub entropy_high: f64,
    /// Standard errors that a difference must reach to exceed.
    pub limit: f64,
    /// Difference of the mean weights by distance from the query.
    pub difference: Vec<f64>,
    /// Lower end of its 95 % interval, distance by distance.
    pub low: Vec<f64>,
    /// Upper end of that.
    pub high: Vec<f64>,
    /// Whether it exceeds the limit, distance by distance.
    pub exceeds_at: Vec<bool>,
}

impl DifferenceRow {
    /// The row of one head.
    #[must_use]
    pub fn new(set: &str, contrast: &HeadContrast, label_shift: usize) -> Self {
        let HeadId { layer, head } = contrast.head;
        let largest = contrast.largest();
        let positions = contrast.exceeds.iter().filter(|exceeds| **exceeds).count();
        let nothing = Interval95 {
            low: f64::NAN,
            high: f64::NAN,
        };
        let there = contrast.interval.get(largest).copied().unwrap_or(nothing);
        Self {
            set: set.to_owned(),
            layer: layer + 1,
            head: head + 1,
            name: contrast.head.to_string(),
            exceeds: positions > 0,
            positions,
            largest_position: TssOffset::of_distance(label_shift, largest).number(),
            largest: contrast.difference.get(largest).copied().unwrap_or(0.0),
            largest_low: there.low,
            largest_high: there.high,
            moved_share: contrast.moved_share(),
            entropy: contrast.entropy_difference,
            entropy_low: contrast.entropy_interval.low,
            entropy_high: contrast.entropy_interval.high,
            limit: contrast.limit,
            difference: contrast.difference.clone(),
            low: contrast.interval.iter().map(|ends| ends.low).collect(),
            high: contrast.interval.iter().map(|ends| ends.high).collect(),
            exceeds_at: contrast.exceeds.clone(),
        }
    }
}

/// What a head's attention logits are made of, over one set of queries.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PartsRow {
    /// The set.
    pub set: String,
    /// 1-based layer.
    pub layer: usize,
    /// 1-based head of the layer.
    pub head: usize,
    /// The head as `L1H1`.
    pub name: String,
    /// Queries.
    pub n: usize,
    /// Shares of q·k, u·k, q·r and v·r in the variance of the logit over the keys of a query.
    pub shares: [f64; 4],
    /// Share of q·k and u·k together: what the sequence at the key decides.
    pub sequence: f64,
    /// Share of q·r and v·r together: what the distance decides.
    pub distance: f64,
    /// The variances of the four parts by themselves, in squared logits.
    pub variances: [f64; 4],
    /// The variance of the whole logit.
    pub total: f64,
}

impl PartsRow {
    /// The row of one head.
    #[must_use]
    pub fn new(set: &str, id: HeadId, moments: &PartMoments) -> Self {
        let shares = moments.shares();
        Self {
            set: set.to_owned(),
            layer: id.layer + 1,
            head: id.head + 1,
            name: id.to_string(),
            n: moments.n,
            sequence: shares[0] + shares[1],
            distance: shares[2] + shares[3],
            shares,
            variances: moments.variances(),
            total: moments.total(),
        }
    }
}

fn real(value: f64) -> String {
    if value.is_finite() {
        (value as f32).to_string()
    } else {
        "NA".to_owned()
    }
}

/// Writes profiles and differences in long form: a line for each set, head and position, upstream
/// first. Cells that make no sense for a line are `NA`.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_profiles(
    out: &mut impl Write,
    profiles: &[ProfileSummary],
    differences: &[DifferenceRow],
    label_shift: usize,
) -> io::Result<()> {
    writeln!(
        out,
        "set\tlayer\thead\tname\tdistance\tposition\tn\tmean\tdeviation\tlow\thigh\texceeds"
    )?;
    let position = |distance| TssOffset::of_distance(label_shift, distance).number();
    for row in profiles {
        let start = format!("{}\t{}\t{}\t{}", row.set, row.layer, row.head, row.name);
        for (distance, (mean, deviation)) in row.mean.iter().zip(&row.deviation).enumerate().rev() {
            let (mean, deviation) = (real(*mean), real(*deviation));
            let place = position(distance);
            let n = row.n;
            writeln!(
                out,
                "{start}\t{distance}\t{place}\t{n}\t{mean}\t{deviation}\tNA\tNA\tNA"
            )?;
        }
    }
    for row in differences {
        let start = format!("{}\t{}\t{}\t{}", row.set, row.layer, row.head, row.name);
        for distance in (0..row.difference.len()).rev() {
            let [mean, low, high] =
                [&row.difference, &row.low, &row.high].map(|v| real(v[distance]));
            let (place, exceeds) = (position(distance), row.exceeds_at[distance]);
            writeln!(
                out,
                "{start}\t{distance}\t{place}\tNA\t{mean}\tNA\t{low}\t{high}\t{exceeds}"
            )?;
        }
    }
    Ok(())
}

/// Writes one line a set and head: entropy, effective keys, sinks and peak.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_summaries(out: &mut impl Write, rows: &[ProfileSummary]) -> io::Result<()> {
    writeln!(
        out,
        "set\tlayer\thead\tname\tn\tentropy\tentropy_deviation\teffective_keys\tself_share\tedge_share\tpeak_position\tpeak_weight"
    )?;
    for row in rows {
        let numbers = [
            row.entropy,
            row.entropy_deviation,
            row.effective_keys,
            row.self_share,
            row.edge_share,
        ];
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            row.set,
            row.layer,
            row.head,
            row.name,
            row.n,
            numbers.map(real).join("\t"),
            row.peak_position,
            real(row.peak_weight)
        )?;
    }
    Ok(())
}

/// Writes one line for each pair of sets and head: where and by how much attention differs.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_differences(out: &mut impl Write, rows: &[DifferenceRow]) -> io::Result<()> {
    writeln!(
        out,
        "set\tlayer\thead\tname\texceeds\tpositions\tlargest_position\tlargest\tlargest_low\tlargest_high\tmoved_share\tentropy\tentropy_low\tentropy_high\tlimit"
    )?;
    for row in rows {
        let numbers = [
            row.largest,
            row.largest_low,
            row.largest_high,
            row.moved_share,
            row.entropy,
            row.entropy_low,
            row.entropy_high,
            row.limit,
        ];
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            row.set,
            row.layer,
            row.head,
            row.name,
            row.exceeds,
            row.positions,
            row.largest_position,
            numbers.map(real).join("\t")
        )?;
    }
    Ok(())
}

/// Writes one line a set and head: shares and variances of the four parts of its logits.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_parts(out: &mut impl Write, rows: &[PartsRow]) -> io::Result<()> {
    writeln!(
        out,
        "set\tlayer\thead\tname\tn\tsequence\tdistance\tshare_qk\tshare_uk\tshare_qr\tshare_vr\tvariance_qk\tvariance_uk\tvariance_qr\tvariance_vr\tvariance"
    )?;
    for row in rows {
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            row.set,
            row.layer,
            row.head,
            row.name,
            row.n,
            real(row.sequence),
            real(row.distance),
            row.shares.map(real).join("\t"),
            row.variances.map(real).join("\t"),
            real(row.total)
        )?;
    }
    Ok(())
}
