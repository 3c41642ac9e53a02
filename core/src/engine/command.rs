//! What operations that change something are made of: a command decides, a plan gathers what it changes.

use std::fmt;
use std::sync::Arc;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::call::{Call, Slot};
use super::committer::{Job, Verdict};
use super::error::Error;
use super::fence;
use super::resolve::Ground;
use super::tenant::{Keys, Realm};
use super::view::{Missing, View};
use crate::Invalid;
use crate::card::{Buyer, Card, Event, EventKind, Origin, RequestMark, Target, chain_link};
use crate::checkout::Order;
use crate::defect::{self, Defect};
use crate::denial::Denial;
use crate::id::{Version, check_key};
use crate::status::Status;
use crate::store::{Changeset, Expect, Move, Record, StoreError, TenantKey, Write};
use crate::time::Instant;

/// What every changing request carries: its idempotency key, and who asks why.
///
/// The same key with the same request gives the same reply again and changes nothing; with another request it is
/// `key_reused`. A key is kept as long as what it made. A request that was denied leaves nothing and may be tried again.
///
/// On the wire a text stands for a meta that is only its key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Meta {
    /// Unique within the tenant and the operation; 1 to 128 bytes without spaces.
    pub key: String,
    /// Why, in words for the journal; at most 500 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the request came from.
    pub origin: Origin,
    /// Who buys, where a policy profile asks for it. Its facts are kept as HMACs, apart from the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer: Option<Buyer>,
    /// How long the request may wait to be decided, in milliseconds, instead of the engine's own bound; 0 for as long as it
    /// takes. It is no part of the request: a repetition may name another one.
    #[serde(skip_serializing)]
    pub deadline_ms: Option<u32>,
    /// Whether it was sent before and nobody knows what became of it: after `outcome_unknown`, or where whoever sent it ended before
    /// the answer. Its answer then holds for all tries: a *no* is told once none of them can be done any more, and what cannot be
    /// said of all of them is `outcome_unknown`. It is no part of the request.
    #[serde(skip_serializing)]
    pub retry: bool,
}

/// [`Meta`] in full.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct MetaObject {
    /// Unique within the tenant and the operation; 1 to 128 bytes without spaces.
    key: String,
    /// Why, in words for the journal; at most 500 bytes.
    #[serde(default)]
    reason: Option<String>,
    /// Where the request came from.
    #[serde(default)]
    origin: Origin,
    /// Who buys, where a policy profile asks for it. Its facts are kept as HMACs, apart from the request.
    #[serde(default)]
    buyer: Option<Buyer>,
    /// How long the request may wait to be decided, in milliseconds, instead of the engine's own bound; 0 for as long as it
    /// takes. It is no part of the request: a repetition may name another one.
    #[serde(default)]
    deadline_ms: Option<u32>,
    /// Whether it was sent before and nobody knows what became of it: after `outcome_unknown`, or where whoever sent it ended before
    /// the answer. Its answer then holds for all tries: a *no* is told once none of them can be done any more, and what cannot be
    /// said of all of them is `outcome_unknown`. It is no part of the request.
    #[serde(default)]
    retry: bool,
}

struct MetaVisitor;

impl<'de> Visitor<'de> for MetaVisitor {
    type Value = Meta;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an idempotency key, or an object with `key`, `reason`, `origin`, `buyer`, `deadline_ms` and `retry`",
        )
    }

    fn visit_str<E>(self, key: &str) -> Result<Meta, E> {
        Ok(Meta::key(key))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Meta, A::Error> {
        let MetaObject { key, reason, origin, buyer, deadline_ms, retry } =
            MetaObject::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Meta { key, reason, origin, buyer, deadline_ms, retry })
    }
}

impl<'de> Deserialize<'de> for Meta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MetaVisitor)
    }
}

impl schemars::JsonSchema for Meta {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Meta".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let object = generator.subschema_for::<MetaObject>();
        schemars::json_schema!({
            "description": "The idempotency key of a change, alone or with who asks why.",
            "anyOf": [{"type": "string"}, object],
        })
    }
}

