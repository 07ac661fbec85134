//! The conditions of closing: none holds for want of anything to check, and their cost does not grow with the ledger's age.

use aiscra_tests::{Flat, TestApp, march};
use api::billing::ops;
use api::ledger::ops::close_period;
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
