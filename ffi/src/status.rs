//! Written by `cargo xtask gen` from `core/src/status.rs`; do not edit.

use std::ffi::CStr;

/// How a call ended. Below 100 it went well, 100 to 199 it could not be begun, 200 to 899 the rules said no (a denial: nothing
/// was written), from 900 on something is broken or not there. Numbers are never given out twice; expect new ones.
#[repr(i32)]
#[derive(Clone, Copy)]
pub enum cardmint_status {
    /// `ok`: it was done.
    Ok = 0,
    /// `pending`: not yet; ask again.
    Pending = 1,
    /// `end`: nothing is left.
    End = 2,
    /// `null_argument`: an argument that must not be NULL is.
    NullArgument = 101,
    /// `not_utf8`: a text is not UTF-8.
    NotUtf8 = 102,
    /// `invalid`: the request cannot be meant; facts name the field, what was given and what is allowed.
    Invalid = 103,
    /// `unknown_operation`: no operation of that name, or of that name and this kind.
    UnknownOperation = 104,
    /// `no_keys`: the handle was opened without keys and cannot do this.
    NoKeys = 105,
    /// `too_large`: the request has more than 8 MiB.
    TooLarge = 106,
    /// `not_found_or_invalid`: malformed, forged, foreign, retired or superseded code, or no such card.
    NotFoundOrInvalid = 201,
    /// `unknown`: a named thing does not exist.
    Unknown = 202,
    /// `exists`: the name is taken.
    Exists = 203,
    /// `key_reused`: the idempotency key belongs to another request.
    KeyReused = 204,
    /// `void`: the card was killed for good.
    Void = 205,
    /// `frozen`: the card is stopped for now.
    Frozen = 206,
    /// `wrong_state`: the card stands where the command does not reach it.
    WrongState = 207,
    /// `not_owner`: the card is somebody else's.
    NotOwner = 208,
    /// `holder_required`: the template counts per holder, and the request names none.
    HolderRequired = 209,
    /// `not_in_audience`: the campaign is not meant for this subject.
    NotInAudience = 210,
    /// `campaign_not_running`: the campaign is a draft, paused or archived.
    CampaignNotRunning = 211,
    /// `not_started`: too early.
    NotStarted = 212,
    /// `expired`: too late.
    Expired = 213,
    /// `limit_reached`: a ceiling.
    LimitReached = 214,
    /// `sold_out`: every card of the batch was given out.
    SoldOut = 215,
    /// `currency_mismatch`: the order is in another currency.
    CurrencyMismatch = 216,
    /// `condition_failed`: a condition does not hold; facts say what it needs, has and is short of.
    ConditionFailed = 217,
    /// `no_effect`: nothing would come off the order.
    NoEffect = 218,
    /// `odds_too_low`: too many cards for codes of this length.
    OddsTooLow = 219,
    /// `batch_numbers_used_up`: codes of this length have no batch number left.
    BatchNumbersUsedUp = 220,
    /// `batch_too_large`: more cards than the format can count.
    BatchTooLarge = 221,
    /// `issue_numbers_used_up`: the card was given its last code.
    IssueNumbersUsedUp = 222,
    /// `export_closed`: the batch is closed for export.
    ExportClosed = 223,
    /// `already_refunded`: the redemption was given back already.
    AlreadyRefunded = 224,
    /// `insufficient_balance`: the card or account holds less than was asked of it, or nothing.
    InsufficientBalance = 225,
    /// `refund_too_large`: more is to be given back than is left of the redemption.
    RefundTooLarge = 226,
    /// `wrong_kind`: the command is not for cards of this kind.
    WrongKind = 227,
    /// `held`: what is left is held for other orders; facts say until when.
    Held = 230,
    /// `has_open_hold`: an order holds the card; `force` kills its holds first.
    HasOpenHold = 231,
    /// `quote_changed`: what was quoted or held is not what the card gives now; facts say what that is.
    QuoteChanged = 232,
    /// `stale`: the card was released or refunded since, or the hold is over.
    Stale = 233,
    /// `already_captured`: the hold was captured already; facts name the redemption.
    AlreadyCaptured = 234,
    /// `too_many_holds`: as many holds are open as the template allows.
    TooManyHolds = 235,
    /// `capture_too_large`: more is to be captured than is held.
    CaptureTooLarge = 236,
    /// `scope_required`: a limit counts per store, channel or subject, and the request names none.
    ScopeRequired = 237,
    /// `insufficient_uses`: the card has fewer uses left than were asked of it.
    InsufficientUses = 250,
    /// `not_bindable`: the template lets no card be bound to such a subject.
    NotBindable = 251,
    /// `not_bound`: the card is bound to a subject that the request does not present.
    NotBound = 252,
    /// `not_transferable`: the template lets no card be handed on.
    NotTransferable = 253,
    /// `not_extendable`: the template lets no card be extended.
    NotExtendable = 254,
    /// `extension_too_long`: later than the template lets a card be extended to.
    ExtensionTooLong = 255,
    /// `refund_to_original_only`: the card was handed on since, and its template gives back only to whoever redeemed.
    RefundToOriginalOnly = 256,
    /// `given_card_touched`: a card that the redemption gave has been used or moved since.
    GivenCardTouched = 257,
    /// `batch_not_active`: the batch gives no more cards out, or its cards do not move any more.
    BatchNotActive = 258,
    /// `wrong_life`: the batch or campaign stands where the command does not reach it.
    WrongLife = 259,
    /// `cursor_ahead`: the journal ends before the cursor: the store was put back to an earlier state.
    CursorAhead = 270,
    /// `policy_violation`: it would break a rule of the policy profile; facts name the rule, what is allowed and the law.
    PolicyViolation = 280,
    /// `not_between_holders`: holders cannot give each other this unit.
    NotBetweenHolders = 281,
    /// `not_expired`: only a card that has ended has a successor.
    NotExpired = 282,
    /// `not_combinable`: it does not go together with another offer of the order.
    NotCombinable = 285,
    /// `price_held`: nothing may come off the lines that it is about, or they are at their floor.
    PriceHeld = 286,
    /// `card_denied`: a card of the order does not apply; facts name its place, its code of denial and the facts of that.
    CardDenied = 300,
    /// `order_changed`: the order is not the one that its cards were used on; facts say what of it.
    OrderChanged = 306,
    /// `order_not_kept`: a redemption was made by a build that kept no mark of its order: it is refunded by itself.
    OrderNotKept = 307,
    /// `too_many_back`: more pieces of a line are to come back than are left.
    TooManyBack = 308,
    /// `all_back`: everything of the order is back already.
    AllBack = 309,
    /// `busy`: too many calls wait, or others kept changing what this one needs; ask again. May go better later.
    Busy = 901,
    /// `store_busy`: another process holds the database for too long; ask again. May go better later.
    StoreBusy = 902,
    /// `store_failed`: the database cannot be reached, read or written; nothing was written. May go better later.
    StoreFailed = 903,
    /// `outcome_unknown`: it may have happened or not; the same request under the same key tells. May go better later.
    OutcomeUnknown = 904,
    /// `store_damaged`: what was read is not what was written.
    StoreDamaged = 905,
    /// `read_only`: the store is open for reading only.
    ReadOnly = 906,
    /// `closed`: the engine was closed, or the call withdrawn, before it was decided.
    Closed = 907,
    /// `internal`: a bug of cardmint; nothing of this request was written.
    Internal = 908,
    /// `panic`: a bug of cardmint that was contained; the idempotency key tells what happened.
    Panic = 909,
    /// `keyring`: the keyring cannot be read, is none, or the file is there already.
    Keyring = 910,
    /// `deadline_passed`: the call waited for longer than it may; nothing was written; ask again. May go better later.
    DeadlinePassed = 911,
    /// `forked`: the handle belongs to the parent of this process, which was forked; open it again here.
    Forked = 912,
}

