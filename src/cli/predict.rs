//! `headlight predict`: the model's probability at every position.

use super::inputs::{self, Inputs};
use super::{output, with_progress};
use crate::genome::{Contig, Interval, Strand};
use crate::model::Mode;
use crate::model::predict::{self, StrandSequence};
use clap::Args;
use std::path::PathBuf;
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
    /// Where to write; - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
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
    output::write(arguments.output.as_deref(), |out| {
        writeln!(out, "contig\tposition\tstrand\tprobability")?;
        for locus in loci {
            let contig = &genome.contigs[locus.contig];
            for &strand in &strands {
                for wanted in outputs_for(locus.interval, strand, shift, contig) {
                    let sequence = StrandSequence::new(contig, strand);
                    let label = format!("{} strand {strand}", contig.name);
                    let probabilities = with_progress(&label, |progress, cancel| {
                        predict::probabilities(
                            &model.kernel,
                            sequence,
                            wanted,
                            &settings,
                            progress,
                            cancel,
                        )
                    })?;
                    for (position, probability) in wanted.range().zip(probabilities) {
                        let shown = scored_by(position, strand, shift, contig.len());
                        writeln!(
                            out,
                            "{}\t{}\t{}\t{probability}",
                            contig.name,
                            shown + 1,
                            strand.sign()
                        )?;
                    }
                }
            }
        }
        Ok(())
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
