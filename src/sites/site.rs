//! Annotated transcription-factor binding sites (TFBS).

use crate::genome::words::Words;
use crate::genome::{Interval, Strand};
use std::cmp::Ordering;

/// How well a site is supported, in RegulonDB's classes.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Not stated.
    #[default]
    Unknown,
    /// One indirect observation.
    Weak,
    /// Direct physical evidence.
    Strong,
    /// Several independent strong observations.
    Confirmed,
}

/// What a site does at its promoters.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Not stated.
    #[default]
    Unknown,
    /// `+`
    Activation,
    /// `-`
    Repression,
    /// `+-`
    Dual,
}

impl Effect {
    /// `+`, `-`, `+-`, or empty.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Activation => "+",
            Self::Repression => "-",
            Self::Dual => "+-",
        }
    }

    /// What two rows about one site say together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, effect) | (effect, Self::Unknown) => effect,
            _ if self == other => self,
            _ => Self::Dual,
        }
    }
}

/// What one row of a file says about a site: 16 bytes, and its texts where it has any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteRow {
    /// The strand that it gives; `None` where it gives none or both.
    pub strand: Option<Strand>,
    /// Whether it gives both strands.
    pub on_both_strands: bool,
    /// How well it is supported.
    pub evidence: Evidence,
    /// What the site does at its promoters.
    pub effect: Effect,
    line: u32,
    /// Evidence codes, references, then the targets; most rows of plain tables have none.
    words: Option<Box<Words>>,
}

impl SiteRow {
    /// A row of a 1-based line that says no more than its strand.
    #[must_use]
    pub fn new(line: usize, strand: Option<Strand>) -> Self {
        Self {
            strand,
            on_both_strands: false,
            evidence: Evidence::Unknown,
            effect: Effect::Unknown,
            line: u32::try_from(line).unwrap_or(u32::MAX),
            words: None,
        }
    }

    /// The same row with the texts of its evidence, articles and targets.
    #[must_use]
    pub fn with_texts<'t>(
        mut self,
        evidence_codes: &'t str,
        references: &'t str,
        targets: impl Iterator<Item = &'t str> + Clone,
    ) -> Self {
        let first = [evidence_codes, references].into_iter();
        let words = Words::new(first.chain(targets));
        self.words = (words != Words::default()).then(|| Box::new(words));
        self
    }

    /// Its 1-based line.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line as usize
    }

    /// The evidence in the file's own codes; may be empty.
    #[must_use]
    pub fn evidence_codes(&self) -> &str {
        self.words.as_ref().map_or("", |words| words.at(0))
    }

    /// Articles, in the file's own form; may be empty.
    #[must_use]
    pub fn references(&self) -> &str {
        self.words.as_ref().map_or("", |words| words.at(1))
    }

    /// Promoters, genes or transcription units.
    pub fn targets(&self) -> impl Iterator<Item = &str> + Clone {
        self.words.iter().flat_map(|words| words.from(2))
    }
}

/// The rows behind a site; most sites have one, which takes no allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rows {
    None,
    One(SiteRow),
    Many(Box<ManyRows>),
}

/// Behind a pointer of its own, so that [`Rows`] is no larger than a row.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ManyRows(Box<[SiteRow]>);

/// One physical site: a transcription factor and the bases that it binds. 56 bytes, and its texts
/// in one allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The bound bases on the forward strand, 0-based half-open.
    pub interval: Interval,
    /// The strand that the file gives; `None` where it gives none or lists both.
    pub strand: Option<Strand>,
    /// Whether the file lists it on both strands.
    pub on_both_strands: bool,
    /// The best evidence over the rows behind it.
    pub evidence: Evidence,
    /// What it does at its promoters.
    pub effect: Effect,
    contig: u32,
    /// The transcription factor, the printed sequence, then the targets.
    words: Words,
    rows: Rows,
}

