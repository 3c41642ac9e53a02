//! Another way to the same figures: every piece is a thing of its own, and everything is done the long way. Small orders only.

use cardmint::card::{
    Among, Apply, Base, Benefit, Combine, Counted, Deal, Every, Lane, Least, Off, On, Pick, Setting, TemplateDraft,
};
use cardmint::checkout::{Line, Order};
use cardmint::money::Rounding;
use cardmint::rule::{Condition, LineFilter, Over};

/// What is left of each line, and of shipping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub lines: Vec<i64>,
    pub shipping: i64,
}

/// A piece of a line, and the price of which the deal is reckoned.
#[derive(Debug, Clone, Copy)]
struct Piece {
    line: usize,
    base: i64,
}

/// What each offer takes off or pays, in the order of the offers, and what is left. `None` where it does not apply.
pub fn plan(order: &Order, offers: &[&TemplateDraft], rounding: Rounding) -> (Vec<Option<i64>>, Left) {
    let mut left =
        Left { lines: order.lines.iter().map(|line| line.amount_minor).collect(), shipping: order.shipping_minor };
    let mut told = vec![None; offers.len()];
    let key = |place: usize| {
        let offer = offers[place];
        (lane(offer), offer.stacking.as_ref().map_or(0, |stacking| stacking.rank), offer.id.clone(), place)
    };
    let mut ranked: Vec<usize> = (0..offers.len()).collect();
    ranked.sort_by_key(|&place| key(place));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for place in ranked {
        let same = |group: &Vec<usize>| (key(group[0]).0, key(group[0]).1) == (key(place).0, key(place).1);
        match groups.last_mut().filter(|group| same(group)) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    let mut closed = None;
    let mut applied: Vec<usize> = Vec::new();
    for group in groups {
        let combine = group.iter().filter_map(|&place| offers[place].stacking.as_ref()).map(|one| one.combine).max();
        let combine = combine.unwrap_or_default();
        let may = |applied: &[usize], place: usize| may(offers, applied, place) && closed != Some(lane(offers[place]));
        let chosen: Vec<usize> = match combine {
            Combine::All => group.clone(),
            Combine::First | Combine::Exclusive | Combine::BestForCustomer | Combine::BestForShop => {
                let mut each: Vec<(i64, usize)> = Vec::new();
                for &place in &group {
                    let after = take(order, offers[place], rounding, &left);
                    if let Some(after) = after.filter(|_| lane(offers[place]) == Lane::Tender || may(&applied, place)) {
                        each.push((total(&left) - total(&after), place));
                    }
                }
                match combine {
                    Combine::BestForCustomer => each.sort_by_key(|(off, _)| -off),
                    Combine::BestForShop => each.sort_by_key(|(off, _)| *off),
                    Combine::All | Combine::First | Combine::Exclusive => {}
                }
                each.first().map(|(_, place)| *place).into_iter().collect()
            }
        };
        let mut closes = None;
        for place in chosen {
            let pays = lane(offers[place]) == Lane::Tender;
            let Some(after) = take(order, offers[place], rounding, &left) else { continue };
            if !pays && !may(&applied, place) {
                continue;
            }
            told[place] = Some(total(&left) - total(&after));
            left = after;
            if !pays {
                applied.push(place);
            }
            if combine == Combine::Exclusive {
                closes = Some(lane(offers[place]));
            }
        }
        closed = closes.or(closed);
    }
    (told, left)
}

fn total(left: &Left) -> i64 {
    left.lines.iter().sum::<i64>() + left.shipping
}

fn may(offers: &[&TemplateDraft], applied: &[usize], place: usize) -> bool {
    let tags = |place: usize| offers[place].stacking.clone().unwrap_or_default();
    let own = tags(place);
    let alike = applied.iter().filter(|&&other| offers[other].id == offers[place].id).count();
    let excluded = applied.iter().any(|&other| {
        let other = tags(other);
        let against = |one: &cardmint::card::Stacking, other: &cardmint::card::Stacking| {
            one.excludes.iter().any(|tag| tag == "*" || other.tags.contains(tag))
        };
        against(&own, &other) || against(&other, &own)
    });
    !excluded && own.per_order_max.is_none_or(|most| alike < most as usize)
}

fn lane(offer: &TemplateDraft) -> Lane {
    let own = match &offer.benefit {
        Benefit::Value { .. } => Lane::Tender,
        Benefit::Goods { .. } => Lane::Item,
        Benefit::AmountOff { over, .. } | Benefit::PercentOff { over, .. } if *over != Over::Order => Lane::Item,
        Benefit::Deal(deal) if deal.on == On::Shipping => Lane::Shipping,
        Benefit::Deal(deal) if matches!(deal.on, On::Lines(_)) || deal.over != Over::Order => Lane::Item,
        _ => Lane::Order,
    };
    offer.stacking.as_ref().and_then(|stacking| stacking.lane).unwrap_or(own)
}

pub fn picks(filter: &LineFilter, line: &Line) -> bool {
    let product = filter.products.is_empty() || filter.products.contains(&line.product);
    let category = filter.categories.is_empty() || line.categories.iter().any(|of| filter.categories.contains(of));
    product && category
}

pub fn over_picks(over: &Over, line: &Line) -> bool {
    match over {
        Over::Order => true,
        Over::Lines(filter) => picks(filter, line),
    }
}

/// What is left after an offer; nothing where it does not apply.
fn take(order: &Order, offer: &TemplateDraft, rounding: Rounding, left: &Left) -> Option<Left> {
    for condition in &offer.conditions {
        let holds = match condition {
            Condition::MinSpend { minor, over } => {
                let lines = order.lines.iter().filter(|line| over_picks(over, line));
                lines.map(|line| line.amount_minor).sum::<i64>() >= *minor
            }
            Condition::HasLine { lines } => order.lines.iter().any(|line| picks(lines, line)),
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) | Condition::Fact(_) | Condition::Lines(_) => {
                panic!("the twin does not know this condition")
            }
        };
        if !holds {
            return None;
        }
    }
    let deal = match &offer.benefit {
        Benefit::Deal(deal) => (**deal).clone(),
        Benefit::AmountOff { minor, over } => Deal { over: over.clone(), ..Deal::new(Off::Minor(minor.clone())) },
        Benefit::PercentOff { off_bp, cap_minor, over } => {
            Deal { over: over.clone(), cap_minor: *cap_minor, ..Deal::new(Off::OffBp(off_bp.clone())) }
        }
        Benefit::Goods { quantity, lines } => Deal {
            over: Over::Lines(lines.clone()),
            pick: Pick::Dearest,
            pieces: Some(*quantity),
            apply: Apply::Each,
            ..Deal::new(Off::OffBp(Setting::Fixed(10_000)))
        },
        Benefit::Value { minor } => return pay(fixed(minor), order, left),
        Benefit::Entitlement { .. } | Benefit::Cards { .. } => return Some(left.clone()),
    };
    of_deal(order, &deal, rounding, left)
}

