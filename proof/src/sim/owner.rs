//! What holders do with their cards beside using them, and what happens to batches as a whole.

use cardmint::card::{Batch, CardState, Refill};
use cardmint::time::Instant;

use super::requests::{customer, device, sealed, some_batch};
use crate::dice::Dice;
use crate::model::Model;
use crate::request::{BatchMove, Pick, Tie, What};
use crate::terms::Terms;

pub fn terms<'a>(model: &'a Model, batch: &Batch) -> Option<&'a Terms> {
    let versions = model.templates.get(&batch.template)?;
    versions.iter().find(|one| one.version == batch.template_version).map(|one| &one.terms)
}

/// Whether cards of this batch are times cards.
pub fn counts_uses(model: &Model, batch: &Batch) -> bool {
    terms(model, batch).is_some_and(|terms| terms.usage.is_some())
}

/// The next request: mostly of a card that is held, by its holder.
pub fn next(model: &Model, now: Instant, dice: &mut Dice) -> Option<What> {
    let soon = |dice: &mut Dice| now.plus_millis(i64::try_from(dice.below(12_000)).unwrap_or(0) - 1_000);
    if dice.in_thousand(220) {
        let batch = some_batch(model, dice)?;
        let step = match dice.weighed(&[5, 5, 6, 4, 2]) {
            0 => BatchMove::Freeze,
            1 => BatchMove::Unfreeze,
            2 => BatchMove::Extend(soon(dice)),
            3 => {
                let refill = Refill { below: 1 + u32::try_from(dice.below(3)).unwrap_or(0), by: 2, up_to: 20 };
                BatchMove::Refill(dice.in_thousand(800).then_some(refill))
            }
            // A batch is closed for good: some are left.
            _ if batch.id.ends_with("-1") => BatchMove::Unfreeze,
            _ => [BatchMove::Close, BatchMove::Close, BatchMove::Void, BatchMove::Archive][dice.place(4)],
        };
        return Some(What::MoveBatch { batch: batch.id, step });
    }
    let policies = |batch: &Batch| terms(model, batch).map(|terms| terms.policies.clone()).unwrap_or_default();
    let may = |batch: &Batch| policies(batch) != Default::default();
    let held: Vec<_> = model
        .cards
        .values()
        .filter(|card| matches!(card.state, CardState::Issued | CardState::Claimed | CardState::Bound))
        .filter_map(|card| model.batches.values().find(|batch| batch.no == card.id.batch).map(|batch| (card, batch)))
        .filter(|(_, batch)| may(batch))
        .collect();
    let (card, batch) = dice.pick(&held)?;
    let holder = card.holder.as_ref().and_then(|holder| holder.as_str().strip_prefix("customer:"));
    let whose = holder.filter(|_| dice.in_thousand(900)).map_or_else(|| customer(dice), str::to_owned);
    let by_id = dice.in_thousand(200);
    let pick = if by_id { Pick::Id(card.id) } else { Pick::Code(sealed(model, batch, card.id.serial, dice)) };
    let tied = card.state == CardState::Bound;
    Some(match dice.weighed(&[5, 4, 3]) {
        0 if policies(batch).bind.is_some() || dice.in_thousand(100) => {
            let tie = if tied == dice.in_thousand(900) { Tie::Rebind } else { Tie::Bind };
            What::Tie { tie, card: pick, customer: whose, to: device(dice) }
        }
        0 | 1 => What::Tie { tie: Tie::Transfer, card: pick, customer: whose, to: customer(dice) },
        _ => {
            let end = card.expires_at.unwrap_or(now);
            What::Extend { card: pick, until: soon(dice).max(end.plus_millis(1)) }
        }
    })
}
