//! What happens to cards. Each command is its list of refusals, in the order of docs/state-machine.md, and then the change.

use cardmint::card::{Batch, BatchLife, Campaign, Card, CardState, EventKind, Life, RedeemFrom, Stock};
use cardmint::id::CardId;
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;
use cardmint::{CardView, CardWithCode, Denial, LimitScope, OrderReceipt, Receipt};

use super::holds::{held_by_others, unheld};
use super::owner::{batch_must_give, batch_must_live, batch_must_move, must_present, prolonged};
use super::price::insufficient;
use super::refill::one_of_a_width;
use super::{Effect, Kept, Moment, No, Put, Template};
use crate::request::{Act, Code, Pick, REASON, Reply, Take, Token};
use crate::terms::{Basket, cny};

/// A batch and what its cards rest on.
pub(super) struct Ground {
    pub batch: Batch,
    pub template: Template,
    pub campaign: Option<Campaign>,
}

/// What a code means: one card, or any card of a word's batch.
pub(super) enum Meaning {
    One(Box<(Ground, Card)>),
    Any(Box<Ground>),
}

pub(super) fn key(customer: &str) -> SubjectKey {
    SubjectKey::from_stored(format!("customer:{customer}"))
}

pub(super) fn wrong_state(card: &Card, command: &'static str) -> No {
    Denial::WrongState { state: card.state.name(), command }.into()
}

pub(super) fn must_move(card: &Card) -> Result<(), No> {
    if card.state == CardState::Void {
        return Err(Denial::Void.into());
    }
    match &card.frozen {
        Some(reason) => Err(Denial::Frozen { reason: reason.clone() }.into()),
        None => Ok(()),
    }
}

pub(super) fn must_not_have_ended(expires_at: Option<Instant>, now: Instant) -> Result<(), No> {
    match expires_at {
        Some(expired_at) if expired_at <= now => Err(Denial::Expired { expired_at }.into()),
        _ => Ok(()),
    }
}

fn earliest(ends: [Option<Instant>; 3]) -> Option<Instant> {
    ends.into_iter().flatten().min()
}

impl Ground {
    pub(super) fn campaign_end(&self) -> Option<Instant> {
        let end = self.campaign.as_ref().and_then(|campaign| campaign.window.end);
        end.filter(|_| self.template.terms.cap_at_campaign_end)
    }

    pub(super) fn must_run(&self, now: Instant) -> Result<(), No> {
        let Some(campaign) = &self.campaign else { return Ok(()) };
        let stands_still = |life: &str| {
            Err(Denial::CampaignNotRunning { campaign: campaign.id.clone(), life: life.to_owned() }.into())
        };
        match campaign.life {
            Life::Draft => return stands_still("draft"),
            Life::Paused => return stands_still("paused"),
            Life::Archived => return stands_still("archived"),
            Life::Running => {}
        }
        if let Some(starts_at) = campaign.window.start.filter(|start| now < *start) {
            return Err(Denial::NotStarted { starts_at }.into());
        }
        must_not_have_ended(campaign.window.end, now)
    }

    /// Cards that are out may outlive their campaign where the template says so.
    pub(super) fn must_let_use(&self, now: Instant) -> Result<(), No> {
        match self.must_run(now) {
            Err(No::Denied(Denial::Expired { .. })) if !self.template.terms.cap_at_campaign_end => Ok(()),
            verdict => verdict,
        }
    }

    /// The end that the terms give a card.
    pub(super) fn own_end(&self, claimed_at: Option<Instant>) -> Option<Instant> {
        let terms = &self.template.terms;
        let after = claimed_at.zip(terms.after_claim_s).map(|(at, seconds)| at.plus_millis(seconds * 1_000));
        earliest([terms.end, after, self.campaign_end()])
    }

    pub(super) fn untouched(&self, serial: u32) -> Card {
        Card {
            id: CardId { batch: self.batch.no, serial },
            state: self.batch.untouched,
            unspent_state: self.batch.untouched,
            holder: None,
            bound: None,
            rebinds: 0,
            transfers: 0,
            channel: None,
            issue_no: 0,
            uses_left: self.template.terms.uses_per_card,
            balance_minor: self.template.terms.value_minor.unwrap_or(0),
            booked_minor: 0,
            broken_minor: 0,
            claimed_at: None,
            expires_at: self.own_end(None),
            extended_to: None,
            frozen: None,
            parameters: Default::default(),
            origin: Default::default(),
            held: Default::default(),
            epoch: 0,
            holds_from: 0,
            last_at: self.batch.created_at,
            events: 0,
            chain: [0; 16],
        }
    }

