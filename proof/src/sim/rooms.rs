//! What beside the first cards a world's shop may have: some of these rooms, by its seed, so that worlds stay small.

use cardmint::card::{
    Audience, BindPolicy, CardKind, CheckIns, ExtendPolicy, HoldTerms, LateCapture, Life, PartialPolicy, Policies,
    RedeemFrom, RefundTo, TransferPolicy, Usage,
};
use cardmint::code::CodeFormat;
use cardmint::limit::{Limit, LimitWindow, Measure, Period, Scope, UsageUnit};

use super::requests::vip;
use super::setup::{batch, late};
use crate::dice::Dice;
use crate::request::What;
use crate::terms::{Asks, Beside, Off, Terms, cny};

/// Templates and batches.
#[derive(Default)]
pub struct Rooms {
    pub templates: Vec<Terms>,
    pub batches: Vec<What>,
    pub units: Vec<What>,
    /// Limits of the campaign that is open to all.
    pub limits: Vec<Limit>,
    pub promotions: Vec<What>,
}

/// Each room in two worlds of three.
pub fn of(dice: &mut Dice) -> Rooms {
    let mut rooms = Rooms::default();
    for room in [times, tied, presented, packs, metered, capped, accounts, renewed, promoted, asking] {
        if dice.in_thousand(600) {
            room(&mut rooms);
        }
    }
    rooms
}

/// Uses that are taken one or several at a time.
fn times(rooms: &mut Rooms) {
    let usage = |unit, partial_policy| Some(Usage { unit, partial_policy });
    rooms.templates.extend([
        Terms {
            kind: CardKind::Times,
            usage: usage(UsageUnit::Line, PartialPolicy::Cap),
            uses_per_card: 7,
            uses_per_holder: Some(5),
            off: Off::Amount(333),
            policies: handed_on(false),
            ..Terms::plain("times")
        },
        Terms {
            kind: CardKind::Times,
            usage: usage(UsageUnit::Unit, PartialPolicy::Deny),
            uses_per_card: 5,
            off: Off::Nothing,
            ..Terms::plain("visits")
        },
    ]);
    rooms.batches.extend([
        batch("times-1", "times", None, 5, CodeFormat::S20),
        batch("visits-1", "visits", Some("open"), 4, CodeFormat::S20),
    ]);
}

/// Cards that are bound, handed on and extended.
fn tied(rooms: &mut Rooms) {
    rooms.templates.extend([
        Terms {
            redeem_from: RedeemFrom::Bound,
            uses_per_card: 4,
            after_claim_s: Some(6),
            policies: bound(),
            ..Terms::plain("tied")
        },
        Terms { uses_per_card: 3, policies: handed_on(true), ..Terms::plain("passed") },
    ]);
    rooms.batches.extend([
        batch("tied-1", "tied", Some("open"), 8, CodeFormat::S16),
        batch("passed-1", "passed", None, 6, vip()),
    ]);
}

fn handed_on(keep_code: bool) -> Policies {
    let refund_to = if keep_code { RefundTo::OriginalOnly } else { RefundTo::PresentHolder };
    let transfer = Some(TransferPolicy { transfers_max: 3, keep_code, refund_to });
    Policies { transfer, ..Policies::default() }
}

/// Tied to a device, to another one twice, handed on, and extended for a day.
fn bound() -> Policies {
    let bind = Some(BindPolicy { kinds: vec!["device".to_owned()], rebinds_max: 2 });
    let extend = Some(ExtendPolicy { days_max: 1, expired: false });
    Policies { bind, extend, ..handed_on(false) }
}

/// Cards that are presented: for pears, and as often as a day allows.
fn presented(rooms: &mut Rooms) {
    let check_ins = Some(CheckIns { limit: 3, per: Period::Day });
    rooms.templates.extend([
        Terms { kind: CardKind::Exchange, off: Off::Pears(1), uses_per_card: 2, ..Terms::plain("swap") },
        Terms { kind: CardKind::Membership, off: Off::Percent(500), check_ins, ..Terms::plain("member") },
    ]);
    rooms.batches.extend([
        batch("swap-1", "swap", None, 5, CodeFormat::S16),
        batch("member-1", "member", Some("open"), 3, CodeFormat::S16),
    ]);
}

