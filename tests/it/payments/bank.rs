//! A bank that speaks to a really started server over HTTP.

use std::time::Duration;

use aiscra_tests::{Served, TestApp};
use domain::kernel::*;
use domain::payments::channel::{ChannelOutcome, Dialect};
use entities::ledger::close;
use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::Event;
use serde_json::Value as Json;

use super::agents::agent;
use super::record::issued;

/// A city whose account 1000001 owes 5582.79, with a server and channels in every dialect.
pub struct Bank {
    pub city: TestApp,
    pub served: Served,
    pub http: reqwest::Client,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    pub kind: String,
    pub body: String,
}

/// A channel in one dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tongue {
    pub channel: &'static str,
    pub dialect: Dialect,
    pub json: bool,
}

/// Kaspi and Kassa24 are set here as if they had said that they repeat the temporary code.
pub const TONGUES: &[Tongue] = &[
    Tongue { channel: "term", dialect: Dialect::Unified, json: false },
    Tongue { channel: "term-json", dialect: Dialect::Unified, json: true },
    Tongue { channel: "qiwi", dialect: Dialect::Osmp, json: false },
    Tongue { channel: "kaspi", dialect: Dialect::Kaspi, json: true },
    Tongue { channel: "kaspi-xml", dialect: Dialect::Kaspi, json: false },
    Tongue { channel: "kassa24", dialect: Dialect::Kassa24, json: false },
];

pub const TERM: Tongue = TONGUES[0];
pub const QIWI: Tongue = TONGUES[2];
pub const KASPI: Tongue = TONGUES[3];
pub const KASPI_XML: Tongue = TONGUES[4];
pub const KASSA24: Tongue = TONGUES[5];

/// The moment of payments unless a test says another one.
pub const NOON: &str = "20260326120000";

pub const OWED: &str = "5582.79";
pub const ACCOUNT: &str = "1000001";

impl Bank {
    pub async fn open() -> Self {
        let city = issued().await;
        for tongue in TONGUES {
            let spelling = if tongue.json { "json" } else { "xml" };
            let settings =
                format!("dialect = '{}', spelling = '{spelling}', duplicate_minutes = 0", tongue.dialect);
            agent(&city, tongue.channel, &settings).await;
        }
        let served = city.serve().await;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .build()
            .expect("a client");
        Self { city, served, http }
    }

    pub async fn get(&self, channel: &str, query: &str) -> Told {
        self.send(self.http.get(self.served.url(&format!("/pay/{channel}?{query}")))).await
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Told {
        let response = request.send().await.expect("an answer");
        let kind = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        Told { status, kind: kind.unwrap_or_default(), body: response.text().await.expect("a text") }
    }

    pub async fn check(&self, tongue: Tongue, account: &str) -> Told {
        self.get(tongue.channel, &tongue.check(account)).await
    }

    pub async fn pay(&self, tongue: Tongue, number: &str, account: &str, amount: &str) -> Told {
        self.get(tongue.channel, &tongue.pay(number, account, amount, NOON)).await
    }

    /// What the account with an id owes, in tenge.
    pub async fn balance(&self, account: i64) -> String {
        let sql = format!(
            "SELECT coalesce(sum(amount - settled), 0)::bigint FROM ledger.open_item WHERE account_id = {account}"
        );
        Money::from_tiyn(self.city.scalar(&sql).await.unwrap()).to_string()
    }

    pub async fn count(&self, what: &str) -> i64 {
        self.city.scalar(&format!("SELECT count(*) FROM {what}")).await.unwrap()
    }

    pub async fn payments(&self) -> i64 {
        self.count("payments.payment WHERE reverses IS NULL").await
    }

    /// Rows of the log, the newest first, as `outcome/status/notes`.
    pub async fn log(&self, channel: &str) -> Vec<String> {
        api::payments::channel::log::Log::flush(&self.city.app).await.expect("the log is written");
        let rows = format!(
            "SELECT concat_ws('/', outcome, status, nullif(array_to_string(notes, ','), '')) FROM payments.request
             WHERE channel = '{channel}' ORDER BY id DESC"
        );
        self.city.texts(&rows).await
    }

    /// The books are whole: nothing is out of balance, open items are the ledger's, agents owe what they brought.
    pub async fn whole(&self) {
        assert_eq!(close::sub_ledger_difference(&self.city.app.db, None).await.unwrap(), Money::ZERO);
        let differs = "(SELECT sum(debit - credit) AS rest FROM ledger.trial_balance) t WHERE rest <> 0";
        assert_eq!(self.count(differs).await, 0, "trial balance");
        let agents = "(SELECT agent_id, sum(CASE WHEN reverses IS NULL THEN amount ELSE -amount END) AS brought
                       FROM payments.payment WHERE agent_id IS NOT NULL GROUP BY 1) p
             FULL JOIN (SELECT agent_id, sum(debit - credit) AS owes FROM ledger.agent_turnover GROUP BY 1) a USING (agent_id)
             WHERE coalesce(brought, 0) <> coalesce(owes, 0)";
        assert_eq!(self.count(agents).await, 0, "agents");
        let totals = "(SELECT account_id, sum(amount) AS total FROM ledger.account_total GROUP BY 1) t
             FULL JOIN (SELECT account_id, sum(amount - settled) AS open FROM ledger.open_item GROUP BY 1) o USING (account_id)
             WHERE coalesce(total, 0) <> coalesce(open, 0)";
        assert_eq!(self.count(totals).await, 0, "totals of accounts");
    }

