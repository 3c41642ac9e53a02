//! Events: the append-only journal, and the chain of HMACs over each card's part of it.

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::code::MacKey;
use crate::id::{CardId, check_key, check_name};
use crate::ledger::Entry;
use crate::time::Instant;

/// Where a card or an event came from. All parts are the host's names, none is needed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Who of the staff did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The automation that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automation: Option<String>,
    /// Who brought the holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The card that it came out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_card: Option<CardId>,
    /// The redemption that gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redemption: Option<String>,
    /// Poster, partner, message: the host's word for the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Origin {
    /// The same for a card that came out of another one before: that stays so, whoever takes it.
    pub(crate) fn out_of(self, before: &Self) -> Self {
        Self {
            parent_card: self.parent_card.or(before.parent_card),
            redemption: self.redemption.or_else(|| before.redemption.clone()),
            ..self
        }
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        let names = [
            ("origin.campaign", &self.campaign),
            ("origin.channel", &self.channel),
            ("origin.operator", &self.operator),
            ("origin.automation", &self.automation),
            ("origin.referrer", &self.referrer),
            ("origin.source", &self.source),
        ];
        self.redemption.as_deref().map_or(Ok(()), |key| check_key("origin.redemption", key))?;
        names.into_iter().try_for_each(|(field, name)| name.as_deref().map_or(Ok(()), |name| check_name(field, name)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The tenant's settings were changed.
    SettingsSaved,
    /// A campaign was saved.
    CampaignSaved,
    /// Subjects were listed as a campaign's audience.
    AudienceAdded,
    /// A product set got a version.
    ProductSetSaved,
    /// A template got a version.
    TemplateSaved,
    /// A batch was issued.
    BatchIssued,
    /// A batch grew.
    BatchGrown,
    /// A batch's codes were sealed anew under the minting key.
    BatchRekeyed,
    /// A batch was closed for export.
    ExportClosed,
    /// Codes of a batch were exported.
    CodesExported,
    /// A single code was shown.
    CodeRevealed,
    /// A public code was saved.
    PublicCodeSaved,
    /// A card was given to a holder.
    Issued,
    /// A holder took a card.
    Claimed,
    /// A use was captured.
    Redeemed,
    /// A redemption was given back.
    Refunded,
    /// A card was frozen.
    Frozen,
    /// A card was unfrozen.
    Unfrozen,
    /// A card got a new code, its old one died.
    Replaced,
    /// A card was killed.
    Voided,
    /// The host reported something.
    Observed,
    /// Value was put on a gift card.
    Loaded,
    /// The value of a gift card was set right.
    Adjusted,
    /// A request was denied, and earlier tries of it whose outcome was unknown can never be committed from then on. Names the
    /// request's key.
    Fenced,
    /// A use or an amount was kept for an order.
    Held,
    /// The same order asked for its hold again.
    HeldAgain,
    /// A hold was captured: its use became final.
    Captured,
    /// A hold was captured too late, and nothing was taken.
    CapturedLate,
    /// A hold was given back.
    Released,
    /// A card was tied to a subject.
    Bound,
    /// A card was tied to another subject.
    Rebound,
    /// A card was handed to another holder.
    Transferred,
    /// A card's end was put off.
    Extended,
    /// All cards of a batch were stopped.
    BatchFrozen,
    /// All cards of a batch may move again.
    BatchUnfrozen,
    /// All cards of a batch were killed.
    BatchVoided,
    /// The end of all cards of a batch was put off.
    BatchExtended,
    /// No more cards of a batch are given out.
    BatchClosed,
    /// A batch was put out of the way.
    BatchArchived,
    /// A batch grows by itself from now on, or no longer.
    BatchRefillSet,
    /// A campaign was started, paused, resumed, ended or archived.
    CampaignMoved,
    /// A unit of value was declared.
    UnitSaved,
    /// Who bought a card, or value for it, was recorded.
    BuyerRecorded,
    /// What an expired card held went onto its successor.
    Succeeded,
    /// Value moved on the account of a holder or channel.
    AccountMoved,
    /// Subjects were linked: they are one person. Names the person.
    PersonLinked,
    /// A subject is a person of its own again. Names the person.
    PersonUnlinked,
    /// A subject was erased. Names what stands in its place.
    PersonErased,
}

impl EventKind {
    /// The kind's name in records, JSON and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SettingsSaved => "settings_saved",
            Self::CampaignSaved => "campaign_saved",
            Self::AudienceAdded => "audience_added",
            Self::ProductSetSaved => "product_set_saved",
            Self::TemplateSaved => "template_saved",
            Self::BatchIssued => "batch_issued",
            Self::BatchGrown => "batch_grown",
            Self::BatchRekeyed => "batch_rekeyed",
            Self::ExportClosed => "export_closed",
            Self::CodesExported => "codes_exported",
            Self::CodeRevealed => "code_revealed",
            Self::PublicCodeSaved => "public_code_saved",
            Self::Issued => "issued",
            Self::Claimed => "claimed",
            Self::Redeemed => "redeemed",
            Self::Refunded => "refunded",
            Self::Frozen => "frozen",
            Self::Unfrozen => "unfrozen",
            Self::Replaced => "replaced",
            Self::Voided => "voided",
            Self::Observed => "observed",
            Self::Loaded => "loaded",
            Self::Adjusted => "adjusted",
            Self::Fenced => "fenced",
            Self::Held => "held",
            Self::HeldAgain => "held_again",
            Self::Captured => "captured",
            Self::CapturedLate => "captured_late",
            Self::Released => "released",
            Self::Bound => "bound",
            Self::Rebound => "rebound",
            Self::Transferred => "transferred",
            Self::Extended => "extended",
            Self::BatchFrozen => "batch_frozen",
            Self::BatchUnfrozen => "batch_unfrozen",
            Self::BatchVoided => "batch_voided",
            Self::BatchExtended => "batch_extended",
            Self::BatchClosed => "batch_closed",
            Self::BatchArchived => "batch_archived",
            Self::BatchRefillSet => "batch_refill_set",
            Self::CampaignMoved => "campaign_moved",
            Self::UnitSaved => "unit_saved",
            Self::BuyerRecorded => "buyer_recorded",
            Self::Succeeded => "succeeded",
            Self::AccountMoved => "account_moved",
            Self::PersonLinked => "person_linked",
            Self::PersonUnlinked => "person_unlinked",
            Self::PersonErased => "person_erased",
        }
    }

    /// What the name of an event of this kind names, where that has a name of its own.
    pub(crate) const fn of_thing(self) -> Option<Thing> {
        match self {
            Self::CampaignSaved | Self::CampaignMoved | Self::AudienceAdded => Some(Thing::Campaign),
            Self::BatchIssued
            | Self::BatchGrown
            | Self::BatchRekeyed
            | Self::ExportClosed
            | Self::CodesExported
            | Self::PublicCodeSaved
            | Self::BatchFrozen
            | Self::BatchUnfrozen
            | Self::BatchVoided
            | Self::BatchExtended
            | Self::BatchClosed
            | Self::BatchArchived
            | Self::BatchRefillSet => Some(Thing::Batch),
            Self::SettingsSaved
            | Self::ProductSetSaved
            | Self::TemplateSaved
            | Self::CodeRevealed
            | Self::Issued
            | Self::Claimed
            | Self::Redeemed
            | Self::Refunded
            | Self::Frozen
            | Self::Unfrozen
            | Self::Replaced
            | Self::Voided
            | Self::Observed
            | Self::Loaded
            | Self::Adjusted
            | Self::Held
            | Self::HeldAgain
            | Self::Captured
            | Self::CapturedLate
            | Self::Released
            | Self::Fenced
            | Self::UnitSaved
            | Self::BuyerRecorded
            | Self::Succeeded
            | Self::AccountMoved
            | Self::PersonLinked
            | Self::PersonUnlinked
            | Self::PersonErased
            | Self::Bound
            | Self::Rebound
            | Self::Transferred
            | Self::Extended => None,
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
    }
}

impl Event {
    /// What moved on an account. Other things may have the name of one; their events move nothing.
    pub(crate) fn moved(&self) -> Option<&Entry> {
        self.entry.as_ref().filter(|_| self.kind == EventKind::AccountMoved)
    }
}

/// A named thing that cards belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing {
    Campaign,
    Batch,
}

