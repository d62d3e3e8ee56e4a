//! The report: one self-contained HTML page with every head, the tables that other jobs made, the
//! methods in plain words and the numbers to quote.

mod figures;
mod html;
mod page;
mod quote;
mod style;
mod table;

pub use table::{HeadTable, TableKind};

use super::JobError;
use super::findings::{Heads, HeadsRequest, summarise};
use crate::figure::Provenance;
use crate::progress::{Cancel, Progress};

/// Windows that are listed for each head where nothing else is said.
pub const WINDOWS: usize = 20;

/// What the job works on.
#[derive(Clone, Debug)]
pub struct ReportRequest {
    /// Over which start sites the heads are summarised, and with which control.
    pub heads: HeadsRequest,
    /// Tables of other jobs, in the order in which they are shown.
    pub tables: Vec<HeadTable>,
    /// Windows that are listed for each head.
    pub windows: usize,
    /// Where the page comes from.
    pub provenance: Provenance,
}

/// What a page is made of.
struct Material<'a> {
    request: &'a ReportRequest,
    heads: &'a Heads,
}

/// Runs the model at the start sites and writes the page.
///
/// # Errors
/// When it is cancelled, or no start site lies on the genome.
pub fn report(
    request: &ReportRequest,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<String, JobError> {
    let heads = summarise(&request.heads, progress, cancel)?;
    cancel.check()?;
    Ok(page(request, &heads))
}

/// Writes the page about heads that have been summarised already. The same input gives the same bytes.
#[must_use]
pub fn page(request: &ReportRequest, heads: &Heads) -> String {
    page::page(&Material { request, heads })
}
