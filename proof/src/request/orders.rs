//! What is asked of several cards on one order, and of promotions.

use cardmint::card::HoldId;
use cardmint::code::CodeBook;
use cardmint::subject::{Subject, SubjectKey};
use cardmint::{
    CaptureOrder, CapturePart, HoldOrder, Meta, OrderCard, QuoteOrder, RedeemOrder, ReleaseOrder, SavePromotion, Tenant,
};

use super::{Much, Pending, Pick, Reply, Typed, What, picked};
use crate::terms::Basket;

/// A card of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfCard {
    /// Which one.
    pub card: Pick,
    /// How much of it.
    pub amount: Option<Much>,
    /// What is chosen of a choice.
    pub choose: Vec<String>,
}

/// An order with its cards, and who buys.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the request's fields are")]
pub struct OfOrder {
    pub cards: Vec<OfCard>,
    pub customer: Option<String>,
    pub basket: Basket,
    pub no_promotions: bool,
}

/// What happens to a promotion that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the operations are")]
pub enum PromotionMove {
    Pause,
    Resume,
    Archive,
}

impl OfCard {
    fn written(self, book: &CodeBook) -> OrderCard {
        let (amount_minor, units) = Much::parts(self.amount);
        OrderCard { card: picked(book, self.card), amount_minor, units, choose: self.choose }
    }
}

impl OfOrder {
    /// Who stands for a buyer whom only the order names.
    pub fn guest(&self) -> SubjectKey {
        SubjectKey::from_stored(format!("order:{}", self.basket.order))
    }

    /// A quote of it, as a host asks for one.
    pub fn quoted(self, book: &CodeBook) -> QuoteOrder {
        let (holder, subjects) = (self.customer.map(Subject::customer), self.basket.subjects());
        let cards = self.cards.into_iter().map(|card| card.written(book));
        let quote = QuoteOrder::new(self.basket.order(), cards);
        QuoteOrder { holder, subjects, no_promotions: self.no_promotions, ..quote }
    }
}

/// Hands such a request to an engine.
pub(super) fn submit(what: What, tenant: &Tenant, book: &CodeBook, meta: Meta) -> Box<dyn Pending> {
    match what {
        What::RedeemOrder { of, leave_out } => {
            let QuoteOrder { cards, holder, subjects, order, no_promotions, promotions_off } = of.quoted(book);
            let quote = None;
            let request =
                RedeemOrder { meta, cards, holder, subjects, order, leave_out, no_promotions, promotions_off, quote };
            Box::new(Typed(tenant.redeem_order(request), |reply| Reply::OrderReceipt(Box::new(reply))))
        }
        What::HoldOrder { of, leave_out, ttl_s } => {
            let QuoteOrder { cards, holder, subjects, order, no_promotions, promotions_off } = of.quoted(book);
            let (ttl_s, quote) = (Some(ttl_s), None);
            let request = HoldOrder {
                meta,
                cards,
                holder,
                subjects,
                order,
                ttl_s,
                leave_out,
                no_promotions,
                promotions_off,
                quote,
            };
            Box::new(Typed(tenant.hold_order(request), |reply| Reply::OrderHeld(Box::new(reply))))
        }
        What::CaptureOrder { holds } => {
            let part = |(hold, amount_minor): (HoldId, Option<i64>)| CapturePart { hold, amount_minor };
            let request = CaptureOrder { meta, holds: holds.into_iter().map(part).collect() };
            Box::new(Typed(tenant.capture_order(request), Reply::OrderCaptured))
        }
        What::ReleaseOrder { holds } => {
            Box::new(Typed(tenant.release_order(ReleaseOrder { meta, holds }), Reply::OrderReleased))
        }
        What::SavePromotion { id, template, campaign, limits } => {
            let request = SavePromotion { campaign, limits, ..SavePromotion::new(meta, id, template) };
            Box::new(Typed(tenant.save_promotion(request), Reply::Promotion))
        }
        What::MovePromotion { id, step } => {
            let id = id.as_str();
            let call = match step {
                PromotionMove::Pause => tenant.pause_promotion((meta, id)),
                PromotionMove::Resume => tenant.resume_promotion((meta, id)),
                PromotionMove::Archive => tenant.archive_promotion((meta, id)),
            };
            Box::new(Typed(call, Reply::Promotion))
        }
        _ => unreachable!("asked elsewhere"),
    }
}
