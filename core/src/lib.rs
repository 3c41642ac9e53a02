//! cardmint: an embeddable engine for digital cards.
//!
//! An [`Engine`] stands over a [`store::Store`], with a [`code::Keyring`], a [`time::Clock`] and an [`Entropy`] of the host's: this
//! crate asks the system for nothing. Everything that cards are asked for is a method of a [`Tenant`]. A call is a future;
//! [`Call::wait`] blocks instead.
//!
//! ```
//! use cardmint::code::{Keyring, World};
//! use cardmint::store::MemoryStore;
//! use cardmint::time::{Clock, Instant};
//! use cardmint::{ChaChaEntropy, Denial, CardPick, Engine};
//!
//! struct Noon;
//! impl Clock for Noon {
//!     fn now(&self) -> Instant {
//!         Instant::EPOCH.plus_millis(43_200_000)
//!     }
//! }
//!
//! let entropy = ChaChaEntropy::from_seed([7; 32]); // a host seeds this from the operating system
//! let keyring = Keyring::generate(&entropy);
//! let shop = Engine::new(MemoryStore::new(), keyring, Noon, entropy).tenant("default", World::Live)?;
//! let forged = shop.look_up(CardPick::code("0000-0000-0000-0000")).unwrap_err();
//! assert_eq!(forged.denial(), Some(&Denial::NotFoundOrInvalid));
//! # Ok::<(), cardmint::Invalid>(())
//! ```
//!
//! A lawful *no* is a [`Denial`] with a stable code and facts; a request that cannot be meant is an [`Invalid`] that names its
//! field; [`Error`] is either, or a fault. README shows a whole redemption on SQLite; ARCHITECTURE.md tells how the house is built.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod card;
pub mod checkout;
pub mod code;
#[cfg(feature = "defects")]
#[doc(hidden)]
pub mod defect;
#[cfg(not(feature = "defects"))]
mod defect;
mod denial;
mod engine;
mod entropy;
pub mod id;
mod invalid;
mod json;
pub mod ledger;
pub mod limit;
pub mod money;
pub mod operation;
pub mod person;
pub mod rule;
mod schema;
mod status;
pub mod store;
pub mod subject;
pub mod time;

pub use denial::{Denial, Fact, LimitFacts, LimitScope, Locale, LocaleTexts, Reader, Refusal, Texts};
pub use engine::{
    AccountOf, AccountPick, AddAudience, Adjust, ArchiveBatch, ArchiveCampaign, ArchivePromotion, AudienceAdded, Audit,
    AuditReport, AuditRun, BackUp, BackupRun, Balance, BalanceNow, BatchCount, BatchFigures, BestDrafts, BestOfDrafts,
    Bind, CODE_BYTES_MAX, CODES_MAX, Call, CampaignCount, CampaignProgress, CaptureHold, CaptureOrder, CaptureOutcome,
    CapturePart, Captured, CardAsOf, CardNumber, CardPick, CardView, CardWas, CardWithCode, ChainHead, Claim,
    ClaimFrom, CloseBatch, CloseExport, CodeStream, CodeText, CountBatch, DiffTemplates, Done, DraftOffer,
    DraftsQuoted, EndCampaign, Engine, EngineFigures, Erase, EraseRun, Erased, Error, Events, EventsPage, ExportCodes,
    ExportedCode, Extend, ExtendBatch, Finding, Freeze, FreezeBatch, GetBatch, GetCampaign, GetEngineFigures, GetHold,
    GetRedemption, GetTemplate, GivenCard, GrowBatch, History, HistoryEntry, HoldOrder, HoldView, HoldsOfOrder, Issue,
    IssueBatch, JournalEvent, LeftOut, Liability, LiabilityAt, LiabilityLine, LiabilityNow, LiabilityWalk, Link,
    ListAccounts, ListBatches, ListCampaigns, ListCards, ListMovements, ListPromotions, ListTemplates, ListUnits,
    Listed, Load, LookUp, MeasureCampaign, Meta, MoveValue, Movement, ORDER_CARDS_MAX, Observe, Open, OpenMany,
    OrderCaptured, OrderCard, OrderHeld, OrderQuoted, OrderReceipt, OrderReleased, PAGE_MAX, Paging, PauseCampaign,
    PausePromotion, PersonOf, PersonView, PlaceHold, Progress, PromotionUse, Quote, QuoteDrafts, QuoteOrder, Quoted,
    QuotedCard, QuotedLimit, QuotedPromotion, Rebind, Receipt, Redeem, RedeemOrder, RedemptionsOfOrder, RefillBatch,
    RefundReceipt, RefundRedemption, RekeyBatch, ReleaseHold, ReleaseOrder, Replace, RequestKey, ResumeCampaign,
    ResumePromotion, Reveal, SaveCampaign, SaveProductSet, SavePromotion, SavePublicCode, SaveSettings, SaveTemplate,
    SaveUnit, Saved, Settings, Spread, SpreadStep, StartCampaign, Succeed, Tenant, Transfer, Unfreeze, UnfreezeBatch,
    Unlink, ValueMoved, ValueTransfer, Void, VoidBatch, Wallet, resume_after,
};
pub use engine::{
    Backtest, BacktestOffer, BacktestOrders, BacktestOrdersRun, BacktestReport, BacktestRun, BacktestedOrder,
    CompareDrafts, ComparedOrder, Comparison, ComparisonRun, Detail, DropSample, ListSamples, OrderFigures, Orders,
    Sample, SampleOrders, SavingSpread, SegmentFigures, Segments, Side,
};
pub use engine::{
    BestCard, BestLeftOut, BestOfOrder, BestOrder, CountFunding, EvaluateMany, EvaluatedMany, Explain, ExplainOf,
    Explanation, FundingCount, FundingFigures, FundingLine, ListAttributes, ListHostBenefits, NextBest, OfferOf,
    OrdersQuoted, QuoteOrders, QuoteWallet, SaveAttribute, SaveHostBenefit, TemplateSchema, WalletCard,
};
pub use engine::{
    CardGotBack, DraftsBack, DraftsRefunded, LineReturn, RefundDrafts, RefundFigures, RefundOrder, RefundSimulated,
    RefundedOrder, SALE_CARDS_MAX, SimulateRefund, StepFigures, Stranded, TenderBack, TenderShare, UsesBack,
};
pub use entropy::{ChaChaEntropy, Entropy};
pub use invalid::Invalid;
pub use status::Status;
