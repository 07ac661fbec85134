//! What if: to the tiyn, by the facts of the run or of the moment, and no row of a bill or of the ledger from it.

use std::collections::BTreeMap;

use aiscra_tests::{Flat, TestApp, actor_of, march};
use api::billing::ops;
use api::platform::files::pieces;
use api::seed::{self, Wish};
use domain::access::{Role, Scope};
use domain::kernel::*;
use entities::kernel::file;
use futures_util::TryStreamExt;
use serde_json::{Value as Json, json};

const CREATE: &str = "mutation($i: ScenarioCreateInput!) { scenarioCreate(input: $i) {
    scenario { id status } errors { code field message } } }";
const OPEN: &str = "query($id: ID!) { scenario(id: $id) {
    name status period sectors accounts accountsDone failures missing { text accounts } hashBefore hashAfter keepsAccounts
    changes { text from value bands }
    total { ...Part }
    services: parts(by: SERVICE) { service ...Part } sectorsOf: parts(by: SECTOR) { sector ...Part }
    districts: parts(by: DISTRICT) { district { code } ...Part } households: parts(by: HOUSEHOLD) { people ...Part }
    bases: parts(by: BASIS) { basis ...Part } differences: parts(by: DIFFERENCE) { above upto ...Part }
    largest { account { id number } before after difference } } }
  fragment Part on ScenarioPart { code accounts difference gainers gain losers loss
    before { billed volume net vat gross } after { billed volume net vat gross } }";
const OF_ACCOUNT: &str = "query($a: ID!, $p: Period, $c: [ScenarioChangeInput!]!) {
    scenarioOfAccount(account: $a, period: $p, changes: $c) {
      comparison { before after difference causes linesBefore { gross } linesAfter { price gross } } errors { code message } } }";

fn wish(changes: Json, keep: bool, key: &str) -> Json {
    json!({ "i": { "name": "Что если", "period": "2026-03", "changes": changes, "keepAccounts": keep,
        "idempotencyKey": format!("scenario-{key}") } })
}

/// The price of a service for residents, from before any day that March is billed for.
fn price(service: &str, net: &str) -> Json {
    json!({ "price": { "service": service, "consumerGroup": "POPULATION", "from": "2026-02-01", "net": net } })
}

async fn reckon(city: &TestApp, changes: Json, keep: bool, key: &str) -> (String, Json) {
    let asked = city.graphql(CREATE, wish(changes, keep, key)).as_role(Role::Accountant).await;
    assert!(asked.refusals().is_empty(), "{asked:?}");
    let id = asked.ok()["scenarioCreate"]["scenario"]["id"].as_str().unwrap().to_owned();
    city.run_jobs().await;
    let opened = city.graphql(OPEN, json!({ "id": id })).as_role(Role::Auditor).await;
    let said = opened.ok()["scenario"].clone();
    assert_eq!(said["status"], "DONE", "{said}");
    (id, said)
}

