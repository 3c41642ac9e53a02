//! Orders that an engine holds in memory, to be asked again and again: samples, and what is found out from them.

mod backtest;
mod compare;
mod each;
mod orders;
mod tally;
mod trial;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

pub use backtest::{Backtest, BacktestOffer, BacktestReport, BacktestRun, SegmentFigures, Segments};
pub use compare::{CompareDrafts, ComparedOrder, Comparison, ComparisonRun, Side};
pub use each::{BacktestOrders, BacktestOrdersRun, BacktestedOrder};
pub use orders::Orders;
pub(super) use orders::Pieces;
pub use tally::SavingSpread;
pub(super) use trial::{Drafts, Pricing};

use super::Tenant;
use super::error::Error;
use super::request::{Done, Read};
use crate::Invalid;
use crate::checkout::Order;
use crate::denial::Denial;
use crate::id::check_name;
use crate::store::TenantKey;
use crate::time::Instant;

/// Most samples of a tenant.
const SAMPLES_MAX: usize = 100;
/// Most lines of all samples of an engine: a line takes about half a kilobyte.
const LINES_MAX: u64 = 4_000_000;

/// Every sample of an engine, by tenant and name.
#[derive(Default)]
pub(super) struct Samples(Mutex<BTreeMap<(TenantKey, String), Held>>);

/// One sample. Its orders lie in pieces, as they came, so that whoever reads them holds them while others are put in.
#[derive(Default)]
struct Held {
    pieces: Pieces,
    ids: HashSet<String>,
    lines: u64,
    /// The first and the last moment at which an order was placed.
    placed: Option<(Instant, Instant)>,
}

impl Samples {
    fn all(&self) -> MutexGuard<'_, BTreeMap<(TenantKey, String), Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The orders of a sample as they are now.
    pub(super) fn pieces(&self, tenant: &TenantKey, name: &str) -> Result<Pieces, Error> {
        check_name("sample", name)?;
        let all = self.all();
        all.get(&(tenant.clone(), name.to_owned())).map(|held| held.pieces.clone()).ok_or_else(|| unknown(name))
    }

    fn put(&self, tenant: &TenantKey, name: String, orders: Vec<Order>) -> Result<Sample, Error> {
        let mut all = self.all();
        let key = (tenant.clone(), name);
        let is_new = !all.contains_key(&key);
        if is_new && all.keys().filter(|(of, _)| of == tenant).count() >= SAMPLES_MAX {
            return Err(
                Invalid::new("sample", &key.1, format!("one of at most {SAMPLES_MAX} samples of a tenant")).into()
            );
        }
        let more: u64 = orders.iter().map(lines_of).sum();
        if all.values().map(|held| held.lines).sum::<u64>() + more > LINES_MAX {
            let allowed = format!("at most {LINES_MAX} lines in all samples of an engine; drop one");
            return Err(Invalid::new("orders", format!("{more} lines more"), allowed).into());
        }
        if let Some(held) = all.get(&key) {
            for (place, order) in orders.iter().enumerate() {
                if held.ids.contains(&order.id) {
                    return Err(twice(place, order).into());
                }
            }
        }
        let held = all.entry(key.clone()).or_default();
        held.ids.extend(orders.iter().map(|order| order.id.clone()));
        held.lines += more;
        for at in orders.iter().filter_map(|order| order.placed_at) {
            held.placed = Some(held.placed.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        }
        held.pieces.push(Arc::new(orders));
        Ok(held.told(key.1))
    }
}

fn lines_of(order: &Order) -> u64 {
    order.lines.len() as u64
}

fn twice(place: usize, order: &Order) -> Invalid {
    Invalid::new(format!("orders[{place}].id"), &order.id, "an order that the sample does not hold yet")
}

fn unknown(name: &str) -> Error {
    Error::Denied(Denial::Unknown { kind: "sample", id: name.to_owned() })
}

impl Held {
    fn told(&self, id: String) -> Sample {
        Sample {
            id,
            orders: self.ids.len() as u64,
            lines: self.lines,
            first_placed_at: self.placed.map(|(first, _)| first),
            last_placed_at: self.placed.map(|(_, last)| last),
        }
    }
}

/// Puts orders into a sample, which is made by its first. The engine holds it in its memory: nothing is stored, and it ends with the engine.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleOrders {
    /// The sample's name.
    pub sample: String,
    /// 1 to 10,000 orders, of ids that the sample does not hold yet; at most 4,000,000 lines in all samples of an engine.
    pub orders: Vec<Order>,
}

/// A sample: orders that an engine holds in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Sample {
    /// Its name.
    pub id: String,
    /// Its orders.
    pub orders: u64,
    /// Their lines.
    pub lines: u64,
    /// When the first was placed, of those that say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_placed_at: Option<Instant>,
    /// When the last was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_placed_at: Option<Instant>,
}

/// Forgets a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropSample {
    /// The sample's name.
    pub sample: String,
}

impl From<&str> for DropSample {
    fn from(sample: &str) -> Self {
        Self { sample: sample.to_owned() }
    }
}

/// Lists the samples of a tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSamples {}

impl Read for SampleOrders {
    type Reply = Sample;

    fn read(self, tenant: &Tenant) -> Result<Sample, Error> {
        check_name("sample", &self.sample)?;
        orders::check_listed(&self.orders)?;
        let mut ids = HashSet::new();
        for (place, order) in self.orders.iter().enumerate() {
            if !ids.insert(order.id.as_str()) {
                return Err(twice(place, order).into());
            }
        }
        tenant.realm.weigh(|view| orders::check_attributes(view, &self.orders))?;
        tenant.realm.samples.put(&tenant.realm.key, self.sample, self.orders)
    }
}

impl Read for DropSample {
    type Reply = Done;

    fn read(self, tenant: &Tenant) -> Result<Done, Error> {
        check_name("sample", &self.sample)?;
        let gone = tenant.realm.samples.all().remove(&(tenant.realm.key.clone(), self.sample.clone()));
        gone.map(|_| Done {}).ok_or_else(|| unknown(&self.sample))
    }
}

impl Read for ListSamples {
    type Reply = Vec<Sample>;

    fn read(self, tenant: &Tenant) -> Result<Vec<Sample>, Error> {
        let all = tenant.realm.samples.all();
        let own = all.iter().filter(|((of, _), _)| *of == tenant.realm.key);
        Ok(own.map(|((_, name), held)| held.told(name.clone())).collect())
    }
}
