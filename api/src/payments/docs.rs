//! The published specification for integrators. What its examples answer is made by the code that answers channels, its codes and
//! scenarios are those of this build: nothing on the page can grow stale.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{NaiveDate, NaiveDateTime};
use domain::kernel::*;
use domain::payments::channel::{
    Answer, Behaviour, ChannelCommand, ChannelOutcome, Dialect, Field, MOST_DAYS_BACK, Pairs,
    SelfCheckScenario, Spelling, TEST_ACCOUNTS, TestAccount, test_account,
};
use entities::kernel::crypto::Vault;
use entities::payments::channel::Channel as Row;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::channel::{Channel, selfcheck, usual, words};
use crate::platform::messages::{self, Language};
use crate::platform::web::escaped;

/// Nothing but its own styles: the page has no script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SECTIONS: &[&str] = &[
    "start",
    "transport",
    "commands",
    "codes",
    "retry",
    "zones",
    "sandbox",
    "selfcheck",
    "dialects",
    "registries",
];

/// The number of every example's payment, and ours of it.
const NUMBER: &str = "90210000000000017";
const OPERATION: i64 = 558_812;

/// The files that the tests of the reader read.
const REGISTRY: &str = include_str!("../../../tests/samples/registries/KASPI_20260325_1.csv");
const REGISTRY_OF_QIWI: &str = include_str!("../../../tests/samples/registries/QIWI_10244_202603251.csv");

static PAGES: LazyLock<[String; 3]> = LazyLock::new(|| Language::ALL.map(written));

pub async fn page(request: HttpRequest) -> HttpResponse {
    let wanted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    sent(&request, Language::accepted(wanted.unwrap_or_default()))
}

pub async fn page_in(request: HttpRequest, language: web::Path<String>) -> HttpResponse {
    match Language::from_code(&language) {
        Some(language) => sent(&request, language),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Addresses on the page are those of the request.
fn sent(request: &HttpRequest, language: Language) -> HttpResponse {
    let info = request.connection_info();
    let base = escaped(&format!("{}://{}", info.scheme(), info.host()));
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::VARY, "Accept-Language"))
        .body(PAGES[language as usize].replace("{{BASE}}", &base))
}

/// A channel that the examples are asked on.
fn example(dialect: Dialect, language: Language) -> Channel {
    let row = Row { active: true, language: language.code().into(), ..usual(0, "sandbox", dialect, true) };
    Channel::of(row, &Vault::new(b"the examples have no secrets"))
}

/// What a test account says of itself.
fn seen(account: &TestAccount) -> words::Seen {
    let balance = account.facts(Money::ZERO).balance;
    words::Seen {
        holder: Some(account.holder.to_owned()),
        person: account.person,
        address: Some(account.address.to_owned()),
        balance,
        services: if balance.is_positive() { vec![(Service::Water, balance)] } else { Vec::new() },
        readings: Vec::new(),
    }
}

fn at() -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(2026, 3, 10)?.and_hms_opt(14, 31, 1)
}

/// A request and what it is answered.
struct Example<'a> {
    channel: &'a Channel,
    query: &'a str,
    command: ChannelCommand,
    outcome: ChannelOutcome,
    spelling: Spelling,
    amount: Option<Money>,
    fields: Vec<Field>,
    /// The answer names our number.
    done: bool,
    code: &'a str,
}

impl Example<'_> {
    fn html(&self) -> String {
        let comment = words::comment(self.channel.language, self.outcome);
        let answer = Answer {
            command: Some(self.command),
            outcome: self.outcome,
            number: Some(NUMBER),
            operation: self.done.then_some(OPERATION),
            amount: self.amount,
            comment: &comment,
            fields: &self.fields,
            at: at().filter(|_| self.done),
        };
        let body = String::from_utf8_lossy(&self.channel.write(self.spelling, &answer)).into_owned();
        format!(
            "<pre data-example>GET {{{{BASE}}}}/pay/{}?{}</pre><pre data-answer>{}</pre>",
            self.code,
            escaped(self.query),
            escaped(&body)
        )
    }
}

