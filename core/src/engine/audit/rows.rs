//! Rows that are counted against the journal, table by table. A room whose rows are a sum of something adds its table here, and what
//! its events add up to in [`cards`](super::cards).

use super::super::Tenant;
use super::super::error::Error;
use super::tally::{Of, Side, Sum, Tally};
use super::walk::Walk;
use super::{Finding, Findings, Grounds, ROWS_A_STEP};
use crate::card::{Redemption, Refund};
use crate::ledger::{BookName, is_counter};
use crate::store::{Account, Owner, Record, ScanOf};

/// Tables that are walked one behind the other.
pub(super) struct Rows {
    redemptions: Walk,
    refunds: Walk,
    others: Vec<Walk>,
    /// Of the redemption at hand: its refunds so far.
    given_back: (u32, i64),
    pub(super) redemptions_read: u64,
    pub(super) refunds_read: u64,
    pub(super) accounts_read: u64,
}

impl Rows {
    pub(super) fn new() -> Self {
        let others = [ScanOf::Accounts, ScanOf::AccountsHeld, ScanOf::Stocks, ScanOf::FormatUses, ScanOf::Batches];
        Self {
            redemptions: Walk::over(ScanOf::Redemptions),
            refunds: Walk::over(ScanOf::Refunds),
            others: others.into_iter().map(Walk::over).rev().collect(),
            given_back: (0, 0),
            redemptions_read: 0,
            refunds_read: 0,
            accounts_read: 0,
        }
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
            if self.redemption(tenant, grounds, tally, findings)? {
                continue;
            }
            let Some(walk) = self.others.last_mut() else { return Ok(true) };
            match walk.peek(tenant)? {
                Some(record) => {
                    self.accounts_read += u64::from(matches!(record, Record::Account(_)));
                    stands(tally, record);
                    walk.take();
                }
                None => drop(self.others.pop()),
            }
        }
        Ok(false)
    }

    /// The next refund or redemption, both in the order of redemptions; `false` at their end.
    fn redemption(
        &mut self,
        tenant: &Tenant,
        grounds: &mut Grounds,
        tally: &mut Tally,
        findings: &mut Findings,
    ) -> Result<bool, Error> {
        let redemption = match self.redemptions.peek(tenant)? {
            Some(Record::Redemption(row)) => Some(row),
            _ => None,
        };
        let refund = match self.refunds.peek(tenant)? {
            Some(Record::Refund(row)) => Some(row),
            _ => None,
        };
        match (redemption, refund) {
            (None, None) => return Ok(false),
            // Refunds of the redemption at hand come before the next one.
            (Some(row), Some(refund)) if refund.redemption == row.key => {
                self.given_back = add_refund(row, refund, self.given_back, tally, findings);
            }
            (redemption, Some(refund)) if redemption.is_none_or(|row| refund.redemption < row.key) => {
                let row = format!("refund {} of redemption {}", refund.place, refund.redemption);
                findings.push(Finding::new(row, "redemption", "not there", "made"));
            }
            (Some(row), _) => {
                let ground = grounds.of(tenant, row.card.batch)?;
                let whole = row.pricing.discount_minor + row.pricing.tender_minor;
                let of = |of| Sum::Redemption { key: &row.key, card: row.card, of };
                tally.add(Side::Stands, of(Of::Rows), 1);
                tally.add(Side::Stands, of(Of::Minor), whole);
                tally.add(Side::Stands, of(Of::At), row.at.millis());
                let template = ground.as_ref().map(|ground| &ground.template);
                let counts = template.filter(|template| template.draft.limits.uses_per_holder.is_some());
                // A use that was given back wholly does not count any more.
                if let (Some(template), Some(holder)) = (counts, &row.holder)
                    && self.given_back.1 < whole
                {
                    let owner = Owner::Holder(holder.clone()).text();
                    tally.add(Side::Journal, Sum::Account { owner: &owner, unit: &template.unit("uses") }, 1);
                }
                // What stands in a rolling window is held until it leaves it, and counted there.
                for on in row.counted.iter().filter(|on| on.leaves_at.is_none()) {
                    let owner = on.owner.text();
                    let left = on.left(self.given_back.1, self.given_back.1 >= whole);
                    tally.add(Side::Journal, Sum::Account { owner: &owner, unit: &on.unit }, left);
                }
                self.redemptions.take();
                self.redemptions_read += 1;
                self.given_back = (0, 0);
                return Ok(true);
            }
            (None, Some(_)) => {}
        }
        self.refunds.take();
        self.refunds_read += 1;
        Ok(true)
    }
}

