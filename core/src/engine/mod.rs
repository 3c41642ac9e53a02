//! The only shell: it opens codes, loads, decides, commits and replies. The rules are in the rooms below.

mod admin;
mod attributes;
mod audit;
mod backup;
mod batch_life;
mod batches;
mod best_drafts;
mod call;
mod campaigns;
mod capture;
mod card_use;
mod cards;
mod ceilings;
mod command;
mod committer;
mod counters;
mod erase;
mod error;
mod explain;
#[cfg(test)]
mod explored;
mod export;
mod feed;
mod fence;
mod figures;
mod funding;
mod give;
mod hold;
mod hold_reads;
mod host_benefits;
mod ledger;
mod limits;
mod meter;
mod order;
mod order_refund;
mod owner;
mod past;
mod persons;
mod promotions;
mod quote;
mod quote_drafts;
mod quote_orders;
mod reads;
mod redeem;
mod refund;
mod request;
mod resolve;
mod running;
mod samples;
mod sync;
mod tenant;
mod trace;
mod value;
mod view;
mod wallet;

use std::sync::Arc;

pub use admin::{AddAudience, AudienceAdded, Observe, SaveCampaign, SaveProductSet, SaveSettings, SaveTemplate};
pub use attributes::{ListAttributes, SaveAttribute};
pub use audit::{Audit, AuditReport, AuditRun, ChainHead, Finding};
pub use backup::{BackUp, BackupRun};
pub use batch_life::{ArchiveBatch, CloseBatch, ExtendBatch, FreezeBatch, RefillBatch, UnfreezeBatch, VoidBatch};
pub use batches::{CloseExport, GrowBatch, IssueBatch, RekeyBatch, SavePublicCode};
pub use best_drafts::{BestDrafts, BestOfDrafts};
pub use call::Call;
pub use campaigns::{
    ArchiveCampaign, CampaignCount, CampaignProgress, DiffTemplates, EndCampaign, MeasureCampaign, PauseCampaign,
    ResumeCampaign, StartCampaign,
};
pub use capture::{CaptureHold, CaptureOutcome, Captured, ReleaseHold};
pub use cards::{CardView, CardWithCode, Claim, ClaimFrom, Freeze, Issue, Replace, Reveal, Unfreeze, Void};
pub use ceilings::QuotedLimit;
pub use command::Meta;
pub use erase::{Erase, EraseRun, Erased};
pub use error::Error;
pub use explain::{EvaluateMany, EvaluatedMany, Explain, ExplainOf, Explanation, TemplateSchema};
pub use export::{CodeStream, ExportCodes, ExportedCode, resume_after};
pub use feed::{Events, EventsPage, JournalEvent};
pub use figures::{BatchCount, BatchFigures, CountBatch};
pub use funding::{CountFunding, FundingCount, FundingFigures, FundingLine};
pub use give::GivenCard;
pub use hold::{HoldView, PlaceHold};
pub use hold_reads::{GetHold, HoldsOfOrder};
pub use host_benefits::{ListHostBenefits, SaveHostBenefit};
pub use ledger::{
    AccountOf, AccountPick, Balance, BalanceNow, Liability, LiabilityAt, LiabilityLine, LiabilityNow, LiabilityWalk,
    ListAccounts, ListMovements, ListUnits, MoveValue, Movement, SaveUnit, Succeed, ValueTransfer,
};
pub use meter::{EngineFigures, GetEngineFigures, Spread, SpreadStep};
pub use order::{
    BestCard, BestLeftOut, BestOfOrder, BestOrder, CaptureOrder, CapturePart, HoldOrder, LeftOut, NextBest,
    ORDER_CARDS_MAX, OfferOf, OrderCaptured, OrderCard, OrderHeld, OrderQuoted, OrderReceipt, OrderReleased,
    PromotionUse, QuoteOrder, QuotedCard, QuotedPromotion, RedeemOrder, ReleaseOrder,
};
pub use order_refund::{
    CardGotBack, DraftsBack, DraftsRefunded, LineReturn, RefundDrafts, RefundFigures, RefundOrder, RefundSimulated,
    RefundedOrder, SALE_CARDS_MAX, SimulateRefund, StepFigures, Stranded, TenderBack, TenderShare, UsesBack,
};
pub use owner::{Bind, Extend, Rebind, Transfer};
pub use past::{CardAsOf, CardWas};
pub use persons::{Link, PersonOf, PersonView, Unlink};
pub use promotions::{ArchivePromotion, ListPromotions, PausePromotion, ResumePromotion, SavePromotion};
pub use quote::{Quote, Quoted};
pub use quote_drafts::{DraftOffer, DraftsQuoted, QuoteDrafts};
pub use quote_orders::{Detail, OrderFigures, OrdersQuoted, QuoteOrders};
pub use reads::{
    CODES_MAX, CardNumber, GetBatch, GetCampaign, GetRedemption, GetTemplate, History, HistoryEntry, ListBatches,
    ListCampaigns, ListCards, ListTemplates, Listed, LookUp, Open, OpenMany, PAGE_MAX, Paging, RedemptionsOfOrder,
    RequestKey, Wallet,
};
pub use redeem::{Receipt, Redeem};
pub use refund::{RefundReceipt, RefundRedemption};
pub(crate) use request::{Begin, Change, Read};
pub use request::{Done, Progress, Saved};
pub use resolve::{CODE_BYTES_MAX, CardPick, CodeText};
pub use samples::{
    Backtest, BacktestOffer, BacktestOrders, BacktestOrdersRun, BacktestReport, BacktestRun, BacktestedOrder,
    CompareDrafts, ComparedOrder, Comparison, ComparisonRun, DropSample, ListSamples, Orders, Sample, SampleOrders,
    SavingSpread, SegmentFigures, Segments, Side,
};
pub use value::{Adjust, Load, ValueMoved};
pub use wallet::{QuoteWallet, WalletCard};

