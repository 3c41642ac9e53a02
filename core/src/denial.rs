//! Denials: lawful answers of *no*, with a stable code and facts. Nothing was written.
//!
//! The texts stand in [`crate::Denial::text`]: English and Chinese, one sentence for the shopper, one for the staff.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::checkout::Pricing;
use crate::code::FormatRefused;
use crate::id::CardId;
use crate::money::Currency;
use crate::time::Instant;

/// A fact of a denial: an amount with its currency, or words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Fact {
    /// An amount.
    Money {
        /// Minor units.
        minor: i64,
        /// Of this currency.
        currency: Currency,
    },
    /// A count.
    Number(i64),
    /// Words.
    Text(String),
    /// Words in the languages of the texts; in the facts they are English.
    Said(#[schemars(with = "String")] Said),
}

/// Words in each language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

impl Serialize for Said {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.en)
    }
}

impl Fact {
    pub(crate) fn money(currency: Currency, minor: i64) -> Self {
        Self::Money { minor, currency }
    }

    pub(crate) fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    pub(crate) fn said(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::Said(Said { en: en.into(), zh: zh.into() })
    }

    pub(crate) fn words(&self) -> String {
        match self {
            Self::Money { minor, currency } => currency.display(*minor),
            Self::Number(number) => number.to_string(),
            Self::Text(words) => words.clone(),
            Self::Said(said) => said.en.clone(),
        }
    }

    pub(crate) fn words_zh(&self) -> String {
        match self {
            Self::Said(said) => said.zh.clone(),
            Self::Money { .. } | Self::Number(_) | Self::Text(_) => self.words(),
        }
    }
}

/// Whose limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitScope {
    /// The card's own uses.
    Card,
    /// The holder's uses of the template.
    HolderUses,
    /// The holder's claims of the template.
    HolderClaims,
    /// What the card may hold.
    Balance,
    /// How often the card may be presented in a day, week, month or year.
    CheckIns,
    /// How often the card may be bound to something else.
    Rebinds,
    /// How often the card may be handed on.
    Transfers,
}

/// A limit that has no room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitFacts {
    /// The limit's name.
    pub name: String,
    /// `template`, `batch` or `campaign`: whose it is.
    pub of: &'static str,
    /// For whom it counts apart.
    pub scope: Vec<String>,
    /// Over which time: `total`, `day`, `week`, `month`, `year`, `rolling 3600 s`.
    pub window: String,
    /// Of a budget.
    pub currency: Option<Currency>,
    /// The ceiling.
    pub limit: i64,
    /// What is used.
    pub used: i64,
    /// What is held for orders.
    pub held: i64,
    /// What was asked for.
    pub asked: i64,
    /// When some of it is free again, where that is known.
    pub frees_at: Option<Instant>,
}

impl LimitFacts {
    fn figure(&self, figure: i64) -> Value {
        match self.currency {
            Some(currency) => json!(Fact::money(currency, figure)),
            None => json!(figure),
        }
    }

    fn words(&self, figure: i64) -> String {
        self.currency.map_or_else(|| figure.to_string(), |currency| currency.display(figure))
    }

    fn facts(&self) -> Value {
        let mut facts = json!({
            "scope": self.of,
            "name": self.name,
            "per": self.scope,
            "window": self.window,
            "limit": self.figure(self.limit),
            "used": self.figure(self.used),
            "asked": self.figure(self.asked),
        });
        if let Some(facts) = facts.as_object_mut() {
            facts.extend((self.held > 0).then(|| ("held".to_owned(), self.figure(self.held))));
            facts.extend(self.frees_at.map(|frees_at| ("frees_at".to_owned(), json!(frees_at))));
        }
        facts
    }
}

