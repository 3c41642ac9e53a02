//! Random conditions on random orders, beside a naive reader of the same conditions.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::condition::{Condition, LineCondition, LinesTest, Matching};
use super::facts::Facts;
use super::line_filter::{Over, ProductSets};
use super::operator::{Comparison, FactTest, Scalar, Test};
use super::program::Program;
use super::sense::certain;
use super::{Line, Order};
use crate::denial::{Denial, Fact};
use crate::money::Currency;
use crate::time::{Instant, Zone};

fn number() -> impl Strategy<Value = Test> {
    let one = || (0_i64..12).prop_map(Scalar::Integer);
    prop_oneof![
        one().prop_map(Test::Eq),
        one().prop_map(Test::Ne),
        one().prop_map(Test::Gt),
        one().prop_map(Test::AtLeast),
        one().prop_map(Test::Lt),
        one().prop_map(Test::AtMost),
        (0_i64..6, 0_i64..6).prop_map(|(a, b)| Test::Between([a.into(), (a + b).into()])),
        prop::collection::vec(one(), 1..4).prop_map(Test::In),
        prop::collection::vec(one(), 1..4).prop_map(Test::NotIn),
    ]
}

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "ab"]).prop_map(str::to_owned)
}

fn words() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(word(), 1..4)
}

fn text() -> impl Strategy<Value = Test> {
    let scalars = |words: Vec<String>| words.into_iter().map(Scalar::Text).collect::<Vec<_>>();
    prop_oneof![
        word().prop_map(|word| Test::Eq(Scalar::Text(word))),
        word().prop_map(|word| Test::Ne(Scalar::Text(word))),
        words().prop_map(move |words| Test::In(scalars(words))),
        words().prop_map(move |words| Test::NotIn(scalars(words))),
        word().prop_map(Test::Prefix),
        any::<bool>().prop_map(Test::Exists),
    ]
}

fn set() -> impl Strategy<Value = Test> {
    prop_oneof![
        words().prop_map(Test::ContainsAny),
        words().prop_map(Test::ContainsAll),
        words().prop_map(Test::ContainsNone),
        any::<bool>().prop_map(Test::Exists),
    ]
}

fn of(name: &'static str, test: impl Strategy<Value = Test> + 'static) -> BoxedStrategy<FactTest> {
    test.prop_map(move |test| FactTest::new(name, test)).boxed()
}

fn line_leaf() -> BoxedStrategy<LineCondition> {
    prop_oneof![
        of("line.quantity", number()),
        of("line.amount", number()),
        // Every line has a product: nobody may ask whether.
        of("line.product", text().prop_filter("", |test| !matches!(test, Test::Exists(_)))),
        of("line.tags", set()),
    ]
    .prop_map(LineCondition::Fact)
    .boxed()
}

fn line_tree() -> impl Strategy<Value = LineCondition> {
    line_leaf().prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(LineCondition::All),
            prop::collection::vec(inner.clone(), 1..3).prop_map(LineCondition::Any),
            inner.prop_map(|inner| LineCondition::Not(Box::new(inner))),
        ]
    })
}

fn lines() -> impl Strategy<Value = Condition> {
    let matching = prop::sample::select(vec![Matching::Any, Matching::All, Matching::None]);
    let only = LinesTest::default;
    let measure = prop_oneof![
        matching.prop_map(move |matching| LinesTest { matching: Some(matching), ..only() }),
        number().prop_map(move |test| LinesTest { count: Some(Comparison(test)), ..only() }),
        number().prop_map(move |test| LinesTest { quantity: Some(Comparison(test)), ..only() }),
        number().prop_map(move |test| LinesTest { sum: Some(Comparison(test)), ..only() }),
    ];
    (measure, line_tree()).prop_map(|(measure, of)| Condition::Lines(LinesTest { of: Some(of), ..measure }))
}

