//! Files that earlier builds wrote open, migrate, and say what they said.
//!
//! tests/data/format-N holds a file of the N-th format, its keyring (not secret), and what the build that wrote it answered. A
//! change of the format adds a folder and leaves these as they are. Replies may have grown fields since.
//!
//! The folder of the newest format is written by `CARDMINT_WRITE_FILE=N cargo test -p cardmint-tests --test engine old_files -- --ignored`,
//! with the last build that writes it, before the next format is begun.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use cardmint_bridge::{Operation, Step, Tenant, open};
use serde_json::{Value, json};

fn folder(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("data/format-{format}"))
}

/// The file of a format, unpacked where it may be written to.
fn unpacked(format: u32, into: &Path) -> PathBuf {
    let packed = std::fs::File::open(folder(format).join("shop.sqlite.gz")).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    let path = into.join("shop.sqlite");
    std::fs::write(&path, bytes).unwrap();
    path
}

/// What opens the file of a format, unpacked, the day after it was written.
fn options(format: u32, into: &Path) -> Value {
    let (path, keys) = (unpacked(format, into), folder(format).join("keys.json"));
    json!({"path": path, "keyring": {"file": keys}, "now": "2026-11-12T00:00:00Z"})
}

fn call(shop: &Tenant, op: &str, request: &Value) -> Result<Value, String> {
    let reply = Operation::named(op).and_then(|op| op.call(shop, request.to_string().as_bytes()));
    reply.map(|reply| serde_json::from_slice(&reply).unwrap()).map_err(|failure| failure.to_json())
}

/// What the events of old builds do not tell is read from the redemptions themselves.
fn audit_is_clean(shop: &Tenant) {
    let mut audit = Operation::named("audit").unwrap().begin(shop, b"{}").unwrap();
    let report: Value = loop {
        if let Step::Reply(reply) = audit.next(1).unwrap() {
            break serde_json::from_slice(&reply).unwrap();
        }
    };
    assert_eq!(report["findings"], json!([]));
    assert!(report["redemptions"].as_u64() > Some(1) && report["chains_checked"] == json!(true), "{report}");
}

#[test]
fn a_file_of_the_first_format_opens_and_says_what_it_said() {
    let work = tempfile::tempdir().unwrap();
    let options = options(1, work.path());
    // Twice: to migrate, and as it is then.
    for _ in 0..2 {
        let shop = open(options.to_string().as_bytes()).unwrap().tenant("default", "live").unwrap();
        let said: Value =
            serde_json::from_str(&std::fs::read_to_string(folder(1).join("expected.json")).unwrap()).unwrap();
        for case in said["cases"].as_array().unwrap() {
            let request: Value = serde_json::from_str(case["request"].as_str().unwrap()).unwrap();
            let wanted: Value = serde_json::from_str(case["reply"].as_str().unwrap()).unwrap();
            assert_eq!(call(&shop, case["op"].as_str().unwrap(), &request), Ok(wanted), "{request}");
        }
        // Requests that were done under the old build are the same requests still.
        let ann = json!({"kind": "customer", "value": "ann"});
        let claimed = call(&shop, "claim", &json!({"meta": "k0", "take": {"batch": "b"}, "holder": ann})).unwrap();
        let order = json!({"id": "A-1", "currency": "CNY",
            "lines": [{"id": "1", "product": "tea", "quantity": 2, "amount_minor": 12_000}]});
        let redeem = json!({"meta": "A-1", "code": claimed["code"], "order": order, "holder": ann});
        assert_eq!(call(&shop, "redeem", &redeem).unwrap()["redemption"], "A-1");
        let refund = json!({"meta": {"key": "r1", "reason": "returned"}, "redemption": "A-2"});
        assert_eq!(call(&shop, "refund", &refund).unwrap()["uses_left"], 1);
        let again = json!({"meta": "r2", "redemption": "A-2"});
        assert!(call(&shop, "refund", &again).unwrap_err().contains("already_refunded"));
    }
    let shop = open(options.to_string().as_bytes()).unwrap().tenant("default", "live").unwrap();
    audit_is_clean(&shop);
    let events = call(&shop, "events", &json!({"kinds": ["redeemed"]})).unwrap();
    assert!(events["items"].as_array().map(Vec::len) > Some(1), "{events}");
    let gift = json!({"id": "gift", "kind": "gift_card", "currency": "CNY", "benefit": {"value": {"minor": 5_000}}});
    call(&shop, "save_template", &json!({"meta": "g", "template": gift})).unwrap();
    let batch = json!({"meta": "g", "id": "g", "template": "gift", "size": 1, "format": {"symbols": 20}});
    call(&shop, "issue_batch", &batch).unwrap();
    let loaded = call(&shop, "load", &json!({"meta": "l", "card": {"id": "20-0-0"}, "amount_minor": 100})).unwrap();
    assert_eq!(loaded["balance_minor"], 5_100, "and it goes on with what is new");
}

