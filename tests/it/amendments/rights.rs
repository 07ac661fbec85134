//! Who may; nothing that was not looked at; work that is half way is not stopped.

use aiscra_tests::{Flat, TestApp, actor_of};
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use serde_json::json;

use super::{act, asked, facts, named, open, prepared};
use crate::billing::recalculate as correction;
use crate::payments::record::issued;

#[tokio::test(flavor = "multi_thread")]
async fn money_is_removed_by_those_who_may_reverse_it() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    let payment = json!({ "payments": [Gid(PaymentId(1)).encode()] });
    let refused = asked(&city, &named(Role::Accountant, "alia"), &payment).await;
    assert_eq!(refused, Err(vec!["AMENDMENT_MONEY".to_owned()]));
    let nobody = city
        .graphql(
            "mutation($id: ID!) { amendmentWithdraw(input: { id: $id }) { errors { code } } }",
            json!({ "id": Gid(AmendmentId(1)).encode() }),
        )
        .as_actor(actor_of(Role::OperatorMulti))
        .await;
    assert_eq!(nobody.codes(), ["FORBIDDEN"]);
    // A payment that is not there is a refused row, not a broken batch.
    let batch = prepared(&city, &named(Role::ChiefAccountant, "berik"), payment).await;
    assert_eq!((&batch["state"], batch["refused"].as_i64()), (&json!("PREVIEWED"), Some(1)), "{batch}");
    let saved = act(&city, "amendmentSave", &named(Role::ChiefAccountant, "berik"), &batch).await;
    assert_eq!(saved, ["NOTHING_TO_AMEND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_it_was_looked_at_is_not_saved() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::unmetered(1)]).await;
    let chief = named(Role::ChiefAccountant, "berik");
    let batch = prepared(&city, &chief, json!({ "changes": "1000001;residents;4;2026-03-01" })).await;
    city.sql("UPDATE subscribers.residency SET residents = 9 WHERE account_id = 1").await;
    let was = facts(&city).await;
    assert_eq!(act(&city, "amendmentSave", &chief, &batch).await, [""; 0]);
    let stale = open(&city, &batch["id"]).await;
    assert_eq!((&stale["state"], facts(&city).await), (&json!("STALE"), was), "{stale}");
    assert_eq!(stale["error"], "Facts have changed since the preview: reckon it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn saving_is_not_stopped_half_way() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    let chief = named(Role::ChiefAccountant, "berik");
    let batch = prepared(&city, &chief, json!({ "changes": "1000001;residents;4;2026-03-01" })).await;
    let input =
        json!({ "i": { "id": batch["id"], "hash": batch["hash"], "idempotencyKey": "save-it-once" } });
    let asked = "mutation($i: AmendmentSaveInput!) { amendmentSave(input: $i) { amendment { state } errors { code } } }";
    let saved = city.graphql(asked, input).as_actor(chief).await;
    assert_eq!(saved.text("/amendmentSave/amendment/state"), "APPLYING");
    let job: Option<i64> = city.scalar("SELECT job_id FROM amendments.batch").await;
    let stopped = city
        .graphql(
            "mutation($id: ID!) { jobCancel(input: { id: $id }) { errors { code } } }",
            json!({ "id": Gid(JobId(job.unwrap())).encode() }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(stopped.refusals(), ["JOB_LASTS"]);
    city.run_jobs().await;
    assert_eq!(open(&city, &batch["id"]).await["state"], "APPLIED");
}

/// One limit of a month for all that a person changes alone: what was amended counts when corrections are asked for, and the other way
/// round.
#[tokio::test(flavor = "multi_thread")]
async fn amendments_and_corrections_share_the_limit_of_a_month() {
    let city = issued().await;
    city.sql(
        "UPDATE tariffs.setting SET value = to_jsonb('3000'::text) WHERE code = 'billing.correction_alone'",
    )
    .await;
    let paid = city
        .graphql(
            "mutation($a: ID!) { paymentRecord(input: { accountId: $a, amount: \"2000.00\", channel: BANK, externalId: \"TX-1\",
                idempotencyKey: \"pay-once-1\" }) { payment { id } errors { code } } }",
            json!({ "a": Gid(AccountId(1)).encode() }),
        )
        .as_role(Role::Integration)
        .await;
    let chief = named(Role::ChiefAccountant, "berik");
    let batch = prepared(&city, &chief, json!({ "payments": [paid.at("/paymentRecord/payment/id")] })).await;
    assert_eq!(act(&city, "amendmentSave", &chief, &batch).await, [""; 0]);
    let saved = open(&city, &batch["id"]).await;
    assert_eq!(
        (&saved["state"], &saved["second"]),
        (&json!("APPLIED"), &json!([])),
        "2000.00 of 3000: {saved}"
    );

    // One person more from March on: 15 m³ × 66.00 × 1.16 + 15 × 40.95 × 1.16 = 1860.93.
    correction::more_residents(&city, 1, 1).await;
    let months = json!({ "accounts": [Gid(AccountId(1)).encode()], "from": "2026-03", "to": "2026-03" });
    let other = correction::prepared(&city, &named(Role::Accountant, "alia"), months.clone()).await;
    assert_eq!(other["owedMore"], "1860.93", "{other}");
    let own = correction::prepared(
        &city,
        &chief,
        json!({ "accounts": months["accounts"], "from": "2026-03", "to": "2026-03", "reason": "again" }),
    )
    .await;
    correction::act(&city, "correctionPost", &chief, &own).await;
    let waiting = correction::open(&city, &own["id"]).await;
    assert_eq!(
        (&waiting["state"], &waiting["second"]),
        (&json!("WAITING"), &json!(["THRESHOLD"])),
        "{waiting}"
    );
    // Somebody who did nothing alone before may.
    correction::act(&city, "correctionPost", &named(Role::Accountant, "alia"), &other).await;
    let posted = correction::open(&city, &other["id"]).await;
    assert_eq!((&posted["state"], &posted["second"]), (&json!("POSTED"), &json!([])), "{posted}");
}
