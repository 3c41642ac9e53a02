//! A campaign's life: which command leads from where to where. `scheduled` and `ended` follow from its window by the clock.

use super::{Campaign, Life};
use crate::denial::Denial;
use crate::time::{Instant, Window};

/// What can be asked of a campaign's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignCommand {
    /// Let a draft run, from its start on.
    Start,
    /// Let its cards stand still.
    Pause,
    /// Let them move again.
    Resume,
    /// End it now.
    End,
    /// Put it out of the way, for good.
    Archive,
}

impl CampaignCommand {
    /// Every command.
    pub const ALL: [Self; 5] = [Self::Start, Self::Pause, Self::Resume, Self::End, Self::Archive];

    /// The command's name in denials and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::End => "end",
            Self::Archive => "archive",
        }
    }
}

impl Campaign {
    /// The campaign after a command.
    ///
    /// # Errors
    /// `wrong_life`.
    pub(crate) fn after(&self, command: CampaignCommand, now: Instant) -> Result<Self, Denial> {
        let (next, window) = match (command, self.life_at(now)) {
            (CampaignCommand::Start, "draft") | (CampaignCommand::Resume, "paused") => (Life::Running, self.window),
            (CampaignCommand::Pause, "running" | "scheduled") => (Life::Paused, self.window),
            (CampaignCommand::End, "running" | "paused") => {
                let end = self.window.end.map_or(now, |end| end.min(now));
                (Life::Running, Window { end: Some(end), ..self.window })
            }
            (CampaignCommand::Archive, "draft" | "paused" | "ended") => (Life::Archived, self.window),
            (
                CampaignCommand::Start
                | CampaignCommand::Pause
                | CampaignCommand::Resume
                | CampaignCommand::End
                | CampaignCommand::Archive,
                life,
            ) => {
                return Err(Denial::WrongLife { kind: "campaign", id: self.id.clone(), life, command: command.name() });
            }
        };
        Ok(Self { life: next, window, ..self.clone() })
    }
}
