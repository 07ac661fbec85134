//! GraphQL over HTTP against a real server.

use aiscra_tests::TestApp;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value as Json, json};

async fn send(
    base: &str,
    method: Method,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> (StatusCode, String, Json) {
    let mut request = Client::new().request(method, base).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.expect("the server answers");
    let status = response.status();
    let kind =
        response.headers().get("content-type").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    (status, kind, serde_json::from_str(&response.text().await.unwrap()).unwrap_or(Json::Null))
}

const JSON: (&str, &str) = ("content-type", "application/json");
const RESPONSE: (&str, &str) = ("accept", "application/graphql-response+json");

fn code(body: &Json) -> &str {
    assert!(body.get("data").is_none(), "a request that never ran has no data: {body}");
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn each_media_type_gets_its_status_and_shape() {
    let test = TestApp::new().await;
    let served = test.serve().await;
    let url = served.url("/graphql");

    let good = json!({ "query": "{ businessDate }" }).to_string();
    let (status, kind, body) = send(&url, Method::POST, &[JSON], good.clone()).await;
    assert_eq!((status, &body["data"]), (StatusCode::OK, &json!({ "businessDate": "2026-03-26" })));
    assert_eq!(body["extensions"]["cost"]["query"], 1);
    assert_eq!(kind, "application/json; charset=utf-8");
    let (status, kind, _) = send(&url, Method::POST, &[JSON, RESPONSE], good).await;
    assert_eq!((status, kind.as_str()), (StatusCode::OK, "application/graphql-response+json; charset=utf-8"));

    for (query, expected) in [("{ nothingLikeThis }", "VALIDATION_FAILED"), ("{ ", "PARSE_FAILED")] {
        let wrong = json!({ "query": query }).to_string();
        let (status, _, body) = send(&url, Method::POST, &[JSON], wrong.clone()).await;
        assert_eq!((status, code(&body)), (StatusCode::OK, expected));
        let (status, _, body) = send(&url, Method::POST, &[JSON, RESPONSE], wrong).await;
        assert_eq!((status, code(&body)), (StatusCode::BAD_REQUEST, expected));
    }

    for body in ["", "not json", "{}", r#"{"query":1}"#, r#"{"query":"{ businessDate }","variables":[]}"#] {
        let (status, _, body) = send(&url, Method::POST, &[JSON], body).await;
        assert_eq!((status, code(&body)), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
    }
}

/// What a flood looks like: its body, status and code.
fn floods() -> Vec<(&'static str, String, u16, &'static str)> {
    let query = |text: String| json!({ "query": text }).to_string();
    let many = |count: usize, piece: &dyn Fn(usize) -> String| (0..count).map(piece).collect::<String>();
    vec![
        ("depth", query(format!("{{ {} }}", "x { ".repeat(20) + "y" + &" }".repeat(20))), 400, "TOO_DEEP"),
        ("parser depth", query("{ a ".repeat(2_000) + &"}".repeat(2_000)), 400, "PARSE_FAILED"),
        (
            "aliases",
            query(format!("{{ {} }}", many(31, &|n| format!("a{n}: businessDate ")))),
            400,
            "TOO_MANY_ALIASES",
        ),
        (
            "directives",
            query(format!("{{ businessDate {} }}", "@skip(if: false) ".repeat(31))),
            400,
            "TOO_MANY_DIRECTIVES",
        ),
        (
            "rows of rows",
            query(
                "{ accounts(first: 100) { nodes { bills(first: 100) { nodes { id number total } } } } }"
                    .into(),
            ),
            400,
            "TOO_COMPLEX",
        ),
        (
            "doubling fragments",
            query(
                "{ ...F0 }".to_owned()
                    + &many(30, &|n| format!(" fragment F{n} on Query {{ ...F{m} ...F{m} }}", m = n + 1))
                    + " fragment F30 on Query { businessDate }",
            ),
            400,
            "TOO_COMPLEX",
        ),
        (
            "introspection",
            query("{ __schema { types { fields { type { fields { name } } } } } }".into()),
            400,
            "TOO_COMPLEX",
        ),
        (
            "batch",
            r#"[{"query":"{ businessDate }"},{"query":"{ businessDate }"}]"#.into(),
            400,
            "BATCH_REFUSED",
        ),
        (
            "body",
            json!({ "query": "{ businessDate }", "extensions": { "x": "y".repeat(256 * 1024) } }).to_string(),
            413,
            "TOO_LARGE",
        ),
    ]
}

#[tokio::test]
async fn floods_are_turned_away_each_with_its_status_and_code() {
    let test = TestApp::new().await;
    let served = test.serve().await;
    for (flood, body, expected, wanted) in floods() {
        for headers in [vec![JSON, RESPONSE], vec![JSON]] {
            let json_only = headers.len() == 1;
            let (status, _, body) = send(&served.url("/graphql"), Method::POST, &headers, body.clone()).await;
            // A document that does not parse is, for the older media type, an answer like any other.
            let expected = if json_only && wanted == "PARSE_FAILED" { 200 } else { expected };
            assert_eq!((status.as_u16(), code(&body)), (expected, wanted), "{flood}");
        }
    }
}

#[tokio::test]
async fn what_a_page_of_another_site_can_send_is_refused() {
    let test = TestApp::new().await;
    let served = test.serve().await;
    let url = served.url("/graphql");
    let good = json!({ "query": "{ businessDate }" }).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/json; charset=latin1",
    ] {
        let (status, _, body) = send(&url, Method::POST, &[("content-type", kind)], good.clone()).await;
        assert_eq!((status.as_u16(), code(&body)), (415, "BAD_REQUEST"), "{kind}");
    }
    let (status, _, _) = send(&url, Method::POST, &[JSON, ("accept", "text/html")], good.clone()).await;
    assert_eq!(status, StatusCode::NOT_ACCEPTABLE);
    for (site, expected) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)] {
        let from = ("sec-fetch-site", site);
        let (status, _, _) = send(&url, Method::POST, &[JSON, from], good.clone()).await;
        assert_eq!(status.as_u16(), expected, "POST, {site}");
        let (status, _, _) = send(&format!("{url}?query=%7B__typename%7D"), Method::GET, &[from], "").await;
        assert_eq!(status.as_u16(), expected, "GET, {site}");
    }
    let (status, _, _) = send(&url, Method::OPTIONS, &[("origin", "https://elsewhere.example")], "").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "no preflight is answered");
}

