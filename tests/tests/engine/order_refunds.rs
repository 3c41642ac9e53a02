//! Orders that come back line by line: what is paid out, to whom, and what of each card comes back.

use std::sync::Arc;
use std::thread;

use cardmint::card::{
    Benefit, CardKind, CardState, ExtendPolicy, Funding, Limits, Policies, RedeemFrom, Redemption, RefundLines,
    RefundPolicy, RefundTo, Setting, TemplateDraft, TransferPolicy, UseBack, ValidityDraft,
};
use cardmint::checkout::refund::TenderOrder;
use cardmint::checkout::{Line, Order};
use cardmint::code::{CodeFormat, World};
use cardmint::limit::{Limit, Measure};
use cardmint::rule::{Condition, Over};
use cardmint::store::{
    Account, Changeset, Expect, Group, Key, Lookup, Owner, Record, Scan, ScanOf, Stands, StoreError, TenantKey, Write,
};
use cardmint::subject::Subject;
use cardmint::{
    CaptureOrder, CardPick, Denial, Error, HoldOrder, IssueBatch, LineReturn, Load, Meta, OrderCard, OrderReceipt,
    RedeemOrder, RefundOrder, RefundRedemption, RefundedOrder, Replace, SimulateRefund, Stranded, Succeed, Transfer,
    Void,
};
use cardmint_tests::{Fault, Shop, bearer, cny, denial, denied, order, refused};

/// 满100减10.
fn ten_off_a_hundred(lines: RefundLines) -> TemplateDraft {
    TemplateDraft {
        benefit: Benefit::AmountOff { minor: Setting::Fixed(1_000), over: Over::Order },
        conditions: vec![Condition::MinSpend { minor: 10_000, over: Over::Order }],
        policies: policies(lines),
        ..bearer()
    }
}

fn policies(lines: RefundLines) -> Policies {
    Policies { refund: Some(RefundPolicy { lines, use_back: UseBack::WhenUndone }), ..Policies::default() }
}

fn gift_template(minor: i64) -> TemplateDraft {
    let benefit = Benefit::Value { minor: Setting::Fixed(minor) };
    TemplateDraft { kind: CardKind::GiftCard, benefit, ..bearer() }
}

fn gift_cards(shop: &Shop, id: &str, template: TemplateDraft) {
    shop.template(id, template).unwrap();
    shop.tenant.issue_batch(IssueBatch { format: CodeFormat::S20, ..shop.issue_batch(id, 100) }).wait().unwrap();
}

fn card(shop: &Shop, batch: &str, serial: u32) -> OrderCard {
    OrderCard::code(shop.code_of(batch, serial).unwrap())
}

/// 70.00 and 50.00.
fn basket(id: &str) -> Order {
    order(id, &[("apple", 7_000), ("pear", 5_000)])
}

fn buy(shop: &Shop, order: &Order, cards: Vec<OrderCard>) -> OrderReceipt {
    shop.tenant.redeem_order(RedeemOrder::new(shop.meta(), order.clone(), cards)).wait().unwrap()
}

fn back(shop: &Shop, order: &Order, lines: &[&str]) -> Result<RefundedOrder, Error> {
    let lines = lines.iter().map(|line| LineReturn::all(*line));
    shop.tenant.refund_order(RefundOrder::lines(shop.meta(), order.clone(), lines)).wait()
}

/// What goes back to each way of paying.
fn tenders(refunded: &RefundedOrder) -> Vec<(&str, i64)> {
    refunded.tenders.iter().map(|back| (back.to.as_str(), back.minor)).collect()
}

fn uses_left(shop: &Shop, batch: &str, serial: u32) -> u32 {
    shop.tenant.look_up(CardPick::Id(shop.card(batch, serial))).unwrap().uses_left
}

fn balance(shop: &Shop, batch: &str, serial: u32) -> i64 {
    shop.tenant.look_up(CardPick::Id(shop.card(batch, serial))).unwrap().balance_minor.unwrap()
}

#[track_caller]
fn audit_is_clean(shop: &Shop) {
    assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, [], "{}", shop.name);
}

