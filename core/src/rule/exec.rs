//! Tests made ready: whole numbers as ranges, texts as sorted lists. Making one takes time once; asking one allocates nothing.

use std::collections::BTreeSet;

/// A test of a number: whether it lies in one of the ranges, both ends included; or in none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IntTest {
    /// Sorted, none empty, none touching another.
    pub ranges: Box<[(i64, i64)]>,
    pub outside: bool,
}

impl IntTest {
    pub(super) fn of(ranges: impl IntoIterator<Item = (i64, i64)>) -> Self {
        Self { ranges: joined(ranges.into_iter().collect()).into(), outside: false }
    }

    pub(super) fn but(self) -> Self {
        Self { outside: !self.outside, ..self }
    }

    pub(super) fn holds(&self, value: i64) -> bool {
        let inside = match &*self.ranges {
            [(least, most)] => *least <= value && value <= *most,
            ranges => {
                let next = ranges.partition_point(|(_, most)| *most < value);
                ranges.get(next).is_some_and(|(least, _)| *least <= value)
            }
        };
        inside != self.outside
    }

    /// The least number above `value` that would do.
    pub(super) fn next_above(&self, value: i64) -> Option<i64> {
        if self.outside {
            return value.checked_add(1).filter(|next| self.holds(*next));
        }
        self.ranges.iter().map(|(least, _)| *least).find(|least| *least > value)
    }
}

/// Sorts ranges and joins those that touch.
pub(super) fn joined(mut ranges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    ranges.retain(|(least, most)| least <= most);
    ranges.sort_unstable();
    let mut done: Vec<(i64, i64)> = Vec::with_capacity(ranges.len());
    for (least, most) in ranges {
        match done.last_mut() {
            Some(last) if last.1.saturating_add(1) >= least => last.1 = last.1.max(most),
            Some(_) | None => done.push((least, most)),
        }
    }
    done
}

/// Texts, sorted, none twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sorted(pub Box<[String]>);

impl Sorted {
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts: BTreeSet<&str> = texts.into_iter().collect();
        Self(texts.into_iter().map(str::to_owned).collect())
    }

    pub(super) fn has(&self, text: &str) -> bool {
        match &*self.0 {
            // A short list is looked through faster than it is halved.
            short if short.len() <= 4 => short.iter().any(|have| have == text),
            long => long.binary_search_by(|have| have.as_str().cmp(text)).is_ok(),
        }
    }
}

/// A test of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextTest {
    OneOf(Sorted),
    NoneOf(Sorted),
    Prefix(String),
}

impl TextTest {
    pub(super) fn holds(&self, text: &str) -> bool {
        match self {
            Self::OneOf(texts) => texts.has(text),
            Self::NoneOf(texts) => !texts.has(text),
            Self::Prefix(prefix) => text.starts_with(prefix),
        }
    }
}

/// A set of texts as an order has it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Texts<'a> {
    List(&'a [String]),
    Set(&'a BTreeSet<String>),
}

impl<'a> Texts<'a> {
    pub(super) fn is_empty(self) -> bool {
        match self {
            Self::List(texts) => texts.is_empty(),
            Self::Set(texts) => texts.is_empty(),
        }
    }

    fn has(self, text: &str) -> bool {
        match self {
            Self::List(texts) => texts.iter().any(|have| have == text),
            Self::Set(texts) => texts.contains(text),
        }
    }

    pub(super) fn each(self, tell: impl FnMut(&'a str)) {
        match self {
            Self::List(texts) => texts.iter().map(String::as_str).for_each(tell),
            Self::Set(texts) => texts.iter().map(String::as_str).for_each(tell),
        }
    }

    pub(super) fn to_vec(self) -> Vec<&'a str> {
        match self {
            Self::List(texts) => texts.iter().map(String::as_str).collect(),
            Self::Set(texts) => texts.iter().map(String::as_str).collect(),
        }
    }
}

/// A test of a set of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextsTest {
    Any(Sorted),
    All(Sorted),
    None(Sorted),
}

impl TextsTest {
    pub(super) fn holds(&self, texts: Texts<'_>) -> bool {
        match self {
            Self::Any(wanted) => wanted.0.iter().any(|text| texts.has(text)),
            Self::All(wanted) => wanted.0.iter().all(|text| texts.has(text)),
            Self::None(unwanted) => !unwanted.0.iter().any(|text| texts.has(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_at_their_ends_and_next_to_them() {
        let test = IntTest::of([(10, 20), (30, 30), (21, 22)]);
        assert_eq!(*test.ranges, [(10, 22), (30, 30)], "those that touch are joined");
        for (value, holds) in [(9, false), (10, true), (22, true), (23, false), (29, false), (30, true), (31, false)] {
            assert_eq!(test.holds(value), holds, "{value}");
            assert_eq!(test.clone().but().holds(value), !holds, "{value}");
        }
        assert_eq!((test.next_above(5), test.next_above(25), test.next_above(30)), (Some(10), Some(30), None));
        assert_eq!(IntTest::of([(i64::MIN, i64::MAX)]).but().next_above(i64::MAX), None);
    }

    #[test]
    fn sets_are_asked_for_any_all_and_none() {
        let have = ["a".to_owned(), "b".to_owned()];
        let set = |texts: &[&str]| Sorted::of(texts.iter().copied());
        assert!(TextsTest::Any(set(&["b", "c"])).holds(Texts::List(&have)));
        assert!(!TextsTest::All(set(&["b", "c"])).holds(Texts::List(&have)));
        assert!(TextsTest::None(set(&["c", "d"])).holds(Texts::List(&have)));
        assert!(TextsTest::None(set(&["c"])).holds(Texts::Set(&BTreeSet::new())));
    }
}
