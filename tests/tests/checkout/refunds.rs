//! Refunds of lines against a naive model: every piece is a thing of its own with its own price and its own cents of each discount. Whatever
//! comes back in whatever order and split, the sums hold.

use cardmint::card::{Parameters, RefundLines, Template, TemplateDraft};
use cardmint::checkout::refund::{Ledger, Returned, Sale, Settlement, SoldCard, Tender, TenderOrder, settle, split};
use cardmint::checkout::{Allocation, Line, Order, Plan, Pricing, Verdict};
use cardmint::money::Rounding;
use cardmint::rule::ProductSets;
use cardmint::time::{Instant, Window, Zone};
use proptest::prelude::*;

use super::strategies::{LARGE, SMALL, rounding, shop};
use super::{naive, planned};

/// Sequences of a property by default.
const CASES: u32 = 8_000;

/// `CARDMINT_REFUNDS` says how many: `cargo xtask soak --refunds` sets it.
fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("CARDMINT_REFUNDS").ok().map(|many| many.parse::<u32>().expect("a number of sequences"));
    let quick = std::env::var_os("CARDMINT_QUICK").is_some();
    let cases = asked.map_or(if quick { cases / 10 } else { cases }, |asked| asked * cases / CASES);
    let rejects = cases.saturating_mul(100).max(1 << 16);
    let failure_persistence = None;
    ProptestConfig {
        cases,
        max_global_rejects: rejects,
        max_local_rejects: rejects,
        failure_persistence,
        ..Default::default()
    }
}

/// What an offer gave, in the shape that a redemption keeps.
fn pricing(plan: &Plan, at: usize) -> Option<Pricing> {
    let offer = &plan.offers[at];
    if offer.verdict != Verdict::Applied {
        return None;
    }
    let pays = offer.tender_minor > 0;
    let share = |share: &cardmint::checkout::PlanShare| Allocation {
        funded: share.funded.clone(),
        ..Allocation::new(share.line.as_str(), 0, share.minor)
    };
    Some(Pricing {
        discount_minor: offer.discount_minor,
        tender_minor: offer.tender_minor,
        allocations: if pays { Vec::new() } else { offer.shares.iter().map(share).collect() },
        shipping_off_minor: if pays { 0 } else { offer.shipping_minor },
        shipping_funded: offer.shipping_funded.clone(),
        rounding: plan.rounding,
        ..Pricing::default()
    })
}

/// A bought order, with all that a sale borrows.
struct Bought {
    order: Order,
    drafts: Vec<TemplateDraft>,
    templates: Vec<Template>,
    pricings: Vec<Pricing>,
    ids: Vec<String>,
    none: Parameters,
    sets: ProductSets,
    rounding: Rounding,
    /// What was paid otherwise.
    payable_minor: i64,
}

impl Bought {
    /// Buys an order with the offers that apply, in the order in which they come off.
    fn with(order: Order, drafts: &[TemplateDraft], rounding: Rounding) -> Self {
        let plan = planned(&order, &drafts.iter().collect::<Vec<_>>(), rounding);
        let mut applied: Vec<usize> = (0..drafts.len()).filter(|at| pricing(&plan, *at).is_some()).collect();
        let rank = |at: usize| drafts[at].stacking.as_ref().map_or(0, |stacking| stacking.rank);
        applied.sort_by_key(|at| (plan.offers[*at].lane, rank(*at), drafts[*at].id.clone(), *at));
        let saved = |at: &usize| Template::new(1, drafts[*at].clone(), Window::default(), Zone::utc());
        Self {
            drafts: applied.iter().map(|at| drafts[*at].clone()).collect(),
            templates: applied.iter().map(saved).collect(),
            pricings: applied.iter().map(|at| pricing(&plan, *at).unwrap()).collect(),
            ids: (0..applied.len()).map(|at| format!("r{at}")).collect(),
            none: Parameters::new(),
            sets: ProductSets::new(),
            rounding,
            payable_minor: plan.payable_minor,
            order,
        }
    }

