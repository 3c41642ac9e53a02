//! Races: many at once for what is scarce. Exactly as much as there is goes out, and everybody else hears the lawful reason.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use cardmint::card::{Batch, CardKind, RedeemFrom};
use cardmint::code::CardRef;
use cardmint::limit::{Limit, LimitWindow, Measure, Period, UsageUnit};
use cardmint::{Error, LimitScope};
use serde::{Deserialize, Serialize};

use super::{Failure, Live, Setup, held};
use crate::request::{Asked, Code, Much, Reply, Take, Token, What};
use crate::terms::{Basket, Terms, cny};

/// What is raced for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contest {
    /// One use of one card.
    OneCard,
    /// A hundred uses of one card.
    HundredUses,
    /// A hundred cards of a batch.
    HundredCards,
    /// Seven uses of a holder, over many cards.
    HolderLimit,
    /// The next cards of a batch that has enough for all.
    HotBatch,
    /// A thousand uses of a public word.
    Word,
    /// The same few requests from everybody.
    Retries,
    /// A gift card of a hundred, in steps of one.
    GiftCard,
    /// A hundred uses of a campaign, over many cards.
    CampaignLimit,
    /// A campaign's budget of a hundred orders, over many cards.
    Budget,
    /// A hundred uses of a template a day, over many cards.
    DailyLimit,
    /// A hundred uses of one card by orders that hold it first; some give it back, some leave their hold to itself.
    Holds,
}

impl Contest {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::OneCard,
        Self::HundredUses,
        Self::HundredCards,
        Self::HolderLimit,
        Self::HotBatch,
        Self::Word,
        Self::Retries,
        Self::GiftCard,
        Self::CampaignLimit,
        Self::Budget,
        Self::DailyLimit,
        Self::Holds,
    ];

    /// Its name, which is also that of its batch.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneCard => "one-card",
            Self::HundredUses => "hundred-uses",
            Self::HundredCards => "hundred-cards",
            Self::HolderLimit => "holder-limit",
            Self::HotBatch => "hot-batch",
            Self::Word => "word",
            Self::Retries => "retries",
            Self::GiftCard => "gift-card",
            Self::CampaignLimit => "campaign-limit",
            Self::Budget => "budget",
            Self::DailyLimit => "daily-limit",
            Self::Holds => "holds",
        }
    }

    /// The contest of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contest| contest.name() == name)
    }

    /// How many can win.
    const fn limit(self) -> u64 {
        match self {
            Self::OneCard => 1,
            Self::HundredUses
            | Self::HundredCards
            | Self::GiftCard
            | Self::CampaignLimit
            | Self::Budget
            | Self::DailyLimit
            | Self::Holds => 100,
            Self::HolderLimit => 7,
            Self::HotBatch => u64::MAX,
            Self::Word => 1_000,
            Self::Retries => 10,
        }
    }

    /// How often everybody together tries.
    pub const fn attempts(self) -> u64 {
        match self {
            Self::OneCard | Self::HotBatch => 200,
            Self::HundredUses
            | Self::HundredCards
            | Self::GiftCard
            | Self::CampaignLimit
            | Self::Budget
            | Self::DailyLimit
            | Self::Holds => 240,
            Self::HolderLimit => 64,
            Self::Word => 1_200,
            Self::Retries => 160,
        }
    }

    /// The reason that the others hear.
    const fn reason(self) -> &'static str {
        match self {
            Self::OneCard
            | Self::HundredUses
            | Self::HolderLimit
            | Self::CampaignLimit
            | Self::Budget
            | Self::DailyLimit
            | Self::Holds => "limit_reached",
            Self::GiftCard => "insufficient_balance",
            Self::HundredCards | Self::Word => "sold_out",
            Self::HotBatch | Self::Retries => "none",
        }
    }

    fn terms(self) -> (Terms, u32) {
        let plain = Terms::plain(self.name());
        match self {
            Self::OneCard => (plain, 1),
            Self::HundredUses => (Terms { uses_per_card: 100, ..plain }, 1),
            Self::HundredCards => (plain, 100),
            Self::HolderLimit => (Terms { uses_per_holder: Some(7), ..plain }, 64),
            Self::HotBatch => (plain, 100_000),
            Self::Word => (plain, 1_000),
            Self::Retries => (Terms { uses_per_card: 1_000, ..plain }, 1),
            Self::Holds => (Terms { uses_per_card: 120, uses_per_holder: Some(100), ..plain }, 1),
            Self::GiftCard => (Terms { kind: CardKind::GiftCard, value_minor: Some(100), ..plain }, 1),
            Self::CampaignLimit | Self::Budget | Self::DailyLimit => {
                let limits = self.limits(true);
                (Terms { redeem_from: RedeemFrom::Issued, limits, ..plain }, 240)
            }
        }
    }

    /// The limits of its template, or of its campaign.
    fn limits(self, of_template: bool) -> Vec<Limit> {
        let uses = Measure::Uses { usage_unit: UsageUnit::Order };
        let limit = |measure, window, most| vec![Limit { window, ..Limit::new(self.name(), measure, most) }];
        match self {
            Self::DailyLimit if of_template => limit(uses, LimitWindow::Calendar(Period::Year), 100),
            Self::CampaignLimit if !of_template => limit(uses, LimitWindow::Total, 100),
            // An order of 125.05 is 25.01 cheaper.
            Self::Budget if !of_template => limit(Measure::Money { currency: cny() }, LimitWindow::Total, 250_100),
            _ => Vec::new(),
        }
    }

    /// Makes what is raced for.
    ///
    /// # Errors
    /// What the engine says.
    pub fn prepare(self, live: &Live) -> Result<(), Failure> {
        let (terms, size) = self.terms();
        let limits = self.limits(false);
        let campaign = (!limits.is_empty()).then(|| self.name().to_owned());
        if let Some(id) = campaign.clone() {
            live.campaign(&id, limits)?;
        }
        live.stock_in(campaign, terms, size, (self == Self::Word).then_some("SUMMER 20"))?;
        let taken = match self {
            Self::OneCard | Self::HundredUses | Self::Retries | Self::GiftCard | Self::Holds => 1,
            Self::HolderLimit => size,
            Self::HundredCards
            | Self::HotBatch
            | Self::Word
            | Self::CampaignLimit
            | Self::Budget
            | Self::DailyLimit => 0,
        };
        for place in 0..taken {
            let take = Take::Batch(self.name().to_owned());
            let what = What::Claim { take, customer: "ann".to_owned() };
            live.ask(&Asked { key: format!("{}-claim-{place}", self.name()), what })?;
        }
        Ok(())
    }

    /// The `place`-th attempt.
    fn attempt(self, batch: &Batch, place: u64) -> Asked {
        let serial = u32::try_from(place).unwrap_or(0);
        let (code, customer) = match self {
            Self::OneCard | Self::HundredUses | Self::Retries | Self::GiftCard | Self::Holds => {
                (sealed(batch, 0), "ann".to_owned())
            }
            Self::HolderLimit => (sealed(batch, serial), "ann".to_owned()),
            Self::CampaignLimit | Self::Budget | Self::DailyLimit => (sealed(batch, serial), format!("c{place}")),
            Self::HundredCards | Self::HotBatch | Self::Word => {
                (Code::Word("SUMMER 20".to_owned()), format!("c{place}"))
            }
        };
        let key = if self == Self::Retries { place % self.limit() } else { place };
        let key = format!("{}-{key}", self.name());
        let what = match self {
            Self::HundredCards | Self::HotBatch => What::Claim { take: Take::Batch(batch.id.clone()), customer },
            _ => What::Redeem {
                code,
                customer: Some(customer),
                basket: Basket::new(key.clone(), vec![10_000, 2_505]),
                amount: (self == Self::GiftCard).then_some(Much::Minor(1)),
            },
        };
        Asked { key, what }
    }
}

