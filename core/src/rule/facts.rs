//! An order as conditions see it, and whether one holds. Nothing here allocates.

use std::cell::Cell;

use super::attribute::AttrValue;
use super::compile::{Exec, Filter, Leaf, LinesNode, Measure, Node, NumberOf};
use super::condition::Matching;
use super::exec::Texts;
use super::fact::{AttributeOf, FactName, FactType, KnownFact};
use super::line_filter::ProductSets;
use super::place::Point;
use super::{Line, Order};
use crate::time::{Instant, Local, Zone, parse_date};

/// Everything that a condition may ask: the order, the sets that it names, the moment, and the zone in which days are counted.
pub(crate) struct Facts<'a> {
    pub order: &'a Order,
    pub sets: &'a ProductSets,
    pub now: Instant,
    pub zone: &'a Zone,
    subtotal: Cell<Option<i64>>,
    local: Cell<Option<Local>>,
}

impl<'a> Facts<'a> {
    /// Of an order that was checked: its sums do not overflow.
    pub(crate) fn new(order: &'a Order, sets: &'a ProductSets, now: Instant, zone: &'a Zone) -> Self {
        Self { order, sets, now, zone, subtotal: Cell::new(None), local: Cell::new(None) }
    }

    pub(super) fn subtotal(&self) -> i64 {
        self.subtotal.get().unwrap_or_else(|| {
            let sum = self.order.lines.iter().map(|line| line.amount_minor).sum();
            self.subtotal.set(Some(sum));
            sum
        })
    }

    fn local(&self) -> Local {
        self.local.get().unwrap_or_else(|| {
            let local = self.zone.local(self.now);
            self.local.set(Some(local));
            local
        })
    }

