//! Annotated transcription-factor binding sites (TFBS).

use crate::genome::{Interval, Strand};

/// How well a site is supported, in RegulonDB's classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// Not stated.
    Unknown,
    /// One indirect observation.
    Weak,
    /// Direct physical evidence.
    Strong,
    /// Several independent strong observations.
    Confirmed,
}

/// What one row of a file says about a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteRow {
    /// Its 1-based line.
    pub line: usize,
    /// The strand that it gives; `None` where it gives none or both.
    pub strand: Option<Strand>,
    /// Whether it gives both strands.
    pub on_both_strands: bool,
    /// How well it is supported.
    pub evidence: Evidence,
    /// The evidence in the file's own codes; may be empty.
    pub evidence_codes: Box<str>,
    /// `+`, `-`, `+-`, or empty.
    pub effect: &'static str,
    /// Promoters, genes or transcription units.
    pub targets: Vec<String>,
    /// Articles, in the file's own form; may be empty.
    pub references: Box<str>,
}

/// One physical site: a transcription factor and the bases that it binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Name of the transcription factor.
    pub tf: String,
    /// Index of the contig in its genome.
    pub contig: usize,
    /// The bound bases on the forward strand, 0-based half-open.
    pub interval: Interval,
    /// The strand that the file gives; `None` where it gives none or lists both.
    pub strand: Option<Strand>,
    /// Whether the file lists it on both strands.
    pub on_both_strands: bool,
    /// The best evidence over the rows behind it.
    pub evidence: Evidence,
    /// What it does at its promoters: `+`, `-`, `+-`; empty where not stated.
    pub effect: String,
    /// Promoters or genes that the rows behind it name, without repeats.
    pub targets: Vec<String>,
    /// The bound bases as the file prints them, upper case without flanks; empty where it prints none.
    pub sequence: String,
    /// The rows behind it, in the order of the file.
    pub rows: Vec<SiteRow>,
}

impl Site {
    /// A site of which nothing but its place is known.
    #[must_use]
    pub fn new(
        tf: impl Into<String>,
        contig: usize,
        interval: Interval,
        strand: Option<Strand>,
    ) -> Self {
        Self {
            tf: tf.into(),
            contig,
            interval,
            strand,
            on_both_strands: false,
            evidence: Evidence::Unknown,
            effect: String::new(),
            targets: Vec::new(),
            sequence: String::new(),
            rows: Vec::new(),
        }
    }

    /// Its strand as a table writes it: `+`, `-`, `both`, or `.` where the file gives none.
    #[must_use]
    pub fn strand_word(&self) -> &'static str {
        match self.strand {
            _ if self.on_both_strands => "both",
            Some(Strand::Forward) => "+",
            Some(Strand::Reverse) => "-",
            None => ".",
        }
    }

    /// The articles of the rows behind it, without repeats, separated by `;`.
    #[must_use]
    pub fn references(&self) -> String {
        let mut references: Vec<&str> = Vec::new();
        let all = self.rows.iter().flat_map(|row| row.references.split(';'));
        for reference in all.map(str::trim).filter(|reference| !reference.is_empty()) {
            if !references.contains(&reference) {
                references.push(reference);
            }
        }
        references.join(";")
    }
}

/// Sites read from one source, sorted by contig and position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteSet {
    /// What people call it: the file's name.
    pub name: String,
    /// The sites, sorted by contig and interval.
    pub sites: Vec<Site>,
    /// Width of the widest site; bounds the search to the left.
    longest_bp: usize,
}

impl SiteSet {
    /// Sorts `sites`.
    #[must_use]
    pub fn new(name: String, mut sites: Vec<Site>) -> Self {
        sites.sort_by(|a, b| (a.contig, a.interval, &a.tf).cmp(&(b.contig, b.interval, &b.tf)));
        let longest_bp = sites
            .iter()
            .map(|site| site.interval.len())
            .max()
            .unwrap_or(0);
        Self {
            name,
            sites,
            longest_bp,
        }
    }

    /// Sites of `contig` that share a base with `interval`, sorted by position.
    pub fn overlapping(&self, contig: usize, interval: Interval) -> impl Iterator<Item = &Site> {
        let from = interval.start.saturating_sub(self.longest_bp);
        let first = self
            .sites
            .partition_point(|s| (s.contig, s.interval.start) < (contig, from));
        self.sites[first..]
            .iter()
            .take_while(move |s| s.contig == contig && s.interval.start < interval.end)
            .filter(move |s| s.interval.overlaps(interval))
    }

    /// Transcription factors with their number of sites, most sites first.
    #[must_use]
    pub fn tfs(&self) -> Vec<(String, usize)> {
        let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for site in &self.sites {
            *counts.entry(&site.tf).or_default() += 1;
        }
        let mut tfs: Vec<(String, usize)> = counts
            .into_iter()
            .map(|(tf, n)| (tf.to_owned(), n))
            .collect();
        tfs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        tfs
    }
}
