//! What callers ask next, and what they know.

use std::collections::BTreeMap;
use std::sync::Arc;

use cardmint::card::{Audience, Batch, Card, CardState, HoldOf, Life};
use cardmint::code::{CardRef, CodeFormat};
use cardmint::id::CardId;
use cardmint::money::Rounding;
use cardmint::store::Owner;
use cardmint::subject::Subject;
use cardmint::time::{Clock, Instant};
use cardmint::{CardPick, Error, Quote, Tenant};

use super::accounts;
use super::clock::{MIDNIGHT_MS, OPENING_MS};
use super::faults::Fault;
use super::judge::{Called, Judge};
use super::owner::{self, terms};
use super::world::{ENGINES, Open, State, World};
use crate::dice::Dice;
use crate::model::{Model, No};
use crate::request::{
    Act, Asked, BatchMove, CampaignMove, Code, Much, OfOrder, Pick, Reply, Take, Token, What, code_text,
};
use crate::terms::{Basket, Off};

/// Who calls.
pub const CUSTOMERS: [&str; 5] = ["ann", "bob", "cy", "dee", "eve"];

/// Campaigns that come and go.
pub const CAMPAIGNS: [&str; 2] = ["open", "listed"];

/// A format beside S16 whose codes are as long.
pub fn vip() -> CodeFormat {
    CodeFormat::new(16, "VIP").unwrap_or(CodeFormat::S16)
}

/// What callers keep in mind.
#[derive(Default)]
pub struct Shop {
    keys: u64,
    /// Whether it finds out who is one person.
    pub links: bool,
    /// Whether it takes several cards on an order.
    pub orders: bool,
    /// Whether a request had its effect, by key, for those that were answered.
    pub answers: BTreeMap<String, bool>,
}

impl Shop {
    pub fn heard(&mut self, record: &Called, outcome: &Result<Reply, Error>) {
        self.answers.insert(record.asked.key.clone(), outcome.is_ok());
    }

    pub fn key(&mut self) -> String {
        self.keys += 1;
        format!("k{}", self.keys)
    }

    /// Some moment at which something begins or ends.
    pub fn edge(&self, model: &Model, dice: &mut Dice) -> Option<Instant> {
        let cards = model.cards.values().filter_map(|card| card.expires_at);
        let campaigns = model.campaigns.values().flat_map(|campaign| [campaign.window.start, campaign.window.end]);
        let newest = model.templates.values().filter_map(|versions| versions.last());
        let templates = newest.flat_map(|template| [template.terms.start, template.terms.end]);
        let holds = model.holds.values().map(|kept| kept.hold.expires_at);
        let midnight = [after_opening(MIDNIGHT_MS)];
        let rolling = model.held.iter().filter(|((owner, _), _)| matches!(owner, Owner::Scope(_)));
        let rolling = rolling.flat_map(|(_, held)| held.buckets.iter().map(|(at, _)| at));
        let ends = holds.chain(midnight).chain(rolling);
        let edges: Vec<_> = cards.chain(campaigns.chain(templates).flatten()).chain(ends).collect();
        dice.pick(&edges).copied()
    }
}

/// The next request for this engine, and whether whoever asks says that it was sent before.
pub fn next(state: &mut State, engine: usize) -> Option<(Arc<Asked>, bool)> {
    // Whoever knows of no outcome asks again, mostly soon; some never do before the end.
    let patience = 120 + 60 * u64::try_from(state.unresolved.len()).unwrap_or(0).min(8);
    if !state.unresolved.is_empty() && state.dice.in_thousand(patience) {
        let place = state.dice.place(state.unresolved.len());
        // Some hosts do not know that they should say so.
        let retry = state.dice.in_thousand(700);
        return Some((state.unresolved.swap_remove(place), retry));
    }
    new_or_again(state, engine).map(|asked| (asked, false))
}

