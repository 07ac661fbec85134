//! The auditor's reports: they agree with each other and with the tables, and those of a closed month never change.

use std::collections::HashMap;

use aiscra_tests::{TestApp, actor_of, march};
use api::billing::ops;
use api::ledger::ops::close_period;
use api::payments::ops::{NewPayment, record_of_shift};
use api::seed::{self, Wish};
use domain::access::{Actor, Role, Scope};
use domain::kernel::*;
use domain::ledger::CloseReportCode;
use entities::kernel::Tx;
use entities::ledger::report;
use serde_json::{Value as Json, json};

const REPORT: &str =
    "query($p: Period!, $s: Sector!, $c: CloseReportCode!) { period(period: $p, sector: $s) {
    report(code: $c) { name frozenAt hash version columns { code name kind } rows } } }";

async fn city() -> TestApp {
    let city = TestApp::with(|config| config.business_date = Some(march().last_day())).await;
    seed::run(&city.app, Wish { accounts: 200, months: 3, current: march() }).await.expect("a city");
    city
}

async fn issue(city: &TestApp, sector: Sector) {
    let run = ops::run_now(&city.app, march(), sector, Some(2)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    city.sql("UPDATE readings.reading SET verdict = 'rejected' WHERE verdict = 'doubtful'").await;
}

async fn close(city: &TestApp, sector: Sector) {
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    close_period(&mut tx, march(), sector).await.unwrap().expect("March closes");
    tx.commit().await.unwrap();
}

async fn rows(city: &TestApp, code: CloseReportCode, sector: Sector) -> Vec<Json> {
    report::figures(&city.app.db, code, march(), sector).await.unwrap().rows
}

fn sum(rows: &[Json], field: &str) -> i64 {
    rows.iter().filter_map(|row| row[field].as_i64()).sum()
}

fn by<'a>(rows: &'a [Json], key: &str) -> HashMap<&'a str, &'a Json> {
    rows.iter().map(|row| (row[key].as_str().unwrap(), row)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_agree_with_each_other_and_with_the_tables() {
    let city = city().await;
    for &sector in Sector::ALL {
        issue(&city, sector).await;
        let moved = rows(&city, CloseReportCode::RollForward, sector).await;
        for row in &moved {
            let parts = ["opening", "taken_over", "charged", "penalty", "corrected", "covered"];
            let adds: i64 = parts.iter().map(|part| row[part].as_i64().unwrap()).sum();
            assert_eq!(adds - row["paid"].as_i64().unwrap(), row["closing"].as_i64().unwrap(), "{row}");
        }
        let ledgers = rows(&city, CloseReportCode::Ledgers, sector).await;
        let ledger = by(&ledgers, "account");
        let closing = |account: &str| ledger.get(account).map_or(0, |row| row["closing"].as_i64().unwrap());
        assert_eq!(sum(&moved, "closing"), closing("receivable") + closing("advance"), "{sector}");
        assert_eq!(closing("sub_ledger"), closing("general_ledger"), "{sector}");
        assert_eq!(sum(&moved, "covered"), 0, "what advances cover moves between items");

        let run = format!(
            "SELECT concat_ws(' ', net, vat, gross, accounts, excused) FROM billing.run
             WHERE period = '2026-03-01' AND sector = '{sector}' AND state = 'issued'"
        );
        let run: String = city.scalar(&run).await.unwrap();
        let run: Vec<i64> = run.split(' ').map(|number| number.parse().unwrap()).collect();
        let vat = rows(&city, CloseReportCode::Vat, sector).await;
        let rates: Vec<Json> = vat.iter().filter(|row| row["source"] == "run").cloned().collect();
        assert_eq!((sum(&rates, "net"), sum(&rates, "vat"), sum(&rates, "gross")), (run[0], run[1], run[2]));
        let others: Vec<Json> = vat.iter().filter(|row| row["source"] != "ledger").cloned().collect();
        assert_eq!(sum(&others, "vat"), by(&vat, "source")["ledger"]["vat"].as_i64().unwrap(), "{vat:?}");
        assert_eq!(sum(&moved, "charged"), run[2]);

        let accounts = rows(&city, CloseReportCode::Accounts, sector).await;
        let of = by(&accounts, "what");
        assert_eq!(of["active"]["accounts"], run[3]);
        assert_eq!(sum(&accounts, "accounts"), 2 * run[3], "active = billed + excused + without");
        assert_eq!(
            (&of["without"]["accounts"], &of["billed"]["accounts"]),
            (&json!(0), &json!(run[3] - run[4]))
        );

        let water: i64 = city
            .scalar(&format!(
                "SELECT coalesce(sum(l.liters), 0)::bigint FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id
                 WHERE l.period = '2026-03-01' AND l.service = 'water' AND r.sector = '{sector}'"
            ))
            .await
            .unwrap();
        let told = rows(&city, CloseReportCode::Water, sector).await;
        let billed: Vec<Json> = told.into_iter().filter(|row| row["basis"] != "house_meters").collect();
        assert_eq!(sum(&billed, "liters"), water);

        let numbers = rows(&city, CloseReportCode::Numbers, sector).await;
        assert_eq!(sum(&numbers, "found"), 0, "{numbers:?}");
        let manual = rows(&city, CloseReportCode::Manual, sector).await;
        assert_eq!(by(&manual, "what")["self_approved"]["found"], 0);
        let ageing = rows(&city, CloseReportCode::Ageing, sector).await;
        let owed: Vec<Json> = ageing.into_iter().filter(|row| row["what"] != "staff").collect();
        assert_eq!(sum(&owed, "amount"), closing("sub_ledger"), "{sector}: items of March and before");
        let clearing = rows(&city, CloseReportCode::Clearing, sector).await;
        assert_eq!(
            sum(&clearing, "amount"),
            ["bank_clearing", "cash_clearing", "agent_clearing", "transfer"].map(closing).iter().sum::<i64>()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_a_closed_month_are_frozen_and_the_next_one_begins_with_them() {
    let city = city().await;
    issue(&city, Sector::Multi).await;
    let ask = |code: &str, role| {
        city.graphql(REPORT, json!({ "p": "2026-03", "s": "MULTI", "c": code })).as_role(role)
    };
    let open = ask("AGEING", Role::Auditor).await.ok()["period"]["report"].clone();
    assert_eq!((&open["frozenAt"], &open["hash"]), (&Json::Null, &Json::Null));
    close(&city, Sector::Multi).await;

    let mut frozen = HashMap::new();
    for code in CloseReportCode::ALL {
        let told = ask(&code.code().to_uppercase(), Role::Auditor).await.ok()["period"]["report"].clone();
        assert!(told["frozenAt"].is_string() && told["version"] == 1, "{code}: {told}");
        let columns = told["columns"].as_array().unwrap();
        assert_eq!(columns.len(), code.columns().len());
        for column in columns {
            assert!(!column["name"].as_str().unwrap().starts_with("REPORT_"), "no words for {column}");
        }
        for cell in told["rows"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap()) {
            assert!(!cell.as_str().unwrap().starts_with("REPORT_"), "{code}: no words for {cell}");
        }
        frozen.insert(*code, told);
    }
    assert_eq!(frozen[&CloseReportCode::Ageing]["rows"], open["rows"], "what was shown is what is frozen");

    // Money of April changes what is owed now, and nothing of March.
    let account: i64 = city
        .scalar("SELECT account_id FROM ledger.open_item WHERE sector = 'multi' AND amount > settled ORDER BY account_id LIMIT 1")
        .await
        .unwrap();
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::ChiefAccountant)).await.unwrap();
    let payment = NewPayment {
        account: AccountId(account),
        sector: Sector::Multi,
        channel: "cash".into(),
        external_id: "after the close".into(),
        amount: Money::tenge("150.00").unwrap(),
        paid_on: city.app.clock.today(),
        import_batch: None,
        paid_at: None,
        target: None,
    };
    record_of_shift(&mut tx, &[payment], city.app.clock.today(), city.app.clock.now())
        .await
        .unwrap()
        .unwrap();
    tx.commit().await.unwrap();
    for (code, told) in &frozen {
        let now = ask(&code.code().to_uppercase(), Role::Auditor).await.ok()["period"]["report"].clone();
        assert_eq!(&now, told, "{code}");
    }
    let next = report::figures(&city.app.db, CloseReportCode::RollForward, march().next(), Sector::Multi)
        .await
        .unwrap();
    let last = rows(&city, CloseReportCode::RollForward, Sector::Multi).await;
    assert!(next.frozen.is_none());
    assert_eq!(sum(&next.rows, "opening"), sum(&last, "closing"), "opening = last closing");
    assert_eq!(sum(&next.rows, "paid"), 15_000);
    let changed = "UPDATE ledger.close_figures SET figures = '[]'";
    let tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    assert!(sea_orm::ConnectionTrait::execute_unprepared(&tx, changed).await.is_err(), "append-only");
    tx.rollback().await.unwrap();

    // As a table, with rights and sectors.
    const EXPORT: &str =
        "mutation($i: ExportStartInput!) { exportStart(input: $i) { job { id } errors { code } } }";
    let list = json!({ "closeReport": { "report": "ROLL_FORWARD", "period": "2026-03", "sector": "MULTI" } });
    let export = json!({ "i": { "list": list, "format": "XLSX" } });
    assert!(city.graphql(EXPORT, export.clone()).as_role(Role::Auditor).await.refusals().is_empty());
    city.run_jobs().await;
    let ready = "SELECT count(*) FROM platform.job WHERE kind = 'exports.write' AND state = 'done'";
    assert_eq!(city.scalar::<i64>(ready).await, Some(1));
    let mut legal = actor_of(Role::Auditor);
    legal.scope = Scope::Part { sectors: [Sector::Legal].into(), districts: Default::default() };
    assert_eq!(city.graphql(EXPORT, export.clone()).as_actor(legal).await.refusals(), ["NO_SUCH_PERIOD"]);
    assert_eq!(city.graphql(EXPORT, export).as_role(Role::Cashier).await.codes(), ["FORBIDDEN"]);
}
