//! Parsers against any bytes: what is refused is refused by name, what is read is written and read again as the same, and nothing panics.
//!
//! Each property starts from texts that are right (vectors, templates, codes) and breaks them, since bytes that are merely random end at the
//! first brace. What a run finds is kept in `parsers.proptest-regressions` and tried first from then on.

use std::sync::LazyLock;

use cardmint::card::TemplateDraft;
use cardmint::checkout::Order;
use cardmint::code::{CardRef, CodeBook, CodeFormat, Formats, World};
use cardmint::operation::{Kind, Operation};
use cardmint::rule::Condition;
use cardmint_tests::{Shop, eight_tenths, keyring, order, ten_off_from_199};
use proptest::prelude::*;
use serde_json::Value;

/// One blow at a text.
#[derive(Debug, Clone)]
enum Blow {
    Cut(prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, String),
    Twice(prop::sample::Index, prop::sample::Index),
    Swap(prop::sample::Index, char),
}

fn blows() -> impl Strategy<Value = Vec<Blow>> {
    let at = any::<prop::sample::Index>;
    let piece = prop_oneof![
        Just("{".to_owned()),
        Just("]".to_owned()),
        Just("null".to_owned()),
        Just("-1".to_owned()),
        Just("9223372036854775808".to_owned()),
        Just("1e400".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"id\":\"x\",".to_owned()),
        "\\PC{0,6}",
    ];
    let blow = prop_oneof![
        (at(), at()).prop_map(|(from, to)| Blow::Cut(from, to)),
        (at(), piece).prop_map(|(at, piece)| Blow::Insert(at, piece)),
        (at(), at()).prop_map(|(from, to)| Blow::Twice(from, to)),
        (at(), any::<char>()).prop_map(|(at, with)| Blow::Swap(at, with)),
    ];
    prop::collection::vec(blow, 0..4)
}

fn beaten(text: &str, blows: &[Blow]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for blow in blows {
        let place = |index: &prop::sample::Index, chars: &[char]| index.index(chars.len() + 1);
        match blow {
            Blow::Cut(from, to) => {
                let (from, to) = (place(from, &chars), place(to, &chars));
                drop(chars.drain(from.min(to)..from.max(to).min(from.min(to) + 20)));
            }
            Blow::Insert(at, piece) => {
                let at = place(at, &chars);
                chars.splice(at..at, piece.chars());
            }
            Blow::Twice(from, to) => {
                let (from, to) = (place(from, &chars), place(to, &chars));
                let part: Vec<_> = chars[from.min(to)..from.max(to).min(from.min(to) + 40)].to_vec();
                chars.splice(from.min(to)..from.min(to), part);
            }
            Blow::Swap(at, with) => {
                let at = place(at, &chars);
                if let Some(one) = chars.get_mut(at) {
                    *one = *with;
                }
            }
        }
    }
    chars.into_iter().collect()
}

static BOOK: LazyLock<CodeBook> =
    LazyLock::new(|| CodeBook::new(&keyring(), "default", World::Live, &Formats::default()));

static SHOP: LazyLock<Shop> = LazyLock::new(|| {
    let shop = Shop::memory();
    shop.batch("b", 5, eight_tenths());
    shop
});

/// Requests that are right, as the wire has them.
static WIRE: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/wire.json")).unwrap();
    let requests = vectors["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|case| Some((case["op"].as_str()?.to_owned(), case["request"].as_str()?.to_owned())));
    requests.collect()
});

fn json_of(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn a_beaten_code_opens_as_the_card_it_was_or_not_at_all(
        serial in 0u32..1_000, format in 0usize..4, blows in blows(), noise in "\\PC{0,40}",
    ) {
        let format = CodeFormat::PLAIN[format];
        let card = CardRef { batch_no: 3, serial, issue_no: 1 };
        let code = BOOK.seal(&format, 0, &card).unwrap();
        for text in [beaten(&code, &blows), noise] {
            // Of a few thousand texts none is another card: the odds are one in 2^41 or less.
            if let Some(opened) = BOOK.open(&text) {
                prop_assert_eq!((opened.format, opened.card), (format, card));
            }
        }
    }

    #[test]
    fn a_template_that_is_read_is_written_and_read_as_the_same(blows in blows(), which in any::<bool>()) {
        let draft = if which { ten_off_from_199() } else { eight_tenths() };
        if let Ok(read) = TemplateDraft::from_json(&beaten(&json_of(&draft), &blows)) {
            prop_assert_eq!(TemplateDraft::from_json(&json_of(&read)), Ok(read));
        }
    }

    #[test]
    fn an_order_that_is_read_is_written_and_read_as_the_same(blows in blows(), amount in any::<i64>()) {
        let order = order("o1", &[("apple", amount), ("pear", 250)]);
        if let Ok(read) = serde_json::from_str::<Order>(&beaten(&json_of(&order), &blows)) {
            prop_assert_eq!(serde_json::from_str::<Order>(&json_of(&read)).unwrap(), read);
        }
    }

    #[test]
    fn a_condition_that_is_read_is_written_and_read_as_the_same(blows in blows()) {
        for condition in ten_off_from_199().conditions {
            if let Ok(read) = serde_json::from_str::<Condition>(&beaten(&json_of(&condition), &blows)) {
                prop_assert_eq!(serde_json::from_str::<Condition>(&json_of(&read)).unwrap(), read);
            }
        }
    }

    #[test]
    fn every_operation_answers_any_bytes(which in any::<prop::sample::Index>(), blows in blows(), bytes in any::<Vec<u8>>()) {
        let (name, request) = which.get(&WIRE);
        // A vector may name an operation that there is not, on purpose.
        let Ok(operation) = Operation::named(name) else { return Ok(()) };
        for request in [beaten(request, &blows).into_bytes(), bytes] {
            let answer = match operation.kind {
                Kind::Read | Kind::Change => operation.call(&SHOP.tenant, &request),
                Kind::Stream | Kind::Job => operation.begin(&SHOP.tenant, &request).map(|_| Vec::new()),
            };
            if let Err(failure) = answer {
                prop_assert_ne!(failure.status, cardmint::Status::Internal.number(), "{:?}", failure);
            }
        }
    }
}

#[test]
fn the_texts_that_are_beaten_are_right() {
    assert!(WIRE.len() > 20, "{} requests", WIRE.len());
    assert!(WIRE.iter().filter(|(name, _)| Operation::named(name).is_ok()).count() > 20);
    for draft in [ten_off_from_199(), eight_tenths()] {
        assert_eq!(TemplateDraft::from_json(&json_of(&draft)), Ok(draft));
    }
}