/// A request that nobody waits for, or one that was made before all the same.
fn new_or_again(state: &mut State, engine: usize) -> Option<Arc<Asked>> {
    match state.dice.below(100) {
        0..4 if state.allows(Fault::AskedAgain) && !state.past.is_empty() => {
            state.hit(Fault::AskedAgain);
            let place = state.dice.place(state.past.len());
            state.past.get(place).cloned()
        }
        4..6 if state.allows(Fault::KeyReused) && !state.past.is_empty() => {
            let place = state.dice.place(state.past.len());
            let other = other(state.past.get(place)?, &mut state.dice)?;
            state.hit(Fault::KeyReused);
            Some(Arc::new(other))
        }
        6..12 if state.allows(Fault::SameElsewhere) => {
            // Mostly on another engine, sometimes twice in one queue.
            let here_too = state.dice.in_thousand(350);
            let elsewhere: Vec<_> = state.open.iter().filter(|open| open.engine != engine || here_too).collect();
            let open = elsewhere.get(state.dice.place(elsewhere.len()))?;
            let asked = state.judge.records.get(&open.record).map(|record| Arc::clone(&record.asked));
            state.hit(Fault::SameElsewhere);
            asked
        }
        _ => fresh(state),
    }
}

/// Another request under the same key.
fn other(asked: &Asked, dice: &mut Dice) -> Option<Asked> {
    let customer = dice.pick(&CUSTOMERS)?.to_string();
    let what = match asked.what.clone() {
        What::Redeem { code, customer, basket, amount } => {
            let basket = Basket { order: format!("{}x", basket.order), ..basket };
            What::Redeem { code, customer, basket, amount }
        }
        What::RedeemOrder { of, leave_out } => What::RedeemOrder { of, leave_out: !leave_out },
        What::Claim { take, .. } => What::Claim { take, customer },
        What::Issue { batch, .. } => What::Issue { batch, customer },
        What::Refund { redemption, amount } => What::Refund { redemption: format!("{redemption}x"), amount },
        What::Load { card, amount } => What::Load { card, amount: amount + 1 },
        What::GrowBatch { batch, size } => What::GrowBatch { batch, size: size + 1 },
        What::Tie { tie, card, customer, to } => What::Tie { tie, card, customer, to: format!("{to}x") },
        _ => return None,
    };
    let other = Asked { key: asked.key.clone(), what };
    (other != *asked).then_some(other)
}

fn fresh(state: &mut State) -> Option<Arc<Asked>> {
    let model = Arc::clone(&state.judge.model);
    let now = state.places[0].clock.now();
    let dice = &mut state.dice;
    let stopped = model.campaigns.values().find(|campaign| campaign.life_at(now) != "running");
    if let Some(campaign) = stopped.filter(|_| dice.in_thousand(40)) {
        // A shop that stood still would prove little.
        let (id, audience, limits) = (campaign.id.clone(), campaign.audience, campaign.limits.clone());
        let what = What::SaveCampaign { id, life: Life::Running, start: None, end: None, audience, limits };
        return Some(Arc::new(Asked { key: state.shop.key(), what }));
    }
    let crowd = target(&state.judge, &state.open, dice).filter(|_| dice.in_thousand(180));
    let held: Vec<_> = model.batches.values().filter(|batch| batch.frozen.is_some()).collect();
    if let Some(batch) = dice.pick(&held).filter(|_| dice.in_thousand(60)) {
        let what = What::MoveBatch { batch: batch.id.clone(), step: BatchMove::Unfreeze };
        return Some(Arc::new(Asked { key: state.shop.key(), what }));
    }
    let moves_value = if model.units.is_empty() { 0 } else { 7 };
    let links = if state.shop.links { 4 } else { 0 };
    let orders = if state.shop.orders { 34 } else { 0 };
    let what = match dice.weighed(&[34, 20, 5, 11, 11, 10, 6, 26, 9, moves_value, 6, links, orders]) {
        0..=4 if crowd.is_some() => crowd.and_then(|card| at_card(&model, card, dice)),
        0 => redeem(&model, dice),
        1 => claim(&model, dice),
        2 => Some(What::Issue { batch: some_batch(&model, dice)?.id, customer: customer(dice) }),
        3 => {
            let standing: Vec<_> =
                model.redemptions.keys().filter(|key| !is_given_back(&model, key)).cloned().collect();
            let any: Vec<_> = model.redemptions.keys().cloned().collect();
            let from = if dice.in_thousand(850) { standing } else { any };
            refund(&model, &dice.pick(&from)?.clone(), dice)
        }
        4 => act(&model, dice),
        6 => value(&model, dice),
        7 => super::holds::some(&model, dice),
        8 => owner::next(&model, now, dice),
        9 => accounts::next(&model, dice),
        10 => super::succeed::next(&model, now, dice),
        11 => super::persons::next(&model, dice),
        12 => super::orders::next(&model, dice),
        _ => shop(&model, now, dice),
    }?;
    let mut key = state.shop.key();
    if let What::Redeem { basket, .. }
    | What::Hold { basket, .. }
    | What::RedeemOrder { of: OfOrder { basket, .. }, .. }
    | What::HoldOrder { of: OfOrder { basket, .. }, .. } = &what
    {
        // The order's id stands in the key, so that whoever reads a report knows which is which.
        key = format!("{key}-{}", basket.order);
    }
    Some(Arc::new(Asked { key, what }))
}

