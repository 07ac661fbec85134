//! Days off: deadlines of people move to the next working day, by an act that is registered; due days where the setting says so.

use aiscra_tests::{Flat, TestApp, march};
use domain::access::Role;
use domain::kernel::Sector;
use serde_json::{Value as Json, json};

async fn document(city: &TestApp) -> String {
    let id: Option<i64> = city
        .scalar(
            "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
             VALUES ('order', '№ 1', '2026-03-01', 'Правительство', 'Перенос', 'test') RETURNING id",
        )
        .await;
    api::platform::graphql::id::encode("Document", id.unwrap())
}

async fn set(city: &TestApp, role: Role, input: Json) -> aiscra_tests::Reply {
    let query = "mutation($i: CalendarDaySetInput!) { calendarDaySet(input: $i) { calendar { day exception { kind name demo } }
        errors { code field } } }";
    city.graphql(query, json!({ "i": input })).as_role(role).await
}

async fn soft_close(city: &TestApp) -> String {
    let query = "{ period(period: \"2026-03\", sector: MULTI) { cutOffs { step dueOn } } }";
    let asked = city.graphql(query, json!({})).as_role(Role::Auditor).await;
    let steps = asked.at("/period/cutOffs").as_array().unwrap().clone();
    steps.iter().find(|step| step["step"] == "SOFT_CLOSE").unwrap()["dueOn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn holidays_are_known_and_an_act_adds_to_them() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 5_000)]).await;
    let query = "query($y: Int!) { calendarDays(year: $y) { day kind source demo } }";
    let asked = city.graphql(query, json!({ "y": 2026 })).as_role(Role::Auditor).await;
    let days = asked.at("/calendarDays").as_array().unwrap().clone();
    let of = |day: &str| days.iter().find(|row| row["day"] == day).cloned().unwrap_or_default();
    assert_eq!((&of("2026-03-24")["kind"], &of("2026-12-16")["kind"]), (&json!("MOVED"), &json!("HOLIDAY")));
    assert_eq!(of("2026-05-27")["demo"], true, "reckoned, not decreed yet");
    assert_eq!(of("2026-08-30"), Json::Null);

    // Friday, 3 April becomes a day off: the soft close waits until Monday.
    assert_eq!(soft_close(&city).await, "2026-04-03");
    let act = document(&city).await;
    let off = json!({ "day": "2026-04-03", "kind": "MOVED", "name": "вместо 5 апреля", "source": "Постановление № 1", "documentId": act });
    for (role, code) in [(Role::Auditor, "FORBIDDEN"), (Role::OperatorMulti, "FORBIDDEN")] {
        assert_eq!(set(&city, role, off.clone()).await.codes(), [code]);
    }
    for (change, code) in [
        (json!({ "day": "2026-03-26" }), "PAST_DAY"),
        (json!({ "name": " " }), "EMPTY"),
        (json!({ "documentId": api::platform::graphql::id::encode("Document", 99) }), "NO_SUCH_DOCUMENT"),
    ] {
        let mut input = off.clone();
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(set(&city, Role::ChiefAccountant, input).await.refusals(), [code], "{change}");
    }
    let done = set(&city, Role::ChiefAccountant, off.clone()).await;
    assert_eq!(done.at("/calendarDaySet/calendar/exception/kind"), "MOVED", "{done:?}");
    assert_eq!(soft_close(&city).await, "2026-04-06");
    set(&city, Role::ChiefAccountant, off).await.ok();
    let told =
        "SELECT count(*) FROM platform.audit_entry WHERE action = 'calendar_day' AND document_id IS NOT NULL";
    assert_eq!(city.scalar::<i64>(told).await, Some(2));

    let usual = json!({ "day": "2026-04-03", "documentId": act });
    let done = set(&city, Role::ChiefAccountant, usual.clone()).await;
    assert_eq!(done.at("/calendarDaySet/calendar/exception"), &Json::Null, "{done:?}");
    assert_eq!(soft_close(&city).await, "2026-04-03");
    assert_eq!(set(&city, Role::ChiefAccountant, usual).await.refusals(), Vec::<&str>::new(), "repeated");
    assert_eq!(city.scalar::<i64>(told).await, Some(3));
}

/// 25 April 2026 is a Saturday.
#[tokio::test]
async fn a_due_day_that_is_off_gives_way_where_the_setting_says_so() {
    for (shift, due) in [("as_is", "2026-04-25"), ("next_working", "2026-04-27")] {
        let city = TestApp::new().await;
        city.house(&[Flat::metered(2, 5_000)]).await;
        city.sql(&format!(
            "UPDATE tariffs.setting SET value = '\"{shift}\"' WHERE code = 'billing.due_shift'"
        ))
        .await;
        let run =
            api::billing::ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
        assert_eq!(run.due_on.to_string(), due);
        let items = "SELECT string_agg(DISTINCT due_on::text, ' ') FROM ledger.open_item";
        assert_eq!(city.scalar::<String>(items).await.as_deref(), Some(due));
    }
}

/// A final bill is no run of the month: the calendar does not take it for one.
#[tokio::test]
async fn a_final_bill_does_not_tick_off_the_run_of_its_month() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 5_000), Flat::unmetered(1)]).await;
    let act = document(&city).await;
    let input = json!({ "accountId": api::platform::graphql::id::encode("Account", 2), "expectedVersion": 1, "date": "2026-03-11",
        "documentId": act });
    let query = "mutation($i: FinalBillInput!) { finalBillMake(input: $i) { errors { code } } }";
    let made = city.graphql(query, json!({ "i": input })).as_role(Role::OperatorMulti).await;
    assert_eq!(made.refusals(), Vec::<&str>::new(), "{made:?}");
    let query = "{ period(period: \"2026-03\", sector: MULTI) { cutOffs { step state doneAt } } }";
    let asked = city.graphql(query, json!({})).as_role(Role::Auditor).await;
    let done: Vec<&Json> = asked
        .at("/period/cutOffs")
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["state"] == "DONE")
        .collect();
    assert!(done.is_empty(), "{done:?}");
}
