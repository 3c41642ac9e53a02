//! What callers ask, as plain data: compared, repeated under the same key, and handed to any engine.

mod orders;

pub use orders::{OfCard, OfOrder, PromotionMove};

use cardmint::card::{Audience, HoldId, Life, Promotion, Refill};
use cardmint::code::{CardRef, CodeBook, CodeFormat, Normalisation};
use cardmint::id::{BatchNo, CardId};
use cardmint::ledger::Unit;
use cardmint::limit::Limit;
use cardmint::money::Rounding;
use cardmint::subject::Subject;
use cardmint::time::Instant;
use cardmint::{
    AccountPick, AddAudience, Adjust, Bind, Call, CaptureHold, Captured, CardPick, CardWithCode, Claim, ClaimFrom,
    CloseExport, CodeText, Error, Extend, ExtendBatch, Freeze, GrowBatch, HoldView, Issue, IssueBatch, Link, Load,
    Meta, MoveValue, OrderCaptured, OrderHeld, OrderReceipt, OrderReleased, PersonView, PlaceHold, Rebind, Receipt,
    Redeem, RefillBatch, RefundReceipt, RefundRedemption, RekeyBatch, ReleaseHold, Replace, Reveal, SaveCampaign,
    SavePublicCode, SaveSettings, SaveTemplate, SaveUnit, Succeed, Tenant, Transfer, Unfreeze, Unlink, ValueMoved,
    ValueTransfer, Void,
};

use crate::terms::{Basket, Terms};

/// What of a call is no part of its request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallTerms {
    /// How long it may wait.
    pub deadline_ms: Option<u32>,
    /// Whether it was sent before, and nobody knows what became of it.
    pub retry: bool,
}

/// A request under its idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The idempotency key.
    pub key: String,
    /// What is asked.
    pub what: What,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the operations and their fields are")]
pub enum What {
    SaveSettings {
        rounding: Rounding,
    },
    SaveCampaign {
        id: String,
        life: Life,
        start: Option<Instant>,
        end: Option<Instant>,
        audience: Audience,
        limits: Vec<Limit>,
    },
    AddAudience {
        campaign: String,
        customers: Vec<String>,
    },
    SaveTemplate {
        terms: Terms,
    },
    IssueBatch {
        id: String,
        template: String,
        campaign: Option<String>,
        size: u32,
        format: CodeFormat,
        limits: Vec<Limit>,
    },
    GrowBatch {
        batch: String,
        size: u32,
    },
    RekeyBatch {
        batch: String,
    },
    CloseExport {
        batch: String,
    },
    SaveWord {
        batch: String,
        word: String,
    },
    Claim {
        take: Take,
        customer: String,
    },
    Issue {
        batch: String,
        customer: String,
    },
    Redeem {
        code: Code,
        customer: Option<String>,
        basket: Basket,
        amount: Option<Much>,
    },
    Refund {
        redemption: String,
        amount: Option<Much>,
    },
    Load {
        card: Pick,
        amount: i64,
    },
    Adjust {
        card: Pick,
        delta: i64,
    },
    Act {
        act: Act,
        card: Pick,
    },
    /// The same, killing open holds first.
    Force {
        act: Act,
        card: Pick,
    },
    Tie {
        tie: Tie,
        card: Pick,
        customer: String,
        to: String,
    },
    Extend {
        card: Pick,
        until: Instant,
    },
    Succeed {
        card: Pick,
        until: Option<Instant>,
    },
    MoveBatch {
        batch: String,
        step: BatchMove,
    },
    MoveCampaign {
        campaign: String,
        step: CampaignMove,
    },
    SaveUnit {
        name: String,
        between_holders: bool,
    },
    MoveValue {
        unit: String,
        amount: i64,
        from: Purse,
        to: Purse,
    },
    Hold {
        code: Code,
        customer: Option<String>,
        basket: Basket,
        amount: Option<i64>,
        ttl_s: u32,
    },
    Capture {
        hold: HoldId,
        amount: Option<i64>,
    },
    Release {
        hold: HoldId,
    },
    RedeemOrder {
        of: OfOrder,
        leave_out: bool,
    },
    HoldOrder {
        of: OfOrder,
        leave_out: bool,
        ttl_s: u32,
    },
    CaptureOrder {
        holds: Vec<(HoldId, Option<i64>)>,
    },
    ReleaseOrder {
        holds: Vec<HoldId>,
    },
    SavePromotion {
        id: String,
        template: String,
        campaign: Option<String>,
        limits: Vec<Limit>,
    },
    MovePromotion {
        id: String,
        step: PromotionMove,
    },
    /// Subjects as records have them: `customer:ann`.
    Link {
        subjects: Vec<String>,
    },
    Unlink {
        subject: String,
    },
}

