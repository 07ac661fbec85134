//! Fiscal receipts over WebKassa, against a strict stand-in: silent, slow, forgetful, offline.

use std::time::Duration;

use aiscra_tests::{FakeWebKassa, Flat, Trouble, march};
use api::cashdesk::ops::fiscal::work_off;
use entities::cashdesk::receipt;
use entities::kernel::Tx;
use serde_json::json;

use super::refund::{refund, void};
use super::*;

/// The house of `issued`, desk 1 with a register of the stand-in.
async fn with_register() -> (TestApp, FakeWebKassa) {
    let (city, fake) = beside_register().await;
    put_desks(&city, "webkassa", Some(&fake.cashbox)).await;
    (city, fake)
}

/// The same before any desk is set up.
async fn beside_register() -> (TestApp, FakeWebKassa) {
    let fake = FakeWebKassa::start().await;
    let city = TestApp::with(|config| fake.configure(config)).await;
    city.house(&[Flat::unmetered(3), Flat::metered(2, 12_345)]).await;
    let run = api::billing::ops::run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::billing::ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    (city, fake)
}

/// The next look at the queue does not wait for its pause.
async fn look_again(city: &TestApp, receipt: &Json) -> Json {
    let done = city
        .graphql(
            "mutation($id: ID!) { fiscalRetry(input: { id: $id }) { receipt { state checkNumber errorCode attempts } errors { code } } }",
            json!({ "id": receipt["id"] }),
        )
        .as_actor(cashier())
        .await;
    done.at("/fiscalRetry/receipt").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_registered_with_vat_inside_and_change_beside() {
    let (city, fake) = with_register().await;
    let shift = opened(&city).await;
    pay_in(&city, "1000.00", "in").await;
    let sale = pay_at(
        &city,
        cashier(),
        1,
        &[(1, "100.50"), (2, "50.00")],
        "sale",
        json!({ "card": "50.25", "given": "200.00" }),
    )
    .await;
    assert_eq!(sale["receipt"]["state"], "DONE", "{sale}");
    assert_eq!(sale["receipt"]["checkNumber"], "923956780001");
    let ticket = &fake.tickets()[0];
    assert_eq!((ticket.kind, ticket.total), (2, Money::tenge("150.25").unwrap()));
    assert_eq!(ticket.external, sale["receipt"]["externalNumber"]);
    assert!(ticket.external.len() <= 50);
    // What the register believes to be in the drawer is what the books say.
    assert_eq!(fake.cash(), Money::tenge("1100.00").unwrap());
    let closed = close_even(&city, &shift, 110_000).await;
    assert_eq!(closed.at("/shiftClose/shift/fiscalZ/state"), "DONE");
    assert_eq!((fake.zs(), fake.sign_ins()), (1, 1), "one Z, one sign-in");
    assert_eq!(fake.violations(), [""; 0]);
    books_agree(&city).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_73_when_nobody_answers_the_register_is_asked_and_no_second_receipt_is_made() {
    let (city, fake) = with_register().await;
    opened(&city).await;
    // It was done, and nobody said so.
    fake.next(Trouble::DoneButSilent);
    let lost = pay(&city, "100.00", "1").await;
    assert_eq!(lost["cash"], "100.00", "the money is taken whatever the register says");
    assert_eq!(lost["receipt"]["state"], "ASKING");
    assert_eq!(look_again(&city, &lost["receipt"]).await["state"], "DONE");
    assert_eq!(fake.tickets().len(), 1);
    assert!(fake.calls().iter().any(|path| path == "GetTicketByExternalCheckNumber"), "{:?}", fake.calls());
    assert_eq!(fake.calls().iter().filter(|path| *path == "check").count(), 1, "it was sent once");

    // It was not done: it is sent again, with the number that it has.
    fake.next(Trouble::Silent);
    let unsent = pay(&city, "200.00", "2").await;
    assert_eq!(unsent["receipt"]["state"], "ASKING");
    let found = look_again(&city, &unsent["receipt"]).await;
    assert_eq!(found["state"], "DONE");
    assert_eq!(fake.tickets().len(), 2);
    assert_eq!(fake.tickets()[1].external, unsent["receipt"]["externalNumber"]);

    // The answer was no answer; while it is not known, what comes after it waits its turn, and nothing of it is undone.
    fake.next(Trouble::DoneButBroken);
    let broken = pay(&city, "300.00", "3").await;
    assert_eq!(broken["receipt"]["state"], "ASKING");
    assert_eq!(void(&city, &broken, "void").await, "FISCAL_UNKNOWN");
    let behind = pay(&city, "400.00", "4").await;
    assert_eq!(behind["receipt"]["state"], "WAITING", "one after another");
    look_again(&city, &broken["receipt"]).await;
    let states = city.texts("SELECT state FROM cashdesk.receipt ORDER BY id").await;
    assert_eq!(states, ["done"; 4]);
    let sums: Vec<String> = fake.tickets().iter().map(|ticket| ticket.total.to_string()).collect();
    assert_eq!(sums, ["100.00", "200.00", "300.00", "400.00"], "each once, in their order");
    assert_eq!(fake.violations(), [""; 0]);
}

/// A gateway between may answer in JSON of its own, even with 200: nothing was registered, and nothing says that it was.
#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_gateway_are_no_registration() {
    let (city, fake) = with_register().await;
    opened(&city).await;
    for (key, status) in [("1", 429), ("2", 500), ("3", 200)] {
        fake.next(Trouble::Gateway(status));
        let sale = pay(&city, "100.00", key).await;
        assert_eq!(sale["receipt"]["state"], "ASKING", "{status}");
        let found = look_again(&city, &sale["receipt"]).await;
        assert_eq!(found["state"], "DONE", "{status}");
        assert!(found["checkNumber"].is_string(), "{status}");
    }
    fake.next(Trouble::Gateway(503));
    let money = pay_in(&city, "500.00", "4").await;
    assert_eq!(money["receipt"]["state"], "ASKING");
    assert_eq!(look_again(&city, &money["receipt"]).await["state"], "DONE");
    assert_eq!(fake.cash(), Money::tenge("800.00").unwrap(), "each once");
    assert_eq!(fake.violations(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_74_a_duplicate_is_what_was_done_before() {
    let (city, fake) = with_register().await;
    opened(&city).await;
    // Done without an answer, and the history does not know it yet: sent again, the provider says 14 with the first one's data.
    fake.history_lags(true);
    fake.next(Trouble::DoneButSilent);
    let sale = pay(&city, "100.00", "1").await;
    let found = look_again(&city, &sale["receipt"]).await;
    assert_eq!((&found["state"], &found["checkNumber"]), (&json!("DONE"), &json!("923956780001")));
    assert_eq!(fake.tickets().len(), 1);
    // A money operation has no ticket to ask for: its number tells.
    fake.next(Trouble::DoneButSilent);
    let money = pay_in(&city, "500.00", "2").await;
    assert_eq!(look_again(&city, &money["receipt"]).await["state"], "DONE");
    assert_eq!(fake.cash(), Money::tenge("600.00").unwrap(), "once");
    assert_eq!(fake.violations(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_75_offline_is_seen_and_after_72_hours_the_desk_takes_no_more() {
    let (city, fake) = with_register().await;
    opened(&city).await;
    let register = async || {
        city.graphql("query { cashDesks(first: 1) { nodes { register { waiting refused wantsZ autonomous waitingSince } } } }", json!({}))
            .as_actor(cashier())
            .await
            .at("/cashDesks/nodes/0/register")
            .clone()
    };
    // The register has no line: its receipts carry an autonomous sign, and that is seen.
    fake.offline(true);
    let sale = pay(&city, "100.00", "1").await;
    assert_eq!(sale["receipt"]["state"], "OFFLINE");
    assert_eq!(register().await["autonomous"], true);
    // It is a receipt all the same: it can't be voided, it can be given back.
    assert_eq!(void(&city, &sale, "void").await, "VOID_RECEIPT_FINAL");
    let back = refund(&city, &sale, json!([{ "n": 1, "cash": "40.00" }]), "back").await;
    assert_eq!(back["receipt"]["state"], "OFFLINE", "{back}");
    fake.offline(false);
    pay(&city, "100.00", "2").await;
    assert_eq!(register().await["autonomous"], false);
    // The provider says that it has been too long: the receipt waits, with the code.
    fake.offline_too_long(true);
    let late = pay(&city, "100.00", "3").await;
    assert_eq!((&late["receipt"]["state"], &late["receipt"]["errorCode"]), (&json!("WAITING"), &json!(18)));
    // Our own clock says so too: nothing more is taken than what was.
    city.sql("UPDATE cashdesk.receipt SET created_at = clock_timestamp() - interval '71 hours' WHERE state = 'waiting'").await;
    assert_eq!(pay(&city, "100.00", "4").await["receipt"]["state"], "WAITING");
    city.sql("UPDATE cashdesk.receipt SET created_at = clock_timestamp() - interval '72 hours 1 minute' WHERE state = 'waiting'").await;
    assert_eq!(pay(&city, "100.00", "5").await, "FISCAL_OFFLINE_TOO_LONG");
    assert_eq!(
        refund(&city, &sale, json!([{ "n": 1, "cash": "1.00" }]), "b2").await,
        "FISCAL_OFFLINE_TOO_LONG"
    );
    fake.offline_too_long(false);
    look_again(&city, &late["receipt"]).await;
    assert_eq!(register().await["waiting"], 0);
    assert_eq!(pay(&city, "100.00", "5").await["receipt"]["state"], "DONE");
    assert_eq!(fake.violations(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_72_and_69_at_the_register_too_little_cash_and_a_shift_of_more_than_a_day() {
    let (city, fake) = with_register().await;
    let shift = opened(&city).await;
    pay_in(&city, "1000.00", "in").await;
    fake.take_cash_away();
    let out = json!({ "deskId": desk(1), "amount": "400.00", "person": "Главная касса", "basis": "Сдано", "idempotencyKey": "test-key-out-1" });
    let out = said(&act(&city, cashier(), "cashPayOut", out).await);
    assert_eq!((&out["receipt"]["state"], &out["receipt"]["errorCode"]), (&json!("REFUSED"), &json!(8)));
    // What was refused does not stand in the way of others, and is tried again once somebody mended it.
    assert_eq!(pay(&city, "500.00", "1").await["receipt"]["state"], "DONE");
    assert_eq!(look_again(&city, &out["receipt"]).await["state"], "DONE");

    // 11: the register wants its shift closed. The receipt waits for Z, no further sale is taken, and after Z it goes through.
    fake.shift_too_long(true);
    let stuck = pay(&city, "50.00", "2").await;
    assert_eq!((&stuck["receipt"]["state"], &stuck["receipt"]["errorCode"]), (&json!("WAITING"), &json!(11)));
    assert_eq!(pay(&city, "50.00", "3").await, "FISCAL_WANTS_Z");
    let closed = close_even(&city, &shift, 115_000).await;
    assert_eq!(closed.at("/shiftClose/shift/fiscalZ/state"), "DONE", "Z overtakes what waits for it");
    let states = city.texts("SELECT DISTINCT state FROM cashdesk.receipt").await;
    assert_eq!(states, ["done"]);
    assert_eq!(fake.violations(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn case_71_at_the_register_a_z_without_an_answer_is_one_z() {
    let (city, fake) = with_register().await;
    let shift = opened(&city).await;
    pay(&city, "100.00", "1").await;
    fake.next(Trouble::DoneButSilent);
    let closed = close_even(&city, &shift, 10_000).await;
    assert_eq!(closed.at("/shiftClose/shift/fiscalZ/state"), "ASKING");
    city.sql("UPDATE cashdesk.receipt SET next_at = clock_timestamp() WHERE kind = 'z'").await;
    work_off(&city.app, &fake.cashbox).await.unwrap();
    let z: Option<String> =
        city.scalar("SELECT concat_ws(' ', state, attempts) FROM cashdesk.receipt WHERE kind = 'z'").await;
    assert_eq!(z.as_deref(), Some("done 3"), "sent, asked for, sent again and told that it is closed (13)");
    assert_eq!(fake.zs(), 1);
    close_with(&city, cashier(), &shift, &json!(null), None).await.ok();
    assert_eq!(fake.zs(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_refers_to_the_registered_sale_and_an_unsent_sale_can_be_voided() {
    let (city, fake) = with_register().await;
    let shift = opened(&city).await;
    let sale = pay_at(&city, cashier(), 1, &[(1, "1000.00")], "1", json!({ "card": "600.00" })).await;
    close_even(&city, &shift, 40_000).await;
    opened(&city).await;
    let part = refund(&city, &sale, json!([{ "n": 1, "cash": "100.00", "card": "50.00" }]), "2").await;
    assert_eq!(part["receipt"]["state"], "DONE", "{part}");
    let tickets = fake.tickets();
    assert_eq!(
        (tickets[1].kind, tickets[1].total, tickets[0].returned),
        (3, Money::tenge("150.00").unwrap(), Money::tenge("150.00").unwrap())
    );
    // Blocked at the register: certainly not sent, so it may be voided, and the register never hears of it.
    fake.next(Trouble::Refused(7));
    let waiting = pay(&city, "10.00", "3").await;
    assert_eq!(
        (&waiting["receipt"]["state"], &waiting["receipt"]["errorCode"]),
        (&json!("WAITING"), &json!(7))
    );
    assert_eq!(refund(&city, &waiting, json!([{ "n": 1, "cash": "1.00" }]), "4").await, "REFUND_NO_RECEIPT");
    assert_eq!(void(&city, &waiting, "5").await["kind"], "VOID");
    let state: Option<String> =
        city.scalar("SELECT state FROM cashdesk.receipt WHERE state = 'cancelled'").await;
    assert_eq!(state.as_deref(), Some("cancelled"));
    city.run_jobs().await;
    assert_eq!(fake.tickets().len(), 2);
    // A session of yesterday is renewed by itself.
    fake.forget_tokens();
    assert_eq!(pay(&city, "20.00", "6").await["receipt"]["state"], "DONE");
    assert_eq!(fake.sign_ins(), 2);
    // Refused for good: seen, and the sale may be voided.
    fake.next(Trouble::Refused(9));
    let refused = pay(&city, "30.00", "7").await;
    assert_eq!(
        (&refused["receipt"]["state"], &refused["receipt"]["errorCode"]),
        (&json!("REFUSED"), &json!(9))
    );
    assert_eq!(void(&city, &refused, "8").await["kind"], "VOID");
    assert_eq!(fake.violations(), [""; 0]);
    books_agree(&city).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_finishes_what_a_process_that_ended_had_begun() {
    let (city, fake) = with_register().await;
    opened(&city).await;
    // The money is in the books, the process ended before it called anybody.
    fake.next(Trouble::Refused(7));
    pay(&city, "100.00", "1").await;
    city.sql("UPDATE cashdesk.receipt SET next_at = clock_timestamp()").await;
    city.sql("UPDATE platform.job SET run_after = now() WHERE kind = 'cashdesk.fiscal'").await;
    city.run_jobs().await;
    let state: Option<String> = city.scalar("SELECT state FROM cashdesk.receipt").await;
    assert_eq!(state.as_deref(), Some("done"));
    // Many cashiers' screens and the worker at once: the register sees one request at a time.
    let many = (0..6).map(|n| {
        let city = &city;
        async move { pay(city, "10.00", &format!("many-{n}")).await }
    });
    futures_util::future::join_all(many).await;
    city.sql("UPDATE platform.job SET run_after = now() WHERE kind = 'cashdesk.fiscal' AND state = 'queued'")
        .await;
    city.run_jobs().await;
    let left: Option<i64> = city.scalar("SELECT count(*) FROM cashdesk.receipt WHERE state <> 'done'").await;
    assert_eq!((left, fake.tickets().len()), (Some(0), 7));
    assert_eq!(fake.violations(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_killed_keeps_its_register_for_seconds_only() {
    let (city, fake) = with_register().await;
    opened(&city).await;
    let hold = async |who: &str, seconds: u32| {
        receipt::hold_cashbox(&city.app.db, &fake.cashbox, who, seconds).await.unwrap()
    };
    // It took the register and ended without a word.
    assert!(hold("killed", 2).await);
    let sale = pay(&city, "100.00", "1").await;
    assert_eq!(sale["receipt"]["state"], "WAITING", "the money is taken, the register is another's");
    assert_eq!(fake.calls(), [""; 0]);
    assert!(hold("killed", 2).await && !hold("other", 2).await, "who says that he is alive keeps it");
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    assert_eq!(work_off(&city.app, &fake.cashbox).await.unwrap(), None, "nothing is left");
    assert_eq!(fake.tickets().len(), 1);
    // It was given back at once, not after the lease.
    assert!(hold("other", 2).await);
    assert_eq!(fake.violations(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_from_before_the_register_is_given_back_and_the_register_told_what_left() {
    let (city, fake) = beside_register().await;
    put_desks(&city, "none", None).await;
    let shift = opened(&city).await;
    let before = pay_at(&city, cashier(), 1, &[(1, "100.00")], "before", json!({ "card": "30.00" })).await;
    assert_eq!(before["receipt"], json!(null));
    close_even(&city, &shift, 7_000).await;
    // A register begins with an empty drawer.
    let input = json!({ "id": desk(1), "version": 1, "code": "01", "nameKk": "Бірінші", "nameRu": "Первая", "nameEn": "First",
        "provider": "WEBKASSA", "cashbox": fake.cashbox, "cashiers": [] });
    let set = "mutation($i: DeskSaveInput!) { deskSave(input: $i) { desk { id } errors { code } } }";
    let told = city.graphql(set, json!({ "i": input })).as_actor(chief()).await;
    assert_eq!(told.refusals(), ["DESK_NOT_EMPTY"]);
    let shift = opened(&city).await;
    let out = json!({ "deskId": desk(1), "amount": "70.00", "person": "Главная касса", "basis": "Сдано", "idempotencyKey": "test-key-out-all" });
    assert_eq!(said(&act(&city, cashier(), "cashPayOut", out).await)["cash"], "-70.00");
    close_even(&city, &shift, 0).await;
    assert_eq!(city.graphql(set, json!({ "i": input })).as_actor(chief()).await.refusals(), [""; 0]);
    city.sql("UPDATE cashdesk.desk SET cashiers = '{test.cashier}' WHERE id = 1").await;

    let shift = opened(&city).await;
    pay_in(&city, "500.00", "in").await;
    let lines = json!([{ "n": 1, "cash": "40.00", "card": "10.00" }]);
    let back = refund(&city, &before, lines, "back").await;
    assert_eq!(
        (&back["receipt"]["kind"], &back["receipt"]["state"]),
        (&json!("MONEY_OUT"), &json!("DONE")),
        "{back}"
    );
    assert_eq!(back["order"]["kind"], "PAYOUT");
    assert_eq!(fake.cash(), Money::tenge("460.00").unwrap(), "the drawer and the register agree");
    let by_card = refund(&city, &before, json!([{ "n": 1, "card": "20.00" }]), "card").await;
    assert_eq!((&by_card["card"], &by_card["receipt"]), (&json!("-20.00"), &json!(null)));
    assert_eq!(fake.tickets().len(), 0, "no return of what was never sold there");

    // The other way round: what a register saw sold goes back at a desk that has one.
    let sale = pay(&city, "100.00", "sale").await;
    close_even(&city, &shift, 56_000).await;
    city.sql("UPDATE cashdesk.desk SET provider = 'none', cashbox = NULL WHERE id = 1").await;
    opened(&city).await;
    assert_eq!(refund(&city, &sale, json!([{ "n": 1, "cash": "1.00" }]), "away").await, "REFUND_AT_REGISTER");
    assert_eq!(fake.violations(), [""; 0]);
    books_agree(&city).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_whose_receipt_was_refused_for_good_goes_back_after_its_shift() {
    let (city, fake) = with_register().await;
    let shift = opened(&city).await;
    fake.next(Trouble::Refused(9));
    let sale = pay(&city, "100.00", "1").await;
    assert_eq!(sale["receipt"]["state"], "REFUSED");
    close_even(&city, &shift, 10_000).await;
    opened(&city).await;
    assert_eq!(void(&city, &sale, "2").await, "VOID_OTHER_SHIFT");
    // The register never heard of this money: nothing is told when it leaves.
    let sent = fake.tickets().len();
    let part = refund(&city, &sale, json!([{ "n": 1, "cash": "40.00" }]), "3").await;
    assert_eq!((&part["cash"], &part["receipt"]), (&json!("-40.00"), &json!(null)), "{part}");
    assert_eq!(part["order"]["kind"], "PAYOUT");
    let rest = refund(&city, &sale, json!([{ "n": 1, "cash": "60.00" }]), "4").await;
    assert_eq!(rest["cash"], "-60.00", "{rest}");
    assert_eq!(refund(&city, &sale, json!([{ "n": 1, "cash": "1.00" }]), "5").await, "REFUND_TOO_MUCH");
    let state: Option<String> = city.scalar("SELECT state FROM cashdesk.receipt WHERE kind = 'sell'").await;
    assert_eq!(state.as_deref(), Some("cancelled"), "nobody tries it again");
    assert_eq!((fake.tickets().len(), fake.cash()), (sent, Money::ZERO));
    assert_eq!(fake.violations(), [""; 0]);
    books_agree(&city).await;
}
