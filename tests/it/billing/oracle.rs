//! The run's rule is written a second time, in SQL: on a city with every kind of month both must write the same rows.

use aiscra_tests::TestApp;
use api::billing::ops::{run_now, start_run};
use api::seed::{self, Wish};
use domain::access::Actor;
use domain::kernel::{Period, Sector};
use entities::bench;
use entities::kernel::Tx;

/// Runs the current month both ways and compares every row of every table that a run fills.
async fn both_ways(accounts: u64, months: u32, current: Period) {
    let test = TestApp::with(|config| config.business_date = Some(current.last_day())).await;
    let app = &test.app;
    seed::run(app, Wish { accounts, months, current }).await.expect("a city");
    let begin = async || Tx::begin(&app.db, Actor::system("test")).await.expect("a transaction");

    let mut bases = 0;
    for &sector in Sector::ALL {
        let run = run_now(app, current, sector, Some(3)).await.expect("works").expect("runs");
        assert_eq!(run.failures, 0, "{sector}");
        let tx = begin().await;
        bench::keep(&tx, &run).await.expect("a copy");
        bench::forget(&tx, &run).await.expect("a clean month");
        tx.commit_silently("test").await.expect("commits");

        let mut tx = begin().await;
        let twin =
            start_run(&mut tx, current, sector, Some(1), &app.clock).await.expect("works").expect("starts");
        let sums =
            bench::run_in_one_statement(&mut tx, &twin, app.clock.today()).await.expect("the statement runs");
        assert!(sums.lines > 0, "{sector}: nothing was charged");
        assert_eq!(
            (sums.lines, sums.net, sums.gross, sums.accounts, sums.excused),
            (run.lines, run.net, run.gross, run.accounts, run.excused),
            "{sector} of {current}"
        );
        assert_eq!(bench::differences(&tx, &twin).await.expect("compares"), [], "{sector} of {current}");
        // A comparison that can't find a tiyn proves nothing.
        tamper(&tx).await;
        assert_eq!(bench::differences(&tx, &twin).await.expect("compares"), [("billing.charge_line", 2)]);
        tx.commit().await.expect("commits");
        bases += test
            .scalar::<i64>(&format!(
                "SELECT count(DISTINCT basis) FROM billing.charge_line WHERE run_id = {}",
                twin.id
            ))
            .await
            .unwrap_or_default();
    }
    // Both could share a mistake of the facts they stand on: no day of a meter is paid for twice in the whole history.
    assert_eq!(entities::billing::metered_twice(&app.db).await.expect("counts"), 0);
    assert!(bases >= 6, "the city is too plain to prove anything: {bases} bases over the sectors");
}

/// One tiyn more in one line of the kept copy.
async fn tamper(tx: &Tx) {
    let one = "SELECT ctid FROM bench.billing_charge_line LIMIT 1";
    let more = format!("UPDATE bench.billing_charge_line SET gross = gross + 1 WHERE ctid = ({one})");
    assert_eq!(entities::kernel::sql::run(tx, &more, []).await.expect("the copy can be changed"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn march_2026_is_the_same_in_sql() {
    both_ways(600, 4, Period::new(2026, 3).unwrap()).await;
}

/// Bands in the mode `whole` were in force in 2025.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_with_bands_is_the_same_in_sql() {
    both_ways(400, 4, Period::new(2025, 8).unwrap()).await;
}

/// VAT changed on the first of January, between the readings.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_after_a_new_vat_is_the_same_in_sql() {
    both_ways(400, 3, Period::new(2026, 1).unwrap()).await;
}

/// Price and bands ended on the first of October, between the readings.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_after_the_bands_is_the_same_in_sql() {
    both_ways(400, 3, Period::new(2025, 10).unwrap()).await;
}