fn written(language: Language) -> String {
    let content = match language {
        Language::Kk => include_str!("../../developers/pay/kk.html"),
        Language::Ru => include_str!("../../developers/pay/ru.html"),
        Language::En => include_str!("../../developers/pay/en.html"),
    };
    let mut page = include_str!("../../developers/pay/frame.html").replace("{{CONTENT}}", content);
    let key = "k3y-0f-th3-ch4nn3l";
    let signed = Pairs::of([b"command=check&txn_id=1&account=9000000001&sum=0.00".as_slice()]).signed();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    let links =
        Language::ALL.map(|one| format!("<a href=\"/pay/docs/{0}\" hreflang=\"{0}\">{0}</a>", one.code()));
    let title = content.lines().next().unwrap_or_default().replace("<h1>", "").replace("</h1>", "");
    for (place, value) in [
        ("LANGUAGE", language.code().to_owned()),
        ("TITLE", title),
        ("LANGUAGES", links.join(" · ")),
        ("NAV", nav(content)),
        ("SECONDS", example(Dialect::Unified, language).row.answer_seconds.to_string()),
        ("DAYS", MOST_DAYS_BACK.to_string()),
        ("SIGN_KEY", key.to_owned()),
        ("SIGN_TEXT", escaped(&signed)),
        ("SIGN", hex::encode(mac.finalize().into_bytes())),
        ("CODES", codes(language)),
        ("DIALECTS", dialects(language)),
        ("ACCOUNTS", accounts(language)),
        ("SCENARIOS", scenarios(language)),
        ("EX_REGISTRY", format!("<pre>{}</pre>", escaped(REGISTRY))),
        ("EX_REGISTRY_QIWI", format!("<pre>{}</pre>", escaped(REGISTRY_OF_QIWI))),
    ]
    .into_iter()
    .chain(examples(language))
    {
        page = page.replace(&format!("{{{{{place}}}}}"), &value);
    }
    page
}

/// The contents, by the headings themselves.
fn nav(content: &str) -> String {
    let heading = |id: &&str| {
        let (_, rest) = content.split_once(&format!("<h2 id=\"{id}\">"))?;
        let (words, _) = rest.split_once("</h2>")?;
        Some(format!("<li><a href=\"#{id}\">{words}</a></li>"))
    };
    format!("<nav><ul>{}</ul></nav>", SECTIONS.iter().filter_map(heading).collect::<String>())
}

fn examples(language: Language) -> Vec<(&'static str, String)> {
    let [unified, kaspi, kassa24] =
        [Dialect::Unified, Dialect::Kaspi, Dialect::Kassa24].map(|dialect| example(dialect, language));
    let account = test_account("9000000001").expect("the first test account");
    let sum = Money::from_tiyn(125_045);
    let check = Example {
        channel: &unified,
        query: &format!("command=check&txn_id={NUMBER}&account=9000000001&sum=0.00"),
        command: ChannelCommand::Check,
        outcome: ChannelOutcome::Done,
        spelling: Spelling::Xml,
        amount: None,
        fields: words::fields(&unified, &seen(account)),
        done: false,
        code: "sandbox",
    };
    let pay = Example {
        query: &format!("command=pay&txn_id={NUMBER}&txn_date=20260310143059&account=9000000001&sum=1250.45"),
        command: ChannelCommand::Pay,
        amount: Some(sum),
        fields: Vec::new(),
        done: true,
        ..check.again()
    };
    let html = |example: Example<'_>| example.html();
    vec![
        ("EX_CHECK", check.html()),
        (
            "EX_CHECK_JSON",
            html(Example {
                query: &format!("{}&format=json", check.query),
                spelling: Spelling::Json,
                ..check.again()
            }),
        ),
        ("EX_PAY", pay.html()),
        (
            "EX_STATUS",
            html(Example {
                query: &format!("command=status&txn_id={NUMBER}"),
                command: ChannelCommand::Status,
                ..pay.again()
            }),
        ),
        (
            "EX_CANCEL",
            html(Example {
                query: &format!("command=cancel&txn_id={NUMBER}"),
                command: ChannelCommand::Cancel,
                ..pay.again()
            }),
        ),
        (
            "EX_REFUSED",
            html(Example {
                query: &format!(
                    "command=pay&txn_id={NUMBER}&txn_date=20260310143059&account=9000000009&sum=1250.45"
                ),
                outcome: ChannelOutcome::AccountUnknown,
                amount: None,
                done: false,
                ..pay.again()
            }),
        ),
        (
            "EX_KASPI",
            html(Example {
                channel: &kaspi,
                query: &format!("command=check&txn_id={NUMBER}&account=9000000001&sum=200.00"),
                spelling: Spelling::Json,
                amount: Some(seen(account).debt()),
                fields: words::fields(&kaspi, &seen(account)),
                code: "sandbox-kaspi",
                ..check.again()
            }),
        ),
        (
            "EX_KASSA24",
            html(Example {
                channel: &kassa24,
                query: "action=payment&number=9000000001&amount=1250.45&receipt=90210000000000017&date=2026-03-10T14:30:59&type=1",
                code: "sandbox-kassa24",
                ..pay.again()
            }),
        ),
    ]
}

