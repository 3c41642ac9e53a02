//! Fences: what stands under a request's key so that an earlier try of it, which ended in the dark, can never be committed.
//!
//! A late try inserts its key: a redemption its row, everything else its event. So the fence is put exactly there, and only
//! then is a *no* a fact. A denied request may be tried again all the same: what comes after a fence of a redemption takes the
//! fence's place by its version; what comes behind the fence of an event stands under the next key, which no host can give, since a
//! host's key has no spaces. docs/decisions/0009.

use super::command::{Command, Context, Plan, Stop};
use super::view::View;
use crate::card::{EventKind, RequestMark, Target};
use crate::defect::{self, Defect};
use crate::store::{Fence, Record};

/// What keeps earlier tries of a request out whose key is that of its event; nothing where the key is taken, since then none comes.
pub(super) fn of_event(cx: &Context<'_>, view: &mut View<'_>) -> Result<Option<Plan>, Stop> {
    if view.event_of(cx.op, &cx.meta.key)?.is_some() {
        return Ok(None);
    }
    let mut plan = Plan::new(cx, view);
    let mut mark = cx.mark(view.fences);
    if defect::is(Defect::FenceBeside) {
        mark.op = "fence".to_owned();
    }
    plan.fenced(cx, Some(mark));
    Ok(Some(plan))
}

/// The same for a redemption, whose key is that of its row.
pub(super) fn of_redemption(cx: &Context<'_>, view: &mut View<'_>) -> Result<Option<Plan>, Stop> {
    if view.redemption(&cx.meta.key)?.is_some() {
        return Ok(None);
    }
    let before = view.fence(&cx.meta.key)?.map(|(_, version)| version);
    let mut plan = Plan::new(cx, view);
    let key = cx.meta.key.clone();
    let key = if defect::is(Defect::FenceBeside) { format!("fence {key}") } else { key };
    plan.write(before, Record::Fence(Fence { key, digest: cx.digest, at: view.now }));
    plan.fenced(cx, None);
    Ok(Some(plan))
}

impl Plan {
    fn fenced(&mut self, cx: &Context<'_>, mark: Option<RequestMark>) {
        self.tell(cx, EventKind::Fenced, Target::Named(cx.meta.key.clone()), mark);
    }
}

/// The fence of a command, as its kind of key has it.
pub(super) fn of<C: Command>(command: &C, cx: &Context<'_>, view: &mut View<'_>) -> Option<Plan> {
    // What it must see first is noted by the view, and it is asked again.
    command.fence(cx, view).unwrap_or_default()
}
