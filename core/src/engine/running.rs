//! The promotions that run, by tenant, as the settings row last had them, with an index of what an order must have to meet each. All of it follows from rows
//! that are committed: it is remembered, not known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::command::Stop;
use super::view::{Missing, View};
use crate::card::{Promotion, Promotions, Template};
use crate::checkout::PromotionIndex;
use crate::id::BatchNo;
use crate::rule::ProductSets;
use crate::store::TenantKey;
use crate::time::Instant;

/// The promotions of a tenant that run.
#[derive(Debug, Clone, Default)]
pub(super) struct Running {
    list: Arc<Promotions>,
    /// With their batches, by id.
    all: Arc<[(String, BatchNo)]>,
    /// By batch, which is another one with each revision.
    index: PromotionIndex<BatchNo>,
    /// When the last of them was saved.
    saved_at: Option<Instant>,
}

/// Those of all tenants.
#[derive(Default)]
pub(super) struct RunningOf(Mutex<BTreeMap<TenantKey, Arc<Running>>>);

impl RunningOf {
    /// The promotions that run; nothing where a row of theirs is not at hand, or where what a decision sees of them is not committed: a
    /// change that fails may leave its names and numbers to another one.
    pub(super) fn seen(&self, view: &mut View<'_>) -> Result<Option<Arc<Running>>, Stop> {
        if !view.has_settled_settings() {
            return Ok(None);
        }
        let list = view.promotions()?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let running = all.entry(view.tenant.clone()).or_default();
        if !Arc::ptr_eq(&running.list, &list) {
            let asked = view.missing.len();
            match Arc::make_mut(running).keep_up(&list, |promotion| terms(view, promotion)) {
                Ok(_) => {}
                // Whoever looks at all of them reads these rows beside others: nobody reads once more for the index.
                Err(Stop::Missing) => {
                    view.missing.truncate(asked);
                    return Ok(None);
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(Some(Arc::clone(running)))
    }
}

/// What the index asks of a promotion.
fn terms(view: &mut View<'_>, promotion: &Promotion) -> Result<(Arc<Template>, ProductSets), Stop> {
    let Some(template) = view.settled_template(&promotion.template, promotion.template_version)? else {
        return Err(Stop::Internal("a promotion names a template version that is not there"));
    };
    let (mut sets, mut missing) = (ProductSets::new(), false);
    for (name, version) in template.draft.product_sets() {
        match view.settled_product_set(&name, version) {
            // Of one that is not there nothing is said.
            Ok(set) => sets.extend(set.map(|set| ((name, version), set))),
            Err(Missing) => missing = true,
        }
    }
    if missing { Err(Stop::Missing) } else { Ok((template, sets)) }
}

impl Running {
    /// All, with their batches, by id.
    pub(super) fn all(&self) -> &[(String, BatchNo)] {
        &self.all
    }

    pub(super) fn index(&self) -> &PromotionIndex<BatchNo> {
        &self.index
    }

    /// Whether a moment lies before one of them was saved: the clock went back, and windows may be later for cards than it says.
    pub(super) fn is_ahead_of(&self, now: Instant) -> bool {
        self.saved_at.is_some_and(|saved_at| now < saved_at)
    }

    /// Becomes what a list says: nothing but what came or went is looked at. Says how many those were.
    fn keep_up(
        &mut self,
        list: &Arc<Promotions>,
        mut terms: impl FnMut(&Promotion) -> Result<(Arc<Template>, ProductSets), Stop>,
    ) -> Result<usize, Stop> {
        if *self.list == **list {
            self.list = Arc::clone(list);
            return Ok(0);
        }
        let running: BTreeMap<BatchNo, &Promotion> = list.running().map(|one| (one.no, one)).collect();
        let there: BTreeSet<BatchNo> = self.index.ids().copied().collect();
        let (mut came, mut missing) = (Vec::new(), false);
        for (no, promotion) in running.iter().filter(|(no, _)| !there.contains(no)) {
            match terms(promotion) {
                Ok(terms) => came.push((*no, terms)),
                // The others name what they miss as well.
                Err(Stop::Missing) => missing = true,
                Err(stop) => return Err(stop),
            }
        }
        if missing {
            return Err(Stop::Missing);
        }
        let gone: Vec<BatchNo> = there.into_iter().filter(|no| !running.contains_key(no)).collect();
        gone.iter().for_each(|no| {
            self.index.remove(no);
        });
        let touched = came.len() + gone.len();
        for (no, (template, sets)) in came {
            self.index.insert(no, &template, &sets);
        }
        self.saved_at = running.values().map(|one| one.saved_at).max();
        self.all = list.running().map(|one| (one.id.clone(), one.no)).collect();
        self.list = Arc::clone(list);
        Ok(touched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{Benefit, PromotionLife, Setting, TemplateDraft};
    use crate::checkout::{Line, Order};
    use crate::money::Currency;
    use crate::rule::{LineFilter, Over};
    use crate::time::{Window, Zone};

    /// The promotion of a product that is called as it.
    fn promotion(at: u32, revision: u32) -> Promotion {
        Promotion {
            id: format!("p{at:04}"),
            revision,
            template: format!("t{at:04}"),
            template_version: revision,
            campaign: None,
            batch: format!("p{at:04}.r{revision}"),
            no: BatchNo { symbols: 20, number: at * 100 + revision },
            life: PromotionLife::Running,
            saved_at: Instant::EPOCH,
        }
    }

    fn terms_of(promotion: &Promotion) -> Result<(Arc<Template>, ProductSets), Stop> {
        let lines = LineFilter { products: vec![promotion.id.clone()], ..LineFilter::default() };
        let benefit = Benefit::AmountOff { minor: Setting::Fixed(1), over: Over::Lines(lines) };
        let draft = TemplateDraft::new(promotion.template.clone(), benefit);
        Ok((Arc::new(Template::new(1, draft, Window::default(), Zone::utc())), ProductSets::new()))
    }

    fn met(running: &Running, product: &str) -> Vec<u32> {
        let order = Order::new("o", Currency::parse("currency", "CNY").unwrap(), [Line::new("1", product, 1, 100)]);
        running.index.candidates(&order, Instant::EPOCH).iter().map(|no| no.number).collect()
    }

    #[test]
    fn g22_a_promotion_that_changes_is_the_only_one_that_is_indexed_again() {
        let (mut running, mut read) = (Running::default(), 0);
        let mut list = Promotions((0..1_000).map(|at| promotion(at, 1)).collect());
        let mut keep_up = |running: &mut Running, list: &Promotions| {
            let before = read;
            let touched = running
                .keep_up(&Arc::new(list.clone()), |promotion| {
                    read += 1;
                    terms_of(promotion)
                })
                .ok();
            (touched.unwrap(), read - before)
        };
        assert_eq!(keep_up(&mut running, &list), (1_000, 1_000));
        assert_eq!(keep_up(&mut running, &list), (0, 0), "the same list, read again");
        // A new revision is read; what it takes the place of goes.
        list.0[7] = promotion(7, 2);
        assert_eq!(keep_up(&mut running, &list), (2, 1));
        assert_eq!((met(&running, "p0007"), met(&running, "p0008")), (vec![702], vec![801]));
        list.0[8].life = PromotionLife::Paused;
        assert_eq!(keep_up(&mut running, &list), (1, 0));
        assert_eq!((met(&running, "p0008"), running.all.len()), (vec![], 999));
        list.0[8].life = PromotionLife::Running;
        assert_eq!(keep_up(&mut running, &list), (1, 1));
        assert_eq!((met(&running, "p0008"), running.all.len()), (vec![801], 1_000));
        let anew = {
            let mut anew = Running::default();
            keep_up(&mut anew, &list);
            anew
        };
        assert!(running.all == anew.all && running.index.ids().eq(anew.index.ids()));
    }

    #[test]
    fn a_list_whose_templates_are_not_at_hand_changes_nothing_yet() {
        let (mut running, mut asked) = (Running::default(), 0);
        let list = Arc::new(Promotions((0..3).map(|at| promotion(at, 1)).collect()));
        let stop = running.keep_up(&list, |promotion| {
            asked += 1;
            if promotion.id == "p0001" { terms_of(promotion) } else { Err(Stop::Missing) }
        });
        assert!(matches!(stop, Err(Stop::Missing)));
        assert_eq!((asked, running.index.len(), running.all.len()), (3, 0, 0), "each names what it misses");
        assert_eq!(running.keep_up(&list, terms_of).ok(), Some(3));
        assert!(!running.is_ahead_of(Instant::EPOCH) && running.is_ahead_of(Instant::EPOCH.plus_millis(-1)));
    }
}
