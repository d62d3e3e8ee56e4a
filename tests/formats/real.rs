//! Real files: counts, first and last records, and that sites stand where their sequences are.

use crate::shared::shared;
use headlight::genome::find::{complete, find};
use headlight::genome::read::{
    FileKind, ReadReport, read_anchors, read_annotation, read_genome, sniff,
};
use headlight::genome::{Anchor, FeatureKind, FeatureSet, Genome, Interval, Strand, base};
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::{SiteReport, read_sites};
use headlight::sites::{Evidence, MatchRate, Site, SiteSet, Verdict};
use std::path::Path;
use std::sync::OnceLock;

fn genome_of(path: &Path) -> Genome {
    read_genome(path, &Progress::default(), &Cancel::default()).expect("a genome")
}

/// E. coli K-12, read once.
pub fn ecoli() -> Option<&'static Genome> {
    static GENOME: OnceLock<Option<Genome>> = OnceLock::new();
    GENOME
        .get_or_init(|| shared("data/genome/NC_000913.3.fasta").map(|path| genome_of(&path)))
        .as_ref()
}

/// Its RefSeq annotation, read once.
pub fn ecoli_features() -> Option<&'static (FeatureSet, ReadReport)> {
    static FEATURES: OnceLock<Option<(FeatureSet, ReadReport)>> = OnceLock::new();
    FEATURES
        .get_or_init(|| {
            let path = shared("data/genome/NC_000913.3.gff3")?;
            read_annotation(&path, ecoli()?, &Progress::default(), &Cancel::default()).ok()
        })
        .as_ref()
}

fn sites_of(path: &str, genome: &Genome) -> Option<(SiteSet, SiteReport)> {
    let path = shared(path)?;
    Some(read_sites(&path, genome, &Progress::default(), &Cancel::default()).expect("sites"))
}

#[test]
fn the_genome_is_read_the_same_plain_and_gzip_under_both_names() {
    let Some(genome) = ecoli() else { return };
    let contig = &genome.contigs[0];
    assert_eq!((genome.contigs.len(), contig.len()), (1, 4_641_652));
    assert!(contig.circular);
    assert_eq!(genome.name, "Escherichia coli K-12 MG1655");
    for name in ["NC_000913.3", "U00096.3", "NC_000913", "chr", "Chromosome"] {
        assert_eq!(genome.contig_index(name), Some(0), "{name}");
    }
    let at = |start, end| base::text(&contig.bases(Interval::new(start, end), Strand::Forward));
    assert_eq!(at(0, 20), "AGCTTTTCATTCTGACTGCA");
    assert_eq!(at(4_641_632, 4_641_652), "AACGCCTTAGTAAGTATTTTTC"[2..]);
    assert!(contig.sequence.unknown_runs().is_empty());
    let Some(path) = shared("data/genome/U00096.3.fasta.gz") else {
        return;
    };
    let progress = Progress::default();
    let other = read_genome(&path, &progress, &Cancel::default()).expect("genome");
    assert_eq!(other.contigs[0].sequence, contig.sequence);
    assert_eq!(other.contig_index("NC_000913.3"), Some(0));
    assert_eq!(progress.done(), progress.total());
    assert_eq!(progress.total(), path.metadata().expect("file").len());
}

#[test]
fn older_and_other_genomes_get_no_foreign_alias() {
    let Some(path) = shared("data/genome/NC_000913.2.fasta.gz") else {
        return;
    };
    let old = genome_of(&path);
    assert_eq!(old.len(), 4_639_675);
    assert_eq!(old.contig_index("U00096.2"), Some(0));
    assert_eq!(old.contig_index("U00096.3"), None);
    let Some(path) = shared("data/genome/NC_005816.fna") else {
        return;
    };
    let plasmid = genome_of(&path);
    assert_eq!(plasmid.len(), 9_609);
    assert_eq!(plasmid.contig_index("NC_005816.1"), Some(0));
    assert!(plasmid.contigs[0].circular);
}

