//! Promise 20: rows that hold a text are rewritten, and no others. A store that cannot says so.

use super::samples::{account_held, card, card_id, event, full_event, hold, holder, linked, member, redemption, step};
use super::*;
use crate::card::{Event, HoldOf, Target};
use crate::store::{Account, LoadRow, Owner, Rewrite, Rewritten, StoredEvent};
use crate::subject::SubjectKey;

/// Calls one subject another, wherever it stands.
struct Renaming {
    texts: Vec<String>,
    to: SubjectKey,
}

impl Renaming {
    fn to(name: &str) -> Self {
        Self { texts: vec!["customer:4711".to_owned()], to: holder(name) }
    }

    fn key(&self, key: &SubjectKey) -> SubjectKey {
        if key.as_str() == self.texts[0] { self.to.clone() } else { key.clone() }
    }

    fn owner(&self, owner: &Owner) -> Owner {
        match owner {
            Owner::Holder(key) => Owner::Holder(self.key(key)),
            other => other.clone(),
        }
    }

    fn event(&self, event: &Event) -> Event {
        let quoted = |text: &str| format!("\"{text}\"");
        let target = match &event.target {
            Target::Named(name) if *name == self.texts[0] => Target::Named(self.to.as_str().to_owned()),
            other => other.clone(),
        };
        let facts = event.facts.replace(&quoted(&self.texts[0]), &quoted(self.to.as_str()));
        let mut now = Event { target, facts, ..event.clone() };
        if matches!(now.target, Target::Card(..)) && now != *event {
            now.redacted = Some([0xee; 16]);
        }
        now
    }
}

impl Rewrite for Renaming {
    fn texts(&self) -> &[String] {
        &self.texts
    }

    fn row(&self, stored: &Stored, load: &mut LoadRow<'_>) -> Result<Rewritten, StoreError> {
        let mut record = stored.record.clone();
        match &mut record {
            Record::Audience(member) if self.key(&member.subject) == self.to => return Ok(Rewritten::Gone),
            Record::Linked(linked) if self.key(&linked.subject) == self.to => return Ok(Rewritten::Gone),
            Record::Linked(linked) => {
                let person = linked.person.as_mut().unwrap();
                person.members.iter_mut().for_each(|member| *member = self.key(member));
            }
            Record::Card(it) => it.holder = it.holder.as_ref().map(|holder| self.key(holder)),
            Record::Redemption(it) => it.holder = it.holder.as_ref().map(|holder| self.key(holder)),
            Record::Hold(it) => it.holder = it.holder.as_ref().map(|holder| self.key(holder)),
            Record::Account(it) => it.owner = self.owner(&it.owner),
            Record::AccountHeld(it) => it.owner = self.owner(&it.owner),
            Record::Event(it) => {
                // What is loaded meanwhile is what was there before.
                let found = load(Key::Event(it.writer, it.n))?.unwrap();
                assert_eq!(found.record, stored.record);
                it.event = self.event(&it.event);
            }
            _ => {}
        }
        Ok(if record == stored.record { Rewritten::Same } else { Rewritten::New(record) })
    }
}

fn rewrite(store: &impl Store, renaming: &Renaming, changeset: Changeset) -> Option<CommitOutcome> {
    let group = Group { writer: fresh(), first_event: 0, changesets: &[changeset], stands: Stands::default() };
    match store.rewrite(group, renaming) {
        Ok(outcomes) => Some(outcomes[0]),
        Err(StoreError::Unavailable(_)) => None,
        Err(error) => panic!("no rewrite: {error}"),
    }
}

fn held_by(name: &str, number: u32) -> Record {
    let mut card = card(number, 7, true);
    card.holder = Some(holder(name));
    Record::Card(card)
}

fn of(name: &str, mut record: Record) -> Record {
    match &mut record {
        Record::Redemption(it) => it.holder = Some(holder(name)),
        Record::Hold(it) => it.holder = Some(holder(name)),
        _ => unreachable!("a redemption or a hold"),
    }
    record
}

/// Every kind of row that names somebody.
fn rows(name: &str, number: u32) -> Vec<Record> {
    let order = format!("o-{number}");
    vec![
        held_by(name, number),
        of(name, redemption(&format!("r-{number}"), &order, card_id(number, 7), true)),
        of(name, hold(&order, HoldOf::Card(card_id(number, 7)), true)),
        account_held(Owner::Holder(holder(name)), true),
        member(&order, name),
        linked(name),
    ]
}

