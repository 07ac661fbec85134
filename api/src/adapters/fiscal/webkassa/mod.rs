//! WebKassa: registers in the cloud of a provider, over its API v4.
//!
//! A token lives about a day and is renewed when the provider says so. What nobody answered is never repeated here: the queue asks for it
//! by its number (`find`). A duplicate is what was done before.

mod wire;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use domain::cashdesk::FiscalKind;
use domain::kernel::Money;
use serde::Serialize;
use serde_json::Value as Json;
use tokio::sync::Mutex;

use super::port::{Answer, Content, FiscalProvider, Registered, Report};
use crate::config::Config;
use wire::{Check, Envelope, Fault, FindTicket, MoneyOperation, ReportRequest, code};

/// How long one call may take unless the configuration says otherwise.
const PATIENCE: Duration = Duration::from_secs(15);

/// Fields of a sign-in.
struct Access {
    login: String,
    password: String,
    key: String,
}

pub struct WebKassa {
    client: reqwest::Client,
    /// The provider's address, then those to use when it says so (error 505).
    bases: Vec<String>,
    base: AtomicUsize,
    access: Access,
    token: Mutex<Option<String>>,
}

impl WebKassa {
    /// `None` where the installation has no access.
    pub fn from_config(config: &Config) -> anyhow::Result<Option<Self>> {
        let Some(urls) = &config.webkassa_url else { return Ok(None) };
        let login = config.webkassa_login.clone().context("webkassa_login is needed with webkassa_url")?;
        let path = config.webkassa_secret_file.as_ref();
        let path = path.context("webkassa_secret_file is needed with webkassa_url")?;
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("webkassa_secret_file: {}", path.display()))?;
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let (Some(password), Some(key)) = (lines.next(), lines.next()) else {
            anyhow::bail!("webkassa_secret_file has two lines: the password, the API key");
        };
        let bases: Vec<String> = urls
            .split(',')
            .map(|url| url.trim().trim_end_matches('/').to_owned())
            .filter(|url| !url.is_empty())
            .collect();
        ensure!(!bases.is_empty(), "webkassa_url is empty");
        let patience = config.webkassa_milliseconds.map_or(PATIENCE, Duration::from_millis);
        Ok(Some(Self {
            client: reqwest::Client::builder().timeout(patience).build().context("webkassa")?,
            bases,
            base: AtomicUsize::new(0),
            access: Access { login, password: password.to_owned(), key: key.to_owned() },
            token: Mutex::new(None),
        }))
    }

    /// A token that is believed to be good.
    async fn token(&self) -> Result<String, Answer> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref() {
            return Ok(token.clone());
        }
        let body = wire::Authorize { login: &self.access.login, password: &self.access.password };
        // A sign-in does nothing at the register: whatever happens to it, no document was registered.
        let not_now = |code: Option<i32>, words: String| Answer::NotNow(code, words);
        let answer =
            self.post("/api/v4/Authorize", &body).await.map_err(|lost| not_now(None, lost.words()))?;
        if let Some(fault) = answer.fault() {
            return Err(not_now(Some(fault.code), fault.text.clone()));
        }
        let token = answer.data["Token"].as_str().map(str::to_owned);
        let token = token.ok_or_else(|| not_now(None, "a sign-in without a token".into()))?;
        Ok(kept.insert(token).clone())
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Result<Envelope, Lost> {
        let base = &self.bases[self.base.load(Ordering::Relaxed) % self.bases.len()];
        let request = self.client.post(format!("{base}{path}")).header("x-api-key", &self.access.key);
        let response = request.json(body).send().await.map_err(|error| {
            // Nobody was there to hear it; anything later may have been heard.
            if error.is_connect() { Lost::Unsent(plain(&error)) } else { Lost::Unknown(plain(&error)) }
        })?;
        let status = response.status();
        let text = response.text().await.map_err(|error| Lost::Unknown(plain(&error)))?;
        // A gateway has words of its own, and they may be JSON: only the provider's envelope says that a thing was done or refused.
        let said = serde_json::from_str::<Envelope>(&text).ok();
        said.filter(|said| said.fault().is_some() || status.is_success() && !said.data.is_null())
            .ok_or_else(|| Lost::Unknown(format!("an answer that is none, HTTP {}", status.as_u16())))
    }

    /// Calls with a token; once more with a new one when the provider does not know it, with the same number: it was not done.
    async fn call<B: Serialize>(
        &self,
        path: &str,
        body: impl Fn(&str) -> B + Send + Sync,
    ) -> Result<Json, (Answer, Option<(Fault, Json)>)> {
        for again in [true, false] {
            let token = self.token().await.map_err(|answer| (answer, None))?;
            let answer = self.post(path, &body(&token)).await.map_err(|lost| (lost.answer(), None))?;
            let Some(fault) = answer.fault().cloned() else { return Ok(answer.data) };
            match fault.code {
                code::SESSION_OVER | code::UNAUTHORISED if again => {
                    let mut kept = self.token.lock().await;
                    kept.take_if(|known| *known == token);
                }
                code::OTHER_DOMAIN if again && self.bases.len() > 1 => {
                    self.base.fetch_add(1, Ordering::Relaxed);
                }
                _ => return Err((said(&fault), Some((fault, answer.data)))),
            }
        }
        unreachable!("the second time is the last")
    }

    /// What is said of a document: of its registration now, or before. `None` where it was before and nothing is said of it.
    async fn register<B: Serialize>(
        &self,
        path: &str,
        body: impl Fn(&str) -> B + Send + Sync,
    ) -> Result<Option<Json>, Answer> {
        match self.call(path, body).await {
            Ok(data) => Ok(Some(data)),
            Err((_, Some((fault, data)))) if fault.code == code::DUPLICATE => {
                Ok(data.is_object().then_some(data))
            }
            Err((answer, _)) => Err(answer),
        }
    }

    async fn check(&self, kind: u8, cashbox: &str, number: &str, content: &Content) -> Answer {
        let fiscal = if kind == wire::SELL { FiscalKind::Sell } else { FiscalKind::Refund };
        let body = |token: &str| OwnedBody::of(&Check::of(token, cashbox, kind, number, content));
        match self.register("/api/v4/check", body).await {
            Ok(Some(data)) => receipt(data),
            Ok(None) => self.find(cashbox, fiscal, number, content, None).await,
            Err(answer) => answer,
        }
    }

    async fn money(&self, kind: u8, cashbox: &str, number: &str, sum: Money) -> Answer {
        let body = |token: &str| {
            OwnedBody::of(&MoneyOperation {
                token,
                cashbox_unique_number: cashbox,
                operation_type: kind,
                sum: sum.into(),
                external_check_number: number,
            })
        };
        // A duplicate without data was done all the same.
        match self.register("/api/v4/MoneyOperation", body).await {
            Ok(data) => registered(data.unwrap_or_default()),
            Err(answer) => answer,
        }
    }

    fn report<'a>(cashbox: &'a str) -> impl Fn(&str) -> OwnedBody + Send + Sync + 'a {
        move |token| OwnedBody::of(&ReportRequest { token, cashbox_unique_number: cashbox })
    }
}

