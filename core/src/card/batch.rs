//! Batches: N cards minted from one template version in one code format, at the cost of one row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::batch_life::{BatchExtension, BatchLife, Refill};
use super::{CardState, Displays, Parameters};
use crate::code::{CodeFormat, Normalisation};
use crate::denial::Denial;
use crate::id::BatchNo;
use crate::limit::Limit;
use crate::time::Instant;

/// What a host says of a batch, beside its campaign and channel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchLabels {
    /// The activity it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub activity: String,
    /// The date of that activity, as the host writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// Whom it is meant for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub audience: String,
    /// Where it is given out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// A batch. Its cards have no rows until they are touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Batch {
    /// Its number, which stands in its codes.
    pub no: BatchNo,
    /// The host's id.
    pub id: String,
    /// The template and the version that its cards follow for ever.
    pub template: String,
    /// See `template`.
    pub template_version: u32,
    /// The campaign that it belongs to.
    pub campaign: Option<String>,
    /// The channel that it was made for.
    pub channel: Option<String>,
    /// How many cards: serials run from 0 to `size − 1`.
    pub size: u32,
    /// The format of its codes.
    pub format: CodeFormat,
    /// The key slot of its codes; another one after it was re-keyed.
    pub slot: u8,
    /// The state of its cards before anybody touched them.
    pub untouched: CardState,
    /// How its public code is folded, where it has one.
    pub normalisation: Option<Normalisation>,
    /// Values of parameters for all of its cards.
    pub parameters: Parameters,
    /// How its cards show themselves, over the template's own.
    pub display: Displays,
    /// What the host says of it.
    pub labels: BatchLabels,
    /// Whether its codes may no longer be exported.
    pub export_closed: bool,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "BatchLife::is_active")]
    pub life: BatchLife,
    /// Why all of its cards are frozen, while they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<String>,
    /// How often all of its cards were prolonged, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<BatchExtension>,
    /// When it grows by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refill: Option<Refill>,
    /// Ceilings on what its cards together are used for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// When it was issued.
    pub created_at: Instant,
}

impl Batch {
    /// An active batch of which nothing else is known.
    #[expect(clippy::too_many_arguments, reason = "what a batch cannot be without")]
    pub fn new(
        no: BatchNo,
        id: impl Into<String>,
        template: impl Into<String>,
        template_version: u32,
        size: u32,
        format: CodeFormat,
        untouched: CardState,
        created_at: Instant,
    ) -> Self {
        Self {
            no,
            id: id.into(),
            template: template.into(),
            template_version,
            campaign: None,
            channel: None,
            size,
            format,
            slot: 0,
            untouched,
            normalisation: None,
            parameters: Parameters::new(),
            display: Displays::new(),
            labels: BatchLabels::default(),
            export_closed: false,
            life: BatchLife::Active,
            frozen: None,
            extensions: Vec::new(),
            refill: None,
            limits: Vec::new(),
            created_at,
        }
    }
}

/// How far claiming has come in a batch: serials below `next` were given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// The batch.
    pub batch: BatchNo,
    /// The next serial to give out.
    pub next: u32,
}

/// A public code: a word that names a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicCode {
    /// The blind index of the folded word.
    pub index: [u8; 16],
    /// The batch that the word names.
    pub batch: BatchNo,
    /// The word as it was saved, under the text key of the tenant.
    pub sealed: Vec<u8>,
}

/// What stands in one key slot of a format: all cards that a guess could hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SlotUse {
    /// Cards.
    pub live: u64,
    /// The strictest floor of the batches among them.
    pub floor_bits: u32,
}

/// What a tenant minted in codes of one width: the next batch number, and the cards per key slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormatUse {
    /// The width.
    pub symbols: u8,
    /// The number of the next batch.
    pub next_number: u32,
    /// Cards by key slot.
    pub slots: BTreeMap<u8, SlotUse>,
}

impl FormatUse {
    /// Nothing minted yet.
    pub fn empty(symbols: u8) -> Self {
        Self { symbols, next_number: 0, slots: BTreeMap::new() }
    }

    /// Adds `cards` to a slot after checking the odds of *all* cards there against the strictest floor among them.
    pub(crate) fn add(&mut self, format: CodeFormat, slot: u8, cards: u64, floor_bits: u32) -> Result<(), Denial> {
        let have = self.slots.get(&slot).copied().unwrap_or_default();
        let next = SlotUse { live: have.live.saturating_add(cards), floor_bits: have.floor_bits.max(floor_bits) };
        format.require(next.live, next.floor_bits).map_err(Denial::OddsTooLow)?;
        self.slots.insert(slot, next);
        Ok(())
    }

    /// Takes `cards` out of a slot.
    pub(crate) fn remove(&mut self, slot: u8, cards: u64) {
        if let Some(have) = self.slots.get_mut(&slot) {
            have.live = have.live.saturating_sub(cards);
        }
    }
}