/// What an event speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The tenant as a whole.
    Tenant,
    /// A card: its id, and the place of the event among the card's own, from 1.
    Card(CardId, u32),
    /// A named thing: the event's kind says of which sort.
    Named(String),
}

/// The idempotency key that an event was written under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestMark {
    /// The operation.
    pub op: String,
    /// The caller's key; behind fences, with their number behind a space: see [`RequestMark::host_key`].
    pub key: String,
    /// A keyed digest of the request, so that another request under the same key is noticed.
    pub digest: [u8; 16],
}

impl RequestMark {
    /// The key as the caller gave it. What is done after a request was denied and fenced (see [`EventKind::Fenced`]) stands
    /// under a key of its own, since the fence keeps the first: `k 1` behind one fence, `k 2` behind two.
    pub fn host_key(&self) -> &str {
        self.key.split_once(' ').map_or(&self.key, |(key, _)| key)
    }

    /// The key behind so many fences.
    pub(crate) fn key_behind(key: &str, fences: u32) -> String {
        if fences == 0 { key.to_owned() } else { format!("{key} {fences}") }
    }
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When, never before the event that the same card had last.
    pub at: Instant,
    /// What it speaks of.
    pub target: Target,
    /// Why, in the words of whoever asked.
    pub reason: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// The request that it is the effect of; a redemption's stands in its own row.
    pub request: Option<RequestMark>,
    /// What else there is to say, as JSON; for a request, the reply to it.
    pub facts: String,
    /// What it moved on the ledger; of an event of a card that holds value also where nothing moved.
    pub entry: Option<Entry>,
    /// This link of the card's chain; zeros where the target is no card.
    pub chain: [u8; 16],
    /// Of a card's event that names somebody who was erased since: vouches for what it says now, which is not what its link says.
    #[serde(default)]
    pub redacted: Option<[u8; 16]>,
}

