use async_graphql::{Context, Object};
use domain::access::{Permission, Principal};
use entities::access::{client, contact, role, staff};
use entities::kernel::messages;

use super::types::*;
use crate::platform::graphql::*;
use crate::wiring::staff::{User, Viewer};

#[derive(Default)]
pub struct AccessQuery;

#[Object]
impl AccessQuery {
    /// The signed-in member of the staff (текущий пользователь).
    #[graphql(guard = "staff_at_the_door()")]
    async fn viewer(&self, cx: &Context<'_>) -> Result<Viewer> {
        let Principal::User(id) = cx.actor()?.principal else { return Err(ApiError::new(Code::Forbidden)) };
        Ok(staff::find(cx.db(), id.0).await?.ok_or_else(ApiError::not_found)?.into())
    }

    /// The business date that prices, periods and deadlines go by (операционная дата).
    async fn business_date(&self, cx: &Context<'_>) -> Date {
        cx.app().clock.today().into()
    }

    /// Members of the staff, by login (пользователи).
    #[graphql(guard = "can(Permission::UserRead)")]
    async fn users(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to start after.")] after: Option<String>,
    ) -> Result<Conn<User>> {
        let had_after = after.is_some();
        let slice = staff::list(cx.db(), page_of(first, after)?).await?;
        Ok(connection(slice, had_after, |row| row.login.clone(), User::from))
    }

    /// Names of members of the staff, for rows that tell their logins; what is no login of theirs is left out (имена
    /// сотрудников).
    #[graphql(guard = "staff()")]
    async fn staff_names(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Logins, 100 at most.", validator(max_items = 100))] logins: Vec<String>,
    ) -> Result<Vec<StaffName>> {
        let rows = staff::names(cx.db(), logins).await?;
        Ok(rows.into_iter().map(|(login, name)| StaffName { login, name }).collect())
    }

    /// Roles and what they allow (роли).
    #[graphql(guard = "can(Permission::UserRead)")]
    async fn roles(&self, cx: &Context<'_>) -> Result<Vec<RoleRow>> {
        Ok(role::all(cx.db()).await?.into_iter().map(RoleRow::from).collect())
    }

    /// Outside programs, oldest first (интеграции).
    #[graphql(guard = "can(Permission::UserRead)")]
    async fn clients(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to start after.")] after: Option<String>,
    ) -> Result<Conn<Client>> {
        let had_after = after.is_some();
        let slice = client::list(cx.db(), page_of(first, after)?).await?;
        Ok(connection(slice, had_after, |row| row.id, Client::from))
    }

    /// What the demo's providers of SMS and e-mail "sent", newest first; only in the demo (сообщения демонстрации).
    #[graphql(guard = "demo_only()")]
    async fn dev_messages(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Phone or address.")] recipient: Option<String>,
        #[graphql(desc = "Number of an account: messages to its holder.")] account: Option<String>,
        #[graphql(desc = "How many, 100 at most.")] first: Option<i32>,
    ) -> Result<Vec<DevMessage>> {
        let recipients = match (recipient, account) {
            (Some(recipient), _) => Some(vec![recipient]),
            (None, Some(number)) => {
                let app = cx.app();
                let found = contact::of_account(&app.db, number.trim(), app.clock.today()).await?;
                let sealed = found.into_iter().flat_map(|contact| [contact.phone, contact.email]).flatten();
                Some(sealed.filter_map(|sealed| app.vault.open(&sealed)).collect())
            }
            (None, None) => None,
        };
        let rows =
            messages::latest(cx.db(), recipients, i64::from(first.unwrap_or(20).clamp(1, 100))).await?;
        Ok(rows
            .into_iter()
            .map(|row| DevMessage {
                channel: row.channel,
                recipient: row.recipient,
                body: row.body,
                at: row.at,
            })
            .collect())
    }
}
