//! Who bears what of the discounts: a walk over the events of the batches whose templates name parties, a page at a time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::error::Error;
use super::reads::PAGE_MAX;
use super::request::{Begin, Progress};
use super::resolve::Ground;
use crate::Invalid;
use crate::card::{Batch, Event, EventKind, FundedFacts, Redemption, Target, Told};
use crate::checkout::{Funded, borne, given_back};
use crate::id::{CardId, check_name};
use crate::money::{AMOUNT_MAX, Currency};
use crate::store::{Key, Record, Scan, ScanOf};
use crate::time::Instant;

/// Counts what parties bear of the discounts (结算).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountFunding {
    /// From this moment on; from the first by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Instant>,
    /// Up to this moment, which is no part of it; up to the last by default. What is told of a time that is over does not change later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Only the batches of this campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Only this batch; of a promotion it is that of one revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

/// What parties bear of the discounts of a time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FundingFigures {
    /// By batch, party and currency; none of those of which nothing was used or given back in that time.
    pub lines: Vec<FundingLine>,
}

/// What a party bears of the discounts of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FundingLine {
    /// The batch.
    pub batch: String,
    /// Its campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The party, as the template names it.
    pub party: String,
    /// The currency of the amounts.
    pub currency: Currency,
    /// Redemptions of which it bears something.
    pub redemptions: u64,
    /// What it bears of them, in minor units; at most 9007199254740991 is told.
    pub borne_minor: i64,
    /// What it gets back with the refunds of that time, of whenever the redemptions were; what it owes is the difference.
    pub returned_minor: i64,
}

/// The count of what parties bear on its way. Each step reads at most a page of events.
pub struct FundingCount {
    tenant: Tenant,
    asked: CountFunding,
    /// Batches that are still to be walked, the one at the front under way.
    batches: VecDeque<Ground>,
    after: Option<String>,
    /// The card whose events are read, and what was given back of its redemptions so far.
    card: Option<(CardId, BTreeMap<String, i64>)>,
    sums: BTreeMap<(String, String, Currency), Sums>,
    campaigns: BTreeMap<String, Option<String>>,
    /// Whether a step failed half way: then the next one begins anew, so that nothing is added twice.
    is_torn: bool,
    progress: Progress,
}

#[derive(Default)]
struct Sums {
    redemptions: u64,
    borne_minor: i128,
    returned_minor: i128,
}

impl FundingCount {
    fn start(tenant: &Tenant, asked: CountFunding) -> Result<Self, Error> {
        let mut all: Vec<Arc<Batch>> = Vec::new();
        match &asked.batch {
            Some(id) => all.push(tenant.realm.weigh(|view| Ground::named(view, id))?.batch),
            None => tenant.each_row(ScanOf::Batches, |record| {
                if let Record::Batch(batch) = record {
                    all.push(Arc::clone(batch));
                }
                true
            })?,
        }
        let mut batches = VecDeque::new();
        for batch in all.iter().filter(|batch| asked.campaign.is_none() || asked.campaign == batch.campaign) {
            let ground = tenant.realm.weigh(|view| Ground::of(view, Arc::clone(batch)))?;
            if !ground.template.draft.funding.is_empty() {
                batches.push_back(ground);
            }
        }
        let campaigns = batches.iter().map(|ground| (ground.batch.id.clone(), ground.batch.campaign.clone())).collect();
        let progress = Progress { done: 0, total: u64::try_from(batches.len()).unwrap_or(u64::MAX) };
        let (tenant, sums) = (tenant.clone(), BTreeMap::new());
        Ok(Self { tenant, asked, batches, after: None, card: None, sums, campaigns, is_torn: false, progress })
    }

    /// Reads the next page; the figures once the last was read, and again with every step behind it.
    ///
    /// # Errors
    /// Only faults of the store. The step can be repeated.
    pub fn step(&mut self) -> Result<Option<FundingFigures>, Error> {
        self.tenant.must_be_home()?;
        if self.is_torn {
            *self = Self::start(&self.tenant.clone(), self.asked.clone())?;
        }
        let Some(ground) = self.batches.front() else { return Ok(Some(self.figures())) };
        let (of, after) = (ScanOf::EventsOfBatch(ground.batch.no), self.after.clone());
        let (batch, tenant) = (ground.batch.id.clone(), self.tenant.realm.key.clone());
        let page = self.tenant.realm.store.scan(&Scan { tenant, of, after, limit: PAGE_MAX })?;
        self.is_torn = true;
        for stored in &page.items {
            if let Record::Event(stored) = &stored.record {
                self.add(&batch, &stored.event)?;
            }
        }
        self.after = page.next;
        if self.after.is_none() {
            self.batches.pop_front();
            self.progress.done += 1;
        }
        self.is_torn = false;
        Ok(self.batches.is_empty().then(|| self.figures()))
    }

