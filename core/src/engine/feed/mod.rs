//! The journal as a feed: every event once behind a cursor, those of a card in order, with any number of committers.
//!
//! A committer's events are dense, so a reader that keeps one place a committer misses nobody who is late. An event waits for its
//! card's event before it. There is always one that need not wait: of all that a reader does not have yet, the one that was
//! committed first.

mod cursor;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::cursor::Places;
use super::Tenant;
use super::command::Stop;
use super::error::Error;
use super::reads::{PAGE_MAX, RequestKey};
use super::request::Read;
use crate::Invalid;
use crate::card::{Event, EventKind, Origin, Target, Thing, hex};
use crate::defect::{self, Defect};
use crate::denial::Denial;
use crate::id::{BatchNo, CardId, check_name};
use crate::ledger::Entry;
use crate::store::{Key, Lookup, Record, Scan, ScanOf, StoredEvent, Writer};
use crate::time::Instant;

/// Asks for what was written into the journal behind a cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// The `cursor` of the page before; from the beginning without. Keep it once the page is worked through: that acknowledges it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Most events, 1 to 1,000; 100 where it is 0.
    #[serde(default)]
    pub limit: usize,
    /// Only events of these kinds; of all where it is empty. What a filter leaves out counts as read.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub kinds: BTreeSet<EventKind>,
    /// Only events of this campaign, its batches and their cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Only events of this batch and its cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

/// Some events behind a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct EventsPage {
    /// The events: those of a card in order of place. May be empty though more is true.
    pub items: Vec<JournalEvent>,
    /// Where to go on. Opaque.
    pub cursor: String,
    /// Whether there was more when this page was read.
    pub more: bool,
}

/// An event as the feed gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct JournalEvent {
    /// Unique in the store: an event that comes twice has the same.
    pub id: String,
    /// What happened.
    pub kind: EventKind,
    /// When, never before the event that the same card had last.
    pub at: Instant,
    /// The card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// The event's place among the card's own, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
    /// The name of the thing, where it is no card; the kind says of which sort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why, in the words of whoever asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// The operation and idempotency key that it is the effect of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestKey>,
    /// What else there is to say; for a request, the reply to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<serde_json::Value>,
    /// What it moved on the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<Entry>,
    /// The head of the card's chain with this event, 32 hex digits. Whoever keeps the last of each card can have `audit` look
    /// whether its end was cut off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// Whether it is of a card and names somebody who was erased since it was written: it no longer says what it said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

impl JournalEvent {
    fn of(stored: &StoredEvent) -> Self {
        let Event { kind, at, target, reason, origin, request, facts, entry, chain, redacted } = stored.event.clone();
        let (card, place, name) = match target {
            Target::Card(card, place) => (Some(card), Some(place), None),
            Target::Named(name) => (None, None, Some(name)),
            Target::Tenant => (None, None, None),
        };
        let facts: Option<serde_json::Value> = serde_json::from_str(&facts).ok();
        let redeemed = || {
            let key = facts.as_ref().filter(|_| kind == EventKind::Redeemed)?.get("redemption")?.as_str()?;
            Some(RequestKey { op: "redeem".to_owned(), key: key.to_owned() })
        };
        let asked = request.map(|mark| RequestKey { key: mark.host_key().to_owned(), op: mark.op });
        let request = asked.or_else(redeemed);
        let id = format!("{:016x}-{}", stored.writer, stored.n);
        let chain = card.map(|_| hex(&chain));
        let redacted = redacted.is_some();
        Self { id, kind, at, card, place, name, reason, origin, request, facts, entry, chain, redacted }
    }
}

impl Events {
    fn check(&self) -> Result<usize, Invalid> {
        self.campaign.as_deref().map_or(Ok(()), |id| check_name("campaign", id))?;
        self.batch.as_deref().map_or(Ok(()), |id| check_name("batch", id))?;
        match self.limit {
            0 => Ok(100),
            limit if limit <= PAGE_MAX => Ok(limit),
            limit => Err(Invalid::new("limit", limit, format!("1 to {PAGE_MAX}"))),
        }
    }
}

impl Read for Events {
    type Reply = EventsPage;

    fn read(self, tenant: &Tenant) -> Result<EventsPage, Error> {
        let limit = self.check()?;
        let key = &tenant.realm.key;
        let mut writers = tenant.writers()?;
        let places = match &self.after {
            Some(text) => cursor::read(key, text, &writers)??,
            None => Places::new(),
        };
        let mut front = Front::read(tenant, &writers, places, limit)?;
        let wanted = Wanted::of(tenant, &self, &front)?;
        let items = front.deliver(limit, |event| self.kinds_fit(event.kind) && wanted.fits(event));
        let mut places = front.places;
        if defect::is(Defect::FeedSkipsLateWriter) {
            writers = tenant.writers()?;
            places.extend(writers.iter().map(|writer| (writer.no, writer.events)));
        }
        let more = writers.iter().any(|writer| places.get(&writer.no).copied().unwrap_or(0) < writer.events);
        Ok(EventsPage { items, cursor: cursor::write(key, &places, &writers), more })
    }
}

