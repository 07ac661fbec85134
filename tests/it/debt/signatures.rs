//! Acts that two people sign: the same person never both, nothing before the second word, and only for those whose right it is.

use aiscra_tests::DECIDE_SIGNATURE;
use domain::access::Scope;
use domain::ledger::CloseReportCode;
use entities::ledger::report;

use super::*;

const RECORD: &str = "mutation($d: ID!, $f: Date!) { moratoriumRecord(input: { sector: MULTI, from: $f, reason: \"flood\", documentId: $d }) {
    signature { id state mine mayDecide } errors { code field } } }";
const WITHDRAW: &str =
    "mutation($id: ID!, $d: ID!) { moratoriumWithdraw(input: { id: $id, documentId: $d }) {
    signature { id } errors { code field } } }";
const GIVE_UP: &str = "mutation($id: ID!) { secondSignatureWithdraw(input: { id: $id }) { signature { id state } errors { code } } }";
const LIST: &str = "{ waitingSignatureCount secondSignatures(state: WAITING) {
    nodes { id act state subject sector from to reason askedBy mine mayDecide document { number } account { id } } } }";

fn since(day: &str) -> Json {
    json!({ "f": day, "d": document() })
}

async fn moratoria(city: &TestApp) -> Option<i64> {
    city.scalar("SELECT count(*) FROM debt.moratorium WHERE withdrawn_at IS NULL").await
}

async fn decide(city: &TestApp, who: Actor, id: &Json, yes: bool) -> Json {
    let reply = city.graphql(DECIDE_SIGNATURE, json!({ "id": id, "yes": yes })).as_actor(who).await;
    reply.at("/secondSignatureDecide").clone()
}

async fn asked(city: &TestApp, day: &str) -> Json {
    let payload = act(city, Role::Accountant, RECORD, since(day)).await;
    assert_eq!(code(&payload), "", "{payload}");
    payload["signature"]["id"].clone()
}

/// Acts and who asked for them, as a person sees them.
async fn seen(city: &TestApp, who: Actor) -> Vec<(String, bool)> {
    let reply = city.graphql(LIST, json!({})).as_actor(who).await;
    let rows = reply.at("/secondSignatures/nodes").as_array().unwrap().clone();
    rows.iter()
        .map(|row| (row["act"].as_str().unwrap().to_owned(), row["mayDecide"].as_bool().unwrap()))
        .collect()
}

fn bound(label: &str, sectors: &[Sector], districts: &[i64]) -> Actor {
    let scope = Scope::Part {
        sectors: sectors.iter().copied().collect(),
        districts: districts.iter().map(|&id| DistrictId(id)).collect(),
    };
    Actor { label: label.to_owned(), scope, ..actor_of(Role::Accountant) }
}

