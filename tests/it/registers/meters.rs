use aiscra_tests::TestApp;
use domain::access::Role;
use serde_json::{Value as Json, json};

use super::{act, city, gid, opened, opening};

const READ: &str = "meter { id serial hot installedOn removedOn verifiedUntil version model { digits } }";

async fn models(app: &TestApp) {
    app.sql(
        "INSERT INTO meters.model (id, name, manufacturer, digits, diameter_mm, interval_cold_months, interval_hot_months)
         VALUES (1, 'СВК-15', 'Завод', 5, 15, 60, 48)",
    )
    .await;
}

fn install(point: i64, serial: &str, day: &str, value: &str) -> Json {
    json!({ "pointId": gid("Point", point), "modelId": gid("MeterModel", 1), "serial": serial, "installedOn": day,
        "value": value, "verifiedUntil": "2029-05-01", "seal": "П-1" })
}

async fn readings(app: &TestApp) -> String {
    app.scalar(
        "SELECT string_agg(concat_ws(' ', act, taken_on, liters, consumption, verdict), ', ' ORDER BY id) FROM readings.reading",
    )
    .await
    .unwrap_or_default()
}

#[tokio::test]
async fn a_meter_comes_and_goes_with_what_it_shows() {
    let app = TestApp::new().await;
    city(&app).await;
    models(&app).await;
    opened(&app, opening("1001", "MULTI", 1)).await;
    let reply = act(&app, "meterInstall", install(1, "A-1", "2025-05-01", "0.250"), READ).await;
    let meter = reply.text("/meterInstall/meter/id").to_owned();
    assert_eq!(reply.at("/meterInstall/meter/installedOn"), "2025-05-01");
    assert_eq!(reply.at("/meterInstall/meter/verifiedUntil"), "2029-05-01");
    assert_eq!(readings(&app).await, "initial 2025-05-01 250 accepted");

    let seen = "{ account(number: \"1001\") { points { hot meter { serial } } } }";
    let reply = app.graphql(seen, json!({})).as_role(Role::Auditor).await;
    assert_eq!(
        reply.at("/account/points"),
        &json!([{ "hot": false, "meter": { "serial": "A-1" } }, { "hot": true, "meter": null }])
    );

    let remove = |day: &str, value: &str| json!({ "meterId": meter, "removedOn": day, "value": value, "reason": "VERIFICATION" });
    for (day, value, code) in [
        ("2025-05-01", "10.000", "DATE_TOO_EARLY"),
        ("2026-03-27", "10.000", "DAY_AHEAD"),
        ("2026-03-10", "100000.000", "READING_TOO_LARGE"),
        ("2026-03-10", "0.249", "READING_BACKWARDS"),
    ] {
        assert_eq!(
            act(&app, "meterRemove", remove(day, value), READ).await.refusals(),
            [code],
            "{day} {value}"
        );
    }
    let reply = act(&app, "meterRemove", remove("2026-03-10", "12.600"), READ).await;
    assert_eq!(reply.at("/meterRemove/meter/removedOn"), "2026-03-10");
    // The card says where the meter is, until another one stands there.
    let away = "{ account(number: \"1001\") { points { meterAway { serial removedOn removalReason } } } }";
    let reply = app.graphql(away, json!({})).as_role(Role::Auditor).await;
    let off = json!({ "serial": "A-1", "removedOn": "2026-03-10", "removalReason": "VERIFICATION" });
    assert_eq!(reply.at("/account/points"), &json!([{ "meterAway": off }, { "meterAway": null }]));
    assert_eq!(
        readings(&app).await,
        "initial 2025-05-01 250 accepted, final 2026-03-10 12600 12350 accepted"
    );
    assert_eq!(
        act(&app, "meterRemove", remove("2026-03-11", "13.000"), READ).await.refusals(),
        ["METER_NOT_INSTALLED"]
    );
    let stays =
        "SELECT string_agg(concat(valid, upper_inf(recorded)), ' ' ORDER BY id) FROM meters.installation";
    assert_eq!(
        app.scalar::<String>(stays).await.as_deref(),
        Some("[2025-05-01,)f [2025-05-01,2026-03-10)t"),
        "what was known before the removal is still there"
    );
}

