//! Look-ups, lists, wallets and histories. Nothing here changes anything.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::cards::CardView;
use super::command::Stop;
use super::error::Error;
use super::request::Read;
use super::resolve::{CardPick, CodeText, Ground, check_code, check_pick};
use crate::Invalid;
use crate::card::{Batch, Campaign, Card, CardState, Event, EventKind, Origin, Redemption, Target, Template};
use crate::code::Opened;
use crate::id::{BatchNo, CardId, check_name};
use crate::ledger::Entry;
use crate::store::{Key, Lookup, Record, Scan, ScanOf};
use crate::subject::Subject;
use crate::time::Instant;

/// Most items of a page.
pub const PAGE_MAX: usize = 1_000;

/// A page of a list. Pages go by key, so they neither skip nor repeat what stays, whatever is written meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Listed<T> {
    /// The items. A page may be short, even empty, and still not be the last.
    pub items: Vec<T>,
    /// Where to go on; `None` at the end. Opaque.
    pub next: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Most items, 1 to 1,000; 100 where it is 0.
    #[serde(default)]
    pub limit: usize,
}

impl Paging {
    fn limit(&self) -> Result<usize, Invalid> {
        match self.limit {
            0 => Ok(100),
            limit if limit <= PAGE_MAX => Ok(limit),
            limit => Err(Invalid::new("limit", limit, format!("1 to {PAGE_MAX}"))),
        }
    }
}

/// Which cards of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListCards {
    /// The batch.
    pub batch: String,
    /// Only those in this state. Untouched cards count as what their batch made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<CardState>,
    /// Only those given out through this channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

/// Tells a genuine code from any other text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The code, as a person typed or scanned it.
    pub code: CodeText,
}

/// Tells genuine codes from any other texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenMany {
    /// At most 100,000 codes.
    pub codes: Vec<CodeText>,
}

/// Looks a card up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUp {
    /// By code, id or card number.
    pub card: CardPick,
}

/// Asks for the public number of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardNumber {
    /// The card.
    pub card: CardId,
}

/// A holder's cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wallet {
    /// Whose.
    pub holder: Subject,
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

/// A card's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// By code, id or card number.
    pub card: CardPick,
}

/// Asks for a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetCampaign {
    /// Its id.
    pub id: String,
}

/// Asks for a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetTemplate {
    /// Its id.
    pub id: String,
    /// Its version; the newest by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

/// Asks for a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetBatch {
    /// Its id.
    pub id: String,
}

/// Asks for a redemption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetRedemption {
    /// Its id: the idempotency key that it was made under.
    pub id: String,
}

/// Campaigns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListCampaigns {
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

/// Templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListTemplates {
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

/// Batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListBatches {
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

/// The redemptions of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionsOfOrder {
    /// The host's order id.
    pub order: String,
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

macro_rules! from_one {
    ($($request:ident { $field:ident: $type:ty $(, $more:ident)* };)*) => {$(
        impl From<$type> for $request {
            fn from($field: $type) -> Self {
                Self { $field: $field.into(), $($more: Default::default()),* }
            }
        }
    )*};
}

from_one! {
    Open { code: &str };
    LookUp { card: CardPick };
    CardNumber { card: CardId };
    Wallet { holder: Subject, page };
    History { card: CardPick };
    GetCampaign { id: &str };
    GetTemplate { id: &str, version };
    GetBatch { id: &str };
    GetRedemption { id: &str };
    ListCampaigns { page: Paging };
    ListTemplates { page: Paging };
    ListBatches { page: Paging };
    RedemptionsOfOrder { order: &str, page };
}

