//! What cards are worth on an order: benefits, their order, allocation, quotes.

mod allocate;
mod benefit;
mod best;
mod cart;
mod covered;
mod funding;
mod index;
mod plan;
mod price;
mod quote_mark;
pub mod refund;

pub use crate::rule::{Line, Order};
pub use allocate::allocate;
pub use benefit::{Action, HeldBack, HeldBy, NextStep};
pub use best::{Best, BestTerms, LeftOut, Objective, RunnerUp, best};
pub(crate) use cart::Cart;
pub(crate) use covered::Covered;
pub use funding::Funded;
pub(crate) use funding::{borne, funded, given_back};
pub use index::PromotionIndex;
pub(crate) use plan::stack::{Group, seat_of};
pub(crate) use plan::{Kept, plan_of_kept};
pub use plan::{
    Offer, OfferPlan, OrderTotals, Plan, PlanFigures, PlanLine, PlanShare, PlanShipping, PlanTerms, RateShare, Verdict,
    plan, plan_figures,
};
pub(crate) use price::price;
pub use price::{Allocation, Pricing, Purse};
pub(crate) use quote_mark::{check_quote_mark, must_be, must_be_quoted, quote_mark};
