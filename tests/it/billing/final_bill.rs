//! Who moves out is billed at once and once; who comes after begins where he ended.

use aiscra_tests::{Flat, Meter, Reply, TestApp, march};
use api::billing::ops;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use entities::ledger::close;
use serde_json::{Value as Json, json};

use super::recalculate::document;

const DONE: &str = "done { account { status closedOn } bill { isFinal charged closing dueOn issuedAt excuse
        lines { service basis from to volume gross } explanation { equal } }
    result { charged balance readings monthWasIssued } } errors { code }";

/// Flat 1 has a meter that was read in February, flat 2 has none, flat 3 has one read in March.
pub async fn house() -> TestApp {
    let city = TestApp::new().await;
    let unread = Meter { initial: 100_000, march: None, verified_until: "2030-01-01" };
    let first = Flat { residents: 2, meter: Some(unread) };
    city.house(&[first, Flat::unmetered(3), Flat::metered(2, 10_000)]).await;
    for sequence in ["party", "account"] {
        city.sql(&format!("SELECT setval(pg_get_serial_sequence('subscribers.{sequence}', 'id'), 1000)"))
            .await;
    }
    city
}

async fn leaving(city: &TestApp, account: i64, date: &str, more: Json) -> Json {
    let mut input = json!({ "accountId": Gid(AccountId(account)).encode(), "expectedVersion": 1, "date": date,
        "documentId": document(city).await });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

fn reading(point: i64, value: &str) -> Json {
    json!([{ "pointId": Gid(PointId(point)).encode(), "value": value }])
}

async fn make(city: &TestApp, input: &Json) -> Reply {
    let query = format!("mutation($i: FinalBillInput!) {{ finalBillMake(input: $i) {{ {DONE} }} }}");
    city.graphql(&query, json!({ "i": input })).as_role(Role::OperatorMulti).await
}

pub async fn issue(city: &TestApp) -> entities::billing::run::Run {
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let issued = ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().expect("is issued");
    tx.commit().await.unwrap();
    issued
}

#[tokio::test]
async fn who_moves_out_is_billed_at_once_and_the_run_goes_on_from_there() {
    let city = house().await;
    let input = leaving(&city, 1, "2026-03-16", json!({ "readings": reading(1, "103.500") })).await;
    // A preview says the same and keeps nothing.
    let preview = city
        .graphql(
            "query($i: FinalBillInput!) { finalBillPreview(input: $i) { preview { charged balance readings monthWasIssued
                 lines { volume gross } } errors { code } } }",
            json!({ "i": input }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    // 3.500 m³ from 25 February to 15 March: × 66.00 × 1.16 = 267.96, × 40.95 × 1.16 = 166.257.
    let lines: Vec<Json> = preview.at("/finalBillPreview/preview/lines").as_array().unwrap().clone();
    assert_eq!(
        lines,
        [json!({ "volume": "3.500", "gross": "267.96" }), json!({ "volume": "3.500", "gross": "166.26" })]
    );
    assert_eq!(preview.at("/finalBillPreview/preview/charged"), "434.22");
    for table in ["billing.run", "billing.bill", "ledger.open_item", "ledger.entry"] {
        assert_eq!(city.scalar::<i64>(&format!("SELECT count(*) FROM {table}")).await, Some(0), "{table}");
    }

    let done = make(&city, &input).await;
    assert_eq!(done.refusals(), Vec::<&str>::new(), "{done:?}");
    let bill = done.at("/finalBillMake/done/bill");
    assert_eq!(
        (&bill["isFinal"], &bill["charged"], &bill["closing"]),
        (&true.into(), &"434.22".into(), &"434.22".into())
    );
    assert_eq!(bill["explanation"]["equal"], true, "it explains itself from what it kept");
    assert_eq!(bill["lines"][0]["to"], "2026-03-15", "the reading closes the last day");
    assert!(bill["issuedAt"].is_string());
    assert_eq!(
        done.at("/finalBillMake/done/result"),
        &json!({ "charged": "434.22", "balance": "434.22", "readings": 1, "monthWasIssued": false })
    );
    assert_eq!(done.at("/finalBillMake/done/account/status"), "CLOSED");
    assert_eq!(make(&city, &input).await.refusals(), ["CONFLICT"]);

    // The number is not used again in the month that it has settled.
    let back = json!({ "id": Gid(AccountId(1)).encode(), "expectedVersion": 2, "date": "2026-03-20",
        "holder": { "kind": "PERSON", "name": "Сейтқали Айгүл" } });
    let refused = city
        .graphql(
            "mutation($i: AccountMoveInInput!) { accountMoveIn(input: $i) { errors { code } } }",
            json!({ "i": back }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert!(["FINAL_BILL_THIS_MONTH", "CONFLICT"].contains(&refused.refusals()[0]), "{refused:?}");

    // Whoever comes has a number of her own; her meter begins at his closing reading.
    let open = json!({ "number": "2000001", "sector": "MULTI", "consumerGroup": "POPULATION",
        "premiseId": Gid(PremiseId(1)).encode(), "holder": { "kind": "PERSON", "name": "Сейтқали Айгүл" },
        "openedOn": "2026-03-16", "residents": 1, "residentsSource": "EGOV" });
    let opened = city
        .graphql(
            "mutation($i: AccountOpenInput!) { accountTakeOver(input: $i) { account { id } errors { code } } }",
            json!({ "i": open }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(opened.refusals(), Vec::<&str>::new(), "{opened:?}");
    let taken = city
        .graphql(
            "mutation($i: ReadingSubmitInput!) { readingSubmit(input: $i) { reading { verdict } errors { code } } }",
            json!({ "i": { "pointId": Gid(PointId(1)).encode(), "value": "105.000", "takenOn": "2026-03-25" } }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(taken.at("/readingSubmit/reading/verdict"), "ACCEPTED", "{taken:?}");

    let run = issue(&city).await;
    assert_eq!((run.accounts, run.failures), (3, 0), "flats 2 and 3, and whoever came");
    let of = "SELECT concat_ws(' ', a.number, sum(l.liters), sum(l.gross), min(l.from_day)) FROM billing.charge_line l
        JOIN subscribers.account a ON a.id = l.account_id WHERE a.premise_id = 1 AND l.service = 'water' GROUP BY a.number";
    let mut both = city.texts(of).await;
    both.sort();
    // 105.000 − 103.500 = 1.500 m³ × 66.00 × 1.16 = 114.84.
    assert_eq!(both, ["1000001 3500 26796 2026-02-25", "2000001 1500 11484 2026-03-16"]);
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 0);
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);

    // The month closes, with his bill among those that were made.
    let conditions = city
        .graphql(
            "query { period(period: \"2026-03\", sector: MULTI) { conditions { code met } } }",
            json!({}),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    let unmet: Vec<&Json> = conditions
        .at("/period/conditions")
        .as_array()
        .unwrap()
        .iter()
        .filter(|condition| condition["met"] != true)
        .collect();
    assert!(unmet.is_empty(), "{unmet:?}");
}

#[tokio::test]
async fn a_flat_without_a_meter_pays_for_its_days_and_the_house_counts_them() {
    let city = house().await;
    let whole = city.app.clone();
    let month = ops::preview_bill(&whole.db, AccountId(2), Sector::Multi, march(), whole.clock.now())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let input = leaving(&city, 2, "2026-03-11", json!({})).await;
    let done = make(&city, &input).await;
    assert_eq!(done.refusals(), Vec::<&str>::new(), "{done:?}");
    let liters = |charges: &domain::billing::Charges| {
        charges
            .lines
            .iter()
            .filter(|line| line.service == Service::Water)
            .map(|line| line.volume.liters())
            .sum::<i64>()
    };
    // Ten days of thirty-one.
    let expected = (liters(&month.charges) * 10 + 15) / 31;
    let billed: Option<i64> =
        city.scalar("SELECT sum(liters)::bigint FROM billing.charge_line WHERE service = 'water'").await;
    assert_eq!(billed, Some(expected));
    let preview =
        ops::preview_bill(&whole.db, AccountId(2), Sector::Multi, march(), whole.clock.now()).await.unwrap();
    assert!(preview.is_none(), "no run asks for these days again");
    assert_eq!(issue(&city).await.accounts, 2);
}

#[tokio::test]
async fn what_stands_against_it_is_said_and_nothing_happens() {
    let city = house().await;
    for (account, date, more, code) in [
        (1, "2026-03-16", json!({}), "CLOSING_READINGS_MISSING"),
        (1, "2026-03-16", json!({ "readings": reading(2, "1.000") }), "CLOSING_READINGS_MISSING"),
        (1, "2026-03-16", json!({ "readings": reading(2, "1.000"), "unread": true }), "POINT_NOT_FOUND"),
        (1, "2026-03-16", json!({ "readings": reading(1, "99.000") }), "CLOSING_READING_WRONG"),
        (1, "2026-03-27", json!({ "readings": reading(1, "103.000") }), "DAY_AHEAD"),
        (1, "2020-01-01", json!({ "unread": true }), "DATE_TOO_EARLY"),
        (1, "2026-03-16", json!({ "unread": true, "expectedVersion": 9 }), "CONFLICT"),
    ] {
        let input = leaving(&city, account, date, more.clone()).await;
        assert_eq!(make(&city, &input).await.refusals(), [code], "{more}");
    }
    let kept = "SELECT (SELECT count(*) FROM billing.run) + (SELECT count(*) FROM subscribers.account WHERE status = 'closed')
        + (SELECT count(*) FROM readings.reading WHERE account_id = 1) - 1";
    assert_eq!(city.scalar::<i64>(kept).await, Some(0));

    // A run that is not issued has taken the holder's facts already.
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let input = leaving(&city, 2, "2026-03-11", json!({})).await;
    assert_eq!(make(&city, &input).await.refusals(), ["RUN_IN_THE_WAY"]);
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    // Issued, the month was charged as a whole: the account closes, a correction takes the rest back.
    let done = make(&city, &input).await;
    assert_eq!(done.refusals(), Vec::<&str>::new(), "{done:?}");
    assert_eq!(done.at("/finalBillMake/done/result/monthWasIssued"), true);
    assert_eq!(done.at("/finalBillMake/done/bill"), &Json::Null);
}

#[tokio::test]
async fn the_old_access_dies_and_he_may_sign_in_for_his_last_bill() {
    let city = house().await;
    city.sql(
        "INSERT INTO access.session (id, principal, principal_id, party_id, label, expires_at)
         VALUES ('00000000-0000-4000-8000-000000000001', 'subscriber', 2, 2, 'account 2', now() + interval '1 day')",
    )
    .await;
    let input = leaving(&city, 2, "2026-03-11", json!({})).await;
    assert_eq!(make(&city, &input).await.refusals(), Vec::<&str>::new());
    let revoked = "SELECT count(*) FROM access.session WHERE principal_id = 2 AND revoked_at IS NOT NULL";
    assert_eq!(city.scalar::<i64>(revoked).await, Some(1));

    let today = city.app.clock.today();
    let contact = entities::access::contact::of_account(&city.app.db, "1000002", today).await.unwrap();
    assert_eq!(contact.map(|contact| contact.party_id), Some(2), "the last holder of a closed account");
    let mine = "{ me { account { status balance bills { nodes { isFinal charged } } } } }";
    let seen = city.graphql(mine, json!({})).as_subscriber(AccountId(2)).await;
    assert_eq!(seen.at("/me/account/bills/nodes/0/isFinal"), true);
    assert_eq!(seen.at("/me/account/bills/nodes/0/charged"), seen.at("/me/account/balance"));
}

/// February went by a norm of 30 m³ that nothing settles; he leaves with 3.500 shown: 26.500 come back, and pay what he owed.
#[tokio::test]
async fn who_leaves_gets_back_what_was_billed_above_his_closing_reading() {
    let city = super::held::flat().await;
    city.sql("UPDATE consumption.month SET provisional = 30000").await;
    city.sql("INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-03-01', 'multi', 'open', 'test')").await;
    city.app.clock.set_today(Some(march().last_day()));
    let owed = "SELECT coalesce(sum(amount - settled), 0)::bigint FROM ledger.open_item WHERE account_id = 1";
    let before: i64 = city.scalar(owed).await.unwrap();
    let input = leaving(&city, 1, "2026-03-16", json!({ "readings": reading(1, "103.500") })).await;
    let done = make(&city, &input).await;
    assert_eq!(done.refusals(), Vec::<&str>::new(), "{done:?}");
    let bill = done.at("/finalBillMake/done/bill");
    // 26.500 × 66.00 × 1.16 = 2028.84, × 40.95 × 1.16 = 1258.803.
    assert_eq!(bill["charged"], "-3287.64");
    assert_eq!(bill["lines"][0]["volume"], "-26.500");
    assert_eq!(bill["explanation"]["equal"], true);
    assert_eq!(city.scalar::<i64>(owed).await, Some(before - 328_764), "the books know it");
    let sides = "SELECT count(*) FROM ledger.open_item WHERE account_id = 1 AND amount < 0 AND amount <> settled
                 AND EXISTS (SELECT FROM ledger.open_item o WHERE o.account_id = 1 AND o.amount > 0 AND o.amount <> o.settled)";
    assert_eq!(city.scalar::<i64>(sides).await, Some(0), "no credit lies beside a debt");
}

/// Two firms rent from day to day: the first has a meter that was read in February, the second 31 m³ a month agreed and a limit of 20.
async fn firms() -> TestApp {
    let city = house().await;
    document(&city).await;
    for statement in [
        "UPDATE subscribers.account SET sector = 'legal', consumer_group = 'other' WHERE id IN (1, 2)",
        "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-03-01', 'legal', 'open', 'test')",
        "INSERT INTO contracts.contract (id, number, kind, account_id, party_id, signed_on, valid, recorded_by)
         VALUES (500, 'Ю-2', 'individual', 2, 2, '2020-01-01', daterange('2020-01-01', NULL), 'test')",
        "INSERT INTO contracts.point_volume (contract_id, point_id, liters, valid, recorded_by)
         VALUES (500, 2, 31000, daterange('2020-01-01', NULL), 'test')",
        "INSERT INTO contracts.consumption_limit (contract_id, point_id, service, month_liters, source, document_id, recorded_by, valid)
         SELECT 500, 2, 'water', 20000, 'annex', max(id), 'test', daterange('2020-01-01', NULL) FROM archive.document",
    ] {
        city.sql(statement).await;
    }
    city
}

async fn make_of_firm(city: &TestApp, input: &Json) -> Reply {
    let query = format!("mutation($i: FinalBillInput!) {{ finalBillMake(input: $i) {{ {DONE} }} }}");
    city.graphql(&query, json!({ "i": input })).as_role(Role::OperatorLegal).await
}

#[tokio::test]
async fn a_firm_that_leaves_on_the_tenth_has_its_bill_at_once() {
    let city = firms().await;
    let unread = leaving(&city, 1, "2026-03-11", json!({})).await;
    assert_eq!(make_of_firm(&city, &unread).await.refusals(), ["CLOSING_READINGS_MISSING"]);
    let input = leaving(&city, 1, "2026-03-11", json!({ "readings": reading(1, "103.100") })).await;
    assert_eq!(
        make(&city, &input).await.refusals(),
        ["NO_SUCH_ACCOUNT"],
        "an operator of flats knows no firms"
    );
    let done = make_of_firm(&city, &input).await;
    assert_eq!(done.refusals(), Vec::<&str>::new(), "{done:?}");
    // 3.100 m³ × 350.00 × 1.16 = 1258.60, × 170.00 × 1.16 = 611.32.
    let bill = done.at("/finalBillMake/done/bill");
    assert_eq!((&bill["isFinal"], &bill["charged"]), (&true.into(), &"1869.92".into()));
    assert_eq!(bill["lines"][0]["to"], "2026-03-10");
    assert_eq!(bill["explanation"]["equal"], true);

    // Agreed volumes go by days: 10 of 31 m³. The limit is the whole month's: by days it would be 6.452 m³, and 10 above it.
    let input = leaving(&city, 2, "2026-03-11", json!({})).await;
    let done = make_of_firm(&city, &input).await;
    assert_eq!(done.refusals(), Vec::<&str>::new(), "{done:?}");
    let bill = done.at("/finalBillMake/done/bill");
    let lines: Vec<(&Json, &Json, &Json)> = bill["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (&line["basis"], &line["volume"], &line["gross"]))
        .collect();
    // × 350.00 × 1.16 = 4060.00, × 170.00 × 1.16 = 1972.00.
    let (basis, volume) = (json!("CONTRACT"), json!("10.000"));
    assert_eq!(lines, [(&basis, &volume, &json!("4060.00")), (&basis, &volume, &json!("1972.00"))]);
    assert_eq!(bill["explanation"]["equal"], true);
    let ended =
        "SELECT count(*) FROM contracts.contract WHERE upper_inf(recorded) AND upper(valid) = '2026-03-11'";
    assert_eq!(city.scalar::<i64>(ended).await, Some(1));

    for account in [AccountId(1), AccountId(2)] {
        let app = &city.app;
        let asked =
            ops::preview_bill(&app.db, account, Sector::Legal, march(), app.clock.now()).await.unwrap();
        assert!(asked.is_none(), "no run asks for these days again");
    }
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
}

#[tokio::test]
async fn a_firm_that_bears_a_share_of_its_house_does_not_leave_it_to_the_others() {
    let city = firms().await;
    city.sql(
        "INSERT INTO imbalance.member (account_id, document_id, recorded_by, valid)
         SELECT 2, max(id), 'test', daterange('2026-01-01', NULL) FROM archive.document",
    )
    .await;
    // The run of firms waits for that of the flats; who bears no share of the month does not.
    let input = leaving(&city, 1, "2026-03-11", json!({ "readings": reading(1, "103.100") })).await;
    assert_eq!(make_of_firm(&city, &input).await.refusals(), Vec::<&str>::new());
    ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let input = leaving(&city, 2, "2026-03-11", json!({})).await;
    assert_eq!(make_of_firm(&city, &input).await.refusals(), ["FINAL_BILL_AFTER_SHARES"]);
}
