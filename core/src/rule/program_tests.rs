use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::money::Currency;
use crate::rule::line_filter::ProductSets;
use crate::rule::{AttrValue, Attribute, AttributeOf, FactType, Line, Order, Place, Point, ProductSet};
use crate::rule::{DEPTH_MAX, NODES_MAX};
use crate::time::{Instant, Zone};

fn declared() -> Attributes {
    let attribute =
        |of, name: &str, fact_type| Attribute { of, name: name.to_owned(), fact_type, title: None, values: Vec::new() };
    let mut level = attribute(AttributeOf::Holder, "level", FactType::Text);
    level.values = vec!["gold".to_owned(), "silver".to_owned()];
    Attributes(vec![
        attribute(AttributeOf::Order, "table", FactType::Integer),
        attribute(AttributeOf::Order, "gift", FactType::Boolean),
        attribute(AttributeOf::Order, "due", FactType::Date),
        attribute(AttributeOf::Order, "sent", FactType::Instant),
        attribute(AttributeOf::Line, "labels", FactType::Texts),
        level,
        attribute(AttributeOf::Holder, "spent", FactType::Money),
    ])
}

fn read(condition: Value) -> Result<Vec<Condition>, String> {
    serde_json::from_value(json!([condition])).map_err(|error| error.to_string())
}

/// Checks a condition as a template that is saved is checked; the field that is refused, or what is needed.
fn saved(condition: Value) -> Result<Vec<Condition>, Invalid> {
    let mut conditions = read(condition).unwrap();
    check_conditions(&conditions, "conditions", None)?;
    pin_attributes(conditions.iter_mut(), &declared());
    check_conditions(&conditions, "conditions", Some(&declared()))?;
    Ok(conditions)
}

fn refused(condition: Value) -> (String, String, String) {
    match saved(condition.clone()) {
        Ok(_) => panic!("{condition} was taken"),
        Err(Invalid { field, given, allowed }) => (field, given, allowed),
    }
}

fn order() -> Order {
    let mut apple = Line::new("1", "apple", 3, 10_000);
    apple.categories = vec!["fruit".to_owned()];
    apple.tags = vec!["fresh".to_owned(), "local".to_owned()];
    apple.attrs.insert("labels".to_owned(), AttrValue::Texts(vec!["bio".to_owned()]));
    let soap = Line::new("2", "soap", 1, 8_000);
    let mut order = Order::new("o", Currency::parse("", "CNY").unwrap(), [apple, soap]);
    order.store = Some("S1".to_owned());
    order.payment_method = Some("wechat_pay".to_owned());
    order.new_customer = Some(false);
    order.segments = ["vip".to_owned()].into();
    order.placed_at = Some(Instant::parse("", "2026-11-10T15:59:59Z").unwrap());
    order.place = Some(Place {
        point: Some(Point { lat_e6: 31_230_400, lon_e6: 121_473_700 }),
        region: Some("CN-31".to_owned()),
    });
    order.attrs.insert("table".to_owned(), AttrValue::Integer(7));
    order.attrs.insert("due".to_owned(), AttrValue::Text("2026-12-01".to_owned()));
    order.attrs.insert("sent".to_owned(), AttrValue::Text("2026-11-11T08:00:00+08:00".to_owned()));
    order.holder_attrs.insert("level".to_owned(), AttrValue::Text("gold".to_owned()));
    order
}

fn zone() -> Zone {
    Zone::parse("", "Asia/Shanghai").unwrap()
}

/// Wednesday 2026-11-11, 00:30 in Shanghai.
fn now() -> Instant {
    Instant::parse("", "2026-11-10T16:30:00Z").unwrap()
}

fn sets() -> ProductSets {
    let set = ProductSet::new("fresh", 1, vec!["apple".to_owned()]).unwrap();
    ProductSets::from([(("fresh".to_owned(), 1), Arc::new(set))])
}

#[track_caller]
fn holds(condition: Value) -> bool {
    let program = Program::of(&saved(condition.clone()).unwrap_or_else(|error| panic!("{condition}: {error}")));
    let (order, sets, zone) = (order(), sets(), zone());
    let facts = Facts::new(&order, &sets, now(), &zone);
    let told = program.explain(&facts);
    assert_eq!(told.first().map(|node| node.holds), Some(program.holds(&facts)), "{condition}");
    assert_eq!(program.first_unmet(&facts).is_none(), program.holds(&facts), "{condition}");
    program.holds(&facts)
}

