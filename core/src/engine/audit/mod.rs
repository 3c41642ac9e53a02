//! The audit: every row that is a sum or a consequence of events is worked out again from the journal, and each difference named.
//!
//! One pass walks cards beside their events ([`cards`]), then the tables that are sums ([`rows`]), in pages, and adds both sides up
//! ([`tally`]). What differs is named in a second pass. In memory are a few pages, the batches at hand and the sums' buckets,
//! however long the journal is.

mod cards;
mod looks;
mod rows;
mod tally;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::cards::Cards;
use self::looks::Looks;
use self::rows::Rows;
use self::tally::Tally;
use super::Tenant;
use super::error::Error;
use super::request::{Begin, Progress};
use super::resolve::Ground;
use crate::Invalid;
use crate::card::hex;
use crate::id::{BatchNo, CardId};
use crate::store::{Key, Lookup, Record};

/// Rows of one step.
const ROWS_A_STEP: usize = 1_000;

/// Most findings that are told one by one.
const FINDINGS_MAX: usize = 1_000;

/// Most passes over all sums behind the first, where more differ than can be gone into.
const SIFTS_MAX: u32 = 8;

/// Most chain heads of one audit.
const HEADS_MAX: usize = 100_000;

/// Most batches whose terms are kept at hand.
const GROUNDS_MAX: usize = 1_000;

/// Works everything out again from the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Chain heads that the host kept from the feed, at most 100,000: an end of a card's history that was cut off shows only by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<ChainHead>,
}

/// The head of a card's chain at one of its events, as the feed gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChainHead {
    /// The card.
    pub card: CardId,
    /// The event's place among the card's own.
    pub place: u32,
    /// 32 hex digits.
    pub chain: String,
}

/// One thing that is not what the journal says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Finding {
    /// The row, by its key: `card 16-3-41`, `redemption A-1 of card 16-3-41`, `account holder:customer:4711 uses:ten-off`.
    pub row: String,
    /// Which field of it.
    pub field: String,
    /// What stands there.
    pub stands: String,
    /// What the journal says.
    pub journal: String,
}

impl Finding {
    fn new(row: String, field: &str, stands: impl ToString, journal: impl ToString) -> Self {
        Self { row, field: field.to_owned(), stands: stands.to_string(), journal: journal.to_string() }
    }
}

/// What an audit came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AuditReport {
    /// Cards with rows.
    pub cards: u64,
    /// Events of cards.
    pub events: u64,
    /// Redemptions.
    pub redemptions: u64,
    /// Refunds.
    pub refunds: u64,
    /// Accounts.
    pub accounts: u64,
    /// Whether the chains of HMACs were checked: not without keys.
    pub chains_checked: bool,
    /// Whether nobody wrote meanwhile. If somebody did, sums that are written all the time may have been passed over.
    pub stood_still: bool,
    /// What differs, at most 1,000.
    pub findings: Vec<Finding>,
    /// How much differs in all, as far as it was gone into.
    pub findings_total: u64,
}

/// Findings up to the most that are told, and how many there are.
#[derive(Default)]
struct Findings {
    told: Vec<Finding>,
    total: u64,
}

impl Findings {
    fn push(&mut self, finding: Finding) {
        self.total += 1;
        if self.told.len() < FINDINGS_MAX {
            self.told.push(finding);
        }
    }

