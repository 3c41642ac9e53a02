//! Linking subjects that are one natural person, and what a decision sees of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::counters::Sight;
use super::error::Error;
use super::request::{Change, Read};
use super::view::{Missing, View};
use crate::Invalid;
use crate::card::{EventKind, Target};
use crate::defect::{self, Defect};
use crate::denial::Denial;
use crate::person::{Counts, KEYS_MAX, Linked, Person};
use crate::store::{Key, Owner, Record, Settings};
use crate::subject::{PERSON, Subject, SubjectKey};
use crate::time::Instant;

/// Says that several subjects are one natural person (自然人): an openid, a phone number, a customer. From then on what any of them
/// uses and takes counts for all, what each did before included, and each may use what another holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Key, reason, origin.
    pub meta: Meta,
    /// 2 to 16 subjects. Those that are linked already bring all whom they are linked with.
    pub subjects: Vec<Subject>,
}

/// Says that a subject is a person of its own again. What was counted while they were one stays with the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unlink {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The subject.
    pub subject: Subject,
}

/// Asks who is one person with a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonOf {
    /// The subject.
    pub subject: Subject,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PersonView {
    /// `person:` and a number of its own; nothing for a subject that is linked with nobody.
    pub person: Option<SubjectKey>,
    /// The subjects as records hold them, in order: phone numbers and mail addresses as HMACs.
    pub subjects: Vec<SubjectKey>,
}

impl PersonView {
    fn of(person: &Person) -> Self {
        let mut subjects = person.members.clone();
        subjects.sort();
        Self { person: Some(person.id.clone()), subjects }
    }
}

#[derive(Serialize)]
struct LinkKeyed {
    meta: Meta,
    subjects: Vec<SubjectKey>,
}

impl Command for LinkKeyed {
    type Reply = PersonView;

    fn op(&self) -> &'static str {
        "link"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        let given = self.subjects.len();
        let apart = BTreeSet::from_iter(&self.subjects).len();
        if (2..=16).contains(&apart) && apart == given {
            return Ok(());
        }
        Err(Invalid::new("subjects", given, "2 to 16 subjects, each once"))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, PersonView), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        view.want(self.subjects.iter().cloned().map(Key::Linked))?;
        let (mut alone, mut persons) = (Vec::new(), BTreeMap::new());
        for subject in &self.subjects {
            match view.linked(subject)?.and_then(|(linked, _)| linked.person) {
                Some(person) => drop(persons.insert(person.id.clone(), person)),
                None => alone.push(subject.clone()),
            }
        }
        let person = Person::of(alone, persons.into_values().collect(), SubjectKey::of_person(cx.version));
        let keys = person.others().count();
        if keys > KEYS_MAX {
            return Err(Invalid::new("subjects", keys, format!("at most {KEYS_MAX} in a person")).into());
        }
        let mut plan = Plan::new(cx, view);
        know_persons(view, &mut plan)?;
        write_links(view, &mut plan, &person)?;
        let reply = PersonView::of(&person);
        plan.done(cx, EventKind::PersonLinked, Target::Named(person.id.as_str().to_owned()), &reply)?;
        Ok((Some(plan), reply))
    }
}

/// Notes that there are persons, so that decisions look for them; in a shop without any they need not.
fn know_persons(view: &mut View<'_>, plan: &mut Plan) -> Result<(), Missing> {
    let (settings, seen) = view.settings_row()?.unzip();
    let settings = settings.unwrap_or_default();
    if !settings.persons {
        plan.write(seen, Record::Settings(Settings { persons: true, ..settings }));
    }
    Ok(())
}

fn write_links(view: &mut View<'_>, plan: &mut Plan, person: &Person) -> Result<(), Missing> {
    view.want(person.members.iter().cloned().map(Key::Linked))?;
    for subject in &person.members {
        let seen = view.linked(subject)?.map(|(_, version)| version);
        plan.write(seen, Record::Linked(Linked { subject: subject.clone(), person: Some(person.clone()) }));
    }
    Ok(())
}

#[derive(Serialize)]
struct UnlinkKeyed {
    meta: Meta,
    subject: SubjectKey,
}

impl Command for UnlinkKeyed {
    type Reply = PersonView;

    fn op(&self) -> &'static str {
        "unlink"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, PersonView), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let subject = &self.subject;
        let found = view.linked(subject)?.and_then(|(linked, seen)| Some((linked.person?, seen)));
        let Some((mut person, seen)) = found else {
            return Err(Denial::Unknown { kind: "person", id: subject.kind().to_owned() }.into());
        };
        person.members.retain(|member| member != subject);
        let mut plan = Plan::new(cx, view);
        plan.write(Some(seen), Record::Linked(Linked { subject: subject.clone(), person: None }));
        write_links(view, &mut plan, &person)?;
        let reply = PersonView::of(&person);
        plan.done(cx, EventKind::PersonUnlinked, Target::Named(person.id.as_str().to_owned()), &reply)?;
        Ok((Some(plan), reply))
    }
}

