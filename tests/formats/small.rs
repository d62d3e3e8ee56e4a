//! Small files that show one trap each.

use headlight::genome::read::anchors::{AnchorOptions, read_with};
use headlight::genome::read::{Input, ReadReport, anchors, annotation_from};
use headlight::genome::{
    Anchor, Base, Contig, FeatureKind, FeatureSet, Genome, Interval, Remedy, Strand,
};
use headlight::progress::{Cancel, Progress};
use headlight::sites::read::{SiteOptions, SiteReport, sites_from, sites_with};
use headlight::sites::{Evidence, SiteSet};

fn contig(name: &str, length_bp: usize, circular: bool) -> Contig {
    Contig {
        name: name.to_owned(),
        circular,
        sequence: b"ACGTTGCA"
            .iter()
            .cycle()
            .take(length_bp)
            .filter_map(|&letter| Base::from_ascii(letter))
            .collect(),
        ..Contig::default()
    }
}

fn genome() -> Genome {
    Genome::new(
        "g",
        vec![contig("NC_1.1", 1_000, true), contig("p", 200, false)],
    )
}

fn single() -> Genome {
    Genome::new("g", vec![contig("NC_1.1", 1_000, false)])
}

fn input(text: &str) -> Input<'_> {
    Input::from_bytes(
        "small",
        text.as_bytes(),
        &Progress::default(),
        &Cancel::default(),
    )
    .expect("text")
}

fn annotation(text: &str) -> (FeatureSet, ReadReport) {
    annotation_from(&mut input(text), &genome()).expect("annotation")
}

fn sites(text: &str, genome: &Genome) -> (SiteSet, SiteReport) {
    sites_from(&mut input(text), genome).expect("sites")
}

#[test]
fn gff3_escapes_parents_and_the_end_of_features() {
    let (features, report) = annotation(
        "##gff-version 3\r\n\r\n# comment\r\n\
         NC_1.1\tx\tgene\t11\t40\t.\t+\t.\tID=g1;Name=ab%2Cc;gene_synonym=u,v%3Bw;locus_tag=t1\r\n\
         NC_1.1\tx\tmRNA\t11\t40\t.\t+\t.\tID=m1;Parent=g1\r\n\
         NC_1\tx\tCDS\t11\t40\t.\t+\t0\tID=c1;Parent=m1;product=a 100%25 b;Note=bad %zz escape\r\n\
         ###\r\n\
         elsewhere\tx\tgene\t1\t9\t.\t+\t.\tID=g2\r\n\
         p\tx\tTSS\t5\t9\t.\t-\t.\tName=tss1\r\n\
         ##FASTA\r\n>NC_1.1\r\nACGT\r\n",
    );
    let gene = features.called("ab,c")[0];
    assert_eq!(
        (gene.kind, gene.interval),
        (FeatureKind::Gene, Interval::new(10, 40))
    );
    assert_eq!((gene.product(), gene.locus_tag()), ("a 100% b", "t1"));
    assert!(gene.synonyms().eq(["u", "v;w"]));
    let tss = features.called("tss1")[0];
    assert_eq!(
        (tss.kind, tss.contig(), tss.interval),
        (FeatureKind::Tss, 1, Interval::new(8, 9))
    );
    assert_eq!(features.all().len(), 3);
    assert_eq!(report.records, 3);
    assert_eq!(
        report.skipped["on a sequence that the genome lacks"].lines,
        [8]
    );
    assert!(
        report
            .to_string()
            .contains("Not in the genome: “elsewhere”."),
        "{report}"
    );
}

#[test]
fn a_gene_across_the_origin_is_shown_at_both_ends() {
    let gene = |seqid: &str| format!("{seqid}\tx\tgene\t991\t1005\t.\t-\t.\tName=abc\n");
    let (features, _) = annotation(&gene("NC_1.1"));
    let places: Vec<Interval> = features.called("abc").iter().map(|f| f.interval).collect();
    assert_eq!(places, [Interval::new(0, 5), Interval::new(990, 1_000)]);
    // A linear contig has no origin to cross, unless the file says that it is circular.
    assert!(annotation_from(&mut input(&gene("NC_1.1")), &single()).is_err());
    let stated = format!(
        "NC_1.1\tx\tregion\t1\t1000\t.\t+\t.\tIs_circular=true\n{}",
        gene("NC_1.1")
    );
    let (features, report) = annotation_from(&mut input(&stated), &single()).expect("circular");
    assert_eq!(
        (features.all().len(), report.circular_contigs),
        (2, vec![0])
    );
}

