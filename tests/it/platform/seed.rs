//! The demo city, when whoever builds it is killed.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aiscra_tests::{TestApp, march, program_on};
use api::seed::{self, Wish};
use domain::kernel::Sector;
use domain::ledger::{CloseConditionCode as Code, may_close};
use entities::kernel::audit;
use entities::ledger::close;

const WISH: fn() -> Wish = || Wish { accounts: 120, months: 2, current: march() };

/// Where the process that this test starts and kills finds its database.
const BUILDS: &str = "AISCRA_TEST_SEED_OF";

/// Each is killed as soon as it is true: between any two steps of the seed, and inside the longer ones.
const MOMENTS: &[(&str, &str)] = &[
    ("a few logins", "SELECT count(*) >= 3 FROM access.staff"),
    ("ground without a house", "SELECT EXISTS (SELECT FROM platform.state WHERE key = 'demo.city')"),
    ("houses", "SELECT EXISTS (SELECT FROM subscribers.account)"),
    ("balances taken over", "SELECT EXISTS (SELECT FROM ledger.open_item)"),
    ("payments before the first bill", "SELECT EXISTS (SELECT FROM payments.payment)"),
    ("a run under way", "SELECT EXISTS (SELECT FROM billing.run WHERE state IN ('snapshot', 'running'))"),
    ("bills issued, the month open", "SELECT EXISTS (SELECT FROM billing.run WHERE state = 'issued')"),
    ("one sector closed", "SELECT EXISTS (SELECT FROM ledger.period WHERE status = 'closed')"),
    ("the month is over", "SELECT count(*) = 3 FROM ledger.period WHERE status = 'closed'"),
    (
        "payments of the second month",
        "SELECT EXISTS (SELECT FROM payments.payment WHERE period = '2026-02-01')",
    ),
    ("its last run", "SELECT count(*) >= 6 FROM billing.run"),
    (
        "payments of the current month",
        "SELECT EXISTS (SELECT FROM payments.payment WHERE period = '2026-03-01')",
    ),
];

/// What two cities of one wish agree in; ids of runs, moments and people's hands are their own.
const FIGURES: &[&str] = &[
    "SELECT count(*) || ' ' || md5(string_agg(login, ',' ORDER BY login)) FROM access.staff",
    "SELECT count(*) || ' ' || md5(string_agg(concat_ws(' ', b.id, s.code, b.house, b.kind, b.district_id), ',' ORDER BY b.id))
     FROM premises.building b JOIN premises.street s ON s.id = b.street_id",
    "SELECT count(*) || ' ' || md5(string_agg(to_jsonb(a)::text, ',' ORDER BY id)) FROM subscribers.account a",
    "SELECT count(*) || ' ' || sum(residents) FROM subscribers.residency",
    "SELECT count(*) || ' ' || md5(string_agg(concat_ws(' ', id, account_id, meter_id, taken_on, liters, verdict), ',' ORDER BY id))
     FROM readings.reading",
    "SELECT count(*) || ' ' || sum(net) FROM tariffs.price",
    "SELECT string_agg(concat_ws(' ', period, sector, status), ', ' ORDER BY period, sector) FROM ledger.period",
    "SELECT string_agg(concat_ws(' ', period, sector, state, accounts, lines, failures, gross, hash), ', ' ORDER BY period, sector)
     FROM billing.run",
    "SELECT count(*) || ' ' || sum(gross) || ' ' || md5(string_agg(
         concat_ws(' ', period, account_id, line, service, basis, liters, price, gross), ',' ORDER BY period, account_id, line))
     FROM billing.charge_line",
    "SELECT count(*) || ' ' || md5(string_agg(
         concat_ws(' ', period, account_id, opening, charged, paid, closing, due_on), ',' ORDER BY period, account_id))
     FROM billing.bill",
    "SELECT count(*) || ' ' || sum(amount) || ' ' || md5(string_agg(
         concat_ws(' ', period, account_id, channel, external_id, amount, paid_on), ',' ORDER BY channel, external_id))
     FROM payments.payment",
    "SELECT count(*) || ' ' || sum(amount) || ' ' || sum(settled) || ' ' || md5(string_agg(
         concat_ws(' ', account_id, service, origin, amount, settled), ',' ORDER BY account_id, service, origin, amount, settled))
     FROM ledger.open_item",
    "SELECT count(*) || ' ' || md5(string_agg(
         concat_ws(' ', account_id, period, kind, amount), ',' ORDER BY account_id, period, kind))
     FROM ledger.account_total",
    "SELECT coalesce(string_agg(concat_ws(' ', account_id, kind, state, amount, filed_on, ended_on), ', ' ORDER BY account_id), '-') FROM debt.claim",
    "SELECT string_agg(concat_ws(' ', period, sector, account, debit, credit), ', ' ORDER BY period, sector, account)
     FROM ledger.trial_balance",
];

async fn figures(city: &TestApp) -> Vec<Option<String>> {
    let mut found = Vec::new();
    for figure in FIGURES {
        found.push(city.scalar(figure).await);
    }
    found
}

