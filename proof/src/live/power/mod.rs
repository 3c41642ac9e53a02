//! Loss of power, simulated: a process works on a real file while everything that it does to its files is written down, and then disks
//! are made as a loss of power at some moment could have left them. From each the shop opens again and is asked what became of it.
//!
//! What was flushed is there. Of everything else any part may be missing: pages of 4 KiB and sectors of 512 bytes, each at any version that
//! it had since the last flush, changes of length, and names in the folder. docs/decisions/0019 says why it is done at this place.

mod check;
mod disk;
mod log;
mod shim;

use std::path::{Path, PathBuf};

use cardmint_sqlite::Durability;
use flate2::read::GzDecoder;
use serde::Serialize;

use self::check::{Checked, Last};
use self::disk::{Disk, Files};
use self::log::Entry;
use self::shim::{Recording, Story};
use super::{Failure, Setup};
use crate::dice::Dice;

/// The database's name in its folder.
const FILE: &str = "shop.db";

/// Disks that are made at each cut.
const IMAGES: u64 = 2;

/// Violations after which a run ends.
const FOUND_MAX: usize = 5;

/// A file of the first format, to be migrated.
const OLD: &[u8] = include_bytes!("../../../../tests/data/format-1/shop.sqlite.gz");

/// What the power is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// A shop is made and works, and every commit is flushed.
    Full,
    /// The same, and commits are flushed at checkpoints.
    Normal,
    /// A file of an older format is opened.
    Migration,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Full, Self::Normal, Self::Migration];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Normal => "normal",
            Self::Migration => "migration",
        }
    }
}

/// How it is run.
#[derive(Debug, Clone, Copy)]
pub struct Power {
    /// Moments at which the power goes.
    pub cuts: u64,
    /// Rounds of work that are recorded.
    pub rounds: u64,
    /// Of the moments, and of what is left.
    pub seed: u64,
    /// What is wrong on purpose.
    pub seeded: Option<Seeded>,
}

/// Mistakes that must be caught, or the layer proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeded {
    /// What the store asks to be flushed never is.
    DiskLies,
    /// The store promises its commits without flushing them.
    CommitsNotFlushed,
}

/// What it came to.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What the power was taken from.
    pub scene: &'static str,
    /// Steps that were recorded.
    pub steps: usize,
    /// Moments at which the power went.
    pub cut_points: u64,
    /// Disks that were opened.
    pub images: u64,
    /// Pages, lengths and names that were lost on them.
    pub dropped_pieces: u64,
    /// What was found on them.
    #[serde(flatten)]
    pub checked: Checked,
    /// What may not be.
    pub violations: Vec<String>,
}

/// Records one process and takes the power away so many times.
///
/// # Errors
/// What kept it from being run.
pub fn run(program: &Path, setup: &Setup, scene: Scene, power: Power) -> Result<Report, Failure> {
    let work = tempfile::tempdir()?;
    let library = shim::compile(work.path())?;
    let mut setup = setup.clone();
    let flushes = scene != Scene::Normal && power.seeded != Some(Seeded::CommitsNotFlushed);
    setup.options.durability = if flushes { Durability::Full } else { Durability::Normal };
    // So short a log that it is begun again many times.
    setup.options.checkpoint_pages = setup.options.checkpoint_pages.min(24);
    let (verb, before) = match scene {
        Scene::Full | Scene::Normal => (vec!["--prepare".to_owned()], Files::new()),
        Scene::Migration => (Vec::new(), Files::from([(FILE.to_owned(), old()?)])),
    };
    let rounds = if scene == Scene::Migration { 0 } else { power.rounds };
    let verb = [vec!["killed".to_owned(), "--run=0".to_owned(), format!("--rounds={rounds}")], verb].concat();
    let story = Story { program, verb, before, lies: power.seeded == Some(Seeded::DiskLies) };
    let recording = shim::record(&library, work.path(), &setup, story)?;
    let mut report = Report { scene: scene.name(), steps: recording.entries.len(), ..Report::default() };
    lose(&setup, scene, power, &recording, &mut report)?;
    Ok(report)
}

