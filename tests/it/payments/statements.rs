//! Bank statements: what each line is, by sets of rows and not row by row.

use aiscra_tests::{TestApp, actor_of, count_statements};
use api::payments::ops::{NewPayment, record_many};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::payments::RegistryLayout;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

use super::agents::agent;
use super::bank::{ACCOUNT, Bank};
use super::reconcile::{act, bring, bring_statement, decide, document, ledger, owed, paid, terms, whole};
use super::record::issued;

/// A statement in the text of 1C whose every line pays the same account a tenge.
fn one_c(lines: usize, account: &str) -> Vec<u8> {
    let mut text = format!(
        "1CClientBankExchange\r\nВерсияФормата=2.00\r\nКодировка=UTF-8\r\nДатаНачала=26.03.2026\r\nДатаКонца=26.03.2026\r\n\
         РасчСчет=KZ549261802102000003\r\nСекцияРасчСчет\r\nДатаНачала=26.03.2026\r\nДатаКонца=26.03.2026\r\n\
         РасчСчет=KZ549261802102000003\r\nНачальныйОстаток=0\r\nВсегоПоступило={lines}\r\nВсегоСписано=0\r\nКонечныйОстаток={lines}\r\n\
         КонецРасчСчет\r\n"
    );
    for n in 0..lines {
        text += &format!(
            "СекцияДокумент=Выписка\r\nДатаОперации=26.03.2026\r\nСуммаПриход=1\r\nНомерДокумента={n}\r\nДатаДокумента=26.03.2026\r\n\
             ПлательщикНаименование=Плательщик {n}\r\nПлательщикИИК=KZ75125KZT1001300335\r\nПолучательИИК=KZ549261802102000003\r\n\
             НазначениеПлатежа=За воду л/с {account}\r\nКодНазначенияПлатежа=859\r\nСумма=1\r\nВалюта=KZT\r\nКонецДокумента\r\n"
        );
    }
    text += "КонецФайла\r\n";
    text.into_bytes()
}

fn registry(rows: usize) -> String {
    let mut text = "number;moment;account;amount;commission;service\n".to_owned();
    for n in 0..rows {
        text += &format!("{n};25.03.2026 10:00:00;{ACCOUNT};1.00;0.01;\n");
    }
    text + &format!("TOTAL;{rows};{rows}.00\n")
}

#[tokio::test]
async fn a_large_file_takes_as_many_statements_as_a_small_one() {
    let mut counts = Vec::new();
    for rows in [300, 3_000] {
        let bank = Bank::open().await;
        let city = &bank.city;
        let channel = terms(city, "kaspi", &RegistryLayout::published(), "adds").await;
        let (id, taken) =
            count_statements(bring(city, channel, "KASPI_20260325_1.csv", &registry(rows))).await;
        let (done, decided) =
            count_statements(decide(city, id.unwrap(), json!({ "all": "MISSING_OURS" }), "POSTED", None))
                .await;
        assert_eq!(done.refusals(), [""; 0]);
        assert_eq!(bank.payments().await, rows as i64);
        let (ids, brought) = count_statements(bring_statement(city, &one_c(rows, ACCOUNT))).await;
        let input = json!({ "id": Gid(ids.unwrap()[0]).encode(), "lines": { "all": "PAYMENT" }, "decision": "POSTED" });
        let ((_, codes), posted) = count_statements(async {
            let done =
                act(city, actor_of(Role::Treasurer), "statementDecide", "statement { id }", input).await;
            city.run_jobs().await;
            done
        })
        .await;
        assert_eq!(codes, [""; 0]);
        assert_eq!(bank.payments().await, 2 * rows as i64);
        counts.push([taken, decided, brought, posted]);
        whole(city).await;
    }
    assert_eq!(counts[0], counts[1], "taken, decided, brought, posted");
}

