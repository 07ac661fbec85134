//! Acceptance cases 57–66: what agents say they took, what we know of it, what the bank was paid.

use std::collections::BTreeMap;

use api::payments::ops;
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::payments::RegistryLayout;
use entities::kernel::Tx;
use serde_json::json;

use super::bank::{ACCOUNT, Bank, KASPI, QIWI};
use super::reconcile::{board, bring, bring_statement, decide, ledger, qiwi, rows, terms, whole};

const OTHER: &str = "1000002";
const FILE: &str = "QIWI_10244_202603251.csv";
const SECOND: &str = "QIWI_10244_202603252.csv";

/// A city with QIWI, whose files are its own and in Moscow time.
async fn city() -> (Bank, ChannelId) {
    let bank = Bank::open().await;
    bank.set(QIWI, "zone = 'Europe/Moscow'").await;
    let channel = terms(&bank.city, "qiwi", &RegistryLayout::qiwi(), "adds").await;
    (bank, channel)
}

/// A payment of the channel at a moment of its own clock.
async fn pay(bank: &Bank, number: &str, account: &str, amount: &str, at: &str) {
    let told = bank.get(QIWI.channel, &QIWI.pay(number, account, amount, at)).await;
    assert!(told.body.contains("<result>0</result>"), "{told:?}");
}

#[tokio::test]
async fn case_57_the_file_of_qiwi_is_read_and_every_row_has_a_state() {
    let (bank, channel) = city().await;
    pay(&bank, "1", ACCOUNT, "100.00", "20260325101500").await;
    let text = qiwi(&[
        ("1", "25.03.2026 10:15:00", ACCOUNT, "100.00"),
        ("2", "25.03.2026 11:00:00", OTHER, "50.00"),
        ("3", "25.03.2026 12:00:00", "7777777", "20.00"),
    ]);
    bring(&bank.city, channel, FILE, &text).await.unwrap();
    assert_eq!(rows(&bank.city).await, ["1 1 matched", "2 2 missing_ours", "3 3 missing_ours"]);
    let said = bank
        .city
        .texts("SELECT concat_ws(' ', business_date, serial, rows_total, sum_total) FROM payments.registry")
        .await;
    assert_eq!(said, ["2026-03-25 1 3 17000"]);
    let unix = bring(&bank.city, channel, SECOND, &text.replace("\r\n", "\n")).await.unwrap();
    assert_eq!(unix.0, 2, "another file of the day");
    let states = rows(&bank.city).await;
    assert_eq!(states[3..], ["1 1 duplicate", "2 2 duplicate", "3 3 duplicate"], "a number counts once");
}

#[tokio::test]
async fn case_58_a_file_whose_totals_differ_is_refused_whole() {
    let (bank, channel) = city().await;
    let right = qiwi(&[
        ("1", "25.03.2026 10:15:00", ACCOUNT, "100.00"),
        ("2", "25.03.2026 11:00:00", OTHER, "50.00"),
    ]);
    for (wrong, code) in [
        (right.replace("150.00", "150.01"), "FILE_TOTALS_DIFFER"),
        (right.replace("Total:\t2", "Total:\t3"), "FILE_TOTALS_DIFFER"),
        (right.replace("Total:\t2\t150.00\r\n", ""), "FILE_NO_TOTALS"),
        (right.replace("\t50.00\r\n", "\t50,000\r\n"), "FILE_BAD_SUM"),
        (String::new(), "FILE_EMPTY"),
    ] {
        let refused = bring(&bank.city, channel, FILE, &wrong).await.unwrap_err();
        assert_eq!(refused.code, code);
    }
    assert_eq!(bank.count("payments.registry").await + bank.count("payments.registry_row").await, 0);
    assert!(bring(&bank.city, channel, FILE, &right).await.is_ok(), "mended, it may come");
}

