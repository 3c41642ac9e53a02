//! Limits: each use is counted in an account for each limit of its template and campaign, a calendar window in one for each stretch,
//! and what was used in a rolling window is what is held by itself until it leaves.

use cardmint::card::{CountedOn, HeldFor, HeldOn, PartialPolicy};
use cardmint::id::{BatchNo, CardId};
use cardmint::limit::{Limit, LimitWindow, Measure, Period, Scope, UsageUnit};
use cardmint::money::Currency;
use cardmint::store::Owner;
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;
use cardmint::{Denial, LimitFacts};

use super::caps::Gives;
use super::cards::Ground;
use super::holds::{Room, account, changed};
use super::{Moment, No, Put};
use crate::terms::Basket;

const DAY_MS: i64 = 86_400_000;

/// A limit, and where this use is counted.
pub(super) struct LimitOn {
    pub limit: Limit,
    of: &'static str,
    owner: Owner,
    /// Where more of the same persons may stand.
    others: Vec<Owner>,
    unit: String,
    ends_at: Option<Instant>,
    leaves_at: Option<Instant>,
}

/// What counting a use comes to.
pub(super) struct Takes {
    pub puts: Vec<Put>,
    pub returns: Vec<CountedOn>,
    /// Not before anything that was written into what is held.
    pub now: Instant,
}

/// The stretch of a calendar that a moment falls into, in UTC, by the name that it has in keys.
pub fn stretch(period: Period, now: Instant) -> String {
    let day = now.millis().div_euclid(DAY_MS);
    let first = match period {
        // Day 0 was a Thursday.
        Period::Week => day - (day + 3).rem_euclid(7),
        Period::Day | Period::Month | Period::Year => day,
    };
    let text = Instant::EPOCH.plus_millis(first * DAY_MS).to_string();
    let length = match period {
        Period::Day | Period::Week => 10,
        Period::Month => 7,
        Period::Year => 4,
    };
    text.chars().take(length).collect()
}

fn end_of_stretch(period: Period, now: Instant) -> Instant {
    let today = now.millis().div_euclid(DAY_MS);
    let midnights = (1..=366).map(|days| Instant::EPOCH.plus_millis((today + days) * DAY_MS));
    let name = stretch(period, now);
    midnights.into_iter().find(|midnight| stretch(period, *midnight) != name).unwrap_or(now)
}

/// When what is used now leaves a rolling window of sixty steps.
pub(super) fn leaves_at(seconds: u32, now: Instant) -> Instant {
    let window = i64::from(seconds) * 1_000;
    let step = window / 60;
    let began = now.millis() - now.millis().rem_euclid(step);
    Instant::EPOCH.plus_millis(began + step + window)
}

fn words(window: LimitWindow) -> String {
    match window {
        LimitWindow::Total => "total".to_owned(),
        LimitWindow::Calendar(Period::Day) => "day".to_owned(),
        LimitWindow::Calendar(Period::Week) => "week".to_owned(),
        LimitWindow::Calendar(Period::Month) => "month".to_owned(),
        LimitWindow::Calendar(Period::Year) => "year".to_owned(),
        LimitWindow::RollingS(seconds) => format!("rolling {seconds} s"),
    }
}

impl LimitOn {
    pub(super) fn amount(&self, gives: &Gives) -> i64 {
        match self.limit.measure {
            Measure::Money { .. } => gives.money(),
            Measure::Uses { usage_unit: UsageUnit::Order } => 1,
            // Every line is one piece.
            Measure::Uses { usage_unit: UsageUnit::Line | UsageUnit::Unit } => {
                i64::try_from(gives.lines.len()).unwrap_or(0)
            }
        }
    }

    fn currency(&self) -> Option<Currency> {
        match self.limit.measure {
            Measure::Money { currency } => Some(currency),
            Measure::Uses { .. } => None,
        }
    }

    pub(super) fn on(&self, amount: i64, elsewhere: i64) -> HeldOn {
        let is_money = self.currency().is_some();
        HeldOn {
            owner: self.owner.clone(),
            unit: self.unit.clone(),
            amount,
            ceiling: self.limit.most - elsewhere,
            counts: if is_money { HeldFor::Money } else { HeldFor::Uses },
            rolling_s: match self.limit.window {
                LimitWindow::RollingS(seconds) => Some(seconds),
                LimitWindow::Total | LimitWindow::Calendar(_) => None,
            },
            refill: self.limit.refill,
            elsewhere,
        }
    }

    /// The denial where there is no room; of a rolling window what was used frees itself, and it is final all the same.
    fn no_room(&self, asked: i64, used: i64, held: i64, frees_at: Option<Instant>) -> No {
        let rolls = self.leaves_at.is_some();
        let is_final = rolls || frees_at.is_none();
        let facts = Box::new(LimitFacts {
            name: self.limit.name.clone(),
            of: self.of,
            scope: self.limit.scope.iter().map(|scope| scope.name().to_owned()).collect(),
            window: words(self.limit.window),
            currency: self.currency(),
            limit: self.limit.most,
            used: if rolls { used + held } else { used },
            held: if rolls { 0 } else { held },
            asked,
            frees_at: if rolls { frees_at } else { frees_at.or(self.ends_at) },
        });
        if is_final { Denial::LimitUsedUp(facts).into() } else { Denial::LimitHeld(facts).into() }
    }

