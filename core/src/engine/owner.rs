//! Tying a card to a subject, handing it on, putting off its end.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::cards::{CardView, CardWithCode, seal, with_code};
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::request::Change;
use super::resolve::{CardPick, Picked, Resolved, check_pick};
use super::view::View;
use crate::Invalid;
use crate::card::{self, EventKind};
use crate::store::Record;
use crate::subject::{Subject, SubjectKey};
use crate::time::{Instant, Window, Zone};

/// Requests of a holder about a card and another subject.
macro_rules! by_holder {
    ($($(#[doc = $doc:literal])+ $request:ident: $to:literal;)*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $request {
            /// Key, reason, origin.
            pub meta: Meta,
            /// The card: by code, id or card number.
            pub card: CardPick,
            /// Whose it is: who asks.
            pub holder: Subject,
            #[doc = $to]
            pub to: Subject,
        }

        impl Change for $request {
            type Reply = CardWithCode;

            fn change(self, tenant: &Tenant) -> Call<CardWithCode> {
                let Self { meta, card, holder, to } = self;
                tie(tenant, meta, card, &holder, &to, Act::$request)
            }
        }
    )*};
}

by_holder! {
    /// Ties a claimed card to a subject (绑定).
    Bind: "What it is tied to, of a kind that the template allows.";
    /// Ties a bound card to another subject (换绑).
    Rebind: "What it is tied to from now on.";
    /// Hands a card to another holder (转赠).
    Transfer: "Whose it becomes.";
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Bind,
    Rebind,
    Transfer,
}

#[derive(Serialize)]
struct Tie {
    meta: Meta,
    card: CardPick,
    holder: SubjectKey,
    to: SubjectKey,
    #[serde(skip)]
    act: Act,
    #[serde(skip)]
    picked: Picked,
}

impl Command for Tie {
    type Reply = CardWithCode;

    fn op(&self) -> &'static str {
        match self.act {
            Act::Bind => "bind",
            Act::Rebind => "rebind",
            Act::Transfer => "transfer",
        }
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_pick("card", &self.card)?;
        if self.act == Act::Transfer && self.holder == self.to {
            return Err(Invalid::new("to", "the holder", "somebody else"));
        }
        Ok(())
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, CardWithCode), Stop> {
        if let Some(done) = cx.replay::<CardView>(view)? {
            let shows = self.act == Act::Transfer;
            let reply = if shows { with_code(cx, view, done)? } else { CardWithCode { card: done, code: None } };
            return Ok((None, reply));
        }
        let Resolved { ground, card, seen } = self.picked.resolve_card(view, cx.realm)?;
        ground.batch.must_move()?;
        let (template, now) = (&ground.template, view.now.max(card.last_at));
        let as_holder = view.acting_as(Some(&self.holder), card.holder.as_ref())?.cloned();
        let (holder, to) = (as_holder.as_ref().unwrap_or(&self.holder), &self.to);
        let (mut next, kind) = match self.act {
            Act::Bind => (card::bind(&card, template, holder, to, now)?, EventKind::Bound),
            Act::Rebind => (card::rebind(&card, template, holder, to, now)?, EventKind::Rebound),
            Act::Transfer => {
                let issue_no_max = ground.batch.format.issue_no_max();
                (card::transfer(&card, template, holder, to, issue_no_max, now)?, EventKind::Transferred)
            }
        };
        if self.act == Act::Transfer {
            card::check_buyer(template, self.meta.buyer.as_ref())?;
        }
        let mut plan = Plan::new(cx, view);
        let reply = CardView::of(&ground, &next);
        plan.card_event(cx, &ground, &mut next, kind, Some(&reply))?;
        if self.act == Act::Transfer {
            plan.buyer_event(cx, &ground, &mut next)?;
        }
        let code = match self.act {
            Act::Transfer => Some(seal(cx, &ground, next.id.serial, next.issue_no)?),
            Act::Bind | Act::Rebind => None,
        };
        plan.write(seen, Record::Card(next));
        Ok((Some(plan), CardWithCode { card: reply, code }))
    }
}

fn tie(tenant: &Tenant, meta: Meta, card: CardPick, holder: &Subject, to: &Subject, act: Act) -> Call<CardWithCode> {
    let realm = &tenant.realm;
    let checked = check_pick("card", &card).and_then(|()| holder.check("holder")).and_then(|()| to.check("to"));
    let known = checked.map_err(Error::from).and_then(|()| {
        let picked = realm.pick(&card)?;
        Ok((picked, realm.subject(holder)?, realm.subject(to)?))
    });
    match known {
        Ok((picked, holder, to)) => submit(realm, Tie { meta, card, holder, to, act, picked }),
        Err(error) => Call::ready(Err(error)),
    }
}

/// Puts off the end of a card (延期), as far as its template allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The card: by code, id or card number.
    pub card: CardPick,
    /// The new end, later than the old one: a date of the template's zone (that day still counts) or an RFC 3339 instant (which does
    /// not).
    pub until: String,
}

#[derive(Serialize)]
struct ExtendPicked {
    meta: Meta,
    card: CardPick,
    until: String,
    #[serde(skip)]
    picked: Picked,
}

/// An end as a host writes it.
pub(super) fn end_of(until: &str, zone: &Zone) -> Result<Instant, Invalid> {
    let resolved = Window::resolve("until", None, Some(until), zone)
        .map_err(|bad| Invalid { field: "until".to_owned(), ..bad })?;
    resolved.end.ok_or_else(|| Invalid::new("until", until, "a date such as 2026-11-11, or an RFC 3339 instant"))
}

impl Command for ExtendPicked {
    type Reply = CardWithCode;

    fn op(&self) -> &'static str {
        "extend"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_pick("card", &self.card)?;
        end_of(&self.until, &Zone::utc()).map(|_| ())
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, CardWithCode), Stop> {
        if let Some(card) = cx.replay::<CardView>(view)? {
            return Ok((None, CardWithCode { card, code: None }));
        }
        let Resolved { ground, card, seen } = self.picked.resolve_card(view, cx.realm)?;
        ground.batch.must_move()?;
        let (template, now) = (&ground.template, view.now.max(card.last_at));
        let until = end_of(&self.until, &template.zone)?;
        let mut next = card::extend(&card, template, &ground.batch.parameters, ground.campaign_end(), until, now)?;
        match card.expires_at {
            None => return Err(Invalid::new("card", "a card without an end", "one that ends").into()),
            Some(end) if until <= end || until <= now => {
                let allowed = format!("a moment after {}", end.max(now));
                return Err(Invalid::new("until", until, allowed).into());
            }
            Some(_) => {}
        }
        let mut plan = Plan::new(cx, view);
        let reply = CardView::of(&ground, &next);
        plan.card_event(cx, &ground, &mut next, EventKind::Extended, Some(&reply))?;
        plan.write(seen, Record::Card(next));
        Ok((Some(plan), CardWithCode { card: reply, code: None }))
    }
}

impl Change for Extend {
    type Reply = CardWithCode;

    fn change(self, tenant: &Tenant) -> Call<CardWithCode> {
        let Self { meta, card, until } = self;
        let picked = check_pick("card", &card).map_err(Error::from).and_then(|()| tenant.realm.pick(&card));
        match picked {
            Ok(picked) => submit(&tenant.realm, ExtendPicked { meta, card, until, picked }),
            Err(error) => Call::ready(Err(error)),
        }
    }
}
