//! Who may ask. `#[graphql(guard = "can(Permission::BillRead)")]` stands on every field that is not public.

use async_graphql::{Context, Guard};
use domain::access::{Actor, Permission, Principal};

use super::context::Cx;
use super::error::{ApiError, Code};

/// Put into a request by the access-matrix test: an allowing guard answers [`PROBE_ALLOWED`] instead of running the field, so
/// that the matrix of rights is made without a database.
pub struct Probe;

pub const PROBE_ALLOWED: &str = "PROBE_ALLOWED";

/// Any one of these permissions is enough.
pub struct CanAny(Vec<Permission>);

pub fn can(permission: Permission) -> CanAny {
    CanAny(vec![permission])
}

pub fn can_any<const N: usize>(permissions: [Permission; N]) -> CanAny {
    CanAny(permissions.to_vec())
}

#[async_trait::async_trait]
impl Guard for CanAny {
    async fn check(&self, cx: &Context<'_>) -> async_graphql::Result<()> {
        let actor = inside(cx)?;
        if !self.0.iter().any(|permission| actor.may(*permission)) {
            return Err(ApiError::new(Code::Forbidden).into());
        }
        allowed(cx)
    }
}

/// Who asks: somebody signed in, and not still at the door with a password that an administrator gave.
fn inside<'a>(cx: &'a Context<'_>) -> async_graphql::Result<&'a Actor> {
    match cx.data_opt::<Actor>() {
        None => Err(ApiError::new(Code::Unauthenticated).into()),
        Some(actor) if actor.password_due => Err(ApiError::new(Code::PasswordDue).into()),
        Some(actor) => Ok(actor),
    }
}

/// Anybody of the staff, whatever the roles.
pub struct Staff;

pub fn staff() -> Staff {
    Staff
}

#[async_trait::async_trait]
impl Guard for Staff {
    async fn check(&self, cx: &Context<'_>) -> async_graphql::Result<()> {
        if !matches!(inside(cx)?.principal, Principal::User(_)) {
            return Err(ApiError::new(Code::Forbidden).into());
        }
        allowed(cx)
    }
}

/// Anybody of the staff, also who must change the password before anything else: for the change itself, and for what its
/// screen says.
pub struct StaffAtTheDoor;

pub fn staff_at_the_door() -> StaffAtTheDoor {
    StaffAtTheDoor
}

#[async_trait::async_trait]
impl Guard for StaffAtTheDoor {
    async fn check(&self, cx: &Context<'_>) -> async_graphql::Result<()> {
        match cx.data_opt::<Actor>().map(|actor| &actor.principal) {
            None => Err(ApiError::new(Code::Unauthenticated).into()),
            Some(Principal::User(_)) => allowed(cx),
            Some(_) => Err(ApiError::new(Code::Forbidden).into()),
        }
    }
}

/// Anybody who signed in; the field looks at the rights itself.
pub struct SignedIn;

pub fn signed_in() -> SignedIn {
    SignedIn
}

#[async_trait::async_trait]
impl Guard for SignedIn {
    async fn check(&self, cx: &Context<'_>) -> async_graphql::Result<()> {
        inside(cx)?;
        allowed(cx)
    }
}

/// Anybody, but only where the installation is a demo.
pub struct DemoOnly;

pub fn demo_only() -> DemoOnly {
    DemoOnly
}

#[async_trait::async_trait]
impl Guard for DemoOnly {
    async fn check(&self, cx: &Context<'_>) -> async_graphql::Result<()> {
        if cx.data_opt::<Probe>().is_none() && !cx.app().config.demo {
            return Err(ApiError::new(Code::DemoOnly).into());
        }
        allowed(cx)
    }
}

fn allowed(cx: &Context<'_>) -> async_graphql::Result<()> {
    match cx.data_opt::<Probe>() {
        Some(_) => Err(async_graphql::Error::new(PROBE_ALLOWED)),
        None => Ok(()),
    }
}
