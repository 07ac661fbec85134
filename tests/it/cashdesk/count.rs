//! Counting: by notes and coins, blind, with a witness; differences have a reason and an owner.

use api::access::demo;
use entities::kernel::Tx;
use serde_json::json;

use super::*;

#[tokio::test]
async fn case_70_a_shift_closes_with_its_count_and_a_difference_wants_a_reason() {
    let city = desks().await;
    let shift = opened(&city).await;
    pay_in(&city, "20000.00", "1").await;
    pay(&city, "1500.00", "2").await;
    // A card is no part of the drawer.
    pay_at(&city, cashier(), 1, &[(1, "700.00")], "3", json!({ "card": "700.00" })).await;

    let close = async |count: &Json, reason: Option<&str>| {
        let done = close_with(&city, cashier(), &shift, count, reason).await;
        done.refusals().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(close(&json!(null), None).await, ["COUNT_MISSING"]);
    let even = count(&city, cashier(), &shift, 2_150_000, json!({})).await;
    assert_eq!((&even["expected"], &even["difference"]), (&json!("21500.00"), &json!("0.00")));
    assert_eq!(close(&even["id"], None).await, ["COUNT_NO_WITNESS"]);
    assert_eq!(sign(&city, cashier(), &even["id"]).await, ["SAME_PERSON"]);
    assert_eq!(sign(&city, chief(), &even["id"]).await, [""; 0]);
    assert_eq!(sign(&city, chief(), &even["id"]).await, ["COUNT_SIGNED"]);
    pay(&city, "10.00", "4").await;
    assert_eq!(close(&even["id"], None).await, ["COUNT_OLD"]);

    let short = count(&city, cashier(), &shift, 2_150_000, json!({})).await;
    assert_eq!(short["difference"], "-10.00");
    sign(&city, chief(), &short["id"]).await;
    assert_eq!(close(&short["id"], None).await, ["SHORTAGE_NO_REASON"]);
    assert_eq!(close(&short["id"], Some("   ")).await, ["SHORTAGE_NO_REASON"]);
    let done = close_with(&city, cashier(), &shift, &short["id"], Some("ошибка при выдаче сдачи")).await;
    assert_eq!(done.at("/shiftClose/shift/turnover/shortages/cash"), "10.00");
    // What is missing is the cashier's debt; the drawer goes on with what was counted.
    let owed: Option<String> = city
        .scalar("SELECT concat_ws(' ', cashier, debit, credit, amount) FROM cashdesk.entry WHERE debit = 'cashier'")
        .await;
    assert_eq!(owed.as_deref(), Some("test.cashier cashier cash 1000"));
    let next = open(&city, cashier(), 1).await;
    assert_eq!(next.text("/shiftOpen/shift/opening"), "21500.00");

    let shift = next.text("/shiftOpen/shift/id").to_owned();
    let over = count(&city, cashier(), &shift, 2_150_500, json!({})).await;
    sign(&city, chief(), &over["id"]).await;
    let said = close_with(&city, cashier(), &shift, &over["id"], None).await;
    assert_eq!(said.refusals(), ["SURPLUS_NO_REASON"]);
    let done = close_with(&city, cashier(), &shift, &over["id"], Some("найдено под лотком")).await;
    assert_eq!(done.at("/shiftClose/shift/turnover/surpluses/cash"), "5.00");
    let found: Option<i64> = city.scalar("SELECT amount FROM cashdesk.entry WHERE credit = 'surplus'").await;
    assert_eq!(found, Some(500));
    books_agree(&city).await;
}

#[tokio::test]
async fn case_82_a_denomination_that_is_unknown_or_over_is_refused() {
    let city = desks().await;
    let shift = opened(&city).await;
    let row = |id: i64, pieces: i64| json!({ "denominationId": Gid(DenominationId(id)).encode(), "pieces": pieces });
    let note = |value: i64| {
        format!("SELECT id FROM cashdesk.denomination WHERE kind = 'note' AND value = {value}00")
    };
    let (large, small): (i64, i64) =
        (city.scalar(&note(2000)).await.unwrap(), city.scalar(&note(200)).await.unwrap());
    let tell =
        async |rows: Vec<Json>| count_rows(&city, cashier(), &shift, rows, json!({ "kind": "CHECK" })).await;
    assert_eq!(tell(vec![row(9_999, 1)]).await, "DENOMINATION_UNKNOWN");
    assert_eq!(tell(vec![row(large, 1), row(large, 2)]).await, "DENOMINATION_TWICE");
    assert_eq!(tell(vec![row(small, 2)]).await["total"], "400.00");

    // The note of 200 ends: by the office, and from the next day on it is no money.
    let end = async |last: &str| {
        let query = "mutation($id: ID!, $d: Date!) { denominationEnd(input: { id: $id, last: $d }) { denomination { to } errors { code } } }";
        let id = Gid(DenominationId(small)).encode();
        city.graphql(query, json!({ "id": id, "d": last })).as_actor(chief()).await.ok().clone()
    };
    end("2026-03-26").await;
    assert_eq!(tell(vec![row(small, 2)]).await["total"], "400.00", "its last day");
    end("2026-03-25").await;
    assert_eq!(tell(vec![row(small, 2)]).await, "DENOMINATION_EXPIRED");
    assert_eq!(
        tell(vec![row(small, 0), row(large, 3)]).await["total"],
        "6000.00",
        "none of them is no money"
    );
    // A new design of an old value circulates beside it.
    let add = "mutation { denominationAdd(input: { kind: NOTE, value: \"2000.00\", design: \"2026\", from: \"2026-03-27\", source: \"НБ РК\" }) {
        denomination { id } errors { code } } }";
    let added = city.graphql(add, json!({})).as_actor(chief()).await;
    let new = added.text("/denominationAdd/denomination/id").to_owned();
    assert_eq!(
        tell(vec![json!({ "denominationId": new, "pieces": 1 })]).await,
        "DENOMINATION_EXPIRED",
        "not yet"
    );
    let twice = city.graphql(add, json!({})).as_actor(chief()).await;
    assert_eq!(twice.refusals(), ["DENOMINATION_KNOWN"]);
}