/// How much of a card is asked for, or goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Much {
    /// Minor units of a gift card.
    Minor(i64),
    /// Uses of a times card.
    Uses(u32),
}

impl Much {
    fn parts(amount: Option<Self>) -> (Option<i64>, Option<u32>) {
        match amount {
            Some(Self::Minor(minor)) => (Some(minor), None),
            Some(Self::Uses(uses)) => (None, Some(uses)),
            None => (None, None),
        }
    }
}

/// What a holder does with a card and something or somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the operations are")]
pub enum Tie {
    Bind,
    Rebind,
    Transfer,
}

/// What happens to a batch as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the operations are")]
pub enum BatchMove {
    Freeze,
    Unfreeze,
    Close,
    Void,
    Archive,
    Extend(Instant),
    Refill(Option<Refill>),
}

/// What happens to a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the operations are")]
pub enum CampaignMove {
    Start,
    Pause,
    Resume,
    End,
    Archive,
}

impl CampaignMove {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Start, Self::Pause, Self::Resume, Self::End, Self::Archive];
}

/// An account that value is moved between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purse {
    /// A customer's.
    Customer(String),
    /// A channel's.
    Channel(String),
    /// One of the tenant's own.
    Own(String),
}

impl Purse {
    fn pick(self) -> AccountPick {
        match self {
            Self::Customer(name) => AccountPick::Holder(Subject::customer(name)),
            Self::Channel(name) => AccountPick::Channel(name),
            Self::Own(name) => AccountPick::System(name),
        }
    }
}

/// Where a claim takes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// The next card of a batch.
    Batch(String),
    /// The card of a code, or the next one of a word's batch.
    Code(Code),
}

/// A text that somebody types.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// A sealed code.
    Sealed(Token),
    /// A public word.
    Word(String),
}

/// What a sealed code says, before it is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    /// Its format.
    pub format: CodeFormat,
    /// The slot of the key that it is sealed under.
    pub slot: u8,
    /// Card and issue number.
    pub card: CardRef,
}

impl Token {
    /// The card that it names, whether there is one or not.
    pub fn card_id(&self) -> CardId {
        let batch = BatchNo { symbols: self.format.symbols(), number: self.card.batch_no };
        CardId { batch, serial: self.card.serial }
    }
}

/// How staff name a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// By its code.
    Code(Code),
    /// By its id.
    Id(CardId),
}

/// What staff do to a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the operations are")]
pub enum Act {
    Freeze,
    Unfreeze,
    Void,
    Replace,
    Reveal,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Freeze, Self::Unfreeze, Self::Void, Self::Replace, Self::Reveal];
}

/// Why staff freeze, reveal or adjust, in every such request.
pub const REASON: &str = "because";

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the replies are")]
pub enum Reply {
    Done,
    Added(u32),
    Saved(u32),
    Campaign(cardmint::card::Campaign),
    Batch(cardmint::card::Batch),
    Card(CardWithCode),
    Receipt(Receipt),
    Refund(RefundReceipt),
    Moved(ValueMoved),
    Hold(HoldView),
    Captured(Captured),
    Unit(Unit),
    Transferred(ValueTransfer),
    Person(PersonView),
    OrderReceipt(Box<OrderReceipt>),
    OrderHeld(Box<OrderHeld>),
    OrderCaptured(OrderCaptured),
    OrderReleased(OrderReleased),
    Promotion(Promotion),
}

/// A call that is on its way, whatever its reply.
pub trait Pending: Send {
    /// Whether the reply is there.
    fn is_done(&self) -> bool;
    /// Leads, if need be, until the reply is there.
    fn wait(self: Box<Self>) -> Result<Reply, Error>;
}

struct Typed<R>(Call<R>, fn(R) -> Reply);

impl<R: Send> Pending for Typed<R> {
    fn is_done(&self) -> bool {
        self.0.is_done()
    }

    fn wait(self: Box<Self>) -> Result<Reply, Error> {
        self.0.wait().map(self.1)
    }
}