#[tokio::test]
async fn what_takes_too_long_is_ended_and_writes_nothing() {
    let test = TestApp::with(|config| config.operation_milliseconds = Some(300)).await;
    crate::access::hire(&test, "slow.one", domain::access::Role::Cashier).await;
    let served = test.serve().await;
    let mut busy =
        entities::kernel::Tx::begin(&test.app.db, domain::access::Actor::system("test")).await.unwrap();
    statement(&mut busy, "LOCK TABLE access.staff IN ACCESS EXCLUSIVE MODE").await;
    let slow = "mutation { sessionOpen(input: { login: \"slow.one\", password: \"wrong password\" }) { errors { code } } }";
    let slow = json!({ "query": slow }).to_string();
    let (status, _, body) = send(&served.url("/graphql"), Method::POST, &[JSON], slow).await;
    assert_eq!((status.as_u16(), code(&body)), (503, "TIMEOUT"), "{body}");
    assert_eq!(body["errors"][0]["extensions"]["retryAfter"], 5);
    busy.rollback().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let tried: Option<i64> =
        test.scalar("SELECT count(*) FROM platform.audit_entry WHERE action = 'sign_in_refused'").await;
    assert_eq!(tried, Some(0), "what was dropped wrote nothing later");
}

async fn statement(tx: &mut entities::kernel::Tx, text: &str) {
    use sea_orm::ConnectionTrait;
    tx.execute_unprepared(text).await.unwrap();
}

