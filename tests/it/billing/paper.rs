//! Bills on paper: one at once for whoever may see it, many as a job that survives being killed.

use std::collections::BTreeMap;
use std::io::Read;

use aiscra_tests::{Flat, Meter, TestApp, actor_of, count_statements, march, subscriber_of};
use api::billing::http::print;
use api::billing::ops;
use api::billing::paper::{letterhead, papers};
use api::platform::files::pieces;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::billing::paper;
use entities::kernel::{Tx, file, jobs};
use futures_util::TryStreamExt;
use lopdf::Document;
use serde_json::json;

const HOUSE: &[Flat] = &[
    Flat::unmetered(3),
    Flat::metered(2, 12_345),
    Flat { residents: 1, meter: Some(Meter { initial: 7_000, march: None, verified_until: "2030-01-01" }) },
    // Passes the end of its register.
    Flat {
        residents: 4,
        meter: Some(Meter { initial: 99_998_500, march: Some(4_000), verified_until: "2030-01-01" }),
    },
    Flat {
        residents: 2,
        meter: Some(Meter { initial: 7_000, march: Some(9_000), verified_until: "2026-03-16" }),
    },
];

async fn billed(flats: &[Flat], issue: bool) -> TestApp {
    let city = TestApp::new().await;
    city.house(flats).await;
    let run = ops::run_now(&city.app, march(), Sector::Multi, None).await.unwrap().unwrap();
    if issue {
        let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
        ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    }
    city
}

async fn bill_of(city: &TestApp, account: i64) -> BillId {
    let sql = format!("SELECT id FROM billing.bill WHERE account_id = {account} AND NOT reversed");
    BillId(city.scalar(&sql).await.expect("a bill"))
}

fn pages(pdf: &[u8]) -> Vec<String> {
    let document = Document::load_mem(pdf).expect("a PDF");
    let plain = |text: String| text.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let numbers: Vec<u32> = document.get_pages().keys().copied().collect();
    numbers.iter().map(|page| plain(document.extract_text(&[*page]).expect("text"))).collect()
}

#[tokio::test]
async fn the_page_says_what_the_tables_say() {
    let city = billed(HOUSE, true).await;
    let auditor = actor_of(Role::Auditor);
    for (account, said) in [
        (
            1,
            vec![
                "1000001",
                "Абонент 1",
                "Абай даңғылы, 10, 1",
                "проспект Абая, 10, 1",
                "3 445,20 ₸",
                "5 582,79",
            ],
        ),
        (
            2,
            vec![
                "№ S2",
                "По прибору № S2: 112,345 − 100,000 = 12,345 м³; 12,345 м³ × 66,00 ₸ + НДС 16 % = 945,13 ₸",
            ],
        ),
        (3, vec!["нет показания"]),
        (4, vec!["99 998,500", "4,000", "5,500"]),
        (5, vec!["Поверка прибора истекла, по нормативу", "16.03.2026"]),
    ] {
        let (name, pdf) = print(&city.app, &auditor, bill_of(&city, account).await).await.unwrap().unwrap();
        assert_eq!(name, format!("100000{account}-2026-03.pdf"));
        let pages = pages(&pdf);
        assert_eq!(pages.len(), 1);
        let charged: i64 = city
            .scalar(&format!("SELECT charged FROM billing.bill WHERE account_id = {account}"))
            .await
            .unwrap();
        let charged = documents_spelling(charged);
        for words in said.into_iter().chain([charged.as_str(), "Демонстрация", "дейін"]) {
            assert!(pages[0].contains(words), "account {account}: no {words:?} in {}", pages[0]);
        }
    }
    let looks: i64 = city
        .scalar("SELECT count(*) FROM platform.audit_entry WHERE entity = 'bill' AND action = 'printed'")
        .await
        .unwrap();
    assert_eq!(looks, 5, "a look of the staff is in the trail");
}

fn documents_spelling(tiyn: i64) -> String {
    let whole = (tiyn / 100).to_string();
    let mut groups: Vec<&str> =
        whole.as_bytes().rchunks(3).map(|g| std::str::from_utf8(g).unwrap()).collect();
    groups.reverse();
    format!("{},{:02}", groups.join(" "), tiyn % 100)
}

