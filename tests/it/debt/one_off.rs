//! Paid services: priced by two people, charged once per act, taken back whole.

use super::*;

const PROPOSE: &str = "mutation($i: PaidServiceProposeInput!) { paidServicePropose(input: $i) { paidService { id state } errors { code field } } }";
const DECIDE: &str = "mutation($id: ID!, $yes: Boolean!) { paidServiceDecide(input: { id: $id, agreed: $yes }) { paidService { state } errors { code } } }";
const CHARGE: &str = "mutation($i: OneOffChargeInput!) { oneOffCharge(input: $i) { oneOff { id net vat gross period dueOn } errors { code field } } }";
const REVERSE: &str = "mutation($id: ID!, $d: ID!) { oneOffReverse(input: { id: $id, documentId: $d }) { signature { id } errors { code } } }";

fn price(net: &str, from: &str) -> Json {
    json!({ "i": { "code": "sealing_again", "titleKk": "Қайта пломбалау", "titleRu": "Повторная пломбировка", "titleEn": "Sealing again",
        "service": "WATER", "net": net, "from": from, "source": "прейскурант 2026", "documentId": document() } })
}

async fn in_force(city: &TestApp, net: &str, from: &str) -> String {
    let proposed = act(city, Role::Accountant, PROPOSE, price(net, from)).await;
    assert_eq!(code(&proposed), "", "{proposed}");
    let id = proposed["paidService"]["id"].as_str().unwrap().to_owned();
    let decided = act(city, Role::ChiefAccountant, DECIDE, json!({ "id": id, "yes": true })).await;
    assert_eq!(decided["paidService"]["state"], "CONFIRMED", "{decided}");
    id
}

fn deed(service: &str, on: &str, quantity: i32) -> Json {
    json!({ "i": { "accountId": account(1), "serviceId": service, "quantity": quantity, "performedOn": on, "documentId": document() } })
}

#[tokio::test]
async fn priced_by_two_charged_once_and_taken_back() {
    let city = debtors(1).await;
    assert_eq!(owed(&city, 1).await, "1000.00");
    let proposed = act(&city, Role::ChiefAccountant, PROPOSE, price("1000", "2026-01-01")).await;
    let id = proposed["paidService"]["id"].as_str().unwrap().to_owned();
    let own = act(&city, Role::ChiefAccountant, DECIDE, json!({ "id": id, "yes": true })).await;
    assert_eq!(code(&own), "SAME_PERSON");
    let twice = act(&city, Role::Accountant, PROPOSE, price("1200", "2026-01-01")).await;
    assert_eq!(code(&twice), "PROPOSAL_WAITS");
    let early = act(&city, Role::Accountant, CHARGE, deed(&id, "2026-03-20", 1)).await;
    assert_eq!(code(&early), "NOT_FOUND", "nobody is charged by a price that waits");
    let other = Actor { label: "test.another_chief".to_owned(), ..actor_of(Role::ChiefAccountant) };
    let declined = city.graphql(DECIDE, json!({ "id": id, "yes": false })).as_actor(other).await;
    assert_eq!(declined.text("/paidServiceDecide/paidService/state"), "DECLINED", "{declined:?}");

    let first = in_force(&city, "1000", "2026-01-01").await;
    let second = in_force(&city, "1500.5", "2026-03-21").await;
    let late = act(&city, Role::Accountant, CHARGE, deed(&first, "2026-03-21", 1)).await;
    assert_eq!(code(&late), "NO_PRICE_ON_DAY", "a confirmed version ends the one before it");

    // Two of them done on the 20th: 2 × 1000 and 16 % of VAT, due with the bills of March.
    let done = act(&city, Role::Accountant, CHARGE, deed(&first, "2026-03-20", 2)).await;
    assert_eq!(done["oneOff"]["gross"], "2320.00", "{done}");
    assert_eq!(
        (&done["oneOff"]["net"], &done["oneOff"]["vat"], &done["oneOff"]["dueOn"]),
        (&json!("2000.00"), &json!("320.00"), &json!("2026-04-25"))
    );
    assert_eq!(owed(&city, 1).await, "3320.00");
    let again = act(&city, Role::Accountant, CHARGE, deed(&first, "2026-03-20", 2)).await;
    assert_eq!(again["oneOff"]["id"], done["oneOff"]["id"], "the same act charges once");
    let other = act(&city, Role::Accountant, CHARGE, deed(&first, "2026-03-20", 3)).await;
    assert_eq!(code(&other), "CHARGED_DIFFERENTLY");
    assert_eq!(owed(&city, 1).await, "3320.00");
    // 1500.50 × 1.16 = 1740.58.
    let dear = act(&city, Role::Accountant, CHARGE, deed(&second, "2026-03-22", 1)).await;
    assert_eq!(dear["oneOff"]["gross"], "1740.58", "{dear}");

    let back = |id: &Json| json!({ "id": id, "d": document() });
    let denied = city.graphql(REVERSE, back(&done["oneOff"]["id"])).as_role(Role::OperatorMulti).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
    for wanted in ["", "ALREADY_REVERSED"] {
        let both = two(Role::Accountant, Role::ChiefAccountant);
        let reversed = city.signed(both, REVERSE, back(&done["oneOff"]["id"])).await;
        assert_eq!(code(&reversed), wanted, "{reversed}");
    }
    assert_eq!(owed(&city, 1).await, "2740.58");
    let shown = city
        .graphql(
            "{ me { account { oneOffs { nodes { state gross paidService { titleRu } } } } } }",
            json!({}),
        )
        .as_subscriber(AccountId(1))
        .await;
    let rows = shown.at("/me/account/oneOffs/nodes").as_array().unwrap().clone();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(
        rows[1],
        json!({ "state": "REVERSED", "gross": "2320.00", "paidService": { "titleRu": "Повторная пломбировка" } })
    );
}

