//! Binary COPY in both directions: how sets enter and leave PostgreSQL.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::StreamExt;
use sea_orm::sqlx::postgres::PgConnection;

use super::Result;
use super::tx::broken;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Bytes gathered before they are handed to the socket.
const CHUNK: usize = 256 * 1024;

/// 2000-01-01, from which PostgreSQL counts days.
fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).expect("a date")
}

/// Rows on their way in. Fields are put in the order of the COPY's column list.
pub struct Rows {
    buffer: BytesMut,
    pub count: u64,
}

impl Default for Rows {
    fn default() -> Self {
        let mut buffer = BytesMut::with_capacity(CHUNK * 2);
        buffer.put_slice(SIGNATURE);
        buffer.put_i32(0);
        buffer.put_i32(0);
        Self { buffer, count: 0 }
    }
}

impl Rows {
    pub fn row(&mut self, fields: i16) -> &mut Self {
        self.buffer.put_i16(fields);
        self.count += 1;
        self
    }

    pub fn null(&mut self) -> &mut Self {
        self.buffer.put_i32(-1);
        self
    }

    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.buffer.put_i32(8);
        self.buffer.put_i64(value);
        self
    }

    pub fn i64_or_null(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.i64(value),
            None => self.null(),
        }
    }

    pub fn i32(&mut self, value: i32) -> &mut Self {
        self.buffer.put_i32(4);
        self.buffer.put_i32(value);
        self
    }

    pub fn i32_or_null(&mut self, value: Option<i32>) -> &mut Self {
        match value {
            Some(value) => self.i32(value),
            None => self.null(),
        }
    }

    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.buffer.put_i32(1);
        self.buffer.put_u8(u8::from(value));
        self
    }

    pub fn text(&mut self, value: &str) -> &mut Self {
        self.buffer.put_i32(value.len() as i32);
        self.buffer.put_slice(value.as_bytes());
        self
    }

    pub fn text_or_null(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.buffer.put_i32(value.len() as i32);
        self.buffer.put_slice(value);
        self
    }

    pub fn date(&mut self, value: NaiveDate) -> &mut Self {
        self.i32((value - epoch()).num_days() as i32)
    }

    pub fn date_or_null(&mut self, value: Option<NaiveDate>) -> &mut Self {
        match value {
            Some(value) => self.date(value),
            None => self.null(),
        }
    }

    pub fn timestamp(&mut self, value: DateTime<Utc>) -> &mut Self {
        let epoch = epoch().and_hms_opt(0, 0, 0).expect("midnight").and_utc();
        self.i64((value - epoch).num_microseconds().expect("a moment of this age"))
    }

    pub fn uuid_or_null(&mut self, value: Option<uuid::Uuid>) -> &mut Self {
        match value {
            Some(value) => self.bytes(value.as_bytes()),
            None => self.null(),
        }
    }

    pub fn i64_array(&mut self, values: &[i64]) -> &mut Self {
        const INT8: i32 = 20;
        let body = if values.is_empty() { 12 } else { 20 + 12 * values.len() };
        self.array_header(body, INT8, values.len());
        for &value in values {
            self.i64(value);
        }
        self
    }

    pub fn date_array(&mut self, values: &[NaiveDate]) -> &mut Self {
        const DATE: i32 = 1082;
        let body = if values.is_empty() { 12 } else { 20 + 8 * values.len() };
        self.array_header(body, DATE, values.len());
        for &value in values {
            self.date(value);
        }
        self
    }

    fn array_header(&mut self, body: usize, element: i32, length: usize) {
        self.buffer.put_i32(body as i32);
        self.buffer.put_i32(i32::from(length > 0));
        self.buffer.put_i32(0);
        self.buffer.put_i32(element);
        if length > 0 {
            self.buffer.put_i32(length as i32);
            self.buffer.put_i32(1);
        }
    }

    pub fn text_array(&mut self, values: &[&str]) -> &mut Self {
        const TEXT: i32 = 25;
        self.array(TEXT, values.iter().map(|value| value.as_bytes()))
    }

    pub fn bytes_array(&mut self, values: &[Vec<u8>]) -> &mut Self {
        const BYTEA: i32 = 17;
        self.array(BYTEA, values.iter().map(Vec::as_slice))
    }

    fn array<'a>(&mut self, oid: i32, values: impl ExactSizeIterator<Item = &'a [u8]> + Clone) -> &mut Self {
        let (count, bytes) = (values.len(), values.clone().map(|value| 4 + value.len()).sum::<usize>());
        self.array_header(if count == 0 { 12 } else { 20 + bytes }, oid, count);
        for value in values {
            self.bytes(value);
        }
        self
    }

    /// A daterange [from, to), open to the right when `to` is absent.
    pub fn daterange(&mut self, from: NaiveDate, to: Option<NaiveDate>) -> &mut Self {
        const LOWER_INCLUSIVE: u8 = 0x02;
        const UPPER_INFINITE: u8 = 0x10;
        let (flags, size) =
            if to.is_some() { (LOWER_INCLUSIVE, 17) } else { (LOWER_INCLUSIVE | UPPER_INFINITE, 9) };
        self.buffer.put_i32(size);
        self.buffer.put_u8(flags);
        self.date(from);
        if let Some(to) = to {
            self.date(to);
        }
        self
    }

    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// Sends rows built in memory through `COPY … FROM STDIN WITH (FORMAT binary)`; how many arrived.
