//! The closed word lists of the trade.

/// Declares an enum whose rows in the database and in files carry the given lower-case code.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "orm", derive(sea_orm::EnumIter, sea_orm::DeriveActiveEnum))]
        #[cfg_attr(feature = "orm", sea_orm(rs_type = "String", db_type = "Text"))]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        pub enum $name {
            $($(#[$vdoc])*
              #[serde(rename = $code)]
              #[cfg_attr(feature = "orm", sea_orm(string_value = $code))]
              $variant),*
        }

        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code in tables and files.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The value of a code, if there is one.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.code()) }
        }
    };
}
pub(crate) use codes;

codes! {
    /// Sector of subscribers (сектор), spec 2.1-2.3.
    Sector {
        /// Legal entities (юридический сектор, UC).
        Legal = "legal",
        /// Private houses (частный сектор, PC).
        Private = "private",
        /// Flats in apartment buildings (многоквартирный сектор, MC).
        Multi = "multi",
    }
}

codes! {
    /// Line of the price list (услуга).
    Service {
        /// Cold water supply (водоснабжение).
        Water = "water",
        /// Sewerage of cold water (водоотведение холодной воды).
        SewerageCold = "sewerage_cold",
        /// Sewerage of hot water (водоотведение горячей воды).
        SewerageHot = "sewerage_hot",
    }
}

codes! {
    /// Group of consumers with a price of its own (группа потребителей).
    ConsumerGroup {
        /// Group 1: individuals, heat producers, other utilities (население).
        Population = "population",
        /// Group 2: other legal entities (прочие).
        Other = "other",
        /// Group 3: organisations financed from the budget (бюджетные организации).
        Budget = "budget",
    }
}

codes! {
    /// What an open item consists of (составляющая долга).
    Component {
        /// Charge for a service (начисление).
        Charge = "charge",
        /// Share of the house imbalance (доля небаланса).
        Imbalance = "imbalance",
        /// Penalty for delay (пеня).
        Penalty = "penalty",
        /// Court and collection costs (издержки).
        Cost = "cost",
        /// One-off charge (разовое начисление).
        OneOff = "one_off",
    }
}
