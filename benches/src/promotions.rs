//! Orders of 5 lines in a shop with 100,000 promotions of which each order can meet 10: by a product, by the product of a benefit, by category, tag,
//! segment, store, least spend, window, by a channel that all share with a least spend behind it, and by one of two things.
//!
//! - `promotions/100k`: what the order can meet looked up in the index, and planned (`PromotionIndex::needed`, `checkout::plan`). Reference: the same ten
//!   planned, nobody else being there. Both come to the same for every order, or the bench breaks.
//! - `promotions/quantity`: the same with 6,000 pieces on each line. Reference: with one.
//! - `promotions/build`: filing all of them, their conditions compiled on the way. Reference: reading them from the JSON in which they are stored, nothing
//!   compiled.
//! - `promotions/change`: filing a new revision of one of them over the old one. Reference: its share of building the index. That no other one is touched, a test counts.

use cardmint::card::{Benefit, Deal, Off, Parameters, Pick, Setting, Template, TemplateDraft};
use cardmint::checkout::{Line, Offer, Order, Plan, PlanTerms, PromotionIndex, Purse, Verdict, plan};
use cardmint::money::{Currency, Rounding};
use cardmint::rule::{Condition, LineFilter, Over, ProductSets};
use cardmint::time::{Instant, Window, Zone};
use serde_json::{Value, json};

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, nanos_each, rounds, to_f64};

const PROMOTIONS: usize = 100_000;
const KINDS: usize = 10;
const ORDERS: usize = 16;
const PIECES: u32 = 6_000;
const HOUR_MS: i64 = 3_600_000;
/// Times the time of ten promotions alone.
const BAR_PLAN: f64 = 2.0;
/// Times the time of reading templates.
const BAR_BUILD: f64 = 5.0;
const BAR_QUANTITY: f64 = 1.2;

pub struct Promotions;

impl Bench for Promotions {
    fn id(&self) -> &'static str {
        "promotions"
    }

    fn compares(&self) -> &'static str {
        "orders in a shop of 100,000 promotions with the ten alone that each can meet; the index with reading the templates"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let shop = Shop::new()?;
        let mut figures = planning(context, &shop)?;
        figures.extend(building(context, &shop)?);
        Ok(figures)
    }
}

/// Promotions, called by their places.
struct Shop {
    templates: Vec<(String, Template)>,
    index: PromotionIndex<usize>,
    sets: ProductSets,
    none: Parameters,
}

impl Shop {
    fn new() -> Result<Self, Failure> {
        let currency = Currency::parse("currency", "CNY")?;
        let (mut templates, mut index, sets) =
            (Vec::with_capacity(PROMOTIONS), PromotionIndex::new(), ProductSets::new());
        for at in 0..PROMOTIONS {
            let template = template(at, currency)?;
            index.insert(at, &template, &sets);
            templates.push((format!("o{at:06}"), template));
        }
        Ok(Self { templates, index, sets, none: Parameters::new() })
    }

    fn offers(&self, some: impl IntoIterator<Item = usize>) -> Vec<Offer<'_>> {
        let offer = |(id, template)| Offer {
            id,
            template,
            parameters: &self.none,
            turn: 0,
            refused: None,
            purse: Purse::default(),
        };
        let some = some.into_iter().filter_map(|at| self.templates.get(at));
        some.map(|(id, template)| offer((id.as_str(), template))).collect()
    }

    fn terms(&self, at: Instant) -> PlanTerms<'_> {
        PlanTerms { sets: &self.sets, rounding: Rounding::HalfUp, at }
    }

    fn plan_found(&self, (order, at): &(Order, Instant)) -> Plan {
        let needed = self.index.needed(order, *at, &[]);
        plan(order, &self.offers(needed), self.terms(*at))
    }

    /// A plan of all that are in time, which is no question of a plan's own.
    fn plan_all(&self, (order, at): &(Order, Instant)) -> Plan {
        let in_time = |(_, template): &(String, Template)| {
            let Window { start, end } = template.window;
            start.is_none_or(|start| start <= *at) && end.is_none_or(|end| *at < end)
        };
        let open = self.templates.iter().enumerate().filter(|(_, one)| in_time(one)).map(|(place, _)| place);
        plan(order, &self.offers(open), self.terms(*at))
    }
}

