//! A strict stand-in for WebKassa: the wire as it is described, the codes as they are known, a memory of everything it registered. It refuses
//! fields it does not know, requests that overlap, sums that do not add up, and it can be silent before or after it has done what was asked.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use api::config::Config;
use domain::kernel::Money;
use serde::Deserialize;
use serde_json::{Value as Json, json};

const LOGIN: &str = "kassa@example.org";
const PASSWORD: &str = "right";
const KEY: &str = "the-api-key";
const REGISTRATION: &str = "211030200207";
/// Longer than the tests let a call take.
const SILENCE: Duration = Duration::from_millis(1_500);

/// What happens to the next call that would register something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody answers, and nothing was done.
    Silent,
    /// It is done, and nobody says so.
    DoneButSilent,
    /// It is done, and the answer is no JSON.
    DoneButBroken,
    /// A gateway before it answers with this status and JSON of its own; nothing was done.
    Gateway(u16),
    /// Refused with this code, nothing done.
    Refused(i32),
}

/// A registered receipt.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub external: String,
    pub number: String,
    pub kind: u8,
    pub total: Money,
    pub shift: i64,
    pub at: String,
    pub returned: Money,
}

#[derive(Default)]
struct State {
    tokens: Vec<String>,
    sign_ins: usize,
    troubles: VecDeque<Trouble>,
    tickets: Vec<Ticket>,
    money: HashMap<String, Money>,
    cash: Money,
    shift: Option<i64>,
    shifts: i64,
    zs: usize,
    shift_too_long: bool,
    offline: bool,
    offline_too_long: bool,
    history_lags: bool,
    busy: bool,
    calls: Vec<String>,
    violations: Vec<String>,
}

/// The running server; it ends with the value.
pub struct FakeWebKassa {
    pub cashbox: String,
    base: String,
    secret: std::path::PathBuf,
    state: Arc<Mutex<State>>,
    handle: actix_web::dev::ServerHandle,
}

impl Drop for FakeWebKassa {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        let _ = std::fs::remove_file(&self.secret);
    }
}

impl FakeWebKassa {
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let data = web::Data::new(state.clone());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/api/v4/Authorize", web::post().to(authorize))
                .route("/api/v4/check", web::post().to(check))
                .route("/api/v4/MoneyOperation", web::post().to(money_operation))
                .route("/api/v4/XReport", web::post().to(x_report))
                .route("/api/v4/ZReport", web::post().to(z_report))
                .route("/api-history/v4/Ticket/GetTicketByExternalCheckNumber", web::post().to(ticket))
        })
        .workers(2)
        .disable_signals()
        .listen(listener)
        .expect("a listener")
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        let secret = std::env::temp_dir().join(format!("webkassa-{}", uuid::Uuid::new_v4().simple()));
        std::fs::write(&secret, format!("{PASSWORD}\n{KEY}\n")).expect("a secret");
        Self {
            cashbox: "SWK00000001".into(),
            base: format!("http://127.0.0.1:{}", address.port()),
            secret,
            state,
            handle,
        }
    }

    /// An installation that knows this provider; a call takes a third of a second at most.
    pub fn configure(&self, config: &mut Config) {
        config.webkassa_url = Some(self.base.clone());
        config.webkassa_login = Some(LOGIN.into());
        config.webkassa_secret_file = Some(self.secret.clone());
        config.webkassa_milliseconds = Some(350);
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().expect("nobody panicked"))
    }

    /// What happens to the next call that would register something; in their order.
    pub fn next(&self, trouble: Trouble) {
        self.with(|state| state.troubles.push_back(trouble));
    }

    pub fn shift_too_long(&self, yes: bool) {
        self.with(|state| state.shift_too_long = yes);
    }

    /// Without a line to the tax service.
    pub fn offline(&self, yes: bool) {
        self.with(|state| state.offline = yes);
    }

    pub fn offline_too_long(&self, yes: bool) {
        self.with(|state| state.offline_too_long = yes);
    }

    /// The history does not know what was registered a moment ago.
    pub fn history_lags(&self, yes: bool) {
        self.with(|state| state.history_lags = yes);
    }

    /// A day has passed: tokens are no good any more.
    pub fn forget_tokens(&self) {
        self.with(|state| state.tokens.clear());
    }

    pub fn take_cash_away(&self) {
        self.with(|state| state.cash = Money::ZERO);
    }

    pub fn tickets(&self) -> Vec<Ticket> {
        self.with(|state| state.tickets.clone())
    }

    pub fn cash(&self) -> Money {
        self.with(|state| state.cash)
    }

    pub fn zs(&self) -> usize {
        self.with(|state| state.zs)
    }

    pub fn sign_ins(&self) -> usize {
        self.with(|state| state.sign_ins)
    }

    /// Paths that were called, in their order.
    pub fn calls(&self) -> Vec<String> {
        self.with(|state| state.calls.clone())
    }

    /// What a client of this provider must never do, and did.
    pub fn violations(&self) -> Vec<String> {
        self.with(|state| state.violations.clone())
    }
}

