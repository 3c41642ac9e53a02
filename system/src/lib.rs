//! What cardmint's core may not ask for itself: the machine's clock, its entropy, and a keyring in a file.

mod keyring_file;

pub use keyring_file::{KeyringFileError, create_keyring, load_keyring, save_keyring};

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use cardmint::time::{Clock, Instant};
use cardmint::{ChaChaEntropy, Entropy};

/// The machine's clock, in whole milliseconds. Waiting is measured with the machine's steady clock, which nobody sets.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// When this process first asked for the steady time.
static FIRST: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        // A clock that is beyond the year 9999 is broken; it stands at the start of time.
        Instant::from_millis("clock", millis).unwrap_or(Instant::EPOCH)
    }

    fn steady_us(&self) -> u64 {
        u64::try_from(FIRST.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn process(&self) -> u32 {
        HERE.number()
    }
}

/// The process that first asked for its number, and what notices that this is a child of it: asking the system each time costs
/// a tenth of opening a code.
struct Here {
    number: u32,
    #[cfg(unix)]
    guard: Option<forkguard::atfork::Guard>,
}

static HERE: LazyLock<Here> = LazyLock::new(|| Here {
    number: std::process::id(),
    #[cfg(unix)]
    guard: forkguard::atfork::Guard::try_new().ok(),
});

impl Here {
    #[cfg(unix)]
    fn number(&self) -> u32 {
        match self.guard.clone().map(|mut guard| guard.detected_fork()) {
            Some(false) => self.number,
            Some(true) | None => std::process::id(),
        }
    }

    #[cfg(not(unix))]
    fn number(&self) -> u32 {
        self.number
    }
}

/// Bits from the operating system have run out, which no running system reports.
#[derive(Debug, thiserror::Error)]
#[error("operating system gives no random bits: {0}")]
pub struct EntropyError(String);

/// ChaCha20 seeded from the operating system: for versions of records and writer ids. A child of a fork asks the operating
/// system itself, each time: the bits of its parent do not repeat there, and the parent's lock is not touched.
#[derive(Debug)]
pub struct SystemEntropy {
    chacha: ChaChaEntropy,
    home: u32,
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if SystemClock.process() == self.home { self.chacha.fill(bytes) } else { OsEntropy.fill(bytes) }
    }
}

/// Fresh entropy from the operating system.
///
/// # Errors
/// When the operating system gives no random bits.
pub fn system_entropy() -> Result<SystemEntropy, EntropyError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| EntropyError(error.to_string()))?;
    Ok(SystemEntropy { chacha: ChaChaEntropy::from_seed(seed), home: SystemClock.process() })
}

/// The operating system's own generator, asked anew each time: for keys.
#[derive(Debug)]
struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // A key of zeros must never come to be, so a system without randomness ends here, before any key is used.
        getrandom::fill(bytes).unwrap_or_else(|error| panic!("operating system gives no random bits: {error}"));
    }
}
