//! The npm packages that we are measured against: pinned in `benches/peers`, installed there on first use.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use serde_json::Value;

use crate::harness::Failure;

/// The folder of the pinned peers, or one within it.
pub fn folder(name: &str) -> PathBuf {
    let benches =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    benches.join("peers").join(name)
}

/// Installs what a folder's lock file says, unless it is there. The error is why the peers cannot be measured.
pub fn install(name: &str) -> Result<PathBuf, String> {
    let folder = folder(name);
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !node.is_ok_and(|status| status.success()) {
        return Err("Node was not found (20.17 or newer, with npm)".to_owned());
    }
    let time = |name: &str| std::fs::metadata(folder.join(name)).and_then(|file| file.modified()).ok();
    let installed = time("node_modules/.package-lock.json");
    if installed.is_some() && installed >= time("package-lock.json") {
        return Ok(folder);
    }
    // Not `ci`: that refuses a lock without the builds for other systems, which not every registry has. Scripts of strangers stay off.
    let install = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
    let npm = Command::new("npm").args(install).current_dir(&folder).output();
    match npm {
        Ok(output) if output.status.success() => Ok(folder),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let first = said.lines().find(|line| line.contains("error")).unwrap_or("no reason given");
            Err(format!("npm install failed: {first}"))
        }
        Err(error) => Err(format!("npm could not be started: {error}")),
    }
}

/// What a run of one generator reports: ours and a peer's in the same words.
#[derive(Debug, Clone, Copy)]
pub struct Minted {
    pub seconds: f64,
    pub peak_rss_bytes: f64,
}

/// Runs the script with one peer in a fresh process.
pub fn mint(peer: &str, count: u64, warm_ups: u64) -> Result<Minted, Failure> {
    let mut command = Command::new("node");
    command.arg("mint.mjs").args([peer, &count.to_string(), &warm_ups.to_string()]).current_dir(folder(""));
    read(command, count)
}

/// Reads `{codes, seconds, peak_rss_bytes}` from a child.
pub fn read(mut command: Command, count: u64) -> Result<Minted, Failure> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let report: Value = serde_json::from_slice(&output.stdout)?;
    if report["codes"].as_u64() != Some(count) {
        return Err(format!("asked for {count} codes, got {}", report["codes"]).into());
    }
    let number = |name: &str| report[name].as_f64().ok_or_else(|| format!("no `{name}` in the report"));
    Ok(Minted { seconds: number("seconds")?, peak_rss_bytes: number("peak_rss_bytes")? })
}

/// The JSON that a child prints.
pub fn tell(mut command: Command) -> Result<Value, Failure> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Ends a child of ours as mint.mjs ends: with what it did, in JSON.
pub fn report(codes: u64, seconds: f64) -> ExitCode {
    let Some(peak_rss_bytes) = peak_rss_bytes() else {
        eprintln!("no VmHWM in /proc/self/status");
        return ExitCode::FAILURE;
    };
    println!("{}", serde_json::json!({ "codes": codes, "seconds": seconds, "peak_rss_bytes": peak_rss_bytes }));
    ExitCode::SUCCESS
}

/// The high-water mark of this process.
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}