impl Site {
    /// A site of the transcription factor `tf` of which nothing but its place is known. `contig`
    /// is the index of the contig in its genome.
    #[must_use]
    pub fn new(tf: &str, contig: usize, interval: Interval, strand: Option<Strand>) -> Self {
        Self {
            interval,
            strand,
            on_both_strands: false,
            evidence: Evidence::Unknown,
            effect: Effect::Unknown,
            contig: u32::try_from(contig).unwrap_or(u32::MAX),
            words: Words::new(std::iter::once(tf)),
            rows: Rows::None,
        }
    }

    /// The same site with the bases that a file prints for it, and what it regulates.
    #[must_use]
    pub fn with_texts<'t>(
        mut self,
        sequence: &'t str,
        targets: impl Iterator<Item = &'t str> + Clone,
    ) -> Self {
        let first = [self.tf(), sequence].into_iter();
        let words = Words::new(first.chain(targets.map(|target: &str| target)));
        self.words = words;
        self
    }

    /// The same site with one row behind it, and what follows from that row.
    #[must_use]
    pub fn with_row(mut self, row: SiteRow) -> Self {
        self.rows = Rows::One(row);
        self.summarise();
        self
    }

    /// Index of the contig in its genome.
    #[must_use]
    pub fn contig(&self) -> usize {
        self.contig as usize
    }

    /// Name of the transcription factor.
    #[must_use]
    pub fn tf(&self) -> &str {
        self.words.at(0)
    }

    /// The bound bases as the file prints them, upper case without flanks; empty where it prints none.
    #[must_use]
    pub fn sequence(&self) -> &str {
        self.words.at(1)
    }

    /// Promoters or genes that the rows behind it name, without repeats.
    pub fn targets(&self) -> impl Iterator<Item = &str> + Clone {
        self.words.from(2)
    }

    /// The rows behind it, in the order of the file.
    #[must_use]
    pub fn rows(&self) -> &[SiteRow] {
        match &self.rows {
            Rows::None => &[],
            Rows::One(row) => std::slice::from_ref(row),
            Rows::Many(rows) => &rows.0,
        }
    }

    /// Forgets the rows behind it, but not what follows from them.
    pub fn forget_rows(&mut self) {
        self.rows = Rows::None;
    }

    /// Whether both are the same transcription factor on the same bases.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        (self.contig, self.interval) == (other.contig, other.interval) && self.tf() == other.tf()
    }

    /// In the order of the genome, then of the names, then of the file.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        let place = |site: &Self| (site.contig, site.interval);
        let line = |site: &Self| site.rows().first().map(|row| row.line);
        place(self)
            .cmp(&place(other))
            .then_with(|| self.tf().cmp(other.tf()))
            .then_with(|| line(self).cmp(&line(other)))
    }

    /// One site of `sites`, which are all at the same place, with all their rows; the first where
    /// there is but one.
    ///
    /// Strand: the one that all rows with a strand give, else none. Evidence: the best. Effect:
    /// both where rows differ. Sequence: of a row on the forward strand where there is one.
    pub(super) fn merged(sites: &mut [Self]) -> Option<Self> {
        let forward = |site: &&Self| site.strand == Some(Strand::Forward);
        let printed = || sites.iter().filter(|site| !site.sequence().is_empty());
        let sequence = printed().find(forward).or_else(|| printed().next());
        let sequence = sequence.map(|site| site.sequence().to_owned());
        let mut rows = Vec::with_capacity(sites.iter().map(|site| site.rows().len()).sum());
        for site in &mut *sites {
            match std::mem::replace(&mut site.rows, Rows::None) {
                Rows::None => {}
                Rows::One(row) => rows.push(row),
                Rows::Many(more) => rows.extend(more.0),
            }
        }
        let first = sites.first()?;
        let mut merged = Self::new(first.tf(), first.contig(), first.interval, None);
        merged = merged.with_texts(&sequence.unwrap_or_default(), std::iter::empty());
        merged.rows = if rows.len() == 1 {
            Rows::One(rows.pop()?)
        } else {
            Rows::Many(Box::new(ManyRows(rows.into_boxed_slice())))
        };
        merged.summarise();
        Some(merged)
    }

    /// Sets what follows from the rows.
    fn summarise(&mut self) {
        let rows = self.rows();
        let any = |strand| {
            let on = |row: &SiteRow| row.on_both_strands || row.strand == Some(strand);
            rows.iter().any(on)
        };
        let (strand, both) = match (any(Strand::Forward), any(Strand::Reverse)) {
            (true, true) => (None, true),
            (true, false) => (Some(Strand::Forward), false),
            (false, true) => (Some(Strand::Reverse), false),
            (false, false) => (None, false),
        };
        let evidence = rows.iter().map(|row| row.evidence).max();
        let effects = rows.iter().map(|row| row.effect);
        let effect = effects.fold(Effect::Unknown, Effect::and);
        let targets = once_each(rows.iter().flat_map(SiteRow::targets));
        if !targets.is_empty() {
            let first = [self.tf(), self.sequence()].into_iter();
            self.words = Words::new(first.chain(targets.iter().copied()));
        }
        (self.strand, self.on_both_strands) = (strand, both);
        self.evidence = evidence.unwrap_or(Evidence::Unknown);
        self.effect = effect;
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
        let all = self.rows().iter();
        let all = all.flat_map(|row| row.references().split(';'));
        once_each(all.map(str::trim).filter(|text| !text.is_empty())).join(";")
    }
}

