//! The kinds of cards beside coupons and gift cards, from template to refund, over both stores.

use std::thread;

use cardmint::card::{
    Benefit, CardKind, CardState, CardsOf, CheckIns, EventKind, Gift, Limits, Membership, PartialPolicy, Setting,
    TemplateDraft, Usage,
};
use cardmint::checkout::{Line, Order};
use cardmint::code::CodeFormat;
use cardmint::limit::{Period, UsageUnit};
use cardmint::rule::{Condition, LineFilter, Over};
use cardmint::subject::Subject;
use cardmint::{
    CardPick, CardView, Denial, Error, IssueBatch, LimitScope, Quote, Receipt, Redeem, RefundReceipt, RefundRedemption,
    SaveTemplate,
};
use cardmint_tests::{Shop, bearer, cny, denial, denied, eight_tenths, order, refused};

/// Which products.
fn only(products: &[&str]) -> LineFilter {
    LineFilter { products: products.iter().map(|product| (*product).to_owned()).collect(), ..LineFilter::default() }
}

/// An order with a line per product: product, pieces, what the line costs.
fn basket(lines: &[(&str, u32, i64)]) -> Order {
    let lines = lines.iter().enumerate().map(|(place, (product, quantity, amount_minor))| {
        Line::new(format!("l{place}"), *product, *quantity, *amount_minor)
    });
    Order::new("o1", cny(), lines)
}

/// A visit without a sale.
fn visit() -> Order {
    basket(&[("visit", 1, 0)])
}

fn of_kind(kind: CardKind, benefit: Benefit) -> TemplateDraft {
    TemplateDraft { kind, benefit, ..eight_tenths() }
}

/// Personal cards of five uses.
fn five_times(unit: UsageUnit, partial_policy: PartialPolicy, benefit: Benefit) -> TemplateDraft {
    TemplateDraft {
        usage: Some(Usage { unit, partial_policy }),
        limits: Limits { uses_per_card: 5, ..Limits::default() },
        ..of_kind(CardKind::Times, benefit)
    }
}

fn entitled(over: Over) -> Benefit {
    Benefit::Entitlement { over }
}

/// Saves a template and a batch of it with long codes.
fn long_batch(shop: &Shop, id: &str, size: u32, template: TemplateDraft) -> Result<(), Error> {
    shop.template(id, template)?;
    shop.tenant.issue_batch(IssueBatch { format: CodeFormat::S20, ..shop.issue_batch(id, size) }).wait()?;
    Ok(())
}

/// Claims a card of a new batch.
fn one_of(shop: &Shop, template: TemplateDraft) -> String {
    long_batch(shop, "k", 100, template).unwrap();
    shop.claim("k", "ann").unwrap()
}

fn use_on(shop: &Shop, code: &str, order: Order, units: Option<u32>) -> Result<Receipt, Error> {
    let redeem = Redeem { units, ..Redeem::new(shop.meta(), code, order) };
    shop.tenant.redeem(redeem.by(Subject::customer("ann"))).wait()
}

fn choose(shop: &Shop, code: &str, batches: &[&str]) -> Result<Receipt, Error> {
    let choose = batches.iter().map(|batch| (*batch).to_owned()).collect();
    let redeem = Redeem { choose, ..Redeem::new(shop.meta(), code, visit()) };
    shop.tenant.redeem(redeem.by(Subject::customer("ann"))).wait()
}

fn give_back(shop: &Shop, redemption: &str, units: Option<u32>) -> Result<RefundReceipt, Error> {
    shop.tenant.refund(RefundRedemption { units, ..RefundRedemption::new(shop.meta(), redemption) }).wait()
}

fn look(shop: &Shop, code: &str) -> CardView {
    shop.tenant.look_up(CardPick::code(code)).unwrap()
}

fn uses_left(shop: &Shop, code: &str) -> u32 {
    look(shop, code).uses_left
}

