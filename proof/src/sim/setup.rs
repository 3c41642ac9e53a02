//! The shop that every world begins with: few cards and low ceilings, so that callers meet.

use std::sync::Arc;

use cardmint::card::{CardKind, HoldTerms, LateCapture, RedeemFrom};
use cardmint::code::CodeFormat;

use super::requests::{after_opening, vip};
use super::rooms;
use super::world::World;
use crate::request::{Asked, CallTerms, What};
use crate::terms::{Off, Terms};

pub fn late(late: LateCapture, open_per_holder: u32) -> HoldTerms {
    HoldTerms { late, open_per_holder, ..HoldTerms::default() }
}

fn templates() -> Vec<Terms> {
    vec![
        Terms { off: Off::Percent(1_525), redeem_from: RedeemFrom::Issued, uses_per_card: 2, ..Terms::plain("bearer") },
        Terms {
            uses_per_card: 3,
            uses_per_holder: Some(4),
            holds: late(LateCapture::Reacquire, 2),
            ..Terms::plain("many")
        },
        Terms { claims_per_holder: Some(2), off: Off::Amount(700), ..Terms::plain("claims") },
        Terms {
            after_claim_s: Some(3),
            min_spend: Some(9_000),
            uses_per_card: 2,
            cap_at_campaign_end: false,
            ..Terms::plain("timed")
        },
        Terms {
            start: Some(after_opening(1_000)),
            end: Some(after_opening(14_000)),
            redeem_from: RedeemFrom::Issued,
            uses_per_card: 2,
            uses_per_holder: Some(3),
            holds: late(LateCapture::Refund, 20),
            ..Terms::plain("window")
        },
        Terms {
            kind: CardKind::GiftCard,
            value_minor: Some(5_000),
            balance_max_minor: Some(9_000),
            // Some are touched beyond it, and what is left on them is breakage.
            end: Some(after_opening(16_000)),
            redeem_from: RedeemFrom::Issued,
            uses_per_holder: Some(6),
            holds: late(LateCapture::Backorder, 3),
            ..Terms::plain("gift")
        },
    ]
}

pub fn batch(id: &str, template: &str, campaign: Option<&str>, size: u32, format: CodeFormat) -> What {
    What::IssueBatch {
        id: id.to_owned(),
        template: template.to_owned(),
        campaign: campaign.map(str::to_owned),
        size,
        format,
        limits: Vec::new(),
    }
}

/// Sets it up on the first engine, one call after another.
pub fn run(world: &World) {
    let rooms = world.with(|state| {
        state.shop.links = state.dice.in_thousand(500);
        state.shop.orders = state.dice.in_thousand(600);
        rooms::of(&mut state.dice)
    });
    let word = |batch: &str, word: &str| What::SaveWord { batch: batch.to_owned(), word: word.to_owned() };
    let shop = [
        What::AddAudience { campaign: "listed".to_owned(), customers: vec!["ann".to_owned(), "bob".to_owned()] },
        batch("bearer-1", "bearer", None, 6, CodeFormat::S16),
        batch("many-1", "many", Some("open"), 8, CodeFormat::S16),
        batch("claims-1", "claims", Some("listed"), 8, vip()),
        batch("timed-1", "timed", Some("open"), 8, CodeFormat::S20),
        batch("window-1", "window", None, 4, CodeFormat::S16),
        batch("gift-1", "gift", None, 4, CodeFormat::S20),
        word("many-1", "SUMMER 20"),
        word("claims-1", "MEMBERS"),
    ];
    let templates = templates().into_iter().chain(rooms.templates).map(|terms| What::SaveTemplate { terms });
    let before = rooms.units.into_iter().chain(templates).chain(rooms::campaigns(rooms.limits));
    for what in before.chain(shop).chain(rooms.batches).chain(rooms.promotions) {
        let asked = world.with(|state| Arc::new(Asked { key: state.shop.key(), what }));
        world.submit(0, asked, CallTerms::default());
        world.lead(0);
    }
}
