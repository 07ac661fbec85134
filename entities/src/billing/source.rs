//! Where the numbers of an explanation come from: one statement for all references of a bill.

use sea_orm::FromQueryResult;

use crate::kernel::{Db, Result, sql};

/// A register row that a step rests on; what `a` and `b` hold depends on the kind.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Source {
    /// tariff (a: source), setting (a: source, b: confirmed by), reading (a: day, b: channel), residency (a: source, b: since),
    /// meter (a: serial number, b: model), special (a: number of the document, b: its day).
    pub kind: String,
    pub id: i64,
    pub a: String,
    pub b: Option<String>,
}

#[derive(Debug, Default)]
pub struct Wanted {
    pub tariffs: Vec<i64>,
    pub settings: Vec<i64>,
    pub readings: Vec<i64>,
    pub residencies: Vec<i64>,
    pub meters: Vec<i64>,
    pub specials: Vec<i64>,
}

pub async fn sources(db: &Db, wanted: Wanted) -> Result<Vec<Source>> {
    sql::all(
        db,
        "SELECT 'tariff' AS kind, id, source AS a, NULL::text AS b FROM tariffs.price WHERE id = ANY ($1)
         UNION ALL SELECT 'tariff', id, source, NULL FROM tariffs.vat WHERE id = ANY ($1)
         UNION ALL SELECT 'tariff', id, source, NULL FROM tariffs.norm WHERE id = ANY ($1)
         UNION ALL SELECT 'tariff', id, source, NULL FROM tariffs.band WHERE id = ANY ($1)
         UNION ALL SELECT 'setting', id, source, confirmed_by FROM tariffs.setting WHERE id = ANY ($2)
         UNION ALL SELECT 'reading', id, taken_on::text, channel FROM readings.reading WHERE id = ANY ($3)
         UNION ALL SELECT 'residency', id, source, lower(valid)::text FROM subscribers.residency WHERE id = ANY ($4)
         UNION ALL SELECT 'meter', m.id, m.serial, mo.name FROM meters.meter m JOIN meters.model mo ON mo.id = m.model_id
                   WHERE m.id = ANY ($5)
         UNION ALL SELECT 'special', s.id, d.number, d.issued_on::text FROM consumption.special s
                   JOIN archive.document d ON d.id = s.document_id WHERE s.id = ANY ($6)",
        [
            wanted.tariffs.into(),
            wanted.settings.into(),
            wanted.readings.into(),
            wanted.residencies.into(),
            wanted.meters.into(),
            wanted.specials.into(),
        ],
    )
    .await
}
