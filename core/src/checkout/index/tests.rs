use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::PromotionIndex;
use crate::card::{Benefit, Setting, Template, TemplateDraft};
use crate::checkout::{Offer, Order, PlanTerms, Purse, Verdict, plan};
use crate::money::{Currency, Rounding};
use crate::rule::property_tests::{order, tree};
use crate::rule::{Condition, LineFilter, Over, ProductSet, ProductSets};
use crate::time::{Instant, Window, Zone};

fn moment(millis: i64) -> Instant {
    Instant::from_millis("at", millis).unwrap()
}

fn sets() -> ProductSets {
    let set = |name: &str, products: &[&str]| {
        let products = products.iter().map(|product| (*product).to_owned()).collect();
        ((name.to_owned(), 1), Arc::new(ProductSet::new(name, 1, products).unwrap()))
    };
    ProductSets::from([set("drinks", &["a", "b"]), set("cups", &["c"])])
}

fn template(draft: TemplateDraft, window: Window) -> Template {
    Template::new(1, draft, window, Zone::utc())
}

/// A template from its JSON, `validity` read in days of UTC.
fn from_json(value: &Value) -> Template {
    let draft = TemplateDraft::from_json(&value.to_string()).unwrap();
    draft.check().unwrap();
    let (start, end) = (draft.validity.start.as_deref(), draft.validity.end.as_deref());
    let window = Window::resolve("validity", start, end, &Zone::utc()).unwrap();
    let mut pinned = draft;
    pinned.pin_sets(|_, version| Ok::<u32, ()>(version.unwrap_or(1))).unwrap();
    template(pinned, window)
}

/// What a template alone comes to on an order.
fn verdict(template: &Template, order: &Order, at: Instant) -> Verdict {
    let (sets, parameters) = (sets(), crate::card::Parameters::new());
    let offer = Offer { id: "o", template, parameters: &parameters, turn: 0, refused: None, purse: Purse::default() };
    let terms = PlanTerms { sets: &sets, rounding: Rounding::HalfUp, at };
    plan(order, &[offer], terms).offers.first().unwrap().verdict
}

fn base(name: &str) -> Value {
    json!({"id": name, "currency": "CNY", "redeem_from": "claimed", "benefit": {"percent_off": {"off_bp": 1000}}})
}