fn told(name: &str, number: u32) -> [Event; 3] {
    let facts = format!(r#"{{"holder":"customer:{name}"}}"#);
    let key = format!("k-{number}");
    [
        Event { facts: facts.clone(), ..full_event(Target::Card(card_id(number, 7), 1), Some(&key)) },
        Event { facts, ..event(Target::Named(format!("customer:{name}"))) },
        event(Target::Card(card_id(number, 7), 2)),
    ]
}

fn furnish(store: &impl Store, writer: u64, name: &str, number: u32) {
    let mut changeset = changes().moves(step(Owner::Holder(holder(name)), 5, 0, 9));
    for record in rows(name, number) {
        changeset = changeset.adds(record);
    }
    changeset.events.extend(told(name, number));
    assert_eq!(commit_as(store, writer, 0, &[changeset]), [Committed]);
}

/// Every row that names the subject names another one afterwards, by every key; rows of somebody whose name only begins like it
/// stay as they are.
pub fn p20_rows_that_hold_a_text_are_rewritten<S: Store>(make: Make<'_, S>) {
    let store = make();
    let (writer, other) = (fresh(), fresh());
    furnish(&store, writer, "4711", 5);
    furnish(&store, other, "47110", 6);
    let renaming = Renaming::to("new");
    let changeset = changes().tells(event(Target::Named("customer:new".to_owned())));
    let version = changeset.version;
    let Some(outcome) = rewrite(&store, &renaming, changeset) else { return };
    assert_eq!(outcome, Committed);
    for record in rows("new", 5) {
        let stored = get(&store, record.key());
        match &record {
            Record::Audience(_) | Record::Linked(_) => assert_eq!(stored, None),
            _ => assert_eq!(*stored.unwrap(), Stored { version, record }),
        }
    }
    for key in [Key::Audience("o-5".to_owned(), holder("4711")), Key::Linked(holder("4711"))] {
        assert_eq!(get(&store, key), None);
    }
    let gone = Owner::Holder(holder("4711"));
    assert_eq!(get(&store, Key::AccountHeld(gone.clone(), "uses:ten-off".to_owned())), None);
    assert_eq!(balance(&store, &step(gone, 0, 0, 0)), 0);
    assert_eq!(balance(&store, &step(Owner::Holder(holder("new")), 0, 0, 0)), 5);
    let events = walk(&store, &ScanOf::EventsOfWriter(writer), 10);
    let due = told("4711", 5).map(|event| renaming.event(&event));
    let due: Vec<Record> = (0..).zip(due).map(|(n, event)| Record::Event(StoredEvent { writer, n, event })).collect();
    assert_eq!(events, due);
    assert_eq!(walk(&store, &ScanOf::EventsOfCard(card_id(5, 7)), 10), [due[0].clone(), due[2].clone()]);
    assert_eq!(walk(&store, &ScanOf::EventsNamed("customer:new".to_owned()), 10).len(), 2);
    let asked = get(&store, Key::Request("claim".to_owned(), "k-5".to_owned())).unwrap();
    assert_eq!(asked.record, due[0]);
    assert_eq!(walk(&store, &ScanOf::CardsOfHolder(holder("new")), 10), [held_by("new", 5)]);
    assert_eq!(walk(&store, &ScanOf::CardsOfHolder(holder("4711")), 10), []);
    // The other one.
    for record in rows("47110", 6) {
        let stored = get(&store, record.key()).unwrap();
        match &record {
            // The samples link everybody with the one who is renamed.
            Record::Linked(_) => assert_eq!(stored.version, version),
            _ => assert!(stored.record == record && stored.version != version, "{record:?}"),
        }
    }
    assert_eq!(balance(&store, &step(Owner::Holder(holder("47110")), 0, 0, 0)), 5);
    let events: Vec<Record> = walk(&store, &ScanOf::EventsOfWriter(other), 10);
    let due = told("47110", 6).into_iter().zip(0..);
    assert_eq!(
        events,
        due.map(|(event, n)| Record::Event(StoredEvent { writer: other, n, event })).collect::<Vec<_>>()
    );
}

/// Where a key is taken nothing is written, the changeset neither.
pub fn p20_a_rewrite_onto_a_taken_key_leaves_nothing<S: Store>(make: Make<'_, S>) {
    let takes: [fn(Changeset) -> Changeset; 2] = [
        |changeset| changeset.moves(step(Owner::Holder(holder("new")), 1, 0, 9)),
        |changeset| changeset.adds(account_held(Owner::Holder(holder("new")), false)),
    ];
    for taken in takes {
        let store = make();
        let writer = fresh();
        furnish(&store, writer, "4711", 5);
        put(&store, taken(changes()));
        let before = walk(&store, &ScanOf::EventsOfWriter(writer), 10);
        let changeset = changes().adds(unit()).tells(event(Target::Tenant));
        let Some(outcome) = rewrite(&store, &Renaming::to("new"), changeset) else { return };
        assert_eq!(outcome, Conflict);
        assert_eq!(get(&store, unit().key()), None);
        assert_eq!(walk(&store, &ScanOf::EventsOfWriter(writer), 10), before);
        assert_eq!(walk(&store, &ScanOf::CardsOfHolder(holder("4711")), 10), [held_by("4711", 5)]);
        let account = Account { owner: Owner::Holder(holder("4711")), unit: "uses:ten-off".to_owned(), balance: 5 };
        let accounts = walk(&store, &ScanOf::Accounts, 10);
        assert!(accounts.contains(&Record::Account(account)));
        // And what does not stand itself takes nothing with it.
        put(&store, changes().adds(unit()));
        let changeset = changes().adds(unit());
        assert_eq!(rewrite(&store, &Renaming::to("newer"), changeset), Some(Conflict));
        assert_eq!(walk(&store, &ScanOf::EventsOfWriter(writer), 10), before);
    }
}

fn unit() -> Record {
    super::samples::unit("stars", true)
}

/// What was decided before and is committed after meets rows with other versions.
pub fn p20_what_was_read_before_a_rewrite_conflicts_after_it<S: Store>(make: Make<'_, S>) {
    let store = make();
    furnish(&store, fresh(), "4711", 5);
    // Of somebody else's card only a redemption names the subject.
    let used = of("4711", redemption("r-6", "o-6", card_id(6, 7), true));
    put(&store, changes().adds(held_by("47110", 6)).adds(used));
    let seen = [5, 6].map(|number| get(&store, Key::Card(card_id(number, 7))).unwrap());
    if rewrite(&store, &Renaming::to("new"), changes()).is_none() {
        return;
    }
    for stored in seen {
        let late = changes().writes(Expect::Version(stored.version), stored.record.clone());
        assert_eq!(commit_one(&store, late), Conflict);
    }
    assert_eq!(get(&store, Key::Card(card_id(6, 7))).unwrap().record, held_by("47110", 6));
}
