//! People, roles, integrations and sessions as the graph shows them.

use async_graphql::{ComplexObject, Context, Enum, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::{Permission, Role};
use domain::kernel::*;
use entities::access::client::Client as ClientRow;
use entities::access::role;
use entities::access::staff::Staff;

use super::ops::{NewToken, OneTime, Opened, Way};
use crate::payload;
use crate::platform::Refusal;
use crate::platform::auth::ACCESS_SECONDS;
use crate::platform::graphql::*;
use crate::platform::messages::Language;
use crate::wiring::staff::User;

pub(super) fn sectors(codes: &[String]) -> Vec<Sector> {
    codes.iter().filter_map(|code| Sector::from_code(code)).collect()
}

pub(super) fn permissions(codes: &[String]) -> Vec<Permission> {
    codes.iter().filter_map(|code| Permission::from_code(code)).collect()
}

/// The signed-in member of the staff (сотрудник).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ViewerCore {
    /// Node id of the user.
    pub id: Gid<UserId>,
    /// Name on the screen (имя).
    pub name: String,
    /// Login (логин).
    pub login: String,
    /// Codes of the roles (роли).
    pub roles: Vec<String>,
    /// Everything the roles allow (права).
    pub permissions: Vec<Permission>,
    /// Preferred language: kk, ru or en (язык).
    pub language: String,
    /// Sectors the user sees; empty means all (секторы).
    pub sectors: Vec<Sector>,
    /// Nothing is allowed but changing the password: an administrator knows it (требуется смена пароля).
    pub password_due: bool,
}

#[ComplexObject]
impl ViewerCore {
    /// Names of the roles, in the order of `roles` (наименования ролей).
    async fn role_names(&self, cx: &Context<'_>) -> Result<Vec<LocalName>> {
        let known = role::all(cx.db()).await?;
        let found = self.roles.iter().filter_map(|code| known.iter().find(|row| row.code == *code));
        Ok(found.cloned().map(|row| RoleRow::from(row).name).collect())
    }
}

impl From<Staff> for ViewerCore {
    fn from(row: Staff) -> Self {
        Self {
            id: Gid(UserId(row.id)),
            sectors: sectors(&row.sectors),
            // What the roles allow is allowed once the password is one's own.
            permissions: match row.one_time_until {
                Some(_) => Vec::new(),
                None => permissions(&row.permissions),
            },
            password_due: row.one_time_until.is_some(),
            name: row.name,
            login: row.login,
            roles: row.roles,
            language: row.language,
        }
    }
}

/// A member of the staff in the list of users (пользователь).
#[derive(SimpleObject)]
pub struct UserCore {
    /// Node id.
    pub id: Gid<UserId>,
    /// Login (логин).
    pub login: String,
    /// Name on the screen (имя).
    pub name: String,
    /// May sign in (активен).
    pub active: bool,
    /// Codes of the roles (роли).
    pub roles: Vec<String>,
    /// Sectors the user sees; empty means all (секторы).
    pub sectors: Vec<Sector>,
    /// Wrong passwords closed the login until this moment (заблокирован до).
    pub locked_until: Option<DateTime<Utc>>,
    /// The password is one that an administrator gave, good until this moment; nothing once the user chose one (разовый пароль
    /// до).
    pub one_time_password_until: Option<DateTime<Utc>>,
    /// Version for `expectedVersion`.
    pub version: i32,
}

impl From<Staff> for UserCore {
    fn from(row: Staff) -> Self {
        Self {
            id: Gid(UserId(row.id)),
            sectors: sectors(&row.sectors),
            login: row.login,
            name: row.name,
            active: row.active,
            roles: row.roles,
            locked_until: row.locked_until,
            one_time_password_until: row.one_time_until,
            version: row.version,
        }
    }
}

/// A role with what it allows (роль).
#[derive(SimpleObject)]
pub struct RoleRow {
    /// Code (код).
    pub code: String,
    /// Name in the three languages (наименование).
    pub name: LocalName,
    /// What it allows (права).
    pub permissions: Vec<Permission>,
    /// It came with the program, which names it; others are named by the office (стандартная).
    pub standard: bool,
}

impl From<role::Row> for RoleRow {
    fn from(row: role::Row) -> Self {
        Self {
            standard: Role::from_code(&row.code).is_some(),
            permissions: permissions(&row.permissions),
            code: row.code,
            name: LocalName { kk: row.name_kk, ru: row.name_ru, en: row.name_en },
        }
    }
}

/// Who a login belongs to (имя сотрудника).
#[derive(SimpleObject)]
pub struct StaffName {
    /// Login (логин).
    pub login: String,
    /// Name on the screen (имя).
    pub name: String,
}

