//! What becomes of each row when a subject is erased.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::words::Words;
use crate::card::{Card, Event, EventKind, Hold, Redemption, Target, proof_of, redaction_seal};
use crate::code::MacKey;
use crate::defect::{self, Defect};
use crate::person::Linked;
use crate::store::{Account, AccountHeld, Key, LoadRow, Record, Rewrite, Rewritten, StoreError, Stored, StoredEvent};
use crate::subject::SubjectKey;

pub(super) struct Erasure<'a> {
    audit_key: &'a MacKey,
    words: Words,
    texts: Vec<String>,
}

impl<'a> Erasure<'a> {
    pub(super) fn new(audit_key: &'a MacKey, from: &SubjectKey, to: &SubjectKey) -> Self {
        let words = Words::new(from, to);
        Self { audit_key, texts: words.all(), words }
    }
}

impl Rewrite for Erasure<'_> {
    fn texts(&self) -> &[String] {
        &self.texts
    }

    fn row(&self, stored: &Stored, load: &mut LoadRow<'_>) -> Result<Rewritten, StoreError> {
        let words = &self.words;
        let new = match &stored.record {
            Record::Audience(member) if words.is(&member.subject) => return Ok(Rewritten::Gone),
            Record::Linked(linked) if words.is(&linked.subject) => return Ok(Rewritten::Gone),
            Record::Linked(linked) => Record::Linked(words.linked(linked)),
            Record::Card(card) => Record::Card(words.card(card)),
            Record::Redemption(redemption) => Record::Redemption(words.redemption(redemption)),
            Record::Hold(_) if defect::is(Defect::ErasedInPart) => return Ok(Rewritten::Same),
            Record::Hold(hold) => Record::Hold(words.hold(hold)),
            Record::Account(account) => {
                let owner = words.owner(&account.owner);
                let anew = owner != account.owner && defect::is(Defect::ErasedWithBalance);
                Record::Account(Account { owner, balance: if anew { 0 } else { account.balance }, ..account.clone() })
            }
            Record::AccountHeld(held) => {
                Record::AccountHeld(AccountHeld { owner: words.owner(&held.owner), ..held.clone() })
            }
            Record::Event(event) => Record::Event(self.event(event, load)?),
            // What the shop is made of names nobody.
            Record::Settings(_)
            | Record::Campaign(_)
            | Record::Audience(_)
            | Record::ProductSet(_)
            | Record::Template(_)
            | Record::Batch(_)
            | Record::FormatUse(_)
            | Record::Stock(_)
            | Record::PublicCode(_)
            | Record::Unit(_)
            | Record::Fence(_)
            | Record::Refund(_)
            | Record::Writer(_) => return Ok(Rewritten::Same),
        };
        Ok(if new == stored.record { Rewritten::Same } else { Rewritten::New(new) })
    }
}

impl Erasure<'_> {
    fn event(&self, stored: &StoredEvent, load: &mut LoadRow<'_>) -> Result<StoredEvent, StoreError> {
        let was = &stored.event;
        let mut event = self.words.event(was);
        if event == *was {
            return Ok(stored.clone());
        }
        if let Target::Card(card, place) = was.target {
            let before = match load(Key::CardEvent(card, place.saturating_sub(1)))?.map(|found| found.record.clone()) {
                Some(Record::Event(before)) => before.event.chain,
                _ => [0; 16],
            };
            // What was altered before is not vouched for: it goes on showing in an audit.
            let (due, shown) = proof_of(self.audit_key, &before, was);
            if due == shown {
                event.redacted = Some(redaction_seal(self.audit_key, &before, &event));
            }
        }
        Ok(StoredEvent { event, ..stored.clone() })
    }
}

impl Words {
    fn opt(&self, key: Option<&SubjectKey>) -> Option<SubjectKey> {
        key.map(|key| self.key(key))
    }

    /// Whatever is kept as JSON; by the rule of facts, which tell the same of it.
    fn told<T: Serialize + DeserializeOwned + Clone>(&self, of: &T) -> T {
        let json = serde_json::to_string(of).unwrap_or_default();
        let told = self.json(&json, false);
        if told == json { of.clone() } else { serde_json::from_str(&told).unwrap_or_else(|_| of.clone()) }
    }

    fn linked(&self, linked: &Linked) -> Linked {
        let mut linked = linked.clone();
        if let Some(person) = &mut linked.person {
            person.members.retain(|member| !self.is(member));
        }
        linked
    }

    fn card(&self, card: &Card) -> Card {
        Card {
            holder: self.opt(card.holder.as_ref()),
            bound: self.opt(card.bound.as_ref()),
            frozen: card.frozen.as_deref().map(|reason| self.words(reason)),
            parameters: self.told(&card.parameters),
            origin: self.told(&card.origin),
            ..card.clone()
        }
    }

    fn redemption(&self, redemption: &Redemption) -> Redemption {
        let mut redemption = redemption.clone();
        redemption.holder = self.opt(redemption.holder.as_ref());
        redemption.counted.iter_mut().for_each(|on| on.owner = self.owner(&on.owner));
        redemption
    }

    fn hold(&self, hold: &Hold) -> Hold {
        let mut hold = hold.clone();
        hold.holder = self.opt(hold.holder.as_ref());
        hold.counters.iter_mut().for_each(|on| on.owner = self.owner(&on.owner));
        hold
    }

    fn event(&self, event: &Event) -> Event {
        let target = match &event.target {
            Target::Named(name) => Target::Named(self.name(name)),
            Target::Tenant | Target::Card(..) => event.target.clone(),
        };
        Event {
            target,
            reason: event.reason.as_deref().map(|reason| self.words(reason)),
            origin: self.told(&event.origin),
            facts: self.json(&event.facts, event.kind == EventKind::Observed),
            ..event.clone()
        }
    }
}