/// Value pays what is left; how it is spread is of no account here, since nothing comes after it but value.
fn pay(holds: i64, order: &Order, left: &Left) -> Option<Left> {
    let mut owed = holds.min(total(left));
    if owed == 0 {
        return None;
    }
    let mut after = left.clone();
    for place in 0..order.lines.len() {
        let part = owed.min(after.lines[place]);
        after.lines[place] -= part;
        owed -= part;
    }
    after.shipping -= owed;
    Some(after)
}

fn fixed(setting: &Setting) -> i64 {
    let Setting::Fixed(figure) = setting else { panic!("the twin knows no parameters") };
    *figure
}

fn of_deal(order: &Order, deal: &Deal, rounding: Rounding, left: &Left) -> Option<Left> {
    let gets = |place: &usize| match &deal.on {
        On::Lines(filter) => picks(filter, &order.lines[*place]),
        On::Counted | On::Shipping => false,
    };
    let mut by_id: Vec<usize> = (0..order.lines.len()).collect();
    by_id.sort_by_key(|&place| &order.lines[place].id);
    let counts: Vec<usize> =
        by_id.iter().copied().filter(|place| over_picks(&deal.over, &order.lines[*place]) && !gets(place)).collect();
    if counts.is_empty() {
        return None;
    }
    let money: i64 = counts
        .iter()
        .map(|&place| if deal.counted == Counted::After { left.lines[place] } else { order.lines[place].amount_minor })
        .sum();
    let number: i64 = counts.iter().map(|&place| i64::from(order.lines[place].quantity)).sum();
    let reached = deal.steps.iter().rev().find(|step| match step.from {
        None => true,
        Some(Least::Minor(minor)) => money >= minor,
        Some(Least::Pieces(pieces)) => number >= i64::from(pieces),
    })?;
    let figure = match &reached.off {
        Off::Minor(figure) | Off::OffBp(figure) | Off::PriceMinor(figure) => fixed(figure),
        Off::Gifts(_) | Off::Host(_) => return Some(left.clone()),
    };
    // Every piece that may get something, by price, the dearest first.
    let pieces_of = |lines: &[usize]| -> Vec<Piece> {
        let mut lines: Vec<usize> = lines.iter().copied().filter(|&place| order.lines[place].discountable).collect();
        let base = |place: usize| match deal.base {
            Base::Running => left.lines[place],
            Base::Initial => order.lines[place].amount_minor,
            Base::List => order.lines[place].list_minor.unwrap_or(order.lines[place].amount_minor),
        };
        lines.sort_by_key(|&place| -(base(place) / i64::from(order.lines[place].quantity)));
        let of_line = |place: usize| {
            let quantity = i64::from(order.lines[place].quantity);
            let share = move |whole: i64, at: i64| whole / quantity + i64::from(at < whole % quantity);
            let base = base(place);
            (0..quantity).map(move |at| Piece { line: place, base: share(base, at) })
        };
        lines.into_iter().flat_map(of_line).collect()
    };
    let sets_of_parts = |parts: &[cardmint::card::SetPart]| -> Vec<Vec<Piece>> {
        let mut of_parts: Vec<Vec<usize>> = vec![Vec::new(); parts.len()];
        for &place in &counts {
            let first = parts.iter().position(|part| picks(&part.lines, &order.lines[place]));
            if let Some(first) = first {
                of_parts[first].push(place);
            }
        }
        let mut rows: Vec<Vec<Piece>> = of_parts.iter().map(|lines| pieces_of(lines)).collect();
        let mut sets = Vec::new();
        while parts.iter().zip(&rows).all(|(part, row)| row.len() >= part.pieces as usize) {
            let parts = parts
                .iter()
                .zip(&mut rows)
                .flat_map(|(part, row)| row.drain(..part.pieces as usize).collect::<Vec<_>>());
            sets.push(parts.collect::<Vec<Piece>>());
        }
        sets
    };
    // Groups in which a figure is applied once each, and the times that it gives.
    let sets: Option<Vec<Vec<Piece>>> = match &deal.every {
        Some(Every::Pieces(each)) => {
            Some(pieces_of(&counts).chunks_exact(*each as usize).map(<[Piece]>::to_vec).collect())
        }
        Some(Every::Set(parts)) => Some(sets_of_parts(parts)),
        Some(Every::Minor(_)) | None => None,
    };
    let times = match (&deal.every, &sets) {
        (Some(Every::Minor(each)), _) => money / each,
        (_, Some(sets)) => sets.len() as i64,
        (_, None) => 1,
    };
    let times = times.min(deal.times_max.map_or(i64::MAX, i64::from));
    if times == 0 {
        return None;
    }
    if deal.on == On::Shipping {
        let price = if deal.base == Base::Initial { order.shipping_minor } else { left.shipping };
        let off = match &reached.off {
            Off::Minor(_) => figure * times,
            Off::OffBp(_) => percent(price, figure, rounding),
            Off::PriceMinor(_) | Off::Gifts(_) | Off::Host(_) => (price - figure).max(0),
        };
        let room = if order.shipping_discountable { left.shipping } else { 0 };
        let off = off.min(deal.cap_minor.unwrap_or(i64::MAX)).min(room);
        return (off > 0).then(|| Left { shipping: left.shipping - off, ..left.clone() });
    }
    let mut sets = sets.map(|sets| sets.into_iter().take(times as usize).collect::<Vec<_>>());
    let (mut pick, apply) = if deal.apply == Apply::Once { (deal.pick, Apply::Each) } else { (deal.pick, deal.apply) };
    if deal.apply == Apply::Once && pick == Pick::All {
        pick = Pick::Dearest;
    }
    let wanted = deal.pieces.unwrap_or(1) as usize;
    let mut times_of_price = times;
    let mut picked: Vec<Piece> = match (&mut sets, &deal.on) {
        (Some(sets), On::Counted) if pick == Pick::All => {
            if matches!(reached.off, Off::PriceMinor(_)) && apply == Apply::Across {
                sets.retain(|set| set.iter().map(|piece| piece.base).sum::<i64>() > figure);
                times_of_price = sets.len() as i64;
            }
            sets.concat()
        }
        (Some(sets), On::Counted) if deal.among == Among::Each => sets
            .iter()
            .flat_map(
                |set| if pick == Pick::Dearest { set[..wanted].to_vec() } else { set[set.len() - wanted..].to_vec() },
            )
            .collect(),
        _ => {
            let lines: Vec<usize> = match &deal.on {
                On::Lines(_) => by_id.iter().copied().filter(|place| gets(place)).collect(),
                On::Counted | On::Shipping => counts.clone(),
            };
            let mut all = pieces_of(&lines);
            if pick == Pick::Cheapest {
                // Lines from the cheapest; the pieces of a line stay as they are.
                let quantity = |piece: &Piece| i64::from(order.lines[piece.line].quantity);
                let base: Vec<i64> = all
                    .iter()
                    .map(|piece| {
                        let whole: i64 =
                            all.iter().filter(|other| other.line == piece.line).map(|other| other.base).sum();
                        whole / quantity(piece)
                    })
                    .collect();
                let mut order_of: Vec<usize> = (0..all.len()).collect();
                let id_rank = |place: usize| by_id.iter().position(|&other| other == place);
                order_of.sort_by_key(|&at| (base[at], id_rank(all[at].line), at));
                all = order_of.into_iter().map(|at| all[at]).collect();
            }
            let many = if pick == Pick::All { all.len() } else { (wanted * times as usize).min(all.len()) };
            all[..many].to_vec()
        }
    };
    if let Some(most) = deal.pieces_max {
        // The order in which they are kept is that of their lines by price; the twin is only asked where that is by id.
        picked.truncate(most as usize);
    }
    spread(order, deal, rounding, left, &picked, (&reached.off, figure, times_of_price, apply), &by_id)
}

