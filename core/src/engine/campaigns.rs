//! The life of campaigns, and how far they have come towards their goal; what changed between two versions of a template.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::figures::{BatchCount, BatchFigures, CountBatch};
use super::reads::PAGE_MAX;
use super::request::{Begin, Change, Progress, Read};
use super::view::View;
use crate::Invalid;
use crate::card::{Campaign, CampaignCommand, EventKind, Goal, Target, TemplateChange, changes};
use crate::denial::Denial;
use crate::id::check_name;
use crate::store::{Record, Scan, ScanOf};

/// Requests about a campaign's life.
macro_rules! on_campaign {
    ($($(#[doc = $doc:literal])+ $request:ident => $command:ident, $op:literal;)*) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
            #[serde(deny_unknown_fields)]
            pub struct $request {
                /// Key, reason, origin.
                pub meta: Meta,
                /// The campaign.
                pub campaign: String,
            }

            impl From<(Meta, &str)> for $request {
                fn from((meta, campaign): (Meta, &str)) -> Self {
                    Self { meta, campaign: campaign.to_owned() }
                }
            }

            impl Change for $request {
                type Reply = Campaign;

                fn change(self, tenant: &Tenant) -> Call<Campaign> {
                    let Self { meta, campaign } = self;
                    submit(&tenant.realm, MoveCampaign { meta, campaign, command: CampaignCommand::$command })
                }
            }
        )*

        fn op_of(command: CampaignCommand) -> &'static str {
            match command {
                $(CampaignCommand::$command => $op,)*
            }
        }
    };
}

on_campaign! {
    /// Lets a draft run, from its start on.
    StartCampaign => Start, "start_campaign";
    /// Lets the cards of a campaign stand still.
    PauseCampaign => Pause, "pause_campaign";
    /// Lets the cards of a paused campaign move again.
    ResumeCampaign => Resume, "resume_campaign";
    /// Ends a campaign now.
    EndCampaign => End, "end_campaign";
    /// Puts a campaign out of the way, for good.
    ArchiveCampaign => Archive, "archive_campaign";
}

#[derive(Debug, Clone, Serialize)]
struct MoveCampaign {
    meta: Meta,
    campaign: String,
    #[serde(skip)]
    command: CampaignCommand,
}

impl Command for MoveCampaign {
    type Reply = Campaign;

    fn op(&self) -> &'static str {
        op_of(self.command)
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("campaign", &self.campaign)
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Campaign), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let Some((campaign, seen)) = view.campaign(&self.campaign)? else {
            return Err(Denial::Unknown { kind: "campaign", id: self.campaign.clone() }.into());
        };
        let next = campaign.after(self.command, view.now)?;
        let mut plan = Plan::new(cx, view);
        plan.write(Some(seen), Record::Campaign(next.clone()));
        plan.done(cx, EventKind::CampaignMoved, Target::Named(self.campaign.clone()), &next)?;
        Ok((Some(plan), next))
    }
}

/// Counts how far a campaign has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureCampaign {
    /// The campaign.
    pub campaign: String,
}

impl From<&str> for MeasureCampaign {
    fn from(campaign: &str) -> Self {
        Self { campaign: campaign.to_owned() }
    }
}

/// How far a campaign has come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CampaignProgress {
    /// The campaign.
    pub campaign: String,
    /// Its life at the moment the count began, as one word.
    pub life: String,
    /// Its batches.
    pub batches: u32,
    /// Their cards.
    pub cards: u64,
    /// Cards that holders took.
    pub claims: u64,
    /// Uses captured and not given back.
    pub redemptions: u64,
    /// What it is meant to reach.
    pub goal: Option<Goal>,
    /// How far it has come, in the goal's measure: `claims` or `redemptions`. Other measures are the host's own to count.
    pub reached: Option<i64>,
}

/// The measure of a campaign on its way: a page of batches, then a page of cards each step.
pub struct CampaignCount {
    tenant: Tenant,
    after: Option<String>,
    /// Batches of the page that are not counted yet.
    waiting: Vec<String>,
    counting: Option<BatchCount>,
    scanned: bool,
    done: u64,
    progress: CampaignProgress,
}

