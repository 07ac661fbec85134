//! A run whose work has failed for good is given up: what it wrote is taken back, and the month is run anew.

use aiscra_tests::{Flat, Reply, TestApp};
use domain::access::Role;
use entities::ledger::close;
use serde_json::{Value as Json, json};

use domain::kernel::Money;

const START: &str = "mutation($k: String!) { runStart(input: { period: \"2026-03\", sector: MULTI, shards: 3, idempotencyKey: $k }) {
    run { id state } errors { code } } }";
const REVERSE: &str = "mutation($id: ID!, $k: String!) { runReverse(input: { id: $id, idempotencyKey: $k }) { run { state } errors { code } } }";

async fn act(city: &TestApp, role: Role, text: &str, variables: Json) -> Reply {
    city.graphql(text, variables).as_role(role).await
}

#[tokio::test]
async fn a_run_that_can_never_end_is_given_up_and_the_month_is_run_anew() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 12_345), Flat::unmetered(3), Flat::unmetered(1)]).await;
    city.sql(
        "CREATE FUNCTION public.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a disk that is full'; END $$",
    )
    .await;
    city.sql("CREATE TRIGGER broken BEFORE INSERT ON billing.bill FOR EACH ROW WHEN (NEW.account_id = 3) EXECUTE FUNCTION public.broken()")
        .await;
    let started = act(&city, Role::ChiefAccountant, START, json!({ "k": "start-broken" })).await;
    let id = started.at("/runStart/run/id").clone();
    let early = act(&city, Role::ChiefAccountant, REVERSE, json!({ "id": id, "k": "too-early" })).await;
    assert_eq!(early.refusals(), ["RUN_AT_WORK"], "its job waits");
    city.sql("UPDATE platform.job SET max_attempts = 1 WHERE kind = 'billing.run_cycle'").await;
    city.run_jobs().await;
    assert_eq!(
        city.texts("SELECT state FROM platform.job WHERE kind = 'billing.run_cycle'").await,
        ["failed"]
    );
    assert_eq!(city.texts("SELECT state FROM billing.run").await, ["running"]);
    let posted = "SELECT count(*) FROM ledger.open_item WHERE source = 'run'";
    assert!(city.scalar::<i64>(posted).await > Some(0), "others are in the books");

    // A worker that is not heard of any more may still hold a shard.
    let mut held =
        entities::kernel::Tx::begin(&city.app.db, domain::access::Actor::system("test")).await.unwrap();
    let rows = "SELECT shard FROM billing.run_shard WHERE done_at IS NULL FOR UPDATE";
    assert!(entities::kernel::sql::scalar::<i32>(&held, rows, []).await.unwrap().is_some());
    let busy = act(&city, Role::ChiefAccountant, REVERSE, json!({ "id": id, "k": "shard-held" })).await;
    assert_eq!(busy.refusals(), ["RUN_AT_WORK"]);
    held.nothing_new("only a lock");
    held.rollback().await.unwrap();

    let denied = act(&city, Role::Cashier, REVERSE, json!({ "id": id, "k": "by-a-cashier" })).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
    let given = act(&city, Role::ChiefAccountant, REVERSE, json!({ "id": id, "k": "give-up-1" })).await;
    assert_eq!(given.at("/runReverse/run/state"), "FAILED", "{given:?}");
    let again = act(&city, Role::ChiefAccountant, REVERSE, json!({ "id": id, "k": "give-up-2" })).await;
    assert_eq!(again.at("/runReverse/run/state"), "FAILED");
    for table in [
        "ledger.open_item WHERE source = 'run'",
        "ledger.account_total WHERE kind = 'charge'",
        "consumption.month WHERE period = '2026-03-01'",
        "ledger.hold",
        "billing.bill WHERE NOT reversed",
        "billing.run_shard WHERE done_at IS NULL",
    ] {
        assert_eq!(city.scalar::<i64>(&format!("SELECT count(*) FROM {table}")).await, Some(0), "{table}");
    }
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    let trail = "SELECT count(*) FROM platform.audit_entry WHERE entity = 'run' AND action = 'give_up'";
    assert_eq!(city.scalar::<i64>(trail).await, Some(1));

    city.sql("DROP TRIGGER broken ON billing.bill").await;
    let anew = act(&city, Role::ChiefAccountant, START, json!({ "k": "start-anew" })).await;
    assert_ne!(anew.at("/runStart/run/id"), &id);
    city.run_jobs().await;
    assert_eq!(city.texts("SELECT state FROM billing.run ORDER BY id").await, ["failed", "posted"]);
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM billing.bill WHERE NOT reversed").await, Some(3));
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
}
