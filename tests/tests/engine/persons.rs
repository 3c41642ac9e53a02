//! Several subjects that are one natural person.

use cardmint::card::{
    Audience, HoldTerms, LateCapture, Limits, Policies, RedeemFrom, RefundTo, TemplateDraft, TransferPolicy,
};
use cardmint::limit::{Limit, LimitWindow, Measure, Scope, UsageUnit};
use cardmint::subject::Subject;
use cardmint::{
    AddAudience, CaptureHold, CaptureOutcome, CardPick, Claim, ClaimFrom, Error, HoldView, Link, PersonOf, PersonView,
    PlaceHold, Receipt, Redeem, SaveCampaign, Transfer, Unlink,
};
use cardmint_tests::{Shop, bearer, denial, denied, eight_tenths, order, refused};

fn openid(value: &str) -> Subject {
    Subject::new("wechat_openid", value)
}

fn phone(value: &str) -> Subject {
    Subject::new("phone", value)
}

fn link(shop: &Shop, subjects: &[Subject]) -> Result<PersonView, Error> {
    shop.tenant.link(Link { meta: shop.meta(), subjects: subjects.to_vec() }).wait()
}

fn unlink(shop: &Shop, subject: Subject) -> Result<PersonView, Error> {
    shop.tenant.unlink(Unlink { meta: shop.meta(), subject }).wait()
}

fn person(shop: &Shop, subject: Subject) -> PersonView {
    shop.tenant.person(PersonOf { subject }).unwrap()
}

/// Uses a card of the batch that anybody with its code may use.
fn redeem(shop: &Shop, serial: u32, holder: &Subject) -> Result<Receipt, Error> {
    let code = shop.code_of("b", serial).unwrap();
    let bought = order(&format!("o-{serial}"), &[("apple", 10_000)]);
    shop.tenant.redeem(Redeem::new(shop.meta(), code, bought).by(holder.clone())).wait()
}

fn hold(shop: &Shop, serial: u32, holder: &Subject) -> Result<HoldView, Error> {
    let code = shop.code_of("b", serial).unwrap();
    let bought = order(&format!("h-{serial}"), &[("apple", 10_000)]);
    let asked = PlaceHold { holder: Some(holder.clone()), ..PlaceHold::new(shop.meta(), code, bought) };
    shop.tenant.hold(asked).wait()
}

fn claim(shop: &Shop, holder: Subject) -> Result<String, Error> {
    let take = ClaimFrom::Batch("b".to_owned());
    let claimed = shop.tenant.claim(Claim { meta: shop.meta(), take, holder, channel: None }).wait()?;
    Ok(claimed.code.unwrap())
}

fn limited(limits: Limits) -> TemplateDraft {
    TemplateDraft { limits, ..bearer() }
}

fn audited(shop: &Shop) {
    let audit = shop.tenant.audit(()).unwrap().wait().unwrap();
    assert!(audit.findings.is_empty(), "{}: {:?}", shop.name, audit.findings);
}

/// A limit of two uses per holder: an openid used one before it was linked, the phone number another; then all of the person is full.
#[test]
fn natural_persons_count_together_what_came_before_included() {
    for shop in Shop::each() {
        shop.batch("b", 100, limited(Limits { uses_per_holder: Some(3), ..Limits::default() }));
        let (one, two, other) = (openid("o-1"), phone("+8613800000000"), openid("o-2"));
        redeem(&shop, 0, &one).unwrap();
        redeem(&shop, 1, &two).unwrap();
        let linked = link(&shop, &[one.clone(), two.clone()]).unwrap();
        assert_eq!(person(&shop, one.clone()), linked);
        let third = redeem(&shop, 2, &two).unwrap();
        for subject in [&one, &two] {
            let no = denial(redeem(&shop, 3, subject));
            assert_eq!(
                (no.code(), no.facts()["limit"].as_u64(), no.facts()["used"].as_u64()),
                ("limit_reached", Some(3), Some(3))
            );
            assert_eq!(denied(hold(&shop, 3, subject).map(|_| ())), "limit_reached", "{}", shop.name);
        }
        redeem(&shop, 3, &other).unwrap();
        audited(&shop);
        // What counted for the person comes back to the person.
        shop.refund(&third.redemption).unwrap();
        redeem(&shop, 4, &one).unwrap();
        assert_eq!(denied(redeem(&shop, 5, &two)), "limit_reached");
        audited(&shop);
    }
}

