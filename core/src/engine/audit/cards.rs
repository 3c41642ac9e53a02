//! Cards against their events, in the order of the cards.

use std::sync::Arc;

use super::super::Tenant;
use super::super::error::Error;
use super::super::past::OldRedemptions;
use super::super::resolve::Ground;
use super::rows::book_name;
use super::tally::{Of, Side, Sum, Tally};
use super::walk::Walk;
use super::{Finding, Findings, Grounds, ROWS_A_STEP};
use crate::card::{Card, Difference, Event, EventKind, Replay, Standing, Target, Told, hex, proof_of};
use crate::id::{BatchNo, CardId, Version};
use crate::ledger::BookName;
use crate::store::{Key, Owner, Record, ScanOf};

/// How often a card that others are changing is looked at again.
const LOOKS_MAX: usize = 5;

/// Most findings of one card.
const FINDINGS_MAX: usize = 20;

/// A walk over all cards and all their events at once.
pub(super) struct Cards {
    rows: Walk,
    events: Walk,
    current: Option<Current>,
    stock: Option<Gone>,
    pub(super) cards_read: u64,
    pub(super) events_read: u64,
}

/// How far the claims of the batch went in which the walk is, and how many cards of those have rows.
struct Gone {
    batch: BatchNo,
    next: u32,
    rows: i64,
}

impl Cards {
    pub(super) fn new() -> Self {
        let (rows, events) = (Walk::over(ScanOf::EveryCard), Walk::over(ScanOf::EventsOfCards));
        Self { rows, events, current: None, stock: None, cards_read: 0, events_read: 0 }
    }

    /// Reads some more; `true` at the end. A fault leaves it where it is.
    pub(super) fn step(
        &mut self,
        tenant: &Tenant,
        grounds: &mut Grounds,
        tally: &mut Tally,
        findings: &mut Findings,
    ) -> Result<bool, Error> {
        for _ in 0..ROWS_A_STEP {
            let event = match self.events.peek(tenant)? {
                Some(Record::Event(stored)) => card_of(&stored.event),
                _ => None,
            };
            if let Some(current) = &mut self.current {
                if event == Some(current.id) {
                    if let Some(Record::Event(stored)) = self.events.peek(tenant)? {
                        let told = current.add(tenant, &stored.event)?;
                        current.contribute(tally, &stored.event, &told);
                    }
                    self.events.take();
                    self.events_read += 1;
                } else {
                    findings.extend(current.finish(tenant)?);
                    self.current = None;
                }
                continue;
            }
            let row = match self.rows.peek(tenant)? {
                Some(Record::Card(card)) => Some(card.id),
                _ => None,
            };
            let Some(id) = [row, event].into_iter().flatten().min() else {
                self.end_of_batch(tally);
                return Ok(true);
            };
            self.begin(tenant, grounds, tally, id, row == Some(id))?;
        }
        Ok(false)
    }

    fn begin(
        &mut self,
        tenant: &Tenant,
        grounds: &mut Grounds,
        tally: &mut Tally,
        id: CardId,
        has_row: bool,
    ) -> Result<(), Error> {
        let ground = grounds.of(tenant, id.batch)?;
        if self.stock.as_ref().is_none_or(|stock| stock.batch != id.batch) {
            let next = match load(tenant, Key::Stock(id.batch))? {
                Some((Record::Stock(stock), _)) => stock.next,
                _ => 0,
            };
            self.end_of_batch(tally);
            self.stock = Some(Gone { batch: id.batch, next, rows: 0 });
        }
        let row = if has_row { self.rows.take() } else { None };
        let row = row.and_then(|stored| match &stored.record {
            Record::Card(card) => Some(card.clone()),
            _ => None,
        });
        if let (Some(stock), Some(_)) = (&mut self.stock, &row) {
            stock.rows += i64::from(id.serial < stock.next);
        }
        self.cards_read += u64::from(row.is_some());
        self.current = Some(Current::new(id, row, ground));
        Ok(())
    }

    fn end_of_batch(&mut self, tally: &mut Tally) {
        if let Some(stock) = self.stock.take() {
            tally.add(Side::Journal, Sum::Stock(stock.batch), stock.rows, 0);
        }
    }
}