#[test]
fn g15_each_policy_pays_out_what_it_says() {
    // Bought for 120.00 with 满100减10, returned the 50.00: kept, the line's share stays off; clawed back and repriced, 70.00 stay at full price.
    for (lines, payout, coupon) in
        [(RefundLines::Keep, 4_583, 0), (RefundLines::Clawback, 4_000, 1), (RefundLines::Reprice, 4_000, 1)]
    {
        for shop in Shop::each() {
            shop.batch("ten", 10, ten_off_a_hundred(lines));
            let order = basket("o1");
            let receipt = buy(&shop, &order, vec![card(&shop, "ten", 0)]);
            assert_eq!(receipt.totals.payable_minor, 11_000);
            let asked = SimulateRefund::lines(order.clone(), [LineReturn::all("l1")]);
            let simulated = shop.tenant.simulate_refund(asked).unwrap();
            let figures = &simulated.figures;
            let all = [&figures.keep, &figures.clawback, &figures.reprice].map(|figures| figures.payout_minor);
            assert_eq!((all, figures.by_terms.payout_minor), ([4_583, 4_000, 4_000], payout));
            let refunded = back(&shop, &order, &["l1"]).unwrap();
            assert_eq!((refunded.payout_minor, refunded.left_minor), (payout, 11_000 - payout), "{lines:?}");
            assert_eq!(tenders(&refunded), [("other", payout)]);
            assert_eq!(uses_left(&shop, "ten", 0), coupon, "{lines:?}");
            assert_eq!(denied(back(&shop, &order, &["l1"])), "too_many_back");
            let rest = back(&shop, &order, &["l0"]).unwrap();
            assert_eq!((rest.payout_minor, rest.left_minor, rest.is_whole), (11_000 - payout, 0, true));
            assert_eq!(uses_left(&shop, "ten", 0), 1);
            assert_eq!(denied(back(&shop, &order, &["l0"])), "all_back");
            audit_is_clean(&shop);
        }
    }
}

#[test]
fn g15_pieces_in_any_order_and_split_come_to_what_was_paid() {
    let paths: [&[(&str, u32)]; 4] = [
        &[("a", 1), ("b", 1), ("a", 1), ("a", 1), ("b", 1)],
        &[("b", 2), ("a", 3)],
        &[("a", 2), ("b", 1), ("b", 1), ("a", 1)],
        &[("b", 1), ("a", 3), ("b", 1)],
    ];
    for shop in Shop::each() {
        shop.batch("ten", 10, ten_off_a_hundred(RefundLines::Keep));
        gift_cards(&shop, "gift", gift_template(3_000));
        for (at, path) in paths.into_iter().enumerate() {
            let serial = u32::try_from(at).unwrap();
            let lines = [Line::new("a", "apple", 3, 10_000), Line::new("b", "pear", 2, 3_333)];
            let order = Order { shipping_minor: 700, ..Order::new(format!("o{at}"), cny(), lines) };
            let receipt = buy(&shop, &order, vec![card(&shop, "ten", serial), card(&shop, "gift", serial)]);
            assert_eq!((receipt.totals.tender_minor, receipt.totals.payable_minor), (3_000, 10_033));
            let (mut paid_out, mut to_card) = (0, 0);
            for (line, pieces) in path {
                let request = RefundOrder::lines(shop.meta(), order.clone(), [LineReturn::pieces(*line, *pieces)]);
                let refunded = shop.tenant.refund_order(request).wait().unwrap();
                assert_eq!(refunded.lines.len(), 1);
                paid_out += refunded.payout_minor;
                to_card +=
                    refunded.tenders.iter().filter(|back| back.card.is_some()).map(|back| back.minor).sum::<i64>();
            }
            assert_eq!((paid_out, to_card), (12_333, 3_000), "all but shipping");
            let last = RefundOrder { shipping: true, ..RefundOrder::lines(shop.meta(), order.clone(), []) };
            let last = shop.tenant.refund_order(last).wait().unwrap();
            assert_eq!((last.payout_minor, last.left_minor, last.is_whole), (700, 0, true));
            assert_eq!((balance(&shop, "gift", serial), uses_left(&shop, "ten", serial)), (3_000, 1));
        }
        audit_is_clean(&shop);
    }
}