    /// Changes the settings of a channel; every process sees it at once.
    pub async fn set(&self, tongue: Tongue, settings: &str) {
        let sql = format!("UPDATE payments.channel SET {settings} WHERE code = '{}'", tongue.channel);
        assert_eq!(self.city.sql(&sql).await, 1);
        api::payments::channel::tell(&self.city.app).await;
    }
}

impl Tongue {
    pub fn check(self, account: &str) -> String {
        match self.dialect {
            Dialect::Kassa24 => format!("action=check&number={account}"),
            _ => format!("command=check&txn_id=1&account={account}&sum=0.00"),
        }
    }

    /// `at` is `YYYYMMDDHHMMSS`.
    pub fn pay(self, number: &str, account: &str, amount: &str, at: &str) -> String {
        match self.dialect {
            Dialect::Kassa24 => {
                let cut = |from: usize, to: usize| at.get(from..to).unwrap_or_default();
                let date = format!(
                    "{}-{}-{}T{}:{}:{}",
                    cut(0, 4),
                    cut(4, 6),
                    cut(6, 8),
                    cut(8, 10),
                    cut(10, 12),
                    cut(12, 14)
                );
                format!("action=payment&receipt={number}&number={account}&amount={amount}&date={date}&type=1")
            }
            _ => format!("command=pay&txn_id={number}&account={account}&sum={amount}&txn_date={at}"),
        }
    }

    pub fn status(self, number: &str) -> String {
        match self.dialect {
            Dialect::Kassa24 => format!("action=status&receipt={number}"),
            _ => format!("command=status&txn_id={number}"),
        }
    }

    pub fn cancel(self, number: &str) -> String {
        match self.dialect {
            Dialect::Kassa24 => format!("action=cancel&receipt={number}"),
            _ => format!("command=cancel&txn_id={number}"),
        }
    }

    pub fn can_cancel(self) -> bool {
        matches!(self.dialect, Dialect::Unified | Dialect::Kassa24)
    }

    /// The number that this dialect has for an outcome.
    pub fn code(self, outcome: ChannelOutcome) -> i64 {
        self.dialect.says(outcome).code.into()
    }

    /// That an answer says the outcome, over HTTP 200.
    #[track_caller]
    pub fn says(self, told: &Told, outcome: ChannelOutcome) {
        assert_eq!((told.status, told.code()), (200, self.code(outcome)), "{self:?} {outcome}: {told:?}");
    }
}

impl Told {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn is_json(&self) -> bool {
        self.kind.starts_with("application/json")
    }

    /// The text of an element or a member.
    #[track_caller]
    pub fn text(&self, name: &str) -> Option<String> {
        if self.is_json() {
            return match &self.json()[name] {
                Json::Null => None,
                Json::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            };
        }
        self.elements().into_iter().find(|(tag, ..)| tag == name).map(|(.., text)| text)
    }

    pub fn code(&self) -> i64 {
        let code = self.text("result").or_else(|| self.text("code"));
        code.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no code in {self:?}"))
    }

    /// Our number of the payment.
    pub fn operation(&self) -> Option<String> {
        self.text("prv_txn").or_else(|| self.text("authcode"))
    }

    /// Lines shown to the payer: name and value.
    pub fn fields(&self) -> Vec<(String, String)> {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        if !self.is_json() {
            let fields =
                self.elements().into_iter().filter(|(tag, ..)| tag.starts_with("field") && tag != "fields");
            return fields.map(|(_, name, value)| (name, value)).collect();
        }
        match &self.json()["fields"] {
            Json::Array(list) => {
                list.iter().map(|field| (text(&field["name"]), text(&field["value"]))).collect()
            }
            Json::Object(named) => {
                named.values().map(|field| (text(&field["@name"]), text(&field["#text"]))).collect()
            }
            _ => Vec::new(),
        }
    }

    pub fn field(&self, name: &str) -> Option<String> {
        self.fields().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Every element with its attribute `name` and its text; the document must be well-formed.
    fn elements(&self) -> Vec<(String, String, String)> {
        assert!(self.body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{:?}", self.body);
        let mut reader = Reader::from_str(&self.body);
        let (mut open, mut done): (Vec<(String, String, String)>, Vec<_>) = (Vec::new(), Vec::new());
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{error}: {}", self.body)) {
                Event::Start(tag) => {
                    let name = tag
                        .try_get_attribute("name")
                        .expect("attributes")
                        .map(|name| unescape(&name.value).expect("an escaped name").into_owned());
                    open.push((tag.name().into_inner().to_owned(), name.unwrap_or_default(), String::new()));
                }
                Event::Text(text) => {
                    open.last_mut().expect("text inside of an element").2.push_str(&text.xml10_content());
                }
                Event::GeneralRef(name) => {
                    let letter = resolve_predefined_entity(&name).expect("an entity that everybody knows");
                    open.last_mut().expect("text inside of an element").2.push_str(letter);
                }
                Event::End(_) => done.push(open.pop().expect("an open element")),
                Event::Empty(tag) => {
                    done.push((tag.name().into_inner().to_owned(), String::new(), String::new()));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(open.is_empty(), "{}", self.body);
        done
    }
}
