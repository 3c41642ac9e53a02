//! Keys: what orders may have, numbered, as long as an entry asks for it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use smol_str::SmolStr;

use super::shelf::Shelf;
use crate::rule::{FactName, FactType, Facts, Need, Order, ProductSet, ProductSets, Said};
use crate::time::{Instant, Zone};

/// No order of a map is ever told, so hashing may be the same everywhere and needs no chance.
type Hashed<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// A key by what it stands for, to be found when nobody asks for it any more.
#[derive(Debug, Clone)]
enum Name {
    /// A text of the fact at a place of the list.
    Says(usize, SmolStr),
    InSet((String, u32)),
    Span(Span),
}

/// A piece of time: so many doublings of a millisecond, and which of them since 1970.
pub(super) type Span = (u32, i64);

#[derive(Debug, Clone)]
struct Row {
    name: Name,
    /// How many entries ask for it.
    uses: usize,
    shelf: Shelf,
}

#[derive(Debug, Clone)]
struct Fact {
    said: Said,
    texts: Hashed<SmolStr, u32>,
}

#[derive(Debug, Clone)]
struct OwnSet {
    number: u32,
    set: Arc<ProductSet>,
}

#[derive(Debug, Clone)]
pub(super) struct Keys {
    /// By number; empty ones are free.
    rows: Vec<Option<Row>>,
    free: Vec<u32>,
    facts: Vec<Fact>,
    sets: BTreeMap<(String, u32), OwnSet>,
    /// The sets in which a product is.
    in_sets: Hashed<SmolStr, Vec<u32>>,
    spans: BTreeMap<Span, u32>,
    /// Facts ask for one; no text hangs on it.
    zone: Zone,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            free: Vec::new(),
            facts: Vec::new(),
            sets: BTreeMap::new(),
            in_sets: Hashed::default(),
            spans: BTreeMap::new(),
            zone: Zone::utc(),
        }
    }
}

impl Keys {
    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.rows.len() - self.free.len()
    }

    pub(super) fn shelf(&self, number: u32) -> Option<&Shelf> {
        Some(&self.row(number)?.shelf)
    }

    pub(super) fn shelf_mut(&mut self, number: u32) -> Option<&mut Shelf> {
        Some(&mut self.row_mut(number)?.shelf)
    }

    /// The number of something that an entry asks for; nothing of a set whose products are not at hand.
    pub(super) fn of_need(&mut self, need: Need, sets: &ProductSets) -> Option<u32> {
        match need {
            Need::Says(fact, of, text) => Some(self.of_text(fact, of, text)),
            Need::InSet(name, version) => self.of_set((name, version), sets),
        }
    }

    fn of_text(&mut self, fact: FactName, of: FactType, text: SmolStr) -> u32 {
        let place = self.facts.iter().position(|known| known.said.is_of(&fact, of)).unwrap_or_else(|| {
            self.facts.push(Fact { said: Said::new(fact, of), texts: Hashed::default() });
            self.facts.len() - 1
        });
        if let Some(number) = self.facts.get(place).and_then(|fact| fact.texts.get(text.as_str())).copied() {
            return self.once_more(number);
        }
        let number = self.new_row(Name::Says(place, text.clone()));
        if let Some(fact) = self.facts.get_mut(place) {
            fact.texts.insert(text, number);
        }
        number
    }

    fn of_set(&mut self, name: (String, u32), sets: &ProductSets) -> Option<u32> {
        if let Some(own) = self.sets.get(&name) {
            let number = own.number;
            return Some(self.once_more(number));
        }
        let set = Arc::clone(sets.get(&name)?);
        let number = self.new_row(Name::InSet(name.clone()));
        for product in &set.products {
            self.in_sets.entry(SmolStr::new(product)).or_default().push(number);
        }
        self.sets.insert(name, OwnSet { number, set });
        Some(number)
    }

    pub(super) fn of_span(&mut self, span: Span) -> u32 {
        if let Some(number) = self.spans.get(&span).copied() {
            return self.once_more(number);
        }
        let number = self.new_row(Name::Span(span));
        self.spans.insert(span, number);
        number
    }

    /// An entry does not ask for it any more.
    pub(super) fn release(&mut self, number: u32) {
        let Some(row) = self.row_mut(number) else { return };
        row.uses -= 1;
        if row.uses > 0 {
            return;
        }
        match self.rows.get_mut(number as usize).and_then(Option::take).map(|row| row.name) {
            Some(Name::Says(place, text)) => {
                self.facts.get_mut(place).and_then(|fact| fact.texts.remove(text.as_str()));
            }
            Some(Name::Span(span)) => drop(self.spans.remove(&span)),
            Some(Name::InSet(name)) => {
                if let Some(own) = self.sets.remove(&name) {
                    own.set.products.iter().for_each(|product| self.leave_set(product, number));
                }
            }
            None => {}
        }
        self.free.push(number);
    }

    fn leave_set(&mut self, product: &str, number: u32) {
        let Some(numbers) = self.in_sets.get_mut(product) else { return };
        numbers.retain(|other| *other != number);
        if numbers.is_empty() {
            self.in_sets.remove(product);
        }
    }

    /// The numbers of all that an order has, rising.
    pub(super) fn of_order(&self, order: &Order, at: Instant) -> Vec<u32> {
        let none = ProductSets::new();
        let facts = Facts::new(order, &none, at, &self.zone);
        let mut has = Vec::new();
        for fact in self.facts.iter().filter(|fact| !fact.texts.is_empty()) {
            fact.said.each(&facts, |text| has.extend(fact.texts.get(text)));
        }
        if !self.in_sets.is_empty() {
            let of_line = |line: &crate::rule::Line| self.in_sets.get(line.product.as_str());
            has.extend(order.lines.iter().filter_map(of_line).flatten());
        }
        has.extend(self.spans_at(at));
        has.sort_unstable();
        has.dedup();
        has
    }

    /// Of each length of time that there is, the piece in which a moment lies.
    fn spans_at(&self, at: Instant) -> impl Iterator<Item = u32> + '_ {
        let mut lengths = self.spans.keys().next().map(|(length, _)| *length);
        std::iter::from_fn(move || {
            let length = lengths?;
            lengths = self.spans.range((length + 1, i64::MIN)..).next().map(|((longer, _), _)| *longer);
            Some(self.spans.get(&(length, at.millis() >> length)).copied())
        })
        .flatten()
    }

    fn row(&self, number: u32) -> Option<&Row> {
        self.rows.get(number as usize)?.as_ref()
    }

    fn row_mut(&mut self, number: u32) -> Option<&mut Row> {
        self.rows.get_mut(number as usize)?.as_mut()
    }

    fn once_more(&mut self, number: u32) -> u32 {
        if let Some(row) = self.row_mut(number) {
            row.uses += 1;
        }
        number
    }

    fn new_row(&mut self, name: Name) -> u32 {
        let row = Some(Row { name, uses: 1, shelf: Shelf::default() });
        if let Some(number) = self.free.pop()
            && let Some(free) = self.rows.get_mut(number as usize)
        {
            *free = row;
            return number;
        }
        self.rows.push(row);
        u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX)
    }
}
