//! Conditions through the engine: saved, asked, explained, and the attributes that a tenant declares for them.

use cardmint::card::{Benefit, Setting, TemplateDraft};
use cardmint::checkout::Order;
use cardmint::operation::Operation;
use cardmint::rule::{AttrValue, Attribute, AttributeOf, Condition, FactType, KnownFact, Over};
use cardmint::{
    CardPick, Denial, EvaluateMany, Explain, ExplainOf, Fact, Invalid, ListAttributes, Quote, SaveAttribute,
    SaveProductSet, TemplateSchema,
};
use cardmint_tests::{Shop, bearer, cny, denial, order, refused};
use serde_json::{Value, json};

fn conditions(list: Value) -> Vec<Condition> {
    serde_json::from_value(list).unwrap()
}

/// 10.00 off where these hold, for whoever knows the code.
fn ten_off(list: Value) -> TemplateDraft {
    let benefit = Benefit::AmountOff { minor: Setting::Fixed(1_000), over: Over::Order };
    TemplateDraft { benefit, conditions: conditions(list), ..bearer() }
}

fn declare(shop: &Shop, of: AttributeOf, name: &str, fact_type: FactType, values: &[&str]) -> Attribute {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    let request = SaveAttribute { values, ..SaveAttribute::new(shop.meta(), of, name, fact_type) };
    shop.tenant.save_attribute(request).wait().unwrap()
}

#[track_caller]
fn unmet(denial: Denial) -> (String, Fact, Option<Fact>) {
    match denial {
        Denial::ConditionFailed { path, need, short, .. } => (path, need, short),
        other => panic!("{other:?}"),
    }
}

#[test]
fn g25_a_card_is_denied_by_the_test_that_decides_and_taken_once_its_need_is_met() {
    for shop in Shop::each() {
        let products = vec!["pear".to_owned()];
        shop.tenant
            .save_product_set(SaveProductSet { meta: shop.meta(), name: "fruit".to_owned(), products })
            .wait()
            .unwrap();
        shop.batch(
            "b",
            9,
            ten_off(json!([
                {"any": [
                    {"fact": {"fact": "store.id", "in": ["S1", "S2"]}},
                    {"fact": {"fact": "channel", "eq": "app"}},
                ]},
                {"all": [{"fact": {"fact": "order.subtotal", "at_least": 19_900}}]},
                {"lines": {"where": {"product_set": {"name": "fruit"}}, "quantity": {"at_least": 2}}},
                {"fact": {"fact": "now.weekday", "not_in": ["saturday", "sunday"]}},
            ])),
        );
        let code = shop.code_of("b", 0).unwrap();
        let redeem = |order: &Order| shop.redeem_on(&code, None, order.clone());
        let mut order = order("o1", &[("apple", 10_000), ("pear", 8_000)]);
        let (path, need, _) = unmet(denial(redeem(&order)));
        let need = serde_json::to_value(&need).unwrap();
        assert_eq!((path.as_str(), need), ("conditions[0].any[0].fact", json!("S1 or S2")));
        order.channel = Some("app".to_owned());
        let (path, need, short) = unmet(denial(redeem(&order)));
        assert_eq!(path, "conditions[1].all[0].fact");
        assert_eq!(need, Fact::Money { minor: 19_900, currency: cny() });
        assert_eq!(short, Some(Fact::Money { minor: 1_900, currency: cny() }));
        order.lines[0].amount_minor += 1_900;
        let (path, need, short) = unmet(denial(redeem(&order)));
        assert_eq!((path.as_str(), need, short), ("conditions[2].lines", Fact::Number(2), Some(Fact::Number(1))));
        order.lines[1].quantity = 2;
        // The fourteenth is a Saturday.
        shop.clock.set("2026-11-14T00:00:00Z");
        let (path, ..) = unmet(denial(redeem(&order)));
        assert_eq!(path, "conditions[3].fact");
        shop.clock.set("2026-11-16T00:00:00Z");
        assert_eq!(redeem(&order).unwrap().pricing.discount_minor, 1_000, "{}", shop.name);
    }
}

