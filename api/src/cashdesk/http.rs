//! Papers of the cash desk as files.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use documents::{PRESS, PrintError};
use domain::access::{Actor, Permission};
use domain::kernel::*;
use entities::cashdesk::{Desks, desk, operation, order, shift};
use entities::kernel::{Change, Tx};
use serde::Deserialize;

use super::ops;
use crate::app::App;
use crate::platform::Refusal;
use crate::platform::graphql::http::{Caller, Graph};
use crate::platform::graphql::{Gid, NodeKind};
use crate::platform::web::file;

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/files/cash/orders/{id}.pdf", web::get().to(order_pdf))
        .route("/files/cash/shifts/{id}.pdf", web::get().to(z_pdf))
        .route("/files/cash/slips/{id}.pdf", web::get().to(slip_pdf))
        .route("/files/cash/book/{id}.pdf", web::get().to(book_pdf))
        .route("/files/cash/register/{id}.pdf", web::get().to(register_pdf));
}

/// Where a paper is got: `orders`, `shifts`, `slips`, `book`, `register`.
pub fn path_of<T: NodeKind>(what: &str, id: T) -> String {
    format!("/files/cash/{what}/{}.pdf", Gid(id).encode())
}

/// Days of the book or the register.
#[derive(Deserialize)]
struct Days {
    from: NaiveDate,
    to: Option<NaiveDate>,
}

/// The longest register that is printed at once.
const MAX_DAYS: i64 = 366;

type Printed = anyhow::Result<Result<(String, Vec<u8>), Refusal>>;

const RIGHTS: &[Permission] =
    &[Permission::CashdeskRead, Permission::CashdeskWork, Permission::CashdeskOversee];

async fn answer(
    request: &HttpRequest,
    graph: &Graph,
    print: impl AsyncFnOnce(Actor) -> Printed,
) -> HttpResponse {
    let caller = Caller::of(&graph.app, request).await;
    let actor = match file::allowed(&caller, RIGHTS) {
        Ok(actor) => actor.clone(),
        Err(denied) => return denied.answer(&caller),
    };
    match print(actor).await {
        Ok(Ok((name, bytes))) => file::attachment("application/pdf", &name).body(bytes),
        Ok(Err(refusal)) if refusal.code == "NOT_FOUND" => file::missing(&caller),
        Ok(Err(refusal)) => file::refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
        Err(error) => file::broken(&caller, &error),
    }
}

fn missing<T>() -> anyhow::Result<Result<T, Refusal>> {
    Ok(Err(Refusal::new("NOT_FOUND")))
}

/// Sets a paper away from the threads that answer; the print is in the trail.
async fn press<P: Send + 'static>(
    app: &App,
    actor: Actor,
    name: String,
    change: Change,
    paper: P,
    set: fn(&P) -> Result<Vec<u8>, PrintError>,
) -> Printed {
    let bytes = tokio::task::spawn_blocking(move || set(&paper)).await??;
    let mut tx = Tx::begin(&app.db, actor).await?;
    tx.audit(change);
    tx.commit_silently("a look changes nothing").await?;
    Ok(Ok((name, bytes)))
}

