//! A small shop for tests that cross crates: one engine over one store, a clock moved by hand, entropy from a seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use cardmint::card::{Benefit, CardKind, Limits, RedeemFrom, Setting, TemplateDraft, ValidityDraft};
use cardmint::checkout::{Line, Order};
use cardmint::code::{CodeFormat, Formats, Keyring, World};
use cardmint::money::Currency;
use cardmint::rule::{Condition, LineFilter, Over};
use cardmint::store::{MemoryStore, Store};
use cardmint::subject::Subject;
use cardmint::time::{Clock, Instant};
use cardmint::{
    ChaChaEntropy, Claim, ClaimFrom, Engine, Error, IssueBatch, Meta, Receipt, Redeem, SaveTemplate, Settings, Tenant,
};

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
        formats.add("16+VIP".parse().unwrap()).unwrap();
        let entropy = ChaChaEntropy::from_seed(seed);
        let engine = Engine::with(Arc::clone(&store), keyring, clock.clone(), entropy, formats, Settings::default());
        let tenant = engine.tenant("default", World::Live).unwrap();
        Self { name, engine, tenant, clock, store, keys: AtomicU64::new(0), _folder: folder }
    }

    /// A shop in memory.
    pub fn memory() -> Self {
        Self::over("memory", Arc::new(MemoryStore::new()), None)
    }

    /// A shop of each kind.
    pub fn each() -> [Self; 1] {
        [Self::memory()]
    }

    /// A fresh idempotency key.
    pub fn meta(&self) -> Meta {
        Meta::key(format!("k{}", self.keys.fetch_add(1, Ordering::SeqCst)))
    }

    /// A fresh idempotency key, with a reason.
    pub fn because(&self, reason: &str) -> Meta {
        Meta { reason: Some(reason.to_owned()), ..self.meta() }
    }

    /// Saves a template and issues a batch of `size` cards of it, both called `id`.
    pub fn batch(&self, id: &str, size: u32, template: TemplateDraft) {
        self.tenant
            .save_template(SaveTemplate {
                meta: self.meta(),
                template: TemplateDraft { id: id.to_owned(), ..template },
            })
            .wait()
            .unwrap();
        self.tenant.issue_batch(IssueBatch::new(self.meta(), id, id, size, CodeFormat::S16)).wait().unwrap();
    }

    /// Claims the next card of a batch and returns its code.
    pub fn claim(&self, batch: &str, customer: &str) -> Result<String, Error> {
        let from = ClaimFrom::Batch(batch.to_owned());
        let claim = Claim { meta: self.meta(), from, holder: Subject::customer(customer), channel: None };
        Ok(self.tenant.claim(claim).wait()?.code.unwrap())
    }

    /// Redeems a code as a customer on an order of one line of 100.00.
    pub fn redeem(&self, code: &str, customer: &str) -> Result<Receipt, Error> {
        self.redeem_with(self.meta(), code, Some(customer))
    }

    /// Redeems under a given key.
    pub fn redeem_with(&self, meta: Meta, code: &str, customer: Option<&str>) -> Result<Receipt, Error> {
        let holder = customer.map(Subject::customer);
        self.tenant.redeem(Redeem { order: order("o1", &[("apple", 10_000)]), meta, code: code.into(), holder }).wait()
    }
}

/// An order in CNY with a line per product.
pub fn order(id: &str, lines: &[(&str, i64)]) -> Order {
    let lines = lines.iter().enumerate().map(|(place, (product, amount_minor))| Line {
        id: format!("l{place}"),
        product: (*product).to_owned(),
        categories: Vec::new(),
        quantity: 1,
        amount_minor: *amount_minor,
    });
    Order {
        id: id.to_owned(),
        currency: cny(),
        lines: lines.collect(),
        store: None,
        channel: None,
        source: None,
        placed_at: None,
        new_customer: None,
        segments: Default::default(),
    }
}

/// The currency of the shops.
pub fn cny() -> Currency {
    Currency::parse("currency", "CNY").unwrap()
}

/// 20 % off the order (8折), personal, one use.
pub fn eight_tenths() -> TemplateDraft {
    TemplateDraft {
        id: "eight-tenths".to_owned(),
        kind: CardKind::Coupon,
        currency: Some(cny()),
        benefit: Benefit::PercentOff { off_bp: Setting::Fixed(2_000), cap_minor: None, over: Over::Order },
        conditions: Vec::new(),
        validity: ValidityDraft { cap_at_campaign_end: true, ..ValidityDraft::default() },
        limits: Limits::default(),
        redeem_from: RedeemFrom::Claimed,
        parameters: Default::default(),
        display: Default::default(),
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
pub fn denied<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
    match outcome {
        Err(Error::Denied(denial)) => denial.code(),
        other => panic!("expected a denial, not {other:?}"),
    }
}
