//! Executes the table of docs/state-machine.md, cell by cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::code::CodeFormat;
use crate::denial::{Denial, LimitScope};
use crate::id::BatchNo;
use crate::money::{AMOUNT_MAX, Currency};
use crate::rule::Over;
use crate::subject::SubjectKey;
use crate::time::{Instant, Window, Zone};

const TABLE: &str = include_str!("../../../docs/state-machine.md");

fn now() -> Instant {
    Instant::parse("now", "2026-11-11T00:00:00Z").unwrap()
}

/// Of gift cards of 50.00 that may hold 100.00, personal.
fn of_value() -> Template {
    let mut template = template(RedeemFrom::Claimed);
    template.draft.kind = CardKind::GiftCard;
    template.draft.currency = Some(Currency::parse("currency", "CNY").unwrap());
    template.draft.benefit = Benefit::Value { minor: Setting::Fixed(5_000) };
    template.draft.limits.balance_max_minor = Some(10_000);
    template
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
        holds: HoldTerms::default(),
        redeem_from,
        profile: None,
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

/// The same card of value: of 50.00, or spent.
fn holding(card: &Card) -> Card {
    Card { balance_minor: if card.state == CardState::Spent { 0 } else { 5_000 }, ..card.clone() }
}

fn cell(card: &Card, command: &str) -> String {
    let holder = SubjectKey::from_stored("customer:1".to_owned());
    let none = Parameters::new();
    let to = Claimed { holder: &holder, parameters: &none, campaign_end: None };
    let personal = template(RedeemFrom::Claimed);
    let redeem = |redeem_from| {
        redeemable(card, &template(redeem_from), Some(&holder), now())
            .map(|()| used_up(card, CardKind::Coupon, 1, now()))
    };
    let outcome: Result<Card, Denial> = match command {
        "issue" => issue(card, &personal, &none, &to, now()),
        "claim" => claim(card, &personal, &none, &to, now()),
        "redeem (bearer)" => redeem(RedeemFrom::Issued),
        "redeem (personal)" => redeem(RedeemFrom::Claimed),
        "refund" => unspend(card, now()),
        "freeze" => freeze(card, "stolen", false, now()),
        "unfreeze" => unfreeze(card, now()),
        "replace" => replace(card, 7, false, now()),
        "void" => void(card, false, now()),
        "load" => load(&holding(card), &of_value(), 100, now()),
        "adjust" => adjust(&holding(card), &of_value(), 100, now()),
        "succeed" => {
            let ended = Card { expires_at: Some(now()), ..holding(card) };
            assert!(succeed(&holding(card), &of_value(), now()).is_err(), "it has not ended");
            succeed(&ended, &of_value(), now())
        }
        other => panic!("the table has a column for `{other}`, which is no command"),
    };
    match outcome {
        Ok(next) if next.frozen.is_some() => format!("{}, frozen", next.state.name()),
        Ok(next) => next.state.name().to_owned(),
        Err(denial) => format!("`{}`", denial.code()),
    }
}

/// The rows of the table whose first heading is this one, its header among them.
fn table_of(heading: &str) -> Vec<Vec<&'static str>> {
    let lines = TABLE.lines().skip_while(|line| !line.starts_with(&format!("| {heading} |")));
    let rows = lines.take_while(|line| line.starts_with('|')).filter(|line| line.starts_with("| "));
    rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// Held for an order until a moment that has not come, in part or all of it.
fn held(row: &str) -> Card {
    let (part, state) = row.split_once(' ').unwrap();
    let amount = match (part, state) {
        ("all", "of a coupon") => 1,
        ("half", "of two uses") => 1,
        ("half", "of a gift card") => 2_500,
        ("all", "of a gift card") => 5_000,
        other => panic!("the table has a row for `{other:?}`"),
    };
    let card = holding(&Card { uses_left: 1 + u32::from(state == "of two uses"), ..card("claimed") });
    let epoch = 7;
    hold(&Card { epoch, ..card }, amount, now().plus_millis(60_000), now())
}

fn held_cell(row: &str, command: &str) -> String {
    let gift = row.ends_with("gift card");
    let (card, kind) = (held(row), if gift { CardKind::GiftCard } else { CardKind::Coupon });
    let template = if gift { of_value() } else { template(RedeemFrom::Claimed) };
    let holder = SubjectKey::from_stored("customer:1".to_owned());
    let none = Parameters::new();
    let to = Claimed { holder: &holder, parameters: &none, campaign_end: None };
    let amount = card.held.held(now());
    let expires_at = now().plus_millis(60_000);
    let outcome: Result<Card, Denial> = match command {
        "issue" => issue(&card, &template, &none, &to, now()),
        "claim" => claim(&card, &template, &none, &to, now()),
        "hold" => redeemable(&card, &template, None, now()).map(|()| hold(&card, 1, expires_at, now())),
        "redeem" => redeemable(&card, &template, None, now()).map(|()| used_up(&card, kind, 1, now())),
        "capture" => Ok(capture(&card, kind, amount, amount, expires_at, now())),
        "release" => Ok(release(&card, amount, expires_at, now())),
        "refund" if gift => unpay(&card, 1, now()),
        "refund" => unspend(&card, now()),
        "freeze" => freeze(&card, "stolen", false, now()),
        "freeze (force)" => freeze(&card, "stolen", true, now()),
        "unfreeze" => unfreeze(&card, now()),
        "replace" => replace(&card, 7, false, now()),
        "replace (force)" => replace(&card, 7, true, now()),
        "void" => void(&card, false, now()),
        "void (force)" => void(&card, true, now()),
        "load" => load(&card, &template, 100, now()),
        "adjust (down)" => adjust(&card, &template, -1, now()),
        "succeed" => succeed(&Card { expires_at: Some(now()), ..card.clone() }, &template, now()),
        other => panic!("the table has a column for `{other}`, which is no command"),
    };
    match outcome {
        Err(denial) => format!("`{}`", denial.code()),
        Ok(next) => {
            let frozen = if next.frozen.is_some() { ", frozen" } else { "" };
            let held = if next.held.held(now()) > 0 { ", held" } else { "" };
            let dead = next.holds_from > card.holds_from;
            assert_eq!(dead, command.ends_with("(force)"), "only force kills holds");
            assert!(free(&next, kind, now()) >= 0, "what is held is there (G-04)");
            format!("{}{frozen}{held}", next.state.name())
        }
    }
}

#[test]
fn state_machine_table_of_held_cards_is_what_the_code_does() {
    let rows = table_of("open hold");
    let (header, rows) = rows.split_first().unwrap();
    let columns: Vec<&str> = header[1..].iter().map(|name| name.split(' ').next().unwrap()).collect();
    assert!(Command::ALL.iter().all(|command| columns.contains(&command.name())), "every command has a column");
    assert_eq!(rows.len(), 4);
    for row in rows {
        for (command, expected) in header.iter().zip(row).skip(1) {
            assert_eq!(held_cell(row[0], command), *expected, "{} × {command}", row[0]);
        }
    }
}

#[test]
fn g09_what_is_held_is_free_at_the_moment_that_was_said() {
    let (held, template) = (held("all of a coupon"), template(RedeemFrom::Claimed));
    let ends = now().plus_millis(60_000);
    let denied = redeemable(&held, &template, None, ends.plus_millis(-1)).unwrap_err();
    assert_eq!((denied.code(), denied.facts()["frees_at"].as_str()), ("held", Some("2026-11-11T00:01:00Z")));
    redeemable(&held, &template, None, ends).unwrap();
    freeze(&held, "stolen", false, ends).unwrap();
    assert_eq!(freeze(&held, "stolen", false, now()), Err(Denial::HasOpenHold { until: ends }));
}

#[test]
fn state_machine_table_is_what_the_code_does() {
    let rows = table_of("from");
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
        worn = replace(&worn, 7, false, now()).unwrap();
    }
    assert_eq!(replace(&worn, 7, false, now()), Err(Denial::IssueNumbersUsedUp { most: 7 }));
}