#[tokio::test]
async fn a_statement_is_refused_whole_and_follows_the_one_before() {
    let city = issued().await;
    let text = String::from_utf8(one_c(2, ACCOUNT)).unwrap().replace("26.03.2026", "25.03.2026");
    for (wrong, code) in [
        (text.replace("КонечныйОстаток=2", "КонечныйОстаток=3"), "FILE_BALANCE_DIFFERS"),
        (
            text.replace("СуммаПриход=1\r\nНомерДокумента=1", "СуммаПриход=x\r\nНомерДокумента=1"),
            "FILE_BAD_SUM",
        ),
        ("сальдо\r\n".to_owned(), "FILE_UNREADABLE"),
    ] {
        assert_eq!(bring_statement(&city, wrong.as_bytes()).await.unwrap_err().code, code);
    }
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM payments.statement").await, Some(0));
    bring_statement(&city, text.as_bytes()).await.unwrap();
    let next = text.replace("25.03.2026", "26.03.2026");
    let gap = bring_statement(&city, next.as_bytes()).await.unwrap_err();
    assert_eq!(gap.code, "STATEMENT_GAP", "the one before closed at 2.00");
}

/// One day of one bank account, in each format that there is.
fn march_26(name: &str) -> Vec<u8> {
    std::fs::read(format!("../tests/samples/statements/{name}"))
        .or_else(|_| std::fs::read(format!("tests/samples/statements/{name}")))
        .unwrap()
}

#[tokio::test]
async fn a_day_that_comes_in_another_format_is_credited_once() {
    let city = issued().await;
    let states = async |id: StatementId| {
        city.texts(&format!(
            "SELECT concat_ws(' ', state, account_id) FROM payments.statement_line WHERE statement_id = {id} ORDER BY n"
        ))
        .await
    };
    let first = ["unknown", "payment 2", "out"];
    let one = bring_statement(&city, &march_26("march_26_1c.txt")).await.unwrap();
    assert_eq!(states(one[0]).await, first);
    for name in ["march_26.xml", "march_26.sta"] {
        let other = bring_statement(&city, &march_26(name)).await.unwrap();
        assert_eq!(states(other[0]).await, ["duplicate"; 3], "{name}");
    }
    // What broke off was never looked at: it comes again as what it is.
    city.sql("UPDATE payments.statement SET state = 'failed'").await;
    let again = bring_statement(&city, &march_26("march_26_1c.txt")).await.unwrap();
    assert_ne!(again, one);
    assert_eq!(states(again[0]).await, first);
    // Another payment of the day that says the same but for its payer.
    let text = String::from_utf8(one_c(1, ACCOUNT)).unwrap();
    let who =
        |bin: &str| text.replace("КонецДокумента", &format!("ПлательщикБИН_ИИН={bin}\r\nКонецДокумента"));
    bring_statement(&city, who("971240001315").as_bytes()).await.unwrap();
    let other = bring_statement(&city, who("180540021233").replace("0335", "0336").as_bytes()).await.unwrap();
    assert_eq!(states(other[0]).await, ["payment 1"]);
}

