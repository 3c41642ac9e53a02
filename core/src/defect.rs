//! Seeded defects: mistakes that somebody could make in this engine, each in one place, for the simulation to catch.
//!
//! Without the feature `defects` none of them can be chosen, and [`is`] is a constant that the compiler removes. With it, a build
//! without debug assertions (a release) is refused.

#[cfg(all(feature = "defects", not(debug_assertions)))]
compile_error!("the feature `defects` breaks the engine on purpose: it needs a profile with debug assertions");

macro_rules! defects {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal;)*) => {
        /// A mistake that can be seeded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Defect {
            $($(#[doc = $doc])+ $name,)*
        }

        #[cfg(feature = "defects")]
        impl Defect {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name on the command line.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What the mistake is.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+),)*
                }
            }
        }
    };
}

defects! {
    /// A write goes through whatever version the row has by now.
    VersionNotChecked = "version_not_checked";
    /// The first touch of a card goes through though somebody else touched it.
    AbsenceNotChecked = "absence_not_checked";
    /// The bounds of a move are not looked at where it is made.
    CeilingNotChecked = "ceiling_not_checked";
    /// What a change rests on and does not write may be another by the time it is committed.
    GuardNotCompared = "guard_not_compared";
    /// What rests on a member that fell out of its group stays.
    DependantsKept = "dependants_kept";
    /// Callers hear before the commit came back, whatever comes of it.
    ReplyBeforeCommit = "reply_before_commit";
    /// A no that rests on others of its group does not wait for them.
    DenialSentEarly = "denial_sent_early";
    /// A no rests on rows that were read at different moments.
    DenialFromTwoMoments = "denial_from_two_moments";
    /// What is done and the key under which it was done are two transactions.
    KeyOutsideTransaction = "key_outside_transaction";
    /// A key answers for any request.
    DigestNotCompared = "digest_not_compared";
    /// After an unknown outcome the request runs again without a look at its key.
    UnknownRunBlindly = "unknown_run_blindly";
    /// After an unknown outcome a later error is told as if nothing could have been written.
    UnknownForgotten = "unknown_forgotten";
    /// After an unknown outcome a no is told without a fence that keeps the change from coming still.
    FenceNotWritten = "fence_not_written";
    /// A fence is written, under a key that the change does not need.
    FenceBeside = "fence_beside";
    /// A request that says that it was sent before is taken as a new one.
    RetryForgotten = "retry_forgotten";
    /// A refund forgets what counted the use.
    RefundForgetsCounter = "refund_forgets_counter";
    /// A redemption can be given back twice.
    GivenBackTwice = "given_back_twice";
    /// The head of a card's chain stays where it was.
    ChainHeadNotMoved = "chain_head_not_moved";
    /// Events are written where the ones before them stand.
    EventPlaceReused = "event_place_reused";
    /// Cached control rows are good for ever.
    ControlRowsForEver = "control_rows_for_ever";
    /// Cached control rows grow old by the wall clock.
    ControlRowsByWallClock = "control_rows_by_wall_clock";
    /// A card's time goes back with the clock.
    TimeGoesBack = "time_goes_back";
    /// The last moment counts as inside.
    EndIncluded = "end_included";
    /// Codes of another key of the ring pass.
    KeySlotNotCompared = "key_slot_not_compared";
    /// Codes of another format pass.
    FormatNotCompared = "format_not_compared";
    /// Codes that were replaced pass.
    IssueNumberNotCompared = "issue_number_not_compared";
    /// A repeated request shows its code though that is dead.
    DeadCodeShown = "dead_code_shown";
    /// A release, and a capture that counts open holds, forget what counted them elsewhere.
    ReleaseForgetsCounter = "release_forgets_counter";
    /// A capture asks its hold and the clock whether it is in time, not the counters.
    CaptureByOwnClock = "capture_by_own_clock";
    /// What a capture does not use stays counted.
    CaptureKeepsRest = "capture_keeps_rest";
    /// A capture takes what was held, whatever is captured of it.
    SettleByQuote = "settle_by_quote";
    /// A quote of before a release or refund is as good as any.
    OldEpochAccepted = "old_epoch_accepted";
    /// A hold that was released can be released again.
    ReleasedTwice = "released_twice";
    /// A hold stands or falls by the clock alone, which may step back.
    ClockRevivesHold = "clock_revives_hold";
    /// The feed gives a card's event before the one that it follows.
    FeedOutOfOrder = "feed_out_of_order";
    /// The feed's cursor goes to the end of the journal instead of to what was read of it.
    FeedSkipsLateWriter = "feed_skips_late_writer";
    /// What is booked as breakage is not noted in the card, and is booked again.
    BreakageCountedTwice = "breakage_counted_twice";
    /// Cached rows of batches are good for ever, so a frozen one is served.
    BatchRowsForEver = "batch_rows_for_ever";
    /// The code of a card that was handed on stays.
    CodeLivesAfterTransfer = "code_lives_after_transfer";
    /// A bound card is redeemed wherever it is presented.
    BoundNotCompared = "bound_not_compared";
    /// Parts of a refund are compared with the whole, not with what is left of it.
    RefundBoundPerCall = "refund_bound_per_call";
    /// A refund gives a check-in back to the period of the refund.
    RefundIntoWrongWindow = "refund_into_wrong_window";
    /// A limit that caps gives what orders hold as if it were left.
    CapSeesNoHolds = "cap_sees_no_holds";
    /// What a subject used before it was linked is not counted with its person.
    PersonCountsApart = "person_counts_apart";
    /// A refund of a use that counts on a person goes back to who came with it.
    RefundToSubject = "refund_to_subject";
    /// The limits of a batch are not looked at.
    BatchLimitsForgotten = "batch_limits_forgotten";
    /// A card that a hold takes with a public code counts against nobody's claims.
    ClaimOfHoldNotCounted = "claim_of_hold_not_counted";
    /// What was used in a rolling window and is given back stays counted until it leaves by itself.
    RollingKeepsRefunded = "rolling_keeps_refunded";
    /// The last of the cards that a redemption gives is told and not written.
    GivenInPart = "given_in_part";
    /// A refund takes cards back that have moved since they were given.
    TouchedGiftTakenBack = "touched_gift_taken_back";
    /// A card that has a successor keeps what went onto it.
    SucceededAndKept = "succeeded_and_kept";
    /// Value that is moved leaves its account and arrives nowhere.
    MovedToNobody = "moved_to_nobody";
    /// Of several cards of an order the last is told and not written.
    OrderInPart = "order_in_part";
    /// Each card of an order is decided on what was there before the order.
    OrderSeesNotItself = "order_sees_not_itself";
    /// What an order rests on is compared as its own moves leave it.
    OrderGuardsItself = "order_guards_itself";
    /// A card that was refused when it was written is charged for all the same.
    RefusedCardCharged = "refused_card_charged";
    /// What comes off an order by itself counts against nobody's uses.
    PromotionNotCounted = "promotion_not_counted";
    /// A promotion that is paused comes off orders still.
    PausedPromotionRuns = "paused_promotion_runs";
    /// Each card of an order is priced on the order as it came.
    OrderPricesWhole = "order_prices_whole";
    /// What a capture of several holds does not use of a gift card stays held.
    OrderCaptureKeeps = "order_capture_keeps";
    /// Where one of several holds is over for good, the others stay held.
    OthersStayHeld = "others_stay_held";
    /// Holds of an order are given back but for the first.
    OrderReleasedInPart = "order_released_in_part";
    /// An erasure forgets the rows of holds.
    ErasedInPart = "erased_in_part";
    /// Accounts of somebody who is erased begin anew.
    ErasedWithBalance = "erased_with_balance";
    /// Everybody hears `busy`.
    BusyToAll = "busy_to_all";
}

#[cfg(feature = "defects")]
mod chosen {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Defect;

    /// One for the whole process: a world that is broken is broken for everybody in it.
    static CHOSEN: AtomicUsize = AtomicUsize::new(usize::MAX);

    /// Seeds this one from now on, or none.
    pub fn choose(defect: Option<Defect>) {
        CHOSEN.store(defect.map_or(usize::MAX, |defect| defect as usize), Ordering::SeqCst);
    }

    pub(crate) fn is(defect: Defect) -> bool {
        CHOSEN.load(Ordering::Relaxed) == defect as usize
    }
}

#[cfg(feature = "defects")]
pub use chosen::choose;
#[cfg(feature = "defects")]
pub(crate) use chosen::is;

#[cfg(not(feature = "defects"))]
pub(crate) const fn is(_: Defect) -> bool {
    false
}
