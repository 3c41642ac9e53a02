//! Asking compiled conditions allocates nothing. A binary of its own: it counts what the whole process allocates.

use std::alloc::System;
use std::hint::black_box;

use cardmint::checkout::{Line, Order};
use cardmint::rule::{
    AttrValue, Attribute, AttributeOf, Attributes, CompiledConditions, Condition, FactType, ProductSet,
};
use cardmint::time::Zone;
use cardmint_tests::{cny, instant};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn order() -> Order {
    let line = |id: usize| Line {
        tags: vec!["fresh".to_owned(), "local".to_owned()],
        categories: vec!["fruit".to_owned()],
        ..Line::new(id.to_string(), format!("p{id}"), 2, 5_000)
    };
    let mut order = Order::new("o", cny(), (0..20).map(line));
    order.store = Some("S7".to_owned());
    order.segments = ["vip".to_owned()].into();
    order.attrs.insert("table".to_owned(), AttrValue::Integer(7));
    order.attrs.insert("due".to_owned(), AttrValue::Text("2026-12-01".to_owned()));
    order
}

#[test]
fn asking_a_condition_allocates_nothing() {
    let stores: Vec<_> = (0..50).map(|store| format!("S{store}")).collect();
    let conditions: Vec<Condition> = serde_json::from_value(json!([
        {"fact": {"fact": "order.subtotal", "at_least": 19_900}},
        {"fact": {"fact": "store.id", "in": stores}},
        {"lines": {"where": {"fact": {"fact": "line.tags", "contains_any": ["organic", "fresh"]}}, "match": "any"}},
        {"fact": {"fact": "now", "between": ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"]}},
        {"fact": {"fact": "now.time", "between": ["08:00", "02:00"]}},
        {"any": [{"fact": {"fact": "now.weekday", "in": ["sunday"]}}, {"fact": {"fact": "holder.segments", "contains_all": ["vip"]}}]},
        {"not": {"fact": {"fact": "order.attr.table", "in": [1, 2, 3]}}},
        {"fact": {"fact": "order.attr.due", "at_least": "2026-11-30"}},
        {"lines": {"where": {"all": [{"product_set": {"name": "set"}}, {"fact": {"fact": "line.unit_price", "gt": 1}}]}, "sum": {"at_least": 5_000}}},
        {"min_spend": {"minor": 100, "over": {"lines": {"categories": ["fruit"], "product_set": "set"}}}},
        {"has_line": {"lines": {"products": ["p1", "p2"]}}},
    ]))
    .unwrap();
    let attribute = |name: &str, fact_type| Attribute {
        of: AttributeOf::Order,
        name: name.to_owned(),
        fact_type,
        title: None,
        values: Vec::new(),
    };
    let attributes = Attributes(vec![attribute("table", FactType::Integer), attribute("due", FactType::Date)]);
    let set = ProductSet::new("set", 3, (0..1_000).map(|id| format!("p{id}")).collect()).unwrap();
    let asked = CompiledConditions::new(&conditions, &attributes, [set]).unwrap();
    let (order, zone, now) = (order(), Zone::parse("zone", "Asia/Shanghai").unwrap(), instant("2026-11-11T04:00:00Z"));
    assert!(asked.hold(&order, now, &zone), "{:?}", asked.first_unmet(&order, now, &zone));
    let closed = instant("2026-12-01T00:00:00Z");
    let region = Region::new(ALLOCATOR);
    for _ in 0..100 {
        assert!(black_box(&asked).hold(black_box(&order), now, &zone));
        assert!(!black_box(&asked).hold(black_box(&order), closed, &zone));
    }
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations), (0, 0));
    // What counts does count.
    drop(black_box(asked.explain(&order, now, &zone)));
    assert!(region.change().allocations > 0);
}
