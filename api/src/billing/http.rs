//! A bill as a file.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use documents::PRESS;
use domain::access::{Actor, Permission, Scope};
use domain::kernel::*;
use entities::billing::bill::{self, Bill};
use entities::kernel::{Change, Tx};
use entities::subscribers::holder;

use super::paper::{letterhead, papers};
use crate::app::App;
use crate::platform::Refusal;
use crate::platform::graphql::Gid;
use crate::platform::graphql::http::{Caller, Graph};
use crate::platform::web::file;

pub fn routes(config: &mut ServiceConfig) {
    config.route("/files/bills/{id}.pdf", web::get().to(pdf));
}

/// Where the paper of a bill is got.
pub fn path_of(id: BillId) -> String {
    format!("/files/bills/{}.pdf", Gid(id).encode())
}

/// `GET /files/bills/{node id}.pdf`: one page in Kazakh and Russian.
async fn pdf(request: HttpRequest, id: web::Path<String>, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match file::allowed(&caller, &[Permission::BillRead, Permission::OwnAccounts]) {
        Ok(actor) => actor,
        Err(denied) => return denied.answer(&caller),
    };
    let Some(Gid(id)) = Gid::<BillId>::decode(&id) else { return file::missing(&caller) };
    match print(&graph.app, actor, id).await {
        Ok(Ok((name, bytes))) => file::attachment("application/pdf", &name).body(bytes),
        Ok(Err(refusal)) if refusal.code == "NOT_FOUND" => file::missing(&caller),
        Ok(Err(refusal)) => file::refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
        Err(error) => file::broken(&caller, &error),
    }
}

/// The paper of a bill that the caller may see; a look of the staff at somebody's paper is in the trail.
pub async fn print(
    app: &App,
    actor: &Actor,
    id: BillId,
) -> anyhow::Result<Result<(String, Vec<u8>), Refusal>> {
    let Some(row) = visible(app, actor, id).await? else { return Ok(Err(Refusal::new("NOT_FOUND"))) };
    let head = match letterhead(&app.db, row.period).await? {
        Ok(head) => head,
        Err(missing) => return Ok(Err(Refusal::new("MISSING_SETTING").with("code", missing.0))),
    };
    let mut papers = papers(app, &head, &[row.id]).await?;
    let paper = papers.swap_remove(0);
    let name = format!("{}.pdf", paper.number);
    let bytes = tokio::task::spawn_blocking(move || PRESS.bill(&paper)).await??;
    if !matches!(actor.scope, Scope::Own(_)) {
        let mut tx = Tx::begin(&app.db, actor.clone()).await?;
        tx.audit(Change::new("bill", id, "printed"));
        tx.commit_silently("a look changes nothing").await?;
    }
    Ok(Ok((name, bytes)))
}

/// A bill of the caller's scope; to the present holder of an account the bills of the one before do not exist.
async fn visible(app: &App, actor: &Actor, id: BillId) -> anyhow::Result<Option<Bill>> {
    let Some(row) = bill::visible_to(&app.db, &actor.scope, id).await? else { return Ok(None) };
    if let Scope::Own(_) = actor.scope {
        let holder = holder::last(&app.db, AccountId(row.account_id)).await?;
        if holder.is_none_or(|holder| Period::of(holder.from) > row.period()) {
            return Ok(None);
        }
    }
    Ok(Some(row))
}
