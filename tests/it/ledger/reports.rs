//! The auditor's reports: they agree with each other and with the tables, and those of a closed month never change.

use std::collections::HashMap;

use aiscra_tests::{Flat, TestApp, actor_of, march};
use api::billing::ops;
use api::ledger::ops::close_period;
use api::payments::ops::{Adjustment, NewPayment, adjust, record_of_shift};
use api::platform::graphql::Gid;
use api::platform::messages;
use api::seed::{self, Wish};
use domain::access::{Actor, Role, Scope};
use domain::kernel::*;
use domain::ledger::{AdjustmentSource, CloseReportCode};
use entities::kernel::Tx;
use entities::ledger::report;
use serde_json::{Value as Json, json};

use crate::billing::recalculate;
use crate::platform::{repository, sources};

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
    api::cashdesk::seed::end_day(&city.app).await.unwrap();
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

/// Not what is told of the same debt once more: whose it is, and for how long it can be claimed.
fn is_an_age(row: &Json) -> bool {
    !["staff", "expired", "expires_90", "expires_365"].contains(&row["what"].as_str().unwrap())
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
        let owed: Vec<Json> = ageing.into_iter().filter(is_an_age).collect();
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

async fn of_month(city: &TestApp, code: CloseReportCode, month: Period) -> Vec<Json> {
    report::figures(&city.app.db, code, month, Sector::Multi).await.unwrap().rows
}

/// What is owed by age less credits, and what the roll-forward and the ledger end the month with, in tiyn.
async fn ends(city: &TestApp, month: Period) -> [i64; 4] {
    let ageing = of_month(city, CloseReportCode::Ageing, month).await;
    let owed: Vec<Json> = ageing.into_iter().filter(is_an_age).collect();
    let moved = of_month(city, CloseReportCode::RollForward, month).await;
    let ledgers = of_month(city, CloseReportCode::Ledgers, month).await;
    let ledger = by(&ledgers, "account");
    let closing = |account: &str| ledger[account]["closing"].as_i64().unwrap();
    [sum(&owed, "amount"), sum(&moved, "closing"), closing("sub_ledger"), closing("general_ledger")]
}

/// March is closed in April, when April takes money already.
#[tokio::test(flavor = "multi_thread")]
async fn what_april_posts_is_not_in_the_ageing_of_march() {
    let city = city().await;
    issue(&city, Sector::Multi).await;
    let before = rows(&city, CloseReportCode::Ageing, Sector::Multi).await;
    let ended = ends(&city, march()).await;
    assert!(ended.iter().all(|end| *end == ended[0]), "{ended:?}");

    let opened = city
        .graphql(
            "mutation { periodOpen(input: { period: \"2026-04\", sector: MULTI }) { errors { code } } }",
            json!({}),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert!(opened.refusals().is_empty());
    let today: chrono::NaiveDate = "2026-04-03".parse().unwrap();
    city.app.clock.set_today(Some(today));
    // One debt is settled whole, and something is paid ahead besides.
    let account: i64 = city
        .scalar(
            "SELECT account_id FROM ledger.open_item WHERE sector = 'multi' AND amount > settled
             GROUP BY account_id HAVING sum(amount - settled) < 900000 ORDER BY account_id LIMIT 1",
        )
        .await
        .unwrap();
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::ChiefAccountant)).await.unwrap();
    let payment = NewPayment {
        account: AccountId(account),
        sector: Sector::Multi,
        channel: "cash".into(),
        external_id: "of April".into(),
        amount: Money::tenge("9500.00").unwrap(),
        paid_on: today,
        import_batch: None,
        paid_at: None,
        target: None,
    };
    record_of_shift(&mut tx, &[payment], today, city.app.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    // A recalculation of March, posted in April: its item is March's, its entry is not; one of it is taken back in part.
    let others: Vec<String> = city
        .texts(&format!(
            "SELECT DISTINCT account_id::text FROM ledger.open_item
             WHERE sector = 'multi' AND service = 'water' AND amount > settled AND account_id <> {account} ORDER BY 1 LIMIT 2"
        ))
        .await;
    let of = |account: &str, net: &str| Adjustment {
        account: AccountId(account.parse().unwrap()),
        sector: Sector::Multi,
        service: Service::Water,
        component: Component::Charge,
        origin: march(),
        due_on: "2026-04-25".parse().unwrap(),
        net: net.parse().unwrap(),
        vat: Money::ZERO,
    };
    let adjustments = [of(&others[0], "100.00"), of(&others[0], "40.00"), of(&others[1], "-70.00")];
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    adjust(&mut tx, AdjustmentSource::Correction, 900, &adjustments, today, city.app.clock.now())
        .await
        .unwrap()
        .unwrap();
    tx.commit_silently("test").await.unwrap();
    let posted: Option<chrono::NaiveDate> = city
        .scalar("SELECT min(period) FROM ledger.entry WHERE source = 'correction' AND source_id = 900")
        .await;
    assert_eq!(posted.map(Period::of), Some(march().next()));

    assert_eq!(rows(&city, CloseReportCode::Ageing, Sector::Multi).await, before);
    assert_eq!(ends(&city, march()).await, ended);
    let april = ends(&city, march().next()).await;
    assert_eq!(april, [ended[0] - 950_000 + 14_000 - 7_000; 4], "all of it is April's");

    close(&city, Sector::Multi).await;
    assert_eq!(rows(&city, CloseReportCode::Ageing, Sector::Multi).await, before, "what is frozen");
    assert_eq!(ends(&city, march()).await, ended);
    assert_eq!(ends(&city, march().next()).await, april);
}

#[tokio::test]
async fn clearing_of_agents_is_told_by_agent_and_goes_on_from_what_was_frozen() {
    let city = TestApp::new().await;
    for month in ["2026-02-01", "2026-03-01"] {
        city.sql(&format!("SELECT platform.ensure_partitions('{month}')")).await;
    }
    city.sql(
        "INSERT INTO payments.agent (code, name_kk, name_ru, name_en)
         VALUES ('one', 'Бірінші', 'Первый', 'First'), ('two', 'Екінші', 'Второй', 'Second')",
    )
    .await;
    city.sql(
        "INSERT INTO ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, agent_id, source, source_id)
         SELECT d.month::date, 'multi', 0, d.month::date, d.debit, d.credit, d.amount, a.id, 'remittance', 1
         FROM (VALUES ('2026-02-01', 'agent_clearing', 'suspense', 700, 'one'), ('2026-02-01', 'agent_clearing', 'suspense', 50, 'two'),
                      ('2026-03-01', 'agent_clearing', 'suspense', 30, 'one'), ('2026-03-01', 'bank_clearing', 'agent_clearing', 50, 'two'))
              d (month, debit, credit, amount, code) JOIN payments.agent a ON a.code = d.code",
    )
    .await;
    let agents = async || {
        let told = rows(&city, CloseReportCode::Clearing, Sector::Multi).await;
        let line = |row: &Json| {
            let words = [&row["agent"]["en"], &row["month"]].map(|word| word.as_str().unwrap());
            format!("{} {}", words.join(" "), row["amount"])
        };
        let agents = told.iter().filter(|row| row["account"] == "agent_clearing");
        agents.map(line).collect::<Vec<String>>()
    };
    let expected = ["First 2026-02 700", "First 2026-03 30", "Second 2026-02 50", "Second 2026-03 -50"];
    assert_eq!(agents().await, expected);

    // February is closed: of it the frozen figures say the same.
    let tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    report::freeze(&tx, march().prev(), Sector::Multi).await.unwrap();
    tx.commit_silently("test").await.unwrap();
    city.sql(
        "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-02-01', 'multi', 'closed', 'test')
         ON CONFLICT (period, sector) DO UPDATE SET status = 'closed'",
    )
    .await;
    assert_eq!(agents().await, expected);
    let asked = city
        .graphql(REPORT, json!({ "p": "2026-02", "s": "MULTI", "c": "CLEARING" }))
        .as_role(Role::Auditor)
        .await;
    let told = asked.ok()["period"]["report"]["rows"].to_string();
    assert!(["Бірінші", "Первый", "First"].iter().any(|name| told.contains(name)), "{told}");
}

#[tokio::test]
async fn a_missing_number_of_a_cash_order_or_a_shift_is_told() {
    let city = TestApp::new().await;
    let found = async |what: &str| {
        let numbers = rows(&city, CloseReportCode::Numbers, Sector::Multi).await;
        by(&numbers, "what")[what]["found"].as_i64().unwrap()
    };
    assert_eq!(
        (found("order_gap").await, found("shift_gap").await, found("certificate_gap").await),
        (0, 0, 0)
    );
    // A trigger keeps the orders whole: somebody went around it.
    for around in [
        "INSERT INTO cashdesk.desk (code, name_kk, name_ru, name_en) VALUES ('01', 'Бірінші', 'Первая', 'First')",
        "INSERT INTO cashdesk.shift (desk_id, number, cashier, opened_on, opening)
         SELECT id, 2, 'test', '2026-03-02', 0 FROM cashdesk.desk",
        "ALTER TABLE cashdesk.cash_order DISABLE TRIGGER without_gaps",
        "DROP INDEX cashdesk.cash_order_of_sales",
        "INSERT INTO cashdesk.cash_order (desk_id, kind, year, number, shift_id, on_day, amount, person, basis, made_by)
         SELECT s.desk_id, 'receipt', 2026, n.number, s.id, n.day::date, 1, '', '', 'test' FROM cashdesk.shift s
         CROSS JOIN (VALUES (2, '2026-02-27'), (3, '2026-03-02'), (6, '2026-03-03'), (8, '2026-04-01')) n (number, day)",
    ] {
        city.sql(around).await;
    }
    assert_eq!(
        (found("order_gap").await, found("shift_gap").await),
        (2, 1),
        "February's and April's are theirs"
    );
}

/// Residents of a month of 12 % are put right when VAT is 16 % already.
#[tokio::test(flavor = "multi_thread")]
async fn a_recalculation_stands_by_the_rate_of_its_own_month_and_its_water_by_its_basis() {
    let city = recalculate::city(200).await;
    let accountant = recalculate::named(Role::Accountant, "alia");
    let chief = recalculate::named(Role::ChiefAccountant, "berik");
    let account = recalculate::by_norm(&city).await;
    recalculate::more_residents(&city, account, 1).await;
    let of = json!({ "accounts": [Gid(AccountId(account)).encode()], "from": "2025-12", "to": "2025-12" });
    let batch = recalculate::prepared(&city, &accountant, of).await;
    assert!(recalculate::act(&city, "correctionPost", &accountant, &batch).await.is_empty(), "{batch}");

    let signed = |field: &str| format!("sum(CASE side WHEN 'plus' THEN {field} ELSE -{field} END)");
    let lines = format!(
        "SELECT concat_ws(' ', {}, {}, min(vat_rate), max(vat_rate), count(*), ({} FILTER (WHERE service = 'water')))
         FROM billing.correction_line",
        signed("net"),
        signed("vat"),
        signed("liters")
    );
    let lines: String = city.scalar(&lines).await.unwrap();
    let lines: Vec<i64> = lines.split(' ').map(|number| number.parse().unwrap()).collect();
    let (net, vat, liters) = (lines[0], lines[1], lines[5]);
    assert_eq!((lines[2], lines[3]), (1_200, 1_200), "VAT of December 2025");
    assert!(net > 0 && (net * 12 - vat * 100).abs() <= 100 * lines[4], "{net} and {vat}");

    let whole = async || {
        let told = rows(&city, CloseReportCode::Vat, Sector::Multi).await;
        let parts: Vec<Json> = told.iter().filter(|row| row["source"] != "ledger").cloned().collect();
        assert_eq!(sum(&parts, "vat"), by(&told, "source")["ledger"]["vat"].as_i64().unwrap(), "{told:?}");
        told.into_iter().filter(|row| row["source"] == "correction").collect::<Vec<Json>>()
    };
    assert_eq!(
        whole().await,
        [
            json!({ "source": "correction", "rate": "0.1200", "lines": lines[4], "net": net, "vat": vat, "gross": net + vat })
        ]
    );
    let recalculated =
        async || sum(&rows(&city, CloseReportCode::Water, Sector::Multi).await, "recalculated");
    assert!(liters > 0);
    assert_eq!(recalculated().await, liters);

    // Taken back in the same month it is as if it had not been.
    assert!(recalculate::reverse(&city, &chief, &batch).await.is_empty());
    assert_eq!(whole().await, Vec::<Json>::new());
    assert_eq!(recalculated().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_city_produced_stands_beside_what_all_were_billed() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::metered(2, 7_500)]).await;
    ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', '4', '2026-03-31', 'насосная станция', 'подача воды', 'test')",
    )
    .await;
    const RECORD: &str = "mutation($v: Volume!, $d: ID!) {
        waterProducedRecord(input: { period: \"2026-03\", volume: $v, documentId: $d }) { produced { volume recordedBy } errors { code field } } }";
    let wish = |volume: &str| json!({ "v": volume, "d": Gid(DocumentId(1)).encode() });
    let record = |volume: &str, who: Actor| city.graphql(RECORD, wish(volume)).as_actor(who);
    let told = async || {
        let rows = rows(&city, CloseReportCode::Water, Sector::Multi).await;
        let billed: Vec<Json> = rows.iter().filter(|row| row["gross"].is_i64()).cloned().collect();
        let of = by(&rows, "basis");
        let liters = |basis: &str| of.get(basis).and_then(|row| row["liters"].as_i64());
        (sum(&billed, "liters"), liters("produced"), liters("billed_by_all"), liters("losses"))
    };
    let (billed, ..) = told().await;
    assert!(billed > 7_500, "a meter and a norm");
    assert_eq!(told().await, (billed, None, None, None), "nobody said what was produced");

    let done = record("100.000", actor_of(Role::ChiefAccountant)).await;
    assert!(done.refusals().is_empty(), "{done:?}");
    assert_eq!(told().await, (billed, Some(100_000), Some(billed), Some(100_000 - billed)));
    let again = record("120.5", actor_of(Role::ChiefAccountant)).await;
    assert_eq!(again.at("/waterProducedRecord/produced/volume"), "120.500");
    assert_eq!(told().await, (billed, Some(120_500), Some(billed), Some(120_500 - billed)));
    let kept: Option<i64> = city.scalar("SELECT count(*) FROM ledger.water_produced").await;
    assert_eq!(kept, Some(2), "what was known before stays");

    let mut part = actor_of(Role::ChiefAccountant);
    part.scope = Scope::Part { sectors: [Sector::Multi].into(), districts: Default::default() };
    assert_eq!(record("1.000", part).await.refusals(), ["FORBIDDEN"]);
    assert_eq!(record("-1.000", actor_of(Role::ChiefAccountant)).await.refusals(), ["VOLUME_WRONG"]);
    assert_eq!(record("1.000", actor_of(Role::Auditor)).await.codes(), ["FORBIDDEN"]);
    city.sql("UPDATE ledger.period SET status = 'closed'").await;
    assert_eq!(record("1.000", actor_of(Role::ChiefAccountant)).await.refusals(), ["PERIOD_CLOSED"]);
}

/// Of May 2019, which no seeded fact was recorded in.
#[tokio::test]
async fn facts_recorded_for_days_before_the_month_are_told_by_register_and_person() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::unmetered(2)]).await;
    for fact in [
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', '9', '2019-05-10', 'АУПК', 'факты', 'test')",
        // The first account had five residents since April already; the second one has four from May on, which changes no earlier day.
        "INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded, recorded_by, document_id) VALUES
         (1, 3, 'egov', '[2019-01-01,)', '[2019-01-01, 2019-05-10 12:00+05)', 'test.first', NULL),
         (1, 3, 'egov', '[2019-01-01,2019-04-15)', '[2019-05-10 12:00+05, 2019-06-01)', 'test.first', NULL),
         (1, 5, 'document', '[2019-04-15,)', '[2019-05-10 12:00+05, 2019-06-01)', 'test.clerk', 1),
         (2, 2, 'egov', '[2019-01-01,)', '[2019-01-01, 2019-05-11 12:00+05)', 'test.first', NULL),
         (2, 2, 'egov', '[2019-01-01,2019-05-11)', '[2019-05-11 12:00+05, 2019-06-01)', 'test.first', NULL),
         (2, 4, 'document', '[2019-05-11,)', '[2019-05-11 12:00+05, 2019-06-01)', 'test.clerk', NULL)",
        "INSERT INTO consumption.special (account_id, kind, valid, people, document_id, recorded, recorded_by)
         VALUES (1, 'absence', '[2019-04-01,2019-04-20)', 1, 1, '[2019-05-12 09:00+05, 2019-06-01)', 'test.clerk'),
                (2, 'absence', '[2019-04-01,2019-04-20)', 1, 1, '[2019-05-12 10:00+05, 2019-06-01)', 'test.clerk'),
                (2, 'absence', '[2019-05-01,2019-05-20)', 1, 1, '[2019-05-12 10:00+05, 2019-06-01)', 'test.clerk')",
        "INSERT INTO premises.plot (point_id, area_dm2, valid, document_id, recorded, recorded_by)
         VALUES (2, 60000, '[2019-04-01,)', 1, '[2019-05-13 09:00+05, 2019-06-01)', 'test.field')",
        "INSERT INTO payments.payment (account_id, sector, period, channel, external_id, amount, paid_on, received_at, received_by)
         VALUES (1, 'multi', '2019-05-01', 'bank', 'late', 100, '2019-04-29', '2019-05-02 09:00+05', 'test.bank'),
                (1, 'multi', '2019-05-01', 'bank', 'in time', 100, '2019-05-02', '2019-05-02 09:00+05', 'test.bank')",
        "INSERT INTO platform.audit_entry (at, actor_kind, actor, entity, action, after) VALUES
         ('2019-05-03 09:00+05', 'user', 'test.cashier', 'user', 'vouched', NULL),
         ('2019-05-04 09:00+05', 'user', 'test.chief', 'calendar', 'calendar_day', NULL),
         ('2019-05-05 09:00+05', 'user', 'test.chief', 'period', 'cut_off_set', '{\"sector\": \"multi\"}'),
         ('2019-05-05 09:00+05', 'user', 'test.chief', 'period', 'cut_off_set', '{\"sector\": \"legal\"}'),
         ('2019-05-06 09:00+05', 'user', 'test.chief', 'paid_service', 'confirmed', NULL),
         ('2019-05-06 09:00+05', 'user', 'test.chief', 'registry_terms', 'set', NULL),
         ('2019-05-06 09:00+05', 'system', 'system', 'registry_terms', 'late', NULL)",
    ] {
        city.sql(fact).await;
    }
    let told = async |sector| {
        let rows =
            report::figures(&city.app.db, CloseReportCode::Changes, Period::new(2019, 5).unwrap(), sector)
                .await
                .unwrap()
                .rows;
        let cell = |row: &Json, name: &str| row[name].as_str().unwrap().to_owned();
        let line = |row: &Json| {
            let cells = ["day", "who", "entity", "action", "document"].map(|name| cell(row, name));
            format!("{} {}", cells.join(" "), row["found"])
        };
        rows.iter().map(line).collect::<Vec<String>>()
    };
    assert_eq!(
        told(Sector::Multi).await,
        [
            "2019-05-02 test.bank payment back_dated  1",
            "2019-05-04 test.chief calendar calendar_day  1",
            "2019-05-05 test.chief period cut_off_set  1",
            "2019-05-06 test.chief paid_service confirmed  1",
            "2019-05-06 test.chief registry_terms set  1",
            "2019-05-10 test.clerk residency back_dated 9 1",
            "2019-05-12 test.clerk special back_dated 9 2",
            "2019-05-13 test.field plot back_dated 9 1",
        ]
    );
    let legal = told(Sector::Legal).await;
    assert!(legal.iter().all(|line| !line.contains("back_dated")), "{legal:?}");
    assert_eq!(legal.len(), 4, "what is of all sectors, and the day of closing of its own");
}

