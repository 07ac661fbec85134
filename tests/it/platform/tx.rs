//! One commit for rows, trail and facts; the same request twice does its work once.

use aiscra_tests::{TestApp, actor_of};
use domain::JobsEvent;
use domain::access::Role;
use domain::kernel::JobId;
use entities::kernel::idempotency::{Claim, claim, store};
use entities::kernel::{Change, Tx, audit, state};
use serde_json::json;

async fn counts(test: &TestApp) -> (i64, i64, i64) {
    let count =
        async |table: &str| test.scalar(&format!("SELECT count(*) FROM platform.{table}")).await.unwrap();
    let rows: i64 = test.scalar("SELECT count(*) FROM platform.state WHERE key = 'test'").await.unwrap();
    (rows, count("audit_entry").await, count("outbox").await)
}

async fn change(test: &TestApp) -> Tx {
    let mut tx = Tx::begin(&test.app.db, actor_of(Role::Accountant)).await.unwrap();
    state::set(&tx, "test", &1).await.unwrap();
    tx.audit(Change::new("job", 1, "tried").before(json!({ "a": 1 })).after(json!({ "a": 2 })));
    tx.emit(JobsEvent::Queued { job: JobId(1) });
    tx
}

#[tokio::test]
async fn rows_trail_and_facts_are_kept_together_or_not_at_all() {
    let test = TestApp::new().await;
    change(&test).await.rollback().await.unwrap();
    assert_eq!(counts(&test).await, (0, 0, 0));
    drop(change(&test).await);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(counts(&test).await, (0, 0, 0), "dropping is rolling back");
    change(&test).await.commit().await.unwrap();
    assert_eq!(counts(&test).await, (1, 1, 1));

    // A failure while the trail is written takes the rows with it.
    test.sql("ALTER TABLE platform.audit_entry ADD CONSTRAINT broken CHECK (action <> 'tried') NOT VALID")
        .await;
    test.sql("DELETE FROM platform.state WHERE key = 'test'").await;
    assert!(change(&test).await.commit().await.is_err());
    assert_eq!(counts(&test).await, (0, 1, 1));
}

#[tokio::test]
async fn what_was_only_tried_leaves_nothing_and_the_rest_is_kept() {
    let test = TestApp::new().await;
    let mut tx = change(&test).await;
    let mark = tx.mark().await.unwrap();
    state::set(&tx, "tried", &1).await.unwrap();
    tx.audit(Change::new("job", 2, "tried"));
    tx.emit(JobsEvent::Queued { job: JobId(2) });
    tx.back_to(mark).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counts(&test).await, (1, 1, 1));
    let tried: Option<i64> = test.scalar("SELECT count(*) FROM platform.state WHERE key = 'tried'").await;
    assert_eq!(tried, Some(0));
}

#[tokio::test]
async fn the_trail_is_sealed_and_tampering_is_seen() {
    let test = TestApp::new().await;
    for _ in 0..3 {
        change(&test).await.commit().await.unwrap();
        assert_eq!(audit::seal(&test.app.db, 1_000).await.unwrap(), 1);
    }
    assert_eq!(audit::seal(&test.app.db, 1_000).await.unwrap(), 0);
    assert_eq!(audit::first_broken_batch(&test.app.db, 0).await.unwrap(), None);
    test.sql("UPDATE platform.audit_entry SET after = '{\"a\": 3}' WHERE id = 2").await;
    assert_eq!(audit::first_broken_batch(&test.app.db, 0).await.unwrap(), Some(2));
    test.sql("UPDATE platform.audit_entry SET after = '{\"a\": 2}' WHERE id = 2").await;
    assert_eq!(audit::first_broken_batch(&test.app.db, 0).await.unwrap(), None);
    test.sql("DELETE FROM platform.audit_entry WHERE id = 1").await;
    assert_eq!(audit::first_broken_batch(&test.app.db, 0).await.unwrap(), Some(1));
}

#[tokio::test]
async fn a_repeated_key_gives_the_first_answer_and_another_input_is_refused() {
    let test = TestApp::new().await;
    let once = async |role: Role, input: i32| {
        let tx = Tx::begin(&test.app.db, actor_of(role)).await.unwrap();
        let claimed = claim(&tx, "test", "key-1", &input).await.unwrap();
        match claimed {
            Claim::Fresh => {
                store(&tx, "test", "key-1", &(input * 10)).await.unwrap();
                tx.commit_silently("a test").await.unwrap();
                format!("did {input}")
            }
            Claim::Replay(json) => format!("again {json}"),
            Claim::Conflict => "conflict".to_owned(),
        }
    };
    assert_eq!(once(Role::Cashier, 7).await, "did 7");
    assert_eq!(once(Role::Cashier, 7).await, "again 70");
    assert_eq!(once(Role::Cashier, 8).await, "conflict");
    assert_eq!(once(Role::Accountant, 8).await, "did 8", "keys belong to whoever sent them");

    let parallel = futures_util::future::join_all((0..6).map(|_| once(Role::Inspector, 5))).await;
    assert_eq!(parallel.iter().filter(|done| *done == "did 5").count(), 1, "{parallel:?}");
    assert_eq!(parallel.iter().filter(|done| *done == "again 50").count(), 5, "{parallel:?}");
}
