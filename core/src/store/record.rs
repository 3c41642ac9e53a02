//! Records, and the changesets that write them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::key::{Key, Owner, TenantKey};
use crate::card::{
    AudienceMember, Batch, Campaign, Card, DeclaredBenefits, Event, FormatUse, Hold, Profile, Promotions, PublicCode,
    Redemption, Refund, Stock, Target, Template,
};
use crate::id::Version;
use crate::ledger::Unit;
use crate::limit::Buckets;
use crate::money::Rounding;
use crate::person::Linked;
use crate::rule::{Attributes, ProductSet};
use crate::time::{Instant, Zone};

/// What holds for a whole tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Where its days begin.
    pub zone: Zone,
    /// How shares that are not whole become whole.
    pub rounding: Rounding,
    /// The policy profile of templates of value that name none.
    #[serde(default)]
    pub profile: Option<Profile>,
    /// Whether subjects were ever linked: else nobody looks for persons.
    #[serde(default)]
    pub persons: bool,
    /// What the tenant declares beside the facts that every order has.
    #[serde(default)]
    pub attributes: Arc<Attributes>,
    /// What comes off orders by itself.
    #[serde(default)]
    pub promotions: Arc<Promotions>,
    /// Benefits of the host's own that templates may give.
    #[serde(default)]
    pub host_benefits: Arc<DeclaredBenefits>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            zone: Zone::utc(),
            rounding: Rounding::default(),
            profile: None,
            persons: false,
            attributes: Arc::default(),
            promotions: Arc::default(),
            host_benefits: Arc::default(),
        }
    }
}

/// A sum in a unit that belongs to somebody: a currency, a unit that the tenant declares, or a count such as
/// `uses:TEMPLATE`. It moves only by [`Move`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whose.
    pub owner: Owner,
    /// In what.
    pub unit: String,
    /// How much.
    pub balance: i64,
}

/// What of an account's balance is only held, and comes back by itself. Written by whoever holds, ends a hold, or finds that
/// something lapsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountHeld {
    /// Whose.
    pub owner: Owner,
    /// In what.
    pub unit: String,
    /// How much, by the moment at which it is free again.
    pub buckets: Buckets,
    /// The latest moment that was written into it: time never runs backwards for it.
    pub last_at: Instant,
}

/// An event and its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The committer that wrote it.
    pub writer: u64,
    /// Its place among that committer's, from 0, without gaps.
    pub n: u64,
    /// The event.
    pub event: Event,
}

/// A committer that wrote events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer {
    /// Counted from 1 in the order in which committers wrote first; never given to another one.
    pub no: u32,
    /// Its 64 bits.
    pub bits: u64,
    /// The place behind its last event.
    pub events: u64,
}

/// Stands where the redemption of a key would, so that an earlier try whose outcome was unknown can never be committed. A later
/// redemption takes its place, by its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fence {
    /// The redemption's key.
    pub key: String,
    /// A keyed digest of the request that was denied.
    pub digest: [u8; 16],
    /// When.
    pub at: Instant,
}

/// Anything that a store keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// The tenant's settings.
    Settings(Settings),
    /// A campaign.
    Campaign(Campaign),
    /// A listed subject.
    Audience(AudienceMember),
    /// A version of a product set.
    ProductSet(Arc<ProductSet>),
    /// A version of a template.
    Template(Arc<Template>),
    /// A batch; unique by number and by id.
    Batch(Arc<Batch>),
    /// What was minted in a width.
    FormatUse(FormatUse),
    /// How far claiming has come.
    Stock(Stock),
    /// A public code.
    PublicCode(PublicCode),
    /// A unit of value.
    Unit(Unit),
    /// Whose subject it is.
    Linked(Linked),
    /// A card; found by holder and by (batch, state, channel), too.
    Card(Card),
    /// An account. Never in [`Write`]: accounts are moved.
    Account(Account),
    /// A redemption; found by order and by card, too.
    Redemption(Redemption),
    /// What stands in a redemption's place, under its key, and is found by nothing else.
    Fence(Fence),
    /// A refund.
    Refund(Refund),
    /// A hold; found by order, too.
    Hold(Hold),
    /// What of an account is held.
    AccountHeld(AccountHeld),
    /// An event; unique by request, found by card, too. Never in [`Write`]: events are appended.
    Event(StoredEvent),
    /// A committer. Never in [`Write`]: it is there with its first event.
    Writer(Writer),
}

