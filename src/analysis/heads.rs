//! One report and one table row a head: where it looks, what is there, and whether that is chance.

use super::consensus::{HeadMotif, MotifRule, head_motif};
use super::control::{Control, Permutations, positional_control};
use super::elements::{self, ElementMatch};
use super::halves;
use super::profile::{AnchorAttention, Glance, HeadProfile};
use super::similarity::Targets;
use super::windows::Surroundings;
use crate::attention::HeadId;
use crate::genome::TssOffset;
use crate::progress::{Cancel, Cancelled, Progress};
use rayon::prelude::*;
use std::io::{self, Write};

/// All that is known of one head.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadReport {
    /// The head.
    pub head: HeadId,
    /// Mean attention by distance.
    pub profile: HeadProfile,
    /// What lies at its strongest keys.
    pub motif: HeadMotif,
    /// Whether it follows the sequence; `None` without permutations or with too few windows.
    pub control: Option<Control>,
    /// Promoter elements in the motif, the most informative first.
    pub elements: Vec<ElementMatch>,
    /// The row of the table.
    pub summary: HeadSummary,
}

/// One row of the table of heads.
///
/// Layers, heads and positions are counted as people count: from 1, and without a 0 between −1 and 1.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeadSummary {
    /// 1-based layer.
    pub layer: usize,
    /// 1-based head of the layer.
    pub head: usize,
    /// Anchors that were looked at.
    pub n: usize,
    /// Mean entropy of a query's weights in bits.
    pub entropy: f64,
    /// Where the mean profile peaks, relative to the TSS.
    pub peak_position: isize,
    /// Consensus of the trimmed motif.
    pub consensus: String,
    /// Information content of the trimmed motif in bits.
    pub information_content: f64,
    /// The head as `L1H1`.
    pub name: String,
    /// The promoter element that the motif shows, or `other`.
    pub shows: String,
    /// Whether the held-out information exceeds the 99th percentile of the positional control.
    pub exceeds: Option<bool>,
    /// Held-out information content less the mean of the control, in bits.
    pub effect: Option<f64>,
    /// Lower end of its 95 % interval.
    pub effect_low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub effect_high: Option<f64>,
    /// Information content in bits of the windows that the motif was not cut from.
    pub held_out_information: Option<f64>,
    /// Mean of the same under the control.
    pub null_mean: Option<f64>,
    /// 99th percentile of the same under the control.
    pub null_p99: Option<f64>,
    /// Share of the control below the observed information, in percent.
    pub percentile: Option<f64>,
    /// (1 + permutations that reach it) / (1 + permutations).
    pub p: Option<f64>,
    /// Mean log-odds score in bits of the held-out windows against the motif of the others.
    pub held_out_score: Option<f64>,
    /// p of that score.
    pub score_p: Option<f64>,
    /// Anchors whose window lies on the contig.
    pub windows: usize,
    /// Different windows, which is what the motif counts.
    pub unique_windows: usize,
    /// Different windows that the motif was judged on.
    pub held_out_windows: Option<usize>,
    /// Correlation of the motifs of two halves of the genome.
    pub stability: Option<f64>,
    /// Where the motif's first base lies in the middle window, relative to the TSS.
    pub motif_start: Option<isize>,
    /// Where the strongest key lies most often, relative to the TSS.
    pub usual_position: Option<isize>,
    /// Share of the anchors whose strongest key lies exactly there.
    pub usual_share: f64,
    /// Mean weight at the profile's peak.
    pub peak_weight: f64,
    /// Standard deviation of the entropy over the anchors.
    pub entropy_deviation: f64,
    /// 2 to the power of the entropy.
    pub effective_keys: f64,
    /// Mean weight on the query itself.
    pub self_share: f64,
    /// Mean weight on the oldest key.
    pub edge_share: f64,
}

impl HeadSummary {
    fn new(
        profile: &HeadProfile,
        motif: &HeadMotif,
        control: Option<&Control>,
        elements: &[ElementMatch],
        surroundings: &Surroundings,
        usual: Option<(usize, usize)>,
    ) -> Self {
        let shift = surroundings.label_shift();
        let of = |value: fn(&Control) -> f64| control.map(value);
        let start = elements::median_position(motif, surroundings);
        Self {
            layer: profile.head.layer + 1,
            head: profile.head.head + 1,
            n: profile.n,
            entropy: profile.entropy_bits,
            peak_position: profile.peak_position(shift).number(),
            consensus: motif.consensus.clone(),
            information_content: motif.information_bits,
            name: profile.head.to_string(),
            shows: elements::shows(elements),
            exceeds: control.map(|control| control.information.exceeds),
            effect: of(|control| control.information.effect()),
            effect_low: of(|control| control.effect_interval[0]),
            effect_high: of(|control| control.effect_interval[1]),
            held_out_information: of(|control| control.information.observed),
            null_mean: of(|control| control.information.null_mean),
            null_p99: of(|control| control.information.null_p99).filter(|bits| bits.is_finite()),
            percentile: of(|control| control.information.percentile),
            p: of(|control| control.information.p),
            held_out_score: of(|control| control.score.observed),
            score_p: of(|control| control.score.p),
            windows: motif.n,
            unique_windows: motif.windows.len(),
            held_out_windows: control.map(|control| control.held_out_windows),
            stability: motif.stability,
            motif_start: start.map(|at| {
                let core = TssOffset(at.0 + motif.core.start.cast_signed());
                core.number()
            }),
            usual_position: usual
                .map(|(distance, _)| TssOffset::of_distance(shift, distance).number()),
            usual_share: usual.map_or(0.0, |(_, times)| times as f64 / profile.n.max(1) as f64),
            peak_weight: profile.peak().1.max(0.0),
            entropy_deviation: profile.entropy_deviation,
            effective_keys: profile.effective_keys(),
            self_share: profile.self_share(),
            edge_share: profile.edge_share(),
        }
    }

