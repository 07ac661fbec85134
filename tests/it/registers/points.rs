//! Points that come into an account and leave it: objects of a contract, further inlets.

use aiscra_tests::{Reply, TestApp, actor_of};
use domain::access::{Actor, Role, Scope};
use domain::kernel::{DistrictId, Sector};
use serde_json::{Value as Json, json};

use super::{city, gid, opened, opening};

const READ: &str = "account { points { id } }";

async fn asked(app: &TestApp, actor: Actor, name: &str, input: Json, read: &str) -> Reply {
    let kind = name[..1].to_uppercase() + &name[1..] + "Input";
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ {read} errors {{ code field message }} }} }}"
    );
    app.graphql(&query, json!({ "input": input })).as_actor(actor).await
}

#[track_caller]
fn fine(reply: &Reply) {
    assert_eq!(reply.refusals(), [""; 0], "{:#}", reply.data);
}

fn legal() -> Actor {
    actor_of(Role::OperatorLegal)
}

async fn papers(app: &TestApp) {
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', 'А-1', '2026-03-01', 'ЦРА', 'Объекты', 'test')",
    )
    .await;
}

fn inlet(premise: i64) -> Json {
    json!({ "premiseId": gid("Premise", premise), "water": true, "sewerage": false, "amenity": "HOUSEHOLD",
        "from": "2026-03-01", "documentId": gid("Document", 1) })
}

fn include(account: &str, point: i64, from: &str) -> Json {
    json!({ "accountId": account, "pointId": gid("Point", point), "from": from, "documentId": gid("Document", 1) })
}

fn exclude(account: &str, point: i64, date: &str) -> Json {
    json!({ "accountId": account, "pointId": gid("Point", point), "date": date, "documentId": gid("Document", 1) })
}

fn points(ids: &[i64]) -> Json {
    ids.iter().map(|id| json!({ "id": gid("Point", *id) })).collect()
}

#[tokio::test]
async fn an_object_of_another_house_comes_into_a_legal_contract() {
    let app = TestApp::new().await;
    city(&app).await;
    papers(&app).await;
    let shop = opened(&app, opening("3001", "LEGAL", 10)).await;
    let said = "point { id hot water sewerage amenity suppliedSince premise { id } }";
    let reply = asked(&app, legal(), "pointAdd", inlet(9), said).await;
    assert_eq!(
        reply.at("/pointAdd/point"),
        &json!({ "id": gid("Point", 1001), "hot": false, "water": true, "sewerage": false, "amenity": "HOUSEHOLD",
            "suppliedSince": "2026-03-01", "premise": { "id": gid("Premise", 9) } })
    );
    for (change, code) in [
        (json!({ "hot": true }), "WATER_OF_ANOTHER"),
        (json!({ "water": false }), "POINT_WITHOUT_SERVICE"),
        (json!({ "amenity": "WATERING" }), "AMENITY_WRONG"),
        (json!({ "from": "2026-03-27" }), "DAY_AHEAD"),
        (json!({ "premiseId": gid("Premise", 999) }), "NO_SUCH_PREMISE"),
        (json!({ "documentId": gid("Document", 99) }), "NO_SUCH_DOCUMENT"),
    ] {
        let mut input = inlet(9);
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(asked(&app, legal(), "pointAdd", input, said).await.refusals(), [code], "{change}");
    }

    for (change, code, field) in [
        (json!({ "from": "2026-03-27" }), "DAY_AHEAD", "from"),
        (json!({ "from": "2024-12-31" }), "DATE_TOO_EARLY", "from"),
        (json!({ "pointId": gid("Point", 999) }), "NO_SUCH_POINT", "pointId"),
        (json!({ "accountId": gid("Account", 999) }), "NO_SUCH_ACCOUNT", "accountId"),
        (json!({ "documentId": gid("Document", 99) }), "NO_SUCH_DOCUMENT", "documentId"),
        (json!({ "value": "5" }), "POINT_WITHOUT_METER", "value"),
    ] {
        let mut input = include(&shop, 1001, "2026-03-10");
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let reply = asked(&app, legal(), "accountPointInclude", input, READ).await;
        assert_eq!(reply.refusals(), [code], "{change}");
        assert_eq!(reply.text("/accountPointInclude/errors/0/field"), field, "{code}");
        assert_ne!(reply.text("/accountPointInclude/errors/0/message"), code, "{code} has no words");
    }
    let first = include(&shop, 1001, "2026-03-10");
    let reply = asked(&app, legal(), "accountPointInclude", first.clone(), READ).await;
    assert_eq!(reply.at("/accountPointInclude/account/points"), &points(&[10, 1001]));
    let known = "SELECT valid || ' ' || document_id FROM subscribers.account_point WHERE point_id = 1001";
    assert_eq!(app.scalar::<String>(known).await.as_deref(), Some("[2026-03-10,) 1"));
    let trail =
        "SELECT count(*) FROM platform.audit_entry WHERE entity = 'account' AND action = 'point_included'";
    assert_eq!(app.scalar::<i64>(trail).await, Some(1));

    // A point is one account's at a time.
    assert_eq!(asked(&app, legal(), "accountPointInclude", first, READ).await.refusals(), ["POINT_INCLUDED"]);
    let mut input = opening("3002", "LEGAL", 10);
    input["pointIds"] = json!([]);
    let other = opened(&app, input).await;
    for from in ["2026-03-12", "2026-03-01"] {
        let input = include(&other, 1001, from);
        let reply = asked(&app, legal(), "accountPointInclude", input, READ).await;
        assert_eq!(reply.refusals(), ["POINT_TAKEN"], "{from}");
    }
}