#[test]
fn g18_a_pay_out_goes_back_in_the_declared_order() {
    let cases: [(TenderOrder, &[(&str, i64)]); 4] = [
        (TenderOrder::CardsFirst, &[("b#1", 3_000), ("b#2", 2_000)]),
        (TenderOrder::CardsLast, &[("b#1", 1_000), ("other", 4_000)]),
        (TenderOrder::InProportion, &[("b#1", 1_250), ("b#2", 2_083), ("other", 1_667)]),
        (TenderOrder::Listed(vec!["3b#2".to_owned(), "other".to_owned()]), &[("b#2", 5_000)]),
    ];
    for shop in Shop::each() {
        gift_cards(&shop, "small", gift_template(3_000));
        gift_cards(&shop, "large", gift_template(5_000));
        for (at, (declared, expected)) in cases.iter().enumerate() {
            let (serial, order) = (u32::try_from(at).unwrap(), basket(&format!("o{at}")));
            let cards = vec![card(&shop, "small", serial), card(&shop, "large", serial)];
            let meta = Meta::key(format!("{at}b"));
            shop.tenant.redeem_order(RedeemOrder::new(meta, order.clone(), cards)).wait().unwrap();
            let asked = RefundOrder {
                tenders: declared.clone(),
                ..RefundOrder::lines(shop.meta(), order.clone(), [LineReturn::all("l1")])
            };
            let refunded = shop.tenant.refund_order(asked).wait().unwrap();
            let own = |to: &str| to.strip_prefix(&at.to_string()).unwrap_or(to).to_owned();
            let got: Vec<(String, i64)> = refunded.tenders.iter().map(|back| (own(&back.to), back.minor)).collect();
            let expected: Vec<(String, i64)> = expected.iter().map(|(to, minor)| ((*to).to_owned(), *minor)).collect();
            assert_eq!(got, expected, "{declared:?}");
            // Whatever the order was, all of it is back where it came from in the end.
            let rest = RefundOrder { tenders: declared.clone(), ..RefundOrder::everything(shop.meta(), order) };
            let rest = shop.tenant.refund_order(rest).wait().unwrap();
            assert_eq!(rest.payout_minor, 7_000);
            let back: i64 = balance(&shop, "small", serial) + balance(&shop, "large", serial);
            assert_eq!(back, 8_000, "{declared:?}");
        }
        audit_is_clean(&shop);
    }
}

