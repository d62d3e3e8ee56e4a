//! The embedded example: whole, documented, and equal to what its sources give.

use super::real::{ecoli, ecoli_features};
use crate::shared::shared;
use flate2::read::GzDecoder;
use headlight::genome::read::{Input, annotation_from, genome_from};
use headlight::genome::write::{write_gene_table, write_twobit};
use headlight::genome::{Genome, Interval};
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::{read_sites, sites_from};
use headlight::sites::write::write_site_table;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

const GENOME: &[u8] = include_bytes!("../../assets/genome.2bit");
const GENES: &[u8] = include_bytes!("../../assets/genes.tsv.gz");
const SITES: &[u8] = include_bytes!("../../assets/crp_sites.tsv");

fn input<'a>(name: &str, bytes: &'a [u8]) -> Input<'a> {
    Input::from_bytes(name, bytes, &Progress::default(), &Cancel::default()).expect("bytes")
}

fn embedded_genome() -> Genome {
    genome_from(&mut input("genome.2bit", GENOME)).expect("2bit")
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes)
        .read_to_string(&mut text)
        .expect("gzip");
    text
}

#[test]
fn the_embedded_example_is_whole() {
    let genome = embedded_genome();
    assert_eq!(
        (genome.len(), genome.contigs[0].circular),
        (4_641_652, true)
    );
    assert_eq!(genome.name, "Escherichia coli K-12 MG1655");
    let (genes, _) = annotation_from(&mut input("genes.tsv.gz", GENES), &genome).expect("genes");
    assert_eq!(
        genes.called("lacZ")[0].interval,
        Interval::new(363_230, 366_305)
    );
    assert!(genes.all().len() > 4_500);
    let (sites, report) = sites_from(&mut input("crp_sites.tsv", SITES), &genome).expect("sites");
    assert_eq!((sites.sites.len(), report.tfs), (265, 1));
    assert!(GENES.len() < 150_000, "{} bytes", GENES.len());
}

#[test]
fn the_embedded_example_follows_from_its_sources() {
    let (Some(genome), Some((features, _))) = (ecoli(), ecoli_features()) else {
        return;
    };
    let mut bytes = Vec::new();
    write_twobit(genome, &mut bytes).expect("memory");
    assert!(bytes == GENOME, "genome.2bit differs");
    let embedded = embedded_genome();
    assert_eq!(embedded.checksum, genome.checksum);
    assert_eq!(embedded.contigs[0].sequence, genome.contigs[0].sequence);

    let mut bytes = Vec::new();
    write_gene_table(features, genome, &mut bytes).expect("memory");
    // Compressors may differ between processors; what they hold may not.
    assert!(unpacked(&bytes) == unpacked(GENES), "genes.tsv.gz differs");

    let Some(path) = shared("data/sites/logomaker_crp_sites_NC_000913.3.tsv") else {
        return;
    };
    let (sites, _) =
        read_sites(&path, genome, &Progress::default(), &Cancel::default()).expect("sites");
    let mut bytes = Vec::new();
    write_site_table(&sites, genome, &mut bytes).expect("memory");
    assert!(bytes == SITES, "crp_sites.tsv differs");
}

#[test]
fn the_readme_gives_each_checksum() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let readme = std::fs::read_to_string(folder.join("README.md")).expect("README");
    for name in [
        "genome.2bit",
        "genes.tsv.gz",
        "crp_sites.tsv",
        "overview.safetensors.gz",
        "IBMPlexSans-Regular.ttf",
        "IBMPlexSans-SemiBold.ttf",
    ] {
        let bytes = std::fs::read(folder.join(name)).expect("asset");
        let digest = Sha256::digest(&bytes)
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let line = readme.lines().find(|line| line.contains(&digest));
        assert!(
            line.is_some_and(|line| line.contains(name)),
            "{name} {digest}"
        );
    }
}
