//! Card numbers: one per card, with a check digit, and never a code.

use cardmint::ChaChaEntropy;
use cardmint::code::{CodeBook, CodeFormat, Formats, Keyring, World};
use proptest::prelude::*;

fn book(tenant: &str, world: World) -> CodeBook {
    let keyring = Keyring::generate(&ChaChaEntropy::from_seed([21; 32]));
    let mut formats = Formats::default();
    for format in ["1A+16", "A1B2C+12", "V+16"] {
        formats.add(format.parse().unwrap()).unwrap();
    }
    CodeBook::new(&keyring, tenant, world, &formats)
}

/// The first batch number without card numbers in 24 symbols: what 10^16 leaves after the shorter formats.
const BATCHES_OF_24: u32 = ((10_u64.pow(16) - (1 << 29) - (1 << 46) - (1 << 50)) >> 30) as u32;

fn any_card() -> impl Strategy<Value = (u8, u32, u32)> {
    prop::sample::select(CodeFormat::PLAIN.to_vec()).prop_flat_map(|format| {
        let batches = if format.symbols() == 24 { BATCHES_OF_24 } else { format.batch_no_max() + 1 };
        (Just(format.symbols()), 0..batches, 0..format.size_max())
    })
}

proptest! {
    #[test]
    fn a_number_leads_back_to_its_card_and_is_no_code(card in any_card()) {
        let book = book("default", World::Live);
        let (symbols, batch_no, serial) = card;
        let number = book.card_number(symbols, batch_no, serial).unwrap();
        prop_assert_eq!(number.len(), 17);
        prop_assert!(number.bytes().all(|digit| digit.is_ascii_digit()));
        prop_assert_eq!(book.card_of_number(&number), Some(card));
        let spaced = format!("{} {}-{}", &number[..4], &number[4..8], &number[8..]);
        prop_assert_eq!(book.card_of_number(&spaced), Some(card));
        prop_assert_eq!(book.open(&number), None);
        prop_assert_eq!(Formats::default().has_shape(&number, World::Live), None);
    }

    #[test]
    fn a_wrong_digit_is_noticed(card in any_card(), at in 0_usize..17, by in 1_u8..10) {
        let book = book("default", World::Live);
        let mut digits = book.card_number(card.0, card.1, card.2).unwrap().into_bytes();
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        prop_assert_eq!(book.card_of_number(std::str::from_utf8(&digits).unwrap()), None);
    }
}

#[test]
fn edges_have_numbers_and_what_is_beyond_is_refused() {
    let book = book("default", World::Live);
    for format in CodeFormat::PLAIN {
        let symbols = format.symbols();
        let last_batch = if symbols == 24 { BATCHES_OF_24 - 1 } else { format.batch_no_max() };
        for card in [(symbols, 0, 0), (symbols, last_batch, format.size_max() - 1)] {
            let number = book.card_number(card.0, card.1, card.2).unwrap();
            assert_eq!(book.card_of_number(&number), Some(card));
        }
        assert_eq!(book.card_number(symbols, last_batch + 1, 0).unwrap_err().field, "batch_no");
        assert_eq!(book.card_number(symbols, 0, format.size_max()).unwrap_err().field, "serial");
    }
    assert_eq!(book.card_number(14, 0, 0).unwrap_err().field, "symbols");
}

#[test]
fn numbers_belong_to_a_tenant_and_world() {
    let number = book("default", World::Live).card_number(16, 1, 1).unwrap();
    assert_ne!(book("other", World::Live).card_number(16, 1, 1).unwrap(), number);
    assert_ne!(book("default", World::Test).card_number(16, 1, 1).unwrap(), number);
    for text in ["", "1", "12345678901234567890", "1234567890123456U", "券"] {
        assert_eq!(book("default", World::Live).card_of_number(text), None);
    }
}