/// One entry of a card's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct HistoryEntry {
    /// Its place among the card's events, from 1.
    pub place: u32,
    /// What happened.
    pub kind: EventKind,
    /// When, never before the entry in front of it.
    pub at: Instant,
    /// Why, in the words of whoever asked.
    pub reason: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// The operation and idempotency key that it is the effect of; a redemption's stand in its own row.
    pub request: Option<RequestKey>,
    /// What else there is to say; for a request, the reply to it.
    pub facts: Option<serde_json::Value>,
    /// What it moved on the ledger, of a card that holds value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
    /// Whether the chain of HMACs holds up to and with this event; `None` without keys to tell.
    pub chained: Option<bool>,
    /// Whether it names somebody who was erased since, and therefore no longer says what it said. Its chain holds all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

/// An operation and the key that it was asked under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RequestKey {
    /// The operation.
    pub op: String,
    /// The caller's key.
    pub key: String,
}

impl HistoryEntry {
    fn of(event: Event, chained: Option<bool>) -> Self {
        let place = match event.target {
            Target::Card(_, place) => place,
            Target::Tenant | Target::Named(_) => 0,
        };
        let request = event.request.map(|mark| RequestKey { key: mark.host_key().to_owned(), op: mark.op });
        let facts = serde_json::from_str(&event.facts).ok();
        let Event { kind, at, reason, origin, entry, .. } = event;
        let redacted = event.redacted.is_some();
        Self { place, kind, at, reason, origin, request, facts, entry, chained, redacted }
    }
}

/// Most codes that are opened at once.
pub const CODES_MAX: usize = 100_000;

impl Read for Open {
    type Reply = Option<CardId>;

    fn read(self, tenant: &Tenant) -> Result<Option<CardId>, Error> {
        check_code("code", &self.code.0)?;
        let book = &tenant.realm.keys("open a code")?.book;
        Ok(book.open(&self.code.0).map(card_of))
    }
}

impl Read for OpenMany {
    type Reply = Vec<Option<CardId>>;

    fn read(self, tenant: &Tenant) -> Result<Vec<Option<CardId>>, Error> {
        if self.codes.len() > CODES_MAX {
            return Err(Invalid::new("codes", self.codes.len(), format!("at most {CODES_MAX} codes")).into());
        }
        let book = &tenant.realm.keys("open a code")?.book;
        Ok(self.codes.iter().map(|code| book.open(&code.0).map(card_of)).collect())
    }
}

fn card_of(opened: Opened) -> CardId {
    let batch = BatchNo { symbols: opened.format.symbols(), number: opened.card.batch_no };
    CardId { batch, serial: opened.card.serial }
}

impl Read for LookUp {
    type Reply = CardView;

    fn read(self, tenant: &Tenant) -> Result<CardView, Error> {
        check_pick("card", &self.card)?;
        let picked = tenant.realm.pick(&self.card)?;
        tenant.realm.weigh(|view| {
            let resolved = picked.resolve_card(view, &tenant.realm)?;
            Ok(CardView::of(&resolved.ground, &resolved.card))
        })
    }
}

impl Read for CardNumber {
    type Reply = String;

    fn read(self, tenant: &Tenant) -> Result<String, Error> {
        let CardId { batch, serial } = self.card;
        let book = &tenant.realm.keys("tell a card number")?.book;
        Ok(book.card_number(batch.symbols, batch.number, serial)?)
    }
}

impl Read for ListCards {
    type Reply = Listed<CardView>;

    fn read(self, tenant: &Tenant) -> Result<Listed<CardView>, Error> {
        check_name("batch", &self.batch)?;
        let limit = self.page.limit()?;
        let ground = tenant.realm.weigh(|view| Ground::named(view, &self.batch))?;
        let untouched_belong = self.state.is_none_or(|state| state == ground.batch.untouched)
            && (self.channel.is_none() || self.channel == ground.batch.channel);
        if untouched_belong {
            tenant.list_serials(&ground, &self, limit)
        } else {
            tenant.list_rows(&ground, &self, limit)
        }
    }
}

impl Read for Wallet {
    type Reply = Listed<CardView>;