    pub(super) fn is_gift(&self) -> bool {
        self.template.terms.value_minor.is_some()
    }

    pub(super) fn unit(&self, measure: &str) -> String {
        format!("{measure}:{}", self.template.terms.id)
    }

    pub(super) fn view(&self, card: &Card) -> CardView {
        let card = &prolonged(self, card.clone());
        // A batch dies with all of its cards, but for what was used up.
        let dead = self.batch.life == BatchLife::Void && card.state != CardState::Spent;
        CardView {
            id: card.id,
            batch: self.batch.id.clone(),
            template: self.batch.template.clone(),
            template_version: self.batch.template_version,
            campaign: self.batch.campaign.clone(),
            state: if dead { CardState::Void } else { card.state },
            frozen: card.frozen.clone().or_else(|| self.batch.frozen.clone()),
            holder: card.holder.clone(),
            bound: card.bound.clone(),
            level: None,
            channel: None,
            uses_left: card.uses_left,
            balance_minor: self.is_gift().then_some(card.balance_minor),
            currency: self.is_gift().then(cny),
            issue_no: card.issue_no,
            claimed_at: card.claimed_at,
            expires_at: card.expires_at,
            parameters: Default::default(),
            origin: card.origin.clone(),
        }
    }

    pub(super) fn token(&self, card: &Card) -> Token {
        let (batch_no, serial, issue_no) = (self.batch.no.number, card.id.serial, card.issue_no);
        let card = cardmint::code::CardRef { batch_no, serial, issue_no };
        Token { format: self.batch.format, slot: self.batch.slot, card }
    }
}

/// A code that stands in a reply, before it is sealed. The model seals nothing: replies of both sides are compared with their codes
/// opened.
pub fn token_text(token: &Token) -> String {
    format!("{token:?}")
}