impl Events {
    fn kinds_fit(&self, kind: EventKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

impl Tenant {
    /// Every committer that wrote into the store.
    pub(super) fn writers(&self) -> Result<Vec<Writer>, Error> {
        let (mut writers, mut after) = (Vec::new(), None);
        loop {
            let scan = Scan { tenant: self.realm.key.clone(), of: ScanOf::Writers, after, limit: PAGE_MAX };
            let page = self.realm.store.scan(&scan)?;
            writers.extend(page.items.iter().filter_map(|stored| match stored.record {
                Record::Writer(writer) => Some(writer),
                _ => None,
            }));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(writers),
            }
        }
    }
}

/// Where an event stands: its committer's bits and place.
type Place = (u64, u64);

/// The first events of each committer that the reader does not have yet.
struct Front {
    places: Places,
    queues: Vec<Queue>,
    /// The event that another one waits for, where that is not among those that were read.
    before: BTreeMap<(CardId, u32), Option<Place>>,
}

struct Queue {
    no: u32,
    bits: u64,
    events: VecDeque<StoredEvent>,
    /// The place behind the last that was looked at, whosever event that was.
    looked: u64,
}

impl Front {
    fn read(tenant: &Tenant, writers: &[Writer], places: Places, limit: usize) -> Result<Self, Error> {
        let from = |no: &u32| places.get(no).copied().unwrap_or(0);
        let behind: Vec<_> = writers.iter().filter(|writer| from(&writer.no) < writer.events).collect();
        let mut front = Self { places: places.clone(), queues: Vec::new(), before: BTreeMap::new() };
        if behind.is_empty() {
            return Ok(front);
        }
        let of = ScanOf::Journal(behind.iter().map(|writer| (writer.bits, from(&writer.no))).collect());
        let share = (limit / behind.len()).max(1);
        let page =
            tenant.realm.store.scan(&Scan { tenant: tenant.realm.key.clone(), of, after: None, limit: share })?;
        let looked: Vec<u64> = page.next.iter().flat_map(|text| text.split(',')).flat_map(str::parse).collect();
        for (place, writer) in behind.iter().enumerate() {
            let looked = looked.get(place).copied().unwrap_or_else(|| from(&writer.no)).min(writer.events);
            front.queues.push(Queue { no: writer.no, bits: writer.bits, events: VecDeque::new(), looked });
        }
        for stored in &page.items {
            let Record::Event(event) = &stored.record else { continue };
            // What was committed after the committers were looked up may follow on events of one that seemed to have none.
            let known = behind.iter().any(|writer| writer.bits == event.writer && event.n < writer.events);
            let queue = front.queues.iter_mut().find(|queue| queue.bits == event.writer && known);
            queue.into_iter().for_each(|queue| queue.events.push_back(event.clone()));
        }
        front.find_before(tenant)?;
        Ok(front)
    }

    /// Where the events stand that others wait for.
    fn find_before(&mut self, tenant: &Tenant) -> Result<(), Error> {
        let read = || self.queues.iter().flat_map(|queue| &queue.events);
        let of_card = |stored: &StoredEvent| match stored.event.target {
            Target::Card(card, place) => Some((card, place)),
            Target::Tenant | Target::Named(_) => None,
        };
        let here: BTreeMap<_, Place> =
            read().filter_map(|stored| Some((of_card(stored)?, (stored.writer, stored.n)))).collect();
        let waited_for = here.keys().filter(|(_, place)| *place > 1).map(|(card, place)| (*card, place - 1));
        let waited_for: Vec<(CardId, u32)> = waited_for.collect();
        let missing: Vec<_> = waited_for.iter().filter(|key| !here.contains_key(*key)).copied().collect();
        let lookup = |(card, place): &(CardId, u32)| Lookup::exact(&tenant.realm.key, Key::CardEvent(*card, *place));
        let lookups: Vec<_> = missing.iter().map(lookup).collect();
        let rows = if lookups.is_empty() { Vec::new() } else { tenant.realm.store.load(&lookups)? };
        let place = |stored: Arc<crate::store::Stored>| match &stored.record {
            Record::Event(event) => Some((event.writer, event.n)),
            _ => None,
        };
        self.before = missing.into_iter().zip(rows.into_iter().map(|row| row.and_then(place))).collect();
        let among = waited_for.into_iter().filter_map(|key| Some((key, Some(*here.get(&key)?))));
        self.before.extend(among.collect::<Vec<_>>());
        Ok(())
    }

