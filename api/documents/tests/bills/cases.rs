//! Typical bills, each named after what is special about it.

use chrono::NaiveDate;
use documents::*;
use domain::consumption::Basis;
use domain::kernel::*;
use rust_decimal::Decimal;

pub fn march() -> Period {
    Period::new(2026, 3).unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn issuer() -> Issuer {
    Issuer {
        name: Words::new("Қаланың су шаруашылығы", "Городское водное хозяйство"),
        bin: "000000000000".into(),
        iban: "KZ00 0000 0000 0000 0000".into(),
        bic: "DEMOKZKA".into(),
        bank: Words::new("Көрсетілім банкі", "Демонстрационный банк"),
        phone: "+7 727 000 00 00".into(),
        site: "su.example.kz".into(),
        demo: false,
    }
}

pub const LINK: &str = "https://su.example.kz/pay?account={account}&amount={amount}&period={period}";

/// Charged as the price list of the first quarter of 2026 says.
pub struct Line {
    pub service: Service,
    pub basis: Basis,
    pub liters: i64,
    pub net_price: &'static str,
}

pub fn charge(line: Line) -> Charge {
    let (price, rate): (Decimal, Decimal) = (line.net_price.parse().unwrap(), "0.16".parse().unwrap());
    let volume = Volume::from_liters(line.liters);
    let net = Money::rounded(volume.to_decimal() * price, Rounding::HalfUp);
    let gross = Money::rounded(volume.to_decimal() * price * (Decimal::ONE + rate), Rounding::HalfUp);
    Charge {
        service: line.service,
        component: Component::Charge,
        basis: line.basis,
        from: march().first_day(),
        to: march().last_day(),
        volume,
        price,
        coefficient: Decimal::ONE,
        vat_rate: rate,
        net,
        vat: gross - net,
        gross,
        residents: None,
        norm: None,
        meter: None,
        previous: None,
        last: None,
    }
}

/// A bill of these lines with these sums brought in and paid, in tenge.
pub fn bill(charges: Vec<Charge>, opening: &str, paid: &str) -> BillDocument {
    let (opening, paid): (Money, Money) = (opening.parse().unwrap(), paid.parse().unwrap());
    let charged: Money = charges.iter().map(|charge| charge.gross).sum();
    let closing = opening + charged - paid;
    BillDocument {
        number: "7700123-2026-03".into(),
        period: march(),
        account: "7700123".into(),
        sector: Sector::Multi,
        holder: "Әбілқасымова Гүлнәр Төлеуғалиқызы".into(),
        identification: None,
        contract: None,
        address: Words::new("Абай даңғылы, 52, 17", "проспект Абая, 52, 17"),
        residents: Some(3),
        meters: Vec::new(),
        charges,
        excuse: None,
        recalculations: Vec::new(),
        balance: Balance {
            on: day("2026-03-26"),
            opening,
            charged,
            penalty: Money::ZERO,
            corrections: Money::ZERO,
            paid,
            closing,
        },
        due_on: day("2026-04-25"),
        cut_off_day: Some(25),
        year: year(&[
            14_200, 13_100, 15_050, 21_400, 24_800, 23_000, 17_300, 14_400, 13_000, 12_900, 13_700, 12_345,
        ]),
        payment_link: BillDocument::fill_link(
            LINK,
            "7700123",
            if closing.is_positive() { closing } else { Money::ZERO },
            march(),
        ),
        issuer: issuer(),
    }
}

fn year(liters: &[i64]) -> Vec<MonthUse> {
    let months = liters.iter().rev().enumerate();
    months
        .map(|(back, liters)| MonthUse {
            period: march().minus(back as u32),
            volume: Volume::from_liters(*liters),
            measured: back % 5 != 3,
        })
        .collect()
}

fn meter(serial: &str, hot: bool, previous: i64, last: Option<i64>) -> MeterReading {
    MeterReading {
        serial: serial.into(),
        hot,
        previous: Some(Reading { day: day("2026-02-22"), value: Volume::from_liters(previous) }),
        last: last.map(|liters| Reading { day: day("2026-03-21"), value: Volume::from_liters(liters) }),
        used: last.map(|liters| Volume::from_liters(liters - previous)),
        verification: Verification { until: day("2029-06-14"), expired: false },
    }
}

fn measured(service: Service, price: &'static str, meter: &MeterReading) -> Charge {
    Charge {
        meter: Some(meter.serial.clone()),
        previous: meter.previous.map(|r| r.value),
        last: meter.last.map(|r| r.value),
        ..charge(Line {
            service,
            basis: Basis::Metered,
            liters: meter.used.unwrap().liters(),
            net_price: price,
        })
    }
}

pub fn metered_flat() -> BillDocument {
    let (cold, hot) =
        (meter("18-204417", false, 343_775, Some(356_120)), meter("18-204418", true, 120_300, Some(124_500)));
    let charges = vec![
        measured(Service::Water, "66", &cold),
        measured(Service::SewerageCold, "40.95", &cold),
        measured(Service::SewerageHot, "40.95", &hot),
    ];
    BillDocument { meters: vec![cold, hot], ..bill(charges, "1240.50", "1240.50") }
}

pub fn norm_flat() -> BillDocument {
    let norm = |service, norm: i64, price| Charge {
        residents: Some(3),
        norm: Some(Volume::from_liters(norm)),
        ..charge(Line { service, basis: Basis::Norm, liters: 3 * norm, net_price: price })
    };
    let charges = vec![
        norm(Service::Water, 15_000, "66"),
        norm(Service::SewerageCold, 15_000, "40.95"),
        norm(Service::SewerageHot, 3_150, "40.95"),
    ];
    BillDocument { year: Vec::new(), ..bill(charges, "6031.68", "0.00") }
}

/// A private house: the meter's verification has expired, so half the month is by norm.
pub fn private_house() -> BillDocument {
    let mut meter = meter("СВ15-0091", false, 1_204_000, Some(1_211_300));
    meter.verification = Verification { until: day("2026-03-16"), expired: true };
    let mut by_meter = measured(Service::Water, "66", &meter);
    by_meter.to = day("2026-03-15");
    let mut by_norm = Charge {
        from: day("2026-03-16"),
        residents: Some(5),
        norm: Some(Volume::from_liters(15_000)),
        ..charge(Line { service: Service::Water, basis: Basis::ExpiredNorm, liters: 38_710, net_price: "66" })
    };
    by_norm.to = march().last_day();
    BillDocument {
        sector: Sector::Private,
        address: Words::new("Жандосов көшесі, 214А", "улица Жандосова, 214А"),
        residents: Some(5),
        meters: vec![meter],
        ..bill(vec![by_meter, by_norm], "0.00", "0.00")
    }
}

/// An organisation with many points: more lines and meters than a page has room for.
pub fn legal_entity(points: usize) -> BillDocument {
    let meters: Vec<_> = (0..points)
        .map(|n| {
            meter(
                &format!("ВКМ-{:05}", 1200 + n),
                false,
                50_000 + n as i64 * 777,
                Some(91_000 + n as i64 * 1_234),
            )
        })
        .collect();
    let charges = meters
        .iter()
        .flat_map(|meter| {
            [measured(Service::Water, "350", meter), measured(Service::SewerageCold, "170", meter)]
        })
        .collect();
    BillDocument {
        sector: Sector::Legal,
        holder: "Товарищество с ограниченной ответственностью «Производственно-коммерческая фирма „Достық-Құрылыс-Сервис“»".into(),
        identification: Some("000140000007".into()),
        contract: Some("№ 1184 / 12.02.2024".into()),
        residents: None,
        meters,
        ..bill(charges, "1250000.00", "1000000.00")
    }
}

pub fn overpaid() -> BillDocument {
    let paid_ahead = metered_flat();
    BillDocument { meters: paid_ahead.meters, ..bill(paid_ahead.charges, "-5000.00", "1000.00") }
}

/// Names and addresses at their longest, with letters that the font does not have.
pub fn long_names() -> BillDocument {
    BillDocument {
        holder: "Мұхаммедқұлияролбекұлы-Добровольская-Преображенская Александра-Қарлығаш Нұрмұхамедқызы-Всеволодовна, 王小明".into(),
        address: Words::new(
            "Шәкәрім Құдайбердіұлы атындағы шағын аудан, Қазыбек би-Бөгенбай батыр көшелерінің қиылысы, 118/2 корпус 4 литер Б, 1024",
            "микрорайон имени Шакарима Кудайбердиева, пересечение улиц Казыбек би и Богенбай батыра, 118/2 корпус 4 литера Б, 1024",
        ),
        ..metered_flat()
    }
}

/// An active account without a charge has a bill too.
pub fn zero() -> BillDocument {
    BillDocument {
        excuse: Some(Words::new(
            "Есептеу аспабы мен тіркелгендер жоқ",
            "Нет прибора учёта и зарегистрированных",
        )),
        residents: Some(0),
        year: Vec::new(),
        ..bill(Vec::new(), "0.00", "0.00")
    }
}

/// Water priced in three bands, and sewerage without them.
pub fn bands() -> BillDocument {
    let cold = meter("18-204417", false, 343_775, Some(364_775));
    let part = |liters, coefficient: &str| {
        let k: Decimal = coefficient.parse().unwrap();
        let plain = measured(Service::Water, "91.96", &cold);
        let volume = Volume::from_liters(liters);
        let net = Money::rounded(volume.to_decimal() * plain.price * k, Rounding::HalfUp);
        let exact = volume.to_decimal() * plain.price * k * (Decimal::ONE + plain.vat_rate);
        let gross = Money::rounded(exact, Rounding::HalfUp);
        Charge { volume, coefficient: k, net, gross, vat: gross - net, ..plain }
    };
    let charges = vec![
        part(9_000, "1"),
        part(6_000, "1.2"),
        part(6_000, "1.5"),
        measured(Service::SewerageCold, "83.54", &cold),
    ];
    BillDocument { meters: vec![cold], ..bill(charges, "0.00", "0.00") }
}

pub fn all() -> Vec<(&'static str, BillDocument)> {
    vec![
        ("metered_flat", metered_flat()),
        ("norm_flat", norm_flat()),
        ("private_house", private_house()),
        ("legal_entity", legal_entity(2)),
        ("legal_entity_of_sixty_points", legal_entity(60)),
        ("overpaid", overpaid()),
        ("long_names", long_names()),
        ("zero", zero()),
        ("bands", bands()),
    ]
}
