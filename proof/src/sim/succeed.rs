//! Who asks for a successor of a card.

use cardmint::id::CardId;
use cardmint::time::Instant;

use super::requests::sealed;
use crate::dice::Dice;
use crate::model::Model;
use crate::request::{Pick, What};

/// A successor: mostly of a card that has ended with something on it, now and then of any that holds value.
pub fn next(model: &Model, now: Instant, dice: &mut Dice) -> Option<What> {
    let any = dice.in_thousand(100);
    let ended = |end: Option<Instant>| end.is_some_and(|end| end <= now);
    let left: Vec<_> =
        model.cards.values().filter(|card| card.balance_minor > 0 && (any || ended(card.expires_at))).collect();
    let id: CardId = dice.pick(&left)?.id;
    let batch = model.batches.values().find(|batch| batch.no == id.batch)?;
    let by_id = dice.in_thousand(400);
    let card = if by_id { Pick::Id(id) } else { Pick::Code(sealed(model, batch, id.serial, dice)) };
    let until = dice.in_thousand(750).then(|| now.plus_millis(i64::try_from(dice.below(15_000)).unwrap_or(0) - 500));
    Some(What::Succeed { card, until })
}