/// A body made for one token.
struct OwnedBody(Box<serde_json::value::RawValue>);

impl OwnedBody {
    fn of(body: &impl Serialize) -> Self {
        Self(serde_json::value::to_raw_value(body).expect("requests are plain data"))
    }
}

impl Serialize for OwnedBody {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// A call without an answer in words.
enum Lost {
    /// It never left: nobody listened.
    Unsent(String),
    /// It may have been heard.
    Unknown(String),
}

impl Lost {
    fn words(self) -> String {
        match self {
            Self::Unsent(words) | Self::Unknown(words) => words,
        }
    }

    fn answer(self) -> Answer {
        match self {
            Self::Unsent(words) => Answer::NotNow(None, words),
            Self::Unknown(words) => Answer::Nothing(words),
        }
    }
}

/// Without the address: it stands in the configuration, and words are shown on screens.
fn plain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    if error.is_connect() {
        return "no connection".into();
    }
    "the connection broke off".into()
}

fn said(fault: &Fault) -> Answer {
    let words = fault.text.clone();
    match fault.code {
        code::UNKNOWN => Answer::Nothing(words),
        code::SHIFT_TOO_LONG => Answer::ShiftTooLong(fault.code, words),
        code::OFFLINE_TOO_LONG => Answer::OfflineTooLong(fault.code, words),
        code::LOGIN
        | code::SESSION_OVER
        | code::UNAUTHORISED
        | code::NO_ACCESS_TO_OPERATION
        | code::NO_ACCESS_TO_CASHBOX
        | code::NOT_FOUND
        | code::BLOCKED
        | code::NOT_ACTIVE
        | code::OTHER_DOMAIN => Answer::NotNow(Some(fault.code), words),
        code::SHIFT_NOT_FOUND | code::TICKET_NOT_FOUND => Answer::NotFound,
        other => Answer::Refused(other, words),
    }
}

/// A question that is refused says nothing of the document that it was about.
fn unclear(answer: Answer) -> Answer {
    match answer {
        Answer::Refused(code, words) => Answer::NotNow(Some(code), words),
        other => other,
    }
}

