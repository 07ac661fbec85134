//! A batch is taken back as a whole, or not at all.

use domain::imports::ImportState;

use super::*;

#[tokio::test]
async fn all_files_can_be_taken_back_from_the_last_to_the_first() {
    let (app, batches) = city().await;
    // An inlet that a clerk added to one of the premises goes with it.
    app.sql(
        "INSERT INTO premises.point (building_id, premise_id) SELECT building_id, id FROM premises.premise ORDER BY id LIMIT 1",
    )
    .await;
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
        let asked = on_document(&app, batches[at].id).await;
        let reply = app.graphql(UNDO, asked).as_actor(importer()).await;
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

#[tokio::test]
async fn a_committed_file_is_taken_back_by_two_people_on_a_document() {
    use aiscra_tests::DECIDE_SIGNATURE;
    let (app, batches) = city().await;
    let readings = batches[5].id;
    let asked = on_document(&app, readings).await;
    let bare = app.graphql(UNDO, json!({ "id": asked["id"] })).as_actor(importer()).await;
    assert_eq!(bare.refusals(), ["EMPTY"], "not without a document");
    let reply = app.graphql(UNDO, asked.clone()).as_actor(importer()).await;
    assert_eq!(reply.refusals(), [""; 0]);
    assert!(reply.at("/importUndo/importBatch").is_null());
    let id = reply.text("/importUndo/signature/id").to_owned();
    app.run_jobs().await;
    assert_eq!(batch_of(&app, readings).await.state, ImportState::Committed, "one person asked");

    // Whoever sees one sector only sees no file of others, and no request about it.
    let word = json!({ "id": id, "yes": true });
    let stranger = app.graphql(DECIDE_SIGNATURE, word.clone()).as_actor(operator()).await;
    assert_eq!(stranger.refusals(), ["NOT_FOUND"]);
    let own = app.graphql(DECIDE_SIGNATURE, word.clone()).as_actor(importer()).await;
    assert_eq!(own.refusals(), ["SAME_PERSON"]);
    let shown = "query($s: ID!) { secondSignatures(subject: $s, acts: [IMPORT_UNDO]) { nodes { id title { ru } rows mayDecide } } }";
    let shown = app.graphql(shown, json!({ "s": asked["id"] })).as_role(Role::Accountant).await;
    assert_eq!(
        *shown.at("/secondSignatures/nodes"),
        json!([{ "id": id, "title": { "ru": "readings.csv" }, "rows": 40, "mayDecide": true }])
    );
    let agreed = app.graphql(DECIDE_SIGNATURE, word).as_role(Role::Accountant).await;
    assert_eq!(agreed.refusals(), [""; 0]);
    app.run_jobs().await;
    assert_eq!(batch_of(&app, readings).await.state, ImportState::Undone);
    let by = "SELECT string_agg(actor || ' ' || action || ' ' || document_id, ', ' ORDER BY id) FROM platform.audit_entry
        WHERE entity = 'import_batch' AND action = 'undo'";
    assert_eq!(app.scalar::<String>(by).await.as_deref(), Some("test.accountant undo 1"));
}

#[tokio::test]
async fn a_request_whose_file_others_stand_on_by_now_waits_on_and_says_why() {
    use aiscra_tests::DECIDE_SIGNATURE;
    let (app, _) = city().await;
    let done = take(&app, ImportKind::Payments, &sample("payments")).await;
    let reply = app.graphql(UNDO, on_document(&app, done.id).await).as_actor(importer()).await;
    let id = reply.text("/importUndo/signature/id").to_owned();
    app.sql("UPDATE ledger.period SET status = 'closed' WHERE sector = 'private'").await;
    let chief =
        || app.graphql(DECIDE_SIGNATURE, json!({ "id": id, "yes": true })).as_role(Role::ChiefAccountant);
    for _ in 0..2 {
        let refused = chief().await;
        assert_eq!(refused.refusals(), ["IMPORT_STANDS"]);
        assert!(
            refused.text("/secondSignatureDecide/errors/0/message").contains("closed months"),
            "{refused:?}"
        );
    }
    app.sql("UPDATE ledger.period SET status = 'open' WHERE sector = 'private'").await;
    assert_eq!(chief().await.refusals(), [""; 0]);
    app.run_jobs().await;
    assert_eq!(batch_of(&app, done.id).await.state, ImportState::Undone);
}
