//! How a sum came about, in one plain sentence of each language.

use chrono::NaiveDate;
use domain::consumption::Basis;
use domain::kernel::*;
use rust_decimal::Decimal;

use crate::bill::{Charge, Words};

const NBSP: char = '\u{a0}';

/// "−1 234,50": groups of three, a comma, an unbreakable blank, a real minus.
pub fn money(sum: Money) -> String {
    grouped(sum.to_decimal(), 2)
}

/// "12,345".
pub fn volume(volume: Volume) -> String {
    grouped(volume.to_decimal(), 3)
}

/// With at least `decimals` digits behind the comma and no zeros behind those.
pub fn number(value: Decimal, decimals: u32) -> String {
    let value = value.normalize();
    grouped(value, value.scale().max(decimals))
}

fn grouped(value: Decimal, decimals: u32) -> String {
    let text = format!("{:.*}", decimals as usize, value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    if value.is_sign_negative() && !value.is_zero() {
        out.push('\u{2212}');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(NBSP);
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push(',');
        out.push_str(rest);
    }
    out
}

pub fn day(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

/// The month with its year: "2026 жылғы наурыз", "март 2026 года".
pub fn month(period: Period) -> Words {
    const KK: [&str; 12] = [
        "қаңтар",
        "ақпан",
        "наурыз",
        "сәуір",
        "мамыр",
        "маусым",
        "шілде",
        "тамыз",
        "қыркүйек",
        "қазан",
        "қараша",
        "желтоқсан",
    ];
    const RU: [&str; 12] = [
        "январь",
        "февраль",
        "март",
        "апрель",
        "май",
        "июнь",
        "июль",
        "август",
        "сентябрь",
        "октябрь",
        "ноябрь",
        "декабрь",
    ];
    let (at, year) = (period.month() as usize - 1, period.year());
    Words::new(format!("{year} жылғы {}", KK[at]), format!("{} {year} года", RU[at]))
}

/// The price-list line, with what the charge is when it is not the plain one.
pub fn service(service: Service, component: Component) -> Words {
    let (kk, ru) = match service {
        Service::Water => ("Сумен жабдықтау", "Водоснабжение"),
        Service::SewerageCold => ("Суық суды бұру", "Водоотведение холодной воды"),
        Service::SewerageHot => ("Ыстық суды бұру", "Водоотведение горячей воды"),
    };
    let more = match component {
        Component::Charge => return Words::new(kk, ru),
        Component::Imbalance => ("үйге ортақ айырма үлесі", "доля общедомовой разницы"),
        Component::Penalty => ("өсімпұл", "пеня"),
        Component::Cost => ("шығындар", "издержки"),
        Component::OneOff => ("біржолғы", "разовое"),
    };
    Words::new(format!("{kk}, {}", more.0), format!("{ru}, {}", more.1))
}

/// "По прибору № 123: 356,120 − 343,775 = 12,345 м³; 12,345 м³ × 66,00 ₸ + НДС 16 % = 945,13 ₸" in both languages: one reason,
/// and a product for each of the lines that share it.
pub fn how(lines: &[&Charge]) -> Words {
    let Some(first) = lines.first() else { return Words::default() };
    let whole = Charge { volume: lines.iter().map(|line| line.volume).sum(), ..(*first).clone() };
    let (mut kk, mut ru) = because(&whole);
    for line in lines.iter().filter(|line| !(line.volume.is_zero() && line.gross.is_zero())) {
        let gross = money(line.gross);
        if line.price.is_zero() {
            // A sum that is no price times a volume: a penalty, a one-off charge.
            kk += &format!("; {gross}{NBSP}₸");
            ru += &format!("; {gross}{NBSP}₸");
            continue;
        }
        let mut product = format!("{}{NBSP}м³ × {}{NBSP}₸", volume(line.volume), number(line.price, 2));
        if line.coefficient != Decimal::ONE {
            product += &format!(" × {}", number(line.coefficient, 1));
        }
        let rate = number(line.vat_rate * Decimal::ONE_HUNDRED, 0);
        kk += &format!("; {product} + ҚҚС {rate}{NBSP}% = {gross}{NBSP}₸");
        ru += &format!("; {product} + НДС {rate}{NBSP}% = {gross}{NBSP}₸");
    }
    Words::new(kk, ru)
}

/// Whether two lines of a service have one reason: bands and prices split a volume, not its origin.
pub fn one_reason(a: &Charge, b: &Charge) -> bool {
    let reason =
        |c: &Charge| (c.basis, c.from, c.to, c.meter.clone(), c.previous, c.last, c.residents, c.norm);
    (a.service, a.component) == (b.service, b.component) && reason(a) == reason(b)
}

/// Where the volume comes from.
fn because(charge: &Charge) -> (String, String) {
    let total = format!("{}{NBSP}м³", volume(charge.volume));
    if charge.volume < Volume::ZERO && charge.basis == Basis::Metered {
        return (
            format!("Орташа бойынша аспап көрсеткеннен артық есептелген, қайтарылады: {total}"),
            format!("По среднему начислено больше, чем показал прибор, возвращается: {total}"),
        );
    }
    let days = share(charge).map(|share| format!(" × {share}")).unwrap_or_default();
    match charge.basis {
        Basis::Metered => {
            let (kk, ru) = match charge.meter.as_deref() {
                Some(serial) => {
                    (format!("№{NBSP}{serial} аспап бойынша"), format!("По прибору №{NBSP}{serial}"))
                }
                None => ("Аспаптар бойынша".to_owned(), "По приборам".to_owned()),
            };
            let shown = match (charge.previous, charge.last) {
                (Some(previous), Some(last)) if last - previous == charge.volume => {
                    format!(": {} − {} = {total}", volume(last), volume(previous))
                }
                (Some(previous), Some(last)) => {
                    format!(" ({}–{}): {total}", volume(previous), volume(last))
                }
                _ => format!(": {total}"),
            };
            (kk + &shown, ru + &shown)
        }
        Basis::Norm | Basis::ExpiredNorm => {
            let (kk, ru) = match charge.basis {
                Basis::Norm => ("Норматив бойынша", "По нормативу"),
                _ => (
                    "Аспапты тексеру мерзімі өткен, норматив бойынша",
                    "Поверка прибора истекла, по нормативу",
                ),
            };
            match charge.norm.zip(charge.residents) {
                Some((norm, people)) => {
                    let norm = format!("{}{NBSP}м³", number(norm.to_decimal(), 0));
                    (
                        format!("{kk}: {norm} × {people}{NBSP}адам{days} = {total}"),
                        format!("{ru}: {norm} × {people}{NBSP}чел.{days} = {total}"),
                    )
                }
                None => (format!("{kk}: {total}"), format!("{ru}: {total}")),
            }
        }
        Basis::Watering => {
            (format!("Учаскені норма бойынша суару: {total}"), format!("Полив участка по норме: {total}"))
        }
        Basis::Stopped => (
            format!("Апат, аспап тоқтатылған, соңғы айлардың орташасы: {total}"),
            format!("Авария, прибор остановлен, среднее за последние месяцы: {total}"),
        ),
        Basis::NoService => {
            ("Бұл күндері қызмет көрсетілмеді".to_owned(), "В эти дни услуги не было".to_owned())
        }
        Basis::Capacity => (
            format!(
                "Акт бойынша, құбырдың өткізу қабілеті, осы күндерге бұрын есептелгені шегерілген: {total}"
            ),
            format!("По акту, пропускная способность трубы, за вычетом начисленного за эти дни: {total}"),
        ),
        Basis::HouseShare => (
            format!("Үйдің ортақ аспабы мен пәтерлердің айырмасы, сіздің үлесіңіз: {total}"),
            format!("Разница общего прибора дома и квартир, ваша доля: {total}"),
        ),
        Basis::NormElsewhere => (
            "Тұрғындарға арналған норматив басқа енгізу бойынша есептелген".to_owned(),
            "Норматив на проживающих учтён по другому вводу".to_owned(),
        ),
        // No reading will come for these days: they are not settled later.
        Basis::Average if charge.meter.is_none() => (
            format!("Аспап алынған, соңғы айлардың орташасы: {total}"),
            format!("Прибор снят, среднее за последние месяцы: {total}"),
        ),
        Basis::Average => (
            format!("Көрсеткіш түспеді, соңғы айлардың орташасы: {total}, кейін нақтыланады"),
            format!("Показание не поступило, среднее за последние месяцы: {total}, уточним по показанию"),
        ),
        Basis::OverLimit => {
            (format!("Шарттың лимитінен жоғары: {total}"), format!("Сверх лимита по договору: {total}"))
        }
        Basis::Contract => (format!("Шарт бойынша: {total}"), format!("По договору: {total}")),
        Basis::Unsettled => (
            "Аспап бұрын есептелгеннен артық көрсеткен жоқ, келесі көрсеткіш бойынша салыстырамыз".to_owned(),
            "Прибор показал не больше, чем уже начислено, сверим по следующему показанию".to_owned(),
        ),
        Basis::Zero => ("Есептеуге негіз жоқ".to_owned(), "Нет основания для начисления".to_owned()),
    }
}

/// The part of the month that a line covers: "10/31"; none for a whole one.
fn share(charge: &Charge) -> Option<String> {
    let all = Period::of(charge.from).days();
    let own = (charge.to - charge.from).num_days() + 1;
    (i64::from(all) != own).then(|| format!("{own}/{all}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn march(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn charge(basis: Basis, volume: &str, gross: &str) -> Charge {
        Charge {
            service: Service::Water,
            component: Component::Charge,
            basis,
            from: march(1),
            to: march(31),
            volume: volume.parse().unwrap(),
            price: decimal("66"),
            coefficient: Decimal::ONE,
            vat_rate: decimal("0.16"),
            net: Money::ZERO,
            vat: Money::ZERO,
            gross: gross.parse().unwrap(),
            residents: None,
            norm: None,
            meter: None,
            previous: None,
            last: None,
        }
    }

    /// Blanks that must not break look like blanks here.
    fn plain(text: &str) -> String {
        text.replace(NBSP, " ")
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (sum, text) in [
            ("0.00", "0,00"),
            ("-0.05", "−0,05"),
            ("999.90", "999,90"),
            ("1234567.80", "1 234 567,80"),
            ("-1000.00", "−1 000,00"),
        ] {
            assert_eq!(plain(&money(sum.parse().unwrap())), text);
        }
        assert_eq!(number(decimal("66.0000"), 2), "66,00");
        assert_eq!(number(decimal("66.0450"), 2), "66,045");
        assert_eq!(number(decimal("16.00"), 0), "16");
    }

    #[test]
    fn every_basis_has_its_sentence() {
        let metered = Charge {
            meter: Some("00123".into()),
            previous: Some("343.775".parse().unwrap()),
            last: Some("356.120".parse().unwrap()),
            ..charge(Basis::Metered, "12.345", "945.13")
        };
        let norm = Charge {
            norm: Some("15".parse().unwrap()),
            residents: Some(3),
            ..charge(Basis::Norm, "45", "3445.20")
        };
        let part = Charge { to: march(10), ..Charge { volume: "14.516".parse().unwrap(), ..norm.clone() } };
        for (charge, kk, ru) in [
            (
                metered,
                "№ 00123 аспап бойынша: 356,120 − 343,775 = 12,345 м³; 12,345 м³ × 66,00 ₸ + ҚҚС 16 % = 945,13 ₸",
                "По прибору № 00123: 356,120 − 343,775 = 12,345 м³; 12,345 м³ × 66,00 ₸ + НДС 16 % = 945,13 ₸",
            ),
            (
                norm.clone(),
                "Норматив бойынша: 15 м³ × 3 адам = 45,000 м³; 45,000 м³ × 66,00 ₸ + ҚҚС 16 % = 3 445,20 ₸",
                "По нормативу: 15 м³ × 3 чел. = 45,000 м³; 45,000 м³ × 66,00 ₸ + НДС 16 % = 3 445,20 ₸",
            ),
            (
                part,
                "Норматив бойынша: 15 м³ × 3 адам × 10/31 = 14,516 м³; 14,516 м³ × 66,00 ₸ + ҚҚС 16 % = 3 445,20 ₸",
                "По нормативу: 15 м³ × 3 чел. × 10/31 = 14,516 м³; 14,516 м³ × 66,00 ₸ + НДС 16 % = 3 445,20 ₸",
            ),
        ] {
            let said = how(&[&charge]);
            assert_eq!((plain(&said.kk).as_str(), plain(&said.ru).as_str()), (kk, ru));
        }
        let low = Charge { volume: "20".parse().unwrap(), ..norm.clone() };
        let high = Charge { volume: "25".parse().unwrap(), coefficient: decimal("1.2"), ..norm };
        assert!(one_reason(&low, &high));
        assert_eq!(
            plain(&how(&[&low, &high]).ru),
            "По нормативу: 15 м³ × 3 чел. = 45,000 м³; 20,000 м³ × 66,00 ₸ + НДС 16 % = 3 445,20 ₸; \
             25,000 м³ × 66,00 ₸ × 1,2 + НДС 16 % = 3 445,20 ₸"
        );
        for &basis in Basis::ALL {
            let said = how(&[&charge(basis, "4.2", "321.55")]);
            assert!(said.kk.contains("321,55") && said.ru.contains("321,55"), "{basis}: {said:?}");
            assert_ne!(said.kk, said.ru);
        }
    }
}
