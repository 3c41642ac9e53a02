//! The limits of a template, a batch and a campaign, as they apply to one use: which accounts count it, how much, and what they say.

use super::ceilings::{QuotedLimit, Use};
use super::command::Stop;
use super::counters::{Counted, Sight, Takes};
use super::resolve::Ground;
use super::view::{Missing, View};
use crate::card::{Batch, Card, CountedOn, HeldFor, HeldOn, HoldOf, PartialPolicy, Redemption, TemplateDraft};
use crate::checkout::{Covered, Order, Pricing};
use crate::defect::{self, Defect};
use crate::denial::{Denial, LimitFacts};
use crate::id::CardId;
use crate::limit::{Full, Limit, LimitWindow, Measure, Scope, Stands, Stretch};
use crate::money::Currency;
use crate::store::{Key, Move, Owner};
use crate::subject::SubjectKey;
use crate::time::Instant;

/// Who uses a card, and where: what limits may count apart.
#[derive(Clone, Copy)]
pub(super) struct User<'a> {
    pub holder: Option<&'a SubjectKey>,
    pub subjects: &'a [SubjectKey],
    pub order: &'a Order,
    /// The channel that the order does not name.
    pub channel: Option<&'a str>,
}

/// A limit with the account that counts this use.
#[derive(Clone)]
pub(super) struct LimitOn {
    limit: Limit,
    /// `template`, `batch` or `campaign`: whose limit it is.
    of: &'static str,
    owner: Owner,
    /// Where more of the same persons may stand.
    others: Vec<Owner>,
    unit: String,
    stretch: Stretch,
}

/// The limits that a use of the card meets.
///
/// # Errors
/// `holder_required`, `scope_required` where the request does not say what a limit counts apart.
pub(super) fn limits_on(
    view: &mut View<'_>,
    ground: &Ground,
    card: CardId,
    user: &User<'_>,
    now: Instant,
) -> Result<Vec<LimitOn>, Stop> {
    written(ground).map(|limit| limit_on(view, limit, ground, card, user, now)).collect()
}