/// The calls that write the trail: entity, the action where it is a word, and the subsystem.
fn trail() -> Vec<(String, Option<String>, String)> {
    let quoted = |part: &str| Some(part.trim().strip_prefix('"')?.split('"').next()?.to_owned());
    let mut found = Vec::new();
    for (path, text) in sources("api/src", &[".rs"]) {
        let path = path.to_string_lossy().into_owned();
        let place = path.split("api/src/").last().unwrap().split('/').next().unwrap().to_owned();
        for (call, action) in [("Change::new(", 2), ("Change::bulk(", 1)] {
            for (at, _) in text.match_indices(call) {
                let mut said = text[at + call.len()..].split(',');
                let Some(entity) = said.next().and_then(quoted) else { continue };
                found.push((entity, said.nth(action - 1).and_then(quoted), place.clone()));
            }
        }
    }
    found
}

/// The pairs that the report lists.
fn pairs(text: &str) -> Vec<(&str, &str)> {
    let list = text.split("(a.entity, a.action) IN (").nth(1).unwrap().split("\n  )").next().unwrap();
    list.split("('")
        .skip(1)
        .map(|pair| pair.split("')").next().unwrap().split_once("', '").unwrap())
        .collect()
}

#[test]
fn every_manual_act_of_the_report_is_one_that_the_trail_knows_and_has_its_words() {
    let text = std::fs::read_to_string(repository("entities/src/ledger/sql/reports/manual.sql")).unwrap();
    let pairs = pairs(&text);
    assert!(pairs.len() > 60, "{pairs:?}");
    let trail = trail();
    assert!(trail.len() > 100, "{}", trail.len());
    let said = |entity: &str, action: &str| {
        trail.iter().filter(|(of, ..)| of == entity).any(|(_, word, place)| match word {
            Some(word) => word == action,
            // Which action it is the caller says, or a state: somewhere in the subsystem.
            None => [format!("api/src/{place}"), format!("domain/src/{place}")]
                .iter()
                .flat_map(|folder| sources(folder, &[".rs"]))
                .any(|(_, text)| text.contains(&format!("\"{action}\""))),
        })
    };
    let unknown: Vec<_> = pairs.iter().filter(|(entity, action)| !said(entity, action)).collect();
    assert!(unknown.is_empty(), "nothing writes these into the trail: {unknown:?}");

    // What stands in the columns of words has them in every language; so have the changes of settings and rights.
    let changed = [
        "setting",
        "role_change",
        "user",
        "client",
        "operation",
        "paid_service",
        "agent",
        "channel",
        "calendar",
    ];
    let changed = trail.iter().filter(|(entity, ..)| changed.contains(&entity.as_str()));
    let unseen = ["session_opened", "session_revoked", "sign_in_refused", "vouched"];
    let facts = std::fs::read_to_string(repository("entities/src/ledger/sql/reports/changes.sql")).unwrap();
    let registers: Vec<&str> =
        facts.split("SELECT '").skip(1).map(|rest| rest.split('\'').next().unwrap()).collect();
    assert!(registers.len() > 15, "{registers:?}");
    let words = pairs.iter().flat_map(|(entity, action)| [*entity, *action]).chain(
        changed
            .flat_map(|(entity, action, _)| [Some(entity.as_str()), action.as_deref()])
            .flatten()
            .filter(|word| !unseen.contains(word)),
    );
    let words = words.chain(registers).chain(["registry_terms", "set", "cut_off_set", "water_produced"]);
    for word in words {
        let key = format!("REPORT_WORD_{}", word.to_uppercase());
        for language in messages::Language::ALL {
            assert!(messages::codes(language).any(|code| code == key), "{key} in {}", language.code());
        }
    }
}
