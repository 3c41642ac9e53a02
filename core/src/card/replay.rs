//! A card told by its events alone: what its row must say, now or at an earlier moment.

use serde::{Deserialize, Deserializer, Serialize};

use super::transition::holding;
use super::{
    Batch, Card, CardState, CountedIn, Event, EventKind, Origin, Parameters, Taken, Template, give_back, take,
};
use crate::checkout::Funded;
use crate::money::Currency;
use crate::subject::SubjectKey;
use crate::time::Instant;

/// What the event of a redemption says beside the redemption's own row.
#[derive(Serialize)]
pub(crate) struct RedeemedFacts<'a> {
    /// The redemption's key.
    pub redemption: &'a str,
    /// What was taken: of a gift card what it paid, otherwise the discount.
    pub taken_minor: i64,
    /// How many uses of a times card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
    /// When the card ends, with its first event and where it does: from then on that stands in its row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// Of the first card of an order of several: what the request came to as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_order: Option<&'a serde_json::Value>,
    #[serde(flatten)]
    pub funded: FundedFacts,
}

/// What parties bear of a use, or get back of it, in the event of it; nothing where the template names none.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FundedFacts {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub funded: Vec<Funded>,
    /// The currency of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

impl FundedFacts {
    pub(crate) fn new(funded: Vec<Funded>, currency: Currency) -> Self {
        let currency = Some(currency).filter(|_| !funded.is_empty());
        Self { funded, currency }
    }

    /// Reads what an event tells; facts that do not fit tell nothing.
    pub(crate) fn of(event: &Event) -> Self {
        serde_json::from_str(&event.facts).unwrap_or_default()
    }
}

/// What the event says with which a redemption takes a fresh card for its holder, or gives one.
#[derive(Serialize)]
pub(crate) struct TakenFacts<'a> {
    pub holder: Option<&'a SubjectKey>,
    pub expires_at: Option<Instant>,
    /// Of a card that is given: which card and redemption it came of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<&'a Origin>,
    /// The person on whom the claim was counted, where the holder is one of several subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted_on: Option<SubjectKey>,
}

/// What the facts of any event of a card may tell of it. Facts of old builds tell less.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Told {
    pub state: Option<CardState>,
    pub holder: Option<SubjectKey>,
    pub counted_on: Option<SubjectKey>,
    pub channel: Option<String>,
    pub uses_left: Option<u32>,
    pub balance_minor: Option<i64>,
    pub issue_no: Option<u8>,
    pub origin: Option<Origin>,
    /// Whether it ends, where that is told at all.
    #[serde(deserialize_with = "told")]
    pub expires_at: Option<Option<Instant>>,
    /// All declared parameters.
    pub parameters: Option<Parameters>,
    pub delta_minor: Option<i64>,
    pub amount_minor: Option<i64>,
    pub redemption: Option<String>,
    pub taken_minor: Option<i64>,
    /// Of a times card: how many uses were taken or given back.
    pub units: Option<u32>,
    /// Of a refund: only a share of the discount came back.
    pub use_stays: bool,
    /// What it is tied to.
    pub bound: Option<SubjectKey>,
    /// Of a capture.
    pub receipt: Option<ToldReceipt>,
}

/// What the receipt of a capture tells.
#[derive(Debug, Deserialize)]
pub(crate) struct ToldReceipt {
    pub redemption: String,
    pub pricing: ToldPricing,
}

/// What it came to.
#[derive(Debug, Deserialize)]
pub(crate) struct ToldPricing {
    #[serde(default)]
    pub tender_minor: i64,
    pub discount_minor: i64,
}

/// Null is told, too.
fn told<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl Told {
    /// Reads what an event tells; facts that do not fit tell nothing.
    pub(crate) fn of(event: &Event) -> Self {
        serde_json::from_str(&event.facts).unwrap_or_default()
    }
}

/// One field of a row that is not what the journal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub field: &'static str,
    pub stands: String,
    pub journal: String,
}

/// A card that its events make, one after another.
pub(crate) struct Replay<'a> {
    batch: &'a Batch,
    template: &'a Template,
    pub card: Card,
    /// Whether any event told when the card ends.
    pub knows_end: bool,
    knows_holder: bool,
}

impl<'a> Replay<'a> {
    /// Begins with the card as it was before anybody touched it.
    pub(crate) fn new(batch: &'a Batch, template: &'a Template, untouched: Card) -> Self {
        Self { batch, template, card: untouched, knows_end: false, knows_holder: true }
    }

    /// Goes on from where an earlier one stood.
    pub(crate) fn go_on(batch: &'a Batch, template: &'a Template, at: Standing) -> Self {
        let Standing { card, knows_end, knows_holder } = at;
        Self { batch, template, card, knows_end, knows_holder }
    }

    /// Where it stands, to go on from later.
    pub(crate) fn stop(self) -> Standing {
        Standing { card: self.card, knows_end: self.knows_end, knows_holder: self.knows_holder }
    }