    /// Takes what need not wait, up to so many that are wanted.
    fn deliver(&mut self, limit: usize, wanted: impl Fn(&Event) -> bool) -> Vec<JournalEvent> {
        let mut items = Vec::new();
        let (mut moved, before) = (true, self.places.clone());
        while moved && items.len() < limit {
            moved = false;
            for queue in 0..self.queues.len() {
                while items.len() < limit
                    && let Some(stored) = self.take(queue, false)
                {
                    moved = true;
                    if wanted(&stored.event) {
                        items.push(JournalEvent::of(&stored));
                    }
                }
            }
        }
        // Only a journal that somebody else wrote to can have events that wait for each other: the feed does not stand still for it.
        if self.places == before {
            let first = (0..self.queues.len()).find_map(|queue| self.take(queue, true));
            items.extend(first.filter(|stored| wanted(&stored.event)).map(|stored| JournalEvent::of(&stored)));
        }
        items
    }

    /// The next event of a queue, where it need not wait.
    fn take(&mut self, queue: usize, whatever: bool) -> Option<StoredEvent> {
        let Self { places, queues, before } = self;
        let delivered = |(bits, n): Place| {
            let no = queues.iter().find(|queue| queue.bits == bits).map(|queue| queue.no);
            // One that is not behind the cursor is delivered.
            no.is_none_or(|no| places.get(&no).copied().unwrap_or(0) > n)
        };
        let head = queues.get(queue)?.events.front();
        let ready = whatever
            || head.is_none_or(|stored| match stored.event.target {
                Target::Card(card, place) => {
                    before.get(&(card, place.wrapping_sub(1))).copied().flatten().is_none_or(delivered)
                }
                Target::Tenant | Target::Named(_) => true,
            })
            || defect::is(Defect::FeedOutOfOrder);
        if !ready {
            return None;
        }
        let queue = queues.get_mut(queue)?;
        let next = queue.events.pop_front();
        let place = next.as_ref().map_or(queue.looked, |stored| stored.n + 1);
        let place = if queue.events.is_empty() { queue.looked } else { place };
        places.insert(queue.no, place);
        next
    }
}

/// What the filters over campaign and batch let through.
struct Wanted {
    /// `None` lets everything through.
    batches: Option<BTreeSet<BatchNo>>,
    named: BTreeSet<(bool, String)>,
}

impl Wanted {
    fn of(tenant: &Tenant, asked: &Events, front: &Front) -> Result<Self, Error> {
        let mut wanted = Self { batches: None, named: BTreeSet::new() };
        if asked.batch.is_none() && asked.campaign.is_none() {
            return Ok(wanted);
        }
        let events = || front.queues.iter().flat_map(|queue| &queue.events).map(|stored| &stored.event);
        let numbers: BTreeSet<BatchNo> = events()
            .filter_map(|event| match event.target {
                Target::Card(card, _) => Some(card.batch),
                Target::Tenant | Target::Named(_) => None,
            })
            .collect();
        let named: BTreeSet<String> = events()
            .filter(|event| event.kind.of_thing() == Some(Thing::Batch))
            .filter_map(|event| match &event.target {
                Target::Named(name) => Some(name.clone()),
                Target::Tenant | Target::Card(..) => None,
            })
            .collect();
        let batches = tenant.realm.weigh(|view| {
            if let Some(id) = &asked.batch
                && view.batch_named(id)?.is_none()
            {
                return Err(Stop::Denied(Denial::Unknown { kind: "batch", id: id.clone() }));
            }
            if let Some(id) = &asked.campaign
                && view.campaign(id)?.is_none()
            {
                return Err(Stop::Denied(Denial::Unknown { kind: "campaign", id: id.clone() }));
            }
            view.want(numbers.iter().copied().map(Key::Batch).chain(named.iter().cloned().map(Key::BatchNamed)))?;
            let mut found = Vec::new();
            for no in &numbers {
                found.extend(view.batch(*no)?);
            }
            for name in &named {
                found.extend(view.batch_named(name)?);
            }
            Ok(found)
        })?;
        let mut fitting = BTreeSet::new();
        for (batch, _) in batches {
            let of_campaign = asked.campaign.as_ref().is_none_or(|id| batch.campaign.as_ref() == Some(id));
            if of_campaign && asked.batch.as_ref().is_none_or(|id| batch.id == *id) {
                fitting.insert(batch.no);
                wanted.named.insert((false, batch.id.clone()));
            }
        }
        if asked.batch.is_none() {
            wanted.named.extend(asked.campaign.clone().map(|id| (true, id)));
        }
        wanted.batches = Some(fitting);
        Ok(wanted)
    }

    fn fits(&self, event: &Event) -> bool {
        let Some(batches) = &self.batches else { return true };
        match (&event.target, event.kind.of_thing()) {
            (Target::Card(card, _), _) => batches.contains(&card.batch),
            (Target::Named(name), Some(thing)) => self.named.contains(&(thing == Thing::Campaign, name.clone())),
            (Target::Named(_), None) | (Target::Tenant, _) => false,
        }
    }
}
