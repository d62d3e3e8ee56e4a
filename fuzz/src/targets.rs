//! What the targets do with their bytes.

use crate::genome::read::preview::TablePreview;
use crate::genome::read::anchors::AnchorOptions;
use crate::genome::read::mapping::ColumnMapping;
use crate::genome::read::{
    FileKind, Input, activity, anchor_groups, anchors, annotated_genome_from, annotation_from,
    genome_from, promoters,
};
use crate::genome::write::write_twobit;
use crate::genome::{Genome, Remedy, read::ReadError};
use crate::model::checkpoint::{Overrides, read_checkpoint_bytes};
use crate::progress::{Cancel, Progress};
use crate::sites::read::{SiteOptions, motifs_from_bytes, sites_from, sites_with, track_from};
use crate::sites::write::{write_meme, write_site_table};
use crate::watched;
use libfuzzer_sys::Corpus;
use std::sync::OnceLock;

/// The embedded genome, which sites and features are read on.
fn ecoli() -> &'static Genome {
    static GENOME: OnceLock<Genome> = OnceLock::new();
    static BYTES: &[u8] = include_bytes!("../../assets/genome.2bit");
    GENOME.get_or_init(|| with_input(BYTES, genome_from).expect("the embedded genome"))
}

fn with_input<T>(
    bytes: &[u8],
    read: impl FnOnce(&mut Input<'_>) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    read(&mut Input::from_bytes("fuzzed", bytes, &progress, &cancel)?)
}

/// Whether `bytes` hold one of `kinds`, and how many bytes that are when unpacked. `None` where
/// they do not.
fn unpacked_bytes(bytes: &[u8], is_meant: impl FnOnce(FileKind) -> bool) -> Option<usize> {
    let packed = bytes.starts_with(&[0x1f, 0x8b]);
    with_input(bytes, |input| {
        let meant = is_meant(FileKind::of(input.head()));
        let length = if packed && meant {
            input.rest().map_or(0, |all| all.len())
        } else {
            0
        };
        Ok(meant.then_some(length.max(bytes.len())))
    })
    .ok()?
}

/// Reads `bytes` where they look like `meant`. Errors must have words.
fn reads<T>(
    bytes: &[u8],
    is_meant: impl FnOnce(FileKind) -> bool,
    read: impl FnOnce(&mut Input<'_>) -> Result<T, ReadError>,
) -> Option<Result<T, ReadError>> {
    let length = unpacked_bytes(bytes, is_meant)?;
    let result = watched(length, || with_input(bytes, read));
    if let Err(error) = &result {
        assert!(error.to_string().len() > 10);
    }
    Some(result)
}

/// Reads a genome; what 2bit holds of it is read back.
pub fn genome_file(bytes: &[u8], is_meant: impl FnOnce(FileKind) -> bool) -> Corpus {
    let Some(result) = reads(bytes, is_meant, genome_from) else {
        return Corpus::Reject;
    };
    let Ok(genome) = result else {
        return Corpus::Keep;
    };
    let mut written = Vec::new();
    if write_twobit(&genome, &mut written).is_ok() {
        let again = with_input(&written, genome_from).expect("what was written");
        assert_eq!(again.contigs.len(), genome.contigs.len());
        for (a, b) in again.contigs.iter().zip(&genome.contigs) {
            assert_eq!((&a.name, &a.sequence), (&b.name, &b.sequence));
        }
    }
    Corpus::Keep
}

/// Reads sequence and features of a GenBank file.
pub fn annotated_genome(bytes: &[u8]) -> Corpus {
    let is_meant = |kind| kind == FileKind::GenBank;
    let Some(result) = reads(bytes, is_meant, annotated_genome_from) else {
        return Corpus::Reject;
    };
    if let Ok(read) = result {
        let features = read
            .features
            .iter()
            .flat_map(|(features, _)| features.all());
        for feature in features {
            assert!(feature.interval.start < read.genome.contigs[feature.contig()].len());
        }
    }
    let genome = ecoli();
    reads(bytes, is_meant, |input| annotation_from(input, genome));
    Corpus::Keep
}

/// Reads the beginning of a table of unknown columns.
pub fn preview(bytes: &[u8]) -> Corpus {
    match reads(bytes, |_| true, TablePreview::read) {
        Some(Ok(Some(preview))) => {
            let width = preview.column_names().len();
            assert!(width >= 1);
            let _ = preview.columns();
            Corpus::Keep
        }
        _ => Corpus::Keep,
    }
}

/// Reads a table whose columns the first line says, as people would choose them: sites or anchors.
pub fn chosen_columns(bytes: &[u8]) -> Corpus {
    let genome = ecoli();
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let columns = std::str::from_utf8(line).ok();
    let Some(columns) = columns.and_then(|text| text.parse::<ColumnMapping>().ok()) else {
        return Corpus::Reject;
    };
    let table = bytes.get(line.len() + 1..).unwrap_or_default();
    let read = if columns.is_for_sites() {
        let options = SiteOptions {
            columns: Some(columns),
            ..SiteOptions::default()
        };
        reads(table, |_| true, |input| sites_with(input, genome, &options)).is_some()
    } else {
        let options = AnchorOptions {
            columns: Some(&columns),
            ..AnchorOptions::default()
        };
        reads(table, |_| true, |input| anchors::read_with(input, genome, options)).is_some()
    };
    if read { Corpus::Keep } else { Corpus::Reject }
}

/// Reads what a table of promoters says beside their places: names, factors and their groups.
pub fn promoter_table(bytes: &[u8]) -> Corpus {
    let genome = ecoli();
    let is_meant = |kind| kind == FileKind::AnchorTable;
    if reads(bytes, is_meant, |input| promoters::read(input, genome)).is_none() {
        return Corpus::Reject;
    }
    reads(bytes, is_meant, |input| anchor_groups::read(input, genome));
    Corpus::Keep
}

/// Reads measured promoters.
pub fn measured_promoters(bytes: &[u8]) -> Corpus {
    let genome = ecoli();
    match reads(bytes, |_| true, |input| activity::read(input, genome)) {
        Some(result) => {
            for promoter in result.iter().flat_map(|(promoters, _)| promoters) {
                assert!(promoter.activity.is_finite());
            }
            Corpus::Keep
        }
        None => Corpus::Reject,
    }
}

/// Reads BED or GFF3 once, as annotation and as sites.
pub fn track(bytes: &[u8]) -> Corpus {
    let genome = ecoli();
    let is_meant = |kind| matches!(kind, FileKind::Bed | FileKind::Gff3);
    let read = |input: &mut Input<'_>| track_from(input, genome, Remedy::default());
    match reads(bytes, is_meant, read) {
        Some(_) => Corpus::Keep,
        None => Corpus::Reject,
    }
}

/// Reads annotation.
pub fn annotation(bytes: &[u8], is_meant: impl FnOnce(FileKind) -> bool) -> Corpus {
    let genome = ecoli();
    let result = reads(bytes, is_meant, |input| annotation_from(input, genome));
    if result.is_some() {
        Corpus::Keep
    } else {
        Corpus::Reject
    }
}

/// Reads anchors.
pub fn anchors(bytes: &[u8], is_meant: impl FnOnce(FileKind) -> bool) -> Corpus {
    let genome = ecoli();
    let Some(result) = reads(bytes, is_meant, |input| anchors::read(input, genome)) else {
        return Corpus::Reject;
    };
    for anchor in result.iter().flat_map(|(anchors, _)| anchors) {
        assert!(anchor.position < genome.contigs[anchor.contig].len());
    }
    Corpus::Keep
}

/// Reads sites, and reads the table of them.
pub fn site_file(bytes: &[u8], is_meant: impl FnOnce(FileKind) -> bool) -> Corpus {
    let genome = ecoli();
    let Some(result) = reads(bytes, is_meant, |input| sites_from(input, genome)) else {
        return Corpus::Reject;
    };
    if let Ok((sites, _)) = result {
        for site in &sites.sites {
            assert!(site.interval.end <= genome.contigs[site.contig()].len());
        }
        let mut written = Vec::new();
        write_site_table(&sites, genome, &mut written).expect("memory");
        // A factor called “-” is none in a table, so not all need come back.
        if let Ok((again, _)) = with_input(&written, |input| sites_from(input, genome)) {
            assert!(again.sites.len() <= sites.sites.len());
        }
    }
    Corpus::Keep
}

/// Reads motifs; what MEME holds of them is read back.
pub fn motif_file(bytes: &[u8], is_meant: impl FnOnce(FileKind) -> bool) -> Corpus {
    let Some(length) = unpacked_bytes(bytes, is_meant) else {
        return Corpus::Reject;
    };
    let result = watched(length, || motifs_from_bytes("fuzzed", bytes));
    match result {
        Err(error) => assert!(error.to_string().len() > 10),
        Ok((library, _)) => {
            let mut written = Vec::new();
            write_meme(&mut written, &library.motifs, &library.background).expect("memory");
            let (again, _) = motifs_from_bytes("written", &written).expect("what was written");
            assert_eq!(again.len(), library.len());
            for (a, b) in again.motifs.iter().zip(&library.motifs) {
                assert_eq!(a.probabilities, b.probabilities);
            }
        }
    }
    Corpus::Keep
}

/// Reads a checkpoint in any of its formats.
pub fn checkpoint(bytes: &[u8]) -> Corpus {
    let read = || read_checkpoint_bytes("fuzzed", bytes, Overrides::default());
    if let Err(error) = watched(bytes.len(), read) {
        assert!(error.to_string().len() > 10);
    }
    Corpus::Keep
}
