//! Several cards on one order: one plan, one write, all of them or none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;

use cardmint::card::{
    Benefit, CardKind, CardState, Combine, Gift, HoldState, HoldTerms, LateCapture, Limits, RedeemFrom, Setting,
    Stacking, TemplateDraft,
};
use cardmint::checkout::{Order, Verdict};
use cardmint::code::{CodeFormat, Normalisation};
use cardmint::id::CardId;
use cardmint::limit::{Limit, Measure, UsageUnit};
use cardmint::rule::{Condition, Over};
use cardmint::store::{Changeset, StoreError};
use cardmint::subject::Subject;
use cardmint::{
    CaptureHold, CaptureOrder, CaptureOutcome, CapturePart, CardPick, Denial, Error, HoldOrder, IssueBatch, Meta,
    OrderCard, OrderHeld, OrderReceipt, Quote, QuoteOrder, Redeem, RedeemOrder, ReleaseHold, ReleaseOrder,
    SaveCampaign, SavePublicCode,
};
use cardmint_tests::{Fault, Shop, bearer, cny, denial, denied, order, refused};

fn amount_off(minor: i64) -> TemplateDraft {
    TemplateDraft { benefit: Benefit::AmountOff { minor: Setting::Fixed(minor), over: Over::Order }, ..bearer() }
}

fn uses(name: &str, most: i64) -> Limit {
    Limit::new(name, Measure::Uses { usage_unit: UsageUnit::Order }, most)
}

/// Gift cards of so much.
fn gift_cards(shop: &Shop, id: &str, minor: i64) {
    let benefit = Benefit::Value { minor: Setting::Fixed(minor) };
    shop.template(id, TemplateDraft { kind: CardKind::GiftCard, benefit, ..bearer() }).unwrap();
    shop.tenant.issue_batch(IssueBatch { format: CodeFormat::S20, ..shop.issue_batch(id, 100) }).wait().unwrap();
}

/// A fifth off, 5.00 off, and gift cards of 50.00.
fn furnish(shop: &Shop) {
    shop.batch("fifth", 100, bearer());
    shop.batch("five", 100, amount_off(500));
    gift_cards(shop, "gift", 5_000);
}

fn card(shop: &Shop, batch: &str, serial: u32) -> OrderCard {
    OrderCard::code(shop.code_of(batch, serial).unwrap())
}

fn by_id(shop: &Shop, batch: &str, serial: u32) -> OrderCard {
    CardPick::Id(shop.card(batch, serial)).into()
}

fn basket(id: &str) -> Order {
    order(id, &[("apple", 10_000), ("pear", 3_333)])
}

fn redeem(shop: &Shop, order: Order, cards: Vec<OrderCard>) -> Result<OrderReceipt, Error> {
    shop.tenant.redeem_order(RedeemOrder::new(shop.meta(), order, cards)).wait()
}

fn hold(shop: &Shop, order: Order, cards: Vec<OrderCard>) -> Result<OrderHeld, Error> {
    shop.tenant.hold_order(HoldOrder::new(shop.meta(), order, cards)).wait()
}

fn state(shop: &Shop, batch: &str, serial: u32) -> CardState {
    shop.tenant.look_up(CardPick::Id(shop.card(batch, serial))).unwrap().state
}

/// Which card of an order was denied, and why.
#[track_caller]
fn card_denied<T: std::fmt::Debug>(outcome: Result<T, Error>) -> (u32, &'static str) {
    match denial(outcome) {
        Denial::CardDenied { place, why, .. } => (place, why.code()),
        other => panic!("expected the denial of a card, not {other:?}"),
    }
}

#[track_caller]
fn audit_is_clean(shop: &Shop) {
    assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, [], "{}", shop.name);
}

fn sums_up(receipt: &OrderReceipt) {
    let of = |of: fn(&cardmint::checkout::Pricing) -> i64| {
        receipt.receipts.iter().map(|receipt| of(&receipt.pricing)).sum::<i64>()
    };
    let totals = &receipt.totals;
    assert_eq!(of(|pricing| pricing.discount_minor), totals.discount_minor);
    assert_eq!(of(|pricing| pricing.tender_minor), totals.tender_minor);
    assert_eq!(totals.before_minor - totals.discount_minor - totals.tender_minor, totals.payable_minor);
    for line in &totals.lines {
        let off: i64 = receipt
            .receipts
            .iter()
            .flat_map(|receipt| &receipt.pricing.allocations)
            .filter(|share| share.line == line.line)
            .map(|share| share.off_minor)
            .sum();
        assert_eq!(off, line.discount_minor, "{}", line.line);
    }
}