/// Whether nothing is left to give back.
fn is_given_back(model: &Model, redemption: &str) -> bool {
    let (Some(taken), Some(last)) = (model.redemptions.get(redemption), model.refunds.get(redemption)) else {
        return false;
    };
    match taken.units {
        Some(units) => last.total_units >= units,
        None => last.total_minor >= taken.pricing.discount_minor + taken.pricing.tender_minor,
    }
}

/// A refund: of value mostly a part.
fn refund(model: &Model, redemption: &str, dice: &mut Dice) -> Option<What> {
    let taken = model.redemptions.get(redemption)?;
    let (tender, units) = (taken.pricing.tender_minor, taken.units.unwrap_or(0));
    let below = |most: u64, dice: &mut Dice| i64::try_from(dice.below(most)).unwrap_or(0) + 1;
    let amount = match dice.in_thousand(600) {
        true if units > 0 => Some(Much::Uses(u32::try_from(below(u64::from(units), dice)).unwrap_or(1))),
        true if tender > 0 => Some(Much::Minor(below(tender.unsigned_abs(), dice))),
        true | false => None,
    };
    Some(What::Refund { redemption: redemption.to_owned(), amount })
}

/// Value onto a gift card, or off it.
fn value(model: &Model, dice: &mut Dice) -> Option<What> {
    let gifts: Vec<_> = model.batches.values().filter(|batch| is_gift(model, batch)).collect();
    let batch = match dice.pick(&gifts) {
        Some(batch) if dice.in_thousand(920) => (*batch).clone(),
        _ => some_batch(model, dice)?,
    };
    let serial = u32::try_from(dice.below(u64::from(batch.size))).unwrap_or(0);
    let by_id = dice.in_thousand(300);
    let id = CardId { batch: batch.no, serial };
    let card = if by_id { Pick::Id(id) } else { Pick::Code(sealed(model, &batch, serial, dice)) };
    let amount = 1 + i64::try_from(dice.below(3_000)).unwrap_or(0);
    if dice.in_thousand(700) {
        return Some(What::Load { card, amount });
    }
    let delta = if dice.in_thousand(500) { amount } else { -amount };
    Some(What::Adjust { card, delta })
}

fn is_gift(model: &Model, batch: &Batch) -> bool {
    let versions = model.templates.get(&batch.template).map(Vec::as_slice).unwrap_or_default();
    versions.iter().any(|one| one.version == batch.template_version && one.terms.value_minor.is_some())
}

