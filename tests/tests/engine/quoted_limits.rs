//! What a quote tells of the ceilings that a use meets, and that a hold at the same moment hears the same (G-13).

use cardmint::card::{HoldTerms, Limits, PartialPolicy, RedeemFrom, TemplateDraft};
use cardmint::checkout::{Line, Order};
use cardmint::code::Normalisation;
use cardmint::limit::{Limit, LimitWindow, Measure, Period, Scope, UsageUnit};
use cardmint::subject::Subject;
use cardmint::{
    CaptureHold, CardPick, Entropy as _, Error, HoldView, IssueBatch, PlaceHold, Quote, Quoted, QuotedLimit, Redeem,
    SaveCampaign, SavePublicCode,
};
use cardmint_tests::{Shop, bearer, cny, denial, order};

fn uses(name: &str, usage_unit: UsageUnit, most: i64) -> Limit {
    Limit::new(name, Measure::Uses { usage_unit }, most)
}

/// Cards under a limit of each kind, of the template, the batch and the campaign.
fn furnish(shop: &Shop, most: i64) {
    let rolling = Limit { window: LimitWindow::RollingS(3_600), ..uses("rolling", UsageUnit::Order, most) };
    let window = LimitWindow::Calendar(Period::Day);
    let daily = Limit { scope: vec![Scope::Holder], window, ..uses("daily", UsageUnit::Line, 2 * most) };
    let money = Limit::new("budget", Measure::Money { currency: cny() }, 700 * most);
    let budget = Limit { partial_policy: PartialPolicy::Cap, ..money };
    let pieces = Limit { partial_policy: PartialPolicy::Cap, ..uses("pieces", UsageUnit::Unit, 4 * most) };
    shop.tenant.save_campaign(SaveCampaign { limits: vec![budget], ..shop.campaign("c") }).wait().unwrap();
    let per_holder = u32::try_from(most).unwrap();
    let limits =
        Limits { uses_per_card: 3, uses_per_holder: Some(per_holder), list: vec![rolling, daily], ..Limits::default() };
    let holds = HoldTerms { ttl_s: 600, ..HoldTerms::default() };
    shop.template("b", TemplateDraft { limits, holds, ..bearer() }).unwrap();
    let batch = IssueBatch { limits: vec![pieces], campaign: Some("c".to_owned()), ..shop.issue_batch("b", 50) };
    shop.tenant.issue_batch(batch).wait().unwrap();
}

fn ann() -> Subject {
    Subject::customer("ann")
}

fn quote(shop: &Shop, serial: u32, order: Order) -> Quoted {
    let code = shop.code_of("b", serial).unwrap();
    shop.tenant.quote(Quote { holder: Some(ann()), ..Quote::new(CardPick::code(code), order) }).unwrap()
}

fn hold(shop: &Shop, serial: u32, order: Order, quote: Option<String>) -> Result<HoldView, Error> {
    let asked = PlaceHold::new(shop.meta(), shop.code_of("b", serial).unwrap(), order).by(ann());
    shop.tenant.hold(PlaceHold { quote, ..asked }).wait()
}

fn named<'a>(quoted: &'a Quoted, name: &str) -> &'a QuotedLimit {
    quoted.limits.iter().find(|limit| limit.name == name).unwrap()
}

fn figures(quoted: &Quoted, name: &str) -> [i64; 4] {
    let limit = named(quoted, name);
    assert!(limit.checked, "{name}");
    [limit.used, limit.held, limit.left, limit.asked].map(Option::unwrap)
}

fn basket(id: &str, quantities: &[u32]) -> Order {
    let line = |(place, quantity): (usize, &u32)| {
        Line::new(place.to_string(), "apple", *quantity, 1_000 * i64::from(*quantity))
    };
    Order::new(id, cny(), quantities.iter().enumerate().map(line))
}