#[test]
fn g18_value_finds_its_card_whatever_became_of_it() {
    for shop in Shop::each() {
        let ends = ValidityDraft { end: Some("2026-11-20".to_owned()), ..ValidityDraft::default() };
        let extend = Policies { extend: Some(ExtendPolicy { days_max: 30, expired: true }), ..Policies::default() };
        gift_cards(&shop, "ends", TemplateDraft { validity: ends, policies: extend, ..gift_template(5_000) });
        // Some is left on these: what is spent cannot be voided.
        gift_cards(&shop, "lasts", gift_template(15_000));
        let order = |id: &str| basket(id);
        let pay = |id: &str, batch: &str, serial: u32| buy(&shop, &order(id), vec![card(&shop, batch, serial)]);
        pay("expired", "ends", 0);
        pay("replaced", "lasts", 0);
        pay("voided", "lasts", 1);
        pay("voided-other", "lasts", 2);
        pay("frozen", "lasts", 3);
        shop.clock.set("2026-12-01T00:00:00Z");
        // Expired: it gets what is its own, and a successor takes it on.
        let refunded = back(&shop, &order("expired"), &["l1"]).unwrap();
        let got = &refunded.tenders[0];
        assert_eq!((got.minor, got.balance_minor, got.expired), (5_000, Some(5_000), true));
        let succeed = Succeed {
            meta: shop.meta(),
            card: CardPick::Id(shop.card("ends", 0)),
            until: Some("2027-11-30".to_owned()),
        };
        let successor = shop.tenant.succeed(succeed).wait().unwrap();
        assert_eq!((successor.card.balance_minor, balance(&shop, "ends", 0)), (Some(5_000), 0));
        // Replaced: the same card under its new code.
        let replaced = Replace::from((shop.meta(), CardPick::Id(shop.card("lasts", 0))));
        let code = shop.tenant.replace(replaced).wait().unwrap().code.unwrap();
        back(&shop, &order("replaced"), &["l1"]).unwrap();
        assert_eq!(shop.tenant.look_up(CardPick::code(code)).unwrap().balance_minor, Some(8_000));
        // Frozen: it gets what is its own all the same.
        shop.tenant.freeze((shop.because("lost"), CardPick::Id(shop.card("lasts", 3)))).wait().unwrap();
        assert_eq!(back(&shop, &order("frozen"), &["l1"]).unwrap().tenders[0].balance_minor, Some(8_000));
        // Voided: a dead card can hold nothing, so nothing happens, unless the value may go the other way.
        for serial in [1, 2] {
            // What is left of the card's value died with it; what comes back must not.
            let stolen = Void::from((shop.because("stolen"), CardPick::Id(shop.card("lasts", serial))));
            shop.tenant.void(stolen).wait().unwrap();
        }
        match denial(back(&shop, &order("voided"), &["l1"])) {
            Denial::CardDenied { place: 0, why, .. } => assert_eq!(why.code(), "void"),
            other => panic!("{other:?}"),
        }
        let asked = RefundOrder {
            stranded: Stranded::Other,
            ..RefundOrder::lines(shop.meta(), order("voided-other"), [LineReturn::all("l1")])
        };
        let refunded = shop.tenant.refund_order(asked).wait().unwrap();
        let got = &refunded.tenders[0];
        assert_eq!((got.to.as_str(), got.minor, got.refused.as_deref()), ("other", 5_000, Some("void")));
        let rest =
            RefundOrder { stranded: Stranded::Other, ..RefundOrder::everything(shop.meta(), order("voided-other")) };
        let rest = shop.tenant.refund_order(rest).wait().unwrap();
        assert_eq!((tenders(&rest), rest.left_minor), (vec![("other", 7_000)], 0));
        audit_is_clean(&shop);
    }
}

#[test]
fn g18_a_card_that_was_handed_on_pays_its_present_holder_or_says_so() {
    for (refund_to, denied_as) in
        [(RefundTo::PresentHolder, None), (RefundTo::OriginalOnly, Some("refund_to_original_only"))]
    {
        for shop in Shop::each() {
            let transfer = TransferPolicy { transfers_max: 5, keep_code: true, refund_to };
            let given = Policies { transfer: Some(transfer), ..Policies::default() };
            gift_cards(
                &shop,
                "gift",
                TemplateDraft { redeem_from: RedeemFrom::Claimed, policies: given.clone(), ..gift_template(8_000) },
            );
            shop.batch(
                "ten",
                10,
                TemplateDraft {
                    redeem_from: RedeemFrom::Claimed,
                    policies: given,
                    ..ten_off_a_hundred(RefundLines::Keep)
                },
            );
            let (gift, ten) = (shop.claim("gift", "ann").unwrap(), shop.claim("ten", "ann").unwrap());
            let order = basket("o1");
            let cards = [OrderCard::code(ten.clone()), OrderCard::code(gift.clone())];
            let bought = RedeemOrder::new(shop.meta(), order.clone(), cards).by(Subject::customer("ann"));
            shop.tenant.redeem_order(bought).wait().unwrap();
            let hand_on = |code: &str| Transfer {
                meta: shop.meta(),
                card: CardPick::code(code),
                holder: Subject::customer("ann"),
                to: Subject::customer("bob"),
            };
            // A spent coupon cannot be handed on; the gift card is empty, so neither can that.
            let moved = shop.tenant.transfer(hand_on(&gift)).wait();
            if moved.is_err() {
                // Something has to be on it.
                let load = Load { meta: shop.meta(), card: CardPick::code(gift.clone()), amount_minor: 100 };
                shop.tenant.load(load).wait().unwrap();
                shop.tenant.transfer(hand_on(&gift)).wait().unwrap();
            }
            let refunded = back(&shop, &order, &["l0"]);
            match denied_as {
                None => {
                    let refunded = refunded.unwrap();
                    let held = shop.tenant.wallet(Subject::customer("bob")).unwrap().items[0].balance_minor;
                    assert_eq!(held, refunded.tenders[0].balance_minor);
                }
                Some(code) => {
                    let Denial::CardDenied { why, .. } = denial(refunded) else { panic!() };
                    assert_eq!(why.code(), code);
                    let asked =
                        RefundOrder { stranded: Stranded::Other, ..RefundOrder::everything(shop.meta(), order) };
                    let refunded = shop.tenant.refund_order(asked).wait().unwrap();
                    assert_eq!(refunded.payout_minor, 11_000);
                    assert!(refunded.tenders.iter().all(|back| back.to == "other"));
                }
            }
            audit_is_clean(&shop);
        }
    }
}