fn card_of(event: &Event) -> Option<CardId> {
    match &event.target {
        Target::Card(card, _) => Some(*card),
        Target::Tenant | Target::Named(_) => None,
    }
}

fn load(tenant: &Tenant, key: Key) -> Result<Option<(Record, Version)>, Error> {
    Ok(tenant.row(key)?.map(|stored| (stored.record.clone(), stored.version)))
}

/// The card whose events are being read.
struct Current {
    id: CardId,
    row: Option<Card>,
    /// Its batch, where that is there.
    ground: Option<Arc<Ground>>,
    standing: Option<Standing>,
    last_place: u32,
    last_link: [u8; 16],
    old: OldRedemptions,
    findings: Vec<Finding>,
}

impl Current {
    fn new(id: CardId, row: Option<Card>, ground: Option<Arc<Ground>>) -> Self {
        let standing = ground.as_ref().map(|ground| {
            let untouched = Card::untouched(&ground.batch, &ground.template, id.serial, ground.campaign_end());
            Replay::new(&ground.batch, &ground.template, untouched).stop()
        });
        let (last_place, last_link) = (0, [0; 16]);
        Self { id, row, ground, standing, last_place, last_link, old: OldRedemptions::default(), findings: Vec::new() }
    }

    /// Adds the next event and returns what it tells. A fault adds nothing.
    fn add(&mut self, tenant: &Tenant, event: &Event) -> Result<Told, Error> {
        let mut told = Told::of(event);
        if event.kind == EventKind::Redeemed
            && told.redemption.is_none()
            && let Some((key, minor)) = self.old.find(tenant, self.id, event)?
        {
            (told.redemption, told.taken_minor) = (Some(key), Some(minor));
        }
        let Target::Card(_, place) = event.target else { return Ok(told) };
        let row = format!("event {} of card {}", place, self.id);
        let expected = self.last_place.saturating_add(1);
        if place > expected {
            let gone = format!("{expected} to {} are not there", place - 1);
            self.found(format!("events of card {}", self.id), "place", gone, "every place from 1".to_owned());
        } else if place < expected {
            self.found(row.clone(), "place", "there twice".to_owned(), "once".to_owned());
        }
        if let Some(keys) = &tenant.realm.keys {
            let (due, shown) = proof_of(&keys.audit_key, &self.last_link, event);
            if due != shown {
                let field = if event.redacted.is_some() { "redacted" } else { "chain" };
                self.found(row.clone(), field, hex(&shown), hex(&due));
            }
        }
        // From what stands there: one altered event is one finding, not one for each behind it.
        (self.last_place, self.last_link) = (place, event.chain);
        if event.kind == EventKind::Redeemed && told.redemption.is_none() {
            self.found(row.clone(), "redemption", "none".to_owned(), "a redemption at that moment".to_owned());
        }
        self.replay(event, &told, &row);
        Ok(told)
    }

    fn replay(&mut self, event: &Event, told: &Told, row: &str) {
        let (Some(ground), Some(standing)) = (self.ground.clone(), self.standing.take()) else { return };
        let mut replay = Replay::go_on(&ground.batch, &ground.template, standing);
        match replay.add(event, told) {
            Ok(()) => {
                let differences = replay.contradicts(told);
                self.differ(row, differences);
            }
            Err(what) => self.found(row.to_owned(), "kind", event.kind.name().to_owned(), what.to_owned()),
        }
        self.standing = Some(replay.stop());
    }

