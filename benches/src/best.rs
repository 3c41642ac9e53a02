//! The best combination of the cards of a wallet on a cart of 5 lines.
//!
//! Ours: `checkout::best`: the search, the plan of what it found, the second best, and why each other card is left out. Templates are made
//! once. Reference, for wallets of 10: every one of the 1,024 combinations planned (`checkout::plan`), the best kept; both come to the same
//! saving for every wallet. How it grows to 100 cards is shown, in time and in steps, which do not vary from machine to machine.

use cardmint::card::{
    Benefit, Combine, Counted, Deal, Every, Least, Off, On, Parameters, Pick, Setting, Stacking, Step, Template,
    TemplateDraft,
};
use cardmint::checkout::{Best, BestTerms, Line, Objective, Offer, Order, PlanTerms, Purse, best, plan};
use cardmint::money::{Currency, Rounding};
use cardmint::rule::{LineFilter, Over, ProductSets};
use cardmint::time::{Instant, Window, Zone};

use crate::figure::Figure;
use crate::harness::{Bench, Context, Failure, Side, nanos_each, rounds, to_f64};

const CARDS: [usize; 5] = [10, 20, 40, 70, 100];
const WALLETS: usize = 100;
const STEPS_MAX: u64 = 200_000;
/// Wallets that are planned in every combination.
const BY_HAND: usize = 10;

pub struct BestOf;

impl Bench for BestOf {
    fn id(&self) -> &'static str {
        "best"
    }

    fn compares(&self) -> &'static str {
        "the best combination of 10 cards with every combination planned; growth to 100 cards"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let mut figures = Vec::new();
        for cards in CARDS {
            figures.extend(of(context, cards)?);
        }
        Ok(figures)
    }
}

fn of(context: &Context, cards: usize) -> Result<Vec<Figure>, Failure> {
    let currency = Currency::parse("currency", "CNY")?;
    let wallets: Vec<Wallet> = (0..WALLETS).map(|wallet| Wallet::nth(wallet, cards, currency)).collect();
    let found: Vec<Best> = wallets.iter().map(Wallet::best).collect();
    let mut steps: Vec<f64> = found.iter().map(|best| to_f64(best.steps)).collect();
    steps.sort_by(f64::total_cmp);
    let exact = found.iter().filter(|best| best.exact).count();
    let by_hand = cards == CARDS[0];
    if by_hand {
        for (wallet, best) in wallets.iter().zip(&found).take(BY_HAND) {
            let most = wallet.most();
            if best.plan.discount_minor != most {
                return Err(format!("{} off, and {most} by every combination", best.plan.discount_minor).into());
            }
        }
    }
    let mut sides: Vec<Side<'_>> = vec![Box::new(|| {
        let nanos = nanos_each(to_u64(WALLETS), |i| wallets.get(to_usize(i)).map(Wallet::best));
        Ok(nanos / 1e3)
    })];
    if by_hand {
        sides.push(Box::new(|| {
            let nanos = nanos_each(to_u64(BY_HAND), |i| wallets.get(to_usize(i)).map(Wallet::most));
            Ok(nanos / 1e3)
        }));
    }
    let mut values = rounds(context.rounds(), &mut sides)?.into_iter();
    let metric = "time of a search, mean of 100 wallets";
    let id = format!("best/{cards}");
    let time = Figure::shown(id.clone(), metric, "µs", to_u64(WALLETS), values.next().unwrap_or_default());
    let time = match values.next() {
        Some(hand) => time.against("every combination planned", hand),
        None => time,
    };
    let share = to_f64(to_u64(exact)) / to_f64(to_u64(WALLETS));
    let shown = |name: &str, metric, values| Figure::shown(format!("{id}/{name}"), metric, "", to_u64(WALLETS), values);
    Ok(vec![
        time,
        shown("steps", "steps of a search, by wallet", steps),
        shown("exact", "share of searches that came to their end", vec![share]),
    ])
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn to_usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

struct Wallet {
    order: Order,
    cards: Vec<(String, Template)>,
    none: Parameters,
    sets: ProductSets,
}

