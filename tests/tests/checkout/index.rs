//! A plan of what an index finds is the plan of all that is on file.

use cardmint::card::{Parameters, Template, TemplateDraft};
use cardmint::checkout::{Offer, Order, Plan, PromotionIndex, Purse, Verdict, plan};
use cardmint::money::Rounding;
use cardmint::rule::{Condition, FactTest, LineFilter, ProductSets, Test};
use cardmint::time::{Instant, Window, Zone};
use proptest::prelude::*;

use super::random::config;
use super::strategies::{SMALL, rounding, shop_of};
use super::terms;

const OFFERS: usize = 24;

/// A condition that about half of the orders meet, of each kind that an index tells orders apart by, and of kinds that it does not.
fn condition() -> impl Strategy<Value = Condition> {
    let fact = |name: &str, test: Test| Condition::Fact(FactTest::new(name, test));
    let product = prop::sample::select(vec!["tea", "milk", "mug", "cake"]);
    let named = |products: Vec<&str>| LineFilter {
        products: products.into_iter().map(str::to_owned).collect(),
        ..LineFilter::default()
    };
    let one = prop_oneof![
        prop::sample::select(vec!["app", "web"]).prop_map(move |text| fact("channel", Test::Eq(text.into()))),
        prop::sample::select(vec!["s1", "s2"]).prop_map(move |text| fact("store.id", Test::In(vec![text.into()]))),
        prop::sample::select(vec!["gold", "new"])
            .prop_map(move |text| fact("holder.segments", Test::ContainsAny(vec![text.to_owned()]))),
        prop::collection::vec(product, 1..3).prop_map(move |products| Condition::HasLine { lines: named(products) }),
        (1_i64..20).prop_map(move |pieces| fact("order.quantity", Test::AtMost(pieces.into()))),
    ];
    one.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2).prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

fn window() -> impl Strategy<Value = Window> {
    let edge = |from: i64| prop::option::weighted(0.3, from..from + 60);
    let moment = |millis: Option<i64>| millis.map(|millis| Instant::from_millis("at", millis).unwrap());
    (edge(-30), edge(-20)).prop_map(move |(start, end)| Window { start: moment(start), end: moment(end) })
}

/// What an order says besides its lines.
fn said() -> impl Strategy<Value = (Option<&'static str>, Option<&'static str>, bool)> {
    let of = |texts: Vec<&'static str>| prop::option::weighted(0.8, prop::sample::select(texts));
    (of(vec!["app", "web"]), of(vec!["s1", "s2"]), any::<bool>())
}

fn planned(order: &Order, offers: &[(String, Template)], only: &[usize], rounding: Rounding) -> Plan {
    let none = Parameters::new();
    let some = only.iter().filter_map(|at| offers.get(*at)).map(|(id, template)| {
        let balance_minor = if template.draft.kind.holds_value() { 500 } else { 0 };
        let purse = Purse { balance_minor, ..Purse::default() };
        Offer { id, template, parameters: &none, turn: 0, refused: None, purse }
    });
    plan(order, &some.collect::<Vec<_>>(), terms(rounding))
}

/// What a plan charges: totals, lines, and each offer that applies.
fn charged(mut plan: Plan) -> Plan {
    plan.offers.retain(|offer| offer.verdict == Verdict::Applied);
    plan
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn g22_a_plan_of_what_an_order_can_meet_is_the_plan_of_all(
        (order, drafts) in shop_of(SMALL, OFFERS),
        more in prop::collection::vec((prop::option::weighted(0.7, condition()), window()), OFFERS),
        (channel, store, gold) in said(),
        rounding in rounding(),
    ) {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let segments = gold.then(|| "gold".to_owned()).into_iter().collect();
        let order = Order { channel: text(channel), store: text(store), segments, ..order };
        let (mut index, mut offers, mut open) = (PromotionIndex::new(), Vec::new(), Vec::new());
        for (at, (draft, (condition, window))) in drafts.into_iter().zip(more).enumerate() {
            let conditions = draft.conditions.iter().cloned().chain(condition).collect();
            let template = Template::new(1, TemplateDraft { conditions, ..draft }, window, Zone::utc());
            index.insert(at, &template, &ProductSets::new());
            let now = Instant::EPOCH;
            if window.start.is_none_or(|start| start <= now) && window.end.is_none_or(|end| now < end) {
                open.push(at);
            }
            offers.push((format!("o{at:03}"), template));
        }
        let needed = index.needed(&order, Instant::EPOCH, &[]);
        prop_assert!(needed.iter().all(|at| open.contains(at)));
        let (all, found) = (planned(&order, &offers, &open, rounding), planned(&order, &offers, &needed, rounding));
        prop_assert_eq!(charged(all), charged(found));
    }
}
