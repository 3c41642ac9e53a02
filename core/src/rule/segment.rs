//! Orders by what one of their facts says: the segments of a report.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::attribute::Attributes;
use super::compile::{Exec, Leaf};
use super::fact::{FactName, FactOf, FactType, Form};
use super::facts::Facts;
use super::operator::Test;
use crate::Invalid;
use crate::time::{WEEKDAYS, date_text};

/// By which fact orders are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentBy {
    /// A fact of the order as conditions name it, such as `store.id`, `holder.segments`, `now.weekday` or `order.subtotal`. Moments, times of
    /// day and places are none.
    pub fact: String,
    /// Of amounts and whole numbers, which need them: where one band ends and the next begins; 1 to 50, rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bands: Vec<i64>,
}

/// Most bands are cut so many times.
const BANDS_MAX: usize = 50;

/// Which segment an order lies in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Segment {
    /// Of orders that say so.
    Value(SmolStr),
    /// Of orders whose number lies in the band of that place, from 0.
    Band(usize),
    /// Of orders that lack the fact.
    Lacking,
}

/// [`SegmentBy`], ready to be asked.
pub(crate) struct Segmented {
    by: SegmentBy,
    leaf: Leaf,
}

impl Segmented {
    /// `field` is where it stands.
    pub(crate) fn new(field: &str, by: SegmentBy, declared: &Attributes) -> Result<Self, Invalid> {
        let at_fact = format!("{field}.fact");
        let fact = FactName::parse(&at_fact, &by.fact, FactOf::Order)?;
        let of = match &fact {
            FactName::Known(known) => known.fact_type(),
            FactName::Attr(..) => declared
                .type_of(&by.fact)
                .ok_or_else(|| Invalid::new(&at_fact, &by.fact, "an attribute that the tenant declares"))?,
        };
        let in_bands = matches!(of, FactType::Money | FactType::Integer);
        if matches!(of, FactType::Instant | FactType::TimeOfDay | FactType::Place) || fact.is_private(of) {
            let allowed = "a text, a set of texts, true or false, a day, a day of the week, an amount or a number, and no personal text";
            return Err(Invalid::new(&at_fact, &by.fact, allowed));
        }
        let rising = by.bands.is_sorted_by(|left, right| left < right);
        let bands = if in_bands { 1..=BANDS_MAX } else { 0..=0 };
        if !rising || !bands.contains(&by.bands.len()) {
            let allowed = match in_bands {
                true => "1 to 50 numbers, each more than the one before",
                false => "nothing, for a fact that is no number",
            };
            return Err(Invalid::new(format!("{field}.bands"), by.bands.len(), allowed));
        }
        Ok(Self { by, leaf: Leaf { fact, of, test: Test::Exists(true), exec: Exec::Exists(true) } })
    }

    pub(crate) fn fact(&self) -> &str {
        &self.by.fact
    }

    /// From which number a band goes, and below which one it ends.
    pub(crate) fn band(&self, place: usize) -> (Option<i64>, Option<i64>) {
        let from = place.checked_sub(1).and_then(|before| self.by.bands.get(before)).copied();
        (from, self.by.bands.get(place).copied())
    }

    /// Tells every segment that an order lies in: one, or one for each text of a set.
    pub(crate) fn each(&self, facts: &Facts<'_>, mut tell: impl FnMut(Segment)) {
        match self.leaf.of.form() {
            Form::Texts => {
                let texts = facts.texts(&self.leaf, None);
                if texts.is_empty() {
                    tell(Segment::Lacking);
                }
                texts.to_vec().into_iter().for_each(|text| tell(Segment::Value(SmolStr::new(text))));
            }
            Form::Text => tell(said(facts.text(&self.leaf, None).map(SmolStr::new))),
            Form::Int => tell(self.of_number(facts.int(&self.leaf, None))),
            // Refused before.
            Form::Place => tell(Segment::Lacking),
        }
    }

    fn of_number(&self, value: Option<i64>) -> Segment {
        let Some(value) = value else { return Segment::Lacking };
        let weekday = || usize::try_from(value).ok().and_then(|at| WEEKDAYS.get(at)).copied();
        match self.leaf.of {
            FactType::Boolean => said(Some(SmolStr::new_static(if value == 0 { "false" } else { "true" }))),
            FactType::Date => said(Some(SmolStr::from(date_text(value)))),
            FactType::Weekday => said(weekday().map(SmolStr::new_static)),
            _ => Segment::Band(self.by.bands.partition_point(|end| *end <= value)),
        }
    }
}

fn said(value: Option<SmolStr>) -> Segment {
    value.map_or(Segment::Lacking, Segment::Value)
}
