//! Every file of the shared data but the motifs, which have a table of their own: how much it holds,
//! its first and last record, and how well it matches its genome.

use crate::shared::shared;
use headlight::genome::Remedy;
use headlight::genome::read::anchors::{AnchorOptions, read_with};
use headlight::genome::read::{
    FileKind, Input, annotated_genome_from, annotation_from, read_genome,
};
use headlight::genome::{Anchor, Feature, FeatureKind, FeatureSet, Genome};
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::{SiteOptions, SiteReport, sites_with};
use headlight::sites::{Site, SiteSet};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How a file is read.
enum As {
    /// As it says itself.
    Itself,
    /// As annotation.
    Annotation,
    /// As sites, with these arguments.
    Sites(Remedy),
    /// As start sites, with these arguments.
    Anchors(Remedy),
    /// As a table with these columns, counted from 0 or 1.
    Columns(&'static str, bool),
}

/// Nothing is done to the sites.
const PLAIN: Remedy = Remedy {
    lift: false,
    shift_bp: 0,
    ignore_strand: false,
};
const LIFT: Remedy = Remedy {
    lift: true,
    ..PLAIN
};
const IGNORE_STRAND: Remedy = Remedy {
    ignore_strand: true,
    ..PLAIN
};

const K_12: &str = "genome/NC_000913.3.fasta";
const OLDER: &str = "genome/NC_000913.2.fasta.gz";
const BACILLUS: &str = "genome/NC_000964.3.fasta.gz";
const PLASMID: &str = "genome/NC_005816.fna";

/// File, the genome that it is read on, how, and what it then holds.
const FILES: &[(&str, &str, As, &str)] = &[
    (
        "genome/NC_000913.3.fasta",
        "",
        As::Itself,
        "Escherichia coli K-12 MG1655: 4641652 bp in 1, first NC_000913.3 circular 9c77e27a",
    ),
    (
        "genome/U00096.3.fasta.gz",
        "",
        As::Itself,
        "Escherichia coli K-12 MG1655: 4641652 bp in 1, first U00096.3 circular 7887b365",
    ),
    (
        "genome/NC_000913.2.fasta.gz",
        "",
        As::Itself,
        "Escherichia coli K-12 MG1655 (assembly of 2004): 4639675 bp in 1, first NC_000913.2 circular bdc10c0c",
    ),
    (
        "genome/NC_000964.3.fasta.gz",
        "",
        As::Itself,
        "Bacillus subtilis 168: 4215606 bp in 1, first NC_000964.3 circular 083dcb84",
    ),
    (
        "genome/NC_005816.fna",
        "",
        As::Itself,
        "Yersinia pestis 91001 plasmid pPCP1: 9609 bp in 1, first gi|45478711|ref|NC_005816.1| circular 17e0cbc9",
    ),
    (
        "genome/NC_000913.3.gb.gz",
        "",
        As::Itself,
        "Escherichia coli K-12 MG1655: 4641652 bp in 1, first NC_000913.3 circular 9c77e27a; 9899 features, 4566 genes, 4357 CDSs, first thrL b0001 190-255 (thr operon leader peptide), last yjtD b4403 4,640,942-4,641,628 (putative rRNA methyltransferase)",
    ),
    (
        "genome/NC_005816.gb",
        "",
        As::Itself,
        "Yersinia pestis 91001 plasmid pPCP1: 9609 bp in 1, first NC_005816.1 circular b5975040; 37 features, 10 genes, 10 CDSs, first YP_pPCP01 YP_pPCP01 87-1,109 (putative transposase), last YP_pPCP10 YP_pPCP10 8,088-8,360 (hypothetical protein)",
    ),
    (
        "genome/NC_001422.gbk",
        "",
        As::Itself,
        "Phage phiX174: 5386 bp in 1, first NC_001422.1 circular 868f510e; 21 features, 0 genes, 14 CDSs, first none, last none",
    ),
    (
        "genome/NC_000913.3.gb.gz",
        K_12,
        As::Annotation,
        "; 9899 features, 4566 genes, 4357 CDSs, first thrL b0001 190-255 (thr operon leader peptide), last yjtD b4403 4,640,942-4,641,628 (putative rRNA methyltransferase)",
    ),
    (
        "genome/NC_005816.gb",
        PLASMID,
        As::Annotation,
        "; 37 features, 10 genes, 10 CDSs, first YP_pPCP01 YP_pPCP01 87-1,109 (putative transposase), last YP_pPCP10 YP_pPCP10 8,088-8,360 (hypothetical protein)",
    ),
    (
        "genome/NC_000913.3.gff3",
        K_12,
        As::Annotation,
        "; 9899 features, 4566 genes, 4357 CDSs, first thrL b0001 190-255 (thr operon leader peptide), last yjtD b4403 4,640,942-4,641,628 (putative rRNA methyltransferase)",
    ),
    (
        "genome/AL009126.3.gff3.gz",
        BACILLUS,
        As::Annotation,
        "; 9073 features, 4536 genes, 4325 CDSs, first dnaA BSU_00010 410-1,750 (chromosomal replication initiator informational ATPase), last rpmH BSU_41060 4,215,255-4,215,389 (ribosomal protein L34)",
    ),
    (
        "sites/RegulonDB-13.0_TF-RISet.tsv",
        K_12,
        As::Sites(PLAIN),
        "3521 sites of 205 TFs in 4622 rows, 984 left out, 382 on both strands; 3521 of 3521 match, 3521 on either strand: Passed; first ArcA 98-112 +, last FNR 4,640,689-4,640,703 -",
    ),
    (
        "sites/RegulonDB-13.0_TF-RISet.tsv",
        OLDER,
        As::Sites(LIFT),
        "3521 sites of 205 TFs in 4622 rows, 984 left out, 382 on both strands; 3521 of 3521 match, 3521 on either strand: Passed; first ArcA 98-112 +, last FNR 4,638,712-4,638,726 -",
    ),
    (
        "sites/RegulonDB-11.1_RISet.txt",
        K_12,
        As::Sites(PLAIN),
        "3369 sites of 199 TFs in 4443 rows, 838 left out, 357 on both strands; 1867 of 3369 match, 3369 on either strand: OtherStrands; first ArcA 98-113 +, last FNR 4,640,689-4,640,704 -",
    ),
    (
        "sites/RegulonDB-11.1_RISet.txt",
        K_12,
        As::Sites(IGNORE_STRAND),
        "3369 sites of 199 TFs in 4443 rows, 838 left out, 357 on both strands; 1867 of 3369 match, 3369 on either strand: Passed; first ArcA 98-113 +, last FNR 4,640,689-4,640,704 -",
    ),
    (
        "sites/RegulonDB-10.8_BindingSiteSet.txt",
        K_12,
        As::Sites(PLAIN),
        "2535 sites of 186 TFs in 3231 rows, 472 left out, 226 on both strands; 2535 of 2535 match, 2535 on either strand: Passed; first NhaR 17,384-17,400 +, last FNR 4,640,584-4,640,597 -",
    ),
    (
        "sites/RegulonDB-8.8_BindingSiteSet_U00096.2.txt",
        K_12,
        As::Sites(PLAIN),
        "2339 sites of 168 TFs in 2953 rows, 440 left out, 219 on both strands; 121 of 2338 match, 121 on either strand: OtherAssembly; first NhaR 17,384-17,400 +, last FNR 4,638,607-4,638,620 -",
    ),
    (
        "sites/RegulonDB-8.8_BindingSiteSet_U00096.2.txt",
        K_12,
        As::Sites(LIFT),
        "2339 sites of 168 TFs in 2953 rows, 440 left out, 219 on both strands; 2338 of 2338 match, 2338 on either strand: Passed; first NhaR 17,384-17,400 +, last FNR 4,640,584-4,640,597 -",
    ),
    (
        "sites/RegulonDB-8.8_BindingSiteSet_U00096.2.txt",
        OLDER,
        As::Sites(PLAIN),
        "2339 sites of 168 TFs in 2953 rows, 440 left out, 219 on both strands; 2338 of 2338 match, 2338 on either strand: Passed; first NhaR 17,384-17,400 +, last FNR 4,638,607-4,638,620 -",
    ),
    (
        "sites/EcoCyc-28_SmartTable_TFBS.txt",
        K_12,
        As::Sites(PLAIN),
        "3515 sites of 201 TFs in 3535 rows, 669 left out, 2 on both strands; 3515 of 3515 match, 3515 on either strand: Passed; first ArcA 98-113 ., last Fnr 4,640,689-4,640,704 .",
    ),
    (
        "sites/DBTBS_Bsubtilis_NC_000964.3.tsv",
        BACILLUS,
        As::Sites(PLAIN),
        "183 sites of 30 TFs in 191 rows, 0 left out, 8 on both strands; 183 of 183 match, 183 on either strand: Passed; first PurR 54,384-54,397 +, last PurR 4,156,840-4,156,853 -",
    ),
    (
        "sites/logomaker_crp_sites_NC_000913.3.tsv",
        K_12,
        As::Sites(PLAIN),
        "265 sites of 1 TFs in 358 rows, 0 left out, 43 on both strands; 0 of 0 match, 0 on either strand: NothingToCompare; first CRP 34,164-34,189 +, last CRP 4,617,225-4,617,250 +",
    ),
    (
        "sites/logomaker_crp_sites.fasta",
        K_12,
        As::Sites(PLAIN),
        "refused, FASTA sequences: expected binding sites as RegulonDB TF-RISet or BindingSiteSet, EcoCyc SmartTable, BED, GFF3 or a table with the columns tf, left and right, found FASTA sequences. Choose another file, name its columns in the first line, or say which columns are which.",
    ),
    (
        "sites/logomaker_crp_sites.fasta",
        "",
        As::Itself,
        "logomaker_crp_sites: 9308 bp in 358, first 0 linear 795077fb",
    ),
    (
        "sites/vecoli_EcoCyc-29.1_dna_sites.tsv",
        K_12,
        As::Sites(PLAIN),
        "refused, an unknown format: expected binding sites as RegulonDB TF-RISet or BindingSiteSet, EcoCyc SmartTable, BED, GFF3 or a table with the columns tf, left and right, found text of an unknown format. Choose another file, name its columns in the first line, or say which columns are which.",
    ),
    (
        "sites/vecoli_EcoCyc-29.1_dna_sites.tsv",
        K_12,
        As::Columns(
            "tf=id,left=left_end_pos,right=right_end_pos,strand=direction",
            false,
        ),
        "4320 sites of 4320 TFs in 4320 rows, 725 left out, 0 on both strands; 0 of 0 match, 0 on either strand: NothingToCompare; first BS0-9516 98-112 ., last BS0-9676 4,640,689-4,640,703 .",
    ),
    (
        "tss/tss_open_NC_000913.3.tsv",
        K_12,
        As::Itself,
        "8029 start sites, 0 left out; first 148+, last 4640689-",
    ),
    (
        "tss/ecoli_tss_clusters_NC_000913.3.tsv",
        K_12,
        As::Itself,
        "27097 start sites, 4 left out; first 38+, last 4641647+",
    ),
    (
        "tss/ecoli_tss_union_NC_000913.3.tsv",
        K_12,
        As::Itself,
        "32287 start sites, 4 left out; first 38+, last 4641647+",
    ),
    (
        "tss/Kim2012_TSS_NC_000913.3.tsv",
        K_12,
        As::Itself,
        "refused, an unknown format: expected positions as BED, GFF3 or a table with the columns position and strand, found text of an unknown format. Choose another file, name its columns in the first line, or say which columns are which.",
    ),
    (
        "tss/Kim2012_TSS_NC_000913.3.tsv",
        K_12,
        As::Columns("position=pos_v3,strand=strand", false),
        "3746 start sites, 0 left out; first 148+, last 4640595-",
    ),
    (
        "tss/eco_regulon_70.csv",
        K_12,
        As::Itself,
        "refused, an unknown format: expected positions as BED, GFF3 or a table with the columns position and strand, found a table without the columns that are looked for. Choose another file, name its columns in the first line, or say which columns are which.",
    ),
    (
        "tss/eco_regulon_70.csv",
        K_12,
        As::Columns("position=TSS_start,strand=strand", false),
        "refused, an unknown format: expected a position as a whole number from 1 on, found “-1”. Correct the line.",
    ),
    (
        "promoters/coralme_ecoli_TUs_NC_000913.2.txt",
        K_12,
        As::Anchors(LIFT),
        "1328 start sites, 420 left out; first 148+, last 4640801-",
    ),
    (
        "promoters/Kosuri_features_boxes_NC_000913.2.tsv.gz",
        K_12,
        As::Anchors(LIFT),
        "8483 start sites, 2953 left out; first 38+, last 4640898+",
    ),
    (
        "promoters/RegulonDB-13.0_PromoterSet.tsv",
        K_12,
        As::Itself,
        "3834 start sites, 92 left out; first 148+, last 4640898+",
    ),
    (
        "promoters/coralme_ecoli_TUs_NC_000913.2.txt",
        OLDER,
        As::Itself,
        "1328 start sites, 420 left out; first 148+, last 4638824-",
    ),
    (
        "promoters/coralme_ecoli_TUs_NC_000913.2.txt",
        K_12,
        As::Itself,
        "refused, a table of positions: expected sequences of the open genome (“NC_000913.3”), found “NC_000913.2”. Open the genome that this file belongs to, or give the sequence this name as an alias.",
    ),
    (
        "promoters/Kosuri_features_boxes_NC_000913.2.tsv.gz",
        OLDER,
        As::Itself,
        "8483 start sites, 2953 left out; first 38+, last 4638921+",
    ),
    (
        "promoters/Kosuri_features_boxes_NC_000913.2.tsv.gz",
        OLDER,
        As::Columns("tf=name,left=start,right=stop,strand=strand", false),
        "2334 sites of 163 TFs in 2953 rows, 8486 left out, 219 on both strands; 0 of 0 match, 0 on either strand: NothingToCompare; first NhaR 17,384-17,400 +, last FNR 4,638,607-4,638,620 -",
    ),
    (
        "promoters/Kosuri_MPRA_promoter_activity_NC_000913.2.txt.gz",
        OLDER,
        As::Itself,
        "refused, an unknown format: expected positions as BED, GFF3 or a table with the columns position and strand, found a table without the columns that are looked for. Choose another file, name its columns in the first line, or say which columns are which.",
    ),
    (
        "promoters/Kosuri_MPRA_promoter_activity_NC_000913.2.txt.gz",
        OLDER,
        As::Columns("tf=5,left=3,right=4,sequence=1", true),
        "17623 sites of 17623 TFs in 17669 rows, 98 left out, 0 on both strands; 17623 of 17623 match, 17623 on either strand: Passed; first TSS_4_wanner,147,+ 28-177 ., last TSS_18133_storz,4639123,- 4,639,094-4,639,243 .",
    ),
];

#[test]
fn every_file_holds_what_it_should() {
    let Some(folder) = shared("data") else { return };
    let mut genomes: BTreeMap<&str, Genome> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (file, genome, how, expected) in FILES {
        if !genome.is_empty() && !genomes.contains_key(genome) {
            let path = folder.join(genome);
            let read = read_genome(&path, &Progress::default(), &Cancel::default());
            genomes.insert(genome, read.expect("a genome"));
        }
        let found = summary(&folder.join(file), genomes.get(genome), how);
        if found != *expected {
            wrong.push(format!("{file} on {genome}:\n{found}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_file_is_forgotten() {
    let Some(folder) = shared("data") else { return };
    let known: BTreeSet<&str> = FILES.iter().map(|(file, ..)| *file).collect();
    for kind in ["genome", "sites", "tss", "promoters"] {
        for entry in std::fs::read_dir(folder.join(kind)).expect("folder") {
            let name = entry.expect("entry").file_name();
            let file = format!("{kind}/{}", name.to_string_lossy());
            assert!(known.contains(file.as_str()), "{file} is in no row");
        }
    }
}

fn summary(path: &Path, genome: Option<&Genome>, how: &As) -> String {
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let mut input = Input::open(path, &progress, &cancel).expect("a file");
    let result = match (how, genome) {
        (As::Itself, None) => annotated_genome_from(&mut input).map(|read| {
            let features = read.features.map(|(features, _)| annotation(&features));
            format!(
                "{}{}",
                sequences(&read.genome),
                features.unwrap_or_default()
            )
        }),
        (As::Itself | As::Anchors(_), Some(genome)) => {
            let options = AnchorOptions {
                remedy: if let As::Anchors(remedy) = how {
                    *remedy
                } else {
                    PLAIN
                },
                columns: None,
            };
            read_with(&mut input, genome, options)
                .map(|(anchors, report)| start_sites(&anchors, report.skipped_count()))
        }
        (As::Annotation, Some(genome)) => {
            annotation_from(&mut input, genome).map(|(features, _)| annotation(&features))
        }
        (As::Sites(remedy), Some(genome)) => {
            let options = SiteOptions {
                remedy: *remedy,
                ..SiteOptions::default()
            };
            sites_with(&mut input, genome, &options).map(|(set, report)| sites(&set, &report))
        }
        (As::Columns(columns, zero_based), Some(genome)) => {
            let mut mapping: headlight::genome::read::mapping::ColumnMapping =
                columns.parse().expect("columns");
            mapping.zero_based = *zero_based;
            if mapping.is_for_sites() {
                let options = SiteOptions {
                    columns: Some(mapping),
                    ..SiteOptions::default()
                };
                sites_with(&mut input, genome, &options).map(|(set, report)| sites(&set, &report))
            } else {
                let options = AnchorOptions {
                    columns: Some(&mapping),
                    remedy: PLAIN,
                };
                read_with(&mut input, genome, options)
                    .map(|(anchors, report)| start_sites(&anchors, report.skipped_count()))
            }
        }
        _ => panic!("{} needs a genome", path.display()),
    };
    result.unwrap_or_else(|error| {
        let text = error.to_string();
        let (_, told) = text.split_once(": ").expect("a path first");
        format!("refused, {}: {told}", FileKind::of(input.head()).label())
    })
}

fn sequences(genome: &Genome) -> String {
    let contig = &genome.contigs[0];
    let shape = if contig.circular {
        "circular"
    } else {
        "linear"
    };
    format!(
        "{}: {} bp in {}, first {} {shape} {}",
        genome.name,
        genome.len(),
        genome.contigs.len(),
        contig.name,
        &genome.checksum[..8]
    )
}

fn annotation(features: &FeatureSet) -> String {
    let count = |kind| features.all().iter().filter(|f| f.kind == kind).count();
    let all: Vec<&Feature> = features
        .all()
        .iter()
        .filter(|f| f.kind == FeatureKind::Gene)
        .collect();
    let told = |feature: Option<&&Feature>| {
        feature.map_or_else(
            || "none".to_owned(),
            |f| {
                format!(
                    "{} {} {} ({})",
                    f.name(),
                    f.locus_tag(),
                    f.interval,
                    f.product()
                )
            },
        )
    };
    format!(
        "; {} features, {} genes, {} CDSs, first {}, last {}",
        features.all().len(),
        count(FeatureKind::Gene),
        count(FeatureKind::Cds),
        told(all.first()),
        told(all.last()),
    )
}

fn sites(set: &SiteSet, report: &SiteReport) -> String {
    let told = |site: &Site| format!("{} {} {}", site.tf(), site.interval, site.strand_word());
    let rate = report.check.rate;
    format!(
        "{} sites of {} TFs in {} rows, {} left out, {} on both strands; {} of {} match, {} on either strand: {:?}; first {}, last {}",
        report.sites,
        report.tfs,
        report.read.records,
        report.read.skipped_count(),
        report.on_both_strands,
        rate.matching,
        rate.compared,
        rate.matching_any_strand,
        report.check.verdict,
        told(&set.sites[0]),
        told(set.sites.last().expect("sites")),
    )
}

fn start_sites(anchors: &[Anchor], skipped: usize) -> String {
    let told = |anchor: &Anchor| format!("{}{}", anchor.position + 1, anchor.strand.sign());
    format!(
        "{} start sites, {skipped} left out; first {}, last {}",
        anchors.len(),
        told(&anchors[0]),
        told(anchors.last().expect("anchors")),
    )
}