#[tokio::test]
async fn neither_a_meter_nor_a_point_is_taken_twice() {
    let app = TestApp::new().await;
    city(&app).await;
    models(&app).await;
    for n in 1..=2 {
        opened(&app, opening(&format!("100{n}"), "MULTI", n)).await;
    }
    act(&app, "meterInstall", install(1, "A-1", "2025-05-01", "0"), READ).await.ok();
    let change = |field: &str, value: Json| {
        let mut input = install(2, "A-2", "2025-06-01", "0");
        input[field] = value;
        input
    };
    let cases = [
        (change("serial", "A-1".into()), "METER_TAKEN"),
        (change("pointId", gid("Point", 1).into()), "POINT_HAS_METER"),
        (change("pointId", gid("Point", 9).into()), "NO_SUCH_POINT"),
        (change("pointId", gid("Point", 999).into()), "NO_SUCH_POINT"),
        (change("modelId", gid("MeterModel", 9).into()), "NO_SUCH_METER_MODEL"),
        (change("serial", " ".into()), "SERIAL_WRONG"),
        (change("value", "100000".into()), "READING_TOO_LARGE"),
        (change("verifiedUntil", "2025-06-01".into()), "VERIFICATION_WRONG"),
    ];
    // The private house is another operator's: without an account it is the district's, with one it is the sector's.
    opened(&app, opening("2001", "PRIVATE", 9)).await;
    for (input, code) in cases {
        let reply = act(&app, "meterInstall", input, READ).await;
        assert_eq!(reply.refusals(), [code]);
        assert_ne!(reply.text("/meterInstall/errors/0/message"), code, "{code} has no words");
    }
    assert_eq!(
        app.scalar::<i64>("SELECT count(*) FROM meters.meter").await,
        Some(1),
        "refused acts leave nothing"
    );

    let mut hot = install(101, "A-3", "2025-06-01", "0");
    hot["serial"] = "H-1".into();
    let reply = act(&app, "meterInstall", hot, READ).await;
    assert_eq!(reply.at("/meterInstall/meter/hot"), true);
}

#[tokio::test]
async fn a_replacement_is_one_act() {
    let app = TestApp::new().await;
    city(&app).await;
    models(&app).await;
    opened(&app, opening("1001", "MULTI", 1)).await;
    let replace = |final_value: &str, serial: &str| {
        json!({ "pointId": gid("Point", 1), "removedOn": "2026-03-10", "finalValue": final_value, "modelId": gid("MeterModel", 1),
            "serial": serial, "value": "0.010", "verifiedUntil": "2031-03-10" })
    };
    assert_eq!(
        act(&app, "meterReplace", replace("1", "A-2"), READ).await.refusals(),
        ["POINT_WITHOUT_METER"]
    );
    act(&app, "meterInstall", install(1, "A-1", "2025-05-01", "99990.000"), READ).await.ok();
    let wrong = act(&app, "meterReplace", replace("100000", "A-2"), READ).await;
    assert_eq!(wrong.text("/meterReplace/errors/0/field"), "finalValue");
    assert_eq!(
        act(&app, "meterReplace", replace("4.250", " "), READ).await.refusals(),
        ["SERIAL_WRONG"],
        "the old one stays when the new one can't come"
    );
    assert_eq!(readings(&app).await, "initial 2025-05-01 99990000 accepted");

    let reply = act(&app, "meterReplace", replace("4.250", "A-2"), READ).await;
    assert_eq!(reply.at("/meterReplace/meter/serial"), "A-2");
    assert_eq!(
        readings(&app).await,
        "initial 2025-05-01 99990000 accepted, final 2026-03-10 4250 14250 accepted, initial 2026-03-10 10 accepted",
        "the register passed its end"
    );
    let reply = app
        .graphql("{ meters(serial: \"A-\") { nodes { serial removedOn } } }", json!({}))
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(
        reply.at("/meters/nodes"),
        &json!([{ "serial": "A-1", "removedOn": "2026-03-10" }, { "serial": "A-2", "removedOn": null }])
    );
    let reply = app
        .graphql("{ meters(serial: \"A-\") { nodes { serial } } }", json!({}))
        .as_role(Role::OperatorLegal)
        .await;
    assert_eq!(reply.codes(), Vec::<&str>::new());
    assert_eq!(reply.at("/meters/nodes"), &json!([]));
}

