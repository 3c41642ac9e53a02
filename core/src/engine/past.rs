//! Cards as they were: told by the journal alone, so an answer stays what it is whatever happens later.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::cards::CardView;
use super::error::Error;
use super::reads::PAGE_MAX;
use super::request::Read;
use super::resolve::{CardPick, Ground, check_pick};
use crate::Invalid;
use crate::card::{Batch, Campaign, Card, Event, EventKind, Replay, Thing, Told};
use crate::denial::Denial;
use crate::id::CardId;
use crate::ledger::Entry;
use crate::store::{Account, Key, Lookup, Record, Scan, ScanOf, Stored};
use crate::time::Instant;

/// Looks a card up as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardAsOf {
    /// By id, by card number, or by the code that it has now.
    pub card: CardPick,
    /// A moment that has passed. What happened at this very moment had happened.
    pub at: Instant,
}

/// A card as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct CardWas {
    /// The card.
    pub card: CardView,
    /// How many of its events had happened; of an untouched card none.
    pub events: u32,
    /// Whether something happened to the card after that moment: then the answer is the same for ever. Without, it is as long as no
    /// process with a slow clock still has an earlier moment to write.
    pub settled: bool,
}

impl Read for CardAsOf {
    type Reply = CardWas;

    fn read(self, tenant: &Tenant) -> Result<CardWas, Error> {
        check_pick("card", &self.card)?;
        let (realm, now) = (&*tenant.realm, tenant.realm.now());
        if self.at >= now {
            return Err(Invalid::new("at", self.at, format!("a moment before {now}")).into());
        }
        let picked = realm.pick(&self.card)?;
        let (id, ground) = realm.weigh(|view| {
            let resolved = picked.resolve_card(view, realm)?;
            Ok((resolved.card.id, resolved.ground))
        })?;
        let unknown = || Error::Denied(Denial::Unknown { kind: "card", id: id.to_string() });
        let batch = tenant.batch_at(&ground, self.at)?.ok_or_else(unknown)?;
        if id.serial >= batch.size {
            return Err(unknown());
        }
        let ground = Ground { batch: Arc::new(batch), ..ground };
        tenant.card_at(ground, id, self.at)
    }
}

/// A batch as the journal says that it was.
pub(super) struct BatchTold {
    pub batch: Batch,
    pub voided_at: Option<Instant>,
}

impl Tenant {
    /// The events of a named thing.
    pub(super) fn events_named(&self, name: &str, mut each: impl FnMut(&Event)) -> Result<(), Error> {
        self.each_row(ScanOf::EventsNamed(name.to_owned()), |record| {
            if let Record::Event(stored) = record {
                each(&stored.event);
            }
            true
        })
    }

    /// What moved value on an account, by its events.
    pub(super) fn moves_of(&self, account: &Account, mut each: impl FnMut(&Event, &Entry)) -> Result<(), Error> {
        self.events_named(&account.owner.text(), |event| {
            if let Some(entry) = event.moved().filter(|entry| entry.unit == account.unit) {
                each(event, entry);
            }
        })
    }

    /// A row as it is now.
    pub(super) fn row(&self, key: Key) -> Result<Option<Arc<Stored>>, Error> {
        let rows = self.realm.store.load(&[Lookup::exact(&self.realm.key, key)])?;
        Ok(rows.into_iter().flatten().next())
    }

    /// Walks a range to its end, or to where it is told to stop.
    pub(super) fn each_row(&self, of: ScanOf, mut go_on: impl FnMut(&Record) -> bool) -> Result<(), Error> {
        let mut after = None;
        loop {
            let scan = Scan { tenant: self.realm.key.clone(), of: of.clone(), after, limit: PAGE_MAX };
            let page = self.realm.store.scan(&scan)?;
            if !page.items.iter().all(|stored| go_on(&stored.record)) || page.next.is_none() {
                return Ok(());
            }
            after = page.next;
        }
    }

    /// A batch as it was, by the journal; nothing before it was issued.
    fn batch_at(&self, ground: &Ground, at: Instant) -> Result<Option<Batch>, Error> {
        let now = &*ground.batch;
        if at < now.created_at {
            return Ok(None);
        }
        let Some(was) = self.told_batch(&now.id, at)? else { return Ok(Some(now.clone())) };
        let Batch { size, life, frozen, extensions, refill, .. } = was.batch;
        Ok(Some(Batch { size, life, frozen, extensions, refill, ..now.clone() }))
    }

