//! Certificates of no debt in the graph.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::debt::CertificateRequires;
use domain::kernel::*;
use entities::debt::certificate;
use entities::subscribers::account;
use futures_util::FutureExt;

use super::{http, ops};
use crate::payload;
use crate::platform::graphql::*;
use crate::subscribers::types::own_since;
use crate::wiring::account::{Account, account_by_id};

/// A numbered certificate that nothing was owed on a day (справка об отсутствии задолженности).
#[derive(Clone)]
pub struct Certificate(pub certificate::Certificate);

impl From<certificate::Certificate> for Certificate {
    fn from(row: certificate::Certificate) -> Self {
        Self(row)
    }
}

/// A numbered certificate that nothing was owed on a day (справка об отсутствии задолженности).
#[Object]
impl Certificate {
    /// Node id.
    async fn id(&self) -> Gid<CertificateId> {
        Gid(CertificateId(self.0.id))
    }

    /// Year and number, without gaps: "2026-000123" (номер).
    async fn number(&self) -> String {
        self.0.full_number()
    }

    /// What it can be checked with, beside its number (код проверки).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Whose (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// The day it speaks of (на дату).
    async fn on(&self) -> Date {
        self.0.on_day.into()
    }

    /// What was asked for then (условие выдачи).
    async fn requires(&self) -> CertificateRequires {
        CertificateRequires::from_code(&self.0.requires).unwrap_or(CertificateRequires::NothingOverdue)
    }

    /// Owed, not due yet (срок оплаты не наступил).
    async fn not_due(&self) -> Money {
        Money::from_tiyn(self.0.not_due)
    }

    /// Disputed sums of overdue debt (оспаривается).
    async fn disputed(&self) -> Money {
        Money::from_tiyn(self.0.disputed)
    }

    /// Paid ahead (переплата).
    async fn advance(&self) -> Money {
        Money::from_tiyn(self.0.advance)
    }

    /// When it was given (выдана).
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }

    /// By whom (кем выдана).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn issued_by(&self) -> &str {
        &self.0.issued_by
    }

    /// When it was taken back (отозвана).
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.0.withdrawn_at
    }

    /// Where its paper is got (файл).
    async fn paper_path(&self) -> String {
        http::path_of(CertificateId(self.0.id))
    }
}

/// What is told of a certificate to whoever was shown it: no names (проверка справки).
#[derive(SimpleObject)]
pub struct CertificateCheck {
    /// Year and number (номер).
    pub number: String,
    /// The day it speaks of (на дату).
    pub on: Date,
    /// The last four digits of the account number (последние цифры лицевого счёта).
    pub account_ends: String,
    /// It stands; false when it was taken back (действительна).
    pub valid: bool,
    /// Owed then, not due yet (срок оплаты не наступал).
    pub not_due: Money,
    /// Disputed then (оспаривалось).
    pub disputed: Money,
}

/// For whom a certificate is asked.
#[derive(InputObject)]
pub struct CertificateIssueInput {
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
}

/// Which certificate to take back.
#[derive(InputObject)]
pub struct CertificateWithdrawInput {
    /// Node id of the certificate.
    pub id: Gid<CertificateId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
}

payload!(
    /// What became of a certificate (итог действия над справкой).
    CertificatePayload {
        /// The certificate (справка).
        certificate: Certificate
    }
);

#[derive(Default)]
pub struct CertificateQuery;

#[Object]
impl CertificateQuery {
    /// Whether a certificate that somebody was shown is ours and stands; null when it is not ours (проверить справку).
    async fn certificate_check(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Number on the paper.", validator(max_length = 20))] number: String,
        #[graphql(desc = "Code on the paper.", validator(max_length = 20))] code: String,
    ) -> Result<Option<CertificateCheck>> {
        let (number, code) = (number.trim(), code.trim().to_uppercase());
        let Some(row) = certificate::check(cx.db(), number, &code).await? else { return Ok(None) };
        let account = account::by_ids(cx.db(), vec![AccountId(row.account_id)]).await?.pop();
        let account = account.map(|account| account.number).unwrap_or_default();
        Ok(Some(CertificateCheck {
            number: row.full_number(),
            on: row.on_day.into(),
            account_ends: account[account.len().saturating_sub(4)..].to_owned(),
            valid: row.withdrawn_at.is_none(),
            not_due: Money::from_tiyn(row.not_due),
            disputed: Money::from_tiyn(row.disputed),
        }))
    }
}

#[derive(Default)]
pub struct CertificateMutation;

#[Object]
impl CertificateMutation {
    /// Certifies that an account owes nothing today, as the setting asks (выдать справку об отсутствии задолженности).
    #[graphql(guard = "can_any([Permission::DebtWrite, Permission::OwnAccounts])")]
    async fn certificate_issue(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "For whom.")] input: CertificateIssueInput,
    ) -> Result<CertificatePayload> {
        let app = cx.app().clone();
        let (today, now) = (app.clock.today(), app.clock.now());
        let done = cx
            .write(move |tx| {
                async move { ops::issue_certificate(tx, &app, input.account_id.0, today, now).await }.boxed()
            })
            .await?;
        Ok(CertificatePayload::of(done, cx.language()))
    }

    /// Takes a certificate back that should not have been given, on a document (отозвать справку).
    #[graphql(guard = "can(Permission::DebtDecide)")]
    async fn certificate_withdraw(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one, on what.")] input: CertificateWithdrawInput,
    ) -> Result<CertificatePayload> {
        let done = cx
            .write(move |tx| ops::withdraw_certificate(tx, input.id.0, input.document_id.0).boxed())
            .await?;
        Ok(CertificatePayload::of(done, cx.language()))
    }
}

/// What certificates add to an account.
pub struct AccountCertificates(AccountId);

impl From<&account::Model> for AccountCertificates {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

#[Object]
impl AccountCertificates {
    /// Certificates of no debt that were given, newest first (справки об отсутствии задолженности).
    #[graphql(
        guard = "can_any([Permission::DebtRead, Permission::OwnAccounts])",
        complexity = "20 + child_complexity"
    )]
    async fn certificates(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Certificate>> {
        let page = page_of::<i64>(first, after)?;
        let since = own_since(cx, self.0).await?;
        let slice = certificate::of_account(cx.db(), self.0, since, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Certificate))
    }
}
