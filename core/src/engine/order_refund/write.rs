//! Refunding an order by lines, for good.

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::call::Call;
use super::super::command::{Command, Context, Meta, Plan, Stop, submit, unread};
use super::super::error::Error;
use super::super::refund::{Giving, RefundReceipt};
use super::super::request::Change;
use super::super::tenant::Realm;
use super::super::view::View;
use super::reply::{CardGotBack, RefundedOrder, TenderBack};
use super::sale::{Bought, CHAIN, OfSale, SoFar, chain_key};
use super::{LineReturn, Wanted, by_terms, check_redemptions, redemptions_of, uses_back};
use crate::Invalid;
use crate::card::{CountedIn, EventKind, RequestMark, Target, UseBack};
use crate::checkout::Order;
use crate::checkout::refund::{Ledger, Returned, Settlement, TenderOrder, settle, split};
use crate::denial::Denial;
use crate::store::Key;

/// What becomes of value whose card cannot get it: it was killed, or handed on where its template gives back only to whoever redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stranded {
    /// The refund is denied (`card_denied`).
    #[default]
    Deny,
    /// It is paid out the other way.
    Other,
}

/// Gives lines of an order back, or pieces of them: works out what is paid out and to whom, and gives each card what is its own, in one write.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundOrder {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The order as it was bought: the same in every word as when its cards were used or held.
    pub order: Order,
    /// The lines that come back, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<LineReturn>,
    /// Whether shipping comes back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shipping: bool,
    /// Whether all comes back that is not back yet; lines and shipping are not named then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
    /// The redemptions of the order, promotions among them; all that it has by default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redemptions: Vec<String>,
    /// In which order the pay-out goes back to what the order was paid with.
    #[serde(default)]
    pub tenders: TenderOrder,
    /// What becomes of value whose card cannot get it.
    #[serde(default)]
    pub stranded: Stranded,
}

impl RefundOrder {
    /// Gives lines of an order back.
    pub fn lines(meta: Meta, order: Order, lines: impl IntoIterator<Item = LineReturn>) -> Self {
        let lines = lines.into_iter().collect();
        let (tenders, stranded) = (TenderOrder::default(), Stranded::default());
        Self { meta, order, lines, shipping: false, everything: false, redemptions: Vec::new(), tenders, stranded }
    }

    /// Gives all of an order back that is not back yet.
    pub fn everything(meta: Meta, order: Order) -> Self {
        Self { everything: true, ..Self::lines(meta, order, []) }
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted { lines: &self.lines, shipping: self.shipping, everything: self.everything }
    }
}

/// [`RefundOrder`] with the redemptions that its order has.
#[derive(Serialize)]
struct RefundOrderFound {
    #[serde(flatten)]
    asked: RefundOrder,
    #[serde(skip)]
    found: Vec<String>,
}

impl Command for RefundOrderFound {
    type Reply = RefundedOrder;

    fn op(&self) -> &'static str {
        "refund_order"
    }

    fn meta(&self) -> &Meta {
        &self.asked.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        self.asked.check()
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, RefundedOrder), Stop> {
        let asked = &self.asked;
        let request = Key::Request(cx.op.to_owned(), asked.meta.key.clone());
        // What is missed is noted, and what comes next is named with it.
        let _ = view.want(std::iter::once(request).chain(self.found.iter().cloned().map(Key::Redemption)));
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let fences = view.fences;
        let named = (self.found.as_slice(), !asked.redemptions.is_empty());
        let bought = Bought::of(view, &asked.order, cx.order_mark(&asked.order)?, named)?;
        view.fences = fences;
        // What was paid out to cards by now, whether this one pays them or not.
        for of in bought.cards.iter().filter(|of| of.pays()) {
            view.rely_on_no_refund(&of.redemption.key, of.left.place());
        }
        let after = asked.wanted().behind(&asked.order, &bought.so_far.returned)?;
        let sale = bought.sale(&asked.order);
        let changed = || Denial::OrderChanged { order: asked.order.id.clone(), what: "redemptions" };
        let ledger = Ledger::new(&sale).ok_or_else(changed)?;
        let before = &bought.so_far.returned;
        let settled = settle(&ledger, (before, &after), bought.paid_out_minor(), by_terms);
        let refund = Refunding { asked, bought: &bought, ledger: &ledger, after, settled };
        let (plan, reply) = refund.written(cx, view)?;
        Ok((Some(plan), reply))
    }
}

