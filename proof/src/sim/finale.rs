//! The end of a world: nothing goes wrong any more. Whoever knows of no outcome asks again and hears one, contests come out at exactly
//! what there was to win, and everything is counted once more from what the store says.

use std::collections::BTreeMap;
use std::sync::Arc;

use cardmint::CardPick;
use cardmint::card::{CardKind, CardState, RedeemFrom};
use cardmint::code::CodeFormat;
use cardmint::id::CardId;
use cardmint::store::{Key, Lookup, Owner, Record, Scan, ScanOf};

use super::erased;
use super::fences::is_done;
use super::judge::Wrong;
use super::late;
use super::reader;
use super::recount::row;
use super::requests::some_engine;
use super::world::{ENGINES, Phase, World};
use crate::model::Model;
use crate::request::{Asked, CallTerms, Code, Much, Take, Token, What};
use crate::terms::{Basket, Terms};

/// Fewest successes in a hundred answers of one seed: an engine that says no to everything is safe, and of no use. Over all seeds
/// a soak asks for more; a single world may have its campaigns stopped for half of its time.
const SUCCESSES_PERCENT: u64 = 15;

/// However long it takes.
pub(super) const PATIENT: CallTerms = CallTerms { deadline_ms: Some(0), retry: false };

pub fn run(world: &World) {
    if world.with(|state| state.violation.is_some()) {
        return;
    }
    world.with(|state| (state.phase, state.storm) = (Phase::Finale, 0));
    (0..ENGINES).for_each(|engine| world.bury(engine));
    while world.with(|state| !state.late.is_empty()) {
        world.land(0);
    }
    everybody_hears(world);
    // One ring for all: an engine that lacks the key of a batch cannot hand out its codes, and says so.
    let ring = world.with(|state| state.places[0].ring_number);
    (1..ENGINES).for_each(|engine| world.restart(engine, ring));
    contests(world);
    world.with(|state| state.outlast_lag());
    for check in [
        everything_stands,
        books_balance,
        chains_hold,
        audit_is_clean,
        reader::is_whole,
        enough_went_well,
        erased::leaves_no_trace,
    ] {
        if world.with(|state| state.violation.is_none())
            && let Err(wrong) = check(world)
        {
            world.with(|state| state.violated(wrong));
        }
    }
}

/// What comes between two steps of an engine here: another one's whole group.
pub fn interrupt(world: &World) {
    let engine = world.with(some_engine);
    world.lead(engine);
}

pub(super) fn lead_all(world: &World) {
    while world.with(|state| !state.open.is_empty() && state.violation.is_none()) {
        for engine in 0..ENGINES {
            world.lead(engine);
        }
    }
}

fn everybody_hears(world: &World) {
    lead_all(world);
    // Engines may still get into each other's way, but not three times over.
    for _ in 0..3 {
        let unresolved = world.with(|state| std::mem::take(&mut state.unresolved));
        for asked in unresolved {
            let engine = world.with(some_engine);
            world.submit(engine, asked, CallTerms { retry: true, ..PATIENT });
        }
        lead_all(world);
    }
    world.with(|state| {
        if let Some(asked) = state.unresolved.first().filter(|_| state.violation.is_none()) {
            let what = format!("{asked:?} finds no end though nothing goes wrong any more");
            state.violated(("finishes", what));
        }
    });
}

/// Asks all of these, spread over the engines, and counts whose had an effect.
fn contest(world: &World, what: &'static str, limit: u64, asks: Vec<What>) {
    let wanted = limit.min(asks.len() as u64);
    let keys: Vec<String> = asks
        .into_iter()
        .map(|what| {
            let (asked, engine) = world.with(|state| {
                let asked = Arc::new(Asked { key: state.shop.key(), what });
                (asked, some_engine(state))
            });
            let key = asked.key.clone();
            world.submit(engine, asked, PATIENT);
            key
        })
        .collect();
    lead_all(world);
    world.with(|state| {
        let won = keys.iter().filter(|key| state.shop.answers.get(*key) == Some(&true)).count() as u64;
        if won != wanted && state.violation.is_none() {
            state.violated(("exact_count", format!("{what}: {won} of {} succeeded, not {wanted}", keys.len())));
        }
    });
}

/// One call with nobody beside it; says under which key.
pub(super) fn alone(world: &World, what: What) -> String {
    let (asked, engine) = world.with(|state| {
        let asked = Arc::new(Asked { key: state.shop.key(), what });
        (asked, some_engine(state))
    });
    let key = asked.key.clone();
    world.submit(engine, asked, PATIENT);
    lead_all(world);
    key
}

