//! Opening an engine from JSON options.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cardmint::code::{Formats, Keyring, World};
use cardmint::operation::{Failure, read_json};
use cardmint::store::MemoryStore;
use cardmint::time::{Clock, Instant};
use cardmint::{Settings, Status, Tenant};
use cardmint_sqlite::{Durability, Options as SqliteOptions, SqliteStore};
use cardmint_system::{SystemClock, load_keyring, system_entropy};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::fork::watch;
use crate::keyring::failure;

/// How an engine is opened, as JSON. Unknown fields are refused.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct OpenOptions {
    /// The SQLite file, or `:memory:` for a store that is gone with the handle.
    path: String,
    /// Where the keys are. Without: a read-only handle that cannot mint, open, reveal or write; the file must be there.
    keyring: Option<KeyringFrom>,
    /// Whether a missing database file is made; true.
    create: Option<bool>,
    /// `full` (the default: an acknowledged change survives a loss of power) or `normal` (it survives a crash of the process).
    durability: Option<DurabilityName>,
    /// How long a call waits for another process that holds the file, in milliseconds.
    busy_timeout_ms: Option<u32>,
    /// Code formats beside or instead of the four plain ones.
    formats: Option<Formats>,
    /// Most calls that wait at once.
    queue_max: Option<usize>,
    /// Most calls that become durable together.
    group_max: Option<usize>,
    /// A clock that stands at this instant until [`Engine::set_now`] moves it, for tests and replays; the machine's by default.
    now: Option<Instant>,
    /// How long a cached control row may be behind another process, in milliseconds.
    control_lag_ms: Option<u32>,
    /// How long a change may wait to be decided, in milliseconds; 0 for as long as it takes. A change may name its own.
    deadline_ms: Option<u32>,
}

/// Where keys come from.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeyringFrom {
    /// A file made by `create_keyring`.
    File(PathBuf),
    /// The JSON of a keyring, as a provider hands it over.
    Json(String),
}

/// How durable an acknowledged change is.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum DurabilityName {
    /// Survives a loss of power.
    Full,
    /// Survives a crash of the process.
    Normal,
}

/// The machine's clock, or one that is moved by hand.
#[derive(Debug, Clone)]
enum EngineClock {
    System,
    ByHand(Arc<AtomicI64>),
}

impl Clock for EngineClock {
    fn now(&self) -> Instant {
        match self {
            Self::System => SystemClock.now(),
            // Only instants are ever put there.
            Self::ByHand(millis) => {
                Instant::from_millis("now", millis.load(Ordering::SeqCst)).unwrap_or(Instant::EPOCH)
            }
        }
    }

    fn steady_us(&self) -> u64 {
        SystemClock.steady_us()
    }

    fn process(&self) -> u32 {
        SystemClock.process()
    }
}

/// An open engine.
#[derive(Debug)]
pub struct Engine {
    engine: cardmint::Engine,
    clock: EngineClock,
    keyless: bool,
    /// As it was opened. Keys may stand in it.
    options: Options,
}

/// The JSON of the options, wiped when it is dropped and never shown.
struct Options(Zeroizing<Vec<u8>>);

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Opens an engine from the JSON of [`OpenOptions`].
///
/// # Errors
/// `invalid`, `keyring`, `store_failed` and other faults of the store.
pub fn open(options: &[u8]) -> Result<Engine, Failure> {
    watch();
    // A keyring may stand in the text: a refusal never repeats it.
    read_json::<OpenOptions>(options)?.open(Options(options.to_vec().into()))
}

fn invalid(message: &str) -> Failure {
    Failure::fault(Status::Invalid, message)
}