#[test]
fn g03_several_cards_are_charged_what_was_quoted() {
    for shop in Shop::each() {
        furnish(&shop);
        // Given in any order: the discount comes first, the gift cards pay behind it in the order of the request.
        let cards = || vec![card(&shop, "gift", 0), card(&shop, "five", 0), by_id(&shop, "gift", 1)];
        let quoted = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), cards())).unwrap();
        assert!(quoted.cards.iter().all(|card| card.verdict == Verdict::Applied));
        let pays: Vec<i64> = quoted.cards.iter().map(|card| card.pricing.as_ref().unwrap().tender_minor).collect();
        assert_eq!(pays, [5_000, 0, 5_000]);
        let totals = &quoted.totals;
        assert_eq!((totals.before_minor, totals.discount_minor, totals.payable_minor), (13_333, 500, 2_833));
        let asked =
            RedeemOrder { quote: quoted.digest.clone(), ..RedeemOrder::new(shop.meta(), basket("o1"), cards()) };
        let receipt = shop.tenant.redeem_order(asked.clone()).wait().unwrap();
        assert_eq!(&receipt.totals, totals);
        sums_up(&receipt);
        for (receipt, quoted) in receipt.receipts.iter().zip(&quoted.cards) {
            assert_eq!((Some(&receipt.pricing), Some(receipt.card)), (quoted.pricing.as_ref(), quoted.card));
        }
        // Each begins with what the one before it left.
        let steps: BTreeMap<i64, i64> = receipt
            .receipts
            .iter()
            .map(|receipt| (receipt.pricing.before_minor, receipt.pricing.payable_minor))
            .collect();
        assert_eq!(steps.into_iter().collect::<Vec<_>>(), [(7_833, 2_833), (12_833, 7_833), (13_333, 12_833)]);
        // The same again under the same key, whatever has become of the cards; the other key finds them spent.
        assert_eq!(shop.tenant.redeem_order(asked.clone()).wait().unwrap(), receipt);
        assert_eq!(denied(shop.tenant.redeem_order(RedeemOrder { quote: None, ..asked.clone() }).wait()), "key_reused");
        let other = RedeemOrder { meta: shop.meta(), ..asked };
        assert_eq!(card_denied(shop.tenant.redeem_order(other).wait()), (0, "insufficient_balance"));
        assert_eq!(state(&shop, "five", 0), CardState::Spent);
        audit_is_clean(&shop);
    }
}

#[test]
fn g03_an_order_that_comes_to_something_else_is_not_charged() {
    for shop in Shop::each() {
        furnish(&shop);
        let cards = || vec![card(&shop, "five", 0), card(&shop, "gift", 0)];
        let quote = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), cards())).unwrap().digest;
        let asked = |order| RedeemOrder { quote: quote.clone(), ..RedeemOrder::new(shop.meta(), order, cards()) };
        let dearer = order("o1", &[("apple", 10_001), ("pear", 3_333)]);
        let Denial::QuoteChanged { now } = denial(shop.tenant.redeem_order(asked(dearer)).wait()) else { panic!() };
        assert_eq!(
            (now.before_minor, now.discount_minor, now.tender_minor, now.payable_minor),
            (13_334, 500, 5_000, 7_834)
        );
        // The gift card paid elsewhere and got it back: the figures are the same, and the quote is of before.
        let paid = shop.tenant.redeem(Redeem::new(shop.meta(), shop.code_of("gift", 0).unwrap(), basket("o2"))).wait();
        shop.refund(&paid.unwrap().redemption).unwrap();
        assert_eq!(denied(shop.tenant.redeem_order(asked(basket("o1"))).wait()), "stale");
        let hold = HoldOrder { quote: quote.clone(), ..HoldOrder::new(shop.meta(), basket("o1"), cards()) };
        assert_eq!(denied(shop.tenant.hold_order(hold).wait()), "stale");
        assert_eq!(
            refused(
                shop.tenant.redeem_order(RedeemOrder { quote: Some("x".to_owned()), ..asked(basket("o1")) }).wait()
            )
            .field,
            "quote"
        );
        audit_is_clean(&shop);
    }
}

#[test]
fn one_card_comes_to_what_it_comes_to_alone() {
    for shop in Shop::each() {
        furnish(&shop);
        for (batch, serial) in [("fifth", 0), ("five", 0), ("gift", 0)] {
            let pick = || CardPick::code(shop.code_of(batch, serial).unwrap());
            let alone = shop.tenant.quote(Quote::new(pick(), basket("o1"))).unwrap();
            let beside = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), [pick().into()])).unwrap();
            assert_eq!(beside.cards[0].pricing, alone.outcome.ok());
            assert_eq!(beside.cards[0].limits, alone.limits);
            let receipt = redeem(&shop, basket("o1"), vec![pick().into()]).unwrap();
            assert_eq!(Some(&receipt.receipts[0].pricing), beside.cards[0].pricing.as_ref());
            sums_up(&receipt);
        }
    }
}

