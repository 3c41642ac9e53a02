//! Executes the table of docs/state-machine.md, cell by cell.

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

/// All is allowed, once.
fn policies() -> Policies {
    Policies {
        bind: Some(BindPolicy { kinds: vec!["device".to_owned()], rebinds_max: 1 }),
        transfer: Some(TransferPolicy { transfers_max: 1, keep_code: false, refund_to: RefundTo::PresentHolder }),
        extend: Some(ExtendPolicy { days_max: 30, expired: false }),
        refund: None,
    }
}

fn template(redeem_from: RedeemFrom) -> Template {
    let benefit = Benefit::PercentOff { off_bp: Setting::Fixed(2000), cap_minor: None, over: Over::Order };
    let draft = TemplateDraft { redeem_from, policies: policies(), ..TemplateDraft::new("t", benefit) };
    Template::new(1, draft, Window::default(), Zone::utc())
}

fn batch() -> Arc<Batch> {
    let (no, format) = (BatchNo { symbols: 16, number: 0 }, "16".parse::<CodeFormat>().unwrap());
    Arc::new(Batch::new(no, "b", "t", 1, 10, format, CardState::Minted, now()))
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

/// The same card in a holder's hands, to the end of the day.
fn owned(card: &Card) -> Card {
    let device = SubjectKey::from_stored("device:1".to_owned());
    Card {
        holder: Some(SubjectKey::from_stored("customer:1".to_owned())),
        bound: (card.state == CardState::Bound).then_some(device),
        expires_at: Some(now().plus_millis(86_400_000)),
        ..card.clone()
    }
}

/// The same card of value: of 50.00, or spent.
fn holding(card: &Card) -> Card {
    Card { balance_minor: if card.state == CardState::Spent { 0 } else { 5_000 }, ..card.clone() }
}

const ONE_USE: Taken = Taken { units: 1, tender_minor: 0 };

/// Personal, good until tomorrow.
fn of_a_day() -> Template {
    let personal = template(RedeemFrom::Claimed);
    let end = Some(now().plus_millis(86_400_000));
    Template::new(1, personal.draft, Window { start: None, end }, personal.zone)
}

fn cell(card: &Card, command: &str) -> String {
    let holder = SubjectKey::from_stored("customer:1".to_owned());
    let none = Parameters::new();
    let to = Claimed { holder: &holder, parameters: &none, campaign_end: None };
    let personal = template(RedeemFrom::Claimed);
    let redeem = |redeem_from| {
        redeemable(card, &template(redeem_from), Some(&holder), now())
            .map(|()| take(card, &template(redeem_from), ONE_USE, now()))
    };
    let (device, other) = ("device:2".to_owned(), "customer:2".to_owned());
    let (device, other) = (SubjectKey::from_stored(device), SubjectKey::from_stored(other));
    let tomorrow = now().plus_millis(2 * 86_400_000);
    let outcome: Result<Card, Denial> = match command {
        "issue" => issue(card, &personal, &none, &to, now()),
        "claim" => claim(card, &personal, &none, &to, now()),
        "redeem (bearer)" => redeem(RedeemFrom::Issued),
        "redeem (personal)" => redeem(RedeemFrom::Claimed),
        "redeem (tied)" => redeem(RedeemFrom::Bound),
        "refund" => give_back(card, &personal, ONE_USE, now()),
        "freeze" => freeze(card, "stolen", false, now()),
        "unfreeze" => unfreeze(card, now()),
        "replace" => replace(card, 7, false, now()),
        "void" => void(card, false, now()),
        "load" => load(&holding(card), &of_value(), 100, now()),
        "adjust" => adjust(&holding(card), &of_value(), 100, now()),
        "bind" => bind(&owned(card), &personal, &holder, &device, now()),
        "rebind" => rebind(&owned(card), &personal, &holder, &device, now()),
        "transfer" => transfer(&owned(card), &personal, &holder, &other, 7, now()),
        "extend" => extend(&owned(card), &of_a_day(), &none, None, tomorrow, now()),
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
    let device = SubjectKey::from_stored("device:2".to_owned());
    let amount = card.held.held(now());
    let expires_at = now().plus_millis(60_000);
    let outcome: Result<Card, Denial> = match command {
        "issue" => issue(&card, &template, &none, &to, now()),
        "claim" => claim(&card, &template, &none, &to, now()),
        "hold" => redeemable(&card, &template, None, now()).map(|()| hold(&card, 1, expires_at, now())),
        "redeem" => redeemable(&card, &template, None, now()).map(|()| used_up(&card, kind, 1, now())),
        "capture" => Ok(capture(&card, kind, amount, amount, expires_at, now())),
        "release" => Ok(release(&card, amount, expires_at, now())),
        "refund" => give_back(&card, &template, Taken { units: 1, tender_minor: 1 }, now()),
        "freeze" => freeze(&card, "stolen", false, now()),
        "freeze (force)" => freeze(&card, "stolen", true, now()),
        "unfreeze" => unfreeze(&card, now()),
        "replace" => replace(&card, 7, false, now()),
        "replace (force)" => replace(&card, 7, true, now()),
        "void" => void(&card, false, now()),
        "void (force)" => void(&card, true, now()),
        "load" => load(&card, &template, 100, now()),
        "adjust (down)" => adjust(&card, &template, -1, now()),
        "bind" => bind(&owned(&card), &template, &holder, &device, now()),
        "rebind" => rebind(&owned(&card), &template, &holder, &device, now()),
        "transfer" => transfer(&owned(&card), &template, &holder, &device, 7, now()),
        "extend" => extend(&owned(&card), &of_a_day(), &none, None, now().plus_millis(2 * 86_400_000), now()),
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
    let pay = |card: &Card, tender_minor| take(card, &template, Taken { units: 1, tender_minor }, now());
    let unpay = |card: &Card, tender_minor| give_back(card, &template, Taken { units: 0, tender_minor }, now());
    let half = pay(&card, 2_000);
    assert_eq!((half.balance_minor, half.state, half.uses_left), (3_000, CardState::Claimed, 1));
    let empty = pay(&half, 3_000);
    assert_eq!((empty.balance_minor, empty.state, empty.uses_left), (0, CardState::Spent, 0));
    let denied = redeemable(&empty, &template, None, now()).unwrap_err();
    assert_eq!((denied.code(), denied.facts()["available"]["minor"].as_i64()), ("insufficient_balance", Some(0)));
    let back = unpay(&empty, 1).unwrap();
    assert_eq!((back.balance_minor, back.state, back.uses_left), (1, CardState::Claimed, 1));
    assert_eq!(load(&empty, &template, 10_000, now()).unwrap().balance_minor, 10_000);
    let full = load(&back, &template, 10_000, now()).unwrap_err();
    assert_eq!(full, Denial::LimitReached { scope: LimitScope::Balance, limit: 10_000, used: 1 });
    assert_eq!(
        unpay(&Card { balance_minor: 10_000, ..back.clone() }, 500).unwrap().balance_minor,
        10_500,
        "it is owed"
    );
    assert!(unpay(&Card { balance_minor: AMOUNT_MAX, ..back.clone() }, 1).is_err(), "no amount wraps");
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

#[test]
fn uses_go_in_units_and_come_back_in_units() {
    let mut template = template(RedeemFrom::Claimed);
    template.draft.kind = CardKind::Times;
    let card = Card { uses_left: 5, ..card("bound") };
    let units = |units| Taken { units, tender_minor: 0 };
    let two = take(&card, &template, units(3), now());
    assert_eq!((two.uses_left, two.state), (2, CardState::Bound));
    let none = take(&two, &template, units(2), now());
    assert_eq!((none.uses_left, none.state), (0, CardState::Spent));
    let back = give_back(&none, &template, units(4), now()).unwrap();
    assert_eq!((back.uses_left, back.state), (4, CardState::Bound), "it is tied as it was");
}

#[test]
fn a_card_is_tied_handed_on_and_extended_as_far_as_its_template_says() {
    let personal = template(RedeemFrom::Bound);
    let (ann, bob) =
        (SubjectKey::from_stored("customer:1".to_owned()), SubjectKey::from_stored("customer:2".to_owned()));
    let device = |n: u32| SubjectKey::from_stored(format!("device:{n}"));
    let card = owned(&card("claimed"));
    assert_eq!(bind(&card, &personal, &bob, &device(1), now()), Err(Denial::NotOwner));
    let kind = Denial::NotBindable { kind: "ip".to_owned(), allowed: "device".to_owned() };
    assert_eq!(bind(&card, &personal, &ann, &SubjectKey::from_stored("ip:1".to_owned()), now()), Err(kind));
    let bound = bind(&card, &personal, &ann, &device(1), now()).unwrap();
    assert_eq!(must_present(&bound, Some(&ann), &[device(2)]), Err(Denial::NotBound { kind: "device".to_owned() }));
    assert_eq!(must_present(&bound, Some(&ann), &[device(2), device(1)]), Ok(()));
    let again = rebind(&bound, &personal, &ann, &device(2), now()).unwrap();
    assert_eq!((again.bound, again.rebinds, again.issue_no), (Some(device(2)), 1, 0), "its code alone redeems nothing");
    let reached = Denial::LimitReached { scope: LimitScope::Rebinds, limit: 1, used: 1 };
    assert_eq!(rebind(&Card { rebinds: 1, ..bound.clone() }, &personal, &ann, &device(1), now()), Err(reached));

    let given = transfer(&bound, &personal, &ann, &bob, 7, now()).unwrap();
    assert_eq!((given.holder.as_ref(), given.bound.as_ref(), given.issue_no), (Some(&bob), None, 1));
    assert_eq!((given.state, given.claimed_at), (CardState::Claimed, bound.claimed_at), "its time goes on");
    let reached = Denial::LimitReached { scope: LimitScope::Transfers, limit: 1, used: 1 };
    assert_eq!(transfer(&given, &personal, &bob, &ann, 7, now()), Err(reached));
    let nobodys = Card { state: CardState::Issued, holder: None, ..card.clone() };
    assert_eq!(transfer(&nobodys, &personal, &ann, &bob, 7, now()).unwrap_err().code(), "wrong_state");
    assert_eq!(transfer(&card, &personal, &ann, &bob, 0, now()), Err(Denial::IssueNumbersUsedUp { most: 0 }));

    let (day, none) = (of_a_day(), Parameters::new());
    let most = now().plus_millis(31 * 86_400_000);
    let too_far = extend(&card, &day, &none, None, most.plus_millis(1), now());
    assert_eq!(too_far, Err(Denial::ExtensionTooLong { until_max: most }));
    let longer = extend(&card, &day, &none, None, most, now()).unwrap();
    assert_eq!((longer.expires_at, longer.extended_to), (Some(most), Some(most)));
    let past = now().plus_millis(86_400_000);
    assert_eq!(extend(&card, &day, &none, None, most, past), Err(Denial::Expired { expired_at: past }));
    let bare = TemplateDraft { policies: Policies::default(), ..day.draft.clone() };
    let bare = Template::new(1, bare, day.window, day.zone);
    for denied in [
        bind(&card, &bare, &ann, &device(1), now()),
        transfer(&card, &bare, &ann, &bob, 7, now()),
        extend(&card, &bare, &none, None, most, now()),
    ] {
        assert!(["not_bindable", "not_transferable", "not_extendable"].contains(&denied.unwrap_err().code()));
    }
}
