//! A closed month opens again by two people, takes corrections of those who run it, and closes with everything checked anew.

use aiscra_tests::{Flat, TestApp, actor_of, march};
use api::billing::ops as billing;
use api::ledger::ops::close_period;
use api::payments::ops::{NewPayment, Recorded, record_of_shift};
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::ledger::CloseReportCode;
use entities::kernel::Tx;
use entities::ledger::{close, report};
use serde_json::{Value as Json, json};

fn chief(label: &str) -> Actor {
    Actor { label: label.into(), ..actor_of(Role::ChiefAccountant) }
}

async fn act(city: &TestApp, who: &Actor, mutation: &str, input: Json) -> (Json, Vec<String>) {
    let kind = match mutation {
        "periodReopeningRequest" => "ReopeningRequestInput",
        "periodReopeningDecide" => "ReopeningDecideInput",
        "periodFile" => "PeriodFileInput",
        _ => "PeriodInput",
    };
    let mut whole = json!({ "period": "2026-03", "sector": "MULTI" });
    whole.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
    let done = city
        .graphql(
            &format!(
                "mutation($i: {kind}!) {{ {mutation}(input: $i) {{
                    period {{ status reopened filedAt reopenings {{ state requestedBy decidedBy }} }} errors {{ code message }} }} }}"
            ),
            json!({ "i": whole }),
        )
        .as_actor(who.clone())
        .await;
    if done.codes() == ["FORBIDDEN"] {
        return (Json::Null, vec!["FORBIDDEN".to_owned()]);
    }
    let codes = done.refusals().into_iter().map(str::to_owned).collect();
    (done.data[mutation]["period"].clone(), codes)
}

async fn pay(city: &TestApp, who: Actor, external: &str) -> Period {
    let mut tx = Tx::begin(&city.app.db, who).await.unwrap();
    let payment = NewPayment {
        account: AccountId(1),
        sector: Sector::Multi,
        channel: "cash".into(),
        external_id: external.into(),
        amount: Money::tenge("100.00").unwrap(),
        paid_on: city.app.clock.today(),
        import_batch: None,
        paid_at: None,
        target: None,
    };
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let done = record_of_shift(&mut tx, &[payment], today, now).await.unwrap().unwrap();
    let [Recorded::New(id)] = done[..] else { panic!("{done:?}") };
    tx.commit().await.unwrap();
    let month: Option<chrono::NaiveDate> =
        city.scalar(&format!("SELECT period FROM payments.payment WHERE id = {id}")).await;
    Period::of(month.unwrap())
}

async fn close_march(city: &TestApp) {
    let mut tx = Tx::begin(&city.app.db, chief("first")).await.unwrap();
    close_period(&mut tx, march(), Sector::Multi).await.unwrap().expect("March closes");
    tx.commit().await.unwrap();
}

async fn closed() -> (TestApp, String) {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::metered(2, 12_345)]).await;
    let run = billing::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    billing::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    close_march(&city).await;
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '1', '2026-03-26', 'test', 'test', 'test')",
    )
    .await;
    let document: i64 = city.scalar("SELECT max(id) FROM archive.document").await.unwrap();
    let document = api::platform::graphql::Gid(DocumentId(document)).encode();
    (city, document)
}

/// What April begins with, account by account.
async fn openings(city: &TestApp) -> String {
    let told: Option<String> = city
        .scalar(
            "SELECT string_agg(account_id || ' ' || amount, ', ' ORDER BY account_id) FROM ledger.account_total
             WHERE period = '2026-04-01' AND kind = 'opening'",
        )
        .await;
    told.unwrap()
}