/// Takes the figure off the picked pieces, line by line.
fn spread(
    order: &Order,
    deal: &Deal,
    rounding: Rounding,
    left: &Left,
    picked: &[Piece],
    (off, figure, times, apply): (&Off, i64, i64, Apply),
    by_id: &[usize],
) -> Option<Left> {
    let sum = |place: usize, of: &dyn Fn(&Piece) -> i64| -> i64 {
        picked.iter().filter(|piece| piece.line == place).map(of).sum()
    };
    let lines: Vec<usize> =
        by_id.iter().copied().filter(|&place| picked.iter().any(|piece| piece.line == place)).collect();
    let now: Vec<i64> = lines
        .iter()
        .map(|&place| {
            let count = picked.iter().filter(|piece| piece.line == place).count() as i64;
            let (whole, quantity) = (left.lines[place], i64::from(order.lines[place].quantity));
            // As many first pieces of what is left of it.
            if count == quantity {
                whole
            } else {
                (0..count).map(|at| whole / quantity + i64::from(at < whole % quantity)).sum()
            }
        })
        .collect();
    let base: Vec<i64> = lines.iter().map(|&place| sum(place, &|piece| piece.base)).collect();
    let gone: Vec<i64> = base
        .iter()
        .zip(&now)
        .map(|(base, now)| if deal.base == Base::List { (base - now).max(0) } else { 0 })
        .collect();
    let most: Vec<i64> = lines
        .iter()
        .zip(&now)
        .map(|(&place, now)| {
            let room = (left.lines[place] - order.lines[place].floor_minor).max(0);
            room.min(*now).min(deal.cap_line_minor.unwrap_or(i64::MAX))
        })
        .collect();
    let cap = deal.cap_minor.unwrap_or(i64::MAX);
    let shares: Vec<i64> = match (off, apply) {
        (Off::Minor(_), Apply::Across) => {
            poured((figure * times - gone.iter().sum::<i64>()).max(0).min(cap), &now, &most)
        }
        (Off::PriceMinor(_), Apply::Across) => {
            let whole: i64 = base.iter().sum::<i64>() - gone.iter().sum::<i64>();
            poured((whole - figure * times).max(0).min(cap), &now, &most)
        }
        (Off::OffBp(_), _) => {
            let all = percent(base.iter().sum(), figure, rounding);
            let all = if deal.base == Base::List { all } else { all.min(cap) };
            let shares = shared(all, &base);
            cut(
                shares
                    .iter()
                    .zip(&gone)
                    .map(|(share, gone)| (share - gone).max(0))
                    .zip(&most)
                    .map(|(a, b)| a.min(*b))
                    .collect(),
                cap,
            )
        }
        (Off::Minor(_), _) => {
            let each = lines.iter().map(|&place| sum(place, &|piece| figure.min(piece.base)));
            cut(
                each.zip(&gone).map(|(share, gone)| (share - gone).max(0)).zip(&most).map(|(a, b)| a.min(*b)).collect(),
                cap,
            )
        }
        (_, _) => {
            let each = lines.iter().map(|&place| sum(place, &|piece| (piece.base - figure).max(0)));
            cut(
                each.zip(&gone).map(|(share, gone)| (share - gone).max(0)).zip(&most).map(|(a, b)| a.min(*b)).collect(),
                cap,
            )
        }
    };
    if shares.iter().sum::<i64>() == 0 {
        return None;
    }
    let mut after = left.clone();
    for (place, share) in lines.iter().zip(shares) {
        after.lines[*place] -= share;
    }
    Some(after)
}

