//! Worked cases of returns: `tests/cases/refunds/*.json`, for a merchant to read. Each says an order, what it was bought with, what comes back one after
//! another, and what must be paid out for it where discounts are kept, clawed back, or the rest priced anew.
//!
//! The same requests, with the bytes of their replies, are `tests/vectors/refunds.json`, which every language replays. With
//! `CARDMINT_WRITE_VECTORS=1` this test writes them; the cases themselves are never written by a program of ours.

use std::path::Path;

use cardmint_bridge::{Operation, Tenant, open};
use serde_json::{Map, Value, json};

use super::cases::options;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/refunds.json");

fn cases() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/refunds");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (place, case) in cases.into_iter().enumerate() {
            all.push((format!("{name}[{place}] {} / {}", case["title"]["en"], case["title"]["zh-CN"]), case));
        }
    }
    all
}

fn request(case: &Value) -> String {
    let mut request = case.as_object().unwrap().clone();
    request.retain(|name, _| !["title", "expect"].contains(&name.as_str()));
    Value::Object(request).to_string()
}

fn ask(shop: &Tenant, request: &str) -> String {
    let said = Operation::named("refund_drafts").unwrap().call(shop, request.as_bytes());
    said.map_or_else(|failure| failure.to_json(), |reply| String::from_utf8(reply).unwrap())
}

/// A list of named figures as an object.
fn named(list: &Value, name: &str, figure: &str) -> Value {
    let all = list.as_array().into_iter().flatten();
    Value::Object(all.map(|one| (one[name].as_str().unwrap().to_owned(), one[figure].clone())).collect())
}

/// Everything that a case says of a return and the reply does not.
fn differences(expect: &Value, of: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, wanted) in expect.as_object().unwrap() {
        let got = match name.as_str() {
            "keep" | "clawback" | "reprice" | "by_terms" => of[name]["payout_minor"].clone(),
            "short" => of["clawback"]["short_minor"].clone(),
            "tenders" => named(&of["by_terms"]["tenders"], "to", "minor"),
            "uses" => named(&of["by_terms"]["uses"], "redemption", "uses"),
            "funded" => {
                let all = of["by_terms"]["discounts"].as_array().into_iter().flatten();
                let of_one = |one: &Value| {
                    (one["redemption"].as_str().unwrap().to_owned(), named(&one["funded"], "party", "off_minor"))
                };
                Value::Object(all.map(of_one).collect::<Map<String, Value>>())
            }
            other => panic!("a case cannot expect `{other}`"),
        };
        if *wanted != got {
            wrong.push(format!("{name}: wanted {wanted}, got {got}"));
        }
    }
    wrong
}

#[test]
fn worked_cases_of_returns_come_out_as_they_say() {
    let cases = cases();
    assert!(cases.len() >= 50, "{} cases", cases.len());
    let engine = open(options().as_bytes()).unwrap();
    let shop = engine.tenant("default", "live").unwrap();
    let mut wrong = Vec::new();
    for (name, case) in &cases {
        let reply: Value = serde_json::from_str(&ask(&shop, &request(case))).unwrap();
        let (expect, returns) = (&case["expect"], reply["returns"].as_array());
        let Some(returns) = returns else {
            wrong.push(format!("{name}\n    {reply}"));
            continue;
        };
        let paid = reply["before_minor"].as_i64().unwrap() - reply["discount_minor"].as_i64().unwrap();
        if expect["paid_minor"] != json!(paid) {
            wrong.push(format!("{name}\n    paid: wanted {}, got {paid}", expect["paid_minor"]));
        }
        let wanted = expect["returns"].as_array().unwrap();
        assert_eq!(wanted.len(), returns.len(), "{name}");
        for (step, (wanted, of)) in wanted.iter().zip(returns).enumerate() {
            for word in ["keep", "clawback", "reprice"] {
                assert!(wanted[word].is_i64(), "{name} does not say what {word} pays out");
            }
            wrong.extend(
                differences(wanted, of).into_iter().map(|differs| format!("{name} return {step}\n    {differs}")),
            );
        }
        // A case that is returned to its end pays out what was paid.
        for word in ["keep", "clawback", "reprice"] {
            let left = returns.last().unwrap()[word]["left_minor"].as_i64().unwrap();
            let out: i64 = returns.iter().map(|of| of[word]["payout_minor"].as_i64().unwrap()).sum();
            assert_eq!(out + left, paid, "{name}");
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_vectors_of_returns_are_those_of_the_cases() {
    let engine = open(options().as_bytes()).unwrap();
    let shop = engine.tenant("default", "live").unwrap();
    let all = cases();
    let vectors = all
        .iter()
        .map(|(_, case)| request(case))
        .map(|request| json!({"op": "refund_drafts", "reply": ask(&shop, &request), "request": request}));
    let text = json!({"cases": vectors.collect::<Vec<_>>(), "options": options()});
    let text = serde_json::to_string_pretty(&text).unwrap() + "\n";
    if std::env::var_os("CARDMINT_WRITE_VECTORS").is_some() {
        std::fs::write(VECTORS, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(VECTORS).unwrap();
    assert!(kept == text, "{VECTORS} is not what the cases give now: read the cases that fail, then write it");
}
