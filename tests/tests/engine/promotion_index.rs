//! Orders are decided with the promotions that they can meet, quotes tell of all that run: both come to the same.

use cardmint::card::{Benefit, Combine, Limits, RedeemFrom, Setting, Stacking, TemplateDraft, ValidityDraft};
use cardmint::checkout::{Line, Order, Verdict};
use cardmint::limit::{Limit, Measure, UsageUnit};
use cardmint::rule::{Condition, FactTest, LineFilter, Over, Test};
use cardmint::subject::Subject;
use cardmint::{CardPick, HoldOrder, OrderCard, QuoteOrder, RedeemOrder, SaveProductSet, SavePromotion};
use cardmint_tests::{Shop, cny, denied, eight_tenths};
use proptest::prelude::*;

/// What one promotion of a random shop is, by numbers: what an order must have, its stacking, its rank, its window, its campaign, how much.
type Drawn = (u8, u8, i32, u8, u8, i64);

fn drawn() -> impl Strategy<Value = Drawn> {
    (0_u8..14, 0_u8..8, 0_i32..2, 0_u8..6, 0_u8..4, 1_i64..900)
}

fn filter(products: &[&str]) -> LineFilter {
    LineFilter { products: products.iter().map(|product| (*product).to_owned()).collect(), ..LineFilter::default() }
}

fn fact(name: &str, test: Test) -> Condition {
    Condition::Fact(FactTest::new(name, test))
}

fn conditions(kind: u8) -> Vec<Condition> {
    let channel = |text: &str| fact("channel", Test::Eq(text.into()));
    match kind {
        0 => vec![channel("app")],
        1 => vec![channel("web"), Condition::MinSpend { minor: 5_000, over: Over::Order }],
        2 => vec![Condition::HasLine { lines: filter(&["tea"]) }],
        3 => vec![Condition::HasLine { lines: filter(&["mug", "cake"]) }],
        4 => vec![Condition::MinSpend { minor: 7_000, over: Over::Order }],
        5 => vec![fact("holder.segments", Test::ContainsAny(vec!["gold".to_owned()]))],
        6 => vec![Condition::Any(vec![channel("app"), fact("store.id", Test::Eq("s1".into()))])],
        7 => vec![Condition::Not(Box::new(channel("app")))],
        8 => {
            let set = LineFilter { product_set: Some("drinks".to_owned()), ..LineFilter::default() };
            vec![Condition::HasLine { lines: set }]
        }
        9 => vec![fact("order.quantity", Test::AtLeast(3.into()))],
        _ => Vec::new(),
    }
}

fn stacking((_, stacking, rank, ..): Drawn) -> Option<Stacking> {
    let combine = match stacking {
        0 => Combine::First,
        1 => Combine::BestForCustomer,
        2 => Combine::BestForShop,
        3 => Combine::Exclusive,
        _ => Combine::All,
    };
    let excludes = if stacking == 4 { [Stacking::ALL.to_owned()].into() } else { Default::default() };
    Some(Stacking { rank, combine, excludes, ..Stacking::default() })
}

fn template(drawn: Drawn) -> TemplateDraft {
    let (kind, _, _, window, _, minor) = drawn;
    let over = if kind == 10 { Over::Lines(filter(&["milk"])) } else { Over::Order };
    let day = |day: &str| Some(day.to_owned());
    let (start, end) = match window {
        0 => (day("2026-11-12"), None),
        1 => (None, day("2026-11-12")),
        2 => (day("2026-11-12"), day("2026-11-13")),
        _ => (None, None),
    };
    let once = Limit::new("once", Measure::Uses { usage_unit: UsageUnit::Order }, 1);
    TemplateDraft {
        benefit: Benefit::AmountOff { minor: Setting::Fixed(minor), over },
        conditions: conditions(kind),
        stacking: stacking(drawn),
        validity: ValidityDraft { start, end, ..ValidityDraft::default() },
        limits: Limits { list: if kind == 11 { vec![once] } else { Vec::new() }, ..Limits::default() },
        ..eight_tenths()
    }
}

fn save(shop: &Shop, id: &str, drawn: Drawn) {
    shop.template(id, template(drawn)).unwrap();
    let campaign = match drawn.4 {
        0 => Some("runs".to_owned()),
        1 => Some("paused".to_owned()),
        _ => None,
    };
    shop.tenant.save_promotion(SavePromotion { campaign, ..SavePromotion::new(shop.meta(), id, id) }).wait().unwrap();
}

/// What an order is, by numbers: which products, how many pieces, of what price; channel, store, segment; whether a card is used; which
/// promotion is to stay off; whether it is held first.
type Asked = (Vec<(usize, u32, i64)>, (u8, u8, bool), bool, u8, bool);

fn asked() -> impl Strategy<Value = Asked> {
    let line = (0_usize..5, 1_u32..4, 0_i64..5_000);
    let said = (0_u8..3, 0_u8..3, any::<bool>());
    (prop::collection::vec(line, 1..4), said, prop::bool::weighted(0.3), 0_u8..40, any::<bool>())
}

fn order(id: &str, (lines, (channel, store, gold), ..): &Asked) -> Order {
    let product = |at: usize| ["tea", "milk", "mug", "cake", "soap"][at];
    let lines = lines
        .iter()
        .enumerate()
        .map(|(place, (at, quantity, minor))| Line::new(format!("l{place}"), product(*at), *quantity, *minor));
    let one_of = |at: u8, of: [&str; 2]| of.get(usize::from(at)).map(|text| (*text).to_owned());
    let segments = gold.then(|| "gold".to_owned()).into_iter().collect();
    Order {
        channel: one_of(*channel, ["app", "web"]),
        store: one_of(*store, ["s1", "s2"]),
        segments,
        ..Order::new(id, cny(), lines)
    }
}