#[test]
fn limits_by_holder_and_by_a_kind_of_subject_go_by_person() {
    let apart = |name: &str, scope| Limit {
        scope: vec![scope],
        window: LimitWindow::RollingS(3_600),
        ..Limit::new(name, Measure::Uses { usage_unit: UsageUnit::Order }, 2)
    };
    for scope in [Scope::Holder, Scope::Subject("wechat_openid".to_owned())] {
        for shop in Shop::each() {
            shop.batch("b", 100, limited(Limits { list: vec![apart("each", scope.clone())], ..Limits::default() }));
            let (one, two) = (openid("o-1"), openid("o-2"));
            redeem(&shop, 0, &one).unwrap();
            redeem(&shop, 1, &two).unwrap();
            link(&shop, &[one.clone(), two.clone()]).unwrap();
            let no = denial(redeem(&shop, 2, &one));
            assert_eq!(
                (no.code(), no.facts()["used"].as_i64(), no.facts()["limit"].as_i64()),
                ("limit_reached", Some(2), Some(2))
            );
            // What rolled out of the window counts no more, on any of the accounts.
            shop.clock.advance(2 * 3_600_000);
            let held = hold(&shop, 2, &two).unwrap();
            redeem(&shop, 3, &one).unwrap();
            assert_eq!(denied(redeem(&shop, 4, &two)), "limit_reached", "{}", shop.name);
            shop.tenant.capture(CaptureHold::new(shop.meta(), held.hold)).wait().unwrap();
            assert_eq!(denied(hold(&shop, 5, &one).map(|_| ())), "limit_reached");
            audited(&shop);
        }
    }
}

#[test]
fn claims_and_lists_go_by_person_and_each_may_use_what_another_holds() {
    for shop in Shop::each() {
        let limits = Limits { claims_per_holder: Some(1), ..Limits::default() };
        let template = TemplateDraft { limits, redeem_from: RedeemFrom::Claimed, ..eight_tenths() };
        let listed = SaveCampaign { audience: Audience::Listed, ..shop.campaign("b") };
        shop.campaign_batch(listed, 100, template);
        let (one, two) = (openid("o-1"), openid("o-2"));
        let subjects = vec![one.clone()];
        shop.tenant.add_audience(AddAudience { meta: shop.meta(), campaign: "b".to_owned(), subjects }).wait().unwrap();
        assert_eq!(denied(claim(&shop, two.clone())), "not_in_audience");
        let linked = link(&shop, &[two.clone(), one.clone()]).unwrap();
        let code = claim(&shop, two.clone()).unwrap();
        assert_eq!(denied(claim(&shop, one.clone())), "limit_reached", "{}", shop.name);
        let bought = || order("o-9", &[("apple", 10_000)]);
        let stranger = Redeem::new(shop.meta(), code.as_str(), bought()).by(openid("o-3"));
        assert_eq!(denied(shop.tenant.redeem(stranger).wait()), "not_owner");
        let paid =
            shop.tenant.redeem(Redeem::new(shop.meta(), code.as_str(), bought()).by(one.clone())).wait().unwrap();
        assert_eq!(shop.tenant.look_up(CardPick::code(&code)).unwrap().id, paid.card);
        audited(&shop);
        let alone = unlink(&shop, one.clone()).unwrap();
        assert_eq!((alone.person, alone.subjects.len()), (linked.person, 1));
        assert_eq!(person(&shop, one.clone()).person, None);
        // On its own again: it has claimed nothing by itself, and the card is the other one's.
        shop.refund(&paid.redemption).unwrap();
        assert_eq!(
            denied(shop.tenant.redeem(Redeem::new(shop.meta(), code.as_str(), bought()).by(one.clone())).wait()),
            "not_owner"
        );
        claim(&shop, one).unwrap();
        audited(&shop);
    }
}

#[test]
fn persons_meet_and_keep_what_counted_for_each() {
    for shop in Shop::each() {
        shop.batch("b", 100, limited(Limits { uses_per_holder: Some(3), ..Limits::default() }));
        let all: Vec<Subject> = (0..5).map(|n| openid(&format!("o-{n}"))).collect();
        let first = link(&shop, &all[..2]).unwrap();
        let second = link(&shop, &all[2..4]).unwrap();
        assert_ne!(first.person, second.person);
        redeem(&shop, 0, &all[0]).unwrap();
        redeem(&shop, 1, &all[2]).unwrap();
        let grown = link(&shop, &[all[4].clone(), all[0].clone()]).unwrap();
        assert_eq!((grown.person, grown.subjects.len()), (first.person, 3), "a person grows");
        let met = link(&shop, &[all[1].clone(), all[3].clone()]).unwrap();
        assert_eq!(met.subjects.len(), 5);
        redeem(&shop, 2, &all[4]).unwrap();
        for (serial, subject) in (3..).zip(&all) {
            assert_eq!(denied(redeem(&shop, serial, subject)), "limit_reached", "{}", shop.name);
        }
        audited(&shop);
        // One who was made of two grows like any other, subject by subject.
        for n in 5..20 {
            let grown = link(&shop, &[all[0].clone(), openid(&format!("o-{n}"))]).unwrap();
            assert_eq!((&grown.person, grown.subjects.len()), (&met.person, n + 1), "{}", shop.name);
        }
        assert_eq!(denied(redeem(&shop, 9, &openid("o-19"))), "limit_reached");
        let again = Link { meta: shop.meta(), subjects: all[..2].to_vec() };
        let once = shop.tenant.link(again.clone()).wait().unwrap();
        assert_eq!(shop.tenant.link(again).wait().unwrap(), once, "the same request, the same reply");
    }
}