#[test]
fn explanations_are_those_of_the_quote_and_of_the_draft() {
    for shop in Shop::each() {
        let list = json!([
            {"min_spend": {"minor": 19_900}},
            {"not": {"fact": {"fact": "payment.method", "in": ["cash"]}}},
        ]);
        shop.batch("b", 9, ten_off(list.clone()));
        let pick = CardPick::code(shop.code_of("b", 0).unwrap());
        let order = order("o1", &[("apple", 18_000)]);
        let of_card = Explain { of: ExplainOf::Card(pick.clone()), order: order.clone(), at: None };
        let told = shop.tenant.explain(of_card).unwrap();
        let quoted = shop.tenant.quote(Quote::new(pick, order.clone())).unwrap();
        assert_eq!(told.denial, Some(quoted.outcome.unwrap_err().refusal()));
        let nodes: Vec<_> = told.nodes.iter().map(|node| (node.path.as_str(), node.holds, node.inverted)).collect();
        let wanted = [
            ("conditions[0].min_spend", false, false),
            ("conditions[1].not", true, false),
            ("conditions[1].not.fact", false, true),
        ];
        assert_eq!(nodes, wanted);
        assert_eq!(told.nodes[0].texts.zh_cn, "订单金额：需要¥199.00，现有¥180.00，还差 ¥19.00。");
        let of = ExplainOf::Template(Box::new(ten_off(list)));
        let of_draft = shop.tenant.explain(Explain { of, order, at: None }).unwrap();
        assert_eq!(of_draft, told);
    }
}

#[test]
fn many_orders_are_asked_at_once() {
    let shop = Shop::memory();
    let list = json!([{"fact": {"fact": "order.subtotal", "at_least": 10_000}}]);
    let orders: Vec<_> = [9_999, 10_000, 10_001].map(|minor| order("o1", &[("apple", minor)])).into();
    let of = || ExplainOf::Template(Box::new(ten_off(list.clone())));
    let ask =
        |orders: Vec<Order>| shop.tenant.evaluate_many(EvaluateMany { of: of(), orders: orders.into(), at: None });
    assert_eq!(ask(orders.clone()).unwrap().hold, [false, true, true]);
    let mut wrong = orders;
    wrong[2].lines[0].quantity = 0;
    assert_eq!(refused(ask(wrong)).field, "orders[2].lines[0].quantity");
    assert_eq!(refused(ask(Vec::new())).field, "orders");
}

#[test]
fn attributes_are_declared_before_conditions_speak_of_them() {
    for shop in Shop::each() {
        let list = json!([
            {"fact": {"fact": "order.attr.table", "at_least": 5}},
            {"fact": {"fact": "holder.attr.level", "in": ["gold"]}},
        ]);
        let save = |list: &Value| shop.template("t", ten_off(list.clone()));
        let field = |list: &Value| refused(save(list)).field;
        assert_eq!(field(&list), "template.conditions[0].fact.fact");
        declare(&shop, AttributeOf::Order, "table", FactType::Integer, &[]);
        let level = declare(&shop, AttributeOf::Holder, "level", FactType::Text, &["gold", "silver"]);
        assert_eq!(shop.tenant.list_attributes(ListAttributes {}).unwrap()[1], level);
        assert_eq!(
            field(&json!([{"fact": {"fact": "order.attr.table", "prefix": "5"}}])),
            "template.conditions[0].fact.prefix"
        );
        assert_eq!(
            field(&json!([{"fact": {"fact": "holder.attr.level", "eq": "lead"}}])),
            "template.conditions[0].fact.eq"
        );
        shop.batch("b", 9, ten_off(list));
        let saved = shop.tenant.template("b").unwrap().unwrap();
        let pinned = serde_json::to_value(&saved.draft.conditions[0]).unwrap();
        assert_eq!(pinned, json!({"fact": {"fact": "order.attr.table", "type": "integer", "at_least": 5}}));

        let code = shop.code_of("b", 0).unwrap();
        let mut order = order("o1", &[("apple", 18_000)]);
        let (path, ..) = unmet(denial(shop.redeem_on(&code, None, order.clone())));
        assert_eq!(path, "conditions[0].fact");
        order.attrs.insert("table".to_owned(), AttrValue::Text("7".to_owned()));
        let Invalid { field, allowed, .. } = refused(shop.redeem_on(&code, None, order.clone()));
        assert_eq!((field.as_str(), allowed.as_str()), ("order.attrs.table", "integer, as declared"));
        order.attrs.insert("table".to_owned(), AttrValue::Integer(7));
        order.holder_attrs.insert("level".to_owned(), AttrValue::Text("SECRET".to_owned()));
        let said = refused(shop.redeem_on(&code, None, order.clone()));
        assert_eq!(said.field, "order.holder_attrs.level");
        assert!(!format!("{said:?}").contains("SECRET"), "a person's own value is not repeated");
        order.holder_attrs.insert("level".to_owned(), AttrValue::Text("gold".to_owned()));
        // What nobody declared is not looked at.
        order.attrs.insert("mood".to_owned(), AttrValue::Boolean(true));
        shop.redeem_on(&code, None, order.clone()).unwrap();
    }
}

