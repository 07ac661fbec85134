//! The point of supply, assembled: each subsystem adds a part.

use async_graphql::MergedObject;
use entities::premises::point;

use crate::meters::PointMeter;
use crate::premises::PointCore;
use crate::readings::PointReading;

/// Declares `Point` out of its parts; each is made from the point's row.
macro_rules! point {
    ($($part:ident),* $(,)?) => {
        /// A point of supply: one water inlet (точка подключения).
        #[derive(MergedObject)]
        pub struct Point($($part),*);

        impl From<point::Point> for Point {
            fn from(row: point::Point) -> Self {
                Self($($part::from(&row)),*)
            }
        }
    };
}

point!(PointCore, PointMeter, PointReading);
