//! What holds do to a card. A held use or amount stands in the card's buckets; the card's own row is the judge of it.

use super::transition::{pay, spend_units};
use super::{Card, CardKind, CountedIn};
use crate::checkout::Pricing;
use crate::defect::{self, Defect};
use crate::denial::Denial;
use crate::time::Instant;

/// What a card has in all: uses, or minor units.
fn stock(card: &Card, kind: CardKind) -> i64 {
    match kind.terms().counted_in {
        CountedIn::Use | CountedIn::Units => i64::from(card.uses_left),
        CountedIn::Value => card.balance_minor,
        // Good as often as it is presented.
        CountedIn::Nothing => i64::MAX,
    }
}

/// What of a card nobody holds: uses, or minor units.
pub(crate) fn free(card: &Card, kind: CardKind, now: Instant) -> i64 {
    stock(card, kind) - card.held.held(now)
}

/// When so much of the card is free, where it has as much and what is missing is only held.
pub(crate) fn frees_at(card: &Card, kind: CardKind, amount: i64, now: Instant) -> Option<Instant> {
    let missing = amount - free(card, kind, now);
    card.held.frees(missing, now).filter(|_| missing > 0 && amount <= stock(card, kind))
}

/// Keeps so much of what is free.
pub(crate) fn hold(card: &Card, amount: i64, expires_at: Instant, now: Instant) -> Card {
    let mut held = card.held.living(now);
    held.put(expires_at, amount);
    Card { held, last_at: now, ..card.clone() }
}

/// Ends a hold that stands: what it held is in its bucket no more.
pub(crate) fn unhold(card: &Card, amount: i64, expires_at: Instant, now: Instant) -> Card {
    let mut held = card.held.living(now);
    held.take(expires_at, amount);
    Card { held, last_at: now, ..card.clone() }
}

/// Gives a hold back. Quotes that were made before are stale.
pub(crate) fn release(card: &Card, amount: i64, expires_at: Instant, now: Instant) -> Card {
    aged(&unhold(card, amount, expires_at, now))
}

/// Uses what a hold kept that stands; of an amount, what is not used comes back.
pub(crate) fn capture(card: &Card, kind: CardKind, held: i64, used: i64, expires_at: Instant, now: Instant) -> Card {
    used_up(&unhold(card, held, expires_at, now), kind, used, now)
}

/// What a redemption takes of a card: a use, or what it pays.
pub(crate) fn taken(kind: CardKind, pricing: &Pricing) -> i64 {
    match kind.terms().counted_in {
        CountedIn::Use | CountedIn::Units => 1,
        CountedIn::Value => pricing.tender_minor,
        CountedIn::Nothing => 0,
    }
}

/// Uses what is free.
pub(crate) fn used_up(card: &Card, kind: CardKind, amount: i64, now: Instant) -> Card {
    match kind.terms().counted_in {
        CountedIn::Use => spend_units(card, 1, now),
        CountedIn::Units => spend_units(card, u32::try_from(amount).unwrap_or(u32::MAX), now),
        CountedIn::Value => pay(card, amount, now),
        CountedIn::Nothing => Card { last_at: now, ..card.clone() },
    }
}

/// A card whose quotes of before are stale (G-11).
pub(crate) fn aged(card: &Card) -> Card {
    let by = u32::from(!defect::is(Defect::OldEpochAccepted));
    Card { epoch: card.epoch.saturating_add(by), ..card.clone() }
}

/// For commands that an open hold forbids: a card without one. With `force` the holds die first, and their captures answer
/// `refund_required`.
///
/// # Errors
/// `has_open_hold`.
pub(super) fn without_holds(card: &Card, force: bool, now: Instant) -> Result<Card, Denial> {
    match card.held.until(now) {
        None => Ok(card.clone()),
        Some(until) if !force => Err(Denial::HasOpenHold { until }),
        Some(_) => {
            let next = Card { held: Default::default(), ..aged(card) };
            Ok(Card { holds_from: next.epoch, ..next })
        }
    }
}
