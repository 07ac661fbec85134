//! Money whose account is not known: an owner and a day, each in one state, worked off to the tiyn.

use aiscra_tests::{TestApp, actor_of};
use api::payments::ops::{NewPayment, Recorded, record_many};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role, Scope};
use domain::kernel::*;
use domain::payments::RegistryLayout;
use domain::payments::channel::ChannelOutcome;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

use super::bank::{ACCOUNT, Bank, QIWI, TERM};
use super::reconcile::{act, bring, decide, document, ledger, owed, paid, qiwi, terms};

const READ: &str = "suspense { id state amount owner decidedBy parts { id amount state externalId } payment { amount paidOn account { number } } }";

fn treasurer() -> Actor {
    actor_of(Role::Treasurer)
}

fn chief() -> Actor {
    actor_of(Role::ChiefAccountant)
}

/// A city where QIWI took 500.00 of the 24th for an account that nobody has.
async fn city() -> (Bank, Json) {
    let bank = Bank::open().await;
    bank.set(QIWI, "zone = 'Europe/Moscow'").await;
    let channel = terms(&bank.city, "qiwi", &RegistryLayout::qiwi(), "adds").await;
    let text = qiwi(&[("900", "25.03.2026 10:15:00", "1000 00l", "500.00")]);
    let id = bring(&bank.city, channel, "QIWI_10244_202603251.csv", &text).await.unwrap();
    let done = decide(&bank.city, id, json!({ "lines": [1] }), "SUSPENDED", None).await;
    assert_eq!(done.refusals(), [""; 0]);
    let row = open(&bank.city).await[0].clone();
    (bank, row)
}

async fn open(city: &TestApp) -> Vec<Json> {
    let reply = city
        .graphql(
            "{ suspense(filter: { state: OPEN }) { nodes { id number amount reason state accountTyped owner dueOn overdue age receivedOn } } }",
            json!({}),
        )
        .as_role(Role::Treasurer)
        .await;
    reply.at("/suspense/nodes").as_array().unwrap().clone()
}

async fn ageing(city: &TestApp) -> Json {
    let reply = city
        .graphql("{ suspenseAgeing { age count amount overdue } }", json!({}))
        .as_role(Role::Treasurer)
        .await;
    reply.at("/suspenseAgeing").clone()
}

#[tokio::test]
async fn it_has_an_owner_a_day_and_an_account_of_the_ledger() {
    let (bank, row) = city().await;
    let city = &bank.city;
    assert_eq!(
        (&row["amount"], &row["reason"], &row["accountTyped"], &row["age"], &row["overdue"]),
        (&json!("500.00"), &json!("UNKNOWN_ACCOUNT"), &json!("1000 00l"), &json!("FRESH"), &json!(false))
    );
    assert_eq!(
        (ledger(city, "suspense").await, ledger(city, "agent_clearing").await),
        ("-500.00".into(), "500.00".into())
    );
    let received: chrono::NaiveDate = row["receivedOn"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        row["dueOn"],
        json!((received + chrono::Days::new(10)).to_string()),
        "ten days by the setting"
    );

    let person: i64 = city
        .scalar(
            "WITH one AS (INSERT INTO access.staff (login, name, password_hash) VALUES ('sorter', 'Сортировщик', 'x') RETURNING id)
             INSERT INTO access.staff_role (staff_id, role) SELECT id, 'treasurer' FROM one RETURNING staff_id",
        )
        .await
        .unwrap();
    let owners = city.graphql("{ suspenseOwners { login } }", json!({})).as_role(Role::Treasurer).await;
    assert_eq!(owners.at("/suspenseOwners"), &json!([{ "login": "sorter" }]));
    let give = |owner: i64, due: &str| json!({ "ids": [row["id"]], "ownerId": Gid(UserId(owner)).encode(), "dueOn": due });
    assert_eq!(
        act(city, treasurer(), "suspenseAssign", "assigned", give(person, "2020-01-01")).await.1,
        ["DAY_PAST"]
    );
    assert_eq!(
        act(city, treasurer(), "suspenseAssign", "assigned", give(777, "2099-01-01")).await.1,
        ["NOT_FOUND"]
    );
    let (given, _) = act(city, treasurer(), "suspenseAssign", "assigned", give(person, "2099-01-01")).await;
    assert_eq!(given["assigned"], 1);
    let now = open(city).await;
    assert_eq!((&now[0]["owner"], &now[0]["dueOn"]), (&json!("sorter"), &json!("2099-01-01")));

    city.sql("UPDATE payments.suspense SET received_on = received_on - 40, due_on = received_on - 30").await;
    let old = ageing(city).await;
    assert_eq!(old[3], json!({ "age": "QUARTER", "count": 1, "amount": "500.00", "overdue": "500.00" }));
    assert_eq!(open(city).await[0]["overdue"], true);

    for role in [Role::Accountant, Role::Cashier, Role::OperatorMulti] {
        let denied = city.graphql("{ suspense { nodes { id } } }", json!({})).as_role(role).await;
        assert_eq!(denied.codes(), ["FORBIDDEN"], "{role}");
    }
    let scope = Scope::Part { sectors: [Sector::Multi].into(), districts: [].into() };
    let narrow = Actor { scope, ..treasurer() };
    let reply = city.graphql("{ suspense { nodes { id } } }", json!({})).as_actor(narrow).await;
    assert_eq!(reply.codes(), ["FORBIDDEN"], "money of nobody is of the whole city");
}

