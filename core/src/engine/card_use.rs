//! One use of a card once it has a price: what it takes of whatever counts it, and what is written. The same for a card alone and for
//! each of several on one order.

use serde_json::Value;

use super::batch_life::write_growths;
use super::cards::{Measure, counted};
use super::command::{Context, Plan, Stop};
use super::counters::{Counted, Takes};
use super::give::{Handed, Occasion, gifts};
use super::limits::{self, User, limits_on};
use super::redeem::{Receipt, Usable, checked_in, use_of_person};
use super::resolve::Ground;
use super::view::View;
use crate::card::{self, Card, CountedOn, EventKind, FundedFacts, Origin, RedeemedFacts, Redemption, Taken};
use crate::checkout::{Covered, Order, Pricing, borne};
use crate::defect::{self, Defect};
use crate::rule::ProductSets;
use crate::store::{Move, Record};
use crate::subject::SubjectKey;
use crate::time::Instant;

/// What counts a use, beside the card's own row.
pub(super) struct CountsOf {
    used: Option<Counted>,
    counted: Vec<Counted>,
    checked_in: Option<Move>,
    /// What a refund gives back, and where.
    returns: Vec<CountedOn>,
    /// Not before anything that was written into what counts it.
    pub now: Instant,
}

impl CountsOf {
    /// Looks whether everything that counts the use has room for it.
    ///
    /// # Errors
    /// `holder_required`, `limit_reached` or `held` of the holder's uses, then what limits say, then `limit_reached` of check-ins.
    pub(super) fn weigh(
        view: &mut View<'_>,
        (ground, card): (&Ground, &Card),
        user: &User<'_>,
        covered: &Covered,
    ) -> Result<Self, Stop> {
        let used = counted(view, ground, Measure::Uses, user.holder)?;
        let now = if defect::is(Defect::TimeGoesBack) { view.now } else { view.now.max(card.last_at) };
        let limits = limits_on(view, ground, card.id, user, now)?;
        let Takes { counted, mut returns } = limits::take(view, &limits, covered, user.order, now)?;
        returns.extend(use_of_person(view, ground, user.holder)?);
        let now = used.iter().chain(&counted).fold(now, |now, counted| counted.no_earlier(now));
        let checked_in = checked_in(view, ground, card, now)?;
        Ok(Self { used, counted, checked_in, returns, now })
    }

    /// Lays it over what a view sees.
    pub(super) fn lay(&self, view: &mut View<'_>) -> Result<(), Stop> {
        self.used.iter().chain(&self.counted).try_for_each(|counted| counted.lay(view))?;
        Ok(self.checked_in.as_ref().map_or(Ok(()), |step| view.lay_move(step))?)
    }
}

/// A use that has a price.
pub(super) struct CardUse<'a> {
    /// The redemption's key.
    pub key: &'a str,
    pub found: Usable,
    /// The holder is whoever the card is used by.
    pub user: User<'a>,
    /// What of the order it covers.
    pub covered: Covered,
    pub units: Option<u32>,
    pub sets: &'a ProductSets,
    /// Which batches a choice opens into.
    pub choose: &'a [String],
    /// A digest of the order.
    pub mark: [u8; 16],
    /// What the request came to, on the event that carries it.
    pub of_order: Option<&'a Value>,
}

impl CardUse<'_> {
    /// Decides it, and writes it into a plan.
    ///
    /// # Errors
    /// As [`CountsOf::weigh`], then whatever denies the cards that it opens into.
    pub(super) fn write(self, cx: &Context<'_>, view: &mut View<'_>, plan: &mut Plan) -> Result<Receipt, Stop> {
        let Self { key, found, user, covered, units, sets, choose, mark, of_order } = self;
        let Usable { ground, mut card, seen, holder, claim } = found;
        let CountsOf { used, counted, checked_in, returns, now } =
            CountsOf::weigh(view, (&ground, &card), &user, &covered)?;
        let opens_into = card::chosen(&ground.template.draft, choose)?;
        let occasion = Occasion { holder: user.holder, parent: card.id, redemption: key, order: user.order, sets, now };
        let gifts = gifts(view, cx, &ground.template, &opens_into, &occasion)?;
        // From here on nothing refuses.
        let (pricing, mut growths) = (covered.pricing, Vec::new());
        plan.count(used.into_iter().chain(counted));
        plan.shift(checked_in);
        if let Some(claim) = claim {
            growths.extend(claim.refilled(view, &ground)?);
            claim.add_to(cx, &ground, plan, &mut card)?;
        }
        let taken = Taken { units: units.unwrap_or(1), tender_minor: pricing.tender_minor };
        let mut next = card::take(&card, &ground.template, taken, now);
        growths.extend(gifts.growths(view)?);
        write_growths(growths, cx, plan)?;
        let Handed { given, not_given, told } = gifts.give(cx, plan)?;
        let redemption = Redemption {
            units,
            given,
            not_given,
            counted: returns,
            order_mark: Some(mark),
            ..redemption_of(cx, (key, user.order), (&ground, &next), holder, pricing, now)
        };
        let receipt = Receipt::of(&redemption, told);
        let facts = RedeemedFacts {
            redemption: key,
            taken_minor: receipt.pricing.tender_minor + receipt.pricing.discount_minor,
            units,
            expires_at: next.expires_at.filter(|_| next.events == 0),
            of_order,
            funded: FundedFacts::new(borne(&receipt.pricing), user.order.currency),
        };
        plan.card_answered(cx, &ground, &mut next, EventKind::Redeemed, (&facts, of_order.is_some()))?;
        plan.write(seen, Record::Card(next));
        // In the place of a fence, where an earlier try was denied.
        let fence = view.fence(key)?.map(|(_, version)| version);
        plan.write(fence, Record::Redemption(redemption));
        Ok(receipt)
    }
}

fn redemption_of(
    cx: &Context<'_>,
    (key, order): (&str, &Order),
    (ground, card): (&Ground, &Card),
    holder: Option<SubjectKey>,
    pricing: Pricing,
    at: Instant,
) -> Redemption {
    let Origin { operator, channel, source, .. } = cx.meta.origin.clone();
    Redemption {
        key: key.to_owned(),
        digest: cx.digest,
        order_mark: None,
        card: card.id,
        at,
        order: order.id.clone(),
        holder,
        currency: order.currency,
        pricing,
        units: None,
        given: Vec::new(),
        not_given: Vec::new(),
        balance_minor: ground.template.draft.balance_of(card),
        hold: None,
        counted: Vec::new(),
        campaign: ground.batch.campaign.clone(),
        store: order.store.clone(),
        channel: order.channel.clone().or(channel),
        source: order.source.clone().or(source),
        operator,
        ordered_at: order.placed_at,
        new_customer: order.new_customer,
        segments: order.segments.clone(),
    }
}
