//! An index over many promotions: which of them an order may meet, without a look at the others. Each is filed once, under the narrowest
//! thing that it needs (docs/decisions/0037-an-index-over-promotions.md); what the index knows of one that it comes across is compared in
//! full, so that how it was filled does not show.

mod keys;
mod shelf;
mod terms;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use self::keys::{Keys, Span};
use self::shelf::Shelf;
use self::terms::{needs_of, window_of};
use super::Order;
use super::plan::stack::{Group, seat_of};
use crate::card::{Combine, Lane, Template};
use crate::rule::{Breadth, Needs, ProductSets, breadth_of};
use crate::time::{Instant, Window};

/// Promotions by what an order must have to meet them: products, sets of products, tags, categories, segments, attributes, store, region, source, channel,
/// currency, a least subtotal, a window of time. An order is answered in time that hangs on what it may meet, not on how many there are.
///
/// ```
/// use cardmint::card::{Benefit, Setting, Template, TemplateDraft};
/// use cardmint::checkout::{Line, Order, PromotionIndex};
/// use cardmint::money::Currency;
/// use cardmint::rule::{LineFilter, Over, ProductSets};
/// use cardmint::time::{Instant, Window, Zone};
///
/// let off = |product: &str| {
///     let lines = LineFilter { products: vec![product.to_owned()], ..LineFilter::default() };
///     let benefit = Benefit::PercentOff { off_bp: Setting::Fixed(1_000), cap_minor: None, over: Over::Lines(lines) };
///     Template::new(1, TemplateDraft::new("ten-off", benefit), Window::default(), Zone::utc())
/// };
/// let mut index = PromotionIndex::new();
/// index.insert("tea", &off("tea"), &ProductSets::new());
/// index.insert("mugs", &off("mug"), &ProductSets::new());
/// let order = Order::new("o", Currency::parse("currency", "CNY")?, [Line::new("1", "tea", 2, 3_000)]);
/// assert_eq!(index.candidates(&order, Instant::EPOCH), ["tea"]);
/// # Ok::<(), cardmint::Invalid>(())
/// ```
#[derive(Debug, Clone)]
pub struct PromotionIndex<Id> {
    /// By number; empty ones are free.
    entries: Vec<Option<Entry<Id>>>,
    free: Vec<u32>,
    numbers: BTreeMap<Id, u32>,
    keys: Keys,
    /// Those of which nothing better is known than that they begin, or that they end.
    starting: BTreeSet<(Instant, u32)>,
    ending: BTreeSet<(Instant, u32)>,
    /// Those of which nothing is known but perhaps what they ask for at least: looked at for every order that comes to so much.
    rest: Shelf,
    /// Of each group those that do not let all of it apply, the narrowest first.
    narrowing: BTreeMap<Group, BTreeSet<(Reverse<Combine>, Id)>>,
}

#[derive(Debug, Clone)]
struct Entry<Id> {
    id: Id,
    least_minor: i64,
    window: Window,
    /// Of each list of keys an order must have one. Keys rise.
    one_of: Box<[Box<[u32]>]>,
    filed: Filed,
    seat: (Group, Combine),
}

/// Where an entry lies.
#[derive(Debug, Clone)]
enum Filed {
    /// On the shelves of one of its lists.
    Under(usize),
    /// On the shelves of the one or two spans of time that cover its window.
    Within(Box<[u32]>),
    Starting(Instant),
    Ending(Instant),
    Rest,
}

/// What an order has to offer.
struct Asked {
    has: Vec<u32>,
    subtotal_minor: i64,
    at: Instant,
}

impl<Id> Default for PromotionIndex<Id> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            numbers: BTreeMap::new(),
            keys: Keys::default(),
            starting: BTreeSet::new(),
            ending: BTreeSet::new(),
            rest: Shelf::default(),
            narrowing: BTreeMap::new(),
        }
    }
}

impl<Id: Ord + Clone> PromotionIndex<Id> {
    /// One without any.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many promotions there are.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The promotions, rising.
    pub fn ids(&self) -> impl Iterator<Item = &Id> {
        self.numbers.keys()
    }

