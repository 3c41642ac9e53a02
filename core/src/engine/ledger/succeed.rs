//! A successor for a card that has ended: what is left on it is not lost.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::batches::{check_size, format_use};
use super::super::call::Call;
use super::super::cards::{CardView, CardWithCode, seal, with_code};
use super::super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::super::error::Error;
use super::super::request::Change;
use super::super::resolve::{CardPick, Ground, Picked, Resolved, check_pick};
use super::super::view::View;
use crate::Invalid;
use crate::card::{self, Batch, Card, EventKind, Origin, Target};
use crate::defect::{self, Defect};
use crate::id::CardId;
use crate::store::Record;
use crate::time::{Instant, Window, Zone};

/// Moves what an expired card of value holds onto a successor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Succeed {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The card that has ended: by code, id or card number.
    pub card: CardPick,
    /// When the successor ends: a date (that day still counts) or an RFC 3339 instant. By default what its template gives a card of
    /// today; where that has passed, the least that its policy profile asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// [`Succeed`] after its card was found.
#[derive(Serialize)]
struct SucceedPicked {
    meta: Meta,
    card: CardPick,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip)]
    picked: Picked,
}

impl Command for SucceedPicked {
    type Reply = CardWithCode;

    fn op(&self) -> &'static str {
        "succeed"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_pick("card", &self.card)?;
        self.until_in(&Zone::utc()).map(|_| ())
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, CardWithCode), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, with_code(cx, view, done)?));
        }
        let Resolved { mut ground, card, seen } = self.picked.resolve_card(view, cx.realm)?;
        ground.batch.must_move()?;
        let now = view.now.max(card.last_at);
        let mut emptied = card::succeed(&card, &ground.template, now)?;
        let ends = self.ends(&ground, &card, now)?;
        card::check_given(&ground.template, ends, now)?;
        if defect::is(Defect::SucceededAndKept) {
            emptied = Card { last_at: now, ..card.clone() };
        }
        let mut plan = Plan::new(cx, view);
        let id = self.grow(cx, view, &mut plan, &mut ground)?;
        let mut next = Card {
            id,
            state: card.unspent_state,
            issue_no: 0,
            uses_left: 1,
            // A life of its own: what its holder did with the card before is in that one's history.
            rebinds: 0,
            transfers: 0,
            extended_to: None,
            balance_minor: card.balance_minor,
            claimed_at: card.claimed_at.map(|_| now),
            expires_at: ends,
            origin: Origin { parent_card: Some(card.id), ..cx.meta.origin.clone() },
            held: Default::default(),
            epoch: 0,
            holds_from: 0,
            last_at: now,
            events: 0,
            chain: [0; 16],
            ..card.clone()
        };
        let reply = CardView::of(&ground, &next);
        // A card's first event says when it ends: its campaign may end otherwise later on.
        if emptied.events == 0 {
            let facts = Emptied { expires_at: emptied.expires_at };
            plan.card_told(cx, &ground, &mut emptied, EventKind::Succeeded, &facts)?;
        } else {
            plan.card_event::<()>(cx, &ground, &mut emptied, EventKind::Succeeded, None)?;
        }
        plan.card_event(cx, &ground, &mut next, EventKind::Succeeded, Some(&reply))?;
        let code = Some(seal(cx, &ground, id.serial, 0)?);
        plan.write(seen, Record::Card(emptied));
        plan.write(None, Record::Card(next));
        Ok((Some(plan), CardWithCode { card: reply, code }))
    }
}

/// What the event says of the card that goes.
#[derive(Serialize)]
struct Emptied {
    expires_at: Option<Instant>,
}

impl SucceedPicked {
    fn until_in(&self, zone: &Zone) -> Result<Option<Instant>, Invalid> {
        let window = Window::resolve("until", None, self.until.as_deref(), zone);
        Ok(window.map_err(|invalid| Invalid { field: "until".to_owned(), ..invalid })?.end)
    }

    /// When the successor ends.
    fn ends(&self, ground: &Ground, card: &Card, now: Instant) -> Result<Option<Instant>, Invalid> {
        let (template, zone) = (&ground.template, ground.zone.clone().unwrap_or_else(Zone::utc));
        if let Some(until) = self.until_in(&zone)? {
            return if until > now {
                Ok(Some(until))
            } else {
                Err(Invalid::new("until", until, format!("later than {now}")))
            };
        }
        let parameters = template.complete(&ground.batch.parameters, &card.parameters);
        let own = template.expires_at(card.claimed_at.map(|_| now), ground.campaign_end(), &parameters);
        let years = template.draft.profile.as_ref().and_then(|profile| profile.renews_for_years());
        match (own, years) {
            (Some(own), Some(years)) if own <= now => Ok(Some(template.zone.years_after(now, years))),
            (Some(own), None) if own <= now => {
                Err(Invalid::new("until", "nothing", "an end, since that of the template has passed"))
            }
            (own, _) => Ok(own),
        }
    }

    /// Makes room for one more card in the batch: a serial that no export has given out and no holder will be handed. It is the one
    /// command for single cards that writes the batch, and rare; other engines open its code after `control_lag_ms`.
    fn grow(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        plan: &mut Plan,
        ground: &mut Ground,
    ) -> Result<CardId, Stop> {
        let Some((batch, version)) = view.batch(ground.batch.no)? else {
            return Err(Stop::Internal("a card names a batch that is not there"));
        };
        let size = batch.size.saturating_add(1);
        check_size(batch.format, size)?;
        let (mut used, seen) = format_use(view, batch.format)?;
        let floor_bits = used.slots.get(&batch.slot).map_or(0, |slot| slot.floor_bits);
        used.add(batch.format, batch.slot, 1, floor_bits)?;
        plan.write(seen, Record::FormatUse(used));
        let grown = Arc::new(Batch { size, ..(*batch).clone() });
        let event = plan.noted(cx, EventKind::BatchGrown, Target::Named(batch.id.clone()), &*grown)?;
        plan.append(event);
        plan.write(Some(version), Record::Batch(Arc::clone(&grown)));
        ground.batch = grown;
        Ok(CardId { batch: batch.no, serial: batch.size })
    }
}

impl Change for Succeed {
    type Reply = CardWithCode;

    fn change(self, tenant: &Tenant) -> Call<CardWithCode> {
        let picked = check_pick("card", &self.card).map_err(Error::from).and_then(|()| tenant.realm.pick(&self.card));
        let Self { meta, card, until } = self;
        match picked {
            Ok(picked) => submit(&tenant.realm, SucceedPicked { meta, card, until, picked }),
            Err(error) => Call::ready(Err(error)),
        }
    }
}
