//! The commands of a card's life. Each is a pure function: all checks first, then the change.
//!
//! Precedence of denials, the earlier is reported: `void`, `frozen`, then what the command asks of state, owner, time and limit.
//! docs/state-machine.md holds the table of state × command; a test executes it.

use super::holding::{aged, free, frees_at, without_holds};
use super::kinds::why_used_up;
use super::{Card, CardState, Parameters, RedeemFrom, Template};
use crate::defect::{self, Defect};
use crate::denial::{Denial, Fact, LimitScope};
use crate::money::AMOUNT_MAX;
use crate::subject::SubjectKey;
use crate::time::Instant;

/// What can be asked of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Give it to a holder.
    Issue,
    /// Take it as a holder.
    Claim,
    /// Use it on an order.
    Redeem,
    /// Give a use back.
    Refund,
    /// Stop it for a while.
    Freeze,
    /// Let it move again.
    Unfreeze,
    /// Give it a new code.
    Replace,
    /// Kill it.
    Void,
    /// Put value on it.
    Load,
    /// Set its value right.
    Adjust,
    /// Tie it to a subject.
    Bind,
    /// Tie it to another subject.
    Rebind,
    /// Hand it to another holder.
    Transfer,
    /// Put off its end.
    Extend,
    /// Move what it holds beyond its end onto a successor.
    Succeed,
}

impl Command {
    /// Every command.
    pub const ALL: [Self; 15] = [
        Self::Issue,
        Self::Claim,
        Self::Redeem,
        Self::Refund,
        Self::Freeze,
        Self::Unfreeze,
        Self::Replace,
        Self::Void,
        Self::Load,
        Self::Adjust,
        Self::Bind,
        Self::Rebind,
        Self::Transfer,
        Self::Extend,
        Self::Succeed,
    ];

    /// The command's name in denials and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Claim => "claim",
            Self::Redeem => "redeem",
            Self::Refund => "refund",
            Self::Freeze => "freeze",
            Self::Unfreeze => "unfreeze",
            Self::Replace => "replace",
            Self::Void => "void",
            Self::Load => "load",
            Self::Adjust => "adjust",
            Self::Bind => "bind",
            Self::Rebind => "rebind",
            Self::Transfer => "transfer",
            Self::Extend => "extend",
            Self::Succeed => "succeed",
        }
    }
}

pub(super) fn wrong_state(card: &Card, command: Command) -> Denial {
    Denial::WrongState { state: card.state.name(), command: command.name() }
}

pub(super) fn must_move(card: &Card) -> Result<(), Denial> {
    if card.state == CardState::Void {
        return Err(Denial::Void);
    }
    match &card.frozen {
        Some(reason) => Err(Denial::Frozen { reason: reason.clone() }),
        None => Ok(()),
    }
}

fn must_be_in_time(card: &Card, template: &Template, now: Instant) -> Result<(), Denial> {
    if let Some(starts_at) = template.window.start
        && now < starts_at
    {
        return Err(Denial::NotStarted { starts_at });
    }
    must_not_have_ended(card, now)
}

/// A card may be given out before its start, not after its end.
pub(super) fn must_not_have_ended(card: &Card, now: Instant) -> Result<(), Denial> {
    match card.expires_at {
        Some(expired_at) if now == expired_at && defect::is(Defect::EndIncluded) => Ok(()),
        Some(expired_at) if now >= expired_at => Err(Denial::Expired { expired_at }),
        Some(_) | None => Ok(()),
    }
}

/// What a holder gets with a card.
pub(crate) struct Claimed<'a> {
    pub holder: &'a SubjectKey,
    pub parameters: &'a Parameters,
    pub campaign_end: Option<Instant>,
}

fn give(
    card: &Card,
    template: &Template,
    batch: &Parameters,
    to: &Claimed<'_>,
    state: CardState,
    now: Instant,
) -> Result<Card, Denial> {
    let complete = template.complete(batch, to.parameters);
    let next = Card {
        state,
        unspent_state: state,
        holder: Some(to.holder.clone()),
        claimed_at: Some(now),
        parameters: to.parameters.clone(),
        balance_minor: card.balance_minor + revalued(card, template, batch, &complete),
        expires_at: later(template.expires_at(Some(now), to.campaign_end, &complete), card.extended_to),
        last_at: now,
        ..card.clone()
    };
    must_not_have_ended(&next, now)?;
    Ok(next)
}