use self::committer::{Bounds, Committer};
use self::running::RunningOf;
use self::samples::Samples;
use self::tenant::{Keys, Realm};
use self::view::ControlCache;
use crate::Invalid;
use crate::code::{CodeBook, Formats, Keyring, World};
use crate::entropy::{ChaChaEntropy, Entropy};
use crate::id::check_name;
use crate::store::{Store, TenantKey};
use crate::time::Clock;

/// Settings of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Most calls that wait at once; one more is answered `busy`. Costs memory only.
    pub queue_max: usize,
    /// Most calls that become durable together. Larger groups cost latency, smaller ones throughput.
    pub group_max: usize,
    /// How often a leader whose group is decided yields the processor before it sleeps until the store is free. More costs
    /// idle cycles under load, fewer cost throughput on machines where waking a thread is slow; 0 always sleeps.
    pub yields_max: usize,
    /// How long a cached campaign, batch, public code or setting may be behind what another process saved.
    /// A decision that rests on such rows is not committed later than that either; below 10 it is 10, as far as that goes.
    pub control_lag_ms: u32,
    /// How long a change waits in the queue, and is tried again, before it is answered `deadline_passed`; 0 for as long as it
    /// takes. A change may name its own: [`Meta::deadline_ms`]. One whose commit has begun is never answered so.
    pub deadline_ms: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { queue_max: 10_000, group_max: 256, yields_max: 4_000, control_lag_ms: 1_000, deadline_ms: 30_000 }
    }
}

/// An engine over one store. Share it between threads; one per process is enough for all tenants.
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keyring: Option<Keyring>,
    formats: Formats,
    committer: Arc<Committer>,
    /// Orders that are held in memory to be asked, by tenant and name.
    samples: Arc<Samples>,
    /// The promotions that run, as they were last seen.
    running: Arc<RunningOf>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        if !self.committer.is_home() {
            // In a forked child: locks may seem held for ever, and a database that is closed here is closed under the parent.
            std::mem::forget((Arc::clone(&self.store), Arc::clone(&self.committer)));
            return;
        }
        // The last handle is gone: let the background thread, if there is one, come to its end.
        self.committer.close();
    }
}

impl Engine {
    /// Puts an engine over a store, with the four code formats without prefix.
    pub fn new(
        store: impl Store + 'static,
        keyring: Keyring,
        clock: impl Clock + 'static,
        entropy: impl Entropy + 'static,
    ) -> Self {
        Self::with(store, keyring, clock, entropy, Formats::default(), Settings::default())
    }