#[tokio::test]
async fn it_becomes_a_payment_under_its_own_number_and_a_late_retry_replays() {
    let (bank, row) = city().await;
    let city = &bank.city;
    let input = json!({ "id": row["id"], "accountId": Gid(AccountId(1)).encode(), "target": { "service": "WATER" }, "note": "по чеку" });
    let wrong = json!({ "id": row["id"], "accountId": Gid(AccountId(77)).encode() });
    assert_eq!(act(city, treasurer(), "suspensePost", READ, wrong).await.1, ["NO_SUCH_ACCOUNT"]);
    let (done, _) = act(city, treasurer(), "suspensePost", READ, input.clone()).await;
    assert_eq!(
        done["suspense"]["payment"],
        json!({ "amount": "500.00", "paidOn": "2026-03-25", "account": { "number": ACCOUNT } })
    );
    assert_eq!(owed(city).await[..2], ["1 sewerage_cold 213759", "1 water 294520"], "what it is for");
    assert_eq!(
        (ledger(city, "suspense").await, ledger(city, "agent_clearing").await),
        ("0.00".into(), "500.00".into())
    );
    assert_eq!(act(city, treasurer(), "suspensePost", READ, input).await.1, ["SUSPENSE_DECIDED"]);

    let late = bank.get(QIWI.channel, &QIWI.pay("900", ACCOUNT, "500.00", "20260325101500")).await;
    assert!(late.body.contains("<result>0</result>"), "{late:?}");
    assert_eq!((bank.payments().await, bank.balance(1).await.as_str()), (1, "5082.79"), "credited once");
}

