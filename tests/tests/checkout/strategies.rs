//! Random orders and templates. A template is one that could be saved.

use std::ops::RangeInclusive;

use cardmint::card::{
    Among, Apply, Base, Benefit, CardKind, Combine, Counted, Deal, Every, Funding, Lane, Least, Off, On, Pick, SetPart,
    Setting, Stacking, Step, TemplateDraft,
};
use cardmint::checkout::{Line, Order};
use cardmint::money::{Currency, Rounding};
use cardmint::rule::{Condition, LineFilter, Over};
use proptest::collection::{btree_set, vec};
use proptest::option::weighted;
use proptest::prelude::*;

/// How large an order may be.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub lines: usize,
    pub quantity: u32,
    pub minor: i64,
}

/// What the naive twin can follow.
pub const SMALL: Size = Size { lines: 7, quantity: 5, minor: 3_000 };
/// What shops have.
pub const LARGE: Size = Size { lines: 100, quantity: 30_000, minor: 1_000_000_000 };

pub fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof!["JPY", "CNY", "KWD"].prop_map(|code| Currency::parse("currency", &code).unwrap())
}

pub fn rounding() -> impl Strategy<Value = Rounding> {
    prop_oneof![Just(Rounding::HalfUp), Just(Rounding::HalfEven)]
}

pub fn order(size: Size) -> impl Strategy<Value = Order> {
    let line = (
        0_usize..4,
        1..=size.quantity,
        0..=size.minor,
        weighted(0.3, 0..=size.minor),
        weighted(0.2, 0..=size.minor),
        prop::bool::weighted(0.9),
        weighted(0.2, 0_u32..=2),
    );
    let lines = vec(line, 1..=size.lines);
    // Ids that do not stand in the order of the lines.
    let shift = 0_usize..size.lines;
    (currency(), lines, weighted(0.5, 0..=size.minor), prop::bool::weighted(0.9), shift).prop_map(
        |(currency, lines, shipping, shipping_discountable, shift)| {
            let count = lines.len();
            let lines =
                lines.into_iter().enumerate().map(|(place, (product, quantity, minor, more, floor, may, rate))| Line {
                    categories: if product % 2 == 0 { vec!["even".to_owned()] } else { Vec::new() },
                    list_minor: more.map(|more| minor + more),
                    floor_minor: floor.unwrap_or(0),
                    discountable: may,
                    tax_rate_bp: rate.map(|rate| rate * 600),
                    ..Line::new(format!("l{:03}", (place + shift) % count), PRODUCTS[product], quantity, minor)
                });
            let order = Order::new("o", currency, lines);
            Order { shipping_minor: shipping.unwrap_or(0), shipping_discountable, ..order }
        },
    )
}

const PRODUCTS: [&str; 4] = ["tea", "milk", "mug", "cake"];

fn filter() -> impl Strategy<Value = LineFilter> {
    let products = btree_set(0_usize..4, 1..3).prop_map(|places| LineFilter {
        products: places.into_iter().map(|place| PRODUCTS[place].to_owned()).collect(),
        ..LineFilter::default()
    });
    let categories = Just(LineFilter { categories: vec!["even".to_owned()], ..LineFilter::default() });
    prop_oneof![2 => products, 1 => categories]
}

fn over() -> impl Strategy<Value = Over> {
    prop_oneof![2 => Just(Over::Order), 1 => filter().prop_map(Over::Lines)]
}

fn money_off(minor: i64) -> impl Strategy<Value = Off> {
    prop_oneof![
        (1..=minor).prop_map(|figure| Off::Minor(Setting::Fixed(figure))),
        (1_i64..=10_000).prop_map(|figure| Off::OffBp(Setting::Fixed(figure))),
        (0..=minor).prop_map(|figure| Off::PriceMinor(Setting::Fixed(figure))),
    ]
}

fn steps(size: Size) -> impl Strategy<Value = Vec<Step>> {
    let of = |least: fn(u32) -> Least| {
        move |(from, off): (std::collections::BTreeSet<u32>, Vec<Off>)| {
            from.into_iter().zip(off).map(|(from, off)| Step { from: Some(least(from)), off }).collect::<Vec<_>>()
        }
    };
    let most = u32::try_from(size.minor.min(1_000_000)).unwrap();
    prop_oneof![
        2 => money_off(size.minor).prop_map(|off| vec![Step { from: None, off }]),
        1 => (btree_set(1..=most, 1..4), vec(money_off(size.minor), 4)).prop_map(of(|from| Least::Minor(i64::from(from)))),
        1 => (btree_set(1..=size.quantity * 3, 1..4), vec(money_off(size.minor), 4)).prop_map(of(Least::Pieces)),
    ]
}

fn every(size: Size) -> impl Strategy<Value = Every> {
    let part = (filter(), 1_u32..4).prop_map(|(lines, pieces)| SetPart { lines, pieces });
    prop_oneof![
        (1..=size.minor).prop_map(Every::Minor),
        (1_u32..6).prop_map(Every::Pieces),
        vec(part, 1..3).prop_map(Every::Set),
    ]
}