/// How much a gift card or times card is asked for; nothing of others, and mostly a part.
pub(super) fn amount(model: &Model, code: &Code, basket: &Basket, dice: &mut Dice) -> Option<Much> {
    let Code::Sealed(token) = code else { return None };
    let batch = model.batches.values().find(|batch| batch.no == token.card_id().batch)?;
    let most = basket.lines.iter().sum::<i64>().min(4_000).unsigned_abs();
    if owner::counts_uses(model, batch) {
        let some = dice.in_thousand(500);
        return some.then(|| Much::Uses(1 + u32::try_from(dice.below(basket.lines.len() as u64 + 1)).unwrap_or(0)));
    }
    let in_part = is_gift(model, batch) && dice.in_thousand(700);
    in_part.then(|| Much::Minor(1 + i64::try_from(dice.below(most)).unwrap_or(0)))
}

/// The card of some call that is open: many come for the same.
fn target(judge: &Judge, open: &[Open], dice: &mut Dice) -> Option<CardId> {
    let record = judge.records.get(&dice.pick(open)?.record)?;
    match &record.asked.what {
        What::Redeem { code: Code::Sealed(token), .. }
        | What::Hold { code: Code::Sealed(token), .. }
        | What::Claim { take: Take::Code(Code::Sealed(token)), .. }
        | What::Load { card: Pick::Code(Code::Sealed(token)), .. }
        | What::Act { card: Pick::Code(Code::Sealed(token)), .. } => Some(token.card_id()),
        What::Load { card: Pick::Id(id), .. } | What::Act { card: Pick::Id(id), .. } => Some(*id),
        What::RedeemOrder { of, .. } | What::HoldOrder { of, .. } => match &dice.pick(&of.cards)?.card {
            Pick::Code(Code::Sealed(token)) => Some(token.card_id()),
            Pick::Code(Code::Word(_)) => None,
            Pick::Id(id) => Some(*id),
        },
        What::CaptureOrder { holds } => holds.iter().find_map(|(hold, _)| match hold.of {
            HoldOf::Card(id) => Some(id),
            HoldOf::Batch(_) => None,
        }),
        What::Capture { hold, .. } | What::Release { hold } => match hold.of {
            HoldOf::Card(id) => Some(id),
            HoldOf::Batch(_) => None,
        },
        _ => None,
    }
}

/// Anything that somebody could want of this card.
fn at_card(model: &Model, id: CardId, dice: &mut Dice) -> Option<What> {
    let batch = model.batches.values().find(|batch| batch.no == id.batch)?;
    let holder = model.cards.get(&id).and_then(|card| card.holder.clone());
    let holder = holder.and_then(|holder| holder.as_str().strip_prefix("customer:").map(str::to_owned));
    let whose = holder.filter(|_| dice.in_thousand(800)).unwrap_or_else(|| customer(dice));
    let code = sealed(model, batch, id.serial, dice);
    if dice.in_thousand(300) {
        return super::holds::of_card(model, id, code, whose, dice);
    }
    Some(match dice.weighed(&[6, 3, 2]) {
        0 => {
            let basket = Basket { choose: choose(model, &code, dice), ..basket(dice) };
            let amount = amount(model, &code, &basket, dice);
            What::Redeem { code, customer: Some(whose), basket, amount }
        }
        1 => What::Claim { take: Take::Code(code), customer: whose },
        _ => What::Act { act: Act::ALL[dice.weighed(&[3, 1, 1, 3, 3])], card: Pick::Code(code) },
    })
}

pub(super) fn customer(dice: &mut Dice) -> String {
    CUSTOMERS[dice.place(CUSTOMERS.len())].to_owned()
}

/// Some batch: hardly ever that of a promotion, of whose million cards a few are touched.
pub(super) fn some_batch(model: &Model, dice: &mut Dice) -> Option<Batch> {
    let large = dice.in_thousand(50);
    let batches: Vec<_> = model.batches.values().filter(|batch| large || batch.size < 10_000).collect();
    dice.pick(&batches).map(|batch| (*batch).clone())
}