#[tokio::test]
async fn case_59_the_same_file_changes_nothing_and_the_next_one_adds_or_replaces() {
    let (bank, channel) = city().await;
    let first = qiwi(&[("1", "25.03.2026 10:15:00", ACCOUNT, "100.00")]);
    let one = bring(&bank.city, channel, FILE, &first).await.unwrap();
    assert_eq!(bring(&bank.city, channel, "again.csv", &first).await.unwrap(), one, "whatever its name");
    assert_eq!(bring(&bank.city, channel, FILE, &first).await.unwrap(), one);
    assert_eq!(rows(&bank.city).await, ["1 1 missing_ours"]);

    let second = qiwi(&[("2", "25.03.2026 11:00:00", ACCOUNT, "50.00")]);
    let stale = bring(&bank.city, channel, FILE, &second).await.unwrap_err();
    assert_eq!(stale.code, "REGISTRY_SERIAL", "another file under the number of the first");
    bring(&bank.city, channel, SECOND, &second).await.unwrap();
    assert_eq!(rows(&bank.city).await, ["1 1 missing_ours", "1 2 missing_ours"], "it adds");
    bank.city.sql("UPDATE payments.registry_terms SET serial_rule = 'replaces'").await;
    let whole_day = qiwi(&[
        ("1", "25.03.2026 10:15:00", ACCOUNT, "100.00"),
        ("2", "25.03.2026 11:00:00", ACCOUNT, "50.00"),
        ("3", "25.03.2026 12:00:00", ACCOUNT, "5.00"),
    ]);
    bring(&bank.city, channel, "QIWI_10244_202603253.csv", &whole_day).await.unwrap();
    assert_eq!(
        rows(&bank.city).await,
        ["1 1 missing_ours", "2 2 missing_ours", "3 3 missing_ours"],
        "it replaces"
    );
    let states = bank.city.texts("SELECT state FROM payments.registry ORDER BY id").await;
    assert_eq!(states, ["superseded", "superseded", "matched"]);
}

#[tokio::test]
async fn case_60_what_we_miss_is_recorded_by_a_person_and_a_late_retry_replays() {
    let (bank, channel) = city().await;
    let text = qiwi(&[
        ("77", "25.03.2026 10:15:00", ACCOUNT, "100.00"),
        ("78", "25.03.2026 10:16:00", "7777777", "30.00"),
    ]);
    let id = bring(&bank.city, channel, FILE, &text).await.unwrap();
    assert_eq!(bank.payments().await, 0, "nothing is recorded by itself");
    let named = decide(&bank.city, id, json!({ "lines": [1, 2] }), "POSTED", None).await;
    assert_eq!(named.refusals(), ["ROW_NO_ACCOUNT"]);
    assert_eq!(bank.payments().await, 0);
    let done = decide(&bank.city, id, json!({ "lines": [1] }), "POSTED", None).await;
    assert_eq!(done.refusals(), [""; 0]);
    assert_eq!(rows(&bank.city).await, ["1 77 missing_ours posted", "2 78 missing_ours"]);
    assert_eq!(bank.balance(1).await, "5482.79");
    let paid = bank.city.texts("SELECT concat_ws(' ', channel, external_id, amount, paid_on, agent_id IS NOT NULL) FROM payments.payment").await;
    assert_eq!(paid, ["qiwi 77 10000 2026-03-25 t"]);

    let late = bank.get(QIWI.channel, &QIWI.pay("77", ACCOUNT, "100.00", "20260325101500")).await;
    assert!(late.body.contains("<result>0</result>"), "{late:?}");
    let again = bank.get(QIWI.channel, &QIWI.pay("77", ACCOUNT, "100.00", "20260325101500")).await;
    assert_eq!(again, late, "byte for byte");
    assert_eq!((bank.payments().await, bank.balance(1).await.as_str()), (1, "5482.79"), "credited once");
    let other = bank.get(QIWI.channel, &QIWI.pay("77", ACCOUNT, "100.01", "20260325101500")).await;
    assert!(other.body.contains("<result>300</result>"), "{other:?}");
    let twice = decide(&bank.city, id, json!({ "lines": [1] }), "POSTED", None).await;
    assert_eq!(twice.refusals(), ["ROW_DECIDED"]);
    whole(&bank.city).await;

    // Of those who may not decide nobody does.
    for role in [Role::Accountant, Role::ChiefAccountant, Role::Auditor, Role::Cashier] {
        let reply = bank
            .city
            .graphql(
                "mutation($i: RegistryDecideInput!) { registryDecide(input: $i) { errors { code } } }",
                json!({ "i": { "id": api::platform::graphql::Gid(id).encode(), "rows": { "lines": [2] }, "decision": "SUSPENDED" } }),
            )
            .as_role(role)
            .await;
        assert_eq!(reply.codes(), ["FORBIDDEN"], "{role}");
    }
}

