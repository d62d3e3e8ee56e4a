//! Finds the files of a workspace again: where they were, or where they have been moved to.

use super::{OpenFile, Saved, SavedError, checksum};
use crate::progress::{Cancel, Progress};
use std::path::{Path, PathBuf};

/// What has become of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It is as it was saved.
    Same,
    /// It is there with another content.
    Changed,
    /// It is not to be found or not to be read; why.
    Missing(String),
}

/// A file of a workspace and where it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// As it was saved.
    pub file: OpenFile,
    /// Where it is, or was.
    pub path: PathBuf,
    /// What has become of it.
    pub state: FileState,
}

/// A workspace that was read, with its files.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The workspace file.
    pub path: PathBuf,
    /// What it says.
    pub saved: Saved,
    /// Its files in their order.
    pub files: Vec<FoundFile>,
}

/// Reads a workspace and looks where its files are; `progress` counts their bytes.
///
/// # Errors
/// [`SavedError`]; a missing file is none.
pub fn find(path: &Path, progress: &Progress, cancel: &Cancel) -> Result<Found, SavedError> {
    let saved = Saved::read(path)?;
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = absolute.parent().unwrap_or(Path::new(""));
    let bytes = saved.files.iter().map(|file| file.bytes);
    progress.set_total(bytes.fold(0, u64::saturating_add));
    let mut files = Vec::new();
    for file in &saved.files {
        let mut candidates = Vec::new();
        if !file.relative.is_empty() {
            candidates.push(plain(&folder.join(&file.relative)));
        }
        if !candidates.contains(&file.path) {
            candidates.push(file.path.clone());
        }
        files.push(look(file, &candidates, progress, cancel)?);
    }
    Ok(Found {
        path: absolute,
        saved,
        files,
    })
}

impl Found {
    /// Whether every file is as it was saved.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.state == FileState::Same)
    }

    /// Takes `path` for file number `index`, and looks for the other missing files where the same move would
    /// have taken them. Returns how many of those were found.
    ///
    /// # Errors
    /// [`SavedError::Cancelled`].
    pub fn relocate(
        &mut self,
        index: usize,
        path: &Path,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<usize, SavedError> {
        let Some(moved) = self.files.get(index) else {
            return Ok(0);
        };
        let to = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (from, file) = (moved.file.path.clone(), moved.file.clone());
        self.files[index] = look(&file, std::slice::from_ref(&to), progress, cancel)?;
        if matches!(self.files[index].state, FileState::Missing(_)) {
            return Ok(0);
        }
        let (old, new) = moved_folder(&from, &to);
        let mut found = 0;
        for other in &mut self.files {
            if !matches!(other.state, FileState::Missing(_)) {
                continue;
            }
            let mut candidates = Vec::new();
            if let Ok(rest) = other.file.path.strip_prefix(&old) {
                candidates.push(new.join(rest));
            }
            if let (Some(folder), Some(name)) = (to.parent(), other.file.path.file_name()) {
                candidates.push(folder.join(name));
            }
            let looked = look(&other.file, &candidates, progress, cancel)?;
            if !matches!(looked.state, FileState::Missing(_)) {
                *other = looked;
                found += 1;
            }
        }
        Ok(found)
    }
}

/// The folders that a file was moved from and to: what differs once the names that both ends share are off.
fn moved_folder(from: &Path, to: &Path) -> (PathBuf, PathBuf) {
    let (mut old, mut new) = (from, to);
    while let (Some(a), Some(b)) = (old.file_name(), new.file_name()) {
        // The file itself may have another name now; the folder above it has moved all the same.
        if a != b && (old, new) != (from, to) {
            break;
        }
        match (old.parent(), new.parent()) {
            (Some(above_old), Some(above_new)) => (old, new) = (above_old, above_new),
            _ => break,
        }
    }
    (old.to_owned(), new.to_owned())
}

/// The candidate with the right content, else the first that is there, else why there is none.
fn look(
    file: &OpenFile,
    candidates: &[PathBuf],
    progress: &Progress,
    cancel: &Cancel,
) -> Result<FoundFile, SavedError> {
    let mut changed = None;
    let mut why = None;
    for path in candidates {
        let of = |state| FoundFile {
            file: file.clone(),
            path: path.clone(),
            state,
        };
        match checksum(path, progress, cancel) {
            Ok((sum, _)) if sum == file.sha256 => return Ok(of(FileState::Same)),
            Ok(_) => changed = changed.or(Some(of(FileState::Changed))),
            Err(SavedError::Cancelled(cancelled)) => return Err(cancelled.into()),
            Err(SavedError::Read { source, .. }) => {
                why.get_or_insert(source.to_string());
            }
            Err(other) => {
                why.get_or_insert(other.to_string());
            }
        }
    }
    Ok(changed.unwrap_or_else(|| FoundFile {
        file: file.clone(),
        path: file.path.clone(),
        state: FileState::Missing(why.unwrap_or_else(|| "it is not there".to_owned())),
    }))
}

