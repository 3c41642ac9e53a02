//! The limits of a template, a batch and a campaign, as they apply to one use: which accounts count it, how much, and what they say.

use super::command::Stop;
use super::counters::{Counted, Sight, Takes, rows_of};
use super::quoted::{QuotedLimit, Use};
use super::resolve::Ground;
use super::view::{Missing, View};
use crate::card::{Batch, Card, CountedOn, HeldFor, HeldOn, HoldOf, PartialPolicy, Redemption, TemplateDraft};
use crate::checkout::{Covered, Order, Pricing};
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
    unit: String,
    stretch: Stretch,
}

/// The limits that a use of the card meets.
///
/// # Errors
/// `holder_required`, `scope_required` where the request does not say what a limit counts apart.
pub(super) fn limits_on(ground: &Ground, card: CardId, user: &User<'_>, now: Instant) -> Result<Vec<LimitOn>, Denial> {
    written(ground).map(|limit| limit_on(limit, ground, card, user, now)).collect()
}

fn limit_on(
    (of, id, limit): (&'static str, String, &Limit),
    ground: &Ground,
    card: CardId,
    user: &User<'_>,
    now: Instant,
) -> Result<LimitOn, Denial> {
    let mut owner = part(of, &id);
    for scope in &limit.scope {
        owner.push('/');
        owner.push_str(&apart(scope, ground, card, user)?);
    }
    let stretch = limit.window.at(now, &ground.template.zone);
    let unit = match &stretch.key {
        Some(key) => format!("limit:{}@{key}", limit.name),
        None => format!("limit:{}", limit.name),
    };
    Ok(LimitOn { limit: limit.clone(), of, owner: Owner::Scope(owner), unit, stretch })
}

/// The limits in the order in which they are looked at: whose, its id, and what it says.
fn written(ground: &Ground) -> impl Iterator<Item = (&'static str, String, &Limit)> {
    let (template, batch) = (&ground.template, &ground.batch);
    let of_template = template.draft.limits.list.iter().map(|limit| ("template", batch.template.clone(), limit));
    let of_batch = batch.limits.iter().map(|limit| ("batch", HoldOf::Batch(batch.no).to_string(), limit));
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

/// One part of an account's owner. No value can look like two parts.
fn part(kind: &str, value: &str) -> String {
    format!("{kind}:{}", value.replace('%', "%25").replace('/', "%2F"))
}

fn apart(scope: &Scope, ground: &Ground, card: CardId, user: &User<'_>) -> Result<String, Denial> {
    let required = || Denial::ScopeRequired { scope: scope.name().to_owned() };
    let of_kind = |kind: &str| {
        let all = user.holder.into_iter().chain(user.subjects);
        all.map(SubjectKey::as_str).find(|subject| subject.split_once(':').is_some_and(|(of, _)| of == kind))
    };
    Ok(match scope {
        Scope::Card => part("card", &card.to_string()),
        Scope::Batch => part("batch", &HoldOf::Batch(card.batch).to_string()),
        Scope::Template => part("template", &ground.batch.template),
        Scope::Campaign => part("campaign", ground.batch.campaign.as_deref().unwrap_or_default()),
        Scope::Holder => part("holder", user.holder.ok_or(Denial::HolderRequired)?.as_str()),
        Scope::Store => part("store", user.order.store.as_deref().ok_or_else(required)?),
        Scope::Channel => part("channel", user.order.channel.as_deref().or(user.channel).ok_or_else(required)?),
        Scope::Subject(kind) => part("subject", of_kind(kind).ok_or_else(required)?),
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
        let Stands { used, held, left } = sight.stands(self.limit.most, sight.no_earlier(now));
        let (held, left) = (held - own, left + own);
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

    fn held(&self, amount: i64) -> HeldOn {
        HeldOn {
            owner: self.owner.clone(),
            unit: self.unit.clone(),
            amount,
            ceiling: self.limit.most,
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
    let Ok(limits) = limits_on(ground, card.id, user, now) else { return Ok(covered) };
    foresee(view, &limits)?;
    for on in limits.iter().filter(|on| on.caps() && on.must_be_in(user.order.currency).is_ok()) {
        let left = on.stands(view, own, now)?.left;
        if on.amount(&covered) > left {
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
        let on = of.and_then(|of| limit_on(written, ground, of.usable.card.id, user, of.now).ok().map(|on| (of, on)));
        all.push(match on {
            Some((of, on)) if on.must_be_in(user.order.currency).is_ok() => {
                entry.seen(on.stands(view, of.own, of.now)?, on.amount(of.covered))
            }
            Some(_) | None => entry,
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
        [Key::Account(on.owner.clone(), on.unit.clone())].into_iter().chain(held)
    }))
}

/// The same for a hold, which looks at what is held in any case.
pub(super) fn foresee_held(view: &mut View<'_>, limits: &[LimitOn]) -> Result<(), Missing> {
    view.want(limits.iter().flat_map(|on| rows_of(&on.owner, &on.unit)))
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
        let (owner, unit, most) = (on.owner.clone(), on.unit.clone(), on.limit.most);
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
            takes.counted.push(sight.counted(step.map_err(|why| on.full(amount, why, covered))?, most, now));
        }
        takes.returns.extend(on.held(amount).captured(amount, on.stretch.leaves_at));
    }
    Ok(takes)
}

/// The accounts that a hold counts on for its limits.
///
/// # Errors
/// `currency_mismatch`.
pub(super) fn held_on(limits: &[LimitOn], covered: &Covered, order: &Order) -> Result<Vec<HeldOn>, Denial> {
    limits.iter().map(|on| on.must_be_in(order.currency).map(|()| on.held(on.amount(covered)))).collect()
}

/// Why a hold does not fit, where one of these limits says so.
pub(super) fn refused(limits: &[LimitOn], covered: &Covered, held: &HeldOn, why: Full) -> Option<Denial> {
    let on = limits.iter().find(|on| on.counts_on(held))?;
    Some(on.full(held.amount, why, covered))
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
    for CountedOn { owner, unit, amount, counts, leaves_at, .. } in refilled {
        let amount = match counts {
            HeldFor::Money => amount.min(minor),
            HeldFor::Uses | HeldFor::HolderUses | HeldFor::OpenHolds if is_last => amount,
            HeldFor::Uses | HeldFor::HolderUses | HeldFor::OpenHolds => continue,
        };
        let sight = Sight::of(view, owner, unit)?;
        let now = sight.no_earlier(now);
        counted.extend(sight.give_back(amount, leaves_at, now));
    }
    Ok(counted)
}
