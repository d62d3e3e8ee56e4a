//! The job behind `headlight compare` on the shipped model.

use crate::shared::shared;
use headlight::analysis::association::{Draws, Null};
use headlight::genome::base::ACGT;
use headlight::genome::read::Input;
use headlight::genome::read::promoters;
use headlight::genome::{Anchor, Contig, FeatureSet, Genome, Interval, Strand, TssOffset};
use headlight::job::compare::{
    CompareError, CompareRequest, CompareRule, Compared, Part, attention_weights, compare,
};
use headlight::job::example;
use headlight::job::open::{AnchorFile, anchor_file};
use headlight::model::{Mode, Model, Overrides};
use headlight::progress::{Cancel, Progress};
use headlight::sites::{Evidence, Site, SiteSet};
use std::sync::Arc;

fn shipped() -> Arc<Model> {
    Arc::new(example::model(Overrides::default()).expect("shipped"))
}

fn run(request: &CompareRequest) -> Result<Compared, String> {
    compare(request, &Progress::default(), &Cancel::default()).map_err(|error| {
        assert!(error.downcast_ref::<CompareError>().is_some(), "{error}");
        error.to_string()
    })
}

/// The embedded CRP sites at RegulonDB's promoters: the table, its sites, and one cell by hand.
#[test]
fn crp_sites_at_known_promoters() {
    let Some(path) = shared("data/promoters/RegulonDB-13.0_PromoterSet.tsv") else {
        return;
    };
    let genome = Arc::new(example::genome().expect("shipped"));
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let (anchors, _) = anchor_file(&path, &genome, &progress, &cancel).expect("promoters");
    let mut input = Input::open(&path, &progress, &cancel).expect("opens");
    let promoters = promoters::read(&mut input, &genome).expect("names");
    assert!(promoters.len() > 3_000);
    assert!(
        promoters
            .iter()
            .any(|row| row.name() == "lacZp1" && row.sigma() == "sigma70")
    );
    let request = CompareRequest {
        sites: Arc::new(example::sites(&genome).expect("shipped")),
        features: Arc::new(FeatureSet::default()),
        anchors: Some(Arc::new(anchors)),
        promoters,
        model: shipped(),
        rule: CompareRule {
            evidence: Evidence::Unknown,
            draws: Draws {
                permutations: 200,
                most: 400,
                seed: 1,
            },
            ..CompareRule::default()
        },
        genome: genome.clone(),
    };
    let found = run(&request).expect("compares");
    let table = &found.comparison;
    println!("{:?}, {} promoters", table.tfs, table.promoters.len());
    assert_eq!((table.cells.len(), table.tfs.len()), (36, 1));
    let crp = &table.tfs[0];
    assert!(crp.tested && crp.counted == crp.seen && crp.seen < crp.at_promoters);
    assert!(crp.at_promoters < crp.sites && crp.counted >= 80);
    // Every promoter has a site, and every site is seen as a whole from its own promoter.
    for site in &table.sites {
        assert!(site.offsets[0] >= found.seen[0] && site.offsets[1] <= found.seen[1]);
        let anchor = table.promoters[site.promoter].anchor;
        let ends = [site.interval.start, site.interval.end - 1];
        let offset = |position: usize| match anchor.strand {
            Strand::Forward => TssOffset(position.cast_signed() - anchor.position.cast_signed()),
            Strand::Reverse => TssOffset(anchor.position.cast_signed() - position.cast_signed()),
        };
        let mut offsets = ends.map(|position| offset(position).0);
        offsets.sort_unstable();
        assert_eq!(offsets, site.offsets);
    }
    // One cell by hand: the weights behind it, compared one by one.
    let anchors: Vec<Anchor> = table.promoters.iter().map(|p| p.anchor).collect();
    let weights = attention_weights(
        &request.model.kernel,
        &genome,
        &anchors,
        Mode::Seamless,
        &progress,
        &cancel,
    )
    .expect("not cancelled");
    let head = table.shape().head(27);
    let columns = |offsets: [isize; 2]| {
        let column = |offset: isize| (offset - found.seen[0]).cast_unsigned();
        column(offsets[0])..column(offsets[1]) + 1
    };
    let mean = |promoter: usize, offsets: [isize; 2]| {
        let row = &weights.row(27, promoter)[columns(offsets)];
        row.iter().map(|w| f64::from(*w)).sum::<f64>() / row.len() as f64
    };
    let mut aurocs = Vec::new();
    for (index, site) in table.sites.iter().enumerate() {
        let own = mean(site.promoter, site.offsets);
        assert!((own as f32 - table.weights[27][index]).abs() < 1e-7);
        aurocs.push(f64::from(table.ranks[27][index]));
        let others = (0..anchors.len()).filter(|p| *p != site.promoter);
        let below = others.filter(|&p| mean(p, site.offsets) < own).count();
        // Controls lack the few promoters with a CRP site there.
        let rough = below as f64 / (anchors.len() - 1) as f64;
        assert!(
            (rough - aurocs[index]).abs() < 0.3,
            "{rough} {}",
            aurocs[index]
        );
    }
    let cell = table.cell(head, "CRP").expect("tested");
    assert_eq!(cell.sites, table.sites.len());
    assert!((cell.auroc - aurocs.iter().sum::<f64>() / aurocs.len() as f64).abs() < 1e-6);
    let listed = table.sites_of(head, "CRP");
    assert_eq!(listed.len(), cell.sites);
    assert!(listed.windows(2).all(|pair| pair[0].rank >= pair[1].rank));
    let mut text = Vec::new();
    table.write_tsv(&mut text).expect("memory");
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(
        text.starts_with("layer\thead\ttf\tsites\tauroc\tauroc_low\tauroc_high\tp\tq\tp_max\t")
    );
    assert_eq!(text.lines().count(), 37);
    let mut text = Vec::new();
    table.write_sites_tsv(&mut text, &["c"]).expect("memory");
    let lines = String::from_utf8(text).expect("UTF-8").lines().count();
    assert_eq!(lines, 1 + 36 * table.sites.len());
}

