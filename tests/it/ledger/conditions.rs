//! The conditions of closing: none holds for want of anything to check, and their cost does not grow with the ledger's age.

use aiscra_tests::{Flat, TestApp, march};
use api::billing::ops;
use api::ledger::ops::close_period;
use api::platform::graphql::Gid;
use api::seed::{self, Wish};
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::{Tx, sql};
use entities::ledger::close;
use serde_json::{Value as Json, json};

const CONDITIONS: &str =
    "{ period(period: \"2026-03\", sector: MULTI) { conditions { code met expected found } } }";

async fn met(city: &TestApp, code: &str) -> bool {
    let asked = city.graphql(CONDITIONS, json!({})).as_role(Role::ChiefAccountant).await;
    let conditions = asked.ok()["period"]["conditions"].as_array().unwrap().clone();
    let found =
        conditions.iter().find(|condition| condition["code"] == code).expect("the condition is shown");
    found["met"].as_bool().unwrap()
}

#[tokio::test]
async fn bills_are_issued_only_once_there_are_bills_and_they_are_issued() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::metered(2, 12_345)]).await;
    assert!(!met(&city, "BILLS_ISSUED").await, "no run was made");

    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let run =
        ops::start_run(&mut tx, march(), Sector::Multi, Some(2), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert!(!met(&city, "BILLS_ISSUED").await, "the run has no bill yet");

    let run = ops::run_cycle(&city.app, RunId(run.id), &|_, _| {}).await.unwrap();
    assert_eq!(run.state, "posted");
    assert!(!met(&city, "BILLS_ISSUED").await, "posted is not issued");
    assert!(met(&city, "EVERY_ACCOUNT_CHARGED").await);

    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert!(met(&city, "BILLS_ISSUED").await);
}

/// A city with closed months behind it; March is run, issued and closed here.
async fn year(months: u32) -> TestApp {
    let city = TestApp::with(|config| config.business_date = Some(march().last_day())).await;
    seed::run(&city.app, Wish { accounts: 120, months, current: march() }).await.expect("a city");
    city
}

