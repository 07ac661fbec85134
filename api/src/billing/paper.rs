//! Bills as papers: facts of the database in the words of the press.

use std::collections::HashMap;

use anyhow::{Context, anyhow};
use chrono::{Days, NaiveDate};
use documents::{
    Balance, BillDocument, Charge, Issuer, MeterReading, MonthUse, Reading, Recalculation, Verification,
    Words,
};
use domain::kernel::*;
use domain::meters::difference;
use domain::tariffs::setting;
use entities::billing::bill::{self, LineRow};
use entities::billing::paper::{self, Paper, PaperCorrection, PaperMeter, PaperUse};
use entities::kernel::{Db, Result};
use entities::tariffs::setting::on;

use crate::app::App;
use crate::platform::messages::{self, Language};

/// What all bills of a month have in common.
pub struct Letterhead {
    issuer: Issuer,
    payment_link: String,
    /// Up to which day readings are usually taken.
    cut_off_days: HashMap<Sector, u32>,
}

impl Letterhead {
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }
}

/// A text that a bill must have is no confirmed setting.
#[derive(Debug, thiserror::Error)]
#[error("no confirmed value of {0}")]
pub struct NoLetterhead(pub &'static str);

/// The requisites in force on a day; the inner error names the missing one.
pub async fn letterhead(db: &Db, day: NaiveDate) -> Result<Result<Letterhead, NoLetterhead>> {
    let own_days = [
        (Sector::Legal, setting::CUT_OFF_DAY_LEGAL),
        (Sector::Private, setting::CUT_OFF_DAY_PRIVATE),
        (Sector::Multi, setting::CUT_OFF_DAY_MULTI),
    ];
    let mut codes = setting::TEXTS.to_vec();
    codes.push(setting::CUT_OFF_DAY);
    codes.extend(own_days.map(|(_, code)| code));
    let rows = on(db, day, &codes).await?;
    let find = |code: &str| rows.iter().find(|row| row.code == code);
    let text = |code: &'static str| find(code).map(|row| row.value.clone()).ok_or(NoLetterhead(code));
    let day_of = |code: &'static str| find(code).and_then(|row| row.value.parse::<u32>().ok());
    let cut_off_days: HashMap<Sector, u32> = own_days
        .into_iter()
        .filter_map(|(sector, own)| Some((sector, day_of(own).or_else(|| day_of(setting::CUT_OFF_DAY))?)))
        .collect();
    let made = || -> Result<Letterhead, NoLetterhead> {
        Ok(Letterhead {
            issuer: Issuer {
                name: Words::new(text(setting::ISSUER_NAME_KK)?, text(setting::ISSUER_NAME_RU)?),
                bin: text(setting::ISSUER_BIN)?,
                iban: text(setting::ISSUER_IBAN)?,
                bic: text(setting::ISSUER_BIC)?,
                bank: Words::new(text(setting::ISSUER_BANK_KK)?, text(setting::ISSUER_BANK_RU)?),
                phone: text(setting::ISSUER_PHONE)?,
                site: text(setting::ISSUER_SITE)?,
                demo: rows.iter().any(|row| row.demo && setting::TEXTS.contains(&row.code.as_str())),
            },
            // Without a link there is a bill without a code: money can still be taken by number.
            payment_link: text(setting::PAYMENT_LINK).unwrap_or_default(),
            cut_off_days: cut_off_days.clone(),
        })
    };
    Ok(made())
}

/// The papers of these bills, in the order given, by a fixed number of statements. Who may see them was asked before.
pub async fn papers(app: &App, head: &Letterhead, bills: &[i64]) -> anyhow::Result<Vec<BillDocument>> {
    let found = paper::papers(&app.db, bills).await?;
    let keys: Vec<_> = found.iter().map(Paper::key).collect();
    let lines = bill::lines(&app.db, &keys).await?;
    let norms = paper::norms(&app.db, lines.iter().filter_map(|line| line.norm_id).collect()).await?;
    let facts = Facts {
        norms: norms.into_iter().collect(),
        meters: grouped(paper::meters(&app.db, &keys).await?, |m| (m.account_id, m.period)),
        year: grouped(paper::year(&app.db, &keys).await?, |m| (m.account_id, m.bill_period)),
        corrected: grouped(paper::corrected(&app.db, &keys).await?, |row| (row.account_id, row.period)),
        lines: grouped(lines, |line| (line.account_id, line.period)),
    };
    let mut made: HashMap<i64, BillDocument> = HashMap::new();
    for row in &found {
        let document = facts.document(app, head, row).with_context(|| format!("bill {}", row.id))?;
        made.insert(row.id, document);
    }
    bills.iter().map(|id| made.remove(id).ok_or_else(|| anyhow!("bill {id} is gone"))).collect()
}

type Of<T> = HashMap<(i64, NaiveDate), Vec<T>>;

fn grouped<T>(rows: Vec<T>, key: fn(&T) -> (i64, NaiveDate)) -> Of<T> {
    let mut of: Of<T> = HashMap::new();
    for row in rows {
        of.entry(key(&row)).or_default().push(row);
    }
    of
}

/// Rows of many bills, found by account and month.
struct Facts {
    norms: HashMap<i64, Volume>,
    meters: Of<PaperMeter>,
    year: Of<PaperUse>,
    corrected: Of<PaperCorrection>,
    lines: Of<LineRow>,
}

impl Facts {
    fn document(&self, app: &App, head: &Letterhead, row: &Paper) -> anyhow::Result<BillDocument> {
        let at = (row.account_id, row.period);
        let period = Period::of(row.period);
        let meters = self.meters.get(&at).map_or(&[][..], Vec::as_slice);
        let charges = self.lines.get(&at).map_or(&[][..], Vec::as_slice).iter();
        let charges: Vec<Charge> = charges.map(|line| self.charge(line, meters)).collect::<Result<_>>()?;
        let sum = Money::from_tiyn;
        let on = row.known_at.with_timezone(&chrono_tz::Asia::Almaty).date_naive();
        let mut document = BillDocument {
            number: format!("{}-{period}", row.number),
            period,
            account: row.number.clone(),
            sector: Sector::from_code(&row.sector).ok_or_else(|| anyhow!("sector {}", row.sector))?,
            holder: row.holder.clone().unwrap_or_else(|| "—".to_owned()),
            // Only an organisation's number stands on paper; a person's ИИН never does.
            identification: (row.organisation == Some(true))
                .then(|| row.identification.as_deref().and_then(|sealed| app.vault.open(sealed)))
                .flatten(),
            contract: row.contract.clone().map(|number| match row.contract_signed_on {
                Some(day) => format!("№ {number}, {}", day.format("%d.%m.%Y")),
                None => format!("№ {number}"),
            }),
            address: Words::new(address(row, &row.street_kk), address(row, &row.street_ru)),
            residents: row.residents.map(i32::unsigned_abs),
            meters: meters.iter().map(|meter| reading(meter, period)).collect(),
            charges,
            excuse: row.excuse.as_deref().map(excuse),
            recalculations: self.recalculations(at)?,
            balance: Balance {
                // What a month's bill knows of payments ends with the month, however late it is made.
                on: on.min(period.last_day()),
                opening: sum(row.opening),
                charged: sum(row.charged),
                penalty: sum(row.penalty),
                corrections: sum(row.corrected),
                paid: sum(row.paid),
                closing: sum(row.closing),
            },
            due_on: row.due_on,
            cut_off_day: Sector::from_code(&row.sector).and_then(|of| head.cut_off_days.get(&of).copied()),
            year: self.year_of(row),
            payment_link: None,
            issuer: head.issuer.clone(),
        };
        document.payment_link =
            BillDocument::fill_link(&head.payment_link, &row.number, document.payable(), period);
        Ok(document)
    }

    fn charge(&self, row: &LineRow, meters: &[PaperMeter]) -> Result<Charge> {
        let line = row.to_line()?;
        let meter = meters.iter().filter(|meter| Some(meter.meter_id) == row.meter_id);
        // One meter may have stayed twice; readings tell the stays apart.
        let stay = meter.clone().find(|m| (m.prev_id, m.last_id) == (row.reading_prev, row.reading_last));
        let liters = |liters: Option<i64>| liters.map(Volume::from_liters);
        Ok(Charge {
            service: line.service,
            component: line.component,
            basis: line.basis,
            from: line.from,
            to: line.to - Days::new(1),
            volume: line.volume,
            price: line.price,
            coefficient: line.coefficient,
            vat_rate: line.vat_rate,
            net: line.net,
            vat: line.vat_amount,
            gross: line.gross,
            residents: line.residents,
            norm: row.norm_id.and_then(|id| self.norms.get(&id).copied()),
            meter: meter.map(|meter| meter.serial.clone()).next(),
            previous: stay.and_then(|stay| liters(stay.prev_liters)),
            last: stay.and_then(|stay| liters(stay.last_liters)),
        })
    }

    /// What corrections came to, month by month and service by service; where only parts of a sum are posted, or it was taken back,
    /// the document and the sum are all that is told.
    fn recalculations(&self, at: (i64, NaiveDate)) -> anyhow::Result<Vec<Recalculation>> {
        let rows = self.corrected.get(&at).map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for of_one in rows.chunk_by(|a, b| a.correction_id == b.correction_id) {
            let one = &of_one[0];
            let document = format!("№ {}, {}", one.number, one.issued_on.format("%d.%m.%Y"));
            if of_one.iter().map(|row| row.gross).sum::<i64>() != one.posted {
                found.push(Recalculation {
                    from: Period::of(one.from_period),
                    to: Period::of(one.to_period),
                    service: None,
                    document,
                    volume: Volume::ZERO,
                    gross: Money::from_tiyn(one.posted),
                });
                continue;
            }
            for row in of_one {
                let month = Period::of(row.month);
                let service = Service::from_code(&row.service).zip(Component::from_code(&row.component));
                found.push(Recalculation {
                    from: month,
                    to: month,
                    service: Some(service.ok_or_else(|| anyhow!("service {}", row.service))?),
                    document: document.clone(),
                    volume: Volume::from_liters(row.liters),
                    gross: Money::from_tiyn(row.gross),
                });
            }
        }
        Ok(found)
    }

    /// Months of the holder before are nobody else's business.
    fn year_of(&self, row: &Paper) -> Vec<MonthUse> {
        let since = row.held_since.map(Period::of);
        let months = self.year.get(&(row.account_id, row.period)).map_or(&[][..], Vec::as_slice).iter();
        let watered = months.clone().any(|month| month.water.is_some());
        months
            .map(|month| MonthUse {
                period: Period::of(month.period),
                volume: Volume::from_liters(
                    if watered { month.water } else { month.sewerage }.unwrap_or_default(),
                ),
                measured: month.measured,
            })
            .filter(|month| since.is_none_or(|since| since <= month.period))
            .collect()
    }
}

fn address(row: &Paper, street: &str) -> String {
    match row.flat.as_str() {
        "" => format!("{street}, {}", row.house),
        flat => format!("{street}, {}, {flat}", row.house),
    }
}

fn reading(meter: &PaperMeter, period: Period) -> MeterReading {
    let shown = |day: Option<NaiveDate>, liters: Option<i64>| {
        Some(Reading { day: day?, value: Volume::from_liters(liters?) })
    };
    let previous = shown(meter.prev_day, meter.prev_liters);
    // The reading that the month starts from is no answer to it.
    let last = shown(meter.last_day, meter.last_liters).filter(|_| meter.last_id != meter.prev_id);
    let digits = u8::try_from(meter.digits).unwrap_or(u8::MAX);
    MeterReading {
        serial: meter.serial.clone(),
        hot: meter.hot,
        previous,
        last,
        used: previous.zip(last).map(|(previous, last)| difference(previous.value, last.value, digits)),
        verification: Verification {
            until: meter.verified_until,
            expired: meter.verified_until <= period.last_day(),
        },
    }
}

fn excuse(code: &str) -> Words {
    let say = |language| messages::text(language, &format!("EXCUSE_{}", code.to_uppercase()), &[]);
    Words::new(say(Language::Kk), say(Language::Ru))
}
