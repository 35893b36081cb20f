//! How the program is built so that another gets the same bytes: without a path of the machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{said, unreadable};

/// How a release is built.
pub(super) struct Build {
    root: PathBuf,
    epoch: String,
    /// Paths of this machine, and what stands in their place.
    mapped: Vec<(String, &'static str)>,
}

impl Build {
    /// A build of the tree at `root` with this date.
    pub(super) fn new(root: &Path, metadata: &Value, epoch: &str) -> Result<Self, String> {
        let root_text = text(root)?;
        let sysroot = said(root, &["rustc", "--print", "sysroot"])?.trim().to_owned();
        let mut mapped = vec![(root_text, "/strongroom"), (sysroot, "/rust")];
        mapped.extend(registry(metadata).map(|registry| (registry, "/registry")));
        Ok(Self { root: root.to_path_buf(), epoch: epoch.to_owned(), mapped })
    }

    /// Builds in this folder under `target`, and gives the program's path.
    pub(super) fn run(&self, folder: &str) -> Result<PathBuf, String> {
        let target = self.root.join("target").join(folder);
        let mut mapped = self.mapped.clone();
        // The last that fits is taken, by both compilers.
        mapped.push((text(&target)?, "/target"));
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--locked", "--package", "strongroom"]);
        cargo.env("SOURCE_DATE_EPOCH", &self.epoch).env("CARGO_TARGET_DIR", &target);
        // As one value whose parts are parted by a byte that no path has.
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags("--remap-path-prefix=", &mapped, "\u{1f}"));
        let for_c = flags("-ffile-prefix-map=", &mapped, " ");
        cargo.env("CFLAGS", &for_c).env("CXXFLAGS", &for_c);
        cargo.current_dir(&self.root).stdin(Stdio::null()).stdout(Stdio::null());
        if !cargo.status().map_err(|e| format!("cannot run cargo: {e}"))?.success() {
            return Err("what is to be released does not compile".to_owned());
        }
        let binary = target.join("release/strongroom");
        let bytes = fs::read(&binary).map_err(unreadable(&binary))?;
        match mapped.iter().find(|(path, _)| contains(&bytes, path.as_bytes())) {
            Some((path, _)) => Err(format!("{} holds the path {path}", binary.display())),
            None => Ok(binary),
        }
    }
}

fn text(path: &Path) -> Result<String, String> {
    let text = path.to_str().ok_or("the path of the repository is no text")?;
    // A compiler's arguments are parted there.
    match text.contains(char::is_whitespace) {
        true => Err(format!("a release is built in a folder without spaces, not in {text}")),
        false => Ok(text.to_owned()),
    }
}

/// Where cargo keeps what is not ours.
fn registry(metadata: &Value) -> Option<String> {
    let packages = metadata["packages"].as_array()?;
    let manifests = packages.iter().filter_map(|package| package["manifest_path"].as_str());
    let (before, _) = manifests.filter_map(|path| path.split_once("/registry/src/")).next()?;
    Some(format!("{before}/registry/src"))
}

/// One option for each path.
fn flags(option: &str, mapped: &[(String, &str)], between: &str) -> String {
    let each = mapped.iter().map(|(path, instead)| format!("{option}{path}={instead}"));
    each.collect::<Vec<_>>().join(between)
}

fn contains(bytes: &[u8], sought: &[u8]) -> bool {
    bytes.windows(sought.len()).any(|part| part == sought)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_path_of_the_machine_has_another_in_its_place() {
        let metadata = json!({"packages": [
            {"manifest_path": "/here/xtask/Cargo.toml"},
            {"manifest_path": "/home/me/.cargo/registry/src/index-1/libc-0.2/Cargo.toml"},
        ]});
        let registry = registry(&metadata).unwrap();
        assert_eq!(registry, "/home/me/.cargo/registry/src");
        let mapped = [("/here".to_owned(), "/strongroom"), (registry, "/registry")];
        let of_c = "-m=/here=/strongroom -m=/home/me/.cargo/registry/src=/registry";
        assert_eq!(flags("-m=", &mapped, " "), of_c);
    }

    #[test]
    fn a_path_with_a_space_is_refused_and_one_in_a_program_found() {
        assert!(text(Path::new("/my files")).is_err());
        assert!(contains(b"..\0/here/main.rs\0", b"/here") && !contains(b"/her", b"/here"));
    }
}