#[tokio::test]
async fn two_people_open_a_closed_month_and_it_closes_with_everything_carried_anew() {
    let (city, document) = closed().await;
    let (first, second) = (chief("first"), chief("second"));
    let ask = json!({ "reason": "ошибка в платёжном реестре", "documentId": document });
    assert_eq!(openings(&city).await, "1 558279, 2 153154");
    // Nobody but those who close months, not without a wish, and not by one person alone.
    assert_eq!(
        act(&city, &actor_of(Role::Accountant), "periodReopeningRequest", ask.clone()).await.1,
        ["FORBIDDEN"]
    );
    let yes = json!({ "confirm": true });
    assert_eq!(act(&city, &second, "periodReopeningDecide", yes.clone()).await.1, ["REOPENING_NOT_ASKED"]);
    let asked = act(&city, &first, "periodReopeningRequest", ask.clone()).await;
    assert_eq!((&asked.0["status"], asked.1.len()), (&json!("CLOSED"), 0));
    assert_eq!(act(&city, &second, "periodReopeningRequest", ask.clone()).await.1, ["REOPENING_WAITS"]);
    assert_eq!(act(&city, &first, "periodReopeningDecide", yes.clone()).await.1, ["REOPENING_SECOND_PERSON"]);
    let declined = act(&city, &second, "periodReopeningDecide", json!({ "confirm": false })).await;
    assert_eq!(declined.0["reopenings"][0]["state"], "DECLINED");
    assert_eq!(declined.0["status"], "CLOSED");

    act(&city, &first, "periodReopeningRequest", ask.clone()).await;
    let opened = act(&city, &second, "periodReopeningDecide", yes.clone()).await;
    assert_eq!((&opened.0["status"], &opened.0["reopened"]), (&json!("SOFT_CLOSED"), &json!(true)));
    assert_eq!(
        opened.0["reopenings"][0],
        json!({ "state": "CONFIRMED", "requestedBy": "first", "decidedBy": "second" })
    );
    assert_eq!(act(&city, &first, "periodReopen", json!({})).await.1, ["PERIOD_WAS_CLOSED"]);
    let superseded = "SELECT count(*) FROM ledger.superseded_balance";
    assert!(city.scalar::<i64>(superseded).await.unwrap() > 0);
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);

    // The desk's money is April's; a correction of those who run the month is March's.
    assert_eq!(pay(&city, actor_of(Role::Cashier), "desk").await, march().next());
    assert_eq!(pay(&city, first.clone(), "correction").await, march());
    let live =
        report::figures(&city.app.db, CloseReportCode::RollForward, march(), Sector::Multi).await.unwrap();
    assert!(live.frozen.is_none(), "while it is open its reports are live");
    close_march(&city).await;
    assert_eq!(openings(&city).await, "1 548279, 2 153154");
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    assert_eq!(close::tampered(&city.app.db).await.unwrap(), []);
    let again =
        report::figures(&city.app.db, CloseReportCode::RollForward, march(), Sector::Multi).await.unwrap();
    assert_eq!(again.frozen.unwrap().version, 2, "frozen anew; the first version stays");
    assert_eq!(city.scalar::<i64>("SELECT count(DISTINCT version) FROM ledger.close_figures").await, Some(2));
    for action in ["reopening_requested", "reopening_declined", "reopened", "close"] {
        let trail = format!(
            "SELECT count(*) FROM platform.audit_entry WHERE entity = 'period' AND action = '{action}'"
        );
        assert!(city.scalar::<i64>(&trail).await.unwrap() > 0, "{action}");
    }
}

#[tokio::test]
async fn a_month_whose_declaration_was_handed_in_stays_closed() {
    let (city, document) = closed().await;
    let (first, second) = (chief("first"), chief("second"));
    let ask = json!({ "reason": "поздно", "documentId": document });
    act(&city, &first, "periodReopeningRequest", ask.clone()).await;
    let filed = act(&city, &first, "periodFile", json!({ "documentId": document })).await;
    assert!(filed.0["filedAt"].is_string(), "{filed:?}");
    assert_eq!(act(&city, &first, "periodFile", json!({ "documentId": document })).await, filed);
    assert_eq!(
        act(&city, &second, "periodReopeningDecide", json!({ "confirm": true })).await.1,
        ["PERIOD_FILED"]
    );
    assert_eq!(act(&city, &second, "periodReopeningRequest", ask).await.1, ["PERIOD_FILED"]);
    // The fold of a closed month stands, whoever asks.
    let gone =
        sea_orm::ConnectionTrait::execute_unprepared(&city.app.db, "DELETE FROM ledger.closed_balance").await;
    assert!(gone.is_err());
}

#[tokio::test]
async fn what_a_declaration_bears_of_vat_is_told_beside_the_ledger() {
    let (city, document) = closed().await;
    const VAT: &str =
        "{ period(period: \"2026-03\", sector: MULTI) { declaredVat { declared ledger difference } } }";
    let told =
        async || city.graphql(VAT, json!({})).as_role(Role::Auditor).await.at("/period/declaredVat").clone();
    assert_eq!(told().await, Json::Null, "nothing is declared yet");
    let ledger: Option<i64> = city
        .scalar(
            "SELECT sum(CASE WHEN credit = 'vat_payable' THEN amount ELSE -amount END)::bigint FROM ledger.entry
             WHERE period = '2026-03-01' AND sector = 'multi' AND 'vat_payable' IN (debit, credit)",
        )
        .await;
    let ledger = Money::from_tiyn(ledger.unwrap());
    let declared = ledger - Money::from_tiyn(150);
    let input = json!({ "documentId": document, "declaredVat": declared.to_string() });
    let filed = act(&city, &chief("first"), "periodFile", input).await;
    assert!(filed.0["filedAt"].is_string(), "{filed:?}");
    assert_eq!(
        told().await,
        json!({ "declared": declared.to_string(), "ledger": ledger.to_string(), "difference": "1.50" })
    );
}

#[tokio::test]
async fn a_month_that_the_next_one_stands_on_stays_closed() {
    let (city, document) = closed().await;
    let ask = json!({ "reason": "поздно", "documentId": document });
    city.app.clock.set_today(Some("2026-04-20".parse().unwrap()));
    billing::run_now(&city.app, march().next(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let refused = act(&city, &chief("first"), "periodReopeningRequest", ask).await;
    assert_eq!(refused.1, ["NEXT_PERIOD_CHARGED"]);
}
