//! A small shop for tests that cross crates: one engine over one store, a clock moved by hand, entropy from a seed.

mod wait;
mod watched;

pub use wait::{block_on, join};
pub use watched::{Fault, Watched};

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use cardmint::card::{Audience, Benefit, Life, RedeemFrom, Setting, TemplateDraft};
use cardmint::checkout::{Line, Order};
use cardmint::code::{CodeFormat, Formats, Keyring, World};
use cardmint::id::{BatchNo, CardId};
use cardmint::money::Currency;
use cardmint::rule::{Condition, LineFilter, Over};
use cardmint::store::{MemoryStore, Store};
use cardmint::subject::Subject;
use cardmint::time::{Clock, Instant};
use cardmint::{
    CardPick, ChaChaEntropy, Claim, ClaimFrom, Denial, Engine, Error, Invalid, Issue, IssueBatch, Meta, Receipt,
    Redeem, RefundReceipt, RefundRedemption, SaveCampaign, SaveTemplate, Settings, Tenant,
};
use cardmint_sqlite::{Options, SqliteStore};

/// A clock that stands where it was put.
#[derive(Clone)]
pub struct HandClock(Arc<AtomicI64>);

impl HandClock {
    /// Starts at a moment.
    pub fn at(text: &str) -> Self {
        Self(Arc::new(AtomicI64::new(instant(text).millis())))
    }

    /// Moves to a moment, back as well.
    pub fn set(&self, text: &str) {
        self.0.store(instant(text).millis(), Ordering::SeqCst);
    }