#[test]
fn a_card_that_is_denied_refuses_the_whole_and_is_named() {
    for shop in Shop::each() {
        furnish(&shop);
        shop.batch(
            "from-199",
            9,
            TemplateDraft {
                conditions: vec![Condition::MinSpend { minor: 19_900, over: Over::Order }],
                ..amount_off(1_000)
            },
        );
        redeem(&shop, basket("o0"), vec![card(&shop, "five", 0)]).unwrap();
        let good = || card(&shop, "fifth", 0);
        let bad: [(OrderCard, &str); 4] = [
            (card(&shop, "five", 0), "limit_reached"),
            (OrderCard::code("no such code"), "not_found_or_invalid"),
            (CardPick::Id(CardId { serial: 9_999, ..shop.card("five", 0) }).into(), "unknown"),
            (card(&shop, "from-199", 0), "condition_failed"),
        ];
        for (bad, code) in bad {
            let cards = || vec![good(), bad.clone()];
            assert_eq!(card_denied(redeem(&shop, basket("o1"), cards())), (1, code), "{}", shop.name);
            assert_eq!(card_denied(hold(&shop, basket("o1"), cards())), (1, code));
            assert_eq!(state(&shop, "fifth", 0), CardState::Issued, "nothing of it happened");
            let quoted = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), cards())).unwrap();
            assert_eq!(quoted.cards[1].denial.as_ref().map(Denial::code), Some(code));
            assert_eq!(quoted.totals.discount_minor, 2_667);
        }
        assert_eq!(refused(redeem(&shop, basket("o1"), vec![good(), by_id(&shop, "fifth", 0)])).field, "cards[1].card");
        let of_coupon = OrderCard { amount_minor: Some(100), ..good() };
        assert_eq!(refused(redeem(&shop, basket("o1"), vec![of_coupon])).field, "cards[0].amount_minor");
        let many = (0..51).map(|serial| by_id(&shop, "fifth", serial)).collect();
        assert_eq!(refused(redeem(&shop, basket("o1"), many)).field, "cards");
        assert_eq!(denied(redeem(&shop, basket("o1"), Vec::new())), "no_effect");
        // What is denied says so to the shopper, too.
        let no = denial(redeem(&shop, basket("o1"), vec![good(), card(&shop, "five", 0)])).refusal();
        assert_eq!(
            (no.code, &no.facts["place"], &no.facts["code"]),
            ("card_denied", &1.into(), &"limit_reached".into())
        );
        assert_eq!(no.texts.en.shopper, "Card 2: This card has been used.");
        assert_eq!(no.texts.zh_cn.shopper, "第 2 张卡：此卡已使用。");
        audit_is_clean(&shop);
    }
}

#[test]
fn g13_what_may_be_left_out_is_told() {
    for shop in Shop::each() {
        furnish(&shop);
        let min = vec![Condition::MinSpend { minor: 19_900, over: Over::Order }];
        shop.batch("from-199", 9, TemplateDraft { conditions: min, ..amount_off(1_000) });
        let cards = || vec![card(&shop, "from-199", 0), OrderCard::code("nothing"), card(&shop, "five", 0)];
        let asked = RedeemOrder { leave_out: true, ..RedeemOrder::new(shop.meta(), basket("o1"), cards()) };
        let quote = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), cards())).unwrap().digest;
        let receipt = shop.tenant.redeem_order(RedeemOrder { quote, ..asked.clone() }).wait().unwrap();
        let told: Vec<_> = receipt.left_out.iter().map(|out| (out.place, out.verdict, out.code.as_str())).collect();
        assert_eq!(told, [(0, Verdict::NearMiss, "condition_failed"), (1, Verdict::Refused, "not_found_or_invalid")]);
        assert_eq!(receipt.left_out[0].facts["short"]["minor"], 6_567);
        assert_eq!(receipt.receipts.len(), 1);
        assert!(receipt.receipts[0].redemption.ends_with("#3"), "a redemption is called after its card's place");
        assert_eq!(state(&shop, "from-199", 0), CardState::Issued);
        // Where none applies nothing is charged, and the first says why.
        let none = RedeemOrder { meta: shop.meta(), cards: cards().into_iter().take(2).collect(), ..asked };
        assert_eq!(card_denied(shop.tenant.redeem_order(none).wait()), (0, "condition_failed"));
        audit_is_clean(&shop);
    }
}