/// A refund that is decided.
struct Refunding<'a> {
    asked: &'a RefundOrder,
    bought: &'a Bought,
    ledger: &'a Ledger<'a>,
    after: Returned,
    settled: Settlement,
}

impl Refunding<'_> {
    fn written(self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Plan, RefundedOrder), Stop> {
        let mut plan = Plan::new(cx, view);
        let (tenders, mut so_far) = self.pay_out(cx, view, &mut plan)?;
        let cards = self.give_back(cx, view, &mut plan, &mut so_far)?;
        let Self { asked, bought, after, settled, .. } = self;
        let (order, place) = (asked.order.id.clone(), bought.place);
        let Settlement { payout_minor, short_minor, left_minor, lines, discounts, is_whole, .. } = settled;
        let reply = RefundedOrder {
            order: order.clone(),
            place,
            at: view.now,
            currency: asked.order.currency,
            payout_minor,
            short_minor,
            left_minor,
            lines,
            discounts,
            tenders,
            cards,
            returned: after,
            is_whole,
        };
        plan.done(cx, EventKind::Refunded, Target::Named(order.clone()), &reply)?;
        let mut link = plan.noted(cx, EventKind::Refunded, Target::Named(order.clone()), &so_far)?;
        link.request = Some(RequestMark { op: CHAIN.to_owned(), key: chain_key(&order, place), digest: cx.digest });
        plan.append(link);
        Ok((plan, reply))
    }

    /// Gives value back to the cards that paid, and says what is paid out the other way.
    fn pay_out(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        plan: &mut Plan,
    ) -> Result<(Vec<TenderBack>, SoFar), Stop> {
        let tenders = self.bought.tenders(self.ledger);
        let parts = split(self.settled.payout_minor, &tenders, &self.asked.tenders);
        let mut so_far = SoFar { returned: self.after.clone(), ..self.bought.so_far.clone() };
        let mut all = Vec::new();
        for (tender, minor) in tenders.iter().zip(parts).filter(|(_, minor)| *minor > 0) {
            let of = tender.redemption.and_then(|key| self.of_sale(key));
            let Some((place, of)) = of else {
                so_far.other_minor += minor;
                all.push(TenderBack::other(minor));
                continue;
            };
            match value_back(cx, view, plan, of, minor) {
                Ok(back) => all.push(back),
                Err(Stop::Denied(why)) if self.asked.stranded == Stranded::Other => {
                    let key = of.redemption.key.clone();
                    so_far.other_minor += minor;
                    *so_far.instead_of.entry(key.clone()).or_default() += minor;
                    let refused = Some(why.code().to_owned());
                    all.push(TenderBack { instead_of: Some(key), refused, ..TenderBack::other(minor) });
                }
                Err(Stop::Denied(why)) => {
                    let (place, card) = (u32::try_from(place).unwrap_or(u32::MAX), Some(of.card));
                    return Err(Denial::CardDenied { place, card, why: Box::new(why) }.into());
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok((all, so_far))
    }

    /// Gives uses back, and what limits count of discounts.
    fn give_back(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        plan: &mut Plan,
        so_far: &mut SoFar,
    ) -> Result<Vec<CardGotBack>, Stop> {
        let mut all = Vec::new();
        for (of, undone) in self.bought.cards.iter().zip(&self.settled.undone_minor).filter(|(of, _)| !of.pays()) {
            let Some(due) = due(of, *undone, self.settled.is_whole) else { continue };
            let mut got = CardGotBack::nothing(of);
            match give(cx, view, plan, of, due) {
                Ok(receipt) => {
                    got.uses = due_uses(of, &receipt);
                    got.uses_left = Some(receipt.uses_left);
                    got.counted_back_minor = receipt.amount_minor;
                    (got.taken_back, got.kept) = (receipt.taken_back, receipt.kept);
                    if of.left.left() == due {
                        so_far.gone.insert(of.redemption.key.clone());
                    }
                }
                // A card that can get nothing is in nobody's way: the money is the shopper's.
                Err(Stop::Denied(why)) => got.refused = Some(why.code().to_owned()),
                Err(stop) => return Err(stop),
            }
            all.push(got);
        }
        Ok(all)
    }

    /// A card of the sale, and its place among the redemptions.
    fn of_sale(&self, key: &str) -> Option<(usize, &OfSale)> {
        let of = self.bought.cards.iter().find(|of| of.redemption.key == key)?;
        let place = self.bought.so_far.redemptions.iter().position(|other| other == key)?;
        Some((place, of))
    }
}

/// How much of a redemption's discount, or how many of its uses, come back now; nothing where nothing does.
fn due(of: &OfSale, undone_minor: i64, is_whole: bool) -> Option<i64> {
    let draft = &of.ground.template.draft;
    if of.left.over_since().is_some() || draft.policies.refund.unwrap_or_default().use_back == UseBack::Never {
        return None;
    }
    let discount_minor = of.redemption.pricing.discount_minor;
    let by_now = match draft.kind.terms().counted_in {
        CountedIn::Units => {
            i64::from(uses_back(&of.ground.template, of.redemption.units, discount_minor, undone_minor, is_whole))
        }
        // What took nothing off comes back with the last of the order.
        CountedIn::Use | CountedIn::Nothing if discount_minor == 0 => return is_whole.then_some(0),
        CountedIn::Use | CountedIn::Nothing | CountedIn::Value => undone_minor,
    };
    Some(by_now - of.left.before()).filter(|due| *due > 0)
}

fn due_uses(of: &OfSale, receipt: &RefundReceipt) -> u32 {
    match of.ground.template.draft.kind.terms().counted_in {
        CountedIn::Use => u32::from(!receipt.use_stays),
        CountedIn::Units => receipt.units.unwrap_or(0),
        CountedIn::Value | CountedIn::Nothing => 0,
    }
}

fn give(cx: &Context<'_>, view: &mut View<'_>, plan: &mut Plan, of: &OfSale, due: i64) -> Result<RefundReceipt, Stop> {
    let giving = Giving::of(view, cx.realm, of.redemption.clone())?;
    let (step, receipt) = giving.write(cx, view, of.left.part(due), false)?;
    step.lay(view)?;
    plan.absorb(step);
    Ok(receipt)
}

fn value_back(
    cx: &Context<'_>,
    view: &mut View<'_>,
    plan: &mut Plan,
    of: &OfSale,
    minor: i64,
) -> Result<TenderBack, Stop> {
    let receipt = give(cx, view, plan, of, minor)?;
    let (card, _) = of.ground.card(view, of.card.serial)?;
    Ok(TenderBack {
        to: of.redemption.key.clone(),
        card: Some(of.card),
        balance_minor: receipt.balance_minor,
        expired: card.expires_at.is_some_and(|end| end <= receipt.at),
        ..TenderBack::other(minor)
    })
}

impl RefundOrder {
    fn check(&self) -> Result<(), Invalid> {
        self.order.check()?;
        self.wanted().check()?;
        check_redemptions(&self.redemptions)
    }

    fn with_found(self, realm: &Realm) -> Result<RefundOrderFound, Error> {
        self.meta.check()?;
        self.check()?;
        let found = redemptions_of(realm, &self.order, &self.redemptions)?;
        Ok(RefundOrderFound { asked: self, found })
    }
}

impl Change for RefundOrder {
    type Reply = RefundedOrder;

    fn change(self, tenant: &Tenant) -> Call<RefundedOrder> {
        let retry = self.meta.retry;
        match self.with_found(&tenant.realm) {
            Ok(found) => submit(&tenant.realm, found),
            Err(error) => unread(retry, error),
        }
    }
}
