//! The Complete Journey: one real year of coupons of a grocery chain, replayed through the engine.
//!
//! The engine sees what a shop's backend would hand it: campaigns, audiences, product sets, orders and codes. What came of a
//! coupon in the recorded year never reaches it.

mod args;
mod clock;
mod error;
mod figures;
mod loader;
pub mod mint;
mod progress;
pub mod report;
mod run;
mod setup;
mod story;
mod what_if;
mod wiring;

pub use args::{Args, HELP};
pub use clock::HandClock;
pub use error::Error;
pub use figures::{CampaignFigures, Figures, Summary, Totals, Week};
pub use loader::{Basket, BasketLine, Campaign, Coupon, HouseholdDay, Journey, Recorded, ZONE};
pub use progress::Progress;
pub use run::{play, run};
pub use setup::set_up;
pub use story::{Outcome, Tried, Verdict, replay};
pub use what_if::{WhatIf, what_if};
pub use wiring::{Stage, code_format, fresh_keyring};