    fn read(self, tenant: &Tenant) -> Result<Listed<CardView>, Error> {
        self.holder.check("holder")?;
        let holder = tenant.realm.subject(&self.holder)?;
        let cards = tenant.scan_map(ScanOf::CardsOfHolder(holder), &self.page, |record| match record {
            Record::Card(card) => Some(card.clone()),
            _ => None,
        })?;
        let mut items = Vec::with_capacity(cards.items.len());
        for card in &cards.items {
            items.push(tenant.realm.weigh(|view| match view.batch(card.id.batch)? {
                Some((batch, _)) => Ok(CardView::of(&Ground::of(view, batch)?, card)),
                None => Err(Stop::Internal("a card names a batch that is not there")),
            })?);
        }
        Ok(Listed { items, next: cards.next })
    }
}

impl Read for History {
    type Reply = Vec<HistoryEntry>;

    fn read(self, tenant: &Tenant) -> Result<Vec<HistoryEntry>, Error> {
        let card = LookUp { card: self.card }.read(tenant)?.id;
        let (mut entries, mut page) = (Vec::new(), Paging { after: None, limit: PAGE_MAX });
        let keys = tenant.realm.keys.as_ref();
        let (mut head, mut holds) = ([0; 16], true);
        loop {
            let events = tenant.scan_map(ScanOf::EventsOfCard(card), &page, |record| match record {
                Record::Event(stored) => Some(stored.event.clone()),
                _ => None,
            })?;
            for event in events.items {
                let chained = keys.map(|keys| {
                    let (due, shown) = crate::card::proof_of(&keys.audit_key, &head, &event);
                    holds = holds && due == shown;
                    head = event.chain;
                    holds
                });
                entries.push(HistoryEntry::of(event, chained));
            }
            match events.next {
                Some(next) => page.after = Some(next),
                None => return Ok(entries),
            }
        }
    }
}

impl Read for GetCampaign {
    type Reply = Option<Campaign>;

    fn read(self, tenant: &Tenant) -> Result<Option<Campaign>, Error> {
        check_name("id", &self.id)?;
        Ok(tenant.realm.look(|view| view.campaign(&self.id))?.map(|(campaign, _)| campaign))
    }
}

impl Read for GetTemplate {
    type Reply = Option<Template>;

    fn read(self, tenant: &Tenant) -> Result<Option<Template>, Error> {
        check_name("id", &self.id)?;
        Ok(tenant.realm.look(|view| view.template(&self.id, self.version))?.map(|template| (*template).clone()))
    }
}

impl Read for GetBatch {
    type Reply = Option<Batch>;

    fn read(self, tenant: &Tenant) -> Result<Option<Batch>, Error> {
        check_name("id", &self.id)?;
        Ok(tenant.realm.look(|view| view.batch_named(&self.id))?.map(|(batch, _)| (*batch).clone()))
    }
}

impl Read for GetRedemption {
    type Reply = Option<Redemption>;

    fn read(self, tenant: &Tenant) -> Result<Option<Redemption>, Error> {
        crate::id::check_key("id", &self.id)?;
        let rows = tenant.realm.store.load(&[Lookup::exact(&tenant.realm.key, Key::Redemption(self.id.clone()))])?;
        Ok(rows.into_iter().flatten().find_map(|stored| match &stored.record {
            Record::Redemption(redemption) => Some(redemption.clone()),
            _ => None,
        }))
    }
}

impl Read for ListCampaigns {
    type Reply = Listed<Campaign>;

    fn read(self, tenant: &Tenant) -> Result<Listed<Campaign>, Error> {
        tenant.scan_map(ScanOf::Campaigns, &self.page, |record| match record {
            Record::Campaign(campaign) => Some(campaign.clone()),
            _ => None,
        })
    }
}

impl Read for ListTemplates {
    type Reply = Listed<Template>;

    fn read(self, tenant: &Tenant) -> Result<Listed<Template>, Error> {
        tenant.scan_map(ScanOf::Templates, &self.page, |record| match record {
            Record::Template(template) => Some((**template).clone()),
            _ => None,
        })
    }
}

