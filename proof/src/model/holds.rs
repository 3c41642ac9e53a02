//! Holds: lists of what is held and until when, and one rule after another.

use cardmint::card::{
    Card, CardKind, CardState, CountedOn, EventKind, HeldFor, HeldOn, Hold, HoldId, HoldOf, HoldState, LateCapture,
};
use cardmint::checkout::Pricing;
use cardmint::limit::Buckets;
use cardmint::store::Owner;
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;
use cardmint::{CaptureOutcome, Captured, Denial, Fact, HoldView, LimitScope};

use super::caps::Gives;
use super::cards::{Ground, key};
use super::limits::{LimitOn, batch_name, captured, leaves_at, refused};
use super::owner::{batch_must_live, batch_must_move};
use super::price::{Purse, money, price};
use super::redeem::{receipt, redemption, use_up};
use super::value::holding;
use super::{Effect, Moment, No, Put};
use crate::request::{Code, Much, Pick, Reply};
use crate::terms::{Basket, cny};

/// A hold, and what was asked for with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The row, without its digest.
    pub hold: Hold,
    /// The order.
    pub basket: Basket,
    /// What was asked for beside it.
    pub asked: KeptFor,
}

/// For what a hold was asked: a card alone and an amount of it, or with others of its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "said above")]
pub enum KeptFor {
    Alone(Option<i64>),
    Order,
}

/// What of an account is held, and when that was last written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// How much, and until when.
    pub buckets: Buckets,
    /// When it was written.
    pub last_at: Instant,
}

fn sum(buckets: &Buckets, belongs: impl Fn(Instant) -> bool) -> i64 {
    buckets.iter().filter(|(until, _)| belongs(*until)).map(|(_, amount)| amount).sum()
}

/// Without what has lapsed, and with a change to one bucket.
pub(super) fn changed(buckets: &Buckets, now: Instant, until: Instant, by: i64) -> Buckets {
    let living = buckets.iter().filter(|(at, _)| *at > now);
    let mut all: Vec<(Instant, i64)> = living.collect();
    match all.iter_mut().find(|(at, _)| *at == until) {
        Some((_, amount)) => *amount += by,
        None => all.push((until, by)),
    }
    Buckets::of(all.into_iter().filter(|(_, amount)| *amount > 0))
}

/// The first moment at which so much is free that is held now.
fn frees_at(buckets: &Buckets, missing: i64, now: Instant) -> Option<Instant> {
    let later: Vec<Instant> = buckets.iter().map(|(at, _)| at).filter(|at| *at > now).collect();
    later.into_iter().find(|at| sum(buckets, |until| until > now && until <= *at) >= missing)
}

/// To the next whole step: the greatest power of two seconds of which 64 fit into the time to live.
fn expiry(now: Instant, ttl_s: u32) -> Instant {
    let step =
        (0..31).map(|power| 1_i64 << power).take_while(|step| *step == 1 || step * 64 <= i64::from(ttl_s)).last();
    let step = step.unwrap_or(1) * 1_000;
    let ends = now.millis() + i64::from(ttl_s) * 1_000;
    let steps = ends.div_euclid(step) + i64::from(ends.rem_euclid(step) > 0);
    now.plus_millis(steps * step - now.millis())
}

fn stock(ground: &Ground, card: &Card) -> i64 {
    if ground.is_gift() { card.balance_minor } else { i64::from(card.uses_left) }
}

/// What nobody holds.
pub(super) fn free(ground: &Ground, card: &Card, now: Instant) -> i64 {
    stock(ground, card) - sum(&card.held, |until| until > now)
}

/// The denial of what is there but held; nothing where it is free, or not there at all.
pub(super) fn held_by_others(ground: &Ground, card: &Card, amount: i64, now: Instant) -> Result<(), No> {
    let missing = amount - free(ground, card, now);
    if missing <= 0 || amount > stock(ground, card) {
        return Ok(());
    }
    let held = sum(&card.held, |until| until > now);
    let held = if ground.is_gift() { money(held) } else { Fact::Text(held.to_string()) };
    match frees_at(&card.held, missing, now) {
        Some(frees_at) => Err(Denial::Held { scope: LimitScope::Card, held, frees_at }.into()),
        None => Ok(()),
    }
}

