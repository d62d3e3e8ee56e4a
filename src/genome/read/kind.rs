//! What kind of file this is, told by its content and never by its name.

use super::error::ReadError;
use super::table::Columns;
use super::text::Input;
use crate::progress::{Cancel, Progress};
use std::borrow::Cow;
use std::path::Path;

/// The kinds of file that Headlight opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// Sequences as text.
    Fasta,
    /// UCSC's packed sequences.
    TwoBit,
    /// Sequences with their features.
    GenBank,
    /// Features with attributes.
    Gff3,
    /// Intervals, 0-based half-open.
    Bed,
    /// Headlight's own compact genes.
    GeneTable,
    /// RegulonDB's regulatory interactions (releases 11 to 14), one a row.
    RegulonDbTfRiSet,
    /// RegulonDB's binding sites (releases 8 to 10), without a header.
    BindingSiteSet,
    /// Binding sites with TF, left and right, under a header.
    SiteTable,
    /// Transcription start sites with position and strand, under a header.
    AnchorTable,
    /// Model weights.
    Safetensors,
    /// Model weights as `PyTorch` saves them, in either of its formats.
    PyTorch,
    /// Motifs as MEME writes them.
    Meme,
    /// Motifs as JASPAR writes them: four rows of counts, with or without letters and brackets.
    Jaspar,
    /// Motifs with two-letter line tags.
    Transfac,
    /// Motifs as `UniPROBE` writes them: four rows of probabilities.
    Uniprobe,
    /// `RegulonDB`'s motifs with their alignments.
    RegulonDbPssm,
    /// None of these.
    Unknown,
}

impl FileKind {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Fasta => "FASTA sequences",
            Self::TwoBit => "a 2bit genome",
            Self::GenBank => "a GenBank file",
            Self::Gff3 => "GFF3 features",
            Self::Bed => "BED intervals",
            Self::GeneTable => "a Headlight gene table",
            Self::RegulonDbTfRiSet => "a RegulonDB RISet",
            Self::BindingSiteSet => "a RegulonDB BindingSiteSet",
            Self::SiteTable => "a table of binding sites",
            Self::AnchorTable => "a table of positions",
            Self::Safetensors => "a safetensors file",
            Self::PyTorch => "a PyTorch checkpoint",
            Self::Meme => "MEME motifs",
            Self::Jaspar => "JASPAR motifs",
            Self::Transfac => "TRANSFAC motifs",
            Self::Uniprobe => "UniPROBE motifs",
            Self::RegulonDbPssm => "RegulonDB motifs",
            Self::Unknown => "an unknown format",
        }
    }

    /// Whether it holds motifs.
    #[must_use]
    pub fn is_motifs(self) -> bool {
        matches!(
            self,
            Self::Meme | Self::Jaspar | Self::Transfac | Self::Uniprobe | Self::RegulonDbPssm
        )
    }

    /// Tells the kind by the first (decoded) bytes of a file.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        const LEGACY_PYTORCH: &[u8] = &[0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46];
        if head.starts_with(&[0x43, 0x27, 0x41, 0x1a])
            || head.starts_with(&[0x1a, 0x41, 0x27, 0x43])
        {
            return Self::TwoBit;
        }
        let names_a_pickle = || {
            head.windows(9)
                .take(1 << 12)
                .any(|window| window == b"/data.pkl")
        };
        if head.starts_with(LEGACY_PYTORCH) || head.starts_with(b"PK\x03\x04") && names_a_pickle() {
            return Self::PyTorch;
        }
        if is_safetensors(head) {
            return Self::Safetensors;
        }
        if is_binary(head) {
            return Self::Unknown;
        }
        let text = String::from_utf8_lossy(head);
        if let Some(kind) = super::motif_kind::kind_of(text.lines()) {
            return kind;
        }
        Self::of_text(head)
    }

    fn of_text(head: &[u8]) -> Self {
        let mut commented_header = None;
        let mut others = 0;
        for line in lines(head) {
            let line = line.trim_end();
            if line.is_empty() {
                continue;
            }
            if line.starts_with("##gff-version") {
                return Self::Gff3;
            }
            if line.starts_with(super::genes::FIRST_LINE) {
                return Self::GeneTable;
            }
            if line.starts_with(super::genbank::FIRST_WORD) {
                return Self::GenBank;
            }
            if line.starts_with("MEME version") {
                return Self::Meme;
            }
            if others == 0 && (line.starts_with('>') || line.starts_with(';')) {
                return Self::Fasta;
            }
            if super::table::is_comment(line) {
                commented_header = Some(line.to_owned()).filter(|l| l.contains(['\t', ',', ';']));
                continue;
            }
            if line == "track" || line == "browser" {
                continue;
            }
            if line.starts_with("track ") || line.starts_with("browser ") {
                continue;
            }
            if others == 0 && super::gff::looks_like_record(line) {
                return Self::Gff3;
            }
            if others == 0 && super::bed::looks_like_record(line) {
                return Self::Bed;
            }
            let kind = [Some(line.to_owned()), commented_header.take()]
                .into_iter()
                .flatten()
                .map(|header| Self::of_header(&Columns::parse(&header)))
                .find(|&kind| kind != Self::Unknown);
            if let Some(kind) = kind {
                return kind;
            }
            if super::table::is_binding_site_set(line) {
                return Self::BindingSiteSet;
            }
            // Some tables begin with a few lines of prose.
            others += 1;
            if others == super::table::HEADER_WITHIN {
                break;
            }
        }
        Self::Unknown
    }

    fn of_header(columns: &Columns) -> Self {
        use super::table::names;
        let has = |any_of| columns.index(any_of).is_some();
        if has(&["riid"]) && has(&["tfrsleft"]) {
            Self::RegulonDbTfRiSet
        } else if has(names::TF) && has(names::LEFT) && has(names::RIGHT) {
            Self::SiteTable
        } else if has(names::POSITION) && has(names::STRAND) {
            Self::AnchorTable
        } else {
            Self::Unknown
        }
    }
}

