//! What if: bases of a window are edited or hidden, heads switched off, and everything is seen
//! before, after and as the difference.
//!
//! Borders are seamless. Only a piece of the contig that holds all that the window depends on is
//! edited, cut so that the numbers are, bit for bit, those of the whole edited contig.

pub mod aligned;
pub mod list;
pub mod live;
pub mod picture;

use crate::attention::{Expected, HeadId, Received, WindowTracks};
use crate::genome::edit::{self, Edit, EditError, Edited};
use crate::genome::write::write_fasta;
use crate::genome::{Base, Contig, Genome, Interval, Strand};
use crate::model::predict::{self, StrandSequence};
use crate::model::{Config, HeadMask, Mode, Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use std::io;
use std::sync::Arc;

/// Pieces are cut at multiples of this, on which the kernel's tiles and steps lie.
const GRID_BP: usize = 480;

/// One thing that is done differently.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// The sequence.
    Bases(Edit),
    /// This head's share of its layer's output is dropped.
    HeadOff(HeadId),
    /// This head looks at every visible key alike.
    HeadUniform(HeadId),
}

impl Change {
    /// Its name: that of the edit, or `L4H5:off`, `L4H5:uniform`.
    #[must_use]
    pub fn name(&self, contig: &Contig) -> String {
        match self {
            Self::Bases(edit) => edit.name(contig),
            Self::HeadOff(head) => format!("{head}:off"),
            Self::HeadUniform(head) => format!("{head}:uniform"),
        }
    }

    /// Reads one change as [`Self::name`] writes it. Edits must be about `contig`, which they need
    /// not name.
    ///
    /// # Errors
    /// [`WhatIfError`] that says what was found.
    pub fn parse(text: &str, genome: &Genome, contig: usize) -> Result<Self, WhatIfError> {
        let head = |suffix: &str| {
            let name = text.trim().strip_suffix(suffix)?;
            name.parse::<HeadId>().ok()
        };
        if let Some(head) = head(":off") {
            return Ok(Self::HeadOff(head));
        }
        if let Some(head) = head(":uniform") {
            return Ok(Self::HeadUniform(head));
        }
        let (found, edit) = Edit::parse(text, genome, contig)?;
        if found != contig {
            let name = |index: usize| genome.contigs.get(index).map(|c: &Contig| c.name.clone());
            return Err(WhatIfError::OtherContig {
                change: text.trim().to_owned(),
                contig: name(contig).unwrap_or_default(),
            });
        }
        Ok(Self::Bases(edit))
    }
}

/// A change cannot be made or looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// An edit is wrong.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// An edit is about another sequence.
    #[error(
        "'{change}' is not about {contig}, which is in view: edits of one sequence are seen together"
    )]
    OtherContig {
        /// The change.
        change: String,
        /// The contig in view.
        contig: String,
    },
    /// The model lacks a head.
    #[error("the model has no head {head}: it has {layers} layers of {heads} heads")]
    NoHead {
        /// The head.
        head: HeadId,
        /// Layers of the model.
        layers: usize,
        /// Heads of each.
        heads: usize,
    },
    /// There is nothing to look at.
    #[error("the window {window} lies on no sequence of the genome")]
    NoWindow {
        /// The window, 1-based closed.
        window: Interval,
    },
    /// Somebody asked for it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// What to look at, and what is different.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The genome.
    pub genome: &'a Genome,
    /// The model.
    pub model: &'a Model,
    /// Index of the contig.
    pub contig: usize,
    /// The strand that is read.
    pub strand: Strand,
    /// What is in view, on the forward strand before any edit.
    pub window: Interval,
    /// What is different, in any order.
    pub changes: &'a [Change],
    /// Mean attention by distance of the unchanged model.
    pub expected: &'a Expected,
    /// The same window without changes, where it is known already.
    pub before: Option<Arc<WindowTracks>>,
}

