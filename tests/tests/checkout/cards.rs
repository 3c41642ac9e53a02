//! Cards with these benefits, through the engine: quoted, held, redeemed, capped, given back, and kept by every store.

use cardmint::card::{
    Apply, Benefit, CardKind, Counted, Deal, Every, Funding, Gifts, HostBenefit, Least, Off, On, Pick, SetPart,
    Setting, Stacking, Step, TemplateDraft,
};
use cardmint::checkout::{Action, Line, Order, Pricing};
use cardmint::code::CodeFormat;
use cardmint::limit::{Limit, Measure};
use cardmint::rule::{LineFilter, Over};
use cardmint::{CaptureHold, CardPick, Denial, Error, IssueBatch, PlaceHold, Quote, Redeem, RefundRedemption};
use cardmint_tests::{Shop, bearer, cny, denied, order, refused, set_of};

fn deal(deal: Deal) -> TemplateDraft {
    TemplateDraft { benefit: Benefit::Deal(Box::new(deal)), ..bearer() }
}

fn bp(off_bp: i64) -> Off {
    Off::OffBp(Setting::Fixed(off_bp))
}

fn second_half() -> Deal {
    Deal { every: Some(Every::Pieces(2)), pick: Pick::Cheapest, ..Deal::new(bp(5_000)) }
}

/// Two mugs of 50.00 and shipping of 12.00.
fn mugs() -> Order {
    Order { shipping_minor: 1_200, ..Order::new("o1", cny(), [Line::new("a", "mug", 2, 10_000)]) }
}

#[test]
fn g03_a_deal_is_charged_as_it_was_quoted() {
    for shop in Shop::each() {
        shop.batch("half", 3, deal(second_half()));
        let code = shop.code_of("half", 0).unwrap();
        let quoted = shop.tenant.quote(Quote::new(CardPick::code(code.as_str()), mugs())).unwrap();
        let pricing = quoted.outcome.unwrap();
        assert_eq!((pricing.before_minor, pricing.discount_minor, pricing.payable_minor), (11_200, 2_500, 8_700));
        let hold = PlaceHold { quote: quoted.digest, ..PlaceHold::new(shop.meta(), code.as_str(), mugs()) };
        let held = shop.tenant.hold(hold).wait().unwrap();
        assert_eq!(held.pricing, pricing);
        let captured = shop.tenant.capture(CaptureHold::new(shop.meta(), held.hold)).wait().unwrap();
        assert_eq!(captured.receipt.unwrap().pricing, pricing, "{}", shop.name);
    }
}

#[test]
fn what_a_pricing_says_is_kept_by_every_store() {
    let half = |party: &str| Funding { party: party.to_owned(), off_bp: 5_000 };
    let funding = vec![half("platform"), half("shop")];
    let shipping = Deal { on: On::Shipping, ..Deal::new(bp(5_000)) };
    let free = TemplateDraft { funding: funding.clone(), ..deal(shipping) };
    let tenth = TemplateDraft { funding, ..deal(Deal::new(bp(1_000))) };
    let host = HostBenefit { name: "points".to_owned(), data: serde_json::json!({"factor": 2}) };
    let order = Order {
        lines: vec![
            Line { floor_minor: 9_800, ..Line::new("a", "mug", 2, 10_000) },
            Line { discountable: false, ..Line::new("b", "tea", 1, 5_000) },
            Line::new("c", "cake", 1, 333),
        ],
        ..mugs()
    };
    for shop in Shop::each() {
        let redeem = |id: &str, template: TemplateDraft| -> Pricing {
            shop.batch(id, 1, template);
            let code = shop.code_of(id, 0).unwrap();
            let receipt = shop.tenant.redeem(Redeem::new(shop.meta(), code.as_str(), order.clone())).wait().unwrap();
            let kept = shop.tenant.redemption(receipt.redemption.as_str()).unwrap().unwrap();
            assert_eq!(kept.pricing, receipt.pricing, "{}", shop.name);
            assert_eq!(kept.pricing.payable_minor + kept.pricing.discount_minor, 16_533);
            kept.pricing
        };
        let pricing = redeem("shipping", free.clone());
        assert_eq!((pricing.shipping_off_minor, pricing.shipping_funded[1].off_minor), (600, 300));
        let pricing = redeem("tenth", tenth.clone());
        // 10 % of 103.33 is 10.33: 2.00 of the mugs, whose floor keeps 8.00, and 0.33 of the cake.
        assert_eq!(pricing.allocations.iter().map(|share| share.off_minor).collect::<Vec<_>>(), [200, 33]);
        assert_eq!((pricing.held_back[0].line.as_str(), pricing.held_back[0].minor), ("a", Some(800)));
        assert_eq!(pricing.held_back[1].line, "b");
        assert_eq!(pricing.allocations[1].funded.iter().map(|part| part.off_minor).sum::<i64>(), 33);
        let pricing = redeem("host", deal(Deal::new(Off::Host(host.clone()))));
        assert!(matches!(&pricing.actions[0], Action::Host { name, times: 1, .. } if name == "points"));
    }
}

