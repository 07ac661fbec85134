//! Edges of meters: one statement each per list.

use domain::kernel::*;
use entities::meters::{meter, model};

use crate::edge;

edge!(
    /// A meter by id, as known now.
    MeterById(MeterId) => meter::Meter, |app, ids| async {
        Ok(meter::by_ids(&app.db, ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }
);
edge!(
    /// The meter that stands at a point on the business date.
    MeterAtPoint(PointId) => meter::Meter, |app, ids| async {
        let meters = meter::at_points(&app.db, app.clock.today(), ids).await?;
        Ok(meters.into_iter().filter_map(|row| Some((row.point_id?, row))).collect())
    }
);
edge!(
    /// The meter that was taken off at a point for repair or verification, where none stands there on the business date.
    MeterAwayFromPoint(PointId) => meter::Meter, |app, ids| async {
        let meters = meter::away_from(&app.db, app.clock.today(), ids).await?;
        Ok(meters.into_iter().filter_map(|row| Some((row.point_id?, row))).collect())
    }
);
edge!(
    /// A meter model by id.
    ModelById(MeterModelId) => model::Model, |app, ids| async {
        Ok(model::by_ids(&app.db, ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }
);
