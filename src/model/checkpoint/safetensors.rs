//! The safetensors format: a length, a JSON header, the tensors one after another.

use super::error::Problem;
use super::layout::slots;
use super::source::{Source, hexadecimal};
use super::tensor::{Element, Storage, StoredTensor};
use super::{Contents, Format};
use crate::model::metadata::Metadata;
use crate::model::weights::Weights;
use safetensors::Dtype;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Longest header that is read. That of a network of 256 layers has 300 KB.
const MAX_HEADER_BYTES: u64 = 16 << 20;

/// The metadata key with the SHA-256 of all bytes after the header.
const CHECKSUM_KEY: &str = "headlight.sha256";

/// Whether the first bytes could begin a safetensors file.
pub(super) fn looks_like(first: &[u8], length: u64) -> bool {
    let Some((header, rest)) = first.split_first_chunk::<8>() else {
        return false;
    };
    let header = u64::from_le_bytes(*header);
    rest.first() == Some(&b'{') && header < length.max(MAX_HEADER_BYTES)
}

/// Reads the header.
pub(super) fn read(source: &mut Source<'_>) -> Result<Contents, Problem> {
    let damaged = |problem: String| Problem::damaged(Format::Safetensors, problem);
    let short = |error: super::source::ReadError| error.problem(Format::Safetensors, "the header");
    let mut length = [0; 8];
    source.read_at(0, &mut length).map_err(short)?;
    let length = u64::from_le_bytes(length);
    if length > MAX_HEADER_BYTES {
        let found =
            format!("its header claims {length} bytes, at most {MAX_HEADER_BYTES} are read");
        return Err(damaged(found));
    }
    let header = source.bytes_at(8, length).map_err(short)?;
    let header: safetensors::tensor::Metadata = serde_json::from_slice(&header)
        .map_err(|error| damaged(format!("its header is not valid: {error}")))?;
    let start = 8 + length;
    let expected = start.checked_add(header.data_len() as u64);
    if expected != Some(source.length()) {
        return Err(damaged(format!(
            "its header describes {} bytes of tensors, found {}",
            header.data_len(),
            source.length() - start
        )));
    }
    let strings: BTreeMap<String, String> = header
        .metadata()
        .iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if let Some(expected) = strings.get(CHECKSUM_KEY) {
        let found = source.sha256_from(start).map_err(short)?;
        if found != *expected {
            return Err(damaged(format!(
                "the SHA-256 of its tensors is {found}, its header says {expected}"
            )));
        }
    }
    let tensors = header
        .offset_keys()
        .into_iter()
        .filter_map(|name| {
            let stored = header.info(&name)?;
            let (from, to) = stored.data_offsets;
            Some(StoredTensor {
                element: match stored.dtype {
                    Dtype::F32 => Element::F32,
                    Dtype::F64 => Element::F64,
                    Dtype::F16 => Element::F16,
                    Dtype::BF16 => Element::Bf16,
                    other => Element::Other(format!("{other:?}")),
                },
                shape: stored.shape.clone(),
                strides: None,
                first: 0,
                storage: Storage::Plain {
                    offset: start + from as u64,
                    bytes: (to - from) as u64,
                },
                in_state: true,
                name,
            })
        })
        .collect();
    Ok(Contents {
        format: Format::Safetensors,
        tensors,
        metadata: Metadata::from_strings(&strings)?,
    })
}

#[derive(Serialize)]
struct Header<'a> {
    dtype: &'static str,
    shape: &'a [usize],
    data_offsets: [usize; 2],
}

/// A safetensors file of these weights, the same bytes for the same numbers.
pub(super) fn to_bytes(weights: &Weights, metadata: &Metadata) -> Vec<u8> {
    let mut weights = weights.clone();
    let mut data: Vec<u8> = Vec::new();
    let mut tensors = Vec::new();
    for slot in slots(&mut weights) {
        let from = data.len();
        data.extend(slot.numbers.iter().flat_map(|number| number.to_le_bytes()));
        tensors.push((slot.name, slot.shape, [from, data.len()]));
    }
    let mut strings = metadata.to_strings();
    strings.insert(CHECKSUM_KEY.to_owned(), hexadecimal(&Sha256::digest(&data)));

    let mut header = String::from("{\"__metadata__\":");
    header += &json(&strings);
    for (name, shape, data_offsets) in &tensors {
        let entry = Header {
            dtype: "F32",
            shape,
            data_offsets: *data_offsets,
        };
        header += ",";
        header += &json(name);
        header += ":";
        header += &json(&entry);
    }
    header.push('}');
    while header.len() % 8 != 0 {
        header.push(' ');
    }
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.into_bytes());
    bytes.extend(data);
    bytes
}

/// JSON of strings and numbers, which cannot fail.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
