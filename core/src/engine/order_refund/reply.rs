//! What a refund of lines tells.

use serde::{Deserialize, Serialize};

use super::sale::OfSale;
use crate::checkout::refund::{DiscountBack, LineBack, OTHER, Returned};
use crate::id::CardId;
use crate::money::{Currency, is_nothing};
use crate::time::Instant;

/// What goes back to a way of paying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TenderBack {
    /// `other`, or the redemption of a card of value.
    pub to: String,
    /// That card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// How much, in minor units of the order's currency.
    pub minor: i64,
    /// What the card holds now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_minor: Option<i64>,
    /// Whether the card has ended: what it got is kept for its holder, and `succeed` or `extend` lets it be used again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
    /// Of what is paid out the other way since a card could not get it: that card's redemption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    /// And why it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What a card that took something off gets back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CardGotBack {
    /// Its redemption.
    pub redemption: String,
    /// The card.
    pub card: CardId,
    /// How many uses came back.
    pub uses: u32,
    /// How many it has now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<u32>,
    /// How much of its discount limits count no more, in minor units.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub counted_back_minor: i64,
    /// Cards that the redemption had given, and that died with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_back: Vec<CardId>,
    /// Cards that it had given beside, and that stay: they have been used or moved since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<CardId>,
    /// Why nothing came back to it though it was due: the code of a denial. The money is paid out all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What a refund of lines came to. The same for every repetition of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RefundedOrder {
    /// The host's order id.
    pub order: String,
    /// Its place among the refunds of the order, from 0.
    pub place: u32,
    /// When.
    pub at: Instant,
    /// The currency of every amount.
    pub currency: Currency,
    /// What is paid out, in minor units: what goes back to cards and otherwise, together.
    pub payout_minor: i64,
    /// What could not be taken off it, since it is never below 0; it is made up for as more comes back.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub short_minor: i64,
    /// What of the paid total is not paid out yet.
    pub left_minor: i64,
    /// What comes back, and last shipping.
    pub lines: Vec<LineBack>,
    /// What becomes of each discount.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<DiscountBack>,
    /// What goes back to each way of paying.
    pub tenders: Vec<TenderBack>,
    /// Cards that get something back beside value, and those that should have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<CardGotBack>,
    /// All that is back by now.
    pub returned: Returned,
    /// Whether that is everything.
    pub is_whole: bool,
}

impl TenderBack {
    pub(super) fn other(minor: i64) -> Self {
        let to = OTHER.to_owned();
        Self { to, card: None, minor, balance_minor: None, expired: false, instead_of: None, refused: None }
    }
}

impl CardGotBack {
    pub(super) fn nothing(of: &OfSale) -> Self {
        Self {
            redemption: of.redemption.key.clone(),
            card: of.card,
            uses: 0,
            uses_left: None,
            counted_back_minor: 0,
            taken_back: Vec::new(),
            kept: Vec::new(),
            refused: None,
        }
    }
}
