//! What tests of reconciliation stand on: a treasurer with files of agents and banks.

use aiscra_tests::{Reply, TestApp, actor_of};
use api::payments::ops::{NewPayment, record};
use api::payments::uploads::{RegistryFile, registry_of, statement_of};
use api::platform::Refusal;
use api::platform::files::spool::Received;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::payments::{PaymentTarget, RegistryLayout};
use entities::kernel::Tx;
use entities::ledger::close;
use serde_json::{Value as Json, json};

/// Terms of a channel of the city: registries of the layout, due at ten, 0.8 % kept unless the file says it.
pub async fn terms(city: &TestApp, channel: &str, layout: &RegistryLayout, rule: &str) -> ChannelId {
    let layout = serde_json::to_string(layout).unwrap();
    let id: Option<i64> = city
        .scalar(&format!(
            "INSERT INTO payments.registry_terms (channel_id, layout, since, due_at, contact_hours, serial_rule, fee_points)
             SELECT id, '{layout}', '2026-03-25', '00:00', 2, '{rule}', 80 FROM payments.channel WHERE code = '{channel}'
             RETURNING channel_id"
        ))
        .await;
    ChannelId(id.expect("a channel"))
}

/// Brings a file and compares it.
pub async fn bring(
    city: &TestApp,
    channel: ChannelId,
    name: &str,
    text: &str,
) -> Result<RegistryId, Refusal> {
    let file = RegistryFile {
        channel: Gid(channel).encode(),
        filename: Some(name.to_owned()),
        ..RegistryFile::default()
    };
    let received = Received::of(text.as_bytes()).await.unwrap();
    let taken = registry_of(&city.app, actor_of(Role::Treasurer), file, received).await.unwrap();
    city.run_jobs().await;
    taken
}

pub async fn bring_statement(city: &TestApp, bytes: &[u8]) -> Result<Vec<StatementId>, Refusal> {
    let received = Received::of(bytes).await.unwrap();
    let actor = actor_of(Role::Treasurer);
    let taken = statement_of(&city.app, actor, "march.sta".into(), received).await.unwrap();
    city.run_jobs().await;
    taken
}

/// A registry as QIWI writes it: (number, moment in Moscow, account, tenge).
pub fn qiwi(rows: &[(&str, &str, &str, &str)]) -> String {
    let mut text = String::new();
    let mut sum = Money::ZERO;
    for (number, moment, account, amount) in rows {
        let (day, time) = moment.split_once(' ').unwrap();
        text += &format!("{number}\t{day}\t{time}\t{account}\t{amount}\r\n");
        sum += Money::tenge(amount).unwrap();
    }
    text + &format!("Total:\t{}\t{sum}\r\n", rows.len())
}

/// `line number state decision` of every row of a channel, those that no file has last.
pub async fn rows(city: &TestApp) -> Vec<String> {
    city.texts(
        "SELECT concat_ws(' ', CASE WHEN r.line > 0 THEN r.line::text ELSE '-' END, r.external_id, r.state, r.decision)
         FROM payments.registry_row r JOIN payments.registry g ON g.id = r.registry_id
         WHERE g.state IN ('matching', 'matched') ORDER BY r.registry_id, r.line < 0, r.line",
    )
    .await
}

pub async fn decide(city: &TestApp, id: RegistryId, rows: Json, decision: &str, note: Option<&str>) -> Reply {
    let input = json!({ "id": Gid(id).encode(), "rows": rows, "decision": decision, "note": note });
    let reply = city
        .graphql(
            "mutation($i: RegistryDecideInput!) { registryDecide(input: $i) { registry { id counts { state decision count sum } }
                 errors { code field message } } }",
            json!({ "i": input }),
        )
        .as_role(Role::Treasurer)
        .await;
    city.run_jobs().await;
    reply
}

