//! Export of a batch's codes: a stream that holds one stretch at a time, resumable after any serial. Every export is an event.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::request::{Begin, Progress};
use super::resolve::Ground;
use super::view::View;
use crate::Invalid;
use crate::card::{CardState, EventKind, Target};
use crate::code::CardRef;
use crate::denial::Denial;
use crate::id::check_name;

/// Exports codes of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportCodes {
    /// Key, reason, origin: who takes the codes, and why; the reason is needed.
    pub meta: Meta,
    /// The batch.
    pub batch: String,
    /// First serial; where a stream broke off, the one behind the last that arrived.
    #[serde(default)]
    pub first: u32,
    /// Most serials; to the end of the batch by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// What an export covers, as its event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Range {
    from: u32,
    below: u32,
}

impl Command for ExportCodes {
    type Reply = (Range, Ground);

    fn op(&self) -> &'static str {
        "export_codes"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("batch", &self.batch)?;
        match &self.meta.reason {
            Some(_) => Ok(()),
            None => Err(Invalid::new("meta.reason", "nothing", "a reason, for the journal")),
        }
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, (Range, Ground)), Stop> {
        let ground = Ground::named(view, &self.batch)?;
        if ground.batch.export_closed {
            return Err(Denial::ExportClosed { batch: self.batch.clone() }.into());
        }
        ground.batch.must_export()?;
        if let Some(done) = cx.replay::<Range>(view)? {
            return Ok((None, (done, ground)));
        }
        if self.first > ground.batch.size {
            return Err(Invalid::new("first", self.first, format!("0 to {}", ground.batch.size)).into());
        }
        let most = self.count.unwrap_or(u32::MAX);
        let range = Range { from: self.first, below: ground.batch.size.min(self.first.saturating_add(most)) };
        let mut plan = Plan::new(cx, view);
        plan.done(cx, EventKind::CodesExported, Target::Named(self.batch.clone()), &range)?;
        Ok((Some(plan), (range, ground)))
    }
}

/// How many serials are sealed together, between two looks at the touched cards.
const STRETCH: u32 = 1_000;

/// A stream of codes in order of serial. Holds one stretch at a time, however large the batch.
///
/// Dead codes are never given out: a replaced card comes with its living code, a void one not at all.
pub struct CodeStream {
    tenant: Tenant,
    ground: Ground,
    range: Range,
    stretch: Stretch,
}

/// Codes that are sealed and not given out yet.
struct Stretch {
    /// First serial behind the stretch.
    below: u32,
    text: String,
    /// Each code's serial, and where it ends in the text.
    ends: std::vec::IntoIter<(u32, usize)>,
    /// Where the next code begins.
    start: usize,
    /// The serial behind the last that was given out.
    position: u32,
}

impl CodeStream {
    /// The serial that comes next: hand it to [`ExportCodes::first`] to go on later.
    pub fn position(&self) -> u32 {
        self.stretch.position
    }

    /// Serials done and serials in all, for showing progress.
    pub fn progress(&self) -> Progress {
        let since = |serial: u32| u64::from(serial.saturating_sub(self.range.from));
        Progress { done: since(self.stretch.position), total: since(self.range.below) }
    }

    /// Puts the next code into `code` (emptied first) and returns its serial; `None` at the end.
    ///
    /// # Errors
    /// Only faults of the store. The position stays, so the call can be repeated.
    pub fn next_into(&mut self, code: &mut String) -> Result<Option<u32>, Error> {
        loop {
            if let Some((serial, end)) = self.stretch.ends.next() {
                code.clear();
                code.push_str(self.stretch.text.get(self.stretch.start..end).unwrap_or_default());
                self.stretch.start = end;
                self.stretch.position = serial.saturating_add(1);
                return Ok(Some(serial));
            }
            self.stretch.position = self.stretch.below;
            if self.stretch.below >= self.range.below {
                return Ok(None);
            }
            self.seal_stretch()?;
        }
    }

    fn seal_stretch(&mut self) -> Result<(), Error> {
        self.tenant.must_be_home()?;
        let batch = &self.ground.batch;
        let start = self.stretch.below;
        let below = self.range.below.min(start.saturating_add(STRETCH));
        let mut touched = self.tenant.touched(&self.ground, start, below)?.into_iter().peekable();
        let living = (start..below).filter_map(|serial| match touched.next_if(|card| card.id.serial == serial) {
            Some(card) if card.state == CardState::Void => None,
            Some(card) => Some((serial, card.issue_no)),
            None => Some((serial, 0)),
        });
        let living: Vec<(u32, u8)> = living.collect();
        let cards = living.iter().map(|&(serial, issue_no)| CardRef { batch_no: batch.no.number, serial, issue_no });
        let book = &self.tenant.realm.keys("export codes")?.book;
        let mut codes = book.seal_all(&batch.format, batch.slot, cards)?;
        let (mut text, mut ends) = (std::mem::take(&mut self.stretch.text), Vec::with_capacity(living.len()));
        text.clear();
        for (serial, _) in &living {
            if let Some(code) = codes.next_code() {
                text.push_str(code?);
                ends.push((*serial, text.len()));
            }
        }
        self.stretch = Stretch { below, text, ends: ends.into_iter(), start: 0, position: start };
        Ok(())
    }
}

/// A code of an export. Debug does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ExportedCode {
    /// The card's serial in its batch.
    pub serial: u32,
    /// Its living code.
    pub code: String,
}

impl std::fmt::Debug for ExportedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportedCode").field("serial", &self.serial).finish_non_exhaustive()
    }
}

impl Iterator for CodeStream {
    type Item = Result<ExportedCode, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut code = String::new();
        let next = self.next_into(&mut code).transpose()?;
        Some(next.map(|serial| ExportedCode { serial, code }))
    }
}

impl std::fmt::Debug for CodeStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeStream")
            .field("position", &self.stretch.position)
            .field("below", &self.range.below)
            .finish_non_exhaustive()
    }
}

/// Reads where a broken file of `serial,code` lines can go on.
///
/// `tail` is the end of the file, at least its last two lines. Returns how many bytes at the end of it belong to a line
/// that was not finished (cut them off), and the serial to export from.
pub fn resume_after(tail: &[u8]) -> (usize, Option<u32>) {
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let torn = tail.len() - whole;
    let lines = tail.get(..whole.saturating_sub(1)).unwrap_or_default();
    let last = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let serial = last.split(|byte| *byte == b',').next().unwrap_or_default();
    let serial = std::str::from_utf8(serial).ok().and_then(|text| text.parse::<u32>().ok());
    (torn, serial.map(|serial| serial.saturating_add(1)))
}

impl Begin for ExportCodes {
    type Cursor = CodeStream;

    /// Writes the event of the export, then streams.
    fn begin(self, tenant: &Tenant) -> Result<CodeStream, Error> {
        let (range, ground) = submit(&tenant.realm, self).wait()?;
        let (below, ends) = (range.from, Vec::new().into_iter());
        let stretch = Stretch { below, text: String::new(), ends, start: 0, position: below };
        Ok(CodeStream { tenant: tenant.clone(), ground, range, stretch })
    }
}
