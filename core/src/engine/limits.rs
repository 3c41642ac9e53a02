//! The limits of a template and a campaign, as they apply to one use: which accounts count it, how much, and what they say.

use super::command::Stop;
use super::counters::{Counted, Sight, Takes};
use super::resolve::Ground;
use super::view::{Missing, View};
use crate::card::{CountedOn, HeldFor, HeldOn, HoldOf, Redemption};
use crate::checkout::{Order, Pricing};
use crate::defect::{self, Defect};
use crate::denial::{Denial, LimitFacts};
use crate::id::CardId;
use crate::limit::{Full, Limit, LimitWindow, Measure, Scope, Stretch, UsageUnit};
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
    /// `template` or `campaign`: whose limit it is.
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
    let template = ground.template.draft.limits.list.iter().map(|limit| ("template", &ground.batch.template, limit));
    let campaign = ground
        .campaign
        .iter()
        .flat_map(|campaign| campaign.limits.iter().map(move |limit| ("campaign", &campaign.id, limit)));
    let on = |(of, id, limit): (&'static str, &String, &Limit)| {
        let mut owners = vec![part(of, id)];
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
    };
    template.chain(campaign).map(on).collect()
}

/// One part of an account's owner. No value can look like two parts.
fn part(kind: &str, value: &str) -> String {
    format!("{kind}:{}", value.replace('%', "%25").replace('/', "%2F"))
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
    fn amount(&self, pricing: &Pricing, order: &Order) -> i64 {
        match self.limit.measure {
            Measure::Money { .. } => pricing.discount_minor + pricing.tender_minor,
            Measure::Uses { usage_unit: UsageUnit::Order } => 1,
            Measure::Uses { usage_unit } => {
                let shares = |id: &str| pricing.allocations.iter().any(|share| share.line == id);
                let lines = order.lines.iter().filter(|line| pricing.tender_minor > 0 || shares(&line.id));
                lines.map(|line| if usage_unit == UsageUnit::Unit { i64::from(line.quantity) } else { 1 }).sum()
            }
        }
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
    fn full(&self, amount: i64, why: Full) -> Denial {
        // What was used in a rolling window stands in its buckets, and leaves them by itself.
        let rolls = self.stretch.leaves_at.is_some();
        let (used, held, frees_at, is_final) = match why {
            Full::Captured { used, held } if rolls => (used + held, 0, None, true),
            Full::Captured { used, held } => (used, held, self.stretch.ends_at, true),
            Full::Held { used, held, frees_at } if rolls => (used + held, 0, Some(frees_at), true),
            Full::Held { used, held, frees_at } => (used, held, Some(frees_at), false),
        };
        let facts = Box::new(LimitFacts {
            name: self.limit.name.clone(),
            of: self.of,
            scope: self.limit.scope.iter().map(|scope| scope.name().to_owned()).collect(),
            window: self.limit.window.words(),
            currency: match self.limit.measure {
                Measure::Money { currency } => Some(currency),
                Measure::Uses { .. } => None,
            },
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

/// Names the accounts, so that they are read at once.
pub(super) fn foresee(view: &mut View<'_>, limits: &[LimitOn]) -> Result<(), Missing> {
    view.want(limits.iter().flat_map(|on| {
        // What is held is looked at where the window rolls, and else only where an account is full.
        let held = on.stretch.leaves_at.map(|_| Key::AccountHeld(on.owner.clone(), on.unit.clone()));
        let others = on.others.iter().flat_map(|owner| Sight::rows(owner, &on.unit));
        [Key::Account(on.owner.clone(), on.unit.clone())].into_iter().chain(held).chain(others)
    }))
}

/// Counts a use for good.
///
/// # Errors
/// `currency_mismatch`, `limit_reached`, `held`.
pub(super) fn take(
    view: &mut View<'_>,
    limits: &[LimitOn],
    pricing: &Pricing,
    order: &Order,
    now: Instant,
) -> Result<Takes, Stop> {
    foresee(view, limits)?;
    let mut takes = Takes::default();
    for on in limits {
        on.must_be_in(order.currency)?;
        let amount = on.amount(pricing, order);
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
            takes.counted.push(sight.counted(step.map_err(|why| on.full(amount, why.beside(elsewhere)))?, most, now));
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
    pricing: &Pricing,
    order: &Order,
    now: Instant,
) -> Result<Vec<HeldOn>, Stop> {
    let on = |on: &LimitOn| {
        on.must_be_in(order.currency)?;
        Ok(on.held(on.amount(pricing, order), on.elsewhere(view, now)?))
    };
    limits.iter().map(on).collect()
}

/// Why a hold does not fit, where one of these limits says so.
pub(super) fn refused(limits: &[LimitOn], held: &HeldOn, why: Full) -> Option<Denial> {
    let on = limits.iter().find(|on| on.owner == held.owner && on.unit == held.unit)?;
    Some(on.full(held.amount, why.beside(held.elsewhere)))
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
        if leaves_at.is_some() && defect::is(Defect::RollingKeepsRefunded) {
            continue;
        }
        let sight = Sight::of(view, owner, unit)?;
        let now = sight.no_earlier(now);
        counted.extend(sight.give_back(amount, leaves_at, now));
    }
    Ok(counted)
}