#[test]
fn a_budget_that_caps_takes_a_part_of_shipping_too() {
    let shop = Shop::memory();
    let mut template = deal(Deal { on: On::Shipping, ..Deal::new(bp(10_000)) });
    let budget = Limit {
        partial_policy: cardmint::card::PartialPolicy::Cap,
        ..Limit::new("budget", Measure::Money { currency: cny() }, 1_500)
    };
    template.limits.list.push(budget);
    shop.batch("free", 3, template);
    let code = |serial| shop.code_of("free", serial).unwrap();
    let off = |code: &str| shop.redeem_on(code, None, mugs()).map(|receipt| receipt.pricing.shipping_off_minor);
    assert_eq!(off(&code(0)).unwrap(), 1_200);
    assert_eq!(off(&code(1)).unwrap(), 300);
    assert_eq!(denied(off(&code(2))), "limit_reached");
}

#[test]
fn a_refund_gives_a_deal_back_whole() {
    let shop = Shop::memory();
    shop.batch("half", 1, deal(second_half()));
    let code = shop.code_of("half", 0).unwrap();
    let receipt = shop.redeem_on(&code, None, mugs()).unwrap();
    let refund = shop.tenant.refund(RefundRedemption::new(shop.meta(), receipt.redemption)).wait().unwrap();
    assert_eq!((refund.amount_minor, refund.uses_left), (2_500, 1));
}

#[test]
fn a_gift_card_pays_shipping_and_knows_no_floor() {
    for shop in Shop::each() {
        let value = Benefit::Value { minor: Setting::Fixed(50_000) };
        shop.template("gift", TemplateDraft { kind: CardKind::GiftCard, benefit: value, ..bearer() }).unwrap();
        let batch = IssueBatch::new(shop.meta(), "gift", "gift", 1, CodeFormat::S20);
        shop.tenant.issue_batch(batch).wait().unwrap();
        let code = shop.code_of("gift", 0).unwrap();
        let order = Order { lines: vec![Line { floor_minor: 10_000, ..Line::new("a", "mug", 2, 10_000) }], ..mugs() };
        let receipt = shop.redeem_on(&code, None, order.clone()).unwrap();
        assert_eq!((receipt.pricing.tender_minor, receipt.pricing.payable_minor), (11_200, 0));
        // What is asked for is at most the order with its shipping.
        let asked = Redeem { amount_minor: Some(11_201), ..Redeem::new(shop.meta(), code.as_str(), order) };
        assert_eq!(refused(shop.tenant.redeem(asked).wait()).field, "amount_minor");
    }
}

#[test]
fn a_product_set_of_a_deal_is_pinned() {
    let shop = Shop::memory();
    let save = |products: &[&str]| {
        let products = products.iter().map(|product| (*product).to_owned()).collect();
        shop.tenant
            .save_product_set(cardmint::SaveProductSet { meta: shop.meta(), name: "mugs".to_owned(), products })
            .wait()
            .unwrap();
    };
    save(&["mug"]);
    let set = Every::Set(vec![SetPart { lines: set_of("mugs"), pieces: 2 }]);
    let price = Off::PriceMinor(Setting::Fixed(9_000));
    shop.batch("pair", 2, deal(Deal { every: Some(set), ..Deal::new(price) }));
    save(&["cup"]);
    let code = shop.code_of("pair", 0).unwrap();
    assert_eq!(shop.redeem_on(&code, None, mugs()).unwrap().pricing.discount_minor, 1_000);
    let unknown = deal(Deal { on: On::Lines(set_of("nowhere")), ..Deal::new(bp(1)) });
    assert_eq!(denied(shop.template("unknown", unknown)), "unknown");
}