impl cardmint_status {
    /// The status of that number.
    pub(crate) fn of(number: u16) -> Self {
        match number {
            0 => Self::Ok,
            1 => Self::Pending,
            2 => Self::End,
            101 => Self::NullArgument,
            102 => Self::NotUtf8,
            103 => Self::Invalid,
            104 => Self::UnknownOperation,
            105 => Self::NoKeys,
            106 => Self::TooLarge,
            201 => Self::NotFoundOrInvalid,
            202 => Self::Unknown,
            203 => Self::Exists,
            204 => Self::KeyReused,
            205 => Self::Void,
            206 => Self::Frozen,
            207 => Self::WrongState,
            208 => Self::NotOwner,
            209 => Self::HolderRequired,
            210 => Self::NotInAudience,
            211 => Self::CampaignNotRunning,
            212 => Self::NotStarted,
            213 => Self::Expired,
            214 => Self::LimitReached,
            215 => Self::SoldOut,
            216 => Self::CurrencyMismatch,
            217 => Self::ConditionFailed,
            218 => Self::NoEffect,
            219 => Self::OddsTooLow,
            220 => Self::BatchNumbersUsedUp,
            221 => Self::BatchTooLarge,
            222 => Self::IssueNumbersUsedUp,
            223 => Self::ExportClosed,
            224 => Self::AlreadyRefunded,
            225 => Self::InsufficientBalance,
            226 => Self::RefundTooLarge,
            227 => Self::WrongKind,
            230 => Self::Held,
            231 => Self::HasOpenHold,
            232 => Self::QuoteChanged,
            233 => Self::Stale,
            234 => Self::AlreadyCaptured,
            235 => Self::TooManyHolds,
            236 => Self::CaptureTooLarge,
            237 => Self::ScopeRequired,
            250 => Self::InsufficientUses,
            251 => Self::NotBindable,
            252 => Self::NotBound,
            253 => Self::NotTransferable,
            254 => Self::NotExtendable,
            255 => Self::ExtensionTooLong,
            256 => Self::RefundToOriginalOnly,
            257 => Self::GivenCardTouched,
            258 => Self::BatchNotActive,
            259 => Self::WrongLife,
            270 => Self::CursorAhead,
            280 => Self::PolicyViolation,
            281 => Self::NotBetweenHolders,
            282 => Self::NotExpired,
            285 => Self::NotCombinable,
            286 => Self::PriceHeld,
            300 => Self::CardDenied,
            306 => Self::OrderChanged,
            307 => Self::OrderNotKept,
            308 => Self::TooManyBack,
            309 => Self::AllBack,
            901 => Self::Busy,
            902 => Self::StoreBusy,
            903 => Self::StoreFailed,
            904 => Self::OutcomeUnknown,
            905 => Self::StoreDamaged,
            906 => Self::ReadOnly,
            907 => Self::Closed,
            908 => Self::Internal,
            909 => Self::Panic,
            910 => Self::Keyring,
            911 => Self::DeadlinePassed,
            912 => Self::Forked,
            _ => Self::Internal,
        }
    }
}