fn fact(fact: &str, operator: &str, operand: Value) -> Value {
    let mut test = json!({"fact": fact});
    test[operator] = operand;
    json!({ "fact": test })
}

#[test]
fn every_operator_of_every_type_says_what_it_means() {
    let cases = [
        ("order.subtotal", "at_least", json!(18_000), true),
        ("order.subtotal", "at_least", json!(18_001), false),
        ("order.subtotal", "gt", json!(18_000), false),
        ("order.subtotal", "lt", json!(18_001), true),
        ("order.subtotal", "at_most", json!(18_000), true),
        ("order.subtotal", "between", json!([17_000, 18_000]), true),
        ("order.lines", "eq", json!(2), true),
        ("order.lines", "ne", json!(2), false),
        ("order.quantity", "in", json!([3, 4]), true),
        ("order.quantity", "not_in", json!([3, 4]), false),
        ("order.currency", "eq", json!("CNY"), true),
        ("order.source", "exists", json!(true), false),
        ("order.source", "exists", json!(false), true),
        // What is not there is not something else.
        ("order.source", "ne", json!("x"), false),
        ("order.source", "not_in", json!(["x"]), false),
        ("store.id", "in", json!(["S2", "S1"]), true),
        ("store.id", "not_in", json!(["S2", "S3"]), true),
        ("store.id", "prefix", json!("S"), true),
        ("payment.method", "prefix", json!("ali"), false),
        ("holder.segments", "contains_any", json!(["vip", "new"]), true),
        ("holder.segments", "contains_all", json!(["vip", "new"]), false),
        ("holder.segments", "contains_none", json!(["new"]), true),
        ("holder.segments", "exists", json!(true), true),
        ("holder.new_customer", "eq", json!(false), true),
        ("now", "between", json!(["2026-11-10T16:30:00Z", "2026-11-11T00:00:00Z"]), true),
        // An instant at the end is outside.
        ("now", "between", json!(["2026-11-10T16:00:00Z", "2026-11-10T16:30:00Z"]), false),
        ("now.date", "between", json!(["2026-11-10", "2026-11-11"]), true),
        ("now.date", "eq", json!("2026-11-10"), false),
        ("now.time", "between", json!(["22:00", "02:00"]), true),
        ("now.time", "between", json!(["00:00", "00:30"]), false),
        ("now.time", "between", json!(["00:30", "24:00"]), true),
        ("now.weekday", "in", json!(["wednesday"]), true),
        ("order.placed_at", "lt", json!("2026-11-10T16:00:00Z"), true),
        ("order.placed_at.date", "eq", json!("2026-11-10"), true),
        ("order.placed_at.time", "between", json!(["23:59:59", "24:00"]), true),
        ("order.placed_at.weekday", "not_in", json!(["wednesday"]), true),
        ("place.region", "eq", json!("CN-31"), true),
        ("place", "within", json!({"lat_e6": 31_230_000, "lon_e6": 121_473_000, "metres": 100}), true),
        ("place", "within", json!({"lat_e6": 31_330_400, "lon_e6": 121_473_700, "metres": 11_000}), false),
        ("place", "exists", json!(true), true),
        ("order.attr.table", "eq", json!(7), true),
        ("order.attr.gift", "eq", json!(false), false),
        ("order.attr.due", "at_least", json!("2026-12-01"), true),
        ("order.attr.sent", "at_most", json!("2026-11-11T00:00:00Z"), true),
        ("holder.attr.level", "in", json!(["gold"]), true),
        ("holder.attr.spent", "exists", json!(false), true),
    ];
    for (name, operator, operand, wanted) in cases {
        let condition = fact(name, operator, operand);
        assert_eq!(holds(condition.clone()), wanted, "{condition}");
        assert_eq!(holds(json!({ "not": condition })), !wanted);
    }
    let corner = |lat_e6: i64, lon_e6: i64| json!({"lat_e6": lat_e6, "lon_e6": lon_e6});
    let square = |side: i64| {
        let (lat, lon) = (31_230_400, 121_473_700);
        json!([corner(lat - side, lon - side), corner(lat - side, lon + side), corner(lat + side, lon)])
    };
    assert!(holds(fact("place", "inside", square(1_000))));
    assert!(!holds(fact("place", "inside", json!([corner(0, 0), corner(0, 1_000_000), corner(1_000_000, 0)]))));
}