fn planning(context: &Context, shop: &Shop) -> Result<Vec<Figure>, Failure> {
    let orders = |pieces| (0..ORDERS).map(|which| order(which, pieces)).collect::<Result<Vec<_>, _>>();
    let (single, many) = (orders(1)?, orders(PIECES)?);
    let mut tens = Vec::with_capacity(ORDERS);
    for asked in single.iter().chain(&many) {
        let needed = shop.index.needed(&asked.0, asked.1, &[]);
        if needed.len() != KINDS {
            return Err(format!("{} promotions are found, and {KINDS} can match", needed.len()).into());
        }
        tens.push(shop.offers(needed));
    }
    for asked in single.iter().take(2) {
        let applied = |plan: &Plan| plan.offers.iter().filter(|offer| offer.verdict == Verdict::Applied).count();
        let (all, found) = (shop.plan_all(asked), shop.plan_found(asked));
        if all.lines != found.lines || (applied(&all), applied(&found)) != (KINDS, KINDS) {
            return Err(format!("{} apply of all, {} of those found", applied(&all), applied(&found)).into());
        }
    }
    let count = context.size(20_000, 100_000);
    let turn = |i: u64| usize::try_from(i).unwrap_or(0) % ORDERS;
    let alone = |at: usize| {
        let (asked, offers) = (single.get(at)?, tens.get(at)?);
        Some(plan(&asked.0, offers, shop.terms(asked.1)))
    };
    let mut sides: Vec<Side<'_>> = vec![
        Box::new(|| Ok(nanos_each(count, |i| single.get(turn(i)).map(|asked| shop.plan_found(asked))))),
        Box::new(|| Ok(nanos_each(count, |i| alone(turn(i))))),
        Box::new(|| Ok(nanos_each(count, |i| many.get(turn(i)).map(|asked| shop.plan_found(asked))))),
        Box::new(|| {
            let look_up = |(order, at): &(Order, Instant)| shop.index.candidates(order, *at);
            Ok(nanos_each(count, |i| single.get(turn(i)).map(look_up)))
        }),
    ];
    let mut values = rounds(context.rounds(), &mut sides)?.into_iter();
    let mut next = || values.next().unwrap_or_default();
    let (found, ten, pieces, look_up) = (next(), next(), next(), next());
    let shown = |name: &str, metric, values| Figure::shown(format!("promotions/{name}"), metric, "ns", count, values);
    Ok(vec![
        shown("100k", "time of an order", found.clone()).against("ten promotions alone", ten).bar(Sense::Max, BAR_PLAN),
        shown("quantity", "time of an order with 6,000 pieces a line", pieces)
            .against("with one", found)
            .bar(Sense::Max, BAR_QUANTITY),
        shown("look-up", "time of a look at the index alone", look_up),
    ])
}

fn building(context: &Context, shop: &Shop) -> Result<Vec<Figure>, Failure> {
    let stored: Vec<String> =
        shop.templates.iter().map(|(_, template)| serde_json::to_string(template)).collect::<Result<_, _>>()?;
    let read = |text: &String| serde_json::from_str::<Template>(text);
    let all = u64::try_from(PROMOTIONS).unwrap_or(u64::MAX);
    let each = |nanos: u128| nanos as f64 / to_f64(all);
    let build = || -> Result<f64, Failure> {
        let (mut index, mut nanos) = (PromotionIndex::new(), 0);
        for (at, text) in stored.iter().enumerate() {
            let template = read(text)?;
            let start = std::time::Instant::now();
            index.insert(at, &template, &shop.sets);
            nanos += start.elapsed().as_nanos();
        }
        Ok(each(nanos))
    };
    let mut changed = shop.index.clone();
    let revised: Vec<Template> = stored.iter().step_by(97).take(1_000).map(read).collect::<Result<_, _>>()?;
    let change = || -> Result<f64, Failure> {
        let count = u64::try_from(revised.len()).unwrap_or(u64::MAX);
        let place = |i: u64| usize::try_from(i).unwrap_or(0);
        Ok(nanos_each(count, |i| {
            if let Some(template) = revised.get(place(i)) {
                changed.insert(place(i) * 97, template, &shop.sets);
            }
        }))
    };
    let mut sides: Vec<Side<'_>> = vec![
        Box::new(build),
        Box::new(|| {
            let mut nanos = 0;
            for text in &stored {
                let start = std::time::Instant::now();
                std::hint::black_box(read(text)?);
                nanos += start.elapsed().as_nanos();
            }
            Ok(each(nanos))
        }),
        Box::new(change),
    ];
    let mut values = rounds(context.rounds(), &mut sides)?.into_iter();
    let mut next = || values.next().unwrap_or_default();
    let (built, read, change) = (next(), next(), next());
    let shown = |name: &str, metric, values| Figure::shown(format!("promotions/{name}"), metric, "ns", all, values);
    Ok(vec![
        shown("build", "time of filing a promotion", built.clone())
            .against("reading its template", read)
            .bar(Sense::Max, BAR_BUILD),
        shown("change", "time of filing a new revision", change).against("a promotion's share of building", built),
    ])
}

