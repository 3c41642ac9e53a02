//! Pricing carts of 5 and 50 lines with 1, 10 and 100 promotions without a card: percentages and sums by turns, each off what the one
//! before left, each spread over all lines by largest remainder.
//!
//! Ours: `checkout::plan`, the whole answer: totals, every line, every share of every promotion, verdicts. Templates are made once.
//! Reference: the same arithmetic by hand over plain arrays of `i64`: which promotions apply (by currency), shares by largest remainder,
//! lines that nothing comes off, floors, sums that go on to lines with room, totals, and what each promotion takes off each line. No
//! conditions, no names, no verdicts, nothing explained. Before it is timed both come to the same shares for every cart.

use cardmint::card::{Benefit, Parameters, Setting, Template, TemplateDraft};
use cardmint::checkout::{Line, Offer, Order, Plan, PlanTerms, Purse, plan};
use cardmint::money::{Currency, Rounding};
use cardmint::rule::{Over, ProductSets};
use cardmint::time::{Instant, Window, Zone};

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, nanos_each, rounds};

/// Carts per second, at least this share of the loop by hand.
const BAR: f64 = 0.1;
const LINES: [usize; 2] = [5, 50];
const PROMOTIONS: [usize; 3] = [1, 10, 100];
/// Carts that are priced in turn.
const CARTS: usize = 16;

pub struct Checkout;

impl Bench for Checkout {
    fn id(&self) -> &'static str {
        "checkout"
    }

    fn compares(&self) -> &'static str {
        "carts of 5 and 50 lines with 1, 10 and 100 promotions, explained, with the bare arithmetic by hand"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let mut figures = Vec::new();
        for lines in LINES {
            for promotions in PROMOTIONS {
                figures.push(of(context, lines, promotions)?);
            }
        }
        Ok(figures)
    }
}

fn of(context: &Context, lines: usize, promotions: usize) -> Result<Figure, Failure> {
    let currency = Currency::parse("currency", "CNY")?;
    let carts: Vec<Order> = (0..CARTS).map(|cart| order(cart, lines, currency)).collect();
    let bare: Vec<Bare> = carts.iter().map(Bare::of).collect();
    let cuts: Vec<Cut> = (0..promotions).map(|at| Cut::nth(at, currency)).collect();
    let templates: Vec<(String, Template)> = cuts.iter().enumerate().map(|(at, cut)| cut.template(at)).collect();
    let (none, sets) = (Parameters::new(), ProductSets::new());
    let offers: Vec<Offer<'_>> = templates
        .iter()
        .map(|(id, template)| Offer { id, template, parameters: &none, refused: None, purse: Purse::default() })
        .collect();
    let terms = PlanTerms { sets: &sets, rounding: Rounding::HalfUp, at: Instant::EPOCH };
    for (cart, bare) in carts.iter().zip(&bare) {
        same(&plan(cart, &offers, terms), &bare.by_hand(&cuts))?;
    }
    let count = context.size(1_000_000, 5_000_000) / u64::try_from(lines * promotions).unwrap_or(1).max(10);
    let turn = |i: u64| usize::try_from(i).unwrap_or(0) % CARTS;
    let mut sides: Vec<Side<'_>> = vec![
        Box::new(|| Ok(1e9 / nanos_each(count, |i| carts.get(turn(i)).map(|cart| plan(cart, &offers, terms))))),
        Box::new(|| Ok(1e9 / nanos_each(count, |i| bare.get(turn(i)).map(|cart| cart.by_hand(&cuts))))),
    ];
    let mut values = rounds(context.rounds(), &mut sides)?.into_iter();
    let (ours, hand) = (values.next().unwrap_or_default(), values.next().unwrap_or_default());
    let figure = Figure::shown(format!("checkout/{lines}x{promotions}"), "carts planned per second", "/s", count, ours);
    Ok(figure.against("the arithmetic by hand", hand).bar(Sense::Min, BAR))
}

fn order(cart: usize, lines: usize, currency: Currency) -> Order {
    let line = |place: usize| {
        let minor = i64::try_from((cart * 7_919 + place * 104_729) % 50_000 + 100).unwrap_or(100);
        Line::new(format!("l{place:03}"), format!("p{place}"), 1 + u32::try_from(place % 3).unwrap_or(0), minor)
    };
    Order::new(format!("o{cart}"), currency, (0..lines).map(line))
}

/// Refuses two answers that differ.
fn same(ours: &Plan, hand: &Priced) -> Result<(), Failure> {
    let mut each = hand.shares.chunks(ours.lines.len());
    let differs = ours.offers.iter().any(|offer| {
        let by_hand = each.next().unwrap_or_default().iter().copied().filter(|share| *share > 0);
        !by_hand.eq(offer.shares.iter().map(|share| share.minor))
    });
    if differs || (ours.discount_minor, ours.payable_minor) != (hand.discount, hand.payable) {
        return Err(format!("{} is left by ours, {} by hand", ours.payable_minor, hand.payable).into());
    }
    Ok(())
}

