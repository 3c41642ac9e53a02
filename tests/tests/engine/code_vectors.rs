//! `vectors/codes.json`: what every face and every other implementation must answer. Written by this test when
//! `CARDMINT_BLESS=1` is set, compared otherwise.

use cardmint::code::{
    BatchPin, CardRef, CodeBook, CodeFormat, Formats, Keyring, Normalisation, Opened, Verdict, World, public_word,
    resolve,
};
use serde_json::{Value, json};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/codes.json");

/// Base secret 00…1f; a retired, an opening and a minting key.
fn keyring_json(state_of_slot_0: &str) -> Value {
    let key = |first: u8| (first..first + 32).map(|byte| format!("{byte:02x}")).collect::<String>();
    json!({ "version": 1, "base": key(0), "keys": [
        { "slot": 0, "state": state_of_slot_0, "key": key(0x20) },
        { "slot": 1, "state": "opening", "key": key(0x40) },
        { "slot": 2, "state": "minting", "key": key(0x60) },
    ]})
}

fn ring(json: &Value) -> Keyring {
    Keyring::from_json(&json.to_string()).unwrap()
}

const FORMATS: [&str; 7] = ["12", "16", "20", "24", "VIP+12", "VIP+16", "GIFT1+20"];

fn formats() -> Formats {
    Formats::only(FORMATS.map(|text| text.parse().unwrap())).unwrap()
}