fn contests(world: &World) {
    let (size, extra) = world.with(|state| (1 + state.dice.below(6), state.dice.below(6)));
    let serials = u32::try_from(size).unwrap_or(1);
    let template = Terms { uses_per_card: 2, uses_per_holder: Some(3), ..Terms::plain("contest") };
    alone(world, What::SaveTemplate { terms: template });
    let batch = |id: &str, size| What::IssueBatch {
        id: id.to_owned(),
        template: "contest".to_owned(),
        campaign: None,
        size,
        format: CodeFormat::S16,
        limits: Vec::new(),
    };
    alone(world, batch("contest-stock", serials));
    alone(world, batch("contest-cards", 3));
    let claim = |batch: &str, customer: String| What::Claim { take: Take::Batch(batch.to_owned()), customer };
    let claims = (0..size + extra).map(|place| claim("contest-stock", format!("f{place}"))).collect();
    contest(world, "claims of a stock", size, claims);
    contest(world, "claims of three cards", 3, (0..3).map(|_| claim("contest-cards", "fay".to_owned())).collect());
    let codes = world.with(|state| {
        let batch = state.judge.model.batches.get("contest-cards").cloned();
        let codes = batch.into_iter().flat_map(|batch| {
            (0..3).map(move |serial| {
                let card = cardmint::code::CardRef { batch_no: batch.no.number, serial, issue_no: 0 };
                Code::Sealed(Token { format: batch.format, slot: batch.slot, card })
            })
        });
        codes.collect::<Vec<_>>()
    });
    let redeem = |code: &Code, place: usize| What::Redeem {
        code: code.clone(),
        customer: Some("fay".to_owned()),
        basket: Basket::new(format!("contest-{place}"), vec![10_000]),
        amount: None,
    };
    let Some(first) = codes.first() else { return };
    contest(world, "uses of one card", 2, (0..4).map(|place| redeem(first, place)).collect());
    // Two uses of three are gone, and two cards with two uses each are left.
    let rest = codes.iter().skip(1).cycle().take(6).enumerate().map(|(place, code)| redeem(code, 10 + place)).collect();
    contest(world, "uses of one holder", 1, rest);
    contest_of_value(world);
    late::contest(world);
}

/// A gift card of 100 pays 30 three times, whoever asks.
fn contest_of_value(world: &World) {
    let id = "contest-value";
    let redeem_from = RedeemFrom::Issued;
    alone(
        world,
        What::SaveTemplate {
            terms: Terms { kind: CardKind::GiftCard, value_minor: Some(100), redeem_from, ..Terms::plain(id) },
        },
    );
    let batch = What::IssueBatch {
        id: id.to_owned(),
        template: id.to_owned(),
        campaign: None,
        size: 1,
        format: CodeFormat::S20,
        limits: Vec::new(),
    };
    alone(world, batch);
    let Some(batch) = world.with(|state| state.judge.model.batches.get(id).cloned()) else { return };
    let card = cardmint::code::CardRef { batch_no: batch.no.number, serial: 0, issue_no: 0 };
    let code = Code::Sealed(Token { format: batch.format, slot: batch.slot, card });
    let pays = (0..6).map(|place| What::Redeem {
        code: code.clone(),
        customer: None,
        basket: Basket::new(format!("value-{place}"), vec![10_000]),
        amount: Some(Much::Minor(30)),
    });
    contest(world, "payments of one gift card", 3, pays.collect());
}

fn enough_went_well(world: &World) -> Result<(), Wrong> {
    world.with(|state| {
        if state.successes * 100 >= state.attempts * SUCCESSES_PERCENT {
            return Ok(());
        }
        Err(("enough_went_well", format!("{} of {} calls succeeded", state.successes, state.attempts)))
    })
}

/// Every acknowledged request has its row, and every card's uses are those that its journal adds up to.
fn everything_stands(world: &World) -> Result<(), Wrong> {
    let (model, tenant) = world.with(|state| (Arc::clone(&state.judge.model), state.judge.tenant.clone()));
    for (op, key) in model.kept.keys() {
        if !is_done(&*world.store, &tenant, op, key).map_err(|what| ("recount", what))? {
            return Err(("acknowledged_kept", format!("{op} {key} is gone")));
        }
    }
    let cards: Vec<(CardId, i64, u32)> = world.with(|state| state.judge.recount.cards().collect());
    for (card, used, events) in cards {
        let scan = |of| {
            let scan = Scan { tenant: tenant.clone(), of, after: None, limit: 10_000 };
            world.store.scan(&scan).map_err(|error| ("recount", error.to_string()))
        };
        let mut standing = 0;
        for stored in scan(ScanOf::RedemptionsOfCard(card))?.items {
            if let Record::Redemption(redemption) = &stored.record {
                let units = i64::from(redemption.units.unwrap_or(1));
                let last = Lookup::floor(&tenant, Key::Refund(redemption.key.clone(), u32::MAX));
                let rows = world.store.load(&[last]).map_err(|error| ("recount", error.to_string()))?;
                let back = rows.into_iter().flatten().find_map(|stored| match &stored.record {
                    Record::Refund(refund) if redemption.units.is_some() => Some(i64::from(refund.total_units)),
                    Record::Refund(_) => Some(units),
                    _ => None,
                });
                standing += units - back.unwrap_or(0);
            }
        }
        let journal = scan(ScanOf::EventsOfCard(card))?.items.len();
        // Of value parts may have gone back; what the card holds was compared with every change.
        let is_gift = world.with(|state| state.judge.recount.is_gift(card));
        if (standing != used && !is_gift) || journal as u64 != u64::from(events) {
            let what =
                format!("{card}: {standing} uses and {journal} events in the store, {used} and {events} were written");
            return Err(("recount", what));
        }
    }
    Ok(())
}