async fn close_march(city: &TestApp, sector: Sector) {
    let run = ops::run_now(&city.app, march(), sector, Some(2)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    city.sql("UPDATE readings.reading SET verdict = 'rejected' WHERE verdict = 'doubtful'").await;
    api::cashdesk::seed::end_day(&city.app).await.unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    close_period(&mut tx, march(), sector).await.unwrap().expect("March closes");
    tx.commit().await.unwrap();
}

/// How often each partition of the ledger's entries was read when the conditions were counted.
async fn reads(city: &TestApp, month: &str) -> Vec<(String, i64)> {
    fn walk(node: &Json, found: &mut Vec<(String, i64)>) {
        if let Some(name) = node["Relation Name"].as_str().filter(|name| name.starts_with("entry")) {
            found.push((name.to_owned(), node["Actual Loops"].as_i64().unwrap()));
        }
        node["Plans"].as_array().into_iter().flatten().for_each(|plan| walk(plan, found));
    }
    let text = include_str!("../../../entities/src/ledger/sql/conditions.sql")
        .replace("$1", &format!("'{month}'"))
        .replace("$2", "'multi'");
    let plan: Option<Json> = city.scalar(&format!("EXPLAIN (ANALYZE, FORMAT JSON) {text}")).await;
    let mut found = Vec::new();
    walk(&plan.unwrap()[0]["Plan"], &mut found);
    found.retain(|(_, loops)| *loops > 0);
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_months_are_folded_and_never_read_again() {
    let city = year(4).await;
    close_march(&city, Sector::Multi).await;

    // The last fold is the whole ledger up to it.
    let whole = "SELECT string_agg(account || ' ' || debit || ' ' || credit, ',' ORDER BY account) FROM";
    let folded: Option<String> = city
        .scalar(&format!(
            "{whole} (SELECT * FROM ledger.closed_balance WHERE sector = 'multi' AND period = '2026-03-01') x"
        ))
        .await;
    let live: Option<String> = city
        .scalar(&format!(
            "{whole} (SELECT account, sum(debit) AS debit, sum(credit) AS credit FROM ledger.trial_balance
                      WHERE sector = 'multi' AND period <= '2026-03-01' GROUP BY account) x"
        ))
        .await;
    assert!(folded.is_some());
    assert_eq!(folded, live);

    // April is open: only its own entries are looked at, however many months lie behind.
    let read = reads(&city, "2026-04-01").await;
    assert!(!read.is_empty());
    let closed: Vec<_> =
        read.iter().filter(|(name, _)| !name.contains("2026_04") && !name.contains("202604")).collect();
    assert_eq!(closed, Vec::<&(String, i64)>::new(), "entries of closed months were read");

    // Folding hides nothing: with money in April the books still agree, and one tiyn is still seen.
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    city.sql(
        "UPDATE ledger.open_item SET amount = amount + 1
         WHERE (account_id, id) = (SELECT account_id, id FROM ledger.open_item WHERE sector = 'multi' AND amount > settled LIMIT 1)",
    )
    .await;
    assert_eq!(
        close::sub_ledger_difference(&city.app.db, Some(Sector::Multi)).await.unwrap(),
        Money::from_tiyn(1)
    );
    assert_eq!(close::sub_ledger_difference(&city.app.db, Some(Sector::Private)).await.unwrap(), Money::ZERO);
    let figures = close::conditions(&city.app.db, march().next(), Sector::Multi).await.unwrap();
    assert_eq!(figures.sub_ledger - figures.general_ledger, Money::from_tiyn(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_month_changed_behind_the_program_is_found() {
    let city = year(3).await;
    assert_eq!(close::tampered(&city.app.db).await.unwrap(), []);
    let months: Option<i64> =
        city.scalar("SELECT count(DISTINCT (period, sector)) FROM ledger.closed_balance").await;
    assert!(months.unwrap() >= 6, "two closed months of three sectors: {months:?}");
    let fold = "UPDATE ledger.closed_balance SET debit = debit + 1";
    assert!(sql::run(&city.app.db, fold, []).await.unwrap_err().to_string().contains("APPEND_ONLY"));
    city.sql("ALTER TABLE ledger.entry DISABLE TRIGGER append_only").await;
    city.sql(
        "UPDATE ledger.entry SET amount = amount + 1 WHERE (account_id, period, id) =
             (SELECT account_id, period, id FROM ledger.entry WHERE period = '2026-01-01' AND sector = 'multi' LIMIT 1)",
    )
    .await;
    let found = close::tampered(&city.app.db).await.unwrap();
    let from: Vec<Period> = found.iter().map(|(period, _)| *period).collect();
    assert_eq!(
        from,
        [Period::new(2026, 1).unwrap(), Period::new(2026, 2).unwrap()],
        "January and all after it"
    );
}

/// What stands against "nothing at work", as the cockpit lists it.
async fn at_work(city: &TestApp) -> Json {
    let query = "{ period(period: \"2026-03\", sector: MULTI) { conditions(code: NOTHING_AT_WORK) {
        met found atWork { runId importId correctionId amendmentId accrualId name waits } } } }";
    let asked = city.graphql(query, json!({})).as_role(Role::ChiefAccountant).await;
    asked.at("/period/conditions/0").clone()
}

#[tokio::test]
async fn a_checked_file_of_readings_waits_for_a_decision() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 12_345)]).await;
    let file = async |name: &str, kind: &str, ok: i64, when: &str| {
        city.sql(&format!(
            "INSERT INTO imports.batch (kind, filename, sha256, state, rows_total, rows_ok, rows_rejected, uploaded_by, uploaded_at)
             SELECT '{kind}', '{name}', sha256('{name}'), 'checked', 5000, {ok}, 5000 - {ok}, 'test', p.opened_at {when}
             FROM ledger.period p WHERE p.period = '2026-03-01' AND p.sector = 'multi'"
        ))
        .await;
    };
    // Of a month before, of another kind, and without a row to write: none of March's readings would be missing.
    file("old.csv", "readings", 5000, "- interval '1 day'").await;
    file("houses.csv", "premises", 5000, "+ interval '1 hour'").await;
    file("wrong.csv", "readings", 0, "+ interval '1 hour'").await;
    assert_eq!(at_work(&city).await, json!({ "met": true, "found": null, "atWork": [] }));

    file("march.csv", "readings", 4990, "+ interval '1 hour'").await;
    let id: i64 = city.scalar("SELECT id FROM imports.batch WHERE filename = 'march.csv'").await.unwrap();
    let id = Gid(ImportBatchId(id)).encode();
    let found = at_work(&city).await;
    assert_eq!((&found["met"], &found["found"]), (&json!(false), &json!("1")));
    let row = json!({ "runId": null, "importId": id, "correctionId": null, "amendmentId": null, "accrualId": null,
        "name": "march.csv", "waits": true });
    assert_eq!(found["atWork"], json!([row]));

    // The way out besides committing it: it is put away, and the month no longer waits for it.
    let undo =
        "mutation($id: ID!) { importUndo(input: { id: $id }) { importBatch { state } errors { code } } }";
    let away = city.graphql(undo, json!({ "id": id })).as_role(Role::ChiefAccountant).await;
    assert_eq!(away.text("/importUndo/importBatch/state"), "UNDONE", "{away:?}");
    assert!(met(&city, "NOTHING_AT_WORK").await);
}