/// A path without `.` and `..`, as far as its words go.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            std::path::Component::ParentDir => {
                plain.pop();
            }
            std::path::Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sites::read::SiteOptions;

    fn written(folder: &Path, names: &[&str]) -> Vec<OpenFile> {
        let file = |name: &&str| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, name.as_bytes()).unwrap();
            OpenFile::new(&path, SiteOptions::default(), &Cancel::default()).unwrap()
        };
        names.iter().map(file).collect()
    }

    fn found(path: &Path) -> Found {
        find(path, &Progress::default(), &Cancel::default()).unwrap()
    }

    fn relocate(found: &mut Found, index: usize, path: &Path) -> usize {
        let (progress, cancel) = Default::default();
        found.relocate(index, path, &progress, &cancel).unwrap()
    }

    #[test]
    fn a_folder_that_was_moved_as_a_whole_is_found_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        let files = written(&old, &["data/a.fasta", "b.tsv"]);
        let saved = Saved {
            files,
            ..Saved::new()
        };
        saved.write(&old.join("w.headlight")).unwrap();
        assert!(found(&old.join("w.headlight")).is_whole());
        std::fs::rename(&old, &new).unwrap();
        let found = found(&new.join("w.headlight"));
        assert!(found.is_whole());
        assert_eq!(found.files[0].path, new.join("data/a.fasta"));
    }

    #[test]
    fn one_file_that_was_found_leads_to_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("old");
        let files = written(&old, &["sub/a", "sub/deep/b", "c", "gone"]);
        let path = folder.path().join("w.headlight");
        let saved = Saved {
            files,
            ..Saved::new()
        };
        saved.write(&path).unwrap();
        let new = folder.path().join("elsewhere");
        std::fs::rename(&old, &new).unwrap();
        std::fs::remove_file(new.join("gone")).unwrap();
        let mut found = found(&path);
        let missing = |file: &FoundFile| matches!(file.state, FileState::Missing(_));
        assert!(found.files.iter().all(missing));
        assert_eq!(relocate(&mut found, 0, &new.join("nothing")), 0);
        assert_eq!(relocate(&mut found, 0, &new.join("sub/a")), 2);
        assert_eq!(found.files[1].path, new.join("sub/deep/b"));
        assert_eq!(found.files[2].path, new.join("c"));
        assert_eq!(found.files.iter().filter(|file| missing(file)).count(), 1);
        // A file that does not exist in the workspace at all changes nothing.
        assert_eq!(relocate(&mut found, 99, &new.join("c")), 0);
    }

    #[test]
    fn a_file_with_another_content_is_told_from_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let files = written(folder.path(), &["a", "b"]);
        let path = folder.path().join("w.headlight");
        let saved = Saved {
            files,
            ..Saved::new()
        };
        saved.write(&path).unwrap();
        std::fs::write(folder.path().join("b"), "another").unwrap();
        let mut found = found(&path);
        assert_eq!(found.files[0].state, FileState::Same);
        assert_eq!(found.files[1].state, FileState::Changed);
        assert!(!found.is_whole());
        std::fs::write(folder.path().join("copy of b"), "b").unwrap();
        relocate(&mut found, 1, &folder.path().join("copy of b"));
        assert!(found.is_whole());
    }

    #[test]
    fn devices_and_folders_are_no_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = written(folder.path(), &["a", "b"]);
        files[0].path = "/dev/zero".into();
        files[1].path = folder.path().to_owned();
        let path = folder.path().join("w.headlight");
        let mut text = serde_json::to_value(Saved {
            files,
            ..Saved::new()
        })
        .unwrap();
        text["files"][0]["relative"] = "../../../../../../../../dev/zero".into();
        std::fs::write(&path, text.to_string()).unwrap();
        let found = found(&path);
        let missing = |file: &FoundFile| matches!(file.state, FileState::Missing(_));
        assert!(found.files.iter().all(missing), "{:?}", found.files);
    }
}
