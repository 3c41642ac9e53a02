//! Batches: issued at the cost of a few rows whatever their size, grown, re-keyed, closed for export, given a public code.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::request::Change;
use super::resolve::{CodeText, check_code};
use super::tenant::Realm;
use super::view::View;
use crate::Invalid;
use crate::card::{
    Batch, BatchCommand, BatchLabels, BatchLife, CardState, Displays, EventKind, FormatUse, Life, Parameters,
    PublicCode, RedeemFrom, Target, check_displays, check_given, check_parameters,
};
use crate::code::{CodeFormat, Normalisation};
use crate::denial::Denial;
use crate::id::{BatchNo, Version, check_name};
use crate::limit::{Limit, check_limits};
use crate::store::{Key, Record};

/// Issues a batch of cards.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueBatch {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The host's id.
    pub id: String,
    /// The template.
    pub template: String,
    /// Its version; the newest by default. The cards follow it for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_version: Option<u32>,
    /// The campaign that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The channel that it is made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// How many cards, 1 to 2^30 (2^18 in codes of 12 symbols).
    pub size: u32,
    /// The format of its codes.
    pub format: CodeFormat,
    /// Values of the template's parameters for all of its cards.
    #[serde(default, skip_serializing_if = "Parameters::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub parameters: Parameters,
    /// How its cards show themselves, over the template's own.
    #[serde(default, skip_serializing_if = "Displays::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub display: Displays,
    /// What the host says of it.
    #[serde(default)]
    pub labels: BatchLabels,
    /// Ceilings on what its cards together are used for: uses, and money budgets. At most 20; they stay as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
}

impl IssueBatch {
    /// A batch of `size` cards of the newest version of a template; all else by default.
    pub fn new(meta: Meta, id: impl Into<String>, template: impl Into<String>, size: u32, format: CodeFormat) -> Self {
        Self {
            meta,
            id: id.into(),
            template: template.into(),
            template_version: None,
            campaign: None,
            channel: None,
            size,
            format,
            parameters: Parameters::new(),
            display: Displays::new(),
            labels: BatchLabels::default(),
            limits: Vec::new(),
        }
    }
}

impl Command for IssueBatch {
    type Reply = Arc<Batch>;

    fn op(&self) -> &'static str {
        "issue_batch"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("id", &self.id)?;
        check_name("template", &self.template)?;
        self.campaign.as_deref().map_or(Ok(()), |campaign| check_name("campaign", campaign))?;
        self.channel.as_deref().map_or(Ok(()), |channel| check_name("channel", channel))?;
        if self.size == 0 {
            return Err(Invalid::new("size", 0, "1 or more cards"));
        }
        let labels = &self.labels;
        for (field, text) in [
            ("labels.activity", &labels.activity),
            ("labels.date", &labels.date),
            ("labels.audience", &labels.audience),
            ("labels.source", &labels.source),
        ] {
            if text.len() > 200 || text.chars().any(char::is_control) {
                let allowed = "at most 200 bytes without control characters";
                return Err(Invalid::new(field, format!("{} bytes", text.len()), allowed));
            }
        }
        check_displays("display", &self.display)?;
        check_limits("limits", &self.limits)
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Arc<Batch>), Stop> {
        if let Some(done) = cx.replay::<Batch>(view)? {
            return Ok((None, Arc::new(done)));
        }
        let ((seen, used), batch) = self.made(cx, view)?;
        let batch = Arc::new(batch);
        let mut plan = Plan::new(cx, view);
        plan.write(seen, Record::FormatUse(used));
        plan.write(None, Record::Batch(Arc::clone(&batch)));
        plan.done(cx, EventKind::BatchIssued, Target::Named(self.id.clone()), &*batch)?;
        Ok((Some(plan), batch))
    }
}

