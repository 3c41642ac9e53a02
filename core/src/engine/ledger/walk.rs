//! What was owed at a moment: a walk over the journal, in the order of cards, so that it holds one card at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::Tenant;
use super::super::error::Error;
use super::super::reads::PAGE_MAX;
use super::super::request::Progress;
use super::super::resolve::Ground;
use super::books::face_minor;
use super::liability::{Liability, Lines};
use super::tally::{Tally, told};
use crate::card::{Batch, Card, CardState, Event, Target};
use crate::id::CardId;
use crate::ledger::{BookName, Entry, OWN, is_counter};
use crate::store::{Key, Owner, Record, Scan, ScanOf};
use crate::time::Instant;

/// The liability of a moment on its way. Each step reads at most a page of events, or what moved on a page of accounts.
pub struct LiabilityWalk {
    tenant: Tenant,
    at: Instant,
    batch: Option<String>,
    /// Whether a step failed half way: then the next one begins anew, so that nothing is added twice.
    is_torn: bool,
    /// Batches that are still to be walked, the one at the front under way.
    batches: VecDeque<Ground>,
    after: Option<String>,
    /// The card whose events are being read.
    card: Option<CardSoFar>,
    /// Where the walk over accounts is; `None` once it is through.
    accounts: Option<Option<String>>,
    tally: Tally,
    /// The batches that were walked, the one under way at the end.
    walked: Vec<Walked>,
    progress: Progress,
    exact: bool,
    reply: Option<Liability>,
}

/// A batch as it was at the moment.
struct Walked {
    ground: Ground,
    /// When its cards all died.
    voided_at: Option<Instant>,
    /// What its touched cards held beyond their ends, or lost there.
    broken_minor: i128,
}

impl Walked {
    /// Whether what ended then was breakage at the moment: dead cards are not left unused by anybody.
    fn is_broken(&self, ends: Option<Instant>, at: Instant) -> bool {
        ends.is_some_and(|ends| ends <= self.voided_at.map_or(at, |voided_at| voided_at.min(at)))
    }
}

/// What the events of a card said up to the moment.
struct CardSoFar {
    id: CardId,
    /// The last entry up to the moment.
    last: Option<Entry>,
    /// By how much all of its entries changed it, later ones as well.
    delta_minor: i64,
    /// Value that was killed beyond its end, up to the moment.
    killed_minor: i64,
    /// Events of a build that had no ledger, and whether one of them is later than the moment.
    old: Option<bool>,
}

impl LiabilityWalk {
    pub(super) fn begin(tenant: &Tenant, at: Instant, batch: Option<String>) -> Result<Self, Error> {
        let mut batches = VecDeque::new();
        tenant.each_batch(batch.as_deref(), |ground| {
            batches.push_back(ground);
            Ok(())
        })?;
        batches.retain(|ground| ground.batch.created_at <= at);
        let total = tenant.rollups(batch.as_deref())?.touched_in_all();
        Ok(Self {
            tenant: tenant.clone(),
            at,
            accounts: batch.is_none().then_some(None),
            batch,
            is_torn: false,
            batches,
            after: None,
            card: None,
            tally: Tally::default(),
            walked: Vec::new(),
            progress: Progress { done: 0, total },
            exact: true,
            reply: None,
        })
    }

    /// Reads the next page; what was owed once the last was read, and again with every step behind it.
    ///
    /// # Errors
    /// Only faults of the store. The step can be repeated.
    pub fn step(&mut self) -> Result<Option<Liability>, Error> {
        self.tenant.must_be_home()?;
        if self.is_torn {
            *self = Self::begin(&self.tenant.clone(), self.at, self.batch.clone())?;
        }
        if self.reply.is_none() {
            match (self.batches.front().cloned(), self.accounts.clone()) {
                (Some(ground), _) => self.page_of_cards(&ground)?,
                (None, Some(after)) => self.page_of_accounts(after)?,
                (None, None) => self.reply = Some(self.sum_up()?),
            }
        }
        Ok(self.reply.clone())
    }

    /// Touched cards walked, out of those that there are now.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Walks to the end.
    ///
    /// # Errors
    /// Only faults of the store.
    pub fn wait(mut self) -> Result<Liability, Error> {
        loop {
            if let Some(liability) = self.step()? {
                return Ok(liability);
            }
        }
    }

    fn page_of_cards(&mut self, ground: &Ground) -> Result<(), Error> {
        if self.walked.last().is_none_or(|last| last.ground.batch.no != ground.batch.no) {
            let walked = self.as_it_was(ground)?;
            self.walked.push(walked);
        }
        let (of, after) = (ScanOf::EventsOfBatch(ground.batch.no), self.after.clone());
        let tenant = self.tenant.realm.key.clone();
        let page = self.tenant.realm.store.scan(&Scan { tenant, of, after, limit: PAGE_MAX })?;
        self.is_torn = true;
        for stored in &page.items {
            if let Record::Event(stored) = &stored.record {
                self.add(ground, &stored.event)?;
            }
        }
        self.after = page.next;
        if self.after.is_none() {
            self.end_card(ground)?;
            self.batches.pop_front();
        }
        self.is_torn = false;
        Ok(())
    }

