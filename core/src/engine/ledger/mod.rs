//! Value on the ledger: units, accounts of holders and channels, and what is owed, now and at any moment.

mod accounts;
mod books;
mod buyer;
mod liability;
mod movements;
mod succeed;
mod tally;
mod units;
mod walk;

pub use accounts::{AccountOf, AccountPick, MoveValue, ValueTransfer};
pub use liability::{Liability, LiabilityAt, LiabilityLine, LiabilityNow};
pub use movements::{Balance, BalanceNow, ListAccounts, ListMovements, Movement};
pub use succeed::Succeed;
pub use units::{ListUnits, SaveUnit};
pub use walk::LiabilityWalk;
