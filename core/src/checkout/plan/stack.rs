//! Which of several offers apply, and what each takes off what the ones before it left.

use super::{Offer, PlanTerms};
use crate::card::{Combine, Lane, Stacking, Template};
use crate::checkout::benefit::{Action, HeldBack, NextStep, Slate, Took};
use crate::checkout::price::{Gives, weigh};
use crate::checkout::{Cart, Order, allocate};
use crate::defect::{self, Defect};
use crate::denial::Denial;

/// An offer that applies.
#[derive(Debug)]
pub(super) struct Applied<'t> {
    /// What comes off, or is paid, in all.
    pub minor: i64,
    /// Lines by place, in the order's own order.
    pub lines: &'t [(usize, i64)],
    pub shipping: i64,
    pub pays: bool,
    /// Its place among those that apply.
    pub place: usize,
    pub held_back: Vec<HeldBack>,
    pub actions: Vec<Action>,
    pub next: Option<Box<NextStep>>,
}

/// Whoever is told what each offer came to.
pub(super) trait Clerk {
    /// Once for each offer, by its place.
    fn note(&mut self, offer: usize, came_to: Result<Applied<'_>, Denial>);
}

/// Tells what each offer comes to, in the order in which they come off.
pub(super) fn stack(order: &Order, offers: &[Offer<'_>], terms: PlanTerms<'_>, clerk: &mut impl Clerk) {
    let ranked = ranked(offers);
    let mut table = Table::new(order, offers, terms);
    for group in ranked.chunk_by(|one, other| one.0 == other.0) {
        table.seat(group, clerk);
    }
}

/// The groups of the offers and their places, in the order in which they come off.
pub(in crate::checkout) fn ranked(offers: &[Offer<'_>]) -> Vec<(Group, usize)> {
    let seat = |(place, offer): (usize, &Offer<'_>)| (seat_of(offer.template).0, place);
    let mut ranked: Vec<(Group, usize)> = offers.iter().enumerate().map(seat).collect();
    let turn = |place: usize| offers.get(place).map(|offer| (offer.turn, &offer.template.draft.id, offer.id));
    ranked.sort_unstable_by(|(group, place), (other_group, other_place)| {
        group.cmp(other_group).then_with(|| turn(*place).cmp(&turn(*other_place))).then_with(|| place.cmp(other_place))
    });
    ranked
}

/// What has one lane and one rank.
pub(crate) type Group = (Lane, i32);

/// Where a template stands among others, and what of its group it lets apply.
pub(crate) fn seat_of(template: &Template) -> (Group, Combine) {
    let stacking = template.draft.stacking.as_ref();
    let (rank, combine) = stacking.map_or((0, Combine::All), |stacking| (stacking.rank, stacking.combine));
    ((template.draft.lane(), rank), combine)
}

/// The order as far as it is planned.
pub(in crate::checkout) struct Table<'a> {
    pub cart: Cart<'a>,
    slate: Slate,
    offers: &'a [Offer<'a>],
    /// Discounts that apply so far.
    applied: Vec<usize>,
    /// What they take off.
    taken_minor: i64,
    /// The most that they let come off the order.
    cap_minor: Option<i64>,
    /// Whether one of them excludes others.
    some_exclude: bool,
    /// How many apply so far, what pays among them.
    seated: usize,
    /// The lane that an exclusive offer closed, and which offer.
    closed: Option<(Lane, usize)>,
    /// What was taken of lines so far, offer after offer.
    taken: Vec<(usize, i64)>,
}

/// What taking an offer changed, so that it can be taken back.
pub(in crate::checkout) struct Trial {
    /// What the offer takes off.
    pub minor: i64,
    shipping: i64,
    /// How much had been taken of lines before.
    taken: usize,
    cap_minor: Option<i64>,
    some_exclude: bool,
    closed: Option<(Lane, usize)>,
}

impl<'a> Table<'a> {
    pub fn new(order: &'a Order, offers: &'a [Offer<'a>], terms: PlanTerms<'a>) -> Self {
        Self {
            cart: Cart::new(order, terms.sets, terms.rounding, terms.at),
            slate: Slate::default(),
            offers,
            applied: Vec::new(),
            taken_minor: 0,
            cap_minor: None,
            some_exclude: false,
            seated: 0,
            closed: None,
            taken: Vec::new(),
        }
    }

    /// Takes a discount as the only one of its group, or beside others that go together; `None` where it takes nothing off.
    pub fn try_on(&mut self, place: usize) -> Option<Trial> {
        if self.in_the_way(place).is_some() {
            return None;
        }
        let gives = self.weigh(place).ok().filter(|gives| gives.minor() > 0)?;
        let (cap_minor, some_exclude, closed) = (self.cap_minor, self.some_exclude, self.closed);
        let (minor, taken) = (gives.minor(), self.taken.len());
        let shipping = self.take(place, &gives);
        if self.stacking(place).is_some_and(|own| own.combine == Combine::Exclusive) {
            self.closed = self.offer(place).map(|offer| (offer.template.draft.lane(), place));
        }
        Some(Trial { minor, shipping, taken, cap_minor, some_exclude, closed })
    }

    /// Takes back what was taken last.
    pub fn take_back(&mut self, trial: Trial) {
        let Trial { minor, shipping, taken, cap_minor, some_exclude, closed } = trial;
        self.applied.pop();
        self.taken_minor -= minor;
        self.cart.give_back(self.taken.drain(taken..), shipping);
        (self.cap_minor, self.some_exclude, self.closed) = (cap_minor, some_exclude, closed);
    }

    /// Seats the offers of one group, which come by template id.
    fn seat(&mut self, group: &[(Group, usize)], clerk: &mut impl Clerk) {
        let places = group.iter().map(|(_, place)| *place);
        let combine = places.clone().filter_map(|place| self.stacking(place)).map(|stacking| stacking.combine).max();
        match combine.unwrap_or_default() {
            Combine::All => places.for_each(|place| {
                let gives = self.weigh(place);
                self.settle(place, gives, clerk);
            }),
            Combine::First => {
                self.seat_first(places, "first", clerk);
            }
            Combine::Exclusive => {
                let first = self.seat_first(places, "exclusive", clerk);
                let lane = first.and_then(|first| self.offer(first)).map(|offer| offer.template.draft.lane());
                self.closed = lane.zip(first).or(self.closed);
            }
            Combine::BestForCustomer => self.seat_best(places, "best_for_customer", |minor| -minor, clerk),
            Combine::BestForShop => self.seat_best(places, "best_for_shop", |minor| minor, clerk),
        }
    }

    /// The first that applies; whoever comes after it would have to.
    fn seat_first(
        &mut self,
        group: impl Iterator<Item = usize>,
        why: &'static str,
        clerk: &mut impl Clerk,
    ) -> Option<usize> {
        let mut first = None;
        for place in group {
            let gives = match (self.weigh(place), first) {
                (Ok(_), Some(first)) => Err(self.stands_in_the_way(first, why)),
                (gives, _) => gives,
            };
            if self.settle(place, gives, clerk) {
                first = Some(place);
            }
        }
        first
    }

    /// The one with the lowest score, the first of several.
    fn seat_best(
        &mut self,
        group: impl Iterator<Item = usize>,
        why: &'static str,
        score: fn(i64) -> i64,
        clerk: &mut impl Clerk,
    ) {
        let weighed: Vec<_> = group.map(|place| (place, self.weigh(place).map(|gives| gives.minor()))).collect();
        let scores =
            weighed.iter().filter_map(|(place, minor)| minor.as_ref().ok().map(|minor| (score(*minor), *place)));
        let best = scores.reduce(|best, other| if other.0 < best.0 { other } else { best }).map(|(_, place)| place);
        for (place, minor) in weighed {
            let gives = match (minor, best) {
                (Ok(_), Some(best)) if best != place => Err(self.stands_in_the_way(best, why)),
                // Nothing was taken since: it is what it was, and on the slate again.
                (Ok(_), _) => self.weigh(place),
                (Err(denial), _) => Err(denial),
            };
            self.settle(place, gives, clerk);
        }
    }

    /// What an offer would give as things stand, its lines on the slate: its own reasons against it come before those that others are.
    fn weigh(&mut self, place: usize) -> Result<Gives, Denial> {
        let Some(offer) = self.offer(place) else { return Err(Denial::NoEffect) };
        if let Some(denial) = &offer.refused {
            return Err(Denial::clone(denial));
        }
        let left = self.cap_left(place);
        let cap = left.filter(|left| *left > 0);
        let gives = weigh(offer.template, offer.parameters, offer.purse, cap, &self.cart, &mut self.slate)?;
        if offer.template.draft.lane() == Lane::Tender {
            return Ok(gives);
        }
        match self.in_the_way(place) {
            Some(denial) => Err(denial),
            None if cap.is_none() && left.is_some() && gives.minor() > 0 => {
                let last = self.applied.last().copied().unwrap_or(place);
                Err(self.stands_in_the_way(last, "order_cap"))
            }
            None => Ok(gives),
        }
    }

    /// How much more may come off the order, where one of those that apply, or this one, says so.
    fn cap_left(&self, place: usize) -> Option<i64> {
        let own = self.stacking(place).and_then(|stacking| stacking.order_cap_minor);
        own.into_iter().chain(self.cap_minor).min().map(|cap| cap - self.taken_minor)
    }

    /// What applies already and does not let this offer in.
    fn in_the_way(&self, place: usize) -> Option<Denial> {
        let offer = self.offer(place)?;
        if let Some((_, by)) = self.closed.filter(|(lane, _)| *lane == offer.template.draft.lane()) {
            return Some(self.stands_in_the_way(by, "exclusive"));
        }
        let own = offer.template.draft.stacking.as_ref();
        if self.some_exclude || own.is_some_and(|own| !own.excludes.is_empty()) {
            let nothing = Stacking::default();
            let excludes =
                |&&other: &&usize| own.unwrap_or(&nothing).excludes(self.stacking(other).unwrap_or(&nothing));
            if let Some(&other) = self.applied.iter().find(excludes) {
                return Some(self.stands_in_the_way(other, "excludes"));
            }
        }
        let most = usize::try_from(own?.per_order_max?).unwrap_or(usize::MAX);
        let same = |other: &&usize| {
            self.offer(**other).is_some_and(|other| other.template.draft.id == offer.template.draft.id)
        };
        let alike: Vec<_> = self.applied.iter().filter(same).collect();
        let last = alike.last().filter(|_| alike.len() >= most)?;
        Some(self.stands_in_the_way(**last, "per_order_max"))
    }

    fn stands_in_the_way(&self, place: usize, why: &'static str) -> Denial {
        Denial::NotCombinable { with: self.offer(place).map(|offer| offer.id.to_owned()).unwrap_or_default(), why }
    }

    /// Takes what an offer gives, or tells why it gives nothing. Says whether it applies.
    fn settle(&mut self, place: usize, gives: Result<Gives, Denial>, clerk: &mut impl Clerk) -> bool {
        let gives = match gives {
            Ok(gives) => gives,
            Err(denial) => {
                clerk.note(place, Err(denial));
                return false;
            }
        };
        let (minor, seat, from) = (gives.minor(), self.seated, self.taken.len());
        self.seated += 1;
        let shipping = self.take(place, &gives);
        let lines = self.taken.get(from..).unwrap_or_default();
        let (took, pays) = match gives {
            Gives::Off(took) => (took, false),
            Gives::Pays(_) => (Took::default(), true),
        };
        let Took { held_back, actions, next, .. } = took;
        clerk.note(place, Ok(Applied { minor, lines, shipping, pays, place: seat, held_back, actions, next }));
        true
    }

    /// Takes what was weighed last; returns what of it is of shipping.
    fn take(&mut self, place: usize, gives: &Gives) -> i64 {
        let from = self.taken.len();
        let shipping = match gives {
            Gives::Off(took) => {
                self.taken.extend(self.slate.lines());
                took.shipping
            }
            Gives::Pays(minor) => {
                let (lines, shipping) = self.paid(*minor);
                self.taken.extend(lines);
                shipping
            }
        };
        let lines = self.taken.get_mut(from..).unwrap_or_default();
        lines.sort_unstable();
        if !defect::is(Defect::OrderPricesWhole) {
            self.cart.take(lines, shipping);
        }
        if let Gives::Off(took) = gives {
            self.applied.push(place);
            let own = self.stacking(place);
            self.some_exclude |= own.is_some_and(|own| !own.excludes.is_empty());
            self.cap_minor = own.and_then(|own| own.order_cap_minor).into_iter().chain(self.cap_minor).min();
            self.taken_minor += took.minor;
        }
        shipping
    }

    /// What is paid, in proportion to what is left of each line and of shipping, ties by line id, shipping last: lines by place, and
    /// shipping.
    pub(super) fn paid(&self, minor: i64) -> (Vec<(usize, i64)>, i64) {
        let left = self.cart.left();
        let weights: Vec<i64> = left.iter().map(|(_, left)| *left).chain([self.cart.shipping]).collect();
        let mut parts = allocate(minor, &weights);
        let shipping = parts.pop().unwrap_or_default();
        let lines = left.iter().zip(parts).filter(|(_, part)| *part > 0).map(|((place, _), part)| (*place, part));
        let mut lines: Vec<_> = lines.collect();
        lines.sort_unstable();
        (lines, shipping)
    }

    fn offer(&self, place: usize) -> Option<&'a Offer<'a>> {
        self.offers.get(place)
    }

    fn stacking(&self, place: usize) -> Option<&'a Stacking> {
        self.offer(place)?.template.draft.stacking.as_ref()
    }
}
