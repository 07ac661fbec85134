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
    assert_eq!(act(&app, UNDO, done.id).await, ["IMPORT_MONEY_STANDS"]);
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
