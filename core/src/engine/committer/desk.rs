//! The queue, and the two rights of a leader: to plan and to commit. Each gives itself back however its work ends.

use std::sync::Arc;

use super::super::sync::AtomicBool;
use super::super::view::Overlay;
use super::{Committer, Ticket, VecDeque};
use crate::entropy::Entropy;

pub(super) struct Queue {
    pub waiting: VecDeque<Ticket>,
    /// Somebody takes and decides the next group.
    pub planning: bool,
    /// The right to commit; `None` while somebody does.
    pub desk: Option<Desk>,
    /// What is being committed.
    pub in_flight: Option<Arc<Flight>>,
    /// Sizes of the last two groups.
    pub sizes: [usize; 2],
    /// About as many calls as callers keep going: the last group, and what came while it was committed.
    pub going: usize,
    /// How many sleep until something moves.
    pub asleep: usize,
    pub background: bool,
    /// Whether the thread of the engine's own waits to be told of calls.
    pub sleeping: bool,
    pub closed: bool,
}

/// In about so many parts a group is planned while the one before it is committed.
const PARTS: usize = 4;

impl Queue {
    pub(super) fn new(desk: Desk) -> Self {
        Self {
            waiting: VecDeque::new(),
            planning: false,
            desk: Some(desk),
            in_flight: None,
            sizes: [0; 2],
            going: 0,
            asleep: 0,
            background: false,
            sleeping: false,
            closed: false,
        }
    }

    /// How many calls are worth planning while the desk is taken: a part of a group. Reading and deciding a few at a time costs
    /// more than all at once, and waiting for all of them leaves the desk without work when it is free.
    pub(super) fn worth_planning(&self) -> usize {
        (self.sizes.iter().sum::<usize>() / (2 * PARTS)).max(1)
    }

    /// How many calls are worth waiting for while they keep coming: half of what callers keep going, so that their thread makes
    /// the other half while these are committed.
    pub(super) fn worth_gathering(&self) -> usize {
        self.going / 2
    }

    pub(super) fn is_idle(&self) -> bool {
        !self.planning && self.desk.is_some()
    }
}

/// Where the committer's next event stands in the journal.
pub(super) struct Desk {
    pub writer: u64,
    pub next_event: u64,
}

impl Desk {
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        // 63 bits, so that every store can keep it in a signed column.
        Self { writer: entropy.next_u64() >> 1, next_event: 0 }
    }
}

/// A group whose changes are on their way into the store.
pub(super) struct Flight {
    pub overlay: Overlay,
    /// Whether all of it was committed at once: only then do decisions stand that were made on it.
    pub whole: AtomicBool,
}

impl Flight {
    pub(super) fn new(overlay: Overlay) -> Self {
        Self { overlay, whole: AtomicBool::new(false) }
    }
}

/// The right to plan.
pub(super) struct Planning<'a>(pub &'a Committer);

impl Drop for Planning<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.planning = false;
        if queue.desk.is_some() {
            // Whoever closes waits for this, too.
            self.0.moved.notify_all();
        }
        self.0.hand_over(queue);
    }
}

/// The right to commit.
pub(super) struct AtDesk<'a> {
    pub committer: &'a Committer,
    pub desk: Desk,
}

impl Drop for AtDesk<'_> {
    fn drop(&mut self) {
        let fresh = Desk::new(&*self.committer.entropy);
        // After a panic nobody knows how many events were written.
        let desk = if std::thread::panicking() { fresh } else { std::mem::replace(&mut self.desk, fresh) };
        let mut queue = self.committer.queue();
        queue.going = queue.sizes.last().copied().unwrap_or_default() + queue.waiting.len();
        queue.desk = Some(desk);
        queue.in_flight = None;
        // Telling nobody costs as much as telling somebody, and a lone caller would pay it in every call.
        let anybody = queue.asleep > 0;
        drop(queue);
        if anybody {
            self.committer.moved.notify_all();
        }
    }
}
