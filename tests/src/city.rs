//! A very small city: one house of flats, each flat a case of its own. Prices and settings are the published ones.

use domain::access::Actor;
use domain::kernel::{AccountId, Period, Sector};
use entities::kernel::Tx;

use crate::TestApp;

/// One flat.
#[derive(Debug, Clone, Copy)]
pub struct Flat {
    /// Residents registered since 2020.
    pub residents: i32,
    /// Readings of the cold meter: (day of the first one, litres), (day, litres) of March 2026.
    pub meter: Option<Meter>,
}

#[derive(Debug, Clone, Copy)]
pub struct Meter {
    pub initial: i64,
    pub march: Option<i64>,
    pub verified_until: &'static str,
}

impl Flat {
    pub const fn unmetered(residents: i32) -> Self {
        Self { residents, meter: None }
    }

    /// With a valid meter that used so many litres by 20 March 2026.
    pub const fn metered(residents: i32, liters: i64) -> Self {
        let meter = Meter { initial: 100_000, march: Some(100_000 + liters), verified_until: "2030-01-01" };
        Self { residents, meter: Some(meter) }
    }
}

pub fn march() -> Period {
    Period::new(2026, 3).expect("a month")
}

impl TestApp {
    /// Builds the house and opens March 2026 for flats; accounts 1, 2, 3… in the order of the list.
    pub async fn house(&self, flats: &[Flat]) -> Vec<AccountId> {
        let mut tx = Tx::begin(&self.app.db, Actor::system("test")).await.expect("a transaction");
        entities::tariffs::published(&tx).await.expect("published prices");
        let opened = api::ledger::ops::open_period(&mut tx, march(), Sector::Multi, march().last_day())
            .await
            .expect("works");
        opened.expect("March opens");
        tx.commit().await.expect("commits");
        self.sql(
            "INSERT INTO premises.district (id, code, name_kk, name_ru, name_en) VALUES (1, 'test', 'Т', 'Т', 'T')
             ON CONFLICT DO NOTHING",
        )
        .await;
        self.sql("INSERT INTO premises.street (id, code, name_kk, name_ru) VALUES (1, 'T1', 'Абай даңғылы', 'проспект Абая')")
            .await;
        self.sql("INSERT INTO premises.building (id, district_id, street_id, house, kind) VALUES (1, 1, 1, '10', 'apartment')")
            .await;
        self.sql(
            "INSERT INTO meters.model (id, name, manufacturer, digits, diameter_mm, interval_cold_months, interval_hot_months)
             VALUES (1, 'СВ-15', 'T', 5, 15, 72, 48)",
        )
        .await;
        for (at, flat) in flats.iter().enumerate() {
            self.flat(at as i64 + 1, flat).await;
        }
        (1..=flats.len() as i64).map(AccountId).collect()
    }

    async fn flat(&self, n: i64, flat: &Flat) {
        let since = "daterange('2020-01-01', NULL)";
        for statement in [
            format!("INSERT INTO premises.premise (id, building_id, number, kind) VALUES ({n}, 1, '{n}', 'flat')"),
            format!("INSERT INTO premises.point (id, building_id, premise_id) VALUES ({n}, 1, {n})"),
            format!(
                "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
                 VALUES ({n}, true, true, 'household', {since}, 'test')"
            ),
            format!("INSERT INTO subscribers.party (id, kind, name) VALUES ({n}, 'person', 'Абонент {n}')"),
            format!(
                "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id,
                     opened_on)
                 VALUES ({n}, '{}', 'multi', 'population', 1, 1, {n}, '2020-01-01')",
                1_000_000 + n
            ),
            format!(
                "INSERT INTO subscribers.holder (account_id, party_id, valid, recorded_by) VALUES ({n}, {n}, {since}, 'test')"
            ),
            format!(
                "INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded_by)
                 VALUES ({n}, {}, 'egov', {since}, 'test')",
                flat.residents
            ),
            format!(
                "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
                 VALUES ({n}, {n}, {since}, 'test')"
            ),
        ] {
            self.sql(&statement).await;
        }
        let Some(meter) = flat.meter else { return };
        for statement in [
            format!("INSERT INTO meters.meter (id, model_id, serial) VALUES ({n}, 1, 'S{n}')"),
            format!(
                "INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by) VALUES ({n}, {n}, {since}, 'test')"
            ),
            format!(
                "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by)
                 VALUES ({n}, '2020-01-01', '{}', 'test')",
                meter.verified_until
            ),
        ] {
            self.sql(&statement).await;
        }
        self.reading(n, "2026-02-01", "2026-02-24", meter.initial).await;
        if let Some(liters) = meter.march {
            self.reading(n, "2026-03-01", "2026-03-20", liters).await;
        }
    }

    /// An accepted reading as if it had come through the intake.
    pub async fn reading(&self, account: i64, period: &str, day: &str, liters: i64) {
        self.sql(&format!(
            "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by)
             VALUES ('{period}', {account}, {account}, {account}, '{day}', {liters}, 'portal', 'accepted', 'test')"
        ))
        .await;
    }
}