/// A card that no order holds, for commands that a hold forbids.
pub(super) fn unheld(card: &mut Card, force: bool, now: Instant) -> Result<(), No> {
    match card.held.iter().map(|(until, _)| until).filter(|until| *until > now).max() {
        None => {}
        Some(until) if !force => return Err(Denial::HasOpenHold { until }.into()),
        Some(_) => {
            card.held = Buckets::default();
            card.epoch += 1;
            card.holds_from = card.epoch;
        }
    }
    Ok(())
}

fn view(hold: &Hold, state: HoldState) -> HoldView {
    HoldView {
        hold: hold.id.clone(),
        card: hold.card,
        order: hold.id.order.clone(),
        holder: hold.holder.clone(),
        state,
        at: hold.at,
        expires_at: hold.expires_at,
        pricing: hold.pricing.clone(),
        redemption: hold.redemption.clone(),
    }
}

/// What an account has room for.
pub(super) enum Room {
    /// Enough, and so much has lapsed.
    Yes { lapsed: i64 },
    /// All is captured.
    Never { used: i64, held: i64, part_at: Option<Instant> },
    /// What is missing is held.
    Later { used: i64, held: i64, frees_at: Instant },
}

/// A hold as it stands, with its card and the moment of the decision.
pub(super) struct Standing {
    pub kept: Kept,
    ground: Ground,
    card: Card,
    pub now: Instant,
    pub state: HoldState,
}

/// What capturing a hold comes to.
pub(super) enum Attempt {
    Takes(Box<Effect>),
    /// Nothing is taken, and the hold is left in that state.
    Fails(Box<Standing>, HoldState),
}

/// Only what is counted in uses or value, and gives nothing beside, is kept for an order.
pub(super) fn must_be_holdable(ground: &Ground) -> Result<(), No> {
    let terms = &ground.template.terms;
    let counted = matches!(terms.kind, CardKind::Coupon | CardKind::GiftCard | CardKind::Exchange);
    if counted && terms.gives.is_empty() {
        return Ok(());
    }
    Err(Denial::WrongKind { kind: terms.kind.name(), command: "hold" }.into())
}

