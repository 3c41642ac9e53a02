//! The figures of a batch: a walk over its touched cards, a page at a time.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::error::Error;
use super::reads::PAGE_MAX;
use super::request::{Begin, Progress};
use super::resolve::Ground;
use crate::card::{Card, CardState};
use crate::id::check_name;
use crate::money::AMOUNT_MAX;
use crate::store::{Record, Scan, ScanOf};

/// Counts what became of the cards of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountBatch {
    /// The batch.
    pub batch: String,
}

impl From<&str> for CountBatch {
    fn from(batch: &str) -> Self {
        Self { batch: batch.to_owned() }
    }
}

/// What became of the cards of a batch. Cards by state sum to `size`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BatchFigures {
    /// The batch.
    pub batch: String,
    /// Its cards.
    pub size: u32,
    /// Cards that nobody was given.
    pub minted: u32,
    /// Cards that were given out.
    pub issued: u32,
    /// Cards that their holders took.
    pub claimed: u32,
    /// Cards that their holders tied to something.
    #[serde(default)]
    pub bound: u32,
    /// Cards without a use left.
    pub spent: u32,
    /// Dead cards.
    pub void: u32,
    /// Cards that are frozen, whatever their state.
    pub frozen: u32,
    /// Uses captured and not given back; of gift cards those on which nothing is left.
    pub uses: u64,
    /// What living gift cards hold together, in minor units; at most 9007199254740991 is told.
    #[serde(default, skip_serializing_if = "crate::money::is_nothing")]
    pub balance_minor: i64,
}

/// The count of a batch on its way. Each step reads at most a page of cards. A card that changes while the count walks is
/// counted as it was when its page was read.
pub struct BatchCount {
    tenant: Tenant,
    ground: Ground,
    after: Option<String>,
    walked: u32,
    is_done: bool,
    figures: BatchFigures,
}

impl BatchCount {
    /// Reads the next page; the figures once the last was read, and again with every step behind it.
    ///
    /// # Errors
    /// Only faults of the store. The place stays, so the step can be repeated.
    pub fn step(&mut self) -> Result<Option<BatchFigures>, Error> {
        if self.is_done {
            return Ok(Some(self.figures.clone()));
        }
        self.tenant.must_be_home()?;
        let batch = &self.ground.batch;
        let of = ScanOf::Cards { batch: batch.no, state: None, channel: None, below: batch.size };
        let after = self.after.clone();
        let tenant = self.tenant.realm.key.clone();
        let page = self.tenant.realm.store.scan(&Scan { tenant, of, after, limit: PAGE_MAX })?;
        for stored in &page.items {
            let Record::Card(card) = &stored.record else { continue };
            let (state, frozen) = self.ground.batch.state_of(card);
            *self.of_state(state) += 1;
            self.figures.frozen += u32::from(frozen.is_some());
            let whole = self.ground.template.draft.limits.uses_per_card;
            self.figures.uses += u64::from(whole.saturating_sub(card.uses_left));
            if state != CardState::Void {
                self.add_balance(card.balance_minor, 1);
            }
            self.walked += 1;
        }
        self.after = page.next;
        if self.after.is_some() {
            return Ok(None);
        }
        let untouched = self.ground.batch.size - self.walked;
        let fresh = Card::untouched(&self.ground.batch, &self.ground.template, 0, None);
        let (state, frozen) = self.ground.batch.state_of(&fresh);
        *self.of_state(state) += untouched;
        self.figures.frozen += if frozen.is_some() { untouched } else { 0 };
        if state != CardState::Void {
            self.add_balance(fresh.balance_minor, untouched);
        }
        self.walked = self.ground.batch.size;
        self.is_done = true;
        Ok(Some(self.figures.clone()))
    }

    fn add_balance(&mut self, each_minor: i64, cards: u32) {
        let sum = i128::from(self.figures.balance_minor) + i128::from(each_minor) * i128::from(cards);
        self.figures.balance_minor = i64::try_from(sum).unwrap_or(AMOUNT_MAX).min(AMOUNT_MAX);
    }

    fn of_state(&mut self, state: CardState) -> &mut u32 {
        match state {
            CardState::Minted => &mut self.figures.minted,
            CardState::Issued => &mut self.figures.issued,
            CardState::Claimed => &mut self.figures.claimed,
            CardState::Spent => &mut self.figures.spent,
            CardState::Void => &mut self.figures.void,
            CardState::Bound => &mut self.figures.bound,
        }
    }

    /// Cards walked, out of all of the batch.
    pub fn progress(&self) -> Progress {
        Progress { done: u64::from(self.walked), total: u64::from(self.ground.batch.size) }
    }

    /// Walks to the end.
    ///
    /// # Errors
    /// Only faults of the store.
    pub fn wait(mut self) -> Result<BatchFigures, Error> {
        loop {
            if let Some(figures) = self.step()? {
                return Ok(figures);
            }
        }
    }
}

impl std::fmt::Debug for BatchCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BatchCount").field("walked", &self.walked).finish_non_exhaustive()
    }
}

impl Begin for CountBatch {
    type Cursor = BatchCount;

    fn begin(self, tenant: &Tenant) -> Result<BatchCount, Error> {
        check_name("batch", &self.batch)?;
        let ground = tenant.realm.weigh(|view| Ground::named(view, &self.batch))?;
        let figures = BatchFigures { batch: self.batch, size: ground.batch.size, ..BatchFigures::default() };
        Ok(BatchCount { tenant: tenant.clone(), ground, after: None, walked: 0, is_done: false, figures })
    }
}