#[test]
fn a_coupon_that_died_is_in_nobodys_way() {
    for shop in Shop::each() {
        let never = RefundPolicy { lines: RefundLines::Keep, use_back: UseBack::Never };
        shop.batch(
            "once",
            10,
            TemplateDraft {
                policies: Policies { refund: Some(never), ..Policies::default() },
                ..ten_off_a_hundred(RefundLines::Keep)
            },
        );
        let two = TemplateDraft {
            limits: Limits { uses_per_card: 2, ..Default::default() },
            ..ten_off_a_hundred(RefundLines::Keep)
        };
        shop.batch("twice", 10, two);
        let (kept, dead) = (basket("kept"), basket("dead"));
        buy(&shop, &kept, vec![card(&shop, "once", 0)]);
        buy(&shop, &dead, vec![card(&shop, "twice", 0)]);
        let refunded = shop.tenant.refund_order(RefundOrder::everything(shop.meta(), kept)).wait().unwrap();
        assert_eq!((refunded.payout_minor, refunded.cards.len(), uses_left(&shop, "once", 0)), (11_000, 0, 0));
        shop.tenant.void(Void::from((shop.because("stolen"), CardPick::Id(shop.card("twice", 0))))).wait().unwrap();
        let refunded = shop.tenant.refund_order(RefundOrder::everything(shop.meta(), dead)).wait().unwrap();
        assert_eq!((refunded.payout_minor, refunded.cards[0].refused.as_deref()), (11_000, Some("void")));
        audit_is_clean(&shop);
    }
}

#[test]
fn a_budget_gets_back_what_of_a_discount_came_back() {
    for shop in Shop::each() {
        let budget = Limit::new("budget", Measure::Money { currency: cny() }, 100_000);
        let limits = Limits { list: vec![budget], uses_per_holder: Some(5), ..Default::default() };
        shop.batch("ten", 10, TemplateDraft { limits, ..ten_off_a_hundred(RefundLines::Keep) });
        let spent = || {
            let tenant = TenantKey::new("default", World::Live);
            let scan = Scan { tenant, of: ScanOf::Accounts, after: None, limit: 100 };
            let rows = shop.store.scan(&scan).unwrap().items;
            let counts = rows.iter().filter_map(|stored| match &stored.record {
                Record::Account(Account { owner: Owner::Scope(_), balance, .. }) => Some(("budget", *balance)),
                Record::Account(Account { owner: Owner::Holder(_), balance, .. }) => Some(("holder", *balance)),
                _ => None,
            });
            let mut counts: Vec<_> = counts.collect();
            counts.sort_unstable();
            counts
        };
        let order = basket("o1");
        let bought = RedeemOrder::new(shop.meta(), order.clone(), [card(&shop, "ten", 0)]).by(Subject::customer("ann"));
        shop.tenant.redeem_order(bought).wait().unwrap();
        assert_eq!(spent(), [("budget", 1_000), ("holder", 1)]);
        let refunded = back(&shop, &order, &["l1"]).unwrap();
        assert_eq!((refunded.cards[0].uses, refunded.cards[0].counted_back_minor), (0, 417));
        assert_eq!(spent(), [("budget", 583), ("holder", 1)]);
        let refunded = back(&shop, &order, &["l0"]).unwrap();
        assert_eq!((refunded.cards[0].uses, refunded.cards[0].counted_back_minor), (1, 583));
        assert_eq!(spent(), [("budget", 0), ("holder", 0)]);
        audit_is_clean(&shop);
    }
}

