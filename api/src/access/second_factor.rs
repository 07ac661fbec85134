//! The second factor in the graph.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::{Permission, Principal};
use domain::kernel::UserId;
use entities::access::totp;
use futures_util::FutureExt;

use super::ops::*;
use crate::platform::graphql::*;
use crate::platform::{Refusal, auth};

/// Which second factor a confirmation is for (подтверждение второго фактора).
#[derive(InputObject)]
pub struct SecondFactorConfirmInput {
    /// The code that the app shows now.
    pub code: String,
}

/// A code of one's own second factor: of the app, or one on paper (код второго фактора).
#[derive(InputObject)]
pub struct SecondFactorProofInput {
    /// The code.
    pub code: String,
}

/// Whose second factor is taken away (сброс второго фактора).
#[derive(InputObject)]
pub struct SecondFactorResetInput {
    /// Node id of the user.
    pub id: Gid<UserId>,
}

/// What an authenticator app is given; shown once (начало второго фактора).
#[derive(SimpleObject)]
pub struct SecondFactorStartPayload {
    /// The secret in base32, to be typed.
    pub secret: Option<String>,
    /// The same as `otpauth://…`, to be opened on the phone itself.
    pub uri: Option<String>,
    /// The same as a QR code, to be scanned: SVG of black modules, to be laid on white (QR-код).
    pub qr: Option<String>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

/// The second factor is asked for from now on (второй фактор включён).
#[derive(SimpleObject)]
pub struct SecondFactorConfirmPayload {
    /// Ten codes for a lost phone, each good once; shown once (коды на бумаге).
    pub recovery_codes: Option<Vec<String>>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

/// What became of a second factor (второй фактор отключён).
#[derive(SimpleObject)]
pub struct SecondFactorRemovePayload {
    /// Whether it is gone.
    pub removed: bool,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

impl SecondFactorConfirmPayload {
    fn of(done: std::result::Result<Vec<String>, Refusal>, cx: &Context<'_>) -> Self {
        match done {
            Ok(codes) => Self { recovery_codes: Some(codes), errors: Vec::new() },
            Err(refusal) => {
                Self { recovery_codes: None, errors: vec![UserError::of(&refusal, cx.language())] }
            }
        }
    }
}

impl SecondFactorRemovePayload {
    fn of(done: std::result::Result<(), Refusal>, cx: &Context<'_>) -> Self {
        let errors = done.err().map(|refusal| UserError::of(&refusal, cx.language()));
        Self { removed: errors.is_none(), errors: errors.into_iter().collect() }
    }
}

/// Where one's own second factor stands (второй фактор).
#[derive(SimpleObject)]
pub struct SecondFactor {
    /// Asked for at sign-in since then; nothing when it is not.
    pub on_since: Option<DateTime<Utc>>,
    /// Codes for a lost phone that have not been used (запасные коды).
    pub recovery_codes_left: i32,
}

#[derive(Default)]
pub struct SecondFactorQuery;

#[Object]
impl SecondFactorQuery {
    /// One's own second factor (свой второй фактор).
    #[graphql(guard = "staff()")]
    async fn second_factor(&self, cx: &Context<'_>) -> Result<SecondFactor> {
        let found = totp::find(cx.db(), me(cx)?.0).await?.filter(|found| found.confirmed);
        Ok(SecondFactor {
            recovery_codes_left: found.as_ref().map_or(0, |found| found.paper),
            on_since: found.and_then(|found| found.confirmed_at),
        })
    }
}

#[derive(Default)]
pub struct SecondFactorMutation;

fn me(cx: &Context<'_>) -> Result<UserId> {
    match cx.actor()?.principal {
        Principal::User(id) => Ok(id),
        _ => Err(ApiError::new(Code::Forbidden)),
    }
}

#[Object]
impl SecondFactorMutation {
    /// Begins a second factor of one's own: an app is given its secret (подключение второго фактора).
    #[graphql(guard = "staff()")]
    async fn second_factor_start(&self, cx: &Context<'_>) -> Result<SecondFactorStartPayload> {
        let (user, app) = (me(cx)?, cx.app().clone());
        let done =
            cx.write(|tx| async move { start_second_factor(tx, &app.vault, user).await }.boxed()).await?;
        Ok(match done {
            Ok(started) => SecondFactorStartPayload {
                secret: Some(started.secret),
                uri: Some(started.uri),
                qr: Some(started.qr),
                errors: Vec::new(),
            },
            Err(refusal) => SecondFactorStartPayload {
                secret: None,
                uri: None,
                qr: None,
                errors: vec![UserError::of(&refusal, cx.language())],
            },
        })
    }

    /// Confirms it by the first code; from now on sign-in asks for one (подтверждение второго фактора).
    #[graphql(guard = "staff()")]
    async fn second_factor_confirm(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The code.")] input: SecondFactorConfirmInput,
    ) -> Result<SecondFactorConfirmPayload> {
        let (user, app) = (me(cx)?, cx.app().clone());
        let done = cx
            .write(|tx| async move { confirm_second_factor(tx, &app, user, &input.code).await }.boxed())
            .await?;
        Ok(SecondFactorConfirmPayload::of(done, cx))
    }

    /// Takes one's own second factor away, with a code of it (отключение второго фактора).
    #[graphql(guard = "staff()")]
    async fn second_factor_remove(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The proof; refused without it.")] input: Option<SecondFactorProofInput>,
    ) -> Result<SecondFactorRemovePayload> {
        let code = input.as_ref().map(|input| input.code.as_str());
        let done = drop_second_factor(cx.app(), cx.actor()?, me(cx)?, code).await?;
        Ok(SecondFactorRemovePayload::of(done, cx))
    }

    /// Ten other codes for a lost phone in the place of those of before (новые запасные коды).
    #[graphql(guard = "staff()")]
    async fn recovery_codes_renew(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The proof.")] input: SecondFactorProofInput,
    ) -> Result<SecondFactorConfirmPayload> {
        let done = renew_recovery(cx.app(), cx.actor()?, me(cx)?, &input.code).await?;
        Ok(SecondFactorConfirmPayload::of(done, cx))
    }

    /// Takes the second factor of somebody away who lost phone and paper; their sessions end (сброс второго фактора).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn second_factor_reset(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: SecondFactorResetInput,
    ) -> Result<SecondFactorRemovePayload> {
        let done = cx.write(|tx| remove_second_factor(tx, input.id.0, false).boxed()).await?;
        for session in done.iter().flatten() {
            auth::forget(cx.app(), *session).await;
        }
        Ok(SecondFactorRemovePayload::of(done.map(drop), cx))
    }
}
