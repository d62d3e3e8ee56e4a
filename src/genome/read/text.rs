//! Files as decoded bytes and lines: gzip or plain, from disk or memory, with bounded memory.
//!
//! Gzip is recognised by its first bytes, several members (as bgzip writes them) are joined.
//! A byte order mark and CRLF line ends are taken off. Progress counts the bytes of the file as
//! it lies on disk; the cancel flag is looked at with every block.

use super::error::ReadError;
use super::kind;
use crate::progress::{Cancel, Cancelled, Progress};
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes read at a time, and kept from the start of the file to recognise its format.
const BLOCK_BYTES: usize = 256 * 1024;
/// The first bytes that [`Input::head`] shows.
const HEAD_BYTES: usize = 64 * 1024;
/// Lines of tables beyond this are not believed.
const LONGEST_LINE_BYTES: usize = 16 * 1024 * 1024;
/// Gzip output is only suspected beyond this size …
const INNOCENT_BYTES: u64 = 64 * 1024 * 1024;
/// … and beyond this growth. Sequence grows 3 to 5 times, runs of N at the ends of chromosomes included.
const GREATEST_GROWTH: u64 = 200;

/// An opened file: its decoded bytes, read once from front to back.
pub struct Input<'a> {
    path: PathBuf,
    reader: BufReader<Box<dyn Read + 'a>>,
    head: Vec<u8>,
    line: usize,
    buffer: Vec<u8>,
}

impl<'a> Input<'a> {
    /// Opens a file on disk; `progress` gets its size and counts its bytes.
    ///
    /// # Errors
    /// A file that is missing, a folder, not readable, empty or damaged at its very start.
    pub fn open(path: &Path, progress: &Progress, cancel: &Cancel) -> Result<Self, ReadError> {
        let denied = |error: &io::Error| access_error(path, error, false);
        let file = File::open(path).map_err(|e| denied(&e))?;
        let metadata = file.metadata().map_err(|e| denied(&e))?;
        if metadata.is_dir() {
            return Err(ReadError::Access {
                path: path.to_owned(),
                reason: "this is a folder".to_owned(),
                next: "Choose a file inside it.".to_owned(),
            });
        }
        progress.add_total(metadata.len());
        Self::new(path, file, progress, cancel)
    }

    /// Reads bytes in memory under the name that errors should give them.
    ///
    /// # Errors
    /// As [`Input::open`].
    pub fn from_bytes(
        name: &str,
        bytes: &'a [u8],
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Self, ReadError> {
        progress.add_total(bytes.len() as u64);
        Self::new(Path::new(name), bytes, progress, cancel)
    }

    fn new(
        path: &Path,
        source: impl Read + 'a,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Self, ReadError> {
        let read_bytes = Arc::new(AtomicU64::new(0));
        let mut raw = BufReader::with_capacity(
            BLOCK_BYTES,
            Counted {
                source,
                progress: progress.clone(),
                cancel: cancel.clone(),
                read_bytes: Arc::clone(&read_bytes),
            },
        );
        let start = raw.fill_buf().map_err(|e| access_error(path, &e, false))?;
        let gzip = start.starts_with(&[0x1f, 0x8b]);
        let mut decoded: Box<dyn Read + 'a> = if gzip {
            Box::new(Inflated {
                decoder: MultiGzDecoder::new(raw),
                cancel: cancel.clone(),
                read_bytes,
                written_bytes: 0,
            })
        } else {
            Box::new(raw)
        };
        let mut head = Vec::new();
        // An error behind a readable start is met again, in its place, by whoever reads on.
        let later = (&mut decoded)
            .take(HEAD_BYTES as u64)
            .read_to_end(&mut head)
            .err();
        match later {
            Some(error) if head.is_empty() => return Err(access_error(path, &error, gzip)),
            _ if head.is_empty() => {
                return Err(ReadError::Access {
                    path: path.to_owned(),
                    reason: "this file is empty".to_owned(),
                    next: "Download or save it again.".to_owned(),
                });
            }
            _ => {}
        }
        let whole = Cursor::new(head.clone()).chain(Later(later)).chain(decoded);
        let mut input = Self {
            path: path.to_owned(),
            reader: BufReader::with_capacity(BLOCK_BYTES, Box::new(whole)),
            head,
            line: 0,
            buffer: Vec::new(),
        };
        if input.head.starts_with(BYTE_ORDER_MARK) {
            input.head.drain(..BYTE_ORDER_MARK.len());
            input.fill()?;
            input.reader.consume(BYTE_ORDER_MARK.len());
        }
        Ok(input)
    }

    /// The file, for errors.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's name without folder, compression and format: `NC_000913.3` for `…/NC_000913.3.fasta.gz`.
    #[must_use]
    pub fn stem(&self) -> String {
        stem(&self.path)
    }

