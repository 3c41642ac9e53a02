//! What happens to single cards: issue, claim, freeze, unfreeze, replace, void, and the single reveal of a code.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::batch_life::refilled;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::counters::{Counted, Sight, full};
use super::error::Error;
use super::request::Change;
use super::resolve::{CardPick, CodeText, Ground, Meaning, Picked, Resolved, check_code, check_pick};
use super::view::View;
use crate::Invalid;
use crate::card::{self, Card, CardState, Claimed, EventKind, Origin, Parameters, Stock, check_parameters};
use crate::code::CardRef;
use crate::defect::{self, Defect};
use crate::denial::{Denial, LimitScope};
use crate::id::{CardId, Version, check_name};
use crate::money::Currency;
use crate::store::{Key, Move, Record};
use crate::subject::{Subject, SubjectKey};
use crate::time::Instant;

/// A card as people look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CardView {
    /// Which card.
    pub id: CardId,
    /// The id of its batch.
    pub batch: String,
    /// The template that it follows.
    pub template: String,
    /// The version of that template.
    pub template_version: u32,
    /// The campaign of its batch.
    pub campaign: Option<String>,
    /// Where it stands.
    pub state: CardState,
    /// Why it is frozen, while it is.
    pub frozen: Option<String>,
    /// Whose it is.
    pub holder: Option<SubjectKey>,
    /// What it is tied to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<SubjectKey>,
    /// The level of a membership card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The channel that it was given out through.
    pub channel: Option<String>,
    /// Uses left; of a gift card 1, and 0 once nothing is left on it; of a membership card 1.
    pub uses_left: u32,
    /// What a gift card holds, in minor units of `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_minor: Option<i64>,
    /// The currency of a gift card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The issue number of its living code.
    pub issue_no: u8,
    /// When it was issued to or claimed by its holder.
    pub claimed_at: Option<Instant>,
    /// First moment at which it is no longer good.
    pub expires_at: Option<Instant>,
    /// Every declared parameter with the value that holds for this card.
    pub parameters: Parameters,
    /// Where it came from.
    pub origin: Origin,
}

impl CardView {
    pub(super) fn of(ground: &Ground, card: &Card) -> Self {
        let card = &ground.prolonged(card.clone());
        let (state, frozen) = ground.batch.state_of(card);
        Self {
            id: card.id,
            batch: ground.batch.id.clone(),
            template: ground.batch.template.clone(),
            template_version: ground.batch.template_version,
            campaign: ground.batch.campaign.clone(),
            state,
            frozen,
            holder: card.holder.clone(),
            bound: card.bound.clone(),
            level: ground.template.draft.membership.as_ref().and_then(|membership| membership.level.clone()),
            channel: card.channel.clone(),
            uses_left: card.uses_left,
            balance_minor: ground.template.draft.balance_of(card),
            currency: ground.template.draft.balance_of(card).and(ground.template.draft.currency),
            issue_no: card.issue_no,
            claimed_at: card.claimed_at,
            expires_at: card.expires_at,
            parameters: ground.template.complete(&ground.batch.parameters, &card.parameters),
            origin: card.origin.clone(),
        }
    }
}

/// A card together with its living code. Debug does not show the code.
#[derive(Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct CardWithCode {
    /// The card as it was when the request was done.
    pub card: CardView,
    /// Its code; `None` when a request is repeated after that code died.
    pub code: Option<String>,
}

impl std::fmt::Debug for CardWithCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CardWithCode")
            .field("card", &self.card)
            .field("code", &self.code.as_ref().map(|_| "…"))
            .finish()
    }
}

/// The reply to a request that was done before: with its code, sealed from what batch and card say now, where that code still lives.
pub(super) fn with_code(cx: &Context<'_>, view: &mut View<'_>, card: CardView) -> Result<CardWithCode, Stop> {
    let ground = Ground::named(view, &card.batch)?;
    let (now, _) = ground.card(view, card.id.serial)?;
    let alive = now.state != CardState::Void && ground.batch.must_live().is_ok();
    let lives = now.issue_no == card.issue_no && alive || defect::is(Defect::DeadCodeShown);
    let code = if lives { Some(seal(cx, &ground, card.id.serial, now.issue_no)?) } else { None };
    Ok(CardWithCode { card, code })
}

