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

impl Guard for CanAny {
    async fn check(&self, cx: &Context<'_>) -> async_graphql::Result<()> {
        let Some(actor) = cx.data_opt::<Actor>() else {
            return Err(ApiError::new(Code::Unauthenticated).into());
        };
        if !self.0.iter().any(|permission| actor.may(*permission)) {
            return Err(ApiError::new(Code::Forbidden).into());
        }
        allowed(cx)
    }
}

/// Anybody of the staff, whatever the roles.
pub struct Staff;

pub fn staff() -> Staff {
    Staff
}

impl Guard for Staff {
    async fn check(&self, cx: &Context<'_>) -> async_graphql::Result<()> {
        let Some(actor) = cx.data_opt::<Actor>() else {
            return Err(ApiError::new(Code::Unauthenticated).into());
        };
        if !matches!(actor.principal, Principal::User(_)) {
            return Err(ApiError::new(Code::Forbidden).into());
        }
        allowed(cx)
    }
}

/// Anybody who signed in; the field looks at the rights itself.
pub struct SignedIn;

pub fn signed_in() -> SignedIn {
    SignedIn
}

impl Guard for SignedIn {
    async fn check(&self, cx: &Context<'_>) -> async_graphql::Result<()> {
        if cx.data_opt::<Actor>().is_none() {
            return Err(ApiError::new(Code::Unauthenticated).into());
        }
        allowed(cx)
    }
}

/// Anybody, but only where the installation is a demo.
pub struct DemoOnly;

pub fn demo_only() -> DemoOnly {
    DemoOnly
}

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
