//! Value on cards that hold it: loading it, and setting it right.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::request::Change;
use super::resolve::{CardPick, Picked, Resolved, check_pick};
use super::view::View;
use crate::Invalid;
use crate::card::{self, Card, EventKind, Template};
use crate::denial::Denial;
use crate::id::CardId;
use crate::money::{AMOUNT_MAX, Currency, check_amount};
use crate::store::Record;
use crate::time::Instant;

/// Puts value on a gift card (充值).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The card: by code, id or card number.
    pub card: CardPick,
    /// How much, in minor units of the card's currency; 1 or more.
    pub amount_minor: i64,
}

/// Sets right what a gift card holds; needs a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The card: by code, id or card number.
    pub card: CardPick,
    /// By how much, in minor units of the card's currency; below 0 to take away.
    pub delta_minor: i64,
}

/// What was moved onto a card or off it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ValueMoved {
    /// The card.
    pub card: CardId,
    /// When.
    pub at: Instant,
    /// By how much, in minor units; below 0 where it was taken away.
    pub delta_minor: i64,
    /// What the card holds now, in minor units.
    pub balance_minor: i64,
    /// Of this currency.
    pub currency: Currency,
}

/// Both ways of moving value without an order.
#[derive(Serialize)]
struct MoveValue {
    meta: Meta,
    card: CardPick,
    delta_minor: i64,
    #[serde(skip)]
    way: Way,
    #[serde(skip)]
    picked: Picked,
}

#[derive(Clone, Copy)]
enum Way {
    Load,
    Adjust,
}

impl Command for MoveValue {
    type Reply = ValueMoved;

    fn op(&self) -> &'static str {
        match self.way {
            Way::Load => "load",
            Way::Adjust => "adjust",
        }
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_pick("card", &self.card)?;
        match self.way {
            Way::Load => check_amount("amount_minor", self.delta_minor, 1),
            Way::Adjust if self.meta.reason.is_none() => {
                Err(Invalid::new("meta.reason", "nothing", "a reason, for the journal"))
            }
            Way::Adjust if self.delta_minor == 0 || self.delta_minor.unsigned_abs() > AMOUNT_MAX.unsigned_abs() => {
                let allowed = format!("-{AMOUNT_MAX} to {AMOUNT_MAX}, and not 0");
                Err(Invalid::new("delta_minor", self.delta_minor, allowed))
            }
            Way::Adjust => Ok(()),
        }
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, ValueMoved), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let Resolved { ground, card, seen } = self.picked.resolve_card(view, cx.realm)?;
        match self.way {
            Way::Load => ground.batch.must_move()?,
            Way::Adjust => ground.batch.must_live()?,
        }
        let now = view.now.max(card.last_at);
        let mut next = self.moved(&card, &ground.template, now)?;
        let Some(currency) = ground.template.draft.currency else {
            return Err(Stop::Internal("a template of value without a currency"));
        };
        let moved = ValueMoved {
            card: next.id,
            at: now,
            delta_minor: self.delta_minor,
            balance_minor: next.balance_minor,
            currency,
        };
        let mut plan = Plan::new(cx, view);
        if matches!(self.way, Way::Load) {
            card::check_value(&ground.template, next.balance_minor)?;
            card::check_buyer(&ground.template, self.meta.buyer.as_ref())?;
        }
        let kind = match self.way {
            Way::Load => EventKind::Loaded,
            Way::Adjust => EventKind::Adjusted,
        };
        plan.card_event(cx, &ground, &mut next, kind, Some(&moved))?;
        if matches!(self.way, Way::Load) {
            plan.buyer_event(cx, &ground, &mut next)?;
        }
        plan.write(seen, Record::Card(next));
        Ok((Some(plan), moved))
    }
}

impl MoveValue {
    fn moved(&self, card: &Card, template: &Template, now: Instant) -> Result<Card, Denial> {
        match self.way {
            Way::Load => card::load(card, template, self.delta_minor, now),
            Way::Adjust => card::adjust(card, template, self.delta_minor, now),
        }
    }
}

impl Change for Load {
    type Reply = ValueMoved;

    fn change(self, tenant: &Tenant) -> Call<ValueMoved> {
        move_value(tenant, self.meta, self.card, self.amount_minor, Way::Load)
    }
}

impl Change for Adjust {
    type Reply = ValueMoved;

    fn change(self, tenant: &Tenant) -> Call<ValueMoved> {
        move_value(tenant, self.meta, self.card, self.delta_minor, Way::Adjust)
    }
}

fn move_value(tenant: &Tenant, meta: Meta, card: CardPick, delta_minor: i64, way: Way) -> Call<ValueMoved> {
    let picked = check_pick("card", &card).map_err(Error::from).and_then(|()| tenant.realm.pick(&card));
    match picked {
        Ok(picked) => submit(&tenant.realm, MoveValue { meta, card, delta_minor, way, picked }),
        Err(error) => Call::ready(Err(error)),
    }
}
