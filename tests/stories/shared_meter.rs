//! One meter, three accounts: read once, charged in parts that add up to what it showed, by a document or by who is registered.

use aiscra_tests::{Flat, TestApp};
use api::platform::graphql::id::encode;
use domain::access::Role;
use domain::kernel::Sector;
use serde_json::{Value as Json, json};

use crate::office::{act, bill_month, close_month, hand_in, lines, on, paper, tried};

fn point(n: i64) -> String {
    encode("Point", n)
}

#[tokio::test]
async fn three_accounts_pay_for_one_meter() {
    let city = TestApp::new().await;
    // Flat 1 has the meter: 100 m³ on 24 February, 104.5 on 20 March. Two, three and no registered people.
    city.house(&[Flat::metered(2, 4_500), Flat::unmetered(3), Flat::unmetered(0), Flat::metered(1, 1_000)])
        .await;
    on(&city, "2026-03-31");
    let agreement = paper(&city, "Соглашение 3", "2026-03-30").await;
    let sharing = |parts: &[(i64, Option<i32>)], from: &str| {
        let points: Vec<Json> =
            parts.iter().map(|(n, parts)| json!({ "pointId": point(*n), "parts": parts })).collect();
        json!({ "meterPointId": point(1), "byResidents": parts.first().is_some_and(|(_, parts)| parts.is_none()),
            "points": points, "from": from, "documentId": agreement })
    };
    let by_parts = sharing(&[(1, Some(1)), (2, Some(1)), (3, Some(1))], "2026-04");
    let twice = sharing(&[(1, Some(1)), (1, Some(1))], "2026-04");
    let alone = sharing(&[(1, Some(1))], "2026-04");
    let metered = sharing(&[(1, Some(1)), (4, Some(1))], "2026-04");
    let nothing = sharing(&[(1, Some(0)), (2, Some(1))], "2026-04");
    let unread = sharing(&[(1, Some(1)), (2, Some(1))], "2026-07");
    for (input, code) in [
        (twice, "SHARING_TWICE"),
        (alone, "SHARING_OF_TWO"),
        (metered, "SHARING_HAS_METER"),
        (nothing, "SHARING_PARTS"),
        (unread, "SHARING_NEEDS_READING"),
    ] {
        let reply = tried(&city, Role::OperatorMulti, "sharingSet", input.clone(), "account { id }").await;
        assert_eq!(reply.refusals(), [code], "{input}");
    }
    // Of the 4.500 m³ that the meter showed last everybody would get 1.500.
    let seen = city
        .graphql(
            "query($input: SharingSetInput!) { sharingPreview(input: $input) { volume parts { accountNumber weight volume } errors { code } } }",
            json!({ "input": by_parts }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(seen.at("/sharingPreview/errors"), &json!([]), "{seen:?}");
    act(&city, Role::OperatorMulti, "sharingSet", by_parts, "account { sharedMeters { parts { weight } } }")
        .await;

    // March is the flat's own: the sharing begins with April.
    bill_month(&city, "2026-03", Sector::Multi).await;
    assert_eq!(lines(&city, 1).await[0], "water metered 02-25..03-20 4.500 = 344.52");
    assert_eq!(lines(&city, 2).await[0], "water norm 03-01..03-31 45.000 = 3445.20");
    close_month(&city, "2026-03", Sector::Multi).await;

    // April, 104.5 -> 114.5: 10 m³ by thirds, the litre left over is the lowest number's. Everybody's days are those since 20 March.
    on(&city, "2026-04-20");
    hand_in(&city, 1, "114.5").await;
    on(&city, "2026-04-30");
    bill_month(&city, "2026-04", Sector::Multi).await;
    let water = async |account| -> Vec<String> {
        let lines = lines(&city, account).await;
        lines.into_iter().filter(|line| line.starts_with("water")).collect()
    };
    // 11 days of March and 20 of April: 3.334 x 11/31 = 1.183, the rest 2.151; 3.333 as well 1.183 and 2.150. One price.
    assert_eq!(
        water(1).await,
        ["water metered 03-21..03-31 1.183 = 90.57", "water metered 04-01..04-20 2.151 = 164.68"]
    );
    for account in [2, 3] {
        assert_eq!(
            water(account).await,
            ["water metered 03-21..03-31 1.183 = 90.57", "water metered 04-01..04-20 2.150 = 164.60"]
        );
    }
    let shared = "SELECT sum(liters)::bigint FROM billing.charge_line WHERE period = '2026-04-01' AND service = 'water' AND account_id < 4";
    assert_eq!(city.scalar::<i64>(shared).await, Some(10_000));
    assert_eq!(
        city.scalar::<i64>("SELECT count(*) FROM readings.reading WHERE period = '2026-04-01'").await,
        Some(1)
    );
    close_month(&city, "2026-04", Sector::Multi).await;

    // From May on by who is registered: 2 of 5, 3 of 5 and nobody. 10.001 m³: 4.0004 and 6.0006, the litre is the larger remainder's.
    on(&city, "2026-05-02");
    let by_people = sharing(&[(1, None), (2, None), (3, None)], "2026-05");
    act(&city, Role::OperatorMulti, "sharingSet", by_people, "account { id }").await;
    on(&city, "2026-05-20");
    hand_in(&city, 1, "124.501").await;
    on(&city, "2026-05-31");
    bill_month(&city, "2026-05", Sector::Multi).await;
    let may = "SELECT string_agg(liters::text, ' ' ORDER BY account_id) FROM (
        SELECT account_id, sum(liters) AS liters FROM billing.charge_line
        WHERE period = '2026-05-01' AND service = 'water' AND account_id < 4 GROUP BY account_id) l";
    assert_eq!(city.scalar::<String>(may).await.as_deref(), Some("4000 6001 0"));
}
