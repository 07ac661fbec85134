//! The plans of a run's steps, on a crowd large enough for the planner to choose as it would for a city: no partition but those
//! of the month is read through, and no step looks at all accounts once per account. Nobody has analyzed the tables: the run sees
//! to that itself.

use aiscra_tests::{TestApp, march};
use api::billing::ops;
use domain::access::Actor;
use domain::kernel::*;
use entities::bench;
use entities::kernel::Tx;
use serde_json::Value as Json;

/// Accounts of the crowd; half of them metered.
const CROWD: i64 = 3_000;

#[derive(Debug)]
struct Node<'a> {
    plan: &'a Json,
    /// The path of node types from the top, for the message of a failure.
    path: String,
}

impl<'a> Node<'a> {
    fn text(&self, key: &str) -> &'a str {
        self.plan[key].as_str().unwrap_or_default()
    }

    fn rows(&self) -> f64 {
        self.plan["Plan Rows"].as_f64().unwrap_or_default()
    }
}

fn nodes(plan: &Json) -> Vec<Node<'_>> {
    fn walk<'a>(plan: &'a Json, above: &str, found: &mut Vec<Node<'a>>) {
        let path = format!("{above}/{}", plan["Node Type"].as_str().unwrap_or_default());
        plan["Plans"].as_array().into_iter().flatten().for_each(|below| walk(below, &path, found));
        found.push(Node { plan, path });
    }
    let mut found = Vec::new();
    walk(&plan[0]["Plan"], "", &mut found);
    found
}

/// Scans that read a partition through though it is not one of `months`.
fn foreign_scans(plan: &Json, months: &[&str]) -> Vec<String> {
    let partition = |name: &str| name.rsplit_once("_20").map(|(_, month)| format!("20{month}"));
    nodes(plan)
        .iter()
        .filter(|node| node.text("Node Type") == "Seq Scan")
        .filter(|node| {
            partition(node.text("Relation Name")).is_some_and(|month| !months.contains(&month.as_str()))
        })
        .map(|node| format!("{} of {}", node.path, node.text("Relation Name")))
        .collect()
}

/// Nested loops that would look at many rows for each of many rows.
fn squares(plan: &Json) -> Vec<String> {
    const MANY: f64 = 500.0;
    nodes(plan)
        .iter()
        .filter(|node| node.text("Node Type") == "Nested Loop")
        .filter_map(|node| {
            let sides = node.plan["Plans"].as_array()?;
            let rows = |side: &Json| side["Plan Rows"].as_f64().unwrap_or_default();
            (rows(&sides[0]) >= MANY && rows(&sides[1]) >= MANY)
                .then(|| format!("{}: {} x {}", node.path, rows(&sides[0]), rows(&sides[1])))
        })
        .collect()
}

/// Scans of a partition that no range of accounts narrows: every shard would read the whole city's rows.
fn unbounded(plan: &Json) -> Vec<String> {
    nodes(plan)
        .iter()
        .filter(|node| node.text("Relation Name").contains("_20"))
        .filter(|node| {
            let conditions = ["Index Cond", "Recheck Cond", "Filter"];
            !conditions.iter().any(|&key| node.text(key).contains("account_id >= "))
        })
        .map(|node| format!("{} of {}", node.path, node.text("Relation Name")))
        .collect()
}

