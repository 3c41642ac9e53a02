//! Using several cards on an order at once.

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::call::Call;
use super::super::card_use::CardUse;
use super::super::command::{Command, Context, Meta, Plan, Stop, submit, unread};
use super::super::error::Error;
use super::super::give::given_again;
use super::super::limits::User;
use super::super::redeem::Receipt;
use super::super::request::Change;
use super::super::tenant::Realm;
use super::super::view::View;
use super::table::{Planned, Purpose, Table};
use super::{Answered, LeftOut, OrderCard, OrderPicked, PromotionUse, PromotionsAsked, check_key_room, key_of};
use crate::Invalid;
use crate::checkout::{Covered, Order, OrderTotals, check_quote_mark, must_be};
use crate::defect::{self, Defect};
use crate::denial::Denial;
use crate::store::Key;
use crate::subject::Subject;

/// Uses several cards on an order, all of them or none. The order is charged what the reply says, or nothing happened.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemOrder {
    /// Key, reason, origin. The key is at most 124 bytes: that of each card's redemption is the same with `#` and its place from 1.
    pub meta: Meta,
    /// The cards, at most 50, each once; none where promotions alone are meant. Discounts come off in the order that their templates say; what pays, pays in this order.
    pub cards: Vec<OrderCard>,
    /// Who redeems. Needed for cards that have a holder and for limits per holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Subject>,
    /// Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// The order.
    pub order: Order,
    /// Whether a card that is denied is left out, and told; without it the first one refuses the whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leave_out: bool,
    /// Whether promotions stay off the order; they come off it by themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_promotions: bool,
    /// Promotions that stay off the order, by id, as `best_order` says; at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions_off: Vec<String>,
    /// The digest of a quote: the order is charged only if it comes to the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}

/// What a redemption of several cards came to. The same for every repetition of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OrderReceipt {
    /// The host's order id.
    pub order: String,
    /// What the order comes to.
    #[serde(flatten)]
    pub totals: OrderTotals,
    /// A receipt for each card that applies, in the order of the request, and behind them for each promotion, by its id. Of one that came off behind another its pricing begins with
    /// what that left to pay.
    pub receipts: Vec<Receipt>,
    /// Which receipts are of promotions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<PromotionUse>,
    /// The cards that do not apply, where they may be left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// The same as its event keeps it: receipts are told by their redemptions, so that no code of a card that was given is kept.
#[derive(Serialize, Deserialize)]
struct KeptReceipt {
    order: String,
    redemptions: Vec<String>,
    #[serde(flatten)]
    totals: OrderTotals,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    promotions: Vec<PromotionUse>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<LeftOut>,
}

impl RedeemOrder {
    /// Uses cards on an order, by nobody in particular, as far as that goes.
    pub fn new(meta: Meta, order: Order, cards: impl IntoIterator<Item = OrderCard>) -> Self {
        let cards = cards.into_iter().collect();
        Self {
            meta,
            cards,
            holder: None,
            subjects: Vec::new(),
            order,
            leave_out: false,
            no_promotions: false,
            promotions_off: Vec::new(),
            quote: None,
        }
    }

    /// The same by a holder.
    #[must_use]
    pub fn by(self, holder: Subject) -> Self {
        Self { holder: Some(holder), ..self }
    }
}

/// [`RedeemOrder`] after its codes were opened.
#[derive(Serialize)]
struct RedeemOrderPicked {
    meta: Meta,
    #[serde(flatten)]
    of: OrderPicked,
    leave_out: bool,
    quote: Option<String>,
}

impl Command for RedeemOrderPicked {
    type Reply = OrderReceipt;

    fn op(&self) -> &'static str {
        "redeem_order"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_key_room(&self.meta)?;
        self.quote.as_deref().map_or(Ok(()), |quote| check_quote_mark("quote", quote))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, OrderReceipt), Stop> {
        self.foresee(cx, view)?;
        if let Some(Answered { of_order }) = cx.replay::<Answered<KeptReceipt>>(view)? {
            return Ok((None, again(cx, view, of_order)?));
        }
        (0..self.of.cards.len()).try_for_each(|place| self.must_be_free(view, place))?;
        let mut table = Table::new(&self.of, cx.realm, Purpose::Redeem, self.leave_out);
        table.invite(view)?;
        let mut charged = None;
        loop {
            view.unlay();
            let mut planned = table.planned(view)?;
            if defect::is(Defect::RefusedCardCharged) {
                planned.plan = charged.get_or_insert(planned.plan.clone()).clone();
            }
            let key = |place| Some(Key::Redemption(key_of(&self.meta.key, place)));
            table.foresee_promotions(view, &planned, self.channel(), key)?;
            match self.written(cx, view, &table, &planned) {
                Ok((plan, receipt)) => {
                    table.rest_on_left_out(view, &planned);
                    if let Some(quote) = &self.quote {
                        must_be(quote, &planned.mark(), || planned.plan.as_one())?;
                    }
                    return Ok((Some(plan), receipt));
                }
                // What is left is planned anew without it.
                Err((Some(place), stop)) => table.refuse(place, stop)?,
                Err((None, stop)) => return Err(stop),
            }
        }
    }
}

/// Which card refuses, where one does.
type Refused = (Option<usize>, Stop);