pub(super) fn seal(cx: &Context<'_>, ground: &Ground, serial: u32, issue_no: u8) -> Result<String, Stop> {
    let batch = &ground.batch;
    let card = CardRef { batch_no: batch.no.number, serial, issue_no };
    Ok(cx.keys.book.seal(&batch.format, batch.slot, &card)?)
}

/// A card found in stock, with what to write so that it is taken.
pub(super) struct Taken {
    pub card: Card,
    pub seen: Option<Version>,
    /// The cursor behind it, over the version that was seen.
    pub stock: (Option<Version>, Record),
}

/// How many serials are looked at together once the next one turns out to be touched, or where many take one each.
const LOOK_AHEAD: u32 = 64;

/// The next card of a batch that nobody has.
pub(super) fn next_in_stock(view: &mut View<'_>, ground: &Ground) -> Result<Taken, Stop> {
    let (cards, stock) = cards_in_stock(view, ground, 1)?;
    match cards.into_iter().next() {
        Some((card, seen)) => Ok(Taken { card, seen, stock }),
        None => Err(Denial::SoldOut { batch: ground.batch.id.clone() }.into()),
    }
}

/// Cards with the versions they were seen in, and the cursor behind them over the version that it was seen in.
type InStock = (Vec<(Card, Option<Version>)>, (Option<Version>, Record));

/// The next so many cards of a batch that nobody has: proposes by the stock's cursor, decides by the cards' own rows.
pub(super) fn cards_in_stock(view: &mut View<'_>, ground: &Ground, count: u32) -> Result<InStock, Stop> {
    let batch = &ground.batch;
    batch.must_give()?;
    if batch.untouched != CardState::Minted {
        return Err(Denial::WrongState { state: batch.untouched.name(), command: "claim" }.into());
    }
    let (mut stock, stock_seen) = match view.stock(batch.no)? {
        Some((stock, version)) => (stock, Some(version)),
        None => (Stock { batch: batch.no, next: 0 }, None),
    };
    let key = |serial| Key::Card(CardId { batch: batch.no, serial });
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut cards = Vec::new();
    while stock.next < batch.size {
        if view.card(CardId { batch: batch.no, serial: stock.next }).is_err() {
            let crowd = u32::try_from(view.crowd.max(count)).unwrap_or(u32::MAX).min(LOOK_AHEAD);
            let below = batch.size.min(stock.next.saturating_add(crowd));
            view.want((stock.next..below).map(key))?;
        }
        let (card, seen) = ground.card(view, stock.next)?;
        stock.next = stock.next.saturating_add(1);
        // One that somebody froze, voided or named by its id before it was given out is passed by.
        if card.state == CardState::Minted && card.frozen.is_none() {
            cards.push((card, seen));
            if cards.len() >= count {
                return Ok((cards, (stock_seen, Record::Stock(stock))));
            }
            continue;
        }
        let ahead = batch.size.min(stock.next.saturating_add(LOOK_AHEAD));
        view.want((stock.next..ahead).map(key))?;
    }
    Err(Denial::SoldOut { batch: batch.id.clone() }.into())
}

/// The serial that comes next.
pub(super) fn next_of(stock: &Record) -> u32 {
    match stock {
        Record::Stock(stock) => stock.next,
        _ => 0,
    }
}

/// What is counted per holder.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    /// Cards taken.
    Claims,
    /// Uses captured.
    Uses,
}

/// One more claim or use of the holder against the template's ceiling: what counts it, where there is a ceiling.
pub(super) fn counted(
    view: &mut View<'_>,
    ground: &Ground,
    measure: Measure,
    holder: Option<&SubjectKey>,
) -> Result<Option<Counted>, Stop> {
    let limits = &ground.template.draft.limits;
    let (limit, name, scope) = match measure {
        Measure::Claims => (limits.claims_per_holder, "claims", LimitScope::HolderClaims),
        Measure::Uses => (limits.uses_per_holder, "uses", LimitScope::HolderUses),
    };
    let Some(limit) = limit.map(i64::from) else { return Ok(None) };
    let holder = holder.ok_or(Denial::HolderRequired)?;
    let unit = ground.template.unit(name);
    let (owner, elsewhere) = view.account_of(holder, &unit, view.now)?;
    let (most, limit) = (limit, limit - elsewhere);
    let used = view.balance(&owner, &unit)?;
    if used < limit {
        return Ok(Some(Move { owner, unit, delta: 1, floor: 0, ceiling: limit }.into()));
    }
    // Full, as far as the account tells; perhaps some of it was only held, and has come back.
    let sight = Sight::of(view, owner, unit)?;
    let now = sight.no_earlier(view.now);
    match sight.take(1, limit, now) {
        Ok(step) => Ok(Some(sight.counted(step, limit, now))),
        Err(why) => Err(full(scope, most, why.beside(elsewhere)).into()),
    }
}

