//! Limits of which less is left than a use asks for: denied, or given in part.

use std::thread;

use cardmint::card::{Benefit, CardKind, CardState, Limits, PartialPolicy, Setting, TemplateDraft};
use cardmint::checkout::{Line, Order};
use cardmint::code::CodeFormat;
use cardmint::limit::{Limit, Measure, UsageUnit};
use cardmint::rule::Over;
use cardmint::{
    CaptureHold, CaptureOutcome, CardPick, Error, HoldView, IssueBatch, PlaceHold, Quote, Receipt, Redeem,
    RefundRedemption, SaveCampaign,
};
use cardmint_tests::{Shop, bearer, cny, denial, denied, order, refused};

fn pieces(most: i64, partial_policy: PartialPolicy) -> Limit {
    Limit { partial_policy, ..Limit::new("pieces", Measure::Uses { usage_unit: UsageUnit::Unit }, most) }
}

fn budget(most: i64) -> Limit {
    let partial_policy = PartialPolicy::Cap;
    Limit { partial_policy, ..Limit::new("budget", Measure::Money { currency: cny() }, most) }
}

/// A fifth off, ten uses a card, under these limits.
fn of(list: Vec<Limit>) -> TemplateDraft {
    TemplateDraft { limits: Limits { uses_per_card: 10, list, ..Limits::default() }, ..bearer() }
}

fn gift_cards(shop: &Shop, limit: Limit) {
    shop.tenant.save_campaign(SaveCampaign { limits: vec![limit], ..shop.campaign("c") }).wait().unwrap();
    let benefit = Benefit::Value { minor: Setting::Fixed(5_000) };
    shop.template("b", TemplateDraft { kind: CardKind::GiftCard, benefit, ..bearer() }).unwrap();
    let campaign = Some("c".to_owned());
    let batch = IssueBatch { format: CodeFormat::S20, campaign, ..shop.issue_batch("b", 100) };
    shop.tenant.issue_batch(batch).wait().unwrap();
}

/// Lines of so many pieces, each of 10.00.
fn basket(id: &str, quantities: &[u32]) -> Order {
    let line = |(place, quantity): (usize, &u32)| {
        Line::new(place.to_string(), "apple", *quantity, 1_000 * i64::from(*quantity))
    };
    Order::new(id, cny(), quantities.iter().enumerate().map(line))
}

fn code(shop: &Shop, serial: u32) -> String {
    shop.code_of("b", serial).unwrap()
}

fn redeem(shop: &Shop, serial: u32, order: Order) -> Result<Receipt, Error> {
    shop.tenant.redeem(Redeem::new(shop.meta(), code(shop, serial), order)).wait()
}

fn hold(shop: &Shop, serial: u32, order: Order) -> Result<HoldView, Error> {
    shop.tenant.hold(PlaceHold::new(shop.meta(), code(shop, serial), order)).wait()
}

fn audit_is_clean(shop: &Shop) {
    assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, [], "{}", shop.name);
}

#[test]
fn g12_three_pieces_against_two_left_follow_the_limits_partial_policy() {
    for shop in Shop::each() {
        for policy in [PartialPolicy::Deny, PartialPolicy::Cap] {
            let id = format!("{policy:?}");
            shop.batch(&id, 9, of(vec![pieces(5, policy)]));
            let code = |serial| shop.code_of(&id, serial).unwrap();
            let redeem = |serial, order| shop.tenant.redeem(Redeem::new(shop.meta(), code(serial), order)).wait();
            redeem(0, basket("o1", &[3])).unwrap();
            let quoted = shop.tenant.quote(Quote::new(CardPick::code(code(1)), basket("o2", &[1, 2]))).unwrap();
            let last = redeem(1, basket("o2", &[1, 2]));
            match policy {
                PartialPolicy::Deny => {
                    assert_eq!(quoted.outcome, Err(denial(last)));
                    redeem(1, basket("o2", &[2])).unwrap();
                }
                PartialPolicy::Cap => {
                    let pricing = last.unwrap().pricing;
                    assert_eq!(quoted.outcome, Ok(pricing.clone()));
                    let shares: Vec<i64> = pricing.allocations.iter().map(|share| share.off_minor).collect();
                    assert_eq!((shares, pricing.payable_minor), (vec![200, 200], 2_600), "the first pieces first");
                }
            }
            let no = denial(redeem(2, basket("o3", &[1])));
            assert_eq!((no.code(), no.facts()["used"].as_i64()), ("limit_reached", Some(5)));
        }
        audit_is_clean(&shop);
    }
}

