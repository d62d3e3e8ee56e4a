//! One `.npy` file that is written and read by position.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use half::f16;
use npyz::WriterBuilder as _;

use super::error::StoreError;

/// What an array holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    F16,
    U16,
    F32,
    F64,
}

impl Item {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::F16 | Self::U16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn descr(self) -> &'static str {
        match self {
            Self::F16 => "<f2",
            Self::U16 => "<u2",
            Self::F32 => "<f4",
            Self::F64 => "<f8",
        }
    }

    /// What numpy expects before the numbers.
    fn header(self, shape: &[u64]) -> io::Result<Vec<u8>> {
        let mut header = Vec::new();
        // The writer puts the header out at once; numbers follow by position.
        match self {
            Self::F16 => drop(begin::<f16>(&mut header, self, shape)?),
            Self::U16 => drop(begin::<u16>(&mut header, self, shape)?),
            Self::F32 => drop(begin::<f32>(&mut header, self, shape)?),
            Self::F64 => drop(begin::<f64>(&mut header, self, shape)?),
        }
        Ok(header)
    }
}

fn begin<'a, T: npyz::Serialize>(
    header: &'a mut Vec<u8>,
    item: Item,
    shape: &[u64],
) -> io::Result<npyz::NpyWriter<T, &'a mut Vec<u8>>> {
    let dtype = item.descr().parse().map_err(io::Error::other)?;
    npyz::WriteOptions::<T>::new()
        .dtype(npyz::DType::Plain(dtype))
        .shape(shape)
        .writer(header)
        .begin_nd()
}

/// An open array.
#[derive(Debug)]
pub(super) struct ArrayFile {
    file: File,
    path: PathBuf,
    /// Bytes before the first number.
    start: u64,
    item: Item,
}

impl ArrayFile {
    /// Opens the array for writing; makes it, with room for all its numbers, where there is none of
    /// this shape. Says whether it was made.
    pub(super) fn create(
        path: &Path,
        item: Item,
        shape: &[u64],
    ) -> Result<(Self, bool), StoreError> {
        let header = item
            .header(shape)
            .map_err(StoreError::io(path, "describing the array"))?;
        let bytes = header.len() as u64 + shape.iter().product::<u64>() * item.bytes() as u64;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(StoreError::io(path, "opening"))?;
        let array = Self {
            file,
            path: path.to_owned(),
            start: 0,
            item,
        };
        let length = array.length()?;
        let mut found = vec![0; header.len()];
        let same = length == bytes && {
            array.get(0, &mut found)?;
            found == header
        };
        if !same {
            // Room is taken now, so that a full disk is found out before hours of work.
            array
                .file
                .set_len(0)
                .and_then(|()| reserve(&array.file, bytes))
                .map_err(StoreError::io(path, "taking room on the disk"))?;
            array.put(0, &header)?;
        }
        let start = header.len() as u64;
        Ok((Self { start, ..array }, !same))
    }

    /// Opens the array for reading.
    pub(super) fn open(path: &Path, item: Item, shape: &[u64]) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(StoreError::io(path, "opening"))?;
        let header = item
            .header(shape)
            .map_err(StoreError::io(path, "describing the array"))?;
        let array = Self {
            file,
            path: path.to_owned(),
            start: header.len() as u64,
            item,
        };
        let expected = array.start + shape.iter().product::<u64>() * item.bytes() as u64;
        let found = array.length()?;
        if found != expected {
            return Err(array.damaged(format!("{expected} bytes"), format!("{found}")));
        }
        let mut text = vec![0; header.len()];
        array.get(0, &mut text)?;
        if text != header {
            return Err(array.damaged(
                format!("an array {} of shape {shape:?}", item.descr()),
                "something else".to_owned(),
            ));
        }
        Ok(array)
    }

    fn length(&self) -> Result<u64, StoreError> {
        let metadata = self.file.metadata();
        Ok(metadata
            .map_err(StoreError::io(&self.path, "asking for its length"))?
            .len())
    }

    fn damaged(&self, expected: String, found: String) -> StoreError {
        StoreError::Damaged {
            path: self.path.clone(),
            expected,
            found,
        }
    }

    /// Writes the bytes of the numbers from `index` on.
    pub(super) fn write(&self, index: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.put(self.start + index * self.item.bytes() as u64, bytes)
    }

    /// Reads the bytes of the numbers from `index` on.
    pub(super) fn read(&self, index: u64, bytes: &mut [u8]) -> Result<(), StoreError> {
        self.get(self.start + index * self.item.bytes() as u64, bytes)
    }

    fn put(&self, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        write_at(&self.file, bytes, offset).map_err(StoreError::io(&self.path, "writing"))
    }

    fn get(&self, offset: u64, bytes: &mut [u8]) -> Result<(), StoreError> {
        read_at(&self.file, bytes, offset).map_err(StoreError::io(&self.path, "reading"))
    }

    /// Sees to it that everything is on the disk.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.file
            .sync_data()
            .map_err(StoreError::io(&self.path, "writing"))
    }
}

/// Takes room on the disk where the file system can, else only sets the length.
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    match fs4::FileExt::allocate(file, bytes) {
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(error),
        _ => file.set_len(bytes),
    }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[count..];
        offset += count as u64;
    }
    Ok(())
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_read(file, bytes, offset)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[count..];
        offset += count as u64;
    }
    Ok(())
}
