//! A made-up genome and small pictures of every kind.

use headlight::attention::block::AttentionBlock;
use headlight::attention::{AttentionSink as _, HeadId, HeadShape, Tile};
use headlight::figure::tracks::{Arcs, TrackKind};
use headlight::figure::{
    AttentionMap, BaseColors, ColorScale, Colormap, GenomeLayout, GenomeView, HeadCard, HeadStrip,
    HeadsGrid, LogoData, Minimap, Probability, ProfileChart, Reduce, Scene, Sheet, SiteTrack,
    StripPage, Theme, TrackPage, Viewport, attention_map, heads_grid, logo, minimap, profile_chart,
};
use headlight::genome::{
    Base, Contig, Feature, FeatureKind, FeatureNames, FeatureSet, Interval, Strand,
};
use headlight::sites::{Evidence, Site, SiteSet};

pub const CONTIG_BP: usize = 400_000;
pub const PAGE_START: usize = 20_000;
pub const PAGE_BP: usize = 60_000;
pub const SHAPE: HeadShape = HeadShape {
    layers: 2,
    heads: 3,
};

/// A small made-up genome with everything that a view can show.
pub struct World {
    pub contig: Contig,
    pub features: FeatureSet,
    pub tss: FeatureSet,
    pub sites: SiteSet,
    pub probability: Vec<f32>,
    pub strip: Vec<f32>,
    pub heads: Vec<HeadId>,
}

/// Numbers that look random and are always the same.
pub fn noise(index: usize) -> f32 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32 / 16_777_216.0
}

pub fn feature(kind: FeatureKind, name: &str, interval: Interval, strand: Strand) -> Feature {
    Feature::new(kind, 0, interval, Some(strand)).with_names(FeatureNames {
        name,
        ..FeatureNames::default()
    })
}

fn site(tf: &str, interval: Interval) -> Site {
    let mut site = Site::new(tf, 0, interval, None);
    site.evidence = Evidence::Strong;
    site
}

impl World {
    pub fn new() -> Self {
        let bases = [Base::A, Base::C, Base::G, Base::T];
        let contig = Contig {
            name: "made up".into(),
            sequence: (0..CONTIG_BP)
                .map(|i| bases[(noise(i) * 4.0) as usize % 4])
                .collect(),
            ..Contig::default()
        };
        let genes: Vec<Feature> = (0..300)
            .map(|i| {
                let start = i * 1300 + (noise(i) * 500.0) as usize;
                let strand = Strand::BOTH[usize::from(noise(i + 1000) > 0.5)];
                feature(
                    FeatureKind::Gene,
                    &format!("gen{i}"),
                    Interval::new(start, start + 300 + (noise(i + 500) * 1400.0) as usize),
                    strand,
                )
            })
            .collect();
        let tss: Vec<Feature> = (0..900)
            .map(|i| {
                let at = i * 440 + (noise(i) * 300.0) as usize;
                let strand = Strand::BOTH[i % 2];
                feature(FeatureKind::Tss, "", Interval::new(at, at + 1), strand)
            })
            .collect();
        let names = ["CRP", "LacI", "FNR", "H-NS", "RcsB-BglJ", "<&\">"];
        let sites: Vec<Site> = (0..1500)
            .map(|i| {
                let start = (noise(i * 3) * (CONTIG_BP - 30) as f32) as usize;
                site(
                    names[i % names.len()],
                    Interval::new(start, start + 8 + i % 20),
                )
            })
            .collect();
        // Something of everything where the small pictures look.
        let here = |from: usize, to: usize| Interval::new(30_000 + from, 30_000 + to);
        let genes = [
            genes,
            vec![feature(
                FeatureKind::Gene,
                "near",
                here(12, 900),
                Strand::Reverse,
            )],
        ]
        .concat();
        let tss = [
            tss,
            vec![feature(FeatureKind::Tss, "", here(4, 5), Strand::Forward)],
        ]
        .concat();
        let near = vec![
            site("LacI", here(6, 17)),
            site("CRP", here(15, 40)),
            site("FNR", Interval::new(118, 126)),
        ];
        let sites = [sites, near].concat();
        Self {
            contig,
            features: FeatureSet::new(genes),
            tss: FeatureSet::new(tss),
            sites: SiteSet::new("sites_of_some-file.tsv".into(), sites),
            probability: (0..PAGE_BP).map(|i| noise(i).powi(6)).collect(),
            strip: (0..SHAPE.len() * PAGE_BP)
                .map(|i| 0.001 + 0.01 * noise(i).powi(4))
                .collect(),
            heads: SHAPE.all().collect(),
        }
    }

    /// What one query looks at, over the sequence and the genes.
    pub fn draw_arcs(&self, view: &GenomeView<'_>) -> Scene {
        let weights: Vec<f32> = (0..20)
            .map(|distance| noise(distance).powi(3) / 5.0)
            .collect();
        let hidden = [
            TrackKind::Heads,
            TrackKind::Legend,
            TrackKind::Probability,
            TrackKind::Tss,
        ];
        let arcs = Arcs {
            head: HeadId { layer: 1, head: 2 },
            strand: Strand::Forward,
            query: 30_019,
            weights: &weights,
        };
        self.draw(&GenomeView {
            arcs: Some(arcs),
            pinned: Some(30_019),
            hidden: &hidden,
            ..*view
        })
        .0
    }

