//! A request that goes in steps: each is decided in the state that the one before it left, and all of them are one change.

use std::collections::BTreeMap;

use super::{Effect, Model, Moment, Put, Row, RowKey, ledger};
use crate::request::Reply;

/// The steps so far, and the state that they left.
pub(super) struct Steps<'a> {
    moment: &'a Moment<'a>,
    model: Model,
    choice: BTreeMap<RowKey, Row>,
    done: Vec<Effect>,
}

impl<'a> Steps<'a> {
    pub(super) fn new(moment: &'a Moment<'a>) -> Self {
        let (model, choice) = (moment.model.clone(), moment.choice.clone());
        Self { moment, model, choice, done: Vec::new() }
    }

    /// The same moment as the next step finds it.
    pub(super) fn moment(&self) -> Moment<'_> {
        Moment { model: &self.model, choice: &self.choice, ..*self.moment }
    }

    /// Takes a step over.
    pub(super) fn add(&mut self, mut step: Effect) {
        step.puts.iter_mut().for_each(ledger::book);
        self.lay(&step.puts);
        self.done.push(step);
    }

    /// Takes changes over without making a step of them.
    pub(super) fn lay(&mut self, puts: &[Put]) {
        for put in puts {
            self.model.apply(put);
            // What a step wrote the next one sees, however old the rows are that it reads.
            if let Some(key) = put.row_key() {
                self.choice.remove(&key);
            }
        }
    }

    /// All of them as one effect: of a row that several write the last stands.
    pub(super) fn into_one(self, reply: Reply, answers: usize) -> Effect {
        let mut puts: Vec<Put> = Vec::new();
        for put in self.done.iter().flat_map(|step| &step.puts) {
            match puts.iter_mut().find(|before| is_same_row(before, put)) {
                Some(before) => *before = put.clone(),
                None => puts.push(put.clone()),
            }
        }
        let events = self.done.iter().flat_map(|step| step.events.iter().copied()).collect();
        Effect { steps: self.done, answers, ..Effect::of(reply, puts, events) }
    }
}

/// Whether two changes write one row. Moves of an account write none: they add up.
fn is_same_row(one: &Put, other: &Put) -> bool {
    match (one, other) {
        (Put::Stock(one), Put::Stock(other)) => one.batch == other.batch,
        (Put::Card(one), Put::Card(other)) => one.id == other.id,
        (Put::Batch(one), Put::Batch(other)) => one.no == other.no,
        (Put::Format(one), Put::Format(other)) => one.symbols == other.symbols,
        (Put::Redemption(one), Put::Redemption(other)) => one.key == other.key,
        (Put::Hold(one), Put::Hold(other)) => one.hold.id == other.hold.id,
        (Put::Held { owner, unit, .. }, Put::Held { owner: other, unit: of_other, .. }) => {
            owner == other && unit == of_other
        }
        _ => false,
    }
}
