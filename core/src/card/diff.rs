//! What changed between two versions of a template, path by path.

use serde::Serialize;
use serde_json::Value;

use super::TemplateDraft;

/// One thing that differs between two versions of a template.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct TemplateChange {
    /// Where it stands, such as `limits.uses_per_card` or `conditions[0].min_spend.minor`.
    pub path: String,
    /// What the part of the template is called.
    pub label: Labels,
    /// What stood there; nothing where the newer version added it.
    pub before: Option<Value>,
    /// What stands there now; nothing where the newer version took it out.
    pub after: Option<Value>,
}

/// A name in the languages of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Labels {
    /// English.
    pub en: &'static str,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: &'static str,
}

/// The parts of a template, in its own order: name in JSON, English, Chinese.
const PARTS: [(&str, &str, &str); 16] = [
    ("id", "id", "编号"),
    ("kind", "kind", "类型"),
    ("currency", "currency", "币种"),
    ("benefit", "benefit", "权益"),
    ("conditions", "conditions", "使用条件"),
    ("validity", "validity", "有效期"),
    ("limits", "limits", "限额"),
    ("redeem_from", "who may redeem", "核销前提"),
    ("usage", "what one use is", "计次方式"),
    ("membership", "membership", "会员"),
    ("gives", "cards that it gives", "返券"),
    ("stacking", "how it goes together with others", "叠加规则"),
    ("funding", "who bears it", "承担方"),
    ("policies", "what may be done with its cards", "绑定、转赠与延期"),
    ("parameters", "parameters", "参数"),
    ("display", "display", "展示"),
];

fn label(path: &str) -> Labels {
    let part = path.split(['.', '[']).next().unwrap_or_default();
    let known = PARTS.iter().find(|(name, ..)| *name == part);
    known.map_or(Labels { en: "other", zh_cn: "其他" }, |&(_, en, zh_cn)| Labels { en, zh_cn })
}

/// What differs between two drafts, in order of their parts.
pub(crate) fn changes(before: &TemplateDraft, after: &TemplateDraft) -> Result<Vec<TemplateChange>, serde_json::Error> {
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let mut changes = Vec::new();
    for (part, ..) in PARTS {
        walk(part.to_owned(), before.get(part), after.get(part), &mut changes);
    }
    Ok(changes)
}

fn walk(path: String, before: Option<&Value>, after: Option<&Value>, into: &mut Vec<TemplateChange>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
            for name in names {
                walk(format!("{path}.{name}"), old.get(name), new.get(name), into);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for place in 0..old.len().max(new.len()) {
                walk(format!("{path}[{place}]"), old.get(place), new.get(place), into);
            }
        }
        (before, after) => {
            let label = label(&path);
            into.push(TemplateChange { path, label, before: before.cloned(), after: after.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_template_has_a_name() {
        let draft = TemplateDraft::from_json(
            r##"{"id": "x", "kind": "times", "currency": "CNY", "benefit": {"entitlement": {}}, "usage": {"unit": "order"},
                "conditions": [{"min_spend": {"minor": 1}}], "membership": {}, "gives": [{"batch": "b"}],
                "stacking": {}, "funding": [{"party": "shop", "off_bp": 10000}],
                "policies": {"extend": {"days_max": 1}}, "parameters": {"p": {"text": {"chars_max": 1, "default": ""}}},
                "display": {"en": {"title": "x"}}}"##,
        )
        .unwrap();
        let Value::Object(parts) = serde_json::to_value(draft).unwrap() else { panic!("a draft is an object") };
        let named: Vec<&str> = PARTS.iter().map(|(name, ..)| *name).collect();
        assert!(parts.keys().all(|part| named.contains(&part.as_str())), "{parts:?}");
        assert_eq!(parts.len(), named.len(), "and every name is of a part");
    }
}