    /// The same of a room that is none.
    fn full(&self, held: &HeldOn, room: &Room, divisible: bool) -> No {
        let caps = divisible && self.limit.partial_policy == PartialPolicy::Cap;
        let (asked, elsewhere) = (held.amount, held.elsewhere);
        match *room {
            Room::Later { used, held, frees_at } => self.no_room(asked, used + elsewhere, held, Some(frees_at)),
            // To a limit that caps, room for a part is room.
            Room::Never { used, held, part_at: Some(part_at) } if caps => {
                self.no_room(asked, used + elsewhere, held, Some(part_at))
            }
            Room::Never { used, held, .. } => self.no_room(asked, used + elsewhere, held, None),
            Room::Yes { .. } => No::Invalid,
        }
    }
}

/// Why a hold does not fit, where one of these limits says so.
pub(super) fn refused(limits: &[LimitOn], held: &HeldOn, room: &Room, divisible: bool) -> Option<No> {
    let on = limits.iter().find(|on| on.owner == held.owner && on.unit == held.unit)?;
    Some(on.full(held, room, divisible))
}

impl Moment<'_> {
    pub(super) fn limits_on(
        &self,
        ground: &Ground,
        card: CardId,
        holder: Option<&SubjectKey>,
        basket: &Basket,
        now: Instant,
    ) -> Result<Vec<LimitOn>, No> {
        let on = |(of, id, limit): (&'static str, String, &Limit)| {
            let mut owners = vec![format!("{of}:{id}")];
            for scope in &limit.scope {
                let parts = self.apart(scope, ground, card, holder, basket)?;
                let with = |part: &String| owners.iter().map(|owner| format!("{owner}/{part}")).collect::<Vec<_>>();
                owners = parts.iter().flat_map(with).collect();
            }
            let others = owners.split_off(1).into_iter().map(Owner::Scope).collect();
            let owner = owners.remove(0);
            let (key, ends_at, leaves_at) = match limit.window {
                LimitWindow::Total => (None, None, None),
                LimitWindow::Calendar(period) => (Some(stretch(period, now)), Some(end_of_stretch(period, now)), None),
                LimitWindow::RollingS(seconds) => (None, None, Some(leaves_at(seconds, now))),
            };
            let unit = key.map_or_else(|| format!("limit:{}", limit.name), |key| format!("limit:{}@{key}", limit.name));
            Ok(LimitOn { limit: limit.clone(), of, owner: Owner::Scope(owner), others, unit, ends_at, leaves_at })
        };
        ground.limits().map(on).collect()
    }

    /// What counts for the same persons elsewhere.
    pub(super) fn beside(&self, on: &LimitOn, now: Instant) -> i64 {
        self.elsewhere(on.others.iter().cloned(), &on.unit, now)
    }

    /// The accounts that a hold counts on for its limits.
    pub(super) fn held_for(&self, limits: &[LimitOn], gives: &Gives, now: Instant) -> Vec<HeldOn> {
        limits.iter().map(|on| on.on(on.amount(gives), self.beside(on, now))).collect()
    }

    /// Counts a use for good.
    pub(super) fn count_limits(&self, limits: &[LimitOn], gives: &Gives, now: Instant) -> Result<Takes, No> {
        let mut takes = Takes { puts: Vec::new(), returns: Vec::new(), now };
        for on in limits {
            let amount = on.amount(gives);
            let held = on.on(amount, self.beside(on, now));
            if on.leaves_at.is_none() && self.model.account(&on.owner, &on.unit) + amount <= held.ceiling {
                takes.puts.push(Put::Move { owner: on.owner.clone(), unit: on.unit.clone(), delta: amount });
            } else {
                let now = self.no_earlier(now, std::slice::from_ref(&held));
                let room = self.room(&held, amount, now);
                let Room::Yes { lapsed } = room else { return Err(on.full(&held, &room, gives.divisible)) };
                let buckets = self.buckets(&held);
                let buckets = match on.leaves_at {
                    Some(leaves_at) => Some(changed(&buckets, now, leaves_at, amount)),
                    None => (lapsed > 0).then(|| changed(&buckets, now, now, 0)),
                };
                takes.now = if buckets.is_some() { takes.now.max(now) } else { takes.now };
                takes.puts.extend(account(&held, amount - lapsed, buckets, now));
            }
            takes.returns.extend(captured(&held, amount, on.leaves_at));
        }
        Ok(takes)
    }

    /// Gives back what a redemption took of its limits, to where it was taken: of a budget a part, a use with the last part.
    pub(super) fn uncount(&self, counted: &[CountedOn], minor: i64, is_last: bool, now: Instant) -> Vec<Put> {
        let mut puts = Vec::new();
        for on in counted.iter().filter(|on| on.refill) {
            let amount = match on.counts {
                HeldFor::Money => on.amount.min(minor),
                _ if is_last => on.amount,
                _ => 0,
            };
            if amount == 0 && !(on.counts == HeldFor::Money) {
                continue;
            }
            let held = HeldOn {
                owner: on.owner.clone(),
                unit: on.unit.clone(),
                amount,
                ceiling: i64::MAX,
                counts: on.counts,
                rolling_s: None,
                refill: true,
                elsewhere: 0,
            };
            let now = self.no_earlier(now, std::slice::from_ref(&held));
            match on.leaves_at {
                None => puts.extend(account(&held, -amount, None, now)),
                Some(leaves_at) if leaves_at > now => {
                    let buckets = self.buckets(&held);
                    let lapsed: i64 = buckets.iter().filter(|(at, _)| *at <= now).map(|(_, amount)| amount).sum();
                    let buckets = changed(&buckets, now, leaves_at, -amount);
                    puts.extend(account(&held, -amount - lapsed, Some(buckets), now));
                }
                Some(_) => {}
            }
        }
        puts
    }
}

