//! Exchange vouchers (兑换券): swapped for declared goods, which cost nothing then.

use super::{CountedIn, KindTerms, refuse_benefit};
use crate::Invalid;
use crate::card::{Benefit, TemplateDraft};
use crate::code::FLOOR_BITS_COUPON;

pub(super) const EXCHANGE: KindTerms =
    KindTerms { name: "exchange", floor_bits: FLOOR_BITS_COUPON, counted_in: CountedIn::Use, check };

fn check(draft: &TemplateDraft) -> Result<(), Invalid> {
    match &draft.benefit {
        Benefit::Goods { .. } => Ok(()),
        Benefit::AmountOff { .. }
        | Benefit::PercentOff { .. }
        | Benefit::Value { .. }
        | Benefit::Entitlement { .. }
        | Benefit::Cards { .. }
        | Benefit::Deal(_) => refuse_benefit(&draft.benefit, "goods, for an exchange card"),
    }
}