impl Moment<'_> {
    fn held(&self, on: &HeldOn) -> Option<&Held> {
        self.model.held.get(&(on.owner.clone(), on.unit.clone()))
    }

    pub(super) fn buckets(&self, on: &HeldOn) -> Buckets {
        self.held(on).map(|held| held.buckets.clone()).unwrap_or_default()
    }

    pub(super) fn no_earlier(&self, now: Instant, counters: &[HeldOn]) -> Instant {
        counters.iter().filter_map(|on| self.held(on)).map(|held| held.last_at).fold(now, Instant::max)
    }

    /// What an account counts now, captured and held.
    pub(super) fn stands(&self, on: &HeldOn, now: Instant) -> i64 {
        self.stands_on(&on.owner, &on.unit, now)
    }

    /// The same by its owner and unit.
    pub(super) fn stands_on(&self, owner: &Owner, unit: &str, now: Instant) -> i64 {
        let held = self.model.held.get(&(owner.clone(), unit.to_owned()));
        let lapsed = held.map_or(0, |held| sum(&held.buckets, |until| until <= now));
        self.model.account(owner, unit) - lapsed
    }

    pub(super) fn room(&self, on: &HeldOn, amount: i64, now: Instant) -> Room {
        let (buckets, balance) = (self.buckets(on), self.model.account(&on.owner, &on.unit));
        let (held, lapsed) = (sum(&buckets, |until| until > now), sum(&buckets, |until| until <= now));
        let used = balance - held - lapsed;
        let over = used + held + amount - on.ceiling;
        match frees_at(&buckets, over, now) {
            _ if over <= 0 => Room::Yes { lapsed },
            Some(frees_at) => Room::Later { used, held, frees_at },
            None => {
                let part_at = frees_at(&buckets, used + held + 1 - on.ceiling, now);
                Room::Never { used, held, part_at }
            }
        }
    }

    /// One more use of a holder whose account is full, as far as it tells: perhaps something has lapsed.
    pub(super) fn full(
        &self,
        owner: &Owner,
        unit: &str,
        (limit, elsewhere): (u32, i64),
        scope: LimitScope,
    ) -> Result<(Vec<Put>, Instant), No> {
        let on = lowered(on(owner.clone(), unit.to_owned(), limit, HeldFor::HolderUses), elsewhere);
        let now = self.no_earlier(self.now, std::slice::from_ref(&on));
        match self.room(&on, 1, now) {
            Room::Yes { lapsed } => {
                let buckets = changed(&self.buckets(&on), now, now, 0);
                Ok((account(&on, 1 - lapsed, Some(buckets), now), now))
            }
            Room::Never { used, .. } => {
                let used = (used + elsewhere).unsigned_abs();
                Err(Denial::LimitReached { scope, limit: u64::from(limit), used }.into())
            }
            Room::Later { held, frees_at, .. } => {
                Err(Denial::Held { scope, held: Fact::Text(held.to_string()), frees_at }.into())
            }
        }
    }

    fn counters(&self, ground: &Ground, holder: Option<&SubjectKey>) -> Vec<HeldOn> {
        let terms = &ground.template.terms;
        let owner = holder.and_then(|holder| self.counts_of(holder).into_iter().next()).map(Owner::Holder);
        let uses = terms.uses_per_holder.zip(holder).map(|(limit, holder)| {
            let (owner, elsewhere) = self.account_of(holder, &ground.unit("uses"));
            lowered(on(owner, ground.unit("uses"), limit, HeldFor::HolderUses), elsewhere)
        });
        let open = |owner, most: u32| on(owner, ground.unit("holds"), most, HeldFor::OpenHolds);
        let pool = |of: &str, id: &str| Owner::Scope(format!("{of}:{id}"));
        let batch = terms.holds.open_per_batch.map(|most| open(pool("batch", &batch_name(ground.batch.no)), most));
        let campaign = terms.holds.open_per_campaign.zip(ground.batch.campaign.as_ref());
        let campaign = campaign.map(|(most, id)| open(pool("campaign", id), most));
        let own = owner.map(|owner| open(owner, terms.holds.open_per_holder));
        [uses, own, batch, campaign].into_iter().flatten().collect()
    }

    pub(super) fn standing(&self, id: &HoldId) -> Result<Standing, No> {
        let Some(kept) = self.model.holds.get(id).cloned() else {
            return Err(Denial::Unknown { kind: "hold", id: id.to_string() }.into());
        };
        self.as_it_stands(kept)
    }

    pub(super) fn as_it_stands(&self, kept: Kept) -> Result<Standing, No> {
        let (ground, card) = self.one(&Pick::Id(kept.hold.card))?;
        let hold = &kept.hold;
        let now = self.no_earlier(self.now.max(card.last_at), &hold.counters);
        let is_dead = hold.epoch < card.holds_from;
        let state = match hold.state {
            HoldState::Open | HoldState::Backordered if is_dead => HoldState::RefundRequired,
            HoldState::Open if hold.expires_at <= now => HoldState::Expired,
            other => other,
        };
        Ok(Standing { ground, card, now, state, kept })
    }

    /// The open hold that an order of this holder has of the card.
    pub(super) fn own_hold(&self, order: &str, holder: Option<&SubjectKey>, card: &Card) -> Option<Hold> {
        let id = HoldId { order: order.to_owned(), of: HoldOf::Card(card.id) };
        let now = self.now.max(card.last_at);
        let stands = |hold: &Hold| {
            hold.state == HoldState::Open
                && hold.epoch >= card.holds_from
                && hold.expires_at > now
                && hold.holder.as_ref() == holder
        };
        self.model.holds.get(&id).map(|kept| kept.hold.clone()).filter(stands)
    }

    /// What the order's own hold keeps is free to it.
    pub(super) fn without_own(&self, order: &str, holder: Option<&SubjectKey>, mut card: Card) -> Card {
        let now = self.now.max(card.last_at);
        if let Some(hold) = self.own_hold(order, holder, &card) {
            card.held = changed(&card.held, now, hold.expires_at, -hold.amount);
            card.last_at = now;
        }
        card
    }

    pub(super) fn priced(
        &self,
        ground: &Ground,
        card: &Card,
        basket: &Basket,
        asked: Option<Much>,
    ) -> Result<(Pricing, Option<u32>), No> {
        let now = self.now.max(card.last_at);
        let free = free(ground, card, now);
        let asked_minor = match asked {
            Some(Much::Minor(minor)) => Some(minor),
            Some(Much::Uses(_)) | None => None,
        };
        let purse = Purse {
            holds: if ground.is_gift() { free } else { 0 },
            uses_left: u32::try_from(free).unwrap_or(0),
            asked,
        };
        price(&ground.template, basket, self.rounding(), purse).map_err(|no| match no {
            No::Denied(Denial::InsufficientBalance { .. }) => {
                held_by_others(ground, card, asked_minor.unwrap_or(1), now).err().unwrap_or(no)
            }
            other => other,
        })
    }

    pub(super) fn hold(
        &self,
        code: &Code,
        customer: Option<&str>,
        basket: &Basket,
        asked: Option<i64>,
        ttl_s: u32,
    ) -> Result<Effect, No> {
        let mut holder = customer.map(key);
        let named = self.hold_named(code, &basket.order);
        if let Some(kept) = named.and_then(|id| self.model.holds.get(&id)).cloned() {
            self.resolve(code)?;
            let standing = self.as_it_stands(kept)?;
            match standing.state {
                HoldState::Open => return self.again(standing, holder.as_ref(), basket, asked),
                HoldState::Captured => {
                    let redemption = standing.kept.hold.redemption.unwrap_or_default();
                    return Err(Denial::AlreadyCaptured { redemption }.into());
                }
                _ => {}
            }
        }
        if matches!(code, Code::Word(_)) && holder.is_none() {
            self.resolve(code)?;
            return Err(Denial::HolderRequired.into());
        }
        let (ground, card, claims) = self.usable(code, &mut holder, basket)?;
        must_be_holdable(&ground)?;
        let (pricing, _) = self.priced(&ground, &card, basket, asked.map(Much::Minor))?;
        let gives = self.given((&ground, &card), holder.as_ref(), basket, pricing, asked.is_some(), &[]);
        let of = match code {
            Code::Sealed(_) => HoldOf::Card(card.id),
            Code::Word(_) => HoldOf::Batch(card.id.batch),
        };
        self.kept((ground, card, claims), of, holder, (basket, KeptFor::Alone(asked)), gives, ttl_s)
    }

    /// A card that has a price is kept.
    pub(super) fn kept(
        &self,
        (ground, card, claims): (Ground, Card, Vec<Put>),
        of: HoldOf,
        holder: Option<SubjectKey>,
        (basket, asked): (&Basket, KeptFor),
        gives: Gives,
        ttl_s: u32,
    ) -> Result<Effect, No> {
        let pricing = gives.pricing.clone();
        if ground.template.terms.uses_per_holder.is_some() && holder.is_none() {
            return Err(Denial::HolderRequired.into());
        }
        let limits = self.limits_on(&ground, card.id, holder.as_ref(), basket, self.now.max(card.last_at))?;
        let mut counters = self.counters(&ground, holder.as_ref());
        counters.extend(self.held_for(&limits, &gives, self.now.max(card.last_at)));
        let now = self.no_earlier(self.now.max(card.last_at), &counters);
        let expires_at = expiry(now, ttl_s);
        let (grown, growths) = self.grown_by_word(&ground, &claims);
        let claimed = (!claims.is_empty()).then_some(EventKind::Claimed);
        let mut puts = claims;
        puts.extend(grown);
        for on in &counters {
            puts.extend(self.held_on(on, (&limits, gives.divisible), expires_at, now)?);
        }
        let amount = if ground.is_gift() { pricing.tender_minor } else { 1 };
        let mut next = card;
        next.held = changed(&next.held, now, expires_at, amount);
        next.last_at = now;
        next.events += 1;
        let hold = Hold {
            id: HoldId { order: basket.order.clone(), of },
            card: next.id,
            holder,
            state: HoldState::Open,
            epoch: next.epoch,
            content: [0; 16],
            order_mark: None,
            at: now,
            expires_at,
            amount,
            counters,
            currency: cny(),
            pricing,
            redemption: None,
            store: basket.store.clone(),
            channel: None,
            source: None,
            ordered_at: None,
            new_customer: None,
            segments: Default::default(),
        };
        let reply = Reply::Hold(view(&hold, HoldState::Open));
        let kept = Kept { hold, basket: basket.clone(), asked };
        puts.extend([Put::Card(Box::new(next)), Put::Hold(Box::new(kept))]);
        let events = claimed.into_iter().chain(growths).chain([EventKind::Held]).collect();
        Ok(Effect::of(reply, puts, events))
    }

    /// The hold that an order has of what a code means: of a card, or of any card of a word's batch.
    pub(super) fn hold_named(&self, code: &Code, order: &str) -> Option<HoldId> {
        let of = match code {
            Code::Sealed(token) => HoldOf::Card(token.card_id()),
            Code::Word(word) => HoldOf::Batch(self.word(word).and_then(|id| self.batch(&id))?.no),
        };
        Some(HoldId { order: order.to_owned(), of })
    }

    fn held_on(
        &self,
        on: &HeldOn,
        (limits, divisible): (&[LimitOn], bool),
        expires_at: Instant,
        now: Instant,
    ) -> Result<Vec<Put>, No> {
        let limit = (on.ceiling + on.elsewhere).unsigned_abs();
        let room = self.room(on, on.amount, now);
        if !matches!(room, Room::Yes { .. })
            && let Some(no) = refused(limits, on, &room, divisible)
        {
            return Err(no);
        }
        let lapsed = match (room, on.counts) {
            (Room::Yes { lapsed }, _) => lapsed,
            (Room::Later { held, frees_at, .. }, HeldFor::OpenHolds) => {
                let open = held.unsigned_abs();
                let per = match &on.owner {
                    Owner::Holder(_) => "holder",
                    Owner::Scope(pool) if pool.starts_with("batch:") => "batch",
                    _ => "campaign",
                };
                return Err(Denial::TooManyHolds { per, limit, open, frees_at }.into());
            }
            (Room::Later { held, frees_at, .. }, _) => {
                let (scope, held) = (LimitScope::HolderUses, Fact::Text(held.to_string()));
                return Err(Denial::Held { scope, held, frees_at }.into());
            }
            (Room::Never { used, .. }, _) => {
                let (scope, used) = (LimitScope::HolderUses, (used + on.elsewhere).unsigned_abs());
                return Err(Denial::LimitReached { scope, limit, used }.into());
            }
        };
        let buckets = changed(&self.buckets(on), now, expires_at, on.amount);
        Ok(account(on, on.amount - lapsed, Some(buckets), now))
    }

    fn again(
        &self,
        standing: Standing,
        holder: Option<&SubjectKey>,
        basket: &Basket,
        asked: Option<i64>,
    ) -> Result<Effect, No> {
        let Standing { kept, ground, card, now, .. } = standing;
        if kept.hold.holder.as_ref() != holder {
            return Err(Denial::NotOwner.into());
        }
        // What is presented with an order is no part of it.
        let same =
            Basket { device: basket.device.clone(), choose: basket.choose.clone(), ..kept.basket.clone() } == *basket;
        if !same || kept.asked != KeptFor::Alone(asked) {
            let mut lifted = card;
            lifted.held = changed(&lifted.held, now, kept.hold.expires_at, -kept.hold.amount);
            lifted.last_at = now;
            let (now, _) = self.priced(&ground, &lifted, basket, asked.map(Much::Minor))?;
            return Err(Denial::QuoteChanged { now: Box::new(now) }.into());
        }
        let mut next = card;
        next.last_at = now;
        next.events += 1;
        let reply = Reply::Hold(view(&kept.hold, HoldState::Open));
        Ok(Effect::of(reply, vec![Put::Card(Box::new(next))], vec![EventKind::HeldAgain]))
    }

    /// What ending a hold that has not lapsed leaves on its accounts: what was captured of it, or nothing.
    pub(super) fn settled(&self, hold: &Hold, captured_minor: Option<i64>, now: Instant) -> (Vec<Put>, Vec<CountedOn>) {
        let (mut puts, mut returns) = (Vec::new(), Vec::new());
        for on in &hold.counters {
            let buckets = self.buckets(on);
            let kept = captured_minor.map_or(0, |minor| kept(on, minor));
            let lapsed = sum(&buckets, |until| until <= now);
            let mut buckets = changed(&buckets, now, hold.expires_at, -on.amount);
            let leaves = on.rolling_s.filter(|_| captured_minor.is_some()).map(|seconds| leaves_at(seconds, now));
            if let Some(leaves) = leaves {
                buckets = changed(&buckets, now, leaves, kept);
            }
            puts.extend(account(on, kept - on.amount - lapsed, Some(buckets), now));
            returns.extend(captured(on, kept, leaves));
        }
        (puts, returns)
    }

    pub(super) fn capture(&self, id: &str, hold: &HoldId, asked: Option<i64>) -> Result<Effect, No> {
        if self.model.redemptions.contains_key(id) {
            return Err(Denial::KeyReused.into());
        }
        match self.attempt(id, hold, asked)? {
            Attempt::Takes(effect) => Ok(*effect),
            Attempt::Fails(standing, state) => Ok(self.not_taken(*standing, state)),
        }
    }

    pub(super) fn attempt(&self, id: &str, hold: &HoldId, asked: Option<i64>) -> Result<Attempt, No> {
        let fails = |standing, state| Ok(Attempt::Fails(Box::new(standing), state));
        let standing = self.standing(hold)?;
        let (row, now) = (&standing.kept.hold, standing.now);
        match standing.state {
            HoldState::Captured => {
                let redemption = row.redemption.clone().unwrap_or_default();
                return Err(Denial::AlreadyCaptured { redemption }.into());
            }
            HoldState::Released | HoldState::Refunded => return Err(Denial::Stale.into()),
            _ => {}
        }
        let is_gift = standing.ground.is_gift();
        if asked.is_some() && !is_gift {
            return Err(No::Invalid);
        }
        let used = asked.unwrap_or(row.amount);
        if used > row.amount {
            return Err(Denial::CaptureTooLarge { asked: money(used), held: money(row.amount) }.into());
        }
        let mut card = standing.card.clone();
        if standing.state == HoldState::Open {
            card.held = changed(&card.held, now, row.expires_at, -row.amount);
            let minor = row.pricing.discount_minor + if is_gift { used } else { 0 };
            let counted = self.settled(row, Some(minor), now);
            return Ok(self.taken_by(id, standing, card, counted, used, CaptureOutcome::Captured));
        }
        if standing.state == HoldState::RefundRequired {
            return fails(standing, HoldState::RefundRequired);
        }
        let late = standing.ground.template.terms.holds.late;
        let failed = match late {
            LateCapture::Backorder
                if card.state != CardState::Void && batch_must_live(&standing.ground.batch).is_ok() =>
            {
                HoldState::Backordered
            }
            _ => HoldState::RefundRequired,
        };
        let as_holder = self.acting_as(row.holder.as_ref(), card.holder.as_ref());
        // A card whose batch stands still stands still, and a dead one never has anything to give.
        let may = late != LateCapture::Refund
            && batch_must_move(&standing.ground.batch).is_ok()
            && self.redeemable(&standing.ground, &card, as_holder.as_ref(), now).is_ok()
            && free(&standing.ground, &card, now) >= used
            && standing.ground.must_let_use(now).is_ok();
        if !may {
            return fails(standing, failed);
        }
        let minor = row.pricing.discount_minor + if is_gift { used } else { 0 };
        let (mut puts, mut returns) = (Vec::new(), Vec::new());
        for on in &row.counters {
            let amount = kept(on, minor);
            if amount == 0 {
                continue;
            }
            let Room::Yes { lapsed } = self.room(on, amount, now) else { return fails(standing, failed) };
            let (buckets, leaves) = (self.buckets(on), on.rolling_s.map(|seconds| leaves_at(seconds, now)));
            let buckets = match leaves {
                Some(leaves) => Some(changed(&buckets, now, leaves, amount)),
                None => (lapsed > 0).then(|| changed(&buckets, now, now, 0)),
            };
            puts.extend(account(on, amount - lapsed, buckets, now));
            returns.extend(captured(on, amount, leaves));
        }
        Ok(self.taken_by(id, standing, card, (puts, returns), used, CaptureOutcome::Reacquired))
    }

    fn taken_by(
        &self,
        id: &str,
        standing: Standing,
        card: Card,
        (mut puts, counted): (Vec<Put>, Vec<CountedOn>),
        used: i64,
        outcome: CaptureOutcome,
    ) -> Attempt {
        let Standing { mut kept, ground, now, .. } = standing;
        let mut next = if ground.is_gift() { holding(&card, card.balance_minor - used) } else { use_up(&card, 1) };
        next.last_at = now;
        next.events += 1;
        let mut pricing = kept.hold.pricing.clone();
        if ground.is_gift() {
            pricing.payable_minor += pricing.tender_minor - used;
            pricing.tender_minor = used;
        }
        let mut made = redemption(id, &ground, &next, kept.hold.holder.clone(), &kept.basket, pricing);
        made.hold = Some(kept.hold.id.clone());
        made.counted = counted;
        let reply = Captured { hold: kept.hold.id.clone(), outcome, receipt: Some(receipt(&made, Vec::new())) };
        kept.hold.state = HoldState::Captured;
        kept.hold.redemption = Some(id.to_owned());
        puts.extend([Put::Card(Box::new(next)), Put::Hold(Box::new(kept)), Put::Redemption(Box::new(made))]);
        Attempt::Takes(Box::new(Effect::of(Reply::Captured(reply), puts, vec![EventKind::Captured])))
    }

    pub(super) fn not_taken(&self, standing: Standing, state: HoldState) -> Effect {
        let Standing { mut kept, card, now, .. } = standing;
        let mut puts = Vec::new();
        if kept.hold.state == HoldState::Open && kept.hold.expires_at > now {
            puts.extend(self.settled(&kept.hold, None, now).0);
        }
        let outcome = match state {
            HoldState::Backordered => CaptureOutcome::Backordered,
            _ => CaptureOutcome::RefundRequired,
        };
        let reply = Captured { hold: kept.hold.id.clone(), outcome, receipt: None };
        let mut next = card;
        next.last_at = now;
        next.events += 1;
        kept.hold.state = state;
        puts.extend([Put::Card(Box::new(next)), Put::Hold(Box::new(kept))]);
        Effect::of(Reply::Captured(reply), puts, vec![EventKind::CapturedLate])
    }

    pub(super) fn release(&self, hold: &HoldId) -> Result<Effect, No> {
        let Standing { mut kept, card, now, state, .. } = self.standing(hold)?;
        let was_open = kept.hold.state == HoldState::Open;
        match state {
            HoldState::Captured => {
                let redemption = kept.hold.redemption.unwrap_or_default();
                return Err(Denial::AlreadyCaptured { redemption }.into());
            }
            HoldState::Released | HoldState::Refunded => return Err(Denial::Stale.into()),
            HoldState::RefundRequired if !was_open => return Err(Denial::Stale.into()),
            _ => {}
        }
        let mut puts = Vec::new();
        if was_open && kept.hold.expires_at > now {
            puts.extend(self.settled(&kept.hold, None, now).0);
        }
        let mut next = card;
        if state == HoldState::Open {
            next.held = changed(&next.held, now, kept.hold.expires_at, -kept.hold.amount);
        }
        next.last_at = now;
        next.events += 1;
        next.epoch += 1;
        let reply = Reply::Hold(view(&kept.hold, HoldState::Released));
        kept.hold.state = HoldState::Released;
        puts.extend([Put::Card(Box::new(next)), Put::Hold(Box::new(kept))]);
        Ok(Effect::of(reply, puts, vec![EventKind::Released]))
    }

    /// The hold of a redemption that is given back in full is over.
    pub(super) fn given_back(&self, hold: Option<&HoldId>, redemption: &str) -> Option<Put> {
        let mut kept = self.model.holds.get(hold?)?.clone();
        if kept.hold.redemption.as_deref() != Some(redemption) {
            return None;
        }
        kept.hold.state = HoldState::Refunded;
        Some(Put::Hold(Box::new(kept)))
    }
}

