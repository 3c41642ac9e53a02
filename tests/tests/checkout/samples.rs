//! Samples: orders in the memory of an engine, and what drafts would have come to on them, beside sums of each order's own figures.

use std::collections::BTreeMap;

use cardmint_bridge::{Operation, Step, Tenant, open};
use serde_json::{Value, json};

use super::cases::options;
use super::many::{call, figure};

/// A job to its end: its reply, and what was done after each step.
fn work(shop: &Tenant, name: &str, request: &Value) -> Result<(Value, Vec<u64>), Value> {
    let read = |text: &[u8]| -> Value { serde_json::from_slice(text).unwrap() };
    let failed = |failure: cardmint_bridge::Failure| read(failure.to_json().as_bytes());
    let mut cursor = Operation::named(name).unwrap().begin(shop, request.to_string().as_bytes()).map_err(failed)?;
    let mut done = Vec::new();
    loop {
        match cursor.next(1).map_err(failed)? {
            Step::Working => done.push(cursor.progress().done),
            Step::Reply(reply) => return Ok((read(&reply), done)),
            Step::End => panic!("a job ends with its reply"),
        }
    }
}

fn shop() -> Tenant {
    open(options().as_bytes()).unwrap().tenant("default", "live").unwrap()
}

/// Orders of a shop: two stores and none, segments, days, two lines each; every 50th in another currency.
fn orders(count: u64) -> Vec<Value> {
    let each = (0..count).map(|at| {
        let dice = |salt: u64| at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(salt.wrapping_mul(1_442_695_040_888_963_407)) >> 33;
        let mut order = json!({
            "id": format!("o{at}"),
            "currency": if at % 50 == 49 { "EUR" } else { "CNY" },
            "lines": [
                {"id": "1", "product": "tea", "categories": ["drinks"], "quantity": 1 + dice(1) % 3, "amount_minor": dice(2) % 30_000},
                {"id": "2", "product": "cup", "quantity": 1, "amount_minor": dice(3) % 9_000},
            ],
            "shipping_minor": dice(4) % 2 * 600,
            "placed_at": format!("2026-10-{:02}T12:00:00.000Z", 1 + dice(5) % 28),
        });
        match dice(6) % 3 {
            0 => {}
            one => order["store"] = json!(format!("s{one}")),
        }
        let segments: Vec<&str> = [("new", 1), ("vip", 2), ("staff", 4)].iter().filter(|(_, bit)| dice(7) & bit > 0).map(|(name, _)| *name).collect();
        if !segments.is_empty() {
            order["segments"] = json!(segments);
        }
        order
    });
    each.collect()
}

/// 20 off from 150 with two parties that bear it, one tenth off tea in the middle of the month, a gift card of 5.
fn offers() -> Value {
    json!([
        {"id": "from-150", "template": {"id": "a", "currency": "CNY", "benefit": {"amount_off": {"minor": 2_000}},
            "conditions": [{"min_spend": {"minor": 15_000}}],
            "funding": [{"party": "brand", "off_bp": 3_333}, {"party": "shop", "off_bp": 6_667}]}},
        {"id": "tea", "template": {"id": "b", "benefit": {"percent_off": {"off_bp": 1_000, "over": {"lines": {"categories": ["drinks"]}}}},
            "validity": {"start": "2026-10-10", "end": "2026-10-20"}}},
        {"id": "card", "template": {"id": "c", "kind": "gift_card", "currency": "CNY", "benefit": {"value": {"minor": 500}}}},
    ])
}

fn sampled(shop: &Tenant, name: &str, orders: &[Value]) {
    for piece in orders.chunks(700) {
        call(shop, "sample_orders", &json!({"sample": name, "orders": piece})).unwrap();
    }
}

/// What each order comes to by itself.
fn each(shop: &Tenant, offers: &Value, orders: &[Value]) -> Vec<Value> {
    let figures = orders.chunks(500).flat_map(|orders| {
        let quoted = call(shop, "quote_orders", &json!({"orders": orders, "offers": offers})).unwrap();
        quoted["orders"].as_array().unwrap().clone()
    });
    figures.collect()
}

fn touched(figures: &Value) -> bool {
    figures["shares"].as_array().unwrap().iter().any(|shares| !shares.is_null())
}