/// The reasons to say no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denial {
    /// Malformed, forged, foreign, retired, superseded, or a card that is not there: one answer for all (G-31).
    #[error("code is not valid")]
    NotFoundOrInvalid,
    /// A named thing that does not exist.
    #[error("no {kind} `{id}`")]
    Unknown {
        /// `campaign`, `template`, `batch`, `product_set`, `card`, `redemption`.
        kind: &'static str,
        /// The name that was given.
        id: String,
    },
    /// A name that is taken.
    #[error("{kind} `{id}` exists")]
    Exists {
        /// What exists.
        kind: &'static str,
        /// Its name.
        id: String,
    },
    /// The idempotency key belongs to another request.
    #[error("idempotency key belongs to another request")]
    KeyReused,
    /// Killed for good.
    #[error("card is void")]
    Void,
    /// Stopped for now.
    #[error("card is frozen: {reason}")]
    Frozen {
        /// Why, for the staff.
        reason: String,
    },
    /// The card stands where the command does not reach it.
    #[error("a card that is {state} cannot be asked to {command}")]
    WrongState {
        /// Where it stands.
        state: &'static str,
        /// What was asked.
        command: &'static str,
    },
    /// It is somebody else's.
    #[error("card belongs to another holder")]
    NotOwner,
    /// The request names no holder where the template counts per holder.
    #[error("request names no holder, and the template counts per holder")]
    HolderRequired,
    /// The campaign was not meant for this subject.
    #[error("holder is not in the audience of campaign `{campaign}`")]
    NotInAudience {
        /// The campaign.
        campaign: String,
    },
    /// The campaign is a draft, paused or archived.
    #[error("campaign `{campaign}` is {life}")]
    CampaignNotRunning {
        /// The campaign.
        campaign: String,
        /// Where it stands.
        life: String,
    },
    /// Too early.
    #[error("starts at {starts_at}")]
    NotStarted {
        /// First moment inside.
        starts_at: Instant,
    },
    /// Too late.
    #[error("ended at {expired_at}")]
    Expired {
        /// First moment outside.
        expired_at: Instant,
    },
    /// A ceiling.
    #[error("limit of {limit} reached")]
    LimitReached {
        /// Whose.
        scope: LimitScope,
        /// The ceiling.
        limit: u64,
        /// How much of it is used.
        used: u64,
    },
    /// Every card of the batch was given out.
    #[error("batch `{batch}` is sold out")]
    SoldOut {
        /// The batch.
        batch: String,
    },
    /// The order is in another currency.
    #[error("card is in {card}, order in {order}")]
    CurrencyMismatch {
        /// The template's.
        card: Currency,
        /// The order's.
        order: Currency,
    },
    /// A condition does not hold.
    #[error("condition {path} is not met")]
    ConditionFailed {
        /// Where it stands in the template.
        path: String,
        /// What the order has.
        have: Fact,
        /// What it would need.
        need: Fact,
        /// The difference, where there is one.
        short: Option<Fact>,
    },
    /// Everything holds, and nothing would come off.
    #[error("card would take nothing off this order")]
    NoEffect,
    /// Too many cards for codes of this length.
    #[error(transparent)]
    OddsTooLow(FormatRefused),
    /// The width has no batch number left.
    #[error("codes of {symbols} symbols have no batch number left")]
    BatchNumbersUsedUp {
        /// The width.
        symbols: u8,
    },
    /// A larger batch than its format can count.
    #[error("a batch of {asked} cards is larger than {most}")]
    BatchTooLarge {
        /// Cards asked for.
        asked: u64,
        /// Most cards of a batch in that format.
        most: u64,
    },
    /// The card was given its last code.
    #[error("card had {most} replacements, the most there can be")]
    IssueNumbersUsedUp {
        /// Most replacements of a card in that format.
        most: u32,
    },
    /// The batch's codes are out and stay so.
    #[error("batch `{batch}` is closed for export")]
    ExportClosed {
        /// The batch.
        batch: String,
    },
    /// The redemption was given back already.
    #[error("redemption was refunded at {at}")]
    AlreadyRefunded {
        /// When.
        at: Instant,
    },
    /// The card or account holds less than was asked of it, or nothing.
    #[error("it holds {}", .available.words())]
    InsufficientBalance {
        /// What it holds.
        available: Fact,
        /// What was asked of it, where that was said.
        asked: Option<Fact>,
        /// The difference.
        short: Option<Fact>,
    },
    /// More is to be given back than is left of the redemption.
    #[error("{} of the redemption is left to give back", .left.words())]
    RefundTooLarge {
        /// What was to be given back.
        asked: Fact,
        /// What is left.
        left: Fact,
    },
    /// It would break a rule of the policy profile.
    #[error("{profile} {rule}: {} is allowed, not {} ({law})", .limit.words(), .given.words())]
    PolicyViolation {
        /// The profile.
        profile: &'static str,
        /// The rule.
        rule: &'static str,
        /// What is allowed.
        limit: Fact,
        /// What would be.
        given: Fact,
        /// The law that says so.
        law: &'static str,
    },
    /// Only a card that has ended has a successor.
    #[error("card has not ended")]
    NotExpired {
        /// When it ends, where it does.
        expires_at: Option<Instant>,
    },
    /// The unit was not declared as one that holders give each other.
    #[error("holders cannot give each other {unit}")]
    NotBetweenHolders {
        /// The unit.
        unit: String,
    },
    /// It does not go together with what the order has already.
    #[error("does not go together with offer {with} ({why})")]
    NotCombinable {
        /// The offer that stands in its way.
        with: String,
        /// Why: `excludes`, `per_order_max`, `order_cap`, or the word by which their group combines.
        why: &'static str,
    },
    /// A card of an order of several does not apply, and none may be left out.
    #[error("card {} of the order: {why}", .place + 1)]
    CardDenied {
        /// Its place in the request, from 0.
        place: u32,
        /// The card, where the request found one.
        card: Option<CardId>,
        /// Why.
        why: Box<Denial>,
    },
    /// Nothing may come off the lines that it is about.
    #[error("nothing may come off {}, or it is at its lowest price", held_words(.lines))]
    PriceHeld {
        /// The lines' ids; none where it is about shipping.
        lines: Vec<String>,
    },
    /// The command is not for cards of this kind.
    #[error("a {kind} cannot be asked to {command}")]
    WrongKind {
        /// The card's kind.
        kind: &'static str,
        /// What was asked.
        command: &'static str,
    },
    /// The card has fewer uses left than were asked of it.
    #[error("card has {left} uses left, {asked} were asked for")]
    InsufficientUses {
        /// Uses that it has.
        left: u64,
        /// Uses asked for.
        asked: u64,
    },
    /// The template lets no card be bound to such a subject.
    #[error("cards of this template cannot be bound to a {kind}")]
    NotBindable {
        /// The kind of the subject that was given.
        kind: String,
        /// The kinds that are allowed; empty where cards cannot be bound at all.
        allowed: String,
    },
    /// The card is bound to a subject that the request does not present.
    #[error("card is bound to another {kind}")]
    NotBound {
        /// The kind of the subject that it is bound to.
        kind: String,
    },
    /// The template lets no card be handed on.
    #[error("cards of this template cannot be transferred")]
    NotTransferable,
    /// The template lets no card be extended.
    #[error("cards of this template cannot be extended")]
    NotExtendable,
    /// Beyond what the template allows.
    #[error("card can be extended to {until_max} at most")]
    ExtensionTooLong {
        /// The latest end that it may have.
        until_max: Instant,
    },
    /// The card was handed on since, and its template gives back only to whoever redeemed.
    #[error("card was transferred since it was redeemed")]
    RefundToOriginalOnly,
    /// The batch gives no more cards out, or its cards do not move any more.
    #[error("batch `{batch}` is {life}")]
    BatchNotActive {
        /// The batch.
        batch: String,
        /// Where it stands.
        life: &'static str,
    },
    /// The batch or campaign stands where the command does not reach it.
    #[error("{kind} `{id}` is {life} and cannot be asked to {command}")]
    WrongLife {
        /// `batch` or `campaign`.
        kind: &'static str,
        /// Its name.
        id: String,
        /// Where it stands.
        life: &'static str,
        /// What was asked.
        command: &'static str,
    },
    /// A card that the redemption gave has moved since.
    #[error("card {card}, which the redemption gave, has been used or moved since")]
    GivenCardTouched {
        /// The first of them.
        card: CardId,
    },
    /// What is left is held for other orders.
    #[error("what is left is held for other orders until {frees_at}")]
    Held {
        /// Of what.
        scope: LimitScope,
        /// How much is held: uses, or an amount.
        held: Fact,
        /// When enough of it is free at the latest.
        frees_at: Instant,
    },
    /// An order holds the card.
    #[error("an order holds the card until {until}")]
    HasOpenHold {
        /// When the last of its holds ends.
        until: Instant,
    },
    /// What was quoted or held is not what the card gives now.
    #[error("what was quoted is not what the card gives now")]
    QuoteChanged {
        /// What it gives now.
        now: Box<Pricing>,
    },
    /// The card was released or refunded since, or the hold is over.
    #[error("quote or hold is of before a release or refund")]
    Stale,
    /// The hold was captured already.
    #[error("hold was captured by redemption `{redemption}`")]
    AlreadyCaptured {
        /// By this redemption.
        redemption: String,
    },
    /// As many holds are open as the template allows.
    #[error("{open} holds of {limit} are open per {per}")]
    TooManyHolds {
        /// `holder`, `batch` or `campaign`.
        per: &'static str,
        /// The ceiling.
        limit: u64,
        /// How many are open.
        open: u64,
        /// When the next of them ends by itself.
        frees_at: Instant,
    },
    /// A limit of a template, a batch or a campaign is used up.
    #[error("limit `{}` of {} reached", .0.name, .0.limit)]
    LimitUsedUp(Box<LimitFacts>),
    /// What is left of a limit of a template, a batch or a campaign is held.
    #[error("what is left of limit `{}` is held for other orders", .0.name)]
    LimitHeld(Box<LimitFacts>),
    /// A limit counts apart what the request does not name.
    #[error("a limit counts per {scope}, and the request names none")]
    ScopeRequired {
        /// `store`, `channel`, or a kind of subject.
        scope: String,
    },
    /// More is to be captured than is held.
    #[error("{} is held", .held.words())]
    CaptureTooLarge {
        /// What was to be captured.
        asked: Fact,
        /// What is held.
        held: Fact,
    },
    /// The journal ends before the cursor: the store was put back to an earlier state.
    #[error("the journal ends before this cursor: the store was put back to an earlier state")]
    CursorAhead,
    /// The order is not the one that its cards were used on.
    #[error("order {order} is not the one that its cards were used on: another {what}")]
    OrderChanged {
        /// The order.
        order: String,
        /// What of it: `order`, `redemptions`.
        what: &'static str,
    },
    /// A redemption was made by a build that kept no mark of its order.
    #[error("redemption {redemption} was made before refunds of lines were kept for: refund it by itself")]
    OrderNotKept {
        /// The redemption.
        redemption: String,
    },
    /// More pieces of a line are to come back than are left.
    #[error("{left} of {line} are left to come back, not {asked}")]
    TooManyBack {
        /// The line; `shipping` for that.
        line: String,
        /// How many are to come back.
        asked: u32,
        /// How many are left.
        left: u32,
    },
    /// Everything of the order is back already.
    #[error("everything of order {order} is back already")]
    AllBack {
        /// The order.
        order: String,
    },
}

