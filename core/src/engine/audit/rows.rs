//! Rows that are counted against the journal, table by table. A room whose rows are a sum of something adds its table here, and what
//! its events add up to in [`cards`](super::cards).

use std::collections::BTreeMap;

use super::super::Tenant;
use super::super::error::Error;
use super::tally::{Of, Side, Sum, Tally};
use super::walk::Walk;
use super::{Finding, Findings, Grounds, ROWS_A_STEP};
use crate::card::{self, Redemption, Refund};
use crate::id::Version;
use crate::ledger::{BookName, is_counter};
use crate::store::{Account, Owner, Record, ScanOf, Stored};

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
        // Sums last, behind all that they are worked out from (`Looks`).
        let others = [ScanOf::AccountsHeld, ScanOf::Batches, ScanOf::Accounts, ScanOf::Stocks, ScanOf::FormatUses];
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
            match walk.peek_row(tenant)? {
                Some(row) => {
                    match &row.record {
                        Record::Account(account) => {
                            add_account(tenant, account, row.version, tally)?;
                            self.accounts_read += 1;
                        }
                        record => stands(tally, record, row.version),
                    }
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
        let redemption = match self.redemptions.peek_row(tenant)? {
            Some(Stored { record: Record::Redemption(row), version }) => Some((row, *version)),
            _ => None,
        };
        let refund = match self.refunds.peek_row(tenant)? {
            Some(Stored { record: Record::Refund(row), version }) => Some((row, *version)),
            _ => None,
        };
        match (redemption, refund) {
            (None, None) => return Ok(false),
            // Refunds of the redemption at hand come before the next one.
            (Some((row, _)), Some((refund, version))) if refund.redemption == row.key => {
                self.given_back = add_refund(row, refund, version, self.given_back, tally, findings);
            }
            (redemption, Some((refund, _))) if redemption.is_none_or(|(row, _)| refund.redemption < row.key) => {
                let row = format!("refund {} of redemption {}", refund.place, refund.redemption);
                findings.push(Finding::new(row, "redemption", "not there", "made"));
            }
            (Some((row, version)), _) => {
                let ground = grounds.of(tenant, row.card.batch)?;
                let whole = row.pricing.discount_minor + row.pricing.tender_minor;
                let of = |of| Sum::Redemption { key: &row.key, card: row.card, of };
                tally.add(Side::Stands, of(Of::Rows), 1, version.0);
                tally.add(Side::Stands, of(Of::Minor), whole, version.0);
                tally.add(Side::Stands, of(Of::At), row.at.millis(), version.0);
                let template = ground.as_ref().map(|ground| &ground.template);
                let counts = template.filter(|template| template.draft.limits.uses_per_holder.is_some());
                // What was given back counts for nothing, and shows that something moved (`Looks`).
                let mark = version.0.wrapping_add(self.given_back.rows.into());
                let mut counts_on = |owner: Owner, unit: &str, uses| {
                    tally.add(Side::Journal, Sum::Account { owner: &owner.text(), unit }, uses, mark);
                };
                if let (Some(template), Some(holder)) = (counts, &row.holder)
                    && row.counts_on_its_holder()
                {
                    let uses = i64::from(!self.given_back.all_of(row));
                    counts_on(Owner::Holder(holder.clone()), &template.unit("uses"), uses);
                }
                let check_ins = template.and_then(|template| Some((template, card::check_ins(template)?)));
                if let Some((template, limits)) = check_ins {
                    let unit = card::check_in_unit(template, limits.per, row.at);
                    counts_on(Owner::Card(row.card), &unit, i64::from(!self.given_back.all_of(row)));
                }
                // What stands in a rolling window is held until it leaves it, and counted there.
                for on in row.counted.iter().filter(|on| on.leaves_at.is_none()) {
                    let left = on.left(self.given_back.minor, self.given_back.all_of(row));
                    counts_on(on.owner.clone(), &on.unit, left);
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
    version: Version,
    before: GivenBack,
    tally: &mut Tally,
    findings: &mut Findings,
) -> GivenBack {
    let of = |of| Sum::Refunds { redemption: &row.key, of };
    tally.add(Side::Stands, of(Of::Rows), 1, version.0);
    tally.add(Side::Stands, of(Of::Minor), refund.amount_minor, version.0);
    tally.add(Side::Stands, of(Of::At), refund.at.millis(), version.0);
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

/// An account, and what is told of it elsewhere.
fn add_account(tenant: &Tenant, account: &Account, version: Version, tally: &mut Tally) -> Result<(), Error> {
    moved(tenant, account, tally)?;
    let Some(owner) = audited(account) else { return Ok(()) };
    let sum = Sum::Account { owner: &owner, unit: &account.unit };
    tally.add(Side::Stands, sum, account.balance, version.0);
    Ok(())
}

/// What was moved on the account of a holder or channel, and what the tenant's own accounts have of it.
fn moved(tenant: &Tenant, account: &Account, tally: &mut Tally) -> Result<(), Error> {
    if !is_moved(account) {
        return Ok(());
    }
    let own = account.owner.text();
    let mut sums: BTreeMap<String, (i64, u64)> = BTreeMap::new();
    let mut add = |owner: String, delta| {
        let (sum, moves) = sums.entry(owner).or_default();
        (*sum, *moves) = (*sum + delta, *moves + 1);
    };
    tenant.moves_of(account, |_, entry| {
        add(own.clone(), entry.delta_minor());
        entry.steps().for_each(|(book, delta, _)| add(book_name(book, ""), delta));
    })?;
    for (owner, (sum, moves)) in &sums {
        tally.add(Side::Journal, Sum::Account { owner, unit: &account.unit }, *sum, *moves);
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
fn stands(tally: &mut Tally, record: &Record, version: Version) {
    match record {
        // An account counts what was captured and what is held.
        Record::AccountHeld(held) => {
            let owner = held.owner.text();
            tally.add(Side::Journal, Sum::Account { owner: &owner, unit: &held.unit }, held.buckets.all(), version.0);
        }
        Record::Stock(stock) => tally.add(Side::Stands, Sum::Stock(stock.batch), i64::from(stock.next), version.0),
        Record::FormatUse(used) => {
            let symbols = used.symbols;
            tally.add(Side::Stands, Sum::Batches { symbols }, i64::from(used.next_number), version.0);
            for (slot, of_slot) in &used.slots {
                let live = i64::try_from(of_slot.live).unwrap_or(i64::MAX);
                tally.add(Side::Stands, Sum::Live { symbols, slot: *slot }, live, version.0);
            }
        }
        Record::Batch(batch) => {
            let symbols = batch.no.symbols;
            tally.add(Side::Journal, Sum::Batches { symbols }, 1, version.0);
            tally.add(Side::Journal, Sum::Live { symbols, slot: batch.slot }, i64::from(batch.size), version.0);
        }
        Record::Account(_)
        | Record::Settings(_)
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
