//! Redemptions and refunds: what was taken, and what was given back. Neither row ever changes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{HeldFor, HoldId};
use crate::checkout::Pricing;
use crate::id::CardId;
use crate::money::Currency;
use crate::store::Owner;
use crate::subject::SubjectKey;
use crate::time::Instant;

/// A captured use of a card on an order. Its id is the idempotency key that it was made under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Redemption {
    /// The idempotency key, unique within the tenant.
    pub key: String,
    /// A keyed digest of the request; stays within the store.
    #[serde(skip)]
    pub digest: [u8; 16],
    /// A keyed digest of the order that it was priced on, which a refund of lines has to name again; stays within the store. Rows of old
    /// builds have none.
    #[serde(skip)]
    pub order_mark: Option<[u8; 16]>,
    /// The card.
    pub card: CardId,
    /// When.
    pub at: Instant,
    /// The host's order id.
    pub order: String,
    /// Who redeemed, where the request said so.
    pub holder: Option<SubjectKey>,
    /// The currency of every amount.
    pub currency: Currency,
    /// Totals before and after, the discount and its share per line, frozen.
    pub pricing: Pricing,
    /// How many uses were taken of a times card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
    /// The cards that it gave to the holder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
    /// What it would have given but could not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_given: Vec<NotGiven>,
    /// What a gift card held afterwards, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_minor: Option<i64>,
    /// The hold that it was captured from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    /// Where else it is counted; stays within the store.
    #[serde(skip)]
    pub counted: Vec<CountedOn>,
    /// The campaign of the card's batch.
    pub campaign: Option<String>,
    /// Where it was sold.
    pub store: Option<String>,
    /// Through which channel it was sold.
    pub channel: Option<String>,
    /// The host's word for where the buyer came from.
    pub source: Option<String>,
    /// Who of the staff did it.
    pub operator: Option<String>,
    /// When the order was placed, as the host says.
    pub ordered_at: Option<Instant>,
    /// Whether the host counted the buyer as new.
    pub new_customer: Option<bool>,
    /// The host's segments of the buyer.
    pub segments: BTreeSet<String>,
}

/// A card that a redemption gave, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Given {
    /// The card.
    pub card: CardId,
    /// The issue number of its code.
    pub issue_no: u8,
    /// How many events it had: with more it was touched since.
    pub events: u32,
}

/// Cards that a redemption would have given but could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NotGiven {
    /// The batch that they would have been of.
    pub batch: String,
    /// The code of the denial.
    pub code: String,
}

/// Gives a redemption back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The redemption that it gives back.
    pub redemption: String,
    /// Its place among that redemption's refunds, from 0. That of a use is the only one.
    pub place: u32,
    /// When.
    pub at: Instant,
    /// Given back, in minor units of the redemption's currency.
    pub amount_minor: i64,
    /// Given back so far, this refund included.
    pub total_minor: i64,
    /// Given back in uses of a times card; 0 for others.
    #[serde(default)]
    pub units: u32,
    /// The same so far, this refund included.
    #[serde(default)]
    pub total_units: u32,
}

impl Redemption {
    /// Whether the holder's use, where it is counted, is counted on the holder's own account and not on a person's.
    pub(crate) fn counts_on_its_holder(&self) -> bool {
        self.counted.iter().all(|on| on.counts != HeldFor::HolderUses)
    }
}

/// Where a redemption is counted: what a refund gives back, and to which account. A calendar window's account is that of its own
/// stretch of time, so what was taken from a window goes back to that window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedOn {
    /// Whose.
    pub owner: Owner,
    /// In what.
    pub unit: String,
    /// How much.
    pub amount: i64,
    /// What it is.
    pub counts: HeldFor,
    /// Whether a refund gives it back.
    #[serde(default = "crate::json::yes", skip_serializing_if = "Clone::clone")]
    pub refill: bool,
    /// When it leaves a rolling window by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves_at: Option<Instant>,
}

impl CountedOn {
    /// What still counts after so much of the redemption's money was given back, all of it or a part: of a budget the rest, a use until
    /// the last part.
    pub(crate) fn left(&self, minor: i64, is_whole: bool) -> i64 {
        match self.counts {
            _ if !self.refill => self.amount,
            HeldFor::Money => (self.amount - minor).max(0),
            HeldFor::Uses | HeldFor::HolderUses | HeldFor::OpenHolds if is_whole => 0,
            HeldFor::Uses | HeldFor::HolderUses | HeldFor::OpenHolds => self.amount,
        }
    }
}
