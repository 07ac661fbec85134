//! A meter that is off for repair or verification over the end of a month, and one that showed less than was billed.

use aiscra_tests::TestApp;

use super::expiry::{line, month};
use super::held::{flat, read};

/// The flat of two with 9.300 m³ measured in February.
async fn measured() -> TestApp {
    let city = flat().await;
    city.sql("UPDATE consumption.month SET history = '{9300}', history_period = '{2026-02-01}'").await;
    city
}

/// Takes the meter off on a day for a reason, with what it shows.
async fn off(city: &TestApp, day: &str, reason: &str, liters: i64) {
    city.sql(&format!(
        "UPDATE meters.installation SET valid = daterange('2020-01-01', '{day}'), removal = '{reason}'"
    ))
    .await;
    read(city, 1, day, liters, "final").await;
}

#[tokio::test]
async fn the_average_stands_for_a_meter_until_it_is_back_next_month() {
    let city = measured().await;
    off(&city, "2026-03-22", "verification", 106_000).await;
    let march = [
        line("metered", "2026-02-25", "2026-03-22", "6.000"),
        line("average", "2026-03-22", "2026-04-01", "3.000"),
    ];
    assert_eq!(month(&city, "2026-03").await, march);

    city.sql("INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by) VALUES (1, 1, daterange('2026-04-11', NULL), 'test')").await;
    read(&city, 1, "2026-04-11", 106_000, "initial").await;
    read(&city, 1, "2026-04-20", 109_000, "").await;
    // 8.370 is the mean of February and of March, whose 6 m³ in 25 days are 7.440 in all of it; nothing of the average is settled:
    // no reading is of those days.
    let april = [
        line("average", "2026-04-01", "2026-04-11", "2.790"),
        line("metered", "2026-04-11", "2026-04-21", "3.000"),
    ];
    assert_eq!(month(&city, "2026-04").await, april);
    read(&city, 1, "2026-05-20", 116_000, "").await;
    assert_eq!(month(&city, "2026-05").await, [line("metered", "2026-04-21", "2026-05-21", "7.000")]);
}

#[tokio::test]
async fn the_average_stands_for_three_months_and_for_no_withdrawn_meter() {
    let city = measured().await;
    off(&city, "2026-03-22", "fault", 106_000).await;
    month(&city, "2026-03").await;
    for period in ["2026-04", "2026-05"] {
        assert_eq!(month(&city, period).await[0].3, "8.370", "{period}");
    }
    let june = [
        line("average", "2026-06-01", "2026-06-22", "5.859"),
        line("norm", "2026-06-22", "2026-07-01", "9.000"),
    ];
    assert_eq!(month(&city, "2026-06").await, june);

    let city = measured().await;
    off(&city, "2026-03-22", "withdrawn", 106_000).await;
    assert_eq!(month(&city, "2026-03").await[1], line("norm", "2026-03-22", "2026-04-01", "9.677"));
}

/// March went by the average of 9.300, and the meter was read for the last time on the first of April.
#[tokio::test]
async fn a_meter_taken_off_on_the_first_is_read_for_the_last_time() {
    let city = measured().await;
    assert_eq!(month(&city, "2026-03").await, [line("average", "2026-03-01", "2026-04-01", "9.300")]);
    off(&city, "2026-04-01", "fault", 110_000).await;
    let april = [
        line("metered", "2026-02-25", "2026-04-01", "0.700"),
        line("average", "2026-04-01", "2026-05-01", "7.150"),
    ];
    assert_eq!(month(&city, "2026-04").await[0], april[0]);
    // Ten m³ in 35 days are 8.571 in thirty, twice beside the 9.300 before.
    assert_eq!(month(&city, "2026-05").await, [line("average", "2026-05-01", "2026-06-01", "8.814")]);
}

/// Nothing stands there any more to settle it: what was billed too much is given back, with its VAT, at the price of its days.
#[tokio::test]
async fn a_last_meter_that_showed_less_than_was_billed_gives_back() {
    let city = measured().await;
    month(&city, "2026-03").await;
    off(&city, "2026-04-01", "withdrawn", 105_000).await;
    let april = [
        line("metered", "2026-02-25", "2026-04-01", "-4.300"),
        line("norm", "2026-04-01", "2026-05-01", "30.000"),
    ];
    assert_eq!(month(&city, "2026-04").await, april);
    let money = "SELECT concat_ws(' ', net, vat, gross) FROM billing.charge_line WHERE period = '2026-04-01' AND liters < 0 ORDER BY line";
    assert_eq!(city.texts(money).await, ["-28380 -4541 -32921", "-17609 -2817 -20426"]);
    let books = "SELECT count(*) FROM ledger.entry WHERE amount <= 0";
    assert_eq!(city.scalar::<i64>(books).await, Some(0), "the books have sides, no signs");
    assert_eq!(month(&city, "2026-05").await, [line("norm", "2026-05-01", "2026-06-01", "30.000")]);
}