#[test]
fn refseq_annotation_has_its_genes_with_products() {
    let Some((features, report)) = ecoli_features() else {
        return;
    };
    let count = |kind| features.all().iter().filter(|f| f.kind == kind).count();
    // As many as in the GenBank file; 41 lines are further parts of 22 CDSs and 19 pseudogenes.
    assert_eq!(count(FeatureKind::Cds), 4_357);
    assert_eq!(count(FeatureKind::Gene), 4_566);
    assert_eq!(joined_parts(report), 41);
    let genes: Vec<_> = features
        .all()
        .iter()
        .filter(|f| f.kind == FeatureKind::Gene)
        .collect();
    assert_eq!(
        (genes[0].name(), genes[0].interval),
        ("thrL", Interval::new(189, 255))
    );
    assert_eq!(genes[0].product(), "thr operon leader peptide");
    let last = genes.last().expect("genes");
    assert_eq!((last.name(), last.locus_tag()), ("yjtD", "b4403"));
    let lac_z = features.called("lacZ")[0];
    assert_eq!(lac_z.interval, Interval::new(363_230, 366_305));
    assert_eq!(lac_z.strand, Some(Strand::Reverse));
    assert_eq!(lac_z.product(), "beta-galactosidase");
    assert!(lac_z.synonyms().eq(["ECK0341"]));
    let trna = features.called("ileV")[0];
    assert_eq!((trna.kind, trna.product()), (FeatureKind::Gene, "tRNA-Ile"));
    // A pseudogene in two parts is one gene.
    assert_eq!(
        features.called("crl")[0].interval,
        Interval::new(257_828, 259_006)
    );
    assert_eq!(report.circular_contigs, [0]);
    assert!(
        genes
            .iter()
            .filter(|gene| gene.product().is_empty())
            .count()
            < 200
    );
}

fn joined_parts(report: &ReadReport) -> usize {
    let note = report
        .notes
        .iter()
        .find(|note| note.contains("further parts"));
    note.and_then(|note| note.split(' ').next()?.parse().ok())
        .unwrap_or(0)
}

#[test]
fn bacillus_annotation_of_another_name_is_matched() {
    let Some(genome) = shared("data/genome/NC_000964.3.fasta.gz").map(|path| genome_of(&path))
    else {
        return;
    };
    let Some(path) = shared("data/genome/AL009126.3.gff3.gz") else {
        return;
    };
    let (features, report) =
        read_annotation(&path, &genome, &Progress::default(), &Cancel::default()).expect("GFF3");
    let genes = features
        .all()
        .iter()
        .filter(|f| f.kind == FeatureKind::Gene)
        .count();
    assert_eq!((genes, joined_parts(&report)), (4_536, 3));
    assert_eq!(features.called("BSU00010")[0].name(), "dnaA");
    assert_eq!(
        find("dnaA", &genome, &features)
            .expect("dnaA")
            .interval
            .start,
        409
    );
}

#[test]
fn annotation_of_another_genome_is_refused_with_both_names() {
    let Some(genome) = shared("data/genome/NC_005816.fna").map(|path| genome_of(&path)) else {
        return;
    };
    let Some(path) = shared("data/genome/NC_000913.3.gff3") else {
        return;
    };
    let error = read_annotation(&path, &genome, &Progress::default(), &Cancel::default())
        .expect_err("another genome")
        .to_string();
    assert!(
        error.contains("NC_005816.1") && error.contains("NC_000913.3"),
        "{error}"
    );
}

