//! What is handed out, in an archive whose bytes depend on its content alone.

use std::{fs, path::Path};

use serde_json::Value;

use super::{Name, said, tree, write};

/// What goes along as it stands in the repository.
const ALONG: [&str; 5] =
    ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "packaging/strongroom.service"];
/// And all documents of this folder.
const DOCS: &str = "docs/";
/// The shells that commands are completed for, and what their files are called.
const SHELLS: [(&str, &str); 3] =
    [("bash", "strongroom"), ("zsh", "_strongroom"), ("fish", "strongroom.fish")];

/// Packs the archive and the bill into `folder`, which is made anew.
pub(super) fn pack(
    root: &Path,
    folder: &Path,
    name: &Name,
    binary: &Path,
    bill: &Value,
    epoch: &str,
) -> Result<(), String> {
    let failed = |e| format!("cannot make {} anew: {e}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(failed)?;
    }
    let unpacked = folder.join(name.unpacked());
    copy(binary, &unpacked.join("strongroom"))?;
    for path in along(root)? {
        copy(&root.join(&path), &unpacked.join(&path))?;
    }
    let program = binary.to_str().ok_or("the path of the program is no text")?;
    for (shell, file) in SHELLS {
        let script = said(root, &[program, "completions", shell])?;
        write(&unpacked.join("completions").join(file), script)?;
    }
    archive(folder, name, epoch)?;
    fs::remove_dir_all(&unpacked).map_err(failed)?;
    let bill = serde_json::to_string_pretty(bill).map_err(|e| format!("the bill: {e}"))?;
    write(&folder.join(name.inventory()), bill + "\n")
}

/// What goes along, as paths from the root.
fn along(root: &Path) -> Result<Vec<String>, String> {
    let is_along = |path: &String| path.starts_with(DOCS) || ALONG.contains(&&**path);
    let along: Vec<String> = tree::files(root)?.into_iter().filter(is_along).collect();
    match ALONG.iter().find(|path| !along.iter().any(|it| it == *path)) {
        Some(missing) => Err(format!("{missing} is to go along and does not exist")),
        None => Ok(along),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |e| format!("cannot copy {} to {}: {e}", from.display(), to.display());
    to.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::copy(from, to).map(drop).map_err(failed)
}

/// Packs what stands in the folder: in order, of nobody, with rights and a date that are the same
/// wherever it is done.
fn archive(folder: &Path, name: &Name, epoch: &str) -> Result<(), String> {
    let date = format!("--mtime=@{epoch}");
    let (unpacked, archive) = (name.unpacked(), name.archive());
    let alike = ["--format=ustar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"];
    let rights = "--mode=u+rw,go-w,a+rX";
    let gzip = ["--use-compress-program=gzip --no-name --best", "--create", "--file"];
    let words = [&["tar"][..], &alike, &[rights, &date], &gzip, &[&archive, &unpacked]].concat();
    said(folder, &words).map(drop)
}

/// Writes the sums of files in a folder, which `sha256sum --check` takes, and gives them.
pub(super) fn write_sums(folder: &Path, files: &[&str]) -> Result<String, String> {
    let sums = said(folder, &[&["sha256sum"], files].concat())?;
    write(&folder.join("SHA256SUMS"), &sums)?;
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;

    /// A folder of a test, in the place where cargo's results are.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// A program that gives its completions.
    fn program(folder: &Path) -> PathBuf {
        let program = folder.join("program");
        write(&program, "#!/bin/sh\necho \"$@\"\n").unwrap();
        said(folder, &["chmod", "755", "program"]).unwrap();
        program
    }

    #[test]
    fn an_archive_packed_twice_is_the_same_and_its_sums_are_right() {
        let name = Name { version: "1.2.3".to_owned(), platform: "x86_64-linux".to_owned() };
        let made = folder("pack-twice");
        let program = program(&made);
        let sums = ["one", "other"].map(|which| {
            let folder = made.join(which);
            pack(&tree::root(), &folder, &name, &program, &json!({}), "1700000000").unwrap();
            // What is older than the other must not tell them apart.
            said(&made, &["touch", "program"]).unwrap();
            let sums = write_sums(&folder, &[&name.archive(), &name.inventory()]).unwrap();
            said(&folder, &["sha256sum", "--check", "--quiet", "SHA256SUMS"]).unwrap();
            sums
        });
        assert_eq!(sums[0], sums[1]);
        let list = said(&made.join("one"), &["tar", "-tf", &name.archive()]).unwrap();
        for path in [
            "strongroom",
            "README.md",
            "LICENSE",
            "CHANGELOG.md",
            "docs/configuration.md",
            "completions/_strongroom",
            "packaging/strongroom.service",
        ] {
            let path = format!("{}/{path}", name.unpacked());
            assert!(list.lines().any(|line| line == path), "{path} is not in {list}");
        }
        let verbose = said(&made.join("one"), &["tar", "-tvf", &name.archive()]).unwrap();
        assert!(verbose.lines().all(|line| line.contains(" 0/0 ") && line.contains("2023-11-14")));
        write(&made.join("one").join(name.inventory()), "{}").unwrap();
        assert!(
            said(&made.join("one"), &["sha256sum", "--check", "--status", "SHA256SUMS"]).is_err()
        );
        fs::remove_dir_all(made).unwrap();
    }
}