    fn add(&mut self, batch: &str, event: &Event) -> Result<(), Error> {
        let Target::Card(card, _) = event.target else { return Ok(()) };
        let is_refund = match event.kind {
            EventKind::Redeemed | EventKind::Captured => false,
            EventKind::Refunded => true,
            _ => return Ok(()),
        };
        let told = Told::of(event);
        let Some(redemption) = told.redemption.or(told.receipt.map(|receipt| receipt.redemption)) else {
            return Ok(());
        };
        if self.card.as_ref().is_none_or(|(of, _)| *of != card) {
            self.card = Some((card, BTreeMap::new()));
        }
        let mut before = 0;
        if let Some((_, given)) = self.card.as_mut().filter(|_| is_refund) {
            let given = given.entry(redemption.clone()).or_default();
            before = *given;
            *given += told.amount_minor.unwrap_or_default();
        }
        let in_time = self.asked.since.is_none_or(|since| since <= event.at)
            && self.asked.until.is_none_or(|until| event.at < until);
        if !in_time {
            return Ok(());
        }
        let FundedFacts { funded, currency } = FundedFacts::of(event);
        let (parts, currency) = match currency {
            Some(currency) => (funded, currency),
            // Events of an earlier build do not tell; the redemption's frozen shares do.
            None => match self.redemption(redemption)? {
                Some(row) if is_refund => {
                    let after = before + told.amount_minor.unwrap_or_default();
                    (given_back(&borne(&row.pricing), before, after), row.currency)
                }
                Some(row) => (borne(&row.pricing), row.currency),
                None => return Ok(()),
            },
        };
        for Funded { party, off_minor } in parts {
            let sums = self.sums.entry((batch.to_owned(), party, currency)).or_default();
            if is_refund {
                sums.returned_minor += i128::from(off_minor);
            } else {
                sums.borne_minor += i128::from(off_minor);
                sums.redemptions += 1;
            }
        }
        Ok(())
    }

    fn redemption(&self, key: String) -> Result<Option<Redemption>, Error> {
        Ok(match self.tenant.row(Key::Redemption(key))?.map(|stored| stored.record.clone()) {
            Some(Record::Redemption(redemption)) => Some(redemption),
            Some(_) | None => None,
        })
    }

    fn figures(&self) -> FundingFigures {
        let told = |minor: i128| i64::try_from(minor).unwrap_or(AMOUNT_MAX).min(AMOUNT_MAX);
        let lines = self.sums.iter().map(|((batch, party, currency), sums)| FundingLine {
            batch: batch.clone(),
            campaign: self.campaigns.get(batch).cloned().flatten(),
            party: party.clone(),
            currency: *currency,
            redemptions: sums.redemptions,
            borne_minor: told(sums.borne_minor),
            returned_minor: told(sums.returned_minor),
        });
        FundingFigures { lines: lines.collect() }
    }

    /// Batches walked, out of those whose templates name parties.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Walks to the end.
    ///
    /// # Errors
    /// Only faults of the store.
    pub fn wait(mut self) -> Result<FundingFigures, Error> {
        loop {
            if let Some(figures) = self.step()? {
                return Ok(figures);
            }
        }
    }
}

impl std::fmt::Debug for FundingCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FundingCount").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl Begin for CountFunding {
    type Cursor = FundingCount;

    fn begin(self, tenant: &Tenant) -> Result<FundingCount, Error> {
        self.batch.as_ref().map_or(Ok(()), |batch| check_name("batch", batch))?;
        if let Some(campaign) = &self.campaign {
            check_name("campaign", campaign)?;
            tenant.realm.weigh(|view| match view.campaign(campaign)? {
                Some(_) => Ok(()),
                None => Err(crate::denial::Denial::Unknown { kind: "campaign", id: campaign.clone() }.into()),
            })?;
        }
        if let Some((since, until)) = self.since.zip(self.until).filter(|(since, until)| until <= since) {
            return Err(Invalid::new("until", until, format!("later than {since}")).into());
        }
        FundingCount::start(tenant, self)
    }
}
