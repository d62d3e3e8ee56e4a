//! `headlight figure`: the genome view of a locus, or a page of panels from a description, as files.

use super::inputs::{self, Inputs, SiteInput};
use super::{output, with_progress};
use crate::attention::Received;
use crate::figure::export::{self, Format};
use crate::figure::scene::POINTS_PER_MM;
use crate::figure::svg::svg;
use crate::figure::theme::{BaseColors, Theme};
use crate::figure::{Provenance, Scene};
use crate::genome::{Genome, Strand};
use crate::job::figure::view_provenance;
use crate::job::figure_page::describe::{GenomePanel, SitesInput};
use crate::job::figure_page::inside::add_view;
use crate::job::figure_page::locus::{LocusSheet, locus_picture};
use crate::job::figure_page::{
    Description, RenderedPage, ShownView, Sidecar, Sources, render, sites_entries,
};
use crate::job::{example, genome_run, open};
use crate::model::Mode;
use crate::sites::SiteSet;
use anyhow::{Context as _, ensure};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `headlight figure`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    /// A figure description (TOML): a page of panels in millimetres
    #[arg(
        value_name = "FILE.toml",
        required_unless_present = "locus",
        conflicts_with_all = ["locus", "run", "strand", "color", "theme", "width"]
    )]
    description: Option<PathBuf>,
    #[command(flatten)]
    inputs: Inputs,
    /// Folder of a run over the whole genome, for loci too long to be computed [default: the embedded one]
    #[arg(long, value_name = "FOLDER")]
    run: Option<PathBuf>,
    /// Where: a locus (1-based, closed) or a gene
    #[arg(long, value_name = "LOCUS")]
    locus: Option<String>,
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
    /// Leave the page transparent
    #[arg(long)]
    transparent: bool,
    /// Where to write: .svg, .pdf or .png; may be repeated; - is standard output, as SVG
    #[arg(short, long, value_name = "FILE", required = true)]
    output: Vec<PathBuf>,
    /// Folder for the numbers behind the figure: one tab-separated table a panel
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Write no FILE.figure.json beside the figure
    #[arg(long)]
    no_sidecar: bool,
}