#[test]
fn an_unknown_name_of_the_same_length_is_taken_and_said() {
    let text = "##sequence-region chrB 1 200\nchrB\tx\tgene\t1\t9\t.\t+\t.\tName=a\n";
    let (features, report) = annotation(text);
    assert_eq!(features.all()[0].contig(), 1);
    assert_eq!(report.notes, ["chrB was taken for p: both have 200 bp."]);
}

#[test]
fn bed_has_three_to_twelve_columns() {
    let (features, report) = annotation(
        "track name=x\n#c\nNC_1.1\t10\t11\tp1\t0\t-\nNC_1.1 20 50\n\
         p\t5\t5\tnothing\nNC_1.1\t60\t90\tabc\t0\t+\t60\t90\t0\t1\t30,\t0,\n",
    );
    let kinds: Vec<FeatureKind> = features.all().iter().map(|f| f.kind).collect();
    assert_eq!(
        kinds,
        [FeatureKind::Tss, FeatureKind::Other, FeatureKind::Gene]
    );
    assert_eq!(report.skipped["an interval without bases"].lines, [5]);
    assert_eq!(report.records, 3);
}

#[test]
fn anchors_are_first_bases_on_their_strand() {
    let at = |position, strand| Anchor {
        contig: 0,
        position,
        strand,
    };
    let expected = vec![at(9, Strand::Forward), at(29, Strand::Reverse)];
    for text in [
        "NC_1.1\t9\t20\ta\t0\t+\nNC_1.1\t19\t30\tb\t0\t-\nNC_1.1\t29\t30\tb\t0\t-\nNC_1.1\t5\t6\n",
        "NC_1.1\tx\tTSS\t10\t12\t.\t+\t.\tID=a\nNC_1.1\tx\tTSS\t20\t30\t.\t-\t.\tID=b\n\
         NC_1.1\tx\tgene\t20\t30\t.\t-\t.\tID=c\n",
        "NC_1.1\tx\tpromoter\t10\t10\t.\t+\t.\tID=a\nNC_1.1\tx\tpromoter\t30\t30\t.\t-\t.\tID=b\n",
        "strand\tTSS\nforward\t10\nreverse\t30\n\t40\n+\t\n+\tNA\n",
        "#chrom\tpos\tstrand\nchr\t30.0\t-1\nchr\t10\t1\n",
    ] {
        let (found, _) = anchors::read(&mut input(text), &single()).expect(text);
        assert_eq!(found, expected, "{text}");
    }
    let error = anchors::read(&mut input("pos\tstrand\n5\t+\n"), &genome()).expect_err("which");
    assert!(error.to_string().contains("a column contig"), "{error}");
}

#[test]
fn regulondb_traps() {
    // The genome repeats ACGTTGCA, which is not its own reverse complement.
    let header = "1)riId\t2)regulatorName\t3)tfrsLeft\t4)tfrsRight\t5)strand\t6)tfrsSeq\t\
                  7)riFunction\t8)promoterName\t9)firstGene\t10)targetTuOrGene\t11)confidenceLevel";
    let rows = [
        "r1\tCRP\t9\t14\tforward\ttgcaACGTTGcaac\tactivator\tp1\tg1\tT:u1\tW",
        "r2\tCRP\t9\t14\treverse\tgttgCAACGTtgca\trepressor\tp2\tg2\tT:u2\tC",
        "r3\tCRP\t9\t14\tforward\ttgcaACGTTGcaac\tactivator\tp1\tg1\tT:u1\tS",
        "r4\tLacI\t17\t20\treverse\taaACGTaa\trepressor\t\tg3\tT:lacZYA\t?",
        "r5\tLacI\tNA\tNA\treverse\t\trepressor\tp\tg\tT:u\tW",
        "r6\tLacI\t0\t0\treverse\t\trepressor\tp\tg\tT:u\tW",
        "r7\tLacI\t\t\treverse\t\trepressor\tp\tg\tT:u\tW",
        "r8\tNtrC\t30\t29\treverse\t\trepressor\tp\tg\tT:u\tW",
        "r9\tFar\t30\t2900\treverse\t\trepressor\tp\tg\tT:u\tW",
        "r10\tFar\t30\t33",
    ];
    let text = format!(
        "\u{feff}# License\r\n\"# quoted, comment\"\r\n{header}\r\n{}\r\n",
        rows.join("\r\n")
    );
    let (set, report) = sites(&text, &single());
    assert_eq!(
        (report.read.records, report.sites, report.on_both_strands),
        (5, 3, 1)
    );
    assert_eq!(report.read.skipped["no coordinates"].lines, [8, 9, 10]);
    assert_eq!(
        report.read.skipped["a point between two bases, not a site"].lines,
        [11]
    );
    assert_eq!(report.read.skipped_count(), 5);
    assert_eq!(
        report.read.notes,
        ["1 rows have fewer columns than the header."]
    );
    let crp = &set.sites[0];
    assert_eq!(
        (crp.tf(), crp.interval, crp.strand),
        ("CRP", Interval::new(8, 14), None)
    );
    assert_eq!(
        (crp.evidence, crp.effect.sign()),
        (Evidence::Confirmed, "+-")
    );
    assert_eq!(
        (
            crp.targets().collect::<Vec<_>>().join(","),
            crp.rows()
                .iter()
                .map(headlight::sites::SiteRow::line)
                .collect::<Vec<_>>()
        ),
        ("p1,p2".to_owned(), vec![4, 5, 6])
    );
    assert_eq!(crp.sequence(), "ACGTTG");
    let lac_i = &set.sites[1];
    assert_eq!(
        (lac_i.strand, lac_i.evidence),
        (Some(Strand::Reverse), Evidence::Unknown)
    );
    assert!(lac_i.targets().eq(["lacZYA"]));
    let rate = report.check.rate;
    assert_eq!(
        (rate.compared, rate.matching, rate.matching_any_strand),
        (2, 2, 2)
    );
}

