//! What packs and choices open into, what is given beside, and how all of it goes back.

use cardmint::card::{Card, CardState, EventKind, Given, NotGiven, Origin, Redemption, Stock};
use cardmint::id::CardId;
use cardmint::subject::SubjectKey;
use cardmint::{CodeText, Denial, GivenCard};

use super::cards::{Ground, token_text};
use super::owner::batch_must_live;
use super::{Moment, No, Put};
use crate::terms::{Basket, Off, Terms};

/// Cards that somebody is given out of a card.
#[derive(Default)]
pub(super) struct Gifts {
    cards: Vec<(Ground, Card)>,
    stocks: Vec<Stock>,
    /// What makes those batches larger that run low.
    pub growths: Vec<Vec<Put>>,
    pub not_given: Vec<NotGiven>,
}

/// To whom, and out of what.
pub(super) struct Occasion<'a> {
    pub holder: Option<&'a SubjectKey>,
    pub parent: CardId,
    pub redemption: &'a str,
}

/// The batches that a card opens into, as its holder chose.
pub(super) fn opens_into(terms: &Terms, choose: &[String]) -> Result<Vec<(String, u32)>, No> {
    let (cards, count) = match &terms.off {
        Off::Cards { cards, choose: Some(count) } => (cards, *count),
        _ if !choose.is_empty() => return Err(No::Invalid),
        Off::Cards { cards, choose: None } => return Ok(cards.clone()),
        Off::Percent(_) | Off::Amount(_) | Off::Pears(_) | Off::Nothing => return Ok(Vec::new()),
    };
    let chosen: Vec<_> = cards.iter().filter(|(batch, _)| choose.contains(batch)).cloned().collect();
    let fits = choose.len() == count as usize && chosen.len() == choose.len();
    if fits { Ok(chosen) } else { Err(No::Invalid) }
}

/// What comes of giving them: rows, what the redemption notes, what the reply tells.
pub(super) struct Handed {
    pub rows: Vec<Put>,
    pub given: Vec<Given>,
    pub told: Vec<GivenCard>,
}

impl Gifts {
    /// The rows and events, and what is told and noted of each card.
    pub(super) fn given(&self, moment: &Moment<'_>) -> Result<Handed, No> {
        let (mut given, mut told) = (Vec::new(), Vec::new());
        for (ground, card) in &self.cards {
            given.push(Given { card: card.id, issue_no: card.issue_no, events: card.events });
            told.push(moment.told(ground, card, true)?);
        }
        let stocks = self.stocks.iter().cloned().map(Put::Stock);
        let cards = self.cards.iter().map(|(_, card)| Put::Card(Box::new(card.clone())));
        Ok(Handed { rows: stocks.chain(cards).collect(), given, told })
    }

    pub(super) fn events(&self) -> Vec<EventKind> {
        self.cards.iter().map(|_| EventKind::Claimed).collect()
    }
}

impl Moment<'_> {
    fn told(&self, ground: &Ground, card: &Card, lives: bool) -> Result<GivenCard, No> {
        let token = ground.token(card);
        if lives && !self.ring.good.contains(&token.slot) {
            return Err(No::Invalid);
        }
        let code = lives.then(|| CodeText(token_text(&token)));
        Ok(GivenCard { card: card.id, batch: ground.batch.id.clone(), code })
    }

    /// Finds all that is given; what a card opens into as a whole, what is given beside as far as it goes.
    pub(super) fn gifts(
        &self,
        terms: &Terms,
        opens: &[(String, u32)],
        basket: &Basket,
        to: &Occasion<'_>,
    ) -> Result<Gifts, No> {
        let mut gifts = Gifts::default();
        for (batch, quantity) in opens {
            self.take(&mut gifts, batch, *quantity, to)?;
        }
        let before: i64 = basket.lines.iter().sum();
        for gift in terms.gives.iter().filter(|gift| gift.min_spend.is_none_or(|need| before >= need)) {
            if let Some(code) = self.left_out.get(&(to.redemption.to_owned(), gift.batch.clone())) {
                gifts.not_given.push(NotGiven { batch: gift.batch.clone(), code: code.clone() });
                continue;
            }
            match self.take(&mut gifts, &gift.batch, gift.quantity, to) {
                Err(No::Denied(denial)) => {
                    gifts.not_given.push(NotGiven { batch: gift.batch.clone(), code: denial.code().to_owned() });
                }
                other => other?,
            }
        }
        Ok(gifts)
    }

    fn take(&self, gifts: &mut Gifts, batch: &str, quantity: u32, to: &Occasion<'_>) -> Result<(), No> {
        let holder = to.holder.ok_or(Denial::HolderRequired)?;
        let ground = self.ground_named(batch)?;
        ground.must_run(self.now)?;
        let (cards, stock) = self.next_cards(&ground, quantity)?;
        let mut taken = Vec::new();
        for card in cards {
            let mut card = self.taken(&ground, &card, holder)?;
            card.events += 1;
            card.origin = Origin {
                parent_card: Some(to.parent),
                redemption: Some(to.redemption.to_owned()),
                ..Origin::default()
            };
            taken.push((self.ground_named(batch)?, card));
        }
        gifts.growths.push(self.grown(&ground, &stock));
        gifts.cards.append(&mut taken);
        gifts.stocks.push(stock);
        Ok(())
    }

    /// Why so many cards of a batch cannot be given to this holder.
    pub fn cannot_give(&self, batch: &str, quantity: u32, holder: Option<&SubjectKey>) -> Option<&'static str> {
        let parent = CardId { batch: cardmint::id::BatchNo { symbols: 0, number: 0 }, serial: 0 };
        match self.take(&mut Gifts::default(), batch, quantity, &Occasion { holder, parent, redemption: "" }) {
            Err(No::Denied(denial)) => Some(denial.code()),
            Ok(()) | Err(No::Invalid) => None,
        }
    }

    /// What a redemption gave, with the codes that still live.
    pub(super) fn given_again(&self, redemption: &Redemption) -> Result<Vec<GivenCard>, No> {
        let again = |given: &Given| {
            let (ground, card) = self.card_at(given.card)?.ok_or(No::Invalid)?;
            let alive = card.state != CardState::Void && batch_must_live(&ground.batch).is_ok();
            let lives = card.issue_no == given.issue_no && alive;
            self.told(&ground, &card, lives)
        };
        redemption.given.iter().map(again).collect()
    }

    /// The cards that die with their redemption, and those that stay.
    pub(super) fn taken_back(&self, terms: &Terms, redemption: &Redemption) -> Result<(Vec<Card>, Vec<CardId>), No> {
        let (mut dead, mut kept) = (Vec::new(), Vec::new());
        for given in &redemption.given {
            let (ground, mut card) = self.card_at(given.card)?.ok_or(No::Invalid)?;
            let opened =
                matches!(&terms.off, Off::Cards { cards, .. } if cards.iter().any(|(id, _)| *id == ground.batch.id));
            if card.events == given.events {
                card.last_at = self.now.max(card.last_at);
                card.state = CardState::Void;
                card.unspent_state = CardState::Void;
                card.events += 1;
                dead.push(card);
            } else if opened {
                return Err(Denial::GivenCardTouched { card: card.id }.into());
            } else {
                kept.push(card.id);
            }
        }
        Ok((dead, kept))
    }
}