impl Moment<'_> {
    pub(super) fn ground(&self, batch: Batch) -> Result<Ground, No> {
        let template = self.template(&batch.template, batch.template_version).ok_or(No::Invalid)?;
        let campaign = batch.campaign.as_ref().and_then(|id| self.campaign(id));
        Ok(Ground { batch, template, campaign })
    }

    pub(super) fn ground_named(&self, id: &str) -> Result<Ground, No> {
        match self.batch(id) {
            Some(batch) => self.ground(batch),
            None => Err(Denial::Unknown { kind: "batch", id: id.to_owned() }.into()),
        }
    }

    fn card(&self, ground: &Ground, serial: u32) -> Card {
        let id = CardId { batch: ground.batch.no, serial };
        let card = self.model.cards.get(&id).cloned().unwrap_or_else(|| ground.untouched(serial));
        prolonged(ground, card)
    }

    /// The card with this id, where it is one.
    pub(super) fn card_at(&self, id: CardId) -> Result<Option<(Ground, Card)>, No> {
        let Some(batch) = self.names.get(&id.batch).and_then(|name| self.batch(name)) else { return Ok(None) };
        let ground = self.ground(batch)?;
        if id.serial >= ground.batch.size {
            return Ok(None);
        }
        let card = self.card(&ground, id.serial);
        Ok(Some((ground, card)))
    }

    pub(super) fn resolve(&self, code: &Code) -> Result<Meaning, No> {
        let invalid = || No::Denied(Denial::NotFoundOrInvalid);
        match code {
            Code::Word(word) => {
                let batch = self.word(word).and_then(|id| self.batch(&id)).ok_or_else(invalid)?;
                Ok(Meaning::Any(Box::new(self.ground(batch)?)))
            }
            Code::Sealed(token) => {
                let found = if self.ring.good.contains(&token.slot) { self.card_at(token.card_id())? } else { None };
                match found {
                    Some((ground, card)) if ground.token(&card) == *token => Ok(Meaning::One(Box::new((ground, card)))),
                    _ => Err(invalid()),
                }
            }
        }
    }

    /// What staff or a shopper name: a text, or the id of a card.
    pub(super) fn named(&self, pick: &Pick) -> Result<Meaning, No> {
        match pick {
            Pick::Code(code) => self.resolve(code),
            Pick::Id(_) => self.one(pick).map(|found| Meaning::One(Box::new(found))),
        }
    }

    pub(super) fn one(&self, pick: &Pick) -> Result<(Ground, Card), No> {
        match pick {
            Pick::Id(id) => match self.card_at(*id)? {
                Some(found) => Ok(found),
                None => Err(Denial::Unknown { kind: "card", id: id.to_string() }.into()),
            },
            Pick::Code(code) => match self.resolve(code)? {
                Meaning::One(found) => Ok(*found),
                Meaning::Any(_) => Err(Denial::NotFoundOrInvalid.into()),
            },
        }
    }

    /// A reply with the card's living code; none where the reply is an old one and its code is dead.
    pub(super) fn with_code(&self, ground: &Ground, then: CardView, now: &Card) -> Result<Reply, No> {
        let alive = now.state != CardState::Void && batch_must_live(&ground.batch).is_ok();
        let lives = then.issue_no == now.issue_no && alive;
        let token = ground.token(now);
        if lives && !self.ring.good.contains(&token.slot) {
            // The engine has no key that would seal it.
            return Err(No::Invalid);
        }
        let code = lives.then(|| token_text(&token));
        Ok(Reply::Card(CardWithCode { card: then, code }))
    }

    /// The reply to a request that had its effect before.
    pub(super) fn repeat(&self, kept: &Kept) -> Result<Effect, No> {
        let reply = match &kept.reply {
            Reply::Card(reply)
                if !matches!(kept.asked.op(), "freeze" | "unfreeze" | "void" | "bind" | "rebind" | "extend") =>
            {
                let ground = self.ground_named(&reply.card.batch)?;
                let now = self.card(&ground, reply.card.id.serial);
                self.with_code(&ground, reply.card.clone(), &now)?
            }
            Reply::Receipt(receipt) => match self.model.redemptions.get(&receipt.redemption) {
                Some(row) => Reply::Receipt(Receipt { given: self.given_again(row)?, ..receipt.clone() }),
                None => kept.reply.clone(),
            },
            Reply::OrderReceipt(reply) => {
                let again = |receipt: &Receipt| {
                    let given = match self.model.redemptions.get(&receipt.redemption) {
                        Some(row) => self.given_again(row)?,
                        None => receipt.given.clone(),
                    };
                    Ok::<_, No>(Receipt { given, ..receipt.clone() })
                };
                let receipts = reply.receipts.iter().map(again).collect::<Result<_, No>>()?;
                Reply::OrderReceipt(Box::new(OrderReceipt { receipts, ..(**reply).clone() }))
            }
            other => other.clone(),
        };
        Ok(Effect::of(reply, Vec::new(), Vec::new()))
    }

    /// The next card of a batch, and the cursor behind it.
    fn next(&self, ground: &Ground) -> Result<(Card, Stock), No> {
        let (cards, stock) = self.next_cards(ground, 1)?;
        Ok((cards.into_iter().next().ok_or(No::Invalid)?, stock))
    }

    /// The next cards of a batch: the first from the cursor on that nobody has and nobody stopped.
    pub(super) fn next_cards(&self, ground: &Ground, count: u32) -> Result<(Vec<Card>, Stock), No> {
        let batch = &ground.batch;
        batch_must_give(batch)?;
        if batch.untouched != CardState::Minted {
            return Err(Denial::WrongState { state: batch.untouched.name(), command: "claim" }.into());
        }
        let from = self.model.stocks.get(&batch.no).map_or(0, |stock| stock.next);
        let mut cards = Vec::new();
        for serial in from..batch.size {
            let card = self.card(ground, serial);
            if card.state == CardState::Minted && card.frozen.is_none() && !self.passed.contains(&card.id) {
                cards.push(card);
            }
            if cards.len() == count as usize {
                return Ok((cards, Stock { batch: batch.no, next: serial + 1 }));
            }
        }
        Err(Denial::SoldOut { batch: batch.id.clone() }.into())
    }

    pub(super) fn must_be_listed(&self, ground: &Ground, holder: &SubjectKey) -> Result<(), No> {
        let Some(campaign) = &ground.campaign else { return Ok(()) };
        if campaign.audience == cardmint::card::Audience::Open {
            return Ok(());
        }
        let listed = |key: &SubjectKey| {
            let customer = key.as_str().strip_prefix("customer:").unwrap_or_default();
            self.model.listed.contains(&(campaign.id.clone(), customer.to_owned()))
        };
        if listed(holder) || self.counts_of(holder).iter().any(listed) {
            return Ok(());
        }
        Err(Denial::NotInAudience { campaign: campaign.id.clone() }.into())
    }

    /// One more of what the template counts per holder, and the moment that it rests on, where that is later.
    pub(super) fn counted(
        &self,
        ground: &Ground,
        measure: &str,
        limit: Option<u32>,
        scope: LimitScope,
        holder: Option<&SubjectKey>,
    ) -> Result<(Vec<Put>, Instant), No> {
        let Some(limit) = limit else { return Ok((Vec::new(), self.now)) };
        let Some(holder) = holder else { return Err(Denial::HolderRequired.into()) };
        let unit = ground.unit(measure);
        let (owner, elsewhere) = self.account_of(holder, &unit);
        if self.model.account(&owner, &unit) >= i64::from(limit) - elsewhere {
            return self.full(&owner, &unit, (limit, elsewhere), scope);
        }
        Ok((vec![Put::Move { owner, unit, delta: 1 }], self.now))
    }

    fn count_claim(&self, ground: &Ground, holder: &SubjectKey) -> Result<Vec<Put>, No> {
        let limit = ground.template.terms.claims_per_holder;
        self.counted(ground, "claims", limit, LimitScope::HolderClaims, Some(holder)).map(|(puts, _)| puts)
    }

    fn give(&self, ground: &Ground, card: &Card, holder: &SubjectKey, state: CardState) -> Result<Card, No> {
        let now = self.now.max(card.last_at);
        let expires_at =
            ground.own_end(Some(now)).map(|end| card.extended_to.map_or(end, |extended| extended.max(end)));
        must_not_have_ended(expires_at, now)?;
        let holder = Some(holder.clone());
        let mut next = card.clone();
        next.state = state;
        next.unspent_state = state;
        next.holder = holder;
        next.claimed_at = Some(now);
        next.expires_at = expires_at;
        next.last_at = now;
        Ok(next)
    }

    pub(super) fn taken(&self, ground: &Ground, card: &Card, holder: &SubjectKey) -> Result<Card, No> {
        must_move(card)?;
        match card.state {
            CardState::Minted => self.give(ground, card, holder, CardState::Claimed),
            CardState::Issued if card.holder.is_none() => self.give(ground, card, holder, CardState::Claimed),
            CardState::Issued if card.holder.as_ref() != Some(holder) => Err(Denial::NotOwner.into()),
            CardState::Issued => {
                let now = self.now.max(card.last_at);
                must_not_have_ended(card.expires_at, now)?;
                let mut next = card.clone();
                next.state = CardState::Claimed;
                next.unspent_state = CardState::Claimed;
                next.last_at = now;
                Ok(next)
            }
            CardState::Claimed | CardState::Spent | CardState::Void | CardState::Bound => {
                Err(wrong_state(card, "claim"))
            }
        }
    }

    pub(super) fn claim(&self, take: &Take, customer: &str) -> Result<Effect, No> {
        let holder = key(customer);
        let (ground, card, stock) = match take {
            Take::Batch(id) => {
                let ground = self.ground_named(id)?;
                let (card, stock) = self.next(&ground)?;
                (ground, card, Some(stock))
            }
            Take::Code(code) => match self.resolve(code)? {
                Meaning::One(found) => {
                    let (ground, card) = *found;
                    batch_must_move(&ground.batch)?;
                    (ground, card, None)
                }
                Meaning::Any(ground) => {
                    let (card, stock) = self.next(&ground)?;
                    (*ground, card, Some(stock))
                }
            },
        };
        ground.must_run(self.now)?;
        self.must_be_listed(&ground, &holder)?;
        let counted = self.count_claim(&ground, &holder)?;
        let as_holder = self.acting_as(Some(&holder), card.holder.as_ref()).unwrap_or_else(|| holder.clone());
        let next = self.taken(&ground, &card, &as_holder)?;
        let effect = self.handed_out(&ground, next, stock, counted, EventKind::Claimed)?;
        Ok(Effect { counted_on: self.person(&holder).map(|person| person.id), ..effect })
    }

    pub(super) fn issue(&self, batch: &str, customer: &str) -> Result<Effect, No> {
        let holder = key(customer);
        let ground = self.ground_named(batch)?;
        let (card, stock) = self.next(&ground)?;
        ground.must_run(self.now)?;
        must_move(&card)?;
        if card.state != CardState::Minted {
            return Err(wrong_state(&card, "issue"));
        }
        let next = self.give(&ground, &card, &holder, CardState::Issued)?;
        self.handed_out(&ground, next, Some(stock), Vec::new(), EventKind::Issued)
    }

    fn handed_out(
        &self,
        ground: &Ground,
        mut card: Card,
        stock: Option<Stock>,
        mut puts: Vec<Put>,
        event: EventKind,
    ) -> Result<Effect, No> {
        card.events += 1;
        let reply = self.with_code(ground, ground.view(&card), &card)?;
        let (grown, mut events) = one_of_a_width(stock.iter().map(|stock| self.grown(ground, stock)).collect());
        puts.extend(grown);
        puts.extend(stock.map(Put::Stock));
        puts.push(Put::Card(Box::new(card)));
        events.push(event);
        Ok(Effect::of(reply, puts, events))
    }

    pub(super) fn redeemable(
        &self,
        ground: &Ground,
        card: &Card,
        holder: Option<&SubjectKey>,
        now: Instant,
    ) -> Result<(), No> {
        must_move(card)?;
        let terms = &ground.template.terms;
        match (card.state, terms.redeem_from) {
            (CardState::Bound, _) => {}
            (CardState::Claimed, RedeemFrom::Issued | RedeemFrom::Claimed)
            | (CardState::Issued, RedeemFrom::Issued) => {}
            (CardState::Spent, _) if ground.is_gift() => return Err(insufficient(card.balance_minor, None)),
            (CardState::Spent, _) => {
                let limit = u64::from(terms.uses_per_card);
                return Err(Denial::LimitReached { scope: LimitScope::Card, limit, used: limit }.into());
            }
            _ => return Err(wrong_state(card, "redeem")),
        }
        if card.holder.is_some() && card.holder.as_ref() != holder {
            return Err(Denial::NotOwner.into());
        }
        if let Some(starts_at) = terms.start.filter(|start| now < *start) {
            return Err(Denial::NotStarted { starts_at }.into());
        }
        must_not_have_ended(card.expires_at, now)?;
        held_by_others(ground, card, 1, now)
    }

    /// The same at this moment.
    fn redeemable_now(&self, ground: &Ground, card: &Card, holder: Option<&SubjectKey>) -> Result<(), No> {
        self.redeemable(ground, card, holder, self.now.max(card.last_at))
    }

    /// The card that a code lets this holder use, and what claims it first where it is a fresh one of a word.
    pub(super) fn usable(
        &self,
        code: &Code,
        holder: &mut Option<SubjectKey>,
        basket: &Basket,
    ) -> Result<(Ground, Card, Vec<Put>), No> {
        self.usable_by(code, holder, basket, false)
    }

    /// The same; a quote sees past what its own order holds.
    pub(super) fn usable_by(
        &self,
        code: &Code,
        holder: &mut Option<SubjectKey>,
        basket: &Basket,
        is_quote: bool,
    ) -> Result<(Ground, Card, Vec<Put>), No> {
        self.usable_of(self.resolve(code)?, holder, basket, is_quote, self.own)
    }

    /// The same of what a text means, or a promotion; of a batch with these cards that the holder may have of it.
    pub(super) fn usable_of(
        &self,
        meaning: Meaning,
        holder: &mut Option<SubjectKey>,
        basket: &Basket,
        is_quote: bool,
        own: &[CardId],
    ) -> Result<(Ground, Card, Vec<Put>), No> {
        let device = basket.device.as_deref();
        let ground = match meaning {
            Meaning::One(found) => {
                let (ground, mut card) = *found;
                batch_must_move(&ground.batch)?;
                if is_quote {
                    card = self.without_own(&basket.order, holder.as_ref(), card);
                }
                let as_holder = self.acting_as(holder.as_ref(), card.holder.as_ref());
                self.redeemable_now(&ground, &card, as_holder.as_ref())?;
                must_present(&card, holder.as_ref(), device)?;
                ground.must_let_use(self.now)?;
                return Ok((ground, card, Vec::new()));
            }
            Meaning::Any(ground) => *ground,
        };
        batch_must_move(&ground.batch)?;
        let guest = || SubjectKey::from_stored(format!("order:{}", basket.order));
        let whose = holder.get_or_insert_with(guest).clone();
        let own = own.iter().filter(|id| id.batch == ground.batch.no);
        for card in own.map(|id| self.card(&ground, id.serial)) {
            let usable = self.redeemable_now(&ground, &card, Some(&whose));
            if usable.and_then(|()| must_present(&card, Some(&whose), device)).is_ok() {
                ground.must_let_use(self.now)?;
                return Ok((ground, card, Vec::new()));
            }
        }
        let (card, stock) = self.next(&ground)?;
        self.must_be_listed(&ground, &whose)?;
        let counted = self.count_claim(&ground, &whose)?;
        let mut taken = self.taken(&ground, &card, &whose)?;
        self.redeemable_now(&ground, &taken, Some(&whose))?;
        ground.must_run(self.now)?;
        taken.events += 1;
        Ok((ground, taken, [Put::Stock(stock)].into_iter().chain(counted).collect()))
    }

    pub(super) fn act(&self, act: Act, pick: &Pick, force: bool) -> Result<Effect, No> {
        let (ground, card) = self.one(pick)?;
        match act {
            Act::Replace => batch_must_move(&ground.batch)?,
            Act::Freeze | Act::Unfreeze | Act::Void | Act::Reveal => batch_must_live(&ground.batch)?,
        }
        let mut next = card.clone();
        let now = self.now.max(card.last_at);
        next.last_at = now;
        next.events += 1;
        let event = match act {
            Act::Freeze => {
                must_move(&card)?;
                unheld(&mut next, force, now)?;
                next.frozen = Some(REASON.to_owned());
                EventKind::Frozen
            }
            Act::Unfreeze if card.state == CardState::Void => return Err(Denial::Void.into()),
            Act::Unfreeze if card.frozen.is_none() => return Err(wrong_state(&card, "unfreeze")),
            Act::Unfreeze => {
                next.frozen = None;
                EventKind::Unfrozen
            }
            Act::Void if card.state == CardState::Void => return Err(Denial::Void.into()),
            Act::Void if card.state == CardState::Spent => return Err(wrong_state(&card, "void")),
            Act::Void => {
                unheld(&mut next, force, now)?;
                next.state = CardState::Void;
                next.unspent_state = CardState::Void;
                EventKind::Voided
            }
            Act::Replace => {
                must_move(&card)?;
                let most = ground.batch.format.issue_no_max();
                if card.issue_no >= most {
                    return Err(Denial::IssueNumbersUsedUp { most: u32::from(most) }.into());
                }
                unheld(&mut next, force, now)?;
                next.issue_no += 1;
                EventKind::Replaced
            }
            Act::Reveal if card.state == CardState::Void => return Err(Denial::Void.into()),
            Act::Reveal => EventKind::CodeRevealed,
        };
        let view = ground.view(&next);
        let reply = match act {
            Act::Replace | Act::Reveal => self.with_code(&ground, view, &next)?,
            Act::Freeze | Act::Unfreeze | Act::Void => Reply::Card(CardWithCode { card: view, code: None }),
        };
        Ok(Effect::of(reply, vec![Put::Card(Box::new(next))], vec![event]))
    }

    /// What the card of a code shows.
    pub fn look_up(&self, code: &Code) -> Result<CardView, No> {
        let (ground, card) = self.one(&Pick::Code(code.clone()))?;
        Ok(ground.view(&card))
    }

    /// Whether the holder could use this card of a batch.
    pub fn can_use(&self, card: CardId, customer: Option<&str>, device: Option<&str>) -> bool {
        let Ok(Some((ground, found))) = self.card_at(card) else { return false };
        let holder = customer.map(key);
        self.redeemable_now(&ground, &found, holder.as_ref()).is_ok()
            && must_present(&found, holder.as_ref(), device).is_ok()
    }
}
