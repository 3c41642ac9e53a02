//! What goes wrong in a world, by name.

/// One kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The process ends before its commit.
    CrashBeforeCommit,
    /// The process ends after its commit, before anybody heard.
    CrashAfterCommit,
    /// The process ends while it reads.
    CrashReading,
    /// Committed, and the caller of the store hears that the outcome is unknown.
    LostReply,
    /// Not committed, and the caller of the store hears that the outcome is unknown.
    LostCommit,
    /// Outcome unknown, and committed later, when others went on.
    LateCommit,
    /// The store waits too long for others to commit.
    BusyCommit,
    /// The same while reading.
    BusyRead,
    /// Nothing can be written.
    DiskFull,
    /// Nothing can be read.
    ReadFailed,
    /// A list of proposals cannot be read.
    ScanFailed,
    /// A commit falls out as a whole, as in a database that breaks a dead-lock.
    Conflict,
    /// Many commits in a row do.
    ConflictStorm,
    /// The store panics before it writes.
    PanicBefore,
    /// The store panics after it wrote.
    PanicAfter,
    /// An engine's clock goes back.
    ClockBack,
    /// An engine's clock leaps ahead.
    ClockAhead,
    /// Time goes to an end of some card or campaign exactly, or to 1 ms beside it.
    ClockToEdge,
    /// An engine is shut and opened anew.
    Restart,
    /// The same, with another set of keys.
    RestartRotated,
    /// The same request on another engine while the first is in flight.
    SameElsewhere,
    /// A request that was answered is asked again.
    AskedAgain,
    /// Another request under a key that was used.
    KeyReused,
    /// A caller goes away before its call is decided.
    Withdrawn,
    /// A caller goes away while its call is being committed.
    WithdrawnInFlight,
    /// A call that may hardly wait.
    ShortDeadline,
    /// Something else happens between a decision and its commit, or between two reads.
    Meddling,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::CrashBeforeCommit,
        Self::CrashAfterCommit,
        Self::CrashReading,
        Self::LostReply,
        Self::LostCommit,
        Self::LateCommit,
        Self::BusyCommit,
        Self::BusyRead,
        Self::DiskFull,
        Self::ReadFailed,
        Self::ScanFailed,
        Self::Conflict,
        Self::ConflictStorm,
        Self::PanicBefore,
        Self::PanicAfter,
        Self::ClockBack,
        Self::ClockAhead,
        Self::ClockToEdge,
        Self::Restart,
        Self::RestartRotated,
        Self::SameElsewhere,
        Self::AskedAgain,
        Self::KeyReused,
        Self::Withdrawn,
        Self::WithdrawnInFlight,
        Self::ShortDeadline,
        Self::Meddling,
    ];

    /// Its name in reports and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CrashBeforeCommit => "crash_before_commit",
            Self::CrashAfterCommit => "crash_after_commit",
            Self::CrashReading => "crash_reading",
            Self::LostReply => "lost_reply",
            Self::LostCommit => "lost_commit",
            Self::LateCommit => "late_commit",
            Self::BusyCommit => "busy_commit",
            Self::BusyRead => "busy_read",
            Self::DiskFull => "disk_full",
            Self::ReadFailed => "read_failed",
            Self::ScanFailed => "scan_failed",
            Self::Conflict => "conflict",
            Self::ConflictStorm => "conflict_storm",
            Self::PanicBefore => "panic_before",
            Self::PanicAfter => "panic_after",
            Self::ClockBack => "clock_back",
            Self::ClockAhead => "clock_ahead",
            Self::ClockToEdge => "clock_to_edge",
            Self::Restart => "restart",
            Self::RestartRotated => "restart_rotated",
            Self::SameElsewhere => "same_elsewhere",
            Self::AskedAgain => "asked_again",
            Self::KeyReused => "key_reused",
            Self::Withdrawn => "withdrawn",
            Self::WithdrawnInFlight => "withdrawn_in_flight",
            Self::ShortDeadline => "short_deadline",
            Self::Meddling => "meddling",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultSet(u32);

impl FaultSet {
    /// All kinds.
    pub const ALL: Self = Self(u32::MAX);
    /// None.
    pub const NONE: Self = Self(0);

    /// Whether the kind is in it.
    pub const fn has(self, fault: Fault) -> bool {
        self.0 & fault.bit() != 0
    }

    /// Without this kind.
    #[must_use]
    pub const fn without(self, fault: Fault) -> Self {
        Self(self.0 & !fault.bit())
    }

    /// Those that are in both.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The set of these bits, in the order of [`Fault::ALL`].
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}
