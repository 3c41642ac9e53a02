//! Records of who buys: of the facts HMACs alone, so that a fact can be compared with what somebody says and told to nobody.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::command::{Context, Plan, Stop};
use super::super::resolve::Ground;
use crate::card::{Card, EventKind};

/// A buyer as the journal has it.
#[derive(Serialize)]
struct Recorded<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    facts: BTreeMap<&'a str, String>,
}

impl Plan {
    /// Records the buyer that the request names, where the card holds value: an event behind the one that it belongs to.
    pub(in super::super) fn buyer_event(
        &mut self,
        cx: &Context<'_>,
        ground: &Ground,
        card: &mut Card,
    ) -> Result<(), Stop> {
        let Some(buyer) = cx.meta.buyer.as_ref().filter(|_| ground.zone.is_some()) else { return Ok(()) };
        let hidden = |name: &str, value: &str| {
            let mac = cx.keys.subject_key.mac(&[b"buyer", name.as_bytes(), value.as_bytes()]);
            mac.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
        };
        let facts = buyer.facts.iter().map(|(name, value)| (name.as_str(), hidden(name, value))).collect();
        let recorded = Recorded { reference: buyer.reference.as_deref(), facts };
        self.card_told(cx, ground, card, EventKind::BuyerRecorded, &recorded)
    }
}
