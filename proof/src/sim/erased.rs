//! Erasing somebody at the end of a world: whatever the world came to, the name is nowhere any more, and every sum is what it was.
//!
//! The model knows of no other names, so nobody else is about, and what may go wrong is looked at here and not by the judge.

use cardmint::id::CardId;
use cardmint::store::{Key, Lookup, Owner, Record, Scan, ScanOf};
use cardmint::subject::{Subject, SubjectKey};
use cardmint::{CardPick, Erase, Events, History, LiabilityNow, Meta, Paging, PersonOf, Tenant, Wallet};

use super::judge::Wrong;
use super::requests::CUSTOMERS;
use super::world::World;

const NAME: &str = "erased";

fn wrong(what: impl std::fmt::Display) -> Wrong {
    (NAME, what.to_string())
}

/// Erases one of the customers, and looks everywhere.
pub fn leaves_no_trace(world: &World) -> Result<(), Wrong> {
    let Some(tenant) = world.with(|state| state.places[0].engine.as_ref().map(|(_, tenant)| tenant.clone())) else {
        return Ok(());
    };
    let customer = world.with(|state| state.dice.pick(&CUSTOMERS).copied().unwrap_or(CUSTOMERS[0]));
    let subject = Subject::customer(customer);
    let key = SubjectKey::from_stored(format!("customer:{customer}"));
    let before = everything(world)?;
    let (sums, cards) = (sums(&tenant, &before)?, cards_of(&before, &key));
    let meta = Meta { reason: Some("asked for it".to_owned()), ..Meta::key("erase-at-the-end") };
    let run = tenant.erase(Erase { meta, subject: subject.clone() }).map_err(wrong)?;
    let erased = run.wait().map_err(wrong)?;

    let after = everything(world)?;
    let rows = after.iter().map(|record| format!("{record:?}"));
    nowhere(&key, rows.chain(told(&tenant, &subject, &after)?))?;
    let now = self::sums(&tenant, &after)?;
    if now != sums {
        return Err(wrong(format!("of {key:?} the sums were {sums:?} and are {now:?}")));
    }
    let theirs = cards_of(&after, &erased.pseudonym);
    if theirs != cards {
        return Err(wrong(format!("{key:?} had {cards:?}, {:?} has {theirs:?}", erased.pseudonym)));
    }
    let report = tenant.audit(()).and_then(cardmint::AuditRun::wait).map_err(wrong)?;
    if report.findings_total > 0 || !report.chains_checked {
        return Err(wrong(format!("after {key:?} was erased the audit says {report:?}")));
    }
    Ok(())
}

fn nowhere(key: &SubjectKey, texts: impl IntoIterator<Item = String>) -> Result<(), Wrong> {
    // Somebody whose name goes on is somebody else.
    let names = |text: &str| {
        text.match_indices(key.as_str())
            .any(|(at, key)| !text.get(at + key.len()..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric)))
    };
    match texts.into_iter().find(|text| names(text)) {
        Some(text) => Err(wrong(format!("{key:?} was erased and stands in {text}"))),
        None => Ok(()),
    }
}

/// All rows that may name somebody.
fn everything(world: &World) -> Result<Vec<Record>, Wrong> {
    let (model, tenant) = world.with(|state| (state.judge.model.clone(), state.judge.tenant.clone()));
    let mut all = Vec::new();
    let mut walk = |of: ScanOf| {
        let mut after = None;
        let from = all.len();
        loop {
            let scan = Scan { tenant: tenant.clone(), of: of.clone(), after, limit: 1_000 };
            let page = world.store.scan(&scan).map_err(wrong)?;
            all.extend(page.items.iter().map(|stored| stored.record.clone()));
            after = page.next;
            if after.is_none() {
                return Ok::<usize, Wrong>(from);
            }
        }
    };
    for of in [ScanOf::EveryCard, ScanOf::Redemptions, ScanOf::Refunds, ScanOf::Accounts, ScanOf::AccountsHeld] {
        walk(of)?;
    }
    for campaign in model.campaigns.keys() {
        walk(ScanOf::Audience(campaign.clone()))?;
    }
    let mut orders: Vec<&String> = model.holds.keys().map(|hold| &hold.order).collect();
    orders.dedup();
    for order in orders {
        walk(ScanOf::HoldsOfOrder(order.clone()))?;
    }
    let from = walk(ScanOf::Writers)?;
    let writers: Vec<u64> = all.split_off(from).iter().filter_map(writer).collect();
    for bits in writers {
        let scan = Scan { tenant: tenant.clone(), of: ScanOf::EventsOfWriter(bits), after: None, limit: 1_000_000 };
        let page = world.store.scan(&scan).map_err(wrong)?;
        all.extend(page.items.iter().map(|stored| stored.record.clone()));
    }
    let linked = model.linked.keys().map(|subject| Lookup::exact(&tenant, Key::Linked(subject.clone())));
    let linked = world.store.load(&linked.collect::<Vec<_>>()).map_err(wrong)?;
    all.extend(linked.into_iter().flatten().map(|stored| stored.record.clone()));
    Ok(all)
}