fn limit_on(
    view: &mut View<'_>,
    (of, id, limit): (&'static str, String, &Limit),
    ground: &Ground,
    card: CardId,
    user: &User<'_>,
    now: Instant,
) -> Result<LimitOn, Stop> {
    let mut owners = vec![part(of, &id)];
    for scope in &limit.scope {
        let parts = apart(view, scope, ground, card, user)?;
        owners = parts.iter().flat_map(|part| owners.iter().map(move |owner| format!("{owner}/{part}"))).collect();
    }
    let mut owners = owners.into_iter().map(Owner::Scope);
    let owner = owners.next().ok_or(Stop::Internal("a limit counts nobody"))?;
    let stretch = limit.window.at(now, &ground.template.zone);
    let unit = match &stretch.key {
        Some(key) => format!("limit:{}@{key}", limit.name),
        None => format!("limit:{}", limit.name),
    };
    Ok(LimitOn { limit: limit.clone(), of, owner, others: owners.collect(), unit, stretch })
}

/// The limits in the order in which they are looked at: whose, its id, and what it says.
fn written(ground: &Ground) -> impl Iterator<Item = (&'static str, String, &Limit)> {
    let (template, batch) = (&ground.template, &ground.batch);
    let of_template = template.draft.limits.list.iter().map(|limit| ("template", batch.template.clone(), limit));
    let of_batch = if defect::is(Defect::BatchLimitsForgotten) { &[] } else { batch.limits.as_slice() };
    let of_batch = of_batch.iter().map(|limit| ("batch", HoldOf::Batch(batch.no).to_string(), limit));
    let of_campaign = ground
        .campaign
        .iter()
        .flat_map(|campaign| campaign.limits.iter().map(|limit| ("campaign", campaign.id.clone(), limit)));
    of_template.chain(of_batch).chain(of_campaign)
}

/// Whether a card of the batch may meet a limit at all, as far as batch and template tell.
pub(super) fn may_be_limited(batch: &Batch, template: &TemplateDraft) -> bool {
    batch.campaign.is_some() || !batch.limits.is_empty() || !template.limits.list.is_empty()
}

/// One part of an account's owner.
fn part(kind: &str, value: &str) -> String {
    format!("{kind}:{}", within_scope(value))
}

/// A value as it stands in a part: none can look like two parts.
pub(super) fn within_scope(value: &str) -> String {
    value.replace('%', "%25").replace('/', "%2F")
}

/// What a scope counts apart: one part of an owner, and of a person of several subjects those under which more of it may stand.
fn apart(
    view: &mut View<'_>,
    scope: &Scope,
    ground: &Ground,
    card: CardId,
    user: &User<'_>,
) -> Result<Vec<String>, Stop> {
    let required = || Denial::ScopeRequired { scope: scope.name().to_owned() };
    let of_kind = |kind: &str| {
        let all = user.holder.into_iter().chain(user.subjects);
        all.into_iter().find(|subject| subject.kind() == kind)
    };
    let (name, subject) = match scope {
        Scope::Holder => ("holder", user.holder.ok_or(Denial::HolderRequired)?),
        Scope::Subject(kind) => ("subject", of_kind(kind).ok_or_else(required)?),
        Scope::Card | Scope::Batch | Scope::Template | Scope::Campaign | Scope::Store | Scope::Channel => {
            return Ok(vec![shared(scope, ground, card, user)?]);
        }
    };
    Ok(view.counts_of(subject)?.all().map(|key| part(name, key.as_str())).collect())
}

fn shared(scope: &Scope, ground: &Ground, card: CardId, user: &User<'_>) -> Result<String, Stop> {
    let required = || Denial::ScopeRequired { scope: scope.name().to_owned() };
    Ok(match scope {
        Scope::Card => part("card", &card.to_string()),
        Scope::Batch => part("batch", &HoldOf::Batch(card.batch).to_string()),
        Scope::Template => part("template", &ground.batch.template),
        Scope::Campaign => part("campaign", ground.batch.campaign.as_deref().unwrap_or_default()),
        Scope::Store => part("store", user.order.store.as_deref().ok_or_else(required)?),
        Scope::Channel => part("channel", user.order.channel.as_deref().or(user.channel).ok_or_else(required)?),
        Scope::Holder | Scope::Subject(_) => return Err(Stop::Internal("subjects are counted by person")),
    })
}

impl LimitOn {
    /// How much of the limit a use takes: its uses, or what it takes off and pays.
    fn amount(&self, covered: &Covered) -> i64 {
        match self.limit.measure {
            Measure::Money { .. } => covered.money(),
            Measure::Uses { usage_unit } => covered.uses(usage_unit),
        }
    }

    /// As much of a use as is left; nothing where nothing is.
    fn within(&self, left: i64, covered: &Covered, order: &Order) -> Option<Covered> {
        match self.limit.measure {
            Measure::Money { .. } => covered.within_money(left, order),
            Measure::Uses { usage_unit } => covered.within_uses(usage_unit, left, order),
        }
    }

    fn caps(&self) -> bool {
        self.limit.partial_policy == PartialPolicy::Cap
    }

    fn counts_on(&self, held: &HeldOn) -> bool {
        self.owner == held.owner && self.unit == held.unit
    }

    /// How it stands beside what the order holds already.
    fn stands(&self, view: &mut View<'_>, own: &[HeldOn], now: Instant) -> Result<Stands, Missing> {
        let sight = Sight::of(view, self.owner.clone(), self.unit.clone())?;
        let own: i64 = own.iter().filter(|held| self.counts_on(held)).map(|held| held.amount).sum();
        let elsewhere = self.elsewhere(view, now)?;
        let Stands { used, held, left } = sight.stands_under(self.limit.most - elsewhere, sight.no_earlier(now));
        let (used, held, left) = (used + elsewhere, held - own, left + own);
        // What was used in a rolling window stands in its buckets.
        let rolls = self.stretch.leaves_at.is_some();
        Ok(if rolls { Stands { used: used + held, held: 0, left } } else { Stands { used, held, left } })
    }

    fn must_be_in(&self, currency: Currency) -> Result<(), Denial> {
        match self.limit.measure {
            Measure::Money { currency: of } if of != currency => {
                Err(Denial::CurrencyMismatch { card: of, order: currency })
            }
            Measure::Money { .. } | Measure::Uses { .. } => Ok(()),
        }
    }

    /// Why no more is left: what counts up to what, over which time, and when some of it is free.
    fn full(&self, amount: i64, why: Full, covered: &Covered) -> Denial {
        // What was used in a rolling window stands in its buckets, and leaves them by itself.
        let rolls = self.stretch.leaves_at.is_some();
        // To a limit that caps, room for a part is room.
        let why = match why {
            Full::Captured { used, held, part_at: Some(frees_at) } if self.caps() && covered.is_divisible() => {
                Full::Held { used, held, frees_at }
            }
            Full::Captured { .. } | Full::Held { .. } => why,
        };
        let (used, held, frees_at, is_final) = match why {
            Full::Captured { used, held, .. } if rolls => (used + held, 0, None, true),
            Full::Captured { used, held, .. } => (used, held, self.stretch.ends_at, true),
            Full::Held { used, held, frees_at } if rolls => (used + held, 0, Some(frees_at), true),
            Full::Held { used, held, frees_at } => (used, held, Some(frees_at), false),
        };
        let facts = Box::new(LimitFacts {
            name: self.limit.name.clone(),
            of: self.of,
            scope: self.limit.scope.iter().map(|scope| scope.name().to_owned()).collect(),
            window: self.limit.window.words(),
            currency: self.limit.currency(),
            limit: self.limit.most,
            used,
            held,
            asked: amount,
            frees_at,
        });
        if is_final { Denial::LimitUsedUp(facts) } else { Denial::LimitHeld(facts) }
    }

    /// What counts for the same persons elsewhere.
    fn elsewhere(&self, view: &mut View<'_>, now: Instant) -> Result<i64, Missing> {
        view.counted_on(self.others.iter().cloned(), &self.unit, now)
    }

    fn held(&self, amount: i64, elsewhere: i64) -> HeldOn {
        HeldOn {
            owner: self.owner.clone(),
            unit: self.unit.clone(),
            amount,
            ceiling: self.limit.most - elsewhere,
            elsewhere,
            counts: match self.limit.measure {
                Measure::Money { .. } => HeldFor::Money,
                Measure::Uses { .. } => HeldFor::Uses,
            },
            rolling_s: match self.limit.window {
                LimitWindow::RollingS(seconds) => Some(seconds),
                LimitWindow::Total | LimitWindow::Calendar(_) => None,
            },
            refill: self.limit.refill,
        }
    }
}

/// What a use of the card covers: what the card gives, or as much of it as limits that cap have left for it beside what the order
/// holds already.
pub(super) fn covered(
    view: &mut View<'_>,
    (ground, card): (&Ground, &Card),
    user: &User<'_>,
    pricing: Pricing,
    asked_minor: Option<i64>,
    own: &[HeldOn],
) -> Result<Covered, Stop> {
    let mut covered = Covered::whole(pricing, user.order);
    let some_cap = written(ground).any(|(_, _, limit)| limit.partial_policy == PartialPolicy::Cap);
    if !some_cap || asked_minor.is_some() || !ground.template.draft.kind.can_be_capped() {
        return Ok(covered);
    }
    covered = covered.divisible();
    let now = view.now.max(card.last_at);
    // What is not named is denied where it is asked for.
    let limits = match limits_on(view, ground, card.id, user, now) {
        Ok(limits) => limits,
        Err(Stop::Denied(_)) => return Ok(covered),
        Err(stop) => return Err(stop),
    };
    foresee(view, &limits)?;
    for on in limits.iter().filter(|on| on.caps() && on.must_be_in(user.order.currency).is_ok()) {
        let Stands { held, left, .. } = on.stands(view, own, now)?;
        let left = if defect::is(Defect::CapSeesNoHolds) { left + held } else { left };
        if on.amount(&covered) > left {
            // So much and no more: what is left has to be this still.
            Sight::of(view, on.owner.clone(), on.unit.clone())?.rely(view);
            // Where nothing is left, the limit says so itself.
            covered = on.within(left, &covered, user.order).unwrap_or(covered);
        }
    }
    Ok(covered)
}

/// What a quote says of the limits of a use: the first that says no, beside what the order holds already.
///
/// # Errors
/// `currency_mismatch`, `limit_reached`, `held`.
pub(super) fn weigh(
    view: &mut View<'_>,
    limits: &[LimitOn],
    covered: &Covered,
    order: &Order,
    own: &[HeldOn],
    now: Instant,
) -> Result<(), Stop> {
    for on in limits {
        on.must_be_in(order.currency)?;
        if on.amount(covered) > on.stands(view, own, now)?.left {
            take(view, std::slice::from_ref(on), covered, order, now)?;
        }
    }
    Ok(())
}

/// The limits of a ground for a quote; those of a use that has a price with how they stand.
pub(super) fn standing(
    view: &mut View<'_>,
    ground: &Ground,
    user: &User<'_>,
    of: Option<&Use<'_>>,
) -> Result<Vec<QuotedLimit>, Stop> {
    let entry = |(of, _, limit): &(&'static str, String, &Limit)| {
        let per = limit.scope.iter().map(|scope| scope.name().to_owned()).collect();
        let currency = limit.currency();
        QuotedLimit { currency, ..QuotedLimit::of(&limit.name, of, per, limit.window.words(), limit.most) }
    };
    let mut all = Vec::new();
    for written in written(ground) {
        let entry = entry(&written);
        let Some(of) = of else {
            all.push(entry);
            continue;
        };
        all.push(match limit_on(view, written, ground, of.usable.card.id, user, of.now) {
            Ok(on) if on.must_be_in(user.order.currency).is_ok() => {
                entry.seen(on.stands(view, of.own, of.now)?, on.amount(of.covered))
            }
            Ok(_) | Err(Stop::Denied(_)) => entry,
            Err(stop) => return Err(stop),
        });
    }
    Ok(all)
}

/// Names the accounts, so that they are read at once.
pub(super) fn foresee(view: &mut View<'_>, limits: &[LimitOn]) -> Result<(), Missing> {
    view.want(limits.iter().flat_map(|on| {
        // What is held is looked at where the window rolls or the limit caps, and else only where an account is full.
        let looked_at = on.stretch.leaves_at.is_some() || on.caps();
        let held = looked_at.then(|| Key::AccountHeld(on.owner.clone(), on.unit.clone()));
        let others = on.others.iter().flat_map(|owner| Sight::rows(owner, &on.unit));
        [Key::Account(on.owner.clone(), on.unit.clone())].into_iter().chain(held).chain(others)
    }))
}

/// The same for a hold, which looks at what is held in any case.
pub(super) fn foresee_held(view: &mut View<'_>, limits: &[LimitOn]) -> Result<(), Missing> {
    view.want(limits.iter().flat_map(|on| Sight::rows(&on.owner, &on.unit)))
}

/// Counts a use for good.
///
/// # Errors
/// `currency_mismatch`, `limit_reached`, `held`.
pub(super) fn take(
    view: &mut View<'_>,
    limits: &[LimitOn],
    covered: &Covered,
    order: &Order,
    now: Instant,
) -> Result<Takes, Stop> {
    foresee(view, limits)?;
    let mut takes = Takes::default();
    for on in limits {
        on.must_be_in(order.currency)?;
        let amount = on.amount(covered);
        let elsewhere = on.elsewhere(view, now)?;
        let (owner, unit, most) = (on.owner.clone(), on.unit.clone(), on.limit.most - elsewhere);
        let balance = view.balance(&owner, &unit)?;
        if on.stretch.leaves_at.is_none() && balance + amount <= most {
            takes.counted.push(Move { owner, unit, delta: amount, floor: 0, ceiling: most }.into());
        } else {
            let sight = Sight::of(view, owner, unit)?;
            let now = sight.no_earlier(now);
            let step = match on.stretch.leaves_at {
                Some(leaves_at) => sight.hold(amount, most, leaves_at, now),
                None => sight.take(amount, most, now),
            };
            let step = step.map_err(|why| on.full(amount, why.beside(elsewhere), covered))?;
            takes.counted.push(sight.counted(step, most, now));
        }
        takes.returns.extend(on.held(amount, elsewhere).captured(amount, on.stretch.leaves_at));
    }
    Ok(takes)
}

/// The accounts that a hold counts on for its limits.
///
/// # Errors
/// `currency_mismatch`.
pub(super) fn held_on(
    view: &mut View<'_>,
    limits: &[LimitOn],
    covered: &Covered,
    order: &Order,
    now: Instant,
) -> Result<Vec<HeldOn>, Stop> {
    let on = |on: &LimitOn| {
        on.must_be_in(order.currency)?;
        Ok(on.held(on.amount(covered), on.elsewhere(view, now)?))
    };
    limits.iter().map(on).collect()
}

/// Why a hold does not fit, where one of these limits says so.
pub(super) fn refused(limits: &[LimitOn], covered: &Covered, held: &HeldOn, why: Full) -> Option<Denial> {
    let on = limits.iter().find(|on| on.counts_on(held))?;
    Some(on.full(held.amount, why.beside(held.elsewhere), covered))
}

/// Gives back what a redemption took of its limits: of a budget as much as is refunded, a use with the last part.
pub(super) fn give_back(
    view: &mut View<'_>,
    redemption: &Redemption,
    (minor, is_last): (i64, bool),
    now: Instant,
) -> Result<Vec<Counted>, Stop> {
    let mut counted = Vec::new();
    let refilled = redemption.counted.iter().filter(|on| on.refill).cloned();
    for CountedOn { mut owner, unit, amount, counts, leaves_at, .. } in refilled {
        if counts == HeldFor::HolderUses && defect::is(Defect::RefundToSubject) {
            owner = redemption.holder.clone().map_or(owner, Owner::Holder);
        }
        let amount = match counts {
            HeldFor::Money => amount.min(minor),
            HeldFor::Uses | HeldFor::HolderUses | HeldFor::OpenHolds if is_last => amount,
            HeldFor::Uses | HeldFor::HolderUses | HeldFor::OpenHolds => continue,
        };
        if leaves_at.is_some() && defect::is(Defect::RollingKeepsRefunded) {
            continue;
        }
        let sight = Sight::of(view, owner, unit)?;
        if leaves_at.is_some() {
            sight.rely_on_held(view);
        }
        let now = sight.no_earlier(now);
        counted.extend(sight.give_back(amount, leaves_at, now));
    }
    Ok(counted)
}
