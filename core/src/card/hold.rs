//! Holds (预占): a use, or an amount, that is kept for an order until it is captured, released, or comes back by itself.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::CountedOn;
use crate::Invalid;
use crate::checkout::Pricing;
use crate::id::{BatchNo, CardId, check_name};
use crate::money::Currency;
use crate::store::Owner;
use crate::subject::SubjectKey;
use crate::time::Instant;

/// The longest that a hold can be made for, in seconds: 30 days.
pub const TTL_S_MAX: u32 = 2_592_000;

/// What a template says about holds of its cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HoldTerms {
    /// How long a hold lasts where the request does not say, in seconds; 900 by default.
    pub ttl_s: u32,
    /// The longest that a request may ask for, in seconds, up to 30 days; 86,400 by default.
    pub ttl_max_s: u32,
    /// What capturing a hold comes to that was not captured in time.
    pub late: LateCapture,
    /// Most open holds of one holder on cards of this template, 1 or more; 20 by default.
    pub open_per_holder: u32,
    /// Most open holds on cards of one batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_per_batch: Option<u32>,
    /// Most open holds on cards of this template in one campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_per_campaign: Option<u32>,
}

impl Default for HoldTerms {
    fn default() -> Self {
        Self {
            ttl_s: 900,
            ttl_max_s: 86_400,
            late: LateCapture::default(),
            open_per_holder: 20,
            open_per_batch: None,
            open_per_campaign: None,
        }
    }
}

impl HoldTerms {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        let within = |field: &str, given: u32, most: u32| match given {
            given if (1..=most).contains(&given) => Ok(()),
            given => Err(Invalid::new(format!("holds.{field}"), given, format!("1 to {most}"))),
        };
        within("ttl_max_s", self.ttl_max_s, TTL_S_MAX)?;
        within("ttl_s", self.ttl_s, self.ttl_max_s)?;
        within("open_per_holder", self.open_per_holder, 1_000_000)?;
        self.open_per_batch.map_or(Ok(()), |most| within("open_per_batch", most, 1_000_000))?;
        self.open_per_campaign.map_or(Ok(()), |most| within("open_per_campaign", most, 1_000_000))
    }
}

/// What capturing a hold comes to that was not captured in time (G-08).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LateCapture {
    /// It is taken again if it is still free; else the buyer's money is to be given back.
    #[default]
    Reacquire,
    /// It is taken again if it is still free; else the order waits, and may be captured again later.
    Backorder,
    /// The buyer's money is to be given back.
    Refund,
}

/// What a hold keeps: a card, or for a public code the card that it was given, so that one order holds a word once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldOf {
    /// This card.
    Card(CardId),
    /// A card of this batch, through its public code.
    Batch(BatchNo),
}

impl fmt::Display for HoldOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Card(card) => fmt::Display::fmt(card, f),
            Self::Batch(batch) => write!(f, "{}-{}", batch.symbols, batch.number),
        }
    }
}

impl HoldOf {
    /// Reads `16-3-41` or `16-3`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.bytes().filter(|byte| *byte == b'-').count() == 2 {
            return CardId::parse("hold", text).ok().map(Self::Card);
        }
        // A batch is read as its first card.
        CardId::parse("hold", &format!("{text}-0")).ok().map(|card| Self::Batch(card.batch))
    }
}

/// Names a hold: its order, and what is kept for it. An order has at most one hold of a card, so asking again is the same hold
/// (G-03). The text `16-3-41/A-1001` on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId {
    /// The host's order id.
    pub order: String,
    /// What is kept.
    pub of: HoldOf,
}

impl fmt::Display for HoldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.of, self.order)
    }
}

impl HoldId {
    /// Reads `16-3-41/A-1001`.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let refuse =
            || Invalid::new(field, format!("{} bytes", text.len()), "the id of a hold, such as 16-3-41/A-1001");
        let (of, order) = text.split_once('/').ok_or_else(refuse)?;
        check_name(field, order).map_err(|_| refuse())?;
        Ok(Self { order: order.to_owned(), of: HoldOf::parse(of).ok_or_else(refuse)? })
    }
}

impl Serialize for HoldId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HoldId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse("hold", &text).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for HoldId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HoldId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"description": "Names a hold: `16-3-41/A-1001`.", "type": "string"})
    }
}

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// It keeps what it holds.
    Open,
    /// It came back by itself. Derived from the clock, never stored.
    Expired,
    /// What it held was used.
    Captured,
    /// What it held was given back.
    Released,
    /// What it held was used, and that was given back in full.
    Refunded,
    /// It was captured too late, nothing was free, and the order waits.
    Backordered,
    /// It was captured too late, or killed before: the buyer's money is to be given back.
    RefundRequired,
}