impl IssueBatch {
    /// The batch as it is issued, and what is then minted in its format.
    pub(super) fn made(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
    ) -> Result<((Option<Version>, FormatUse), Batch), Stop> {
        if view.batch_named(&self.id)?.is_some() {
            return Err(Denial::Exists { kind: "batch", id: self.id.clone() }.into());
        }
        let Some(template) = view.template(&self.template, self.template_version)? else {
            return Err(Denial::Unknown { kind: "template", id: self.template.clone() }.into());
        };
        check_parameters(&template.draft, &self.parameters)?;
        if template.draft.redeem_from == RedeemFrom::Issued {
            // Its codes are out from now on.
            check_given(&template, template.window.end, view.now)?;
        }
        if let Some(id) = &self.campaign {
            match view.campaign(id)? {
                None => return Err(Denial::Unknown { kind: "campaign", id: id.clone() }.into()),
                Some((campaign, _)) if campaign.life == Life::Archived => {
                    return Err(Denial::CampaignNotRunning { campaign: id.clone(), life: "archived".to_owned() }.into());
                }
                Some(_) => {}
            }
        }
        // They were there first, so no card opens into one of its own batch, directly or through others.
        view.want(template.draft.batches().map(|batch| Key::BatchNamed(batch.to_owned())))?;
        for batch in template.draft.batches() {
            match view.batch_named(batch)? {
                None => return Err(Denial::Unknown { kind: "batch", id: batch.to_owned() }.into()),
                Some((batch, _)) if batch.untouched != CardState::Minted => {
                    let allowed = "one that opens into batches of a template with redeem_from claimed or bound";
                    return Err(Invalid::new("template", "one that gives bearer cards", allowed).into());
                }
                Some(_) => {}
            }
        }
        let slot = cx.keys.minting_slot;
        let (mut used, seen) = format_use(view, self.format)?;
        let number = used.next_number;
        if number > self.format.batch_no_max() {
            return Err(Denial::BatchNumbersUsedUp { symbols: self.format.symbols() }.into());
        }
        check_size(self.format, self.size)?;
        used.add(self.format, slot, u64::from(self.size), template.draft.kind.floor_bits())?;
        used.next_number = number.saturating_add(1);
        let batch = Batch {
            no: BatchNo { symbols: self.format.symbols(), number },
            id: self.id.clone(),
            template: self.template.clone(),
            template_version: template.version,
            campaign: self.campaign.clone(),
            channel: self.channel.clone(),
            size: self.size,
            format: self.format,
            slot,
            untouched: match template.draft.redeem_from {
                RedeemFrom::Issued => CardState::Issued,
                RedeemFrom::Claimed | RedeemFrom::Bound => CardState::Minted,
            },
            normalisation: None,
            parameters: self.parameters.clone(),
            display: self.display.clone(),
            labels: self.labels.clone(),
            export_closed: false,
            life: BatchLife::Active,
            frozen: None,
            extensions: Vec::new(),
            refill: None,
            limits: self.limits.clone(),
            created_at: view.now,
        };
        Ok(((seen, used), batch))
    }
}

pub(super) fn format_use(view: &mut View<'_>, format: CodeFormat) -> Result<(FormatUse, Option<Version>), Stop> {
    Ok(match view.format_use(format.symbols())? {
        Some((used, version)) => (used, Some(version)),
        None => (FormatUse::empty(format.symbols()), None),
    })
}

pub(super) fn check_size(format: CodeFormat, size: u32) -> Result<(), Denial> {
    let most = u64::from(format.size_max());
    if u64::from(size) <= most { Ok(()) } else { Err(Denial::BatchTooLarge { asked: u64::from(size), most }) }
}

/// What can be asked of a batch that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum BatchChange {
    Grow { size: u32 },
    Rekey,
    CloseExport,
    PublicCode { word: CodeText, normalisation: Normalisation },
}

/// Changes a batch's own row.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ChangeBatch {
    meta: Meta,
    batch: String,
    change: BatchChange,
}

impl ChangeBatch {
    /// The batch after the change, and what else has to be written.
    fn change(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        plan: &mut Plan,
        batch: &Batch,
    ) -> Result<(Batch, EventKind), Stop> {
        match &self.change {
            BatchChange::Grow { size } => {
                if *size <= batch.size {
                    return Err(Invalid::new("size", size, format!("more than {}, what it has", batch.size)).into());
                }
                check_size(batch.format, *size)?;
                let grown = batch.after(BatchCommand::Grow, None)?;
                let (mut used, seen) = format_use(view, batch.format)?;
                let floor_bits = used.slots.get(&batch.slot).map_or(0, |slot| slot.floor_bits);
                used.add(batch.format, batch.slot, u64::from(size - batch.size), floor_bits)?;
                plan.write(seen, Record::FormatUse(used));
                Ok((Batch { size: *size, ..grown }, EventKind::BatchGrown))
            }
            BatchChange::Rekey => {
                let slot = cx.keys.minting_slot;
                if slot == batch.slot {
                    let given = "a batch that is sealed under the minting key";
                    return Err(Invalid::new("batch", given, "one of an older key; rotate the keyring first").into());
                }
                let (mut used, seen) = format_use(view, batch.format)?;
                let floor_bits = used.slots.get(&batch.slot).map_or(0, |slot| slot.floor_bits);
                used.remove(batch.slot, u64::from(batch.size));
                used.add(batch.format, slot, u64::from(batch.size), floor_bits)?;
                plan.write(seen, Record::FormatUse(used));
                Ok((Batch { slot, ..batch.clone() }, EventKind::BatchRekeyed))
            }
            BatchChange::CloseExport => Ok((Batch { export_closed: true, ..batch.clone() }, EventKind::ExportClosed)),
            BatchChange::PublicCode { word, normalisation } => {
                if batch.untouched != CardState::Minted {
                    let allowed = "a batch of a template with redeem_from claimed";
                    return Err(Invalid::new("batch", "a batch of bearer cards", allowed).into());
                }
                if let Some(profile) = batch.normalisation.filter(|profile| profile != normalisation) {
                    let name = |profile| serde_json::to_value(profile).map(|name| name.to_string()).unwrap_or_default();
                    let allowed = format!("{}, as for the words that the batch has", name(profile));
                    return Err(Invalid::new("normalisation", name(*normalisation), allowed).into());
                }
                let (index, sealed) = cx.keys.seal_word(&cx.realm.formats, word, *normalisation)?;
                if view.public_code(index)?.is_some() {
                    return Err(Denial::Exists { kind: "public_code", id: "…".to_owned() }.into());
                }
                plan.write(None, Record::PublicCode(PublicCode { index, batch: batch.no, sealed }));
                Ok((Batch { normalisation: Some(*normalisation), ..batch.clone() }, EventKind::PublicCodeSaved))
            }
        }
    }
}