fn token(batch: &Batch, serial: u32, issue_no: u8) -> Token {
    let card = CardRef { batch_no: batch.no.number, serial, issue_no };
    Token { format: batch.format, slot: batch.slot, card }
}

fn card_of(model: &Model, batch: &Batch, serial: u32) -> Option<Card> {
    model.cards.get(&CardId { batch: batch.no, serial }).cloned()
}

/// A sealed code, mostly a living one.
pub(super) fn sealed(model: &Model, batch: &Batch, serial: u32, dice: &mut Dice) -> Code {
    let issue_no = card_of(model, batch, serial).map_or(0, |card| card.issue_no);
    let mut token = token(batch, serial, issue_no);
    match dice.below(100) {
        0..4 if issue_no > 0 => token.card.issue_no -= 1,
        4..6 => token.card.issue_no = (issue_no + 1).min(batch.format.issue_no_max()),
        6..9 => token.slot = (batch.slot + 1) % 3,
        9..11 => token.slot = (batch.slot + 2) % 3,
        11..14 => token.format = if batch.format == CodeFormat::S16 { vip() } else { CodeFormat::S16 },
        14 => token.card.serial = batch.size + u32::from(issue_no),
        15 => token.card.batch_no += 40,
        _ => {}
    }
    Code::Sealed(token)
}

/// A word of a batch of stock, where it has one.
fn word_of(model: &Model, batch: &Batch) -> Option<String> {
    model.words.iter().find(|(_, id)| **id == batch.id).map(|(word, _)| word.clone())
}

/// One of few devices.
pub(super) fn device(dice: &mut Dice) -> String {
    ["d1", "d2"][dice.place(2)].to_owned()
}

pub(super) fn basket(dice: &mut Dice) -> Basket {
    let order = format!("o{}", dice.below(100_000));
    let lines = (0..=dice.below(3)).map(|_| i64::try_from(dice.below(30_000)).unwrap_or(0) + 101).collect();
    let device = dice.in_thousand(850).then(|| device(dice));
    let store = dice.in_thousand(900).then(|| ["s1", "s2"][dice.place(2)].to_owned());
    Basket { order, lines, store, device, choose: Vec::new() }
}

/// A code and who comes with it: mostly one that has something to use.
pub(super) fn code_and_customer(model: &Model, dice: &mut Dice) -> Option<(Code, Option<String>)> {
    if dice.in_thousand(220) {
        let words: Vec<_> = model.words.keys().collect();
        if let Some(word) = dice.pick(&words) {
            let whose = if dice.in_thousand(850) { Some(customer(dice)) } else { None };
            return Some((Code::Word((*word).clone()), whose));
        }
    }
    let usable = |card: &&Card| card.uses_left > 0 && card.frozen.is_none() && card.state != CardState::Minted;
    let cards: Vec<_> = model.cards.values().filter(usable).collect();
    if !cards.is_empty() && dice.in_thousand(650) {
        let card = dice.pick(&cards)?;
        let batch = model.batches.values().find(|batch| batch.no == card.id.batch)?;
        let holder = card.holder.as_ref().and_then(|holder| holder.as_str().strip_prefix("customer:"));
        let whose = if dice.in_thousand(900) { holder.map(str::to_owned) } else { Some(customer(dice)) };
        return Some((sealed(model, batch, card.id.serial, dice), whose));
    }
    let batch = some_batch(model, dice)?;
    let serial = u32::try_from(dice.below(u64::from(batch.size))).unwrap_or(0);
    let code = sealed(model, &batch, serial, dice);
    Some((code, Some(customer(dice))))
}

/// What is chosen of a choice: as many as may be, now and then one less.
pub(super) fn choose(model: &Model, code: &Code, dice: &mut Dice) -> Vec<String> {
    let Code::Sealed(token) = code else { return Vec::new() };
    let batch = model.batches.values().find(|batch| batch.no == token.card_id().batch);
    let Some(Off::Cards { cards, choose: Some(count) }) = batch.and_then(|batch| terms(model, batch)).map(|it| &it.off)
    else {
        return Vec::new();
    };
    let (from, less) = (dice.place(cards.len()), usize::from(dice.in_thousand(50)));
    let count = usize::try_from(*count).unwrap_or(1) - less;
    cards.iter().cycle().skip(from).take(count).map(|(batch, _)| batch.clone()).collect()
}