/// An outside program with a token (интеграция).
#[derive(SimpleObject)]
pub struct Client {
    /// Node id.
    pub id: Gid<ClientId>,
    /// Name (наименование).
    pub name: String,
    /// What its token allows (права).
    pub permissions: Vec<Permission>,
    /// Its tokens work (активна).
    pub active: bool,
    /// Its tokens end at this moment (действует до).
    pub expires_at: Option<DateTime<Utc>>,
    /// Version for `expectedVersion`.
    pub version: i32,
}

impl From<ClientRow> for Client {
    fn from(row: ClientRow) -> Self {
        Self {
            id: Gid(ClientId(row.id)),
            permissions: permissions(&row.permissions),
            name: row.name,
            active: row.active,
            expires_at: row.expires_at,
            version: row.version,
        }
    }
}

/// Tokens of a session (сеанс).
#[derive(SimpleObject)]
pub struct Session {
    /// Sent as `Authorization: Bearer …` with each request; lives for minutes.
    pub access_token: String,
    /// Exchanged once for the next pair by `sessionRefresh`; a second use more than half a minute later ends the session.
    pub refresh_token: String,
    /// Seconds the access token lives.
    pub expires_in: i32,
}

impl From<Opened> for Session {
    fn from(opened: Opened) -> Self {
        Self {
            access_token: opened.access_token,
            refresh_token: opened.refresh_token,
            expires_in: ACCESS_SECONDS as i32,
        }
    }
}

payload! {
    /// The answer to a sign-in.
    SessionPayload {
        /// Tokens of the session.
        session: Session
    }
}
payload! {
    /// The answer to a change of a user.
    UserPayload {
        /// The user after the change.
        user: User
    }
}

/// The answer to a change of one's own password.
#[derive(SimpleObject)]
pub struct PasswordChangePayload {
    /// Whether the new password is the one that opens from now on.
    pub changed: bool,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

/// The answer to a reset of somebody's password.
#[derive(SimpleObject)]
pub struct PasswordResetPayload {
    /// The user after the reset.
    pub user: Option<User>,
    /// The password for one sign-in, shown once and kept nowhere (разовый пароль).
    pub password: Option<String>,
    /// It is good until then.
    pub until: Option<DateTime<Utc>>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

impl PasswordResetPayload {
    pub fn of(result: std::result::Result<OneTime, Refusal>, language: Language) -> Self {
        match result {
            Ok(given) => Self {
                user: Some(given.user.into()),
                password: Some(given.password),
                until: Some(given.until),
                errors: Vec::new(),
            },
            Err(refusal) => Self {
                user: None,
                password: None,
                until: None,
                errors: vec![UserError::of(&refusal, language)],
            },
        }
    }
}

/// The answer to a sign-out.
#[derive(SimpleObject)]
pub struct SessionClosePayload {
    /// Whether a session was ended by this.
    pub closed: bool,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

/// The answer to the wish for a one-time code: the same for every number.
#[derive(SimpleObject)]
pub struct LoginCodeSendPayload {
    /// Where it went, masked.
    pub sent_to: Option<String>,
    /// Seconds the code lives.
    pub expires_in: Option<i32>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

/// The answer to a change of an integration.
#[derive(SimpleObject)]
pub struct ClientPayload {
    /// The integration after the change.
    pub client: Option<Client>,
    /// Its new token, shown once and kept nowhere.
    pub token: Option<String>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

impl ClientPayload {
    pub fn of(result: std::result::Result<NewToken, Refusal>, language: Language) -> Self {
        match result {
            Ok(new) => Self { client: Some(new.client.into()), token: Some(new.token), errors: Vec::new() },
            Err(refusal) => Self::refused(&refusal, language),
        }
    }