impl Asked {
    /// The operation's name, under which the key is unique.
    pub fn op(&self) -> &'static str {
        match &self.what {
            What::SaveSettings { .. } => "save_settings",
            What::SaveCampaign { .. } => "save_campaign",
            What::AddAudience { .. } => "add_audience",
            What::SaveTemplate { .. } => "save_template",
            What::IssueBatch { .. } => "issue_batch",
            What::GrowBatch { .. } => "grow_batch",
            What::RekeyBatch { .. } => "rekey_batch",
            What::CloseExport { .. } => "close_export",
            What::SaveWord { .. } => "save_public_code",
            What::Claim { .. } => "claim",
            What::Issue { .. } => "issue",
            What::Redeem { .. } => "redeem",
            What::Refund { .. } => "refund",
            What::Load { .. } => "load",
            What::Adjust { .. } => "adjust",
            What::Hold { .. } => "hold",
            What::Capture { .. } => "capture",
            What::Release { .. } => "release",
            What::RedeemOrder { .. } => "redeem_order",
            What::HoldOrder { .. } => "hold_order",
            What::CaptureOrder { .. } => "capture_order",
            What::ReleaseOrder { .. } => "release_order",
            What::SavePromotion { .. } => "save_promotion",
            What::MovePromotion { step, .. } => match step {
                PromotionMove::Pause => "pause_promotion",
                PromotionMove::Resume => "resume_promotion",
                PromotionMove::Archive => "archive_promotion",
            },
            What::Link { .. } => "link",
            What::Unlink { .. } => "unlink",
            What::Act { act, .. } | What::Force { act, .. } => match act {
                Act::Freeze => "freeze",
                Act::Unfreeze => "unfreeze",
                Act::Void => "void",
                Act::Replace => "replace",
                Act::Reveal => "reveal",
            },
            What::Tie { tie, .. } => match tie {
                Tie::Bind => "bind",
                Tie::Rebind => "rebind",
                Tie::Transfer => "transfer",
            },
            What::Extend { .. } => "extend",
            What::Succeed { .. } => "succeed",
            What::MoveBatch { step, .. } => match step {
                BatchMove::Freeze => "freeze_batch",
                BatchMove::Unfreeze => "unfreeze_batch",
                BatchMove::Close => "close_batch",
                BatchMove::Void => "void_batch",
                BatchMove::Archive => "archive_batch",
                BatchMove::Extend(_) => "extend_batch",
                BatchMove::Refill(_) => "refill_batch",
            },
            What::MoveCampaign { step, .. } => match step {
                CampaignMove::Start => "start_campaign",
                CampaignMove::Pause => "pause_campaign",
                CampaignMove::Resume => "resume_campaign",
                CampaignMove::End => "end_campaign",
                CampaignMove::Archive => "archive_campaign",
            },
            What::SaveUnit { .. } => "save_unit",
            What::MoveValue { .. } => "move_value",
        }
    }

    fn meta(&self) -> Meta {
        let needs_reason = matches!(
            self.what,
            What::Adjust { .. }
                | What::Act { act: Act::Freeze | Act::Reveal, .. }
                | What::Force { act: Act::Freeze | Act::Reveal, .. }
                | What::MoveBatch { step: BatchMove::Freeze | BatchMove::Void, .. }
                | What::MoveValue { .. }
        );
        Meta { reason: needs_reason.then(|| REASON.to_owned()), ..Meta::key(self.key.clone()) }
    }

    /// Hands the request to an engine. `book` seals what the request names by what it says.
    pub fn submit(&self, tenant: &Tenant, book: &CodeBook, terms: CallTerms) -> Box<dyn Pending> {
        let CallTerms { deadline_ms, retry } = terms;
        let meta = Meta { deadline_ms, retry, ..self.meta() };
        let text = |code: &Code| code_text(book, code);
        match self.what.clone() {
            What::SaveSettings { rounding } => {
                let request = SaveSettings { meta, zone: "UTC".to_owned(), rounding, profile: None };
                Box::new(Typed(tenant.save_settings(request), |_| Reply::Done))
            }
            What::SaveCampaign { id, life, start, end, audience, limits } => {
                let (start, end) = (start.map(|at| at.to_string()), end.map(|at| at.to_string()));
                let request =
                    SaveCampaign { meta, title: id.clone(), id, life, start, end, goal: None, audience, limits };
                Box::new(Typed(tenant.save_campaign(request), Reply::Campaign))
            }
            What::AddAudience { campaign, customers } => {
                let subjects = customers.into_iter().map(Subject::customer).collect();
                let request = AddAudience { meta, campaign, subjects };
                Box::new(Typed(tenant.add_audience(request), |reply| Reply::Added(reply.added)))
            }
            What::SaveTemplate { terms } => {
                let request = SaveTemplate { meta, template: terms.draft() };
                Box::new(Typed(tenant.save_template(request), |reply| Reply::Saved(reply.version)))
            }
            What::IssueBatch { id, template, campaign, size, format, limits } => {
                let request = IssueBatch { campaign, limits, ..IssueBatch::new(meta, id, template, size, format) };
                Box::new(Typed(tenant.issue_batch(request), batch))
            }
            What::GrowBatch { batch: id, size } => {
                Box::new(Typed(tenant.grow_batch(GrowBatch { meta, batch: id, size }), batch))
            }
            What::RekeyBatch { batch: id } => {
                Box::new(Typed(tenant.rekey_batch(RekeyBatch { meta, batch: id }), batch))
            }
            What::CloseExport { batch: id } => {
                Box::new(Typed(tenant.close_export(CloseExport { meta, batch: id }), batch))
            }
            What::SaveWord { batch: id, word } => {
                let request = SavePublicCode::new(meta, id, word, Normalisation::Word);
                Box::new(Typed(tenant.save_public_code(request), batch))
            }
            What::Claim { take, customer } => {
                let take = match take {
                    Take::Batch(id) => ClaimFrom::Batch(id),
                    Take::Code(code) => ClaimFrom::Code(CodeText(text(&code))),
                };
                let request = Claim { meta, take, holder: Subject::customer(customer), channel: None };
                Box::new(Typed(tenant.claim(request), Reply::Card))
            }
            What::Issue { batch: id, customer } => {
                let holder = Subject::customer(customer);
                let request = Issue { meta, batch: id, holder, channel: None, parameters: Default::default() };
                Box::new(Typed(tenant.issue(request), Reply::Card))
            }
            What::Redeem { code, customer, basket, amount } => {
                let holder = customer.map(Subject::customer);
                let (code, order) = (CodeText(text(&code)), basket.order());
                let subjects = basket.subjects();
                let (amount_minor, units) = Much::parts(amount);
                let choose = basket.choose;
                let request =
                    Redeem { holder, amount_minor, units, subjects, choose, ..Redeem::new(meta, code, order) };
                Box::new(Typed(tenant.redeem(request), Reply::Receipt))
            }
            What::Refund { redemption, amount } => {
                let (amount_minor, units) = Much::parts(amount);
                let request = RefundRedemption { amount_minor, units, ..RefundRedemption::new(meta, redemption) };
                Box::new(Typed(tenant.refund(request), Reply::Refund))
            }
            What::Load { card, amount } => {
                let request = Load { meta, card: picked(book, card), amount_minor: amount };
                Box::new(Typed(tenant.load(request), Reply::Moved))
            }
            What::Adjust { card, delta } => {
                let request = Adjust { meta, card: picked(book, card), delta_minor: delta };
                Box::new(Typed(tenant.adjust(request), Reply::Moved))
            }
            What::Act { act, card } => acted(tenant, meta, act, picked(book, card), false),
            What::Force { act, card } => acted(tenant, meta, act, picked(book, card), true),
            What::Tie { tie, card, customer, to } => {
                let (card, holder) = (picked(book, card), Subject::customer(customer));
                let device = Subject::new("device", to.as_str());
                let call = match tie {
                    Tie::Bind => tenant.bind(Bind { meta, card, holder, to: device }),
                    Tie::Rebind => tenant.rebind(Rebind { meta, card, holder, to: device }),
                    Tie::Transfer => tenant.transfer(Transfer { meta, card, holder, to: Subject::customer(to) }),
                };
                Box::new(Typed(call, Reply::Card))
            }
            What::Extend { card, until } => {
                let request = Extend { meta, card: picked(book, card), until: until.to_string() };
                Box::new(Typed(tenant.extend(request), Reply::Card))
            }
            What::Succeed { card, until } => {
                let until = until.map(|at| at.to_string());
                Box::new(Typed(tenant.succeed(Succeed { meta, card: picked(book, card), until }), Reply::Card))
            }
            What::MoveBatch { batch: id, step } => moved(tenant, meta, &id, step),
            What::MoveCampaign { campaign: id, step } => {
                let id = id.as_str();
                let call = match step {
                    CampaignMove::Start => tenant.start_campaign((meta, id)),
                    CampaignMove::Pause => tenant.pause_campaign((meta, id)),
                    CampaignMove::Resume => tenant.resume_campaign((meta, id)),
                    CampaignMove::End => tenant.end_campaign((meta, id)),
                    CampaignMove::Archive => tenant.archive_campaign((meta, id)),
                };
                Box::new(Typed(call, Reply::Campaign))
            }
            What::SaveUnit { name, between_holders } => {
                let request = SaveUnit { meta, name, decimals: 0, between_holders, display: Default::default() };
                Box::new(Typed(tenant.save_unit(request), Reply::Unit))
            }
            What::MoveValue { unit, amount, from, to } => {
                let (from_account, to_account) = (from.pick(), to.pick());
                let request = MoveValue { meta, unit, amount_minor: amount, from_account, to_account };
                Box::new(Typed(tenant.move_value(request), Reply::Transferred))
            }
            What::Hold { code, customer, basket, amount, ttl_s } => {
                let holder = customer.map(Subject::customer);
                let asked = PlaceHold::new(meta, text(&code), basket.order());
                let subjects = basket.subjects();
                let request = PlaceHold { holder, subjects, amount_minor: amount, ttl_s: Some(ttl_s), ..asked };
                Box::new(Typed(tenant.hold(request), Reply::Hold))
            }
            What::Capture { hold, amount } => {
                Box::new(Typed(tenant.capture(CaptureHold { meta, hold, amount_minor: amount }), Reply::Captured))
            }
            What::Release { hold } => Box::new(Typed(tenant.release(ReleaseHold { meta, hold }), Reply::Hold)),
            what @ (What::RedeemOrder { .. }
            | What::HoldOrder { .. }
            | What::CaptureOrder { .. }
            | What::ReleaseOrder { .. }
            | What::SavePromotion { .. }
            | What::MovePromotion { .. }) => orders::submit(what, tenant, book, meta),
            What::Link { subjects } => {
                let subjects = subjects.iter().map(|subject| named(subject)).collect();
                Box::new(Typed(tenant.link(Link { meta, subjects }), Reply::Person))
            }
            What::Unlink { subject } => {
                Box::new(Typed(tenant.unlink(Unlink { meta, subject: named(&subject) }), Reply::Person))
            }
        }
    }
}

