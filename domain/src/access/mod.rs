//! Who may do what, and on which rows. Guard says who, scope says which rows, the subsystem's rule says whether.

mod actor;
pub mod password;
mod permission;
mod role;
mod signature;

pub use actor::{Actor, Principal, Scope};
pub use password::{PasswordFault, check_password};
pub use permission::Permission;
pub use role::{Role, default_permissions, default_sectors};
pub use signature::{SignatureState, SignedAct};
