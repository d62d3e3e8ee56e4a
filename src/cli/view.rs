//! `headlight view`: what it can be asked. The window itself is opened by `main.rs`, which alone knows both.

use crate::attention::HeadId;
use crate::attention::Received;
use crate::figure::theme::Theme;
use crate::genome::Strand;
use crate::job::analyse::Analysis;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Arguments of `headlight view`.
#[derive(Clone, Debug, Default, Args)]
pub struct Arguments {
    /// Files to open: genome, annotation, sites, start sites, model, workspace, figure, figure description
    pub files: Vec<PathBuf>,
    /// How site files are read
    #[command(flatten)]
    pub sites: super::inputs::SiteInput,
    /// Another name of a sequence, as other files call it; may be repeated
    #[arg(long = "alias", value_name = "NAME=ALIAS", value_parser = super::inputs::alias)]
    pub aliases: Vec<(String, String)>,
    /// Where to go first: a locus or a gene
    #[arg(long, value_name = "LOCUS")]
    pub locus: Option<String>,
    /// Size of the window in points, such as 1400x900
    #[arg(long, value_name = "WxH", value_parser = size)]
    pub size: Option<[f32; 2]>,
    /// Pixels a point, for high-resolution pictures
    #[arg(long, value_name = "S")]
    pub scale: Option<f32>,
    /// Colours of the window
    #[arg(long, value_enum)]
    pub theme: Option<ThemeName>,
    /// Tab below the genome view
    #[arg(long, value_enum)]
    pub tab: Option<TabName>,
    /// Rule of the head rows
    #[arg(long, value_enum)]
    pub color: Option<RuleName>,
    /// Changes of bases and heads, such as g.366300A>T or L4H5:off; may be repeated
    #[arg(long = "change", value_name = "CHANGE")]
    pub changes: Vec<String>,
    /// Head to select, such as L2H1
    #[arg(long, value_name = "HEAD")]
    pub head: Option<HeadId>,
    /// Strand to read: + or -
    #[arg(long, allow_hyphen_values = true, value_name = "STRAND", value_parser = super::inputs::strand)]
    pub strand: Option<Strand>,
    /// Analyses to start once everything is open, with their usual settings; separated by commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ANALYSES")]
    pub analyse: Vec<AnalysisName>,
    /// Do not compute profiles and logos of the heads by itself
    #[arg(long)]
    pub without_heads: bool,
    /// Save a picture of the window once it has settled, and close it
    #[arg(long, value_name = "FILE")]
    pub screenshot: Option<PathBuf>,
}

/// A theme, as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeName {
    /// Light text on a dark page.
    Dark,
    /// Dark text on a light page.
    Light,
}

impl From<ThemeName> for Theme {
    fn from(name: ThemeName) -> Self {
        match name {
            ThemeName::Dark => Self::Dark,
            ThemeName::Light => Self::Light,
        }
    }
}

/// A tab below the genome view, as an argument.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TabName {
    /// Every weight of the selected head.
    Map,
    /// Profile and logo of every head.
    Heads,
    /// What is being computed.
    Jobs,
    /// Heads against known sites.
    Compare,
    /// Peaks of attention where nothing is known.
    Novel,
    /// Heads against one another.
    Similar,
    /// Changes of bases and heads.
    WhatIf,
    /// A training run.
    Training,
    /// How well models predict.
    Evaluation,
}

/// An analysis, as an argument; named as the subcommand that does the same.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AnalysisName {
    /// Motifs of the heads against the libraries among the files.
    Name,
    /// Heads against known sites.
    Compare,
    /// What the model loses without each head.
    Ablate,
    /// Peaks of attention where nothing is known.
    Novel,
    /// Heads against one another.
    Redundancy,
    /// How well the model predicts the start sites among the files, on its test part.
    Evaluate,
}

impl From<AnalysisName> for Analysis {
    fn from(name: AnalysisName) -> Self {
        match name {
            AnalysisName::Name => Self::Names,
            AnalysisName::Compare => Self::Comparison,
            AnalysisName::Ablate => Self::Ablation,
            AnalysisName::Novel => Self::Novel,
            AnalysisName::Redundancy => Self::Redundancy,
            AnalysisName::Evaluate => Self::Evaluation,
        }
    }
}

/// A rule of the head rows, as an argument.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RuleName {
    /// Mean over the queries that see the base.
    Mean,
    /// Weighted by the model's probability at the query.
    Weighted,
    /// The weighted one over its expectation at that distance.
    OverExpected,
}

impl From<RuleName> for Received {
    fn from(name: RuleName) -> Self {
        match name {
            RuleName::Mean => Self::Mean,
            RuleName::Weighted => Self::Weighted,
            RuleName::OverExpected => Self::OverExpected,
        }
    }
}

fn size(text: &str) -> Result<[f32; 2], String> {
    let parse = || {
        let (width, height) = text.split_once(['x', '×'])?;
        let (width, height): (f32, f32) = (width.parse().ok()?, height.parse().ok()?);
        ((200.0..=20_000.0).contains(&width) && (200.0..=20_000.0).contains(&height))
            .then_some([width, height])
    };
    parse().ok_or_else(|| {
        format!("'{text}' is not a size: expected width and height in points, such as 1400x900")
    })
}