#[test]
fn g16_what_does_not_go_together_is_said() {
    for shop in Shop::each() {
        let stacking = |combine| Some(Stacking { combine, ..Stacking::default() });
        shop.batch("a", 9, TemplateDraft { stacking: stacking(Combine::BestForCustomer), ..amount_off(500) });
        shop.batch("b", 9, TemplateDraft { stacking: stacking(Combine::BestForCustomer), ..amount_off(700) });
        let cards = || vec![card(&shop, "a", 0), card(&shop, "b", 0)];
        assert_eq!(card_denied(redeem(&shop, basket("o1"), cards())), (0, "not_combinable"));
        let asked = RedeemOrder { leave_out: true, ..RedeemOrder::new(shop.meta(), basket("o1"), cards()) };
        let receipt = shop.tenant.redeem_order(asked).wait().unwrap();
        assert_eq!((receipt.totals.discount_minor, receipt.left_out[0].place), (700, 0));
        assert_eq!(state(&shop, "a", 0), CardState::Issued);
    }
}

#[test]
fn g01_limits_that_cards_of_an_order_share_are_counted_together() {
    for shop in Shop::each() {
        let campaign = SaveCampaign {
            limits: vec![uses("uses", 3), Limit::new("budget", Measure::Money { currency: cny() }, 1_200)],
            ..shop.campaign("c")
        };
        shop.tenant.save_campaign(campaign).wait().unwrap();
        for id in ["a", "b"] {
            shop.template(id, amount_off(500)).unwrap();
            let batch = IssueBatch { campaign: Some("c".to_owned()), ..shop.issue_batch(id, 50) };
            shop.tenant.issue_batch(batch).wait().unwrap();
        }
        let cards = |serial| vec![card(&shop, "a", serial), card(&shop, "b", serial)];
        let quoted = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), cards(0))).unwrap();
        let left: Vec<_> = quoted
            .cards
            .iter()
            .map(|card| card.limits.iter().find(|limit| limit.name == "budget").unwrap().left.unwrap())
            .collect();
        assert_eq!(left, [1_200, 700], "the second sees what the first takes");
        redeem(&shop, basket("o1"), cards(0)).unwrap();
        // Of three uses two are gone, of the budget 10.00: 2.00 are left.
        assert_eq!(card_denied(redeem(&shop, basket("o2"), cards(1))), (0, "limit_reached"));
        let quoted = shop.tenant.quote_order(QuoteOrder::new(basket("o2"), cards(1))).unwrap();
        assert_eq!((quoted.digest, quoted.totals.payable_minor), (None, 13_333));
        audit_is_clean(&shop);
    }
}

#[test]
fn g01_one_holder_limit_of_one_template_counts_both_cards() {
    for shop in Shop::each() {
        let limits = Limits { uses_per_holder: Some(1), ..Limits::default() };
        shop.batch("a", 50, TemplateDraft { limits, ..amount_off(500) });
        let ann = || Subject::customer("ann");
        let cards = || vec![card(&shop, "a", 0), card(&shop, "a", 1)];
        let asked = RedeemOrder::new(shop.meta(), basket("o1"), cards()).by(ann());
        assert_eq!(card_denied(shop.tenant.redeem_order(asked.clone()).wait()), (1, "limit_reached"));
        assert_eq!(state(&shop, "a", 0), CardState::Issued);
        let held = HoldOrder::new(shop.meta(), basket("o1"), cards()).by(ann());
        assert_eq!(card_denied(shop.tenant.hold_order(held.clone()).wait()), (1, "held"));
        let held = shop.tenant.hold_order(HoldOrder { leave_out: true, ..held }).wait().unwrap();
        assert_eq!((held.holds.len(), held.left_out[0].code.as_str()), (1, "held"));
        // What the order itself holds is free to it where it asks what it would come to.
        let quoted = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), cards()).by(ann())).unwrap();
        let codes: Vec<_> = quoted.cards.iter().map(|card| card.denial.as_ref().map(Denial::code)).collect();
        assert_eq!(codes, [None, Some("limit_reached")]);
        let release = (shop.meta(), vec![held.holds[0].hold.clone()]);
        shop.tenant.release_order(release).wait().unwrap();
        let asked = RedeemOrder { meta: shop.meta(), leave_out: true, ..asked };
        assert_eq!(shop.tenant.redeem_order(asked).wait().unwrap().receipts.len(), 1);
        audit_is_clean(&shop);
    }
}

