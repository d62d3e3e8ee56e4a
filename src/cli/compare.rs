//! `headlight compare`: heads against known binding sites.

use super::inputs::{self, Inputs, SiteInput};
use super::track_file::described;
use super::{output, with_progress};
use crate::analysis::association::{Draws, Null};
use crate::genome::read::{Input, promoters};
use crate::genome::{Genome, Strand, find};
use crate::job::compare::{CompareRequest, CompareRule, Compared, Part, compare, evidence_word};
use crate::job::figure::provenance;
use crate::job::open::{anchor_file, checked_sites};
use crate::model::Mode;
use crate::progress::{Cancel, Progress};
use crate::sites::Evidence;
use anyhow::Context as _;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `headlight compare`.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Known binding sites: RegulonDB, EcoCyc, BED, GFF3 or a table
    #[arg(long, value_name = "FILE")]
    sites: PathBuf,
    #[command(flatten)]
    site_input: SiteInput,
    /// Start sites: BED, GFF3 or a table [default: those of the annotation, else the model's own top predictions]
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    /// Table of promoters with position, strand, name and σ factor [default: the file of --anchors, where it says so]
    #[arg(long, value_name = "FILE")]
    promoters: Option<PathBuf>,
    /// What the sites are compared with: promoters permuted, all sites shifted, matched windows, or shuffled genomes
    #[arg(long, value_enum, value_name = "NULL", default_value_t = NullName::Promoter)]
    null: NullName,
    /// Draws for every cell
    #[arg(long, value_name = "N", default_value_t = Draws::default().permutations as u32, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    permutations: u32,
    /// Draws for cells with fewer than ten exceedances
    #[arg(long, value_name = "N", default_value_t = Draws::default().most as u32, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    most_permutations: u32,
    /// Shuffled genomes of --null shuffle
    #[arg(long, value_name = "N", default_value_t = CompareRule::default().shuffles as u32, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    shuffles: u32,
    /// Seed of the draws
    #[arg(long, value_name = "N", default_value_t = Draws::default().seed)]
    seed: u64,
    /// Least number of sites of a transcription factor
    #[arg(long, value_name = "N", default_value_t = CompareRule::default().min_sites as u32, value_parser = clap::value_parser!(u32).range(1..))]
    min_sites: u32,
    /// Least evidence of a site; any takes those that state none too
    #[arg(long, value_enum, value_name = "EVIDENCE", default_value_t = EvidenceName::Strong)]
    evidence: EvidenceName,
    /// Leave out sites with another factor's site nearer than 20 bases
    #[arg(long)]
    conditional: bool,
    /// Which part of the model's split
    #[arg(long, value_enum, value_name = "PART", default_value_t = PartName::All)]
    part: PartName,
    /// Only start sites on this strand
    #[arg(long, allow_hyphen_values = true, value_name = "STRAND", value_parser = inputs::strand)]
    strand: Option<Strand>,
    /// Only start sites in this region: a locus or a gene
    #[arg(long, value_name = "LOCUS")]
    region: Option<String>,
    /// Print JSON: the table, its sites and promoters
    #[arg(long)]
    json: bool,
    /// Also write every site of every cell, with its weight and rank
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// The table; its provenance goes beside it, with .json appended to the name [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A null, as an argument.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum NullName {
    /// Permutations of the promoters.
    Promoter,
    /// Circular shifts of all sites.
    Shift,
    /// Windows matched in AT content and distance.
    Matched,
    /// Shuffled intergenic regions.
    Shuffle,
}

/// The least evidence, as an argument.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum EvidenceName {
    /// Confirmed alone.
    Confirmed,
    /// Confirmed and strong.
    Strong,
    /// Weak as well.
    Weak,
    /// Stated or not.
    Any,
}

/// A part of the split, as an argument.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum PartName {
    /// What the weights were fitted to.
    Training,
    /// What they were not.
    HeldOut,
    /// The whole genome.
    All,
}

