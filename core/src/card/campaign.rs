//! Campaigns and their audiences.

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::denial::Denial;
use crate::id::check_name;
use crate::limit::{Limit, check_limits};
use crate::money::check_amount;
use crate::subject::SubjectKey;
use crate::time::{Instant, Window};

/// The stored part of a campaign's life. Scheduled and ended are derived from its window by the clock, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// Being written; none of its cards can be issued, claimed or redeemed.
    Draft,
    /// Cards move while the window is open.
    #[default]
    Running,
    /// Cards stand still until it runs again.
    Paused,
    /// Over for good; kept for its history.
    Archived,
}

/// Who may claim a campaign's cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Anybody.
    #[default]
    Open,
    /// Only the members that were listed.
    Listed,
}

/// What a campaign is meant to reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// The host's name for the measure, such as `redemptions` or `new_customers`.
    pub measure: String,
    /// The figure to reach, 1 or more.
    pub target: i64,
}

/// Groups batches under a goal and a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Campaign {
    /// The host's id.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The stored part of its life.
    pub life: Life,
    /// When its cards may move.
    pub window: Window,
    /// What it is meant to reach.
    pub goal: Option<Goal>,
    /// Who may claim.
    pub audience: Audience,
    /// Ceilings on what all of its cards together are used for: uses, and money budgets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
}

impl Campaign {
    /// Refuses what cannot be meant.
    pub fn check(&self) -> Result<(), Invalid> {
        check_name("id", &self.id)?;
        check_title("title", &self.title)?;
        check_limits("limits", &self.limits)?;
        if let Some(goal) = &self.goal {
            check_name("goal.measure", &goal.measure)?;
            check_amount("goal.target", goal.target, 1)?;
        }
        Ok(())
    }

    /// The campaign's life at a moment, as one word: `draft`, `scheduled`, `running`, `paused`, `ended`, `archived`.
    pub fn life_at(&self, now: Instant) -> &'static str {
        match self.life {
            Life::Draft => "draft",
            Life::Paused => "paused",
            Life::Archived => "archived",
            Life::Running if self.window.start.is_some_and(|start| now < start) => "scheduled",
            Life::Running if self.window.end.is_some_and(|end| now >= end) => "ended",
            Life::Running => "running",
        }
    }

    pub(crate) fn must_run(&self, now: Instant) -> Result<(), Denial> {
        match (self.life_at(now), self.window.start, self.window.end) {
            ("running", _, _) => Ok(()),
            ("scheduled", Some(starts_at), _) => Err(Denial::NotStarted { starts_at }),
            ("ended", _, Some(expired_at)) => Err(Denial::Expired { expired_at }),
            (life, _, _) => Err(Denial::CampaignNotRunning { campaign: self.id.clone(), life: life.to_owned() }),
        }
    }
}

/// Refuses a title that is empty, longer than 200 characters or holds control characters.
pub(crate) fn check_title(field: &str, title: &str) -> Result<(), Invalid> {
    if (1..=200).contains(&title.chars().take(201).count()) && !title.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Invalid::new(field, format!("{} bytes", title.len()), "1 to 200 characters, none a control character"))
}

/// One subject on a campaign's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudienceMember {
    /// The campaign.
    pub campaign: String,
    /// Who was listed.
    pub subject: SubjectKey,
}
