use async_graphql::{Context, Object};
use domain::access::Permission;
use futures_util::FutureExt;

use super::ops::*;
use super::types::*;
use crate::platform::auth;
use crate::platform::clock;
use crate::platform::graphql::http::Origin;
use crate::platform::graphql::*;
use crate::wiring::staff::User;

#[derive(Default)]
pub struct AccessMutation;

fn origin(cx: &Context<'_>) -> Origin {
    cx.data_opt::<Origin>().cloned().unwrap_or_default()
}

#[Object]
impl AccessMutation {
    /// Signs in a member of the staff (вход сотрудника).
    async fn session_open(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Login and password.")] input: SessionOpenInput,
    ) -> Result<SessionPayload> {
        let opened =
            open_session(cx.app(), &origin(cx), &input.login, &input.password, input.code.as_deref()).await?;
        Ok(SessionPayload::of(opened, cx.language()))
    }

    /// Goes on with a session (продление сеанса).
    async fn session_refresh(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The last refresh token.")] input: SessionRefreshInput,
    ) -> Result<SessionPayload> {
        let opened = refresh_session(cx.app(), &input.refresh_token).await?;
        Ok(SessionPayload::of(opened, cx.language()))
    }

    /// Signs out (выход).
    async fn session_close(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: SessionCloseInput,
    ) -> Result<SessionClosePayload> {
        let closed = close_session(cx.app(), cx.actor().ok(), input.refresh_token.as_deref()).await?;
        Ok(SessionClosePayload { closed, errors: Vec::new() })
    }

    /// Sends a one-time code to the holder of an account (код для входа).
    async fn login_code_send(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Account and channel.")] input: LoginCodeSendInput,
    ) -> Result<LoginCodeSendPayload> {
        let way = input.channel.unwrap_or(CodeChannel::Sms).into();
        Ok(match send_code(cx.app(), &input.account_number, way).await? {
            Ok(sent) => LoginCodeSendPayload {
                sent_to: Some(sent.sent_to),
                expires_in: Some(sent.expires_in),
                errors: Vec::new(),
            },
            Err(refusal) => LoginCodeSendPayload {
                sent_to: None,
                expires_in: None,
                errors: vec![UserError::of(&refusal, cx.language())],
            },
        })
    }

    /// Signs in a subscriber with a one-time code (вход абонента).
    async fn login_code_confirm(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Account and code.")] input: LoginCodeConfirmInput,
    ) -> Result<SessionPayload> {
        let opened = confirm_code(cx.app(), &origin(cx), &input.account_number, &input.code).await?;
        Ok(SessionPayload::of(opened, cx.language()))
    }

