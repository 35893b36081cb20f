//! The repository's files, as paths relative to its root.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that hold nothing of ours.
const FOREIGN: [&str; 5] = [".git", "target", ".test-env", "node_modules", "__pycache__"];

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// A text file.
pub(crate) struct TextFile {
    /// Where it is, from the root, with `/`.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
}

/// Every text file under `root`, in the order of their paths. What is not UTF-8 is no text.
pub(crate) fn text_files(root: &Path) -> Result<Vec<TextFile>, String> {
    let texts = files(root)?.into_iter().map(|path| read_text(root, path));
    texts.filter_map(Result::transpose).collect()
}

/// The paths of every file under `root`, from there, with `/`, in order.
pub(crate) fn files(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let unreadable = |e| format!("cannot read {}: {e}", folder.display());
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let kind = entry.file_type().map_err(unreadable)?;
            let (name, path) = (entry.file_name(), entry.path());
            if kind.is_dir() && !FOREIGN.iter().any(|foreign| name == *foreign) {
                folders.push(path);
            } else if kind.is_file() {
                let relative = path.strip_prefix(root).unwrap_or(&path);
                let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
                found.push(parts.join("/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read_text(root: &Path, path: String) -> Result<Option<TextFile>, String> {
    let file = root.join(&path);
    let bytes = fs::read(&file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    Ok(String::from_utf8(bytes).ok().map(|text| TextFile { path, text }))
}
