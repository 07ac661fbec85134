//! Kaspi Pay as strictly as we know it: a server of its own that refuses what the real one would, remembers what it was told, and can be
//! slow, silent or wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value as Json, json};

/// What a payment there is.
#[derive(Debug, Clone)]
pub struct Paid {
    pub external_id: String,
    /// Tiyn.
    pub amount: i64,
    pub returned: i64,
    pub status: &'static str,
}

/// How it misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mood {
    #[default]
    Well,
    /// Does what is asked and never says so.
    Silent,
    /// An error page of a proxy.
    Page,
}

#[derive(Default)]
struct Inside {
    payments: BTreeMap<i64, Paid>,
    tokens: Vec<String>,
    mood: Mood,
}

/// A running fake; it ends with the value.
pub struct FakeKaspi {
    pub base: String,
    inside: Arc<Mutex<Inside>>,
    handle: ServerHandle,
}

const BIN: &str = "971240001315";

impl FakeKaspi {
    pub async fn start() -> Self {
        let inside: Arc<Mutex<Inside>> = Arc::default();
        let data = web::Data::from(inside.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/r3/v01/device/register", web::post().to(register))
                .route("/r3/v01/qr/create-link", web::post().to(create))
                .route("/r3/v02/payment/status/{id}", web::get().to(status))
                .route("/r3/v01/payment/details", web::get().to(details))
                .route("/r3/v01/payment/return", web::post().to(give_back))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .expect("a free port");
        let base = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { base, inside, handle }
    }

    pub fn bin(&self) -> &'static str {
        BIN
    }

    /// The payer does something in the application: `QrTokenCreated`, `Processed`, `Error`.
    pub fn becomes(&self, id: i64, status: &'static str) {
        self.inside.lock().unwrap().payments.get_mut(&id).expect("a payment").status = status;
    }

    pub fn mood(&self, mood: Mood) {
        self.inside.lock().unwrap().mood = mood;
    }

    pub fn payments(&self) -> Vec<(i64, Paid)> {
        self.inside.lock().unwrap().payments.iter().map(|(id, paid)| (*id, paid.clone())).collect()
    }

    /// The device is forgotten: its token is worth nothing.
    pub fn forget_devices(&self) {
        self.inside.lock().unwrap().tokens.clear();
    }
}

impl Drop for FakeKaspi {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

type Shared = web::Data<Mutex<Inside>>;

async fn told(shared: &Shared, body: Json) -> HttpResponse {
    let mood = shared.lock().unwrap().mood;
    match mood {
        Mood::Well => HttpResponse::Ok().json(body),
        Mood::Silent => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            HttpResponse::Ok().finish()
        }
        Mood::Page => HttpResponse::Ok().content_type("text/html").body("<html>maintenance</html>"),
    }
}

fn done(data: Json) -> Json {
    json!({ "StatusCode": 0, "Message": "OK", "Data": data })
}

fn refused(code: i64, message: &str) -> Json {
    json!({ "StatusCode": code, "Message": message, "Data": null })
}

/// Exactly these members, no others.
fn members<'a>(body: &'a Json, names: &[&str]) -> Option<&'a serde_json::Map<String, Json>> {
    let body = body.as_object()?;
    (body.len() == names.len() && names.iter().all(|name| body.contains_key(*name))).then_some(body)
}

/// A JSON number with two decimals at most, read by its digits.
fn tiyn(value: &Json) -> Option<i64> {
    let text = value.as_number()?.to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fits = part.len() <= 2 && digits(whole) && digits(part) && !whole.is_empty();
    fits.then(|| format!("{whole}{part:0<2}").parse().ok()).flatten()
}

async fn register(shared: Shared, body: web::Json<Json>) -> HttpResponse {
    let answer = match members(&body, &["DeviceId", "TradePointId", "OrganizationBin"]) {
        Some(said) if said["OrganizationBin"] == BIN && said["TradePointId"].is_i64() => {
            let token = format!("token-{}", shared.lock().unwrap().tokens.len() + 1);
            shared.lock().unwrap().tokens.push(token.clone());
            done(json!({ "DeviceToken": token }))
        }
        _ => refused(-999, "wrong request"),
    };
    told(&shared, answer).await
}