impl Command for ChangeBatch {
    type Reply = Arc<Batch>;

    fn op(&self) -> &'static str {
        match self.change {
            BatchChange::Grow { .. } => "grow_batch",
            BatchChange::Rekey => "rekey_batch",
            BatchChange::CloseExport => "close_export",
            BatchChange::PublicCode { .. } => "save_public_code",
        }
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("batch", &self.batch)?;
        match &self.change {
            BatchChange::PublicCode { word, .. } => check_code("word", &word.0),
            BatchChange::Grow { .. } | BatchChange::Rekey | BatchChange::CloseExport => Ok(()),
        }
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Arc<Batch>), Stop> {
        if let Some(done) = cx.replay::<Batch>(view)? {
            return Ok((None, Arc::new(done)));
        }
        let Some((batch, seen)) = view.batch_named(&self.batch)? else {
            return Err(Denial::Unknown { kind: "batch", id: self.batch.clone() }.into());
        };
        let mut plan = Plan::new(cx, view);
        let (next, kind) = self.change(cx, view, &mut plan, &batch)?;
        let next = Arc::new(next);
        plan.write(Some(seen), Record::Batch(Arc::clone(&next)));
        plan.done(cx, kind, Target::Named(self.batch.clone()), &*next)?;
        Ok((Some(plan), next))
    }
}

impl Change for IssueBatch {
    type Reply = Arc<Batch>;

    fn change(self, tenant: &Tenant) -> Call<Arc<Batch>> {
        match issuable(&tenant.realm, self.format) {
            Ok(()) => submit(&tenant.realm, self),
            Err(error) => Call::ready(Err(error)),
        }
    }
}

/// Whether the engine can mint in this format at all.
fn issuable(realm: &Realm, format: CodeFormat) -> Result<(), Error> {
    if !realm.formats.contains(&format) {
        return Err(Invalid::new("format", format, "a format that the engine was given").into());
    }
    let slot = realm.keys("issue a batch")?.minting_slot;
    if slot > format.slot_max() {
        let allowed = format!("a format with room for key slot {slot}: 24 symbols");
        return Err(Invalid::new("format", format, allowed).into());
    }
    Ok(())
}

/// Makes a batch larger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrowBatch {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The batch.
    pub batch: String,
    /// How many cards it has then, more than now.
    pub size: u32,
}

/// Seals a batch anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RekeyBatch {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The batch.
    pub batch: String,
}

/// Closes a batch for export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseExport {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The batch.
    pub batch: String,
}

/// Gives a batch a public code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavePublicCode {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The batch; its template has `redeem_from` claimed.
    pub batch: String,
    /// The word, 3 to 40 characters.
    pub word: CodeText,
    /// How words are compared; the same for all words of a batch.
    pub normalisation: Normalisation,
}

impl SavePublicCode {
    /// A word for a batch.
    pub fn new(meta: Meta, batch: impl Into<String>, word: impl Into<String>, normalisation: Normalisation) -> Self {
        Self { meta, batch: batch.into(), word: CodeText(word.into()), normalisation }
    }
}

/// Each of these changes a batch's own row.
macro_rules! changes_batch {
    ($($request:ident { $($field:ident),* } => $change:expr;)*) => {$(
        impl Change for $request {
            type Reply = Arc<Batch>;

            fn change(self, tenant: &Tenant) -> Call<Arc<Batch>> {
                let Self { meta, batch, $($field),* } = self;
                submit(&tenant.realm, ChangeBatch { meta, batch, change: $change })
            }
        }
    )*};
}

changes_batch! {
    GrowBatch { size } => BatchChange::Grow { size };
    RekeyBatch {} => BatchChange::Rekey;
    CloseExport {} => BatchChange::CloseExport;
    SavePublicCode { word, normalisation } => BatchChange::PublicCode { word, normalisation };
}
