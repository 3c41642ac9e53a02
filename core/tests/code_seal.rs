//! What holds for every code: it comes back, nothing near it does, and it belongs to one tenant and world.

use std::collections::BTreeSet;

use cardmint::ChaChaEntropy;
use cardmint::code::{BatchPin, CardRef, CodeBook, CodeFormat, Formats, Keyring, Opened, Verdict, World, resolve};
use proptest::prelude::*;

const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn formats() -> Formats {
    let mut formats = Formats::default();
    for text in ["VIP+12", "VIP+16", "GIFT1+20", "VIP+24"] {
        formats.add(text.parse().unwrap()).unwrap();
    }
    formats
}

/// Eight keys, so that the shortest format has no unknown slot and changed slot symbols meet a key.
fn keyring() -> Keyring {
    let entropy = ChaChaEntropy::from_seed([42; 32]);
    let mut keyring = Keyring::generate(&entropy);
    while keyring.minting_slot() < 7 {
        keyring.rotate(&entropy).unwrap();
    }
    keyring
}

fn any_card(format: CodeFormat) -> impl Strategy<Value = CardRef> {
    let fields = (0..=format.batch_no_max(), 0..format.size_max(), 0..=format.issue_no_max());
    fields.prop_map(|(batch_no, serial, issue_no)| CardRef { batch_no, serial, issue_no })
}

fn any_code() -> impl Strategy<Value = Opened> {
    let formats: Vec<_> = formats().iter().copied().collect();
    prop::sample::select(formats)
        .prop_flat_map(|format| (Just(format), 0..=7_u8, any_card(format)))
        .prop_map(|(format, slot, card)| Opened { format, slot, card })
}

fn any_world() -> impl Strategy<Value = World> {
    prop::sample::select(vec![World::Live, World::Test])
}

/// The same code as somebody might type it; `noise` picks how.
fn sloppily(code: &str, noise: &[u8]) -> String {
    let typed = code.chars().zip(noise.iter().cycle()).flat_map(|(c, noise)| {
        let c = match (c, noise % 7) {
            ('0', 0) => 'o',
            ('0', 1) => 'Ｏ',
            ('1', 0) => 'l',
            ('1', 1) => 'I',
            ('-', 0) => ' ',
            ('-', 1) => '—',
            ('-', 2) => '\u{3000}',
            (c, 3) => c.to_ascii_lowercase(),
            (c, 4) if c.is_ascii_alphanumeric() => char::from_u32(u32::from(c) + 0xFEE0).unwrap(),
            _ => c,
        };
        let space = (noise % 11 == 0).then_some(' ');
        [Some(c), space].into_iter().flatten()
    });
    typed.collect()
}

proptest! {
    #[test]
    fn what_was_sealed_opens_however_it_is_typed(
        code in any_code(), world in any_world(), noise in prop::collection::vec(any::<u8>(), 40)
    ) {
        let book = CodeBook::new(&keyring(), "default", world, &formats());
        let text = book.seal(&code.format, code.slot, &code.card).unwrap();
        prop_assert_eq!(book.open(&text), Some(code));
        prop_assert_eq!(book.open(&text.replace('-', "")), Some(code));
        prop_assert_eq!(book.open(&sloppily(&text, &noise)), Some(code));
        prop_assert_eq!(formats().has_shape(&text, world), Some(code.format));
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,80}") {
        let book = CodeBook::new(&keyring(), "default", World::Live, &formats());
        prop_assert_eq!(book.open(&text), None);
    }
}

#[test]
fn changing_any_one_symbol_to_any_other_never_opens() {
    let book = CodeBook::new(&keyring(), "default", World::Live, &formats());
    for format in formats().iter() {
        for serial in [0, 1, format.size_max() - 1] {
            let code = book.seal(format, 7, &CardRef { batch_no: 3, serial, issue_no: 0 }).unwrap();
            for (at, was) in code.char_indices().filter(|(_, c)| *c != '-') {
                // A symbol of the prefix may be shown as I, L or O; its folded twin is the same symbol.
                let folded = match was {
                    'I' | 'L' => '1',
                    'O' => '0',
                    other => other,
                };
                for other in ALPHABET.chars().filter(|other| *other != folded) {
                    let mut changed = code.clone();
                    changed.replace_range(at..=at, other.encode_utf8(&mut [0; 4]));
                    assert_eq!(book.open(&changed), None, "format {format}, symbol {at}");
                }
            }
        }
    }
}

#[test]
fn texts_of_other_lengths_and_padding_never_open() {
    let book = CodeBook::new(&keyring(), "default", World::Live, &formats());
    for format in formats().iter() {
        let code = book.seal(format, 7, &CardRef { batch_no: 1, serial: 2, issue_no: 0 }).unwrap();
        for cut in 0..code.len() {
            assert_eq!(book.open(code[..cut].trim_end_matches('-')), None);
        }
        for padding in ["0", "00", "000", "0000", "1", "0001", "ZZZZ", "=", "===="] {
            assert_eq!(book.open(&format!("{code}{padding}")), None);
            assert_eq!(book.open(&format!("{padding}{code}")), None);
        }
    }
}