impl Arguments {
    fn rule(&self) -> CompareRule {
        CompareRule {
            evidence: match self.evidence {
                EvidenceName::Confirmed => Evidence::Confirmed,
                EvidenceName::Strong => Evidence::Strong,
                EvidenceName::Weak => Evidence::Weak,
                EvidenceName::Any => Evidence::Unknown,
            },
            min_sites: self.min_sites as usize,
            conditional: self.conditional,
            part: match self.part {
                PartName::Training => Some(Part::Training),
                PartName::HeldOut => Some(Part::HeldOut),
                PartName::All => None,
            },
            null: match self.null {
                NullName::Promoter => Null::Promoter,
                NullName::Shift => Null::Shift,
                NullName::Matched => Null::Matched,
                NullName::Shuffle => Null::Shuffle,
            },
            draws: Draws {
                permutations: self.permutations as usize,
                most: self.most_permutations as usize,
                seed: self.seed,
            },
            shuffles: self.shuffles as usize,
            mode: self.inputs.model.settings(Mode::Seamless).mode,
            ..CompareRule::default()
        }
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (genome, features) = arguments.inputs.open_genome()?;
    let options = arguments.site_input.options();
    let (sites, _) = with_progress("reading the sites", |progress, cancel| {
        checked_sites(&arguments.sites, &genome, &options, progress, cancel)
            .map_err(anyhow::Error::from_boxed)
    })?;
    let anchors = match &arguments.anchors {
        Some(path) => {
            let (file, _) = with_progress("reading the start sites", |progress, cancel| {
                anchor_file(path, &genome, progress, cancel).map_err(anyhow::Error::from_boxed)
            })?;
            Some(Arc::new(file))
        }
        None => None,
    };
    let promoters = match arguments.promoters.as_ref().or(arguments.anchors.as_ref()) {
        Some(path) => promoter_rows(path, &genome)?,
        None => Vec::new(),
    };
    let region = match &arguments.region {
        Some(text) => {
            let found =
                find::find(text, &genome, &features).with_context(|| format!("--region {text}"))?;
            Some((found.contig, found.interval))
        }
        None => None,
    };
    let request = CompareRequest {
        genome: Arc::new(genome),
        features: Arc::new(features),
        model: Arc::new(arguments.inputs.model.open()?),
        sites: Arc::new(sites),
        anchors,
        promoters,
        rule: CompareRule {
            strand: arguments.strand,
            region,
            ..arguments.rule()
        },
    };
    let found = with_progress("comparing", |progress, cancel| {
        compare(&request, progress, cancel).map_err(anyhow::Error::from_boxed)
    })?;
    write(arguments, &request, &found)?;
    eprintln!("{}", summary(&request, &found));
    Ok(ExitCode::SUCCESS)
}

fn promoter_rows(path: &Path, genome: &Genome) -> anyhow::Result<Vec<promoters::PromoterRow>> {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    Ok(promoters::read(
        &mut Input::open(path, &progress, &cancel)?,
        genome,
    )?)
}

fn write(arguments: &Arguments, request: &CompareRequest, found: &Compared) -> anyhow::Result<()> {
    let described = described(&provenance(
        &request.genome,
        &request.model,
        &parameters(arguments, request, found)?,
    ));
    if arguments.json {
        let json = serde_json::json!({ "provenance": described, "comparison": found });
        output::write(arguments.output.as_deref(), |out| {
            Ok(writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?)
        })?;
    } else {
        output::write(arguments.output.as_deref(), |out| {
            Ok(found.comparison.write_tsv(out)?)
        })?;
        let to_file = arguments.output.as_deref().filter(|p| p.as_os_str() != "-");
        if let Some(path) = to_file {
            let mut beside = path.as_os_str().to_owned();
            beside.push(".json");
            let json = serde_json::json!({
                "provenance": described,
                "transcription_factors": found.comparison.tfs,
            });
            output::write(Some(Path::new(&beside)), |out| {
                Ok(writeln!(out, "{}", serde_json::to_string_pretty(&json)?)?)
            })?;
        }
    }
    if let Some(path) = &arguments.list {
        let contigs = request.genome.contigs.iter();
        let contigs: Vec<&str> = contigs.map(|contig| contig.name.as_str()).collect();
        output::write(Some(path), |out| {
            Ok(found.comparison.write_sites_tsv(out, &contigs)?)
        })?;
    }
    Ok(())
}

fn parameters(
    arguments: &Arguments,
    request: &CompareRequest,
    found: &Compared,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let rule = &request.rule;
    let part = rule.part.map_or("all".to_owned(), |part| part.to_string());
    Ok(vec![
        ("sites", request.sites.name.clone()),
        ("sites sha256", checksum(&arguments.sites)?),
        ("anchors", found.anchors.clone()),
        (
            "anchors sha256",
            match &arguments.anchors {
                Some(path) => checksum(path)?,
                None => "none".to_owned(),
            },
        ),
        ("null", rule.null.to_string()),
        (
            "permutations",
            match rule.null {
                Null::Shuffle => rule.shuffles.to_string(),
                _ => rule.draws.permutations.to_string(),
            },
        ),
        ("most permutations", rule.draws.most.to_string()),
        ("seed", rule.draws.seed.to_string()),
        ("minimum of sites", rule.min_sites.to_string()),
        ("least evidence", evidence_word(rule.evidence).to_owned()),
        ("conditional", rule.conditional.to_string()),
        ("part", part),
        ("mode", rule.mode.to_string()),
        ("start sites apart", format!("{} bp", rule.apart_bp)),
        (
            "seen from the start site",
            format!("{} to {} (0 is the +1 base)", found.seen[0], found.seen[1]),
        ),
        ("start sites given", found.anchors_given.to_string()),
        ("start sites usable", found.anchors_usable.to_string()),
        (
            "promoters compared",
            found.comparison.promoters.len().to_string(),
        ),
        (
            "strata that permute",
            format!(
                "{} with {} promoters",
                found.comparison.movable[0], found.comparison.movable[1]
            ),
        ),
    ])
}

fn checksum(path: &Path) -> anyhow::Result<String> {
    use sha2::{Digest as _, Sha256};
    use std::fmt::Write as _;
    use std::io::BufRead as _;
    let named = || path.display().to_string();
    let file = std::fs::File::open(path).with_context(named)?;
    let mut reader = std::io::BufReader::new(file);
    let mut digest = Sha256::new();
    loop {
        let bytes = reader.fill_buf().with_context(named)?;
        if bytes.is_empty() {
            break;
        }
        digest.update(bytes);
        let read = bytes.len();
        reader.consume(read);
    }
    let mut text = String::new();
    for byte in digest.finalize() {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

fn summary(request: &CompareRequest, found: &Compared) -> String {
    let table = &found.comparison;
    let (seen, belonging) = table.tfs.iter().fold((0, 0), |(seen, all), tf| {
        (seen + tf.seen, all + tf.at_promoters)
    });
    let below = |value: fn(&crate::analysis::association::Cell) -> f64| {
        table.cells.iter().filter(|cell| value(cell) < 0.05).count()
    };
    format!(
        "{} promoters of {}; of {belonging} sites there {seen} lie within the {} bases that a query sees. \
         {} of {} cells with q < 0.05, {} with p_max < 0.05 (null: {}).",
        table.promoters.len(),
        found.anchors,
        request.model.config().context,
        below(|cell| cell.significance.q),
        table.cells.len(),
        below(|cell| cell.significance.p_max),
        table.null,
    )
}
