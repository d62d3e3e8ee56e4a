//! Sites, start sites and annotation leave as BED, GFF3 and tables and come back as they were.

use super::round_trip::{all_n, input, places, strands};
use bigtools::BigWigRead;
use headlight::attention::write::{
    Array, Piece, write_bedgraph, write_bigwig, write_npy, write_safetensors,
};
use headlight::genome::Remedy;
use headlight::genome::read::{anchors, annotation_from, genome_from};
use headlight::genome::write::anchors::{
    AnchorRow, write_anchor_bed, write_anchor_gff, write_anchor_table,
};
use headlight::genome::write::annotation::{write_annotation_bed, write_annotation_gff};
use headlight::genome::write::{write_fasta, write_gene_table, write_twobit};
use headlight::genome::{
    Anchor, Base, Contig, Feature, FeatureKind, FeatureNames, FeatureSet, Genome, Interval, Strand,
};
use headlight::job::novel::{Novel, NovelRule, NovelSite};
use headlight::sites::read::{SiteOptions, sites_from, sites_with, track_from};
use headlight::sites::write::{write_site_bed, write_site_gff, write_site_table};
use headlight::sites::{Effect, Evidence, Site, SiteSet};
use proptest::prelude::*;

/// Names with everything that a format may trip over, but no tab, and no word for “missing”.
fn names() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9 ;=,%&'()/.α-]{0,8}[a-z0-9)]".prop_filter("no word for missing", |name| {
        !["nan", "null", "None"].contains(&name.as_str())
    })
}

prop_compose! {
    fn sites()(
        tf in names(),
        interval in places(),
        strand in strands(),
        both in any::<bool>(),
        evidence in prop_oneof![
            Just(Evidence::Unknown), Just(Evidence::Weak), Just(Evidence::Strong), Just(Evidence::Confirmed)
        ],
        effect in prop_oneof![
            Just(Effect::Unknown), Just(Effect::Activation), Just(Effect::Repression), Just(Effect::Dual)
        ],
        targets in proptest::collection::btree_set("[a-z]{3}[A-Z]p[1-9]?", 0..4),
        sequence in "[ACGT]{0,12}",
    ) -> Site {
        // As long as the site: a shorter one would say that its start is counted from 0.
        let sequence: String = sequence.chars().cycle().take(interval.len()).collect();
        let targets: Vec<String> = targets.into_iter().collect();
        let mut site = Site::new(&tf, 0, interval, strand)
            .with_texts(&sequence, targets.iter().map(String::as_str));
        (site.evidence, site.effect) = (evidence, effect);
        site.on_both_strands = strand.is_none() && both;
        site
    }
}

fn site_sets() -> impl Strategy<Value = SiteSet> {
    proptest::collection::vec(sites(), 1..20).prop_map(|mut sites| {
        let place = |site: &Site| (site.interval, site.tf().to_owned());
        sites.sort_by_key(place);
        sites.dedup_by_key(|site| place(site));
        SiteSet::new("s".to_owned(), sites)
    })
}

prop_compose! {
    fn anchor()(position in 0_usize..1_000, forward in any::<bool>()) -> Anchor {
        let strand = if forward { Strand::Forward } else { Strand::Reverse };
        Anchor { contig: 0, position, strand }
    }
}

prop_compose! {
    fn features()(
        name in names(), tag in "[a-z][0-9]{4}", interval in places(), strand in strands(),
        synonyms in proptest::collection::btree_set(names(), 0..3),
        product in "([a-z%;,=&]+[ ()/-]?){0,4}[a-z]",
        kind in prop_oneof![
            Just(FeatureKind::Gene), Just(FeatureKind::Cds), Just(FeatureKind::Tss),
            Just(FeatureKind::Operon), Just(FeatureKind::Other)
        ],
    ) -> Feature {
        let interval = match kind {
            FeatureKind::Tss => Interval::new(interval.start, interval.start + 1),
            _ => interval,
        };
        let synonyms: Vec<String> = synonyms.into_iter().collect();
        let names = FeatureNames { name: &name, synonyms: &synonyms, locus_tag: &tag, product: &product };
        Feature::new(kind, 0, interval, strand).with_names(names)
    }
}