/// `GET /files/cash/orders/{node id}.pdf`: KO-1 or KO-2.
async fn order_pdf(request: HttpRequest, id: web::Path<String>, graph: web::Data<Graph>) -> HttpResponse {
    let app = graph.app.clone();
    answer(&request, &graph, async move |actor: Actor| -> Printed {
        let Some(Gid(id)) = Gid::<CashOrderId>::decode(&id) else { return missing() };
        let Some(row) = order::visible_to(&app.db, &Desks::of(&actor), id).await? else { return missing() };
        let paper = match ops::order_paper(&app, &row).await? {
            Ok(paper) => paper,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let name = format!("{}-{}.pdf", row.kind.code(), row.full_number());
        let change = Change::new("cash_order", id, "printed");
        press(&app, actor, name, change, paper, |paper| PRESS.cash_order(paper)).await
    })
    .await
}

/// `GET /files/cash/shifts/{node id}.pdf`: Z.
async fn z_pdf(request: HttpRequest, id: web::Path<String>, graph: web::Data<Graph>) -> HttpResponse {
    let app = graph.app.clone();
    answer(&request, &graph, async move |actor: Actor| -> Printed {
        let Some(Gid(id)) = Gid::<ShiftId>::decode(&id) else { return missing() };
        let Some(row) = shift::visible_to(&app.db, &Desks::of(&actor), id).await? else { return missing() };
        let paper = match ops::z_paper(&app, &row).await? {
            Ok(paper) => paper,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let name = format!("z-{}-{}.pdf", row.desk_id, row.number);
        let change = Change::new("cash_shift", id, "printed");
        press(&app, actor, name, change, paper, |paper| PRESS.z(paper)).await
    })
    .await
}

/// `GET /files/cash/slips/{node id}.pdf`: what the payer takes home.
async fn slip_pdf(request: HttpRequest, id: web::Path<String>, graph: web::Data<Graph>) -> HttpResponse {
    let app = graph.app.clone();
    answer(&request, &graph, async move |actor: Actor| -> Printed {
        let Some(Gid(id)) = Gid::<CashOperationId>::decode(&id) else { return missing() };
        let Some(row) = operation::visible_to(&app.db, &Desks::of(&actor), id).await? else {
            return missing();
        };
        let paper = match ops::slip_paper(&app, &row).await? {
            Ok(paper) => paper,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let name = format!("{}.pdf", paper.number);
        let change = Change::new("cash_operation", id, "printed");
        press(&app, actor, name, change, paper, |paper| PRESS.cash_slip(paper)).await
    })
    .await
}

/// `GET /files/cash/book/{node id of the desk}.pdf?from=2026-03-26`: KO-4 of a day.
async fn book_pdf(
    request: HttpRequest,
    id: web::Path<String>,
    days: web::Query<Days>,
    graph: web::Data<Graph>,
) -> HttpResponse {
    let app = graph.app.clone();
    answer(&request, &graph, async move |actor: Actor| -> Printed {
        let Some(Gid(id)) = Gid::<DeskId>::decode(&id) else { return missing() };
        let Some(desk) = desk::visible_to(&app.db, &Desks::of(&actor), id).await? else { return missing() };
        let paper = match ops::book_paper(&app, &desk, days.from).await? {
            Ok(paper) => paper,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let name = format!("ko4-{}-{}.pdf", desk.code, days.from);
        let change = Change::new("cash_desk", id, "book_printed");
        press(&app, actor, name, change, paper, |paper| PRESS.cash_book(paper)).await
    })
    .await
}

/// `GET /files/cash/register/{node id of the desk}.pdf?from=…&to=…`: KO-3, a year at most.
async fn register_pdf(
    request: HttpRequest,
    id: web::Path<String>,
    days: web::Query<Days>,
    graph: web::Data<Graph>,
) -> HttpResponse {
    let app = graph.app.clone();
    answer(&request, &graph, async move |actor: Actor| -> Printed {
        let Some(Gid(id)) = Gid::<DeskId>::decode(&id) else { return missing() };
        let to = days.to.unwrap_or(days.from);
        if to < days.from || (to - days.from).num_days() > MAX_DAYS {
            return missing();
        }
        let Some(desk) = desk::visible_to(&app.db, &Desks::of(&actor), id).await? else { return missing() };
        let paper = match ops::register_paper(&app, &desk, days.from, to).await? {
            Ok(paper) => paper,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let name = format!("ko3-{}-{}-{to}.pdf", desk.code, days.from);
        let change = Change::new("cash_desk", id, "register_printed");
        press(&app, actor, name, change, paper, |paper| PRESS.cash_register(paper)).await
    })
    .await
}
