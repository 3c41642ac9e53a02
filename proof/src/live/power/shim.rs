//! A process whose every step on its files is written down.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::disk::{Disk, Files};
use super::log::{self, Entry};
use crate::live::{Failure, Setup};

/// The library that is preloaded: `proof/c/power.c`.
const SOURCE: &str = include_str!("../../../c/power.c");
const FLAGS: [&str; 9] =
    ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-shared", "-fPIC"];

/// Compiles it into a folder.
///
/// # Errors
/// What the C compiler says.
pub fn compile(into: &Path) -> Result<PathBuf, Failure> {
    let (source, library) = (into.join("power.c"), into.join("power.so"));
    std::fs::write(&source, SOURCE)?;
    let mut cc = Command::new("cc");
    let done = cc.args(FLAGS).arg("-o").arg(&library).arg(&source).arg("-lpthread").output();
    let done = done.map_err(|error| format!("no C compiler: {error}; apt-get install gcc libc6-dev"))?;
    if !done.status.success() {
        return Err(format!("power.c cannot be compiled: {}", String::from_utf8_lossy(&done.stderr)).into());
    }
    Ok(library)
}

/// What a process did to the files of its folder.
pub struct Recording {
    /// What was there before.
    pub before: Files,
    /// What happened.
    pub entries: Vec<Entry>,
}

/// What is recorded.
pub struct Story<'a> {
    /// This program, and the words after it.
    pub program: &'a Path,
    pub verb: Vec<String>,
    /// What is in the folder before.
    pub before: Files,
    /// Flushes do nothing.
    pub lies: bool,
}

/// Runs a process to its end. The log accounts for every byte that it left, or it is an error: no call slipped through.
///
/// # Errors
/// What kept it from being run; a process that failed.
pub fn record(library: &Path, work: &Path, setup: &Setup, story: Story<'_>) -> Result<Recording, Failure> {
    let folder = work.join("recorded");
    let log = work.join("log");
    fresh(&folder, &story.before)?;
    let folder = std::fs::canonicalize(folder)?;
    let setup = setup.on(&folder.join(super::FILE));
    let mut child = Command::new(story.program);
    child.args(&story.verb).args(setup.args()).stdin(Stdio::null()).stdout(Stdio::null());
    child.env("LD_PRELOAD", library).env("CARDMINT_POWER_FOLDER", &folder).env("CARDMINT_POWER_LOG", &log);
    if story.lies {
        child.env("CARDMINT_POWER_LIES", "1");
    }
    let status = child.status()?;
    if !status.success() {
        return Err(format!("the process that is recorded ended with {status}").into());
    }
    let recording = Recording { before: story.before, entries: log::read(&std::fs::read(log)?)? };
    let mut disk = Disk::holding(&recording.before);
    recording.entries.iter().try_for_each(|entry| disk.apply(entry))?;
    let (told, found) = (without_index(disk.seen()), without_index(read(&folder)?));
    if told != found {
        let names = |files: &Files| files.iter().map(|(name, bytes)| (name.clone(), bytes.len())).collect::<Vec<_>>();
        return Err(format!("the log says {:?}, the folder holds {:?}", names(&told), names(&found)).into());
    }
    Ok(recording)
}

/// The index of the log is shared memory: no call tells what is in it.
fn without_index(mut files: Files) -> Files {
    files.retain(|name, _| !name.ends_with("-shm"));
    files
}

/// All files of a folder.
pub fn read(folder: &Path) -> Result<Files, Failure> {
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?);
    }
    Ok(files)
}

/// A folder that holds these files and no others.
pub fn fresh(folder: &Path, files: &Files) -> Result<(), Failure> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