#[test]
fn g12_a_template_says_what_one_use_is() {
    let coffees = || basket(&[("coffee", 2, 3_000), ("cake", 1, 1_000), ("coffee", 1, 1_600)]);
    for shop in Shop::each() {
        for (unit, takes) in [(UsageUnit::Order, 1), (UsageUnit::Line, 2), (UsageUnit::Unit, 3)] {
            let id = format!("{unit:?}");
            let template = five_times(unit, PartialPolicy::Deny, entitled(Over::Lines(only(&["coffee"]))));
            long_batch(&shop, &id, 10, template).unwrap();
            let code = shop.claim(&id, "ann").unwrap();
            let receipt = use_on(&shop, &code, coffees(), None).unwrap();
            assert_eq!((receipt.units, uses_left(&shop, &code)), (Some(takes), 5 - takes), "{id}");
            assert_eq!(
                (receipt.pricing.discount_minor, receipt.pricing.payable_minor),
                (0, 5_600),
                "nothing comes off"
            );
            let over = refused(use_on(&shop, &code, coffees(), Some(takes + 1)));
            assert_eq!((over.field.as_str(), uses_left(&shop, &code)), ("units", 5 - takes));
            assert_eq!(refused(use_on(&shop, &code, coffees(), Some(0))).field, "units");
            let other = denied(use_on(&shop, &code, basket(&[("cake", 1, 1_000)]), None));
            assert_eq!(other, "condition_failed", "nothing on the order is meant");
        }
        let mut silent = five_times(UsageUnit::Order, PartialPolicy::Deny, entitled(Over::Order));
        silent.usage = None;
        assert_eq!(refused(shop.template("silent", silent)).field, "template.usage");
    }
}

#[test]
fn g12_three_units_against_two_left_follow_the_partial_policy() {
    for shop in Shop::each() {
        for policy in [PartialPolicy::Deny, PartialPolicy::Cap] {
            let id = format!("{policy:?}");
            long_batch(&shop, &id, 10, five_times(UsageUnit::Unit, policy, entitled(Over::Order))).unwrap();
            let code = shop.claim(&id, "ann").unwrap();
            use_on(&shop, &code, basket(&[("wash", 3, 0)]), None).unwrap();
            let quote = Quote {
                holder: Some(Subject::customer("ann")),
                ..Quote::new(CardPick::code(&code), basket(&[("wash", 3, 0)]))
            };
            let quoted = shop.tenant.quote(quote).unwrap().outcome;
            let last = use_on(&shop, &code, basket(&[("wash", 3, 0)]), None);
            match policy {
                PartialPolicy::Deny => {
                    let short = Denial::InsufficientUses { left: 2, asked: 3 };
                    assert_eq!((quoted, denial(last)), (Err(short.clone()), short));
                    assert_eq!(uses_left(&shop, &code), 2, "nothing was taken");
                    use_on(&shop, &code, basket(&[("wash", 3, 0)]), Some(2)).unwrap();
                }
                PartialPolicy::Cap => assert_eq!((quoted.is_ok(), last.unwrap().units), (true, Some(2))),
            }
            assert_eq!(look(&shop, &code).state, CardState::Spent);
            let spent = denial(use_on(&shop, &code, basket(&[("wash", 1, 0)]), None));
            assert_eq!(spent, Denial::LimitReached { scope: LimitScope::Card, limit: 5, used: 5 });
        }
    }
}

