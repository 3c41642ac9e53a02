//! What an event moved.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// How a transfer calls the account of whom its event is about.
pub const OWN: &str = "own";

/// Value that went from one account to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Transfer {
    /// `own` for the account of the card, holder or channel that the event is about; otherwise an account of the tenant's.
    pub from: String,
    /// The same for where it went.
    pub to: String,
    /// How much, in minor units; 1 or more.
    pub amount_minor: i64,
    /// Where it belongs to an earlier moment than its event: the end of the card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// What an event moved, and what its card, holder or channel has since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Entry {
    /// In which unit.
    pub unit: String,
    /// What moved; nothing where the event changed no value.
    pub transfers: Vec<Transfer>,
    /// What the own account holds afterwards.
    pub holds_minor: i64,
    /// The end of the card, from which on what it holds is breakage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Instant>,
}

/// An entry as it is kept: names in every one of them would double it.
type Short = (String, i64, Option<i64>, Vec<(String, String, i64, Option<i64>)>);

impl Entry {
    /// The text under which a store keeps it: `["CNY",4500,null,[["own","redeemed",500,null]]]`, that is unit, holding, end, and
    /// of each transfer from, to, amount and moment; instants in milliseconds.
    pub fn to_text(&self) -> String {
        let transfer = |it: &Transfer| (it.from.clone(), it.to.clone(), it.amount_minor, it.at.map(Instant::millis));
        let transfers = self.transfers.iter().map(transfer).collect();
        let short: Short = (self.unit.clone(), self.holds_minor, self.ends.map(Instant::millis), transfers);
        serde_json::to_string(&short).unwrap_or_default()
    }

    /// Reads that text again.
    pub fn from_text(text: &str) -> Option<Self> {
        let (unit, holds_minor, ends, short): Short = serde_json::from_str(text).ok()?;
        let instant = |millis: Option<i64>| match millis {
            Some(millis) => Instant::from_millis("at", millis).ok().map(Some),
            None => Some(None),
        };
        let mut transfers = Vec::with_capacity(short.len());
        for (from, to, amount_minor, at) in short {
            transfers.push(Transfer { from, to, amount_minor, at: instant(at)? });
        }
        Some(Self { unit, transfers, holds_minor, ends: instant(ends)? })
    }

    /// By how much the own account changed.
    pub fn delta_minor(&self) -> i64 {
        let of = |it: &Transfer| match (it.from == OWN, it.to == OWN) {
            (true, false) => -it.amount_minor,
            (false, true) => it.amount_minor,
            (true, true) | (false, false) => 0,
        };
        self.transfers.iter().map(of).sum()
    }

    /// What each of the tenant's accounts got or gave, one step a side of a transfer.
    pub fn steps(&self) -> impl Iterator<Item = (&str, i64, Option<Instant>)> {
        self.transfers.iter().flat_map(|it| {
            let sides = [(it.from.as_str(), -it.amount_minor, it.at), (it.to.as_str(), it.amount_minor, it.at)];
            sides.into_iter().filter(|(account, ..)| *account != OWN)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_from_its_text() {
        let at = Instant::from_millis("at", 1_700_000_000_000).unwrap();
        let one = |from: &str, to: &str, at| Transfer { from: from.to_owned(), to: to.to_owned(), amount_minor: 5, at };
        let full = Entry {
            unit: "CNY".to_owned(),
            transfers: vec![one("issued", OWN, None), one(OWN, "redeemed", None), one("expired", "breakage", Some(at))],
            holds_minor: 7,
            ends: Some(at),
        };
        let bare = Entry { unit: "points".to_owned(), transfers: Vec::new(), holds_minor: 0, ends: None };
        for entry in [full.clone(), bare] {
            assert_eq!(Entry::from_text(&entry.to_text()), Some(entry));
        }
        assert_eq!(Entry::from_text("[]"), None);
        assert_eq!((full.delta_minor(), full.steps().map(|(_, minor, _)| minor).sum::<i64>()), (0, 0));
        assert_eq!(full.steps().count(), 4);
    }
}