    fn sale(&self) -> Sale<'_> {
        let cards = self.templates.iter().zip(&self.pricings).zip(&self.ids).map(|((template, pricing), id)| {
            SoldCard { redemption: id, pricing, template, parameters: &self.none, units: None, is_gone: false }
        });
        let (order, rounding, sets) = (&self.order, self.rounding, &self.sets);
        Sale { order, cards: cards.collect(), rounding, sets, at: Instant::EPOCH }
    }
}

/// One piece as it was sold: what it cost, and what each card took off it.
#[derive(Debug, Clone)]
struct Piece {
    line: Option<usize>,
    minor: i64,
    off: Vec<i64>,
    back: bool,
}

/// The naive model: pieces on a table.
struct Table<'a> {
    bought: &'a Bought,
    pieces: Vec<Piece>,
    paid_out: i64,
}

/// Deals cents one by one over pieces, going round, and returns where the next one would go.
fn deal(minor: i64, pieces: usize, start: usize, mut to: impl FnMut(usize, i64)) -> usize {
    let each = minor / pieces as i64;
    (0..pieces).for_each(|piece| to(piece, each));
    let odd = (minor - each * pieces as i64) as usize;
    (0..odd).for_each(|cent| to((start + cent) % pieces, 1));
    start + odd
}

impl<'a> Table<'a> {
    fn new(bought: &'a Bought) -> Self {
        let mut pieces = Vec::new();
        let cards = bought.pricings.len();
        let mut lay = |line: Option<usize>, quantity: usize, minor: i64, offs: Vec<Vec<i64>>| {
            let mut own: Vec<Piece> =
                (0..quantity).map(|_| Piece { line, minor: 0, off: vec![0; cards], back: false }).collect();
            deal(minor, quantity, 0, |piece, cents| own[piece].minor += cents);
            let mut next = 0;
            for (card, parts) in offs.iter().enumerate() {
                for part in parts {
                    next = deal(*part, quantity, next, |piece, cents| own[piece].off[card] += cents);
                }
            }
            pieces.extend(own);
        };
        // Who bears it deals for himself.
        let parts = |minor: i64, funded: &[cardmint::checkout::Funded]| {
            if funded.is_empty() { vec![minor] } else { funded.iter().map(|part| part.off_minor).collect() }
        };
        for (place, line) in bought.order.lines.iter().enumerate() {
            let of = |pricing: &Pricing| {
                let share = pricing.allocations.iter().find(|share| share.line == line.id);
                share.map_or(Vec::new(), |share| parts(share.off_minor, &share.funded))
            };
            lay(Some(place), line.quantity as usize, line.amount_minor, bought.pricings.iter().map(of).collect());
        }
        let of = |pricing: &Pricing| parts(pricing.shipping_off_minor, &pricing.shipping_funded);
        lay(None, 1, bought.order.shipping_minor, bought.pricings.iter().map(of).collect());
        Self { bought, pieces, paid_out: 0 }
    }

