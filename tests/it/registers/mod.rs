//! Premises, subscribers, contracts, tariffs and meters on a real database: a file per question.

mod accounts;
mod contracts;
mod documents;
mod erasure;
mod groups;
mod meters;
mod moves;
mod points;
mod residents;
mod scope;
mod search;
mod statements;
mod tariffs;

use aiscra_tests::{Reply, TestApp};
use api::platform::graphql::id::{decode, encode};
use domain::access::Role;
use domain::kernel::AccountId;
use serde_json::{Value as Json, json};

/// Two districts, three streets, a block of eight flats, a private house and a shop; each place with a cold point, the flats
/// with a hot one too.
pub async fn city(app: &TestApp) {
    for text in [
        "INSERT INTO premises.district (id, code, name_kk, name_ru, name_en) VALUES
             (1, 'almaly', 'Алмалы ауданы', 'Алмалинский район', 'Almaly'), (2, 'medeu', 'Медеу ауданы', 'Медеуский район', 'Medeu')",
        "INSERT INTO premises.street (id, code, name_kk, name_ru) VALUES
             (1, '0001', 'Абай даңғылы', 'проспект Абая'), (2, '0002', 'Төле би көшесі', 'улица Толе би'),
             (3, '0003', 'Шұғыла көшесі', 'улица Шугыла')",
        "INSERT INTO premises.building (id, district_id, street_id, house, kind) VALUES
             (1, 1, 1, '10', 'apartment'), (2, 2, 2, '7А', 'private'), (3, 1, 3, '3', 'non_residential')",
        "INSERT INTO premises.premise (id, building_id, number, kind)
         SELECT n, 1, n::text, 'flat' FROM generate_series(1, 8) n",
        "INSERT INTO premises.premise (id, building_id, number, kind) VALUES (9, 2, '', 'house'), (10, 3, '', 'non_residential')",
        "INSERT INTO premises.point (id, building_id, premise_id, hot)
         SELECT id, building_id, id, false FROM premises.premise",
        "INSERT INTO premises.point (id, building_id, premise_id, hot)
         SELECT id + 100, building_id, id, true FROM premises.premise WHERE kind = 'flat'",
        "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
         SELECT id, NOT hot, true, 'household', '[2024-01-01,)', 'test' FROM premises.point",
        "SELECT setval('premises.premise_id_seq', 1000), setval('premises.point_id_seq', 1000)",
    ] {
        app.sql(text).await;
    }
}

pub fn gid(kind: &str, id: i64) -> String {
    encode(kind, id)
}

/// What opens an account on a premise; tests change what they ask about.
pub fn opening(number: &str, sector: &str, premise: i64) -> Json {
    let legal = sector == "LEGAL";
    json!({
        "number": number,
        "sector": sector,
        "consumerGroup": if legal { "OTHER" } else { "POPULATION" },
        "premiseId": gid("Premise", premise),
        "holder": { "kind": if legal { "ORGANISATION" } else { "PERSON" }, "name": "Қалиев Ғани Өтегенұлы" },
        "openedOn": "2025-01-01",
        "residents": if legal { Json::Null } else { 3.into() },
        "residentsSource": "EGOV",
    })
}

pub const OPEN: &str = "mutation($input: AccountOpenInput!) { accountOpen(input: $input) {
    account { id number version } errors { code field message } } }";

/// Somebody who may do everything with accounts.
pub async fn open(app: &TestApp, input: Json) -> Reply {
    let role = match input["sector"].as_str() {
        Some("LEGAL") => Role::OperatorLegal,
        Some("PRIVATE") => Role::OperatorPrivate,
        _ => Role::OperatorMulti,
    };
    app.graphql(OPEN, json!({ "input": input })).as_role(role).await
}

/// The node id of an account opened for sure.
pub async fn opened(app: &TestApp, input: Json) -> String {
    let reply = open(app, input).await;
    assert_eq!(reply.refusals(), Vec::<&str>::new(), "{:#}", reply.data);
    reply.text("/accountOpen/account/id").to_owned()
}

pub fn account_id(node: &str) -> AccountId {
    AccountId(decode(node).expect("a node id").1)
}

/// One act on an account, by an operator of flats: the name of the mutation, its input, what to read of the answer.
pub async fn act(app: &TestApp, name: &str, input: Json, read: &str) -> Reply {
    let kind = name[..1].to_uppercase() + &name[1..] + "Input";
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ {read} errors {{ code field message }} }} }}"
    );
    app.graphql(&query, json!({ "input": input })).as_role(Role::OperatorMulti).await
}
