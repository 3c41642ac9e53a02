//! The keyring: it comes back from its text, rotates, ends keys, and never shows them.

use cardmint::ChaChaEntropy;
use cardmint::code::{CardRef, CodeBook, CodeFormat, Formats, KeyState, Keyring, World};

const CARD: CardRef = CardRef { batch_no: 1, serial: 2, issue_no: 0 };

fn entropy() -> ChaChaEntropy {
    ChaChaEntropy::from_seed([11; 32])
}

fn book(keyring: &Keyring) -> CodeBook {
    CodeBook::new(keyring, "default", World::Live, &Formats::default())
}

#[test]
fn a_ring_comes_back_from_its_text() {
    let entropy = entropy();
    let mut ring = Keyring::generate(&entropy);
    ring.rotate(&entropy).unwrap();
    ring.rotate(&entropy).unwrap();
    ring.retire(0).unwrap();
    let json = ring.to_json();
    let again = Keyring::from_json(&json).unwrap();
    assert_eq!(*again.to_json(), *json);
    let expected = [(0, KeyState::Retired), (1, KeyState::Opening), (2, KeyState::Minting)];
    assert_eq!(again.slots().collect::<Vec<_>>(), expected);
    let code = book(&ring).seal(&CodeFormat::S20, 1, &CARD).unwrap();
    assert_eq!(book(&again).open(&code).map(|opened| (opened.slot, opened.card)), Some((1, CARD)));
    assert_eq!(
        again.subject_key("t", World::Live).mac(&[b"phone", b"1"]),
        ring.subject_key("t", World::Live).mac(&[b"phone", b"1"])
    );
}

#[test]
fn g30_rotation_keeps_old_codes_until_their_key_is_retired() {
    let entropy = entropy();
    let mut ring = Keyring::generate(&entropy);
    let before = book(&ring);
    let code = before.seal(&CodeFormat::S16, 0, &CARD).unwrap();
    let number = before.card_number(16, 1, 2).unwrap();
    let sealed = before.seal_text(b"item", "stock", b"text").unwrap();
    let index = before.word_index("SUMMER20");

    assert_eq!(ring.rotate(&entropy), Ok(1));
    assert_eq!(ring.minting_slot(), 1);
    assert!(book(&ring).open(&code).is_some());
    assert_eq!(book(&ring).seal(&CodeFormat::S16, 0, &CARD).unwrap(), code, "a pinned batch can still be exported");
    assert_ne!(book(&ring).seal(&CodeFormat::S16, 1, &CARD).unwrap(), code);

    ring.retire(0).unwrap();
    let after = book(&ring);
    assert_eq!(after.open(&code), None);
    assert_eq!(after.seal(&CodeFormat::S16, 0, &CARD).unwrap_err().field, "slot");
    assert_eq!(after.card_number(16, 1, 2).unwrap(), number);
    assert_eq!(after.open_text(b"item", "stock", &sealed).unwrap().as_slice(), b"text");
    assert_eq!(after.word_index("SUMMER20"), index);
}

#[test]
fn slots_run_out_and_come_free_again() {
    let entropy = entropy();
    let mut ring = Keyring::generate(&entropy);
    assert_eq!(ring.retire(0).unwrap_err().field, "slot");
    assert_eq!(ring.retire(1).unwrap_err().field, "slot");
    for slot in 1..32 {
        assert_eq!(ring.rotate(&entropy), Ok(slot));
    }
    assert_eq!(ring.rotate(&entropy).unwrap_err().field, "slot");
    assert_eq!(ring.minting_slot(), 31, "a refused rotation changes nothing");
    assert!(book(&ring).seal(&CodeFormat::S24, 31, &CARD).is_ok());
    let narrow = book(&ring).seal(&CodeFormat::S16, 31, &CARD).unwrap_err();
    assert_eq!((narrow.field.as_str(), narrow.allowed.as_str()), ("slot", "0 to 15 in format 16"));

    assert_eq!(ring.forget(3).unwrap_err().field, "slot");
    ring.retire(3).unwrap();
    ring.forget(3).unwrap();
    assert_eq!(ring.rotate(&entropy), Ok(3));
}

#[test]
fn derived_keys_differ_by_purpose_tenant_and_world() {
    let ring = Keyring::generate(&entropy());
    let parts: &[&[u8]] = &[b"x"];
    let macs = [
        ring.subject_key("a", World::Live).mac(parts),
        ring.subject_key("a", World::Test).mac(parts),
        ring.subject_key("b", World::Live).mac(parts),
        ring.audit_key("a", World::Live).mac(parts),
    ];
    assert_eq!(macs.iter().collect::<std::collections::BTreeSet<_>>().len(), macs.len());
}

#[test]
fn texts_that_are_no_keyring_are_refused_without_being_repeated() {
    let key = "5e".repeat(32);
    let ring = |version: &str, rest: &str, keys: &str| {
        format!(r#"{{"version":{version},"base":"{key}"{rest},"keys":[{keys}]}}"#)
    };
    let entry = |slot: &str, state: &str| format!(r#"{{"slot":{slot},"state":"{state}","key":"{key}"}}"#);
    let minting = entry("0", "minting");
    assert!(Keyring::from_json(&ring("1", "", &minting)).is_ok());
    for text in [
        String::new(),
        key.clone(),
        format!("\"{key}\""),
        ring("2", "", &minting),
        ring(&format!("\"{key}\""), "", &minting),
        ring("1", r#","note":1"#, &minting),
        ring("1", &format!(r#","{key}":1"#), &minting),
        ring("1", "", ""),
        ring("1", "", &entry("0", "opening")),
        ring("1", "", &entry("0", &key)),
        ring("1", "", &entry("32", "minting")),
        ring("1", "", &format!("{minting},{}", entry("1", "minting"))),
        ring("1", "", &format!("{minting},{}", entry("0", "opening"))),
        ring("1", "", &minting).replace("5e5e5e5e\"", "5e5e5e\""),
        ring("1", "", &minting).replace("5e5e\"", "5e5g\""),
        ring("1", "", &minting).replace("5e5e\"", "5e+e\""),
    ] {
        let refused = Keyring::from_json(&text).unwrap_err();
        assert_eq!(refused.field, "keyring");
        assert!(!format!("{refused} {refused:?}").contains("5e5e"), "{refused}");
    }
}

#[test]
fn g30_neither_keys_nor_codes_are_printed() {
    let ring = Keyring::generate(&entropy());
    let book = book(&ring);
    let key = ring.subject_key("a", World::Live);
    let mut codes = book.seal_all(&CodeFormat::S16, 0, [CARD]).unwrap();
    let code = codes.next_code().unwrap().unwrap().to_owned();
    let shown = format!("{ring:?} {book:?} {key:?} {codes:?} {:?}", book.open(&code));
    assert!(shown.starts_with("Keyring(1 keys, minting slot 0) CodeBook(live, 4 formats) MacKey(…) "), "{shown}");
    let json = ring.to_json();
    let secrets = json.split('"').filter(|part| part.len() == 64).flat_map(|hex| [&hex[..8], &hex[56..]]);
    for secret in secrets.chain(code.split('-')) {
        assert!(!shown.contains(secret));
    }
    // Bytes of a key as Rust would print an array of them.
    let bytes: Vec<u8> = (0..4).map(|i| u8::from_str_radix(&json[21 + 2 * i..23 + 2 * i], 16).unwrap()).collect();
    assert!(!shown.contains(&format!("{bytes:?}")[1..]));
}