prop_compose! {
    /// A peak that overlaps no known site, on one of the contigs of [`two_contigs`].
    fn peaks()(
        (layer, head) in (1_usize..7, 1_usize..7),
        contig in 0_usize..2,
        interval in places(),
        forward in any::<bool>(),
        score in 0.0_f32..1.0,
        fdr in 0.0_f64..0.05,
        gene in proptest::option::of((names(), 0_usize..500)),
        tss in proptest::option::of((1_usize..1_000, any::<bool>(), 1_isize..100, any::<bool>())),
    ) -> NovelSite {
        let sign = |forward| if forward { '+' } else { '-' };
        NovelSite {
            layer,
            head,
            name: format!("L{layer}H{head}"),
            contig: ["c;1 %", "c2"][contig].to_owned(),
            left: interval.start + 1,
            right: interval.end,
            strand: sign(forward),
            score,
            fdr,
            gene_distance: gene.as_ref().map(|(_, distance)| *distance),
            gene: gene.map(|(gene, _)| gene),
            tss: tss.map(|(position, ..)| position),
            tss_strand: tss.map(|(_, forward, ..)| sign(forward)),
            tss_position: tss.map(|(_, _, position, _)| -position),
            tss_is_known: tss.map(|(.., known)| known),
        }
    }
}

/// Two contigs of a thousand bases; the name of the first has what formats trip over.
fn two_contigs() -> Genome {
    let contig = |name: &str| Contig {
        name: name.to_owned(),
        sequence: std::iter::repeat_n(Base::N, 1_000).collect(),
        ..Contig::default()
    };
    Genome::new("g", vec![contig("c;1 %"), contig("c2")])
}

fn novel(sites: Vec<NovelSite>) -> Novel {
    Novel {
        sites,
        heads: Vec::new(),
        rule: NovelRule::default(),
        chosen: String::new(),
        searched_bp: 0,
        regions: 0,
        known_sites: 0,
        known_promoters: 0,
        predicted_promoters: 0,
        places: 0,
    }
}

type Place = (usize, Interval, Option<Strand>, String);

/// Contig, place, strand and head of every peak after BED, GFF3 and the table.
fn read_back(novel: &Novel, genome: &Genome) -> [Vec<Place>; 3] {
    let columns = "contig=contig,tf=name,left=left,right=right,strand=strand";
    let options = SiteOptions {
        columns: Some(columns.parse().expect("columns")),
        ..SiteOptions::default()
    };
    let (mut bed, mut gff, mut table) = (Vec::new(), Vec::new(), Vec::new());
    novel.write_bed(&mut bed).expect("memory");
    novel.write_gff(&mut gff).expect("memory");
    novel.write_tsv(&mut table).expect("memory");
    let read = [
        sites_from(&mut input("n", &bed), genome),
        sites_from(&mut input("n", &gff), genome),
        sites_with(&mut input("n", &table), genome, &options),
    ];
    read.map(|read| {
        let sites = read.expect("sites").0.sites;
        let place = |s: &Site| (s.contig(), s.interval, s.strand, s.tf().to_owned());
        let mut places: Vec<Place> = sites.iter().map(place).collect();
        places.sort_by(|a, b| (a.0, a.1, &a.3).cmp(&(b.0, b.1, &b.3)));
        places
    })
}

type Write<T> = fn(&T, &Genome, &mut Vec<u8>) -> std::io::Result<()>;

fn written<T>(write: Write<T>, what: &T, genome: &Genome) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(what, genome, &mut bytes).expect("memory");
    bytes
}

/// Features in an order that does not depend on the file.
fn sorted(features: &FeatureSet) -> Vec<Feature> {
    let mut all = features.all().to_vec();
    all.sort_by_key(|f| {
        (
            f.interval,
            f.kind,
            f.name().to_owned(),
            f.locus_tag().to_owned(),
        )
    });
    all
}