/// A denial with all that there is to say, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Refusal {
    /// The stable code.
    pub code: &'static str,
    /// Its number.
    pub status: u16,
    /// The facts by name: amounts as `{"minor", "currency"}`, instants as RFC 3339.
    pub facts: Map<String, Value>,
    /// Sentences for people.
    pub texts: LocaleTexts,
}

/// The sentences of a denial by language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct LocaleTexts {
    /// English.
    pub en: Texts,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: Texts,
}

/// The sentences of a denial in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Texts {
    /// For the person at the till or in the app.
    pub shopper: String,
    /// For the merchant's own people.
    pub staff: String,
}

/// Whom a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The person at the till or in the app.
    Shopper,
    /// The merchant's own people.
    Staff,
}

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    /// English.
    En,
    /// Simplified Chinese.
    ZhCn,
}

impl Denial {
    /// The facts by name, as JSON: amounts as `{"minor", "currency"}`, instants as RFC 3339.
    pub fn facts(&self) -> Map<String, Value> {
        let facts = match self {
            Self::NotFoundOrInvalid
            | Self::KeyReused
            | Self::Void
            | Self::NotOwner
            | Self::HolderRequired
            | Self::NotTransferable
            | Self::NotExtendable
            | Self::RefundToOriginalOnly
            | Self::NoEffect
            | Self::Stale
            | Self::CursorAhead => json!({}),
            Self::InsufficientUses { left, asked } => json!({"left": left, "asked": asked}),
            Self::NotBindable { kind, allowed } => json!({"kind": kind, "allowed": allowed}),
            Self::NotBound { kind } => json!({"kind": kind}),
            Self::ExtensionTooLong { until_max } => json!({"until_max": until_max}),
            Self::GivenCardTouched { card } => json!({"card": card}),
            Self::BatchNotActive { batch, life } => json!({"batch": batch, "life": life}),
            Self::WrongLife { kind, id, life, command } => {
                json!({"kind": kind, "id": id, "life": life, "command": command})
            }
            Self::Unknown { kind, id } | Self::Exists { kind, id } => json!({"kind": kind, "id": id}),
            Self::Frozen { reason } => json!({"reason": reason}),
            Self::WrongState { state, command } => json!({"state": state, "command": command}),
            Self::NotInAudience { campaign } => json!({"campaign": campaign}),
            Self::CampaignNotRunning { campaign, life } => json!({"campaign": campaign, "life": life}),
            Self::NotStarted { starts_at } => json!({"starts_at": starts_at}),
            Self::Expired { expired_at } => json!({"expired_at": expired_at}),
            Self::LimitReached { scope, limit, used } => json!({"scope": scope, "limit": limit, "used": used}),
            Self::SoldOut { batch } | Self::ExportClosed { batch } => json!({"batch": batch}),
            Self::CurrencyMismatch { card, order } => json!({"card": card, "order": order}),
            Self::ConditionFailed { path, have, need, short: None } => {
                json!({"path": path, "have": have, "need": need})
            }
            Self::ConditionFailed { path, have, need, short: Some(short) } => {
                json!({"path": path, "have": have, "need": need, "short": short})
            }
            Self::OddsTooLow(refused) => json!({
                "format": refused.format,
                "live": refused.live,
                "guess_bits": refused.guess_bits,
                "floor_bits": refused.floor_bits,
                "would_do": refused.would_do,
            }),
            Self::BatchNumbersUsedUp { symbols } => json!({"symbols": symbols}),
            Self::BatchTooLarge { asked, most } => json!({"asked": asked, "most": most}),
            Self::IssueNumbersUsedUp { most } => json!({"most": most}),
            Self::AlreadyRefunded { at } => json!({"at": at}),
            Self::InsufficientBalance { available, asked: Some(asked), short } => {
                json!({"available": available, "asked": asked, "short": short})
            }
            Self::InsufficientBalance { available, asked: None, .. } => json!({"available": available}),
            Self::RefundTooLarge { asked, left } => json!({"asked": asked, "left": left}),
            Self::WrongKind { kind, command } => json!({"kind": kind, "command": command}),
            Self::Held { scope, held, frees_at } => json!({"scope": scope, "held": held, "frees_at": frees_at}),
            Self::HasOpenHold { until } => json!({"until": until}),
            Self::LimitUsedUp(limit) | Self::LimitHeld(limit) => limit.facts(),
            Self::ScopeRequired { scope } => json!({"scope": scope}),
            Self::QuoteChanged { now } => json!({"now": now}),
            Self::AlreadyCaptured { redemption } => json!({"redemption": redemption}),
            Self::TooManyHolds { per, limit, open, frees_at } => {
                json!({"per": per, "limit": limit, "open": open, "frees_at": frees_at})
            }
            Self::CaptureTooLarge { asked, held } => json!({"asked": asked, "held": held}),
            Self::NotBetweenHolders { unit } => json!({"unit": unit}),
            Self::PolicyViolation { profile, rule, limit, given, law } => {
                json!({"profile": profile, "rule": rule, "limit": limit, "given": given, "source": law})
            }
            Self::NotExpired { expires_at } => json!({"expires_at": expires_at}),
            Self::NotCombinable { with, why } => json!({"with": with, "why": why}),
            Self::PriceHeld { lines } => json!({"lines": lines}),
            Self::OrderChanged { order, what } => json!({"order": order, "what": what}),
            Self::OrderNotKept { redemption } => json!({"redemption": redemption}),
            Self::TooManyBack { line, asked, left } => json!({"line": line, "asked": asked, "left": left}),
            Self::AllBack { order } => json!({"order": order}),
            Self::CardDenied { place, card: Some(card), why } => {
                json!({"place": place, "card": card, "code": why.code(), "facts": why.facts()})
            }
            Self::CardDenied { place, card: None, why } => {
                json!({"place": place, "code": why.code(), "facts": why.facts()})
            }
        };
        match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        }
    }

    /// All that there is to say, as it goes over the wire.
    pub fn refusal(&self) -> Refusal {
        let texts =
            |locale| Texts { shopper: self.text(locale, Reader::Shopper), staff: self.text(locale, Reader::Staff) };
        Refusal {
            code: self.code(),
            status: self.status().number(),
            facts: self.facts(),
            texts: LocaleTexts { en: texts(Locale::En), zh_cn: texts(Locale::ZhCn) },
        }
    }

    /// One sentence for a person. The shopper's says what to do and never what the staff alone should know.
    pub fn text(&self, locale: Locale, reader: Reader) -> String {
        match (locale, reader) {
            (Locale::En, Reader::Staff) => self.staff_en(),
            (Locale::ZhCn, Reader::Staff) => self.staff_zh(),
            (Locale::En, Reader::Shopper) => self.shopper_en(),
            (Locale::ZhCn, Reader::Shopper) => self.shopper_zh(),
        }
    }

    fn staff_en(&self) -> String {
        match self {
            Self::ConditionFailed { path, have, need, short } => {
                let short = short.as_ref().map(|short| format!(", short {}", short.words())).unwrap_or_default();
                format!("Condition {path}: needs {}, has {}{short}.", need.words(), have.words())
            }
            Self::CardDenied { place, why, .. } => {
                format!("Card {} of the order: {}", place.saturating_add(1), why.staff_en())
            }
            other => {
                let mut sentence = other.to_string();
                if let Some(first) = sentence.get(..1).map(str::to_uppercase) {
                    sentence.replace_range(..1, &first);
                }
                sentence.push('.');
                sentence
            }
        }
    }

    fn staff_zh(&self) -> String {
        match self {
            Self::NotFoundOrInvalid => "券码无效。".to_owned(),
            Self::Unknown { kind, id } => format!("没有{} {id}。", kind_zh(kind)),
            Self::Exists { kind, id } => format!("{} {id} 已存在。", kind_zh(kind)),
            Self::KeyReused => "幂等键已用于另一个请求。".to_owned(),
            Self::Void => "卡已作废。".to_owned(),
            Self::Frozen { reason } => format!("卡已冻结：{reason}。"),
            Self::WrongState { state, command } => format!("卡的状态为 {state}，不能执行 {command}。"),
            Self::NotOwner => "卡属于其他持有人。".to_owned(),
            Self::HolderRequired => "请求未指明持有人，而该模板按持有人计数。".to_owned(),
            Self::NotInAudience { campaign } => format!("持有人不在活动 {campaign} 的人群内。"),
            Self::CampaignNotRunning { campaign, life } => format!("活动 {campaign} 的状态为 {life}。"),
            Self::NotStarted { starts_at } => format!("{starts_at} 开始生效。"),
            Self::Expired { expired_at } => format!("已于 {expired_at} 到期。"),
            Self::LimitReached { limit, used, .. } => format!("已达限额：上限 {limit}，已用 {used}。"),
            Self::SoldOut { batch } => format!("批次 {batch} 已发完。"),
            Self::CurrencyMismatch { card, order } => format!("卡的币种为 {card}，订单为 {order}。"),
            Self::ConditionFailed { path, have, need, short } => {
                let short = short.as_ref().map(|short| format!("，还差 {}", short.words())).unwrap_or_default();
                format!("条件 {path}：需要 {}，现有 {}{short}。", need.words_zh(), have.words_zh())
            }
            Self::NoEffect => "此卡对该订单没有优惠。".to_owned(),
            Self::OddsTooLow(refused) => {
                format!("券码太短：每次猜中的难度为 {} 位，下限 {} 位。", refused.guess_bits, refused.floor_bits)
            }
            Self::BatchNumbersUsedUp { symbols } => format!("{symbols} 位券码的批次号已用完。"),
            Self::BatchTooLarge { asked, most } => format!("批次数量 {asked} 超过上限 {most}。"),
            Self::IssueNumbersUsedUp { most } => format!("此卡已换码 {most} 次，不能再换。"),
            Self::ExportClosed { batch } => format!("批次 {batch} 已关闭导出。"),
            Self::AlreadyRefunded { at } => format!("该核销已于 {at} 退券。"),
            Self::InsufficientBalance { available, asked: Some(asked), .. } => {
                format!("余额不足：需要 {}，现有 {}。", asked.words(), available.words())
            }
            Self::InsufficientBalance { available, .. } => format!("余额不足：现有 {}。", available.words()),
            Self::RefundTooLarge { asked, left } => {
                format!("退款 {} 超过该核销可退的 {}。", asked.words(), left.words())
            }
            Self::WrongKind { kind, command } => format!("{} 类型的卡不能执行 {command}。", kind_zh(kind)),
            Self::InsufficientUses { left, asked } => format!("次数不足：需要 {asked} 次，剩余 {left} 次。"),
            Self::NotBindable { kind, .. } => format!("该模板的卡不能绑定到 {kind}。"),
            Self::NotBound { kind } => format!("此卡已绑定其他 {kind}。"),
            Self::NotTransferable => "该模板的卡不可转赠。".to_owned(),
            Self::NotExtendable => "该模板的卡不可延期。".to_owned(),
            Self::ExtensionTooLong { until_max } => format!("此卡最多可延期至 {until_max}。"),
            Self::RefundToOriginalOnly => "此卡核销后已转赠，只能退给原持有人。".to_owned(),
            Self::GivenCardTouched { card } => format!("该核销所发的卡 {card} 已被使用或变动。"),
            Self::BatchNotActive { batch, life } => format!("批次 {batch} 的状态为 {life}。"),
            Self::WrongLife { kind, id, life, command } => {
                format!("{} {id} 的状态为 {life}，不能执行 {command}。", kind_zh(kind))
            }
            Self::Held { held, frees_at, .. } => format!("已被其他订单预占 {}，最迟 {frees_at} 释放。", held.words()),
            Self::HasOpenHold { until } => format!("卡被订单预占至 {until}。"),
            Self::LimitUsedUp(it) => {
                format!("已达限额 {}：上限 {}，已用 {}。", it.name, it.words(it.limit), it.words(it.used))
            }
            Self::LimitHeld(it) => {
                let (limit, used) = (it.words(it.limit), it.words(it.used));
                format!("限额 {}：上限 {limit}，已用 {used}，被其他订单预占 {}。", it.name, it.words(it.held))
            }
            Self::ScopeRequired { scope } => format!("限额按 {scope} 计数，而请求未指明。"),
            Self::QuoteChanged { .. } => "试算结果已变化。".to_owned(),
            Self::Stale => "此后已释放或退券，该试算或预占已失效。".to_owned(),
            Self::AlreadyCaptured { redemption } => format!("该预占已由核销 {redemption} 完成。"),
            Self::TooManyHolds { per, limit, open, .. } => {
                format!("{}的未完成预占已达上限：上限 {limit}，现有 {open}。", per_zh(per))
            }
            Self::CaptureTooLarge { asked, held } => {
                format!("核销 {} 超过预占的 {}。", asked.words(), held.words())
            }
            Self::CursorAhead => "日志的末尾早于此游标：数据已恢复到更早的状态。".to_owned(),
            Self::OrderChanged { order, .. } => format!("订单 {order} 与核销时的内容不一致。"),
            Self::OrderNotKept { redemption } => format!("核销 {redemption} 未留存订单摘要，请按核销单独退款。"),
            Self::TooManyBack { line, asked, left } => format!("行 {line} 还可退 {left} 件，不能退 {asked} 件。"),
            Self::AllBack { order } => format!("订单 {order} 已全部退回。"),
            Self::NotBetweenHolders { unit } => format!("{unit} 不能在持有人之间转让。"),
            Self::PolicyViolation { profile, rule, limit, given, law } => {
                let (limit, given) = (limit.words(), given.words());
                format!("违反 {profile} 的规则 {rule}：允许 {limit}，实为 {given}（{law}）。")
            }
            Self::NotExpired { .. } => "卡尚未到期。".to_owned(),
            Self::NotCombinable { with, .. } => format!("不能与优惠 {with} 同时使用。"),
            Self::PriceHeld { lines } if lines.is_empty() => "运费不参与优惠。".to_owned(),
            Self::CardDenied { place, why, .. } => {
                format!("订单的第 {} 张卡：{}", place.saturating_add(1), why.staff_zh())
            }
            Self::PriceHeld { lines } => format!("商品行 {} 不参与优惠或已到控价下限。", lines.join("、")),
        }
    }

    fn shopper_en(&self) -> String {
        match self {
            Self::CardDenied { place, why, .. } => format!("Card {}: {}", place.saturating_add(1), why.shopper_en()),
            Self::NotStarted { starts_at } => format!("This card can be used from {starts_at}."),
            Self::Expired { .. } => "This card has expired.".to_owned(),
            Self::LimitReached { scope: LimitScope::Card, .. } => "This card has been used.".to_owned(),
            Self::LimitReached { scope: LimitScope::Balance, .. } => "This card cannot hold more.".to_owned(),
            Self::LimitReached { scope: LimitScope::Rebinds, .. } => "This card cannot be bound again.".to_owned(),
            Self::LimitReached { scope: LimitScope::Transfers, .. } => "This card cannot be given on again.".to_owned(),
            Self::LimitUsedUp(limit) if limit.scope.is_empty() => "This offer is used up.".to_owned(),
            Self::LimitUsedUp(limit) if limit.frees_at.is_some() => {
                let again = limit.frees_at.map(|at| at.to_string()).unwrap_or_default();
                format!("You can use this offer again from {again}.")
            }
            Self::LimitHeld(_) => "This offer is being used in other orders. Please try again later.".to_owned(),
            Self::LimitUsedUp(_) | Self::LimitReached { .. } => {
                "You have used this offer as often as it allows.".to_owned()
            }
            Self::SoldOut { .. } => "All cards have been given out.".to_owned(),
            Self::InsufficientBalance { available, .. } => format!("There is {} left.", available.words()),
            Self::ConditionFailed { short: Some(short), .. } => format!("Add {} more to use this card.", short.words()),
            Self::ConditionFailed { path, .. } if is_of_lines(path) => {
                "This card does not fit anything in your order.".to_owned()
            }
            Self::ConditionFailed { .. } => "This card cannot be used on this order.".to_owned(),
            Self::NoEffect => "This card would take nothing off your order.".to_owned(),
            Self::CurrencyMismatch { card, .. } => format!("This card is for orders in {card}."),
            Self::NotOwner | Self::NotInAudience { .. } => "This offer is not meant for your account.".to_owned(),
            Self::WrongState { command: "claim", .. } => "This card can no longer be claimed.".to_owned(),
            Self::WrongState { .. } => "Please claim this card first.".to_owned(),
            Self::HolderRequired => "Please sign in to use this card.".to_owned(),
            Self::InsufficientUses { left, .. } => format!("This card has {left} uses left."),
            Self::NotBindable { .. } => "This card cannot be bound.".to_owned(),
            Self::NotBound { kind } if kind == "device" => "This card is bound to another device.".to_owned(),
            Self::NotBound { .. } => "This card is bound to something else.".to_owned(),
            Self::NotTransferable => "This card cannot be given to somebody else.".to_owned(),
            Self::NotExtendable | Self::ExtensionTooLong { .. } => "This card cannot be extended that far.".to_owned(),
            Self::RefundToOriginalOnly
            | Self::GivenCardTouched { .. }
            | Self::OrderChanged { .. }
            | Self::OrderNotKept { .. } => "This cannot be given back. Please ask the shop.".to_owned(),
            Self::TooManyBack { left, .. } => format!("Of this, {left} can still come back."),
            Self::AllBack { .. } => "All of this order has come back already.".to_owned(),
            Self::NotBetweenHolders { .. } => "This cannot be given to somebody else.".to_owned(),
            Self::PolicyViolation { rule: "value_max", limit, .. } => {
                format!("A card cannot hold more than {}.", limit.words())
            }
            Self::PolicyViolation { rule: "buyer", .. } => "Please show who is buying this card.".to_owned(),
            Self::PolicyViolation { .. } => "This is not possible with this card. Please ask the shop.".to_owned(),
            Self::NotExpired { .. } => "This card is still good.".to_owned(),
            Self::NotCombinable { .. } => "This cannot be combined with another offer of your order.".to_owned(),
            Self::PriceHeld { .. } => "This card does not lower the prices of these goods any further.".to_owned(),
            Self::Frozen { .. } | Self::CampaignNotRunning { .. } | Self::BatchNotActive { .. } => {
                "This card cannot be used right now. Please ask the shop.".to_owned()
            }
            Self::Held { .. } | Self::HasOpenHold { .. } => {
                "This card is being used in another order. Please try again later.".to_owned()
            }
            Self::TooManyHolds { .. } => "Please finish or cancel your open orders first.".to_owned(),
            Self::QuoteChanged { .. } | Self::Stale => {
                "The price has changed. Please check your order again.".to_owned()
            }
            Self::AlreadyCaptured { .. } => "This card has been used for this order.".to_owned(),
            _ => "This code is not valid. Please check it and try again.".to_owned(),
        }
    }

    fn shopper_zh(&self) -> String {
        match self {
            Self::CardDenied { place, why, .. } => format!("第 {} 张卡：{}", place.saturating_add(1), why.shopper_zh()),
            Self::NotStarted { starts_at } => format!("此卡 {starts_at} 起可用。"),
            Self::Expired { .. } => "此卡已过期。".to_owned(),
            Self::LimitReached { scope: LimitScope::Card, .. } => "此卡已使用。".to_owned(),
            Self::LimitReached { scope: LimitScope::Balance, .. } => "此卡余额已达上限。".to_owned(),
            Self::LimitReached { scope: LimitScope::Rebinds, .. } => "此卡不可再次绑定。".to_owned(),
            Self::LimitReached { scope: LimitScope::Transfers, .. } => "此卡不可再次转赠。".to_owned(),
            Self::LimitUsedUp(limit) if limit.scope.is_empty() => "此优惠已用完。".to_owned(),
            Self::LimitHeld(_) => "此优惠正用于其他订单，请稍后再试。".to_owned(),
            Self::LimitUsedUp(limit) if limit.frees_at.is_some() => {
                format!("您可在 {} 后再次使用该优惠。", limit.frees_at.map(|at| at.to_string()).unwrap_or_default())
            }
            Self::LimitUsedUp(_) | Self::LimitReached { .. } => "您已达到该优惠的使用次数。".to_owned(),
            Self::SoldOut { .. } => "已领完。".to_owned(),
            Self::InsufficientBalance { available, .. } => format!("余额 {}。", available.words()),
            Self::ConditionFailed { short: Some(short), .. } => format!("还差 {} 可用此卡。", short.words()),
            Self::ConditionFailed { path, .. } if is_of_lines(path) => "订单中没有适用此卡的商品。".to_owned(),
            Self::ConditionFailed { .. } => "此卡不适用于该订单。".to_owned(),
            Self::NoEffect => "此卡对该订单没有优惠。".to_owned(),
            Self::CurrencyMismatch { card, .. } => format!("此卡仅适用于 {card} 订单。"),
            Self::NotOwner | Self::NotInAudience { .. } => "此优惠不适用于您的账户。".to_owned(),
            Self::WrongState { command: "claim", .. } => "此卡不能再领取。".to_owned(),
            Self::WrongState { .. } => "请先领取此卡。".to_owned(),
            Self::HolderRequired => "请先登录再使用此卡。".to_owned(),
            Self::InsufficientUses { left, .. } => format!("此卡剩余 {left} 次。"),
            Self::NotBindable { .. } => "此卡不可绑定。".to_owned(),
            Self::NotBound { kind } if kind == "device" => "此卡已绑定其他设备。".to_owned(),
            Self::NotBound { .. } => "此卡已绑定其他对象。".to_owned(),
            Self::NotTransferable => "此卡不可转赠。".to_owned(),
            Self::NotExtendable | Self::ExtensionTooLong { .. } => "此卡不能延期到该日期。".to_owned(),
            Self::RefundToOriginalOnly
            | Self::GivenCardTouched { .. }
            | Self::OrderChanged { .. }
            | Self::OrderNotKept { .. } => "无法退回，请联系商家。".to_owned(),
            Self::TooManyBack { left, .. } => format!("该商品还可退 {left} 件。"),
            Self::AllBack { .. } => "该订单已全部退回。".to_owned(),
            Self::NotBetweenHolders { .. } => "不能转让给他人。".to_owned(),
            Self::PolicyViolation { rule: "value_max", limit, .. } => format!("单张卡余额不能超过 {}。", limit.words()),
            Self::PolicyViolation { rule: "buyer", .. } => "请登记购卡人信息。".to_owned(),
            Self::PolicyViolation { .. } => "此卡不能这样操作，请联系商家。".to_owned(),
            Self::NotExpired { .. } => "此卡尚未到期。".to_owned(),
            Self::NotCombinable { .. } => "不能与订单中的其他优惠同时使用。".to_owned(),
            Self::PriceHeld { .. } => "这些商品不再参与优惠。".to_owned(),
            Self::Frozen { .. } | Self::CampaignNotRunning { .. } | Self::BatchNotActive { .. } => {
                "此卡暂不可用，请联系商家。".to_owned()
            }
            Self::Held { .. } | Self::HasOpenHold { .. } => "此卡正用于另一笔订单，请稍后再试。".to_owned(),
            Self::TooManyHolds { .. } => "请先完成或取消未付款的订单。".to_owned(),
            Self::QuoteChanged { .. } | Self::Stale => "价格已变化，请重新确认订单。".to_owned(),
            Self::AlreadyCaptured { .. } => "此卡已用于该订单。".to_owned(),
            _ => "券码无效，请检查后重试。".to_owned(),
        }
    }
}

