//! What holds for any cart and any offers.

use cardmint::Denial;
use cardmint::Fact;
use cardmint::card::{Benefit, Deal, Off, Setting, TemplateDraft};
use cardmint::checkout::{Line, Order, Plan, Verdict};
use cardmint::money::{AMOUNT_MAX, Currency, Rounding};
use cardmint::rule::Over;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::strategies::{LARGE, SMALL, order, rounding, shop};
use super::{naive, planned};

pub fn config(cases: u32) -> ProptestConfig {
    let cases = if std::env::var_os("CARDMINT_QUICK").is_some() { cases / 10 } else { cases };
    ProptestConfig { cases, max_global_rejects: 1 << 20, ..ProptestConfig::default() }
}

fn refs(drafts: &[TemplateDraft]) -> Vec<&TemplateDraft> {
    drafts.iter().collect()
}

/// Lines, shipping and offers each sum to the totals; nothing is below nothing, or below a floor that it was not below before.
fn adds_up(order: &Order, plan: &Plan) -> Result<(), TestCaseError> {
    let shipping = plan.shipping.clone().unwrap_or_default();
    prop_assert_eq!(plan.before_minor, order.total_minor().unwrap());
    let (mut before, mut discount, mut tender, mut payable) =
        (shipping.before_minor, shipping.discount_minor, shipping.tender_minor, shipping.payable_minor);
    prop_assert!(discount >= 0 && tender >= 0 && payable >= 0);
    prop_assert_eq!(shipping.before_minor - discount - tender, payable);
    for (of, line) in order.lines.iter().zip(&plan.lines) {
        prop_assert!(line.discount_minor >= 0 && line.tender_minor >= 0 && line.payable_minor >= 0);
        prop_assert_eq!(line.before_minor - line.discount_minor - line.tender_minor, line.payable_minor);
        let most = if of.discountable { (of.amount_minor - of.floor_minor).max(0) } else { 0 };
        prop_assert!(line.discount_minor <= most, "{line:?} of {of:?}");
        before += line.before_minor;
        discount += line.discount_minor;
        tender += line.tender_minor;
        payable += line.payable_minor;
    }
    prop_assert_eq!((before, discount), (plan.before_minor, plan.discount_minor));
    prop_assert_eq!((tender, payable), (plan.tender_minor, plan.payable_minor));
    prop_assert_eq!(plan.nothing_to_pay, plan.payable_minor == 0);
    prop_assert_eq!(plan.offers.iter().map(|offer| offer.discount_minor).sum::<i64>(), plan.discount_minor);
    prop_assert_eq!(plan.offers.iter().map(|offer| offer.tender_minor).sum::<i64>(), plan.tender_minor);
    for offer in &plan.offers {
        let shares = offer.shares.iter().map(|share| share.minor).sum::<i64>() + offer.shipping_minor;
        prop_assert_eq!(shares, offer.discount_minor + offer.tender_minor);
        for share in &offer.shares {
            let funded = share.funded.iter().map(|part| part.off_minor).sum::<i64>();
            prop_assert!(share.minor > 0 && (share.funded.is_empty() || funded == share.minor));
        }
        prop_assert_eq!(offer.denial.is_none(), offer.verdict == Verdict::Applied);
    }
    if !plan.by_tax_rate.is_empty() {
        let rates: i64 = plan.by_tax_rate.iter().map(|rate| rate.payable_minor).sum();
        prop_assert_eq!(rates + shipping.payable_minor, plan.payable_minor);
    }
    Ok(())
}

/// What a plan says but for the order in which it says it.
fn unordered(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    plan.lines.sort_by(|one, other| one.line.cmp(&other.line));
    plan.offers.sort_by(|one, other| one.id.cmp(&other.id));
    for offer in &mut plan.offers {
        offer.shares.sort_by(|one, other| one.line.cmp(&other.line));
        // Odd cents between parties follow the lines.
        offer.shares.iter_mut().for_each(|share| share.funded.clear());
    }
    plan
}

