//! Acts of `cashdesk`. The tests named `case_NN` are the acceptance cases of cash desks by their numbers.

mod count;
mod fiscal;
mod move_cash;
mod orders;
mod pay;
mod refund;
mod rights;
mod shift;

use aiscra_tests::{Reply, TestApp, actor_of};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::cashdesk::report;
use entities::ledger::close;
use serde_json::{Value as Json, json};

pub use super::payments::record::issued;

/// Who sits at desk 1; test.second sits at desk 2.
pub fn cashier() -> Actor {
    actor_of(Role::Cashier)
}

pub fn second() -> Actor {
    Actor { label: "test.second".into(), ..cashier() }
}

pub fn chief() -> Actor {
    actor_of(Role::ChiefCashier)
}

/// A house whose March is issued (account 1 owes 5582.79), with two desks and no register.
pub async fn desks() -> TestApp {
    let city = issued().await;
    put_desks(&city, "none", None).await;
    city
}

pub async fn put_desks(city: &TestApp, provider: &str, cashbox: Option<&str>) {
    let cashbox = cashbox.map_or("NULL".to_owned(), |number| format!("'{number}'"));
    city.sql(&format!(
        "INSERT INTO cashdesk.desk (code, name_kk, name_ru, name_en, provider, cashbox, cashiers)
         VALUES ('01', 'Бірінші', 'Первая', 'First', '{provider}', {cashbox}, '{{test.cashier,test.chief_cashier}}'),
                ('02', 'Екінші', 'Вторая', 'Second', 'none', NULL, '{{test.second,test.chief_cashier}}')"
    ))
    .await;
}

pub fn desk(id: i64) -> String {
    Gid(DeskId(id)).encode()
}

pub fn account(id: i64) -> String {
    Gid(AccountId(id)).encode()
}

pub async fn open(city: &TestApp, who: Actor, id: i64) -> Reply {
    city.graphql(
        "mutation($d: ID!) { shiftOpen(input: { deskId: $d }) { shift { id number opening cashier mine } errors { code } } }",
        json!({ "d": desk(id) }),
    )
    .as_actor(who)
    .await
}

/// An open shift at desk 1.
pub async fn opened(city: &TestApp) -> String {
    open(city, cashier(), 1).await.text("/shiftOpen/shift/id").to_owned()
}

const OPERATION: &str =
    "operation { id kind cash card rounding given change undone returnedCash returnedCard person basis bag
    lines { n asked cash card account { id } } order { number kind amount }
    receipt { id state kind externalNumber checkNumber errorCode error attempts } slipPath }";

/// A mutation of the desk by its name and input.
pub async fn act(city: &TestApp, who: Actor, name: &str, input: Json) -> Reply {
    let ty = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let ty = match name {
        "cashPayIn" | "cashPayOut" => "CashMoveInput".to_owned(),
        _ => ty,
    };
    let query = format!(
        "mutation($i: {ty}!) {{ {name}(input: $i) {{ {OPERATION} errors {{ code field message }} }} }}"
    );
    city.graphql(&query, json!({ "i": input })).as_actor(who).await
}

/// What the payload says: the operation, or why not.
#[track_caller]
pub fn said(reply: &Reply) -> Json {
    let payload = reply.ok().as_object().and_then(|data| data.values().next()).expect("one mutation");
    match payload["errors"][0]["code"].as_str() {
        Some(code) => json!(code),
        None => payload["operation"].clone(),
    }
}

/// A payment at a desk; `more` goes into the input.
pub async fn pay_at(
    city: &TestApp,
    who: Actor,
    id: i64,
    lines: &[(i64, &str)],
    key: &str,
    more: Json,
) -> Json {
    let lines: Vec<Json> =
        lines.iter().map(|(of, sum)| json!({ "accountId": account(*of), "amount": sum })).collect();
    let mut input =
        json!({ "deskId": desk(id), "lines": lines, "idempotencyKey": format!("test-key-{key}") });
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    said(&act(city, who, "cashPay", input).await)
}

/// A cash payment for account 1 at desk 1.
pub async fn pay(city: &TestApp, sum: &str, key: &str) -> Json {
    pay_at(city, cashier(), 1, &[(1, sum)], key, json!({})).await
}