    /// Column names and values in the order of the table; `NA` where there is no value.
    #[must_use]
    pub fn cells(&self) -> Vec<(&'static str, String)> {
        fn optional<T: ToString>(value: Option<T>) -> String {
            value.map_or_else(|| "NA".to_owned(), |value| value.to_string())
        }
        let real = |value: f64| (value as f32).to_string();
        let bits = |value: Option<f64>| value.map_or_else(|| "NA".to_owned(), real);
        vec![
            ("layer", self.layer.to_string()),
            ("head", self.head.to_string()),
            ("n", self.n.to_string()),
            ("entropy", real(self.entropy)),
            ("peak_position", self.peak_position.to_string()),
            ("consensus", self.consensus.clone()),
            ("information_content", real(self.information_content)),
            ("name", self.name.clone()),
            ("shows", self.shows.clone()),
            ("exceeds", optional(self.exceeds)),
            ("effect", bits(self.effect)),
            ("effect_low", bits(self.effect_low)),
            ("effect_high", bits(self.effect_high)),
            ("held_out_information", bits(self.held_out_information)),
            ("null_mean", bits(self.null_mean)),
            ("null_p99", bits(self.null_p99)),
            ("percentile", bits(self.percentile)),
            ("p", bits(self.p)),
            ("held_out_score", bits(self.held_out_score)),
            ("score_p", bits(self.score_p)),
            ("windows", self.windows.to_string()),
            ("unique_windows", self.unique_windows.to_string()),
            ("held_out_windows", optional(self.held_out_windows)),
            ("stability", bits(self.stability)),
            ("motif_start", optional(self.motif_start)),
            ("usual_position", optional(self.usual_position)),
            ("usual_share", real(self.usual_share)),
            ("peak_weight", real(self.peak_weight)),
            ("entropy_deviation", real(self.entropy_deviation)),
            ("effective_keys", real(self.effective_keys)),
            ("self_share", real(self.self_share)),
            ("edge_share", real(self.edge_share)),
        ]
    }
}