#[tokio::test]
async fn a_subscriber_gets_his_own_issued_bill_and_no_other() {
    let city = billed(&HOUSE[..2], false).await;
    let (mine, other) = (bill_of(&city, 1).await, bill_of(&city, 2).await);
    let me = subscriber_of(AccountId(1));
    let code = async |actor: &Actor, id| print(&city.app, actor, id).await.unwrap().err().map(|r| r.code);
    assert_eq!(code(&me, mine).await, Some("NOT_FOUND"), "not issued yet");
    city.sql("UPDATE billing.run SET state = 'issued', issued_at = now()").await;
    assert_eq!(code(&me, mine).await, None);
    assert_eq!(code(&me, other).await, Some("NOT_FOUND"));

    // Whoever moves in sees nothing of whoever moved out.
    city.sql(
        "UPDATE subscribers.holder SET valid = daterange(lower(valid), '2026-04-01') WHERE account_id = 1",
    )
    .await;
    city.sql(
        "INSERT INTO subscribers.holder (account_id, party_id, valid, recorded_by)
         VALUES (1, 2, daterange('2026-04-01', NULL), 'test')",
    )
    .await;
    assert_eq!(code(&me, mine).await, Some("NOT_FOUND"));

    // An operator of another sector neither.
    assert_eq!(code(&actor_of(Role::OperatorPrivate), mine).await, Some("NOT_FOUND"));
    assert_eq!(code(&actor_of(Role::OperatorMulti), mine).await, None);
}

#[tokio::test]
async fn without_confirmed_requisites_nothing_is_printed() {
    let city = billed(&HOUSE[..1], true).await;
    city.sql("DELETE FROM tariffs.setting WHERE code = 'bill.issuer.iban'").await;
    let refused =
        print(&city.app, &actor_of(Role::Auditor), bill_of(&city, 1).await).await.unwrap().unwrap_err();
    assert_eq!((refused.code, &refused.args[0].1), ("MISSING_SETTING", &"bill.issuer.iban".into()));
}

#[tokio::test]
async fn it_is_fetched_over_http_where_the_graph_says() {
    let city = billed(&HOUSE[..1], true).await;
    crate::access::hire(&city, "boss", Role::ChiefAccountant).await;
    let token = crate::access::sign_in(&city, "boss", crate::access::PASSWORD).await;
    let token = token.text("/sessionOpen/session/accessToken").to_owned();
    let reply = city
        .graphql("{ accounts { nodes { bills { nodes { pdf } } } } }", json!({}))
        .as_role(Role::Auditor)
        .await;
    let path = reply.text("/accounts/nodes/0/bills/nodes/0/pdf").to_owned();
    let served = city.serve().await;
    let http = reqwest::Client::new();
    let nobody = http.get(served.url(&path)).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
    let other =
        http.get(served.url("/files/bills/QmlsbDo5OTk5.pdf")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(other.status(), 404);
    let given = http.get(served.url(&path)).bearer_auth(&token).send().await.unwrap();
    assert_eq!(given.status(), 200);
    assert_eq!(given.headers()["content-type"], "application/pdf");
    assert!(given.headers()["content-disposition"].to_str().unwrap().contains("1000001-2026-03.pdf"));
    assert_eq!(pages(&given.bytes().await.unwrap()).len(), 1);
}

#[tokio::test]
async fn the_statements_do_not_grow_with_the_bills() {
    let city = billed(&[Flat::metered(2, 5_000); 30], true).await;
    let head = letterhead(&city.app.db, march().first_day()).await.unwrap().unwrap();
    let mut counts = Vec::new();
    for n in [1, 30] {
        let ids: Vec<i64> = (1..=n).collect();
        let (made, count) = count_statements(papers(&city.app, &head, &ids)).await;
        assert_eq!(made.unwrap().len(), n as usize);
        counts.push(count);
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0] <= 6, "{counts:?}");
}

const RENDER: &str =
    "mutation($i: BillsRenderInput!) { billsRender(input: $i) { job { id } errors { code } } }";

async fn render(city: &TestApp, packaging: &str) -> JobId {
    let input = json!({ "period": "2026-03", "sector": "MULTI", "packaging": packaging });
    let reply = city.graphql(RENDER, json!({ "i": input })).as_role(Role::Accountant).await;
    assert!(reply.refusals().is_empty(), "{reply:?}");
    JobId(city.scalar("SELECT max(id) FROM platform.job WHERE kind = 'billing.print'").await.unwrap())
}

async fn made(city: &TestApp, job: JobId) -> Vec<u8> {
    let found = file::of_jobs(&city.app.db, vec![job]).await.unwrap().remove(0);
    let error = jobs::find(&city.app.db, job.0).await.unwrap().and_then(|job| job.error);
    assert!(found.ready_at.is_some(), "the job made no file: {error:?}");
    let all: Vec<_> = pieces(city.app.clone(), found.id).try_collect().await.unwrap();
    let bytes = all.concat();
    assert_eq!(bytes.len() as i64, found.bytes);
    bytes
}

