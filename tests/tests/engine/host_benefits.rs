//! Benefits of the host's own: declared with a schema, checked when a template is saved, counted and frozen as any other.

use cardmint::card::TemplateDraft;
use cardmint::checkout::Action;
use cardmint::limit::{Limit, Measure, UsageUnit};
use cardmint::{CardPick, IssueBatch, ListHostBenefits, QuoteDrafts, SaveHostBenefit};
use cardmint_tests::{Shop, bearer, denial, denied, order, refused};
use serde_json::{Value, json};

fn points(data: Value) -> TemplateDraft {
    let benefit = json!({"deal": {"steps": [
        {"off": {"minor": 100}}, {"from": {"minor": 5_000}, "off": {"host": {"name": "points", "data": data}}},
    ]}});
    TemplateDraft { benefit: serde_json::from_value(benefit).unwrap(), ..bearer() }
}

fn declare(shop: &Shop, most: i64) -> SaveHostBenefit {
    let factor = json!({"type": "integer", "minimum": 2, "maximum": most});
    let schema = json!({"type": "object", "properties": {"factor": factor}, "required": ["factor"], "additionalProperties": false});
    SaveHostBenefit { title: Some("双倍积分".to_owned()), ..SaveHostBenefit::new(shop.meta(), "points", schema) }
}

#[test]
fn a_template_gives_what_is_declared_and_as_it_is_declared() {
    for shop in Shop::each() {
        // Nobody declared anything: a template names what it likes.
        shop.template("t", points(json!("whatever"))).unwrap();
        let save = declare(&shop, 5);
        let declared = shop.tenant.save_host_benefit(save.clone()).wait().unwrap();
        assert_eq!(shop.tenant.save_host_benefit(save).wait().unwrap(), declared);
        assert_eq!(shop.tenant.list_host_benefits(ListHostBenefits {}).unwrap(), [declared]);
        let field = |data| refused(shop.template("t", points(data))).field;
        let data = "template.benefit.deal.steps[1].off.host.data";
        assert_eq!(field(json!("whatever")), data);
        assert_eq!(field(json!({})), format!("{data}.factor"));
        assert_eq!(field(json!({"factor": 6})), format!("{data}.factor"));
        assert_eq!(field(json!({"factor": 2, "of": 1})), format!("{data}.of"));
        assert_eq!(shop.template("t", points(json!({"factor": 5}))).unwrap(), 2);
        let other = json!({"deal": {"steps": [{"off": {"host": {"name": "stamps"}}}]}});
        let stamps = TemplateDraft { benefit: serde_json::from_value(other).unwrap(), ..bearer() };
        assert_eq!(denial(shop.template("s", stamps.clone())).facts()["id"], "stamps");
        // Drafts are looked at as if they were saved.
        let offer = json!({"id": "o", "template": TemplateDraft { id: "s".to_owned(), ..stamps }});
        let order = order("o1", &[("apple", 10_000)]);
        let quote: QuoteDrafts = serde_json::from_value(json!({"order": order, "offers": [offer]})).unwrap();
        assert_eq!(denied(shop.tenant.quote_drafts(quote)), "unknown");
        // Declared anew: what is saved from now on.
        shop.tenant.save_host_benefit(declare(&shop, 3)).wait().unwrap();
        assert_eq!(field(json!({"factor": 5})), format!("{data}.factor"));
        assert_eq!(shop.tenant.template("t").unwrap().unwrap().version, 2);
        let bad = SaveHostBenefit::new(shop.meta(), "x", json!({"type": "string", "pattern": "^a"}));
        assert_eq!(refused(shop.tenant.save_host_benefit(bad).wait()).field, "schema.pattern");
        // Other settings leave it, and it leaves them.
        let settings = cardmint::SaveSettings {
            meta: shop.meta(),
            zone: "Asia/Shanghai".to_owned(),
            rounding: Default::default(),
            profile: None,
        };
        shop.tenant.save_settings(settings).wait().unwrap();
        let listed = shop.tenant.list_host_benefits(ListHostBenefits {}).unwrap();
        assert_eq!((listed.len(), listed[0].title.as_deref()), (1, Some("双倍积分")));
        assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, [], "{}", shop.name);
    }
}

#[test]
fn what_the_host_is_to_do_is_limited_frozen_and_told_as_any_other_use() {
    for shop in Shop::each() {
        shop.tenant.save_host_benefit(declare(&shop, 5)).wait().unwrap();
        shop.template("t", points(json!({"factor": 3}))).unwrap();
        let limits = vec![Limit::new("two", Measure::Uses { usage_unit: UsageUnit::Order }, 2)];
        shop.tenant.issue_batch(IssueBatch { limits, ..shop.issue_batch("t", 9) }).wait().unwrap();
        let redeem = |serial, order_id: &str| {
            let code = shop.code_of("t", serial).unwrap();
            shop.redeem_on(&code, None, order(order_id, &[("apple", 5_000)]))
        };
        let receipt = redeem(0, "o1").unwrap();
        let told = serde_json::to_value(&receipt.pricing.actions).unwrap();
        assert_eq!(told[0]["host"], json!({"name": "points", "data": {"factor": 3}, "times": 1}), "{told}");
        // Saved and declared anew: what was redeemed stays, and so does what the batch's cards give.
        shop.template("t", points(json!({"factor": 5}))).unwrap();
        shop.tenant.save_host_benefit(declare(&shop, 2)).wait().unwrap();
        let again: Vec<Action> = redeem(1, "o2").unwrap().pricing.actions;
        assert_eq!(again, receipt.pricing.actions);
        let kept = shop.tenant.redemption(receipt.redemption.as_str()).unwrap().unwrap();
        assert_eq!(kept.pricing.actions, again);
        assert_eq!(denied(redeem(2, "o3")), "limit_reached");
        shop.refund(&receipt.redemption).unwrap();
        redeem(2, "o3").unwrap();
        assert_eq!(shop.tenant.look_up(CardPick::Id(shop.card("t", 0))).unwrap().uses_left, 1);
        assert_eq!(shop.tenant.audit(()).unwrap().wait().unwrap().findings, [], "{}", shop.name);
    }
}
