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

/// A person at an address: the words of the name, and a way to read the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: Vec<String>,
    pub at: Reading,
}

/// Fewer letters are in every street.
const STREET_LETTERS: usize = 3;
/// More words are no name with a street, and would be divided in too many ways.
const DIVIDED: usize = 5;

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

    /// The words of a text as they stand and, where it has Latin letters, as they sound: registers are written in Cyrillic, what
    /// people type is not always.
    pub fn spellings(text: &str) -> Vec<Self> {
        let heard = cyrillic(text);
        let heard = (heard != text).then(|| Self::of(&heard));
        std::iter::once(Self::of(text)).chain(heard).collect()
    }

    /// Name before street, street before name, or a name and the number of its house.
    pub fn named(&self) -> Vec<Named> {
        let count = self.words.len();
        if !(1..=DIVIDED).contains(&count) {
            return Vec::new();
        }
        let part =
            |words: &[String], before| Self { words: words.to_vec(), numbers: self.numbers.clone(), before };
        let mut ways = Vec::new();
        for at in 1..count {
            let (first, second) = self.words.split_at(at);
            ways.push((first, part(second, self.before.saturating_sub(at))));
            ways.push((second, part(first, self.before.min(at))));
        }
        let named = ways
            .into_iter()
            .flat_map(|(name, rest)| rest.readings().into_iter().map(|at| Named { name: name.to_vec(), at }));
        let mut named: Vec<_> = named.filter(|one| one.at.street.chars().count() >= STREET_LETTERS).collect();
        if let [house, flat @ ..] = self.numbers.as_slice() {
            let (house, flat) = (Some(house.clone()), flat.first().cloned());
            let at = Reading { street: String::new(), numbered: None, house, flat };
            named.push(Named { name: self.words.clone(), at });
        }
        named
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

/// Latin letters by how they are read, as in passports and in messages of phones; Kazakh ones of the new alphabet too.
fn cyrillic(text: &str) -> String {
    const SOUNDS: &[(&str, &str)] = &[
        ("shch", "щ"),
        ("sch", "щ"),
        ("sh", "ш"),
        ("ch", "ч"),
        ("kh", "х"),
        ("gh", "ғ"),
        ("zh", "ж"),
        ("ts", "ц"),
        ("yu", "ю"),
        ("ju", "ю"),
        ("ya", "я"),
        ("ja", "я"),
        ("yo", "ё"),
        ("a", "а"),
        ("ä", "ә"),
        ("b", "б"),
        ("c", "к"),
        ("d", "д"),
        ("e", "е"),
        ("f", "ф"),
        ("g", "г"),
        ("ğ", "ғ"),
        ("h", "х"),
        ("i", "и"),
        ("ı", "ы"),
        ("j", "ж"),
        ("k", "к"),
        ("l", "л"),
        ("m", "м"),
        ("n", "н"),
        ("ñ", "ң"),
        ("o", "о"),
        ("ö", "ө"),
        ("p", "п"),
        ("q", "қ"),
        ("r", "р"),
        ("s", "с"),
        ("ş", "ш"),
        ("t", "т"),
        ("u", "у"),
        ("ü", "ү"),
        ("ū", "ұ"),
        ("v", "в"),
        ("w", "в"),
        ("x", "кс"),
        ("z", "з"),
    ];
    let lower = text.to_lowercase();
    let (mut rest, mut heard) = (lower.as_str(), String::new());
    while let Some(letter) = rest.chars().next() {
        let taken = match SOUNDS.iter().find(|(latin, _)| rest.starts_with(latin)) {
            Some((latin, sound)) => {
                heard.push_str(sound);
                latin.len()
            }
            None => {
                let vowel = heard.ends_with(['а', 'е', 'и', 'о', 'у', 'ы']);
                heard.push(if letter != 'y' {
                    letter
                } else if vowel {
                    'й'
                } else {
                    'ы'
                });
                letter.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    if heard == lower { text.to_owned() } else { heard }
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
    fn a_name_may_stand_before_or_after_its_street() {
        let told = |text: &str| -> Vec<String> {
            let tell = |one: Named| {
                let at = [Some(one.at.street), one.at.house, one.at.flat]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>();
                format!("{}: {}", one.name.join(" "), at.join(" "))
            };
            Words::of(text).named().into_iter().map(tell).collect()
        };
        assert_eq!(told("козлов панфилова"), ["козлов: панфилова", "панфилова: козлов"]);
        assert_eq!(told("козлов 113"), ["козлов:  113"]);
        assert!(told("Козлов 8 Марта 12").contains(&"Козлов: 8Марта 12".to_owned()));
        assert!(told("Панфилова 113-5 Козлов").contains(&"Козлов: Панфилова 113 5".to_owned()));
        assert_eq!(told("Ким А"), ["А: Ким"], "one letter is no street");
        assert_eq!(told("113"), [""; 0]);
        assert_eq!(told("один два три четыре пять шесть"), [""; 0]);
    }

    #[test]
    fn latin_letters_are_heard() {
        let heard = |text: &str| Words::spellings(text).last().unwrap().words.join(" ");
        for (latin, cyrillic) in [
            ("Kozlov", "козлов"),
            ("Zhandosova", "жандосова"),
            ("Nurlanova Asel", "нурланова асел"),
            ("Щукин", "Щукин"),
            ("Abay", "абай"),
            ("Qabanbay", "қабанбай"),
            ("Yuriy", "юрий"),
            ("Abaya", "абая"),
            ("Daniyar", "данияр"),
            ("Belyy", "белый"),
        ] {
            assert_eq!(heard(latin), cyrillic);
        }
        assert_eq!(Words::spellings("Абая 10").len(), 1);
        assert_eq!(Words::spellings("Abaya 10-2")[1].readings()[0].flat, Some("2".to_owned()));
    }

    #[test]
    fn a_number_may_belong_to_the_street() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(read("мкр. Коктем-1, 10, 5")[1], ("Коктем1".to_owned(), some("10"), some("5")));
        assert_eq!(read("8 Марта 12")[1], ("8Марта".to_owned(), some("12"), None));
    }
}