/// What the cards hold and what the tenant's own accounts say of it are the same, whatever fell out, came twice or was lost.
fn books_balance(world: &World) -> Result<(), Wrong> {
    let (cards, tenant) = world.with(|state| {
        let cards: Vec<CardId> = state.judge.recount.cards().map(|(card, ..)| card).collect();
        (cards, state.judge.tenant.clone())
    });
    let (mut held, mut broken) = (0, 0);
    for card in cards {
        let stored = row(&*world.store, &tenant, Key::Card(card)).map_err(|what| ("books_balance", what))?;
        if let Some(Record::Card(card)) = stored.filter(|_| world.with(|state| state.judge.recount.is_gift(card))) {
            held += i128::from(if card.state == CardState::Void { 0 } else { card.balance_minor });
            broken += i128::from(card.broken_minor);
        }
    }
    let (mut books, mut expired, mut after) = (BTreeMap::<String, i128>::new(), 0, None);
    loop {
        let scan = Scan { tenant: tenant.clone(), of: ScanOf::Books, after, limit: 100 };
        let page = world.store.scan(&scan).map_err(|error| ("books_balance", error.to_string()))?;
        for stored in &page.items {
            if let Record::Account(account) = &stored.record
                && let Owner::Book(book) = &account.owner
            {
                *books.entry(account.unit.clone()).or_default() += i128::from(account.balance);
                expired -= if book.name.as_str() == "expired" { i128::from(account.balance) } else { 0 };
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut owned = world.with(|state| owned(&state.judge.model));
    owned.insert("CNY".to_owned(), held);
    for (unit, owned) in owned {
        let books = books.get(&unit).copied().unwrap_or(0);
        if books + owned != 0 {
            return Err((
                "books_balance",
                format!("{owned} {unit} are on cards and accounts; the books lack {}", -books),
            ));
        }
    }
    if expired == broken {
        return Ok(());
    }
    Err(("books_balance", format!("cards hold {broken} beyond their end; the books say {expired}")))
}

/// What holders and channels have of each declared unit.
fn owned(model: &Model) -> BTreeMap<String, i128> {
    let of = |unit: &String| {
        model.accounts.iter().filter(|((_, of), _)| of == unit).map(|(_, minor)| i128::from(*minor)).sum()
    };
    model.units.keys().map(|unit| (unit.clone(), of(unit))).collect()
}

/// Every card's history is a chain that holds to its end.
fn chains_hold(world: &World) -> Result<(), Wrong> {
    let (cards, tenant) = world.with(|state| {
        let cards: Vec<_> = state.judge.recount.cards().collect();
        (cards, state.places[0].engine.as_ref().map(|(_, tenant)| tenant.clone()))
    });
    let Some(tenant) = tenant else { return Ok(()) };
    for (card, _, events) in cards {
        let history = tenant.history(CardPick::Id(card)).map_err(|error| ("chain", error.to_string()))?;
        if history.len() as u64 != u64::from(events) || history.iter().any(|entry| entry.chained != Some(true)) {
            return Err(("chain", format!("the chain of {card} does not hold: {history:?}")));
        }
    }
    Ok(())
}

/// The engine's own audit finds nothing in whatever state this world came to.
fn audit_is_clean(world: &World) -> Result<(), Wrong> {
    let Some(tenant) = world.with(|state| state.places[0].engine.as_ref().map(|(_, tenant)| tenant.clone())) else {
        return Ok(());
    };
    let report = tenant.audit(()).and_then(cardmint::AuditRun::wait).map_err(|error| ("audit", error.to_string()))?;
    if report.findings_total == 0 && report.stood_still && report.chains_checked {
        return Ok(());
    }
    Err(("audit", format!("{report:?}")))
}