/// A deal of any shape; most can be saved.
fn deal(size: Size) -> impl Strategy<Value = Deal> {
    let on = prop_oneof![4 => Just(On::Counted), 2 => filter().prop_map(On::Lines), 1 => Just(On::Shipping)];
    let what = (over(), on, weighted(0.5, every(size)), weighted(0.3, 1_u32..4), steps(size));
    let pick = prop_oneof![2 => Just(Pick::All), 1 => Just(Pick::Cheapest), 1 => Just(Pick::Dearest)];
    let apply = prop_oneof![2 => Just(Apply::Across), 1 => Just(Apply::Each), 1 => Just(Apply::Once)];
    let which = (pick, weighted(0.4, 1_u32..4), prop_oneof![Just(Among::Each), Just(Among::All)], apply);
    let base = prop_oneof![2 => Just(Base::Running), 1 => Just(Base::Initial), 1 => Just(Base::List)];
    let caps = (weighted(0.2, 1..=size.minor), weighted(0.2, 1..=size.minor), base, any::<bool>());
    (what, which, caps).prop_map(|((over, on, every, times_max, steps), (pick, pieces, among, apply), caps)| {
        let (cap_minor, cap_line_minor, base, after) = caps;
        let picks = pick != Pick::All && on != On::Shipping;
        let counts_pieces = matches!(every, Some(Every::Pieces(_)));
        let is_lines = on != On::Shipping;
        Deal {
            over,
            times_max: times_max.filter(|_| every.is_some()),
            pick: if is_lines { pick } else { Pick::All },
            pieces: pieces.filter(|_| picks && apply != Apply::Once),
            among: if counts_pieces { among } else { Among::Each },
            apply: if is_lines { apply } else { Apply::Across },
            cap_minor,
            cap_line_minor: cap_line_minor.filter(|_| is_lines),
            base: if is_lines || base != Base::List { base } else { Base::Running },
            counted: if after { Counted::After } else { Counted::Before },
            on,
            every,
            ..Deal::stepped(steps)
        }
    })
}

fn benefit(size: Size) -> impl Strategy<Value = Benefit> {
    let minor = size.minor;
    prop_oneof![
        1 => (1..=minor, over()).prop_map(|(minor, over)| Benefit::AmountOff { minor: Setting::Fixed(minor), over }),
        1 => (1_i64..=10_000, weighted(0.3, 1..=minor), over()).prop_map(|(bp, cap_minor, over)| Benefit::PercentOff {
            off_bp: Setting::Fixed(bp),
            cap_minor,
            over,
        }),
        1 => (1_u32..5, filter()).prop_map(|(quantity, lines)| Benefit::Goods { quantity, lines }),
        1 => (1..=minor).prop_map(|minor| Benefit::Value { minor: Setting::Fixed(minor) }),
        6 => deal(size).prop_map(|deal| Benefit::Deal(Box::new(deal))),
    ]
}

fn stacking() -> impl Strategy<Value = Stacking> {
    let combine = prop_oneof![
        4 => Just(Combine::All),
        1 => Just(Combine::First),
        1 => Just(Combine::BestForCustomer),
        1 => Just(Combine::BestForShop),
        1 => Just(Combine::Exclusive),
    ];
    let tags = || btree_set(prop_oneof!["a", "b"], 0..2);
    (-1_i32..2, combine, tags(), tags(), weighted(0.1, Just(1_u32)), weighted(0.1, Just(()))).prop_map(
        |(rank, combine, tags, mut excludes, per_order_max, all)| {
            excludes.extend(all.map(|()| "*".to_owned()));
            Stacking { rank, combine, tags, excludes, per_order_max, ..Stacking::default() }
        },
    )
}

/// A template in the order's currency that could be saved.
pub fn draft(size: Size, currency: Currency) -> impl Strategy<Value = TemplateDraft> {
    let spend = weighted(0.2, 1..=size.minor);
    let id = prop_oneof!["ant", "bee", "cow"];
    let funding =
        prop_oneof![Just(Vec::new()), (1_u32..10_000).prop_map(|bp| vec![("platform", bp), ("shop", 10_000 - bp)])];
    (id, benefit(size), weighted(0.5, stacking()), spend, funding).prop_filter_map(
        "a template that could be saved",
        move |(id, benefit, stacking, spend, funding)| {
            let is_value = matches!(benefit, Benefit::Value { .. });
            let kind = match &benefit {
                Benefit::Value { .. } => CardKind::GiftCard,
                Benefit::Goods { .. } => CardKind::Exchange,
                _ => CardKind::Coupon,
            };
            let funding = funding.into_iter().filter(|_| !is_value);
            let draft = TemplateDraft {
                kind,
                currency: Some(currency),
                conditions: spend.map(|minor| Condition::MinSpend { minor, over: Over::Order }).into_iter().collect(),
                stacking: stacking
                    .filter(|stacking| !is_value || stacking.lane.is_none_or(|lane| lane == Lane::Tender)),
                funding: funding.map(|(party, off_bp)| Funding { party: party.to_owned(), off_bp }).collect(),
                ..TemplateDraft::new(id, benefit)
            };
            draft.check().is_ok().then_some(draft)
        },
    )
}

/// An order and up to so many templates in its currency.
pub fn shop(size: Size, offers: usize) -> impl Strategy<Value = (Order, Vec<TemplateDraft>)> {
    some(size, 1..=offers)
}

/// An order and just so many templates in its currency.
pub fn shop_of(size: Size, offers: usize) -> impl Strategy<Value = (Order, Vec<TemplateDraft>)> {
    some(size, offers..=offers)
}

fn some(size: Size, offers: RangeInclusive<usize>) -> impl Strategy<Value = (Order, Vec<TemplateDraft>)> {
    order(size).prop_flat_map(move |order| {
        let drafts = vec(draft(size, order.currency), offers.clone());
        (Just(order), drafts)
    })
}
