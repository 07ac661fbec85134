//! The sample files go in as they lie, and every wrong row says why.

use domain::imports::{ImportKind, ImportState};
use serde_json::json;

use super::*;

#[tokio::test]
async fn sample_files_go_in_whole() {
    let (app, batches) = city().await;
    for done in &batches {
        let wrong = verdicts(&app, done.id).await;
        assert_eq!(done.rows_rejected + done.rows_duplicate, 0, "{}: {wrong:#?}", done.kind);
        assert_eq!(done.rows_committed, done.rows_total, "{}: {wrong:#?}", done.kind);
        assert_eq!(done.rows_ok + done.rows_warning, done.rows_total);
    }
    for (what, sql) in [
        (40, "SELECT count(*) FROM premises.premise"),
        (8, "SELECT count(*) FROM premises.street"),
        (40, "SELECT count(*) FROM subscribers.account"),
        (40, "SELECT count(*) FROM subscribers.holder"),
        (32, "SELECT count(*) FROM subscribers.residency"),
        (11, "SELECT count(*) FROM contracts.contract"),
        (2, "SELECT count(*) FROM contracts.point_volume"),
        (43, "SELECT count(*) FROM meters.installation"),
        (43, "SELECT count(*) FROM readings.reading WHERE act = 'initial'"),
        (
            40,
            "SELECT count(*) FROM readings.reading WHERE act IS NULL AND verdict = 'accepted' AND consumption > 0",
        ),
        (0, "SELECT count(*) FROM readings.reading_default"),
    ] {
        assert_eq!(app.scalar::<i64>(sql).await, Some(what), "{sql}");
    }
}

#[tokio::test]
async fn every_wrong_row_says_why() {
    let (app, _) = city().await;
    let cases: &[(ImportKind, &[&str])] = &[
        (
            ImportKind::Premises,
            &[
                "2 committed",
                "3 duplicate ALREADY_THERE@premise",
                "4 rejected UNKNOWN_DISTRICT@district",
                "5 rejected BUILDING_DIFFERS@district",
                "6 rejected BAD_CODE@building_kind",
                "7 rejected BAD_NUMBER@area_m2",
                "8 rejected NOTHING_SUPPLIED@cold_water",
                "9 rejected REQUIRED@house",
                "10 duplicate REPEATED_IN_FILE@premise",
                "11 committed STREET_DIFFERS@street_ru",
                "12 rejected FIELD_COUNT@ NOTHING_SUPPLIED@cold_water REQUIRED@amenity REQUIRED@premise_kind",
            ],
        ),
        (
            ImportKind::Accounts,
            &[
                "2 committed",
                "3 duplicate ALREADY_THERE@number",
                "4 rejected ALREADY_TAKEN@number",
                "5 rejected BAD_NUMBER@number",
                "6 rejected BAD_IDENTIFICATION@identification NO_IDENTIFICATION@identification",
                "7 rejected BAD_IDENTIFICATION@identification NO_IDENTIFICATION@identification",
                "8 rejected BAD_PHONE@phone",
                "9 rejected UNKNOWN_PREMISE@premise",
                "10 rejected UNKNOWN_STREET@street_code",
                "11 rejected OVERLAP@premise",
                "12 rejected BAD_DATE@opened_on NO_IDENTIFICATION@identification",
                "13 committed NO_IDENTIFICATION@identification SECTOR_UNUSUAL@sector",
            ],
        ),
        (
            ImportKind::Residents,
            &[
                "2 committed",
                "3 duplicate ALREADY_THERE@residents",
                "4 rejected UNKNOWN_ACCOUNT@account",
                "5 rejected BAD_NUMBER@residents",
                "6 rejected BAD_NUMBER@residents",
                "7 rejected BAD_CODE@source",
                "8 rejected REQUIRED@from",
                "9 duplicate REPEATED_IN_FILE@account",
            ],
        ),
        (
            ImportKind::Contracts,
            &[
                "2 committed",
                "3 duplicate ALREADY_THERE@number",
                "4 rejected ALREADY_TAKEN@number OVERLAP@from",
                "5 rejected OVERLAP@from",
                "6 rejected ENDS_BEFORE_START@to",
                "7 rejected NO_HOLDER@account",
                "8 committed HAS_METER@monthly_m3",
            ],
        ),
        (
            ImportKind::Meters,
            &[
                "2 committed",
                "3 duplicate ALREADY_THERE@serial",
                "4 rejected OVERLAP@installed_on",
                "5 rejected UNKNOWN_MODEL@model",
                "6 rejected BAD_VOLUME@initial_m3",
                "7 rejected UNKNOWN_POINT@hot",
                "8 committed VERIFICATION_EXPIRED@verified_until",
                "9 rejected REQUIRED@account",
                "10 rejected ALREADY_TAKEN@serial",
            ],
        ),
        (
            ImportKind::Readings,
            &[
                "2 committed",
                "3 duplicate ALREADY_THERE@account",
                "4 rejected READING_BACKWARDS@value_m3",
                "5 committed READING_ABOVE_CAPACITY@value_m3",
                "6 rejected UNKNOWN_METER@serial",
                "7 committed READING_VERIFICATION_EXPIRED@value_m3",
                "8 rejected READING_FUTURE_DAY@value_m3",
                "9 rejected BAD_DATE@day",
                "10 rejected BAD_VOLUME@value_m3",
                "11 rejected BAD_CODE@channel",
                "12 rejected UNKNOWN_ACCOUNT@account",
                "13 rejected READING_TOO_MANY_DIGITS@value_m3",
            ],
        ),
    ];
    for (kind, expected) in cases {
        let done = take(&app, *kind, &sample(&format!("{kind}_with_errors"))).await;
        assert_eq!(verdicts(&app, done.id).await, *expected, "{kind}");
        assert_eq!(
            done.rows_ok + done.rows_warning + done.rows_rejected + done.rows_duplicate,
            done.rows_total,
            "{kind}: every row ends in one state"
        );
    }
    // A reading that reached a point is kept whatever its verdict; one that reached none is not a reading.
    let kept =
        "SELECT count(*) FROM readings.reading WHERE import_batch_id = (SELECT max(id) FROM imports.batch)";
    assert_eq!(app.scalar::<i64>(kept).await, Some(6));
}

