//! Redeeming: what a card gives on an order, what that takes of it, and what counts it.

use cardmint::card::{Card, CardKind, CardState, CountedOn, EventKind, HeldFor, Redemption};
use cardmint::checkout::Pricing;
use cardmint::store::Owner;
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;
use cardmint::{Denial, GivenCard, LimitScope, Receipt};

use super::caps::Gives;
use super::cards::{Ground, key};
use super::gifts::{Handed, Occasion, opens_into};
use super::limits::stretch;
use super::refill::one_of_a_width;
use super::value::holding;
use super::{Effect, Moment, No, Put};
use crate::request::{Code, Much, Reply};
use crate::terms::{Basket, cny};

impl Moment<'_> {
    pub(super) fn redeem(
        &self,
        id: &str,
        code: &Code,
        customer: Option<&str>,
        basket: &Basket,
        asked: Option<Much>,
    ) -> Result<Effect, No> {
        let mut holder = customer.map(key);
        let (ground, card, claims) = self.usable(code, &mut holder, basket)?;
        let terms = &ground.template.terms;
        opens_into(terms, &basket.choose)?;
        let (pricing, units) = self.priced(&ground, &card, basket, asked)?;
        let of_amount = matches!(asked, Some(Much::Minor(_)));
        let gives = self.given((&ground, &card), holder.as_ref(), basket, pricing, of_amount, &[]);
        self.used(id, (ground, card, claims), holder, basket, (&basket.choose, units), gives)
    }

    /// A card that has a price is used.
    pub(super) fn used(
        &self,
        id: &str,
        (ground, card, mut puts): (Ground, Card, Vec<Put>),
        holder: Option<SubjectKey>,
        basket: &Basket,
        (choose, units): (&[String], Option<u32>),
        gives: Gives,
    ) -> Result<Effect, No> {
        let mut events = if puts.is_empty() { Vec::new() } else { vec![EventKind::Claimed] };
        let terms = &ground.template.terms;
        let Counts { puts: counted, mut returns, now } =
            self.counts(&ground, &card, holder.as_ref(), basket, &gives)?;
        puts.extend(counted);
        let pricing = gives.pricing;
        let opens = opens_into(terms, choose)?;
        let occasion = Occasion { holder: holder.as_ref(), parent: card.id, redemption: id };
        let gifts = self.gifts(terms, &opens, basket, &occasion)?;
        let Handed { rows, given, told } = gifts.given(self)?;
        let of_word = self.of_word(&ground, &puts);
        let (grown, growths) = one_of_a_width(of_word.chain(gifts.growths.iter().cloned()).collect());
        puts.extend(grown);
        events.extend(growths);
        puts.extend(rows);
        events.extend(gifts.events());
        let mut next = taken_off(&ground, &card, &pricing, units);
        next.last_at = now;
        next.events += 1;
        returns.extend(self.counted_on_person(&ground, holder.as_ref()));
        let made = redemption(id, &ground, &next, holder, basket, pricing);
        let redemption = Redemption { units, given, not_given: gifts.not_given, counted: returns, ..made };
        let reply = Reply::Receipt(receipt(&redemption, told));
        puts.extend([Put::Card(Box::new(next)), Put::Redemption(Box::new(redemption))]);
        events.push(EventKind::Redeemed);
        Ok(Effect::of(reply, puts, events))
    }

    /// What counts a use beside its card: uses of the holder, then limits, then check-ins.
    pub(super) fn counts(
        &self,
        ground: &Ground,
        card: &Card,
        holder: Option<&SubjectKey>,
        basket: &Basket,
        gives: &Gives,
    ) -> Result<Counts, No> {
        let most = ground.template.terms.uses_per_holder;
        let (mut puts, uses_at) = self.counted(ground, "uses", most, LimitScope::HolderUses, holder)?;
        let now = self.now.max(card.last_at);
        let limits = self.limits_on(ground, card.id, holder, basket, now)?;
        let takes = self.count_limits(&limits, gives, now)?;
        puts.extend(takes.puts);
        let now = now.max(uses_at).max(takes.now);
        puts.extend(self.checked_in(ground, card, now)?);
        Ok(Counts { puts, returns: takes.returns, now })
    }

    /// What a quote for a sealed code says.
    pub fn quote(&self, code: &Code, customer: Option<&str>, basket: &Basket) -> Result<Pricing, No> {
        let mut holder = customer.map(key);
        let (ground, card, _) = self.usable_by(code, &mut holder, basket, true)?;
        let (pricing, _) = self.priced(&ground, &card, basket, None)?;
        let own = self.own_hold(&basket.order, holder.as_ref(), &card).map(|hold| hold.counters).unwrap_or_default();
        let gives = self.given((&ground, &card), holder.as_ref(), basket, pricing, false, &own);
        // The order's own hold has the holder's use already.
        if !own.iter().any(|on| on.counts == HeldFor::HolderUses) {
            let limit = ground.template.terms.uses_per_holder;
            self.counted(&ground, "uses", limit, LimitScope::HolderUses, holder.as_ref())?;
        }
        let now = self.now.max(card.last_at);
        let limits = self.limits_on(&ground, card.id, holder.as_ref(), basket, now)?;
        self.weighed(&limits, &gives, &own, now)?;
        self.checked_in(&ground, &card, now)?;
        Ok(gives.pricing)
    }

    /// One more check-in of a membership card, in the period of this moment.
    fn checked_in(&self, ground: &Ground, card: &Card, now: Instant) -> Result<Option<Put>, No> {
        let Some(limits) = ground.template.terms.check_ins else { return Ok(None) };
        let (owner, unit) = (Owner::Card(card.id), format!("check_ins:{}", stretch(limits.per, now)));
        let used = self.model.account(&owner, &unit);
        if used >= i64::from(limits.limit) {
            let (limit, used) = (u64::from(limits.limit), used.unsigned_abs());
            return Err(Denial::LimitReached { scope: LimitScope::CheckIns, limit, used }.into());
        }
        Ok(Some(Put::Move { owner, unit, delta: 1 }))
    }
}