impl Change for Link {
    type Reply = PersonView;

    fn change(self, tenant: &Tenant) -> Call<PersonView> {
        let realm = &tenant.realm;
        let key = |(place, subject): (usize, &Subject)| {
            subject.check(&format!("subjects[{place}]"))?;
            realm.subject(subject)
        };
        match self.subjects.iter().enumerate().map(key).collect() {
            Ok(subjects) => submit(realm, LinkKeyed { meta: self.meta, subjects }),
            Err(error) => Call::ready(Err(error)),
        }
    }
}

impl Change for Unlink {
    type Reply = PersonView;

    fn change(self, tenant: &Tenant) -> Call<PersonView> {
        let realm = &tenant.realm;
        match self.subject.check("subject").map_err(Error::from).and_then(|()| realm.subject(&self.subject)) {
            Ok(subject) => submit(realm, UnlinkKeyed { meta: self.meta, subject }),
            Err(error) => Call::ready(Err(error)),
        }
    }
}

impl Read for PersonOf {
    type Reply = PersonView;

    fn read(self, tenant: &Tenant) -> Result<PersonView, Error> {
        self.subject.check("subject")?;
        let subject = tenant.realm.subject(&self.subject)?;
        let person = tenant.realm.look(|view| Ok(view.linked(&subject)?.and_then(|(linked, _)| linked.person)))?;
        Ok(person
            .map_or_else(|| PersonView { person: None, subjects: vec![subject] }, |person| PersonView::of(&person)))
    }
}

impl View<'_> {
    /// The person behind a subject, where there is one.
    fn person(&mut self, subject: &SubjectKey) -> Result<Option<Person>, Missing> {
        if !self.settings()?.persons || subject.kind() == PERSON {
            return Ok(None);
        }
        Ok(self.linked(subject)?.and_then(|(linked, _)| linked.person))
    }

    /// Under which keys a subject is counted.
    pub(super) fn counts_of(&mut self, subject: &SubjectKey) -> Result<Counts, Missing> {
        Ok(Counts::of(subject, self.person(subject)?.as_ref()))
    }

    /// The person on whom a subject is counted, where that is not itself.
    pub(super) fn person_counting(&mut self, subject: &SubjectKey) -> Result<Option<SubjectKey>, Missing> {
        Ok(self.person(subject)?.map(|person| person.id))
    }

    /// As whom a subject may act on what somebody holds: as the holder, where both are one person.
    pub(super) fn acting_as<'a>(
        &mut self,
        subject: Option<&'a SubjectKey>,
        holder: Option<&'a SubjectKey>,
    ) -> Result<Option<&'a SubjectKey>, Missing> {
        match (subject, holder) {
            (Some(one), Some(other)) if one != other => {
                let person = self.person(one)?;
                let same = person.is_some_and(|person| person.members.contains(other));
                Ok(Some(if same { other } else { one }))
            }
            (subject, _) => Ok(subject),
        }
    }

    /// The account that counts a holder now, and what of the holder's stands elsewhere.
    pub(super) fn account_of(
        &mut self,
        holder: &SubjectKey,
        unit: &str,
        now: Instant,
    ) -> Result<(Owner, i64), Missing> {
        let Counts { main, others } = self.counts_of(holder)?;
        let elsewhere = self.counted_on(others.into_iter().map(Owner::Holder), unit, now)?;
        Ok((Owner::Holder(main), elsewhere))
    }

    /// What was counted on other accounts than the one that counts now: used, and held and not lapsed. Whoever asks rests on it.
    pub(super) fn counted_on(
        &mut self,
        owners: impl IntoIterator<Item = Owner>,
        unit: &str,
        now: Instant,
    ) -> Result<i64, Missing> {
        let owners: Vec<Owner> = owners.into_iter().collect();
        if owners.is_empty() || defect::is(Defect::PersonCountsApart) {
            // Whoever names what will be read goes on naming, whatever is not in sight yet.
            return Ok(0);
        }
        self.want(owners.iter().flat_map(|owner| Sight::rows(owner, unit)))?;
        owners.into_iter().try_fold(0_i64, |sum, owner| {
            let sight = Sight::of(self, owner, unit.to_owned())?;
            sight.rely(self);
            Ok(sum + sight.stands(now))
        })
    }
}