fn writer(record: &Record) -> Option<u64> {
    match record {
        Record::Writer(writer) => Some(writer.bits),
        _ => None,
    }
}

fn cards_of(all: &[Record], holder: &SubjectKey) -> Vec<CardId> {
    let cards = all.iter().filter_map(|record| match record {
        Record::Card(card) if card.holder.as_ref() == Some(holder) => Some(card.id),
        _ => None,
    });
    cards.collect()
}

/// What an engine tells of somebody who is not there: pages of the feed, histories, a wallet, a person.
fn told(tenant: &Tenant, subject: &Subject, all: &[Record]) -> Result<Vec<String>, Wrong> {
    let mut texts = Vec::new();
    let mut after = None;
    loop {
        let page = tenant.events(Events { after, limit: 1_000, ..Events::default() }).map_err(wrong)?;
        texts.extend(page.items.iter().map(|event| format!("{event:?}")));
        after = Some(page.cursor);
        if !page.more {
            break;
        }
    }
    for record in all {
        let Record::Card(card) = record else { continue };
        let history = tenant.history(History { card: CardPick::Id(card.id) }).map_err(wrong)?;
        if history.iter().any(|entry| entry.chained != Some(true)) {
            return Err(wrong(format!("the chain of {} does not hold: {history:?}", card.id)));
        }
        texts.push(format!("{history:?}"));
    }
    let wallet = tenant.wallet(Wallet { holder: subject.clone(), page: Paging::default() }).map_err(wrong)?;
    if !wallet.items.is_empty() {
        return Err(wrong(format!("{subject:?} was erased and has {:?}", wallet.items)));
    }
    let person = tenant.person(PersonOf { subject: subject.clone() }).map_err(wrong)?;
    if let Some(person) = person.person {
        return Err(wrong(format!("{subject:?} was erased and is one of {person:?}")));
    }
    Ok(texts)
}

/// What accounts of each kind say, cards in their order, how much was used and given back, and what is owed.
#[derive(Debug, PartialEq, Eq)]
struct Sums {
    accounts: Vec<(String, i64)>,
    held: Vec<(String, i64)>,
    cards: Vec<(CardId, i64, u32, u32)>,
    rows: usize,
    liability: String,
}

fn sums(tenant: &Tenant, all: &[Record]) -> Result<Sums, Wrong> {
    let (mut accounts, mut held, mut cards) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0;
    for record in all {
        match record {
            Record::Account(account) => accounts.push((kind_of(&account.owner, &account.unit), account.balance)),
            Record::AccountHeld(row) => {
                held.extend(row.buckets.iter().map(|(_, amount)| (kind_of(&row.owner, &row.unit), amount)));
            }
            Record::Card(card) => cards.push((card.id, card.balance_minor, card.uses_left, card.events)),
            Record::Redemption(_) | Record::Refund(_) | Record::Hold(_) => rows += 1,
            _ => {}
        }
    }
    accounts.sort();
    held.sort();
    let liability = format!("{:?}", tenant.liability(LiabilityNow::default()).map_err(wrong)?);
    Ok(Sums { accounts, held, cards, rows, liability })
}

/// Whose an account is, but for who that is.
fn kind_of(owner: &Owner, unit: &str) -> String {
    match owner {
        Owner::Holder(_) => format!("a holder's {unit}"),
        Owner::Scope(scope) => {
            let kinds: Vec<_> = scope.split('/').map(|part| part.split(':').next().unwrap_or_default()).collect();
            format!("{} {unit}", kinds.join("/"))
        }
        Owner::System | Owner::Book(_) | Owner::Card(_) | Owner::Channel(_) => format!("{} {unit}", owner.text()),
    }
}