/// Cards that open into others, and one that gives some beside.
fn packs(rooms: &mut Rooms) {
    let of = |batch: &str, quantity| (batch.to_owned(), quantity);
    let beside = |batch: &str, quantity, min_spend| Beside { batch: batch.to_owned(), quantity, min_spend };
    let pack = Off::Cards { cards: vec![of("extra-1", 2), of("extra-2", 1)], choose: None };
    let choice = Off::Cards { cards: vec![of("extra-1", 1), of("extra-2", 2), of("many-1", 1)], choose: Some(2) };
    rooms.templates.extend([
        Terms { uses_per_card: 2, after_claim_s: Some(9), ..Terms::plain("extra") },
        Terms { kind: CardKind::Pack, off: pack, ..Terms::plain("pack") },
        Terms { kind: CardKind::Choice, off: choice, ..Terms::plain("choice") },
        Terms {
            redeem_from: RedeemFrom::Issued,
            uses_per_card: 4,
            gives: vec![beside("extra-2", 1, Some(20_000)), beside("claims-1", 1, None)],
            ..Terms::plain("giver")
        },
    ]);
    rooms.batches.extend([
        batch("extra-1", "extra", None, 16, CodeFormat::S16),
        batch("extra-2", "extra", Some("open"), 10, CodeFormat::S16),
        batch("pack-1", "pack", None, 5, CodeFormat::S20),
        batch("choice-1", "choice", None, 4, CodeFormat::S20),
        batch("giver-1", "giver", None, 3, CodeFormat::S16),
    ]);
}

fn limit(name: &str, measure: Measure, scope: Vec<Scope>, window: LimitWindow, most: i64) -> Limit {
    let (name, partial_policy) = (name.to_owned(), PartialPolicy::Deny);
    Limit { name, measure, scope, window, most, refill: true, partial_policy }
}

/// Limits of every kind: by holder, store, device and card, in days, weeks and months, for ever and in the last minute.
fn metered(rooms: &mut Rooms) {
    let uses = |usage_unit| Measure::Uses { usage_unit };
    let money = Measure::Money { currency: cny() };
    let day = LimitWindow::Calendar(Period::Day);
    let device = Scope::Subject("device".to_owned());
    let last_minute = LimitWindow::RollingS(60);
    rooms.templates.extend([
        Terms {
            uses_per_card: 6,
            limits: vec![
                limit("daily", uses(UsageUnit::Order), vec![Scope::Holder], day, 4),
                limit("budget", money, vec![Scope::Store], LimitWindow::Total, 25_000),
                limit("rush", uses(UsageUnit::Line), vec![device], last_minute, 12),
                Limit {
                    refill: false,
                    ..limit("once", money, Vec::new(), LimitWindow::Calendar(Period::Month), 60_000)
                },
            ],
            holds: late(LateCapture::Reacquire, 4),
            ..Terms::plain("metered")
        },
        Terms {
            kind: CardKind::GiftCard,
            value_minor: Some(6_000),
            redeem_from: RedeemFrom::Issued,
            limits: vec![
                limit("pocket", money, vec![Scope::Card], day, 2_500),
                limit("rush", uses(UsageUnit::Order), vec![Scope::Batch], last_minute, 9),
            ],
            holds: late(LateCapture::Reacquire, 20),
            ..Terms::plain("purse")
        },
    ]);
    rooms.batches.extend([
        batch("metered-1", "metered", None, 5, CodeFormat::S16),
        batch("purse-1", "purse", Some("open"), 3, CodeFormat::S20),
    ]);
    rooms.limits = vec![
        limit("spend", money, Vec::new(), LimitWindow::Calendar(Period::Week), 160_000),
        limit("each", uses(UsageUnit::Order), vec![Scope::Holder], LimitWindow::Total, 12),
    ];
}

/// Limits that give what is left, of templates and of a batch; and few orders that may hold at once.
fn capped(rooms: &mut Rooms) {
    let cap = |limit| Limit { partial_policy: PartialPolicy::Cap, ..limit };
    let lines = Measure::Uses { usage_unit: UsageUnit::Line };
    let pieces = Measure::Uses { usage_unit: UsageUnit::Unit };
    let money = Measure::Money { currency: cny() };
    let day = LimitWindow::Calendar(Period::Day);
    rooms.templates.extend([
        Terms {
            uses_per_card: 6,
            redeem_from: RedeemFrom::Issued,
            limits: vec![
                cap(limit("budget", money, Vec::new(), LimitWindow::Total, 21_000)),
                cap(limit("lines", lines, vec![Scope::Store], day, 14)),
            ],
            holds: HoldTerms { open_per_batch: Some(2), open_per_campaign: Some(2), ..late(LateCapture::Reacquire, 9) },
            ..Terms::plain("capped")
        },
        Terms {
            kind: CardKind::GiftCard,
            value_minor: Some(7_000),
            redeem_from: RedeemFrom::Issued,
            limits: vec![cap(limit("pocket", money, vec![Scope::Card], day, 3_500))],
            holds: late(LateCapture::Reacquire, 20),
            ..Terms::plain("pouch")
        },
    ]);
    let run = vec![
        cap(limit("run", money, Vec::new(), LimitWindow::Total, 13_000)),
        cap(limit("rush", pieces, vec![Scope::Subject("device".to_owned())], LimitWindow::RollingS(60), 7)),
    ];
    let limited = |of: What, limits: Vec<Limit>| match of {
        What::IssueBatch { id, template, campaign, size, format, .. } => {
            What::IssueBatch { id, template, campaign, size, format, limits }
        }
        other => other,
    };
    rooms.batches.extend([
        limited(batch("capped-1", "capped", Some("open"), 4, CodeFormat::S16), run.clone()),
        batch("pouch-1", "pouch", None, 3, CodeFormat::S20),
    ]);
    if let Some(spend) = rooms.limits.first_mut() {
        spend.partial_policy = PartialPolicy::Cap;
    }
}