fn knows(shared: &Shared, token: &Json) -> bool {
    token.as_str().is_some_and(|token| shared.lock().unwrap().tokens.iter().any(|known| known == token))
}

async fn create(shared: Shared, body: web::Json<Json>) -> HttpResponse {
    let answer = match members(&body, &["DeviceToken", "Amount", "ExternalId", "OrganizationBin"]) {
        Some(said) if !knows(&shared, &said["DeviceToken"]) => refused(-1501, "device not found"),
        Some(said) => match tiyn(&said["Amount"]).filter(|tiyn| *tiyn > 0) {
            Some(amount) if said["OrganizationBin"] == BIN && said["ExternalId"].is_string() => {
                let mut inside = shared.lock().unwrap();
                let id = 1_000 + inside.payments.len() as i64;
                let external_id = said["ExternalId"].as_str().unwrap_or_default().to_owned();
                inside.payments.insert(id, Paid { external_id, amount, returned: 0, status: "Wait" });
                done(json!({
                    "PaymentLink": format!("https://pay.kaspi.kz/pay/{id}"), "PaymentId": id, "ExpireDate": "2099-01-01T00:00:00+05:00",
                }))
            }
            _ => refused(-999, "wrong request"),
        },
        None => refused(-999, "wrong request"),
    };
    told(&shared, answer).await
}

async fn status(shared: Shared, id: web::Path<i64>) -> HttpResponse {
    let found = shared.lock().unwrap().payments.get(&id).map(|paid| paid.status);
    let answer =
        found.map_or_else(|| refused(-1601, "payment not found"), |status| done(json!({ "Status": status })));
    told(&shared, answer).await
}

async fn details(shared: Shared, request: HttpRequest) -> HttpResponse {
    let query = web::Query::<BTreeMap<String, String>>::from_query(request.query_string())
        .map(web::Query::into_inner);
    let query = query.unwrap_or_default();
    let token = json!(query.get("DeviceToken"));
    let id: Option<i64> = query.get("QrPaymentId").and_then(|id| id.parse().ok());
    let found = id.and_then(|id| shared.lock().unwrap().payments.get(&id).cloned());
    let answer = match found {
        _ if !knows(&shared, &token) => refused(-1501, "device not found"),
        Some(paid) if paid.status == "Processed" => {
            let tenge = |tiyn: i64| -> Json {
                serde_json::from_str(&format!("{}.{:02}", tiyn / 100, tiyn % 100)).unwrap()
            };
            done(json!({
                "QrPaymentId": id, "TotalAmount": tenge(paid.amount), "AvailableReturnAmount": tenge(paid.amount - paid.returned),
            }))
        }
        _ => refused(-1601, "payment not found"),
    };
    told(&shared, answer).await
}

async fn give_back(shared: Shared, body: web::Json<Json>) -> HttpResponse {
    let answer = match members(&body, &["DeviceToken", "QrPaymentId", "Amount", "OrganizationBin"]) {
        Some(said) if !knows(&shared, &said["DeviceToken"]) => refused(-1501, "device not found"),
        Some(said) => {
            let mut inside = shared.lock().unwrap();
            let paid = said["QrPaymentId"].as_i64().and_then(|id| inside.payments.get_mut(&id));
            match (paid, tiyn(&said["Amount"])) {
                (Some(paid), Some(amount))
                    if paid.status == "Processed" && amount > 0 && amount <= paid.amount - paid.returned =>
                {
                    paid.returned += amount;
                    done(json!({ "ReturnOperationId": 7_000 + paid.returned }))
                }
                _ => refused(-99_000_001, "the sum of the return is larger than what is left"),
            }
        }
        None => refused(-999, "wrong request"),
    };
    told(&shared, answer).await
}