#[test]
fn what_is_no_link_is_refused() {
    for shop in Shop::each() {
        assert_eq!(refused(link(&shop, &[openid("o-1")])).field, "subjects");
        assert_eq!(refused(link(&shop, &[openid("o-1"), openid("o-1")])).field, "subjects");
        assert_eq!(refused(link(&shop, &[openid("o-1"), openid("")])).field, "subjects[1].value");
        assert_eq!(refused(link(&shop, &[openid("o-1"), Subject::new("person", "1")])).field, "subjects[1].kind");
        assert_eq!(denied(unlink(&shop, openid("o-1"))), "unknown");
        let people: Vec<Subject> = (0..40).map(|n| openid(&format!("o-{n}"))).collect();
        for three in people.chunks(16) {
            link(&shop, three).unwrap();
        }
        let two = [people[0].clone(), people[16].clone(), people[32].clone()];
        assert_eq!(refused(link(&shop, &two)).allowed, "at most 32 in a person");
        let shown = format!("{:?}", link(&shop, &[phone("+8613800000001"), phone("+8613800000002")]).unwrap());
        assert!(!shown.contains("1380000"), "{shown}");
    }
}

/// A person gets its number in the decision that links it; who holds in the same group looks for what counts on that number.
#[test]
fn a_link_and_a_hold_of_its_subject_at_the_same_moment_both_come_to_an_end() {
    for shop in Shop::each() {
        shop.batch("b", 5, limited(Limits { uses_per_holder: Some(2), ..Limits::default() }));
        link(&shop, &[openid("x"), openid("y")]).unwrap();
        let ann = Subject::customer("ann");
        let code = shop.code_of("b", 0).unwrap();
        let linked = shop.tenant.link(Link { meta: shop.meta(), subjects: vec![ann.clone(), openid("o-1")] });
        let bought = order("h", &[("apple", 10_000)]);
        let held = shop.tenant.hold(PlaceHold::new(shop.meta(), code, bought).by(ann));
        held.wait().unwrap();
        let view = linked.wait().unwrap();
        assert_eq!(view.subjects.len(), 2, "{}", shop.name);
        audited(&shop);
    }
}

/// What one subject holds another may use: also where its hold was over and is taken again.
#[test]
fn a_hold_on_the_card_of_another_subject_is_taken_again_when_it_is_captured_late() {
    for shop in Shop::each() {
        let holds = HoldTerms { late: LateCapture::Reacquire, ..HoldTerms::default() };
        shop.batch("b", 5, TemplateDraft { holds, ..eight_tenths() });
        let (ann, phone) = (Subject::customer("ann"), openid("o-1"));
        link(&shop, &[ann.clone(), phone.clone()]).unwrap();
        let code = claim(&shop, ann).unwrap();
        let bought = order("h", &[("apple", 10_000)]);
        let asked = PlaceHold { ttl_s: Some(1), ..PlaceHold::new(shop.meta(), code, bought).by(phone) };
        let held = shop.tenant.hold(asked).wait().unwrap();
        shop.clock.advance(60_000);
        let captured = shop.tenant.capture(CaptureHold::new(shop.meta(), held.hold)).wait().unwrap();
        assert_eq!(captured.outcome, CaptureOutcome::Reacquired, "{}", shop.name);
        audited(&shop);
    }
}

/// `original_only` keeps a refund from whoever got the card since, not from the same person under another name.
#[test]
fn g05_a_refund_goes_back_to_the_person_who_redeemed_under_another_subject() {
    for shop in Shop::each() {
        let transfer = Some(TransferPolicy { transfers_max: 3, keep_code: true, refund_to: RefundTo::OriginalOnly });
        let policies = Policies { transfer, ..Policies::default() };
        shop.batch("b", 5, TemplateDraft { policies, ..eight_tenths() });
        let (ann, phone, bob) = (Subject::customer("ann"), openid("o-1"), Subject::customer("bob"));
        link(&shop, &[ann.clone(), phone.clone()]).unwrap();
        let code = claim(&shop, bob.clone()).unwrap();
        let hand_on = |holder: &Subject, to: &Subject| {
            let (holder, to) = (holder.clone(), to.clone());
            shop.tenant.transfer(Transfer { meta: shop.meta(), card: CardPick::code(&code), holder, to }).wait()
        };
        hand_on(&bob, &ann).unwrap();
        let bought = order("o", &[("apple", 10_000)]);
        let receipt = shop.tenant.redeem(Redeem::new(shop.meta(), code.as_str(), bought).by(phone)).wait().unwrap();
        shop.refund(&receipt.redemption).unwrap();
        let bought = order("o-2", &[("apple", 10_000)]);
        let again = shop.tenant.redeem(Redeem::new(shop.meta(), code.as_str(), bought).by(ann.clone())).wait().unwrap();
        shop.tenant.unlink(Unlink { meta: shop.meta(), subject: ann }).wait().unwrap();
        shop.refund(&again.redemption).unwrap();
    }
}
