//! Worked cases: `tests/cases/checkout/*.json`, written by hand or by a check of its own for a merchant to read. Each says an order, what is
//! offered, and what must come out: `discount_minor`, `payable_minor`, and whatever else is worth saying.
//!
//! The same requests, with the bytes of their replies, are `tests/vectors/checkout.json`, which every language replays. With
//! `CARDMINT_WRITE_VECTORS=1` this test writes them; the cases themselves are never written by a program of ours.

use std::path::{Path, PathBuf};

use cardmint::card::{Benefit, TemplateDraft};
use cardmint::checkout::Order;
use cardmint::money::Rounding;
use cardmint_bridge::{Operation, Tenant, open};
use serde_json::{Map, Value, json};

use super::naive;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/checkout.json");
const WIRE: &str = include_str!("../../vectors/wire.json");

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/checkout");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Every case with where it stands.
pub(super) fn cases() -> Vec<(String, Value)> {
    let of_file = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        cases.into_iter().enumerate().map(move |(place, case)| {
            (format!("{name}[{place}] {} / {}", case["title"]["en"], case["title"]["zh-CN"]), case)
        })
    };
    files().into_iter().flat_map(of_file).collect()
}

pub(super) fn options() -> String {
    let wire: Value = serde_json::from_str(WIRE).unwrap();
    wire["options"].as_str().unwrap().to_owned()
}

fn request(case: &Value) -> String {
    let mut request = case.as_object().unwrap().clone();
    request.retain(|name, _| !["title", "expect"].contains(&name.as_str()));
    Value::Object(request).to_string()
}

fn ask(shop: &Tenant, op: &str, request: &str) -> String {
    let said = Operation::named(op).unwrap().call(shop, request.as_bytes());
    said.map_or_else(|failure| failure.to_json(), |reply| String::from_utf8(reply).unwrap())
}

fn figure(of: &Value, name: &str) -> i64 {
    of.get(name).and_then(Value::as_i64).unwrap_or(0)
}

fn offer<'a>(plan: &'a Value, id: &str) -> &'a Value {
    let offers = plan["offers"].as_array().map_or(&[][..], Vec::as_slice);
    offers.iter().find(|offer| offer["id"] == id).unwrap_or(&Value::Null)
}

/// Everything that a case says and the plan does not.
fn differences(expect: &Value, plan: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |what: &str, wanted: &Value, got: Value| {
        if *wanted != got {
            wrong.push(format!("{what}: wanted {wanted}, got {got}"));
        }
    };
    for (name, wanted) in expect.as_object().unwrap() {
        match name.as_str() {
            "discount_minor" | "tender_minor" | "payable_minor" | "by_tax_rate" => {
                must(name, wanted, plan[name].clone())
            }
            "shipping_minor" => must(name, wanted, json!(figure(&plan["shipping"], "discount_minor"))),
            "lines" => {
                let lines = plan["lines"].as_array().into_iter().flatten();
                let off = lines.filter(|line| figure(line, "discount_minor") > 0);
                let off: Map<String, Value> = off
                    .map(|line| (line["line"].as_str().unwrap().to_owned(), line["discount_minor"].clone()))
                    .collect();
                must(name, wanted, Value::Object(off));
            }
            "offers" => {
                for (id, wanted) in wanted.as_object().unwrap() {
                    for (field, wanted) in wanted.as_object().unwrap() {
                        let got = match field.as_str() {
                            "code" => offer(plan, id)["denial"]["code"].clone(),
                            "short" => offer(plan, id)["denial"]["facts"]["short"].clone(),
                            _ => offer(plan, id)[field].clone(),
                        };
                        must(&format!("{id}.{field}"), wanted, got);
                    }
                }
            }
            "held_back" | "actions" => {
                for (id, wanted) in wanted.as_object().unwrap() {
                    must(&format!("{id}.{name}"), wanted, offer(plan, id)[name].clone());
                }
            }
            "next" => {
                for (id, wanted) in wanted.as_object().unwrap() {
                    must(&format!("{id}.next.short"), wanted, offer(plan, id)["next"]["short"].clone());
                }
            }
            "funded" => {
                for (id, wanted) in wanted.as_object().unwrap() {
                    let shares = offer(plan, id)["shares"].as_array().into_iter().flatten();
                    let shares = shares.map(|share| {
                        let parts = share["funded"].as_array().into_iter().flatten();
                        let parts =
                            parts.map(|part| (part["party"].as_str().unwrap().to_owned(), part["off_minor"].clone()));
                        (share["line"].as_str().unwrap().to_owned(), Value::Object(parts.collect()))
                    });
                    must(&format!("{id}.funded"), wanted, Value::Object(shares.collect()));
                }
            }
            other => panic!("a case cannot expect `{other}`"),
        }
    }
    wrong
}

