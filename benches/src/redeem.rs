//! Durable redemptions.
//!
//! So far the reference alone (see `redeem_reference`): what SQLite makes of the rows of a redemption when they are written
//! by hand, one by one and in groups, with the time of a sync beside it. Figures without a ratio have no bar.

use crate::figure::Figure;
use crate::harness::{Bench, Context, Failure, Side, rounds};
use crate::{machine, redeem_reference};

/// Redemptions in one transaction.
const GROUPS: [u64; 2] = [1, 64];
const SYNCS: usize = 64;

pub struct Redeem;

impl Bench for Redeem {
    fn id(&self) -> &'static str {
        "redeem"
    }

    fn compares(&self) -> &'static str {
        "durable redemptions written by hand with rusqlite, alone and in groups (reference only)"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let count = |group: u64| if group == 1 { context.size(500, 2_000) } else { context.size(6_400, 32_000) };
        let mut sides: Vec<Side<'_>> = GROUPS
            .iter()
            .map(|group| -> Side<'_> { Box::new(|| redeem_reference::rate(&context.dir, count(*group), *group)) })
            .collect();
        let values = rounds(context.rounds(), &mut sides)?;
        let mut figures: Vec<Figure> = GROUPS
            .iter()
            .zip(values)
            .map(|(group, rates)| {
                let id = format!("redeem/reference-group-{group}");
                Figure::shown(id, "durable redemptions per second by hand", "/s", count(*group), rates)
            })
            .collect();
        let syncs = machine::sync_micros(&context.dir, SYNCS)?;
        figures.push(Figure::shown("redeem/fdatasync", "time of one sync", "µs", 1, syncs));
        Ok(figures)
    }
}
