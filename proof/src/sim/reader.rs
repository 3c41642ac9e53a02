//! A slow reader of the feed: it takes small pages while the shop goes on, and often dies before it keeps the cursor.

use std::collections::{BTreeMap, BTreeSet};

use cardmint::id::CardId;
use cardmint::{Error, Events, EventsPage};

use super::judge::Wrong;
use super::world::World;

/// What it kept, and what it saw in all of its lives.
#[derive(Default)]
pub struct Reader {
    cursor: Option<String>,
    ids: BTreeSet<String>,
    places: BTreeMap<CardId, u32>,
}

impl Reader {
    fn see(&mut self, page: &EventsPage) -> Result<(), Wrong> {
        for event in &page.items {
            if !self.ids.insert(event.id.clone()) {
                continue;
            }
            if let (Some(card), Some(place)) = (event.card, event.place)
                && self.places.insert(card, place).unwrap_or(0) + 1 != place
            {
                return Err(("feed", format!("event {place} of {card} comes out of order")));
            }
        }
        Ok(())
    }
}

/// Reads a page on an engine; `keeps` says whether it lives long enough to keep the cursor. Returns whether there is more.
pub fn read(world: &World, engine: usize, keeps: bool, limit: usize) -> bool {
    let prepared = world.with(|state| {
        let after = state.reader.cursor.clone();
        let place = state.places.get_mut(engine)?;
        let tenant = place.engine.as_ref().map(|(_, tenant)| tenant.clone())?;
        place.inside += 1;
        Some((tenant, after))
    });
    let Some((tenant, after)) = prepared else { return true };
    let page = tenant.events(Events { after: after.clone(), limit, ..Events::default() });
    let more = world.with(|state| {
        state.places[engine].inside -= 1;
        match page {
            Ok(page) => {
                if let Err(wrong) = state.reader.see(&page) {
                    state.violated(wrong);
                }
                let moved = Some(&page.cursor) != after.as_ref();
                if keeps {
                    state.reader.cursor = Some(page.cursor);
                }
                page.more && moved
            }
            Err(Error::Denied(denial)) => {
                state.violated(("feed", format!("the reader's own cursor is answered {denial}")));
                false
            }
            // The store's trouble: the reader asks again.
            Err(_) => true,
        }
    });
    world.bury(engine);
    more
}

/// Reads to the end, where nothing goes wrong any more: every event of every card was seen.
pub fn is_whole(world: &World) -> Result<(), Wrong> {
    while read(world, 0, true, 7) && world.with(|state| state.violation.is_none()) {}
    world.with(|state| {
        let reader = &state.reader;
        let short = state.judge.recount.cards().find(|(card, _, events)| reader.places.get(card) != Some(events));
        match short {
            Some((card, _, events)) if events > 0 => {
                let seen = reader.places.get(&card);
                Err(("feed", format!("{card} has {events} events, its reader saw the first {seen:?}")))
            }
            Some(_) | None => Ok(()),
        }
    })
}
