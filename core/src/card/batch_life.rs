//! A batch's life, and what holds for all of its cards at once. None of it is written into their rows: it is laid over them when they
//! are looked at, so that a batch of any size is stopped, killed or prolonged at the cost of one row.

use serde::{Deserialize, Serialize};

use super::{Batch, Card, CardState, Template};
use crate::Invalid;
use crate::denial::Denial;
use crate::time::Instant;

/// Where a batch stands. Frozen lies across.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchLife {
    /// Its cards are given out and used.
    #[default]
    Active,
    /// No more of its cards are given out; those that are out are good.
    Closed,
    /// All of its cards are dead, but for what was used of them.
    Void,
    /// Over, and out of the way; kept for its history. What was redeemed can still be refunded.
    Archived,
}

impl BatchLife {
    /// Every life.
    pub const ALL: [Self; 4] = [Self::Active, Self::Closed, Self::Void, Self::Archived];

    /// The life's name in records, JSON and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Void => "void",
            Self::Archived => "archived",
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        *self == Self::Active
    }
}

/// All cards of a batch were prolonged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BatchExtension {
    /// When that was said.
    pub at: Instant,
    /// To this end, as far as the template allows for each card.
    pub until: Instant,
}

/// When a batch grows by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refill {
    /// When fewer than so many cards are left to give out, 1 or more,
    pub below: u32,
    /// it grows by so many, 1 or more,
    pub by: u32,
    /// and never beyond so many in all.
    pub up_to: u32,
}

/// What can be asked of a batch's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchCommand {
    /// Stop all of its cards for a while.
    Freeze,
    /// Let them move again.
    Unfreeze,
    /// Kill all of them.
    Void,
    /// Prolong all of them.
    Extend,
    /// Give no more of them out.
    Close,
    /// Put it out of the way.
    Archive,
    /// Make it larger, now or by itself.
    Grow,
}

impl BatchCommand {
    /// Every command.
    pub const ALL: [Self; 7] =
        [Self::Freeze, Self::Unfreeze, Self::Void, Self::Extend, Self::Close, Self::Archive, Self::Grow];

    /// The command's name in denials and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Freeze => "freeze",
            Self::Unfreeze => "unfreeze",
            Self::Void => "void",
            Self::Extend => "extend",
            Self::Close => "close",
            Self::Archive => "archive",
            Self::Grow => "grow",
        }
    }
}

/// Most extensions that a batch keeps.
const EXTENSIONS_MAX: usize = 100;

impl Refill {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        for (field, count) in [("refill.below", self.below), ("refill.by", self.by), ("refill.up_to", self.up_to)] {
            if count == 0 {
                return Err(Invalid::new(field, count, "1 or more cards"));
            }
        }
        Ok(())
    }

    /// The size that a batch grows to when so many of its cards were given out; nothing while enough are left.
    pub(crate) fn due(&self, size: u32, given_out: u32) -> Option<u32> {
        let grown = size.saturating_add(self.by).min(self.up_to);
        (size.saturating_sub(given_out) < self.below && grown > size).then_some(grown)
    }
}

impl Batch {
    fn wrong_life(&self, command: BatchCommand) -> Denial {
        let life = if self.frozen.is_some() && self.life == BatchLife::Active { "frozen" } else { self.life.name() };
        Denial::WrongLife { kind: "batch", id: self.id.clone(), life, command: command.name() }
    }

