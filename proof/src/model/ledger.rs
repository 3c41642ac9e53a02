//! What the books have of a card: all that it holds, unless it is void; and as breakage the same once it has ended.

use cardmint::card::CardState;

use super::Put;

/// Notes it in the card of a change. The card's last moment is that of the change.
pub(super) fn book(put: &mut Put) {
    let Put::Card(card) = put else { return };
    let is_void = card.state == CardState::Void;
    let has_ended = card.expires_at.is_some_and(|ends| card.last_at >= ends);
    card.booked_minor = if is_void { 0 } else { card.balance_minor };
    card.broken_minor = if has_ended { card.booked_minor } else { 0 };
}