/// Where to claim from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClaimFrom {
    /// The next card of this batch.
    Batch(String),
    /// The card of this code.
    Code(CodeText),
}

/// Takes a card as its holder.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Key, reason, origin.
    pub meta: Meta,
    /// Where from: `{"batch": …}` or `{"code": …}`.
    pub take: ClaimFrom,
    /// Whose it becomes.
    pub holder: Subject,
    /// The channel that it is given out through; the batch's by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// Gives a card to a holder.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The batch that the next card is taken from.
    pub batch: String,
    /// Whose it becomes.
    pub holder: Subject,
    /// The channel that it is given out through; the batch's by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Values of the template's parameters for this card, frozen in it.
    #[serde(default, skip_serializing_if = "Parameters::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub parameters: Parameters,
}

/// Both ways of giving a card to a holder.
#[derive(Serialize)]
struct Give {
    meta: Meta,
    #[serde(flatten)]
    way: Way,
    holder: SubjectKey,
    channel: Option<String>,
    parameters: Parameters,
    #[serde(skip)]
    picked: Option<Picked>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Issue { batch: String },
    Claim { take: ClaimFrom },
}

impl Give {
    fn found(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Ground, Found), Stop> {
        match (&self.way, &self.picked) {
            (Way::Claim { .. }, Some(picked)) => match picked.resolve(view, cx.realm)? {
                Meaning::Card(resolved) => {
                    let Resolved { ground, card, seen } = *resolved;
                    ground.batch.must_move()?;
                    Ok((ground, Found::Row(Box::new(card), seen)))
                }
                Meaning::AnyOf(ground) => {
                    let taken = next_in_stock(view, &ground)?;
                    Ok((ground, Found::Taken(Box::new(taken))))
                }
            },
            (Way::Issue { batch } | Way::Claim { take: ClaimFrom::Batch(batch) }, None) => {
                let ground = Ground::named(view, batch)?;
                let taken = next_in_stock(view, &ground)?;
                Ok((ground, Found::Taken(Box::new(taken))))
            }
            (Way::Issue { .. }, Some(_)) | (Way::Claim { take: ClaimFrom::Code(_) }, None) => {
                Err(Stop::Internal("a code was not opened before it was decided on"))
            }
        }
    }
}

enum Found {
    Row(Box<Card>, Option<Version>),
    Taken(Box<Taken>),
}

/// What the event says with which a card is given: the reply, and who took it where several subjects are one.
#[derive(Serialize)]
struct GivenFacts<'a> {
    #[serde(flatten)]
    card: &'a CardView,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_on: Option<SubjectKey>,
}

impl Command for Give {
    type Reply = CardWithCode;

