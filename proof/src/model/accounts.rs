//! Accounts of holders and channels, in the tenant's units.

use cardmint::card::EventKind;
use cardmint::ledger::Unit;
use cardmint::money::AMOUNT_MAX;
use cardmint::store::Owner;
use cardmint::{AccountOf, Denial, Fact, LimitScope, ValueTransfer};

use super::cards::key;
use super::{Effect, Moment, No, Put};
use crate::request::{Purse, Reply};

fn account_of(purse: &Purse) -> AccountOf {
    match purse {
        Purse::Customer(name) => AccountOf::Holder(key(name)),
        Purse::Channel(name) => AccountOf::Channel(name.clone()),
        Purse::Own(name) => AccountOf::System(name.clone()),
    }
}

/// The row that a side has; the tenant's own accounts are sums.
fn row_of(purse: &Purse) -> Option<Owner> {
    match purse {
        Purse::Customer(name) => Some(Owner::Holder(key(name))),
        Purse::Channel(name) => Some(Owner::Channel(name.clone())),
        Purse::Own(_) => None,
    }
}

impl Moment<'_> {
    pub(super) fn save_unit(&self, name: &str, between_holders: bool) -> Effect {
        let unit = Unit { name: name.to_owned(), decimals: 0, between_holders, display: Default::default() };
        Effect::of(Reply::Unit(unit.clone()), vec![Put::Unit(unit)], vec![EventKind::UnitSaved])
    }

    pub(super) fn move_value(&self, unit: &str, amount: i64, from: &Purse, to: &Purse) -> Result<Effect, No> {
        let Some(declared) = self.model.units.get(unit) else {
            return Err(Denial::Unknown { kind: "unit", id: unit.to_owned() }.into());
        };
        if let (Purse::Customer(_), Purse::Customer(_), false) = (from, to, declared.between_holders) {
            return Err(Denial::NotBetweenHolders { unit: unit.to_owned() }.into());
        }
        let mut puts = Vec::new();
        let from_balance_minor = self.side(unit, from, -amount, &mut puts)?;
        let to_balance_minor = self.side(unit, to, amount, &mut puts)?;
        let events = puts.iter().map(|_| EventKind::AccountMoved).collect();
        let reply = Reply::Transferred(ValueTransfer {
            at: self.now,
            unit: unit.to_owned(),
            amount_minor: amount,
            from: account_of(from),
            from_balance_minor,
            to: account_of(to),
            to_balance_minor,
        });
        Ok(Effect::of(reply, puts, events))
    }

    fn side(&self, unit: &str, purse: &Purse, delta: i64, puts: &mut Vec<Put>) -> Result<Option<i64>, No> {
        let Some(owner) = row_of(purse) else { return Ok(None) };
        let before = self.model.account(&owner, unit);
        let after = before + delta;
        let fact = |minor: i64| Fact::Text(format!("{minor} {unit}"));
        if after < 0 {
            let (asked, short) = (Some(fact(-delta)), Some(fact(-after)));
            return Err(Denial::InsufficientBalance { available: fact(before), asked, short }.into());
        }
        if after > AMOUNT_MAX {
            let (limit, used) = (AMOUNT_MAX.unsigned_abs(), before.unsigned_abs());
            return Err(Denial::LimitReached { scope: LimitScope::Balance, limit, used }.into());
        }
        puts.push(Put::Move { owner, unit: unit.to_owned(), delta });
        Ok(Some(after))
    }
}