    fn found(&mut self, row: String, field: &str, stands: String, journal: String) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { row, field: field.to_owned(), stands, journal });
        }
    }

    fn differ(&mut self, row: &str, differences: Vec<Difference>) {
        for Difference { field, stands, journal } in differences {
            self.found(row.to_owned(), field, stands, journal);
        }
    }

    /// What the event adds to the tenant's own accounts.
    fn contribute_value(&self, tally: &mut Tally, event: &Event) {
        let Some(ground) = self.ground.as_ref().filter(|ground| ground.zone.is_some()) else { return };
        let mut says = |book: &str, unit: &str, minor| {
            let owner = book_name(book, &ground.batch.id);
            tally.add(Side::Journal, Sum::Account { owner: &owner, unit }, minor, 1);
        };
        if matches!(event.target, Target::Card(_, 1)) {
            says(BookName::TOUCHED, BookName::CARDS, 1);
        }
        if let Some(entry) = &event.entry {
            entry.steps().for_each(|(book, minor, _)| says(book, &entry.unit, minor));
        }
    }

    /// What the event adds to sums: what it made, by the journal's word.
    fn contribute(&self, tally: &mut Tally, event: &Event, told: &Told) {
        self.contribute_value(tally, event);
        let mut says = |sum, value| tally.add(Side::Journal, sum, value, 1);
        match (event.kind, &told.redemption) {
            (EventKind::Redeemed, Some(key)) => {
                let of = |of| Sum::Redemption { key, card: self.id, of };
                says(of(Of::Rows), 1);
                says(of(Of::Minor), told.taken_minor.unwrap_or(0));
                says(of(Of::At), event.at.millis());
            }
            (EventKind::Captured, _) => {
                let Some(receipt) = &told.receipt else { return };
                let of = |of| Sum::Redemption { key: &receipt.redemption, card: self.id, of };
                says(of(Of::Rows), 1);
                says(of(Of::Minor), receipt.pricing.tender_minor + receipt.pricing.discount_minor);
                says(of(Of::At), event.at.millis());
            }
            (EventKind::Refunded, Some(redemption)) => {
                let of = |of| Sum::Refunds { redemption, of };
                says(of(Of::Rows), 1);
                says(of(Of::Minor), told.amount_minor.unwrap_or(0));
                says(of(Of::At), event.at.millis());
            }
            // What another card gave counts for nobody's claims.
            (EventKind::Claimed, _) if event.request.is_none() && told.origin.is_some() => {}
            (EventKind::Claimed, _) => {
                let holder = told.holder.as_ref().or_else(|| self.row.as_ref().and_then(|row| row.holder.as_ref()));
                let template = self.ground.as_ref().map(|ground| &ground.template);
                let counts = template.filter(|template| template.draft.limits.claims_per_holder.is_some());
                if let (Some(template), Some(holder)) = (counts, told.counted_on.as_ref().or(holder)) {
                    let owner = Owner::Holder(holder.clone()).text();
                    says(Sum::Account { owner: &owner, unit: &template.unit("claims") }, 1);
                }
            }
            _ => {}
        }
    }

    /// What is wrong with the card. Somebody may have changed it between row and events: whatever is found is looked for again, with
    /// nobody between.
    fn finish(&mut self, tenant: &Tenant) -> Result<Vec<Finding>, Error> {
        if self.verdict().is_empty() {
            return Ok(Vec::new());
        }
        for _ in 0..LOOKS_MAX {
            let before = load(tenant, Key::Card(self.id))?;
            let version = before.as_ref().map(|(_, version)| *version);
            let row = before.and_then(|(record, _)| match record {
                Record::Card(card) => Some(card),
                _ => None,
            });
            let mut again = Self::new(self.id, row, self.ground.clone());
            let mut events = Walk::over(ScanOf::EventsOfCard(self.id));
            while let Some(Record::Event(stored)) = events.peek(tenant)? {
                again.add(tenant, &stored.event)?;
                events.take();
            }
            if load(tenant, Key::Card(self.id))?.map(|(_, version)| version) == version {
                return Ok(again.verdict());
            }
        }
        // Always on the move: what stood still of it was right as often as it was looked at.
        Ok(Vec::new())
    }

    fn verdict(&mut self) -> Vec<Finding> {
        let card = format!("card {}", self.id);
        let mut all =
            Self { findings: self.findings.clone(), standing: None, row: None, ..Self::new(self.id, None, None) };
        match (&self.row, &self.ground) {
            (_, None) => all.found(card, "batch", "not there".to_owned(), "issued".to_owned()),
            (None, Some(_)) => {
                all.found(card, "row", "not there".to_owned(), format!("a card with {} events", self.last_place));
            }
            (Some(row), Some(ground)) => {
                if let Some(standing) = self.standing.take() {
                    let replay = Replay::go_on(&ground.batch, &ground.template, standing);
                    all.differ(&card, replay.differs(row, ground.campaign_end()));
                    self.standing = Some(replay.stop());
                }
            }
        }
        all.findings
    }
}
