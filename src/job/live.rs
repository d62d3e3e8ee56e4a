//! The model thread behind the view: computes what is on screen, the latest wish first.
//!
//! Attention along a contig is computed in pages of [`PAGE_BP`] bases. The view states what it
//! wants, best first; the thread drops what is no longer wanted, even in the middle of a page.

use super::figure::TracksPage;
use super::job::{JobError, panic_text};
use crate::attention::HeadShape;
use crate::attention::block::AttentionBlock;
use crate::attention::expected::Expected;
use crate::attention::track::WindowTracks;
use crate::genome::{Genome, Interval, Strand};
use crate::model::predict::{self, Sample, StrandSequence};
use crate::model::{Mode, Model, Settings};
use crate::progress::{Cancel, Cancelled, Progress};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Bases in one page.
pub const PAGE_BP: usize = 2_048;

/// How much is run to measure the expected attention: enough for two digits, quick enough to wait for.
pub const EXPECTED_SAMPLE: Sample = Sample {
    stretches: 16,
    queries: 1_024,
};

/// Pages computed in one run at most: longer runs waste less on their warm-up, shorter ones show sooner.
const PAGES_A_RUN: usize = 8;

/// What a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PageKind {
    /// The model's probability and the attention that each base receives from every head.
    Tracks,
    /// Only the model's probability, at a fraction of the cost.
    Probability,
}

/// Names one page of one contig and strand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageKey {
    /// Counts up whenever genome or model change, so that old pages are never drawn.
    pub generation: u64,
    /// Index of the contig.
    pub contig: usize,
    /// The strand that is read.
    pub strand: Strand,
    /// The page covers the forward bases `page * PAGE_BP..` up to the next page or the contig's end.
    pub page: usize,
    /// What it holds.
    pub kind: PageKind,
}

/// Names the attention map of one layer over one window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MapKey {
    /// As in [`PageKey`].
    pub generation: u64,
    /// Index of the contig.
    pub contig: usize,
    /// The strand that is read.
    pub strand: Strand,
    /// The queries, on the forward strand.
    pub interval: Interval,
    /// 0-based layer.
    pub layer: usize,
}

/// One computed page.
#[derive(Clone, Debug)]
pub enum Page {
    /// Of [`PageKind::Tracks`].
    Tracks(Box<TracksPage>),
    /// Of [`PageKind::Probability`]: one value a forward base, at the model's output.
    Probability(Vec<f32>),
}

impl Page {
    /// Bytes that it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Tracks(tracks) => tracks.bytes(),
            Self::Probability(values) => size_of_val(values.as_slice()),
        }
    }
}

/// What the view wants, best first.
#[derive(Clone)]
pub struct Wanted {
    /// The genome.
    pub genome: Arc<Genome>,
    /// The model.
    pub model: Arc<Model>,
    /// How the borders of segments are treated.
    pub mode: Mode,
    /// Pages that are not there yet, best first, neighbours together.
    pub pages: Vec<PageKey>,
    /// The one query whose attention is drawn as arcs: quick, so it comes first.
    pub pin: Option<MapKey>,
    /// The attention map, computed after the tracks and before the other strand's probability.
    pub map: Option<MapKey>,
    /// Mean attention by distance of this model, once known.
    pub expected: Option<Arc<Expected>>,
}

/// What the thread has computed.
#[derive(Debug)]
pub enum Computed {
    /// A page.
    Page(PageKey, Arc<Page>),
    /// An attention map.
    Map(MapKey, Arc<AttentionBlock>),
    /// Mean attention by distance, with the generation that it belongs to.
    Expected(u64, Arc<Expected>),
    /// Something went wrong; the words say what.
    Failed(String),
}

#[derive(Default)]
struct Slot {
    wanted: Option<Wanted>,
    running: Option<(Item, Cancel)>,
    closed: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Item {
    Pages(Vec<PageKey>),
    Map(MapKey),
    Expected(u64),
}

/// A handle on the model thread. Dropping it stops the thread.
pub struct Live {
    shared: Arc<(Mutex<Slot>, Condvar)>,
    results: Receiver<Computed>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

impl Live {
    /// Starts the thread. `wake` is called after each result.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        let shared = Arc::new((Mutex::new(Slot::default()), Condvar::new()));
        let (sender, results) = channel();
        let its = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("model".to_owned())
            .spawn(move || work(&its, &sender, &*wake))?;
        Ok(Self { shared, results })
    }

