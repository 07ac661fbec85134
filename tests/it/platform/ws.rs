//! Subscriptions over a real socket.

use std::time::Duration;

use aiscra_tests::{Served, TestApp, for_each_bus};
use api::platform::graphql::id;
use api::platform::outbox::relay;
use domain::JobsEvent;
use domain::access::{Actor, Role};
use domain::kernel::JobId;
use entities::kernel::{Tx, jobs};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::access::{PASSWORD, hire, sign_in};

pub struct Socket(WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>);

impl Socket {
    async fn open(served: &Served, protocol: &str) -> Result<Self, Error> {
        let mut request = served.ws().into_client_request()?;
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol.parse().unwrap());
        request.headers_mut().insert("Accept-Language", "en".parse().unwrap());
        Ok(Self(connect_async(request).await?.0))
    }

    async fn send(&mut self, message: Json) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message of the protocol, or why the socket was closed.
    pub async fn next(&mut self) -> Result<Json, CloseFrame> {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(15), self.0.next())
                .await
                .expect("an answer in time");
            match message.expect("a message").expect("a whole one") {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => return Err(frame.expect("a reason")),
                _ => {}
            }
        }
    }

    pub async fn signed_in(served: &Served, token: &str) -> Self {
        let mut socket = Self::open(served, "graphql-transport-ws").await.unwrap();
        socket.send(json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } })).await;
        assert_eq!(socket.next().await.unwrap()["type"], "connection_ack");
        socket
    }

    pub async fn subscribe(&mut self, query: &str, variables: Json) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
    }
}

pub async fn token(test: &TestApp, role: Role) -> String {
    let login = format!("ws.{role}").replace('_', ".");
    hire(test, &login, role).await;
    sign_in(test, &login, PASSWORD).await.text("/sessionOpen/session/accessToken").to_owned()
}

async fn queue(test: &TestApp) -> i64 {
    let mut tx = Tx::begin(&test.app.db, Actor::system("test")).await.unwrap();
    let id = jobs::enqueue(&mut tx, "test", &json!({}), None).await.unwrap();
    tx.commit().await.unwrap();
    id.0
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_of_ours() {
    for_each_bus(async |test: TestApp| {
        let served = test.serve().await;
        assert!(Socket::open(&served, "graphql-ws").await.is_err(), "the old protocol is not spoken");
        for payload in [json!({}), json!({ "authorization": "Bearer nonsense" }), Json::Null] {
            let mut socket = Socket::open(&served, "graphql-transport-ws").await.unwrap();
            socket.send(json!({ "type": "connection_init", "payload": payload })).await;
            assert_eq!(u16::from(socket.next().await.unwrap_err().code), 4403);
        }
        let mut socket = Socket::open(&served, "graphql-transport-ws").await.unwrap();
        socket.subscribe("subscription { events { name } }", json!({})).await;
        assert!(socket.next().await.is_err(), "nothing before signing in");
    })
    .await;
}

#[tokio::test]
async fn a_job_is_watched_to_its_end() {
    for_each_bus(async |test: TestApp| {
        let served = test.serve().await;
        let job = queue(&test).await;
        let mut socket = Socket::signed_in(&served, &token(&test, Role::Auditor).await).await;
        let query = "subscription($id: ID!) { jobProgress(id: $id) { state done total } }";
        socket.subscribe(query, json!({ "id": id::encode("Job", job) })).await;
        let state = |message: &Json| message["payload"]["data"]["jobProgress"]["state"].clone();
        assert_eq!(state(&socket.next().await.unwrap()), "QUEUED");

        let mut tx = Tx::begin(&test.app.db, Actor::system("test")).await.unwrap();
        let taken = jobs::take(&test.app.db, "w", &["test".into()]).await.unwrap().unwrap();
        jobs::finish(&tx, &taken, Ok(()), false).await.unwrap();
        tx.emit(JobsEvent::Finished { job: JobId(job) });
        tx.commit().await.unwrap();
        relay::pump(&test.app).await.unwrap();
        let mut last = socket.next().await.unwrap();
        if state(&last) == "QUEUED" {
            // The fact of the queueing itself may have been on its way.
            last = socket.next().await.unwrap();
        }
        assert_eq!(state(&last), "DONE");
        assert_eq!(socket.next().await.unwrap()["type"], "complete");
    })
    .await;
}

#[tokio::test]
async fn events_resume_from_a_cursor_and_need_the_right() {
    for_each_bus(async |test: TestApp| {
    let served = test.serve().await;
    let mut denied = Socket::signed_in(&served, &token(&test, Role::Cashier).await).await;
    denied.subscribe("subscription { events { name } }", json!({})).await;
    let answer = denied.next().await.unwrap();
    assert!(answer.to_string().contains("FORBIDDEN"), "{answer}");

    let manager = token(&test, Role::Manager).await;
    while relay::pump(&test.app).await.unwrap() > 0 {}
    let query =
        "subscription($after: String) { events(topics: [\"jobs\"], after: $after) { cursor name topic } }";
    let mut socket = Socket::signed_in(&served, &manager).await;
    socket.subscribe(query, json!({})).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    queue(&test).await;
    relay::pump(&test.app).await.unwrap();
    let first = socket.next().await.unwrap()["payload"]["data"]["events"].clone();
    assert_eq!(first["name"], "jobs.queued");
    drop(socket);

    queue(&test).await;
    relay::pump(&test.app).await.unwrap();
    let mut socket = Socket::signed_in(&served, &manager).await;
    socket.subscribe(query, json!({ "after": first["cursor"] })).await;
    let missed = socket.next().await.unwrap()["payload"]["data"]["events"].clone();
    assert_eq!(missed["name"], "jobs.queued");
    assert_ne!(missed["cursor"], first["cursor"]);
    })
    .await;
}

#[tokio::test]
async fn a_socket_ends_within_a_second_of_its_session() {
    for_each_bus(async |test: TestApp| {
        let served = test.serve().await;
        let stop = test.app.closing.clone();
        tokio::spawn(relay::run(test.app.clone(), stop));
        let token = token(&test, Role::Manager).await;
        let mut socket = Socket::signed_in(&served, &token).await;
        let mut other = Socket::signed_in(&served, &self::token(&test, Role::Auditor).await).await;
        let began = std::time::Instant::now();
        let closed = test
            .graphql("mutation { sessionClose(input: {}) { closed errors { code } } }", json!({}))
            .with_token(&token)
            .await;
        assert_eq!(closed.at("/sessionClose/closed"), true);
        assert_eq!(u16::from(socket.next().await.unwrap_err().code), 4401);
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());

        // Straight in the tables, as when another program takes a right away: each event asks anew.
        other.subscribe("subscription { events { name } }", json!({})).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        test.sql("DELETE FROM access.staff_role WHERE role = 'auditor'").await;
        tokio::time::sleep(Duration::from_millis(5_200)).await;
        queue(&test).await;
        let answer = other.next().await;
        let ended = match &answer {
            Ok(message) => message.to_string().contains("UNAUTHENTICATED"),
            Err(frame) => u16::from(frame.code) == 4401,
        };
        assert!(ended, "{answer:?}");
    })
    .await;
}