fn leaf() -> BoxedStrategy<Condition> {
    let new_customer =
        prop_oneof![any::<bool>().prop_map(|wanted| Test::Eq(wanted.into())), any::<bool>().prop_map(Test::Exists),];
    let facts = prop_oneof![
        of("order.subtotal", number()),
        of("order.lines", number()),
        of("order.quantity", number()),
        of("store.id", text()),
        of("channel", text()),
        of("holder.segments", set()),
        of("holder.new_customer", new_customer),
    ];
    prop_oneof![
        6 => facts.prop_map(Condition::Fact),
        1 => (1_i64..12).prop_map(|minor| Condition::MinSpend { minor, over: Over::Order }),
        2 => lines(),
    ]
    .boxed()
}

pub(crate) fn tree() -> impl Strategy<Value = Condition> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

pub(crate) fn order() -> impl Strategy<Value = Order> {
    let some_words = || prop::collection::btree_set(word(), 0..3);
    let line = (word(), 1_u32..5, 0_i64..6, some_words());
    let facts = (prop::option::of(word()), prop::option::of(word()), some_words(), prop::option::of(any::<bool>()));
    (prop::collection::vec(line, 1..4), facts).prop_map(|(lines, (store, channel, segments, new_customer))| {
        let lines = lines.into_iter().enumerate().map(|(place, (product, quantity, amount, tags))| {
            let tags = tags.into_iter().collect();
            Line { tags, ..Line::new(place.to_string(), product, quantity, amount) }
        });
        let bare = Order::new("o", Currency::parse("", "CNY").unwrap(), lines);
        Order { store, channel, segments, new_customer, ..bare }
    })
}

/// What a fact of these tests is: nothing, numbers, or texts.
enum Naive {
    Nothing,
    Number(i64),
    Flag(bool),
    Text(String),
    Set(BTreeSet<String>),
}

fn naive_fact(name: &str, order: &Order, line: Option<&Line>) -> Naive {
    let text = |text: &Option<String>| text.clone().map_or(Naive::Nothing, Naive::Text);
    match (name, line) {
        ("order.subtotal", _) => Naive::Number(order.total_minor().unwrap()),
        ("order.lines", _) => Naive::Number(order.lines.len() as i64),
        ("order.quantity", _) => Naive::Number(order.lines.iter().map(|line| i64::from(line.quantity)).sum()),
        ("store.id", _) => text(&order.store),
        ("channel", _) => text(&order.channel),
        ("holder.segments", _) => Naive::Set(order.segments.clone()),
        ("holder.new_customer", _) => order.new_customer.map_or(Naive::Nothing, Naive::Flag),
        ("line.quantity", Some(line)) => Naive::Number(i64::from(line.quantity)),
        ("line.amount", Some(line)) => Naive::Number(line.amount_minor),
        ("line.product", Some(line)) => Naive::Text(line.product.clone()),
        ("line.tags", Some(line)) => Naive::Set(line.tags.iter().cloned().collect()),
        (name, _) => panic!("{name}"),
    }
}

fn naive_number(have: i64, test: &Test) -> bool {
    let int = |scalar: &Scalar| match scalar {
        Scalar::Integer(value) => *value,
        other => panic!("{other}"),
    };
    match test {
        Test::Eq(one) => have == int(one),
        Test::Ne(one) => have != int(one),
        Test::Gt(one) => have > int(one),
        Test::AtLeast(one) => have >= int(one),
        Test::Lt(one) => have < int(one),
        Test::AtMost(one) => have <= int(one),
        Test::Between([a, b]) => int(a) <= have && have <= int(b),
        Test::In(list) => list.iter().any(|one| int(one) == have),
        Test::NotIn(list) => list.iter().all(|one| int(one) != have),
        other => panic!("{other:?}"),
    }
}

fn naive_test(test: &FactTest, order: &Order, line: Option<&Line>) -> bool {
    let same = |one: &Scalar, text: &str| *one == Scalar::Text(text.to_owned());
    match (naive_fact(&test.fact, order, line), &test.test) {
        (Naive::Set(have), test) => match test {
            Test::ContainsAny(list) => list.iter().any(|one| have.contains(one)),
            Test::ContainsAll(list) => list.iter().all(|one| have.contains(one)),
            Test::ContainsNone(list) => !list.iter().any(|one| have.contains(one)),
            Test::Exists(wanted) => have.is_empty() != *wanted,
            other => panic!("{other:?}"),
        },
        (have, Test::Exists(wanted)) => matches!(have, Naive::Nothing) != *wanted,
        (Naive::Nothing, _) => false,
        (Naive::Number(have), test) => naive_number(have, test),
        (Naive::Flag(have), test) => *test == Test::Eq(have.into()),
        (Naive::Text(have), test) => match test {
            Test::Eq(one) => same(one, &have),
            Test::Ne(one) => !same(one, &have),
            Test::In(list) => list.iter().any(|one| same(one, &have)),
            Test::NotIn(list) => !list.iter().any(|one| same(one, &have)),
            Test::Prefix(prefix) => have.starts_with(prefix),
            other => panic!("{other:?}"),
        },
    }
}