fn redeem(model: &Model, dice: &mut Dice) -> Option<What> {
    let (code, customer) = code_and_customer(model, dice)?;
    let basket = Basket { choose: choose(model, &code, dice), ..basket(dice) };
    let amount = amount(model, &code, &basket, dice);
    Some(What::Redeem { code, customer, basket, amount })
}

fn claim(model: &Model, dice: &mut Dice) -> Option<What> {
    let stocked = |batch: &&Batch| {
        let next = model.stocks.get(&batch.no).map_or(0, |stock| stock.next);
        batch.untouched == CardState::Minted && next < batch.size
    };
    let stocks: Vec<_> = model.batches.values().filter(stocked).collect();
    let batch = match dice.pick(&stocks) {
        Some(batch) if dice.in_thousand(850) => (*batch).clone(),
        _ => some_batch(model, dice)?,
    };
    let whose = customer(dice);
    let take = match dice.below(10) {
        0..6 => Take::Batch(batch.id),
        6..7 => Take::Code(Code::Word(word_of(model, &batch)?)),
        _ => return claim_code(model, &batch, whose, dice),
    };
    Some(What::Claim { take, customer: whose })
}

/// A claim by code, mostly of a card that waits for its holder.
fn claim_code(model: &Model, batch: &Batch, whose: String, dice: &mut Dice) -> Option<What> {
    let waiting: Vec<_> = model.cards.values().filter(|card| card.state == CardState::Issued).collect();
    let (batch, serial, customer) = match dice.pick(&waiting) {
        Some(card) if dice.in_thousand(750) => {
            let batch = model.batches.values().find(|batch| batch.no == card.id.batch)?;
            let holder = card.holder.as_ref().and_then(|holder| holder.as_str().strip_prefix("customer:"));
            (batch, card.id.serial, holder.map_or(whose, str::to_owned))
        }
        _ => (batch, u32::try_from(dice.below(u64::from(batch.size))).unwrap_or(0), whose),
    };
    Some(What::Claim { take: Take::Code(sealed(model, batch, serial, dice)), customer })
}

fn act(model: &Model, dice: &mut Dice) -> Option<What> {
    let batch = some_batch(model, dice)?;
    let serial = u32::try_from(dice.below(u64::from(batch.size) + 1)).unwrap_or(0);
    let frozen: Vec<_> = model.cards.values().filter(|card| card.frozen.is_some()).collect();
    let act = Act::ALL[dice.weighed(&[5, 2, 2, 6, 2])];
    match (act, dice.pick(&frozen)) {
        (Act::Unfreeze, Some(card)) => return Some(What::Act { act, card: Pick::Id(card.id) }),
        (Act::Unfreeze, None) if dice.in_thousand(800) => return None,
        _ => {}
    }
    let by_id = dice.in_thousand(300);
    let id = CardId { batch: batch.no, serial };
    let card = if by_id { Pick::Id(id) } else { Pick::Code(sealed(model, &batch, serial, dice)) };
    // What stops for ever would bring the shop to a stand: a frozen card mostly moves again.
    let act = if act == Act::Freeze && frozen.len() > 3 { Act::Reveal } else { act };
    if matches!(act, Act::Freeze | Act::Void | Act::Replace) && dice.in_thousand(300) {
        return Some(What::Force { act, card });
    }
    Some(What::Act { act, card })
}