    /// Replaces what is wanted. What is being computed goes on only if it is still wanted.
    pub fn want(&self, wanted: Option<Wanted>) {
        let (lock, signal) = &*self.shared;
        let mut slot = lock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((item, cancel)) = &slot.running
            && !wanted
                .as_ref()
                .is_some_and(|wanted| still_wanted(item, wanted))
        {
            cancel.cancel();
        }
        slot.wanted = wanted;
        signal.notify_one();
    }

    /// Results that have come in.
    pub fn drain(&self) -> impl Iterator<Item = Computed> + '_ {
        self.results.try_iter()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.want(None);
        let (lock, signal) = &*self.shared;
        lock.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        signal.notify_one();
    }
}

fn still_wanted(item: &Item, wanted: &Wanted) -> bool {
    match item {
        Item::Pages(pages) => pages.iter().any(|page| wanted.pages.contains(page)),
        Item::Map(map) => [wanted.map, wanted.pin].contains(&Some(*map)),
        Item::Expected(generation) => {
            wanted.expected.is_none()
                && wanted
                    .pages
                    .iter()
                    .all(|page| page.generation == *generation)
        }
    }
}

fn work(
    shared: &(Mutex<Slot>, Condvar),
    sender: &Sender<Computed>,
    wake: &(dyn Fn() + Send + Sync),
) {
    let mut expected: HashMap<u64, Arc<Expected>> = HashMap::new();
    while let Some((item, wanted, cancel)) = next(shared, &expected) {
        let computed = std::panic::catch_unwind(AssertUnwindSafe(|| {
            compute(&item, &wanted, &expected, &cancel)
        }));
        let (lock, _) = shared;
        let mut slot = lock.lock().unwrap_or_else(PoisonError::into_inner);
        slot.running = None;
        let results = match computed {
            Ok(Ok(results)) => results,
            Ok(Err(error)) if error.is::<Cancelled>() => continue,
            Ok(Err(error)) => vec![Computed::Failed(error.to_string())],
            Err(panic) => vec![Computed::Failed(format!(
                "The model stopped: {}",
                panic_text(panic.as_ref())
            ))],
        };
        for result in &results {
            match result {
                // A failure would come again at once: give up on the whole wish until the view changes.
                Computed::Failed(_) => slot.wanted = None,
                Computed::Expected(generation, value) => {
                    expected.retain(|known, _| known == generation);
                    expected.insert(*generation, Arc::clone(value));
                }
                Computed::Page(key, _) => slot
                    .wanted
                    .iter_mut()
                    .for_each(|w| w.pages.retain(|page| page != key)),
                Computed::Map(key, _) => slot.wanted.iter_mut().for_each(|w| {
                    w.map.take_if(|map| map == key);
                    w.pin.take_if(|pin| pin == key);
                }),
            }
        }
        drop(slot);
        if results
            .into_iter()
            .any(|result| sender.send(result).is_err())
        {
            return;
        }
        wake();
    }
}

/// Waits for something to do. `None` once the handle is gone.
fn next(
    (lock, signal): &(Mutex<Slot>, Condvar),
    expected: &HashMap<u64, Arc<Expected>>,
) -> Option<(Item, Wanted, Cancel)> {
    let mut slot = lock.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if slot.closed {
            return None;
        }
        if let Some(wanted) = slot.wanted.clone()
            && let Some(item) = first_item(&wanted, expected)
        {
            let cancel = Cancel::default();
            slot.running = Some((item.clone(), cancel.clone()));
            return Some((item, wanted, cancel));
        }
        slot = signal.wait(slot).unwrap_or_else(PoisonError::into_inner);
    }
}

