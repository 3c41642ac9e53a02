//! For the tests: a shop whose commits wait until they may go on.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cardmint::code::{Keyring, World};
use cardmint::store::{CommitOutcome, Group, Lookup, MemoryStore, Page, Scan, Store, StoreError, Stored};
use cardmint::{ChaChaEntropy, Engine, GetCampaign, Tenant};
use cardmint_system::SystemClock;

/// A store whose commits say that they are there, and wait until they may go on.
struct Gate {
    store: MemoryStore,
    arrived: Mutex<Sender<()>>,
    open: Mutex<Receiver<()>>,
}

impl Store for Gate {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.store.load(lookups)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        self.arrived.lock().unwrap().send(()).unwrap();
        // Once the other end is gone the gate stands open.
        let _ = self.open.lock().unwrap().recv();
        self.store.commit(group)
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.store.scan(scan)
    }
}

/// The gate comes first: it is opened before the tenant is dropped, which waits for the group under way.
pub struct Shop {
    pub gate: Sender<()>,
    pub arrived: Receiver<()>,
    pub tenant: Tenant,
}

pub fn shop() -> Shop {
    let ((to_test, arrived), (gate, from_test)) = (channel(), channel());
    let store = Gate { store: MemoryStore::new(), arrived: Mutex::new(to_test), open: Mutex::new(from_test) };
    let entropy = ChaChaEntropy::from_seed([1; 32]);
    let engine = Engine::new(store, Keyring::generate(&entropy), SystemClock, entropy);
    Shop { tenant: engine.tenant("default", World::Live).unwrap(), arrived, gate }
}

impl Shop {
    /// The request that saves a campaign.
    pub fn campaign(id: &str) -> Vec<u8> {
        format!(r#"{{"meta":"{id}","id":"{id}","title":"{id}"}}"#).into_bytes()
    }

    pub fn has(&self, id: &str) -> bool {
        has(&self.tenant, id)
    }
}

/// Whether a campaign was saved.
pub fn has(tenant: &Tenant, id: &str) -> bool {
    tenant.campaign(GetCampaign { id: id.to_owned() }).unwrap().is_some()
}

pub fn until(what: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if what() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("it never comes");
}
