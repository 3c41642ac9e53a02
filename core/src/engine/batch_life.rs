//! A batch's life: frozen, unfrozen, voided, extended, closed, archived, refilled. Control rows all: no card is read or written, and what
//! was said holds everywhere within the lag.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::batches::{check_size, format_use};
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::owner::end_of;
use super::request::Change;
use super::resolve::Ground;
use super::view::View;
use crate::Invalid;
use crate::card::{Batch, BatchCommand, CardState, EventKind, Refill, Target};
use crate::denial::Denial;
use crate::id::{Version, check_name};
use crate::store::Record;
use crate::time::{Instant, Zone};

/// Requests about a batch that say nothing but which.
macro_rules! on_batch {
    ($($(#[doc = $doc:literal])+ $request:ident => $change:expr;)*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $request {
            /// Key, reason, origin.
            pub meta: Meta,
            /// The batch.
            pub batch: String,
        }

        impl From<(Meta, &str)> for $request {
            fn from((meta, batch): (Meta, &str)) -> Self {
                Self { meta, batch: batch.to_owned() }
            }
        }

        impl Change for $request {
            type Reply = Arc<Batch>;

            fn change(self, tenant: &Tenant) -> Call<Arc<Batch>> {
                submit(&tenant.realm, LiveBatch { meta: self.meta, batch: self.batch, change: $change })
            }
        }
    )*};
}

on_batch! {
    /// Stops all cards of a batch; needs a reason.
    FreezeBatch => LifeChange::Freeze;
    /// Lets the cards of a frozen batch move again.
    UnfreezeBatch => LifeChange::Unfreeze;
    /// Kills all cards of a batch; needs a reason.
    VoidBatch => LifeChange::Void;
    /// Gives no more cards of a batch out.
    CloseBatch => LifeChange::Close;
    /// Puts a batch out of the way.
    ArchiveBatch => LifeChange::Archive;
}

/// Puts off the end of all cards of a batch, as far as its template allows for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendBatch {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The batch.
    pub batch: String,
    /// The new end: a date of the template's zone (that day still counts) or an RFC 3339 instant (which does not).
    pub until: String,
}

/// Lets a batch grow by itself as it runs low, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefillBatch {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The batch; its cards are claimed.
    pub batch: String,
    /// When and by how much; nothing to stop it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refill: Option<Refill>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
enum LifeChange {
    Freeze,
    Unfreeze,
    Void,
    Close,
    Archive,
    Extend { until: String },
    Refill { refill: Option<Refill> },
}

#[derive(Debug, Clone, Serialize)]
struct LiveBatch {
    meta: Meta,
    batch: String,
    change: LifeChange,
}

impl LiveBatch {
    fn after(&self, ground: &Ground, now: Instant) -> Result<(Batch, EventKind), Stop> {
        let (batch, reason) = (&ground.batch, self.meta.reason.as_deref());
        let plain = |command, kind| Ok((batch.after(command, reason)?, kind));
        match &self.change {
            LifeChange::Freeze => plain(BatchCommand::Freeze, EventKind::BatchFrozen),
            LifeChange::Unfreeze => plain(BatchCommand::Unfreeze, EventKind::BatchUnfrozen),
            LifeChange::Void => plain(BatchCommand::Void, EventKind::BatchVoided),
            LifeChange::Close => plain(BatchCommand::Close, EventKind::BatchClosed),
            LifeChange::Archive => plain(BatchCommand::Archive, EventKind::BatchArchived),
            LifeChange::Extend { until } => {
                if ground.template.draft.policies.extend.is_none() {
                    return Err(Denial::NotExtendable.into());
                }
                let until = end_of(until, &ground.template.zone)?;
                if until <= now {
                    return Err(Invalid::new("until", until, format!("a moment after {now}")).into());
                }
                let next = batch.after(BatchCommand::Extend, reason)?.extended(now, until)?;
                Ok((next, EventKind::BatchExtended))
            }
            LifeChange::Refill { refill } => {
                let next = batch.after(BatchCommand::Grow, reason)?;
                if refill.is_some() && batch.untouched != CardState::Minted {
                    let allowed = "a batch of a template with redeem_from claimed or bound";
                    return Err(Invalid::new("batch", "a batch of bearer cards", allowed).into());
                }
                if let Some(refill) = refill {
                    check_size(batch.format, refill.up_to)?;
                }
                Ok((Batch { refill: *refill, ..next }, EventKind::BatchRefillSet))
            }
        }
    }
}

impl Command for LiveBatch {
    type Reply = Arc<Batch>;