/// The promotion at a place: ten kinds by turns.
fn template(at: usize, currency: Currency) -> Result<Template, Failure> {
    let (kind, which) = (at % KINDS, at / KINDS);
    let number = i64::try_from(which)?;
    let lines = |filter: LineFilter| Over::Lines(filter);
    let product = |name: String| LineFilter { products: vec![name], ..LineFilter::default() };
    let fact = |name: &str, text: String| json!({"fact": {"fact": name, "eq": text}});
    let spend = json!({"min_spend": {"minor": 10_000 + number * 1_000}});
    let conditions: Vec<Value> = match kind {
        0 => vec![json!({"has_line": {"lines": {"products": [format!("p{which}")]}}})],
        3 => {
            let tag = json!({"fact": {"fact": "line.tags", "contains_any": [format!("t{which}")]}});
            vec![json!({"lines": {"match": "any", "where": tag}})]
        }
        4 => vec![json!({"fact": {"fact": "holder.segments", "contains_any": [format!("g{which}")]}})],
        5 => vec![fact("store.id", format!("s{which}"))],
        6 => vec![spend],
        8 => vec![fact("channel", "app".to_owned()), spend],
        9 => {
            let line = json!({"has_line": {"lines": {"products": [format!("r{which}")]}}});
            vec![json!({"any": [line, fact("payment.method", format!("m{which}"))]})]
        }
        _ => Vec::new(),
    };
    let percent = |over| Benefit::PercentOff { off_bp: Setting::Fixed(200), cap_minor: None, over };
    let benefit = match kind {
        1 => {
            let over = lines(product(format!("q{which}")));
            let half = Deal::new(Off::OffBp(Setting::Fixed(5_000)));
            Benefit::Deal(Box::new(Deal { over, pick: Pick::Dearest, pieces: Some(1), ..half }))
        }
        2 => percent(lines(LineFilter { categories: vec![format!("c{which}")], ..LineFilter::default() })),
        _ if at.is_multiple_of(2) => percent(Over::Order),
        _ => Benefit::AmountOff { minor: Setting::Fixed(50), over: Over::Order },
    };
    let moment = |hour: i64| Instant::from_millis("window", hour * HOUR_MS);
    let window = match kind {
        7 => Window { start: Some(moment(number)?), end: Some(moment(number + 1)?) },
        _ => Window::default(),
    };
    let conditions: Vec<Condition> = serde_json::from_value(Value::Array(conditions))?;
    let draft =
        TemplateDraft { currency: Some(currency), conditions, ..TemplateDraft::new(format!("t{at:06}"), benefit) };
    draft.check()?;
    Ok(Template::new(1, draft, window, Zone::utc()))
}

/// An order that meets one promotion of each kind, and its moment.
fn order(which: usize, pieces: u32) -> Result<(Order, Instant), Failure> {
    let which = which * 617;
    let line =
        |id: &str, product: String| Line::new(id, product, pieces, 2_001 + i64::try_from(which % 97).unwrap_or(0));
    let lines = [
        line("1", format!("p{which}")),
        line("2", format!("q{which}")),
        line("3", format!("r{which}")),
        Line { categories: vec![format!("c{which}"), "all".to_owned()], ..line("4", "tea".to_owned()) },
        Line { tags: vec![format!("t{which}"), "dry".to_owned()], ..line("5", "mug".to_owned()) },
    ];
    let order = Order {
        segments: [format!("g{which}"), "old".to_owned()].into(),
        store: Some(format!("s{which}")),
        channel: Some("app".to_owned()),
        payment_method: Some("card".to_owned()),
        ..Order::new("o", Currency::parse("currency", "CNY")?, lines)
    };
    let at = Instant::from_millis("at", i64::try_from(which)? * HOUR_MS + HOUR_MS / 2)?;
    Ok((order, at))
}
