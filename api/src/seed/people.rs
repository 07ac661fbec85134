//! Persons and organisations put together from word lists, with valid but invented numbers.

use chrono::{Datelike, Days, NaiveDate};
use domain::kernel::Identification;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::words::{People, Words};

/// A party before it is written.
pub struct Who {
    pub person: bool,
    pub name: String,
    pub identification: Identification,
    pub language: &'static str,
}

/// A resident of the city.
pub fn person(rng: &mut ChaCha8Rng, words: &Words) -> Who {
    let woman = rng.random_bool(0.55);
    let share = rng.random_range(0..100);
    let (people, kazakh) = match share {
        0..65 => (&words.kazakh, true),
        65..88 => (&words.russian, false),
        88..95 => (&words.uighur, false),
        _ => (&words.korean, false),
    };
    let family = pick(rng, &people.families);
    let family = if woman && (family.ends_with("в") || family.ends_with("ин")) {
        format!("{family}а")
    } else {
        family.to_owned()
    };
    let name = format!("{family} {} {}", given(rng, people, woman), patronymic(rng, words, kazakh, woman));
    let language = if rng.random_bool(if kazakh { 0.7 } else { 0.05 }) { "kk" } else { "ru" };
    Who { person: true, name, identification: of_person(rng, woman), language }
}

/// A shop, office or workshop; every third one is a sole trader with an ИИН.
pub fn firm(rng: &mut ChaCha8Rng, words: &Words) -> Who {
    if rng.random_bool(0.3) {
        let who = person(rng, words);
        return Who { name: format!("ИП {}", who.name), ..who };
    }
    let name = format!("ТОО «{}»", pick(rng, &words.firms));
    organisation(rng, name)
}

/// A school, kindergarten or clinic on the city's budget.
pub fn budget(rng: &mut ChaCha8Rng, words: &Words) -> Who {
    let kind = words.schools.choose(rng).expect("the list is not empty");
    let name = format!("КММ «№ {} {}»", rng.random_range(1..=220), kind.to_lowercase());
    organisation(rng, name)
}

fn organisation(rng: &mut ChaCha8Rng, name: String) -> Who {
    let founded =
        NaiveDate::from_ymd_opt(1998, 1, 1).expect("a date") + Days::new(rng.random_range(0..9_500));
    let identification = complete(rng, |serial| {
        format!("{:02}{:02}40{:05}", founded.year() % 100, founded.month(), serial % 100_000)
    });
    Who { person: false, name, identification, language: if rng.random_bool(0.4) { "kk" } else { "ru" } }
}

/// An ИИН: birth date, century and sex, serial, control digit.
fn of_person(rng: &mut ChaCha8Rng, woman: bool) -> Identification {
    let born = NaiveDate::from_ymd_opt(1942, 1, 1).expect("a date") + Days::new(rng.random_range(0..23_000));
    let century = if born.year() < 2000 { 3 } else { 5 } + u32::from(woman);
    complete(rng, |serial| {
        format!("{:02}{:02}{:02}{century}{:04}", born.year() % 100, born.month(), born.day(), serial % 10_000)
    })
}

/// Not every eleven digits can be completed: the next serial is tried.
fn complete(rng: &mut ChaCha8Rng, eleven: impl Fn(u32) -> String) -> Identification {
    let serial = rng.random_range(0..100_000);
    (serial..)
        .find_map(|serial| Identification::complete(&eleven(serial)))
        .expect("most serials can be completed")
}

fn given(rng: &mut ChaCha8Rng, people: &People, woman: bool) -> &'static str {
    pick(rng, if woman { &people.women } else { &people.men })
}

fn patronymic(rng: &mut ChaCha8Rng, words: &Words, kazakh: bool, woman: bool) -> String {
    if kazakh {
        let father = pick(rng, &words.kazakh.men);
        format!("{father}{}", if woman { "қызы" } else { "ұлы" })
    } else {
        let father = pick(rng, &words.fathers);
        format!("{father}{}", if woman { "на" } else { "ич" })
    }
}

fn pick(rng: &mut ChaCha8Rng, list: &[&'static str]) -> &'static str {
    list.choose(rng).expect("the list is not empty")
}

#[cfg(test)]
mod tests {
    use domain::kernel::IdentificationKind;
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn numbers_are_valid_and_of_the_right_kind() {
        let words = Words::load();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..500 {
            let (one, other) = (person(&mut rng, &words), budget(&mut rng, &words));
            assert_eq!(one.identification.kind(), IdentificationKind::Person);
            assert_eq!(other.identification.kind(), IdentificationKind::Organisation);
            for who in [one, other] {
                assert!(Identification::parse(who.identification.as_str()).is_ok());
            }
        }
    }
}
