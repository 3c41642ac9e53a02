//! Executes the tables of docs/life.md, cell by cell: the life of batches and of campaigns.

use std::sync::Arc;

use super::*;
use crate::code::CodeFormat;
use crate::id::BatchNo;
use crate::time::{Instant, Window};

const TABLES: &str = include_str!("../../../docs/life.md");

fn now() -> Instant {
    Instant::parse("now", "2026-11-11T00:00:00Z").unwrap()
}

fn batch(life: BatchLife) -> Batch {
    let no = BatchNo { symbols: 16, number: 0 };
    let format = "16".parse::<CodeFormat>().unwrap();
    let untouched = CardState::Minted;
    Batch { life, ..Batch::new(no, "b", "t", 1, 10, format, untouched, now()) }
}

fn batch_cell(from: &str, command: &str) -> String {
    let frozen = from == "frozen";
    let life = BatchLife::ALL.into_iter().find(|life| life.name() == from).unwrap_or_default();
    let before = Batch { frozen: frozen.then(|| "stolen".to_owned()), ..batch(life) };
    let command = BatchCommand::ALL.into_iter().find(|known| known.name() == command).unwrap();
    match before.after(command, Some("stolen")) {
        Ok(next) if next.frozen.is_some() && next.life == BatchLife::Active => "frozen".to_owned(),
        Ok(next) => next.life.name().to_owned(),
        Err(denial) => format!("`{}`", denial.code()),
    }
}

fn campaign_cell(from: &str, command: &str) -> String {
    let hour = 3_600_000;
    let (later, before) = (Some(now().plus_millis(hour)), Some(now().plus_millis(-hour)));
    let (life, window) = match from {
        "draft" => (Life::Draft, Window::default()),
        "scheduled" => (Life::Running, Window { start: later, end: None }),
        "running" => (Life::Running, Window { start: before, end: later }),
        "paused" => (Life::Paused, Window { start: before, end: later }),
        "ended" => (Life::Running, Window { start: None, end: before }),
        "archived" => (Life::Archived, Window::default()),
        other => panic!("`{other}` is no life of a campaign"),
    };
    let campaign = Campaign {
        id: "c".to_owned(),
        title: "c".to_owned(),
        life,
        window,
        goal: None,
        audience: Audience::Open,
        limits: Vec::new(),
    };
    assert_eq!(campaign.life_at(now()), from);
    let command = CampaignCommand::ALL.into_iter().find(|known| known.name() == command).unwrap();
    match campaign.after(command, now()) {
        Ok(next) => next.life_at(now()).to_owned(),
        Err(denial) => format!("`{}`", denial.code()),
    }
}

/// The tables of the file: a row of commands, then a row for each life.
fn tables() -> Vec<Vec<Vec<&'static str>>> {
    let row = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let mut tables: Vec<Vec<Vec<&str>>> = Vec::new();
    for line in TABLES.lines().filter(|line| line.starts_with("| ")) {
        if line.starts_with("| from") {
            tables.push(Vec::new());
        }
        tables.last_mut().unwrap().push(row(line));
    }
    tables
}

#[test]
fn life_tables_are_what_the_code_does() {
    let tables = tables();
    let cells: [fn(&str, &str) -> String; 2] = [batch_cell, campaign_cell];
    let commands: [Vec<&str>; 2] =
        [BatchCommand::ALL.map(BatchCommand::name).to_vec(), CampaignCommand::ALL.map(CampaignCommand::name).to_vec()];
    assert_eq!((tables.len(), tables[0].len(), tables[1].len()), (2, 1 + BatchLife::ALL.len() + 1, 1 + 6));
    for ((table, cell), commands) in tables.iter().zip(cells).zip(commands) {
        assert_eq!(table[0][1..], commands, "a column for every command");
        for row in &table[1..] {
            for (command, expected) in table[0].iter().zip(row).skip(1) {
                assert_eq!(cell(row[0], command), *expected, "{} × {command}", row[0]);
            }
        }
    }
}

#[test]
fn what_holds_for_a_batch_holds_for_all_of_its_cards() {
    let frozen = batch(BatchLife::Active).after(BatchCommand::Freeze, Some("stolen")).unwrap();
    assert_eq!(frozen.must_move().unwrap_err().code(), "frozen");
    assert_eq!(frozen.must_live(), Ok(()));
    let closed = batch(BatchLife::Closed);
    assert_eq!((closed.must_give().unwrap_err().code(), closed.must_move()), ("batch_not_active", Ok(())));
    assert_eq!(batch(BatchLife::Archived).must_move().unwrap_err().code(), "batch_not_active");
    assert_eq!(batch(BatchLife::Archived).must_live(), Ok(()));
    for verdict in [batch(BatchLife::Void).must_live(), batch(BatchLife::Void).must_give()] {
        assert_eq!(verdict.unwrap_err().code(), "void");
    }
}

#[test]
fn a_batch_grows_as_it_runs_low_and_no_further() {
    let refill = Refill { below: 3, by: 10, up_to: 25 };
    assert_eq!((refill.due(10, 7), refill.due(10, 8)), (None, Some(20)), "when fewer than three are left");
    assert_eq!((refill.due(20, 20), refill.due(25, 25)), (Some(25), None));
    assert_eq!(Refill { below: 1, by: u32::MAX, up_to: u32::MAX }.due(u32::MAX - 1, u32::MAX - 1), Some(u32::MAX));
}

#[test]
fn extensions_of_a_batch_do_not_revive_what_had_ended() {
    let day = |n: i64| now().plus_millis(n * 86_400_000);
    let mut draft = TemplateDraft::new(
        "t",
        Benefit::PercentOff { off_bp: Setting::Fixed(2000), cap_minor: None, over: Default::default() },
    );
    draft.policies.extend = Some(ExtendPolicy { days_max: 30, expired: false });
    let window = Window { start: None, end: Some(day(5)) };
    let template = Template::new(1, draft, window, crate::time::Zone::utc());
    let plain = Arc::new(batch(BatchLife::Active));
    let card = Card::untouched(&plain, &template, 0, None);
    let end = |batch: &Batch, template: &Template| batch.prolong(card.clone(), template, None).expires_at.unwrap();
    let once = (*plain).clone().extended(day(1), day(10)).unwrap();
    assert_eq!(end(&once, &template), day(10));
    assert_eq!(end(&once.clone().extended(day(9), day(100)).unwrap(), &template), day(35), "as far as it may");
    let late = once.extended(day(10), day(20)).unwrap();
    assert_eq!(end(&late, &template), day(10), "it had ended by then");
    let mut kind = template.clone();
    kind.draft.policies.extend = Some(ExtendPolicy { days_max: 30, expired: true });
    assert_eq!(end(&late, &kind), day(20));
    let extended = late.prolong(card.clone(), &kind, None);
    assert_eq!((late.prolong(extended.clone(), &kind, None), extended.extended_to), (extended, Some(day(20))));
}