/// What a promotion takes off.
#[derive(Clone, Copy)]
struct Cut {
    currency: Currency,
    off: Off,
}

#[derive(Clone, Copy)]
enum Off {
    Bp(i64),
    Minor(i64),
}

impl Cut {
    fn nth(at: usize, currency: Currency) -> Self {
        let at = i64::try_from(at).unwrap_or(0);
        let off = if at % 2 == 0 { Off::Bp(50 + at * 3) } else { Off::Minor(10 + at) };
        Self { currency, off }
    }

    fn template(self, at: usize) -> (String, Template) {
        let id = format!("t{at:03}");
        let benefit = match self.off {
            Off::Bp(off_bp) => {
                Benefit::PercentOff { off_bp: Setting::Fixed(off_bp), cap_minor: None, over: Over::Order }
            }
            Off::Minor(minor) => Benefit::AmountOff { minor: Setting::Fixed(minor), over: Over::Order },
        };
        let draft = TemplateDraft { currency: Some(self.currency), ..TemplateDraft::new(id.clone(), benefit) };
        (id, Template::new(1, draft, Window::default(), Zone::utc()))
    }
}

/// A cart of the loop by hand.
struct Bare {
    currency: Currency,
    amounts: Vec<i64>,
    floors: Vec<i64>,
    discountable: Vec<bool>,
}

/// What the loop by hand comes to.
struct Priced {
    /// What each promotion takes off each line, promotion after promotion.
    shares: Vec<i64>,
    discount: i64,
    payable: i64,
}

impl Bare {
    fn of(cart: &Order) -> Self {
        Self {
            currency: cart.currency,
            amounts: cart.lines.iter().map(|line| line.amount_minor).collect(),
            floors: cart.lines.iter().map(|line| line.floor_minor).collect(),
            discountable: cart.lines.iter().map(|line| line.discountable).collect(),
        }
    }

    fn by_hand(&self, cuts: &[Cut]) -> Priced {
        let lines = self.amounts.len();
        let mut left = self.amounts.clone();
        let mut rooms = vec![0; lines];
        let mut remainders = vec![(0, 0); lines];
        let mut shares = vec![0; cuts.len() * lines];
        for (cut, shares) in cuts.iter().zip(shares.chunks_exact_mut(lines)) {
            if cut.currency != self.currency {
                continue;
            }
            for place in 0..lines {
                let room = if self.discountable[place] { (left[place] - self.floors[place]).max(0) } else { 0 };
                rooms[place] = room;
            }
            let weight = |place: usize| if self.discountable[place] { left[place] } else { 0 };
            match cut.off {
                Off::Bp(off_bp) => {
                    let whole: i64 = (0..lines).map(weight).sum();
                    split((whole * off_bp + 5_000) / 10_000, weight, shares, &mut remainders);
                    shares.iter_mut().zip(&rooms).for_each(|(share, room)| *share = (*share).min(*room));
                }
                Off::Minor(minor) => fill(minor.min(rooms.iter().sum()), weight, &rooms, shares, &mut remainders),
            }
            left.iter_mut().zip(shares).for_each(|(left, share)| *left -= *share);
        }
        let payable = left.iter().sum::<i64>();
        Priced { shares, discount: self.amounts.iter().sum::<i64>() - payable, payable }
    }
}

/// A total by largest remainder.
fn split(total: i64, weight: impl Fn(usize) -> i64, shares: &mut [i64], remainders: &mut [(i64, usize)]) {
    let whole: i64 = (0..shares.len()).map(&weight).sum();
    if whole == 0 {
        return shares.fill(0);
    }
    let mut left = total;
    for (place, (share, remainder)) in shares.iter_mut().zip(remainders.iter_mut()).enumerate() {
        let product = total * weight(place);
        *remainder = (-(product % whole), place);
        *share = product / whole;
        left -= *share;
    }
    remainders.sort_unstable();
    for (_, place) in remainders.iter().take(usize::try_from(left).unwrap_or(0)) {
        shares[*place] += 1;
    }
}

/// A sum that goes on to lines with room.
fn fill(
    mut total: i64,
    weight: impl Fn(usize) -> i64,
    rooms: &[i64],
    shares: &mut [i64],
    remainders: &mut [(i64, usize)],
) {
    split(total, &weight, shares, remainders);
    if shares.iter().zip(rooms).all(|(share, room)| share <= room) {
        return;
    }
    let mut full = vec![false; rooms.len()];
    loop {
        let fuller = (0..rooms.len()).filter(|&place| !full[place] && shares[place] > rooms[place]).collect::<Vec<_>>();
        for &place in &fuller {
            full[place] = true;
            total -= rooms[place];
        }
        if !fuller.is_empty() {
            split(total, |place| if full[place] { 0 } else { weight(place) }, shares, remainders);
        }
        if fuller.is_empty() || total <= 0 {
            break;
        }
    }
    (0..rooms.len()).filter(|&place| full[place]).for_each(|place| shares[place] = rooms[place]);
}
