//! Files that earlier builds wrote open, migrate, and say what they said.
//!
//! tests/data/format-N holds a file of the N-th format, its keyring (not secret), and what the build that wrote it answered. A
//! change of the format adds a folder and leaves these as they are.

use std::io::Read as _;
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

fn call(shop: &Tenant, op: &str, request: &Value) -> Result<Value, String> {
    let reply = Operation::named(op).and_then(|op| op.call(shop, request.to_string().as_bytes()));
    reply.map(|reply| serde_json::from_slice(&reply).unwrap()).map_err(|failure| failure.to_json())
}

#[test]
fn a_file_of_the_first_format_opens_and_says_what_it_said() {
    let work = tempfile::tempdir().unwrap();
    let path = unpacked(1, work.path());
    let options = json!({
        "path": path, "keyring": {"file": folder(1).join("keys.json")}, "now": "2026-11-12T00:00:00Z",
    });
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
    // What its events did not tell yet is read from the redemptions themselves.
    let mut audit = Operation::named("audit").unwrap().begin(&shop, b"{}").unwrap();
    let report: Value = loop {
        if let Step::Reply(reply) = audit.next(1).unwrap() {
            break serde_json::from_slice(&reply).unwrap();
        }
    };
    assert_eq!(report["findings"], json!([]));
    assert!(report["redemptions"].as_u64() > Some(1) && report["chains_checked"] == json!(true), "{report}");
    let events = call(&shop, "events", &json!({"kinds": ["redeemed"]})).unwrap();
    assert_eq!(events["items"].as_array().map(Vec::len) > Some(1), true, "{events}");
    let gift = json!({"id": "gift", "kind": "gift_card", "currency": "CNY", "benefit": {"value": {"minor": 5_000}}});
    call(&shop, "save_template", &json!({"meta": "g", "template": gift})).unwrap();
    let batch = json!({"meta": "g", "id": "g", "template": "gift", "size": 1, "format": {"symbols": 20}});
    call(&shop, "issue_batch", &batch).unwrap();
    let loaded = call(&shop, "load", &json!({"meta": "l", "card": {"id": "20-0-0"}, "amount_minor": 100})).unwrap();
    assert_eq!(loaded["balance_minor"], 5_100, "and it goes on with what is new");
}