/// The next link of a card's chain: an HMAC under the audit key over the link before it and all of the event.
pub(crate) fn chain_link(key: &MacKey, before: &[u8; 16], event: &Event) -> [u8; 16] {
    let (card, place) = match &event.target {
        Target::Card(card, place) => (card.to_string(), *place),
        Target::Tenant | Target::Named(_) => return [0; 16],
    };
    let origin =
        if event.origin.is_empty() { Vec::new() } else { serde_json::to_vec(&event.origin).unwrap_or_default() };
    let request = event.request.as_ref().map(|mark| (mark.op.as_bytes(), mark.key.as_bytes(), mark.digest.as_slice()));
    let (op, request_key, digest) = request.unwrap_or_default();
    // An event without entry has the link that it had before there was a ledger.
    let entry = event.entry.as_ref().map(Entry::to_text);
    let parts = [
        before,
        event.kind.name().as_bytes(),
        &event.at.millis().to_be_bytes(),
        card.as_bytes(),
        &place.to_be_bytes(),
        event.reason.as_deref().unwrap_or_default().as_bytes(),
        &origin,
        op,
        request_key,
        digest,
        event.facts.as_bytes(),
        entry.as_deref().unwrap_or_default().as_bytes(),
    ];
    front(key.mac(if entry.is_some() { &parts } else { parts.split_last().map_or(&[], |(_, rest)| rest) }))
}

fn front(mac: [u8; 32]) -> [u8; 16] {
    let mut front = [0; 16];
    front.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
    front
}

/// The seal of a redacted event. Later events rest on its link, which therefore stays; the seal binds what the event says now to
/// that link and to the one before, so that nobody without the key can write it anew or put another past before it.
pub(crate) fn redaction_seal(key: &MacKey, before: &[u8; 16], event: &Event) -> [u8; 16] {
    front(key.mac(&[b"redacted", &event.chain, &chain_link(key, before, event)]))
}

/// What an event has to show behind that link, and what it shows: its own link, or where it was redacted its seal.
pub(crate) fn proof_of(key: &MacKey, before: &[u8; 16], event: &Event) -> ([u8; 16], [u8; 16]) {
    match event.redacted {
        Some(seal) => (redaction_seal(key, before, event), seal),
        None => (chain_link(key, before, event), event.chain),
    }
}