#[test]
fn places_are_found_by_what_people_type() {
    let (Some(genome), Some((features, _))) = (ecoli(), ecoli_features()) else {
        return;
    };
    let shown = |text: &str| find(text, genome, features).map(|l| l.interval.to_string());
    for text in [
        "NC_000913.3:366,305-366,400",
        "U00096.3:366305..366400",
        "chr:366305-366400",
    ] {
        assert_eq!(shown(text).as_deref(), Ok("366,305-366,400"), "{text}");
    }
    assert_eq!(shown("lacZ-lacI").as_deref(), Ok("363,231-367,510"));
    assert_eq!(shown("b0344").as_deref(), Ok("363,231-366,305"));
    let error = shown("lacQ").expect_err("no such gene");
    assert!(error.to_string().contains("lacA"), "{error}");
    let texts: Vec<String> = complete("lac", 4, genome, features)
        .into_iter()
        .map(|s| s.text)
        .collect();
    assert_eq!(texts, ["lacA", "lacI", "lacY", "lacZ"]);
}

#[test]
fn regulondb_sites_equal_the_genome() {
    let Some(genome) = ecoli() else { return };
    let Some((sites, report)) = sites_of("data/sites/RegulonDB-13.0_TF-RISet.tsv", genome) else {
        return;
    };
    assert_eq!(report.read.records, 4_622);
    assert_eq!(report.read.skipped["no coordinates"].count, 973);
    assert_eq!(
        report.read.skipped["a point between two bases, not a site"].count,
        11
    );
    assert_eq!((report.sites, report.on_both_strands), (3_521, 382));
    assert_eq!(
        report.check.rate,
        MatchRate {
            compared: 3_521,
            matching: 3_521,
            matching_any_strand: 3_521
        }
    );
    assert_eq!(report.check.verdict, Verdict::Passed);
    let first = &sites.sites[0];
    assert_eq!(
        (first.tf(), first.interval),
        ("ArcA", Interval::new(97, 112))
    );
    let last = sites.sites.last().expect("sites");
    assert_eq!(
        (last.tf(), last.interval),
        ("FNR", Interval::new(4_640_688, 4_640_703))
    );
    assert_eq!(sites.tfs()[0], ("Nac".to_owned(), 413));
    assert_eq!(sites.tfs()[1], ("CRP".to_owned(), 306));
    assert_eq!(report.tfs, 205);
    // GadX has three rows at this place: one activates, two repress.
    let gad_x = sites
        .sites
        .iter()
        .find(|s| s.tf() == "GadX" && s.interval.start == 3_656_907);
    let gad_x = gad_x.expect("GadX");
    assert_eq!(
        (gad_x.effect.sign(), gad_x.strand),
        ("+-", Some(Strand::Reverse))
    );
    assert!(gad_x.rows().len() > 1 && gad_x.evidence >= Evidence::Weak);
    assert!(
        sites
            .sites
            .iter()
            .all(|s| s.targets().next().is_some() && !s.rows().is_empty())
    );
}

#[test]
fn sites_on_the_older_assembly_fail_the_check() {
    let Some(path) = shared("data/genome/NC_000913.2.fasta.gz") else {
        return;
    };
    let Some((_, report)) = sites_of("data/sites/RegulonDB-13.0_TF-RISet.tsv", &genome_of(&path))
    else {
        return;
    };
    assert_eq!(report.check.verdict, Verdict::OtherAssembly);
    assert!(report.check.rate.share() < 0.1, "{:?}", report.check);
    assert!(report.check.to_string().contains("other assembly"));
}

#[test]
fn placed_crp_sites_are_265_intervals() {
    let Some(genome) = ecoli() else { return };
    let Some((sites, report)) = sites_of("data/sites/logomaker_crp_sites_NC_000913.3.tsv", genome)
    else {
        return;
    };
    assert_eq!((report.sites, report.tfs), (265, 1));
    assert_eq!(report.check.verdict, Verdict::NothingToCompare);
    let at = |site: &Site| (site.tf().to_owned(), site.interval, site.strand);
    assert_eq!(
        at(&sites.sites[0]),
        (
            "CRP".to_owned(),
            Interval::new(34_163, 34_189),
            Some(Strand::Forward)
        )
    );
    assert!(sites.sites.iter().all(|site| site.interval.len() == 26));
    // araBp and araCp share one, on both strands.
    let ara = sites
        .overlapping(0, Interval::new(70_155, 70_181))
        .next()
        .expect("ara");
    assert_eq!((ara.strand, ara.targets().count()), (None, 2));
}

