//! A month opens, stops taking the desk's money, goes on or closes; each asked twice is done once, and none before its time.

use aiscra_tests::{Flat, TestApp, actor_of, march};
use api::billing::ops as billing;
use api::payments::ops::{NewPayment, Recorded, record_of_shift};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use entities::ledger::close;
use serde_json::{Value as Json, json};

async fn act(city: &TestApp, mutation: &str, month: &str) -> (Json, Vec<String>) {
    let done = city
        .graphql(
            &format!(
                "mutation($p: Period!) {{ {mutation}(input: {{ period: $p, sector: MULTI }}) {{
                    period {{ period status closedBy }} errors {{ code message }} }} }}"
            ),
            json!({ "p": month }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    let codes = done.refusals().into_iter().map(str::to_owned).collect();
    (done.data[mutation]["period"].clone(), codes)
}

async fn trail(city: &TestApp, action: &str) -> i64 {
    let text =
        format!("SELECT count(*) FROM platform.audit_entry WHERE entity = 'period' AND action = '{action}'");
    city.scalar(&text).await.unwrap()
}

async fn pay(city: &TestApp, actor: Actor, external: &str) -> Result<(Period, String), &'static str> {
    let mut tx = Tx::begin(&city.app.db, actor).await.unwrap();
    let payment = NewPayment {
        account: AccountId(1),
        sector: Sector::Multi,
        channel: "cash".into(),
        external_id: external.into(),
        amount: Money::tenge("6000.00").unwrap(),
        paid_on: city.app.clock.today(),
        import_batch: None,
        paid_at: None,
        target: None,
    };
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let done = record_of_shift(&mut tx, &[payment], today, now).await.unwrap();
    let done = done.map_err(|refusal| refusal.code)?;
    let [Recorded::New(id)] = done[..] else { panic!("{done:?}") };
    tx.commit().await.unwrap();
    let month: Option<chrono::NaiveDate> =
        city.scalar(&format!("SELECT period FROM payments.payment WHERE id = {id}")).await;
    let day: Option<chrono::NaiveDate> =
        city.scalar(&format!("SELECT paid_on FROM payments.payment WHERE id = {id}")).await;
    Ok((Period::of(month.unwrap()), day.unwrap().to_string()))
}

#[tokio::test]
async fn while_a_month_is_softly_closed_the_desks_money_goes_to_the_next_with_the_payers_own_day() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::metered(2, 12_345)]).await;
    assert_eq!(pay(&city, actor_of(Role::Cashier), "before").await.unwrap().0, march());

    let soft = act(&city, "periodSoftClose", "2026-03").await;
    assert_eq!((&soft.0["status"], soft.1.len()), (&json!("SOFT_CLOSED"), 0));
    assert_eq!(act(&city, "periodSoftClose", "2026-03").await, soft, "the same request twice");
    assert_eq!((trail(&city, "soft_close").await, trail(&city, "open").await), (1, 2));
    let paid = pay(&city, actor_of(Role::Cashier), "meanwhile").await;
    assert_eq!(paid, Ok((march().next(), "2026-03-26".to_owned())));
    let paid = pay(&city, actor_of(Role::ChiefAccountant), "a file of an accountant").await;
    assert_eq!(paid.unwrap().0, march(), "those who run the month write into it");

    let open = act(&city, "periodReopen", "2026-03").await;
    assert_eq!((&open.0["status"], open.1.len()), (&json!("OPEN"), 0));
    assert_eq!(act(&city, "periodReopen", "2026-03").await, open);
    assert_eq!(trail(&city, "reopen").await, 1);
    assert_eq!(pay(&city, actor_of(Role::Cashier), "again").await.unwrap().0, march());

    // The run covers its items from all of these; the books agree, and no advance is used in a month before it came.
    let run = billing::run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    billing::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(act(&city, "periodSoftClose", "2026-03").await.1, [] as [&str; 0]);
    let closed = act(&city, "periodClose", "2026-03").await;
    assert_eq!((&closed.0["status"], closed.1.len()), (&json!("CLOSED"), 0));
    assert_eq!(act(&city, "periodClose", "2026-03").await, closed, "the same request twice");
    assert_eq!(trail(&city, "close").await, 1);
    for mutation in ["periodSoftClose", "periodReopen"] {
        assert_eq!(act(&city, mutation, "2026-03").await.1, ["PERIOD_CLOSED"], "{mutation}");
    }
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    let early: Option<i64> = city
        .scalar(
            "SELECT count(*) FROM (SELECT i.id FROM ledger.open_item i JOIN ledger.settlement s
               ON s.account_id = i.account_id AND s.open_item_id = i.id WHERE i.amount < 0 AND s.period < i.origin) x",
        )
        .await;
    assert_eq!(early, Some(0));
}

