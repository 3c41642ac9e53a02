//! Keys of records, look-ups and scans.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::card::{CardState, HoldId};
use crate::code::World;
use crate::id::{BatchNo, CardId};
use crate::ledger::Book;
use crate::subject::{PERSON, SubjectKey};

/// The tenant and world that every key leads with: `shop`, or `shop~test`.
#[derive(Clone, Eq)]
pub struct TenantKey(Arc<str>);

// Keys are compared all the time, and nearly always within one tenant, whose key is one text.
impl PartialEq for TenantKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Hash for TenantKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Ord for TenantKey {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for TenantKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl TenantKey {
    /// The key of a tenant (whose name holds no `~`) in a world.
    pub fn new(tenant: &str, world: World) -> Self {
        match world {
            World::Live => Self(tenant.into()),
            World::Test => Self(format!("{tenant}~test").into()),
        }
    }

    /// The text of the store's first key column.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The tenant itself.
    System,
    /// One of the tenant's own accounts, as far as one engine moved it on one day for one cohort.
    Book(Book),
    /// A card.
    Card(CardId),
    /// A holder.
    Holder(SubjectKey),
    /// A channel.
    Channel(String),
    /// What several cards share: `batch:16-3`, `campaign:spring`.
    Scope(String),
}

impl Owner {
    /// One text for a store's key column: `system`, `book:redeemed:2026-11-11:00…2a:b-1`, `card:16-3-41`,
    /// `holder:customer:4711`, `channel:north`, `scope:batch:16-3`.
    pub fn text(&self) -> String {
        match self {
            Self::System => "system".to_owned(),
            Self::Book(book) => book.to_string(),
            Self::Card(card) => format!("card:{card}"),
            Self::Holder(subject) => format!("holder:{}", subject.as_str()),
            Self::Channel(channel) => format!("channel:{channel}"),
            Self::Scope(scope) => format!("scope:{scope}"),
        }
    }

    /// Whether it is a person of several subjects.
    pub(crate) fn is_person(&self) -> bool {
        matches!(self, Self::Holder(subject) if subject.kind() == PERSON)
    }

    /// The owner of that text.
    pub fn from_text(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None if text == "system" => Some(Self::System),
            Some(("book", book)) => Book::from_text(book).map(Self::Book),
            Some(("card", card)) => CardId::parse("owner", card).ok().map(Self::Card),
            Some(("holder", subject)) => Some(Self::Holder(SubjectKey::from_stored(subject.to_owned()))),
            Some(("channel", channel)) => Some(Self::Channel(channel.to_owned())),
            Some(("scope", scope)) => Some(Self::Scope(scope.to_owned())),
            None | Some(_) => None,
        }
    }
}

/// The key of one record within a tenant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The tenant's settings.
    Settings,
    /// A campaign by id.
    Campaign(String),
    /// A campaign's listed subject.
    Audience(String, SubjectKey),
    /// A product set by name and version.
    ProductSet(String, u32),
    /// A template by id and version.
    Template(String, u32),
    /// A batch by number.
    Batch(BatchNo),
    /// A batch by the host's id: a unique second key.
    BatchNamed(String),
    /// What was minted in codes of so many symbols.
    FormatUse(u8),
    /// A unit of value by its name.
    Unit(String),
    /// Whose subject it is.
    Linked(SubjectKey),
    /// How far claiming has come in a batch.
    Stock(BatchNo),
    /// A public code by its blind index.
    PublicCode([u8; 16]),
    /// A card.
    Card(CardId),
    /// An account by owner and unit.
    Account(Owner, String),
    /// A redemption by its idempotency key.
    Redemption(String),
    /// A refund by its redemption and place.
    Refund(String, u32),
    /// A hold by its order and what it keeps.
    Hold(HoldId),
    /// What of an account is only held, by owner and unit.
    AccountHeld(Owner, String),
    /// The event that was written under an operation and an idempotency key: a unique second key of events.
    Request(String, String),
    /// An event by writer and place.
    Event(u64, u64),
    /// An event of a card by its place among the card's own: a second key of events.
    CardEvent(CardId, u32),
    /// A committer by the order in which it wrote first.
    Writer(u32),
}