fn sealed(batch: &Batch, serial: u32) -> Code {
    let card = CardRef { batch_no: batch.no.number, serial, issue_no: 0 };
    Code::Sealed(Token { format: batch.format, slot: batch.slot, card })
}

/// What came of a contest, or of one process's part in it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Score {
    /// What the winners got, by key: the card, or the receipt's words.
    pub won: BTreeMap<String, String>,
    /// The same request gave another reply.
    pub torn: Vec<String>,
    /// Calls that were answered.
    pub answers: u64,
    /// Denials and faults by code.
    pub others: BTreeMap<String, u64>,
}

impl Score {
    fn add(&mut self, asked: &Asked, contest: Contest, answer: Result<Reply, Error>) {
        self.answers += 1;
        match answer {
            Ok(reply) => self.won(asked.key.clone(), words(&reply)),
            Err(error) => {
                let lawful = match (&error, contest) {
                    (
                        Error::Denied(cardmint::Denial::LimitReached { scope, .. }),
                        Contest::HolderLimit | Contest::Holds,
                    ) => *scope == LimitScope::HolderUses,
                    (Error::Denied(cardmint::Denial::LimitReached { scope, .. }), _) => *scope == LimitScope::Card,
                    _ => true,
                };
                let code = if lawful { error.status().code() } else { "another_limit" };
                *self.others.entry(code.to_owned()).or_default() += 1;
            }
        }
    }

    fn won(&mut self, key: String, words: String) {
        if let Some(before) = self.won.get(&key)
            && *before != words
        {
            self.torn.push(key.clone());
        }
        self.won.insert(key, words);
    }

