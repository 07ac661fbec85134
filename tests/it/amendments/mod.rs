//! Wrong entries of an open month: looked at, saved as looked at, taken back as a whole.

mod change;
mod installation;
mod remove;
mod rights;

use aiscra_tests::{TestApp, actor_of};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use serde_json::{Value as Json, json};

/// Somebody of the staff by name: whoever confirms is another.
pub fn named(role: Role, name: &str) -> Actor {
    Actor { label: name.to_owned(), ..actor_of(role) }
}

pub async fn document(city: &TestApp) -> String {
    let id: Option<i64> = city
        .scalar(
            "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
             VALUES ('act', 'A-1', '2026-03-02', 'test', 'wrong entries', 'test')
             ON CONFLICT (kind, number, issued_on, issuer) DO UPDATE SET subject = excluded.subject RETURNING id",
        )
        .await;
    Gid(DocumentId(id.unwrap())).encode()
}

const BATCH: &str = "id number state rowCount ready refused accounts issued inRun ahead entries messages owedMore owedLess paidBack
    hash second staff createdBy confirmedBy error correction { id number state createdBy changed }
    rows { nodes { number fact act outcome refusal was value account { number } } }
    effects { nodes { account { number } period stage before after } }";

/// Asks for a batch; what was refused.
pub async fn asked(city: &TestApp, who: &Actor, more: &Json) -> Result<Json, Vec<String>> {
    let jobs = city.scalar::<i64>("SELECT count(*) FROM platform.job").await.unwrap();
    let mut input = json!({
        "documentId": document(city).await, "reason": "typed wrongly", "idempotencyKey": format!("batch {} {jobs}", who.label),
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let asked = city
        .graphql(
            "mutation($i: AmendmentCreateInput!) { amendmentCreate(input: $i) { amendment { id } errors { code } } }",
            json!({ "i": input }),
        )
        .as_actor(who.clone())
        .await;
    let refused = asked.refusals();
    match refused.is_empty() {
        true => Ok(asked.at("/amendmentCreate/amendment/id").clone()),
        false => Err(refused.into_iter().map(str::to_owned).collect()),
    }
}

/// Prepares a batch and lets it be reckoned.
pub async fn prepared(city: &TestApp, who: &Actor, more: Json) -> Json {
    let id = asked(city, who, &more).await.expect("a batch");
    city.run_jobs().await;
    open(city, &id).await
}

pub async fn open(city: &TestApp, id: &Json) -> Json {
    let asked = city
        .graphql(&format!("query($id: ID!) {{ amendment(id: $id) {{ {BATCH} }} }}"), json!({ "id": id }))
        .as_role(Role::ChiefAccountant)
        .await;
    asked.ok()["amendment"].clone()
}

/// `amendmentSave` or `amendmentConfirm` of what was looked at; the codes of refusals.
pub async fn act(city: &TestApp, what: &str, who: &Actor, batch: &Json) -> Vec<String> {
    let jobs = city.scalar::<i64>("SELECT count(*) FROM platform.job").await.unwrap();
    let key = format!("{what} {} {} {jobs}", batch["id"], who.label);
    let asked = city
        .graphql(
            &format!("mutation($i: AmendmentSaveInput!) {{ {what}(input: $i) {{ amendment {{ state }} errors {{ code }} }} }}"),
            json!({ "i": { "id": batch["id"], "hash": batch["hash"], "idempotencyKey": key } }),
        )
        .as_actor(who.clone())
        .await;
    let refused = asked.refusals().into_iter().map(str::to_owned).collect();
    city.run_jobs().await;
    refused
}

pub async fn reverse(city: &TestApp, who: &Actor, batch: &Json) -> Vec<String> {
    let jobs = city.scalar::<i64>("SELECT count(*) FROM platform.job").await.unwrap();
    let key = format!("reverse {} {} {jobs}", batch["id"], who.label);
    let asked = city
        .graphql(
            "mutation($i: AmendmentReverseInput!) { amendmentReverse(input: $i) { amendment { state } errors { code } } }",
            json!({ "i": { "id": batch["id"], "documentId": document(city).await, "idempotencyKey": key } }),
        )
        .as_actor(who.clone())
        .await;
    let refused = asked.refusals().into_iter().map(str::to_owned).collect();
    city.run_jobs().await;
    refused
}

/// What the registers say now, without the ids of versions.
pub async fn facts(city: &TestApp) -> Vec<String> {
    city.texts(
        "SELECT concat_ws(' ', 'reading', account_id, taken_on, liters, verdict) FROM readings.reading
         UNION ALL SELECT concat_ws(' ', 'residents', account_id, residents, valid) FROM subscribers.residency WHERE upper_inf(recorded)
         UNION ALL SELECT concat_ws(' ', 'amenity', point_id, amenity, valid) FROM premises.point_service WHERE upper_inf(recorded)
         UNION ALL SELECT concat_ws(' ', 'verification', meter_id, verified_on, valid_until) FROM meters.verification
                   WHERE upper_inf(recorded)
         ORDER BY 1",
    )
    .await
}

/// What an account owes now, an advance as a negative sum.
pub async fn balance(city: &TestApp, account: i64) -> String {
    let sum: Option<i64> = city
        .scalar(&format!(
            "SELECT coalesce(sum(amount - settled), 0)::bigint FROM ledger.open_item WHERE account_id = {account}"
        ))
        .await;
    Money::from_tiyn(sum.unwrap()).to_string()
}

/// The bill of March that an account would get.
pub async fn bill_ahead(city: &TestApp, account: i64) -> String {
    let asked = city
        .graphql(
            "query($a: ID!) { billPreview(account: $a, period: \"2026-03\") { gross } }",
            json!({ "a": Gid(AccountId(account)).encode() }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    asked.text("/billPreview/gross").to_owned()
}