/// What counts a use, and the moment that it rests on.
pub(super) struct Counts {
    pub puts: Vec<Put>,
    returns: Vec<CountedOn>,
    now: Instant,
}

/// A card after a redemption: value less, uses less, or as it was.
fn taken_off(ground: &Ground, card: &Card, pricing: &Pricing, units: Option<u32>) -> Card {
    match ground.template.terms.kind {
        CardKind::GiftCard => holding(card, card.balance_minor - pricing.tender_minor),
        CardKind::Membership => card.clone(),
        _ => use_up(card, units.unwrap_or(1)),
    }
}

pub(super) fn use_up(card: &Card, uses: u32) -> Card {
    let mut next = card.clone();
    next.uses_left -= uses;
    if next.uses_left == 0 {
        next.state = CardState::Spent;
    }
    next
}

pub(super) fn redemption(
    id: &str,
    ground: &Ground,
    card: &Card,
    holder: Option<SubjectKey>,
    basket: &Basket,
    pricing: Pricing,
) -> Redemption {
    Redemption {
        key: id.to_owned(),
        digest: [0; 16],
        order_mark: None,
        card: card.id,
        at: card.last_at,
        order: basket.order.clone(),
        holder,
        currency: cny(),
        pricing,
        units: None,
        given: Vec::new(),
        not_given: Vec::new(),
        balance_minor: ground.is_gift().then_some(card.balance_minor),
        hold: None,
        counted: Vec::new(),
        campaign: ground.batch.campaign.clone(),
        store: basket.store.clone(),
        channel: None,
        source: None,
        operator: None,
        ordered_at: None,
        new_customer: None,
        segments: Default::default(),
    }
}

pub(super) fn receipt(redemption: &Redemption, given: Vec<GivenCard>) -> Receipt {
    Receipt {
        redemption: redemption.key.clone(),
        card: redemption.card,
        at: redemption.at,
        order: redemption.order.clone(),
        pricing: redemption.pricing.clone(),
        units: redemption.units,
        given,
        not_given: redemption.not_given.clone(),
        balance_minor: redemption.balance_minor,
    }
}