/// Opens a file and tells its kind by its content.
///
/// # Errors
/// A file that cannot be opened, is empty, or is damaged at its very start.
pub fn sniff(path: &Path) -> Result<FileKind, ReadError> {
    let input = Input::open(path, &Progress::default(), &Cancel::default())?;
    Ok(FileKind::of(input.head()))
}

/// What a file seems to hold, for errors: a kind that is known here, or another well-known one.
#[must_use]
pub fn describe(head: &[u8]) -> &'static str {
    const SIGNATURES: [(&[u8], &str); 11] = [
        (b"PK\x03\x04", "a zip archive or spreadsheet"),
        (b"\xfd7zXZ", "data compressed with xz"),
        (b"BZh", "data compressed with bzip2"),
        (b"\x28\xb5\x2f\xfd", "data compressed with zstd"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a PNG picture"),
        (b"\x89HDF", "an HDF5 file"),
        (b"\xff\xfe", "text in UTF-16"),
        (b"\xfe\xff", "text in UTF-16"),
        (b"ID   ", "an EMBL file"),
        (b"{", "JSON"),
    ];
    let kind = FileKind::of(head);
    if kind != FileKind::Unknown {
        return kind.label();
    }
    if let Some((_, label)) = SIGNATURES.iter().find(|(sign, _)| head.starts_with(sign)) {
        return label;
    }
    let start = head.trim_ascii_start();
    let line = start
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    if start.starts_with(b"<") {
        "a web page or XML"
    } else if is_binary(head) {
        "binary data"
    } else if line.contains(&b'\t') || line.contains(&b',') && !line.contains(&b' ') {
        "a table without the columns that are looked for"
    } else {
        "text of an unknown format"
    }
}

fn is_binary(head: &[u8]) -> bool {
    head.contains(&0)
}

fn is_safetensors(head: &[u8]) -> bool {
    let Some((size, rest)) = head.split_first_chunk::<8>() else {
        return false;
    };
    let header_bytes = u64::from_le_bytes(*size);
    (2..=100_000_000).contains(&header_bytes) && rest.trim_ascii_start().starts_with(b"{\"")
}

/// The complete lines at the start of a file, as text.
fn lines(head: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    head.split(|&byte| byte == b'\n')
        .map(String::from_utf8_lossy)
}