fn shop(model: &Model, now: Instant, dice: &mut Dice) -> Option<What> {
    let batch = some_batch(model, dice)?;
    Some(match dice.weighed(&[2, 8, 4, 2, 4, 5, 4, 1, 3]) {
        0 => What::SaveSettings { rounding: if dice.in_thousand(500) { Rounding::HalfUp } else { Rounding::HalfEven } },
        1 if dice.in_thousand(150) => What::MoveCampaign {
            campaign: CAMPAIGNS[dice.place(2)].to_owned(),
            // Archived is for good: hardly ever.
            step: CampaignMove::ALL[if dice.in_thousand(20) { 4 } else { dice.place(4) }],
        },
        1 => campaign(model, now, dice),
        2 => What::AddAudience {
            campaign: CAMPAIGNS[dice.place(2)].to_owned(),
            customers: (0..=dice.below(2)).map(|_| customer(dice)).collect(),
        },
        3 => {
            let versions: Vec<_> = model.templates.values().filter_map(|versions| versions.last()).collect();
            let mut terms = dice.pick(&versions)?.terms.clone();
            let some = dice.below(3_000);
            terms.off = match terms.off {
                Off::Percent(_) => Off::Percent(1_000 + u32::try_from(some).unwrap_or(0)),
                Off::Amount(_) => Off::Amount(100 + i64::try_from(some).unwrap_or(0)),
                Off::Pears(_) => Off::Pears(1 + u32::try_from(some % 2).unwrap_or(0)),
                same @ (Off::Nothing | Off::Cards { .. }) => same,
            };
            What::SaveTemplate { terms }
        }
        4 if model.batches.len() < 16 => {
            let templates: Vec<_> = model.templates.keys().collect();
            What::IssueBatch {
                id: format!("b{}", dice.below(24)),
                template: (*dice.pick(&templates)?).clone(),
                campaign: dice.in_thousand(400).then(|| CAMPAIGNS[dice.place(2)].to_owned()),
                size: 1 + u32::try_from(dice.below(8)).unwrap_or(0),
                format: [CodeFormat::S16, vip(), CodeFormat::S20][dice.place(3)],
                limits: Vec::new(),
            }
        }
        5 if batch.size < 30 => {
            What::GrowBatch { batch: batch.id, size: batch.size + u32::try_from(dice.below(4)).unwrap_or(0) }
        }
        6 => What::RekeyBatch { batch: batch.id },
        7 => What::CloseExport { batch: batch.id },
        _ => What::SaveWord { batch: batch.id, word: format!("WORD {}", dice.below(12)) },
    })
}

/// A campaign, mostly one that runs.
fn campaign(model: &Model, now: Instant, dice: &mut Dice) -> What {
    let id = CAMPAIGNS[dice.place(2)];
    let runs = model.campaigns.get(id).is_some_and(|campaign| campaign.life == Life::Running);
    let lives = [Life::Running, Life::Running, Life::Paused, Life::Draft];
    let life = if runs { lives[dice.place(4)] } else { Life::Running };
    let soon = |dice: &mut Dice| i64::try_from(dice.below(20_000)).unwrap_or(0);
    let start = dice.in_thousand(200).then(|| now.plus_millis(soon(dice) - 15_000));
    let end = dice.in_thousand(250).then(|| now.plus_millis(soon(dice) + 6_000));
    let audience = if id == "listed" { Audience::Listed } else { Audience::Open };
    let mut limits = model.campaigns.get(id).map(|campaign| campaign.limits.clone()).unwrap_or_default();
    if let Some(limit) = limits.first_mut().filter(|_| dice.in_thousand(300)) {
        limit.most = [60_000, 160_000][dice.place(2)];
    }
    What::SaveCampaign { id: id.to_owned(), life, start, end, audience, limits }
}