#[test]
fn a_declaration_stays_beside_the_other_settings_and_keeps_its_type() {
    for shop in Shop::each() {
        let request = SaveAttribute::new(shop.meta(), AttributeOf::Line, "origin", FactType::Text);
        let declared = shop.tenant.save_attribute(request.clone()).wait().unwrap();
        assert_eq!(shop.tenant.save_attribute(request).wait().unwrap(), declared, "the same key, the same reply");
        let settings = cardmint::SaveSettings {
            meta: shop.meta(),
            zone: "Asia/Shanghai".to_owned(),
            rounding: Default::default(),
            profile: None,
        };
        shop.tenant.save_settings(settings).wait().unwrap();
        let other = SaveAttribute::new(shop.meta(), AttributeOf::Line, "origin", FactType::Integer);
        assert_eq!(refused(shop.tenant.save_attribute(other).wait()).field, "type");
        let beside = shop.beside(shop.store.clone(), cardmint_tests::keyring());
        assert_eq!(beside.tenant.list_attributes(ListAttributes {}).unwrap(), [declared], "{}", shop.name);
        for (fact_type, values, field) in
            [(FactType::Place, vec![], "type"), (FactType::Integer, vec!["1".to_owned()], "values")]
        {
            let bad = SaveAttribute { values, ..SaveAttribute::new(shop.meta(), AttributeOf::Order, "x", fact_type) };
            assert_eq!(refused(shop.tenant.save_attribute(bad).wait()).field, field);
        }
    }
}

