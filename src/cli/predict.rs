//! `headlight predict`: the model's probability at every position.

use super::inputs::{self, Inputs};
use super::interval_file::IntervalFormat;
use super::track_file::{TrackFormat, described, write_arrays, write_track};
use super::{output, with_progress};
use crate::analysis::anchors::PeakRule;
use crate::attention::write::{Array, Piece};
use crate::genome::write::anchors::AnchorRow;
use crate::genome::{Contig, Genome, Interval, Locus, Strand};
use crate::job::figure::provenance;
use crate::job::heads::predicted_anchors;
use crate::model::predict::{self, StrandSequence};
use crate::model::{Mode, Model, Settings};
use anyhow::ensure;
use clap::Args;
use serde_json::Value;
use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `headlight predict`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Where: a locus (1-based, closed) or a gene [default: everything]
    #[arg(long, value_name = "LOCUS")]
    locus: Option<String>,
    /// Strand to read: +, - or both
    #[arg(
        long,
        default_value = "both",
        allow_hyphen_values = true,
        value_name = "STRAND"
    )]
    strand: String,
    /// Print each probability at the start site that it scores instead of at the model's output
    #[arg(long)]
    at_tss: bool,
    /// Write only the peaks: the start sites that stand out on their strand. Also with -o X.bed or X.gff3
    #[arg(long)]
    peaks: bool,
    /// Peaks: the least probability
    #[arg(long, value_name = "P", default_value_t = 0.3, value_parser = probability)]
    threshold: f32,
    /// Peaks: the most, best first [default: all]
    #[arg(long, value_name = "N")]
    count: Option<usize>,
    /// Peaks: none nearer than this to a higher one of its strand, in bases
    #[arg(long, value_name = "BP", default_value_t = 50)]
    apart: u32,
    /// Where to write: .tsv, .bw, .bedgraph, .npy or .safetensors, peaks also .bed or .gff3; - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn probability(text: &str) -> Result<f32, String> {
    let number: Option<f32> = text.parse().ok();
    let within = number.filter(|number| (0.0..=1.0).contains(number));
    within.ok_or_else(|| format!("'{text}' is no probability: expected 0 to 1"))
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let strands = inputs::strands(&arguments.strand).map_err(anyhow::Error::msg)?;
    let (genome, features) = arguments.inputs.open_genome()?;
    let loci = inputs::loci(arguments.locus.as_deref(), &genome, &features)?;
    let model = arguments.inputs.model.open()?;
    let settings = arguments.inputs.model.settings(Mode::Faithful);
    let shift = if arguments.at_tss {
        model.config().label_shift
    } else {
        0
    };
    let signs: String = strands.iter().map(|strand| strand.sign()).collect();
    let path = arguments.output.as_deref();
    if arguments.peaks || is_intervals(path) {
        return peaks(arguments, &genome, &model, &loci, &strands);
    }
    let runs = Runs {
        model: &model,
        genome: &genome,
        loci: &loci,
        strands: &strands,
        shift,
        settings: &settings,
    };
    let Some((path, format)) = path.and_then(|path| Some((path, TrackFormat::of(path)?))) else {
        path.map_or(Ok(IntervalFormat::Table), IntervalFormat::checked)?;
        output::write(path, |out| {
            writeln!(out, "contig\tposition\tstrand\tprobability")?;
            runs.each(|run| {
                let (name, sign) = (&genome.contigs[run.contig].name, run.strand.sign());
                for (position, probability) in (run.first + 1..).zip(run.probabilities) {
                    writeln!(out, "{name}\t{position}\t{sign}\t{probability}")?;
                }
                Ok(())
            })
        })?;
        return Ok(ExitCode::SUCCESS);
    };
    let one_strand = matches!(format, TrackFormat::Bigwig | TrackFormat::Bedgraph);
    ensure!(
        !one_strand || strands.len() == 1,
        "{}: a track holds one strand; add --strand + or --strand -, or use `headlight tracks`, which writes a file for each",
        path.display()
    );
    let mut found: Vec<Run> = Vec::new();
    runs.each(|run| {
        found.push(run);
        Ok(())
    })?;
    if one_strand {
        let pieces: Vec<Piece<'_>> = found.iter().map(Run::piece).collect();
        let name = format!("P(TSS) {signs}");
        write_track(path, format, &name, &pieces, &genome)?;
    } else {
        let arrays = arrays(found, &genome, format, path)?;
        write_arrays(path, format, &arrays, &description(&genome, &model, &signs))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a name asks for intervals: the peaks.
fn is_intervals(path: Option<&Path>) -> bool {
    path.is_some_and(|path| IntervalFormat::of(path) != IntervalFormat::Table)
}

/// What is to be run.
struct Runs<'a> {
    model: &'a Model,
    genome: &'a Genome,
    loci: &'a [Locus],
    strands: &'a [Strand],
    shift: usize,
    settings: &'a Settings,
}