fn tiyn(value: &Json) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// Every row of what a run or money writes, as one number per table.
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
        "tariffs.price",
        "tariffs.vat",
        "tariffs.setting",
        "ledger.entry",
        "ledger.open_item",
        "ledger.hold",
        "ledger.account_total",
        "ledger.settlement",
        "ledger.period",
    ] {
        let sum = format!(
            "SELECT coalesce(sum(hashtextextended(t::text, 0)::numeric) % 1000000007, 0)::bigint FROM {table} t"
        );
        found.insert(table, city.scalar(&sum).await);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_the_run_to_the_tiyn_and_nothing_is_written() {
    let city = TestApp::with(|config| config.business_date = Some(march().last_day())).await;
    seed::run(&city.app, Wish { accounts: 400, months: 2, current: march() }).await.expect("a city");
    let before = books(&city).await;
    let (_, ahead) = reckon(&city, json!([]), true, "ahead").await;
    assert_eq!(books(&city).await, before, "a scenario touched the books");

    let (mut gross, mut hash, mut accounts) = (0, 0_u128, 0);
    for &sector in Sector::ALL {
        let run = ops::run_now(&city.app, march(), sector, Some(3)).await.unwrap().unwrap();
        gross += run.gross;
        accounts += run.accounts;
        hash = hash.wrapping_add(u128::from_str_radix(run.hash.as_deref().unwrap(), 16).unwrap());
    }
    // By the facts that the runs kept, and by those that they would have taken.
    let (_, behind) = reckon(&city, json!([]), true, "behind").await;
    for said in [&ahead, &behind] {
        assert_eq!(said["hashBefore"], format!("{hash:032x}"));
        assert_eq!(said["hashAfter"], said["hashBefore"]);
        assert_eq!(tiyn(&said["total"]["before"]["gross"]), gross);
        assert_eq!(said["total"]["before"], said["total"]["after"]);
        assert_eq!(
            (said["accounts"].as_i64(), said["accountsDone"].as_i64()),
            (Some(accounts), Some(accounts))
        );
        assert_eq!((&said["total"]["gainers"], &said["total"]["losers"]), (&json!(0), &json!(0)));
        assert_eq!(said["largest"], json!([]));
        assert_eq!(said["differences"].as_array().unwrap().len(), 1, "all in the class of no difference");
    }
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM billing.scenario_difference").await, Some(0));

    // Everything that can change at once: parts add up, differences are those of the accounts, and still nothing is written.
    let before = books(&city).await;
    let all = json!([
        price("WATER", "90.5"),
        { "bands": { "from": "2026-03-10", "mode": "MARGINAL", "bands": [{ "upto": "3", "coefficient": "1" }, { "coefficient": "1.5" }] } },
        { "norm": { "amenity": "HOUSEHOLD", "service": "SEWERAGE_COLD", "from": "2026-03-01", "volume": "9" } },
        { "vat": { "from": "2026-03-16", "rate": "0.12" } },
        { "setting": { "code": "consumption.average_months", "from": "2026-03-01", "value": "1" } },
        { "freeze": { "day": "2026-03-20" } },
    ]);
    let (id, said) = reckon(&city, all, true, "all").await;
    assert_eq!(books(&city).await, before, "a scenario touched the books");
    assert_eq!(said["hashBefore"], format!("{hash:032x}"));
    assert_ne!(said["hashAfter"], said["hashBefore"]);
    let total = &said["total"];
    for by in ["services", "sectorsOf", "districts", "differences"] {
        for side in ["before", "after"] {
            for sum in ["volume", "net", "vat", "gross"] {
                let parts: i64 = said[by].as_array().unwrap().iter().map(|part| tiyn(&part[side][sum])).sum();
                assert_eq!(parts, tiyn(&total[side][sum]), "{by} {side} {sum}");
            }
        }
    }
    for by in ["sectorsOf", "districts", "differences"] {
        for count in ["accounts", "gainers", "losers"] {
            let parts: i64 =
                said[by].as_array().unwrap().iter().map(|part| part[count].as_i64().unwrap()).sum();
            assert_eq!(parts, total[count].as_i64().unwrap(), "{by} {count}");
        }
    }
    let kept: Option<String> = city
        .scalar(
            "SELECT concat_ws(' ', count(*) FILTER (WHERE after < before), coalesce(-sum(after - before) FILTER (WHERE after < before), 0),
                    count(*) FILTER (WHERE after > before), coalesce(sum(after - before) FILTER (WHERE after > before), 0))
             FROM billing.scenario_difference",
        )
        .await;
    let told =
        format!("{} {} {} {}", total["gainers"], tiyn(&total["gain"]), total["losers"], tiyn(&total["loss"]));
    assert_eq!(kept, Some(told));
    // The account by itself says what the city says of it.
    for row in said["largest"].as_array().unwrap().iter().take(5) {
        const ONE: &str = "query($id: ID!, $a: ID!) { scenario(id: $id) { ofAccount(account: $a) {
            comparison { before after difference causes } errors { code } } } }";
        let one = city
            .graphql(ONE, json!({ "id": id, "a": row["account"]["id"] }))
            .as_role(Role::Manager)
            .await
            .ok()["scenario"]["ofAccount"]["comparison"]
            .clone();
        for field in ["before", "after", "difference"] {
            assert_eq!(one[field], row[field], "{row}");
        }
        assert_ne!(one["causes"], json!([]));
    }
}