    fn extend(&mut self, findings: Vec<Finding>) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

/// Batches with their terms, read once each.
#[derive(Default)]
struct Grounds(BTreeMap<BatchNo, Option<Arc<Ground>>>);

impl Grounds {
    /// The ground of a batch; `None` where there is no such batch.
    fn of(&mut self, tenant: &Tenant, no: BatchNo) -> Result<Option<Arc<Ground>>, Error> {
        if let Some(ground) = self.0.get(&no) {
            return Ok(ground.clone());
        }
        let ground = tenant.realm.weigh(|view| match view.batch(no)? {
            Some((batch, _)) => Ground::of(view, batch).map(|ground| Some(Arc::new(ground))),
            None => Ok(None),
        })?;
        if self.0.len() >= GROUNDS_MAX {
            self.0.clear();
        }
        self.0.insert(no, ground.clone());
        Ok(ground)
    }
}

/// One pass over everything.
struct Pass {
    cards: Option<Box<Cards>>,
    rows: Rows,
    tally: Tally,
    /// The committers and how much each had written when it began.
    journal: Vec<(u32, u64)>,
}

impl Pass {
    fn begin(tenant: &Tenant, tally: Tally) -> Result<Self, Error> {
        Ok(Self { cards: Some(Box::new(Cards::new())), rows: Rows::new(), tally, journal: tenant.written()? })
    }
}

/// An audit on its way. Each step reads at most some pages.
pub struct AuditRun {
    tenant: Tenant,
    heads: Vec<ChainHead>,
    heads_checked: usize,
    grounds: Grounds,
    seed: u64,
    pass: Pass,
    /// The buckets that differed in each pass over all sums, where the first one left too many to go into.
    suspects: Option<Vec<usize>>,
    /// How many passes over all sums came behind the first.
    sifted: u32,
    /// The buckets that a further pass goes into.
    bad: Vec<usize>,
    looks: Looks,
    findings: Findings,
    report: AuditReport,
    progress: Progress,
    is_done: bool,
}

impl AuditRun {
    /// Reads some more; the report once all was read, and again with every step behind it.
    ///
    /// # Errors
    /// Only faults of the store. The place stays, so the step can be repeated.
    pub fn step(&mut self) -> Result<Option<AuditReport>, Error> {
        if self.is_done {
            return Ok(Some(self.report.clone()));
        }
        self.tenant.must_be_home()?;
        // Of a further pass only the sums are news.
        let mut known = Findings::default();
        let is_first = self.bad.is_empty() && self.suspects.is_none();
        let findings = if is_first { &mut self.findings } else { &mut known };
        let Pass { cards, rows, tally, .. } = &mut self.pass;
        if let Some(walk) = cards {
            let ended = walk.step(&self.tenant, &mut self.grounds, tally, findings)?;
            if is_first {
                (self.report.cards, self.report.events) = (walk.cards_read, walk.events_read);
                self.progress.done = walk.events_read.min(self.progress.total);
            }
            if ended {
                *cards = None;
            }
            return Ok(None);
        }
        if !rows.step(&self.tenant, &mut self.grounds, tally, findings)? {
            return Ok(None);
        }
        if is_first {
            let Rows { redemptions_read, refunds_read, accounts_read, .. } = self.pass.rows;
            (self.report.redemptions, self.report.refunds) = (redemptions_read, refunds_read);
            self.report.accounts = accounts_read;
        }
        self.end_of_pass()
    }

    fn end_of_pass(&mut self) -> Result<Option<AuditReport>, Error> {
        if !self.check_heads()? {
            return Ok(None);
        }
        let stood_still = self.tenant.written()? == self.pass.journal;
        if self.bad.is_empty() {
            return self.end_of_sums(stood_still);
        }
        let still = stood_still && self.report.stood_still;
        if self.looks.add(self.pass.tally.differing(), stood_still) {
            self.pass = Pass::begin(&self.tenant, Tally::kept(self.seed, &self.bad))?;
            self.report.stood_still = still;
            return Ok(None);
        }
        let sure = std::mem::take(&mut self.looks).sure();
        self.findings.extend(sure.into_iter().map(tally::finding).collect());
        Ok(Some(self.end(still)))
    }

