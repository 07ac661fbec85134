//! From a bill to what the template sets: texts with their numbers written out, rows that fit on the page, the code to scan.

use domain::kernel::*;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::bill::{BillDocument, Charge, MeterReading, MonthUse, Recalculation, Words};
use crate::press::PrintError;
use crate::qr;
use crate::sentence::{self, day, money, number, volume};

/// How tightly a page is set: the looser the better, as long as everything stands on one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Density {
    Airy,
    Normal,
    Tight,
}

impl Density {
    pub fn of(bill: &BillDocument) -> Self {
        // Rows of a charge are two: its line and its sentence.
        let (meter_room, charge_room) = Self::Airy.room();
        let rows = bill.meters.len().min(meter_room) + told(&bill.recalculations).len();
        match rows + 2 * condensed(&bill.charges, charge_room).len() {
            0..=7 => Self::Airy,
            8..=12 => Self::Normal,
            _ => Self::Tight,
        }
    }

    pub fn tighter(self) -> Option<Self> {
        match self {
            Self::Airy => Some(Self::Normal),
            Self::Normal => Some(Self::Tight),
            Self::Tight => None,
        }
    }

    fn code(self) -> u8 {
        self as u8
    }

    /// Meters and charge lines that a page has room for.
    const fn room(self) -> (usize, usize) {
        match self {
            Self::Airy | Self::Normal => (6, 6),
            Self::Tight => (5, 8),
        }
    }
}

/// The bill as the template reads it.
pub fn of(bill: &BillDocument, density: Density) -> Result<Json, PrintError> {
    let (meter_room, charge_room) = density.room();
    let charges = condensed(&bill.charges, charge_room);
    let shown = bill.meters.len().min(meter_room);
    let sum = |pick: fn(&Charge) -> Money| money(bill.charges.iter().map(pick).sum());
    let b = &bill.balance;
    let month = sentence::month(bill.period);
    Ok(json!({
        "density": density.code(),
        "number": bill.number,
        "month": words(&month),
        "made": { "year": b.on.format("%Y").to_string(), "month": b.on.format("%m").to_string(), "day": b.on.format("%d").to_string() },
        "account": bill.account,
        "legal": bill.sector == Sector::Legal,
        "holder": bill.holder,
        "identification": bill.identification,
        "contract": bill.contract,
        "address": words(&bill.address),
        "residents": bill.residents,
        "payable": bill.payable().is_positive().then(|| money(bill.payable())),
        "advance": bill.advance().is_positive().then(|| money(bill.advance())),
        "due": day(bill.due_on),
        "balance": {
            "on": day(b.on),
            "opening": money(b.opening),
            "charged": money(b.charged),
            "penalty": (!b.penalty.is_zero()).then(|| money(b.penalty)),
            "corrections": (!b.corrections.is_zero()).then(|| money(b.corrections)),
            "paid": money(b.paid),
            "closing": money(b.closing),
        },
        "meters": bill.meters[..shown].iter().map(meter).collect::<Vec<_>>(),
        "more_meters": bill.meters.len() - shown,
        "charges": charges.iter().map(charge).collect::<Vec<_>>(),
        "condensed": charges.len() < bill.charges.len(),
        "banded": charges.iter().any(|charge| charge.coefficient != Decimal::ONE),
        "total": { "net": sum(|c| c.net), "vat": sum(|c| c.vat), "gross": sum(|c| c.gross) },
        "how": how(&charges),
        "recalculations": told(&bill.recalculations).iter().map(recalculation).collect::<Vec<_>>(),
        "excuse": bill.excuse.as_ref().map(words),
        "year": year(&bill.year, bill.period),
        "cut_off_day": bill.cut_off_day,
        "qr": bill.payment_link.as_deref().map(link).transpose()?,
        "issuer": {
            "name": words(&bill.issuer.name),
            "bin": bill.issuer.bin,
            "iban": bill.issuer.iban,
            "bic": bill.issuer.bic,
            "bank": words(&bill.issuer.bank),
            "phone": bill.issuer.phone,
            "site": bill.issuer.site,
            "demo": bill.issuer.demo,
        },
    }))
}

pub(crate) fn words(words: &Words) -> Json {
    json!({ "kk": words.kk, "ru": words.ru })
}

fn meter(meter: &MeterReading) -> Json {
    let reading =
        |at: Option<crate::Reading>| at.map(|r| json!({ "value": volume(r.value), "day": day(r.day) }));
    json!({
        "serial": meter.serial,
        "hot": meter.hot,
        "previous": reading(meter.previous),
        "last": reading(meter.last),
        "used": meter.used.map(volume),
        "until": day(meter.verification.until),
        "expired": meter.verification.expired,
    })
}

fn charge(charge: &Charge) -> Json {
    let month = Period::of(charge.from);
    let whole = charge.from == month.first_day() && charge.to == month.last_day();
    let of = sentence::service(charge.service, charge.component);
    json!({
        "service": words(&of),
        "days": (!whole).then(|| format!("{}–{}", charge.from.format("%d.%m"), charge.to.format("%d.%m.%Y"))),
        "volume": volume(charge.volume),
        "price": (!charge.price.is_zero()).then(|| number(charge.price, 2)),
        "coefficient": (charge.coefficient != Decimal::ONE).then(|| number(charge.coefficient, 1)),
        "vat_rate": number(charge.vat_rate * Decimal::ONE_HUNDRED, 0),
        "net": money(charge.net),
        "vat": money(charge.vat),
        "gross": money(charge.gross),
    })
}

