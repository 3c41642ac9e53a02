//! The judge: knows every state that there was, and says whether what an engine did or answered was possible.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use cardmint::card::{CardState, EventKind, Redemption, Target};
use cardmint::code::CodeBook;
use cardmint::id::{BatchNo, CardId};
use cardmint::store::{Changeset, Record, Store, StoreError, TenantKey};
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;
use cardmint::{CardWithCode, CodeText, Error};

use super::fences::{fenced, is_done};
use super::matching::{asked_under, difference, is_effect};
use super::recount::Recount;
use crate::model::{Effect, Kept, Model, Moment, No, Put, Row, RowKey, batch_name, is_same, token_text};
use crate::request::{Asked, Reply, Token, What};
use crate::ring::Ring;
use crate::terms::Basket;

/// A call, as the judge remembers it.
#[derive(Debug, Clone)]
pub struct Called {
    pub id: u64,
    pub engine: usize,
    pub asked: Arc<Asked>,
    /// Whether it says that it was sent before.
    pub retry: bool,
    /// When it was made, in steps of the world and in true time.
    pub from: u64,
    pub from_ms: i64,
    pub own: Vec<CardId>,
    pub passed: BTreeSet<CardId>,
    pub left_out: BTreeMap<(String, String), String>,
    pub stale: BTreeSet<CardId>,
    pub drawn: Option<SubjectKey>,
    pub ring: Arc<Ring>,
}