fn first_item(wanted: &Wanted, expected: &HashMap<u64, Arc<Expected>>) -> Option<Item> {
    if let Some(pin) = wanted.pin {
        return Some(Item::Map(pin));
    }
    let generation = wanted
        .pages
        .first()
        .map(|page| page.generation)
        .or(wanted.map.map(|map| map.generation))?;
    if wanted.expected.is_none() && !expected.contains_key(&generation) {
        return Some(Item::Expected(generation));
    }
    let tracks_left = wanted
        .pages
        .first()
        .is_some_and(|page| page.kind == PageKind::Tracks);
    match wanted.map {
        Some(map) if !tracks_left => Some(Item::Map(map)),
        _ if wanted.pages.is_empty() => wanted.map.map(Item::Map),
        _ => Some(Item::Pages(run_of_pages(&wanted.pages))),
    }
}

/// The first page and the wanted ones that continue it on either side, in order.
fn run_of_pages(pages: &[PageKey]) -> Vec<PageKey> {
    let Some(first) = pages.first() else {
        return Vec::new();
    };
    let wanted = |page: usize| pages.contains(&PageKey { page, ..*first });
    let (mut from, mut to) = (first.page, first.page + 1);
    while to - from < PAGES_A_RUN {
        if wanted(to) {
            to += 1;
        } else if from > 0 && wanted(from - 1) {
            from -= 1;
        } else {
            break;
        }
    }
    (from..to).map(|page| PageKey { page, ..*first }).collect()
}

fn compute(
    item: &Item,
    wanted: &Wanted,
    expected: &HashMap<u64, Arc<Expected>>,
    cancel: &Cancel,
) -> Result<Vec<Computed>, JobError> {
    let (genome, model, progress) = (&wanted.genome, &wanted.model, Progress::default());
    let settings = Settings::with_mode(wanted.mode);
    match item {
        Item::Expected(generation) => {
            let measured = predict::measure_expected(
                &model.kernel,
                genome,
                EXPECTED_SAMPLE,
                &settings,
                &progress,
                cancel,
            )?;
            Ok(vec![Computed::Expected(*generation, Arc::new(measured))])
        }
        Item::Map(key) => {
            let contig = genome
                .contigs
                .get(key.contig)
                .ok_or("The view shows a contig that is not open.")?;
            let block = predict::layer_block(
                &model.kernel,
                StrandSequence::new(contig, key.strand),
                key.interval,
                key.layer,
                &settings,
                cancel,
            )?;
            Ok(vec![Computed::Map(*key, Arc::new(block))])
        }
        Item::Pages(pages) => {
            let Some(first) = pages.first() else {
                return Ok(Vec::new());
            };
            let contig = genome
                .contigs
                .get(first.contig)
                .ok_or("The view shows a contig that is not open.")?;
            let interval = Interval::new(
                first.page * PAGE_BP,
                ((first.page + pages.len()) * PAGE_BP).min(contig.len()),
            );
            let sequence = StrandSequence::new(contig, first.strand);
            let expected = wanted.expected.as_ref().or(expected.get(&first.generation));
            let whole = match (first.kind, expected) {
                (PageKind::Tracks, Some(expected)) => Whole::Tracks(predict::window_tracks(
                    &model.kernel,
                    sequence,
                    interval,
                    expected,
                    &settings,
                    &progress,
                    cancel,
                )?),
                _ => Whole::Probability(predict::probabilities(
                    &model.kernel,
                    sequence,
                    interval,
                    &settings,
                    &progress,
                    cancel,
                )?),
            };
            Ok(split(&whole, interval, pages, model.head_shape()))
        }
    }
}

/// What one run over several pages gave.
enum Whole {
    Tracks(WindowTracks),
    Probability(Vec<f32>),
}

/// Cuts what one run gave into its pages.
fn split(whole: &Whole, interval: Interval, pages: &[PageKey], shape: HeadShape) -> Vec<Computed> {
    pages
        .iter()
        .map(|key| {
            let part =
                Interval::new(key.page * PAGE_BP, (key.page + 1) * PAGE_BP).intersection(interval);
            let page = match whole {
                Whole::Tracks(tracks) => {
                    Page::Tracks(Box::new(TracksPage::new(tracks.part(part), shape)))
                }
                Whole::Probability(values) => Page::Probability(
                    values[part.start - interval.start..part.end - interval.start].to_vec(),
                ),
            };
            Computed::Page(*key, Arc::new(page))
        })
        .collect()
}