#[test]
fn a_public_code_goes_beside_a_card() {
    for shop in Shop::each() {
        furnish(&shop);
        let limits = Limits { claims_per_holder: Some(1), ..Limits::default() };
        let redeem_from = RedeemFrom::Claimed;
        shop.batch("word", 2, TemplateDraft { limits, redeem_from, ..amount_off(700) });
        let code = SavePublicCode::new(shop.meta(), "word", "SUMMER", Normalisation::Word);
        shop.tenant.save_public_code(code).wait().unwrap();
        let cards = |serial| vec![OrderCard::code("summer"), card(&shop, "five", serial)];
        let by = |id, serial, who: &str| {
            let asked = RedeemOrder::new(shop.meta(), basket(id), cards(serial)).by(Subject::customer(who));
            shop.tenant.redeem_order(asked).wait()
        };
        let receipt = by("o1", 0, "ann").unwrap();
        assert_eq!(receipt.totals.discount_minor, 1_200);
        assert_eq!(card_denied(by("o2", 1, "ann")), (0, "limit_reached"));
        by("o3", 1, "bob").unwrap();
        assert_eq!(card_denied(by("o4", 2, "cat")), (0, "sold_out"));
        assert_eq!(state(&shop, "five", 2), CardState::Issued);
        let twice = vec![OrderCard::code("summer"), OrderCard::code("SUMMER")];
        let twice = QuoteOrder::new(basket("o5"), twice);
        assert_eq!(shop.tenant.quote_order(twice).unwrap().digest, None, "sold out");
        audit_is_clean(&shop);
    }
}

#[test]
fn g05_each_card_of_an_order_is_refunded_by_itself() {
    for shop in Shop::each() {
        furnish(&shop);
        let cards = vec![card(&shop, "five", 0), card(&shop, "gift", 0), card(&shop, "fifth", 0)];
        let receipt = redeem(&shop, basket("o1"), cards).unwrap();
        let of_order = shop.tenant.redemptions_of_order("o1").unwrap().items;
        assert_eq!(of_order.len(), 3);
        for one in &receipt.receipts {
            let redemption = shop.tenant.redemption(one.redemption.as_str()).unwrap().unwrap();
            assert_eq!((&redemption.pricing, redemption.card), (&one.pricing, one.card));
        }
        let back = shop.refund(&receipt.receipts[1].redemption).unwrap();
        assert_eq!((back.amount_minor, back.balance_minor), (5_000, Some(5_000)));
        assert_eq!(state(&shop, "five", 0), CardState::Spent, "the others stay as they are");
        shop.refund(&receipt.receipts[0].redemption).unwrap();
        assert_eq!(denied(shop.refund(&receipt.receipts[0].redemption)), "already_refunded");
        audit_is_clean(&shop);
    }
}

#[test]
fn g10_holds_of_an_order_are_captured_together() {
    for shop in Shop::each() {
        furnish(&shop);
        let cards = || vec![card(&shop, "gift", 0), card(&shop, "five", 0)];
        let quoted = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), cards())).unwrap();
        let asked = HoldOrder { quote: quoted.digest, ..HoldOrder::new(shop.meta(), basket("o1"), cards()) };
        let held = shop.tenant.hold_order(asked.clone()).wait().unwrap();
        assert_eq!((&held.totals, held.holds.len()), (&quoted.totals, 2));
        assert_eq!(shop.tenant.hold_order(asked).wait().unwrap(), held);
        assert_eq!(shop.tenant.holds_of_order("o1").unwrap().items.len(), 2);
        // Under another key the same order gets the same holds; for something else it has to give them back.
        assert_eq!(hold(&shop, basket("o1"), cards()).unwrap(), held);
        assert_eq!(card_denied(hold(&shop, basket("o1"), cards()[..1].to_vec())), (0, "has_open_hold"));
        assert_eq!(card_denied(hold(&shop, basket("o2"), cards())), (0, "held"));
        // It may ask again what it would come to.
        let again = shop.tenant.quote_order(QuoteOrder::new(basket("o1"), cards())).unwrap();
        assert_eq!(again.totals, held.totals);
        let ids: Vec<_> = held.holds.iter().map(|hold| hold.hold.clone()).collect();
        let part = |amount_minor| CapturePart { amount_minor, ..ids[0].clone().into() };
        let capture = CaptureOrder { meta: shop.meta(), holds: vec![part(Some(3_000)), ids[1].clone().into()] };
        let too_much = CaptureOrder { meta: shop.meta(), holds: vec![ids[1].clone().into(), part(Some(5_001))] };
        assert_eq!(card_denied(shop.tenant.capture_order(too_much).wait()), (1, "capture_too_large"));
        let captured = shop.tenant.capture_order(capture.clone()).wait().unwrap();
        assert_eq!(captured.outcome, CaptureOutcome::Captured);
        let paid: Vec<i64> =
            captured.holds.iter().map(|one| one.receipt.as_ref().unwrap().pricing.tender_minor).collect();
        assert_eq!(paid, [3_000, 0]);
        assert_eq!(shop.tenant.capture_order(capture).wait().unwrap(), captured);
        let again = CaptureOrder::new(shop.meta(), ids.clone());
        assert_eq!(card_denied(shop.tenant.capture_order(again).wait()), (0, "already_captured"));
        assert_eq!(card_denied(shop.tenant.release_order((shop.meta(), ids)).wait()), (0, "already_captured"));
        assert_eq!(shop.tenant.look_up(CardPick::Id(shop.card("gift", 0))).unwrap().balance_minor, Some(2_000));
        audit_is_clean(&shop);
    }
}

