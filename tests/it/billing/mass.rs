//! What a mass recalculation of a year costs: run by hand, `MASS_ACCOUNTS=2000 cargo nextest run --run-ignored only mass_recalculation`.

use std::time::Instant;

use aiscra_tests::{TestApp, count_statements, march};
use api::seed::{self, Wish};
use domain::access::Role;
use serde_json::json;

use super::recalculate::{act, named, open, prepared, whole};

/// Statements and seconds per account and month; a city twice as large must not cost more each.
#[tokio::test]
#[ignore = "takes minutes"]
async fn mass_recalculation_of_a_year() {
    let accounts: u64 = std::env::var("MASS_ACCOUNTS").ok().and_then(|n| n.parse().ok()).unwrap_or(500);
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