#[test]
fn what_parties_bear_comes_back_at_the_rates_of_the_purchase() {
    for shop in Shop::each() {
        let funding = [("platform", 6_667), ("shop", 3_333)]
            .map(|(party, off_bp)| Funding { party: party.to_owned(), off_bp })
            .to_vec();
        shop.batch("ten", 10, TemplateDraft { funding, ..ten_off_a_hundred(RefundLines::Keep) });
        let order = basket("o1");
        let receipt = buy(&shop, &order, vec![card(&shop, "ten", 0)]);
        let mut borne = std::collections::BTreeMap::<String, i64>::new();
        for part in receipt.receipts[0].pricing.allocations.iter().flat_map(|share| &share.funded) {
            *borne.entry(part.party.clone()).or_default() += part.off_minor;
        }
        // Other rates from now on change nothing of what was bought.
        let mut returned = std::collections::BTreeMap::<String, i64>::new();
        for line in ["l1", "l0"] {
            let refunded = back(&shop, &order, &[line]).unwrap();
            for part in &refunded.discounts[0].funded {
                *returned.entry(part.party.clone()).or_default() += part.off_minor;
            }
        }
        assert_eq!(returned, borne);
        assert_eq!(borne.values().sum::<i64>(), 1_000);
    }
}

#[test]
fn g05_a_refund_of_its_own_and_refunds_of_lines_never_pay_twice() {
    for shop in Shop::each() {
        shop.batch("ten", 10, ten_off_a_hundred(RefundLines::Keep));
        gift_cards(&shop, "gift", gift_template(8_000));
        let order = basket("o1");
        let receipt = buy(&shop, &order, vec![card(&shop, "ten", 0), card(&shop, "gift", 0)]);
        let gift = receipt.receipts[1].redemption.clone();
        // 30.00 of what the gift card paid went back by itself.
        let some = RefundRedemption { amount_minor: Some(3_000), ..RefundRedemption::new(shop.meta(), gift) };
        shop.tenant.refund(some).wait().unwrap();
        let refunded = back(&shop, &order, &["l1"]).unwrap();
        assert_eq!((refunded.payout_minor, refunded.left_minor), (1_583, 6_417));
        let rest = shop.tenant.refund_order(RefundOrder::everything(shop.meta(), order)).wait().unwrap();
        assert_eq!((rest.payout_minor, rest.left_minor), (6_417, 0));
        assert_eq!((balance(&shop, "gift", 0), uses_left(&shop, "ten", 0)), (8_000, 1));
        assert_eq!(denied(shop.refund(&receipt.receipts[0].redemption)), "already_refunded");
        assert_eq!(denied(shop.refund(&receipt.receipts[1].redemption)), "already_refunded");
        audit_is_clean(&shop);
    }
}

