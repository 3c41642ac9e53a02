//! What the world does next.

use std::sync::Arc;

use cardmint::card::Life;

use super::{ENGINES, State};
use crate::request::{Asked, What};
use crate::ring::RINGS;
use crate::sim::faults::Fault;
use crate::sim::requests;

/// One move.
pub(super) enum Move {
    Submit { engine: usize, asked: Arc<Asked>, deadline_ms: Option<u32> },
    Lead { engine: usize },
    Restart { engine: usize, ring: usize },
    Withdraw { place: usize },
    Land { place: usize },
    LookUp { engine: usize },
    Nothing,
}

impl State {
    fn at_rest(&mut self) -> Option<usize> {
        let rest: Vec<_> = (0..ENGINES).filter(|engine| self.places[*engine].inside == 0).collect();
        self.dice.pick(&rest).copied()
    }

    /// Of a shop that closes while a commit of this engine hangs in the dark: what is tried again is denied then, and may come all the
    /// same. Another engine is asked to pause a campaign that runs.
    pub(super) fn closing(&mut self, engine: usize) -> Option<(usize, Arc<Asked>)> {
        if !self.dice.in_thousand(300) {
            return None;
        }
        let other = self.at_rest().filter(|other| *other != engine)?;
        let running: Vec<_> =
            self.judge.model.campaigns.values().filter(|campaign| campaign.life == Life::Running).collect();
        let campaign = *self.dice.pick(&running)?;
        let (id, audience) = (campaign.id.clone(), campaign.audience);
        let what = What::SaveCampaign { id, life: Life::Paused, start: None, end: None, audience };
        Some((other, Arc::new(Asked { key: self.shop.key(), what })))
    }

    pub(super) fn next_move(&mut self) -> Move {
        let crowded = self.open.len() >= self.options.callers.max(1);
        // Submitting, leading, restarting, withdrawing, landing, looking.
        let weights = [if crowded { 0 } else { 60 }, 32, 1, 2, 2, 3];
        match self.dice.weighed(&weights) {
            0 => {
                let engine = self.dice.place(ENGINES);
                let Some(asked) = requests::next(self, engine) else { return Move::Nothing };
                let short = self.allows(Fault::ShortDeadline) && self.dice.in_thousand(40);
                if short {
                    self.hit(Fault::ShortDeadline);
                }
                let deadline_ms = short.then(|| 1 + u32::try_from(self.dice.below(60)).unwrap_or(0));
                Move::Submit { engine, asked, deadline_ms }
            }
            1 => {
                let led: Vec<_> = (0..ENGINES)
                    .filter(|engine| self.places[*engine].inside == 0)
                    .filter(|engine| self.open.iter().any(|open| open.engine == *engine))
                    .collect();
                match self.dice.pick(&led) {
                    Some(engine) => Move::Lead { engine: *engine },
                    None => Move::Nothing,
                }
            }
            2 => match self.at_rest() {
                Some(engine) if self.allows(Fault::RestartRotated) && self.dice.in_thousand(500) => {
                    self.hit(Fault::RestartRotated);
                    Move::Restart { engine, ring: self.dice.place(RINGS) }
                }
                Some(engine) if self.allows(Fault::Restart) => {
                    self.hit(Fault::Restart);
                    Move::Restart { engine, ring: self.places[engine].ring_number }
                }
                _ => Move::Nothing,
            },
            3 if !self.open.is_empty() => {
                let place = self.dice.place(self.open.len());
                let inside = self.places[self.open[place].engine].inside > 0;
                let kind = if inside { Fault::WithdrawnInFlight } else { Fault::Withdrawn };
                if self.allows(kind) { Move::Withdraw { place } } else { Move::Nothing }
            }
            4 if !self.late.is_empty() => Move::Land { place: self.dice.place(self.late.len()) },
            5 => match self.at_rest() {
                Some(engine) => Move::LookUp { engine },
                None => Move::Nothing,
            },
            _ => Move::Nothing,
        }
    }
}
