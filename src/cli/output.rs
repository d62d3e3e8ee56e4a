//! Where results go: a file, written whole or not at all, or standard output for `-`.

use anyhow::Context as _;
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
    let temporary = beside(path);
    let result: anyhow::Result<()> = (|| {
        let mut output = BufWriter::new(std::fs::File::create(&temporary).with_context(named)?);
        fill(&mut output)?;
        output.flush().with_context(named)?;
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
