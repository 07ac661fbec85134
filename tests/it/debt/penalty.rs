use aiscra_tests::{Flat, TestApp, march};
use api::billing::ops;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

use super::*;
use crate::billing::recalculate as correction;

/// 6 days of January 4.44, February 20.71, 25 days of March 18.49.
const FULL: &str = "43.64";

#[tokio::test]
async fn accrued_twice_it_is_accrued_once_and_taken_back_it_is_gone() {
    let city = debtors(2).await;
    assert_eq!(accrue(&city).await, both("87.28", "0.00"));
    assert_eq!(owed(&city, 1).await, "1043.64");
    assert_eq!(accrue(&city).await, both("0.00", "0.00"));
    assert_eq!(owed(&city, 1).await, "1043.64");

    let first: Option<i64> = city.scalar("SELECT min(id) FROM debt.accrual").await;
    let reversed = city
        .signed(
            two(Role::ChiefAccountant, Role::Accountant),
            "mutation($id: ID!, $d: ID!) { penaltyReverse(input: { id: $id, documentId: $d }) { signature { id } errors { code } } }",
            json!({ "id": Gid(AccrualId(first.unwrap())).encode(), "d": document() }),
        )
        .await;
    assert_eq!(code(&reversed), "", "{reversed}");
    city.run_jobs().await;
    assert_eq!(owed(&city, 1).await, "1000.00");
    let kinds: Option<i64> = city
        .scalar(
            "SELECT sum(amount)::bigint FROM ledger.account_total WHERE account_id = 1 AND kind = 'penalty'",
        )
        .await;
    assert_eq!(kinds, Some(0));
    assert_eq!(accrue(&city).await, both("87.28", "0.00"), "what was taken back is accrued anew");
}

#[tokio::test]
async fn a_payment_that_comes_late_with_an_earlier_date_mends_the_months_to_the_tiyn() {
    let city = debtors(1).await;
    assert_eq!(accrue(&city).await.0, FULL);
    // The bank's file says 1 February: six days of delay, 4.44 of penalty. The order covers penalty first.
    pay(&city, 1, "1004.44", "2026-02-01", "bank-late-1").await;
    assert_eq!(owed(&city, 1).await, "39.20");
    assert_eq!(accrue(&city).await, both("0.00", "39.20"));
    assert_eq!(owed(&city, 1).await, "0.00");
    assert_eq!(accrue(&city).await, both("0.00", "0.00"));

    let told = city
        .graphql(
            "{ me { account { debt { penalty { month amount days { from to days overdue baseRate multiplier } } } } } }",
            json!({}),
        )
        .as_subscriber(AccountId(1))
        .await;
    let months = told.at("/me/account/debt/penalty");
    assert_eq!(
        *months,
        json!([{ "month": "2026-01", "amount": "4.44", "days": [
            { "from": "2026-01-26", "to": "2026-01-31", "days": 6, "overdue": "1000.00", "baseRate": "18", "multiplier": "1.5" }] }])
    );
}

#[tokio::test]
async fn a_payment_taken_back_brings_its_penalty_back() {
    let city = debtors(1).await;
    pay(&city, 1, "1000.00", "2026-01-25", "bank-in-time").await;
    assert_eq!(accrue(&city).await, both("0.00", "0.00"));
    let id: Option<i64> = city.scalar("SELECT id FROM payments.payment").await;
    let back = act(
        &city,
        Role::ChiefAccountant,
        "mutation($id: ID!) { paymentReverse(input: { id: $id, reason: \"bounced\", idempotencyKey: \"bounce-1\" }) { errors { code } } }",
        json!({ "id": Gid(PaymentId(id.unwrap())).encode() }),
    )
    .await;
    assert_eq!(code(&back), "", "{back}");
    assert_eq!(accrue(&city).await, both(FULL, "0.00"));
}