#[tokio::test]
async fn a_price_a_tenth_higher_and_bands_that_come_back_are_exact_sums() {
    let city = TestApp::new().await;
    let accounts = city.house(&[Flat::unmetered(1), Flat::metered(2, 12_345), Flat::unmetered(3)]).await;
    let (_, said) = reckon(&city, json!([price("WATER", "72.60")]), false, "tenth").await;
    // By hand: 15 and 45 m3 by norm and 12.345 by meter, at 72.6 × 1.16 and at 66 × 1.16; sewerage as it was.
    let after = 126_324 + 103_965 + 378_972;
    let before = 114_840 + 94_513 + 344_520;
    let water = &said["services"][0];
    assert_eq!((water["service"].as_str(), tiyn(&water["before"]["gross"])), (Some("WATER"), before));
    assert_eq!(tiyn(&water["after"]["gross"]), after);
    assert_eq!(tiyn(&said["total"]["difference"]), after - before);
    assert_eq!((&said["total"]["losers"], &said["total"]["gainers"]), (&json!(3), &json!(0)));
    assert_eq!(said["services"][1]["difference"], "0.00", "sewerage is as it was");
    // 114.84, 94.52 and 344.52 tenge more: one below a hundred, one below three hundred, one above.
    let classes: Vec<String> = said["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| {
            format!(
                "{} {} {}",
                part["above"].as_str().unwrap(),
                part["upto"].as_str().unwrap(),
                part["accounts"]
            )
        })
        .collect();
    assert_eq!(classes, ["30.00 100.00 1", "100.00 300.00 1", "300.00 1000.00 1"]);
    let people: Vec<i64> =
        said["households"].as_array().unwrap().iter().map(|part| part["people"].as_i64().unwrap()).collect();
    assert_eq!(people, [1, 2, 3]);
    assert_eq!(said["changes"][0]["value"], "72.6");
    assert!(said["changes"][0]["text"].as_str().unwrap().contains("72.6 ₸"), "{}", said["changes"]);

    // 15 m3 of each resident cost twice the price with the bands of before.
    let bands = json!([{ "bands": { "from": "2026-03-01", "mode": "WHOLE", "bands": [
        { "upto": "3", "coefficient": "1.0" }, { "upto": "5", "coefficient": "1.2" }, { "upto": "10", "coefficient": "1.5" },
        { "coefficient": "2.0" }] } }]);
    let (_, said) = reckon(&city, bands, true, "bands").await;
    let of_norm = "SELECT sum(after)::bigint FROM billing.scenario_difference WHERE account_id IN (1, 3)";
    assert_eq!(city.scalar::<i64>(of_norm).await, Some(4 * (229_680 + 71_253)));
    assert_eq!(said["services"][1]["difference"], "0.00", "bands are for water only");

    // One account at once, by changes that are kept nowhere.
    let id = api::platform::graphql::Gid(accounts[1]).encode();
    let ask = |changes: Json, role| {
        city.graphql(OF_ACCOUNT, json!({ "a": id, "p": "2026-03", "c": changes })).as_role(role)
    };
    let one = ask(json!([price("WATER", "72.60")]), Role::Accountant).await;
    let one = &one.ok()["scenarioOfAccount"]["comparison"];
    assert_eq!((one["before"].as_str(), one["after"].as_str()), (Some("1531.54"), Some("1626.06")));
    assert_eq!(one["causes"], json!(["PRICE"]));
    assert_eq!(one["linesAfter"][0]["price"], "72.6");
    let wrong = ask(json!([price("WATER", "dear")]), Role::Accountant).await;
    assert_eq!(wrong.ok()["scenarioOfAccount"]["errors"][0]["code"], "PRICE_WRONG");
    assert_eq!(ask(json!([]), Role::Cashier).await.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn a_scenario_is_seen_repeated_and_deleted_by_those_with_the_right() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(1), Flat::metered(2, 12_345)]).await;
    let (id, _) = reckon(&city, json!([price("WATER", "72.60")]), true, "first").await;
    // The same key is the same scenario; a wrong change is none.
    let again = city
        .graphql(CREATE, wish(json!([price("WATER", "72.60")]), true, "first"))
        .as_role(Role::Accountant)
        .await;
    assert_eq!(again.ok()["scenarioCreate"]["scenario"]["id"], id);
    for (changes, code) in [
        (json!([price("WATER", "70"), price("WATER", "71")]), "SCENARIO_TWICE"),
        (
            json!([{ "setting": { "code": "billing.due_day", "from": "2026-03-01", "value": "20" } }]),
            "SCENARIO_NO_EFFECT",
        ),
        (json!([{ "freeze": { "day": "2026-04-02" } }]), "SCENARIO_TOO_LATE"),
        (json!([{ "vat": { "from": "2026-03-01", "rate": "16" } }]), "RATE_WRONG"),
    ] {
        let asked = city.graphql(CREATE, wish(changes, false, code)).as_role(Role::Accountant).await;
        let error = &asked.ok()["scenarioCreate"]["errors"][0];
        assert_eq!(
            (error["code"].as_str(), error["field"].as_str()),
            (Some(code), Some("changes")),
            "{error}"
        );
        assert!(!error["message"].as_str().unwrap().contains('{'), "{error}");
    }

    for (role, sees, writes) in [
        (Role::Manager, true, true),
        (Role::Auditor, true, false),
        (Role::OperatorMulti, false, false),
        (Role::Cashier, false, false),
    ] {
        let opened = city.graphql(OPEN, json!({ "id": id })).as_role(role).await;
        assert_eq!(opened.codes().is_empty(), sees, "{role}: {:?}", opened.codes());
        let made = city.graphql(CREATE, wish(json!([]), false, role.code())).as_role(role).await;
        assert_eq!(made.codes().is_empty(), writes, "{role}: {:?}", made.codes());
    }
    city.run_jobs().await;
    // Whoever sees one sector does not see a scenario of more, and makes one of his own.
    let mut legal = actor_of(Role::Accountant);
    legal.scope = Scope::Part { sectors: [Sector::Legal].into(), districts: Default::default() };
    let opened = city.graphql(OPEN, json!({ "id": id })).as_actor(legal.clone()).await;
    assert_eq!(opened.ok()["scenario"], Json::Null);
    const LIST: &str = "{ scenarios(first: 10) { nodes { id sectors } } }";
    assert_eq!(
        city.graphql(LIST, json!({})).as_actor(legal.clone()).await.ok()["scenarios"]["nodes"],
        json!([])
    );
    city.graphql(CREATE, wish(json!([]), false, "legal")).as_actor(legal.clone()).await.ok();
    let own = city.graphql(LIST, json!({})).as_actor(legal).await;
    assert_eq!(own.ok()["scenarios"]["nodes"][0]["sectors"], json!(["LEGAL"]));

    // Per-account differences go out as a table.
    const EXPORT: &str =
        "mutation($i: ExportStartInput!) { exportStart(input: $i) { job { id } errors { code } } }";
    let export = json!({ "i": { "list": { "scenario": { "scenario": id } }, "format": "CSV" } });
    city.graphql(EXPORT, export.clone()).as_role(Role::Auditor).await.ok();
    city.run_jobs().await;
    let job: i64 =
        city.scalar("SELECT max(id) FROM platform.job WHERE kind = 'exports.write'").await.unwrap();
    let made = file::of_jobs(&city.app.db, vec![JobId(job)]).await.unwrap().remove(0);
    let all: Vec<_> = pieces(city.app.clone(), made.id).try_collect().await.unwrap();
    let text = String::from_utf8(all.concat()).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 3, "{text}");
    assert!(rows[1].starts_with("1000001;") && rows[1].ends_with(";1860.93;1975.77;114.84"), "{text}");

    // Repeated without keeping: the rows are gone, and there is nothing to export.
    const REPEAT: &str = "mutation($id: ID!) { scenarioRepeat(input: { id: $id, keepAccounts: false }) {
        scenario { status keepsAccounts } errors { code } } }";
    let repeat = |role| city.graphql(REPEAT, json!({ "id": id })).as_role(role);
    // A manager makes scenarios too, but this one is the accountant's.
    assert_eq!(repeat(Role::Manager).await.ok()["scenarioRepeat"]["errors"][0]["code"], "SCENARIO_NOT_YOURS");
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM billing.scenario_difference").await, Some(2));
    assert_eq!(repeat(Role::Accountant).await.ok()["scenarioRepeat"]["scenario"]["status"], "QUEUED");
    assert_eq!(
        repeat(Role::Accountant).await.ok()["scenarioRepeat"]["errors"][0]["code"],
        "SCENARIO_AT_WORK"
    );
    city.run_jobs().await;
    assert_eq!(repeat(Role::ChiefAccountant).await.ok()["scenarioRepeat"]["scenario"]["status"], "QUEUED");
    city.run_jobs().await;
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM billing.scenario_difference").await, Some(0));
    let refused = city.graphql(EXPORT, export).as_role(Role::Auditor).await;
    assert_eq!(refused.ok()["exportStart"]["errors"][0]["code"], "SCENARIO_KEEPS_NOTHING");

    const DELETE: &str =
        "mutation($id: ID!) { scenarioDelete(input: { id: $id }) { deleted errors { code } } }";
    let delete = |role| city.graphql(DELETE, json!({ "id": id })).as_role(role);
    assert_eq!(delete(Role::Auditor).await.codes(), ["FORBIDDEN"]);
    assert_eq!(delete(Role::Manager).await.ok()["scenarioDelete"]["errors"][0]["code"], "SCENARIO_NOT_YOURS");
    assert_eq!(delete(Role::Accountant).await.ok()["scenarioDelete"]["deleted"], id);
    assert_eq!(
        delete(Role::Accountant).await.ok()["scenarioDelete"]["errors"][0]["code"],
        "SCENARIO_NOT_FOUND"
    );
    // The chief does away with what others made.
    const FIRST: &str = "{ scenarios(first: 1) { nodes { id createdBy } } }";
    let newest = city.graphql(FIRST, json!({})).as_role(Role::ChiefAccountant).await;
    let newest = &newest.ok()["scenarios"]["nodes"][0];
    assert_eq!(newest["createdBy"], "test.accountant");
    let gone = city.graphql(DELETE, json!({ "id": newest["id"] })).as_role(Role::ChiefAccountant).await;
    assert_eq!(gone.ok()["scenarioDelete"]["deleted"], newest["id"]);
}