/// The board of the days 25–26 March, newest first.
pub async fn board(city: &TestApp) -> Vec<Json> {
    let reply = city
        .graphql(
            "{ reconcileDays(from: \"2026-03-25\", to: \"2026-03-26\") { channel date state undecided difference bankDifference fee
                 ours { count sum } theirs { count sum } bank { count sum } } }",
            json!({}),
        )
        .as_role(Role::Treasurer)
        .await;
    reply.at("/reconcileDays").as_array().unwrap().clone()
}

/// The books are whole: debits are credits, open items are the ledger's, totals are the items'.
pub async fn whole(city: &TestApp) {
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    let rest: Option<i64> =
        city.scalar("SELECT coalesce(sum(debit - credit), 0)::bigint FROM ledger.trial_balance").await;
    assert_eq!(rest, Some(0), "trial balance");
    let totals: Option<i64> = city
        .scalar(
            "SELECT count(*) FROM (SELECT account_id, sum(amount) AS total FROM ledger.account_total GROUP BY 1) t
             FULL JOIN (SELECT account_id, sum(amount - settled) AS open FROM ledger.open_item GROUP BY 1) o USING (account_id)
             WHERE coalesce(total, 0) <> coalesce(open, 0)",
        )
        .await;
    assert_eq!(totals, Some(0), "totals of accounts");
}

/// A document that acts rest on.
pub async fn document(city: &TestApp) -> String {
    let id: Option<i64> = city
        .scalar(
            "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
             VALUES ('act', 'П-' || (SELECT count(*) + 1 FROM archive.document), '2026-03-02', 'test', 'test', 'test')
             RETURNING id",
        )
        .await;
    Gid(DocumentId(id.unwrap())).encode()
}

/// A payment over the bank's counter of account 1, by its number.
pub async fn paid(city: &TestApp, number: &str, amount: &str) -> PaymentId {
    paid_for(city, number, amount, None).await.unwrap()
}

/// The same with what it is for.
pub async fn paid_for(
    city: &TestApp,
    number: &str,
    amount: &str,
    target: Option<PaymentTarget>,
) -> Result<PaymentId, Refusal> {
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::Integration)).await.unwrap();
    let payment = NewPayment {
        account: AccountId(1),
        sector: Sector::Multi,
        channel: "bank".into(),
        external_id: number.into(),
        amount: Money::tenge(amount).unwrap(),
        paid_on: "2026-03-25".parse().unwrap(),
        paid_at: None,
        import_batch: None,
        target,
    };
    let clock = &city.app.clock;
    let taken = record(&mut tx, payment, clock.today(), clock.now()).await.unwrap()?;
    tx.commit().await.unwrap();
    Ok(taken)
}

/// An act of somebody: the payload without its errors, and the codes of those.
pub async fn act(city: &TestApp, who: Actor, name: &str, read: &str, input: Json) -> (Json, Vec<String>) {
    let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!("mutation($i: {kind}!) {{ {name}(input: $i) {{ {read} errors {{ code }} }} }}");
    let reply = city.graphql(&query, json!({ "i": input })).as_actor(who).await;
    assert!(reply.errors.is_empty(), "{reply:?}");
    let codes = reply.refusals().into_iter().map(str::to_owned).collect();
    (reply.data[name].clone(), codes)
}

/// What accounts owe and have paid ahead, as `account service tiyn`.
pub async fn owed(city: &TestApp) -> Vec<String> {
    whole(city).await;
    city.texts(
        "SELECT concat_ws(' ', account_id, coalesce(service, 'advance'), sum(amount - settled)) FROM ledger.open_item
         GROUP BY account_id, coalesce(service, 'advance') HAVING sum(amount - settled) <> 0 ORDER BY 1",
    )
    .await
}

/// Debits less credits of an account of the ledger, in tenge.
pub async fn ledger(city: &TestApp, account: &str) -> String {
    let sum: Option<i64> = city
        .scalar(&format!(
            "SELECT coalesce(sum(debit - credit), 0)::bigint FROM ledger.trial_balance WHERE account = '{account}'"
        ))
        .await;
    Money::from_tiyn(sum.unwrap()).to_string()
}
