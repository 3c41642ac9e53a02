//! The promises of [`Store`] as tests, for every adapter: ours and an embedder's own.
//!
//! In an integration test of the adapter:
//!
//! ```
//! # use cardmint::store::MemoryStore;
//! cardmint::store::conformance::suite!(MemoryStore::new);
//! # fn main() {}
//! ```
//!
//! makes one `#[test]` of each case, each on a fresh, empty store that the expression makes. A store that outlives its handle
//! adds a second expression that closes a store and opens it again, `suite!(make, reopen)`; without it [`reopen`] is not
//! tested. [`run`] runs all cases in one go instead. A case is named after the promise that it proves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests: a failed expectation ends the case, with the place as its message"
)]

mod groups;
mod guards;
mod moves;
mod reads;
mod rewrites;
mod samples;
mod scans;
mod turns;
mod writes;

pub use groups::*;
pub use guards::*;
pub use moves::*;
pub use reads::*;
pub use rewrites::*;
pub use scans::*;
pub use turns::*;
pub use writes::*;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{
    Changeset, CommitOutcome, Expect, Group, Key, Lookup, Move, Record, Scan, ScanOf, Stands, Store, StoreError,
    Stored, TenantKey, Write,
};
use crate::card::Event;
use crate::id::Version;

/// Makes a `#[test]` of every case.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_suite {
    ($make:expr) => {
        $crate::__store_suite!(@cases $make;
            p01_load_answers_every_look_up_in_order
            p01_load_is_one_snapshot
            p01_load_is_not_older_than_the_call
            p01_floor_is_the_newest_version_at_or_below
            p02_a_changeset_appears_wholly
            p02_a_changeset_that_fails_at_its_end_leaves_nothing
            p03_every_record_reads_back_field_by_field
            p03_absent_is_refused_where_the_key_is_taken
            p03_unique_second_keys_are_refused_where_taken
            p04_every_record_is_replaced_by_its_version_only
            p04_a_version_of_an_absent_record_is_refused
            p05_moves_stay_within_floor_and_ceiling
            p05_sums_beyond_64_bits_are_refused
            p05_concurrent_movers_fill_a_ceiling_exactly
            p06_of_eight_threads_on_one_version_one_wins
            p06_of_eight_threads_on_one_absent_key_one_wins
            p07_dependants_fall_out_with_what_they_rest_on
            p07_a_dropped_member_leaves_no_ghost
            p08_the_others_of_a_group_are_committed_in_order
            p08_members_see_those_before_them
            p10_events_stand_without_a_gap
            p10_events_stay_dense_when_a_member_falls_out
            p11_a_conflict_writes_nothing_at_all
            p12_every_scan_walks_in_key_order
            p12_pages_go_on_whatever_is_written
            p12_cards_are_filtered
            p12_tenants_and_worlds_are_apart
            p12_accounts_and_named_events_are_walked
            p13_second_keys_follow_at_once
            p13_an_event_is_found_by_its_place_in_the_card
            p14_a_group_that_no_longer_stands_falls_out
            p16_what_is_decided_in_a_turn_never_conflicts
            p16_a_turn_that_is_dropped_has_written_nothing
            p16_a_free_turn_is_had_at_once_or_not_at_all
            p17_a_fence_stands_in_the_place_of_a_redemption
            p18_the_journal_is_looked_at_place_by_place
            p19_writers_are_numbered_as_they_come
            p20_rows_that_hold_a_text_are_rewritten
            p20_a_rewrite_onto_a_taken_key_leaves_nothing
            p20_what_was_read_before_a_rewrite_conflicts_after_it
            p21_what_is_guarded_is_as_it_was_seen
            p21_guards_stand_where_their_member_does
            p21_two_that_guard_each_other_do_not_both_come_through
        );
    };
    ($make:expr, $reopen:expr) => {
        $crate::__store_suite!($make);
        #[test]
        fn p09_what_was_committed_is_there_after_reopening() {
            $crate::store::conformance::p09_what_was_committed_is_there_after_reopening(&$make, &$reopen);
        }
    };
    (@cases $make:expr; $($case:ident)+) => {
        $(#[test]
        fn $case() {
            $crate::store::conformance::$case(&$make);
        })+
    };
}

pub use crate::__store_suite as suite;

