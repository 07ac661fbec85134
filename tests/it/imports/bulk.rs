//! Files of many rows: one commit, the same statements.

use std::fmt::Write;
use std::time::Instant;

use aiscra_tests::count_statements;
use domain::imports::ImportKind;

use super::*;

/// Files of a street of flats, some with an account and a meter that is read on some days of March.
struct Street {
    flats: usize,
    accounts: usize,
    days: usize,
}

impl Street {
    fn files(&self) -> [(ImportKind, String, usize); 4] {
        let header = |kind: &str| sample(kind).lines().next().expect("a header").to_owned() + "\n";
        let (mut premises, mut accounts, mut meters, mut readings) =
            (header("premises"), header("accounts"), header("meters"), header("readings"));
        for n in 0..self.flats {
            let (house, flat, account) = (n / 100 + 1, n % 100 + 1, 90_000_000 + n);
            writeln!(
                premises,
                "almaly;B1;Көше;Улица;{house};apartment;{flat};flat;50.0;1;1;0;household;0;2026-01-01"
            )
            .unwrap();
            if n < self.accounts {
                writeln!(
                    accounts,
                    "{account};multi;population;B1;{house};{flat};person;Абонент {account};;;;ru;2026-03-01"
                )
                .unwrap();
                writeln!(meters, "{account};;;0;ВК-15;B{n:07};2026-02-26;{}.000;2025-05-14;;", n % 900)
                    .unwrap();
            }
        }
        for (day, n) in (0..self.days).flat_map(|day| (0..self.accounts).map(move |n| (day, n))) {
            writeln!(
                readings,
                "{};0;B{n:07};2026-03-{:02};{}.500;portal",
                90_000_000 + n,
                n % 10 + day + 1,
                n % 900 + n % 9 + day
            )
            .unwrap();
        }
        [
            (ImportKind::Premises, premises, self.flats),
            (ImportKind::Accounts, accounts, self.accounts),
            (ImportKind::Meters, meters, self.accounts),
            (ImportKind::Readings, readings, self.accounts * self.days),
        ]
    }
}

/// The size that the customer asked for, both ways of writing: by a script and by a rule.
#[tokio::test]
async fn a_hundred_thousand_rows_commit_in_one_go() {
    let street = Street { flats: 100_000, accounts: 10_000, days: 10 };
    let app = ground().await;
    for (kind, text, rows) in street.files() {
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
        assert_eq!(done.rows_committed, rows as i64, "{kind}: {:?} {:?}", done.error_code, done.error_detail);
    }
    let readings =
        entities::readings::counts(&app.app.db, Period::new(2026, 3).expect("a month"), Sector::Multi).await;
    let readings = readings.expect("works");
    assert_eq!(
        (readings.received, readings.accepted),
        (100_000, 10_000),
        "the last one of each meter counts"
    );
    let told = "SELECT count(*) FROM platform.outbox WHERE topic = 'imports' AND event->'fact'->>'type' = 'advanced'";
    assert!(app.scalar::<i64>(told).await > Some(40), "watchers hear of progress");
}

#[tokio::test]
async fn a_longer_file_takes_no_more_statements() {
    let mut counts = Vec::new();
    for flats in [10, 1_000] {
        let app = ground().await;
        let mut used = Vec::new();
        for (kind, text, rows) in (Street { flats, accounts: flats, days: 1 }).files() {
            let (done, statements) = count_statements(take(&app, kind, &text)).await;
            assert_eq!(done.rows_committed, rows as i64);
            used.push((kind, statements));
        }
        counts.push(used);
    }
    assert_eq!(counts[0], counts[1]);
}