#[tokio::test]
async fn the_witness_signs_at_the_same_screen_with_own_credentials() {
    let city = desks().await;
    demo::seed_demo_logins(&city.app).await.unwrap();
    let shift = opened(&city).await;
    pay(&city, "500.00", "1").await;
    let by = |login: &str, password: &str| json!({ "witness": { "login": login, "password": password } });
    let wrong = count(&city, cashier(), &shift, 50_000, by("chief.cashier", "wrong")).await;
    assert_eq!(wrong, "BAD_CREDENTIALS");
    let nobody = count(&city, cashier(), &shift, 50_000, by("nobody", demo::PASSWORD)).await;
    assert_eq!(nobody, "BAD_CREDENTIALS");
    let other = count(&city, cashier(), &shift, 50_000, by("operator.multi", demo::PASSWORD)).await;
    assert_eq!(other, "NO_WITNESS_RIGHT");
    let counts: Option<i64> = city.scalar("SELECT count(*) FROM cashdesk.count").await;
    assert_eq!(counts, Some(0), "nobody is told what was expected");
    let signed = count(&city, cashier(), &shift, 50_000, by("chief.cashier", demo::PASSWORD)).await;
    assert_eq!(signed["witness"], "chief.cashier");
    let vouched: Option<i64> = city
        .scalar(
            "SELECT count(*) FROM platform.audit_entry WHERE action = 'vouched' AND actor = 'chief.cashier'",
        )
        .await;
    assert_eq!(vouched, Some(1), "a signature is in the trail");
    let done = close_with(&city, cashier(), &shift, &signed["id"], None).await;
    assert_eq!(done.refusals(), [""; 0]);
    // Nobody is one's own witness, whatever the screen.
    let own = Actor { label: "cashier".into(), ..cashier() };
    city.sql("UPDATE cashdesk.desk SET cashiers = cashiers || '{cashier}'").await;
    let shift = open(&city, own.clone(), 1).await.text("/shiftOpen/shift/id").to_owned();
    let alone = count(&city, own, &shift, 50_000, by("cashier", demo::PASSWORD)).await;
    assert_eq!(alone, "SAME_PERSON");
}