fn anchors_of(path: &str, genome: &Genome) -> Option<(Vec<Anchor>, ReadReport)> {
    let path = shared(path)?;
    Some(read_anchors(&path, genome, &Progress::default(), &Cancel::default()).expect("anchors"))
}

#[test]
fn transcription_start_sites_are_read_from_tables() {
    let Some(genome) = ecoli() else { return };
    let Some((anchors, report)) = anchors_of("data/tss/tss_open_NC_000913.3.tsv", genome) else {
        return;
    };
    assert_eq!((anchors.len(), report.records), (8_029, 8_029));
    assert_eq!(
        anchors[0],
        Anchor {
            contig: 0,
            position: 147,
            strand: Strand::Forward
        }
    );
    let purines = anchors.iter().filter(|anchor| {
        let one = Interval::new(anchor.position, anchor.position + 1);
        matches!(
            genome.contigs[0].bases(one, anchor.strand)[0],
            headlight::genome::Base::A | headlight::genome::Base::G
        )
    });
    let share = purines.count() as f64 / anchors.len() as f64;
    assert!((share - 0.75).abs() < 0.01, "{share}");
    let Some((clusters, report)) =
        anchors_of("data/tss/ecoli_tss_clusters_NC_000913.3.tsv", genome)
    else {
        return;
    };
    // A few lie behind the last base.
    assert_eq!(clusters.len() + report.skipped_count(), 27_101, "{report}");
    assert!(report.skipped_count() <= 6, "{report}");
    let Some((promoters, report)) =
        anchors_of("data/promoters/RegulonDB-13.0_PromoterSet.tsv", genome)
    else {
        return;
    };
    assert!(promoters.len() > 3_500, "{report}");
    // lacZp1 starts at 366,343 on the reverse strand.
    assert!(promoters.contains(&Anchor {
        contig: 0,
        position: 366_342,
        strand: Strand::Reverse
    }));
}

#[test]
fn kinds_are_told_by_content() {
    for (path, kind) in [
        ("data/genome/NC_000913.3.fasta", FileKind::Fasta),
        ("data/genome/U00096.3.fasta.gz", FileKind::Fasta),
        ("data/genome/NC_000913.3.gff3", FileKind::Gff3),
        ("data/genome/AL009126.3.gff3.gz", FileKind::Gff3),
        ("data/genome/NC_000913.3.gb.gz", FileKind::GenBank),
        (
            "data/sites/RegulonDB-13.0_TF-RISet.tsv",
            FileKind::RegulonDbTfRiSet,
        ),
        (
            "data/sites/RegulonDB-11.1_RISet.txt",
            FileKind::RegulonDbTfRiSet,
        ),
        (
            "data/sites/RegulonDB-10.8_BindingSiteSet.txt",
            FileKind::BindingSiteSet,
        ),
        (
            "data/sites/logomaker_crp_sites_NC_000913.3.tsv",
            FileKind::SiteTable,
        ),
        ("data/tss/tss_open_NC_000913.3.tsv", FileKind::AnchorTable),
        (
            "data/promoters/RegulonDB-13.0_PromoterSet.tsv",
            FileKind::AnchorTable,
        ),
        ("data/motifs/SwissRegulon_e_coli.meme", FileKind::Meme),
        ("data/motifs/regulonDB_2025-05.tf", FileKind::Transfac),
        ("reference/tiny.safetensors", FileKind::Safetensors),
        ("reference/trainpy.model.pt", FileKind::PyTorch),
    ] {
        let Some(path) = shared(path) else { continue };
        assert_eq!(sniff(&path).expect("readable"), kind, "{}", path.display());
    }
}