#[test]
fn value_is_paid_and_given_back_a_part_at_a_time() {
    let template = of_value();
    let card = holding(&card("claimed"));
    let half = used_up(&card, CardKind::GiftCard, 2_000, now());
    assert_eq!((half.balance_minor, half.state, half.uses_left), (3_000, CardState::Claimed, 1));
    let empty = used_up(&half, CardKind::GiftCard, 3_000, now());
    assert_eq!((empty.balance_minor, empty.state, empty.uses_left), (0, CardState::Spent, 0));
    let denied = redeemable(&empty, &template, None, now()).unwrap_err();
    assert_eq!((denied.code(), denied.facts()["available"]["minor"].as_i64()), ("insufficient_balance", Some(0)));
    let back = unpay(&empty, 1, now()).unwrap();
    assert_eq!((back.balance_minor, back.state, back.uses_left), (1, CardState::Claimed, 1));
    assert_eq!(load(&empty, &template, 10_000, now()).unwrap().balance_minor, 10_000);
    let full = load(&back, &template, 10_000, now()).unwrap_err();
    assert_eq!(full, Denial::LimitReached { scope: LimitScope::Balance, limit: 10_000, used: 1 });
    assert_eq!(
        unpay(&Card { balance_minor: 10_000, ..back.clone() }, 500, now()).unwrap().balance_minor,
        10_500,
        "it is owed"
    );
    assert!(unpay(&Card { balance_minor: AMOUNT_MAX, ..back.clone() }, 1, now()).is_err(), "no amount wraps");
}

#[test]
fn value_is_set_right_but_never_below_nothing() {
    let value = of_value();
    let card = Card { frozen: Some("lost".to_owned()), ..holding(&card("claimed")) };
    assert_eq!(adjust(&card, &value, -5_000, now()).unwrap().state, CardState::Spent);
    let denied = adjust(&card, &value, -5_001, now()).unwrap_err();
    assert_eq!((denied.code(), denied.facts()["short"]["minor"].as_i64()), ("insufficient_balance", Some(1)));
    assert_eq!(adjust(&card, &value, -AMOUNT_MAX, now()).unwrap_err().code(), "insufficient_balance");
    assert_eq!(adjust(&card, &value, AMOUNT_MAX, now()).unwrap_err().code(), "limit_reached");
    let coupon = template(RedeemFrom::Claimed);
    for denied in [load(&card, &coupon, 1, now()), adjust(&card, &coupon, 1, now())] {
        assert_eq!(denied.unwrap_err().code(), "wrong_kind");
    }
}

#[test]
fn a_new_card_of_nothing_is_not_spent() {
    let card = Card { balance_minor: 0, ..card("issued") };
    assert_eq!(load(&card, &of_value(), 100, now()).unwrap().state, CardState::Issued);
    assert_eq!(adjust(&Card { balance_minor: 100, ..card }, &of_value(), -100, now()).unwrap().state, CardState::Spent);
}