impl Ground {
    /// The limits that a use meets, in the order in which they are looked at: whose, its id, and what it says.
    pub(super) fn limits(&self) -> impl Iterator<Item = (&'static str, String, &Limit)> {
        let terms = &self.template.terms;
        let template = terms.limits.iter().map(|limit| ("template", terms.id.clone(), limit));
        let no = self.batch.no;
        let batch = self.batch.limits.iter().map(move |limit| ("batch", batch_name(no), limit));
        let campaign = self.campaign.iter();
        let campaign = campaign.flat_map(|row| row.limits.iter().map(|limit| ("campaign", row.id.clone(), limit)));
        template.chain(batch).chain(campaign)
    }
}

/// A batch in the names of accounts.
pub fn batch_name(no: BatchNo) -> String {
    format!("{}-{}", no.symbols, no.number)
}

impl Moment<'_> {
    /// What a scope counts apart: of a person wherever it may count.
    fn apart(
        &self,
        scope: &Scope,
        ground: &Ground,
        card: CardId,
        holder: Option<&SubjectKey>,
        basket: &Basket,
    ) -> Result<Vec<String>, No> {
        let device = basket.device.as_ref().map(|device| SubjectKey::from_stored(format!("device:{device}")));
        let (name, subject) = match scope {
            Scope::Holder => ("holder", holder.cloned()),
            Scope::Subject(kind) if kind == "device" => ("subject", device),
            _ => return Ok(vec![apart(scope, ground, card, holder, basket)?]),
        };
        match subject {
            Some(subject) => {
                Ok(self.counts_of(&subject).iter().map(|key| format!("{name}:{}", key.as_str())).collect())
            }
            None => Ok(vec![apart(scope, ground, card, holder, basket)?]),
        }
    }
}

fn apart(
    scope: &Scope,
    ground: &Ground,
    card: CardId,
    holder: Option<&SubjectKey>,
    basket: &Basket,
) -> Result<String, No> {
    let required = |scope: &str| No::from(Denial::ScopeRequired { scope: scope.to_owned() });
    Ok(match scope {
        Scope::Card => format!("card:{card}"),
        Scope::Batch => format!("batch:{}", batch_name(card.batch)),
        Scope::Template => format!("template:{}", ground.batch.template),
        Scope::Campaign => format!("campaign:{}", ground.batch.campaign.clone().unwrap_or_default()),
        Scope::Holder => format!("holder:{}", holder.ok_or(Denial::HolderRequired)?.as_str()),
        Scope::Store => format!("store:{}", basket.store.clone().ok_or_else(|| required("store"))?),
        Scope::Channel => return Err(required("channel")),
        Scope::Subject(kind) if kind == "device" => {
            format!("subject:device:{}", basket.device.clone().ok_or_else(|| required("device"))?)
        }
        Scope::Subject(kind) => return Err(required(kind)),
    })
}

/// What a redemption notes, so that a refund finds where to give back.
pub(super) fn captured(on: &HeldOn, amount: i64, leaves_at: Option<Instant>) -> Option<CountedOn> {
    let of_limit = match on.counts {
        HeldFor::Uses | HeldFor::Money => true,
        // Of the holder's own account the redemption itself tells.
        HeldFor::HolderUses => on.owner.text().contains("person:"),
        HeldFor::OpenHolds => false,
    };
    (of_limit && amount > 0).then(|| CountedOn {
        owner: on.owner.clone(),
        unit: on.unit.clone(),
        amount,
        counts: on.counts,
        refill: on.refill,
        leaves_at,
    })
}
