//! The operation from Rust: as a method, and by its name.

use cardmint::Echo;
use cardmint_bridge::{Operation, guarded, open};

#[test]
fn the_new_operation_is_there() {
    let vectors = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/wire.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&vectors).unwrap();
    let engine = open(vectors["options"].as_str().unwrap().as_bytes()).unwrap();
    let shop = engine.tenant("default", "live").unwrap();
    assert_eq!(shop.echo(Echo { word: "茶".to_owned(), breaks: false }).unwrap(), "茶");
    let call = |request: &str| guarded(|| Operation::named("echo")?.call(&shop, request.as_bytes()));
    assert_eq!(call(r#"{"word":"茶"}"#).unwrap(), "\"茶\"".as_bytes());
    let failure = call(r#"{"word":"茶","breaks":true}"#).unwrap_err().to_json();
    assert!(failure.contains("\"panic\"") && !failure.contains('茶'), "{failure}");
    assert_eq!(call(r#"{"word":"茶"}"#).unwrap(), "\"茶\"".as_bytes());
}
