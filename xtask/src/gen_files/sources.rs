//! The Rust and Python sources of the repository.

use std::io;
use std::path::Path;

/// A source: its path from the root, with slashes, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Folders that hold nothing written by hand. Hidden ones are left out, too.
const NOT_OURS: [&str; 6] = ["target", "node_modules", "out", "dist", "__pycache__", "venv"];

/// All `*.rs` and `*.py`, ordered by path.
pub fn read(root: &Path) -> io::Result<Vec<Source>> {
    let mut found = Vec::new();
    walk(root, "", &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<Source>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        // A target folder of any name carries cargo's tag.
        if kind.is_dir() && !name.starts_with('.') && !NOT_OURS.contains(&name.as_str()) {
            if !entry.path().join("CACHEDIR.TAG").exists() {
                walk(&entry.path(), &format!("{prefix}{name}/"), found)?;
            }
        } else if kind.is_file() && [".rs", ".py"].iter().any(|ending| name.ends_with(ending)) {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path())?).into_owned();
            found.push(Source { path: format!("{prefix}{name}"), text });
        }
    }
    Ok(())
}
