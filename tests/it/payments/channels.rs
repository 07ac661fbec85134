//! Agents and channels in the office: who may set them up, what is refused, what is kept in the trail, and that a change works at once.

use aiscra_tests::{BusKind, TestApp, actor_of};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role, Scope};
use domain::kernel::*;
use domain::payments::channel::ChannelOutcome;
use serde_json::{Value as Json, json};

use super::bank::{ACCOUNT, Bank, TERM};

const CREATE: &str = "mutation($i: ChannelCreateInput!) { channelCreate(input: $i) {
    channel { id code active version auth networks codes { outcome code usual } } secret errors { code field } } }";
const UPDATE: &str = "mutation($i: ChannelUpdateInput!) { channelUpdate(input: $i) {
    channel { id active version auth networks } secret errors { code field } } }";
const SWITCH: &str = "mutation($i: ChannelSwitchInput!) { channelSwitch(input: $i) { channel { active } errors { code field } } }";

fn settings(change: Json) -> Json {
    let mut settings = json!({
        "dialect": "UNIFIED", "spelling": "XML", "networks": ["127.0.0.1"], "auth": "NONE", "zone": "Asia/Almaty", "language": "RU",
        "accountForm": "DIGITS", "temporary": "CODE", "denied": "STATUS", "dates": "STRICT", "closed": "TAKE",
        "duplicateMinutes": 10, "answerSeconds": 12, "shows": ["PAYER"], "codes": [],
    });
    settings.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    settings
}