    /// Creates a user; the first password is good for two weeks and is changed at the first sign-in (создание пользователя).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn user_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The new user.")] input: UserCreateInput,
    ) -> Result<UserPayload> {
        if let Err(refusal) = password_fits(&input.password, &input.login, "password") {
            return Ok(UserPayload::of(Err::<User, _>(refusal), cx.language()));
        }
        let cmd = CreateUser {
            password_hash: auth::hash_password(&input.password).await,
            one_time_until: Some(first_password_until(cx.app().clock.now())),
            login: input.login,
            name: input.name,
            roles: input.roles,
            sectors: input.sectors,
            districts: input.districts.into_iter().flatten().map(|id| id.0).collect(),
            language: input.language.unwrap_or(crate::platform::messages::Language::Ru),
            document: input.document_id.map(|id| id.0),
        };
        let done = cx.write(|tx| create_user(tx, cmd).boxed()).await?;
        Ok(UserPayload::of(done, cx.language()))
    }

    /// Changes a user; other rights end the user's sessions (изменение пользователя).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn user_update(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: UserUpdateInput,
    ) -> Result<UserPayload> {
        let cmd = UpdateUser {
            id: input.id.0,
            expected_version: input.expected_version,
            name: input.name,
            active: input.active,
            roles: input.roles,
            sectors: input.sectors,
            districts: input.districts.map(|ids| ids.into_iter().map(|id| id.0).collect()),
        };
        let done = cx.write(|tx| update_user(tx, cmd).boxed()).await?;
        if let Ok((_, ended)) = &done {
            for session in ended {
                auth::forget(cx.app(), *session).await;
            }
        }
        Ok(UserPayload::of(done.map(|(user, _)| user), cx.language()))
    }

    /// Opens a login that wrong passwords closed (разблокировка).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn user_unlock(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which user.")] input: UserUnlockInput,
    ) -> Result<UserPayload> {
        let done = cx.write(|tx| unlock_user(tx, input.id.0).boxed()).await?;
        Ok(UserPayload::of(done, cx.language()))
    }

    /// Changes one's own password; all other sessions end (смена пароля).
    #[graphql(guard = "staff_at_the_door()")]
    async fn password_change(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The passwords of now and of from now on.")] input: PasswordChangeInput,
    ) -> Result<PasswordChangePayload> {
        let done = change_password(cx.app(), cx.actor()?, input.current.as_deref(), &input.new).await?;
        let errors = done.err().map(|refusal| UserError::of(&refusal, cx.language()));
        Ok(PasswordChangePayload { changed: errors.is_none(), errors: errors.into_iter().collect() })
    }

    /// Gives somebody who forgot theirs a password for one sign-in, shown once; their sessions end (сброс пароля).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn password_reset(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: PasswordResetInput,
    ) -> Result<PasswordResetPayload> {
        let app = cx.app().clone();
        let done = cx.write(|tx| async move { reset_password(tx, &app, input.id.0).await }.boxed()).await?;
        if let Ok(given) = &done {
            for session in &given.ended {
                auth::forget(cx.app(), *session).await;
            }
        }
        Ok(PasswordResetPayload::of(done, cx.language()))
    }

    /// Registers an outside program and shows its token once (создание интеграции).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn client_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The new integration.")] input: ClientCreateInput,
    ) -> Result<ClientPayload> {
        let cmd = CreateClient {
            name: input.name,
            permissions: input.permissions,
            sectors: input.sectors.unwrap_or_default(),
            districts: input.districts.into_iter().flatten().map(|id| id.0).collect(),
            expires_at: input.expires_at,
        };
        let done = cx.write(|tx| create_client(tx, cmd).boxed()).await?;
        Ok(ClientPayload::of(done, cx.language()))
    }

    /// Gives an integration its next token; the last one works on for a day (смена токена).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn client_rotate(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which integration.")] input: ClientRotateInput,
    ) -> Result<ClientPayload> {
        let done = cx.write(|tx| rotate_client(tx, input.id.0).boxed()).await?;
        Ok(ClientPayload::of(done, cx.language()))
    }

    /// Ends every token of an integration (отключение интеграции).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn client_disable(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which integration.")] input: ClientDisableInput,
    ) -> Result<ClientPayload> {
        let done = cx.write(|tx| disable_client(tx, input.id.0, input.expected_version).boxed()).await?;
        Ok(match done {
            Ok(client) => ClientPayload { client: Some(client.into()), token: None, errors: Vec::new() },
            Err(refusal) => ClientPayload::refused(&refusal, cx.language()),
        })
    }

    /// Moves the business date of the demo; every process follows (перевод операционной даты).
    #[graphql(guard = "staff()")]
    async fn business_date_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The day.")] input: BusinessDateSetInput,
    ) -> Result<BusinessDateSetPayload> {
        if !cx.app().config.demo {
            return Err(ApiError::new(Code::DemoOnly));
        }
        clock::move_for_all(cx.app(), cx.actor()?, input.date.0).await?;
        Ok(BusinessDateSetPayload { business_date: Some(cx.app().clock.today().into()), errors: Vec::new() })
    }
}
