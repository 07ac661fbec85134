//! What people write when they mean an address or a name: words and numbers, and the ways to read them.

/// Words of a name or street, and the numbers among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub words: Vec<String>,
    pub numbers: Vec<String>,
    /// How many words stand before the first number.
    before: usize,
}

/// One way to read words and numbers as an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The street in one piece; empty when no word was said.
    pub street: String,
    /// The number that belongs to its name: Коктем-1, 8 Марта.
    pub numbered: Option<String>,
    pub house: Option<String>,
    pub flat: Option<String>,
}

/// Words that stand in addresses and find nothing.
const NOISE: &[&str] = &[
    "ул",
    "улица",
    "пр",
    "проспект",
    "мкр",
    "микрорайон",
    "дом",
    "д",
    "кв",
    "квартира",
    "г",
    "алматы",
    "көшесі",
    "даңғылы",
    "үй",
    "пәтер",
    "ықшамаудан",
    "шағын",
    "ауданы",
];

impl Words {
    pub fn of(text: &str) -> Self {
        let mut found = Self::default();
        let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | ';' | '-' | '№'));
        for part in parts.map(|p| p.trim_matches(|c: char| !c.is_alphanumeric())).filter(|p| !p.is_empty()) {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                if found.numbers.is_empty() {
                    found.before = found.words.len();
                }
                found.numbers.push(part.to_owned());
            } else if !NOISE.contains(&part.to_lowercase().as_str()) {
                found.words.push(part.replace(['%', '_', '\\'], ""));
            }
        }
        found
    }

    /// Street, house, flat; or, as streets and microdistricts may have a number in their name, one number further.
    pub fn readings(&self) -> Vec<Reading> {
        let number = |n: usize| self.numbers.get(n).cloned();
        let mut readings =
            vec![Reading { street: self.words.concat(), numbered: None, house: number(0), flat: number(1) }];
        if let Some(first) = number(0).filter(|_| !self.words.is_empty()) {
            let (before, after) = self.words.split_at(self.before);
            readings.push(Reading {
                street: before.concat() + &first + &after.concat(),
                numbered: Some(first),
                house: number(1),
                flat: number(2),
            });
        }
        readings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Option<String>, Option<String>)> {
        Words::of(text).readings().into_iter().map(|one| (one.street, one.house, one.flat)).collect()
    }

    #[test]
    fn an_address_is_street_house_flat() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read("ул. Абая, д. 10/2, кв. 15")[0], ("Абая".to_owned(), some("10/2"), some("15")));
        assert_eq!(read("Абай 10-15"), read("Абай даңғылы, 10, 15"));
        assert_eq!(read("Абай"), [("Абай".to_owned(), None, None)]);
        assert_eq!(
            read("10-15"),
            [(String::new(), some("10"), some("15"))],
            "no number without a word is a street's"
        );
    }

    #[test]
    fn a_number_may_belong_to_the_street() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read("мкр. Коктем-1, 10, 5")[1], ("Коктем1".to_owned(), some("10"), some("5")));
        assert_eq!(read("8 Марта 12")[1], ("8Марта".to_owned(), some("12"), None));
    }
}