    fn attr(&self, of: AttributeOf, name: &str, line: Option<&'a Line>) -> Option<&'a AttrValue> {
        match of {
            AttributeOf::Order => self.order.attrs.get(name),
            AttributeOf::Holder => self.order.holder_attrs.get(name),
            AttributeOf::Line => line?.attrs.get(name),
        }
    }

    /// A fact of a type that is counted as whole numbers.
    pub(super) fn int(&self, leaf: &Leaf, line: Option<&'a Line>) -> Option<i64> {
        match &leaf.fact {
            FactName::Known(known) => self.known_int(*known, line),
            FactName::Attr(of, name) => match (leaf.of, self.attr(*of, name, line)?) {
                (FactType::Money | FactType::Integer, AttrValue::Integer(value)) => Some(*value),
                (FactType::Boolean, AttrValue::Boolean(value)) => Some(i64::from(*value)),
                (FactType::Instant, AttrValue::Text(text)) => Instant::parse("", text).ok().map(Instant::millis),
                (FactType::Date, AttrValue::Text(text)) => parse_date("", text).ok(),
                _ => None,
            },
        }
    }

    fn known_int(&self, known: KnownFact, line: Option<&Line>) -> Option<i64> {
        let order = self.order;
        let placed = || order.placed_at.map(|at| self.zone.local(at));
        match known {
            KnownFact::OrderSubtotal => Some(self.subtotal()),
            KnownFact::OrderLines => i64::try_from(order.lines.len()).ok(),
            KnownFact::OrderQuantity => Some(order.lines.iter().map(|line| i64::from(line.quantity)).sum()),
            KnownFact::OrderPlacedAt => order.placed_at.map(Instant::millis),
            KnownFact::OrderPlacedDate => placed().map(|local| local.day),
            KnownFact::OrderPlacedTime => placed().map(|local| local.second),
            KnownFact::OrderPlacedWeekday => placed().map(Local::weekday),
            KnownFact::HolderNewCustomer => order.new_customer.map(i64::from),
            KnownFact::Now => Some(self.now.millis()),
            KnownFact::NowDate => Some(self.local().day),
            KnownFact::NowTime => Some(self.local().second),
            KnownFact::NowWeekday => Some(self.local().weekday()),
            KnownFact::LineQuantity => line.map(|line| i64::from(line.quantity)),
            KnownFact::LineAmount => line.map(|line| line.amount_minor),
            KnownFact::LineUnitPrice => line.map(|line| line.amount_minor / i64::from(line.quantity.max(1))),
            KnownFact::OrderCurrency
            | KnownFact::OrderSource
            | KnownFact::StoreId
            | KnownFact::Channel
            | KnownFact::PaymentMethod
            | KnownFact::DeviceKind
            | KnownFact::Place
            | KnownFact::PlaceRegion
            | KnownFact::HolderSegments
            | KnownFact::LineProduct
            | KnownFact::LineCategories
            | KnownFact::LineTags => None,
        }
    }

    pub(super) fn text(&self, leaf: &Leaf, line: Option<&'a Line>) -> Option<&'a str> {
        let order = self.order;
        let known = match &leaf.fact {
            FactName::Known(known) => *known,
            FactName::Attr(of, name) => {
                return match self.attr(*of, name, line)? {
                    AttrValue::Text(text) => Some(text),
                    AttrValue::Boolean(_) | AttrValue::Integer(_) | AttrValue::Texts(_) => None,
                };
            }
        };
        match known {
            KnownFact::OrderCurrency => Some(order.currency.code()),
            KnownFact::OrderSource => order.source.as_deref(),
            KnownFact::StoreId => order.store.as_deref(),
            KnownFact::Channel => order.channel.as_deref(),
            KnownFact::PaymentMethod => order.payment_method.as_deref(),
            KnownFact::DeviceKind => order.device_kind.as_deref(),
            KnownFact::PlaceRegion => order.place.as_ref().and_then(|place| place.region.as_deref()),
            KnownFact::LineProduct => line.map(|line| line.product.as_str()),
            KnownFact::OrderSubtotal
            | KnownFact::OrderLines
            | KnownFact::OrderQuantity
            | KnownFact::OrderPlacedAt
            | KnownFact::OrderPlacedDate
            | KnownFact::OrderPlacedTime
            | KnownFact::OrderPlacedWeekday
            | KnownFact::Place
            | KnownFact::HolderSegments
            | KnownFact::HolderNewCustomer
            | KnownFact::Now
            | KnownFact::NowDate
            | KnownFact::NowTime
            | KnownFact::NowWeekday
            | KnownFact::LineCategories
            | KnownFact::LineTags
            | KnownFact::LineQuantity
            | KnownFact::LineAmount
            | KnownFact::LineUnitPrice => None,
        }
    }

    /// A set of texts; one that the order lacks is empty.
    pub(super) fn texts(&self, leaf: &Leaf, line: Option<&'a Line>) -> Texts<'a> {
        let found = match (&leaf.fact, line) {
            (FactName::Known(KnownFact::HolderSegments), _) => return Texts::Set(&self.order.segments),
            (FactName::Known(KnownFact::LineCategories), Some(line)) => Some(&line.categories),
            (FactName::Known(KnownFact::LineTags), Some(line)) => Some(&line.tags),
            (FactName::Known(_), _) => None,
            (FactName::Attr(of, name), line) => match self.attr(*of, name, line) {
                Some(AttrValue::Texts(texts)) => Some(texts),
                Some(AttrValue::Boolean(_) | AttrValue::Integer(_) | AttrValue::Text(_)) | None => None,
            },
        };
        Texts::List(found.map_or(&[], Vec::as_slice))
    }

    pub(super) fn point(&self) -> Option<Point> {
        self.order.place.as_ref().and_then(|place| place.point)
    }

    fn has(&self, leaf: &Leaf, line: Option<&'a Line>) -> bool {
        match leaf.of {
            FactType::Text => self.text(leaf, line).is_some(),
            FactType::Texts => !self.texts(leaf, line).is_empty(),
            FactType::Place => self.point().is_some(),
            FactType::Money
            | FactType::Integer
            | FactType::Boolean
            | FactType::Instant
            | FactType::Date
            | FactType::TimeOfDay
            | FactType::Weekday => self.int(leaf, line).is_some(),
        }
    }
}

impl Leaf {
    /// A fact that the order lacks passes no test but `exists: false`.
    pub(super) fn holds<'a>(&self, facts: &Facts<'a>, line: Option<&'a Line>) -> bool {
        match &self.exec {
            Exec::Int(test) => facts.int(self, line).is_some_and(|value| test.holds(value)),
            Exec::Text(test) => facts.text(self, line).is_some_and(|text| test.holds(text)),
            Exec::Texts(test) => test.holds(facts.texts(self, line)),
            Exec::Area(area) => facts.point().is_some_and(|point| area.holds(point)),
            Exec::Exists(wanted) => facts.has(self, line) == *wanted,
        }
    }
}

impl Filter {
    pub(crate) fn picks(&self, line: &Line, sets: &ProductSets) -> bool {
        let listed = self.products.0.is_empty() || self.products.has(&line.product);
        listed
            && self.set.as_ref().is_none_or(|set| sets.get(set).is_some_and(|set| set.contains(&line.product)))
            && (self.categories.0.is_empty() || line.categories.iter().any(|have| self.categories.has(have)))
    }

    pub(super) fn sum(&self, order: &Order, sets: &ProductSets) -> i64 {
        order.lines.iter().filter(|line| self.picks(line, sets)).map(|line| line.amount_minor).sum()
    }
}

impl LinesNode {
    /// The lines that are meant.
    fn meant<'a, 'b>(&'b self, facts: &'b Facts<'a>) -> impl Iterator<Item = &'a Line> + 'b {
        let all = facts.order.lines.iter();
        all.filter(move |line| self.of.as_ref().is_none_or(|of| of.holds(facts, Some(line))))
    }

    pub(super) fn count(&self, facts: &Facts<'_>) -> i64 {
        i64::try_from(self.meant(facts).count()).unwrap_or(i64::MAX)
    }

    pub(super) fn number(&self, of: NumberOf, facts: &Facts<'_>) -> i64 {
        match of {
            NumberOf::Count => self.count(facts),
            NumberOf::Quantity => self.meant(facts).map(|line| i64::from(line.quantity)).sum(),
            NumberOf::Sum => self.meant(facts).map(|line| line.amount_minor).sum(),
        }
    }

    fn holds(&self, facts: &Facts<'_>) -> bool {
        match &self.measure {
            Measure::Matching(Matching::Any) => self.meant(facts).next().is_some(),
            Measure::Matching(Matching::All) => self.meant(facts).count() == facts.order.lines.len(),
            Measure::Matching(Matching::None) => self.meant(facts).next().is_none(),
            Measure::Number { of, exec, .. } => exec.holds(self.number(*of, facts)),
        }
    }
}

impl Node {
    pub(super) fn holds<'a>(&self, facts: &Facts<'a>, line: Option<&'a Line>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(facts, line)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(facts, line)),
            Self::Not(part) => !part.holds(facts, line),
            Self::Fact(leaf) => leaf.holds(facts, line),
            Self::Lines(lines) => lines.holds(facts),
            Self::InSet(set) => {
                line.is_some_and(|line| facts.sets.get(set).is_some_and(|set| set.contains(&line.product)))
            }
            Self::MinSpend { minor, lines: None } => facts.subtotal() >= *minor,
            Self::MinSpend { minor, lines: Some(filter) } => filter.sum(facts.order, facts.sets) >= *minor,
            Self::HasLine(filter) => facts.order.lines.iter().any(|line| filter.picks(line, facts.sets)),
            Self::Open => false,
        }
    }
}
