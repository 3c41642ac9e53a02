//! Counters worked out from the journal alone: what was committed, added up. It knows neither the engine nor the model.

use std::collections::BTreeMap;

use cardmint::ValueMoved;
use cardmint::card::{Card, CardKind, CountedOn, Event, EventKind, HeldFor, Redemption, Refund, Target};
use cardmint::id::CardId;
use cardmint::ledger::OWN;
use cardmint::limit::Limit;
use cardmint::store::{Account, Changeset, Key, Lookup, Owner, Record, Store, TenantKey};
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;

use super::matching::is_of_books;
use crate::model::stretch;
use crate::terms::Terms;

/// What the journal adds up to.
#[derive(Debug, Default)]
pub struct Recount {
    /// Terms by batch number, packed: what its cards' ceilings are.
    pub terms: BTreeMap<i64, Terms>,
    /// The limits of batches, by their names in accounts.
    pub batch_limits: BTreeMap<String, Vec<Limit>>,
    /// Captured uses of a card that were not given back.
    uses: BTreeMap<CardId, i64>,
    /// What accounts count, by owner and unit; of a rolling window nothing, since all of that is held.
    accounts: BTreeMap<(Owner, String), i64>,
    /// Card, holder and what is left to give back of a redemption.
    standing: BTreeMap<String, Standing>,
    /// What went onto each gift card and off it, beside what it held when it was new.
    moved: BTreeMap<CardId, i64>,
    /// How many events a card has.
    events: BTreeMap<CardId, u32>,
}

/// A redemption of which something may be given back.
#[derive(Debug)]
struct Standing {
    card: CardId,
    holder: Option<SubjectKey>,
    left_minor: i64,
    /// Uses of a times card.
    left_units: Option<u32>,
    at: Instant,
    counted: Vec<CountedOn>,
    /// Whether all of it went back.
    is_over: bool,
}