#[tokio::test]
async fn a_moratorium_takes_back_what_was_accrued_for_its_days() {
    let city = debtors(1).await;
    accrue(&city).await;
    let recorded = city
        .signed(
            two(Role::Accountant, Role::ChiefAccountant),
            "mutation($d: ID!) { moratoriumRecord(input: { sector: MULTI, from: \"2026-02-01\", to: \"2026-02-10\", reason: \"flood\",
                documentId: $d }) { signature { id } errors { code } } }",
            json!({ "d": document() }),
        )
        .await;
    assert_eq!(code(&recorded), "", "{recorded}");
    // 18 days of February are left: 13.32.
    assert_eq!(accrue(&city).await, both("0.00", "7.39"));
    let id: Option<i64> = city.scalar("SELECT id FROM debt.moratorium").await;
    let withdrawn = city
        .signed(
            two(Role::Accountant, Role::ChiefAccountant),
            "mutation($id: ID!, $d: ID!) { moratoriumWithdraw(input: { id: $id, documentId: $d }) { signature { id } errors { code } } }",
            json!({ "id": Gid(MoratoriumId(id.unwrap())).encode(), "d": document() }),
        )
        .await;
    assert_eq!(code(&withdrawn), "", "{withdrawn}");
    assert_eq!(accrue(&city).await, both("7.39", "0.00"));
}

const OPEN: &str =
    "mutation($a: ID!, $i: ID!, $s: Money!) { disputeOpen(input: { accountId: $a, openItemId: $i, amount: $s,
    reason: \"wrong reading\" }) { dispute { id answerBy } errors { code } } }";
const DECIDE: &str =
    "mutation($id: ID!, $for: Boolean!, $d: ID!) { disputeDecide(input: { id: $id, forSubscriber: $for,
    decision: \"checked\", documentId: $d }) { dispute { state } errors { code } } }";

#[tokio::test]
async fn a_disputed_sum_rests_and_only_that_sum() {
    let city = debtors(1).await;
    accrue(&city).await;
    let item = item_of(&city, 1).await;
    let sum = |sum: &str| json!({ "a": account(1), "i": item, "s": sum });
    assert_eq!(code(&act(&city, Role::OperatorMulti, OPEN, sum("1000.01")).await), "MORE_THAN_OWED");
    let opened = act(&city, Role::OperatorMulti, OPEN, sum("400.00")).await;
    assert_eq!(opened["dispute"]["answerBy"], "2026-04-10", "{opened}");
    assert_eq!(code(&act(&city, Role::OperatorMulti, OPEN, sum("1.00")).await), "DISPUTE_EXISTS");

    // As if it had been opened on 15 February: 14 days of February and 25 of March on 600.
    city.sql("UPDATE debt.dispute SET opened_on = '2026-02-15'").await;
    // February 10.36 + 6.21, March 11.10.
    assert_eq!(accrue(&city).await, both("0.00", "11.53"));

    let id = opened["dispute"]["id"].clone();
    let lost =
        act(&city, Role::ChiefAccountant, DECIDE, json!({ "id": id, "for": false, "d": document() })).await;
    assert_eq!(lost["dispute"]["state"], "AGAINST", "{lost}");
    assert_eq!(accrue(&city).await, both("0.00", "0.00"), "the time of the dispute stays free");
    let again =
        act(&city, Role::ChiefAccountant, DECIDE, json!({ "id": id, "for": true, "d": document() })).await;
    assert_eq!(code(&again), "DISPUTE_DECIDED");
}

#[tokio::test]
async fn decided_for_the_subscriber_it_was_never_owed() {
    let city = debtors(1).await;
    accrue(&city).await;
    let item = item_of(&city, 1).await;
    let opened =
        act(&city, Role::OperatorMulti, OPEN, json!({ "a": account(1), "i": item, "s": "1000.00" })).await;
    let won = json!({ "id": opened["dispute"]["id"], "for": true, "d": document() });
    assert_eq!(act(&city, Role::ChiefAccountant, DECIDE, won).await["dispute"]["state"], "FOR");
    assert_eq!(owed(&city, 1).await, FULL, "only the penalty is left");
    assert_eq!(accrue(&city).await, both("0.00", FULL));
    assert_eq!(owed(&city, 1).await, "0.00");
}