fn with(more: Value) -> Value {
    let mut all = base("t");
    for (key, value) in more.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

fn asks(condition: Value) -> Value {
    with(json!({"conditions": [condition]}))
}

fn says(fact: &str, text: &str) -> Value {
    asks(json!({"fact": {"fact": fact, "eq": text}}))
}

fn any_line(of: Value) -> Value {
    asks(json!({"lines": {"match": "any", "where": of}}))
}

fn deal(deal: Value) -> Value {
    with(json!({"benefit": {"deal": deal}}))
}

/// An order of two lines that says something of everything.
fn rich() -> Value {
    json!({"id": "o", "currency": "CNY", "store": "s1", "channel": "app", "source": "ad", "payment_method": "card", "device_kind": "phone",
        "segments": ["gold", "old"], "place": {"region": "east"}, "attrs": {"kind": "gift"}, "holder_attrs": {"levels": ["l1", "l2"]},
        "lines": [
            {"id": "1", "product": "a", "quantity": 2, "amount_minor": 5000, "categories": ["tea", "new"], "tags": ["t1"], "attrs": {"brand": "x"}},
            {"id": "2", "product": "c", "quantity": 1, "amount_minor": 3000, "categories": ["mug"]}]})
}

/// The same with one thing changed.
fn but(pointer: &str, value: Value) -> Order {
    let mut all = rich();
    if let (Some(field), true) = (pointer.strip_prefix('/'), all.pointer(pointer).is_none()) {
        all[field] = value;
    } else {
        *all.pointer_mut(pointer).unwrap() = value;
    }
    serde_json::from_value(all).unwrap()
}

/// Each kind of thing that tells orders apart: a template, and orders that cannot meet it though one that does stands beside them.
fn cases() -> Vec<(&'static str, Value, Vec<Order>)> {
    let no_tea = || but("/lines/0/product", json!("z"));
    let no_mug = || but("/lines/1/product", json!("z"));
    let small = || but("/lines/0/amount_minor", json!(999));
    let of = |filter: Value| json!({"amount_off": {"minor": 5, "over": {"lines": filter}}});
    vec![
        ("currency", base("t"), vec![but("/currency", json!("USD"))]),
        ("product of the benefit", with(json!({"benefit": of(json!({"products": ["a", "b"]}))})), vec![no_tea()]),
        ("set of the benefit", with(json!({"benefit": of(json!({"product_set": "drinks"}))})), vec![no_tea()]),
        ("category of the benefit", with(json!({"benefit": of(json!({"categories": ["tea"]}))})), vec![but("/lines/0/categories", json!(["new"]))]),
        ("product that must be there", asks(json!({"has_line": {"lines": {"products": ["c"]}}})), vec![no_mug()]),
        ("line by its product", any_line(json!({"fact": {"fact": "line.product", "in": ["c", "d"]}})), vec![no_mug()]),
        ("all lines by their products", asks(json!({"lines": {"match": "all", "where": {"fact": {"fact": "line.product", "in": ["a", "c"]}}}})),
            vec![serde_json::from_value(json!({"id": "o", "currency": "CNY", "lines": [{"id": "1", "product": "z", "quantity": 1, "amount_minor": 9}]})).unwrap()]),
        ("line by its set", any_line(json!({"product_set": {"name": "cups"}})), vec![no_mug()]),
        ("line by its tag", any_line(json!({"fact": {"fact": "line.tags", "contains_any": ["t1", "t2"]}})), vec![but("/lines/0/tags", json!(["t3"]))]),
        ("line by its category", any_line(json!({"fact": {"fact": "line.categories", "contains_all": ["tea", "new"]}})), vec![but("/lines/0/categories", json!(["tea"]))]),
        ("line by an attribute", any_line(json!({"fact": {"fact": "line.attr.brand", "type": "text", "eq": "x"}})), vec![but("/lines/0/attrs", json!({"brand": "y"}))]),
        ("both of a line", any_line(json!({"all": [{"fact": {"fact": "line.product", "eq": "a"}}, {"fact": {"fact": "line.tags", "contains_any": ["t1"]}}]})),
            vec![no_tea(), but("/lines/0/tags", json!([]))]),
        ("one of a line", any_line(json!({"any": [{"fact": {"fact": "line.product", "eq": "c"}}, {"fact": {"fact": "line.product", "eq": "d"}}]})), vec![no_mug()]),
        ("pieces of a product", asks(json!({"lines": {"where": {"fact": {"fact": "line.product", "eq": "a"}}, "quantity": {"at_least": 2}}})), vec![no_tea()]),
        ("sum of a product", asks(json!({"lines": {"where": {"fact": {"fact": "line.product", "eq": "c"}}, "sum": {"at_least": 2000}}})), vec![no_mug()]),
        ("spent on products", asks(json!({"min_spend": {"minor": 2000, "over": {"lines": {"products": ["c"]}}}})), vec![no_mug()]),
        ("segment", asks(json!({"fact": {"fact": "holder.segments", "contains_any": ["gold", "black"]}})), vec![but("/segments", json!(["old"]))]),
        ("all segments", asks(json!({"fact": {"fact": "holder.segments", "contains_all": ["gold", "old"]}})), vec![but("/segments", json!(["old"]))]),
        ("a segment by two negations", asks(json!({"not": {"fact": {"fact": "holder.segments", "contains_none": ["gold"]}}})), vec![but("/segments", json!(["old"]))]),
        ("attribute of the holder", asks(json!({"fact": {"fact": "holder.attr.levels", "type": "texts", "contains_any": ["l2"]}})), vec![but("/holder_attrs", json!({"levels": ["l1"]}))]),
        ("attribute of the order", says_of("order.attr.kind", "gift"), vec![but("/attrs", json!({"kind": "own"})), but("/attrs", json!({}))]),
        ("store", says("store.id", "s1"), vec![but("/store", json!("s2")), but("/store", Value::Null)]),
        ("channel", says("channel", "app"), vec![but("/channel", json!("web"))]),
        ("source", says("order.source", "ad"), vec![but("/source", json!("mail"))]),
        ("way of payment", says("payment.method", "card"), vec![but("/payment_method", json!("cash"))]),
        ("device", says("device.kind", "phone"), vec![but("/device_kind", json!("desk"))]),
        ("region", says("place.region", "east"), vec![but("/place", json!({"region": "west"}))]),
        ("one of several facts", asks(json!({"any": [{"fact": {"fact": "store.id", "eq": "s1"}}, {"fact": {"fact": "channel", "eq": "web"}}]})), vec![but("/store", json!("s2"))]),
        ("all of several facts", asks(json!({"all": [{"fact": {"fact": "store.id", "eq": "s1"}}, {"fact": {"fact": "channel", "eq": "app"}}]})),
            vec![but("/store", json!("s2")), but("/channel", json!("web"))]),
        ("least spend", asks(json!({"min_spend": {"minor": 8000}})), vec![small()]),
        ("subtotal", asks(json!({"fact": {"fact": "order.subtotal", "gt": 7999}})), vec![small()]),
        ("subtotal between", asks(json!({"fact": {"fact": "order.subtotal", "between": [8000, 9000]}})), vec![small()]),
        ("one of two subtotals", asks(json!({"any": [{"min_spend": {"minor": 8000}}, {"min_spend": {"minor": 9000}}]})), vec![small()]),
        ("first step of a deal", deal(json!({"steps": [{"from": {"minor": 8000}, "off": {"minor": 5}}, {"from": {"minor": 9000}, "off": {"minor": 9}}]})), vec![small()]),
        ("every so much", deal(json!({"every": {"minor": 8000}, "steps": [{"off": {"minor": 5}}]})), vec![small()]),
        ("what counts of a deal", deal(json!({"over": {"lines": {"products": ["c"]}}, "steps": [{"off": {"minor": 5}}]})), vec![no_mug()]),
        ("what gets a deal", deal(json!({"on": {"lines": {"products": ["c"]}}, "steps": [{"off": {"off_bp": 5000}}]})), vec![no_mug()]),
        ("each part of a set", deal(json!({"every": {"set": [{"lines": {"products": ["a"]}}, {"lines": {"products": ["c"]}}]}, "steps": [{"off": {"minor": 5}}]})),
            vec![no_tea(), no_mug()]),
    ]
}

fn says_of(fact: &str, text: &str) -> Value {
    asks(json!({"fact": {"fact": fact, "type": "text", "eq": text}}))
}

#[test]
fn g22_what_cannot_match_is_no_candidate() {
    let (matching, at) = (but("/id", json!("o")), moment(0));
    let mut all = PromotionIndex::new();
    let cases = cases();
    for (name, value, others) in &cases {
        let template = from_json(value);
        let mut index = PromotionIndex::new();
        index.insert("t", &template, &sets());
        assert_eq!(verdict(&template, &matching, at), Verdict::Applied, "{name}");
        assert_eq!(index.candidates(&matching, at), ["t"], "{name}");
        for other in others {
            assert_ne!(verdict(&template, other, at), Verdict::Applied, "{name}");
            assert_eq!(index.candidates(other, at), [""; 0], "{name}");
        }
        all.insert(*name, &template, &sets());
    }
    assert_eq!(all.candidates(&matching, at).len(), cases.len());
    for (name, _, others) in &cases {
        others.iter().for_each(|other| assert!(!all.candidates(other, at).contains(name), "{name}"));
    }
}

#[test]
fn what_says_nothing_certain_is_always_a_candidate() {
    let lonely: Order = serde_json::from_value(json!({"id": "o", "currency": "CNY", "lines": [{"id": "1", "product": "z", "quantity": 1, "amount_minor": 40}]})).unwrap();
    let gifts =
        json!({"on": {"lines": {"products": ["c"]}}, "steps": [{"off": {"gifts": {"of": [{"product": "g"}]}}}]});
    for value in [
        asks(json!({"not": {"fact": {"fact": "channel", "eq": "app"}}})),
        asks(json!({"fact": {"fact": "channel", "exists": false}})),
        asks(
            json!({"any": [{"fact": {"fact": "channel", "eq": "app"}}, {"fact": {"fact": "order.quantity", "at_most": 3}}]}),
        ),
        asks(json!({"lines": {"match": "none", "where": {"fact": {"fact": "line.product", "eq": "a"}}}})),
        asks(json!({"lines": {"where": {"fact": {"fact": "line.product", "eq": "a"}}, "count": {"at_most": 3}}})),
        asks(json!({"fact": {"fact": "order.subtotal", "lt": 50}})),
        // Presents need none of the lines that others would get something off.
        deal(gifts),
    ] {
        let template = from_json(&value);
        let mut index = PromotionIndex::new();
        index.insert("t", &template, &sets());
        assert_eq!(verdict(&template, &lonely, moment(0)), Verdict::Applied, "{value}");
        assert_eq!(index.candidates(&lonely, moment(0)), ["t"], "{value}");
    }
    // A set that is not at hand may be anything.
    let mut index = PromotionIndex::new();
    index.insert("t", &from_json(&any_line(json!({"product_set": {"name": "cups"}}))), &ProductSets::new());
    assert_eq!(index.candidates(&lonely, moment(0)), ["t"]);
}

#[test]
fn windows_tell_by_the_moment() {
    let day = |day: i64| moment(day * 86_400_000);
    let mut index = PromotionIndex::new();
    let mut windows = Vec::new();
    for start in (0..60).step_by(3) {
        for length in [1, 2, 5, 17] {
            windows.push((Some(start), Some(start + length)));
        }
        windows.extend([(Some(start), None), (None, Some(start))]);
    }
    windows.push((None, None));
    for (id, (start, end)) in windows.iter().enumerate() {
        let window = Window { start: start.map(day), end: end.map(day) };
        let draft =
            TemplateDraft::from_json(&json!({"id": "t", "benefit": {"percent_off": {"off_bp": 1}}}).to_string());
        index.insert(id, &template(draft.unwrap(), window), &sets());
    }
    for hour in -24..24 * 80 {
        let at = moment(hour * 3_600_000);
        let is_open = |(start, end): &(Option<i64>, Option<i64>)| {
            start.is_none_or(|start| day(start) <= at) && end.is_none_or(|end| at < day(end))
        };
        let open: Vec<usize> =
            windows.iter().enumerate().filter(|(_, window)| is_open(window)).map(|(id, _)| id).collect();
        assert_eq!(index.candidates(&but("/id", json!("o")), at), open, "hour {hour}");
    }
    // Ten of ten thousand windows are open at any moment.
    let mut index = PromotionIndex::new();
    for hour in 0..10_000_i64 {
        let window = Window { start: Some(moment(hour * 3_600_000)), end: Some(moment((hour + 10) * 3_600_000)) };
        let draft =
            TemplateDraft::from_json(&json!({"id": "t", "benefit": {"percent_off": {"off_bp": 1}}}).to_string());
        index.insert(hour, &template(draft.unwrap(), window), &sets());
    }
    for hour in (20..9_000).step_by(67) {
        let (order, at) = (but("/id", json!("o")), moment(hour * 3_600_000 + 1));
        let mut seen = 0;
        index.each_near(&index.asked(&order, at), |_| seen += 1);
        assert_eq!(index.candidates(&order, at), (hour - 9..=hour).collect::<Vec<_>>());
        assert!(seen <= 40, "{seen} are come across");
    }
    // An end that can be put off is no end.
    let extendable =
        json!({"id": "t", "benefit": {"percent_off": {"off_bp": 1}}, "policies": {"extend": {"days_max": 9}}});
    let draft = TemplateDraft::from_json(&extendable.to_string()).unwrap();
    let mut index = PromotionIndex::new();
    index.insert("t", &template(draft, Window { start: None, end: Some(day(1)) }), &sets());
    assert_eq!(index.candidates(&but("/id", json!("o")), day(2)), ["t"]);
}

#[test]
fn thresholds_above_the_order_are_not_looked_at() {
    let mut index = PromotionIndex::new();
    for minor in 1..=1_000_i64 {
        index.insert(minor, &from_json(&asks(json!({"min_spend": {"minor": minor}}))), &sets());
    }
    let of = |minor: i64| {
        let order = json!({"id": "o", "currency": "CNY", "lines": [{"id": "1", "product": "z", "quantity": 1, "amount_minor": minor}]});
        let order: Order = serde_json::from_value(order).unwrap();
        let asked = index.asked(&order, moment(0));
        let mut seen = 0;
        index.each_near(&asked, |_| seen += 1);
        assert_eq!(seen, index.candidates(&order, moment(0)).len(), "no other is come across");
        seen
    };
    assert_eq!((of(0), of(1), of(500), of(5_000)), (0, 1, 500, 1_000));
}

/// What an order comes across, whether it fits or not.
fn come_across(index: &PromotionIndex<usize>, order: &Order) -> usize {
    let mut seen = 0;
    index.each_near(&index.asked(order, moment(0)), |_| seen += 1);
    seen
}

#[test]
fn g22_an_order_comes_across_few_of_a_hundred_thousand() {
    let mut index = PromotionIndex::new();
    let filter = |at: usize| match at % 4 {
        0 => json!({"has_line": {"lines": {"products": [format!("p{at}")]}}}),
        1 => json!({"has_line": {"lines": {"categories": [format!("c{at}")]}}}),
        2 => json!({"fact": {"fact": "holder.segments", "contains_any": [format!("g{at}")]}}),
        // A hot channel, and a threshold behind it.
        _ => json!({"all": [{"fact": {"fact": "channel", "eq": "app"}}, {"min_spend": {"minor": at}}]}),
    };
    for at in 0..100_000 {
        index.insert(at, &from_json(&asks(filter(at))), &sets());
    }
    let order = json!({"id": "o", "currency": "CNY", "channel": "app", "segments": ["g6"],
        "lines": [{"id": "1", "product": "p4", "quantity": 6000, "amount_minor": 11, "categories": ["c1", "c5"]}]});
    let order = serde_json::from_value(order).unwrap();
    assert_eq!(index.candidates(&order, moment(0)), [1, 3, 4, 5, 6, 7, 11]);
    assert_eq!(come_across(&index, &order), 7);
}

#[test]
fn the_narrowest_of_a_group_is_needed_though_it_cannot_match() {
    let stacking = |combine: &str, rank: i64| with(json!({"stacking": {"rank": rank, "combine": combine}}));
    let elsewhere = |mut value: Value| {
        value["conditions"] = json!([{"fact": {"fact": "channel", "eq": "web"}}]);
        from_json(&value)
    };
    let mut index = PromotionIndex::new();
    index.insert("all", &from_json(&base("t")), &sets());
    index.insert("best", &elsewhere(stacking("best_for_customer", 0)), &sets());
    index.insert("first", &elsewhere(stacking("first", 0)), &sets());
    index.insert("later", &elsewhere(stacking("exclusive", 1)), &sets());
    let order = but("/id", json!("o"));
    assert_eq!(index.candidates(&order, moment(0)), ["all"]);
    assert_eq!(index.needed(&order, moment(0), &[]), ["all", "best"]);
    let beside = from_json(&stacking("all", 1));
    assert_eq!(index.needed(&order, moment(0), &[&beside]), ["all", "best", "later"]);
    index.remove(&"best");
    assert_eq!(index.needed(&order, moment(0), &[]), ["all", "first"]);
}

fn filter() -> impl Strategy<Value = LineFilter> {
    let products = || prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "ab"]), 1..3);
    let named = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<String>>();
    let set = prop::sample::select(vec!["drinks", "cups"]);
    prop_oneof![
        products().prop_map(move |products| LineFilter { products: named(products), ..LineFilter::default() }),
        set.prop_map(|set| LineFilter {
            product_set: Some(set.to_owned()),
            product_set_version: Some(1),
            ..LineFilter::default()
        }),
    ]
}

