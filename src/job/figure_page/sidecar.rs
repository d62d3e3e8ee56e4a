//! The file beside a figure: where it comes from, and what to show to get back to it.

use crate::attention::{HeadId, Received};
use crate::figure::{Provenance, Theme};
use crate::genome::Strand;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What the first key of a sidecar says.
const FORMAT: &str = "headlight figure 1";
/// A sidecar holds some text.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// What a window shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownView {
    /// `NC_000913.3:366,305-366,400`.
    pub locus: String,
    /// The strand of the head rows.
    #[serde(with = "sign")]
    pub strand: Strand,
    /// The rule of the head rows.
    #[serde(with = "rule")]
    pub rule: Received,
    /// The head that was looked at, if there was one.
    #[serde(default, with = "head")]
    pub head: Option<HeadId>,
    /// Transcription factors whose sites are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden_tfs: Vec<String>,
    /// The query whose attention was drawn, 1-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<usize>,
    /// Light or dark.
    pub theme: Theme,
}

impl ShownView {
    /// A place with everything as usual.
    #[must_use]
    pub fn new(locus: String, strand: Strand, theme: Theme) -> Self {
        Self {
            locus,
            strand,
            rule: Received::default(),
            head: None,
            hidden_tfs: Vec::new(),
            query: None,
            theme,
        }
    }
}

/// A figure's origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sidecar {
    format: String,
    /// Names and values, as in the figure itself.
    pub provenance: Vec<(String, String)>,
    /// What the panels show, where a window can show it; the first one is the one to go back to.
    pub views: Vec<ShownView>,
    /// The figure description, where there was one.
    pub description: Option<String>,
}

/// Why a sidecar cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SidecarError {
    /// It cannot be read or written.
    #[error("{}: the file beside the figure cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A picture that says nothing of itself, and no file beside it.
    #[error(
        "{}: expected a figure of Headlight, which says what it shows or has {} beside it; found neither. Only \
         figures that Headlight drew lead back to their view.",
        figure.display(),
        Sidecar::path_of(figure).file_name().unwrap_or_default().display()
    )]
    None {
        /// The picture.
        figure: PathBuf,
    },
    /// It says something else.
    #[error("{}:{line}: expected what headlight writes beside a figure: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl Sidecar {
    /// With what is known of a figure.
    #[must_use]
    pub fn new(
        provenance: &Provenance,
        views: Vec<ShownView>,
        description: Option<String>,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            provenance: provenance.entries().to_vec(),
            views,
            description,
        }
    }

    /// The name of the file beside a figure: `fig3.svg`, `fig3.pdf` and `fig3.png` share `fig3.figure.json`.
    #[must_use]
    pub fn path_of(figure: &Path) -> PathBuf {
        figure.with_extension("figure.json")
    }

    /// The value of an entry of the provenance.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let entry = self.provenance.iter().find(|(known, _)| known == name);
        entry.map(|(_, value)| value.as_str())
    }

    /// As JSON.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which plain text always can.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads a sidecar; a figure's own name stands for the file beside it.
    ///
    /// # Errors
    /// [`SidecarError`].
    pub fn open(path: &Path) -> Result<Self, SidecarError> {
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        let path = if is_json {
            path.to_owned()
        } else {
            Self::path_of(path)
        };
        let failed = |source| SidecarError::File {
            path: path.clone(),
            source,
        };
        let size = std::fs::metadata(&path).map_err(failed)?.len();
        if size > MOST_BYTES {
            return Err(SidecarError::Content {
                path,
                line: 1,
                reason: format!("{size} bytes are too many"),
            });
        }
        let text = std::fs::read_to_string(&path).map_err(failed)?;
        Self::parse(&path, &text)
    }

    /// Reads a sidecar from its text.
    ///
    /// # Errors
    /// [`SidecarError::Content`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, SidecarError> {
        let wrong = |line: usize, reason: String| SidecarError::Content {
            path: path.to_owned(),
            line,
            reason,
        };
        let sidecar: Self =
            serde_json::from_str(text).map_err(|error| wrong(error.line(), error.to_string()))?;
        if sidecar.format != FORMAT {
            let reason = format!("its format is '{}', not '{FORMAT}'", sidecar.format);
            return Err(wrong(1, reason));
        }
        Ok(sidecar)
    }
}

/// `+` and `-`.
mod sign {
    use crate::genome::Strand;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over references"
    )]
    pub fn serialize<S: Serializer>(strand: &Strand, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match strand {
            Strand::Forward => "+",
            Strand::Reverse => "-",
        })
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Strand, D::Error> {
        let text = String::deserialize(deserializer)?;
        Strand::from_sign(&text).ok_or_else(|| D::Error::custom("expected a strand, + or -"))
    }
}

/// The words of the command line.
mod rule {
    use crate::attention::Received;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    const WORDS: [(&str, Received); 3] = [
        ("mean", Received::Mean),
        ("weighted", Received::Weighted),
        ("over-expected", Received::OverExpected),
    ];

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over references"
    )]
    pub fn serialize<S: Serializer>(rule: &Received, serializer: S) -> Result<S::Ok, S::Error> {
        let word = WORDS.iter().find(|(_, known)| known == rule);
        serializer.serialize_str(word.map_or("weighted", |(word, _)| word))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Received, D::Error> {
        let text = String::deserialize(deserializer)?;
        let rule = WORDS.iter().find(|(word, _)| *word == text);
        rule.map(|(_, rule)| *rule)
            .ok_or_else(|| D::Error::custom("expected mean, weighted or over-expected"))
    }
}

/// `L1H3`.
mod head {
    use crate::attention::HeadId;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[allow(clippy::ref_option, reason = "serde hands over references")]
    pub fn serialize<S: Serializer>(
        head: &Option<HeadId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match head {
            Some(head) => serializer.serialize_some(&head.to_string()),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<HeadId>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sidecar_leads_back() {
        let mut provenance = Provenance::new();
        provenance.add("genome sha256", "12ab");
        let view = ShownView {
            locus: "NC_000913.3:366,305-366,400".to_owned(),
            strand: Strand::Reverse,
            rule: Received::OverExpected,
            head: Some(HeadId { layer: 0, head: 2 }),
            hidden_tfs: vec!["FNR".to_owned()],
            query: Some(366_330),
            theme: Theme::Dark,
        };
        let written = Sidecar::new(&provenance, vec![view], Some("[page]\n".to_owned()));
        let text = written.to_json().expect("JSON");
        let read = Sidecar::parse(Path::new("a.json"), &text).expect("the same");
        assert_eq!(read, written);
        assert_eq!(read.value("genome sha256"), Some("12ab"));
        assert!(text.contains("\"L1H3\"") && text.contains("over-expected"));
        assert_eq!(
            Sidecar::path_of(Path::new("b/fig3.pdf")),
            Path::new("b/fig3.figure.json")
        );
    }

    #[test]
    fn other_files_are_refused_with_their_line() {
        let parse = |text: &str| {
            let error = Sidecar::parse(Path::new("x.json"), text).expect_err("refused");
            error.to_string()
        };
        assert!(parse("{\n\"views\": 3}").starts_with("x.json:2: expected"));
        let other = "{\"format\":\"?\",\"provenance\":[],\"views\":[],\"description\":null}";
        assert!(parse(other).contains("its format is '?'"));
    }
}
