//! The page of the demo's bank: what a payer would see in an application, with two buttons.

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::adapters::paylink::demo::{self, Asked, Told};
use crate::app::App;
use crate::platform::messages::{self, Language};
use crate::platform::web::escaped;

/// Nothing but its own styles and its own form.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub fn routes(config: &mut ServiceConfig) {
    config.route("/demo/bank/{id}", web::get().to(shown)).route("/demo/bank/{id}", web::post().to(said));
}

async fn shown(request: HttpRequest, id: web::Path<String>, app: web::Data<App>) -> HttpResponse {
    // Who looks at it has opened it.
    answer(&request, &app, &id, Told::Opened).await
}

#[derive(Deserialize)]
struct Said {
    act: Told,
}

async fn said(
    request: HttpRequest,
    id: web::Path<String>,
    app: web::Data<App>,
    form: web::Form<Said>,
) -> HttpResponse {
    answer(&request, &app, &id, form.act).await
}

async fn answer(request: &HttpRequest, app: &App, id: &str, told: Told) -> HttpResponse {
    // A real provider has its own page.
    if app.config.kaspi.is_some() || app.config.demo_bank.is_none() {
        return HttpResponse::NotFound().finish();
    }
    match demo::tell(&app.db, id, told).await {
        Ok(Some(one)) => page(request, &one),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => {
            tracing::error!(error = %error, "the demo's bank");
            HttpResponse::InternalServerError().finish()
        }
    }
}

fn page(request: &HttpRequest, one: &Asked) -> HttpResponse {
    let wanted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = Language::accepted(wanted.unwrap_or_default());
    let text = |code: &str| escaped(&messages::text(language, code, &[]));
    let below = match one.state {
        Told::Paid => format!("<p role=status>{}</p>", text("DEMO_BANK_PAID")),
        Told::Declined => format!("<p role=status>{}</p>", text("DEMO_BANK_DECLINED")),
        Told::Waiting | Told::Opened => format!(
            "<form method=post><button name=act value=paid>{}</button>\
             <button name=act value=declined class=other>{}</button></form>",
            text("DEMO_BANK_PAY"),
            text("DEMO_BANK_DECLINE")
        ),
    };
    let sum = format!("{}\u{a0}₸", messages::Value::Sum(one.amount()).worded(language));
    let body = include_str!("../../developers/demo_bank.html")
        .replace("{{LANGUAGE}}", language.code())
        .replace("{{TITLE}}", &text("DEMO_BANK"))
        .replace("{{WHAT}}", &text("DEMO_BANK_WHAT"))
        .replace("{{SUM}}", &escaped(&sum))
        .replace("{{BELOW}}", &below);
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept-Language"))
        .body(body)
}