#[tokio::test]
async fn get_reads_and_never_writes() {
    let test = TestApp::new().await;
    let served = test.serve().await;
    let get = async |query: &str| {
        let url = reqwest::Url::parse_with_params(&served.url("/graphql"), [("query", query)]).unwrap();
        send(url.as_str(), Method::GET, &[], "").await
    };
    let (status, _, body) = get("{ businessDate }").await;
    assert_eq!((status, &body["data"]["businessDate"]), (StatusCode::OK, &json!("2026-03-26")));
    let (status, _, body) = get("mutation { __typename }").await;
    assert_eq!((status, code(&body)), (StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST"));
    let (status, _, _) = get("query A { businessDate } mutation B { __typename }").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "no operation was chosen, so none may run");
    let (status, _, _) = send(&served.url("/graphql"), Method::PUT, &[JSON], "{}").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn errors_speak_the_readers_language() {
    let test = TestApp::new().await;
    let served = test.serve().await;
    let wrong = json!({ "query": "{ x }" }).to_string();
    for (accepted, start) in [("kk", "Сұрау"), ("ru-RU", "Запрос"), ("en", "The request")] {
        let headers = [JSON, ("accept-language", accepted)];
        let (_, _, body) = send(&served.url("/graphql"), Method::POST, &headers, wrong.clone()).await;
        assert!(body["errors"][0]["message"].as_str().unwrap().starts_with(start), "{body}");
    }
}

#[tokio::test]
async fn a_dead_token_is_told_so_whatever_it_asks_for() {
    let test = TestApp::with(|config| config.free_documents = false).await;
    let served = test.serve().await;
    let url = served.url("/graphql");
    // Free for everybody; a listed document of the public; nothing that anybody may ask.
    for query in ["{ businessDate }", "{ accounts { nodes { id } } }", "{ nothingLikeThis }"] {
        let asked = json!({ "query": query }).to_string();
        for token in ["Bearer wrong", "Bearer aic_wrong", "bearer", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"] {
            for headers in [vec![JSON], vec![JSON, RESPONSE]] {
                let headers = [headers, vec![("authorization", token)]].concat();
                let (status, _, body) = send(&url, Method::POST, &headers, asked.clone()).await;
                assert_eq!((status.as_u16(), code(&body)), (401, "UNAUTHENTICATED"), "{query} {token}");
            }
        }
        let get = reqwest::Url::parse_with_params(&url, [("query", query)]).unwrap();
        let (status, _, body) =
            send(get.as_str(), Method::GET, &[("authorization", "Bearer wrong")], "").await;
        assert_eq!((status.as_u16(), code(&body)), (401, "UNAUTHENTICATED"), "{query}");
    }
    let answer = Client::new()
        .post(&url)
        .header("content-type", "application/json")
        .bearer_auth("wrong")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
    // Nobody is still somebody: without a token the public's documents are what they were; another scheme is not ours.
    let asked = json!({ "query": "{ accounts { nodes { id } } }" }).to_string();
    for headers in [vec![JSON], vec![JSON, ("authorization", "Basic dTpw")]] {
        let (status, _, body) = send(&url, Method::POST, &headers, asked.clone()).await;
        assert_eq!((status.as_u16(), code(&body)), (403, "UNTRUSTED_DOCUMENT"));
    }
}

#[tokio::test]
async fn a_nul_in_a_text_is_bad_input_wherever_it_stands() {
    let test = TestApp::new().await;
    let asked = "query($s: String) { accounts(search: $s) { nodes { id } } }";
    let by_variable =
        test.graphql(asked, json!({ "s": "ab\0c" })).as_role(domain::access::Role::OperatorMulti).await;
    assert_eq!((by_variable.codes(), by_variable.executed), (vec!["BAD_INPUT"], false));
    let written = "{ accounts(search: \"a\\u0000b\") { nodes { id } } }";
    let by_document = test.graphql(written, json!({})).as_role(domain::access::Role::OperatorMulti).await;
    assert_eq!(by_document.codes(), ["BAD_INPUT"]);
    let deep = "mutation($i: PaymentRecordInput!) { paymentRecord(input: $i) { errors { code } } }";
    let input = json!({ "accountId": "x", "amount": "1.00", "channel": "CASH", "externalId": "a\0", "idempotencyKey": "12345678" });
    let deep = test.graphql(deep, json!({ "i": input })).as_role(domain::access::Role::Cashier).await;
    assert_eq!(deep.codes(), ["BAD_INPUT"]);
}

#[tokio::test]
async fn what_is_wrong_with_an_input_is_said_in_the_readers_language() {
    let test = TestApp::new().await;
    let served = test.serve().await;
    let account = api::platform::graphql::Gid(domain::kernel::AccountId(1)).encode();
    for (accepted, start, text) in [
        ("kk", "Деректер қате: ", "сома емес"),
        ("ru", "Неверные данные: ", "не сумма"),
        ("en", "Wrong input: ", "not a sum"),
    ] {
        let language = api::platform::messages::Language::accepted(accepted);
        let pay = "mutation($a: ID!, $s: Money!, $k: String!) { paymentRecord(input: { accountId: $a, amount: $s, channel: CASH,
            idempotencyKey: $k }) { errors { code } } }";
        let ask = |sum: &str, key: &str| {
            test.graphql(pay, json!({ "a": account, "s": sum, "k": key }))
                .as_role(domain::access::Role::Cashier)
                .in_language(language)
        };
        let told = ask("abc", "12345678").await.errors[0]["message"].as_str().unwrap().to_owned();
        assert!(told.starts_with(start) && told.contains(text), "{told}");
        assert!(!told.contains("PaymentRecordInput"), "{told}");
        let short = ask("1.00", "1").await.errors[0]["message"].as_str().unwrap().to_owned();
        assert!(short.contains('8') && !short.contains("must be greater"), "{short}");

        let (_, _, body) =
            send(&served.url("/graphql"), Method::POST, &[JSON, ("accept-language", accepted)], "no").await;
        let told = body["errors"][0]["message"].as_str().unwrap();
        assert_eq!(told.contains("the body is not"), accepted == "en", "{told}");
        assert_eq!(body["errors"][0]["extensions"]["detail"], "the body is not a JSON request");
    }
}

