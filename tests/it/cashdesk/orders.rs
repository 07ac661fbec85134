//! Cash orders without gaps, the cash book, the papers.

use aiscra_tests::march;
use domain::ledger::CloseReportCode;
use entities::kernel::sql;
use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_81_orders_are_numbered_without_gaps_by_desk_and_year() {
    let city = desks().await;
    let shift = opened(&city).await;
    open(&city, second(), 2).await.ok();
    // Many at once, some of them refused on the way: refused ones take no number.
    let all = (0..24).map(|n| {
        let city = &city;
        async move {
            let (who, id) = if n % 2 == 0 { (cashier(), 1) } else { (second(), 2) };
            let (name, sum) = if n % 5 == 4 { ("cashPayOut", "999999.00") } else { ("cashPayIn", "100.00") };
            let input = json!({ "deskId": desk(id), "amount": sum, "person": "Главная касса", "basis": "Размен",
                "idempotencyKey": format!("test-key-number-{n}") });
            said(&act(city, who, name, input).await)
        }
    });
    futures_util::future::join_all(all).await;
    let out = json!({ "deskId": desk(1), "amount": "100.00", "person": "Главная касса", "basis": "Сдано", "idempotencyKey": "test-key-out-1" });
    act(&city, cashier(), "cashPayOut", out).await.ok();
    let numbers = city
        .texts(
            "SELECT concat_ws(' ', desk_id, year, kind, count(*), min(number), max(number)) FROM cashdesk.cash_order
             GROUP BY desk_id, year, kind ORDER BY desk_id, kind",
        )
        .await;
    assert_eq!(numbers, ["1 2026 payout 1 1 1", "1 2026 receipt 10 1 10", "2 2026 receipt 10 1 10"]);
    // A hole, a double, another year's number: the database refuses them too.
    for (year, number) in [(2026, 12), (2026, 10), (2025, 11), (2027, 1)] {
        let hole = format!(
            "INSERT INTO cashdesk.cash_order (desk_id, kind, year, number, shift_id, on_day, amount, person, basis, made_by)
             VALUES (1, 'receipt', {year}, {number}, 1, '2026-03-26', 1, '', '', 'x')"
        );
        let told = sql::run(&city.app.db, &hole, []).await.expect_err(&hole).to_string();
        assert!(told.contains("ORDER_NUMBER"), "{told}");
    }
    // With the year the numbers begin anew.
    close_even(&city, &shift, 90_000).await;
    city.app.clock.set_today("2027-01-02".parse().ok());
    open(&city, cashier(), 1).await.ok();
    pay_in(&city, "100.00", "next-year").await;
    let first: Option<i32> =
        city.scalar("SELECT max(number) FROM cashdesk.cash_order WHERE year = 2027").await;
    assert_eq!(first, Some(1));
}

#[tokio::test]
async fn a_shift_over_new_year_writes_its_orders_in_the_year_of_their_day() {
    let city = desks().await;
    let shift = opened(&city).await;
    pay(&city, "500.00", "sale").await;
    let mut numbers = Vec::new();
    for (day, key) in [("2026-12-31", "old"), ("2027-01-01", "new"), ("2027-01-01", "more")] {
        city.app.clock.set_today(day.parse().ok());
        numbers.push(pay_in(&city, "100.00", key).await["order"]["number"].clone());
    }
    assert_eq!(numbers, ["2026-000001", "2027-000001", "2027-000002"]);
    // The order of all sales is of the day of Z.
    let closed = close_even(&city, &shift, 80_000).await;
    assert_eq!(closed.at("/shiftClose/shift/orders/0/number"), "2027-000003");
}

#[tokio::test]
async fn the_book_is_what_lies_in_the_drawer_and_sales_have_one_order_per_shift() {
    let city = desks().await;
    let shift = opened(&city).await;
    pay_in(&city, "1000.00", "1").await;
    let sale = pay(&city, "500.00", "2").await;
    assert_eq!(sale["order"], json!(null), "the order of the shift holds it");
    let wrong = pay(&city, "200.00", "3").await;
    super::refund::void(&city, &wrong, "4").await;
    super::refund::refund(&city, &sale, json!([{ "n": 1, "cash": "100.00" }]), "5").await;
    let closed = close_even(&city, &shift, 140_000).await;
    let orders: Vec<String> = closed
        .at("/shiftClose/shift/orders")
        .as_array()
        .unwrap()
        .iter()
        .map(|order| ["kind", "number", "amount"].map(|name| order[name].as_str().unwrap()).join(" "))
        .collect();
    assert_eq!(
        orders,
        ["RECEIPT 2026-000002 500.00", "PAYOUT 2026-000001 100.00", "RECEIPT 2026-000001 1000.00"]
    );
    let book = async |day: &str| {
        city.graphql(
            "query($d: ID!, $on: Date!) { cashBook(deskId: $d, on: $on) { opening closing orders { number } } }",
            json!({ "d": desk(1), "on": day }),
        )
        .as_role(Role::Accountant)
        .await
        .at("/cashBook")
        .clone()
    };
    let today = book("2026-03-26").await;
    assert_eq!((&today["opening"], &today["closing"]), (&json!("0.00"), &json!("1400.00")));
    assert_eq!(today["orders"].as_array().unwrap().len(), 3);
    assert_eq!(book("2026-03-27").await["opening"], "1400.00");
    let drawer: Option<i64> =
        city.scalar("SELECT sum(cash)::bigint FROM cashdesk.operation WHERE desk_id = 1").await;
    assert_eq!(drawer, Some(140_000), "the book is the drawer");
}