    /// The batch after a command; what else the command changes its caller says.
    ///
    /// # Errors
    /// `wrong_life`.
    pub(crate) fn after(&self, command: BatchCommand, reason: Option<&str>) -> Result<Self, Denial> {
        let next = |life| Ok(Self { life, ..self.clone() });
        match (command, self.life) {
            (BatchCommand::Freeze, BatchLife::Active | BatchLife::Closed) if self.frozen.is_none() => {
                Ok(Self { frozen: Some(reason.unwrap_or_default().to_owned()), ..self.clone() })
            }
            (BatchCommand::Unfreeze, BatchLife::Active | BatchLife::Closed) if self.frozen.is_some() => {
                Ok(Self { frozen: None, ..self.clone() })
            }
            (BatchCommand::Void, BatchLife::Active | BatchLife::Closed) => next(BatchLife::Void),
            (BatchCommand::Extend, BatchLife::Active | BatchLife::Closed) => next(self.life),
            (BatchCommand::Close, BatchLife::Active) => next(BatchLife::Closed),
            (BatchCommand::Archive, BatchLife::Active | BatchLife::Closed) => next(BatchLife::Archived),
            (BatchCommand::Grow, BatchLife::Active) => next(self.life),
            (BatchCommand::Freeze | BatchCommand::Unfreeze, BatchLife::Active | BatchLife::Closed)
            | (BatchCommand::Close | BatchCommand::Grow, BatchLife::Closed)
            | (
                BatchCommand::Freeze
                | BatchCommand::Unfreeze
                | BatchCommand::Void
                | BatchCommand::Extend
                | BatchCommand::Close
                | BatchCommand::Grow,
                BatchLife::Void | BatchLife::Archived,
            )
            // What is void stays void: an archived batch still refunds.
            | (BatchCommand::Archive, BatchLife::Void | BatchLife::Archived) => Err(self.wrong_life(command)),
        }
    }

    /// The batch with another extension.
    pub(crate) fn extended(self, at: Instant, until: Instant) -> Result<Self, Invalid> {
        if self.extensions.len() >= EXTENSIONS_MAX {
            let allowed = format!("at most {EXTENSIONS_MAX} extensions of a batch");
            return Err(Invalid::new("batch", self.extensions.len(), allowed));
        }
        let mut extensions = self.extensions.clone();
        extensions.push(BatchExtension { at, until });
        Ok(Self { extensions, ..self })
    }

    /// Whether anything may be done with its cards: a dead card is dead, whoever killed it.
    ///
    /// # Errors
    /// `void`.
    pub(crate) fn must_live(&self) -> Result<(), Denial> {
        match self.life {
            BatchLife::Void => Err(Denial::Void),
            BatchLife::Active | BatchLife::Closed | BatchLife::Archived => Ok(()),
        }
    }

    /// Whether its cards may move.
    ///
    /// # Errors
    /// `void`, `batch_not_active` (archived), `frozen`.
    pub(crate) fn must_move(&self) -> Result<(), Denial> {
        self.must_live()?;
        if self.life == BatchLife::Archived {
            return Err(self.not_active());
        }
        match &self.frozen {
            Some(reason) => Err(Denial::Frozen { reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// Whether its codes may be exported: those of cards that are given out, or will be.
    ///
    /// # Errors
    /// `void`, `batch_not_active`.
    pub(crate) fn must_export(&self) -> Result<(), Denial> {
        self.must_live()?;
        if self.life.is_active() { Ok(()) } else { Err(self.not_active()) }
    }

    /// Whether its cards may be given out.
    ///
    /// # Errors
    /// `void`, `batch_not_active`, `frozen`.
    pub(crate) fn must_give(&self) -> Result<(), Denial> {
        self.must_move()?;
        if self.life.is_active() { Ok(()) } else { Err(self.not_active()) }
    }

    fn not_active(&self) -> Denial {
        Denial::BatchNotActive { batch: self.id.clone(), life: self.life.name() }
    }

    /// A card with the extensions of its batch: each puts off the end of what had not ended when it was said, unless the template lets
    /// expired cards be extended, too, as far as the template allows for that card.
    pub(crate) fn prolong(&self, card: Card, template: &Template, campaign_end: Option<Instant>) -> Card {
        let (Some(mut end), Some(policy)) = (card.expires_at, &template.draft.policies.extend) else { return card };
        if self.extensions.is_empty() {
            return card;
        }
        let complete = template.complete(&self.parameters, &card.parameters);
        let Some(latest) = template.latest_end(card.claimed_at, campaign_end, &complete) else { return card };
        for extension in &self.extensions {
            if policy.expired || end > extension.at {
                end = end.max(extension.until.min(latest));
            }
        }
        match card.expires_at {
            Some(before) if before < end => Card { expires_at: Some(end), extended_to: Some(end), ..card },
            Some(_) | None => card,
        }
    }

    /// The state and freezing of a card as they hold, the batch's own over the card's.
    pub(crate) fn state_of(&self, card: &Card) -> (CardState, Option<String>) {
        // What was used up is history.
        let dead = self.life == BatchLife::Void && card.state != CardState::Spent;
        let state = if dead { CardState::Void } else { card.state };
        (state, card.frozen.clone().or_else(|| self.frozen.clone()))
    }
}
