//! Coupons (优惠券): something off an order, a use at a time.

use super::{CountedIn, KindTerms, refuse_benefit};
use crate::Invalid;
use crate::card::{Benefit, TemplateDraft};
use crate::code::FLOOR_BITS_COUPON;

pub(super) const COUPON: KindTerms =
    KindTerms { name: "coupon", floor_bits: FLOOR_BITS_COUPON, counted_in: CountedIn::Use, check };

fn check(draft: &TemplateDraft) -> Result<(), Invalid> {
    match &draft.benefit {
        Benefit::AmountOff { .. } | Benefit::PercentOff { .. } | Benefit::Deal(_) => Ok(()),
        Benefit::Value { .. } => Err(Invalid::new("kind", "coupon", "gift_card, for a benefit of value")),
        Benefit::Entitlement { .. } | Benefit::Goods { .. } | Benefit::Cards { .. } => {
            refuse_benefit(&draft.benefit, "amount_off, percent_off or deal, for a coupon")
        }
    }
}