async fn crowd(city: &TestApp) {
    city.house(&[]).await;
    let each = format!("FROM generate_series(1, {CROWD}) n");
    let since = "daterange('2020-01-01', NULL)";
    for statement in [
        format!("INSERT INTO premises.premise (id, building_id, number, kind) SELECT n, 1, n::text, 'flat' {each}"),
        format!("INSERT INTO premises.point (id, building_id, premise_id) SELECT n, 1, n {each}"),
        format!(
            "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
             SELECT n, true, true, 'household', {since}, 'test' {each}"
        ),
        format!(
            "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
             SELECT n, (1000000 + n)::text, 'multi', 'population', 1, 1, n, '2020-01-01' {each}"
        ),
        format!(
            "INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded_by)
             SELECT n, n % 5, 'egov', {since}, 'test' {each}"
        ),
        format!(
            "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
             SELECT n, n, {since}, 'test' {each}"
        ),
        format!("INSERT INTO meters.meter (id, model_id, serial) SELECT n, 1, 'S' || n {each} WHERE n % 2 = 0"),
        format!(
            "INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by)
             SELECT n, n, {since}, 'test' {each} WHERE n % 2 = 0"
        ),
        format!(
            "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by)
             SELECT n, '2020-01-01', '2030-01-01', 'test' {each} WHERE n % 2 = 0"
        ),
    ] {
        city.sql(&statement).await;
    }
    for (month, liters) in [("2025-12", 1_000), ("2026-01", 9_000), ("2026-02", 19_000), ("2026-03", 27_000)]
    {
        city.sql(&format!("SELECT platform.ensure_partitions('{month}-01')")).await;
        city.sql(&format!(
            "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by)
             SELECT '{month}-01', n, n, n, '{month}-20', {liters}, 'portal', 'accepted', 'test' {each} WHERE n % 2 = 0"
        ))
        .await;
    }
}

/// Runs a month of the crowd to its end and closes it without asking whether it may.
async fn run(city: &TestApp, month: Period, close: bool) -> entities::billing::run::Run {
    let run = ops::run_now(&city.app, month, Sector::Multi, Some(4)).await.unwrap().unwrap();
    assert_eq!((run.accounts, run.failures), (CROWD, 0));
    if close {
        let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
        ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        city.sql(&format!("UPDATE ledger.period SET status = 'closed' WHERE period = '{}'", run.period))
            .await;
    }
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_reads_the_partitions_of_its_month_and_no_account_meets_all_others() {
    let city = TestApp::new().await;
    crowd(&city).await;
    let february = march().prev();
    city.sql(
        "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-02-01', 'multi', 'open', 'test')",
    )
    .await;
    let before = run(&city, february, true).await;
    let now = run(&city, march(), false).await;
    // A month's own facts, the chain and the bills of the month before.
    let months = ["2026_03", "2026_02"];
    let plans = bench::plans(&city.app.db, &now, Some(&before)).await.unwrap();
    assert_eq!(plans.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["snapshot", "shard", "preview"]);
    for (name, plan) in &plans {
        let rows = nodes(plan).iter().map(Node::rows).fold(0.0, f64::max);
        assert!(rows > 500.0, "{name}: the planner thinks of {rows} rows only; the test proves nothing");
        assert_eq!(foreign_scans(plan, &months), [""; 0], "{name} reads months through that are not its own");
        assert_eq!(squares(plan), [""; 0], "{name} looks at many rows for each of many");
        if *name == "shard" {
            assert_eq!(unbounded(plan), [""; 0], "a shard reads rows of accounts that are not its own");
        }
    }

    // The eyes of this test are open: each fault is seen where it is.
    let fault = |text: &'static str| city.scalar::<Json>(text);
    let all = fault("EXPLAIN (FORMAT JSON) SELECT sum(liters) FROM readings.reading").await.unwrap();
    assert!(foreign_scans(&all, &months).len() >= 2, "{all}");
    let whole = fault(
        "EXPLAIN (FORMAT JSON) SELECT FROM billing.run_input i
         JOIN ledger.account_total t ON t.account_id = i.account_id AND t.period = '2026-03-01'
         WHERE i.period = '2026-03-01' AND i.account_id >= 5 AND i.account_id < 50",
    )
    .await
    .unwrap();
    assert_eq!(unbounded(&whole).len(), 1, "{whole}");
    let square =
        fault("EXPLAIN (FORMAT JSON) SELECT count(*) FROM subscribers.account a JOIN subscribers.account b ON a.id > b.id").await;
    assert_eq!(squares(&square.unwrap()).len(), 1);
}
