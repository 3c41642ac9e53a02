//! Races of threads and of processes, killed processes, a burst: the real thing, in a short form.

use std::path::Path;
use std::time::Duration;

use cardmint_proof::live::burst::{self, Burst};
use cardmint_proof::live::race::{self, Contest};
use cardmint_proof::live::{Setup, crash, endure};

fn quick() -> bool {
    std::env::var_os("CARDMINT_QUICK").is_some_and(|value| !value.is_empty() && value != "0")
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cardmint-proof"))
}

/// Runs a contest by eight threads in memory, by eight threads on SQLite, and by four processes on SQLite.
#[track_caller]
fn everywhere(contest: Contest) {
    let by_threads = race::by_threads(&Setup::default(), contest, 8).unwrap();
    assert_eq!(by_threads.wrong(contest), None, "threads in memory");
    let folder = tempfile::tempdir().unwrap();
    let on = |name: &str| Setup::default().on(&folder.path().join(name));
    let on_sqlite = race::by_threads(&on("threads.db"), contest, 8).unwrap();
    assert_eq!(on_sqlite.wrong(contest), None, "threads on SQLite");
    let by_processes = race::by_processes(program(), &on("processes.db"), contest, 4).unwrap();
    assert_eq!(by_processes.wrong(contest), None, "processes on SQLite");
}

#[test]
fn g01_one_card_of_one_use_by_threads_and_processes() {
    everywhere(Contest::OneCard);
}

#[test]
fn g01_g02_a_hundred_uses_of_one_card_by_threads_and_processes() {
    everywhere(Contest::HundredUses);
}

#[test]
fn g01_g02_a_hundred_cards_of_a_batch_by_threads_and_processes() {
    everywhere(Contest::HundredCards);
}

#[test]
fn g01_g02_a_limit_per_holder_by_threads_and_processes() {
    everywhere(Contest::HolderLimit);
}

#[test]
fn g02_claims_of_one_hot_batch_by_threads_and_processes() {
    everywhere(Contest::HotBatch);
}

#[test]
fn g01_g02_a_thousand_uses_of_a_public_word_by_threads_and_processes() {
    everywhere(Contest::Word);
}

#[test]
fn g01_the_same_requests_again_by_threads_and_processes() {
    everywhere(Contest::Retries);
}

#[test]
fn g01_g02_a_gift_card_in_steps_of_one_by_threads_and_processes() {
    everywhere(Contest::GiftCard);
}

#[test]
fn g01_g02_a_limit_of_a_campaign_by_threads_and_processes() {
    everywhere(Contest::CampaignLimit);
}

#[test]
fn g01_g02_a_money_budget_by_threads_and_processes() {
    everywhere(Contest::Budget);
}

#[test]
fn g01_g02_a_limit_of_a_calendar_window_by_threads_and_processes() {
    everywhere(Contest::DailyLimit);
}

#[test]
fn g01_g02_g09_holds_that_are_captured_given_back_and_left_by_threads_and_processes() {
    everywhere(Contest::Holds);
}

#[test]
fn a_race_that_went_wrong_is_seen() {
    let mut score = race::by_threads(&Setup::default(), Contest::HundredCards, 2).unwrap();
    assert_eq!(score.wrong(Contest::HundredCards), None);
    score.won.insert("one more".to_owned(), "16-0-100".to_owned());
    assert!(score.wrong(Contest::HundredCards).is_some_and(|wrong| wrong.starts_with("101 won, not 100")));
    score.won.pop_last();
    score.others.insert("busy".to_owned(), 1);
    assert!(score.wrong(Contest::HundredCards).is_some_and(|wrong| wrong.starts_with("others heard")));
}

#[test]
fn g01_processes_that_are_killed_lose_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::default().on(&folder.path().join("shop.db"));
    let kills = if quick() { 20 } else { 200 };
    let report = crash::run(program(), &setup, kills, 1, |_| {}).unwrap();
    assert_eq!(report.violations, Vec::<String>::new());
    assert_eq!(report.kills, kills);
    assert!(report.found.acknowledged > kills, "{report:?}: processes were killed before they did anything");
    assert!(report.found.found_undone > 0, "{report:?}: no kill came between a request and its commit");
}

#[test]
fn g01_processes_that_come_and_go_add_up_and_do_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::default().on(&folder.path().join("shop.db"));
    let seconds = if quick() { 8 } else { 20 };
    let report = endure::run(program(), &setup, 4, Duration::from_secs(seconds), 1, |_| {}).unwrap();
    assert_eq!(report.violations, Vec::<String>::new());
    assert!(report.checks >= 3 && report.killed > 0 && report.left >= 4, "{report:?}");
    assert!(report.answers > 100 && report.denied > 0 && report.settled > 0, "{report:?}");
    #[cfg(target_os = "linux")]
    assert!(report.rss_first_kib > 0, "{report:?}");
}

#[test]
fn a_burst_counts_every_order() {
    let burst = Burst { template: None, orders: 500, threads: 4, seed: 3 };
    let report = burst::run(&Setup::default(), &burst).unwrap();
    assert_eq!((report.orders, report.answers.get("ok").copied()), (500, Some(500)));
    assert!(report.p50_us <= report.p99_us && report.p99_us <= report.max_us && report.discount_minor > 0);
}