impl CampaignCount {
    /// Reads the next page; the figures once the last was read, and again with every step behind it.
    ///
    /// # Errors
    /// Only faults of the store. The place stays, so the step can be repeated.
    pub fn step(&mut self) -> Result<Option<CampaignProgress>, Error> {
        self.tenant.must_be_home()?;
        if let Some(counting) = &mut self.counting {
            if let Some(figures) = counting.step()? {
                self.counting = None;
                self.add(&figures);
            }
            return Ok(None);
        }
        if let Some(batch) = self.waiting.last() {
            self.counting = Some(CountBatch { batch: batch.clone() }.begin(&self.tenant)?);
            self.waiting.pop();
            return Ok(None);
        }
        if !self.scanned {
            self.next_batches()?;
            return Ok(None);
        }
        self.progress.reached = self.reached();
        Ok(Some(self.progress.clone()))
    }

    fn next_batches(&mut self) -> Result<(), Error> {
        let realm = &self.tenant.realm;
        let after = self.after.clone();
        let scan = Scan { tenant: realm.key.clone(), of: ScanOf::Batches, after, limit: PAGE_MAX };
        let page = realm.store.scan(&scan)?;
        self.waiting.extend(page.items.iter().filter_map(|stored| match &stored.record {
            Record::Batch(batch) if batch.campaign.as_ref() == Some(&self.progress.campaign) => Some(batch.id.clone()),
            _ => None,
        }));
        self.scanned = page.next.is_none();
        self.after = page.next;
        Ok(())
    }

    fn add(&mut self, figures: &BatchFigures) {
        let progress = &mut self.progress;
        progress.batches += 1;
        progress.cards += u64::from(figures.size);
        progress.claims += [figures.claimed, figures.bound, figures.spent].map(u64::from).iter().sum::<u64>();
        progress.redemptions += figures.uses;
        self.done += u64::from(figures.size);
    }

    fn reached(&self) -> Option<i64> {
        let goal = self.progress.goal.as_ref()?;
        let figure = match goal.measure.as_str() {
            "claims" => self.progress.claims,
            "redemptions" => self.progress.redemptions,
            _ => return None,
        };
        Some(i64::try_from(figure).unwrap_or(i64::MAX))
    }

    /// Cards counted; the total grows with the batches that are found.
    pub fn progress(&self) -> Progress {
        let counting = self.counting.as_ref().map(BatchCount::progress).unwrap_or_default();
        Progress { done: self.done + counting.done, total: self.done + counting.total }
    }

    /// Walks to the end.
    ///
    /// # Errors
    /// Only faults of the store.
    pub fn wait(mut self) -> Result<CampaignProgress, Error> {
        loop {
            if let Some(progress) = self.step()? {
                return Ok(progress);
            }
        }
    }
}

impl std::fmt::Debug for CampaignCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CampaignCount").field("done", &self.done).finish_non_exhaustive()
    }
}

impl Begin for MeasureCampaign {
    type Cursor = CampaignCount;

    fn begin(self, tenant: &Tenant) -> Result<CampaignCount, Error> {
        check_name("campaign", &self.campaign)?;
        let now = tenant.realm.now();
        let campaign = tenant.realm.look(|view| view.campaign(&self.campaign))?;
        let Some((campaign, _)) = campaign else {
            return Err(Error::Denied(Denial::Unknown { kind: "campaign", id: self.campaign }));
        };
        let life = campaign.life_at(now).to_owned();
        let progress =
            CampaignProgress { campaign: campaign.id, life, goal: campaign.goal, ..CampaignProgress::default() };
        let (tenant, waiting) = (tenant.clone(), Vec::new());
        Ok(CampaignCount { tenant, after: None, waiting, counting: None, scanned: false, done: 0, progress })
    }
}

/// Compares two versions of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiffTemplates {
    /// The template.
    pub id: String,
    /// The version before.
    pub before: u32,
    /// The version after; the newest by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
}

impl Read for DiffTemplates {
    type Reply = Vec<TemplateChange>;

    fn read(self, tenant: &Tenant) -> Result<Vec<TemplateChange>, Error> {
        check_name("id", &self.id)?;
        let (before, after) = tenant.realm.look(|view| {
            let before = view.template(&self.id, Some(self.before));
            let after = view.template(&self.id, self.after);
            Ok((before?, after?))
        })?;
        match (before, after) {
            (Some(before), Some(after)) => changes(&before.draft, &after.draft)
                .map_err(|_| Error::Internal("a template cannot be written as JSON".to_owned())),
            (None, _) | (_, None) => Err(Error::Denied(Denial::Unknown { kind: "template", id: self.id })),
        }
    }
}
