//! A certificate of no debt as a file.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use documents::PRESS;
use domain::access::{Actor, Permission, Scope};
use domain::kernel::*;
use entities::debt::certificate;
use entities::kernel::{Change, Tx};
use entities::subscribers::holder;

use super::ops::certificate_paper;
use crate::app::App;
use crate::platform::Refusal;
use crate::platform::graphql::Gid;
use crate::platform::graphql::http::{Caller, Graph};
use crate::platform::web::file;

pub fn routes(config: &mut ServiceConfig) {
    config.route("/files/certificates/{id}.pdf", web::get().to(pdf));
}

/// Where the paper of a certificate is got.
pub fn path_of(id: CertificateId) -> String {
    format!("/files/certificates/{}.pdf", Gid(id).encode())
}

/// `GET /files/certificates/{node id}.pdf`: one page, Kazakh and Russian.
async fn pdf(request: HttpRequest, id: web::Path<String>, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match file::allowed(&caller, &[Permission::DebtRead, Permission::OwnAccounts]) {
        Ok(actor) => actor,
        Err(denied) => return denied.answer(&caller),
    };
    let Some(Gid(id)) = Gid::<CertificateId>::decode(&id) else { return file::missing(&caller) };
    match print(&graph.app, actor, id).await {
        Ok(Ok((name, bytes))) => file::attachment("application/pdf", &name).body(bytes),
        Ok(Err(refusal)) if refusal.code == "NOT_FOUND" => file::missing(&caller),
        Ok(Err(refusal)) => file::refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
        Err(error) => file::broken(&caller, &error),
    }
}

/// The paper of a certificate that the caller may see; a look of the staff is in the trail.
async fn print(
    app: &App,
    actor: &Actor,
    id: CertificateId,
) -> anyhow::Result<Result<(String, Vec<u8>), Refusal>> {
    let missing = || Ok(Err(Refusal::new("NOT_FOUND")));
    let Some(row) = certificate::find(&app.db, &actor.scope, id).await? else { return missing() };
    let own = matches!(actor.scope, Scope::Own(_));
    if own {
        // What was given to the holder before does not exist for the present one.
        let holder = holder::last(&app.db, AccountId(row.account_id)).await?;
        if holder.is_none_or(|holder| holder.from > row.on_day) {
            return missing();
        }
    }
    let paper = match certificate_paper(app, &row).await? {
        Ok(paper) => paper,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let name = format!("{}-{}.pdf", paper.account, paper.number);
    let bytes = tokio::task::spawn_blocking(move || PRESS.certificate(&paper)).await??;
    if !own {
        let mut tx = Tx::begin(&app.db, actor.clone()).await?;
        tx.audit(Change::new("certificate", id, "printed"));
        tx.commit_silently("a look changes nothing").await?;
    }
    Ok(Ok((name, bytes)))
}
