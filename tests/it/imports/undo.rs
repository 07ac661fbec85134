//! A batch is taken back as a whole, or not at all.

use domain::imports::ImportState;

use super::*;

#[tokio::test]
async fn all_files_can_be_taken_back_from_the_last_to_the_first() {
    let (app, batches) = city().await;
    let counts = [
        "SELECT count(*) FROM premises.premise",
        "SELECT count(*) FROM premises.point",
        "SELECT count(*) FROM premises.street",
        "SELECT count(*) FROM premises.building",
        "SELECT count(*) FROM subscribers.account",
        "SELECT count(*) FROM subscribers.party",
        "SELECT count(*) FROM contracts.contract",
        "SELECT count(*) FROM meters.meter",
        "SELECT count(*) FROM meters.verification",
        "SELECT count(*) FROM subscribers.residency WHERE upper_inf(recorded)",
        "SELECT count(*) FROM readings.reading WHERE verdict <> 'withdrawn'",
    ];
    for done in batches.iter().rev() {
        assert_eq!(act(&app, UNDO, done.id).await, [""; 0], "{}", done.kind);
        let undone = batch_of(&app, done.id).await;
        assert_eq!(
            undone.state,
            ImportState::Undone,
            "{}: {:?} {:?}",
            done.kind,
            undone.error_code,
            undone.error_detail
        );
        assert_eq!(undone.rows_committed, 0);
        if done.kind == domain::imports::ImportKind::Readings {
            let gone = "SELECT count(*) FROM readings.reading WHERE act IS NULL AND verdict = 'withdrawn'";
            assert_eq!(app.scalar::<i64>(gone).await, Some(40), "withdrawn, not forgotten");
        }
    }
    for sql in counts {
        assert_eq!(app.scalar::<i64>(sql).await, Some(0), "{sql}");
    }
    let withdrawn = "SELECT count(*) FROM readings.reading WHERE verdict = 'withdrawn'";
    assert_eq!(app.scalar::<i64>(withdrawn).await, Some(40), "kept, though nothing is under them any more");
    // What was taken back can be sent again.
    assert_eq!(take(&app, ORDER[0], &sample("premises")).await.rows_committed, 40);
}

#[tokio::test]
async fn what_others_stand_on_stays() {
    let (app, batches) = city().await;
    for (at, what) in [(0, "accounts"), (1, "readings"), (4, "readings")] {
        let id = api::platform::graphql::Gid(batches[at].id).encode();
        let reply = app.graphql(UNDO, json!({ "id": id })).as_actor(importer()).await;
        assert_eq!(reply.refusals(), ["IMPORT_STANDS"], "{}", batches[at].kind);
        assert!(reply.text("/importUndo/errors/0/message").contains(what), "{}: {reply:?}", batches[at].kind);
        assert_eq!(batch_of(&app, batches[at].id).await.state, ImportState::Committed);
    }
}

#[tokio::test]
async fn a_count_of_residents_comes_back_as_it_was() {
    let (app, _) = city().await;
    let versions = "SELECT string_agg(residents || ' ' || lower(valid) || ' ' || coalesce(upper(valid)::text, '-'), ', ' ORDER BY valid)
        FROM subscribers.residency r JOIN subscribers.account a ON a.id = r.account_id
        WHERE a.number = '9900001' AND upper_inf(r.recorded)";
    assert_eq!(app.scalar::<String>(versions).await.as_deref(), Some("3 2026-03-01 -"));
    let text = "account;residents;from;source\n9900001;5;2026-03-20;egov\n9900001;4;2026-03-11;document\n";
    let done = take(&app, ORDER[2], text).await;
    assert_eq!(
        app.scalar::<String>(versions).await.as_deref(),
        Some("3 2026-03-01 2026-03-11, 4 2026-03-11 2026-03-20, 5 2026-03-20 -"),
        "two cuts in one file"
    );
    assert_eq!(act(&app, UNDO, done.id).await, [""; 0]);
    assert_eq!(app.scalar::<String>(versions).await.as_deref(), Some("3 2026-03-01 -"));
}

#[tokio::test]
async fn a_reading_that_a_file_replaced_counts_again() {
    let (app, _) = city().await;
    let standing = "SELECT string_agg(r.liters || ' ' || r.verdict, ', ' ORDER BY r.id)
        FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
        JOIN premises.point t ON t.id = r.point_id AND NOT t.hot
        WHERE a.number = '9900001' AND r.act IS NULL";
    let done = take(&app, ORDER[5], "account;hot;day;value_m3\n9900001;0;2026-03-25;107.000\n").await;
    assert_eq!(app.scalar::<String>(standing).await.as_deref(), Some("106480 superseded, 107000 accepted"));
    assert_eq!(act(&app, UNDO, done.id).await, [""; 0]);
    assert_eq!(app.scalar::<String>(standing).await.as_deref(), Some("106480 accepted, 107000 withdrawn"));
}

#[tokio::test]
async fn billed_readings_stay() {
    let (app, batches) = city().await;
    app.sql("SELECT platform.ensure_partitions('2026-03-01')").await;
    app.sql(
        "INSERT INTO consumption.month (period, account_id, point_id, run_id, liters, basis, meter_id, reading_id,
             months_without_reading, provisional, history, history_period)
         SELECT period, account_id, point_id, 1, 0, 'metered', meter_id, id, 0, 0, '{}', '{}' FROM readings.reading
         WHERE act IS NULL ORDER BY id LIMIT 1",
    )
    .await;
    assert_eq!(act(&app, UNDO, batches[5].id).await, ["IMPORT_STANDS"]);
}

#[tokio::test]
async fn a_checked_file_is_put_away_and_may_come_again() {
    let app = ground().await;
    let wrong = "account;hot;day;value_m3\n1;0;2026-03-25;1\n";
    let first = send(&app, importer(), ImportKind::Readings, wrong).await.expect("taken");
    assert_eq!(act(&app, COMMIT, first).await, ["IMPORT_NOTHING_RIGHT"]);
    assert_eq!(act(&app, UNDO, first).await, [""; 0]);
    let away = batch_of(&app, first).await;
    assert_eq!((away.state, away.rows_rejected, away.rows_committed), (ImportState::Undone, 1, 0));
    assert_eq!(act(&app, UNDO, first).await, ["IMPORT_WRONG_STATE"]);
    assert_eq!(act(&app, COMMIT, first).await, ["IMPORT_WRONG_STATE"]);
    let again = send(&app, importer(), ImportKind::Readings, wrong).await.expect("taken");
    assert_ne!(again, first);
}