    /// The first decoded bytes (at most 64 KiB), whether or not they have been read.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Lines read so far, which is the 1-based number of the last one.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// An error about `line` of this file, or about the file as a whole.
    #[must_use]
    pub fn problem(
        &self,
        line: Option<usize>,
        expected: impl Into<String>,
        found: impl Into<String>,
        next: impl Into<String>,
    ) -> ReadError {
        ReadError::content(&self.path, line, expected, found, next)
    }

    /// An error about the whole file, which turned out to be something else.
    #[must_use]
    pub fn not(&self, expected: impl Into<String>, next: impl Into<String>) -> ReadError {
        self.problem(None, expected, kind::describe(&self.head), next)
    }

    /// Reads the next line without its end into `text`; gives its 1-based number, `None` at the end.
    ///
    /// Bytes that are not UTF-8 are taken as Latin-1.
    ///
    /// # Errors
    /// Damaged gzip, binary data, a line beyond 16 MiB, a read error, [`ReadError::Cancelled`].
    pub fn next_line(&mut self, text: &mut String) -> Result<Option<usize>, ReadError> {
        self.buffer.clear();
        let read = (&mut self.reader)
            .take(LONGEST_LINE_BYTES as u64 + 1)
            .read_until(b'\n', &mut self.buffer)
            .map_err(|e| access_error(&self.path, &e, true))?;
        text.clear();
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if self.buffer.contains(&0) {
            return Err(self.not_text());
        }
        if self.buffer.len() > LONGEST_LINE_BYTES {
            return Err(self.problem(
                Some(self.line),
                "lines of text",
                "a line of more than 16 MiB",
                "Check that this is the right file.",
            ));
        }
        while let Some(b'\n' | b'\r') = self.buffer.last() {
            self.buffer.pop();
        }
        match std::str::from_utf8(&self.buffer) {
            Ok(line) => text.push_str(line),
            Err(_) => text.extend(self.buffer.iter().map(|&byte| char::from(byte))),
        }
        Ok(Some(self.line))
    }

    /// The bytes at hand, read from the file when there are none; empty at the end.
    ///
    /// # Errors
    /// Damaged gzip, a read error, [`ReadError::Cancelled`].
    pub fn fill(&mut self) -> Result<&[u8], ReadError> {
        match self.reader.fill_buf() {
            Ok(_) => Ok(self.reader.buffer()),
            Err(error) => Err(access_error(&self.path, &error, true)),
        }
    }

    /// Marks `bytes` of [`Input::fill`] as read.
    pub fn consume(&mut self, bytes: usize) {
        self.reader.consume(bytes);
    }

    /// Everything that is left, decoded.
    ///
    /// # Errors
    /// As [`Input::fill`].
    pub fn rest(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        self.reader
            .read_to_end(&mut bytes)
            .map_err(|e| access_error(&self.path, &e, true))?;
        Ok(bytes)
    }

    /// The error for a file of binary data where text belongs.
    #[must_use]
    pub fn not_text(&self) -> ReadError {
        self.problem(
            (self.line > 0).then_some(self.line),
            "text",
            kind::describe(&self.head),
            "Choose another file, or unpack this one first.",
        )
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A file's name without folder, compression and format.
#[must_use]
pub fn stem(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let name = name
        .strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".bgz"))
        .unwrap_or(&name);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem.to_owned(),
        _ => name.to_owned(),
    }
}

fn access_error(path: &Path, error: &io::Error, decoding: bool) -> ReadError {
    let inner = error.get_ref();
    if inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<Cancelled>) {
        return ReadError::Cancelled(Cancelled);
    }
    let (reason, next) = match error.kind() {
        io::ErrorKind::NotFound => ("there is no such file", "Check the name and the folder."),
        io::ErrorKind::PermissionDenied => (
            "reading it is not allowed",
            "Change the permissions, or copy the file.",
        ),
        io::ErrorKind::UnexpectedEof if decoding => (
            "its gzip data end too early",
            "The file is cut short: download or copy it again.",
        ),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput if decoding => (
            "its gzip data are damaged",
            "Download or copy the file again.",
        ),
        _ if inner.is_some_and(<dyn std::error::Error + Send + Sync>::is::<Bomb>) => (
            "its gzip data grow more than 200-fold when unpacked, as no real sequence or table does",
            "Check where the file comes from.",
        ),
        _ => {
            return ReadError::Access {
                path: path.to_owned(),
                reason: format!("it could not be read ({error})"),
                next: "Copy it to a local disk and try again.".to_owned(),
            };
        }
    };
    ReadError::Access {
        path: path.to_owned(),
        reason: reason.to_owned(),
        next: next.to_owned(),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("gzip data that grow beyond belief")]
struct Bomb;

