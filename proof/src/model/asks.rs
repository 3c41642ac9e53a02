//! Conditions of an order, asked the long way: whether a tree holds, and of one that does not the first test that decides it.

use cardmint::{Denial, Fact};

use super::No;
use super::price::money;
use crate::terms::{Asks, Basket};

fn holds(asks: &Asks, basket: &Basket) -> bool {
    match asks {
        Asks::Minor(minor) => basket.lines.iter().sum::<i64>() >= *minor,
        Asks::Lines(least) => lines(basket) >= *least,
        Asks::Store(store) => basket.store.as_deref() == Some(store),
        Asks::All(parts) => parts.iter().all(|part| holds(part, basket)),
        Asks::Any(parts) => parts.iter().any(|part| holds(part, basket)),
        Asks::Not(part) => !holds(part, basket),
    }
}

fn lines(basket: &Basket) -> i64 {
    i64::try_from(basket.lines.len()).unwrap_or(i64::MAX)
}

/// Refuses an order of which the condition at this place of the template does not hold.
pub(super) fn must_hold(asks: &Asks, place: usize, basket: &Basket) -> Result<(), No> {
    if holds(asks, basket) { Ok(()) } else { Err(why(asks, true, format!("conditions[{place}]"), basket).into()) }
}

fn why(asks: &Asks, wanted: bool, path: String, basket: &Basket) -> Denial {
    let of_parts = |parts: &[Asks], word: &str| {
        let first = parts.iter().position(|part| holds(part, basket) != wanted).unwrap_or(0);
        why(&parts[first], wanted, format!("{path}.{word}[{first}]"), basket)
    };
    let (word, have, need, words, short) = match asks {
        Asks::All(parts) => return of_parts(parts, "all"),
        Asks::Any(parts) => return of_parts(parts, "any"),
        Asks::Not(part) => return why(part, !wanted, format!("{path}.not"), basket),
        Asks::Minor(minor) => {
            let have: i64 = basket.lines.iter().sum();
            let words = format!("¥{}.{:02}", minor / 100, minor % 100);
            ("min_spend", money(have), money(*minor), words, Some(money(minor - have)))
        }
        Asks::Lines(least) => {
            let have = lines(basket);
            ("fact", Fact::Number(have), Fact::Number(*least), least.to_string(), Some(Fact::Number(least - have)))
        }
        Asks::Store(store) => {
            let have = basket.store.clone().unwrap_or_else(|| "nothing".to_owned());
            ("fact", Fact::Text(have), Fact::Text((*store).to_owned()), (*store).to_owned(), None)
        }
    };
    let need = if wanted { need } else { Fact::Text(format!("not: {words}")) };
    Denial::ConditionFailed { path: format!("{path}.{word}"), have, need, short: short.filter(|_| wanted) }
}

/// Whether two denials say the same: what is said in the languages of the texts is compared as it goes over the wire.
pub fn is_same(one: &Denial, other: &Denial) -> bool {
    let of_condition = match one {
        Denial::ConditionFailed { .. } => true,
        Denial::CardDenied { why, .. } => matches!(**why, Denial::ConditionFailed { .. }),
        _ => false,
    };
    one == other || (of_condition && one.code() == other.code() && one.facts() == other.facts())
}