/// A change between two orders: another revision, a pause, the next day, or nothing.
fn change() -> impl Strategy<Value = (u8, usize, Drawn)> {
    (0_u8..8, 0_usize..12, drawn())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn g22_an_order_is_charged_what_all_that_run_come_to(
        promotions in prop::collection::vec(drawn(), 4..12),
        card in drawn(),
        steps in prop::collection::vec((change(), asked()), 4..10),
    ) {
        let shop = Shop::memory();
        let set = SaveProductSet { meta: shop.meta(), name: "drinks".to_owned(), products: vec!["tea".to_owned(), "milk".to_owned()] };
        shop.tenant.save_product_set(set).wait().unwrap();
        for id in ["runs", "paused"] {
            shop.tenant.save_campaign(shop.campaign(id)).wait().unwrap();
        }
        shop.tenant.pause_campaign((shop.meta(), "paused")).wait().unwrap();
        // A card in the group of promotions that cannot meet the order is narrowed by them, too.
        let of_card = TemplateDraft { redeem_from: RedeemFrom::Issued, stacking: stacking(card), ..template((12, 5, 0, 5, 3, 300)) };
        shop.batch("card", 99, of_card);
        for (at, one) in promotions.iter().enumerate() {
            save(&shop, &format!("p{at:02}"), *one);
        }
        let ann = || Subject::customer("ann");
        for (at, ((kind, which, drawn), asked)) in steps.iter().enumerate() {
            let id = format!("p{:02}", which % promotions.len());
            match kind {
                0 => save(&shop, &id, *drawn),
                // Whatever it stands at.
                1 => drop(shop.tenant.pause_promotion((shop.meta(), id.as_str())).wait()),
                2 => drop(shop.tenant.resume_promotion((shop.meta(), id.as_str())).wait()),
                3 => save(&shop, &format!("q{which:02}"), *drawn),
                4 => shop.clock.advance(9 * 3_600_000),
                _ => {}
            }
            let serial = u32::try_from(at).unwrap();
            let cards: Vec<OrderCard> =
                asked.2.then(|| CardPick::Id(shop.card("card", serial)).into()).into_iter().collect();
            let off: Vec<String> = (asked.3 < 12).then(|| format!("p{:02}", asked.3)).into_iter().collect();
            let of = order(&format!("o{at}"), asked);
            let quote = QuoteOrder { promotions_off: off.clone(), ..QuoteOrder::new(of.clone(), cards.clone()).by(ann()) };
            let quoted = shop.tenant.quote_order(quote).unwrap();
            let applied = quoted.promotions.iter().filter(|one| one.card.verdict == Verdict::Applied);
            let applied: Vec<&str> = applied.map(|one| one.promotion.as_str()).collect();
            let names = |uses: &[cardmint::PromotionUse]| uses.iter().map(|one| one.promotion.clone()).collect::<Vec<_>>();
            if asked.4 {
                let ask = HoldOrder { promotions_off: off.clone(), leave_out: true, quote: quoted.digest.clone(), ..HoldOrder::new(shop.meta(), of.clone(), cards.clone()).by(ann()) };
                let held = shop.tenant.hold_order(ask.clone()).wait();
                match &quoted.digest {
                    Some(_) => {
                        let held = held.unwrap();
                        prop_assert_eq!((&held.totals, names(&held.promotions)), (&quoted.totals, applied.iter().map(|id| (*id).to_owned()).collect()));
                        // Asked again, it is what it was, unless a card was left out.
                        if held.left_out.is_empty() {
                            let again = HoldOrder { meta: shop.meta(), quote: None, ..ask };
                            prop_assert_eq!(&shop.tenant.hold_order(again).wait().unwrap().holds, &held.holds);
                        }
                        let holds: Vec<_> = held.holds.iter().map(|hold| hold.hold.clone()).collect();
                        shop.tenant.release_order((shop.meta(), holds)).wait().unwrap();
                    }
                    None => prop_assert!(held.is_err()),
                }
                continue;
            }
            let ask = RedeemOrder { promotions_off: off, leave_out: true, quote: quoted.digest.clone(), ..RedeemOrder::new(shop.meta(), of, cards).by(ann()) };
            let receipt = shop.tenant.redeem_order(ask).wait();
            if quoted.digest.is_none() {
                prop_assert!(["no_effect", "card_denied"].contains(&denied(receipt)));
                continue;
            }
            let receipt = receipt.unwrap();
            prop_assert_eq!((&receipt.totals, names(&receipt.promotions)), (&quoted.totals, applied.iter().map(|id| (*id).to_owned()).collect()));
            // A promotion's redemption is called by its place among all that run.
            let place = |id: &str| usize::from(asked.2) + quoted.promotions.iter().position(|one| one.promotion == id).unwrap();
            for one in &receipt.promotions {
                let of_promotion = &receipt.receipts[one.place as usize].redemption;
                let suffix = format!("#{}", place(&one.promotion) + 1);
                prop_assert!(of_promotion.ends_with(&suffix), "{} of {}", of_promotion, one.promotion);
            }
        }
        prop_assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, []);
    }
}