/// Whether the sizes can be drawn.
fn check(arguments: &Arguments) -> anyhow::Result<()> {
    for path in arguments.output.iter().filter(|path| !is_stdout(path)) {
        Format::from_path(path)?;
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
    Ok(())
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    check(arguments)?;
    match (&arguments.description, &arguments.locus) {
        (Some(path), _) => page(arguments, path)?,
        (None, Some(locus)) => view(arguments, locus)?,
        (None, None) => anyhow::bail!("name a figure description or a --locus"),
    }
    Ok(ExitCode::SUCCESS)
}

/// A page of panels.
fn page(arguments: &Arguments, path: &Path) -> anyhow::Result<()> {
    let mut description = Description::open(path)?;
    let given = &arguments.inputs;
    let named = &mut description.inputs;
    for (slot, path) in [
        (&mut named.genome, &given.genome),
        (&mut named.annotation, &given.annotation),
        (&mut named.model, &given.model.model),
    ] {
        if path.is_some() {
            slot.clone_from(path);
        }
    }
    if let Some(path) = &arguments.sites {
        named.sites = vec![SitesInput::File(path.clone())];
    }
    let (rendered, sidecar) = with_progress("drawing the page", |progress, cancel| {
        let mut sources = Sources::open(&description.inputs, progress, cancel)
            .map_err(anyhow::Error::from_boxed)?;
        sources.mode = given.model.settings(description.inputs.mode).mode;
        sources.numbers = arguments.data.is_some();
        let mut rendered = render(&description, &mut sources, progress, cancel)?;
        rendered.provenance.add("command", command());
        let sidecar = Sidecar::new(
            &rendered.provenance,
            rendered.views.clone(),
            Some(description.text.clone()),
        );
        Ok::<_, anyhow::Error>((rendered, sidecar))
    })?;
    write(arguments, rendered, &sidecar)
}

/// The genome view of a locus.
fn view(arguments: &Arguments, locus: &str) -> anyhow::Result<()> {
    let (genome, features) = arguments.inputs.open_genome()?;
    inputs::locus(locus, &genome, &features)?;
    let sites = known_sites(arguments, &genome)?;
    let model = arguments.inputs.model.open()?;
    let overview = if let Some(folder) = &arguments.run {
        let overview = genome_run::open_overview(folder)?;
        if let Some(reason) = genome_run::mismatch(&overview, &genome, &model) {
            anyhow::bail!("{}: {reason}", folder.display());
        }
        Some(overview)
    } else {
        let overview = example::overview().map_err(anyhow::Error::from_boxed)?;
        let fits = genome_run::mismatch(&overview, &genome, &model).is_none();
        fits.then_some(overview)
    };
    let mut sources = Sources::new(Arc::new(genome), Arc::new(features), Arc::new(model));
    sources.sites = sites;
    sources.overview = overview.map(Arc::new);
    sources.mode = arguments.inputs.model.settings(Mode::Seamless).mode;
    let (rule, theme) = (
        Received::from(arguments.color),
        Theme::from(arguments.theme),
    );
    sources.numbers = arguments.data.is_some();
    let panel = GenomePanel {
        strand: arguments.strand,
        ..GenomePanel::new(locus.to_owned(), rule)
    };
    let sheet = LocusSheet {
        width: arguments.width * POINTS_PER_MM,
        height: None,
        pixels_per_point: arguments.dpi / 72.0,
        theme,
        base_colors: BaseColors::Safe,
        title: None,
    };
    let drawn = with_progress("computing", |progress, cancel| {
        locus_picture(&mut sources, &panel, &sheet, progress, cancel)
            .map_err(anyhow::Error::from_boxed)
    })?;
    let mut provenance = view_provenance(
        &sources.genome,
        &sources.model,
        drawn.locus.clone(),
        drawn.strand,
        rule,
        sources.mode,
    );
    for (name, value) in sites_entries(&sources) {
        provenance.add(name, value);
    }
    let view = ShownView {
        rule,
        ..ShownView::new(drawn.locus, drawn.strand, theme)
    };
    add_view(&mut provenance, &view);
    provenance.add("command", command());
    let sidecar = Sidecar::new(&provenance, vec![view], None);
    let rendered = RenderedPage {
        scene: drawn.scene,
        provenance,
        views: Vec::new(),
        tables: vec![("genome-view.tsv".to_owned(), drawn.table)],
    };
    write(arguments, rendered, &sidecar)
}

/// Writes the picture in every form that was asked for, its numbers and where it comes from.
fn write(arguments: &Arguments, rendered: RenderedPage, sidecar: &Sidecar) -> anyhow::Result<()> {
    let RenderedPage {
        mut scene,
        provenance,
        tables,
        ..
    } = rendered;
    if arguments.transparent {
        scene.background = None;
    }
    for path in &arguments.output {
        write_picture(&scene, path, arguments.dpi, &provenance)?;
        if !is_stdout(path) && !arguments.no_sidecar {
            let json = sidecar.to_json()?;
            output::write(Some(&Sidecar::path_of(path)), |out| {
                Ok(out.write_all(json.as_bytes())?)
            })?;
        }
    }
    let Some(folder) = &arguments.data else {
        return Ok(());
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    for (name, table) in &tables {
        output::write(Some(&folder.join(name)), |out| {
            Ok(out.write_all(table.as_bytes())?)
        })?;
    }
    Ok(())
}

fn write_picture(
    scene: &Scene,
    path: &Path,
    dpi: f32,
    provenance: &Provenance,
) -> anyhow::Result<()> {
    if is_stdout(path) {
        let text = svg(scene, provenance);
        return output::write(None, |out| Ok(out.write_all(text.as_bytes())?));
    }
    with_progress("writing", |progress, cancel| {
        export::export_watched(scene, path, dpi, provenance, progress, cancel)
    })
}

/// The command line without the names of what it writes: the same figure has the same bytes under any name.
fn command() -> String {
    let mut words = vec!["headlight".to_owned()];
    let mut arguments = std::env::args().skip(1);
    while let Some(word) = arguments.next() {
        match word.as_str() {
            "-o" | "--output" | "--data" => {
                arguments.next();
            }
            _ if word.starts_with("--output=") || word.starts_with("--data=") => {}
            _ if word
                .chars()
                .all(|letter| letter.is_alphanumeric() || "-_./:,=+".contains(letter)) =>
            {
                words.push(word);
            }
            _ => words.push(format!("'{}'", word.replace('\'', "'\\''"))),
        }
    }
    words.join(" ")
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