#[test]
fn g13_a_quote_names_every_ceiling_and_how_it_stands() {
    for shop in Shop::each() {
        furnish(&shop, 3);
        shop.tenant
            .redeem(Redeem::new(shop.meta(), shop.code_of("b", 0).unwrap(), basket("o1", &[2])).by(ann()))
            .wait()
            .unwrap();
        let held = hold(&shop, 0, basket("o2", &[1, 1]), None).unwrap();
        let quoted = quote(&shop, 0, basket("o3", &[3, 1]));
        let names: Vec<&str> = quoted.limits.iter().map(|limit| limit.name.as_str()).collect();
        let wanted =
            ["uses_per_card", "uses_per_holder", "rolling", "daily", "pieces", "budget", "open_holds_per_holder"];
        assert_eq!(names, wanted);
        assert_eq!(figures(&quoted, "uses_per_card"), [1, 1, 1, 1]);
        assert_eq!(figures(&quoted, "uses_per_holder"), [1, 1, 1, 1]);
        assert_eq!(figures(&quoted, "rolling"), [2, 0, 1, 1], "what is held stands in the window as what is used");
        assert_eq!(figures(&quoted, "daily"), [1, 2, 3, 2]);
        assert_eq!(figures(&quoted, "pieces"), [2, 2, 8, 4]);
        assert_eq!(figures(&quoted, "budget"), [400, 400, 1_300, 800]);
        let budget = named(&quoted, "budget");
        assert_eq!((budget.scope, budget.currency, budget.limit), ("campaign", Some(cny()), 2_100));
        let daily = named(&quoted, "daily");
        assert_eq!(
            (daily.scope, daily.window.as_str(), daily.per.as_slice()),
            ("template", "day", &["holder".to_owned()][..])
        );
        let open = named(&quoted, "open_holds_per_holder");
        assert_eq!((open.checked, open.used, open.limit), (false, None, 20), "it counts no uses");
        // The order's own hold is not in its way.
        let own = quote(&shop, 0, basket("o2", &[1, 1]));
        assert_eq!(own.outcome.as_ref(), Ok(&held.pricing));
        assert_eq!(figures(&own, "uses_per_holder"), [1, 0, 2, 1]);
        assert_eq!(figures(&own, "budget"), [400, 0, 1_700, 400]);
    }
}

#[test]
fn g13_what_was_not_looked_at_is_said() {
    for shop in Shop::each() {
        furnish(&shop, 3);
        // Ended before: nothing was looked at.
        let foreign = Order { currency: "JPY".parse_currency(), ..basket("o1", &[1]) };
        let quoted = quote(&shop, 0, foreign);
        assert_eq!(quoted.outcome.unwrap_err().code(), "currency_mismatch");
        assert!(quoted.limits.len() == 7 && quoted.limits.iter().all(|limit| !limit.checked && limit.left.is_none()));
        // Nobody is named: what counts per holder is not looked at, the rest is.
        let quote = Quote::new(CardPick::code(shop.code_of("b", 0).unwrap()), basket("o1", &[1]));
        let quoted = shop.tenant.quote(quote).unwrap();
        assert_eq!(quoted.outcome.as_ref().unwrap_err().code(), "holder_required");
        let unchecked: Vec<&str> =
            quoted.limits.iter().filter(|limit| !limit.checked).map(|limit| limit.name.as_str()).collect();
        assert_eq!(unchecked, ["uses_per_holder", "daily"]);
        // A code that is no good has no ceilings to tell of.
        let none = shop.tenant.quote(Quote::new(CardPick::code("0000-0000-0000-0000"), basket("o1", &[1]))).unwrap();
        assert!(none.outcome.is_err() && none.limits.is_empty());
    }
}

trait Currencies {
    fn parse_currency(&self) -> cardmint::money::Currency;
}

impl Currencies for str {
    fn parse_currency(&self) -> cardmint::money::Currency {
        cardmint::money::Currency::parse("currency", self).unwrap()
    }
}

