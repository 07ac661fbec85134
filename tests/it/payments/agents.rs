//! Money that agents took stands on their own accounts of the ledger, and what is taken back leaves the same account.

use aiscra_tests::{TestApp, march};
use api::payments::ops::{self, NewPayment};
use domain::access::Actor;
use domain::kernel::*;
use entities::kernel::Tx;
use entities::ledger::close;

use super::record::issued;

/// An agent with a channel of its own, switched on; their ids.
pub async fn agent(city: &TestApp, code: &str, settings: &str) -> i64 {
    let id: Option<i64> = city
        .scalar(&format!(
            "WITH agent AS (INSERT INTO payments.agent (code, name_kk, name_ru, name_en) VALUES ('{code}', '{code}', '{code}', '{code}')
                            ON CONFLICT (code) DO UPDATE SET active = true RETURNING id)
             INSERT INTO payments.channel (code, agent_id, dialect, spelling, active, networks, auth, temporary)
             SELECT '{code}', id, 'unified', 'xml', true, '{{127.0.0.0/8,::1/128}}', 'none', 'code' FROM agent RETURNING agent_id"
        ))
        .await;
    if !settings.is_empty() {
        city.sql(&format!("UPDATE payments.channel SET {settings} WHERE code = '{code}'")).await;
    }
    id.expect("an agent")
}

fn brought(channel: &str, external_id: &str, amount: &str) -> NewPayment {
    NewPayment {
        account: AccountId(1),
        sector: Sector::Multi,
        channel: channel.into(),
        external_id: external_id.into(),
        amount: Money::tenge(amount).unwrap(),
        paid_on: "2026-03-20".parse().unwrap(),
        import_batch: None,
        paid_at: None,
        target: None,
    }
}

/// Debits less credits of an agent, and of the bank, in tiyn.
async fn stands(city: &TestApp, agent: i64) -> (i64, i64) {
    let agents = format!(
        "SELECT coalesce(sum(debit - credit), 0)::bigint FROM ledger.agent_turnover WHERE agent_id = {agent}"
    );
    let bank = "SELECT coalesce(sum(debit - credit), 0)::bigint FROM ledger.trial_balance WHERE account = 'bank_clearing'";
    (city.scalar(&agents).await.unwrap(), city.scalar(bank).await.unwrap())
}

#[tokio::test]
async fn what_an_agent_took_is_the_agents_debt_until_it_is_taken_back() {
    let city = issued().await;
    let (kaspi, qiwi) = (agent(&city, "kaspi", "").await, agent(&city, "qiwi", "").await);
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let payments =
        [brought("kaspi", "1", "6000.00"), brought("qiwi", "1", "100.00"), brought("bank", "1", "50.00")];
    ops::record_many(&mut tx, &payments, city.app.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stands(&city, kaspi).await, (600_000, 5_000));
    assert_eq!(stands(&city, qiwi).await.0, 10_000);

    let figures = close::conditions(&city.app.db, march(), Sector::Multi).await.unwrap();
    assert_eq!((figures.paid, figures.debits), (figures.allocated, figures.credits));
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);

    let id: i64 = city.scalar("SELECT id FROM payments.payment WHERE channel = 'kaspi'").await.unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let today = city.app.clock.today();
    ops::reverse_payment(&mut tx, PaymentId(id), "a mistake", None, today).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stands(&city, kaspi).await, (0, 5_000));
    assert_eq!(stands(&city, qiwi).await.0, 10_000, "only what it was taken of");
}

#[tokio::test]
async fn an_entry_of_agents_names_its_agent_and_no_other_does() {
    let city = issued().await;
    let insert = |debit: &str, agent: &str| {
        format!(
            "INSERT INTO ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, source, source_id, agent_id)
             VALUES ('2026-03-01', 'multi', 1, '2026-03-20', '{debit}', 'receivable', 1, 'payment', 1, {agent})"
        )
    };
    for (debit, agent) in [("agent_clearing", "NULL"), ("bank_clearing", "7")] {
        let done = entities::kernel::sql::run(&city.app.db, &insert(debit, agent), []).await;
        assert!(done.unwrap_err().to_string().contains("entry_agent"), "{debit} {agent}");
    }
    city.sql(&insert("agent_clearing", "7")).await;
}
