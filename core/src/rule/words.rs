//! Conditions as people read them: what is needed and what is there, in English and Chinese.

use super::Line;
use super::compile::{Filter, Leaf, NumberOf};
use super::condition::Matching;
use super::exec::Texts;
use super::fact::{FactType, Form};
use super::facts::Facts;
use super::operator::{Scalar, Test};
use crate::denial::Fact;
use crate::money::Currency;
use crate::time::{Instant, WEEKDAYS, date_text, time_text};

/// Most values of a list that are told.
const TOLD_MAX: usize = 10;

const WEEKDAYS_ZH: [&str; 7] = ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"];

/// A number as a value of its type.
pub(super) fn number(of: FactType, value: i64, currency: Currency) -> Fact {
    match of {
        FactType::Money => Fact::money(currency, value),
        FactType::Boolean if value == 0 => Fact::said("no", "否"),
        FactType::Boolean => Fact::said("yes", "是"),
        FactType::Instant => Fact::text(Instant::from_millis("", value).unwrap_or(Instant::EPOCH).to_string()),
        FactType::Date => Fact::text(date_text(value)),
        FactType::TimeOfDay => Fact::text(time_text(value)),
        FactType::Weekday => {
            let at = |days: [&'static str; 7]| usize::try_from(value).ok().and_then(|at| days.get(at).copied());
            Fact::said(at(WEEKDAYS).unwrap_or_default(), at(WEEKDAYS_ZH).unwrap_or_default())
        }
        FactType::Integer | FactType::Text | FactType::Texts | FactType::Place => Fact::Number(value),
    }
}

/// A value that a test names.
fn scalar(of: FactType, scalar: &Scalar, currency: Currency) -> Fact {
    match scalar {
        Scalar::Integer(value) => number(of, *value, currency),
        Scalar::Boolean(value) => number(FactType::Boolean, i64::from(*value), currency),
        Scalar::Text(text) => match WEEKDAYS.iter().position(|day| of == FactType::Weekday && day == text) {
            Some(day) => number(of, i64::try_from(day).unwrap_or(0), currency),
            None => Fact::text(text.clone()),
        },
    }
}

fn joined(values: &[Fact], end: &str) -> Fact {
    let told = |words: fn(&Fact) -> String, comma: &str, end: &str| {
        let mut told: Vec<_> = values.iter().take(TOLD_MAX).map(words).collect();
        if values.len() > TOLD_MAX {
            told.push("…".to_owned());
        }
        match told.split_last() {
            Some((last, rest)) if !rest.is_empty() && !end.is_empty() => format!("{} {end} {last}", rest.join(comma)),
            _ => told.join(comma),
        }
    };
    Fact::said(told(Fact::words, ", ", end), told(Fact::words_zh, "、", ""))
}

fn frame(inner: &Fact, en: (&str, &str), zh: (&str, &str)) -> Fact {
    let (inner_en, inner_zh) = (inner.words(), inner.words_zh());
    Fact::said(format!("{}{inner_en}{}", en.0, en.1), format!("{}{inner_zh}{}", zh.0, zh.1))
}

/// What a test asks for, in words.
pub(super) fn need(of: FactType, test: &Test, currency: Currency) -> Fact {
    let moment = matches!(of, FactType::Instant | FactType::Date | FactType::TimeOfDay);
    let one = |value: &Scalar| scalar(of, value, currency);
    let list = |values: &[Scalar], end: &str| joined(&values.iter().map(one).collect::<Vec<_>>(), end);
    let texts = |values: &[String], end: &str| {
        joined(&values.iter().map(|text| Fact::text(text.clone())).collect::<Vec<_>>(), end)
    };
    match test {
        Test::Eq(value) => one(value),
        Test::Ne(value) => frame(&one(value), ("anything but ", ""), ("不是", "")),
        Test::Gt(value) if moment => frame(&one(value), ("later than ", ""), ("晚于 ", "")),
        Test::Gt(value) => frame(&one(value), ("more than ", ""), ("高于 ", "")),
        Test::AtLeast(value) if moment => frame(&one(value), ("", " or later"), ("", " 或之后")),
        Test::AtLeast(value) => frame(&one(value), ("at least ", ""), ("至少 ", "")),
        Test::Lt(value) if moment => frame(&one(value), ("before ", ""), ("早于 ", "")),
        Test::Lt(value) => frame(&one(value), ("less than ", ""), ("低于 ", "")),
        Test::AtMost(value) if moment => frame(&one(value), ("", " or earlier"), ("", " 或之前")),
        Test::AtMost(value) => frame(&one(value), ("at most ", ""), ("至多 ", "")),
        Test::Between([from, to]) => {
            let (from, to) = (one(from), one(to));
            let en = format!("{} to {}", from.words(), to.words());
            Fact::said(en, format!("{} 至 {}", from.words_zh(), to.words_zh()))
        }
        Test::In(values) => frame(&list(values, "or"), ("", ""), ("", " 之一")),
        Test::NotIn(values) => frame(&list(values, "or"), ("anything but ", ""), ("不是 ", "")),
        Test::Prefix(prefix) => {
            frame(&Fact::text(prefix.clone()), ("something that begins with ", ""), ("以 ", " 开头"))
        }
        Test::ContainsAny(values) => frame(&texts(values, "or"), ("", ""), ("含 ", " 之一")),
        Test::ContainsAll(values) => frame(&texts(values, "and"), ("", ""), ("含 ", "")),
        Test::ContainsNone(values) => frame(&texts(values, "or"), ("nothing of ", ""), ("不含 ", "")),
        Test::Exists(true) => Fact::said("something", "有值"),
        Test::Exists(false) => Fact::said("nothing", "无值"),
        Test::Within(circle) => {
            Fact::said(format!("a place within {} m", circle.metres), format!("{} 米以内", circle.metres))
        }
        Test::Inside(_) => Fact::said("a place inside of the area", "区域内"),
    }
}

/// What the order has of a fact. A person's own values are not told.
pub(super) fn have<'a>(leaf: &Leaf, facts: &Facts<'a>, line: Option<&'a Line>) -> Fact {
    let nothing = || Fact::said("nothing", "无");
    let hidden = leaf.fact.is_private(leaf.of);
    let private = || Fact::said("another value", "其他值");
    match leaf.of.form() {
        Form::Text => match facts.text(leaf, line) {
            Some(_) if hidden => private(),
            Some(text) => Fact::text(text),
            None => nothing(),
        },
        Form::Texts => {
            let texts = facts.texts(leaf, line);
            if texts.is_empty() {
                return nothing();
            }
            if hidden { private() } else { list(texts) }
        }
        Form::Place => match (facts.point(), &leaf.test) {
            (Some(point), Test::Within(circle)) => {
                let metres = circle.metres_to(point);
                Fact::said(format!("a place {metres} m away"), format!("相距 {metres} 米"))
            }
            (Some(_), _) => Fact::said("another place", "其他位置"),
            (None, _) => nothing(),
        },
        Form::Int => match facts.int(leaf, line) {
            Some(_) if hidden => private(),
            Some(value) => number(leaf.of, value, facts.order.currency),
            None => nothing(),
        },
    }
}

fn list(texts: Texts<'_>) -> Fact {
    joined(&texts.to_vec().into_iter().map(Fact::text).collect::<Vec<_>>(), "")
}

/// What is asked of how many lines match.
pub(super) fn need_match(matching: Matching, all: usize) -> Fact {
    match matching {
        Matching::Any => Fact::said("a line that is so", "至少一行符合"),
        Matching::All => Fact::said(format!("all of {all} lines to be so"), format!("{all} 行全部符合")),
        Matching::None => Fact::said("no line that is so", "没有一行符合"),
    }
}

/// How many lines match.
pub(super) fn have_match(count: i64, all: usize) -> Fact {
    Fact::said(format!("{count} of {all} lines"), format!("{all} 行中 {count} 行"))
}

/// What people call a number of lines.
pub(super) fn title_of(of: NumberOf) -> (&'static str, &'static str) {
    match of {
        NumberOf::Count => ("lines", "符合的行数"),
        NumberOf::Quantity => ("pieces", "符合的件数"),
        NumberOf::Sum => ("their sum", "符合商品的金额"),
    }
}

/// What a filter asks for.
pub(super) fn need_filter(filter: &Filter) -> Fact {
    Fact::text(format!("a line of {}", filter.words))
}