/// What a shop does in the newest format: requests by operation, changes and reads. `$name` stands for the code in the reply to the
/// change of that key. Reads come last: they are to say the same once all is done.
fn story() -> Vec<(&'static str, Value)> {
    let ann = json!({"kind": "customer", "value": "ann"});
    let bob = json!({"kind": "phone", "value": "+8613800000000"});
    let order = |id: &str, amount: u64| {
        json!({"id": id, "currency": "CNY", "store": "s1", "lines": [
            {"id": "1", "product": "tea", "quantity": 2, "amount_minor": amount}]})
    };
    let coupon = json!({"id": "off", "currency": "CNY", "redeem_from": "claimed",
        "benefit": {"amount_off": {"minor": {"parameter": "face"}}},
        "parameters": {"face": {"integer": {"min": 100, "max": 5_000, "default": 2_000}}},
        "conditions": [{"min_spend": {"minor": 5_000}}],
        "validity": {"after_claim": {"days": 30}}, "limits": {"uses_per_card": 2, "uses_per_holder": 3}});
    let gift = json!({"id": "gift", "kind": "gift_card", "currency": "CNY", "benefit": {"value": {"minor": 10_000}},
        "limits": {"balance_max_minor": 50_000}});
    let of_promotion = json!({"id": "tea-promo", "currency": "CNY", "redeem_from": "claimed",
        "benefit": {"percent_off": {"off_bp": 500, "over": {"lines": {"product_set": "tea"}}}},
        "funding": [{"party": "brand", "off_bp": 4_000}, {"party": "shop", "off_bp": 6_000}]});
    let limited = json!({"id": "limited", "currency": "CNY", "redeem_from": "claimed",
        "benefit": {"amount_off": {"minor": 500}},
        "limits": {"list": [{"name": "monthly", "measure": {"uses": {"usage_unit": "order"}}, "scope": ["holder"],
            "window": {"calendar": "month"}, "most": 5}]}});
    vec![
        ("save_settings", json!({"meta": "s", "zone": "Asia/Shanghai", "rounding": "half_up"})),
        ("save_campaign", json!({"meta": "d11", "id": "d11", "title": "Double eleven", "end": "2026-11-30"})),
        ("save_template", json!({"meta": "off", "template": coupon})),
        ("save_template", json!({"meta": "gift", "template": gift})),
        (
            "issue_batch",
            json!({"meta": "b", "id": "b", "template": "off", "campaign": "d11", "size": 10,
            "format": {"symbols": 16}}),
        ),
        ("issue_batch", json!({"meta": "g", "id": "g", "template": "gift", "size": 5, "format": {"symbols": 20}})),
        ("claim", json!({"meta": "k0", "take": {"batch": "b"}, "holder": ann})),
        ("claim", json!({"meta": "k1", "take": {"batch": "b"}, "holder": bob})),
        ("issue", json!({"meta": "k2", "batch": "b", "holder": ann, "parameters": {"face": 3_000}})),
        ("redeem", json!({"meta": "A-1", "code": "$k0", "order": order("A-1", 12_000), "holder": ann})),
        ("reveal", json!({"meta": {"key": "g0", "reason": "sold"}, "card": {"id": "20-0-0"}})),
        ("reveal", json!({"meta": {"key": "g1", "reason": "sold"}, "card": {"id": "20-0-1"}})),
        ("redeem", json!({"meta": "A-2", "code": "$g0", "order": order("A-2", 4_000)})),
        ("redeem", json!({"meta": "A-3", "code": "$g0", "order": order("A-3", 9_000), "amount_minor": 5_000})),
        ("refund", json!({"meta": "r1", "redemption": "A-3", "amount_minor": 2_000})),
        ("refund", json!({"meta": "r2", "redemption": "A-1"})),
        ("redeem", json!({"meta": "A-4", "code": "$g1", "order": order("A-4", 10_000)})),
        ("load", json!({"meta": "l1", "card": {"id": "20-0-1"}, "amount_minor": 700})),
        (
            "adjust",
            json!({"meta": {"key": "a1", "reason": "counted wrong"}, "card": {"id": "20-0-1"}, "delta_minor": -100}),
        ),
        ("freeze", json!({"meta": {"key": "f1", "reason": "lost"}, "card": {"id": "16-0-1"}})),
        ("void", json!({"meta": {"key": "v1", "reason": "sold twice"}, "card": {"id": "20-0-2"}})),
        ("replace", json!({"meta": {"key": "p1", "reason": "leaked"}, "card": {"id": "20-0-3"}})),
        ("save_product_set", json!({"meta": "ps", "name": "tea", "products": ["tea", "oolong"]})),
        ("save_unit", json!({"meta": "u", "name": "points", "decimals": 0})),
        (
            "save_attribute",
            json!({"meta": "at", "of": "holder", "name": "level", "type": "text", "values": ["gold", "silver"]}),
        ),
        ("save_template", json!({"meta": "pt", "template": of_promotion})),
        ("save_promotion", json!({"meta": "pr", "id": "autumn", "template": "tea-promo"})),
        ("save_template", json!({"meta": "lt", "template": limited})),
        ("issue_batch", json!({"meta": "c", "id": "c", "template": "limited", "size": 9, "format": {"symbols": 16}})),
        ("claim", json!({"meta": "c0", "take": {"batch": "c"}, "holder": ann})),
        ("claim", json!({"meta": "c1", "take": {"batch": "c"}, "holder": ann})),
        ("claim", json!({"meta": "c2", "take": {"batch": "c"}, "holder": ann})),
        ("link", json!({"meta": "ln", "subjects": [ann, {"kind": "wechat_openid", "value": "o-1"}]})),
        ("hold", json!({"meta": "h1", "code": "$c0", "order": order("H-1", 8_000), "holder": ann})),
        ("capture", json!({"meta": "h2", "hold": "16-1-0/H-1"})),
        (
            "hold_order",
            json!({"meta": "h3", "order": order("H-2", 9_000), "holder": ann,
            "cards": [{"card": {"id": "20-0-1"}, "amount_minor": 200}, {"card": {"id": "16-1-1"}}]}),
        ),
        ("capture_order", json!({"meta": "h4", "holds": [{"hold": "20-0-1/H-2"}, {"hold": "16-1-1/H-2"}]})),
        ("hold", json!({"meta": "h5", "code": "$g0", "order": order("H-3", 300), "ttl_s": 3_600})),
        (
            "redeem_order",
            json!({"meta": "A-5", "order": order("A-5", 12_000), "holder": ann, "cards": [{"card": {"id": "16-1-2"}}]}),
        ),
        ("refund_order", json!({"meta": "r3", "order": order("A-5", 12_000), "lines": [{"line": "1", "pieces": 1}]})),
        (
            "move_value",
            json!({"meta": {"key": "m1", "reason": "welcome"}, "unit": "points", "amount_minor": 500,
            "from_account": {"system": "promotion"}, "to_account": {"holder": ann}}),
        ),
        ("list_cards", json!({"batch": "b", "page": {"limit": 6}})),
        ("list_cards", json!({"batch": "g"})),
        ("wallet", json!({"holder": ann})),
        ("history", json!({"card": {"id": "20-0-0"}})),
        ("history", json!({"card": {"id": "16-0-0"}})),
        ("redemption", json!({"id": "A-3"})),
        ("redemptions_of_order", json!({"order": "A-1"})),
        ("campaign", json!({"id": "d11"})),
        ("template", json!({"id": "off"})),
        ("batch", json!({"id": "g"})),
        ("card_number", json!({"card": "20-0-1"})),
        ("quote", json!({"card": {"id": "20-0-1"}, "order": order("q", 500)})),
        ("balance", json!({"account": {"holder": ann}, "unit": "points"})),
        ("list_promotions", json!({})),
        ("list_attributes", json!({})),
        ("list_units", json!({})),
        ("redemptions_of_order", json!({"order": "A-5"})),
        ("history", json!({"card": {"id": "16-1-1"}})),
        ("events", json!({"kinds": ["held", "captured", "redeemed", "refunded"]})),
    ]
}