    /// A pass over all sums came to its end; what differs is looked into one by one.
    fn end_of_sums(&mut self, stood_still: bool) -> Result<Option<AuditReport>, Error> {
        let mut bad = self.pass.tally.bad();
        if let Some(before) = self.suspects.as_ref().filter(|_| !stood_still) {
            bad.retain(|bucket| before.binary_search(bucket).is_ok());
        }
        let still = stood_still && self.suspects.is_none();
        if bad.is_empty() {
            return Ok(Some(self.end(still)));
        }
        self.report.stood_still = still;
        let left_out = tally::left_out(&bad);
        if !stood_still && left_out > 0 && self.sifted < SIFTS_MAX {
            // In a busy shop most are of rows that came meanwhile: those agree in another pass, and what is wrong does not.
            self.pass = Pass::begin(&self.tenant, Tally::sums(self.seed))?;
            (self.suspects, self.sifted) = (Some(bad), self.sifted + 1);
        } else {
            self.pass = Pass::begin(&self.tenant, Tally::kept(self.seed, &bad))?;
            self.findings.total += left_out;
            self.bad = bad;
        }
        Ok(None)
    }

    fn end(&mut self, stood_still: bool) -> AuditReport {
        let Findings { told, total } = std::mem::take(&mut self.findings);
        (self.report.findings, self.report.findings_total) = (told, total);
        self.report.stood_still = stood_still;
        self.progress.done = self.progress.total;
        self.is_done = true;
        self.report.clone()
    }

    /// Some of the heads that the host kept; `true` when all were looked at.
    fn check_heads(&mut self) -> Result<bool, Error> {
        let rest = self.heads.get(self.heads_checked..).unwrap_or_default();
        let heads = rest.get(..rest.len().min(ROWS_A_STEP)).unwrap_or_default();
        if heads.is_empty() {
            return Ok(true);
        }
        let key = &self.tenant.realm.key;
        let lookups: Vec<_> =
            heads.iter().map(|head| Lookup::exact(key, Key::CardEvent(head.card, head.place))).collect();
        let rows = self.tenant.realm.store.load(&lookups)?;
        for (head, row) in heads.iter().zip(rows) {
            let stands = match row.as_ref().map(|stored| &stored.record) {
                Some(Record::Event(stored)) => hex(&stored.event.chain),
                _ => "not there".to_owned(),
            };
            if stands != head.chain.to_ascii_lowercase() {
                let row = format!("event {} of card {}", head.place, head.card);
                let kept = format!("{}, as the feed gave it", head.chain);
                self.findings.push(Finding::new(row, "chain", stands, kept));
            }
        }
        self.heads_checked += heads.len();
        Ok(false)
    }

    /// Events read, out of all that there were in the store when it began.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Goes to the end.
    ///
    /// # Errors
    /// Only faults of the store.
    pub fn wait(mut self) -> Result<AuditReport, Error> {
        loop {
            if let Some(report) = self.step()? {
                return Ok(report);
            }
        }
    }
}

impl std::fmt::Debug for AuditRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditRun").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl Tenant {
    /// How much each committer has written.
    fn written(&self) -> Result<Vec<(u32, u64)>, Error> {
        Ok(self.writers()?.iter().map(|writer| (writer.no, writer.events)).collect())
    }
}

impl Begin for Audit {
    type Cursor = AuditRun;

    fn begin(self, tenant: &Tenant) -> Result<AuditRun, Error> {
        if self.heads.len() > HEADS_MAX {
            return Err(Invalid::new("heads", self.heads.len(), format!("at most {HEADS_MAX}")).into());
        }
        let keys = tenant.realm.keys.as_ref();
        let seed = keys.map_or(0, |keys| {
            let mac = keys.digest("audit", b"seed of sums");
            mac.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte))
        });
        let pass = Pass::begin(tenant, Tally::sums(seed))?;
        let total = pass.journal.iter().map(|(_, events)| events).sum();
        Ok(AuditRun {
            tenant: tenant.clone(),
            heads: self.heads,
            heads_checked: 0,
            grounds: Grounds::default(),
            seed,
            pass,
            suspects: None,
            sifted: 0,
            bad: Vec::new(),
            looks: Looks::default(),
            findings: Findings::default(),
            report: AuditReport { chains_checked: keys.is_some(), ..AuditReport::default() },
            progress: Progress { done: 0, total },
            is_done: false,
        })
    }
}

impl From<()> for Audit {
    fn from((): ()) -> Self {
        Self::default()
    }
}