impl From<&str> for Meta {
    fn from(key: &str) -> Self {
        Self::key(key)
    }
}

impl Meta {
    /// A request under this key, without reason or origin.
    pub fn key(key: impl Into<String>) -> Self {
        Self { key: key.into(), ..Self::default() }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        check_key("meta.key", &self.key)?;
        if let Some(reason) = &self.reason {
            check_reason("meta.reason", reason)?;
        }
        if let Some(buyer) = &self.buyer {
            buyer.check("meta.buyer")?;
        }
        self.origin.check().map_err(|invalid| invalid.within("meta"))
    }
}

fn check_reason(field: &str, reason: &str) -> Result<(), Invalid> {
    if (1..=500).contains(&reason.len()) && !reason.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Invalid::new(field, format!("{} bytes", reason.len()), "1 to 500 bytes without control characters"))
}

/// Why a decision did not come to a plan.
pub(super) enum Stop {
    /// Something must be read first.
    Missing,
    /// The rules say no.
    Denied(Denial),
    /// The request does not fit what it speaks of.
    Invalid(Invalid),
    /// A stored reply cannot be read: a bug, or a store that was written to by hand.
    Internal(&'static str),
}

impl From<Missing> for Stop {
    fn from(_: Missing) -> Self {
        Self::Missing
    }
}

impl From<Denial> for Stop {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<Invalid> for Stop {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

/// A request that changes something.
pub(super) trait Command: Serialize + Send + Sized + 'static {
    /// What the caller gets.
    type Reply: Send + 'static;

    /// The operation's name, as in the journal.
    fn op(&self) -> &'static str;

    /// The request's key, reason and origin.
    fn meta(&self) -> &Meta;

    /// Checks what can be checked without reading; every refusal names its field.
    fn check(&self) -> Result<(), Invalid>;

    /// Decides. Pure: the same view gives the same plan and reply, but for the fresh version.
    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Self::Reply), Stop>;

    /// What takes the request's key, so that earlier tries of it can never be committed; nothing where it is taken. A command
    /// whose key is not that of its event says where it stands.
    fn fence(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<Option<Plan>, Stop> {
        fence::of_event(cx, view)
    }
}

/// What a decision has beside its view.
pub(super) struct Context<'a> {
    pub realm: &'a Realm,
    pub keys: &'a Keys,
    pub version: Version,
    pub digest: [u8; 16],
    pub meta: &'a Meta,
    pub op: &'static str,
}

impl Context<'_> {
    /// What the request is done under, behind so many fences.
    pub(super) fn mark(&self, fences: u32) -> RequestMark {
        let key = RequestMark::key_behind(&self.meta.key, fences);
        RequestMark { op: self.op.to_owned(), key, digest: self.digest }
    }

    /// Stands for an order as it was priced, all that it says.
    pub(super) fn order_mark(&self, order: &Order) -> Result<[u8; 16], Stop> {
        order_mark(self.keys, order)
    }

    /// The reply to the same request, where it was done before.
    pub(super) fn replay<R: DeserializeOwned>(&self, view: &mut View<'_>) -> Result<Option<R>, Stop> {
        let Some(event) = view.event_of(self.op, &self.meta.key)? else { return Ok(None) };
        if defect::is(Defect::UnknownRunBlindly) {
            return Ok(None);
        }
        let same =
            event.request.is_some_and(|mark| mark.digest == self.digest || defect::is(Defect::DigestNotCompared));
        if !same {
            return Err(Denial::KeyReused.into());
        }
        let reply = serde_json::from_str(&event.facts);
        reply.map(Some).map_err(|_| Stop::Internal("the stored reply of this request cannot be read"))
    }
}

/// Stands for an order as it was priced, all that it says: without the key nobody learns from it what that was.
pub(super) fn order_mark(keys: &Keys, order: &Order) -> Result<[u8; 16], Stop> {
    let bytes = serde_json::to_vec(order).map_err(|_| Stop::Internal("an order cannot be written"))?;
    Ok(keys.digest("order", &bytes))
}