#[test]
fn g12_a_budget_that_caps_gives_its_last_cent_and_no_more() {
    for shop in Shop::each() {
        // 20.00 off each order of 100.00, from a budget of 50.00.
        shop.batch("b", 9, of(vec![budget(5_000)]));
        let large = |id: &str| order(id, &[("apple", 9_000), ("pear", 1_000)]);
        redeem(&shop, 0, large("o1")).unwrap();
        redeem(&shop, 1, large("o2")).unwrap();
        let quoted = shop.tenant.quote(Quote::new(CardPick::code(code(&shop, 2)), large("o3"))).unwrap();
        let asked = PlaceHold::new(shop.meta(), code(&shop, 2), large("o3"));
        let held = shop.tenant.hold(PlaceHold { quote: quoted.digest, ..asked }).wait().unwrap();
        assert_eq!(quoted.outcome.as_ref(), Ok(&held.pricing), "a hold that names the quote comes to the same");
        let shares: Vec<i64> = held.pricing.allocations.iter().map(|share| share.off_minor).collect();
        assert_eq!((shares, held.pricing.payable_minor), (vec![900, 100], 9_000));
        let no = denial(redeem(&shop, 3, large("o4")));
        assert_eq!((no.code(), no.facts()["held"]["minor"].as_i64()), ("held", Some(1_000)), "held comes back");
        let capture = CaptureHold::new(shop.meta(), held.hold.clone());
        let captured = shop.tenant.capture(capture).wait().unwrap();
        assert_eq!(captured.receipt.unwrap().pricing.discount_minor, 1_000);
        assert_eq!(denied(redeem(&shop, 3, large("o4"))), "limit_reached");
        // Of an order that is smaller than what is left, all is given; what a refund gives back is given again.
        shop.refund(&shop.tenant.get_hold(held.hold).unwrap().unwrap().redemption.unwrap()).unwrap();
        redeem(&shop, 3, order("o5", &[("apple", 4_000)])).unwrap();
        assert_eq!(redeem(&shop, 4, large("o6")).unwrap().pricing.discount_minor, 200);
        audit_is_clean(&shop);
    }
}

#[test]
fn g12_of_holds_that_lapsed_a_limit_that_caps_gives_again() {
    for shop in Shop::each() {
        shop.batch("b", 9, of(vec![pieces(3, PartialPolicy::Cap)]));
        let asked = PlaceHold { ttl_s: Some(60), ..PlaceHold::new(shop.meta(), code(&shop, 0), basket("o1", &[2])) };
        let lapsing = shop.tenant.hold(asked).wait().unwrap();
        let held = hold(&shop, 1, basket("o2", &[4])).unwrap();
        assert_eq!(held.pricing.discount_minor, 200, "one piece of four");
        shop.tenant.release((shop.meta(), held.hold)).wait().unwrap();
        shop.clock.advance(61_000);
        assert_eq!(hold(&shop, 1, basket("o3", &[4])).unwrap().pricing.discount_minor, 600);
        let late = shop.tenant.capture(CaptureHold::new(shop.meta(), lapsing.hold)).wait().unwrap();
        assert_eq!(late.outcome, CaptureOutcome::RefundRequired, "what was held is kept for the other order");
        audit_is_clean(&shop);
    }
}

