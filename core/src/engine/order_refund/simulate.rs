//! What a refund of lines would come to, under each way of treating discounts. Changes nothing.

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::command::{Stop, order_mark};
use super::super::error::Error;
use super::super::request::Read;
use super::super::view::View;
use super::sale::Bought;
use super::{LineReturn, Wanted, by_terms, check_redemptions, redemptions_of, uses_back};
use crate::card::RefundLines;
use crate::checkout::Order;
use crate::checkout::refund::{
    DiscountBack, Ledger, LineBack, OTHER, Returned, Sale, Settlement, SoldCard, Tender, TenderOrder, settle, split,
};
use crate::denial::Denial;
use crate::money::{Currency, is_nothing};

/// What giving lines of an order back would come to.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulateRefund {
    /// The order as it was bought: the same in every word as when its cards were used or held.
    pub order: Order,
    /// The lines that would come back, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineReturn>,
    /// Whether shipping would come back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shipping: bool,
    /// Whether all would come back that is not back yet; lines and shipping are not named then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
    /// The redemptions of the order, promotions among them; all that it has by default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redemptions: Vec<String>,
    /// In which order the pay-out would go back to what the order was paid with.
    #[serde(default)]
    pub tenders: TenderOrder,
}

/// What a refund would pay out, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RefundFigures {
    /// What is paid out.
    pub payout_minor: i64,
    /// What could not be taken off it, since it is never below 0.
    #[serde(skip_serializing_if = "is_nothing")]
    pub short_minor: i64,
    /// What of the paid total would not be paid out yet.
    pub left_minor: i64,
    /// What comes back, and last shipping.
    pub lines: Vec<LineBack>,
    /// What becomes of each discount.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<DiscountBack>,
    /// What goes back to each way of paying, where anything does.
    pub tenders: Vec<TenderShare>,
    /// Cards of which uses are given back by then, this refund counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<UsesBack>,
}

/// What would go back to a way of paying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct TenderShare {
    /// `other`, or the redemption of a card of value.
    pub to: String,
    /// How much, in minor units.
    pub minor: i64,
}

/// How many uses of a card would be given back by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct UsesBack {
    /// Its redemption.
    pub redemption: String,
    /// How many.
    pub uses: u32,
}

/// The same return under each way of treating discounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct StepFigures {
    /// As the terms of each card say: what `refund_order` does.
    pub by_terms: RefundFigures,
    /// As if all of them said `keep`.
    pub keep: RefundFigures,
    /// As if all of them said `clawback`.
    pub clawback: RefundFigures,
    /// As if all of them said `reprice`.
    pub reprice: RefundFigures,
}

/// What a refund would come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RefundSimulated {
    /// The host's order id.
    pub order: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// What was paid for the order in all, in minor units.
    pub paid_minor: i64,
    /// What was paid out so far.
    pub paid_out_minor: i64,
    /// What it would come to. What was paid out before is that of the terms as they are, whatever is simulated now.
    #[serde(flatten)]
    pub figures: StepFigures,
    /// All that would be back.
    pub returned: Returned,
}

impl Read for SimulateRefund {
    type Reply = RefundSimulated;

    fn read(self, tenant: &Tenant) -> Result<RefundSimulated, Error> {
        let realm = &*tenant.realm;
        self.order.check()?;
        self.wanted().check()?;
        check_redemptions(&self.redemptions)?;
        let keys = realm.keys("simulate a refund")?;
        let found = redemptions_of(realm, &self.order, &self.redemptions)?;
        realm.weigh(|view| self.simulated(view, order_mark(keys, &self.order)?, &found))
    }
}

impl SimulateRefund {
    /// Lines of an order that would come back.
    pub fn lines(order: Order, lines: impl IntoIterator<Item = LineReturn>) -> Self {
        let (lines, tenders) = (lines.into_iter().collect(), TenderOrder::default());
        Self { order, lines, shipping: false, everything: false, redemptions: Vec::new(), tenders }
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted { lines: &self.lines, shipping: self.shipping, everything: self.everything }
    }

    fn simulated(&self, view: &mut View<'_>, mark: [u8; 16], found: &[String]) -> Result<RefundSimulated, Stop> {
        let bought = Bought::of(view, &self.order, mark, (found, !self.redemptions.is_empty()))?;
        let before = &bought.so_far.returned;
        let after = self.wanted().behind(&self.order, before)?;
        let sale = bought.sale(&self.order);
        let changed = || Denial::OrderChanged { order: self.order.id.clone(), what: "redemptions" };
        let ledger = Ledger::new(&sale).ok_or_else(changed)?;
        let (paid_out_minor, tenders) = (bought.paid_out_minor(), bought.tenders(&ledger));
        let figures = StepFigures::of(|lines| {
            let settled = settle(&ledger, (before, &after), paid_out_minor, lines);
            figures(&sale, settled, &tenders, &self.tenders)
        });
        Ok(RefundSimulated {
            order: self.order.id.clone(),
            currency: self.order.currency,
            paid_minor: ledger.paid_minor(),
            paid_out_minor,
            figures,
            returned: after,
        })
    }
}

/// What a card's refunds are treated by.
pub(super) type Treats = fn(&SoldCard<'_>) -> RefundLines;

impl StepFigures {
    fn of(with: impl Fn(Treats) -> RefundFigures) -> Self {
        Self {
            by_terms: with(by_terms),
            keep: with(|_| RefundLines::Keep),
            clawback: with(|_| RefundLines::Clawback),
            reprice: with(|_| RefundLines::Reprice),
        }
    }
}

/// A settlement with what goes back to each way of paying.
pub(super) fn figures(
    sale: &Sale<'_>,
    settled: Settlement,
    tenders: &[Tender<'_>],
    order: &TenderOrder,
) -> RefundFigures {
    let parts = split(settled.payout_minor, tenders, order);
    let to = |tender: &Tender<'_>| tender.redemption.unwrap_or(OTHER).to_owned();
    let shares = tenders.iter().zip(parts).filter(|(_, minor)| *minor > 0);
    let uses = sale.cards.iter().zip(&settled.undone_minor).filter_map(|(card, undone)| {
        let never = card.template.draft.policies.refund.unwrap_or_default().use_back == crate::card::UseBack::Never;
        let uses = uses_back(card.template, card.units, card.pricing.discount_minor, *undone, settled.is_whole);
        (uses > 0 && !never).then(|| UsesBack { redemption: card.redemption.to_owned(), uses })
    });
    RefundFigures {
        uses: uses.collect(),
        tenders: shares.map(|(tender, minor)| TenderShare { to: to(tender), minor }).collect(),
        payout_minor: settled.payout_minor,
        short_minor: settled.short_minor,
        left_minor: settled.left_minor,
        lines: settled.lines,
        discounts: settled.discounts,
    }
}