/// Adds a refund; returns how many there are by now, and how much they gave back.
fn add_refund(
    row: &Redemption,
    refund: &Refund,
    (place, total): (u32, i64),
    tally: &mut Tally,
    findings: &mut Findings,
) -> (u32, i64) {
    let of = |of| Sum::Refunds { redemption: &row.key, of };
    tally.add(Side::Stands, of(Of::Rows), 1);
    tally.add(Side::Stands, of(Of::Minor), refund.amount_minor);
    tally.add(Side::Stands, of(Of::At), refund.at.millis());
    let total = total.saturating_add(refund.amount_minor);
    let name = || format!("refund {} of redemption {}", refund.place, row.key);
    if refund.place != place {
        findings.push(Finding::new(name(), "place", refund.place, place));
    }
    if refund.total_minor != total {
        findings.push(Finding::new(name(), "total_minor", refund.total_minor, total));
    }
    let whole = row.pricing.discount_minor + row.pricing.tender_minor;
    if total > whole {
        findings.push(Finding::new(name(), "total_minor", total, format!("at most {whole}")));
    }
    (place.saturating_add(1), total)
}

/// Under which name an account is counted again. Rollups of cards are summed over days and engines; what was there before the
/// ledger, and what moves by `move_value`, no event of a card tells.
fn audited(account: &Account) -> Option<String> {
    match &account.owner {
        Owner::Book(book) if book.cohort.is_empty() || book.name.as_str() == BookName::OPENING => None,
        Owner::Book(book) => Some(book_name(book.name.as_str(), &book.cohort)),
        owner if is_counter(&account.unit) => Some(owner.text()),
        Owner::System | Owner::Card(_) | Owner::Holder(_) | Owner::Channel(_) | Owner::Scope(_) => None,
    }
}

/// All rollups of one of the tenant's accounts and cohorts together.
pub(super) fn book_name(book: &str, cohort: &str) -> String {
    format!("book:{book}:{cohort}")
}

/// What the row says of itself.
fn stands(tally: &mut Tally, record: &Record) {
    match record {
        Record::Account(account) => {
            if let Some(owner) = audited(account) {
                tally.add(Side::Stands, Sum::Account { owner: &owner, unit: &account.unit }, account.balance);
            }
        }
        // An account counts what was captured and what is held.
        Record::AccountHeld(held) => {
            let owner = held.owner.text();
            tally.add(Side::Journal, Sum::Account { owner: &owner, unit: &held.unit }, held.buckets.all());
        }
        Record::Stock(stock) => tally.add(Side::Stands, Sum::Stock(stock.batch), i64::from(stock.next)),
        Record::FormatUse(used) => {
            let symbols = used.symbols;
            tally.add(Side::Stands, Sum::Batches { symbols }, i64::from(used.next_number));
            for (slot, of_slot) in &used.slots {
                let live = i64::try_from(of_slot.live).unwrap_or(i64::MAX);
                tally.add(Side::Stands, Sum::Live { symbols, slot: *slot }, live);
            }
        }
        Record::Batch(batch) => {
            let symbols = batch.no.symbols;
            tally.add(Side::Journal, Sum::Batches { symbols }, 1);
            tally.add(Side::Journal, Sum::Live { symbols, slot: batch.slot }, i64::from(batch.size));
        }
        Record::Settings(_)
        | Record::Campaign(_)
        | Record::Audience(_)
        | Record::ProductSet(_)
        | Record::Template(_)
        | Record::PublicCode(_)
        | Record::Unit(_)
        | Record::Card(_)
        | Record::Redemption(_)
        | Record::Fence(_)
        | Record::Refund(_)
        | Record::Hold(_)
        | Record::Event(_)
        | Record::Writer(_) => {}
    }
}
