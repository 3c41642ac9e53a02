//! Gift cards (礼品卡、储值卡): value that pays, a part at a time. The balance is the limit.

use super::{CountedIn, KindTerms, check_uncounted};
use crate::Invalid;
use crate::card::{Benefit, TemplateDraft};
use crate::code::FLOOR_BITS_STORED_VALUE;

pub(super) const GIFT_CARD: KindTerms =
    KindTerms { name: "gift_card", floor_bits: FLOOR_BITS_STORED_VALUE, counted_in: CountedIn::Value, check };

fn check(draft: &TemplateDraft) -> Result<(), Invalid> {
    match &draft.benefit {
        Benefit::Value { .. } => check_uncounted(draft, "its balance is its limit"),
        Benefit::AmountOff { .. }
        | Benefit::PercentOff { .. }
        | Benefit::Entitlement { .. }
        | Benefit::Goods { .. }
        | Benefit::Cards { .. }
        | Benefit::Deal(_) => Err(Invalid::new("benefit", "a discount", "value, for a gift card")),
    }
}