/// What a price is held of: lines, or shipping.
fn held_words(lines: &[String]) -> String {
    if lines.is_empty() { "shipping".to_owned() } else { format!("lines {}", lines.join(", ")) }
}

/// Whether a condition asks for goods that the order has none of.
fn is_of_lines(path: &str) -> bool {
    path.starts_with("benefit") || path.ends_with(".has_line") || path.ends_with(".lines")
}

fn per_zh(per: &str) -> &str {
    match per {
        "holder" => "该持有人",
        "batch" => "该批次",
        "campaign" => "该活动",
        other => other,
    }
}

fn kind_zh(kind: &str) -> &str {
    match kind {
        "campaign" => "活动",
        "template" => "卡券模板",
        "batch" => "批次",
        "product_set" => "商品集",
        "card" => "卡",
        "redemption" => "核销",
        "public_code" => "公共券码",
        "hold" => "预占",
        "coupon" => "优惠券",
        "gift_card" => "礼品卡",
        "times" => "计次卡",
        "exchange" => "兑换券",
        "membership" => "会员卡",
        "pack" => "权益卡包",
        "choice" => "权益任选卡",
        "unit" => "单位",
        "promotion" => "自动优惠",
        "sample" => "订单样本",
        "line" => "行",
        other => other,
    }
}
