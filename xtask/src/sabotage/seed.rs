//! What others wrote is not compiled again: the workshop's target folder begins with the
//! artefacts that the ordinary one has of them.
//!
//! The folder itself cannot be shared. Cargo names artefacts by a package's path within its
//! workspace, and the copy has the same paths: what was built of a broken line would pass for the
//! repository's own.

use std::{fs, io, path::Path};

/// What cargo remembers of each package, and what build scripts made.
const BY_PACKAGE: [&str; 2] = [".fingerprint", "build"];

/// Copies artefacts of packages that are not ours from one profile's folder to another's, if the
/// latter does not exist yet. Without fingerprints, whatever else comes along is built anew.
pub(super) fn seed(from: &Path, to: &Path) -> Result<(), String> {
    if to.exists() || !from.is_dir() {
        return Ok(());
    }
    copy_artefacts(from, to).map_err(|e| format!("cannot copy {}: {e}", from.display()))
}

fn copy_artefacts(from: &Path, to: &Path) -> io::Result<()> {
    for folder in BY_PACKAGE {
        for entry in fs::read_dir(from.join(folder))? {
            let name = entry?.file_name();
            if !is_ours(&name.to_string_lossy()) {
                copy_tree(&from.join(folder).join(&name), &to.join(folder).join(&name))?;
            }
        }
    }
    fs::create_dir_all(to.join("deps"))?;
    for entry in fs::read_dir(from.join("deps"))? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("rlib" | "rmeta" | "so" | "d")) {
            let name = path.file_name().unwrap_or_default();
            copy_file(&path, &to.join("deps").join(name))?;
        }
    }
    Ok(())
}

/// Whether a package's folder, `name-hash`, is of this workspace.
fn is_ours(folder: &str) -> bool {
    folder.starts_with("strongroom") || folder.starts_with("xtask-")
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(from)?.is_dir() {
        return copy_file(from, to);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        copy_tree(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}

/// With its date, by which cargo tells what is older than what.
fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let modified = fs::metadata(from)?.modified()?;
    fs::copy(from, to)?;
    fs::File::options().append(true).open(to)?.set_modified(modified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_others_wrote_is_taken_over() {
        assert!(is_ours("strongroom-engine-0123456789abcdef"));
        assert!(is_ours("strongroom-0123456789abcdef"));
        assert!(!is_ours("rustls-0123456789abcdef"));
    }
}
