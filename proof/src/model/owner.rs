//! Cards that are tied, handed on and extended, and batches that are stopped or prolonged as a whole.

use cardmint::card::{Batch, BatchExtension, BatchLife, Card, CardState, EventKind, Life, RefundTo};
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;
use cardmint::{CardWithCode, Denial, LimitScope};

use super::cards::{Ground, key, must_move, must_not_have_ended, wrong_state};
use super::holds::unheld;
use super::shop::{changed, unknown};
use super::{Effect, Moment, No, Put};
use crate::request::{BatchMove, CampaignMove, Pick, REASON, Reply, Tie};

const DAY_MS: i64 = 86_400_000;

/// Whether the batch lets its cards move at all.
pub(super) fn batch_must_move(batch: &Batch) -> Result<(), No> {
    batch_must_live(batch)?;
    match (&batch.life, &batch.frozen) {
        (BatchLife::Archived, _) => Err(not_active(batch)),
        (_, Some(reason)) => Err(Denial::Frozen { reason: reason.clone() }.into()),
        (_, None) => Ok(()),
    }
}

pub(super) fn batch_must_live(batch: &Batch) -> Result<(), No> {
    if batch.life == BatchLife::Void { Err(Denial::Void.into()) } else { Ok(()) }
}

pub(super) fn batch_must_give(batch: &Batch) -> Result<(), No> {
    batch_must_move(batch)?;
    if batch.life == BatchLife::Active { Ok(()) } else { Err(not_active(batch)) }
}

fn not_active(batch: &Batch) -> No {
    Denial::BatchNotActive { batch: batch.id.clone(), life: batch.life.name() }.into()
}

/// The end that a card may be extended to at most.
fn latest(ground: &Ground, card: &Card) -> Option<Instant> {
    let policy = ground.template.terms.policies.extend.as_ref()?;
    let own_end = ground.own_end(card.claimed_at)?;
    let most = own_end.plus_millis(i64::from(policy.days_max) * DAY_MS);
    Some(ground.campaign_end().map_or(most, |end| most.min(end)))
}

/// A card as the extensions of its batch make it.
pub(super) fn prolonged(ground: &Ground, mut card: Card) -> Card {
    let Some(policy) = &ground.template.terms.policies.extend else { return card };
    for extension in &ground.batch.extensions {
        let (Some(end), Some(most)) = (card.expires_at, latest(ground, &card)) else { return card };
        let good = policy.expired || extension.at < end;
        let until = extension.until.min(most);
        if good && end < until {
            card.expires_at = Some(until);
            card.extended_to = Some(until);
        }
    }
    card
}

/// Whether whoever redeems presents what the card is tied to.
pub(super) fn must_present(card: &Card, holder: Option<&SubjectKey>, presents: Option<&str>) -> Result<(), No> {
    let Some(bound) = &card.bound else { return Ok(()) };
    let presented = presents.is_some_and(|device| bound.as_str() == format!("device:{device}"));
    if holder == Some(bound) || presented {
        return Ok(());
    }
    Err(Denial::NotBound { kind: "device".to_owned() }.into())
}

/// Where the template gives back to whoever redeemed only.
pub(super) fn must_be_original(ground: &Ground, card: &Card, redeemer: Option<&SubjectKey>) -> Result<(), No> {
    let strict =
        ground.template.terms.policies.transfer.as_ref().is_some_and(|it| it.refund_to == RefundTo::OriginalOnly);
    if strict && card.transfers > 0 && card.holder.as_ref() != redeemer {
        return Err(Denial::RefundToOriginalOnly.into());
    }
    Ok(())
}