/// Conditions of every shape, filters among them, over lines and the order.
fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    let filtered = prop_oneof![
        filter().prop_map(|lines| Condition::HasLine { lines }),
        (1_i64..9, filter()).prop_map(|(minor, lines)| Condition::MinSpend { minor, over: Over::Lines(lines) }),
    ];
    let one = prop_oneof![
        3 => tree(),
        1 => filtered.clone(),
        1 => filtered.clone().prop_map(|inner| Condition::Not(Box::new(inner))),
        1 => (filtered, tree()).prop_map(|(one, other)| Condition::Any(vec![one, other])),
    ];
    prop::collection::vec(one, 0..3)
}

fn window() -> impl Strategy<Value = Window> {
    let edge = || prop::option::weighted(0.4, (0_i64..50).prop_map(moment));
    (edge(), edge()).prop_map(|(start, end)| Window { start, end })
}

fn promotion() -> impl Strategy<Value = Template> {
    let over = prop_oneof![Just(Over::Order), filter().prop_map(Over::Lines)];
    let currency = prop::sample::select(vec![Some("CNY"), Some("USD"), None]);
    (conditions(), over, window(), currency).prop_map(|(conditions, over, window, currency)| {
        let benefit = Benefit::PercentOff { off_bp: Setting::Fixed(10_000), cap_minor: None, over };
        let currency = currency.map(|code| Currency::parse("", code).unwrap());
        template(TemplateDraft { conditions, currency, ..TemplateDraft::new("t", benefit) }, window)
    })
}

