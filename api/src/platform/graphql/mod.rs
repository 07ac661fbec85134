//! The face of the program: guards, errors, ids, pages, scalars. Handlers of HTTP and WebSocket are in `http` and `ws`.

pub mod admit;
pub mod context;
mod detail;
pub mod documents;
pub mod error;
pub mod guard;
pub mod http;
pub mod id;
pub mod limits;
pub mod loaders;
pub mod page;
pub mod payload;
pub mod scalars;
pub mod switches;
pub mod trusted;
pub mod ws;

pub use context::Cx;
pub use error::{ApiError, Code, Result};
pub use guard::{can, can_any, demo_only, signed_in, staff, staff_at_the_door};
pub use id::{Gid, NodeKind};
pub use page::{Conn, connection, page_of};
pub use payload::UserError;
pub use scalars::{Date, LocalName};
