//! The promotions of an order, behind its cards: which have a seat, and what the others still say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::cards::{Measure, counted};
use super::super::limits::{self, User, limits_on};
use super::super::redeem::Usable;
use super::super::resolve::{Ground, Meaning, Picked};
use super::super::running::Running;
use super::super::view::View;
use super::table::{Planned, Purpose, Ready, Table};
use super::{PickedCard, PromotionUse, Stop};
use crate::card::{self, Claimed, Combine, HoldId, Parameters};
use crate::checkout::{Group, seat_of};
use crate::denial::Denial;
use crate::id::{BatchNo, CardId};
use crate::store::Key;

/// The promotions of an order.
#[derive(Default)]
pub(super) struct Promoted {
    /// Those with a seat, by their place behind the cards.
    pub seats: BTreeMap<usize, (String, PickedCard)>,
    /// All that run, where those that the order cannot meet have no seat.
    all: Option<Arc<Running>>,
    /// Where those that are to stay off stand among all.
    off: BTreeSet<usize>,
}

impl Promoted {
    /// Each has the place that it would have if all had a seat.
    fn of(all: &[(String, BatchNo)], off: &[String], cards: usize, seated: impl IntoIterator<Item = usize>) -> Self {
        let at = |id: &String| all.binary_search_by(|(other, _)| other.cmp(id)).ok();
        let off: BTreeSet<usize> = off.iter().filter_map(at).collect();
        let seat = |at: usize| {
            let (id, no) = all.get(at).filter(|_| !off.contains(&at))?;
            Some((cards + at - off.range(..at).count(), (id.clone(), PickedCard::next_of(*no))))
        };
        let seats = seated.into_iter().filter_map(seat).collect();
        Self { seats, all: None, off }
    }
}