#[tokio::test]
async fn corrections_amendments_and_penalty_at_work_keep_the_month_open() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', 'A-1', '2026-03-02', 'test', 'work', 'test')",
    )
    .await;
    city.sql(
        "INSERT INTO billing.correction (state, document_id, reason, from_period, to_period, known_at, created_by)
         SELECT 'previewed', d.id, 'residents', '2026-02-01', '2026-02-01', now(), 'test' FROM archive.document d WHERE d.number = 'A-1'",
    )
    .await;
    city.sql(
        "INSERT INTO billing.correction_account (correction_id, account_id, sector, district_id)
         SELECT c.id, 1, 'multi', 1 FROM billing.correction c",
    )
    .await;
    city.sql(
        "INSERT INTO amendments.batch (state, document_id, reason, created_by)
         SELECT 'waiting', d.id, 'typed wrong', 'test' FROM archive.document d WHERE d.number = 'A-1'",
    )
    .await;
    city.sql(
        "INSERT INTO debt.accrual (month, sector, up_to, known_at, state, touched_since, started_by)
         VALUES ('2026-03-01', 'multi', '2026-03-31', now(), 'ready', '2026-01-01', 'test')",
    )
    .await;
    assert!(met(&city, "NOTHING_AT_WORK").await, "what is only prepared moves nothing");

    city.sql("UPDATE billing.correction SET state = 'posting'").await;
    city.sql("UPDATE amendments.batch SET state = 'applying'").await;
    city.sql("UPDATE debt.accrual SET state = 'posting'").await;
    let found = at_work(&city).await;
    assert_eq!(found["found"], "3", "{found}");
    let rows = found["atWork"].as_array().unwrap();
    for kind in ["correctionId", "amendmentId", "accrualId"] {
        assert_eq!(rows.iter().filter(|row| row[kind].is_string()).count(), 1, "{kind}: {found}");
    }
    // A correction of another sector's accounts is no business of this one.
    city.sql("UPDATE billing.correction_account SET sector = 'private'").await;
    assert_eq!(at_work(&city).await["found"], "2");
    city.sql("UPDATE billing.correction SET state = 'posted'").await;
    city.sql("UPDATE amendments.batch SET state = 'applied'").await;
    city.sql("UPDATE debt.accrual SET state = 'posted'").await;
    assert!(met(&city, "NOTHING_AT_WORK").await);
}