impl Record {
    /// The record's own key.
    pub fn key(&self) -> Key {
        match self {
            Self::Settings(_) => Key::Settings,
            Self::Campaign(campaign) => Key::Campaign(campaign.id.clone()),
            Self::Audience(member) => Key::Audience(member.campaign.clone(), member.subject.clone()),
            Self::ProductSet(set) => Key::ProductSet(set.name.clone(), set.version),
            Self::Template(template) => Key::Template(template.draft.id.clone(), template.version),
            Self::Batch(batch) => Key::Batch(batch.no),
            Self::FormatUse(format) => Key::FormatUse(format.symbols),
            Self::Stock(stock) => Key::Stock(stock.batch),
            Self::PublicCode(code) => Key::PublicCode(code.index),
            Self::Unit(unit) => Key::Unit(unit.name.clone()),
            Self::Linked(linked) => Key::Linked(linked.subject.clone()),
            Self::Card(card) => Key::Card(card.id),
            Self::Account(account) => Key::Account(account.owner.clone(), account.unit.clone()),
            Self::Redemption(redemption) => Key::Redemption(redemption.key.clone()),
            Self::Fence(fence) => Key::Redemption(fence.key.clone()),
            Self::Refund(refund) => Key::Refund(refund.redemption.clone(), refund.place),
            Self::Hold(hold) => Key::Hold(hold.id.clone()),
            Self::AccountHeld(held) => Key::AccountHeld(held.owner.clone(), held.unit.clone()),
            Self::Event(stored) => Key::Event(stored.writer, stored.n),
            Self::Writer(writer) => Key::Writer(writer.no),
        }
    }

    /// The record's unique second key, where it has one: it must be free when the record is written first.
    pub fn unique_key(&self) -> Option<Key> {
        match self {
            Self::Batch(batch) => Some(Key::BatchNamed(batch.id.clone())),
            Self::Event(stored) => {
                stored.event.request.as_ref().map(|mark| Key::Request(mark.op.clone(), mark.key.clone()))
            }
            _ => None,
        }
    }

    /// A second key by which the record is found and which nothing checks: an event's place among its card's.
    pub fn found_by(&self) -> Option<Key> {
        match self {
            Self::Event(StoredEvent { event: Event { target: Target::Card(card, place), .. }, .. }) => {
                Some(Key::CardEvent(*card, *place))
            }
            _ => None,
        }
    }
}

/// A record as it was read, with the version that it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The changeset that wrote it last. 0 for accounts and events, which are never compared.
    pub version: Version,
    /// The record.
    pub record: Record,
}

/// What a write relies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expect {
    /// There is no such record.
    Absent,
    /// It has this version.
    Version(Version),
}

/// Writes one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// What must be true before.
    pub expect: Expect,
    /// What is there after.
    pub record: Record,
}

/// Moves an account by a difference, within bounds that are checked where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Whose account.
    pub owner: Owner,
    /// In what.
    pub unit: String,
    /// By how much.
    pub delta: i64,
    /// The balance may not end below.
    pub floor: i64,
    /// The balance may not end above.
    pub ceiling: i64,
}

/// What a decision rests on and does not change itself: it must still be so where the decision is committed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// What stands under a record's own key is as it was seen.
    Row(Key, Expect),
    /// The account has this balance; one that was never moved has 0.
    Balance(Owner, String, i64),
}

impl Guard {
    /// Where the row stands that it is about.
    pub fn key(&self) -> Key {
        match self {
            Self::Row(key, _) => key.clone(),
            Self::Balance(owner, unit, _) => Key::Account(owner.clone(), unit.clone()),
        }
    }

    /// Whether what stands under its key is what was seen.
    pub fn stands(&self, found: Option<&Stored>) -> bool {
        match self {
            Self::Row(_, expect) => *expect == found.map_or(Expect::Absent, |found| Expect::Version(found.version)),
            Self::Balance(_, _, balance) => *balance == balance_of(found),
        }
    }
}

/// What an account's row says; of one that is not there, nothing.
pub(crate) fn balance_of(stored: Option<&Stored>) -> i64 {
    match stored.map(|stored| &stored.record) {
        Some(Record::Account(account)) => account.balance,
        Some(_) | None => 0,
    }
}

/// What one decision changes, all or nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Changeset {
    /// Whose records.
    pub tenant: TenantKey,
    /// The version that every record it writes gets.
    pub version: Version,
    /// Places, in its group, of earlier changesets that it was decided on.
    pub after: Vec<usize>,
    /// What else must be as it was seen: looked at before anything of the changeset is applied, behind those before it.
    pub guards: Vec<Guard>,
    /// Records to write, each key at most once.
    pub writes: Vec<Write>,
    /// Accounts to move.
    pub moves: Vec<Move>,
    /// Events to append, in order.
    pub events: Vec<Event>,
}

impl fmt::Debug for Changeset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changeset")
            .field("tenant", &self.tenant)
            .field("version", &self.version)
            .field("after", &self.after)
            .field("guards", &self.guards.iter().map(Guard::key).collect::<Vec<_>>())
            .field("writes", &self.writes.iter().map(|write| write.record.key()).collect::<Vec<_>>())
            .field("moves", &self.moves.len())
            .field("events", &self.events.len())
            .finish()
    }
}
