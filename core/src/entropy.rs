//! Where fresh bits come from: ChaCha20, seeded by the host or by a test, never by this crate.

use std::sync::Mutex;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// A source of unpredictable bits. The host seeds it from the operating system, a test from a number.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with fresh bits.
    fn fill(&self, bytes: &mut [u8]);

    /// 64 fresh bits.
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// ChaCha20 behind a lock. The same seed gives the same bytes on every machine.
pub struct ChaChaEntropy(Mutex<ChaCha20Rng>);

impl ChaChaEntropy {
    /// Starts from 32 bytes that nobody can guess (from the operating system), or from a test's own.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Mutex::new(ChaCha20Rng::from_seed(seed)))
    }
}

impl Entropy for ChaChaEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // A thread that panicked while holding the lock left a generator that is still good.
        let mut rng = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        rng.fill_bytes(bytes);
    }
}

impl std::fmt::Debug for ChaChaEntropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChaChaEntropy(…)")
    }
}
