//! The numbers of everything that a call can end in, the same in every language. A number is never given out twice: what is
//! retired stays here as a comment.

use crate::denial::Denial;

/// One row for each status: its number, its code and what it means.
macro_rules! statuses {
    ($($name:ident = $number:literal, $code:literal, $doc:literal;)*) => {
        /// How a call ended. Below 100 it went well, 100 to 199 it could not be begun, 200 to 899 the rules said no (a denial),
        /// from 900 on something is broken or not there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Status {
            $(#[doc = $doc] $name = $number,)*
        }

        impl Status {
            /// Every status, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code in words, stable.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// What it means, in one line for the reference.
            pub const fn doc(self) -> &'static str {
                match self {
                    $(Self::$name => $doc,)*
                }
            }
        }
    };
}

statuses! {
    Ok = 0, "ok", "it was done";
    Pending = 1, "pending", "not yet; ask again";
    End = 2, "end", "nothing is left";

    NullArgument = 101, "null_argument", "an argument that must not be NULL is";
    NotUtf8 = 102, "not_utf8", "a text is not UTF-8";
    Invalid = 103, "invalid", "the request cannot be meant; facts name the field, what was given and what is allowed";
    UnknownOperation = 104, "unknown_operation", "no operation of that name, or of that name and this kind";
    NoKeys = 105, "no_keys", "the handle was opened without keys and cannot do this";
    TooLarge = 106, "too_large", "the request has more than 8 MiB";

    NotFoundOrInvalid = 201, "not_found_or_invalid", "malformed, forged, foreign, retired or superseded code, or no such card";
    Unknown = 202, "unknown", "a named thing does not exist";
    Exists = 203, "exists", "the name is taken";
    KeyReused = 204, "key_reused", "the idempotency key belongs to another request";
    Void = 205, "void", "the card was killed for good";
    Frozen = 206, "frozen", "the card is stopped for now";
    WrongState = 207, "wrong_state", "the card stands where the command does not reach it";
    NotOwner = 208, "not_owner", "the card is somebody else's";
    HolderRequired = 209, "holder_required", "the template counts per holder, and the request names none";
    NotInAudience = 210, "not_in_audience", "the campaign is not meant for this subject";
    CampaignNotRunning = 211, "campaign_not_running", "the campaign is a draft, paused or archived";
    NotStarted = 212, "not_started", "too early";
    Expired = 213, "expired", "too late";
    LimitReached = 214, "limit_reached", "a ceiling";
    SoldOut = 215, "sold_out", "every card of the batch was given out";
    CurrencyMismatch = 216, "currency_mismatch", "the order is in another currency";
    ConditionFailed = 217, "condition_failed", "a condition does not hold; facts say what it needs, has and is short of";
    NoEffect = 218, "no_effect", "nothing would come off the order";
    OddsTooLow = 219, "odds_too_low", "too many cards for codes of this length";
    BatchNumbersUsedUp = 220, "batch_numbers_used_up", "codes of this length have no batch number left";
    BatchTooLarge = 221, "batch_too_large", "more cards than the format can count";
    IssueNumbersUsedUp = 222, "issue_numbers_used_up", "the card was given its last code";
    ExportClosed = 223, "export_closed", "the batch is closed for export";
    AlreadyRefunded = 224, "already_refunded", "the redemption was given back already";
    InsufficientBalance = 225, "insufficient_balance", "the card or account holds less than was asked of it, or nothing";
    RefundTooLarge = 226, "refund_too_large", "more is to be given back than is left of the redemption";
    WrongKind = 227, "wrong_kind", "the command is not for cards of this kind";
    Held = 230, "held", "what is left is held for other orders; facts say until when";
    HasOpenHold = 231, "has_open_hold", "an order holds the card; `force` kills its holds first";
    QuoteChanged = 232, "quote_changed", "what was quoted or held is not what the card gives now; facts say what that is";
    Stale = 233, "stale", "the card was released or refunded since, or the hold is over";
    AlreadyCaptured = 234, "already_captured", "the hold was captured already; facts name the redemption";
    TooManyHolds = 235, "too_many_holds", "as many holds are open as the template allows";
    CaptureTooLarge = 236, "capture_too_large", "more is to be captured than is held";
    ScopeRequired = 237, "scope_required", "a limit counts per store, channel or subject, and the request names none";
    // 250 to 269: kinds of cards, and what is done with cards.
    InsufficientUses = 250, "insufficient_uses", "the card has fewer uses left than were asked of it";
    NotBindable = 251, "not_bindable", "the template lets no card be bound to such a subject";
    NotBound = 252, "not_bound", "the card is bound to a subject that the request does not present";
    NotTransferable = 253, "not_transferable", "the template lets no card be handed on";
    NotExtendable = 254, "not_extendable", "the template lets no card be extended";
    ExtensionTooLong = 255, "extension_too_long", "later than the template lets a card be extended to";
    RefundToOriginalOnly = 256, "refund_to_original_only", "the card was handed on since, and its template gives back only to whoever redeemed";
    GivenCardTouched = 257, "given_card_touched", "a card that the redemption gave has been used or moved since";
    BatchNotActive = 258, "batch_not_active", "the batch gives no more cards out, or its cards do not move any more";
    WrongLife = 259, "wrong_life", "the batch or campaign stands where the command does not reach it";
    CursorAhead = 270, "cursor_ahead", "the journal ends before the cursor: the store was put back to an earlier state";
    PolicyViolation = 280, "policy_violation", "it would break a rule of the policy profile; facts name the rule, what is allowed and the law";
    NotBetweenHolders = 281, "not_between_holders", "holders cannot give each other this unit";
    NotExpired = 282, "not_expired", "only a card that has ended has a successor";

    // 285 to 289: several offers on one order.
    NotCombinable = 285, "not_combinable", "it does not go together with another offer of the order";
    PriceHeld = 286, "price_held", "nothing may come off the lines that it is about, or they are at their floor";

    // 300 to 309: orders with several cards.
    CardDenied = 300, "card_denied", "a card of the order does not apply; facts name its place, its code of denial and the facts of that";

    // 306 to 312: refunds of an order's lines.
    OrderChanged = 306, "order_changed", "the order is not the one that its cards were used on; facts say what of it";
    OrderNotKept = 307, "order_not_kept", "a redemption was made by a build that kept no mark of its order: it is refunded by itself";
    TooManyBack = 308, "too_many_back", "more pieces of a line are to come back than are left";
    AllBack = 309, "all_back", "everything of the order is back already";

    Busy = 901, "busy", "too many calls wait, or others kept changing what this one needs; ask again";
    StoreBusy = 902, "store_busy", "another process holds the database for too long; ask again";
    StoreFailed = 903, "store_failed", "the database cannot be reached, read or written; nothing was written";
    OutcomeUnknown = 904, "outcome_unknown", "it may have happened or not; the same request under the same key tells";
    StoreDamaged = 905, "store_damaged", "what was read is not what was written";
    ReadOnly = 906, "read_only", "the store is open for reading only";
    Closed = 907, "closed", "the engine was closed, or the call withdrawn, before it was decided";
    Internal = 908, "internal", "a bug of cardmint; nothing of this request was written";
    Panic = 909, "panic", "a bug of cardmint that was contained; the idempotency key tells what happened";
    Keyring = 910, "keyring", "the keyring cannot be read, is none, or the file is there already";
    DeadlinePassed = 911, "deadline_passed", "the call waited for longer than it may; nothing was written; ask again";
    Forked = 912, "forked", "the handle belongs to the parent of this process, which was forked; open it again here";
}

