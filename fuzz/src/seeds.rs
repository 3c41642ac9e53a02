//! What every run begins with: the golden vectors, which grow with the operations, and texts beside them.

use cardmint::card::TemplateDraft;
use cardmint_tests::{eight_tenths, keyring, order, ten_off_from_199};
use serde_json::Value;

const WIRE: &str = include_str!("../../tests/vectors/wire.json");
const CODES: &str = include_str!("../../tests/vectors/codes.json");

/// The seeds of a target.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let texts: Vec<String> = match target {
        "codes" | "words" => {
            let words = ["SUMMER 20", "ÉTÉ-2026", "夏日特惠", "ſtraße", "a\u{301}b c", "0O1IL"];
            strings(CODES).into_iter().filter(|text| text.len() < 60).chain(words.map(str::to_owned)).collect()
        }
        "values" => ["2026-11-12T00:00:00Z", "2026-02-29T23:59:60.5+08:00", "Asia/Shanghai", "UTC", "CNY", "16-3-41"]
            .map(str::to_owned)
            .into(),
        "export_tail" => ["41,ABCD-EFGH\n42,IJ", "4294967295,X\n", "\n\n", "7,A,B\n8"].map(str::to_owned).into(),
        "keyring" => vec![keyring().to_json().to_string()],
        "template" => templates().iter().map(json).collect(),
        "order" => {
            vec![json(&order("o1", &[("apple", 12_345), ("pear", 250)]))].into_iter().chain(of("order")).collect()
        }
        "condition" => {
            templates().iter().flat_map(|draft| draft.conditions.iter().map(json)).chain(of("conditions")).collect()
        }
        "operation" => requests().into_iter().map(|(op, request)| format!("{op}\n{request}")).collect(),
        "open" => open_options(),
        _ => Vec::new(),
    };
    texts.into_iter().map(String::into_bytes).collect()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn templates() -> [TemplateDraft; 2] {
    [ten_off_from_199(), eight_tenths()]
}

/// Operations and requests of the vectors.
fn requests() -> Vec<(String, String)> {
    let vectors: Value = serde_json::from_str(WIRE).unwrap_or_default();
    let cases = vectors["cases"].as_array().cloned().unwrap_or_default();
    let request = |case: &Value| Some((case["op"].as_str()?.to_owned(), case["request"].as_str()?.to_owned()));
    cases.iter().filter_map(request).collect()
}

/// What stands under a name anywhere in the requests.
fn of(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (_, request) in requests() {
        let mut open: Vec<Value> = serde_json::from_str(&request).into_iter().collect();
        while let Some(value) = open.pop() {
            if let Value::Object(map) = &value {
                match map.get(name) {
                    Some(Value::Array(list)) => found.extend(list.iter().map(Value::to_string)),
                    Some(one) => found.push(one.to_string()),
                    None => {}
                }
                open.extend(map.values().cloned());
            }
        }
    }
    found
}

fn open_options() -> Vec<String> {
    let ring = keyring().to_json().to_string();
    let full = serde_json::json!({"path": ":memory:", "keyring": {"json": ring}, "now": "2026-11-12T00:00:00Z",
        "durability": "normal", "busy_timeout_ms": 100, "queue_max": 10, "group_max": 4, "control_lag_ms": 10, "deadline_ms": 5});
    let vectors: Value = serde_json::from_str(WIRE).unwrap_or_default();
    vec![full.to_string(), r#"{"path":":memory:"}"#.to_owned(), vectors["options"].to_string()]
}

/// Every string of a JSON text.
fn strings(text: &str) -> Vec<String> {
    let mut open: Vec<Value> = serde_json::from_str(text).into_iter().collect();
    let mut found = Vec::new();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(list) => open.extend(list),
            Value::Object(map) => open.extend(map.into_iter().map(|(_, value)| value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