#[test]
fn g27_codes_are_unique_once_normalised() {
    let book = CodeBook::new(&keyring(), "default", World::Live, &formats());
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for format in formats().iter() {
        for slot in [0, 7] {
            for batch_no in [0, 1, format.batch_no_max()] {
                let cards = (0..50).map(|serial| CardRef { batch_no, serial, issue_no: (serial % 4) as u8 });
                for code in book.seal_all(format, slot, cards).unwrap() {
                    seen.insert(code.unwrap().replace('-', ""));
                    count += 1;
                }
            }
        }
    }
    assert_eq!(seen.len(), count);
}

#[test]
fn a_stream_yields_what_single_seals_do() {
    let book = CodeBook::new(&keyring(), "default", World::Test, &formats());
    let format = "VIP+12".parse().unwrap();
    for count in [0, 1, 7, 8, 9, 40] {
        let cards = || (0..count).map(|serial| CardRef { batch_no: 9, serial, issue_no: 1 });
        let streamed: Vec<_> = book.seal_all(&format, 2, cards()).unwrap().map(Result::unwrap).collect();
        let single: Vec<_> = cards().map(|card| book.seal(&format, 2, &card).unwrap()).collect();
        assert_eq!(streamed, single);
    }
    // A card that cannot be named stands in its place, and the rest follows.
    let serials = [0, 1, 1 << 18, 2, 1 << 18, 1 << 18];
    let cards = serials.map(|serial| CardRef { batch_no: 0, serial, issue_no: 0 });
    let outcomes: Vec<_> = book.seal_all(&format, 2, cards).unwrap().map(|code| code.is_ok()).collect();
    assert_eq!(outcomes, [true, true, false, true, false, false]);
}

#[test]
fn g31_codes_of_another_tenant_world_or_ring_do_not_open() {
    let ring = keyring();
    let other_ring = Keyring::generate(&ChaChaEntropy::from_seed([43; 32]));
    let ours = CodeBook::new(&ring, "default", World::Live, &formats());
    let strangers = [
        CodeBook::new(&ring, "defaul", World::Live, &formats()),
        CodeBook::new(&ring, "", World::Live, &formats()),
        CodeBook::new(&ring, "default", World::Test, &formats()),
        CodeBook::new(&other_ring, "default", World::Live, &formats()),
    ];
    for format in formats().iter() {
        for stranger in &strangers {
            let code = stranger.seal(format, 0, &CardRef { batch_no: 1, serial: 1, issue_no: 0 }).unwrap();
            assert_eq!(ours.open(&code), None);
            assert_eq!(ours.open(code.trim_start_matches("TEST-")), None, "the mark is part of the keys");
        }
    }
    let test = strangers[2].seal(&CodeFormat::S16, 0, &CardRef { batch_no: 1, serial: 1, issue_no: 0 }).unwrap();
    assert!(test.starts_with("TEST-"));
}

#[test]
fn what_a_format_cannot_name_is_refused_by_name() {
    let book = CodeBook::new(&keyring(), "default", World::Live, &Formats::default());
    let card = CardRef { batch_no: 0, serial: 0, issue_no: 0 };
    let field = |format: &CodeFormat, slot, card| book.seal(format, slot, &card).map_err(|invalid| invalid.field);
    for format in CodeFormat::PLAIN {
        let batch_no = format.batch_no_max() + 1;
        assert_eq!(field(&format, 7, CardRef { batch_no, ..card }), Err("card.batch_no".into()));
        assert_eq!(field(&format, 7, CardRef { serial: format.size_max(), ..card }), Err("card.serial".into()));
        let issue_no = format.issue_no_max() + 1;
        assert_eq!(field(&format, 7, CardRef { issue_no, ..card }), Err("card.issue_no".into()));
        assert_eq!(field(&format, 8, card), Err("slot".into()), "no such key, or too high for the format");
        assert_eq!(field(&format, 32, card), Err("slot".into()));
    }
    let unregistered = "VIP+16".parse().unwrap();
    assert_eq!(field(&unregistered, 0, card), Err("format".into()));
    let mut text = "left over".to_owned();
    assert!(book.seal_into(&unregistered, 0, &card, &mut text).is_err());
    assert!(text.is_empty());
}

#[test]
fn a_genuine_code_resolves_only_to_its_card_now() {
    let card = CardRef { batch_no: 4, serial: 9, issue_no: 1 };
    let opened = Opened { format: CodeFormat::S16, slot: 2, card };
    let pin = BatchPin { batch_no: 4, slot: 2, format: CodeFormat::S16, size: 10, issue_no_now: 1 };
    assert_eq!(resolve(&opened, &pin), Verdict::Resolves);
    for dead in [
        BatchPin { batch_no: 5, ..pin },
        BatchPin { slot: 3, ..pin },
        BatchPin { format: CodeFormat::S12, ..pin },
        BatchPin { format: "VIP+16".parse().unwrap(), ..pin },
        BatchPin { size: 9, ..pin },
        BatchPin { issue_no_now: 0, ..pin },
        BatchPin { issue_no_now: 2, ..pin },
    ] {
        assert_eq!(resolve(&opened, &dead), Verdict::Dead);
    }
}
