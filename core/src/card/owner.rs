//! The commands that tie a card, hand it on and put off its end. Each asks its template's policy first: what is not declared there is
//! denied, whatever else is the matter.

use super::holding::without_holds;
use super::transition::{must_move, must_not_have_ended, wrong_state};
use super::{Card, CardState, Command, Parameters, Template};
use crate::defect::{self, Defect};
use crate::denial::{Denial, LimitScope};
use crate::subject::SubjectKey;
use crate::time::Instant;

/// A card counts as its holder's only where that holder asks.
fn must_be_of(card: &Card, holder: &SubjectKey) -> Result<(), Denial> {
    if card.holder.as_ref() == Some(holder) { Ok(()) } else { Err(Denial::NotOwner) }
}

/// One more of what the policy limits per card.
fn one_more(scope: LimitScope, used: u32, most: u32) -> Result<u32, Denial> {
    if used >= most {
        return Err(Denial::LimitReached { scope, limit: u64::from(most), used: u64::from(used) });
    }
    Ok(used.saturating_add(1))
}

/// How often cards of the template may be bound anew.
fn may_bind(template: &Template, to: &SubjectKey) -> Result<u32, Denial> {
    let policy = template.draft.policies.bind.as_ref();
    let kinds = policy.map(|policy| policy.kinds.as_slice()).unwrap_or_default();
    match policy {
        Some(policy) if kinds.iter().any(|kind| kind == to.kind()) => Ok(policy.rebinds_max),
        Some(_) | None => Err(Denial::NotBindable { kind: to.kind().to_owned(), allowed: kinds.join(", ") }),
    }
}

/// Ties a claimed card to a subject.
///
/// # Errors
/// `not_bindable`, `void`, `frozen`, `wrong_state`, `not_owner`, `expired`.
pub(crate) fn bind(
    card: &Card,
    template: &Template,
    holder: &SubjectKey,
    to: &SubjectKey,
    now: Instant,
) -> Result<Card, Denial> {
    may_bind(template, to)?;
    must_move(card)?;
    match card.state {
        CardState::Claimed => {}
        CardState::Minted | CardState::Issued | CardState::Spent | CardState::Void | CardState::Bound => {
            return Err(wrong_state(card, Command::Bind));
        }
    }
    must_be_of(card, holder)?;
    must_not_have_ended(card, now)?;
    let (state, bound) = (CardState::Bound, Some(to.clone()));
    Ok(Card { state, unspent_state: state, bound, last_at: now, ..card.clone() })
}

/// Ties a bound card to another subject. Its code stays: that alone never redeems a bound card.
///
/// # Errors
/// `not_bindable`, `void`, `frozen`, `wrong_state`, `not_owner`, `expired`, `limit_reached` (rebinds).
pub(crate) fn rebind(
    card: &Card,
    template: &Template,
    holder: &SubjectKey,
    to: &SubjectKey,
    now: Instant,
) -> Result<Card, Denial> {
    let most = may_bind(template, to)?;
    must_move(card)?;
    match card.state {
        CardState::Bound => {}
        CardState::Minted | CardState::Issued | CardState::Claimed | CardState::Spent | CardState::Void => {
            return Err(wrong_state(card, Command::Rebind));
        }
    }
    must_be_of(card, holder)?;
    must_not_have_ended(card, now)?;
    let rebinds = one_more(LimitScope::Rebinds, card.rebinds, most)?;
    Ok(Card { rebinds, bound: Some(to.clone()), last_at: now, ..card.clone() })
}

/// Hands a card to another holder. Its time goes on, its tie is undone, and its code dies unless the template keeps it.
///
/// # Errors
/// `not_transferable`, `void`, `frozen`, `wrong_state`, `not_owner`, `expired`, `limit_reached` (transfers),
/// `issue_numbers_used_up`, `has_open_hold`.
pub(crate) fn transfer(
    card: &Card,
    template: &Template,
    holder: &SubjectKey,
    to: &SubjectKey,
    issue_no_max: u8,
    now: Instant,
) -> Result<Card, Denial> {
    let Some(policy) = &template.draft.policies.transfer else { return Err(Denial::NotTransferable) };
    must_move(card)?;
    let state = match card.state {
        // A card that is nobody's changes hands with its code.
        CardState::Issued if card.holder.is_none() => return Err(wrong_state(card, Command::Transfer)),
        CardState::Issued => CardState::Issued,
        CardState::Claimed | CardState::Bound => CardState::Claimed,
        CardState::Minted | CardState::Spent | CardState::Void => return Err(wrong_state(card, Command::Transfer)),
    };
    must_be_of(card, holder)?;
    must_not_have_ended(card, now)?;
    let transfers = one_more(LimitScope::Transfers, card.transfers, policy.transfers_max)?;
    let issue_no = match policy.keep_code {
        true => card.issue_no,
        false if defect::is(Defect::CodeLivesAfterTransfer) => card.issue_no,
        false if card.issue_no >= issue_no_max => {
            return Err(Denial::IssueNumbersUsedUp { most: u32::from(issue_no_max) });
        }
        false => card.issue_no.saturating_add(1),
    };
    let (holder, unheld) = (Some(to.clone()), without_holds(card, false, now)?);
    Ok(Card { state, unspent_state: state, holder, bound: None, transfers, issue_no, last_at: now, ..unheld })
}

/// Puts off the end of a card that has one: `until` lies behind it.
///
/// # Errors
/// `not_extendable`, `void`, `frozen`, `expired` where the policy leaves those alone, `extension_too_long`.
pub(crate) fn extend(
    card: &Card,
    template: &Template,
    batch: &Parameters,
    campaign_end: Option<Instant>,
    until: Instant,
    now: Instant,
) -> Result<Card, Denial> {
    let Some(policy) = &template.draft.policies.extend else { return Err(Denial::NotExtendable) };
    must_move(card)?;
    if !policy.expired {
        must_not_have_ended(card, now)?;
    }
    let complete = template.complete(batch, &card.parameters);
    match template.latest_end(card.claimed_at, campaign_end, &complete) {
        Some(until_max) if until > until_max => Err(Denial::ExtensionTooLong { until_max }),
        Some(_) | None => Ok(Card { expires_at: Some(until), extended_to: Some(until), last_at: now, ..card.clone() }),
    }
}

/// Whether whoever redeems presents what the card is tied to.
///
/// # Errors
/// `not_bound`.
pub(crate) fn must_present(card: &Card, holder: Option<&SubjectKey>, subjects: &[SubjectKey]) -> Result<(), Denial> {
    match &card.bound {
        Some(_) if defect::is(Defect::BoundNotCompared) => Ok(()),
        Some(bound) if holder != Some(bound) && !subjects.contains(bound) => {
            Err(Denial::NotBound { kind: bound.kind().to_owned() })
        }
        Some(_) | None => Ok(()),
    }
}
