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
        rows[0].starts_with("Период;Адрес;Район;Состояние;Причина;Способ;Квартир;Сравнивается;По ОПУ, м³;"),
        "{}",
        rows[0]
    );
    assert_eq!(
        rows[1],
        "2026-03;проспект Абая, 10;Т;Распределён;;По зарегистрированным;3;по прибору;25,001;24,000;0,000;0,000;0,000;0,000;0,000;1,001;0,000;1,001;0,000;0,000"
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

#[tokio::test]
async fn warnings_and_plans_are_written_with_whom_and_where_by_the_filters_of_the_list() {
    let city = city().await;
    city.sql("INSERT INTO premises.district (id, code, name_kk, name_ru, name_en) VALUES (2, 'other', 'Д', 'Д', 'D')")
        .await;
    city.sql("UPDATE subscribers.account SET district_id = 2 WHERE id = 2").await;
    city.sql(
        "INSERT INTO debt.notice (account_id, sector, state, debt, months, issued_on, deadline, text_kk, text_ru, issued_by, state_on,
             disconnected_on) VALUES
             (1, 'multi', 'warned', 123456, 2, '2026-03-02', '2026-04-01', 'к', 'р', 'test', '2026-03-02', NULL),
             (2, 'multi', 'disconnected', 200000, 3, '2026-02-01', '2026-03-03', 'к', 'р', 'test', '2026-03-10', '2026-03-10')",
    )
    .await;
    let warned = "1000001;Абонент 1;проспект Абая, 10, 1;многоквартирный;Т;предупреждён;02.03.2026;02.03.2026;01.04.2026;2;1234,56;0,00;;;";
    let off = "1000002;Абонент 2;проспект Абая, 10, 2;многоквартирный;Д;отключён;10.03.2026;01.02.2026;03.03.2026;3;2000,00;0,00;10.03.2026;;";
    let notices = async |filter: Json| csv(&city, Role::Auditor, json!({ "notices": filter })).await;
    assert_eq!(
        notices(json!({})).await,
        [
            "Лицевой счёт;Абонент;Адрес;Сектор;Район;Состояние;С какого дня;Выдано;Срок;Неоплаченных месяцев;Долг на дату, ₸;Долг сейчас, ₸;Отключён;Подключён;Плата за подключение, ₸",
            warned,
            off,
        ]
    );
    let other = api::platform::graphql::Gid(DistrictId(2)).encode();
    assert_eq!(notices(json!({ "district": other })).await[1..], [off]);
    assert_eq!(notices(json!({ "due": true })).await[1..], [off]);
    assert_eq!(notices(json!({ "state": "WARNED" })).await[1..], [warned]);
    assert_eq!(notices(json!({ "sector": "LEGAL" })).await.len(), 1);
    // The screen's own list is narrowed by the same district.
    const LIST: &str = "query($d: ID) { notices(district: $d, first: 10) { nodes { account { number } } } }";
    let shown = city.graphql(LIST, json!({ "d": other })).as_role(Role::Auditor).await;
    assert_eq!(shown.at("/notices/nodes"), &json!([{ "account": { "number": "1000002" } }]));
    let all = city.graphql(LIST, json!({})).as_role(Role::Auditor).await;
    assert_eq!(all.at("/notices/nodes").as_array().map(Vec::len), Some(2));

    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '17', '2026-03-01', 'АУПК', 'рассрочка', 'test')",
    )
    .await;
    city.sql(
        "INSERT INTO debt.plan (account_id, document_id, amount, agreed_on, stops_penalty, state, ended_on, agreed_by)
         SELECT v.account, d.id, v.amount, v.agreed::date, true, v.state, v.ended::date, 'test'
         FROM (SELECT max(id) AS id FROM archive.document) d
         CROSS JOIN (VALUES (1, 1, 200000, '2026-03-01', 'active', NULL), (2, 2, 90000, '2026-02-01', 'broken', '2026-03-06'))
             AS v (at, account, amount, agreed, state, ended)
         ORDER BY v.at",
    )
    .await;
    city.sql(
        "INSERT INTO debt.plan_part (plan_id, due_on, amount)
         SELECT p.id, v.due_on::date, v.amount FROM debt.plan p
         JOIN (VALUES (1, '2026-03-10', 100000), (1, '2026-04-10', 100000), (2, '2026-02-10', 90000)) AS v (account, due_on, amount)
             ON v.account = p.account_id",
    )
    .await;
    // As if a thousand of an item had been paid since it came into the plan.
    city.sql(
        "INSERT INTO debt.plan_item (plan_id, account_id, open_item_id, amount)
         SELECT p.id, o.account_id, o.id, o.amount - o.settled + 100000 FROM debt.plan p
         JOIN ledger.open_item o ON o.account_id = p.account_id WHERE p.account_id = 1 ORDER BY o.id LIMIT 1",
    )
    .await;
    let kept = "1000001;Абонент 1;проспект Абая, 10, 1;многоквартирный;Т;действует;01.03.2026;2000,00;1000,00;1000,00;2;10.04.2026;1000,00;";
    let broken = "1000002;Абонент 2;проспект Абая, 10, 2;многоквартирный;Д;нарушена;01.02.2026;900,00;0,00;900,00;1;10.02.2026;900,00;06.03.2026";
    assert_eq!(
        csv(&city, Role::Auditor, json!({ "plans": {} })).await,
        [
            "Лицевой счёт;Абонент;Адрес;Сектор;Район;Состояние;Оформлена;Сумма, ₸;Оплачено, ₸;Остаток, ₸;Частей;Срок следующего платежа;Следующий платёж, ₸;Завершена",
            broken,
            kept,
        ]
    );
    assert_eq!(csv(&city, Role::Auditor, json!({ "plans": { "state": "ACTIVE" } })).await[1..], [kept]);

    for list in ["notices", "plans"] {
        // Rows of another sector are not there, and who has no right to debts gets no file.
        assert_eq!(csv(&city, Role::OperatorPrivate, json!({ list: {} })).await.len(), 1, "{list}");
        let asked = json!({ "i": { "list": { list: {} }, "format": "CSV" } });
        assert_eq!(city.graphql(START, asked).as_role(Role::Cashier).await.codes(), ["FORBIDDEN"], "{list}");
    }
}