#[test]
fn only_the_order_that_was_bought_comes_back() {
    for shop in Shop::each() {
        shop.batch("ten", 10, ten_off_a_hundred(RefundLines::Keep));
        let order = basket("o1");
        assert_eq!(denied(back(&shop, &order, &["l0"])), "unknown");
        let receipt = buy(&shop, &order, vec![card(&shop, "ten", 0)]);
        let mut more = order.clone();
        more.lines[0].quantity = 2;
        let mut dearer = order.clone();
        dearer.lines[1].amount_minor += 1;
        for other in [more, dearer] {
            assert_eq!(denied(back(&shop, &other, &["l0"])), "order_changed");
        }
        assert_eq!(denied(back(&shop, &order, &["l7"])), "unknown");
        assert_eq!(refused(back(&shop, &order, &[])).field, "lines");
        assert_eq!(refused(back(&shop, &order, &["l0", "l0"])).field, "lines[1].line");
        let named = |redemptions: &[&str]| RefundOrder {
            redemptions: redemptions.iter().map(|key| (*key).to_owned()).collect(),
            ..RefundOrder::lines(shop.meta(), order.clone(), [LineReturn::all("l0")])
        };
        assert_eq!(denied(shop.tenant.refund_order(named(&["nothing"])).wait()), "unknown");
        let asked = named(&[&receipt.receipts[0].redemption]);
        let refunded = shop.tenant.refund_order(asked.clone()).wait().unwrap();
        // The same again under the same key; another request under it is none.
        assert_eq!(shop.tenant.refund_order(asked.clone()).wait().unwrap(), refunded);
        let other = RefundOrder { lines: vec![LineReturn::all("l1")], ..asked };
        assert_eq!(denied(shop.tenant.refund_order(other).wait()), "key_reused");
        let again = shop.redeem_on(&shop.code_of("ten", 1).unwrap(), None, order.clone()).unwrap();
        assert_eq!(denied(shop.tenant.refund_order(named(&[&again.redemption])).wait()), "order_changed");
        audit_is_clean(&shop);
    }
}

#[test]
fn g10_a_captured_order_comes_back_as_one_that_was_redeemed() {
    for shop in Shop::each() {
        shop.batch("ten", 10, ten_off_a_hundred(RefundLines::Clawback));
        gift_cards(&shop, "gift", gift_template(8_000));
        let order = basket("o1");
        let cards = [card(&shop, "ten", 0), card(&shop, "gift", 0)];
        let held = shop.tenant.hold_order(HoldOrder::new(shop.meta(), order.clone(), cards)).wait().unwrap();
        let holds = held.holds.iter().map(|hold| hold.hold.clone());
        shop.tenant.capture_order(CaptureOrder::new(shop.meta(), holds)).wait().unwrap();
        let refunded = back(&shop, &order, &["l1"]).unwrap();
        assert_eq!((refunded.payout_minor, uses_left(&shop, "ten", 0)), (4_000, 1));
        let rest = back(&shop, &order, &["l0"]).unwrap();
        assert_eq!((rest.payout_minor, balance(&shop, "gift", 0)), (7_000, 8_000));
        // A card alone is an order of one.
        let alone = basket("o2");
        shop.redeem_on(&shop.code_of("ten", 1).unwrap(), None, alone.clone()).unwrap();
        assert_eq!(back(&shop, &alone, &["l1"]).unwrap().payout_minor, 4_000);
        audit_is_clean(&shop);
    }
}

#[test]
fn g05_two_engines_give_back_each_piece_once() {
    const PIECES: u32 = 24;
    for shop in Shop::each() {
        shop.batch("ten", 10, ten_off_a_hundred(RefundLines::Keep));
        gift_cards(&shop, "gift", gift_template(8_000));
        let order = Order::new("o1", cny(), [Line::new("a", "apple", PIECES, 12_007)]);
        buy(&shop, &order, vec![card(&shop, "ten", 0), card(&shop, "gift", 0)]);
        let other = shop.beside(Arc::clone(&shop.store), cardmint_tests::keyring());
        let done: Vec<Result<RefundedOrder, Error>> = thread::scope(|scope| {
            let runs: Vec<_> = [&shop, &other]
                .into_iter()
                .enumerate()
                .flat_map(|(engine, of)| (0..2).map(move |thread| (engine, thread, of)))
                .map(|(engine, thread, of)| {
                    let order = order.clone();
                    scope.spawn(move || {
                        let one = |at: u32| {
                            let meta = Meta::key(format!("r{engine}-{thread}-{at}"));
                            let lines = [LineReturn::pieces("a", 1)];
                            loop {
                                let asked = RefundOrder::lines(meta.clone(), order.clone(), lines.clone());
                                match of.tenant.refund_order(asked).wait() {
                                    Err(Error::Store(StoreError::Busy(_)) | Error::Busy(_)) => {}
                                    outcome => return outcome,
                                }
                            }
                        };
                        (0..8).map(one).collect::<Vec<_>>()
                    })
                })
                .collect();
            runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
        });
        let went: Vec<RefundedOrder> = done.iter().filter_map(|outcome| outcome.as_ref().ok()).cloned().collect();
        assert_eq!(went.len(), PIECES as usize);
        let mut places: Vec<u32> = went.iter().map(|refunded| refunded.place).collect();
        places.sort_unstable();
        assert_eq!(places, (0..PIECES).collect::<Vec<_>>());
        assert_eq!(went.iter().map(|refunded| refunded.payout_minor).sum::<i64>(), 11_007);
        for outcome in done.into_iter().filter(Result::is_err) {
            assert_eq!(denied(outcome), "all_back");
        }
        assert_eq!((balance(&shop, "gift", 0), uses_left(&shop, "ten", 0)), (8_000, 1));
        audit_is_clean(&shop);
    }
}

