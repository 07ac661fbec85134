//! Acts of `readings`, one file each.

mod decide;
mod submit;
mod withdraw;

use aiscra_tests::TestApp;
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::PointId;
use serde_json::{Value as Json, json};

const SUBMIT: &str = "mutation($input: ReadingSubmitInput!) { readingSubmit(input: $input) {
    reading { id period takenOn value channel verdict reasons { code message } consumption rolledOver receivedBy meter { serial } account { number } }
    errors { code field } } }";

fn point(n: i64) -> String {
    Gid(PointId(n)).encode()
}

/// What the operator's desk sends for the point `n`.
fn at_desk(n: i64, day: &str, value: &str) -> Json {
    json!({ "input": { "pointId": point(n), "takenOn": day, "value": value } })
}

/// Verdict and reasons of a reading handed in at the desk.
async fn desk(app: &TestApp, n: i64, day: &str, value: &str) -> String {
    let reply = app.graphql(SUBMIT, at_desk(n, day, value)).as_role(Role::OperatorMulti).await;
    said(reply.at("/readingSubmit/reading"))
}

fn said(reading: &Json) -> String {
    let reasons = reading["reasons"].as_array().expect("reasons");
    let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason["code"].as_str()).collect();
    format!("{} {}", reading["verdict"].as_str().expect("a verdict"), codes.join(" ")).trim_end().to_owned()
}

/// Ids, litres and verdicts of all answers for the point, oldest first.
async fn kept(app: &TestApp, n: i64) -> String {
    let sql = format!(
        "SELECT coalesce(string_agg(liters || ' ' || verdict, ', ' ORDER BY id), '') FROM readings.reading WHERE point_id = {n} AND period >= '2026-03-01'"
    );
    app.scalar::<String>(&sql).await.unwrap_or_default()
}