#[tokio::test]
async fn a_stopped_scenario_leaves_nothing_and_may_be_asked_again() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(1)]).await;
    let asked = city
        .graphql(CREATE, wish(json!([price("WATER", "72.60")]), true, "stop"))
        .as_role(Role::Accountant)
        .await;
    let id = asked.ok()["scenarioCreate"]["scenario"]["id"].as_str().unwrap().to_owned();
    let row = api::platform::graphql::Gid::<ScenarioId>::decode(&id).unwrap().0;
    assert!(ops::run_scenario(&city.app, row, |_| false).await.unwrap().is_none());
    for table in ["scenario_part", "scenario_largest"] {
        let rows = format!("SELECT count(*) FROM billing.{table}");
        assert_eq!(city.scalar::<i64>(&rows).await, Some(0), "{table}");
    }
    city.run_jobs().await;
    let opened = city.graphql(OPEN, json!({ "id": id })).as_role(Role::Manager).await;
    assert_eq!(opened.ok()["scenario"]["total"]["difference"], "114.84");
}

#[tokio::test]
async fn up_to_a_day_the_reading_counts_that_a_later_one_had_replaced() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(1, 10_000)]).await;
    // 4 m3 by the 10th, then the reading of the 20th took its place.
    city.sql(
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, superseded_by, received_by)
         SELECT period, account_id, point_id, meter_id, '2026-03-10', liters - 6000, channel, 'superseded', id, 'test'
         FROM readings.reading WHERE period = '2026-03-01'",
    )
    .await;
    let after = async |day: &str, key: &str| {
        let (_, said) = reckon(&city, json!([{ "freeze": { "day": day } }]), false, key).await;
        assert_eq!(said["total"]["before"]["gross"], "1240.62", "{key}: 765.60 + 475.02");
        said["total"]["after"]["gross"].clone()
    };
    assert_eq!(after("2026-03-15", "frozen").await, "496.25", "306.24 + 190.01");
    assert_eq!(after("2026-03-09", "frozen-early").await, "1860.93", "nothing had come: the norm");
    assert_eq!(after("2026-03-20", "frozen-late").await, "1240.62");
    // What was doubtful had never counted.
    city.sql("UPDATE readings.reading SET reasons = '{unusual_jump}' WHERE verdict = 'superseded'").await;
    assert_eq!(after("2026-03-15", "frozen-doubt").await, "1860.93");
}