fn old() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut GzDecoder::new(OLD), &mut bytes)?;
    Ok(bytes)
}

/// Moments in order. A third of them lies in the making of the file, which is over soon.
fn cuts(recording: &Recording, power: Power) -> Vec<usize> {
    let steps = recording.entries.len();
    let first_answer = recording.entries.iter().position(|entry| matches!(entry, Entry::Acknowledged { .. }));
    let making = first_answer.unwrap_or(steps);
    let mut dice = Dice::new(power.seed, 11);
    let mut cuts: Vec<_> = (0..power.cuts)
        .map(|place| if place % 3 == 0 { dice.place(making + 1) } else { dice.place(steps + 1) })
        .collect();
    cuts.sort_unstable();
    cuts
}

fn lose(setup: &Setup, scene: Scene, power: Power, recording: &Recording, report: &mut Report) -> Result<(), Failure> {
    let folder = images()?;
    let shop = folder.path().join("shop");
    let whole = recording.before.clone();
    let mut disk = Disk::holding(&whole);
    recording.entries.iter().try_for_each(|entry| disk.apply(entry))?;
    let last = Last::of(setup, &shop, &disk.seen())?;
    // Nobody else is there: whoever waits here waits for ever.
    let mut setup = setup.clone();
    setup.options.busy_timeout_ms = 200;
    let mut disk = Disk::holding(&recording.before);
    let mut told = String::new();
    let mut entries = recording.entries.iter().enumerate().peekable();
    for (number, cut) in cuts(recording, power).into_iter().enumerate() {
        while let Some((_, entry)) = entries.next_if(|(place, _)| *place < cut) {
            disk.apply(entry)?;
            if let Entry::Acknowledged { text } = entry {
                told.push_str(text);
            }
        }
        report.cut_points += 1;
        for image in 0..IMAGES {
            let mut dice = Dice::new(power.seed ^ ((number as u64) << 8) ^ image, 12);
            let mut files = disk.after_power_loss(&mut dice, &mut report.dropped_pieces);
            leave_index(&mut files, &mut dice);
            report.images += 1;
            shim::fresh(&shop, &files)?;
            let file = shop.join(FILE);
            let wrong = match scene {
                Scene::Full => check::shop(&setup.on(&file), &told, &last, true, &mut report.checked),
                Scene::Normal => check::shop(&setup.on(&file), &told, &last, false, &mut report.checked),
                Scene::Migration => check::migrated(&setup.on(&file), &last),
            };
            // A fault of the engine on such a disk is a finding, too.
            let wrong = wrong.unwrap_or_else(|failure| Some(failure.to_string()));
            if let Some(wrong) = wrong {
                let names: Vec<_> = files.iter().map(|(name, bytes)| format!("{name} {}", bytes.len())).collect();
                let (scene, steps) = (scene.name(), recording.entries.len());
                report
                    .violations
                    .push(format!("{scene}, after step {cut} of {steps}: {wrong} (left: {})", names.join(", ")));
            }
            if report.violations.len() >= FOUND_MAX {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Disks in memory where the system has such a place: they are made and thrown away by the thousand.
fn images() -> Result<tempfile::TempDir, Failure> {
    let memory = PathBuf::from("/dev/shm");
    Ok(tempfile::tempdir_in(&memory).or_else(|_| tempfile::tempdir())?)
}

/// Of the index of the log anything may be left, or nothing.
fn leave_index(files: &mut Files, dice: &mut Dice) {
    let index = format!("{FILE}-shm");
    match dice.below(3) {
        0 => drop(files.remove(&index)),
        1 => drop(files.insert(index, (0..32_768).map(|_| u8::try_from(dice.below(256)).unwrap_or(0)).collect())),
        _ => {}
    }
}
