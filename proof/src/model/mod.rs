//! The naive model: plain maps and one rule after another, written from docs/state-machine.md and not from the engine. It knows no
//! groups, no overlay, no cache and no store; whatever an engine answers must be what this says at some instant of the call.

mod accounts;
mod asks;
mod caps;
mod cards;
mod gifts;
mod ledger;
pub use asks::is_same;
pub use cards::token_text;
pub use limits::{batch_name, stretch};
pub mod holds;
mod limits;
mod orders;
mod owner;
mod persons;
mod price;
mod promotions;
mod redeem;
mod refill;
mod shop;
mod steps;
mod succeed;
mod value;

pub use orders::{ToldCard, ToldOrder, kept_receipt};

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cardmint::Denial;
use cardmint::card::{Batch, Campaign, Card, EventKind, FormatUse, HoldId, Promotion, Redemption, Refund, Stock};
use cardmint::id::{BatchNo, CardId};
use cardmint::ledger::Unit;
use cardmint::limit::Buckets;
use cardmint::money::Rounding;
use cardmint::person::Person;
use cardmint::store::Owner;
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;

use crate::request::{Asked, Much, Reply, What};
use crate::ring::Ring;
use crate::terms::{Basket, Terms};

/// A version of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Counted from 1.
    pub version: u32,
    /// Its terms.
    pub terms: Terms,
}

/// A request that had its effect, and the reply to it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What was asked.
    pub asked: Arc<Asked>,
    /// What it came to.
    pub reply: Reply,
}

/// Everything that is so at one instant. Cloning is cheap: maps are shared until they change.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "named as the records are")]
pub struct Model {
    pub settings: Settings,
    /// By subject; nothing of one who was taken out again.
    pub linked: Arc<BTreeMap<SubjectKey, Option<Person>>>,
    pub campaigns: Arc<BTreeMap<String, Campaign>>,
    pub listed: Arc<BTreeSet<(String, String)>>,
    pub templates: Arc<BTreeMap<String, Vec<Template>>>,
    pub batches: Arc<BTreeMap<String, Batch>>,
    pub words: Arc<BTreeMap<String, String>>,
    pub formats: Arc<BTreeMap<u8, FormatUse>>,
    pub stocks: Arc<BTreeMap<BatchNo, Stock>>,
    pub cards: Arc<BTreeMap<CardId, Card>>,
    /// By owner and unit, such as `uses:ten-off`.
    pub accounts: Arc<BTreeMap<(Owner, String), i64>>,
    pub redemptions: Arc<BTreeMap<String, Redemption>>,
    /// The last one of each redemption.
    pub refunds: Arc<BTreeMap<String, Refund>>,
    pub holds: Arc<BTreeMap<HoldId, holds::Kept>>,
    /// What of an account is held, by owner and unit.
    pub held: Arc<BTreeMap<(Owner, String), holds::Held>>,
    pub units: Arc<BTreeMap<String, Unit>>,
    /// By operation and idempotency key.
    pub kept: Arc<BTreeMap<(&'static str, String), Arc<Kept>>>,
}

/// What holds for the whole shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// How shares that are not whole become whole.
    pub rounding: Rounding,
    /// Whether anybody was ever linked.
    pub persons: bool,
    /// What comes off orders by itself, by id.
    pub promotions: Vec<Promotion>,
}

/// One row that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the records are")]
pub enum Put {
    Settings(Settings),
    Linked(SubjectKey, Option<Person>),
    Campaign(Campaign),
    Listed(String, String),
    Template(Template),
    Batch(Batch),
    Word(String, String),
    Format(FormatUse),
    Stock(Stock),
    Card(Box<Card>),
    Move { owner: Owner, unit: String, delta: i64 },
    Redemption(Box<Redemption>),
    Refund(Refund),
    Hold(Box<holds::Kept>),
    Held { owner: Owner, unit: String, buckets: Buckets, last_at: Instant },
    Unit(Unit),
}