#[tokio::test]
async fn case_60_a_retry_that_comes_before_the_person_is_the_payment() {
    let (bank, channel) = city().await;
    let text = qiwi(&[
        ("77", "25.03.2026 10:15:00", ACCOUNT, "100.00"),
        ("78", "25.03.2026 10:16:00", OTHER, "30.00"),
    ]);
    let id = bring(&bank.city, channel, FILE, &text).await.unwrap();
    pay(&bank, "77", ACCOUNT, "100.00", "20260325101500").await;
    let all = decide(&bank.city, id, json!({ "all": "MISSING_OURS" }), "POSTED", None).await;
    assert_eq!(all.refusals(), [""; 0]);
    assert_eq!(rows(&bank.city).await, ["1 77 missing_ours posted", "2 78 missing_ours posted"]);
    assert_eq!(bank.payments().await, 2, "the retry and the other one");
    whole(&bank.city).await;
}

#[tokio::test]
async fn case_61_what_the_agent_misses_is_flagged_and_stays() {
    let (bank, channel) = city().await;
    pay(&bank, "1", ACCOUNT, "100.00", "20260325101500").await;
    pay(&bank, "2", ACCOUNT, "200.00", "20260325111500").await;
    let id = bring(&bank.city, channel, FILE, &qiwi(&[("1", "25.03.2026 10:15:00", ACCOUNT, "100.00")]))
        .await
        .unwrap();
    assert_eq!(rows(&bank.city).await, ["1 1 matched", "- 2 missing_theirs"]);
    assert_eq!(bank.balance(1).await, "5282.79", "nothing is taken back");
    let line: Option<i32> = bank.city.scalar("SELECT line FROM payments.registry_row WHERE line < 0").await;
    let post = decide(&bank.city, id, json!({ "lines": [line] }), "POSTED", None).await;
    assert_eq!(post.refusals(), ["ROW_STATE"]);
    let silent = decide(&bank.city, id, json!({ "lines": [line] }), "EXPLAINED", None).await;
    assert_eq!(silent.refusals(), ["EMPTY"]);
    let said =
        decide(&bank.city, id, json!({ "lines": [line] }), "EXPLAINED", Some("агент пришлёт завтра")).await;
    assert_eq!(said.refusals(), [""; 0]);

    // The next file of the day has it: it counts there, and is not missed again.
    bring(&bank.city, channel, SECOND, &qiwi(&[("2", "25.03.2026 11:15:00", ACCOUNT, "200.00")]))
        .await
        .unwrap();
    assert_eq!(rows(&bank.city).await, ["1 1 matched", "- 2 missing_theirs explained", "1 2 matched"]);
    assert_eq!(bank.payments().await, 2);
}

#[tokio::test]
async fn case_62_another_sum_or_account_is_seen_and_nothing_is_changed() {
    let (bank, channel) = city().await;
    for (number, amount) in [("1", "100.00"), ("2", "200.00"), ("3", "300.00")] {
        pay(&bank, number, ACCOUNT, amount, "20260325101500").await;
    }
    // QIWI has no cancellation: the office takes the third one back.
    let third: i64 = bank
        .city
        .scalar("SELECT payment_id FROM payments.payment_key WHERE external_id = '3'")
        .await
        .unwrap();
    let mut tx = Tx::begin(&bank.city.app.db, Actor::system("test")).await.unwrap();
    let today = bank.city.app.clock.today();
    ops::reverse_payment(&mut tx, PaymentId(third), "twice", None, today).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let text = qiwi(&[
        ("1", "25.03.2026 10:15:00", ACCOUNT, "100.01"),
        ("2", "25.03.2026 10:15:00", OTHER, "200.00"),
        ("3", "25.03.2026 10:15:00", ACCOUNT, "300.00"),
        ("1", "25.03.2026 10:15:00", ACCOUNT, "100.01"),
    ]);
    bring(&bank.city, channel, FILE, &text).await.unwrap();
    assert_eq!(rows(&bank.city).await, ["1 1 diff_sum", "2 2 diff_account", "3 3 reversed", "4 1 duplicate"]);
    let reply = bank
        .city
        .graphql(
            "{ registryRows(filter: { undecided: true }) { nodes { line state amount ourAmount accountTyped account { number } ourAccount { number }
                 payment { externalId } } } }",
            json!({}),
        )
        .as_role(Role::Treasurer)
        .await;
    let nodes = reply.at("/registryRows/nodes");
    assert_eq!(nodes[0]["ourAmount"], "100.00");
    assert_eq!(
        (&nodes[1]["account"]["number"], &nodes[1]["ourAccount"]["number"]),
        (&json!(OTHER), &json!(ACCOUNT))
    );
    assert_eq!(nodes[2]["payment"]["externalId"], "3");
    assert_eq!(bank.balance(1).await, "5282.79");
}

