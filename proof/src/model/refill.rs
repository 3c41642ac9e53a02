//! Batches that grow by themselves as they run low, with whatever takes their cards.

use cardmint::card::{Batch, EventKind, Refill, Stock};

use super::cards::Ground;
use super::shop::{add, changed, unknown};
use super::{Effect, Moment, No, Put};

impl Moment<'_> {
    pub(super) fn refill_batch(&self, id: &str, refill: Option<Refill>) -> Result<Effect, No> {
        let have = self.batch(id).ok_or_else(|| unknown("batch", id))?;
        self.must_grow(&have)?;
        if refill.is_some() && have.untouched != cardmint::card::CardState::Minted {
            return Err(No::Invalid);
        }
        changed(Batch { refill, ..have }, Vec::new(), EventKind::BatchRefillSet)
    }

    /// What makes a word's batch larger whose card is among these changes.
    pub(super) fn of_word(&self, ground: &Ground, puts: &[Put]) -> impl Iterator<Item = Vec<Put>> {
        puts.iter().filter_map(|put| match put {
            Put::Stock(stock) => Some(self.grown(ground, stock)),
            _ => None,
        })
    }

    /// The same where nothing else is given out.
    pub(super) fn grown_by_word(&self, ground: &Ground, puts: &[Put]) -> (Vec<Put>, Vec<EventKind>) {
        one_of_a_width(self.of_word(ground, puts).collect())
    }

    /// What makes the batch larger now that its cursor stands there; nothing where its codes would become too easy to guess.
    pub(super) fn grown(&self, ground: &Ground, stock: &Stock) -> Vec<Put> {
        let batch = &ground.batch;
        let Some(refill) = batch.refill else { return Vec::new() };
        let size = (batch.size + refill.by).min(refill.up_to);
        if batch.size - stock.next.min(batch.size) >= refill.below || size <= batch.size {
            return Vec::new();
        }
        let mut used = self.format_use(batch.format);
        let floor = used.slots.get(&batch.slot).map_or(0, |slot| slot.floor_bits);
        if add(&mut used, batch.format, batch.slot, u64::from(size - batch.size), floor).is_err() {
            return Vec::new();
        }
        vec![Put::Batch(Batch { size, ..batch.clone() }), Put::Format(used)]
    }
}

/// Of several batches of one width one grows; the others do with their next card.
pub(super) fn one_of_a_width(growths: Vec<Vec<Put>>) -> (Vec<Put>, Vec<EventKind>) {
    let mut widths = Vec::new();
    let mut puts = Vec::new();
    for growth in growths {
        let width = growth.iter().find_map(|put| match put {
            Put::Batch(batch) => Some(batch.no.symbols),
            _ => None,
        });
        if width.is_some_and(|width| !widths.contains(&width)) {
            widths.extend(width);
            puts.extend(growth);
        }
    }
    (puts, widths.iter().map(|_| EventKind::BatchGrown).collect())
}
