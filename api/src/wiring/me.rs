//! The subscriber's own door, assembled: each subsystem adds a part.

use async_graphql::MergedObject;

use crate::subscribers::MeCore;

/// The signed-in subscriber (я).
#[derive(MergedObject)]
pub struct Me(pub MeCore);