/// The end that terms give, or a later one that a card was extended to. No end is the latest.
fn later(end: Option<Instant>, extended_to: Option<Instant>) -> Option<Instant> {
    end.map(|end| extended_to.map_or(end, |extended_to| end.max(extended_to)))
}

/// By how much the parameters of its issue change what a card holds; what was loaded or spent before stays.
fn revalued(card: &Card, template: &Template, batch: &Parameters, complete: &Parameters) -> i64 {
    let before = template.complete(batch, &card.parameters);
    template.draft.value_minor(complete) - template.draft.value_minor(&before)
}

/// Gives an untouched card to a holder.
///
/// # Errors
/// `void`, `frozen`, `wrong_state`, `expired`.
pub(crate) fn issue(
    card: &Card,
    template: &Template,
    batch: &Parameters,
    to: &Claimed<'_>,
    now: Instant,
) -> Result<Card, Denial> {
    must_move(card)?;
    match card.state {
        CardState::Minted => {}
        // The code of a card that was issued as part of its batch may be anywhere: it is nobody's to give again.
        CardState::Issued | CardState::Claimed | CardState::Spent | CardState::Void | CardState::Bound => {
            return Err(wrong_state(card, Command::Issue));
        }
    }
    give(card, template, batch, to, CardState::Issued, now)
}

/// Takes a card: out of a batch, or one that was issued to this holder or to the public.
///
/// # Errors
/// `void`, `frozen`, `wrong_state`, `not_owner`, `expired`.
pub(crate) fn claim(
    card: &Card,
    template: &Template,
    batch: &Parameters,
    to: &Claimed<'_>,
    now: Instant,
) -> Result<Card, Denial> {
    must_move(card)?;
    match card.state {
        CardState::Minted => give(card, template, batch, to, CardState::Claimed, now),
        CardState::Issued => match &card.holder {
            Some(holder) if holder != to.holder => Err(Denial::NotOwner),
            // Its time runs since it was issued to the holder, and the parameters were set then.
            Some(_) => {
                must_not_have_ended(card, now)?;
                Ok(Card { state: CardState::Claimed, unspent_state: CardState::Claimed, last_at: now, ..card.clone() })
            }
            None => give(card, template, batch, to, CardState::Claimed, now),
        },
        CardState::Claimed | CardState::Spent | CardState::Void | CardState::Bound => {
            Err(wrong_state(card, Command::Claim))
        }
    }
}

/// Whether the card itself may be redeemed now by this holder; the order is priced apart.
///
/// # Errors
/// `void`, `frozen`, `limit_reached` (card) or, of a gift card, `insufficient_balance`, `wrong_state`, `not_owner`, `not_started`,
/// `expired`, `held`.
pub(crate) fn redeemable(
    card: &Card,
    template: &Template,
    holder: Option<&SubjectKey>,
    now: Instant,
) -> Result<(), Denial> {
    must_move(card)?;
    match (card.state, template.draft.redeem_from) {
        (CardState::Bound, RedeemFrom::Issued | RedeemFrom::Claimed | RedeemFrom::Bound)
        | (CardState::Claimed, RedeemFrom::Issued | RedeemFrom::Claimed)
        | (CardState::Issued, RedeemFrom::Issued) => {}
        (CardState::Spent, RedeemFrom::Issued | RedeemFrom::Claimed | RedeemFrom::Bound) => {
            return Err(why_used_up(card, template));
        }
        (CardState::Minted | CardState::Void, RedeemFrom::Issued | RedeemFrom::Claimed | RedeemFrom::Bound)
        | (CardState::Issued, RedeemFrom::Claimed | RedeemFrom::Bound)
        | (CardState::Claimed, RedeemFrom::Bound) => {
            return Err(wrong_state(card, Command::Redeem));
        }
    }
    if card.holder.is_some() && card.holder.as_ref() != holder {
        return Err(Denial::NotOwner);
    }
    must_be_in_time(card, template, now)?;
    must_have_free(card, template, now)
}

/// Something of the card must be free: what is held is another order's.
fn must_have_free(card: &Card, template: &Template, now: Instant) -> Result<(), Denial> {
    match frees_at(card, template.draft.kind, 1, now) {
        Some(frees_at) => Err(held(card, template, frees_at, now)),
        None => Ok(()),
    }
}

