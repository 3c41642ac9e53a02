//! Persons: several subjects that are one natural person (自然人), so that they count together.

use serde::{Deserialize, Serialize};

use crate::subject::SubjectKey;

/// Most keys that a person has: subjects, and persons that it was made of.
pub(crate) const KEYS_MAX: usize = 32;

/// Several subjects that are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// What counts for all of them from the moment at which they were linked: `person:` and a number of its own, so that it tells of
    /// nobody.
    pub id: SubjectKey,
    /// The subjects.
    pub members: Vec<SubjectKey>,
    /// Persons that it was made of: what counted for them counts for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<SubjectKey>,
}

impl Person {
    /// Subjects that were alone and persons, as one. A person who is the only one grows; several become another, of that id.
    pub(crate) fn of(alone: Vec<SubjectKey>, mut persons: Vec<Self>, id: SubjectKey) -> Self {
        let mut person = match persons.len() {
            1 => persons.remove(0),
            _ => Self { id, members: Vec::new(), before: Vec::new() },
        };
        person.members.extend(alone);
        for met in persons {
            person.members.extend(met.members);
            person.before.extend(met.before);
            person.before.push(met.id);
        }
        person.members.sort();
        person
    }

    /// Whatever may have counted for it before, under keys other than its own.
    pub(crate) fn others(&self) -> impl Iterator<Item = &SubjectKey> {
        self.members.iter().chain(&self.before)
    }
}

/// Whose subject it is: the record behind a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// The subject.
    pub subject: SubjectKey,
    /// Nothing once it was unlinked.
    pub person: Option<Person>,
}

/// The keys under which a subject is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Where it counts from now on: the person, or the subject itself.
    pub main: SubjectKey,
    /// Where more of it may stand.
    pub others: Vec<SubjectKey>,
}

impl Counts {
    pub(crate) fn of(subject: &SubjectKey, person: Option<&Person>) -> Self {
        match person {
            Some(person) => Self { main: person.id.clone(), others: person.others().cloned().collect() },
            None => Self { main: subject.clone(), others: Vec::new() },
        }
    }

    /// All of them, the main one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &SubjectKey> {
        std::iter::once(&self.main).chain(&self.others)
    }
}