proptest! {
    #![proptest_config(config(3_000))]

    #[test]
    fn g24_the_naive_twin_comes_to_the_same((order, drafts) in shop(SMALL, 4), rounding in rounding()) {
        prop_assume!(order.check().is_ok());
        let plan = planned(&order, &refs(&drafts), rounding);
        let (told, left) = naive::plan(&order, &refs(&drafts), rounding);
        let ours: Vec<Option<i64>> = plan.offers.iter().map(|offer| {
            (offer.verdict == Verdict::Applied).then_some(offer.discount_minor + offer.tender_minor)
        }).collect();
        prop_assert_eq!(&ours, &told, "{:?}", plan.offers);
        let total = left.lines.iter().sum::<i64>() + left.shipping;
        prop_assert_eq!(plan.payable_minor, total);
        if plan.tender_minor == 0 {
            let lines: Vec<i64> = plan.lines.iter().map(|line| line.payable_minor).collect();
            prop_assert_eq!(lines, left.lines);
        }
    }

    #[test]
    fn g14_every_share_adds_up((order, drafts) in shop(SMALL, 6), rounding in rounding()) {
        prop_assume!(order.check().is_ok());
        adds_up(&order, &planned(&order, &refs(&drafts), rounding))?;
    }

    #[test]
    fn g25_who_meets_the_need_gets_it((order, drafts) in shop(SMALL, 1), rounding in rounding()) {
        prop_assume!(order.check().is_ok());
        let plan = planned(&order, &refs(&drafts), rounding);
        let Some(Denial::ConditionFailed { path, short: Some(short), .. }) = plan.offers[0].denial.as_deref() else { return Ok(()) };
        // More of something that counts and nothing may come off, so that nothing else changes.
        let Some(picked) = order.lines.iter().position(|line| counts(&drafts[0], line)) else { return Ok(()) };
        let mut more = order.clone();
        match short {
            Fact::Money { minor, .. } => more.lines[picked].amount_minor += minor,
            Fact::Number(pieces) => {
                prop_assume!(!path.contains("set") && more.lines[picked].discountable);
                more.lines[picked].quantity += u32::try_from(*pieces).unwrap();
            }
            Fact::Text(_) | Fact::Said(_) => return Ok(()),
        }
        more.lines[picked].list_minor = None;
        let again = planned(&more, &refs(&drafts), rounding);
        let same_again = matches!(again.offers[0].denial.as_deref(), Some(Denial::ConditionFailed { path: now, .. }) if now == path);
        prop_assert!(!same_again, "{:?} for {:?}", again.offers[0], plan.offers[0]);
    }

    #[test]
    fn g17_neither_lines_nor_offers_count_by_their_place(
        (order, drafts) in shop(SMALL, 5),
        rounding in rounding(),
        turn in 0_usize..7,
    ) {
        prop_assume!(order.check().is_ok());
        let plan = planned(&order, &refs(&drafts), rounding);
        let mut turned = order.clone();
        let count = turned.lines.len();
        turned.lines.rotate_left(turn % count);
        turned.lines.reverse();
        prop_assert_eq!(unordered(&planned(&turned, &refs(&drafts), rounding)), unordered(&plan));
        // Offers keep their ids, wherever they stand.
        let again = super::planned_in(&order, &refs(&drafts), rounding, turn);
        prop_assert_eq!(unordered(&again), unordered(&plan));
        prop_assert_eq!(planned(&order, &refs(&drafts), rounding).digest(), plan.digest());
    }

    #[test]
    fn g17_what_is_settled_stays((order, drafts) in shop(SMALL, 5), rounding in rounding()) {
        prop_assume!(order.check().is_ok());
        let plan = planned(&order, &refs(&drafts), rounding);
        let settled = plan.settled(&order);
        let again = planned(&settled, &refs(&drafts), rounding);
        prop_assert_eq!(again.discount_minor, 0);
        prop_assert_eq!(again.before_minor, plan.before_minor - plan.discount_minor);
    }
}

fn counts(draft: &TemplateDraft, line: &Line) -> bool {
    let Benefit::Deal(deal) = &draft.benefit else { return true };
    let gets = matches!(&deal.on, cardmint::card::On::Lines(filter) if super::naive::picks(filter, line));
    !gets && super::naive::over_picks(&deal.over, line)
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn g14_large_carts_add_up((order, drafts) in shop(LARGE, 10), rounding in rounding()) {
        prop_assume!(order.check().is_ok());
        let plan = planned(&order, &refs(&drafts), rounding);
        adds_up(&order, &plan)?;
        let mut turned = order.clone();
        turned.lines.reverse();
        prop_assert_eq!(unordered(&planned(&turned, &refs(&drafts), rounding)), unordered(&plan));
    }

    #[test]
    fn g14_a_hundred_percent_leaves_nothing(order in order(LARGE), rounding in rounding()) {
        let order = Order {
            lines: order.lines.iter().map(|line| Line { discountable: true, floor_minor: 0, ..line.clone() }).collect(),
            shipping_discountable: true,
            ..order
        };
        prop_assume!(order.check().is_ok() && order.total_minor().unwrap() > 0);
        let free = TemplateDraft::new("free", Benefit::PercentOff { off_bp: Setting::Fixed(10_000), cap_minor: None, over: Over::Order });
        let shipping = Deal { on: cardmint::card::On::Shipping, ..Deal::new(Off::OffBp(Setting::Fixed(10_000))) };
        let shipping = TemplateDraft::new("shipped", Benefit::Deal(Box::new(shipping)));
        let plan = planned(&order, &[&free, &shipping], rounding);
        prop_assert_eq!((plan.payable_minor, plan.nothing_to_pay), (0, true));
    }
}

/// The largest amounts there are, and the most lines: nothing panics, nothing wraps.
#[test]
fn g16_amounts_at_the_limit_and_ten_thousand_lines() {
    let currency = Currency::parse("currency", "JPY").unwrap();
    let one = Order::new(
        "o",
        currency,
        [Line { list_minor: Some(AMOUNT_MAX), ..Line::new("l", "tea", i32::MAX as u32, AMOUNT_MAX) }],
    );
    let each = AMOUNT_MAX / 10_001;
    let lines = (0..10_000_u32).map(|place| Line {
        floor_minor: i64::from(place),
        ..Line::new(format!("l{place:05}"), "tea", i32::MAX as u32 - place, each)
    });
    let many = Order { shipping_minor: each, ..Order::new("o", currency, lines) };
    let strategy = super::strategies::draft(
        super::strategies::Size { lines: 1, quantity: i32::MAX as u32 / 4, minor: AMOUNT_MAX },
        currency,
    );
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for order in [&one, &many] {
        order.check().unwrap();
        for _ in 0..150 {
            let draft = proptest::strategy::Strategy::new_tree(&strategy, &mut runner).unwrap().current();
            adds_up(order, &planned(order, &[&draft, &draft], Rounding::HalfUp)).unwrap();
        }
    }
}
