//! `headlight figure`: the genome view of a locus as a file, drawn as the window draws it.

use super::inputs::{self, Inputs, SiteInput};
use super::with_progress;
use crate::attention::{Overview, Received};
use crate::figure::export::{self, Format};
use crate::figure::theme::{BaseColors, Theme};
use crate::figure::viewport::Viewport;
use crate::genome::{FeatureSet, Genome, Strand, locus::grouped};
use crate::job::figure::{
    ShownSites, TrackLooks, TracksPage, ViewInputs, genome_view, locus_text, rule_name,
    surroundings, view_provenance,
};
use crate::job::live::EXPECTED_SAMPLE;
use crate::job::{example, genome_run, open};
use crate::model::predict::{self, StrandSequence};
use crate::model::{Mode, Model};
use crate::sites::SiteSet;
use anyhow::ensure;
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// The longest locus that is drawn, in bases.
const LONGEST_BP: usize = 200_000;
/// Points in a millimetre.
const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// Arguments of `headlight figure`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Folder of a run over the whole genome, for loci too long to be computed [default: the embedded one]
    #[arg(long, value_name = "FOLDER")]
    run: Option<PathBuf>,
    /// Where: a locus (1-based, closed) or a gene
    #[arg(long, value_name = "LOCUS")]
    locus: String,
    /// Known sites [default: the embedded CRP sites, on the embedded genome]
    #[arg(long, value_name = "FILE")]
    sites: Option<PathBuf>,
    #[command(flatten)]
    site_input: SiteInput,
    /// Strand of the head rows: + or - [default: the gene's own, else +]
    #[arg(long, allow_hyphen_values = true, value_name = "STRAND", value_parser = inputs::strand)]
    strand: Option<Strand>,
    /// Rule of the head rows
    #[arg(long, value_enum, default_value = "weighted")]
    color: super::view::RuleName,
    /// Colours
    #[arg(long, value_enum, default_value = "light")]
    theme: super::view::ThemeName,
    /// Width in millimetres; type keeps its size of 9 to 11 points
    #[arg(long, value_name = "MM", default_value_t = 250.0)]
    width: f32,
    /// Dots an inch of a PNG
    #[arg(long, value_name = "N", default_value_t = 300.0)]
    dpi: f32,
    /// Where to write: .svg or .png; - is standard output, as SVG
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// What a figure too wide for the model is drawn from: the run that was named, or the embedded one.
fn overview(
    arguments: &Arguments,
    genome: &Genome,
    model: &Model,
    mode: Mode,
    rule: Received,
    length_bp: usize,
) -> anyhow::Result<Overview> {
    let (overview, name) = match &arguments.run {
        Some(folder) => (
            genome_run::open_overview(folder)?,
            folder.display().to_string(),
        ),
        None => (
            example::overview().map_err(anyhow::Error::from_boxed)?,
            "the embedded run".to_owned(),
        ),
    };
    let advice = format!(
        "{} is {} bp long: above {} bp a figure is drawn from a run over the whole genome, so make one with \
         `headlight run` and name it with --run",
        arguments.locus,
        grouped(length_bp),
        grouped(LONGEST_BP)
    );
    if let Some(reason) = genome_run::mismatch(&overview, genome, model) {
        anyhow::bail!("{advice}. {name}: {reason}");
    }
    ensure!(
        overview.manifest.mode == mode.to_string() && overview.rules().contains(&rule),
        "{advice}. {name} is {} and keeps {}",
        overview.manifest.mode,
        overview
            .rules()
            .into_iter()
            .map(rule_name)
            .collect::<Vec<_>>()
            .join("; ")
    );
    Ok(overview)
}

