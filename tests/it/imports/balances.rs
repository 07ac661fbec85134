//! Opening balances: what subscribers owed and had paid ahead in an earlier system.

use domain::imports::{ImportKind, ImportState};
use domain::ledger::may_close;
use entities::ledger::close;

use super::*;

/// Open items of an account: month, service, component, rest.
async fn items(app: &TestApp, number: &str) -> String {
    app.scalar(&format!(
        "SELECT string_agg(concat_ws(' ', to_char(o.origin, 'YYYY-MM'), o.service, o.component, o.amount - o.settled), ', '
                ORDER BY o.origin, o.component, o.service)
         FROM ledger.open_item o JOIN subscribers.account a ON a.id = o.account_id
         WHERE a.number = '{number}' AND o.amount <> o.settled"
    ))
    .await
    .unwrap_or_default()
}

#[tokio::test]
async fn balances_come_by_service_component_and_month() {
    let (app, _) = city().await;
    let done = take(&app, ImportKind::Balances, &sample("balances")).await;
    assert_eq!((done.rows_committed, done.rows_rejected), (15, 0), "{:#?}", verdicts(&app, done.id).await);
    assert_eq!(
        items(&app, "9900003").await,
        "2025-12 water charge 110310, 2026-01 sewerage_cold charge 71253, 2026-01 water charge 114840, 2026-01 water penalty 4107"
    );
    assert_eq!(items(&app, "9900007").await, "2026-02 advance -250000");
    let query = "{ account(number: \"9900003\") { balance } }";
    let reply = app.graphql(query, json!({})).as_actor(importer()).await;
    assert_eq!(reply.text("/account/balance"), "3005.10");

    // The penalty goes first, then the oldest month, as the setting says.
    take(
        &app,
        ImportKind::Payments,
        "account;amount;paid_on;channel;external_id\n9900003;1200.00;2026-03-10;bank;B-1\nTOTAL;1;1200.00\n",
    )
    .await;
    assert_eq!(
        items(&app, "9900003").await,
        "2026-01 sewerage_cold charge 69115, 2026-01 water charge 111395"
    );

    // The same rows in another file change nothing.
    let other = sample("balances").replace(";charge;", ";CHARGE;");
    let id = send(&app, importer(), ImportKind::Balances, &other).await.expect("taken");
    assert_eq!(
        (batch_of(&app, id).await.rows_duplicate, act(&app, COMMIT, id).await),
        (15, vec!["IMPORT_NOTHING_RIGHT".to_owned()])
    );

    assert_eq!(act(&app, UNDO, done.id).await, ["IMPORT_STANDS"], "a debt that was paid stays");
}

#[tokio::test]
async fn wrong_balances_are_told_apart() {
    let (app, _) = city().await;
    take(&app, ImportKind::Balances, &sample("balances")).await;
    app.sql("UPDATE ledger.period SET status = 'soft_closed' WHERE sector = 'legal'").await;
    let done = take(&app, ImportKind::Balances, &sample("balances_with_errors")).await;
    assert_eq!(
        verdicts(&app, done.id).await,
        [
            "2 committed",
            "3 duplicate ALREADY_THERE@account",
            "4 rejected BALANCE_DIFFERS@account",
            "5 rejected ZERO_SUM@amount",
            "6 rejected REQUIRED@service",
            "7 rejected UNKNOWN_ACCOUNT@account",
            "8 rejected MONTH_NOT_BEFORE@month",
            "9 rejected BAD_CODE@service",
            "10 duplicate REPEATED_IN_FILE@account",
            "11 rejected BALANCE_DIFFERS@account",
            "12 duplicate ALREADY_THERE@account",
        ]
    );
    let text = "account;service;component;month;amount\n9900033;water;charge;2025-01;1.00\nTOTAL;1;1.00\n";
    let id = send(&app, importer(), ImportKind::Balances, text).await.expect("taken");
    assert_eq!(verdicts(&app, id).await, ["2 rejected NO_OPEN_MONTH@account"]);
}

