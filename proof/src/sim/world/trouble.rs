//! Trouble where an engine touches its store.

use super::{DEPTH_MAX, Phase, State};
use crate::sim::faults::Fault;

/// Where an engine touches its store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum At {
    Load,
    Scan,
    Turn,
    Commit,
}

/// What becomes of that.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    Busy,
    Fails,
    Gone,
    GoneAfter,
    Lost,
    LostAfter,
    Late,
    Conflict,
    Panic,
    PanicAfter,
}

impl State {
    /// Whether this kind of trouble may come now.
    pub fn allows(&self, fault: Fault) -> bool {
        self.phase == Phase::Wild && self.inclined.has(fault)
    }

    /// How often something else comes first.
    pub(super) fn interrupts(&mut self) -> u64 {
        let meddles = self.phase == Phase::Finale || self.allows(Fault::Meddling);
        let free = self.depth < DEPTH_MAX && self.violation.is_none() && meddles;
        if !free || !self.dice.in_thousand(300) {
            return 0;
        }
        self.hit(Fault::Meddling);
        1 + self.dice.below(3)
    }

    pub(super) fn trouble_at(&mut self, engine: usize, at: At) -> Trouble {
        if self.phase != Phase::Wild {
            return Trouble::None;
        }
        if at == At::Commit && self.storm > 0 {
            self.storm -= 1;
            return Trouble::Conflict;
        }
        if !self.dice.in_thousand(self.trouble) {
            return Trouble::None;
        }
        let kinds: &[(Fault, Trouble, u64)] = match at {
            At::Load => &[
                (Fault::BusyRead, Trouble::Busy, 3),
                (Fault::ReadFailed, Trouble::Fails, 2),
                (Fault::CrashReading, Trouble::Gone, 1),
            ],
            At::Turn => &[(Fault::BusyCommit, Trouble::Busy, 2), (Fault::CrashReading, Trouble::Gone, 1)],
            At::Scan => &[(Fault::ScanFailed, Trouble::Fails, 1)],
            At::Commit => &[
                (Fault::CrashBeforeCommit, Trouble::Gone, 2),
                (Fault::CrashAfterCommit, Trouble::GoneAfter, 3),
                (Fault::LostReply, Trouble::LostAfter, 5),
                (Fault::LostCommit, Trouble::Lost, 3),
                (Fault::LateCommit, Trouble::Late, 60),
                (Fault::BusyCommit, Trouble::Busy, 2),
                (Fault::DiskFull, Trouble::Fails, 3),
                (Fault::Conflict, Trouble::Conflict, 5),
                (Fault::ConflictStorm, Trouble::Conflict, 1),
                (Fault::PanicBefore, Trouble::Panic, 1),
                (Fault::PanicAfter, Trouble::PanicAfter, 1),
            ],
        };
        let possible = |fault: Fault| self.allows(fault) && (fault != Fault::LateCommit || !self.settles);
        let weights: Vec<_> =
            kinds.iter().map(|(fault, _, weight)| if possible(*fault) { *weight } else { 0 }).collect();
        let storm = self.dice.below(25);
        let Some((fault, trouble, _)) = kinds.get(self.dice.weighed(&weights)).copied() else { return Trouble::None };
        if weights.iter().all(|weight| *weight == 0) {
            return Trouble::None;
        }
        self.hit(fault);
        match fault {
            Fault::ConflictStorm => self.storm = usize::try_from(storm).unwrap_or(0),
            Fault::CrashBeforeCommit | Fault::CrashAfterCommit | Fault::CrashReading => {
                self.places[engine].dead = true;
            }
            _ => {}
        }
        trouble
    }
}
