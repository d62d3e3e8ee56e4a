//! Where a picture comes from, written into the file.

/// Names and values that say how a picture was made: program version, checksums, parameters.
///
/// The order is kept, so that the same picture gives the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    entries: Vec<(String, String)>,
}

impl Provenance {
    /// With the name and version of this program.
    #[must_use]
    pub fn new() -> Self {
        let mut provenance = Self::default();
        provenance.add(
            "program",
            concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
        );
        provenance
    }

    /// Adds one entry.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.entries.push((name.to_owned(), value.into()));
    }

    /// The entries in the order in which they were added.
    #[must_use]
    pub fn entries(&self) -> &[(String, String)] {
        &self.entries
    }
}
