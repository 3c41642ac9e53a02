//! Every target over its seeds, what fuzzing once found, and mutations from a seed: the form for stable Rust.

use std::path::Path;

use cardmint_fuzz::{Mutator, TARGETS, kept, seeds, target};

/// What was found, by target: committed, and tried first.
fn found(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

fn run(name: &str) {
    let quick = std::env::var_os("CARDMINT_QUICK").is_some_and(|value| !value.is_empty() && value != "0");
    let (target, mut texts) = (target(name).unwrap(), seeds(name));
    assert!(!texts.is_empty(), "{name} has no seeds");
    texts.extend(found(name));
    texts.extend(kept(name));
    texts.iter().for_each(|text| (target.run)(text));
    let mutator = Mutator::new(7);
    for _ in 0..(if quick { 1_000 } else { 10_000 }) {
        let text = mutator.next(&texts);
        let tried = std::panic::catch_unwind(|| (target.run)(&text));
        assert!(tried.is_ok(), "{name} fails on {:?}", String::from_utf8_lossy(&text));
    }
}

macro_rules! targets {
    ($($test:ident $name:literal)*) => {
        $(#[test]
        fn $test() {
            run($name);
        })*

        #[test]
        fn every_target_is_tried() {
            assert_eq!(TARGETS.map(|target| target.name), [$($name),*]);
        }
    };
}

targets! {
    g31_codes_and_card_numbers "codes"
    g27_words_and_their_normal_forms "words"
    instants_zones_currencies_and_ids "values"
    ends_of_broken_exports "export_tail"
    g30_keyrings "keyring"
    templates "template"
    orders "order"
    conditions "condition"
    texts_in_rows "record"
    changesets_on_both_stores "changesets"
    requests_of_every_operation "operation"
    options_of_opening "open"
}