#[tokio::test]
async fn one_asks_another_agrees_and_it_is_done_once() {
    let city = debtors(1).await;
    let payload = act(&city, Role::Accountant, RECORD, since("2026-02-01")).await;
    let id = payload["signature"]["id"].clone();
    assert_eq!(
        payload["signature"],
        json!({ "id": id, "state": "WAITING", "mine": true, "mayDecide": false })
    );
    assert_eq!(moratoria(&city).await, Some(0), "tried and given up");
    let told: Option<i64> =
        city.scalar("SELECT count(*) FROM platform.audit_entry WHERE entity = 'moratorium'").await;
    assert_eq!(told, Some(0), "what was only tried is told to nobody");

    let own = decide(&city, actor_of(Role::Accountant), &id, true).await;
    assert_eq!(code(&own), "SAME_PERSON");
    let own = decide(&city, actor_of(Role::Accountant), &id, false).await;
    assert_eq!(code(&own), "SAME_PERSON");
    assert_eq!(moratoria(&city).await, Some(0));

    let agreed = decide(&city, actor_of(Role::ChiefAccountant), &id, true).await;
    assert_eq!(agreed["signature"]["state"], "AGREED", "{agreed}");
    assert_eq!(agreed["signature"]["decidedBy"], "test.chief_accountant");
    assert_eq!(moratoria(&city).await, Some(1));
    let again = decide(&city, actor_of(Role::ChiefAccountant), &id, true).await;
    assert_eq!(code(&again), "SIGNATURE_DECIDED");
    assert_eq!(moratoria(&city).await, Some(1));
    let trail = city
        .texts(
            "SELECT actor || ' ' || action || ' ' || document_id FROM platform.audit_entry
                WHERE entity IN ('second_signature', 'moratorium') ORDER BY id",
        )
        .await;
    assert_eq!(
        trail,
        [
            "test.accountant asked 1",
            "test.chief_accountant recorded 1",
            "test.chief_accountant second_signed 1"
        ]
    );

    // What two people signed stands, whoever asks the database.
    for sql in [
        "UPDATE access.second_signature SET state = 'declined'",
        "UPDATE access.second_signature SET decided_by = 'nobody'",
        "DELETE FROM access.second_signature",
    ] {
        assert!(entities::kernel::sql::run(&city.app.db, sql, []).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn declined_or_withdrawn_nothing_is_done_and_it_may_be_asked_anew() {
    let city = debtors(1).await;
    let first = asked(&city, "2026-02-01").await;
    let declined = decide(&city, actor_of(Role::ChiefAccountant), &first, false).await;
    assert_eq!(declined["signature"]["state"], "DECLINED", "{declined}");
    assert_eq!(
        code(&decide(&city, actor_of(Role::ChiefAccountant), &first, true).await),
        "SIGNATURE_DECIDED"
    );

    let second = asked(&city, "2026-02-01").await;
    assert_ne!(second, first);
    let other = act(&city, Role::ChiefAccountant, GIVE_UP, json!({ "id": second })).await;
    assert_eq!(code(&other), "FORBIDDEN", "only whoever asked");
    let withdrawn = act(&city, Role::Accountant, GIVE_UP, json!({ "id": second })).await;
    assert_eq!(withdrawn["signature"]["state"], "WITHDRAWN", "{withdrawn}");
    let late = decide(&city, actor_of(Role::ChiefAccountant), &second, true).await;
    assert_eq!(code(&late), "SIGNATURE_DECIDED");
    assert_eq!(moratoria(&city).await, Some(0));

    let third = asked(&city, "2026-02-01").await;
    assert_eq!(code(&decide(&city, actor_of(Role::ChiefAccountant), &third, true).await), "");
    assert_eq!(moratoria(&city).await, Some(1));
}

#[tokio::test]
async fn asked_twice_it_is_one_request() {
    let city = debtors(1).await;
    let first = asked(&city, "2026-02-01").await;
    assert_eq!(asked(&city, "2026-02-01").await, first);
    let by_another = act(&city, Role::ChiefAccountant, RECORD, since("2026-02-01")).await;
    assert_eq!(by_another["signature"]["id"], first, "whoever asks for the same");
    assert_eq!(
        (&by_another["signature"]["mine"], &by_another["signature"]["mayDecide"]),
        (&json!(false), &json!(true))
    );
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '18', '2026-03-02', 'АУПК', 'другой приказ', 'test')",
    )
    .await;
    let other = json!({ "f": "2026-02-01", "d": Gid(DocumentId(2)).encode() });
    let other = act(&city, Role::Accountant, RECORD, other).await;
    assert_eq!(code(&other), "SIGNATURE_WAITS", "on another document it is another request");
    asked(&city, "2026-02-02").await;
    let rows: Option<i64> = city.scalar("SELECT count(*) FROM access.second_signature").await;
    assert_eq!(rows, Some(2));
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_at_once_and_not_kept() {
    let city = debtors(1).await;
    let unknown = json!({ "f": "2026-02-01", "d": Gid(DocumentId(77)).encode() });
    let refused = act(&city, Role::Accountant, RECORD, unknown).await;
    assert_eq!(code(&refused), "NO_SUCH_DOCUMENT");
    assert_eq!(refused["errors"][0]["field"], "documentId");
    let nothing = json!({ "id": Gid(MoratoriumId(5)).encode(), "d": document() });
    assert_eq!(code(&act(&city, Role::Accountant, WITHDRAW, nothing).await), "NOT_FOUND");
    let rows: Option<i64> = city.scalar("SELECT count(*) FROM access.second_signature").await;
    assert_eq!(rows, Some(0));
}

#[tokio::test]
async fn what_changed_in_between_is_refused_in_words_and_the_request_stays() {
    let city = debtors(1).await;
    let id = asked(&city, "2026-02-01").await;
    assert_eq!(code(&decide(&city, actor_of(Role::ChiefAccountant), &id, true).await), "");
    let row: Option<i64> = city.scalar("SELECT id FROM debt.moratorium").await;
    let moratorium = Gid(MoratoriumId(row.unwrap())).encode();
    let wish = json!({ "id": moratorium, "d": document() });
    let payload = act(&city, Role::Accountant, WITHDRAW, wish.clone()).await;
    assert_eq!(code(&payload), "", "{payload}");
    let id = payload["signature"]["id"].clone();

    city.sql("UPDATE debt.moratorium SET withdrawn_by = 'somebody', withdrawn_at = now()").await;
    let late = decide(&city, actor_of(Role::ChiefAccountant), &id, true).await;
    assert_eq!(code(&late), "MORATORIUM_WITHDRAWN");
    let shown = city.graphql(LIST, json!({})).as_role(Role::ChiefAccountant).await;
    assert_eq!(*shown.at("/waitingSignatureCount"), json!(1));
    assert_eq!(
        *shown.at("/secondSignatures/nodes"),
        json!([{ "id": id, "act": "MORATORIUM_WITHDRAW", "state": "WAITING", "subject": moratorium, "sector": "MULTI",
            "from": "2026-02-01", "to": null, "reason": "flood", "askedBy": "test.accountant", "mine": false, "mayDecide": true,
            "document": { "number": "17" }, "account": null }])
    );
    assert_eq!(code(&act(&city, Role::Accountant, WITHDRAW, wish).await), "MORATORIUM_WITHDRAWN");
    let declined = decide(&city, actor_of(Role::ChiefAccountant), &id, false).await;
    assert_eq!(declined["signature"]["state"], "DECLINED", "{declined}");
}

#[tokio::test]
async fn only_those_whose_right_it_is_see_it_within_their_rows() {
    let city = debtors(2).await;
    let id = asked(&city, "2026-02-01").await;
    let record = "MORATORIUM_RECORD".to_owned();
    assert_eq!(seen(&city, actor_of(Role::Accountant)).await, [(record.clone(), false)], "her own");
    assert_eq!(seen(&city, actor_of(Role::ChiefAccountant)).await, [(record.clone(), true)]);
    let multi = bound("test.multi", &[Sector::Multi], &[]);
    assert_eq!(seen(&city, multi).await, [(record.clone(), true)]);

    // Another right, another sector, a part of the sector: it is not there.
    let strangers = [
        actor_of(Role::OperatorMulti),
        bound("test.private", &[Sector::Private], &[]),
        bound("test.district", &[], &[1]),
    ];
    for stranger in strangers {
        assert!(seen(&city, stranger.clone()).await.is_empty(), "{}", stranger.label);
        let refused = decide(&city, stranger.clone(), &id, true).await;
        assert_eq!(code(&refused), "NOT_FOUND", "{}", stranger.label);
    }
    for role in [Role::Cashier, Role::Treasurer, Role::Auditor] {
        let reply = city.graphql(LIST, json!({})).as_role(role).await;
        assert_eq!(reply.codes(), ["FORBIDDEN", "FORBIDDEN"], "{role}");
    }

    // Of one account: whoever sees the account.
    let one = "mutation($a: ID!, $d: ID!) { moratoriumRecord(input: { accountId: $a, from: \"2026-02-01\", reason: \"illness\",
        documentId: $d }) { signature { id } errors { code } } }";
    let payload = act(&city, Role::Accountant, one, json!({ "a": account(2), "d": document() })).await;
    assert_eq!(code(&payload), "", "{payload}");
    let near = bound("test.district", &[], &[1]);
    assert_eq!(seen(&city, near.clone()).await, [(record, true)]);
    let of_account =
        "query($a: ID!) { secondSignatures(account: $a) { nodes { reason account { number } } } }";
    let shown = city.graphql(of_account, json!({ "a": account(2) })).as_actor(near.clone()).await;
    assert_eq!(
        *shown.at("/secondSignatures/nodes"),
        json!([{ "reason": "illness", "account": { "number": "1000002" } }])
    );
    let far = bound("test.far", &[], &[2]);
    assert!(seen(&city, far).await.is_empty());
    assert_eq!(code(&decide(&city, near, &payload["signature"]["id"], true).await), "");
    assert_eq!(moratoria(&city).await, Some(1));
}