proptest! {
    #[test]
    fn sites_are_the_same_after_a_table_and_gff3(set in site_sets()) {
        let genome = all_n(1_000);
        let formats: [Write<SiteSet>; 2] = [write_site_table, write_site_gff];
        for write in formats {
            let bytes = written(write, &set, &genome);
            let (mut read, _) = sites_from(&mut input("s", &bytes), &genome).expect("sites");
            read.sites.iter_mut().for_each(headlight::sites::Site::forget_rows);
            prop_assert_eq!(&read, &set);
        }
    }

    #[test]
    fn places_of_sites_are_the_same_after_bed(set in site_sets()) {
        let genome = all_n(1_000);
        let bytes = written(write_site_bed, &set, &genome);
        let (read, _) = sites_from(&mut input("s", &bytes), &genome).expect("sites");
        let place = |site: &Site| {
            (site.tf().to_owned(), site.interval, site.strand, site.on_both_strands)
        };
        let places = |set: &SiteSet| set.sites.iter().map(place).collect::<Vec<_>>();
        prop_assert_eq!(places(&read), places(&set));
    }

    #[test]
    fn anchors_are_the_same_after_each_format(anchors in proptest::collection::btree_set(anchor(), 1..30)) {
        let genome = all_n(1_000);
        let rows: Vec<AnchorRow> = anchors.iter().copied().map(AnchorRow::from).collect();
        for write in [write_anchor_bed, write_anchor_gff, write_anchor_table] {
            let mut bytes = Vec::new();
            write(&rows, &genome, &mut bytes).expect("memory");
            let (read, _) = anchors::read(&mut input("a", &bytes), &genome).expect("anchors");
            prop_assert_eq!(&read, &anchors.iter().copied().collect::<Vec<_>>());
        }
    }

    #[test]
    fn places_of_novel_sites_are_the_same_after_each_format(
        mut sites in proptest::collection::vec(peaks(), 1..20),
    ) {
        let genome = two_contigs();
        let place = |s: &NovelSite| (s.contig.clone(), s.left, s.right, s.name.clone());
        sites.sort_by_key(place);
        // One head on both strands of one place is a site on both.
        sites.dedup_by_key(|site| place(site));
        let mut expected: Vec<Place> = sites
            .iter()
            .map(|site| {
                let contig = genome.contig_index(&site.contig).expect("a contig");
                let strand = if site.strand == '+' { Strand::Forward } else { Strand::Reverse };
                (contig, Interval::new(site.left - 1, site.right), Some(strand), site.name.clone())
            })
            .collect();
        expected.sort_by(|a, b| (a.0, a.1, &a.3).cmp(&(b.0, b.1, &b.3)));
        for read in read_back(&novel(sites), &genome) {
            prop_assert_eq!(&read, &expected);
        }
    }

    #[test]
    fn annotation_is_the_same_after_gff3(all in proptest::collection::vec(features(), 1..20)) {
        let genome = all_n(1_000);
        let set = FeatureSet::new(all);
        let bytes = written(write_annotation_gff, &set, &genome);
        let (read, report) = annotation_from(&mut input("g", &bytes), &genome).expect("GFF3");
        let mut expected = sorted(&set);
        // A gene without a product takes that of a CDS or RNA of its name; here all have one.
        for feature in &mut expected {
            let product = feature.product().trim().to_owned();
            feature.set_product(&product);
        }
        prop_assert_eq!(sorted(&read), expected);
        prop_assert_eq!(report.records, set.all().len());
        // The same file read once as annotation and as sites gives the same annotation.
        let track = track_from(&mut input("g", &bytes), &genome, Remedy::default()).expect("GFF3");
        prop_assert_eq!(sorted(&track.features.expect("features").0), sorted(&read));
    }

    #[test]
    fn annotation_keeps_name_place_and_strand_in_bed(all in proptest::collection::vec(features(), 1..20)) {
        let genome = all_n(1_000);
        let set = FeatureSet::new(all);
        let bytes = written(write_annotation_bed, &set, &genome);
        let (read, _) = annotation_from(&mut input("b", &bytes), &genome).expect("BED");
        let kept = |set: &FeatureSet| {
            let mut kept: Vec<_> = set
                .all()
                .iter()
                .map(|f| (f.interval, f.strand, f.name().to_owned()))
                .collect();
            kept.sort();
            kept
        };
        prop_assert_eq!(kept(&read), kept(&set));
    }
}

#[test]
fn one_base_survives_every_format() {
    let genome = all_n(10);
    for base in [0, 5, 9] {
        let interval = Interval::new(base, base + 1);
        for strand in Strand::BOTH {
            let set = SiteSet::new(
                "s".to_owned(),
                vec![Site::new("X", 0, interval, Some(strand))],
            );
            let formats: [Write<SiteSet>; 3] = [write_site_table, write_site_gff, write_site_bed];
            for write in formats {
                let bytes = written(write, &set, &genome);
                let (read, _) = sites_from(&mut input("s", &bytes), &genome).expect("sites");
                assert_eq!(
                    (read.sites[0].interval, read.sites[0].strand),
                    (interval, Some(strand))
                );
            }
            for kind in [FeatureKind::Gene, FeatureKind::Cds, FeatureKind::Tss] {
                let names = FeatureNames {
                    name: "x",
                    locus_tag: "t1",
                    ..FeatureNames::default()
                };
                let feature = Feature::new(kind, 0, interval, Some(strand)).with_names(names);
                let set = FeatureSet::new(vec![feature]);
                let mut formats: Vec<Write<FeatureSet>> =
                    vec![write_annotation_gff, write_annotation_bed];
                if kind == FeatureKind::Gene {
                    formats.push(write_gene_table);
                }
                for write in formats {
                    let bytes = written(write, &set, &genome);
                    let (read, _) = annotation_from(&mut input("a", &bytes), &genome).expect("one");
                    let read = &read.all()[0];
                    assert_eq!((read.interval, read.strand), (interval, Some(strand)));
                }
            }
        }
        let text = format!(
            "LOCUS       X 10 bp DNA linear\nFEATURES             Location/Qualifiers\n     \
             gene            {}\n                     /gene=\"x\"\nORIGIN\n        1 nnnnnnnnnn\n//\n",
            base + 1
        );
        let read = headlight::genome::read::annotated_genome_from(&mut input("g", text.as_bytes()))
            .expect("GenBank");
        let features = read.features.expect("features").0;
        assert_eq!(features.all()[0].interval, interval);
    }
}