#[tokio::test]
async fn an_auditor_sees_book_z_and_bank_beside_each_other() {
    let city = desks().await;
    let shift = opened(&city).await;
    pay_in(&city, "1000.00", "1").await;
    let sale = pay(&city, "500.00", "2").await;
    super::refund::refund(&city, &sale, json!([{ "n": 1, "cash": "100.00" }]), "3").await;
    super::move_cash::collect(&city, "600.00", "77", "4").await;
    let told = async |names: &[&str]| {
        let code = CloseReportCode::CashDays;
        let figures = entities::ledger::report::figures(&city.app.db, code, march(), Sector::Multi).await;
        let rows = figures.unwrap().rows;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!((&rows[0]["day"], &rows[0]["desk"]["ru"]), (&json!("2026-03-26"), &json!("01 Первая")));
        names.iter().map(|name| rows[0][*name].as_i64().expect(name)).collect::<Vec<i64>>()
    };
    // The order of the sales is written with Z: before it there is nothing to differ from.
    assert_eq!(told(&["shifts", "without_z", "book", "z", "difference"]).await, [1, 1, 30_000, 0, 0]);
    close_even(&city, &shift, 80_000).await;
    assert_eq!(told(&["shifts", "without_z", "book", "z", "difference"]).await, [1, 0, 80_000, 80_000, 0]);
    assert_eq!(told(&["of_sector", "collected", "banked", "on_way"]).await, [40_000, 60_000, 0, 60_000]);
    city.sql(
        "WITH day AS (
             INSERT INTO payments.statement (account, from_day, to_day, opening, closing, sum_in, sum_out, lines_total, filename, sha256, part,
                 state, uploaded_by)
             VALUES ('KZ01', '2026-03-27', '2026-03-27', 0, 120000, 120000, 0, 2, 'day.sta', 'x', 1, 'matched', 'test') RETURNING id)
         INSERT INTO payments.statement_line (statement_id, n, key, day, amount, document, reference, payer, purpose, numbers, state)
         SELECT day.id, line.n, line.n::text, '2026-03-27', 60000, '15', '', 'Инкассация', line.purpose, '{}', 'unknown'
         FROM day CROSS JOIN (VALUES (1, 'Выручка, сумка 76'), (2, 'Выручка, сумка 77')) AS line (n, purpose)",
    )
    .await;
    assert_eq!(told(&["collected", "banked", "on_way"]).await, [60_000, 60_000, 0]);
}