#[tokio::test]
async fn a_server_tells_its_state() {
    let test = TestApp::new().await;
    let served = test.serve().await;
    let (status, _, body) = send(&served.url("/ready"), Method::GET, &[], "").await;
    assert_eq!((status, &body["migrations"]), (StatusCode::OK, &json!(true)));
    test.sql("DELETE FROM seaql_migrations WHERE version LIKE 'payments%'").await;
    let (status, _, body) = send(&served.url("/ready"), Method::GET, &[], "").await;
    assert_eq!((status, &body["migrations"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(false)));
    let (status, _, _) = send(&served.url("/health"), Method::GET, &[], "").await;
    assert_eq!(status, StatusCode::OK);
    let metrics = Client::new().get(served.url("/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("# TYPE") || metrics.is_empty(), "{metrics}");
}

#[tokio::test]
async fn a_missing_asset_is_missing_and_a_page_is_a_page() {
    let dist = std::env::temp_dir().join(format!("aiscra-dist-{}", uuid::Uuid::new_v4().simple()));
    std::fs::create_dir_all(dist.join("assets")).unwrap();
    std::fs::write(dist.join("index.html"), "<!doctype html><title>office</title>").unwrap();
    std::fs::write(dist.join("assets/app-1a2b.js"), "1").unwrap();
    let test = TestApp::with(|config| config.admin_dist = Some(dist.clone())).await;
    let served = test.serve().await;
    let get = async |path: &str| Client::new().get(served.url(path)).send().await.unwrap();

    for page in ["/admin/", "/admin/accounts/42", "/admin"] {
        let response = get(page).await;
        assert_eq!(response.status(), StatusCode::OK, "{page}");
        assert!(
            response.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'")
        );
        assert_eq!(response.headers()["cache-control"], "no-cache");
        assert!(response.text().await.unwrap().contains("office"));
    }
    let asset = get("/admin/assets/app-1a2b.js").await;
    assert_eq!(asset.headers()["cache-control"], "public, max-age=31536000, immutable");
    for missing in ["/admin/assets/app-0000.js", "/admin/favicon.ico", "/admin/..%2findex.html", "/nowhere"] {
        assert_eq!(get(missing).await.status(), StatusCode::NOT_FOUND, "{missing}");
    }
    std::fs::remove_dir_all(dist).unwrap();
}
