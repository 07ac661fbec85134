use async_graphql::InputObject;
use domain::kernel::*;
use domain::tariffs::Amenity;

use crate::platform::graphql::{Date, Gid};

/// A further inlet of a premise (новый ввод помещения).
#[derive(Debug, Clone, InputObject)]
pub struct PointAddInput {
    /// The premise (помещение).
    pub premise_id: Gid<PremiseId>,
    /// Hot water comes out; its supplier is somebody else, only its sewerage is charged (горячая вода).
    #[graphql(default)]
    pub hot: bool,
    /// The utility supplies water here; never at a hot inlet (водоснабжение).
    pub water: bool,
    /// The utility takes sewage away (водоотведение).
    pub sewerage: bool,
    /// What chooses the norm where no meter counts (степень благоустройства).
    pub amenity: Amenity,
    /// First day of these services (действует с).
    pub from: Date,
    /// The paper (основание).
    pub document_id: Gid<DocumentId>,
}
