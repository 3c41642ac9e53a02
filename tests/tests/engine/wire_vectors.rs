//! Golden vectors of the wire: tests/vectors/wire.json, replayed with equal bytes in every language.
//!
//! `options` opens the engine, `cases` are asked one after another: `op`, `request` as text, and the text of the `reply` or of the
//! `failure`. `now`, where it stands, moves the clock before. Of a stream or a job the reply is that of its first step with one.
//! With `CARDMINT_WRITE_VECTORS=1` this test writes what it was answered instead; read the difference before you commit it.

use cardmint_bridge::{Failure, Kind, Operation, Step, Tenant, open};
use serde_json::{Map, Value};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/wire.json");

fn ask(shop: &Tenant, op: &str, request: &str) -> Result<Vec<u8>, Failure> {
    let operation = Operation::named(op)?;
    if matches!(operation.kind, Kind::Read | Kind::Change) {
        return operation.call(shop, request.as_bytes());
    }
    let mut cursor = operation.begin(shop, request.as_bytes())?;
    loop {
        match cursor.next(100_000)? {
            Step::Reply(reply) => return Ok(reply),
            Step::Working => {}
            Step::End => panic!("{op} ended without a reply"),
        }
    }
}

#[test]
fn the_wire_gives_equal_bytes() {
    let mut vectors: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let engine = open(vectors["options"].as_str().unwrap().as_bytes()).unwrap();
    let shop = engine.tenant("default", "live").unwrap();
    let write = std::env::var_os("CARDMINT_WRITE_VECTORS").is_some();
    for case in vectors["cases"].as_array_mut().unwrap() {
        if let Some(now) = case.get("now") {
            engine.set_now(now.as_str().unwrap()).unwrap();
        }
        let (op, request) = (case["op"].as_str().unwrap(), case["request"].as_str().unwrap());
        let said = match ask(&shop, op, request) {
            Ok(reply) => ("reply", String::from_utf8(reply).unwrap()),
            Err(failure) => ("failure", failure.to_json()),
        };
        assert!(!said.1.contains("SECRET"), "{op} of {request} repeats what it was given");
        if write {
            let case: &mut Map<_, _> = case.as_object_mut().unwrap();
            case.retain(|name, _| !["reply", "failure"].contains(&name.as_str()));
            case.insert(said.0.to_owned(), Value::String(said.1));
        } else {
            assert_eq!(case[said.0].as_str(), Some(said.1.as_str()), "{op} of {request}");
        }
    }
    if write {
        std::fs::write(FILE, serde_json::to_string_pretty(&vectors).unwrap() + "\n").unwrap();
    }
}