fn naive_line(condition: &LineCondition, order: &Order, line: &Line) -> bool {
    match condition {
        LineCondition::All(parts) => parts.iter().all(|part| naive_line(part, order, line)),
        LineCondition::Any(parts) => parts.iter().any(|part| naive_line(part, order, line)),
        LineCondition::Not(part) => !naive_line(part, order, line),
        LineCondition::Fact(test) => naive_test(test, order, Some(line)),
        LineCondition::ProductSet(_) => panic!("no sets here"),
    }
}

fn naive(condition: &Condition, order: &Order) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| naive(part, order)),
        Condition::Any(parts) => parts.iter().any(|part| naive(part, order)),
        Condition::Not(part) => !naive(part, order),
        Condition::Fact(test) => naive_test(test, order, None),
        Condition::MinSpend { minor, .. } => order.total_minor().unwrap() >= *minor,
        Condition::HasLine { .. } => panic!("no filters here"),
        Condition::Lines(test) => {
            let of = |line: &&Line| test.of.as_ref().is_none_or(|of| naive_line(of, order, line));
            let meant: Vec<_> = order.lines.iter().filter(of).collect();
            let compared = |number: i64, comparison: &Option<Comparison>| {
                comparison.as_ref().is_none_or(|Comparison(test)| naive_number(number, test))
            };
            let matching = match test.matching {
                None => true,
                Some(Matching::Any) => !meant.is_empty(),
                Some(Matching::All) => meant.len() == order.lines.len(),
                Some(Matching::None) => meant.is_empty(),
            };
            matching
                && compared(meant.len() as i64, &test.count)
                && compared(meant.iter().map(|line| i64::from(line.quantity)).sum(), &test.quantity)
                && compared(meant.iter().map(|line| line.amount_minor).sum(), &test.sum)
        }
    }
}

