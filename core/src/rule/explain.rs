//! Why conditions hold or do not: node by node, with what is there, what is needed and what is short (G-25).

use serde::Serialize;

use super::compile::{Exec, Leaf, LinesNode, Measure, Node, NumberOf};
use super::fact::FactType;
use super::facts::Facts;
use super::operator::Test;
use super::words;
use crate::denial::{Denial, Fact};

/// How one node of a condition came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Explained {
    /// Where it stands in the template, such as `conditions[0].any[2].fact`.
    pub path: String,
    /// Whether it holds.
    pub holds: bool,
    /// Whether the whole asks for the opposite: it stands within a `not`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inverted: bool,
    /// What the order has: an amount, a number or words. Values of a person are not repeated.
    #[schemars(with = "serde_json::Value")]
    pub have: Fact,
    /// What it asks for.
    #[schemars(with = "serde_json::Value")]
    pub need: Fact,
    /// How much more would do, where that is an amount or a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub short: Option<Fact>,
    /// A sentence in each language.
    pub texts: ExplainedTexts,
}

/// A sentence in each language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ExplainedTexts {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
}

/// What there is to say of a node.
struct Outcome {
    title: (String, String),
    have: Fact,
    need: Fact,
    short: Option<Fact>,
}

impl Outcome {
    fn texts(&self) -> ExplainedTexts {
        let (en, zh) = &self.title;
        let short_en = self.short.as_ref().map(|short| format!(", {} more", short.words())).unwrap_or_default();
        let short_zh = self.short.as_ref().map(|short| format!("，还差 {}", short.words_zh())).unwrap_or_default();
        ExplainedTexts {
            en: format!("{en}: needs {}, has {}{short_en}.", self.need.words(), self.have.words()),
            zh_cn: format!("{zh}：需要{}，现有{}{short_zh}。", self.need.words_zh(), self.have.words_zh()),
        }
    }
}

/// An `at_least` of an amount or a number needs no more words than that.
fn plain_need(of: FactType, test: &Test, facts: &Facts<'_>) -> Fact {
    match (of, test) {
        (FactType::Money | FactType::Integer, Test::AtLeast(super::Scalar::Integer(least))) => {
            words::number(of, *least, facts.order.currency)
        }
        _ => words::need(of, test, facts.order.currency),
    }
}

fn of_leaf(leaf: &Leaf, facts: &Facts<'_>) -> Outcome {
    let (have, need) = (words::have(leaf, facts, None), plain_need(leaf.of, &leaf.test, facts));
    let short = match &leaf.exec {
        Exec::Int(test) if matches!(leaf.of, FactType::Money | FactType::Integer) => {
            let value = facts.int(leaf, None).filter(|value| !test.holds(*value));
            value.and_then(|value| Some(test.next_above(value)? - value))
        }
        Exec::Int(_) | Exec::Text(_) | Exec::Texts(_) | Exec::Area(_) | Exec::Exists(_) => None,
    };
    let short = short.map(|short| words::number(leaf.of, short, facts.order.currency));
    Outcome { title: (leaf.fact.to_string(), leaf.fact.title_zh()), have, need, short }
}

fn of_lines(lines: &LinesNode, facts: &Facts<'_>) -> Outcome {
    let all = facts.order.lines.len();
    match &lines.measure {
        Measure::Matching(matching) => Outcome {
            title: ("lines".to_owned(), "商品行".to_owned()),
            have: words::have_match(lines.count(facts), all),
            need: words::need_match(*matching, all),
            short: None,
        },
        Measure::Number { of, test, exec } => {
            let value = lines.number(*of, facts);
            let as_fact = |value| words::number(of.fact_type(), value, facts.order.currency);
            let more = if exec.holds(value) { None } else { exec.next_above(value) };
            let (en, zh) = words::title_of(*of);
            Outcome {
                title: (en.to_owned(), zh.to_owned()),
                have: as_fact(value),
                need: plain_need(of.fact_type(), test, facts),
                short: more.map(|more| as_fact(more - value)),
            }
        }
    }
}

/// What there is to say of a node that has no parts.
fn outcome(node: &Node, facts: &Facts<'_>) -> Outcome {
    let money = |minor| Fact::money(facts.order.currency, minor);
    match node {
        Node::Fact(leaf) => of_leaf(leaf, facts),
        Node::Lines(lines) => of_lines(lines, facts),
        Node::MinSpend { minor, lines } => {
            let have = lines.as_ref().map_or_else(|| facts.subtotal(), |filter| filter.sum(facts.order, facts.sets));
            let (en, zh) = match lines {
                None => ("order.subtotal", "订单金额"),
                Some(_) => words::title_of(NumberOf::Sum),
            };
            let short = (have < *minor).then(|| money(minor - have));
            let title = (en.to_owned(), zh.to_owned());
            Outcome { title, have: money(have), need: money(*minor), short }
        }
        Node::HasLine(filter) => {
            let picked = facts.order.lines.iter().filter(|line| filter.picks(line, facts.sets)).count();
            let all = facts.order.lines.len();
            let have = match picked {
                0 => Fact::text(format!("{all} lines, none of them")),
                some => words::have_match(i64::try_from(some).unwrap_or(i64::MAX), all),
            };
            let title = ("lines".to_owned(), "商品行".to_owned());
            Outcome { title, have, need: words::need_filter(filter), short: None }
        }
        Node::All(_) | Node::Any(_) | Node::Not(_) | Node::InSet(_) | Node::Open => Outcome {
            title: ("condition".to_owned(), "条件".to_owned()),
            have: Fact::said("nothing", "无"),
            need: Fact::said("something that is not known here", "未知"),
            short: None,
        },
    }
}

