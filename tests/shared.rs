//! Files that lie beside the repository.

use std::path::PathBuf;

/// The file `path` of the folder that `HEADLIGHT_SHARED` names (default `../shared`).
///
/// `None` where it is absent, unless `HEADLIGHT_REQUIRE_SHARED=1` asks for it.
///
/// # Panics
/// Where the file is required and absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("HEADLIGHT_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let file = folder.join(path);
    if file.exists() {
        return Some(file);
    }
    let required = std::env::var("HEADLIGHT_REQUIRE_SHARED").is_ok_and(|value| value == "1");
    assert!(!required, "{} is required and absent", file.display());
    None
}
