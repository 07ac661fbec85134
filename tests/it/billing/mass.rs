//! One person more everywhere, a whole year back: reckoned, decided and posted as one batch. `MASS_ACCOUNTS=2000 cargo nextest run
//! --no-capture mass_recalculation` tells what it costs in a larger city.

use std::time::Instant;

use aiscra_tests::{TestApp, count_statements, march};
use api::seed::{self, Wish};
use domain::access::Role;
use serde_json::json;

use super::recalculate::{act, named, open, prepared, whole};

/// Statements of a step of five hundred accounts: of a year they are the same for one account and for all of them.
const STATEMENTS_OF_A_STEP: usize = 400;

#[tokio::test]
async fn mass_recalculation_of_a_year() {
    let accounts: u64 = std::env::var("MASS_ACCOUNTS").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let city = TestApp::with(|config| config.business_date = Some(march().last_day())).await;
    seed::run(&city.app, Wish { accounts, months: 13, current: march() }).await.expect("a city");
    city.sql(
        "WITH old AS (
             UPDATE subscribers.residency SET recorded = tstzrange(lower(recorded), clock_timestamp())
             WHERE upper_inf(recorded) AND residents < 9 RETURNING account_id, residents, source, valid, upper(recorded) AS at)
         INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded, recorded_by)
         SELECT account_id, residents + 1, source, valid, tstzrange(at, NULL), 'test' FROM old",
    )
    .await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let year = json!({ "part": {}, "from": march().minus(12), "to": march().prev() });
    let since = Instant::now();
    let (batch, statements) = count_statements(prepared(&city, &accountant, year)).await;
    let reckoned = since.elapsed();
    assert!(batch["changed"].as_i64() > Some(accounts as i64 / 2), "{batch}");
    let steps = accounts.div_ceil(500) as usize;
    assert!(statements < STATEMENTS_OF_A_STEP * steps, "{statements} statements for {accounts} accounts");
    let since = Instant::now();
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, [""; 0]);
    if open(&city, &batch["id"]).await["state"] == "WAITING" {
        assert_eq!(act(&city, "correctionConfirm", &chief, &batch).await, [""; 0]);
    }
    let posted = since.elapsed();
    assert_eq!(open(&city, &batch["id"]).await["state"], "POSTED");
    whole(&city).await;
    let months = accounts as f64 * 12.0;
    println!(
        "{accounts} accounts × 12: changed {}, bills {}; reckoned {reckoned:?} ({:.2} ms and {:.3} statements an account-month), \
         posted {posted:?} ({:.2} ms)",
        batch["changed"],
        batch["bills"],
        reckoned.as_secs_f64() * 1000.0 / months,
        statements as f64 / months,
        posted.as_secs_f64() * 1000.0 / months,
    );
}