#[test]
fn lines_are_asked_together() {
    let fresh = json!({"fact": {"fact": "line.tags", "contains_any": ["fresh"]}});
    let cases = [
        (json!({"where": fresh, "match": "any"}), true),
        (json!({"where": fresh, "match": "all"}), false),
        (json!({"where": fresh, "match": "none"}), false),
        (json!({"where": fresh, "count": {"eq": 1}}), true),
        (json!({"where": fresh, "quantity": {"at_least": 3}}), true),
        (json!({"where": fresh, "sum": {"at_least": 10_001}}), false),
        (json!({"quantity": {"at_least": 4}}), true),
        (json!({"where": {"product_set": {"name": "fresh", "version": 1}}, "sum": {"at_least": 10_000}}), true),
        (json!({"where": {"product_set": {"name": "fresh", "version": 2}}, "match": "any"}), false),
        (json!({"where": {"fact": {"fact": "line.unit_price", "between": [3_333, 3_333]}}, "match": "any"}), true),
        (json!({"where": {"fact": {"fact": "line.attr.labels", "contains_all": ["bio"]}}, "match": "any"}), true),
        (
            json!({"where": {"all": [fresh, {"not": {"fact": {"fact": "line.product", "eq": "soap"}}}]}, "match": "any"}),
            true,
        ),
        (json!({"where": {"any": [fresh, {"fact": {"fact": "line.quantity", "eq": 1}}]}, "match": "all"}), true),
    ];
    for (lines, wanted) in cases {
        assert_eq!(holds(json!({ "lines": lines })), wanted, "{lines}");
    }
    assert!(holds(json!({"all": [
        {"has_line": {"lines": {"products": ["apple", "pear"], "categories": ["fruit"], "product_set": "fresh", "product_set_version": 1}}},
        {"min_spend": {"minor": 10_000, "over": {"lines": {"categories": ["fruit"]}}}},
    ]})));
}

#[test]
fn bad_conditions_are_refused_by_their_path() {
    let ten_true =
        |part: Value| json!({"any": [fact("store.id", "eq", json!("a")), fact("channel", "eq", json!("b")), part]});
    for (condition, field) in [
        (fact("order.subtotl", "at_least", json!(1)), "conditions[0].fact.fact"),
        (ten_true(fact("order.nothing", "eq", json!(1))), "conditions[0].any[2].fact.fact"),
        (fact("line.tags", "contains_any", json!(["a"])), "conditions[0].fact.fact"),
        (fact("order.subtotal", "prefix", json!("a")), "conditions[0].fact.prefix"),
        (fact("order.subtotal", "at_least", json!("a")), "conditions[0].fact.at_least"),
        (fact("order.subtotal", "at_least", json!(9_007_199_254_740_992_i64)), "conditions[0].fact.at_least"),
        (fact("order.subtotal", "exists", json!(true)), "conditions[0].fact.exists"),
        (fact("store.id", "in", json!([])), "conditions[0].fact.in"),
        (fact("store.id", "eq", json!(true)), "conditions[0].fact.eq"),
        (fact("order.currency", "eq", json!("cny")), "conditions[0].fact"),
        (fact("now", "between", json!(["2026-11-11T00:00:00Z", "2026-11-11T00:00:00Z"])), "conditions[0].fact.between"),
        (fact("now.date", "between", json!(["2026-11-12", "2026-11-11"])), "conditions[0].fact.between"),
        (fact("now.date", "eq", json!("2026-02-30")), "conditions[0].fact.eq"),
        (fact("now.time", "between", json!(["25:00", "26:00"])), "conditions[0].fact.between"),
        (fact("now.weekday", "in", json!(["Monday"])), "conditions[0].fact.in"),
        (
            fact("place", "within", json!({"lat_e6": 91_000_000, "lon_e6": 0, "metres": 1})),
            "conditions[0].fact.within.lat_e6",
        ),
        (fact("place", "within", json!({"lat_e6": 0, "lon_e6": 0, "metres": 0})), "conditions[0].fact.within.metres"),
        (fact("place", "inside", json!([{"lat_e6": 0, "lon_e6": 0}])), "conditions[0].fact.inside"),
        (fact("order.attr.nope", "eq", json!(1)), "conditions[0].fact.fact"),
        (fact("order.attr.table", "prefix", json!("a")), "conditions[0].fact.prefix"),
        (fact("holder.attr.level", "eq", json!("bronze")), "conditions[0].fact.eq"),
        (json!({"all": []}), "conditions[0].all"),
        (json!({"lines": {}}), "conditions[0].lines"),
        (json!({"lines": {"match": "any"}}), "conditions[0].lines.where"),
        (json!({"lines": {"count": {"prefix": "a"}}}), "conditions[0].lines.count.prefix"),
        (json!({"lines": {"count": {"eq": 1}, "sum": {"eq": 1}}}), "conditions[0].lines"),
        (
            json!({"lines": {"where": fact("order.subtotal", "eq", json!(1)), "match": "any"}}),
            "conditions[0].lines.where.fact.fact",
        ),
        (json!({"min_spend": {"minor": 0}}), "conditions[0].min_spend.minor"),
    ] {
        assert_eq!(refused(condition.clone()).0, field, "{condition}");
    }
    let crossing = json!(
        [[0, 0], [1_000_000, 1_000_000], [0, 1_000_000], [1_000_000, 0]]
            .map(|[lat, lon]| json!({"lat_e6": lat, "lon_e6": lon}))
    );
    assert_eq!(refused(fact("place", "inside", crossing)).0, "conditions[0].fact.inside");
}

