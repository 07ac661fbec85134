//! Lists written out: the same rows as the list shows, typed in Excel, harmless in CSV, only for whoever asked.

use std::io::Read;

use aiscra_tests::{Flat, TestApp, march};
use api::billing::ops;
use api::platform::files::pieces;
use api::platform::messages::Language;
use domain::access::Role;
use domain::kernel::*;
use entities::kernel::file;
use futures_util::TryStreamExt;
use serde_json::{Value as Json, json};

const START: &str =
    "mutation($i: ExportStartInput!) { exportStart(input: $i) { job { id } errors { code } } }";

async fn city() -> TestApp {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::metered(2, 12_345), Flat::metered(1, 500)]).await;
    ops::run_now(&city.app, march(), Sector::Multi, None).await.unwrap().unwrap();
    city.sql("UPDATE billing.run SET state = 'issued', issued_at = now()").await;
    city.sql("DELETE FROM ledger.hold").await;
    city
}

async fn written(city: &TestApp, role: Role, list: Json, format: &str) -> Vec<u8> {
    let input = json!({ "i": { "list": list, "format": format } });
    let reply = city.graphql(START, input).as_role(role).in_language(Language::Ru).await;
    assert!(reply.refusals().is_empty(), "{reply:?}");
    city.run_jobs().await;
    let job: i64 =
        city.scalar("SELECT max(id) FROM platform.job WHERE kind = 'exports.write'").await.unwrap();
    let made = file::of_jobs(&city.app.db, vec![JobId(job)]).await.unwrap().remove(0);
    assert!(made.ready_at.is_some(), "{:?}", entities::kernel::jobs::find(&city.app.db, job).await);
    let all: Vec<_> = pieces(city.app.clone(), made.id).try_collect().await.unwrap();
    all.concat()
}

async fn csv(city: &TestApp, role: Role, list: Json) -> Vec<String> {
    let bytes = written(city, role, list, "CSV").await;
    assert!(bytes.starts_with(b"\xEF\xBB\xBF"));
    String::from_utf8(bytes).unwrap().trim_start_matches('\u{feff}').lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn every_list_is_written_as_it_is_shown() {
    let city = city().await;
    city.sql("UPDATE subscribers.party SET name = '=cmd|calc' WHERE id = 3").await;
    let accounts = csv(&city, Role::Auditor, json!({ "accounts": {} })).await;
    assert_eq!(
        accounts[0],
        "Лицевой счёт;Сектор;Группа потребителей;Состояние;Абонент;Адрес;Район;Открыт;Закрыт;\"Сальдо, ₸\";\"Долг, ₸\";\"Аванс, ₸\";Срок оплаты"
            .replace('"', "")
    );
    assert_eq!(accounts.len(), 4);
    assert!(
        accounts[1].starts_with("1000001;многоквартирный;население;действующий;Абонент 1;проспект Абая, 10, 1;Т;01.01.2020;;5582,79;"),
        "{}",
        accounts[1]
    );
    assert!(accounts[3].contains(";'=cmd|calc;"), "{}", accounts[3]);

    let bills =
        csv(&city, Role::Auditor, json!({ "bills": { "period": "2026-03", "sector": "MULTI" } })).await;
    assert_eq!(bills.len(), 4);
    assert!(
        bills[1].starts_with(
            "2026-03;1000001;Абонент 1;проспект Абая, 10, 1;Т;0,00;5582,79;0,00;5582,79;25.04.2026"
        ),
        "{bills:?}"
    );

    let readings = csv(&city, Role::Auditor, json!({ "readings": { "period": "2026-03" } })).await;
    assert_eq!(readings.len(), 3);
    assert!(
        readings.iter().any(|row| row.starts_with("20.03.2026;1000002;S2;112,345;")
            && row.contains(";принято;кабинет;2026-03;")),
        "{readings:?}"
    );

    assert_eq!(csv(&city, Role::Auditor, json!({ "payments": {} })).await.len(), 1, "a header and no row");
}

#[tokio::test]
async fn filters_and_rows_are_those_of_the_list() {
    let city = city().await;
    let found = csv(&city, Role::Auditor, json!({ "accounts": { "search": "1000002" } })).await;
    assert_eq!(found.len(), 2);
    assert!(found[1].starts_with("1000002;"));
    // What was searched for is not readable in the queue.
    let kept: i64 =
        city.scalar("SELECT count(*) FROM platform.job WHERE args::text LIKE '%1000002%'").await.unwrap();
    assert_eq!(kept, 0);

    let private = csv(&city, Role::OperatorPrivate, json!({ "accounts": {} })).await;
    assert_eq!(private.len(), 1, "an operator of another sector has no rows here");
    let payments = json!({ "i": { "list": { "payments": {} }, "format": "CSV" } });
    let inspector = city.graphql(START, payments.clone()).as_role(Role::Inspector).await;
    assert_eq!(inspector.codes(), ["FORBIDDEN"]);
    assert_eq!(city.graphql(START, payments).as_subscriber(AccountId(1)).await.codes(), ["FORBIDDEN"]);
    let two = json!({ "i": { "list": { "payments": {}, "readings": {} }, "format": "CSV" } });
    assert!(!city.graphql(START, two).as_role(Role::Auditor).await.errors.is_empty(), "one list at a time");
}

#[tokio::test]
async fn excel_gets_numbers_and_days_and_more_rows_than_a_page() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(1); 3]).await;
    city.sql(
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         SELECT 100 + n, (2000000 + n)::text, 'multi', 'population', 1, 1, 1, '2021-05-17' FROM generate_series(1, 2100) n",
    )
    .await;
    let book = written(&city, Role::Auditor, json!({ "accounts": {} }), "XLSX").await;
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(book)).expect("a workbook");
    let mut sheet = String::new();
    book.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
    assert_eq!(sheet.matches("<row ").count(), 1 + 3 + 2100);
    let number = |cell: &str| {
        let at = sheet.find(&format!("<c r=\"{cell}\"")).unwrap_or_else(|| panic!("no {cell}"));
        let end = sheet[at..].find("</c>").unwrap();
        sheet[at..at + end].to_owned()
    };
    // Days are days and sums are sums, the account's number is a text.
    assert!(number("H2").contains("<v>43831</v>"), "{}", number("H2"));
    assert!(number("J2").contains("<v>0</v>") && number("J2").contains(" s="), "{}", number("J2"));
    assert!(number("A2").contains("inlineStr") && number("A2").contains("1000001"), "{}", number("A2"));
}