/// Runs every case but the one that reopens, in the order of the promises, and panics at the first that fails.
pub fn run<S: Store>(make: impl Fn() -> S) {
    let cases: [fn(&dyn Fn() -> S); 43] = [
        |make| p01_load_answers_every_look_up_in_order(make),
        |make| p01_load_is_one_snapshot(make),
        |make| p01_load_is_not_older_than_the_call(make),
        |make| p01_floor_is_the_newest_version_at_or_below(make),
        |make| p02_a_changeset_appears_wholly(make),
        |make| p02_a_changeset_that_fails_at_its_end_leaves_nothing(make),
        |make| p03_every_record_reads_back_field_by_field(make),
        |make| p03_absent_is_refused_where_the_key_is_taken(make),
        |make| p03_unique_second_keys_are_refused_where_taken(make),
        |make| p04_every_record_is_replaced_by_its_version_only(make),
        |make| p04_a_version_of_an_absent_record_is_refused(make),
        |make| p05_moves_stay_within_floor_and_ceiling(make),
        |make| p05_sums_beyond_64_bits_are_refused(make),
        |make| p05_concurrent_movers_fill_a_ceiling_exactly(make),
        |make| p06_of_eight_threads_on_one_version_one_wins(make),
        |make| p06_of_eight_threads_on_one_absent_key_one_wins(make),
        |make| p07_dependants_fall_out_with_what_they_rest_on(make),
        |make| p07_a_dropped_member_leaves_no_ghost(make),
        |make| p08_the_others_of_a_group_are_committed_in_order(make),
        |make| p08_members_see_those_before_them(make),
        |make| p10_events_stand_without_a_gap(make),
        |make| p10_events_stay_dense_when_a_member_falls_out(make),
        |make| p11_a_conflict_writes_nothing_at_all(make),
        |make| p12_every_scan_walks_in_key_order(make),
        |make| p12_pages_go_on_whatever_is_written(make),
        |make| p12_cards_are_filtered(make),
        |make| p12_tenants_and_worlds_are_apart(make),
        |make| p12_accounts_and_named_events_are_walked(make),
        |make| p13_second_keys_follow_at_once(make),
        |make| p13_an_event_is_found_by_its_place_in_the_card(make),
        |make| p14_a_group_that_no_longer_stands_falls_out(make),
        |make| p16_what_is_decided_in_a_turn_never_conflicts(make),
        |make| p16_a_turn_that_is_dropped_has_written_nothing(make),
        |make| p16_a_free_turn_is_had_at_once_or_not_at_all(make),
        |make| p17_a_fence_stands_in_the_place_of_a_redemption(make),
        |make| p18_the_journal_is_looked_at_place_by_place(make),
        |make| p19_writers_are_numbered_as_they_come(make),
        |make| p20_rows_that_hold_a_text_are_rewritten(make),
        |make| p20_a_rewrite_onto_a_taken_key_leaves_nothing(make),
        |make| p20_what_was_read_before_a_rewrite_conflicts_after_it(make),
        |make| p21_what_is_guarded_is_as_it_was_seen(make),
        |make| p21_guards_stand_where_their_member_does(make),
        |make| p21_two_that_guard_each_other_do_not_both_come_through(make),
    ];
    for case in cases {
        case(&make);
    }
}

/// How the cases make their stores.
type Make<'a, S> = &'a dyn Fn() -> S;

fn tenant() -> TenantKey {
    TenantKey::new("default", crate::code::World::Live)
}

/// Never the same twice in a process, as versions and writers must be.
fn fresh() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Spread over all 64 bits, the sign bit included: stores keep them in signed columns.
    NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn changes() -> Changeset {
    Changeset {
        tenant: tenant(),
        version: Version(fresh()),
        after: Vec::new(),
        guards: Vec::new(),
        writes: Vec::new(),
        moves: Vec::new(),
        events: Vec::new(),
    }
}

impl Changeset {
    fn writes(mut self, expect: Expect, record: Record) -> Self {
        self.writes.push(Write { expect, record });
        self
    }

    fn adds(self, record: Record) -> Self {
        self.writes(Expect::Absent, record)
    }

    fn moves(mut self, step: Move) -> Self {
        self.moves.push(step);
        self
    }

    fn tells(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    fn rests_on(mut self, earlier: usize) -> Self {
        self.after.push(earlier);
        self
    }
}

/// Commits a group of a writer of its own, asking again while the store is busy.
fn commit(store: &impl Store, changesets: &[Changeset]) -> Vec<CommitOutcome> {
    commit_as(store, fresh(), 0, changesets)
}

fn commit_as(store: &impl Store, writer: u64, first_event: u64, changesets: &[Changeset]) -> Vec<CommitOutcome> {
    loop {
        match store.commit(Group { writer, first_event, changesets, stands: Stands::default() }) {
            Ok(outcomes) => {
                assert_eq!(outcomes.len(), changesets.len(), "one outcome for each changeset");
                return outcomes;
            }
            Err(StoreError::Busy(_)) => {}
            Err(error) => panic!("commit fails: {error}"),
        }
    }
}

fn commit_one(store: &impl Store, changeset: Changeset) -> CommitOutcome {
    commit(store, &[changeset])[0]
}

/// Commits what nothing stands against, and says under which version.
fn put(store: &impl Store, changeset: Changeset) -> Version {
    let version = changeset.version;
    assert_eq!(commit_one(store, changeset), CommitOutcome::Committed);
    version
}

fn get_of(store: &impl Store, tenant: &TenantKey, key: Key) -> Option<Arc<Stored>> {
    let mut found = store.load(&[Lookup::exact(tenant, key)]).unwrap();
    assert_eq!(found.len(), 1, "one answer for each look-up");
    found.pop().unwrap()
}

fn get(store: &impl Store, key: Key) -> Option<Arc<Stored>> {
    get_of(store, &tenant(), key)
}

fn balance(store: &impl Store, step: &Move) -> i64 {
    match get(store, Key::Account(step.owner.clone(), step.unit.clone())).map(|stored| stored.record.clone()) {
        Some(Record::Account(account)) => account.balance,
        None => 0,
        Some(other) => panic!("an account's key holds {other:?}"),
    }
}

/// Walks a range to its end, so many items a page.
fn walk(store: &impl Store, of: &ScanOf, limit: usize) -> Vec<Record> {
    let mut scan = Scan { tenant: tenant(), of: of.clone(), after: None, limit };
    let mut found = Vec::new();
    loop {
        let page = store.scan(&scan).unwrap();
        assert!(page.items.len() <= limit, "a page holds at most its limit");
        found.extend(page.items.iter().map(|stored| stored.record.clone()));
        match page.next {
            None => return found,
            Some(next) => {
                assert_eq!(page.items.len(), limit, "only a full page goes on");
                scan.after = Some(next);
            }
        }
    }
}

use CommitOutcome::{Committed, Conflict};