#[tokio::test]
async fn a_word_about_a_row_is_in_the_readers_language() {
    let (app, _) = city().await;
    let id =
        send(&app, importer(), ImportKind::Readings, &sample("readings_with_errors")).await.expect("taken");
    let query = "query($id: ID!) { importBatch(id: $id) {
        state rowsTotal rowsRejected header
        rows(verdict: REJECTED, first: 2) { nodes { line fields verdict messages { code column message } } pageInfo { hasNextPage } } } }";
    let variables = json!({ "id": api::platform::graphql::Gid(id).encode() });
    let reply = app
        .graphql(query, variables.clone())
        .as_actor(importer())
        .in_language(api::platform::messages::Language::Kk)
        .await;
    assert_eq!(reply.text("/importBatch/state"), "CHECKED");
    assert_eq!(reply.text("/importBatch/rows/nodes/1/messages/0/code"), "READING_BACKWARDS");
    assert_eq!(reply.text("/importBatch/rows/nodes/1/messages/0/message"), "Алдыңғы көрсеткіштен аз");
    assert_eq!(reply.at("/importBatch/rows/pageInfo/hasNextPage"), true);

    let stranger = app.graphql(query, variables).as_actor(operator()).await;
    assert_eq!(stranger.codes(), ["NOT_FOUND"], "files of others are not there");
}

#[tokio::test]
async fn the_same_file_twice_is_the_same_batch() {
    let (app, batches) = city().await;
    let again = send(&app, importer(), ImportKind::Premises, &sample("premises")).await.expect("taken");
    assert_eq!(again, batches[0].id);
    assert_eq!(batch_of(&app, again).await, batches[0], "nothing changed");
    assert_eq!(act(&app, COMMIT, again).await, ["IMPORT_WRONG_STATE"]);

    // The same rows in a file of another shape are known row by row.
    let other = sample("premises").replace(';', ",");
    let id = send(&app, importer(), ImportKind::Premises, &other).await.expect("taken");
    let checked = batch_of(&app, id).await;
    assert_eq!((checked.rows_duplicate, checked.rows_total), (40, 40));
    assert_eq!(act(&app, COMMIT, id).await, ["IMPORT_NOTHING_RIGHT"]);
}

#[tokio::test]
async fn a_file_without_its_columns_is_not_taken() {
    let app = ground().await;
    let refused =
        send(&app, importer(), ImportKind::Readings, "account;day\n9900001;2026-03-25\n").await.unwrap_err();
    assert_eq!(refused.code, "IMPORT_MISSING_COLUMN");
    assert_eq!(refused.args, [("detail", "hot, value_m3".into())]);
    assert_eq!(
        send(&app, importer(), ImportKind::Readings, "account;hot;day;value_m3\n\n;;;\n")
            .await
            .unwrap_err()
            .code,
        "IMPORT_EMPTY"
    );
    assert_eq!(send(&app, importer(), ImportKind::Readings, "").await.unwrap_err().code, "IMPORT_EMPTY");
    let endless = format!("account;hot;day;value_m3\n1;0;2026-03-25;{}\n", "1".repeat(70_000));
    let refused = send(&app, importer(), ImportKind::Readings, &endless).await.unwrap_err();
    assert_eq!((refused.code, refused.args), ("IMPORT_LINE_TOO_LONG", vec![("detail", 2.into())]));
}