    /// Moves on, or back.
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Instant {
        Instant::from_millis("clock", self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Reads an instant that is written right.
pub fn instant(text: &str) -> Instant {
    Instant::parse("instant", text).unwrap()
}

/// A shop: one tenant, its clock, and what holds its data while it runs.
pub struct Shop {
    /// `memory` or `sqlite`, for messages.
    pub name: &'static str,
    /// The engine, for more tenants.
    pub engine: Engine,
    /// Tenant `default`, live.
    pub tenant: Tenant,
    /// The engine's clock.
    pub clock: HandClock,
    /// The store, for looks behind the engine.
    pub store: Arc<dyn Store>,
    keys: AtomicU64,
    _folder: Option<tempfile::TempDir>,
}

/// When every shop opens.
pub const OPENING: &str = "2026-11-11T00:00:00Z";

/// The keyring of every shop: not secret, so that runs repeat.
pub fn keyring() -> Keyring {
    Keyring::generate(&ChaChaEntropy::from_seed([7; 32]))
}

impl Shop {
    /// Opens a shop over a store.
    pub fn over(name: &'static str, store: Arc<dyn Store>, folder: Option<tempfile::TempDir>) -> Self {
        Self::with(name, store, folder, keyring(), [1; 32])
    }

    /// Opens a shop over a store, with its own keyring and seed.
    pub fn with(
        name: &'static str,
        store: Arc<dyn Store>,
        folder: Option<tempfile::TempDir>,
        keyring: Keyring,
        seed: [u8; 32],
    ) -> Self {
        let clock = HandClock::at(OPENING);
        let mut formats = Formats::default();
        formats.add("VIP+16".parse().unwrap()).unwrap();
        let entropy = ChaChaEntropy::from_seed(seed);
        let engine = Engine::with(Arc::clone(&store), keyring, clock.clone(), entropy, formats, Settings::default());
        let tenant = engine.tenant("default", World::Live).unwrap();
        Self { name, engine, tenant, clock, store, keys: AtomicU64::new(0), _folder: folder }
    }

    /// A shop in memory.
    pub fn memory() -> Self {
        Self::over("memory", Arc::new(MemoryStore::new()), None)
    }

    /// A shop on a new SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("shop.db"), Options::default()).unwrap();
        Self::over("sqlite", Arc::new(store), Some(folder))
    }

    /// A shop of each kind.
    pub fn each() -> [Self; 2] {
        [Self::memory(), Self::sqlite()]
    }

    /// A shop of each kind whose store is watched.
    pub fn each_watched() -> [(Self, Arc<Watched>); 2] {
        Self::each().map(|shop| {
            let watched = Watched::over(Arc::clone(&shop.store));
            (Self::over(shop.name, Arc::clone(&watched) as Arc<dyn Store>, shop._folder), watched)
        })
    }

    /// An engine over a store with settings of its own, on this shop's clock, and its tenant `default`.
    pub fn engine_with(&self, store: Arc<dyn Store>, settings: Settings) -> (Engine, Tenant) {
        let entropy = ChaChaEntropy::from_seed([3; 32]);
        let engine = Engine::with(store, keyring(), self.clock.clone(), entropy, Formats::default(), settings);
        let tenant = engine.tenant("default", World::Live).unwrap();
        (engine, tenant)
    }

    /// Another engine over the same store, as another process would have, with its own clock and seed.
    pub fn beside(&self, store: Arc<dyn Store>, keyring: Keyring) -> Self {
        Self::with(self.name, store, None, keyring, [2; 32])
    }

    /// A fresh idempotency key.
    pub fn meta(&self) -> Meta {
        Meta::key(format!("k{}", self.keys.fetch_add(1, Ordering::SeqCst)))
    }

    /// A fresh idempotency key, with a reason.
    pub fn because(&self, reason: &str) -> Meta {
        Meta { reason: Some(reason.to_owned()), ..self.meta() }
    }

    /// Saves a template under an id.
    pub fn template(&self, id: &str, template: TemplateDraft) -> Result<u32, Error> {
        let template = TemplateDraft { id: id.to_owned(), ..template };
        self.tenant.save_template(SaveTemplate { meta: self.meta(), template }).wait().map(|saved| saved.version)
    }

    /// A request for a batch that is called as its template.
    pub fn issue_batch(&self, id: &str, size: u32) -> IssueBatch {
        IssueBatch::new(self.meta(), id, id, size, CodeFormat::S16)
    }

    /// Saves a template and issues a batch of `size` cards of it, both called `id`.
    pub fn batch(&self, id: &str, size: u32, template: TemplateDraft) {
        self.template(id, template).unwrap();
        self.tenant.issue_batch(self.issue_batch(id, size)).wait().unwrap();
    }

    /// A request for a running campaign, open to all, without an end.
    pub fn campaign(&self, id: &str) -> SaveCampaign {
        SaveCampaign {
            meta: self.meta(),
            id: id.to_owned(),
            title: id.to_owned(),
            life: Life::Running,
            start: None,
            end: None,
            goal: None,
            audience: Audience::Open,
            limits: Vec::new(),
        }
    }

    /// Saves a campaign, and a batch of `size` cards in it, both called `id`.
    pub fn campaign_batch(&self, campaign: SaveCampaign, size: u32, template: TemplateDraft) {
        let id = campaign.id.clone();
        self.tenant.save_campaign(campaign).wait().unwrap();
        self.template(&id, template).unwrap();
        let mut batch = self.issue_batch(&id, size);
        batch.campaign = Some(id);
        self.tenant.issue_batch(batch).wait().unwrap();
    }

    /// Claims the next card of a batch and returns its code.
    pub fn claim(&self, batch: &str, customer: &str) -> Result<String, Error> {
        Ok(self.tenant.claim(self.claim_request(batch, customer)).wait()?.code.unwrap())
    }

    /// A request for the next card of a batch.
    pub fn claim_request(&self, batch: &str, customer: &str) -> Claim {
        let take = ClaimFrom::Batch(batch.to_owned());
        Claim { meta: self.meta(), take, holder: Subject::customer(customer), channel: None }
    }

    /// Claims the card of a code.
    pub fn claim_code(&self, code: &str, customer: &str) -> Result<String, Error> {
        let take = ClaimFrom::Code(code.into());
        let claim = Claim { meta: self.meta(), take, holder: Subject::customer(customer), channel: None };
        Ok(self.tenant.claim(claim).wait()?.code.unwrap())
    }

    /// A request to give the next card of a batch to a customer.
    pub fn issue_request(&self, batch: &str, customer: &str) -> Issue {
        Issue {
            meta: self.meta(),
            batch: batch.to_owned(),
            holder: Subject::customer(customer),
            channel: None,
            parameters: Default::default(),
        }
    }

    /// The id of the `serial`-th card of a batch.
    pub fn card(&self, batch: &str, serial: u32) -> CardId {
        let no: BatchNo = self.tenant.batch(batch).unwrap().unwrap().no;
        CardId { batch: no, serial }
    }

    /// The code of the `serial`-th card of a batch, by a reveal.
    pub fn code_of(&self, batch: &str, serial: u32) -> Result<String, Error> {
        let reveal = (self.because("test"), CardPick::Id(self.card(batch, serial)));
        Ok(self.tenant.reveal(reveal).wait()?.code.unwrap())
    }

    /// Gives a redemption back.
    pub fn refund(&self, redemption: &str) -> Result<RefundReceipt, Error> {
        self.refund_with(self.meta(), redemption)
    }

    /// Gives a redemption back under a given key.
    pub fn refund_with(&self, meta: Meta, redemption: &str) -> Result<RefundReceipt, Error> {
        self.tenant.refund(RefundRedemption::new(meta, redemption)).wait()
    }

    /// Redeems a code as a customer on an order of one line of 100.00.
    pub fn redeem(&self, code: &str, customer: &str) -> Result<Receipt, Error> {
        self.redeem_with(self.meta(), code, Some(customer))
    }

    /// Redeems under a given key.
    pub fn redeem_with(&self, meta: Meta, code: &str, customer: Option<&str>) -> Result<Receipt, Error> {
        self.tenant.redeem(Redeem { meta, ..self.redeem_request(code, customer) }).wait()
    }

    /// A request to redeem on an order of one line of 100.00.
    pub fn redeem_request(&self, code: &str, customer: Option<&str>) -> Redeem {
        let holder = customer.map(Subject::customer);
        Redeem { holder, ..Redeem::new(self.meta(), code, order("o1", &[("apple", 10_000)])) }
    }

    /// Redeems on an order.
    pub fn redeem_on(&self, code: &str, customer: Option<&str>, order: Order) -> Result<Receipt, Error> {
        self.tenant.redeem(Redeem { order, ..self.redeem_request(code, customer) }).wait()
    }
}

/// An order in CNY with a line per product.
pub fn order(id: &str, lines: &[(&str, i64)]) -> Order {
    let lines = lines
        .iter()
        .enumerate()
        .map(|(place, (product, amount_minor))| Line::new(format!("l{place}"), *product, 1, *amount_minor));
    Order::new(id, cny(), lines)
}

/// The currency of the shops.
pub fn cny() -> Currency {
    Currency::parse("currency", "CNY").unwrap()
}

/// 20 % off the order (8折), personal, one use.
pub fn eight_tenths() -> TemplateDraft {
    let benefit = Benefit::PercentOff { off_bp: Setting::Fixed(2_000), cap_minor: None, over: Over::Order };
    TemplateDraft {
        currency: Some(cny()),
        redeem_from: RedeemFrom::Claimed,
        ..TemplateDraft::new("eight-tenths", benefit)
    }
}

/// 8折 for whoever knows the code.
pub fn bearer() -> TemplateDraft {
    TemplateDraft { redeem_from: RedeemFrom::Issued, ..eight_tenths() }
}

/// 10.00 off from 199.00 (满199减10).
pub fn ten_off_from_199() -> TemplateDraft {
    TemplateDraft {
        benefit: Benefit::AmountOff { minor: Setting::Fixed(1_000), over: Over::Order },
        conditions: vec![Condition::MinSpend { minor: 19_900, over: Over::Order }],
        ..eight_tenths()
    }
}

/// A filter for the lines of a product set.
pub fn set_of(name: &str) -> LineFilter {
    LineFilter { product_set: Some(name.to_owned()), ..LineFilter::default() }
}

/// The code of the denial that a call ended in; panics when it ended otherwise.
#[track_caller]
pub fn denied<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    denial(outcome).code()
}

/// The denial that a call ended in; panics when it ended otherwise.
#[track_caller]
pub fn denial<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Denial {
    match outcome {
        Err(Error::Denied(denial)) => denial,
        other => panic!("expected a denial, not {other:?}"),
    }
}

/// The refusal that a call ended in; panics when it ended otherwise.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Invalid {
    match outcome {
        Err(Error::Invalid(invalid)) => invalid,
        other => panic!("expected a refusal, not {other:?}"),
    }
}