/// Probabilities of consecutive bases on one strand.
struct Run {
    contig: usize,
    strand: Strand,
    /// The base of the first one, 0-based.
    first: usize,
    probabilities: Vec<f32>,
}

impl Run {
    fn piece(&self) -> Piece<'_> {
        Piece {
            contig: self.contig,
            first: self.first,
            values: &self.probabilities,
        }
    }
}

impl Runs<'_> {
    /// Runs one stretch after another, each in forward order.
    fn each(&self, mut take: impl FnMut(Run) -> anyhow::Result<()>) -> anyhow::Result<()> {
        for locus in self.loci {
            let contig = &self.genome.contigs[locus.contig];
            for &strand in self.strands {
                for wanted in outputs_for(locus.interval, strand, self.shift, contig) {
                    let sequence = StrandSequence::new(contig, strand);
                    let label = format!("{} strand {strand}", contig.name);
                    let (kernel, settings) = (&self.model.kernel, self.settings);
                    let probabilities = with_progress(&label, |progress, cancel| {
                        predict::probabilities(kernel, sequence, wanted, settings, progress, cancel)
                    })?;
                    take(Run {
                        contig: locus.contig,
                        strand,
                        first: scored_by(wanted.start, strand, self.shift, contig.len()),
                        probabilities,
                    })?;
                }
            }
        }
        Ok(())
    }
}

/// npy holds one stretch: `[base]`, or `[strand, base]` for both strands. safetensors holds any,
/// called by their places.
fn arrays(
    runs: Vec<Run>,
    genome: &Genome,
    format: TrackFormat,
    path: &Path,
) -> anyhow::Result<Vec<Array>> {
    if format == TrackFormat::Safetensors {
        let named = |run: Run| Array {
            name: format!(
                "{}:{}-{}:{}",
                genome.contigs[run.contig].name,
                run.first + 1,
                run.first + run.probabilities.len(),
                run.strand.sign()
            ),
            shape: vec![run.probabilities.len()],
            values: run.probabilities,
        };
        return Ok(runs.into_iter().map(named).collect());
    }
    let first = runs
        .first()
        .map(|run| (run.contig, run.first, run.probabilities.len()));
    let same = |run: &Run| Some((run.contig, run.first, run.probabilities.len())) == first;
    ensure!(
        (1..=2).contains(&runs.len()) && runs.iter().all(same),
        "{}: npy holds one array; choose one contig with --locus, or a name that ends in .safetensors",
        path.display()
    );
    let length = runs[0].probabilities.len();
    let shape = match runs.len() {
        1 => vec![length],
        strands => vec![strands, length],
    };
    Ok(vec![Array {
        name: String::new(),
        shape,
        values: runs.into_iter().flat_map(|run| run.probabilities).collect(),
    }])
}

fn description(genome: &Genome, model: &Model, strands: &str) -> Value {
    let provenance = provenance(genome, model, &[("strands", strands.to_owned())]);
    Value::Object(described(&provenance))
}