    /// Files a promotion, over the one of the same id. `sets` are the product sets that its template names, by name and version; one that is not among
    /// them may be anything. No other promotion is touched.
    pub fn insert(&mut self, id: Id, template: &Template, sets: &ProductSets) {
        self.remove(&id);
        let number = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        });
        let (entry, breadths) = self.entry(id.clone(), template, sets);
        let filed = self.choose(&entry, &breadths);
        let entry = Entry { filed, ..entry };
        self.put(&entry, number);
        let (group, combine) = entry.seat;
        if combine != Combine::All {
            self.narrowing.entry(group).or_default().insert((Reverse(combine), id.clone()));
        }
        if let Some(slot) = self.entries.get_mut(number as usize) {
            *slot = Some(entry);
        }
        self.numbers.insert(id, number);
    }

    /// Takes a promotion out; says whether it was there.
    pub fn remove(&mut self, id: &Id) -> bool {
        let Some(number) = self.numbers.remove(id) else { return false };
        let Some(entry) = self.entries.get_mut(number as usize).and_then(Option::take) else { return false };
        self.take(&entry, number);
        if let Filed::Within(spans) = &entry.filed {
            spans.iter().for_each(|key| self.keys.release(*key));
        }
        entry.one_of.iter().flatten().for_each(|key| self.keys.release(*key));
        let (group, combine) = entry.seat;
        if let Some(members) = self.narrowing.get_mut(&group) {
            members.remove(&(Reverse(combine), entry.id));
            if members.is_empty() {
                self.narrowing.remove(&group);
            }
        }
        self.free.push(number);
        true
    }

    /// The promotions that an order that was checked may meet at a moment, by their ids, rising. None is missing that is within its window
    /// and takes something off the order or gives something; some may be there that do not.
    pub fn candidates(&self, order: &Order, at: Instant) -> Vec<Id> {
        let asked = self.asked(order, at);
        let mut ids: Vec<Id> = self.entries_of(&asked).map(|entry| entry.id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// The promotions that a plan of an order needs, rising: the candidates, and of each group in which one of them or of the templates `beside`
    /// stands, the one that lets the least of it apply (`combine`): that counts for a group whether it applies or not.
    pub fn needed(&self, order: &Order, at: Instant, beside: &[&Template]) -> Vec<Id> {
        let asked = self.asked(order, at);
        let (mut ids, mut groups) = (BTreeSet::new(), BTreeSet::new());
        for entry in self.entries_of(&asked) {
            ids.insert(entry.id.clone());
            groups.insert(entry.seat.0);
        }
        groups.extend(beside.iter().map(|template| seat_of(template).0));
        let is_open = |id: &&Id| self.get(id).is_some_and(|entry| entry.is_open(at));
        let narrowest = |(lane, rank)| self.narrowing(lane, rank).map(|(_, id)| id).find(is_open);
        ids.extend(groups.into_iter().filter_map(narrowest).cloned());
        ids.into_iter().collect()
    }

    /// The promotions that do not let all of a group apply, the narrowest first, then by id.
    pub(crate) fn narrowing(&self, lane: Lane, rank: i32) -> impl Iterator<Item = (Combine, &Id)> {
        self.narrowing.get(&(lane, rank)).into_iter().flatten().map(|(Reverse(combine), id)| (*combine, id))
    }

    fn get(&self, id: &Id) -> Option<&Entry<Id>> {
        self.entries.get(*self.numbers.get(id)? as usize)?.as_ref()
    }

    fn asked(&self, order: &Order, at: Instant) -> Asked {
        let subtotal_minor = order.lines.iter().map(|line| line.amount_minor).sum();
        Asked { has: self.keys.of_order(order, at), subtotal_minor, at }
    }

    fn entries_of<'a>(&'a self, asked: &'a Asked) -> impl Iterator<Item = &'a Entry<Id>> {
        let mut found = Vec::new();
        self.each_near(asked, |number| found.push(number));
        found.sort_unstable();
        found.dedup();
        let entries = found.into_iter().filter_map(|number| self.entries.get(number as usize)?.as_ref());
        entries.filter(|entry| entry.fits(asked))
    }

    /// What tells orders apart for a promotion, in numbers, and how well each list does.
    fn entry(&mut self, id: Id, template: &Template, sets: &ProductSets) -> (Entry<Id>, Vec<Breadth>) {
        let Needs { one_of, least_minor } = needs_of(template);
        let (mut lists, mut breadths) = (Vec::with_capacity(one_of.len()), Vec::with_capacity(one_of.len()));
        for list in one_of {
            let breadth = breadth_of(&list);
            let count = list.len();
            let mut keys: Vec<u32> = list.into_iter().filter_map(|need| self.keys.of_need(need, sets)).collect();
            if keys.len() < count {
                // One of them may be anything.
                keys.into_iter().for_each(|key| self.keys.release(key));
                continue;
            }
            keys.sort_unstable();
            lists.push(keys.into());
            breadths.push(breadth);
        }
        let (window, seat) = (window_of(template), seat_of(template));
        (Entry { id, least_minor, window, one_of: lists.into(), filed: Filed::Rest, seat }, breadths)
    }

    /// Where an entry is best filed: under what the fewest orders have, of several under what the fewest others lie.
    fn choose(&mut self, entry: &Entry<Id>, breadths: &[Breadth]) -> Filed {
        let lies = |keys: &[u32]| -> usize {
            keys.iter().filter_map(|key| self.keys.shelf(*key)).map(|shelf| shelf.len() + 1).sum()
        };
        let lists = entry.one_of.iter().zip(breadths).enumerate();
        let best = lists.map(|(place, (keys, breadth))| (*breadth, lies(keys), place)).min();
        let best = best.map(|(breadth, _, place)| (breadth, Filed::Under(place)));
        let (narrow, by_currency) = match best {
            Some((Breadth::Currency, filed)) => (None, Some(filed)),
            Some((_, filed)) => (Some(filed), None),
            None => (None, None),
        };
        match (narrow, entry.window) {
            (Some(filed), _) => filed,
            (None, Window { start: Some(start), end: Some(end) }) if start < end => {
                Filed::Within(spans_of(start, end).map(|span| self.keys.of_span(span)).collect())
            }
            // Shelves go by what their entries ask for.
            (None, _) if entry.least_minor > 0 => by_currency.unwrap_or(Filed::Rest),
            (None, Window { start: Some(start), .. }) => Filed::Starting(start),
            (None, Window { end: Some(end), .. }) => Filed::Ending(end),
            (None, Window { start: None, end: None }) => by_currency.unwrap_or(Filed::Rest),
        }
    }

    fn put(&mut self, entry: &Entry<Id>, number: u32) {
        let spot = (entry.least_minor, number);
        match &entry.filed {
            Filed::Starting(start) => drop(self.starting.insert((*start, number))),
            Filed::Ending(end) => drop(self.ending.insert((*end, number))),
            Filed::Rest => self.rest.put(spot),
            Filed::Under(_) | Filed::Within(_) => {
                for key in entry.shelves() {
                    if let Some(shelf) = self.keys.shelf_mut(*key) {
                        shelf.put(spot);
                    }
                }
            }
        }
    }

    fn take(&mut self, entry: &Entry<Id>, number: u32) {
        let spot = (entry.least_minor, number);
        match &entry.filed {
            Filed::Starting(start) => drop(self.starting.remove(&(*start, number))),
            Filed::Ending(end) => drop(self.ending.remove(&(*end, number))),
            Filed::Rest => self.rest.take(spot),
            Filed::Under(_) | Filed::Within(_) => {
                for key in entry.shelves() {
                    if let Some(shelf) = self.keys.shelf_mut(*key) {
                        shelf.take(spot);
                    }
                }
            }
        }
    }

    /// Tells the entries that are filed where an order looks.
    fn each_near(&self, asked: &Asked, mut tell: impl FnMut(u32)) {
        let Asked { has, subtotal_minor, at } = asked;
        for shelf in has.iter().filter_map(|key| self.keys.shelf(*key)).chain([&self.rest]) {
            shelf.up_to(*subtotal_minor, &mut tell);
        }
        self.starting.range(..=(*at, u32::MAX)).for_each(|(_, number)| tell(*number));
        let not_ended = (Bound::Excluded((*at, u32::MAX)), Bound::Unbounded);
        self.ending.range(not_ended).for_each(|(_, number)| tell(*number));
    }
}

impl<Id> Entry<Id> {
    /// The keys on whose shelves it lies.
    fn shelves(&self) -> &[u32] {
        match &self.filed {
            Filed::Under(place) => self.one_of.get(*place).map_or(&[], |keys| keys),
            Filed::Within(spans) => spans,
            Filed::Starting(_) | Filed::Ending(_) | Filed::Rest => &[],
        }
    }

    fn fits(&self, asked: &Asked) -> bool {
        self.least_minor <= asked.subtotal_minor
            && self.is_open(asked.at)
            && self.one_of.iter().all(|keys| share_one(keys, &asked.has))
    }

    fn is_open(&self, at: Instant) -> bool {
        let Window { start, end } = self.window;
        start.is_none_or(|start| start <= at) && end.is_none_or(|end| at < end)
    }
}

/// Whether two rising lists have something in common.
fn share_one(one: &[u32], other: &[u32]) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.iter().any(|key| long.binary_search(key).is_ok())
}

/// Pieces of time of about the length of a window that cover it: one or two.
fn spans_of(start: Instant, end: Instant) -> impl Iterator<Item = Span> {
    let (first, last) = (start.millis(), end.millis() - 1);
    // Moments of the calendar are some 2^49 of them; a window of all time is covered by one piece more.
    let length = (u64::BITS - last.abs_diff(first).leading_zeros()).min(i64::BITS - 1);
    (first >> length..=last >> length).map(move |piece| (length, piece))
}