/// Reports on every head, layer by layer.
///
/// `attention` has one glance a row of `surroundings`. Without permutations (a count of 0) the
/// control is left out. `targets` asks the control for a library's score too. `progress` advances by one a permutation; its total, `heads x permutations`, is
/// left to the caller.
///
/// # Errors
/// [`Cancelled`].
pub fn reports(
    surroundings: &Surroundings,
    attention: &AnchorAttention,
    rule: &MotifRule,
    targets: Option<&Targets>,
    permutations: Permutations,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<HeadReport>, Cancelled> {
    let shape = attention.shape;
    // Beyond this gap no two queries see the same base.
    let apart_bp = surroundings.context() + 2 * rule.flank();
    let held_out = halves::held_out(surroundings.anchors(), apart_bp);
    (0..shape.len())
        .into_par_iter()
        .map(|row| {
            cancel.check()?;
            let head = shape.head(row);
            let glances = &attention.heads[row].glances;
            let profile = attention.profile(head);
            let motif = head_motif(&head.to_string(), surroundings, glances, &held_out, rule);
            let control = if permutations.count == 0 {
                None
            } else {
                positional_control(
                    surroundings,
                    glances,
                    &held_out,
                    rule,
                    targets,
                    permutations,
                    row as u64,
                    progress,
                    cancel,
                )?
            };
            let elements = elements::elements(&motif, surroundings, rule);
            let summary = HeadSummary::new(
                &profile,
                &motif,
                control.as_ref(),
                &elements,
                surroundings,
                usual(glances, surroundings.context()),
            );
            Ok(HeadReport {
                head,
                profile,
                motif,
                control,
                elements,
                summary,
            })
        })
        .collect()
}

/// The distance that is strongest most often (the nearest of equals), and how often.
fn usual(glances: &[Option<Glance>], context: usize) -> Option<(usize, usize)> {
    let mut times = vec![0_usize; context];
    for glance in glances.iter().flatten() {
        if let Some(count) = times.get_mut(usize::from(glance.distance)) {
            *count += 1;
        }
    }
    let mut best = None;
    for (distance, count) in times.into_iter().enumerate() {
        if count > best.map_or(0, |(_, most)| most) {
            best = Some((distance, count));
        }
    }
    best
}

/// Writes the table of heads, one row a head, tab-separated with a header.
///
/// # Errors
/// Whatever `out` reports.
pub fn write_heads_tsv<'a>(
    out: &mut impl Write,
    rows: impl IntoIterator<Item = &'a HeadSummary>,
) -> io::Result<()> {
    for (index, row) in rows.into_iter().enumerate() {
        let (names, values): (Vec<&str>, Vec<String>) = row.cells().into_iter().unzip();
        if index == 0 {
            writeln!(out, "{}", names.join("\t"))?;
        }
        writeln!(out, "{}", values.join("\t"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::planted::Planted;
    use super::*;
    use crate::attention::{AttentionSink, HeadShape, Tile};

    const CONTEXT: usize = 64;

    /// One head that follows the planted motif, one that always looks 26 bases back.
    fn attention(planted: &Planted) -> AnchorAttention {
        let shape = HeadShape {
            layers: 1,
            heads: 2,
        };
        let mut all = AnchorAttention::new(shape, CONTEXT);
        for &distance in planted.distances() {
            let mut sink = super::super::profile::AnchorSink::new(shape, CONTEXT, vec![100]);
            for (head, distance) in shape.all().zip([distance, 26]) {
                let mut weights = vec![0.25 / 63.0; CONTEXT];
                weights[CONTEXT - 1 - distance] = 0.75;
                sink.take(&Tile {
                    head,
                    first_query: 100,
                    first_key: 100 + 1 - CONTEXT.cast_signed(),
                    queries: 1,
                    stride: CONTEXT,
                    context: CONTEXT,
                    weights: &weights,
                });
            }
            all.append(&sink.into_attention());
        }
        all
    }

    #[test]
    fn the_following_head_exceeds_and_the_blind_one_does_not() -> io::Result<()> {
        let planted = Planted::new(120, b"TTGACA", 15..46, 8);
        let rule = MotifRule::default();
        let cut = planted.surroundings(CONTEXT, &rule);
        let permutations = Permutations {
            count: 199,
            seed: 3,
        };
        let progress = Progress::default();
        let run = |permutations, progress: &Progress| {
            reports(
                &cut,
                &attention(&planted),
                &rule,
                None,
                permutations,
                progress,
                &Cancel::default(),
            )
            .expect("not cancelled")
        };
        let reports = run(permutations, &progress);
        assert_eq!(progress.done(), 2 * 199);
        let [follows, blind] = [&reports[0].summary, &reports[1].summary];
        assert_eq!(
            (follows.name.as_str(), follows.exceeds),
            ("L1H1", Some(true))
        );
        assert!(follows.consensus.contains("TTGACA"));
        assert_eq!((blind.name.as_str(), blind.exceeds), ("L1H2", Some(false)));
        assert_eq!(
            (blind.usual_position, blind.peak_position),
            (Some(-26), -26)
        );
        assert!((blind.usual_share - 1.0).abs() < 1e-12 && follows.usual_share < 0.3);
        assert!((blind.p.unwrap_or_default() - 1.0).abs() < 1e-12);
        let mut out = Vec::new();
        write_heads_tsv(&mut out, reports.iter().map(|report| &report.summary))?;
        let text = String::from_utf8_lossy(&out);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with(
            "layer\thead\tn\tentropy\tpeak_position\tconsensus\tinformation_content\t"
        ));
        let columns = lines[0].split('\t').count();
        assert!(lines.iter().all(|line| line.split('\t').count() == columns));
        let json = serde_json::to_string(follows).map_err(io::Error::other)?;
        let back: HeadSummary = serde_json::from_str(&json).map_err(io::Error::other)?;
        assert_eq!(back.name, follows.name);
        let none = Permutations { count: 0, seed: 3 };
        let reports = run(none, &Progress::default());
        assert_eq!(reports[0].control, None);
        assert!(reports[0].summary.cells().contains(&("p", "NA".to_owned())));
        Ok(())
    }

    #[test]
    fn threads_do_not_change_the_numbers() {
        let planted = Planted::new(60, b"TTGACA", 15..46, 9);
        let rule = MotifRule::default();
        let cut = planted.surroundings(CONTEXT, &rule);
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .expect("threads");
            let permutations = Permutations { count: 50, seed: 1 };
            pool.install(|| {
                reports(
                    &cut,
                    &attention(&planted),
                    &rule,
                    None,
                    permutations,
                    &Progress::default(),
                    &Cancel::default(),
                )
            })
        };
        assert_eq!(run(1), run(3));
    }
}
