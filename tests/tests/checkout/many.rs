//! `quote_orders` is `quote_drafts` of many orders, without the words.

use cardmint_bridge::{Operation, Tenant, open};
use serde_json::{Value, json};

use super::cases::{cases, options};

pub fn call(shop: &Tenant, name: &str, request: &Value) -> Result<Value, Value> {
    let said = Operation::named(name).unwrap().call(shop, request.to_string().as_bytes());
    let read = |text: &[u8]| serde_json::from_slice(text).unwrap();
    said.map(|reply| read(&reply)).map_err(|failure| read(failure.to_json().as_bytes()))
}

pub fn figure(of: &Value, name: &str) -> i64 {
    of.get(name).and_then(Value::as_i64).unwrap_or(0)
}

/// What the plan of `quote_drafts` says, as figures.
fn in_figures(plan: &Value) -> Value {
    let lines: Vec<&Value> = plan["lines"].as_array().unwrap().iter().map(|line| &line["line"]).collect();
    let shares = plan["offers"].as_array().unwrap().iter().map(|offer| {
        let none = Vec::new();
        let told = offer.get("shares").map_or(&none, |shares| shares.as_array().unwrap());
        let of = |line: &&Value| told.iter().find(|share| share["line"] == **line).map_or(0, |s| figure(s, "minor"));
        let shares: Vec<i64> = lines.iter().map(of).chain([figure(offer, "shipping_minor")]).collect();
        (offer["verdict"] == "applied").then_some(shares)
    });
    json!({
        "discount_minor": plan["discount_minor"],
        "tender_minor": plan["tender_minor"],
        "payable_minor": plan["payable_minor"],
        "shares": shares.collect::<Vec<_>>(),
    })
}

#[test]
fn figures_of_many_orders_are_those_of_each_alone() {
    let engine = open(options().as_bytes()).unwrap();
    let shop = engine.tenant("default", "live").unwrap();
    let (mut asked, mut applied) = (0, 0);
    for (name, case) in cases() {
        let mut one = json!({"order": case["order"], "offers": case["offers"]});
        // Another order beside it takes nothing away from it.
        let beside = json!({"id": "beside", "currency": case["order"]["currency"],
            "lines": [{"id": "l", "product": "p", "quantity": 1, "amount_minor": 7}]});
        let mut many = json!({"orders": [beside, case["order"]], "offers": case["offers"]});
        for optional in ["rounding", "at"] {
            if let Some(given) = case.get(optional) {
                one[optional] = given.clone();
                many[optional] = given.clone();
            }
        }
        if one.get("at").is_none() && case["order"].get("placed_at").is_some() {
            one["at"] = case["order"]["placed_at"].clone();
        }
        // A case that takes more uses than the other order has is refused for that one.
        let Ok(quoted) = call(&shop, "quote_orders", &many) else { continue };
        let plan = call(&shop, "quote_drafts", &one).unwrap();
        assert_eq!(quoted["orders"][1], in_figures(&plan), "{name}");
        asked += 1;
        applied += usize::from(figure(&plan, "discount_minor") > 0);
    }
    assert!(asked >= 300 && applied >= 200, "{asked} asked, something comes off in {applied}");
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    let engine = open(options().as_bytes()).unwrap();
    let shop = engine.tenant("default", "live").unwrap();
    let order = |minor: i64| json!({"id": "o", "currency": "CNY", "lines": [{"id": "l", "product": "p", "quantity": 1, "amount_minor": minor}]});
    let offer = |id: &str, minor: i64| json!({"id": id, "template": {"id": "t", "currency": "CNY", "benefit": {"amount_off": {"minor": minor}}}});
    let field = |orders: Vec<Value>, offers: Vec<Value>| {
        let refused = call(&shop, "quote_orders", &json!({"orders": orders, "offers": offers})).unwrap_err();
        refused["facts"]["field"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(field(vec![], vec![offer("a", 5)]), "orders");
    assert_eq!(field(vec![order(1), order(-1)], vec![offer("a", 5)]), "orders[1].lines[0].amount_minor");
    assert_eq!(field(vec![order(1)], vec![offer("a", 5), offer("a", 5)]), "offers[1].id");
    let offers: Vec<Value> = (0..1_000).map(|at| offer(&format!("o{at}"), 5)).collect();
    assert_eq!(field(vec![order(1); 201], offers), "orders", "more pairs than one request may ask for");
}
