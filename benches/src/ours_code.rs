//! Our half of the code benches: the only place where they touch `cardmint::code`.

use std::sync::Arc;

use cardmint::code::{CardRef, CodeBook, CodeFormat, Formats, Keyring, World};
use cardmint::{ChaChaEntropy, Entropy};

use crate::harness::Failure;

const TENANT: &str = "default";
const BATCH: u32 = 1;
/// The only batch of the opening bench is [`BATCH`]; codes of this one are genuine and mean nothing.
const NO_BATCH: u32 = 77;
/// Texts of each kind.
const TEXTS: u32 = 2_000;

fn keyring() -> Keyring {
    Keyring::generate(&ChaChaEntropy::from_seed([42; 32]))
}

fn book(tenant: &str) -> (CodeBook, u8) {
    let keyring = keyring();
    (CodeBook::new(&keyring, tenant, World::Live, &Formats::default()), keyring.minting_slot())
}

fn cards(batch_no: u32, count: u32) -> impl Iterator<Item = CardRef> {
    (0..count).map(move |serial| CardRef { batch_no, serial, issue_no: 0 })
}

/// Mints `count` codes of 16 symbols, grouped in fours, of one batch on this thread, and hands each text to `each`.
pub fn mint(count: u64, mut each: impl FnMut(&str)) -> Result<(), Failure> {
    let (book, slot) = book(TENANT);
    let mut codes = book.seal_all(&CodeFormat::S16, slot, cards(BATCH, u32::try_from(count)?))?;
    while let Some(code) = codes.next_code() {
        each(code?);
    }
    Ok(())
}

/// A keyring with everything that can be prepared once, and texts to open with it.
pub struct Opening {
    /// Opens a text of 16 symbols; true when it is genuine. No store, no cache of earlier answers.
    pub open: Box<dyn Fn(&str) -> bool>,
    pub texts: Texts,
}

/// At least a thousand different texts of each kind, in the same shape (grouped in fours) unless the kind forbids it.
pub struct Texts {
    /// Minted by this tenant.
    pub genuine: Vec<String>,
    /// Not the shape of a code: a wrong length, a symbol outside the alphabet.
    pub malformed: Vec<String>,
    /// Genuine for another tenant of the same keyring.
    pub foreign: Vec<String>,
    /// The right shape and key slot, random symbols.
    pub forged: Vec<String>,
    /// Sealed under the right key, with a batch number that no batch has.
    pub unknown_batch: Vec<String>,
}

/// Prepares the opening side.
pub fn opening() -> Result<Opening, Failure> {
    let (book, slot) = book(TENANT);
    let (other, other_slot) = self::book("other");
    let sealed = |book: &CodeBook, slot, batch_no| -> Result<Vec<String>, Failure> {
        Ok(book.seal_all(&CodeFormat::S16, slot, cards(batch_no, TEXTS))?.collect::<Result<_, _>>()?)
    };
    let genuine = sealed(&book, slot, BATCH)?;
    let malformed = genuine.iter().enumerate().map(|(place, code)| match place % 2 {
        0 => code.chars().take(code.len() - 1).collect(),
        _ => format!("U{}", code.get(1..).unwrap_or_default()),
    });
    let malformed = malformed.collect();
    let foreign = sealed(&other, other_slot, BATCH)?;
    let forged = forge(&genuine);
    let unknown_batch = sealed(&book, slot, NO_BATCH)?;
    let book = Arc::new(book);
    Ok(Opening {
        open: Box::new(move |text| book.open(text).is_some()),
        texts: Texts { genuine, malformed, foreign, forged, unknown_batch },
    })
}

/// Codes with their last twelve symbols at random: the slot stays.
fn forge(genuine: &[String]) -> Vec<String> {
    const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let entropy = ChaChaEntropy::from_seed([43; 32]);
    let forged = genuine.iter().map(|code| {
        let mut bits = entropy.next_u64();
        let mut symbol = |kept: char| {
            let symbol = SYMBOLS.get((bits % 32) as usize).copied().map_or(kept, char::from);
            bits /= 32;
            symbol
        };
        let (head, tail) = code.split_at(5);
        format!("{head}{}", tail.chars().map(|kept| if kept == '-' { kept } else { symbol(kept) }).collect::<String>())
    });
    forged.collect()
}