impl HoldState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Expired,
        Self::Captured,
        Self::Released,
        Self::Refunded,
        Self::Backordered,
        Self::RefundRequired,
    ];

    /// The state's name in records, JSON and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Expired => "expired",
            Self::Captured => "captured",
            Self::Released => "released",
            Self::Refunded => "refunded",
            Self::Backordered => "backordered",
            Self::RefundRequired => "refund_required",
        }
    }
}

/// An account on which a hold counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldOn {
    /// Whose.
    pub owner: Owner,
    /// In what.
    pub unit: String,
    /// How much.
    pub amount: i64,
    /// The ceiling that it was held against; a late capture takes it again below the same.
    pub ceiling: i64,
    /// By how much the ceiling was lowered, for what counts elsewhere of the same person.
    #[serde(default, skip_serializing_if = "crate::money::is_nothing")]
    pub elsewhere: i64,
    /// What a capture leaves there.
    pub counts: HeldFor,
    /// The length of a rolling window, in seconds: what is captured there leaves it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolling_s: Option<u32>,
    /// Whether a refund gives it back.
    #[serde(default = "crate::json::yes", skip_serializing_if = "Clone::clone")]
    pub refill: bool,
}

impl HeldOn {
    /// What a capture of so much leaves for a refund to give back.
    pub(crate) fn captured(self, amount: i64, leaves_at: Option<Instant>) -> Option<CountedOn> {
        let Self { owner, unit, counts, refill, .. } = self;
        match counts {
            // Of the holder's own account the redemption itself tells.
            HeldFor::HolderUses if !owner.is_person() => None,
            HeldFor::OpenHolds => None,
            HeldFor::HolderUses | HeldFor::Uses | HeldFor::Money if amount == 0 => None,
            HeldFor::HolderUses | HeldFor::Uses | HeldFor::Money => {
                Some(CountedOn { owner, unit, amount, counts, refill, leaves_at })
            }
        }
    }
}

/// What an account counts for which something is held on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldFor {
    /// Open holds: a capture gives it back, too.
    OpenHolds,
    /// The holder's uses of the template: a capture keeps it, and the template says itself that a refund gives it back.
    HolderUses,
    /// Uses of a limit: a capture keeps it.
    Uses,
    /// Money: a capture keeps what it comes to.
    Money,
}

/// A reservation of a card for an order. The row of a hold that is over is written again when the same order holds the card anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its order, and what is kept.
    pub id: HoldId,
    /// The card.
    pub card: CardId,
    /// Who holds, where the request said so.
    pub holder: Option<SubjectKey>,
    /// Where it stands; never `Expired`.
    pub state: HoldState,
    /// The card's epoch when it was made; below the card's `holds_from` it is dead.
    pub epoch: u32,
    /// A keyed digest of the order and the amount that was asked for; stays within the store.
    pub content: [u8; 16],
    /// A keyed digest of the order alone, for the redemption that it becomes; rows of old builds have none.
    pub order_mark: Option<[u8; 16]>,
    /// When it was made.
    pub at: Instant,
    /// When it comes back by itself.
    pub expires_at: Instant,
    /// What is kept of the card: uses, or minor units.
    pub amount: i64,
    /// Where else it counts.
    pub counters: Vec<HeldOn>,
    /// The currency of every amount.
    pub currency: Currency,
    /// What the card gives on the order, frozen.
    pub pricing: Pricing,
    /// The redemption that it was captured by.
    pub redemption: Option<String>,
    /// Where it is sold.
    pub store: Option<String>,
    /// Through which channel.
    pub channel: Option<String>,
    /// The host's word for where the buyer came from.
    pub source: Option<String>,
    /// When the order was placed, as the host says.
    pub ordered_at: Option<Instant>,
    /// Whether the host counts the buyer as new.
    pub new_customer: Option<bool>,
    /// The host's segments of the buyer.
    pub segments: BTreeSet<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_holds_read_back() {
        for text in ["16-3-41/A-1001", "16-3/A/1001", "24-16777215-1073741823/订单"] {
            assert_eq!(HoldId::parse("hold", text).unwrap().to_string(), text);
        }
        for text in ["16-3-41", "16-3-41/", "16/A", "x-3-41/A", "16-3-41/A B", "/A", "16-3-4-1/A"] {
            assert_eq!(HoldId::parse("hold", text).unwrap_err().field, "hold", "{text}");
        }
    }

    #[test]
    fn terms_of_holds_are_bounded() {
        assert!(HoldTerms::default().check().is_ok() && HoldTerms::default().is_default());
        let refused = |terms: HoldTerms| terms.check().unwrap_err().field;
        assert_eq!(refused(HoldTerms { ttl_s: 86_401, ..HoldTerms::default() }), "holds.ttl_s");
        assert_eq!(refused(HoldTerms { ttl_max_s: TTL_S_MAX + 1, ..HoldTerms::default() }), "holds.ttl_max_s");
        assert_eq!(refused(HoldTerms { open_per_batch: Some(0), ..HoldTerms::default() }), "holds.open_per_batch");
    }
}
