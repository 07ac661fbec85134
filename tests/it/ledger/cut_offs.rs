//! The calendar of closing: usual days from the setting, moved with a reason, in order.

use aiscra_tests::{Flat, TestApp};
use domain::access::Role;
use serde_json::{Value as Json, json};

const ASK: &str =
    "{ period(period: \"2026-03\", sector: MULTI) { cutOffs { step dueOn state doneAt reason setBy }
    channels { channel counts { received accepted } } } }";

async fn days(city: &TestApp) -> Vec<String> {
    let asked = city.graphql(ASK, json!({})).as_role(Role::Auditor).await;
    let steps = asked.at("/period/cutOffs").as_array().unwrap().clone();
    let said = |step: &Json| {
        let text = |name: &str| step[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", text("step"), text("dueOn"), text("state"), text("reason"))
    };
    steps.iter().map(said).collect()
}

async fn set(city: &TestApp, step: &str, day: &str, reason: &str) -> Vec<String> {
    let asked = city
        .graphql(
            "mutation($s: CutOffStep!, $d: Date!, $r: String!) { cutOffSet(input: { period: \"2026-03\", sector: MULTI, step: $s,
                dueOn: $d, reason: $r }) { period { id } errors { code } } }",
            json!({ "s": step, "d": day, "r": reason }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    asked.refusals().into_iter().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_has_its_days_and_who_moves_one_says_why() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 5_000)]).await;
    let usual = [
        "READINGS_IN 2026-03-25 LATE -",
        "RUN 2026-03-26 DUE -",
        "ISSUE 2026-03-30 AHEAD -",
        "SOFT_CLOSE 2026-04-03 AHEAD -",
        "HARD_CLOSE 2026-04-06 AHEAD -",
    ];
    assert_eq!(days(&city).await, usual);
    assert_eq!(set(&city, "RUN", "2026-03-24", "early").await, ["CUT_OFF_ORDER"]);
    assert_eq!(set(&city, "RUN", "2026-03-27", " ").await, ["EMPTY"]);
    assert_eq!(set(&city, "RUN", "2026-03-27", "the server moves").await, [""; 0]);
    assert_eq!(days(&city).await[1], "RUN 2026-03-27 DUE the server moves");
    let told: Option<String> =
        city.scalar("SELECT after ->> 'reason' FROM platform.audit_entry WHERE action = 'cut_off_set'").await;
    assert_eq!(told.as_deref(), Some("the server moves"));
    let run =
        api::billing::ops::run_now(&city.app, aiscra_tests::march(), domain::kernel::Sector::Multi, Some(1))
            .await;
    run.unwrap().unwrap();
    let states: Vec<String> = days(&city).await;
    assert!(
        states[0].contains("DONE") && states[1].contains("DONE") && states[2].contains("AHEAD"),
        "{states:?}"
    );
    let asked = city.graphql(ASK, json!({})).as_role(Role::Auditor).await;
    assert_eq!(
        asked.at("/period/channels"),
        &json!([{ "channel": "PORTAL", "counts": { "received": 1, "accepted": 1 } }])
    );
    city.sql("UPDATE ledger.period SET status = 'closed'").await;
    assert_eq!(set(&city, "ISSUE", "2026-03-31", "late").await, ["CUT_OFF_CLOSED"]);
}

#[tokio::test]
async fn a_sector_may_have_a_calendar_of_its_own() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 5_000)]).await;
    let own = |sector: &str, value: &str| {
        format!(
            "INSERT INTO tariffs.setting (code, value, valid, recorded, source, proposed_by, confirmed_by, confirmed_at)
             SELECT 'ledger.cut_offs.{sector}', to_jsonb('{value}'::text), valid, recorded, 'test', 'one', 'two', now()
             FROM tariffs.setting WHERE code = 'ledger.cut_offs' ORDER BY id DESC LIMIT 1"
        )
    };
    let usual = days(&city).await;
    city.sql(&own("legal", "readings_in=10,run=11,issue=12,soft_close=+1,hard_close=+2")).await;
    assert_eq!(days(&city).await, usual, "of another sector");
    city.sql(&own("multi", "readings_in=16,run=17,issue=18,soft_close=+3,hard_close=+5")).await;
    let own = days(&city).await;
    // The 16th to the 18th of March 2026 are a Monday to a Wednesday.
    for (step, day) in own.iter().zip(["2026-03-16", "2026-03-17", "2026-03-18"]) {
        assert!(step.contains(day), "{own:?}");
    }
    assert_eq!(own[3..], usual[3..], "the ends of closing are the same days");
}