/// Counts what is read and stops when asked to.
struct Counted<R> {
    source: R,
    progress: Progress,
    cancel: Cancel,
    read_bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.cancel.check().map_err(io::Error::other)?;
        let bytes = self.source.read(buffer)?;
        self.progress.advance(bytes as u64);
        self.read_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

/// Unpacks gzip, stops when asked to, and refuses data that grow beyond belief.
struct Inflated<R> {
    decoder: MultiGzDecoder<R>,
    cancel: Cancel,
    read_bytes: Arc<AtomicU64>,
    written_bytes: u64,
}

impl<R: BufRead> Read for Inflated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.cancel.check().map_err(io::Error::other)?;
        let bytes = self.decoder.read(buffer)?;
        self.written_bytes += bytes as u64;
        let believed = self.read_bytes.load(Ordering::Relaxed) * GREATEST_GROWTH;
        if self.written_bytes > believed.max(INNOCENT_BYTES) {
            return Err(io::Error::other(Bomb));
        }
        Ok(bytes)
    }
}

/// Gives the error that came after the head, once, and is empty otherwise.
struct Later(Option<io::Error>);

impl Read for Later {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    fn lines(bytes: &[u8]) -> Result<Vec<String>, ReadError> {
        let mut input = Input::from_bytes("test", bytes, &Progress::default(), &Cancel::default())?;
        let (mut lines, mut text) = (Vec::new(), String::new());
        while input.next_line(&mut text)?.is_some() {
            lines.push(text.clone());
        }
        Ok(lines)
    }

    #[test]
    fn marks_line_ends_and_latin_1_are_tolerated() {
        assert_eq!(
            lines(b"\xef\xbb\xbfa\r\n\nb\xb5").expect("text"),
            ["a", "", "bµ"]
        );
    }

    #[test]
    fn gzip_members_are_joined() {
        let two = [gzip(b"a\nb"), gzip(b""), gzip(b"c\nd\n")].concat();
        assert_eq!(lines(&two).expect("text"), ["a", "bc", "d"]);
    }

    #[test]
    fn damaged_gzip_is_told_from_truncated() {
        let noise: Vec<u8> = (0..400_000_u32)
            .map(|i| b' ' + (i.wrapping_mul(2_654_435_761) >> 26) as u8)
            .collect();
        let whole = gzip(&noise);
        for cut in [5, 100, whole.len() / 2, whole.len() - 3] {
            let error = lines(&whole[..cut]).expect_err("cut").to_string();
            assert!(error.contains("end too early"), "{cut}: {error}");
        }
        let mut damaged = whole;
        let middle = damaged.len() / 2;
        damaged[middle..middle + 64].fill(0xff);
        let error = lines(&damaged).expect_err("damaged").to_string();
        assert!(error.contains("gzip data"), "{error}");
    }

    #[test]
    fn empty_binary_and_endless_lines_are_errors() {
        assert!(
            lines(b"")
                .expect_err("empty")
                .to_string()
                .contains("is empty")
        );
        assert!(
            lines(&gzip(b""))
                .expect_err("empty")
                .to_string()
                .contains("is empty")
        );
        let error = lines(b"a\nb\0c").expect_err("binary").to_string();
        assert!(error.contains("line 2: expected text"), "{error}");
        let endless = vec![b'x'; LONGEST_LINE_BYTES + 10];
        assert!(lines(&endless).is_err());
    }

    #[test]
    fn a_gzip_bomb_is_refused() {
        let bomb = gzip(&vec![b'A'; 80 << 20]);
        let mut input = Input::from_bytes("bomb", &bomb, &Progress::default(), &Cancel::default())
            .expect("starts well");
        let error = input.rest().expect_err("bomb").to_string();
        assert!(error.contains("200-fold"), "{error}");
    }

    #[test]
    fn cancelling_stops_and_progress_counts_the_file() {
        let (progress, cancel) = (Progress::default(), Cancel::default());
        let bytes = vec![b'x'; 1 << 20];
        let mut input = Input::from_bytes("x", &bytes, &progress, &cancel).expect("text");
        assert_eq!(progress.total(), 1 << 20);
        cancel.cancel();
        assert!(matches!(input.rest(), Err(ReadError::Cancelled(_))));
        let progress = Progress::default();
        lines_of(&gzip(b"hello\n"), &progress);
        assert_eq!(progress.done(), progress.total());
    }

    fn lines_of(bytes: &[u8], progress: &Progress) {
        let mut input = Input::from_bytes("x", bytes, progress, &Cancel::default()).expect("text");
        assert_eq!(input.rest().expect("text"), b"hello\n");
    }

    #[test]
    fn stems_lose_compression_and_format() {
        assert_eq!(stem(Path::new("a/NC_000913.3.fasta.gz")), "NC_000913.3");
        assert_eq!(stem(Path::new("genome")), "genome");
    }
}