    fn op(&self) -> &'static str {
        match self.change {
            LifeChange::Freeze => "freeze_batch",
            LifeChange::Unfreeze => "unfreeze_batch",
            LifeChange::Void => "void_batch",
            LifeChange::Close => "close_batch",
            LifeChange::Archive => "archive_batch",
            LifeChange::Extend { .. } => "extend_batch",
            LifeChange::Refill { .. } => "refill_batch",
        }
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("batch", &self.batch)?;
        match (&self.change, &self.meta.reason) {
            (LifeChange::Freeze | LifeChange::Void, None) => {
                Err(Invalid::new("meta.reason", "nothing", "a reason, for the journal"))
            }
            (LifeChange::Extend { until }, _) => end_of(until, &Zone::utc()).map(|_| ()),
            (LifeChange::Refill { refill: Some(refill) }, _) => refill.check(),
            (LifeChange::Freeze | LifeChange::Void, Some(_))
            | (
                LifeChange::Unfreeze | LifeChange::Close | LifeChange::Archive | LifeChange::Refill { refill: None },
                _,
            ) => Ok(()),
        }
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Arc<Batch>), Stop> {
        if let Some(done) = cx.replay::<Batch>(view)? {
            return Ok((None, Arc::new(done)));
        }
        let Some((batch, seen)) = view.batch_named(&self.batch)? else {
            return Err(Denial::Unknown { kind: "batch", id: self.batch.clone() }.into());
        };
        let ground = Ground::of(view, batch)?;
        let (next, kind) = self.after(&ground, view.now)?;
        let next = Arc::new(next);
        let mut plan = Plan::new(cx, view);
        plan.write(Some(seen), Record::Batch(Arc::clone(&next)));
        plan.done(cx, kind, Target::Named(self.batch.clone()), &*next)?;
        Ok((Some(plan), next))
    }
}

impl Change for ExtendBatch {
    type Reply = Arc<Batch>;

    fn change(self, tenant: &Tenant) -> Call<Arc<Batch>> {
        let Self { meta, batch, until } = self;
        submit(&tenant.realm, LiveBatch { meta, batch, change: LifeChange::Extend { until } })
    }
}

impl Change for RefillBatch {
    type Reply = Arc<Batch>;

    fn change(self, tenant: &Tenant) -> Call<Arc<Batch>> {
        let Self { meta, batch, refill } = self;
        submit(&tenant.realm, LiveBatch { meta, batch, change: LifeChange::Refill { refill } })
    }
}

/// What makes a batch grow that runs low, written together with whatever takes its cards.
pub(super) struct Growth {
    batch: (Version, Arc<Batch>),
    used: (Option<Version>, Record),
}

/// Whether the batch grows now that all below `next` are given out. Where its codes would become too easy to guess it stays as it is.
pub(super) fn refilled(view: &mut View<'_>, ground: &Ground, next: u32) -> Result<Option<Growth>, Stop> {
    let Some(refill) = ground.batch.refill else { return Ok(None) };
    if refill.due(ground.batch.size, next).is_none() {
        return Ok(None);
    }
    let Some((batch, seen)) = view.batch(ground.batch.no)? else { return Ok(None) };
    let Some(size) = batch.refill.and_then(|refill| refill.due(batch.size, next)) else { return Ok(None) };
    let (mut used, used_seen) = format_use(view, batch.format)?;
    let floor_bits = used.slots.get(&batch.slot).map_or(0, |slot| slot.floor_bits);
    if used.add(batch.format, batch.slot, u64::from(size - batch.size), floor_bits).is_err() {
        return Ok(None);
    }
    let grown = Arc::new(Batch { size, ..(*batch).clone() });
    Ok(Some(Growth { batch: (seen, grown), used: (used_seen, Record::FormatUse(used)) }))
}

impl Growth {
    pub(super) fn write(self, cx: &Context<'_>, plan: &mut Plan) -> Result<(), Stop> {
        let Self { batch: (seen, batch), used: (used_seen, used) } = self;
        plan.aside(cx, EventKind::BatchGrown, Target::Named(batch.id.clone()), &*batch)?;
        plan.write(Some(seen), Record::Batch(batch));
        plan.write(used_seen, used);
        Ok(())
    }
}

/// Writes growths of several batches: one of each width, since all batches of a width share a row. The others grow with the next card.
pub(super) fn write_growths(growths: Vec<Growth>, cx: &Context<'_>, plan: &mut Plan) -> Result<(), Stop> {
    let mut widths = BTreeSet::new();
    for growth in growths {
        if widths.insert(growth.batch.1.no.symbols) {
            growth.write(cx, plan)?;
        }
    }
    Ok(())
}
