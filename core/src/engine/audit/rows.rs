//! Rows that are counted against the journal, table by table. A room whose rows are a sum of something adds its table here, and what
//! its events add up to in [`cards`](super::cards).

use std::collections::BTreeMap;

use super::super::Tenant;
use super::super::error::Error;
use super::tally::{Of, Side, Sum, Tally};
use super::walk::Walk;
use super::{Finding, Findings, Grounds, ROWS_A_STEP};
use crate::card::{self, Redemption, Refund};
use crate::ledger::{BookName, is_counter};
use crate::store::{Account, Owner, Record, ScanOf};

/// Tables that are walked one behind the other.
pub(super) struct Rows {
    redemptions: Walk,
    refunds: Walk,
    others: Vec<Walk>,
    /// Of the redemption at hand: its refunds so far.
    given_back: GivenBack,
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
            given_back: GivenBack::default(),
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
                    if let Record::Account(account) = record {
                        moved(tenant, account, tally)?;
                        self.accounts_read += 1;
                    }
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
                    && row.counts_on_its_holder()
                    && !self.given_back.all_of(row)
                {
                    let owner = Owner::Holder(holder.clone()).text();
                    tally.add(Side::Journal, Sum::Account { owner: &owner, unit: &template.unit("uses") }, 1);
                }
                // A check-in that was given back does not, either.
                let check_ins = template.and_then(|template| Some((template, card::check_ins(template)?)));
                if let Some((template, limits)) = check_ins.filter(|_| self.given_back.rows == 0) {
                    let owner = Owner::Card(row.card).text();
                    let unit = card::check_in_unit(template, limits.per, row.at);
                    tally.add(Side::Journal, Sum::Account { owner: &owner, unit: &unit }, 1);
                }
                // What stands in a rolling window is held until it leaves it, and counted there.
                for on in row.counted.iter().filter(|on| on.leaves_at.is_none()) {
                    let owner = on.owner.text();
                    let left = on.left(self.given_back.minor, self.given_back.all_of(row));
                    tally.add(Side::Journal, Sum::Account { owner: &owner, unit: &on.unit }, left);
                }
                self.redemptions.take();
                self.redemptions_read += 1;
                self.given_back = GivenBack::default();
                return Ok(true);
            }
            (None, Some(_)) => {}
        }
        self.refunds.take();
        self.refunds_read += 1;
        Ok(true)
    }
}

/// The refunds of a redemption together.
#[derive(Clone, Copy, Default)]
struct GivenBack {
    rows: u32,
    minor: i64,
    units: u32,
}

impl GivenBack {
    /// Whether nothing is left to give back: of a times card no use, of others no money, which one refund may say of nothing.
    fn all_of(self, row: &Redemption) -> bool {
        let whole = row.pricing.discount_minor + row.pricing.tender_minor;
        self.rows > 0 && row.units.map_or(self.minor >= whole, |units| self.units >= units)
    }
}

/// Adds a refund; returns what they gave back by now.
fn add_refund(
    row: &Redemption,
    refund: &Refund,
    before: GivenBack,
    tally: &mut Tally,
    findings: &mut Findings,
) -> GivenBack {
    let of = |of| Sum::Refunds { redemption: &row.key, of };
    tally.add(Side::Stands, of(Of::Rows), 1);
    tally.add(Side::Stands, of(Of::Minor), refund.amount_minor);
    tally.add(Side::Stands, of(Of::At), refund.at.millis());
    let place = before.rows;
    let total = before.minor.saturating_add(refund.amount_minor);
    let units = before.units.saturating_add(refund.units);
    let name = || format!("refund {} of redemption {}", refund.place, row.key);
    if refund.place != place {
        findings.push(Finding::new(name(), "place", refund.place, place));
    }
    if refund.total_minor != total {
        findings.push(Finding::new(name(), "total_minor", refund.total_minor, total));
    }
    if refund.total_units != units {
        findings.push(Finding::new(name(), "total_units", refund.total_units, units));
    }
    let whole = row.pricing.discount_minor + row.pricing.tender_minor;
    if total > whole {
        findings.push(Finding::new(name(), "total_minor", total, format!("at most {whole}")));
    }
    if let Some(most) = row.units.filter(|most| units > *most) {
        findings.push(Finding::new(name(), "total_units", units, format!("at most {most}")));
    }
    GivenBack { rows: place.saturating_add(1), minor: total, units }
}

/// What was moved on the account of a holder or channel, and what the tenant's own accounts have of it.
fn moved(tenant: &Tenant, account: &Account, tally: &mut Tally) -> Result<(), Error> {
    if !is_moved(account) {
        return Ok(());
    }
    let own = account.owner.text();
    let mut sums = BTreeMap::new();
    tenant.moves_of(account, |_, entry| {
        *sums.entry(own.clone()).or_insert(0) += entry.delta_minor();
        for (book, delta, _) in entry.steps() {
            *sums.entry(book_name(book, "")).or_insert(0) += delta;
        }
    })?;
    for (owner, sum) in &sums {
        tally.add(Side::Journal, Sum::Account { owner, unit: &account.unit }, *sum);
    }
    Ok(())
}

/// Whether it moves by `move_value`, and tells of it in events of its own.
fn is_moved(account: &Account) -> bool {
    matches!(account.owner, Owner::Holder(_) | Owner::Channel(_)) && !is_counter(&account.unit)
}

/// Under which name an account is counted again. Rollups are summed over days and engines; what was there before the ledger no
/// event tells.
fn audited(account: &Account) -> Option<String> {
    match &account.owner {
        Owner::Book(book) if book.name.as_str() == BookName::OPENING => None,
        Owner::Book(book) => Some(book_name(book.name.as_str(), &book.cohort)),
        owner if is_counter(&account.unit) || is_moved(account) => Some(owner.text()),
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
        | Record::Linked(_)
        | Record::Card(_)
        | Record::Redemption(_)
        | Record::Fence(_)
        | Record::Refund(_)
        | Record::Hold(_)
        | Record::Event(_)
        | Record::Writer(_) => {}
    }
}
