//! The kinds of cards. Each says in one file what it is counted in and what its templates may hold; what follows from that is
//! done here, once for all of them.

mod coupon;
mod exchange;
mod gift_card;
mod membership;
mod pack;
mod times;

use serde::{Deserialize, Serialize};

pub use membership::{CheckIns, Membership};
pub(crate) use membership::{check_in_unit, check_ins};
use pack::check_gifts;
pub(crate) use pack::chosen;
pub use pack::{CardsOf, Gift};
pub(crate) use times::{NoUnits, units_of};
pub use times::{PartialPolicy, Usage};

use super::holding::{aged, used_up};
use super::transition::{unpay, unspend_units};
use super::{Benefit, Card, CardState, Redemption, Template, TemplateDraft};
use crate::Invalid;
use crate::denial::{Denial, LimitScope};
use crate::time::Instant;

/// The kind of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CardKind {
    /// Takes something off an order (优惠券).
    #[default]
    Coupon,
    /// Holds value and pays with it, a part at a time (礼品卡、储值卡).
    GiftCard,
    /// Holds uses that are taken one or several at a time (计次卡).
    Times,
    /// Is swapped for declared goods (兑换券).
    Exchange,
    /// Entitles whoever presents it, for as long as it is good (会员卡).
    Membership,
    /// Opens into other cards (权益卡包).
    Pack,
    /// Opens into some of the cards that it lists, as its holder chooses (权益任选卡).
    Choice,
}

/// What a redemption takes off a card itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CountedIn {
    /// One use, given back whole.
    Use,
    /// As many uses as were asked for, given back in parts.
    Units,
    /// Value, given back in parts.
    Value,
    /// Nothing: it is good as often as it is presented.
    Nothing,
}

/// What there is to know of a kind.
pub(crate) struct KindTerms {
    /// Its name in records, JSON and docs.
    pub name: &'static str,
    /// The fewest guess bits that its codes may have.
    pub floor_bits: u32,
    pub counted_in: CountedIn,
    /// Refuses a template of the kind that cannot be meant.
    check: fn(&TemplateDraft) -> Result<(), Invalid>,
}

impl CardKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Coupon, Self::GiftCard, Self::Times, Self::Exchange, Self::Membership, Self::Pack, Self::Choice];

    /// The one place where a kind is looked up.
    pub(crate) const fn terms(self) -> &'static KindTerms {
        match self {
            Self::Coupon => &coupon::COUPON,
            Self::GiftCard => &gift_card::GIFT_CARD,
            Self::Times => &times::TIMES,
            Self::Exchange => &exchange::EXCHANGE,
            Self::Membership => &membership::MEMBERSHIP,
            Self::Pack => &pack::PACK,
            Self::Choice => &pack::CHOICE,
        }
    }

    /// The kind's name in records, JSON and docs.
    pub const fn name(self) -> &'static str {
        self.terms().name
    }

    /// Whether its cards can give a part of what they give, where a limit has no more left.
    pub(crate) const fn can_be_capped(self) -> bool {
        match self {
            Self::Coupon | Self::GiftCard => true,
            Self::Times | Self::Exchange | Self::Membership | Self::Pack | Self::Choice => false,
        }
    }

    /// The fewest guess bits that codes of this kind may have.
    pub fn floor_bits(self) -> u32 {
        self.terms().floor_bits
    }

    /// Whether its cards hold value.
    pub fn holds_value(self) -> bool {
        self.terms().counted_in == CountedIn::Value
    }
}

impl TemplateDraft {
    /// Refuses what its kind cannot hold: a benefit of another kind, or terms that only others have.
    pub(super) fn check_kind(&self) -> Result<(), Invalid> {
        let refuse = |field: &str, given: &str, of: &str| {
            Err(Invalid::new(field, given, format!("nothing, for a card of kind {}: it is for {of}", self.kind.name())))
        };
        if self.usage.is_some() && self.kind != CardKind::Times {
            return refuse("usage", "a usage", "times cards");
        }
        if self.membership.is_some() && self.kind != CardKind::Membership {
            return refuse("membership", "a membership", "membership cards");
        }
        (self.kind.terms().check)(self)?;
        if self.limits.balance_max_minor.is_some() && !self.kind.holds_value() {
            let allowed = format!("nothing, for a {}", self.kind.name());
            return Err(Invalid::new("limits.balance_max_minor", "an amount", allowed));
        }
        check_gifts(self)
    }
}

/// Refuses a count of uses where the kind has none.
fn check_uncounted(draft: &TemplateDraft, why: &str) -> Result<(), Invalid> {
    match draft.limits.uses_per_card {
        1 => Ok(()),
        uses => {
            let allowed = format!("nothing, for a {}: {why}", draft.kind.name().replace('_', " "));
            Err(Invalid::new("limits.uses_per_card", uses, allowed))
        }
    }
}

/// Refuses a benefit that is none of the kind's.
fn refuse_benefit(benefit: &Benefit, allowed: &str) -> Result<(), Invalid> {
    Err(Invalid::new("benefit", benefit.name(), allowed))
}

/// Why a spent card of the template cannot be used.
pub(super) fn why_used_up(card: &Card, template: &Template) -> Denial {
    let draft = &template.draft;
    match draft.kind.terms().counted_in {
        CountedIn::Value => draft.insufficient_balance(card.balance_minor, None),
        CountedIn::Use | CountedIn::Units | CountedIn::Nothing => {
            let limit = u64::from(draft.limits.uses_per_card);
            Denial::LimitReached { scope: LimitScope::Card, limit, used: limit }
        }
    }
}

/// What a redemption takes, or a refund gives back: as much of it as the kind counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Uses of a times card.
    pub units: u32,
    /// Value, in minor units.
    pub tender_minor: i64,
}

/// A card that may be redeemed, after it was.
pub(crate) fn take(card: &Card, template: &Template, taken: Taken, now: Instant) -> Card {
    let kind = template.draft.kind;
    let amount = if kind.holds_value() { taken.tender_minor } else { i64::from(taken.units) };
    used_up(card, kind, amount, now)
}

/// A card with that given back. A frozen or expired one gets it, too.
///
/// # Errors
/// `void`: a dead card can hold nothing.
pub(crate) fn give_back(card: &Card, template: &Template, back: Taken, now: Instant) -> Result<Card, Denial> {
    match template.draft.kind.terms().counted_in {
        CountedIn::Use => unspend_units(card, 1, now),
        CountedIn::Units => unspend_units(card, back.units, now),
        CountedIn::Value => unpay(card, back.tender_minor, now),
        CountedIn::Nothing => nothing_back(card, now),
    }
}

/// A card of which a share of what it took off comes back, and its use does not.
///
/// # Errors
/// `void`.
pub(crate) fn nothing_back(card: &Card, now: Instant) -> Result<Card, Denial> {
    match card.state {
        CardState::Void => Err(Denial::Void),
        CardState::Minted | CardState::Issued | CardState::Claimed | CardState::Bound | CardState::Spent => {
            Ok(Card { last_at: now, ..aged(card) })
        }
    }
}

/// What may be given back of a redemption in all: uses where the card counts them in parts, else minor units.
pub(crate) fn whole_of(redemption: &Redemption, template: &Template) -> i64 {
    match template.draft.kind.terms().counted_in {
        CountedIn::Use | CountedIn::Nothing => redemption.pricing.discount_minor,
        CountedIn::Units => i64::from(redemption.units.unwrap_or(1)),
        CountedIn::Value => redemption.pricing.tender_minor,
    }
}
