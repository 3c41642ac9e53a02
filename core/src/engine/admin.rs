//! What a merchant sets up: settings, campaigns and their audiences, product sets, templates; and what the host reports.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::request::{Change, Done, Saved};
use super::resolve::pinned;
use super::view::View;
use crate::Invalid;
use crate::card::{
    Audience, AudienceMember, Campaign, EventKind, Goal, Life, Profile, Target, Template, TemplateDraft,
    check_profiled, check_title,
};
use crate::denial::Denial;
use crate::id::check_name;
use crate::limit::Limit;
use crate::money::Rounding;
use crate::rule::ProductSet;
use crate::store::{Key, Record, Settings};
use crate::subject::{Subject, SubjectKey};
use crate::time::{Instant, Window, Zone};

/// Sets what holds for the whole tenant. Until then it is UTC and half-up.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveSettings {
    /// Key, reason, origin.
    pub meta: Meta,
    /// IANA zone in which dates become instants; what was saved before keeps its own.
    pub zone: String,
    /// How shares that are not whole become whole.
    #[serde(default)]
    pub rounding: Rounding,
    /// The policy profile of templates of value that name none; templates that are saved already keep their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
}

impl Command for SaveSettings {
    type Reply = Done;

    fn op(&self) -> &'static str {
        "save_settings"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        Zone::parse("zone", &self.zone)?;
        self.profile.as_ref().map_or(Ok(()), |profile| profile.check("profile"))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Done), Stop> {
        if cx.replay::<Done>(view)?.is_some() {
            return Ok((None, Done {}));
        }
        let (before, seen) = view.settings_row()?.unzip();
        let zone = Zone::parse("zone", &self.zone)?;
        let before = before.unwrap_or_default();
        let settings = Settings { zone, rounding: self.rounding, profile: self.profile.clone(), ..before };
        let mut plan = Plan::new(cx, view);
        plan.write(seen, Record::Settings(settings));
        plan.done(cx, EventKind::SettingsSaved, Target::Tenant, &Done {})?;
        Ok((Some(plan), Done {}))
    }
}

/// Saves a campaign, new or over the one of the same id.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveCampaign {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The host's id.
    pub id: String,
    /// What people call it; 1 to 200 characters.
    pub title: String,
    /// Draft, running, paused or archived.
    #[serde(default)]
    pub life: Life,
    /// A date (the start of that local day) or an RFC 3339 instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// A date (that day still counts) or an RFC 3339 instant (which does not).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// What it is meant to reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
    /// Who may claim.
    #[serde(default)]
    pub audience: Audience,
    /// Ceilings on what all of its cards together are used for: uses, and money budgets. At most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
}

impl SaveCampaign {
    fn campaign(&self, zone: &Zone) -> Result<Campaign, Invalid> {
        let window = Window::resolve("campaign", self.start.as_deref(), self.end.as_deref(), zone)?;
        let campaign = Campaign {
            id: self.id.clone(),
            title: self.title.clone(),
            life: self.life,
            window,
            goal: self.goal.clone(),
            audience: self.audience,
            limits: self.limits.clone(),
        };
        campaign.check()?;
        Ok(campaign)
    }
}

impl Command for SaveCampaign {
    type Reply = Campaign;

    fn op(&self) -> &'static str {
        "save_campaign"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        self.campaign(&Zone::utc()).map(|_| ())
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Campaign), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let campaign = self.campaign(&view.settings()?.zone)?;
        let seen = view.campaign(&self.id)?.map(|(_, version)| version);
        let mut plan = Plan::new(cx, view);
        plan.write(seen, Record::Campaign(campaign.clone()));
        plan.done(cx, EventKind::CampaignSaved, Target::Named(self.id.clone()), &campaign)?;
        Ok((Some(plan), campaign))
    }
}

/// Lists subjects as a campaign's audience. Those that are listed already stay so.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddAudience {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The campaign.
    pub campaign: String,
    /// 1 to 1,000 subjects.
    pub subjects: Vec<Subject>,
}

/// How many subjects were new on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AudienceAdded {
    /// Subjects that were not listed before.
    pub added: u32,
}

/// [`AddAudience`] with the subjects as records hold them.
#[derive(Serialize)]
struct AddAudienceKeyed {
    meta: Meta,
    campaign: String,
    subjects: Vec<SubjectKey>,
}

impl Command for AddAudienceKeyed {
    type Reply = AudienceAdded;

    fn op(&self) -> &'static str {
        "add_audience"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("campaign", &self.campaign)?;
        if (1..=1_000).contains(&self.subjects.len()) {
            return Ok(());
        }
        Err(Invalid::new("subjects", self.subjects.len(), "1 to 1000 subjects"))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, AudienceAdded), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let keys = |subject: &SubjectKey| Key::Audience(self.campaign.clone(), subject.clone());
        view.want(self.subjects.iter().map(keys).chain([Key::Campaign(self.campaign.clone())]))?;
        if view.campaign(&self.campaign)?.is_none() {
            return Err(Denial::Unknown { kind: "campaign", id: self.campaign.clone() }.into());
        }
        let mut plan = Plan::new(cx, view);
        let mut added = 0;
        for subject in std::collections::BTreeSet::from_iter(&self.subjects) {
            if !view.is_listed(keys(subject))? {
                let member = AudienceMember { campaign: self.campaign.clone(), subject: subject.clone() };
                plan.write(None, Record::Audience(member));
                added += 1;
            }
        }
        let reply = AudienceAdded { added };
        plan.done(cx, EventKind::AudienceAdded, Target::Named(self.campaign.clone()), &reply)?;
        Ok((Some(plan), reply))
    }
}