/// The same test, started once more as a process of its own, whose whole work is the seed.
fn builder(city: &TestApp) -> Child {
    let name = "platform::seed::killed_anywhere_it_ends_in_the_same_city";
    Command::new(std::env::current_exe().expect("a program"))
        .args(["--exact", name, "--nocapture"])
        .env(BUILDS, &city.database.url)
        .stdout(Stdio::null())
        .spawn()
        .expect("a process of its own")
}

#[tokio::test]
async fn killed_anywhere_it_ends_in_the_same_city() {
    if let Ok(url) = std::env::var(BUILDS) {
        return seed::run(&program_on(&url).await, WISH()).await.expect("a city");
    }
    let whole = TestApp::new().await;
    seed::run(&whole.app, WISH()).await.expect("a city");

    let city = TestApp::new().await;
    let mut killed = Vec::new();
    for (moment, sql) in MOMENTS {
        let mut process = builder(&city);
        while city.scalar(sql).await != Some(true) && process.try_wait().expect("its state").is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // SIGKILL: nothing is put in order, connections break off in the middle of a statement.
        process.kill().expect("a signal");
        let status = process.wait().expect("its end");
        match status.signal() {
            Some(9) => killed.push(*moment),
            // On a busy machine the last steps may be over before the signal comes.
            _ => assert!(status.success(), "{moment}: the seed that went on has failed"),
        }
    }
    assert!(killed.len() >= 9, "killed only at {killed:?}");
    assert!(builder(&city).wait().expect("its end").success(), "the last seed goes on to the end");

    for ((figure, found), expected) in FIGURES.iter().zip(figures(&city).await).zip(figures(&whole).await) {
        assert!(expected.is_some(), "nothing to compare: {figure}");
        assert_eq!(found, expected, "{figure}");
    }
    let (debit, credit): (Option<i64>, Option<i64>) = (
        city.scalar("SELECT sum(debit)::bigint FROM ledger.trial_balance").await,
        city.scalar("SELECT sum(credit)::bigint FROM ledger.trial_balance").await,
    );
    assert_eq!(debit, credit);
    // What the doctor looks at, and the sub-ledger against the general one.
    assert_eq!(audit::first_broken_batch(&city.app.db, 0).await.unwrap(), None);
    assert_eq!(close::tampered(&city.app.db).await.unwrap(), []);
    for &sector in Sector::ALL {
        let figures = close::conditions(&city.app.db, march(), sector).await.unwrap();
        let broken: Vec<_> = may_close(&figures).iter().map(|broken| broken.condition).collect();
        // The month is under way, and a desk is open; its money is in order.
        let under_way =
            [Code::EveryAccountCharged, Code::BillsIssued, Code::ReadingsDecided, Code::PaymentsReconciled];
        assert!(broken.iter().all(|code| under_way.contains(code)), "{sector}: {broken:?}");
    }
    // And a seed of a city that stands does nothing.
    assert!(builder(&city).wait().expect("its end").success());
    assert_eq!(figures(&city).await, figures(&whole).await);
}

/// A demo of a thousand accounts shows every case there is to show.
#[tokio::test]
async fn a_small_city_has_some_of_everything() {
    let city = TestApp::new().await;
    seed::run(&city.app, Wish { accounts: 1_000, months: 8, current: march() }).await.expect("a city");
    for (what, sql) in [
        ("a torn seal on a bill", "SELECT count(*) FROM billing.charge_line WHERE basis = 'capacity'"),
        ("people away", "SELECT count(*) FROM consumption.special WHERE kind = 'absence'"),
        ("a watered plot on a bill", "SELECT count(*) FROM billing.charge_line WHERE basis = 'watering'"),
        ("a house in bulk", "SELECT count(*) FROM billing.bill WHERE excuse = 'billed_in_bulk'"),
        (
            "a condominium that pays for its house by the house meter",
            "SELECT count(*) FROM billing.charge_line l JOIN premises.bulk_billing k ON k.payer_id = l.account_id
             JOIN premises.point p ON p.id = l.point_id AND p.building_id = k.building_id AND p.premise_id IS NULL
             WHERE l.service = 'water' AND l.basis = 'metered' AND l.gross > 0",
        ),
        ("a share of a house", "SELECT count(*) FROM billing.charge_line WHERE basis = 'house_share'"),
        ("a house whose difference waits", "SELECT count(*) FROM imbalance.house WHERE state <> 'distributed'"),
        ("a claim with a bailiff", "SELECT count(*) FROM debt.claim WHERE state = 'enforced'"),
        ("a claim that is paid", "SELECT count(*) FROM debt.claim WHERE state = 'satisfied'"),
        ("water above a limit", "SELECT count(*) FROM billing.charge_line WHERE basis = 'over_limit'"),
        (
            "a contract of five objects",
            "SELECT count(*) FROM (SELECT account_id FROM subscribers.account_point o JOIN premises.point p ON p.id = o.point_id
             JOIN subscribers.account a ON a.id = o.account_id AND a.sector = 'legal'
             GROUP BY account_id HAVING count(DISTINCT p.premise_id) = 5) f",
        ),
    ] {
        assert!(city.scalar::<i64>(sql).await.unwrap_or_default() > 0, "no {what}");
    }
}