#[tokio::test]
async fn debts_that_cannot_be_claimed_for_long_are_written_with_the_day_they_expire_on() {
    let city = city().await;
    city.sql("UPDATE ledger.open_item SET due_on = '2023-05-01' WHERE account_id = 1 AND service = 'water'")
        .await;
    let list = |within: i32| json!({ "expiringDebts": { "within": within } });
    assert_eq!(
        csv(&city, Role::Auditor, list(90)).await,
        [
            "Лицевой счёт;Абонент;Адрес;Сектор;Район;Услуга;Составляющая;Период;Срок оплаты;Давность истекает;Перерывов давности;Остаток, ₸",
            "1000001;Абонент 1;проспект Абая, 10, 1;многоквартирный;Т;водоснабжение;начисление;2026-03;01.05.2023;01.05.2026;0;3445,20",
        ]
    );
    assert_eq!(csv(&city, Role::Auditor, list(10)).await.len(), 1, "not within ten days");
    assert_eq!(csv(&city, Role::OperatorPrivate, list(90)).await.len(), 1, "rows of another sector");
    let asked = json!({ "i": { "list": list(90), "format": "CSV" } });
    assert_eq!(city.graphql(START, asked).as_role(Role::Cashier).await.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn a_correction_and_an_amendment_are_written_with_what_becomes_of_each_row() {
    let city = city().await;
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', '5', '2026-03-02', 'АУПК', 'перерасчёт', 'test')",
    )
    .await;
    let id = |kind: &str, id: Option<i64>| api::platform::graphql::id::encode(kind, id.expect("a batch"));
    let correction = city
        .scalar(
            "INSERT INTO billing.correction (state, document_id, reason, from_period, to_period, known_at, created_by)
             SELECT 'previewed', max(id), 'перерасчёт', '2026-03-01', '2026-03-01', now(), 'test' FROM archive.document RETURNING id",
        )
        .await;
    let correction = id("Correction", correction);
    city.sql(
        "INSERT INTO billing.correction_account (correction_id, account_id, sector, district_id, outcome, skip, detail, staff, bills,
             before, after, net, vat, gross, causes)
         SELECT c.id, v.* FROM billing.correction c CROSS JOIN (VALUES
             (3, 'multi', 1, 'skipped', 'goes_on', '2026-04', false, 0, 0, 0, 0, 0, 0, '{}'::text[]),
             (2, 'multi', 1, 'unchanged', NULL, NULL, false, 0, 0, 0, 0, 0, 0, '{}'),
             (1, 'multi', 1, 'changed', NULL, NULL, true, 1, 558279, 372186, -160425, -25668, -186093, '{residents,volume}')) AS v",
    )
    .await;
    let changed = "1000001;Абонент 1;проспект Абая, 10, 1;многоквартирный;Т;Меняется;;число прописанных, объём;да;1;5582,79;3721,86;-1860,93";
    let same = "1000002;Абонент 2;проспект Абая, 10, 2;многоквартирный;Т;Без изменений;;;;0;;;0,00";
    let left_out = "1000003;Абонент 3;проспект Абая, 10, 3;многоквартирный;Т;Пропущен;\
        На эти месяцы опирается следующий: включите и его (2026-04);;;0;;;0,00";
    let rows = async |more: Json| {
        let mut wanted = json!({ "correction": correction });
        wanted.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        csv(&city, Role::Auditor, json!({ "correction": wanted })).await
    };
    assert_eq!(
        rows(json!({})).await,
        [
            "Лицевой счёт;Абонент;Адрес;Сектор;Район;Состояние;Причина;Что изменилось;Сотрудник;Изменено месяцев;Было, ₸;Стало, ₸;Разница, ₸",
            changed,
            same,
            left_out,
        ]
    );
    assert_eq!(rows(json!({ "outcome": "SKIPPED" })).await[1..], [left_out]);

    let amendment = city
        .scalar(
            "INSERT INTO amendments.batch (state, document_id, reason, created_by)
             SELECT 'applied', max(id), 'ошибки ввода', 'test' FROM archive.document RETURNING id",
        )
        .await;
    let amendment = id("Amendment", amendment);
    city.sql(
        "INSERT INTO amendments.row (batch_id, n, act, fact, account_id, number, value, day, outcome, refusal, was)
         SELECT b.id, v.n, v.act, v.fact, v.account, v.number, v.value, v.day::date, v.outcome, v.refusal, v.was
         FROM amendments.batch b CROSS JOIN (VALUES
             (1, 'remove', 'reading', 1, NULL, NULL, '2026-03-20', 'applied', NULL, '112.345'),
             (2, 'change', 'amenity', 2, NULL, 'dilapidated', '2026-03-01', 'applied', NULL, 'household'),
             (3, 'remove', 'payment', NULL, '7777777', NULL, NULL, 'refused', 'not_found', NULL))
             AS v (n, act, fact, account, number, value, day, outcome, refusal, was)",
    )
    .await;
    let written = csv(&city, Role::Auditor, json!({ "amendment": { "amendment": amendment } })).await;
    assert_eq!(
        written,
        [
            "Номер;Вид факта;Действие;Лицевой счёт;Абонент;Адрес;Сектор;Район;Дата;Было;Стало;Состояние;Причина",
            "1;Показание;удаление;1000001;Абонент 1;проспект Абая, 10, 1;многоквартирный;Т;20.03.2026;112,345;;Сохранено;",
            "2;Благоустройство;изменение;1000002;Абонент 2;проспект Абая, 10, 2;многоквартирный;Т;01.03.2026;\
             благоустроенное жильё;ветхое жильё, общежитие;Сохранено;",
            "3;Платёж;удаление;7777777;;;;;;;;Отклонено;Не найдено или недоступно",
        ]
    );

    // Of a batch whose accounts somebody does not all reach there is no file, and none for who may not look at bills.
    for list in [
        json!({ "correction": { "correction": correction } }),
        json!({ "amendment": { "amendment": amendment } }),
    ] {
        let asked = json!({ "i": { "list": list, "format": "CSV" } });
        let private = city.graphql(START, asked.clone()).as_role(Role::OperatorPrivate).await;
        assert_eq!(private.refusals(), ["NOT_FOUND"], "{list}");
        assert_eq!(
            city.graphql(START, asked).as_role(Role::Inspector).await.codes(),
            ["FORBIDDEN"],
            "{list}"
        );
    }
}
