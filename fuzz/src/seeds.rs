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
        "record" => rows(),
        // Bytes of which each says which of a few things comes next.
        "changesets" => {
            let text =
                |seed: u32| (0..96).filter_map(move |at: u32| char::from_u32((at * 7 + seed * 11) % 128)).collect();
            (0..24).map(text).collect()
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

/// Texts as rows have them, by kind.
fn rows() -> Vec<String> {
    let on = r#""owner":{"holder":"customer:ann"},"unit":"uses:ten-off","amount":1"#;
    let pricing = r#"{"before_minor":19900,"discount_minor":1990,"payable_minor":17910,"allocations":[{"line":"l0","before_minor":19900,"off_minor":1990}]}"#;
    let limit = r#"[{"name":"a","measure":{"uses":{"usage_unit":"line"}},"scope":["holder",{"subject":"device"}],"window":{"rolling_s":60},"most":3}]"#;
    let texts = [
        (
            "person",
            r#"{"id":"person:00000000000000aa","members":["customer:ann","device:d1"],"before":["person:01"]}"#
                .to_owned(),
        ),
        (
            "entry",
            r#"["CNY",4500,1762905600000,[["own","redeemed",500,null],["expired","breakage",4500,1762905600000]]]"#
                .to_owned(),
        ),
        ("owner", "scope:campaign:open/holder:customer:ann".to_owned()),
        ("owner", "card:16-3-41".to_owned()),
        ("owner", "book:redeemed:2026-11-11:000000000000002a:b-1".to_owned()),
        ("hold", r#""16-3-41/A-1001""#.to_owned()),
        ("hold", r#""16-3/A-1001""#.to_owned()),
        ("origin", r#"{"campaign":"c","parent_card":"16-3-41","redemption":"k1"}"#.to_owned()),
        ("given", r#"[{"card":"16-3-41","issue_no":0,"events":1}]"#.to_owned()),
        ("not_given", r#"[{"batch":"b","code":"sold_out"}]"#.to_owned()),
        ("limits", limit.to_owned()),
        ("pricing", pricing.to_owned()),
        ("counters", format!(r#"[{{{on},"ceiling":3,"counts":"holder_uses"}}]"#)),
        ("counted", format!(r#"[{{{on},"counts":"money","refill":true}}]"#)),
        ("unit", r#"{"name":"points","decimals":0,"between_holders":true,"display":{}}"#.to_owned()),
    ];
    let of = |kind: &str, name: &str| of(name).into_iter().map(move |text| (kind.to_owned(), text)).collect::<Vec<_>>();
    let told = texts.into_iter().map(|(kind, text)| (kind.to_owned(), text));
    let all = told.chain(of("limits", "limits")).chain(of("origin", "origin"));
    all.map(|(kind, text)| format!("{kind}\n{text}")).collect()
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