#[tokio::test]
async fn many_bills_are_one_file_in_the_order_of_the_round() {
    let city = billed(&[Flat::unmetered(2); 120], true).await;
    let job = render(&city, "ONE_FILE").await;
    city.run_jobs().await;
    let text = pages(&made(&city, job).await);
    assert_eq!(text.len(), 120);
    for (at, page) in text.iter().enumerate() {
        let flat = at + 1;
        assert!(page.contains(&format!("Абай даңғылы, 10, {flat} ")), "page {flat}: {page}");
    }

    // Only whoever asked sees and fetches it.
    let query = "query($id: ID!) { node(id: $id) { ... on Job { state done total file { name url } } } }";
    let id = api::platform::graphql::Gid(job).encode();
    let mine = city.graphql(query, json!({ "id": id })).as_role(Role::Accountant).await;
    assert_eq!(mine.at("/node/state"), "DONE");
    assert_eq!((mine.at("/node/done"), mine.at("/node/total")), (&json!(120), &json!(120)));
    assert_eq!(mine.at("/node/file/name"), "bills-2026-03-multi.pdf");
    let other = city.graphql(query, json!({ "id": id })).as_role(Role::Auditor).await;
    assert_eq!(other.at("/node/file"), &json!(null));
}

#[tokio::test]
async fn a_killed_print_goes_on_where_it_stood() {
    let city = billed(&[Flat::unmetered(1); 110], true).await;
    let job = render(&city, "ONE_FILE").await;
    let id = file::of_jobs(&city.app.db, vec![job]).await.unwrap()[0].id;
    // What a worker left that died after the second of three steps, in the middle of the binding. The step's pages say by a
    // number of their own that they are these.
    let scope = domain::access::Scope::City;
    let found = paper::to_print(&city.app.db, &scope, march(), Sector::Multi, None).await.unwrap();
    let ids: Vec<i64> = found.iter().map(|bill| bill.id).collect();
    let plan = serde_json::to_vec(&json!({ "volumes": [[null, ids]] })).unwrap();
    file::put(&city.app.db, id, true, 0, plan).await.unwrap();
    let head = letterhead(&city.app.db, march().first_day()).await.unwrap().unwrap();
    let left = papers(&city.app, &head, &ids[50..100]).await.unwrap().into_iter();
    let left: Vec<_> = left.map(|p| documents::BillDocument { account: "KEPT".into(), ..p }).collect();
    file::put(&city.app.db, id, true, 2, documents::PRESS.sheaf(&left).unwrap()).await.unwrap();
    file::put(&city.app.db, id, false, 0, b"half a file".to_vec()).await.unwrap();
    city.run_jobs().await;

    let text = pages(&made(&city, job).await);
    assert_eq!(text.len(), 110);
    for (at, page) in text.iter().enumerate() {
        assert!(page.contains(&format!("Абай даңғылы, 10, {} ", at + 1)), "page {at}: {page}");
        assert_eq!(
            page.contains("KEPT"),
            (50..100).contains(&at),
            "page {at} was typeset again, or not at all"
        );
    }
    let drafts = file::drafts(&city.app.db, id).await.unwrap();
    assert!(drafts.is_empty(), "drafts go when the file is ready: {drafts:?}");
}

#[tokio::test]
async fn a_package_holds_a_file_per_district() {
    let city = billed(&[Flat::unmetered(1); 7], true).await;
    city.sql("INSERT INTO premises.district (id, code, name_kk, name_ru, name_en) VALUES (2, 'other', 'Т', 'Т', 'T')")
        .await;
    city.sql("UPDATE subscribers.account SET district_id = 2 WHERE id > 4").await;
    let job = render(&city, "PER_DISTRICT").await;
    city.run_jobs().await;
    let mut package = zip::ZipArchive::new(std::io::Cursor::new(made(&city, job).await)).expect("a package");
    let mut found = BTreeMap::new();
    for at in 0..package.len() {
        let mut entry = package.by_index(at).unwrap();
        let mut pdf = Vec::new();
        entry.read_to_end(&mut pdf).unwrap();
        found.insert(entry.name().expect("a name").into_owned(), pages(&pdf).len());
    }
    let expected = [("2026-03-multi-other.pdf".to_owned(), 3), ("2026-03-multi-test.pdf".to_owned(), 4)];
    assert_eq!(found, expected.into());
}

#[tokio::test]
async fn a_print_holds_only_what_the_asker_may_see() {
    let city = billed(&[Flat::unmetered(1); 2], true).await;
    let input = json!({ "period": "2026-03", "sector": "MULTI", "packaging": "ONE_FILE" });
    let private = city.graphql(RENDER, json!({ "i": input })).as_role(Role::OperatorPrivate).await;
    assert_eq!(private.refusals(), ["OUT_OF_SCOPE"]);
    let empty = json!({ "period": "2026-02", "sector": "MULTI", "packaging": "ONE_FILE" });
    let nothing = city.graphql(RENDER, json!({ "i": empty })).as_role(Role::Accountant).await;
    assert_eq!(nothing.refusals(), ["NOTHING_TO_PRINT"]);
    let subscriber = city.graphql(RENDER, json!({ "i": input })).as_subscriber(AccountId(1)).await;
    assert_eq!(subscriber.codes(), ["FORBIDDEN"]);
}