#[tokio::test]
async fn a_household_takes_inlets_of_its_own_house() {
    let app = TestApp::new().await;
    city(&app).await;
    papers(&app).await;
    let flat = opened(&app, opening("1001", "MULTI", 1)).await;
    let clerk = || actor_of(Role::OperatorMulti);
    let reply = asked(&app, clerk(), "accountPointInclude", include(&flat, 9, "2026-03-10"), READ).await;
    assert_eq!(reply.refusals(), ["POINT_OF_ANOTHER_HOUSE"]);
    fine(&asked(&app, clerk(), "pointAdd", inlet(1), "point { id }").await);
    let reply = asked(&app, clerk(), "accountPointInclude", include(&flat, 1001, "2026-03-10"), READ).await;
    assert_eq!(reply.at("/accountPointInclude/account/points"), &points(&[1, 101, 1001]));
}

#[tokio::test]
async fn a_clerk_of_another_district_takes_nothing() {
    let app = TestApp::new().await;
    city(&app).await;
    papers(&app).await;
    let shop = opened(&app, opening("3001", "LEGAL", 10)).await;
    let of = |district: i64| {
        let scope = Scope::Part {
            sectors: [Sector::Legal].into_iter().collect(),
            districts: [DistrictId(district)].into_iter().collect(),
        };
        Actor { scope, ..legal() }
    };
    let input = include(&shop, 9, "2026-03-10");
    let reply = asked(&app, of(1), "accountPointInclude", input.clone(), READ).await;
    assert_eq!(reply.refusals(), ["NO_SUCH_POINT"], "the object lies in the other district");
    let reply = asked(&app, of(2), "accountPointInclude", input.clone(), READ).await;
    assert_eq!(reply.refusals(), ["NO_SUCH_ACCOUNT"]);
    let reply = asked(&app, of(1), "pointAdd", inlet(9), "point { id }").await;
    assert_eq!(reply.refusals(), ["NO_SUCH_PREMISE"]);
    fine(&asked(&app, legal(), "accountPointInclude", input, READ).await);
    let reply = asked(&app, of(2), "accountPointExclude", exclude(&shop, 9, "2026-03-20"), READ).await;
    assert_eq!(reply.refusals(), ["NO_SUCH_ACCOUNT"]);
}

#[tokio::test]
async fn days_of_closed_months_stay_as_they_are() {
    let app = TestApp::new().await;
    city(&app).await;
    papers(&app).await;
    let shop = opened(&app, opening("3001", "LEGAL", 10)).await;
    app.sql(
        "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES
             ('2026-02-01', 'legal', 'closed', 'test'), ('2026-03-01', 'legal', 'open', 'test')",
    )
    .await;
    for (from, codes) in [("2026-02-28", vec!["PERIOD_CLOSED"]), ("2026-03-01", vec![])] {
        let reply = asked(&app, legal(), "accountPointInclude", include(&shop, 9, from), READ).await;
        assert_eq!(reply.refusals(), codes, "{from}");
    }
    let reply = asked(&app, legal(), "accountPointExclude", exclude(&shop, 9, "2026-02-20"), READ).await;
    assert_eq!(reply.refusals(), ["PERIOD_CLOSED"]);
}

