//! What stands as text in the rows of a store: what can be read is written and read again as the same.

use cardmint::card::{Batch, Campaign, CountedOn, Given, HeldOn, HoldId, NotGiven, Origin};
use cardmint::checkout::Pricing;
use cardmint::ledger::{Entry, Unit};
use cardmint::limit::Limit;
use cardmint::person::Person;
use cardmint::store::Owner;

use crate::texts::json;

/// A line with the kind of text, then the text.
pub fn record(bytes: &[u8]) {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
    let (kind, text) = (&bytes[..end], &bytes[end + 1..]);
    match kind {
        b"batch" => json::<Batch>(text),
        b"campaign" => json::<Campaign>(text),
        b"counted" => json::<Vec<CountedOn>>(text),
        b"counters" => json::<Vec<HeldOn>>(text),
        b"given" => json::<Vec<Given>>(text),
        b"not_given" => json::<Vec<NotGiven>>(text),
        b"limits" => json::<Vec<Limit>>(text),
        b"origin" => json::<Origin>(text),
        b"person" => json::<Person>(text),
        b"pricing" => json::<Pricing>(text),
        b"unit" => json::<Unit>(text),
        b"hold" => json::<HoldId>(text),
        b"entry" => word(text, Entry::from_text, Entry::to_text),
        b"owner" => word(text, Owner::from_text, |owner| owner.text().to_string()),
        _ => {}
    }
}

fn word<T: PartialEq + std::fmt::Debug>(text: &[u8], read: impl Fn(&str) -> Option<T>, write: impl Fn(&T) -> String) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    if let Some(read_once) = read(text) {
        assert_eq!(read(&write(&read_once)).as_ref(), Some(&read_once), "{text} is another when it is read again");
    }
}
