//! A death, heirs and joint owners are looked at before they are registered: what was shown is what happens, and a look keeps nothing.

use aiscra_tests::TestApp;
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::{account, debtors, document};

const SEEN: &str = "preview { accounts { account { number } from holderBefore holderAfter sessionsEnded balanceBefore balanceAfter
    penaltyRestsUntil penaltyRestDays warned ownersBefore { name share part } ownersAfter { name share part } } } errors { code }";

async fn seen(city: &TestApp, name: &str, kind: &str, input: &Json) -> Json {
    let query = format!("query($i: {kind}!) {{ {name}(input: $i) {{ {SEEN} }} }}");
    let reply = city.graphql(&query, json!({ "i": input })).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.errors, [] as [Json; 0], "{reply:?}");
    reply.data[name].clone()
}

async fn done(city: &TestApp, name: &str, kind: &str, input: &Json) {
    let query = format!("mutation($i: {kind}!) {{ {name}(input: $i) {{ errors {{ code message }} }} }}");
    let reply = city.graphql(&query, json!({ "i": input })).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.refusals(), Vec::<&str>::new(), "{reply:?}");
}

/// Whatever a look might leave behind.
async fn traces(city: &TestApp) -> Vec<String> {
    city.texts(
        "SELECT 'party ' || count(*) FROM subscribers.party UNION ALL SELECT 'holder ' || count(*) FROM subscribers.holder
         UNION ALL SELECT 'owner ' || count(*) FROM subscribers.owner UNION ALL SELECT 'rest ' || count(*) FROM debt.moratorium
         UNION ALL SELECT 'session ' || count(*) FROM access.session WHERE revoked_at IS NULL
         UNION ALL SELECT 'told ' || count(*) FROM platform.outbox UNION ALL SELECT 'trail ' || count(*) FROM platform.audit_entry",
    )
    .await
}

async fn signed_in(city: &TestApp, account: i64) {
    city.sql(&format!(
        "INSERT INTO access.session (id, principal, principal_id, party_id, label, expires_at)
         VALUES (gen_random_uuid(), 'subscriber', {account}, {account}, 'account', now() + interval '1 day')"
    ))
    .await;
}

fn heir(name: &str, numerator: i32, denominator: i32) -> Json {
    json!({ "person": { "kind": "PERSON", "name": name }, "numerator": numerator, "denominator": denominator })
}