#[test]
fn g10_an_order_that_asks_again_gets_the_holds_that_it_has() {
    for shop in Shop::each() {
        furnish(&shop);
        // Two that pay in turn behind a discount and a percentage: what a line has of each is found again.
        let cards = || ["gift", "fifth", "five"].map(|batch| card(&shop, batch, 0));
        let cards = || cards().into_iter().chain([by_id(&shop, "gift", 1)]).collect::<Vec<_>>();
        let order = || Order { shipping_minor: 701, ..basket("o1") };
        let held = hold(&shop, order(), cards()).unwrap();
        let again = |meta: Meta, quote: Option<String>| {
            let asked = HoldOrder { quote, ..HoldOrder::new(meta, order(), cards()) };
            shop.tenant.hold_order(asked).wait()
        };
        shop.clock.advance(60_000);
        let meta = shop.meta();
        assert_eq!(again(meta.clone(), None).unwrap(), held, "{}", shop.name);
        assert_eq!(again(meta.clone(), None).unwrap(), held, "and again under that key");
        let clashing = HoldOrder::new(meta, order(), cards()[..2].to_vec());
        assert_eq!(denied(shop.tenant.hold_order(clashing).wait()), "key_reused");
        let quoted = shop.tenant.quote_order(QuoteOrder::new(order(), cards())).unwrap();
        assert_eq!(again(shop.meta(), quoted.digest).unwrap(), held);
        let other = shop.tenant.quote_order(QuoteOrder::new(order(), cards()[..2].to_vec())).unwrap();
        assert_eq!(denied(again(shop.meta(), other.digest)), "quote_changed");
        let bob = HoldOrder::new(shop.meta(), order(), cards()).by(Subject::customer("bob"));
        assert_eq!(card_denied(shop.tenant.hold_order(bob).wait()), (0, "not_owner"));
        let kinds = shop.tenant.history(CardPick::Id(shop.card("gift", 1))).unwrap();
        assert_eq!(kinds.iter().filter(|event| event.kind.name() == "held_again").count(), 2);
        // Nothing is held twice; and where one is over, the order has to give the others back first.
        let quote = QuoteOrder::new(basket("o2"), cards());
        assert!(shop.tenant.quote_order(quote).unwrap().cards.iter().all(|one| one.verdict == Verdict::Refused));
        let release = ReleaseHold { meta: shop.meta(), hold: held.holds[1].hold.clone() };
        shop.tenant.release(release).wait().unwrap();
        assert_eq!(card_denied(again(shop.meta(), None)), (0, "has_open_hold"));
        audit_is_clean(&shop);
    }
}

#[test]
fn g10_holds_of_an_order_are_released_together_or_one_by_one() {
    for shop in Shop::each() {
        furnish(&shop);
        let cards = || vec![card(&shop, "gift", 0), card(&shop, "five", 0), card(&shop, "fifth", 0)];
        let held = hold(&shop, basket("o1"), cards()).unwrap();
        let ids: Vec<_> = held.holds.iter().map(|hold| hold.hold.clone()).collect();
        // One that was released by itself is in the way of all.
        shop.tenant.release(ReleaseHold { meta: shop.meta(), hold: ids[2].clone() }).wait().unwrap();
        assert_eq!(card_denied(shop.tenant.release_order((shop.meta(), ids.clone())).wait()), (2, "stale"));
        let request = ReleaseOrder { meta: shop.meta(), holds: ids[..2].to_vec() };
        let released = shop.tenant.release_order(request.clone()).wait().unwrap();
        assert!(released.holds.iter().all(|hold| hold.state == HoldState::Released));
        assert_eq!(shop.tenant.release_order(request).wait().unwrap(), released);
        let twice = vec![ids[0].clone(), ids[0].clone()];
        assert_eq!(refused(shop.tenant.release_order((shop.meta(), twice)).wait()).field, "holds[1]");
        // All is free again, and the same order may hold anew and capture one by one.
        let held = hold(&shop, basket("o1"), cards()).unwrap();
        for one in &held.holds {
            shop.tenant.capture(CaptureHold::new(shop.meta(), one.hold.clone())).wait().unwrap();
        }
        audit_is_clean(&shop);
    }
}