#[tokio::test]
async fn a_point_leaves_on_its_day() {
    let app = TestApp::new().await;
    city(&app).await;
    papers(&app).await;
    let shop = opened(&app, opening("3001", "LEGAL", 10)).await;
    let out = async |point: i64, date: &str| {
        asked(&app, legal(), "accountPointExclude", exclude(&shop, point, date), READ).await
    };
    let into = async |point: i64, from: &str| {
        asked(&app, legal(), "accountPointInclude", include(&shop, point, from), READ).await
    };
    assert_eq!(out(9, "2026-03-20").await.refusals(), ["POINT_NOT_INCLUDED"]);
    assert_eq!(out(10, "2026-03-20").await.refusals(), ["POINT_LAST"]);
    fine(&into(9, "2026-03-05").await);
    assert_eq!(out(9, "2026-03-27").await.refusals(), ["DAY_AHEAD"]);
    let reply = out(9, "2026-03-20").await;
    assert_eq!(reply.at("/accountPointExclude/account/points"), &points(&[10]));
    let known = "SELECT string_agg(valid::text, ' ' ORDER BY valid) FROM subscribers.account_point
                 WHERE point_id = 9 AND upper_inf(recorded)";
    assert_eq!(app.scalar::<String>(known).await.as_deref(), Some("[2026-03-05,2026-03-20)"));
    assert_eq!(out(9, "2026-03-22").await.refusals(), ["POINT_NOT_INCLUDED"]);

    // A month has one run of days of a point.
    assert_eq!(into(9, "2026-03-22").await.refusals(), ["POINT_LEFT_THIS_MONTH"]);
    fine(&into(9, "2026-03-20").await);
    assert_eq!(
        app.scalar::<String>(known).await.as_deref(),
        Some("[2026-03-05,2026-03-20) [2026-03-20,)"),
        "without a gap"
    );

    // On its own first day it was never the account's.
    fine(&into(2, "2026-03-10").await);
    fine(&out(2, "2026-03-10").await);
    let vain = "SELECT count(*) FROM subscribers.account_point WHERE point_id = 2 AND upper_inf(recorded)";
    assert_eq!(app.scalar::<i64>(vain).await, Some(0));
}

#[tokio::test]
async fn a_meter_is_read_when_its_point_comes_and_goes() {
    let app = TestApp::new().await;
    city(&app).await;
    papers(&app).await;
    let shop = opened(&app, opening("3001", "LEGAL", 10)).await;
    for text in [
        "INSERT INTO meters.model (id, name, manufacturer, digits, diameter_mm, interval_cold_months, interval_hot_months)
         VALUES (1, 'СВ-15', 'T', 5, 15, 72, 48)",
        "INSERT INTO meters.meter (id, model_id, serial) VALUES (9, 1, 'S9')",
        "INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by) VALUES (9, 9, '[2026-01-01,)', 'test')",
        "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by)
         VALUES (9, '2026-01-01', '2032-01-01', 'test')",
    ] {
        app.sql(text).await;
    }
    let mut input = include(&shop, 9, "2026-03-05");
    let reply = asked(&app, legal(), "accountPointInclude", input.clone(), READ).await;
    assert_eq!(reply.refusals(), ["OPENING_READING_MISSING"]);
    input["value"] = "100000".into();
    let reply = asked(&app, legal(), "accountPointInclude", input.clone(), READ).await;
    assert_eq!(reply.refusals(), ["READING_TOO_LARGE"]);
    input["value"] = "100".into();
    fine(&asked(&app, legal(), "accountPointInclude", input, READ).await);
    let began = "SELECT string_agg(act || ' ' || taken_on || ' ' || liters || ' ' || verdict, ', ') FROM readings.reading
                 WHERE point_id = 9 AND account_id <> 0";
    assert_eq!(app.scalar::<String>(began).await.as_deref(), Some("initial 2026-03-05 100000 accepted"));

    let reply = asked(&app, legal(), "accountPointExclude", exclude(&shop, 9, "2026-03-20"), READ).await;
    assert_eq!(reply.refusals(), ["CLOSING_READINGS_MISSING"]);
    assert_eq!(reply.text("/accountPointExclude/errors/0/field"), "value");
    // Taken back as a whole, the reading that it began with goes too.
    fine(&asked(&app, legal(), "accountPointExclude", exclude(&shop, 9, "2026-03-05"), READ).await);
    assert_eq!(app.scalar::<String>(began).await.as_deref(), Some("initial 2026-03-05 100000 withdrawn"));
}
