//! What crosses the wire: requests of every operation, and how an engine is opened.

use std::cell::RefCell;

use cardmint::Status;
use cardmint::operation::{Failure, Kind, Operation};
use cardmint_tests::{Shop, eight_tenths};
use serde_json::Value;

/// Requests after which a shop is made anew: what they leave behind is no matter of parsers.
const REQUESTS_MAX: u32 = 2_000;

/// A text that nobody says by chance, in the shape of a code.
const SECRET: &str = "7QZW-4KXP-9RTY-3MVH";

thread_local! {
    static SHOP: RefCell<(u32, Option<Shop>)> = const { RefCell::new((0, None)) };
}

fn with_shop(ask: impl FnOnce(&Shop)) {
    SHOP.with_borrow_mut(|(requests, shop)| {
        if *requests == REQUESTS_MAX {
            (*requests, *shop) = (0, None);
        }
        *requests += 1;
        let shop = shop.get_or_insert_with(|| {
            let shop = Shop::memory();
            shop.batch("b", 5, eight_tenths());
            shop
        });
        ask(shop);
    });
}

/// A refusal of a request says which field; and nothing is a bug of ours.
pub fn refused(failure: &Failure) {
    assert_ne!(failure.status, Status::Internal.number(), "{failure:?}");
    if failure.status == Status::Invalid.number() && !failure.facts.is_empty() {
        let field = failure.facts.get("field").and_then(Value::as_str).unwrap_or_default();
        assert!(!field.is_empty(), "{failure:?} names no field");
    }
    let json = failure.to_json();
    assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json} is no JSON");
}

/// A line with an operation's name, then its request.
pub fn operation(bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let (name, request) = (&bytes[..end], &bytes[end + 1..]);
    let Some(operation) = std::str::from_utf8(name).ok().and_then(|name| Operation::named(name).ok()) else { return };
    with_shop(|shop| {
        let first = ask(shop, operation, request);
        match &first {
            Ok(reply) => {
                assert!(reply.is_empty() || serde_json::from_slice::<Value>(reply).is_ok(), "a reply is no JSON");
            }
            Err(failure) => refused(failure),
        }
        if operation.kind == Kind::Change && first.is_ok() {
            assert_eq!(ask(shop, operation, request), first, "the same request again has another reply");
        }
        if let Some(planted) = planted(request)
            && let Err(failure) = ask(shop, operation, planted.as_bytes())
        {
            refused(&failure);
            let told = failure.kind == "invalid" && failure.to_json().contains(SECRET);
            assert!(!told, "a refusal repeats what stood in the request: {}", failure.to_json());
        }
    });
}

fn ask(shop: &Shop, operation: &Operation, request: &[u8]) -> Result<Vec<u8>, Failure> {
    match operation.kind {
        Kind::Read | Kind::Change => operation.call(&shop.tenant, request),
        Kind::Stream | Kind::Job => {
            let mut cursor = operation.begin(&shop.tenant, request)?;
            cursor.next(3).map(|_| Vec::new())
        }
    }
}

/// The request with a secret in place of one of the texts that are meant to be secret.
fn planted(request: &[u8]) -> Option<String> {
    let mut value: Value = serde_json::from_slice(request).ok()?;
    let mut texts = 0;
    each_secret(&mut value, false, &mut |_| texts += 1);
    let chosen = request.iter().map(|byte| usize::from(*byte)).sum::<usize>().checked_rem(texts)?;
    let mut place = 0;
    each_secret(&mut value, false, &mut |text| {
        if place == chosen {
            SECRET.clone_into(text);
        }
        place += 1;
    });
    Some(value.to_string())
}

/// Where codes, words, numbers and what tells who somebody is stand. A refusal may repeat other texts, a misspelt zone for one.
const SECRET_FIELDS: [&str; 5] = ["code", "codes", "word", "number", "value"];

fn each_secret(value: &mut Value, is_secret: bool, what: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) if is_secret => what(text),
        Value::Array(list) => list.iter_mut().for_each(|one| each_secret(one, is_secret, what)),
        Value::Object(map) => {
            for (key, one) in map {
                each_secret(one, SECRET_FIELDS.contains(&key.as_str()), what);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Every text that is no name of a field.
fn each_value(value: &mut Value, what: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => what(text),
        Value::Array(list) => list.iter_mut().for_each(|one| each_value(one, what)),
        Value::Object(map) => map.values_mut().for_each(|one| each_value(one, what)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// How an engine is opened. Nothing here names a file.
pub fn open(bytes: &[u8]) {
    // What is no JSON, or not of one object, is refused before any path is looked at.
    let options = match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(mut options)) => {
            if options.get("path").is_some_and(|path| path.as_str().is_some_and(|path| !path.is_empty())) {
                options.insert("path".to_owned(), ":memory:".into());
            }
            if options.get("keyring").is_some_and(|keys| keys.get("file").is_some()) {
                options.remove("keyring");
            }
            Value::Object(options).to_string().into_bytes()
        }
        Ok(_) | Err(_) => bytes.to_vec(),
    };
    if std::str::from_utf8(&options).is_ok_and(|text| text.contains("path") && !text.contains(":memory:")) {
        return;
    }
    match cardmint_bridge::open(&options) {
        Ok(engine) => drop(engine.tenant("default", "live")),
        Err(failure) => {
            refused(&failure);
            let said = failure.to_json();
            // A name of a field may be repeated; a value may not.
            let mut values = Vec::new();
            if let Ok(mut options) = serde_json::from_slice::<Value>(&options) {
                each_value(&mut options, &mut |text| values.push(text.clone()));
            }
            let keys = values.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_hexdigit()));
            let mut keys = keys.filter(|part| part.len() >= 32);
            assert!(!keys.any(|key| said.contains(key)), "a refusal repeats a key");
        }
    }
}