/// The bill of January charged 448.00 on days of December at 12 % and 552.00 on its own at 16 %.
#[tokio::test]
async fn a_sum_of_two_rates_is_taken_back_at_both() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    city.sql("SELECT platform.ensure_partitions(DATE '2026-01-01')").await;
    owe(&city, 1, 901, "2026-01", "2026-02-25").await;
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '17', '2026-03-01', 'АУПК', 'взыскание', 'test')",
    )
    .await;
    city.sql(
        "WITH run AS (
             INSERT INTO billing.run (period, sector, state, due_on, known_at, started_by)
             VALUES ('2026-01-01', 'multi', 'issued', '2026-02-25', now(), 'test') RETURNING id)
         INSERT INTO billing.charge_line (period, account_id, run_id, line, point_id, service, component, basis, from_day, to_day,
             liters, price, coefficient, vat_rate, tariff_id, vat_id, net, vat, gross)
         SELECT '2026-01-01', 1, run.id, l.line, 1, 'water', 'charge', 'metered', l.from_day::date, l.to_day::date,
                1000, 1, 10000, l.rate, 1, 1, l.net, l.vat, l.net + l.vat
         FROM run, (VALUES (1, '2025-12-21', '2026-01-01', 1200, 40000, 4800),
                           (2, '2026-01-01', '2026-01-21', 1600, 47586, 7614)) AS l (line, from_day, to_day, rate, net, vat)",
    )
    .await;
    let item = item_of(&city, 1).await;
    let opened =
        act(&city, Role::OperatorMulti, OPEN, json!({ "a": account(1), "i": item, "s": "333.33" })).await;
    let won = json!({ "id": opened["dispute"]["id"], "for": true, "d": document() });
    assert_eq!(act(&city, Role::ChiefAccountant, DECIDE, won).await["dispute"]["state"], "FOR");
    assert_eq!(owed(&city, 1).await, "666.67");
    // 333.33 x 44.8 % = 149.33 = 133.33 + 16.00; x 55.2 % = 184.00 = 158.62 + 25.38. At 16 % alone the VAT were 45.98.
    let mut back = city
        .texts(
            "SELECT concat_ws(' ', debit, credit, amount) FROM ledger.entry WHERE source = 'correction' AND source_id < 0",
        )
        .await;
    back.sort();
    assert_eq!(
        back,
        [
            "revenue_water receivable 13333",
            "revenue_water receivable 15862",
            "vat_payable receivable 1600",
            "vat_payable receivable 2538"
        ]
    );
}

#[tokio::test]
async fn an_earlier_day_than_was_posted_is_refused() {
    let city = debtors(1).await;
    accrue(&city).await;
    let refused = act(
        &city,
        Role::Accountant,
        "mutation { penaltyReckon(input: { month: \"2026-02\", sector: MULTI }) { errors { code } } }",
        json!({}),
    )
    .await;
    assert_eq!(code(&refused), "PENALTY_DAY_TOO_EARLY");
}

