//! Who may correct what: a credit never alone, nothing that was not looked at, nobody without the right.

use aiscra_tests::{TestApp, actor_of};
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::recalculate::{CORRECTED, act, city, document, more_residents, named, open, prepared, whole};

/// Accounts of flats without meters whom a person less would be cheaper for.
async fn crowded(city: &TestApp, how_many: i64) -> Vec<i64> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        account_id: i64,
    }
    let rows: Vec<Row> = entities::kernel::sql::all(
        &city.app.db,
        "SELECT l.account_id FROM billing.charge_line l JOIN subscribers.account a ON a.id = l.account_id
         WHERE l.period BETWEEN '2025-12-01' AND '2026-02-01' AND a.sector = 'multi' AND l.component = 'charge'
         GROUP BY 1 HAVING count(DISTINCT l.period) = 3 AND bool_and(l.basis = 'norm' AND l.meter_id IS NULL)
            AND min(l.residents) BETWEEN 2 AND 8 ORDER BY 1 LIMIT $1",
        [how_many.into()],
    )
    .await
    .unwrap();
    rows.into_iter().map(|row| row.account_id).collect()
}

fn ids(accounts: &[i64]) -> Json {
    accounts.iter().map(|id| Gid(AccountId(*id)).encode()).collect::<Vec<_>>().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_waits_for_another_person_and_in_parts_it_is_posted_month_by_month() {
    let city = city(300).await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let accounts = crowded(&city, 3).await;
    assert_eq!(accounts.len(), 3);
    for account in &accounts {
        more_residents(&city, *account, -1).await;
    }
    let batch = prepared(&city, &accountant, json!({ "accounts": ids(&accounts), "stages": 3 })).await;
    assert_eq!((batch["changed"].as_i64(), &batch["owedMore"]), (Some(3), &json!("0.00")), "{batch}");

    assert_eq!(
        act(&city, "correctionConfirm", &chief, &batch).await,
        ["CORRECTION_STATE"],
        "nobody asked yet"
    );
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, Vec::<String>::new());
    let waiting = open(&city, &batch["id"]).await;
    assert_eq!((&waiting["state"], &waiting["second"]), (&json!("WAITING"), &json!(["CREDIT"])));
    assert_eq!(
        city.scalar::<i64>("SELECT count(*) FROM ledger.entry WHERE source = 'correction'").await,
        Some(0)
    );
    let same = named(Role::ChiefAccountant, "alia");
    assert_eq!(act(&city, "correctionConfirm", &same, &batch).await, ["SAME_PERSON"]);
    let other = json!({ "id": batch["id"], "hash": "00" });
    assert_eq!(act(&city, "correctionConfirm", &chief, &other).await, ["PREVIEW_STALE"]);
    assert_eq!(act(&city, "correctionConfirm", &chief, &batch).await, Vec::<String>::new());
    let posted = open(&city, &batch["id"]).await;
    assert_eq!((&posted["state"], posted["stagesDone"].as_i64()), (&json!("POSTED"), Some(1)), "{posted}");
    assert_eq!(posted["confirmedBy"], "berik");
    whole(&city).await;
    let owed: Money = posted["owedLess"].as_str().unwrap().parse().unwrap();
    let total: Option<i64> = city.scalar(&format!("SELECT sum(amount)::bigint FROM {CORRECTED}")).await;
    let third = owed.tiyn() / 3;
    assert!((third - 12..=third + 12).contains(&-total.unwrap()), "{total:?} of {owed}");
    let next = city
        .graphql(
            "mutation($id: ID!) { correctionStage(input: { id: $id }) { errors { code } } }",
            json!({ "id": batch["id"] }),
        )
        .as_actor(accountant.clone())
        .await;
    assert_eq!(next.refusals(), ["STAGE_TOO_EARLY"]);
    for (day, left) in [("2026-04-05", false), ("2026-05-05", true)] {
        city.app.clock.set_today(Some(day.parse().unwrap()));
        let asked = city
            .graphql(
                "mutation($id: ID!) { correctionStage(input: { id: $id }) { errors { code } } }",
                json!({ "id": batch["id"] }),
            )
            .as_actor(accountant.clone())
            .await;
        assert!(asked.refusals().is_empty(), "{asked:?}");
        city.run_jobs().await;
        let total: Option<i64> = city.scalar(&format!("SELECT sum(amount)::bigint FROM {CORRECTED}")).await;
        assert_eq!(-total.unwrap() == owed.tiyn(), left);
        whole(&city).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_change_after_the_preview_make_it_stale() {
    let city = city(200).await;
    let accountant = named(Role::Accountant, "alia");
    let account = crowded(&city, 1).await[0];
    more_residents(&city, account, 1).await;
    let batch = prepared(&city, &accountant, json!({ "accounts": ids(&[account]) })).await;
    more_residents(&city, account, 1).await;
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, Vec::<String>::new());
    assert_eq!(open(&city, &batch["id"]).await["state"], "STALE");
    assert_eq!(
        city.scalar::<i64>("SELECT count(*) FROM ledger.entry WHERE source = 'correction'").await,
        Some(0)
    );
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, ["PREVIEW_STALE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_and_more_than_the_limit_need_a_second_person_and_rights_are_asked() {
    let city = city(200).await;
    let accountant = named(Role::Accountant, "alia");
    let accounts = crowded(&city, 2).await;
    for account in &accounts {
        more_residents(&city, *account, 1).await;
    }
    city.sql(&format!(
        "UPDATE subscribers.party SET is_staff = true WHERE id IN
             (SELECT party_id FROM subscribers.holder WHERE account_id = {})",
        accounts[0]
    ))
    .await;
    let own = prepared(&city, &accountant, json!({ "accounts": ids(&accounts[..1]) })).await;
    act(&city, "correctionPost", &accountant, &own).await;
    let own = open(&city, &own["id"]).await;
    assert_eq!((&own["state"], &own["second"]), (&json!("WAITING"), &json!(["STAFF"])), "{own}");

    city.sql(
        "UPDATE tariffs.setting SET value = to_jsonb('1'::text) WHERE code = 'billing.correction_alone'",
    )
    .await;
    let number: Option<String> =
        city.scalar(&format!("SELECT number FROM subscribers.account WHERE id = {}", accounts[1])).await;
    let much = prepared(&city, &accountant, json!({ "numbers": format!("{}\n", number.unwrap()) })).await;
    act(&city, "correctionPost", &accountant, &much).await;
    let much = open(&city, &much["id"]).await;
    assert_eq!((&much["state"], &much["second"]), (&json!("WAITING"), &json!(["THRESHOLD"])), "{much}");

    let input = json!({ "documentId": document(&city).await, "reason": "r", "from": "2026-01", "to": "2026-02",
        "numbers": "no-such-number", "idempotencyKey": "unknown-number" });
    let create = "mutation($i: CorrectionCreateInput!) { correctionCreate(input: $i) { errors { code } } }";
    let asked = city.graphql(create, json!({ "i": input })).as_actor(accountant).await;
    assert_eq!(asked.refusals(), ["NUMBERS_UNKNOWN"]);
    for role in [Role::Cashier, Role::OperatorMulti, Role::Auditor, Role::Subscriber] {
        let asked = city.graphql(create, json!({ "i": input })).as_actor(actor_of(role)).await;
        assert_eq!(asked.errors[0]["extensions"]["code"], "FORBIDDEN", "{role}");
    }
    let confirm = "mutation($i: CorrectionPostInput!) { correctionConfirm(input: $i) { errors { code } } }";
    let asked = city
        .graphql(
            confirm,
            json!({ "i": { "id": much["id"], "hash": much["hash"], "idempotencyKey": "not-my-right" } }),
        )
        .as_role(Role::Accountant)
        .await;
    assert_eq!(asked.errors[0]["extensions"]["code"], "FORBIDDEN");
}