/// Saves a version of a product set.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveProductSet {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The host's name for it.
    pub name: String,
    /// 1 to 100,000 product ids.
    pub products: Vec<String>,
}

impl Command for SaveProductSet {
    type Reply = Saved;

    fn op(&self) -> &'static str {
        "save_product_set"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        ProductSet::check(&self.name, &self.products)
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Saved), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let version = view.product_set(&self.name, None)?.map_or(0, |set| set.version).saturating_add(1);
        let set = ProductSet::new(&self.name, version, self.products.clone())?;
        let mut plan = Plan::new(cx, view);
        plan.write(None, Record::ProductSet(Arc::new(set)));
        plan.done(cx, EventKind::ProductSetSaved, Target::Named(self.name.clone()), &Saved { version })?;
        Ok((Some(plan), Saved { version }))
    }
}

/// Saves a version of a template. Batches keep the version that they were issued from.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveTemplate {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The template.
    pub template: TemplateDraft,
}

impl Command for SaveTemplate {
    type Reply = Saved;

    fn op(&self) -> &'static str {
        "save_template"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        let validity = &self.template.validity;
        self.template.check().map_err(|invalid| invalid.within("template"))?;
        Window::resolve("template.validity", validity.start.as_deref(), validity.end.as_deref(), &Zone::utc())
            .map(|_| ())
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Saved), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let (mut draft, Settings { zone, profile, .. }) = pinned(view, &self.template, "template")?;
        if draft.kind.holds_value() {
            draft.profile = draft.profile.or(profile);
        }
        let validity = &draft.validity;
        let window = Window::resolve("template.validity", validity.start.as_deref(), validity.end.as_deref(), &zone)?;
        let version = view.template(&draft.id, None)?.map_or(0, |newest| newest.version).saturating_add(1);
        let id = draft.id.clone();
        let template = Template::new(version, draft, window, zone);
        check_profiled(&template, view.now)?;
        let mut plan = Plan::new(cx, view);
        plan.write(None, Record::Template(Arc::new(template)));
        plan.done(cx, EventKind::TemplateSaved, Target::Named(id), &Saved { version })?;
        Ok((Some(plan), Saved { version }))
    }
}

/// Something that happened at the host, for the journal: a visit, a sign-up, a level reached.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observe {
    /// Key, reason, origin.
    pub meta: Meta,
    /// Whom it is about.
    pub subject: Subject,
    /// The host's name for it.
    pub kind: String,
    /// When, as the host says.
    pub at: Instant,
    /// What else there is to say; at most 32 texts of 1 to 200 characters, nothing personal.
    #[serde(default, deserialize_with = "crate::json::no_doubles")]
    pub facts: BTreeMap<String, String>,
}

/// [`Observe`] with the subject as records hold it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Observed {
    meta: Meta,
    subject: SubjectKey,
    kind: String,
    at: Instant,
    facts: BTreeMap<String, String>,
}

impl Command for Observed {
    type Reply = Done;

    fn op(&self) -> &'static str {
        "observe"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("kind", &self.kind)?;
        if self.facts.len() > 32 {
            return Err(Invalid::new("facts", self.facts.len(), "at most 32 facts"));
        }
        self.facts.iter().try_for_each(|(name, text)| {
            check_name("facts", name)?;
            check_title(&format!("facts.{name}"), text)
        })
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Done), Stop> {
        if cx.replay::<serde_json::Value>(view)?.is_some() {
            return Ok((None, Done {}));
        }
        let facts = serde_json::json!({"subject": self.subject, "kind": self.kind, "at": self.at, "facts": self.facts});
        let mut plan = Plan::new(cx, view);
        plan.done(cx, EventKind::Observed, Target::Named(self.kind.clone()), &facts)?;
        Ok((Some(plan), Done {}))
    }
}

impl Change for SaveSettings {
    type Reply = Done;

    fn change(self, tenant: &Tenant) -> Call<Done> {
        submit(&tenant.realm, self)
    }
}

impl Change for SaveCampaign {
    type Reply = Campaign;

    fn change(self, tenant: &Tenant) -> Call<Campaign> {
        submit(&tenant.realm, self)
    }
}

impl Change for AddAudience {
    type Reply = AudienceAdded;

    fn change(self, tenant: &Tenant) -> Call<AudienceAdded> {
        let keyed = |(place, subject): (usize, &Subject)| {
            subject.check(&format!("subjects[{place}]"))?;
            tenant.realm.subject(subject)
        };
        let subjects: Result<_, Error> = self.subjects.iter().enumerate().map(keyed).collect();
        match subjects {
            Ok(subjects) => {
                submit(&tenant.realm, AddAudienceKeyed { meta: self.meta, campaign: self.campaign, subjects })
            }
            Err(error) => Call::ready(Err(error)),
        }
    }
}

impl Change for SaveProductSet {
    type Reply = Saved;

    fn change(self, tenant: &Tenant) -> Call<Saved> {
        submit(&tenant.realm, self)
    }
}

impl Change for SaveTemplate {
    type Reply = Saved;

    fn change(self, tenant: &Tenant) -> Call<Saved> {
        submit(&tenant.realm, self)
    }
}

impl Change for Observe {
    type Reply = Done;

    fn change(self, tenant: &Tenant) -> Call<Done> {
        if let Err(invalid) = self.subject.check("subject") {
            return Call::ready(Err(invalid.into()));
        }
        let Self { meta, subject, kind, at, facts } = self;
        match tenant.realm.subject(&subject) {
            Ok(subject) => submit(&tenant.realm, Observed { meta, subject, kind, at, facts }),
            Err(error) => Call::ready(Err(error)),
        }
    }
}
