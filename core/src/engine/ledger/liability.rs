//! What is owed on cards and accounts now: sums over rollups, and the untouched cards of each batch by arithmetic.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::error::Error;
use super::super::request::{Begin, Read};
use super::super::resolve::Ground;
use super::books::face_minor;
use super::tally::{Tally, told};
use super::walk::LiabilityWalk;
use crate::Invalid;
use crate::card::{Batch, BatchLife, CardState};
use crate::id::check_name;
use crate::store::{Owner, Record, ScanOf};
use crate::time::Instant;

/// Asks what is owed now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiabilityNow {
    /// Only of this batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

/// Asks what was owed at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LiabilityAt {
    /// A moment that is not ahead; what happened at this very moment had happened. Now by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Only of this batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

/// What is owed, by unit and cohort. A campaign is the sum of its batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Liability {
    /// The moment.
    pub at: Instant,
    /// By unit, and within it by batch; first what holders and channels have.
    pub lines: Vec<LiabilityLine>,
    /// Whether all of it is told exactly. Not before the moment at which a file of an earlier build was first opened by one with
    /// a ledger, where cards had moved by then.
    pub exact: bool,
}

/// What is owed in a unit on the cards of a batch, or on the accounts of holders and channels. Amounts in the smallest part of the
/// unit; none is told beyond 9007199254740991.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LiabilityLine {
    /// The unit.
    pub unit: String,
    /// The batch; nothing where the line is about holders and channels.
    pub batch: Option<String>,
    /// What the touched cards of the batch hold that are not void, expired ones included; or what the accounts hold.
    pub outstanding_minor: i64,
    /// What the touched cards hold of a batch that was voided as a whole: owed to nobody.
    #[serde(default, skip_serializing_if = "crate::money::is_nothing")]
    pub dead_minor: i64,
    /// What the untouched cards hold of a batch whose codes were issued as a whole.
    pub untouched_minor: i64,
    /// What the untouched cards would hold of a batch that is claimed from: nobody has them yet.
    pub ungiven_minor: i64,
    /// Cards that were touched.
    pub touched_cards: u64,
    /// Cards that were not.
    pub untouched_cards: u64,
    /// Face value that came onto touched cards.
    pub issued_minor: i64,
    /// What was loaded.
    pub loaded_minor: i64,
    /// What was paid, less what was given back.
    pub redeemed_minor: i64,
    /// What was set right; below 0 where more was taken away.
    pub adjusted_minor: i64,
    /// What cards held that were killed before their end.
    pub voided_minor: i64,
    /// What is booked as breakage: of cards that were touched since their end.
    pub booked_breakage_minor: i64,
    /// What had become breakage by that moment, booked or not, untouched cards included. Told of a moment only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakage_minor: Option<i64>,
}

impl Read for LiabilityNow {
    type Reply = Liability;

    fn read(self, tenant: &Tenant) -> Result<Liability, Error> {
        self.batch.as_deref().map_or(Ok(()), |batch| check_name("batch", batch))?;
        let tally = tenant.rollups(self.batch.as_deref())?;
        let mut lines = Lines::of(tally);
        tenant.each_batch(self.batch.as_deref(), |ground| {
            let face = face_minor(&ground);
            lines.untouched(&ground, face);
            Ok(())
        })?;
        Ok(Liability { at: tenant.realm.now(), lines: lines.done(), exact: true })
    }
}

impl Begin for LiabilityAt {
    type Cursor = LiabilityWalk;

    fn begin(self, tenant: &Tenant) -> Result<LiabilityWalk, Error> {
        self.batch.as_deref().map_or(Ok(()), |batch| check_name("batch", batch))?;
        let now = tenant.realm.now();
        let at = self.at.unwrap_or(now);
        if at > now {
            return Err(Invalid::new("at", at, format!("a moment up to {now}")).into());
        }
        LiabilityWalk::begin(tenant, at, self.batch)
    }
}

impl Tenant {
    /// The sums that every commit keeps up.
    pub(super) fn rollups(&self, batch: Option<&str>) -> Result<Tally, Error> {
        let mut tally = Tally::default();
        self.each_row(ScanOf::Books, |record| {
            if let Record::Account(account) = record
                && let Owner::Book(book) = &account.owner
                && batch.is_none_or(|batch| batch == book.cohort)
            {
                tally.add(&account.unit, &book.cohort, book.name.as_str(), account.balance);
            }
            true
        })?;
        Ok(tally)
    }

    /// Every batch whose cards hold value, or the one of that id.
    pub(super) fn each_batch(
        &self,
        batch: Option<&str>,
        mut each: impl FnMut(Ground) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some(id) = batch {
            let ground = self.realm.weigh(|view| Ground::named(view, id))?;
            return if ground.template.draft.kind.holds_value() { each(ground) } else { Ok(()) };
        }
        let mut batches: Vec<std::sync::Arc<Batch>> = Vec::new();
        self.each_row(ScanOf::Batches, |record| {
            if let Record::Batch(batch) = record {
                batches.push(batch.clone());
            }
            true
        })?;
        for batch in batches {
            let ground = self.realm.weigh(|view| Ground::of(view, batch.clone()))?;
            if ground.template.draft.kind.holds_value() {
                each(ground)?;
            }
        }
        Ok(())
    }
}

/// Lines on their way.
pub(super) struct Lines {
    tally: Tally,
    done: Vec<LiabilityLine>,
    seen: BTreeSet<(String, String)>,
}

impl Lines {
    pub(super) fn of(tally: Tally) -> Self {
        Self { tally, done: Vec::new(), seen: BTreeSet::new() }
    }

    /// The line of a batch.
    pub(super) fn untouched(&mut self, ground: &Ground, face_minor: i64) -> Option<&mut LiabilityLine> {
        let (unit, batch) = (ground.template.draft.currency?.code(), &ground.batch);
        let cohort = &batch.id;
        let mut line = self.tally.line(unit, cohort);
        line.untouched_cards = u64::from(batch.size).saturating_sub(line.touched_cards);
        let value = told(i128::from(face_minor) * i128::from(line.untouched_cards));
        match (batch.life, batch.untouched) {
            (BatchLife::Void, _) => line.dead_minor = std::mem::take(&mut line.outstanding_minor),
            (BatchLife::Active | BatchLife::Closed | BatchLife::Archived, CardState::Issued) => {
                line.untouched_minor = value;
            }
            (
                BatchLife::Active | BatchLife::Closed | BatchLife::Archived,
                CardState::Minted | CardState::Claimed | CardState::Bound | CardState::Spent | CardState::Void,
            ) => line.ungiven_minor = value,
        }
        self.seen.insert((unit.to_owned(), cohort.clone()));
        self.done.push(line);
        self.done.last_mut()
    }

    /// All lines in order, those of holders and channels with them.
    pub(super) fn done(mut self) -> Vec<LiabilityLine> {
        let rest = self.tally.keys().filter(|key| !self.seen.contains(*key));
        self.done.extend(rest.map(|(unit, cohort)| self.tally.line(unit, cohort)));
        self.done.sort_by(|one, other| (&one.unit, &one.batch).cmp(&(&other.unit, &other.batch)));
        self.done
    }
}
