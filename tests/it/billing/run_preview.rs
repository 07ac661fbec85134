//! The preview of a whole sector says to the tiyn what the run then does, and writes nothing but itself.

use std::collections::BTreeMap;

use aiscra_tests::{Flat, TestApp, actor_of, march};
use api::billing::ops;
use api::seed::{self, Wish};
use domain::access::{Actor, Role, Scope};
use domain::kernel::*;
use serde_json::{Value as Json, json};

const PREVIEW: &str = "mutation($p: Period!, $s: Sector!) { runPreview(input: { period: $p, sector: $s }) {
    preview { id status } job { id kind state } errors { code } } }";
const OPEN: &str = "query($id: ID!) { node(id: $id) { ... on RunPreview {
    status accounts accountsDone billed excused failures lines net vat gross hash finishedAt job { state done total }
    previousRun { gross }
    byService { service basis accounts lines volume net vat gross previousVolume previousGross }
    byBasis { basis accounts lines volume net vat gross previousGross }
    exceptions { kind code message accounts sample { number } }
    largestChanges { account { number } gross previousGross difference causes } } } }";

async fn preview(city: &TestApp, sector: Sector) -> Json {
    let sector = sector.code().to_uppercase();
    let asked = city
        .graphql(PREVIEW, json!({ "p": march().to_string(), "s": sector }))
        .as_role(Role::Accountant)
        .await;
    let asked = &asked.ok()["runPreview"];
    assert_eq!(asked["preview"]["status"], "QUEUED");
    assert_eq!(asked["job"]["kind"], "billing.run_preview");
    city.run_jobs().await;
    open(city, asked["preview"]["id"].as_str().unwrap(), actor_of(Role::Auditor)).await
}

async fn open(city: &TestApp, id: &str, reader: Actor) -> Json {
    city.graphql(OPEN, json!({ "id": id })).as_actor(reader).await.ok()["node"].clone()
}

/// Every row of what a run writes, as one number per table.
async fn books(city: &TestApp) -> BTreeMap<&'static str, Option<i64>> {
    let mut found = BTreeMap::new();
    for table in [
        "billing.run",
        "billing.run_shard",
        "billing.run_input",
        "billing.run_failure",
        "billing.bill",
        "billing.charge_line",
        "consumption.month",
        "ledger.entry",
        "ledger.open_item",
        "ledger.hold",
        "ledger.account_total",
        "ledger.settlement",
    ] {
        let sum = format!(
            "SELECT coalesce(sum(hashtextextended(t::text, 0)::numeric) % 1000000007, 0)::bigint FROM {table} t"
        );
        found.insert(table, city.scalar(&sum).await);
    }
    found
}

