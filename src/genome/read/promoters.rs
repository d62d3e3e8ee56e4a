//! What a table of promoters says beside the places of their start sites: names and σ factors.

use super::error::ReadError;
use super::kind::FileKind;
use super::seqids::Seqids;
use super::table::{Table, names, whole_number};
use super::text::Input;
use crate::genome::anchor::Anchor;
use crate::genome::chunked::Chunked;
use crate::genome::contig::Genome;
use crate::genome::words::Words;

/// Columns with a promoter's name.
const NAME: &[&str] = &[
    "pmname",
    "promotername",
    "promoter",
    "name",
    "regulondb13_promoter",
];
/// Columns with the σ factor that reads it.
const SIGMA: &[&str] = &["sigmafactor", "sigma", "sigma_factor", "sigmaf"];

/// A promoter of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PromoterRow {
    /// Its start site.
    pub anchor: Anchor,
    /// Name, then σ factor.
    words: Words,
}

impl PromoterRow {
    /// Its name; may be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        self.words.at(0)
    }

    /// The σ factor, the first where several are listed; empty where not stated.
    #[must_use]
    pub fn sigma(&self) -> &str {
        self.words.at(1)
    }
}

/// Reads the promoters of a table with the columns position and strand, sorted by place.
///
/// A file of another kind (BED, GFF3) and a table without names and σ factors say nothing: the
/// result is empty. Rows without a place on the genome, and those with neither a name nor a factor,
/// are left out.
///
/// # Errors
/// [`ReadError`] for a file that cannot be read.
pub fn read(input: &mut Input<'_>, genome: &Genome) -> Result<Vec<PromoterRow>, ReadError> {
    if FileKind::of(input.head()) != FileKind::AnchorTable {
        return Ok(Vec::new());
    }
    let mut table = Table::open(
        input,
        "a header with the columns position and strand",
        |c| c.index(names::POSITION).is_some() && c.index(names::STRAND).is_some(),
    )?;
    let [contig, position, strand] =
        [names::CONTIG, names::POSITION, names::STRAND].map(|any_of| table.columns.index(any_of));
    let (name, sigma) = (table.columns.index(NAME), table.columns.index(SIGMA));
    if name.is_none() && sigma.is_none() {
        return Ok(Vec::new());
    }
    table.demand_contig(contig, genome)?;
    let mut seqids = Seqids::new(genome);
    let mut found = Chunked::default();
    while let Some(row) = table.next_row()? {
        let on = match contig {
            None => Some(0),
            Some(_) => seqids.contig(row.text(contig)),
        };
        let place = whole_number(row.cell(position)).and_then(|number| number.checked_sub(1));
        let (Some(contig), Some(position), Some(strand)) = (on, place, row.strand(strand)) else {
            continue;
        };
        if genome
            .contigs
            .get(contig)
            .is_none_or(|c| position >= c.len())
        {
            continue;
        }
        let words = Words::new([first(row.cell(name)), first(row.cell(sigma))].into_iter());
        if words == Words::default() {
            continue;
        }
        found.push(PromoterRow {
            anchor: Anchor {
                contig,
                position,
                strand,
            },
            words,
        });
    }
    let mut found = found.into_vec();
    found.sort_unstable();
    Ok(found)
}

/// The first of several entries.
fn first(text: &str) -> &str {
    let end = text.find([';', ',', '|']).unwrap_or(text.len());
    text[..end].trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{Base, Contig, Strand};
    use crate::progress::{Cancel, Progress};

    #[test]
    fn names_and_sigma_factors_come_with_their_places() {
        let contig = Contig {
            name: "c".to_owned(),
            sequence: (0..100).map(|_| Base::A).collect(),
            ..Contig::default()
        };
        let genome = Genome {
            contigs: vec![contig].into(),
            ..Genome::default()
        };
        let read_text = |text: &str| {
            let (progress, cancel) = (Progress::default(), Cancel::default());
            let bytes = text.as_bytes().to_vec();
            let mut input = Input::from_bytes("p.tsv", &bytes, &progress, &cancel).expect("memory");
            read(&mut input, &genome).expect("a table")
        };
        let found = read_text(
            "1)pmId\t2)pmName\t3)strand\t4)posTSS\t5)sigmaFactor\n\
             a\tbp\treverse\t50\tsigma70;sigma38\nb\tap\tforward\t7\t\nc\txp\tforward\t0\tsigma70\nd\typ\tforward\t900\tsigma70\n",
        );
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].name(), found[0].sigma()), ("ap", ""));
        assert_eq!(found[1].sigma(), "sigma70");
        assert_eq!(
            (found[1].anchor.position, found[1].anchor.strand),
            (49, Strand::Reverse)
        );
        assert!(read_text("contig\tposition\tstrand\nc\t5\t+\n").is_empty());
    }
}