/// What a request does: its reply, what changes, and which events tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "said above")]
pub struct Effect {
    pub reply: Reply,
    pub puts: Vec<Put>,
    pub events: Vec<EventKind>,
    /// The person on whom a claim counts.
    pub counted_on: Option<SubjectKey>,
    /// Of a request about several cards: what is done to each, and whose event carries the request.
    pub steps: Vec<Effect>,
    pub answers: usize,
}

impl Effect {
    /// What one request about one thing does.
    pub fn of(reply: Reply, puts: Vec<Put>, events: Vec<EventKind>) -> Self {
        Self { reply, puts, events, counted_on: None, steps: Vec::new(), answers: 0 }
    }
}

/// Why a request has no effect.
#[derive(Debug, Clone)]
pub enum No {
    /// The rules say no.
    Denied(Denial),
    /// It does not fit what it speaks of; the model does not foretell the words.
    Invalid,
}

impl PartialEq for No {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Denied(one), Self::Denied(other)) => is_same(one, other),
            (Self::Invalid, other) | (other, Self::Invalid) => matches!(other, Self::Invalid),
        }
    }
}

impl From<Denial> for No {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

/// What is refused before anything is looked up.
fn makes_sense(what: &What) -> bool {
    let fits = |basket: &Basket, amount: i64| (1..=basket.lines.iter().sum()).contains(&amount);
    match what {
        What::Redeem { basket, amount: Some(Much::Minor(amount)), .. }
        | What::Hold { basket, amount: Some(amount), .. } => fits(basket, *amount),
        What::RedeemOrder { of, .. } | What::HoldOrder { of, .. } => orders::makes_sense(of),
        What::CaptureOrder { holds } => orders::of_one_order(holds.iter().map(|(hold, _)| hold)),
        What::ReleaseOrder { holds } => orders::of_one_order(holds.iter()),
        _ => true,
    }
}

fn keys(subjects: &[String]) -> Vec<SubjectKey> {
    subjects.iter().map(|subject| SubjectKey::from_stored(subject.clone())).collect()
}

/// A control row: engines may read it as it was up to `control_lag` ago.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named as the records are")]
pub enum RowKey {
    Settings,
    Campaign(String),
    Newest(String),
    Batch(String),
    Word(String),
    Linked(SubjectKey),
}

/// What stood in a control row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the records are")]
pub enum Row {
    Settings(Settings),
    Linked(Option<Person>),
    Campaign(Option<Campaign>),
    Newest(Option<u32>),
    Batch(Option<Box<Batch>>),
    Word(Option<String>),
}

/// Under which circumstances the model is asked.
pub struct Moment<'a> {
    /// The model's state.
    pub model: &'a Model,
    /// What the engine's clock said.
    pub now: Instant,
    /// The engine's keys.
    pub ring: &'a Ring,
    /// Cards of a word's batch that the holder had when the call was made.
    pub own: &'a [CardId],
    /// Cards that a claim may pass by, since they were not to be had when it looked.
    pub passed: &'a BTreeSet<CardId>,
    /// By redemption and batch: why it says that it could not give a card of it, where that was so when it looked.
    pub left_out: &'a BTreeMap<(String, String), String>,
    /// Cards that an order had of a promotion before and leaves alone now, since they were not to be had when it looked.
    pub stale: &'a BTreeSet<CardId>,
    /// The number of its own that a person was given who was linked.
    pub drawn: Option<&'a SubjectKey>,
    /// Every batch number that was ever given, also by batches that this state does not have yet.
    pub names: &'a BTreeMap<BatchNo, String>,
    /// Control rows that are read as they were, instead of as they are.
    pub choice: &'a BTreeMap<RowKey, Row>,
    /// The control rows that were read.
    pub seen: &'a RefCell<BTreeSet<RowKey>>,
}

