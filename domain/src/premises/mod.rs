//! Addresses, houses, premises and points of supply.

use crate::kernel::*;

codes! {
    /// What a building is (вид здания).
    BuildingKind {
        /// Apartment building (многоквартирный дом).
        Apartment = "apartment",
        /// Private house (частный дом).
        Private = "private",
        /// No dwelling: office, shop, school, works (нежилое здание).
        NonResidential = "non_residential",
    }
}

codes! {
    /// What a premise is (вид помещения).
    PremiseKind {
        /// Flat (квартира).
        Flat = "flat",
        /// Whole private house (дом).
        House = "house",
        /// Non-residential premise or object (нежилое помещение, объект).
        NonResidential = "non_residential",
    }
}

codes! {
    /// Whom a building's water is billed to (способ начисления по дому).
    BillingMode {
        /// Every flat by itself (прямой, поквартирно).
        DirectPerFlat = "direct_per_flat",
        /// The condominium's body for all its flats (оптом на ОСИ).
        BulkCondominium = "bulk_condominium",
    }
}
