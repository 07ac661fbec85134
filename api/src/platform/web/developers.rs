//! The page for whoever writes a client: its figures and codes are those of this build.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use crate::platform::graphql::error::Code;
use crate::platform::graphql::{limits, trusted};
use crate::platform::messages::{self, Language};

/// Nothing but its own styles: the page has no script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Recording a payment; runs in the tests like every other example.
const PAYMENT: &str = include_str!("../../../developers/payment.graphql");

static PAGE: LazyLock<String> = LazyLock::new(|| {
    let errors: String = Code::ALL
        .iter()
        .map(|code| {
            let words = messages::text(Language::En, code.as_str(), &[("detail", "…".to_owned())]);
            format!("<tr><td><code>{}</code></td><td>{}</td></tr>", code.as_str(), escaped(&words))
        })
        .collect();
    let mut page = include_str!("../../../developers/index.html").to_owned();
    for (place, value) in [
        ("ERRORS", errors),
        ("PAYMENT", escaped(PAYMENT.trim())),
        ("CLIENTS", escaped(trusted::CLIENTS.trim())),
        ("MAX_DEPTH", limits::MAX_DEPTH.to_string()),
        ("MAX_COMPLEXITY", limits::MAX_COMPLEXITY.to_string()),
        ("MAX_ALIASES", limits::MAX_ALIASES.to_string()),
        ("MAX_DIRECTIVES", limits::MAX_DIRECTIVES.to_string()),
        ("MAX_BODY", limits::MAX_BODY.to_string()),
        ("BODY_TIME", limits::BODY_TIME.as_secs().to_string()),
        ("OPERATION_TIME", limits::OPERATION_TIME.as_secs().to_string()),
        ("BUDGET", limits::BUDGET_PER_MINUTE.to_string()),
    ] {
        page = page.replace(&format!("{{{{{place}}}}}"), &value);
    }
    page
});

/// For the text of a page.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The page; addresses in it are those of the request.
pub async fn developers(request: HttpRequest) -> HttpResponse {
    let info = request.connection_info();
    let base = escaped(&format!("{}://{}", info.scheme(), info.host()));
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(PAGE.replace("{{BASE}}", &base))
}