impl Moment<'_> {
    /// What the request does at this moment, with its cards as the books have them then.
    pub fn decide(&self, asked: &Asked) -> Result<Effect, No> {
        let mut effect = self.decided(asked)?;
        effect.puts.iter_mut().for_each(ledger::book);
        Ok(effect)
    }

    fn decided(&self, asked: &Asked) -> Result<Effect, No> {
        if !makes_sense(&asked.what) {
            return Err(No::Invalid);
        }
        if let Some(kept) = self.model.kept.get(&(asked.op(), asked.key.clone())) {
            return if *kept.asked == *asked { self.repeat(kept) } else { Err(Denial::KeyReused.into()) };
        }
        match &asked.what {
            What::SaveSettings { .. }
            | What::SaveCampaign { .. }
            | What::AddAudience { .. }
            | What::SaveTemplate { .. }
            | What::IssueBatch { .. }
            | What::GrowBatch { .. }
            | What::RekeyBatch { .. }
            | What::CloseExport { .. }
            | What::SaveWord { .. } => self.shop(&asked.what),
            What::Claim { take, customer } => self.claim(take, customer),
            What::Issue { batch, customer } => self.issue(batch, customer),
            What::Redeem { code, customer, basket, amount } => {
                self.redeem(&asked.key, code, customer.as_deref(), basket, *amount)
            }
            What::Refund { redemption, amount } => self.refund(redemption, *amount),
            What::Load { card, amount } => self.load(card, *amount),
            What::Adjust { card, delta } => self.adjust(card, *delta),
            What::Act { act, card } => self.act(*act, card, false),
            What::Force { act, card } => self.act(*act, card, true),
            What::Tie { tie, card, customer, to } => self.tie(*tie, card, customer, to),
            What::Extend { card, until } => self.extend(card, *until),
            What::Succeed { card, until } => self.succeed(card, *until),
            What::MoveBatch { batch, step } => self.move_batch(batch, step),
            What::MoveCampaign { campaign, step } => self.move_campaign(campaign, *step),
            What::SaveUnit { name, between_holders } => Ok(self.save_unit(name, *between_holders)),
            What::MoveValue { unit, amount, from, to } => self.move_value(unit, *amount, from, to),
            What::Hold { code, customer, basket, amount, ttl_s } => {
                self.hold(code, customer.as_deref(), basket, *amount, *ttl_s)
            }
            What::Capture { hold, amount } => self.capture(&asked.key, hold, *amount),
            What::Release { hold } => self.release(hold),
            What::RedeemOrder { of, leave_out } => self.redeem_order(&asked.key, of, *leave_out),
            What::HoldOrder { of, leave_out, ttl_s } => self.hold_order(of, *leave_out, *ttl_s),
            What::CaptureOrder { holds } => self.capture_order(&asked.key, holds),
            What::ReleaseOrder { holds } => self.release_order(holds),
            What::SavePromotion { id, template, campaign, limits } => {
                self.save_promotion(id, template, campaign.as_deref(), limits)
            }
            What::MovePromotion { id, step } => self.move_promotion(id, *step),
            What::Link { subjects } => self.link(&keys(subjects)),
            What::Unlink { subject } => self.unlink(&SubjectKey::from_stored(subject.clone())),
        }
    }

    fn row(&self, key: RowKey) -> Row {
        let row = self.choice.get(&key).cloned().unwrap_or_else(|| self.model.row(&key));
        self.seen.borrow_mut().insert(key);
        row
    }

    fn settings(&self) -> Settings {
        match self.row(RowKey::Settings) {
            Row::Settings(settings) => settings,
            _ => Settings::default(),
        }
    }

    fn rounding(&self) -> Rounding {
        self.settings().rounding
    }

    fn campaign(&self, id: &str) -> Option<Campaign> {
        match self.row(RowKey::Campaign(id.to_owned())) {
            Row::Campaign(row) => row,
            _ => None,
        }
    }

    fn batch(&self, id: &str) -> Option<Batch> {
        match self.row(RowKey::Batch(id.to_owned())) {
            Row::Batch(row) => row.map(|batch| *batch),
            _ => None,
        }
    }

    fn newest(&self, template: &str) -> Option<u32> {
        match self.row(RowKey::Newest(template.to_owned())) {
            Row::Newest(row) => row,
            _ => None,
        }
    }

    fn word(&self, word: &str) -> Option<String> {
        match self.row(RowKey::Word(word.to_owned())) {
            Row::Word(row) => row,
            _ => None,
        }
    }
}