async fn agent(city: &TestApp) -> String {
    let made = city
        .graphql(
            "mutation($i: AgentCreateInput!) { agentCreate(input: $i) { agent { id code name { ru } version } errors { code field } } }",
            json!({ "i": { "code": "alseco", "nameKk": "Алсеко", "nameRu": "Алсеко", "nameEn": "Alseco", "bin": "971240001315" } }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(made.refusals(), [""; 0]);
    made.text("/agentCreate/agent/id").to_owned()
}

async fn create(city: &TestApp, agent: &str, code: &str, change: Json) -> Json {
    let input =
        json!({ "i": { "agentId": agent, "code": code, "sandbox": false, "settings": settings(change) } });
    city.graphql(CREATE, input).as_role(Role::ChiefAccountant).await.ok()["channelCreate"].clone()
}

#[tokio::test]
async fn a_channel_is_opened_switched_on_and_changed_at_once() {
    let bank = Bank::open().await;
    let city = &bank.city;
    let agent = agent(city).await;
    let made = create(city, &agent, "erc", json!({ "networks": ["127.0.0.1", " 10.1.2.3/8 "], "codes": [{ "outcome": "TEMPORARY", "code": 90 }, { "outcome": "DONE", "code": 7 }] })).await;
    assert_eq!((&made["errors"], &made["secret"]), (&json!([]), &Json::Null));
    let channel = &made["channel"];
    assert_eq!(
        (&channel["active"], &channel["networks"]),
        (&json!(false), &json!(["127.0.0.1/32", "10.0.0.0/8"]))
    );
    let codes = channel["codes"].as_array().unwrap();
    let code = |outcome: &str| codes.iter().find(|one| one["outcome"] == outcome).unwrap()["code"].clone();
    assert_eq!((code("TEMPORARY"), code("DONE")), (json!(90), json!(0)), "success is always 0");

    let erc = super::bank::Tongue { channel: "erc", ..TERM };
    erc.says(&bank.check(erc, ACCOUNT).await, ChannelOutcome::ChannelClosed);
    let turn = |on: bool| {
        city.graphql(SWITCH, json!({ "i": { "id": channel["id"], "on": on } })).as_role(Role::ChiefAccountant)
    };
    assert_eq!(turn(true).await.refusals(), [""; 0]);
    erc.says(&bank.pay(erc, "1", ACCOUNT, "100.00").await, ChannelOutcome::Done);
    assert_eq!(turn(true).await.refusals(), [""; 0], "twice is once");
    assert_eq!(turn(false).await.refusals(), [""; 0]);
    erc.says(&bank.check(erc, ACCOUNT).await, ChannelOutcome::ChannelClosed);
    turn(true).await;

    let change = |version: i64, change: Json| {
        let input =
            json!({ "i": { "id": channel["id"], "expectedVersion": version, "settings": settings(change) } });
        city.graphql(UPDATE, input).as_role(Role::ChiefAccountant)
    };
    assert_eq!(change(1, json!({})).await.refusals(), ["CONFLICT"]);
    let changed = change(4, json!({ "networks": ["10.0.0.0/8"] })).await;
    assert_eq!((changed.refusals(), changed.at("/channelUpdate/channel/active")), (vec![], &json!(true)));
    assert_eq!(bank.check(erc, ACCOUNT).await.status, 403);
    let trail =
        city.texts("SELECT action FROM platform.audit_entry WHERE entity = 'channel' ORDER BY id").await;
    assert_eq!(trail, ["created", "switched_on", "switched_off", "switched_on", "updated"]);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_never_kept_in_words() {
    let bank = Bank::open().await;
    let city = &bank.city;
    let agent = agent(city).await;
    let made = create(city, &agent, "erc", json!({ "auth": "BASIC", "authUser": "erc" })).await;
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let id = &made["channel"]["id"];
    city.graphql(SWITCH, json!({ "i": { "id": id, "on": true } })).as_role(Role::ChiefAccountant).await;
    let url = bank.served.url(&format!("/pay/erc?{}", TERM.check(ACCOUNT)));
    let ask = |secret: String| bank.http.get(&url).basic_auth("erc", Some(secret));
    assert_eq!(bank.send(ask(secret.clone())).await.status, 200);

    let renew = |word: Json| {
        city.graphql(
            "mutation($i: ChannelSecretRenewInput!) { channelSecretRenew(input: $i) { secret channel { version } errors { code field } } }",
            json!({ "i": { "id": id, "secret": word } }),
        )
        .as_role(Role::ChiefAccountant)
    };
    assert_eq!(renew(json!("short")).await.refusals(), ["SECRET_FORM"]);
    assert_eq!(renew(json!("with a blank and more")).await.refusals(), ["SECRET_FORM"]);
    let theirs = renew(json!("ChosenByTheBank-2026")).await;
    assert_eq!(theirs.text("/channelSecretRenew/secret"), "ChosenByTheBank-2026");
    assert_eq!(bank.send(ask(secret.clone())).await.status, 401, "the one before ends at once");
    assert_eq!(bank.send(ask("ChosenByTheBank-2026".into())).await.status, 200);
    let kept = city
        .texts("SELECT (c::text) || coalesce((SELECT string_agg(concat(a.before, a.after), '') FROM platform.audit_entry a WHERE entity = 'channel'), '')
                FROM payments.channel c WHERE code = 'erc'")
        .await;
    assert!(!kept[0].contains("ChosenByTheBank") && !kept[0].contains(&secret));
    assert!(!kept[0].contains("secret_hash\""), "nor its hash in the trail");

    let term = city
        .graphql("{ paymentChannels(first: 50) { nodes { id code } } }", json!({}))
        .as_role(Role::Auditor)
        .await;
    let term = term
        .at("/paymentChannels/nodes")
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["code"] == "term")
        .unwrap()["id"]
        .clone();
    let needless = city
        .graphql(
            "mutation($i: ChannelSecretRenewInput!) { channelSecretRenew(input: $i) { errors { code } } }",
            json!({ "i": { "id": term } }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(needless.refusals(), ["CHANNEL_NEEDS_NO_SECRET"]);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let bank = Bank::open().await;
    let city = &bank.city;
    let agent = agent(city).await;
    for (code, change, refusal, field) in [
        ("Kaspi", json!({}), "CODE_FORM", "code"),
        ("docs", json!({}), "CODE_TAKEN", "code"),
        ("cash", json!({}), "CODE_TAKEN", "code"),
        ("card", json!({}), "CODE_TAKEN", "code"),
        ("term", json!({}), "CODE_TAKEN", "code"),
        ("erc", json!({ "networks": ["everywhere"] }), "NETWORK_WRONG", "networks"),
        ("erc", json!({ "zone": "Asia/Alma-Ata" }), "ZONE_UNKNOWN", "zone"),
        ("erc", json!({ "dialect": "KASSA_24", "spelling": "JSON" }), "SPELLING_OF_DIALECT", "spelling"),
        ("erc", json!({ "auth": "BASIC" }), "EMPTY", "authUser"),
        ("erc", json!({ "least": "10.00", "most": "9.99" }), "AMOUNT_NOT_POSITIVE", "least"),
        ("erc", json!({ "echo": "1st tag" }), "CODE_FORM", "echo"),
    ] {
        let made = create(city, &agent, code, change).await;
        assert_eq!(made["errors"], json!([{ "code": refusal, "field": field }]), "{code}");
    }
    let wrong = city
        .graphql(
            "mutation($i: AgentCreateInput!) { agentCreate(input: $i) { errors { code field } } }",
            json!({ "i": { "code": "alseco", "nameKk": "А", "nameRu": "А", "nameEn": "A", "bin": "1" } }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(wrong.refusals(), ["IDENTIFICATION_SHAPE"]);
    let nobody = city
        .graphql(SWITCH, json!({ "i": { "id": Gid(ChannelId(999)).encode(), "on": true } }))
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(nobody.refusals(), ["NOT_FOUND"]);
}

#[tokio::test]
async fn who_may_see_and_who_may_change() {
    let city = TestApp::new().await;
    let list = "{ paymentChannels { nodes { code } } channelRequests { nodes { id } } paymentIncidents { nodes { id } } channelTraffic { calls } }";
    for role in [Role::Accountant, Role::ChiefAccountant, Role::Auditor] {
        assert!(city.graphql(list, json!({})).as_role(role).await.errors.is_empty(), "{role}");
    }
    for role in [Role::Cashier, Role::OperatorMulti, Role::Administrator, Role::Integration] {
        assert_eq!(city.graphql(list, json!({})).as_role(role).await.codes()[0], "FORBIDDEN", "{role}");
    }
    // What channels say is of no sector and no district.
    let scope = Scope::Part { sectors: [Sector::Multi].into(), districts: [].into() };
    let narrow = || Actor { scope: scope.clone(), ..actor_of(Role::Accountant) };
    let close = "mutation($i: IncidentCloseInput!) { incidentClose(input: $i) { errors { code } } }";
    let of = json!({ "i": { "id": Gid(IncidentId(1)).encode(), "note": "seen" } });
    for query in ["{ channelRequests { nodes { id } } }", "{ paymentIncidents { nodes { id } } }", close] {
        let reply = city.graphql(query, of.clone()).as_actor(narrow()).await;
        assert_eq!(reply.codes(), ["FORBIDDEN"], "{query}");
    }
    let input = json!({ "i": { "id": Gid(ChannelId(1)).encode(), "on": true } });
    for role in [Role::Accountant, Role::Auditor, Role::Cashier] {
        assert_eq!(city.graphql(SWITCH, input.clone()).as_role(role).await.codes(), ["FORBIDDEN"], "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_heard_by_every_process() {
    let bank = Bank::open().await;
    let other = bank.city.neighbour(BusKind::Memory).await;
    let served = other.serve().await;
    let url = served.url(&format!("/pay/term?{}", TERM.check(ACCOUNT)));
    TERM.says(&bank.send(bank.http.get(&url)).await, ChannelOutcome::Done);
    bank.set(TERM, "active = false").await;
    // Another process without a common bus: it believes what it read for half a second.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    TERM.says(&bank.send(bank.http.get(&url)).await, ChannelOutcome::ChannelClosed);
}

#[tokio::test]
async fn what_comes_on_a_channel_is_seen_and_counted() {
    let bank = Bank::open().await;
    for n in 0..3 {
        bank.pay(TERM, &format!("seen-{n}"), ACCOUNT, "100.00").await;
    }
    bank.pay(TERM, "seen-0", ACCOUNT, "100.01").await;
    bank.check(TERM, "1999999").await;
    bank.log("term").await;
    let seen = bank
        .city
        .graphql(
            "{ channelRequests(filter: { channel: \"term\" }) { nodes { command externalId account amount outcome code status notes query paymentNumber } }
               failed: channelRequests(filter: { channel: \"term\", failed: true }) { nodes { outcome } }
               one: channelRequests(filter: { externalId: \"seen-1\" }) { nodes { amount } }
               channelTraffic(channel: \"term\") { command outcome calls milliseconds slowest } }",
            json!({}),
        )
        .as_role(Role::Accountant)
        .await;
    let nodes = seen.at("/channelRequests/nodes").as_array().unwrap();
    assert_eq!(nodes.len(), 5);
    assert_eq!(nodes[4]["outcome"], "DONE");
    assert_eq!((&nodes[0]["command"], &nodes[0]["code"]), (&json!("CHECK"), &json!(5)));
    assert!(nodes[4]["paymentNumber"].is_i64(), "{}", nodes[4]);
    let failed: Vec<&str> = seen
        .at("/failed/nodes")
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["outcome"].as_str())
        .collect();
    assert_eq!(failed, ["ACCOUNT_UNKNOWN", "NUMBER_REUSED"]);
    assert_eq!(seen.at("/one/nodes/0/amount"), "100.00");
    let traffic = seen.at("/channelTraffic").as_array().unwrap();
    let calls: i64 = traffic.iter().filter_map(|row| row["calls"].as_i64()).sum();
    assert_eq!(calls, 5);
}

#[tokio::test]
async fn an_incident_is_looked_at_once() {
    let bank = Bank::open().await;
    bank.pay(TERM, "1", ACCOUNT, "100.00").await;
    bank.pay(TERM, "1", ACCOUNT, "100.01").await;
    let list = "query($o: Boolean) { paymentIncidents(open: $o) { nodes { id kind channel saidAmount times done note payment { amount account { number } } } } }";
    let seen = bank.city.graphql(list, json!({ "o": true })).as_role(Role::Accountant).await;
    let incident = seen.at("/paymentIncidents/nodes/0");
    assert_eq!((&incident["kind"], &incident["saidAmount"]), (&json!("OTHER_SUM"), &json!("100.01")));
    assert_eq!(incident["payment"]["account"]["number"], ACCOUNT);
    let close = |note: &str| {
        bank.city
            .graphql(
                "mutation($i: IncidentCloseInput!) { incidentClose(input: $i) { incident { done note } errors { code field } } }",
                json!({ "i": { "id": incident["id"], "note": note } }),
            )
            .as_role(Role::Accountant)
    };
    assert_eq!(close(" ").await.refusals(), ["EMPTY"]);
    assert_eq!(close("talked to the bank").await.at("/incidentClose/incident/done"), &json!(true));
    assert_eq!(close("again").await.refusals(), ["INCIDENT_CLOSED"]);
    assert_eq!(
        bank.city
            .graphql(list, json!({ "o": true }))
            .as_role(Role::Accountant)
            .await
            .at("/paymentIncidents/nodes"),
        &json!([])
    );
    bank.pay(TERM, "1", ACCOUNT, "100.01").await;
    let again = bank.city.graphql(list, json!({ "o": true })).as_role(Role::Accountant).await;
    assert_eq!(again.at("/paymentIncidents/nodes/0/times"), &json!(2), "said again, it is open again");
}

#[tokio::test]
async fn a_list_of_incidents_takes_as_many_statements_as_one() {
    let bank = Bank::open().await;
    let read = async |numbers: &[&str]| {
        for number in numbers {
            bank.pay(TERM, number, ACCOUNT, "100.00").await;
            bank.pay(TERM, number, ACCOUNT, "100.01").await;
        }
        let list = "{ paymentIncidents { nodes { id payment { id } } } }";
        let (seen, statements) = aiscra_tests::count_statements(async {
            bank.city.graphql(list, json!({})).as_role(Role::Accountant).await
        })
        .await;
        (seen.at("/paymentIncidents/nodes").as_array().unwrap().len(), statements)
    };
    let (one, three) = (read(&["1"]).await, read(&["2", "3"]).await);
    assert_eq!((one.0, three.0, one.1), (1, 3, three.1));
}
