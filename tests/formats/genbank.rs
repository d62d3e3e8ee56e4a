//! GenBank: against another reader, with its traps, cut short and damaged.

use super::round_trip::input;
use crate::shared::shared;
use flate2::{Compression, GzBuilder};
use headlight::genome::read::{
    AnnotatedGenome, Input, ReadError, annotated_genome_from, annotation_from, genome_from,
};
use headlight::genome::{Feature, FeatureKind, FeatureSet, Interval, Strand, base};
use headlight::progress::{Cancel, Progress};
use proptest::prelude::*;
use std::io::{Read, Write};

fn read(text: &str) -> Result<AnnotatedGenome, ReadError> {
    annotated_genome_from(&mut input("x.gb", text.as_bytes()))
}

fn features(text: &str) -> FeatureSet {
    let read = read(text).expect("GenBank");
    read.features.expect("features").0
}

const HEADER: &str = "FEATURES             Location/Qualifiers\n";

fn record(name: &str, shape: &str, features: &str, letters: &str) -> String {
    format!(
        "LOCUS       {name}               {} bp    DNA     {shape} BCT 21-JUL-2008\n\
         DEFINITION  Something\n            small.\nACCESSION   {name}\nVERSION     {name}.1\n\
         {HEADER}{features}ORIGIN\n        1 {letters}\n//\n",
        letters.replace(' ', "").len()
    )
}

fn feature(key: &str, location: &str, qualifiers: &str) -> String {
    let lines = qualifiers.split('\n').filter(|line| !line.is_empty());
    let lines = lines.map(|line| format!("{:21}{line}\n", ""));
    format!("     {key:<16}{location}\n{}", lines.collect::<String>())
}

/// The extent of a location as gb-io reads it, 0-based half-open, and whether it is complemented.
fn extent(location: &gb_io::seq::Location) -> Option<(i64, i64, bool)> {
    use gb_io::seq::Location;
    match location {
        Location::Range((start, _), (end, _)) => Some((*start, *end, false)),
        Location::Complement(inside) => {
            extent(inside).map(|(start, end, reverse)| (start, end, !reverse))
        }
        Location::Join(parts) | Location::Order(parts) => {
            let parts: Vec<_> = parts.iter().filter_map(extent).collect();
            let start = parts.iter().map(|part| part.0).min()?;
            let end = parts.iter().map(|part| part.1).max()?;
            Some((start, end, parts[0].2))
        }
        _ => None,
    }
}

#[test]
fn another_reader_finds_the_same_sequences_and_features() {
    for file in ["NC_000913.3.gb.gz", "NC_005816.gb", "NC_001422.gbk"] {
        let Some(path) = shared(&format!("data/genome/{file}")) else {
            return;
        };
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let mut bytes = std::fs::read(&path).expect("file");
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let packed = std::mem::take(&mut bytes);
            let mut gzip = flate2::read::MultiGzDecoder::new(packed.as_slice());
            gzip.read_to_end(&mut bytes).expect("gzip");
        }
        let theirs = gb_io::reader::parse_slice(&bytes).expect("their reader");
        let ours =
            Input::open(&path, &progress, &cancel).and_then(|mut i| annotated_genome_from(&mut i));
        let ours = ours.expect("our reader");
        let contig = &ours.genome.contigs[0];
        assert_eq!((theirs.len(), ours.genome.contigs.len()), (1, 1));
        let letters = String::from_utf8_lossy(&theirs[0].seq).to_ascii_uppercase();
        let whole = Interval::new(0, contig.len());
        assert!(
            base::text(&contig.bases(whole, Strand::Forward)) == letters,
            "{file}"
        );
        assert_eq!(contig.circular, theirs[0].is_circular());
        assert!(
            theirs[0]
                .version
                .as_ref()
                .is_some_and(|v| v.starts_with(&contig.name))
        );
        let features = ours.features.expect("features").0;
        let mut found = Vec::new();
        let mut expected = Vec::new();
        for feature in features.all() {
            found.push((
                feature.interval,
                feature.strand,
                feature.locus_tag().to_owned(),
            ));
        }
        for feature in &theirs[0].features {
            if ["source", "mRNA"].contains(&&*feature.kind) {
                continue;
            }
            let tag = feature
                .qualifier_values("locus_tag")
                .next()
                .unwrap_or_default();
            // A point between two bases has no extent here.
            let Some(whole) = extent(&feature.location) else {
                continue;
            };
            let mut places = vec![whole];
            if let gb_io::seq::Location::Join(parts) = &feature.location
                && (whole.0, whole.1) == (0, contig.len().cast_signed() as i64)
            {
                // Across the origin of a circle.
                places = parts.iter().filter_map(extent).collect();
            }
            for (start, end, reverse) in places {
                let strand = if reverse {
                    Strand::Reverse
                } else {
                    Strand::Forward
                };
                let interval = Interval::new(start as usize, end as usize);
                expected.push((interval, Some(strand), tag.to_owned()));
            }
        }
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{file}");
    }
}

