//! Files of money: control totals or nothing.

use domain::imports::{ImportKind, ImportState};

use super::*;

#[tokio::test]
async fn payments_with_right_totals_are_recorded_once() {
    let (app, _) = city().await;
    let done = take(&app, ImportKind::Payments, &sample("payments")).await;
    assert_eq!((done.rows_committed, done.rows_rejected), (12, 0), "{:#?}", verdicts(&app, done.id).await);
    let sum = "SELECT sum(amount)::bigint FROM payments.payment";
    assert_eq!(app.scalar::<i64>(sum).await, done.control_sum);

    // The bank sends the same payments in another file.
    let body: String = sample("payments").lines().take(4).map(|line| format!("{line}\n")).collect();
    let again = send(&app, importer(), ImportKind::Payments, &format!("{body}TOTAL;3;9620.55\n"))
        .await
        .expect("taken");
    assert_eq!(batch_of(&app, again).await.rows_duplicate, 3);
}

/// What the ledger says of the payments: kept, sum of totals, unsettled debts, unused advances, and whether debits are credits.
async fn money(app: &TestApp) -> [Option<i64>; 5] {
    let mut figures = [None; 5];
    for (at, sql) in [
        "SELECT count(*) FROM payments.payment",
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger.account_total WHERE kind = 'payment'",
        "SELECT coalesce(sum(amount - settled) FILTER (WHERE amount > 0), 0)::bigint FROM ledger.open_item",
        "SELECT coalesce(sum(settled - amount) FILTER (WHERE amount < 0), 0)::bigint FROM ledger.open_item",
        "SELECT (SELECT sum(amount - settled) FROM ledger.open_item)::bigint
              - (SELECT sum(debit - credit) FROM ledger.trial_balance WHERE account IN ('receivable', 'advance'))::bigint",
    ]
    .iter()
    .enumerate()
    {
        figures[at] = app.scalar::<i64>(sql).await;
    }
    figures
}

#[tokio::test]
async fn a_file_of_payments_is_taken_back_as_a_whole() {
    let (app, _) = city().await;
    take(&app, ImportKind::Balances, &sample("balances")).await;
    let before = money(&app).await;
    assert_eq!((before[0], before[1], before[4]), (Some(0), Some(0), Some(0)));
    let done = take(&app, ImportKind::Payments, &sample("payments")).await;
    let paid = money(&app).await;
    assert_eq!(paid[1], done.control_sum.map(|sum| -sum));
    assert!(
        paid[2] < before[2] && paid[3] > before[3],
        "debts are covered, the rest is paid ahead: {paid:?}"
    );

    assert_eq!(act(&app, UNDO, done.id).await, [""; 0]);
    let undone = batch_of(&app, done.id).await;
    assert_eq!((undone.state, undone.rows_committed), (ImportState::Undone, 0), "{:?}", undone.error_detail);
    assert_eq!(
        money(&app).await,
        [Some(24), before[1], before[2], before[3], before[4]],
        "mirrored, nothing deleted"
    );
    let mirrored = "SELECT count(*) FROM payments.payment r JOIN payments.payment p ON p.id = r.reverses
        WHERE r.amount = p.amount AND r.account_id = p.account_id AND r.period = '2026-03-01'";
    assert_eq!(app.scalar::<i64>(mirrored).await, Some(12));
    assert_eq!(act(&app, UNDO, done.id).await, ["IMPORT_WRONG_STATE"], "once");

    // Mended or not, it may come again: its keys are free.
    let again = take(&app, ImportKind::Payments, &sample("payments")).await;
    assert_eq!(again.rows_committed, 12);
    let now = money(&app).await;
    assert_eq!((now[0], &now[1..]), (Some(36), &paid[1..]));
}

#[tokio::test]
async fn a_longer_file_of_payments_is_taken_back_by_the_same_statements() {
    let mut counts = Vec::new();
    for rows in [2, 200] {
        let (app, _) = city().await;
        let body: String = (0..rows).map(|n| format!("9900003;10.00;2026-03-05;bank;L-{n}\n")).collect();
        let text = format!("account;amount;paid_on;channel;external_id\n{body}TOTAL;{rows};{rows}0.00\n");
        let done = take(&app, ImportKind::Payments, &text).await;
        let (refusals, used) = aiscra_tests::count_statements(act(&app, UNDO, done.id)).await;
        assert_eq!(refusals, [""; 0]);
        assert_eq!(money(&app).await[0], Some(rows * 2));
        counts.push(used);
    }
    assert_eq!(counts[0], counts[1]);
}