fn with_codes(mut request: Value, said: &std::collections::BTreeMap<String, Value>) -> Value {
    if let Some(code) = request["code"].as_str().and_then(|code| code.strip_prefix('$')) {
        request["code"] = said[code]["code"].clone();
    }
    request
}

#[test]
#[ignore = "writes tests/data/format-N, once for each format"]
fn the_newest_format_is_written() {
    let format = std::env::var("CARDMINT_WRITE_FILE").expect("the number of the format");
    let folder = folder(format.parse().unwrap());
    assert!(!folder.exists(), "a folder that is there stays as it is");
    std::fs::create_dir(&folder).unwrap();
    let (keys, work) = (folder.join("keys.json"), tempfile::tempdir().unwrap());
    cardmint_bridge::create_keyring(&keys).unwrap();
    let path = work.path().join("shop.sqlite");
    let options = json!({"path": path, "keyring": {"file": keys}, "now": "2026-11-11T00:00:00Z"});
    let shop = open(options.to_string().as_bytes()).unwrap().tenant("default", "live").unwrap();
    let (mut said, mut cases) = (std::collections::BTreeMap::new(), Vec::new());
    for (op, request) in story() {
        let request = with_codes(request, &said);
        let reply = call(&shop, op, &request).unwrap_or_else(|no| panic!("{op} {request}: {no}"));
        let key = request["meta"].as_str().or(request["meta"]["key"].as_str()).unwrap_or_default();
        said.insert(key.to_owned(), reply.clone());
        cases.push(json!({"op": op, "request": request, "reply": reply}));
    }
    drop(shop);
    let packed = std::fs::File::create_new(folder.join("shop.sqlite.gz")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(packed, flate2::Compression::best());
    packed.write_all(&std::fs::read(&path).unwrap()).unwrap();
    packed.finish().unwrap();
    let text = serde_json::to_string_pretty(&json!({"cases": cases})).unwrap();
    std::fs::write(folder.join("expected.json"), text + "\n").unwrap();
}

/// Whether all that was said is said still; objects may have grown fields.
fn still_says(now: &Value, then: &Value) -> bool {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            then.iter().all(|(key, then)| now.get(key).is_some_and(|now| still_says(now, then)))
        }
        (Value::Array(now), Value::Array(then)) => {
            now.len() == then.len() && now.iter().zip(then).all(|(now, then)| still_says(now, then))
        }
        (now, then) => now == then,
    }
}

