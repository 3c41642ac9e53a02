//! The best of several offers, beside every combination there is.

use cardmint::card::TemplateDraft;
use cardmint::checkout::{Best, BestTerms, Objective, Order, Verdict, best};
use cardmint::money::Rounding;
use cardmint::time::Instant;
use cardmint_bridge::{Operation, open};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::cases::options;
use super::random::config;
use super::strategies::{SMALL, rounding, shop, shop_of};
use super::{offered, planned, terms};

const STEPS_MAX: u64 = 1_000_000;

/// 30 off from 300 on what others left, 10 % off, and 25 off that goes with nothing else: the smaller card is worth leaving out.
#[test]
fn g24_a_small_card_may_cost_a_larger_one_and_the_answer_says_so() {
    let engine = open(options().as_bytes()).unwrap();
    let shop = engine.tenant("default", "live").unwrap();
    let offer = |id: &str, template: Value| {
        let mut all = json!({"id": id, "kind": "coupon", "currency": "CNY"});
        all.as_object_mut().unwrap().extend(template.as_object().unwrap().clone());
        json!({"id": id, "template": all})
    };
    let late = json!({"deal": {"counted": "after", "steps": [{"from": {"minor": 30_000}, "off": {"minor": 3_000}}]}});
    let request = json!({
        "order": {"id": "o", "currency": "CNY", "lines": [{"id": "l", "product": "tea", "quantity": 1, "amount_minor": 30_500}]},
        "offers": [
            offer("b-late", json!({"benefit": late})),
            offer("a-small", json!({"benefit": {"amount_off": {"minor": 1_000, "over": "order"}}})),
            offer("c-alone", json!({"benefit": {"amount_off": {"minor": 2_500, "over": "order"}}, "stacking": {"excludes": ["*"]}})),
        ],
    });
    let said = Operation::named("best_drafts").unwrap().call(&shop, request.to_string().as_bytes()).unwrap();
    let said: Value = serde_json::from_slice(&said).unwrap();
    assert_eq!(
        (&said["offers"], &said["plan"]["discount_minor"], &said["exact"]),
        (&json!(["b-late"]), &json!(3_000), &json!(true))
    );
    assert_eq!(said["runner_up"], json!({"offers": ["c-alone"], "discount_minor": 2_500}));
    let [small, alone] = [&said["left_out"][0], &said["left_out"][1]];
    assert_eq!(small, &json!({"id": "a-small", "verdict": "applied", "discount_minor": 1_000}));
    assert_eq!(
        (&alone["id"], &alone["denial"]["code"], &alone["discount_minor"]),
        (&json!("c-alone"), &json!("not_combinable"), &json!(3_000))
    );
}

fn best_of(order: &Order, drafts: &[TemplateDraft], rounding: Rounding, objective: Objective, steps_max: u64) -> Best {
    let ends_at: Vec<Option<Instant>> = vec![None; drafts.len()];
    let terms = BestTerms { plan: terms(rounding), objective, shop: "shop", ends_at: &ends_at, steps_max };
    offered(&drafts.iter().collect::<Vec<_>>(), |offers| best(order, offers, terms))
}