#[tokio::test]
async fn readings_of_house_meters_come_in_by_the_address() {
    let (app, _) = city().await;
    let done = take(&app, ImportKind::Readings, &sample("building_readings")).await;
    assert_eq!((done.rows_committed, done.rows_warning), (2, 0), "{:#?}", verdicts(&app, done.id).await);
    let kept = "SELECT string_agg(m.serial || ' ' || r.account_id || ' ' || r.consumption || ' ' || r.verdict, ', ' ORDER BY r.id)
        FROM readings.reading r JOIN meters.meter m ON m.id = r.meter_id JOIN premises.point t ON t.id = r.point_id
        WHERE t.premise_id IS NULL AND r.act IS NULL";
    assert_eq!(
        app.scalar::<String>(kept).await.as_deref(),
        Some("96000031 0 82400 accepted, 96000032 0 60250 accepted"),
        "one by its serial number, one as the only one of its house"
    );

    let text = "account;street_code;house;hot;serial;day;value_m3
;9901;112;0;;2026-03-25;15231.000
;9901;112;0;26000001;2026-03-25;15400.000
;9901;112;1;;2026-03-25;15400.000
;9901;999;0;;2026-03-25;15400.000
;9908;15;0;;2026-03-25;1.000
;;;0;96000031;2026-03-25;15400.000
9900001;9901;112;0;26000001;2026-03-25;107.000
";
    let id = send(&app, importer(), ImportKind::Readings, text).await.expect("taken");
    assert_eq!(
        verdicts(&app, id).await,
        [
            "2 rejected READING_BACKWARDS@value_m3",
            "3 rejected UNKNOWN_METER@serial",
            "4 rejected UNKNOWN_POINT@house",
            "5 rejected UNKNOWN_BUILDING@house",
            "6 rejected UNKNOWN_POINT@house",
            "7 rejected REQUIRED@account",
            "8 ok",
        ],
        "with an account it is the account's meter"
    );

    // An operator of one sector brings readings of houses, too: a house has no sector.
    let text = "street_code;house;hot;day;value_m3\n9901;112;0;2026-03-25;15330.000\n";
    let id = send(&app, operator(), ImportKind::Readings, text).await.expect("taken");
    assert_eq!(verdicts(&app, id).await, ["2 ok"]);
    assert_eq!(act(&app, COMMIT, id).await, [""; 0]);
    assert_eq!(batch_of(&app, id).await.rows_committed, 1);
}

#[tokio::test]
async fn a_file_of_an_old_program_comes_in_with_a_remark() {
    let app = ground().await;
    let bytes = windows_1251(
        &sample("premises").replace(['Қ', 'қ', 'ө', 'ң', 'ғ', 'ұ', 'ү', 'і', 'ә', 'Ә', 'Ү'], "к"),
    );
    let id = send_bytes(&app, importer(), ImportKind::Premises, &bytes).await.expect("taken");
    let checked = batch_of(&app, id).await;
    assert_eq!((checked.state, checked.rows_warning, checked.rows_total), (ImportState::Checked, 40, 40));
    assert!(verdicts(&app, id).await[0].ends_with("warning NOT_UTF8@"));
}

/// windows-1251 by hand: letters that it lacks must not be in the text.
fn windows_1251(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        '\0'..='\x7f' => c as u8,
        'А'..='я' => 0xC0 + (c as u32 - 'А' as u32) as u8,
        'ё' => 0xB8,
        'Ё' => 0xA8,
        '«' => 0xAB,
        '»' => 0xBB,
        other => panic!("{other} is not in windows-1251"),
    };
    text.chars().map(byte).collect()
}

#[tokio::test]
async fn an_operator_imports_only_into_his_own_sector() {
    let (app, _) = city().await;
    let text = "account;residents;from;source\n9900001;4;2026-03-10;egov\n9900025;4;2026-03-10;egov\n";
    let id = send(&app, operator(), ImportKind::Residents, text).await.expect("taken");
    assert_eq!(
        verdicts(&app, id).await,
        ["2 rejected UNKNOWN_ACCOUNT@account", "3 ok"],
        "accounts of another sector do not exist for him"
    );
}

#[tokio::test]
async fn personal_data_never_lies_open() {
    let (app, batches) = city().await;
    let open = "SELECT count(*) FROM imports.row r, unnest(r.fields) f WHERE f LIKE '+7700%' OR f LIKE '%@example.com'";
    assert_eq!(app.scalar::<i64>(open).await, Some(0));
    let query = "query($id: ID!) { importBatch(id: $id) { rows(first: 1) { nodes { fields } } } }";
    let variables = json!({ "id": api::platform::graphql::Gid(batches[1].id).encode() });
    let reply = app.graphql(query, variables.clone()).as_actor(importer()).await;
    assert_eq!(reply.text("/importBatch/rows/nodes/0/fields/9"), "+77000000001");
    let accountant = app.graphql(query, variables).as_role(Role::Accountant).await;
    assert_eq!(accountant.text("/importBatch/rows/nodes/0/fields/9"), "•••");
}