/// What may not be: the invariant, and words.
pub type Wrong = (&'static str, String);

/// When something was committed.
struct Landed {
    seq: u64,
    engine: usize,
}

/// What stands between a call and its answer.
#[derive(Clone, Copy)]
struct Span {
    from: u64,
    to: u64,
    from_ms: i64,
    to_ms: i64,
}

/// Rows that were written often make so many pasts that not all can be tried.
const PATIENCE: u32 = 100_000;

pub struct Judge {
    pub tenant: TenantKey,
    pub lag_ms: i64,
    pub seq: u64,
    pub model: Arc<Model>,
    states: VecDeque<(u64, Arc<Model>)>,
    clocks: Vec<Vec<(u64, Instant)>>,
    control: BTreeMap<RowKey, Vec<(i64, Row)>>,
    names: BTreeMap<BatchNo, String>,
    landed: BTreeMap<(&'static str, String), Landed>,
    /// Calls that heard that nothing was written while a late group of their engine hangs.
    pub told_nothing: BTreeSet<u64>,
    /// By operation and key, when a retry was made that heard *no*: no try of before can be done any more.
    pub(super) final_no: BTreeMap<(&'static str, String), u64>,
    pub records: BTreeMap<u64, Called>,
    /// How often each engine was asked for each key.
    calls: BTreeMap<(usize, &'static str, String), u32>,
    /// How many more circumstances are tried that would only explain what is wrong already.
    patience: Cell<u32>,
    pub recount: Recount,
    pub stale: u64,
    pub commits: u64,
    /// Fences that were written.
    pub fences: u64,
}

impl Judge {
    pub fn new(tenant: TenantKey, lag_ms: i64, engines: usize) -> Self {
        let model = Arc::new(Model::default());
        Self {
            tenant,
            lag_ms,
            seq: 0,
            states: VecDeque::from([(0, Arc::clone(&model))]),
            model,
            clocks: vec![Vec::new(); engines],
            control: BTreeMap::new(),
            names: BTreeMap::new(),
            landed: BTreeMap::new(),
            told_nothing: BTreeSet::new(),
            final_no: BTreeMap::new(),
            records: BTreeMap::new(),
            calls: BTreeMap::new(),
            patience: Cell::new(u32::MAX),
            recount: Recount::default(),
            stale: 0,
            commits: 0,
            fences: 0,
        }
    }

    /// An engine's clock says something else from now on.
    pub fn clock(&mut self, engine: usize, now: Instant) {
        self.seq += 1;
        if let Some(log) = self.clocks.get_mut(engine) {
            log.push((self.seq, now));
        }
    }

    /// A call begins.
    pub fn called(&mut self, record: Called) {
        *self.calls.entry((record.engine, record.asked.op(), record.asked.key.clone())).or_default() += 1;
        self.records.insert(record.id, record);
    }

    /// Forgets states that no open call can speak of, nor any of these whose group may still come.
    pub fn prune(&mut self, hanging: impl Iterator<Item = u64>) {
        let open = self.records.values().map(|record| record.from);
        let oldest = open.chain(hanging).min().unwrap_or(self.seq);
        while self.states.get(1).is_some_and(|(seq, _)| *seq <= oldest) {
            self.states.pop_front();
        }
    }

    /// What an engine's clock said between two moments.
    fn nows(&self, engine: usize, from: u64, to: u64) -> Vec<Instant> {
        let Some(log) = self.clocks.get(engine) else { return Vec::new() };
        let first = log.partition_point(|(seq, _)| *seq <= from).saturating_sub(1);
        let mut nows: Vec<_> = log.iter().skip(first).take_while(|(seq, _)| *seq <= to).map(|(_, now)| *now).collect();
        nows.sort();
        nows.dedup();
        nows
    }

    /// What a control row was, at any time of a span of true time.
    fn versions(&self, key: &RowKey, from_ms: i64, to_ms: i64) -> Vec<Row> {
        let log = self.control.get(key).map(Vec::as_slice).unwrap_or_default();
        let first = log.partition_point(|(ms, _)| *ms < from_ms);
        let before = match first.checked_sub(1).and_then(|place| log.get(place)) {
            Some((_, row)) => row.clone(),
            None => Model::default().row(key),
        };
        let later = log.iter().skip(first).take_while(|(ms, _)| *ms <= to_ms).map(|(_, row)| row.clone());
        std::iter::once(before).chain(later).collect()
    }

    /// Looks for a moment at which the model does what `want` accepts, among states and clock readings, with control rows as they
    /// were at any time from `lag_ms` before the call on.
    fn possible(
        &self,
        record: &Called,
        state: &Model,
        nows: &[Instant],
        lag: (i64, i64),
        want: &dyn Fn(&Moment<'_>, &Result<Effect, No>) -> bool,
    ) -> Option<(Effect, bool)> {
        let ask = |moment: &Moment<'_>| {
            let decided = moment.decide(&record.asked);
            let nothing = || Effect::of(Reply::Done, Vec::new(), Vec::new());
            want(moment, &decided).then(|| (decided.unwrap_or_else(|_| nothing()), !moment.choice.is_empty()))
        };
        nows.iter().find_map(|now| self.ask_at(record, state, *now, lag, &mut BTreeMap::new(), &ask))
    }

    /// A group came through: each member must be what the model says its request does, in the state that the member before it left.
    pub fn committed(
        &mut self,
        store: &dyn Store,
        engine: usize,
        changesets: &[&Changeset],
        late: Option<(&[Called], u64, i64)>,
        true_ms: i64,
    ) -> Result<(), Wrong> {
        for changeset in changesets {
            if let Some((op, key)) = fenced(changeset) {
                self.one_fenced(engine, op, key, late)?;
                continue;
            }
            self.one_committed(engine, changeset, late, true_ms)?;
            self.recount.add(changeset).map_err(|what| ("recount", what))?;
        }
        self.recount.compare(store, changesets).map_err(|what| ("recount", what))
    }

    /// A fence stands where somebody asked, and where nothing was done: what was done takes its key for itself.
    fn one_fenced(
        &mut self,
        engine: usize,
        op: &str,
        key: &str,
        late: Option<(&[Called], u64, i64)>,
    ) -> Result<(), Wrong> {
        let asked = |record: &Called| record.asked.op() == op && record.asked.key == key;
        let known = match late {
            Some((records, _, _)) => records.iter().any(asked),
            None => self.records.values().any(|record| record.engine == engine && asked(record)),
        };
        if !known {
            return Err(("journal", format!("nobody asked engine {engine} for {op} {key}, and it was fenced")));
        }
        if self.model.kept.keys().any(|(done, under)| *done == op && under == key) {
            return Err(("committed_once", format!("{op} {key} was done, and fenced afterwards")));
        }
        self.fences += 1;
        Ok(())
    }

    fn one_committed(
        &mut self,
        engine: usize,
        changeset: &Changeset,
        late: Option<(&[Called], u64, i64)>,
        true_ms: i64,
    ) -> Result<(), Wrong> {
        let Some((op, key)) = asked_under(changeset) else {
            return Err(("journal", format!("a change without its request was committed: {changeset:?}")));
        };
        let records: Vec<Called> = match late {
            Some((records, _, _)) => records.to_vec(),
            None => self.records.values().filter(|record| record.engine == engine).cloned().collect(),
        };
        let (to, to_ms) = late.map_or((self.seq, true_ms), |(_, seq, ms)| (seq, ms));
        let records: Vec<_> =
            records.into_iter().filter(|record| record.asked.op() == op && record.asked.key == key).collect();
        if records.is_empty() {
            return Err(("journal", format!("nobody asked engine {engine} for {op} {key}, and it was committed")));
        }
        if let Some(kept) = self.model.kept.get(&(records[0].asked.op(), key.to_owned())) {
            return Err(("committed_once", format!("{op} {key} was committed twice: {:?}", kept.asked)));
        }
        for record in &records {
            let record = &self.as_proposed(record, changeset, to);
            let nows = self.nows(engine, record.from, to);
            let lag = self.lag_ms.max(10);
            let want = |moment: &Moment<'_>, decided: &Result<Effect, No>| match decided {
                Ok(effect) => is_effect(changeset, &record.asked, effect, moment.now),
                Err(_) => false,
            };
            let window = (to_ms - lag, to_ms);
            if let Some((effect, stale)) = self.possible(record, &self.model, &nows, window, &want) {
                self.stale += u64::from(stale);
                self.take_over(record, effect, engine, true_ms);
                return Ok(());
            }
        }
        let record = &self.as_proposed(&records[0], changeset, to);
        let nows = self.nows(engine, record.from, to);
        let older = RefCell::default();
        let want = |moment: &Moment<'_>, decided: &Result<Effect, No>| {
            let explains = decided.as_ref().is_ok_and(|effect| is_effect(changeset, &record.asked, effect, moment.now));
            if explains {
                older.replace(moment.choice.clone());
            }
            explains
        };
        self.patience.set(PATIENCE);
        let explained = self.possible(record, &self.model, &nows, (i64::MIN, to_ms), &want).is_some();
        self.patience.set(u32::MAX);
        if explained {
            let older = older.into_inner();
            let words = format!("{op} {key} rests on control rows older than the lag, {older:?}: {record:?}");
            return Err(("control_lag", words));
        }
        let says = self.at_last(record, &nows, &|moment| match moment.decide(&record.asked) {
            Ok(effect) => difference(changeset, &record.asked, &effect, moment.now),
            Err(no) => format!("the model says {no:?}; the engine wrote {:?}", changeset.writes),
        });
        Err(("commit_possible", format!("{record:?} was committed otherwise: {says}")))
    }

    /// Nothing rests on a card that was left alone, so one may be passed by that was not to be had when it was read, though it is
    /// now: among the holder's own cards of a word, and in a stock. One that was to be had all the time may not.
    fn as_proposed(&self, record: &Called, changeset: &Changeset, to: u64) -> Called {
        let states = self.states_in(record.from, to);
        let mut proposed = record.clone();
        let used: BTreeSet<CardId> = changeset.writes.iter().filter_map(|write| card_used(&write.record)).collect();
        let nows = self.nows(record.engine, record.from, to);
        let window = (record.from_ms - self.lag_ms.max(10), i64::MAX);
        let was_useless = |card: CardId, (customer, basket): (Option<&str>, &Basket)| {
            let device = basket.device.as_deref();
            let ask = |moment: &Moment<'_>| (!moment.can_use(card, customer, device)).then_some(());
            let useless = |state: &Model, now: Instant| {
                self.ask_at(record, state, now, window, &mut BTreeMap::new(), &ask).is_some()
            };
            states.iter().any(|state| nows.iter().any(|now| useless(state, *now)))
        };
        let buyer = match &record.asked.what {
            What::Redeem { customer, basket, .. } | What::Hold { customer, basket, .. } => Some((customer, basket)),
            What::RedeemOrder { of, .. } | What::HoldOrder { of, .. } => Some((&of.customer, &of.basket)),
            _ => None,
        };
        if let Some((customer, basket)) = buyer {
            let by = (customer.as_deref(), basket);
            proposed.own.retain(|card| used.contains(card) || !was_useless(*card, by));
            let before = self.model.holds.values().map(|kept| &kept.hold).filter(|hold| hold.id.order == basket.order);
            let before: Vec<CardId> = before.map(|hold| hold.card).filter(|card| !used.contains(card)).collect();
            proposed.stale.extend(before.into_iter().filter(|card| was_useless(*card, by)));
        }
        proposed.left_out = self.left_out(record, changeset, &states, to);
        proposed.drawn = changeset.events.iter().find_map(|event| match (&event.target, event.kind) {
            (Target::Named(person), EventKind::PersonLinked) => Some(SubjectKey::from_stored(person.clone())),
            _ => None,
        });
        for write in &changeset.writes {
            let Record::Stock(stock) = &write.record else { continue };
            let cards = (0..stock.next.saturating_sub(1)).map(|serial| CardId { batch: stock.batch, serial });
            let was_gone = |card: &CardId| {
                states.iter().any(|state| {
                    state.cards.get(card).is_some_and(|card| card.state != CardState::Minted || card.frozen.is_some())
                })
            };
            // Of several that are taken at once, one may have been gone for a moment and be there again: it was not passed by.
            let is_taken = |id: &CardId| {
                changeset.writes.iter().any(|write| matches!(&write.record, Record::Card(card) if card.id == *id))
            };
            proposed.passed.extend(cards.filter(|card| was_gone(card) && !is_taken(card)));
        }
        proposed
    }

    /// Nothing guards until the commit that something could not be given beside: it must have been so at some moment of the call.
    fn left_out(
        &self,
        record: &Called,
        changeset: &Changeset,
        states: &[Arc<Model>],
        to: u64,
    ) -> BTreeMap<(String, String), String> {
        let made = changeset.writes.iter().filter_map(|write| match &write.record {
            Record::Redemption(row) => Some(row),
            _ => None,
        });
        made.flat_map(|row| self.left_out_of(record, row, states, to)).collect()
    }

    fn left_out_of(
        &self,
        record: &Called,
        row: &Redemption,
        states: &[Arc<Model>],
        to: u64,
    ) -> Vec<((String, String), String)> {
        let quantity = |batch: &str| {
            let gives = self.recount.terms.get(&row.card.batch.packed()).map(|terms| terms.gives.as_slice());
            gives.unwrap_or_default().iter().find(|gift| gift.batch == batch).map_or(0, |gift| gift.quantity)
        };
        let nows = self.nows(record.engine, record.from, to);
        let window = (record.from_ms - self.lag_ms.max(10), i64::MAX);
        let was_so = |batch: &str, code: &str| {
            let ask = |moment: &Moment<'_>| {
                (moment.cannot_give(batch, quantity(batch), row.holder.as_ref()) == Some(code)).then_some(())
            };
            let at = |state: &Arc<Model>, now: Instant| {
                self.ask_at(record, state, now, window, &mut BTreeMap::new(), &ask).is_some()
            };
            states.iter().any(|state| nows.iter().any(|now| at(state, *now)))
        };
        let told = row.not_given.iter().filter(|told| was_so(&told.batch, &told.code));
        told.map(|told| ((row.key.clone(), told.batch.clone()), told.code.clone())).collect()
    }

    /// The states that there were between two moments.
    fn states_in(&self, from: u64, to: u64) -> Vec<Arc<Model>> {
        let ends = self.states.iter().skip(1).map(|(seq, _)| *seq).chain([u64::MAX]);
        let spans = self.states.iter().zip(ends);
        spans
            .filter(|((began, _), ended)| *began <= to && *ended > from)
            .map(|((_, state), _)| Arc::clone(state))
            .collect()
    }

    /// What the model says of a call now, for a report.
    fn says(&self, record: &Called, nows: &[Instant]) -> String {
        self.at_last(record, nows, &|moment| format!("{:?} at {}", moment.decide(&record.asked), moment.now))
    }

    /// What the model says at the last moment of a look.
    pub fn at_last_asked(&self, record: &Called, ask: &dyn Fn(&Moment<'_>) -> String) -> String {
        self.at_last(record, &self.nows(record.engine, record.from, self.seq), ask)
    }

    /// Asks the model at the last moment of a call.
    fn at_last(&self, record: &Called, nows: &[Instant], ask: &dyn Fn(&Moment<'_>) -> String) -> String {
        let (seen, choice) = (RefCell::default(), BTreeMap::new());
        let now = nows.last().copied().unwrap_or(Instant::EPOCH);
        let (ring, own, passed, names) = (&*record.ring, &*record.own, &record.passed, &self.names);
        let (left_out, stale, drawn) = (&record.left_out, &record.stale, record.drawn.as_ref());
        ask(&Moment {
            model: &self.model,
            now,
            ring,
            own,
            passed,
            left_out,
            stale,
            drawn,
            names,
            choice: &choice,
            seen: &seen,
        })
    }

    fn take_over(&mut self, record: &Called, effect: Effect, engine: usize, true_ms: i64) {
        self.seq += 1;
        self.commits += 1;
        let id = (record.asked.op(), record.asked.key.clone());
        let mut model = (*self.model).clone();
        for put in &effect.puts {
            model.apply(put);
            if let Some(key) = put.row_key() {
                let now = model.row(&key);
                self.control.entry(key).or_default().push((true_ms, now));
            }
            if let Put::Batch(batch) = put {
                self.names.insert(batch.no, batch.id.clone());
                self.recount.batch_limits.insert(batch_name(batch.no), batch.limits.clone());
                let template = model.templates.get(&batch.template);
                let terms = template.and_then(|all| all.iter().find(|one| one.version == batch.template_version));
                if let Some(template) = terms {
                    self.recount.terms.insert(batch.no.packed(), template.terms.clone());
                }
            }
        }
        let kept = Arc::new(Kept { asked: Arc::clone(&record.asked), reply: effect.reply });
        Arc::make_mut(&mut model.kept).insert(id.clone(), kept);
        self.landed.insert(id, Landed { seq: self.seq, engine });
        self.model = Arc::new(model);
        self.states.push_back((self.seq, Arc::clone(&self.model)));
    }

    /// A caller has its answer.
    pub fn replied(
        &mut self,
        store: &dyn Store,
        book: &CodeBook,
        record: &Called,
        outcome: &Result<Reply, Error>,
        true_ms: i64,
    ) -> Result<(), Wrong> {
        let span = Span { from: record.from, to: self.seq, from_ms: record.from_ms, to_ms: true_ms };
        self.of_all_tries(record, outcome)?;
        match outcome {
            Ok(reply) => {
                self.kept(store, record)?;
                self.said_yes(record, span, &with_tokens(book, reply.clone()))
            }
            Err(Error::Denied(denial)) => {
                let want = |_: &Moment<'_>, decided: &Result<Effect, No>| matches!(decided, Err(No::Denied(says)) if is_same(says, denial));
                self.said_no(record, span, &want, &format!("{denial:?}"))
            }
            Err(Error::Invalid(invalid)) => {
                let want = |_: &Moment<'_>, decided: &Result<Effect, No>| matches!(decided, Err(No::Invalid));
                self.said_no(record, span, &want, &format!("{invalid:?}"))
            }
            Err(Error::Store(StoreError::OutcomeUnknown(_))) => Ok(()),
            Err(Error::Busy(_) | Error::Closed | Error::DeadlinePassed)
            | Err(Error::Store(StoreError::Busy(_) | StoreError::Unavailable(_))) => {
                self.said_nothing_written(record, span)
            }
            Err(other) => Err(("no_fault_of_ours", format!("{record:?} ended in {other:?}"))),
        }
    }

    /// What was acknowledged is in the store, as a row of its own.
    fn kept(&self, store: &dyn Store, record: &Called) -> Result<(), Wrong> {
        let done = is_done(store, &self.tenant, record.asked.op(), &record.asked.key);
        if done.map_err(|what| ("acknowledged_kept", what))? {
            return Ok(());
        }
        Err(("acknowledged_kept", format!("{record:?} was acknowledged and is not there")))
    }

    fn said_yes(&mut self, record: &Called, span: Span, reply: &Reply) -> Result<(), Wrong> {
        let id = (record.asked.op(), record.asked.key.clone());
        let Some(kept) = self.model.kept.get(&id).cloned() else {
            return Err(("acknowledged_kept", format!("{record:?} was acknowledged and never committed")));
        };
        if *kept.asked != *record.asked {
            return Err(("same_reply", format!("{record:?} got the reply to {:?}", kept.asked)));
        }
        if kept.reply == *reply && self.landed.get(&id).is_some_and(|landed| landed.seq >= span.from) {
            return Ok(());
        }
        let want = |_: &Moment<'_>, decided: &Result<Effect, No>| {
            decided.as_ref().is_ok_and(|effect| effect.puts.is_empty() && effect.reply == *reply)
        };
        if self.at_some_instant(record, span, &want, self.lag_ms.max(10)) {
            return Ok(());
        }
        Err(("same_reply", format!("{record:?} got {reply:?}, the first reply was {:?}", kept.reply)))
    }

    fn at_some_instant(
        &mut self,
        record: &Called,
        span: Span,
        want: &dyn Fn(&Moment<'_>, &Result<Effect, No>) -> bool,
        lag_ms: i64,
    ) -> bool {
        let nows = self.nows(record.engine, span.from, span.to);
        let window = (span.from_ms.saturating_sub(lag_ms), span.to_ms);
        let states = self.states_in(span.from, span.to);
        let found = states.iter().rev().find_map(|state| self.possible(record, state, &nows, window, want));
        self.stale += u64::from(found.as_ref().is_some_and(|(_, stale)| *stale));
        found.is_some()
    }

    fn said_no(
        &mut self,
        record: &Called,
        span: Span,
        want: &dyn Fn(&Moment<'_>, &Result<Effect, No>) -> bool,
        answer: &str,
    ) -> Result<(), Wrong> {
        if self.at_some_instant(record, span, want, self.lag_ms.max(10)) {
            return Ok(());
        }
        self.patience.set(PATIENCE);
        let explained = self.at_some_instant(record, span, want, i64::MAX);
        self.patience.set(u32::MAX);
        if explained {
            return Err(("control_lag", format!("{record:?} got {answer}: true of control rows older than the lag")));
        }
        let nows = self.nows(record.engine, span.from, span.to);
        Err(("reply_possible", format!("{record:?} got {answer}; the model says {}", self.says(record, &nows))))
    }

    /// A fault that says that nothing of the call was written.
    fn said_nothing_written(&mut self, record: &Called, span: Span) -> Result<(), Wrong> {
        let id = (record.asked.op(), record.asked.key.clone());
        // Where this engine was asked more than once, another call may have written it.
        if self.calls.get(&(record.engine, id.0, id.1.clone())).is_some_and(|calls| *calls > 1) {
            return Ok(());
        }
        let written =
            self.landed.get(&id).is_some_and(|landed| landed.seq > span.from && landed.engine == record.engine);
        let same = self.model.kept.get(&id).is_some_and(|kept| *kept.asked == *record.asked);
        if written && same {
            return Err(("nothing_written", format!("{record:?} heard that nothing was written, and it was")));
        }
        Ok(())
    }

    /// The model asked without an effect: for look-ups and quotes.
    pub fn moment<T>(&self, record: &Called, true_ms: i64, want: &dyn Fn(&Moment<'_>) -> Option<T>) -> Option<T> {
        let nows = self.nows(record.engine, record.from, self.seq);
        let window = (record.from_ms - self.lag_ms.max(10), true_ms);
        for (_, state) in self.states.iter().rev() {
            for now in &nows {
                let found = self.ask_at(record, state, *now, window, &mut BTreeMap::new(), want);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    fn ask_at<T>(
        &self,
        record: &Called,
        state: &Model,
        now: Instant,
        window: (i64, i64),
        choice: &mut BTreeMap<RowKey, Row>,
        want: &dyn Fn(&Moment<'_>) -> Option<T>,
    ) -> Option<T> {
        match self.patience.get() {
            0 => return None,
            u32::MAX => {}
            left => self.patience.set(left - 1),
        }
        let seen = RefCell::new(BTreeSet::new());
        let (ring, own, passed, names) = (&*record.ring, &*record.own, &record.passed, &self.names);
        let (left_out, stale, drawn) = (&record.left_out, &record.stale, record.drawn.as_ref());
        let moment =
            Moment { model: state, now, ring, own, passed, left_out, stale, drawn, names, choice, seen: &seen };
        let found = want(&moment);
        if found.is_some() {
            return found;
        }
        for key in seen.into_inner() {
            if choice.contains_key(&key) {
                continue;
            }
            let as_is = state.row(&key);
            for alternative in self.versions(&key, window.0, window.1) {
                if alternative == as_is {
                    continue;
                }
                choice.insert(key.clone(), alternative);
                let found = self.ask_at(record, state, now, window, choice, want);
                choice.remove(&key);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }
}

/// A reply whose codes, where it has some, are put as what they say.
fn with_tokens(book: &CodeBook, reply: Reply) -> Reply {
    let said = |text: &str| {
        let opened = book.open(text);
        let token = opened.map(|opened| Token { format: opened.format, slot: opened.slot, card: opened.card });
        token.as_ref().map_or_else(|| "a code that does not open".to_owned(), token_text)
    };
    match reply {
        Reply::Card(CardWithCode { card, code: Some(text) }) => {
            Reply::Card(CardWithCode { card, code: Some(said(&text)) })
        }
        Reply::Receipt(mut receipt) => {
            let codes = receipt.given.iter_mut().filter_map(|given| given.code.as_mut());
            codes.for_each(|code| *code = CodeText(said(&code.0)));
            Reply::Receipt(receipt)
        }
        Reply::OrderReceipt(mut reply) => {
            let given = reply.receipts.iter_mut().flat_map(|receipt| receipt.given.iter_mut());
            let codes = given.filter_map(|given| given.code.as_mut());
            codes.for_each(|code| *code = CodeText(said(&code.0)));
            Reply::OrderReceipt(reply)
        }
        other => other,
    }
}

/// The card that a redemption or a hold uses.
fn card_used(record: &Record) -> Option<CardId> {
    match record {
        Record::Redemption(redemption) => Some(redemption.card),
        Record::Hold(hold) => Some(hold.card),
        _ => None,
    }
}