/// Texts without repeats, in the order of their first.
fn once_each<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Vec<&'t str> {
    // Mostly one or two; in a long list only sorting finds the repeats in time and little memory.
    let count = texts.clone().count();
    let mut numbered = Vec::with_capacity(count);
    numbered.extend(texts.zip(0_u32..));
    numbered.sort_unstable();
    numbered.dedup_by_key(|(text, _)| *text);
    numbered.sort_unstable_by_key(|(_, number)| *number);
    numbered.into_iter().map(|(text, _)| text).collect()
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
        sites.sort_unstable_by(Site::order);
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
            .partition_point(|s| (s.contig(), s.interval.start) < (contig, from));
        self.sites[first..]
            .iter()
            .take_while(move |s| s.contig() == contig && s.interval.start < interval.end)
            .filter(move |s| s.interval.overlaps(interval))
    }

    /// Transcription factors with their number of sites, most sites first.
    #[must_use]
    pub fn tfs(&self) -> Vec<(String, usize)> {
        let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for site in &self.sites {
            *counts.entry(site.tf()).or_default() += 1;
        }
        let mut tfs: Vec<(String, usize)> = counts
            .into_iter()
            .map(|(tf, n)| (tf.to_owned(), n))
            .collect();
        tfs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        tfs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_small() {
        assert!(std::mem::size_of::<SiteRow>() <= 16);
        assert!(std::mem::size_of::<Site>() <= 56);
    }

    #[test]
    fn rows_about_one_place_become_one_site() {
        let row = |line, strand, effect, targets: &'static [&'static str]| {
            let mut row = SiteRow::new(line, strand);
            row.effect = effect;
            row.with_texts("", "1; 2", targets.iter().copied())
        };
        let site = |sequence, row| {
            Site::new("CRP", 0, Interval::new(4, 9), None)
                .with_texts(sequence, std::iter::empty())
                .with_row(row)
        };
        let (forward, reverse) = (Some(Strand::Forward), Some(Strand::Reverse));
        let mut rows = [
            site("AAAAA", row(3, reverse, Effect::Activation, &["b", "a"])),
            site(
                "TTTTT",
                row(5, forward, Effect::Repression, &["a", "c", "a"]),
            ),
        ];
        let merged = Site::merged(&mut rows).expect("two rows");
        assert_eq!((merged.strand, merged.on_both_strands), (None, true));
        assert_eq!((merged.tf(), merged.sequence()), ("CRP", "TTTTT"));
        assert_eq!(merged.effect, Effect::Dual);
        assert_eq!(merged.targets().collect::<Vec<_>>(), ["b", "a", "c"]);
        assert_eq!(merged.references(), "1;2");
        let lines: Vec<usize> = merged.rows().iter().map(SiteRow::line).collect();
        assert_eq!(lines, [3, 5]);
        assert!(Site::merged(&mut []).is_none());
    }
}