#[test]
fn a_refund_whose_commit_ended_in_the_dark_is_there_once() {
    for (shop, watched) in Shop::each_watched() {
        shop.batch("ten", 10, ten_off_a_hundred(RefundLines::Keep));
        let order = basket("o1");
        buy(&shop, &order, vec![card(&shop, "ten", 0)]);
        let asked = RefundOrder::lines(shop.meta(), order.clone(), [LineReturn::all("l1")]);
        watched.hurt([Fault::After(StoreError::OutcomeUnknown("gone".to_owned()))]);
        let refunded = shop.tenant.refund_order(asked.clone()).wait();
        let refunded = refunded.or_else(|_| shop.tenant.refund_order(asked.clone()).wait()).unwrap();
        assert_eq!(shop.tenant.refund_order(asked).wait().unwrap(), refunded);
        // A refund that was denied and fenced leaves its key free for what is done later.
        let retry = Meta { retry: true, ..shop.meta() };
        let too_many = RefundOrder::lines(retry, order.clone(), [LineReturn::all("l1")]);
        assert_eq!(denied(shop.tenant.refund_order(too_many.clone()).wait()), "too_many_back");
        let now = RefundOrder { lines: vec![LineReturn::all("l0")], ..too_many };
        let done = shop.tenant.refund_order(now.clone()).wait().unwrap();
        assert_eq!(shop.tenant.refund_order(now).wait().unwrap(), done);
        audit_is_clean(&shop);
    }
}

#[test]
fn a_redemption_of_an_old_build_is_refunded_by_itself() {
    let shop = Shop::memory();
    shop.batch("ten", 10, ten_off_a_hundred(RefundLines::Keep));
    let order = basket("o1");
    let receipt = buy(&shop, &order, vec![card(&shop, "ten", 0)]);
    let key = &receipt.receipts[0].redemption;
    let tenant = TenantKey::new("default", World::Live);
    let lookup = Lookup::exact(&tenant, Key::Redemption(key.clone()));
    let stored = shop.store.load(std::slice::from_ref(&lookup)).unwrap().remove(0).unwrap();
    let Record::Redemption(row) = &stored.record else { panic!() };
    let old = Redemption { order_mark: None, ..row.clone() };
    let write = Write { expect: Expect::Version(stored.version), record: Record::Redemption(old) };
    let changeset = Changeset {
        tenant,
        version: stored.version,
        after: Vec::new(),
        guards: Vec::new(),
        writes: vec![write],
        moves: Vec::new(),
        events: Vec::new(),
    };
    let group = Group { writer: 99, first_event: 0, changesets: &[changeset], stands: Stands::default() };
    shop.store.commit(group).unwrap();
    let refunded = back(&shop, &order, &["l1"]);
    assert_eq!(denied(refunded), "order_not_kept");
    shop.refund(key).unwrap();
    assert_eq!(shop.tenant.look_up(CardPick::Id(shop.card("ten", 0))).unwrap().state, CardState::Issued);
}
