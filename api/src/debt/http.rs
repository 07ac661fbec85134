//! Papers of collection as files: a certificate of no debt, a warning of disconnection.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use documents::PRESS;
use domain::access::{Actor, Permission, Scope};
use domain::kernel::*;
use entities::debt::{certificate, notice};
use entities::kernel::{Change, Tx};
use entities::subscribers::holder;

use super::ops::{certificate_paper, notice_paper};
use crate::app::App;
use crate::platform::Refusal;
use crate::platform::graphql::Gid;
use crate::platform::graphql::http::{Caller, Graph};
use crate::platform::web::file;

/// Who gets papers at all; which ones, the scope says.
const READERS: &[Permission] = &[Permission::DebtRead, Permission::OwnAccounts];

pub fn routes(config: &mut ServiceConfig) {
    config.route("/files/certificates/{id}.pdf", web::get().to(certificate_pdf));
    config.route("/files/notices/{id}.pdf", web::get().to(notice_pdf));
}

/// Where the paper of a certificate is got.
pub fn path_of(id: CertificateId) -> String {
    format!("/files/certificates/{}.pdf", Gid(id).encode())
}

/// Where the paper of a warning is got.
pub fn path_of_notice(id: NoticeId) -> String {
    format!("/files/notices/{}.pdf", Gid(id).encode())
}

/// The name of a file and what is in it.
type Printed = anyhow::Result<Result<(String, Vec<u8>), Refusal>>;

/// `GET /files/certificates/{node id}.pdf`: one page, Kazakh and Russian.
async fn certificate_pdf(
    request: HttpRequest,
    id: web::Path<String>,
    graph: web::Data<Graph>,
) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match file::allowed(&caller, READERS) {
        Ok(actor) => actor,
        Err(denied) => return denied.answer(&caller),
    };
    let Some(Gid(id)) = Gid::<CertificateId>::decode(&id) else { return file::missing(&caller) };
    answer(&caller, print_certificate(&graph.app, actor, id).await)
}

/// `GET /files/notices/{node id}.pdf`: one page, Kazakh and Russian.
async fn notice_pdf(request: HttpRequest, id: web::Path<String>, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match file::allowed(&caller, READERS) {
        Ok(actor) => actor,
        Err(denied) => return denied.answer(&caller),
    };
    let Some(Gid(id)) = Gid::<NoticeId>::decode(&id) else { return file::missing(&caller) };
    answer(&caller, print_notice(&graph.app, actor, id).await)
}

fn answer(caller: &Caller, printed: Printed) -> HttpResponse {
    match printed {
        Ok(Ok((name, bytes))) => file::attachment("application/pdf", &name).body(bytes),
        Ok(Err(refusal)) if refusal.code == "NOT_FOUND" => file::missing(caller),
        Ok(Err(refusal)) => file::refused(caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
        Err(error) => file::broken(caller, &error),
    }
}

/// What was given to the holder before does not exist for the present one.
async fn of_another_holder(app: &App, actor: &Actor, account: i64, on: NaiveDate) -> anyhow::Result<bool> {
    if !matches!(actor.scope, Scope::Own(_)) {
        return Ok(false);
    }
    let holder = holder::last(&app.db, AccountId(account)).await?;
    Ok(holder.is_none_or(|holder| holder.from > on))
}

/// A look of the staff is in the trail.
async fn looked(app: &App, actor: &Actor, change: Change) -> anyhow::Result<()> {
    if matches!(actor.scope, Scope::Own(_)) {
        return Ok(());
    }
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    tx.audit(change);
    tx.commit_silently("a look changes nothing").await?;
    Ok(())
}

/// The paper of a certificate that the caller may see.
async fn print_certificate(app: &App, actor: &Actor, id: CertificateId) -> Printed {
    let missing = || Ok(Err(Refusal::new("NOT_FOUND")));
    let Some(row) = certificate::find(&app.db, &actor.scope, id).await? else { return missing() };
    if of_another_holder(app, actor, row.account_id, row.on_day).await? {
        return missing();
    }
    let paper = match certificate_paper(app, &row).await? {
        Ok(paper) => paper,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let name = format!("{}-{}.pdf", paper.account, paper.number);
    let bytes = tokio::task::spawn_blocking(move || PRESS.certificate(&paper)).await??;
    looked(app, actor, Change::new("certificate", id, "printed")).await?;
    Ok(Ok((name, bytes)))
}

/// The paper of a warning that the caller may see.
async fn print_notice(app: &App, actor: &Actor, id: NoticeId) -> Printed {
    let missing = || Ok(Err(Refusal::new("NOT_FOUND")));
    let Some(row) = notice::find(&app.db, &actor.scope, id, app.clock.today()).await? else {
        return missing();
    };
    if of_another_holder(app, actor, row.account_id, row.issued_on).await? {
        return missing();
    }
    let paper = match notice_paper(app, &row).await? {
        Ok(paper) => paper,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let name = format!("{}-notice-{}.pdf", paper.account, paper.number);
    let bytes = tokio::task::spawn_blocking(move || PRESS.notice(&paper)).await??;
    looked(app, actor, Change::new("notice", id, "printed")).await?;
    Ok(Ok((name, bytes)))
}