/// Gathers what a decision changes.
pub(super) struct Plan {
    changeset: Changeset,
    now: Instant,
    /// Under the request's key.
    fences: u32,
}

impl Plan {
    pub(super) fn new(cx: &Context<'_>, view: &View<'_>) -> Self {
        let changeset = Changeset {
            tenant: view.tenant.clone(),
            version: cx.version,
            after: Vec::new(),
            guards: Vec::new(),
            writes: Vec::new(),
            moves: Vec::new(),
            events: Vec::new(),
        };
        Self { changeset, now: view.now, fences: view.fences }
    }

    /// The changeset, its rows in the order of their keys: two that touch the same rows wait for each other instead of dead-locking
    /// in a database that locks rows. Accounts come last, since they are what many touch.
    pub(super) fn in_order(self) -> Changeset {
        let mut changeset = self.changeset;
        changeset.writes.sort_by_cached_key(|write| write.record.key());
        changeset.moves.sort_by(|one, other| (&one.owner, &one.unit).cmp(&(&other.owner, &other.unit)));
        changeset
    }

    /// Lays what it changes over what a view sees, for the next step of the same decision.
    pub(super) fn lay(&self, view: &mut View<'_>) -> Result<(), Missing> {
        if defect::is(Defect::OrderSeesNotItself) {
            return Ok(());
        }
        for write in &self.changeset.writes {
            view.lay_record(&write.record, self.changeset.version);
        }
        self.changeset.moves.iter().try_for_each(|step| view.lay_move(step))
    }

    /// A seeded mistake: moves no account.
    pub(super) fn uncount(&mut self) {
        self.changeset.moves.clear();
    }

    /// Takes over what another step of the same decision changes, which saw this one's. Of a row that both write the later stands, over
    /// the version that the earlier saw.
    pub(super) fn absorb(&mut self, step: Self) {
        let Changeset { writes, moves, events, .. } = step.changeset;
        for write in writes {
            let key = write.record.key();
            match self.changeset.writes.iter_mut().find(|before| before.record.key() == key) {
                Some(before) => before.record = write.record,
                None => self.changeset.writes.push(write),
            }
        }
        self.changeset.moves.extend(moves);
        self.changeset.events.extend(events);
    }

    /// Writes a record over the version that was seen, or where none was.
    pub(super) fn write(&mut self, seen: Option<Version>, record: Record) {
        let expect = seen.map_or(Expect::Absent, Expect::Version);
        self.changeset.writes.push(Write { expect, record });
    }

    /// Moves an account, where there is one to move.
    pub(super) fn shift(&mut self, step: Option<Move>) {
        self.changeset.moves.extend(step);
    }

    /// Appends the event that carries the request and its reply; the target is no card.
    pub(super) fn done<R: Serialize>(
        &mut self,
        cx: &Context<'_>,
        kind: EventKind,
        target: Target,
        reply: &R,
    ) -> Result<(), Stop> {
        let event = self.event(cx, kind, target, Some(reply))?;
        self.changeset.events.push(event);
        Ok(())
    }

    /// Appends an event of what a request did beside what was asked; the target is no card.
    pub(super) fn aside<R: Serialize>(
        &mut self,
        cx: &Context<'_>,
        kind: EventKind,
        target: Target,
        facts: &R,
    ) -> Result<(), Stop> {
        let event = self.noted(cx, kind, target, facts)?;
        self.changeset.events.push(event);
        Ok(())
    }

    /// Appends an event to a card's chain and moves the card's head, and books what it did to the card's value. With a reply it
    /// carries the request.
    pub(super) fn card_event<R: Serialize>(
        &mut self,
        cx: &Context<'_>,
        ground: &Ground,
        card: &mut Card,
        kind: EventKind,
        reply: Option<&R>,
    ) -> Result<(), Stop> {
        let event = self.event(cx, kind, Target::Card(card.id, card.events.saturating_add(1)), reply)?;
        self.chained(cx, ground, card, event);
        Ok(())
    }

