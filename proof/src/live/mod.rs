//! Real threads, real processes, a real clock: the same requests as in the simulation, on a host's own settings.

pub mod burst;
mod counted;
pub mod crash;
pub mod endure;
mod held;
mod killed;
pub mod member;
#[cfg(target_os = "linux")]
pub mod power;
pub mod race;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cardmint::card::{Audience, Life};
use cardmint::code::{CodeBook, CodeFormat, Formats, Keyring, World};
use cardmint::limit::Limit;
use cardmint::store::{MemoryStore, Store, StoreError, TenantKey};
use cardmint::{ChaChaEntropy, Engine, Error, Meta, SaveCampaign, Settings, Tenant};
use cardmint_sqlite::{Durability, Options, SqliteStore};
use cardmint_system::{SystemClock, system_entropy};

use crate::args::Args;
use crate::request::{Asked, CallTerms, Reply, What};
use crate::ring::TENANT;
use crate::terms::Terms;

/// Why a run could not be made; not a broken guarantee.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// On what, and how, as a host would have it.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The database; in memory where there is none.
    pub file: Option<PathBuf>,
    /// Of the database.
    pub options: Options,
    /// Of the engine.
    pub settings: Settings,
}

/// The arguments that make a [`Setup`], each with a value.
pub const SETUP_VALUES: [&str; 7] = [
    "--file",
    "--durability",
    "--busy-timeout-ms",
    "--checkpoint-pages",
    "--queue-max",
    "--group-max",
    "--control-lag-ms",
];

impl Setup {
    /// Reads the arguments of [`SETUP_VALUES`].
    ///
    /// # Errors
    /// Words, for a value that cannot be read.
    pub fn read(args: &Args) -> Result<Self, String> {
        let (mut options, mut settings) = (Options::default(), Settings::default());
        options.durability = match args.text("--durability") {
            None | Some("full") => Durability::Full,
            Some("normal") => Durability::Normal,
            Some(other) => return Err(format!("--durability is full or normal, not `{other}`")),
        };
        options.busy_timeout_ms = args.number("--busy-timeout-ms")?.unwrap_or(options.busy_timeout_ms);
        options.checkpoint_pages = args.number("--checkpoint-pages")?.unwrap_or(options.checkpoint_pages);
        settings.queue_max = args.number("--queue-max")?.unwrap_or(settings.queue_max);
        settings.group_max = args.number("--group-max")?.unwrap_or(settings.group_max);
        settings.control_lag_ms = args.number("--control-lag-ms")?.unwrap_or(settings.control_lag_ms);
        Ok(Self { file: args.text("--file").map(PathBuf::from), options, settings })
    }

    /// The same on this database.
    #[must_use]
    pub fn on(&self, file: &Path) -> Self {
        Self { file: Some(file.to_owned()), ..self.clone() }
    }

    /// The arguments that make the same setup in another process.
    pub fn args(&self) -> Vec<String> {
        let Options { durability, busy_timeout_ms, checkpoint_pages, .. } = &self.options;
        let Settings { queue_max, group_max, control_lag_ms, .. } = self.settings;
        let durability = if *durability == Durability::Full { "full" } else { "normal" };
        let mut args = vec![
            format!("--durability={durability}"),
            format!("--busy-timeout-ms={busy_timeout_ms}"),
            format!("--checkpoint-pages={checkpoint_pages}"),
            format!("--queue-max={queue_max}"),
            format!("--group-max={group_max}"),
            format!("--control-lag-ms={control_lag_ms}"),
        ];
        args.extend(self.file.iter().map(|file| format!("--file={}", file.display())));
        args
    }

    /// Opens it.
    ///
    /// # Errors
    /// What the store or the system says.
    pub fn open(&self) -> Result<Live, Failure> {
        let store: Arc<dyn Store> = match &self.file {
            Some(file) => Arc::new(SqliteStore::open(file, self.options.clone())?),
            None => Arc::new(MemoryStore::new()),
        };
        // The same keys in every process, and no secret: what is made here is worth nothing.
        let keyring = || Keyring::generate(&ChaChaEntropy::from_seed([7; 32]));
        let formats = Formats::default();
        let book = CodeBook::new(&keyring(), TENANT, World::Live, &formats);
        let entropy = system_entropy()?;
        let engine = Engine::with(Arc::clone(&store), keyring(), SystemClock, entropy, formats, self.settings);
        let tenant = engine.tenant(TENANT, World::Live)?;
        Ok(Live { store, book, tenant, engine })
    }
}

/// An open shop.
pub struct Live {
    /// The store, for looks behind the engine.
    pub store: Arc<dyn Store>,
    /// What seals codes from what they say.
    pub book: CodeBook,
    /// The tenant.
    pub tenant: Tenant,
    /// The engine.
    pub engine: Engine,
}

/// The first key of the tenant's records.
pub fn tenant_key() -> TenantKey {
    TenantKey::new(TENANT, World::Live)
}

/// How long a request is asked again before its error counts.
const PATIENCE: Duration = Duration::from_secs(60);

impl Live {
    /// Asks until there is an answer: others in the way and lost outcomes are no answers, unless nothing else comes for a minute.
    ///
    /// # Errors
    /// Denials, and faults that asking again does not cure.
    pub fn ask(&self, asked: &Asked) -> Result<Reply, Error> {
        let began = Instant::now();
        loop {
            match asked.submit(&self.tenant, &self.book, CallTerms { deadline_ms: Some(0), retry: false }).wait() {
                Err(Error::Busy(_) | Error::Store(StoreError::Busy(_) | StoreError::OutcomeUnknown(_)))
                    if began.elapsed() < PATIENCE =>
                {
                    // A moment for whoever is in the way; how long it takes decides nothing.
                    std::thread::yield_now();
                }
                answer => return answer,
            }
        }
    }

    /// Saves a running campaign under these limits.
    ///
    /// # Errors
    /// What the engine says.
    pub fn campaign(&self, id: &str, limits: Vec<Limit>) -> Result<(), Failure> {
        let request = SaveCampaign {
            meta: Meta::key(format!("{id}-campaign")),
            id: id.to_owned(),
            title: id.to_owned(),
            life: Life::Running,
            start: None,
            end: None,
            goal: None,
            audience: Audience::Open,
            limits,
        };
        self.tenant.save_campaign(request).wait()?;
        Ok(())
    }

    /// Saves a template and issues a batch of it, both under the template's id, and a word where one is given.
    ///
    /// # Errors
    /// What the engine says.
    pub fn stock(&self, terms: Terms, size: u32, word: Option<&str>) -> Result<(), Failure> {
        self.stock_in(None, terms, size, word)
    }

    /// The same in a campaign.
    ///
    /// # Errors
    /// What the engine says.
    pub fn stock_in(
        &self,
        campaign: Option<String>,
        terms: Terms,
        size: u32,
        word: Option<&str>,
    ) -> Result<(), Failure> {
        let id = terms.id.clone();
        let format = if terms.value_minor.is_some() { CodeFormat::S20 } else { CodeFormat::S16 };
        let batch =
            What::IssueBatch { id: id.clone(), template: id.clone(), campaign, size, format, limits: Vec::new() };
        let word = word.map(|word| What::SaveWord { batch: id.clone(), word: word.to_owned() });
        let steps = [Some(What::SaveTemplate { terms }), Some(batch), word];
        for (place, what) in steps.into_iter().flatten().enumerate() {
            self.ask(&Asked { key: format!("{id}-{place}"), what })?;
        }
        Ok(())
    }
}
