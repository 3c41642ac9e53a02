//! Asking a typical condition of an order that is in memory: an amount, the store out of a set, a tag on any line, a window of time.
//!
//! References: the same written by hand in Rust, where the compiler knows every constant; and `datalogic-rs`, rules as data, compiled,
//! with its data parsed once. It is given the sum of the order and the moment as numbers, which ours works out and compares; so
//! it does less. All three answer for the same orders, of which some fail at each test, and must agree on every one.

use cardmint::checkout::{Line, Order};
use cardmint::money::Currency;
use cardmint::rule::{Attributes, CompiledConditions, Condition};
use cardmint::time::{Instant, Zone};
use datalogic_rs::bumpalo::Bump;
use datalogic_rs::{Engine, Logic, ParsedData};
use serde_json::json;

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, nanos_each, rounds};

/// At most fifteen times the time of what the compiler makes of constants.
const BAR_BY_HAND: f64 = 1.0 / 15.0;
const BAR_DATALOGIC: f64 = 2.0;
const ORDERS: usize = 64;

const STORES: [&str; 8] = ["S1", "S2", "S3", "S5", "S8", "S13", "S21", "S34"];
const START: &str = "2026-11-01T00:00:00Z";
const END: &str = "2026-12-01T00:00:00Z";

pub struct Conditions;

/// An order, its moment, and the same as the peer's data.
struct Sample {
    order: Order,
    now: Instant,
    parsed: ParsedData,
}

fn sample(which: usize) -> Result<Sample, Failure> {
    let tag = if which % 5 == 0 { "frozen" } else { "fresh" };
    let line = |id: usize| Line {
        tags: vec!["local".to_owned(), if id == 3 { tag.to_owned() } else { "dry".to_owned() }],
        ..Line::new(id.to_string(), format!("p{id}"), 2, if which % 3 == 0 { 3_000 } else { 5_000 })
    };
    let mut order = Order::new("o", Currency::parse("currency", "CNY")?, (0..5).map(line));
    order.store = Some(if which % 7 == 0 { "S99" } else { STORES[which % 8] }.to_owned());
    let month = if which % 4 == 0 { 12 } else { 11 };
    let now = Instant::parse("now", &format!("2026-{month}-11T08:00:00Z"))?;
    let lines: Vec<_> = order.lines.iter().map(|line| json!({"tags": line.tags})).collect();
    let data = json!({"subtotal": order.total_minor()?, "store": order.store, "lines": lines, "now": now.millis()});
    let parsed = ParsedData::from_json(&data.to_string()).map_err(|error| error.to_string())?;
    Ok(Sample { order, now, parsed })
}

fn ours() -> Result<CompiledConditions, Failure> {
    let conditions: Vec<Condition> = serde_json::from_value(json!([
        {"fact": {"fact": "order.subtotal", "at_least": 19_900}},
        {"fact": {"fact": "store.id", "in": STORES}},
        {"lines": {"where": {"fact": {"fact": "line.tags", "contains_any": ["organic", "fresh"]}}, "match": "any"}},
        {"fact": {"fact": "now", "between": [START, END]}},
    ]))?;
    Ok(CompiledConditions::new(&conditions, &Attributes::default(), [])?)
}

/// The same, as a programmer would write it.
fn by_hand(order: &Order, now: Instant, start: i64, end: i64) -> bool {
    let sum: i64 = order.lines.iter().map(|line| line.amount_minor).sum();
    sum >= 19_900
        && matches!(order.store.as_deref(), Some("S1" | "S2" | "S3" | "S5" | "S8" | "S13" | "S21" | "S34"))
        && order.lines.iter().any(|line| line.tags.iter().any(|tag| tag == "organic" || tag == "fresh"))
        && (start..end).contains(&now.millis())
}

fn theirs(engine: &Engine, start: i64, end: i64) -> Result<Logic, Failure> {
    let wanted = json!({"in": [{"var": ""}, ["organic", "fresh"]]});
    let rule = json!({"and": [
        {">=": [{"var": "subtotal"}, 19_900]},
        {"in": [{"var": "store"}, STORES]},
        {"some": [{"var": "lines"}, {"some": [{"var": "tags"}, wanted]}]},
        {">=": [{"var": "now"}, start]},
        {"<": [{"var": "now"}, end]},
    ]});
    engine.compile(rule.to_string().as_str()).map_err(|error| error.to_string().into())
}

impl Bench for Conditions {
    fn id(&self) -> &'static str {
        "conditions"
    }

    fn compares(&self) -> &'static str {
        "a typical condition with the same by hand in Rust, and with datalogic-rs"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let iterations = context.size(200_000, 1_000_000);
        let samples: Vec<_> = (0..ORDERS).map(sample).collect::<Result<_, _>>()?;
        let [start, end] = [START, END].map(|text| Instant::parse("edge", text).map(Instant::millis));
        let (start, end, zone) = (start?, end?, Zone::parse("zone", "Asia/Shanghai")?);
        let (ours, engine) = (ours()?, Engine::new());
        let rule = theirs(&engine, start, end)?;
        let by_hand = |sample: &Sample| by_hand(&sample.order, sample.now, start, end);
        let of_ours = |sample: &Sample| ours.hold(&sample.order, sample.now, &zone);
        let of_theirs = |sample: &Sample, arena: &Bump| {
            engine.evaluate(&rule, &sample.parsed, arena).is_ok_and(|value| value.as_bool() == Some(true))
        };
        let mut held = 0;
        for sample in &samples {
            let answers = [by_hand(sample), of_ours(sample), of_theirs(sample, &Bump::new())];
            if answers.iter().any(|answer| *answer != answers[0]) {
                return Err(format!("the three do not agree: {answers:?}").into());
            }
            held += usize::from(answers[0]);
        }
        if held == 0 || held == samples.len() {
            return Err("every order comes out alike".into());
        }
        let pick = |i: u64| &samples[usize::try_from(i).unwrap_or(0) % ORDERS];
        let mut arena = Bump::new();
        let mut sides: Vec<Side<'_>> = vec![
            Box::new(|| Ok(1e9 / nanos_each(iterations, |i| of_ours(pick(i))))),
            Box::new(|| Ok(1e9 / nanos_each(iterations, |i| by_hand(pick(i))))),
            Box::new(|| {
                let ask = |i| {
                    arena.reset();
                    of_theirs(pick(i), &arena)
                };
                Ok(1e9 / nanos_each(iterations, ask))
            }),
        ];
        let mut values = rounds(context.rounds(), &mut sides)?.into_iter();
        let mut next = || values.next().unwrap_or_default();
        let (ours, hand, theirs) = (next(), next(), next());
        let figure = |id: &str| Figure::shown(id, "orders asked per second", "/s", iterations, ours.clone());
        Ok(vec![
            figure("conditions/by-hand").against("the same by hand in Rust", hand).bar(Sense::Min, BAR_BY_HAND),
            figure("conditions/datalogic")
                .against("datalogic-rs, data parsed once", theirs)
                .bar(Sense::Min, BAR_DATALOGIC),
        ])
    }
}