impl Model {
    /// What stands in a control row.
    pub fn row(&self, key: &RowKey) -> Row {
        match key {
            RowKey::Settings => Row::Settings(self.settings.clone()),
            RowKey::Linked(subject) => Row::Linked(self.linked.get(subject).cloned().flatten()),
            RowKey::Campaign(id) => Row::Campaign(self.campaigns.get(id).cloned()),
            RowKey::Newest(id) => {
                Row::Newest(self.templates.get(id).and_then(|versions| versions.last()).map(|newest| newest.version))
            }
            RowKey::Batch(id) => Row::Batch(self.batches.get(id).cloned().map(Box::new)),
            RowKey::Word(word) => Row::Word(self.words.get(word).cloned()),
        }
    }

    /// Takes over what a request did.
    pub fn apply(&mut self, put: &Put) {
        match put.clone() {
            Put::Settings(settings) => self.settings = settings,
            Put::Linked(subject, person) => drop(Arc::make_mut(&mut self.linked).insert(subject, person)),
            Put::Campaign(campaign) => drop(Arc::make_mut(&mut self.campaigns).insert(campaign.id.clone(), campaign)),
            Put::Listed(campaign, customer) => drop(Arc::make_mut(&mut self.listed).insert((campaign, customer))),
            Put::Template(template) => {
                let versions = Arc::make_mut(&mut self.templates).entry(template.terms.id.clone()).or_default();
                versions.push(template);
            }
            Put::Batch(batch) => drop(Arc::make_mut(&mut self.batches).insert(batch.id.clone(), batch)),
            Put::Word(word, batch) => drop(Arc::make_mut(&mut self.words).insert(word, batch)),
            Put::Format(used) => drop(Arc::make_mut(&mut self.formats).insert(used.symbols, used)),
            Put::Stock(stock) => drop(Arc::make_mut(&mut self.stocks).insert(stock.batch, stock)),
            Put::Card(card) => drop(Arc::make_mut(&mut self.cards).insert(card.id, *card)),
            Put::Move { owner, unit, delta } => {
                *Arc::make_mut(&mut self.accounts).entry((owner, unit)).or_default() += delta;
            }
            Put::Redemption(redemption) => {
                drop(Arc::make_mut(&mut self.redemptions).insert(redemption.key.clone(), *redemption));
            }
            Put::Refund(refund) => {
                drop(Arc::make_mut(&mut self.refunds).insert(refund.redemption.clone(), refund));
            }
            Put::Hold(kept) => drop(Arc::make_mut(&mut self.holds).insert(kept.hold.id.clone(), *kept)),
            Put::Held { owner, unit, buckets, last_at } => {
                drop(Arc::make_mut(&mut self.held).insert((owner, unit), holds::Held { buckets, last_at }));
            }
            Put::Unit(unit) => drop(Arc::make_mut(&mut self.units).insert(unit.name.clone(), unit)),
        }
    }

    /// How much stands on an account.
    pub fn account(&self, owner: &Owner, unit: &str) -> i64 {
        self.accounts.get(&(owner.clone(), unit.to_owned())).copied().unwrap_or(0)
    }
}

impl Put {
    /// The control row that it changes, where it is one.
    pub fn row_key(&self) -> Option<RowKey> {
        match self {
            Self::Settings(..) => Some(RowKey::Settings),
            Self::Linked(subject, _) => Some(RowKey::Linked(subject.clone())),
            Self::Campaign(campaign) => Some(RowKey::Campaign(campaign.id.clone())),
            Self::Template(template) => Some(RowKey::Newest(template.terms.id.clone())),
            Self::Batch(batch) => Some(RowKey::Batch(batch.id.clone())),
            Self::Word(word, _) => Some(RowKey::Word(word.clone())),
            Self::Listed(..)
            | Self::Format(_)
            | Self::Stock(_)
            | Self::Card(_)
            | Self::Move { .. }
            | Self::Redemption(_)
            | Self::Refund(_)
            | Self::Hold(_)
            | Self::Held { .. }
            | Self::Unit(_) => None,
        }
    }
}