/// A shop on the file of a format, which said all that it said when it was written.
fn opened(format: u32, work: &Path) -> Tenant {
    let options = options(format, work);
    let expected: Value =
        serde_json::from_str(&std::fs::read_to_string(folder(format).join("expected.json")).unwrap()).unwrap();
    // Twice: to migrate, and as it is then. Changes are the same requests still: they are answered again, and nothing moves.
    for _ in 0..2 {
        let shop = open(options.to_string().as_bytes()).unwrap().tenant("default", "live").unwrap();
        for case in expected["cases"].as_array().unwrap() {
            let (op, request) = (case["op"].as_str().unwrap(), &case["request"]);
            let now = call(&shop, op, request).unwrap_or_else(|no| panic!("{op} {request}: {no}"));
            assert!(still_says(&now, &case["reply"]), "{op} {request}: {now}\nand not {}", case["reply"]);
        }
    }
    let shop = open(options.to_string().as_bytes()).unwrap().tenant("default", "live").unwrap();
    audit_is_clean(&shop);
    shop
}

#[test]
fn a_file_of_the_third_format_opens_and_says_what_it_said() {
    let work = tempfile::tempdir().unwrap();
    let shop = opened(3, work.path());
    // What it held is given back, and its promotion comes off what is bought now.
    let ann = json!({"kind": "customer", "value": "ann"});
    assert_eq!(call(&shop, "release", &json!({"meta": "n1", "hold": "20-0-0/H-3"})).unwrap()["state"], "released");
    let order = json!({"id": "N-1", "currency": "CNY",
        "lines": [{"id": "1", "product": "tea", "quantity": 1, "amount_minor": 9_000}]});
    let quoted = call(&shop, "quote_order", &json!({"cards": [], "holder": ann, "order": order})).unwrap();
    assert_eq!(quoted["promotions"][0]["promotion"], "autumn", "{quoted}");
}

