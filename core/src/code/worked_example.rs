//! Keeps the worked examples of docs/code-format.md true.

use zeroize::Zeroizing;

use super::alphabet;
use super::format::CodeFormat;
use super::keyring::{CodeKey, KeyState, Keyring};
use super::mac::MacKey;
use super::{CardRef, CodeBook, Formats, World};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 32 bytes from `first` upwards.
fn key(first: u8) -> MacKey {
    MacKey::from_bytes(Zeroizing::new(std::array::from_fn(|i| first + i as u8)))
}

#[test]
fn the_documented_steps_are_those_of_the_code() {
    let format: CodeFormat = "VIP+16".parse().unwrap();
    let (slot, tenant, world) = (2, "default", World::Live);
    let card = CardRef { batch_no: 7, serial: 123_456, issue_no: 1 };
    let code_key = CodeKey { state: KeyState::Minting, key: key(0x60) };
    let layout = format.layout;
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| lines.push(format!("{name:<8}{value}"));

    let round_keys =
        ["mac", "enc", "wrap", "hide"].map(|round| code_key.round_key(round, &format, slot, tenant, world));
    for (round, key) in ["k_mac", "k_enc", "k_wrap", "k_hide"].iter().zip(&round_keys) {
        line(round, hex(key.bytes()));
    }
    // The rounds as the page tells them, with the hmac crate alone.
    let [k_mac, k_enc, k_wrap, k_hide] = &round_keys;
    let trunc = |key: &MacKey, message: u64, bits: u32| {
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.bytes()).unwrap();
        mac.update(&message.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        u64::from_be_bytes(digest[..8].try_into().unwrap()) >> (64 - bits)
    };
    let (body_bits, tag_bits) = (layout.body_bits(), layout.tag_bits);
    let payload = layout.payload(card.batch_no, card.serial, card.issue_no);
    let t0 = trunc(k_mac, payload, tag_bits);
    let body0 = payload ^ trunc(k_enc, t0, body_bits);
    let tag = t0 ^ trunc(k_wrap, body0, tag_bits);
    let body = body0 ^ trunc(k_hide, tag, body_bits);
    let whole = layout.whole(slot, body, tag);
    for (name, value) in [("payload", payload), ("t0", t0), ("body0", body0), ("tag", tag), ("body", body)] {
        line(name, format!("{value:x}"));
    }
    line("whole", format!("{whole:020x}"));
    line("symbols", alphabet::encode_lanes(&[whole], 16));

    let ring = Keyring { base: key(0), keys: [(slot, code_key)].into() };
    let book = CodeBook::new(&ring, tenant, world, &Formats::only([format]).unwrap());
    line("code", book.seal(&format, slot, &card).unwrap());

    let step = book.card_number(16, card.batch_no, card.serial).unwrap();
    line("number", step);
    line("index", hex(&book.word_index("Summer 20")));
    line("sealed", hex(&book.seal_text(b"item-1", "stock", b"ABC-123").unwrap()));

    let page = include_str!("../../../docs/code-format.md");
    for line in &lines {
        assert!(page.lines().any(|in_page| in_page == line), "docs/code-format.md should say:\n{}", lines.join("\n"));
    }
}
