//! Successors of cards that have ended: what is left on them goes on.

use cardmint::card::{Batch, Card, CardState, EventKind, Origin};
use cardmint::id::CardId;
use cardmint::time::Instant;
use cardmint::{CardWithCode, Denial};

use super::cards::{Ground, must_move, must_not_have_ended, token_text, wrong_state};
use super::holds::unheld;
use super::owner::batch_must_move;
use super::price::insufficient;
use super::shop::add;
use super::value::{holding, must_hold_value};
use super::{Effect, Moment, No, Put};
use crate::request::{Pick, Reply};

impl Moment<'_> {
    pub(super) fn succeed(&self, pick: &Pick, until: Option<Instant>) -> Result<Effect, No> {
        let (mut ground, card) = self.one(pick)?;
        batch_must_move(&ground.batch)?;
        must_hold_value(&ground, "succeed")?;
        must_move(&card)?;
        if card.state == CardState::Minted {
            return Err(wrong_state(&card, "succeed"));
        }
        let now = self.now.max(card.last_at);
        if must_not_have_ended(card.expires_at, now).is_ok() {
            return Err(Denial::NotExpired { expires_at: card.expires_at }.into());
        }
        let mut free = card.clone();
        unheld(&mut free, false, now)?;
        if card.balance_minor == 0 {
            return Err(insufficient(0, None));
        }
        let ends = until.or_else(|| ground.own_end(card.claimed_at.map(|_| now)));
        if ends.is_some_and(|end| end <= now) {
            return Err(No::Invalid);
        }
        // Into a place of its own behind all others: no export has given its code out, and nobody is handed it.
        let serial = ground.batch.size;
        let mut used = self.format_use(ground.batch.format);
        let floor = used.slots.get(&ground.batch.slot).map_or(0, |slot| slot.floor_bits);
        add(&mut used, ground.batch.format, ground.batch.slot, 1, floor)?;
        ground.batch = Batch { size: serial + 1, ..ground.batch };
        let mut emptied = holding(&free, 0);
        emptied.last_at = now;
        emptied.events += 1;
        let next = successor(&ground, &card, serial, ends, now);
        if !self.ring.good.contains(&ground.batch.slot) {
            return Err(No::Invalid);
        }
        let code = Some(token_text(&ground.token(&next)));
        let reply = Reply::Card(CardWithCode { card: ground.view(&next), code });
        let puts =
            vec![Put::Batch(ground.batch), Put::Format(used), Put::Card(Box::new(emptied)), Put::Card(Box::new(next))];
        Ok(Effect::of(reply, puts, vec![EventKind::BatchGrown, EventKind::Succeeded, EventKind::Succeeded]))
    }
}

/// The card that goes on: in the same hands and state, with all the value and nothing of the life.
fn successor(ground: &Ground, card: &Card, serial: u32, ends: Option<Instant>, now: Instant) -> Card {
    Card {
        id: CardId { batch: ground.batch.no, serial },
        state: card.unspent_state,
        issue_no: 0,
        uses_left: 1,
        rebinds: 0,
        transfers: 0,
        extended_to: None,
        claimed_at: card.claimed_at.map(|_| now),
        expires_at: ends,
        origin: Origin { parent_card: Some(card.id), ..Origin::default() },
        held: Default::default(),
        epoch: 0,
        holds_from: 0,
        last_at: now,
        events: 1,
        ..card.clone()
    }
}