impl Key {
    /// The lowest key under the same name: where a look-up of the greatest at or below this one ends.
    #[must_use]
    pub fn lowest(&self) -> Self {
        match self {
            Self::Template(id, _) => Self::Template(id.clone(), 0),
            Self::ProductSet(name, _) => Self::ProductSet(name.clone(), 0),
            Self::Refund(redemption, _) => Self::Refund(redemption.clone(), 0),
            exact => exact.clone(),
        }
    }

    /// Whether the record is a control row: read and cached, never written by those who rely on it.
    pub fn is_control(&self) -> bool {
        match self {
            Self::Settings
            | Self::Campaign(_)
            | Self::ProductSet(..)
            | Self::Template(..)
            | Self::Batch(_)
            | Self::BatchNamed(_)
            | Self::PublicCode(_)
            | Self::Unit(_)
            | Self::Linked(_) => true,
            // Written once and never again, but far too many to keep in memory.
            Self::Audience(..)
            | Self::FormatUse(_)
            | Self::Stock(_)
            | Self::Card(_)
            | Self::Account(..)
            | Self::Redemption(_)
            | Self::Refund(..)
            | Self::Hold(_)
            | Self::AccountHeld(..)
            | Self::Request(..)
            | Self::Event(..)
            | Self::CardEvent(..)
            | Self::Writer(_) => false,
        }
    }
}

/// One thing to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// Whose.
    pub tenant: TenantKey,
    /// Which.
    pub key: Key,
    /// Not this very key but the greatest at or below it under the same name: the newest version of a template or product set,
    /// the last refund of a redemption.
    pub floor: bool,
}

impl Lookup {
    /// Exactly this key.
    pub fn exact(tenant: &TenantKey, key: Key) -> Self {
        Self { tenant: tenant.clone(), key, floor: false }
    }

    /// The greatest version at or below this key's.
    pub fn floor(tenant: &TenantKey, key: Key) -> Self {
        Self { tenant: tenant.clone(), key, floor: true }
    }
}

/// What to walk through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanOf {
    /// Campaigns by id.
    Campaigns,
    /// Listed subjects of a campaign.
    Audience(String),
    /// Versions of all templates, by id and version.
    Templates,
    /// Batches by number.
    Batches,
    /// The touched cards of a batch, by serial.
    Cards {
        /// The batch.
        batch: BatchNo,
        /// Only those in this state.
        state: Option<CardState>,
        /// Only those given out through this channel.
        channel: Option<String>,
        /// Only serials below this one.
        below: u32,
    },
    /// The cards of a holder, by batch and serial.
    CardsOfHolder(SubjectKey),
    /// The events of a card, oldest first.
    EventsOfCard(CardId),
    /// Events of a writer, oldest first.
    EventsOfWriter(u64),
    /// Redemptions of an order, by key.
    RedemptionsOfOrder(String),
    /// Redemptions of a card, by key.
    RedemptionsOfCard(CardId),
    /// Holds of an order, by what they keep.
    HoldsOfOrder(String),
    /// Every committer that wrote an event, whosever, in the order in which they wrote first.
    Writers,
    /// Events of several committers, each from a place on: see promise 18 of [`Store`](super::Store).
    Journal(Vec<(u64, u64)>),
    /// The events of a named thing, but for what the host observed: by committer, in the order of [`ScanOf::Writers`], and place.
    EventsNamed(String),
    /// The touched cards of all batches, by batch and serial.
    EveryCard,
    /// The events of all cards, by batch, serial and place among the card's own.
    EventsOfCards,
    /// Redemptions by key.
    Redemptions,
    /// Refunds by redemption and place.
    Refunds,
    /// Accounts by the text of their owner, and unit.
    Accounts,
    /// What is held of accounts, in the same order.
    AccountsHeld,
    /// How far claiming has come, by batch.
    Stocks,
    /// What was minted, by width.
    FormatUses,
    /// The events of the cards of a batch, by serial and place among the card's own.
    EventsOfBatch(BatchNo),
    /// Accounts of one owner, by unit.
    AccountsOf(Owner),
    /// The tenant's own accounts, by the text of their owner, and unit.
    Books,
    /// Units of value, by name.
    Units,
}

/// A walk through a range, one page at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Whose.
    pub tenant: TenantKey,
    /// What.
    pub of: ScanOf,
    /// Where the page before ended.
    pub after: Option<String>,
    /// Most items of a page, 1 or more.
    pub limit: usize,
}
