//! Conditions that stand by themselves: checked and compiled once, asked without an engine.

use std::sync::Arc;

use super::attribute::Attributes;
use super::condition::Condition;
use super::explain::Explained;
use super::facts::Facts;
use super::line_filter::ProductSets;
use super::program::{Program, check_conditions, pin_attributes};
use super::{Order, ProductSet};
use crate::Invalid;
use crate::denial::Denial;
use crate::time::{Instant, Zone};

/// Conditions that must all hold, ready to be asked of any number of orders, from any thread.
#[derive(Debug, Clone)]
pub struct CompiledConditions {
    program: Program,
    sets: ProductSets,
}

impl CompiledConditions {
    /// Checks and compiles conditions, as saving a template does, with the attributes that they may speak of and the product sets that
    /// they name. Of several versions of a set the newest is meant, unless a condition names one.
    ///
    /// # Errors
    /// What is wrong, with its path: `conditions[0].any[2].fact`.
    pub fn new(
        conditions: &[Condition],
        attributes: &Attributes,
        sets: impl IntoIterator<Item = ProductSet>,
    ) -> Result<Self, Invalid> {
        let each = sets.into_iter().map(|set| ((set.name.clone(), set.version), Arc::new(set)));
        let sets: ProductSets = each.collect();
        let mut conditions = conditions.to_vec();
        pin_attributes(conditions.iter_mut(), attributes);
        check_conditions(&conditions, "conditions", Some(attributes))?;
        let newest = |name: &str| sets.keys().filter(|(have, _)| have == name).map(|(_, version)| *version).max();
        for condition in &mut conditions {
            for filter in condition.filters_mut() {
                let named = filter.product_set.as_deref().and_then(newest);
                filter.product_set_version = filter.product_set_version.or(named);
            }
            for set in condition.set_refs_mut() {
                set.version = set.version.or_else(|| newest(&set.name));
            }
        }
        Ok(Self { program: Program::of(&conditions), sets })
    }

    /// Whether all hold for an order at a moment; days and times of day are those of `zone`. Allocates nothing. The order is one that
    /// [`Order::check`] finds good.
    pub fn hold(&self, order: &Order, now: Instant, zone: &Zone) -> bool {
        self.program.holds(&Facts::new(order, &self.sets, now, zone))
    }

    /// The first that does not hold, as a redemption would be denied: `condition_failed`.
    pub fn first_unmet(&self, order: &Order, now: Instant, zone: &Zone) -> Option<Denial> {
        self.program.first_unmet(&Facts::new(order, &self.sets, now, zone))
    }

    /// Each node: whether it holds, what the order has, what it needs and what is short.
    pub fn explain(&self, order: &Order, now: Instant, zone: &Zone) -> Vec<Explained> {
        self.program.explain(&Facts::new(order, &self.sets, now, zone))
    }
}