/// Looks at a card without changing it, and asks the judge whether that is what could be seen.
pub fn look_up(world: &World, engine: usize) {
    if world.with(|state| state.shop.orders && state.dice.in_thousand(300)) {
        return super::orders::quote(world, engine);
    }
    let prepared = world.with(|state| {
        let model = Arc::clone(&state.judge.model);
        let (code, customer) = code_and_customer(&model, &mut state.dice)?;
        let mut basket = basket(&mut state.dice);
        let mut customer = customer;
        if let Some((held, whose)) = super::holds::order_that_holds(&model, &code, &mut state.dice) {
            (basket, customer) = (held, whose);
        }
        let quotes = state.dice.in_thousand(500);
        let what = What::Refund { redemption: String::new(), amount: None };
        let (tenant, record) = looks(state, engine, Asked { key: "look".to_owned(), what })?;
        Some((tenant, record, code, customer, basket, quotes))
    });
    let Some((tenant, mut record, code, customer, basket, quotes)) = prepared else { return };
    let text = code_text(&world.book, &code);
    let wrong = if quotes {
        let holder = customer.clone().map(Subject::customer);
        let subjects = basket.subjects();
        let quote = Quote { holder, subjects, ..Quote::new(CardPick::code(text), basket.order()) };
        let reply = tenant.quote(quote);
        record.own = world.with(|state| state.proposed.last().cloned().unwrap_or_default());
        let seen = reply.map(|quoted| quoted.outcome.map_err(No::Denied));
        judged(world, &record, seen, |moment| moment.quote(&code, customer.as_deref(), &basket))
    } else {
        let seen = match tenant.look_up(CardPick::code(text)) {
            Ok(view) => Ok(Ok(view)),
            Err(Error::Denied(denial)) => Ok(Err(No::Denied(denial))),
            Err(error) => Err(error),
        };
        judged(world, &record, seen, |moment| moment.look_up(&code))
    };
    looked(world, engine, &record, wrong);
}

/// Somebody begins to look at something: what the judge is to remember of it.
pub(super) fn looks(state: &mut State, engine: usize, asked: Asked) -> Option<(Tenant, Called)> {
    let place = state.places.get_mut(engine)?;
    place.inside += 1;
    let (ring, from_ms) = (Arc::clone(&place.ring), place.clock.true_ms());
    let tenant = place.engine.as_ref().map(|(_, tenant)| tenant.clone())?;
    state.ids += 1;
    let (id, from) = (state.ids, state.judge.seq);
    let record = Called {
        id,
        engine,
        asked: Arc::new(asked),
        retry: false,
        from,
        from_ms,
        own: Vec::new(),
        passed: Default::default(),
        left_out: Default::default(),
        stale: Default::default(),
        drawn: None,
        ring,
    };
    state.judge.records.insert(id, record.clone());
    state.proposed.push(Vec::new());
    Some((tenant, record))
}

/// Somebody looked.
pub(super) fn looked(world: &World, engine: usize, record: &Called, wrong: Option<String>) {
    world.with(|state| {
        state.judge.records.remove(&record.id);
        state.proposed.pop();
        state.places[engine].inside -= 1;
        if let Some(what) = wrong {
            state.violated(("look_possible", what));
        }
    });
    world.bury(engine);
}

/// A fault of the store is no answer; anything else must be what the model says at some instant of the look.
pub(super) fn judged<T: PartialEq + std::fmt::Debug>(
    world: &World,
    record: &Called,
    seen: Result<Result<T, No>, Error>,
    ask: impl Fn(&crate::model::Moment<'_>) -> Result<T, No>,
) -> Option<String> {
    let seen = seen.ok()?;
    world.with(|state| {
        let true_ms = state.places[record.engine].clock.true_ms();
        let want = |moment: &crate::model::Moment<'_>| (ask(moment) == seen).then_some(());
        match state.judge.moment(record, true_ms, &want) {
            Some(()) => None,
            None => {
                let says = state.judge.at_last_asked(record, &|moment| format!("{:?}", ask(moment)));
                Some(format!("engine {} showed {seen:?}; the model says {says}", record.engine))
            }
        }
    })
}

/// A moment so many milliseconds after the opening.
pub fn after_opening(millis: i64) -> Instant {
    Instant::EPOCH.plus_millis(OPENING_MS + millis)
}

/// Some engine.
pub fn some_engine(state: &mut State) -> usize {
    state.dice.place(ENGINES)
}