/// Why nothing can be taken of a card of which enough is left, but held.
pub(crate) fn held(card: &Card, template: &Template, frees_at: Instant, now: Instant) -> Denial {
    let held = card.held.held(now);
    let held = match template.draft.currency.filter(|_| template.draft.kind.holds_value()) {
        Some(currency) => Fact::money(currency, held),
        None => Fact::text(held.to_string()),
    };
    Denial::Held { scope: LimitScope::Card, held, frees_at }
}

/// Takes uses of a card that [`redeemable`] let pass; at most those that it has.
pub(super) fn spend_units(card: &Card, units: u32, now: Instant) -> Card {
    let uses_left = card.uses_left.saturating_sub(units);
    let state = if uses_left == 0 { CardState::Spent } else { card.state };
    Card { uses_left, state, last_at: now, ..card.clone() }
}

/// Pays with a gift card that [`redeemable`] let pass: takes what was priced against its balance. With nothing left it is spent.
pub(super) fn pay(card: &Card, amount_minor: i64, now: Instant) -> Card {
    holding(card, card.balance_minor - amount_minor, now)
}

/// A card with another balance. One that holds something again stands where it stood before it was spent; one that never held
/// anything is not spent.
pub(super) fn holding(card: &Card, balance_minor: i64, now: Instant) -> Card {
    let (state, uses_left) = match card.state {
        CardState::Spent if balance_minor > 0 => (card.unspent_state, 1),
        CardState::Issued | CardState::Claimed | CardState::Bound if balance_minor == 0 && card.balance_minor > 0 => {
            (CardState::Spent, 0)
        }
        CardState::Minted
        | CardState::Issued
        | CardState::Claimed
        | CardState::Bound
        | CardState::Spent
        | CardState::Void => (card.state, card.uses_left),
    };
    Card { balance_minor, state, uses_left, last_at: now, ..card.clone() }
}

/// Puts value on a card, up to the most that it may hold.
fn put(card: &Card, amount_minor: i64, most: i64, now: Instant) -> Result<Card, Denial> {
    // Neither is beyond 2^53, so the sum fits.
    let balance_minor = card.balance_minor + amount_minor;
    if balance_minor > most {
        let (limit, used) = (most.unsigned_abs(), card.balance_minor.unsigned_abs());
        return Err(Denial::LimitReached { scope: LimitScope::Balance, limit, used });
    }
    Ok(holding(card, balance_minor, now))
}

/// Gives a part of a payment back to a gift card. A frozen or expired card gets it, too, and one that is full: it is owed.
///
/// # Errors
/// `void`: a dead card can hold nothing.
pub(super) fn unpay(card: &Card, amount_minor: i64, now: Instant) -> Result<Card, Denial> {
    match card.state {
        CardState::Minted | CardState::Issued | CardState::Claimed | CardState::Bound | CardState::Spent => {}
        CardState::Void => return Err(Denial::Void),
    }
    put(&aged(card), amount_minor, AMOUNT_MAX, now)
}

fn must_hold_value(template: &Template, command: Command) -> Result<(), Denial> {
    match template.draft.kind {
        kind if kind.holds_value() => Ok(()),
        kind => Err(Denial::WrongKind { kind: kind.name(), command: command.name() }),
    }
}

/// Loads a gift card (充值) that somebody has.
///
/// # Errors
/// `wrong_kind`, `void`, `frozen`, `wrong_state`, `expired`, `limit_reached` (balance).
pub(crate) fn load(card: &Card, template: &Template, amount_minor: i64, now: Instant) -> Result<Card, Denial> {
    must_hold_value(template, Command::Load)?;
    must_move(card)?;
    match card.state {
        CardState::Issued | CardState::Claimed | CardState::Bound | CardState::Spent => {}
        CardState::Minted | CardState::Void => return Err(wrong_state(card, Command::Load)),
    }
    must_not_have_ended(card, now)?;
    put(card, amount_minor, template.draft.balance_max_minor(), now)
}