#[tokio::test]
async fn what_moves_to_another_account_bears_each_day_once_and_its_time_goes_on() {
    let city = debtors(2).await;
    city.sql("UPDATE ledger.open_item SET origin = '2025-11-01' WHERE account_id = 2").await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('1'::text) WHERE code = 'payments.transfer_alone'")
        .await;
    city.sql(
        "INSERT INTO debt.interruption (account_id, open_item_id, kind, on_day, document_id, recorded_by)
         SELECT account_id, id, 'acknowledged', '2026-02-10', 1, 'test' FROM ledger.open_item WHERE account_id = 1",
    )
    .await;
    let expires = async || {
        let seen = city
            .graphql(
                "{ debtsExpiring(within: 1100) { nodes { account { number } dueOn expiresOn } } }",
                json!({}),
            )
            .as_role(Role::ChiefAccountant)
            .await;
        let mut days: Vec<(String, String)> = seen
            .at("/debtsExpiring/nodes")
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                (row["dueOn"].as_str().unwrap().to_owned(), row["expiresOn"].as_str().unwrap().to_owned())
            })
            .collect();
        days.sort_unstable();
        days
    };
    let before = expires().await;
    assert_eq!(before.len(), 2, "{before:?}");
    assert_ne!(before[0].1, before[1].1, "one of them was interrupted");

    city.app.clock.set_today(Some("2026-03-01".parse().unwrap()));
    let proposed = act(
        &city,
        Role::Accountant,
        "mutation($f: ID!, $t: ID!, $d: ID!) { transferCreate(input: { fromId: $f, toId: $t, documentId: $d, reason: \"не тому\" }) {
            transfer { id state } errors { code } } }",
        json!({ "f": account(1), "t": account(2), "d": document() }),
    )
    .await;
    assert_eq!(proposed["transfer"]["state"], "WAITING", "{proposed}");
    city.app.clock.set_today(Some("2026-03-11".parse().unwrap()));
    let agreed = act(
        &city,
        Role::ChiefAccountant,
        "mutation($id: ID!) { transferDecide(input: { id: $id, agree: true }) { transfer { state } errors { code } } }",
        json!({ "id": proposed["transfer"]["id"] }),
    )
    .await;
    assert_eq!(agreed["transfer"]["state"], "POSTED", "{agreed}");
    city.app.clock.set_today(Some("2026-03-26".parse().unwrap()));
    assert_eq!(expires().await, before, "neither the day nor what interrupted it is another");
    // What moved by the rule before has begun anew with the day of the proposal: its migration puts that right.
    city.sql("UPDATE ledger.open_item SET due_on = '2026-03-01' WHERE source = 'transfer'").await;
    city.sql("UPDATE payments.transfer_part SET due_on = '2026-03-01'").await;
    assert_ne!(expires().await, before);
    city.sql(include_str!("../../../migration/sql/payments/0015_due_of_transfers.sql")).await;
    assert_eq!(expires().await, before);

    // Of 1000 for 26 January to 25 March: up to 10 March here, from 11 March there, besides the other's own.
    accrue(&city).await;
    let sums = city.texts("SELECT account_id || ' ' || sum(amount) FROM debt.penalty GROUP BY account_id ORDER BY account_id").await;
    assert_eq!(sums, ["1 3255", "2 5474"]);

    // Taken back, it never moved.
    let back = act(
        &city,
        Role::ChiefAccountant,
        "mutation($id: ID!, $d: ID!) { transferReverse(input: { id: $id, documentId: $d }) { transfer { state } errors { code } } }",
        json!({ "id": proposed["transfer"]["id"], "d": document() }),
    )
    .await;
    assert_eq!(back["transfer"]["state"], "REVERSED", "{back}");
    assert_eq!(expires().await, before);
    accrue(&city).await;
    let sums = city.texts("SELECT account_id || ' ' || sum(amount) FROM debt.penalty GROUP BY account_id ORDER BY account_id").await;
    assert_eq!(sums, ["1 4365", "2 4364"]);
}

/// Goes on to a day: months before its own are closed, its own is open.
async fn go_on_to(city: &TestApp, day: &str) {
    let month = format!("{}-01", &day[..7]);
    city.sql(&format!("SELECT platform.ensure_partitions(DATE '{month}')")).await;
    city.sql(&format!("UPDATE ledger.period SET status = 'closed' WHERE period < '{month}'")).await;
    city.sql(&format!(
        "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('{month}', 'multi', 'open', 'test')
         ON CONFLICT DO NOTHING"
    ))
    .await;
    city.app.clock.set_today(Some(day.parse().unwrap()));
}

/// A flat of three whose water of March, 45 m³ × 66.00 × 1.16 = 3445.20, was due on 25 April; today is 5 June.
async fn billed() -> TestApp {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    city.sql("UPDATE premises.point_service SET sewerage = false").await;
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    go_on_to(&city, "2026-06-05").await;
    assert_eq!(owed(&city, 1).await, "3445.20");
    city
}

/// The same, paid on 4 June; its penalty was accrued, and paid too. In July nothing of it is looked at any more.
async fn paid_late() -> TestApp {
    let city = billed().await;
    pay(&city, 1, "3445.20", "2026-06-04", "paid-late").await;
    // 26 April to 3 June: 12.74 + 79.00 + 7.65.
    assert_eq!(accrue_up_to(&city, "2026-06-05").await, both("99.39", "0.00"));
    pay(&city, 1, "99.39", "2026-06-05", "penalty-paid").await;
    go_on_to(&city, "2026-07-05").await;
    assert_eq!(accrue_up_to(&city, "2026-07-05").await, both("0.00", "0.00"));
    assert_eq!(owed(&city, 1).await, "0.00");
    city
}