/// Whether the sizes can be drawn; says whether the picture goes to standard output.
fn check(arguments: &Arguments) -> anyhow::Result<bool> {
    let to_stdout = arguments.output.as_os_str() == "-";
    if !to_stdout {
        Format::from_path(&arguments.output)?;
    }
    ensure!(
        (40.0..=2_000.0).contains(&arguments.width),
        "--width {}: expected 40 to 2000 mm",
        arguments.width
    );
    ensure!(
        (36.0..=2_400.0).contains(&arguments.dpi),
        "--dpi {}: expected 36 to 2400",
        arguments.dpi
    );
    Ok(to_stdout)
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let to_stdout = check(arguments)?;
    let (genome, features) = arguments.inputs.open_genome()?;
    let locus = inputs::locus(&arguments.locus, &genome, &features)?;
    let sites = known_sites(arguments, &genome)?;
    let model = arguments.inputs.model.open()?;
    let contig = &genome.contigs[locus.contig];
    let strand = arguments.strand.or(locus.strand).unwrap_or(Strand::Forward);
    let shown = surroundings(&locus, &features);
    let viewport = Viewport::new(locus.contig, contig.len(), shown.0, shown.1);
    let bases = viewport.interval();
    let settings = arguments.inputs.model.settings(Mode::Seamless);
    let rule = Received::from(arguments.color);
    let wide = bases.len() > LONGEST_BP;
    let overview = if wide || arguments.run.is_some() {
        Some(overview(
            arguments,
            &genome,
            &model,
            settings.mode,
            rule,
            bases.len(),
        )?)
    } else {
        None
    };
    let computed = with_progress("computing", |progress, cancel| {
        if wide {
            return Ok(None);
        }
        let expected = predict::measure_expected(
            &model.kernel,
            &genome,
            EXPECTED_SAMPLE,
            &settings,
            progress,
            cancel,
        )?;
        let sequence = StrandSequence::new(contig, strand);
        let tracks = predict::window_tracks(
            &model.kernel,
            sequence,
            bases,
            &expected,
            &settings,
            progress,
            cancel,
        )?;
        let sequence = StrandSequence::new(contig, strand.opposite());
        let other =
            predict::probabilities(&model.kernel, sequence, bases, &settings, progress, cancel)?;
        let page = TracksPage::new(tracks, model.head_shape());
        Ok::<_, crate::progress::Cancelled>(Some((page, other)))
    })?;
    let pages: Vec<&TracksPage> = computed.iter().map(|(page, _)| page).collect();
    let other_strand: Vec<(usize, &[f32])> = computed
        .iter()
        .map(|(_, other)| (bases.start, other.as_slice()))
        .collect();
    let title = format!("{}, strand {strand}", locus_text(contig, bases));
    let (scene, _) = genome_view(&ViewInputs {
        base_colors: BaseColors::Safe,
        genome: &genome,
        features: &features,
        start_sites: None::<&FeatureSet>,
        sites: &ShownSites::new(&sites, &BTreeSet::new()),
        model: &model,
        viewport,
        strand,
        rule,
        pages: &pages,
        other_strand: &other_strand,
        overview: overview.as_ref(),
        selected_head: None,
        width: arguments.width * POINTS_PER_MM,
        height: None,
        pixels_per_point: arguments.dpi / 72.0,
        theme: Theme::from(arguments.theme),
        title: Some(&title),
        selected: None,
        arcs: None,
        pinned: None,
        tracks: &TrackLooks::default(),
    });
    let locus = locus_text(contig, bases);
    let provenance = view_provenance(&genome, &model, locus, strand, rule, settings.mode);
    if to_stdout {
        let svg = export::encode(&scene, Format::Svg, arguments.dpi, &provenance)?;
        super::output::write(None, |out| Ok(out.write_all(&svg)?))?;
    } else {
        export::export(&scene, &arguments.output, arguments.dpi, &provenance)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The sites that were asked for; the embedded ones on the embedded genome.
fn known_sites(arguments: &Arguments, genome: &Genome) -> anyhow::Result<Vec<Arc<SiteSet>>> {
    let options = arguments.site_input.options();
    Ok(match (&arguments.sites, &arguments.inputs.genome) {
        (Some(path), _) => {
            let read = with_progress("reading the sites", |progress, cancel| {
                open::checked_sites(path, genome, &options, progress, cancel)
                    .map_err(anyhow::Error::from_boxed)
            })?;
            vec![Arc::new(read.0)]
        }
        (None, None) => vec![Arc::new(
            example::sites(genome).map_err(anyhow::Error::from_boxed)?,
        )],
        (None, Some(_)) => Vec::new(),
    })
}