/// Accounts that a run excuses or can't charge, one of each kind.
async fn odd_accounts(city: &TestApp) {
    for (id, sector) in [(900_001, "multi"), (900_002, "multi"), (900_003, "private")] {
        city.sql(&format!(
            "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
             SELECT {id}, '{id}', '{sector}', 'population', district_id, building_id, premise_id, '2026-03-01'
             FROM subscribers.account ORDER BY id LIMIT 1"
        ))
        .await;
    }
    // One has a point where nothing of ours is supplied; the others have none.
    let building = "(SELECT min(id) FROM premises.building)";
    city.sql(&format!("INSERT INTO premises.point (id, building_id) VALUES (900002, {building})")).await;
    city.sql(
        "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
         VALUES (900002, false, false, 'household', daterange('2026-03-01', NULL), 'test')",
    )
    .await;
    city.sql(
        "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
         VALUES (900002, 900002, daterange('2026-03-01', NULL), 'test')",
    )
    .await;
    // Organisations of the budget have lost their price of the month.
    city.sql(
        "UPDATE tariffs.price SET valid = daterange(lower(valid), '2026-03-01')
         WHERE consumer_group = 'budget' AND service = 'water' AND valid @> '2026-03-01'::date",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_preview_says_the_run_does_to_the_tiyn() {
    let city = TestApp::with(|config| config.business_date = Some(march().last_day())).await;
    seed::run(&city.app, Wish { accounts: 500, months: 3, current: march() }).await.expect("a city");
    odd_accounts(&city).await;
    let mut kinds = BTreeMap::<String, i64>::new();
    for &sector in Sector::ALL {
        let before = books(&city).await;
        let said = preview(&city, sector).await;
        assert_eq!(books(&city).await, before, "{sector}: the preview touched the books");
        assert_eq!(said["status"], "DONE", "{said}");
        assert_eq!(said["job"]["state"], "DONE");
        assert_eq!(said["job"]["done"], said["accounts"]);
        for row in said["exceptions"].as_array().unwrap() {
            let counted = row["accounts"].as_i64().unwrap();
            assert_eq!(row["sample"].as_array().unwrap().len() as i64, counted.min(20), "{row}");
            assert_ne!(row["message"], row["code"], "no words for it");
            *kinds.entry(row["code"].as_str().unwrap().to_owned()).or_default() += counted;
        }

        let run = ops::run_now(&city.app, march(), sector, Some(3)).await.unwrap().unwrap();
        let money = |tiyn: i64| Money::from_tiyn(tiyn).to_string();
        assert_eq!(said["accounts"], run.accounts);
        assert_eq!(said["accountsDone"], run.accounts);
        assert_eq!(said["excused"], run.excused);
        assert_eq!(said["failures"], run.failures);
        assert_eq!(
            said["billed"].as_i64().unwrap(),
            run.accounts - run.excused - run.failures,
            "every account is somewhere"
        );
        assert_eq!(said["lines"], run.lines);
        assert_eq!(
            (said["net"].clone(), said["vat"].clone(), said["gross"].clone()),
            (money(run.net).into(), money(run.vat).into(), money(run.gross).into())
        );
        assert_eq!(said["hash"].as_str(), run.hash.as_deref());
        for (by, column) in [("byService", "service"), ("byBasis", "basis")] {
            let told = said[by].as_array().unwrap();
            assert!(!told.is_empty());
            for total in told {
                let code = total[column].as_str().unwrap().to_lowercase();
                let stored: Option<String> = city
                    .scalar(&format!(
                        "SELECT concat_ws(' ', count(DISTINCT account_id), count(*), coalesce(sum(liters), 0),
                                coalesce(sum(net), 0), coalesce(sum(vat), 0), coalesce(sum(gross), 0))
                         FROM billing.charge_line WHERE run_id = {} AND {column} = '{code}'",
                        run.id
                    ))
                    .await;
                let whole =
                    |field: &str| total[field].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
                let said = format!(
                    "{} {} {} {} {} {}",
                    total["accounts"],
                    total["lines"],
                    whole("volume"),
                    whole("net"),
                    whole("vat"),
                    whole("gross")
                );
                assert_eq!(Some(said), stored, "{sector} {column} {code}");
            }
        }
        changes_are_the_largest(&city, &said, run.id, sector).await;
    }
    for code in ["EXCUSE_NO_POINTS", "EXCUSE_NOTHING_SUPPLIED", "MISSING_TARIFF"] {
        assert!(kinds.contains_key(code), "no {code} in {kinds:?}");
    }
    assert_eq!(kinds["EXCUSE_NO_POINTS"], 2, "one of the flats, one of the houses");
}

/// Against the bills of both months.
async fn changes_are_the_largest(city: &TestApp, said: &Json, run: i64, sector: Sector) {
    let previous: Option<i64> = city
        .scalar(&format!("SELECT gross FROM billing.run WHERE period = '2026-02-01' AND sector = '{sector}'"))
        .await;
    assert_eq!(said["previousRun"]["gross"], Money::from_tiyn(previous.unwrap()).to_string());
    let wanted: Option<String> = city
        .scalar(&format!(
            "SELECT string_agg(number || ' ' || difference, ',' ORDER BY abs(difference) DESC, id) FROM (
                 SELECT a.id, a.number, n.charged - coalesce(o.charged, 0) AS difference
                 FROM billing.bill n JOIN subscribers.account a ON a.id = n.account_id
                 LEFT JOIN billing.bill o ON o.account_id = n.account_id AND o.period = '2026-02-01' AND NOT o.reversed
                 WHERE n.run_id = {run} AND n.charged <> coalesce(o.charged, 0)
                 ORDER BY abs(n.charged - coalesce(o.charged, 0)) DESC, a.id LIMIT 20) x"
        ))
        .await;
    let told: Vec<String> = said["largestChanges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            assert!(!change["causes"].as_array().unwrap().is_empty(), "{change} has no cause");
            let difference = change["difference"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
            format!("{} {difference}", change["account"]["number"].as_str().unwrap())
        })
        .collect();
    assert_eq!(told.join(","), wanted.unwrap_or_default(), "{sector}");
    assert!(told.len() >= 5, "{sector}: nothing changed, the test proves nothing");
}