#[test]
fn several_records_with_features_become_one_genome() {
    let genes = feature(
        "gene",
        "complement(3..6)",
        "/gene=\"abcA\"\n/locus_tag=\"t1\"\n/gene_synonym=\"x1; x2\"",
    ) + &feature(
        "CDS",
        "complement(3..6)",
        "/gene=\"abcA\"\n/locus_tag=\"t1\"\n/product=\"a \"\"quoted\"\"\nlong product\"\n/translation=\"MKR\nLEV\"\n/codon_start=1",
    ) + &feature("operon", "1..8", "/operon=\"abcAB\"")
        + &feature("tRNA", "7", "/product=\"tRNA-Ala\"\n/pseudo");
    let text = record("AB1", "circular", &genes, "acgtnnryac")
        + &record("AB2", "linear", "", "ggggg ccccc");
    let AnnotatedGenome { genome, features } = read(&text).expect("fine");
    let names: Vec<_> = genome
        .contigs
        .iter()
        .map(|c| (c.name.as_str(), c.len(), c.circular))
        .collect();
    assert_eq!(names, [("AB1.1", 10, true), ("AB2.1", 10, false)]);
    assert_eq!(genome.contig_index("AB2"), Some(1));
    assert_eq!(genome.contigs[0].description(), "Something small");
    assert_eq!(
        genome.contigs[0].sequence.unknown_runs(),
        [Interval::new(4, 8)]
    );
    let (features, report) = features.expect("features");
    let gene = features.called("x2")[0];
    assert_eq!(
        (gene.kind, gene.interval, gene.strand, gene.product()),
        (
            FeatureKind::Gene,
            Interval::new(2, 6),
            Some(Strand::Reverse),
            "a \"quoted\" long product"
        )
    );
    assert_eq!(features.called("abcAB")[0].kind, FeatureKind::Operon);
    assert_eq!(features.called("tRNA-Ala")[0].interval, Interval::new(6, 7));
    assert_eq!((features.all().len(), report.records), (4, 4));
    // The same file as annotation of a genome that calls the sequences otherwise.
    let fasta = genome_from(&mut input(
        "g.fa",
        b">AB1\nacgtnnryac\n>AB2\nggggg\nccccc\n",
    ))
    .expect("FASTA");
    let (again, _) =
        annotation_from(&mut input("x.gb", text.as_bytes()), &fasta).expect("annotation");
    assert_eq!(again.all(), features.all());
}