impl OpenOptions {
    fn open(self, options: Options) -> Result<Engine, Failure> {
        if self.path.is_empty() {
            return Err(invalid("`path` is missing: the SQLite file, or :memory:"));
        }
        let defaults = Settings::default();
        let settings = Settings {
            queue_max: self.queue_max.unwrap_or(defaults.queue_max),
            group_max: self.group_max.unwrap_or(defaults.group_max),
            control_lag_ms: self.control_lag_ms.unwrap_or(defaults.control_lag_ms),
            deadline_ms: self.deadline_ms.unwrap_or(defaults.deadline_ms),
            ..defaults
        };
        let clock = self.now.map_or(EngineClock::System, |now| EngineClock::ByHand(Arc::new(now.millis().into())));
        let formats = self.formats.clone().unwrap_or_default();
        let keyring = match &self.keyring {
            None => return self.keyless(clock, settings, options),
            Some(KeyringFrom::File(path)) => load_keyring(path).map_err(failure)?,
            Some(KeyringFrom::Json(json)) => Keyring::from_json(json).map_err(failure)?,
        };
        let entropy = system_entropy().map_err(failure)?;
        let engine = if self.path == ":memory:" {
            cardmint::Engine::with(MemoryStore::new(), keyring, clock.clone(), entropy, formats, settings)
        } else {
            let store = SqliteStore::open(Path::new(&self.path), self.sqlite()).map_err(store_failure)?;
            cardmint::Engine::with(store, keyring, clock.clone(), entropy, formats, settings)
        };
        Ok(Engine { engine, clock, keyless: false, options })
    }

    fn keyless(self, clock: EngineClock, settings: Settings, options: Options) -> Result<Engine, Failure> {
        if self.path == ":memory:" {
            return Err(invalid("a store in memory needs a `keyring`: without keys nothing could be put into it"));
        }
        let store = SqliteStore::open_read_only(Path::new(&self.path)).map_err(store_failure)?;
        let engine = cardmint::Engine::keyless(store, clock.clone(), settings);
        Ok(Engine { engine, clock, keyless: true, options })
    }

    fn sqlite(&self) -> SqliteOptions {
        let defaults = SqliteOptions::default();
        SqliteOptions {
            create: self.create.unwrap_or(defaults.create),
            durability: match self.durability {
                Some(DurabilityName::Full) => Durability::Full,
                Some(DurabilityName::Normal) => Durability::Normal,
                None => defaults.durability,
            },
            busy_timeout_ms: self.busy_timeout_ms.unwrap_or(defaults.busy_timeout_ms),
            ..defaults
        }
    }
}

fn store_failure(error: cardmint::store::StoreError) -> Failure {
    cardmint::Error::from(error).into()
}

impl Engine {
    /// A tenant in a world, `live` or `test`.
    ///
    /// # Errors
    /// `invalid` for a name that cannot be one.
    pub fn tenant(&self, name: &str, world: &str) -> Result<Tenant, Failure> {
        let world = match world {
            "live" => World::Live,
            "test" => World::Test,
            _ => return Err(cardmint::Invalid::new("world", world, "live or test").into()),
        };
        if !self.engine.is_home() {
            return Err(cardmint::Error::Forked.into());
        }
        Ok(self.engine.tenant(name, world)?)
    }

    /// Opens another engine from the same options: in a forked child, where this one answers `forked`, or once this one is
    /// closed. A keyring file is read again; a store in memory starts empty.
    ///
    /// # Errors
    /// As [`open`].
    pub fn reopen(&self) -> Result<Self, Failure> {
        open(&self.options.0)
    }

    /// Moves the clock of an engine that was opened with `now`: RFC 3339 in whole milliseconds.
    ///
    /// # Errors
    /// `invalid` for another text, or an engine that goes by the machine's clock.
    pub fn set_now(&self, now: &str) -> Result<(), Failure> {
        let EngineClock::ByHand(millis) = &self.clock else {
            return Err(invalid("the engine was not opened with `now`: it goes by the machine's clock"));
        };
        if !self.engine.is_home() {
            return Err(cardmint::Error::Forked.into());
        }
        millis.store(Instant::parse("now", now)?.millis(), Ordering::SeqCst);
        Ok(())
    }

    /// Whether it was opened without keys.
    pub fn is_keyless(&self) -> bool {
        self.keyless
    }

    /// Takes no more calls: the group under way becomes durable, what waits behind it is answered `closed`. Reads still work.
    ///
    /// # Errors
    /// `forked`: it is the parent's to close.
    pub fn close(&self) -> Result<(), Failure> {
        if !self.engine.is_home() {
            return Err(cardmint::Error::Forked.into());
        }
        self.engine.close();
        Ok(())
    }
}
