//! Codes: how a card's number becomes a text that a person can type, and how that text is opened again.
//!
//! A [`CodeBook`] holds everything one tenant needs in one [`World`]: it seals a [`CardRef`] into a code, opens a code
//! without any I/O, prints public card numbers and looks after texts that cardmint did not mint. Its keys come from a
//! [`Keyring`]. Opening says that a code is genuine; [`resolve`] says that it is this card, now.
//!
//! ```
//! use cardmint::ChaChaEntropy;
//! use cardmint::code::{CardRef, CodeBook, CodeFormat, Formats, Keyring, World};
//!
//! let keyring = Keyring::generate(&ChaChaEntropy::from_seed([7; 32])); // a host seeds this from the operating system
//! let book = CodeBook::new(&keyring, "default", World::Live, &Formats::default());
//!
//! let card = CardRef { batch_no: 1, serial: 0, issue_no: 0 };
//! let code = book.seal(&CodeFormat::S16, keyring.minting_slot(), &card)?;
//! let typed = code.to_lowercase().replace('-', " ");
//! assert_eq!(book.open(&typed).map(|opened| opened.card), Some(card));
//! assert_eq!(book.open("0000-0000-0000-0000"), None);
//! # Ok::<(), cardmint::Invalid>(())
//! ```
//!
//! The format, byte by byte: `docs/code-format.md`.

mod alphabet;
mod book;
mod codes;
mod format;
mod formats;
mod keyring;
mod keyring_json;
mod mac;
mod number;
mod odds;
mod permutation;
mod prefix;
mod resolve;
mod round_mac;
mod sealer;
mod text;
mod word;
#[cfg(test)]
mod worked_example;
mod world;

pub use book::{CardRef, CodeBook, Opened};
pub use codes::Codes;
pub use format::CodeFormat;
pub use formats::Formats;
pub use keyring::{KeyState, Keyring};
pub use mac::MacKey;
pub use odds::{FLOOR_BITS_COUPON, FLOOR_BITS_STORED_VALUE, FormatRefused};
pub use resolve::{BatchPin, Verdict, resolve};
pub use text::TEXT_BYTES_MAX;
pub use word::{Normalisation, WORD_CHARS_MAX, WORD_CHARS_MIN, public_word};
pub use world::World;
