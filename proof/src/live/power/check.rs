//! What a shop must be when it opens on what a loss of power left.

use std::path::Path;

use cardmint_sqlite::Inspector;
use serde::Serialize;
use serde_json::Value;

use super::FILE;
use super::disk::Files;
use super::shim;
use crate::live::crash::{self, Found, Told};
use crate::live::killed::{self, CALLERS};
use crate::live::{Failure, Live, Setup, counted};
use crate::request::Reply;

/// What was found on all disks together.
#[derive(Debug, Default, Serialize)]
pub struct Checked {
    /// Answers, requests on their way.
    #[serde(flatten)]
    pub found: Found,
    /// Answers that were told and are lost, lawfully: commits that were not flushed yet.
    pub lost_lawfully: u64,
}

/// The journal and the schema as they are when the process has ended well.
pub struct Last {
    events: Vec<Vec<Value>>,
    schema: Vec<Vec<Value>>,
}

const EVENTS: &str = "SELECT place, at, op, key, digest, facts, chain FROM event ORDER BY place";
const SCHEMA: &str = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name";

impl Last {
    /// Of these files.
    ///
    /// # Errors
    /// What the store says.
    pub fn of(setup: &Setup, folder: &Path, files: &Files) -> Result<Self, Failure> {
        shim::fresh(folder, files)?;
        let file = folder.join(FILE);
        drop(setup.on(&file).open()?);
        let inspector = Inspector::open(&file)?;
        let rows = |sql| inspector.query(sql, &[], usize::MAX).map(|found| found.rows);
        Ok(Self { events: rows(EVENTS)?, schema: rows(SCHEMA)? })
    }

    /// Every page is sound, the schema is the present one, and the journal is a beginning of the last one: so many commits, in their order.
    fn is_beginning(&self, file: &Path) -> Result<Option<String>, Failure> {
        let inspector = Inspector::open(file)?;
        inspector.integrity_check()?;
        let rows = |sql| inspector.query(sql, &[], usize::MAX).map(|found| found.rows);
        if rows(SCHEMA)? != self.schema {
            return Ok(Some("the schema is not the present one".to_owned()));
        }
        let events = rows(EVENTS)?;
        Ok((!self.events.starts_with(&events))
            .then(|| format!("the journal's {} events are no beginning of the last", events.len())))
    }
}

/// A file that was being migrated: it opens, as new, and says what it said.
pub fn migrated(setup: &Setup, last: &Last) -> Result<Option<String>, Failure> {
    let file = setup.file.as_deref().ok_or("no file")?;
    let live = setup.open()?;
    let wrong = last.is_beginning(file)?.map_or_else(|| counted::audited(&live), |wrong| Ok(Some(wrong)))?;
    let events = Inspector::open(file)?.query(EVENTS, &[], usize::MAX)?.rows.len();
    drop(live);
    Ok(wrong.or_else(|| {
        (events != last.events.len()).then(|| format!("{events} of {} events are left", last.events.len()))
    }))
}

/// A shop that was being made, or worked. `all` says that everything is there that was told.
pub fn shop(
    setup: &Setup,
    told: &str,
    last: &Last,
    all: bool,
    checked: &mut Checked,
) -> Result<Option<String>, Failure> {
    let file = setup.file.as_deref().ok_or("no file")?;
    let live = setup.open()?;
    if let Some(wrong) = last.is_beginning(file)? {
        return Ok(Some(wrong));
    }
    if let Some(wrong) = counted::audited(&live)? {
        return Ok(Some(wrong));
    }
    // A line that was cut off was told to nobody.
    let mut told: Told = told.split_inclusive('\n').filter_map(|line| serde_json::from_str(line).ok()).collect();
    if !all {
        let kept = told.len();
        told = kept_of(&live, &told)?;
        checked.lost_lawfully += (kept - told.len()) as u64;
    }
    // The same requests as before: what is there stays as it is, the rest is made.
    killed::prepare(&live)?;
    for caller in 0..CALLERS {
        if let Some(wrong) = crash::look_at(&live, 0, caller, &told, &mut checked.found)? {
            return Ok(Some(wrong));
        }
    }
    crash::everything(&live, 5)
}

/// Of what was told, what is there: of each caller the first so many, since it asked one after another.
fn kept_of(live: &Live, told: &Told) -> Result<Told, Failure> {
    let mut kept = Told::new();
    for caller in 0..CALLERS {
        let mut card = None;
        let mut gone = None;
        let of_caller = told.iter().filter(|(whose, _, _)| *whose == caller);
        for (whose, step, words) in of_caller {
            let Some(asked) = killed::asked(0, caller, *step, card) else { continue };
            match (counted::row(&*live.store, killed::key_of(&asked))?, gone) {
                (Some(_), None) => {
                    if let Reply::Card(reply) = live.ask(&asked)? {
                        card = Some(reply.card.id);
                    }
                    kept.push((*whose, *step, words.clone()));
                }
                (Some(_), Some(before)) => {
                    return Err(format!(
                        "step {step} of caller {caller} is there, and step {before} before it is gone"
                    )
                    .into());
                }
                (None, None) => gone = Some(*step),
                (None, Some(_)) => {}
            }
        }
    }
    Ok(kept)
}
