//! The facts of the machine that a figure was taken on.

use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Instant;

use crate::figure::median;

/// Writes and syncs in one measurement of the disk.
const SYNCS: usize = 64;
/// What a write-ahead log appends for a small commit: a page and its frame header.
const SYNC_BYTES: usize = 4096 + 24;

/// A few lines about processor, kernel and disk.
pub fn describe(dir: &Path) -> io::Result<String> {
    let cpu_info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        cpu_info
            .lines()
            .find(|line| line.starts_with(name))
            .and_then(|line| line.split_once(':'))
            .map(|(_, v)| v.trim())
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let sha_ni = match field("flags") {
        Some(flags) if flags.split_whitespace().any(|flag| flag == "sha_ni") => "yes",
        Some(_) => "no",
        None => "unknown",
    };
    let sync_micros = median(&sync_micros(dir, SYNCS)?).unwrap_or_default();
    Ok(format!(
        "machine: {cores} cores, {}, {} {}, SHA-NI {sha_ni}\n\
         disk: fdatasync after {SYNC_BYTES} bytes {sync_micros:.0} µs (median of {SYNCS}) in {}\n",
        field("model name").unwrap_or("processor unknown"),
        std::env::consts::OS,
        kernel.trim(),
        dir.display(),
    ))
}

/// How long the disk takes to make a small append durable: the floor under every durable commit.
pub fn sync_micros(dir: &Path, count: usize) -> io::Result<Vec<f64>> {
    let folder = tempfile::tempdir_in(dir)?;
    let mut file = File::create(folder.path().join("sync"))?;
    // The log is written over again once it has grown; so is this file, and its length does not change.
    file.write_all(&vec![0; SYNC_BYTES * count])?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let mut micros = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        file.write_all(&[7; SYNC_BYTES])?;
        file.sync_data()?;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(micros)
}