    fn as_it_was(&self, ground: &Ground) -> Result<Walked, Error> {
        let was = self.tenant.told_batch(&ground.batch.id, self.at)?;
        let campaign = ground.batch.campaign.as_deref().map(|id| self.tenant.told_campaign(id, self.at)).transpose()?;
        let voided_at = was.as_ref().and_then(|was| was.voided_at);
        // A batch of which nothing was told has no cards yet.
        let batch = was.map_or_else(|| Batch { size: 0, ..(*ground.batch).clone() }, |was| was.batch);
        let ground = Ground { batch: Arc::new(batch), campaign: campaign.flatten(), ..ground.clone() };
        Ok(Walked { ground, voided_at, broken_minor: 0 })
    }

    fn add(&mut self, ground: &Ground, event: &Event) -> Result<(), Error> {
        let Target::Card(id, place) = event.target else { return Ok(()) };
        if self.card.as_ref().is_none_or(|card| card.id != id) {
            self.end_card(ground)?;
            self.card = Some(CardSoFar { id, last: None, delta_minor: 0, killed_minor: 0, old: None });
        }
        let (Some(card), cohort) = (&mut self.card, ground.batch.id.as_str()) else { return Ok(()) };
        let had_happened = event.at <= self.at;
        if had_happened && place == 1 {
            self.tally.touch(cohort, 1);
        }
        let Some(entry) = &event.entry else {
            card.old = Some(card.old.unwrap_or(false) || !had_happened);
            return Ok(());
        };
        card.delta_minor += entry.delta_minor();
        if had_happened {
            self.tally.add_entry(cohort, entry);
            let killed = entry.transfers.iter().filter(|it| it.from == OWN && it.to == BookName::EXPIRED);
            card.killed_minor += killed.map(|it| it.amount_minor).sum::<i64>();
            card.last = Some(entry.clone());
        }
        Ok(())
    }

    /// Adds what a card's events came to.
    fn end_card(&mut self, ground: &Ground) -> Result<(), Error> {
        let Some(card) = self.card.take() else { return Ok(()) };
        self.progress.done += 1;
        let is_told = card.last.is_some();
        let (mut holds, mut ends) = card.last.map_or((0, None), |last| (last.holds_minor, last.ends));
        if let Some(later) = card.old {
            // Its row tells what it held when the ledger began: what is booked now, less all that was booked since.
            if let Some(row) = self.row(card.id)? {
                let opening = row.booked_minor - card.delta_minor;
                let currency = ground.template.draft.currency.map(|currency| currency.code()).unwrap_or_default();
                self.tally.add(currency, &ground.batch.id, BookName::OPENING, -opening);
                if !is_told {
                    (holds, ends) = (opening, row.expires_at);
                }
            }
            self.exact &= !later;
        }
        let Some(walked) = self.walked.last() else { return Ok(()) };
        // Extensions of a batch stand in no event of its cards.
        if !walked.ground.batch.extensions.is_empty()
            && let Some(row) = self.row(card.id)?
        {
            ends = walked.ground.prolonged(Card { expires_at: ends, ..row }).expires_at;
        }
        let expired = if walked.is_broken(ends, self.at) { holds } else { 0 };
        if let Some(walked) = self.walked.last_mut() {
            walked.broken_minor += i128::from(expired) + i128::from(card.killed_minor);
        }
        Ok(())
    }

    /// A card as it is now.
    fn row(&self, card: CardId) -> Result<Option<Card>, Error> {
        Ok(match self.tenant.row(Key::Card(card))?.map(|stored| stored.record.clone()) {
            Some(Record::Card(card)) => Some(card),
            Some(_) | None => None,
        })
    }

    fn page_of_accounts(&mut self, after: Option<String>) -> Result<(), Error> {
        let tenant = self.tenant.realm.key.clone();
        let page = self.tenant.realm.store.scan(&Scan { tenant, of: ScanOf::Accounts, after, limit: PAGE_MAX })?;
        let at = self.at;
        self.is_torn = true;
        for stored in &page.items {
            let Record::Account(account) = &stored.record else { continue };
            if !matches!(account.owner, Owner::Holder(_) | Owner::Channel(_)) || is_counter(&account.unit) {
                continue;
            }
            let tally = &mut self.tally;
            self.tenant.moves_of(account, |event, entry| {
                if event.at <= at {
                    tally.add_entry("", entry);
                }
            })?;
        }
        self.accounts = page.next.map(Some);
        self.is_torn = false;
        Ok(())
    }

    fn sum_up(&mut self) -> Result<Liability, Error> {
        self.is_torn = true;
        let mut lines = Lines::of(std::mem::take(&mut self.tally));
        for walked in &self.walked {
            let ground = &walked.ground;
            let ends = ground.untouched(0).expires_at;
            let Some(line) = lines.untouched(ground, face_minor(ground)) else { continue };
            // What nobody was given cannot be left unused by anybody.
            let is_out = ground.batch.untouched == CardState::Issued && walked.is_broken(ends, self.at);
            let untouched = if is_out { i128::from(face_minor(ground)) * i128::from(line.untouched_cards) } else { 0 };
            line.breakage_minor = Some(told(walked.broken_minor + untouched));
        }
        let lines = lines.done();
        self.is_torn = false;
        Ok(Liability { at: self.at, lines, exact: self.exact })
    }
}

impl std::fmt::Debug for LiabilityWalk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiabilityWalk").field("progress", &self.progress).finish_non_exhaustive()
    }
}