#[tokio::test]
async fn who_signs_a_count_waits_for_who_closes_its_shift() {
    let city = desks().await;
    let shift = opened(&city).await;
    pay(&city, "500.00", "1").await;
    let counted = count(&city, cashier(), &shift, 50_000, json!({})).await;
    // Somebody is about to close: the shift is locked, the count comes next.
    let tx = Tx::begin(&city.app.db, cashier()).await.unwrap();
    let id = Gid::<ShiftId>::decode(&shift).unwrap().0;
    entities::cashdesk::shift::lock(&tx, id).await.unwrap();
    let (signed, ()) = tokio::join!(sign(&city, chief(), &counted["id"]), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let id = Gid::<CashCountId>::decode(counted["id"].as_str().unwrap()).unwrap().0;
        entities::cashdesk::count::lock(&tx, id).await.unwrap();
        tx.rollback().await.unwrap();
    });
    assert_eq!(signed, [""; 0]);
}

#[tokio::test]
async fn who_counts_alone_to_check_hears_nothing_of_what_is_expected() {
    let city = desks().await;
    demo::seed_demo_logins(&city.app).await.unwrap();
    let shift = opened(&city).await;
    pay(&city, "500.00", "1").await;
    let expected = async |who: Actor| {
        let query =
            "query($id: ID!) { cashShift(id: $id) { turnover { expected } counts { expected difference } } }";
        let reply = city.graphql(query, json!({ "id": shift })).as_actor(who).await;
        let seen = reply.at("/cashShift").clone();
        (seen["turnover"]["expected"].clone(), seen["counts"][0].clone())
    };
    let check = async |more: Json| {
        let mut input = json!({ "kind": "CHECK" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        count(&city, cashier(), &shift, 0, input).await
    };
    let alone = check(json!({})).await;
    let nothing = json!({ "expected": null, "difference": null });
    assert_eq!((&alone["expected"], &alone["difference"]), (&json!(null), &json!(null)), "{alone}");
    assert_eq!(expected(cashier()).await, (json!(null), nothing));
    let short = json!({ "expected": "500.00", "difference": "-500.00" });
    assert_eq!(expected(chief()).await, (json!("500.00"), short.clone()), "who oversees may know");
    let watched = check(json!({ "witness": { "login": "chief.cashier", "password": demo::PASSWORD } })).await;
    assert_eq!(watched["difference"], "-500.00");
    assert_eq!(expected(cashier()).await, (json!("500.00"), short));

    // Nor does a refused movement tell it.
    let out = json!({ "deskId": desk(1), "amount": "501.00", "person": "Главная касса", "basis": "Сдано", "idempotencyKey": "test-key-too-much" });
    let refused = act(&city, cashier(), "cashPayOut", out.clone()).await;
    assert_eq!(said(&refused), "CASH_NOT_ENOUGH");
    let words = refused.text("/cashPayOut/errors/0/message");
    assert!(!words.contains(|letter: char| letter.is_ascii_digit()), "{words}");
    close_even(&city, &shift, 50_000).await;
    open(&city, chief(), 1).await.ok();
    let refused = act(&city, chief(), "cashPayOut", out).await;
    assert_eq!(said(&refused), "CASH_NOT_ENOUGH_LEFT");
    assert!(refused.text("/cashPayOut/errors/0/message").contains("500"), "{refused:?}");
}

#[tokio::test]
async fn no_key_of_a_client_keeps_a_shift_from_closing() {
    let city = desks().await;
    let shift = opened(&city).await;
    let id = Gid::<ShiftId>::decode(&shift).unwrap().0;
    for key in [format!("shortage {id}"), format!("surplus {id}")] {
        let input = json!({ "deskId": desk(1), "amount": "100.00", "person": "Главная касса", "basis": "Разменный фонд", "idempotencyKey": key });
        assert_eq!(said(&act(&city, cashier(), "cashPayIn", input).await)["cash"], "100.00");
    }
    let short = count(&city, cashier(), &shift, 15_000, json!({})).await;
    sign(&city, chief(), &short["id"]).await;
    let done = close_with(&city, cashier(), &shift, &short["id"], Some("ошибка при выдаче сдачи")).await;
    assert_eq!(done.at("/shiftClose/shift/turnover/shortages/cash"), "50.00");
    books_agree(&city).await;
}