#[tokio::test]
async fn case_63_a_late_evening_in_moscow_is_the_next_day_here_and_one_business_day_there() {
    let (bank, channel) = city().await;
    // 22:30 in Moscow is 00:30 in Almaty.
    pay(&bank, "1", ACCOUNT, "100.00", "20260325223000").await;
    pay(&bank, "2", ACCOUNT, "50.00", "20260324223000").await;
    let paid =
        bank.city.texts("SELECT concat_ws(' ', external_id, paid_on) FROM payments.payment ORDER BY 1").await;
    assert_eq!(paid, ["1 2026-03-26", "2 2026-03-25"]);
    let text = qiwi(&[
        ("1", "25.03.2026 22:30:00", ACCOUNT, "100.00"),
        ("9", "25.03.2026 23:59:59", OTHER, "10.00"),
    ]);
    let id = bring(&bank.city, channel, FILE, &text).await.unwrap();
    assert_eq!(
        rows(&bank.city).await,
        ["1 1 matched", "2 9 missing_ours"],
        "the 24th in Moscow is another day"
    );
    decide(&bank.city, id, json!({ "lines": [2] }), "POSTED", None).await;
    let paid = bank.city.texts("SELECT paid_on::text FROM payments.payment WHERE external_id = '9'").await;
    assert_eq!(paid, ["2026-03-26"]);
    let day = board(&bank.city).await.into_iter().find(|day| day["date"] == "2026-03-25").unwrap();
    assert_eq!(day["ours"], json!({ "count": 2, "sum": "110.00" }), "by the agent's clock: {day}");
    assert_eq!(day["difference"], "0.00");
}

#[tokio::test]
async fn case_64_before_march_2024_almaty_was_three_hours_ahead_of_moscow() {
    let (bank, channel) = city().await;
    bank.city.sql("UPDATE payments.registry_terms SET since = '2024-02-01'").await;
    for (day, name, expected) in [
        ("28.02.2024 20:59:59", "QIWI_1_202402281.csv", "2024-02-28"),
        ("28.02.2024 21:00:00", "QIWI_1_202402282.csv", "2024-02-29"),
        ("01.03.2024 21:30:00", "QIWI_1_202403011.csv", "2024-03-01"),
        ("01.03.2024 22:00:00", "QIWI_1_202403012.csv", "2024-03-02"),
    ] {
        let id =
            bring(&bank.city, channel, name, &qiwi(&[(&name[7..16], day, ACCOUNT, "1.00")])).await.unwrap();
        let paid = bank
            .city
            .texts(&format!("SELECT paid_on::text FROM payments.registry_row WHERE registry_id = {id}"))
            .await;
        assert_eq!(paid, [expected], "{day}");
    }
}

