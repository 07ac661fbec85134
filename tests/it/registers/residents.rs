use aiscra_tests::TestApp;
use entities::subscribers::residency;
use serde_json::{Value as Json, json};

use super::{account_id, act, city, gid, opened, opening};

const READ: &str = "residency { residents from to source }";

async fn now_known(app: &TestApp, id: &str) -> Vec<(i32, String, Option<String>)> {
    let rows =
        residency::between(&app.app.db, account_id(id), "2000-01-01".parse().unwrap(), None).await.unwrap();
    rows.into_iter().map(|r| (r.residents, r.from.to_string(), r.to.map(|d| d.to_string()))).collect()
}

fn record(id: &str, residents: i32, from: &str, to: Option<&str>) -> Json {
    json!({ "accountId": id, "residents": residents, "from": from, "to": to, "source": "DOCUMENT" })
}

#[tokio::test]
async fn a_correction_in_the_middle_keeps_both_sides_and_the_history() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let before: chrono::DateTime<chrono::Utc> = app.scalar("SELECT clock_timestamp()").await.unwrap();

    let reply = act(&app, "residentsRecord", record(&id, 5, "2025-06-01", Some("2025-08-31")), READ).await;
    assert_eq!(
        reply.at("/residentsRecord/residency"),
        &json!({ "residents": 5, "from": "2025-06-01", "to": "2025-08-31", "source": "document" })
    );
    assert_eq!(
        now_known(&app, &id).await,
        [
            (3, "2025-01-01".to_owned(), Some("2025-06-01".to_owned())),
            (5, "2025-06-01".to_owned(), Some("2025-09-01".to_owned())),
            (3, "2025-09-01".to_owned(), None),
        ]
    );
    let history = residency::history(&app.app.db, account_id(&id)).await.unwrap();
    assert_eq!(history.len(), 4, "what was known first is still there");
    assert_eq!((history[0].residents, history[0].to), (3, None));

    let as_of = format!(
        "SELECT residents FROM subscribers.residency WHERE valid @> '2025-07-01'::date AND recorded @> '{before}'::timestamptz"
    );
    assert_eq!(app.scalar::<i32>(&as_of).await, Some(3), "as it was known before the correction");
}

#[tokio::test]
async fn a_later_count_ends_the_earlier_one() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    act(&app, "residentsRecord", record(&id, 4, "2026-03-10", None), READ).await.ok();
    act(&app, "residentsRecord", record(&id, 2, "2026-03-10", None), READ).await.ok();
    assert_eq!(
        now_known(&app, &id).await,
        [(3, "2025-01-01".to_owned(), Some("2026-03-10".to_owned())), (2, "2026-03-10".to_owned(), None)]
    );
}

#[tokio::test]
async fn days_that_were_billed_for_good_do_not_change() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    app.sql(
        "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES
             ('2026-02-01', 'multi', 'closed', 'test'), ('2026-03-01', 'multi', 'open', 'test')",
    )
    .await;
    for (from, codes) in [("2026-02-28", vec!["PERIOD_CLOSED"]), ("2026-03-01", vec![])] {
        let reply = act(&app, "residentsRecord", record(&id, 4, from, None), READ).await;
        assert_eq!(reply.refusals(), codes, "{from}");
    }
    for (from, to, code) in
        [("2026-03-05", Some("2026-03-04"), "DATES_WRONG"), ("2024-12-31", None, "DATE_TOO_EARLY")]
    {
        let reply = act(&app, "residentsRecord", record(&id, 4, from, to), READ).await;
        assert_eq!(reply.refusals(), [code], "{from}");
    }

    // Late registration comes on a document: bills stand, and a correction may reckon the days anew.
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('certificate', 'С-1', '2026-03-05', 'ЦОН', 'Прописка', 'test')",
    )
    .await;
    let mut late = record(&id, 5, "2026-02-10", Some("2026-02-19"));
    late["documentId"] = gid("Document", 1).into();
    assert_eq!(act(&app, "residentsRecord", late, READ).await.refusals(), Vec::<&str>::new());
    let february: Vec<_> = now_known(&app, &id).await.into_iter().filter(|(count, ..)| *count == 5).collect();
    assert_eq!(february, [(5, "2026-02-10".to_owned(), Some("2026-02-20".to_owned()))]);
}

#[tokio::test]
async fn two_operators_at_once_leave_one_truth() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let counts = (4..12).map(|n| act(&app, "residentsRecord", record(&id, n, "2026-03-01", None), READ));
    for reply in futures_util::future::join_all(counts).await {
        assert_eq!(reply.refusals(), Vec::<&str>::new());
    }
    assert_eq!(now_known(&app, &id).await.len(), 2, "before March, and from March on");
}
