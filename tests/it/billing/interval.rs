//! A metered volume is priced by the days between its readings, in the run, the preview and the explanation alike.

use aiscra_tests::{Flat, TestApp, march};
use api::billing::ops;
use domain::access::Role;
use domain::kernel::*;
use serde_json::{Value as Json, json};

/// Every node of the kind below a tree.
fn of_kind<'a>(node: &'a Json, kind: &str, found: &mut Vec<&'a str>) {
    if node["kind"] == kind {
        found.push(node["value"].as_str().unwrap());
    }
    node["children"].as_array().into_iter().flatten().for_each(|child| of_kind(child, kind, found));
}

#[tokio::test]
async fn a_new_vat_between_the_readings_makes_two_lines_that_explain_themselves() {
    let city = TestApp::new().await;
    // 24 m³ from 24 February to 20 March: four days of February, twenty of March.
    city.house(&[Flat::metered(2, 24_000)]).await;
    city.sql("UPDATE tariffs.vat SET valid = daterange(lower(valid), '2026-03-01') WHERE valid @> '2026-03-01'::date").await;
    city.sql(
        "INSERT INTO tariffs.vat (id, rate, valid, source, recorded, recorded_by)
         SELECT max(id) + 100000, 0.2, daterange('2026-03-01', NULL), 'test', tstzrange('2020-01-01', NULL), 'test' FROM tariffs.vat",
    )
    .await;
    let now = city.app.clock.now();
    let preview = ops::preview_bill(&city.app.db, AccountId(1), Sector::Multi, march(), now)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(preview.holds());
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    assert_eq!(preview.charges.gross(), Money::from_tiyn(run.gross));

    let bill: Option<i64> = city.scalar("SELECT id FROM billing.bill WHERE account_id = 1").await;
    let id = api::platform::graphql::Gid(BillId(bill.unwrap())).encode();
    const TREE: &str = "kind value children { kind value children { kind value children { kind value } } }";
    let asked = city
        .graphql(
            &format!(
                "query($id: ID!) {{ bill(id: $id) {{ explanation {{ equal lines {{ equal
                    line {{ service from to volume vatRate gross }} tree {{ {TREE} }} }} }} }} }}"
            ),
            json!({ "id": id }),
        )
        .as_role(Role::Auditor)
        .await;
    let explanation = &asked.ok()["bill"]["explanation"];
    assert_eq!(explanation["equal"], true, "{explanation}");
    let told: Vec<String> = explanation["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|explained| {
            let line = &explained["line"];
            let word = |field: &str| line[field].as_str().unwrap().to_owned();
            let mut shown = Vec::new();
            for kind in ["USED_FROM", "USED_TO", "DAYS_SHARE"] {
                of_kind(&explained["tree"], kind, &mut shown);
            }
            assert_eq!(shown[..2], [word("from"), word("to")], "the tree shows the days of the line");
            let [service, volume, rate, gross] = ["service", "volume", "vatRate", "gross"].map(word);
            format!("{service} {}..{} {} {volume} {rate} {gross}", word("from"), word("to"), shown[2])
        })
        .collect();
    assert_eq!(
        told,
        [
            "WATER 2026-02-25..2026-02-28 4/24 4.000 0.16 306.24",
            "WATER 2026-03-01..2026-03-20 20/24 20.000 0.2 1584.00",
            "SEWERAGE_COLD 2026-02-25..2026-02-28 4/24 4.000 0.16 190.01",
            "SEWERAGE_COLD 2026-03-01..2026-03-20 20/24 20.000 0.2 982.80",
        ]
    );
}

#[tokio::test]
async fn a_new_account_never_pays_for_what_the_one_before_it_used() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 24_000)]).await;
    city.sql("UPDATE subscribers.account SET closed_on = '2026-03-01' WHERE id = 1").await;
    city.sql("UPDATE subscribers.account_point SET valid = daterange('2020-01-01', '2026-03-01') WHERE account_id = 1").await;
    city.sql(
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         VALUES (50, '1000050', 'multi', 'population', 1, 1, 1, '2026-03-01')",
    )
    .await;
    city.sql(
        "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
         VALUES (50, 1, daterange('2026-03-01', NULL), 'test')",
    )
    .await;
    let reading = async |day: &str, liters: i64| {
        city.sql(&format!(
            "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by)
             VALUES ('2026-03-01', 50, 1, 1, '{day}', {liters}, 'portal', 'accepted', 'test')"
        ))
        .await
    };
    let volume = async || {
        let now = city.app.clock.now();
        let preview = ops::preview_bill(&city.app.db, AccountId(50), Sector::Multi, march(), now).await;
        let charges = preview.unwrap().unwrap().unwrap().charges;
        let water = charges.lines.into_iter().find(|line| line.service == Service::Water).unwrap();
        (water.basis.to_string(), water.volume.to_string())
    };
    // The meter stood at 124 m³ when the new people came; what was before is not theirs.
    reading("2026-03-01", 124_000).await;
    assert_eq!(volume().await, ("norm".to_owned(), "15.000".to_owned()), "one reading shows nothing yet");
    reading("2026-03-25", 127_000).await;
    assert_eq!(volume().await, ("metered".to_owned(), "3.000".to_owned()));
}