#[test]
fn places_that_are_none_are_told_and_circles_are_crossed() {
    let text = record(
        "AB1",
        "circular",
        &(feature("gene", "join(9..10,1..2)", "/gene=\"over\"")
            + &feature("misc_feature", "4^5", "/note=\"point\"")
            + &feature("misc_feature", "J00194.1:1..3", "/note=\"elsewhere\"")
            + &feature(
                "CDS",
                "join(1..2,\n                     5..6)",
                "/gene=\"split\"",
            )),
        "acgtacgtac",
    );
    let all = features(&text);
    let places = |name: &str| {
        all.called(name)
            .iter()
            .map(|f| f.interval)
            .collect::<Vec<_>>()
    };
    assert_eq!(places("over"), [Interval::new(0, 2), Interval::new(8, 10)]);
    assert_eq!(places("split"), [Interval::new(0, 6)]);
    let report = read(&text).expect("fine").features.expect("features").1;
    assert_eq!(report.skipped_count(), 2, "{report}");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let good = record(
        "AB1",
        "linear",
        &feature("gene", "1..4", "/gene=\"a\""),
        "acgtacgt",
    );
    assert!(read(&good).is_ok());
    for (text, line, words) in [
        (good.replace("1..4", "1..4)"), 7, "a location such as"),
        (good.replace("1..4", "1..40"), 7, "positions up to 8"),
        (good.replace(" acgtacgt", " acgt*cgt"), 10, "nucleotides"),
        (
            good.replace(" acgtacgt", " acgtac"),
            11,
            "8 bases, as LOCUS says, found 6",
        ),
        (
            good.replace(" acgtacgt\n//\n", " acgt\n"),
            10,
            "8 bases, as LOCUS says, found 4",
        ),
        (
            good.replace("ORIGIN\n        1 acgtacgt", "CONTIG      join(X:1..8)"),
            1,
            "bases under ORIGIN",
        ),
        (good.replace(" bp ", " aa "), 1, "a protein"),
        (format!("{good}{good}"), 12, "a second time"),
        (format!("{good}hello\n"), 12, "begins with LOCUS"),
        (
            good.replace("     gene            1..4\n", ""),
            7,
            "a feature with its location",
        ),
    ] {
        let error = read(&text).expect_err(words);
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert_eq!(error.line(), Some(line), "{words}: {error}");
    }
    // As annotation of a sequence of another length.
    let fasta = genome_from(&mut input("g.fa", b">AB1.1\nacgtacg\n")).expect("FASTA");
    let error = annotation_from(&mut input("x.gb", good.as_bytes()), &fasta).expect_err("length");
    assert!(
        error.to_string().contains("8 bp in this file and 7 bp"),
        "{error}"
    );
}

#[test]
fn bgzip_is_read_block_by_block() {
    let text = record(
        "AB1",
        "linear",
        &feature("gene", "1..4", "/gene=\"a\""),
        "acgtacgt",
    );
    let mut bytes = Vec::new();
    for block in text.as_bytes().chunks(50).chain([&b""[..]]) {
        // As bgzip writes them: each block a member with its size in an extra field.
        let extra = vec![b'B', b'C', 2, 0, 0, 0];
        let mut member = GzBuilder::new()
            .extra(extra)
            .write(Vec::new(), Compression::fast());
        member.write_all(block).expect("memory");
        bytes.extend(member.finish().expect("memory"));
    }
    let read = annotated_genome_from(&mut input("x.gb.gz", &bytes)).expect("bgzip");
    assert_eq!(read.genome.contigs[0].len(), 8);
    assert_eq!(read.features.expect("features").0.all().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_feature_comes_back(all in proptest::collection::vec((1_usize..90, 1_usize..10, any::<bool>(), "[a-z]{3}[A-Z]"), 0..12)) {
        let letters = "acgtacgtac".repeat(10);
        let mut text = String::new();
        for (first, length, reverse, name) in &all {
            let span = format!("{first}..{}", first + length);
            let place = if *reverse { format!("complement({span})") } else { span };
            text += &feature("gene", &place, &format!("/gene=\"{name}\""));
        }
        let read = features(&record("AB1", "linear", &text, &letters));
        let mut found: Vec<_> = read.all().iter().map(told).collect();
        let mut expected: Vec<_> = all
            .into_iter()
            .map(|(first, length, reverse, name)| {
                let strand = if reverse { Strand::Reverse } else { Strand::Forward };
                (Interval::new(first - 1, first + length), Some(strand), name)
            })
            .collect();
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0_usize..400, with in "[ -~\n\"()/]{0,20}", cut in 0_usize..400) {
        let mut text = record("AB1", "circular", &feature("CDS", "join(1..2,5..6)", "/gene=\"a\"\n/note=\"b\nc\""), "acgtacgt");
        text.insert_str(at.min(text.len()), &with);
        text.truncate(cut.max(1));
        let _ = read(&text);
        let genome = genome_from(&mut input("g.fa", b">AB1\nacgtacgt\n")).expect("FASTA");
        let _ = annotation_from(&mut input("x.gb", text.as_bytes()), &genome);
    }
}

fn told(feature: &Feature) -> (Interval, Option<Strand>, String) {
    (feature.interval, feature.strand, feature.name().to_owned())
}