#[tokio::test]
async fn a_file_of_payments_stays_when_something_stands_on_it() {
    const OF_9900003: &str = "(SELECT p.id FROM payments.payment p JOIN subscribers.account a ON a.id = p.account_id WHERE a.number = '9900003')";
    let used_ahead = "UPDATE ledger.open_item SET settled = amount WHERE source = 'payment'".to_owned();
    let allocated_anew = format!(
        "UPDATE ledger.open_item o SET settled = settled - 1 FROM ledger.settlement s
         WHERE s.source = 'payment' AND s.source_id = {OF_9900003} AND s.open_item_id = o.id AND s.account_id = o.account_id"
    );
    let closed = "UPDATE ledger.period SET status = 'closed' WHERE sector = 'private'".to_owned();
    for (sql, says) in
        [(used_ahead, "advances"), (allocated_anew, "allocated anew"), (closed, "closed months (2)")]
    {
        let (app, _) = city().await;
        take(&app, ImportKind::Balances, &sample("balances")).await;
        let done = take(&app, ImportKind::Payments, &sample("payments")).await;
        app.sql(&sql).await;
        let asked = on_document(&app, done.id).await;
        let reply = app.graphql(UNDO, asked).as_actor(importer()).await;
        assert_eq!(reply.refusals(), ["IMPORT_STANDS"], "{says}");
        assert!(reply.text("/importUndo/errors/0/message").contains(says), "{says}: {reply:?}");
        assert_eq!(batch_of(&app, done.id).await.state, ImportState::Committed);
        assert_eq!(money(&app).await[0], Some(12));
    }
}

#[tokio::test]
async fn a_payment_taken_back_before_does_not_keep_its_file() {
    let (app, _) = city().await;
    let done = take(&app, ImportKind::Payments, &sample("payments")).await;
    let one = app.scalar::<i64>("SELECT min(id) FROM payments.payment").await.expect("a payment");
    let mut tx = Tx::begin(&app.app.db, importer()).await.expect("a transaction");
    let today = app.app.clock.today();
    api::payments::ops::reverse_payment(&mut tx, domain::kernel::PaymentId(one), "typed twice", None, today)
        .await
        .expect("works")
        .expect("is taken back");
    tx.commit().await.expect("commits");
    assert_eq!(act(&app, UNDO, done.id).await, [""; 0]);
    assert_eq!(money(&app).await, [Some(24), Some(0), Some(0), Some(0), Some(0)]);
    // What the bank itself had called back stays known; the other eleven may come again.
    let again = take(&app, ImportKind::Payments, &sample("payments")).await;
    assert_eq!((again.rows_committed, again.rows_duplicate), (11, 1));
}

#[tokio::test]
async fn a_file_whose_totals_differ_is_refused_as_a_whole() {
    let (app, _) = city().await;
    for (text, code) in [
        (sample("payments_wrong_total"), "IMPORT_CONTROL_TOTALS_DIFFER"),
        (sample("payments").lines().take(3).map(|l| format!("{l}\n")).collect(), "IMPORT_NO_CONTROL_TOTALS"),
    ] {
        let id = send(&app, importer(), ImportKind::Payments, &text).await.expect("taken");
        let refused = batch_of(&app, id).await;
        assert_eq!((refused.state, refused.error_code.as_deref()), (ImportState::Failed, Some(code)));
        assert_eq!(refused.rows_rejected, refused.rows_total);
        assert_eq!(act(&app, COMMIT, id).await, ["IMPORT_WRONG_STATE"]);
        // Mended or not, it may come again.
        assert_ne!(send(&app, importer(), ImportKind::Payments, &text).await.expect("taken"), id);
    }
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM payments.payment").await, Some(0));
}

#[tokio::test]
async fn wrong_rows_do_not_block_right_money() {
    let (app, _) = city().await;
    take(&app, ImportKind::Payments, &sample("payments")).await;
    let done = take(&app, ImportKind::Payments, &sample("payments_with_errors")).await;
    assert_eq!(
        verdicts(&app, done.id).await,
        [
            "2 committed",
            "3 duplicate ALREADY_THERE@external_id",
            "4 rejected ALREADY_TAKEN@external_id",
            "5 rejected UNKNOWN_ACCOUNT@account",
            "6 rejected NOT_POSITIVE@amount",
            "7 rejected FUTURE_DAY@paid_on",
        ]
    );
}

#[tokio::test]
async fn money_needs_the_right_to_it() {
    let (app, _) = city().await;
    let id = send(&app, importer(), ImportKind::Payments, &sample("payments")).await.expect("taken");
    let id = api::platform::graphql::Gid(id).encode();
    let accountant = app.graphql(COMMIT, json!({ "id": id })).as_role(Role::Accountant).await;
    assert_eq!(accountant.refusals(), ["FORBIDDEN"], "commits registers, not money");
    let chief = app.graphql(COMMIT, json!({ "id": id })).as_role(Role::ChiefAccountant).await;
    assert_eq!(chief.refusals(), [""; 0]);
}