fn asked<T>(conditions: &[Condition], order: &Order, ask: impl FnOnce(&Program, &Facts<'_>) -> T) -> T {
    let (sets, zone) = (ProductSets::new(), Zone::utc());
    ask(&Program::of(conditions), &Facts::new(order, &sets, Instant::EPOCH, &zone))
}

/// Does what a need asks for, as far as these tests name needs, and nothing else.
fn meet(order: &mut Order, condition: &Condition, short: Option<&Fact>) {
    let short = match short {
        Some(Fact::Money { minor, .. } | Fact::Number(minor)) => *minor,
        Some(_) | None => 0,
    };
    let Condition::Fact(FactTest { fact, test, .. }) = condition else { panic!("{condition:?}") };
    let first = |list: &[Scalar]| match &list[0] {
        Scalar::Text(text) => Some(text.clone()),
        other => panic!("{other}"),
    };
    match (fact.as_str(), test) {
        ("order.subtotal", _) => order.lines[0].amount_minor += short,
        ("order.quantity", _) => order.lines[0].quantity += u32::try_from(short).unwrap(),
        ("store.id", Test::In(list)) => order.store = first(list),
        ("channel", Test::Eq(one)) => order.channel = first(std::slice::from_ref(one)),
        ("holder.segments", Test::ContainsAll(list)) => order.segments.extend(list.iter().cloned()),
        ("holder.segments", Test::ContainsAny(list)) => drop(order.segments.insert(list[0].clone())),
        ("holder.new_customer", Test::Eq(one)) => order.new_customer = Some(*one == Scalar::Boolean(true)),
        other => panic!("{other:?}"),
    }
}

/// Needs that can be met each by itself: each fact once.
fn needs() -> impl Strategy<Value = Vec<Condition>> {
    let number = |name| (1_i64..40).prop_map(move |least| FactTest::new(name, Test::AtLeast(least.into())));
    let between = (5_i64..9, 0_i64..4).prop_map(|(a, b)| {
        FactTest::new("order.quantity", Test::Between([Scalar::Integer(a + 10), Scalar::Integer(a + 10 + b)]))
    });
    let stores =
        words().prop_map(|words| FactTest::new("store.id", Test::In(words.into_iter().map(Scalar::Text).collect())));
    let channel = word().prop_map(|word| FactTest::new("channel", Test::Eq(Scalar::Text(word))));
    let all = words().prop_map(|words| FactTest::new("holder.segments", Test::ContainsAll(words)));
    let any_of = words().prop_map(|words| FactTest::new("holder.segments", Test::ContainsAny(words)));
    let new = any::<bool>().prop_map(|new| FactTest::new("holder.new_customer", Test::Eq(new.into())));
    let segments = prop_oneof![all, any_of];
    let quantity = prop_oneof![number("order.quantity").boxed(), between.boxed()];
    (number("order.subtotal"), quantity, stores, channel, segments, new)
        .prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].map(Condition::Fact).to_vec())
        .prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Asking, explaining and naming the test that decides agree with each other and with a naive reader, node by node.
    #[test]
    fn g25_explanation_and_decision_agree_on_every_tree(condition in tree(), order in order()) {
        let wanted = naive(&condition, &order);
        let list = [condition];
        let (holds, denial, told) = asked(&list, &order, |program, facts| {
            (program.holds(facts), program.first_unmet(facts), program.explain(facts))
        });
        prop_assert_eq!(holds, wanted);
        prop_assert_eq!(told[0].holds, wanted);
        prop_assert_eq!(denial.is_none(), wanted);
        if let Some(Denial::ConditionFailed { path, have, short, .. }) = denial {
            let node = told.iter().find(|node| node.path == path);
            prop_assert!(node.is_some(), "{} is explained", path);
            // What decides is a test that came out otherwise than the whole asks for.
            let node = node.unwrap();
            prop_assert_eq!(node.holds, node.inverted);
            prop_assert_eq!(&node.have, &have);
            prop_assert!(short.is_none() || node.short == short);
        }
    }

    /// Where a need is met and nothing else changes, that condition holds; with a unit less than is short it does not.
    #[test]
    fn g25_a_need_that_is_met_holds(conditions in needs(), order in order()) {
        let mut order = order;
        for _ in 0..=conditions.len() {
            let denial = asked(&conditions, &order, |program, facts| program.first_unmet(facts));
            let Some(Denial::ConditionFailed { path, short, .. }) = denial else { break };
            let place: usize = path.trim_start_matches("conditions[").split(']').next().unwrap().parse().unwrap();
            let alone = [conditions[place].clone()];
            if let Some(Fact::Money { minor, currency }) = &short {
                let mut less = order.clone();
                meet(&mut less, &conditions[place], Some(&Fact::money(*currency, minor - 1)));
                prop_assert!(!asked(&alone, &less, |program, facts| program.holds(facts)));
            }
            meet(&mut order, &conditions[place], short.as_ref());
            prop_assert!(asked(&alone, &order, |program, facts| program.holds(facts)), "{}", path);
        }
        prop_assert!(asked(&conditions, &order, |program, facts| program.holds(facts)));
    }

    /// What is said to be never or always true is so on every order.
    #[test]
    fn what_is_said_to_be_certain_is_so(condition in tree(), orders in prop::collection::vec(order(), 30)) {
        if let Some(certain) = asked(std::slice::from_ref(&condition), &orders[0], |program, _| certain(program.first())) {
            for order in &orders {
                prop_assert_eq!(naive(&condition, order), certain, "{:?}", condition);
            }
        }
    }

    /// A condition reads back from its JSON as what it was.
    #[test]
    fn conditions_survive_the_wire(condition in tree()) {
        let text = serde_json::to_string(&condition).unwrap();
        prop_assert_eq!(serde_json::from_str::<Condition>(&text).unwrap(), condition);
    }
}