/// Gift cards that end soon after they are claimed, and have successors of which the same is true.
fn renewed(rooms: &mut Rooms) {
    rooms.templates.push(Terms {
        kind: CardKind::GiftCard,
        value_minor: Some(3_000),
        after_claim_s: Some(4),
        holds: late(LateCapture::Reacquire, 9),
        policies: bound(),
        ..Terms::plain("renewed")
    });
    rooms.batches.push(batch("renewed-1", "renewed", Some("open"), 4, CodeFormat::S20));
}

/// What comes off orders of several cards by itself: a little off all, for some holders a few times; more off large ones, as long as the
/// budget lasts; and pears.
fn promoted(rooms: &mut Rooms) {
    let money = Measure::Money { currency: cny() };
    let uses = Measure::Uses { usage_unit: UsageUnit::Order };
    rooms.templates.extend([
        Terms {
            off: Off::Amount(150),
            uses_per_holder: Some(3),
            holds: late(LateCapture::Reacquire, 9),
            ..Terms::plain("little")
        },
        Terms {
            off: Off::Percent(1_000),
            min_spend: Some(15_000),
            asks: Some(Asks::Any(vec![Asks::Lines(2), Asks::Store("s2")])),
            limits: vec![limit("spent", money, Vec::new(), LimitWindow::Total, 30_000)],
            holds: late(LateCapture::Backorder, 9),
            ..Terms::plain("much")
        },
    ]);
    let promotion = |id: &str, template: &str, campaign: Option<&str>, limits| What::SavePromotion {
        id: id.to_owned(),
        template: template.to_owned(),
        campaign: campaign.map(str::to_owned),
        limits,
    };
    let store = vec![Scope::Store];
    let few = limit("few", uses, store, LimitWindow::Calendar(Period::Day), 7);
    rooms
        .promotions
        .extend([promotion("all", "little", None, Vec::new()), promotion("large", "much", Some("open"), vec![few])]);
}

/// Cards that ask for more than an amount: trees of tests, also within each other and turned around.
fn asking(rooms: &mut Rooms) {
    let not = |part| Asks::Not(Box::new(part));
    let either = Asks::Any(vec![
        Asks::All(vec![Asks::Store("s1"), Asks::Lines(2)]),
        Asks::Minor(30_000),
        Asks::All(vec![not(Asks::Store("s1")), Asks::Minor(12_000)]),
    ]);
    let neither = not(Asks::Any(vec![Asks::Lines(3), Asks::All(vec![Asks::Store("s2"), Asks::Minor(22_000)])]));
    rooms.templates.extend([
        Terms {
            asks: Some(either),
            uses_per_card: 5,
            redeem_from: RedeemFrom::Issued,
            holds: late(LateCapture::Reacquire, 9),
            ..Terms::plain("either")
        },
        Terms {
            asks: Some(neither),
            min_spend: Some(4_000),
            off: Off::Amount(444),
            uses_per_card: 5,
            redeem_from: RedeemFrom::Issued,
            ..Terms::plain("neither")
        },
    ]);
    rooms.batches.extend([
        batch("either-1", "either", Some("open"), 5, CodeFormat::S16),
        batch("neither-1", "neither", None, 5, CodeFormat::S16),
    ]);
}

/// Points and growth, which only points holders may give to each other.
fn accounts(rooms: &mut Rooms) {
    let unit = |name: &str, between_holders| What::SaveUnit { name: name.to_owned(), between_holders };
    rooms.units = vec![unit("points", true), unit("growth", false)];
}

/// The campaigns of every shop.
pub fn campaigns(limits: Vec<Limit>) -> [What; 2] {
    let campaign = |id: &str, audience, limits| What::SaveCampaign {
        id: id.to_owned(),
        life: Life::Running,
        start: None,
        end: None,
        audience,
        limits,
    };
    [campaign("open", Audience::Open, limits), campaign("listed", Audience::Listed, Vec::new())]
}