#[test]
fn g08_a_late_capture_takes_all_or_nothing() {
    for (late, wanted) in [
        (LateCapture::Reacquire, CaptureOutcome::RefundRequired),
        (LateCapture::Backorder, CaptureOutcome::Backordered),
        (LateCapture::Refund, CaptureOutcome::RefundRequired),
    ] {
        for shop in Shop::each() {
            let of = |ttl_s, late| HoldTerms { ttl_s, late, ..HoldTerms::default() };
            shop.batch("long", 9, TemplateDraft { holds: of(3_600, LateCapture::Reacquire), ..amount_off(500) });
            shop.batch("short", 9, TemplateDraft { holds: of(60, late), ..amount_off(700) });
            let cards = || vec![card(&shop, "long", 0), card(&shop, "short", 0)];
            let held = hold(&shop, basket("o1"), cards()).unwrap();
            let ids: Vec<_> = held.holds.iter().map(|hold| hold.hold.clone()).collect();
            shop.clock.advance(120_000);
            let other = redeem(&shop, basket("o2"), vec![card(&shop, "short", 0)]).unwrap();
            let capture = CaptureOrder::new(shop.meta(), ids.clone());
            let captured = shop.tenant.capture_order(capture.clone()).wait().unwrap();
            assert_eq!(captured.outcome, wanted, "{late:?}");
            assert_eq!(captured.holds.len(), 1);
            assert_eq!(shop.tenant.capture_order(capture).wait().unwrap(), captured);
            assert_eq!(state(&shop, "long", 0), CardState::Issued, "nothing was taken");
            let of_long = shop.tenant.get_hold(ids[0].clone()).unwrap().unwrap().state;
            match late {
                LateCapture::Backorder => {
                    assert_eq!((of_long, captured.released.len()), (HoldState::Open, 0));
                    shop.refund(&other.receipts[0].redemption).unwrap();
                    let captured = shop.tenant.capture_order(CaptureOrder::new(shop.meta(), ids)).wait().unwrap();
                    assert_eq!(captured.outcome, CaptureOutcome::Reacquired);
                    assert_eq!(state(&shop, "long", 0), CardState::Spent);
                }
                LateCapture::Reacquire | LateCapture::Refund => {
                    assert_eq!((of_long, captured.released.len()), (HoldState::Released, 1));
                }
            }
            audit_is_clean(&shop);
        }
    }
}

/// Rows, moves and events of the last commit.
fn rows_of(shop: &Shop, watched: &cardmint_tests::Watched, cards: Vec<OrderCard>) -> (usize, usize) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&seen);
    watched.look_at_commits(move |group: &[Changeset]| -> Option<Fault> {
        to.lock().unwrap().extend(group.iter().map(|set| (set.writes.len(), set.events.len())));
        None
    });
    redeem(shop, basket("o"), cards).unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1, "one changeset");
    seen[0]
}

#[test]
fn an_order_of_several_writes_what_its_cards_write_alone() {
    for (shop, watched) in Shop::each_watched() {
        furnish(&shop);
        let of = |serials: std::ops::Range<u32>| serials.map(|serial| card(&shop, "five", serial)).collect::<Vec<_>>();
        let sets: Vec<_> = [of(0..1), of(1..9), of(9..30)].into_iter().collect();
        let rows: Vec<_> = sets.into_iter().map(|cards| rows_of(&shop, &watched, cards)).collect();
        assert_eq!(rows, [(2, 1), (16, 8), (42, 21)], "card, redemption and event, and nothing beside");
        watched.forget();
        let cards: Vec<_> = (30..50).map(|serial| card(&shop, "five", serial)).collect();
        watched.forget();
        redeem(&shop, basket("p"), cards).unwrap();
        assert!(watched.loads() <= 2, "{} loads for 20 cards", watched.loads());
    }
}