/// A subject as a host names it.
fn named(subject: &str) -> Subject {
    let (kind, value) = subject.split_once(':').unwrap_or(("customer", subject));
    Subject::new(kind, value)
}

fn acted(tenant: &Tenant, meta: Meta, act: Act, card: CardPick, force: bool) -> Box<dyn Pending> {
    let call = match act {
        Act::Freeze => tenant.freeze(Freeze { meta, card, force }),
        Act::Unfreeze => tenant.unfreeze(Unfreeze { meta, card }),
        Act::Void => tenant.void(Void { meta, card, force }),
        Act::Replace => tenant.replace(Replace { meta, card, force }),
        Act::Reveal => tenant.reveal(Reveal { meta, card }),
    };
    Box::new(Typed(call, Reply::Card))
}

fn moved(tenant: &Tenant, meta: Meta, id: &str, step: BatchMove) -> Box<dyn Pending> {
    let call = match step {
        BatchMove::Freeze => tenant.freeze_batch((meta, id)),
        BatchMove::Unfreeze => tenant.unfreeze_batch((meta, id)),
        BatchMove::Close => tenant.close_batch((meta, id)),
        BatchMove::Void => tenant.void_batch((meta, id)),
        BatchMove::Archive => tenant.archive_batch((meta, id)),
        BatchMove::Extend(until) => {
            tenant.extend_batch(ExtendBatch { meta, batch: id.to_owned(), until: until.to_string() })
        }
        BatchMove::Refill(refill) => tenant.refill_batch(RefillBatch { meta, batch: id.to_owned(), refill }),
    };
    Box::new(Typed(call, batch))
}

fn picked(book: &CodeBook, card: Pick) -> CardPick {
    match card {
        Pick::Code(code) => CardPick::code(code_text(book, &code)),
        Pick::Id(id) => CardPick::Id(id),
    }
}

fn batch(reply: std::sync::Arc<cardmint::card::Batch>) -> Reply {
    Reply::Batch((*reply).clone())
}

/// The text of a code; a token that nothing can seal becomes a text that nothing opens.
pub fn code_text(book: &CodeBook, code: &Code) -> String {
    match code {
        Code::Sealed(token) => book
            .seal(&token.format, token.slot, &token.card)
            .unwrap_or_else(|_| "0".repeat(usize::from(token.format.symbols()))),
        Code::Word(word) => word.clone(),
    }
}