#[tokio::test]
async fn balances_whose_totals_differ_are_refused_as_a_whole() {
    let (app, _) = city().await;
    for (text, code) in [
        (
            sample("balances").replace("TOTAL;15;50455.87", "TOTAL;15;50455.88"),
            "IMPORT_CONTROL_TOTALS_DIFFER",
        ),
        (sample("balances").replace("TOTAL;15;", "TOTAL;14;"), "IMPORT_CONTROL_TOTALS_DIFFER"),
        (sample("balances").lines().take(5).map(|l| format!("{l}\n")).collect(), "IMPORT_NO_CONTROL_TOTALS"),
    ] {
        let id = send(&app, importer(), ImportKind::Balances, &text).await.expect("taken");
        let refused = batch_of(&app, id).await;
        assert_eq!((refused.state, refused.error_code.as_deref()), (ImportState::Failed, Some(code)));
        assert_eq!(refused.rows_rejected, refused.rows_total);
    }
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM ledger.open_item").await, Some(0));
    let id = send(&app, importer(), ImportKind::Balances, &sample("balances")).await.expect("taken");
    let id = api::platform::graphql::Gid(id).encode();
    let accountant = app.graphql(COMMIT, json!({ "id": id })).as_role(Role::Accountant).await;
    assert_eq!(accountant.refusals(), ["FORBIDDEN"], "money needs the right to it");
}

#[tokio::test]
async fn balances_are_taken_back_and_the_month_still_closes() {
    let (app, _) = city().await;
    // A month before, closed: the sector is at work already.
    app.sql("INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-02-01', 'multi', 'closed', 'test')").await;
    app.sql("SELECT platform.ensure_partitions('2026-02-01')").await;
    app.sql(
        "INSERT INTO ledger.account_total (account_id, period, sector, kind, amount)
         SELECT id, date '2026-02-01', 'multi', 'charge', 500 FROM subscribers.account WHERE number = '9900001'
         UNION ALL
         SELECT id, date '2026-03-01', 'multi', 'opening', 500 FROM subscribers.account WHERE number = '9900001'",
    )
    .await;
    let month = Period::new(2026, 3).expect("a month");
    let broken = async || {
        let figures = close::conditions(&app.app.db, month, Sector::Multi).await.expect("works");
        let broken: Vec<_> = may_close(&figures).into_iter().map(|one| one.condition.code()).collect();
        (
            figures.opening.to_string(),
            broken.contains(&"opening_equals_last_closing"),
            broken.contains(&"sub_ledger_equals_ledger"),
        )
    };
    assert_eq!(broken().await, ("5.00".to_owned(), false, false));
    let done = take(&app, ImportKind::Balances, &sample("balances")).await;
    assert_eq!(broken().await, ("5679.62".to_owned(), false, false), "what was taken over opens the month");

    assert_eq!(act(&app, UNDO, done.id).await, [""; 0]);
    let undone = batch_of(&app, done.id).await;
    assert_eq!((undone.state, undone.rows_committed), (ImportState::Undone, 0), "{:?}", undone.error_detail);
    assert_eq!(broken().await, ("5.00".to_owned(), false, false));
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM ledger.open_item").await, Some(0));
    assert_eq!(
        app.scalar::<i64>("SELECT count(*) FROM ledger.entry WHERE source = 'opening'").await,
        Some(30),
        "posted both ways"
    );
    let again = take(&app, ImportKind::Balances, &sample("balances")).await;
    assert_eq!(again.rows_committed, 15);

    // Paid and the payments taken back: then the balances may go, too, and come once more.
    let payments = take(&app, ImportKind::Payments, &sample("payments")).await;
    assert_eq!(act(&app, UNDO, again.id).await, ["IMPORT_STANDS"]);
    assert_eq!(act(&app, UNDO, payments.id).await, [""; 0]);
    assert_eq!(act(&app, UNDO, again.id).await, [""; 0]);
    assert_eq!(broken().await, ("5.00".to_owned(), false, false));
    assert_eq!(
        app.scalar::<i64>("SELECT coalesce(sum(amount - settled), 0)::bigint FROM ledger.open_item").await,
        Some(0)
    );
    assert_eq!(take(&app, ImportKind::Balances, &sample("balances")).await.rows_committed, 15);
}

#[tokio::test]
async fn an_account_that_was_billed_here_brings_no_balance() {
    let (app, _) = city().await;
    let march = Period::new(2026, 3).expect("a month");
    api::billing::ops::run_now(&app.app, march, Sector::Private, Some(1))
        .await
        .expect("works")
        .expect("runs");
    let id = send(&app, importer(), ImportKind::Balances, &sample("balances")).await.expect("taken");
    let rejected: Vec<String> =
        verdicts(&app, id).await.into_iter().filter(|row| row.contains("rejected")).collect();
    let expected: Vec<String> =
        [11, 12, 13].iter().map(|line| format!("{line} rejected ALREADY_BILLED@account")).collect();
    assert_eq!(rejected, expected);
}