    fn left(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| !piece.back)
    }

    fn paid(&self) -> i64 {
        self.pieces.iter().map(|piece| piece.minor - piece.off.iter().sum::<i64>()).sum()
    }

    /// What each card gives on the pieces that are left, by the twin of the checkout.
    fn earned(&self) -> Vec<i64> {
        let order = &self.bought.order;
        let mut lines = Vec::new();
        for (place, line) in order.lines.iter().enumerate() {
            let of_line: Vec<&Piece> = self.left().filter(|piece| piece.line == Some(place)).collect();
            if of_line.is_empty() {
                continue;
            }
            let gone = line.quantity as usize - of_line.len();
            let rest = |minor: i64| {
                let mut parts = vec![0; line.quantity as usize];
                deal(minor, parts.len(), 0, |piece, cents| parts[piece] += cents);
                parts[gone..].iter().sum::<i64>()
            };
            lines.push(Line {
                quantity: of_line.len() as u32,
                amount_minor: of_line.iter().map(|piece| piece.minor).sum(),
                list_minor: line.list_minor.map(rest),
                floor_minor: rest(line.floor_minor),
                ..line.clone()
            });
        }
        let shipping_minor = self.left().filter(|piece| piece.line.is_none()).map(|piece| piece.minor).sum();
        let rest = Order { lines, shipping_minor, ..order.clone() };
        let discounts: Vec<usize> =
            (0..self.bought.drafts.len()).filter(|at| self.bought.pricings[*at].tender_minor == 0).collect();
        let drafts: Vec<&TemplateDraft> = discounts.iter().map(|at| &self.bought.drafts[*at]).collect();
        let (told, _) = naive::plan(&rest, &drafts, self.bought.rounding);
        let mut all = vec![0; self.bought.drafts.len()];
        discounts.iter().zip(told).for_each(|(at, minor)| all[*at] = minor.unwrap_or(0));
        all
    }

    /// Takes so many first pieces of a line back, or shipping, and says what is paid out in all by then.
    fn take(&mut self, after: &Returned) {
        let order = &self.bought.order;
        let mut seen = vec![0; order.lines.len()];
        for piece in &mut self.pieces {
            piece.back = match piece.line {
                Some(place) => {
                    seen[place] += 1;
                    seen[place] <= after.pieces(&order.lines[place].id)
                }
                None => after.shipping,
            };
        }
    }

    /// What is paid out for what is back; where the model cannot say, nothing.
    fn pay(&mut self, lines: RefundLines) -> Option<i64> {
        let discounts = self.bought.pricings.iter().filter(|pricing| pricing.discount_minor > 0).count();
        let kept = |card: usize| self.left().map(|piece| piece.off[card]).sum::<i64>();
        let whole = |card: usize| self.bought.pricings[card].discount_minor;
        let cards = 0..self.bought.pricings.len();
        let stays: i64 = match lines {
            RefundLines::Keep => cards.map(kept).sum(),
            RefundLines::Reprice => {
                let earned = self.earned();
                cards.map(|card| earned[card].min(whole(card))).sum()
            }
            RefundLines::Clawback if discounts <= 1 => {
                let earned = self.earned();
                cards.map(|card| earned[card].min(kept(card))).sum()
            }
            RefundLines::Clawback => return None,
        };
        let worth = self.left().map(|piece| piece.minor).sum::<i64>() - stays;
        let payout = (self.paid() - worth - self.paid_out).max(0);
        self.paid_out += payout;
        Some(payout)
    }
}

/// A line and some of its pieces, whether shipping comes with it, and another line.
type Step = (usize, u32, u8, Option<(usize, u32)>);

/// What comes back next: of lines that have pieces left some, sometimes shipping, sometimes all.
fn next(order: &Order, before: &Returned, (line, pieces, with_shipping, more): Step) -> Returned {
    let mut after = before.clone();
    let mut take = |(line, pieces): (usize, u32)| {
        let line = &order.lines[line % order.lines.len()];
        let left = line.quantity - after.pieces(&line.id);
        if left > 0 {
            *after.lines.entry(line.id.clone()).or_default() += 1 + pieces % left;
        }
    };
    take((line, pieces));
    more.into_iter().for_each(&mut take);
    after.shipping |= with_shipping == 0 && order.shipping_minor > 0;
    after
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let more = proptest::option::weighted(0.3, (any::<usize>(), any::<u32>()));
    proptest::collection::vec((any::<usize>(), any::<u32>(), 0_u8..6, more), 0..8)
}

fn policies() -> impl Strategy<Value = RefundLines> {
    prop_oneof![Just(RefundLines::Keep), Just(RefundLines::Clawback), Just(RefundLines::Reprice)]
}

