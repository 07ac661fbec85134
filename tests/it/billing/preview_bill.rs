//! What the preview says before the run is what the run charges.

use aiscra_tests::{Flat, Meter, TestApp, march};
use api::billing::ops;
use domain::billing::ChargeLine;
use domain::kernel::*;
use entities::billing::bill;

/// Cases drawn from a small generator, so that many combinations of residents, use, gaps and verification meet.
fn flats() -> Vec<Flat> {
    let verified = ["2030-01-01", "2026-03-16", "2025-06-01"];
    (0..40_i64)
        .map(|n| Flat {
            residents: (n * 7 % 6) as i32,
            meter: (n % 3 != 0).then(|| Meter {
                initial: n * 1_234,
                march: (n % 4 != 1).then(|| n * 1_234 + n * n * 37 % 30_000),
                verified_until: verified[(n % 7 % 3) as usize],
            }),
        })
        .collect()
}

#[tokio::test]
async fn preview_and_run_agree_in_every_column() {
    let city = TestApp::new().await;
    let accounts = city.house(&flats()).await;
    let now = || city.app.clock.now();
    let mut previews = Vec::new();
    for &account in &accounts {
        let preview = ops::preview_bill(&city.app.db, account, Sector::Multi, march(), now()).await.unwrap();
        previews.push(preview.expect("active").expect("the registers suffice").charges);
    }
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(5)).await.unwrap().unwrap();
    let bills: Vec<_> = accounts.iter().map(|&account| (account, march(), RunId(run.id))).collect();
    let rows = bill::lines(&city.app.db, &bills).await.unwrap();
    let mut total = Money::ZERO;
    for (account, preview) in accounts.iter().zip(&previews) {
        let lines: Vec<ChargeLine> =
            rows.iter().filter(|row| row.account_id == account.0).map(|row| row.to_line().unwrap()).collect();
        assert_eq!(lines, preview.lines, "account {account}");
        total += preview.gross();
    }
    assert_eq!(total, Money::from_tiyn(run.gross));
    assert!(total.is_positive());
}