#[test]
fn g07_an_order_whose_commit_ended_in_the_dark_is_there_once() {
    for (shop, watched) in Shop::each_watched() {
        furnish(&shop);
        let cards = || vec![card(&shop, "five", 0), card(&shop, "gift", 0)];
        let asked = RedeemOrder::new(shop.meta(), basket("o1"), cards());
        let dark = || StoreError::OutcomeUnknown("gone".to_owned());
        watched.hurt([Fault::After(dark())]);
        let receipt = shop.tenant.redeem_order(asked.clone()).wait();
        let receipt = match receipt {
            Ok(receipt) => receipt,
            Err(_) => shop.tenant.redeem_order(asked.clone()).wait().unwrap(),
        };
        assert_eq!(shop.tenant.redeem_order(asked).wait().unwrap(), receipt);
        assert_eq!(shop.tenant.redemptions_of_order("o1").unwrap().items.len(), 2);
        // A retry of a request that was never done is fenced, and may be done later all the same.
        redeem(&shop, basket("o2"), vec![card(&shop, "five", 1)]).unwrap();
        let meta = Meta { retry: true, ..shop.meta() };
        let late = RedeemOrder::new(meta, basket("o3"), vec![card(&shop, "fifth", 0), card(&shop, "five", 1)]);
        assert_eq!(card_denied(shop.tenant.redeem_order(late.clone()).wait()), (1, "limit_reached"));
        let free = RedeemOrder { leave_out: true, ..late };
        shop.tenant.redeem_order(free).wait().unwrap();
        audit_is_clean(&shop);
    }
}

#[test]
fn g02_overlapping_orders_from_many_threads_take_each_card_once() {
    const THREADS: usize = 8;
    const CARDS: u32 = 24;
    for shop in Shop::each() {
        furnish(&shop);
        let campaign = SaveCampaign { limits: vec![uses("uses", 15)], ..shop.campaign("c") };
        shop.tenant.save_campaign(campaign).wait().unwrap();
        shop.template("limited", amount_off(100)).unwrap();
        let batch = IssueBatch { campaign: Some("c".to_owned()), ..shop.issue_batch("limited", 100) };
        shop.tenant.issue_batch(batch).wait().unwrap();
        let codes: Vec<OrderCard> = (0..CARDS).map(|serial| card(&shop, "limited", serial)).collect();
        let done: Vec<Vec<Result<OrderReceipt, Error>>> = thread::scope(|scope| {
            let runs: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let (shop, codes) = (&shop, &codes);
                    scope.spawn(move || {
                        // Sets of three that overlap with those of the other threads, in another order each.
                        (0..codes.len())
                            .map(|at| {
                                let pick = |step: usize| {
                                    codes[(at * (2 * thread + 1) + step * (thread + 1)) % codes.len()].clone()
                                };
                                let mut cards = vec![pick(0)];
                                for card in [pick(1), pick(2)] {
                                    if !cards.contains(&card) {
                                        cards.push(card);
                                    }
                                }
                                redeem(shop, basket(&format!("o{thread}-{at}")), cards)
                            })
                            .collect()
                    })
                })
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let mut used = BTreeMap::<CardId, usize>::new();
        for outcome in done.into_iter().flatten() {
            match outcome {
                Ok(receipt) => receipt.receipts.iter().for_each(|one| *used.entry(one.card).or_default() += 1),
                Err(Error::Denied(Denial::CardDenied { why, .. })) => assert_eq!(why.code(), "limit_reached"),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(used.values().all(|times| *times == 1), "each card once");
        // In threes: whoever came when fewer than three uses were left was refused as a whole.
        assert!(used.len() <= 15 && used.len() > 12, "{} of 15", used.len());
        audit_is_clean(&shop);
    }
}

#[test]
fn cards_of_an_order_that_give_from_one_batch_give_different_cards() {
    for shop in Shop::each() {
        shop.batch("present", 3, TemplateDraft { redeem_from: RedeemFrom::Claimed, ..amount_off(100) });
        let gives = vec![Gift { batch: "present".to_owned(), quantity: 1, conditions: Vec::new() }];
        shop.batch("giving", 9, TemplateDraft { gives, ..amount_off(500) });
        let asked = |id, serials: [u32; 2]| {
            let cards = serials.map(|serial| card(&shop, "giving", serial));
            RedeemOrder::new(shop.meta(), basket(id), cards).by(Subject::customer("ann"))
        };
        let first = asked("o1", [0, 1]);
        let receipt = shop.tenant.redeem_order(first.clone()).wait().unwrap();
        let given: Vec<_> = receipt.receipts.iter().flat_map(|one| &one.given).collect();
        assert!(given.len() == 2 && given[0].card != given[1].card && given.iter().all(|one| one.code.is_some()));
        // Their codes are told again, and stand nowhere.
        assert_eq!(shop.tenant.redeem_order(first).wait().unwrap(), receipt);
        // One is left for two: the second does without, and says so.
        let receipt = shop.tenant.redeem_order(asked("o2", [2, 3])).wait().unwrap();
        let left: Vec<_> = receipt.receipts.iter().map(|one| (one.given.len(), one.not_given.len())).collect();
        assert_eq!(left, [(1, 0), (0, 1)]);
        audit_is_clean(&shop);
    }
}