fn format(text: &str) -> CodeFormat {
    text.parse().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn world_of(value: &Value) -> World {
    serde_json::from_value(value.clone()).unwrap()
}

/// Number, format, slot, size, and the serials whose card was replaced with their issue number now.
type Batch = (u32, &'static str, u8, u32, &'static [(u32, u8)]);

/// Batches of tenant `default`, the same in both worlds.
const BATCHES: [Batch; 8] = [
    (1, "12", 2, 1_000, &[]),
    (2, "16", 2, 1_000_000, &[(7, 1)]),
    (3, "20", 2, 500, &[]),
    (4, "24", 2, 500, &[]),
    (5, "VIP+16", 2, 500, &[]),
    (6, "16", 1, 500, &[]),
    (7, "VIP+12", 1, 500, &[]),
    (8, "GIFT1+20", 2, 1 << 30, &[]),
];

/// The verdict that a batch and a card of the list give.
fn resolves(opened: &Opened) -> bool {
    BATCHES.iter().any(|(batch_no, text, slot, size, replaced)| {
        let replaced = replaced.iter().find(|(serial, _)| *serial == opened.card.serial);
        let pin = BatchPin {
            batch_no: *batch_no,
            slot: *slot,
            format: format(text),
            size: *size,
            issue_no_now: replaced.map_or(0, |(_, issue_no)| *issue_no),
        };
        resolve(opened, &pin) == Verdict::Resolves
    })
}

struct Cases {
    retired_ring: Keyring,
    ring: Keyring,
    list: Vec<Value>,
}

impl Cases {
    fn book(&self, tenant: &str, world: World) -> CodeBook {
        CodeBook::new(&self.ring, tenant, world, &formats())
    }

    /// Asks the library what tenant `default` in `world` gets for `text`.
    fn ask(&mut self, why: &str, world: World, text: String) {
        let opened = self.book("default", world).open(&text);
        let said = opened.map(|Opened { format, slot, card }| {
            json!({ "format": format, "slot": slot, "batch_no": card.batch_no, "serial": card.serial, "issue_no": card.issue_no })
        });
        self.list.push(json!({
            "why": why, "tenant": "default", "world": world, "text": text,
            "opens": said, "resolves": opened.is_some_and(|opened| resolves(&opened)),
        }));
    }

    fn seal(&self, tenant: &str, world: World, text: &str, slot: u8, card: (u32, u32, u8)) -> String {
        let (batch_no, serial, issue_no) = card;
        let card = CardRef { batch_no, serial, issue_no };
        self.book(tenant, world).seal(&format(text), slot, &card).unwrap()
    }
}

fn other_last_symbol(code: &str) -> String {
    let (rest, last) = code.split_at(code.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

fn cases() -> Vec<Value> {
    use World::{Live, Test};
    let mut cases =
        Cases { retired_ring: ring(&keyring_json("opening")), ring: ring(&keyring_json("retired")), list: Vec::new() };
    for (batch_no, text, slot, size, _) in BATCHES {
        for serial in [0, size - 1] {
            for world in [Live, Test] {
                let code = cases.seal("default", world, text, slot, (batch_no, serial, 0));
                cases.ask(&format!("good, format {text}, {world}"), world, code);
            }
        }
    }
    let good = cases.seal("default", Live, "16", 2, (2, 41, 0));
    cases.ask("lower case", Live, good.to_lowercase());
    cases.ask("no dashes", Live, good.replace('-', ""));
    cases.ask("spaces, tab and line feed", Live, format!("\t {}\r\n", good.replace('-', "  ")));
    cases.ask("dashes of other kinds", Live, good.replacen('-', "–", 1).replacen('-', "—", 1).replacen('-', "－", 1));
    let wide = good.chars().map(|c| if c == '-' { '\u{3000}' } else { char::from_u32(c as u32 + 0xFEE0).unwrap() });
    cases.ask("full-width forms and ideographic spaces", Live, wide.collect());
    cases.ask(
        "zero-width space and soft hyphen from a web page",
        Live,
        good.replacen('-', "\u{200B}", 1).replacen('-', "\u{AD}", 1),
    );
    let zeros = (0..).map(|serial| cases.seal("default", Live, "16", 2, (2, serial, 0)));
    let zeros = zeros.into_iter().find(|code| code.contains('0') && code.contains('1')).unwrap();
    cases.ask("O for 0 and I for 1", Live, zeros.replace('0', "O").replace('1', "I"));
    cases.ask("o for 0 and l for 1", Live, zeros.replace('0', "o").replace('1', "l"));
    let vip = cases.seal("default", Live, "VIP+16", 2, (5, 3, 0));
    cases.ask("the prefix folds like any symbol", Live, vip.replace("VIP", "v1p"));

    cases.ask("a random text of 16 symbols: forged", Live, "J7QX-2M4K-9W0D-TB3V".into());
    cases.ask("all zeros: forged", Live, "0000-0000-0000-0000".into());
    for (batch_no, text, slot, _, _) in BATCHES {
        let code = cases.seal("default", Live, text, slot, (batch_no, 1, 0));
        cases.ask(&format!("last symbol changed, format {text}"), Live, other_last_symbol(&code));
    }
    let other = cases.seal("other", Live, "16", 2, (2, 41, 0));
    cases.ask("a code of another tenant", Live, other);
    let test = cases.seal("default", Test, "16", 2, (2, 41, 0));
    cases.ask("a test code in the live world", Live, test.clone());
    cases.ask("a test code in the live world, mark left out", Live, test.replace("TEST-", ""));
    cases.ask("a live code in the test world", Test, good.clone());
    cases.ask("a live code in the test world, mark added", Test, format!("TEST-{good}"));
    let retired = CodeBook::new(&cases.retired_ring, "default", Live, &formats());
    let retired = retired.seal(&format("16"), 0, &CardRef { batch_no: 2, serial: 41, issue_no: 0 }).unwrap();
    cases.ask("sealed under a key that is retired", Live, retired);
    cases.ask("a slot without a key", Live, format!("Z{}", &good[1..]));
    cases.ask("prefix left out", Live, vip.replace("VIP-", ""));
    cases.ask("prefix that is not registered", Live, format!("VAP-{good}"));

    let code = cases.seal("default", Live, "16", 1, (2, 41, 0));
    cases.ask("genuine, but under another slot than its batch is pinned to", Live, code);
    let code = cases.seal("default", Live, "12", 2, (2, 41, 0));
    cases.ask("genuine, but in another format than its batch is pinned to", Live, code);
    let code = cases.seal("default", Live, "16", 2, (5, 3, 0));
    cases.ask("genuine, but without its batch's prefix", Live, code);
    let code = cases.seal("default", Live, "16", 2, (2, 1_000_000, 0));
    cases.ask("genuine, but serial = size of the batch", Live, code);
    let code = cases.seal("default", Live, "16", 2, (2, 7, 0));
    cases.ask("genuine, but superseded by issue 1", Live, code);
    let code = cases.seal("default", Live, "16", 2, (2, 7, 1));
    cases.ask("issue 1 of a replaced card", Live, code);
    let code = cases.seal("default", Live, "16", 2, (2, 7, 2));
    cases.ask("genuine, but of an issue still to come", Live, code);
    let code = cases.seal("default", Live, "16", 2, (99, 0, 0));
    cases.ask("genuine, but of no batch", Live, code);

    cases.ask("empty", Live, String::new());
    cases.ask("truncated by a symbol", Live, good[..good.len() - 1].into());
    cases.ask("truncated by a group", Live, good[..14].into());
    cases.ask("a symbol too long", Live, format!("{good}0"));
    cases.ask("twice the same code", Live, format!("{good}-{good}"));
    cases.ask("more than 256 bytes, although only of separators", Live, format!("{good}{}", "-".repeat(256)));
    let short = cases.seal("default", Live, "12", 2, (1, 5, 0));
    cases.ask("zero padding symbols left on", Live, format!("{short}-0000"));
    cases.ask("non-zero padding symbols", Live, format!("{short}-0001"));
    let long = cases.seal("default", Live, "20", 2, (3, 5, 0));
    cases.ask("non-zero padding symbols behind 20", Live, format!("{long}-ZZZZ"));
    cases.ask("base64 padding sign", Live, format!("{good}="));
    cases.ask("U is no symbol", Live, format!("U{}", &good[1..]));
    cases.ask("a character of no alphabet", Live, format!("券{}", &good[1..]));
    let number = cases.book("default", Live).card_number(16, 2, 41).unwrap();
    cases.ask("a card number is no code", Live, number);
    cases.list
}

fn numbers() -> Vec<Value> {
    let ring = ring(&keyring_json("retired"));
    let book = |world| CodeBook::new(&ring, "default", world, &formats());
    let mut list = Vec::new();
    let mut ask = |why: &str, world, text: String| {
        let card = book(world).card_of_number(&text);
        let card = card
            .map(|(symbols, batch_no, serial)| json!({ "symbols": symbols, "batch_no": batch_no, "serial": serial }));
        list.push(json!({ "why": why, "tenant": "default", "world": world, "text": text, "card": card }));
    };
    for (symbols, batch_no, serial) in [(12, 1, 5), (16, 2, 41), (20, 3, 5), (24, 4, 5), (24, 8_199_112, (1 << 30) - 1)]
    {
        let number = book(World::Live).card_number(symbols, batch_no, serial).unwrap();
        ask(&format!("card of {symbols} symbols"), World::Live, number.clone());
        ask("the same number in the test world", World::Test, number.clone());
        ask("grouped", World::Live, format!("{} {}-{}", &number[..4], &number[4..10], &number[10..]));
        ask("last digit changed", World::Live, other_last_symbol(&number));
    }
    ask("too short", World::Live, "1234".into());
    list
}

fn words() -> Vec<Value> {
    let ring = ring(&keyring_json("retired"));
    let book = CodeBook::new(&ring, "default", World::Live, &formats());
    let texts = [
        "SUMMER20",
        "summer 20",
        "ＳＵＭＭＥＲ２０",
        "sum-mer–20",
        "Straße",
        "夏日礼",
        "e-\u{301}te",
        "ab",
        "WELCOME2SHOP",
    ];
    let describe = |text: &str| {
        let saved = |profile| public_word(text, profile, &formats(), World::Live).ok();
        json!({
            "tenant": "default", "world": "live", "text": text, "index": hex(&book.word_index(text)),
            "word": saved(Normalisation::Word), "case_sensitive": saved(Normalisation::CaseSensitive),
        })
    };
    texts.into_iter().map(describe).collect()
}

fn sealed_texts() -> Vec<Value> {
    let ring = ring(&keyring_json("retired"));
    let book = CodeBook::new(&ring, "default", World::Live, &formats());
    let seal = |(item, purpose, plain): (&str, &str, &str)| {
        let sealed = book.seal_text(item.as_bytes(), purpose, plain.as_bytes()).unwrap();
        json!({
            "tenant": "default", "world": "live", "item_id": hex(item.as_bytes()), "purpose": purpose, "plaintext": plain,
            "sealed": hex(&sealed),
        })
    };
    [("item-1", "stock", "ABC-123"), ("item-2", "stock", "ABC-123"), ("", "", "")].into_iter().map(seal).collect()
}

fn file() -> Value {
    let batches = BATCHES.map(|(batch_no, text, slot, size, replaced)| {
        let issue_no_now: Vec<_> =
            replaced.iter().map(|(serial, issue_no)| json!({ "serial": serial, "issue_no": issue_no })).collect();
        json!({
            "tenant": "default", "worlds": ["live", "test"], "batch_no": batch_no, "format": format(text), "slot": slot,
            "size": size, "issue_no_now": issue_no_now,
        })
    });
    json!({
        "about": "Written by tests/tests/engine/code_vectors.rs; docs/code-format.md explains the fields. issue_no_now lists the cards \
                  whose issue number is not 0. `word` and `case_sensitive` are the saved form, or null where it is refused.",
        "keyring": keyring_json("retired"),
        "formats": formats(),
        "batches": batches,
        "cases": cases(),
        "card_numbers": numbers(),
        "words": words(),
        "texts": sealed_texts(),
    })
}

#[test]
fn the_committed_vectors_are_what_the_code_yields() {
    let yielded = serde_json::to_string_pretty(&file()).unwrap() + "\n";
    if std::env::var_os("CARDMINT_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(FILE, &yielded).unwrap();
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    let differs = committed.lines().zip(yielded.lines()).position(|(old, new)| old != new);
    assert!(committed == yielded, "vectors/codes.json differs at line {:?}; CARDMINT_BLESS=1 rewrites it", differs);
}

/// What a case is for, and what it must therefore say: a list that was blessed by mistake does not pass.
#[test]
fn every_case_says_what_its_reason_promises() {
    let cases = cases();
    assert!(cases.len() > 70);
    for case in &cases {
        let why = case["why"].as_str().unwrap();
        let (opens, resolves) = (!case["opens"].is_null(), case["resolves"] == true);
        let typed_well = [
            "good",
            "lower case",
            "no dashes",
            "spaces",
            "dashes",
            "full-width",
            "zero-width",
            "O for",
            "o for",
            "the prefix folds",
            "issue 1",
        ];
        let expected = if why.starts_with("genuine, but") {
            (true, false)
        } else if typed_well.iter().any(|start| why.starts_with(start)) {
            (true, true)
        } else {
            (false, false)
        };
        assert_eq!((opens, resolves), expected, "{why}");
    }
}

/// As another implementation would use the file: everything from the file, nothing from this program.
#[test]
fn the_committed_vectors_replay() {
    let file: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    let ring = ring(&file["keyring"]);
    let formats: Formats = serde_json::from_value(file["formats"].clone()).unwrap();
    let book =
        |entry: &Value| CodeBook::new(&ring, entry["tenant"].as_str().unwrap(), world_of(&entry["world"]), &formats);
    let list = |name: &str| file[name].as_array().unwrap().clone();
    for case in list("cases") {
        let opened = book(&case).open(case["text"].as_str().unwrap());
        let said = opened.map_or(Value::Null, |Opened { format, slot, card }| {
            let mut said = serde_json::to_value(card).unwrap();
            said["format"] = json!(format);
            said["slot"] = json!(slot);
            said
        });
        assert_eq!(said, case["opens"], "{}", case["why"]);
    }
    for case in list("card_numbers") {
        let card = book(&case).card_of_number(case["text"].as_str().unwrap());
        assert_eq!(card.is_some(), !case["card"].is_null(), "{}", case["why"]);
    }
    for case in list("words") {
        assert_eq!(hex(&book(&case).word_index(case["text"].as_str().unwrap())), case["index"]);
    }
}