/// Writes the start sites that the model predicts, as far as they stand out.
fn peaks(
    arguments: &Arguments,
    genome: &Genome,
    model: &Model,
    loci: &[Locus],
    strands: &[Strand],
) -> anyhow::Result<ExitCode> {
    let mode = arguments.inputs.model.settings(Mode::Faithful).mode;
    let rule = PeakRule {
        window_bp: arguments.apart as usize,
        min_probability: 0.0,
        count: usize::MAX,
    };
    let mut rows: Vec<AnchorRow> = Vec::new();
    for locus in loci {
        let region = Locus {
            strand: (strands.len() == 1).then(|| strands[0]),
            ..*locus
        };
        let label = &genome.contigs[locus.contig].name;
        let found = with_progress(label, |progress, cancel| {
            predicted_anchors(&model.kernel, genome, region, rule, mode, progress, cancel)
        })?;
        rows.extend(found.into_iter().map(|peak| AnchorRow {
            anchor: peak.anchor,
            probability: Some(peak.probability),
        }));
    }
    // The best of all contigs; then in the order of the genome.
    rows.sort_by(|a, b| {
        b.probability
            .partial_cmp(&a.probability)
            .unwrap_or(Ordering::Equal)
    });
    let most_likely = rows.first().and_then(|row| row.probability);
    rows.truncate(arguments.count.unwrap_or(usize::MAX));
    rows.retain(|row| row.probability >= Some(arguments.threshold));
    if let Some(probability) = most_likely.filter(|_| rows.is_empty()) {
        eprintln!(
            "No start site here has a probability of {}; the most likely one has {probability:.3}. --threshold sets another bar.",
            arguments.threshold
        );
    }
    rows.sort_by_key(|row| (row.anchor.contig, row.anchor.position, row.anchor.strand));
    let path = arguments.output.as_deref();
    let format = path.map_or(Ok(IntervalFormat::Table), IntervalFormat::checked)?;
    output::write(path, |mut out| {
        Ok(format.write_anchors(&rows, genome, &mut out)?)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The forward position that the output at `position` scores: `shift` bases upstream on its strand.
fn scored_by(position: usize, strand: Strand, shift: usize, length_bp: usize) -> usize {
    match strand {
        Strand::Forward => (position + length_bp - shift % length_bp) % length_bp,
        Strand::Reverse => (position + shift) % length_bp,
    }
}

/// The model's outputs, on the forward strand, that score the bases `shown`, in the order of these bases.
///
/// On a circular contig they may lie across its origin; what leaves a linear one is dropped.
fn outputs_for(shown: Interval, strand: Strand, shift: usize, contig: &Contig) -> Vec<Interval> {
    let length_bp = contig.len();
    if length_bp == 0 {
        return Vec::new();
    }
    let shift = if contig.circular {
        shift % length_bp
    } else {
        shift.min(length_bp)
    };
    let (inside, across) = match strand {
        Strand::Forward => {
            let moved = Interval {
                start: shown.start + shift,
                end: shown.end + shift,
            };
            let across = Interval::new(
                moved.start.max(length_bp) - length_bp,
                moved.end.max(length_bp) - length_bp,
            );
            (
                [moved.intersection(Interval::new(0, length_bp)), across],
                across,
            )
        }
        Strand::Reverse => {
            let inside = Interval::new(
                shown.start.saturating_sub(shift),
                shown.end.saturating_sub(shift),
            );
            let before = shown.intersection(Interval::new(0, shift));
            let across = Interval::new(
                length_bp + before.start - shift,
                length_bp + before.end - shift,
            );
            ([across, inside], across)
        }
    };
    inside
        .into_iter()
        .filter(|piece| !piece.is_empty() && (contig.circular || *piece != across))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Base;

    fn contig(circular: bool) -> Contig {
        Contig {
            circular,
            sequence: (0..100).map(|_| Base::A).collect(),
            ..Contig::default()
        }
    }

    #[test]
    fn what_leaves_a_linear_contig_is_dropped() {
        let (whole, contig) = (Interval::new(0, 100), contig(false));
        assert_eq!(
            outputs_for(whole, Strand::Forward, 20, &contig),
            [Interval::new(20, 100)]
        );
        assert_eq!(
            outputs_for(whole, Strand::Reverse, 20, &contig),
            [Interval::new(0, 80)]
        );
        assert_eq!(
            outputs_for(Interval::new(50, 60), Strand::Reverse, 20, &contig),
            [Interval::new(30, 40)]
        );
        assert!(outputs_for(Interval::new(90, 100), Strand::Forward, 20, &contig).is_empty());
        assert!(outputs_for(Interval::new(0, 10), Strand::Reverse, 20, &contig).is_empty());
        assert_eq!(outputs_for(whole, Strand::Forward, 0, &contig), [whole]);
        assert_eq!(outputs_for(whole, Strand::Reverse, 0, &contig), [whole]);
    }

    #[test]
    fn on_a_circle_every_base_is_scored_once_and_in_order() {
        let contig = contig(true);
        for strand in Strand::BOTH {
            for shift in [0, 20, 99, 120] {
                for shown in [
                    Interval::new(0, 100),
                    Interval::new(85, 95),
                    Interval::new(3, 40),
                ] {
                    let scored: Vec<usize> = outputs_for(shown, strand, shift, &contig)
                        .into_iter()
                        .flat_map(Interval::range)
                        .map(|position| scored_by(position, strand, shift, 100))
                        .collect();
                    assert_eq!(
                        scored,
                        shown.range().collect::<Vec<_>>(),
                        "{strand} {shift} {shown}"
                    );
                }
            }
        }
    }
}
