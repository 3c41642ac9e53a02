//! Promotions: saved, revised, paused, archived. They stand in the tenant's settings, which every order has in sight.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::batches::IssueBatch;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::request::{Change, Read};
use super::view::View;
use crate::Invalid;
use crate::card::{
    Batch, EventKind, Parameters, Promotion, PromotionCommand, PromotionLife, Promotions, Refill, Target,
};
use crate::code::CodeFormat;
use crate::denial::Denial;
use crate::id::check_name;
use crate::limit::Limit;
use crate::store::Record;

/// Saves a promotion: what a template gives comes off every order by itself. Of one that is there a new revision is made, which counts on
/// its own what is limited per batch; limits of the template and of the campaign go on counting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavePromotion {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The host's id, at most 48 bytes.
    pub id: String,
    /// The template: of coupons that are claimed (`redeem_from: claimed`) and used once.
    pub template: String,
    /// Its version; the newest by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_version: Option<u32>,
    /// The campaign whose window, life and limits hold for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Values of the template's parameters.
    #[serde(default, skip_serializing_if = "Parameters::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub parameters: Parameters,
    /// Ceilings on what this revision is used for: uses, and money budgets. At most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
}

impl SavePromotion {
    /// A promotion of the newest version of a template; all else by default.
    pub fn new(meta: Meta, id: impl Into<String>, template: impl Into<String>) -> Self {
        Self {
            meta,
            id: id.into(),
            template: template.into(),
            template_version: None,
            campaign: None,
            parameters: Parameters::new(),
            limits: Vec::new(),
        }
    }

    /// The batch whose cards are its uses. It grows by itself; nobody is ever told a code of it, so its codes are closed for export.
    fn batch(&self, revision: u32) -> IssueBatch {
        let id = format!("{}.r{revision}", self.id);
        IssueBatch {
            template_version: self.template_version,
            campaign: self.campaign.clone(),
            parameters: self.parameters.clone(),
            limits: self.limits.clone(),
            ..IssueBatch::new(self.meta.clone(), id, self.template.clone(), FIRST_CARDS, CodeFormat::S20)
        }
    }
}

const FIRST_CARDS: u32 = 1_000_000;
/// As many as a batch can have.
const CARDS_MAX: u32 = 1 << 30;
const ID_BYTES_MAX: usize = 48;

impl Command for SavePromotion {
    type Reply = Promotion;

    fn op(&self) -> &'static str {
        "save_promotion"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("id", &self.id)?;
        if self.id.len() > ID_BYTES_MAX {
            let given = format!("{} bytes", self.id.len());
            return Err(Invalid::new("id", given, format!("at most {ID_BYTES_MAX} bytes")));
        }
        self.batch(1).check()
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Promotion), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let (before, seen) = view.settings_row()?.unzip();
        let mut settings = before.unwrap_or_default();
        let (revision, life) = match settings.promotions.get(&self.id) {
            Some(before) => (before.revision.saturating_add(1), before.after(PromotionCommand::Save)?),
            None => (1, PromotionLife::Running),
        };
        if let Some(template) = view.template(&self.template, self.template_version)? {
            template.draft.check_promotion()?;
        }
        let mut plan = Plan::new(cx, view);
        let (used, batch) = self.batch(revision).made(cx, view)?;
        let refill = Some(Refill { below: FIRST_CARDS / 2, by: FIRST_CARDS, up_to: CARDS_MAX });
        let batch = Arc::new(Batch { export_closed: true, refill, ..batch });
        let promotion = Promotion {
            id: self.id.clone(),
            revision,
            template: batch.template.clone(),
            template_version: batch.template_version,
            campaign: batch.campaign.clone(),
            batch: batch.id.clone(),
            no: batch.no,
            life,
            saved_at: view.now,
        };
        settings.promotions = Arc::new(settings.promotions.with(promotion.clone())?);
        plan.write(used.0, Record::FormatUse(used.1));
        plan.write(None, Record::Batch(Arc::clone(&batch)));
        plan.write(seen, Record::Settings(settings));
        plan.aside(cx, EventKind::BatchIssued, Target::Named(batch.id.clone()), &*batch)?;
        plan.done(cx, EventKind::SettingsSaved, Target::Named(self.id.clone()), &promotion)?;
        Ok((Some(plan), promotion))
    }
}

impl Change for SavePromotion {
    type Reply = Promotion;

    fn change(self, tenant: &Tenant) -> Call<Promotion> {
        submit(&tenant.realm, self)
    }
}

/// A command that moves a promotion from one life to another.
#[derive(Debug, Clone, Serialize)]
struct MovePromotion {
    meta: Meta,
    id: String,
    command: PromotionCommand,
}

impl Command for MovePromotion {
    type Reply = Promotion;

    fn op(&self) -> &'static str {
        match self.command {
            PromotionCommand::Save => "save_promotion",
            PromotionCommand::Pause => "pause_promotion",
            PromotionCommand::Resume => "resume_promotion",
            PromotionCommand::Archive => "archive_promotion",
        }
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("id", &self.id)
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Promotion), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let (before, seen) = view.settings_row()?.unzip();
        let mut settings = before.unwrap_or_default();
        let Some(before) = settings.promotions.get(&self.id) else {
            return Err(Denial::Unknown { kind: "promotion", id: self.id.clone() }.into());
        };
        let promotion = Promotion { life: before.after(self.command)?, ..before.clone() };
        settings.promotions = Arc::new(settings.promotions.with(promotion.clone())?);
        let mut plan = Plan::new(cx, view);
        plan.write(seen, Record::Settings(settings));
        plan.done(cx, EventKind::SettingsSaved, Target::Named(self.id.clone()), &promotion)?;
        Ok((Some(plan), promotion))
    }
}

/// Requests about a promotion that say nothing but which.
macro_rules! on_promotion {
    ($($(#[doc = $doc:literal])+ $request:ident => $command:ident;)*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $request {
            /// Key, reason, origin.
            pub meta: Meta,
            /// The promotion.
            pub id: String,
        }

        impl From<(Meta, &str)> for $request {
            fn from((meta, id): (Meta, &str)) -> Self {
                Self { meta, id: id.to_owned() }
            }
        }

        impl Change for $request {
            type Reply = Promotion;

            fn change(self, tenant: &Tenant) -> Call<Promotion> {
                let Self { meta, id } = self;
                submit(&tenant.realm, MovePromotion { meta, id, command: PromotionCommand::$command })
            }
        }
    )*};
}

on_promotion! {
    /// Takes a promotion off orders for now.
    PausePromotion => Pause;
    /// Lets a paused promotion come off orders again.
    ResumePromotion => Resume;
    /// Takes a promotion off orders for good.
    ArchivePromotion => Archive;
}

/// Asks for the promotions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPromotions {}

impl Read for ListPromotions {
    type Reply = Vec<Promotion>;

    fn read(self, tenant: &Tenant) -> Result<Vec<Promotion>, Error> {
        let saved: Arc<Promotions> = tenant.realm.look(|view| view.promotions())?;
        Ok(saved.0.clone())
    }
}