/// The trail is dated by system time, whatever day the business has.
#[tokio::test]
async fn the_auditors_report_names_who_asked_and_who_agreed_with_document_and_sum() {
    let city = debtors(1).await;
    assert_eq!(accrue(&city).await, both("43.64", "0.00"));
    let accrual: Option<i64> = city.scalar("SELECT min(id) FROM debt.accrual").await;
    let reversed = city
        .signed(
            two(Role::Accountant, Role::ChiefAccountant),
            "mutation($id: ID!, $d: ID!) { penaltyReverse(input: { id: $id, documentId: $d }) { signature { id } errors { code } } }",
            json!({ "id": Gid(AccrualId(accrual.unwrap())).encode(), "d": document() }),
        )
        .await;
    assert_eq!(code(&reversed), "", "{reversed}");

    let today: Option<chrono::NaiveDate> =
        city.scalar("SELECT (now() AT TIME ZONE 'Asia/Almaty')::date").await;
    let month = Period::of(today.unwrap());
    let told = async |sector| {
        report::figures(&city.app.db, CloseReportCode::Manual, month, sector).await.unwrap().rows
    };
    let acts = told(Sector::Multi).await;
    let line = acts.iter().find(|row| row["entity"] == "penalty_accrual" && row["action"] == "reversed");
    assert_eq!(
        line,
        Some(
            &json!({ "place": 2, "what": "act", "who": "test.accountant", "approver": "test.chief_accountant",
            "entity": "penalty_accrual", "action": "reversed", "document": "17", "found": 1, "amount": 4_364 })
        ),
        "{acts:?}"
    );
    let posted = acts.iter().find(|row| row["entity"] == "penalty_accrual" && row["action"] == "posted");
    let posted = posted.expect("who posted it");
    assert_eq!((&posted["who"], &posted["approver"]), (&json!("test.accountant"), &json!("")), "alone");
    let alone = acts.iter().find(|row| row["what"] == "self_approved").unwrap();
    assert_eq!(alone["found"], 0);
    let elsewhere = told(Sector::Private).await;
    assert!(elsewhere.iter().all(|row| row["entity"] != "penalty_accrual"), "{elsewhere:?}");
}
