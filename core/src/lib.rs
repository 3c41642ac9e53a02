//! cardmint: an embeddable engine for digital cards.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod card;
pub mod checkout;
pub mod code;
mod denial;
mod engine;
mod entropy;
pub mod id;
mod invalid;
mod json;
pub mod money;
pub mod rule;
pub mod store;
pub mod subject;
pub mod time;

pub use denial::{Denial, Fact, LimitScope, Locale, Reader};
pub use engine::{
    AddAudience, CODE_BYTES_MAX, Call, CardPick, CardView, CardWithCode, Claim, ClaimFrom, CodeStream, CodeText,
    Engine, Error, ExportCodes, HistoryEntry, Issue, IssueBatch, ListCards, Listed, Meta, Observe, OnCard, PAGE_MAX,
    Paging, Quote, Quoted, Receipt, Redeem, RefundReceipt, RefundRedemption, SaveCampaign, SaveProductSet,
    SaveSettings, SaveTemplate, Settings, Tenant, resume_after,
};
pub use entropy::{ChaChaEntropy, Entropy};
pub use invalid::Invalid;