/// Where a node's own test stands.
const fn word(node: &Node) -> &'static str {
    match node {
        Node::All(_) => "all",
        Node::Any(_) => "any",
        Node::Not(_) => "not",
        Node::Fact(_) => "fact",
        Node::Lines(_) => "lines",
        Node::InSet(_) => "product_set",
        Node::MinSpend { .. } => "min_spend",
        Node::HasLine(_) => "has_line",
        Node::Open => "open",
    }
}

/// The first test that decides why a node does not come out as wanted, as a denial.
pub(super) fn deciding(node: &Node, wanted: bool, path: String, facts: &Facts<'_>) -> Denial {
    let path = format!("{path}.{}", word(node));
    match node {
        Node::All(parts) | Node::Any(parts) => {
            let mut each = parts.iter().enumerate();
            match each.find(|(_, part)| part.holds(facts, None) != wanted) {
                Some((place, part)) => deciding(part, wanted, format!("{path}[{place}]"), facts),
                None => denial(outcome(node, facts), wanted, path),
            }
        }
        Node::Not(part) => deciding(part, !wanted, path, facts),
        Node::Fact(_) | Node::Lines(_) | Node::InSet(_) | Node::MinSpend { .. } | Node::HasLine(_) | Node::Open => {
            denial(outcome(node, facts), wanted, path)
        }
    }
}

fn denial(outcome: Outcome, wanted: bool, path: String) -> Denial {
    let Outcome { have, need, short, .. } = outcome;
    let need = if wanted { need } else { opposite(&need) };
    Denial::ConditionFailed { path, have, need, short: short.filter(|_| wanted) }
}

fn opposite(need: &Fact) -> Fact {
    Fact::said(format!("not: {}", need.words()), format!("不满足：{}", need.words_zh()))
}

/// Says of a node and all within it how they came out; returns whether it holds.
pub(super) fn explain(node: &Node, wanted: bool, path: String, facts: &Facts<'_>, into: &mut Vec<Explained>) -> bool {
    let path = format!("{path}.{}", word(node));
    let place = into.len();
    let inverted = !wanted;
    let group = |parts: &[Node], into: &mut Vec<Explained>| {
        let each = parts.iter().enumerate();
        each.filter(|(place, part)| explain(part, wanted, format!("{path}[{place}]"), facts, into)).count()
    };
    // The node itself comes before what is within it.
    into.push(Explained {
        path: path.clone(),
        holds: false,
        inverted,
        have: Fact::Number(0),
        need: Fact::Number(0),
        short: None,
        texts: ExplainedTexts { en: String::new(), zh_cn: String::new() },
    });
    let (holds, outcome) = match node {
        Node::All(parts) => {
            let count = group(parts, into);
            (count == parts.len(), of_group(count, parts.len(), parts.len()))
        }
        Node::Any(parts) => {
            let count = group(parts, into);
            (count > 0, of_group(count, 1, parts.len()))
        }
        Node::Not(part) => {
            let held = explain(part, !wanted, path, facts, into);
            (!held, of_not(held))
        }
        Node::Fact(_) | Node::Lines(_) | Node::InSet(_) | Node::MinSpend { .. } | Node::HasLine(_) | Node::Open => {
            (node.holds(facts, None), outcome(node, facts))
        }
    };
    if let Some(said) = into.get_mut(place) {
        said.holds = holds;
        said.texts = outcome.texts();
        (said.have, said.need, said.short) = (outcome.have, outcome.need, outcome.short);
    }
    holds
}

fn of_group(held: usize, least: usize, all: usize) -> Outcome {
    let number = |count: usize| Fact::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let title = (format!("of {all} conditions"), format!("{all} 项条件中"));
    Outcome { title, have: number(held), need: number(least), short: None }
}

fn of_not(held: bool) -> Outcome {
    let have =
        if held { Fact::said("that it holds", "满足") } else { Fact::said("that it does not hold", "不满足") };
    let title = ("not".to_owned(), "否定".to_owned());
    Outcome { title, have, need: Fact::said("that it does not hold", "不满足"), short: None }
}