#[test]
fn one_novel_base_survives_every_format() {
    let genome = two_contigs();
    for position in [1, 500, 1_000] {
        for (strand, sign) in [(Strand::Forward, '+'), (Strand::Reverse, '-')] {
            let site = NovelSite {
                layer: 1,
                head: 1,
                name: "L1H1".to_owned(),
                contig: "c2".to_owned(),
                left: position,
                right: position,
                strand: sign,
                score: 0.5,
                fdr: 0.01,
                gene: None,
                gene_distance: None,
                tss: None,
                tss_strand: None,
                tss_position: None,
                tss_is_known: None,
            };
            let interval = Interval::new(position - 1, position);
            let expected = vec![(1, interval, Some(strand), "L1H1".to_owned())];
            for read in read_back(&novel(vec![site]), &genome) {
                assert_eq!(read, expected);
            }
            let anchor = Anchor {
                contig: 1,
                position: position - 1,
                strand,
            };
            for write in [write_anchor_bed, write_anchor_gff, write_anchor_table] {
                let mut bytes = Vec::new();
                write(&[AnchorRow::from(anchor)], &genome, &mut bytes).expect("memory");
                let (read, _) = anchors::read(&mut input("a", &bytes), &genome).expect("anchors");
                assert_eq!(read, [anchor]);
            }
        }
    }
}

#[test]
fn the_value_of_one_base_survives_every_format() {
    let genome = all_n(10);
    let value = 0.1_f32;
    for first in [0, 5, 9] {
        let piece = Piece {
            contig: 0,
            first,
            values: &[value],
        };
        let mut text = Vec::new();
        write_bedgraph(&mut text, "x", &[piece], &genome).expect("memory");
        let text = String::from_utf8(text).expect("text");
        let line = format!("c\t{first}\t{}\t{value}", first + 1);
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), [line]);
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("one.bw");
        let file = std::fs::File::create(&path).expect("file");
        write_bigwig(file, &[piece], &genome).expect("written");
        let mut read = BigWigRead::open_file(&path).expect("bigWig");
        let runs = read.get_interval("c", 0, 10).expect("indexed");
        let runs: Vec<_> = runs.map(|run| run.expect("a block")).collect();
        assert_eq!(runs.len(), 1);
        let run = (runs[0].start as usize, runs[0].end as usize);
        assert_eq!(run, (first, first + 1));
        assert_eq!(runs[0].value.to_bits(), value.to_bits());
    }
    let array = Array {
        name: "a".to_owned(),
        shape: vec![1],
        values: vec![value],
    };
    let mut npy = Vec::new();
    write_npy(&mut npy, &array).expect("memory");
    let read = npyz::NpyFile::new(npy.as_slice()).expect("npy");
    assert_eq!(read.into_vec::<f32>().expect("f4"), [value]);
    let mut file = Vec::new();
    write_safetensors(&mut file, &[array], "{}").expect("memory");
    let tensors = safetensors::SafeTensors::deserialize(&file).expect("safetensors");
    let tensor = tensors.tensor("a").expect("named");
    assert_eq!(
        (tensor.shape(), tensor.data()),
        (&[1][..], &value.to_le_bytes()[..])
    );
}

#[test]
fn a_sequence_of_one_base_survives_every_format() {
    for base in [Base::A, Base::C, Base::G, Base::T, Base::N] {
        let contig = |name: &str| Contig {
            name: name.to_owned(),
            sequence: [base].into_iter().collect(),
            ..Contig::default()
        };
        let genome = Genome::new("g", vec![contig("a"), contig("b")]);
        let formats: [Write<Genome>; 2] = [
            |genome, _, out| write_fasta(genome, out),
            |genome, _, out| write_twobit(genome, out),
        ];
        for write in formats {
            let bytes = written(write, &genome, &genome);
            let read = genome_from(&mut input("g", &bytes)).expect("a genome");
            assert_eq!(read, genome);
        }
        let letter = base.letter();
        let record =
            |name: &str| format!("LOCUS {name} 1 bp DNA\nORIGIN\n        1 {letter}\n//\n");
        let text = record("a") + &record("b");
        let read = genome_from(&mut input("g", text.as_bytes())).expect("GenBank");
        assert_eq!(read, genome);
    }
}