pub async fn copy_in(pg: &mut PgConnection, sql: &str, mut rows: Rows) -> Result<u64> {
    rows.buffer.put_i16(-1);
    let mut sink = pg.copy_in_raw(sql).await.map_err(broken)?;
    let mut left = rows.buffer.freeze();
    while !left.is_empty() {
        let part = left.split_to(left.len().min(CHUNK));
        sink.send(&part[..]).await.map_err(broken)?;
    }
    sink.finish().await.map_err(broken)
}

/// Reads `COPY … TO STDOUT WITH (FORMAT binary)` row by row without ever holding more than a chunk.
pub async fn copy_out(
    pg: &mut PgConnection,
    sql: &str,
    mut on_row: impl FnMut(&mut Fields<'_>) -> Result<()> + Send,
) -> Result<u64> {
    let mut stream = pg.copy_out_raw(sql).await.map_err(broken)?;
    let mut pending = BytesMut::new();
    let mut header = false;
    let mut count = 0;
    while let Some(chunk) = stream.next().await {
        let chunk: Bytes = chunk.map_err(broken)?;
        pending.extend_from_slice(&chunk);
        if !header {
            if pending.len() < 19 {
                continue;
            }
            pending.advance(19);
            header = true;
        }
        while let Some(size) = row_size(&pending) {
            if size == 2 {
                pending.advance(2);
                continue;
            }
            let row = pending.split_to(size);
            on_row(&mut Fields { left: &row[2..] })?;
            count += 1;
        }
    }
    Ok(count)
}

/// Size of the first whole row in the buffer, two for the trailer, `None` when it is cut.
fn row_size(buffer: &[u8]) -> Option<usize> {
    let fields = i16::from_be_bytes(buffer.get(..2)?.try_into().ok()?);
    let mut at = 2;
    for _ in 0..fields.max(0) {
        let size = i32::from_be_bytes(buffer.get(at..at + 4)?.try_into().ok()?);
        at += 4 + usize::try_from(size).unwrap_or(0);
    }
    (buffer.len() >= at).then_some(at)
}

/// The fields of one row on its way out, taken in the order of the query's columns.
pub struct Fields<'a> {
    left: &'a [u8],
}

impl<'a> Fields<'a> {
    fn take(&mut self) -> Option<&'a [u8]> {
        let size = self.left.get_i32();
        let size = usize::try_from(size).ok()?;
        let (value, rest) = self.left.split_at(size);
        self.left = rest;
        Some(value)
    }

    pub fn i64(&mut self) -> i64 {
        self.i64_or_null().unwrap_or_default()
    }

    pub fn i64_or_null(&mut self) -> Option<i64> {
        self.take().map(|mut v| v.get_i64())
    }

    pub fn i32(&mut self) -> i32 {
        self.i32_or_null().unwrap_or_default()
    }

    pub fn i32_or_null(&mut self) -> Option<i32> {
        self.take().map(|mut v| v.get_i32())
    }

    pub fn bool(&mut self) -> bool {
        self.take().is_some_and(|v| v[0] != 0)
    }

    pub fn text(&mut self) -> &'a str {
        self.take().and_then(|v| std::str::from_utf8(v).ok()).unwrap_or_default()
    }

    pub fn date(&mut self) -> NaiveDate {
        self.date_or_null().unwrap_or_else(epoch)
    }

    pub fn date_or_null(&mut self) -> Option<NaiveDate> {
        self.i32_or_null().map(|days| epoch() + chrono::Duration::days(i64::from(days)))
    }

    fn array<T>(&mut self, mut element: impl FnMut(Option<&'a [u8]>) -> T) -> Vec<T> {
        let Some(mut body) = self.take() else { return Vec::new() };
        let dimensions = body.get_i32();
        body.advance(8);
        if dimensions == 0 {
            return Vec::new();
        }
        let length = body.get_i32();
        body.advance(4);
        (0..length)
            .map(|_| {
                let size = body.get_i32();
                match usize::try_from(size) {
                    Ok(size) => {
                        let (value, rest) = body.split_at(size);
                        body = rest;
                        element(Some(value))
                    }
                    Err(_) => element(None),
                }
            })
            .collect()
    }

    pub fn i64_array(&mut self) -> Vec<Option<i64>> {
        self.array(|value| value.map(|mut v| v.get_i64()))
    }

    pub fn i32_array(&mut self) -> Vec<Option<i32>> {
        self.array(|value| value.map(|mut v| v.get_i32()))
    }

    pub fn bool_array(&mut self) -> Vec<Option<bool>> {
        self.array(|value| value.map(|mut v| v.get_u8() != 0))
    }

    pub fn text_array(&mut self) -> Vec<Option<&'a str>> {
        self.array(|value| value.and_then(|v| std::str::from_utf8(v).ok()))
    }

    pub fn date_array(&mut self) -> Vec<Option<NaiveDate>> {
        self.array(|value| value.map(|mut v| epoch() + chrono::Duration::days(i64::from(v.get_i32()))))
    }
}
