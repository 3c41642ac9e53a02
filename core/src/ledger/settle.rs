//! What a card's part of the ledger is after an event of it. One function for all events: it compares what the card holds with
//! what is booked of it, so that no command can move value past the books.

use super::{BookName, Entry, OWN, Transfer};
use crate::card::{Card, CardState, EventKind};
use crate::defect::{self, Defect};
use crate::time::Instant;

/// Books what the event of this kind did to the card, and notes in the card what is booked. `face_minor` is what the card held
/// before anybody touched it, with its first event.
///
/// What lies on a card beyond its end is breakage. It stays on the card, for a successor or an extension, so breakage stands
/// against `expired` and not against the card. It is booked with the first event after the end, dated at the end; what changes
/// later is booked as it changes.
pub(crate) fn settle(card: &mut Card, face_minor: Option<i64>, kind: EventKind, at: Instant, unit: &str) -> Entry {
    let mut entry = Entry { unit: unit.to_owned(), transfers: Vec::new(), holds_minor: 0, ends: card.expires_at };
    if let Some(face) = face_minor {
        entry.add(BookName::ISSUED, OWN, face, None);
        (card.booked_minor, card.broken_minor) = (face, 0);
    }
    let end = card.expires_at.filter(|end| at >= *end);
    if end.is_some() {
        break_up_to(card, card.booked_minor, end, &mut entry);
    }
    entry.holds_minor = if card.state == CardState::Void { 0 } else { card.balance_minor };
    entry.add(counterpart(kind, end.is_some()), OWN, entry.holds_minor - card.booked_minor, None);
    card.booked_minor = entry.holds_minor;
    if kind == EventKind::Voided && end.is_some() {
        // What it held beyond its end has become breakage for good: it went to `expired` just now.
        card.broken_minor = 0;
    } else {
        let broken = if end.is_some() { entry.holds_minor } else { 0 };
        break_up_to(card, broken, None, &mut entry);
    }
    entry
}

fn break_up_to(card: &mut Card, broken_minor: i64, at: Option<Instant>, entry: &mut Entry) {
    entry.add(BookName::EXPIRED, BookName::BREAKAGE, broken_minor - card.broken_minor, at);
    if !defect::is(Defect::BreakageCountedTwice) {
        card.broken_minor = broken_minor;
    }
}

impl Entry {
    /// Adds a transfer, the other way round where it is below nothing.
    fn add(&mut self, from: &str, to: &str, amount_minor: i64, at: Option<Instant>) {
        let (from, to) = if amount_minor < 0 { (to, from) } else { (from, to) };
        if amount_minor != 0 {
            let (from, to) = (from.to_owned(), to.to_owned());
            self.transfers.push(Transfer { from, to, amount_minor: amount_minor.abs(), at });
        }
    }
}

/// The account against which an event of this kind moves what a card holds.
fn counterpart(kind: EventKind, has_ended: bool) -> &'static str {
    match kind {
        EventKind::Issued | EventKind::Claimed => BookName::ISSUED,
        EventKind::Redeemed | EventKind::Captured | EventKind::Refunded => BookName::REDEEMED,
        EventKind::Loaded => BookName::LOADED,
        EventKind::Succeeded => BookName::BETWEEN,
        EventKind::Voided if has_ended => BookName::EXPIRED,
        EventKind::Voided => BookName::VOIDED,
        EventKind::Adjusted => BookName::ADJUSTED,
        // None of these moves value; if one ever does, it shows as a correction.
        EventKind::SettingsSaved
        | EventKind::CampaignSaved
        | EventKind::AudienceAdded
        | EventKind::ProductSetSaved
        | EventKind::TemplateSaved
        | EventKind::BatchIssued
        | EventKind::BatchGrown
        | EventKind::BatchRekeyed
        | EventKind::ExportClosed
        | EventKind::CodesExported
        | EventKind::CodeRevealed
        | EventKind::PublicCodeSaved
        | EventKind::Frozen
        | EventKind::Unfrozen
        | EventKind::Replaced
        | EventKind::Observed
        | EventKind::UnitSaved
        | EventKind::BuyerRecorded
        | EventKind::Fenced
        | EventKind::Held
        | EventKind::HeldAgain
        | EventKind::CapturedLate
        | EventKind::Released
        | EventKind::Bound
        | EventKind::Rebound
        | EventKind::Transferred
        | EventKind::Extended
        | EventKind::BatchFrozen
        | EventKind::BatchUnfrozen
        | EventKind::BatchVoided
        | EventKind::BatchExtended
        | EventKind::BatchClosed
        | EventKind::BatchArchived
        | EventKind::BatchRefillSet
        | EventKind::CampaignMoved
        | EventKind::PersonLinked
        | EventKind::PersonUnlinked
        | EventKind::AccountMoved => BookName::ADJUSTED,
    }
}