impl Moment<'_> {
    pub(super) fn tie(&self, tie: Tie, pick: &Pick, customer: &str, to: &str) -> Result<Effect, No> {
        if tie == Tie::Transfer && customer == to {
            return Err(No::Invalid);
        }
        let (ground, card) = self.one(pick)?;
        batch_must_move(&ground.batch)?;
        let policies = &ground.template.terms.policies;
        match tie {
            Tie::Bind | Tie::Rebind if policies.bind.is_none() => {
                return Err(Denial::NotBindable { kind: "device".to_owned(), allowed: String::new() }.into());
            }
            Tie::Transfer if policies.transfer.is_none() => return Err(Denial::NotTransferable.into()),
            Tie::Bind | Tie::Rebind | Tie::Transfer => {}
        }
        must_move(&card)?;
        let (command, fits) = match tie {
            Tie::Bind => ("bind", card.state == CardState::Claimed),
            Tie::Rebind => ("rebind", card.state == CardState::Bound),
            Tie::Transfer => {
                let given = card.state == CardState::Issued && card.holder.is_some();
                ("transfer", given || matches!(card.state, CardState::Claimed | CardState::Bound))
            }
        };
        if !fits {
            return Err(wrong_state(&card, command));
        }
        if card.holder != self.acting_as(Some(&key(customer)), card.holder.as_ref()) {
            return Err(Denial::NotOwner.into());
        }
        must_not_have_ended(card.expires_at, self.now.max(card.last_at))?;
        let mut next = card.clone();
        next.last_at = self.now.max(card.last_at);
        next.events += 1;
        let event = match tie {
            Tie::Bind => {
                next.state = CardState::Bound;
                next.unspent_state = CardState::Bound;
                next.bound = Some(device(to));
                EventKind::Bound
            }
            Tie::Rebind => {
                let most = policies.bind.as_ref().map_or(0, |policy| policy.rebinds_max);
                next.rebinds = one_more(LimitScope::Rebinds, card.rebinds, most)?;
                next.bound = Some(device(to));
                EventKind::Rebound
            }
            Tie::Transfer => {
                let (most, keeps) =
                    policies.transfer.as_ref().map_or((0, false), |policy| (policy.transfers_max, policy.keep_code));
                next.transfers = one_more(LimitScope::Transfers, card.transfers, most)?;
                let last = ground.batch.format.issue_no_max();
                if !keeps && card.issue_no >= last {
                    return Err(Denial::IssueNumbersUsedUp { most: u32::from(last) }.into());
                }
                let now = next.last_at;
                unheld(&mut next, false, now)?;
                next.issue_no += u8::from(!keeps);
                next.holder = Some(key(to));
                next.bound = None;
                next.state = if card.state == CardState::Issued { CardState::Issued } else { CardState::Claimed };
                next.unspent_state = next.state;
                EventKind::Transferred
            }
        };
        let view = ground.view(&next);
        let reply = match tie {
            Tie::Transfer => self.with_code(&ground, view, &next)?,
            Tie::Bind | Tie::Rebind => Reply::Card(CardWithCode { card: view, code: None }),
        };
        Ok(Effect::of(reply, vec![Put::Card(Box::new(next))], vec![event]))
    }

    pub(super) fn extend(&self, pick: &Pick, until: Instant) -> Result<Effect, No> {
        let (ground, card) = self.one(pick)?;
        batch_must_move(&ground.batch)?;
        let Some(policy) = &ground.template.terms.policies.extend else { return Err(Denial::NotExtendable.into()) };
        must_move(&card)?;
        let now = self.now.max(card.last_at);
        if !policy.expired {
            must_not_have_ended(card.expires_at, now)?;
        }
        let most = latest(&ground, &card).or_else(|| ground.campaign_end());
        if let Some(until_max) = most.filter(|most| *most < until) {
            return Err(Denial::ExtensionTooLong { until_max }.into());
        }
        if card.expires_at.is_none_or(|end| until <= end) || until <= now {
            return Err(No::Invalid);
        }
        let mut next = card.clone();
        next.expires_at = Some(until);
        next.extended_to = Some(until);
        next.last_at = now;
        next.events += 1;
        let reply = Reply::Card(CardWithCode { card: ground.view(&next), code: None });
        Ok(Effect::of(reply, vec![Put::Card(Box::new(next))], vec![EventKind::Extended]))
    }

    pub(super) fn move_batch(&self, id: &str, step: &BatchMove) -> Result<Effect, No> {
        let have = self.batch(id).ok_or_else(|| unknown("batch", id))?;
        let life = if have.frozen.is_some() && have.life == BatchLife::Active { "frozen" } else { have.life.name() };
        let wrong = |command| {
            let id = have.id.clone();
            Err(Denial::WrongLife { kind: "batch", id, life, command }.into())
        };
        let over = matches!(have.life, BatchLife::Void | BatchLife::Archived);
        match step {
            BatchMove::Freeze if over || have.frozen.is_some() => wrong("freeze"),
            BatchMove::Freeze => {
                let next = Batch { frozen: Some(REASON.to_owned()), ..have.clone() };
                changed(next, Vec::new(), EventKind::BatchFrozen)
            }
            BatchMove::Unfreeze if over || have.frozen.is_none() => wrong("unfreeze"),
            BatchMove::Unfreeze => {
                changed(Batch { frozen: None, ..have.clone() }, Vec::new(), EventKind::BatchUnfrozen)
            }
            BatchMove::Close if have.life != BatchLife::Active => wrong("close"),
            BatchMove::Close => {
                changed(Batch { life: BatchLife::Closed, ..have.clone() }, Vec::new(), EventKind::BatchClosed)
            }
            BatchMove::Refill(refill) => self.refill_batch(id, *refill),
            BatchMove::Void if over => wrong("void"),
            BatchMove::Void => {
                changed(Batch { life: BatchLife::Void, ..have.clone() }, Vec::new(), EventKind::BatchVoided)
            }
            BatchMove::Archive if over => wrong("archive"),
            BatchMove::Archive => {
                changed(Batch { life: BatchLife::Archived, ..have.clone() }, Vec::new(), EventKind::BatchArchived)
            }
            BatchMove::Extend(until) => {
                let template = self.template(&have.template, have.template_version).ok_or(No::Invalid)?;
                if template.terms.policies.extend.is_none() {
                    return Err(Denial::NotExtendable.into());
                }
                if *until <= self.now {
                    return Err(No::Invalid);
                }
                if over {
                    return wrong("extend");
                }
                let mut next = have.clone();
                next.extensions.push(BatchExtension { at: self.now, until: *until });
                changed(next, Vec::new(), EventKind::BatchExtended)
            }
        }
    }
}

