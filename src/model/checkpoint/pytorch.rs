//! What `torch.save` writes: a ZIP archive, or the stream of pickles that came before it.

use super::error::Problem;
use super::pickle::{MAX_PICKLE_BYTES, Pickle, Value};
use super::reference::storage_sizes;
use super::source::Source;
use super::state::Walk;
use super::tensor::Storage;
use super::{Contents, Format, zip};
use std::collections::BTreeMap;

/// The first pickle of the old stream: its magic number.
const LEGACY_MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e";

/// Whether the first bytes begin a file of the old format.
pub(super) fn looks_legacy(first: &[u8]) -> bool {
    first.starts_with(LEGACY_MAGIC)
}

/// Whether the first bytes begin a ZIP archive.
pub(super) fn looks_zipped(first: &[u8]) -> bool {
    first.starts_with(b"PK\x03\x04")
}

/// Lists the tensors of a ZIP archive.
pub(super) fn read_zip(source: &mut Source<'_>) -> Result<Contents, Problem> {
    let format = Format::PyTorchZip;
    let mut entries = zip::entries(source)?;
    let Some((root, pickle)) = entries.iter().find_map(|(name, entry)| {
        let root = name.strip_suffix("data.pkl")?;
        let top = root.is_empty() || (root.ends_with('/') && root.matches('/').count() == 1);
        top.then(|| (root.to_owned(), entry.clone()))
    }) else {
        return Err(Problem::NotAModel {
            found: "a ZIP archive without data.pkl".to_owned(),
        });
    };
    if entries.contains_key(&format!("{root}constants.pkl")) {
        return Err(Problem::Unsupported {
            what: "a TorchScript program".to_owned(),
            advice: "save model.state_dict() with torch.save",
        });
    }
    if let Some(order) = entries.get(&format!("{root}byteorder"))
        && order.read(source)? != b"little"
    {
        return Err(Problem::Unsupported {
            what: "big-endian numbers".to_owned(),
            advice: "save the model again on a little-endian machine",
        });
    }
    if pickle.bytes > MAX_PICKLE_BYTES {
        return Err(Problem::Size {
            what: "length of data.pkl in bytes",
            expected: format!("at most {MAX_PICKLE_BYTES}"),
            found: pickle.bytes,
        });
    }
    let bytes = pickle.read(source)?;
    let pickle = Pickle::read(&bytes, 0).map_err(|problem| Problem::damaged(format, problem))?;
    let mut walk = Walk::new(&pickle, format);
    walk.value(pickle.root, &mut String::new(), true, 0)?;
    walk.finish(|reference| {
        let name = format!("{root}data/{}", reference.key);
        entries
            .remove(&name)
            .map(Storage::Entry)
            .ok_or_else(|| Problem::damaged(format, format!("the entry {name} is missing")))
    })
}

/// Lists the tensors of a stream of pickles.
pub(super) fn read_legacy(source: &mut Source<'_>) -> Result<Contents, Problem> {
    let format = Format::PyTorchLegacy;
    let damaged = |problem: String| Problem::damaged(format, problem);
    // The pickles come first; how long they are only reading them shows.
    let bytes = source
        .up_to(0, MAX_PICKLE_BYTES)
        .map_err(|error| error.problem(format, "the pickles"))?;
    let next = |start: usize| Pickle::read(&bytes, start).map_err(damaged);
    let protocol = next(LEGACY_MAGIC.len())?;
    let system = next(protocol.end)?;
    if let Value::Dict(entries) = system.value(system.root) {
        let little = entries.iter().find_map(|&(key, value)| {
            (system.text(key) == Some("little_endian")).then(|| system.value(value))
        });
        if matches!(little, Some(Value::Bool(false))) {
            return Err(Problem::Unsupported {
                what: "big-endian numbers".to_owned(),
                advice: "save the model again on a little-endian machine",
            });
        }
    }
    let object = next(system.end)?;
    let keys = next(object.end)?;
    let mut walk = Walk::new(&object, format);
    walk.value(object.root, &mut String::new(), true, 0)?;

    // Then, for each key, the number of elements and the elements themselves.
    let sizes = storage_sizes(&object);
    let mut storages = BTreeMap::new();
    let mut at = keys.end as u64;
    for &key in keys.items(keys.root).unwrap_or_default() {
        let key = keys.text(key).unwrap_or_default();
        let size = sizes
            .get(key)
            .copied()
            .ok_or_else(|| damaged(format!("the storage {key} is of no known type")))?;
        let mut count = [0; 8];
        let what = format!("storage {key}");
        source
            .read_at(at, &mut count)
            .map_err(|error| error.problem(format, &what))?;
        let bytes = u64::from_le_bytes(count)
            .checked_mul(size)
            .filter(|&bytes| bytes <= source.length() - at - 8)
            .ok_or_else(|| damaged(format!("it ends before the end of {what}")))?;
        let offset = at + 8;
        storages.insert(key, Storage::Plain { offset, bytes });
        at = offset + bytes;
    }
    walk.finish(|reference| {
        let storage = storages.get(reference.key);
        storage
            .cloned()
            .ok_or_else(|| damaged(format!("the storage {} is missing", reference.key)))
    })
}
