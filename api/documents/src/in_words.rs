//! A sum written out, as cash orders want it: "Двадцать одна тысяча пятьсот тенге 00 тиын".

use domain::kernel::*;

use crate::bill::Words;

const KK_ONES: [&str; 10] = ["", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз"];
const KK_TENS: [&str; 10] =
    ["", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан"];
const KK_POWERS: [&str; 5] = ["", "мың", "миллион", "миллиард", "триллион"];

const RU_ONES: [&str; 20] = [
    "",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
];
const RU_TENS: [&str; 10] = [
    "",
    "",
    "двадцать",
    "тридцать",
    "сорок",
    "пятьдесят",
    "шестьдесят",
    "семьдесят",
    "восемьдесят",
    "девяносто",
];
const RU_HUNDREDS: [&str; 10] =
    ["", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"];
/// One, two to four, five and more.
const RU_POWERS: [[&str; 3]; 5] = [
    ["", "", ""],
    ["тысяча", "тысячи", "тысяч"],
    ["миллион", "миллиона", "миллионов"],
    ["миллиард", "миллиарда", "миллиардов"],
    ["триллион", "триллиона", "триллионов"],
];

/// Whole tenge in words, tiyn in figures; the size of the sum.
pub fn in_words(sum: Money) -> Words {
    let (tenge, tiyn) = (sum.tiyn().unsigned_abs() / 100, sum.tiyn().unsigned_abs() % 100);
    let written = |words: String, unit: &str| capital(&format!("{words} {unit} {tiyn:02} тиын"));
    Words::new(written(kazakh(tenge), "теңге"), written(russian(tenge), "тенге"))
}

/// Groups of three digits, the highest first, each with its power of a thousand.
fn groups(number: u64) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut rest, mut power) = (number, 0);
    while rest > 0 {
        found.push(((rest % 1000) as usize, power));
        rest /= 1000;
        power += 1;
    }
    found.into_iter().rev().filter(|(group, _)| *group > 0).collect()
}

fn kazakh(number: u64) -> String {
    let mut words = Vec::new();
    for (group, power) in groups(number) {
        if group >= 100 {
            words.push(KK_ONES[group / 100]);
            words.push("жүз");
        }
        words.extend([KK_TENS[group / 10 % 10], KK_ONES[group % 10], KK_POWERS[power]]);
    }
    // A hundred is just "жүз".
    let text = said(words, "нөл");
    text.replace("бір жүз", "жүз")
}

fn russian(number: u64) -> String {
    let mut words = Vec::new();
    for (group, power) in groups(number) {
        let (tens, ones) = (group % 100, group % 10);
        words.push(RU_HUNDREDS[group / 100]);
        let last = if tens < 20 { tens } else { ones };
        if tens >= 20 {
            words.push(RU_TENS[tens / 10]);
        }
        words.push(match (power, last) {
            (1, 1) => "одна",
            (1, 2) => "две",
            _ => RU_ONES[last],
        });
        let form = match last {
            1 => 0,
            2..=4 => 1,
            _ => 2,
        };
        words.push(RU_POWERS[power][form]);
    }
    said(words, "ноль")
}

fn said(words: Vec<&str>, nothing: &str) -> String {
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    if words.is_empty() { nothing.to_owned() } else { words.join(" ") }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_out() {
        for (sum, kk, ru) in [
            ("0.00", "Нөл теңге 00 тиын", "Ноль тенге 00 тиын"),
            ("1.50", "Бір теңге 50 тиын", "Один тенге 50 тиын"),
            ("100.00", "Жүз теңге 00 тиын", "Сто тенге 00 тиын"),
            ("112.00", "Жүз он екі теңге 00 тиын", "Сто двенадцать тенге 00 тиын"),
            ("1000.00", "Бір мың теңге 00 тиын", "Одна тысяча тенге 00 тиын"),
            ("2022.00", "Екі мың жиырма екі теңге 00 тиын", "Две тысячи двадцать два тенге 00 тиын"),
            (
                "21500.07",
                "Жиырма бір мың бес жүз теңге 07 тиын",
                "Двадцать одна тысяча пятьсот тенге 07 тиын",
            ),
            (
                "311019.00",
                "Үш жүз он бір мың он тоғыз теңге 00 тиын",
                "Триста одиннадцать тысяч девятнадцать тенге 00 тиын",
            ),
            (
                "5004001.00",
                "Бес миллион төрт мың бір теңге 00 тиын",
                "Пять миллионов четыре тысячи один тенге 00 тиын",
            ),
        ] {
            let words = in_words(Money::tenge(sum).unwrap());
            assert_eq!((words.kk.as_str(), words.ru.as_str()), (kk, ru), "{sum}");
        }
    }
}