#[tokio::test]
async fn a_death_and_the_heirs_are_seen_before_they_are_registered() {
    let city = debtors(2).await;
    city.sql("SELECT setval(pg_get_serial_sequence('subscribers.party', 'id'), 1000)").await;
    for _ in 0..2 {
        signed_in(&city, 1).await;
    }
    let name: String = city.scalar("SELECT name FROM subscribers.party WHERE id = 1").await.unwrap();
    let before = traces(&city).await;
    let input =
        json!({ "personId": Gid(PartyId(1)).encode(), "date": "2026-03-10", "documentId": document() });
    let death = seen(&city, "deathPreview", "DeathRegisterInput", &input).await;
    let estate = format!("{name} (мұрагерлік / наследство)");
    assert_eq!(
        death["preview"]["accounts"],
        json!([{ "account": { "number": "1000001" }, "from": "2026-03-10", "holderBefore": name, "holderAfter": estate,
            "sessionsEnded": 2, "balanceBefore": "1000.00", "balanceAfter": "1000.00", "penaltyRestsUntil": "2026-09-08",
            "penaltyRestDays": 183, "warned": false, "ownersBefore": [], "ownersAfter": [] }])
    );
    assert_eq!(traces(&city).await, before, "a look keeps nothing");

    done(&city, "deathRegister", "DeathRegisterInput", &input).await;
    let rests = "SELECT concat_ws(' ', account_id, lower(valid), upper(valid) - 1) FROM debt.moratorium";
    assert_eq!(city.texts(rests).await, ["1 2026-03-10 2026-09-08"]);
    assert_eq!(
        city.scalar::<i64>("SELECT count(*) FROM access.session WHERE revoked_at IS NULL").await,
        Some(0)
    );
    let again = seen(&city, "deathPreview", "DeathRegisterInput", &input).await;
    assert_eq!(again["errors"][0]["code"], "DEATH_KNOWN");
    let auditor = "query($i: DeathRegisterInput!) { deathPreview(input: $i) { errors { code } } }";
    let denied = city.graphql(auditor, json!({ "i": input })).as_role(Role::Auditor).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);

    // A warning that went out in the name of who died is pointed at.
    city.sql(
        "INSERT INTO debt.notice (account_id, sector, debt, months, issued_on, deadline, text_kk, text_ru, issued_by, state_on)
         VALUES (1, 'multi', 100000, 1, '2026-03-01', '2026-03-31', '', '', 'test', '2026-03-01')",
    )
    .await;
    let version: i32 = city.scalar("SELECT version FROM subscribers.account WHERE id = 1").await.unwrap();
    let heirs = |second: i32| {
        json!({ "accountId": account(1), "expectedVersion": version, "date": "2026-03-20", "documentId": document(), "payer": 1,
            "heirs": [heir("Әлиев Данияр", 1, 3), heir("Әлиева Айгүл", second, 3)] })
    };
    let wrong = seen(&city, "heirsPreview", "HeirsEnterInput", &heirs(1)).await;
    assert_eq!(wrong["errors"][0]["code"], "SHARES_WRONG");
    let before = traces(&city).await;
    let entered = seen(&city, "heirsPreview", "HeirsEnterInput", &heirs(2)).await;
    // 1000.00 ÷ 3 = 333.33, the rest is 666.67.
    assert_eq!(
        entered["preview"]["accounts"],
        json!([{ "account": { "number": "1000001" }, "from": "2026-03-20", "holderBefore": estate, "holderAfter": "Әлиева Айгүл",
            "sessionsEnded": 0, "balanceBefore": "1000.00", "balanceAfter": "1000.00", "penaltyRestsUntil": "2026-09-08",
            "penaltyRestDays": 183, "warned": true, "ownersBefore": [],
            "ownersAfter": [{ "name": "Әлиев Данияр", "share": "1/3", "part": "333.33" },
                { "name": "Әлиева Айгүл", "share": "2/3", "part": "666.67" }] }])
    );
    assert_eq!(traces(&city).await, before, "a look keeps nothing");
    done(&city, "heirsEnter", "HeirsEnterInput", &heirs(2)).await;
}

#[tokio::test]
async fn joint_owners_are_seen_before_they_are_recorded() {
    let city = debtors(1).await;
    city.sql("SELECT setval(pg_get_serial_sequence('subscribers.party', 'id'), 1000)").await;
    let record = |version: i32, from: &str, owners: Json| json!({ "accountId": account(1), "expectedVersion": version, "from": from, "documentId": document(), "owners": owners });
    let halves = record(1, "2026-03-01", json!([heir("Бірінші", 1, 2), heir("Екінші", 1, 2)]));
    let before = traces(&city).await;
    let first = seen(&city, "ownersPreview", "OwnersRecordInput", &halves).await;
    let owners = json!([{ "name": "Бірінші", "share": "1/2", "part": "500.00" }, { "name": "Екінші", "share": "1/2", "part": "500.00" }]);
    let one = &first["preview"]["accounts"][0];
    assert_eq!((&one["ownersBefore"], &one["ownersAfter"]), (&json!([]), &owners), "{first}");
    assert_eq!((&one["from"], &one["holderBefore"]), (&json!("2026-03-01"), &one["holderAfter"]));
    assert_eq!(traces(&city).await, before, "a look keeps nothing");
    done(&city, "ownersRecord", "OwnersRecordInput", &halves).await;

    // Shares of days to come are shown as of their first day.
    let ended = seen(&city, "ownersPreview", "OwnersRecordInput", &record(2, "2026-05-01", json!([]))).await;
    let one = &ended["preview"]["accounts"][0];
    assert_eq!(
        (&one["ownersBefore"], &one["ownersAfter"], &one["from"]),
        (&owners, &json!([]), &json!("2026-05-01"))
    );
    let stale = seen(&city, "ownersPreview", "OwnersRecordInput", &halves).await;
    assert_eq!(stale["errors"][0]["code"], "CONFLICT");
}