#[tokio::test]
async fn a_late_retry_names_what_was_typed_and_a_number_of_a_person_is_kept_nowhere() {
    let bank = Bank::open().await;
    let city = &bank.city;
    bank.set(QIWI, "zone = 'Europe/Moscow'").await;
    let channel = terms(city, "qiwi", &RegistryLayout::qiwi(), "adds").await;
    let text = qiwi(&[
        ("900", "25.03.2026 10:15:00", "7777777", "500.00"),
        ("901", "25.03.2026 10:16:00", "971240001315", "100.00"),
    ]);
    let id = bring(city, channel, "QIWI_10244_202603251.csv", &text).await.unwrap();
    let shown =
        city.graphql("{ registryRows { nodes { accountTyped } } }", json!({})).as_role(Role::Treasurer).await;
    assert_eq!(shown.at("/registryRows/nodes/1/accountTyped"), "••••••••1315");
    decide(city, id, json!({ "lines": [1, 2] }), "SUSPENDED", None).await;
    let rows = open(city).await;
    assert_eq!(rows[1]["accountTyped"], "••••••••1315");
    for row in &rows {
        let input = json!({ "id": row["id"], "accountId": Gid(AccountId(1)).encode() });
        assert_eq!(act(city, treasurer(), "suspensePost", READ, input).await.1, [""; 0]);
    }

    let retry = async |number: &str, account: &str, amount: &str| {
        bank.get(QIWI.channel, &QIWI.pay(number, account, amount, "20260325101500")).await.body
    };
    for (number, account, amount, result) in [
        ("900", "7777777", "500.00", "<result>0</result>"),
        ("900", ACCOUNT, "500.00", "<result>0</result>"),
        ("900", "7777778", "500.00", "<result>300</result>"),
        ("901", "971240001315", "100.00", "<result>0</result>"),
        ("901", "971240001315", "100.01", "<result>300</result>"),
    ] {
        let told = retry(number, account, amount).await;
        assert!(told.contains(result), "{number} {account} {amount}: {told}");
    }
    assert_eq!((bank.payments().await, bank.balance(1).await.as_str()), (2, "4982.79"), "credited once");
    let said = city.texts("SELECT said ->> 'account' FROM payments.incident ORDER BY external_id").await;
    assert_eq!(said, ["7777778", "••••••••1315"]);
    let kept = bank.count("platform.audit_entry WHERE concat(before, after) LIKE '%971240001315%'").await
        + bank.count("payments.suspense WHERE account_raw LIKE '%971240001315%'").await;
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn it_is_divided_and_every_part_goes_on_by_itself() {
    let (bank, row) = city().await;
    let city = &bank.city;
    let split = |parts: &[&str]| json!({ "id": row["id"], "parts": parts });
    assert_eq!(
        act(city, treasurer(), "suspenseSplit", READ, split(&["300.00", "200.01"])).await.1,
        ["SPLIT_SUM"]
    );
    assert_eq!(
        act(city, treasurer(), "suspenseSplit", READ, split(&["500.00", "0.00"])).await.1,
        ["SPLIT_PARTS"]
    );
    let (done, _) = act(city, treasurer(), "suspenseSplit", READ, split(&["300.00", "200.00"])).await;
    assert_eq!(done["suspense"]["state"], "SPLIT");
    let parts = done["suspense"]["parts"].as_array().unwrap();
    let numbers: Vec<&str> = parts.iter().map(|part| part["externalId"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["900/1", "900/2"]);
    assert_eq!(ledger(city, "suspense").await, "-500.00", "the same money");
    let late = bank.get(QIWI.channel, &QIWI.pay("900", ACCOUNT, "500.00", "20260325101500")).await;
    assert!(late.body.contains("<result>0</result>"), "the money is here: {late:?}");
    assert_eq!(bank.get(QIWI.channel, &QIWI.pay("900", ACCOUNT, "500.00", "20260325101500")).await, late);
    assert_eq!(
        (bank.payments().await, bank.balance(1).await.as_str()),
        (0, "5582.79"),
        "nothing is credited by it"
    );
    assert_eq!(
        act(city, treasurer(), "suspenseSplit", READ, split(&["300.00", "200.00"])).await.1,
        ["SUSPENSE_DECIDED"]
    );
    for (part, account) in parts.iter().zip([1, 2]) {
        let input = json!({ "id": part["id"], "accountId": Gid(AccountId(account)).encode() });
        assert_eq!(act(city, treasurer(), "suspensePost", READ, input).await.1, [""; 0]);
    }
    assert_eq!(ledger(city, "suspense").await, "0.00");
    assert_eq!((bank.balance(1).await, bank.balance(2).await), ("5282.79".into(), "1331.54".into()));
    owed(city).await;
    assert_eq!(open(city).await, [Json::Null; 0]);
}

#[tokio::test]
async fn it_goes_back_on_a_document_by_two_people_above_the_setting() {
    let (bank, row) = city().await;
    let city = &bank.city;
    let paper = document(city).await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('100'::text) WHERE code = 'payments.refund_alone'")
        .await;
    let back = |id: &Json| json!({ "id": id, "documentId": paper, "note": "банк просит вернуть" });
    let bare =
        json!({ "id": row["id"], "documentId": Gid(DocumentId(77)).encode(), "note": "без документа" });
    assert_eq!(act(city, treasurer(), "suspenseReturn", READ, bare).await.1, ["NO_SUCH_DOCUMENT"]);
    let (waits, _) = act(city, treasurer(), "suspenseReturn", READ, back(&row["id"])).await;
    assert_eq!(waits["suspense"]["state"], "RETURNING");
    assert_eq!(ledger(city, "suspense").await, "-500.00", "nothing goes before somebody agrees");
    let decide = |agree: bool| json!({ "id": row["id"], "agree": agree });
    let alone = Actor { label: "test.treasurer".into(), ..chief() };
    assert_eq!(act(city, alone, "suspenseDecide", READ, decide(true)).await.1, ["SAME_PERSON"]);
    let (declined, _) = act(city, chief(), "suspenseDecide", READ, decide(false)).await;
    assert_eq!(declined["suspense"]["state"], "OPEN");
    act(city, treasurer(), "suspenseReturn", READ, back(&row["id"])).await;
    let (gone, _) = act(city, chief(), "suspenseDecide", READ, decide(true)).await;
    assert_eq!(
        (&gone["suspense"]["state"], &gone["suspense"]["decidedBy"]),
        (&json!("RETURNED"), &json!("test.chief_accountant"))
    );
    assert_eq!(
        (ledger(city, "suspense").await, ledger(city, "agent_clearing").await),
        ("0.00".into(), "0.00".into())
    );
    let post = json!({ "id": row["id"], "accountId": Gid(AccountId(1)).encode() });
    assert_eq!(act(city, treasurer(), "suspensePost", READ, post).await.1, ["SUSPENSE_DECIDED"], "one state");

    // A late retry of the agent, and one by a file of ours: the money went back.
    let late = bank.get(QIWI.channel, &QIWI.pay("900", ACCOUNT, "500.00", "20260325101500")).await;
    assert!(late.body.contains("<result>300</result>"), "{late:?}");
    assert!(bank.log("qiwi").await[0].starts_with("cancelled/"), "answered as what it is");
    assert_eq!(
        bank.count("payments.incident WHERE kind = 'paid_after_cancel' AND payment_id IS NULL").await,
        1
    );
    let mut tx = Tx::begin(&city.app.db, treasurer()).await.unwrap();
    let again = NewPayment {
        account: AccountId(1),
        sector: Sector::Multi,
        channel: "qiwi".into(),
        external_id: "900".into(),
        amount: Money::tenge("500.00").unwrap(),
        paid_on: "2026-03-25".parse().unwrap(),
        paid_at: None,
        import_batch: None,
        target: None,
    };
    let done = record_many(&mut tx, &[again], city.app.clock.now()).await.unwrap().unwrap();
    assert_eq!(done, [Recorded::Gone]);
    tx.rollback().await.unwrap();
    assert_eq!((bank.payments().await, bank.balance(1).await.as_str()), (0, "5582.79"), "never credited");
    owed(city).await;
}

#[tokio::test]
async fn what_one_person_sends_back_in_parts_is_one_sum_of_the_month() {
    let (bank, row) = city().await;
    let city = &bank.city;
    let paper = document(city).await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('400'::text) WHERE code = 'payments.refund_alone'")
        .await;
    let split = json!({ "id": row["id"], "parts": ["300.00", "200.00"] });
    let (done, _) = act(city, treasurer(), "suspenseSplit", READ, split).await;
    for (part, state) in done["suspense"]["parts"].as_array().unwrap().iter().zip(["RETURNED", "RETURNING"]) {
        let back = json!({ "id": part["id"], "documentId": paper, "note": "банк просит вернуть" });
        let (told, _) = act(city, treasurer(), "suspenseReturn", READ, back).await;
        assert_eq!(told["suspense"]["state"], state);
    }
    assert_eq!(ledger(city, "suspense").await, "-200.00");
}

/// A payment that came between the look of its channel and the moment when the money was put away.
async fn meanwhile(bank: &Bank, pay: &str) {
    bank.city.sql("UPDATE payments.suspense SET state = 'split'").await;
    let online = bank.get(QIWI.channel, pay).await;
    assert!(online.body.contains("<result>0</result>"), "{online:?}");
    bank.city.sql("UPDATE payments.suspense SET state = 'open'").await;
}

#[tokio::test]
async fn money_without_an_account_holds_its_number() {
    let (bank, _) = city().await;
    let city = &bank.city;
    let pay = async |account: &str, amount: &str| {
        bank.get(QIWI.channel, &QIWI.pay("900", account, amount, "20260325101500")).await.body
    };
    let other = pay("1000002", "300.00").await;
    assert!(other.contains("<result>300</result>"), "another sum: {other}");
    let nobody = pay("1999999", "500.00").await;
    assert!(nobody.contains("<result>300</result>"), "another account that nobody has: {nobody}");
    // Nor does a file take the number.
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let payment = NewPayment {
        account: AccountId(2),
        sector: Sector::Multi,
        channel: "qiwi".into(),
        external_id: "900".into(),
        amount: Money::tenge("300.00").unwrap(),
        paid_on: "2026-03-25".parse().unwrap(),
        paid_at: None,
        import_batch: None,
        target: None,
    };
    assert_eq!(
        record_many(&mut tx, &[payment], city.app.clock.now()).await.unwrap().unwrap(),
        [Recorded::Held]
    );
    tx.rollback().await.unwrap();

    // While two people decide whether it goes back, the payer's channel waits.
    city.sql("UPDATE payments.suspense SET state = 'returning', proposed_by = 'somebody'").await;
    let waits = pay(ACCOUNT, "500.00").await;
    assert!(waits.contains("<result>1</result>"), "{waits}");
    // OSMP has no word for it, other channels ask what became of it.
    city.sql("UPDATE payments.suspense SET channel = 'term'").await;
    TERM.says(&bank.get(TERM.channel, &TERM.status("900")).await, ChannelOutcome::InProgress);
    TERM.says(&bank.get(TERM.channel, &TERM.cancel("900")).await, ChannelOutcome::Temporary);
    city.sql("UPDATE payments.suspense SET channel = 'qiwi'").await;
    assert_eq!(bank.payments().await, 0);
    let seen = city.texts("SELECT kind FROM payments.incident ORDER BY kind").await;
    assert_eq!(seen, ["other_account", "other_sum", "possible_duplicate"]);

    // It has an account now: out of what is here, and once.
    city.sql("UPDATE payments.suspense SET state = 'open', proposed_by = NULL").await;
    let done = pay(ACCOUNT, "500.00").await;
    assert!(done.contains("<result>0</result>"), "{done}");
    assert_eq!(pay(ACCOUNT, "500.00").await, done, "byte for byte");
    assert_eq!((bank.payments().await, bank.balance(1).await.as_str()), (1, "5082.79"));
    let row = city.texts("SELECT concat_ws(' ', state, decided_by) FROM payments.suspense").await;
    assert_eq!(row, ["posted qiwi"]);
    assert_eq!(
        (ledger(city, "suspense").await, ledger(city, "agent_clearing").await),
        ("0.00".into(), "500.00".into())
    );
    bank.whole().await;
    owed(city).await;
}

#[tokio::test]
async fn other_money_under_its_number_does_not_keep_it_for_ever() {
    let (bank, row) = city().await;
    let city = &bank.city;
    let paper = document(city).await;
    meanwhile(&bank, &QIWI.pay("900", "1000002", "300.00", "20260325101500")).await;
    let post = json!({ "id": row["id"], "accountId": Gid(AccountId(1)).encode() });
    assert_eq!(act(city, treasurer(), "suspensePost", READ, post).await.1, ["PAYMENT_KEY_CONFLICT"]);
    let back = json!({ "id": row["id"], "documentId": paper, "note": "банк просит вернуть" });
    let (gone, codes) = act(city, treasurer(), "suspenseReturn", READ, back).await;
    assert_eq!((&gone["suspense"]["state"], codes), (&json!("RETURNED"), vec![]));
    assert_eq!(ledger(city, "suspense").await, "0.00");
    assert_eq!(bank.payments().await, 1, "the payment stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_acts_of_one_person_at_once_are_one_sum() {
    let (bank, row) = city().await;
    let city = &bank.city;
    let paper = document(city).await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('600'::text) WHERE code = 'payments.refund_alone'")
        .await;
    let payment = paid(city, "1", "6000.00").await;
    // Both have looked at the sum of the month, and wait for the month itself.
    let tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    entities::kernel::sql::run(&tx, "SELECT FROM ledger.period FOR UPDATE", []).await.unwrap();
    let waiting = async {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while city.scalar::<i64>(waits).await != Some(2) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        tx.rollback().await.unwrap();
    };
    let back = json!({ "id": row["id"], "documentId": paper, "note": "банк просит вернуть" });
    let give = json!({ "paymentId": Gid(payment).encode(), "amount": "400.00", "documentId": paper, "reason": "переплата",
        "requisites": "KZ86125KZT5004100100", "idempotencyKey": "one-of-two-acts" });
    let (sent, given, ()) = tokio::join!(
        act(city, treasurer(), "suspenseReturn", READ, back),
        act(city, treasurer(), "refundCreate", "refund { state }", give),
        waiting,
    );
    let states = [sent.0["suspense"]["state"].clone(), given.0["refund"]["state"].clone()];
    assert!(states == ["RETURNED", "WAITING"] || states == ["RETURNING", "POSTED"], "{states:?}");
}

#[tokio::test]
async fn what_came_online_meanwhile_is_the_payment_and_does_not_go_back() {
    let (bank, row) = city().await;
    let city = &bank.city;
    let paper = document(city).await;
    meanwhile(&bank, &QIWI.pay("900", ACCOUNT, "500.00", "20260326101500")).await;
    let back = json!({ "id": row["id"], "documentId": paper, "note": "банк просит вернуть" });
    assert_eq!(act(city, treasurer(), "suspenseReturn", READ, back).await.1, ["SUSPENSE_CREDITED"]);
    let split = json!({ "id": row["id"], "parts": ["300.00", "200.00"] });
    assert_eq!(act(city, treasurer(), "suspenseSplit", READ, split).await.1, ["SUSPENSE_CREDITED"]);
    let post = json!({ "id": row["id"], "accountId": Gid(AccountId(1)).encode() });
    assert_eq!(act(city, treasurer(), "suspensePost", READ, post).await.1, [""; 0]);
    assert_eq!(
        (ledger(city, "suspense").await, ledger(city, "agent_clearing").await),
        ("0.00".into(), "500.00".into())
    );
    assert_eq!((bank.payments().await, bank.balance(1).await.as_str()), (1, "5082.79"), "credited once");
    owed(city).await;
}

#[tokio::test]
async fn what_came_online_and_was_taken_back_holds_the_money_no_longer() {
    let (bank, row) = city().await;
    let city = &bank.city;
    let paper = document(city).await;
    let pay = QIWI.pay("900", ACCOUNT, "500.00", "20260325101500");
    meanwhile(&bank, &pay).await;
    let id = PaymentId(city.scalar("SELECT id FROM payments.payment").await.unwrap());
    let reverse =
        json!({ "id": Gid(id).encode(), "reason": "не тот счёт", "idempotencyKey": "take-it-back" });
    let (_, codes) = act(city, chief(), "paymentReverse", "payment { reversed }", reverse).await;
    assert_eq!(codes, [""; 0]);
    let post = json!({ "id": row["id"], "accountId": Gid(AccountId(1)).encode() });
    assert_eq!(act(city, treasurer(), "suspensePost", READ, post).await.1, ["PAYMENT_TAKEN_BACK"]);
    assert_eq!(ledger(city, "suspense").await, "-500.00", "it waits on");

    let back = json!({ "id": row["id"], "documentId": paper, "note": "банк просит вернуть" });
    let (gone, _) = act(city, treasurer(), "suspenseReturn", READ, back).await;
    assert_eq!(gone["suspense"]["state"], "RETURNED");
    assert_eq!(
        (ledger(city, "suspense").await, ledger(city, "agent_clearing").await),
        ("0.00".into(), "0.00".into())
    );
    let late = bank.get(QIWI.channel, &pay).await;
    assert!(late.body.contains("<result>300</result>"), "it went back: {late:?}");
    assert_eq!(bank.balance(1).await, "5582.79");
    owed(city).await;
}