    /// Adds an event.
    ///
    /// # Errors
    /// Words, where no card can have it there.
    pub(crate) fn add(&mut self, event: &Event, told: &Told) -> Result<(), &'static str> {
        let card = &self.card;
        let by = |minor: Option<i64>| minor.ok_or("it does not tell how much");
        let counted_in = self.template.draft.kind.terms().counted_in;
        // What a redemption took or a refund gave back, as far as a card of this kind is counted so.
        let took = |minor: Option<i64>| {
            let tender_minor = if counted_in == CountedIn::Value { by(minor)? } else { 0 };
            let units =
                if counted_in == CountedIn::Units { told.units.ok_or("it does not tell how many uses")? } else { 1 };
            Ok::<_, &'static str>(Taken { units, tender_minor })
        };
        let mut next = match event.kind {
            EventKind::Issued => self.given(event, told, CardState::Issued),
            EventKind::Claimed if card.state == CardState::Issued && card.holder.is_some() => {
                Card { state: CardState::Claimed, unspent_state: CardState::Claimed, ..card.clone() }
            }
            EventKind::Claimed => self.given(event, told, CardState::Claimed),
            EventKind::Held | EventKind::HeldAgain | EventKind::Released | EventKind::CapturedLate => card.clone(),
            EventKind::Captured => {
                let minor = told.receipt.as_ref().map(|receipt| receipt.pricing.tender_minor);
                take(card, self.template, took(minor)?, event.at)
            }
            EventKind::Redeemed => take(card, self.template, took(told.taken_minor)?, event.at),
            EventKind::Refunded if told.use_stays => card.clone(),
            EventKind::Refunded => give_back(card, self.template, took(told.amount_minor)?, event.at)
                .map_err(|_| "nothing can be given back to it")?,
            EventKind::Bound => {
                let state = CardState::Bound;
                Card { state, unspent_state: state, bound: told.bound.clone(), ..card.clone() }
            }
            EventKind::Rebound => {
                Card { bound: told.bound.clone(), rebinds: card.rebinds.saturating_add(1), ..card.clone() }
            }
            EventKind::Transferred => self.transferred(told),
            EventKind::Extended => Card { extended_to: told.expires_at.flatten(), ..card.clone() },
            EventKind::Frozen => Card { frozen: event.reason.clone(), ..card.clone() },
            EventKind::Unfrozen => Card { frozen: None, ..card.clone() },
            EventKind::Replaced => Card { issue_no: card.issue_no.saturating_add(1), ..card.clone() },
            EventKind::Voided => Card { state: CardState::Void, unspent_state: CardState::Void, ..card.clone() },
            EventKind::CodeRevealed | EventKind::BuyerRecorded => card.clone(),
            // The one event of a succession carries the reply, and is the successor's first.
            EventKind::Succeeded => match told.balance_minor {
                Some(balance_minor) => self.succeeding(event, told, balance_minor),
                None => holding(card, 0, event.at),
            },
            EventKind::Loaded | EventKind::Adjusted => {
                let balance = card.balance_minor.checked_add(by(told.delta_minor)?).ok_or("it holds too much")?;
                holding(card, balance, event.at)
            }
            EventKind::SettingsSaved
            | EventKind::CampaignSaved
            | EventKind::AudienceAdded
            | EventKind::ProductSetSaved
            | EventKind::TemplateSaved
            | EventKind::BatchIssued
            | EventKind::BatchGrown
            | EventKind::BatchRekeyed
            | EventKind::ExportClosed
            | EventKind::CodesExported
            | EventKind::PublicCodeSaved
            | EventKind::Observed
            | EventKind::UnitSaved
            | EventKind::AccountMoved
            | EventKind::PersonLinked
            | EventKind::PersonUnlinked
            | EventKind::PersonErased
            | EventKind::BatchFrozen
            | EventKind::BatchUnfrozen
            | EventKind::BatchVoided
            | EventKind::BatchExtended
            | EventKind::BatchClosed
            | EventKind::BatchArchived
            | EventKind::BatchRefillSet
            | EventKind::CampaignMoved
            | EventKind::Fenced => return Err("such an event is no card's"),
        };
        if matches!(event.kind, EventKind::Issued | EventKind::Claimed) {
            next.origin = told.origin.clone().unwrap_or_else(|| event.origin.clone());
            next.channel = told.channel.clone().or(next.channel);
        }
        if let Some(end) = told.expires_at {
            next.expires_at = end;
            self.knows_end = true;
        }
        next.last_at = event.at;
        next.events = next.events.saturating_add(1);
        next.chain = event.chain;
        self.card = next;
        Ok(())
    }

    fn transferred(&mut self, told: &Told) -> Card {
        let card = &self.card;
        let state = match card.state {
            CardState::Issued => CardState::Issued,
            CardState::Minted | CardState::Claimed | CardState::Bound | CardState::Spent | CardState::Void => {
                CardState::Claimed
            }
        };
        self.knows_holder = told.holder.is_some();
        Card {
            state,
            unspent_state: state,
            holder: told.holder.clone(),
            bound: None,
            transfers: card.transfers.saturating_add(1),
            issue_no: told.issue_no.unwrap_or(card.issue_no),
            ..card.clone()
        }
    }

    fn succeeding(&mut self, event: &Event, told: &Told, balance_minor: i64) -> Card {
        let card = &self.card;
        let state = told.state.unwrap_or(card.state);
        self.knows_holder = true;
        Card {
            state,
            unspent_state: state,
            holder: told.holder.clone(),
            bound: told.bound.clone(),
            channel: told.channel.clone(),
            claimed_at: told.holder.as_ref().map(|_| event.at),
            uses_left: 1,
            balance_minor,
            parameters: told.parameters.clone().unwrap_or_default(),
            origin: told.origin.clone().unwrap_or_default(),
            ..card.clone()
        }
    }

    fn given(&mut self, event: &Event, told: &Told, state: CardState) -> Card {
        let card = &self.card;
        let value = |parameters: &Parameters| {
            let complete = self.template.complete(&self.batch.parameters, parameters);
            self.template.draft.value_minor(&complete)
        };
        let parameters = told.parameters.clone().unwrap_or_default();
        self.knows_holder = told.holder.is_some();
        Card {
            state,
            unspent_state: state,
            holder: told.holder.clone(),
            claimed_at: Some(event.at),
            balance_minor: card.balance_minor + value(&parameters) - value(&card.parameters),
            parameters,
            ..card.clone()
        }
    }

    /// What the event itself says the card came to, where that is something else.
    pub(crate) fn contradicts(&self, told: &Told) -> Vec<Difference> {
        let card = &self.card;
        let mut found = Vec::new();
        let mut check = |field, told: Option<String>, is: String| {
            if let Some(stands) = told.filter(|told| *told != is) {
                found.push(Difference { field, stands, journal: is });
            }
        };
        check("state", told.state.map(|state| state.name().to_owned()), card.state.name().to_owned());
        check("uses_left", told.uses_left.map(|uses| uses.to_string()), card.uses_left.to_string());
        check("balance_minor", told.balance_minor.map(|minor| minor.to_string()), card.balance_minor.to_string());
        check("issue_no", told.issue_no.map(|no| no.to_string()), card.issue_no.to_string());
        found
    }

    /// Where a row says something else than the events. What its batch was extended to stands in a row only from its next event on,
    /// so both are looked at with that.
    pub(crate) fn differs(&self, row: &Card, campaign_end: Option<Instant>) -> Vec<Difference> {
        let card = &self.card;
        let complete = |card: &Card| self.template.complete(&self.batch.parameters, &card.parameters);
        let at = |at: Option<Instant>| at.map_or_else(|| "none".to_owned(), |at| at.to_string());
        let opt = |text: Option<&str>| text.unwrap_or("none").to_owned();
        let mut pairs = vec![
            ("state", row.state.name().to_owned(), card.state.name().to_owned()),
            ("unspent_state", row.unspent_state.name().to_owned(), card.unspent_state.name().to_owned()),
            ("channel", opt(row.channel.as_deref()), opt(card.channel.as_deref())),
            ("issue_no", row.issue_no.to_string(), card.issue_no.to_string()),
            ("uses_left", row.uses_left.to_string(), card.uses_left.to_string()),
            ("balance_minor", row.balance_minor.to_string(), card.balance_minor.to_string()),
            ("claimed_at", at(row.claimed_at), at(card.claimed_at)),
            (
                "bound",
                opt(row.bound.as_ref().map(SubjectKey::as_str)),
                opt(card.bound.as_ref().map(SubjectKey::as_str)),
            ),
            ("rebinds", row.rebinds.to_string(), card.rebinds.to_string()),
            ("transfers", row.transfers.to_string(), card.transfers.to_string()),
            ("frozen", opt(row.frozen.as_deref()), opt(card.frozen.as_deref())),
            ("last_at", row.last_at.to_string(), card.last_at.to_string()),
            ("events", row.events.to_string(), card.events.to_string()),
            ("chain", hex(&row.chain), hex(&card.chain)),
        ];
        if row.parameters != card.parameters {
            pairs.push(("parameters", json(&complete(row)), json(&complete(card))));
        }
        if row.origin != card.origin {
            pairs.push(("origin", json(&row.origin), json(&card.origin)));
        }
        if self.knows_holder {
            let holder = |card: &Card| opt(card.holder.as_ref().map(SubjectKey::as_str));
            pairs.push(("holder", holder(row), holder(card)));
        }
        if self.knows_end {
            let end = |card: &Card| at(self.batch.prolong(card.clone(), self.template, campaign_end).expires_at);
            pairs.push(("expires_at", end(row), end(card)));
        }
        let differ = pairs.into_iter().filter(|(_, stands, journal)| stands != journal);
        differ.map(|(field, stands, journal)| Difference { field, stands, journal }).collect()
    }
}

/// Where a replay stands.
pub(crate) struct Standing {
    pub card: Card,
    knows_end: bool,
    knows_holder: bool,
}

/// Two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn json(of: &impl Serialize) -> String {
    serde_json::to_string(of).unwrap_or_default()
}
