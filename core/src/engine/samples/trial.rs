//! Drafts on the orders of a sample, some orders at a time.

use std::sync::Arc;

use crate::Invalid;
use crate::checkout::{Offer, Order, PlanFigures, PlanTerms, plan_figures};
use crate::engine::Tenant;
use crate::engine::command::Stop;
use crate::engine::error::Error;
use crate::engine::quote_drafts::{DraftOffer, Ready, check_offers, made_ready};
use crate::engine::request::Progress;
use crate::engine::view::View;
use crate::money::{Currency, Rounding};
use crate::rule::{Facts, ProductSets};
use crate::time::{Instant, Zone};

use super::Pieces;
use super::tally::{SavingSpread, Tally, is_touched};

/// Which orders are walked over.
pub(super) struct Asked<'a> {
    pub sample: &'a str,
    pub currency: Option<Currency>,
}

/// How drafts are priced on an order.
pub(in crate::engine) struct Pricing {
    pub zone: Zone,
    rounding: Rounding,
    at: Option<Instant>,
    now: Instant,
}

/// Drafts, made ready once.
pub(in crate::engine) struct Drafts {
    pub ready: Vec<Ready>,
    sets: ProductSets,
}

/// Drafts, and what the orders that were tried come to with them.
pub(super) struct Trial {
    pub drafts: Drafts,
    pub all: Tally,
    /// What comes off each order touched.
    savings: Vec<i64>,
}

/// The orders of a sample that are in one currency, and how far a walk over them has come.
pub(super) struct Walk {
    pieces: Pieces,
    pub currency: Currency,
    /// Orders in another currency.
    pub others: u64,
    piece: usize,
    place: usize,
    done: u64,
    total: u64,
    /// Orders of a step.
    stride: usize,
}

/// Pairs of an order and an offer that a step takes on.
const PAIRS: usize = 10_000;
const STRIDE_MAX: usize = 1_000;

pub(super) fn check(field: &str, offers: &[DraftOffer]) -> Result<(), Invalid> {
    check_offers(offers).map_err(|invalid| renamed(field, invalid))
}

/// `offers[3].id` as `before[3].id`.
fn renamed(field: &str, invalid: Invalid) -> Invalid {
    match invalid.field.strip_prefix("offers") {
        Some(rest) => Invalid { field: format!("{field}{rest}"), ..invalid },
        None => invalid,
    }
}

impl Pricing {
    /// With what the request says; else as the tenant's settings do, and each order at the moment at which it was placed.
    pub(in crate::engine) fn new(
        view: &mut View<'_>,
        rounding: Option<Rounding>,
        at: Option<Instant>,
    ) -> Result<Self, Stop> {
        let rounding = rounding.map_or_else(|| view.rounding(), Ok)?;
        Ok(Self { zone: view.settings()?.zone, rounding, at, now: view.now })
    }

    fn at(&self, order: &Order) -> Instant {
        self.at.or(order.placed_at).unwrap_or(self.now)
    }
}

impl Drafts {
    pub(in crate::engine) fn new(view: &mut View<'_>, field: &str, offers: &[DraftOffer]) -> Result<Self, Stop> {
        let made = made_ready(view, offers).map_err(|stop| match stop {
            Stop::Invalid(invalid) => Stop::Invalid(renamed(field, invalid)),
            other => other,
        });
        let (ready, sets) = made?;
        Ok(Self { ready, sets })
    }

    /// What they come to on an order, all together.
    pub(in crate::engine) fn figures(&self, order: &Order, pricing: &Pricing) -> Result<PlanFigures, Invalid> {
        let at = pricing.at(order);
        let offers: Result<Vec<Offer<'_>>, _> = self.ready.iter().map(|one| one.offer(order, &self.sets, at)).collect();
        Ok(plan_figures(order, &offers?, PlanTerms { sets: &self.sets, rounding: pricing.rounding, at }))
    }

    /// An order as a segment asks it.
    pub(super) fn facts<'a>(&'a self, order: &'a Order, pricing: &'a Pricing) -> Facts<'a> {
        Facts::new(order, &self.sets, pricing.at(order), &pricing.zone)
    }
}

impl Trial {
    pub(super) fn new(drafts: Drafts) -> Self {
        Self { drafts, all: Tally::default(), savings: Vec::new() }
    }

    /// Tries an order.
    pub(super) fn add(&mut self, order: &Order, pricing: &Pricing) -> Result<PlanFigures, Invalid> {
        let figures = self.drafts.figures(order, pricing)?;
        self.all.add(&figures);
        if is_touched(&figures) {
            self.savings.push(figures.discount_minor);
        }
        Ok(figures)
    }

    /// How much comes off the orders touched.
    pub(super) fn saving(&self) -> Option<SavingSpread> {
        SavingSpread::of(self.savings.clone())
    }
}

impl Walk {
    /// `offers` are tried on each order.
    pub(super) fn new(tenant: &Tenant, asked: &Asked<'_>, offers: usize) -> Result<Self, Error> {
        let pieces = tenant.realm.samples.pieces(&tenant.realm.key, asked.sample)?;
        let mut orders = pieces.iter().flat_map(|piece| piece.iter());
        let first = orders.clone().next().map(|order| order.currency);
        let currency = match asked.currency.or(first) {
            Some(currency) => currency,
            None => return Err(Invalid::new("sample", asked.sample, "a sample that holds orders").into()),
        };
        if asked.currency.is_none() && orders.any(|order| order.currency != currency) {
            let allowed = "one of the currencies of the sample's orders, for it holds several";
            return Err(Invalid::new("currency", "none", allowed).into());
        }
        let total = pieces.iter().map(|piece| piece.len() as u64).sum();
        let stride = (PAIRS / offers.max(1)).clamp(1, STRIDE_MAX);
        Ok(Self { pieces, currency, others: 0, piece: 0, place: 0, done: 0, total, stride })
    }

    /// The next orders, each of the currency told; false once none was left before.
    pub(super) fn step(&mut self, mut tell: impl FnMut(&Order) -> Result<(), Invalid>) -> Result<bool, Invalid> {
        let Some(piece) = self.pieces.get(self.piece).map(Arc::clone) else { return Ok(false) };
        let till = piece.len().min(self.place + self.stride);
        for order in piece.get(self.place..till).unwrap_or_default() {
            if order.currency == self.currency {
                tell(order)?;
            } else {
                self.others += 1;
            }
        }
        self.done += (till - self.place) as u64;
        self.place = till;
        if till == piece.len() {
            (self.piece, self.place) = (self.piece + 1, 0);
        }
        Ok(true)
    }

    /// Orders, out of all of the sample.
    pub(super) fn progress(&self) -> Progress {
        Progress { done: self.done, total: self.total }
    }
}