pub async fn pay_in(city: &TestApp, sum: &str, key: &str) -> Json {
    let input = json!({ "deskId": desk(1), "amount": sum, "person": "Главная касса", "basis": "Разменный фонд",
        "idempotencyKey": format!("test-key-{key}") });
    said(&act(city, cashier(), "cashPayIn", input).await)
}

/// Counts so many tiyn with the largest pieces there are; the count, or why not.
pub async fn count(city: &TestApp, who: Actor, shift: &str, tiyn: i64, more: Json) -> Json {
    let known: Vec<(i64, i64)> = city
        .texts("SELECT id || ' ' || value FROM cashdesk.denomination WHERE upper_inf(valid) ORDER BY value DESC, kind DESC")
        .await
        .iter()
        .map(|row| row.split_once(' ').map(|(id, value)| (id.parse().unwrap(), value.parse().unwrap())).unwrap())
        .collect();
    let (mut left, mut rows) = (tiyn, Vec::new());
    for (id, value) in known {
        if left >= value {
            rows.push(json!({ "denominationId": Gid(DenominationId(id)).encode(), "pieces": left / value }));
            left %= value;
        }
    }
    assert_eq!(left, 0, "{tiyn} tiyn can't be laid out");
    count_rows(city, who, shift, rows, more).await
}

pub async fn count_rows(city: &TestApp, who: Actor, shift: &str, rows: Vec<Json>, more: Json) -> Json {
    let mut input = json!({ "shiftId": shift, "kind": "CLOSING", "rows": rows });
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    let done = city
        .graphql(
            "mutation($i: CashCountInput!) { cashCount(input: $i) { count { id total expected difference witness } errors { code } } }",
            json!({ "i": input }),
        )
        .as_actor(who)
        .await;
    match done.ok()["cashCount"]["errors"][0]["code"].as_str() {
        Some(code) => json!(code),
        None => done.data["cashCount"]["count"].clone(),
    }
}

pub async fn sign(city: &TestApp, who: Actor, count: &Json) -> Vec<String> {
    let done = city
        .graphql(
            "mutation($id: ID!) { cashCountSign(input: { id: $id }) { count { witness } errors { code } } }",
            json!({ "id": count }),
        )
        .as_actor(who)
        .await;
    done.refusals().into_iter().map(str::to_owned).collect()
}

pub async fn close_with(
    city: &TestApp,
    who: Actor,
    shift: &str,
    count: &Json,
    reason: Option<&str>,
) -> Reply {
    city.graphql(
        "mutation($id: ID!, $c: ID, $r: String) { shiftClose(input: { id: $id, countId: $c, reason: $r }) {
             shift { id number closedAt reason turnover { expected sales { count cash card } shortages { cash } surpluses { cash } }
                 orders { number kind amount } fiscalZ { state } paperPath } errors { code message } } }",
        json!({ "id": shift, "c": count, "r": reason }),
    )
    .as_actor(who)
    .await
}

/// Counts what is expected, has it signed and closes.
pub async fn close_even(city: &TestApp, shift: &str, tiyn: i64) -> Reply {
    let counted = count(city, cashier(), shift, tiyn, json!({})).await;
    assert_eq!(sign(city, chief(), &counted["id"]).await, [""; 0]);
    close_with(city, cashier(), shift, &counted["id"], None).await
}

/// The subscribers' books, and the desks' beside them.
pub async fn books_agree(city: &TestApp) {
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    assert_eq!(report::difference_to_ledger(&city.app.db).await.unwrap(), 0);
    // What the entries say lies in each drawer is what the operations moved.
    let apart = city
        .texts(
            "SELECT concat_ws(' ', d.code, d.entries, d.operations) FROM (
                 SELECT d.code, (SELECT coalesce(sum(CASE WHEN e.debit = 'cash' THEN e.amount ELSE -e.amount END), 0) FROM cashdesk.entry e
                                 WHERE e.desk_id = d.id AND 'cash' IN (e.debit, e.credit)) AS entries,
                        (SELECT coalesce(sum(o.cash), 0) FROM cashdesk.operation o WHERE o.desk_id = d.id) AS operations
                 FROM cashdesk.desk d) d WHERE d.entries <> d.operations",
        )
        .await;
    assert_eq!(apart, [""; 0]);
}
