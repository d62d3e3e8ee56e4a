//! The command line: one file a subcommand, the same jobs as in the window.

mod ablate;
mod attention;
mod compare;
mod convert;
mod evaluate;
mod figure;
mod find;
mod heads;
mod inputs;
mod inspect;
mod interval_file;
mod mutate;
mod name;
mod novel;
mod output;
mod own_files;
mod predict;
mod profile;
mod redundancy;
mod report;
mod run;
mod track_file;
mod tracks;
mod train;
pub mod view;

use crate::progress::{Cancel, Progress};
use clap::{Parser, Subcommand};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// See what each attention head of a DNA transformer looks at.
///
/// Without a command a window opens on the embedded example: E. coli K-12 with its genes, CRP sites and a model.
#[derive(Debug, Parser)]
#[command(
    name = "headlight",
    version,
    arg_required_else_help = false,
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Files to open in the window: genome, annotation, sites, start sites, motifs, model
    files: Vec<std::path::PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the window
    View(view::Arguments),
    /// Probability of a transcription start site at every position, as TSV
    Predict(predict::Arguments),
    /// The model over the whole genome: probability and attention of both strands, as arrays on disk
    Run(run::Arguments),
    /// Attention weights of one head over a locus, as TSV
    Attention(attention::Arguments),
    /// What heads look at along a locus, as tracks for genome browsers or as arrays
    Tracks(tracks::Arguments),
    /// Profile, logo and positional control of every head over start sites
    Heads(heads::Arguments),
    /// Which known motif every head shows: motif against library, under the positional control
    Name(name::Arguments),
    /// Peaks of attention that overlap no known site, with a false discovery rate from shuffled genomes
    Novel(novel::Arguments),
    /// Where every head looks over start sites, matched positions, false predictions and σ factors, and what decides that
    Profile(profile::Arguments),
    /// Which heads do the same: similarity and tree, or heads matched between two models
    Redundancy(redundancy::Arguments),
    /// Every head in one self-contained HTML page, with tables of other subcommands
    Report(report::Arguments),
    /// Heads against known binding sites: which head looks at the sites of which transcription factor
    Compare(compare::Arguments),
    /// The genome view of a locus as SVG or PNG
    /// The genome view of a locus, or a page of panels from a description, as SVG, PDF or PNG
    Figure(figure::Arguments),
    /// Where a pattern of bases (IUPAC codes) occurs, on both strands, as TSV, BED or JSON
    Find(find::Arguments),
    /// What a file holds, or what is wrong with it: genome, annotation, sites, motifs, model, workspace, figure, training run
    Inspect(inspect::Arguments),
    /// Train a model on labels of a genome
    Train(train::Arguments),
    /// How well a model predicts labels: ROC AUC, average precision, peaks, calibration, baselines
    Evaluate(evaluate::Arguments),
    /// What the model loses without a head: loss, average precision, scores at start sites
    Ablate(ablate::Arguments),
    /// What each base of a locus does to a start site, beside gradients and attention
    Mutate(mutate::Arguments),
    /// Write a file in another form: a genome as 2bit, genes as a table, sites as BED or GFF3, motifs as MEME or JASPAR, a model as safetensors
    Convert(convert::Arguments),
}

/// Opens the window that the arguments ask for, and returns when it has closed.
pub type OpenWindow = fn(view::Arguments) -> anyhow::Result<()>;

/// Runs the program with the arguments of the process and prints an error once, with its causes.
#[must_use]
pub fn main(open_window: OpenWindow) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no failures. Nothing helps where not even this can be printed.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    match run(arguments, open_window) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("headlight: {}", crate::job::job::chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments, open_window: OpenWindow) -> anyhow::Result<ExitCode> {
    let view = |arguments: view::Arguments| {
        if let Some(missing) = arguments.files.iter().find(|path| !path.exists()) {
            anyhow::bail!("there is no file {}", missing.display());
        }
        open_window(arguments).map(|()| ExitCode::SUCCESS)
    };
    match arguments.command {
        None => view(view::Arguments {
            files: arguments.files,
            ..Default::default()
        }),
        Some(Command::View(arguments)) => view(arguments),
        Some(Command::Predict(arguments)) => predict::run(&arguments),
        Some(Command::Run(arguments)) => run::run(&arguments),
        Some(Command::Attention(arguments)) => attention::run(&arguments),
        Some(Command::Tracks(arguments)) => tracks::run(&arguments),
        Some(Command::Heads(arguments)) => heads::run(&arguments),
        Some(Command::Name(arguments)) => name::run(&arguments),
        Some(Command::Novel(arguments)) => novel::run(&arguments),
        Some(Command::Profile(arguments)) => profile::run(&arguments),
        Some(Command::Redundancy(arguments)) => redundancy::run(&arguments),
        Some(Command::Report(arguments)) => report::run(&arguments),
        Some(Command::Compare(arguments)) => compare::run(&arguments),
        Some(Command::Figure(arguments)) => figure::run(&arguments),
        Some(Command::Find(arguments)) => find::run(&arguments),
        Some(Command::Inspect(arguments)) => inspect::run(&arguments),
        Some(Command::Train(arguments)) => train::run(&arguments),
        Some(Command::Evaluate(arguments)) => evaluate::run(&arguments),
        Some(Command::Ablate(arguments)) => ablate::run(&arguments),
        Some(Command::Mutate(arguments)) => mutate::run(&arguments),
        Some(Command::Convert(arguments)) => convert::run(&arguments),
    }
}

/// A reader that has seen enough, such as `head`, is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Runs `work` with a progress bar on a terminal, and nothing at all elsewhere.
fn with_progress<T, E>(
    label: &str,
    work: impl FnOnce(&Progress, &Cancel) -> Result<T, E> + Send,
) -> anyhow::Result<T>
where
    T: Send,
    E: Into<anyhow::Error> + Send,
{
    use std::io::IsTerminal as _;
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let result = if std::io::stderr().is_terminal() {
        let bar = indicatif::ProgressBar::new(0);
        let style =
            indicatif::ProgressStyle::with_template("{msg} {wide_bar} {percent}% {per_sec} {eta}")
                .unwrap_or_else(|_| indicatif::ProgressStyle::default_bar());
        bar.set_style(style);
        bar.set_message(label.to_owned());
        let result = std::thread::scope(|scope| {
            let worker = scope.spawn(|| work(&progress, &cancel));
            while !worker.is_finished() {
                bar.set_length(progress.total().max(1));
                bar.set_position(progress.done());
                std::thread::sleep(std::time::Duration::from_millis(60));
            }
            worker.join()
        });
        bar.finish_and_clear();
        result
    } else {
        catch_unwind(AssertUnwindSafe(|| work(&progress, &cancel)))
    };
    match result {
        Ok(result) => result.map_err(Into::into),
        Err(panic) => Err(anyhow::anyhow!(
            "the program met a case that it was not written for: {}",
            crate::job::job::panic_text(panic.as_ref())
        )),
    }
}
