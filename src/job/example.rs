//! The embedded example: *E. coli* K-12 with its genes, CRP sites and a model, without any file.

use super::JobError;
use crate::attention::Overview;
use crate::genome::read::{self, Input};
use crate::genome::{FeatureSet, Genome};
use crate::model::checkpoint::{CheckpointError, Overrides};
use crate::model::{EXAMPLE, Model};
use crate::progress::{Cancel, Progress};
use crate::sites::SiteSet;
use std::io::Read as _;

/// What the program opens with.
#[derive(Debug)]
pub struct Example {
    /// `NC_000913.3`.
    pub genome: Genome,
    /// Its RefSeq genes.
    pub features: FeatureSet,
    /// CRP sites that the `logomaker` package ships.
    pub sites: SiteSet,
    /// The model.
    pub model: Model,
    /// What it finds on the whole genome, coarsely.
    pub overview: Overview,
}

/// Opens all of it.
///
/// # Errors
/// Only if the program was built from damaged assets.
pub fn load() -> Result<Example, JobError> {
    let genome = genome()?;
    let (features, sites) = (features(&genome)?, sites(&genome)?);
    Ok(Example {
        features,
        sites,
        model: model(Overrides::default())?,
        overview: overview()?,
        genome,
    })
}

/// The embedded genome.
///
/// # Errors
/// As [`load`].
pub fn genome() -> Result<Genome, JobError> {
    let mut genome = from_bytes(
        "genome.2bit",
        include_bytes!("../../assets/genome.2bit"),
        read::genome_from,
    )?;
    "Escherichia coli K-12 MG1655".clone_into(&mut genome.name);
    Ok(genome)
}

/// The embedded genes, on the embedded genome.
///
/// # Errors
/// As [`load`].
pub fn features(genome: &Genome) -> Result<FeatureSet, JobError> {
    let bytes = include_bytes!("../../assets/genes.tsv.gz");
    Ok(from_bytes("genes.tsv.gz", bytes, |input| {
        read::annotation_from(input, genome)
    })?
    .0)
}

/// The embedded CRP sites, on the embedded genome.
///
/// # Errors
/// As [`load`].
pub fn sites(genome: &Genome) -> Result<SiteSet, JobError> {
    let bytes = include_bytes!("../../assets/crp_sites.tsv");
    let mut sites = from_bytes("crp_sites.tsv", bytes, |input| {
        crate::sites::read::sites_from(input, genome)
    })?
    .0;
    "CRP sites (logomaker)".clone_into(&mut sites.name);
    Ok(sites)
}

/// The embedded model.
///
/// # Errors
/// As [`load`], and when the overrides do not go with its sizes.
pub fn model(overrides: Overrides) -> Result<Model, CheckpointError> {
    Model::from_bytes("model.safetensors", EXAMPLE, overrides)
}

/// What the embedded model finds on the whole embedded genome: the weighted attention that bases
/// receive and the probability, of 256 bases each.
///
/// # Errors
/// As [`load`].
pub fn overview() -> Result<Overview, JobError> {
    let packed = &include_bytes!("../../assets/overview.safetensors.gz")[..];
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes)?;
    Ok(Overview::from_bytes(&bytes)?)
}

fn from_bytes<T>(
    name: &str,
    bytes: &'static [u8],
    read: impl FnOnce(&mut Input<'static>) -> Result<T, read::ReadError>,
) -> Result<T, JobError> {
    let mut input = Input::from_bytes(name, bytes, &Progress::default(), &Cancel::default())?;
    Ok(read(&mut input)?)
}
