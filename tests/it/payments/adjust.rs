//! What changes a debt besides runs and payments: the books stay equal service by service, credits go where they belong.

use aiscra_tests::TestApp;
use api::payments::ops::{Adjusted, Adjustment, adjust};
use domain::access::Actor;
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::kernel::Tx;
use entities::ledger::{close, item};

use super::record::issued;
use aiscra_tests::march;

async fn post(city: &TestApp, source: AdjustmentSource, id: i64, rows: &[Adjustment]) -> Adjusted {
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let done = adjust(&mut tx, source, id, rows, today, now).await.unwrap().unwrap();
    tx.commit_silently("test").await.unwrap();
    done
}

fn of_water(account: i64, net: &str, vat: &str) -> Adjustment {
    Adjustment {
        account: AccountId(account),
        sector: Sector::Multi,
        service: Service::Water,
        component: Component::Charge,
        origin: march(),
        due_on: march().next().last_day(),
        net: net.parse().unwrap(),
        vat: vat.parse().unwrap(),
    }
}

async fn balance(city: &TestApp, account: i64) -> (String, String) {
    let found = item::balances(&city.app.db, &[(AccountId(account), None)]).await.unwrap();
    let of = |pick: fn(&item::Balance) -> i64| Money::from_tiyn(found.first().map_or(0, pick)).to_string();
    (of(|b| b.owed), of(|b| b.advance))
}

/// Open items of a service against its receivable in the ledger: must be nothing.
async fn apart(city: &TestApp) -> i64 {
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    city.scalar::<i64>(
        "SELECT count(*) FROM (
             SELECT service, sum(amount - settled) AS rest FROM ledger.open_item WHERE amount > 0 GROUP BY 1) o
         FULL JOIN (
             SELECT service, sum(CASE WHEN debit = 'receivable' THEN amount ELSE 0 END
                                 - CASE WHEN credit = 'receivable' THEN amount ELSE 0 END) AS rest
             FROM ledger.entry GROUP BY 1) e USING (service)
         WHERE coalesce(o.rest, 0) <> coalesce(e.rest, 0)",
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn a_credit_lessens_its_own_service_then_the_others_and_the_rest_is_paid_ahead() {
    let city = issued().await;
    assert_eq!(balance(&city, 1).await, ("5582.79".into(), "0.00".into()));

    post(&city, AdjustmentSource::Correction, 1, &[of_water(1, "-100.00", "-16.00")]).await;
    assert_eq!(balance(&city, 1).await, ("5466.79".into(), "0.00".into()));
    assert_eq!(apart(&city).await, 0);

    // 3445.20 of water less 116 are taken up by water, 2137.59 by sewerage, 150 by nothing.
    let done = post(&city, AdjustmentSource::Correction, 2, &[of_water(1, "-4841.89", "-774.90")]).await;
    assert_eq!(
        (done.owed_less.to_string(), done.left_as_advance.to_string()),
        ("5616.79".into(), "150.00".into())
    );
    assert_eq!(balance(&city, 1).await, ("0.00".into(), "150.00".into()));
    assert_eq!(apart(&city).await, 0);

    // What is owed more is covered by the money ahead at once.
    post(&city, AdjustmentSource::OneOff, 3, &[of_water(1, "200.00", "32.00")]).await;
    assert_eq!(balance(&city, 1).await, ("82.00".into(), "0.00".into()));
    assert_eq!(apart(&city).await, 0);

    // Given up: no revenue and no VAT goes back.
    let vat = "SELECT coalesce(sum(CASE WHEN credit = 'vat_payable' THEN amount ELSE -amount END), 0)::bigint
               FROM ledger.entry WHERE 'vat_payable' IN (debit, credit)";
    let before: Option<i64> = city.scalar(vat).await;
    post(&city, AdjustmentSource::WriteOff, 4, &[of_water(1, "-82.00", "0.00")]).await;
    assert_eq!(balance(&city, 1).await, ("0.00".into(), "0.00".into()));
    assert_eq!(city.scalar::<i64>(vat).await, before);
    assert_eq!(apart(&city).await, 0);
    let moved: Option<i64> =
        city.scalar("SELECT sum(amount)::bigint FROM ledger.account_total WHERE account_id = 1").await;
    assert_eq!(moved, Some(0), "the totals tell the same story");
}
