//! The business date of the demo: who may move it, and who hears of it.

use aiscra_tests::{BusKind, TestApp};
use domain::access::Role;
use domain::kernel::AccountId;
use serde_json::json;

const SET: &str =
    "mutation($d: Date!) { businessDateSet(input: { date: $d }) { businessDate errors { code } } }";

async fn today(app: &TestApp) -> String {
    app.graphql("{ businessDate }", json!({})).await.text("/businessDate").to_owned()
}

#[tokio::test]
async fn the_staff_of_a_demo_moves_the_day_for_every_process() {
    let app = TestApp::on(BusKind::Redis).await;
    let neighbour = app.neighbour(BusKind::Redis).await;
    api::platform::clock::follow(&app.app).await.expect("follows");
    api::platform::clock::follow(&neighbour.app).await.expect("follows");
    assert_eq!((today(&app).await, today(&neighbour).await), ("2026-03-26".into(), "2026-03-26".into()));

    let day = json!({ "d": "2026-04-02" });
    assert_eq!(app.graphql(SET, day.clone()).as_anonymous().await.codes(), ["UNAUTHENTICATED"]);
    assert_eq!(app.graphql(SET, day.clone()).as_subscriber(AccountId(1)).await.codes(), ["FORBIDDEN"]);
    assert_eq!(today(&app).await, "2026-03-26");

    let moved = app.graphql(SET, day).as_role(Role::Cashier).await;
    assert_eq!(moved.text("/businessDateSet/businessDate"), "2026-04-02");
    assert_eq!(today(&app).await, "2026-04-02");
    for wait in 0.. {
        if today(&neighbour).await == "2026-04-02" {
            break;
        }
        assert!(wait < 100, "the neighbour never hears of it");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // One that starts later finds the day, too; the trail knows who moved it.
    let later = app.neighbour(BusKind::Redis).await;
    api::platform::clock::follow(&later.app).await.expect("follows");
    assert_eq!(today(&later).await, "2026-04-02");
    let trail = "SELECT actor || ' ' || (after->>'from') || ' ' || (after->>'to') FROM platform.audit_entry WHERE entity = 'business_date'";
    assert_eq!(app.scalar::<String>(trail).await.as_deref(), Some("test.cashier 2026-03-26 2026-04-02"));
}

#[tokio::test]
async fn nobody_moves_the_day_of_a_real_installation() {
    let app = TestApp::with(|config| config.demo = false).await;
    for role in Role::ALL.iter().filter(|role| !matches!(role, Role::Subscriber | Role::Integration)) {
        let reply = app.graphql(SET, json!({ "d": "2026-04-02" })).as_role(*role).await;
        assert_eq!(reply.codes(), ["DEMO_ONLY"], "{role}");
    }
    assert_eq!(today(&app).await, "2026-03-26");
}
