//! Where results go: a file, written whole or not at all, or standard output for `-`.

use anyhow::{Context as _, bail};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes what `fill` produces to `path`, or to standard output where `path` is `-` or not given.
///
/// A file appears under its name only once it is complete.
pub fn write(
    path: Option<&Path>,
    fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
        let mut output = BufWriter::new(std::io::stdout().lock());
        fill(&mut output)?;
        return Ok(output.flush()?);
    };
    // A link is written through; a device or a pipe is written to, never replaced.
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = target.as_path();
    let named = || format!("{} could not be written", path.display());
    if std::fs::metadata(path).is_ok_and(|existing| !existing.is_file() && !existing.is_dir()) {
        let file = std::fs::OpenOptions::new().write(true).open(path);
        let mut output = BufWriter::new(file.with_context(named)?);
        fill(&mut output)?;
        return output.flush().with_context(named);
    }
    whole(path, |file| {
        let mut output = BufWriter::new(file);
        fill(&mut output)?;
        output.flush().with_context(named)
    })
}

/// Writes what `fill` produces to the file `path`, for formats that go back and forth in it.
///
/// A file appears under its name only once it is complete.
pub fn write_file(
    path: &Path,
    fill: impl FnOnce(File) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let is_file = |path: &Path| std::fs::metadata(path).map_or(true, |found| found.is_file());
    if path.as_os_str() == "-" || !is_file(path) {
        bail!(
            "{}: this format is written into a file, not into a stream or a folder; name a file with -o",
            path.display()
        );
    }
    whole(
        &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        fill,
    )
}

/// Writes to a file beside `path` and moves it there once it is complete.
fn whole(path: &Path, fill: impl FnOnce(File) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let named = || format!("{} could not be written", path.display());
    let temporary = beside(path);
    let result: anyhow::Result<()> = (|| {
        fill(File::create(&temporary).with_context(named)?)?;
        std::fs::rename(&temporary, path).with_context(named)
    })();
    if result.is_err() {
        // The half-written file helps nobody; that it could not be removed changes nothing.
        let _ = std::fs::remove_file(&temporary);
    }
    result
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}