fn whole(stop: impl Into<Stop>) -> Refused {
    (None, stop.into())
}

impl RedeemOrderPicked {
    fn channel(&self) -> Option<&str> {
        self.meta.origin.channel.as_deref()
    }

    /// Names what will be read, so that it is read at once.
    fn foresee(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(), Stop> {
        let request = Key::Request(cx.op.to_owned(), self.meta.key.clone());
        let redemptions = (0..self.of.cards.len()).map(|place| Key::Redemption(key_of(&self.meta.key, place)));
        let seen = self.of.foresee(view, cx.realm, self.channel());
        view.want(std::iter::once(request).chain(redemptions))?;
        seen
    }

    /// A redemption's id is the key that made it, whatever made it.
    fn must_be_free(&self, view: &mut View<'_>, place: usize) -> Result<(), Stop> {
        match view.redemption(&key_of(&self.meta.key, place))? {
            Some(_) => Err(Denial::KeyReused.into()),
            None => Ok(()),
        }
    }

    /// Writes all that apply, each on what the ones before it changed.
    fn written(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        table: &Table<'_>,
        planned: &Planned,
    ) -> Result<(Plan, OrderReceipt), Refused> {
        let applied: Vec<_> = planned.applied().collect();
        if applied.is_empty() {
            return Err(whole(table.nothing_applies(planned)));
        }
        let (totals, left_out) = (planned.plan.totals(), table.left_out(planned));
        let promotions = table.promotions_of(planned);
        let order = self.of.order.id.clone();
        let redemptions = applied.iter().map(|(place, ..)| key_of(&self.meta.key, *place)).collect();
        let kept = KeptReceipt {
            order: order.clone(),
            redemptions,
            totals: totals.clone(),
            promotions: promotions.clone(),
            left_out: left_out.clone(),
        };
        let kept =
            serde_json::to_value(kept).map_err(|_| whole(Stop::Internal("what an order came to cannot be written")))?;
        let mark = cx.order_mark(&self.of.order).map_err(whole)?;
        let count = applied.len();
        let (mut plan, mut receipts) = (Plan::new(cx, view), Vec::with_capacity(count));
        for (at, (place, ready, pricing)) in applied.into_iter().enumerate() {
            let of_card = |stop| (Some(place), stop);
            self.must_be_free(view, place).map_err(whole)?;
            let found = view.watched(table.to_watch(place), |view| table.find(view, place)).map_err(of_card)?;
            let holder = found.holder.clone();
            let user = User { holder: holder.as_ref(), ..self.of.user(self.channel()) };
            let covered = Covered::whole(pricing.clone(), &self.of.order);
            let key = key_of(&self.meta.key, place);
            let asked = table.card(place).map_err(whole)?.asked.as_ref();
            let choose = asked.map_or(&[][..], |asked| asked.choose.as_slice());
            let (units, sets) = (ready.purse.units, &planned.sets);
            let of_order = (at == 0).then_some(&kept);
            let mut step = Plan::new(cx, view);
            let of = CardUse { key: &key, found, user, covered, units, sets, choose, mark, of_order };
            let write = |view: &mut View<'_>| of.write(cx, view, &mut step);
            receipts.push(view.watched(table.to_watch(place), write).map_err(of_card)?);
            if table.promotion(place).is_some() && defect::is(Defect::PromotionNotCounted) {
                step.uncount();
            }
            step.lay(view).map_err(whole)?;
            if at == 0 || at + 1 < count || !defect::is(Defect::OrderInPart) {
                plan.absorb(step);
            }
        }
        Ok((plan, OrderReceipt { order, totals, receipts, promotions, left_out }))
    }
}

/// The reply to a request that was done before.
fn again(cx: &Context<'_>, view: &mut View<'_>, kept: KeptReceipt) -> Result<OrderReceipt, Stop> {
    let KeptReceipt { order, redemptions, totals, promotions, left_out } = kept;
    view.want(redemptions.iter().cloned().map(Key::Redemption))?;
    let mut receipts = Vec::with_capacity(redemptions.len());
    for key in redemptions {
        let Some((redemption, _)) = view.redemption(&key)? else {
            return Err(Stop::Internal("an order names a redemption that is not there"));
        };
        let given = given_again(cx, view, &redemption)?;
        receipts.push(Receipt::of(&redemption, given));
    }
    Ok(OrderReceipt { order, totals, receipts, promotions, left_out })
}

impl Change for RedeemOrder {
    type Reply = OrderReceipt;

    fn change(self, tenant: &Tenant) -> Call<OrderReceipt> {
        let retry = self.meta.retry;
        match self.picked(&tenant.realm) {
            Ok(picked) => submit(&tenant.realm, picked),
            Err(error) => unread(retry, error),
        }
    }
}

impl RedeemOrder {
    fn picked(self, realm: &Realm) -> Result<RedeemOrderPicked, Error> {
        self.meta.check()?;
        let Self { meta, cards, holder, subjects, order, leave_out, no_promotions, promotions_off, quote } = self;
        let least = usize::from(no_promotions);
        let promotions = PromotionsAsked { none: no_promotions, off: promotions_off };
        let of = OrderPicked::open(realm, order, (cards, promotions), (holder.as_ref(), &subjects), least)?;
        Ok(RedeemOrderPicked { meta, of, leave_out, quote })
    }
}