    pub fn refused(refusal: &Refusal, language: Language) -> Self {
        Self { client: None, token: None, errors: vec![UserError::of(refusal, language)] }
    }
}

/// A message that the demo's providers "sent" (сообщение демонстрации).
#[derive(SimpleObject)]
pub struct DevMessage {
    /// sms or email.
    pub channel: String,
    /// Phone or address.
    pub recipient: String,
    /// The text.
    pub body: String,
    /// When it was sent.
    pub at: DateTime<Utc>,
}

/// How a one-time code travels (канал кода).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CodeChannel {
    /// A short message to the holder's phone.
    Sms,
    /// A letter to the holder's address.
    Email,
}

impl From<CodeChannel> for Way {
    fn from(channel: CodeChannel) -> Self {
        match channel {
            CodeChannel::Sms => Self::Sms,
            CodeChannel::Email => Self::Email,
        }
    }
}

/// Sign-in of the staff.
#[derive(InputObject)]
pub struct SessionOpenInput {
    /// Login (логин).
    pub login: String,
    /// Password (пароль).
    pub password: String,
    /// Code of the second factor, when the first answer asked for one: of the app, or one on paper.
    pub code: Option<String>,
}

/// Going on with a session.
#[derive(InputObject)]
pub struct SessionRefreshInput {
    /// The refresh token of the last answer.
    pub refresh_token: String,
}

/// Sign-out.
#[derive(InputObject)]
pub struct SessionCloseInput {
    /// The session of this token; the caller's own when absent.
    pub refresh_token: Option<String>,
}

/// Wish for a one-time code.
#[derive(InputObject)]
pub struct LoginCodeSendInput {
    /// Number of the account (лицевой счёт).
    pub account_number: String,
    /// How the code travels; a short message unless said.
    pub channel: Option<CodeChannel>,
}

/// Sign-in of a subscriber.
#[derive(InputObject)]
pub struct LoginCodeConfirmInput {
    /// Number of the account (лицевой счёт).
    pub account_number: String,
    /// The six digits.
    pub code: String,
}

/// A new user.
#[derive(InputObject)]
pub struct UserCreateInput {
    /// Login: Latin letters, digits, dot, dash (логин).
    pub login: String,
    /// Name on the screen (имя).
    pub name: String,
    /// First password, ten characters or more; changed at the first sign-in (пароль).
    pub password: String,
    /// Codes of the roles (роли).
    pub roles: Vec<String>,
    /// Sectors to see; what the roles start with when absent, all when empty (секторы).
    pub sectors: Option<Vec<Sector>>,
    /// Districts to see; all when absent or empty (районы).
    pub districts: Option<Vec<Gid<DistrictId>>>,
    /// Preferred language; Russian unless said (язык).
    pub language: Option<Language>,
    /// The order that gives these rights (документ).
    pub document_id: Option<Gid<DocumentId>>,
}

/// A change of a user; what is absent stays.
#[derive(InputObject)]
pub struct UserUpdateInput {
    /// Node id of the user.
    pub id: Gid<UserId>,
    /// The version the change was made from.
    pub expected_version: i32,
    /// Name on the screen (имя).
    pub name: Option<String>,
    /// May sign in (активен).
    pub active: Option<bool>,
    /// Codes of the roles (роли).
    pub roles: Option<Vec<String>>,
    /// Sectors to see; empty means all (секторы).
    pub sectors: Option<Vec<Sector>>,
    /// Districts to see; empty means all (районы).
    pub districts: Option<Vec<Gid<DistrictId>>>,
}

/// Opening of a locked login.
#[derive(InputObject)]
pub struct UserUnlockInput {
    /// Node id of the user.
    pub id: Gid<UserId>,
}

/// A change of one's own password.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The password of now; not asked for when it is one that an administrator gave (нынешний пароль).
    pub current: Option<String>,
    /// The password of from now on: ten characters or more, not the login and nothing that everybody tries (новый пароль).
    pub new: String,
}

/// Whose password is reset.
#[derive(InputObject)]
pub struct PasswordResetInput {
    /// Node id of the user.
    pub id: Gid<UserId>,
}

/// A new integration.
#[derive(InputObject)]
pub struct ClientCreateInput {
    /// Name (наименование).
    pub name: String,
    /// What its token allows, within the role of integrations (права).
    pub permissions: Vec<Permission>,
    /// Sectors to see; all when absent or empty (секторы).
    pub sectors: Option<Vec<Sector>>,
    /// Districts to see; all when absent or empty (районы).
    pub districts: Option<Vec<Gid<DistrictId>>>,
    /// The end of its tokens (действует до).
    pub expires_at: Option<DateTime<Utc>>,
}

/// The next token of an integration.
#[derive(InputObject)]
pub struct ClientRotateInput {
    /// Node id of the integration.
    pub id: Gid<ClientId>,
}

/// The end of an integration.
#[derive(InputObject)]
pub struct ClientDisableInput {
    /// Node id of the integration.
    pub id: Gid<ClientId>,
    /// The version the change was made from.
    pub expected_version: i32,
}

/// Another business date of the demo.
#[derive(InputObject)]
pub struct BusinessDateSetInput {
    /// The day to go on from (операционная дата).
    pub date: Date,
}

/// The answer to a move of the business date.
#[derive(SimpleObject)]
pub struct BusinessDateSetPayload {
    /// The business date now.
    pub business_date: Option<Date>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}