#[tokio::test]
async fn a_line_is_what_a_person_says_and_each_state_has_its_decisions() {
    let bank = Bank::open().await;
    let city = &bank.city;
    let channel = terms(city, "kaspi", &RegistryLayout::published(), "adds").await;
    let ids = bring_statement(city, &one_c(3, "no such account")).await.unwrap();
    let states = || {
        city.texts("SELECT concat_ws(' ', n, state, account_id, channel_id IS NOT NULL, decision) FROM payments.statement_line ORDER BY n")
    };
    assert_eq!(states().await, ["1 unknown f", "2 unknown f", "3 unknown f"]);
    let id = Gid(ids[0]).encode();
    let who = || actor_of(Role::Treasurer);
    let decide = |n: i32, decision: &str, note: Option<&str>| json!({ "id": id, "lines": { "numbers": [n] }, "decision": decision, "note": note });
    assert_eq!(
        act(city, who(), "statementDecide", "statement { id }", decide(1, "POSTED", None)).await.1,
        ["ROW_STATE"]
    );
    assert_eq!(
        act(city, who(), "statementDecide", "statement { id }", decide(1, "EXPLAINED", None)).await.1,
        ["EMPTY"]
    );
    let say = |n: i32, meaning: Json| json!({ "id": id, "number": n, "meaning": meaning });
    let of = json!({ "account": Gid(AccountId(2)).encode() });
    assert_eq!(act(city, who(), "statementLineSet", "statement { id }", say(1, of)).await.1, [""; 0]);
    let handed = json!({ "remittance": { "channelId": Gid(channel).encode(), "date": "2026-03-25" } });
    assert_eq!(act(city, who(), "statementLineSet", "statement { id }", say(2, handed)).await.1, [""; 0]);
    for (n, decision) in [(1, "POSTED"), (2, "POSTED"), (3, "SUSPENDED")] {
        assert_eq!(
            act(city, who(), "statementDecide", "statement { id }", decide(n, decision, None)).await.1,
            [""; 0]
        );
    }
    assert_eq!(states().await, ["1 payment 2 f posted", "2 remittance t posted", "3 unknown f suspended"]);
    assert_eq!(bank.balance(2).await, "1530.54");
    assert_eq!(ledger(city, "suspense").await, "-1.00");
    assert_eq!(ledger(city, "bank_clearing").await, "3.00");
    assert_eq!(
        act(city, who(), "statementDecide", "statement { id }", decide(3, "SUSPENDED", None)).await.1,
        ["ROW_DECIDED"]
    );
    whole(city).await;

    // What is personal is sealed, opened for those who may see it, and each look is written down.
    let sealed: Option<i64> = city
        .scalar(
            "SELECT count(*) FROM payments.statement_line WHERE position('KZ75125'::bytea IN details) > 0",
        )
        .await;
    assert_eq!(sealed, Some(0));
    let ask = json!({ "of": { "line": { "id": id, "number": 3 } } });
    let query = "query($of: PayerDetailsInput!) { payerDetails(of: $of) { iban identification purpose } }";
    assert_eq!(city.graphql(query, ask.clone()).as_role(Role::Treasurer).await.codes(), ["FORBIDDEN"]);
    let seen = city.graphql(query, ask).as_role(Role::ChiefAccountant).await;
    assert_eq!(seen.at("/payerDetails/iban"), "KZ75125KZT1001300335");
    let looks: Option<i64> = city
        .scalar("SELECT count(*) FROM platform.audit_entry WHERE entity = 'statement' AND action = 'personal_data_seen'")
        .await;
    assert_eq!(looks, Some(1));
}

#[tokio::test]
async fn a_day_that_the_bank_pays_in_parts_has_one_fee() {
    let bank = Bank::open().await;
    let city = &bank.city;
    let channel = terms(city, "kaspi", &RegistryLayout::published(), "adds").await;
    bring(city, channel, "KASPI_20260325_1.csv", &registry(3)).await.unwrap();
    let ids = bring_statement(city, &one_c(2, "nobody's")).await.unwrap();
    let id = Gid(ids[0]).encode();
    let who = || actor_of(Role::Treasurer);
    let handed = json!({ "remittance": { "channelId": Gid(channel).encode(), "date": "2026-03-25" } });
    for n in [1, 2] {
        let say = json!({ "id": id, "number": n, "meaning": handed });
        assert_eq!(act(city, who(), "statementLineSet", "statement { id }", say).await.1, [""; 0]);
    }
    let both = json!({ "id": id, "lines": { "numbers": [1, 2] }, "decision": "POSTED" });
    assert_eq!(act(city, who(), "statementDecide", "statement { id }", both).await.1, [""; 0]);
    assert_eq!(ledger(city, "agent_fee").await, "0.03", "a tiyn of each of three payments");
    assert_eq!(ledger(city, "bank_clearing").await, "2.00");
}

