//! Export of a batch's codes: a stream that holds one stretch at a time, resumable after any serial. Every export is an event.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::resolve::Ground;
use super::view::View;
use crate::Invalid;
use crate::card::{CardState, EventKind, Target};
use crate::code::CardRef;
use crate::denial::Denial;
use crate::id::check_name;

/// Exports codes of a batch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportCodes {
    /// Key, reason, origin: who takes the codes, and why; the reason is needed.
    pub meta: Meta,
    /// The batch.
    pub batch: String,
    /// First serial; where a stream broke off, the one behind the last that arrived.
    #[serde(default)]
    pub from: u32,
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
        if let Some(done) = cx.replay::<Range>(view)? {
            return Ok((None, (done, ground)));
        }
        if self.from > ground.batch.size {
            return Err(Invalid::new("from", self.from, format!("0 to {}", ground.batch.size)).into());
        }
        let most = self.count.unwrap_or(u32::MAX);
        let range = Range { from: self.from, below: ground.batch.size.min(self.from.saturating_add(most)) };
        let mut plan = Plan::new(cx, view);
        plan.done(cx, EventKind::CodesExported, Target::Named(self.batch.clone()), &range)?;
        Ok((Some(plan), (range, ground)))
    }
}

/// How many serials are sealed between two looks at the touched cards.
const STRETCH: u32 = 1_000;

/// A stream of codes in order of serial. Holds one stretch at a time, however large the batch.
///
/// Dead codes are never given out: a replaced card comes with its living code, a void one not at all.
pub struct CodeStream<'a> {
    tenant: &'a Tenant,
    ground: Ground,
    range: Range,
    next: u32,
    /// Touched cards of the present stretch that stand before us, by serial: their issue number, or `None` when void.
    touched: std::iter::Peekable<std::vec::IntoIter<(u32, Option<u8>)>>,
    stretch_below: u32,
}

impl CodeStream<'_> {
    /// The serial that comes next: hand it to [`ExportCodes::from`] to go on later.
    pub fn position(&self) -> u32 {
        self.next
    }

    /// Serials done and serials in all, for showing progress.
    pub fn progress(&self) -> (u32, u32) {
        (self.next - self.range.from, self.range.below - self.range.from)
    }

    /// Puts the next code into `code` (emptied first) and returns its serial; `None` at the end.
    ///
    /// # Errors
    /// Only faults of the store. The position stays, so the call can be repeated.
    pub fn next_into(&mut self, code: &mut String) -> Result<Option<u32>, Error> {
        loop {
            if self.next >= self.range.below {
                return Ok(None);
            }
            if self.next >= self.stretch_below {
                self.look_ahead()?;
            }
            let serial = self.next;
            let touched = self.touched.next_if(|(at, _)| *at == serial).map(|(_, issue_no)| issue_no);
            self.next = serial.saturating_add(1);
            // A void card is passed by.
            let Some(issue_no) = touched.unwrap_or(Some(0)) else { continue };
            let batch = &self.ground.batch;
            let card = CardRef { batch_no: batch.no.number, serial, issue_no };
            code.clear();
            self.tenant.realm.book.seal_into(&batch.format, batch.slot, &card, code)?;
            return Ok(Some(serial));
        }
    }

    fn look_ahead(&mut self) -> Result<(), Error> {
        let below = self.range.below.min(self.next.saturating_add(STRETCH));
        let cards = self.tenant.touched(&self.ground, self.next, below)?;
        let issue_nos =
            cards.iter().map(|card| (card.id.serial, (card.state != CardState::Void).then_some(card.issue_no)));
        self.touched = issue_nos.collect::<Vec<_>>().into_iter().peekable();
        self.stretch_below = below;
        Ok(())
    }
}

impl Iterator for CodeStream<'_> {
    type Item = Result<(u32, String), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut code = String::new();
        let next = self.next_into(&mut code).transpose()?;
        Some(next.map(|serial| (serial, code)))
    }
}

impl std::fmt::Debug for CodeStream<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeStream").field("next", &self.next).field("below", &self.range.below).finish_non_exhaustive()
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

impl Tenant {
    /// Writes the event of an export, then streams the codes.
    ///
    /// # Errors
    /// In this order: `unknown` (batch), `export_closed`, `key_reused`.
    pub fn export_codes(&self, request: ExportCodes) -> Result<CodeStream<'_>, Error> {
        let (range, ground) = self.export(request).wait()?;
        let touched = Vec::new().into_iter().peekable();
        Ok(CodeStream { tenant: self, ground, range, next: range.from, touched, stretch_below: range.from })
    }

    fn export(&self, request: ExportCodes) -> Call<(Range, Ground)> {
        submit(&self.realm, request)
    }
}