    /// The same with facts for the journal, and without the request.
    pub(super) fn card_told<F: Serialize>(
        &mut self,
        cx: &Context<'_>,
        ground: &Ground,
        card: &mut Card,
        kind: EventKind,
        facts: &F,
    ) -> Result<(), Stop> {
        let target = Target::Card(card.id, card.events.saturating_add(1));
        let event = self.noted(cx, kind, target, facts)?;
        self.chained(cx, ground, card, event);
        Ok(())
    }

    /// The same, and where it `answers` with the request: the reply to it is told by the facts.
    pub(super) fn card_answered<F: Serialize>(
        &mut self,
        cx: &Context<'_>,
        ground: &Ground,
        card: &mut Card,
        kind: EventKind,
        (facts, answers): (&F, bool),
    ) -> Result<(), Stop> {
        let target = Target::Card(card.id, card.events.saturating_add(1));
        let mut event = self.noted(cx, kind, target, facts)?;
        event.request = answers.then(|| cx.mark(self.fences));
        self.chained(cx, ground, card, event);
        Ok(())
    }

    /// An event with facts for the journal, and without the request.
    pub(super) fn noted<F: Serialize>(
        &self,
        cx: &Context<'_>,
        kind: EventKind,
        target: Target,
        facts: &F,
    ) -> Result<Event, Stop> {
        let mut event = self.event::<()>(cx, kind, target, None)?;
        event.facts = serde_json::to_string(facts).map_err(|_| Stop::Internal("facts cannot be written"))?;
        Ok(event)
    }

    fn chained(&mut self, cx: &Context<'_>, ground: &Ground, card: &mut Card, mut event: Event) {
        card.events = card.events.saturating_add(1);
        event.at = event.at.max(card.last_at);
        event.entry = self.book_card(cx, ground, card, event.kind, event.at);
        event.chain = chain_link(&cx.keys.audit_key, &card.chain, &event);
        if !defect::is(Defect::ChainHeadNotMoved) {
            card.chain = event.chain;
        }
        self.changeset.events.push(event);
    }

    /// Appends an event without a reply; a mark takes that key.
    pub(super) fn tell(&mut self, cx: &Context<'_>, kind: EventKind, target: Target, request: Option<RequestMark>) {
        let (at, reason, origin) = (self.now, cx.meta.reason.clone(), cx.meta.origin.clone());
        let (facts, chain) = (String::new(), [0; 16]);
        self.changeset.events.push(Event {
            kind,
            at,
            target,
            reason,
            origin,
            request,
            facts,
            entry: None,
            chain,
            redacted: None,
        });
    }

    /// Appends an event as it is.
    pub(super) fn append(&mut self, event: Event) {
        self.changeset.events.push(event);
    }

    pub(super) fn event<R: Serialize>(
        &self,
        cx: &Context<'_>,
        kind: EventKind,
        target: Target,
        reply: Option<&R>,
    ) -> Result<Event, Stop> {
        let facts =
            reply.map(serde_json::to_string).transpose().map_err(|_| Stop::Internal("a reply cannot be written"))?;
        Ok(Event {
            kind,
            at: self.now,
            target,
            reason: cx.meta.reason.clone(),
            origin: cx.meta.origin.clone(),
            request: reply.map(|_| cx.mark(self.fences)),
            facts: facts.unwrap_or_default(),
            entry: None,
            chain: [0; 16],
            redacted: None,
        })
    }
}

/// A command in the queue.
struct TypedJob<C: Command> {
    command: C,
    digest: [u8; 16],
    realm: Arc<Realm>,
    /// The reply of the last verdict.
    reply: Option<Result<C::Reply, Error>>,
    slot: Option<Arc<Slot<C::Reply>>>,
}

