//! Where an order stands once some of it is back: what the rest is worth, and what is left of each card's discount.

use std::collections::BTreeMap;

use super::pieces::{Part, Share, of_first, shares};
use super::{LineBack, Returned, Sale, SoldCard, allocate, anew};
use crate::card::RefundLines;
use crate::checkout::{Allocation, Funded};

/// A sale with the shares of its cards laid out piece by piece.
#[derive(Debug)]
pub struct Ledger<'a> {
    sale: &'a Sale<'a>,
    /// By the place of the line, then of the card.
    lines: Vec<Vec<Share>>,
    /// By the place of the card.
    shipping: Vec<Share>,
    paid_minor: i64,
}

/// Where an order stands.
pub(super) struct Stands {
    /// What the rest costs.
    pub worth_minor: i64,
    /// By the place of the card.
    pub cards: Vec<CardStands>,
}

/// What is left of a card's discount.
pub(super) struct CardStands {
    /// Its shares of what is not back.
    pub kept_minor: i64,
    /// What of it stays by its terms.
    pub left_minor: i64,
    /// Who bears what of that.
    pub funded: BTreeMap<String, i64>,
}

impl<'a> Ledger<'a> {
    /// Lays a sale out; nothing where its cards cannot have been used on that order together: they speak of other lines, take more off a line than it
    /// costs, or pay more than is left.
    pub fn new(sale: &'a Sale<'a>) -> Option<Self> {
        let order = sale.order;
        let mut of_cards: Vec<BTreeMap<&str, &Allocation>> = Vec::with_capacity(sale.cards.len());
        let mut left = order.total_minor().ok()?;
        for card in &sale.cards {
            let pricing = card.pricing;
            left -= pricing.discount_minor + pricing.tender_minor;
            of_cards.push(pricing.allocations.iter().map(|share| (share.line.as_str(), share)).collect());
            let known = pricing.allocations.iter().filter(|share| order.lines.iter().any(|line| line.id == share.line));
            if known.count() != pricing.allocations.len() {
                return None;
            }
        }
        let lines = order.lines.iter().map(|line| {
            let of = |of_card: &BTreeMap<&str, &'a Allocation>| {
                of_card.get(line.id.as_str()).map_or((0, &[][..]), |share| (share.off_minor, share.funded.as_slice()))
            };
            shares(line.quantity, of_cards.iter().map(of))
        });
        let lines: Vec<Vec<Share>> = lines.collect();
        let of_shipping = |card: &SoldCard<'a>| {
            let funded: &'a [Funded] = &card.pricing.shipping_funded;
            (card.pricing.shipping_off_minor, funded)
        };
        let shipping = shares(1, sale.cards.iter().map(of_shipping));
        let off = |shares: &[Share]| shares.iter().map(Share::minor).sum::<i64>();
        let fits = left >= 0
            && off(&shipping) <= order.shipping_minor
            && order.lines.iter().zip(&lines).all(|(line, shares)| off(shares) <= line.amount_minor);
        let discounts: i64 = sale.cards.iter().map(|card| card.pricing.discount_minor).sum();
        let paid_minor = order.total_minor().ok()? - discounts;
        fits.then_some(Self { sale, lines, shipping, paid_minor })
    }

    pub(super) fn sale(&self) -> &'a Sale<'a> {
        self.sale
    }

    /// What was paid for the order, by cards of value and otherwise.
    pub fn paid_minor(&self) -> i64 {
        self.paid_minor
    }

    /// What was paid otherwise.
    pub fn other_minor(&self) -> i64 {
        self.paid_minor - self.sale.cards.iter().map(|card| card.pricing.tender_minor).sum::<i64>()
    }

    /// Whether everything is back.
    pub fn is_whole(&self, returned: &Returned) -> bool {
        let order = self.sale.order;
        let lines = order.lines.iter().all(|line| returned.pieces(&line.id) >= line.quantity);
        lines && (returned.shipping || order.shipping_minor == 0)
    }

    /// What the rest of the lines and of shipping cost before cards, by place, shipping last.
    fn rest(&self, returned: &Returned) -> Vec<i64> {
        let order = self.sale.order;
        let of_line = |line: &crate::checkout::Line| {
            line.amount_minor - of_first(line.amount_minor, returned.pieces(&line.id), line.quantity)
        };
        let shipping = if returned.shipping { 0 } else { order.shipping_minor };
        order.lines.iter().map(of_line).chain([shipping]).collect()
    }

    /// A card's frozen shares of what is not back: by place, shipping last, and together.
    fn kept(&self, card: usize, returned: &Returned) -> (Vec<i64>, Part) {
        let (mut by_place, mut all) = (Vec::with_capacity(self.lines.len() + 1), Part::default());
        let mut add = |part: Part| {
            by_place.push(part.minor);
            all.add(part);
        };
        for (line, shares) in self.sale.order.lines.iter().zip(&self.lines) {
            let share = shares.get(card);
            add(share.map(|share| share.of_rest(returned.pieces(&line.id), line.quantity)).unwrap_or_default());
        }
        let share = self.shipping.get(card);
        add(share.map(|share| share.of_rest(u32::from(returned.shipping), 1)).unwrap_or_default());
        (by_place, all)
    }

    pub(super) fn stands(&self, returned: &Returned, lines: impl Fn(&SoldCard<'_>) -> RefundLines) -> Stands {
        let mut room = self.rest(returned);
        let cost: i64 = room.iter().sum();
        let priced_anew = self.sale.cards.iter().any(|card| lines(card) != RefundLines::Keep);
        let anew = if priced_anew { anew::earned(self.sale, returned) } else { Vec::new() };
        let mut cards = Vec::with_capacity(self.sale.cards.len());
        for (place, card) in self.sale.cards.iter().enumerate() {
            let (kept, part) = self.kept(place, returned);
            let earned = anew.get(place).cloned().unwrap_or_default();
            let earned_minor: i64 = earned.iter().sum();
            let stays = match lines(card) {
                _ if card.is_gone => Vec::new(),
                RefundLines::Keep => kept,
                RefundLines::Clawback if earned_minor >= part.minor => kept,
                // Never more than it gave.
                RefundLines::Clawback | RefundLines::Reprice => {
                    allocate(earned_minor.min(card.pricing.discount_minor), &earned)
                }
            };
            // What cards of several policies leave together is never below nothing.
            let mut left_minor = 0;
            for (room, share) in room.iter_mut().zip(stays) {
                let share = share.min(*room);
                *room -= share;
                left_minor += share;
            }
            let funded = self.borne(place, &part, left_minor);
            cards.push(CardStands { kept_minor: part.minor, left_minor, funded });
        }
        let worth_minor = cost - cards.iter().map(|card| card.left_minor).sum::<i64>();
        Stands { worth_minor, cards }
    }

    /// Who bears what of so much of a card's discount: as it was frozen for what is not back, and beyond that as for the whole.
    fn borne(&self, card: usize, kept: &Part, left_minor: i64) -> BTreeMap<String, i64> {
        let parties: Vec<&String> = kept.funded.keys().collect();
        let weights: Vec<i64> = kept.funded.values().copied().collect();
        if left_minor <= kept.minor {
            let parts = allocate(left_minor, &weights);
            return parties.into_iter().cloned().zip(parts).collect();
        }
        let mut whole = Part::default();
        for share in self.lines.iter().chain([&self.shipping]).filter_map(|shares| shares.get(card)) {
            whole.add(share.whole());
        }
        let weights: Vec<i64> = whole.funded.values().copied().collect();
        let more = allocate(left_minor - kept.minor, &weights);
        let more = whole.funded.keys().cloned().zip(more);
        more.map(|(party, more)| (party.clone(), more + kept.funded.get(&party).copied().unwrap_or_default())).collect()
    }

    /// The lines of which something comes back between two states, without their shares of the pay-out.
    pub(super) fn lines_back(&self, before: &Returned, after: &Returned) -> Vec<LineBack> {
        let order = self.sale.order;
        let mut all = Vec::new();
        let mut add = |line: Option<&str>, (from, to): (u32, u32), (amount, pieces): (i64, u32), shares: &[Share]| {
            if to <= from {
                return;
            }
            let before_minor = of_first(amount, to, pieces) - of_first(amount, from, pieces);
            let off = |share: &Share| share.of_first(to, pieces).minor - share.of_first(from, pieces).minor;
            let discount_minor = shares.iter().map(off).sum();
            let paid_minor = before_minor - discount_minor;
            let (line, pieces) = (line.map(str::to_owned), to - from);
            all.push(LineBack { line, pieces, before_minor, discount_minor, paid_minor, payout_minor: 0 });
        };
        for (line, shares) in order.lines.iter().zip(&self.lines) {
            let steps = (before.pieces(&line.id), after.pieces(&line.id).min(line.quantity));
            add(Some(&line.id), steps, (line.amount_minor, line.quantity), shares);
        }
        let steps = (u32::from(before.shipping), u32::from(after.shipping));
        add(None, steps, (order.shipping_minor, 1), &self.shipping);
        all
    }
}
