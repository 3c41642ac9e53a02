//! What is made from the table of operations. The table is read through the compiled core, which this program does not link (it
//! is to build in seconds), so another one writes the files into a scratch folder and they are taken from there.

use std::path::Path;

use super::Generated;
use crate::repo;

/// How cargo is asked for that program. --release: the tests have compiled the core so already.
const PROGRAM: [&str; 6] = ["run", "--quiet", "--release", "-p", "cardmint-gen", "--"];

/// Every file that is made from the table.
pub fn generate() -> Result<Vec<Generated>, String> {
    let scratch = repo::target().join("gen");
    repo::clear(&scratch)?;
    let status = repo::cargo(&PROGRAM).arg("into").arg(&scratch).status();
    if !status.as_ref().is_ok_and(|status| status.success()) {
        return Err(format!("cardmint-gen did not write its files ({status:?})"));
    }
    let mut found = Vec::new();
    collect(&scratch, "", &mut found).map_err(|error| format!("{}: {error}", scratch.display()))?;
    Ok(found)
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<Generated>) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), found)?;
        } else {
            found.push(Generated { path, text: std::fs::read_to_string(entry.path())? });
        }
    }
    Ok(())
}

/// Prints the table of operations as JSON.
pub fn print() -> bool {
    repo::cargo(&PROGRAM).arg("ops").status().is_ok_and(|status| status.success())
}
