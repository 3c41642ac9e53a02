//! Cards that a redemption gives to its holder, in the same commit: what a pack opens into, and what a template gives beside. And how
//! they are taken back with it.

use serde::{Deserialize, Serialize};

use super::batch_life::{Growth, refilled};
use super::cards::{cards_in_stock, seal};
use super::command::{Context, Plan, Stop};
use super::resolve::{CodeText, Ground};
use super::view::{Missing, View};
use crate::card::{
    self, Benefit, Card, CardState, CardsOf, Claimed, EventKind, Given, NotGiven, Origin, Parameters, Redemption,
    TakenFacts, Template, TemplateDraft,
};
use crate::checkout::Order;
use crate::defect::{self, Defect};
use crate::denial::Denial;
use crate::id::{CardId, Version};
use crate::rule::{Facts, ProductSets};
use crate::store::{Key, Record};
use crate::subject::SubjectKey;
use crate::time::Instant;

/// A card that a redemption gave. Debug does not show its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GivenCard {
    /// The card.
    pub card: CardId,
    /// The id of its batch.
    pub batch: String,
    /// Its code; nothing when a request is repeated after that code died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeText>,
}

/// Cards found in stock, as their new holder has them.
#[derive(Default)]
pub(super) struct Gifts {
    cards: Vec<(Ground, Card, Option<Version>)>,
    stocks: Vec<(Option<Version>, Record)>,
    not_given: Vec<NotGiven>,
}

/// To whom cards are given, out of which card.
pub(super) struct Occasion<'a> {
    pub holder: Option<&'a SubjectKey>,
    pub parent: CardId,
    pub redemption: &'a str,
    pub order: &'a Order,
    pub sets: &'a ProductSets,
    pub now: Instant,
}

/// The rows that will be asked for when cards are given.
pub(super) fn foreseen(view: &mut View<'_>, draft: &TemplateDraft) -> Result<Vec<Key>, Missing> {
    view.want(draft.batches().map(|batch| Key::BatchNamed(batch.to_owned())))?;
    let mut keys = Vec::new();
    for batch in draft.batches() {
        keys.extend(view.batch_named(batch)?.map(|(batch, _)| Key::Stock(batch.no)));
    }
    Ok(keys)
}

/// Finds all that a redemption gives. What a card opens into is given as a whole or denied; what is given beside is left out where it
/// cannot be given.
pub(super) fn gifts(
    view: &mut View<'_>,
    cx: &Context<'_>,
    template: &Template,
    opens_into: &[&CardsOf],
    occasion: &Occasion<'_>,
) -> Result<Gifts, Stop> {
    let mut gifts = Gifts::default();
    for cards in opens_into {
        gifts.take(view, cx, &cards.batch, cards.quantity, occasion)?;
    }
    let facts = Facts::new(occasion.order, occasion.sets, occasion.now, &template.zone);
    for (gift, asked) in template.draft.gives.iter().zip(&template.programs().gives) {
        if !asked.holds(&facts) {
            continue;
        }
        match gifts.take(view, cx, &gift.batch, gift.quantity, occasion) {
            Err(Stop::Denied(denial)) => {
                gifts.not_given.push(NotGiven { batch: gift.batch.clone(), code: denial.code().to_owned() });
            }
            other => other?,
        }
    }
    Ok(gifts)
}

impl Gifts {
    fn take(
        &mut self,
        view: &mut View<'_>,
        cx: &Context<'_>,
        batch: &str,
        quantity: u32,
        occasion: &Occasion<'_>,
    ) -> Result<(), Stop> {
        let holder = occasion.holder.ok_or(Denial::HolderRequired)?;
        let ground = Ground::named(view, batch)?;
        ground.must_run(view.now)?;
        let (cards, stock) = cards_in_stock(view, &ground, quantity)?;
        let none = Parameters::new();
        let to = Claimed { holder, parameters: &none, campaign_end: ground.campaign_end() };
        let origin = Origin {
            parent_card: Some(occasion.parent),
            redemption: Some(occasion.redemption.to_owned()),
            ..cx.meta.origin.clone()
        };
        let mut given = Vec::with_capacity(cards.len());
        for (card, seen) in cards {
            let now = view.now.max(card.last_at);
            let card = card::claim(&card, &ground.template, &ground.batch.parameters, &to, now)?;
            given.push((ground.clone(), Card { origin: origin.clone(), ..card }, seen));
        }
        self.cards.append(&mut given);
        self.stocks.push(stock);
        Ok(())
    }

    /// What makes the batches grow that they were taken from, where those run low.
    pub(super) fn growths(&self, view: &mut View<'_>) -> Result<Vec<Growth>, Stop> {
        let mut growths = Vec::new();
        for (_, stock) in &self.stocks {
            let Record::Stock(stock) = stock else { continue };
            if let Some((ground, ..)) = self.cards.iter().find(|(ground, ..)| ground.batch.no == stock.batch) {
                growths.extend(refilled(view, ground, stock.next)?);
            }
        }
        Ok(growths)
    }