    fn op(&self) -> &'static str {
        match self.way {
            Way::Issue { .. } => "issue",
            Way::Claim { .. } => "claim",
        }
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        match &self.way {
            Way::Issue { batch } | Way::Claim { take: ClaimFrom::Batch(batch) } => check_name("batch", batch)?,
            Way::Claim { take: ClaimFrom::Code(code) } => check_code("take.code", &code.0)?,
        }
        self.channel.as_deref().map_or(Ok(()), |channel| check_name("channel", channel))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, CardWithCode), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, with_code(cx, view, done)?));
        }
        let (ground, found) = self.found(cx, view)?;
        let batch = &ground.batch;
        let now = view.now;
        ground.must_run(now)?;
        if matches!(self.way, Way::Claim { .. }) {
            ground.must_be_meant_for(view, &self.holder)?;
        }
        check_parameters(&ground.template.draft, &self.parameters)?;
        let mut plan = Plan::new(cx, view);
        let (card, seen) = match found {
            Found::Row(card, seen) => (*card, seen),
            Found::Taken(taken) => {
                let (stock_seen, stock) = taken.stock;
                if let Some(growth) = refilled(view, &ground, next_of(&stock))? {
                    growth.write(cx, &mut plan)?;
                }
                plan.write(stock_seen, stock);
                (taken.card, taken.seen)
            }
        };
        let now = now.max(card.last_at);
        let to = Claimed { holder: &self.holder, parameters: &self.parameters, campaign_end: ground.campaign_end() };
        let (mut next, kind) = match &self.way {
            Way::Issue { .. } => {
                (card::issue(&card, &ground.template, &batch.parameters, &to, now)?, EventKind::Issued)
            }
            Way::Claim { .. } => {
                plan.count(counted(view, &ground, Measure::Claims, Some(&self.holder))?);
                let as_holder = view.acting_as(Some(&self.holder), card.holder.as_ref())?.unwrap_or(&self.holder);
                let to = Claimed { holder: as_holder, ..to };
                (card::claim(&card, &ground.template, &batch.parameters, &to, now)?, EventKind::Claimed)
            }
        };
        next.channel = self.channel.clone().or(next.channel);
        next.origin = cx.meta.origin.clone().out_of(&card.origin);
        card::check_value(&ground.template, next.balance_minor)?;
        card::check_given(&ground.template, next.expires_at, now)?;
        card::check_buyer(&ground.template, self.meta.buyer.as_ref())?;
        let reply = CardView::of(&ground, &next);
        let counted_on = match self.way {
            Way::Claim { .. } => view.person_counting(&self.holder)?,
            Way::Issue { .. } => None,
        };
        plan.card_event(cx, &ground, &mut next, kind, Some(&GivenFacts { card: &reply, counted_on }))?;
        plan.buyer_event(cx, &ground, &mut next)?;
        // Sealed from the batch that the card was found in: read again, it might have another key by now, which whoever comes with a
        // code of the old one is not to be told.
        let code = Some(seal(cx, &ground, next.id.serial, next.issue_no)?);
        plan.write(seen, Record::Card(next));
        Ok((Some(plan), CardWithCode { card: reply, code }))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Freeze,
    Unfreeze,
    Void,
    Replace,
    Reveal,
}

#[derive(Serialize)]
struct ActOnCard {
    meta: Meta,
    card: CardPick,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    force: bool,
    #[serde(skip)]
    act: Act,
    #[serde(skip)]
    picked: Picked,
}

impl Command for ActOnCard {
    type Reply = CardWithCode;

    fn op(&self) -> &'static str {
        match self.act {
            Act::Freeze => "freeze",
            Act::Unfreeze => "unfreeze",
            Act::Void => "void",
            Act::Replace => "replace",
            Act::Reveal => "reveal",
        }
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_pick("card", &self.card)?;
        match (self.act, &self.meta.reason) {
            (Act::Freeze | Act::Reveal, None) => {
                Err(Invalid::new("meta.reason", "nothing", "a reason, for the journal"))
            }
            (Act::Freeze | Act::Reveal, Some(_)) | (Act::Unfreeze | Act::Void | Act::Replace, _) => Ok(()),
        }
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, CardWithCode), Stop> {
        let shows = matches!(self.act, Act::Replace | Act::Reveal);
        if let Some(done) = cx.replay::<CardView>(view)? {
            let reply = if shows { with_code(cx, view, done)? } else { CardWithCode { card: done, code: None } };
            return Ok((None, reply));
        }
        let Resolved { ground, card, seen } = self.picked.resolve_card(view, cx.realm)?;
        match self.act {
            Act::Replace => ground.batch.must_move()?,
            Act::Freeze | Act::Unfreeze | Act::Void | Act::Reveal => ground.batch.must_live()?,
        }
        let now = view.now.max(card.last_at);
        let reason = self.meta.reason.as_deref().unwrap_or_default();
        let (mut next, kind) = match self.act {
            Act::Freeze => (card::freeze(&card, reason, self.force, now)?, EventKind::Frozen),
            Act::Unfreeze => (card::unfreeze(&card, now)?, EventKind::Unfrozen),
            Act::Void => (card::void(&card, self.force, now)?, EventKind::Voided),
            Act::Replace => {
                let most = ground.batch.format.issue_no_max();
                (card::replace(&card, most, self.force, now)?, EventKind::Replaced)
            }
            // A dead card has no code to show.
            Act::Reveal if card.state == CardState::Void => return Err(Denial::Void.into()),
            Act::Reveal => (Card { last_at: now, ..card }, EventKind::CodeRevealed),
        };
        let mut plan = Plan::new(cx, view);
        let reply = CardView::of(&ground, &next);
        plan.card_event(cx, &ground, &mut next, kind, Some(&reply))?;
        let code = if shows { Some(seal(cx, &ground, next.id.serial, next.issue_no)?) } else { None };
        plan.write(seen, Record::Card(next));
        Ok((Some(plan), CardWithCode { card: reply, code }))
    }
}

