//! The reading, assembled: each subsystem adds a part.

use async_graphql::MergedObject;
use entities::readings;

use crate::billing::estimate::ReadingEstimate;
use crate::readings::ReadingCore;

/// Declares `Reading` out of its parts; each is made from the reading's row.
macro_rules! reading {
    ($($part:ident),* $(,)?) => {
        /// A reading of a meter with its verdict (показание).
        #[derive(MergedObject)]
        pub struct Reading($($part),*);

        impl From<readings::Reading> for Reading {
            fn from(row: readings::Reading) -> Self {
                Self($($part::from(&row)),*)
            }
        }
    };
}

reading!(ReadingCore, ReadingEstimate);