/// A statement in which the bank pays 400.00 back, as the refund of a number.
fn pays_back(number: &Json) -> String {
    let out = format!(
        "СекцияДокумент=Выписка\r\nДатаОперации=26.03.2026\r\nСуммаРасход=400\r\nНомерДокумента=881\r\nДатаДокумента=26.03.2026\r\n\
         ПлательщикИИК=KZ549261802102000003\r\nПолучательНаименование=Абонент\r\nНазначениеПлатежа=Возврат № {number}\r\nСумма=400\r\n\
         Валюта=KZT\r\nКонецДокумента\r\nКонецФайла"
    );
    String::from_utf8(one_c(1, ACCOUNT))
        .unwrap()
        .replace("КонецФайла", &out)
        .replace("ВсегоСписано=0", "ВсегоСписано=400")
        .replace("НачальныйОстаток=0", "НачальныйОстаток=400")
}

/// A refund of 400.00 by one person; its node id and its number.
async fn refunded(city: &TestApp, payment: PaymentId) -> Json {
    let paper = document(city).await;
    let input = json!({ "paymentId": Gid(payment).encode(), "amount": "400.00", "documentId": paper, "reason": "переплата",
        "requisites": "KZ86125KZT5004100100", "idempotencyKey": "a-refund-of-400" });
    let (made, codes) =
        act(city, actor_of(Role::Treasurer), "refundCreate", "refund { id number }", input).await;
    assert_eq!(codes, [""; 0]);
    made["refund"].clone()
}

#[tokio::test]
async fn the_bank_pays_a_refund_that_waited_for_it() {
    let city = issued().await;
    let payment = paid(&city, "1", "6000.00").await;
    let number = refunded(&city, payment).await["number"].clone();
    let ids = bring_statement(&city, pays_back(&number).as_bytes()).await.unwrap();
    let states = city
        .texts("SELECT concat_ws(' ', n, state, refund_id) FROM payments.statement_line ORDER BY n")
        .await;
    assert_eq!(states[1], format!("2 refund {number}"));
    let input = json!({ "id": Gid(ids[0]).encode(), "lines": { "numbers": [2] }, "decision": "POSTED" });
    let who = actor_of(Role::Treasurer);
    assert_eq!(act(&city, who, "statementDecide", "statement { id }", input).await.1, [""; 0]);
    let paid = city.texts("SELECT concat_ws(' ', state, paid_on, paid_reference) FROM payments.refund").await;
    assert_eq!(paid, ["paid 2026-03-26 881"]);
    assert_eq!(ledger(&city, "bank_clearing").await, "5600.00", "what came less what was refunded");
    owed(&city).await;
}

