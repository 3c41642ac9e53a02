//! Pricing carts of 5 and 50 lines with 1, 10 and 100 promotions without a card: percentages and sums by turns, each off what the one
//! before left, each spread over all lines by largest remainder.
//!
//! Ours: `checkout::plan`, the whole answer: totals, every line, every share of every promotion, verdicts, digest.
//! Reference: the same arithmetic by hand over plain arrays of `i64`: no conditions, no names, no verdicts, nothing told but what is left
//! of each line. Before it is timed both come to the same total for every cart.

use cardmint::card::{Benefit, Parameters, Setting, Template, TemplateDraft};
use cardmint::checkout::{Line, Offer, Order, PlanTerms, Purse, plan};
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
    let amounts: Vec<Vec<i64>> =
        carts.iter().map(|cart| cart.lines.iter().map(|line| line.amount_minor).collect()).collect();
    let cuts: Vec<Cut> = (0..promotions).map(Cut::nth).collect();
    let templates: Vec<(String, Template)> =
        cuts.iter().enumerate().map(|(at, cut)| cut.template(at, currency)).collect();
    let (none, sets) = (Parameters::new(), ProductSets::new());
    let offers: Vec<Offer<'_>> = templates
        .iter()
        .map(|(id, template)| Offer {
            id,
            template,
            parameters: &none,
            turn: 0,
            refused: None,
            purse: Purse::default(),
        })
        .collect();
    let terms = PlanTerms { sets: &sets, rounding: Rounding::HalfUp, at: Instant::EPOCH };
    for (cart, amounts) in carts.iter().zip(&amounts) {
        let (ours, hand) = (plan(cart, &offers, terms).payable_minor, by_hand(amounts, &cuts));
        if ours != hand {
            return Err(format!("{ours} is left by ours, {hand} by hand").into());
        }
    }
    let count = context.size(1_000_000, 5_000_000) / u64::try_from(lines * promotions).unwrap_or(1).max(10);
    let turn = |i: u64| usize::try_from(i).unwrap_or(0) % CARTS;
    let mut sides: Vec<Side<'_>> = vec![
        Box::new(|| {
            Ok(1e9 / nanos_each(count, |i| carts.get(turn(i)).map(|cart| plan(cart, &offers, terms).payable_minor)))
        }),
        Box::new(|| Ok(1e9 / nanos_each(count, |i| amounts.get(turn(i)).map(|amounts| by_hand(amounts, &cuts))))),
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

/// What a promotion takes off.
#[derive(Clone, Copy)]
enum Cut {
    OffBp(i64),
    Minor(i64),
}

impl Cut {
    fn nth(at: usize) -> Self {
        let at = i64::try_from(at).unwrap_or(0);
        if at % 2 == 0 { Self::OffBp(50 + at * 3) } else { Self::Minor(10 + at) }
    }

    fn template(self, at: usize, currency: Currency) -> (String, Template) {
        let id = format!("t{at:03}");
        let benefit = match self {
            Self::OffBp(off_bp) => {
                Benefit::PercentOff { off_bp: Setting::Fixed(off_bp), cap_minor: None, over: Over::Order }
            }
            Self::Minor(minor) => Benefit::AmountOff { minor: Setting::Fixed(minor), over: Over::Order },
        };
        let draft = TemplateDraft { currency: Some(currency), ..TemplateDraft::new(id.clone(), benefit) };
        (id, Template::new(1, draft, Window::default(), Zone::utc()))
    }
}

/// What is left of a cart.
fn by_hand(amounts: &[i64], cuts: &[Cut]) -> i64 {
    let mut left = amounts.to_vec();
    let mut remainders = vec![(0_i64, 0_usize); left.len()];
    for cut in cuts {
        let whole: i64 = left.iter().sum();
        let off = match *cut {
            Cut::OffBp(off_bp) => (whole * off_bp + 5_000) / 10_000,
            Cut::Minor(minor) => minor.min(whole),
        };
        if whole == 0 {
            break;
        }
        let mut given = 0;
        for (place, (line, remainder)) in left.iter_mut().zip(&mut remainders).enumerate() {
            let product = off * *line;
            *remainder = (-(product % whole), place);
            given += product / whole;
            *line -= product / whole;
        }
        remainders.sort_unstable();
        for (_, place) in remainders.iter().take(usize::try_from(off - given).unwrap_or(0)) {
            if let Some(line) = left.get_mut(*place) {
                *line -= 1;
            }
        }
    }
    left.iter().sum()
}
