//! What a quote tells of the ceilings that a use meets: which of them it looked at, and how they stand (G-13).

use serde::Serialize;

use super::command::Stop;
use super::counters::Sight;
use super::limits::{self, User};
use super::redeem::Usable;
use super::resolve::Ground;
use super::view::View;
use crate::card::{self, CountedIn, HeldOn};
use crate::checkout::Covered;
use crate::limit::Stands;
use crate::money::Currency;
use crate::store::Owner;
use crate::subject::SubjectKey;
use crate::time::Instant;

/// A ceiling that a use of the card meets, in the words of its denial.
///
/// Where it was `checked`, a redemption or a hold at the same moment hears the same of it as the quote. It was not where the quote ended
/// in an earlier *no*, where the request does not say what it counts apart, and where it counts what is no use: open holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct QuotedLimit {
    /// The limit's name; `uses_per_card`, `uses_per_holder`, `claims_per_holder`, `check_ins`, `open_holds_per_holder`,
    /// `open_holds_per_batch` or `open_holds_per_campaign` of those that are fields of the template.
    pub name: String,
    /// Whose it is: `template`, `batch` or `campaign`.
    pub scope: &'static str,
    /// For whom it counts apart; for all together where it is empty.
    pub per: Vec<String>,
    /// Over which time: `total`, `day`, `week`, `month`, `year`, `rolling 3600 s`.
    pub window: String,
    /// Of a budget; its figures are minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The ceiling.
    pub limit: i64,
    /// Whether the quote looked at it.
    pub checked: bool,
    /// What is used, where it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<i64>,
    /// What other orders hold, where it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<i64>,
    /// What is left for this order, where it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// What the use takes of it, or asks for in vain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<i64>,
}

impl QuotedLimit {
    /// One that was not looked at.
    pub(super) fn of(
        name: impl Into<String>,
        scope: &'static str,
        per: Vec<String>,
        window: String,
        limit: i64,
    ) -> Self {
        let (currency, used, held, left, asked) = (None, None, None, None, None);
        Self { name: name.into(), scope, per, window, currency, limit, checked: false, used, held, left, asked }
    }

    /// The same, looked at.
    pub(super) fn seen(self, stands: Stands, asked: i64) -> Self {
        let Stands { used, held, left } = stands;
        Self { checked: true, used: Some(used), held: Some(held), left: Some(left), asked: Some(asked), ..self }
    }

    fn of_template(name: &str, per: &str, limit: impl Into<i64>) -> Self {
        Self::of(name, "template", vec![per.to_owned()], "total".to_owned(), limit.into())
    }
}

/// A use that has a price.
pub(super) struct Use<'a> {
    pub usable: &'a Usable,
    pub covered: &'a Covered,
    /// Of a times card.
    pub units: Option<u32>,
    /// What the order holds already.
    pub own: &'a [HeldOn],
    pub now: Instant,
}

/// All ceilings of a ground, in the order in which they are looked at; those of a use that has a price with how they stand.
pub(super) fn ceilings(
    view: &mut View<'_>,
    ground: &Ground,
    user: &User<'_>,
    of: Option<&Use<'_>>,
) -> Result<Vec<QuotedLimit>, Stop> {
    let draft = &ground.template.draft;
    let mut all = Vec::new();
    if let Some(most) = draft.limits.claims_per_holder
        && of.is_none_or(|of| of.usable.claim.is_some())
        && ground.batch.normalisation.is_some()
    {
        let entry = QuotedLimit::of_template("claims_per_holder", "holder", most);
        let seen = of.and_then(|of| of.usable.holder.as_ref().map(|holder| (holder, of.now)));
        all.push(of_holder(view, ground, entry, "claims", seen, &[])?);
    }
    match draft.kind.terms().counted_in {
        CountedIn::Use | CountedIn::Units => all.push(of_card(ground, of)),
        CountedIn::Value | CountedIn::Nothing => {}
    }
    if let Some(most) = draft.limits.uses_per_holder {
        let entry = QuotedLimit::of_template("uses_per_holder", "holder", most);
        let seen = of.and_then(|of| of.usable.holder.as_ref().map(|holder| (holder, of.now)));
        all.push(of_holder(view, ground, entry, "uses", seen, of.map_or(&[], |of| of.own))?);
    }
    all.extend(limits::standing(view, ground, user, of)?);
    if let Some(check_ins) = card::check_ins(&ground.template) {
        let per = vec!["card".to_owned()];
        let entry =
            QuotedLimit::of("check_ins", "template", per, check_ins.per.name().to_owned(), i64::from(check_ins.limit));
        all.push(match of {
            Some(of) => {
                let unit = card::check_in_unit(&ground.template, check_ins.per, of.now);
                let used = view.balance(&Owner::Card(of.usable.card.id), &unit)?;
                let left = (i64::from(check_ins.limit) - used).max(0);
                entry.seen(Stands { used, held: 0, left }, 1)
            }
            None => entry,
        });
    }
    all.extend(open_holds(ground, user.holder));
    Ok(all)
}

fn of_card(ground: &Ground, of: Option<&Use<'_>>) -> QuotedLimit {
    let draft = &ground.template.draft;
    let most = i64::from(draft.limits.uses_per_card);
    let entry = QuotedLimit::of_template("uses_per_card", "card", most);
    let Some(of) = of else { return entry };
    let card = &of.usable.card;
    let held = card.held.held(of.now);
    let left = i64::from(card.uses_left);
    let stands = Stands { used: (most - left).max(0), held, left: (left - held).max(0) };
    entry.seen(stands, i64::from(of.units.unwrap_or(1)))
}

/// What a holder's account of the template says, beside what the order holds already.
fn of_holder(
    view: &mut View<'_>,
    ground: &Ground,
    entry: QuotedLimit,
    measure: &str,
    seen: Option<(&SubjectKey, Instant)>,
    own: &[HeldOn],
) -> Result<QuotedLimit, Stop> {
    let Some((holder, now)) = seen else { return Ok(entry) };
    let unit = ground.template.unit(measure);
    let (owner, elsewhere) = view.account_of(holder, &unit, now)?;
    let own: i64 = own.iter().filter(|on| on.owner == owner && on.unit == unit).map(|on| on.amount).sum();
    let sight = Sight::of(view, owner, unit)?;
    let Stands { used, held, left } = sight.stands_under(entry.limit - elsewhere, sight.no_earlier(now));
    Ok(entry.seen(Stands { used: used + elsewhere, held: held - own, left: left + own }, 1))
}

/// Those that only holds meet.
fn open_holds(ground: &Ground, holder: Option<&SubjectKey>) -> impl Iterator<Item = QuotedLimit> {
    let holds = &ground.template.draft.holds;
    let per_campaign = holds.open_per_campaign.filter(|_| ground.campaign.is_some());
    let of = |name, per, most: u32| QuotedLimit::of_template(name, per, most);
    [
        holder.map(|_| of("open_holds_per_holder", "holder", holds.open_per_holder)),
        holds.open_per_batch.map(|most| of("open_holds_per_batch", "batch", most)),
        per_campaign.map(|most| of("open_holds_per_campaign", "campaign", most)),
    ]
    .into_iter()
    .flatten()
}
