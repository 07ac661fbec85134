use async_graphql::{Context, Object};
use domain::access::Permission;
use futures_util::FutureExt;

use super::inputs::PointAddInput;
use super::ops;
use crate::payload;
use crate::platform::graphql::*;
use crate::wiring::point::Point;

payload!(
    /// What became of an act on an inlet.
    PointPayload {
        /// The point after it.
        point: Point
    }
);

#[derive(Default)]
pub struct PremisesMutation;

#[Object]
impl PremisesMutation {
    /// Adds an inlet to a premise; an account pays for it once it takes it, by `accountPointInclude` (добавить ввод).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn point_add(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The inlet.")] input: PointAddInput,
    ) -> Result<PointPayload> {
        let today = cx.app().clock.today();
        let done = cx.write(move |tx| ops::add_point(tx, input, today).boxed()).await?;
        Ok(PointPayload::of(done, cx.language()))
    }
}