/// March is reckoned anew with so many residents more, 15 m³ × 66.00 × 1.16 = 1148.40 each, and posted, a credit in so many parts.
async fn recalculated(city: &TestApp, residents: i64, stages: i64) -> Json {
    let (accountant, chief) =
        (correction::named(Role::Accountant, "alia"), correction::named(Role::ChiefAccountant, "berik"));
    correction::more_residents(city, 1, residents).await;
    let months = json!({ "accounts": [account(1)], "from": "2026-03", "to": "2026-03", "stages": stages,
        "reason": format!("{residents} residents") });
    let batch = correction::prepared(city, &accountant, months).await;
    assert_eq!(correction::act(city, "correctionPost", &accountant, &batch).await, [""; 0]);
    if residents < 0 {
        assert_eq!(correction::act(city, "correctionConfirm", &chief, &batch).await, [""; 0]);
    }
    let posted = correction::open(city, &batch["id"]).await;
    assert_eq!(posted["state"], "POSTED", "{posted}");
    posted
}

async fn recalculation_taken_back(city: &TestApp, batch: &Json) {
    let chief = correction::named(Role::ChiefAccountant, "berik");
    assert_eq!(correction::reverse(city, &chief, batch).await, [""; 0]);
    assert_eq!(correction::open(city, &batch["id"]).await["state"], "REVERSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recalculated_after_it_was_paid_was_never_owed() {
    let city = paid_late().await;
    go_on_to(&city, "2026-08-05").await;
    let batch = recalculated(&city, -2, 1).await;
    assert_eq!(batch["owedLess"], "2296.80", "{batch}");
    assert_eq!(owed(&city, 1).await, "-2296.80", "all of it is paid ahead");
    // Of 1148.40 it is 4.25 + 26.33 + 2.55 = 33.13.
    assert_eq!(accrue_up_to(&city, "2026-08-05").await, both("0.00", "66.26"));
    assert_eq!(owed(&city, 1).await, "-2363.06");
    assert_eq!(accrue_up_to(&city, "2026-08-05").await, both("0.00", "0.00"));

    // What is added later has a day of its own by which it is due, and makes nothing owed since April.
    go_on_to(&city, "2026-09-05").await;
    recalculated(&city, 1, 1).await;
    assert_eq!(accrue_up_to(&city, "2026-09-05").await, both("0.00", "0.00"));
    assert_eq!(owed(&city, 1).await, "-1214.66");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recalculation_taken_back_brings_its_penalty_back() {
    let city = paid_late().await;
    go_on_to(&city, "2026-08-05").await;
    let batch = recalculated(&city, -2, 1).await;
    assert_eq!(accrue_up_to(&city, "2026-08-05").await, both("0.00", "66.26"));
    go_on_to(&city, "2026-09-05").await;
    assert_eq!(accrue_up_to(&city, "2026-09-05").await, both("0.00", "0.00"));

    recalculation_taken_back(&city, &batch).await;
    assert_eq!(owed(&city, 1).await, "-66.26", "what it gave covers what is owed again");
    assert_eq!(accrue_up_to(&city, "2026-09-05").await, both("66.26", "0.00"));
    assert_eq!(owed(&city, 1).await, "0.00");
    assert_eq!(accrue_up_to(&city, "2026-09-05").await, both("0.00", "0.00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recalculated_while_it_is_owed_is_lessened_once() {
    let city = billed().await;
    // 26 April to 5 June: 12.74 + 79.00 + 12.74.
    assert_eq!(accrue_up_to(&city, "2026-06-05").await, both("104.48", "0.00"));
    go_on_to(&city, "2026-06-10").await;
    recalculated(&city, -2, 1).await;
    // Up to 10 June of 1148.40: 4.25 + 26.33 + 8.50.
    assert_eq!(accrue_up_to(&city, "2026-06-10").await, both("0.00", "65.40"));
    assert_eq!(owed(&city, 1).await, "1187.48");
    assert_eq!(accrue_up_to(&city, "2026-06-10").await, both("0.00", "0.00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_recalculation_covers_of_other_debts_counts_from_its_day() {
    let city = billed().await;
    pay(&city, 1, "3445.20", "2026-06-04", "paid-late").await;
    owe(&city, 1, 901, "2026-04", "2026-05-25").await;
    go_on_to(&city, "2026-06-10").await;
    // Of March 99.39; of 1000 of April from 26 May to 10 June 4.44 + 7.40.
    assert_eq!(accrue_up_to(&city, "2026-06-10").await, both("111.23", "0.00"));

    go_on_to(&city, "2026-06-15").await;
    recalculated(&city, -2, 1).await;
    assert_eq!(owed(&city, 1).await, "-1185.57", "April and all penalty are covered");
    go_on_to(&city, "2026-06-20").await;
    // March bears 66.26 less. April bears penalty up to 14 June: 10.36 of June instead of 7.40.
    assert_eq!(accrue_up_to(&city, "2026-06-20").await, both("2.96", "66.26"));
    assert_eq!(owed(&city, 1).await, "-1248.87");
    assert_eq!(accrue_up_to(&city, "2026-06-20").await, both("0.00", "0.00"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_back_in_parts_was_never_owed_part_by_part() {
    let city = paid_late().await;
    go_on_to(&city, "2026-08-05").await;
    let batch = recalculated(&city, -2, 3).await;
    // 765.60 a month. Of 2679.60: 9.91 + 61.45 + 5.95 = 77.31; of 1914.00: 7.08 + 43.89 + 4.25 = 55.22; of 1148.40: 33.13.
    assert_eq!(owed(&city, 1).await, "-765.60");
    assert_eq!(accrue_up_to(&city, "2026-08-05").await, both("0.00", "22.08"));
    for day in ["2026-09-05", "2026-10-05"] {
        go_on_to(&city, day).await;
        let next = city
            .graphql(
                "mutation($id: ID!) { correctionStage(input: { id: $id }) { errors { code } } }",
                json!({ "id": batch["id"] }),
            )
            .as_actor(correction::named(Role::Accountant, "alia"))
            .await;
        assert_eq!(next.refusals(), [""; 0]);
        city.run_jobs().await;
        assert_eq!(accrue_up_to(&city, day).await, both("0.00", "22.09"), "{day}");
    }
    assert_eq!(owed(&city, 1).await, "-2363.06");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_recalculation_added_and_was_taken_back_was_never_owed() {
    let city = billed().await;
    pay(&city, 1, "3445.20", "2026-04-20", "paid-in-time").await;
    let batch = recalculated(&city, 1, 1).await;
    assert_eq!(owed(&city, 1).await, "1148.40");
    go_on_to(&city, "2026-08-05").await;
    // Due on 25 July: 5.10 + 4.25.
    assert_eq!(accrue_up_to(&city, "2026-08-05").await, both("9.35", "0.00"));
    recalculation_taken_back(&city, &batch).await;
    assert_eq!(accrue_up_to(&city, "2026-08-05").await, both("0.00", "9.35"));
    assert_eq!(owed(&city, 1).await, "0.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_added_last_is_taken_off_first() {
    let city = billed().await;
    pay(&city, 1, "3445.20", "2026-04-20", "paid-in-time").await;
    recalculated(&city, 1, 1).await;
    go_on_to(&city, "2026-08-05").await;
    pay(&city, 1, "1148.40", "2026-08-04", "paid-late").await;
    // Due on 25 July, paid on 4 August: 5.10 + 2.55.
    assert_eq!(accrue_up_to(&city, "2026-08-05").await, both("7.65", "0.00"));
    // The one that was added, and one of those who were charged first and in time.
    recalculated(&city, -2, 1).await;
    assert_eq!(accrue_up_to(&city, "2026-08-05").await, both("0.00", "7.65"));
    assert_eq!(owed(&city, 1).await, "-2296.80");
}

#[tokio::test]
async fn a_dispute_won_after_it_was_paid_says_that_it_was_never_owed() {
    let city = debtors(1).await;
    let item = item_of(&city, 1).await;
    let opened =
        act(&city, Role::OperatorMulti, OPEN, json!({ "a": account(1), "i": item, "s": "400.00" })).await;
    pay(&city, 1, "1000.00", "2026-03-20", "bank-meanwhile").await;
    // Up to 19 March: 4.44 + 20.71 + 14.05.
    assert_eq!(accrue(&city).await, both("39.20", "0.00"));
    let won = json!({ "id": opened["dispute"]["id"], "for": true, "d": document() });
    assert_eq!(act(&city, Role::ChiefAccountant, DECIDE, won).await["dispute"]["state"], "FOR");
    // Of 600: 2.66 + 12.43 + 8.43.
    assert_eq!(accrue(&city).await, both("0.00", "15.68"));
    assert_eq!(accrue(&city).await, both("0.00", "0.00"));
    assert_eq!(owed(&city, 1).await, "-376.48");
}
