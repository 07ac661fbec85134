//! Files of many rows: one commit, the same statements.

use std::fmt::Write;
use std::time::Instant;

use aiscra_tests::count_statements;
use domain::imports::ImportKind;

use super::*;

/// Files of a street of flats, each with a meter and a March reading.
fn street(flats: usize) -> [(ImportKind, String); 4] {
    let header = |kind: &str| sample(kind).lines().next().expect("a header").to_owned() + "\n";
    let (mut premises, mut accounts, mut meters, mut readings) =
        (header("premises"), header("accounts"), header("meters"), header("readings"));
    for n in 0..flats {
        let (house, flat, account) = (n / 100 + 1, n % 100 + 1, 90_000_000 + n);
        writeln!(
            premises,
            "almaly;B1;Көше;Улица;{house};apartment;{flat};flat;50.0;1;1;0;household;0;2026-01-01"
        )
        .unwrap();
        writeln!(
            accounts,
            "{account};multi;population;B1;{house};{flat};person;Абонент {account};;;;ru;2026-03-01"
        )
        .unwrap();
        writeln!(meters, "{account};;;0;ВК-15;B{n:07};2026-02-26;{}.000;2025-05-14;;", n % 900).unwrap();
        writeln!(readings, "{account};0;B{n:07};2026-03-{:02};{}.500;portal", n % 20 + 1, n % 900 + n % 9)
            .unwrap();
    }
    [
        (ImportKind::Premises, premises),
        (ImportKind::Accounts, accounts),
        (ImportKind::Meters, meters),
        (ImportKind::Readings, readings),
    ]
}

#[tokio::test]
async fn ten_thousand_rows_of_each_kind_commit_in_one_go() {
    load(10_000).await;
}

/// The size that the customer asked for; run by hand: `cargo nextest run --run-ignored only bulk`.
#[tokio::test]
#[ignore = "a minute of work"]
async fn a_hundred_thousand_rows_of_each_kind_commit_in_one_go() {
    load(100_000).await;
}

async fn load(flats: usize) {
    let app = ground().await;
    for (kind, text) in street(flats) {
        let began = Instant::now();
        let id = send(&app, importer(), kind, &text).await.expect("taken");
        let checked = began.elapsed();
        assert_eq!(act(&app, COMMIT, id).await, [""; 0]);
        let done = batch_of(&app, id).await;
        println!(
            "{kind}: {} rows, upload + dry run {checked:.1?}, commit {:.1?}",
            done.rows_total,
            began.elapsed() - checked
        );
        assert_eq!(
            done.rows_committed, flats as i64,
            "{kind}: {:?} {:?}",
            done.error_code, done.error_detail
        );
    }
    let readings =
        entities::readings::counts(&app.app.db, Period::new(2026, 3).expect("a month"), Sector::Multi).await;
    let readings = readings.expect("works");
    assert_eq!((readings.received, readings.accepted), (flats as i64, flats as i64));
    let told = "SELECT count(*) FROM platform.outbox WHERE topic = 'imports' AND event->'fact'->>'type' = 'advanced'";
    assert!(app.scalar::<i64>(told).await > Some(8), "watchers hear of progress");
}

#[tokio::test]
async fn a_longer_file_takes_no_more_statements() {
    let mut counts = Vec::new();
    for flats in [10, 1_000] {
        let app = ground().await;
        let mut used = Vec::new();
        for (kind, text) in street(flats) {
            let (done, statements) = count_statements(take(&app, kind, &text)).await;
            assert_eq!(done.rows_committed, flats as i64);
            used.push((kind, statements));
        }
        counts.push(used);
    }
    assert_eq!(counts[0], counts[1]);
}