impl Table<'_> {
    /// Seats the promotions that run behind the cards, unless they are to stay off. Where no more is told than what comes off, those that
    /// the order cannot meet get no seat.
    pub(super) fn invite(&mut self, view: &mut View<'_>) -> Result<(), Stop> {
        if self.asked.no_promotions {
            return Ok(());
        }
        let (off, cards) = (&self.asked.promotions_off, self.asked.cards.len());
        let running = if self.purpose == Purpose::Quote { None } else { self.realm.running.seen(view)? };
        self.promoted = match running.filter(|running| !running.is_ahead_of(view.now)) {
            Some(running) => {
                let met = running.index().candidates(&self.asked.order, view.now);
                let met: BTreeSet<BatchNo> = met.into_iter().collect();
                let all = running.all();
                let seated = all.iter().enumerate().filter(|(_, (_, no))| met.contains(no)).map(|(at, _)| at);
                let seated = Promoted::of(all, off, cards, seated);
                Promoted { all: Some(running), ..seated }
            }
            None => {
                let list = view.promotions()?;
                let all: Vec<_> = list.running().map(|one| (one.id.clone(), one.no)).collect();
                Promoted::of(&all, off, cards, 0..all.len())
            }
        };
        Ok(())
    }

    /// The same table with a seat for every promotion, whether the order can meet it or not.
    pub(super) fn with_all(&self) -> Self {
        let mut table = Self::new(self.asked, self.realm, self.purpose, self.leave_out);
        let (off, cards) = (&self.asked.promotions_off, self.asked.cards.len());
        table.promoted = match &self.promoted.all {
            Some(running) => Promoted::of(running.all(), off, cards, 0..running.all().len()),
            None => Promoted { seats: self.promoted.seats.clone(), ..Promoted::default() },
        };
        table
    }

    /// The promotion at a place; none for a card.
    pub(super) fn promotion(&self, place: usize) -> Option<&str> {
        self.promoted.seats.get(&place).map(|(id, _)| id.as_str())
    }

    /// The place of every promotion with a seat.
    pub(super) fn promotion_places(&self) -> impl Iterator<Item = usize> + '_ {
        self.promoted.seats.keys().copied()
    }

    /// The card that the same order had of a promotion with a hold that is over: nobody else has a use for it.
    pub(super) fn held_before(&self, view: &mut View<'_>, place: usize) -> Result<Option<CardId>, Stop> {
        if self.promotion(place).is_none() {
            return Ok(None);
        }
        let Some(of) = self.card(place)?.hold_of(view, self.realm)? else { return Ok(None) };
        let hold = view.hold(&HoldId { order: self.asked.order.id.clone(), of })?;
        Ok(hold.map(|(hold, _)| hold).filter(|hold| hold.holder == self.asked.holder).map(|hold| hold.card))
    }

    /// A use of a promotion as it would be: which card it takes is seen once it applies, so that those that do not are not asked for one.
    pub(super) fn promised(&self, view: &mut View<'_>, ground: Ground) -> Result<Usable, Stop> {
        ground.batch.must_move()?;
        ground.must_run(view.now)?;
        let holder = match (&self.asked.holder, self.purpose) {
            (Some(holder), _) => holder,
            (None, Purpose::Hold) => return Err(Denial::HolderRequired.into()),
            (None, Purpose::Redeem | Purpose::Quote) => &self.asked.guest,
        };
        ground.must_be_meant_for(view, holder)?;
        let (untouched, none) = (ground.untouched(0), Parameters::new());
        let now = view.now.max(untouched.last_at);
        let to = Claimed { holder, parameters: &none, campaign_end: ground.campaign_end() };
        let card = card::claim(&untouched, &ground.template, &ground.batch.parameters, &to, now)?;
        card::redeemable(&card, &ground.template, Some(holder), now)?;
        Ok(Usable { ground, card, seen: None, holder: Some(holder.clone()), claim: None })
    }

    /// Of each group in which something stands the promotion without a seat that lets the least of it apply, where that is less than those
    /// who stand there do: in a plan it counts for all of them, though it cannot apply.
    pub(super) fn narrowing(&self, view: &mut View<'_>, ready: &BTreeMap<usize, Ready>) -> Result<Vec<Ready>, Stop> {
        let Some(running) = &self.promoted.all else { return Ok(Vec::new()) };
        let mut groups = BTreeMap::<Group, Combine>::new();
        for (group, combine) in ready.values().map(|ready| seat_of(&ready.found.ground.template)) {
            let narrowest = groups.entry(group).or_default();
            *narrowest = combine.max(*narrowest);
        }
        let off: BTreeSet<BatchNo> =
            self.promoted.off.iter().filter_map(|at| running.all().get(*at)).map(|(_, no)| *no).collect();
        let mut all = Vec::new();
        for ((lane, rank), narrowest) in groups {
            let narrower = running.index().narrowing(lane, rank).take_while(|(combine, _)| *combine > narrowest);
            for (_, no) in narrower.filter(|(_, no)| !off.contains(no) && !self.has_seat(**no)) {
                if let Some(one) = self.unseated(view, *no, ready)? {
                    all.push(one);
                    break;
                }
            }
        }
        Ok(all)
    }

    fn has_seat(&self, no: BatchNo) -> bool {
        self.promoted.seats.values().any(|(_, card)| matches!(card.picked, Picked::Next(other) if other == no))
    }

    /// A promotion without a seat, where it would stand among those that are ready.
    fn unseated(
        &self,
        view: &mut View<'_>,
        no: BatchNo,
        ready: &BTreeMap<usize, Ready>,
    ) -> Result<Option<Ready>, Stop> {
        let picked = PickedCard::next_of(no);
        let found = match picked.picked.resolve(view, self.realm) {
            Ok(Meaning::AnyOf(ground)) => self.promised(view, ground),
            Ok(Meaning::Card(_)) => return Ok(None),
            Err(stop) => Err(stop),
        };
        match found.and_then(|found| self.readied(view, found, &picked)) {
            Ok(one) => Ok(Some(one).filter(|one| !ready.values().any(|other| other.is_of_same(one)))),
            Err(Stop::Denied(_)) => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    /// Which of those that apply are promotions, and where they stand among them.
    pub(super) fn promotions_of(&self, planned: &Planned) -> Vec<PromotionUse> {
        let all = planned.applied().enumerate().filter_map(|(at, (place, ..))| {
            let (promotion, place) = (self.promotion(place)?.to_owned(), u32::try_from(at).unwrap_or(u32::MAX));
            Some(PromotionUse { promotion, place })
        });
        all.collect()
    }

    /// Names what promotions that apply read beside, so that it is read at once.
    pub(super) fn foresee_promotions(
        &self,
        view: &mut View<'_>,
        planned: &Planned,
        channel: Option<&str>,
        key_of: impl Fn(usize) -> Option<Key>,
    ) -> Result<(), Stop> {
        let mut missing = std::mem::take(&mut view.missing);
        for (place, ready, _) in planned.applied().filter(|(place, ..)| self.promotion(*place).is_some()) {
            let Ready { found, of, .. } = ready;
            let user = User { holder: found.holder.as_ref(), ..self.asked.user(channel) };
            let own = HoldId { order: self.asked.order.id.clone(), of: *of };
            let held = matches!(self.purpose, Purpose::Hold).then_some(Key::Hold(own));
            // Whatever it comes to is said where it is written.
            let _ = self.find(view, place);
            missing.append(&mut view.missing);
            let _ = view.want(held.into_iter().chain(key_of(place)));
            missing.append(&mut view.missing);
            let _ = counted(view, &found.ground, Measure::Uses, user.holder);
            missing.append(&mut view.missing);
            // What is not named is denied where it is asked for.
            let limits = limits_on(view, &found.ground, found.card.id, &user, view.now).unwrap_or_default();
            let _ = limits::foresee_held(view, &limits);
            missing.append(&mut view.missing);
        }
        view.missing = missing;
        if view.missing.is_empty() { Ok(()) } else { Err(Stop::Missing) }
    }
}
