//! What a plan allocates does not grow with what it has to work out. A binary of its own: it counts what the whole process allocates.

use std::alloc::System;
use std::hint::black_box;

use cardmint::card::{Benefit, Parameters, Setting, Template, TemplateDraft};
use cardmint::checkout::{Line, Offer, Order, PlanTerms, Purse, plan, plan_figures};
use cardmint::money::Rounding;
use cardmint::rule::{LineFilter, Over, ProductSets};
use cardmint::time::{Instant, Window, Zone};
use cardmint_tests::cny;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How often a plan of so many lines and promotions asks for memory.
fn allocations<R>(
    work: impl Fn(&Order, &[Offer<'_>], PlanTerms<'_>) -> R,
    (lines, promotions): (usize, usize),
    over: &Over,
) -> usize {
    let line = |at: usize| Line::new(format!("l{at:03}"), "tea", 1 + u32::try_from(at % 3).unwrap(), 1_000_007);
    let order = Order::new("o", cny(), (0..lines).map(line));
    let template = |at: usize| {
        let benefit = if at.is_multiple_of(2) {
            Benefit::PercentOff { off_bp: Setting::Fixed(100), cap_minor: None, over: over.clone() }
        } else {
            Benefit::AmountOff { minor: Setting::Fixed(1_003), over: over.clone() }
        };
        let draft = TemplateDraft { currency: Some(cny()), ..TemplateDraft::new(format!("t{at:03}"), benefit) };
        Template::new(1, draft, Window::default(), Zone::utc())
    };
    let templates: Vec<Template> = (0..promotions).map(template).collect();
    let (parameters, sets) = (Parameters::new(), ProductSets::new());
    let offer = |template| Offer {
        id: "o",
        template,
        parameters: &parameters,
        turn: 0,
        refused: None,
        purse: Purse::default(),
    };
    let offers: Vec<Offer<'_>> = templates.iter().map(offer).collect();
    let terms = PlanTerms { sets: &sets, rounding: Rounding::HalfUp, at: Instant::EPOCH };
    // Filters are compiled when they are first asked.
    assert!(plan(&order, &offers, terms).discount_minor > 0);
    counted(|| {
        black_box(work(black_box(&order), &offers, terms));
    })
}

fn counted(work: impl FnOnce()) -> usize {
    let region = Region::new(ALLOCATOR);
    work();
    let change = region.change();
    change.allocations + change.reallocations
}

#[test]
fn a_promotion_allocates_for_its_answer_alone() {
    let order = Over::Order;
    let more =
        |lines: usize, over: &Over| allocations(plan, (lines, 208), over) - allocations(plan, (lines, 108), over);
    // Its shares. What grows with the list of promotions doubles now and then.
    assert!((100..=104).contains(&more(5, &order)), "{}", more(5, &order));
    assert!((100..=104).contains(&more(50, &order)), "as many for more lines: {}", more(50, &order));
    // And once the lines that a filter picks.
    let tea = Over::Lines(LineFilter { products: vec!["tea".to_owned()], ..LineFilter::default() });
    let filtered = more(5, &tea);
    assert!((200..=404).contains(&filtered), "{filtered}");
    let of_one = |lines: usize| allocations(plan, (lines, 1), &order);
    assert!(of_one(50) <= of_one(5) + 8, "lines are told in one piece");
    // Bare figures lie in one piece.
    let figures = |promotions: usize| allocations(plan_figures, (5, promotions), &order);
    assert!(figures(208) <= figures(108) + 4, "{} and {}", figures(108), figures(208));
}
