//! The files of a folder.
//!
//! Bounds: [`FILES`] files and folders, [`DEPTH`] levels.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;

/// Files and folders that one import looks at, and how deep.
const FILES: usize = 200_000;
const DEPTH: usize = 16;

/// The files below a folder with their paths relative to it, `/` between names, sorted. Links and hidden files are
/// passed over.
pub(super) fn below(dir: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut found = Vec::new();
    let mut open = vec![(dir.to_owned(), String::new(), 0)];
    let mut looked_at = 0;
    while let Some((folder, prefix, depth)) = open.pop() {
        let failed = |why| Failure::File {
            doing: "read the folder",
            path: folder.clone(),
            why,
        };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            looked_at += 1;
            if looked_at > FILES || depth > DEPTH {
                let what = format!("holds more than {FILES} files or {DEPTH} levels; import its folders one by one");
                return Err(Failure::BadFile {
                    path: dir.to_owned(),
                    what,
                });
            }
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
                continue;
            };
            let source = if prefix.is_empty() {
                name.to_owned()
            } else {
                format!("{prefix}/{name}")
            };
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                open.push((entry.path(), source, depth + 1));
            } else if kind.is_file() {
                found.push((source, entry.path()));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_order_by_relative_path() {
        let dir = tempfile::tempdir().unwrap();
        for file in ["b.md", "a/z.md", "a/b/c.md", ".git/config", "a/.hidden"] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let found: Vec<String> = below(dir.path())
            .unwrap()
            .into_iter()
            .map(|(source, _)| source)
            .collect();
        assert_eq!(found, ["a/b/c.md", "a/z.md", "b.md"]);
        assert!(matches!(below(&dir.path().join("none")), Err(Failure::File { .. })));
    }
}
