//! Who may correct what: a credit never alone, nothing that was not looked at, nobody without the right.

use aiscra_tests::{TestApp, actor_of};
use api::billing::ops;
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::billing::{Charges, Explanation};
use domain::kernel::*;
use entities::billing::correction;
use serde_json::{Value as Json, json};

use super::recalculate::{
    CORRECTED, act, by_norm, city, document, more_residents, named, open, prepared, whole,
};

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

/// The explanation of a month of a batch as the office asks for it.
async fn opened(city: &TestApp, batch: &Json, account: i64, month: &str) -> Json {
    let asked = city
        .graphql(
            "query($id: ID!, $account: ID!, $month: Period!) { correction(id: $id) { month(account: $account, period: $month) {
                 before after explanation { equal recalculated
                     lines { equal line { service volume gross } tree { value children { kind } } } } } } }",
            json!({ "id": batch["id"], "account": Gid(AccountId(account)).encode(), "month": month }),
        )
        .as_role(Role::Auditor)
        .await;
    asked.ok()["correction"]["month"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_month_is_opened_on_what_the_batch_kept_and_another_kept_line_is_seen() {
    let city = city(200).await;
    let accountant = named(Role::Accountant, "alia");
    let account = by_norm(&city).await;
    more_residents(&city, account, 1).await;
    let batch = prepared(&city, &accountant, json!({ "accounts": ids(&[account]) })).await;
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, Vec::<String>::new());
    assert_eq!(open(&city, &batch["id"]).await["state"], "POSTED");
    // What is known since then is nothing to the batch.
    more_residents(&city, account, 2).await;

    let mut charged = Money::ZERO;
    for month in ["2025-12", "2026-01", "2026-02"] {
        let told = opened(&city, &batch, account, month).await;
        let explanation = &told["explanation"];
        assert_eq!(
            (&explanation["equal"], &explanation["recalculated"]),
            (&json!(true), &told["after"]),
            "{told}"
        );
        let lines = explanation["lines"].as_array().unwrap();
        let said: Vec<String> = lines
            .iter()
            .map(|one| {
                let gross: Money = one["line"]["gross"].as_str().unwrap().parse().unwrap();
                let volume: Volume = one["line"]["volume"].as_str().unwrap().parse().unwrap();
                assert_eq!(
                    (&one["equal"], &one["tree"]["value"]),
                    (&json!(true), &one["line"]["gross"]),
                    "{one}"
                );
                assert!(!one["tree"]["children"].as_array().unwrap().is_empty(), "{one}");
                charged += gross;
                let service = one["line"]["service"].as_str().unwrap().to_lowercase();
                format!("{service} {} {}", volume.liters(), gross.tiyn())
            })
            .collect();
        let kept: Option<String> = city
            .scalar(&format!(
                "SELECT string_agg(service || ' ' || liters || ' ' || gross, ', ' ORDER BY line) FROM billing.correction_line
                 WHERE account_id = {account} AND period = '{month}-01' AND side = 'plus'"
            ))
            .await;
        assert_eq!(kept, Some(said.join(", ")), "{month}");
    }
    let moved: Option<i64> = city
        .scalar(&format!(
            "SELECT sum(gross)::bigint FROM billing.correction_line WHERE account_id = {account} AND side = 'plus'"
        ))
        .await;
    assert_eq!(moved, Some(charged.tiyn()));

    // Every tree can be read again from its leaves.
    let id: Option<i64> = city.scalar("SELECT max(id) FROM billing.correction").await;
    let row = correction::find(&city.app.db, CorrectionId(id.unwrap())).await.unwrap().unwrap();
    let january = Period::new(2026, 1).unwrap();
    let explained = ops::explain_correction(&city.app.db, &row, AccountId(account), january).await.unwrap();
    let (lines, trees): (Vec<_>, Vec<_>) =
        explained.unwrap().lines.into_iter().map(|one| (one.line, one.tree)).unzip();
    assert!(Explanation { charges: Charges { lines, excuse: None }, trees }.holds());

    // A month that it does not touch has nothing to open.
    assert_eq!(opened(&city, &batch, account, "2026-03").await, json!(null));

    let first = format!(
        "account_id = {account} AND period = '2026-01-01' AND line =
         (SELECT min(line) FROM billing.correction_line WHERE account_id = {account} AND period = '2026-01-01' AND side = 'plus')"
    );
    city.sql("ALTER TABLE billing.correction_line DISABLE TRIGGER append_only").await;
    city.sql(&format!("UPDATE billing.correction_line SET gross = gross + 1, vat = vat + 1 WHERE {first}"))
        .await;
    let told = opened(&city, &batch, account, "2026-01").await;
    let marks: Vec<&Json> =
        told["explanation"]["lines"].as_array().unwrap().iter().map(|one| &one["equal"]).collect();
    assert_eq!(marks[0], &json!(false), "a tiyn more than the rule says: {told}");
    assert!(marks[1..].iter().all(|equal| **equal == json!(true)), "{told}");
    assert_eq!(told["explanation"]["equal"], false);
    assert_eq!(opened(&city, &batch, account, "2026-02").await["explanation"]["equal"], true);

    city.sql(&format!("DELETE FROM billing.correction_line WHERE {first}")).await;
    assert_eq!(opened(&city, &batch, account, "2026-01").await["explanation"]["equal"], false);
}