#[tokio::test]
async fn a_verification_moves_the_day_of_expiry() {
    let app = TestApp::new().await;
    city(&app).await;
    models(&app).await;
    opened(&app, opening("1001", "MULTI", 1)).await;
    let reply = act(&app, "meterInstall", install(1, "A-1", "2025-05-01", "0"), READ).await;
    let meter = reply.text("/meterInstall/meter/id").to_owned();
    let verify = json!({ "meterId": meter, "verifiedOn": "2026-03-15" });
    let reply = act(&app, "meterVerify", verify, READ).await;
    assert_eq!(reply.at("/meterVerify/meter/verifiedUntil"), "2031-03-15", "sixty months on cold water");
    let wrong = json!({ "meterId": meter, "verifiedOn": "2026-03-15", "validUntil": "2026-03-15" });
    assert_eq!(act(&app, "meterVerify", wrong, READ).await.refusals(), ["VERIFICATION_WRONG"]);
    let other = json!({ "input": { "meterId": meter, "verifiedOn": "2026-03-15" } });
    let query = "mutation($input: MeterVerifyInput!) { meterVerify(input: $input) { errors { code } } }";
    let reply = app.graphql(query, other).as_role(Role::OperatorPrivate).await;
    assert_eq!(reply.refusals(), ["NO_SUCH_METER"]);
}

#[tokio::test]
async fn an_act_of_a_closed_month_comes_on_its_document() {
    let app = TestApp::new().await;
    city(&app).await;
    models(&app).await;
    opened(&app, opening("1001", "MULTI", 1)).await;
    app.sql(
        "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES
             ('2026-02-01', 'multi', 'closed', 'test'), ('2026-03-01', 'multi', 'open', 'test')",
    )
    .await;
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', 'А-1', '2026-02-27', 'test', 'meter', 'test')",
    )
    .await;
    let mut late = install(1, "A-1", "2026-02-27", "0.250");
    let refused = act(&app, "meterInstall", late.clone(), READ).await;
    assert_eq!(refused.refusals(), ["PERIOD_CLOSED"]);
    assert_eq!(refused.at("/meterInstall/errors/0/field"), "installedOn");
    late["documentId"] = gid("Document", 99).into();
    assert_eq!(act(&app, "meterInstall", late.clone(), READ).await.refusals(), ["NO_SUCH_DOCUMENT"]);
    late["documentId"] = gid("Document", 1).into();
    let reply = act(&app, "meterInstall", late, READ).await;
    assert_eq!(reply.at("/meterInstall/meter/installedOn"), "2026-02-27");
    assert_eq!(readings(&app).await, "initial 2026-02-27 250 accepted");
}

#[tokio::test]
async fn an_unfit_meter_counts_no_more_from_that_day_on() {
    let app = TestApp::new().await;
    city(&app).await;
    models(&app).await;
    opened(&app, opening("1001", "MULTI", 1)).await;
    let reply = act(&app, "meterInstall", install(1, "A-1", "2025-05-01", "0"), READ).await;
    let meter = reply.text("/meterInstall/meter/id").to_owned();
    let until = reply.text("/meterInstall/meter/verifiedUntil").to_owned();
    let unfit = |on: &str, more: Json| {
        let mut input = json!({ "meterId": meter, "verifiedOn": on, "result": "UNFIT" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let both =
        act(&app, "meterVerify", unfit("2026-03-10", json!({ "validUntil": "2031-03-10" })), READ).await;
    assert_eq!(both.refusals(), ["VERIFICATION_WRONG"]);
    let found = act(&app, "meterVerify", unfit("2026-03-10", json!({})), READ).await;
    assert_eq!(found.at("/meterVerify/meter/verifiedUntil"), "2026-03-10");
    let known = app
        .texts("SELECT concat_ws(' ', valid_until, unfit, upper_inf(recorded)) FROM meters.verification ORDER BY id")
        .await;
    assert_eq!(known, [format!("{until} f f"), "2026-03-10 t t".to_owned()], "what was known stays readable");
    let later = act(&app, "meterVerify", unfit("2026-03-12", json!({})), READ).await;
    assert_eq!(later.refusals(), ["NOT_VERIFIED_THEN"]);

    // Mended and verified again, it counts again; what was before is not said of it any more.
    let fit = json!({ "meterId": meter, "verifiedOn": "2026-03-15", "result": "FIT" });
    let again = act(&app, "meterVerify", fit, READ).await;
    assert_eq!(again.at("/meterVerify/meter/verifiedUntil"), "2031-03-15");
    let before = act(&app, "meterVerify", unfit("2026-03-12", json!({})), READ).await;
    assert_eq!(before.refusals(), ["VERIFIED_SINCE"]);
}