fn before(order: &Value) -> i64 {
    let lines = order["lines"].as_array().unwrap();
    lines.iter().map(|line| figure(line, "amount_minor")).sum::<i64>() + figure(order, "shipping_minor")
}

/// Orders, touched, before, discount, tender, payable.
type Sums = [i64; 6];

fn sums(orders: &[Value], figures: &[Value], of: impl Fn(&Value) -> bool) -> Sums {
    let mut sums = Sums::default();
    for (order, figures) in orders.iter().zip(figures).filter(|(order, _)| of(order)) {
        let of = |name| figure(figures, name);
        let more = [
            1,
            i64::from(touched(figures)),
            before(order),
            of("discount_minor"),
            of("tender_minor"),
            of("payable_minor"),
        ];
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
    sums
}

fn told(of: &Value) -> Sums {
    ["orders", "touched", "before_minor", "discount_minor", "tender_minor", "payable_minor"]
        .map(|name| figure(of, name))
}

/// Every item of a stream, fetched by `most` at a time, and what was done after each page.
fn streamed(shop: &Tenant, name: &str, request: &Value, most: usize) -> (Vec<Value>, Vec<u64>) {
    let mut cursor = Operation::named(name).unwrap().begin(shop, request.to_string().as_bytes()).unwrap();
    let (mut items, mut done) = (Vec::new(), Vec::new());
    while let Step::Reply(page) = cursor.next(most).unwrap() {
        let page: Vec<Value> = serde_json::from_slice(&page).unwrap();
        assert!((1..=most).contains(&page.len()));
        items.extend(page);
        done.push(cursor.progress().done);
    }
    (items, done)
}

#[test]
fn the_rows_of_a_back_test_are_each_order_by_itself() {
    let shop = shop();
    let all = orders(2_600);
    sampled(&shop, "october", &all);
    let yuan: Vec<Value> = all.iter().filter(|order| order["currency"] == "CNY").cloned().collect();
    let request = json!({"sample": "october", "offers": offers(), "currency": "CNY"});
    let (rows, done) = streamed(&shop, "backtest_orders", &request, 300);
    assert_eq!(rows.len(), yuan.len());
    assert!(done.len() > 8 && done.is_sorted() && done.iter().all(|done| *done <= 2_600), "{done:?}");
    for ((row, order), figures) in rows.iter().zip(&yuan).zip(each(&shop, &offers(), &yuan)) {
        let offers = figures["shares"].as_array().unwrap().iter();
        let offers: Vec<Option<i64>> =
            offers.map(|shares| Some(shares.as_array()?.iter().filter_map(Value::as_i64).sum())).collect();
        let mut told = json!({
            "order": order["id"], "placed_at": order["placed_at"].as_str().unwrap().replace(".000", ""), "before_minor": before(order),
            "discount_minor": figures["discount_minor"], "tender_minor": figures["tender_minor"],
            "payable_minor": figures["payable_minor"], "offers_minor": offers,
        });
        if let Some(store) = order.get("store") {
            told["store"] = store.clone();
        }
        assert_eq!(row, &told);
    }
    let refused = Operation::named("backtest_orders")
        .unwrap()
        .begin(&shop, json!({"sample": "none", "offers": []}).to_string().as_bytes());
    assert_eq!(refused.unwrap_err().code, "unknown");
}

#[test]
fn a_back_test_is_the_sum_of_each_order_by_itself() {
    let shop = shop();
    let all = orders(2_600);
    sampled(&shop, "october", &all);
    let yuan: Vec<Value> = all.iter().filter(|order| order["currency"] == "CNY").cloned().collect();
    let figures = each(&shop, &offers(), &yuan);
    let request = json!({
        "sample": "october", "offers": offers(), "currency": "CNY",
        "segments": [
            {"fact": "store.id"}, {"fact": "holder.segments"}, {"fact": "order.subtotal", "bands": [10_000, 20_000]},
            {"fact": "now.weekday"}, {"fact": "holder.new_customer"},
        ],
    });
    let (report, steps) = work(&shop, "backtest", &request).unwrap();
    assert!(steps.len() > 3 && steps.is_sorted() && steps.last() == Some(&2_600), "progress: {steps:?}");
    let whole = sums(&yuan, &figures, |_| true);
    assert_eq!(told(&report), whole);
    assert!(whole[1] > 500 && whole[3] > 0 && whole[4] > 0);
    assert_eq!((figure(&report, "other_orders"), report["currency"].as_str()), (52, Some("CNY")));

    let mut savings: Vec<i64> =
        figures.iter().filter(|one| touched(one)).map(|one| figure(one, "discount_minor")).collect();
    savings.sort_unstable();
    let quantiles = report["saving"]["quantiles_minor"].as_array().unwrap();
    assert_eq!(
        (quantiles.len(), &quantiles[0], &quantiles[20]),
        (21, &json!(savings[0]), &json!(savings[savings.len() - 1]))
    );
    assert_eq!(quantiles[10], json!(savings[savings.len().div_ceil(2) - 1]), "the median");

    for (place, offer) in report["offers"].as_array().unwrap().iter().enumerate() {
        let shares = figures.iter().filter_map(|one| one["shares"][place].as_array());
        let sum: i64 = shares.clone().flatten().filter_map(Value::as_i64).sum();
        assert_eq!(figure(offer, "orders"), i64::try_from(shares.count()).unwrap());
        assert_eq!(figure(offer, "discount_minor") + figure(offer, "tender_minor"), sum, "{offer}");
        assert_eq!(figure(offer, "tender_minor") > 0, offer["id"] == "card");
    }
    let funding = report["offers"][0]["funding"].as_array().unwrap();
    let borne: Vec<i64> = funding.iter().map(|part| figure(part, "off_minor")).collect();
    assert_eq!(borne.iter().sum::<i64>(), figure(&report["offers"][0], "discount_minor"));
    assert!(borne[0] * 2 < borne[1] + 2 * 2_600 && borne[1] < borne[0] * 2 + 2 * 2_600, "a third and two: {borne:?}");

    let segments = |fact: &str| {
        let all = report["segments"].as_array().unwrap();
        all.iter().find(|one| one["fact"] == fact).unwrap()["each"].as_array().unwrap()
    };
    let by_store: BTreeMap<Option<&str>, Sums> =
        segments("store.id").iter().map(|one| (one["value"].as_str(), told(one))).collect();
    let stores = [None, Some("s1"), Some("s2")];
    assert_eq!(
        by_store,
        stores.map(|store| (store, sums(&yuan, &figures, |order| order["store"].as_str() == store))).into()
    );
    for one in segments("holder.segments") {
        let within = |order: &Value| match one["value"].as_str() {
            Some(value) => order["segments"].as_array().is_some_and(|all| all.iter().any(|have| have == value)),
            None => order.get("segments").is_none(),
        };
        assert_eq!(told(one), sums(&yuan, &figures, within), "{one}");
    }
    assert_eq!(segments("holder.segments").len(), 4);
    let subtotal = |order: &Value| before(order) - figure(order, "shipping_minor");
    let bands: Vec<_> =
        segments("order.subtotal").iter().map(|one| (one["from"].as_i64(), one["below"].as_i64(), told(one))).collect();
    let wanted = [(None, Some(10_000)), (Some(10_000), Some(20_000)), (Some(20_000), None)].map(
        |(from, below): (Option<i64>, Option<i64>)| {
            let within = |order: &Value| {
                from.is_none_or(|from| subtotal(order) >= from) && below.is_none_or(|below| subtotal(order) < below)
            };
            (from, below, sums(&yuan, &figures, within))
        },
    );
    assert_eq!(bands, wanted);
    let days: i64 = segments("now.weekday").iter().map(|one| figure(one, "orders")).sum();
    assert_eq!((days, segments("now.weekday").len(), segments("holder.new_customer").len()), (whole[0], 7, 1));
}

#[test]
fn two_drafts_stand_side_by_side_with_the_orders_that_differ() {
    let shop = shop();
    let all: Vec<Value> = orders(1_200).into_iter().filter(|order| order["currency"] == "CNY").collect();
    sampled(&shop, "october", &all);
    let other =
        json!([{"id": "x", "template": {"id": "x", "currency": "CNY", "benefit": {"percent_off": {"off_bp": 1_200}}}}]);
    let (left, right) = (each(&shop, &offers(), &all), each(&shop, &other, &all));
    let request = json!({"sample": "october", "left": offers(), "right": other, "differing": 40});
    let (told_of, _) = work(&shop, "compare_drafts", &request).unwrap();
    for (side, figures) in [("left", &left), ("right", &right)] {
        let [orders, touched, before, discount, tender, payable] = sums(&all, figures, |_| true);
        let of = |name| figure(&told_of[side], name);
        assert_eq!(
            [of("touched"), of("discount_minor"), of("tender_minor"), of("payable_minor")],
            [touched, discount, tender, payable]
        );
        assert_eq!((figure(&told_of, "orders"), figure(&told_of, "before_minor")), (orders, before));
    }
    let mut apart: Vec<(i64, &str, i64, i64)> = Vec::new();
    let mut counts = [0, 0, 0];
    for (order, (left, right)) in all.iter().zip(left.iter().zip(&right)) {
        let (left, right) = (figure(left, "payable_minor"), figure(right, "payable_minor"));
        counts[usize::from(left < right) + 2 * usize::from(left > right)] += 1;
        apart.push((-(left - right).abs(), order["id"].as_str().unwrap(), left, right));
    }
    let of = |name| figure(&told_of, name);
    assert_eq!([of("same"), of("left_lower"), of("right_lower")], counts);
    apart.sort_unstable();
    let differing = told_of["differing"].as_array().unwrap();
    let differing: Vec<_> = differing
        .iter()
        .map(|one| {
            let of = |name| figure(one, name);
            (
                -(of("left_payable_minor") - of("right_payable_minor")).abs(),
                one["order"].as_str().unwrap(),
                of("left_payable_minor"),
                of("right_payable_minor"),
            )
        })
        .collect();
    assert_eq!(differing, apart[..40]);

    let (same, _) =
        work(&shop, "compare_drafts", &json!({"sample": "october", "left": other, "right": other})).unwrap();
    assert_eq!(
        (figure(&same, "same"), same["differing"].as_array().unwrap().len(), same.get("difference")),
        (figure(&same, "orders"), 0, None)
    );
}

#[test]
fn a_sample_is_asked_as_the_list_of_its_orders_is() {
    let shop = shop();
    let all: Vec<Value> = orders(300);
    sampled(&shop, "s", &all);
    let of = json!({"template": {"id": "t", "benefit": {"amount_off": {"minor": 1}}, "currency": "CNY", "conditions": [{"fact": {"fact": "order.subtotal", "at_least": 15_000}}]}});
    let ask = |orders: Value| call(&shop, "evaluate_many", &json!({"of": of, "orders": orders})).unwrap();
    assert_eq!(ask(json!("s")), ask(json!(all)));
    for detail in ["by_line", "by_offer", "by_order"] {
        let ask = |orders: Value| {
            call(&shop, "quote_orders", &json!({"offers": offers(), "orders": orders, "detail": detail})).unwrap()
        };
        let (named, listed) = (ask(json!("s")), ask(json!(all)));
        assert_eq!(named, listed, "{detail}");
        let fields: Vec<&String> = named["orders"][0].as_object().unwrap().keys().collect();
        let more = match detail {
            "by_line" => vec!["shares"],
            "by_offer" => vec!["offers_minor"],
            _ => vec![],
        };
        assert_eq!(fields.len(), 3 + more.len());
        assert!(more.iter().all(|field| fields.iter().any(|have| *have == field)));
    }
    let sums = |detail: &str, of: fn(&Value) -> i64| -> Vec<i64> {
        let quoted =
            call(&shop, "quote_orders", &json!({"offers": offers(), "orders": "s", "detail": detail})).unwrap();
        quoted["orders"].as_array().unwrap().iter().map(of).collect()
    };
    let by_line = sums("by_line", |one| {
        one["shares"].as_array().unwrap().iter().filter_map(Value::as_array).flatten().filter_map(Value::as_i64).sum()
    });
    let by_offer =
        sums("by_offer", |one| one["offers_minor"].as_array().unwrap().iter().filter_map(Value::as_i64).sum());
    assert_eq!(by_line, by_offer);
}

#[test]
fn samples_are_a_tenants_own_and_end_when_they_are_dropped() {
    let engine = open(options().as_bytes()).unwrap();
    let [one, other] = ["one", "other"].map(|name| engine.tenant(name, "live").unwrap());
    let all = orders(10);
    let kept = call(&one, "sample_orders", &json!({"sample": "s", "orders": all[..6]})).unwrap();
    assert_eq!((figure(&kept, "orders"), figure(&kept, "lines")), (6, 12));
    let field = |orders: &[Value]| {
        call(&one, "sample_orders", &json!({"sample": "s", "orders": orders})).unwrap_err()["facts"]["field"].clone()
    };
    assert_eq!(field(&all[5..7]), "orders[0].id", "it is in there already");
    assert_eq!(field(&[all[8].clone(), all[8].clone()]), "orders[1].id");
    assert_eq!(field(&[]), "orders");
    let again = engine.tenant("one", "live").unwrap();
    let kept = call(&again, "sample_orders", &json!({"sample": "s", "orders": all[6..]})).unwrap();
    assert_eq!(call(&one, "list_samples", &json!({})).unwrap(), json!([kept]), "refused pieces left nothing");
    assert!(kept["first_placed_at"].as_str() < kept["last_placed_at"].as_str());
    assert_eq!(call(&other, "list_samples", &json!({})).unwrap(), json!([]));
    let unknown = |shop: &Tenant, name: &str, request: &Value| call(shop, name, request).unwrap_err()["facts"].clone();
    let named = json!({"kind": "sample", "id": "s"});
    assert_eq!(unknown(&other, "drop_sample", &json!({"sample": "s"})), named);
    assert_eq!(unknown(&other, "quote_orders", &json!({"orders": "s", "offers": []})), named);

    let mut cursor = Operation::named("backtest")
        .unwrap()
        .begin(&one, json!({"sample": "s", "offers": offers()}).to_string().as_bytes())
        .unwrap();
    call(&one, "drop_sample", &json!({"sample": "s"})).unwrap();
    for done in [6, 10] {
        assert!(matches!(cursor.next(1).unwrap(), Step::Working), "it holds the orders that it walks over");
        assert_eq!(cursor.progress().done, done);
    }
    assert_eq!(unknown(&one, "drop_sample", &json!({"sample": "s"})), named);
}

#[test]
fn what_a_trial_cannot_mean_is_named() {
    let shop = shop();
    sampled(&shop, "s", &orders(100));
    let field = |request: Value| {
        let refused = work(&shop, "backtest", &request).unwrap_err();
        refused["facts"]["field"].as_str().unwrap_or_else(|| panic!("{refused}")).to_owned()
    };
    let with = |more: Value| {
        let mut request = json!({"sample": "s", "offers": offers(), "currency": "CNY"});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    assert_eq!(field(json!({"sample": "s", "offers": []})), "currency", "the sample holds two");
    assert_eq!(
        field(with(json!({"offers": [{"id": "", "template": {"id": "t"}}]}))).split('.').next(),
        Some("offers[0]")
    );
    let by = |segment: Value| with(json!({"segments": [{"fact": "store.id"}, segment]}));
    assert_eq!(field(by(json!({"fact": "line.product"}))), "segments[1].fact");
    assert_eq!(field(by(json!({"fact": "now"}))), "segments[1].fact");
    assert_eq!(field(by(json!({"fact": "order.attr.none"}))), "segments[1].fact");
    assert_eq!(field(by(json!({"fact": "order.subtotal"}))), "segments[1].bands");
    assert_eq!(field(by(json!({"fact": "order.subtotal", "bands": [5, 5]}))), "segments[1].bands");
    assert_eq!(field(by(json!({"fact": "store.id", "bands": [5]}))), "segments[1].bands");
    assert_eq!(field(with(json!({"segments": vec![json!({"fact": "store.id"}); 11]}))), "segments");
    let twice = json!([offers()[0], offers()[0]]);
    let compare = |left: &Value, right: &Value| {
        work(&shop, "compare_drafts", &json!({"sample": "s", "currency": "CNY", "left": left, "right": right}))
            .unwrap_err()
    };
    assert_eq!(compare(&offers(), &twice)["facts"]["field"], "right[1].id");
    assert_eq!(compare(&twice, &offers())["facts"]["field"], "left[1].id");
    let large = json!([{"id": "o", "currency": "CNY", "lines": [{"id": "l", "product": "p", "quantity": 1, "amount_minor": 9_007_199_254_740_991_i64}]},
        {"id": "p", "currency": "CNY", "lines": [{"id": "l", "product": "p", "quantity": 1, "amount_minor": 1}]}]);
    call(&shop, "sample_orders", &json!({"sample": "large", "orders": large})).unwrap();
    assert_eq!(field(json!({"sample": "large", "offers": []})), "orders", "amounts that sum to more than any amount");
}