/// A receipt without its number is none: it is asked for again.
fn receipt(data: Json) -> Answer {
    match registered(data) {
        Answer::Registered(found) if found.check_number.is_none() => {
            Answer::Nothing("a receipt without its number".into())
        }
        answer => answer,
    }
}

/// Of a check, of a money operation and of Z: each says some of it.
fn registered(data: Json) -> Answer {
    let text = |value: &Json| match value {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let first = |names: &[&Json]| names.iter().find_map(|value| text(value));
    Answer::Registered(Box::new(Registered {
        check_number: first(&[&data["CheckNumber"], &data["Number"]]),
        registration_number: first(&[
            &data["Cashbox"]["RegistrationNumber"],
            &data["CashboxRegistrationNumber"],
            &data["CashboxRN"],
        ]),
        registered: first(&[&data["DateTime"], &data["RegistratedOn"], &data["CloseOn"]]),
        fiscal_shift: data["ShiftNumber"].as_i64(),
        offline: data["OfflineMode"].as_bool().or_else(|| data["IsOffline"].as_bool()).unwrap_or_default(),
        ticket_url: text(&data["TicketUrl"]),
        raw: data,
    }))
}

#[async_trait::async_trait]
impl FiscalProvider for WebKassa {
    async fn sell(&self, cashbox: &str, number: &str, content: &Content) -> Answer {
        self.check(wire::SELL, cashbox, number, content).await
    }

    async fn refund(&self, cashbox: &str, number: &str, content: &Content) -> Answer {
        self.check(wire::SELL_RETURN, cashbox, number, content).await
    }

    async fn money_in(&self, cashbox: &str, number: &str, sum: Money) -> Answer {
        self.money(wire::DEPOSIT, cashbox, number, sum).await
    }

    async fn money_out(&self, cashbox: &str, number: &str, sum: Money) -> Answer {
        self.money(wire::WITHDRAW, cashbox, number, sum).await
    }

    async fn x(&self, cashbox: &str) -> Result<Report, Answer> {
        let data = self.call("/api/v4/XReport", Self::report(cashbox)).await.map_err(|(answer, _)| answer)?;
        let shift = data["ShiftNumber"].as_i64();
        let fiscal_shift = shift.ok_or_else(|| Answer::Nothing("a report without a shift".into()))?;
        Ok(Report { fiscal_shift, cash: wire::sum(&data["SumInCashbox"]), raw: data })
    }

    async fn z(&self, cashbox: &str) -> Answer {
        match self.call("/api/v4/ZReport", Self::report(cashbox)).await {
            Ok(data) => registered(data),
            // Closed before, or never opened: there is nothing left to close.
            Err((_, Some((fault, data))))
                if matches!(fault.code, code::SHIFT_CLOSED | code::NO_OPEN_SHIFT | code::NO_Z_YET) =>
            {
                registered(data)
            }
            Err((answer, _)) => answer,
        }
    }

    async fn find(
        &self,
        cashbox: &str,
        kind: FiscalKind,
        number: &str,
        content: &Content,
        fiscal_shift: Option<i64>,
    ) -> Answer {
        // Money operations and reports have no ticket to look for: they are sent again, and the provider knows them by their number.
        if !matches!(kind, FiscalKind::Sell | FiscalKind::Refund) {
            return Answer::NotFound;
        }
        let current = match self.x(cashbox).await {
            Ok(report) => Some(report.fiscal_shift),
            Err(Answer::Refused(code::NO_OPEN_SHIFT | code::SHIFT_CLOSED | code::NO_Z_YET, _)) => None,
            Err(answer) => return unclear(answer),
        };
        // In the shift that is open, in the one where the document before it was, and in the one that the document may have opened.
        let mut shifts: Vec<i64> =
            [current, fiscal_shift, fiscal_shift.map(|shift| shift + 1)].into_iter().flatten().collect();
        shifts.dedup();
        let mut answer = Answer::NotFound;
        for shift_number in shifts {
            let body = |token: &str| {
                OwnedBody::of(&FindTicket {
                    token,
                    cashbox_unique_number: cashbox,
                    external_check_number: number,
                    shift_number,
                })
            };
            let path = "/api-history/v4/Ticket/GetTicketByExternalCheckNumber";
            match self.call(path, body).await {
                Ok(data) => match wire::sum(&data["Total"]) {
                    Some(total) if total != content.total() => {
                        return Answer::Refused(
                            code::DUPLICATE,
                            format!("{number}: registered with {total}"),
                        );
                    }
                    Some(_) => return receipt(data),
                    None => answer = Answer::Nothing("a ticket without its total".into()),
                },
                Err((Answer::NotFound, _)) => {}
                Err((other, _)) => answer = unclear(other),
            }
        }
        answer
    }
}