#[test]
fn worked_cases_come_out_as_they_say() {
    let cases = cases();
    assert!(cases.len() >= 200, "{} cases", cases.len());
    let engine = open(options().as_bytes()).unwrap();
    let shop = engine.tenant("default", "live").unwrap();
    let mut wrong = Vec::new();
    for (name, case) in &cases {
        assert!(case["expect"]["discount_minor"].is_i64() && case["expect"]["payable_minor"].is_i64(), "{name}");
        let said = ask(&shop, "quote_drafts", &request(case));
        let plan: Value = serde_json::from_str(&said).unwrap();
        let differs = if plan.get("digest").is_some() { differences(&case["expect"], &plan) } else { vec![said] };
        wrong.extend(differs.into_iter().map(|differs| format!("{name}\n    {differs}")));
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// The twin knows neither parameters nor uses nor the clock; a cap on a whole order it does not know either.
fn twin_can(case: &Value) -> bool {
    let text = case["offers"].to_string();
    !["parameter", "\"fact\"", "usage", "balance_minor", "validity", "order_cap_minor"]
        .iter()
        .any(|word| text.contains(word))
        && figure(&case["expect"], "payable_minor") < 1 << 50
}

#[test]
fn the_naive_twin_agrees_with_the_worked_cases() {
    let mut asked = 0;
    for (name, case) in cases().iter().filter(|(_, case)| twin_can(case)) {
        let order: Order = serde_json::from_value(case["order"].clone()).unwrap();
        let drafts = case["offers"].as_array().unwrap().iter().map(|offer| offer["template"].clone());
        let drafts: Vec<TemplateDraft> = drafts.map(|draft| serde_json::from_value(draft).unwrap()).collect();
        if order.lines.iter().any(|line| line.quantity > 1_000) || drafts.iter().any(|draft| foreign(draft, &order)) {
            continue;
        }
        let rounding =
            case.get("rounding").map_or(Rounding::HalfUp, |word| serde_json::from_value(word.clone()).unwrap());
        let (_, left) = naive::plan(&order, &drafts.iter().collect::<Vec<_>>(), rounding);
        let payable = left.lines.iter().sum::<i64>() + left.shipping;
        assert_eq!(payable, figure(&case["expect"], "payable_minor"), "{name}");
        asked += 1;
    }
    assert!(asked >= 250, "{asked} cases");
}

fn foreign(draft: &TemplateDraft, order: &Order) -> bool {
    draft.currency.is_some_and(|currency| currency != order.currency)
        && !matches!(draft.benefit, Benefit::Entitlement { .. })
}

#[test]
fn the_vectors_are_those_of_the_cases() {
    let engine = open(options().as_bytes()).unwrap();
    let shop = engine.tenant("default", "live").unwrap();
    let mut vectors = Vec::new();
    for (_, case) in &cases() {
        let request = request(case);
        let several = case["offers"].as_array().is_some_and(|offers| offers.len() > 1);
        for op in ["quote_drafts"].into_iter().chain(several.then_some("best_drafts")) {
            vectors.push(json!({"op": op, "reply": ask(&shop, op, &request), "request": request}));
        }
    }
    let text = serde_json::to_string_pretty(&json!({"cases": vectors, "options": options()})).unwrap() + "\n";
    if std::env::var_os("CARDMINT_WRITE_VECTORS").is_some() {
        std::fs::write(VECTORS, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(VECTORS).unwrap();
    assert!(
        kept == text,
        "{VECTORS} is not what the cases give now: read `worked_cases_come_out_as_they_say`, then write it"
    );
}
