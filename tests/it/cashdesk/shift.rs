//! Shifts: one per desk and cashier, no money without one, not for ever, closed once and then immutable.

use aiscra_tests::march;
use entities::kernel::sql;
use serde_json::json;

use super::*;

#[tokio::test]
async fn case_67_without_an_open_shift_nothing_moves() {
    let city = desks().await;
    assert_eq!(pay(&city, "100.00", "1").await, "NO_OPEN_SHIFT");
    assert_eq!(pay_in(&city, "100.00", "2").await, "NO_OPEN_SHIFT");
    let out = json!({ "deskId": desk(1), "amount": "1.00", "person": "кто-то", "basis": "зачем-то", "idempotencyKey": "test-key-3" });
    assert_eq!(said(&act(&city, cashier(), "cashPayOut", out).await), "NO_OPEN_SHIFT");
    let paid: Option<i64> = city.scalar("SELECT count(*) FROM payments.payment").await;
    assert_eq!(paid, Some(0));
    // A refusal is not kept under its key: once the shift is open, the same request goes through.
    let shift = opened(&city).await;
    assert_eq!(pay(&city, "100.00", "1").await["cash"], "100.00");
    // Money taken in a shift that has ended belongs to no other one.
    close_even(&city, &shift, 10_000).await;
    opened(&city).await;
    let late = pay_at(&city, cashier(), 1, &[(1, "50.00")], "late", json!({ "shiftId": shift })).await;
    assert_eq!(late, "SHIFT_CLOSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_68_one_open_shift_for_a_desk_and_for_a_cashier() {
    let city = desks().await;
    city.sql("UPDATE cashdesk.desk SET cashiers = '{test.cashier,test.second}'").await;
    let (one, two) = tokio::join!(open(&city, cashier(), 1), open(&city, second(), 1));
    let mut both = [one.refusals().len(), two.refusals().len()];
    both.sort_unstable();
    assert_eq!(both, [0, 1], "two people sit down at one desk: {one:?} {two:?}");
    let (here, other) = if one.refusals().is_empty() { (cashier(), second()) } else { (second(), cashier()) };
    assert_eq!(open(&city, here.clone(), 2).await.refusals(), ["CASHIER_HAS_SHIFT"]);
    assert_eq!(open(&city, other.clone(), 1).await.refusals(), ["DESK_HAS_SHIFT"]);
    assert_eq!(open(&city, other, 2).await.refusals(), [""; 0]);
    // The indexes say so too, whoever asks.
    let again = "INSERT INTO cashdesk.shift (desk_id, number, cashier, opened_on, opening) VALUES (1, 99, 'x', '2026-03-26', 0)";
    assert!(sql::run(&city.app.db, again, []).await.is_err());
    assert_eq!(open(&city, here, 77).await.refusals(), ["NOT_FOUND"]);
}

#[tokio::test]
async fn case_69_after_a_day_only_z_is_left() {
    let city = desks().await;
    let shift = opened(&city).await;
    pay(&city, "100.00", "1").await;
    city.sql("ALTER TABLE cashdesk.shift DISABLE TRIGGER close_once").await;
    city.sql("UPDATE cashdesk.shift SET opened_at = clock_timestamp() - interval '23 hours 59 minutes'")
        .await;
    assert_eq!(pay(&city, "1.00", "2").await["cash"], "1.00");
    city.sql("UPDATE cashdesk.shift SET opened_at = clock_timestamp() - interval '24 hours 1 second'").await;
    city.sql("ALTER TABLE cashdesk.shift ENABLE TRIGGER close_once").await;
    assert_eq!(pay(&city, "1.00", "3").await, "SHIFT_TOO_LONG");
    assert_eq!(pay_in(&city, "1.00", "4").await, "SHIFT_TOO_LONG");
    let closed = close_even(&city, &shift, 10_100).await;
    assert_eq!(closed.refusals(), [""; 0]);
    opened(&city).await;
    assert_eq!(pay(&city, "1.00", "5").await["cash"], "1.00");
    // How long it may be is a setting.
    city.sql("UPDATE tariffs.setting SET value = '\"1\"' WHERE code = 'cashdesk.shift_hours'").await;
    city.sql("ALTER TABLE cashdesk.shift DISABLE TRIGGER close_once").await;
    city.sql("UPDATE cashdesk.shift SET opened_at = clock_timestamp() - interval '61 minutes' WHERE closed_at IS NULL").await;
    assert_eq!(pay(&city, "1.00", "6").await, "SHIFT_TOO_LONG");
}

#[tokio::test]
async fn case_71_z_twice_is_one_z() {
    let city = desks().await;
    let shift = opened(&city).await;
    pay(&city, "500.00", "1").await;
    let first = close_even(&city, &shift, 50_000).await;
    assert_eq!(
        first.at("/shiftClose/shift/turnover/sales"),
        &json!({ "count": 1, "cash": "500.00", "card": "0.00" })
    );
    let again = close_with(&city, cashier(), &shift, &json!(null), Some("ещё раз")).await;
    assert_eq!(again.at("/shiftClose/shift"), first.at("/shiftClose/shift"));
    let orders: Option<i64> = city.scalar("SELECT count(*) FROM cashdesk.cash_order").await;
    assert_eq!(orders, Some(1));
    let told: Option<i64> =
        city.scalar("SELECT count(*) FROM platform.outbox WHERE name = 'cashdesk.shift_closed'").await;
    assert_eq!(told, Some(1));
    // The next shift opens with what lay in the drawer.
    let next = open(&city, cashier(), 1).await;
    assert_eq!(
        (next.text("/shiftOpen/shift/opening"), next.at("/shiftOpen/shift/number")),
        ("500.00", &json!(2))
    );
}

#[tokio::test]
async fn case_83_every_operation_has_an_actor_and_a_closed_shift_refuses_plain_sql() {
    let city = desks().await;
    let shift = opened(&city).await;
    pay_in(&city, "1000.00", "1").await;
    let sale = pay(&city, "500.00", "2").await;
    let input = json!({ "deskId": desk(1), "saleId": sale["id"], "reason": "не тот счёт", "idempotencyKey": "test-key-3" });
    act(&city, cashier(), "cashVoid", input).await.ok();
    pay(&city, "300.00", "4").await;
    close_even(&city, &shift, 130_000).await;
    let bare: Option<i64> = city
        .scalar(
            "SELECT count(*) FROM cashdesk.operation o WHERE o.by <> 'test.cashier' OR NOT EXISTS (
                 SELECT FROM platform.audit_entry a WHERE a.entity = 'cash_operation' AND a.entity_id = o.id
                   AND a.action = o.kind AND a.actor = o.by)",
        )
        .await;
    assert_eq!(bare, Some(0), "an operation without an actor in the trail");
    for action in ["opened", "closed"] {
        let said = format!(
            "SELECT count(*) FROM platform.audit_entry WHERE entity = 'cash_shift' AND action = '{action}'"
        );
        assert_eq!(city.scalar::<i64>(&said).await, Some(1), "{action}");
    }

    let refused = async |statement: &str, word: &str| {
        let told = sql::run(&city.app.db, statement, []).await.expect_err(statement).to_string();
        assert!(told.contains(word), "{statement}: {told}");
    };
    let operation = "INSERT INTO cashdesk.operation (shift_id, desk_id, kind, key, on_day, by, cash, basis)
         VALUES (1, 1, 'pay_in', 'sql', '2026-03-26', 'postgres', 100, 'тайком')";
    refused(operation, "SHIFT_CLOSED").await;
    for table in ["operation", "operation_line", "entry", "count_line", "cash_order"] {
        refused(&format!("DELETE FROM cashdesk.{table}"), "APPEND_ONLY").await;
        refused(&format!("TRUNCATE cashdesk.{table} CASCADE"), "APPEND_ONLY").await;
    }
    refused("UPDATE cashdesk.operation SET cash = cash + 1", "APPEND_ONLY").await;
    refused("UPDATE cashdesk.entry SET amount = 1", "APPEND_ONLY").await;
    refused("UPDATE cashdesk.cash_order SET amount = 1", "APPEND_ONLY").await;
    refused("UPDATE cashdesk.shift SET reason = 'другая'", "SHIFT_CLOSED").await;
    refused("UPDATE cashdesk.shift SET closed_at = NULL, closed_on = NULL, closed_by = NULL, count_id = NULL, z = NULL", "SHIFT_CLOSED").await;
    refused("DELETE FROM cashdesk.shift", "APPEND_ONLY").await;
    refused("UPDATE cashdesk.count SET total = 0", "APPEND_ONLY").await;
    refused(
        "INSERT INTO cashdesk.count (shift_id, kind, total, expected, upto, counted_by) VALUES (1, 'check', 0, 0, 0, 'x')",
        "SHIFT_CLOSED",
    )
    .await;
    refused(
        "INSERT INTO cashdesk.entry (operation_id, desk_id, cashier, on_day, debit, credit, amount)
         VALUES (1, 1, 'x', '2026-03-26', 'cash', 'office', 1)",
        "SHIFT_CLOSED",
    )
    .await;
    refused(
        "INSERT INTO cashdesk.cash_order (desk_id, kind, year, number, shift_id, on_day, amount, person, basis, made_by)
         VALUES (1, 'receipt', 2026, 3, 1, '2026-03-26', 1, '', '', 'x')",
        "SHIFT_CLOSED",
    )
    .await;
    // Nor by a role of the database that may otherwise write.
    let role = "DO $$ BEGIN
        CREATE ROLE cashdesk_writer_of_tests; EXCEPTION WHEN duplicate_object THEN NULL; END $$";
    sql::run(&city.app.db, role, []).await.unwrap();
    city.sql("GRANT USAGE ON SCHEMA cashdesk TO cashdesk_writer_of_tests").await;
    city.sql("GRANT ALL ON ALL TABLES IN SCHEMA cashdesk TO cashdesk_writer_of_tests").await;
    let mut tx = entities::kernel::Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    sql::run(&tx, "SET LOCAL ROLE cashdesk_writer_of_tests", []).await.unwrap();
    let told = sql::run(&tx, operation, []).await.expect_err("as another role").to_string();
    assert!(told.contains("SHIFT_CLOSED"), "{told}");
    let _ = tx.pg();
    tx.rollback().await.unwrap();
    books_agree(&city).await;
}