impl Change for Claim {
    type Reply = CardWithCode;

    fn change(self, tenant: &Tenant) -> Call<CardWithCode> {
        let picked = match &self.take {
            ClaimFrom::Code(code) if check_code("take.code", &code.0).is_ok() => tenant.realm.open(code).map(Some),
            ClaimFrom::Batch(_) | ClaimFrom::Code(_) => Ok(None),
        };
        let Self { meta, take, holder, channel } = self;
        give(tenant, meta, Way::Claim { take }, &holder, channel, Parameters::new(), picked)
    }
}

impl Change for Issue {
    type Reply = CardWithCode;

    fn change(self, tenant: &Tenant) -> Call<CardWithCode> {
        let Self { meta, batch, holder, channel, parameters } = self;
        give(tenant, meta, Way::Issue { batch }, &holder, channel, parameters, Ok(None))
    }
}

fn give(
    tenant: &Tenant,
    meta: Meta,
    way: Way,
    holder: &Subject,
    channel: Option<String>,
    parameters: Parameters,
    picked: Result<Option<Picked>, Error>,
) -> Call<CardWithCode> {
    let holder = holder.check("holder").map_err(Error::from).and_then(|()| tenant.realm.subject(holder));
    match (picked, holder) {
        (Ok(picked), Ok(holder)) => submit(&tenant.realm, Give { meta, way, holder, channel, parameters, picked }),
        (Err(error), _) | (_, Err(error)) => Call::ready(Err(error)),
    }
}

/// Requests about one card: each has a meta and the card; what an open hold forbids can be forced.
macro_rules! on_card {
    ($($(#[doc = $doc:literal])+ $request:ident $({ $force:ident })?;)*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $request {
            /// Key, reason, origin.
            pub meta: Meta,
            /// The card: by code, id or card number.
            pub card: CardPick,
            $(
                /// Kills the card's open holds first: capturing one of them answers `refund_required`. Without it a card that an
                /// order holds stays as it is.
                #[serde(default, skip_serializing_if = "std::ops::Not::not")]
                pub $force: bool,
            )?
        }

        impl From<(Meta, CardPick)> for $request {
            fn from((meta, card): (Meta, CardPick)) -> Self {
                Self { meta, card $(, $force: false)? }
            }
        }

        impl Change for $request {
            type Reply = CardWithCode;

            fn change(self, tenant: &Tenant) -> Call<CardWithCode> {
                #[allow(unused_mut, unused_assignments, reason = "only some can be forced")]
                let mut force = false;
                $(force = self.$force;)?
                act(tenant, self.meta, self.card, force, Act::$request)
            }
        }
    )*};
}

on_card! {
    /// Stops a card; needs a reason.
    Freeze { force };
    /// Lets a frozen card move again.
    Unfreeze;
    /// Kills a card.
    Void { force };
    /// Gives a card a new code.
    Replace { force };
    /// Shows the code of a card; needs a reason.
    Reveal;
}

fn act(tenant: &Tenant, meta: Meta, card: CardPick, force: bool, act: Act) -> Call<CardWithCode> {
    let picked = check_pick("card", &card).map_err(Error::from).and_then(|()| tenant.realm.pick(&card));
    match picked {
        Ok(picked) => submit(&tenant.realm, ActOnCard { meta, card, force, act, picked }),
        Err(error) => Call::ready(Err(error)),
    }
}
