//! What a template lets happen to its cards beside being used: tying them, handing them on, prolonging them.

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::subject::Subject;

/// What may be done with a template's cards. What is not declared is denied.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Cards may be bound; `not_bindable` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind: Option<BindPolicy>,
    /// Cards may be transferred; `not_transferable` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<TransferPolicy>,
    /// Cards may be extended; `not_extendable` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend: Option<ExtendPolicy>,
    /// What comes back when an order comes back line by line; by default the discount stays, and the use comes back with the last of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<RefundPolicy>,
}

/// What comes back when lines of an order do (退货退款).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundPolicy {
    /// What becomes of the discount.
    #[serde(default)]
    pub lines: RefundLines,
    /// When the use comes back to the card.
    #[serde(default, skip_serializing_if = "UseBack::is_default")]
    pub use_back: UseBack,
}

/// What becomes of a discount when lines of its order come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundLines {
    /// It stays: a line comes back at what was paid for it.
    #[default]
    Keep,
    /// What the lines that stay do not earn any more is taken off the pay-out.
    Clawback,
    /// The lines that stay are priced anew under the same terms, and what was paid above that is paid out.
    Reprice,
}

/// When the use of a card comes back as lines of its order do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UseBack {
    /// Once all of what it took off is undone; several uses one by one, in proportion.
    #[default]
    WhenUndone,
    /// Never: it is used up, whatever comes back.
    Never,
}

impl UseBack {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How cards may be bound (绑定).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BindPolicy {
    /// Kinds of subjects that a card may be bound to: `device`, `customer`, the host's own. 1 to 16.
    pub kinds: Vec<String>,
    /// How often a bound card may be bound to another subject; never by default.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rebinds_max: u32,
}

/// How cards may be handed on (转赠).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferPolicy {
    /// How often one card may be transferred, 1 or more; once by default.
    #[serde(default = "crate::json::one", skip_serializing_if = "crate::json::is_one")]
    pub transfers_max: u32,
    /// Whether the code stays; by default it dies and the new holder gets another.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep_code: bool,
    /// Who gets what is refunded of a use before the transfer.
    #[serde(default)]
    pub refund_to: RefundTo,
}

/// Who gets back what was taken before a card was transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundTo {
    /// The card, whoever holds it now.
    #[default]
    PresentHolder,
    /// Only the card in the hands of whoever redeemed it: `refund_to_original_only` after a transfer.
    OriginalOnly,
}

/// How far cards may be extended (延期).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendPolicy {
    /// At most so many days behind the end that the terms give, 1 to 36,500; all extensions together.
    pub days_max: u32,
    /// Whether cards that have expired may be extended, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Policies {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        if let Some(bind) = &self.bind {
            if !(1..=16).contains(&bind.kinds.len()) {
                return Err(Invalid::new("policies.bind.kinds", bind.kinds.len(), "1 to 16 kinds of subjects"));
            }
            // A kind is checked as that of a subject is.
            let kinds = bind.kinds.iter().map(|kind| Subject::new(kind.as_str(), "x"));
            kinds.into_iter().try_for_each(|subject| subject.check("policies.bind"))?;
            if bind.rebinds_max > 1_000_000 {
                return Err(Invalid::new("policies.bind.rebinds_max", bind.rebinds_max, "0 to 1000000"));
            }
        }
        if let Some(transfer) = &self.transfer
            && !(1..=1_000_000).contains(&transfer.transfers_max)
        {
            return Err(Invalid::new("policies.transfer.transfers_max", transfer.transfers_max, "1 to 1000000"));
        }
        match &self.extend {
            Some(extend) if !(1..=36_500).contains(&extend.days_max) => {
                Err(Invalid::new("policies.extend.days_max", extend.days_max, "1 to 36500"))
            }
            Some(_) | None => Ok(()),
        }
    }
}
