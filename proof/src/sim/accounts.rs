//! What callers move between accounts.

use super::requests::customer;
use crate::dice::Dice;
use crate::model::Model;
use crate::request::{Purse, What};

/// Value from one account to another: given, passed on or spent.
pub fn next(model: &Model, dice: &mut Dice) -> Option<What> {
    let units: Vec<_> = model.units.keys().collect();
    let unit = if dice.in_thousand(30) { "karma".to_owned() } else { (*dice.pick(&units)?).clone() };
    let amount = 1 + i64::try_from(dice.below(40)).unwrap_or(0);
    let own = |name: &str| Purse::Own(name.to_owned());
    let channel = || Purse::Channel("north".to_owned());
    let (from, to) = match dice.weighed(&[5, 4, 4, 2, 1]) {
        0 => (own("promotion"), Purse::Customer(customer(dice))),
        1 => (Purse::Customer(customer(dice)), own("spent")),
        2 => (Purse::Customer(customer(dice)), Purse::Customer(customer(dice))),
        3 => (own("promotion"), channel()),
        _ => (channel(), Purse::Customer(customer(dice))),
    };
    (from != to).then_some(What::MoveValue { unit, amount, from, to })
}