    pub fn draw(&self, view: &GenomeView<'_>) -> (Scene, GenomeLayout) {
        let pages = [TrackPage {
            start: PAGE_START,
            bp_per_value: 1,
            values: &self.probability,
        }];
        let strip = [StripPage {
            start: PAGE_START,
            bp_per_value: 1,
            columns: PAGE_BP,
            values: &self.strip,
        }];
        let sites = [SiteTrack::all(&self.sites)];
        GenomeView {
            contig: Some(&self.contig),
            features: Some(&self.features),
            tss: Some(&self.tss),
            sites: &sites,
            title: Some("made up: a title"),
            probability: Some(Probability {
                forward: &pages,
                reverse: &pages[..0],
                label: "P(TSS)",
                top: None,
            }),
            strip: Some(HeadStrip {
                shape: SHAPE,
                heads: &self.heads,
                pages: &strip,
                scale: ColorScale::logarithmic(Colormap::Viridis, 0.001, 0.01),
                rule: "attention received by each base, strand −, mean over the queries that see it",
                reduce: Reduce::Max,
            }),
            ..*view
        }
        .draw()
    }
}

pub fn view(start: f64, end: f64, width: f32) -> GenomeView<'static> {
    GenomeView::new(Viewport::new(0, CONTIG_BP, start, end), width, Theme::Light)
}

pub fn small_logo() -> LogoData {
    LogoData {
        title: "L1H2".into(),
        heights: vec![
            [0.02, 0.0, 0.05, 1.4],
            [1.2, 0.1, 0.0, 0.3],
            [0.0; 4],
            [0.4, f64::NAN, 0.3, -0.2],
        ],
        first_position: -2,
        tss_relative: true,
        n: 1204,
        unique_n: 1180,
        background: "uniform".into(),
        correction: "none".into(),
    }
}

pub fn sheet(width: f32, height: f32, theme: Theme) -> Sheet {
    Sheet {
        width,
        height,
        theme,
        base_colors: BaseColors::Safe,
    }
}

pub fn small_chart() -> Scene {
    let mean = [0.001, 0.004, 0.02, 0.008, f32::NAN, 0.002];
    let low = mean.map(|value| value * 0.5);
    let high = mean.map(|value| value * 1.5);
    let chart = ProfileChart {
        title: "L1H2",
        first_offset: -3,
        mean: &mean,
        band: Some((&low, &high)),
        control: Some(&low),
        value_label: "mean attention weight",
        marks: &[(-1, "here")],
        caption: "Line: mean over 12 TSSs; band: middle half.",
    };
    profile_chart(&chart, &sheet(320.0, 220.0, Theme::Light))
}

pub fn small_grid() -> Scene {
    let heights = small_logo().heights;
    let profile = [0.0, 0.1, 0.4, 0.2];
    let cards: Vec<HeadCard<'_>> = SHAPE
        .all()
        .skip(1)
        .map(|head| HeadCard {
            head,
            profile: &profile,
            first_offset: -2,
            logo: &heights,
            entropy_bits: 4.25,
            n: 812,
            consensus: "TATAATTATAATTATAAT",
            passes: [None, Some(true), Some(false)][head.head],
            note: ["", "−10 (q 1e−6)"][head.layer],
        })
        .collect();
    heads_grid(&HeadsGrid {
        shape: SHAPE,
        cards: &cards,
        width: 420.0,
        theme: Theme::Dark,
        base_colors: BaseColors::Safe,
        selected: Some(HeadId { layer: 1, head: 0 }),
        title: "All heads",
        caption: "Pale: no more information than the head's own distances permuted among the anchors.",
    })
}

pub fn small_block(strand: Strand) -> AttentionBlock {
    let first = match strand {
        Strand::Forward => 100,
        Strand::Reverse => CONTIG_BP.cast_signed() - 150,
    };
    let mut block = AttentionBlock::new(1, 2, first, 40, 16);
    let weights: Vec<f32> = (0..16).map(|i| (i + 1) as f32 / 136.0).collect();
    for row in 0..40 {
        block.take(&Tile {
            head: HeadId { layer: 1, head: 1 },
            first_query: first + row,
            first_key: first + row - 15,
            queries: 1,
            stride: 16,
            context: 16,
            weights: &weights,
        });
    }
    block
}

pub fn small_map<'a>(
    block: &'a AttentionBlock,
    strand: Strand,
    sites: &'a [SiteTrack<'a>],
) -> AttentionMap<'a> {
    AttentionMap {
        viewport: Viewport::new(0, CONTIG_BP, 100.5, 145.0),
        width: 420.0,
        height: 240.0,
        pixels_per_point: 1.0,
        theme: Theme::Light,
        strand,
        block,
        head: 1,
        expected: None,
        scale: ColorScale::linear(Colormap::Magma, 0.0, 0.12),
        rule: "attention weight",
        sites,
        genes: None,
        longest_bp: None,
        label_shift: None,
        titled: true,
        pinned: Some(120),
    }
}

/// Every kind of picture, small.
pub fn all_kinds() -> Vec<(&'static str, Scene)> {
    let world = World::new();
    let block = small_block(Strand::Forward);
    let sites = [SiteTrack::all(&world.sites)];
    vec![
        (
            "genome_letters",
            world.draw(&view(30_000.0, 30_021.5, 300.0)).0,
        ),
        ("arcs", world.draw_arcs(&view(30_000.0, 30_021.5, 300.0))),
        (
            "logo",
            logo(&small_logo(), &sheet(240.0, 150.0, Theme::Light)),
        ),
        ("profile", small_chart()),
        ("heads_grid", small_grid()),
        (
            "minimap",
            minimap(&Minimap {
                viewport: Viewport::new(0, CONTIG_BP, 399_000.0, 400_000.0),
                width: 300.0,
                theme: Theme::Dark,
                features: None,
            }),
        ),
        (
            "map",
            attention_map(&small_map(&block, Strand::Forward, &sites)),
        ),
    ]
}
