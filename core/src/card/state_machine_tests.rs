//! Executes the table of docs/state-machine.md, cell by cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::code::CodeFormat;
use crate::denial::Denial;
use crate::id::BatchNo;
use crate::rule::Over;
use crate::subject::SubjectKey;
use crate::time::{Instant, Window, Zone};

const TABLE: &str = include_str!("../../../docs/state-machine.md");

fn now() -> Instant {
    Instant::parse("now", "2026-11-11T00:00:00Z").unwrap()
}

fn template(redeem_from: RedeemFrom) -> Template {
    let draft = TemplateDraft {
        id: "t".to_owned(),
        kind: CardKind::Coupon,
        currency: None,
        benefit: Benefit::PercentOff { off_bp: Setting::Fixed(2000), cap_minor: None, over: Over::Order },
        conditions: Vec::new(),
        validity: ValidityDraft::default(),
        limits: Limits::default(),
        redeem_from,
        parameters: BTreeMap::new(),
        display: BTreeMap::new(),
    };
    Template { version: 1, draft, window: Window::default(), zone: Zone::utc() }
}

fn batch() -> Arc<Batch> {
    Arc::new(Batch {
        no: BatchNo { symbols: 16, number: 0 },
        id: "b".to_owned(),
        template: "t".to_owned(),
        template_version: 1,
        campaign: None,
        channel: None,
        size: 10,
        format: "16".parse::<CodeFormat>().unwrap(),
        slot: 0,
        untouched: CardState::Minted,
        normalisation: None,
        parameters: Parameters::new(),
        display: BTreeMap::new(),
        labels: BatchLabels::default(),
        export_closed: false,
        created_at: now(),
    })
}

fn card(state: &str) -> Card {
    let (state, frozen) = state.split_once(", ").map_or((state, None), |(state, _)| (state, Some("stolen".to_owned())));
    let state = CardState::from_name(state).unwrap();
    let fresh = Card::untouched(&batch(), &template(RedeemFrom::Claimed), 3, None);
    Card {
        state,
        unspent_state: if state == CardState::Spent { CardState::Claimed } else { state },
        uses_left: u32::from(state != CardState::Spent),
        frozen,
        ..fresh
    }
}

fn cell(card: &Card, command: &str) -> String {
    let holder = SubjectKey::from_stored("customer:1".to_owned());
    let none = Parameters::new();
    let to = Claimed { holder: &holder, parameters: &none, campaign_end: None };
    let personal = template(RedeemFrom::Claimed);
    let redeem =
        |redeem_from| redeemable(card, &template(redeem_from), Some(&holder), now()).map(|()| spend(card, now()));
    let outcome: Result<Card, Denial> = match command {
        "issue" => issue(card, &personal, &none, &to, now()),
        "claim" => claim(card, &personal, &none, &to, now()),
        "redeem (bearer)" => redeem(RedeemFrom::Issued),
        "redeem (personal)" => redeem(RedeemFrom::Claimed),
        "refund" => unspend(card, now()),
        "freeze" => freeze(card, "stolen", now()),
        "unfreeze" => unfreeze(card, now()),
        "replace" => replace(card, 7, now()),
        "void" => void(card, now()),
        other => panic!("the table has a column for `{other}`, which is no command"),
    };
    match outcome {
        Ok(next) if next.frozen.is_some() => format!("{}, frozen", next.state.name()),
        Ok(next) => next.state.name().to_owned(),
        Err(denial) => format!("`{}`", denial.code()),
    }
}

#[test]
fn state_machine_table_is_what_the_code_does() {
    let rows: Vec<Vec<&str>> = TABLE
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let (header, rows) = rows.split_first().unwrap();
    let mut columns: Vec<&str> = header[1..].iter().map(|name| name.split(' ').next().unwrap()).collect();
    columns.dedup();
    assert_eq!(columns, Command::ALL.map(Command::name), "the table has a column for every command");
    assert_eq!(rows.len(), 2 * CardState::ALL.len() - 1, "a void card cannot be frozen; every other state can");
    for row in rows {
        for (command, expected) in header.iter().zip(row).skip(1) {
            assert_eq!(cell(&card(row[0]), command), *expected, "{} × {command}", row[0]);
        }
    }
}

#[test]
fn a_card_of_another_holder_is_not_theirs_to_use() {
    let other = SubjectKey::from_stored("customer:2".to_owned());
    let owned = Card { holder: Some(SubjectKey::from_stored("customer:1".to_owned())), ..card("claimed") };
    let personal = template(RedeemFrom::Claimed);
    assert_eq!(redeemable(&owned, &personal, Some(&other), now()), Err(Denial::NotOwner));
    assert_eq!(redeemable(&owned, &personal, None, now()), Err(Denial::NotOwner));
    let issued = Card { state: CardState::Issued, ..owned };
    let none = Parameters::new();
    let to = Claimed { holder: &other, parameters: &none, campaign_end: None };
    assert_eq!(claim(&issued, &personal, &none, &to, now()), Err(Denial::NotOwner));
}

#[test]
fn issue_numbers_come_to_an_end_by_name() {
    let mut worn = card("claimed");
    for _ in 0..7 {
        worn = replace(&worn, 7, now()).unwrap();
    }
    assert_eq!(replace(&worn, 7, now()), Err(Denial::IssueNumbersUsedUp { most: 7 }));
}