#[tokio::test]
async fn what_an_agent_took_and_our_bank_gave_back_the_agent_owes() {
    let city = issued().await;
    agent(&city, "kaspi", "").await;
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let payment = NewPayment {
        account: AccountId(1),
        sector: Sector::Multi,
        channel: "kaspi".into(),
        external_id: "1".into(),
        amount: Money::tenge("6000.00").unwrap(),
        paid_on: "2026-03-25".parse().unwrap(),
        paid_at: None,
        import_batch: None,
        target: None,
    };
    let taken = record_many(&mut tx, &[payment], city.app.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let refund = refunded(&city, taken[0].payment().unwrap()).await;
    let stands = async || (ledger(&city, "agent_clearing").await, ledger(&city, "bank_clearing").await);
    assert_eq!(stands().await, ("5600.00".into(), "0.00".into()));
    // The bank has told it by telephone; its statement comes the day after, and is what the books wait for.
    let told = json!({ "id": refund["id"], "paidOn": "2026-03-26", "reference": "881" });
    let treasurer = actor_of(Role::Treasurer);
    assert_eq!(act(&city, treasurer, "refundPay", "refund { state }", told).await.1, [""; 0]);
    assert_eq!(stands().await, ("5600.00".into(), "0.00".into()));

    let ids = bring_statement(&city, pays_back(&refund["number"]).as_bytes()).await.unwrap();
    let input = json!({ "id": Gid(ids[0]).encode(), "lines": { "numbers": [2] }, "decision": "POSTED" });
    let who = || actor_of(Role::Treasurer);
    assert_eq!(act(&city, who(), "statementDecide", "statement { id }", input).await.1, [""; 0]);
    assert_eq!(stands().await, ("6000.00".into(), "-400.00".into()));
    // The same order in another file of the bank is another line, and no second payment.
    let other = pays_back(&refund["number"]).replace("НомерДокумента=881", "НомерДокумента=882");
    bring_statement(&city, other.as_bytes()).await.unwrap();
    let lines = "SELECT state FROM payments.statement_line WHERE amount < 0 ORDER BY statement_id";
    assert_eq!(city.texts(lines).await, ["refund", "out"]);
    let back = json!({ "id": refund["id"] });
    assert_eq!(act(&city, who(), "refundReturn", "refund { state }", back).await.1, [""; 0]);
    assert_eq!(stands().await, ("6000.00".into(), "0.00".into()), "it came back to the bank");
    assert_eq!(owed(&city).await[0], "1 advance -41721");
}

#[tokio::test]
async fn an_erased_person_is_no_longer_in_what_the_bank_said() {
    let city = issued().await;
    let text = String::from_utf8(one_c(2, "nobody's")).unwrap();
    let text = text.replace("Плательщик 0\r\n", "Ғани Қалиев\r\nПлательщикБИН_ИИН=900101300811\r\n");
    let ids = bring_statement(&city, text.as_bytes()).await.unwrap();
    let input = json!({ "id": Gid(ids[0]).encode(), "lines": { "numbers": [1] }, "decision": "SUSPENDED" });
    act(&city, actor_of(Role::Treasurer), "statementDecide", "statement { id }", input).await;
    city.sql("INSERT INTO subscribers.party (id, kind, name) VALUES (90, 'person', 'Ғани Қалиев')").await;
    let known_by = vec![city.app.vault.blind("900101300811")];
    let tx = Tx::begin(&city.app.db, actor_of(Role::ChiefAccountant)).await.unwrap();
    entities::subscribers::party::erase(&tx, PartyId(90), known_by).await.unwrap().unwrap();
    tx.commit_silently("a test").await.unwrap();
    for table in ["statement_line", "suspense"] {
        let told = format!("SELECT count(*) FROM payments.{table} WHERE payer LIKE '%Қалиев%'");
        assert_eq!(city.scalar::<i64>(&told).await, Some(0), "{table}");
        let blank = format!(
            "SELECT count(*) FROM payments.{table} WHERE payer = '—' AND details IS NULL AND subject IS NULL"
        );
        assert_eq!(city.scalar::<i64>(&blank).await, Some(1), "{table}");
    }
}

#[tokio::test]
async fn the_parts_of_a_day_are_no_repetition_of_one_another() {
    let city = issued().await;
    let states = async |id: StatementId| {
        city.texts(&format!("SELECT state FROM payments.statement_line WHERE statement_id = {id} ORDER BY n"))
            .await
    };
    // Two payments of a day, by orders of the same number and sum: one before noon and one after it.
    let morning = String::from_utf8(one_c(1, ACCOUNT)).unwrap();
    let noon = morning
        .replace("НачальныйОстаток=0", "НачальныйОстаток=1")
        .replace("КонечныйОстаток=1", "КонечныйОстаток=2")
        .replace("За воду", "Вода");
    for part in [&morning, &noon] {
        let ids = bring_statement(&city, part.as_bytes()).await.unwrap();
        assert_eq!(states(ids[0]).await, ["payment"]);
    }
    // In another format, but going on where the first one ended.
    let first = ["unknown", "payment", "out"];
    let ids = bring_statement(&city, &march_26("march_26.xml")).await.unwrap();
    assert_eq!(states(ids[0]).await, first);
    let swift = String::from_utf8(march_26("march_26.sta")).unwrap().replace("//B260326-", "//B260327-");
    let later = swift
        .replace("KZT1000,00", "KZT256565,34")
        .replace(":62F:C260326KZT256565,34", ":62F:C260326KZT512130,68");
    let ids = bring_statement(&city, later.as_bytes()).await.unwrap();
    assert_eq!(states(ids[0]).await, first, "it goes on where that one ended");
    // Of the same format its keys tell a repetition, whatever it opens with.
    let ids = bring_statement(&city, swift.as_bytes()).await.unwrap();
    assert_eq!(states(ids[0]).await, ["duplicate"; 3]);
}

#[tokio::test]
async fn what_the_bank_numbers_otherwise_is_other_money() {
    let city = issued().await;
    bring_statement(&city, &march_26("march_26.xml")).await.unwrap();
    let swift =
        String::from_utf8(march_26("march_26.sta")).unwrap().replace("//B260326-0002", "//B260326-0009");
    let ids = bring_statement(&city, swift.as_bytes()).await.unwrap();
    let states = city
        .texts(&format!(
            "SELECT state FROM payments.statement_line WHERE statement_id = {} ORDER BY n",
            ids[0]
        ))
        .await;
    assert_eq!(states, ["duplicate", "payment", "duplicate"]);
}

#[tokio::test]
async fn a_person_overrules_what_was_taken_for_a_repetition() {
    let bank = Bank::open().await;
    let city = &bank.city;
    let who = || actor_of(Role::Treasurer);
    let text = String::from_utf8(one_c(1, ACCOUNT)).unwrap();
    let post = async |id: StatementId| {
        let input = json!({ "id": Gid(id).encode(), "lines": { "numbers": [1] }, "decision": "POSTED" });
        act(city, who(), "statementDecide", "statement { id }", input).await.1
    };
    let one = bring_statement(city, text.as_bytes()).await.unwrap();
    assert_eq!(post(one[0]).await, [""; 0]);
    let two = bring_statement(city, format!("{text}\r\n").as_bytes()).await.unwrap();
    assert_eq!(post(two[0]).await, ["ROW_STATE"], "a repetition");
    let of = json!({ "id": Gid(two[0]).encode(), "number": 1, "meaning": { "account": Gid(AccountId(2)).encode() } });
    assert_eq!(act(city, who(), "statementLineSet", "statement { id }", of).await.1, [""; 0]);
    assert_eq!(post(two[0]).await, [""; 0]);
    assert_eq!((bank.payments().await, bank.balance(2).await.as_str()), (2, "1530.54"));
    let trail = city
        .texts("SELECT concat_ws(' ', action, before ->> 'state') FROM platform.audit_entry WHERE entity = 'statement' AND action = 'said'")
        .await;
    assert_eq!(trail, ["said duplicate"]);
    // In a third file it is a repetition of both.
    let three = bring_statement(city, format!("{text}\r\n\r\n").as_bytes()).await.unwrap();
    assert_eq!(post(three[0]).await, ["ROW_STATE"]);
    whole(city).await;
}

#[tokio::test]
async fn a_day_that_is_missing_is_noticed_whatever_lies_between() {
    let city = issued().await;
    let of = |day: &str, opening: &str, closing: &str| {
        String::from_utf8(one_c(2, ACCOUNT))
            .unwrap()
            .replace("26.03.2026", day)
            .replace("НачальныйОстаток=0", &format!("НачальныйОстаток={opening}"))
            .replace("КонечныйОстаток=2", &format!("КонечныйОстаток={closing}"))
    };
    bring_statement(&city, of("20.03.2026", "10", "12").as_bytes()).await.unwrap();
    let gap = bring_statement(&city, of("25.03.2026", "20", "22").as_bytes()).await.unwrap_err();
    assert_eq!(gap.code, "STATEMENT_GAP", "days between, and money moved on them");
    bring_statement(&city, of("25.03.2026", "12", "14").as_bytes()).await.unwrap();
    // Out of order: what comes after is looked at too.
    let gap = bring_statement(&city, of("18.03.2026", "9", "11").as_bytes()).await.unwrap_err();
    assert_eq!(gap.code, "STATEMENT_GAP");
    bring_statement(&city, of("18.03.2026", "8", "10").as_bytes()).await.unwrap();
}