#[tokio::test]
async fn case_65_a_file_that_does_not_come_is_an_alarm_with_a_deadline() {
    let (bank, channel) = city().await;
    pay(&bank, "1", ACCOUNT, "100.00", "20260325101500").await;
    // Due at ten; the clock of the wall is later or earlier, so the hour is moved around it.
    let due = |at: &str| {
        format!("UPDATE payments.registry_terms SET due_at = '{at}', alarm_to = 'duty@example.kz'")
    };
    bank.city.sql(&due("23:59:59")).await;
    assert_eq!(api::payments::ops::watch(&bank.city.app).await.unwrap(), 0);
    let state = |days: Vec<serde_json::Value>| -> BTreeMap<String, String> {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        days.iter().map(|day| (text(&day["date"]), text(&day["state"]))).collect()
    };
    assert_eq!(state(board(&bank.city).await)["2026-03-25"], "EXPECTED");
    bank.city.sql(&due("00:00")).await;
    assert_eq!(api::payments::ops::watch(&bank.city.app).await.unwrap(), 1);
    assert_eq!(api::payments::ops::watch(&bank.city.app).await.unwrap(), 0, "once");
    assert_eq!(state(board(&bank.city).await)["2026-03-25"], "NO_FILE");
    let alarms = || async {
        let reply = bank
            .city
            .graphql("{ registryAlarms { channel date contactBy seenBy } }", json!({}))
            .as_role(Role::Treasurer)
            .await;
        reply.at("/registryAlarms").clone()
    };
    let expected =
        json!([{ "channel": "qiwi", "date": "2026-03-25", "contactBy": "2026-03-26T02:00", "seenBy": null }]);
    assert_eq!(alarms().await, expected, "two hours after the hour");
    let letters = bank.city.texts("SELECT recipient FROM platform.message WHERE channel = 'email'").await;
    assert_eq!(letters, ["duty@example.kz"]);
    let seen = bank
        .city
        .graphql(
            "mutation($i: RegistryAlarmSeeInput!) { registryAlarmSee(input: $i) { seen errors { code } } }",
            json!({ "i": { "channelId": api::platform::graphql::Gid(channel).encode(), "date": "2026-03-25" } }),
        )
        .as_role(Role::Treasurer)
        .await;
    assert_eq!(seen.refusals(), [""; 0]);
    assert_eq!(alarms().await[0]["seenBy"], "test.treasurer");
    bring(&bank.city, channel, FILE, &qiwi(&[("1", "25.03.2026 10:15:00", ACCOUNT, "100.00")]))
        .await
        .unwrap();
    assert_eq!(alarms().await, json!([]), "the file ends it");
    assert_eq!(state(board(&bank.city).await)["2026-03-25"], "AGREED");
}

#[tokio::test]
async fn case_66_journal_registry_and_bank_with_what_the_agent_kept_are_one_sum() {
    let bank = Bank::open().await;
    let city = &bank.city;
    let channel = terms(city, "kaspi", &RegistryLayout::published(), "adds").await;
    city.sql("UPDATE payments.agent SET bin = '971240001315' WHERE code = 'kaspi'").await;
    for (number, account, amount, at) in [
        ("700100200300", ACCOUNT, "3410.20", "20260325101500"),
        ("700100200301", OTHER, "2100.00", "20260325180211"),
    ] {
        let told = bank.get(KASPI.channel, &KASPI.pay(number, account, amount, at)).await;
        assert!(told.body.contains("\"result\":0"), "{told:?}");
    }
    let text = std::fs::read_to_string("../tests/samples/registries/KASPI_20260325_1.csv")
        .or_else(|_| std::fs::read_to_string("tests/samples/registries/KASPI_20260325_1.csv"))
        .unwrap()
        .replace("700100200302;25.03.2026 23:40:00;1000002", "700100200302;25.03.2026 23:40:00;7654321");
    let id = bring(city, channel, "KASPI_20260325_1.csv", &text).await.unwrap();
    assert_eq!(
        rows(city).await,
        ["2 700100200300 matched", "3 700100200301 matched", "4 700100200302 missing_ours"]
    );
    let day =
        |days: Vec<serde_json::Value>| days.into_iter().find(|day| day["date"] == "2026-03-25").unwrap();
    let before = day(board(city).await);
    assert_eq!((&before["state"], &before["difference"]), (&json!("DIFFERS"), &json!("-1310.20")));
    decide(city, id, json!({ "all": "MISSING_OURS" }), "SUSPENDED", None).await;
    let agreed = day(board(city).await);
    assert_eq!(
        (&agreed["state"], &agreed["difference"], &agreed["fee"]),
        (&json!("AGREED"), &json!("0.00"), &json!("54.56"))
    );
    assert_eq!(ledger(city, "suspense").await, "-1310.20");

    let bytes = std::fs::read("../tests/samples/statements/march_26_1c.txt")
        .or_else(|_| std::fs::read("tests/samples/statements/march_26_1c.txt"))
        .unwrap();
    let statements = bring_statement(city, &bytes).await.unwrap();
    assert_eq!(bring_statement(city, &bytes).await.unwrap(), statements, "the same file again");
    let lines = city.texts("SELECT concat_ws(' ', n, state, account_id, business_date) FROM payments.statement_line ORDER BY n").await;
    assert_eq!(lines, ["1 remittance 2026-03-25", "2 payment 2", "3 out"]);
    let reply = city
        .graphql(
            "mutation($i: StatementDecideInput!) { statementDecide(input: $i) { statement { id } errors { code } } }",
            json!({ "i": { "id": api::platform::graphql::Gid(statements[0]).encode(), "lines": { "numbers": [1, 2] }, "decision": "POSTED" } }),
        )
        .as_role(Role::Treasurer)
        .await;
    assert_eq!(reply.refusals(), [""; 0], "{reply:?}");
    let settled = day(board(city).await);
    assert_eq!(
        settled,
        json!({ "channel": "kaspi", "date": "2026-03-25", "state": "SETTLED", "undecided": 0, "difference": "0.00",
            "bankDifference": "0.00", "fee": "54.56", "ours": { "count": 3, "sum": "6820.40" },
            "theirs": { "count": 3, "sum": "6820.40" }, "bank": { "count": 1, "sum": "6765.84" } })
    );
    assert_eq!(ledger(city, "agent_clearing").await, "0.00", "the agent owes nothing");
    assert_eq!(ledger(city, "agent_fee").await, "54.56");
    assert_eq!(ledger(city, "bank_clearing").await, "256765.84", "the agent's and the payment of a company");
    whole(city).await;
}

