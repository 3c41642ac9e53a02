//! The only shell: it opens codes, loads, decides, commits and replies. The rules are in the rooms below.

mod admin;
mod batches;
mod call;
mod cards;
mod command;
mod committer;
mod error;
mod export;
mod reads;
mod redeem;
mod resolve;
mod tenant;
mod view;

use std::sync::Arc;

pub use admin::{AddAudience, Observe, SaveCampaign, SaveProductSet, SaveSettings, SaveTemplate};
pub use batches::IssueBatch;
pub use call::Call;
pub use cards::{CardView, CardWithCode, Claim, ClaimFrom, Issue, OnCard};
pub use command::Meta;
pub use error::Error;
pub use export::{CodeStream, ExportCodes, resume_after};
pub use reads::{HistoryEntry, ListCards, Listed, PAGE_MAX, Paging};
pub use redeem::{Quote, Quoted, Receipt, Redeem, RefundReceipt, RefundRedemption};
pub use resolve::{CODE_BYTES_MAX, CardPick, CodeText};

use self::committer::{Bounds, Committer};
use self::tenant::Realm;
use self::view::ControlCache;
use crate::Invalid;
use crate::code::{CodeBook, Formats, Keyring, World};
use crate::entropy::Entropy;
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
    pub control_lag_ms: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { queue_max: 10_000, group_max: 256, yields_max: 4_000, control_lag_ms: 1_000 }
    }
}

/// An engine over one store. Share it between threads; one per process is enough for all tenants.
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    keyring: Keyring,
    formats: Formats,
    committer: Arc<Committer>,
}

impl Drop for Shared {
    fn drop(&mut self) {
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
        let (store, clock): (Arc<dyn Store>, Arc<dyn Clock>) = (Arc::new(store), Arc::new(clock));
        let bounds = Bounds {
            queue_max: settings.queue_max.max(1),
            group_max: settings.group_max.max(1),
            yields_max: settings.yields_max,
        };
        let cache = ControlCache::new(i64::from(settings.control_lag_ms));
        let committer = Committer::new(Arc::clone(&store), Arc::clone(&clock), Arc::new(entropy), cache, bounds);
        let shared = Shared { store, clock, keyring, formats, committer: Arc::new(committer) };
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
        let keyring = &shared.keyring;
        let realm = Realm {
            key: TenantKey::new(name, world),
            book: CodeBook::new(keyring, name, world, &shared.formats),
            formats: shared.formats.clone(),
            minting_slot: keyring.minting_slot(),
            audit_key: keyring.audit_key(name, world),
            subject_key: keyring.subject_key(name, world),
            committer: Arc::clone(&shared.committer),
            store: Arc::clone(&shared.store),
            clock: Arc::clone(&shared.clock),
        };
        Ok(Tenant { realm: Arc::new(realm), _shared: Arc::clone(shared) })
    }

    /// Takes no more calls. The group under way becomes durable; what waits behind it is answered `closed`.
    pub fn close(&self) {
        self.shared.committer.close();
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

impl std::fmt::Debug for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tenant({})", self.realm.key.as_str())
    }
}