#[test]
fn sites_come_from_bed_gff3_and_tables_of_other_names() {
    for text in [
        "NC_1.1\t8\t14\tCRP\t0\t-\nNC_1.1\t8\t14\n",
        "NC_1.1\tx\tTF_binding_site\t9\t14\t.\t-\t.\tregulator=CRP\nNC_1.1\tx\tgene\t9\t14\t.\t-\t.\tID=a\n",
        "NC_1.1\tRefSeq\tprotein_binding_site\t9\t14\t.\t-\t.\tID=id-1;bound_moiety=CRP\n",
        "Regulator\tStart\tEnd\tStrand\nCRP\t9\t14\t-\n",
        "chrom\ttf_name\tleft\tright\tdirection\nNC_1\tCRP\t9\t14\treverse\nother\tCRP\t9\t14\t+\n",
    ] {
        let (set, report) = sites(text, &single());
        let site = &set.sites[0];
        assert_eq!(report.sites, 1, "{text}");
        assert_eq!(
            (site.tf(), site.interval),
            ("CRP", Interval::new(8, 14)),
            "{text}"
        );
        assert_eq!(site.strand, Some(Strand::Reverse), "{text}");
    }
}

#[test]
fn tables_may_be_separated_by_commas_or_semicolons() {
    let tabs = "tf\tleft\tright\tstrand\nCRP\t3\t8\t+\n\"FNR\"\t2\t5\t-\n";
    let of = |text: &str| {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let mut input = Input::from_bytes("t", text.as_bytes(), &progress, &cancel).expect("text");
        let (sites, _) = sites_with(&mut input, &single(), &SiteOptions::default()).expect(text);
        sites.sites
    };
    let expected = of(tabs);
    assert_eq!(expected.len(), 2);
    for separator in [",", ";"] {
        let mut found = of(&tabs.replace('\t', separator));
        for (site, same) in found.iter_mut().zip(&expected) {
            assert_eq!(site, same, "{separator}");
        }
    }
}

#[test]
fn start_sites_move_and_lift() {
    let anchors = |text: &str, remedy| {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let mut input = Input::from_bytes("t", text.as_bytes(), &progress, &cancel).expect("text");
        let options = AnchorOptions {
            columns: None,
            remedy,
        };
        read_with(&mut input, &single(), options).map(|(found, _)| found)
    };
    let moved = Remedy {
        shift_bp: 2,
        ..Remedy::default()
    };
    let found = anchors("pos,strand\n3,+\n1,-\n", moved).expect("fine");
    let places: Vec<usize> = found.iter().map(|anchor| anchor.position).collect();
    assert_eq!(places, [2, 4]);
    // No other assembly of this sequence is known, so nothing can be lifted.
    let lift = Remedy {
        lift: true,
        ..Remedy::default()
    };
    let error = anchors("pos\tstrand\n3\t+\n", lift)
        .expect_err("unknown")
        .to_string();
    assert!(error.contains("lacks"), "{error}");
}