#[test]
fn lines_that_keep_their_price_say_so() {
    let shop = Shop::memory();
    shop.batch("tenth", 1, deal(Deal::new(bp(1_000))));
    let code = shop.code_of("tenth", 0).unwrap();
    let order = Order { lines: vec![Line { discountable: false, ..Line::new("a", "mug", 1, 100) }], ..mugs() };
    match shop.redeem_on(&code, None, order) {
        Err(Error::Denied(Denial::PriceHeld { lines })) => assert_eq!(lines, ["a"]),
        other => panic!("{other:?}"),
    }
}

/// A change that makes something one that cannot be meant.
type Change<T> = fn(&mut T);

#[test]
fn what_cannot_be_meant_is_refused_with_its_path() {
    let shop = Shop::memory();
    let from = |minor| Some(Least::Minor(minor));
    let cases: [(Change<Deal>, &str); 24] = [
        (|it| it.steps.clear(), "steps"),
        (|it| it.steps[0].off = Off::Minor(Setting::Fixed(0)), "steps[0].off.minor"),
        (|it| it.steps[0].off = Off::OffBp(Setting::Fixed(10_001)), "steps[0].off.off_bp"),
        (|it| it.steps[0].off = Off::PriceMinor(Setting::Fixed(-1)), "steps[0].off.price_minor"),
        (|it| it.steps[0].off = Off::Minor(Setting::named("nobody")), "steps[0].off.minor"),
        (|it| it.steps[0].off = Off::Gifts(Gifts { of: Vec::new(), choose: None }), "steps[0].off.gifts.of"),
        (
            |it| it.steps[0].off = Off::Host(HostBenefit { name: String::new(), data: serde_json::Value::Null }),
            "steps[0].off.host.name",
        ),
        (
            |it| it.steps[0].off = Off::Host(HostBenefit { name: "x".to_owned(), data: "x".repeat(5_000).into() }),
            "steps[0].off.host.data",
        ),
        (|it| it.steps[0].from = Some(Least::Minor(0)), "steps[0].from.minor"),
        (|it| it.steps[0].from = Some(Least::Pieces(0)), "steps[0].from.pieces"),
        (|it| it.steps.push(Step { from: None, off: bp(1) }), "steps[1].from"),
        (|it| it.every = Some(Every::Minor(0)), "every.minor"),
        (|it| it.every = Some(Every::Pieces(0)), "every.pieces"),
        (|it| it.every = Some(Every::Set(Vec::new())), "every.set"),
        (|it| it.times_max = Some(1), "times_max"),
        (|it| it.pieces = Some(1), "pieces"),
        (|it| it.pieces_max = Some(0), "pieces_max"),
        (|it| it.cap_minor = Some(0), "cap_minor"),
        (|it| it.cap_line_minor = Some(-1), "cap_line_minor"),
        (|it| it.among = cardmint::card::Among::All, "among"),
        (|it| (it.on, it.apply) = (On::Shipping, Apply::Each), "on"),
        (|it| (it.on, it.pieces_max) = (On::Shipping, Some(1)), "on"),
        (|it| it.on = On::Lines(LineFilter::default()), "on.lines"),
        (|it| it.over = Over::Lines(LineFilter::default()), "over.lines"),
    ];
    for (change, field) in cases {
        let mut wrong = Deal::new(bp(1_000));
        change(&mut wrong);
        assert_eq!(refused(shop.template("x", deal(wrong))).field, format!("template.benefit.deal.{field}"));
    }
    let tiers = |steps: [Option<Least>; 2]| Deal::stepped(steps.map(|from| Step { from, off: bp(1) }));
    for (steps, field) in
        [([from(2), from(2)], "steps[1].from.minor"), ([from(2), Some(Least::Pieces(3))], "steps[1].from")]
    {
        assert_eq!(refused(shop.template("x", deal(tiers(steps)))).field, format!("template.benefit.deal.{field}"));
    }
    let some_of_a_set = Deal {
        every: Some(Every::Set(vec![SetPart { lines: set_of("s"), pieces: 1 }])),
        pick: Pick::Cheapest,
        ..Deal::new(bp(1))
    };
    assert_eq!(refused(shop.template("x", deal(some_of_a_set))).field, "template.benefit.deal.pick");
    let too_many = Deal { pieces: Some(3), ..second_half() };
    assert_eq!(refused(shop.template("x", deal(too_many))).field, "template.benefit.deal.pieces");
    let no_currency = TemplateDraft {
        currency: None,
        ..deal(Deal { counted: Counted::After, ..Deal::stepped([Step { from: from(1), off: bp(1) }]) })
    };
    assert_eq!(refused(shop.template("x", no_currency)).field, "template.currency");
}