#[test]
fn g13_a_guest_with_a_public_code_is_told_of_claims_and_limits() {
    for shop in Shop::each() {
        let limits =
            Limits { claims_per_holder: Some(1), list: vec![uses("all", UsageUnit::Order, 2)], ..Limits::default() };
        shop.batch("b", 5, TemplateDraft { limits, redeem_from: RedeemFrom::Claimed, ..bearer() });
        let word = SavePublicCode::new(shop.meta(), "b", "SUMMER20", Normalisation::Word);
        shop.tenant.save_public_code(word).wait().unwrap();
        let ask = |id: &str| {
            shop.tenant.quote(Quote::new(CardPick::code("summer 20"), order(id, &[("apple", 10_000)]))).unwrap()
        };
        let redeem = |id: &str| {
            let order = order(id, &[("apple", 10_000)]);
            shop.tenant.redeem(Redeem::new(shop.meta(), "SUMMER20", order)).wait()
        };
        assert_eq!(figures(&ask("o1"), "claims_per_holder"), [0, 0, 1, 1]);
        redeem("o1").unwrap();
        assert_eq!(ask("o1").outcome, Err(denial(redeem("o1"))), "an order is one guest, who had a card");
        assert_eq!(figures(&ask("o2"), "all"), [1, 0, 1, 1]);
        redeem("o2").unwrap();
        let quoted = ask("o3");
        assert_eq!(figures(&quoted, "all"), [2, 0, 0, 1]);
        assert_eq!(quoted.outcome, Err(denial(redeem("o3"))));
        // A guest does not hold a word: the card would be theirs, and come back to nobody.
        let held = shop.tenant.hold(PlaceHold::new(shop.meta(), "SUMMER20", order("o4", &[("apple", 10_000)]))).wait();
        assert_eq!(denial(held).code(), "holder_required");
    }
}

/// Whatever was done before: a quote, and then a hold that names it, hear the same; where it is *no*, a ceiling that was checked has
/// no room for what is asked.
#[test]
fn g13_what_a_quote_checked_a_hold_at_the_same_moment_hears() {
    let dice = cardmint::ChaChaEntropy::from_seed([13; 32]);
    let roll = |below: u64| u32::try_from(dice.next_u64() % below).unwrap();
    let (mut went, mut denials) = (0, std::collections::BTreeSet::new());
    for most in [2, 5, 9] {
        let shop = Shop::memory();
        furnish(&shop, most);
        let mut open: Vec<HoldView> = Vec::new();
        for step in 0..120 {
            match roll(6) {
                0 => shop.clock.advance(i64::from(roll(1_800_000))),
                1 if !open.is_empty() => {
                    let held = open.swap_remove(usize::try_from(roll(open.len() as u64)).unwrap());
                    // Some are over by now.
                    let _ = shop.tenant.release((shop.meta(), held.hold)).wait();
                }
                2 if !open.is_empty() => {
                    let held = open.swap_remove(usize::try_from(roll(open.len() as u64)).unwrap());
                    let _ = shop.tenant.capture(CaptureHold::new(shop.meta(), held.hold)).wait();
                }
                _ => {
                    let quantities: Vec<u32> = (0..=roll(3)).map(|_| 1 + roll(4)).collect();
                    let (serial, basket) = (roll(50), basket(&format!("o{step}"), &quantities));
                    let quoted = quote(&shop, serial, basket.clone());
                    let held = hold(&shop, serial, basket, quoted.digest.clone());
                    match &quoted.outcome {
                        Ok(pricing) => {
                            let held = held.unwrap();
                            assert_eq!(&held.pricing, pricing);
                            for limit in quoted.limits.iter().filter(|limit| limit.checked) {
                                assert!(limit.asked <= limit.left, "{limit:?}");
                            }
                            open.push(held);
                            went += 1;
                        }
                        Err(no) => {
                            assert_eq!(no, &denial(held));
                            let name = no.facts().get("name").and_then(|name| name.as_str()).map(str::to_owned);
                            denials.insert((no.code(), name.clone()));
                            if let Some(name) = name {
                                let limit = named(&quoted, &name);
                                assert!(limit.checked && limit.asked > limit.left, "{limit:?}");
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(went > 20 && denials.len() >= 4, "{went} went, {denials:?}");
}