#[tokio::test]
async fn the_trail_is_written_out_by_its_own_filters_with_node_ids_and_sealed_people() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 5_000)]).await;
    const SUBMIT: &str =
        "mutation($p: ID!) { readingSubmit(input: { pointId: $p, takenOn: \"2026-03-24\", value: \"900\" }) {
        reading { id } errors { code } } }";
    let point = api::platform::graphql::Gid(PointId(1)).encode();
    let reply = city.graphql(SUBMIT, json!({ "p": point })).as_role(Role::OperatorMulti).await;
    let reading = reply.text("/readingSubmit/reading/id").to_owned();
    let rows =
        csv(&city, Role::Auditor, json!({ "audit": { "entity": "reading", "action": "submit" } })).await;
    assert_eq!(rows[0], "Когда;Кто;Действие;Что;Объект;До;После;Документ");
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[1].contains(&reading) && rows[1].contains(&point), "{}", rows[1]);

    const TRAIL: &str = "query($f: Date, $t: Date, $actor: String, $action: String) {
        auditTrail(from: $f, to: $t, actor: $actor, action: $action, entity: \"reading\") { nodes { entityId actor after documentId } } }";
    let ask = async |variables: Json| city.graphql(TRAIL, variables).as_role(Role::Auditor).await;
    let all = ask(json!({})).await;
    assert_eq!(all.at("/auditTrail/nodes/0/after/id"), &json!(reading));
    assert_eq!(all.at("/auditTrail/nodes/0/after/point_id"), &json!(point), "no raw id of another thing");
    let count = |reply: &aiscra_tests::Reply| reply.at("/auditTrail/nodes").as_array().map(Vec::len);
    let who = all.text("/auditTrail/nodes/0/actor").to_owned();
    assert_eq!(count(&ask(json!({ "actor": who, "action": "submit" })).await), Some(1));
    assert_eq!(count(&ask(json!({ "actor": "nobody" })).await), Some(0));
    assert_eq!(count(&ask(json!({ "action": "decide" })).await), Some(0));
    let today = "SELECT (now() AT TIME ZONE 'Asia/Almaty')::date";
    let today = city.scalar::<chrono::NaiveDate>(today).await.expect("a day");
    let day = |days| (today + chrono::Days::new(1) - chrono::Days::new(days)).to_string();
    assert_eq!(count(&ask(json!({ "f": day(1), "t": day(1) })).await), Some(1));
    assert_eq!(count(&ask(json!({ "t": day(2) })).await), Some(0));
    assert_eq!(count(&ask(json!({ "f": day(0) })).await), Some(0));
    let denied = city.graphql(TRAIL, json!({})).as_role(Role::Manager).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn houses_are_written_with_what_their_difference_is_made_of() {
    let city = crate::imbalance::city(Some(25_001)).await;
    crate::imbalance::look(&city).await;
    let rows = csv(&city, Role::Auditor, json!({ "houses": { "period": "2026-03" } })).await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(
        rows[0].starts_with("Период;Адрес;Район;Состояние;Причина;Способ;Квартир;По ОПУ, м³;"),
        "{}",
        rows[0]
    );
    assert_eq!(
        rows[1],
        "2026-03;проспект Абая, 10;Т;Распределён;;По зарегистрированным;3;25,001;24,000;0,000;0,000;0,000;0,000;1,001;0,000;1,001;0,000;0,000"
    );
    let none = csv(&city, Role::Auditor, json!({ "houses": { "period": "2026-03", "state": "HELD" } })).await;
    assert_eq!(none.len(), 1);
}

#[tokio::test]
async fn a_shared_bill_centre_gets_what_each_service_owes_in_one_format() {
    let city = city().await;
    let asked = json!({ "sharedBill": { "period": "2026-03", "sector": "MULTI" } });
    let rows = csv(&city, Role::ChiefAccountant, asked.clone()).await;
    assert_eq!(
        rows,
        [
            "period;account;service;before;charged;penalty;due",
            "2026-03;1000001;sewerage_cold;0.00;2137.59;0.00;2137.59",
            "2026-03;1000001;water;0.00;3445.20;0.00;3445.20",
            "2026-03;1000002;sewerage_cold;0.00;586.41;0.00;586.41",
            "2026-03;1000002;water;0.00;945.13;0.00;945.13",
            "2026-03;1000003;sewerage_cold;0.00;23.75;0.00;23.75",
            "2026-03;1000003;water;0.00;38.28;0.00;38.28",
            "TOTAL;6;7176.36",
        ]
    );
    let denied =
        city.graphql(START, json!({ "i": { "list": asked, "format": "CSV" } })).as_role(Role::Cashier).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
    let suspense = json!({ "i": { "list": { "suspense": {} }, "format": "CSV" } });
    assert_eq!(city.graphql(START, suspense).as_role(Role::Accountant).await.codes(), ["FORBIDDEN"]);
}