#[tokio::test]
async fn an_advance_of_the_next_month_is_used_in_that_month() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    act(&city, "periodSoftClose", "2026-03").await;
    assert_eq!(pay(&city, actor_of(Role::Cashier), "ahead").await.unwrap().0, march().next());
    let run = billing::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    billing::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let used: Option<chrono::NaiveDate> =
        city.scalar("SELECT min(period) FROM ledger.settlement WHERE source = 'advance'").await;
    assert_eq!(used.map(Period::of), Some(march().next()));
    assert_eq!(act(&city, "periodClose", "2026-03").await.1, [] as [&str; 0]);
}

#[tokio::test]
async fn a_month_that_has_not_begun_is_neither_run_nor_closed_and_only_the_next_one_opens() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    assert_eq!(act(&city, "periodOpen", "2026-03").await.1, [] as [&str; 0], "open already: the same answer");
    assert_eq!(act(&city, "periodOpen", "2026-04").await.0["status"], "OPEN");
    assert_eq!(act(&city, "periodOpen", "2026-05").await.1, ["PERIOD_TOO_FAR"]);
    assert_eq!(act(&city, "periodSoftClose", "2026-04").await.1, ["PERIOD_NOT_BEGUN"]);
    let started = city
        .graphql(
            "mutation { runStart(input: { period: \"2026-04\", sector: MULTI, idempotencyKey: \"too-early\" }) {
                run { id } errors { code message } } }",
            json!({}),
        )
        .as_role(Role::Accountant)
        .await;
    assert_eq!(started.refusals(), ["PERIOD_NOT_BEGUN"]);

    // On the first day of April it may be run, though March must be closed first; and May opens.
    city.app.clock.set_today(Some("2026-04-01".parse().unwrap()));
    assert_eq!(act(&city, "periodOpen", "2026-05").await.0["status"], "OPEN");
    assert_eq!(act(&city, "periodSoftClose", "2026-04").await.0["status"], "SOFT_CLOSED");
}

/// The run of March by the API, to be issued or taken back under any key.
async fn run(city: &TestApp) -> String {
    let run = billing::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    Gid(run.run_id()).encode()
}

async fn on_run(city: &TestApp, mutation: &str, id: &str, key: &str) -> Json {
    let done = city
        .graphql(
            &format!(
                "mutation($i: {input}!) {{ {mutation}(input: $i) {{ run {{ id state }} errors {{ code }} }} }}",
                input = if mutation == "runIssue" { "RunIssueInput" } else { "RunReverseInput" }
            ),
            json!({ "i": { "id": id, "idempotencyKey": key } }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(done.refusals(), [] as [&str; 0]);
    done.data[mutation]["run"].clone()
}

#[tokio::test]
async fn a_run_reversed_issued_or_started_again_under_another_key_is_answered_the_same() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    let id = run(&city).await;
    let reversed = on_run(&city, "runReverse", &id, "reverse-1").await;
    assert_eq!(reversed["state"], "REVERSED");
    assert_eq!(on_run(&city, "runReverse", &id, "reverse-2").await, reversed);
    let again = run(&city).await;
    // Joined by the caller that runs it itself: nothing new to tell, and no broken commit.
    assert_eq!(run(&city).await, again);
    let issued = on_run(&city, "runIssue", &again, "issue-once").await;
    assert_eq!(issued["state"], "ISSUED");
    assert_eq!(on_run(&city, "runIssue", &again, "issue-twice").await, issued);
    let told: Option<i64> = city
        .scalar("SELECT count(*) FROM platform.audit_entry WHERE entity = 'run' AND action = 'issue'")
        .await;
    assert_eq!(told, Some(1));
}