/// What an agent took counts as reconciled once his file is here and every difference of it is decided.
#[tokio::test]
async fn a_day_that_nobody_has_reconciled_keeps_the_month_open() {
    const ASK: &str =
        "query($c: CloseConditionCode) { period(period: \"2026-03\", sector: MULTI) { conditions(code: $c) {
        code met expected found unreconciled { day channel files undecided desk shiftNumber } } } }";
    const CLOSE: &str = "mutation { periodClose(input: { period: \"2026-03\", sector: MULTI }) { period { status } errors { code } } }";
    let bank = Bank::open().await;
    bank.set(QIWI, "zone = 'Europe/Moscow'").await;
    pay(&bank, "1", ACCOUNT, "100.00", "20260325101500").await;
    let ask = async || {
        let asked = bank.city.graphql(ASK, json!({ "c": "PAYMENTS_RECONCILED" }));
        let said = asked.as_role(Role::ChiefAccountant).await.at("/period/conditions").clone();
        assert_eq!(said.as_array().map(Vec::len), Some(1), "only the one that is asked for");
        said[0].clone()
    };
    let close = async || bank.city.graphql(CLOSE, json!({})).as_role(Role::ChiefAccountant).await;
    let said = ask().await;
    assert_eq!((&said["met"], &said["unreconciled"]), (&json!(true), &json!([])), "nobody expects a file");

    let channel = terms(&bank.city, "qiwi", &RegistryLayout::qiwi(), "adds").await;
    let day = |files: i64, undecided: i64| json!([{ "day": "2026-03-25", "channel": "qiwi", "files": files, "undecided": undecided, "desk": null, "shiftNumber": null }]);
    let said = ask().await;
    assert_eq!((&said["met"], &said["expected"], &said["found"]), (&json!(false), &json!("0"), &json!("1")));
    assert_eq!(said["unreconciled"], day(0, 0), "the file did not come");
    assert_eq!(close().await.refusals(), ["CLOSE_CONDITIONS_BROKEN"]);
    // Of days before the terms no file is expected.
    bank.city.sql("UPDATE payments.registry_terms SET since = '2026-03-26'").await;
    assert_eq!(ask().await["met"], true);
    bank.city.sql("UPDATE payments.registry_terms SET since = '2026-03-25'").await;

    let text = qiwi(&[
        ("1", "25.03.2026 10:15:00", ACCOUNT, "100.00"),
        ("2", "25.03.2026 11:00:00", OTHER, "50.00"),
    ]);
    let id = bring(&bank.city, channel, FILE, &text).await.unwrap();
    assert_eq!(ask().await["unreconciled"], day(1, 1), "we do not have the second one");
    assert_eq!(close().await.refusals(), ["CLOSE_CONDITIONS_BROKEN"]);
    let all = bank.city.graphql(ASK, json!({})).as_role(Role::ChiefAccountant).await;
    let all = all.at("/period/conditions").as_array().unwrap();
    let broken: Vec<&serde_json::Value> = all.iter().filter(|one| one["met"] == false).collect();
    assert_eq!(broken.len(), 1, "{broken:?}");

    let decided = decide(&bank.city, id, json!({ "lines": [2] }), "POSTED", None).await;
    assert_eq!(decided.refusals(), [""; 0]);
    assert_eq!(ask().await["met"], true);
    let closed = close().await;
    assert_eq!(closed.at("/periodClose/period/status"), "CLOSED");
}