/// Parts of a refund from many threads: they come to what was taken and no more, and so does what came off the order.
#[test]
fn g05_uses_come_back_in_parts_never_more_than_were_taken() {
    for shop in Shop::each() {
        let ten_off = Benefit::AmountOff { minor: Setting::Fixed(333), over: Over::Order };
        let code = one_of(&shop, five_times(UsageUnit::Unit, PartialPolicy::Deny, ten_off));
        let taken = use_on(&shop, &code, basket(&[("wash", 4, 1_000)]), None).unwrap();
        assert_eq!((taken.units, taken.pricing.discount_minor), (Some(4), 1_000), "four times 3.33, of 10.00");
        let large = denial(give_back(&shop, &taken.redemption, Some(5)));
        assert_eq!(large.code(), "refund_too_large");
        let outcomes: Vec<_> = thread::scope(|scope| {
            let one = || give_back(&shop, &taken.redemption, Some(1));
            let racers: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let given: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!((given.len(), uses_left(&shop, &code)), (4, 5), "{}", shop.name);
        assert_eq!(given.iter().map(|part| part.amount_minor).sum::<i64>(), 1_000);
        assert_eq!(given.iter().map(|part| part.units_left.unwrap()).min(), Some(0));
        for refused in outcomes.into_iter().filter(Result::is_err) {
            assert_eq!(denied(refused), "already_refunded");
        }
        let amount =
            RefundRedemption { amount_minor: Some(1), ..RefundRedemption::new(shop.meta(), &taken.redemption) };
        assert_eq!(refused(shop.tenant.refund(amount).wait()).field, "amount_minor");
    }
}

#[test]
fn g01_five_uses_are_taken_exactly_five_times_under_load() {
    for shop in Shop::each() {
        let code = one_of(&shop, five_times(UsageUnit::Order, PartialPolicy::Cap, entitled(Over::Order)));
        let outcomes: Vec<_> = thread::scope(|scope| {
            let racers: Vec<_> = (0..12).map(|_| scope.spawn(|| use_on(&shop, &code, visit(), None))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 5, "{}", shop.name);
        for refused in outcomes.into_iter().filter(Result::is_err) {
            assert_eq!(denied(refused), "limit_reached");
        }
        let figures = shop.tenant.count_batch("k").unwrap().wait().unwrap();
        assert_eq!((figures.uses, figures.spent), (5, 1));
    }
}

#[test]
fn each_use_of_a_times_card_may_make_pieces_free() {
    let shop = Shop::memory();
    let free = Benefit::Goods { quantity: 1, lines: only(&["coffee"]) };
    let code = one_of(&shop, five_times(UsageUnit::Unit, PartialPolicy::Cap, free));
    let receipt = use_on(&shop, &code, basket(&[("cake", 1, 900), ("coffee", 3, 5_000)]), Some(2)).unwrap();
    assert_eq!((receipt.units, receipt.pricing.discount_minor), (Some(2), 3_334), "16.67, 16.67 of three for 50.00");
    assert_eq!(receipt.pricing.allocations[0].line, "l1");
    let half = give_back(&shop, &receipt.redemption, Some(1)).unwrap();
    assert_eq!((half.amount_minor, half.units, half.units_left, half.uses_left), (1_667, Some(1), Some(1), 4));
}

#[test]
fn an_exchange_voucher_makes_the_dearest_of_its_goods_free() {
    for shop in Shop::each() {
        let template = of_kind(CardKind::Exchange, Benefit::Goods { quantity: 3, lines: only(&["tea", "milk"]) });
        let code = one_of(&shop, template);
        let denied_for = |lines: &[(&str, u32, i64)]| denied(use_on(&shop, &code, basket(lines), None));
        assert_eq!(denied_for(&[("bread", 1, 100)]), "condition_failed");
        assert_eq!(denied_for(&[("tea", 1, 0)]), "no_effect");
        // One milk at 4.00; two teas of the three at 10.00, which are 3.34, 3.33, 3.33.
        let order = basket(&[("tea", 3, 1_000), ("bread", 1, 999), ("milk", 1, 400)]);
        let receipt = use_on(&shop, &code, order, None).unwrap();
        let shares: Vec<_> =
            receipt.pricing.allocations.iter().map(|part| (part.line.as_str(), part.off_minor)).collect();
        assert_eq!(shares, [("l0", 667), ("l2", 400)]);
        assert_eq!(receipt.pricing.payable_minor, 2_399 - 1_067);
        assert_eq!(look(&shop, &code).state, CardState::Spent);
        assert_eq!(shop.refund(&receipt.redemption).unwrap().amount_minor, 1_067);
        let all = use_on(&shop, &code, basket(&[("tea", 2, 1_001)]), None).unwrap();
        assert_eq!(all.pricing.payable_minor, 0, "all of it is free, to the last cent");
    }
}

/// Twice a day, at most.
fn member() -> TemplateDraft {
    let check_ins = Some(CheckIns { limit: 2, per: Period::Day });
    let membership = Membership { level: Some("gold".to_owned()), check_ins, ..Membership::default() };
    TemplateDraft { membership: Some(membership), ..of_kind(CardKind::Membership, entitled(Over::Order)) }
}

#[test]
fn a_membership_is_presented_as_often_as_its_window_allows() {
    for shop in Shop::each() {
        let code = one_of(&shop, member());
        assert_eq!(look(&shop, &code).level.as_deref(), Some("gold"));
        let first = use_on(&shop, &code, visit(), None).unwrap();
        assert_eq!((first.units, first.pricing.payable_minor), (None, 0));
        shop.clock.set("2026-11-11T23:59:59Z");
        use_on(&shop, &code, visit(), None).unwrap();
        let full = Denial::LimitReached { scope: LimitScope::CheckIns, limit: 2, used: 2 };
        let quote = Quote { holder: Some(Subject::customer("ann")), ..Quote::new(CardPick::code(&code), visit()) };
        assert_eq!(shop.tenant.quote(quote).unwrap().outcome, Err(full.clone()));
        assert_eq!(denial(use_on(&shop, &code, visit(), None)), full);
        shop.clock.set("2026-11-12T00:00:00Z");
        for _ in 0..2 {
            use_on(&shop, &code, visit(), None).unwrap();
        }
        assert_eq!(denial(use_on(&shop, &code, visit(), None)), full);
        // What was taken from a day goes back to that day.
        shop.refund(&first.redemption).unwrap();
        assert_eq!(denied(shop.refund(&first.redemption)), "already_refunded");
        assert_eq!(denial(use_on(&shop, &code, visit(), None)), full, "{}", shop.name);
        assert_eq!((look(&shop, &code).state, uses_left(&shop, &code)), (CardState::Claimed, 1), "it is never spent");
    }
}

#[test]
fn a_membership_without_a_window_is_good_as_long_as_it_lasts() {
    let shop = Shop::memory();
    let mut template = member();
    template.membership = None;
    template.benefit = Benefit::PercentOff { off_bp: Setting::Fixed(1_000), cap_minor: None, over: Over::Order };
    template.validity.end = Some("2026-11-11".to_owned());
    let code = one_of(&shop, template);
    for _ in 0..20 {
        assert_eq!(use_on(&shop, &code, order("o", &[("apple", 1_000)]), None).unwrap().pricing.discount_minor, 100);
    }
    shop.clock.set("2026-11-12T00:00:00Z");
    assert_eq!(denied(use_on(&shop, &code, visit(), None)), "expired");
}

/// Batches `a` (of three) and `b` (of ten) of 8折, and a pack that opens into one of `a` and two of `b`.
fn pack(shop: &Shop, kind: CardKind, choose: Option<u32>) -> Result<String, Error> {
    shop.batch("a", 3, eight_tenths());
    shop.batch("b", 10, eight_tenths());
    let cards = |batch: &str, quantity| CardsOf { batch: batch.to_owned(), quantity };
    let benefit = Benefit::Cards { cards: vec![cards("a", 1), cards("b", 2)], choose };
    long_batch(shop, "pack", 10, of_kind(kind, benefit))?;
    shop.claim("pack", "ann")
}

#[test]
fn a_pack_opens_into_its_cards_all_or_none() {
    for shop in Shop::each() {
        let code = pack(&shop, CardKind::Pack, None).unwrap();
        let meta = shop.meta();
        let open = Redeem::new(meta, &code, visit()).by(Subject::customer("ann"));
        let opened = shop.tenant.redeem(open.clone()).wait().unwrap();
        let batches: Vec<_> = opened.given.iter().map(|given| given.batch.as_str()).collect();
        assert_eq!(batches, ["a", "b", "b"]);
        assert_eq!(shop.tenant.redeem(open).wait().unwrap(), opened, "the same reply again, codes and all");
        assert!(!format!("{opened:?}").contains(&opened.given[0].code.as_ref().unwrap().0), "no code in Debug");
        let parent = look(&shop, &code);
        assert_eq!(parent.state, CardState::Spent);
        for given in &opened.given {
            let child = look(&shop, &given.code.as_ref().unwrap().0);
            assert_eq!((child.state, child.holder.unwrap().as_str()), (CardState::Claimed, "customer:ann"));
            assert_eq!(child.origin.parent_card, Some(parent.id));
            assert_eq!(child.origin.redemption.as_deref(), Some(opened.redemption.as_str()));
        }
        let wallet = shop.tenant.wallet(Subject::customer("ann")).unwrap().items;
        assert_eq!(wallet.len(), 4, "the pack and its cards");
        shop.redeem(&opened.given[1].code.as_ref().unwrap().0, "ann").unwrap();
        // Two more open, the fourth finds `a` sold out and takes nothing.
        for customer in ["bob", "cat", "dan"] {
            let code = shop.claim("pack", customer).unwrap();
            let open = Redeem::new(shop.meta(), &code, visit()).by(Subject::customer(customer));
            match (customer, shop.tenant.redeem(open).wait()) {
                ("dan", outcome) => assert_eq!(denied(outcome), "sold_out"),
                (_, outcome) => assert_eq!(outcome.unwrap().given.len(), 3),
            }
        }
        let figures = shop.tenant.count_batch("b").unwrap().wait().unwrap();
        assert_eq!((figures.claimed, figures.spent, figures.minted), (5, 1, 4), "{}", shop.name);
        let nobody = shop.claim("pack", "eve").unwrap();
        let open = Redeem::new(shop.meta(), &nobody, visit());
        assert_eq!(denied(shop.tenant.redeem(open).wait()), "not_owner");
    }
}

#[test]
fn a_pack_is_opened_once_however_many_ask() {
    for shop in Shop::each() {
        let code = pack(&shop, CardKind::Pack, None).unwrap();
        let outcomes: Vec<_> = thread::scope(|scope| {
            let racers: Vec<_> = (0..8).map(|_| scope.spawn(|| use_on(&shop, &code, visit(), None))).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(shop.tenant.count_batch("b").unwrap().wait().unwrap().claimed, 2, "{}", shop.name);
    }
}

#[test]
fn an_opened_pack_goes_back_as_long_as_its_cards_are_untouched() {
    for shop in Shop::each() {
        let code = pack(&shop, CardKind::Pack, None).unwrap();
        let opened = use_on(&shop, &code, visit(), None).unwrap();
        let back = shop.refund(&opened.redemption).unwrap();
        assert_eq!((back.taken_back.len(), back.kept.len(), back.uses_left), (3, 0, 1));
        for given in &opened.given {
            let child = shop.tenant.look_up(CardPick::Id(given.card)).unwrap();
            assert_eq!(child.state, CardState::Void);
            let kinds: Vec<_> = shop
                .tenant
                .history(CardPick::Id(given.card))
                .unwrap()
                .iter()
                .map(|entry| (entry.kind, entry.chained))
                .collect();
            assert_eq!(kinds, [(EventKind::Claimed, Some(true)), (EventKind::Voided, Some(true))]);
        }
        let again = use_on(&shop, &code, visit(), None).unwrap();
        let touched = again.given[2].clone();
        shop.tenant.freeze((shop.because("lost"), CardPick::Id(touched.card))).wait().unwrap();
        assert_eq!(denial(shop.refund(&again.redemption)), Denial::GivenCardTouched { card: touched.card });
        assert_eq!(look(&shop, &code).state, CardState::Spent, "nothing went back");
        assert_eq!(look(&shop, &again.given[0].code.as_ref().unwrap().0).state, CardState::Claimed);
    }
}

#[test]
fn a_choice_opens_into_what_its_holder_chooses() {
    for shop in Shop::each() {
        let code = pack(&shop, CardKind::Choice, Some(1)).unwrap();
        for wrong in [&[][..], &["a", "b"], &["c"]] {
            assert_eq!(refused(choose(&shop, &code, wrong)).field, "choose");
        }
        let chosen = choose(&shop, &code, &["b"]).unwrap();
        assert_eq!(chosen.given.iter().map(|given| given.batch.as_str()).collect::<Vec<_>>(), ["b", "b"]);
        assert_eq!(denied(choose(&shop, &code, &["a"])), "limit_reached");
        shop.refund(&chosen.redemption).unwrap();
        assert_eq!(choose(&shop, &code, &["a"]).unwrap().given.len(), 1, "chosen anew after it went back");
    }
}

/// 8折 that gives a card of `next` from 100.00 on, and one of `rare`, of which there is one.
fn gives(shop: &Shop) -> String {
    shop.batch("next", 10, eight_tenths());
    shop.batch("rare", 1, eight_tenths());
    let condition = Condition::MinSpend { minor: 10_000, over: Over::Order };
    let gift = |batch: &str, conditions| Gift { batch: batch.to_owned(), quantity: 1, conditions };
    let gives = vec![gift("next", vec![condition]), gift("rare", Vec::new())];
    let limits = Limits { uses_per_card: 9, ..Limits::default() };
    shop.batch("k", 10, TemplateDraft { gives, limits, ..eight_tenths() });
    shop.claim("k", "ann").unwrap()
}

#[test]
fn an_order_brings_a_coupon_for_the_next() {
    for shop in Shop::each() {
        let code = gives(&shop);
        let first = use_on(&shop, &code, order("o1", &[("apple", 10_000)]), None).unwrap();
        let batches: Vec<_> = first.given.iter().map(|given| given.batch.as_str()).collect();
        assert_eq!(batches, ["next", "rare"]);
        let next = shop.tenant.look_up(CardPick::Id(first.given[0].card)).unwrap();
        assert_eq!(
            (next.origin.redemption, next.origin.parent_card),
            (Some(first.redemption.clone()), Some(first.card))
        );
        let poor = use_on(&shop, &code, order("o2", &[("apple", 9_999)]), None).unwrap();
        assert_eq!(poor.given, []);
        let missed: Vec<_> =
            poor.not_given.iter().map(|missed| (missed.batch.as_str(), missed.code.as_str())).collect();
        assert_eq!(missed, [("rare", "sold_out")], "the sale goes on");
        assert_eq!(shop.tenant.redemption(poor.redemption.as_str()).unwrap().unwrap().not_given, poor.not_given);
        // The one for the next order was used; the rare one goes back.
        shop.redeem(&first.given[0].code.as_ref().unwrap().0, "ann").unwrap();
        let back = shop.refund(&first.redemption).unwrap();
        assert_eq!((back.taken_back, back.kept), (vec![first.given[1].card], vec![first.given[0].card]));
        assert_eq!(look(&shop, &code).uses_left, 8);
    }
}

#[test]
fn a_gift_card_takes_back_what_it_gave_with_the_last_part() {
    let shop = Shop::memory();
    shop.batch("next", 10, eight_tenths());
    let gives = vec![Gift { batch: "next".to_owned(), quantity: 1, conditions: Vec::new() }];
    let template = of_kind(CardKind::GiftCard, Benefit::Value { minor: Setting::Fixed(5_000) });
    let code = one_of(&shop, TemplateDraft { gives, ..template });
    let paid = use_on(&shop, &code, order("o1", &[("apple", 3_000)]), None).unwrap();
    let part =
        |amount| RefundRedemption { amount_minor: amount, ..RefundRedemption::new(shop.meta(), &paid.redemption) };
    assert_eq!(shop.tenant.refund(part(Some(2_999))).wait().unwrap().taken_back, []);
    assert_eq!(shop.tenant.refund(part(None)).wait().unwrap().taken_back, [paid.given[0].card]);
}

#[test]
fn a_batch_is_there_before_a_card_opens_into_it() {
    let shop = Shop::memory();
    let benefit =
        |batch: &str| Benefit::Cards { cards: vec![CardsOf { batch: batch.to_owned(), quantity: 1 }], choose: None };
    shop.template("self", of_kind(CardKind::Pack, benefit("self"))).unwrap();
    let none = shop.tenant.issue_batch(IssueBatch { format: CodeFormat::S20, ..shop.issue_batch("self", 1) }).wait();
    assert_eq!(denial(none), Denial::Unknown { kind: "batch", id: "self".to_owned() }, "and so never into itself");
    shop.batch("open", 1, bearer());
    let to_all = refused(long_batch(&shop, "of-bearers", 1, of_kind(CardKind::Pack, benefit("open"))));
    assert_eq!(to_all.field, "template");
}

#[test]
fn templates_of_every_kind_are_checked() {
    let shop = Shop::memory();
    let wrong = |template: TemplateDraft, spoil: &dyn Fn(&mut TemplateDraft)| {
        shop.template("good", template.clone()).unwrap();
        let mut template = template;
        spoil(&mut template);
        refused(shop.tenant.save_template(SaveTemplate { meta: shop.meta(), template }).wait()).field
    };
    let goods = |quantity| Benefit::Goods { quantity, lines: only(&["tea"]) };
    let times = five_times(UsageUnit::Unit, PartialPolicy::Deny, goods(1));
    let percent = eight_tenths().benefit;
    assert_eq!(wrong(times.clone(), &|it| it.benefit = percent.clone()), "template.benefit");
    assert_eq!(wrong(times.clone(), &|it| it.kind = CardKind::Exchange), "template.usage");
    assert_eq!(wrong(times.clone(), &|it| it.benefit = goods(0)), "template.benefit.goods.quantity");
    let none = Benefit::Goods { quantity: 1, lines: LineFilter::default() };
    assert_eq!(wrong(times.clone(), &|it| it.benefit = none.clone()), "template.benefit.goods.lines");
    assert_eq!(wrong(times, &|it| it.limits.balance_max_minor = Some(1)), "template.limits.balance_max_minor");
    let exchange = of_kind(CardKind::Exchange, goods(1));
    assert_eq!(wrong(exchange.clone(), &|it| it.benefit = percent.clone()), "template.benefit");
    assert_eq!(wrong(exchange, &|it| it.membership = member().membership), "template.membership");
    assert_eq!(wrong(member(), &|it| it.limits.uses_per_card = 2), "template.limits.uses_per_card");
    assert_eq!(wrong(member(), &|it| it.benefit = goods(1)), "template.benefit");
    let never = Membership { check_ins: Some(CheckIns { limit: 0, per: Period::Week }), ..Membership::default() };
    assert_eq!(wrong(member(), &|it| it.membership = Some(never.clone())), "template.membership.check_ins.limit");
    let cards = |names: &[&str], choose| Benefit::Cards {
        cards: names.iter().map(|name| CardsOf { batch: (*name).to_owned(), quantity: 34 }).collect(),
        choose,
    };
    let pack = of_kind(CardKind::Pack, cards(&["a", "b"], None));
    assert_eq!(wrong(pack.clone(), &|it| it.benefit = cards(&[], None)), "template.benefit.cards.cards");
    assert_eq!(
        wrong(pack.clone(), &|it| it.benefit = cards(&["a", "a"], None)),
        "template.benefit.cards.cards[1].batch"
    );
    assert_eq!(wrong(pack.clone(), &|it| it.benefit = cards(&["a", "b", "c"], None)), "template.benefit.cards.cards");
    assert_eq!(wrong(pack.clone(), &|it| it.benefit = cards(&["a"], Some(1))), "template.benefit.cards.choose");
    let twice = Gift { batch: "a".to_owned(), quantity: 1, conditions: Vec::new() };
    assert_eq!(wrong(pack, &|it| it.gives = vec![twice.clone()]), "template.gives");
    let choice = of_kind(CardKind::Choice, cards(&["a", "b"], Some(2)));
    assert_eq!(wrong(choice.clone(), &|it| it.benefit = cards(&["a"], Some(2))), "template.benefit.cards.choose");
    assert_eq!(wrong(choice, &|it| it.benefit = cards(&["a"], None)), "template.benefit.cards.choose");
    assert_eq!(wrong(eight_tenths(), &|it| it.benefit = goods(1)), "template.benefit");
    // What is paid for before it is used asks for longer codes.
    shop.template("t", five_times(UsageUnit::Order, PartialPolicy::Deny, entitled(Over::Order))).unwrap();
    assert_eq!(denied(shop.tenant.issue_batch(shop.issue_batch("t", 1)).wait()), "odds_too_low");
}

#[test]
fn what_is_for_other_kinds_is_refused() {
    let shop = Shop::memory();
    shop.batch("k", 10, eight_tenths());
    let code = shop.claim("k", "ann").unwrap();
    assert_eq!(refused(use_on(&shop, &code, visit(), Some(1))).field, "units");
    assert_eq!(refused(choose(&shop, &code, &["a"])).field, "choose");
    let used = shop.redeem(&code, "ann").unwrap().redemption;
    assert_eq!(refused(give_back(&shop, &used, Some(1))).field, "units");
    assert_eq!(refused(give_back(&shop, &used, Some(0))).field, "units");
}