#[test]
fn a_file_of_the_second_format_opens_and_says_what_it_said() {
    let work = tempfile::tempdir().unwrap();
    let shop = opened(2, work.path());
    // A gift card paid before its events told how much.
    let was = json!({"card": {"id": "20-0-0"}, "at": "2026-11-11T12:00:00Z"});
    let was = call(&shop, "card_as_of", &was).unwrap();
    let is = call(&shop, "look_up", &json!({"card": {"id": "20-0-0"}})).unwrap();
    assert_eq!(was["card"], is);
}

/// The ledger of a file that was written before there was one begins with what its cards held.
#[test]
fn a_file_of_the_second_format_gets_a_ledger_that_goes_on_from_what_its_cards_hold() {
    let work = tempfile::tempdir().unwrap();
    let options = options(2, work.path());
    let shop = open(options.to_string().as_bytes()).unwrap().tenant("default", "live").unwrap();
    let line = |said: &Value| {
        let line = &said["lines"][0];
        let of = |name: &str| line[name].as_i64().unwrap();
        let names = ["outstanding_minor", "untouched_minor", "touched_cards", "issued_minor", "redeemed_minor"];
        (said["lines"].as_array().unwrap().len(), names.map(of))
    };
    let now = || call(&shop, "liability", &json!({})).unwrap();
    // Of five cards of 100.00 one is void, one untouched, and three hold 30.00, 6.00 and 100.00.
    assert_eq!(line(&now()), (1, [13_600, 10_000, 4, 13_600, 0]));
    let code =
        call(&shop, "reveal", &json!({"meta": {"key": "g3", "reason": "sold"}, "card": {"id": "20-0-3"}})).unwrap();
    let order = json!({"id": "A-9", "currency": "CNY",
        "lines": [{"id": "1", "product": "tea", "quantity": 1, "amount_minor": 1_000}]});
    call(&shop, "redeem", &json!({"meta": "A-9", "code": code["code"], "order": order})).unwrap();
    assert_eq!(line(&now()), (1, [12_600, 10_000, 4, 13_600, 1_000]));
    let at = |at: &str| {
        let mut walk =
            Operation::named("liability_at").unwrap().begin(&shop, json!({"at": at}).to_string().as_bytes()).unwrap();
        loop {
            if let cardmint_bridge::Step::Reply(reply) = walk.next(1).unwrap() {
                return serde_json::from_slice::<Value>(&reply).unwrap();
            }
        }
    };
    assert_eq!(line(&at("2026-11-12T00:00:00Z")), line(&now()));
    let before = at("2026-11-11T12:00:00Z");
    assert_eq!(line(&before), (1, [13_600, 10_000, 4, 13_600, 0]));
    assert_eq!(before["exact"], true);
    assert_eq!(at("2026-11-10T00:00:00Z")["lines"], json!([]), "there was no batch");
}