/// A window before and after changes.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIf {
    /// Without changes.
    pub before: Arc<WindowTracks>,
    /// With them; its interval counts positions of the edited contig.
    pub after: WindowTracks,
    /// By base of the window before, its index in the window after; `None` where it is gone.
    pub moved: Vec<Option<usize>>,
    /// After less before, by base of the window before; NaN where it is gone.
    pub probability: Vec<f32>,
    /// The same for every head, laid out as [`WindowTracks::tracks`].
    pub tracks: [Vec<f32>; 3],
    /// The names of the changes.
    pub names: Vec<String>,
    /// The bases of the window before and after, as the forward strand reads.
    pub bases: [Vec<Base>; 2],
    /// By base of the window after, whether it is hidden from the model.
    pub masked: Vec<bool>,
}

impl WhatIf {
    /// What the changes do to one head's track, by base of the window before.
    #[must_use]
    pub fn row(&self, received: Received, head: HeadId) -> &[f32] {
        let length = self.before.interval.len();
        let row = self.before.shape.row(head);
        &self.tracks[received as usize][row * length..][..length]
    }
}

/// Runs a window without and with changes.
///
/// # Errors
/// [`WhatIfError`].
pub fn what_if(
    request: &Request<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<WhatIf, WhatIfError> {
    let (model, strand) = (request.model, request.strand);
    let contig = request.genome.contigs.get(request.contig);
    let contig = contig.ok_or(WhatIfError::NoWindow {
        window: request.window,
    })?;
    let window = request.window.intersection(Interval::new(0, contig.len()));
    if window.is_empty() {
        return Err(WhatIfError::NoWindow {
            window: request.window,
        });
    }
    let (edits, mut settings) = sorted(request)?;
    // Wrong edits are refused wherever they lie.
    edit::check(contig, &edits)?;
    let before = match &request.before {
        Some(known)
            if (&known.contig, known.strand, known.interval) == (&contig.name, strand, window) =>
        {
            Arc::clone(known)
        }
        _ => Arc::new(predict::window_tracks(
            &model.kernel,
            StrandSequence::new(contig, strand),
            window,
            request.expected,
            &Settings::with_mode(Mode::Seamless),
            progress,
            cancel,
        )?),
    };
    let piece = Piece::around(contig, window, &edits, model.config());
    let inside: Vec<Edit> = edits.iter().filter_map(|edit| piece.moved(edit)).collect();
    let edited = Edited::new(&piece.contig, &inside)?;
    let now = edited.interval(Interval::new(
        window.start - piece.first,
        window.end - piece.first,
    ));
    let length = edited.contig.len();
    let masked = edited.masked.iter();
    settings.masked = masked
        .map(|part| strand.flip_interval(*part, length))
        .collect();
    let mut after = predict::window_tracks(
        &model.kernel,
        StrandSequence::new(&edited.contig, strand),
        now,
        request.expected,
        &settings,
        progress,
        cancel,
    )?;
    let moved: Vec<Option<usize>> = window
        .range()
        .map(|position| {
            let now_at = edited.position(position - piece.first)?;
            now.contains(now_at).then(|| now_at - now.start)
        })
        .collect();
    after.interval = Interval::new(now.start + piece.first, now.end + piece.first);
    let is_masked = |at: usize| edited.masked.iter().any(|part| part.contains(at));
    let difference = |before: &[f32], after: &[f32]| -> Vec<f32> {
        let pairs = before.iter().zip(&moved);
        let change = |(before, now): (&f32, &Option<usize>)| {
            now.and_then(|now| after.get(now))
                .map_or(f32::NAN, |x| x - before)
        };
        pairs.map(change).collect()
    };
    let tracks = std::array::from_fn(|which| {
        let rows = before.tracks[which].chunks(window.len());
        let after = after.tracks[which].chunks(now.len().max(1));
        rows.zip(after)
            .flat_map(|(a, b)| difference(a, b))
            .collect()
    });
    Ok(WhatIf {
        probability: difference(&before.probability, &after.probability),
        tracks,
        moved,
        names: request
            .changes
            .iter()
            .map(|change| change.name(contig))
            .collect(),
        bases: [
            contig.sequence.bases(window),
            edited.contig.sequence.bases(now),
        ],
        masked: now.range().map(is_masked).collect(),
        before,
        after,
    })
}

/// The edited contig as FASTA; its description names the edits. Masked bases stay as they are.
///
/// # Errors
/// What `out` gives, and edits that cannot be made.
pub fn write_edited_fasta(
    contig: &Contig,
    changes: &[Change],
    out: &mut impl io::Write,
) -> io::Result<()> {
    let edits = edits_of(changes);
    let mut edited = Edited::new(contig, &edits)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?
        .contig;
    let names: Vec<String> = edits.iter().map(|edit| edit.short_name(contig)).collect();
    edited.set_description(&names.join(" "));
    let genome = Genome {
        name: String::new(),
        checksum: String::new(),
        contigs: vec![edited].into(),
    };
    write_fasta(&genome, out)
}

fn edits_of(changes: &[Change]) -> Vec<Edit> {
    let edit = |change: &Change| match change {
        Change::Bases(edit) => Some(edit.clone()),
        Change::HeadOff(_) | Change::HeadUniform(_) => None,
    };
    changes.iter().filter_map(edit).collect()
}

/// The edits, and the settings that the heads ask for.
fn sorted(request: &Request<'_>) -> Result<(Vec<Edit>, Settings), WhatIfError> {
    let mut settings = Settings::with_mode(Mode::Seamless);
    let shape = request.model.head_shape();
    let mut add = |heads: fn(&mut Settings) -> &mut HeadMask, head: HeadId| {
        if head.layer >= shape.layers || head.head >= shape.heads {
            return Err(WhatIfError::NoHead {
                head,
                layers: shape.layers,
                heads: shape.heads,
            });
        }
        heads(&mut settings).insert(head);
        Ok(())
    };
    for change in request.changes {
        match change {
            Change::Bases(_) => {}
            Change::HeadOff(head) => add(|settings| &mut settings.heads_off, *head)?,
            Change::HeadUniform(head) => add(|settings| &mut settings.uniform, *head)?,
        }
    }
    Ok((edits_of(request.changes), settings))
}

/// A part of a contig that holds all that a window depends on, or the whole of it.
struct Piece {
    contig: Contig,
    /// Its first base.
    first: usize,
}

impl Piece {
    /// The part around `window`; the whole contig where that comes near its ends or an edit crosses
    /// the borders of the part.
    fn around(contig: &Contig, window: Interval, edits: &[Edit], config: &Config) -> Self {
        let length = contig.len();
        let reach = config.reach_back() + config.reach_ahead() + 2 * config.context;
        // Deletions draw in what lies farther away.
        let gone: usize = edits.iter().map(|edit| edit.interval().len()).sum();
        let margin = reach + gone + 4 * GRID_BP;
        let whole = || Self {
            contig: contig.clone(),
            first: 0,
        };
        if window.start < margin || window.end + margin > length {
            return whole();
        }
        // Both strands count from their own end: the piece keeps the distance to each on the grid.
        let first = (window.start - margin) / GRID_BP * GRID_BP;
        let end = length - (length - window.end - margin) / GRID_BP * GRID_BP;
        let part = Interval::new(first, end);
        // What moves the bases of the piece, or crosses its borders, needs the whole contig.
        let apart = |edit: &Edit| {
            let at = edit.interval();
            let inside = part.start < at.start && at.end < part.end;
            let outside = at.end <= part.start || at.start >= part.end;
            inside || (outside && edit.growth() == 0)
        };
        if !edits.iter().all(apart) {
            return whole();
        }
        Self {
            contig: Contig {
                circular: false,
                sequence: contig.sequence.bases(part).into_iter().collect(),
                ..contig.clone()
            },
            first,
        }
    }

    /// An edit in positions of the piece; `None` where it lies elsewhere.
    fn moved(&self, edit: &Edit) -> Option<Edit> {
        let interval = edit.interval();
        let start = interval.start.checked_sub(self.first)?;
        let interval = Interval::new(start, interval.end - self.first);
        if interval.end > self.contig.len() {
            return None;
        }
        Some(match edit {
            Edit::Mask { .. } => Edit::Mask { interval },
            Edit::Replace { bases, .. } => Edit::Replace {
                interval,
                bases: bases.clone(),
            },
        })
    }
}