/// A small genome with sites at some of its start sites.
fn small() -> CompareRequest {
    let mut state = 99_u64;
    let sequence = (0..30_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ACGT[(state >> 62) as usize]
        })
        .collect();
    let genome = Genome {
        name: "small".to_owned(),
        contigs: vec![Contig {
            name: "c".to_owned(),
            sequence,
            ..Contig::default()
        }]
        .into(),
        ..Genome::default()
    };
    let anchors: Vec<Anchor> = (1..30)
        .map(|i| Anchor {
            contig: 0,
            position: 1_000 * i,
            strand: Strand::BOTH[i % 2],
        })
        .collect();
    let sites = anchors.iter().take(14).map(|anchor| {
        let start = match anchor.strand {
            Strand::Forward => anchor.position - 50,
            Strand::Reverse => anchor.position + 35,
        };
        let interval = Interval::new(start, start + 16);
        let mut site = Site::new("X", 0, interval, None);
        site.evidence = Evidence::Strong;
        site
    });
    CompareRequest {
        sites: Arc::new(SiteSet::new("sites".to_owned(), sites.collect())),
        genome: Arc::new(genome),
        features: Arc::new(FeatureSet::default()),
        model: shipped(),
        anchors: Some(Arc::new(AnchorFile::new("tss".to_owned(), anchors))),
        promoters: Vec::new(),
        rule: CompareRule {
            draws: Draws {
                permutations: 20,
                most: 20,
                seed: 1,
            },
            ..CompareRule::default()
        },
    }
}

#[test]
fn every_null_runs_and_bad_input_is_explained() {
    let good = small();
    for null in [Null::Promoter, Null::Matched, Null::Shift] {
        let mut request = good.clone();
        request.rule.null = null;
        let found = run(&request).expect("compares");
        assert_eq!(found.comparison.promoters.len(), 14);
        assert_eq!(found.comparison.cells.len(), 36);
        assert_eq!(found.comparison.tfs[0].counted, 14);
        let cells = &found.comparison.cells;
        assert!(cells.iter().all(|cell| cell.significance.draws == 20));
        assert!(cells.iter().all(|cell| (0.0..=1.0).contains(&cell.auroc)));
    }
    let fails = |change: fn(&mut CompareRequest), words: &str| {
        let mut request = good.clone();
        change(&mut request);
        let error = run(&request).expect_err(words);
        assert!(error.contains(words), "{error}");
    };
    fails(
        |request| request.rule.evidence = Evidence::Confirmed,
        "no site is left to compare",
    );
    fails(|request| request.rule.min_sites = 15, "the most has 14 (X)");
    fails(
        |request| request.anchors = Some(Arc::new(AnchorFile::new("none".to_owned(), Vec::new()))),
        "no start site is left",
    );
    fails(
        |request| {
            let outside = |site: &Site| Site::new(site.tf(), 3, site.interval, site.strand);
            let sites = request.sites.sites.iter().map(outside).collect();
            request.sites = Arc::new(SiteSet::new("other".to_owned(), sites));
        },
        "lie on other sequences",
    );
    fails(|request| request.rule.null = Null::Shuffle, "needs them");
    // The model learned from another genome: all of this one is held out.
    let mut request = good.clone();
    request.rule.part = Some(Part::HeldOut);
    assert!(run(&request).is_ok());
    request.rule.part = Some(Part::Training);
    assert!(run(&request).is_err());
    // Sites of another factor on every second one leave 7: too few.
    let mut request = good.clone();
    let mut sites = request.sites.sites.clone();
    for site in sites.clone().iter().step_by(2) {
        let beside = Interval::new(site.interval.end + 19, site.interval.end + 30);
        let mut other = Site::new("Y", 0, beside, None);
        other.evidence = site.evidence;
        sites.push(other);
    }
    request.sites = Arc::new(SiteSet::new("crowded".to_owned(), sites));
    assert!(run(&request).is_ok());
    request.rule.conditional = true;
    let error = run(&request).expect_err("too few");
    assert!(error.contains("the most has 7 (X)"), "{error}");
    let cancel = Cancel::default();
    cancel.cancel();
    let stopped = compare(&good, &Progress::default(), &cancel).expect_err("cancelled");
    assert!(stopped.to_string().contains("cancelled"));
}