impl Read for ListBatches {
    type Reply = Listed<Batch>;

    fn read(self, tenant: &Tenant) -> Result<Listed<Batch>, Error> {
        tenant.scan_map(ScanOf::Batches, &self.page, |record| match record {
            Record::Batch(batch) => Some((**batch).clone()),
            _ => None,
        })
    }
}

impl Read for RedemptionsOfOrder {
    type Reply = Listed<Redemption>;

    fn read(self, tenant: &Tenant) -> Result<Listed<Redemption>, Error> {
        check_name("order", &self.order)?;
        tenant.scan_map(ScanOf::RedemptionsOfOrder(self.order.clone()), &self.page, |record| match record {
            Record::Redemption(redemption) => Some(redemption.clone()),
            _ => None,
        })
    }
}

impl Tenant {
    /// Cards that have rows, straight from the index over batch, state and channel.
    fn list_rows(&self, ground: &Ground, request: &ListCards, limit: usize) -> Result<Listed<CardView>, Error> {
        let of = ScanOf::Cards {
            batch: ground.batch.no,
            state: request.state,
            channel: request.channel.clone(),
            below: ground.batch.size,
        };
        self.scan_map(of, &Paging { after: request.page.after.clone(), limit }, |record| match record {
            Record::Card(card) => Some(CardView::of(ground, card)),
            _ => None,
        })
    }

    /// A stretch of serials: rows where there are any, untouched cards between them.
    fn list_serials(&self, ground: &Ground, request: &ListCards, limit: usize) -> Result<Listed<CardView>, Error> {
        let start = match &request.page.after {
            None => 0,
            Some(after) => match after.parse::<u32>() {
                Ok(serial) => serial.saturating_add(1),
                Err(_) => return Err(Invalid::new("page.after", after, "the `next` of the page before").into()),
            },
        };
        let most = u32::try_from(limit).unwrap_or(u32::MAX);
        let end = ground.batch.size.min(start.saturating_add(most));
        let rows = self.touched(ground, start, end)?;
        let mut rows = rows.into_iter().peekable();
        let mut items = Vec::new();
        for serial in start..end {
            let card = match rows.next_if(|card| card.id.serial == serial) {
                Some(card) => card,
                None => ground.untouched(serial),
            };
            let belongs = request.state.is_none_or(|state| card.state == state)
                && (request.channel.is_none() || card.channel == request.channel);
            if belongs {
                items.push(CardView::of(ground, &card));
            }
        }
        let next = (end < ground.batch.size && end > start).then(|| format!("{:010}", end - 1));
        Ok(Listed { items, next })
    }

    /// The rows of the cards with serials from `start` to below `end`, in order.
    pub(super) fn touched(&self, ground: &Ground, start: u32, end: u32) -> Result<Vec<Card>, Error> {
        let mut cards = Vec::new();
        let mut after = start.checked_sub(1).map(|serial| format!("{serial:010}"));
        loop {
            let of = ScanOf::Cards { batch: ground.batch.no, state: None, channel: None, below: end };
            let page = self.realm.store.scan(&Scan { tenant: self.realm.key.clone(), of, after, limit: PAGE_MAX })?;
            cards.extend(page.items.iter().filter_map(|stored| match &stored.record {
                Record::Card(card) => Some(card.clone()),
                _ => None,
            }));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(cards),
            }
        }
    }

    pub(super) fn scan_map<T>(
        &self,
        of: ScanOf,
        page: &Paging,
        map: impl Fn(&Record) -> Option<T>,
    ) -> Result<Listed<T>, Error> {
        let limit = page.limit()?;
        let page =
            self.realm.store.scan(&Scan { tenant: self.realm.key.clone(), of, after: page.after.clone(), limit })?;
        Ok(Listed { items: page.items.iter().filter_map(|stored| map(&stored.record)).collect(), next: page.next })
    }
}
