//! A card's row: made when the card is first touched.

use serde::{Deserialize, Serialize};

use super::{Batch, Origin, Parameters, Template};
use crate::id::CardId;
use crate::limit::Buckets;
use crate::subject::SubjectKey;
use crate::time::Instant;

/// Where a card stands. Frozen lies across, expired is derived from the clock; neither is a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// Exists, was given to nobody.
    Minted,
    /// Was given out: to a holder, or its code to the public.
    Issued,
    /// Its holder took it.
    Claimed,
    /// Has no use left.
    Spent,
    /// Dead for good.
    Void,
    /// Its holder tied it to a subject.
    Bound,
}

impl CardState {
    /// Every state, by its number in records: one that came later has a later number.
    pub const ALL: [Self; 6] = [Self::Minted, Self::Issued, Self::Claimed, Self::Spent, Self::Void, Self::Bound];

    /// The state's name in records, JSON and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minted => "minted",
            Self::Issued => "issued",
            Self::Claimed => "claimed",
            Self::Spent => "spent",
            Self::Void => "void",
            Self::Bound => "bound",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Which card.
    pub id: CardId,
    /// Where it stands.
    pub state: CardState,
    /// The state to which a refund of its last use returns it.
    pub unspent_state: CardState,
    /// Whose it is.
    pub holder: Option<SubjectKey>,
    /// What it is tied to.
    #[serde(default)]
    pub bound: Option<SubjectKey>,
    /// How often it was tied to something else.
    #[serde(default)]
    pub rebinds: u32,
    /// How often it was handed on.
    #[serde(default)]
    pub transfers: u32,
    /// The channel that it was given out through.
    pub channel: Option<String>,
    /// The issue number of its living code.
    pub issue_no: u8,
    /// Uses left; of a gift card 1, and 0 once nothing is left on it; of a membership card 1.
    pub uses_left: u32,
    /// What it holds, in minor units of the template's currency; 0 where it holds no value.
    #[serde(default)]
    pub balance_minor: i64,
    /// What the ledger has of it: the same, but nothing once it is void.
    #[serde(default)]
    pub booked_minor: i64,
    /// What of that is booked as breakage.
    #[serde(default)]
    pub broken_minor: i64,
    /// When it was issued to or claimed by its holder.
    pub claimed_at: Option<Instant>,
    /// First moment at which it is no longer good.
    pub expires_at: Option<Instant>,
    /// The end that it was extended to, where it was: whatever its terms give, it is good until then.
    #[serde(default)]
    pub extended_to: Option<Instant>,
    /// Why it is frozen, while it is.
    pub frozen: Option<String>,
    /// Values of parameters that its issue set.
    pub parameters: Parameters,
    /// Where it came from.
    pub origin: Origin,
    /// What of its uses, or of what it holds, is kept for orders.
    #[serde(default)]
    pub held: Buckets,
    /// Counts what makes quotes of before stale: releases, refunds, killed holds.
    #[serde(default)]
    pub epoch: u32,
    /// Holds of an epoch below this one were killed.
    #[serde(default)]
    pub holds_from: u32,
    /// The latest moment that was written into it: time never runs backwards for a card.
    pub last_at: Instant,
    /// How many events it has.
    pub events: u32,
    /// Head of its chain of events.
    pub chain: [u8; 16],
}

impl Card {
    /// The card as it is before anybody touched it.
    pub(crate) fn untouched(batch: &Batch, template: &Template, serial: u32, campaign_end: Option<Instant>) -> Self {
        let parameters = template.complete(&batch.parameters, &Parameters::new());
        let balance_minor = template.draft.value_minor(&parameters);
        Self {
            id: CardId { batch: batch.no, serial },
            state: batch.untouched,
            unspent_state: batch.untouched,
            holder: None,
            bound: None,
            rebinds: 0,
            transfers: 0,
            channel: batch.channel.clone(),
            issue_no: 0,
            uses_left: template.draft.limits.uses_per_card,
            balance_minor,
            booked_minor: 0,
            broken_minor: 0,
            claimed_at: None,
            expires_at: template.expires_at(None, campaign_end, &parameters),
            extended_to: None,
            frozen: None,
            parameters: Parameters::new(),
            origin: Origin::default(),
            held: Buckets::default(),
            epoch: 0,
            holds_from: 0,
            last_at: batch.created_at,
            events: 0,
            chain: [0; 16],
        }
    }
}