/// What some of the drafts take off, and how many of them; nothing where one of them does not apply, or takes nothing off.
fn taken(order: &Order, drafts: &[TemplateDraft], rounding: Rounding, set: u64) -> (i64, Option<usize>) {
    let some: Vec<&TemplateDraft> =
        (0..).zip(drafts).filter(|(place, _)| set >> place & 1 == 1).map(|(_, of)| of).collect();
    let plan = planned(order, &some, rounding);
    let all_apply = plan.offers.iter().all(|offer| offer.discount_minor > 0);
    (plan.discount_minor, all_apply.then_some(some.len()))
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn g24_best_is_what_brute_force_finds((order, drafts) in shop(SMALL, 8), rounding in rounding()) {
        prop_assume!(order.check().is_ok());
        let found = best_of(&order, &drafts, rounding, Objective::Customer, STEPS_MAX);
        prop_assert!(found.exact);
        let all: Vec<_> = (0..1_u64 << drafts.len()).map(|set| taken(&order, &drafts, rounding, set)).collect();
        let most = all.iter().map(|(minor, _)| *minor).max().unwrap();
        prop_assert_eq!(found.plan.discount_minor, most, "{:?}", found);
        // With as few offers as will do; the next best is another set.
        let mut ranked: Vec<_> =
            all.iter().filter_map(|(minor, count)| Some((-minor, (*count)?))).collect();
        ranked.sort_unstable();
        let used = found.plan.offers.iter().filter(|offer| offer.discount_minor > 0).count();
        prop_assert_eq!((-found.plan.discount_minor, used), ranked[0]);
        prop_assert_eq!(found.runner_up.map(|next| -next.discount_minor), ranked.get(1).map(|next| next.0));
        // Everything is used, or said why not.
        prop_assert!(found.plan.offers.iter().all(|offer| offer.verdict == Verdict::Applied));
        prop_assert_eq!(found.offers.len() + found.left_out.len(), drafts.len());
        for left_out in &found.left_out {
            prop_assert_eq!(left_out.denial.is_some(), left_out.verdict != Verdict::Applied);
            prop_assert!(left_out.discount_minor <= most);
        }
    }

    #[test]
    fn g24_the_shops_best_bears_least_of_all_to_which_nothing_can_be_added(
        (order, drafts) in shop(SMALL, 6),
        rounding in rounding(),
    ) {
        prop_assume!(order.check().is_ok());
        let found = best_of(&order, &drafts, rounding, Objective::Shop, STEPS_MAX);
        prop_assert!(found.exact);
        let sets = || 0..1_u64 << drafts.len();
        let applies: Vec<bool> = sets().map(|set| taken(&order, &drafts, rounding, set).1.is_some()).collect();
        let is_full = |set: u64| {
            let grows = |place: usize| set >> place & 1 == 0 && applies[usize::try_from(set | 1 << place).unwrap()];
            applies[usize::try_from(set).unwrap()] && !(0..drafts.len()).any(grows)
        };
        let cost = |set: u64| {
            let some: Vec<&TemplateDraft> =
                (0..).zip(&drafts).filter(|(place, _)| set >> place & 1 == 1).map(|(_, of)| of).collect();
            let plan = planned(&order, &some, rounding);
            let borne = plan.offers.iter().zip(&some).map(|(offer, draft)| {
                let bp = draft.funding.iter().find(|part| part.party == "shop").map_or(10_000, |part| part.off_bp);
                i128::from(offer.discount_minor) * i128::from(bp)
            });
            (borne.sum::<i128>(), -plan.discount_minor)
        };
        let least = sets().filter(|set| is_full(*set)).map(cost).min().unwrap();
        let used = found.plan.offers.iter().filter(|offer| offer.discount_minor > 0).map(|offer| {
            let place: u32 = offer.id[1..].parse().unwrap();
            1_u64 << place
        });
        prop_assert_eq!(cost(used.sum()), least);
    }
}

proptest! {
    #![proptest_config(config(100))]

    /// Where the search of what costs a shop least ends early, it answers with what nothing can be added to, all the same.
    #[test]
    fn g24_a_search_for_the_shop_that_ends_early_is_full(
        (order, drafts) in shop_of(SMALL, 30),
        rounding in rounding(),
        steps_max in 0_u64..200,
    ) {
        prop_assume!(order.check().is_ok());
        let found = best_of(&order, &drafts, rounding, Objective::Shop, steps_max);
        let used = found.plan.offers.iter().filter(|offer| offer.discount_minor > 0);
        let set: u64 = used.map(|offer| 1 << offer.id[1..].parse::<u32>().unwrap()).sum();
        prop_assert!(set == 0 || taken(&order, &drafts, rounding, set).1.is_some());
        for place in (0..drafts.len()).filter(|place| set >> place & 1 == 0) {
            let wider = taken(&order, &drafts, rounding, set | 1 << place).1;
            prop_assert!(wider.is_none(), "{place} can be added to {set:b}");
        }
    }
}

proptest! {
    // What is found may be small, and yet be a case that somebody thought of.
    #![proptest_config(ProptestConfig { max_shrink_iters: 0, ..config(40) })]

    #[test]
    fn g24_a_search_that_ends_early_says_so_and_is_no_worse_than_a_thousand_others(
        (order, drafts) in shop_of(SMALL, 60),
        rounding in rounding(),
        random in prop::collection::vec(any::<u64>(), 1_000),
    ) {
        prop_assume!(order.check().is_ok());
        // As many steps as are made where nobody says how many.
        let found = best_of(&order, &drafts, rounding, Objective::Customer, 200_000);
        let most = best_of(&order, &drafts, rounding, Objective::Customer, STEPS_MAX);
        prop_assert!(found.plan.discount_minor <= most.plan.discount_minor || !most.exact);
        prop_assert!(!found.exact || found.plan == most.plan);
        let every = (1_u64 << drafts.len()) - 1;
        let singles = (0..drafts.len()).map(|place| 1_u64 << place);
        for set in singles.chain([every]).chain(random.into_iter().map(|bits| bits & every)) {
            let (minor, _) = taken(&order, &drafts, rounding, set);
            prop_assert!(found.plan.discount_minor >= minor, "{set:b} takes {minor} off, not {}", found.plan.discount_minor);
        }
    }
}