#[tokio::test]
async fn the_bill_of_the_month_names_it_and_its_act() {
    use api::billing::ops::{issue_run, run_now};
    use api::billing::paper::{letterhead, papers};
    let city = debtors(1).await;
    let service = in_force(&city, "1000", "2026-01-01").await;
    assert_eq!(code(&act(&city, Role::Accountant, CHARGE, deed(&service, "2026-03-20", 1)).await), "");
    let run = run_now(&city.app, aiscra_tests::march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();

    let shown = city
        .graphql(
            "{ me { account { bills { nodes { corrected corrections { reason basis from to gross } } } } } }",
            json!({}),
        )
        .as_subscriber(AccountId(1))
        .await;
    let bill = shown.at("/me/account/bills/nodes/0");
    assert_eq!(bill["corrections"].as_array().unwrap().len(), 1, "{bill}");
    let row = &bill["corrections"][0];
    assert_eq!(
        (&row["reason"], &row["gross"], &row["from"]),
        (&json!("Қайта пломбалау / Повторная пломбировка"), &json!("1160.00"), &json!("2026-03"))
    );

    let id: Option<i64> = city.scalar("SELECT id FROM billing.bill WHERE account_id = 1").await;
    let head = letterhead(&city.app.db, aiscra_tests::march().first_day()).await.unwrap().unwrap();
    let paper = papers(&city.app, &head, &[id.unwrap()]).await.unwrap().remove(0);
    let told: Vec<_> = paper.recalculations.iter().map(|row| (row.document.clone(), row.gross)).collect();
    assert_eq!(told, [("№ 17, 01.03.2026".to_owned(), "1160.00".parse::<Money>().unwrap())]);
}

#[tokio::test]
async fn a_preview_says_what_the_charge_will_be_and_keeps_nothing() {
    let city = debtors(1).await;
    let service = in_force(&city, "33.3333", "2026-01-01").await;
    let ask = "query($a: ID!, $s: ID!, $d: Date!) { oneOffPreview(account: $a, service: $s, quantity: 3, performedOn: $d) {
        preview { net vat gross vatRate } errors { code field } } }";
    let said = city
        .graphql(ask, json!({ "a": account(1), "s": service, "d": "2026-03-20" }))
        .as_role(Role::Accountant)
        .await;
    assert_eq!(
        said.at("/oneOffPreview/preview"),
        &json!({ "net": "100.00", "vat": "16.00", "gross": "116.00", "vatRate": "0.16" })
    );
    let tomorrow = city
        .graphql(ask, json!({ "a": account(1), "s": service, "d": "2026-03-27" }))
        .as_role(Role::Accountant)
        .await;
    assert_eq!(tomorrow.text("/oneOffPreview/errors/0/code"), "FUTURE_DAY");
    assert_eq!(owed(&city, 1).await, "1000.00");
}

#[tokio::test]
async fn one_of_the_two_has_the_right_to_take_it_back() {
    let city = debtors(1).await;
    let service = in_force(&city, "1000", "2026-01-01").await;
    let second = Actor { label: "test.second_accountant".to_owned(), ..actor_of(Role::Accountant) };
    // Asked for by whoever may only prepare: another one of these does not even see it.
    for (asks, stranger, agrees) in [
        (Role::Accountant, Some(second), actor_of(Role::ChiefAccountant)),
        (Role::ChiefAccountant, None, actor_of(Role::Accountant)),
    ] {
        let done = act(&city, Role::Accountant, CHARGE, deed(&service, "2026-03-20", 1)).await;
        assert_eq!(code(&done), "", "{done}");
        let id = done["oneOff"]["id"].clone();
        let asked = act(&city, asks, REVERSE, json!({ "id": id, "d": document() })).await;
        assert_eq!(code(&asked), "", "{asked}");
        assert_eq!(owed(&city, 1).await, "2160.00", "nothing is posted yet");
        let word = json!({ "id": asked["signature"]["id"], "yes": true });
        if let Some(stranger) = stranger {
            let refused = city.graphql(aiscra_tests::DECIDE_SIGNATURE, word.clone()).as_actor(stranger).await;
            assert_eq!(refused.refusals(), ["NOT_FOUND"]);
        }
        let shown = city
            .graphql(
                "{ secondSignatures(first: 1) { nodes { act title { ru } sum month account { number } } } }",
                json!({}),
            )
            .as_actor(agrees.clone())
            .await;
        assert_eq!(
            *shown.at("/secondSignatures/nodes/0"),
            json!({ "act": "ONE_OFF_REVERSE", "title": { "ru": "Повторная пломбировка" }, "sum": "1160.00", "month": "2026-03",
                "account": { "number": "1000001" } })
        );
        let agreed = city.graphql(aiscra_tests::DECIDE_SIGNATURE, word).as_actor(agrees).await;
        assert_eq!(agreed.text("/secondSignatureDecide/signature/state"), "AGREED", "{agreed:?}");
        assert_eq!(owed(&city, 1).await, "1000.00");
    }
}