#[test]
fn stacking_and_funding_are_checked_when_saved() {
    let shop = Shop::memory();
    let stacked = |stacking: Stacking| TemplateDraft { stacking: Some(stacking), ..deal(Deal::new(bp(1))) };
    let lane = |lane| stacked(Stacking { lane: Some(lane), ..Stacking::default() });
    assert!(shop.template("x", lane(cardmint::card::Lane::Item)).is_ok());
    assert_eq!(refused(shop.template("x", lane(cardmint::card::Lane::Tender))).field, "template.stacking.lane");
    assert_eq!(refused(shop.template("x", lane(cardmint::card::Lane::Shipping))).field, "template.stacking.lane");
    let tags = Stacking { tags: ["*".to_owned()].into(), ..Stacking::default() };
    assert_eq!(refused(shop.template("x", stacked(tags))).field, "template.stacking.tags");
    let none = Stacking { per_order_max: Some(0), ..Stacking::default() };
    assert_eq!(refused(shop.template("x", stacked(none))).field, "template.stacking.per_order_max");
    let funded = |parts: &[(&str, u32)]| TemplateDraft {
        funding: parts.iter().map(|(party, off_bp)| Funding { party: (*party).to_owned(), off_bp: *off_bp }).collect(),
        ..deal(Deal::new(bp(1)))
    };
    assert!(shop.template("x", funded(&[("a", 9_999), ("b", 1)])).is_ok());
    assert_eq!(refused(shop.template("x", funded(&[("a", 9_999)]))).field, "template.funding");
    assert_eq!(refused(shop.template("x", funded(&[("a", 5_000), ("a", 5_000)]))).field, "template.funding[1]");
}

#[test]
fn orders_that_cannot_be_meant_are_refused() {
    let shop = Shop::memory();
    shop.batch("half", 1, deal(second_half()));
    let code = shop.code_of("half", 0).unwrap();
    let cases: [(Change<Order>, &str); 6] = [
        (|it| it.lines[0].list_minor = Some(9_999), "order.lines[0].list_minor"),
        (|it| it.lines[0].floor_minor = -1, "order.lines[0].floor_minor"),
        (|it| it.lines[0].tax_rate_bp = Some(10_001), "order.lines[0].tax_rate_bp"),
        (|it| it.shipping_minor = -1, "order.shipping_minor"),
        (|it| it.shipping_minor = cardmint::money::AMOUNT_MAX, "order.shipping_minor"),
        (|it| it.lines[0].list_minor = Some(cardmint::money::AMOUNT_MAX + 1), "order.lines[0].list_minor"),
    ];
    for (change, field) in cases {
        let mut wrong = mugs();
        change(&mut wrong);
        assert_eq!(refused(shop.redeem_on(&code, None, wrong)).field, field);
    }
    // What says nothing new is not written, so that a request of an older build is the same request.
    let plain = serde_json::to_value(order("o", &[("tea", 1)])).unwrap();
    assert_eq!(plain["lines"][0], serde_json::json!({"id": "l0", "product": "tea", "quantity": 1, "amount_minor": 1}));
    assert_eq!(plain.as_object().unwrap().len(), 3);
}

#[test]
fn every_line_of_the_table_of_benefits_is_a_template() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benefits.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.split_once("| `{\"deal\""));
    let mut count = 0;
    for (said, rest) in rows {
        let benefit = format!("{{\"deal\"{}", rest.trim_end_matches([' ', '|']).trim_end_matches('`'));
        let draft = format!(r#"{{"id": "x", "currency": "CNY", "benefit": {benefit}}}"#);
        let draft = TemplateDraft::from_json(&draft).unwrap_or_else(|error| panic!("{said}: {error}"));
        draft.check().unwrap_or_else(|error| panic!("{said}: {error}"));
        count += 1;
    }
    assert!(count >= 20, "{count} rows");
}