impl<C: Command> Job for TypedJob<C> {
    fn decide(&mut self, view: &mut View<'_>, version: Version) -> Verdict {
        let meta = self.command.meta();
        let keys = match self.realm.keys(self.command.op()) {
            Ok(keys) => keys,
            Err(error) => {
                self.reply = Some(Err(error));
                return Verdict::No;
            }
        };
        let cx = Context { realm: &self.realm, keys, version, digest: self.digest, meta, op: self.command.op() };
        let (verdict, reply) = match self.command.decide(&cx, view) {
            Ok((Some(plan), reply)) => {
                let mut changeset = plan.in_order();
                changeset.guards = view.take_guards(&changeset);
                (Verdict::Change(changeset), Ok(reply))
            }
            Ok((None, reply)) => (Verdict::Answer, Ok(reply)),
            Err(Stop::Missing) => return Verdict::Missing,
            Err(Stop::Denied(denial)) => (Verdict::No, Err(Error::Denied(denial))),
            Err(Stop::Invalid(invalid)) => (Verdict::No, Err(Error::Invalid(invalid))),
            Err(Stop::Internal(what)) => (Verdict::No, Err(Error::Internal(what.to_owned()))),
        };
        self.reply = Some(reply);
        verdict
    }

    fn fence(&self, view: &mut View<'_>, version: Version) -> Option<Changeset> {
        let (meta, op) = (self.command.meta(), self.command.op());
        // Without keys nothing was ever tried from here.
        let keys = self.realm.keys(op).ok()?;
        let cx = Context { realm: &self.realm, keys, version, digest: self.digest, meta, op };
        fence::of(&self.command, &cx, view).map(Plan::in_order)
    }

    fn tenant(&self) -> &TenantKey {
        &self.realm.key
    }

    fn finish(mut self: Box<Self>, fault: Option<Error>) -> Status {
        let reply = match fault {
            Some(error) => Err(error),
            None => self.reply.take().unwrap_or_else(|| Err(Error::Internal("a call came to no verdict".to_owned()))),
        };
        let status = reply.as_ref().map_or_else(Error::status, |_| Status::Ok);
        if let Some(slot) = self.slot.take() {
            slot.fill(reply);
        }
        status
    }

    fn nudge(&self) -> bool {
        self.slot.as_ref().is_some_and(|slot| slot.nudge())
    }

    fn is_withdrawn(&self) -> bool {
        self.slot.as_ref().is_none_or(|slot| Arc::strong_count(slot) == 1)
    }
}

impl<C: Command> Drop for TypedJob<C> {
    fn drop(&mut self) {
        // Only a job that nobody finished still has its slot: a store or a bug panicked under it.
        if let Some(slot) = self.slot.take() {
            self.realm.committer.meter.ended(Status::OutcomeUnknown);
            let lost = "the store panicked under the group of this call; its key tells what happened".to_owned();
            slot.fill(Err(StoreError::OutcomeUnknown(lost).into()));
        }
    }
}

/// Answers a request for which something could not be read, so that it was not handed in. Of one that was sent before, what the store
/// does to this try says nothing.
pub(super) fn unread<R: Send + 'static>(retry: bool, error: Error) -> Call<R> {
    Call::ready(Err(match error {
        Error::Store(StoreError::OutcomeUnknown(_)) => error,
        Error::Store(other) if retry => StoreError::OutcomeUnknown(other.to_string()).into(),
        other => other,
    }))
}

/// Checks a command and hands it to the committer.
pub(super) fn submit<C: Command>(realm: &Arc<Realm>, command: C) -> Call<C::Reply> {
    if let Err(invalid) = command.meta().check().and_then(|()| command.check()) {
        return Call::ready(Err(invalid.into()));
    }
    let keys = match realm.keys(command.op()) {
        Ok(keys) => keys,
        Err(error) => return Call::ready(Err(error)),
    };
    // The meta belongs to it: a retry is the same request, with the same key, reason and origin.
    let Ok(payload) = serde_json::to_vec(&command) else {
        return Call::ready(Err(Error::Internal("a request cannot be written".to_owned())));
    };
    let digest = keys.digest(command.op(), &payload);
    let slot = Slot::new();
    let deadline_ms = command.meta().deadline_ms;
    let retry = command.meta().retry && !defect::is(Defect::RetryForgotten);
    let job = TypedJob { command, digest, realm: Arc::clone(realm), reply: None, slot: Some(Arc::clone(&slot)) };
    realm.committer.submit(Box::new(job), deadline_ms, retry);
    Call::queued(slot, Arc::clone(&realm.committer))
}