/// Rows of recalculations that a page has room for.
const TOLD: usize = 6;

/// Where there are more, months of a service on one document are one row; where even that is too much, all of the document. No sum
/// is lost.
fn told(rows: &[Recalculation]) -> Vec<Recalculation> {
    let gathered = |rows: &[Recalculation], alike: fn(&Recalculation, &Recalculation) -> bool| {
        let mut found: Vec<Recalculation> = Vec::new();
        for row in rows {
            match found.iter_mut().find(|one| one.document == row.document && alike(one, row)) {
                Some(one) => {
                    (one.from, one.to) = (one.from.min(row.from), one.to.max(row.to));
                    one.volume += row.volume;
                    one.gross += row.gross;
                    if one.service != row.service {
                        (one.service, one.volume) = (None, Volume::ZERO);
                    }
                }
                None => found.push(row.clone()),
            }
        }
        found
    };
    if rows.len() <= TOLD {
        return rows.to_vec();
    }
    let by_service = gathered(rows, |one, row| one.service == row.service);
    if by_service.len() <= TOLD { by_service } else { gathered(rows, |_, _| true) }
}

fn recalculation(row: &Recalculation) -> Json {
    let month = |period: Period| period.first_day().format("%m.%Y").to_string();
    let months = match row.from == row.to {
        true => month(row.from),
        false => format!("{}–{}", month(row.from), month(row.to)),
    };
    json!({
        "months": months,
        "service": row.service.map(|(service, component)| words(&sentence::service(service, component))),
        "document": row.document,
        "volume": (!row.volume.is_zero()).then(|| volume(row.volume)),
        "gross": money(row.gross),
    })
}

/// One entry per service, a sentence per reason.
fn how(charges: &[Charge]) -> Vec<Json> {
    let mut entries: Vec<(Words, Words)> = Vec::new();
    for lines in charges.chunk_by(sentence::one_reason) {
        let of = sentence::service(lines[0].service, lines[0].component);
        let said = sentence::how(&lines.iter().collect::<Vec<_>>());
        match entries.last_mut().filter(|(last, _)| *last == of) {
            Some((_, sentences)) => {
                sentences.kk += &format!(". {}", said.kk);
                sentences.ru += &format!(". {}", said.ru);
            }
            None => entries.push((of, said)),
        }
    }
    entries.iter().map(|(of, said)| json!({ "service": words(of), "said": words(said) })).collect()
}

/// At most `room` rows: where there are more, lines of the same service, price and basis are one. No sum is lost; where even
/// that is too much, the basis is left out too.
fn condensed(charges: &[Charge], room: usize) -> Vec<Charge> {
    if charges.len() <= room {
        return charges.to_vec();
    }
    let by_basis = merged(charges, |a, b| a.basis == b.basis);
    if by_basis.len() <= room { by_basis } else { merged(charges, |_, _| true) }
}

fn merged(charges: &[Charge], alike: fn(&Charge, &Charge) -> bool) -> Vec<Charge> {
    let key = |c: &Charge| (c.service, c.component, c.price, c.coefficient, c.vat_rate);
    let mut rows: Vec<Charge> = Vec::new();
    for charge in charges {
        let Some(row) = rows.iter_mut().find(|row| key(row) == key(charge) && alike(row, charge)) else {
            rows.push(charge.clone());
            continue;
        };
        row.from = row.from.min(charge.from);
        row.to = row.to.max(charge.to);
        row.volume += charge.volume;
        row.net += charge.net;
        row.vat += charge.vat;
        row.gross += charge.gross;
        // What differs from point to point is not said of their sum.
        (row.residents, row.norm, row.meter, row.previous, row.last) = (None, None, None, None, None);
    }
    rows
}

/// Twelve months up to this one, with the height of each bar as a share of the highest.
fn year(months: &[MonthUse], now: Period) -> Json {
    let highest = months.iter().map(|month| month.volume.liters()).max().unwrap_or(0);
    if highest <= 0 {
        return Json::Null;
    }
    let bars: Vec<Json> = (0..12)
        .rev()
        .map(|back| {
            let period = now.minus(back);
            let found = months.iter().find(|month| month.period == period);
            let liters = found.map_or(0, |month| month.volume.liters().max(0));
            json!({
                "label": format!("{:02}.{:02}", period.month(), period.year() % 100),
                "value": found.map(|month| number(month.volume.to_decimal().round_dp(1), 1)),
                "height": liters as f64 / highest as f64,
                "measured": found.is_some_and(|month| month.measured),
                "now": period == now,
            })
        })
        .collect();
    json!(bars)
}

fn link(text: &str) -> Result<String, PrintError> {
    qr::svg(text).map_err(|error| PrintError::Link(format!("{text}: {error}")))
}