fn tender_order() -> impl Strategy<Value = TenderOrder> {
    prop_oneof![
        Just(TenderOrder::CardsFirst),
        Just(TenderOrder::CardsLast),
        Just(TenderOrder::InProportion),
        Just(TenderOrder::Listed(vec!["other".to_owned(), "r1".to_owned()])),
    ]
}

/// What holds of every step, whatever the model says of it.
fn step_holds(settled: &Settlement, paid_out: i64, paid: i64) -> Result<(), TestCaseError> {
    prop_assert!(settled.payout_minor >= 0 && settled.short_minor >= 0);
    prop_assert_eq!(paid_out + settled.payout_minor + settled.left_minor, paid);
    prop_assert_eq!(settled.lines.iter().map(|line| line.payout_minor).sum::<i64>(), settled.payout_minor);
    for line in &settled.lines {
        prop_assert!(line.paid_minor >= 0 && line.discount_minor >= 0, "{line:?}");
        prop_assert_eq!(line.before_minor - line.discount_minor, line.paid_minor);
    }
    let of_pieces: i64 = settled.discounts.iter().map(|discount| discount.of_pieces_minor).sum();
    prop_assert_eq!(settled.lines.iter().map(|line| line.discount_minor).sum::<i64>(), of_pieces);
    for discount in &settled.discounts {
        let funded: i64 = discount.funded.iter().map(|part| part.off_minor).sum();
        let back = discount.of_pieces_minor + discount.taken_back_minor;
        prop_assert!(discount.funded.is_empty() || funded == back, "{discount:?}");
    }
    Ok(())
}

/// Runs a sequence of returns to its end and asks the model each time.
fn runs(
    bought: &Bought,
    order: &TenderOrder,
    lines: impl Fn(usize) -> RefundLines,
    one: Option<RefundLines>,
    steps: &[Step],
) -> Result<(), TestCaseError> {
    let sale = bought.sale();
    let ledger = Ledger::new(&sale).expect("a plan fits its own order");
    let policy = |card: &SoldCard<'_>| lines(bought.ids.iter().position(|id| id == card.redemption).unwrap());
    let mut table = Table::new(bought);
    prop_assert_eq!(ledger.paid_minor(), table.paid());
    prop_assert_eq!(ledger.other_minor(), bought.payable_minor);
    let paying = bought.pricings.iter().zip(&bought.ids).filter(|(pricing, _)| pricing.tender_minor > 0);
    let mut tenders: Vec<Tender<'_>> = paying
        .map(|(pricing, id)| Tender { redemption: Some(id), left_minor: pricing.tender_minor })
        .chain([Tender { redemption: None, left_minor: bought.payable_minor }])
        .collect();
    let (mut before, mut paid_out) = (Returned::default(), 0);
    let mut funded = std::collections::BTreeMap::<(String, String), i64>::new();
    let all = Returned::all_of(&bought.order);
    let paths = steps.iter().map(Some).chain([None]);
    for step in paths {
        let after = step.map_or(all.clone(), |step| next(&bought.order, &before, *step));
        if after == before {
            continue;
        }
        let settled = settle(&ledger, (&before, &after), paid_out, policy);
        step_holds(&settled, paid_out, ledger.paid_minor())?;
        table.take(&after);
        if let Some(lines) = one
            && let Some(payout) = table.pay(lines)
        {
            prop_assert_eq!(settled.payout_minor, payout, "{:?} to {:?}", before, after);
        }
        let parts = split(settled.payout_minor, &tenders, order);
        prop_assert_eq!(parts.iter().sum::<i64>(), settled.payout_minor);
        for (tender, part) in tenders.iter_mut().zip(parts) {
            prop_assert!(part >= 0 && part <= tender.left_minor);
            tender.left_minor -= part;
        }
        for discount in &settled.discounts {
            for part in &discount.funded {
                *funded.entry((discount.redemption.clone(), part.party.clone())).or_default() += part.off_minor;
            }
        }
        for (undone, pricing) in settled.undone_minor.iter().zip(&bought.pricings) {
            prop_assert!((0..=pricing.discount_minor).contains(undone));
            prop_assert!(!settled.is_whole || *undone == pricing.discount_minor);
        }
        paid_out += settled.payout_minor;
        before = after;
    }
    // Everything is back: exactly what was paid was paid out, to whom it was paid by, and nobody bears anything any more.
    prop_assert_eq!(&before, &all);
    prop_assert_eq!(paid_out, ledger.paid_minor());
    prop_assert!(tenders.iter().all(|tender| tender.left_minor == 0));
    let mut borne = std::collections::BTreeMap::<(String, String), i64>::new();
    for (pricing, id) in bought.pricings.iter().zip(&bought.ids) {
        let shares = pricing.allocations.iter().flat_map(|share| &share.funded).chain(&pricing.shipping_funded);
        shares.for_each(|part| *borne.entry((id.clone(), part.party.clone())).or_default() += part.off_minor);
    }
    funded.retain(|_, minor| *minor != 0);
    borne.retain(|_, minor| *minor != 0);
    prop_assert_eq!(funded, borne);
    Ok(())
}