#[tokio::test]
async fn what_stands_against_the_run_is_told_and_nobody_else_sees_it() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::metered(2, 12_345)]).await;
    city.sql("UPDATE tariffs.setting SET confirmed_by = NULL WHERE code = 'consumption.average_months'")
        .await;
    city.sql("INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-02-01', 'multi', 'open', 'test')")
        .await;
    let said = preview(&city, Sector::Multi).await;
    let codes: Vec<_> =
        said["exceptions"].as_array().unwrap().iter().map(|row| row["code"].clone()).collect();
    assert_eq!(codes, ["EARLIER_PERIOD_OPEN", "SETTINGS_UNCONFIRMED"], "{said}");
    let message = said["exceptions"][1]["message"].as_str().unwrap();
    assert!(message.contains("consumption.average_months"), "{message}");
    // Nothing to compare with: the month before was not run.
    assert_eq!(said["previousRun"], Json::Null);
    assert_eq!(said["largestChanges"], json!([]));
    assert_eq!(said["byService"][0]["previousGross"], Json::Null);

    // An accountant of the legal sector neither starts nor sees a preview of flats.
    let mut other = actor_of(Role::Accountant);
    other.scope = Scope::Part { sectors: [Sector::Legal].into(), districts: Default::default() };
    let asked = city.graphql(PREVIEW, json!({ "p": "2026-03", "s": "MULTI" })).as_actor(other.clone()).await;
    assert_eq!(asked.codes(), ["NOT_FOUND"]);
    const LIST: &str = "{ runPreviews(first: 10) { nodes { id } } }";
    let own = city.graphql(LIST, json!({})).as_role(Role::Accountant).await.ok().clone();
    let id = own["runPreviews"]["nodes"][0]["id"].as_str().unwrap().to_owned();
    let theirs = city.graphql(LIST, json!({})).as_actor(other.clone()).await;
    assert_eq!(theirs.ok()["runPreviews"]["nodes"], json!([]));
    let opened = city.graphql(OPEN, json!({ "id": id })).as_actor(other).await;
    assert_eq!(opened.codes(), ["NOT_FOUND"]);
    let cashier = city.graphql(PREVIEW, json!({ "p": "2026-03", "s": "MULTI" })).as_role(Role::Cashier).await;
    assert_eq!(cashier.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn a_second_wish_joins_the_first_and_a_stopped_one_leaves_nothing() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    let ask = async || {
        let asked =
            city.graphql(PREVIEW, json!({ "p": "2026-03", "s": "MULTI" })).as_role(Role::Accountant).await;
        let asked = asked.ok()["runPreview"].clone();
        (asked["preview"]["id"].as_str().unwrap().to_owned(), asked["job"]["id"].as_str().unwrap().to_owned())
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!(first, second);
    // Stopped while it waits, then asked for again: the same preview by a new job.
    const STOP: &str = "mutation($id: ID!) { jobCancel(input: { id: $id }) { job { state } } }";
    let stop = city.graphql(STOP, json!({ "id": first.1 })).as_role(Role::ChiefAccountant).await;
    assert_eq!(stop.ok()["jobCancel"]["job"]["state"], "CANCELLED");
    let again = ask().await;
    assert!(again.0 == first.0 && again.1 != first.1, "{first:?} {again:?}");
    // Stopped at work: nothing of it is kept.
    let id = api::platform::graphql::Gid::<RunPreviewId>::decode(&first.0).unwrap().0;
    assert!(ops::preview_city(&city.app, id, |_| false).await.unwrap().is_none());
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM billing.run_preview_total").await, Some(0));
    city.run_jobs().await;
    let done = open(&city, &first.0, actor_of(Role::Manager)).await;
    assert_eq!((done["status"].as_str(), done["accounts"].as_i64()), (Some("DONE"), Some(1)), "{done}");
    let (third, _) = ask().await;
    assert_ne!(third, first.0, "what is done is not joined");
}