    /// A batch as the journal says that it was. It never shrinks, so the largest size that was told is the one.
    pub(super) fn told_batch(&self, id: &str, at: Instant) -> Result<Option<BatchTold>, Error> {
        let (mut size, mut voided_at, mut was) = (0, None, None::<(Instant, Batch)>);
        self.events_named(id, |event| {
            if event.kind.of_thing() == Some(Thing::Batch)
                && event.at <= at
                && let Ok(batch) = serde_json::from_str::<Batch>(&event.facts)
            {
                size = size.max(batch.size);
                if event.kind == EventKind::BatchVoided {
                    voided_at = Some(event.at);
                }
                if was.as_ref().is_none_or(|(before, _)| *before <= event.at) {
                    was = Some((event.at, batch));
                }
            }
        })?;
        Ok(was.map(|(_, batch)| BatchTold { batch: Batch { size, ..batch }, voided_at }))
    }

    /// A campaign as the journal says that it was.
    pub(super) fn told_campaign(&self, id: &str, at: Instant) -> Result<Option<Campaign>, Error> {
        let mut was: Option<(Instant, Campaign)> = None;
        self.events_named(id, |event| {
            let newer = event.at <= at && was.as_ref().is_none_or(|(before, _)| *before <= event.at);
            if matches!(event.kind, EventKind::CampaignSaved | EventKind::CampaignMoved)
                && newer
                && let Ok(saved) = serde_json::from_str(&event.facts)
            {
                was = Some((event.at, saved));
            }
        })?;
        Ok(was.map(|(_, saved)| saved))
    }

    fn card_at(&self, ground: Ground, id: CardId, at: Instant) -> Result<CardWas, Error> {
        let (mut events, mut settled) = (Vec::new(), false);
        self.each_row(ScanOf::EventsOfCard(id), |record| {
            if let Record::Event(stored) = record {
                settled = stored.event.at > at;
                if !settled {
                    events.push(stored.event.clone());
                }
            }
            !settled
        })?;
        // Before its first event a card ends with its campaign as that was; from then on the end stands in its row.
        let touched_at = events.first().map_or(at, |event| event.at);
        let campaign = match ground.campaign {
            Some(campaign) => Some(self.told_campaign(&campaign.id, touched_at)?.unwrap_or(campaign)),
            None => None,
        };
        let ground = Ground { campaign, ..ground };
        let untouched = Card::untouched(&ground.batch, &ground.template, id.serial, ground.campaign_end());
        let mut replay = Replay::new(&ground.batch, &ground.template, untouched);
        let mut old = OldRedemptions::default();
        for event in &events {
            let mut told = Told::of(event);
            if event.kind == EventKind::Redeemed
                && told.redemption.is_none()
                && ground.template.draft.kind.holds_value()
            {
                told.taken_minor = old.find(self, id, event)?.map(|(_, minor)| minor);
            }
            replay.add(event, &told).map_err(|what| Error::Internal(format!("the journal of card {id}: {what}")))?;
        }
        let was = replay.card;
        Ok(CardWas { card: CardView::of(&ground, &was), events: was.events, settled })
    }
}

/// Finds the redemptions of events that old builds wrote, which do not name them: by their moment.
#[derive(Default)]
pub(super) struct OldRedemptions {
    last_at: Option<Instant>,
    at_once: usize,
}

impl OldRedemptions {
    /// The key of the redemption that belongs to a card's next such event, and what it took.
    pub(super) fn find(
        &mut self,
        tenant: &Tenant,
        card: CardId,
        event: &Event,
    ) -> Result<Option<(String, i64)>, Error> {
        self.at_once = if self.last_at == Some(event.at) { self.at_once + 1 } else { 0 };
        self.last_at = Some(event.at);
        let (mut found, mut skip) = (None, self.at_once);
        tenant.each_row(ScanOf::RedemptionsOfCard(card), |record| {
            if let Record::Redemption(row) = record
                && row.at == event.at
            {
                if skip == 0 {
                    found = Some((row.key.clone(), row.pricing.tender_minor + row.pricing.discount_minor));
                }
                skip = skip.wrapping_sub(1);
            }
            found.is_none()
        })?;
        Ok(found)
    }
}