    /// Writes them, and tells what was given.
    pub(super) fn give(self, cx: &Context<'_>, plan: &mut Plan) -> Result<Handed, Stop> {
        let Self { cards, stocks, not_given } = self;
        stocks.into_iter().for_each(|(seen, stock)| plan.write(seen, stock));
        let (mut given, mut told) = (Vec::new(), Vec::new());
        let last = cards.last().map(|(_, card, _)| card.id).filter(|_| defect::is(Defect::GivenInPart));
        for (ground, mut card, seen) in cards {
            let facts = TakenFacts {
                holder: card.holder.as_ref(),
                expires_at: card.expires_at,
                origin: Some(&card.origin),
                counted_on: None,
            };
            let facts = serde_json::to_value(facts).map_err(|_| Stop::Internal("facts cannot be written"))?;
            plan.card_told(cx, &ground, &mut card, EventKind::Claimed, &facts)?;
            given.push(Given { card: card.id, issue_no: card.issue_no, events: card.events });
            let code = seal(cx, &ground, card.id.serial, card.issue_no)?;
            told.push(GivenCard { card: card.id, batch: ground.batch.id.clone(), code: Some(CodeText(code)) });
            if last != Some(card.id) {
                plan.write(seen, Record::Card(card));
            }
        }
        Ok(Handed { given, not_given, told })
    }
}

/// What a redemption gave: for its row, and with codes for the reply.
pub(super) struct Handed {
    pub given: Vec<Given>,
    pub not_given: Vec<NotGiven>,
    pub told: Vec<GivenCard>,
}

/// A card that a redemption gave, as it stands now.
fn given_card(view: &mut View<'_>, given: &Given) -> Result<(Ground, Card, Option<Version>), Stop> {
    let Some((batch, _)) = view.batch(given.card.batch)? else {
        return Err(Stop::Internal("a redemption gave a card of a batch that is not there"));
    };
    let ground = Ground::of(view, batch)?;
    let (card, seen) = ground.card(view, given.card.serial)?;
    Ok((ground, card, seen))
}

/// What a redemption that was made before gave, with the codes that still live.
pub(super) fn given_again(
    cx: &Context<'_>,
    view: &mut View<'_>,
    redemption: &Redemption,
) -> Result<Vec<GivenCard>, Stop> {
    view.want(redemption.given.iter().map(|given| Key::Card(given.card)))?;
    let mut told = Vec::with_capacity(redemption.given.len());
    for given in &redemption.given {
        let (ground, card, _) = given_card(view, given)?;
        let alive = card.state != CardState::Void && ground.batch.must_live().is_ok();
        let lives = card.issue_no == given.issue_no && alive;
        let code = if lives { Some(CodeText(seal(cx, &ground, card.id.serial, card.issue_no)?)) } else { None };
        told.push(GivenCard { card: card.id, batch: ground.batch.id.clone(), code });
    }
    Ok(told)
}

/// The cards that go back with a redemption, and those that stay out.
#[derive(Default)]
pub(super) struct TakenBack {
    dead: Vec<(Ground, Card, Option<Version>)>,
    pub kept: Vec<CardId>,
}

/// Kills what a redemption gave, as far as nobody touched it. What was given beside stays where it was touched.
///
/// # Errors
/// `given_card_touched` where the card opened into it.
pub(super) fn taken_back(view: &mut View<'_>, draft: &TemplateDraft, of: &Redemption) -> Result<TakenBack, Stop> {
    view.want(of.given.iter().map(|given| Key::Card(given.card)))?;
    let mut back = TakenBack::default();
    for given in &of.given {
        let (ground, card, seen) = given_card(view, given)?;
        if card.events == given.events || defect::is(Defect::TouchedGiftTakenBack) {
            let now: Instant = view.now.max(card.last_at);
            let dead = card::void(&card, false, now)?;
            back.dead.push((ground, dead, seen));
        } else if opens_into(draft, &ground.batch.id) {
            return Err(Denial::GivenCardTouched { card: card.id }.into());
        } else {
            back.kept.push(card.id);
        }
    }
    Ok(back)
}

fn opens_into(draft: &TemplateDraft, batch: &str) -> bool {
    match &draft.benefit {
        Benefit::Cards { cards, .. } => cards.iter().any(|cards| cards.batch == batch),
        Benefit::AmountOff { .. }
        | Benefit::PercentOff { .. }
        | Benefit::Value { .. }
        | Benefit::Entitlement { .. }
        | Benefit::Goods { .. }
        | Benefit::Deal(_) => false,
    }
}

impl TakenBack {
    /// Writes what goes back, and names it.
    pub(super) fn write(self, cx: &Context<'_>, plan: &mut Plan) -> Result<(Vec<CardId>, Vec<CardId>), Stop> {
        let mut dead = Vec::with_capacity(self.dead.len());
        for (ground, mut card, seen) in self.dead {
            plan.card_event::<()>(cx, &ground, &mut card, EventKind::Voided, None)?;
            dead.push(card.id);
            plan.write(seen, Record::Card(card));
        }
        Ok((dead, self.kept))
    }
}