    /// Adds what another thread or process saw.
    pub fn join(&mut self, other: Self) {
        self.answers += other.answers;
        self.torn.extend(other.torn);
        other.won.into_iter().for_each(|(key, words)| self.won(key, words));
        other.others.into_iter().for_each(|(code, count)| *self.others.entry(code).or_default() += count);
    }

    /// What is wrong with it; nothing where all is well.
    pub fn wrong(&self, contest: Contest) -> Option<String> {
        let wanted = contest.limit().min(contest.attempts());
        let won = self.won.len() as u64;
        let cards: std::collections::BTreeSet<_> = self.won.values().collect();
        let distinct = matches!(contest, Contest::HundredCards | Contest::HotBatch | Contest::Word);
        if won != wanted {
            return Some(format!("{won} won, not {wanted}: {:?}", self.others));
        }
        if !self.torn.is_empty() {
            return Some(format!("replies differed for {:?}", self.torn));
        }
        if distinct && cards.len() as u64 != won {
            return Some(format!("{won} won {} cards", cards.len()));
        }
        if self.answers != contest.attempts() {
            return Some(format!("{} of {} attempts were answered", self.answers, contest.attempts()));
        }
        let unlawful: Vec<_> = self.others.keys().filter(|code| *code != contest.reason()).collect();
        if unlawful.is_empty() { None } else { Some(format!("others heard {:?}", self.others)) }
    }
}

/// What tells two replies apart: which card, and for a receipt all of it.
fn words(reply: &Reply) -> String {
    match reply {
        Reply::Card(reply) => reply.card.id.to_string(),
        Reply::Receipt(receipt) => format!("{} {} {:?}", receipt.card, receipt.at, receipt.pricing),
        other => format!("{other:?}"),
    }
}

/// Runs attempts `first`, `first + every`, … on so many threads of this process.
fn attempts(live: &Live, contest: Contest, threads: u64, first: u64, every: u64) -> Result<Score, Failure> {
    let batch = live.tenant.batch(contest.name())?.ok_or("the contest was not prepared")?;
    let parts = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|thread| {
                let batch = &batch;
                scope.spawn(move || {
                    let mut score = Score::default();
                    let mut place = first + every * thread;
                    while place < contest.attempts() {
                        let asked = contest.attempt(batch, place);
                        let answer = match contest {
                            Contest::Holds => held::attempt(live, batch, place).map(Reply::Receipt),
                            _ => live.ask(&asked),
                        };
                        score.add(&asked, contest, answer);
                        place += every * threads;
                    }
                    score
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let mut score = Score::default();
    for part in parts {
        score.join(part.map_err(|_| "a thread of the race panicked")?);
    }
    Ok(score)
}

/// A race of threads in this process.
///
/// # Errors
/// What kept it from being run.
pub fn by_threads(setup: &Setup, contest: Contest, threads: u64) -> Result<Score, Failure> {
    let live = setup.open()?;
    contest.prepare(&live)?;
    attempts(&live, contest, threads, 0, 1)
}

/// A race of processes on one database, each with two threads. `program` is this program.
///
/// # Errors
/// What kept it from being run.
pub fn by_processes(program: &Path, setup: &Setup, contest: Contest, processes: u64) -> Result<Score, Failure> {
    let live = setup.open()?;
    contest.prepare(&live)?;
    let mut children = Vec::new();
    for place in 0..processes {
        children.push(racer(program, setup, contest, place, processes)?);
    }
    // All have opened the database before any begins.
    for (_, lines) in &mut children {
        let mut ready = String::new();
        lines.read_line(&mut ready)?;
    }
    for (child, _) in &mut children {
        drop(child.stdin.take());
    }
    let mut score = Score::default();
    for (mut child, mut lines) in children {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        if !child.wait()?.success() {
            return Err("a process of the race failed".into());
        }
        score.join(serde_json::from_str(&line)?);
    }
    Ok(score)
}

type Racer = (Child, BufReader<std::process::ChildStdout>);

fn racer(program: &Path, setup: &Setup, contest: Contest, place: u64, of: u64) -> Result<Racer, Failure> {
    let mut child = Command::new(program)
        .arg("racer")
        .args(setup.args())
        .args([format!("--contest={}", contest.name()), format!("--place={place}"), format!("--of={of}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("no output of a process")?;
    Ok((child, BufReader::new(stdout)))
}

/// What a process of [`by_processes`] does.
///
/// # Errors
/// What kept it from being run.
pub fn racer_main(setup: &Setup, contest: Contest, place: u64, of: u64) -> Result<(), Failure> {
    let live = setup.open()?;
    println!("ready");
    std::io::stdout().flush()?;
    // The parent closes its end when all are ready.
    std::io::stdin().lines().for_each(drop);
    let score = attempts(&live, contest, 2, place, of)?;
    println!("{}", serde_json::to_string(&score)?);
    Ok(())
}