/// The code of the status of that number.
pub(crate) fn code_of(number: i32) -> &'static CStr {
    match number {
        0 => c"ok",
        1 => c"pending",
        2 => c"end",
        101 => c"null_argument",
        102 => c"not_utf8",
        103 => c"invalid",
        104 => c"unknown_operation",
        105 => c"no_keys",
        106 => c"too_large",
        201 => c"not_found_or_invalid",
        202 => c"unknown",
        203 => c"exists",
        204 => c"key_reused",
        205 => c"void",
        206 => c"frozen",
        207 => c"wrong_state",
        208 => c"not_owner",
        209 => c"holder_required",
        210 => c"not_in_audience",
        211 => c"campaign_not_running",
        212 => c"not_started",
        213 => c"expired",
        214 => c"limit_reached",
        215 => c"sold_out",
        216 => c"currency_mismatch",
        217 => c"condition_failed",
        218 => c"no_effect",
        219 => c"odds_too_low",
        220 => c"batch_numbers_used_up",
        221 => c"batch_too_large",
        222 => c"issue_numbers_used_up",
        223 => c"export_closed",
        224 => c"already_refunded",
        225 => c"insufficient_balance",
        226 => c"refund_too_large",
        227 => c"wrong_kind",
        230 => c"held",
        231 => c"has_open_hold",
        232 => c"quote_changed",
        233 => c"stale",
        234 => c"already_captured",
        235 => c"too_many_holds",
        236 => c"capture_too_large",
        237 => c"scope_required",
        250 => c"insufficient_uses",
        251 => c"not_bindable",
        252 => c"not_bound",
        253 => c"not_transferable",
        254 => c"not_extendable",
        255 => c"extension_too_long",
        256 => c"refund_to_original_only",
        257 => c"given_card_touched",
        258 => c"batch_not_active",
        259 => c"wrong_life",
        270 => c"cursor_ahead",
        280 => c"policy_violation",
        281 => c"not_between_holders",
        282 => c"not_expired",
        285 => c"not_combinable",
        286 => c"price_held",
        300 => c"card_denied",
        306 => c"order_changed",
        307 => c"order_not_kept",
        308 => c"too_many_back",
        309 => c"all_back",
        901 => c"busy",
        902 => c"store_busy",
        903 => c"store_failed",
        904 => c"outcome_unknown",
        905 => c"store_damaged",
        906 => c"read_only",
        907 => c"closed",
        908 => c"internal",
        909 => c"panic",
        910 => c"keyring",
        911 => c"deadline_passed",
        912 => c"forked",
        _ => c"",
    }
}