#[test]
fn g12_a_gift_card_pays_as_much_as_a_budget_has_left_unless_an_amount_was_asked_for() {
    for shop in Shop::each() {
        gift_cards(&shop, budget(6_000));
        let large = |id: &str| order(id, &[("apple", 10_000)]);
        assert_eq!(redeem(&shop, 0, large("o1")).unwrap().pricing.tender_minor, 5_000);
        let exact = Redeem { amount_minor: Some(2_000), ..Redeem::new(shop.meta(), code(&shop, 1), large("o2")) };
        assert_eq!(denied(shop.tenant.redeem(exact).wait()), "limit_reached");
        let part = redeem(&shop, 1, large("o2")).unwrap();
        assert_eq!(
            (part.pricing.tender_minor, part.pricing.payable_minor, part.balance_minor),
            (1_000, 9_000, Some(4_000))
        );
        assert_eq!(denied(redeem(&shop, 2, large("o3"))), "limit_reached");
        let back = RefundRedemption { amount_minor: Some(300), ..RefundRedemption::new(shop.meta(), &part.redemption) };
        shop.tenant.refund(back).wait().unwrap();
        assert_eq!(redeem(&shop, 2, large("o3")).unwrap().pricing.tender_minor, 300);
        assert_eq!(shop.tenant.look_up(CardPick::Id(shop.card("b", 0))).unwrap().state, CardState::Spent);
        audit_is_clean(&shop);
    }
}

#[test]
fn g01_a_budget_that_caps_is_used_up_to_the_last_cent_from_many_threads() {
    for shop in Shop::each() {
        // 7.00 for each of 16 orders, from a budget of 50.00: seven whole ones and a last cent's worth.
        shop.batch("b", 16, of(vec![budget(5_000)]));
        let codes: Vec<String> = (0..16).map(|serial| code(&shop, serial)).collect();
        let outcomes: Vec<Result<Receipt, Error>> = thread::scope(|scope| {
            let one = |(place, code): (usize, &String)| {
                let redeem = Redeem::new(shop.meta(), code.as_str(), order(&format!("o{place}"), &[("apple", 3_500)]));
                scope.spawn(|| shop.tenant.redeem(redeem).wait())
            };
            let racers: Vec<_> = codes.iter().enumerate().map(one).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let mut given: Vec<i64> = outcomes.iter().flatten().map(|receipt| receipt.pricing.discount_minor).collect();
        given.sort_unstable();
        assert_eq!(given, [100, 700, 700, 700, 700, 700, 700, 700], "{}", shop.name);
        outcomes.into_iter().filter(Result::is_err).for_each(|no| assert_eq!(denied(no), "limit_reached"));
    }
}

#[test]
fn g12_cap_is_refused_where_nothing_can_be_given_in_part() {
    let shop = Shop::memory();
    let order_unit = Measure::Uses { usage_unit: UsageUnit::Order };
    let whole = Limit { partial_policy: PartialPolicy::Cap, ..Limit::new("orders", order_unit, 3) };
    assert_eq!(refused(shop.template("t", of(vec![whole]))).field, "template.limits.list[0].partial_policy");
    let member = TemplateDraft {
        kind: CardKind::Membership,
        benefit: Benefit::Entitlement { over: Over::Order },
        limits: Limits { list: vec![pieces(3, PartialPolicy::Cap)], ..Limits::default() },
        ..bearer()
    };
    assert_eq!(refused(shop.template("m", member)).field, "template.limits.list[0].partial_policy");
    let ten_off = Benefit::AmountOff { minor: Setting::Fixed(1_000), over: Over::Order };
    shop.batch("b", 9, TemplateDraft { benefit: ten_off, ..of(vec![pieces(1, PartialPolicy::Cap)]) });
    assert_eq!(redeem(&shop, 0, basket("o1", &[4])).unwrap().pricing.discount_minor, 250, "a fourth of four pieces");
}