impl Status {
    /// The number.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Whether this is a denial: a lawful *no*.
    pub const fn is_denial(self) -> bool {
        matches!(self.number(), 200..=899)
    }

    /// Whether the same request under the same key may go better later, with nobody changing anything.
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::Busy | Self::StoreBusy | Self::StoreFailed | Self::OutcomeUnknown | Self::DeadlinePassed)
    }
}

impl Denial {
    /// The number and code of this denial.
    pub const fn status(&self) -> Status {
        match self {
            Self::NotFoundOrInvalid => Status::NotFoundOrInvalid,
            Self::Unknown { .. } => Status::Unknown,
            Self::Exists { .. } => Status::Exists,
            Self::KeyReused => Status::KeyReused,
            Self::Void => Status::Void,
            Self::Frozen { .. } => Status::Frozen,
            Self::WrongState { .. } => Status::WrongState,
            Self::NotOwner => Status::NotOwner,
            Self::HolderRequired => Status::HolderRequired,
            Self::NotInAudience { .. } => Status::NotInAudience,
            Self::CampaignNotRunning { .. } => Status::CampaignNotRunning,
            Self::NotStarted { .. } => Status::NotStarted,
            Self::Expired { .. } => Status::Expired,
            Self::LimitReached { .. } => Status::LimitReached,
            Self::SoldOut { .. } => Status::SoldOut,
            Self::CurrencyMismatch { .. } => Status::CurrencyMismatch,
            Self::ConditionFailed { .. } => Status::ConditionFailed,
            Self::NoEffect => Status::NoEffect,
            Self::OddsTooLow(_) => Status::OddsTooLow,
            Self::BatchNumbersUsedUp { .. } => Status::BatchNumbersUsedUp,
            Self::BatchTooLarge { .. } => Status::BatchTooLarge,
            Self::IssueNumbersUsedUp { .. } => Status::IssueNumbersUsedUp,
            Self::ExportClosed { .. } => Status::ExportClosed,
            Self::AlreadyRefunded { .. } => Status::AlreadyRefunded,
            Self::InsufficientBalance { .. } => Status::InsufficientBalance,
            Self::RefundTooLarge { .. } => Status::RefundTooLarge,
            Self::WrongKind { .. } => Status::WrongKind,
            Self::InsufficientUses { .. } => Status::InsufficientUses,
            Self::NotBindable { .. } => Status::NotBindable,
            Self::NotBound { .. } => Status::NotBound,
            Self::NotTransferable => Status::NotTransferable,
            Self::NotExtendable => Status::NotExtendable,
            Self::ExtensionTooLong { .. } => Status::ExtensionTooLong,
            Self::RefundToOriginalOnly => Status::RefundToOriginalOnly,
            Self::GivenCardTouched { .. } => Status::GivenCardTouched,
            Self::BatchNotActive { .. } => Status::BatchNotActive,
            Self::WrongLife { .. } => Status::WrongLife,
            Self::Held { .. } => Status::Held,
            Self::HasOpenHold { .. } => Status::HasOpenHold,
            Self::QuoteChanged { .. } => Status::QuoteChanged,
            Self::Stale => Status::Stale,
            Self::LimitUsedUp(_) => Status::LimitReached,
            Self::LimitHeld(_) => Status::Held,
            Self::ScopeRequired { .. } => Status::ScopeRequired,
            Self::AlreadyCaptured { .. } => Status::AlreadyCaptured,
            Self::TooManyHolds { .. } => Status::TooManyHolds,
            Self::CaptureTooLarge { .. } => Status::CaptureTooLarge,
            Self::CursorAhead => Status::CursorAhead,
            Self::NotBetweenHolders { .. } => Status::NotBetweenHolders,
            Self::PolicyViolation { .. } => Status::PolicyViolation,
            Self::NotExpired { .. } => Status::NotExpired,
            Self::NotCombinable { .. } => Status::NotCombinable,
            Self::PriceHeld { .. } => Status::PriceHeld,
            Self::CardDenied { .. } => Status::CardDenied,
            Self::OrderChanged { .. } => Status::OrderChanged,
            Self::OrderNotKept { .. } => Status::OrderNotKept,
            Self::TooManyBack { .. } => Status::TooManyBack,
            Self::AllBack { .. } => Status::AllBack,
        }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        self.status().code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_codes_are_given_out_once() {
        assert!(Status::ALL.windows(2).all(|pair| pair[0] < pair[1]), "by number, none twice");
        let codes: std::collections::BTreeSet<_> = Status::ALL.iter().map(|status| status.code()).collect();
        assert_eq!(codes.len(), Status::ALL.len());
    }
}