proptest! {
    #![proptest_config(config(CASES))]

    #[test]
    fn g15_the_naive_model_pays_out_the_same(
        (order, drafts) in shop(SMALL, 3),
        rounding in rounding(),
        lines in policies(),
        tenders in tender_order(),
        steps in steps(),
    ) {
        prop_assume!(order.check().is_ok());
        let bought = Bought::with(order, &drafts, rounding);
        runs(&bought, &tenders, |_| lines, Some(lines), &steps)?;
    }

    #[test]
    fn g15_one_card_is_clawed_back_and_repriced_as_the_model_says(
        (order, drafts) in shop(SMALL, 1),
        rounding in rounding(),
        keeps in any::<bool>(),
        steps in steps(),
    ) {
        prop_assume!(order.check().is_ok());
        let bought = Bought::with(order, &drafts, rounding);
        let lines = if keeps { RefundLines::Clawback } else { RefundLines::Reprice };
        runs(&bought, &TenderOrder::CardsFirst, |_| lines, Some(lines), &steps)?;
    }

    #[test]
    fn g15_cards_of_several_policies_never_pay_out_more_than_was_paid(
        (order, drafts) in shop(SMALL, 5),
        rounding in rounding(),
        policies in proptest::collection::vec(policies(), 5),
        tenders in tender_order(),
        steps in steps(),
    ) {
        prop_assume!(order.check().is_ok());
        let bought = Bought::with(order, &drafts, rounding);
        runs(&bought, &tenders, |card| policies[card % policies.len()], None, &steps)?;
    }
}

proptest! {
    #![proptest_config(config(CASES / 40))]

    #[test]
    fn g15_large_carts_come_back_whole(
        (order, drafts) in shop(LARGE, 6),
        rounding in rounding(),
        policies in proptest::collection::vec(policies(), 6),
        tenders in tender_order(),
        steps in steps(),
    ) {
        prop_assume!(order.check().is_ok());
        let bought = Bought::with(order, &drafts, rounding);
        let sale = bought.sale();
        let ledger = Ledger::new(&sale).expect("a plan fits its own order");
        let policy = |card: &SoldCard<'_>| {
            policies[bought.ids.iter().position(|id| id == card.redemption).unwrap() % policies.len()]
        };
        let (mut before, mut paid_out) = (Returned::default(), 0);
        let all = Returned::all_of(&bought.order);
        for step in steps.iter().map(Some).chain([None]) {
            let after = step.map_or(all.clone(), |step| next(&bought.order, &before, *step));
            let settled = settle(&ledger, (&before, &after), paid_out, policy);
            step_holds(&settled, paid_out, ledger.paid_minor())?;
            paid_out += settled.payout_minor;
            before = after;
        }
        prop_assert_eq!(paid_out, ledger.paid_minor());
        let _ = tenders;
    }
}