/// Sets right what a gift card holds, whatever else is the matter with it.
///
/// # Errors
/// `wrong_kind`, `void`, `insufficient_balance` when more is to go than is there, `held` when it is held, `limit_reached` (balance).
pub(crate) fn adjust(card: &Card, template: &Template, delta_minor: i64, now: Instant) -> Result<Card, Denial> {
    must_hold_value(template, Command::Adjust)?;
    if card.state == CardState::Void {
        return Err(Denial::Void);
    }
    // What orders hold is promised to them.
    let free_minor = free(card, template.draft.kind, now);
    if delta_minor < 0 && free_minor + delta_minor < 0 {
        return Err(match frees_at(card, template.draft.kind, -delta_minor, now) {
            Some(frees_at) => held(card, template, frees_at, now),
            None => template.draft.insufficient_balance(free_minor, Some(-delta_minor)),
        });
    }
    if delta_minor > 0 {
        return put(card, delta_minor, template.draft.balance_max_minor(), now);
    }
    Ok(holding(card, card.balance_minor + delta_minor, now))
}

/// Takes what a card holds beyond its end off it, for a successor. It may get more, by a late refund, and have another one.
///
/// # Errors
/// `wrong_kind`, `void`, `frozen`, `wrong_state` when nobody has it, `not_expired`, `has_open_hold`, `insufficient_balance` when
/// nothing is left.
pub(crate) fn succeed(card: &Card, template: &Template, now: Instant) -> Result<Card, Denial> {
    must_hold_value(template, Command::Succeed)?;
    must_move(card)?;
    match card.state {
        CardState::Issued | CardState::Claimed | CardState::Bound | CardState::Spent => {}
        CardState::Minted | CardState::Void => return Err(wrong_state(card, Command::Succeed)),
    }
    if must_not_have_ended(card, now).is_ok() {
        return Err(Denial::NotExpired { expires_at: card.expires_at });
    }
    let card = without_holds(card, false, now)?;
    if card.balance_minor == 0 {
        return Err(template.draft.insufficient_balance(0, None));
    }
    Ok(holding(&card, 0, now))
}

/// Gives uses back: the card stands where it stood before its last use. A frozen or expired card gets them, too.
///
/// # Errors
/// `void`: a dead card can hold nothing.
pub(super) fn unspend_units(card: &Card, units: u32, now: Instant) -> Result<Card, Denial> {
    let state = match card.state {
        CardState::Spent => card.unspent_state,
        CardState::Minted | CardState::Issued | CardState::Claimed | CardState::Bound => card.state,
        CardState::Void => return Err(Denial::Void),
    };
    Ok(Card { uses_left: card.uses_left.saturating_add(units), state, last_at: now, ..aged(card) })
}

/// Stops a card.
///
/// # Errors
/// `void`, `frozen` when it is already, `has_open_hold`.
pub(crate) fn freeze(card: &Card, reason: &str, force: bool, now: Instant) -> Result<Card, Denial> {
    must_move(card)?;
    Ok(Card { frozen: Some(reason.to_owned()), last_at: now, ..without_holds(card, force, now)? })
}

/// Lets a frozen card move again.
///
/// # Errors
/// `void`, `wrong_state` when it is not frozen.
pub(crate) fn unfreeze(card: &Card, now: Instant) -> Result<Card, Denial> {
    if card.state == CardState::Void {
        return Err(Denial::Void);
    }
    if card.frozen.is_none() {
        return Err(wrong_state(card, Command::Unfreeze));
    }
    Ok(Card { frozen: None, last_at: now, ..card.clone() })
}

/// Gives a card a new code; its old one dies.
///
/// # Errors
/// `void`, `frozen`, `issue_numbers_used_up`, `has_open_hold`.
pub(crate) fn replace(card: &Card, issue_no_max: u8, force: bool, now: Instant) -> Result<Card, Denial> {
    must_move(card)?;
    if card.issue_no >= issue_no_max {
        return Err(Denial::IssueNumbersUsedUp { most: u32::from(issue_no_max) });
    }
    Ok(Card { issue_no: card.issue_no.saturating_add(1), last_at: now, ..without_holds(card, force, now)? })
}

/// Kills a card. A frozen one can be killed, a spent one is history.
///
/// # Errors
/// `void` when it is already, `wrong_state` when it is spent, `has_open_hold`.
pub(crate) fn void(card: &Card, force: bool, now: Instant) -> Result<Card, Denial> {
    match card.state {
        CardState::Minted | CardState::Issued | CardState::Claimed | CardState::Bound => {}
        CardState::Spent => return Err(wrong_state(card, Command::Void)),
        CardState::Void => return Err(Denial::Void),
    }
    let unheld = without_holds(card, force, now)?;
    Ok(Card { state: CardState::Void, unspent_state: CardState::Void, last_at: now, ..unheld })
}