impl Moment<'_> {
    pub(super) fn move_campaign(&self, id: &str, step: CampaignMove) -> Result<Effect, No> {
        let have = self.campaign(id).ok_or_else(|| unknown("campaign", id))?;
        let ended = have.window.end.is_some_and(|end| end <= self.now);
        let begun = have.window.start.is_none_or(|start| start <= self.now);
        let life = match have.life {
            Life::Draft => "draft",
            Life::Paused => "paused",
            Life::Archived => "archived",
            Life::Running if !begun => "scheduled",
            Life::Running if ended => "ended",
            Life::Running => "running",
        };
        let mut next = have.clone();
        let command = match (step, life) {
            (CampaignMove::Start, "draft") | (CampaignMove::Resume, "paused") => {
                next.life = Life::Running;
                None
            }
            (CampaignMove::Pause, "running" | "scheduled") => {
                next.life = Life::Paused;
                None
            }
            (CampaignMove::End, "running" | "paused") => {
                next.life = Life::Running;
                next.window.end = Some(have.window.end.map_or(self.now, |end| end.min(self.now)));
                None
            }
            (CampaignMove::Archive, "draft" | "paused" | "ended") => {
                next.life = Life::Archived;
                None
            }
            (CampaignMove::Start, _) => Some("start"),
            (CampaignMove::Pause, _) => Some("pause"),
            (CampaignMove::Resume, _) => Some("resume"),
            (CampaignMove::End, _) => Some("end"),
            (CampaignMove::Archive, _) => Some("archive"),
        };
        if let Some(command) = command {
            return Err(Denial::WrongLife { kind: "campaign", id: id.to_owned(), life, command }.into());
        }
        let reply = Reply::Campaign(next.clone());
        Ok(Effect::of(reply, vec![Put::Campaign(next)], vec![EventKind::CampaignMoved]))
    }
}

fn device(name: &str) -> SubjectKey {
    SubjectKey::from_stored(format!("device:{name}"))
}

fn one_more(scope: LimitScope, used: u32, most: u32) -> Result<u32, No> {
    if used < most {
        return Ok(used + 1);
    }
    Err(Denial::LimitReached { scope, limit: u64::from(most), used: u64::from(used) }.into())
}
