//! What refunds of an order would come to whose cards need not be there: templates that nobody has saved, and returns one after another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::command::Stop;
use super::super::error::Error;
use super::super::quote_drafts::{DraftOffer, check_offers, made_ready};
use super::super::redeem::check_attributes;
use super::super::request::Read;
use super::super::view::View;
use super::simulate::{RefundFigures, StepFigures, Treats, figures};
use super::{LineReturn, Wanted, by_terms};
use crate::Invalid;
use crate::card::RefundLines;
use crate::checkout::refund::{Ledger, OTHER, Returned, Sale, SoldCard, Tender, TenderOrder, settle};
use crate::checkout::{Offer, Order, OrderTotals, PlanTerms, Pricing, plan};
use crate::money::Rounding;
use crate::time::Instant;

/// What returns of an order would come to, one after another, that was bought with templates which need not be saved.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundDrafts {
    /// The order.
    pub order: Order,
    /// What it was bought with: at most 1,000. What does not apply is not in the way.
    pub offers: Vec<DraftOffer>,
    /// What comes back, one return after another: 1 to 100.
    pub returns: Vec<DraftsBack>,
    /// In which order pay-outs go back to what the order was paid with; what pays is called by its offer's id.
    #[serde(default)]
    pub tenders: TenderOrder,
    /// How a share that is not whole becomes whole; as the tenant's settings say by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// The moment of which it is told; now by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// One return.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftsBack {
    /// The lines that come back, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineReturn>,
    /// Whether shipping comes back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shipping: bool,
    /// Whether all comes back that is not back yet; lines and shipping are not named then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
}

/// What returns would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DraftsRefunded {
    /// What the order came to.
    #[serde(flatten)]
    pub totals: OrderTotals,
    /// What each return comes to. Under each way of treating discounts all returns before it were treated so, too.
    pub returns: Vec<StepFigures>,
}

const RETURNS_MAX: usize = 100;

impl DraftsBack {
    fn wanted(&self) -> Wanted<'_> {
        Wanted { lines: &self.lines, shipping: self.shipping, everything: self.everything }
    }
}

impl Read for RefundDrafts {
    type Reply = DraftsRefunded;

    fn read(self, tenant: &Tenant) -> Result<DraftsRefunded, Error> {
        self.order.check()?;
        check_offers(&self.offers)?;
        if !(1..=RETURNS_MAX).contains(&self.returns.len()) {
            let allowed = format!("1 to {RETURNS_MAX} returns");
            return Err(Invalid::new("returns", self.returns.len(), allowed).into());
        }
        for (place, back) in self.returns.iter().enumerate() {
            back.wanted().check().map_err(|invalid| invalid.within(&format!("returns[{place}]")))?;
        }
        tenant.realm.weigh(|view| self.refunded(view))
    }
}

impl RefundDrafts {
    fn refunded(&self, view: &mut View<'_>) -> Result<DraftsRefunded, Stop> {
        check_attributes(view, &self.order)?;
        let rounding = self.rounding.map_or_else(|| view.rounding(), Ok)?;
        let at = self.at.unwrap_or(view.now);
        let (ready, sets) = made_ready(view, &self.offers)?;
        let offers: Result<Vec<Offer<'_>>, _> = ready.iter().map(|ready| ready.offer(&self.order, &sets, at)).collect();
        let offers = offers?;
        let plan = plan(&self.order, &offers, PlanTerms { sets: &sets, rounding, at });
        let pricings = plan.pricings();
        let mut applied: Vec<(&Offer<'_>, &Pricing)> =
            offers.iter().zip(&pricings).filter_map(|(offer, pricing)| Some((offer, pricing.as_ref()?))).collect();
        // As they came off: each was priced on what the ones before it left.
        applied.sort_by_key(|(_, pricing)| std::cmp::Reverse(pricing.before_minor));
        let cards = applied.into_iter().map(|(offer, pricing)| SoldCard {
            redemption: offer.id,
            pricing,
            template: offer.template,
            parameters: offer.parameters,
            units: offer.purse.units,
            is_gone: false,
        });
        let sale = Sale { order: &self.order, cards: cards.collect(), rounding, sets: &sets, at };
        let [by_terms, keep, clawback, reprice] = [
            by_terms as Treats,
            |_: &SoldCard<'_>| RefundLines::Keep,
            |_: &SoldCard<'_>| RefundLines::Clawback,
            |_: &SoldCard<'_>| RefundLines::Reprice,
        ]
        .map(|treats| self.chain(sale.clone(), treats));
        let all = by_terms?.into_iter().zip(keep?).zip(clawback?).zip(reprice?);
        let returns =
            all.map(|(((by_terms, keep), clawback), reprice)| StepFigures { by_terms, keep, clawback, reprice });
        Ok(DraftsRefunded { totals: plan.totals(), returns: returns.collect() })
    }

    /// All returns, one after another, treated one way.
    fn chain(&self, mut sale: Sale<'_>, treats: Treats) -> Result<Vec<RefundFigures>, Stop> {
        let (mut before, mut all) = (Returned::default(), Vec::with_capacity(self.returns.len()));
        let (mut paid_out, mut to) = (0, BTreeMap::<String, i64>::new());
        for back in &self.returns {
            let after = back.wanted().behind(&self.order, &before)?;
            let ledger = Ledger::new(&sale).ok_or(Stop::Internal("a plan does not fit its own order"))?;
            let left = |name: &str, paid: i64| paid - to.get(name).copied().unwrap_or_default();
            let paying = sale.cards.iter().filter(|card| card.pricing.tender_minor > 0);
            let tenders: Vec<Tender<'_>> = paying
                .map(|card| (Some(card.redemption), left(card.redemption, card.pricing.tender_minor)))
                .chain([(None, left(OTHER, ledger.other_minor()))])
                .map(|(redemption, left_minor)| Tender { redemption, left_minor })
                .collect();
            let settled = settle(&ledger, (&before, &after), paid_out, treats);
            let of = figures(&sale, settled, &tenders, &self.tenders);
            paid_out += of.payout_minor;
            of.tenders.iter().for_each(|share| *to.entry(share.to.clone()).or_default() += share.minor);
            for card in &mut sale.cards {
                let whole = card.units.unwrap_or(1);
                card.is_gone |= of.uses.iter().any(|back| back.redemption == card.redemption && back.uses >= whole);
            }
            all.push(of);
            before = after;
        }
        Ok(all)
    }
}
