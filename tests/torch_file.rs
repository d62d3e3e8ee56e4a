//! Writes small files as `torch.save` would, to be read or, broken on purpose, refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use flate2::Crc;
use std::io::Write;

/// A tensor to be written: its bytes are `elements` numbers of a torch storage type.
#[derive(Clone, Debug)]
pub struct Stored {
    pub name: String,
    /// `FloatStorage`, `HalfStorage`, …
    pub kind: &'static str,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
    pub elements: usize,
    pub bytes: Vec<u8>,
}

impl Stored {
    /// A row-major tensor whose numbers are `convert`ed from f32.
    pub fn new<const N: usize>(
        name: &str,
        kind: &'static str,
        shape: &[usize],
        values: &[f32],
        convert: impl Fn(f32) -> [u8; N],
    ) -> Self {
        let mut strides = vec![1; shape.len()];
        for dimension in (1..shape.len()).rev() {
            strides[dimension - 1] = strides[dimension] * shape[dimension];
        }
        Self {
            name: name.to_owned(),
            kind,
            shape: shape.to_vec(),
            strides,
            elements: values.len(),
            bytes: values.iter().flat_map(|&value| convert(value)).collect(),
        }
    }
}

/// The pickle of a dictionary of tensors; tensor i refers to the storage `i`.
pub fn state_dict_pickle(tensors: &[Stored]) -> Vec<u8> {
    let mut pickle = b"\x80\x02}(".to_vec();
    for (key, tensor) in tensors.iter().enumerate() {
        text(&mut pickle, &tensor.name);
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut pickle, "storage");
        pickle.extend(format!("ctorch\n{}\n", tensor.kind).bytes());
        text(&mut pickle, &key.to_string());
        text(&mut pickle, "cpu");
        integer(&mut pickle, tensor.elements);
        pickle.extend(b"tQK\x00");
        for sizes in [&tensor.shape, &tensor.strides] {
            pickle.push(b'(');
            for &size in sizes {
                integer(&mut pickle, size);
            }
            pickle.push(b't');
        }
        pickle.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    pickle.extend(b"u.");
    pickle
}

/// A ZIP archive of a state dict.
pub fn zipped(tensors: &[Stored]) -> Vec<u8> {
    archive(tensors).finish()
}

/// A ZIP archive of a state dict, to be finished.
pub fn archive(tensors: &[Stored]) -> Archive {
    let mut archive = Archive::default();
    archive.add("m/data.pkl", &state_dict_pickle(tensors));
    archive.add("m/byteorder", b"little");
    for (key, tensor) in tensors.iter().enumerate() {
        archive.add(&format!("m/data/{key}"), &tensor.bytes);
    }
    archive
}

/// The stream of pickles that torch wrote before 1.6.
pub fn legacy(tensors: &[Stored]) -> Vec<u8> {
    let mut file = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e".to_vec();
    file.extend(b"\x80\x02M\xe9\x03.\x80\x02}.");
    file.extend(state_dict_pickle(tensors));
    file.extend(b"\x80\x02](");
    (0..tensors.len()).for_each(|key| text(&mut file, &key.to_string()));
    file.extend(b"e.");
    for tensor in tensors {
        file.extend((tensor.elements as u64).to_le_bytes());
        file.extend(&tensor.bytes);
    }
    file
}

fn text(pickle: &mut Vec<u8>, text: &str) {
    pickle.push(b'X');
    pickle.extend((text.len() as u32).to_le_bytes());
    pickle.extend(text.bytes());
}

fn integer(pickle: &mut Vec<u8>, number: usize) {
    pickle.extend(b"\x8a\x08");
    pickle.extend((number as u64).to_le_bytes());
}

/// A ZIP archive in the making.
#[derive(Debug, Default)]
pub struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

impl Archive {
    /// Adds an entry as it is.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        let mut crc = Crc::new();
        crc.update(bytes);
        self.entry(name, 0, bytes, bytes.len(), crc.sum());
    }

    /// Adds a compressed entry of so many zeros.
    pub fn add_zeros(&mut self, name: &str, count: usize) {
        let mut packer =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        let mut crc = Crc::new();
        let block = vec![0; 1 << 16];
        let mut left = count;
        while left > 0 {
            let part = left.min(block.len());
            packer.write_all(&block[..part]).unwrap();
            crc.update(&block[..part]);
            left -= part;
        }
        self.entry(name, 8, &packer.finish().unwrap(), count, crc.sum());
    }

    fn entry(&mut self, name: &str, method: u16, packed: &[u8], length: usize, crc: u32) {
        let offset = self.bytes.len() as u32;
        let mut common = vec![20, 0, 0, 0];
        common.extend(method.to_le_bytes());
        common.extend([0; 4]);
        common.extend(crc.to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((length as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0; 2]);

        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(&common);
        self.bytes.extend(name.bytes());
        self.bytes.extend(packed);

        self.directory.extend(b"PK\x01\x02\x14\x00");
        self.directory.extend(&common);
        self.directory.extend([0; 10]);
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.bytes());
        self.entries += 1;
    }

    /// The archive with 64-bit numbers wherever the format allows them, as very large files have.
    pub fn finish_wide(mut self) -> Vec<u8> {
        let mut directory = Vec::new();
        let mut rest = &self.directory[..];
        while !rest.is_empty() {
            let name = usize::from(rest[28]) + 46;
            let mut record = rest[..name].to_vec();
            rest = &rest[name..];
            record.extend([1, 0, 24, 0]);
            for at in [24, 20, 42] {
                record.extend_from_within(at..at + 4);
                record.extend([0; 4]);
                record[at..at + 4].fill(0xff);
            }
            record[30] = 28;
            directory.extend(record);
        }
        let offset = self.bytes.len() as u64;
        let length = directory.len() as u64;
        self.bytes.extend(&directory);
        let end = self.bytes.len() as u64;
        self.bytes.extend(b"PK\x06\x06");
        self.bytes.extend(44_u64.to_le_bytes());
        self.bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [self.entries.into(), self.entries.into(), length, offset] {
            self.bytes.extend(number.to_le_bytes());
        }
        self.bytes.extend(b"PK\x06\x07\0\0\0\0");
        self.bytes.extend(end.to_le_bytes());
        self.bytes.extend([1, 0, 0, 0]);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend([0xff; 12]);
        self.bytes.extend([0; 2]);
        self.bytes
    }

    /// The archive.
    pub fn finish(mut self) -> Vec<u8> {
        let offset = self.bytes.len() as u32;
        self.bytes.extend(&self.directory);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend(self.entries.to_le_bytes());
        self.bytes.extend(self.entries.to_le_bytes());
        self.bytes
            .extend((self.directory.len() as u32).to_le_bytes());
        self.bytes.extend(offset.to_le_bytes());
        self.bytes.extend([0; 2]);
        self.bytes
    }
}