/// What is kept of an index that does not hang on how it came about.
fn told(index: &PromotionIndex<usize>, orders: &[Order]) -> Vec<Vec<usize>> {
    let moments = [0, 7, 20, 49].map(moment);
    orders.iter().flat_map(|order| moments.map(|at| index.candidates(order, at))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]

    /// Whoever applies alone is a candidate among many.
    #[test]
    fn g22_whatever_applies_is_a_candidate(
        promotions in prop::collection::vec(promotion(), 1..40),
        orders in prop::collection::vec(order(), 1..6),
        at in 0_i64..50,
    ) {
        let at = moment(at);
        let mut index = PromotionIndex::new();
        for (id, promotion) in promotions.iter().enumerate() {
            index.insert(id, promotion, &sets());
        }
        for order in &orders {
            let candidates = index.candidates(order, at);
            prop_assert!(candidates.is_sorted());
            for (id, promotion) in promotions.iter().enumerate() {
                let is_open = promotion.window.start.is_none_or(|start| start <= at)
                    && promotion.window.end.is_none_or(|end| at < end);
                if is_open && verdict(promotion, order, at) == Verdict::Applied {
                    prop_assert!(candidates.contains(&id), "{:?} on {:?}", promotion, order);
                }
            }
        }
    }

    /// An index that was changed is one that was made anew, and an emptied one keeps nothing.
    #[test]
    fn an_index_that_was_changed_is_as_one_made_anew(
        promotions in prop::collection::vec(promotion(), 1..40),
        steps in prop::collection::vec((0_usize..20, prop::option::weighted(0.7, 0_usize..40)), 1..80),
        orders in prop::collection::vec(order(), 1..4),
    ) {
        let sets = sets();
        let mut changed = PromotionIndex::new();
        let mut there = std::collections::BTreeMap::new();
        for (id, which) in steps {
            match which {
                Some(which) => {
                    let which = which % promotions.len();
                    changed.insert(id, &promotions[which], &sets);
                    there.insert(id, which);
                }
                None => prop_assert_eq!(changed.remove(&id), there.remove(&id).is_some()),
            }
        }
        let mut anew = PromotionIndex::new();
        for (id, which) in there.iter().rev() {
            anew.insert(*id, &promotions[*which], &sets);
        }
        prop_assert_eq!(told(&changed, &orders), told(&anew, &orders));
        prop_assert_eq!(changed.ids().collect::<Vec<_>>(), anew.ids().collect::<Vec<_>>());
        let all: BTreeSet<usize> = changed.ids().copied().collect();
        prop_assert!(all.iter().all(|id| changed.remove(id)));
        prop_assert!(changed.is_empty() && changed.keys.len() == 0 && changed.rest.len() == 0);
        prop_assert!(changed.starting.is_empty() && changed.ending.is_empty() && changed.narrowing.is_empty());
    }
}
