//! Who turns out to be one person, and who does not.

use super::requests::{CUSTOMERS, customer, device};
use crate::dice::Dice;
use crate::model::Model;
use crate::request::What;

/// A link of two or three, mostly customers; or one that is taken out again.
pub fn next(model: &Model, dice: &mut Dice) -> Option<What> {
    let linked: Vec<_> =
        model.linked.iter().filter(|(_, person)| person.is_some()).map(|(subject, _)| subject).collect();
    if dice.in_thousand(if linked.len() > 3 { 600 } else { 250 }) {
        let somebody = dice.pick(&linked).map(|subject| subject.as_str().to_owned());
        let subject = somebody.filter(|_| dice.in_thousand(900)).unwrap_or_else(|| named(customer(dice)));
        return Some(What::Unlink { subject });
    }
    let from = dice.place(CUSTOMERS.len());
    let many = if dice.in_thousand(150) { 3 } else { 2 };
    let mut subjects: Vec<String> = (0..many).map(|place| named(CUSTOMERS[(from + place) % CUSTOMERS.len()])).collect();
    if dice.in_thousand(200) {
        subjects.pop();
        subjects.push(format!("device:{}", device(dice)));
    }
    Some(What::Link { subjects })
}

fn named(customer: impl std::fmt::Display) -> String {
    format!("customer:{customer}")
}