impl Recount {
    /// Adds a committed changeset.
    pub fn add(&mut self, changeset: &Changeset) -> Result<(), String> {
        for event in &changeset.events {
            if let Target::Card(card, place) = &event.target {
                if matches!(event.kind, EventKind::Loaded | EventKind::Adjusted) {
                    let told: ValueMoved = serde_json::from_str(&event.facts).map_err(|error| error.to_string())?;
                    *self.moved.entry(*card).or_default() += told.delta_minor;
                }
                if event.kind == EventKind::Succeeded && event.request.is_some() {
                    self.succeeded(&event.facts)?;
                }
                let have = self.events.entry(*card).or_default();
                *have += 1;
                if have != place {
                    return Err(format!("event {} of {card} stands at place {place}, not {have}", event.kind.name()));
                }
            }
        }
        for event in &changeset.events {
            match &event.target {
                Target::Card(card, _) if event.kind == EventKind::Claimed => self.claimed(changeset, *card, event),
                Target::Named(owner) if event.kind == EventKind::AccountMoved => self.account_moved(owner, event)?,
                _ => {}
            }
        }
        for write in &changeset.writes {
            match &write.record {
                Record::Redemption(row) => self.captured(row),
                Record::Refund(row) => self.given_back(row)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// What the successor holds is what the card before has no more.
    fn succeeded(&mut self, facts: &str) -> Result<(), String> {
        let told: serde_json::Value = serde_json::from_str(facts).map_err(|error| error.to_string())?;
        let id = |text: &serde_json::Value| CardId::parse("card", text.as_str().unwrap_or_default());
        let (next, before) = (id(&told["id"]), id(&told["origin"]["parent_card"]));
        let (next, before) = (next.map_err(|no| no.to_string())?, before.map_err(|no| no.to_string())?);
        let holds = told["balance_minor"].as_i64().ok_or("a successor says nothing of what it holds")?;
        let new = self.terms.get(&next.batch.packed()).and_then(|terms| terms.value_minor).unwrap_or(0);
        *self.moved.entry(before).or_default() -= holds;
        *self.moved.entry(next).or_default() += holds - new;
        Ok(())
    }

    /// A card that a redemption gave counts against nobody's claims.
    fn claimed(&mut self, changeset: &Changeset, id: CardId, event: &Event) {
        let told: serde_json::Value = serde_json::from_str(&event.facts).unwrap_or_default();
        let person = told["counted_on"].as_str().map(|person| SubjectKey::from_stored(person.to_owned()));
        let terms = self.terms.get(&id.batch.packed()).filter(|terms| terms.claims_per_holder.is_some());
        let card = changeset.writes.iter().find_map(|write| match &write.record {
            Record::Card(card) if card.id == id && card.origin.parent_card.is_none() => Some(card),
            _ => None,
        });
        if let (Some(terms), Some(holder)) = (terms, person.or_else(|| card.and_then(|card| card.holder.clone()))) {
            *self.accounts.entry((Owner::Holder(holder), format!("claims:{}", terms.id))).or_default() += 1;
        }
    }

    fn account_moved(&mut self, owner: &str, event: &Event) -> Result<(), String> {
        let owner = Owner::from_text(owner).ok_or_else(|| format!("{owner} is no account"))?;
        let entry = event.entry.as_ref().ok_or("value was moved and no entry says so")?;
        let have = self.accounts.entry((owner, entry.unit.clone())).or_default();
        for transfer in &entry.transfers {
            *have += if transfer.from == OWN { -transfer.amount_minor } else { transfer.amount_minor };
        }
        if *have == entry.holds_minor && *have >= 0 {
            return Ok(());
        }
        Err(format!("{entry:?} says what the account holds, and it is {have}"))
    }

    fn count(&mut self, card: CardId, holder: Option<&SubjectKey>, by: i64) {
        let terms = self.terms.get(&card.batch.packed()).filter(|terms| terms.uses_per_holder.is_some());
        if let (Some(terms), Some(holder)) = (terms, holder) {
            *self.accounts.entry((Owner::Holder(holder.clone()), format!("uses:{}", terms.id))).or_default() += by;
        }
    }

    /// One check-in more or less, in the period that it was made in.
    fn check_in(&mut self, card: CardId, at: Instant, by: i64) {
        if let Some(limits) = self.terms.get(&card.batch.packed()).and_then(|terms| terms.check_ins) {
            let unit = format!("check_ins:{}", stretch(limits.per, at));
            *self.accounts.entry((Owner::Card(card), unit)).or_default() += by;
        }
    }

    fn captured(&mut self, row: &Redemption) {
        *self.uses.entry(row.card).or_default() += i64::from(row.units.unwrap_or(1));
        self.count(row.card, row.holder.as_ref().filter(|_| !on_person(&row.counted)), 1);
        self.check_in(row.card, row.at, 1);
        for on in row.counted.iter().filter(|on| on.leaves_at.is_none()) {
            *self.accounts.entry((on.owner.clone(), on.unit.clone())).or_default() += on.amount;
        }
        let (card, holder, tender) = (row.card, row.holder.clone(), row.pricing.tender_minor);
        *self.moved.entry(card).or_default() -= tender;
        // A discount is given back whole, value in parts.
        let left_minor = row.pricing.discount_minor + tender;
        let (at, counted, left_units) = (row.at, row.counted.clone(), row.units);
        let standing = Standing { card, holder, left_minor, left_units, at, counted, is_over: false };
        self.standing.insert(row.key.clone(), standing);
    }

    fn given_back(&mut self, refund: &Refund) -> Result<(), String> {
        let id = &refund.redemption;
        let standing = self.standing.get_mut(id).ok_or_else(|| format!("{id} was given back and never made"))?;
        let too_much = || Err(format!("more was given back of {id} than was taken: {refund:?}"));
        standing.left_minor -= refund.amount_minor;
        if standing.is_over || standing.left_minor < 0 || refund.amount_minor < 0 {
            return too_much();
        }
        if let Some(left) = &mut standing.left_units {
            match left.checked_sub(refund.units) {
                Some(less) => *left = less,
                None => return too_much(),
            }
        }
        let (card, holder) = (standing.card, standing.holder.clone());
        let left = standing.left_units.map_or(standing.left_minor, i64::from);
        if left == 0 && standing.left_minor != 0 {
            return Err(format!("the last use of {id} went back without what came off with it: {refund:?}"));
        }
        standing.is_over = left == 0;
        let units = standing.left_units.map(|_| i64::from(refund.units));
        let (at, counted) = (standing.at, standing.counted.clone());
        for on in counted.iter().filter(|on| on.refill && on.leaves_at.is_none()) {
            let amount = match on.counts {
                HeldFor::Money => on.amount.min(refund.amount_minor),
                HeldFor::Uses | HeldFor::HolderUses | HeldFor::OpenHolds => {
                    if left == 0 {
                        on.amount
                    } else {
                        0
                    }
                }
            };
            *self.accounts.entry((on.owner.clone(), on.unit.clone())).or_default() -= amount;
        }
        self.check_in(card, at, -1);
        if self.is_gift(card) {
            *self.moved.entry(card).or_default() += refund.amount_minor;
        }
        let used = units.unwrap_or(i64::from(left == 0));
        *self.uses.entry(card).or_default() -= used;
        if left == 0 {
            self.count(card, holder.as_ref().filter(|_| !on_person(&counted)), -1);
        }
        Ok(())
    }

    /// Whether cards of this batch hold value.
    pub fn is_gift(&self, card: CardId) -> bool {
        self.terms.get(&card.batch.packed()).is_some_and(|terms| terms.value_minor.is_some())
    }

    /// Compares what the rows of these changesets say now, after all of them were added.
    pub fn compare(&self, store: &dyn Store, changesets: &[&Changeset]) -> Result<(), String> {
        let written =
            changesets.iter().flat_map(|changeset| changeset.writes.iter().map(move |write| (changeset, write)));
        for (changeset, write) in written {
            if let Record::Card(card) = &write.record {
                self.compare_card(store, &changeset.tenant, card)?;
            }
        }
        let moves = changesets.iter().flat_map(|changeset| changeset.moves.iter().map(move |step| (changeset, step)));
        for (changeset, step) in moves.filter(|(_, step)| !is_of_books(&step.owner)) {
            self.compare_account(store, &changeset.tenant, &step.owner, &step.unit)?;
        }
        Ok(())
    }

    fn compare_card(&self, store: &dyn Store, tenant: &TenantKey, touched: &Card) -> Result<(), String> {
        let Some(terms) = self.terms.get(&touched.id.batch.packed()) else { return Ok(()) };
        let used = self.uses.get(&touched.id).copied().unwrap_or(0);
        let ceiling = i64::from(terms.uses_per_card);
        let is_gift = terms.value_minor.is_some();
        let is_counted = !is_gift && terms.kind != CardKind::Membership;
        if used > ceiling && is_counted {
            return Err(format!("{} was used {used} times, {ceiling} are allowed", touched.id));
        }
        let Some(Record::Card(card)) = row(store, tenant, Key::Card(touched.id))? else {
            return Err(format!("{} was written and is not there", touched.id));
        };
        let balance = terms.value_minor.map_or(0, |value| value + self.moved.get(&card.id).copied().unwrap_or(0));
        if card.balance_minor != balance || balance < 0 {
            return Err(format!("{} says it holds {}, the journal says {balance}", card.id, card.balance_minor));
        }
        if is_counted && i64::from(card.uses_left) != ceiling - used {
            return Err(format!("{} says {} uses left, the journal says {}", card.id, card.uses_left, ceiling - used));
        }
        let held: i64 = card.held.iter().filter(|(until, _)| *until > card.last_at).map(|(_, amount)| amount).sum();
        let has = if is_gift { card.balance_minor } else { i64::from(card.uses_left) };
        if held > has {
            return Err(format!("orders hold {held} of {}, which has {has}", card.id));
        }
        if self.events.get(&card.id).copied().unwrap_or(0) != card.events {
            return Err(format!("{} says {} events, the journal has others", card.id, card.events));
        }
        // A move that was forgotten shows in the account of whoever holds the card.
        let Some(holder) = card.holder else { return Ok(()) };
        ["uses", "claims"].into_iter().try_for_each(|measure| {
            let unit = format!("{measure}:{}", terms.id);
            self.compare_account(store, tenant, &Owner::Holder(holder.clone()), &unit)
        })
    }

    fn compare_account(&self, store: &dyn Store, tenant: &TenantKey, owner: &Owner, unit: &str) -> Result<(), String> {
        let counted = self.accounts.get(&(owner.clone(), unit.to_owned())).copied().unwrap_or(0);
        let (ceiling, whose) = (self.ceiling(owner, unit), owner.text());
        if ceiling.is_some_and(|ceiling| counted > ceiling) {
            return Err(format!("{} has {counted} {unit} over its ceiling", whose));
        }
        let stands = match row(store, tenant, Key::Account(owner.clone(), unit.to_owned()))? {
            Some(Record::Account(Account { balance, .. })) => balance,
            _ => 0,
        };
        let held: i64 = match row(store, tenant, Key::AccountHeld(owner.clone(), unit.to_owned()))? {
            Some(Record::AccountHeld(held)) => held.buckets.iter().map(|(_, amount)| amount).sum(),
            _ => 0,
        };
        if ceiling.is_some_and(|ceiling| stands > ceiling) {
            return Err(format!("{} has {stands} {unit} captured and held, over its ceiling", whose));
        }
        // An account counts captured and held together.
        let stands = stands - held;
        if stands == counted {
            return Ok(());
        }
        Err(format!("{} stands at {stands} {unit}, the journal says {counted}", whose))
    }

    fn ceiling(&self, owner: &Owner, unit: &str) -> Option<i64> {
        let (measure, template) = unit.split_once(':')?;
        match (measure, owner) {
            // A campaign's may have been lowered below what is used.
            ("limit", Owner::Scope(scope)) => {
                let (of, id) = scope.split('/').next()?.split_once(':')?;
                let name = template.split('@').next()?;
                let limits = match of {
                    "template" => &self.terms.values().find(|terms| terms.id == id)?.limits,
                    "batch" => self.batch_limits.get(id)?,
                    _ => return None,
                };
                return limits.iter().find(|limit| limit.name == name).map(|limit| limit.most);
            }
            ("check_ins", Owner::Card(card)) => {
                let limits = self.terms.get(&card.batch.packed()).and_then(|terms| terms.check_ins);
                return limits.map(|limits| i64::from(limits.limit));
            }
            _ => {}
        }
        let terms = self.terms.values().find(|terms| terms.id == template)?;
        let limit = match measure {
            "uses" => terms.uses_per_holder,
            "holds" => match owner {
                Owner::Scope(pool) if pool.starts_with("batch:") => terms.holds.open_per_batch,
                Owner::Scope(_) => terms.holds.open_per_campaign,
                _ => Some(terms.holds.open_per_holder),
            },
            _ => terms.claims_per_holder,
        };
        limit.map(i64::from)
    }

    /// Cards with a journal, and how many uses of each stand.
    pub fn cards(&self) -> impl Iterator<Item = (CardId, i64, u32)> {
        self.events.iter().map(|(card, events)| (*card, self.uses.get(card).copied().unwrap_or(0), *events))
    }
}

/// Whether a redemption says itself on whom it counts.
fn on_person(counted: &[CountedOn]) -> bool {
    counted.iter().any(|on| on.counts == HeldFor::HolderUses)
}

/// What stands under a key.
pub fn row(store: &dyn Store, tenant: &TenantKey, key: Key) -> Result<Option<Record>, String> {
    let rows = store.load(&[Lookup::exact(tenant, key)]).map_err(|error| format!("a row cannot be read: {error}"))?;
    Ok(rows.into_iter().flatten().next().map(|stored| stored.record.clone()))
}
