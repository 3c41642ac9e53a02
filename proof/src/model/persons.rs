//! Several subjects that are one natural person: they count together, and each uses what another holds (docs/persons.md).

use std::collections::BTreeMap;

use cardmint::card::{CountedOn, EventKind, HeldFor};
use cardmint::person::Person;
use cardmint::store::Owner;
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;
use cardmint::{Denial, PersonView};

use super::cards::Ground;
use super::{Effect, Moment, No, Put, Row, RowKey, Settings};
use crate::request::Reply;

/// Most subjects and persons that a person is made of.
const KEYS_MAX: usize = 32;

fn told(person: &Person) -> Reply {
    let mut subjects = person.members.clone();
    subjects.sort();
    Reply::Person(PersonView { person: Some(person.id.clone()), subjects })
}

impl Moment<'_> {
    /// The person that a subject is one of.
    pub(super) fn person(&self, subject: &SubjectKey) -> Option<Person> {
        if !self.settings().persons || subject.as_str().starts_with("person:") {
            return None;
        }
        self.linked(subject)
    }

    fn linked(&self, subject: &SubjectKey) -> Option<Person> {
        match self.row(RowKey::Linked(subject.clone())) {
            Row::Linked(person) => person,
            _ => None,
        }
    }

    /// Under which keys a subject counts: where it does now, then where more of the same person may stand.
    pub(super) fn counts_of(&self, subject: &SubjectKey) -> Vec<SubjectKey> {
        match self.person(subject) {
            Some(person) => [person.id].into_iter().chain(person.members).chain(person.before).collect(),
            None => vec![subject.clone()],
        }
    }

    /// As whom somebody acts on what another holds: as that one, where both are one person.
    pub(super) fn acting_as(&self, subject: Option<&SubjectKey>, holder: Option<&SubjectKey>) -> Option<SubjectKey> {
        let (Some(one), Some(other)) = (subject, holder) else { return subject.cloned() };
        let same = one != other && self.person(one).is_some_and(|person| person.members.contains(other));
        Some(if same { other } else { one }.clone())
    }

    /// The account that counts a holder, and what counts for the same person elsewhere.
    pub(super) fn account_of(&self, holder: &SubjectKey, unit: &str) -> (Owner, i64) {
        let mut keys = self.counts_of(holder).into_iter();
        let main = keys.next().unwrap_or_else(|| holder.clone());
        (Owner::Holder(main), self.elsewhere(keys.map(Owner::Holder), unit, self.now))
    }

    /// What stands on those accounts: used, and held and not lapsed.
    pub(super) fn elsewhere(&self, owners: impl Iterator<Item = Owner>, unit: &str, now: Instant) -> i64 {
        owners.map(|owner| self.stands_on(&owner, unit, now)).sum()
    }

    /// What a redemption notes of a use that counts on a person.
    pub(super) fn counted_on_person(&self, ground: &Ground, holder: Option<&SubjectKey>) -> Option<CountedOn> {
        ground.template.terms.uses_per_holder?;
        let person = self.person(holder?)?;
        let (owner, unit) = (Owner::Holder(person.id), ground.unit("uses"));
        Some(CountedOn { owner, unit, amount: 1, counts: HeldFor::HolderUses, refill: true, leaves_at: None })
    }

    pub(super) fn link(&self, subjects: &[SubjectKey]) -> Result<Effect, No> {
        let (mut alone, mut persons) = (Vec::new(), BTreeMap::new());
        for subject in subjects {
            match self.linked(subject) {
                Some(person) => drop(persons.insert(person.id.clone(), person)),
                None => alone.push(subject.clone()),
            }
        }
        let mut persons: Vec<Person> = persons.into_values().collect();
        let mut person = if persons.len() == 1 {
            persons.remove(0)
        } else {
            Person { id: self.fresh()?, members: Vec::new(), before: Vec::new() }
        };
        person.members.extend(alone);
        for other in persons {
            person.members.extend(other.members);
            person.before.extend(other.before);
            person.before.push(other.id);
        }
        person.members.sort();
        if person.members.len() + person.before.len() > KEYS_MAX {
            return Err(No::Invalid);
        }
        // From the first link on the settings say that there are persons.
        let known = (!self.model.settings.persons)
            .then(|| Put::Settings(Settings { persons: true, ..self.model.settings.clone() }));
        let links = person.members.iter().map(|member| Put::Linked(member.clone(), Some(person.clone())));
        let puts = known.into_iter().chain(links).collect();
        Ok(Effect::of(told(&person), puts, vec![EventKind::PersonLinked]))
    }

    /// The number that the engine drew for a new person; nobody may have it.
    fn fresh(&self) -> Result<SubjectKey, No> {
        let drawn = self.drawn.cloned().ok_or(No::Invalid)?;
        let taken = |person: &Person| person.id == drawn || person.before.contains(&drawn);
        if self.model.linked.values().flatten().any(taken) { Err(No::Invalid) } else { Ok(drawn) }
    }

    pub(super) fn unlink(&self, subject: &SubjectKey) -> Result<Effect, No> {
        let kind = || subject.as_str().split(':').next().unwrap_or_default().to_owned();
        let Some(mut person) = self.linked(subject) else {
            return Err(Denial::Unknown { kind: "person", id: kind() }.into());
        };
        person.members.retain(|member| member != subject);
        let stay = person.members.iter().map(|member| Put::Linked(member.clone(), Some(person.clone())));
        let puts = [Put::Linked(subject.clone(), None)].into_iter().chain(stay).collect();
        Ok(Effect::of(told(&person), puts, vec![EventKind::PersonUnlinked]))
    }
}