fn percent(whole: i64, off_bp: i64, rounding: Rounding) -> i64 {
    let (floor, rest) = (whole * off_bp / 10_000, whole * off_bp % 10_000);
    let up = match rounding {
        Rounding::HalfUp => rest >= 5_000,
        Rounding::HalfEven => rest > 5_000 || (rest == 5_000 && floor % 2 == 1),
    };
    floor + i64::from(up)
}

/// In proportion, the odd cents one by one to whoever is furthest behind, the first of several.
fn shared(total: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i64 = weights.iter().sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let mut parts: Vec<i64> =
        weights.iter().map(|weight| (i128::from(total) * i128::from(*weight) / i128::from(whole)) as i64).collect();
    while parts.iter().sum::<i64>() < total {
        let behind = |place: usize| {
            i128::from(total) * i128::from(weights[place]) - i128::from(parts[place]) * i128::from(whole)
        };
        let most = (0..weights.len()).map(behind).max();
        let next = (0..weights.len()).find(|&place| Some(behind(place)) == most).unwrap();
        parts[next] += 1;
    }
    parts
}

fn cut(shares: Vec<i64>, cap: i64) -> Vec<i64> {
    if shares.iter().sum::<i64>() > cap { shared(cap, &shares) } else { shares }
}

/// In proportion, where no line gets more than it can carry: whoever would is filled first, and the rest starts again.
fn poured(total: i64, weights: &[i64], most: &[i64]) -> Vec<i64> {
    let mut parts = vec![0; weights.len()];
    let mut full = vec![false; weights.len()];
    loop {
        let open: Vec<usize> = (0..weights.len()).filter(|&place| !full[place]).collect();
        let left = total.min(most.iter().sum()) - parts.iter().sum::<i64>();
        let shares = shared(left, &open.iter().map(|&place| weights[place]).collect::<Vec<_>>());
        let over: Vec<usize> = open
            .iter()
            .zip(&shares)
            .filter(|(place, share)| **share > most[**place])
            .map(|(place, _)| *place)
            .collect();
        if over.is_empty() {
            for (place, share) in open.iter().zip(shares) {
                parts[*place] = share;
            }
            return parts;
        }
        for place in over {
            parts[place] = most[place];
            full[place] = true;
        }
    }
}