#[tokio::test]
async fn a_day_before_or_after_today_is_refused() {
    let city = desks().await;
    opened(&city).await;
    for day in ["2026-03-25", "2026-03-27", "2025-01-01"] {
        let paid = pay_at(&city, cashier(), 1, &[(1, "10.00")], day, json!({ "day": day })).await;
        assert_eq!(paid, "CASH_OTHER_DAY", "{day}");
    }
    let today = pay_at(&city, cashier(), 1, &[(1, "10.00")], "today", json!({ "day": "2026-03-26" })).await;
    assert_eq!(today["cash"], "10.00");
    let back = "INSERT INTO cashdesk.operation (shift_id, desk_id, kind, key, on_day, by, cash, basis)
         VALUES (1, 1, 'pay_in', 'sql', '2026-03-25', 'postgres', 100, 'задним числом')";
    let told = sql::run(&city.app.db, back, []).await.expect_err("back-dated").to_string();
    assert!(told.contains("OTHER_SHIFT"), "{told}");
}

#[tokio::test]
async fn x_hides_the_drawer_from_who_sits_there_until_it_is_counted() {
    let city = desks().await;
    let shift = opened(&city).await;
    pay(&city, "500.00", "1").await;
    let x = async |who: Actor| {
        city.graphql(
            "query($id: ID!) { cashShift(id: $id) { turnover { expected sales { count cash card } } counts { difference } } }",
            json!({ "id": shift }),
        )
        .as_actor(who)
        .await
        .at("/cashShift/turnover")
        .clone()
    };
    let seen = json!({ "expected": "500.00", "sales": { "count": 1, "cash": "500.00", "card": "0.00" } });
    let blind = json!({ "expected": null, "sales": { "count": 1, "cash": null, "card": "0.00" } });
    assert_eq!(x(cashier()).await, blind);
    assert_eq!(x(chief()).await, seen);
    assert_eq!(x(actor_of(Role::Auditor)).await, seen);
    let alone = count(&city, cashier(), &shift, 50_000, json!({ "kind": "CHECK" })).await;
    assert_eq!(x(cashier()).await, blind, "nobody watched");
    sign(&city, chief(), &alone["id"]).await;
    assert_eq!(x(cashier()).await, seen, "once it was counted");
    pay(&city, "1.00", "2").await;
    assert_eq!(x(cashier()).await["expected"], json!(null), "and blind again once money moved");
}

#[tokio::test]
async fn a_shift_without_z_keeps_the_month_of_its_money_open() {
    let city = desks().await;
    let shift = opened(&city).await;
    let found =
        async |sector: Sector| close::conditions(&city.app.db, march(), sector).await.unwrap().unreconciled;
    pay_in(&city, "1000.00", "change").await;
    assert_eq!(found(Sector::Multi).await, 0, "change is no payment");
    pay(&city, "500.00", "sale").await;
    assert_eq!((found(Sector::Multi).await, found(Sector::Private).await), (1, 0));
    let rows = close::unreconciled(&city.app.db, march(), Sector::Multi).await.unwrap();
    assert_eq!((rows.len(), rows[0].desk.as_deref(), rows[0].number), (1, Some("01"), Some(1)));
    close_even(&city, &shift, 150_000).await;
    assert_eq!(found(Sector::Multi).await, 0);
}