type Shared = web::Data<Arc<Mutex<State>>>;

fn fault(code: i32, text: &str) -> Json {
    json!({ "Errors": [{ "Code": code, "Text": text }] })
}

fn answer(json: Json) -> HttpResponse {
    HttpResponse::Ok().json(json)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Authorize {
    login: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Check {
    token: String,
    cashbox_unique_number: String,
    operation_type: u8,
    positions: Vec<Position>,
    payments: Vec<Payment>,
    change: Json,
    round_type: u8,
    external_check_number: String,
    #[serde(rename = "returnBasisDetails")]
    return_basis_details: Option<Basis>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Position {
    count: u32,
    price: Json,
    discount: Json,
    markup: Json,
    tax: Json,
    tax_type: u8,
    tax_percent: Option<Json>,
    position_name: String,
    unit_code: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Payment {
    sum: Json,
    payment_type: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Basis {
    date_time: String,
    total: Json,
    check_number: String,
    registration_number: String,
    is_offline: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MoneyOperation {
    token: String,
    cashbox_unique_number: String,
    operation_type: u8,
    sum: Json,
    external_check_number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Report {
    token: String,
    cashbox_unique_number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Find {
    token: String,
    cashbox_unique_number: String,
    external_check_number: String,
    shift_number: i64,
}

/// A sum must be a JSON number of at most two decimals.
fn sum(value: &Json) -> Option<Money> {
    value.is_number().then(|| Money::tenge(&value.to_string()).ok()).flatten()
}

/// The body, or what is wrong with it; a field it does not know is a violation.
fn read<T: for<'a> Deserialize<'a>>(state: &mut State, path: &str, body: &[u8]) -> Result<T, Json> {
    state.calls.push(path.to_owned());
    serde_json::from_slice(body).map_err(|error| {
        state.violations.push(format!("{path}: {error}"));
        fault(9, "Ошибка валидации")
    })
}

fn keyed(request: &HttpRequest) -> bool {
    request.headers().get("x-api-key").is_some_and(|key| key == KEY)
}

async fn authorize(request: HttpRequest, body: web::Bytes, state: Shared) -> HttpResponse {
    let mut state = state.lock().expect("nobody panicked");
    let asked: Authorize = match read(&mut state, "Authorize", &body) {
        Ok(asked) => asked,
        Err(wrong) => return answer(wrong),
    };
    if !keyed(&request) || asked.login != LOGIN || asked.password != PASSWORD {
        return answer(fault(1, "Неверный логин и/или пароль"));
    }
    state.sign_ins += 1;
    let token = uuid::Uuid::new_v4().simple().to_string();
    state.tokens.push(token.clone());
    answer(json!({ "Data": { "Token": token } }))
}

fn admitted(state: &State, request: &HttpRequest, token: &str, cashbox: &str) -> Result<(), Json> {
    if !keyed(request) {
        return Err(fault(3, "Не авторизован"));
    }
    if !state.tokens.iter().any(|known| known == token) {
        return Err(fault(2, "Срок действия сессии истек"));
    }
    if cashbox != "SWK00000001" {
        return Err(fault(5, "Нет доступа к кассе"));
    }
    Ok(())
}

/// One register does one thing at a time; who calls it twice at once has broken the rule.
struct Busy(Shared);

impl Busy {
    fn enter(state: &Shared, path: &str) -> Self {
        let mut held = state.lock().expect("nobody panicked");
        if held.busy {
            held.violations.push(format!("{path}: requests of one register overlap"));
        }
        held.busy = true;
        Self(state.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.lock().expect("nobody panicked").busy = false;
    }
}

/// Does a thing, or has trouble with it.
async fn with_trouble(state: &Shared, path: &str, act: impl FnOnce(&mut State) -> Json) -> HttpResponse {
    let busy = Busy::enter(state, path);
    let trouble = state.lock().expect("nobody panicked").troubles.pop_front();
    let said = match trouble {
        Some(Trouble::Silent) => None,
        Some(Trouble::Gateway(status)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            return HttpResponse::build(status).json(json!({ "message": "API rate limit exceeded" }));
        }
        Some(Trouble::Refused(code)) => return answer(fault(code, "отказ")),
        _ => Some(act(&mut state.lock().expect("nobody panicked"))),
    };
    drop(busy);
    match trouble {
        Some(Trouble::Silent | Trouble::DoneButSilent) => {
            tokio::time::sleep(SILENCE).await;
            HttpResponse::GatewayTimeout().finish()
        }
        Some(Trouble::DoneButBroken) => HttpResponse::BadGateway().body("<html>bad gateway</html>"),
        _ => answer(said.expect("done")),
    }
}

impl State {
    /// A shift opens by itself with the first operation.
    fn in_shift(&mut self) -> Result<i64, Json> {
        if self.offline_too_long {
            return Err(fault(18, "Касса в автономном режиме более 72 часов"));
        }
        if self.shift_too_long {
            return Err(fault(11, "Продолжительность смены превышает 24 часа"));
        }
        if self.shift.is_none() {
            self.shifts += 1;
            self.shift = Some(self.shifts);
        }
        Ok(self.shift.expect("opened"))
    }

    fn data_of(&self, ticket: &Ticket) -> Json {
        json!({
            "CheckNumber": ticket.number, "DateTime": ticket.at, "OfflineMode": self.offline, "CashboxOfflineMode": self.offline,
            "Cashbox": { "UniqueNumber": "SWK00000001", "RegistrationNumber": REGISTRATION, "IdentityNumber": "270" },
            "CheckOrderNumber": 1, "ShiftNumber": ticket.shift, "EmployeeName": "касса",
            "TicketUrl": format!("https://consumer.example.kz/ticket?i={}", ticket.number),
        })
    }

    fn register(&mut self, asked: &Check) -> Json {
        if let Some(before) = self.tickets.iter().find(|one| one.external == asked.external_check_number) {
            let mut said = fault(14, "Чек с внешним номером уже присутствует в системе");
            said["Data"] = self.data_of(before);
            return said;
        }
        let invalid = |what: &str| fault(9, &format!("Ошибка валидации: {what}"));
        if !(1..=50).contains(&asked.external_check_number.chars().count()) {
            return invalid("ExternalCheckNumber");
        }
        if !matches!(asked.operation_type, 2 | 3) || asked.round_type != 0 || asked.positions.is_empty() {
            return invalid("OperationType");
        }
        let mut total = Money::ZERO;
        for one in &asked.positions {
            let (Some(price), Some(discount), Some(markup), Some(tax)) =
                (sum(&one.price), sum(&one.discount), sum(&one.markup), sum(&one.tax))
            else {
                return invalid("Positions");
            };
            let taxed = one.tax_type == 100 && one.tax_percent.is_some() && tax.is_positive();
            let plain = one.tax_type == 0 && one.tax_percent.is_none() && tax.is_zero();
            if one.count != 1 || one.unit_code != 796 || one.position_name.is_empty() || !(taxed || plain) {
                return invalid("Positions");
            }
            total += price - discount + markup;
        }
        let (mut cash, mut card) = (Money::ZERO, Money::ZERO);
        for one in &asked.payments {
            match (sum(&one.sum), one.payment_type) {
                (Some(sum), 0) if sum.is_positive() => cash += sum,
                (Some(sum), 1) if sum.is_positive() => card += sum,
                _ => return invalid("Payments"),
            }
        }
        let Some(change) = sum(&asked.change) else { return invalid("Change") };
        if cash + card - change != total || change > cash {
            return invalid("сумма оплат не равна сумме позиций");
        }
        let taken = cash - change;
        let returns = asked.operation_type == 3;
        if returns != asked.return_basis_details.is_some() {
            return invalid("returnBasisDetails");
        }
        if let Some(basis) = &asked.return_basis_details {
            let offline = self.offline;
            let of = self.tickets.iter_mut().find(|one| one.number == basis.check_number && one.kind == 2);
            let Some(of) = of else { return invalid("returnBasisDetails.checkNumber") };
            let same = of.at == basis.date_time
                && sum(&basis.total) == Some(of.total)
                && basis.registration_number == REGISTRATION
                && (basis.is_offline == offline || !basis.is_offline);
            if !same || of.returned + total > of.total {
                return invalid("returnBasisDetails");
            }
            if taken > self.cash {
                return fault(8, "Недостаточно наличных");
            }
            of.returned += total;
        }
        let shift = match self.in_shift() {
            Ok(shift) => shift,
            Err(said) => return said,
        };
        self.cash = if returns { self.cash - taken } else { self.cash + taken };
        let ticket = Ticket {
            external: asked.external_check_number.clone(),
            number: format!("92395678{:04}", self.tickets.len() + 1),
            kind: asked.operation_type,
            total,
            shift,
            at: format!("26.03.2026 10:{:02}:00", self.tickets.len()),
            returned: Money::ZERO,
        };
        let said = json!({ "Data": self.data_of(&ticket) });
        self.tickets.push(ticket);
        said
    }

    fn move_money(&mut self, asked: &MoneyOperation) -> Json {
        let data = |state: &Self| {
            json!({ "OfflineMode": state.offline, "CashboxOfflineMode": state.offline, "DateTime": "26.03.2026 10:15:00",
                    "Sum": serde_json::from_str::<Json>(&state.cash.to_string()).expect("a number"),
                    "Cashbox": { "UniqueNumber": "SWK00000001", "RegistrationNumber": REGISTRATION } })
        };
        let Some(amount) = sum(&asked.sum).filter(|sum| sum.is_positive()) else { return fault(9, "Sum") };
        if let Some(before) = self.money.get(&asked.external_check_number) {
            if *before != amount {
                self.violations.push("MoneyOperation: the same number with another sum".into());
            }
            return fault(14, "Операция с внешним номером уже присутствует в системе");
        }
        match asked.operation_type {
            0 => {}
            1 if amount > self.cash => return fault(8, "Недостаточно наличных"),
            1 => {}
            _ => return fault(9, "OperationType"),
        }
        if let Err(said) = self.in_shift() {
            return said;
        }
        self.cash = if asked.operation_type == 0 { self.cash + amount } else { self.cash - amount };
        self.money.insert(asked.external_check_number.clone(), amount);
        json!({ "Data": data(self) })
    }
}

macro_rules! asked {
    ($state:expr, $request:expr, $body:expr, $path:literal, $ty:ty) => {{
        let mut held = $state.lock().expect("nobody panicked");
        let asked: $ty = match read(&mut held, $path, &$body) {
            Ok(asked) => asked,
            Err(wrong) => return answer(wrong),
        };
        if let Err(refused) = admitted(&held, &$request, &asked.token, &asked.cashbox_unique_number) {
            return answer(refused);
        }
        asked
    }};
}

async fn check(request: HttpRequest, body: web::Bytes, state: Shared) -> HttpResponse {
    let asked = asked!(state, request, body, "check", Check);
    with_trouble(&state, "check", |state| state.register(&asked)).await
}

async fn money_operation(request: HttpRequest, body: web::Bytes, state: Shared) -> HttpResponse {
    let asked = asked!(state, request, body, "MoneyOperation", MoneyOperation);
    with_trouble(&state, "MoneyOperation", |state| state.move_money(&asked)).await
}

async fn z_report(request: HttpRequest, body: web::Bytes, state: Shared) -> HttpResponse {
    let _asked = asked!(state, request, body, "ZReport", Report);
    with_trouble(&state, "ZReport", |state| {
        let Some(shift) = state.shift.take() else { return fault(13, "Нет открытой смены") };
        state.zs += 1;
        state.shift_too_long = false;
        json!({ "Data": { "ReportNumber": state.zs, "ShiftNumber": shift, "CashboxRN": REGISTRATION, "CloseOn": "26.03.2026 20:00:00",
                          "OfflineMode": state.offline } })
    })
    .await
}

async fn x_report(request: HttpRequest, body: web::Bytes, state: Shared) -> HttpResponse {
    let _asked = asked!(state, request, body, "XReport", Report);
    let _busy = Busy::enter(&state, "XReport");
    let state = state.lock().expect("nobody panicked");
    let Some(shift) = state.shift else { return answer(fault(13, "Нет открытой смены")) };
    let cash: Json = serde_json::from_str(&state.cash.to_string()).expect("a number");
    answer(json!({ "Data": { "ShiftNumber": shift, "SumInCashbox": cash } }))
}

async fn ticket(request: HttpRequest, body: web::Bytes, state: Shared) -> HttpResponse {
    let asked = asked!(state, request, body, "GetTicketByExternalCheckNumber", Find);
    let _busy = Busy::enter(&state, "GetTicketByExternalCheckNumber");
    let state = state.lock().expect("nobody panicked");
    let found = state
        .tickets
        .iter()
        .find(|one| one.external == asked.external_check_number && one.shift == asked.shift_number);
    let Some(found) = found.filter(|_| !state.history_lags) else {
        return answer(fault(16, "Чек не найден"));
    };
    let total: Json = serde_json::from_str(&found.total.to_string()).expect("a number");
    answer(json!({ "Data": {
        "CashboxUniqueNumber": "SWK00000001", "CashboxRegistrationNumber": REGISTRATION, "Number": found.number,
        "RegistratedOn": found.at, "ShiftNumber": found.shift, "OperationType": found.kind, "Total": total, "IsOffline": state.offline,
        "TicketUrl": format!("https://consumer.example.kz/ticket?i={}", found.number),
    } }))
}