#[test]
fn floats_nulls_doubles_and_unknown_operators_are_not_read() {
    let said = |text: &str| serde_json::from_str::<Condition>(text).unwrap_err().to_string();
    for number in ["1.5", "-0", "1e3", "18446744073709551615", "null", "[1]", "NaN"] {
        let text = format!(r#"{{"fact": {{"fact": "order.subtotal", "at_least": {number}}}}}"#);
        assert!(!said(&text).is_empty());
    }
    assert!(
        said(r#"{"fact": {"fact": "order.subtotal", "at_least": 1.5}}"#)
            .contains("floating point `1.5`, expected a whole number")
    );
    assert!(said(r#"{"fact": {"fact": "a", "fact": "b", "eq": 1}}"#).contains("duplicate field `fact`"));
    assert!(said(r#"{"fact": {"fact": "a", "eq": 1, "ne": 1}}"#).contains("two operators"));
    assert!(said(r#"{"fact": {"fact": "a"}}"#).contains("no operator"));
    assert!(said(r#"{"fact": {"eq": 1}}"#).contains("missing field `fact`"));
    assert!(said(r#"{"fact": {"fact": "a", "equals": 1}}"#).contains("unknown field `equals`"));
}

#[test]
fn what_never_or_always_holds_is_refused_by_its_path() {
    let subtotal = |operator: &str, minor: i64| fact("order.subtotal", operator, json!(minor));
    let store = |operator: &str, stores: &[&str]| fact("store.id", operator, json!(stores));
    let tags = |operator: &str, tags: &[&str]| fact("holder.segments", operator, json!(tags));
    let cases = [
        // Numbers.
        (
            json!({"all": [subtotal("at_least", 100), subtotal("lt", 100)]}),
            "conditions[0].all[1].fact",
            "never true beside conditions[0].all[0].fact",
        ),
        (json!({"any": [subtotal("at_least", 100), subtotal("lt", 100)]}), "conditions[0]", "always true"),
        (subtotal("at_least", 0), "conditions[0]", "always true"),
        (subtotal("lt", 0), "conditions[0].fact", "never true"),
        (json!({"not": subtotal("at_least", 0)}), "conditions[0].not", "always true"),
        (fact("order.lines", "lt", json!(1)), "conditions[0].fact", "never true"),
        (
            json!({"all": [fact("now.weekday", "in", json!(["monday"])), fact("now.weekday", "in", json!(["sunday"]))]}),
            "conditions[0].all[1].fact",
            "never",
        ),
        (
            json!({"all": [{"min_spend": {"minor": 100}}, subtotal("at_most", 99)]}),
            "conditions[0].all[1].fact",
            "never",
        ),
        (
            json!({"all": [fact("holder.new_customer", "eq", json!(true)), {"not": fact("holder.new_customer", "exists", json!(true))}]}),
            "conditions[0].all[1].not.fact",
            "never",
        ),
        // Texts.
        (json!({"all": [store("in", &["a", "b"]), store("in", &["c"])]}), "conditions[0].all[1].fact", "never"),
        (json!({"all": [store("in", &["a"]), store("not_in", &["a", "b"])]}), "conditions[0].all[1].fact", "never"),
        (
            json!({"all": [fact("store.id", "prefix", json!("ab")), fact("store.id", "prefix", json!("b"))]}),
            "conditions[0].all[1].fact",
            "never",
        ),
        (
            json!({"all": [store("in", &["ax"]), fact("store.id", "prefix", json!("b"))]}),
            "conditions[0].all[1].fact",
            "never",
        ),
        // Sets.
        (
            json!({"all": [tags("contains_all", &["a", "b"]), tags("contains_none", &["b"])]}),
            "conditions[0].all[1].fact",
            "never",
        ),
        (
            json!({"all": [tags("contains_any", &["a", "b"]), tags("contains_none", &["b", "a"])]}),
            "conditions[0].all[1].fact",
            "never",
        ),
        (json!({"any": [tags("contains_any", &["a"]), tags("contains_none", &["a"])]}), "conditions[0]", "always true"),
        // Branches.
        (
            json!({"all": [subtotal("at_least", 100), {"any": [subtotal("lt", 50), subtotal("lt", 60)]}]}),
            "conditions[0].all[1].any[0].fact",
            "never",
        ),
        (json!({"not": {"any": [subtotal("lt", 50), subtotal("at_least", 50)]}}), "conditions[0].not", "always true"),
        (
            json!({"any": [store("in", &["a"]), {"all": [subtotal("gt", 5), subtotal("lt", 6)]}]}),
            "conditions[0].any[1].all[1].fact",
            "never",
        ),
        // Lines.
        (json!({"lines": {"count": {"at_least": 0}}}), "conditions[0]", "always true"),
        (json!({"lines": {"count": {"gt": 10_000}}}), "conditions[0].lines", "never true"),
        (
            json!({"lines": {"where": fact("line.quantity", "at_least", json!(1)), "match": "any"}}),
            "conditions[0].lines.where",
            "always true",
        ),
    ];
    for (condition, field, given) in cases {
        let said = refused(condition.clone());
        assert_eq!(said.0, field, "{condition}: {said:?}");
        assert!(said.1.starts_with(given), "{condition}: {said:?}");
    }
    let together: Vec<Condition> =
        serde_json::from_value(json!([subtotal("lt", 100), {"min_spend": {"minor": 100}}])).unwrap();
    let said = check_conditions(&together, "conditions", None).unwrap_err();
    assert_eq!(
        (said.field.as_str(), said.given.as_str()),
        ("conditions[1].min_spend", "never true beside conditions[0].fact")
    );
}

#[test]
fn what_can_hold_and_fail_is_taken() {
    let subtotal = |operator: &str, minor: i64| fact("order.subtotal", operator, json!(minor));
    for condition in [
        json!({"any": [subtotal("at_least", 100), subtotal("lt", 99)]}),
        json!({"all": [subtotal("at_least", 100), subtotal("at_most", 100)]}),
        // A store that is not there is neither.
        json!({"any": [fact("store.id", "in", json!(["a"])), fact("store.id", "not_in", json!(["a"]))]}),
        json!({"not": fact("store.id", "in", json!(["a"]))}),
        json!({"all": [{"not": fact("store.id", "ne", json!("a"))}, {"not": fact("store.id", "eq", json!("a"))}]}),
        json!({"all": [fact("store.id", "prefix", json!("a")), fact("store.id", "prefix", json!("ab"))]}),
        json!({"all": [fact("holder.segments", "contains_any", json!(["a"])), fact("holder.segments", "contains_none", json!(["b"]))]}),
        json!({"all": [subtotal("at_least", 100), {"any": [subtotal("lt", 50), fact("channel", "eq", json!("app"))]}]}),
        json!({"min_spend": {"minor": 1}}),
    ] {
        saved(condition.clone()).unwrap_or_else(|error| panic!("{condition}: {error}"));
    }
}

#[test]
fn depth_and_nodes_have_limits_that_are_told() {
    let deep = |levels: usize| (1..levels).fold(fact("channel", "eq", json!("a")), |inner, _| json!({"not": inner}));
    assert!(saved(deep(DEPTH_MAX)).is_ok());
    let (_, _, allowed) = refused(deep(DEPTH_MAX + 1));
    assert_eq!(allowed, "conditions nested at most 32 deep");
    // Built in memory, where no reader of JSON stops it.
    let test = crate::rule::FactTest::new("channel", crate::rule::Test::Eq("a".into()));
    let thousand = (0..1_000).fold(Condition::Fact(test), |inner, _| Condition::Not(Box::new(inner)));
    let said = check_conditions(&[thousand], "conditions", None).unwrap_err();
    assert_eq!(said.allowed, "conditions nested at most 32 deep");
    let text = format!(
        r#"{{"id":"t","benefit":{{"value":{{"minor":1}}}},"conditions":[{}{}]}}"#,
        r#"{"not":"#.repeat(1_000),
        "}".repeat(1_000)
    );
    let said = crate::card::TemplateDraft::from_json(&text).unwrap_err();
    assert_eq!(said.allowed, "conditions nested at most 32 deep");
    let many = |count: usize| json!({"any": vec![fact("channel", "eq", json!("a")); count]});
    assert!(saved(many(NODES_MAX - 1)).is_ok());
    assert_eq!(refused(many(NODES_MAX)).2, "at most 1000 nodes in all conditions together");
}

#[test]
fn explanations_say_what_is_short_and_keep_what_is_personal() {
    let condition = json!({"all": [
        fact("order.subtotal", "at_least", json!(19_900)),
        fact("order.quantity", "between", json!([6, 8])),
        {"any": [fact("store.id", "in", json!(["S2", "S3"])), {"not": fact("payment.method", "eq", json!("wechat_pay"))}]},
        fact("holder.attr.level", "eq", json!("silver")),
        fact("place", "within", json!({"lat_e6": 31_330_400, "lon_e6": 121_473_700, "metres": 11_000})),
        {"lines": {"where": fact("line.tags", "contains_any", json!(["fresh"])), "sum": {"at_least": 12_000}}},
    ]});
    let program = Program::of(&saved(condition).unwrap());
    let (order, sets, zone) = (order(), sets(), zone());
    let told = program.explain(&Facts::new(&order, &sets, now(), &zone));
    let said: Vec<_> =
        told.iter().map(|node| format!("{} {} {}", node.path, node.texts.en, node.texts.zh_cn)).collect();
    for (place, wanted) in [
        (0, "conditions[0].all of 6 conditions: needs 6, has 0. 6 项条件中：需要6，现有0。"),
        (
            1,
            "conditions[0].all[0].fact order.subtotal: needs ¥199.00, has ¥180.00, ¥19.00 more. 订单金额：需要¥199.00，现有¥180.00，还差 ¥19.00。",
        ),
        (
            2,
            "conditions[0].all[1].fact order.quantity: needs 6 to 8, has 4, 2 more. 商品件数：需要6 至 8，现有4，还差 2。",
        ),
        (4, "conditions[0].all[2].any[0].fact store.id: needs S2 or S3, has S1. 门店：需要S2、S3 之一，现有S1。"),
        (
            7,
            "conditions[0].all[3].fact holder.attr.level: needs silver, has another value. holder.attr.level：需要silver，现有其他值。",
        ),
        (
            8,
            "conditions[0].all[4].fact place: needs a place within 11000 m, has a place 11120 m away. 位置：需要11000 米以内，现有相距 11120 米。",
        ),
        (
            9,
            "conditions[0].all[5].lines their sum: needs ¥120.00, has ¥100.00, ¥20.00 more. 符合商品的金额：需要¥120.00，现有¥100.00，还差 ¥20.00。",
        ),
    ] {
        assert_eq!(said[place], wanted);
    }
    assert!(told[6].inverted && told[6].holds && !told[5].holds);
    let shown = format!("{order:?}");
    assert!(!shown.contains("gold") && !shown.contains("31230400") && !shown.contains("CN-31"), "{shown}");
}
