//! Texts and JSON that need no engine.

use std::fmt::Debug;
use std::sync::LazyLock;

use cardmint::Invalid;
use cardmint::card::TemplateDraft;
use cardmint::checkout::Order;
use cardmint::code::{CodeBook, Formats, Keyring, Normalisation, World, public_word};
use cardmint::id::CardId;
use cardmint::money::Currency;
use cardmint::operation::read_json;
use cardmint::resume_after;
use cardmint::rule::Condition;
use cardmint::subject::Subject;
use cardmint::time::{Instant, Zone};
use serde::Serialize;
use serde::de::DeserializeOwned;

static BOOK: LazyLock<CodeBook> =
    LazyLock::new(|| CodeBook::new(&cardmint_tests::keyring(), "default", World::Live, &Formats::default()));

/// A refusal that says where.
fn named(refused: &Invalid) {
    assert!(!refused.field.is_empty() && !refused.allowed.is_empty(), "{refused:?} names nothing");
}

/// Codes and card numbers.
pub fn codes(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(opened) = BOOK.open(text) {
        let sealed = BOOK.seal(&opened.format, opened.slot, &opened.card);
        let sealed = sealed.unwrap_or_else(|refused| panic!("what opened cannot be sealed: {refused}"));
        assert_eq!(BOOK.open(&sealed), Some(opened));
        assert!(Formats::default().has_shape(text, World::Live).is_some(), "a code without the shape of one");
    }
    if let Some((symbols, batch_no, serial)) = BOOK.card_of_number(text) {
        let number = BOOK.card_number(symbols, batch_no, serial);
        let number = number.unwrap_or_else(|refused| panic!("what was a card number is none: {refused}"));
        assert_eq!(BOOK.card_of_number(&number), Some((symbols, batch_no, serial)));
        assert_eq!(BOOK.open(text), None, "a card number opens as a code");
    }
}

/// Public words and their normal forms.
pub fn words(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for normalisation in [Normalisation::Word, Normalisation::CaseSensitive] {
        let normal = normalisation.normalise(text);
        assert_eq!(normalisation.normalise(&normal), normal, "normalised twice it is another");
        match public_word(text, normalisation, &Formats::default(), World::Live) {
            Ok(word) => {
                assert_eq!(word, normal);
                assert_eq!(BOOK.word_index(text), BOOK.word_index(&word), "saved and typed are two words");
                assert_eq!(BOOK.open(&word), None, "a word opens as a code");
            }
            Err(refused) => {
                named(&refused);
                // Words of a few letters stand in any sentence.
                let told = text.chars().count() > 12 && refused.to_string().contains(text);
                assert!(!told, "a refusal repeats the word: {refused}");
            }
        }
    }
}

/// What is written as one word: instants, zones, currencies, ids.
pub fn values(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    same(Instant::parse("at", text), |at| Instant::parse("at", &at.to_string()));
    same(Zone::parse("zone", text), |zone| Zone::parse("zone", zone.name()));
    same(Currency::parse("currency", text), |currency| Currency::parse("currency", &currency.to_string()));
    same(CardId::parse("card", text), |id| CardId::parse("card", &id.to_string()));
}

fn same<T: PartialEq + Debug>(read: Result<T, Invalid>, again: impl FnOnce(&T) -> Result<T, Invalid>) {
    match read {
        Ok(read) => assert_eq!(again(&read).as_ref(), Ok(&read)),
        Err(refused) => named(&refused),
    }
}

/// The end of a broken export.
pub fn export_tail(bytes: &[u8]) {
    let (torn, next) = resume_after(bytes);
    let whole = bytes.len().checked_sub(torn).unwrap_or_else(|| panic!("{torn} of {} bytes are torn", bytes.len()));
    assert_eq!(resume_after(&bytes[..whole]), (0, next), "cut off as told, it goes on elsewhere");
}

/// Keyrings; no refusal repeats a key.
pub fn keyring(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Keyring::from_json(text) {
        Ok(ring) => {
            let json = ring.to_json();
            let again = Keyring::from_json(&json).unwrap_or_else(|refused| panic!("{refused}"));
            assert!(*again.to_json() == *json, "a keyring that is written is another when it is read");
            let shown = format!("{ring:?}");
            assert_tells_none(&shown, &json);
        }
        Err(refused) => {
            named(&refused);
            assert_tells_none(&format!("{refused} {refused:?}"), text);
        }
    }
}

/// Nothing as long as a part of a key.
fn assert_tells_none(said: &str, secret: &str) {
    let long = secret.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| part.len() >= 16);
    long.for_each(|part| assert!(!said.contains(part), "a key is told"));
}

/// Templates.
pub fn template(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match TemplateDraft::from_json(text) {
        Ok(draft) => assert_eq!(TemplateDraft::from_json(&written(&draft)).as_ref(), Ok(&draft)),
        Err(refused) => named(&refused),
    }
    json::<Subject>(bytes);
}

/// Orders.
pub fn order(bytes: &[u8]) {
    json::<Order>(bytes);
}

/// Conditions.
pub fn condition(bytes: &[u8]) {
    json::<Condition>(bytes);
}

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| panic!("what was read cannot be written: {error}"))
}

pub(crate) fn json<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    match read_json::<T>(bytes) {
        Ok(read) => match read_json::<T>(written(&read).as_bytes()) {
            Ok(again) => assert_eq!(again, read),
            Err(failure) => panic!("{} is not read again: {failure:?}", written(&read)),
        },
        Err(failure) => super::operations::refused(&failure),
    }
}