fn on(owner: Owner, unit: String, ceiling: u32, counts: HeldFor) -> HeldOn {
    HeldOn { owner, unit, amount: 1, ceiling: i64::from(ceiling), elsewhere: 0, counts, rolling_s: None, refill: true }
}

/// The same below what counts for the same person elsewhere.
fn lowered(on: HeldOn, elsewhere: i64) -> HeldOn {
    HeldOn { ceiling: on.ceiling - elsewhere, elsewhere, ..on }
}

/// What a capture leaves counted of it.
fn kept(on: &HeldOn, minor: i64) -> i64 {
    match on.counts {
        HeldFor::OpenHolds => 0,
        HeldFor::Uses | HeldFor::HolderUses => on.amount,
        HeldFor::Money => on.amount.min(minor),
    }
}

/// The move of an account, where it moves, and what is held there afterwards, where that changes.
pub(super) fn account(on: &HeldOn, delta: i64, buckets: Option<Buckets>, now: Instant) -> Vec<Put> {
    let (owner, unit) = (on.owner.clone(), on.unit.clone());
    let held = buckets.map(|buckets| Put::Held { owner: owner.clone(), unit: unit.clone(), buckets, last_at: now });
    let moved = (delta != 0).then_some(Put::Move { owner, unit, delta });
    held.into_iter().chain(moved).collect()
}
