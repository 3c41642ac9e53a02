//! How a store is opened.

/// When a commit counts as durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Every commit is flushed to the disk before it is acknowledged (`synchronous = FULL`): it survives a loss of power.
    #[default]
    Full,
    /// Commits are flushed at checkpoints only (`synchronous = NORMAL`): all survive the end of the process, the last ones may be
    /// lost with the power. The file stays whole either way.
    Normal,
}

/// Settings of a store. They belong to the handle, not to the file: two processes may differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What an acknowledged commit survives.
    pub durability: Durability,
    /// How long a call waits for others before it answers `Busy`, in milliseconds.
    pub busy_timeout_ms: u32,
    /// Most connections that read at the same time, 1 or more. A call beyond that waits.
    pub readers: usize,
    /// Page cache of each connection, in KiB.
    pub cache_kib: u32,
    /// A commit that leaves this many pages (of 4 KiB) in the write-ahead log moves them into the database.
    pub checkpoint_pages: u32,
    /// Whether a missing or empty file becomes a new store. Without it such a path is refused.
    pub create: bool,
}

impl Options {
    pub(crate) fn busy_timeout(&self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::from(self.busy_timeout_ms))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            busy_timeout_ms: 5_000,
            readers: 4,
            cache_kib: 8_192,
            checkpoint_pages: 4_000,
            create: true,
        }
    }
}