#[tokio::test]
async fn where_the_setting_wants_it_each_sale_has_an_order() {
    let city = desks().await;
    city.sql("UPDATE tariffs.setting SET value = '\"each\"' WHERE code = 'cashdesk.orders_of_sales'").await;
    let shift = opened(&city).await;
    let sale = pay(&city, "500.00", "1").await;
    assert_eq!(sale["order"]["number"], "2026-000001");
    super::refund::void(&city, &sale, "2").await;
    pay(&city, "300.00", "3").await;
    let closed = close_even(&city, &shift, 30_000).await;
    let orders = closed.at("/shiftClose/shift/orders").as_array().unwrap().len();
    assert_eq!(orders, 3, "two receipts, the payout of the void, none of the shift");
    // The setting changes in the middle of a shift: what has an order has it, the order of the shift is for the rest.
    let shift = opened(&city).await;
    pay(&city, "200.00", "4").await;
    city.sql("UPDATE tariffs.setting SET value = '\"shift\"' WHERE code = 'cashdesk.orders_of_sales'").await;
    pay(&city, "70.00", "5").await;
    let closed = close_even(&city, &shift, 57_000).await;
    assert_eq!(closed.at("/shiftClose/shift/orders/0/amount"), "70.00");
    assert_eq!(closed.at("/shiftClose/shift/orders").as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn papers_are_printed_in_both_languages_for_whoever_sees_the_desk() {
    let city = desks().await;
    api::access::demo::seed_demo_logins(&city.app).await.unwrap();
    city.sql("UPDATE cashdesk.desk SET cashiers = cashiers || '{cashier}' WHERE id = 1").await;
    let shift = opened(&city).await;
    pay_in(&city, "20000.00", "1").await;
    let sale = pay_at(
        &city,
        cashier(),
        1,
        &[(1, "1000.50"), (2, "300.00")],
        "2",
        json!({ "card": "600.00", "given": "1000.00" }),
    )
    .await;
    let out = json!({ "deskId": desk(1), "amount": "21500.00", "person": "Инкассатор", "basis": "Сдача выручки", "idempotencyKey": "test-key-3" });
    assert_eq!(said(&act(&city, cashier(), "cashPayOut", out).await), "CASH_NOT_ENOUGH");
    let counted = count(&city, cashier(), &shift, 2_070_000, json!({})).await;
    sign(&city, chief(), &counted["id"]).await;
    close_with(&city, cashier(), &shift, &counted["id"], Some("недосчитались одного тенге")).await.ok();

    let served = city.serve().await;
    let sign_in = async |login: &str| {
        let query = "mutation($l: String!, $p: String!) { sessionOpen(input: { login: $l, password: $p }) { session { accessToken } errors { code } } }";
        let done = city.graphql(query, json!({ "l": login, "p": api::access::demo::PASSWORD })).await;
        done.text("/sessionOpen/session/accessToken").to_owned()
    };
    let client = reqwest::Client::new();
    let get = async |path: &str, token: &str| {
        let answer = client.get(served.url(path)).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap())
    };
    let token = sign_in("cashier").await;
    let order: i64 =
        city.scalar("SELECT id FROM cashdesk.cash_order WHERE operation_id IS NULL").await.unwrap();
    let shortage: i64 = city
        .scalar("SELECT id FROM cashdesk.cash_order WHERE kind = 'payout' ORDER BY id DESC LIMIT 1")
        .await
        .unwrap();
    let id = |kind: &str, row: i64| api::platform::graphql::id::encode(kind, row);
    let papers = [
        (
            format!("/files/cash/slips/{}.pdf", sale["id"].as_str().unwrap()),
            vec!["Түбіртек", "Квитанция", "1 301,00", "1000001", "299,00"],
        ),
        (
            format!("/files/cash/orders/{}.pdf", id("CashOrder", order)),
            vec![
                "КО-1",
                "Кіріс кассалық ордері",
                "Приходный кассовый ордер",
                "701,00",
                "Жеті жүз бір теңге",
                "Семьсот один тенге",
                "2026-000002",
            ],
        ),
        (
            format!("/files/cash/orders/{}.pdf", id("CashOrder", shortage)),
            vec!["КО-2", "Шығыс кассалық ордері", "Расходный кассовый ордер", "недосчитались"],
        ),
        (
            format!("/files/cash/shifts/{shift}.pdf"),
            vec!["Z-есеп", "Z-отчёт", "20 701,00", "20 700,00", "−1,00", "недосчитались", "20 000,00"],
        ),
        (
            format!("/files/cash/book/{}.pdf?from=2026-03-26", desk(1)),
            vec!["КО-4", "Кассалық кітап", "Кассовая книга", "20 700,00", "1210"],
        ),
        (
            format!("/files/cash/register/{}.pdf?from=2026-03-01&to=2026-03-31", desk(1)),
            vec!["КО-3", "Журнал регистрации", "2026-000001"],
        ),
    ];
    for (path, words) in papers {
        let (status, bytes) = get(&path, &token).await;
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&bytes));
        let pdf = lopdf::Document::load_mem(&bytes).unwrap();
        let pages: Vec<u32> = pdf.get_pages().keys().copied().collect();
        let text = pdf.extract_text(&pages).unwrap().replace(['\u{a0}', '\n'], " ");
        // A word may have been broken at its hyphen.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("- ", "-");
        for word in words {
            assert!(text.contains(word), "{path}: no {word} in {text}");
        }
        assert_eq!(get(&path, &token).await.1, bytes, "the same bytes again");
        let other = sign_in("cashier.alatau").await;
        assert_eq!(get(&path, &other).await.0, 404, "{path} for who does not see the desk");
        assert_eq!(get(&path, &sign_in("operator.multi").await).await.0, 403, "{path}");
    }
}