impl<'a> Example<'a> {
    /// The same, to be changed in a few members.
    fn again(&self) -> Example<'a> {
        Example { fields: self.fields.clone(), ..*self }
    }
}

fn table(rows: impl IntoIterator<Item = String>) -> String {
    format!(
        "<div class=\"wide\"><table><tbody>{}</tbody></table></div>",
        rows.into_iter().collect::<String>()
    )
}

fn what_to_do(language: Language, outcome: ChannelOutcome, fatal: bool) -> String {
    let code = match (outcome, fatal) {
        (ChannelOutcome::Done, _) => "pay.done",
        (_, true) => "pay.stop",
        (_, false) => "pay.again",
    };
    escaped(&messages::text(language, code, &[]))
}

fn codes(language: Language) -> String {
    let mut rows: Vec<_> =
        ChannelOutcome::ALL.iter().map(|&outcome| (Dialect::Unified.says(outcome), outcome)).collect();
    rows.sort_by_key(|(code, _)| code.code);
    table(rows.into_iter().map(|(code, outcome)| {
        format!(
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            code.code,
            escaped(&words::comment(language, outcome)),
            what_to_do(language, outcome, code.fatal)
        )
    }))
}

fn dialects(language: Language) -> String {
    let head = "<tr><th></th><th>OSMP/QIWI</th><th>Kaspi</th><th>Kassa24</th><th></th></tr>".to_owned();
    let row = |&outcome: &ChannelOutcome| {
        let cells: String = [Dialect::Osmp, Dialect::Kaspi, Dialect::Kassa24]
            .map(|dialect| format!("<td><code>{}</code></td>", dialect.says(outcome).code))
            .concat();
        format!(
            "<tr><td>{}</td>{cells}<td>{}</td></tr>",
            escaped(&words::comment(language, outcome)),
            what_to_do(language, outcome, Dialect::Osmp.says(outcome).fatal)
        )
    };
    table(std::iter::once(head).chain(ChannelOutcome::ALL.iter().map(row)))
}

fn accounts(language: Language) -> String {
    let text = |code: &str| escaped(&messages::text(language, code, &[]));
    let row = |account: &TestAccount| {
        let balance = account.facts(Money::ZERO).balance;
        let mut says = vec![match balance.is_negative() {
            true => format!("{} {}", text("pay.field.advance"), -balance),
            false => format!("{} {balance}", text("pay.field.debt")),
        }];
        says.extend(account.closed.then(|| text("pay.account.closed")));
        says.extend(match account.behaviour {
            Behaviour::Plain => None,
            Behaviour::ComesBack => Some(text("pay.account.comes_back")),
            Behaviour::LosesAnswer => Some(text("pay.account.loses_answer")),
            Behaviour::Slow => Some(text("pay.account.slow")),
        });
        format!(
            "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            account.number,
            escaped(account.holder),
            says.join("; ")
        )
    };
    let none = format!(
        "<tr><td><code>9000000009</code></td><td>–</td><td>{}</td></tr>",
        text("pay.account_unknown")
    );
    table(TEST_ACCOUNTS.iter().map(row).chain([none]))
}

fn scenarios(language: Language) -> String {
    let row =
        |&scenario: &SelfCheckScenario| format!("<li>{}</li>", escaped(&selfcheck::says(language, scenario)));
    format!("<ol>{}</ol>", SelfCheckScenario::ALL.iter().map(row).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_page_is_filled_in_every_language() {
        for (language, page) in Language::ALL.iter().zip(PAGES.iter()) {
            let left = page.replace("{{BASE}}", "");
            assert!(!left.contains("{{"), "{language:?}: {}", &left[left.find("{{").unwrap()..][..40]);
            for section in SECTIONS {
                assert!(page.contains(&format!("href=\"#{section}\"")), "{language:?} {section}");
            }
            assert!(page.contains("И***в А. С.") && page.contains("&lt;prv_txn&gt;558812"), "real answers");
        }
    }
}
