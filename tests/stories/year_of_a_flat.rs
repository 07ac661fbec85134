//! Ten months of a flat of three: norm, first meter, missing readings, the reading that settles them, VAT, an expired verification, a new
//! meter, and the bands that come back. Water with VAT by hand; sewerage goes along.

use aiscra_tests::{Flat, TestApp};
use api::platform::graphql::id::encode;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::json;

use crate::office::{act, bill_month, close_month, hand_in, hand_in_late, lines, on, paper};

/// Water of the month once it is run, issued and closed.
async fn month(city: &TestApp, month: &str, last_day: &str) -> Vec<String> {
    on(city, last_day);
    bill_month(city, month, Sector::Multi).await;
    let water = lines(city, 1).await.into_iter().filter(|line| line.starts_with("water")).collect();
    close_month(city, month, Sector::Multi).await;
    water
}

#[tokio::test]
async fn a_flat_from_the_norm_to_the_bands() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    city.sql("DELETE FROM ledger.period").await;
    let july = Period::new(2025, 7).unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::ledger::ops::open_period(&mut tx, july, Sector::Multi, july.last_day()).await.unwrap().unwrap();
    tx.commit().await.unwrap();

    // 15 m³ x 3 is 15 for each: the fourth group, all of it doubled: 45 x 91.96 x 2 x 1.12.
    assert_eq!(month(&city, "2025-07", "2025-07-31").await, ["water norm 07-01..07-31 45.000 x2 = 9269.57"]);

    // A meter on 11 August: the norm for ten days, 45 x 10/31; 6 m³ by 25 August. 20.516 m³ in 25 days of three are 8.5 a month for
    // each: x 1.5.
    on(&city, "2025-08-11");
    let installed = paper(&city, "Акт 1", "2025-08-11").await;
    let input = json!({ "pointId": encode("Point", 1), "modelId": encode("MeterModel", 1), "serial": "А-1", "installedOn": "2025-08-11",
        "value": "0", "verifiedUntil": "2026-02-11", "documentId": installed });
    act(&city, Role::OperatorMulti, "meterInstall", input, "meter { id }").await;
    on(&city, "2025-08-25");
    hand_in(&city, 1, "6").await;
    assert_eq!(
        month(&city, "2025-08", "2025-08-31").await,
        ["water norm 08-01..08-10 14.516 x1.5 = 2242.62", "water metered 08-11..08-25 6.000 x1.5 = 926.96"]
    );

    // 6 m³ more in the 31 days to 25 September: 6 of them are August's, whose bands count by themselves. Below 3 m³ each.
    on(&city, "2025-09-25");
    hand_in(&city, 1, "12").await;
    assert_eq!(
        month(&city, "2025-09", "2025-09-30").await,
        ["water metered 08-26..08-31 1.161 = 119.58", "water metered 09-01..09-25 4.839 = 498.39"]
    );

    // Two months without a reading: the average of what was measured, 6 m³, at 66 tenge and without bands.
    assert_eq!(month(&city, "2025-10", "2025-10-31").await, ["water average 10-01..10-31 6.000 = 443.52"]);
    assert_eq!(month(&city, "2025-11", "2025-11-30").await, ["water average 11-01..11-30 6.000 = 443.52"]);

    // 19.5 m³ since 25 September less the 12 billed: 7.5 on those 91 days, 5 of them at September's price.
    on(&city, "2025-12-25");
    hand_in(&city, 1, "31.5").await;
    assert_eq!(
        month(&city, "2025-12", "2025-12-31").await,
        ["water metered 09-26..09-30 0.412 = 42.43", "water metered 10-01..12-25 7.088 = 523.94"]
    );

    // VAT goes from 12 to 16 % with the year: 8 m³, 6 days of December and 25 of January.
    on(&city, "2026-01-25");
    hand_in(&city, 1, "39.5").await;
    assert_eq!(
        month(&city, "2026-01", "2026-01-31").await,
        ["water metered 12-26..12-31 1.548 = 114.43", "water metered 01-01..01-25 6.452 = 493.97"]
    );

    // The verification ends with 10 February: 16 of the 31 days of 7 m³ count, the norm stands for the other 18 days of the month.
    on(&city, "2026-02-25");
    hand_in_late(&city, 1, "46.5").await;
    assert_eq!(
        month(&city, "2026-02", "2026-02-28").await,
        ["water metered 01-26..02-10 3.613 = 276.61", "water expired_norm 02-11..02-28 28.929 = 2214.80"]
    );

    // A new meter on 11 March: the norm for ten days more, then 5 m³.
    on(&city, "2026-03-11");
    let replaced = paper(&city, "Акт 2", "2026-03-11").await;
    let input = json!({ "pointId": encode("Point", 1), "removedOn": "2026-03-11", "finalValue": "50", "modelId": encode("MeterModel", 1),
        "serial": "А-2", "value": "0", "verifiedUntil": "2032-03-11", "documentId": replaced });
    act(&city, Role::OperatorMulti, "meterReplace", input, "meter { id }").await;
    on(&city, "2026-03-25");
    hand_in(&city, 1, "5").await;
    assert_eq!(
        month(&city, "2026-03", "2026-03-31").await,
        ["water expired_norm 03-01..03-10 14.516 = 1111.34", "water metered 03-11..03-25 5.000 = 382.80"]
    );

    // Two people bring the bands back with April. 15.5 m³, 3 of them in March without bands; 12.5 in 25 days of three are exactly 5 a
    // month for each, which is still the second group: x 1.2.
    on(&city, "2026-04-02");
    let order = paper(&city, "Приказ 4", "2026-04-01").await;
    let band = |upto: Option<&str>, coefficient: &str| json!({ "upto": upto, "coefficient": coefficient });
    let bands = json!({ "mode": "WHOLE", "from": "2026-04-01", "source": "приказ", "documentId": order,
        "bands": [band(Some("3"), "1"), band(Some("5"), "1.2"), band(Some("10"), "1.5"), band(None, "2")] });
    let proposed = act(&city, Role::Accountant, "bandsPropose", bands, "proposal { id }").await;
    let input = json!({ "id": proposed.text("/bandsPropose/proposal/id") });
    act(&city, Role::ChiefAccountant, "tariffConfirm", input, "").await;
    on(&city, "2026-04-25");
    hand_in(&city, 1, "20.5").await;
    assert_eq!(
        month(&city, "2026-04", "2026-04-30").await,
        ["water metered 03-26..03-31 3.000 = 229.68", "water metered 04-01..04-25 12.500 x1.2 = 1148.40"]
    );
}
