//! The shop that every world begins with: few cards and low ceilings, so that callers meet.

use std::sync::Arc;

use cardmint::card::{
    Audience, BindPolicy, ExtendPolicy, HoldTerms, LateCapture, Life, PartialPolicy, Policies, RedeemFrom, RefundTo,
    TransferPolicy, Usage,
};
use cardmint::code::CodeFormat;
use cardmint::limit::UsageUnit;

use super::requests::{after_opening, vip};
use super::world::World;
use crate::request::{Asked, What};
use crate::terms::{Off, Terms};

fn late(late: LateCapture, open_per_holder: u32) -> HoldTerms {
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
            value_minor: Some(5_000),
            balance_max_minor: Some(9_000),
            // Some are touched beyond it, and what is left on them is breakage.
            end: Some(after_opening(16_000)),
            redeem_from: RedeemFrom::Issued,
            uses_per_holder: Some(6),
            holds: late(LateCapture::Backorder, 3),
            ..Terms::plain("gift")
        },
        Terms {
            usage: Some(Usage { unit: UsageUnit::Line, partial_policy: PartialPolicy::Cap }),
            uses_per_card: 7,
            uses_per_holder: Some(5),
            off: Off::Amount(333),
            policies: handed_on(false),
            ..Terms::plain("times")
        },
        Terms {
            redeem_from: RedeemFrom::Bound,
            uses_per_card: 4,
            after_claim_s: Some(6),
            policies: tied(),
            ..Terms::plain("tied")
        },
        Terms { uses_per_card: 3, policies: handed_on(true), ..Terms::plain("passed") },
    ]
}

fn handed_on(keep_code: bool) -> Policies {
    let refund_to = if keep_code { RefundTo::OriginalOnly } else { RefundTo::PresentHolder };
    let transfer = Some(TransferPolicy { transfers_max: 3, keep_code, refund_to });
    Policies { transfer, ..Policies::default() }
}

/// Tied to a device, to another one twice, handed on, and extended for a day.
fn tied() -> Policies {
    let bind = Some(BindPolicy { kinds: vec!["device".to_owned()], rebinds_max: 2 });
    let extend = Some(ExtendPolicy { days_max: 1, expired: false });
    Policies { bind, extend, ..handed_on(false) }
}

/// Sets it up on the first engine, one call after another.
pub fn run(world: &World) {
    let campaign = |id: &str, audience| What::SaveCampaign {
        id: id.to_owned(),
        life: Life::Running,
        start: None,
        end: None,
        audience,
    };
    let batch = |id: &str, template: &str, campaign: Option<&str>, size, format| What::IssueBatch {
        id: id.to_owned(),
        template: template.to_owned(),
        campaign: campaign.map(str::to_owned),
        size,
        format,
    };
    let word = |batch: &str, word: &str| What::SaveWord { batch: batch.to_owned(), word: word.to_owned() };
    let shop = [
        campaign("open", Audience::Open),
        campaign("listed", Audience::Listed),
        What::AddAudience { campaign: "listed".to_owned(), customers: vec!["ann".to_owned(), "bob".to_owned()] },
        batch("bearer-1", "bearer", None, 6, CodeFormat::S16),
        batch("many-1", "many", Some("open"), 8, CodeFormat::S16),
        batch("claims-1", "claims", Some("listed"), 8, vip()),
        batch("timed-1", "timed", Some("open"), 8, CodeFormat::S20),
        batch("window-1", "window", None, 4, CodeFormat::S16),
        batch("gift-1", "gift", None, 4, CodeFormat::S20),
        batch("times-1", "times", None, 6, CodeFormat::S20),
        batch("tied-1", "tied", Some("open"), 8, CodeFormat::S16),
        batch("passed-1", "passed", None, 6, vip()),
        word("many-1", "SUMMER 20"),
        word("claims-1", "MEMBERS"),
    ];
    let templates = templates().into_iter().map(|terms| What::SaveTemplate { terms });
    for what in templates.chain(shop) {
        let asked = world.with(|state| Arc::new(Asked { key: state.shop.key(), what }));
        world.submit(0, asked, None);
        world.lead(0);
    }
}