    /// Puts an engine over a store, with formats and settings of its own.
    pub fn with(
        store: impl Store + 'static,
        keyring: Keyring,
        clock: impl Clock + 'static,
        entropy: impl Entropy + 'static,
        formats: Formats,
        settings: Settings,
    ) -> Self {
        Self::over(Arc::new(store), Some(keyring), Arc::new(clock), Arc::new(entropy), formats, settings)
    }

    /// Puts an engine over a store without any key, for figures, look-ups by id and histories. What needs a key, and every
    /// change, is answered [`Error::NoKeys`]. Give it a store that was opened for reading only, too.
    pub fn keyless(store: impl Store + 'static, clock: impl Clock + 'static, settings: Settings) -> Self {
        // Nothing is ever written, so no version is ever drawn from this entropy.
        let entropy = Arc::new(ChaChaEntropy::from_seed([0; 32]));
        Self::over(Arc::new(store), None, Arc::new(clock), entropy, Formats::default(), settings)
    }

    fn over(
        store: Arc<dyn Store>,
        keyring: Option<Keyring>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        formats: Formats,
        settings: Settings,
    ) -> Self {
        let bounds = Bounds {
            queue_max: settings.queue_max.max(1),
            group_max: settings.group_max.max(1),
            yields_max: settings.yields_max,
            deadline_ms: settings.deadline_ms,
        };
        let cache = ControlCache::new(settings.control_lag_ms);
        let committer = Committer::new(Arc::clone(&store), Arc::clone(&clock), entropy, cache, bounds);
        let (committer, samples, running) = (Arc::new(committer), Arc::default(), Arc::default());
        let shared = Shared { store, clock, keyring, formats, committer, samples, running };
        Self { shared: Arc::new(shared) }
    }

    /// A tenant in a world: everything that cards are asked for. Live and test share neither keys nor codes nor records.
    ///
    /// # Errors
    /// `invalid` for a name that is empty, longer than 64 bytes, or holds spaces or `~`.
    pub fn tenant(&self, name: &str, world: World) -> Result<Tenant, Invalid> {
        check_name("tenant", name)?;
        if name.contains('~') {
            return Err(Invalid::new("tenant", name, "a name without ~"));
        }
        let shared = &self.shared;
        let keys = shared.keyring.as_ref().map(|keyring| Keys {
            book: CodeBook::new(keyring, name, world, &shared.formats),
            minting_slot: keyring.minting_slot(),
            audit_key: keyring.audit_key(name, world),
            subject_key: keyring.subject_key(name, world),
        });
        let realm = Realm {
            key: TenantKey::new(name, world),
            keys,
            formats: shared.formats.clone(),
            committer: Arc::clone(&shared.committer),
            store: Arc::clone(&shared.store),
            clock: Arc::clone(&shared.clock),
            samples: Arc::clone(&shared.samples),
            running: Arc::clone(&shared.running),
        };
        Ok(Tenant { realm: Arc::new(realm), _shared: Arc::clone(shared) })
    }

    /// Takes no more calls. The group under way becomes durable; what waits behind it is answered `closed`. In a forked child this
    /// does nothing: the engine is the parent's to close.
    pub fn close(&self) {
        if self.is_home() {
            self.shared.committer.close();
        }
    }

    /// Whether this is the process that made the engine. In a forked child every call is answered `forked`, and what is dropped
    /// there is left as it is: make an engine anew, over a store that was opened there.
    pub fn is_home(&self) -> bool {
        self.shared.committer.is_home()
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine(…)")
    }
}

/// One tenant in one world.
#[derive(Clone)]
pub struct Tenant {
    realm: Arc<Realm>,
    /// Keeps the engine open as long as a tenant of it is in use.
    _shared: Arc<Shared>,
}

impl Tenant {
    /// Refuses what a forked child asks of its parent's engine.
    pub(crate) fn must_be_home(&self) -> Result<(), Error> {
        self.realm.must_be_home()
    }
}

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tenant({})", self.realm.key.as_str())
    }
}