impl Wallet {
    /// Cards of every kind that shops give out, and a cart that meets about half of them.
    fn nth(wallet: usize, cards: usize, currency: Currency) -> Self {
        let figure = |place: usize, most: usize| {
            let mixed = (wallet * 7_919 + place * 104_729 + 13) % 65_537;
            i64::try_from(mixed % most + 1).unwrap_or(1)
        };
        let line = |place: usize| {
            let minor = 1_000 + figure(place + 500, 20_000);
            Line::new(format!("l{place}"), format!("p{place}"), 1 + u32::try_from(place % 3).unwrap_or(0), minor)
        };
        let order = Order { shipping_minor: 1_200, ..Order::new("o", currency, (0..5).map(line)) };
        let card = |place: usize| {
            let id = format!("c{place:03}");
            let (benefit, stacking) = benefit(place, |at, most| figure(place * 10 + at, most));
            let draft = TemplateDraft { currency: Some(currency), stacking, ..TemplateDraft::new(id.clone(), benefit) };
            (id, Template::new(1, draft, Window::default(), Zone::utc()))
        };
        let cards = (0..cards).map(card).collect();
        Self { order, cards, none: Parameters::new(), sets: ProductSets::new() }
    }

    fn offers(&self) -> Vec<Offer<'_>> {
        let offer = |(id, template)| {
            let purse = Purse::default();
            Offer { id, template, parameters: &self.none, turn: 0, refused: None, purse }
        };
        self.cards.iter().map(|(id, template)| offer((id.as_str(), template))).collect()
    }

    fn terms(&self) -> PlanTerms<'_> {
        PlanTerms { sets: &self.sets, rounding: Rounding::HalfUp, at: Instant::EPOCH }
    }

    fn best(&self) -> Best {
        let (offers, objective) = (self.offers(), Objective::Customer);
        let terms = BestTerms { plan: self.terms(), objective, shop: "shop", ends_at: &[], steps_max: STEPS_MAX };
        best(&self.order, &offers, terms)
    }

    /// The most that any combination takes off.
    fn most(&self) -> i64 {
        let offers = self.offers();
        let sets = 0..1_u64 << offers.len();
        let off = |set: u64| {
            let some = (0..).zip(&offers).filter(|(place, _)| set >> place & 1 == 1).map(|(_, offer)| offer.clone());
            plan(&self.order, &some.collect::<Vec<_>>(), self.terms()).discount_minor
        };
        sets.map(off).max().unwrap_or_default()
    }
}

fn benefit(place: usize, figure: impl Fn(usize, usize) -> i64) -> (Benefit, Option<Stacking>) {
    let minor = |minor: i64| Off::Minor(Setting::Fixed(minor));
    let stepped = |from: i64, off| Deal::stepped([Step { from: Some(Least::Minor(from)), off }]);
    let deal = |deal: Deal| Benefit::Deal(Box::new(deal));
    let percent = |most: usize, cap_minor| Benefit::PercentOff {
        off_bp: Setting::Fixed(figure(1, most)),
        cap_minor,
        over: Over::Order,
    };
    let lines = |product: i64| LineFilter { products: vec![format!("p{product}")], ..LineFilter::default() };
    match place % 8 {
        0 => (deal(stepped(figure(1, 60_000), minor(figure(2, 5_000)))), None),
        1 => (percent(2_000, Some(figure(2, 3_000))), None),
        2 => {
            let over = Over::Lines(lines(figure(2, 5) - 1));
            (Benefit::AmountOff { minor: Setting::Fixed(figure(1, 2_000)), over }, None)
        }
        3 => (deal(Deal { on: On::Shipping, ..Deal::new(minor(figure(1, 1_200))) }), None),
        4 => {
            let alone = Stacking { excludes: ["*".to_owned()].into(), ..Stacking::default() };
            (percent(4_000, None), Some(alone))
        }
        5 => {
            let group = Stacking { rank: 1, combine: Combine::BestForCustomer, ..Stacking::default() };
            (percent(1_500, None), Some(group))
        }
        6 => (deal(Deal { counted: Counted::After, ..stepped(figure(1, 60_000), minor(figure(2, 6_000))) }), None),
        _ => {
            let half = Deal::new(Off::OffBp(Setting::Fixed(5_000)));
            (deal(Deal { every: Some(Every::Pieces(2)), pick: Pick::Cheapest, ..half }), None)
        }
    }
}