#[test]
fn json_that_is_nested_too_deep_ends_in_a_clear_refusal() {
    let shop = Shop::memory();
    let save = Operation::named("save_template").unwrap();
    for levels in [40, 1_000, 100_000] {
        let nested =
            format!(r#"{}{{"fact":{{"fact":"channel","eq":"a"}}}}{}"#, r#"{"not":"#.repeat(levels), "}".repeat(levels));
        let request = format!(
            r#"{{"meta":"k","template":{{"id":"t","benefit":{{"entitlement":{{}}}},"kind":"membership","membership":{{"level":"a"}},"conditions":[{nested}]}}}}"#
        );
        let said = save.call(&shop.tenant, request.as_bytes()).unwrap_err().to_json();
        assert!(said.contains("conditions nested at most 32 deep"), "{said}");
    }
}

#[test]
fn the_schema_of_templates_takes_what_the_engine_takes_and_refuses_what_it_refuses() {
    let shop = Shop::memory();
    declare(&shop, AttributeOf::Holder, "level", FactType::Text, &["gold", "silver"]);
    declare(&shop, AttributeOf::Line, "labels", FactType::Texts, &[]);
    let schema = shop.tenant.template_schema(TemplateSchema {}).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let document = |condition: &Value| json!({"id": "t", "currency": "CNY", "benefit": {"percent_off": {"off_bp": 2_000}}, "conditions": [condition]});
    let good = [
        json!({"min_spend": {"minor": 1, "over": {"lines": {"categories": ["c"]}}}}),
        json!({"has_line": {"lines": {"products": ["p"]}}}),
        json!({"fact": {"fact": "order.subtotal", "at_least": 1}}),
        json!({"fact": {"fact": "order.quantity", "between": [1, 2]}}),
        json!({"fact": {"fact": "store.id", "not_in": ["a"]}}),
        json!({"fact": {"fact": "store.id", "exists": false}}),
        json!({"fact": {"fact": "now.time", "between": ["22:00", "02:00"]}}),
        json!({"fact": {"fact": "now.weekday", "in": ["monday"]}}),
        json!({"fact": {"fact": "now.date", "between": ["2026-11-01", "2026-11-11"]}}),
        json!({"fact": {"fact": "now", "lt": "2026-11-11T00:00:00Z"}}),
        json!({"fact": {"fact": "holder.segments", "contains_any": ["vip"]}}),
        json!({"fact": {"fact": "holder.new_customer", "eq": true}}),
        json!({"fact": {"fact": "place", "within": {"lat_e6": 1, "lon_e6": 1, "metres": 10}}}),
        json!({"fact": {"fact": "place", "inside": [{"lat_e6": 0, "lon_e6": 0}, {"lat_e6": 0, "lon_e6": 9}, {"lat_e6": 9, "lon_e6": 0}]}}),
        json!({"fact": {"fact": "holder.attr.level", "eq": "gold"}}),
        json!({"fact": {"fact": "holder.attr.level", "type": "text", "eq": "gold"}}),
        json!({"lines": {"where": {"fact": {"fact": "line.attr.labels", "contains_any": ["bio"]}}, "match": "any"}}),
        json!({"lines": {"where": {"not": {"fact": {"fact": "line.product", "prefix": "gift-"}}}, "sum": {"at_least": 100}}}),
        json!({"all": [{"any": [{"fact": {"fact": "channel", "eq": "app"}}, {"not": {"fact": {"fact": "channel", "eq": "web"}}}]}]}),
    ];
    for condition in &good {
        let said: Vec<_> = validator.iter_errors(&document(condition)).map(|error| error.to_string()).collect();
        assert!(said.is_empty(), "{condition}: {said:?}");
        let draft = serde_json::from_value(document(condition)).unwrap();
        shop.template("t", draft).unwrap_or_else(|error| panic!("{condition}: {error}"));
    }
    let bad = [
        json!({"fact": {"fact": "order.subtotl", "at_least": 1}}),
        json!({"fact": {"fact": "order.subtotal", "at_least": 1.5}}),
        json!({"fact": {"fact": "order.subtotal", "at_least": "1"}}),
        json!({"fact": {"fact": "order.subtotal"}}),
        json!({"fact": {"fact": "order.subtotal", "at_least": 1, "lt": 3}}),
        json!({"fact": {"fact": "order.subtotal", "exists": true}}),
        json!({"fact": {"fact": "store.id", "in": []}}),
        json!({"fact": {"fact": "store.id", "between": ["a", "b"]}}),
        json!({"fact": {"fact": "now.weekday", "in": ["Montag"]}}),
        json!({"fact": {"fact": "now.time", "between": ["22:00"]}}),
        json!({"fact": {"fact": "line.product", "eq": "a"}}),
        json!({"fact": {"fact": "holder.attr.level", "eq": "bronze"}}),
        json!({"fact": {"fact": "holder.attr.age", "eq": 1}}),
        json!({"lines": {"where": {"fact": {"fact": "line.product", "eq": "a"}}}}),
        json!({"lines": {"count": {"eq": 1}, "sum": {"eq": 1}}}),
        json!({"nor": [{"fact": {"fact": "channel", "eq": "a"}}]}),
    ];
    for condition in &bad {
        assert!(!validator.is_valid(&document(condition)), "{condition}");
        let draft: Result<TemplateDraft, _> = serde_json::from_value(document(condition));
        assert!(draft.is_err() || shop.template("t", draft.unwrap()).is_err(), "{condition}");
    }
}

const DOC: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/conditions.md"));

#[test]
fn the_documented_facts_and_operators_are_those_of_the_code() {
    for known in KnownFact::ALL {
        let (en, zh) = known.titles();
        let lack = if known.may_lack() { " yes " } else { "  " };
        let row = format!("| `{}` | {} |{lack}| {en} | {zh} |", known.name(), known.fact_type().name());
        assert!(DOC.contains(&row), "{row}");
    }
    let rows = DOC
        .lines()
        .filter(|line| KnownFact::ALL.iter().any(|known| line.starts_with(&format!("| `{}` |", known.name()))));
    assert_eq!(rows.count(), KnownFact::ALL.len());
    for fact_type in FactType::ALL {
        let row = format!("| {} | {} |", fact_type.name(), fact_type.operators().join(", "));
        assert!(DOC.contains(&row), "{row}");
    }
}

#[test]
fn the_documented_examples_say_what_they_are_said_to_say() {
    let shop = Shop::memory();
    let zone = "Asia/Shanghai".to_owned();
    let settings = cardmint::SaveSettings { meta: shop.meta(), zone, rounding: Default::default(), profile: None };
    shop.tenant.save_settings(settings).wait().unwrap();
    let examples: Vec<Value> = DOC
        .split("```json")
        .skip(1)
        .map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap())
        .collect();
    assert!(examples.len() >= 5);
    for example in examples {
        let of = ExplainOf::Template(Box::new(ten_off(example["conditions"].clone())));
        let order: Order = serde_json::from_value(example["order"].clone()).unwrap();
        let at = example.get("at").map(|at| cardmint_tests::instant(at.as_str().unwrap()));
        let told = shop.tenant.explain(Explain { of, order, at }).unwrap();
        let path = told.denial.map(|denial| denial.facts["path"].as_str().unwrap().to_owned());
        let said = told.nodes.iter().find(|node| path.as_ref() == Some(&node.path));
        assert_eq!(
            said.map(|node| serde_json::to_value(&node.texts).unwrap()),
            example.get("says").cloned(),
            "{example}"
        );
    }
}
