//! The second factor in the graph.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::access::{Permission, Principal};
use domain::kernel::UserId;
use futures_util::FutureExt;

use super::ops::*;
use crate::platform::auth;
use crate::platform::graphql::*;

/// Which second factor a confirmation is for (подтверждение второго фактора).
#[derive(InputObject)]
pub struct SecondFactorConfirmInput {
    /// The code that the app shows now.
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
    /// The same as `otpauth://…`, to be scanned as a QR code.
    pub uri: Option<String>,
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
                errors: Vec::new(),
            },
            Err(refusal) => SecondFactorStartPayload {
                secret: None,
                uri: None,
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
        Ok(match done {
            Ok(codes) => SecondFactorConfirmPayload { recovery_codes: Some(codes), errors: Vec::new() },
            Err(refusal) => SecondFactorConfirmPayload {
                recovery_codes: None,
                errors: vec![UserError::of(&refusal, cx.language())],
            },
        })
    }

    /// Takes one's own second factor away (отключение второго фактора).
    #[graphql(guard = "staff()")]
    async fn second_factor_remove(&self, cx: &Context<'_>) -> Result<SecondFactorRemovePayload> {
        removed(cx, me(cx)?, true).await
    }

    /// Takes the second factor of somebody away who lost phone and paper; their sessions end (сброс второго фактора).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn second_factor_reset(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: SecondFactorResetInput,
    ) -> Result<SecondFactorRemovePayload> {
        removed(cx, input.id.0, false).await
    }
}

async fn removed(cx: &Context<'_>, user: UserId, own: bool) -> Result<SecondFactorRemovePayload> {
    let done = cx.write(|tx| remove_second_factor(tx, user, own).boxed()).await?;
    Ok(match done {
        Ok(ended) => {
            for session in ended {
                auth::forget(cx.app(), session).await;
            }
            SecondFactorRemovePayload { removed: true, errors: Vec::new() }
        }
        Err(refusal) => {
            SecondFactorRemovePayload { removed: false, errors: vec![UserError::of(&refusal, cx.language())] }
        }
    })
}
